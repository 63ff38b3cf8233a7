/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident-window.h"
#include "screening-plan.h"

G_BEGIN_DECLS

/*
 * The questionnaires of this visit and what was answered, in memory only. Further questionnaires come as the plan says. It is submitted
 * (sealed, to the outbox) when the resident has agreed and there is somebody to read it. Reference counted. Main thread.
 *
 * Invariants:
 *   I1: without consent nothing of the answers leaves this process.
 *   I2: what has been submitted is submitted again only when an answer has been added or changed since.
 *   I3: with consent, answers that carry a safety finding are handed over at once, not on the last page.
 *   I4: a questionnaire that was opened stays, whatever is changed in those before it: what was said was said.
 *   I5: a question that was asked before in the same words, with the same answers, is not asked again; its answer follows the first one.
 */
typedef enum
{
  ANX_SHARING_UNDECIDED,
  ANX_SHARING_YES,
  ANX_SHARING_NO,
} AnxSharing;

typedef struct
{
  AnxScreeningPlan *plan;
  GPtrArray *answers;    /* (element-type AnxAnswers) one a questionnaire, in their order */
  GPtrArray *sources;    /* (element-type AnxSource *) one a questionnaire: an array, one an item */
  GPtrArray *waiting;    /* (element-type utf8) ids still to be asked whatever the answers are */
  AnxSharing sharing;
  AnxLevel level;        /* the highest a safety finding has had */
  GHashTable *alerted;   /* rules an alert was raised for, with the level */
  guint edition;         /* grows with each answer */
  guint handed_edition;  /* what was submitted last; 0 = nothing yet */
  char *handed_to;       /* (nullable) its readers */
  char *handed_id;       /* (nullable) its id: what is handed over next names it as its predecessor */
  gboolean assigned;     /* a counsellor asked for it */
  gboolean begun;        /* a question was come to; a questionnaire is opened before, to say what it is */
  gboolean finished;
} AnxScreeningRun;

/* Where an item's answer was given first; part G_MAXUINT: here. */
typedef struct
{
  guint part;
  guint item;
} AnxSource;

/* @ids: (nullable) what is asked whatever the answers are; NULL = what the plan asks first. */
AnxScreeningRun *anx_screening_run_new (AnxDirectory *directory, const char *const *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxScreeningRun *anx_screening_run_ref (AnxScreeningRun *self);
void             anx_screening_run_unref (AnxScreeningRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxScreeningRun, anx_screening_run_unref)

AnxScreeningRun *anx_screening_run_of_window (AnxResidentWindow *window); /* (nullable) (transfer none) */
void             anx_screening_run_keep (AnxResidentWindow *window, AnxScreeningRun *run); /* (nullable) forgets the one before */

/* From *part and *item to the next question; item G_MAXUINT = before the first of its part. FALSE = there is none; opens what is due. */
gboolean   anx_screening_run_step (AnxScreeningRun *self, guint *part, guint *item);
guint      anx_screening_run_position (AnxScreeningRun *self, guint part, guint item); /* 1-based among those asked in the part */
guint      anx_screening_run_count (AnxScreeningRun *self, guint part);                /* asked in the part, after the answers so far */

void       anx_screening_run_set (AnxScreeningRun *self, guint part, guint item, int option);
/* A finding no alert has been raised for yet, the gravest first; from then on one has been. NULL = there is none. */
char      *anx_screening_run_take_finding (AnxScreeningRun *self, AnxLevel *out_level) G_GNUC_WARN_UNUSED_RESULT;
/* Who stops in the middle, where the plan says that this is a refusal; as take_finding. */
char      *anx_screening_run_take_left (AnxScreeningRun *self, gboolean for_good, AnxLevel *out_level) G_GNUC_WARN_UNUSED_RESULT;
void       anx_screening_run_leave (AnxResidentWindow *window); /* the visit ends: calls for help when that is due */
gboolean   anx_screening_run_is_handed_over (AnxScreeningRun *self); /* all of it is in the outbox, or at the hub */
gboolean   anx_screening_run_has_answers (AnxScreeningRun *self);
gboolean   anx_screening_run_is_complete (AnxScreeningRun *self);    /* every question has an answer or was declined */
/* Who reads it if submitted now: the booked counsellor, the duty group with a finding; (transfer full) perhaps empty. */
char     **anx_screening_run_list_readers (AnxScreeningRun *self, AnxResident *resident) G_GNUC_WARN_UNUSED_RESULT;

/* Hands over what there is if there is consent, a reader and something new. Finishes TRUE when something is in the outbox. */
void       anx_screening_run_submit_async (AnxScreeningRun *self, AnxResident *resident, GAsyncReadyCallback callback, gpointer user_data);
gboolean   anx_screening_run_submit_finish (AnxScreeningRun *self, GAsyncResult *result, GError **error);

/* What goes on later begins with: the questionnaires, the answers, the decision about sharing; and back. */
JsonObject      *anx_screening_run_to_draft (AnxScreeningRun *self, guint part, guint item) G_GNUC_WARN_UNUSED_RESULT;
AnxScreeningRun *anx_screening_run_parse_draft (AnxDirectory *directory, JsonObject *draft, guint *out_part, guint *out_item, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
