/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-company.h"

#include <string.h>

#include "call-error.h"
#include "call-private.h"
#include "json.h"

/*
 * Invariants
 * P1  At most one call with each peer. Of the two the one that offers is fixed, so that two never offer to each other.
 * P2  No call with anybody before anx_call_company_enter() and after anx_call_company_leave(): the devices follow the calls.
 * P3  What ends between two touches nobody else's call.
 * P4  Who could not confirm themselves is not called again, nor answered, until we enter anew.
 */

/* "here" is repeated so often while there is no call: whoever lost a message or a line is found again by it. */
#define HERE_MS 4000
/* Who has not said it for so many times waits no more. */
#define HERE_MISSED 3

typedef struct
{
  AnxCallCompany *company;
  char *id;
  gboolean we_offer;
  AnxCall *call;    /* (nullable), never ENDED */
  gboolean present; /* "joined" was told of this call */
  gboolean refused; /* P4 */
  gint64 here_usec; /* monotonic, when "here" last came; 0: never */
} Peer;

struct _AnxCallCompany
{
  GObject parent_instance;

  char *session;
  char *own_id;
  AnxCallStudio *studio;
  AnxCallTrustFunc make_trust;
  gpointer user_data;
  JsonArray *ice_servers; /* (nullable) */
  gboolean entered;
  gboolean camera_on;
  gboolean microphone_on;
  GSource *tick;          /* (nullable) */
  GSource *expiry;        /* (nullable): somebody's waiting may be over */
  GPtrArray *peers;       /* Peer* */
  GPtrArray *ids;         /* their names, then NULL */
  guint here_ms;
};

G_DEFINE_FINAL_TYPE (AnxCallCompany, anx_call_company, G_TYPE_OBJECT)

enum
{
  SEND,
  JOINED,
  LEFT,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static Peer *
find_peer (AnxCallCompany *self,
           const char *id)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (g_strcmp0 (((Peer *) g_ptr_array_index (self->peers, i))->id, id) == 0)
      return g_ptr_array_index (self->peers, i);
  return NULL;
}

static void
say_here (Peer *peer)
{
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "type", "here");
  g_signal_emit (peer->company, signals[SEND], 0, peer->id, body);
}

/* ---- the call with one of them ---- */

static void
on_call_send (Peer *peer,
              JsonObject *body)
{
  g_signal_emit (peer->company, signals[SEND], 0, peer->id, body);
}

/* The call is over or given up; what was seen of it is gone. */
static void
forget_call (Peer *peer,
             gboolean lost)
{
  g_autoptr (AnxCallCompany) self = g_object_ref (peer->company);
  g_autoptr (AnxCall) call = g_steal_pointer (&peer->call);
  gboolean was_present = peer->present;
  peer->present = FALSE;
  g_signal_handlers_disconnect_by_data (call, peer);
  anx_call_end (call);
  if (was_present)
    g_signal_emit (self, signals[LEFT], 0, peer->id, lost);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_call_state (Peer *peer)
{
  g_autoptr (AnxCallCompany) self = g_object_ref (peer->company);
  AnxCallState state = anx_call_get_state (peer->call);
  if (state == ANX_CALL_ENDED)
    {
      gboolean lost = anx_call_get_end_reason (peer->call) == ANX_CALL_ENDED_BY_ERROR;
      peer->refused = peer->refused || g_error_matches (anx_call_get_error (peer->call), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
      peer->here_usec = 0;
      forget_call (peer, lost);
      return;
    }
  if (state == ANX_CALL_LIVE && !peer->present)
    {
      peer->present = TRUE;
      g_signal_emit (self, signals[JOINED], 0, peer->id);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Of each two: a description that is signed for one pair can not be used in another. */
static char *
make_pair_id (AnxCallCompany *self,
              const char *peer)
{
  gboolean first = strcmp (self->own_id, peer) < 0;
  return g_strdup_printf ("%s:%s:%s", self->session, first ? self->own_id : peer, first ? peer : self->own_id);
}

static void
make_call (Peer *peer)
{
  AnxCallCompany *self = peer->company;
  g_autofree char *pair_id = make_pair_id (self, peer->id);
  g_autoptr (AnxCallTrust) trust = self->make_trust (peer->id, self->user_data);
  peer->call = anx_call_new (pair_id, anx_call_studio_get_media (self->studio), trust, self->ice_servers);
  anx_call_set_studio (peer->call, self->studio);
  anx_call_set_camera_on (peer->call, self->camera_on);
  anx_call_set_microphone_on (peer->call, self->microphone_on);
  g_signal_connect_swapped (peer->call, "send", G_CALLBACK (on_call_send), peer);
  g_signal_connect_swapped (peer->call, "notify::state", G_CALLBACK (on_call_state), peer);
}

static gboolean
is_offer (JsonObject *body)
{
  return g_strcmp0 (anx_json_get_string (body, "type", NULL), "description") == 0
         && g_strcmp0 (anx_json_get_string (body, "role", NULL), "offer") == 0;
}

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_expiry (gpointer user_data)
{
  AnxCallCompany *self = user_data;
  drop_source (&self->expiry);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
watch_expiry (AnxCallCompany *self)
{
  drop_source (&self->expiry);
  self->expiry = g_timeout_source_new (HERE_MISSED * self->here_ms + 1);
  g_source_set_callback (self->expiry, on_expiry, self, NULL);
  g_source_attach (self->expiry, g_main_context_get_thread_default ());
}

/* The peer has entered and has no call with us. */
static void
take_here (Peer *peer)
{
  AnxCallCompany *self = peer->company;
  gboolean waited = anx_call_company_is_waiting (self, peer->id);
  peer->here_usec = g_get_monotonic_time ();
  if (!self->entered)
    {
      watch_expiry (self);
      if (!waited)
        g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  if (peer->refused)
    return;
  if (peer->call != NULL)
    {
      AnxCallState state = anx_call_get_state (peer->call);
      /* It has begun anew, and knows nothing of the call we had. While one connects, its "here" may have been on the way already. */
      if (state != ANX_CALL_LIVE && state != ANX_CALL_RECONNECTING)
        return;
      g_signal_handlers_disconnect_by_func (peer->call, on_call_send, peer);
      forget_call (peer, TRUE);
    }
  if (!peer->we_offer)
    {
      say_here (peer);
      return;
    }
  make_call (peer);
  anx_call_start (peer->call);
}

/**
 * anx_call_company_receive:
 * @self: a company
 * @from: a principal, as the hub says
 * @body: what came from there
 *
 * Takes one message. What does not belong to a call of now is left aside without a word.
 *
 * Returns: whether @from is one of these, and the message therefore nobody else's
 */
gboolean
anx_call_company_receive (AnxCallCompany *self,
                          const char *from,
                          JsonObject *body)
{
  g_return_val_if_fail (ANX_IS_CALL_COMPANY (self) && body != NULL, FALSE);
  g_autoptr (AnxCallCompany) alive = g_object_ref (self);
  Peer *peer = find_peer (self, from);
  if (peer == NULL)
    return FALSE;
  if (g_strcmp0 (anx_json_get_string (body, "type", NULL), "here") == 0)
    {
      take_here (peer);
      return TRUE;
    }
  if (peer->call == NULL && alive->entered && !peer->we_offer && !peer->refused && is_offer (body))
    make_call (peer);
  g_autoptr (AnxCall) call = peer->call != NULL ? g_object_ref (peer->call) : NULL;
  if (call != NULL)
    anx_call_receive (call, body);
  return TRUE;
}

/* ---- being there ---- */

static gboolean
on_tick (gpointer user_data)
{
  AnxCallCompany *self = user_data;
  for (guint i = 0; self->tick != NULL && i < self->peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (self->peers, i);
      if (peer->call == NULL && !peer->refused)
        say_here (peer);
    }
  return self->tick != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/**
 * anx_call_company_enter:
 * @self: a company
 * @ice_servers: (nullable): the "servers" array of GET /v1/ice
 *
 * Tells the others that we are there; calls begin with those who are there too, and with those who come. Entering twice is harmless.
 */
void
anx_call_company_enter (AnxCallCompany *self,
                        JsonArray *ice_servers)
{
  g_return_if_fail (ANX_IS_CALL_COMPANY (self));
  if (self->entered)
    return;
  if (ice_servers != NULL)
    json_array_ref (ice_servers);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  self->ice_servers = ice_servers;
  self->entered = TRUE;
  for (guint i = 0; i < self->peers->len; i++)
    ((Peer *) g_ptr_array_index (self->peers, i))->refused = FALSE;
  self->tick = g_timeout_source_new (self->here_ms);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
  on_tick (self);
}

/**
 * anx_call_company_leave:
 * @self: a company
 *
 * Ends each call and tells each. When it returns, no device is open for them.
 */
void
anx_call_company_leave (AnxCallCompany *self)
{
  g_return_if_fail (ANX_IS_CALL_COMPANY (self));
  self->entered = FALSE;
  drop_source (&self->tick);
  for (guint i = 0; i < self->peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (self->peers, i);
      peer->here_usec = 0;
      if (peer->call == NULL)
        continue;
      g_signal_handlers_disconnect_by_func (peer->call, on_call_state, peer);
      anx_call_end (peer->call);
      g_signal_handlers_disconnect_by_data (peer->call, peer);
      g_clear_object (&peer->call);
      peer->present = FALSE;
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * anx_call_company_is_entered:
 * @self: a company
 *
 * Returns: whether we are there
 */
gboolean
anx_call_company_is_entered (AnxCallCompany *self)
{
  g_return_val_if_fail (ANX_IS_CALL_COMPANY (self), FALSE);
  return self->entered;
}

/**
 * anx_call_company_get_call:
 * @self: a company
 * @peer: a principal
 *
 * Returns: (transfer none) (nullable): the call with that one, connecting or further, not ended
 */
AnxCall *
anx_call_company_get_call (AnxCallCompany *self,
                           const char *peer)
{
  g_return_val_if_fail (ANX_IS_CALL_COMPANY (self), NULL);
  Peer *found = find_peer (self, peer);
  return found != NULL ? found->call : NULL;
}

/**
 * anx_call_company_is_waiting:
 * @self: a company
 * @peer: a principal
 *
 * Returns: whether that one is there and would talk with us, and there is no call
 */
gboolean
anx_call_company_is_waiting (AnxCallCompany *self,
                             const char *peer)
{
  g_return_val_if_fail (ANX_IS_CALL_COMPANY (self), FALSE);
  Peer *found = find_peer (self, peer);
  return found != NULL && found->call == NULL && found->here_usec != 0 && g_get_monotonic_time () - found->here_usec < (gint64) HERE_MISSED * 1000 * self->here_ms;
}

/**
 * anx_call_company_get_peers:
 * @self: a company
 *
 * Returns: (transfer none) (array zero-terminated=1): the others, in the order they were added
 */
const char *const *
anx_call_company_get_peers (AnxCallCompany *self)
{
  g_return_val_if_fail (ANX_IS_CALL_COMPANY (self), NULL);
  return (const char *const *) self->ids->pdata;
}

/**
 * anx_call_company_set_camera_on:
 * @self: a company
 * @on: whether the camera may be open for the calls of now and later
 */
void
anx_call_company_set_camera_on (AnxCallCompany *self,
                                gboolean on)
{
  g_return_if_fail (ANX_IS_CALL_COMPANY (self));
  self->camera_on = on;
  for (guint i = 0; i < self->peers->len; i++)
    if (((Peer *) g_ptr_array_index (self->peers, i))->call != NULL)
      anx_call_set_camera_on (((Peer *) g_ptr_array_index (self->peers, i))->call, on);
}

/**
 * anx_call_company_set_microphone_on:
 * @self: a company
 * @on: whether the microphone may be open for the calls of now and later
 */
void
anx_call_company_set_microphone_on (AnxCallCompany *self,
                                    gboolean on)
{
  g_return_if_fail (ANX_IS_CALL_COMPANY (self));
  self->microphone_on = on;
  for (guint i = 0; i < self->peers->len; i++)
    if (((Peer *) g_ptr_array_index (self->peers, i))->call != NULL)
      anx_call_set_microphone_on (((Peer *) g_ptr_array_index (self->peers, i))->call, on);
}

/**
 * anx_call_company_add:
 * @self: a company
 * @peer: a principal, not yet added
 * @we_offer: whether we call that one, and not the other way; the other side must see it the other way
 */
void
anx_call_company_add (AnxCallCompany *self,
                      const char *peer,
                      gboolean we_offer)
{
  g_return_if_fail (ANX_IS_CALL_COMPANY (self) && peer != NULL && find_peer (self, peer) == NULL);
  Peer *added = g_new0 (Peer, 1);
  added->company = self;
  added->id = g_strdup (peer);
  added->we_offer = we_offer;
  g_ptr_array_add (self->peers, added);
  g_ptr_array_set_size (self->ids, (int) self->ids->len - 1);
  g_ptr_array_add (self->ids, added->id);
  g_ptr_array_add (self->ids, NULL);
  if (self->entered)
    say_here (added);
}

/**
 * anx_call_company_set_timing:
 * @self: a company that has not entered
 * @here_ms: how often it says that it is there, 1 or more
 *
 * Another time than the usual one.
 */
void
anx_call_company_set_timing (AnxCallCompany *self,
                             guint here_ms)
{
  self->here_ms = here_ms;
}

/**
 * anx_call_company_new:
 * @session: the booking's id
 * @own_id: this machine's principal
 * @studio: the devices
 * @make_trust: for each call: who signs, and whom to believe
 * @user_data: for @make_trust; must outlive the company
 *
 * Returns: (transfer full): a company of nobody
 */
AnxCallCompany *
anx_call_company_new (const char *session,
                      const char *own_id,
                      AnxCallStudio *studio,
                      AnxCallTrustFunc make_trust,
                      gpointer user_data)
{
  g_return_val_if_fail (session != NULL && own_id != NULL && ANX_IS_CALL_STUDIO (studio) && make_trust != NULL, NULL);
  AnxCallCompany *self = g_object_new (ANX_TYPE_CALL_COMPANY, NULL);
  self->session = g_strdup (session);
  self->own_id = g_strdup (own_id);
  self->studio = g_object_ref (studio);
  self->make_trust = make_trust;
  self->user_data = user_data;
  return self;
}

static void
peer_free (gpointer data)
{
  Peer *peer = data;
  g_free (peer->id);
  g_free (peer);
}

static void
anx_call_company_dispose (GObject *object)
{
  AnxCallCompany *self = ANX_CALL_COMPANY (object);
  drop_source (&self->tick);
  drop_source (&self->expiry);
  for (guint i = 0; i < self->peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (self->peers, i);
      if (peer->call == NULL)
        continue;
      g_signal_handlers_disconnect_by_data (peer->call, peer);
      anx_call_end (peer->call);
      g_clear_object (&peer->call);
    }
  g_clear_object (&self->studio);
  G_OBJECT_CLASS (anx_call_company_parent_class)->dispose (object);
}

static void
anx_call_company_finalize (GObject *object)
{
  AnxCallCompany *self = ANX_CALL_COMPANY (object);
  g_free (self->session);
  g_free (self->own_id);
  g_clear_pointer (&self->ice_servers, json_array_unref);
  g_ptr_array_unref (self->ids);
  g_ptr_array_unref (self->peers);
  G_OBJECT_CLASS (anx_call_company_parent_class)->finalize (object);
}

static void
anx_call_company_class_init (AnxCallCompanyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = anx_call_company_dispose;
  object_class->finalize = anx_call_company_finalize;
  signals[SEND] = g_signal_new ("send", ANX_TYPE_CALL_COMPANY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, JSON_TYPE_OBJECT);
  signals[JOINED] = g_signal_new ("joined", ANX_TYPE_CALL_COMPANY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LEFT] = g_signal_new ("left", ANX_TYPE_CALL_COMPANY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_CALL_COMPANY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_call_company_init (AnxCallCompany *self)
{
  self->camera_on = self->microphone_on = TRUE;
  self->here_ms = HERE_MS;
  self->peers = g_ptr_array_new_with_free_func (peer_free);
  self->ids = g_ptr_array_new ();
  g_ptr_array_add (self->ids, NULL);
}
