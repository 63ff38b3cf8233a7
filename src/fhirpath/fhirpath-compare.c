/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-private.h"

/* JSON from a parser is at most 64 levels deep; what a host builds itself is compared no deeper than this. */
#define MAX_DATA_DEPTH 200

/* ---- Units: those whose factor is exact. Anything else is only ever compared with its like. ---- */

typedef enum
{
  DIMENSION_ONE,
  DIMENSION_TIME,
  DIMENSION_CALENDAR, /* months and years have no fixed length */
  DIMENSION_UCUM_MONTH,
  DIMENSION_MASS,
  DIMENSION_LENGTH,
  DIMENSION_VOLUME,
} Dimension;

static const struct
{
  const char *code;
  Dimension dimension;
  const char *factor;
} units[] = {
  { "1", DIMENSION_ONE, "1" },
  { "%", DIMENSION_ONE, "0.01" },
  { "ms", DIMENSION_TIME, "0.001" },
  { "s", DIMENSION_TIME, "1" },
  { "min", DIMENSION_TIME, "60" },
  { "h", DIMENSION_TIME, "3600" },
  { "d", DIMENSION_TIME, "86400" },
  { "wk", DIMENSION_TIME, "604800" },
  { "millisecond", DIMENSION_TIME, "0.001" },
  { "second", DIMENSION_TIME, "1" },
  { "minute", DIMENSION_TIME, "60" },
  { "hour", DIMENSION_TIME, "3600" },
  { "day", DIMENSION_TIME, "86400" },
  { "week", DIMENSION_TIME, "604800" },
  { "month", DIMENSION_CALENDAR, "1" },
  { "year", DIMENSION_CALENDAR, "12" },
  { "mo", DIMENSION_UCUM_MONTH, "1" },
  { "a", DIMENSION_UCUM_MONTH, "12" },
  { "ng", DIMENSION_MASS, "0.000000001" },
  { "ug", DIMENSION_MASS, "0.000001" },
  { "mg", DIMENSION_MASS, "0.001" },
  { "g", DIMENSION_MASS, "1" },
  { "kg", DIMENSION_MASS, "1000" },
  { "[oz_av]", DIMENSION_MASS, "28.349523125" },
  { "[lb_av]", DIMENSION_MASS, "453.59237" },
  { "um", DIMENSION_LENGTH, "0.000001" },
  { "mm", DIMENSION_LENGTH, "0.001" },
  { "cm", DIMENSION_LENGTH, "0.01" },
  { "dm", DIMENSION_LENGTH, "0.1" },
  { "m", DIMENSION_LENGTH, "1" },
  { "km", DIMENSION_LENGTH, "1000" },
  { "[in_i]", DIMENSION_LENGTH, "0.0254" },
  { "[ft_i]", DIMENSION_LENGTH, "0.3048" },
  { "uL", DIMENSION_VOLUME, "0.000001" },
  { "mL", DIMENSION_VOLUME, "0.001" },
  { "dL", DIMENSION_VOLUME, "0.1" },
  { "L", DIMENSION_VOLUME, "1" },
  { "l", DIMENSION_VOLUME, "1" },
};

static int
find_unit (const char *code)
{
  AnxCalendarUnit calendar;
  if (anx_fhirpath_calendar_unit (code, &calendar))
    code = anx_fhirpath_calendar_name (calendar);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].code, code) == 0)
      return (int) i;
  return -1;
}

/* FALSE when it can't be told, because a unit is not in the table. */
gboolean
anx_fhirpath_same_dimension (const char *unit_a,
                             const char *unit_b,
                             gboolean *out_same)
{
  int a = find_unit (unit_a), b = find_unit (unit_b);
  *out_same = strcmp (unit_a, unit_b) == 0 || (a >= 0 && b >= 0 && units[a].dimension == units[b].dimension);
  return *out_same || (a >= 0 && b >= 0);
}

/* @value of unit @from in unit @to of the same dimension. */
gboolean
anx_fhirpath_convert_unit (AnxDecimal value,
                           const char *from,
                           const char *to,
                           AnxDecimal *out_value)
{
  if (strcmp (from, to) == 0)
    {
      *out_value = value;
      return TRUE;
    }
  AnxDecimal multiplier, divisor;
  int a = find_unit (from), b = find_unit (to);
  if (a < 0 || b < 0)
    return FALSE;
  anx_decimal_parse (units[a].factor, &multiplier);
  anx_decimal_parse (units[b].factor, &divisor);
  return anx_decimal_multiply (value, multiplier, &value) && anx_decimal_divide (value, divisor, out_value);
}

/* How two quantities relate: ordered, of different kinds (FALSE in out_comparable), or not to be told, which is an
 * error. */
static gboolean
order_quantities (FpRun *run,
                  const FpNode *node,
                  AnxFhirpathItem *a,
                  AnxFhirpathItem *b,
                  gboolean *out_comparable,
                  AnxOrder *out_order)
{
  AnxDecimal value;
  if (!anx_fhirpath_same_dimension (a->of.quantity.unit, b->of.quantity.unit, out_comparable) ||
      (*out_comparable &&
       !anx_fhirpath_convert_unit (b->of.quantity.value, b->of.quantity.unit, a->of.quantity.unit, &value)))
    {
      anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "quantities in units that can't be converted");
      return FALSE;
    }
  int compared = *out_comparable ? anx_decimal_compare (a->of.quantity.value, value) : 0;
  *out_order = compared < 0 ? ANX_ORDER_LESS : compared > 0 ? ANX_ORDER_GREATER : ANX_ORDER_EQUAL;
  return TRUE;
}

/* Durations of which one is in months and one is not are neither equal nor different. */
static gboolean
is_time (const char *code)
{
  int unit = find_unit (code);
  return unit >= 0 && units[unit].dimension >= DIMENSION_TIME && units[unit].dimension <= DIMENSION_UCUM_MONTH;
}

/* ---- Plain values ---- */

static gboolean
is_number (AnxFhirpathItem *item)
{
  return item->type == ANX_FHIRPATH_INTEGER || item->type == ANX_FHIRPATH_DECIMAL;
}

static gboolean
is_temporal (AnxFhirpathItem *item)
{
  return item->type == ANX_FHIRPATH_DATE || item->type == ANX_FHIRPATH_DATE_TIME || item->type == ANX_FHIRPATH_TIME;
}

/* An element of unknown type is a text even if it holds a date; beside a date it is read as one. */
static AnxFhirpathItem *
as_temporal (AnxFhirpathItem *value,
             AnxFhirpathItem *original,
             AnxFhirpathItem *other)
{
  AnxTemporal temporal;
  gboolean untyped = original->type == ANX_FHIRPATH_NODE && original->of.node.name == NULL;
  if (untyped && value->type == ANX_FHIRPATH_STRING && is_temporal (other))
    for (int kind = other->type == ANX_FHIRPATH_TIME ? ANX_TEMPORAL_TIME : ANX_TEMPORAL_DATE;
         kind <= (other->type == ANX_FHIRPATH_TIME ? ANX_TEMPORAL_TIME : ANX_TEMPORAL_DATE_TIME); kind++)
      if (anx_temporal_parse (value->of.string, (AnxTemporalKind) kind, &temporal))
        return anx_fhirpath_item_new_temporal (&temporal);
  return anx_fhirpath_item_ref (value);
}

/* Numbers become quantities of unit '1' beside a quantity. */
static AnxFhirpathItem *
as_quantity (AnxFhirpathItem *value,
             AnxFhirpathItem *other)
{
  AnxDecimal decimal;
  if (other->type == ANX_FHIRPATH_QUANTITY && is_number (value) && anx_fhirpath_item_get_decimal (value, &decimal))
    return anx_fhirpath_item_new_quantity (decimal, "1", FALSE);
  return anx_fhirpath_item_ref (value);
}

/* Both values, converted as far as the language does it by itself; FALSE when one has none. */
static gboolean
pair (AnxFhirpathItem *a,
      AnxFhirpathItem *b,
      AnxFhirpathItem **out_a,
      AnxFhirpathItem **out_b)
{
  g_autoptr (AnxFhirpathItem) value_a = anx_fhirpath_item_dup_value (a);
  g_autoptr (AnxFhirpathItem) value_b = anx_fhirpath_item_dup_value (b);
  if (value_a == NULL || value_b == NULL)
    return FALSE;
  g_autoptr (AnxFhirpathItem) time_a = as_temporal (value_a, a, value_b);
  g_autoptr (AnxFhirpathItem) time_b = as_temporal (value_b, b, value_a);
  *out_a = as_quantity (time_a, time_b);
  *out_b = as_quantity (time_b, time_a);
  return TRUE;
}

static gboolean
equal_values (FpRun *run,
              const FpNode *node,
              AnxFhirpathItem *a,
              AnxFhirpathItem *b,
              AnxFhirpathTruth *out_truth)
{
  AnxOrder order = ANX_ORDER_LESS;
  AnxDecimal x, y;
  if (is_number (a) && is_number (b))
    {
      anx_fhirpath_item_get_decimal (a, &x);
      anx_fhirpath_item_get_decimal (b, &y);
      order = anx_decimal_compare (x, y) == 0 ? ANX_ORDER_EQUAL : ANX_ORDER_LESS;
    }
  else if (is_temporal (a) && is_temporal (b))
    {
      if ((a->type == ANX_FHIRPATH_TIME) == (b->type == ANX_FHIRPATH_TIME))
        order = anx_temporal_compare (&a->of.temporal, &b->of.temporal);
    }
  else if (a->type != b->type)
    order = ANX_ORDER_LESS;
  else if (a->type == ANX_FHIRPATH_STRING)
    order = strcmp (a->of.string, b->of.string) == 0 ? ANX_ORDER_EQUAL : ANX_ORDER_LESS;
  else if (a->type == ANX_FHIRPATH_BOOLEAN)
    order = !a->of.boolean == !b->of.boolean ? ANX_ORDER_EQUAL : ANX_ORDER_LESS;
  else if (a->type == ANX_FHIRPATH_QUANTITY)
    {
      gboolean comparable;
      if (!order_quantities (run, node, a, b, &comparable, &order))
        return FALSE;
      if (!comparable)
        order = is_time (a->of.quantity.unit) && is_time (b->of.quantity.unit) ? ANX_ORDER_UNKNOWN : ANX_ORDER_LESS;
    }
  *out_truth = order == ANX_ORDER_EQUAL     ? ANX_FHIRPATH_TRUE
               : order == ANX_ORDER_UNKNOWN ? ANX_FHIRPATH_UNKNOWN
                                            : ANX_FHIRPATH_FALSE;
  return TRUE;
}

/* ---- Elements, part by part ---- */

static gboolean
same_json (FpRun *run, const FpNode *node, JsonNode *a, JsonNode *b, gboolean loose, guint depth, gboolean *out_same);

static gboolean
same_texts (const char *a,
            const char *b,
            gboolean loose)
{
  if (!loose)
    return strcmp (a, b) == 0;
  /* Without regard to case, and any white space like any other (FHIRPath 2.0.0 section 6.1.2). */
  g_autofree char *folded_a = g_utf8_casefold (a, -1);
  g_autofree char *folded_b = g_utf8_casefold (b, -1);
  const char *x = folded_a, *y = folded_b;
  while (*x != '\0' && *y != '\0')
    {
      gunichar c = g_utf8_get_char (x), d = g_utf8_get_char (y);
      if (c != d && !(g_unichar_isspace (c) && g_unichar_isspace (d)))
        return FALSE;
      x = g_utf8_next_char (x);
      y = g_utf8_next_char (y);
    }
  return *x == *y;
}

/* Equal when rounded to the places of the less precise one, zeros at the end aside. */
static gboolean
same_decimals (AnxDecimal a,
               AnxDecimal b)
{
  a = anx_decimal_strip (a);
  b = anx_decimal_strip (b);
  guint scale = MIN (a.scale, b.scale);
  return anx_decimal_compare (anx_decimal_round (a, scale, ANX_DECIMAL_HALF_AWAY),
                              anx_decimal_round (b, scale, ANX_DECIMAL_HALF_AWAY)) == 0;
}

static gboolean
same_plain (JsonNode *a,
            JsonNode *b,
            gboolean loose)
{
  GType type_a = json_node_get_value_type (a), type_b = json_node_get_value_type (b);
  if (type_a == G_TYPE_STRING && type_b == G_TYPE_STRING)
    return same_texts (json_node_get_string (a), json_node_get_string (b), loose);
  if (type_a == G_TYPE_STRING || type_b == G_TYPE_STRING)
    return FALSE;
  if (type_a == G_TYPE_BOOLEAN || type_b == G_TYPE_BOOLEAN)
    return type_a == type_b && json_node_get_boolean (a) == json_node_get_boolean (b);
  if (type_a == G_TYPE_INT64 && type_b == G_TYPE_INT64)
    return json_node_get_int (a) == json_node_get_int (b);
  AnxDecimal x, y;
  return anx_decimal_from_double (json_node_get_double (a), &x) &&
         anx_decimal_from_double (json_node_get_double (b), &y) &&
         (loose ? same_decimals (x, y) : anx_decimal_compare (x, y) == 0);
}

static gboolean
same_objects (
    FpRun *run, const FpNode *node, JsonObject *a, JsonObject *b, gboolean loose, guint depth, gboolean *out_same)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *json;
  *out_same = json_object_get_size (a) == json_object_get_size (b);
  json_object_iter_init (&iter, a);
  while (*out_same && json_object_iter_next (&iter, &member, &json))
    {
      JsonNode *other = json_object_get_member (b, member);
      if (other == NULL)
        *out_same = FALSE;
      else if (!same_json (run, node, json, other, loose, depth + 1, out_same))
        return FALSE;
    }
  return TRUE;
}

static gboolean
same_arrays (
    FpRun *run, const FpNode *node, JsonArray *a, JsonArray *b, gboolean loose, guint depth, gboolean *out_same)
{
  guint n = json_array_get_length (a);
  *out_same = n == json_array_get_length (b);
  g_autofree gboolean *used = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n && *out_same; i++)
    {
      gboolean found = FALSE;
      for (guint k = loose ? 0 : i; k < (loose ? n : i + 1) && !found; k++)
        {
          if (used[k])
            continue;
          if (!same_json (run, node, json_array_get_element (a, i), json_array_get_element (b, k), loose, depth + 1,
                          &found))
            return FALSE;
          used[k] = found;
        }
      *out_same = found;
    }
  return TRUE;
}

static gboolean
same_json (FpRun *run,
           const FpNode *node,
           JsonNode *a,
           JsonNode *b,
           gboolean loose,
           guint depth,
           gboolean *out_same)
{
  *out_same = FALSE;
  if (!anx_fhirpath_charge (run, node, 0))
    return FALSE;
  if (depth > MAX_DATA_DEPTH)
    {
      anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "elements nested deeper than %d levels",
                         MAX_DATA_DEPTH);
      return FALSE;
    }
  if (a == b)
    {
      *out_same = TRUE;
      return TRUE;
    }
  if (JSON_NODE_TYPE (a) != JSON_NODE_TYPE (b))
    return TRUE;
  switch (JSON_NODE_TYPE (a))
    {
    case JSON_NODE_OBJECT:
      return same_objects (run, node, json_node_get_object (a), json_node_get_object (b), loose, depth, out_same);
    case JSON_NODE_ARRAY:
      return same_arrays (run, node, json_node_get_array (a), json_node_get_array (b), loose, depth, out_same);
    case JSON_NODE_VALUE:
      *out_same = same_plain (a, b, loose);
      return TRUE;
    case JSON_NODE_NULL:
    default:
      *out_same = TRUE;
      return TRUE;
    }
}

static gboolean
same_elements (
    FpRun *run, const FpNode *node, AnxFhirpathItem *a, AnxFhirpathItem *b, gboolean loose, gboolean *out_same)
{
  *out_same = FALSE;
  if (a->type != ANX_FHIRPATH_NODE || b->type != ANX_FHIRPATH_NODE)
    return TRUE;
  JsonNode *json_a = a->of.node.json != NULL ? a->of.node.json : a->of.node.extra;
  JsonNode *json_b = b->of.node.json != NULL ? b->of.node.json : b->of.node.extra;
  return json_a == NULL || json_b == NULL || same_json (run, node, json_a, json_b, loose, 0, out_same);
}

/* ---- = and ~ ---- */

gboolean
anx_fhirpath_equal (FpRun *run,
                    const FpNode *node,
                    AnxFhirpathItem *a,
                    AnxFhirpathItem *b,
                    AnxFhirpathTruth *out_truth)
{
  g_autoptr (AnxFhirpathItem) x = NULL;
  g_autoptr (AnxFhirpathItem) y = NULL;
  gboolean same;
  if (!anx_fhirpath_charge (run, node, 0))
    return FALSE;
  if (pair (a, b, &x, &y))
    return equal_values (run, node, x, y, out_truth);
  if (!same_elements (run, node, a, b, FALSE, &same))
    return FALSE;
  *out_truth = same ? ANX_FHIRPATH_TRUE : ANX_FHIRPATH_FALSE;
  return TRUE;
}

static gboolean
equivalent_quantities (FpRun *run,
                       const FpNode *node,
                       AnxFhirpathItem *a,
                       AnxFhirpathItem *b,
                       gboolean *out_same)
{
  /* Here, other than with =, a calendar year is a UCUM year, and a month a month. */
  const char *codes[2] = { a->of.quantity.unit, b->of.quantity.unit };
  for (guint i = 0; i < 2; i++)
    codes[i] = strncmp (codes[i], "year", 4) == 0 ? "a" : strncmp (codes[i], "month", 5) == 0 ? "mo" : codes[i];
  gboolean comparable;
  AnxDecimal value;
  if (!anx_fhirpath_same_dimension (codes[0], codes[1], &comparable) ||
      (comparable && !anx_fhirpath_convert_unit (b->of.quantity.value, codes[1], codes[0], &value)))
    {
      anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "quantities in units that can't be converted");
      return FALSE;
    }
  *out_same = comparable && same_decimals (a->of.quantity.value, value);
  return TRUE;
}

gboolean
anx_fhirpath_equivalent (FpRun *run,
                         const FpNode *node,
                         AnxFhirpathItem *a,
                         AnxFhirpathItem *b,
                         gboolean *out_same)
{
  g_autoptr (AnxFhirpathItem) x = NULL;
  g_autoptr (AnxFhirpathItem) y = NULL;
  AnxFhirpathTruth truth;
  AnxDecimal p, q;
  if (!anx_fhirpath_charge (run, node, 0))
    return FALSE;
  if (!pair (a, b, &x, &y))
    return same_elements (run, node, a, b, TRUE, out_same);
  if (x->type == ANX_FHIRPATH_QUANTITY && y->type == ANX_FHIRPATH_QUANTITY)
    return equivalent_quantities (run, node, x, y, out_same);
  if (is_number (x) && is_number (y))
    {
      anx_fhirpath_item_get_decimal (x, &p);
      anx_fhirpath_item_get_decimal (y, &q);
      *out_same = same_decimals (p, q);
      return TRUE;
    }
  if (x->type == ANX_FHIRPATH_STRING && y->type == ANX_FHIRPATH_STRING)
    {
      *out_same = same_texts (x->of.string, y->of.string, TRUE);
      return TRUE;
    }
  if (!equal_values (run, node, x, y, &truth))
    return FALSE;
  *out_same = truth == ANX_FHIRPATH_TRUE;
  return TRUE;
}

gboolean
anx_fhirpath_collections_equal (
    FpRun *run, const FpNode *node, AnxFhirpathCollection *a, AnxFhirpathCollection *b, AnxFhirpathTruth *out_truth)
{
  *out_truth = ANX_FHIRPATH_UNKNOWN;
  if (a->items->len == 0 || b->items->len == 0)
    return TRUE;
  *out_truth = a->items->len == b->items->len ? ANX_FHIRPATH_TRUE : ANX_FHIRPATH_FALSE;
  for (guint i = 0; i < a->items->len && *out_truth != ANX_FHIRPATH_FALSE; i++)
    {
      AnxFhirpathTruth one;
      if (!anx_fhirpath_equal (run, node, a->items->pdata[i], b->items->pdata[i], &one))
        return FALSE;
      if (one != ANX_FHIRPATH_TRUE)
        *out_truth = one;
    }
  return TRUE;
}

gboolean
anx_fhirpath_collections_equivalent (
    FpRun *run, const FpNode *node, AnxFhirpathCollection *a, AnxFhirpathCollection *b, gboolean *out_same)
{
  guint n = a->items->len;
  *out_same = n == b->items->len;
  g_autofree gboolean *used = g_new0 (gboolean, n + 1);
  for (guint i = 0; i < n && *out_same; i++)
    {
      gboolean found = FALSE;
      for (guint k = 0; k < n && !found; k++)
        {
          if (used[k])
            continue;
          if (!anx_fhirpath_equivalent (run, node, a->items->pdata[i], b->items->pdata[k], &found))
            return FALSE;
          used[k] = found;
        }
      *out_same = found;
    }
  return TRUE;
}

/* Whether an equal item is among @items. */
gboolean
anx_fhirpath_contains (FpRun *run,
                       const FpNode *node,
                       GPtrArray *items,
                       AnxFhirpathItem *item,
                       gboolean *out_found)
{
  *out_found = FALSE;
  for (guint i = 0; i < items->len && !*out_found; i++)
    {
      AnxFhirpathTruth truth;
      if (!anx_fhirpath_equal (run, node, items->pdata[i], item, &truth))
        return FALSE;
      *out_found = truth == ANX_FHIRPATH_TRUE;
    }
  return TRUE;
}

/* ---- <, <=, >, >= ---- */

gboolean
anx_fhirpath_order (FpRun *run,
                    const FpNode *node,
                    AnxFhirpathItem *a,
                    AnxFhirpathItem *b,
                    AnxOrder *out_order)
{
  g_autoptr (AnxFhirpathItem) x = NULL;
  g_autoptr (AnxFhirpathItem) y = NULL;
  AnxDecimal p, q;
  gboolean comparable = TRUE;
  if (!anx_fhirpath_charge (run, node, 0))
    return FALSE;
  if (pair (a, b, &x, &y))
    {
      if (is_number (x) && is_number (y))
        {
          anx_fhirpath_item_get_decimal (x, &p);
          anx_fhirpath_item_get_decimal (y, &q);
          int compared = anx_decimal_compare (p, q);
          *out_order = compared < 0 ? ANX_ORDER_LESS : compared > 0 ? ANX_ORDER_GREATER : ANX_ORDER_EQUAL;
          return TRUE;
        }
      if (x->type == ANX_FHIRPATH_STRING && y->type == ANX_FHIRPATH_STRING)
        {
          /* In the order of code points, which UTF-8 keeps. */
          int compared = strcmp (x->of.string, y->of.string);
          *out_order = compared < 0 ? ANX_ORDER_LESS : compared > 0 ? ANX_ORDER_GREATER : ANX_ORDER_EQUAL;
          return TRUE;
        }
      if (is_temporal (x) && is_temporal (y) && (x->type == ANX_FHIRPATH_TIME) == (y->type == ANX_FHIRPATH_TIME))
        {
          *out_order = anx_temporal_compare (&x->of.temporal, &y->of.temporal);
          return TRUE;
        }
      if (x->type == ANX_FHIRPATH_QUANTITY && y->type == ANX_FHIRPATH_QUANTITY)
        {
          if (!order_quantities (run, node, x, y, &comparable, out_order))
            return FALSE;
          if (!comparable)
            *out_order = ANX_ORDER_UNKNOWN;
          return TRUE;
        }
    }
  anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "values of types that have no order between them");
  return FALSE;
}
