/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-records.h"
#include "clock.h"
#include "directory-words.h"
#include "id.h"
#include "json.h"
#include "keypad.h"
#include "process.h"
#include "ui-text.h"

/*
 * Nothing is free: somebody else, a number for today, or the waiting list. A place on the list is a row at the hub (which service, with
 * whom, until when) and a contact record that only the staff of this centre can open; the row's address is that record's id, so that
 * neither the hub nor whoever gets its notices learns a name or a number. The record goes first: a place without a person helps nobody.
 */

/* The hub closes the list a day before. */
#define WAITING_DAYS 28
#define CHANNEL "staff"

static void submit (AnxBookingStep *step);

static void
on_other_counsellor (GtkButton *button,
                     gpointer user_data)
{
  AnxBookingStep *step = user_data;
  g_clear_pointer (&step->draft->counsellor, g_free);
  step->draft->month = 0;
  anx_booking_step_replace (step, anx_booking_day_page_make);
}

static void
on_ticket (GtkButton *button,
           gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_push (step->window, anx_ticket_page_make, NULL, NULL);
}

static void
on_waiting_list (GtkButton *button,
                 gpointer user_data)
{
  AnxBookingStep *step = user_data;
  step->draft->waiting = TRUE;
  anx_booking_step_push (step, anx_booking_name_page_make);
}

static void
add_choice (AnxBookingStep *step,
            const char *icon,
            const char *label,
            const char *detail,
            GCallback clicked)
{
  GtkWidget *choice = anx_page_make_choice (icon, label, detail);
  g_signal_connect (choice, "clicked", clicked, step);
  gtk_box_append (anx_page_get_content (step->page), choice);
}

/**
 * anx_booking_none_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with service and perhaps counsellor
 *
 * Nothing is free; what can be done instead.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_none_page_make (AnxResidentWindow *window,
                            gpointer data)
{
  GtkWidget *page = anx_page_new (_("There is no free time just now"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  if (step->draft->moving != NULL)
    anx_page_set_line (step->page, _("Your appointment stays as it is."));
  else
    anx_page_set_line (step->page, _("You can choose another way. The staff can help you at once."));
  if (step->draft->counsellor != NULL)
    add_choice (step, "anx-person-symbolic", _("Choose somebody else"), _("Look for a time with anybody who is free."), G_CALLBACK (on_other_counsellor));
  if (step->draft->moving != NULL)
    return page;
  add_choice (step, "anx-form-symbolic", _("Put me on the waiting list"), _("The staff call you when a time becomes free."), G_CALLBACK (on_waiting_list));
  add_choice (step, "anx-clock-symbolic", _("Today, without a booking"), _("Take a number and wait here."), G_CALLBACK (on_ticket));
  return page;
}

/* ---- the waiting list ---- */

static AnxBookingStep *
step_of (AnxPage *page)
{
  return g_object_get_data (G_OBJECT (page), "anx-step");
}

static void
on_again (GtkButton *button,
          gpointer user_data)
{
  submit (user_data);
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_leave (user_data);
}

static GtkWidget *
make_listed_page (AnxResidentWindow *window,
                  gpointer data)
{
  GtkWidget *page = anx_page_new (_("You are on the waiting list"), NULL);
  gtk_box_append (anx_page_get_content (ANX_PAGE (page)),
                  anx_page_make_text (_("The staff call you when a time becomes free. If it is urgent, please tell them now: they can help at once."), "calm"));
  anx_page_set_primary (ANX_PAGE (page), _("Done"), "anx-check-symbolic", G_CALLBACK (on_done), window);
  return page;
}

static void
on_listed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = step_of (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (error != NULL)
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_again), step);
      return;
    }
  anx_booking_draft_forget (step->window);
  anx_booking_step_conclude (step, make_listed_page);
}

static void
list (AnxBookingStep *step,
      const char *contact)
{
  AnxBookingDraft *draft = step->draft;
  gint64 now = g_get_real_time ();
  g_autofree char *path = g_strdup_printf ("/v1/waiting/%s", draft->id);
  g_autofree char *address = g_base64_encode ((const guchar *) contact, strlen (contact));
  g_autoptr (JsonObject) wish = json_object_new ();
  JsonObject *notify = json_object_new ();
  json_object_set_string_member (notify, "channel", CHANNEL);
  json_object_set_string_member (notify, "address", address);
  json_object_set_string_member (wish, "centre", anx_resident_get_centre (step->resident));
  json_object_set_string_member (wish, "service", draft->service);
  if (draft->counsellor != NULL)
    json_object_set_string_member (wish, "counsellor", draft->counsellor);
  json_object_set_int_member (wish, "from", now);
  json_object_set_int_member (wish, "to", now + WAITING_DAYS * ANX_USEC_PER_DAY);
  json_object_set_object_member (wish, "notify", notify);
  g_autoptr (JsonNode) node = anx_json_node_from_object (wish);
  anx_resident_request_async (step->resident, "PUT", path, node, NULL, on_listed, g_object_ref (step->page));
}

static void
on_contact_kept (GObject *source,
                 GAsyncResult *result,
                 gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = step_of (page);
  g_autoptr (GError) error = NULL;
  g_autofree char *contact = anx_resident_submit_finish (ANX_RESIDENT (source), result, &error);
  if (contact == NULL)
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_again), step);
      return;
    }
  /* A second try names the same record. */
  g_object_set_data_full (G_OBJECT (page), "anx-contact", g_strdup (contact), g_free);
  list (step, contact);
}

static void
submit (AnxBookingStep *step)
{
  AnxBookingDraft *draft = step->draft;
  const char *contact = g_object_get_data (G_OBJECT (step->page), "anx-contact");
  g_autofree char *staff = anx_resident_find_group (step->resident, "staff");
  anx_page_set_busy (step->page, _("Putting you on the list…"));
  if (contact != NULL)
    {
      list (step, contact);
      return;
    }
  if (staff == NULL)
    {
      anx_page_show_problem (step->page, _("This centre has no staff that could call you.\nNothing was kept. Please ask at the desk."), NULL, NULL, NULL);
      return;
    }
  const char *recipients[] = { staff, NULL };
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", draft->id);
  g_autoptr (JsonObject) fhir = anx_contact_build (draft->name, draft->alias, draft->phone, draft->id);
  anx_resident_submit_async (step->resident, ANX_KIND_CONTACT, recipients, NULL, routing, fhir, on_contact_kept, g_object_ref (step->page));
}

static void
on_confirm (GtkButton *button,
            gpointer user_data)
{
  submit (user_data);
}

/**
 * anx_waiting_list_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with service, name and phone
 *
 * What the waiting list would hold and who sees it; the primary action joins it.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_waiting_list_page_make (AnxResidentWindow *window,
                            gpointer data)
{
  GtkWidget *page = anx_page_new (_("Is everything right?"), _("The waiting list is open for four weeks."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  AnxBookingDraft *draft = step->draft;
  if (draft->id == NULL)
    draft->id = anx_uuid_new (g_get_real_time ());
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  g_autofree char *name = draft->alias ? g_strdup_printf (_("%s (another name)"), draft->name) : g_strdup (draft->name);
  anx_autosecret char *phone = anx_keypad_format_phone (draft->phone != NULL ? draft->phone : "");
  gtk_widget_add_css_class (card, "card");
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("What"), anx_words_of_service (step->resident, draft->service)));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("With"), draft->counsellor != NULL ? anx_words_of_principal (step->resident, draft->counsellor)
                                                                                             : _("whoever is free")));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Your name"), name));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Phone"), phone));
  gtk_box_append (anx_page_get_content (step->page), card);
  gtk_box_append (anx_page_get_content (step->page), anx_page_make_text (_("Your name and phone are seen by the staff of this centre. Nobody else."), "anx-note"));
  anx_page_set_primary (step->page, _("Put me on the waiting list"), "anx-check-symbolic", G_CALLBACK (on_confirm), step);
  return page;
}
