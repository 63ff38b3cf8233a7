/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock.h"

#include "base-error.h"

/* Smaller differences than this are network delay and drift that NTP mends; correcting them would make times jump. */
#define OFFSET_TOLERANCE_USEC (30 * (gint64) G_USEC_PER_SEC)

struct _AnxClock
{
  GObject parent_instance;

  gboolean fixed;
  /* Protected by lock. */
  gint64 fixed_usec;
  gint64 offset_usec;
  GMutex lock;
};

G_DEFINE_FINAL_TYPE (AnxClock, anx_clock, G_TYPE_OBJECT)

static void
anx_clock_finalize (GObject *object)
{
  g_mutex_clear (&ANX_CLOCK (object)->lock);
  G_OBJECT_CLASS (anx_clock_parent_class)->finalize (object);
}

static void
anx_clock_class_init (AnxClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_clock_finalize;
}

static void
anx_clock_init (AnxClock *self)
{
  g_mutex_init (&self->lock);
}

/**
 * anx_clock_new_system:
 *
 * Returns: (transfer full): a clock that follows the machine's, corrected by what anx_clock_observe() was told
 */
AnxClock *
anx_clock_new_system (void)
{
  return g_object_new (ANX_TYPE_CLOCK, NULL);
}

/**
 * anx_clock_new_fixed:
 * @now_usec: the time it shows, microseconds since 1970 UTC
 *
 * A clock that only moves by anx_clock_advance(), for tests and for simulations of the rules.
 *
 * Returns: (transfer full): the clock
 */
AnxClock *
anx_clock_new_fixed (gint64 now_usec)
{
  AnxClock *self = g_object_new (ANX_TYPE_CLOCK, NULL);
  self->fixed = TRUE;
  self->fixed_usec = now_usec;
  return self;
}

/**
 * anx_clock_now_usec:
 * @self: a clock
 *
 * Returns: the time, microseconds since 1970 UTC
 */
gint64
anx_clock_now_usec (AnxClock *self)
{
  g_return_val_if_fail (ANX_IS_CLOCK (self), 0);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return (self->fixed ? self->fixed_usec : g_get_real_time ()) + self->offset_usec;
}

/**
 * anx_clock_advance:
 * @self: a clock made by anx_clock_new_fixed()
 * @by_usec: how far to move it, microseconds, either way
 */
void
anx_clock_advance (AnxClock *self,
                   gint64 by_usec)
{
  g_return_if_fail (ANX_IS_CLOCK (self) && self->fixed);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  self->fixed_usec += by_usec;
}

/**
 * anx_clock_observe:
 * @self: a clock
 * @hub_now_usec: what the hub said the time is, microseconds since 1970 UTC
 *
 * Takes over the hub's time when the machine's is off by more than half a minute.
 */
void
anx_clock_observe (AnxClock *self,
                   gint64 hub_now_usec)
{
  g_return_if_fail (ANX_IS_CLOCK (self));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 machine = self->fixed ? self->fixed_usec : g_get_real_time ();
  gint64 offset = hub_now_usec - machine;
  if (ABS (offset - self->offset_usec) > OFFSET_TOLERANCE_USEC)
    self->offset_usec = ABS (offset) > OFFSET_TOLERANCE_USEC ? offset : 0;
}

/**
 * anx_clock_get_offset_usec:
 * @self: a clock
 *
 * Returns: what is added to the machine's time, microseconds; 0 while the machine's clock is right
 */
gint64
anx_clock_get_offset_usec (AnxClock *self)
{
  g_return_val_if_fail (ANX_IS_CLOCK (self), 0);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  return self->offset_usec;
}

/**
 * anx_time_to_rfc3339:
 * @usec: a time, microseconds since 1970 UTC
 *
 * Returns: (transfer full): the time as a FHIR instant, `2026-11-23T01:00:00.000000Z` (RFC 3339)
 */
char *
anx_time_to_rfc3339 (gint64 usec)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) exact = g_date_time_add (seconds, usec % G_USEC_PER_SEC);
  g_autofree char *day = g_date_time_format (exact, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf ("%s.%06dZ", day, g_date_time_get_microsecond (exact));
}

/**
 * anx_time_from_rfc3339:
 * @text: a date and time with a zone, RFC 3339
 * @out_usec: (out): where to put it, microseconds since 1970 UTC
 * @error: return location, %ANX_BASE_ERROR_INVALID
 *
 * Returns: whether @text was such a time
 */
gboolean
anx_time_from_rfc3339 (const char *text,
                       gint64 *out_usec,
                       GError **error)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  if (time == NULL)
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "This is not a date and time with a zone");
      return FALSE;
    }
  *out_usec = g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
  return TRUE;
}

/**
 * anx_time_in_zone:
 * @usec: a time, microseconds since 1970 UTC
 * @zone: (nullable): an IANA zone name; %NULL or an unknown one means Asia/Shanghai
 *
 * Returns: (transfer full): the same instant, to be shown to a person in that zone
 */
GDateTime *
anx_time_in_zone (gint64 usec,
                  const char *zone)
{
  g_autoptr (GTimeZone) tz = zone != NULL ? g_time_zone_new_identifier (zone) : NULL;
  if (tz == NULL)
    tz = g_time_zone_new_identifier ("Asia/Shanghai");
  if (tz == NULL)
    tz = g_time_zone_new_offset (8 * 3600);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC);
  return g_date_time_to_timezone (utc, tz);
}
