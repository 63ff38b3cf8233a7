/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-window.h"

#include <glib/gi18n.h>

#include "booking-pages.h"
#include "code-key.h"
#include "directory-words.h"
#include "json.h"
#include "process.h"
#include "ui-text.h"

/* More referrals than one booking ever has. */
#define MAX_REFERRALS 50

/* What one look-up holds while its page is there. */
typedef struct
{
  AnxResidentWindow *window;
  AnxResident *resident;
  AnxPage *page;
  char *code;
  char *code_key; /* (nullable) until derived */
  char *booking;  /* (nullable) id, once known */
  char *service;  /* (nullable) of the booking */
  char *counsellor;
} Lookup;

static void ask (Lookup *lookup);
static void on_leave (GtkButton *button, gpointer user_data);

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;
  anx_secret_free (lookup->code);
  anx_secret_free (lookup->code_key);
  g_free (lookup->booking);
  g_free (lookup->service);
  g_free (lookup->counsellor);
  g_free (lookup);
}

static Lookup *
lookup_of (AnxPage *page)
{
  return g_object_get_data (G_OBJECT (page), "anx-step");
}

static void
on_ask_again (GtkButton *button,
              gpointer user_data)
{
  ask (user_data);
}

static void
on_back (GtkButton *button,
         gpointer user_data)
{
  Lookup *lookup = user_data;
  anx_resident_window_back (lookup->window);
}

static void
show_problem (Lookup *lookup,
              const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    anx_page_show_problem (lookup->page,
                           _("Nothing is kept under this code here.\n"
                             "Please compare it with your photo or note.\n"
                             "The staff can help you to find it."),
                           _("Enter it again"), G_CALLBACK (on_back), lookup);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
    anx_page_show_problem (lookup->page,
                           _("There is no connection just now, so this machine cannot look.\n"
                             "Your appointment and everything else is safe.\n"
                             "Please try again in a moment, or ask the staff."),
                           _("Try again"), G_CALLBACK (on_ask_again), lookup);
  else
    anx_page_show_problem (lookup->page,
                           _("This could not be looked up just now.\n"
                             "Your appointment and everything else is safe.\n"
                             "Please try again in a moment, or ask the staff."),
                           _("Try again"), G_CALLBACK (on_ask_again), lookup);
}

/* FHIR R4 Appointment.status in words for the resident. */
static const char *
booking_words (const char *status)
{
  static const struct { const char *status, *words; } table[] = {
    { "proposed", N_("It has been asked for. The staff will confirm it.") },
    { "pending", N_("It has been asked for. The staff will confirm it.") },
    { "waitlist", N_("You are on the waiting list. The staff will call you.") },
    { "booked", N_("It is confirmed. We expect you.") },
    { "checked-in", N_("You have checked in. Your counsellor knows that you are here.") },
    { "arrived", N_("It is going on.") },
    { "fulfilled", N_("It has taken place.") },
    { "noshow", N_("You could not come. You are welcome to book again.") },
    { "cancelled", N_("It was cancelled.") },
    { "entered-in-error", N_("It was cancelled.") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i].status, status) == 0)
      return _(table[i].words);
  return _("Please ask the staff how it stands.");
}

/* FHIR R4 Task.status in words for the resident. */
static const char *
referral_words (const char *status)
{
  static const struct { const char *status, *words; } table[] = {
    { "draft", N_("Your counsellor is preparing it.") },
    { "requested", N_("It has been sent. The department has not answered yet.") },
    { "received", N_("The department has it and is looking at it.") },
    { "accepted", N_("The department has accepted it. They will contact you.") },
    { "ready", N_("The department has accepted it. They will contact you.") },
    { "in-progress", N_("The department is working on it.") },
    { "on-hold", N_("The department is waiting for something. Your counsellor knows.") },
    { "completed", N_("It is done. Your counsellor has the answer.") },
    { "rejected", N_("This department could not take it. Your counsellor looks for another way.") },
    { "failed", N_("It could not be finished. Your counsellor looks for another way.") },
    { "cancelled", N_("It was withdrawn. Your counsellor can tell you why.") },
    { "entered-in-error", N_("It was withdrawn. Your counsellor can tell you why.") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i].status, status) == 0)
      return _(table[i].words);
  return _("Please ask your counsellor how it stands.");
}

static GtkWidget *
make_text (const char *text,
           const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static GtkWidget *
make_card (const char *heading,
           const char *status)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (card, "card");
  gtk_box_append (GTK_BOX (card), make_text (heading, "anx-card-heading"));
  gtk_box_append (GTK_BOX (card), make_text (status, "anx-status"));
  return card;
}

/* ---- giving the time back ---- */

static void
on_cancelled (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Lookup *lookup = lookup_of (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  /* Asking anew shows the truth in every case: cancelled, or not to be cancelled any more. */
  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    ask (lookup);
  else
    show_problem (lookup, error);
}

static void
on_really_cancel (GtkButton *button,
                  gpointer user_data)
{
  Lookup *lookup = user_data;
  anx_page_set_primary (lookup->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_leave), lookup);
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", lookup->booking);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "status", "cancelled");
  json_object_set_string_member (body, "reason", "resident");
  json_object_set_string_member (body, "codeKey", lookup->code_key);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_page_set_busy (lookup->page, _("Giving the time back…"));
  anx_resident_request_async (lookup->resident, "POST", path, node, NULL, on_cancelled, g_object_ref (lookup->page));
}

/* The same button asks once more: a touch by mistake must not cost an appointment. */
static void
on_cancel (GtkButton *button,
           gpointer user_data)
{
  Lookup *lookup = user_data;
  anx_page_set_secondary (lookup->page, _("Yes, cancel it"), G_CALLBACK (on_really_cancel), lookup);
  anx_page_set_primary (lookup->page, _("No, keep it"), "anx-check-symbolic", G_CALLBACK (on_ask_again), lookup);
  anx_page_set_line (lookup->page, _("Cancel your appointment? The time is then free for somebody else."));
}

/* ---- another time ---- */

static void
unref_draft (gpointer data)
{
  anx_booking_draft_unref (data);
}

/* The pickers are those of a booking; the draft is not the visit's own, so that one begun before stays as it was. */
static void
on_move (GtkButton *button,
         gpointer user_data)
{
  Lookup *lookup = user_data;
  AnxBookingDraft *draft = anx_booking_draft_new ();
  draft->moving = g_strdup (lookup->booking);
  draft->code_key = g_strdup (lookup->code_key);
  draft->service = g_strdup (lookup->service);
  draft->counsellor = g_strdup (lookup->counsellor);
  anx_resident_window_push (lookup->window, anx_booking_day_page_make, draft, unref_draft);
}

/* ---- the answer ---- */

static void
add_booking (Lookup *lookup,
             JsonObject *booking)
{
  const char *status = anx_json_get_string (booking, "status", "");
  const char *id = anx_json_get_string (booking, "id", NULL);
  g_autofree char *when = anx_ui_format_day_time (anx_json_get_int (booking, "start", 0), anx_resident_get_zone (lookup->resident));
  GtkWidget *card = make_card (_("Your appointment"), booking_words (status));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("When"), when));
  gtk_box_append (GTK_BOX (card),
                  anx_booking_fact_new (_("What"), anx_words_of_service (lookup->resident, anx_json_get_string (booking, "service", NULL))));
  gtk_box_append (GTK_BOX (card),
                  anx_booking_fact_new (_("With"), anx_words_of_principal (lookup->resident, anx_json_get_string (booking, "counsellor", NULL))));
  gtk_box_append (GTK_BOX (card),
                  anx_booking_fact_new (_("Where"), anx_words_of_room (lookup->resident, anx_json_get_string (booking, "room", NULL))));
  gtk_box_append (anx_page_get_content (lookup->page), card);

  g_free (lookup->booking);
  g_free (lookup->service);
  g_free (lookup->counsellor);
  lookup->booking = g_strdup (id);
  lookup->service = g_strdup (anx_json_get_string (booking, "service", NULL));
  lookup->counsellor = g_strdup (anx_json_get_string (booking, "counsellor", NULL));
  static const char *const open[] = { "proposed", "pending", "waitlist", "booked", NULL };
  gboolean may_cancel = id != NULL && g_strv_contains (open, status);
  if (may_cancel && lookup->service != NULL && anx_json_get_int (booking, "start", 0) > g_get_real_time ())
    {
      GtkWidget *move = anx_page_make_choice ("anx-clock-symbolic", _("Move it to another time"), NULL);
      g_signal_connect (move, "clicked", G_CALLBACK (on_move), lookup);
      gtk_box_append (anx_page_get_content (lookup->page), move);
    }
  anx_page_set_secondary (lookup->page, may_cancel ? _("Cancel the appointment") : NULL, G_CALLBACK (on_cancel), lookup);
}

static void
add_referral (Lookup *lookup,
              JsonObject *referral)
{
  const char *to = anx_words_of_principal (lookup->resident, anx_json_get_string (referral, "to", NULL));
  const char *status = anx_json_get_string (referral, "status", "");
  gint64 changed = anx_json_get_int (referral, "changed", 0);
  g_autofree char *heading = g_strdup_printf (_("Passed on to: %s"), to);
  GtkWidget *card = make_card (heading, referral_words (status));
  if (changed > 0)
    {
      g_autofree char *day = anx_ui_format_day (changed, anx_resident_get_zone (lookup->resident));
      gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Since"), day));
    }
  gtk_box_append (anx_page_get_content (lookup->page), card);
}

static void
show_answer (Lookup *lookup,
             JsonObject *answer)
{
  GtkBox *content = anx_page_get_content (lookup->page);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (content))) != NULL)
    gtk_box_remove (content, child);
  anx_page_set_line (lookup->page, NULL);
  anx_page_set_secondary (lookup->page, NULL, NULL, NULL);
  anx_page_set_primary (lookup->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_leave), lookup);

  JsonObject *booking = anx_json_get_object (answer, "booking");
  if (booking != NULL)
    add_booking (lookup, booking);
  JsonArray *referrals = anx_json_get_array (answer, "referrals");
  guint n = referrals != NULL ? MIN (json_array_get_length (referrals), MAX_REFERRALS) : 0;
  for (guint i = 0; i < n; i++)
    {
      JsonObject *referral = anx_json_array_need_object (referrals, i, NULL);
      if (referral != NULL)
        add_referral (lookup, referral);
    }
  if (n == 0)
    gtk_box_append (content, make_text (_("Nothing has been passed on to other departments."), "anx-note"));
  anx_page_set_busy (lookup->page, NULL);
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Lookup *lookup = lookup_of (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    show_answer (lookup, json_node_get_object (answer));
  else
    show_problem (lookup, error);
}

static void
send (Lookup *lookup)
{
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "codeKey", lookup->code_key);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_resident_request_async (lookup->resident, "POST", "/v1/lookups", node, NULL, on_answered, g_object_ref (lookup->page));
}

static void
on_key_derived (GObject *source,
                GAsyncResult *result,
                gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Lookup *lookup = lookup_of (page);
  g_autoptr (GError) error = NULL;
  anx_secret_free (lookup->code_key);
  lookup->code_key = anx_code_key_derive_finish (result, &error);
  if (lookup->code_key == NULL)
    show_problem (lookup, error);
  else
    send (lookup);
}

static void
ask (Lookup *lookup)
{
  anx_page_set_busy (lookup->page, _("Looking it up…"));
  if (lookup->code_key != NULL)
    send (lookup);
  else
    anx_code_key_derive_async (lookup->code, anx_directory_get_district (anx_resident_get_directory (lookup->resident)),
                               NULL, on_key_derived, g_object_ref (lookup->page));
}

static void
on_leave (GtkButton *button,
          gpointer user_data)
{
  Lookup *lookup = user_data;
  anx_resident_window_leave (lookup->window);
}

static GtkWidget *
make_answer_page (AnxResidentWindow *window,
                  gpointer data)
{
  GtkWidget *page = anx_page_new (_("How it stands"), NULL);
  Lookup *lookup = g_new0 (Lookup, 1);
  lookup->window = window;
  lookup->resident = anx_resident_window_get_resident (window);
  lookup->page = ANX_PAGE (page);
  lookup->code = g_strdup (data);
  g_object_set_data_full (G_OBJECT (page), "anx-step", lookup, lookup_free);
  anx_page_set_primary (lookup->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_leave), lookup);
  ask (lookup);
  return page;
}

static void
free_code (gpointer data)
{
  anx_secret_free (data);
}

static void
on_code (AnxResidentWindow *window,
         const char *code,
         gpointer user_data)
{
  anx_resident_window_push (window, make_answer_page, g_strdup (code), free_code);
}

/**
 * anx_lookup_page_make:
 * @window: the window
 * @data: not used
 *
 * Asks for the code, then tells what became of the appointment and of what was passed on to departments.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_lookup_page_make (AnxResidentWindow *window,
                      gpointer data)
{
  return anx_code_page_make (window, _("Your code, please"), on_code, NULL);
}
