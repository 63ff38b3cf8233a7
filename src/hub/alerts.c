/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

#define MOST_ALERTS 1000

static const char *
apply_new (AnxRequest *request,
           AnxDatabase *database,
           const char *id,
           gint64 created_usec,
           JsonObject *routing,
           GError **error)
{
  const AnxPrincipal *kiosk = request->caller;
  const char *level = anx_json_get_string (routing, "level", NULL);
  const char *centre = anx_json_get_string (routing, "centre", NULL);
  const char *room = anx_json_get_string (routing, "room", NULL);
  const char *booking = anx_json_get_string (routing, "booking", NULL);
  if ((g_strcmp0 (level, "yellow") != 0 && g_strcmp0 (level, "red") != 0) || centre == NULL || (booking != NULL && !anx_uuid_is_valid (booking)))
    return "record-invalid";
  if (kiosk->kind != ANX_PRINCIPAL_KIOSK || g_strcmp0 (kiosk->centre, centre) != 0)
    return "record-not-allowed";
  /* An alert is never refused for a detail such as an unknown room: it must reach the duty officer. */
  anx_database_run (database, error, "INSERT INTO alert (id, level, centre, room, kiosk, booking, created) VALUES (?, ?, ?, ?, ?, ?, ?)", "ssssssi",
                    id, level, centre, room, kiosk->id, booking, created_usec);
  anx_request_look_centre (request, "alerts", centre);
  return NULL;
}

static const char *
apply_acknowledgement (AnxRequest *request,
                       AnxDatabase *database,
                       gint64 created_usec,
                       JsonObject *routing,
                       GError **error)
{
  const char *alert = anx_json_get_string (routing, "alert", NULL);
  if (!anx_uuid_is_valid (alert))
    return "record-invalid";
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT centre, kiosk FROM alert WHERE id = ?", "s", alert);
  if (rows == NULL || !anx_rows_next (rows, error))
    return "record-not-allowed";
  g_autofree char *centre = g_strdup (anx_rows_get_string (rows, 0));
  g_autofree char *kiosk = g_strdup (anx_rows_get_string (rows, 1));
  g_clear_pointer (&rows, anx_rows_free);
  if (!anx_request_caller_is (request, "duty", centre) && !anx_request_caller_is (request, "counsellor", centre) &&
      !anx_request_caller_is (request, "staff", centre))
    return "record-not-allowed";
  /* The first acknowledgement stands; a later one is kept as a record and changes nothing here. */
  anx_database_run (database, error, "UPDATE alert SET acknowledged = ?, acknowledged_by = ? WHERE id = ? AND acknowledged IS NULL", "iss",
                    created_usec, request->caller->id, alert);
  anx_request_look_centre (request, "alerts", centre);
  anx_request_look (request, "alerts", kiosk);
  return NULL;
}

/**
 * anx_hub_apply_alert:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @kind: of the record; others than alerts and their acknowledgements are left alone
 * @id: of the record
 * @created_usec: when it was written, not after now
 * @routing: its clear routing fields
 * @error: return location, of the database only
 *
 * Keeps the table of alerts in step with the records.
 *
 * Returns: (nullable): the problem for which the record must be refused
 */
const char *
anx_hub_apply_alert (AnxRequest *request,
                     AnxDatabase *database,
                     const char *kind,
                     const char *id,
                     gint64 created_usec,
                     JsonObject *routing,
                     GError **error)
{
  if (g_str_equal (kind, ANX_KIND_ALERT))
    return apply_new (request, database, id, created_usec, routing, error);
  if (g_str_equal (kind, ANX_KIND_ALERT_ACKNOWLEDGEMENT))
    return apply_acknowledgement (request, database, created_usec, routing, error);
  return NULL;
}

static gboolean
concerns_caller (AnxRequest *request,
                 const char *centre)
{
  return anx_request_caller_is (request, "duty", centre) || anx_request_caller_is (request, "staff", centre) ||
         anx_request_caller_is (request, "counsellor", centre);
}

/**
 * anx_handle_alerts:
 * @request: a request
 *
 * GET /alerts.
 */
void
anx_handle_alerts (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  if (!concerns_caller (request, NULL))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *alerts = json_array_new ();
  json_object_set_array_member (answer, "alerts", alerts);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT id, level, centre, room, kiosk, created, acknowledged, acknowledged_by, booking FROM alert"
      " WHERE acknowledged IS NULL OR created > ? ORDER BY acknowledged IS NOT NULL, created DESC", "i", request->now_usec - ANX_USEC_PER_DAY);
  while (rows != NULL && json_array_get_length (alerts) < MOST_ALERTS && anx_rows_next (rows, &error))
    {
      if (!concerns_caller (request, anx_rows_get_string (rows, 2)))
        continue;
      JsonObject *alert = json_object_new ();
      json_object_set_string_member (alert, "id", anx_rows_get_string (rows, 0));
      json_object_set_string_member (alert, "level", anx_rows_get_string (rows, 1));
      json_object_set_string_member (alert, "centre", anx_rows_get_string (rows, 2));
      if (!anx_rows_is_null (rows, 3))
        json_object_set_string_member (alert, "room", anx_rows_get_string (rows, 3));
      json_object_set_string_member (alert, "kiosk", anx_rows_get_string (rows, 4));
      json_object_set_int_member (alert, "created", anx_rows_get_int (rows, 5));
      if (!anx_rows_is_null (rows, 6))
        {
          json_object_set_int_member (alert, "acknowledged", anx_rows_get_int (rows, 6));
          json_object_set_string_member (alert, "acknowledgedBy", anx_rows_get_string (rows, 7));
        }
      if (!anx_rows_is_null (rows, 8))
        json_object_set_string_member (alert, "booking", anx_rows_get_string (rows, 8));
      json_array_add_object_element (alerts, alert);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
