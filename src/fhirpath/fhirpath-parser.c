/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "fhirpath-private.h"

/*
 * The grammar of FHIRPath 2.0.0, appendix B, by precedence climbing. A tree's height is bounded, because evaluating and
 * freeing it recurse.
 */
typedef struct
{
  const FpToken *at;
  guint depth; /* of unfinished brackets and operators */
  GError **error;
} Parser;

typedef enum
{
  PRECEDENCE_IMPLIES = 1,
  PRECEDENCE_OR,
  PRECEDENCE_AND,
  PRECEDENCE_MEMBERSHIP,
  PRECEDENCE_EQUALITY,
  PRECEDENCE_INEQUALITY,
  PRECEDENCE_UNION,
  PRECEDENCE_TYPE,
  PRECEDENCE_ADDITIVE,
  PRECEDENCE_MULTIPLICATIVE,
} Precedence;

static const struct
{
  const char *text;
  gboolean word;
  Precedence precedence;
  FpOperator op; /* FP_OP_NONE: is and as */
} operators[] = {
  { "implies", TRUE, PRECEDENCE_IMPLIES, FP_OP_IMPLIES },
  { "or", TRUE, PRECEDENCE_OR, FP_OP_OR },
  { "xor", TRUE, PRECEDENCE_OR, FP_OP_XOR },
  { "and", TRUE, PRECEDENCE_AND, FP_OP_AND },
  { "in", TRUE, PRECEDENCE_MEMBERSHIP, FP_OP_IN },
  { "contains", TRUE, PRECEDENCE_MEMBERSHIP, FP_OP_CONTAINS },
  { "=", FALSE, PRECEDENCE_EQUALITY, FP_OP_EQUAL },
  { "!=", FALSE, PRECEDENCE_EQUALITY, FP_OP_NOT_EQUAL },
  { "~", FALSE, PRECEDENCE_EQUALITY, FP_OP_EQUIVALENT },
  { "!~", FALSE, PRECEDENCE_EQUALITY, FP_OP_NOT_EQUIVALENT },
  { "<", FALSE, PRECEDENCE_INEQUALITY, FP_OP_LESS },
  { "<=", FALSE, PRECEDENCE_INEQUALITY, FP_OP_LESS_OR_EQUAL },
  { ">", FALSE, PRECEDENCE_INEQUALITY, FP_OP_GREATER },
  { ">=", FALSE, PRECEDENCE_INEQUALITY, FP_OP_GREATER_OR_EQUAL },
  { "|", FALSE, PRECEDENCE_UNION, FP_OP_UNION },
  { "is", TRUE, PRECEDENCE_TYPE, FP_OP_NONE },
  { "as", TRUE, PRECEDENCE_TYPE, FP_OP_NONE },
  { "+", FALSE, PRECEDENCE_ADDITIVE, FP_OP_PLUS },
  { "-", FALSE, PRECEDENCE_ADDITIVE, FP_OP_MINUS },
  { "&", FALSE, PRECEDENCE_ADDITIVE, FP_OP_CONCATENATE },
  { "*", FALSE, PRECEDENCE_MULTIPLICATIVE, FP_OP_MULTIPLY },
  { "/", FALSE, PRECEDENCE_MULTIPLICATIVE, FP_OP_DIVIDE },
  { "div", TRUE, PRECEDENCE_MULTIPLICATIVE, FP_OP_DIV },
  { "mod", TRUE, PRECEDENCE_MULTIPLICATIVE, FP_OP_MOD },
};

static FpNode *parse_expression (Parser *parser, Precedence least);

static FpNode *
fail (Parser *parser,
      AnxFhirpathError code,
      const char *message)
{
  if (*parser->error == NULL)
    g_set_error (parser->error, ANX_FHIRPATH_ERROR, code, _ ("Character %u: %s"), parser->at->position, message);
  return NULL;
}

static FpNode *
syntax (Parser *parser,
        const char *message)
{
  return fail (parser, ANX_FHIRPATH_ERROR_SYNTAX, message);
}

void
anx_fhirpath_node_free (FpNode *node)
{
  if (node == NULL)
    return;
  anx_fhirpath_node_free (node->left);
  for (guint i = 0; i < node->n_arguments; i++)
    anx_fhirpath_node_free (node->arguments[i]);
  g_clear_pointer (&node->literal, anx_fhirpath_collection_unref);
  g_free (node->name);
  g_free (node->space);
  g_free (node);
}

static FpNode *
node_new (FpKind kind,
          guint position,
          FpNode *left)
{
  FpNode *node = g_new0 (FpNode, 1);
  node->kind = kind;
  node->position = position;
  node->left = left;
  node->height = left != NULL ? left->height + 1 : 1;
  return node;
}

static void
add_argument (FpNode *node,
              FpNode *argument)
{
  node->arguments[node->n_arguments++] = argument;
  node->height = MAX (node->height, argument->height + 1);
}

/* Takes @node; lets nothing higher than the bound go up. */
static FpNode *
bounded (Parser *parser,
         FpNode *node)
{
  if (node == NULL || node->height <= ANX_FHIRPATH_MAX_NESTING)
    return node;
  anx_fhirpath_node_free (node);
  return fail (parser, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("the expression is nested too deeply"));
}

static gboolean
is_symbol (Parser *parser,
           const char *symbol)
{
  return parser->at->type == FP_TOKEN_SYMBOL && strcmp (parser->at->text, symbol) == 0;
}

static gboolean
take_symbol (Parser *parser,
             const char *symbol)
{
  if (!is_symbol (parser, symbol))
    return FALSE;
  parser->at++;
  return TRUE;
}

static gboolean
need_symbol (Parser *parser,
             const char *symbol)
{
  if (take_symbol (parser, symbol))
    return TRUE;
  g_autofree char *message = g_strdup_printf (_ ("“%s” is missing"), symbol);
  return syntax (parser, message) != NULL;
}

/* Words that operate may also name an element where no operator can stand: ValueSet.expansion.contains. */
static gboolean
is_name (const FpToken *token)
{
  static const char *const taken[] = { "and", "or", "xor", "implies", "div", "mod", "true", "false" };
  if (token->type == FP_TOKEN_DELIMITED)
    return TRUE;
  if (token->type != FP_TOKEN_IDENTIFIER)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    if (strcmp (token->text, taken[i]) == 0)
      return FALSE;
  return TRUE;
}

/* “Coding”, “FHIR.Coding”, “System.String” into @node. */
static gboolean
parse_type (Parser *parser,
            FpNode *node)
{
  if (!is_name (parser->at))
    return syntax (parser, _ ("a type is missing")) != NULL;
  node->name = g_strdup ((parser->at++)->text);
  if (is_symbol (parser, ".") && is_name (parser->at + 1))
    {
      node->space = g_steal_pointer (&node->name);
      node->name = g_strdup (parser->at[1].text);
      parser->at += 2;
    }
  if (anx_fhirpath_type_exists (node->space, node->name))
    return TRUE;
  parser->at--;
  g_autofree char *message = g_strdup_printf (_ ("the type “%.40s” is not known"), node->name);
  return fail (parser, ANX_FHIRPATH_ERROR_UNSUPPORTED, message) != NULL;
}

static FpNode *
parse_call (Parser *parser,
            FpNode *left)
{
  g_autoptr (FpNode) node = node_new (FP_CALL, parser->at->position, left);
  node->function = anx_fhirpath_function_find (parser->at->text);
  if (node->function == NULL)
    {
      g_autofree char *message = g_strdup_printf (_ ("the function “%.40s” is not supported"), parser->at->text);
      return fail (parser, ANX_FHIRPATH_ERROR_UNSUPPORTED, message);
    }
  const FpToken *start = parser->at;
  parser->at += 2;
  guint count = 0;
  if (!is_symbol (parser, ")"))
    do
      {
        if (count == node->function->max_arguments)
          return syntax (parser, _ ("too many arguments"));
        if (node->function->types & (1u << count))
          {
            if (!parse_type (parser, node))
              return NULL;
          }
        else
          {
            FpNode *argument = parse_expression (parser, PRECEDENCE_IMPLIES);
            if (argument == NULL)
              return NULL;
            add_argument (node, argument);
          }
        count++;
      }
    while (take_symbol (parser, ","));
  if (!need_symbol (parser, ")"))
    return NULL;
  if (count < node->function->min_arguments)
    {
      parser->at = start;
      return syntax (parser, _ ("an argument is missing"));
    }
  node->picks = anx_fhirpath_node_picks (node);
  return bounded (parser, g_steal_pointer (&node));
}

/* What may follow a point: an element, a function, $this and its like. Takes @left. */
static FpNode *
parse_invocation (Parser *parser,
                  FpNode *left)
{
  const FpToken *token = parser->at;
  if (token->type == FP_TOKEN_SPECIAL)
    {
      static const struct
      {
        const char *name;
        FpKind kind;
      } specials[] = { { "this", FP_THIS }, { "index", FP_INDEX }, { "total", FP_TOTAL } };
      for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
        if (left == NULL && strcmp (token->text, specials[i].name) == 0)
          {
            parser->at++;
            return node_new (specials[i].kind, token->position, NULL);
          }
    }
  else if (is_name (token))
    {
      if (token[1].type == FP_TOKEN_SYMBOL && strcmp (token[1].text, "(") == 0)
        return parse_call (parser, left);
      FpNode *node = node_new (FP_MEMBER, token->position, left);
      node->name = g_strdup (token->text);
      parser->at++;
      return bounded (parser, node);
    }
  anx_fhirpath_node_free (left);
  return syntax (parser, _ ("a name or a function is missing"));
}

static FpNode *
literal (Parser *parser,
         AnxFhirpathItem *item)
{
  FpNode *node = node_new (FP_LITERAL, parser->at->position, NULL);
  node->literal = anx_fhirpath_collection_of (item);
  parser->at++;
  return node;
}

static FpNode *
parse_number (Parser *parser)
{
  AnxDecimal value;
  AnxCalendarUnit calendar;
  const FpToken *unit = parser->at + 1;
  gboolean whole = parser->at->type == FP_TOKEN_INTEGER;
  if (!anx_decimal_parse (parser->at->text, &value))
    return fail (parser, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("the number has too many digits"));
  if (unit->type == FP_TOKEN_STRING)
    {
      FpNode *node = literal (parser, anx_fhirpath_item_new_quantity (value, unit->text, FALSE));
      parser->at++;
      return node;
    }
  if (unit->type == FP_TOKEN_IDENTIFIER && anx_fhirpath_calendar_unit (unit->text, &calendar))
    {
      FpNode *node =
          literal (parser, anx_fhirpath_item_new_quantity (value, anx_fhirpath_calendar_name (calendar), TRUE));
      parser->at++;
      return node;
    }
  if (whole && value.digits > G_MAXINT32)
    return fail (parser, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("the whole number is over 2147483647"));
  return literal (parser, whole ? anx_fhirpath_item_new_integer ((gint64) value.digits)
                                : anx_fhirpath_item_new_decimal (value));
}

static FpNode *
parse_temporal (Parser *parser)
{
  AnxTemporal value;
  AnxTemporalKind kind = parser->at->type == FP_TOKEN_DATE   ? ANX_TEMPORAL_DATE
                         : parser->at->type == FP_TOKEN_TIME ? ANX_TEMPORAL_TIME
                                                             : ANX_TEMPORAL_DATE_TIME;
  if (!anx_temporal_parse (parser->at->text, kind, &value))
    return syntax (parser, _ ("this is no date or time"));
  return literal (parser, anx_fhirpath_item_new_temporal (&value));
}

static FpNode *
parse_term (Parser *parser)
{
  const FpToken *token = parser->at;
  switch (token->type)
    {
    case FP_TOKEN_STRING:
      return literal (parser, anx_fhirpath_item_new_string (token->text));
    case FP_TOKEN_INTEGER:
    case FP_TOKEN_DECIMAL:
      return parse_number (parser);
    case FP_TOKEN_DATE:
    case FP_TOKEN_DATE_TIME:
    case FP_TOKEN_TIME:
      return parse_temporal (parser);
    case FP_TOKEN_VARIABLE:
      {
        FpNode *node = node_new (FP_VARIABLE, token->position, NULL);
        node->name = g_strdup (token->text);
        parser->at++;
        return node;
      }
    case FP_TOKEN_IDENTIFIER:
      if (strcmp (token->text, "true") == 0 || strcmp (token->text, "false") == 0)
        return literal (parser, anx_fhirpath_item_new_boolean (token->text[0] == 't'));
      return parse_invocation (parser, NULL);
    case FP_TOKEN_DELIMITED:
    case FP_TOKEN_SPECIAL:
      return parse_invocation (parser, NULL);
    case FP_TOKEN_SYMBOL:
      if (take_symbol (parser, "("))
        {
          g_autoptr (FpNode) inner = parse_expression (parser, PRECEDENCE_IMPLIES);
          return inner != NULL && need_symbol (parser, ")") ? g_steal_pointer (&inner) : NULL;
        }
      if (is_symbol (parser, "{") && parser->at[1].type == FP_TOKEN_SYMBOL && strcmp (parser->at[1].text, "}") == 0)
        {
          FpNode *node = literal (parser, NULL);
          parser->at++;
          return node;
        }
      return syntax (parser, _ ("a value is missing"));
    case FP_TOKEN_END:
    default:
      return syntax (parser, _ ("the expression ends too early"));
    }
}

static FpNode *
parse_postfix (Parser *parser)
{
  FpNode *node = parse_term (parser);
  while (node != NULL)
    {
      if (take_symbol (parser, "."))
        node = parse_invocation (parser, node);
      else if (is_symbol (parser, "["))
        {
          guint position = (parser->at++)->position;
          g_autoptr (FpNode) indexer = node_new (FP_INDEXER, position, node);
          FpNode *index = parse_expression (parser, PRECEDENCE_IMPLIES);
          if (index == NULL)
            return NULL;
          add_argument (indexer, index);
          if (!need_symbol (parser, "]"))
            return NULL;
          node = bounded (parser, g_steal_pointer (&indexer));
        }
      else
        break;
    }
  return node;
}

static FpNode *
parse_unary (Parser *parser)
{
  if (!is_symbol (parser, "-") && !is_symbol (parser, "+"))
    return parse_postfix (parser);
  if (parser->depth >= ANX_FHIRPATH_MAX_NESTING)
    return fail (parser, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("the expression is nested too deeply"));
  const FpToken *token = parser->at++;
  parser->depth++;
  FpNode *operand = parse_unary (parser);
  parser->depth--;
  if (operand == NULL)
    return NULL;
  return bounded (parser, node_new (*token->text == '-' ? FP_NEGATE : FP_PLUS_SIGN, token->position, operand));
}

/* Takes @left and gives it back as the left side of an operator. */
static FpNode *
parse_operation (Parser *parser,
                 FpNode *left,
                 guint which)
{
  const FpToken *token = parser->at++;
  gboolean typed = operators[which].op == FP_OP_NONE;
  g_autoptr (FpNode) node = node_new (!typed                ? FP_OPERATOR
                                      : *token->text == 'i' ? FP_IS
                                                            : FP_AS,
                                      token->position, left);
  node->op = operators[which].op;
  if (typed)
    {
      if (!parse_type (parser, node))
        return NULL;
    }
  else
    {
      FpNode *right = parse_expression (parser, operators[which].precedence + 1);
      if (right == NULL)
        return NULL;
      add_argument (node, right);
    }
  return bounded (parser, g_steal_pointer (&node));
}

static int
find_operator (const FpToken *token)
{
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (token->type == (operators[i].word ? FP_TOKEN_IDENTIFIER : FP_TOKEN_SYMBOL) &&
        strcmp (token->text, operators[i].text) == 0)
      return (int) i;
  return -1;
}

static FpNode *
parse_expression (Parser *parser,
                  Precedence least)
{
  if (parser->depth >= ANX_FHIRPATH_MAX_NESTING)
    return fail (parser, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("the expression is nested too deeply"));
  parser->depth++;
  FpNode *node = parse_unary (parser);
  for (int which; node != NULL && (which = find_operator (parser->at)) >= 0 && operators[which].precedence >= least;)
    node = parse_operation (parser, node, (guint) which);
  parser->depth--;
  return node;
}

/* The tree of @text, whose length is bounded already. */
FpNode *
anx_fhirpath_parse (const char *text,
                    GError **error)
{
  GError *local = NULL;
  g_autoptr (GArray) tokens = anx_fhirpath_tokenize (text, error);
  if (tokens == NULL)
    return NULL;
  Parser parser = { .at = (const FpToken *) (gpointer) tokens->data, .error = &local };
  g_autoptr (FpNode) node = parse_expression (&parser, PRECEDENCE_IMPLIES);
  if (node != NULL && parser.at->type != FP_TOKEN_END)
    {
      g_clear_pointer (&node, anx_fhirpath_node_free);
      if (parser.at->type == FP_TOKEN_IDENTIFIER)
        {
          g_autofree char *message = g_strdup_printf (_ ("“%.40s” is no operator"), parser.at->text);
          fail (&parser, ANX_FHIRPATH_ERROR_UNSUPPORTED, message);
        }
      else
        syntax (&parser, _ ("an operator or the end is missing"));
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return g_steal_pointer (&node);
}
