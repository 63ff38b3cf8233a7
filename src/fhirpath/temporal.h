/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "decimal.h"

G_BEGIN_DECLS

/* A date, dateTime or time of FHIRPath with the precision it was written in. A value; proleptic Gregorian calendar, years 1 to 9999. */
typedef enum
{
  ANX_TEMPORAL_DATE,
  ANX_TEMPORAL_DATE_TIME,
  ANX_TEMPORAL_TIME,
} AnxTemporalKind;

typedef enum
{
  ANX_PRECISION_YEAR,
  ANX_PRECISION_MONTH,
  ANX_PRECISION_DAY,
  ANX_PRECISION_HOUR,
  ANX_PRECISION_MINUTE,
  ANX_PRECISION_SECOND, /* fractions of a second are no precision of their own */
} AnxPrecision;

typedef struct
{
  AnxTemporalKind kind;
  AnxPrecision precision; /* parts behind it hold their least value */
  gint16 year;
  guint8 month;
  guint8 day;
  guint8 hour;
  guint8 minute;
  guint8 second;
  guint8 fraction_digits; /* 0 to 9, as written */
  gint32 nanosecond;
  gboolean has_zone;
  gint16 offset_minutes; /* east of Greenwich */
} AnxTemporal;

/* Units of time that calendars know. Seconds and milliseconds also take fractions. */
typedef enum
{
  ANX_CALENDAR_YEAR,
  ANX_CALENDAR_MONTH,
  ANX_CALENDAR_WEEK,
  ANX_CALENDAR_DAY,
  ANX_CALENDAR_HOUR,
  ANX_CALENDAR_MINUTE,
  ANX_CALENDAR_SECOND,
  ANX_CALENDAR_MILLISECOND,
} AnxCalendarUnit;

gboolean    anx_temporal_parse (const char *text, AnxTemporalKind kind, AnxTemporal *out_value);
AnxTemporal anx_temporal_from_usec (gint64 usec, int offset_minutes);
char       *anx_temporal_to_string (const AnxTemporal *self) G_GNUC_WARN_UNUSED_RESULT;
AnxTemporal anx_temporal_to_date (const AnxTemporal *self);

typedef enum
{
  ANX_ORDER_LESS = -1,
  ANX_ORDER_EQUAL = 0,
  ANX_ORDER_GREATER = 1,
  ANX_ORDER_UNKNOWN = 2, /* one of them is not written precisely enough to tell */
} AnxOrder;

AnxOrder anx_temporal_compare (const AnxTemporal *a, const AnxTemporal *b);
gboolean anx_temporal_add (const AnxTemporal *self, AnxDecimal amount, AnxCalendarUnit unit, AnxTemporal *out_value);

G_END_DECLS
