/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "answer-value.h"

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

/* What a file says about being offered. */
gboolean    anx_questionnaire_is_offered (AnxQuestionnaire *self, const char *language); /* to residents, in this language */
gboolean    anx_questionnaire_is_for_counsellors (AnxQuestionnaire *self);               /* only a counsellor hands it out */
guint       anx_questionnaire_get_retest_days (AnxQuestionnaire *self);                      /* not asked again before; 0 = the file does not say */
const char *anx_questionnaire_get_version (AnxQuestionnaire *self);                      /* (nullable) */
const char *anx_questionnaire_get_licence (AnxQuestionnaire *self);                      /* (nullable) */
const char *anx_questionnaire_get_wording_source (AnxQuestionnaire *self);               /* (nullable) */
const char *anx_questionnaire_get_rule_set (AnxQuestionnaire *self);                     /* "sha256:…" of all that makes scores and findings */

/* A site's own cut-offs for one score: a document of urn:anxin:cut-offs. */
AnxQuestionnaire *anx_questionnaire_apply_cut_offs (AnxQuestionnaire *self, JsonObject *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  ANX_ITEM_GROUP,
  ANX_ITEM_DISPLAY,
  ANX_ITEM_BOOLEAN,
  ANX_ITEM_DECIMAL,
  ANX_ITEM_INTEGER,
  ANX_ITEM_DATE,
  ANX_ITEM_DATE_TIME,
  ANX_ITEM_TIME,
  ANX_ITEM_STRING,
  ANX_ITEM_TEXT,
  ANX_ITEM_URL,
  ANX_ITEM_CHOICE,
  ANX_ITEM_OPEN_CHOICE,
  ANX_ITEM_ATTACHMENT,
  ANX_ITEM_REFERENCE,
  ANX_ITEM_QUANTITY,
} AnxItemType;
const char *anx_item_type_to_string (AnxItemType type);

/* A question on a page of its own. Owned by the questionnaire. */
typedef struct
{
  const char *link_id;
  gboolean required;
  guint n_options;        /* 0: a value is asked for, see type */
  AnxItemType type;
  gboolean repeats;       /* several answers may be given */
  gboolean read_only;     /* shown, not asked: its value is computed or given */
  gboolean hidden;        /* neither; only behind the items with a page */
  gboolean in_repeating_group;
  const char *control;    /* (nullable) code of questionnaire-itemControl */
  guint min_length;       /* characters */
  guint max_length;       /* characters; 0 = no bound of the file */
  int max_decimals;       /* -1 = no bound of the file */
  const AnxAnswerValue *least; /* (nullable) minValue */
  const AnxAnswerValue *most;  /* (nullable) maxValue */
} AnxItem;

guint          anx_questionnaire_get_n_items (AnxQuestionnaire *self); /* answerable items, in order */
const AnxItem *anx_questionnaire_get_item (AnxQuestionnaire *self, guint index);
char          *anx_questionnaire_dup_item_intro (AnxQuestionnaire *self, guint index, const char *language); /* the stem of its group; (nullable) */
char          *anx_questionnaire_dup_item_text (AnxQuestionnaire *self, guint index, const char *language);
char          *anx_questionnaire_dup_item_prefix (AnxQuestionnaire *self, guint index, const char *language); /* (nullable) */
char          *anx_questionnaire_dup_item_notes (AnxQuestionnaire *self, guint index, const char *language);  /* display items before and under it; (nullable) */
char          *anx_questionnaire_dup_item_unit (AnxQuestionnaire *self, guint index);                         /* (nullable) */
char          *anx_questionnaire_dup_option_prefix (AnxQuestionnaire *self, guint index, guint option, const char *language); /* (nullable) */
gboolean       anx_questionnaire_option_is_exclusive (AnxQuestionnaire *self, guint index, guint option);
char          *anx_questionnaire_dup_option_text (AnxQuestionnaire *self, guint index, guint option, const char *language);

/* A filling in, mutable, one thread. */
#define ANX_TYPE_ANSWERS (anx_answers_get_type ())
G_DECLARE_FINAL_TYPE (AnxAnswers, anx_answers, ANX, ANSWERS, GObject)

#define ANX_ANSWER_NONE (-1)     /* not answered yet */
#define ANX_ANSWER_DECLINED (-2) /* "prefer not to say"; never counted as 0 */
#define ANX_ANSWER_VALUE (-3)    /* answered with a value that is no option: anx_answers_get_value() */

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

/* How a person reads the answer, "" without one; several answers with "、" or ", " between them. */
char    *anx_answers_dup_text (AnxAnswers *self, guint index, const char *language) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Values of all types. Setting checks them against the item; what the engine computes or the file gives (read_only) can't be set.
 * add and toggle are for items that repeat.
 */
gboolean anx_answers_set_value (AnxAnswers *self, guint index, const AnxAnswerValue *value, GError **error);
gboolean anx_answers_add_value (AnxAnswers *self, guint index, const AnxAnswerValue *value, GError **error);
void     anx_answers_toggle (AnxAnswers *self, guint index, guint option, gboolean chosen);
guint    anx_answers_get_n_values (AnxAnswers *self, guint index);
const AnxAnswerValue *anx_answers_get_value (AnxAnswers *self, guint index, guint n);
gboolean anx_answers_has_option (AnxAnswers *self, guint index, guint option);

/*
 * Repeating groups. Each has one instance from the beginning, whose items have the indexes of the questionnaire. A further one gets
 * indexes of its own behind them, which stay the same until it is removed; next and previous walk through all.
 */
guint    anx_answers_add_group (AnxAnswers *self, guint index, GError **error); /* one more of the innermost repeating group around @index; its first item, G_MAXUINT on error */
gboolean anx_answers_remove_group (AnxAnswers *self, guint index, GError **error);
guint    anx_answers_get_n_indexes (AnxAnswers *self);                    /* all below this one; some may have been removed */
guint    anx_answers_get_item_index (AnxAnswers *self, guint index);      /* the questionnaire's index; G_MAXUINT when removed */
guint    anx_answers_get_group_number (AnxAnswers *self, guint index);    /* which instance of its innermost repeating group, from 1 */

/* Expressions that ask for today() or now() have no value before this was called. */
void     anx_answers_set_now (AnxAnswers *self, gint64 now_usec, int offset_minutes);

/* What stands in the way of handing it in: required answers that are missing, constraints that do not hold. */
typedef struct
{
  char *link_id;
  guint index;       /* G_MAXUINT: of a group or the whole */
  gboolean warning;  /* may be passed over */
  char *text;        /* (nullable) the constraint's words for people; NULL: an answer is missing */
} AnxAnswersProblem;
GPtrArray *anx_answers_check (AnxAnswers *self) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxAnswersProblem) */

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
  char *name_zh;      /* (nullable) what it counts, for counsellors */
  char *name_en;
  gboolean present;   /* FALSE: not computable, absent, never 0 */
  double value;
  gboolean prorated;
  char *band;         /* (nullable) code of the band */
  char *band_text_zh; /* (nullable) plain words for residents, no diagnosis; not in records */
  char *band_text_en;
  char *band_name_zh; /* (nullable) for counsellors; the words for residents where a file has no others */
  char *band_name_en;
  AnxLevel level;     /* the band's level */
  guint n_answered;   /* of what it counts */
  guint n_missing;
  char *citation;     /* (nullable) of the band */
  char *cut_off_reason; /* (nullable) why this site's bands are not those of the file */
} AnxScore;

typedef struct
{
  char *rule;
  AnxLevel level;
  char *item;  /* (nullable) linkId */
  char *score; /* (nullable) code of the score, when the rule is about one */
} AnxSafetyFinding;

/* What the bands of a score are, for those who draw them. */
gboolean anx_questionnaire_get_band (AnxQuestionnaire *self, const char *score, guint index, double *out_from, double *out_to,
                                     AnxLevel *out_level);

GPtrArray *anx_answers_compute_scores (AnxAnswers *self) G_GNUC_WARN_UNUSED_RESULT;        /* (element-type AnxScore) */
GPtrArray *anx_answers_find_safety (AnxAnswers *self) G_GNUC_WARN_UNUSED_RESULT;           /* (element-type AnxSafetyFinding) */
/* What one answer just given means by itself, so that help does not wait for the last page; (nullable). */
AnxSafetyFinding *anx_answers_find_safety_of (AnxAnswers *self, guint index) G_GNUC_WARN_UNUSED_RESULT;
void anx_safety_finding_free (AnxSafetyFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxSafetyFinding, anx_safety_finding_free)

/* FHIR: status completed, or stopped when the resident broke off. Declined items carry the data-absent-reason asked-declined. */
JsonObject *anx_answers_to_fhir (AnxAnswers *self, const char *status, gint64 authored_usec) G_GNUC_WARN_UNUSED_RESULT;
/* The response, an Observation for each score, a RiskAssessment; each with the instrument's version, wording source and rule set. */
JsonObject *anx_answers_to_bundle (AnxAnswers *self, const char *status, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
AnxAnswers *anx_answers_parse_bundle (AnxQuestionnaire *questionnaire, JsonObject *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_answers_name_source (AnxAnswers *self, JsonObject *resource);
AnxAnswers *anx_answers_parse (AnxQuestionnaire *questionnaire, JsonObject *response, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
