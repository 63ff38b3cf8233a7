/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "json.h"

/*
 * What a counsellor asks a booked resident to fill in, offered when they check in: the id of a questionnaire and nothing else. And
 * counts of what happened at kiosks without a trace of who.
 */

#define MAX_ID_CHARS 64

typedef struct
{
  char *questionnaire; /* empty: none any more */
  char *kind;
  gint64 number;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;
  g_free (wish->questionnaire);
  g_free (wish->kind);
  g_free (wish);
}

static gboolean
is_word (const char *text)
{
  return strlen (text) <= MAX_ID_CHARS && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (text);
}

typedef struct
{
  gboolean found;
  gboolean counsellor; /* the caller is the booking's */
  gboolean kiosk;      /* the caller is a kiosk of the booking's centre */
} Standing;

static gboolean
look_up (AnxRequest *request,
         AnxDatabase *database,
         Standing *out_standing,
         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT counsellor, centre FROM booking WHERE id = ?", "s", request->parameter);
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      out_standing->found = TRUE;
      out_standing->counsellor = g_strcmp0 (anx_rows_get_string (rows, 0), request->caller->id) == 0;
      out_standing->kiosk = request->caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (anx_rows_get_string (rows, 1), request->caller->centre) == 0;
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/**
 * anx_handle_assignment_get:
 * @request: a request
 *
 * GET /bookings/{id}/assignment.
 */
void
anx_handle_assignment_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  Standing standing = { 0 };
  g_autoptr (JsonObject) answer = json_object_new ();
  if (!look_up (request, request->hub->reader, &standing, &error))
    {
      anx_request_refuse_store (request, error);
      return;
    }
  /* Who may not know of the booking is not told that there is one. */
  if (!standing.counsellor && !standing.kiosk)
    {
      anx_request_refuse (request, "booking-unknown");
      return;
    }
  g_autoptr (AnxRows) rows
      = anx_database_query (request->hub->reader, &error, "SELECT questionnaire, given FROM assignment WHERE booking = ?", "s", request->parameter);
  if (rows != NULL && anx_rows_next (rows, &error))
    {
      json_object_set_string_member (answer, "questionnaire", anx_rows_get_string (rows, 0));
      json_object_set_int_member (answer, "given", anx_rows_get_int (rows, 1));
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_put (AnxRequest *request,
         AnxDatabase *database,
         GError **error)
{
  const Wish *wish = request->data;
  Standing standing = { 0 };
  gboolean away = *wish->questionnaire == '\0';
  if (!look_up (request, database, &standing, error))
    return FALSE;
  /* A kiosk only says that it was done. */
  if (!standing.counsellor && !(standing.kiosk && away))
    {
      anx_request_refuse (request, standing.kiosk ? "not-allowed" : "booking-unknown");
      return FALSE;
    }
  if (away ? !anx_database_run (database, error, "DELETE FROM assignment WHERE booking = ?", "s", request->parameter)
           : !anx_database_run (database, error,
                                "INSERT INTO assignment VALUES (?, ?, ?) ON CONFLICT (booking) DO UPDATE SET questionnaire = excluded.questionnaire,"
                                " given = excluded.given",
                                "ssi", request->parameter, wish->questionnaire, request->now_usec))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  return TRUE;
}

/**
 * anx_handle_assignment_put:
 * @request: a request
 *
 * PUT /bookings/{id}/assignment.
 */
void
anx_handle_assignment_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *questionnaire = anx_json_get_string (body, "questionnaire", NULL);
  if (questionnaire == NULL || !is_word (questionnaire))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Wish *wish = g_new0 (Wish, 1);
  wish->questionnaire = g_strdup (questionnaire);
  request->data = wish;
  request->free_data = wish_free;
  anx_request_write (request, run_put, NULL);
}

/* The day of the centre's own clock. */
static char *
day_here (AnxRequest *request)
{
  JsonObject *centre = anx_directory_get_centre (request->directory, request->caller->centre);
  g_autoptr (GDateTime) now = anx_time_in_zone (request->now_usec, centre != NULL ? anx_json_get_string (centre, "timezone", "Asia/Shanghai") : "Asia/Shanghai");
  return g_date_time_format (now, "%F");
}

static gboolean
run_count (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  const Wish *wish = request->data;
  g_autofree char *day = day_here (request);
  if (!anx_database_run (database, error,
                         "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (centre, day, kind) DO UPDATE SET number = number + excluded.number", "sssi",
                         request->caller->centre, day, wish->kind, wish->number))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  return TRUE;
}

/**
 * anx_handle_count_post:
 * @request: a request
 *
 * POST /counts.
 */
void
anx_handle_count_post (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  if (request->caller->kind != ANX_PRINCIPAL_KIOSK || request->caller->centre == NULL)
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  gint64 number = 0;
  const char *kind = anx_json_get_string (body, "kind", "");
  if (*kind == '\0' || !is_word (kind) || !anx_json_need_int (body, "number", 1, 1000, &number, NULL))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Wish *wish = g_new0 (Wish, 1);
  wish->kind = g_strdup (kind);
  wish->number = number;
  request->data = wish;
  request->free_data = wish_free;
  anx_request_write (request, run_count, NULL);
}

#define MOST_COUNTS 5000

/**
 * anx_handle_count_list:
 * @request: a request
 *
 * GET /counts.
 */
void
anx_handle_count_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  if (centre == NULL || (!anx_request_caller_is (request, "staff", centre) && !anx_request_caller_is (request, "counsellor", centre)
                         && !anx_request_caller_is (request, "administrator", NULL)))
    {
      anx_request_refuse (request, centre == NULL ? "malformed" : "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "counts", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
                                                 "SELECT day, kind, number FROM tally WHERE centre = ? ORDER BY day DESC, kind", "s", centre);
  while (rows != NULL && json_array_get_length (list) < MOST_COUNTS && anx_rows_next (rows, &error))
    {
      JsonObject *count = json_object_new ();
      json_object_set_string_member (count, "day", anx_rows_get_string (rows, 0));
      json_object_set_string_member (count, "kind", anx_rows_get_string (rows, 1));
      json_object_set_int_member (count, "number", anx_rows_get_int (rows, 2));
      json_array_add_object_element (list, count);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
