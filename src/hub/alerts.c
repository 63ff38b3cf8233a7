/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

#define MOST_ALERTS 1000

/* Whoever answered may talk with the room for this long; then the resident has long left. */
#define TALK_USEC (2 * ANX_USEC_PER_HOUR)

/* People who may say "I am going" for a centre: those who work there, and whoever was called from outside. */
static gboolean
may_answer (AnxDirectory *directory,
            const char *principal,
            const char *centre)
{
  static const char *const ROLES[] = { "duty", "counsellor", "staff", "lead" };
  static const char *const DISTRICT_ROLES[] = { "district-duty", "supervisor" };
  for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++)
    if (anx_hub_serves (directory, principal, ROLES[i], centre))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (DISTRICT_ROLES); i++)
    if (anx_hub_serves (directory, principal, DISTRICT_ROLES[i], NULL))
      return TRUE;
  return FALSE;
}

/* The acknowledgement can be here before the alert: both were exchanged in the centre, and the desk's line came back first. */
static gboolean
settle_early (AnxRequest *request,
              AnxDatabase *database,
              const char *alert,
              const char *centre,
              GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (
      database, &inner, "SELECT principal, created FROM alert_acknowledgement WHERE alert = ? ORDER BY created, record", "s", alert);
  g_autofree char *by = NULL;
  gint64 when = 0;
  while (by == NULL && rows != NULL && anx_rows_next (rows, &inner))
    if (may_answer (request->directory, anx_rows_get_string (rows, 0), centre))
      {
        by = g_strdup (anx_rows_get_string (rows, 0));
        when = anx_rows_get_int (rows, 1);
      }
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL && by != NULL)
    anx_database_run (database, &inner, "UPDATE alert SET acknowledged = ?, acknowledged_by = ?, due = NULL WHERE id = ?", "iss", when, by, alert);
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* A change of level can be here before its alert, too. Who may not make it is passed over: then nobody could tell yet. */
static gboolean
settle_early_levels (AnxRequest *request,
                     AnxDatabase *database,
                     const char *alert,
                     const char *centre,
                     const char *level,
                     GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autofree char *now = g_strdup (level);
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT principal, level FROM level_change WHERE alert = ? ORDER BY created, record",
                                                 "s", alert);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      const char *by = anx_rows_get_string (rows, 0), *to = anx_rows_get_string (rows, 1);
      gboolean lowers = anx_level_from_string (to) < anx_level_from_string (now);
      if (!may_answer (request->directory, by, centre) || (lowers && !anx_hub_serves (request->directory, by, "counsellor", centre)))
        continue;
      g_free (now);
      now = g_strdup (to);
    }
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL && !g_str_equal (now, level))
    anx_database_run (database, &inner, "UPDATE alert SET level = ? WHERE id = ?", "ss", now, alert);
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

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
  g_autoptr (GError) inner = NULL;
  /* Due from now, not from when it was written: one that waited for the network for hours still calls one person after the other. */
  if (!anx_database_run (database, &inner, "INSERT INTO alert (id, level, centre, room, kiosk, booking, created, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         "ssssssii", id, level, centre, room, kiosk->id, booking, created_usec, request->now_usec) ||
      !settle_early (request, database, id, centre, &inner) || !settle_early_levels (request, database, id, centre, level, &inner))
    g_propagate_error (error, g_steal_pointer (&inner));
  anx_request_look_centre (request, "alerts", centre);
  return NULL;
}

static const char *
apply_acknowledgement (AnxRequest *request,
                       AnxDatabase *database,
                       const char *id,
                       gint64 created_usec,
                       JsonObject *routing,
                       GError **error)
{
  const char *alert = anx_json_get_string (routing, "alert", NULL);
  g_autoptr (GError) inner = NULL;
  if (!anx_uuid_is_valid (alert))
    return "record-invalid";
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT centre, kiosk FROM alert WHERE id = ?", "s", alert);
  gboolean known = rows != NULL && anx_rows_next (rows, &inner);
  g_autofree char *centre = known ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
  g_autofree char *kiosk = known ? g_strdup (anx_rows_get_string (rows, 1)) : NULL;
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL && !may_answer (request->directory, request->caller->id, centre))
    return "record-not-allowed";

  /* The first acknowledgement stands; a later one is kept and changes nothing else. */
  if (inner == NULL && anx_database_run (database, &inner, "INSERT INTO alert_acknowledgement VALUES (?, ?, ?, ?, ?)", "sssii", id, alert,
                                         request->caller->id, created_usec, request->now_usec))
    anx_database_run (database, &inner,
                      "UPDATE alert SET acknowledged = ?, acknowledged_by = ?, due = NULL WHERE id = ? AND acknowledged IS NULL", "iss",
                      created_usec, request->caller->id, alert);
  anx_request_look_centre (request, "alerts", centre);
  anx_request_look (request, "alerts", kiosk);
  rows = inner == NULL ? anx_database_query (database, &inner, "SELECT principal FROM alert_call WHERE alert = ?", "s", alert) : NULL;
  while (rows != NULL && anx_rows_next (rows, &inner))
    anx_request_look (request, "alerts", anx_rows_get_string (rows, 0));
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/*
 * Levels rise by rule or by anybody who may answer the alert; only a counsellor lowers one. The reason is sealed, so that the hub sees only that.
 * Of an alert that is not here yet it is kept until it is: settle_early_levels().
 */
static const char *
apply_level_change (AnxRequest *request,
                    AnxDatabase *database,
                    const char *id,
                    gint64 created_usec,
                    JsonObject *routing,
                    GError **error)
{
  const char *alert = anx_json_get_string (routing, "alert", NULL);
  const char *level = anx_json_get_string (routing, "level", NULL);
  g_autoptr (GError) inner = NULL;
  if (!anx_uuid_is_valid (alert) ||
      (g_strcmp0 (level, "green") != 0 && g_strcmp0 (level, "yellow") != 0 && g_strcmp0 (level, "red") != 0))
    return "record-invalid";
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT centre, level FROM alert WHERE id = ?", "s", alert);
  gboolean known = rows != NULL && anx_rows_next (rows, &inner);
  g_autofree char *centre = known ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
  gboolean lowers = known && anx_level_from_string (level) < anx_level_from_string (anx_rows_get_string (rows, 1));
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL && (!may_answer (request->directory, request->caller->id, centre) ||
                        (lowers && !anx_request_caller_is (request, "counsellor", centre))))
    return "record-not-allowed";
  if (inner == NULL && anx_database_run (database, &inner, "INSERT INTO level_change VALUES (?, ?, ?, ?, ?)", "ssssi", id, alert,
                                         request->caller->id, level, created_usec))
    anx_database_run (database, &inner, "UPDATE alert SET level = ? WHERE id = ?", "ss", level, alert);
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  if (known)
    anx_request_look_centre (request, "alerts", centre);
  return NULL;
}

/**
 * anx_hub_apply_alert:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @kind: of the record; others than alerts, their acknowledgements and changes of level are left alone
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
    return apply_acknowledgement (request, database, id, created_usec, routing, error);
  if (g_str_equal (kind, ANX_KIND_LEVEL_CHANGE))
    return apply_level_change (request, database, id, created_usec, routing, error);
  return NULL;
}

/* Whoever works in the centre; from the district only those who were called about this very alert. */
static gboolean
may_see (AnxRequest *request,
         const char *centre,
         const char *called_alert,
         GError **error)
{
  static const char *const ROLES[] = { "duty", "staff", "counsellor", "lead" };
  for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++)
    if (anx_request_caller_is (request, ROLES[i], centre))
      return TRUE;
  return called_alert != NULL && anx_database_query_int (request->hub->reader, 0, error, "SELECT count(*) FROM alert_call WHERE alert = ? AND principal = ?",
                                                         "ss", called_alert, request->caller->id) > 0;
}

static void
add_calls (AnxRequest *request,
           JsonObject *alert,
           const char *id,
           GError **error)
{
  JsonArray *calls = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, error,
                                                 "SELECT principal, step, called, present FROM alert_call WHERE alert = ? ORDER BY number", "s", id);
  while (rows != NULL && anx_rows_next (rows, error))
    {
      JsonObject *call = json_object_new ();
      json_object_set_string_member (call, "principal", anx_rows_get_string (rows, 0));
      json_object_set_string_member (call, "step", anx_rows_get_string (rows, 1));
      json_object_set_int_member (call, "called", anx_rows_get_int (rows, 2));
      json_object_set_boolean_member (call, "present", anx_rows_get_int (rows, 3) != 0);
      json_array_add_object_element (calls, call);
    }
  json_object_set_array_member (alert, "calls", calls);
}

static void
add_acknowledgements (AnxRequest *request,
                      JsonObject *alert,
                      const char *id,
                      GError **error)
{
  JsonArray *list = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, error,
                                                 "SELECT principal, created FROM alert_acknowledgement WHERE alert = ? ORDER BY created, record", "s", id);
  while (rows != NULL && anx_rows_next (rows, error))
    {
      JsonObject *one = json_object_new ();
      json_object_set_string_member (one, "by", anx_rows_get_string (rows, 0));
      json_object_set_int_member (one, "at", anx_rows_get_int (rows, 1));
      json_array_add_object_element (list, one);
    }
  json_object_set_array_member (alert, "acknowledgements", list);
}

static JsonObject *
alert_to_json (AnxRequest *request,
               AnxRows *rows,
               GError **error)
{
  const char *id = anx_rows_get_string (rows, 0);
  JsonObject *alert = json_object_new ();
  json_object_set_string_member (alert, "id", id);
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
  if (!anx_rows_is_null (rows, 9))
    json_object_set_int_member (alert, "next", anx_rows_get_int (rows, 9));
  add_calls (request, alert, id, error);
  add_acknowledgements (request, alert, id, error);
  return alert;
}

/**
 * anx_hub_may_signal_for_alert:
 * @self: the hub
 * @from: the sender, a principal
 * @to: the receiver, a principal
 * @alert: an alert's record id
 * @now_usec: the time, UTC
 *
 * Returns: whether one is the kiosk that raised the alert within the last two hours, and the other somebody who has acknowledged it and still
 *   may
 */
gboolean
anx_hub_may_signal_for_alert (AnxHub *self,
                              const char *from,
                              const char *to,
                              const char *alert,
                              gint64 now_usec)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->reader, NULL,
      "SELECT alert.kiosk, alert.centre, alert_acknowledgement.principal FROM alert JOIN alert_acknowledgement ON alert_acknowledgement.alert = alert.id"
      " WHERE alert.id = ? AND alert.created > ?", "si", alert, now_usec - TALK_USEC);
  while (self->directory != NULL && rows != NULL && anx_rows_next (rows, NULL))
    {
      const char *kiosk = anx_rows_get_string (rows, 0);
      const char *person = anx_rows_get_string (rows, 2);
      gboolean sides = (g_str_equal (from, person) && g_str_equal (to, kiosk)) || (g_str_equal (from, kiosk) && g_str_equal (to, person));
      if (sides && may_answer (self->directory, person, anx_rows_get_string (rows, 1)))
        return TRUE;
    }
  return FALSE;
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
  if (request->caller->kind != ANX_PRINCIPAL_PERSON || (!may_see (request, NULL, NULL, NULL) && !anx_request_caller_is (request, "district-duty", NULL) &&
                                                        !anx_request_caller_is (request, "supervisor", NULL)))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *alerts = json_array_new ();
  json_object_set_array_member (answer, "alerts", alerts);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT id, level, centre, room, kiosk, created, acknowledged, acknowledged_by, booking, due FROM alert"
      " WHERE acknowledged IS NULL OR created > ? ORDER BY acknowledged IS NOT NULL, created DESC", "i", request->now_usec - ANX_USEC_PER_DAY);
  while (rows != NULL && error == NULL && json_array_get_length (alerts) < MOST_ALERTS && anx_rows_next (rows, &error))
    if (may_see (request, anx_rows_get_string (rows, 2), anx_rows_get_string (rows, 0), &error))
      json_array_add_object_element (alerts, alert_to_json (request, rows, &error));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
