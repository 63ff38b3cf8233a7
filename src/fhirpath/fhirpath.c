/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fhirpath.h"

#include <glib/gi18n.h>
#include <string.h>

#include "fhir-types.h"
#include "fhirpath-private.h"

struct _AnxFhirpath
{
  gatomicrefcount refs;
  char *text;
  FpNode *tree;
  char **variables;
};

static void
collect_variables (const FpNode *node,
                   GPtrArray *names)
{
  if (node == NULL)
    return;
  if (node->kind == FP_VARIABLE && !g_ptr_array_find_with_equal_func (names, node->name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (node->name));
  collect_variables (node->left, names);
  for (guint i = 0; i < node->n_arguments; i++)
    collect_variables (node->arguments[i], names);
}

/**
 * anx_fhirpath_compile:
 * @expression: FHIRPath in UTF-8, at most %ANX_FHIRPATH_MAX_TEXT_BYTES bytes
 * @error: return location: %ANX_FHIRPATH_ERROR_SYNTAX, %ANX_FHIRPATH_ERROR_UNSUPPORTED for an unknown function,
 * operator or type, %ANX_FHIRPATH_ERROR_TOO_LARGE. The message begins with "Character N:", counted in bytes from 1
 *
 * Returns: (transfer full) (nullable): the compiled expression
 */
AnxFhirpath *
anx_fhirpath_compile (const char *expression,
                      GError **error)
{
  g_return_val_if_fail (expression != NULL, NULL);
  if (strlen (expression) > ANX_FHIRPATH_MAX_TEXT_BYTES)
    {
      g_set_error (error, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_TOO_LARGE, _ ("The expression is longer than %d bytes"),
                   ANX_FHIRPATH_MAX_TEXT_BYTES);
      return NULL;
    }
  if (!g_utf8_validate (expression, -1, NULL))
    {
      g_set_error_literal (error, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_SYNTAX, _ ("The expression is not UTF-8"));
      return NULL;
    }
  FpNode *tree = anx_fhirpath_parse (expression, error);
  if (tree == NULL)
    return NULL;
  AnxFhirpath *self = g_new0 (AnxFhirpath, 1);
  g_atomic_ref_count_init (&self->refs);
  self->text = g_strdup (expression);
  self->tree = tree;
  GPtrArray *names = g_ptr_array_new ();
  collect_variables (tree, names);
  g_ptr_array_add (names, NULL);
  self->variables = (char **) g_ptr_array_free (names, FALSE);
  return self;
}

/**
 * anx_fhirpath_ref:
 * @self: an expression
 *
 * Returns: (transfer full): @self
 */
AnxFhirpath *
anx_fhirpath_ref (AnxFhirpath *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * anx_fhirpath_unref:
 * @self: (transfer full): an expression
 */
void
anx_fhirpath_unref (AnxFhirpath *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  anx_fhirpath_node_free (self->tree);
  g_strfreev (self->variables);
  g_free (self->text);
  g_free (self);
}

/**
 * anx_fhirpath_get_text:
 * @self: an expression
 *
 * Returns: (transfer none): what it was compiled from
 */
const char *
anx_fhirpath_get_text (AnxFhirpath *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->text;
}

/**
 * anx_fhirpath_get_variables:
 * @self: an expression
 *
 * For the static check of a questionnaire: each must be a variable of FHIR or SDC or defined by the questionnaire.
 *
 * Returns: (transfer none) (array zero-terminated=1): the %names that it reads, without "%", the fixed ones (ucum,
 * vs-…) included
 */
const char *const *
anx_fhirpath_get_variables (AnxFhirpath *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return (const char *const *) self->variables;
}

static gboolean
tree_calls (const FpNode *node,
            const char *function)
{
  if (node == NULL)
    return FALSE;
  if (node->kind == FP_CALL && strcmp (node->function->name, function) == 0)
    return TRUE;
  for (guint i = 0; i < node->n_arguments; i++)
    if (tree_calls (node->arguments[i], function))
      return TRUE;
  return tree_calls (node->left, function);
}

/**
 * anx_fhirpath_calls:
 * @self: an expression
 * @function: a function's name
 *
 * Returns: whether the expression calls it anywhere: one that calls now() has to be evaluated again when time goes on
 */
gboolean
anx_fhirpath_calls (AnxFhirpath *self,
                    const char *function)
{
  g_return_val_if_fail (self != NULL && function != NULL, FALSE);
  return tree_calls (self->tree, function);
}

static const char *
tree_find_unknown (const FpNode *node)
{
  if (node == NULL)
    return NULL;
  const char *found = tree_find_unknown (node->left);
  if (found == NULL && node->kind == FP_MEMBER && !g_ascii_isupper (*node->name) && !anx_fhir_type_any_has_element (node->name))
    found = node->name;
  for (guint i = 0; found == NULL && i < node->n_arguments; i++)
    found = tree_find_unknown (node->arguments[i]);
  return found;
}

/**
 * anx_fhirpath_find_unknown:
 * @self: an expression
 *
 * F5 before there are data: what this finds is an error whenever it is met, or was meant for a type that is known by name only.
 *
 * Returns: (transfer none) (nullable): the first name in it that is an element of no type, `lnikId` or `valueCoding`; %NULL when there is none
 */
const char *
anx_fhirpath_find_unknown (AnxFhirpath *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return tree_find_unknown (self->tree);
}

/* The text that linkId must be equal to, when @node chooses items by nothing else. */
static const char *
find_link_id (const FpNode *node)
{
  if (node == NULL || !node->picks || strcmp (node->arguments[0]->left->name, "linkId") != 0)
    return NULL;
  return anx_fhirpath_collection_get (node->arguments[0]->arguments[0]->literal, 0)->of.string;
}

/* @next: what the value of @node goes into as the left side; (nullable). @after: the same of @next. */
static gboolean
tree_list_items (const FpNode *node,
                 const FpNode *next,
                 const FpNode *after,
                 GPtrArray *whole,
                 GPtrArray *through)
{
  static const char *const wide[] = { "children", "descendants", "repeat", "resolve", NULL };
  static const char *const narrow[] = { "context", "questionnaire", "ucum", "loinc", "sct", NULL };
  if (node == NULL)
    return TRUE;
  if (node->kind == FP_CALL && g_strv_contains (wide, node->function->name))
    return FALSE;
  if (node->kind == FP_VARIABLE && !g_strv_contains (narrow, node->name))
    {
      gboolean response = strcmp (node->name, "resource") == 0 || strcmp (node->name, "rootResource") == 0;
      if (!response || next == NULL || next->kind != FP_MEMBER)
        return FALSE;
    }
  if (node->kind == FP_MEMBER && strcmp (node->name, "item") == 0)
    {
      const char *link_id = find_link_id (next);
      if (link_id == NULL)
        return FALSE;
      gboolean inner = after != NULL && after->kind == FP_MEMBER && strcmp (after->name, "item") == 0;
      g_ptr_array_add (inner ? through : whole, (gpointer) link_id);
    }
  for (guint i = 0; i < node->n_arguments; i++)
    if (!tree_list_items (node->arguments[i], NULL, NULL, whole, through))
      return FALSE;
  return tree_list_items (node->left, node, next, whole, through);
}

/**
 * anx_fhirpath_list_items:
 * @self: an expression
 * @whole: (element-type utf8): gets the linkIds of items that are read with all that is in them, owned by @self
 * @through: (element-type utf8): gets the linkIds of items that only lead to items inside them
 *
 * For a host that evaluates again only what a changed answer concerns. An answer of an item that is neither the focus nor listed, nor inside one
 * of those that are listed in @whole, cannot change the result.
 *
 * Returns: whether this could be found out; %FALSE: every answer may matter
 */
gboolean
anx_fhirpath_list_items (AnxFhirpath *self,
                         GPtrArray *whole,
                         GPtrArray *through)
{
  g_return_val_if_fail (self != NULL && whole != NULL && through != NULL, FALSE);
  return tree_list_items (self->tree, NULL, NULL, whole, through);
}

/**
 * anx_fhirpath_evaluate:
 * @self: an expression
 * @focus: what paths start from, and $this outside an iteration
 * @env: (nullable): variables, time, weights; it remembers what was found out about arrays of the data (NAME.where(ELEMENT = 'text')), so what
 * was evaluated with it must not change while it lives
 * @error: return location: %ANX_FHIRPATH_ERROR_VALUE, %ANX_FHIRPATH_ERROR_UNDEFINED, %ANX_FHIRPATH_ERROR_UNSUPPORTED
 * (units), %ANX_FHIRPATH_ERROR_TOO_LARGE. The message begins with "Character N:" and never has a value of the data
 *
 * The same arguments always give the same result.
 *
 * Returns: (transfer full) (nullable): the result, possibly empty; %NULL on an error
 */
AnxFhirpathCollection *
anx_fhirpath_evaluate (AnxFhirpath *self,
                       AnxFhirpathCollection *focus,
                       AnxFhirpathEnv *env,
                       GError **error)
{
  g_return_val_if_fail (self != NULL && focus != NULL, NULL);
  FpRun run = { .env = env, .root = focus };
  FpScope scope = { .run = &run, .self = focus, .index = -1 };
  AnxFhirpathCollection *result = anx_fhirpath_eval (&scope, self->tree);
  if (run.error == NULL)
    {
      g_assert (result != NULL);
      return result;
    }
  g_clear_pointer (&result, anx_fhirpath_collection_unref);
  g_propagate_error (error, run.error);
  return NULL;
}

/**
 * anx_fhirpath_evaluate_node:
 * @self: an expression
 * @focus: (nullable) (transfer none): a resource or element; %NULL for nothing
 * @type_name: (nullable): its type, as in anx_fhirpath_collection_new_node()
 * @env: (nullable): as in anx_fhirpath_evaluate()
 * @error: return location, as there
 *
 * Returns: (transfer full) (nullable): the result
 */
AnxFhirpathCollection *
anx_fhirpath_evaluate_node (
    AnxFhirpath *self, JsonNode *focus, const char *type_name, AnxFhirpathEnv *env, GError **error)
{
  g_autoptr (AnxFhirpathCollection) collection =
      focus != NULL ? anx_fhirpath_collection_new_node (focus, type_name) : anx_fhirpath_collection_new_empty ();
  return anx_fhirpath_evaluate (self, collection, env, error);
}
