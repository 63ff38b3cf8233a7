/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * An exact decimal number, a value: digits / 10^scale, at most 36 digits. FHIRPath demands 28 digits with eight of them
 * behind the point; binary floating point would make 0.1 + 0.2 differ from 0.3. The scale is kept as written: 1.50
 * prints as 1.50.
 */
typedef struct
{
  __int128 digits;
  guint8 scale; /* 0 to ANX_DECIMAL_MAX_SCALE */
} AnxDecimal;

#define ANX_DECIMAL_MAX_SCALE 18
#define ANX_DECIMAL_MAX_DIGITS 36

AnxDecimal anx_decimal_from_int (gint64 value);
gboolean   anx_decimal_from_double (double value, AnxDecimal *out_value);
gboolean   anx_decimal_parse (const char *text, AnxDecimal *out_value);
double     anx_decimal_to_double (AnxDecimal value);
gboolean   anx_decimal_to_int (AnxDecimal value, gint64 *out_value);
char      *anx_decimal_to_string (AnxDecimal value) G_GNUC_WARN_UNUSED_RESULT;

int        anx_decimal_compare (AnxDecimal a, AnxDecimal b);
AnxDecimal anx_decimal_strip (AnxDecimal value);
AnxDecimal anx_decimal_negate (AnxDecimal value);
gboolean   anx_decimal_add (AnxDecimal a, AnxDecimal b, AnxDecimal *out_value);
gboolean   anx_decimal_multiply (AnxDecimal a, AnxDecimal b, AnxDecimal *out_value);
gboolean   anx_decimal_divide (AnxDecimal a, AnxDecimal b, AnxDecimal *out_value);
gboolean   anx_decimal_remainder (AnxDecimal a, AnxDecimal b, AnxDecimal *out_value);

typedef enum
{
  ANX_DECIMAL_HALF_AWAY, /* 2.5 is 3, -2.5 is -3 */
  ANX_DECIMAL_TOWARD_ZERO,
  ANX_DECIMAL_DOWN,
  ANX_DECIMAL_UP,
} AnxDecimalRounding;

AnxDecimal anx_decimal_round (AnxDecimal value, guint scale, AnxDecimalRounding how);

G_END_DECLS
