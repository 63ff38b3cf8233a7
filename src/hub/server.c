/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server.h"

#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include <glib/gi18n.h>

#include "base-error.h"
#include "alert-calls.h"
#include "bounds.h"
#include "id.h"
#include "joins.h"
#include "journal.h"
#include "json.h"
#include "notices.h"
#include "problem.h"
#include "router.h"
#include "seal-error.h"

/*
 * One connection, from accept to close:
 *
 *   HANDSHAKE ─headers─► BODY ─all of it─► WORKING ─anx_hub_return()─► ANSWERING ─► IDLE ─headers─► …
 *       │                  └─refused─► LINGER (answer written, rest of the body thrown away, then closed)
 *       └─upgrade─► LINK (WebSocket)
 *
 *  S1 Every phase but WORKING and LINK has a deadline that no trickle of bytes extends.
 *  S2 At most one request of a connection is on its way; its memory belongs to the stage that holds it, and only its
 *     `connection` field, which the loop alone touches, says whether anybody still waits for the answer.
 *  S3 Nothing of a request is looked at before the caller's right to the route was checked, except method, path and length.
 *  S4 All bodies in memory together stay under BODY_BUDGET_BYTES.
 */

#define HANDSHAKE_USEC (10 * G_USEC_PER_SEC)
#define IDLE_USEC (75 * G_USEC_PER_SEC)
#define LINGER_USEC (5 * G_USEC_PER_SEC)
/* Time for a body or an answer: a base, and what a slow line needs. */
#define TRANSFER_USEC (10 * G_USEC_PER_SEC)
#define SLOWEST_BYTES_PER_SECOND (64 * 1024)
#define BODY_BUDGET_BYTES ((gsize) 256 * 1024 * 1024)
#define CHUNK_BYTES (32 * 1024)
#define DRAIN_USEC (10 * G_USEC_PER_SEC)
/* Descriptors for the database, the log, libraries. */
#define SPARE_DESCRIPTORS 64
#define WANTED_DESCRIPTORS 65536
/* Signals waiting for one peer; a session needs some dozens at its start. */
#define MOST_SIGNALS 256
#define LINKS_OF_PRINCIPAL 8
#define PING_SECONDS 25
#define HANGUP_SECONDS 40
#define LINK_PROTOCOL "anxin.link.v1"

static const char *const LOOKS[] = { "inbox", "bookings", "alerts", "referrals", "directory" };

typedef enum
{
  PHASE_HANDSHAKE,
  PHASE_BODY,
  PHASE_WORKING,
  PHASE_ANSWERING,
  PHASE_LINGER,
  PHASE_IDLE,
  PHASE_LINK,
} Phase;

typedef struct
{
  AnxServer *server;
  struct lws *wsi;
  Phase phase;
  gint64 deadline_usec; /* monotonic, 0 = none */
  char address[64];

  AnxCertificate *certificate;  /* (nullable) verified */
  const char *certificate_slug; /* (nullable) why there is none */
  gboolean certificate_read;

  AnxRequest *request; /* BODY: owned; WORKING: borrowed; ANSWERING: owned */
  GByteArray *body;
  gsize expected_bytes;
  gsize received_bytes;
  gsize sent_bytes;
  gboolean head_sent;
  gboolean close_after;
  gboolean doomed;       /* kill_connection() was called */

  char *principal;       /* LINK */
  char *join;            /* LINK (nullable): a browser's, which speaks and hears of this booking alone */
  GHashTable *topics;    /* LINK */
  GByteArray *message;   /* LINK */
  GQueue signals;        /* LINK: GBytes */
  guint looks;           /* LINK: bits of LOOKS to send */
} Connection;

struct _AnxServer
{
  AnxHub *hub;
  uv_loop_t loop;
  uv_async_t returned_wake;
  uv_timer_t tick;
  uv_signal_t terminate;
  uv_signal_t interrupt;
  void *loops[1];
  struct lws_context *context;
  struct lws_vhost *vhost;
  GAsyncQueue *returned;    /* AnxRequest; any thread pushes */

  GHashTable *connections;  /* struct lws → Connection, owned */
  GHashTable *topics;       /* topic → GPtrArray of Connection on the link */
  guint links;
  guint most_connections;
  guint underway;           /* requests held by pool or writer */
  gsize body_bytes;
  guint ticks;
  gint64 drain_until_usec;  /* 0 = not ending */
};

static const lws_retry_bo_t LINK_VALIDITY = { .secs_since_valid_ping = PING_SECONDS, .secs_since_valid_hangup = HANGUP_SECONDS };

/* Connections */

static gint64
transfer_deadline (gsize bytes)
{
  return g_get_monotonic_time () + TRANSFER_USEC + (gint64) (bytes / SLOWEST_BYTES_PER_SECOND) * G_USEC_PER_SEC;
}

static Connection *
connection_of (AnxServer *self,
               struct lws *wsi)
{
  Connection *connection = g_hash_table_lookup (self->connections, wsi);
  if (connection != NULL)
    return connection;
  connection = g_new0 (Connection, 1);
  connection->server = self;
  connection->wsi = wsi;
  connection->deadline_usec = g_get_monotonic_time () + HANDSHAKE_USEC;
  g_queue_init (&connection->signals);
  g_hash_table_insert (self->connections, wsi, connection);
  return connection;
}

static void
release_request (AnxServer *self,
                 AnxRequest *request)
{
  self->body_bytes -= request->charged_bytes;
  anx_request_free (request);
}

static void
leave_topics (Connection *connection)
{
  GHashTableIter iter;
  gpointer topic;
  if (connection->topics == NULL)
    return;
  g_hash_table_iter_init (&iter, connection->topics);
  while (g_hash_table_iter_next (&iter, &topic, NULL))
    {
      GPtrArray *members = g_hash_table_lookup (connection->server->topics, topic);
      if (members == NULL)
        continue;
      g_ptr_array_remove_fast (members, connection);
      if (members->len == 0)
        g_hash_table_remove (connection->server->topics, topic);
    }
  g_clear_pointer (&connection->topics, g_hash_table_unref);
}

static void
join_topics (Connection *connection)
{
  AnxServer *self = connection->server;
  GHashTableIter iter;
  gpointer topic;
  if (connection->join != NULL)
    {
      connection->topics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_add (connection->topics, g_strdup (connection->principal));
    }
  else
    connection->topics = anx_hub_list_topics (self->hub->directory, connection->principal);
  g_hash_table_iter_init (&iter, connection->topics);
  while (g_hash_table_iter_next (&iter, &topic, NULL))
    {
      GPtrArray *members = g_hash_table_lookup (self->topics, topic);
      if (members == NULL)
        {
          members = g_ptr_array_new ();
          g_hash_table_insert (self->topics, g_strdup (topic), members);
        }
      g_ptr_array_add (members, connection);
    }
}

static void
leave_link (Connection *connection)
{
  if (connection->principal == NULL)
    return;
  leave_topics (connection);
  g_clear_pointer (&connection->principal, g_free);
  g_clear_pointer (&connection->join, g_free);
  connection->server->links--;
}

static void
connection_free (gpointer data)
{
  Connection *connection = data;
  leave_link (connection);
  if (connection->request != NULL && connection->phase == PHASE_WORKING)
    connection->request->connection = NULL; /* S2: its stage goes on, nobody waits */
  else if (connection->request != NULL)
    release_request (connection->server, connection->request);
  g_clear_pointer (&connection->body, g_byte_array_unref);
  g_clear_pointer (&connection->message, g_byte_array_unref);
  g_clear_pointer (&connection->certificate, anx_certificate_unref);
  g_queue_clear_full (&connection->signals, (GDestroyNotify) g_bytes_unref);
  g_free (connection);
}

static void
kill_connection (Connection *connection)
{
  connection->deadline_usec = 0;
  connection->doomed = TRUE;
  lws_set_timeout (connection->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
  /* Outside its own callbacks lws looks at timeouts only with the next event, and a byte of a trickle would then set a new one. */
  lws_cancel_service (connection->server->context);
}

/* Who calls */

static void
read_certificate (Connection *connection,
                  gint64 now_usec)
{
  if (connection->certificate_read)
    return;
  connection->certificate_read = TRUE;
  lws_get_peer_simple (connection->wsi, connection->address, sizeof connection->address);

  g_autoptr (GError) error = NULL;
  SSL *ssl = lws_get_ssl (connection->wsi);
  X509 *x509 = ssl != NULL ? SSL_get1_peer_certificate (ssl) : NULL;
  unsigned char *der = NULL;
  int length = x509 != NULL ? i2d_X509 (x509, &der) : -1;
  X509_free (x509);
  connection->certificate_slug = "certificate-needed";
  if (length <= 0)
    return;

  g_autoptr (GBytes) bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  connection->certificate_slug = "certificate-unknown";
  g_autoptr (AnxCertificate) certificate = anx_certificate_new_from_der (bytes, &error);
  if (certificate == NULL)
    return;
  if (anx_certificate_verify (certificate, connection->server->hub->config->authority, ANX_KEY_USE_SIGN, now_usec, &error))
    {
      connection->certificate = g_steal_pointer (&certificate);
      connection->certificate_slug = NULL;
    }
  else if (g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_EXPIRED))
    connection->certificate_slug = "certificate-expired";
}

/* The slug of the refusal, or NULL. */
static const char *
check_caller (Connection *connection,
              AnxRequest *request)
{
  AnxServer *self = connection->server;
  const char *slug = NULL;
  gint64 now = g_get_monotonic_time ();

  read_certificate (connection, request->now_usec);
  if (connection->certificate != NULL)
    request->caller = anx_hub_identify (self->hub, connection->certificate, request->now_usec, &slug);
  else
    slug = connection->certificate_slug;
  if (self->hub->directory != NULL)
    request->directory = anx_directory_ref (self->hub->directory);

  gboolean allowed = request->caller != NULL ? anx_limits_take (self->hub->callers, request->caller->id, now)
                                             : anx_limits_take (self->hub->addresses, connection->address, now);
  if (!allowed)
    return "too-many-requests";

  const char *bad = NULL;
  switch (request->route->who)
    {
    case ANX_WHO_ANYONE:
      return NULL;
    case ANX_WHO_CERTIFIED:
      if (connection->certificate == NULL)
        return slug;
      return anx_hub_certificate_is_good (self->hub, connection->certificate, request->now_usec, &bad) ? NULL : bad;
    case ANX_WHO_PRINCIPAL:
      return request->caller != NULL ? NULL : slug;
    case ANX_WHO_ADMINISTRATOR:
      if (request->caller == NULL)
        return slug;
      return anx_request_caller_is (request, "administrator", NULL) ? NULL : "not-allowed";
    default:
      g_assert_not_reached ();
    }
}

/* Answering */

static void
start_answer (Connection *connection,
              AnxRequest *request)
{
  connection->request = request;
  connection->phase = PHASE_ANSWERING;
  connection->head_sent = FALSE;
  connection->sent_bytes = 0;
  connection->deadline_usec = transfer_deadline (request->answer != NULL ? g_bytes_get_size (request->answer) : 0);
  if (request->slug != NULL && request->status != 404 && request->status != 409)
    anx_journal ("anxin-hub", "request-refused", "route", request->route != NULL ? request->route->pattern : "",
                 "problem", request->slug, "caller", request->caller != NULL ? request->caller->id : "", NULL);
  lws_callback_on_writable (connection->wsi);
}

static int
write_head (Connection *connection)
{
  AnxRequest *request = connection->request;
  unsigned char buffer[LWS_PRE + 2048];
  unsigned char *start = buffer + LWS_PRE, *p = start, *end = buffer + sizeof buffer - 1;
  gsize size = request->answer != NULL ? g_bytes_get_size (request->answer) : 0;
#define HEADER(name, value) \
  lws_add_http_header_by_name (connection->wsi, (const unsigned char *) name ":", (const unsigned char *) (value), (int) strlen (value), &p, end)

  if (lws_add_http_header_status (connection->wsi, (unsigned int) request->status | LWSAHH_FLAG_NO_SERVER_NAME, &p, end) != 0 ||
      lws_add_http_header_content_length (connection->wsi, size, &p, end) != 0)
    return -1;
  if (request->answer != NULL && HEADER ("content-type", request->content_type) != 0)
    return -1;
  if (HEADER ("cache-control", "no-store") != 0 || HEADER ("x-content-type-options", "nosniff") != 0)
    return -1;
  if (request->etag != NULL && HEADER ("etag", request->etag) != 0)
    return -1;
  if (request->allow != NULL && HEADER ("allow", request->allow) != 0)
    return -1;
  if (request->content_policy != NULL && (HEADER ("content-security-policy", request->content_policy) != 0 || HEADER ("referrer-policy", "no-referrer") != 0))
    return -1;
  if (request->retry_later && HEADER ("retry-after", request->status == 429 ? "10" : "2") != 0)
    return -1;
  if (connection->close_after && HEADER ("connection", "close") != 0)
    return -1;
#undef HEADER
  if (lws_finalize_http_header (connection->wsi, &p, end) != 0)
    return -1;
  connection->head_sent = TRUE;
  return lws_write (connection->wsi, start, (size_t) (p - start), size == 0 ? LWS_WRITE_HTTP_HEADERS | LWS_WRITE_H2_STREAM_END : LWS_WRITE_HTTP_HEADERS) < 0
             ? -1
             : 0;
}

static int
end_answer (Connection *connection)
{
  release_request (connection->server, g_steal_pointer (&connection->request));
  if (connection->close_after && connection->received_bytes < connection->expected_bytes)
    {
      /* Closing at once would reset the connection, and the peer would lose the answer with it. */
      connection->phase = PHASE_LINGER;
      connection->deadline_usec = g_get_monotonic_time () + LINGER_USEC;
      return 0;
    }
  connection->phase = PHASE_IDLE;
  connection->deadline_usec = g_get_monotonic_time () + IDLE_USEC;
  if (connection->close_after)
    return -1;
  return lws_http_transaction_completed (connection->wsi) != 0 ? -1 : 0;
}

static int
write_answer (Connection *connection)
{
  static unsigned char buffer[LWS_PRE + CHUNK_BYTES]; /* the loop's alone */
  AnxRequest *request = connection->request;
  if (connection->phase != PHASE_ANSWERING || request == NULL)
    return 0;
  if (!connection->head_sent && write_head (connection) != 0)
    return -1;

  gsize size = 0;
  const guint8 *data = request->answer != NULL ? g_bytes_get_data (request->answer, &size) : NULL;
  if (connection->sent_bytes < size)
    {
      gsize chunk = MIN (size - connection->sent_bytes, CHUNK_BYTES);
      gboolean last = connection->sent_bytes + chunk == size;
      memcpy (buffer + LWS_PRE, data + connection->sent_bytes, chunk);
      if (lws_write (connection->wsi, buffer + LWS_PRE, chunk, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
      connection->sent_bytes += chunk;
    }
  if (connection->sent_bytes < size)
    {
      lws_callback_on_writable (connection->wsi);
      return 0;
    }
  return end_answer (connection);
}

/* Requests */

static void
dispatch (Connection *connection)
{
  AnxServer *self = connection->server;
  AnxRequest *request = connection->request;
  if (connection->body != NULL)
    request->body = g_byte_array_free_to_bytes (g_steal_pointer (&connection->body));

  connection->phase = PHASE_WORKING;
  connection->deadline_usec = 0;
  request->connection = connection;
  lws_set_timeout (connection->wsi, NO_PENDING_TIMEOUT, 0);
  request->route->handle (request);
  if (request->handed_over)
    {
      self->underway++;
      return;
    }
  start_answer (connection, request);
}

static void
refuse (Connection *connection,
        AnxRequest *request,
        const char *slug)
{
  anx_request_refuse (request, slug);
  /* A body that nobody will read follows: the connection can't be used again. */
  if (connection->expected_bytes > 0)
    connection->close_after = TRUE;
  start_answer (connection, request);
}

static char **
copy_query (struct lws *wsi)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  char part[256];
  for (int n = 0; n < 16; n++)
    {
      if (lws_hdr_copy_fragment (wsi, part, sizeof part, WSI_TOKEN_HTTP_URI_ARGS, n) <= 0)
        break;
      g_strv_builder_add (builder, part);
    }
  return g_strv_builder_end (builder);
}

/* The body's length; FALSE with a slug when it can't be told. lws reads only bodies of a stated length, and so do we. */
static gboolean
read_length (struct lws *wsi,
             gboolean has_body,
             gsize *out_length,
             const char **out_slug)
{
  char text[16];
  guint64 length = 0;
  *out_length = 0;
  if (lws_hdr_total_length (wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
    {
      *out_slug = "length-required";
      return FALSE;
    }
  int n = lws_hdr_total_length (wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
  if (n == 0)
    {
      *out_slug = "length-required";
      return !has_body;
    }
  if (n >= (int) sizeof text)
    {
      *out_slug = "too-large";
      return FALSE;
    }
  if (lws_hdr_copy (wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0 ||
      !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &length, NULL))
    {
      *out_slug = "malformed";
      return FALSE;
    }
  *out_length = (gsize) length;
  return TRUE;
}

static const char *
get_method (struct lws *wsi)
{
  char *uri = NULL;
  int length = 0;
  switch (lws_http_get_uri_and_method (wsi, &uri, &length))
    {
    case LWSHUMETH_GET:
      return "GET";
    case LWSHUMETH_POST:
      return "POST";
    case LWSHUMETH_PUT:
      return "PUT";
    default:
      return "other";
    }
}

/* The slug of a refusal, or NULL with request->route set. */
static const char *
find_route (AnxRequest *request,
            const char *method,
            const char *path)
{
  gboolean known = FALSE;
  request->route = anx_router_find (method, path, &request->parameter, &known);
  if (request->route != NULL)
    return NULL;
  request->allow = known ? "GET, POST, PUT" : NULL;
  return known ? "method-not-allowed" : "not-found";
}

/* Some clients wait a second for this before they send a body; nothing but the checks above decides whether they may. */
static gboolean
send_continue (struct lws *wsi)
{
  static const char LINE[] = "HTTP/1.1 100 Continue\r\n\r\n";
  unsigned char buffer[LWS_PRE + sizeof LINE];
  if (lws_hdr_total_length (wsi, WSI_TOKEN_HTTP_EXPECT) == 0)
    return TRUE;
  memcpy (buffer + LWS_PRE, LINE, sizeof LINE);
  return lws_write (wsi, buffer + LWS_PRE, sizeof LINE - 1, LWS_WRITE_HTTP_HEADERS) >= 0;
}

static int
begin_request (AnxServer *self,
               struct lws *wsi,
               const char *path)
{
  Connection *connection = connection_of (self, wsi);
  AnxRequest *request = anx_request_new (self->hub);
  const char *method = get_method (wsi);
  gboolean has_body = !g_str_equal (method, "GET");
  const char *slug = NULL;
  char text[128];

  connection->close_after = self->drain_until_usec != 0;
  connection->received_bytes = 0;
  connection->expected_bytes = 0;
  connection->phase = PHASE_BODY;
  connection->request = request;
  request->query = copy_query (wsi);
  if (lws_hdr_copy (wsi, text, sizeof text, WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0)
    request->if_none_match = g_strdup (text);

  if (!read_length (wsi, has_body, &connection->expected_bytes, &slug))
    {
      /* Where the next request would begin is unknown. */
      connection->close_after = TRUE;
      connection->expected_bytes = has_body ? G_MAXSIZE : 0;
      refuse (connection, request, slug);
      return 0;
    }
  slug = find_route (request, method, path);
  if (slug != NULL)
    {
      read_certificate (connection, request->now_usec);
      if (!anx_limits_take (self->hub->addresses, connection->address, g_get_monotonic_time ()))
        slug = "too-many-requests";
    }
  else
    slug = check_caller (connection, request);
  if (slug == NULL && connection->expected_bytes > request->route->max_body_bytes)
    slug = "too-large";
  if (slug == NULL && (self->drain_until_usec != 0 || self->body_bytes + connection->expected_bytes > BODY_BUDGET_BYTES))
    slug = "busy";
  if (slug != NULL)
    {
      refuse (connection, request, slug);
      return 0;
    }

  request->charged_bytes = connection->expected_bytes;
  self->body_bytes += request->charged_bytes;
  if (connection->expected_bytes == 0)
    {
      dispatch (connection);
      return 0;
    }
  if (!send_continue (wsi))
    return -1;
  connection->body = g_byte_array_sized_new ((guint) MIN (connection->expected_bytes, CHUNK_BYTES));
  connection->deadline_usec = transfer_deadline (connection->expected_bytes);
  return 0;
}

static int
take_body (Connection *connection,
           const void *data,
           size_t length)
{
  if (connection->doomed)
    return -1;
  connection->received_bytes += length;
  if (connection->phase == PHASE_BODY && connection->body != NULL)
    {
      if (connection->received_bytes > connection->expected_bytes)
        return -1;
      g_byte_array_append (connection->body, data, (guint) length);
      return 0;
    }
  /* Thrown away, but not without end. */
  return connection->received_bytes > 2 * (gsize) ANX_BOUND_DIRECTORY_BYTES ? -1 : 0;
}

static int
end_body (Connection *connection)
{
  if (connection->phase == PHASE_LINGER)
    return -1;
  if (connection->phase == PHASE_BODY && connection->body != NULL)
    dispatch (connection);
  return 0;
}

/* The link */

static void
push_signal (Connection *connection,
             const char *text)
{
  if (g_queue_get_length (&connection->signals) >= MOST_SIGNALS)
    {
      /* A peer that does not read; the link carries no state, so it can come back. */
      kill_connection (connection);
      return;
    }
  g_queue_push_tail (&connection->signals, g_bytes_new (text, strlen (text)));
  lws_callback_on_writable (connection->wsi);
}

static void
push_object (Connection *connection,
             JsonObject *object)
{
  g_autofree char *text = anx_json_object_to_text (object);
  push_signal (connection, text);
}

static void
tell_failed (Connection *connection,
             const char *to,
             const char *call,
             const char *reason)
{
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "type", "signal-failed");
  json_object_set_string_member (object, "to", to);
  json_object_set_string_member (object, "call", call);
  json_object_set_string_member (object, "reason", reason);
  push_object (connection, object);
}

/* FALSE when the peer does not keep to the protocol. */
static gboolean
pass_signal (Connection *connection,
             JsonObject *message)
{
  AnxServer *self = connection->server;
  const char *to = anx_json_get_string (message, "to", NULL);
  const char *call = anx_json_get_string (message, "call", NULL);
  JsonObject *body = anx_json_get_object (message, "body");
  if (!anx_principal_id_is_valid (to) || !anx_uuid_is_valid (call) || body == NULL)
    return FALSE;

  if ((connection->join != NULL && !g_str_equal (connection->join, call)) ||
      (!anx_hub_may_signal (self->hub, connection->principal, to, call, g_get_real_time ()) &&
       !anx_hub_may_signal_for_alert (self->hub, connection->principal, to, call, g_get_real_time ())))
    {
      tell_failed (connection, to, call, "not-allowed");
      return TRUE;
    }
  g_autoptr (JsonObject) signal = json_object_new ();
  json_object_set_string_member (signal, "type", "signal");
  json_object_set_string_member (signal, "from", connection->principal);
  json_object_set_string_member (signal, "call", call);
  json_object_set_object_member (signal, "body", json_object_ref (body));
  g_autofree char *text = anx_json_object_to_text (signal);

  gboolean found = FALSE;
  GPtrArray *members = g_hash_table_lookup (self->topics, to);
  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      Connection *peer = g_ptr_array_index (members, i);
      /* A group's topic has its members' links too; a signal is for the principal alone. */
      if (g_strcmp0 (peer->principal, to) != 0 || peer == connection || (peer->join != NULL && !g_str_equal (peer->join, call)))
        continue;
      push_signal (peer, text);
      found = TRUE;
    }
  if (!found)
    tell_failed (connection, to, call, "absent");
  return TRUE;
}

static int
take_message (Connection *connection,
              const void *data,
              size_t length)
{
  if (connection->principal == NULL || connection->doomed)
    return -1;
  if (connection->message == NULL)
    connection->message = g_byte_array_new ();
  if (connection->message->len + length > ANX_BOUND_SIGNAL_BYTES)
    {
      lws_close_reason (connection->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
      return -1;
    }
  g_byte_array_append (connection->message, data, (guint) length);
  if (!lws_is_final_fragment (connection->wsi) || lws_remaining_packet_payload (connection->wsi) > 0)
    return 0;

  g_autoptr (GByteArray) whole = g_steal_pointer (&connection->message);
  if (!anx_limits_take (connection->server->hub->callers, connection->principal, g_get_monotonic_time ()) ||
      lws_frame_is_binary (connection->wsi))
    {
      lws_close_reason (connection->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, NULL, 0);
      return -1;
    }
  g_autoptr (JsonObject) message = anx_json_parse_object ((const char *) whole->data, whole->len, ANX_BOUND_SIGNAL_BYTES, NULL);
  if (message != NULL && g_strcmp0 (anx_json_get_string (message, "type", NULL), "signal") == 0 && pass_signal (connection, message))
    return 0;
  lws_close_reason (connection->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, NULL, 0);
  return -1;
}

static int
write_text (Connection *connection,
            const char *text,
            gsize length)
{
  g_autofree unsigned char *buffer = g_malloc (LWS_PRE + length);
  memcpy (buffer + LWS_PRE, text, length);
  return lws_write (connection->wsi, buffer + LWS_PRE, length, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static int
write_link (Connection *connection)
{
  int result = 0;
  g_autoptr (GBytes) signal = g_queue_pop_head (&connection->signals);
  if (signal != NULL)
    {
      gsize size = 0;
      const char *data = g_bytes_get_data (signal, &size);
      result = write_text (connection, data, size);
    }
  else
    for (guint i = 0; i < G_N_ELEMENTS (LOOKS); i++)
      if (connection->looks & (1u << i))
        {
          g_autofree char *text = g_strdup_printf ("{\"type\":\"look\",\"what\":\"%s\"}", LOOKS[i]);
          connection->looks &= ~(1u << i);
          result = write_text (connection, text, strlen (text));
          break;
        }
  if (connection->looks != 0 || !g_queue_is_empty (&connection->signals))
    lws_callback_on_writable (connection->wsi);
  return result;
}

/* 0 lets the upgrade proceed, 1 after a refusal was written. */
static int
confirm_upgrade (AnxServer *self,
                 struct lws *wsi)
{
  Connection *connection = connection_of (self, wsi);
  g_autoptr (AnxRequest) request = anx_request_new (self->hub);
  char path[128] = "", protocol[64] = "";
  const char *slug = NULL;

  if (lws_hdr_copy (wsi, path, sizeof path, WSI_TOKEN_GET_URI) <= 0)
    slug = "not-found";
  if (slug == NULL)
    slug = find_route (request, "GET", path);
  const AnxJoin *join = NULL;
  if (slug == NULL && g_str_equal (request->route->pattern, "/v1/joins/{id}/link"))
    {
      join = anx_joins_find (self->hub, request->parameter, request->now_usec);
      slug = join == NULL ? "not-found" : NULL;
    }
  else if (slug == NULL && !g_str_equal (request->route->pattern, "/v1/link"))
    slug = "not-found";
  if (slug == NULL)
    slug = check_caller (connection, request);
  if (slug == NULL && (lws_hdr_copy (wsi, protocol, sizeof protocol, WSI_TOKEN_PROTOCOL) <= 0 || strstr (protocol, LINK_PROTOCOL) == NULL))
    slug = "upgrade-needed";
  if (slug == NULL && self->drain_until_usec != 0)
    slug = "busy";
  if (slug == NULL)
    {
      const char *principal = join != NULL ? join->counsellor : request->caller->id;
      GPtrArray *own = g_hash_table_lookup (self->topics, principal);
      if (own != NULL && own->len >= LINKS_OF_PRINCIPAL)
        kill_connection (g_ptr_array_index (own, 0));
      g_free (connection->principal);
      connection->principal = g_strdup (principal);
      connection->join = join != NULL ? g_strdup (join->booking) : NULL;
      self->links++;
      return 0;
    }

  anx_request_refuse (request, slug);
  connection->request = request;
  connection->close_after = TRUE;
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (request->answer, &size);
  g_autofree unsigned char *buffer = g_malloc (LWS_PRE + size);
  memcpy (buffer + LWS_PRE, data, size);
  gboolean written = write_head (connection) == 0 && lws_write (wsi, buffer + LWS_PRE, size, LWS_WRITE_HTTP_FINAL) >= 0;
  connection->request = NULL;
  return written ? 1 : -1;
}

static int
begin_link (AnxServer *self,
            struct lws *wsi)
{
  Connection *connection = connection_of (self, wsi);
  if (connection->principal == NULL || self->hub->directory == NULL)
    return -1;
  connection->phase = PHASE_LINK;
  connection->deadline_usec = 0;
  join_topics (connection);
  if (connection->join != NULL)
    {
      g_autoptr (JsonObject) hello = json_object_new ();
      json_object_set_string_member (hello, "type", "hello");
      json_object_set_string_member (hello, "from", connection->principal);
      json_object_set_string_member (hello, "call", connection->join);
      push_object (connection, hello);
    }
  return 0;
}

/**
 * anx_server_look:
 * @self: the server
 * @what: one of inbox, bookings, alerts, referrals, directory
 * @topic: whom it concerns, see #AnxLook
 *
 * Tells those on the link. Several looks of one kind that a peer has not yet read become one.
 */
void
anx_server_look (AnxServer *self,
                 const char *what,
                 const char *topic)
{
  GPtrArray *members = g_hash_table_lookup (self->topics, topic);
  for (guint bit = 0; members != NULL && bit < G_N_ELEMENTS (LOOKS); bit++)
    if (g_str_equal (LOOKS[bit], what))
      for (guint i = 0; i < members->len; i++)
        {
          Connection *connection = g_ptr_array_index (members, i);
          if (connection->join != NULL)
            continue;
          connection->looks |= 1u << bit;
          lws_callback_on_writable (connection->wsi);
        }
}

/**
 * anx_server_check_links:
 * @self: the server
 *
 * Closes the links of those who may not be here any more, and works out anew what concerns the others.
 */
void
anx_server_check_links (AnxServer *self)
{
  GHashTableIter iter;
  gpointer value;
  const char *slug = NULL;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;
      if (connection->phase != PHASE_LINK || connection->principal == NULL)
        continue;
      leave_topics (connection);
      const AnxPrincipal *invited = connection->join != NULL ? anx_directory_get_principal (self->hub->directory, connection->principal) : NULL;
      if (connection->join != NULL ? invited != NULL && invited->active
                                   : anx_hub_identify (self->hub, connection->certificate, g_get_real_time (), &slug) != NULL)
        join_topics (connection);
      else
        kill_connection (connection);
    }
}

/**
 * anx_server_has_link:
 * @self: the server
 * @principal: an id
 *
 * Returns: whether that principal has a WebSocket open now
 */
gboolean
anx_server_has_link (AnxServer *self,
                     const char *principal)
{
  GPtrArray *members = g_hash_table_lookup (self->topics, principal);
  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      Connection *connection = g_ptr_array_index (members, i);
      /* A browser in a session is not a desk that hears an alarm. */
      if (connection->join == NULL && g_strcmp0 (connection->principal, principal) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_server_write:
 * @self: the server
 * @request: (transfer full): a request of the hub itself, without a connection
 * @run: what to do with the database, on the writer's thread
 * @finish: what to do on the loop afterwards, whether it was committed or not
 */
void
anx_server_write (AnxServer *self,
                  AnxRequest *request,
                  AnxRequestRun run,
                  AnxRequestFinish finish)
{
  self->underway++;
  anx_request_write (request, run, finish);
}

/**
 * anx_server_work:
 * @self: the server
 * @request: (transfer full): a request of the hub itself, without a connection
 * @prepare: what takes long, on a thread of the pool
 * @run: what to do with the database, on the writer's thread
 * @finish: what to do on the loop afterwards, whether it was committed or not
 */
void
anx_server_work (AnxServer *self,
                 AnxRequest *request,
                 AnxRequestPrepare prepare,
                 AnxRequestRun run,
                 AnxRequestFinish finish)
{
  self->underway++;
  anx_request_work (request, prepare, run, finish);
}

/**
 * anx_server_count_links:
 * @self: the server
 *
 * Returns: how many WebSockets are open
 */
guint
anx_server_count_links (AnxServer *self)
{
  return self->links;
}

/**
 * anx_server_count_connections:
 * @self: the server
 *
 * Returns: how many connections are open, links included
 */
guint
anx_server_count_connections (AnxServer *self)
{
  return g_hash_table_size (self->connections);
}

/* libwebsockets */

#define TLS_RECORD_BYTES (16 * 1024 + 256)

static int
handle_event (struct lws *wsi,
              enum lws_callback_reasons reason,
              void *user,
              void *in,
              size_t length)
{
  AnxServer *self = wsi != NULL ? lws_context_user (lws_get_context (wsi)) : NULL;

  switch ((int) reason)
    {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
      {
        SSL_CTX *tls = user;
        SSL_CTX_set_min_proto_version (tls, TLS1_2_VERSION);
        /* No resumption: a kiosk that enrolled without a certificate must not be taken for that stranger once it has one. */
        SSL_CTX_set_options (tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode (tls, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_num_tickets (tls, 0);
        return 0;
      }
    case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
      /* The handshake proves that the peer has the key; whether the certificate is good decides read_certificate(), so that the
         peer gets an answer that says why not. */
      return 0;
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
      return self != NULL && g_hash_table_size (self->connections) >= self->most_connections ? -1 : 0;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
      connection_of (self, wsi);
      return 0;
    case LWS_CALLBACK_WSI_DESTROY:
      if (self != NULL && self->connections != NULL)
        g_hash_table_remove (self->connections, wsi);
      return 0;
    case LWS_CALLBACK_HTTP:
      return begin_request (self, wsi, in);
    case LWS_CALLBACK_HTTP_BODY:
      return take_body (connection_of (self, wsi), in, length);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      return end_body (connection_of (self, wsi));
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return write_answer (connection_of (self, wsi));
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      return confirm_upgrade (self, wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      return g_strcmp0 (lws_get_protocol (wsi)->name, LINK_PROTOCOL) == 0 ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
      return begin_link (self, wsi);
    case LWS_CALLBACK_RECEIVE:
      return take_message (connection_of (self, wsi), in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write_link (connection_of (self, wsi));
    case LWS_CALLBACK_CLOSED:
      leave_link (connection_of (self, wsi));
      return 0;
    case LWS_CALLBACK_HTTP_FILE_COMPLETION:
    default:
      return 0;
    }
}

/*
 * What we verified may have left errors in OpenSSL's queue of this thread; SSL_get_error() would then take the next read that has to wait
 * for a broken connection, and libwebsockets would close it before the answer is written.
 */
static int
on_event (struct lws *wsi,
          enum lws_callback_reasons reason,
          void *user,
          void *in,
          size_t length)
{
  int result = handle_event (wsi, reason, user, in, length);
  ERR_clear_error ();
  return result;
}

static const struct lws_protocols PROTOCOLS[] = {
  { "http", on_event, 0, 16 * 1024, 0, NULL, 0 },
  { LINK_PROTOCOL, on_event, 0, 16 * 1024, 0, NULL, 0 },
  { NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* The loop */

static gboolean
concerns_alerts (AnxRequest *request)
{
  for (guint i = 0; i < request->looks->len; i++)
    if (g_str_equal (((AnxLook *) g_ptr_array_index (request->looks, i))->what, "alerts"))
      return TRUE;
  return FALSE;
}

static void
complete (AnxServer *self,
          AnxRequest *request)
{
  self->underway--;
  if (request->finish != NULL)
    request->finish (request);
  for (guint i = 0; request->kept && i < request->looks->len; i++)
    {
      AnxLook *look = g_ptr_array_index (request->looks, i);
      anx_server_look (self, look->what, look->topic);
    }
  /* A round of calls concerns alerts, too; only what came while it ran asks for another. */
  if (request->kept && self->drain_until_usec == 0 && (self->hub->call_again || (request->connection != NULL && concerns_alerts (request))))
    anx_alert_calls_check (self->hub);
  if (request->status == 0)
    anx_request_refuse (request, "failed");
  if (request->connection != NULL)
    start_answer (request->connection, request);
  else
    release_request (self, request);
}

static void
on_returned (uv_async_t *wake)
{
  AnxServer *self = wake->data;
  AnxRequest *request;
  while ((request = g_async_queue_try_pop (self->returned)) != NULL)
    complete (self, request);
}

/**
 * anx_hub_return:
 * @request: (transfer full): a request that a stage has answered or finished
 *
 * Brings it back to the loop. Any thread.
 */
void
anx_hub_return (AnxRequest *request)
{
  AnxServer *self = request->hub->server;
  g_async_queue_push (self->returned, request);
  uv_async_send (&self->returned_wake);
}

static gboolean
anything_to_send (AnxServer *self)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Connection *) value)->phase == PHASE_ANSWERING)
      return TRUE;
  return FALSE;
}

static void
on_tick (uv_timer_t *timer)
{
  AnxServer *self = timer->data;
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer value;

  if (self->drain_until_usec != 0)
    {
      if ((self->underway == 0 && !anything_to_send (self)) || now > self->drain_until_usec)
        uv_stop (&self->loop);
      return;
    }
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connection *connection = value;
      if (connection->deadline_usec != 0 && connection->deadline_usec < now)
        kill_connection (connection);
    }
  anx_alert_calls_check (self->hub);
  anx_notices_check (self->hub);
  if (++self->ticks % 60 == 0)
    {
      anx_limits_prune (self->hub->callers, now);
      anx_limits_prune (self->hub->addresses, now);
      anx_limits_prune (self->hub->code_callers, now);
      anx_limits_prune (self->hub->codes, now);
    }
}

static void
on_signal (uv_signal_t *handle,
           int number)
{
  AnxServer *self = handle->data;
  if (self->drain_until_usec != 0)
    return;
  anx_journal ("anxin-hub", "ending", NULL, NULL);
  self->drain_until_usec = g_get_monotonic_time () + DRAIN_USEC;
  uv_timer_start (&self->tick, on_tick, 10, 10);
}

static guint
count_descriptors (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  limit.rlim_cur = MIN (limit.rlim_max, WANTED_DESCRIPTORS);
  setrlimit (RLIMIT_NOFILE, &limit);
  getrlimit (RLIMIT_NOFILE, &limit);
  return (guint) limit.rlim_cur;
}

/* OpenSSL's own opinion of the two files, with their names: libwebsockets would only say that it failed. */
static gboolean
check_tls_files (AnxHubConfig *config,
                 GError **error)
{
  SSL_CTX *tls = SSL_CTX_new (TLS_server_method ());
  const char *key = NULL;
  if (SSL_CTX_use_certificate_chain_file (tls, config->certificate) != 1)
    key = "certificate";
  else if (SSL_CTX_use_PrivateKey_file (tls, config->key, SSL_FILETYPE_PEM) != 1)
    key = "key";
  else if (SSL_CTX_check_private_key (tls) != 1)
    key = "key";
  SSL_CTX_free (tls);
  if (key == NULL)
    return TRUE;
  g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG,
               _("[hub] %s: the file %s cannot be used. It must be PEM, readable, and certificate and key must belong together."), key,
               g_str_equal (key, "key") ? config->key : config->certificate);
  return FALSE;
}

/**
 * anx_server_check:
 * @config: a configuration
 * @error: return location, %ANX_BASE_ERROR_CONFIG
 *
 * Returns: whether certificate and key of the configuration can be used
 */
gboolean
anx_server_check (AnxHubConfig *config,
                  GError **error)
{
  return check_tls_files (config, error);
}

/* libwebsockets waits in silence for an address to appear; a mistyped one must not look like a hub that serves. */
static gboolean
address_is_ours (const char *address)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  g_autoptr (GSocketAddress) any_port = inet != NULL ? g_inet_socket_address_new (inet, 0) : NULL;
  g_autoptr (GSocket) probe = any_port != NULL ? g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL) : NULL;
  return probe != NULL && g_socket_bind (probe, any_port, FALSE, NULL);
}

static void
start_loop (AnxServer *self)
{
  uv_loop_init (&self->loop);
  self->loops[0] = &self->loop;
  uv_async_init (&self->loop, &self->returned_wake, on_returned);
  self->returned_wake.data = self;
  uv_timer_init (&self->loop, &self->tick);
  self->tick.data = self;
  uv_timer_start (&self->tick, on_tick, 1000, 1000);
  uv_signal_init (&self->loop, &self->terminate);
  self->terminate.data = self;
  uv_signal_start (&self->terminate, on_signal, SIGTERM);
  uv_signal_init (&self->loop, &self->interrupt);
  self->interrupt.data = self;
  uv_signal_start (&self->interrupt, on_signal, SIGINT);
}

/**
 * anx_server_new:
 * @hub: the hub; its field `server` is set
 * @error: return location, %ANX_BASE_ERROR_CONFIG
 *
 * Returns: (transfer full) (nullable): a server that listens at the configured address; anx_server_run() answers
 */
AnxServer *
anx_server_new (AnxHub *hub,
                GError **error)
{
  AnxHubConfig *config = hub->config;
  if (!check_tls_files (config, error))
    return NULL;

  AnxServer *self = g_new0 (AnxServer, 1);
  guint descriptors = count_descriptors ();
  self->hub = hub;
  hub->server = self;
  self->returned = g_async_queue_new ();
  self->connections = g_hash_table_new_full (NULL, NULL, NULL, connection_free);
  self->topics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->most_connections = (guint) MIN (config->connections, (gint64) descriptors - SPARE_DESCRIPTORS);
  start_loop (self);

  lws_set_log_level (0, NULL);
  g_autofree char *authority = anx_certificate_to_pem (config->authority);
  struct lws_context_creation_info info = {
    .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
               LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME | LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN |
               LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
    .foreign_loops = self->loops,
    .pcontext = &self->context,
    .user = self,
    .max_http_header_data = 8192,
    /* A whole TLS record (RFC 8446 section 5.1: 2^14 bytes) fits: what is left of one inside OpenSSL makes the socket not readable, and
       libwebsockets' libuv loop looks into that once only (4.1.6), so a longer rest would wait for ever. */
    .pt_serv_buf_size = LWS_PRE + TLS_RECORD_BYTES,
    .max_http_header_pool2 = self->most_connections,
    .timeout_secs = (unsigned int) (HANDSHAKE_USEC / G_USEC_PER_SEC),
    .port = CONTEXT_PORT_NO_LISTEN,
  };
  gboolean ours = address_is_ours (config->address);
  self->context = ours ? lws_create_context (&info) : NULL;
  if (self->context != NULL)
    {
      info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT | LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED |
                      (strchr (config->address, ':') == NULL ? LWS_SERVER_OPTION_DISABLE_IPV6 : 0);
      info.port = config->port;
      info.iface = config->address;
      info.protocols = PROTOCOLS;
      info.vhost_name = "anxin-hub";
      info.alpn = "http/1.1";
      info.keepalive_timeout = (int) (IDLE_USEC / G_USEC_PER_SEC);
      info.retry_and_idle_policy = &LINK_VALIDITY;
      info.ssl_cert_filepath = config->certificate;
      info.ssl_private_key_filepath = config->key;
      info.server_ssl_ca_mem = authority;
      info.server_ssl_ca_mem_len = (unsigned int) strlen (authority);
      self->vhost = lws_create_vhost (self->context, &info);
    }
  if (self->vhost != NULL && lws_get_vhost_listen_port (self->vhost) > 0)
    return self;
  g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG,
               _("Cannot listen at %s port %d. Is another program using it, or is the address not of this machine?"), config->address,
               config->port);
  anx_server_free (self);
  return NULL;
}

/**
 * anx_server_get_port:
 * @self: a server
 *
 * Returns: the port it listens at
 */
int
anx_server_get_port (AnxServer *self)
{
  return lws_get_vhost_listen_port (self->vhost);
}

/**
 * anx_server_run:
 * @self: a server
 *
 * Answers requests until SIGTERM or SIGINT, then refuses new ones and returns when those accepted before are answered, at the
 * latest after ten seconds.
 */
void
anx_server_run (AnxServer *self)
{
  uv_run (&self->loop, UV_RUN_DEFAULT);
}

/**
 * anx_server_free:
 * @self: (transfer full) (nullable): a server that does not run; no thread may return requests to it any more
 */
void
anx_server_free (AnxServer *self)
{
  if (self == NULL)
    return;
  AnxRequest *request;
  while ((request = g_async_queue_try_pop (self->returned)) != NULL)
    complete (self, request);

  uv_close ((uv_handle_t *) &self->returned_wake, NULL);
  uv_close ((uv_handle_t *) &self->tick, NULL);
  uv_close ((uv_handle_t *) &self->terminate, NULL);
  uv_close ((uv_handle_t *) &self->interrupt, NULL);
  /* In a loop that is not its own the library destroys in two calls: the first closes its handles, which go with the next turns; the one
     after that sets our pointer to NULL. Should a handle stay, nothing turns the loop any more that could reach it. */
  for (int turn = 0; turn < 100 && (self->context != NULL || uv_loop_close (&self->loop) == UV_EBUSY); turn++)
    {
      if (self->context != NULL && turn % 10 == 0)
        lws_context_destroy (self->context);
      uv_run (&self->loop, UV_RUN_NOWAIT);
    }
  g_clear_pointer (&self->connections, g_hash_table_unref);
  g_clear_pointer (&self->topics, g_hash_table_unref);
  g_async_queue_unref (self->returned);
  self->hub->server = NULL;
  g_free (self);
}
