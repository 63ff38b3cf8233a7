/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fhirpath.h"
#include "questionnaire.h"
#include "score-private.h"

G_BEGIN_DECLS

/*
 * What the readers take out of a file and the filling in works with. Everything here is written once, while parsing.
 *
 * All items stand in one array in the order of the file, a parent before its children; `end` is the place behind its last descendant.
 * Questions are numbered besides: those with a page in the order of the file, then the hidden ones. An index of the public interface
 * is such a number.
 */

#define ANX_BOOLEAN_WEIGHT_URL "urn:anxin:fhir:boolean-weight"

/* Items of one file; answers of one item; nesting of items; characters of a text. The largest public forms have about 700 items. */
#define ANX_MAX_ITEMS 2000
#define ANX_MAX_OPTIONS 1000
#define ANX_MAX_NESTING 20
#define ANX_MAX_TEXT_BYTES 8000
/* An integer with so few values is offered as a choice. */
#define ANX_MAX_INTEGER_OPTIONS 64

typedef struct
{
  AnxAnswerValue value;
  AnxText text;
  AnxText prefix;
  gboolean has_weight;
  double weight;
  gboolean exclusive;
  gboolean selected; /* from the beginning */
} AnxOption;

typedef enum
{
  ANX_OPERATOR_EXISTS,
  ANX_OPERATOR_EQUAL,
  ANX_OPERATOR_NOT_EQUAL,
  ANX_OPERATOR_GREATER,
  ANX_OPERATOR_LESS,
  ANX_OPERATOR_GREATER_OR_EQUAL,
  ANX_OPERATOR_LESS_OR_EQUAL,
} AnxOperator;

typedef struct
{
  guint question;
  AnxOperator operator;
  AnxAnswerValue *value; /* what the answer is compared with; of EXISTS a boolean */
  gboolean by_weight;    /* an ordering of codings compares weights */
  double weight;
} AnxCondition;

/* An SDC variable, in the order of the file. */
typedef struct
{
  char *name;
  AnxFhirpath *expression;
} AnxVariable;

typedef struct
{
  char *key;
  gboolean warning;
  AnxText human;
  AnxFhirpath *expression;
} AnxConstraint;

/* Items of the array of all, from the first to before the second. */
typedef struct
{
  guint from;
  guint to;
} AnxSpan;

typedef struct
{
  guint index;       /* in the array of all items */
  guint parent;      /* or G_MAXUINT */
  guint end;
  guint frame;       /* innermost repeating group around it (for such a group: itself), or G_MAXUINT */
  guint question;    /* its number, or G_MAXUINT for groups and displays */
  guint local;       /* of a question: which one of its frame */
  AnxItemType type;
  gboolean repeats;
  gboolean required;
  gboolean read_only;
  gboolean hidden;   /* itself or an item around it */
  gboolean all;      /* enableBehavior */
  GArray *conditions; /* of AnxCondition; (nullable) */
  AnxFhirpath *enable_expression; /* (nullable) */
  guint enable_slot; /* where its results are kept */
  GArray *enable_reads; /* (nullable) of AnxSpan: the items it depends on; NULL = on all */
  char *link_id;
  char *control;     /* (nullable) */
  AnxText text;
  AnxText prefix;
  GPtrArray *variables;   /* of AnxVariable; (nullable) */
  GPtrArray *constraints; /* of AnxConstraint; (nullable) */
  guint min_occurs;
  guint max_occurs;  /* 0 = no bound */
} AnxNode;

typedef struct
{
  AnxItem public; /* first, so that an AnxItem is one of these */
  AnxNode *node;
  GPtrArray *options; /* of AnxOption */
  gboolean open;      /* other answers are taken too */
  AnxValueType value_type; /* of what is no option */
  GPtrArray *initial; /* of AnxAnswerValue; (nullable) */
  AnxAnswerValue *unit; /* a coding; (nullable) */
  GPtrArray *units;   /* of AnxAnswerValue, codings; (nullable) */
  GRegex *regex;      /* (nullable) */
  AnxFhirpath *calculated; /* (nullable) */
  GArray *calculated_reads; /* (nullable) as enable_reads */
  AnxFhirpath *initial_expression; /* (nullable) */
  guint total_of;     /* the score whose code this item has, or G_MAXUINT */
} AnxQuestion;

struct _AnxQuestionnaire
{
  gatomicrefcount references;
  JsonObject *fhir;
  JsonNode *node;  /* of the same, for expressions */
  char *url;       /* (nullable) */
  char *version;   /* (nullable) */
  char *canonical;
  char *id;
  char *status;
  char *licence;        /* (nullable) */
  char *wording_source; /* (nullable) */
  char *rule_set;
  guint retest_days;    /* 0 = not said */
  gboolean for_counsellors;
  gboolean pending_zh;
  gboolean pending_en;
  AnxText title;
  AnxText credit;
  gboolean base_is_zh;
  GPtrArray *nodes;     /* of AnxNode */
  GPtrArray *questions; /* of AnxQuestion */
  guint n_pages;        /* questions before the hidden ones */
  GPtrArray *variables;   /* of AnxVariable */
  GPtrArray *constraints; /* of AnxConstraint */
  GPtrArray *scores;    /* of AnxScoreRule */
  GPtrArray *safety;    /* of AnxSafetyRule */
  GHashTable *link_ids; /* linkId → place in nodes */
  guint n_enable_slots;
  gboolean has_expressions; /* that decide what is asked or compute answers */
  gboolean expressions_ask; /* what is asked depends on them */
};

AnxNode     *anx_questionnaire_get_node (AnxQuestionnaire *self, guint index);
AnxNode     *anx_questionnaire_find_node (AnxQuestionnaire *self, const char *link_id);
AnxQuestion *anx_questionnaire_get_question (AnxQuestionnaire *self, guint index);
const char  *anx_questionnaire_get_score_system (AnxQuestionnaire *self, const char *code);
int          anx_question_find_option (const AnxQuestion *self, const AnxAnswerValue *value);
gboolean     anx_questionnaire_is_asked (const AnxNode *node);
void         anx_option_free (gpointer data);
void         anx_question_free (gpointer data);
void         anx_node_free (gpointer data);
void         anx_variable_free (gpointer data);
void         anx_constraint_free (gpointer data);

/* questionnaire-text.c */
gboolean anx_questionnaire_language_is (const char *tag, const char *primary);
gboolean anx_questionnaire_read_text (AnxQuestionnaire *self, AnxText *text, JsonObject *object, const char *member, const char *what, GError **error);
char    *anx_questionnaire_dup_text (const AnxText *text, const char *language);
void     anx_questionnaire_copy_text (const AnxText *text, AnxText *out_copy);
void     anx_questionnaire_clear_text (AnxText *text);

/* questionnaire-features.c: what the engine has and has not */
gboolean anx_questionnaire_check_extensions (JsonObject *element, const char *what, GError **error);
gboolean anx_questionnaire_check_item (JsonObject *json, const char *what, GError **error);

/* questionnaire-items.c: the items; questionnaire-options.c: their answers; both fill @items with the JSON of each node */
gboolean anx_questionnaire_read_items (AnxQuestionnaire *self, JsonObject *fhir, GPtrArray *items, GError **error);
gboolean anx_questionnaire_read_options (AnxQuestionnaire *self, AnxQuestion *question, JsonObject *json, GError **error);
gboolean anx_questionnaire_read_limits (AnxQuestion *question, JsonObject *json, GError **error);

/* questionnaire-conditions.c, questionnaire-expressions.c: run when all items are there */
gboolean anx_questionnaire_read_conditions (AnxQuestionnaire *self, AnxNode *node, JsonObject *json, GError **error);
gboolean anx_questionnaire_check_circles (AnxQuestionnaire *self, GError **error);
gboolean anx_questionnaire_read_expressions (AnxQuestionnaire *self, JsonObject *fhir, GPtrArray *items, GError **error);
AnxFhirpath *anx_questionnaire_compile (AnxQuestionnaire *self, AnxNode *node, JsonObject *extension, const char *what, gboolean scores, GError **error);

G_END_DECLS
