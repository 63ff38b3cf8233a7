/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "breath.h"
#include "directory-words.h"
#include "json.h"
#include "screening-pages.h"
#include "session.h"
#include "ui-text.h"

/* Waiting is quiet: nobody touches the screen for long. */
#define WAITING_IDLE_SECONDS 900

static char *
describe_session (AnxResident *resident)
{
  JsonObject *booking = anx_resident_get_booking (resident);
  gint64 start_usec = anx_json_get_int (booking, "start", 0);
  g_autofree char *time = anx_ui_format_time (start_usec, anx_resident_get_zone (resident));

  /* Translators: a time, and a counsellor's name. */
  return g_strdup_printf (_ ("%1$s with %2$s"), time,
                          anx_words_of_principal (resident, anx_json_get_string (booking, "counsellor", "")));
}

static const char *
describe_link (AnxResident *resident)
{
  if (anx_resident_is_online (resident))
    return _ ("Your counsellor can see that you are here. The picture appears on this page when the session begins.");
  return _ ("The network is away just now. Please stay: it goes on by itself as soon as it is back. You can also ask "
            "the staff.");
}

static void
on_link (GtkWidget *label)
{
  gtk_label_set_label (GTK_LABEL (label), describe_link (g_object_get_data (G_OBJECT (label), "anx-resident")));
}

static GtkWidget *
make_state (AnxResident *resident)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *when = gtk_label_new (NULL),
            *state = gtk_label_new (NULL);
  GtkWidget *devices = gtk_label_new (_ ("Camera and microphone are off now. Nothing is recorded."));
  g_autofree char *session = describe_session (resident);
  GtkWidget *const labels[] = { when, state, devices };

  gtk_widget_add_css_class (card, "calm");
  gtk_label_set_label (GTK_LABEL (when), session);
  gtk_widget_add_css_class (when, "choice-title");
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      gtk_label_set_wrap (GTK_LABEL (labels[i]), TRUE);
      gtk_label_set_xalign (GTK_LABEL (labels[i]), 0);
      gtk_box_append (GTK_BOX (card), labels[i]);
    }
  g_object_set_data_full (G_OBJECT (state), "anx-resident", g_object_ref (resident), g_object_unref);
  g_signal_connect_object (resident, "link-state-changed", G_CALLBACK (on_link), state, G_CONNECT_SWAPPED);
  on_link (state);
  return card;
}

/* What the counsellor asks for. The page holds it; leaving the page stops the question to the hub. */
typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  GtkBox *content;
  GCancellable *cancellable;
  char *questionnaire; /* (nullable) */
} Offer;

static void
offer_free (gpointer data)
{
  Offer *offer = data;

  g_cancellable_cancel (offer->cancellable);
  g_clear_object (&offer->cancellable);
  g_free (offer->questionnaire);
  g_free (offer);
}

static void
on_offer (GtkButton *button, Offer *offer)
{
  anx_resident_window_push (offer->window, anx_screening_assigned_page_make, g_strdup (offer->questionnaire), g_free);
}

static void
on_assignment (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) page = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  Offer *offer = g_object_get_data (G_OBJECT (page), "anx-offer");
  const char *id = NULL;
  g_autoptr (AnxScreeningPlan) plan = NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = NULL;
  AnxScreeningRun *run;
  GtkWidget *choice;

  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    id = anx_json_get_string (json_node_get_object (answer), "questionnaire", NULL);
  if (id == NULL || *id == '\0' || offer == NULL || g_cancellable_is_cancelled (offer->cancellable))
    return;
  run = anx_screening_run_of_window (offer->window);
  /* Not approved for residents here, or not on this machine: then the counsellor asks in person. */
  plan = anx_screening_plan_new (anx_resident_get_directory (ANX_RESIDENT (source)), NULL);
  questionnaire = plan != NULL ? anx_screening_plan_open (plan, id, TRUE, NULL) : NULL;
  if (questionnaire == NULL)
    return;
  /* Answered a moment ago, and the hub was slower than the resident. */
  if (run != NULL && run->assigned && run->finished)
    return;
  offer->questionnaire = g_strdup (id);
  choice = anx_page_make_choice ("anx-form-symbolic", _ ("Your counsellor asks you some questions"),
                                 _ ("A few minutes, while you wait. You may say no."));
  g_signal_connect (choice, "clicked", G_CALLBACK (on_offer), offer);
  gtk_box_prepend (offer->content, choice);
}

static void
ask_for_assignment (AnxResidentWindow *window, GtkWidget *page)
{
  AnxResident *resident = anx_resident_window_get_resident (window);
  Offer *offer = g_new0 (Offer, 1);
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/assignment",
                                           anx_json_get_string (anx_resident_get_booking (resident), "id", ""));

  offer->window = window;
  offer->content = anx_page_get_content (ANX_PAGE (page));
  offer->cancellable = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (page), "anx-offer", offer, offer_free);
  anx_resident_request_async (resident, "GET", path, NULL, offer->cancellable, on_assignment, g_object_ref (page));
}

static void
on_try_devices (GtkButton *button, AnxSession *session)
{
  AnxResidentWindow *window = ANX_RESIDENT_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));

  anx_resident_window_push (window, anx_device_page_make, anx_session_ref (session), anx_session_unref);
}

/**
 * anx_waiting_page_make:
 * @window: the window
 * @data: (type AnxSession): the session
 *
 * Says truthfully that the counsellor can see the check-in, and offers to try the devices and to breathe slowly meanwhile.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_waiting_page_make (AnxResidentWindow *window, gpointer data)
{
  AnxResident *resident = anx_resident_window_get_resident (window);
  GtkWidget *page = anx_page_new (_ ("You are checked in"), NULL);
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));
  GtkWidget *devices = anx_page_make_choice ("anx-camera-symbolic", _ ("Try picture and sound"), _ ("Only you see and hear it."));
  GtkWidget *invitation = gtk_label_new (_ ("If you like, breathe along for a while."));

  gtk_box_append (content, make_state (resident));
  g_signal_connect_data (devices, "clicked", G_CALLBACK (on_try_devices), anx_session_ref (data),
                         (GClosureNotify) (void (*) (void)) anx_session_unref, 0);
  gtk_box_append (content, devices);
  gtk_widget_add_css_class (invitation, "page-line");
  gtk_label_set_wrap (GTK_LABEL (invitation), TRUE);
  gtk_box_append (content, invitation);
  gtk_box_append (content, anx_breath_new ());
  ask_for_assignment (window, page);
  anx_page_set_idle_limit (ANX_PAGE (page), WAITING_IDLE_SECONDS);
  return page;
}
