/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialog-fields.h"

#include <string.h>

#include "clock.h"
#include "ui-text.h"

/**
 * anx_dialog_text_new:
 * @out_view: (out) (transfer none): the field
 * @name: what it is called, for who does not see it
 * @height: of the visible part, pixels
 *
 * Returns: (transfer floating): the field, scrolled; Tab leaves it
 */
GtkWidget *
anx_dialog_text_new (GtkTextView **out_view,
                     const char *name,
                     int height)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_add_css_class (view, "note");
  anx_ui_set_accessible_name (view, name);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), height);
  *out_view = GTK_TEXT_VIEW (view);
  return scrolled;
}

/**
 * anx_dialog_text_dup:
 * @view: a field
 *
 * Returns: (transfer full): what stands in it, without blanks at the ends
 */
char *
anx_dialog_text_dup (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start;
  GtkTextIter end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

/**
 * anx_dialog_day_usec:
 * @calendar: where the day was chosen
 * @zone: (nullable): IANA name of the centre's time zone; %NULL as in anx_time_in_zone()
 * @hour: 0 to 23
 * @minute: 0 to 59
 *
 * Returns: that time on the chosen day, microseconds of UTC; 0 when it does not exist
 */
gint64
anx_dialog_day_usec (GtkCalendar *calendar,
                     const char *zone,
                     int hour,
                     int minute)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (calendar);
  /* The zone in which times are shown, or what was chosen and what is read would differ on a machine that is set to another. */
  g_autoptr (GDateTime) shown = anx_time_in_zone (0, zone);
  g_autoptr (GDateTime) time = g_date_time_new (g_date_time_get_timezone (shown), g_date_time_get_year (day), g_date_time_get_month (day),
                                                g_date_time_get_day_of_month (day), hour, minute, 0);
  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}

/**
 * anx_dialog_short_entry_new:
 * @text: what stands in it
 * @name: what it is called, for who does not see it
 * @width: in characters
 *
 * Returns: (transfer floating): a field for a few characters
 */
GtkEditable *
anx_dialog_short_entry_new (const char *text,
                            const char *name,
                            int width)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), width);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), width);
  anx_ui_set_accessible_name (entry, name);
  return GTK_EDITABLE (entry);
}

/**
 * anx_dialog_parse_clock:
 * @text: "9:00" or "09:00"; 24:00 is the end of the day
 * @out_minute: (out): of the day
 *
 * Returns: whether it is a time
 */
gboolean
anx_dialog_parse_clock (const char *text,
                        int *out_minute)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  guint64 hour;
  guint64 minute;

  if (g_strv_length (parts) != 2 || !g_ascii_string_to_unsigned (g_strstrip (parts[0]), 10, 0, 24, &hour, NULL)
      || !g_ascii_string_to_unsigned (g_strstrip (parts[1]), 10, 0, 59, &minute, NULL) || hour * 60 + minute > 24 * 60)
    return FALSE;
  *out_minute = (int) (hour * 60 + minute);
  return TRUE;
}

/**
 * anx_dialog_parse_day:
 * @text: "2026-12-24"
 *
 * Returns: (transfer full) (nullable): the beginning of that day, in UTC; %NULL when it is none
 */
GDateTime *
anx_dialog_parse_day (const char *text)
{
  g_autofree char *full = g_strconcat (text, "T00:00:00Z", NULL);
  return strlen (text) == 10 ? g_date_time_new_from_iso8601 (full, NULL) : NULL;
}

/**
 * anx_dialog_time_usec:
 * @day: a field with a day
 * @clock: a field with a time
 * @zone: (nullable): IANA name of the centre's time zone
 *
 * Returns: that time by the clock on the wall of the centre, microseconds of UTC; 0 when a field is not understood
 */
gint64
anx_dialog_time_usec (GtkEditable *day,
                      GtkEditable *clock,
                      const char *zone)
{
  g_autoptr (GDateTime) date = anx_dialog_parse_day (gtk_editable_get_text (day));
  g_autoptr (GDateTime) shown = anx_time_in_zone (0, zone);
  int minute = 0;

  if (date == NULL || !anx_dialog_parse_clock (gtk_editable_get_text (clock), &minute))
    return 0;
  g_autoptr (GDateTime) midnight
      = g_date_time_new (g_date_time_get_timezone (shown), g_date_time_get_year (date), g_date_time_get_month (date),
                         g_date_time_get_day_of_month (date), 0, 0, 0);
  g_autoptr (GDateTime) time = midnight != NULL ? g_date_time_add_full (midnight, 0, 0, minute / (24 * 60), (minute / 60) % 24, minute % 60, 0) : NULL;
  return time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0;
}
