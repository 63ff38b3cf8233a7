/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialog-fields.h"

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
