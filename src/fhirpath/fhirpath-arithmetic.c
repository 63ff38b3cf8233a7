/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath-private.h"

/* What overflows, and a division by zero, gives nothing (FHIRPath 2.0.0 section 6.6). */

static AnxFhirpathCollection *
nothing (void)
{
  return anx_fhirpath_collection_new_empty ();
}

static AnxFhirpathCollection *
mismatch (FpRun *run,
          const FpNode *node)
{
  return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_VALUE, "values of types that this operator does not take");
}

static gboolean
is_number (AnxFhirpathItem *item)
{
  return item->type == ANX_FHIRPATH_INTEGER || item->type == ANX_FHIRPATH_DECIMAL;
}

static AnxFhirpathCollection *
whole_number (gint64 value)
{
  return value > G_MAXINT32 || value < G_MININT32 ? nothing () : anx_fhirpath_collection_new_integer (value);
}

/* The integers are of 32 bits: nothing overflows in 64. */
static AnxFhirpathCollection *
compute_integers (FpOperator op,
                  gint64 a,
                  gint64 b)
{
  switch (op)
    {
    case FP_OP_PLUS:
      return whole_number (a + b);
    case FP_OP_MINUS:
      return whole_number (a - b);
    case FP_OP_MULTIPLY:
      return whole_number (a * b);
    case FP_OP_DIV:
      return b == 0 ? nothing () : whole_number (a / b);
    default:
      return b == 0 ? nothing () : whole_number (a % b);
    }
}

static gboolean
compute_decimal (FpOperator op,
                 AnxDecimal a,
                 AnxDecimal b,
                 AnxDecimal *out_value)
{
  AnxDecimal rest;
  switch (op)
    {
    case FP_OP_PLUS:
      return anx_decimal_add (a, b, out_value);
    case FP_OP_MINUS:
      return anx_decimal_add (a, anx_decimal_negate (b), out_value);
    case FP_OP_MULTIPLY:
      return anx_decimal_multiply (a, b, out_value);
    case FP_OP_DIVIDE:
      return anx_decimal_divide (a, b, out_value);
    case FP_OP_DIV:
      /* Exactly: a rounded quotient could fall on the wrong side of a whole number. */
      if (!anx_decimal_remainder (a, b, &rest) || !anx_decimal_add (a, anx_decimal_negate (rest), &a) ||
          !anx_decimal_divide (a, b, out_value))
        return FALSE;
      *out_value = anx_decimal_round (*out_value, 0, ANX_DECIMAL_HALF_AWAY);
      return TRUE;
    default:
      return anx_decimal_remainder (a, b, out_value);
    }
}

static AnxFhirpathCollection *
compute_numbers (FpOperator op,
                 AnxFhirpathItem *a,
                 AnxFhirpathItem *b)
{
  AnxDecimal x, y, result;
  gint64 whole;
  if (a->type == ANX_FHIRPATH_INTEGER && b->type == ANX_FHIRPATH_INTEGER && op != FP_OP_DIVIDE)
    return compute_integers (op, a->of.integer, b->of.integer);
  anx_fhirpath_item_get_decimal (a, &x);
  anx_fhirpath_item_get_decimal (b, &y);
  if (!compute_decimal (op, x, y, &result))
    return nothing ();
  if (op == FP_OP_DIV)
    return anx_decimal_to_int (result, &whole) ? whole_number (whole) : nothing ();
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (result));
}

static AnxFhirpathCollection *
quantity (AnxDecimal value,
          const char *unit,
          gboolean calendar)
{
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_quantity (value, unit, calendar));
}

static AnxFhirpathCollection *
compute_quantities (FpRun *run,
                    const FpNode *node,
                    FpOperator op,
                    AnxFhirpathItem *a,
                    AnxFhirpathItem *b)
{
  AnxDecimal x, y, result;
  const char *unit_a = a->type == ANX_FHIRPATH_QUANTITY ? a->of.quantity.unit : "1";
  const char *unit_b = b->type == ANX_FHIRPATH_QUANTITY ? b->of.quantity.unit : "1";
  AnxFhirpathItem *kept = strcmp (unit_a, "1") != 0 ? a : b;
  const char *unit = strcmp (unit_a, "1") != 0 ? unit_a : unit_b;
  gboolean calendar = kept->type == ANX_FHIRPATH_QUANTITY && kept->of.quantity.calendar;
  gboolean same, plain = strcmp (unit_a, "1") == 0 || strcmp (unit_b, "1") == 0;
  anx_fhirpath_item_get_decimal (a, &x);
  anx_fhirpath_item_get_decimal (b, &y);
  if (op == FP_OP_MULTIPLY && plain)
    return anx_decimal_multiply (x, y, &result) ? quantity (result, unit, calendar) : nothing ();
  if (op == FP_OP_DIVIDE && strcmp (unit_b, "1") == 0)
    return anx_decimal_divide (x, y, &result) ? quantity (result, unit_a, calendar) : nothing ();
  if (op == FP_OP_MULTIPLY || op == FP_OP_DIV || op == FP_OP_MOD ||
      !anx_fhirpath_same_dimension (unit_a, unit_b, &same) || (op == FP_OP_DIVIDE && !same))
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "this operator on quantities of these units");
  if (!same)
    return nothing ();
  if (!anx_fhirpath_convert_unit (y, unit_b, unit_a, &y) || !compute_decimal (op, x, y, &result))
    return nothing ();
  return op == FP_OP_DIVIDE ? quantity (result, "1", FALSE)
                            : quantity (result, unit_a, a->type == ANX_FHIRPATH_QUANTITY && a->of.quantity.calendar);
}

/* A date and a duration. UCUM's year and month have no place in a calendar (FHIRPath 2.0.0 section 6.7). */
static AnxFhirpathCollection *
compute_temporal (FpRun *run,
                  const FpNode *node,
                  FpOperator op,
                  AnxFhirpathItem *a,
                  AnxFhirpathItem *b)
{
  static const struct
  {
    const char *code;
    AnxCalendarUnit unit;
  } codes[] = { { "wk", ANX_CALENDAR_WEEK },    { "d", ANX_CALENDAR_DAY },    { "h", ANX_CALENDAR_HOUR },
                { "min", ANX_CALENDAR_MINUTE }, { "s", ANX_CALENDAR_SECOND }, { "ms", ANX_CALENDAR_MILLISECOND } };
  AnxCalendarUnit unit;
  AnxTemporal sum;
  gboolean known = anx_fhirpath_calendar_unit (b->of.quantity.unit, &unit);
  for (guint i = 0; i < G_N_ELEMENTS (codes) && !known; i++)
    if (strcmp (b->of.quantity.unit, codes[i].code) == 0)
      {
        unit = codes[i].unit;
        known = TRUE;
      }
  if (!known || (a->type == ANX_FHIRPATH_TIME && unit < ANX_CALENDAR_HOUR))
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_UNSUPPORTED,
                              "a duration in a unit that can't be counted here");
  AnxDecimal amount = op == FP_OP_MINUS ? anx_decimal_negate (b->of.quantity.value) : b->of.quantity.value;
  return anx_temporal_add (&a->of.temporal, amount, unit, &sum)
             ? anx_fhirpath_collection_of (anx_fhirpath_item_new_temporal (&sum))
             : nothing ();
}

static AnxFhirpathCollection *
concatenate (FpRun *run,
             const FpNode *node,
             AnxFhirpathItem *a,
             AnxFhirpathItem *b)
{
  const char *left = a != NULL ? a->of.string : "", *right = b != NULL ? b->of.string : "";
  gsize bytes = strlen (left) + strlen (right);
  if (bytes > ANX_FHIRPATH_MAX_STRING_BYTES)
    return anx_fhirpath_fail (run, node, ANX_FHIRPATH_ERROR_TOO_LARGE, "a text of more than %d bytes",
                              ANX_FHIRPATH_MAX_STRING_BYTES);
  if (!anx_fhirpath_charge (run, node, bytes))
    return NULL;
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_string_take (g_strconcat (left, right, NULL)));
}

/* @a and @b are plain values; NULL is only given for “&”, where it counts as an empty text. */
AnxFhirpathCollection *
anx_fhirpath_compute (FpRun *run,
                      const FpNode *node,
                      FpOperator op,
                      AnxFhirpathItem *a,
                      AnxFhirpathItem *b)
{
  gboolean text_a = a == NULL || a->type == ANX_FHIRPATH_STRING, text_b = b == NULL || b->type == ANX_FHIRPATH_STRING;
  if (op == FP_OP_CONCATENATE || (op == FP_OP_PLUS && text_a && text_b))
    return text_a && text_b ? concatenate (run, node, a, b) : mismatch (run, node);
  gboolean quantity_a = a->type == ANX_FHIRPATH_QUANTITY, quantity_b = b->type == ANX_FHIRPATH_QUANTITY;
  if (is_number (a) && is_number (b))
    return compute_numbers (op, a, b);
  if ((quantity_a && (quantity_b || is_number (b))) || (quantity_b && is_number (a)))
    return compute_quantities (run, node, op, a, b);
  if (a->type >= ANX_FHIRPATH_DATE && a->type <= ANX_FHIRPATH_TIME && quantity_b &&
      (op == FP_OP_PLUS || op == FP_OP_MINUS))
    return compute_temporal (run, node, op, a, b);
  return mismatch (run, node);
}
