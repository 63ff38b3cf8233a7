/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * The time as the service sees it, in microseconds of UTC since 1970. A machine's clock can be wrong; the hub's answer
 * tells by how much, and everything that stamps or compares times asks this object, not the system. Any thread.
 */
#define ANX_TYPE_CLOCK (anx_clock_get_type ())
G_DECLARE_FINAL_TYPE (AnxClock, anx_clock, ANX, CLOCK, GObject)

AnxClock *anx_clock_new_system (void) G_GNUC_WARN_UNUSED_RESULT;
AnxClock *anx_clock_new_fixed (gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;

gint64 anx_clock_now_usec (AnxClock *self);
void   anx_clock_advance (AnxClock *self, gint64 by_usec);
void   anx_clock_observe (AnxClock *self, gint64 hub_now_usec);
gint64 anx_clock_get_offset_usec (AnxClock *self);

char      *anx_time_to_rfc3339 (gint64 usec) G_GNUC_WARN_UNUSED_RESULT;
gboolean   anx_time_from_rfc3339 (const char *text, gint64 *out_usec, GError **error);
GDateTime *anx_time_in_zone (gint64 usec, const char *zone) G_GNUC_WARN_UNUSED_RESULT;

#define ANX_USEC_PER_SECOND G_USEC_PER_SEC
#define ANX_USEC_PER_MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define ANX_USEC_PER_HOUR (60 * ANX_USEC_PER_MINUTE)
#define ANX_USEC_PER_DAY (24 * ANX_USEC_PER_HOUR)

G_END_DECLS
