/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire-private.h"

G_BEGIN_DECLS

/*
 * Inside of a filling in. A frame is one instance of a repeating group; the root frame is the questionnaire. A slot holds the answers of
 * one question in one frame; its index is the public one. The slots of the first instances have the numbers of their questions.
 */
typedef struct _AnxFrame AnxFrame;
struct _AnxFrame
{
  AnxFrame *parent;    /* (nullable) */
  guint id;            /* never used twice */
  guint group;         /* place of the repeating group, or G_MAXUINT */
  guint n_places;
  guint *places;       /* slot of each question whose innermost repeating group this is */
  GPtrArray *children; /* of AnxFrame, in the order of the file, owned; (nullable) */
  guint8 *open;        /* results of enableWhenExpression; (nullable) */
};

typedef struct
{
  int option; /* or -1: @value */
  AnxAnswerValue *value;
} AnxAnswer;

typedef struct
{
  guint question;
  AnxFrame *frame;  /* NULL when its group was removed */
  gboolean declined;
  GArray *answers;  /* of AnxAnswer; (nullable) */
  guint edition;    /* of the answers when @enabled was found out */
  gboolean enabled;
  guint version;    /* grows with every change of what is answered */
  guint seen;       /* the version the expressions have seen, 0 = as not asked */
} AnxSlot;

struct _AnxAnswers
{
  GObject parent_instance;

  AnxQuestionnaire *questionnaire;
  GArray *slots;   /* of AnxSlot */
  AnxFrame *root;
  guint n_frames;
  GArray *order;   /* of guint: slots with a page as they follow each other */
  guint edition;   /* grows with every change; never 0 */
  guint settled;   /* the edition for which expressions were evaluated */
  gboolean settling;
  gboolean unseen;  /* time or instances changed: all expressions run again */
  gboolean has_now;
  gint64 now_usec;
  int offset_minutes;
};

/* One instance of each thing that is read or written may measure so much. */
#define ANX_MAX_FRAMES 1000
#define ANX_MAX_SLOTS 20000
#define ANX_MAX_ANSWERS 1000

AnxSlot     *anx_answers_get_slot (AnxAnswers *self, guint index);
AnxQuestion *anx_answers_get_question (AnxAnswers *self, const AnxSlot *slot);
guint        anx_slot_get_n_answers (const AnxSlot *self);
void         anx_slot_clear (AnxSlot *self);
const AnxAnswerValue *anx_slot_get_value (AnxAnswers *self, const AnxSlot *slot, guint n);
/* Takes @value; what is an option becomes one. */
void         anx_slot_add (AnxAnswers *self, AnxSlot *slot, AnxAnswerValue *value);
void         anx_answers_changed (AnxAnswers *self);
gboolean     anx_question_check_value (const AnxQuestion *self, const AnxAnswerValue *value, GError **error);

/* answers-frames.c */
void         anx_frame_free (gpointer data);
void         anx_answers_open_root (AnxAnswers *self);
AnxFrame    *anx_answers_add_frame (AnxAnswers *self, AnxFrame *parent, guint group, GError **error);

/* answers-evaluate.c */
void anx_answers_settle (AnxAnswers *self);
void anx_answers_settle_asked (AnxAnswers *self);
void anx_answers_set_initial (AnxAnswers *self, gboolean timed);
typedef struct _AnxEvaluation AnxEvaluation;
AnxEvaluation *anx_evaluation_new (AnxAnswers *self, const guint *wanted);
void           anx_evaluation_free (AnxEvaluation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxEvaluation, anx_evaluation_free)
void           anx_evaluation_set_number (AnxEvaluation *self, const char *name, gboolean present, double value);
/* Of the whole response (@node NULL) or of an item in a frame; NULL when it has no value. */
AnxFhirpathCollection *anx_evaluation_run (AnxEvaluation *self, AnxFrame *frame, const AnxNode *node, AnxFhirpath *expression);

/* answers-fhir.c: the items of the response, all or those @wanted; @contexts gets the object of each item that has expressions */
JsonArray *anx_answers_write_items (AnxAnswers *self, gboolean all, const guint *wanted, GHashTable *contexts);
gpointer   anx_answers_context_key (AnxAnswers *self, const AnxFrame *frame, const AnxNode *node);

/* What score.c asks. */
typedef enum
{
  ANX_WEIGHED,
  ANX_GAP,       /* asked, but without an answer, or declined */
  ANX_NOT_ASKED, /* enableWhen took it away */
} AnxWeighed;

AnxWeighed anx_answers_weigh (AnxAnswers *self, guint question, double *out_weight);

G_END_DECLS
