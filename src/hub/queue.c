/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/*
 * People who came without a booking. A ticket has a number of its centre's day and no name.
 *
 *   waiting ──next──► called ──► serving ──► done
 *      ▲                 │ skip
 *      └──recall──── skipped            waiting, called, skipped ──► gone
 *
 * Q1 Numbers of a centre's day follow one another without gaps. Q2 "next" gives each ticket to one caller only, the longest waiting
 * first. Q3 Who was skipped and comes back waits before all others of the day: they were there in time.
 */

#define NAME_BYTES 64
#define MOST_TICKETS 1000
#define COLUMNS "id, number, service, state, created, changed, counsellor, room, booking"

typedef struct
{
  char *centre;
  char *service;    /* (nullable) */
  char *room;       /* (nullable) */
  char *action;     /* (nullable) */
  char *booking;    /* (nullable) */
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;
  g_free (wish->centre);
  g_free (wish->service);
  g_free (wish->room);
  g_free (wish->action);
  g_free (wish->booking);
  g_free (wish);
}

static Wish *
attach_wish (AnxRequest *request,
             JsonObject *body)
{
  Wish *wish = g_new0 (Wish, 1);
  request->data = wish;
  request->free_data = wish_free;
  wish->centre = g_strdup (anx_json_need_string (body, "centre", NAME_BYTES, NULL));
  if (json_object_has_member (body, "service"))
    wish->service = g_strdup (anx_json_need_string (body, "service", NAME_BYTES, NULL));
  if (json_object_has_member (body, "room"))
    wish->room = g_strdup (anx_json_need_string (body, "room", NAME_BYTES, NULL));
  return wish;
}

/* The day of the centre's own clock: at midnight numbers begin anew. */
static char *
day_of_centre (AnxRequest *request,
               const char *centre)
{
  JsonObject *json = anx_directory_get_centre (request->directory, centre);
  g_autoptr (GDateTime) now = anx_time_in_zone (request->now_usec, json != NULL ? anx_json_get_string (json, "timezone", "Asia/Shanghai") : "Asia/Shanghai");
  return g_date_time_format (now, "%Y-%m-%d");
}

static JsonObject *
ticket_to_json (AnxRows *rows)
{
  JsonObject *ticket = json_object_new ();
  json_object_set_string_member (ticket, "id", anx_rows_get_string (rows, 0));
  json_object_set_int_member (ticket, "number", anx_rows_get_int (rows, 1));
  json_object_set_string_member (ticket, "service", anx_rows_get_string (rows, 2));
  json_object_set_string_member (ticket, "state", anx_rows_get_string (rows, 3));
  json_object_set_int_member (ticket, "created", anx_rows_get_int (rows, 4));
  json_object_set_int_member (ticket, "changed", anx_rows_get_int (rows, 5));
  if (!anx_rows_is_null (rows, 6))
    json_object_set_string_member (ticket, "counsellor", anx_rows_get_string (rows, 6));
  if (!anx_rows_is_null (rows, 7))
    json_object_set_string_member (ticket, "room", anx_rows_get_string (rows, 7));
  if (!anx_rows_is_null (rows, 8))
    json_object_set_string_member (ticket, "booking", anx_rows_get_string (rows, 8));
  return ticket;
}

static gboolean
answer_ticket (AnxRequest *request,
               AnxDatabase *database,
               const char *id,
               int status,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT " COLUMNS " FROM ticket WHERE id = ?", "s", id);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  g_autoptr (JsonObject) ticket = ticket_to_json (rows);
  anx_request_answer_json (request, status, ticket);
  return TRUE;
}

static gboolean
run_take (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  const Wish *wish = request->data;
  g_autofree char *day = day_of_centre (request, wish->centre);
  if (!anx_database_run (database, error,
                         "INSERT INTO ticket (id, centre, day, number, service, state, created, changed)"
                         " SELECT ?1, ?2, ?3, 1 + coalesce ((SELECT max (number) FROM ticket WHERE centre = ?2 AND day = ?3), 0), ?4, 'waiting', ?5, ?5"
                         " WHERE NOT EXISTS (SELECT 1 FROM ticket WHERE id = ?1)",
                         "ssssi", request->parameter, wish->centre, day, wish->service, request->now_usec))
    return FALSE;
  gboolean made = anx_database_changes (database) > 0;
  if (!answer_ticket (request, database, request->parameter, made ? 201 : 200, error))
    return FALSE;
  anx_request_look_centre (request, "bookings", wish->centre);
  return made;
}

/**
 * anx_handle_ticket_put:
 * @request: a request
 *
 * PUT /tickets/{id}: kiosks of the centre and its staff. The same id again has the same number.
 */
void
anx_handle_ticket_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  Wish *wish = attach_wish (request, body);
  g_autoptr (AnxService) service = wish->service != NULL ? anx_slots_find_service (request->directory, wish->service) : NULL;
  if (!anx_uuid_is_valid (request->parameter) || wish->centre == NULL || service == NULL)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  gboolean kiosk = request->caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (request->caller->centre, wish->centre) == 0;
  if (!kiosk && !anx_request_caller_is (request, "staff", wish->centre))
    anx_request_refuse (request, "not-allowed");
  else
    anx_request_write (request, run_take, NULL);
}

static gboolean
run_next (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  const Wish *wish = request->data;
  g_autofree char *day = day_of_centre (request, wish->centre);
  g_autofree char *id = NULL;
  {
    g_autoptr (AnxRows) rows = anx_database_query (database, error,
        "SELECT id FROM ticket WHERE centre = ?1 AND day = ?2 AND state = 'waiting' AND (?3 IS NULL OR service = ?3) ORDER BY created, number LIMIT 1", "sss",
        wish->centre, day, wish->service);
    if (rows == NULL)
      return FALSE;
    if (anx_rows_next (rows, error))
      id = g_strdup (anx_rows_get_string (rows, 0));
  }
  if (id == NULL)
    {
      anx_request_refuse (request, "queue-empty");
      return FALSE;
    }
  if (!anx_database_run (database, error, "UPDATE ticket SET state = 'called', changed = ?, counsellor = ?, room = ? WHERE id = ?", "isss", request->now_usec,
                         request->caller->id, wish->room, id) ||
      !answer_ticket (request, database, id, 200, error))
    return FALSE;
  anx_request_look_centre (request, "bookings", wish->centre);
  return TRUE;
}

static gboolean
works_here (AnxRequest *request,
            const char *centre)
{
  return centre != NULL && request->caller->kind == ANX_PRINCIPAL_PERSON &&
         (anx_request_caller_is (request, "staff", centre) || anx_request_caller_is (request, "counsellor", centre));
}

/**
 * anx_handle_queue_next:
 * @request: a request
 *
 * POST /queue/next: staff and counsellors of the centre.
 */
void
anx_handle_queue_next (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  Wish *wish = attach_wish (request, body);
  if (wish->centre == NULL)
    anx_request_refuse (request, "malformed");
  else if (!works_here (request, wish->centre))
    anx_request_refuse (request, "not-allowed");
  else
    anx_request_write (request, run_next, NULL);
}

/* action → from which states, to which. A recall goes before those who came later, because its `created` stays. */
static const struct
{
  const char *action;
  const char *from;
  const char *to;
} STEPS[] = {
  { "skip", "called", "skipped" },          { "recall", "skipped called", "waiting" },
  { "call", "waiting skipped", "called" },  { "serve", "called waiting", "serving" },
  { "done", "serving called", "done" },     { "gone", "waiting called skipped", "gone" },
};

static gboolean
run_action (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  Wish *wish = request->data;
  g_autofree char *state = NULL;
  {
    g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT centre, state FROM ticket WHERE id = ?", "s", request->parameter);
    if (rows == NULL)
      return FALSE;
    gboolean found = anx_rows_next (rows, error);
    if (!found || !works_here (request, anx_rows_get_string (rows, 0)))
      {
        anx_request_refuse (request, "ticket-unknown");
        return FALSE;
      }
    g_free (wish->centre);
    wish->centre = g_strdup (anx_rows_get_string (rows, 0));
    state = g_strdup (anx_rows_get_string (rows, 1));
  }
  for (guint i = 0; i < G_N_ELEMENTS (STEPS); i++)
    {
      if (!g_str_equal (STEPS[i].action, wish->action))
        continue;
      g_auto (GStrv) from = g_strsplit (STEPS[i].from, " ", -1);
      gboolean same = g_str_equal (state, STEPS[i].to);
      if (!same && !g_strv_contains ((const char *const *) from, state))
        break;
      if (!same && !anx_database_run (database, error,
                                      "UPDATE ticket SET state = ?, changed = ?, counsellor = coalesce (counsellor, ?), room = coalesce (?, room),"
                                      " booking = coalesce (?, booking) WHERE id = ?", "sissss", STEPS[i].to, request->now_usec, request->caller->id, wish->room,
                                      wish->booking, request->parameter))
        return FALSE;
      if (!answer_ticket (request, database, request->parameter, 200, error))
        return FALSE;
      anx_request_look_centre (request, "bookings", wish->centre);
      return !same;
    }
  anx_request_refuse (request, "status-not-allowed");
  return FALSE;
}

/**
 * anx_handle_ticket_action:
 * @request: a request
 *
 * POST /tickets/{id}/action: call, skip, recall, serve, done, gone.
 */
void
anx_handle_ticket_action (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  Wish *wish = attach_wish (request, body);
  wish->action = g_strdup (anx_json_need_string (body, "action", NAME_BYTES, NULL));
  wish->booking = g_strdup (anx_json_get_string (body, "booking", NULL));
  if (!anx_uuid_is_valid (request->parameter) || wish->action == NULL || (wish->booking != NULL && !anx_uuid_is_valid (wish->booking)))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_action, NULL);
}

/**
 * anx_handle_queue_get:
 * @request: a request
 *
 * GET /queue: today's tickets; for the board too, since a number tells nobody who somebody is.
 */
void
anx_handle_queue_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  gboolean kiosk = request->caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (request->caller->centre, centre) == 0;
  if (centre == NULL || (!kiosk && !works_here (request, centre)))
    {
      anx_request_refuse (request, centre == NULL ? "malformed" : "not-allowed");
      return;
    }
  g_autofree char *day = day_of_centre (request, centre);
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "tickets", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, "SELECT " COLUMNS " FROM ticket WHERE centre = ? AND day = ? ORDER BY number", "ss",
                                                 centre, day);
  while (rows != NULL && json_array_get_length (list) < MOST_TICKETS && anx_rows_next (rows, &error))
    json_array_add_object_element (list, ticket_to_json (rows));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
