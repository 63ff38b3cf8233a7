/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * The centre's bookings of a day or a week, by counsellor or by room, as a calendar or as a list; moves are asked of the hub.
 *
 * Signal: chosen (const char *booking)
 */
#define ANX_TYPE_BOOKINGS_CALENDAR (anx_bookings_calendar_get_type ())
G_DECLARE_FINAL_TYPE (AnxBookingsCalendar, anx_bookings_calendar, ANX, BOOKINGS_CALENDAR, AdwBin)

GtkWidget *anx_bookings_calendar_new (AnxDeskService *service);
/* A name, a telephone number, a room: as a list over all days that are known; empty = back to the calendar. */
void       anx_bookings_calendar_search (AnxBookingsCalendar *self, const char *text);
void       anx_bookings_calendar_show (AnxBookingsCalendar *self, const char *booking);
void       anx_bookings_calendar_begin_move (AnxBookingsCalendar *self, const char *booking);

G_END_DECLS
