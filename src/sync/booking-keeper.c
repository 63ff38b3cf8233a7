/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-keeper.h"

#include <string.h>

#include "client-private.h"
#include "id.h"
#include "json.h"
#include "lease-book.h"
#include "sync-error.h"

#define EXCHANGE_SECONDS 300
/* Nearer than this a lease is worth more to everybody online than to this kiosk. */
#define KEEP_USEC (2 * ANX_USEC_PER_HOUR)
#define CLAIM_PREFIX "/v1/bookings/"
#define SLOTS_PREFIX "/v1/slots?"
#define MOST_KEPT 8

struct _AnxBookingKeeper
{
  GObject parent_instance;

  AnxClient *client;
  AnxLeaseBook *book;
  GHashTable *last_slots; /* service → JsonArray of the hub's last answer: what can be asked for without it */
  GCancellable *cancellable;
  gboolean busy;          /* one delivery or exchange at a time */
  gboolean exchange_due;
  gboolean may_ask;       /* without the hub, what is not lent can be asked for */
  guint poll_id;
};

G_DEFINE_FINAL_TYPE (AnxBookingKeeper, anx_booking_keeper, G_TYPE_OBJECT)

static guint refused_signal;

static void pump (AnxBookingKeeper *self);

static void
anx_booking_keeper_dispose (GObject *object)
{
  AnxBookingKeeper *self = ANX_BOOKING_KEEPER (object);
  anx_booking_keeper_stop (self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (anx_booking_keeper_parent_class)->dispose (object);
}

static void
anx_booking_keeper_finalize (GObject *object)
{
  AnxBookingKeeper *self = ANX_BOOKING_KEEPER (object);
  g_clear_pointer (&self->book, anx_lease_book_free);
  g_clear_pointer (&self->last_slots, g_hash_table_unref);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (anx_booking_keeper_parent_class)->finalize (object);
}

static void
anx_booking_keeper_class_init (AnxBookingKeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_booking_keeper_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_booking_keeper_finalize;
  refused_signal = g_signal_new ("refused", ANX_TYPE_BOOKING_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_booking_keeper_init (AnxBookingKeeper *self)
{
  self->last_slots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_array_unref);
  self->cancellable = g_cancellable_new ();
  self->exchange_due = TRUE;
}

static gint64
now_of (AnxBookingKeeper *self)
{
  return anx_clock_now_usec (anx_client_get_clock (self->client));
}

/* --- delivering --- */

typedef struct
{
  AnxBookingKeeper *self;
  char *id;           /* of the sale */
  JsonObject *asked;  /* (nullable) the exchange */
} Step;

static void
step_free (Step *step)
{
  g_object_unref (step->self);
  g_free (step->id);
  g_clear_pointer (&step->asked, json_object_unref);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static Step *
step_new (AnxBookingKeeper *self)
{
  Step *step = g_new0 (Step, 1);
  step->self = g_object_ref (self);
  self->busy = TRUE;
  return step;
}

static void
on_delivered (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) problem = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, &problem, &error);
  step->self->busy = FALSE;
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    anx_lease_book_settle (step->self->book, step->id, anx_json_get_string (json_node_get_object (answer), "status", "booked"), NULL, NULL);
  else if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED) || g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT) ||
           g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN))
    {
      anx_lease_book_settle (step->self->book, step->id, NULL, error->message, NULL);
      step->self->exchange_due = TRUE;
      g_signal_emit (step->self, refused_signal, 0);
    }
  else
    return; /* not answered: with the next connection it is sent again (L3) */
  pump (step->self);
}

static void
on_exchanged (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);
  step->self->busy = FALSE;
  if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    anx_lease_book_take_exchange (step->self->book, step->asked, json_node_get_object (answer), &error);
  pump (step->self);
}

static void
send_sale (AnxBookingKeeper *self,
           const char *id,
           JsonObject *body)
{
  g_autofree char *path = g_strconcat (CLAIM_PREFIX, id, NULL);
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  Step *step = step_new (self);
  step->id = g_strdup (id);
  anx_client_request_async (self->client, "PUT", path, node, self->cancellable, on_delivered, step);
}

static void
exchange (AnxBookingKeeper *self)
{
  gint64 now = now_of (self);
  g_autoptr (JsonObject) asked = anx_lease_book_build_exchange (self->book, now, now + KEEP_USEC, NULL);
  self->exchange_due = FALSE;
  if (asked == NULL)
    return;
  g_autoptr (JsonNode) node = anx_json_node_from_object (asked);
  Step *step = step_new (self);
  step->asked = g_steal_pointer (&asked);
  anx_client_request_async (self->client, "POST", "/v1/leases", node, self->cancellable, on_exchanged, step);
}

/* First what was sold, so that the hub never hears of a lease's end before its sale; then what can be sold next. */
static void
pump (AnxBookingKeeper *self)
{
  g_autofree char *id = NULL;
  if (self->busy || g_cancellable_is_cancelled (self->cancellable) || anx_client_get_state (self->client) != ANX_CLIENT_ONLINE)
    return;
  g_autoptr (JsonObject) body = anx_lease_book_next_sale (self->book, &id, NULL);
  if (body != NULL)
    send_sale (self, id, body);
  else if (self->exchange_due)
    exchange (self);
}

static void
on_state_changed (AnxBookingKeeper *self)
{
  if (anx_client_get_state (self->client) == ANX_CLIENT_ONLINE)
    self->exchange_due = TRUE;
  pump (self);
}

static gboolean
on_poll (gpointer user_data)
{
  AnxBookingKeeper *self = user_data;
  self->exchange_due = TRUE;
  pump (self);
  return G_SOURCE_CONTINUE;
}

/**
 * anx_booking_keeper_new:
 * @client: the client of a kiosk, or of one of the staff
 * @may_ask: whether a claim that is not lent is kept as a wish while the hub cannot be reached; else it fails
 *
 * Returns: (transfer full): what keeps its leases and sales; it begins at once
 */
AnxBookingKeeper *
anx_booking_keeper_new (AnxClient *client,
                        gboolean may_ask)
{
  g_return_val_if_fail (ANX_IS_CLIENT (client), NULL);
  AnxBookingKeeper *self = g_object_new (ANX_TYPE_BOOKING_KEEPER, NULL);
  self->client = g_object_ref (client);
  self->may_ask = may_ask;
  self->book = anx_lease_book_new (client->database);
  g_signal_connect_object (client, "state-changed", G_CALLBACK (on_state_changed), self, G_CONNECT_SWAPPED);
  self->poll_id = g_timeout_add_seconds (EXCHANGE_SECONDS, on_poll, self);
  pump (self);
  return self;
}

/**
 * anx_booking_keeper_stop:
 * @self: a keeper
 *
 * Sends nothing more. What was sold is on the disk.
 */
void
anx_booking_keeper_stop (AnxBookingKeeper *self)
{
  g_return_if_fail (ANX_IS_BOOKING_KEEPER (self));
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->poll_id, g_source_remove);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
}

/**
 * anx_booking_keeper_count_undelivered:
 * @self: a keeper
 *
 * Returns: how many sales and wishes the hub has not answered yet
 */
guint
anx_booking_keeper_count_undelivered (AnxBookingKeeper *self)
{
  g_return_val_if_fail (ANX_IS_BOOKING_KEEPER (self), 0);
  return anx_lease_book_count_undelivered (self->book);
}

/**
 * anx_booking_keeper_list_refused:
 * @self: a keeper
 *
 * Returns: (transfer full): what was promised here and refused by the hub, as anx_lease_book_list_refused() has it
 */
JsonArray *
anx_booking_keeper_list_refused (AnxBookingKeeper *self)
{
  g_return_val_if_fail (ANX_IS_BOOKING_KEEPER (self), NULL);
  return anx_lease_book_list_refused (self->book);
}

/**
 * anx_booking_keeper_forget_refused:
 * @self: a keeper
 * @id: of one of anx_booking_keeper_list_refused()
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: whether it is off the disk
 */
gboolean
anx_booking_keeper_forget_refused (AnxBookingKeeper *self,
                                   const char *id,
                                   GError **error)
{
  g_return_val_if_fail (ANX_IS_BOOKING_KEEPER (self) && id != NULL, FALSE);
  return anx_lease_book_forget_refused (self->book, id, error);
}

/* --- requests --- */

typedef struct
{
  char *path;
  JsonNode *body;      /* (nullable) */
  JsonNode *answer;    /* (nullable) */
  JsonObject *problem; /* (nullable) */
  GError *error;       /* (nullable) */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;
  g_free (request->path);
  g_clear_pointer (&request->body, json_node_unref);
  g_clear_pointer (&request->answer, json_node_unref);
  g_clear_pointer (&request->problem, json_object_unref);
  g_clear_error (&request->error);
  g_free (request);
}

static char *
query_of (const char *path,
          const char *name)
{
  g_auto (GStrv) parts = g_strsplit (path + strlen (SLOTS_PREFIX), "&", -1);
  gsize length = strlen (name);
  for (gsize i = 0; parts[i] != NULL; i++)
    if (strncmp (parts[i], name, length) == 0 && parts[i][length] == '=')
      return g_uri_unescape_string (parts[i] + length + 1, NULL);
  return NULL;
}

static gint64
query_int_of (const char *path,
              const char *name,
              gint64 fallback)
{
  g_autofree char *text = query_of (path, name);
  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/* The hub's list, without what was sold here meanwhile; remembered for the time without the hub. */
static void
take_slots (AnxBookingKeeper *self,
            Request *request)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (request->answer) ? json_node_get_object (request->answer) : NULL;
  JsonArray *slots = object != NULL ? anx_json_get_array (object, "slots") : NULL;
  g_autofree char *service = query_of (request->path, "service");
  if (slots == NULL || service == NULL)
    return;
  g_autoptr (JsonArray) shown = json_array_new (), kept = json_array_new ();
  for (guint i = 0; i < json_array_get_length (slots); i++)
    {
      JsonObject *slot = anx_json_array_need_object (slots, i, NULL);
      const char *lease = slot != NULL ? anx_json_get_string (slot, "lease", NULL) : NULL;
      if (slot == NULL || (lease != NULL && !anx_lease_book_holds (self->book, lease)))
        continue;
      json_array_add_object_element (shown, json_object_ref (slot));
      if (lease == NULL)
        json_array_add_object_element (kept, json_object_ref (slot));
    }
  if (g_hash_table_size (self->last_slots) >= MOST_KEPT && !g_hash_table_contains (self->last_slots, service))
    g_hash_table_remove_all (self->last_slots);
  g_hash_table_replace (self->last_slots, g_steal_pointer (&service), g_steal_pointer (&kept));
  json_object_set_array_member (object, "slots", g_steal_pointer (&shown));
}

static int
compare_slots (gconstpointer a,
               gconstpointer b)
{
  gint64 x = anx_json_get_int (*(JsonObject *const *) a, "start", 0), y = anx_json_get_int (*(JsonObject *const *) b, "start", 0);
  return (x > y) - (x < y);
}

/* Without the hub: what is lent, and what was free when it was last heard of; the latter is marked, it can only be asked for. */
static JsonNode *
make_slots (AnxBookingKeeper *self,
            const char *path)
{
  g_autofree char *service = query_of (path, "service");
  g_autofree char *counsellor = query_of (path, "counsellor");
  gint64 now = now_of (self), from = MAX (query_int_of (path, "from", now), now), to = query_int_of (path, "to", G_MAXINT64);
  g_autoptr (JsonArray) leases = anx_lease_book_list (self->book, service, from, to);
  JsonArray *last = service != NULL && self->may_ask ? g_hash_table_lookup (self->last_slots, service) : NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  for (guint i = 0; i < json_array_get_length (leases); i++)
    g_ptr_array_add (found, json_array_get_object_element (leases, i));
  for (guint i = 0; last != NULL && i < json_array_get_length (last); i++)
    {
      JsonObject *slot = json_array_get_object_element (last, i);
      gint64 start = anx_json_get_int (slot, "start", 0);
      if (start < from || start >= to)
        continue;
      json_object_set_boolean_member (slot, "ask", TRUE);
      g_ptr_array_add (found, slot);
    }
  g_ptr_array_sort (found, compare_slots);
  JsonArray *slots = json_array_new ();
  for (guint i = 0; i < found->len; i++)
    {
      JsonObject *slot = g_ptr_array_index (found, i);
      if (counsellor == NULL || g_str_equal (counsellor, anx_json_get_string (slot, "counsellor", "")))
        json_array_add_object_element (slots, json_object_ref (slot));
    }
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_array_member (object, "slots", slots);
  json_object_set_boolean_member (object, "offline", TRUE);
  return anx_json_node_from_object (object);
}

static gboolean
is_claim (const char *method,
          const char *path)
{
  return g_str_equal (method, "PUT") && g_str_has_prefix (path, CLAIM_PREFIX) && anx_uuid_is_valid (path + strlen (CLAIM_PREFIX));
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxBookingKeeper *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);
  request->answer = anx_client_request_finish (ANX_CLIENT (source), result, &request->problem, &request->error);
  gboolean offline = g_error_matches (request->error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  if (request->answer != NULL && g_str_has_prefix (request->path, SLOTS_PREFIX))
    take_slots (self, request);
  else if (offline && g_str_has_prefix (request->path, SLOTS_PREFIX))
    {
      g_clear_error (&request->error);
      request->answer = make_slots (self, request->path);
    }
  else if (offline && request->body != NULL && self->may_ask)
    {
      /* The claim may have reached the hub before the line broke: under the same id it will be answered then. */
      g_clear_error (&request->error);
      g_autoptr (JsonObject) booking = anx_lease_book_ask (self->book, request->path + strlen (CLAIM_PREFIX), json_node_get_object (request->body), now_of (self),
                                                           &request->error);
      if (booking != NULL)
        request->answer = anx_json_node_from_object (booking);
    }
  g_task_return_boolean (task, TRUE);
}

/**
 * anx_booking_keeper_request_async:
 * @self: a keeper
 * @method: `GET`, `POST`, `PUT`
 * @path: of the API, with `/v1`
 * @body: (nullable): JSON to send
 * @cancellable: (nullable): to stop it
 * @callback: called once
 * @user_data: for @callback
 *
 * One request. A claim that a lease covers is answered from this machine's disk, with the hub or without.
 */
void
anx_booking_keeper_request_async (AnxBookingKeeper *self,
                                  const char *method,
                                  const char *path,
                                  JsonNode *body,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (ANX_IS_BOOKING_KEEPER (self) && method != NULL && path != NULL);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, anx_booking_keeper_request_async);
  g_task_set_check_cancellable (task, FALSE);
  Request *request = g_new0 (Request, 1);
  request->path = g_strdup (path);
  g_task_set_task_data (task, request, request_free);
  if (is_claim (method, path) && body != NULL && JSON_NODE_HOLDS_OBJECT (body))
    {
      request->body = json_node_ref (body);
      g_autoptr (JsonObject) booking = anx_lease_book_sell (self->book, path + strlen (CLAIM_PREFIX), json_node_get_object (body), now_of (self), &request->error);
      if (booking != NULL || request->error != NULL)
        {
          request->answer = booking != NULL ? anx_json_node_from_object (booking) : NULL;
          g_task_return_boolean (task, TRUE);
          pump (self);
          return;
        }
    }
  anx_client_request_async (self->client, method, path, body, cancellable, on_answered, g_steal_pointer (&task));
}

/**
 * anx_booking_keeper_request_finish:
 * @self: a keeper
 * @result: what the callback got
 * @out_problem: (out) (optional) (nullable): the hub's RFC 9457 object when it refused
 * @error: return location, errors of %ANX_SYNC_ERROR, %ANX_STORE_ERROR, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the answer; %NULL without an error when it was empty
 */
JsonNode *
anx_booking_keeper_request_finish (AnxBookingKeeper *self,
                                   GAsyncResult *result,
                                   JsonObject **out_problem,
                                   GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  Request *request = g_task_get_task_data (G_TASK (result));
  g_task_propagate_boolean (G_TASK (result), NULL);
  if (request->error != NULL)
    g_propagate_error (error, g_steal_pointer (&request->error));
  if (out_problem != NULL)
    *out_problem = g_steal_pointer (&request->problem);
  return g_steal_pointer (&request->answer);
}
