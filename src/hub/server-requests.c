/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server-private.h"

#include <openssl/ssl.h>
#include <string.h>

#include "bounds.h"
#include "journal.h"
#include "router.h"
#include "seal-error.h"

#define LINGER_USEC (5 * G_USEC_PER_SEC)
/* Time for a body or an answer: a base, and what a slow line needs. */
#define TRANSFER_USEC (10 * G_USEC_PER_SEC)
#define SLOWEST_BYTES_PER_SECOND (64 * 1024)
#define BODY_BUDGET_BYTES ((gsize) 256 * 1024 * 1024)
#define CHUNK_BYTES (32 * 1024)

static gint64
transfer_deadline (gsize bytes)
{
  return g_get_monotonic_time () + TRANSFER_USEC + (gint64) (bytes / SLOWEST_BYTES_PER_SECOND) * G_USEC_PER_SEC;
}

/**
 * anx_connection_release_request:
 * @self: the server
 * @request: (transfer full): a request nobody waits for any more
 *
 * Gives its memory, and what it held of the budget for bodies (S4), back.
 */
void
anx_connection_release_request (AnxServer *self,
                                AnxRequest *request)
{
  self->body_bytes -= request->charged_bytes;
  anx_request_free (request);
}

/* Who calls */

static void
read_certificate (AnxConnection *connection,
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

/**
 * anx_connection_check_caller:
 * @connection: a connection
 * @request: with its route; its caller and directory are set
 *
 * Who calls, by the certificate the handshake proved; whether they may use the route; and how often.
 *
 * Returns: (nullable): the slug of a refusal
 */
const char *
anx_connection_check_caller (AnxConnection *connection,
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
    case ANX_WHO_SENDER:
      return request->caller != NULL ? NULL : slug;
    case ANX_WHO_PRINCIPAL:
      if (request->caller == NULL)
        return slug;
      return request->caller->roles != NULL && g_strv_contains (request->caller->roles, "intake") ? "not-allowed" : NULL;
    case ANX_WHO_ADMINISTRATOR:
      if (request->caller == NULL)
        return slug;
      return anx_request_caller_is (request, "administrator", NULL) ? NULL : "not-allowed";
    default:
      g_assert_not_reached ();
    }
}
/* Answering */

/**
 * anx_connection_start_answer:
 * @connection: a connection
 * @request: (transfer full): answered; written as the socket takes it
 */
void
anx_connection_start_answer (AnxConnection *connection,
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

/**
 * anx_connection_write_head:
 * @connection: a connection with an answered request
 *
 * Returns: 0 when status and headers are on their way, -1 when the connection is to be closed
 */
int
anx_connection_write_head (AnxConnection *connection)
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
end_answer (AnxConnection *connection)
{
  anx_connection_release_request (connection->server, g_steal_pointer (&connection->request));
  if (connection->close_after && connection->received_bytes < connection->expected_bytes)
    {
      /* Closing at once would reset the connection, and the peer would lose the answer with it. */
      connection->phase = PHASE_LINGER;
      connection->deadline_usec = g_get_monotonic_time () + LINGER_USEC;
      return 0;
    }
  connection->phase = PHASE_IDLE;
  connection->deadline_usec = g_get_monotonic_time () + ANX_SERVER_IDLE_USEC;
  if (connection->close_after)
    return -1;
  return lws_http_transaction_completed (connection->wsi) != 0 ? -1 : 0;
}

/**
 * anx_connection_write_answer:
 * @connection: a connection that can be written to
 *
 * Writes the next piece of the answer, its head with the first.
 *
 * Returns: 0, or -1 when the connection is to be closed
 */
int
anx_connection_write_answer (AnxConnection *connection)
{
  static unsigned char buffer[LWS_PRE + CHUNK_BYTES]; /* the loop's alone */
  AnxRequest *request = connection->request;
  if (connection->phase != PHASE_ANSWERING || request == NULL)
    return 0;
  if (!connection->head_sent && anx_connection_write_head (connection) != 0)
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
dispatch (AnxConnection *connection)
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
  anx_connection_start_answer (connection, request);
}

static void
refuse (AnxConnection *connection,
        AnxRequest *request,
        const char *slug)
{
  anx_request_refuse (request, slug);
  /* A body that nobody will read follows: the connection can't be used again. */
  if (connection->expected_bytes > 0)
    connection->close_after = TRUE;
  anx_connection_start_answer (connection, request);
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

/**
 * anx_connection_find_route:
 * @request: a request; its route, parameter and allow are set
 * @method: of the request
 * @path: of the request
 *
 * Returns: (nullable): the slug of a refusal
 */
const char *
anx_connection_find_route (AnxRequest *request,
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

/**
 * anx_connection_begin_request:
 * @connection: a connection whose headers are read
 * @path: of the request
 *
 * Sees whether the caller may ask this, and how long the body may be, before a byte of the body is read (S3).
 *
 * Returns: 0, or -1 when the connection is to be closed
 */
int
anx_connection_begin_request (AnxConnection *connection,
                              const char *path)
{
  AnxServer *self = connection->server;
  struct lws *wsi = connection->wsi;
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
  slug = anx_connection_find_route (request, method, path);
  if (slug != NULL)
    {
      read_certificate (connection, request->now_usec);
      if (!anx_limits_take (self->hub->addresses, connection->address, g_get_monotonic_time ()))
        slug = "too-many-requests";
    }
  else
    slug = anx_connection_check_caller (connection, request);
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

/**
 * anx_connection_take_body:
 * @connection: a connection
 * @data: the next bytes of the body
 * @length: their number
 *
 * Returns: 0, or -1 when the connection is to be closed: more came than was announced
 */
int
anx_connection_take_body (AnxConnection *connection,
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

/**
 * anx_connection_end_body:
 * @connection: a connection whose body is complete
 *
 * Returns: 0, or -1 when the connection is to be closed
 */
int
anx_connection_end_body (AnxConnection *connection)
{
  if (connection->phase == PHASE_LINGER)
    return -1;
  if (connection->phase == PHASE_BODY && connection->body != NULL)
    dispatch (connection);
  return 0;
}
