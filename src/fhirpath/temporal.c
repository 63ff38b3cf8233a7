/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "temporal.h"

#include <string.h>

#define DAY_SECONDS G_GINT64_CONSTANT (86400)
#define NANO G_GINT64_CONSTANT (1000000000)

static const guint8 month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

static int
days_in_month (int year,
               int month)
{
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month_days[month - 1] + (month == 2 && leap);
}

/* Days since 0001-01-01; @month from 1. */
static gint64
day_number (int year,
            int month,
            int day)
{
  gint64 y = year - 1, days = y * 365 + y / 4 - y / 100 + y / 400;
  for (int m = 1; m < month; m++)
    days += days_in_month (year, m);
  return days + day - 1;
}

static gboolean
set_day_number (AnxTemporal *self,
                gint64 days)
{
  if (days < 0 || days > day_number (9999, 12, 31))
    return FALSE;
  int year = (int) (days / 366) + 1, month = 1;
  while (year < 9999 && day_number (year + 1, 1, 1) <= days)
    year++;
  days -= day_number (year, 1, 1);
  for (; days >= days_in_month (year, month); month++)
    days -= days_in_month (year, month);
  self->year = (gint16) year;
  self->month = (guint8) month;
  self->day = (guint8) (days + 1);
  return TRUE;
}

/* Exactly @count digits; moves @text behind them. */
static gboolean
read_number (const char **text,
             int count,
             int *out_number)
{
  int number = 0;
  for (int i = 0; i < count; i++)
    {
      if (!g_ascii_isdigit ((*text)[i]))
        return FALSE;
      number = number * 10 + ((*text)[i] - '0');
    }
  *text += count;
  *out_number = number;
  return TRUE;
}

static gboolean
read_date (const char **text,
           AnxTemporal *self)
{
  int year, month, day;
  if (!read_number (text, 4, &year) || year < 1)
    return FALSE;
  self->year = (gint16) year;
  self->precision = ANX_PRECISION_YEAR;
  if (**text != '-')
    return TRUE;
  (*text)++;
  if (!read_number (text, 2, &month) || month < 1 || month > 12)
    return FALSE;
  self->month = (guint8) month;
  self->precision = ANX_PRECISION_MONTH;
  if (**text != '-')
    return TRUE;
  (*text)++;
  if (!read_number (text, 2, &day) || day < 1 || day > days_in_month (year, month))
    return FALSE;
  self->day = (guint8) day;
  self->precision = ANX_PRECISION_DAY;
  return TRUE;
}

static gboolean
read_time (const char **text,
           AnxTemporal *self)
{
  int hour, minute, second;
  if (!read_number (text, 2, &hour) || hour > 23)
    return FALSE;
  self->hour = (guint8) hour;
  self->precision = ANX_PRECISION_HOUR;
  if (**text != ':')
    return TRUE;
  (*text)++;
  if (!read_number (text, 2, &minute) || minute > 59)
    return FALSE;
  self->minute = (guint8) minute;
  self->precision = ANX_PRECISION_MINUTE;
  if (**text != ':')
    return TRUE;
  (*text)++;
  if (!read_number (text, 2, &second) || second > 60)
    return FALSE;
  self->second = (guint8) MIN (second, 59); /* a leap second counts as the one before it */
  self->precision = ANX_PRECISION_SECOND;
  if (**text != '.')
    return TRUE;
  (*text)++;
  gint32 unit = (gint32) NANO;
  for (; g_ascii_isdigit (**text); (*text)++)
    {
      if (self->fraction_digits == 9)
        return FALSE;
      unit /= 10;
      self->nanosecond += (**text - '0') * unit;
      self->fraction_digits++;
    }
  return self->fraction_digits > 0;
}

static gboolean
read_zone (const char **text,
           AnxTemporal *self)
{
  int hours, minutes;
  if (**text == 'Z')
    {
      (*text)++;
      self->has_zone = TRUE;
      return TRUE;
    }
  if (**text != '+' && **text != '-')
    return TRUE;
  int sign = **text == '-' ? -1 : 1;
  (*text)++;
  if (!read_number (text, 2, &hours) || hours > 14 || **text != ':')
    return FALSE;
  (*text)++;
  if (!read_number (text, 2, &minutes) || minutes > 59)
    return FALSE;
  self->has_zone = TRUE;
  self->offset_minutes = (gint16) (sign * (hours * 60 + minutes));
  return TRUE;
}

/**
 * anx_temporal_parse:
 * @text: ISO 8601 as FHIR and FHIRPath write it, without "@"; a time with or without "T" before it
 * @kind: what it shall be
 * @out_value: (out): the value
 *
 * Returns: whether @text is one: existing days only, years 0001 to 9999, at most nine digits of a second's fraction
 */
gboolean
anx_temporal_parse (const char *text,
                    AnxTemporalKind kind,
                    AnxTemporal *out_value)
{
  g_return_val_if_fail (text != NULL && out_value != NULL, FALSE);
  AnxTemporal value = { .kind = kind, .year = 1, .month = 1, .day = 1 };
  if (kind == ANX_TEMPORAL_TIME)
    {
      if (*text == 'T')
        text++;
      if (!read_time (&text, &value))
        return FALSE;
    }
  else
    {
      if (!read_date (&text, &value))
        return FALSE;
      if (kind == ANX_TEMPORAL_DATE_TIME && *text == 'T')
        {
          text++;
          if (*text != '\0' &&
              (value.precision != ANX_PRECISION_DAY || !read_time (&text, &value) || !read_zone (&text, &value)))
            return FALSE;
        }
    }
  if (*text != '\0')
    return FALSE;
  *out_value = value;
  return TRUE;
}

static gint64
seconds_of (const AnxTemporal *self)
{
  return day_number (self->year, self->month, self->day) * DAY_SECONDS + self->hour * 3600 + self->minute * 60 +
         self->second;
}

static gboolean
set_seconds (AnxTemporal *self,
             gint64 seconds)
{
  if (seconds < 0 || !set_day_number (self, seconds / DAY_SECONDS))
    return FALSE;
  gint64 rest = seconds % DAY_SECONDS;
  self->hour = (guint8) (rest / 3600);
  self->minute = (guint8) (rest / 60 % 60);
  self->second = (guint8) (rest % 60);
  return TRUE;
}

/**
 * anx_temporal_from_usec:
 * @usec: microseconds of UTC since 1970, years 1 to 9999
 * @offset_minutes: the zone to tell it in, minutes east of Greenwich
 *
 * Returns: the dateTime, to the millisecond
 */
AnxTemporal
anx_temporal_from_usec (gint64 usec,
                        int offset_minutes)
{
  AnxTemporal value = { .kind = ANX_TEMPORAL_DATE_TIME,
                        .precision = ANX_PRECISION_SECOND,
                        .year = 1,
                        .month = 1,
                        .day = 1,
                        .fraction_digits = 3,
                        .has_zone = TRUE,
                        .offset_minutes = (gint16) offset_minutes };
  gint64 seconds = usec / 1000000 - (usec % 1000000 < 0);
  value.nanosecond = (gint32) ((usec - seconds * 1000000) / 1000 * 1000000);
  set_seconds (&value, seconds + offset_minutes * 60 + day_number (1970, 1, 1) * DAY_SECONDS);
  return value;
}

/**
 * anx_temporal_to_string:
 * @self: a value
 *
 * Returns: (transfer full): it as FHIR writes it, in its precision, without "@" or a leading "T"
 */
char *
anx_temporal_to_string (const AnxTemporal *self)
{
  GString *text = g_string_new (NULL);
  if (self->kind != ANX_TEMPORAL_TIME)
    {
      g_string_append_printf (text, "%04d", self->year);
      if (self->precision >= ANX_PRECISION_MONTH)
        g_string_append_printf (text, "-%02d", self->month);
      if (self->precision >= ANX_PRECISION_DAY)
        g_string_append_printf (text, "-%02d", self->day);
      if (self->kind == ANX_TEMPORAL_DATE || self->precision < ANX_PRECISION_HOUR)
        return g_string_free (text, FALSE);
      g_string_append_c (text, 'T');
    }
  g_string_append_printf (text, "%02d", self->hour);
  if (self->precision >= ANX_PRECISION_MINUTE)
    g_string_append_printf (text, ":%02d", self->minute);
  if (self->precision >= ANX_PRECISION_SECOND)
    g_string_append_printf (text, ":%02d", self->second);
  if (self->fraction_digits > 0)
    {
      char digits[16];
      g_snprintf (digits, sizeof digits, "%09d", self->nanosecond);
      g_string_append_c (text, '.');
      g_string_append_len (text, digits, self->fraction_digits);
    }
  if (self->has_zone && self->offset_minutes == 0)
    g_string_append_c (text, 'Z');
  else if (self->has_zone)
    g_string_append_printf (text, "%c%02d:%02d", self->offset_minutes < 0 ? '-' : '+', ABS (self->offset_minutes) / 60,
                            ABS (self->offset_minutes) % 60);
  return g_string_free (text, FALSE);
}

/**
 * anx_temporal_to_date:
 * @self: a date or dateTime
 *
 * Returns: its day (or month, or year), without zone
 */
AnxTemporal
anx_temporal_to_date (const AnxTemporal *self)
{
  return (AnxTemporal){ .kind = ANX_TEMPORAL_DATE,
                        .precision = MIN (self->precision, ANX_PRECISION_DAY),
                        .year = self->year,
                        .month = self->month,
                        .day = self->day };
}

static AnxOrder
order_of (gint64 a,
          gint64 b)
{
  return a == b ? ANX_ORDER_EQUAL : a < b ? ANX_ORDER_LESS : ANX_ORDER_GREATER;
}

/**
 * anx_temporal_compare:
 * @a: a value
 * @b: another; both times of day, or neither
 *
 * Part by part, in UTC when both have a zone. When only one has, they count as different as soon as no zone on earth
 * could make them equal.
 *
 * Returns: the order; %ANX_ORDER_UNKNOWN when they are equal as far as both are written and one goes on
 */
AnxOrder
anx_temporal_compare (const AnxTemporal *a,
                      const AnxTemporal *b)
{
  g_return_val_if_fail ((a->kind == ANX_TEMPORAL_TIME) == (b->kind == ANX_TEMPORAL_TIME), ANX_ORDER_UNKNOWN);
  AnxPrecision common = MIN (a->precision, b->precision);
  AnxTemporal x = *a, y = *b;
  if (common >= ANX_PRECISION_HOUR && a->has_zone != b->has_zone)
    {
      /* Local time is 12 hours behind UTC to 14 hours before it. */
      gint64 early = a->has_zone ? seconds_of (b) - 14 * 3600 : seconds_of (a) - 14 * 3600;
      gint64 late = early + 26 * 3600;
      gint64 fixed = a->has_zone ? seconds_of (a) - a->offset_minutes * 60 : seconds_of (b) - b->offset_minutes * 60;
      if (fixed >= early && fixed <= late)
        return ANX_ORDER_UNKNOWN;
      return (fixed < early) == a->has_zone ? ANX_ORDER_LESS : ANX_ORDER_GREATER;
    }
  if (common >= ANX_PRECISION_HOUR && a->has_zone && a->offset_minutes != b->offset_minutes)
    {
      if (!set_seconds (&x, seconds_of (a) - a->offset_minutes * 60) ||
          !set_seconds (&y, seconds_of (b) - b->offset_minutes * 60))
        return order_of (seconds_of (a) - a->offset_minutes * 60, seconds_of (b) - b->offset_minutes * 60);
    }
  const gint64 parts_x[] = { x.year, x.month, x.day, x.hour, x.minute, x.second * NANO + x.nanosecond };
  const gint64 parts_y[] = { y.year, y.month, y.day, y.hour, y.minute, y.second * NANO + y.nanosecond };
  for (guint i = 0; i <= (guint) common; i++)
    if (parts_x[i] != parts_y[i])
      return order_of (parts_x[i], parts_y[i]);
  return a->precision == b->precision ? ANX_ORDER_EQUAL : ANX_ORDER_UNKNOWN;
}

static gboolean
add_months (AnxTemporal *self,
            gint64 months)
{
  gint64 total = self->year * 12 + self->month - 1 + months;
  if (total < 12 || total >= 10000 * 12)
    return FALSE;
  self->year = (gint16) (total / 12);
  self->month = (guint8) (total % 12 + 1);
  self->day = (guint8) MIN (self->day, days_in_month (self->year, self->month));
  return TRUE;
}

/* Nanoseconds of the units whose length is fixed. */
static gint64
length_of (AnxCalendarUnit unit)
{
  switch (unit)
    {
    case ANX_CALENDAR_WEEK:
      return 7 * DAY_SECONDS * NANO;
    case ANX_CALENDAR_DAY:
      return DAY_SECONDS * NANO;
    case ANX_CALENDAR_HOUR:
      return 3600 * NANO;
    case ANX_CALENDAR_MINUTE:
      return 60 * NANO;
    case ANX_CALENDAR_SECOND:
      return NANO;
    case ANX_CALENDAR_MILLISECOND:
      return NANO / 1000;
    case ANX_CALENDAR_YEAR:
    case ANX_CALENDAR_MONTH:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
add_nanoseconds (AnxTemporal *self,
                 __int128 amount)
{
  gint64 precisions[] = { 0, 0, DAY_SECONDS * NANO, 3600 * NANO, 60 * NANO, 1 };
  if (self->precision < ANX_PRECISION_DAY)
    {
      /* A year or month has no days to count: 365 and 30 of them make one (FHIRPath 2.0.0 section 6.7). */
      __int128 days = amount / ((__int128) DAY_SECONDS * NANO);
      __int128 months = self->precision == ANX_PRECISION_YEAR ? days / 365 * 12 : days / 30;
      return months > -200000 && months < 200000 && add_months (self, (gint64) months);
    }
  amount -= amount % precisions[self->precision];
  __int128 total = (__int128) seconds_of (self) * NANO + self->nanosecond + amount;
  if (self->kind == ANX_TEMPORAL_TIME)
    {
      /* Times of day go round the clock. */
      __int128 day = (__int128) DAY_SECONDS * NANO;
      total = (total % day + day) % day;
    }
  if (total < 0 || total / NANO > G_MAXINT64 / 2)
    return FALSE;
  self->nanosecond = (gint32) (total % NANO);
  while (self->fraction_digits < 9)
    {
      gint32 unit = 1;
      for (int i = self->fraction_digits; i < 9; i++)
        unit *= 10;
      if (self->nanosecond % unit == 0)
        break;
      self->fraction_digits++;
    }
  return set_seconds (self, (gint64) (total / NANO));
}

/**
 * anx_temporal_add:
 * @self: a value
 * @amount: how many @unit, may be negative
 * @unit: the unit; for a time of day hours and below
 * @out_value: (out): the sum, in the precision of @self
 *
 * Fractions count for seconds and milliseconds only. The 31st becomes the last day of a shorter month (FHIRPath 2.0.0
 * section 6.7).
 *
 * Returns: whether it stays within the years 1 to 9999
 */
gboolean
anx_temporal_add (const AnxTemporal *self,
                  AnxDecimal amount,
                  AnxCalendarUnit unit,
                  AnxTemporal *out_value)
{
  AnxTemporal sum = *self;
  gint64 whole;
  AnxDecimal cut = anx_decimal_round (amount, 0, ANX_DECIMAL_TOWARD_ZERO);
  if (!anx_decimal_to_int (cut, &whole) || whole > G_GINT64_CONSTANT (1000000000000000) ||
      whole < -G_GINT64_CONSTANT (1000000000000000))
    return FALSE;
  gboolean added;
  if (unit == ANX_CALENDAR_YEAR || unit == ANX_CALENDAR_MONTH)
    {
      if (self->kind == ANX_TEMPORAL_TIME)
        return FALSE;
      gint64 months = unit == ANX_CALENDAR_YEAR               ? whole * 12
                      : self->precision == ANX_PRECISION_YEAR ? whole / 12 * 12
                                                              : whole;
      added = add_months (&sum, months);
    }
  else if (unit >= ANX_CALENDAR_SECOND)
    {
      AnxDecimal exact;
      if (!anx_decimal_multiply (amount, anx_decimal_from_int (length_of (unit)), &exact))
        return FALSE;
      added = add_nanoseconds (&sum, anx_decimal_round (exact, 0, ANX_DECIMAL_TOWARD_ZERO).digits);
    }
  else
    added = add_nanoseconds (&sum, (__int128) whole * length_of (unit));
  if (added)
    *out_value = sum;
  return added;
}
