/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "json.h"
#include "tiles.h"
#include "ui-text.h"

/* Narrower than this nobody reads what somebody comes with at a glance. */
#define NEED_WIDTH_PX 520

static void
step_free (gpointer data)
{
  AnxBookingStep *self = data;
  anx_booking_draft_unref (self->draft);
  g_free (self);
}

/**
 * anx_booking_step_new:
 * @window: the window of this visit
 * @draft: the draft; a reference is taken
 * @page: the page this belongs to
 *
 * Returns: (transfer none): freed with @page
 */
AnxBookingStep *
anx_booking_step_new (AnxResidentWindow *window,
                      AnxBookingDraft *draft,
                      GtkWidget *page)
{
  AnxBookingStep *self = g_new0 (AnxBookingStep, 1);
  self->window = window;
  self->resident = anx_resident_window_get_resident (window);
  self->page = ANX_PAGE (page);
  self->draft = anx_booking_draft_ref (draft);
  g_object_set_data_full (G_OBJECT (page), "anx-step", self, step_free);
  return self;
}

static void
unref_draft (gpointer data)
{
  anx_booking_draft_unref (data);
}

/**
 * anx_booking_step_push:
 * @self: the present page's step
 * @maker: makes the next page from the draft
 *
 * Goes on; "back" returns to the present page.
 */
void
anx_booking_step_push (AnxBookingStep *self,
                       AnxPageMaker maker)
{
  anx_resident_window_push (self->window, maker, anx_booking_draft_ref (self->draft), unref_draft);
}

/**
 * anx_booking_step_replace:
 * @self: a page's step; not valid afterwards
 * @maker: makes the next page from the draft
 *
 * Puts the next page in place of this one: "back" returns to the page before. What was opened upon it meanwhile, help for example, stays
 * present; when the page is gone, nothing happens.
 */
void
anx_booking_step_replace (AnxBookingStep *self,
                          AnxPageMaker maker)
{
  anx_page_stack_exchange_page (anx_resident_window_get_pages (self->window), GTK_WIDGET (self->page), maker,
                                anx_booking_draft_ref (self->draft), unref_draft);
}

/**
 * anx_booking_step_conclude:
 * @self: a page's step; not valid afterwards
 * @maker: makes the last page
 *
 * What was asked for is done: behind that page there is nothing to go back to but the start (anx_page_stack_conclude()).
 */
void
anx_booking_step_conclude (AnxBookingStep *self,
                           AnxPageMaker maker)
{
  anx_page_stack_conclude (anx_resident_window_get_pages (self->window), self->draft, maker, anx_booking_draft_ref (self->draft), unref_draft);
}

/**
 * anx_booking_problem_text:
 * @error: what a request of the hub ended with
 *
 * Returns: (transfer none): what happened, what is safe and what to do
 */
const char *
anx_booking_problem_text (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
    return _("There is no connection to the booking office just now.\n"
             "What you entered is kept here until you leave.\n"
             "Please try again in a moment, or ask the staff.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
    return _("Many people are booking just now.\n"
             "What you entered is kept here until you leave.\n"
             "Please try again in a moment.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return _("This machine cannot keep anything just now.\n"
             "Nothing was booked.\n"
             "Please tell the staff. They can book for you.");
  return _("The booking office could not answer this.\n"
           "What you entered is kept here until you leave.\n"
           "Please try again, or ask the staff.");
}

/**
 * anx_booking_fact_new:
 * @label: what it is
 * @value: what it is for this resident
 *
 * Returns: (transfer floating): one row; its accessible name is @label only
 */
GtkWidget *
anx_booking_fact_new (const char *label,
                      const char *value)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  gtk_widget_add_css_class (row, "anx-fact");
  GtkWidget *left = gtk_label_new (label);
  gtk_widget_add_css_class (left, "anx-fact-label");
  gtk_label_set_xalign (GTK_LABEL (left), 0);
  gtk_label_set_yalign (GTK_LABEL (left), 0);
  gtk_label_set_width_chars (GTK_LABEL (left), 11);
  gtk_label_set_max_width_chars (GTK_LABEL (left), 11);
  gtk_label_set_wrap (GTK_LABEL (left), TRUE);
  GtkWidget *right = gtk_label_new (value);
  gtk_widget_add_css_class (right, "anx-fact-value");
  gtk_label_set_xalign (GTK_LABEL (right), 0);
  gtk_label_set_yalign (GTK_LABEL (right), 0);
  gtk_label_set_wrap (GTK_LABEL (right), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (right), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (row), left);
  gtk_box_append (GTK_BOX (row), right);
  return row;
}

static void
on_service_clicked (GtkButton *button,
                    gpointer user_data)
{
  AnxBookingStep *step = user_data;
  const char *service = g_object_get_data (G_OBJECT (button), "anx-id");
  if (g_strcmp0 (step->draft->service, service) != 0)
    {
      g_clear_pointer (&step->draft->slots, g_ptr_array_unref);
      step->draft->day = 0;
      step->draft->month = 0;
    }
  step->draft->waiting = FALSE;
  g_free (step->draft->service);
  step->draft->service = g_strdup (service);
  anx_booking_step_push (step, g_object_get_data (G_OBJECT (button), "anx-ages") != NULL ? anx_booking_age_page_make : anx_booking_counsellor_page_make);
}

static void
on_ticket (GtkButton *button,
           gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_push (step->window, anx_ticket_page_make, NULL, NULL);
}

static char *
dup_ages (JsonObject *service)
{
  return anx_ui_format_ages ((int) anx_json_get_int (service, "leastAge", 0), (int) anx_json_get_int (service, "mostAge", 0));
}

/* The resident's own words for what they come with stand first, the office's name for it second. */
static GtkWidget *
make_service_choice (JsonObject *service,
                     const char *id)
{
  const char *name = anx_words_of (service, "name"), *need = anx_words_of (service, "need");
  gint64 minutes = anx_json_get_int (service, "minutes", 0);
  g_autofree char *length = minutes > 0 ? g_strdup_printf (_("About %d minutes"), (int) minutes) : NULL;
  g_autofree char *ages = dup_ages (service);
  g_autofree char *both = need != NULL && name != NULL && length != NULL ? g_strdup_printf ("%s · %s", name, length) : NULL;
  const char *title = need != NULL ? need : name != NULL ? name : id;
  const char *detail = both != NULL ? both : need != NULL ? name : length;
  g_autofree char *whole = ages != NULL && detail != NULL ? g_strdup_printf ("%s · %s", detail, ages) : NULL;
  GtkWidget *choice = anx_page_make_choice (NULL, title, whole != NULL ? whole : ages != NULL ? ages : detail);
  if (ages != NULL)
    g_object_set_data (G_OBJECT (choice), "anx-ages", GINT_TO_POINTER (TRUE));
  return choice;
}

static void
on_of_age (GtkButton *button,
           gpointer user_data)
{
  anx_booking_step_push (user_data, anx_booking_counsellor_page_make);
}

static void
on_another_age (GtkButton *button,
                gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_back (step->window);
}

/**
 * anx_booking_age_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with a service that is for some ages only
 *
 * Asks whether whoever comes is of that age; nobody is asked for a birthday, and no answer is kept.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_age_page_make (AnxResidentWindow *window,
                           gpointer data)
{
  AnxBookingDraft *draft = data;
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (anx_resident_window_get_resident (window)));
  g_autofree char *ages = NULL;
  for (guint i = 0; services != NULL && ages == NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *service = json_array_get_object_element (services, i);
      if (g_strcmp0 (anx_json_get_string (service, "id", NULL), draft->service) == 0)
        ages = dup_ages (service);
    }
  /* Translators: "from 14 to 18 years old" and the like */
  g_autofree char *line = g_strdup_printf (_("This talk is for people who are %s."), ages != NULL ? ages : "");
  GtkWidget *page = anx_page_new (_("Does the age fit?"), line);
  AnxBookingStep *step = anx_booking_step_new (window, draft, page);
  GtkWidget *yes = anx_page_make_choice ("anx-check-symbolic", _("Yes, the person who comes is of that age"), NULL);
  GtkWidget *no = anx_page_make_choice (NULL, _("No, show me the other talks"), _("You can also ask the staff."));
  g_signal_connect (yes, "clicked", G_CALLBACK (on_of_age), step);
  g_signal_connect (no, "clicked", G_CALLBACK (on_another_age), step);
  gtk_box_append (anx_page_get_content (step->page), yes);
  gtk_box_append (anx_page_get_content (step->page), no);
  return page;
}

/**
 * anx_booking_page_make:
 * @window: the window
 * @data: not used
 *
 * The first page of a booking: what it is about. What this visit has entered before is still there on the pages behind it.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_page_make (AnxResidentWindow *window,
                       gpointer data)
{
  GtkWidget *page = anx_page_new (_("What would you like?"), _("Every talk is free of charge."));
  AnxBookingStep *step = anx_booking_step_new (window, anx_booking_draft_of_window (window), page);
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (step->resident));
  GtkWidget *tiles = anx_tiles_new (2, NEED_WIDTH_PX);
  gtk_box_append (anx_page_get_content (step->page), tiles);
  guint shown = 0;
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *service = json_array_get_object_element (services, i);
      const char *id = anx_json_get_string (service, "id", NULL);
      if (id == NULL || g_str_equal (anx_json_get_string (service, "kind", ""), "walk-in"))
        continue;
      GtkWidget *choice = make_service_choice (service, id);
      g_object_set_data_full (G_OBJECT (choice), "anx-id", g_strdup (id), g_free);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_service_clicked), step);
      anx_tiles_append (ANX_TILES (tiles), choice);
      shown++;
    }
  if (shown == 0)
    {
      anx_page_show_problem (step->page, _("Nothing can be booked at this machine yet.\nThe staff can help you at once."), NULL, NULL, NULL);
      return page;
    }
  GtkWidget *today = anx_page_make_choice ("anx-clock-symbolic", _("Today, without a booking"), _("Take a number and wait here."));
  g_signal_connect (today, "clicked", G_CALLBACK (on_ticket), step);
  anx_tiles_append (ANX_TILES (tiles), today);
  return page;
}
