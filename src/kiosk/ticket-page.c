/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "directory-words.h"
#include "id.h"
#include "json.h"
#include "process.h"

/* How often the queue is looked at while the number is on the screen. */
#define LOOK_SECONDS 10
/* The hub's longest day. */
#define MOST_TICKETS 1000

/* One number. It has no name: who is called shows the number. */
typedef struct
{
  AnxResidentWindow *window;
  AnxResident *resident;
  AnxPage *page;
  char *id;       /* of the ticket: taking it again gives the same number */
  char *service;
  gint64 number;  /* 0 until it is taken */
  guint source;
} Ticket;

static void take (Ticket *ticket);

static void
ticket_free (gpointer data)
{
  Ticket *ticket = data;
  g_clear_handle_id (&ticket->source, g_source_remove);
  g_free (ticket->id);
  g_free (ticket->service);
  g_free (ticket);
}

static Ticket *
ticket_of (AnxPage *page)
{
  return g_object_get_data (G_OBJECT (page), "anx-step");
}

static void
on_take_again (GtkButton *button,
               gpointer user_data)
{
  take (user_data);
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_leave (((Ticket *) user_data)->window);
}

/* --- how it stands --- */

static void
show_state (Ticket *ticket,
            const char *state,
            const char *room,
            guint ahead)
{
  GtkLabel *label = g_object_get_data (G_OBJECT (ticket->page), "anx-state");
  g_autofree char *text = NULL;
  if (g_str_equal (state, "called") && room != NULL)
    text = g_strdup_printf (_("It is your turn. Please go to %s."), anx_words_of_room (ticket->resident, room));
  else if (g_str_equal (state, "called"))
    text = g_strdup (_("It is your turn. Please go to the staff."));
  else if (!g_str_equal (state, "waiting"))
    text = g_strdup (_("This number was called. Please ask the staff."));
  else if (ahead == 0)
    text = g_strdup (_("You are next. Please stay near."));
  else
    text = g_strdup_printf (ngettext ("%u person is before you.", "%u people are before you.", ahead), ahead);
  gtk_label_set_label (label, text);
}

static void
on_queue (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Ticket *ticket = ticket_of (page);
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, NULL);
  JsonArray *tickets = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? anx_json_get_array (json_node_get_object (answer), "tickets") : NULL;
  JsonObject *own = NULL;
  guint ahead = 0;
  /* Without an answer what was said last stays: the number is good all the same. */
  for (guint i = 0; tickets != NULL && i < MIN (json_array_get_length (tickets), MOST_TICKETS); i++)
    {
      JsonObject *entry = anx_json_array_need_object (tickets, i, NULL);
      if (entry != NULL && g_strcmp0 (anx_json_get_string (entry, "id", NULL), ticket->id) == 0)
        own = entry;
      else if (entry != NULL && g_str_equal (anx_json_get_string (entry, "state", ""), "waiting") && anx_json_get_int (entry, "number", G_MAXINT64) < ticket->number)
        ahead++;
    }
  if (own != NULL)
    show_state (ticket, anx_json_get_string (own, "state", ""), anx_json_get_string (own, "room", NULL), ahead);
}

static gboolean
look (gpointer data)
{
  Ticket *ticket = data;
  g_autofree char *centre = g_uri_escape_string (anx_resident_get_centre (ticket->resident), NULL, FALSE);
  g_autofree char *path = g_strdup_printf ("/v1/queue?centre=%s", centre);
  anx_resident_request_async (ticket->resident, "GET", path, NULL, NULL, on_queue, g_object_ref (ticket->page));
  return G_SOURCE_CONTINUE;
}

/* --- taking it --- */

static void
show_number (Ticket *ticket)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *state = anx_page_make_text (_("Please wait to be called."), "anx-status");
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, ticket->number);
  GtkWidget *big = gtk_label_new (number);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (big, "anx-number");
  gtk_box_append (GTK_BOX (card), anx_page_make_text (_("Your number"), "anx-code-caption"));
  gtk_box_append (GTK_BOX (card), big);
  gtk_box_append (GTK_BOX (card), state);
  gtk_box_append (anx_page_get_content (ticket->page), card);
  gtk_box_append (anx_page_get_content (ticket->page),
                  anx_page_make_text (_("Please remember it or take a photo. You can leave this screen: the number stays yours today, and the staff call it."),
                                      "anx-note"));
  g_object_set_data (G_OBJECT (ticket->page), "anx-state", state);
  anx_page_set_primary (ticket->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_done), ticket);
  anx_page_set_busy (ticket->page, NULL);
  ticket->source = g_timeout_add_seconds (LOOK_SECONDS, look, ticket);
  look (ticket);
}

static void
on_taken (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Ticket *ticket = ticket_of (page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    ticket->number = anx_json_get_int (json_node_get_object (answer), "number", 0);
  if (ticket->number > 0)
    show_number (ticket);
  else
    anx_page_show_problem (page,
                           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED)
                               ? _("There is no network just now, so there is no number from this machine.\nThe staff can put you on their list. Please go to them.")
                               : _("No number could be taken just now.\nPlease try again, or ask the staff."),
                           _("Try again"), G_CALLBACK (on_take_again), ticket);
}

static void
take (Ticket *ticket)
{
  g_autofree char *path = g_strdup_printf ("/v1/tickets/%s", ticket->id);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "centre", anx_resident_get_centre (ticket->resident));
  json_object_set_string_member (body, "service", ticket->service);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_page_set_busy (ticket->page, _("Taking a number…"));
  anx_resident_request_async (ticket->resident, "PUT", path, node, NULL, on_taken, g_object_ref (ticket->page));
}

/* The service of the draft, else one that is meant for this, else the first. */
static const char *
find_service (AnxResidentWindow *window)
{
  JsonArray *services = anx_directory_get_services (anx_resident_get_directory (anx_resident_window_get_resident (window)));
  const char *found = anx_booking_draft_of_window (window)->service;
  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *service = anx_json_array_need_object (services, i, NULL);
      if (service != NULL && g_str_equal (anx_json_get_string (service, "kind", ""), "walk-in"))
        return anx_json_get_string (service, "id", NULL);
      if (service != NULL && found == NULL)
        found = anx_json_get_string (service, "id", NULL);
    }
  return found;
}

#define DATA_KEY "anx-ticket"

/* One visit has one ticket: coming back to the page shows the same number. */
static const char *
ticket_id_of (AnxResidentWindow *window)
{
  if (g_object_get_data (G_OBJECT (window), DATA_KEY) == NULL)
    g_object_set_data_full (G_OBJECT (window), DATA_KEY, anx_uuid_new (g_get_real_time ()), g_free);
  return g_object_get_data (G_OBJECT (window), DATA_KEY);
}

/**
 * anx_ticket_page_make:
 * @window: the window
 * @data: not used
 *
 * A number of today's queue and how many people are before it, looked at again while the page is there.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_ticket_page_make (AnxResidentWindow *window,
                      gpointer data)
{
  GtkWidget *page = anx_page_new (_("Waiting without a booking"), NULL);
  Ticket *ticket = g_new0 (Ticket, 1);
  ticket->window = window;
  ticket->resident = anx_resident_window_get_resident (window);
  ticket->page = ANX_PAGE (page);
  ticket->id = g_strdup (ticket_id_of (window));
  ticket->service = g_strdup (find_service (window));
  g_object_set_data_full (G_OBJECT (page), "anx-step", ticket, ticket_free);
  if (ticket->service != NULL)
    take (ticket);
  else
    anx_page_show_problem (ticket->page, _("Nothing can be booked at this machine yet.\nThe staff can help you at once."), NULL, NULL, NULL);
  return page;
}
