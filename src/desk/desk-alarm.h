/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * When the desk rings, for what, and when it stops. States: quiet, check-in, crisis.
 *  A1 An open crisis alert rings until somebody of the duty group has acknowledged it; nothing on this desk silences it before.
 *  A2 A second alert while one rings is counted and rings on after the first is acknowledged.
 *  A3 A crisis outranks every check-in; red outranks yellow; the longest waiting comes first.
 *  A4 A check-in rings until the person is opened here, or is no longer waiting.
 * No widgets, no timers: the window asks whether a bell is due. Main thread.
 */
#define ANX_TYPE_DESK_ALARM (anx_desk_alarm_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskAlarm, anx_desk_alarm, ANX, DESK_ALARM, GObject)

typedef enum
{
  ANX_DESK_ALARM_QUIET,
  ANX_DESK_ALARM_CHECK_IN,
  ANX_DESK_ALARM_CRISIS,
} AnxDeskAlarmState;

#define ANX_DESK_BELL_CRISIS_USEC (2 * G_USEC_PER_SEC)
#define ANX_DESK_BELL_CHECK_IN_USEC (15 * G_USEC_PER_SEC)

AnxDeskAlarm *anx_desk_alarm_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* One look at the world: begin, then each open alert and each waiting person, then commit. */
void anx_desk_alarm_begin (AnxDeskAlarm *self);
void anx_desk_alarm_add_crisis (AnxDeskAlarm *self, const char *id, gboolean red, gint64 since_usec);
void anx_desk_alarm_add_check_in (AnxDeskAlarm *self, const char *id, gint64 since_usec);
void anx_desk_alarm_commit (AnxDeskAlarm *self);
/* The person behind a check-in was opened; crisis alerts ignore it (A1). */
void anx_desk_alarm_silence (AnxDeskAlarm *self, const char *id);

AnxDeskAlarmState anx_desk_alarm_get_state (AnxDeskAlarm *self);
const char       *anx_desk_alarm_get_id (AnxDeskAlarm *self);          /* (nullable) what to look at first */
gboolean          anx_desk_alarm_is_red (AnxDeskAlarm *self);
gint64            anx_desk_alarm_get_since_usec (AnxDeskAlarm *self);  /* of that one; 0 when quiet */
guint             anx_desk_alarm_count (AnxDeskAlarm *self);           /* ringing things of the state's kind */
/* TRUE when it is time for the bell; then the next one is due an interval later. */
gboolean          anx_desk_alarm_take_bell (AnxDeskAlarm *self, gint64 now_usec);

G_END_DECLS
