/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "handlers.h"
#include "hub.h"

#define MOST_PLACES 1000

static gboolean
add_places (AnxRequest *request,
            gint64 after,
            gint64 limit,
            JsonObject *answer,
            GError **error)
{
  JsonArray *places = json_array_new ();
  json_object_set_array_member (answer, "places", places);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner,
                                                 "SELECT place, digest FROM record WHERE author = ? AND place > ? ORDER BY place LIMIT ?",
                                                 "sii", request->caller->id, after, limit + 1);
  gboolean more = FALSE;
  while (!more && rows != NULL && anx_rows_next (rows, &inner))
    {
      more = json_array_get_length (places) == limit;
      if (more)
        break;
      JsonObject *place = json_object_new ();
      json_object_set_int_member (place, "place", anx_rows_get_int (rows, 0));
      json_object_set_string_member (place, "digest", anx_rows_get_string (rows, 1));
      json_array_add_object_element (places, place);
    }
  json_object_set_boolean_member (answer, "more", more);
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
add_head (AnxRequest *request,
          JsonObject *answer,
          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner,
                                                 "SELECT place, id, digest FROM record WHERE author = ? ORDER BY place DESC LIMIT 1", "s",
                                                 request->caller->id);
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      JsonObject *head = json_object_new ();
      json_object_set_int_member (head, "place", anx_rows_get_int (rows, 0));
      json_object_set_string_member (head, "id", anx_rows_get_string (rows, 1));
      json_object_set_string_member (head, "digest", anx_rows_get_string (rows, 2));
      json_object_set_object_member (answer, "head", head);
    }
  g_clear_pointer (&rows, anx_rows_free);
  gint64 count = inner == NULL ? anx_database_query_int (request->hub->reader, 0, &inner, "SELECT count(*) FROM record WHERE author = ?", "s",
                                                         request->caller->id)
                               : 0;
  json_object_set_int_member (answer, "count", count);
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/**
 * anx_handle_chain:
 * @request: a request
 *
 * GET /chain: what is held of the caller's own chain, so that it can offer again what a restored backup lost, and learn where its chain
 * ends when its own database was lost.
 */
void
anx_handle_chain (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  gint64 after = 0, limit = 0;
  if (!anx_request_get_query_int (request, "after", 0, &after) || !anx_request_get_query_int (request, "limit", MOST_PLACES, &limit) ||
      limit < 1)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  if (add_head (request, answer, &error) && add_places (request, after, MIN (limit, MOST_PLACES), answer, &error))
    anx_request_answer_json (request, 200, answer);
  else
    anx_request_refuse_store (request, error);
}
