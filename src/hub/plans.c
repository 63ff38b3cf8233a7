/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "appointment.h"
#include "handlers.h"
#include "hub.h"
#include "json.h"

/* Working plans: who works when. slots.c makes slots of them. */

#define PLAN_BYTES (64 * 1024)

/**
 * anx_handle_plan_list:
 * @request: a request
 *
 * GET /plans.
 */
void
anx_handle_plan_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *plans = json_array_new ();
  json_object_set_array_member (answer, "plans", plans);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, "SELECT body FROM plan ORDER BY counsellor", "");
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      JsonObject *plan = anx_json_parse_object (anx_rows_get_string (rows, 0), -1, PLAN_BYTES, NULL);
      if (plan != NULL)
        json_array_add_object_element (plans, plan);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_plan (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  const char *body = request->data;
  if (!anx_database_run (database, error, "INSERT INTO plan VALUES (?, ?, ?) ON CONFLICT (counsellor) DO UPDATE SET body = excluded.body, changed = excluded.changed",
                         "ssi", request->parameter, body, request->now_usec) ||
      !anx_database_run (database, error, "DELETE FROM plan_centre WHERE counsellor = ?", "s", request->parameter) ||
      !anx_database_run (database, error, "INSERT OR IGNORE INTO plan_centre SELECT value, ? FROM json_each (?, '$.centres')", "ss", request->parameter, body))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look (request, "bookings", "*");
  return TRUE;
}

/* Staff may write the plans of those who work at their centre; it must be at least one of the plan's. */
static gboolean
may_plan (AnxRequest *request,
          JsonObject *plan)
{
  if (g_strcmp0 (request->caller->id, request->parameter) == 0 || anx_request_caller_is (request, "administrator", NULL))
    return TRUE;
  JsonArray *centres = anx_json_get_array (plan, "centres");
  for (guint i = 0; centres != NULL && i < json_array_get_length (centres); i++)
    {
      JsonNode *node = json_array_get_element (centres, i);
      const char *centre = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      if (centre != NULL && anx_request_caller_is (request, "staff", centre))
        return TRUE;
    }
  return FALSE;
}

static gboolean
works (AnxDirectory *directory,
       const char *id)
{
  const AnxPrincipal *person = anx_directory_get_principal (directory, id);
  return person != NULL && person->active && anx_hub_serves (directory, id, "counsellor", NULL);
}

/**
 * anx_handle_plan_put:
 * @request: a request
 *
 * PUT /plans/{counsellor}.
 */
void
anx_handle_plan_put (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  if (!may_plan (request, body))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (AnxPlan) plan = anx_plan_parse (body, &error);
  if (plan == NULL || g_strcmp0 (anx_plan_get_counsellor (plan), request->parameter) != 0 ||
      !works (request->directory, request->parameter))
    {
      anx_request_refuse (request, "plan-invalid");
      return;
    }
  request->data = anx_json_object_to_text (body);
  request->free_data = g_free;
  anx_request_write (request, run_plan, NULL);
}
