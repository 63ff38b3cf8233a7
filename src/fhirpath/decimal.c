/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decimal.h"

#include <math.h>
#include <string.h>

static __int128
power_of_ten (guint exponent)
{
  __int128 power = 1;
  while (exponent-- > 0)
    power *= 10;
  return power;
}

static gboolean
fits (__int128 digits)
{
  const __int128 limit = power_of_ten (ANX_DECIMAL_MAX_DIGITS);
  return digits < limit && digits > -limit;
}

/**
 * anx_decimal_from_int:
 * @value: a whole number
 *
 * Returns: the same
 */
AnxDecimal
anx_decimal_from_int (gint64 value)
{
  return (AnxDecimal){ .digits = value, .scale = 0 };
}

/**
 * anx_decimal_parse:
 * @text: an optional sign, digits, optionally a point and digits
 * @out_value: (out): the number
 *
 * Zeros behind the last place that fits are let go; other digits there make it fail.
 *
 * Returns: whether @text is such a number with at most %ANX_DECIMAL_MAX_DIGITS digits
 */
gboolean
anx_decimal_parse (const char *text,
                   AnxDecimal *out_value)
{
  g_return_val_if_fail (text != NULL && out_value != NULL, FALSE);
  gboolean negative = *text == '-', point = FALSE;
  AnxDecimal value = { 0 };
  if (*text == '-' || *text == '+')
    text++;
  if (!g_ascii_isdigit (*text))
    return FALSE;
  for (; *text != '\0'; text++)
    {
      if (*text == '.' && !point && g_ascii_isdigit (text[1]))
        {
          point = TRUE;
          continue;
        }
      if (!g_ascii_isdigit (*text))
        return FALSE;
      if (point && value.scale == ANX_DECIMAL_MAX_SCALE)
        {
          if (*text != '0')
            return FALSE;
          continue;
        }
      value.digits = value.digits * 10 + (*text - '0');
      value.scale += point;
      if (!fits (value.digits))
        return FALSE;
    }
  if (negative)
    value.digits = -value.digits;
  *out_value = value;
  return TRUE;
}

/**
 * anx_decimal_from_double:
 * @value: a finite number
 * @out_value: (out): the shortest decimal that reads back as @value, at most %ANX_DECIMAL_MAX_SCALE places
 *
 * The way back for a decimal that went through a JSON reader with binary numbers: up to 15 digits come back as they
 * were written.
 *
 * Returns: whether it can be held
 */
gboolean
anx_decimal_from_double (double value,
                         AnxDecimal *out_value)
{
  if (!isfinite (value) || fabs (value) >= 1e28)
    return FALSE;
  char shortest[64];
  int digits;
  for (digits = 1; digits <= 17; digits++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%de", digits - 1);
      g_ascii_formatd (shortest, sizeof shortest, format, value);
      if (g_ascii_strtod (shortest, NULL) == value)
        break;
    }
  const char *e = strchr (shortest, 'e');
  int exponent = (int) g_ascii_strtoll (e + 1, NULL, 10);
  AnxDecimal result = { 0 };
  int scale = -exponent;
  for (const char *c = shortest; c < e; c++)
    {
      if (!g_ascii_isdigit (*c))
        continue;
      result.digits = result.digits * 10 + (*c - '0');
      scale++;
    }
  scale--; /* the digit before the point */
  if (shortest[0] == '-')
    result.digits = -result.digits;
  while (scale < 0)
    {
      result.digits *= 10;
      scale++;
    }
  while (scale > ANX_DECIMAL_MAX_SCALE)
    {
      /* Far below any measure: the last digits are rounded away. */
      __int128 rest = result.digits % 10;
      result.digits = result.digits / 10 + (rest >= 5) - (rest <= -5);
      scale--;
    }
  result.scale = (guint8) scale;
  if (!fits (result.digits))
    return FALSE;
  *out_value = anx_decimal_strip (result);
  return TRUE;
}

/**
 * anx_decimal_to_double:
 * @value: a decimal
 *
 * Returns: the nearest double
 */
double
anx_decimal_to_double (AnxDecimal value)
{
  g_autofree char *text = anx_decimal_to_string (value);
  return g_ascii_strtod (text, NULL);
}

/**
 * anx_decimal_to_int:
 * @value: a decimal
 * @out_value: (out): the same as a whole number
 *
 * Returns: whether @value is whole and fits
 */
gboolean
anx_decimal_to_int (AnxDecimal value,
                    gint64 *out_value)
{
  AnxDecimal stripped = anx_decimal_strip (value);
  if (stripped.scale != 0 || stripped.digits > G_MAXINT64 || stripped.digits < G_MININT64)
    return FALSE;
  *out_value = (gint64) stripped.digits;
  return TRUE;
}

/**
 * anx_decimal_to_string:
 * @value: a decimal
 *
 * Returns: (transfer full): its digits, with as many places as its scale
 */
char *
anx_decimal_to_string (AnxDecimal value)
{
  char text[64];
  char *at = text + sizeof text - 1;
  gboolean negative = value.digits < 0;
  unsigned __int128 rest = negative ? -(unsigned __int128) value.digits : (unsigned __int128) value.digits;
  guint place = 0;
  *at = '\0';
  do
    {
      if (place == value.scale && place > 0)
        *--at = '.';
      *--at = (char) ('0' + (int) (rest % 10));
      rest /= 10;
      place++;
    }
  while (rest != 0 || place <= value.scale);
  if (negative)
    *--at = '-';
  return g_strdup (at);
}

/**
 * anx_decimal_strip:
 * @value: a decimal
 *
 * Returns: the same number without zeros at its end behind the point
 */
AnxDecimal
anx_decimal_strip (AnxDecimal value)
{
  while (value.scale > 0 && value.digits % 10 == 0)
    {
      value.digits /= 10;
      value.scale--;
    }
  return value;
}

/**
 * anx_decimal_negate:
 * @value: a decimal
 *
 * Returns: it with the other sign
 */
AnxDecimal
anx_decimal_negate (AnxDecimal value)
{
  value.digits = -value.digits;
  return value;
}

/**
 * anx_decimal_compare:
 * @a: a decimal
 * @b: another
 *
 * Returns: below, at or above zero, as @a is below, at or above @b. Exact for all values
 */
int
anx_decimal_compare (AnxDecimal a,
                     AnxDecimal b)
{
  /* Whole parts first: bringing both to one scale could overflow. */
  __int128 scale_a = power_of_ten (a.scale), scale_b = power_of_ten (b.scale);
  __int128 whole_a = a.digits / scale_a, whole_b = b.digits / scale_b;
  if (whole_a != whole_b)
    return whole_a < whole_b ? -1 : 1;
  __int128 part_a = a.digits % scale_a * power_of_ten (ANX_DECIMAL_MAX_SCALE - a.scale);
  __int128 part_b = b.digits % scale_b * power_of_ten (ANX_DECIMAL_MAX_SCALE - b.scale);
  return part_a == part_b ? 0 : part_a < part_b ? -1 : 1;
}

/**
 * anx_decimal_round:
 * @value: a decimal
 * @scale: places to keep
 * @how: where what is cut off goes
 *
 * Returns: @value with exactly @scale places if it had more, else @value
 */
AnxDecimal
anx_decimal_round (AnxDecimal value,
                   guint scale,
                   AnxDecimalRounding how)
{
  if (scale >= value.scale)
    return value;
  __int128 unit = power_of_ten (value.scale - scale);
  __int128 quotient = value.digits / unit, rest = value.digits % unit;
  __int128 size = rest < 0 ? -rest : rest;
  int sign = rest < 0 ? -1 : 1;
  if (how == ANX_DECIMAL_HALF_AWAY && size >= unit - size)
    quotient += sign;
  else if ((how == ANX_DECIMAL_DOWN && rest < 0) || (how == ANX_DECIMAL_UP && rest > 0))
    quotient += sign;
  return (AnxDecimal){ .digits = quotient, .scale = (guint8) scale };
}

/* Gives both one scale, with fewer places when they would not fit otherwise. */
static gboolean
align (AnxDecimal *a,
       AnxDecimal *b)
{
  for (guint scale = MAX (a->scale, b->scale);; scale--)
    {
      AnxDecimal x = anx_decimal_round (*a, scale, ANX_DECIMAL_HALF_AWAY);
      AnxDecimal y = anx_decimal_round (*b, scale, ANX_DECIMAL_HALF_AWAY);
      __int128 digits_x, digits_y;
      if (!__builtin_mul_overflow (x.digits, power_of_ten (scale - x.scale), &digits_x) && fits (digits_x) &&
          !__builtin_mul_overflow (y.digits, power_of_ten (scale - y.scale), &digits_y) && fits (digits_y))
        {
          *a = (AnxDecimal){ .digits = digits_x, .scale = (guint8) scale };
          *b = (AnxDecimal){ .digits = digits_y, .scale = (guint8) scale };
          return TRUE;
        }
      if (scale == 0)
        return FALSE;
    }
}

/**
 * anx_decimal_add:
 * @a: a decimal
 * @b: another
 * @out_value: (out): their sum
 *
 * Exact as long as the sum has at most %ANX_DECIMAL_MAX_DIGITS digits, else rounded behind the point.
 *
 * Returns: whether the sum can be held
 */
gboolean
anx_decimal_add (AnxDecimal a,
                 AnxDecimal b,
                 AnxDecimal *out_value)
{
  if (!align (&a, &b) || !fits (a.digits + b.digits))
    return FALSE;
  *out_value = (AnxDecimal){ .digits = a.digits + b.digits, .scale = a.scale };
  return TRUE;
}

/**
 * anx_decimal_multiply:
 * @a: a decimal
 * @b: another
 * @out_value: (out): their product
 *
 * Exact as long as the product fits, else the factor with more places is rounded place by place.
 *
 * Returns: whether the product can be held
 */
gboolean
anx_decimal_multiply (AnxDecimal a,
                      AnxDecimal b,
                      AnxDecimal *out_value)
{
  __int128 product;
  a = anx_decimal_strip (a);
  b = anx_decimal_strip (b);
  while (__builtin_mul_overflow (a.digits, b.digits, &product) || !fits (product))
    {
      AnxDecimal *longer = a.scale >= b.scale ? &a : &b;
      if (longer->scale == 0)
        return FALSE;
      *longer = anx_decimal_round (*longer, longer->scale - 1u, ANX_DECIMAL_HALF_AWAY);
    }
  guint scale = (guint) a.scale + b.scale;
  __int128 unit = scale > ANX_DECIMAL_MAX_SCALE ? power_of_ten (scale - ANX_DECIMAL_MAX_SCALE) : 1;
  __int128 rest = product % unit, size = rest < 0 ? -rest : rest;
  product = product / unit + (unit > 1 && size >= unit - size ? (rest < 0 ? -1 : 1) : 0);
  *out_value = (AnxDecimal){ .digits = product, .scale = (guint8) MIN (scale, ANX_DECIMAL_MAX_SCALE) };
  return TRUE;
}

/**
 * anx_decimal_divide:
 * @a: a decimal
 * @b: the divisor
 * @out_value: (out): the quotient, exact or rounded to %ANX_DECIMAL_MAX_SCALE places or 28 digits, whichever comes
 * first
 *
 * Returns: whether there is one: %FALSE for a divisor of zero and for what can't be held
 */
gboolean
anx_decimal_divide (AnxDecimal a,
                    AnxDecimal b,
                    AnxDecimal *out_value)
{
  a = anx_decimal_strip (a);
  b = anx_decimal_strip (b);
  if (b.digits == 0)
    return FALSE;
  gboolean negative = (a.digits < 0) != (b.digits < 0);
  __int128 dividend = a.digits < 0 ? -a.digits : a.digits, divisor = b.digits < 0 ? -b.digits : b.digits;
  __int128 quotient = dividend / divisor, rest = dividend % divisor;
  int scale = (int) a.scale - b.scale;
  const __int128 enough = power_of_ten (28);
  while (scale < 0 || (rest != 0 && scale < ANX_DECIMAL_MAX_SCALE && quotient < enough))
    {
      if (!fits (quotient * 10))
        return FALSE;
      rest *= 10;
      quotient = quotient * 10 + rest / divisor;
      rest %= divisor;
      scale++;
    }
  if (rest >= divisor - rest && rest != 0)
    quotient++;
  *out_value = (AnxDecimal){ .digits = negative ? -quotient : quotient, .scale = (guint8) scale };
  *out_value = anx_decimal_strip (*out_value);
  return TRUE;
}

/**
 * anx_decimal_remainder:
 * @a: a decimal
 * @b: the divisor
 * @out_value: (out): what is left of @a after taking @b out a whole number of times; it has the sign of @a
 *
 * Returns: whether there is one
 */
gboolean
anx_decimal_remainder (AnxDecimal a,
                       AnxDecimal b,
                       AnxDecimal *out_value)
{
  guint scale = MAX (a.scale, b.scale);
  if (b.digits == 0 || !align (&a, &b) || a.scale != scale || b.digits == 0)
    return FALSE;
  *out_value = (AnxDecimal){ .digits = a.digits % b.digits, .scale = a.scale };
  return TRUE;
}
