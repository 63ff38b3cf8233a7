/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session.h"

#include <glib/gi18n.h>

#include "call-error.h"
#include "call-studio.h"
#include "clock.h"
#include "delegation.h"
#include "id.h"
#include "json.h"
#include "statement.h"

/* Messages kept while the way to the counsellor is being asked for: an offer with its candidates is about 20. */
#define MAX_KEPT_MESSAGES 200

/* Signs through the shell, which holds the kiosk's key; checks against the counsellor of the booking and nobody else.
 */
#define ANX_TYPE_SESSION_TRUST (anx_session_trust_get_type ())
G_DECLARE_FINAL_TYPE (AnxSessionTrust, anx_session_trust, ANX, SESSION_TRUST, GObject)

struct _AnxSessionTrust
{
  GObject parent_instance;

  AnxResident *resident;
  char *booking;
  char *counsellor;
  gboolean delegated; /* a key that the counsellor has named for this session speaks: a browser's */
};

static void
on_signed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char *statement = anx_resident_sign_finish (ANX_RESIDENT (source), result, &error);

  if (statement != NULL)
    g_task_return_pointer (task, statement, g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
anx_session_trust_sign_async (
    AnxCallTrust *trust, const char *context, const char *text, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (trust, NULL, callback, user_data);

  anx_resident_sign_async (ANX_SESSION_TRUST (trust)->resident, context, text, on_signed, task);
}

static char *
anx_session_trust_sign_finish (AnxCallTrust *trust, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
anx_session_trust_verify (AnxCallTrust *trust, const char *context, const char *statement, GError **error)
{
  AnxSessionTrust *self = ANX_SESSION_TRUST (trust);
  const AnxPrincipal *counsellor
      = anx_directory_get_principal (anx_resident_get_directory (self->resident), self->counsellor);
  g_autoptr (AnxClock) clock = anx_clock_new_system ();

  if (counsellor == NULL || !counsellor->active)
    {
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED,
                           "The directory does not know this counsellor as active");
      return NULL;
    }
  self->delegated = anx_delegation_is_carried_by (statement);
  if (self->delegated)
    {
      g_autofree char *session = g_strdup_printf ("call-delegation:%s", self->booking);
      return anx_delegation_verify (statement, context, session, self->counsellor, anx_resident_get_authority (self->resident),
                                    anx_clock_now_usec (clock), error);
    }
  return anx_statement_verify (statement, context, self->counsellor, anx_resident_get_authority (self->resident),
                               anx_clock_now_usec (clock), error);
}

static void
anx_session_trust_iface_init (AnxCallTrustInterface *iface)
{
  iface->sign_async = anx_session_trust_sign_async;
  iface->sign_finish = anx_session_trust_sign_finish;
  iface->verify = anx_session_trust_verify;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AnxSessionTrust,
                               anx_session_trust,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_CALL_TRUST, anx_session_trust_iface_init))

static void
anx_session_trust_finalize (GObject *object)
{
  AnxSessionTrust *self = ANX_SESSION_TRUST (object);

  g_clear_object (&self->resident);
  g_free (self->booking);
  g_free (self->counsellor);
  G_OBJECT_CLASS (anx_session_trust_parent_class)->finalize (object);
}

static void
anx_session_trust_class_init (AnxSessionTrustClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_session_trust_finalize;
}

static void
anx_session_trust_init (AnxSessionTrust *self)
{
}

struct _AnxSession
{
  int n_refs;
  gboolean for_alert;   /* not of a booking: a colleague who answered the alert calls */
  gboolean offered;     /* of such a call: the page that asks is on the screen */
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  char *booking;
  char *counsellor;
  char *problem;        /* (nullable) */
  AnxCall *call;        /* (nullable) */
  AnxSessionTrust *trust; /* (nullable) of that call */
  AnxCallStudio *studio;  /* (nullable): of a joint session, the devices of all its calls */
  AnxCallCompany *company; /* (nullable): who sits in by the booking */
  JsonArray *ice_servers; /* (nullable): what the talk began with */
  GPtrArray *kept;      /* JsonObject: messages that wait for the call */
  GCancellable *asking; /* (nullable) ICE servers are being asked for */
  gulong handler;
};

#define BOOKED_KEY "anx-booked-session"

static void
on_call_send (AnxSession *self, JsonObject *body)
{
  anx_resident_send_signal (self->resident, self->counsellor, self->booking, body);
}

/* From the first attempt to the end; before and after it the devices are closed, or tried out by the resident alone. */
static gboolean
anx_session_is_in_call (AnxSession *self)
{
  AnxCallState state = self->call != NULL ? anx_call_get_state (self->call) : ANX_CALL_ENDED;

  return state == ANX_CALL_CONNECTING || state == ANX_CALL_LIVE || state == ANX_CALL_RECONNECTING;
}

static gboolean
on_talk_over (gpointer data)
{
  AnxSession *self = data;

  /* Whoever calls again at once has a page here by now. */
  if (!self->offered && self->asking == NULL && !anx_session_is_in_call (self))
    anx_page_stack_forget (anx_resident_window_get_pages (self->window), self);
  return G_SOURCE_REMOVE;
}

/* Somebody for whom help was called in this visit is alone again: whoever is on duty must know. */
static void
anx_session_tell_staff (AnxSession *self)
{
  if (anx_resident_get_alert_level (self->resident) > ANX_LEVEL_GREEN
      && g_error_matches (anx_call_get_error (self->call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION))
    anx_resident_raise_alert (self->resident, anx_resident_get_alert_level (self->resident), "call-dropped");
}

/*
 * The devices are closed by now. An error stays on the call page, which offers to wait again. What else is on the screen stays there: help, or
 * a talk with a colleague.
 */
static void
on_call_state (AnxSession *self)
{
  /* With the counsellor it begins and ends for all: nobody is alone with the resident who did not open the talk. */
  if (self->company != NULL && anx_call_get_state (self->call) == ANX_CALL_LIVE)
    anx_call_company_enter (self->company, self->ice_servers);
  if (anx_call_get_state (self->call) != ANX_CALL_ENDED)
    return;
  if (self->company != NULL)
    anx_call_company_leave (self->company);
  if (anx_call_get_end_reason (self->call) == ANX_CALL_ENDED_BY_ERROR)
    anx_session_tell_staff (self);
  /* Not from here: with its page the call goes, which is just telling us. */
  else if (self->for_alert)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_talk_over, anx_session_ref (self), anx_session_unref);
  else
    anx_page_stack_exchange (anx_resident_window_get_pages (self->window), self, anx_rating_page_make, anx_session_ref (self),
                             anx_session_unref);
}

static void
anx_session_drop_call (AnxSession *self)
{
  if (self->company != NULL)
    anx_call_company_leave (self->company);
  if (self->call == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->call, on_call_state, self);
  /* The other side is told. */
  anx_call_end (self->call);
  g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  g_clear_object (&self->trust);
}

/* The page of a talk is left, whichever way: camera and microphone go with it. */
static void
on_talk_left (gpointer data)
{
  AnxSession *self = data;

  anx_session_drop_call (self);
  anx_session_unref (self);
}

static AnxCallMedia
anx_session_get_media (AnxSession *self)
{
  gboolean test = *anx_json_get_string (anx_resident_get_context (self->resident), "testMedia", "") != '\0';

  return test ? ANX_CALL_MEDIA_TEST_A : ANX_CALL_MEDIA_DEVICES;
}

static AnxSessionTrust *
anx_session_trust_new (AnxSession *self, const char *person)
{
  AnxSessionTrust *trust = g_object_new (ANX_TYPE_SESSION_TRUST, NULL);

  trust->resident = g_object_ref (self->resident);
  trust->counsellor = g_strdup (person);
  trust->booking = g_strdup (self->booking);
  return trust;
}

static AnxCallTrust *
make_company_trust (const char *peer, gpointer user_data)
{
  return ANX_CALL_TRUST (anx_session_trust_new (user_data, peer));
}

static void
on_company_send (AnxSession *self, const char *peer, JsonObject *body)
{
  anx_resident_send_signal (self->resident, peer, self->booking, body);
}

/* Who sits in by the booking. The kiosk calls nobody; it is called. */
static void
anx_session_make_company (AnxSession *self)
{
  const char *mediator = anx_json_get_string (anx_resident_get_booking (self->resident), "mediator", NULL);

  if (self->company != NULL || !anx_principal_id_is_valid (mediator) || g_str_equal (mediator, self->counsellor))
    return;
  self->studio = anx_call_studio_new (anx_session_get_media (self));
  self->company = anx_call_company_new (self->booking, anx_resident_get_principal (self->resident), self->studio, make_company_trust, self);
  anx_call_company_add (self->company, mediator, FALSE);
  g_signal_connect_swapped (self->company, "send", G_CALLBACK (on_company_send), self);
}

/* The call that waits: with it GStreamer is started and the key of the line made before the counsellor calls. */
static void
anx_session_prepare_call (AnxSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->call != NULL && anx_call_get_state (self->call) != ANX_CALL_ENDED)
    return;
  anx_session_drop_call (self);
  g_clear_pointer (&self->problem, g_free);
  if (!anx_call_library_init (&error))
    {
      g_warning ("Video cannot start: %s", error->message);
      self->problem = g_strdup (
          _ ("Video does not work on this machine just now. Please tell the staff; they can arrange another way."));
      return;
    }
  if (!self->for_alert)
    anx_session_make_company (self);
  if (self->company != NULL)
    {
      anx_call_company_set_camera_on (self->company, TRUE);
      anx_call_company_set_microphone_on (self->company, TRUE);
    }
  self->trust = anx_session_trust_new (self, self->counsellor);
  self->call = anx_call_new (self->booking, anx_session_get_media (self),
                             ANX_CALL_TRUST (self->trust), NULL);
  if (self->studio != NULL)
    anx_call_set_studio (self->call, self->studio);
  g_signal_connect_swapped (self->call, "send", G_CALLBACK (on_call_send), self);
  g_signal_connect_swapped (self->call, "notify::state", G_CALLBACK (on_call_state), self);
  anx_call_wait (self->call);
}

static void
anx_session_decline (AnxSession *self)
{
  g_autoptr (JsonObject) body = json_object_new ();

  json_object_set_string_member (body, "type", "end");
  json_object_set_string_member (body, "reason", "declined");
  anx_resident_send_signal (self->resident, self->counsellor, self->booking, body);
}

/*
 * A page of this session that stayed below would hold the call open after "Back". Of a booking, whatever the resident has opened over the page
 * that waits goes away, too; not a talk with a colleague who answered the alert. %FALSE: this call must not begin.
 */
static gboolean
anx_session_clear_way (AnxSession *self)
{
  AnxPageStack *pages = anx_resident_window_get_pages (self->window);

  if (self->for_alert)
    {
      anx_page_stack_forget (pages, self);
      return TRUE;
    }
  AnxSession *alert = g_object_get_data (G_OBJECT (self->window), "anx-alert-session");
  if (alert->offered || alert->asking != NULL || anx_session_is_in_call (alert))
    return FALSE;
  /* No page: who waited has left meanwhile. */
  return anx_page_stack_back_from (pages, self);
}

static void
anx_session_start_call (AnxSession *self, JsonArray *ice_servers)
{
  g_autoptr (GPtrArray) kept = g_steal_pointer (&self->kept);

  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  if (!anx_session_clear_way (self))
    {
      anx_session_decline (self);
      return;
    }
  anx_session_prepare_call (self);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  self->ice_servers = ice_servers != NULL ? json_array_ref (ice_servers) : NULL;
  if (self->call != NULL)
    anx_call_set_ice_servers (self->call, ice_servers);
  anx_resident_window_push (self->window, anx_call_page_make, anx_session_ref (self),
                            self->for_alert ? on_talk_left : anx_session_unref);
  for (guint i = 0; self->call != NULL && i < kept->len; i++)
    anx_call_receive (self->call, g_ptr_array_index (kept, i));
}

static void
on_ice (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AnxSession *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  JsonArray *servers = NULL;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_object (&self->asking);
      /* Without servers two machines of one network still find each other. */
      if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
        servers = anx_json_get_array (json_node_get_object (answer), "servers");
      anx_session_start_call (self, servers);
    }
  anx_session_unref (self);
}

static gboolean
is_offer (JsonObject *body)
{
  return g_str_equal (anx_json_get_string (body, "type", ""), "description")
         && g_str_equal (anx_json_get_string (body, "role", ""), "offer");
}

/* The ICE servers are asked for, then the call answers what was kept. */
static void
anx_session_answer (AnxSession *self)
{
  self->asking = g_cancellable_new ();
  anx_resident_request_async (self->resident, "GET", "/v1/ice", NULL, self->asking, on_ice, anx_session_ref (self));
}

static void
on_signal_received (AnxSession *self, const char *sender, const char *call, JsonObject *body)
{
  if (self->company != NULL && g_strcmp0 (call, self->booking) == 0 && anx_call_company_receive (self->company, sender, body))
    return;
  if (g_strcmp0 (sender, self->counsellor) != 0 || g_strcmp0 (call, self->booking) != 0)
    return;
  if (anx_session_is_in_call (self))
    {
      anx_call_receive (self->call, body);
      return;
    }
  if (self->asking == NULL && !is_offer (body))
    return;
  if (self->kept->len < MAX_KEPT_MESSAGES)
    g_ptr_array_add (self->kept, json_object_ref (body));
  if (self->asking == NULL)
    anx_session_answer (self);
}

/* Whoever may answer an alert by the directory; that this one did is what the hub checks. */
static gboolean
may_talk (AnxSession *self, const char *sender)
{
  static const char *const ROLES[] = { "duty", "counsellor", "staff", "lead", "district-duty", "supervisor" };
  AnxDirectory *directory = anx_resident_get_directory (self->resident);
  const AnxPrincipal *person = anx_directory_get_principal (directory, sender);

  for (gsize i = 0; person != NULL && person->active && i < G_N_ELEMENTS (ROLES); i++)
    if (anx_directory_has_role (directory, sender, ROLES[i], NULL))
      return TRUE;
  return FALSE;
}

static gboolean
is_end (JsonObject *body)
{
  return g_str_equal (anx_json_get_string (body, "type", ""), "end");
}

/* Neither camera nor microphone before the resident has said so; of several attempts the newest is answered. */
static void
on_alert_signal (AnxSession *self, const char *sender, const char *call, JsonObject *body)
{
  gboolean open = anx_session_is_in_call (self);

  if (open || self->offered || self->asking != NULL)
    {
      if (g_strcmp0 (sender, self->counsellor) != 0 || g_strcmp0 (call, self->booking) != 0)
        return;
      if (open)
        {
          anx_call_receive (self->call, body);
          return;
        }
      if (self->offered && is_end (body))
        {
          /* Nobody is there who would have to be told. */
          self->offered = FALSE;
          anx_page_stack_forget (anx_resident_window_get_pages (self->window), self);
          return;
        }
      if (is_offer (body))
        g_ptr_array_set_size (self->kept, 0);
      if (self->kept->len < MAX_KEPT_MESSAGES)
        g_ptr_array_add (self->kept, json_object_ref (body));
      return;
    }
  if (!is_offer (body) || !may_talk (self, sender))
    return;
  /* The page of the talk before goes, with what is left of its call, which trusts whoever called then. */
  anx_page_stack_forget (anx_resident_window_get_pages (self->window), self);
  g_free (self->counsellor);
  self->counsellor = g_strdup (sender);
  g_free (self->booking);
  self->booking = g_strdup (call);
  g_ptr_array_set_size (self->kept, 0);
  g_ptr_array_add (self->kept, json_object_ref (body));
  self->offered = TRUE;
  anx_resident_window_push (self->window, anx_talk_page_make, anx_session_ref (self), anx_session_refuse);
}

static gboolean
on_page_shown (gpointer data)
{
  AnxSession *self = data;

  anx_session_prepare_call (self);
  g_autoptr (GPtrArray) early = anx_resident_take_signals (self->resident, self->booking);

  for (guint i = 0; i < early->len; i++)
    {
      AnxSignal *message = g_ptr_array_index (early, i);
      on_signal_received (self, message->sender, message->call, message->body);
    }
  return G_SOURCE_REMOVE;
}

/**
 * anx_session_new:
 * @window: the window; its visit must hold a booking
 *
 * Begins to listen for the counsellor of the booking.
 *
 * Returns: (transfer full): the session
 */
AnxSession *
anx_session_new (AnxResidentWindow *window)
{
  AnxSession *self = g_new0 (AnxSession, 1);
  JsonObject *booking;

  self->n_refs = 1;
  self->window = window;
  self->resident = g_object_ref (anx_resident_window_get_resident (window));
  g_object_set_data (G_OBJECT (self->resident), BOOKED_KEY, self);
  booking = anx_resident_get_booking (self->resident);
  self->booking = g_strdup (anx_json_get_string (booking, "id", ""));
  self->counsellor = g_strdup (anx_json_get_string (booking, "counsellor", ""));
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  self->handler = g_signal_connect_swapped (self->resident, "signal-received", G_CALLBACK (on_signal_received), self);
  /* Not from here: the page that shows this session is being made. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_page_shown, anx_session_ref (self), anx_session_unref);
  return self;
}

/**
 * anx_session_new_for_alert:
 * @window: the window
 *
 * Listens for the whole visit for a colleague who answered its alert; when one calls, the resident is asked first.
 *
 * Returns: (transfer full): the session
 */
AnxSession *
anx_session_new_for_alert (AnxResidentWindow *window)
{
  AnxSession *self = g_new0 (AnxSession, 1);

  self->n_refs = 1;
  self->for_alert = TRUE;
  self->window = window;
  self->resident = g_object_ref (anx_resident_window_get_resident (window));
  self->booking = g_strdup ("");
  self->counsellor = g_strdup ("");
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  self->handler = g_signal_connect_swapped (self->resident, "alert-signal", G_CALLBACK (on_alert_signal), self);
  return self;
}

/* Of the booking, while it talks. */
static AnxSession *
anx_session_find_other_talk (AnxSession *self)
{
  AnxSession *booked = g_object_get_data (G_OBJECT (self->resident), BOOKED_KEY);

  return booked != NULL && anx_session_is_in_call (booked) ? booked : NULL;
}

/**
 * anx_session_accept:
 * @self: a session for an alert whose page asks
 *
 * The resident wants to talk: the call begins, with its camera and microphone. A talk with the counsellor of the booking ends before (S3).
 */
void
anx_session_accept (AnxSession *self)
{
  AnxSession *other = anx_session_find_other_talk (self);

  if (!self->offered || self->asking != NULL)
    return;
  if (other != NULL)
    anx_call_end (other->call);
  self->offered = FALSE;
  anx_session_answer (self);
}

/**
 * anx_session_get_talking_with:
 * @self: a session for an alert
 *
 * Returns: (nullable): the principal id of the counsellor with whom the resident talks now; anx_session_accept() ends that talk
 */
const char *
anx_session_get_talking_with (AnxSession *self)
{
  AnxSession *other = anx_session_find_other_talk (self);

  return other != NULL ? other->counsellor : NULL;
}

/**
 * anx_session_refuse:
 * @data: (type AnxSession): a session for an alert; a reference is given up
 *
 * The page that asked is gone. If the resident did not accept there, the colleague is told.
 */
void
anx_session_refuse (gpointer data)
{
  AnxSession *self = data;

  if (self->offered || self->asking != NULL)
    {
      if (self->asking != NULL)
        g_cancellable_cancel (self->asking);
      g_clear_object (&self->asking);
      self->offered = FALSE;
      anx_session_decline (self);
    }
  anx_session_unref (self);
}

/**
 * anx_session_get_waiting_call:
 * @self: a session of a booking
 *
 * Makes the call that waits for the counsellor, when there is none or the last one has ended.
 *
 * Returns: (transfer none) (nullable): the call, waiting or further; %NULL: see anx_session_get_problem()
 */
AnxCall *
anx_session_get_waiting_call (AnxSession *self)
{
  anx_session_prepare_call (self);
  return self->call;
}

/**
 * anx_session_is_for_alert:
 * @self: a session
 *
 * Returns: whether it belongs to an alert and not to a booking
 */
gboolean
anx_session_is_for_alert (AnxSession *self)
{
  return self->for_alert;
}

/**
 * anx_session_leave:
 * @resident: a visit that ends now
 *
 * A counsellor of the booking whose call is just being answered is told that nobody is there any more.
 */
void
anx_session_leave (AnxResident *resident)
{
  AnxSession *booked = g_object_get_data (G_OBJECT (resident), BOOKED_KEY);

  if (booked == NULL || booked->asking == NULL)
    return;
  g_cancellable_cancel (booked->asking);
  g_clear_object (&booked->asking);
  anx_session_decline (booked);
}

/**
 * anx_session_ref:
 * @self: a session
 *
 * Returns: (transfer full): the same
 */
AnxSession *
anx_session_ref (AnxSession *self)
{
  self->n_refs++;
  return self;
}

/**
 * anx_session_unref:
 * @self: (type AnxSession): a session
 *
 * With the last reference listening stops, and the call ends with its camera and microphone.
 */
void
anx_session_unref (gpointer data)
{
  AnxSession *self = data;

  if (--self->n_refs > 0)
    return;
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  if (g_object_get_data (G_OBJECT (self->resident), BOOKED_KEY) == self)
    g_object_set_data (G_OBJECT (self->resident), BOOKED_KEY, NULL);
  g_signal_handler_disconnect (self->resident, self->handler);
  anx_session_drop_call (self);
  g_clear_object (&self->company);
  g_clear_object (&self->studio);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  g_clear_object (&self->resident);
  g_ptr_array_unref (self->kept);
  g_free (self->booking);
  g_free (self->counsellor);
  g_free (self->problem);
  g_free (self);
}

/**
 * anx_session_get_call:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the call, waiting, in progress or ended
 */
AnxCall *
anx_session_get_call (AnxSession *self)
{
  return self->call;
}

/**
 * anx_session_get_company:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): who sits in, of a joint session; their calls begin and end with that of the counsellor
 */
AnxCallCompany *
anx_session_get_company (AnxSession *self)
{
  return self->company;
}

/**
 * anx_session_get_counsellor:
 * @self: a session
 *
 * Returns: the counsellor's principal id
 */
const char *
anx_session_get_counsellor (AnxSession *self)
{
  return self->counsellor;
}

/**
 * anx_session_get_problem:
 * @self: a session
 *
 * Returns: (nullable): why no call could be made, for people
 */
const char *
anx_session_get_problem (AnxSession *self)
{
  return self->problem;
}

/**
 * anx_session_is_delegated:
 * @self: the session
 *
 * Returns: whether the counsellor speaks through a browser, whose key the counsellor has named
 */
gboolean
anx_session_is_delegated (AnxSession *self)
{
  return self->trust != NULL && self->trust->delegated;
}
