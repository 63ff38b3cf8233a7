/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "joins.h"

#include "handlers.h"
#include "id.h"
#include "json.h"

/* The time to send somebody a link and to sit down before it, with the session after it. */
#define JOIN_USEC (2 * G_TIME_SPAN_HOUR)
#define ID_BYTES 16
/* A second one for the same session takes the place of the first, so this is the number of sessions with a browser. */
#define MOST_JOINS 1000

static void
join_free (gpointer data)
{
  AnxJoin *join = data;
  g_free (join->counsellor);
  g_free (join->booking);
  g_free (join);
}

/**
 * anx_joins_find:
 * @hub: the hub
 * @id: what stands in the address
 * @now_usec: the time, UTC
 *
 * Returns: (transfer none) (nullable): the invitation, while it holds
 */
const AnxJoin *
anx_joins_find (AnxHub *hub,
                const char *id,
                gint64 now_usec)
{
  AnxJoin *join = hub->joins != NULL && id != NULL ? g_hash_table_lookup (hub->joins, id) : NULL;
  return join != NULL && join->until_usec > now_usec ? join : NULL;
}

static gboolean
is_over_or_same (gpointer id,
                 gpointer value,
                 gpointer user_data)
{
  const AnxJoin *join = value, *fresh = user_data;
  return join->until_usec + JOIN_USEC <= fresh->until_usec || g_str_equal (join->booking, fresh->booking);
}

static gboolean
is_counsellor_of (AnxRequest *request,
                  const char *booking)
{
  g_autoptr (AnxRows) rows
      = anx_database_query (request->hub->reader, NULL, "SELECT counsellor FROM booking WHERE id = ?", "s", booking);
  return rows != NULL && anx_rows_next (rows, NULL) && g_str_equal (anx_rows_get_string (rows, 0), request->caller->id);
}

/**
 * anx_handle_join_create:
 * @request: a request
 *
 * POST /joins: the counsellor of a booking makes the id of a browser's way into it. The one before does not answer any more.
 */
void
anx_handle_join_create (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *booking = anx_json_get_string (body, "booking", NULL);
  if (!anx_uuid_is_valid (booking))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  if (!is_counsellor_of (request, booking))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  if (request->hub->joins == NULL)
    request->hub->joins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, join_free);

  AnxJoin *join = g_new0 (AnxJoin, 1);
  join->counsellor = g_strdup (request->caller->id);
  join->booking = g_strdup (booking);
  join->until_usec = request->now_usec + JOIN_USEC;
  g_hash_table_foreach_remove (request->hub->joins, is_over_or_same, join);
  if (g_hash_table_size (request->hub->joins) >= MOST_JOINS)
    {
      join_free (join);
      anx_request_refuse (request, "busy");
      return;
    }
  guint8 random[ID_BYTES];
  anx_random_bytes (random, sizeof random);
  g_autoptr (GString) id = g_string_new (NULL);
  for (gsize i = 0; i < sizeof random; i++)
    g_string_append_printf (id, "%02x", random[i]);
  g_hash_table_insert (request->hub->joins, g_strdup (id->str), join);

  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "id", id->str);
  json_object_set_int_member (answer, "until", join->until_usec);
  anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_join_page:
 * @request: a request
 *
 * GET /join/{file}: the page for a counsellor in a browser, its script and its style, from the program itself. The page may load and
 * reach nothing that is not of this hub.
 */
void
anx_handle_join_page (AnxRequest *request)
{
  static const struct
  {
    const char *name;
    const char *content_type;
  } FILES[] = {
    { "page.html", "text/html; charset=utf-8" },
    { "page.js", "text/javascript; charset=utf-8" },
    { "trust.js", "text/javascript; charset=utf-8" },
    { "page.css", "text/css; charset=utf-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (FILES); i++)
    if (g_strcmp0 (request->parameter, FILES[i].name) == 0)
      {
        g_autofree char *path = g_strconcat ("/org/anxin/hub/page/", FILES[i].name, NULL);
        GBytes *text = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
        if (text == NULL)
          break;
        request->content_policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                                  "media-src 'self' blob: mediastream:; "
                                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        anx_request_answer_bytes (request, 200, FILES[i].content_type, text);
        return;
      }
  anx_request_refuse (request, "not-found");
}

/**
 * anx_handle_join_link:
 * @request: a request
 *
 * GET /joins/{id}/link without an upgrade to WebSocket; with one the server does not come here.
 */
void
anx_handle_join_link (AnxRequest *request)
{
  anx_request_refuse (request, anx_joins_find (request->hub, request->parameter, request->now_usec) != NULL ? "upgrade-needed" : "not-found");
}
