/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "json.h"
#include "ui-text.h"

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
 * @self: the present page's step; not valid afterwards
 * @maker: makes the next page from the draft
 *
 * Goes on; "back" returns to the page before the present one.
 */
void
anx_booking_step_replace (AnxBookingStep *self,
                          AnxPageMaker maker)
{
  anx_resident_window_replace (self->window, maker, anx_booking_draft_ref (self->draft), unref_draft);
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
  gtk_label_set_wrap (GTK_LABEL (right), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (right), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (row), left);
  gtk_box_append (GTK_BOX (row), right);
  return row;
}

static void
set_text (char **member,
          const char *value)
{
  char *copy = g_strdup (value);
  g_free (*member);
  *member = copy;
}

/* ---- service ---- */

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
    }
  set_text (&step->draft->service, service);
  anx_booking_step_push (step, anx_booking_counsellor_page_make);
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
  guint shown = 0;
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *service = json_array_get_object_element (services, i);
      const char *id = anx_json_get_string (service, "id", NULL);
      gint64 minutes = anx_json_get_int (service, "minutes", 0);
      if (id == NULL)
        continue;
      const char *name = anx_words_of (service, "name");
      g_autofree char *detail = minutes > 0 ? g_strdup_printf (_("About %d minutes"), (int) minutes) : NULL;
      GtkWidget *choice = anx_page_make_choice (NULL, name != NULL ? name : id, detail);
      g_object_set_data_full (G_OBJECT (choice), "anx-id", g_strdup (id), g_free);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_service_clicked), step);
      gtk_box_append (anx_page_get_content (step->page), choice);
      shown++;
    }
  if (shown == 0)
    anx_page_show_problem (step->page, _("Nothing can be booked at this machine yet.\nThe staff can help you at once."), NULL, NULL, NULL);
  return page;
}

/* ---- counsellor ---- */

static void
on_counsellor_clicked (GtkButton *button,
                       gpointer user_data)
{
  AnxBookingStep *step = user_data;
  const char *counsellor = g_object_get_data (G_OBJECT (button), "anx-id");
  if (g_strcmp0 (step->draft->counsellor, counsellor) != 0)
    step->draft->day = 0;
  set_text (&step->draft->counsellor, counsellor);
  g_clear_pointer (&step->draft->slots, g_ptr_array_unref);
  anx_booking_step_push (step, anx_booking_day_page_make);
}

/**
 * anx_booking_counsellor_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with its service
 *
 * With whom: anyone who is free first, or one of this centre's counsellors.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_counsellor_page_make (AnxResidentWindow *window,
                                  gpointer data)
{
  GtkWidget *page = anx_page_new (_("Whom would you like to talk to?"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  GtkBox *content = anx_page_get_content (step->page);

  GtkWidget *anyone = anx_page_make_choice ("anx-clock-symbolic", _("Anyone who is free first"), _("You get the earliest time."));
  gtk_widget_add_css_class (anyone, "anx-choice-first");
  g_signal_connect (anyone, "clicked", G_CALLBACK (on_counsellor_clicked), step);
  gtk_box_append (content, anyone);

  g_autoptr (GPtrArray) persons = anx_directory_list_principals (anx_resident_get_directory (step->resident), ANX_PRINCIPAL_PERSON, "counsellor",
                                                                 anx_resident_get_centre (step->resident));
  for (guint i = 0; persons != NULL && i < persons->len; i++)
    {
      const AnxPrincipal *person = g_ptr_array_index (persons, i);
      /* Nothing can be sealed to a person without a seal certificate, so nobody could read who comes. */
      if (!person->active || person->seal_certificate == NULL)
        continue;
      g_autofree char *about = anx_words_about_counsellor (step->resident, person->id);
      GtkWidget *choice = anx_page_make_choice ("anx-person-symbolic", anx_words_of_principal (step->resident, person->id), *about != '\0' ? about : NULL);
      g_object_set_data_full (G_OBJECT (choice), "anx-id", g_strdup (person->id), g_free);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_counsellor_clicked), step);
      gtk_box_append (content, choice);
    }
  return page;
}
