/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Public holidays and the weekend days worked in exchange: data/calendar. Immutable, no I/O. Any thread. */
typedef struct _AnxCalendar AnxCalendar;

AnxCalendar *anx_calendar_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* {"timezone","holidays":["2027-01-01"],"workdays":["2027-02-07"]} */
void         anx_calendar_free (AnxCalendar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxCalendar, anx_calendar_free)
gboolean     anx_calendar_is_working_day (AnxCalendar *self, int year, int month, int day);
gboolean     anx_calendar_is_working_date (AnxCalendar *self, GDateTime *local);
char       **anx_calendar_dup_holidays (AnxCalendar *self) G_GNUC_WARN_UNUSED_RESULT; /* "2027-01-01", in order */
char       **anx_calendar_dup_workdays (AnxCalendar *self) G_GNUC_WARN_UNUSED_RESULT; /* weekend days worked in exchange, in order */
GTimeZone   *anx_calendar_get_zone (AnxCalendar *self);

G_END_DECLS
