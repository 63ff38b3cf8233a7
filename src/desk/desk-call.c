/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-call.h"

#include <glib/gi18n.h>

#include "appointment.h"
#include "call-company.h"
#include "call-error.h"
#include "call-text.h"
#include "call-tiles.h"
#include "call.h"
#include "desk-alert.h"
#include "desk-call-trust.h"
#include "desk-join.h"
#include "desk-widgets.h"
#include "json.h"
#include "profile.h"
#include "ui-text.h"

struct _AnxDeskCall
{
  AdwBin parent_instance;
  AnxDeskService *service;
  gboolean test_media;
  gboolean starting;       /* asking the hub for relay servers */
  char *booking;           /* (nullable) */
  AnxCall *call;           /* (nullable) */
  AnxCallStudio *studio;   /* (nullable): of a joint session, the devices of all its calls */
  AnxCallCompany *company; /* (nullable): the others of a joint session; of who sits in, all */
  AnxCallTiles *view;
  GtkLabel *state;
  GtkWidget *start;
  GtkWidget *end;
  GtkWidget *camera;
  GtkWidget *microphone;
  AnxCallText *text;
  GtkWidget *text_box;
  GtkEditable *text_entry;
  guint gaps_told; /* of this call */
  GtkWidget *invite;
  AnxDeskJoin *join;
};

G_DEFINE_FINAL_TYPE (AnxDeskCall, anx_desk_call, ADW_TYPE_BIN)

enum
{
  GAP,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void on_company_changed (AnxDeskCall *self);

static void
drop_call (AnxDeskCall *self)
{
  if (self->call == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->call, self);
  anx_call_end (self->call);
  if (self->view != NULL)
    {
      anx_call_tiles_set_call (self->view, NULL);
      anx_call_text_set_call (self->text, NULL, NULL);
      gtk_editable_set_text (self->text_entry, "");
    }
  g_clear_object (&self->call);
}

static void
drop_company (AnxDeskCall *self)
{
  if (self->company == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->company, on_company_changed, self);
  anx_call_company_leave (self->company);
  g_signal_handlers_disconnect_by_data (self->company, self);
  if (self->view != NULL)
    {
      anx_call_tiles_set_company (self->view, NULL, NULL, NULL, NULL);
      anx_call_text_set_company (self->text, NULL, NULL, NULL, NULL);
    }
  g_clear_object (&self->company);
  g_clear_object (&self->studio);
}

static void
anx_desk_call_dispose (GObject *object)
{
  AnxDeskCall *self = ANX_DESK_CALL (object);
  self->view = NULL;
  drop_call (self);
  drop_company (self);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  G_OBJECT_CLASS (anx_desk_call_parent_class)->dispose (object);
}

static void
anx_desk_call_class_init (AnxDeskCallClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_call_dispose;
  signals[GAP] = g_signal_new ("gap", ANX_TYPE_DESK_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               G_TYPE_STRING);
}

static void
anx_desk_call_init (AnxDeskCall *self)
{
}

/* What is called by the id we have: a booking's kiosk, or that of an alert. */
static const char *
find_kiosk (AnxDeskCall *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (model, self->booking);
  const AnxDeskAlert *alert = booking == NULL && self->booking != NULL ? anx_desk_model_get_alert (model, self->booking) : NULL;

  return booking != NULL ? booking->kiosk : alert != NULL ? alert->kiosk : NULL;
}

/* ---- three and more ---- */

static const char *
get_own_id (AnxDeskCall *self)
{
  return anx_profile_get_principal (anx_client_get_profile (anx_desk_service_get_client (self->service)));
}

/* By the booking, beside its counsellor. */
static gboolean
sits_in (AnxDeskCall *self)
{
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking);

  return booking != NULL && g_strcmp0 (booking->mediator, get_own_id (self)) == 0 && g_strcmp0 (booking->counsellor, get_own_id (self)) != 0;
}

static char *
name_of (const char *peer, gpointer user_data)
{
  AnxDeskCall *self = user_data;

  if (g_strcmp0 (peer, find_kiosk (self)) != 0)
    return g_strdup (anx_desk_service_name_principal (self->service, peer));
  if (anx_desk_model_get_contact (anx_desk_service_get_model (self->service), self->booking) == NULL)
    return g_strdup (_ ("The resident"));
  return anx_desk_describe_person (self->service, self->booking);
}

static AnxCallTrust *
make_trust (const char *peer, gpointer user_data)
{
  return anx_desk_call_trust_new (anx_desk_service_get_client (ANX_DESK_CALL (user_data)->service), peer);
}

static void
on_company_send (AnxDeskCall *self, const char *peer, JsonObject *body)
{
  anx_client_send_signal (anx_desk_service_get_client (self->service), peer, self->booking, body);
}

static AnxCallMedia
get_media (AnxDeskCall *self)
{
  return !self->test_media ? ANX_CALL_MEDIA_DEVICES : sits_in (self) ? ANX_CALL_MEDIA_TEST_C : ANX_CALL_MEDIA_TEST_B;
}

/* Of two desks the one whose id comes first calls; a kiosk is always called. */
static void
add_person (AnxDeskCall *self, const char *peer)
{
  if (peer != NULL && *peer != '\0' && !g_str_equal (peer, get_own_id (self)))
    anx_call_company_add (self->company, peer, g_strcmp0 (get_own_id (self), peer) < 0);
}

/* The booking may become known after the page was opened. */
static void
ensure_company (AnxDeskCall *self)
{
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking);
  const char *kiosk = find_kiosk (self);

  if (self->company != NULL || booking == NULL || booking->mediator == NULL || *booking->mediator == '\0' || kiosk == NULL || *kiosk == '\0'
      || (!sits_in (self) && g_strcmp0 (booking->counsellor, get_own_id (self)) != 0))
    return;
  self->studio = anx_call_studio_new (get_media (self));
  self->company = anx_call_company_new (self->booking, get_own_id (self), self->studio, make_trust, self);
  if (sits_in (self))
    anx_call_company_add (self->company, kiosk, TRUE);
  add_person (self, sits_in (self) ? booking->counsellor : booking->mediator);
  g_signal_connect_swapped (self->company, "send", G_CALLBACK (on_company_send), self);
  g_signal_connect_swapped (self->company, "changed", G_CALLBACK (on_company_changed), self);
  anx_call_tiles_set_company (self->view, self->company, kiosk, name_of, self);
  anx_call_text_set_company (self->text, self->company, kiosk, name_of, self);
}

static gboolean
is_in_company (AnxDeskCall *self)
{
  return self->company != NULL && anx_call_company_is_entered (self->company);
}

/* Somebody of the others has opened the session and waits for us. */
static const char *
find_waiting (AnxDeskCall *self)
{
  const char *const *peers = self->company != NULL ? anx_call_company_get_peers (self->company) : NULL;

  for (guint i = 0; peers != NULL && peers[i] != NULL; i++)
    if (anx_call_company_is_waiting (self->company, peers[i]))
      return peers[i];
  return NULL;
}

/* Why a call cannot be started now; NULL when it can. */
static const char *
get_hindrance (AnxDeskCall *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (model, self->booking);
  const AnxDeskAlert *alert = booking == NULL && self->booking != NULL ? anx_desk_model_get_alert (model, self->booking) : NULL;

  if (alert != NULL && !anx_desk_alert_is_answered_by (alert, anx_desk_model_get_principal (model)))
    return _ ("Please say first that you are going. Then you can talk with the room.");
  if (alert != NULL)
    return anx_client_get_state (anx_desk_service_get_client (self->service)) != ANX_CLIENT_ONLINE
               ? _ ("No connection to the hub. The call can start as soon as it is back.") : NULL;
  if (booking == NULL)
    return _ ("No session is open.");
  if (booking->kiosk == NULL || *booking->kiosk == '\0')
    return _ ("This booking is without video: the resident comes to your room.");
  if (anx_client_get_state (anx_desk_service_get_client (self->service)) != ANX_CLIENT_ONLINE)
    return _ ("No connection to the hub. The call can start as soon as it is back.");
  if (!g_str_equal (booking->status, "checked-in") && !g_str_equal (booking->status, "arrived")
      && !g_str_equal (booking->status, "fulfilled"))
    return _ ("The resident has not checked in yet.");
  return NULL;
}

/* After a minute without a line: the numbers that reach the resident. */
static char *
describe_phones (AnxDeskCall *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskContact *contact = anx_desk_model_get_contact (model, self->booking);
  const AnxDeskBooking *booking = anx_desk_model_get_booking (model, self->booking);
  AnxDirectory *directory = anx_client_get_directory (anx_desk_service_get_client (self->service));
  JsonObject *centre
      = directory != NULL && booking != NULL ? anx_directory_get_centre (directory, booking->centre) : NULL;
  const char *centre_phone = centre != NULL ? anx_json_get_string (centre, "phone", "") : "";
  GString *text = g_string_new (NULL);

  if (contact != NULL && *contact->phone != '\0')
    {
      /* Translators: a telephone number. */
      g_autofree char *line = g_strdup_printf (_ ("Go on by phone: the resident %s."), contact->phone);
      g_string_append (text, line);
    }
  if (*centre_phone != '\0')
    {
      /* Translators: a telephone number. */
      g_autofree char *line = g_strdup_printf (_ ("The centre %s."), centre_phone);
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", line);
    }
  return g_string_free (text, FALSE);
}

static const char *
describe_end (AnxDeskCall *self)
{
  switch (anx_call_get_end_reason (self->call))
    {
    case ANX_CALL_ENDED_BY_US:
      return _ ("Call ended. Camera and microphone are off.");
    case ANX_CALL_ENDED_BY_PEER:
      return _ ("The other side has ended the call. Camera and microphone are off.");
    case ANX_CALL_ENDED_BY_ERROR:
    default:
      {
        const char *problem = anx_call_get_problem (self->call);
        return problem != NULL ? problem : _ ("The call broke off. Camera and microphone are off.");
      }
    }
}

static guint
get_line_quality (AnxCall *call)
{
  guint quality = 0;
  g_object_get (call, "quality", &quality, NULL);
  return quality;
}

/* From here on a person notices, and is told before thinking the other side has gone quiet. */
static gboolean
is_line_weak (AnxCall *call)
{
  guint quality = get_line_quality (call);
  return quality == 1 || quality == 2;
}

/* Without a call with the kiosk. */
static char *
describe_waiting (AnxDeskCall *self)
{
  const char *waiting = find_waiting (self);
  const char *hindrance = get_hindrance (self);

  if (is_in_company (self) && sits_in (self))
    return g_strdup (_ ("You are in the session. The resident’s picture comes as soon as the counsellor has called."));
  if (hindrance != NULL)
    return g_strdup (hindrance);
  if (waiting != NULL)
    {
      g_autofree char *name = name_of (waiting, self);
      /* Translators: a person's name. */
      return g_strdup_printf (_ ("%s is in the session. Camera and microphone are off here."), name);
    }
  return g_strdup (_ ("Ready to call. Camera and microphone are off."));
}

static const char *
describe_state (AnxDeskCall *self)
{
  if (self->starting)
    return _ ("Connecting: waiting for the other side. Camera and microphone are still off.");
  switch (anx_call_get_state (self->call))
    {
    case ANX_CALL_CONNECTING:
      return _ ("Connecting: waiting for the other side. Camera and microphone are still off.");
    case ANX_CALL_LIVE:
      /* A device that is missing: then it is not true that one is both seen and heard. */
      if (anx_call_get_problem (self->call) != NULL)
        return anx_call_get_problem (self->call);
      if (is_line_weak (self->call))
        return anx_call_quality_to_words (get_line_quality (self->call));
      return _ ("In the call. The other side sees and hears you.");
    case ANX_CALL_RECONNECTING:
      return _ ("The connection was lost and is being restored. The other side does not see you now.");
    case ANX_CALL_ENDED:
      return describe_end (self);
    case ANX_CALL_IDLE:
    default:
      return _ ("Ready to call. Camera and microphone are off.");
    }
}

/* The kiosk. */
static gboolean
is_calling (AnxDeskCall *self)
{
  return self->starting
         || (self->call != NULL && anx_call_get_state (self->call) != ANX_CALL_ENDED && anx_call_get_state (self->call) != ANX_CALL_IDLE);
}

static void
refresh (AnxDeskCall *self)
{
  ensure_company (self);
  gboolean calling = is_calling (self), open = anx_desk_call_is_open (self);

  gboolean lost = self->call != NULL
                  && g_error_matches (anx_call_get_error (self->call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION);
  g_autofree char *phones = lost ? describe_phones (self) : NULL;
  g_autofree char *state
      = lost && *phones != '\0' ? g_strdup_printf ("%s %s", describe_state (self), phones)
      : self->call == NULL && !self->starting ? describe_waiting (self)
                                              : g_strdup (describe_state (self));

  gtk_label_set_text (self->state, state);
  gtk_widget_set_visible (self->text_box, open);
  gtk_widget_set_sensitive (self->text_box, self->call != NULL && anx_call_get_state (self->call) == ANX_CALL_LIVE);
  gtk_widget_set_visible (GTK_WIDGET (self->text), !anx_call_text_is_empty (self->text));
  anx_desk_button_set_label (GTK_BUTTON (self->start), sits_in (self) ? _ ("_Join the session") : _ ("Start _call"), NULL);
  /* Who sits in joins once; a counsellor can call the resident again while the other is still there. */
  gtk_widget_set_visible (self->start, sits_in (self) ? !open : !calling);
  gtk_widget_set_sensitive (self->start, get_hindrance (self) == NULL);
  gtk_widget_set_visible (self->invite, !open && !sits_in (self) && get_hindrance (self) == NULL
                                            && anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking) != NULL);
  gtk_widget_set_visible (self->end, open);
  gtk_widget_set_visible (self->camera, open);
  gtk_widget_set_visible (self->microphone, open);
}

/* Each gap is told once, when it is over: by a picture again, or by the end of the call. */
static void
tell_gaps (AnxDeskCall *self)
{
  guint n_gaps = 0;
  const AnxCallGap *gaps = anx_call_get_gaps (self->call, &n_gaps);

  for (; self->gaps_told < n_gaps && gaps[self->gaps_told].length_usec > 0; self->gaps_told++)
    {
      const AnxCallGap *gap = &gaps[self->gaps_told];
      guint seconds = (guint) MAX (1, (gap->length_usec + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC);
      g_autofree char *time = anx_ui_format_time (gap->start_usec, anx_desk_service_get_zone (self->service));
      /* Translators: a time. Goes into the note of the session. */
      g_autofree char *text = g_strdup_printf (
          ngettext ("%2$s: the video line was away for %1$u second.",
                    "%2$s: the video line was away for %1$u seconds.", seconds),
          seconds, time);
      g_signal_emit (self, signals[GAP], 0, text);
    }
}

static void
on_call_state (AnxDeskCall *self)
{
  if (self->call == NULL)
    return;
  tell_gaps (self);
  refresh (self);
}

static void
on_text_sent (AnxDeskCall *self)
{
  if (anx_call_text_say (self->text, gtk_editable_get_text (self->text_entry)))
    gtk_editable_set_text (self->text_entry, "");
  refresh (self);
}

static void
on_send (AnxCall *call,
         JsonObject *body,
         AnxDeskCall *self)
{
  const char *kiosk = find_kiosk (self);

  /* A message lost while the link is down is made up for by the call's next attempt. */
  if (kiosk != NULL)
    anx_client_send_signal (anx_desk_service_get_client (self->service), kiosk, self->booking, body);
}

static void
on_call_message (AnxDeskService *service,
                 const char *booking,
                 JsonObject *body,
                 const char *from,
                 AnxDeskCall *self)
{
  if (g_strcmp0 (booking, self->booking) != 0 || (self->company != NULL && anx_call_company_receive (self->company, from, body)))
    return;
  if (self->call == NULL || g_strcmp0 (from, find_kiosk (self)) != 0)
    return;
  anx_call_receive (self->call, body);
}

static void
on_call_failed (AnxDeskService *service,
                const char *booking,
                const char *reason,
                const char *to,
                AnxDeskCall *self)
{
  if (self->call == NULL || g_strcmp0 (to, find_kiosk (self)) != 0 || g_strcmp0 (booking, self->booking) != 0
      || anx_call_get_state (self->call) != ANX_CALL_CONNECTING)
    return;
  gtk_label_set_text (self->state,
                      g_str_equal (reason, "absent")
                          ? _ ("The kiosk in the room is not connected. It is tried again by itself.")
                      : anx_desk_model_get_booking (anx_desk_service_get_model (service), booking) != NULL
                          ? _ ("The hub does not allow this call: the booking is not of today or not checked in.")
                          : _ ("The hub does not allow this call yet. It is tried again by itself."));
}

/* The picture of the resident and all that is said about it. */
static void
follow (AnxDeskCall *self,
        AnxCall *call)
{
  g_autofree char *person = anx_desk_describe_person (self->service, self->booking);

  self->call = g_object_ref (call);
  self->gaps_told = 0;
  g_signal_connect_swapped (call, "notify::state", G_CALLBACK (on_call_state), self);
  g_signal_connect_swapped (call, "notify::problem", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (call, "notify::quality", G_CALLBACK (refresh), self);
  anx_call_tiles_set_call (self->view, call);
  anx_call_text_set_call (self->text, call, person);
}

/* Of who sits in, the call with the kiosk comes and goes with the company. */
static void
on_company_changed (AnxDeskCall *self)
{
  AnxCall *call = sits_in (self) ? anx_call_company_get_call (self->company, find_kiosk (self)) : self->call;

  if (call != self->call)
    {
      if (self->call != NULL)
        {
          tell_gaps (self);
          g_signal_handlers_disconnect_by_data (self->call, self);
          anx_call_tiles_set_call (self->view, NULL);
          anx_call_text_set_call (self->text, NULL, NULL);
          g_clear_object (&self->call);
        }
      if (call != NULL)
        follow (self, call);
    }
  refresh (self);
}

static void
begin (AnxDeskCall *self,
       JsonArray *servers)
{
  const char *kiosk = find_kiosk (self);

  if (kiosk == NULL)
    return;
  if (self->company != NULL)
    {
      anx_call_company_set_camera_on (self->company, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->camera)));
      anx_call_company_set_microphone_on (self->company, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->microphone)));
      anx_call_company_enter (self->company, servers);
    }
  if (sits_in (self))
    return;
  g_autoptr (AnxCallTrust) trust = make_trust (kiosk, self);
  g_autoptr (AnxCall) call = anx_call_new (self->booking, get_media (self), trust, servers);
  g_signal_connect (call, "send", G_CALLBACK (on_send), self);
  if (self->studio != NULL)
    anx_call_set_studio (call, self->studio);
  anx_call_set_camera_on (call, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->camera)));
  anx_call_set_microphone_on (call, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->microphone)));
  follow (self, call);
  anx_call_start (call);
}

static void
on_ice (GObject *source,
        GAsyncResult *result,
        gpointer user_data)
{
  g_autoptr (AnxDeskCall) self = user_data;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, NULL);

  if (!self->starting || self->service == NULL)
    return;
  self->starting = FALSE;
  /* Without relay servers the two still find each other in one network, so a failing answer does not stop the call. */
  begin (self, answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                   ? anx_json_get_array (json_node_get_object (answer), "servers")
                   : NULL);
  refresh (self);
}

static void
on_status_set (GObject *source,
               GAsyncResult *result,
               gpointer user_data)
{
  /* A status that the hub refuses must not get into the way of a person who waits for the picture. */
  anx_desk_service_set_status_finish (ANX_DESK_SERVICE (source), result, NULL);
}

/**
 * anx_desk_call_start:
 * @self: the video part
 *
 * Calls the kiosk of the booking, and opens camera and microphone when it answers; the booking becomes "in session". Who sits in by the booking
 * enters the session instead, and is called in by those who are there.
 */
void
anx_desk_call_start (AnxDeskCall *self)
{
  const AnxDeskBooking *booking
      = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking);
  g_autoptr (GError) error = NULL;

  if (is_calling (self) || (sits_in (self) && is_in_company (self)) || get_hindrance (self) != NULL)
    return;
  drop_call (self);
  if (!anx_call_library_init (&error))
    {
      gtk_label_set_text (self->state, error->message);
      return;
    }
  self->starting = TRUE;
  if (booking != NULL && !sits_in (self) && anx_appointment_status_may_follow (booking->status, "arrived"))
    anx_desk_service_set_status_async (self->service, self->booking, "arrived", NULL, on_status_set, NULL);
  anx_client_request_async (anx_desk_service_get_client (self->service), "GET", "/v1/ice", NULL, NULL, on_ice,
                            g_object_ref (self));
  refresh (self);
}

/**
 * anx_desk_call_end:
 * @self: the video part
 *
 * Ends the call; camera and microphone are closed when it returns or soon after, and the state says so.
 */
void
anx_desk_call_end (AnxDeskCall *self)
{
  self->starting = FALSE;
  if (self->company != NULL)
    anx_call_company_leave (self->company);
  if (self->call != NULL)
    anx_call_end (self->call);
  refresh (self);
}

/**
 * anx_desk_call_is_open:
 * @self: the video part
 *
 * Returns: whether camera and microphone are open or about to be
 */
gboolean
anx_desk_call_is_open (AnxDeskCall *self)
{
  return is_calling (self) || is_in_company (self);
}

/**
 * anx_desk_call_set_booking:
 * @self: the video part
 * @booking: (nullable): the id of a booking, or of an alert that this person answered
 */
void
anx_desk_call_set_booking (AnxDeskCall *self,
                           const char *booking)
{
  if (g_strcmp0 (booking, self->booking) == 0)
    return;
  self->starting = FALSE;
  drop_call (self);
  drop_company (self);
  g_free (self->booking);
  self->booking = g_strdup (booking);
  anx_desk_join_set_booking (self->join, booking);
  refresh (self);
}

static void
on_camera (GtkToggleButton *button,
           AnxDeskCall *self)
{
  gboolean on = gtk_toggle_button_get_active (button);
  anx_desk_button_set_label (GTK_BUTTON (button), on ? _ ("Camera on") : _ ("Camera off"), NULL);
  if (self->call != NULL)
    anx_call_set_camera_on (self->call, on);
  if (self->company != NULL)
    anx_call_company_set_camera_on (self->company, on);
}

static void
on_microphone (GtkToggleButton *button,
               AnxDeskCall *self)
{
  gboolean on = gtk_toggle_button_get_active (button);
  anx_desk_button_set_label (GTK_BUTTON (button), on ? _ ("Microphone on") : _ ("Microphone off"), NULL);
  if (self->call != NULL)
    anx_call_set_microphone_on (self->call, on);
  if (self->company != NULL)
    anx_call_company_set_microphone_on (self->company, on);
}

static GtkWidget *
build_toggle (const char *label,
              GCallback callback,
              AnxDeskCall *self)
{
  GtkWidget *button = gtk_toggle_button_new ();
  anx_desk_button_set_label (GTK_BUTTON (button), label, NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  g_signal_connect (button, "toggled", callback, self);
  return button;
}

static GtkWidget *
build_text (AnxDeskCall *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *send = anx_desk_button_new (_ ("Sen_d"), NULL, NULL, NULL);

  self->text = ANX_CALL_TEXT (anx_call_text_new ());
  gtk_widget_set_size_request (GTK_WIDGET (self->text), -1, 96);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Write to the resident; gone after the call"));
  anx_ui_set_accessible_name (entry, _ ("Write to the resident"));
  self->text_entry = GTK_EDITABLE (entry);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (on_text_sent), self);
  g_signal_connect_swapped (send, "clicked", G_CALLBACK (on_text_sent), self);
  g_signal_connect_swapped (self->text, "heard", G_CALLBACK (refresh), self);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), send);
  self->text_box = box;
  return box;
}

/**
 * anx_desk_call_new:
 * @service: the service
 * @test_media: whether test pictures and tones take the place of camera and microphone
 *
 * Returns: (transfer floating): the video part, without a booking
 */
GtkWidget *
anx_desk_call_new (AnxDeskService *service,
                   gboolean test_media)
{
  AnxDeskCall *self = g_object_new (ANX_TYPE_DESK_CALL, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->service = g_object_ref (service);
  self->test_media = test_media;
  self->view = ANX_CALL_TILES (anx_call_tiles_new (GTK_ORIENTATION_VERTICAL));
  gtk_widget_set_size_request (GTK_WIDGET (self->view), 400, 300);
  gtk_widget_set_overflow (frame, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (frame, "call-frame");
  gtk_box_append (GTK_BOX (frame), GTK_WIDGET (self->view));
  self->state = GTK_LABEL (anx_desk_label_new ("", "call-state"));
  gtk_widget_set_name (GTK_WIDGET (self->state), "call-state");
  self->start = anx_desk_button_new (_ ("Start _call"), "suggested-action", NULL, NULL);
  self->end = anx_desk_button_new (_ ("_End call"), "destructive-action", NULL, NULL);
  self->camera = build_toggle (_ ("Camera on"), G_CALLBACK (on_camera), self);
  self->microphone = build_toggle (_ ("Microphone on"), G_CALLBACK (on_microphone), self);
  g_signal_connect_swapped (self->start, "clicked", G_CALLBACK (anx_desk_call_start), self);
  g_signal_connect_swapped (self->end, "clicked", G_CALLBACK (anx_desk_call_end), self);
  gtk_box_append (GTK_BOX (line), self->start);
  gtk_box_append (GTK_BOX (line), self->end);
  self->invite = anx_desk_button_new (_ ("Join from a _browser"), NULL, NULL, NULL);
  self->join = ANX_DESK_JOIN (anx_desk_join_new (service));
  g_signal_connect_swapped (self->invite, "clicked", G_CALLBACK (anx_desk_join_begin), self->join);
  gtk_box_append (GTK_BOX (line), self->invite);
  gtk_box_append (GTK_BOX (line), self->camera);
  gtk_box_append (GTK_BOX (line), self->microphone);
  gtk_box_append (GTK_BOX (box), frame);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->join));
  GtkWidget *text = build_text (self);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (box), text);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "call-message", G_CALLBACK (on_call_message), self, 0);
  g_signal_connect_object (service, "call-failed", G_CALLBACK (on_call_failed), self, 0);
  refresh (self);
  return GTK_WIDGET (self);
}
