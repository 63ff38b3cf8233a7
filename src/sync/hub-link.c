/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-link.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bounds.h"
#include "json.h"
#include "process.h"
#include "sync-error.h"

/* Silence on a socket for this long is an outage. */
#define IO_TIMEOUT_SECONDS 20
/* A connection that was not used for this long is closed before a router between forgets it. */
#define IDLE_TIMEOUT_SECONDS 60
/* libsoup 3.2 sends pings but does not miss the pongs; this file does. */
#define PING_SECONDS 20
#define PONG_LOST_USEC (3 * PING_SECONDS * (gint64) G_USEC_PER_SEC)
#define READ_BYTES (64 * 1024)
#define LINK_PROTOCOL "anxin.link.v1"

struct _AnxHubLink
{
  GObject parent_instance;

  char *base; /* https://host:port, no slash at the end */
  SoupSession *session;
  int anchor_fd;             /* the authority's certificate in memory, -1 without one */
  GTlsCertificate *identity; /* (nullable) */
  gboolean unpinned;

  SoupWebsocketConnection *socket; /* (nullable) */
  GCancellable *connecting;        /* (nullable) while the handshake is under way */
  guint watch_id;
  gint64 last_heard_usec; /* monotonic */
};

G_DEFINE_FINAL_TYPE (AnxHubLink, anx_hub_link, G_TYPE_OBJECT)

enum
{
  SOCKET_CHANGED,
  MESSAGE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* One request on its way; owned by its task. */
typedef struct
{
  SoupMessage *message;
  GByteArray *body;
  gsize max_bytes;
  GTlsCertificateFlags peer_errors;
  gboolean identity_asked;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->message);
  g_byte_array_unref (request->body);
  g_free (request);
}

/**
 * anx_hub_answer_free:
 * @self: (transfer full): an answer
 */
void
anx_hub_answer_free (AnxHubAnswer *self)
{
  g_bytes_unref (self->body);
  g_free (self->etag);
  g_free (self);
}

static void
anx_hub_link_dispose (GObject *object)
{
  AnxHubLink *self = ANX_HUB_LINK (object);
  anx_hub_link_close_socket (self);
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_object (&self->identity);
  G_OBJECT_CLASS (anx_hub_link_parent_class)->dispose (object);
}

static void
anx_hub_link_finalize (GObject *object)
{
  AnxHubLink *self = ANX_HUB_LINK (object);
  g_free (self->base);
  if (self->anchor_fd >= 0)
    close (self->anchor_fd);
  G_OBJECT_CLASS (anx_hub_link_parent_class)->finalize (object);
}

static void
anx_hub_link_class_init (AnxHubLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_hub_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_hub_link_finalize;
  signals[SOCKET_CHANGED] = g_signal_new ("socket-changed", ANX_TYPE_HUB_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[MESSAGE] = g_signal_new ("message", ANX_TYPE_HUB_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   JSON_TYPE_OBJECT);
}

static void
anx_hub_link_init (AnxHubLink *self)
{
  self->anchor_fd = -1;
}

static AnxHubLink *
link_new (const char *hub_url,
          GTlsDatabase *anchor)
{
  AnxHubLink *self = g_object_new (ANX_TYPE_HUB_LINK, NULL);
  self->base = g_strdup (hub_url);
  if (g_str_has_suffix (self->base, "/"))
    self->base[strlen (self->base) - 1] = '\0';
  self->session = soup_session_new_with_options ("user-agent", "anxin/" ANX_VERSION, "timeout", IO_TIMEOUT_SECONDS,
                                                 "idle-timeout", IDLE_TIMEOUT_SECONDS, "max-conns-per-host", 4, NULL);
  /* The hub is on the district's own network; a proxy of the session must not come between. */
  soup_session_set_proxy_resolver (self->session, NULL);
  /* NULL too is said aloud: otherwise libsoup loads the system's authorities, which have no say here. */
  soup_session_set_tls_database (self->session, anchor);
  return self;
}

/*
 * GnuTLS' file database wants a file, and reads it again with each connection. A memory file has a path as long as it is open,
 * and leaves nothing behind however the process ends.
 */
static int
anchor_open (AnxCertificate *authority,
             GError **error)
{
  g_autofree char *pem = anx_certificate_to_pem (authority);
  int fd = memfd_create ("anxin-authority", MFD_CLOEXEC);
  if (fd >= 0 && write (fd, pem, strlen (pem)) == (ssize_t) strlen (pem))
    return fd;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "The authority's certificate cannot be prepared: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static GTlsDatabase *
anchor_new (int fd,
            GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  return g_tls_file_database_new (path, error);
}

static GTlsCertificate *
identity_new (AnxKey *key,
              AnxCertificate *certificate,
              GError **error)
{
  g_autofree char *certificate_pem = anx_certificate_to_pem (certificate);
  anx_autosecret char *key_pem = anx_key_to_pem (key);
  anx_autosecret char *both = g_strconcat (certificate_pem, key_pem, NULL);
  return g_tls_certificate_new_from_pem (both, -1, error);
}

/**
 * anx_hub_link_new:
 * @hub_url: `https://host:port`
 * @authority: the only authority whose hub is spoken to
 * @key: (nullable): the own sign key
 * @certificate: (nullable): its certificate; %NULL speaks without an identity, for the public paths
 * @error: return location, %G_TLS_ERROR, %G_FILE_ERROR
 *
 * Returns: (transfer full) (nullable): a link; nothing is connected yet
 */
AnxHubLink *
anx_hub_link_new (const char *hub_url,
                  AnxCertificate *authority,
                  AnxKey *key,
                  AnxCertificate *certificate,
                  GError **error)
{
  g_return_val_if_fail (hub_url != NULL && authority != NULL && (key == NULL) == (certificate == NULL), NULL);
  int fd = anchor_open (authority, error);
  if (fd < 0)
    return NULL;
  g_autoptr (GTlsDatabase) anchor = anchor_new (fd, error);
  g_autoptr (AnxHubLink) self = link_new (hub_url, anchor);
  self->anchor_fd = fd;
  if (key != NULL && anchor != NULL)
    self->identity = identity_new (key, certificate, error);
  if (anchor == NULL || (key != NULL && self->identity == NULL))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_hub_link_new_unpinned:
 * @hub_url: `https://host:port`
 *
 * A link that believes any hub, only for fetching the authority before its pin is compared. Nothing secret may be sent over it.
 *
 * Returns: (transfer full): the link
 */
AnxHubLink *
anx_hub_link_new_unpinned (const char *hub_url)
{
  g_return_val_if_fail (hub_url != NULL, NULL);
  AnxHubLink *self = link_new (hub_url, NULL);
  self->unpinned = TRUE;
  return self;
}

static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       Request *request)
{
  request->peer_errors = errors;
  return FALSE;
}

static gboolean
on_accept_any_certificate (SoupMessage *message,
                           GTlsCertificate *certificate,
                           GTlsCertificateFlags errors,
                           gpointer data)
{
  return TRUE;
}

static void
set_untrusted (GError **error,
               GTlsCertificateFlags flags)
{
  const char *text;
  AnxSyncError code = ANX_SYNC_ERROR_UNTRUSTED;
  if (flags != 0 && (flags & ~(GTlsCertificateFlags) (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED)) == 0)
    {
      code = ANX_SYNC_ERROR_DATE;
      text = _("The hub's certificate is not valid at this machine's date. Nothing was sent; what was written is kept here. "
               "Check the machine's date and time; if they are right, tell the administrator");
    }
  else if (flags == G_TLS_CERTIFICATE_BAD_IDENTITY)
    text = _("The machine that answers is not the hub at this address. Nothing was sent; what was written is kept here. "
           "Tell the administrator");
  else
    text = _("The hub's certificate is not of this district's authority. Nothing was sent; what was written is kept here. "
           "Tell the administrator: the hub was changed, or somebody stands in between");
  g_set_error_literal (error, ANX_SYNC_ERROR, code, text);
}

/* Everything the network can do wrong becomes one of our codes; a cancelled request stays cancelled. */
static GError *
translate_error (GError *inner,
                 GTlsCertificateFlags peer_errors)
{
  GError *error = NULL;
  if (g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    error = g_error_copy (inner);
  else if (peer_errors != 0 || g_error_matches (inner, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    set_untrusted (&error, peer_errors);
  else
    g_set_error (&error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE, "The hub cannot be reached: %s", inner->message);
  return error;
}

static void
fail_request (GTask *task,
              GError *inner)
{
  Request *request = g_task_get_task_data (task);
  g_task_return_error (task, translate_error (inner, request->peer_errors));
  g_object_unref (task);
}

static void
on_body_read (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  GTask *task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (bytes == NULL)
    {
      fail_request (task, error);
      return;
    }
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  if (size > request->max_bytes - request->body->len)
    {
      g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's answer is larger than %" G_GSIZE_FORMAT " bytes",
                               request->max_bytes);
      g_object_unref (task);
      return;
    }
  if (size > 0)
    {
      g_byte_array_append (request->body, data, (guint) size);
      g_input_stream_read_bytes_async (G_INPUT_STREAM (source), READ_BYTES, G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                       on_body_read, task);
      return;
    }
  AnxHubAnswer *answer = g_new0 (AnxHubAnswer, 1);
  answer->status = soup_message_get_status (request->message);
  answer->body = g_bytes_new (request->body->data, request->body->len);
  answer->etag = g_strdup (soup_message_headers_get_one (soup_message_get_response_headers (request->message), "ETag"));
  g_task_return_pointer (task, answer, (GDestroyNotify) anx_hub_answer_free);
  g_object_unref (task);
}

static void
on_sent (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (stream == NULL)
    {
      fail_request (task, error);
      return;
    }
  g_input_stream_read_bytes_async (stream, READ_BYTES, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_body_read, task);
}

static SoupMessage *
message_new (AnxHubLink *self,
             const char *method,
             const char *path)
{
  g_autofree char *url = g_strconcat (self->base, path, NULL);
  SoupMessage *message = soup_message_new (method, url);
  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (self->unpinned)
    g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_any_certificate), NULL);
  if (self->identity != NULL)
    soup_message_set_tls_client_certificate (message, self->identity);
  return message;
}

/**
 * anx_hub_link_request_async:
 * @self: a link
 * @method: `GET`, `POST`, `PUT`
 * @path: from the root of the hub: `/v1/…`
 * @content_type: (nullable): of @body
 * @body: (nullable): what to send
 * @etag: (nullable): for If-None-Match
 * @max_bytes: the most the answer's body may hold
 * @cancellable: (nullable): to stop it
 * @callback: called once
 * @user_data: for @callback
 *
 * An answer of any status is a success here.
 */
void
anx_hub_link_request_async (AnxHubLink *self,
                            const char *method,
                            const char *path,
                            const char *content_type,
                            GBytes *body,
                            const char *etag,
                            gsize max_bytes,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (ANX_IS_HUB_LINK (self) && method != NULL && path != NULL && *path == '/');
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, anx_hub_link_request_async);
  g_task_set_check_cancellable (task, FALSE);
  SoupMessage *message = message_new (self, method, path);
  if (message == NULL)
    {
      g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE, "The hub's address is not valid");
      g_object_unref (task);
      return;
    }
  Request *request = g_new0 (Request, 1);
  request->message = message;
  request->body = g_byte_array_new ();
  request->max_bytes = max_bytes;
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  if (!self->unpinned)
    g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_certificate), request);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, content_type, body);
  if (etag != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "If-None-Match", etag);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, cancellable, on_sent, task);
}

/**
 * anx_hub_link_request_finish:
 * @self: a link
 * @result: what the callback got
 * @error: return location, %ANX_SYNC_ERROR_OFFLINE, %ANX_SYNC_ERROR_UNTRUSTED, %ANX_SYNC_ERROR_DATE, %ANX_SYNC_ERROR_INVALID, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the answer, of whatever status
 */
AnxHubAnswer *
anx_hub_link_request_finish (AnxHubLink *self,
                             GAsyncResult *result,
                             GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
drop_socket (AnxHubLink *self)
{
  g_clear_handle_id (&self->watch_id, g_source_remove);
  if (self->socket == NULL)
    return;
  g_autoptr (SoupWebsocketConnection) socket = g_steal_pointer (&self->socket);
  g_signal_handlers_disconnect_by_data (socket, self);
  if (soup_websocket_connection_get_state (socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (socket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

static void
on_socket_closed (SoupWebsocketConnection *socket,
                  AnxHubLink *self)
{
  drop_socket (self);
  g_signal_emit (self, signals[SOCKET_CHANGED], 0, FALSE);
}

static gboolean
on_watch (gpointer user_data)
{
  AnxHubLink *self = user_data;
  if (g_get_monotonic_time () - self->last_heard_usec < PONG_LOST_USEC)
    return G_SOURCE_CONTINUE;
  self->watch_id = 0;
  drop_socket (self);
  g_signal_emit (self, signals[SOCKET_CHANGED], 0, FALSE);
  return G_SOURCE_REMOVE;
}

static void
on_pong (SoupWebsocketConnection *socket,
         GBytes *payload,
         AnxHubLink *self)
{
  self->last_heard_usec = g_get_monotonic_time ();
}

static void
on_socket_message (SoupWebsocketConnection *socket,
                   SoupWebsocketDataType type,
                   GBytes *payload,
                   AnxHubLink *self)
{
  self->last_heard_usec = g_get_monotonic_time ();
  gsize size;
  const char *text = g_bytes_get_data (payload, &size);
  g_autoptr (JsonObject) message =
    type == SOUP_WEBSOCKET_DATA_TEXT ? anx_json_parse_object (text, (gssize) size, ANX_BOUND_SIGNAL_BYTES, NULL) : NULL;
  if (message != NULL)
    g_signal_emit (self, signals[MESSAGE], 0, message);
}

static void
on_socket_connected (GObject *source,
                     GAsyncResult *result,
                     gpointer user_data)
{
  g_autoptr (AnxHubLink) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) socket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->connecting);
  if (socket == NULL)
    {
      g_signal_emit (self, signals[SOCKET_CHANGED], 0, FALSE);
      return;
    }
  soup_websocket_connection_set_max_incoming_payload_size (socket, ANX_BOUND_SIGNAL_BYTES);
  soup_websocket_connection_set_keepalive_interval (socket, PING_SECONDS);
  g_signal_connect (socket, "closed", G_CALLBACK (on_socket_closed), self);
  g_signal_connect (socket, "message", G_CALLBACK (on_socket_message), self);
  g_signal_connect (socket, "pong", G_CALLBACK (on_pong), self);
  self->socket = g_steal_pointer (&socket);
  self->last_heard_usec = g_get_monotonic_time ();
  self->watch_id = g_timeout_add_seconds (PING_SECONDS, on_watch, self);
  g_signal_emit (self, signals[SOCKET_CHANGED], 0, TRUE);
}

/**
 * anx_hub_link_open_socket:
 * @self: a link with an identity
 *
 * Opens the WebSocket unless it is open or being opened. “socket-changed” tells how it went.
 */
void
anx_hub_link_open_socket (AnxHubLink *self)
{
  g_return_if_fail (ANX_IS_HUB_LINK (self) && self->identity != NULL);
  if (self->socket != NULL || self->connecting != NULL)
    return;
  g_autoptr (SoupMessage) message = message_new (self, "GET", "/v1/link");
  if (message == NULL)
    return;
  char *protocols[] = { (char *) LINK_PROTOCOL, NULL };
  self->connecting = g_cancellable_new ();
  soup_session_websocket_connect_async (self->session, message, NULL, protocols, G_PRIORITY_DEFAULT, self->connecting,
                                        on_socket_connected, g_object_ref (self));
}

/**
 * anx_hub_link_close_socket:
 * @self: a link
 *
 * Closes the WebSocket, or stops opening it. “socket-changed” is not emitted.
 */
void
anx_hub_link_close_socket (AnxHubLink *self)
{
  g_return_if_fail (ANX_IS_HUB_LINK (self));
  if (self->connecting != NULL)
    {
      g_cancellable_cancel (self->connecting);
      g_clear_object (&self->connecting);
    }
  drop_socket (self);
}

/**
 * anx_hub_link_socket_is_open:
 * @self: a link
 *
 * Returns: whether the hub can push now
 */
gboolean
anx_hub_link_socket_is_open (AnxHubLink *self)
{
  g_return_val_if_fail (ANX_IS_HUB_LINK (self), FALSE);
  return self->socket != NULL && soup_websocket_connection_get_state (self->socket) == SOUP_WEBSOCKET_STATE_OPEN;
}

/**
 * anx_hub_link_send:
 * @self: a link
 * @message: what to send; its text must stay within %ANX_BOUND_SIGNAL_BYTES
 *
 * Returns: whether it was handed to the open WebSocket; %FALSE when there is none or @message is too large
 */
gboolean
anx_hub_link_send (AnxHubLink *self,
                   JsonObject *message)
{
  g_return_val_if_fail (ANX_IS_HUB_LINK (self) && message != NULL, FALSE);
  g_autofree char *text = anx_json_object_to_text (message);
  if (!anx_hub_link_socket_is_open (self) || strlen (text) > ANX_BOUND_SIGNAL_BYTES)
    return FALSE;
  soup_websocket_connection_send_text (self->socket, text);
  return TRUE;
}
