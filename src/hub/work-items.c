/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "handlers.h"
#include "hub.h"
#include "json.h"

/* What somebody at the centre has to look at: written by the ledger, taken off the list by a person. */

#define MOST_ITEMS 1000

/**
 * anx_handle_work_list:
 * @request: a request
 *
 * GET /work-items: open ones of a centre, for its staff and counsellors.
 */
void
anx_handle_work_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  if (centre == NULL || (!anx_request_caller_is (request, "staff", centre) && !anx_request_caller_is (request, "counsellor", centre)))
    {
      anx_request_refuse (request, centre == NULL ? "malformed" : "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "items", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT id, kind, booking, kiosk, created FROM work_item WHERE centre = ? AND done IS NULL ORDER BY created, id", "s", centre);
  while (rows != NULL && json_array_get_length (list) < MOST_ITEMS && anx_rows_next (rows, &error))
    {
      JsonObject *item = json_object_new ();
      json_object_set_string_member (item, "id", anx_rows_get_string (rows, 0));
      json_object_set_string_member (item, "kind", anx_rows_get_string (rows, 1));
      if (!anx_rows_is_null (rows, 2))
        json_object_set_string_member (item, "booking", anx_rows_get_string (rows, 2));
      if (!anx_rows_is_null (rows, 3))
        json_object_set_string_member (item, "kiosk", anx_rows_get_string (rows, 3));
      json_object_set_int_member (item, "created", anx_rows_get_int (rows, 4));
      json_array_add_object_element (list, item);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_done (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  g_autofree char *centre =
    anx_request_find_centre (request, database, "SELECT centre FROM work_item WHERE id = ?", "staff", "counsellor", "work-unknown", error);
  if (centre == NULL)
    return FALSE;
  if (!anx_database_run (database, error, "UPDATE work_item SET done = ?, done_by = ? WHERE id = ? AND done IS NULL", "iss", request->now_usec,
                         request->caller->id, request->parameter))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look_centre (request, "bookings", centre);
  return TRUE;
}

/**
 * anx_handle_work_done:
 * @request: a request
 *
 * POST /work-items/{id}/done.
 */
void
anx_handle_work_done (AnxRequest *request)
{
  anx_request_write_by_id (request, run_done);
}
