/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "screen-shape.h"
#include "ui-text.h"

/* How far ahead the hub is asked, and how many days a page shows: three rows of three fit the lowest screen. */
#define DAYS_AHEAD 28
#define SHOWN_DAYS 9

static void ask_for_slots (AnxBookingStep *step);

/* ---- day ---- */

static void
on_day_clicked (GtkButton *button,
                gpointer user_data)
{
  AnxBookingStep *step = user_data;
  step->draft->day = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-day"));
  anx_booking_step_push (step, anx_booking_time_page_make);
}

static guint
count_times (AnxBookingStep *step,
             int day)
{
  const char *zone = anx_resident_get_zone (step->resident);
  gint64 last = -1;
  guint n = 0;
  for (guint i = 0; i < step->draft->slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      if (slot->start_usec != last && anx_slot_get_day (slot, zone) == day)
        n++;
      last = slot->start_usec;
    }
  return n;
}

static GtkWidget *
make_day_button (AnxBookingStep *step,
                 const AnxSlot *first,
                 int day)
{
  const char *zone = anx_resident_get_zone (step->resident);
  AnxSlot now = { .start_usec = g_get_real_time () };
  int today = anx_slot_get_day (&now, zone);
  g_autofree char *date = anx_ui_format_day (first->start_usec, zone);
  guint times = count_times (step, day);
  g_autofree char *free_times = g_strdup_printf (ngettext ("%u free time", "%u free times", times), times);
  g_autofree char *detail = day == today       ? g_strdup_printf ("%s · %s", _("Today"), free_times)
                            : day == today + 1 ? g_strdup_printf ("%s · %s", _("Tomorrow"), free_times)
                                               : g_strdup (free_times);
  GtkWidget *choice = anx_page_make_choice (NULL, date, detail);
  gtk_widget_set_hexpand (choice, TRUE);
  if (day == step->draft->day)
    gtk_widget_add_css_class (choice, "anx-chosen");
  g_object_set_data (G_OBJECT (choice), "anx-day", GINT_TO_POINTER (day));
  g_signal_connect (choice, "clicked", G_CALLBACK (on_day_clicked), step);
  return choice;
}

static void
on_try_again (GtkButton *button,
              gpointer user_data)
{
  ask_for_slots (user_data);
}

static void
on_other_counsellor (GtkButton *button,
                     gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_back (step->window);
}

static void
show_days (AnxBookingStep *step)
{
  const char *zone = anx_resident_get_zone (step->resident);
  GtkBox *content = anx_page_get_content (step->page);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (content))) != NULL)
    gtk_box_remove (content, child);

  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_homogeneous (grid, TRUE);
  gtk_grid_set_column_spacing (grid, 20);
  gtk_grid_set_row_spacing (grid, 20);
  int last_day = 0, shown = 0, columns = anx_screen_is_wide (GTK_WIDGET (step->window)) ? 3 : 2;
  for (guint i = 0; i < step->draft->slots->len && shown < SHOWN_DAYS; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      int day = anx_slot_get_day (slot, zone);
      if (day == last_day)
        continue;
      gtk_grid_attach (grid, make_day_button (step, slot, day), shown % columns, shown / columns, 1, 1);
      last_day = day;
      shown++;
    }
  gtk_box_append (content, GTK_WIDGET (grid));
  if (shown > 0)
    anx_page_set_busy (step->page, NULL);
  else if (step->draft->counsellor != NULL)
    anx_page_show_problem (step->page, _("There is no free time in the next four weeks.\nPlease choose somebody else, or ask the staff."),
                           _("Choose somebody else"), G_CALLBACK (on_other_counsellor), step);
  else
    anx_page_show_problem (step->page, _("There is no free time in the next four weeks.\nPlease ask the staff. They can help you at once."),
                           _("Look again"), G_CALLBACK (on_try_again), step);
}

static void
on_slots (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = g_object_get_data (G_OBJECT (page), "anx-step");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_autoptr (GPtrArray) slots = error == NULL ? anx_slots_parse (answer, &error) : NULL;
  if (slots == NULL)
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_try_again), step);
      return;
    }
  g_clear_pointer (&step->draft->slots, g_ptr_array_unref);
  step->draft->slots = g_steal_pointer (&slots);
  show_days (step);
}

static void
ask_for_slots (AnxBookingStep *step)
{
  gint64 now = g_get_real_time ();
  g_autofree char *path = anx_booking_draft_dup_slots_path (step->draft, step->resident, now, now + DAYS_AHEAD * ANX_USEC_PER_DAY);
  anx_page_set_busy (step->page, _("Looking for free times…"));
  anx_resident_request_async (step->resident, "GET", path, NULL, NULL, on_slots, g_object_ref (step->page));
}

/* Free times grow old: coming back to the page asks for them anew. */
static void
on_map (GtkWidget *widget,
        gpointer user_data)
{
  ask_for_slots (user_data);
}

/**
 * anx_booking_day_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with service and counsellor
 *
 * The next days that have free times, asked of the hub each time the page comes to be seen.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_day_page_make (AnxResidentWindow *window,
                           gpointer data)
{
  GtkWidget *page = anx_page_new (_("Which day suits you?"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  if (step->draft->counsellor != NULL)
    {
      g_autofree char *line = g_strdup_printf (_("Free times of %s"), anx_words_of_principal (step->resident, step->draft->counsellor));
      anx_page_set_line (step->page, line);
    }
  g_signal_connect (page, "map", G_CALLBACK (on_map), step);
  return page;
}

/* ---- time ---- */

static void
on_time_clicked (GtkButton *button,
                 gpointer user_data)
{
  AnxBookingStep *step = user_data;
  const AnxSlot *slot = g_object_get_data (G_OBJECT (button), "anx-slot");
  anx_booking_draft_choose_slot (step->draft, slot);
  anx_booking_step_push (step, anx_booking_name_page_make);
}

static GtkWidget *
make_time_button (AnxBookingStep *step,
                  const AnxSlot *slot)
{
  g_autofree char *time = anx_ui_format_time (slot->start_usec, anx_resident_get_zone (step->resident));
  GtkWidget *button = gtk_button_new_with_label (time);
  gtk_widget_add_css_class (button, "anx-time");
  if (step->draft->slot != NULL && step->draft->slot->start_usec == slot->start_usec)
    gtk_widget_add_css_class (button, "anx-chosen");
  g_object_set_data_full (G_OBJECT (button), "anx-slot", anx_slot_copy (slot), (GDestroyNotify) anx_slot_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_time_clicked), step);
  return button;
}

static void
add_part_of_day (AnxBookingStep *step,
                 const char *heading,
                 int from_hour,
                 int to_hour)
{
  const char *zone = anx_resident_get_zone (step->resident);
  GtkGrid *grid = NULL;
  gint64 last = -1;
  int n = 0, columns = anx_screen_is_wide (GTK_WIDGET (step->window)) ? 6 : 4;
  for (guint i = 0; step->draft->slots != NULL && i < step->draft->slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      g_autoptr (GDateTime) start = anx_time_in_zone (slot->start_usec, zone);
      int hour = g_date_time_get_hour (start);
      /* Two counsellors may be free at the same time: the first one the hub names is taken. */
      if (slot->start_usec == last || hour < from_hour || hour >= to_hour || anx_slot_get_day (slot, zone) != step->draft->day)
        continue;
      last = slot->start_usec;
      if (grid == NULL)
        {
          GtkWidget *label = gtk_label_new (heading);
          gtk_widget_add_css_class (label, "anx-part-of-day");
          gtk_label_set_xalign (GTK_LABEL (label), 0);
          gtk_box_append (anx_page_get_content (step->page), label);
          grid = GTK_GRID (gtk_grid_new ());
          gtk_grid_set_column_homogeneous (grid, TRUE);
          gtk_grid_set_column_spacing (grid, 20);
          gtk_grid_set_row_spacing (grid, 20);
          gtk_box_append (anx_page_get_content (step->page), GTK_WIDGET (grid));
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
  for (guint i = 0; step->draft->slots != NULL && i < step->draft->slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      if (anx_slot_get_day (slot, zone) != step->draft->day)
        continue;
      g_autofree char *day = anx_ui_format_day (slot->start_usec, zone);
      anx_page_set_line (step->page, day);
      break;
    }
  add_part_of_day (step, _("Morning"), 0, 12);
  add_part_of_day (step, _("Afternoon"), 12, 18);
  add_part_of_day (step, _("Evening"), 18, 24);
  return page;
}

/* ---- the time was taken ---- */

static void show_alternatives (AnxBookingStep *step);

static void
on_alternative_clicked (GtkButton *button,
                        gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_booking_draft_choose_slot (step->draft, g_object_get_data (G_OBJECT (button), "anx-slot"));
  anx_booking_step_replace (step, anx_booking_review_page_make);
}

static void
on_all_days (GtkButton *button,
             gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_booking_step_replace (step, anx_booking_day_page_make);
}

static void
on_ask_alternatives (GtkButton *button,
                     gpointer user_data)
{
  show_alternatives (user_data);
}

/* Nearest to the time that was wanted first. */
static gint
compare_nearness (gconstpointer a,
                  gconstpointer b,
                  gpointer user_data)
{
  gint64 wanted = *(gint64 *) user_data;
  gint64 left = ABS ((*(AnxSlot *const *) a)->start_usec - wanted), right = ABS ((*(AnxSlot *const *) b)->start_usec - wanted);
  return left < right ? -1 : left > right;
}

static void
on_alternatives (GObject *source,
                 GAsyncResult *result,
                 gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = g_object_get_data (G_OBJECT (page), "anx-step");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  g_autoptr (GPtrArray) slots = error == NULL ? anx_slots_parse (answer, &error) : NULL;
  if (slots == NULL)
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_ask_alternatives), step);
      return;
    }
  gint64 wanted = step->draft->slot->start_usec, last = -1;
  guint most = anx_screen_is_low (GTK_WIDGET (step->window)) ? 3 : 4;
  g_ptr_array_sort_with_data (slots, compare_nearness, &wanted);
  guint shown = 0;
  for (guint i = 0; i < slots->len && shown < most; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (slots, i);
      if (slot->start_usec == last || slot->start_usec == wanted)
        continue;
      last = slot->start_usec;
      g_autofree char *label = anx_ui_format_day_time (slot->start_usec, anx_resident_get_zone (step->resident));
      GtkWidget *choice = anx_page_make_choice (NULL, label, anx_words_of_principal (step->resident, slot->counsellor));
      g_object_set_data_full (G_OBJECT (choice), "anx-slot", anx_slot_copy (slot), (GDestroyNotify) anx_slot_free);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_alternative_clicked), step);
      gtk_box_append (anx_page_get_content (page), choice);
      shown++;
    }
  GtkWidget *all = anx_page_make_choice (NULL, shown > 0 ? _("See all days") : _("Look at other days"), NULL);
  g_signal_connect (all, "clicked", G_CALLBACK (on_all_days), step);
  gtk_box_append (anx_page_get_content (page), all);
  anx_page_set_busy (page, NULL);
}

static void
show_alternatives (AnxBookingStep *step)
{
  gint64 now = g_get_real_time ();
  g_autofree char *path = anx_booking_draft_dup_slots_path (step->draft, step->resident, now, now + DAYS_AHEAD * ANX_USEC_PER_DAY);
  anx_page_set_busy (step->page, _("Looking for times close to it…"));
  anx_resident_request_async (step->resident, "GET", path, NULL, NULL, on_alternatives, g_object_ref (step->page));
}

/**
 * anx_booking_taken_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with the slot somebody else was given
 *
 * Somebody was earlier: the free times nearest to the wanted one, as choices. Everything else stays as entered.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_taken_page_make (AnxResidentWindow *window,
                             gpointer data)
{
  GtkWidget *page = anx_page_new (_("Somebody was just a moment earlier"), _("These times are free. Everything else stays as you entered it."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  show_alternatives (step);
  return page;
}
