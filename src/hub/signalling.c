/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/* Whom a session has: the kiosk, the counsellor, and who sits in by the booking. */
static gboolean
is_of_session (const char *id,
               const char *kiosk,
               const char *counsellor,
               const char *mediator)
{
  return g_str_equal (id, kiosk) || g_str_equal (id, counsellor) || g_strcmp0 (id, mediator) == 0;
}

/**
 * anx_hub_may_signal:
 * @self: the hub
 * @from: the sender, a principal
 * @to: the receiver, a principal
 * @booking: a booking's id
 * @now_usec: the time, UTC
 *
 * Returns: whether the two are of that booking (its kiosk, its counsellor, its mediator), it can be kept now and the resident is there;
 *   the counsellor may also write to the counsellor, whose desk and invited browser so find each other
 */
gboolean
anx_hub_may_signal (AnxHub *self,
                    const char *from,
                    const char *to,
                    const char *booking,
                    gint64 now_usec)
{
  static const char *const PRESENT[] = { "checked-in", "arrived", "fulfilled", NULL };
  g_autoptr (AnxRows) rows = anx_database_query (self->reader, NULL,
      "SELECT counsellor, centre, room, start, end, status, mediator FROM booking WHERE id = ?", "s", booking);
  if (self->directory == NULL || rows == NULL || !anx_rows_next (rows, NULL))
    return FALSE;
  const char *counsellor = anx_rows_get_string (rows, 0);
  const char *centre = anx_rows_get_string (rows, 1);
  /* The kiosk that stands in the room now: one that was replaced since the booking was made is not a side any more. */
  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->directory, centre, anx_rows_get_string (rows, 2));
  if (kiosk == NULL || !g_strv_contains (PRESENT, anx_rows_get_string (rows, 5)) ||
      anx_hub_keep_booking_problem (anx_rows_get_int (rows, 3), anx_rows_get_int (rows, 4), now_usec) != NULL)
    return FALSE;
  const char *mediator = anx_rows_get_string (rows, 6);
  if (g_str_equal (from, to))
    return g_str_equal (from, counsellor);
  return is_of_session (from, kiosk->id, counsellor, mediator) && is_of_session (to, kiosk->id, counsellor, mediator);
}

/* How long a relay server lets somebody in: a session with all that can delay it. A call under way is not ended by it. */
#define TURN_SECONDS (2 * 60 * 60)

static gboolean
is_relay (JsonObject *server)
{
  JsonArray *urls = anx_json_get_array (server, "urls");
  for (guint i = 0; urls != NULL && i < json_array_get_length (urls); i++)
    {
      JsonNode *url = json_array_get_element (urls, i);
      if (JSON_NODE_HOLDS_VALUE (url) && json_node_get_value_type (url) == G_TYPE_STRING && g_str_has_prefix (json_node_get_string (url), "turn"))
        return TRUE;
    }
  return FALSE;
}

/*
 * The way coturn calls use-auth-secret (draft-uberti-behave-turn-rest-00 section 2.2): the name is the time it ends at, and the password follows
 * from it. What stands behind the time is drawn anew for each answer, so that the relay's journal names nobody.
 */
static JsonObject *
make_relay (AnxHub *self,
            JsonObject *server,
            gint64 now_usec)
{
  JsonObject *relay = json_object_new ();
  json_object_set_array_member (relay, "urls", json_array_ref (json_object_get_array_member (server, "urls")));
  g_autofree char *nobody = anx_uuid_new (now_usec);
  g_autofree char *username = g_strdup_printf ("%" G_GINT64_FORMAT ":%s", now_usec / G_USEC_PER_SEC + TURN_SECONDS, nobody);
  const char *secret = self->config->turn_secret;
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) secret, strlen (secret));
  g_hmac_update (hmac, (const guchar *) username, -1);
  guint8 digest[20];
  gsize length = sizeof digest;
  g_hmac_get_digest (hmac, digest, &length);
  g_autofree char *credential = g_base64_encode (digest, length);
  json_object_set_string_member (relay, "username", username);
  json_object_set_string_member (relay, "credential", credential);
  return relay;
}

/**
 * anx_handle_ice:
 * @request: a request
 *
 * GET /ice. With a shared secret, a relay server's name and password are made for this answer and hold for two hours.
 */
void
anx_handle_ice (AnxRequest *request)
{
  JsonArray *known = request->hub->config->ice;
  JsonArray *servers = json_array_new ();
  for (guint i = 0; i < json_array_get_length (known); i++)
    {
      JsonObject *server = json_array_get_object_element (known, i);
      json_array_add_object_element (servers, request->hub->config->turn_secret != NULL && is_relay (server)
                                                ? make_relay (request->hub, server, request->now_usec)
                                                : json_object_ref (server));
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_array_member (answer, "servers", servers);
  anx_request_answer_json (request, 200, answer);
}
