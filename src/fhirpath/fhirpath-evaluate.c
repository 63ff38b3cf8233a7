/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhir-types.h"
#include "fhirpath-private.h"

/*
 * The tree is walked anew for each item. Every visit, item and comparison is charged to the run, so that no expression
 * can take more than its bounds, whatever the data. The first error stays; from then on everything returns NULL.
 */

/* Always NULL. */
AnxFhirpathCollection *
anx_fhirpath_fail (FpRun *run,
                   const FpNode *node,
                   AnxFhirpathError code,
                   const char *format,
                   ...)
{
  if (run->error != NULL)
    return NULL;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (&run->error, ANX_FHIRPATH_ERROR, code, "Character %u: %s", node->position, message);
  return NULL;
}

/* One step, and memory for what it makes. FALSE when something went wrong, now or before. */
gboolean
anx_fhirpath_charge (FpRun *run,
                     const FpNode *node,
                     gsize bytes)
{
  run->steps++;
  run->bytes += bytes;
  if (run->steps > ANX_FHIRPATH_MAX_STEPS)
    anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "more than %d steps", ANX_FHIRPATH_MAX_STEPS);
  else if (run->bytes > ANX_FHIRPATH_MAX_MEMORY_BYTES)
    anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "more than %d bytes", ANX_FHIRPATH_MAX_MEMORY_BYTES);
  return run->error == NULL;
}

/* Takes @items and makes them a collection. */
AnxFhirpathCollection *
anx_fhirpath_finish (FpRun *run,
                     const FpNode *node,
                     GPtrArray *items)
{
  if (items->len > ANX_FHIRPATH_MAX_ITEMS)
    anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "a collection of more than %d items",
                       ANX_FHIRPATH_MAX_ITEMS);
  if (anx_fhirpath_charge (run, node, sizeof (AnxFhirpathCollection) + items->len * sizeof (gpointer)))
    return anx_fhirpath_collection_take (items);
  g_ptr_array_unref (items);
  return NULL;
}

/* Three-valued; one item that is no boolean counts as true (FHIRPath 2.0.0 section 4.5). */
gboolean
anx_fhirpath_truth (FpRun *run,
                    const FpNode *node,
                    AnxFhirpathCollection *collection,
                    AnxFhirpathTruth *out_truth)
{
  if (collection == NULL)
    return FALSE;
  if (anx_fhirpath_collection_to_truth (collection, out_truth, NULL))
    return TRUE;
  anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "several values where true or false is needed");
  return FALSE;
}

AnxFhirpathCollection *
anx_fhirpath_of_truth (AnxFhirpathTruth truth)
{
  return truth == ANX_FHIRPATH_UNKNOWN ? anx_fhirpath_collection_new_empty ()
                                       : anx_fhirpath_collection_new_boolean (truth == ANX_FHIRPATH_TRUE);
}

/* The plain value of the only item, or NULL for none; (transfer full). FALSE for several. An element without a value
 * stays itself. */
gboolean
anx_fhirpath_single (FpRun *run,
                     const FpNode *node,
                     AnxFhirpathCollection *collection,
                     AnxFhirpathItem **out_item)
{
  *out_item = NULL;
  if (collection == NULL)
    return FALSE;
  if (collection->items->len > 1)
    {
      anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "several values where one is allowed");
      return FALSE;
    }
  if (collection->items->len == 1)
    {
      AnxFhirpathItem *item = collection->items->pdata[0];
      *out_item = anx_fhirpath_item_dup_value (item);
      if (*out_item == NULL)
        *out_item = anx_fhirpath_item_ref (item);
    }
  return TRUE;
}

/* ---- Elements ---- */

static gboolean
add_json (FpRun *run,
          const FpNode *node,
          AnxFhirpathItem *parent,
          JsonNode *json,
          JsonNode *extra,
          const char *type,
          gboolean open,
          GPtrArray *out)
{
  guint n = json != NULL && JSON_NODE_HOLDS_ARRAY (json) ? json_array_get_length (json_node_get_array (json)) : 0;
  guint n_extra =
      extra != NULL && JSON_NODE_HOLDS_ARRAY (extra) ? json_array_get_length (json_node_get_array (extra)) : 0;
  gboolean repeats = (json != NULL && JSON_NODE_HOLDS_ARRAY (json)) || (extra != NULL && JSON_NODE_HOLDS_ARRAY (extra));
  for (guint i = 0; i < (repeats ? MAX (n, n_extra) : 1); i++)
    {
      JsonNode *one = !repeats ? json : i < n ? json_array_get_element (json_node_get_array (json), i) : NULL;
      JsonNode *beside = !repeats      ? extra
                         : i < n_extra ? json_array_get_element (json_node_get_array (extra), i)
                                       : NULL;
      if (one != NULL && (JSON_NODE_HOLDS_NULL (one) || JSON_NODE_HOLDS_ARRAY (one)))
        one = NULL;
      if (beside != NULL && !JSON_NODE_HOLDS_OBJECT (beside))
        beside = NULL;
      if (one == NULL && beside == NULL)
        continue;
      if (!anx_fhirpath_charge (run, node, sizeof (AnxFhirpathItem)))
        return FALSE;
      if (out->len >= ANX_FHIRPATH_MAX_ITEMS)
        return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "a collection of more than %d items",
                                  ANX_FHIRPATH_MAX_ITEMS) != NULL;
      AnxFhirpathItem *child = anx_fhirpath_item_new_node (one, beside, type, parent);
      child->of.node.open = open;
      g_ptr_array_add (out, child);
    }
  return TRUE;
}

static JsonNode *
extra_of (JsonObject *object,
          const char *member)
{
  g_autofree char *name = g_strconcat ("_", member, NULL);
  return json_object_get_member (object, name);
}

/* The member of a choice: @name and a type at its end. */
static const char *
find_choice (JsonObject *object,
             const char *name,
             const char **out_type)
{
  gsize length = strlen (name);
  JsonObjectIter iter;
  const char *member;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, NULL))
    {
      if (*member == '_')
        member++;
      if (strncmp (member, name, length) == 0 && member[length] != '\0' &&
          (*out_type = anx_fhir_type_find_choice (member + length)) != NULL)
        return member;
    }
  return NULL;
}

/* Whether this item's type is known to have no such element. */
static gboolean
is_unknown_element (AnxFhirpathItem *item,
                    const char *name)
{
  const char *type;
  gboolean choice;
  if (item->type != ANX_FHIRPATH_NODE)
    return item->type != ANX_FHIRPATH_QUANTITY || (strcmp (name, "value") != 0 && strcmp (name, "unit") != 0);
  return !item->of.node.open && anx_fhir_type_is_closed (item->of.node.name) &&
         !anx_fhir_type_has_element (item->of.node.name, name, &type, &choice);
}

static gboolean
add_named (FpRun *run,
           const FpNode *node,
           AnxFhirpathItem *item,
           JsonObject *object,
           const char *name,
           GPtrArray *out)
{
  const char *type = NULL;
  gboolean choice = FALSE;
  gboolean known = anx_fhir_type_has_element (item->of.node.name, name, &type, &choice);
  if (!known && anx_fhir_type_is_closed (item->of.node.name))
    return TRUE;
  JsonNode *json = choice ? NULL : json_object_get_member (object, name);
  JsonNode *extra = choice ? NULL : extra_of (object, name);
  if (json == NULL && extra == NULL && (choice || !known))
    {
      const char *member = find_choice (object, name, &type);
      if (member == NULL)
        return TRUE;
      json = json_object_get_member (object, member);
      extra = extra_of (object, member);
    }
  return (json == NULL && extra == NULL) ||
         add_json (run, node, item, json, extra, type, choice || (known && type == NULL), out);
}

static gboolean
add_all (FpRun *run,
         const FpNode *node,
         AnxFhirpathItem *item,
         JsonObject *object,
         GPtrArray *out)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *json;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &member, &json))
    {
      const char *type = NULL;
      gboolean choice, alone = *member == '_';
      if (strcmp (member, "resourceType") == 0 || (alone && json_object_has_member (object, member + 1)))
        continue;
      const char *name = alone ? member + 1 : member;
      if (!anx_fhir_type_has_element (item->of.node.name, name, &type, &choice))
        for (gsize length = strlen (name); type == NULL && length > 1; length--)
          {
            /* The member of a choice is its name and a type. */
            g_autofree char *stem = g_strndup (name, length - 1);
            const char *ignored;
            if (anx_fhir_type_has_element (item->of.node.name, stem, &ignored, &choice) && choice)
              type = anx_fhir_type_find_choice (name + length - 1);
          }
      if (!add_json (run, node, item, alone ? NULL : json, alone ? json : extra_of (object, name), type, TRUE, out))
        return FALSE;
    }
  return TRUE;
}

/* The children called @name, or all of them for NULL. */
gboolean
anx_fhirpath_children (FpRun *run,
                       const FpNode *node,
                       AnxFhirpathItem *item,
                       const char *name,
                       GPtrArray *out)
{
  if (!anx_fhirpath_charge (run, node, 0))
    return FALSE;
  if (item->type == ANX_FHIRPATH_QUANTITY && name != NULL)
    {
      if (strcmp (name, "value") == 0)
        g_ptr_array_add (out, anx_fhirpath_item_new_decimal (item->of.quantity.value));
      else if (strcmp (name, "unit") == 0)
        g_ptr_array_add (out, anx_fhirpath_item_new_string (item->of.quantity.unit));
      return TRUE;
    }
  if (item->type != ANX_FHIRPATH_NODE)
    return TRUE;
  JsonNode *json = item->of.node.json;
  if (json == NULL || !JSON_NODE_HOLDS_OBJECT (json))
    json = item->of.node.extra; /* of a primitive: its id and its extensions */
  if (json == NULL)
    return TRUE;
  JsonObject *object = json_node_get_object (json);
  return name != NULL ? add_named (run, node, item, object, name, out) : add_all (run, node, item, object, out);
}

static AnxFhirpathCollection *
eval_member (const FpScope *scope,
             const FpNode *node,
             AnxFhirpathCollection *input)
{
  FpRun *run = scope->run;
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  guint unknown = 0;
  for (guint i = 0; i < input->items->len; i++)
    {
      AnxFhirpathItem *item = input->items->pdata[i];
      /* An expression may begin with the type of its focus: Patient.name. */
      if (node->left == NULL && g_ascii_isupper (*node->name) && item->type == ANX_FHIRPATH_NODE &&
          anx_fhir_type_is_a (item->of.node.name, node->name))
        {
          g_ptr_array_add (out, anx_fhirpath_item_ref (item));
          continue;
        }
      unknown += is_unknown_element (item, node->name);
      if (!anx_fhirpath_children (run, node, item, node->name, out))
        return NULL;
    }
  /*
   * An element that no item's type has is a slip of the pen, and nothing would be a wrong answer. Where types can
   * differ, repeat (item | answer.item), one item's lack is none.
   */
  gboolean mixed = scope->mixed && (node->left == NULL || node->left->kind == FP_THIS);
  if (unknown > 0 && unknown == input->items->len && !mixed)
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "there is no element “%.40s” here", node->name);
  return anx_fhirpath_finish (run, node, g_steal_pointer (&out));
}

/* ---- Operators ---- */

static AnxFhirpathCollection *
eval_logic (const FpScope *scope,
            const FpNode *node)
{
  FpRun *run = scope->run;
  AnxFhirpathTruth a, b;
  g_autoptr (AnxFhirpathCollection) left = anx_fhirpath_eval (scope, node->left);
  if (!anx_fhirpath_truth (run, node, left, &a))
    return NULL;
  /* The right side need not be looked at when the left one decides. */
  if (node->op == FP_OP_AND && a == ANX_FHIRPATH_FALSE)
    return anx_fhirpath_of_truth (ANX_FHIRPATH_FALSE);
  if (node->op == FP_OP_OR && a == ANX_FHIRPATH_TRUE)
    return anx_fhirpath_of_truth (ANX_FHIRPATH_TRUE);
  if (node->op == FP_OP_IMPLIES && a == ANX_FHIRPATH_FALSE)
    return anx_fhirpath_of_truth (ANX_FHIRPATH_TRUE);
  g_autoptr (AnxFhirpathCollection) right = anx_fhirpath_eval (scope, node->arguments[0]);
  if (!anx_fhirpath_truth (run, node, right, &b))
    return NULL;
  AnxFhirpathTruth result = ANX_FHIRPATH_UNKNOWN;
  switch (node->op)
    {
    case FP_OP_AND:
      if (b == ANX_FHIRPATH_FALSE)
        result = ANX_FHIRPATH_FALSE;
      else if (a == ANX_FHIRPATH_TRUE && b == ANX_FHIRPATH_TRUE)
        result = ANX_FHIRPATH_TRUE;
      break;
    case FP_OP_OR:
      if (b == ANX_FHIRPATH_TRUE)
        result = ANX_FHIRPATH_TRUE;
      else if (a == ANX_FHIRPATH_FALSE && b == ANX_FHIRPATH_FALSE)
        result = ANX_FHIRPATH_FALSE;
      break;
    case FP_OP_XOR:
      if (a != ANX_FHIRPATH_UNKNOWN && b != ANX_FHIRPATH_UNKNOWN)
        result = a != b ? ANX_FHIRPATH_TRUE : ANX_FHIRPATH_FALSE;
      break;
    default: /* implies: @a is true or unknown */
      if (b == ANX_FHIRPATH_TRUE)
        result = ANX_FHIRPATH_TRUE;
      else if (a == ANX_FHIRPATH_TRUE)
        result = b;
      break;
    }
  return anx_fhirpath_of_truth (result);
}

static AnxFhirpathCollection *
eval_equality (FpRun *run,
               const FpNode *node,
               AnxFhirpathCollection *left,
               AnxFhirpathCollection *right)
{
  AnxFhirpathTruth truth;
  gboolean same, negated = node->op == FP_OP_NOT_EQUAL || node->op == FP_OP_NOT_EQUIVALENT;
  if (node->op == FP_OP_EQUAL || node->op == FP_OP_NOT_EQUAL)
    {
      if (!anx_fhirpath_collections_equal (run, node, left, right, &truth))
        return NULL;
    }
  else
    {
      if (!anx_fhirpath_collections_equivalent (run, node, left, right, &same))
        return NULL;
      truth = same ? ANX_FHIRPATH_TRUE : ANX_FHIRPATH_FALSE;
    }
  if (negated && truth != ANX_FHIRPATH_UNKNOWN)
    truth = truth == ANX_FHIRPATH_TRUE ? ANX_FHIRPATH_FALSE : ANX_FHIRPATH_TRUE;
  return anx_fhirpath_of_truth (truth);
}

static AnxFhirpathCollection *
eval_inequality (FpRun *run,
                 const FpNode *node,
                 AnxFhirpathCollection *left,
                 AnxFhirpathCollection *right)
{
  AnxOrder order;
  if (left->items->len > 1 || right->items->len > 1)
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "several values where one is allowed");
  if (left->items->len == 0 || right->items->len == 0)
    return anx_fhirpath_collection_new_empty ();
  if (!anx_fhirpath_order (run, node, left->items->pdata[0], right->items->pdata[0], &order))
    return NULL;
  if (order == ANX_ORDER_UNKNOWN)
    return anx_fhirpath_collection_new_empty ();
  gboolean holds = node->op == FP_OP_LESS            ? order < 0
                   : node->op == FP_OP_LESS_OR_EQUAL ? order <= 0
                   : node->op == FP_OP_GREATER       ? order > 0
                                                     : order >= 0;
  return anx_fhirpath_collection_new_boolean (holds);
}

static AnxFhirpathCollection *
eval_membership (FpRun *run,
                 const FpNode *node,
                 AnxFhirpathCollection *element,
                 AnxFhirpathCollection *collection)
{
  gboolean found;
  if (element->items->len == 0)
    return anx_fhirpath_collection_new_empty ();
  if (element->items->len > 1)
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "several values where one is allowed");
  if (!anx_fhirpath_contains (run, node, collection->items, element->items->pdata[0], &found))
    return NULL;
  return anx_fhirpath_collection_new_boolean (found);
}

/* Both sides, each item once. */
static AnxFhirpathCollection *
eval_union (FpRun *run,
            const FpNode *node,
            AnxFhirpathCollection *left,
            AnxFhirpathCollection *right)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  AnxFhirpathCollection *const sides[] = { left, right };
  for (guint s = 0; s < 2; s++)
    for (guint i = 0; i < sides[s]->items->len; i++)
      {
        gboolean found;
        if (!anx_fhirpath_contains (run, node, out, sides[s]->items->pdata[i], &found))
          return NULL;
        if (!found)
          g_ptr_array_add (out, anx_fhirpath_item_ref (sides[s]->items->pdata[i]));
      }
  return anx_fhirpath_finish (run, node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
eval_arithmetic (FpRun *run,
                 const FpNode *node,
                 AnxFhirpathCollection *left,
                 AnxFhirpathCollection *right)
{
  g_autoptr (AnxFhirpathItem) a = NULL;
  g_autoptr (AnxFhirpathItem) b = NULL;
  if (!anx_fhirpath_single (run, node, left, &a) || !anx_fhirpath_single (run, node, right, &b))
    return NULL;
  if (node->op != FP_OP_CONCATENATE && (a == NULL || b == NULL))
    return anx_fhirpath_collection_new_empty ();
  return anx_fhirpath_compute (run, node, node->op, a, b);
}

static AnxFhirpathCollection *
eval_operator (const FpScope *scope,
               const FpNode *node)
{
  FpRun *run = scope->run;
  if (node->op <= FP_OP_AND)
    return eval_logic (scope, node);
  g_autoptr (AnxFhirpathCollection) left = anx_fhirpath_eval (scope, node->left);
  g_autoptr (AnxFhirpathCollection) right = left != NULL ? anx_fhirpath_eval (scope, node->arguments[0]) : NULL;
  if (right == NULL)
    return NULL;
  switch (node->op)
    {
    case FP_OP_IN:
      return eval_membership (run, node, left, right);
    case FP_OP_CONTAINS:
      return eval_membership (run, node, right, left);
    case FP_OP_EQUAL:
    case FP_OP_NOT_EQUAL:
    case FP_OP_EQUIVALENT:
    case FP_OP_NOT_EQUIVALENT:
      return eval_equality (run, node, left, right);
    case FP_OP_LESS:
    case FP_OP_LESS_OR_EQUAL:
    case FP_OP_GREATER:
    case FP_OP_GREATER_OR_EQUAL:
      return eval_inequality (run, node, left, right);
    case FP_OP_UNION:
      return eval_union (run, node, left, right);
    default:
      return eval_arithmetic (run, node, left, right);
    }
}

static AnxFhirpathCollection *
eval_sign (FpRun *run,
           const FpNode *node,
           AnxFhirpathCollection *operand)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  AnxDecimal decimal;
  if (!anx_fhirpath_single (run, node, operand, &value))
    return NULL;
  if (value == NULL)
    return anx_fhirpath_collection_new_empty ();
  if (!anx_fhirpath_item_get_decimal (value, &decimal))
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "a sign before something that is no number");
  if (node->kind == FP_PLUS_SIGN)
    return anx_fhirpath_collection_ref (operand);
  decimal = anx_decimal_negate (decimal);
  if (value->type == ANX_FHIRPATH_INTEGER)
    return anx_fhirpath_collection_new_integer (-value->of.integer);
  if (value->type == ANX_FHIRPATH_QUANTITY)
    return anx_fhirpath_collection_of (
        anx_fhirpath_item_new_quantity (decimal, value->of.quantity.unit, value->of.quantity.calendar));
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (decimal));
}

static AnxFhirpathCollection *
eval_indexer (const FpScope *scope,
              const FpNode *node,
              AnxFhirpathCollection *input)
{
  g_autoptr (AnxFhirpathCollection) index = anx_fhirpath_eval (scope, node->arguments[0]);
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!anx_fhirpath_single (scope->run, node, index, &value))
    return NULL;
  if (value != NULL && value->type != ANX_FHIRPATH_INTEGER)
    return anx_fhirpath_fail (scope->run, node, ANX_FHIRPATH_ERROR_VALUE, "an index must be a whole number");
  if (value == NULL || value->of.integer < 0 || value->of.integer >= input->items->len)
    return anx_fhirpath_collection_new_empty ();
  return anx_fhirpath_collection_of (anx_fhirpath_item_ref (input->items->pdata[value->of.integer]));
}

/* ---- Types, variables, calls ---- */

static AnxFhirpathCollection *
eval_type (FpRun *run,
           const FpNode *node,
           AnxFhirpathCollection *input)
{
  if (input->items->len == 0)
    return anx_fhirpath_collection_new_empty ();
  if (input->items->len > 1)
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "several values where one is allowed");
  gboolean is = anx_fhirpath_item_is (input->items->pdata[0], node->space, node->name, node->kind == FP_AS);
  if (node->kind == FP_IS)
    return anx_fhirpath_collection_new_boolean (is);
  return is ? anx_fhirpath_collection_ref (input) : anx_fhirpath_collection_new_empty ();
}

static AnxFhirpathCollection *
eval_variable (const FpScope *scope,
               const FpNode *node)
{
  AnxFhirpathCollection *value = anx_fhirpath_env_get_variable (scope->run->env, node->name);
  if (value != NULL)
    return value;
  if (strcmp (node->name, "context") == 0 || strcmp (node->name, "resource") == 0 ||
      strcmp (node->name, "rootResource") == 0)
    return anx_fhirpath_collection_ref (scope->run->root);
  return anx_fhirpath_fail (scope->run, node, ANX_FHIRPATH_ERROR_UNDEFINED, "the variable “%%%.40s” is not defined",
                            node->name);
}

static AnxFhirpathCollection *
eval_call (const FpScope *scope,
           const FpNode *node,
           AnxFhirpathCollection *input)
{
  FpCall call = { .scope = scope, .run = scope->run, .node = node, .input = input };
  AnxFhirpathCollection *result = NULL;
  gboolean failed = FALSE;
  call.mixed = strcmp (node->function->name, "repeat") == 0;
  for (guint i = 1; node->function->lazy != 0 && i < input->items->len && !call.mixed; i++)
    call.mixed = g_strcmp0 (anx_fhirpath_item_get_type_name (input->items->pdata[0]),
                            anx_fhirpath_item_get_type_name (input->items->pdata[i])) != 0;
  for (guint i = 0; i < node->n_arguments && !failed; i++)
    if (!(node->function->lazy & (1u << i)))
      failed = (call.arguments[i] = anx_fhirpath_eval (scope, node->arguments[i])) == NULL;
  if (!failed)
    result = node->function->func (&call);
  for (guint i = 0; i < node->n_arguments; i++)
    g_clear_pointer (&call.arguments[i], anx_fhirpath_collection_unref);
  if (scope->run->error != NULL)
    g_clear_pointer (&result, anx_fhirpath_collection_unref);
  return result;
}

/* NAME.where(ELEMENT = 'text'), by index where the data allow it. */
static AnxFhirpathCollection *
eval_pick (const FpScope *scope,
           const FpNode *node)
{
  const FpNode *member = node->left;
  if (!anx_fhirpath_charge (scope->run, member, 0))
    return NULL;
  g_autoptr (AnxFhirpathCollection) input =
      member->left != NULL ? anx_fhirpath_eval (scope, member->left) : anx_fhirpath_collection_ref (scope->self);
  if (input == NULL)
    return NULL;
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < input->items->len; i++)
    if (!anx_fhirpath_pick (scope->run, node, input->items->pdata[i], out))
      {
        g_autoptr (AnxFhirpathCollection) all = eval_member (scope, member, input);
        return all != NULL ? eval_call (scope, node, all) : NULL;
      }
  return anx_fhirpath_finish (scope->run, node, g_steal_pointer (&out));
}

/* A lazy argument of a call for one item: $this is @item, $index is @index, $total is @total. */
AnxFhirpathCollection *
anx_fhirpath_eval_item (FpCall *call,
                        guint argument,
                        AnxFhirpathItem *item,
                        gint64 index,
                        AnxFhirpathCollection *total)
{
  if (!anx_fhirpath_charge (call->run, call->node, sizeof (AnxFhirpathCollection)))
    return NULL;
  g_autoptr (AnxFhirpathCollection) self = anx_fhirpath_collection_of (anx_fhirpath_item_ref (item));
  FpScope scope = { .run = call->run,
                    .self = self,
                    .index = index,
                    .total = total != NULL ? total : call->scope->total,
                    .mixed = call->mixed };
  return anx_fhirpath_eval (&scope, call->node->arguments[argument]);
}

AnxFhirpathCollection *
anx_fhirpath_eval (const FpScope *scope,
                   const FpNode *node)
{
  FpRun *run = scope->run;
  if (!anx_fhirpath_charge (run, node, 0))
    return NULL;
  if (node->picks)
    return eval_pick (scope, node);
  switch (node->kind)
    {
    case FP_LITERAL:
      return anx_fhirpath_collection_ref (node->literal);
    case FP_THIS:
      return anx_fhirpath_collection_ref (scope->self);
    case FP_INDEX:
      return scope->index >= 0 ? anx_fhirpath_collection_new_integer (scope->index)
                               : anx_fhirpath_collection_new_empty ();
    case FP_TOTAL:
      return scope->total != NULL ? anx_fhirpath_collection_ref (scope->total) : anx_fhirpath_collection_new_empty ();
    case FP_VARIABLE:
      return eval_variable (scope, node);
    case FP_OPERATOR:
      return eval_operator (scope, node);
    case FP_MEMBER:
    case FP_CALL:
    case FP_INDEXER:
    case FP_NEGATE:
    case FP_PLUS_SIGN:
    case FP_IS:
    case FP_AS:
    default:
      break;
    }
  g_autoptr (AnxFhirpathCollection) input =
      node->left != NULL ? anx_fhirpath_eval (scope, node->left) : anx_fhirpath_collection_ref (scope->self);
  if (input == NULL)
    return NULL;
  switch (node->kind)
    {
    case FP_MEMBER:
      return eval_member (scope, node, input);
    case FP_CALL:
      return eval_call (scope, node, input);
    case FP_INDEXER:
      return eval_indexer (scope, node, input);
    case FP_NEGATE:
    case FP_PLUS_SIGN:
      return eval_sign (run, node, input);
    default:
      return eval_type (run, node, input);
    }
}
