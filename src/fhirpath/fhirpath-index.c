/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhir-types.h"
#include "fhirpath-private.h"

/*
 * NAME.where(ELEMENT = 'text') without looking at each element: a form of a thousand items has hundreds of
 * item.where(linkId = '…'). An array is read once in the life of an environment, whatever the number of expressions;
 * that reading is not charged, the elements found are, so that what an expression may take does not depend on elements
 * it does not want. Where the data are not what their types promise, the long way is gone.
 */

struct _FpIndex
{
  JsonArray *array;
  GHashTable *places; /* text → GArray of guint; NULL: some element is not as it should be */
};

static void
index_free (gpointer data)
{
  FpIndex *self = data;
  json_array_unref (self->array);
  g_clear_pointer (&self->places, g_hash_table_unref);
  g_free (self);
}

/* The text of a member without extensions; FALSE when the member is anything else. NULL when it is not there. */
static gboolean
read_key (JsonNode *node, const char *element, const char *beside, const char **out_text)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  JsonNode *member = json_object_get_member (json_node_get_object (node), element);
  *out_text = NULL;
  if (json_object_has_member (json_node_get_object (node), beside))
    return FALSE;
  if (member == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (member) || json_node_get_value_type (member) != G_TYPE_STRING)
    return FALSE;
  *out_text = json_node_get_string (member);
  return TRUE;
}

static FpIndex *
index_new (JsonArray *array, const char *element)
{
  FpIndex *self = g_new0 (FpIndex, 1);
  self->array = json_array_ref (array);
  g_autofree char *beside = g_strconcat ("_", element, NULL);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *text;
      if (!read_key (json_array_get_element (array, i), element, beside, &text))
        return self;
      if (text == NULL)
        continue;
      GArray *found = g_hash_table_lookup (places, text);
      if (found == NULL)
        {
          found = g_array_new (FALSE, FALSE, sizeof (guint));
          g_hash_table_insert (places, g_strdup (text), found);
        }
      g_array_append_val (found, i);
    }
  self->places = g_steal_pointer (&places);
  return self;
}

/* Whether NAME leads to elements of one type, which has a text of that name that is compared as it stands. */
static const char *
find_type (AnxFhirpathItem *item, const char *name, const char *element)
{
  const char *type, *key_type;
  gboolean choice;
  if (!anx_fhir_type_has_element (item->of.node.name, name, &type, &choice) || choice || type == NULL
      || !anx_fhir_type_has_element (type, element, &key_type, &choice) || choice || key_type == NULL)
    return NULL;
  return strcmp (key_type, "string") == 0 || strcmp (key_type, "uri") == 0 || strcmp (key_type, "code") == 0 ? type
                                                                                                             : NULL;
}

/**
 * anx_fhirpath_pick:
 * @run: the evaluation
 * @node: a call that anx_fhirpath_node_picks()
 * @item: one item of what NAME is looked up in
 * @out: gets those elements of @item for which the criterion holds
 *
 * Returns: %FALSE when the long way has to be gone; @out is untouched then
 */
gboolean
anx_fhirpath_pick (FpRun *run, const FpNode *node, AnxFhirpathItem *item, GPtrArray *out)
{
  const FpNode *member = node->left, *criterion = node->arguments[0];
  const char *element = criterion->left->name;
  if (run->env == NULL || item->type != ANX_FHIRPATH_NODE || item->of.node.json == NULL
      || !JSON_NODE_HOLDS_OBJECT (item->of.node.json))
    return FALSE;
  const char *type = find_type (item, member->name, element);
  g_autofree char *beside = g_strconcat ("_", member->name, NULL);
  JsonObject *object = json_node_get_object (item->of.node.json);
  JsonNode *json = json_object_get_member (object, member->name);
  if (type == NULL || json_object_has_member (object, beside) || (json != NULL && !JSON_NODE_HOLDS_ARRAY (json)))
    return FALSE;
  if (json == NULL)
    return TRUE;
  JsonArray *array = json_node_get_array (json);
  GHashTable *indexes = anx_fhirpath_env_get_indexes (run->env, element);
  FpIndex *index = g_hash_table_lookup (indexes, array);
  if (index == NULL)
    {
      index = index_new (array, element);
      g_hash_table_insert (indexes, array, index);
    }
  if (index->places == NULL)
    return FALSE;
  GArray *places
      = g_hash_table_lookup (index->places,
                             ((AnxFhirpathItem *) criterion->arguments[0]->literal->items->pdata[0])->of.string);
  for (guint i = 0; places != NULL && i < places->len && anx_fhirpath_charge (run, node, sizeof (AnxFhirpathItem)); i++)
    g_ptr_array_add (out, anx_fhirpath_item_new_node (json_array_get_element (array, g_array_index (places, guint, i)),
                                                      NULL, type, item));
  return TRUE;
}

/**
 * anx_fhirpath_node_picks:
 * @node: a part of an expression
 *
 * Returns: whether it says NAME.where(ELEMENT = 'text') and nothing else
 */
gboolean
anx_fhirpath_node_picks (const FpNode *node)
{
  if (node->kind != FP_CALL || strcmp (node->function->name, "where") != 0 || node->left == NULL
      || node->left->kind != FP_MEMBER || g_ascii_isupper (*node->left->name))
    return FALSE;
  const FpNode *criterion = node->arguments[0];
  if (criterion->kind != FP_OPERATOR || criterion->op != FP_OP_EQUAL)
    return FALSE;
  const FpNode *element = criterion->left, *literal = criterion->arguments[0];
  return element->kind == FP_MEMBER && element->left == NULL && literal->kind == FP_LITERAL
         && literal->literal->items->len == 1
         && ((AnxFhirpathItem *) literal->literal->items->pdata[0])->type == ANX_FHIRPATH_STRING;
}

/**
 * anx_fhirpath_indexes_new:
 *
 * Returns: (transfer full): indexes of arrays by one element: JsonArray → FpIndex
 */
GHashTable *
anx_fhirpath_indexes_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, index_free);
}
