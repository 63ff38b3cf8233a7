/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-private.h"

/* Functions of the drafts after 2.0.0 that HL7's tests already have: precision and boundaries, comparable(), sort(). */

static AnxFhirpathCollection *
nothing (void)
{
  return anx_fhirpath_collection_new_empty ();
}

/* Digits of a date or time as far as it is written: 2014 has 4, 2014-01-05T10:30:00.000 has 17. */
static const guint8 date_digits[] = { 4, 6, 8, 10, 12, 14 }, time_digits[] = { 0, 0, 0, 2, 4, 6 };

static gboolean
is_temporal (AnxFhirpathItem *item)
{
  return item->type >= ANX_FHIRPATH_DATE && item->type <= ANX_FHIRPATH_TIME;
}

static AnxFhirpathCollection *
wrong_type (FpCall *call)
{
  return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() on a value of the wrong type",
                            call->node->function->name);
}

static AnxFhirpathCollection *
fn_precision (FpCall *call)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  AnxDecimal decimal;
  if (!anx_fhirpath_single (call->run, call->node, call->input, &value))
    return NULL;
  if (value == NULL)
    return nothing ();
  if (is_temporal (value))
    {
      const AnxTemporal *temporal = &value->of.temporal;
      guint digits =
          temporal->kind == ANX_TEMPORAL_TIME ? time_digits[temporal->precision] : date_digits[temporal->precision];
      return anx_fhirpath_collection_new_integer (digits + (temporal->fraction_digits > 0 ? 3 : 0));
    }
  if (value->type == ANX_FHIRPATH_QUANTITY || !anx_fhirpath_item_get_decimal (value, &decimal))
    return wrong_type (call);
  return anx_fhirpath_collection_new_integer (decimal.scale);
}

/* The least or the greatest number that is written like @value in its places, to @places places. */
static gboolean
decimal_boundary (AnxDecimal value,
                  gboolean high,
                  guint places,
                  AnxDecimal *out_value)
{
  AnxDecimal half = { .digits = high ? 5 : -5, .scale = (guint8) (value.scale + 1) };
  if (value.scale >= ANX_DECIMAL_MAX_SCALE || !anx_decimal_add (value, half, &value))
    return FALSE;
  value = anx_decimal_round (value, places, high ? ANX_DECIMAL_UP : ANX_DECIMAL_DOWN);
  return anx_decimal_add (value, (AnxDecimal){ .digits = 0, .scale = (guint8) places }, out_value);
}

/* FALSE when there is no such precision. */
static gboolean
temporal_boundary (AnxTemporal value,
                   gboolean high,
                   gint64 digits,
                   AnxTemporal *out_value)
{
  gboolean time = value.kind == ANX_TEMPORAL_TIME, fraction = digits == (time ? 9 : 17);
  const guint8 *table = time ? time_digits : date_digits;
  AnxPrecision wanted = ANX_PRECISION_SECOND,
               last = value.kind == ANX_TEMPORAL_DATE ? ANX_PRECISION_DAY : ANX_PRECISION_SECOND;
  while (!fraction && wanted > ANX_PRECISION_YEAR && table[wanted] != digits)
    wanted--;
  if ((!fraction && table[wanted] != digits) || wanted > last || digits == 0)
    return FALSE;
  if (high)
    {
      /* What is not written takes its greatest value: one unit of the last part more, one nanosecond less. */
      static const AnxCalendarUnit units[] = { ANX_CALENDAR_YEAR, ANX_CALENDAR_MONTH, ANX_CALENDAR_DAY,
                                               ANX_CALENDAR_HOUR, ANX_CALENDAR_MINUTE };
      if (value.precision < ANX_PRECISION_SECOND)
        {
          AnxTemporal end = value;
          end.kind = time ? ANX_TEMPORAL_TIME : ANX_TEMPORAL_DATE_TIME;
          AnxCalendarUnit unit = units[value.precision];
          end.precision = ANX_PRECISION_SECOND;
          if (!anx_temporal_add (&end, anx_decimal_from_int (1), unit, &end) ||
              !anx_temporal_add (&end, anx_decimal_from_int (-1), ANX_CALENDAR_MILLISECOND, &end))
            return FALSE;
          end.kind = value.kind;
          value = end;
        }
      else if (value.fraction_digits == 0)
        value.nanosecond = 999000000;
    }
  value.precision = wanted;
  value.fraction_digits = fraction ? 3 : 0;
  if (!fraction)
    value.nanosecond = 0;
  if (value.kind == ANX_TEMPORAL_DATE_TIME && wanted < ANX_PRECISION_HOUR)
    value.has_zone = FALSE;
  else if (value.kind == ANX_TEMPORAL_DATE_TIME && !value.has_zone)
    {
      value.has_zone = TRUE;
      value.offset_minutes = high ? -12 * 60 : 14 * 60;
    }
  /* Parts that are left out hold their least value. */
  g_autofree char *text = anx_temporal_to_string (&value);
  return anx_temporal_parse (text, value.kind, out_value);
}

static AnxFhirpathCollection *
boundary (FpCall *call,
          gboolean high)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  g_autoptr (AnxFhirpathItem) argument = NULL;
  AnxDecimal decimal;
  AnxTemporal temporal;
  if (!anx_fhirpath_single (call->run, call->node, call->input, &value) ||
      (call->node->n_arguments == 1 && !anx_fhirpath_single (call->run, call->node, call->arguments[0], &argument)))
    return NULL;
  if (value == NULL)
    return nothing ();
  if (argument != NULL && argument->type != ANX_FHIRPATH_INTEGER)
    return wrong_type (call);
  if (is_temporal (value))
    {
      gint64 digits = argument != NULL                   ? argument->of.integer
                      : value->type == ANX_FHIRPATH_DATE ? 8
                      : value->type == ANX_FHIRPATH_TIME ? 9
                                                         : 17;
      return temporal_boundary (value->of.temporal, high, digits, &temporal)
                 ? anx_fhirpath_collection_of (anx_fhirpath_item_new_temporal (&temporal))
                 : nothing ();
    }
  if (!anx_fhirpath_item_get_decimal (value, &decimal))
    return wrong_type (call);
  gint64 places = argument != NULL ? argument->of.integer : 8;
  if (places < 0 || places > 28)
    return nothing ();
  if (places > ANX_DECIMAL_MAX_SCALE)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "more than %d places",
                              ANX_DECIMAL_MAX_SCALE);
  if (!decimal_boundary (decimal, high, (guint) places, &decimal))
    return nothing ();
  return anx_fhirpath_collection_of (
      value->type == ANX_FHIRPATH_QUANTITY
          ? anx_fhirpath_item_new_quantity (decimal, value->of.quantity.unit, value->of.quantity.calendar)
          : anx_fhirpath_item_new_decimal (decimal));
}

static AnxFhirpathCollection *
fn_low_boundary (FpCall *call)
{
  return boundary (call, FALSE);
}

static AnxFhirpathCollection *
fn_high_boundary (FpCall *call)
{
  return boundary (call, TRUE);
}

static AnxFhirpathCollection *
fn_comparable (FpCall *call)
{
  g_autoptr (AnxFhirpathItem) a = NULL;
  g_autoptr (AnxFhirpathItem) b = NULL;
  gboolean same;
  if (!anx_fhirpath_single (call->run, call->node, call->input, &a) ||
      !anx_fhirpath_single (call->run, call->node, call->arguments[0], &b))
    return NULL;
  if (a == NULL || b == NULL)
    return nothing ();
  if (a->type != ANX_FHIRPATH_QUANTITY || b->type != ANX_FHIRPATH_QUANTITY)
    return wrong_type (call);
  if (!anx_fhirpath_same_dimension (a->of.quantity.unit, b->of.quantity.unit, &same))
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "a unit that is not known");
  return anx_fhirpath_collection_new_boolean (same);
}

/* ---- sort(): merge sort, because a comparison can fail ---- */

typedef struct
{
  AnxFhirpathItem *item;
  AnxFhirpathItem *keys[FP_MAX_ARGUMENTS]; /* NULL for nothing, which comes first, up and down */
} Row;

static void
clear_row (gpointer row)
{
  for (guint i = 0; i < FP_MAX_ARGUMENTS; i++)
    g_clear_pointer (&((Row *) row)->keys[i], anx_fhirpath_item_unref);
}

/* Whether @b must come before @a. */
static gboolean
is_behind (FpCall *call,
           const Row *a,
           const Row *b,
           gboolean *out_behind)
{
  guint n = MAX (call->node->n_arguments, 1);
  *out_behind = FALSE;
  for (guint i = 0; i < n; i++)
    {
      gboolean down = call->node->n_arguments > 0 && call->node->arguments[i]->kind == FP_NEGATE;
      AnxOrder order = ANX_ORDER_EQUAL;
      if (a->keys[i] == NULL && b->keys[i] == NULL)
        continue;
      if (a->keys[i] == NULL || b->keys[i] == NULL)
        {
          *out_behind = b->keys[i] == NULL;
          return TRUE;
        }
      if (!anx_fhirpath_order (call->run, call->node, a->keys[i], b->keys[i], &order))
        return FALSE;
      if (order == ANX_ORDER_EQUAL || order == ANX_ORDER_UNKNOWN)
        continue;
      *out_behind = (order == ANX_ORDER_GREATER) != down;
      return TRUE;
    }
  return TRUE;
}

static gboolean
merge_sort (FpCall *call,
            Row **rows,
            Row **spare,
            guint n)
{
  if (n < 2)
    return TRUE;
  guint half = n / 2, i = 0, k = half;
  if (!merge_sort (call, rows, spare, half) || !merge_sort (call, rows + half, spare, n - half))
    return FALSE;
  for (guint at = 0; at < n; at++)
    {
      gboolean right = i == half;
      if (!right && k < n && !is_behind (call, rows[i], rows[k], &right))
        return FALSE;
      spare[at] = right ? rows[k++] : rows[i++];
    }
  memcpy (rows, spare, n * sizeof *rows);
  return TRUE;
}

static gboolean
add_keys (FpCall *call,
          guint index,
          Row *row)
{
  row->item = call->input->items->pdata[index];
  if (call->node->n_arguments == 0)
    {
      row->keys[0] = anx_fhirpath_item_ref (row->item);
      return TRUE;
    }
  for (guint i = 0; i < call->node->n_arguments; i++)
    {
      /* A minus before a key turns the order round; it is no sign, texts have it too. */
      const FpNode *key = call->node->arguments[i];
      g_autoptr (AnxFhirpathCollection) self = anx_fhirpath_collection_of (anx_fhirpath_item_ref (row->item));
      FpScope scope = {
        .run = call->run, .self = self, .index = index, .total = call->scope->total, .mixed = call->mixed
      };
      g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_eval (&scope, key->kind == FP_NEGATE ? key->left : key);
      if (!anx_fhirpath_single (call->run, call->node, result, &row->keys[i]))
        return FALSE;
    }
  return TRUE;
}

static AnxFhirpathCollection *
fn_sort (FpCall *call)
{
  guint n = call->input->items->len;
  if (!anx_fhirpath_charge (call->run, call->node, n * (sizeof (Row) + 2 * sizeof (Row *))))
    return NULL;
  g_autoptr (GArray) table = g_array_sized_new (FALSE, TRUE, sizeof (Row), n);
  g_array_set_clear_func (table, clear_row);
  g_array_set_size (table, n);
  g_autofree Row **rows = g_new (Row *, n + 1);
  g_autofree Row **spare = g_new (Row *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      rows[i] = &g_array_index (table, Row, i);
      if (!add_keys (call, i, rows[i]))
        return NULL;
    }
  if (!merge_sort (call, rows, spare, n))
    return NULL;
  g_autoptr (GPtrArray) out = anx_fhirpath_items_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (out, anx_fhirpath_item_ref (rows[i]->item));
  return anx_fhirpath_finish (call->run, call->node, g_steal_pointer (&out));
}

const FpFunction anx_fhirpath_draft_functions[] = {
  { "precision", 0, 0, 0, 0, fn_precision },         { "lowBoundary", 0, 1, 0, 0, fn_low_boundary },
  { "highBoundary", 0, 1, 0, 0, fn_high_boundary },  { "comparable", 1, 1, 0, 0, fn_comparable },
  { "sort", 0, FP_MAX_ARGUMENTS, 0xFF, 0, fn_sort }, { NULL },
};
