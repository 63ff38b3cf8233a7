/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire.h"
#include "score-private.h"

G_BEGIN_DECLS

/* What questionnaire.c reads out of the file and answers.c works with. Everything here is written once, while parsing. */

#define ANX_BOOLEAN_WEIGHT_URL "urn:anxin:fhir:boolean-weight"

typedef enum
{
  ANX_ITEM_CHOICE,
  ANX_ITEM_BOOLEAN,
  ANX_ITEM_INTEGER,
} AnxItemType;

typedef struct
{
  char *system;  /* (nullable) */
  char *code;    /* of a Coding; of a boolean "true" or "false"; of an integer its digits; of a string the string */
  AnxText text;
  gboolean has_weight;
  double weight;
  gint64 number; /* of an integer */
} AnxOption;

typedef enum
{
  ANX_VALUE_CODING,
  ANX_VALUE_BOOLEAN,
  ANX_VALUE_INTEGER,
  ANX_VALUE_STRING,
} AnxValueType;

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
  guint question; /* index of an earlier item */
  AnxOperator operator;
  gboolean exists;
  int option;     /* which option = and != compare with */
  double value;   /* what the ordering operators compare with */
} AnxCondition;

/* enableWhen of one item or group. */
typedef struct
{
  gboolean all; /* enableBehavior */
  GArray *conditions; /* of AnxCondition */
} AnxGate;

typedef struct
{
  AnxItem public; /* first, so that an AnxItem is one of these */
  char *link_id;
  AnxItemType type;
  AnxValueType value_type;
  AnxText text;
  AnxText intro; /* of the nearest group around it */
  GPtrArray *options; /* of AnxOption */
  GPtrArray *gates;   /* of AnxGate, its own and those of the groups around it; owned by the questionnaire */
  guint group;        /* index of the nearest group, or G_MAXUINT */
} AnxQuestion;

typedef struct
{
  char *link_id;
  guint parent;   /* index of the group around it, or G_MAXUINT */
} AnxGroup;

struct _AnxQuestionnaire
{
  gatomicrefcount references;
  char *url;
  char *version; /* (nullable) */
  char *canonical;
  char *id;
  AnxText title;
  AnxText intro;
  AnxText credit;
  gboolean base_is_zh;
  GPtrArray *questions; /* of AnxQuestion */
  GPtrArray *groups;    /* of AnxGroup */
  GPtrArray *gates;     /* of AnxGate */
  GPtrArray *scores;    /* of AnxScoreRule */
  GPtrArray *safety;    /* of AnxSafetyRule */
  GHashTable *link_ids; /* every linkId → index of its question, or G_MAXUINT for groups, displays and hidden items */
};

/* Options of one item at most: a safety rule keeps them in the bits of a guint64. */
#define ANX_MAX_OPTIONS 64
#define ANX_MAX_ITEMS 500

gboolean     anx_questionnaire_fail (GError **error, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);
gboolean     anx_questionnaire_read_text (AnxQuestionnaire *self, AnxText *text, JsonObject *object, const char *member, const char *what, GError **error);
void         anx_questionnaire_clear_text (AnxText *text);
AnxQuestion *anx_questionnaire_get_question (AnxQuestionnaire *self, guint index);
const char  *anx_questionnaire_get_score_system (AnxQuestionnaire *self, const char *code);

G_END_DECLS
