/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "care-records.h"
#include "code-key.h"
#include "directory-words.h"
#include "json.h"
#include "keypad.h"
#include "process.h"
#include "screening-run.h"
#include "ui-text.h"

/*
 * Confirming, in this order: derive the key of the code; claim the time at the hub; seal name and phone and have them in the outbox on
 * the disk; only then say "confirmed". The name goes second so that nobody is told it whose time the resident never got. Each step can
 * be repeated: the claim has one id, and the contact record is written once.
 */

static void claim (AnxBookingStep *step);
static void submit_contact (AnxBookingStep *step);

static AnxBookingStep *
step_of (AnxPage *page)
{
  return g_object_get_data (G_OBJECT (page), "anx-step");
}

static void
on_claim_again (GtkButton *button,
                gpointer user_data)
{
  claim (user_data);
}

static void
on_contact_again (GtkButton *button,
                  gpointer user_data)
{
  submit_contact (user_data);
}

/* The time is given back in the background: if that fails it is the staff who see an empty booking, nothing worse. */
static void
give_back_abandoned (AnxBookingStep *step)
{
  if (step->draft->abandoned == NULL || step->draft->abandoned_key == NULL)
    return;
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", step->draft->abandoned);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "status", "cancelled");
  json_object_set_string_member (body, "reason", "another-time");
  json_object_set_string_member (body, "codeKey", step->draft->abandoned_key);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_resident_request_async (step->resident, "POST", path, node, NULL, NULL, NULL);
  g_clear_pointer (&step->draft->abandoned, g_free);
  g_clear_pointer (&step->draft->abandoned_key, anx_secret_free);
}

/* Answers given before the booking had no reader; now they have one. Nobody waits for it: the slip is already true. */
static void
on_answers_shared (GObject *source,
                   GAsyncResult *result,
                   gpointer user_data)
{
  g_autoptr (AnxScreeningRun) run = user_data;
  anx_screening_run_submit_finish (run, result, NULL);
}

static void
show_slip (AnxBookingStep *step)
{
  anx_resident_set_booking (step->resident, step->draft->booking, step->draft->code);
  AnxScreeningRun *run = anx_screening_run_of_window (step->window);
  if (run != NULL && run->sharing == ANX_SHARING_YES)
    anx_screening_run_submit_async (run, step->resident, on_answers_shared, anx_screening_run_ref (run));
  give_back_abandoned (step);
  anx_booking_draft_forget (step->window);
  anx_booking_step_conclude (step, anx_slip_page_make);
}

static void
on_contact_submitted (GObject *source,
                      GAsyncResult *result,
                      gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = step_of (page);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = anx_resident_submit_finish (ANX_RESIDENT (source), result, &error);
  if (id == NULL)
    {
      anx_page_show_problem (page,
                             _("The time is kept for you, but your name could not be saved yet.\n"
                               "Please try again, or tell the staff your name and the time."),
                             _("Try again"), G_CALLBACK (on_contact_again), step);
      return;
    }
  show_slip (step);
}

static void
submit_contact (AnxBookingStep *step)
{
  AnxBookingDraft *draft = step->draft;
  const char *recipients[4] = { NULL };
  const char *mediator = draft->booking != NULL ? anx_json_get_string (draft->booking, "mediator", NULL) : NULL;
  guint n = 0;
  g_autofree char *staff = anx_resident_find_group (step->resident, "staff");
  if (staff != NULL)
    recipients[n++] = staff;
  recipients[n++] = draft->slot->counsellor;
  /* Who sits in has to know whom to call, too. */
  const AnxPrincipal *companion = mediator != NULL ? anx_directory_get_principal (anx_resident_get_directory (step->resident), mediator) : NULL;
  if (companion != NULL && companion->active && companion->seal_certificate != NULL)
    recipients[n++] = mediator;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", draft->id);
  g_autoptr (JsonObject) contact = anx_contact_build (draft->name, draft->alias, draft->phone != NULL ? draft->phone : "", draft->id);
  anx_page_set_busy (step->page, _("Saving your name…"));
  anx_resident_submit_async (step->resident, ANX_KIND_CONTACT, recipients, NULL, routing, contact, on_contact_submitted, g_object_ref (step->page));
}

static void
on_claimed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = step_of (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  /* The resident went back and chose another time meanwhile: this claim is the abandoned one now, and is given back later. */
  if (g_strcmp0 (g_object_get_data (G_OBJECT (page), "anx-claim"), step->draft->id) != 0)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      /* A claim that has never been left without an answer is not at the hub, and its id may serve another time (draft I2). */
      step->draft->uncertain = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (page), "anx-was-uncertain"));
      anx_booking_draft_lose_slot (step->draft, anx_resident_get_problem (result));
      anx_booking_step_replace (step, anx_booking_taken_page_make);
      return;
    }
  if (error != NULL || answer == NULL || !JSON_NODE_HOLDS_OBJECT (answer))
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_claim_again), step);
      return;
    }
  step->draft->uncertain = FALSE;
  g_clear_pointer (&step->draft->booking, json_object_unref);
  step->draft->booking = json_object_ref (json_node_get_object (answer));
  submit_contact (step);
}

static void
send_claim (AnxBookingStep *step)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s", step->draft->id);
  g_object_set_data (G_OBJECT (step->page), "anx-was-uncertain", GINT_TO_POINTER (step->draft->uncertain));
  g_object_set_data_full (G_OBJECT (step->page), "anx-claim", g_strdup (step->draft->id), g_free);
  step->draft->uncertain = TRUE;
  g_autoptr (JsonObject) body = anx_booking_draft_build_claim (step->draft, step->resident);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_resident_request_async (step->resident, "PUT", path, node, NULL, on_claimed, g_object_ref (step->page));
}

static void
on_key_derived (GObject *source,
                GAsyncResult *result,
                gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = step_of (page);
  g_autoptr (GError) error = NULL;
  char *key = anx_code_key_derive_finish (result, &error);
  if (key == NULL)
    {
      anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_claim_again), step);
      return;
    }
  anx_secret_free (step->draft->code_key);
  step->draft->code_key = key;
  send_claim (step);
}

static void
claim (AnxBookingStep *step)
{
  anx_booking_draft_prepare_claim (step->draft);
  anx_page_set_busy (step->page, _("Booking your time…"));
  if (step->draft->code_key != NULL)
    send_claim (step);
  else
    anx_code_key_derive_async (step->draft->code, anx_directory_get_district (anx_resident_get_directory (step->resident)),
                               NULL, on_key_derived, g_object_ref (step->page));
}

static void
on_confirm (GtkButton *button,
            gpointer user_data)
{
  claim (user_data);
}

static void
on_map (GtkWidget *widget,
        gpointer user_data)
{
  anx_booking_step_renew_hold (user_data);
}

/**
 * anx_booking_review_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, complete
 *
 * Everything that was entered and who will see it; the primary action books.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_review_page_make (AnxResidentWindow *window,
                              gpointer data)
{
  GtkWidget *page = anx_page_new (_("Is everything right?"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  AnxBookingDraft *draft = step->draft;
  g_autofree char *when = anx_ui_format_day_time (draft->slot->start_usec, anx_resident_get_zone (step->resident));
  g_autofree char *where = anx_words_where (step->resident, draft->slot->room);
  g_autofree char *name = draft->alias ? g_strdup_printf (_("%s (another name)"), draft->name) : g_strdup (draft->name);

  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (card, "card");
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("What"), anx_words_of_service (step->resident, draft->service)));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("When"), when));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("With"), anx_words_of_principal (step->resident, draft->slot->counsellor)));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Where"), where));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Your name"), name));
  anx_autosecret char *phone = draft->phone != NULL && *draft->phone != '\0' ? anx_keypad_format_phone (draft->phone) : g_strdup (_("none"));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Phone"), phone));
  gtk_box_append (anx_page_get_content (step->page), card);

  g_autofree char *readers = g_strdup_printf (_("Your name and phone are seen by %s and the staff of this centre. Nobody else."),
                                              anx_words_of_principal (step->resident, draft->slot->counsellor));
  GtkWidget *note = gtk_label_new (readers);
  gtk_widget_add_css_class (note, "anx-note");
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_box_append (anx_page_get_content (step->page), note);

  if (draft->slot->ask)
    anx_page_set_line (step->page, _("There is no network just now. You can ask for this time; the staff will tell you whether it can be kept."));
  anx_page_set_primary (step->page, draft->slot->ask ? _("Ask for this time") : _("Book this time"), "anx-check-symbolic", G_CALLBACK (on_confirm), step);
  g_signal_connect (page, "map", G_CALLBACK (on_map), step);
  return page;
}
