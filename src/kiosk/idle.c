/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idle.h"

/**
 * anx_idle_start:
 * @self: (out caller-allocates): where the count is kept
 * @limit_seconds: seconds without a touch before the warning; 0 = never
 * @now_usec: the time, monotonic microseconds
 *
 * Begins to count as if a touch had just come.
 */
void
anx_idle_start (AnxIdle *self, guint limit_seconds, gint64 now_usec)
{
  self->limit_seconds = limit_seconds;
  self->last_usec = now_usec;
}

/**
 * anx_idle_touch:
 * @self: the count
 * @now_usec: the time, monotonic microseconds
 *
 * Somebody is here. Times that run backwards are ignored: a count must never be lengthened by a clock's correction.
 */
void
anx_idle_touch (AnxIdle *self, gint64 now_usec)
{
  self->last_usec = MAX (self->last_usec, now_usec);
}

/**
 * anx_idle_get_state:
 * @self: the count
 * @now_usec: the time, monotonic microseconds
 * @out_seconds_left: (out) (optional): full seconds until it is over, rounded up; meaningful in %ANX_IDLE_WARNING
 *
 * Returns: whether somebody is here, may be gone, or is gone
 */
AnxIdleState
anx_idle_get_state (const AnxIdle *self, gint64 now_usec, guint *out_seconds_left)
{
  gint64 quiet_usec = MAX (now_usec - self->last_usec, 0);
  gint64 limit_usec = self->limit_seconds * (gint64) G_USEC_PER_SEC;
  gint64 end_usec = limit_usec + ANX_IDLE_WARNING_SECONDS * (gint64) G_USEC_PER_SEC;

  if (out_seconds_left != NULL)
    *out_seconds_left = (guint) ((MAX (end_usec - quiet_usec, 0) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  if (self->limit_seconds == 0 || quiet_usec < limit_usec)
    return ANX_IDLE_ACTIVE;
  return quiet_usec < end_usec ? ANX_IDLE_WARNING : ANX_IDLE_OVER;
}
