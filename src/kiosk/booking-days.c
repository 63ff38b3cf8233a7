/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "ui-text.h"

#define DAYS_OF_WEEK 7
/* Six weeks hold every month. */
#define MOST_DAYS 31

static void ask_for_month (AnxBookingStep *step);

/* The first instant of the month that is looked at, in the centre's zone. */
static GDateTime *
start_of_month (AnxBookingStep *step,
                int months_on)
{
  g_autoptr (GDateTime) now = anx_time_in_zone (g_get_real_time (), anx_resident_get_zone (step->resident));
  g_autoptr (GDateTime) month = g_date_time_add_months (now, months_on);
  return g_date_time_new (g_date_time_get_timezone (now), g_date_time_get_year (month), g_date_time_get_month (month), 1, 0, 0, 0);
}

static int
day_number (GDateTime *time)
{
  g_autoptr (GDate) date = g_date_new_dmy ((GDateDay) g_date_time_get_day_of_month (time), (GDateMonth) g_date_time_get_month (time),
                                           (GDateYear) g_date_time_get_year (time));
  return (int) g_date_get_julian (date);
}

static gint64
horizon_usec (AnxBookingStep *step)
{
  return g_get_real_time () + anx_booking_step_get_horizon (step) * ANX_USEC_PER_DAY;
}

static gint64
month_usec (AnxBookingStep *step,
            int months_on)
{
  g_autoptr (GDateTime) start = start_of_month (step, months_on);
  return g_date_time_to_unix (start) * G_USEC_PER_SEC;
}

static gboolean
has_later_month (AnxBookingStep *step)
{
  return month_usec (step, step->draft->month + 1) < horizon_usec (step);
}

static void
on_day_clicked (GtkButton *button,
                gpointer user_data)
{
  AnxBookingStep *step = user_data;
  step->draft->day = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-day"));
  anx_booking_step_push (step, anx_booking_time_page_make);
}

static void
on_other_month (GtkButton *button,
                gpointer user_data)
{
  AnxBookingStep *step = user_data;
  step->draft->month += GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-months"));
  ask_for_month (step);
}

static void
on_try_again (GtkButton *button,
              gpointer user_data)
{
  ask_for_month (user_data);
}

/* How many different starts each day of the month has; index 1 is its first day. */
static void
count_times (AnxBookingStep *step,
             guint counts[MOST_DAYS + 1],
             gint64 firsts[MOST_DAYS + 1])
{
  const char *zone = anx_resident_get_zone (step->resident);
  gint64 last = -1;
  for (guint i = 0; i < step->draft->slots->len; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (step->draft->slots, i);
      if (slot->start_usec == last)
        continue;
      last = slot->start_usec;
      g_autoptr (GDateTime) time = anx_time_in_zone (slot->start_usec, zone);
      int day = g_date_time_get_day_of_month (time);
      if (counts[day]++ == 0)
        firsts[day] = slot->start_usec;
    }
}

static GtkWidget *
make_day_button (AnxBookingStep *step,
                 GDateTime *date,
                 gint64 first_usec,
                 guint times)
{
  const char *zone = anx_resident_get_zone (step->resident);
  AnxSlot now = { .start_usec = g_get_real_time () };
  int today = anx_slot_get_day (&now, zone), day = day_number (date);
  g_autofree char *number = g_strdup_printf ("%d", g_date_time_get_day_of_month (date));
  /* Translators: below a day of the calendar: so many times are free. Very short. */
  g_autofree char *few = g_strdup_printf (ngettext ("%u free", "%u free", times), times);
  g_autofree char *words = anx_ui_format_day (first_usec, zone);
  g_autofree char *free_times = g_strdup_printf (ngettext ("%u free time", "%u free times", times), times);
  g_autofree char *name = day == today       ? g_strdup_printf ("%s, %s, %s", words, _("Today"), free_times)
                          : day == today + 1 ? g_strdup_printf ("%s, %s, %s", words, _("Tomorrow"), free_times)
                                             : g_strdup_printf ("%s, %s", words, free_times);
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *big = gtk_label_new (number), *small = gtk_label_new (day == today ? _("Today") : day == today + 1 ? _("Tomorrow") : few);
  gtk_widget_add_css_class (button, "anx-day");
  gtk_widget_add_css_class (big, "anx-day-number");
  gtk_widget_add_css_class (small, "anx-day-note");
  gtk_box_append (GTK_BOX (box), big);
  gtk_box_append (GTK_BOX (box), small);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_hexpand (button, TRUE);
  if (day == step->draft->day)
    gtk_widget_add_css_class (button, "anx-chosen");
  anx_ui_set_accessible_name (button, name);
  g_object_set_data (G_OBJECT (button), "anx-day", GINT_TO_POINTER (day));
  g_signal_connect (button, "clicked", G_CALLBACK (on_day_clicked), step);
  return button;
}

static GtkWidget *
make_closed_day (int day)
{
  g_autofree char *number = g_strdup_printf ("%d", day);
  GtkWidget *label = gtk_label_new (number);
  gtk_widget_add_css_class (label, "anx-day-closed");
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static void
add_weekdays (GtkGrid *grid)
{
  const char *const names[] = { _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun") };
  for (int i = 0; i < DAYS_OF_WEEK; i++)
    {
      GtkWidget *label = gtk_label_new (names[i]);
      gtk_widget_add_css_class (label, "anx-part-of-day");
      gtk_widget_set_hexpand (label, TRUE);
      gtk_grid_attach (grid, label, i, 0, 1, 1);
    }
}

/* A week that is over, or beyond what can be booked, would only push the others off the screen. */
static GtkWidget *
make_month (AnxBookingStep *step)
{
  guint counts[MOST_DAYS + 1] = { 0 };
  gint64 firsts[MOST_DAYS + 1] = { 0 };
  g_autoptr (GDateTime) start = start_of_month (step, step->draft->month);
  g_autoptr (GDateTime) now = anx_time_in_zone (g_get_real_time (), anx_resident_get_zone (step->resident));
  int offset = g_date_time_get_day_of_week (start) - 1, today = day_number (now), row = 0;
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_homogeneous (grid, TRUE);
  gtk_grid_set_column_spacing (grid, 12);
  gtk_grid_set_row_spacing (grid, 12);
  add_weekdays (grid);
  count_times (step, counts, firsts);
  for (int day = 1; day <= g_date_get_days_in_month ((GDateMonth) g_date_time_get_month (start), (GDateYear) g_date_time_get_year (start)); day++)
    {
      int place = offset + day - 1;
      g_autoptr (GDateTime) date = g_date_time_add_days (start, day - 1);
      int end_of_week = day_number (date) + DAYS_OF_WEEK - 1 - place % DAYS_OF_WEEK;
      if (end_of_week < today)
        continue;
      if (row == 0 || place % DAYS_OF_WEEK == 0)
        row++;
      gtk_grid_attach (grid, counts[day] > 0 ? make_day_button (step, date, firsts[day], counts[day]) : make_closed_day (day), place % DAYS_OF_WEEK, row, 1, 1);
    }
  return GTK_WIDGET (grid);
}

static GtkWidget *
make_month_button (AnxBookingStep *step,
                   const char *label,
                   int months)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_add_css_class (button, "anx-month-button");
  g_object_set_data (G_OBJECT (button), "anx-months", GINT_TO_POINTER (months));
  g_signal_connect (button, "clicked", G_CALLBACK (on_other_month), step);
  return button;
}

static GtkWidget *
make_month_bar (AnxBookingStep *step)
{
  static const char *const names[] = { N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
                                       N_("September"), N_("October"), N_("November"), N_("December") };
  g_autoptr (GDateTime) start = start_of_month (step, step->draft->month);
  /* Translators: month and year above a calendar. Chinese: "%2$d年%1$s". */
  g_autofree char *title = g_strdup_printf (_("%1$s %2$d"), _(names[g_date_time_get_month (start) - 1]), g_date_time_get_year (start));
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20), *label = gtk_label_new (title);
  GtkWidget *earlier = make_month_button (step, _("Earlier month"), -1), *later = make_month_button (step, _("Later month"), 1);
  gtk_widget_add_css_class (label, "anx-month");
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_sensitive (earlier, step->draft->month > 0);
  gtk_widget_set_sensitive (later, has_later_month (step));
  gtk_box_append (GTK_BOX (bar), earlier);
  gtk_box_append (GTK_BOX (bar), label);
  gtk_box_append (GTK_BOX (bar), later);
  return bar;
}

static void
show_month (AnxBookingStep *step)
{
  GtkBox *content = anx_page_get_content (step->page);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (content))) != NULL)
    gtk_box_remove (content, child);
  gtk_box_append (content, make_month_bar (step));
  gtk_box_append (content, make_month (step));
  anx_page_set_busy (step->page, NULL);
}

/* Months without a free time are passed over on the way on; when none has one, there is a page for that. */
static void
on_month (AnxBookingStep *step,
          GPtrArray *slots,
          const GError *error)
{
  if (slots == NULL)
    {
      anx_page_show_problem (step->page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_try_again), step);
      return;
    }
  g_clear_pointer (&step->draft->slots, g_ptr_array_unref);
  step->draft->slots = slots;
  gboolean searching = !GPOINTER_TO_INT (g_object_get_data (G_OBJECT (step->page), "anx-found"));
  if (slots->len > 0)
    g_object_set_data (G_OBJECT (step->page), "anx-found", GINT_TO_POINTER (TRUE));
  if (slots->len > 0 || !searching)
    show_month (step);
  else if (has_later_month (step))
    {
      step->draft->month++;
      ask_for_month (step);
    }
  else if (gtk_widget_get_mapped (GTK_WIDGET (step->page)))
    {
      step->draft->month = 0;
      anx_booking_step_replace (step, anx_booking_none_page_make);
    }
}

static void
ask_for_month (AnxBookingStep *step)
{
  gint64 from = MAX (g_get_real_time (), month_usec (step, step->draft->month));
  gint64 to = MIN (month_usec (step, step->draft->month + 1), horizon_usec (step));
  anx_page_set_busy (step->page, _("Looking for free times…"));
  anx_booking_step_find_slots (step, from, MAX (from, to), FALSE, on_month);
}

/* Free times grow old: coming back to the page asks for them anew. */
static void
on_map (GtkWidget *widget,
        gpointer user_data)
{
  ask_for_month (user_data);
}

/**
 * anx_booking_day_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with service and counsellor
 *
 * A calendar of the month with the days that have free times, asked of the hub each time the page comes to be seen.
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
