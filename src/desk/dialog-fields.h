/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What dialogs ask with: words, a day, a time. Main thread. */

/* A field for several lines; gives the scrolled window around it (transfer floating). */
GtkWidget *anx_dialog_text_new (GtkTextView **out_view, const char *name, int height);
char      *anx_dialog_text_dup (GtkTextView *view) G_GNUC_WARN_UNUSED_RESULT;
/* The wall clock of @zone, wherever this desk stands; 0 when that time does not exist. */
gint64     anx_dialog_day_usec (GtkCalendar *calendar, const char *zone, int hour, int minute);

/* A day as 2026-12-24 and a time as 9:00, written. */
GtkEditable *anx_dialog_short_entry_new (const char *text, const char *name, int width);
gboolean     anx_dialog_parse_clock (const char *text, int *out_minute);
GDateTime   *anx_dialog_parse_day (const char *text) G_GNUC_WARN_UNUSED_RESULT;
gint64       anx_dialog_time_usec (GtkEditable *day, GtkEditable *clock, const char *zone);

G_END_DECLS
