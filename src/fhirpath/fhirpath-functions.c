/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhir-types.h"
#include "fhirpath-private.h"

/* Functions on collections: existence, filtering, subsetting, combining, aggregates, the tree, FHIR's and SDC's own. */

static AnxFhirpathCollection *
boolean (gboolean value)
{
  return anx_fhirpath_collection_new_boolean (value);
}

static AnxFhirpathCollection *
nothing (void)
{
  return anx_fhirpath_collection_new_empty ();
}

static AnxFhirpathItem *
item_at (AnxFhirpathCollection *collection,
         guint index)
{
  return collection->items->pdata[index];
}

static void
add (GPtrArray *out,
     AnxFhirpathItem *item)
{
  g_ptr_array_add (out, anx_fhirpath_item_ref (item));
}

static AnxFhirpathCollection *
part (FpCall *call,
      guint start,
      guint end)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = start; i < MIN (end, call->input->items->len); i++)
    add (out, item_at (call->input, i));
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

/* The criteria of a lazy argument for one item. */
static gboolean
criteria (FpCall *call,
          guint index,
          AnxFhirpathTruth *out_truth)
{
  g_autoptr (AnxFhirpathCollection) result =
      anx_fhirpath_eval_item (call, 0, item_at (call->input, index), index, NULL);
  return anx_fhirpath_truth (call->run, call->node, result, out_truth);
}

/* ---- Existence ---- */

static AnxFhirpathCollection *
fn_empty (FpCall *call)
{
  return boolean (call->input->items->len == 0);
}

static AnxFhirpathCollection *
fn_exists (FpCall *call)
{
  if (call->node->n_arguments == 0)
    return boolean (call->input->items->len > 0);
  for (guint i = 0; i < call->input->items->len; i++)
    {
      AnxFhirpathTruth truth;
      if (!criteria (call, i, &truth))
        return NULL;
      if (truth == ANX_FHIRPATH_TRUE)
        return boolean (TRUE);
    }
  return boolean (FALSE);
}

static AnxFhirpathCollection *
fn_all (FpCall *call)
{
  for (guint i = 0; i < call->input->items->len; i++)
    {
      AnxFhirpathTruth truth;
      if (!criteria (call, i, &truth))
        return NULL;
      if (truth != ANX_FHIRPATH_TRUE)
        return boolean (FALSE);
    }
  return boolean (TRUE);
}

/* Whether one item is @wanted; every item must be a boolean. */
static gboolean
any_is (FpCall *call,
        gboolean wanted,
        gboolean *out_found)
{
  *out_found = FALSE;
  for (guint i = 0; i < call->input->items->len; i++)
    {
      gboolean value;
      if (!anx_fhirpath_item_get_boolean (item_at (call->input, i), &value))
        {
          anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes booleans only",
                             call->node->function->name);
          return FALSE;
        }
      *out_found = *out_found || !value == !wanted;
    }
  return TRUE;
}

static AnxFhirpathCollection *
fn_all_true (FpCall *call)
{
  gboolean found;
  return any_is (call, FALSE, &found) ? boolean (!found) : NULL;
}

static AnxFhirpathCollection *
fn_any_true (FpCall *call)
{
  gboolean found;
  return any_is (call, TRUE, &found) ? boolean (found) : NULL;
}

static AnxFhirpathCollection *
fn_all_false (FpCall *call)
{
  gboolean found;
  return any_is (call, TRUE, &found) ? boolean (!found) : NULL;
}

static AnxFhirpathCollection *
fn_any_false (FpCall *call)
{
  gboolean found;
  return any_is (call, FALSE, &found) ? boolean (found) : NULL;
}

static AnxFhirpathCollection *
fn_not (FpCall *call)
{
  AnxFhirpathTruth truth;
  if (!anx_fhirpath_truth (call->run, call->node, call->input, &truth))
    return NULL;
  return truth == ANX_FHIRPATH_UNKNOWN ? nothing () : boolean (truth == ANX_FHIRPATH_FALSE);
}

static AnxFhirpathCollection *
all_within (FpCall *call,
            AnxFhirpathCollection *small,
            AnxFhirpathCollection *large)
{
  for (guint i = 0; i < small->items->len; i++)
    {
      gboolean found;
      if (!anx_fhirpath_contains (call->run, call->node, large->items, item_at (small, i), &found))
        return NULL;
      if (!found)
        return boolean (FALSE);
    }
  return boolean (TRUE);
}

static AnxFhirpathCollection *
fn_subset_of (FpCall *call)
{
  return all_within (call, call->input, call->arguments[0]);
}

static AnxFhirpathCollection *
fn_superset_of (FpCall *call)
{
  return all_within (call, call->arguments[0], call->input);
}

static AnxFhirpathCollection *
fn_count (FpCall *call)
{
  return anx_fhirpath_collection_new_integer (call->input->items->len);
}

/* Adds to @out what it does not have yet. */
static gboolean
add_distinct (FpCall *call,
              AnxFhirpathCollection *from,
              GPtrArray *out)
{
  for (guint i = 0; i < from->items->len; i++)
    {
      gboolean found;
      if (!anx_fhirpath_contains (call->run, call->node, out, item_at (from, i), &found))
        return FALSE;
      if (!found)
        add (out, item_at (from, i));
    }
  return TRUE;
}

static AnxFhirpathCollection *
fn_distinct (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  if (!add_distinct (call, call->input, out))
    return NULL;
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_is_distinct (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  return add_distinct (call, call->input, out) ? boolean (out->len == call->input->items->len) : NULL;
}

/* ---- Filtering and projection ---- */

static AnxFhirpathCollection *
fn_where (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      AnxFhirpathTruth truth;
      if (!criteria (call, i, &truth))
        return NULL;
      if (truth == ANX_FHIRPATH_TRUE)
        add (out, item_at (call->input, i));
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_select (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_eval_item (call, 0, item_at (call->input, i), i, NULL);
      if (result == NULL)
        return NULL;
      for (guint k = 0; k < result->items->len; k++)
        add (out, item_at (result, k));
      if (out->len > ANX_FHIRPATH_MAX_ITEMS)
        break; /* finish() tells */
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_repeat (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len + out->len; i++)
    {
      AnxFhirpathItem *item =
          i < call->input->items->len ? item_at (call->input, i) : out->pdata[i - call->input->items->len];
      g_autoptr (AnxFhirpathItem) held = anx_fhirpath_item_ref (item);
      g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_eval_item (call, 0, held, i, NULL);
      if (result == NULL || !add_distinct (call, result, out))
        return NULL;
      if (out->len > ANX_FHIRPATH_MAX_ITEMS)
        break;
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_of_type (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    if (anx_fhirpath_item_is (item_at (call->input, i), call->node->space, call->node->name, TRUE))
      add (out, item_at (call->input, i));
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
type_test (FpCall *call,
           gboolean as)
{
  if (call->input->items->len == 0)
    return nothing ();
  if (call->input->items->len > 1)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "several values where one is allowed");
  gboolean is = anx_fhirpath_item_is (item_at (call->input, 0), call->node->space, call->node->name, as);
  if (!as)
    return boolean (is);
  return is ? anx_fhirpath_collection_ref (call->input) : nothing ();
}

static AnxFhirpathCollection *
fn_is (FpCall *call)
{
  return type_test (call, FALSE);
}

static AnxFhirpathCollection *
fn_as (FpCall *call)
{
  return type_test (call, TRUE);
}

/* ---- Subsetting ---- */

static AnxFhirpathCollection *
fn_single (FpCall *call)
{
  if (call->input->items->len > 1)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "single() on several values");
  return anx_fhirpath_collection_ref (call->input);
}

static AnxFhirpathCollection *
fn_first (FpCall *call)
{
  return part (call, 0, 1);
}

static AnxFhirpathCollection *
fn_last (FpCall *call)
{
  guint n = call->input->items->len;
  return part (call, n > 0 ? n - 1 : 0, n);
}

static AnxFhirpathCollection *
fn_tail (FpCall *call)
{
  return part (call, 1, G_MAXUINT);
}

static gboolean
whole_argument (FpCall *call,
                guint index,
                gboolean *out_given,
                gint64 *out_value)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!anx_fhirpath_single (call->run, call->node, call->arguments[index], &value))
    return FALSE;
  *out_given = value != NULL;
  if (value == NULL)
    return TRUE;
  if (value->type == ANX_FHIRPATH_INTEGER)
    {
      *out_value = value->of.integer;
      return TRUE;
    }
  anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes a whole number",
                     call->node->function->name);
  return FALSE;
}

static AnxFhirpathCollection *
fn_skip (FpCall *call)
{
  gboolean given;
  gint64 count;
  if (!whole_argument (call, 0, &given, &count))
    return NULL;
  return !given ? nothing () : part (call, (guint) CLAMP (count, 0, (gint64) G_MAXINT), G_MAXUINT);
}

static AnxFhirpathCollection *
fn_take (FpCall *call)
{
  gboolean given;
  gint64 count;
  if (!whole_argument (call, 0, &given, &count))
    return NULL;
  return !given ? nothing () : part (call, 0, (guint) CLAMP (count, 0, (gint64) G_MAXINT));
}

/* ---- Combining ---- */

static AnxFhirpathCollection *
fn_intersect (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      gboolean there, already;
      AnxFhirpathItem *item = item_at (call->input, i);
      if (!anx_fhirpath_contains (call->run, call->node, call->arguments[0]->items, item, &there) ||
          !anx_fhirpath_contains (call->run, call->node, out, item, &already))
        return NULL;
      if (there && !already)
        add (out, item);
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_exclude (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      gboolean there;
      if (!anx_fhirpath_contains (call->run, call->node, call->arguments[0]->items, item_at (call->input, i), &there))
        return NULL;
      if (!there)
        add (out, item_at (call->input, i));
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_union (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  if (!add_distinct (call, call->input, out) || !add_distinct (call, call->arguments[0], out))
    return NULL;
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_combine (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    add (out, item_at (call->input, i));
  for (guint i = 0; i < call->arguments[0]->items->len; i++)
    add (out, item_at (call->arguments[0], i));
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

/* ---- Choosing and aggregating ---- */

static AnxFhirpathCollection *
fn_iif (FpCall *call)
{
  if (call->node->left != NULL && call->input->items->len > 1)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "iif() on several values");
  FpScope scope = *call->scope;
  if (call->node->left != NULL)
    scope.self = call->input;
  g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_eval (&scope, call->node->arguments[0]);
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!anx_fhirpath_single (call->run, call->node, result, &value))
    return NULL;
  if (value != NULL && value->type != ANX_FHIRPATH_BOOLEAN)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "iif() needs true or false");
  if (value != NULL && value->of.boolean)
    return anx_fhirpath_eval (&scope, call->node->arguments[1]);
  return call->node->n_arguments == 3 ? anx_fhirpath_eval (&scope, call->node->arguments[2]) : nothing ();
}

static AnxFhirpathCollection *
fn_aggregate (FpCall *call)
{
  g_autoptr (AnxFhirpathCollection) total = call->node->n_arguments == 2
                                                ? anx_fhirpath_collection_ref (call->arguments[1])
                                                : anx_fhirpath_collection_new_empty ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      AnxFhirpathCollection *next = anx_fhirpath_eval_item (call, 0, item_at (call->input, i), i, total);
      if (next == NULL)
        return NULL;
      anx_fhirpath_collection_unref (total);
      total = next;
    }
  return g_steal_pointer (&total);
}

/* Every item must have a value to count with: an element without one would silently fall out of a sum. */
static AnxFhirpathItem *
value_at (FpCall *call,
          guint index)
{
  AnxFhirpathItem *value = anx_fhirpath_item_dup_value (item_at (call->input, index));
  if (value == NULL)
    anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() on an element without a value",
                       call->node->function->name);
  return value;
}

static AnxFhirpathCollection *
fn_sum (FpCall *call)
{
  guint n = call->input->items->len;
  if (n == 0)
    return nothing ();
  g_autoptr (AnxFhirpathItem) total = value_at (call, 0);
  for (guint i = 1; i < n && total != NULL; i++)
    {
      g_autoptr (AnxFhirpathItem) value = value_at (call, i);
      g_autoptr (AnxFhirpathCollection) next =
          value != NULL ? anx_fhirpath_compute (call->run, call->node, FP_OP_PLUS, total, value) : NULL;
      if (next == NULL)
        return NULL;
      if (next->items->len == 0)
        return g_steal_pointer (&next);
      anx_fhirpath_item_unref (total);
      total = anx_fhirpath_item_ref (item_at (next, 0));
    }
  if (total == NULL)
    return NULL;
  AnxDecimal ignored;
  if (!anx_fhirpath_item_get_decimal (total, &ignored))
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes numbers",
                              call->node->function->name);
  return anx_fhirpath_collection_of (g_steal_pointer (&total));
}

static AnxFhirpathCollection *
fn_avg (FpCall *call)
{
  g_autoptr (AnxFhirpathCollection) sum = fn_sum (call);
  if (sum == NULL || sum->items->len == 0)
    return g_steal_pointer (&sum);
  g_autoptr (AnxFhirpathItem) count = anx_fhirpath_item_new_integer (call->input->items->len);
  return anx_fhirpath_compute (call->run, call->node, FP_OP_DIVIDE, item_at (sum, 0), count);
}

static AnxFhirpathCollection *
extreme (FpCall *call,
         AnxOrder wanted)
{
  guint n = call->input->items->len;
  if (n == 0)
    return nothing ();
  g_autoptr (AnxFhirpathItem) best = value_at (call, 0);
  for (guint i = 1; i < n && best != NULL; i++)
    {
      AnxOrder order;
      g_autoptr (AnxFhirpathItem) value = value_at (call, i);
      if (value == NULL || !anx_fhirpath_order (call->run, call->node, value, best, &order))
        return NULL;
      if (order == ANX_ORDER_UNKNOWN)
        return nothing ();
      if (order == wanted)
        {
          anx_fhirpath_item_unref (best);
          best = g_steal_pointer (&value);
        }
    }
  return best != NULL ? anx_fhirpath_collection_of (g_steal_pointer (&best)) : NULL;
}

static AnxFhirpathCollection *
fn_min (FpCall *call)
{
  return extreme (call, ANX_ORDER_LESS);
}

static AnxFhirpathCollection *
fn_max (FpCall *call)
{
  return extreme (call, ANX_ORDER_GREATER);
}

/* ---- The tree ---- */

static AnxFhirpathCollection *
fn_children (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    if (!anx_fhirpath_children (call->run, call->node, item_at (call->input, i), NULL, out))
      return NULL;
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static AnxFhirpathCollection *
fn_descendants (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    if (!anx_fhirpath_children (call->run, call->node, item_at (call->input, i), NULL, out))
      return NULL;
  for (guint i = 0; i < out->len && out->len <= ANX_FHIRPATH_MAX_ITEMS; i++)
    if (!anx_fhirpath_children (call->run, call->node, out->pdata[i], NULL, out))
      return NULL;
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

/* ---- FHIR ---- */

static AnxFhirpathCollection *
fn_extension (FpCall *call)
{
  g_autoptr (AnxFhirpathItem) url = NULL;
  if (!anx_fhirpath_single (call->run, call->node, call->arguments[0], &url))
    return NULL;
  if (url == NULL)
    return nothing ();
  if (url->type != ANX_FHIRPATH_STRING)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "extension() takes a text");
  g_autoptr (GPtrArray) all = anx_fhirpath_items_new ();
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    if (item_at (call->input, i)->type == ANX_FHIRPATH_NODE &&
        !anx_fhirpath_children (call->run, call->node, item_at (call->input, i), "extension", all))
      return NULL;
  for (guint i = 0; i < all->len; i++)
    {
      JsonNode *json = anx_fhirpath_item_get_node (all->pdata[i]);
      JsonNode *own = json != NULL && JSON_NODE_HOLDS_OBJECT (json)
                          ? json_object_get_member (json_node_get_object (json), "url")
                          : NULL;
      if (own != NULL && JSON_NODE_HOLDS_VALUE (own) && g_strcmp0 (json_node_get_string (own), url->of.string) == 0)
        add (out, all->pdata[i]);
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

static gboolean
has_value (FpCall *call)
{
  if (call->input->items->len != 1)
    return FALSE;
  AnxFhirpathItem *item = item_at (call->input, 0);
  return item->type != ANX_FHIRPATH_NODE || (item->of.node.json != NULL && JSON_NODE_HOLDS_VALUE (item->of.node.json));
}

static AnxFhirpathCollection *
fn_has_value (FpCall *call)
{
  return boolean (has_value (call));
}

static AnxFhirpathCollection *
fn_get_value (FpCall *call)
{
  return has_value (call) ? anx_fhirpath_collection_of (anx_fhirpath_item_dup_value (item_at (call->input, 0)))
                          : nothing ();
}

/* {namespace, name}, as FHIRPath's reflection has it. */
static AnxFhirpathCollection *
fn_type (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      AnxFhirpathItem *item = item_at (call->input, i);
      const char *name = anx_fhirpath_item_get_type_name (item);
      if (!anx_fhirpath_charge (call->run, call->node, 512))
        return NULL;
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "namespace", item->type == ANX_FHIRPATH_NODE ? "FHIR" : "System");
      if (name != NULL)
        json_object_set_string_member (object, "name", name);
      JsonNode *json = json_node_init (json_node_alloc (), JSON_NODE_OBJECT);
      json_node_take_object (json, object);
      g_ptr_array_add (out, anx_fhirpath_item_new_node (json, NULL, NULL, NULL));
      json_node_unref (json);
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

/* ---- Utility ---- */

static AnxFhirpathCollection *
fn_trace (FpCall *call)
{
  g_autoptr (AnxFhirpathItem) name = NULL;
  if (!anx_fhirpath_single (call->run, call->node, call->arguments[0], &name))
    return NULL;
  if (name == NULL || name->type != ANX_FHIRPATH_STRING)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "trace() takes a name");
  if (call->node->n_arguments == 1)
    anx_fhirpath_env_trace (call->run->env, name->of.string, call->input);
  for (guint i = 0; i < call->input->items->len && call->node->n_arguments == 2; i++)
    {
      g_autoptr (AnxFhirpathCollection) projected = anx_fhirpath_eval_item (call, 1, item_at (call->input, i), i, NULL);
      if (projected == NULL)
        return NULL;
      anx_fhirpath_env_trace (call->run->env, name->of.string, projected);
    }
  return anx_fhirpath_collection_ref (call->input);
}

static gboolean
get_now (FpCall *call,
         AnxTemporal *out_now)
{
  if (anx_fhirpath_env_get_now (call->run->env, out_now))
    return TRUE;
  anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNDEFINED, "%s() without a time to tell",
                     call->node->function->name);
  return FALSE;
}

static AnxFhirpathCollection *
fn_now (FpCall *call)
{
  AnxTemporal now;
  return get_now (call, &now) ? anx_fhirpath_collection_of (anx_fhirpath_item_new_temporal (&now)) : NULL;
}

static AnxFhirpathCollection *
fn_today (FpCall *call)
{
  AnxTemporal now;
  if (!get_now (call, &now))
    return NULL;
  now = anx_temporal_to_date (&now);
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_temporal (&now));
}

static AnxFhirpathCollection *
fn_time_of_day (FpCall *call)
{
  AnxTemporal now;
  if (!get_now (call, &now))
    return NULL;
  AnxTemporal time = { .kind = ANX_TEMPORAL_TIME,
                       .precision = now.precision,
                       .year = 1,
                       .month = 1,
                       .day = 1,
                       .hour = now.hour,
                       .minute = now.minute,
                       .second = now.second,
                       .nanosecond = now.nanosecond,
                       .fraction_digits = now.fraction_digits };
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_temporal (&time));
}

/* The weight that a Coding carries itself, in an extension of FHIR or of SDC. */
static gboolean
own_weight (FpCall *call,
            AnxFhirpathItem *item,
            double *out_weight)
{
  static const char *const urls[] = { "http://hl7.org/fhir/StructureDefinition/itemWeight",
                                      "http://hl7.org/fhir/StructureDefinition/ordinalValue",
                                      "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue" };
  g_autoptr (GPtrArray) extensions = anx_fhirpath_items_new ();
  if (item->type != ANX_FHIRPATH_NODE || !anx_fhirpath_children (call->run, call->node, item, "extension", extensions))
    return FALSE;
  for (guint i = 0; i < extensions->len; i++)
    {
      JsonNode *json = anx_fhirpath_item_get_node (extensions->pdata[i]);
      if (json == NULL || !JSON_NODE_HOLDS_OBJECT (json))
        continue;
      JsonNode *url = json_object_get_member (json_node_get_object (json), "url");
      JsonNode *value = json_object_get_member (json_node_get_object (json), "valueDecimal");
      if (url == NULL || value == NULL || !JSON_NODE_HOLDS_VALUE (url) || !JSON_NODE_HOLDS_VALUE (value) ||
          json_node_get_value_type (url) != G_TYPE_STRING ||
          (json_node_get_value_type (value) != G_TYPE_DOUBLE && json_node_get_value_type (value) != G_TYPE_INT64))
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (urls); k++)
        if (strcmp (json_node_get_string (url), urls[k]) == 0)
          {
            *out_weight = json_node_get_double (value);
            return TRUE;
          }
    }
  return FALSE;
}

static AnxFhirpathCollection *
fn_weight (FpCall *call)
{
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < call->input->items->len; i++)
    {
      double weight;
      gboolean has_host;
      AnxDecimal decimal;
      AnxFhirpathItem *item = item_at (call->input, i);
      gboolean found =
          anx_fhirpath_env_get_weight (call->run->env, item, &weight, &has_host) || own_weight (call, item, &weight);
      if (!found && !has_host)
        return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNDEFINED, "%s() without weights",
                                  call->node->function->name);
      if (found && !anx_decimal_from_double (weight, &decimal))
        return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "a weight that is no number");
      if (found)
        g_ptr_array_add (out, anx_fhirpath_item_new_decimal (decimal));
    }
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

#define LAZY(i) (1u << (i))

const FpFunction anx_fhirpath_collection_functions[] = {
  { "empty", 0, 0, 0, 0, fn_empty },
  { "exists", 0, 1, LAZY (0), 0, fn_exists },
  { "all", 1, 1, LAZY (0), 0, fn_all },
  { "allTrue", 0, 0, 0, 0, fn_all_true },
  { "anyTrue", 0, 0, 0, 0, fn_any_true },
  { "allFalse", 0, 0, 0, 0, fn_all_false },
  { "anyFalse", 0, 0, 0, 0, fn_any_false },
  { "not", 0, 0, 0, 0, fn_not },
  { "subsetOf", 1, 1, 0, 0, fn_subset_of },
  { "supersetOf", 1, 1, 0, 0, fn_superset_of },
  { "count", 0, 0, 0, 0, fn_count },
  { "distinct", 0, 0, 0, 0, fn_distinct },
  { "isDistinct", 0, 0, 0, 0, fn_is_distinct },
  { "where", 1, 1, LAZY (0), 0, fn_where },
  { "select", 1, 1, LAZY (0), 0, fn_select },
  { "repeat", 1, 1, LAZY (0), 0, fn_repeat },
  { "ofType", 1, 1, 0, 1, fn_of_type },
  { "is", 1, 1, 0, 1, fn_is },
  { "as", 1, 1, 0, 1, fn_as },
  { "single", 0, 0, 0, 0, fn_single },
  { "first", 0, 0, 0, 0, fn_first },
  { "last", 0, 0, 0, 0, fn_last },
  { "tail", 0, 0, 0, 0, fn_tail },
  { "skip", 1, 1, 0, 0, fn_skip },
  { "take", 1, 1, 0, 0, fn_take },
  { "intersect", 1, 1, 0, 0, fn_intersect },
  { "exclude", 1, 1, 0, 0, fn_exclude },
  { "union", 1, 1, 0, 0, fn_union },
  { "combine", 1, 1, 0, 0, fn_combine },
  { "iif", 2, 3, LAZY (0) | LAZY (1) | LAZY (2), 0, fn_iif },
  { "aggregate", 1, 2, LAZY (0), 0, fn_aggregate },
  { "sum", 0, 0, 0, 0, fn_sum },
  { "avg", 0, 0, 0, 0, fn_avg },
  { "min", 0, 0, 0, 0, fn_min },
  { "max", 0, 0, 0, 0, fn_max },
  { "children", 0, 0, 0, 0, fn_children },
  { "descendants", 0, 0, 0, 0, fn_descendants },
  { "extension", 1, 1, 0, 0, fn_extension },
  { "hasValue", 0, 0, 0, 0, fn_has_value },
  { "getValue", 0, 0, 0, 0, fn_get_value },
  { "type", 0, 0, 0, 0, fn_type },
  { "trace", 1, 2, LAZY (1), 0, fn_trace },
  { "now", 0, 0, 0, 0, fn_now },
  { "today", 0, 0, 0, 0, fn_today },
  { "timeOfDay", 0, 0, 0, 0, fn_time_of_day },
  { "weight", 0, 0, 0, 0, fn_weight },
  { "ordinal", 0, 0, 0, 0, fn_weight },
  { NULL },
};

const FpFunction *
anx_fhirpath_function_find (const char *name)
{
  static const FpFunction *const tables[] = { anx_fhirpath_collection_functions, anx_fhirpath_value_functions,
                                              anx_fhirpath_string_functions, anx_fhirpath_draft_functions };
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const FpFunction *function = tables[i]; function->name != NULL; function++)
      if (strcmp (function->name, name) == 0)
        return function;
  return NULL;
}
