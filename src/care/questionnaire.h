/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * A FHIR R4 Questionnaire as an engine reads it: items, options with ordinal weights, scores, bands, safety rules; and a filling in
 * of it. No instrument is named in code: everything stands in the file (README.md tells where). Immutable; reference counted. Any thread.
 */
#define ANX_TYPE_QUESTIONNAIRE (anx_questionnaire_get_type ())
typedef struct _AnxQuestionnaire AnxQuestionnaire;
GType anx_questionnaire_get_type (void);

AnxQuestionnaire *anx_questionnaire_parse (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxQuestionnaire *anx_questionnaire_ref (AnxQuestionnaire *self);
void              anx_questionnaire_unref (AnxQuestionnaire *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxQuestionnaire, anx_questionnaire_unref)

const char *anx_questionnaire_get_canonical (AnxQuestionnaire *self); /* url|version */
const char *anx_questionnaire_get_id (AnxQuestionnaire *self);
char       *anx_questionnaire_dup_title (AnxQuestionnaire *self, const char *language);     /* "zh" or "en" */
char       *anx_questionnaire_dup_intro (AnxQuestionnaire *self, const char *language);     /* the stem said above each item; (nullable) */
char       *anx_questionnaire_dup_credit (AnxQuestionnaire *self, const char *language);    /* licence or credit line; (nullable) */

/* A question on a page of its own. Owned by the questionnaire. */
typedef struct
{
  const char *link_id;
  gboolean required;
  guint n_options;
} AnxItem;

guint          anx_questionnaire_get_n_items (AnxQuestionnaire *self); /* answerable items, in order */
const AnxItem *anx_questionnaire_get_item (AnxQuestionnaire *self, guint index);
char          *anx_questionnaire_dup_item_intro (AnxQuestionnaire *self, guint index, const char *language); /* the stem of its group; (nullable) */
char          *anx_questionnaire_dup_item_text (AnxQuestionnaire *self, guint index, const char *language);
char          *anx_questionnaire_dup_option_text (AnxQuestionnaire *self, guint index, guint option, const char *language);

/* A filling in, mutable, one thread. */
#define ANX_TYPE_ANSWERS (anx_answers_get_type ())
G_DECLARE_FINAL_TYPE (AnxAnswers, anx_answers, ANX, ANSWERS, GObject)

#define ANX_ANSWER_NONE (-1)     /* not answered yet */
#define ANX_ANSWER_DECLINED (-2) /* "prefer not to say"; never counted as 0 */

AnxAnswers *anx_answers_new (AnxQuestionnaire *questionnaire) G_GNUC_WARN_UNUSED_RESULT;
AnxQuestionnaire *anx_answers_get_questionnaire (AnxAnswers *self);
void     anx_answers_set (AnxAnswers *self, guint index, int option_or_special);
int      anx_answers_get (AnxAnswers *self, guint index);
gboolean anx_answers_is_enabled (AnxAnswers *self, guint index);  /* enableWhen */
/* The next enabled item after @index (G_MAXUINT = from the beginning), G_MAXUINT at the end; the same backwards. */
guint    anx_answers_next (AnxAnswers *self, guint index);
guint    anx_answers_previous (AnxAnswers *self, guint index);
guint    anx_answers_count_enabled (AnxAnswers *self);
guint    anx_answers_position (AnxAnswers *self, guint index);    /* 1-based among the enabled */

typedef enum
{
  ANX_LEVEL_GREEN,
  ANX_LEVEL_YELLOW,
  ANX_LEVEL_RED,
} AnxLevel;
const char *anx_level_to_string (AnxLevel level);
AnxLevel    anx_level_from_string (const char *text); /* unknown = RED: never lower by mistake */

typedef struct
{
  char *code;
  gboolean present;   /* FALSE: not computable, absent, never 0 */
  double value;
  gboolean prorated;
  char *band;         /* (nullable) code of the band */
  char *band_text_zh; /* (nullable) plain words for residents, no diagnosis */
  char *band_text_en;
  AnxLevel level;     /* the band's level */
  guint n_answered;   /* of what it counts */
  guint n_missing;
} AnxScore;

typedef struct
{
  char *rule;
  AnxLevel level;
  char *item;  /* (nullable) linkId */
  char *score; /* (nullable) code of the score, when the rule is about one */
} AnxSafetyFinding;

GPtrArray *anx_answers_compute_scores (AnxAnswers *self) G_GNUC_WARN_UNUSED_RESULT;        /* (element-type AnxScore) */
GPtrArray *anx_answers_find_safety (AnxAnswers *self) G_GNUC_WARN_UNUSED_RESULT;           /* (element-type AnxSafetyFinding) */
/* What one answer just given means by itself, so that help does not wait for the last page; (nullable). */
AnxSafetyFinding *anx_answers_find_safety_of (AnxAnswers *self, guint index) G_GNUC_WARN_UNUSED_RESULT;
void anx_safety_finding_free (AnxSafetyFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxSafetyFinding, anx_safety_finding_free)

/* FHIR: status completed, or stopped when the resident broke off. Declined items carry the data-absent-reason asked-declined. */
JsonObject *anx_answers_to_fhir (AnxAnswers *self, const char *status, gint64 authored_usec) G_GNUC_WARN_UNUSED_RESULT;
AnxAnswers *anx_answers_parse (AnxQuestionnaire *questionnaire, JsonObject *response, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
