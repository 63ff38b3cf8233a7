/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "screen-shape.h"
#include "ui-text.h"

static void
on_time_clicked (GtkButton *button,
                 gpointer user_data)
{
  AnxBookingStep *step = user_data;
  const AnxSlot *slot = g_object_get_data (G_OBJECT (button), "anx-slot");
  g_autoptr (AnxSlot) chosen = anx_slot_copy (slot);
  anx_booking_step_choose (step, chosen, anx_booking_step_after_time (step));
}

static GtkWidget *
make_time_button (AnxBookingStep *step,
                  const AnxSlot *slot)
{
  g_autofree char *time = anx_ui_format_time (slot->start_usec, anx_resident_get_zone (step->resident));
  GtkWidget *button = gtk_button_new_with_label (time);
  gtk_widget_add_css_class (button, "anx-time");
  if (slot->ask)
    {
      g_autofree char *name = g_strdup_printf ("%s, %s", time, _("to ask for"));
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *note = gtk_label_new (_("to ask for"));
      gtk_widget_add_css_class (note, "anx-day-note");
      gtk_box_append (GTK_BOX (box), gtk_label_new (time));
      gtk_box_append (GTK_BOX (box), note);
      gtk_button_set_child (GTK_BUTTON (button), box);
      anx_ui_set_accessible_name (button, name);
    }
  if (step->draft->slot != NULL && step->draft->slot->start_usec == slot->start_usec)
    gtk_widget_add_css_class (button, "anx-chosen");
  g_object_set_data_full (G_OBJECT (button), "anx-slot", anx_slot_copy (slot), (GDestroyNotify) anx_slot_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_time_clicked), step);
  return button;
}

/* Two counsellors may be free at the same time: of each start the first one that can be had for certain, else the first one. */
static GPtrArray *
list_times (AnxBookingStep *step)
{
  const char *zone = anx_resident_get_zone (step->resident);
  GPtrArray *times = g_ptr_array_new ();
  for (guint i = 0; step->draft->slots != NULL && i < step->draft->slots->len; i++)
    {
      AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      AnxSlot *last = times->len > 0 ? g_ptr_array_index (times, times->len - 1) : NULL;
      if (anx_slot_get_day (slot, zone) != step->draft->day)
        continue;
      if (last == NULL || last->start_usec != slot->start_usec)
        g_ptr_array_add (times, slot);
      else if (last->ask && !slot->ask)
        times->pdata[times->len - 1] = slot;
    }
  return times;
}

/* The words stand above their times, on a wide screen before them. */
static void
add_part_of_day (AnxBookingStep *step,
                 GtkGrid *parts,
                 GPtrArray *times,
                 const char *heading,
                 int from_hour,
                 int to_hour)
{
  const char *zone = anx_resident_get_zone (step->resident);
  GtkGrid *grid = NULL;
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (step->window));
  int n = 0, columns = wide ? 5 : 4;
  for (guint i = 0; i < times->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (times, i);
      g_autoptr (GDateTime) start = anx_time_in_zone (slot->start_usec, zone);
      int hour = g_date_time_get_hour (start);
      if (hour < from_hour || hour >= to_hour)
        continue;
      if (grid == NULL)
        {
          GtkWidget *label = gtk_label_new (heading);
          gtk_widget_add_css_class (label, "anx-part-of-day");
          gtk_label_set_xalign (GTK_LABEL (label), 0);
          gtk_grid_attach_next_to (parts, label, NULL, GTK_POS_BOTTOM, 1, 1);
          grid = GTK_GRID (gtk_grid_new ());
          gtk_grid_set_column_homogeneous (grid, TRUE);
          gtk_grid_set_column_spacing (grid, 20);
          gtk_grid_set_row_spacing (grid, 20);
          gtk_grid_attach_next_to (parts, GTK_WIDGET (grid), label, wide ? GTK_POS_RIGHT : GTK_POS_BOTTOM, 1, 1);
        }
      GtkWidget *button = make_time_button (step, slot);
      gtk_widget_set_hexpand (button, TRUE);
      gtk_grid_attach (grid, button, n % columns, n / columns, 1, 1);
      n++;
    }
  /* A short row keeps the width of a full one. */
  for (; grid != NULL && n < columns; n++)
    {
      GtkWidget *gap = gtk_label_new ("");
      gtk_widget_set_hexpand (gap, TRUE);
      gtk_grid_attach (grid, gap, n, 0, 1, 1);
    }
}

/**
 * anx_booking_time_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with its day and slots
 *
 * The free times of the chosen day.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_time_page_make (AnxResidentWindow *window,
                            gpointer data)
{
  GtkWidget *page = anx_page_new (_("At what time?"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  const char *zone = anx_resident_get_zone (step->resident);
  g_autoptr (GPtrArray) times = list_times (step);
  gboolean ask = FALSE;
  for (guint i = 0; i < times->len; i++)
    ask = ask || ((AnxSlot *) g_ptr_array_index (times, i))->ask;
  if (times->len > 0)
    {
      g_autofree char *day = anx_ui_format_day (((AnxSlot *) g_ptr_array_index (times, 0))->start_usec, zone);
      /* Translators: after a day, as in "Monday 23 November". */
      g_autofree char *line = ask ? g_strdup_printf (_("%s. There is no network just now: what says “to ask for” the staff confirm later."), day) : NULL;
      anx_page_set_line (step->page, line != NULL ? line : day);
    }
  GtkGrid *parts = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (parts, 20);
  gtk_grid_set_column_spacing (parts, 32);
  gtk_box_append (anx_page_get_content (step->page), GTK_WIDGET (parts));
  add_part_of_day (step, parts, times, _("Morning"), 0, 12);
  add_part_of_day (step, parts, times, _("Afternoon"), 12, 18);
  add_part_of_day (step, parts, times, _("Evening"), 18, 24);
  return page;
}

