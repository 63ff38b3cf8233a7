/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server-private.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/resource.h>

#include <glib/gi18n.h>

#include "alert-calls.h"
#include "base-error.h"
#include "journal.h"
#include "notices.h"

#define DRAIN_USEC (10 * G_USEC_PER_SEC)
/* Descriptors for the database, the log, libraries. */
#define SPARE_DESCRIPTORS 64
#define WANTED_DESCRIPTORS 65536
#define HANDSHAKE_USEC (10 * G_USEC_PER_SEC)
#define PING_SECONDS 25
#define HANGUP_SECONDS 40

static const lws_retry_bo_t LINK_VALIDITY = { .secs_since_valid_ping = PING_SECONDS, .secs_since_valid_hangup = HANGUP_SECONDS };

/* Connections */

/* Made when libwebsockets names it for the first time. */
static AnxConnection *
connection_of (AnxServer *self,
               struct lws *wsi)
{
  AnxConnection *connection = g_hash_table_lookup (self->connections, wsi);
  if (connection != NULL)
    return connection;
  connection = g_new0 (AnxConnection, 1);
  connection->server = self;
  connection->wsi = wsi;
  connection->deadline_usec = g_get_monotonic_time () + HANDSHAKE_USEC;
  g_queue_init (&connection->signals);
  g_hash_table_insert (self->connections, wsi, connection);
  return connection;
}

static void
connection_free (gpointer data)
{
  AnxConnection *connection = data;
  anx_connection_leave_link (connection);
  if (connection->request != NULL && connection->phase == PHASE_WORKING)
    connection->request->connection = NULL; /* S2: its stage goes on, nobody waits */
  else if (connection->request != NULL)
    anx_connection_release_request (connection->server, connection->request);
  g_clear_pointer (&connection->body, g_byte_array_unref);
  g_clear_pointer (&connection->message, g_byte_array_unref);
  g_clear_pointer (&connection->certificate, anx_certificate_unref);
  g_queue_clear_full (&connection->signals, (GDestroyNotify) g_bytes_unref);
  g_free (connection);
}

/**
 * anx_connection_kill:
 * @connection: a connection
 *
 * Closes it soon, from outside its own callbacks as well.
 */
void
anx_connection_kill (AnxConnection *connection)
{
  connection->deadline_usec = 0;
  connection->doomed = TRUE;
  lws_set_timeout (connection->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
  /* Outside its own callbacks lws looks at timeouts only with the next event, and a byte of a trickle would then set a new one. */
  lws_cancel_service (connection->server->context);
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
      return anx_connection_begin_request (connection_of (self, wsi), in);
    case LWS_CALLBACK_HTTP_BODY:
      return anx_connection_take_body (connection_of (self, wsi), in, length);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      return anx_connection_end_body (connection_of (self, wsi));
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return anx_connection_write_answer (connection_of (self, wsi));
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      return anx_connection_confirm_upgrade (connection_of (self, wsi));
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      return g_strcmp0 (lws_get_protocol (wsi)->name, ANX_LINK_PROTOCOL) == 0 ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
      return anx_connection_begin_link (connection_of (self, wsi));
    case LWS_CALLBACK_RECEIVE:
      return anx_connection_take_message (connection_of (self, wsi), in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return anx_connection_write_link (connection_of (self, wsi));
    case LWS_CALLBACK_CLOSED:
      anx_connection_leave_link (connection_of (self, wsi));
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
  { ANX_LINK_PROTOCOL, on_event, 0, 16 * 1024, 0, NULL, 0 },
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
    anx_connection_start_answer (request->connection, request);
  else
    anx_connection_release_request (self, request);
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
    if (((AnxConnection *) value)->phase == PHASE_ANSWERING)
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
      AnxConnection *connection = value;
      if (connection->deadline_usec != 0 && connection->deadline_usec < now)
        anx_connection_kill (connection);
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
      info.keepalive_timeout = (int) (ANX_SERVER_IDLE_USEC / G_USEC_PER_SEC);
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
