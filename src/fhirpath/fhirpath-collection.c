/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fhirpath-collection.h"

#include "fhir-types.h"
#include "fhirpath-private.h"

GPtrArray *
anx_fhirpath_items_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) anx_fhirpath_item_unref);
}

/* Takes @items, which must free its elements by anx_fhirpath_item_unref(). */
AnxFhirpathCollection *
anx_fhirpath_collection_take (GPtrArray *items)
{
  AnxFhirpathCollection *self = g_new0 (AnxFhirpathCollection, 1);
  g_atomic_ref_count_init (&self->refs);
  self->items = items;
  return self;
}

AnxFhirpathCollection *
anx_fhirpath_collection_of (AnxFhirpathItem *item)
{
  GPtrArray *items = anx_fhirpath_items_new ();
  if (item != NULL)
    g_ptr_array_add (items, item);
  return anx_fhirpath_collection_take (items);
}

/**
 * anx_fhirpath_collection_ref:
 * @self: a collection
 *
 * Returns: (transfer full): @self
 */
AnxFhirpathCollection *
anx_fhirpath_collection_ref (AnxFhirpathCollection *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/**
 * anx_fhirpath_collection_unref:
 * @self: (transfer full): a collection
 */
void
anx_fhirpath_collection_unref (AnxFhirpathCollection *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->items);
  g_free (self);
}

/**
 * anx_fhirpath_collection_new_empty:
 *
 * Returns: (transfer full): a collection of nothing
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_empty (void)
{
  return anx_fhirpath_collection_take (anx_fhirpath_items_new ());
}

/**
 * anx_fhirpath_collection_new_boolean:
 * @value: a boolean
 *
 * Returns: (transfer full): a collection of one item
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_boolean (gboolean value)
{
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_boolean (value));
}

/**
 * anx_fhirpath_collection_new_integer:
 * @value: a whole number; one beyond 32 bits becomes a decimal, as FHIRPath's integers end there
 *
 * Returns: (transfer full): a collection of one item
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_integer (gint64 value)
{
  if (value > G_MAXINT32 || value < G_MININT32)
    return anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (anx_decimal_from_int (value)));
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_integer (value));
}

/**
 * anx_fhirpath_collection_new_double:
 * @value: a finite number below 1e28
 *
 * Returns: (transfer full): a collection of one decimal, the shortest that reads back as @value; empty when @value
 * can't be held
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_double (double value)
{
  AnxDecimal decimal;
  return anx_fhirpath_collection_of (anx_decimal_from_double (value, &decimal) ? anx_fhirpath_item_new_decimal (decimal)
                                                                               : NULL);
}

/**
 * anx_fhirpath_collection_new_string:
 * @value: UTF-8
 *
 * Returns: (transfer full): a collection of one item
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_string (const char *value)
{
  g_return_val_if_fail (value != NULL, NULL);
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_string (value));
}

/**
 * anx_fhirpath_collection_new_node:
 * @node: (transfer none): FHIR JSON: a resource, an element, or an array of elements, each an item
 * @type_name: (nullable): its type, as "Questionnaire.item" or "Coding"; needed for elements only, a resource tells its
 * own. Without one, an element's types are unknown: paths work, but a mistyped name gives nothing instead of an error
 * and dates are texts
 *
 * Returns: (transfer full): the collection, which refers to @node
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_node (JsonNode *node,
                                  const char *type_name)
{
  g_return_val_if_fail (node != NULL, NULL);
  GPtrArray *items = anx_fhirpath_items_new ();
  const char *name = anx_fhir_type_find (type_name);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        g_ptr_array_add (items, anx_fhirpath_item_new_node (json_array_get_element (array, i), NULL, name, NULL));
    }
  else if (!JSON_NODE_HOLDS_NULL (node))
    g_ptr_array_add (items, anx_fhirpath_item_new_node (node, NULL, name, NULL));
  return anx_fhirpath_collection_take (items);
}

/**
 * anx_fhirpath_collection_new_joined:
 * @parts: (array length=n_parts): collections
 * @n_parts: how many
 *
 * Returns: (transfer full): all their items, in order
 */
AnxFhirpathCollection *
anx_fhirpath_collection_new_joined (AnxFhirpathCollection *const *parts,
                                    guint n_parts)
{
  GPtrArray *items = anx_fhirpath_items_new ();
  for (guint i = 0; i < n_parts; i++)
    for (guint k = 0; k < parts[i]->items->len; k++)
      g_ptr_array_add (items, anx_fhirpath_item_ref (parts[i]->items->pdata[k]));
  return anx_fhirpath_collection_take (items);
}

/**
 * anx_fhirpath_collection_get_length:
 * @self: a collection
 *
 * Returns: how many items it has
 */
guint
anx_fhirpath_collection_get_length (AnxFhirpathCollection *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->items->len;
}

/**
 * anx_fhirpath_collection_get:
 * @self: a collection
 * @index: a place within it
 *
 * Returns: (transfer none): the item there
 */
AnxFhirpathItem *
anx_fhirpath_collection_get (AnxFhirpathCollection *self,
                             guint index)
{
  g_return_val_if_fail (self != NULL && index < self->items->len, NULL);
  return self->items->pdata[index];
}

/**
 * anx_fhirpath_collection_to_truth:
 * @self: a collection
 * @out_truth: (out): its value; one item that is no boolean counts as true, as the language wants it
 * @error: return location, %ANX_FHIRPATH_ERROR_VALUE
 *
 * Returns: whether it has at most one item
 */
gboolean
anx_fhirpath_collection_to_truth (AnxFhirpathCollection *self,
                                  AnxFhirpathTruth *out_truth,
                                  GError **error)
{
  g_return_val_if_fail (self != NULL && out_truth != NULL, FALSE);
  gboolean value = TRUE;
  if (self->items->len > 1)
    {
      g_set_error_literal (error, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_VALUE,
                           "Several values where true or false is needed");
      return FALSE;
    }
  if (self->items->len == 1)
    anx_fhirpath_item_get_boolean (self->items->pdata[0], &value);
  *out_truth = self->items->len == 0 ? ANX_FHIRPATH_UNKNOWN : value ? ANX_FHIRPATH_TRUE : ANX_FHIRPATH_FALSE;
  return TRUE;
}

/**
 * anx_fhirpath_collection_to_double:
 * @self: a collection
 * @out_value: (out): the number
 *
 * Returns: whether it is exactly one number or quantity
 */
gboolean
anx_fhirpath_collection_to_double (AnxFhirpathCollection *self,
                                   double *out_value)
{
  g_return_val_if_fail (self != NULL && out_value != NULL, FALSE);
  return self->items->len == 1 && anx_fhirpath_item_get_double (self->items->pdata[0], out_value);
}

/**
 * anx_fhirpath_collection_to_string:
 * @self: a collection
 *
 * Returns: (transfer full) (nullable): what toString() gives for its only item
 */
char *
anx_fhirpath_collection_to_string (AnxFhirpathCollection *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->items->len == 1 ? anx_fhirpath_item_dup_string (self->items->pdata[0]) : NULL;
}

/**
 * anx_fhirpath_collection_to_json:
 * @self: a collection
 *
 * Returns: (transfer full): its items as anx_fhirpath_item_to_json() writes them
 */
JsonArray *
anx_fhirpath_collection_to_json (AnxFhirpathCollection *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < self->items->len; i++)
    json_array_add_element (array, anx_fhirpath_item_to_json (self->items->pdata[i]));
  return array;
}
