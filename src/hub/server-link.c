/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server-private.h"

#include <string.h>

#include "bounds.h"
#include "id.h"
#include "joins.h"
#include "json.h"
#include "router.h"

/* Signals waiting for one peer; a session needs some dozens at its start. */
#define MOST_SIGNALS 256
#define LINKS_OF_PRINCIPAL 8

static const char *const LOOKS[] = { "inbox", "bookings", "alerts", "referrals", "directory" };

static void
leave_topics (AnxConnection *connection)
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
join_topics (AnxConnection *connection)
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

/**
 * anx_connection_leave_link:
 * @connection: a connection; nothing happens when it is none of the link
 */
void
anx_connection_leave_link (AnxConnection *connection)
{
  if (connection->principal == NULL)
    return;
  leave_topics (connection);
  g_clear_pointer (&connection->principal, g_free);
  g_clear_pointer (&connection->join, g_free);
  connection->server->links--;
}

static void
push_signal (AnxConnection *connection,
             const char *text)
{
  if (g_queue_get_length (&connection->signals) >= MOST_SIGNALS)
    {
      /* A peer that does not read; the link carries no state, so it can come back. */
      anx_connection_kill (connection);
      return;
    }
  g_queue_push_tail (&connection->signals, g_bytes_new (text, strlen (text)));
  lws_callback_on_writable (connection->wsi);
}

static void
push_object (AnxConnection *connection,
             JsonObject *object)
{
  g_autofree char *text = anx_json_object_to_text (object);
  push_signal (connection, text);
}

static void
tell_failed (AnxConnection *connection,
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
pass_signal (AnxConnection *connection,
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
      AnxConnection *peer = g_ptr_array_index (members, i);
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

/**
 * anx_connection_take_message:
 * @connection: a link
 * @data: a piece of a message
 * @length: its bytes
 *
 * Passes a complete message on; at most %ANX_BOUND_SIGNAL_BYTES.
 *
 * Returns: 0, or -1 when the link is to be closed: the peer does not keep to the protocol
 */
int
anx_connection_take_message (AnxConnection *connection,
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
write_text (AnxConnection *connection,
            const char *text,
            gsize length)
{
  g_autofree unsigned char *buffer = g_malloc (LWS_PRE + length);
  memcpy (buffer + LWS_PRE, text, length);
  return lws_write (connection->wsi, buffer + LWS_PRE, length, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

/**
 * anx_connection_write_link:
 * @connection: a link that can be written to
 *
 * Writes one message: signals first, in their order, then what to look at.
 *
 * Returns: 0, or -1 when the link is to be closed
 */
int
anx_connection_write_link (AnxConnection *connection)
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

/**
 * anx_connection_confirm_upgrade:
 * @connection: that asks to become a link
 *
 * Returns: 0 lets the upgrade proceed, 1 after a refusal was written, -1 when the connection is to be closed
 */
int
anx_connection_confirm_upgrade (AnxConnection *connection)
{
  AnxServer *self = connection->server;
  struct lws *wsi = connection->wsi;
  g_autoptr (AnxRequest) request = anx_request_new (self->hub);
  char path[128] = "", protocol[64] = "";
  const char *slug = NULL;

  if (lws_hdr_copy (wsi, path, sizeof path, WSI_TOKEN_GET_URI) <= 0)
    slug = "not-found";
  if (slug == NULL)
    slug = anx_connection_find_route (request, "GET", path);
  const AnxJoin *join = NULL;
  if (slug == NULL && g_str_equal (request->route->pattern, "/v1/joins/{id}/link"))
    {
      join = anx_joins_find (self->hub, request->parameter, request->now_usec);
      slug = join == NULL ? "not-found" : NULL;
    }
  else if (slug == NULL && !g_str_equal (request->route->pattern, "/v1/link"))
    slug = "not-found";
  if (slug == NULL)
    slug = anx_connection_check_caller (connection, request);
  if (slug == NULL && (lws_hdr_copy (wsi, protocol, sizeof protocol, WSI_TOKEN_PROTOCOL) <= 0 || strstr (protocol, ANX_LINK_PROTOCOL) == NULL))
    slug = "upgrade-needed";
  if (slug == NULL && self->drain_until_usec != 0)
    slug = "busy";
  if (slug == NULL)
    {
      const char *principal = join != NULL ? join->counsellor : request->caller->id;
      GPtrArray *own = g_hash_table_lookup (self->topics, principal);
      if (own != NULL && own->len >= LINKS_OF_PRINCIPAL)
        anx_connection_kill (g_ptr_array_index (own, 0));
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
  gboolean written = anx_connection_write_head (connection) == 0 && lws_write (wsi, buffer + LWS_PRE, size, LWS_WRITE_HTTP_FINAL) >= 0;
  connection->request = NULL;
  return written ? 1 : -1;
}

/**
 * anx_connection_begin_link:
 * @connection: upgraded
 *
 * Returns: 0, or -1 when the link is to be closed
 */
int
anx_connection_begin_link (AnxConnection *connection)
{
  if (connection->principal == NULL || connection->server->hub->directory == NULL)
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
          AnxConnection *connection = g_ptr_array_index (members, i);
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
      AnxConnection *connection = value;
      if (connection->phase != PHASE_LINK || connection->principal == NULL)
        continue;
      leave_topics (connection);
      const AnxPrincipal *invited = connection->join != NULL ? anx_directory_get_principal (self->hub->directory, connection->principal) : NULL;
      if (connection->join != NULL ? invited != NULL && invited->active
                                   : anx_hub_identify (self->hub, connection->certificate, g_get_real_time (), &slug) != NULL)
        join_topics (connection);
      else
        anx_connection_kill (connection);
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
      AnxConnection *connection = g_ptr_array_index (members, i);
      /* A browser in a session is not a desk that hears an alarm. */
      if (connection->join == NULL && g_strcmp0 (connection->principal, principal) == 0)
        return TRUE;
    }
  return FALSE;
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
