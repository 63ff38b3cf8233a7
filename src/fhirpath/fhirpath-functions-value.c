/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "fhirpath-private.h"

/* Conversions and mathematics: functions on one value. Nothing in gives nothing out. */

static AnxFhirpathCollection *
nothing (void)
{
  return anx_fhirpath_collection_new_empty ();
}

/* ---- Conversions: each gives the new item, or NULL where there is none ---- */

static AnxFhirpathItem *
to_boolean (AnxFhirpathItem *value)
{
  static const char *const yes[] = { "true", "t", "yes", "y", "1", "1.0" }, *const no[] = { "false", "f", "no",
                                                                                            "n",     "0", "0.0" };
  AnxDecimal decimal;
  if (value->type == ANX_FHIRPATH_BOOLEAN)
    return anx_fhirpath_item_ref (value);
  for (guint i = 0; value->type == ANX_FHIRPATH_STRING && i < G_N_ELEMENTS (yes); i++)
    {
      if (g_ascii_strcasecmp (value->of.string, yes[i]) == 0)
        return anx_fhirpath_item_new_boolean (TRUE);
      if (g_ascii_strcasecmp (value->of.string, no[i]) == 0)
        return anx_fhirpath_item_new_boolean (FALSE);
    }
  if ((value->type == ANX_FHIRPATH_INTEGER || value->type == ANX_FHIRPATH_DECIMAL) &&
      anx_fhirpath_item_get_decimal (value, &decimal))
    for (int i = 0; i <= 1; i++)
      if (anx_decimal_compare (decimal, anx_decimal_from_int (i)) == 0)
        return anx_fhirpath_item_new_boolean (i == 1);
  return NULL;
}

static AnxFhirpathItem *
to_integer (AnxFhirpathItem *value)
{
  AnxDecimal decimal;
  gint64 whole;
  if (value->type == ANX_FHIRPATH_INTEGER)
    return anx_fhirpath_item_ref (value);
  if (value->type == ANX_FHIRPATH_BOOLEAN)
    return anx_fhirpath_item_new_integer (value->of.boolean);
  if (value->type == ANX_FHIRPATH_STRING && anx_decimal_parse (value->of.string, &decimal) && decimal.scale == 0 &&
      strchr (value->of.string, '.') == NULL && anx_decimal_to_int (decimal, &whole) && whole <= G_MAXINT32 &&
      whole >= G_MININT32)
    return anx_fhirpath_item_new_integer (whole);
  return NULL;
}

static AnxFhirpathItem *
to_decimal (AnxFhirpathItem *value)
{
  AnxDecimal decimal;
  if (value->type == ANX_FHIRPATH_DECIMAL)
    return anx_fhirpath_item_ref (value);
  if (value->type == ANX_FHIRPATH_INTEGER)
    return anx_fhirpath_item_new_decimal (anx_decimal_from_int (value->of.integer));
  if (value->type == ANX_FHIRPATH_BOOLEAN)
    return anx_fhirpath_item_new_decimal ((AnxDecimal){ .digits = value->of.boolean ? 10 : 0, .scale = 1 });
  if (value->type == ANX_FHIRPATH_STRING && anx_decimal_parse (value->of.string, &decimal))
    return anx_fhirpath_item_new_decimal (decimal);
  return NULL;
}

static AnxFhirpathItem *
to_string (AnxFhirpathItem *value)
{
  char *text = anx_fhirpath_item_dup_string (value);
  return text != NULL ? anx_fhirpath_item_new_string_take (text) : NULL;
}

static AnxFhirpathItem *
to_quantity (AnxFhirpathItem *value)
{
  AnxDecimal decimal;
  AnxFhirpathItem *quantity;
  if (value->type == ANX_FHIRPATH_QUANTITY)
    return anx_fhirpath_item_ref (value);
  if (value->type == ANX_FHIRPATH_BOOLEAN)
    return anx_fhirpath_item_new_quantity ((AnxDecimal){ .digits = value->of.boolean ? 10 : 0, .scale = 1 }, "1",
                                           FALSE);
  if (value->type == ANX_FHIRPATH_STRING)
    return anx_fhirpath_quantity_parse (value->of.string, &quantity) ? quantity : NULL;
  return anx_fhirpath_item_get_decimal (value, &decimal) ? anx_fhirpath_item_new_quantity (decimal, "1", FALSE) : NULL;
}

static AnxFhirpathItem *
parse_as (AnxFhirpathItem *value,
          AnxTemporalKind kind)
{
  AnxTemporal temporal;
  return value->type == ANX_FHIRPATH_STRING && anx_temporal_parse (value->of.string, kind, &temporal)
             ? anx_fhirpath_item_new_temporal (&temporal)
             : NULL;
}

static AnxFhirpathItem *
to_date (AnxFhirpathItem *value)
{
  AnxFhirpathItem *parsed = parse_as (value, ANX_TEMPORAL_DATE);
  if (parsed != NULL || value->type == ANX_FHIRPATH_DATE)
    return parsed != NULL ? parsed : anx_fhirpath_item_ref (value);
  g_autoptr (AnxFhirpathItem) moment =
      value->type == ANX_FHIRPATH_DATE_TIME ? anx_fhirpath_item_ref (value) : parse_as (value, ANX_TEMPORAL_DATE_TIME);
  if (moment == NULL)
    return NULL;
  AnxTemporal day = anx_temporal_to_date (&moment->of.temporal);
  return anx_fhirpath_item_new_temporal (&day);
}

static AnxFhirpathItem *
to_date_time (AnxFhirpathItem *value)
{
  if (value->type == ANX_FHIRPATH_DATE_TIME)
    return anx_fhirpath_item_ref (value);
  if (value->type != ANX_FHIRPATH_DATE)
    return parse_as (value, ANX_TEMPORAL_DATE_TIME);
  AnxTemporal moment = value->of.temporal;
  moment.kind = ANX_TEMPORAL_DATE_TIME;
  return anx_fhirpath_item_new_temporal (&moment);
}

static AnxFhirpathItem *
to_time (AnxFhirpathItem *value)
{
  return value->type == ANX_FHIRPATH_TIME ? anx_fhirpath_item_ref (value) : parse_as (value, ANX_TEMPORAL_TIME);
}

/* By the name behind “to” and “convertsTo”. */
static const struct
{
  const char *name;
  AnxFhirpathItem *(*convert) (AnxFhirpathItem *value);
} conversions[] = { { "Boolean", to_boolean },    { "Integer", to_integer },   { "Decimal", to_decimal },
                    { "String", to_string },      { "Quantity", to_quantity }, { "Date", to_date },
                    { "DateTime", to_date_time }, { "Time", to_time } };

static gboolean
convert (FpCall *call,
         gboolean *out_empty,
         AnxFhirpathItem **out_item)
{
  g_autoptr (AnxFhirpathItem) value = NULL;
  g_autoptr (AnxFhirpathItem) unit = NULL;
  const char *name = call->node->function->name;
  name += g_str_has_prefix (name, "convertsTo") ? strlen ("convertsTo") : strlen ("to");
  *out_item = NULL;
  if (!anx_fhirpath_single (call->run, call->node, call->input, &value) ||
      (call->node->n_arguments == 1 && !anx_fhirpath_single (call->run, call->node, call->arguments[0], &unit)))
    return FALSE;
  *out_empty = value == NULL;
  for (guint i = 0; value != NULL && i < G_N_ELEMENTS (conversions); i++)
    if (strcmp (conversions[i].name, name) == 0)
      *out_item = conversions[i].convert (value);
  if (*out_item == NULL || unit == NULL)
    return TRUE;
  /* toQuantity ('mg'): in that unit, if there is a way to it. */
  AnxDecimal converted;
  gboolean same;
  g_autoptr (AnxFhirpathItem) old = g_steal_pointer (out_item);
  if (unit->type != ANX_FHIRPATH_STRING)
    {
      anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "a unit must be a text");
      return FALSE;
    }
  if (!anx_fhirpath_same_dimension (old->of.quantity.unit, unit->of.string, &same))
    {
      anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_UNSUPPORTED, "a unit that can't be converted");
      return FALSE;
    }
  if (same && anx_fhirpath_convert_unit (old->of.quantity.value, old->of.quantity.unit, unit->of.string, &converted))
    *out_item = anx_fhirpath_item_new_quantity (converted, unit->of.string, FALSE);
  return TRUE;
}

static AnxFhirpathCollection *
fn_to (FpCall *call)
{
  gboolean empty;
  AnxFhirpathItem *item;
  return convert (call, &empty, &item) ? anx_fhirpath_collection_of (item) : NULL;
}

static AnxFhirpathCollection *
fn_converts_to (FpCall *call)
{
  gboolean empty;
  AnxFhirpathItem *converted;
  if (!convert (call, &empty, &converted))
    return NULL;
  g_autoptr (AnxFhirpathItem) item = converted;
  return empty ? nothing () : anx_fhirpath_collection_new_boolean (item != NULL);
}

/* ---- Mathematics ---- */

/* The number of the input, or of an argument; NULL for none, FALSE for what is no number. */
static gboolean
get_number (FpCall *call,
            AnxFhirpathCollection *from,
            AnxFhirpathItem **out_item,
            AnxDecimal *out_value)
{
  if (!anx_fhirpath_single (call->run, call->node, from, out_item))
    return FALSE;
  if (*out_item == NULL || anx_fhirpath_item_get_decimal (*out_item, out_value))
    return TRUE;
  g_clear_pointer (out_item, anx_fhirpath_item_unref);
  anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "%s() takes a number",
                     call->node->function->name);
  return FALSE;
}

/* A quantity keeps its unit. */
static AnxFhirpathCollection *
like (AnxFhirpathItem *value,
      AnxDecimal decimal)
{
  gint64 whole;
  if (value->type == ANX_FHIRPATH_QUANTITY)
    return anx_fhirpath_collection_of (
        anx_fhirpath_item_new_quantity (decimal, value->of.quantity.unit, value->of.quantity.calendar));
  if (value->type == ANX_FHIRPATH_INTEGER && anx_decimal_to_int (decimal, &whole))
    return anx_fhirpath_collection_new_integer (whole);
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (decimal));
}

static AnxFhirpathCollection *
fn_abs (FpCall *call)
{
  AnxDecimal decimal;
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!get_number (call, call->input, &value, &decimal))
    return NULL;
  if (value == NULL)
    return nothing ();
  return like (value, decimal.digits < 0 ? anx_decimal_negate (decimal) : decimal);
}

static AnxFhirpathCollection *
to_whole (FpCall *call,
          AnxDecimalRounding how)
{
  AnxDecimal decimal;
  gint64 whole;
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!get_number (call, call->input, &value, &decimal))
    return NULL;
  if (value == NULL)
    return nothing ();
  decimal = anx_decimal_round (decimal, 0, how);
  if (value->type == ANX_FHIRPATH_QUANTITY)
    return like (value, decimal);
  return anx_decimal_to_int (decimal, &whole) && whole <= G_MAXINT32 && whole >= G_MININT32
             ? anx_fhirpath_collection_new_integer (whole)
             : nothing ();
}

static AnxFhirpathCollection *
fn_ceiling (FpCall *call)
{
  return to_whole (call, ANX_DECIMAL_UP);
}

static AnxFhirpathCollection *
fn_floor (FpCall *call)
{
  return to_whole (call, ANX_DECIMAL_DOWN);
}

static AnxFhirpathCollection *
fn_truncate (FpCall *call)
{
  return to_whole (call, ANX_DECIMAL_TOWARD_ZERO);
}

static AnxFhirpathCollection *
fn_round (FpCall *call)
{
  AnxDecimal decimal, places = { 0 };
  gint64 scale = 0;
  g_autoptr (AnxFhirpathItem) value = NULL;
  g_autoptr (AnxFhirpathItem) argument = NULL;
  if (!get_number (call, call->input, &value, &decimal) ||
      (call->node->n_arguments == 1 && !get_number (call, call->arguments[0], &argument, &places)))
    return NULL;
  if (value == NULL)
    return nothing ();
  if (!anx_decimal_to_int (places, &scale) || scale < 0)
    return anx_fhirpath_fail (call->run, call->node, ANX_FHIRPATH_ERROR_VALUE, "round() takes places from 0 up");
  return like (value, anx_decimal_round (decimal, (guint) MIN (scale, ANX_DECIMAL_MAX_SCALE), ANX_DECIMAL_HALF_AWAY));
}

/* The result of a function of real numbers: to 15 digits, beyond which binary arithmetic makes them up. */
static AnxFhirpathCollection *
real (double value)
{
  AnxDecimal decimal;
  char text[64];
  if (!isfinite (value))
    return nothing ();
  g_ascii_formatd (text, sizeof text, "%.15g", value);
  return anx_decimal_from_double (g_ascii_strtod (text, NULL), &decimal)
             ? anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (decimal))
             : nothing ();
}

static AnxFhirpathCollection *
of_real (FpCall *call,
         double (*function) (double))
{
  AnxDecimal decimal;
  g_autoptr (AnxFhirpathItem) value = NULL;
  if (!get_number (call, call->input, &value, &decimal))
    return NULL;
  return value != NULL ? real (function (anx_decimal_to_double (decimal))) : nothing ();
}

static AnxFhirpathCollection *
fn_exp (FpCall *call)
{
  return of_real (call, exp);
}

static AnxFhirpathCollection *
fn_ln (FpCall *call)
{
  return of_real (call, log);
}

static AnxFhirpathCollection *
fn_sqrt (FpCall *call)
{
  return of_real (call, sqrt);
}

/* The input and one argument, both numbers; @out_given is whether both are there. */
static gboolean
two_numbers (
    FpCall *call, AnxFhirpathItem **out_item, AnxDecimal *out_value, AnxDecimal *out_argument, gboolean *out_given)
{
  g_autoptr (AnxFhirpathItem) argument = NULL;
  if (!get_number (call, call->input, out_item, out_value) ||
      !get_number (call, call->arguments[0], &argument, out_argument))
    return FALSE;
  *out_given = *out_item != NULL && argument != NULL;
  return TRUE;
}

static AnxFhirpathCollection *
fn_log (FpCall *call)
{
  AnxDecimal value, base;
  gboolean given;
  g_autoptr (AnxFhirpathItem) item = NULL;
  if (!two_numbers (call, &item, &value, &base, &given))
    return NULL;
  return given ? real (log (anx_decimal_to_double (value)) / log (anx_decimal_to_double (base))) : nothing ();
}

static AnxFhirpathCollection *
fn_power (FpCall *call)
{
  AnxDecimal value, exponent, result = anx_decimal_from_int (1);
  gint64 whole;
  gboolean given;
  g_autoptr (AnxFhirpathItem) item = NULL;
  if (!two_numbers (call, &item, &value, &exponent, &given))
    return NULL;
  if (!given)
    return nothing ();
  if (!anx_decimal_to_int (exponent, &whole) || whole < 0 || whole > 1000)
    return real (pow (anx_decimal_to_double (value), anx_decimal_to_double (exponent)));
  /* Whole powers are exact as long as they fit. */
  for (; whole > 0; whole--)
    if (!anx_decimal_multiply (result, value, &result))
      return nothing ();
  if (item->type == ANX_FHIRPATH_INTEGER && anx_decimal_to_int (result, &whole))
    return whole > G_MAXINT32 || whole < G_MININT32 ? nothing () : anx_fhirpath_collection_new_integer (whole);
  return anx_fhirpath_collection_of (anx_fhirpath_item_new_decimal (result));
}

const FpFunction anx_fhirpath_value_functions[] = {
  { "toBoolean", 0, 0, 0, 0, fn_to },
  { "toInteger", 0, 0, 0, 0, fn_to },
  { "toDecimal", 0, 0, 0, 0, fn_to },
  { "toString", 0, 0, 0, 0, fn_to },
  { "toQuantity", 0, 1, 0, 0, fn_to },
  { "toDate", 0, 0, 0, 0, fn_to },
  { "toDateTime", 0, 0, 0, 0, fn_to },
  { "toTime", 0, 0, 0, 0, fn_to },
  { "convertsToBoolean", 0, 0, 0, 0, fn_converts_to },
  { "convertsToInteger", 0, 0, 0, 0, fn_converts_to },
  { "convertsToDecimal", 0, 0, 0, 0, fn_converts_to },
  { "convertsToString", 0, 0, 0, 0, fn_converts_to },
  { "convertsToQuantity", 0, 1, 0, 0, fn_converts_to },
  { "convertsToDate", 0, 0, 0, 0, fn_converts_to },
  { "convertsToDateTime", 0, 0, 0, 0, fn_converts_to },
  { "convertsToTime", 0, 0, 0, 0, fn_converts_to },
  { "abs", 0, 0, 0, 0, fn_abs },
  { "ceiling", 0, 0, 0, 0, fn_ceiling },
  { "floor", 0, 0, 0, 0, fn_floor },
  { "truncate", 0, 0, 0, 0, fn_truncate },
  { "round", 0, 1, 0, 0, fn_round },
  { "exp", 0, 0, 0, 0, fn_exp },
  { "ln", 0, 0, 0, 0, fn_ln },
  { "sqrt", 0, 0, 0, 0, fn_sqrt },
  { "log", 1, 1, 0, 0, fn_log },
  { "power", 1, 1, 0, 0, fn_power },
  { NULL },
};
