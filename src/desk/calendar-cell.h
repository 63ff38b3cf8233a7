/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "calendar-view.h"

G_BEGIN_DECLS

/* One booking in the calendar: an icon and two lines of text on the colour of its status. Friend of calendar-view.c. */
#define ANX_TYPE_CALENDAR_CELL (anx_calendar_cell_get_type ())
G_DECLARE_FINAL_TYPE (AnxCalendarCell, anx_calendar_cell, ANX, CALENDAR_CELL, GtkWidget)

GtkWidget *anx_calendar_cell_new (void);
/* Shows what @entry says; nothing of it is kept. */
void       anx_calendar_cell_set (AnxCalendarCell *self, const AnxCalendarEntry *entry);
void       anx_calendar_cell_set_text (AnxCalendarCell *self, const char *icon, const char *style, const char *title, const char *subtitle, const char *spoken);

G_END_DECLS
