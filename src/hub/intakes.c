/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "intake.h"
#include "json.h"

/*
 * Cases from outside: a hotline, a grid worker, an alarm. The sender's machine seals them to the staff of the centre; here is only for which
 * centre, from where, how urgent, and what has become of it. The clock is that of a referral: taken on within the time in which a department
 * has to accept one, closed within the time for its feedback.
 */

#define MOST_INTAKES 1000
/* Closed ones stay in sight of the staff for so long. */
#define SHOWN_USEC (7 * G_TIME_SPAN_DAY)
#define SELECT_INTAKE "SELECT id, centre, source, urgency, received, taken, taken_by, closed, outcome, author FROM intake "

static const char *const OUTCOMES[] = { "booked", "reached", "not-reached", "elsewhere", NULL };

/* Each of them is of the staff of that very centre; a group of another one would read what is not its own. */
static gboolean
reaches_staff (AnxDirectory *directory,
               const char *const *recipients,
               const char *centre)
{
  gboolean group = FALSE;
  for (gsize i = 0; recipients != NULL && recipients[i] != NULL; i++)
    {
      const AnxPrincipal *reader = anx_directory_get_principal (directory, recipients[i]);
      if (reader == NULL || !reader->active || !anx_directory_has_role (directory, recipients[i], "staff", centre))
        return FALSE;
      group = TRUE;
    }
  return group;
}

/**
 * anx_hub_apply_intake:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @header: of the record; other kinds are left alone
 * @error: return location, of the database only
 *
 * A case is due from when it came, whatever the sender's clock says. More than `intakes-per-hour` of one sender are "too-many-requests",
 * for the whole request: it is sent again later.
 *
 * Returns: (nullable): the problem for which the record must be refused
 */
const char *
anx_hub_apply_intake (AnxRequest *request,
                      AnxDatabase *database,
                      AnxRecordHeader *header,
                      GError **error)
{
  JsonObject *routing = anx_record_header_get_routing (header);
  const char *centre = anx_json_get_string (routing, "centre", NULL);
  const char *source = anx_json_get_string (routing, "source", NULL);
  const char *urgency = anx_json_get_string (routing, "urgency", NULL);
  AnxIntakeSource unused_source;
  AnxUrgency unused_urgency;
  g_autoptr (GError) inner = NULL;
  if (!g_str_equal (anx_record_header_get_kind (header), ANX_KIND_INTAKE))
    return NULL;
  if (centre == NULL || anx_directory_get_centre (request->directory, centre) == NULL || anx_record_header_get_predecessor (header) != NULL ||
      !anx_intake_source_from_string (source, &unused_source) || urgency == NULL || !anx_urgency_from_string (urgency, &unused_urgency))
    return "record-invalid";
  /* A sender with a centre of its own hands in for that one alone. */
  if ((request->caller->centre != NULL && !g_str_equal (request->caller->centre, centre)) ||
      !reaches_staff (request->directory, anx_record_header_get_recipients (header), centre))
    return "record-not-allowed";
  gint64 lately = anx_database_query_int (database, 0, &inner, "SELECT count(*) FROM intake WHERE author = ? AND received > ?", "si", request->caller->id,
                                          request->now_usec - ANX_USEC_PER_HOUR);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  if (lately >= request->hub->config->intakes_per_hour)
    return "too-many-requests";
  if (!anx_database_run (database, error, "INSERT INTO intake (id, author, centre, source, urgency, received) VALUES (?, ?, ?, ?, ?, ?)", "sssssi",
                         anx_record_header_get_id (header), request->caller->id, centre, source, urgency, request->now_usec))
    return NULL;
  anx_request_look_centre (request, "bookings", centre);
  return NULL;
}

/* The sender learns that somebody looks after it, and when; not who, and not what came of it. */
static JsonObject *
intake_to_json (AnxRequest *request,
                AnxRows *rows,
                gboolean staff)
{
  static const char *const NAMES[] = { "id", "centre", "source", "urgency" };
  JsonObject *object = json_object_new ();
  AnxUrgency urgency = ANX_URGENCY_IMMEDIATE;
  gboolean taken = !anx_rows_is_null (rows, 5);
  gboolean closed = !anx_rows_is_null (rows, 7);
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    json_object_set_string_member (object, NAMES[i], anx_rows_get_string (rows, (int) i));
  anx_urgency_from_string (anx_rows_get_string (rows, 3), &urgency);
  json_object_set_string_member (object, "status", closed ? "closed" : taken ? "taken-on" : "received");
  json_object_set_int_member (object, "received", anx_rows_get_int (rows, 4));
  if (taken)
    json_object_set_int_member (object, "taken", anx_rows_get_int (rows, 5));
  if (closed)
    json_object_set_int_member (object, "closed", anx_rows_get_int (rows, 7));
  else
    {
      gint64 due = anx_referral_due_usec (request->hub->limits, urgency, taken ? "accepted" : "requested", taken ? "3.0" : "2.0",
                                          anx_rows_get_int (rows, 4), request->hub->calendar);
      json_object_set_int_member (object, "due", due);
      json_object_set_string_member (object, "light", anx_level_to_string (anx_referral_light (request->hub->limits, urgency, due, request->now_usec)));
    }
  if (!staff)
    return object;
  json_object_set_string_member (object, "from", anx_rows_get_string (rows, 9));
  if (taken)
    json_object_set_string_member (object, "takenBy", anx_rows_get_string (rows, 6));
  if (closed)
    json_object_set_string_member (object, "outcome", anx_rows_get_string (rows, 8));
  return object;
}

/**
 * anx_handle_intake_list:
 * @request: a request
 *
 * GET /intakes: to a sender its own, the newest first; to staff those of their centre that are open or were closed within a week.
 */
void
anx_handle_intake_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  gboolean staff = centre != NULL;
  if (!anx_request_caller_is (request, staff ? "staff" : "intake", centre))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "intakes", list);
  g_autoptr (AnxRows) rows
    = staff ? anx_database_query (request->hub->reader, &error, SELECT_INTAKE "WHERE centre = ? AND (closed IS NULL OR closed > ?) ORDER BY received", "si",
                                  centre, request->now_usec - SHOWN_USEC)
            : anx_database_query (request->hub->reader, &error, SELECT_INTAKE "WHERE author = ? ORDER BY received DESC", "s", request->caller->id);
  while (rows != NULL && json_array_get_length (list) < MOST_INTAKES && anx_rows_next (rows, &error))
    json_array_add_object_element (list, intake_to_json (request, rows, staff));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

/* The same again changes nothing. A colleague's case stays the colleague's, but any of the staff may close it. */
static gboolean
may_act (AnxRequest *request,
         const char *taken_by,
         const char *closed_with,
         const char *outcome)
{
  if (outcome != NULL)
    return closed_with == NULL || g_str_equal (closed_with, outcome);
  return closed_with == NULL && (taken_by == NULL || g_str_equal (taken_by, request->caller->id));
}

static gboolean
run_action (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  const char *outcome = request->data;
  g_autofree char *centre
    = anx_request_find_centre (request, database, "SELECT centre FROM intake WHERE id = ?", "staff", NULL, "intake-unknown", error);
  if (centre == NULL)
    return FALSE;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT taken_by, outcome FROM intake WHERE id = ?", "s", request->parameter);
  gboolean fits = rows != NULL && anx_rows_next (rows, &inner) && may_act (request, anx_rows_get_string (rows, 0), anx_rows_get_string (rows, 1), outcome);
  g_clear_pointer (&rows, anx_rows_free);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!fits)
    {
      anx_request_refuse (request, "intake-not-allowed");
      return FALSE;
    }
  if (!anx_database_run (database, error,
                         "UPDATE intake SET taken = coalesce(taken, ?1), taken_by = coalesce(taken_by, ?2),"
                         " closed = CASE WHEN ?3 IS NULL THEN closed ELSE coalesce(closed, ?1) END, outcome = coalesce(outcome, ?3) WHERE id = ?4",
                         "isss", request->now_usec, request->caller->id, outcome, request->parameter))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look_centre (request, "bookings", centre);
  return TRUE;
}

/**
 * anx_handle_intake_action:
 * @request: a request
 *
 * POST /intakes/{id}/action: `{"action":"take"}`, or `{"action":"close","outcome"}`, which takes it on as well.
 */
void
anx_handle_intake_action (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *action = anx_json_get_string (body, "action", "");
  const char *outcome = anx_json_get_string (body, "outcome", NULL);
  gboolean closes = g_str_equal (action, "close");
  if (!anx_uuid_is_valid (request->parameter) || (!closes && !g_str_equal (action, "take")) || closes != (outcome != NULL) ||
      (closes && !g_strv_contains (OUTCOMES, outcome)))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  request->data = g_strdup (outcome);
  request->free_data = g_free;
  anx_request_write (request, run_action, NULL);
}
