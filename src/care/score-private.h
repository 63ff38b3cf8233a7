/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fhirpath.h"

#include "questionnaire.h"

G_BEGIN_DECLS

/* What the score and safety extensions of a file say (README.md). score-reader.c reads it, score.c works with it. */

#define ANX_SCORE_URL "urn:anxin:fhir:score"
#define ANX_SAFETY_URL "urn:anxin:fhir:safety-rule"

/* A text in the file's own language and its translations; a missing one falls back on the file's own. */
typedef struct
{
  char *own;
  char *zh;
  char *en;
} AnxText;

typedef struct
{
  double from; /* included */
  double to;   /* included */
  char *code;
  AnxLevel level;
  AnxText text; /* for residents; may be empty */
  AnxText name; /* for counsellors; may be empty */
  char *citation; /* (nullable) */
} AnxBand;

typedef enum
{
  ANX_ROUNDING_NONE,
  ANX_ROUNDING_NEAREST,
  ANX_ROUNDING_UP,
  ANX_ROUNDING_DOWN,
} AnxRounding;

typedef struct
{
  double from; /* included; may be -infinity */
  double to;   /* included; may be +infinity */
  double value;
} AnxTransformRow;

typedef struct
{
  char *code;
  char *system;   /* (nullable) */
  char *variable; /* its name in expressions */
  AnxText name;   /* what it counts; may be empty */
  GArray *items;  /* of guint: questions */
  GArray *scores; /* of guint: score rules before this one */
  AnxFhirpath *expression; /* (nullable) instead of the sum */
  gboolean counts;
  double count_at;
  guint max_missing;
  gboolean skipped_is_zero; /* an item that enableWhen took away counts 0, not as missing */
  double multiplier;
  double addend;
  AnxRounding rounding;
  GArray *transform; /* of AnxTransformRow */
  double least;      /* of what it can be; -infinity when that is not known */
  double most;
  GPtrArray *bands;  /* of AnxBand, ascending */
  char *cut_off_reason; /* (nullable) why a site has its own */
} AnxScoreRule;

typedef struct
{
  char *code;
  AnxLevel level;
  guint item;       /* or G_MAXUINT */
  guint8 *options;  /* of the item: whether each is a finding */
  gboolean has_minimum_weight;
  double minimum_weight;
  gboolean declined_is_finding;
  guint score;      /* or G_MAXUINT */
  double minimum;
  AnxFhirpath *expression; /* (nullable) */
} AnxSafetyRule;

void     anx_score_free (gpointer data); /* an AnxScore */
void     anx_score_rule_free (gpointer data);
void     anx_safety_rule_free (gpointer data);
/* The place of the score of this code, the first of those there are so far; G_MAXUINT: there is none. */
guint    anx_questionnaire_find_score (AnxQuestionnaire *self, const char *code);
double   anx_score_round (const AnxScoreRule *rule, double value);
gboolean anx_score_read_rules (AnxQuestionnaire *self, JsonObject *fhir, GPtrArray *items, GError **error);
gboolean anx_score_read_bands (AnxQuestionnaire *self, AnxScoreRule *rule, JsonObject *holder, GError **error);
char    *anx_score_digest_rules (AnxQuestionnaire *self, JsonObject *cut_offs) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
