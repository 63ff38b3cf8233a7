/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "decimal.h"
#include "fhirpath-bounds.h"
#include "fhirpath.h"
#include "temporal.h"

G_BEGIN_DECLS

/* What the files of this folder share: items, the tree of an expression, one evaluation. */

/* ---- Items (fhirpath-item.c) ---- */

struct _AnxFhirpathItem
{
  gatomicrefcount refs;
  AnxFhirpathType type;
  union
  {
    gboolean boolean;
    gint64 integer;
    AnxDecimal decimal;
    char *string;
    AnxTemporal temporal;
    struct
    {
      AnxDecimal value;
      char *unit;        /* a UCUM code, or the name of a calendar unit in the singular */
      gboolean calendar; /* written as a word: 1 year, not 1 'a' */
    } quantity;
    struct
    {
      JsonNode *json;          /* (nullable): a primitive can have extensions alone */
      JsonNode *extra;         /* (nullable): the “_name” beside a primitive */
      const char *name;        /* FHIR type out of the table; (nullable) */
      AnxFhirpathItem *parent; /* (nullable) */
      gboolean open;           /* only the data tell the type: a choice, any resource, children() */
    } node;
  } of;
};

struct _AnxFhirpathCollection
{
  gatomicrefcount refs;
  GPtrArray *items;
};

AnxFhirpathItem *anx_fhirpath_item_new_boolean (gboolean value);
AnxFhirpathItem *anx_fhirpath_item_new_integer (gint64 value);
AnxFhirpathItem *anx_fhirpath_item_new_decimal (AnxDecimal value);
AnxFhirpathItem *anx_fhirpath_item_new_string (const char *value);
AnxFhirpathItem *anx_fhirpath_item_new_string_take (char *value);
AnxFhirpathItem *anx_fhirpath_item_new_temporal (const AnxTemporal *value);
AnxFhirpathItem *anx_fhirpath_item_new_quantity (AnxDecimal value, const char *unit, gboolean calendar);
AnxFhirpathItem *anx_fhirpath_item_new_node (JsonNode *json, JsonNode *extra, const char *name, AnxFhirpathItem *parent);

AnxFhirpathItem *anx_fhirpath_item_dup_value (AnxFhirpathItem *self); /* plain value of a primitive or Quantity element; (nullable) */
gboolean         anx_fhirpath_item_get_decimal (AnxFhirpathItem *self, AnxDecimal *out_value);
gboolean         anx_fhirpath_item_is (AnxFhirpathItem *self, const char *space, const char *name, gboolean exact);
gboolean         anx_fhirpath_type_exists (const char *space, const char *name);
gboolean         anx_fhirpath_calendar_unit (const char *unit, AnxCalendarUnit *out_unit);
const char      *anx_fhirpath_calendar_name (AnxCalendarUnit unit);
gboolean         anx_fhirpath_quantity_parse (const char *text, AnxFhirpathItem **out_item);

AnxFhirpathCollection *anx_fhirpath_collection_take (GPtrArray *items);
AnxFhirpathCollection *anx_fhirpath_collection_of (AnxFhirpathItem *item); /* takes it */
GPtrArray             *anx_fhirpath_items_new (void);

/* ---- Expressions (fhirpath-lexer.c, fhirpath-parser.c) ---- */

typedef enum
{
  FP_LITERAL,
  FP_THIS,
  FP_INDEX,
  FP_TOTAL,
  FP_VARIABLE,
  FP_MEMBER,
  FP_CALL,
  FP_INDEXER,
  FP_NEGATE,
  FP_PLUS_SIGN,
  FP_IS,
  FP_AS,
  FP_OPERATOR,
} FpKind;

typedef enum
{
  FP_OP_NONE,
  FP_OP_IMPLIES,
  FP_OP_OR,
  FP_OP_XOR,
  FP_OP_AND,
  FP_OP_IN,
  FP_OP_CONTAINS,
  FP_OP_EQUAL,
  FP_OP_NOT_EQUAL,
  FP_OP_EQUIVALENT,
  FP_OP_NOT_EQUIVALENT,
  FP_OP_LESS,
  FP_OP_LESS_OR_EQUAL,
  FP_OP_GREATER,
  FP_OP_GREATER_OR_EQUAL,
  FP_OP_UNION,
  FP_OP_PLUS,
  FP_OP_MINUS,
  FP_OP_CONCATENATE,
  FP_OP_MULTIPLY,
  FP_OP_DIVIDE,
  FP_OP_DIV,
  FP_OP_MOD,
} FpOperator;

#define FP_MAX_ARGUMENTS 8

typedef struct _FpNode FpNode;
typedef struct _FpFunction FpFunction;
typedef struct _FpIndex FpIndex;

struct _FpNode
{
  FpKind kind;
  FpOperator op;
  guint position; /* of the first byte, from 1 */
  guint height;
  char *name;                       /* variable, member, type */
  char *space;                      /* of a type; (nullable) */
  const FpFunction *function;
  gboolean picks;                   /* NAME.where(ELEMENT = 'text'): anx_fhirpath_pick() may do it */
  AnxFhirpathCollection *literal;
  FpNode *left;                     /* (nullable): the implicit $this */
  guint n_arguments;
  FpNode *arguments[FP_MAX_ARGUMENTS];
};

typedef enum
{
  FP_TOKEN_END,
  FP_TOKEN_IDENTIFIER,
  FP_TOKEN_DELIMITED, /* `in backticks` */
  FP_TOKEN_STRING,
  FP_TOKEN_INTEGER,
  FP_TOKEN_DECIMAL,
  FP_TOKEN_DATE,
  FP_TOKEN_DATE_TIME,
  FP_TOKEN_TIME,
  FP_TOKEN_VARIABLE,
  FP_TOKEN_SPECIAL, /* $this, $index, $total */
  FP_TOKEN_SYMBOL,
} FpTokenType;

typedef struct
{
  FpTokenType type;
  char *text;     /* without quotes, escapes resolved */
  guint position; /* of its first byte, from 1 */
} FpToken;

GArray *anx_fhirpath_tokenize (const char *text, GError **error);
FpNode *anx_fhirpath_parse (const char *text, GError **error);
void    anx_fhirpath_node_free (FpNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FpNode, anx_fhirpath_node_free)

/* ---- One evaluation (fhirpath-evaluate.c) ---- */

typedef struct
{
  AnxFhirpathEnv *env;
  AnxFhirpathCollection *root;
  guint64 steps;
  gsize bytes;
  guint depth;
  GError *error; /* the first thing that went wrong; everything returns NULL from then on */
} FpRun;

/* What $this, $index and $total are at some place. */
typedef struct
{
  FpRun *run;
  AnxFhirpathCollection *self;
  gint64 index; /* below zero outside an iteration */
  AnxFhirpathCollection *total;
  gboolean mixed; /* $this goes through items of several types: one may lack what another has */
} FpScope;

typedef struct
{
  const FpScope *scope;
  FpRun *run;
  const FpNode *node;
  AnxFhirpathCollection *input;
  gboolean mixed; /* the input's items are of several types, or will be */
  AnxFhirpathCollection *arguments[FP_MAX_ARGUMENTS]; /* evaluated, unless the function is lazy there */
} FpCall;

typedef AnxFhirpathCollection *(*FpFunctionFunc) (FpCall *call);

struct _FpFunction
{
  const char *name;
  guint8 min_arguments;
  guint8 max_arguments;
  guint8 lazy; /* bit i: argument i is evaluated by the function itself, once for each item or not at all */
  guint8 types; /* bit i: argument i names a type */
  FpFunctionFunc func;
};

extern const FpFunction anx_fhirpath_collection_functions[];
extern const FpFunction anx_fhirpath_value_functions[];
extern const FpFunction anx_fhirpath_string_functions[];
extern const FpFunction anx_fhirpath_draft_functions[];
const FpFunction *anx_fhirpath_function_find (const char *name);

AnxFhirpathCollection *anx_fhirpath_eval (const FpScope *scope, const FpNode *node);
AnxFhirpathCollection *anx_fhirpath_eval_item (FpCall *call, guint argument, AnxFhirpathItem *item, gint64 index, AnxFhirpathCollection *total);
AnxFhirpathCollection *anx_fhirpath_fail (FpRun *run, const FpNode *node, AnxFhirpathError code, const char *format, ...) G_GNUC_PRINTF (4, 5);
gboolean               anx_fhirpath_charge (FpRun *run, const FpNode *node, gsize bytes);
AnxFhirpathCollection *anx_fhirpath_finish (FpRun *run, const FpNode *node, GPtrArray *items);
gboolean               anx_fhirpath_truth (FpRun *run, const FpNode *node, AnxFhirpathCollection *collection, AnxFhirpathTruth *out_truth);
AnxFhirpathCollection *anx_fhirpath_of_truth (AnxFhirpathTruth truth);
gboolean               anx_fhirpath_single (FpRun *run, const FpNode *node, AnxFhirpathCollection *collection, AnxFhirpathItem **out_item);
gboolean               anx_fhirpath_children (FpRun *run, const FpNode *node, AnxFhirpathItem *item, const char *name, GPtrArray *out);
gboolean               anx_fhirpath_env_get_now (AnxFhirpathEnv *env, AnxTemporal *out_now);
gboolean               anx_fhirpath_env_get_weight (AnxFhirpathEnv *env, AnxFhirpathItem *item, double *out_weight, gboolean *out_has_host);
void                   anx_fhirpath_env_trace (AnxFhirpathEnv *env, const char *name, AnxFhirpathCollection *value);
AnxFhirpathCollection *anx_fhirpath_env_get_variable (AnxFhirpathEnv *env, const char *name);
GHashTable            *anx_fhirpath_env_get_indexes (AnxFhirpathEnv *env, const char *element);

/* ---- Elements of an array by a text of theirs (fhirpath-index.c) ---- */

gboolean    anx_fhirpath_node_picks (const FpNode *node);
gboolean    anx_fhirpath_pick (FpRun *run, const FpNode *node, AnxFhirpathItem *item, GPtrArray *out);
GHashTable *anx_fhirpath_indexes_new (void);

/* ---- Comparing (fhirpath-compare.c) and computing (fhirpath-arithmetic.c) ---- */

gboolean anx_fhirpath_equal (FpRun *run, const FpNode *node, AnxFhirpathItem *a, AnxFhirpathItem *b, AnxFhirpathTruth *out_truth);
gboolean anx_fhirpath_equivalent (FpRun *run, const FpNode *node, AnxFhirpathItem *a, AnxFhirpathItem *b, gboolean *out_same);
gboolean anx_fhirpath_collections_equal (FpRun *run, const FpNode *node, AnxFhirpathCollection *a, AnxFhirpathCollection *b, AnxFhirpathTruth *out_truth);
gboolean anx_fhirpath_collections_equivalent (FpRun *run, const FpNode *node, AnxFhirpathCollection *a, AnxFhirpathCollection *b, gboolean *out_same);
gboolean anx_fhirpath_contains (FpRun *run, const FpNode *node, GPtrArray *items, AnxFhirpathItem *item, gboolean *out_found);
gboolean anx_fhirpath_order (FpRun *run, const FpNode *node, AnxFhirpathItem *a, AnxFhirpathItem *b, AnxOrder *out_order);
gboolean anx_fhirpath_same_dimension (const char *unit_a, const char *unit_b, gboolean *out_same);
gboolean anx_fhirpath_convert_unit (AnxDecimal value, const char *from, const char *to, AnxDecimal *out_value);
AnxFhirpathCollection *anx_fhirpath_compute (FpRun *run, const FpNode *node, FpOperator op, AnxFhirpathItem *a, AnxFhirpathItem *b);

G_END_DECLS
