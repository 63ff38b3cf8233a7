/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "handlers.h"
#include "hub.h"
#include "json.h"
#include "referral.h"
#include "small-cells.h"

/*
 * What a district looks at: how many referrals went where and how they ended, and whether answers came in time. Everything follows from
 * the routing headers. Overdue ones with names and times are in GET /referrals, which a supervisor gets whole.
 */

#define MOST_ROWS 100000
#define SPAN_USEC (400 * G_TIME_SPAN_DAY)
/* A share of fewer than so many could point at one person; it is given in steps of so many percent. */
#define SHARE_LEAST 20
#define SHARE_STEP 5

enum
{
  OPEN,
  COMPLETED,
  DECLINED,
  FORWARDED,
  FAILED,
  WITHDRAWN,
  ALL,
  N_COLUMNS,
};

static const char *const COLUMNS[N_COLUMNS] = { "open", "completed", "declined", "forwarded", "failed", "withdrawn", "all" };

typedef struct
{
  gint64 cells[N_COLUMNS];
  gint64 answered;         /* accepted or ended otherwise, or its time is over */
  gint64 answered_in_time;
  gint64 ended;            /* with a feedback, or its time is over */
  gint64 ended_in_time;
} Figures;

static guint
find_column (const char *status,
             gboolean forwarded)
{
  if (g_str_equal (status, "completed"))
    return COMPLETED;
  if (g_str_equal (status, "rejected"))
    return forwarded ? FORWARDED : DECLINED;
  if (g_str_equal (status, "failed"))
    return FAILED;
  return anx_referral_is_final (status) ? WITHDRAWN : OPEN;
}

/* Withdrawn ones say nothing about how fast a department is. */
static void
count (Figures *figures,
       AnxHub *hub,
       AnxRows *rows,
       gint64 now_usec)
{
  AnxUrgency urgency = ANX_URGENCY_IMMEDIATE;
  const char *status = anx_rows_get_string (rows, 2);
  gint64 requested = anx_rows_get_int (rows, 3);
  gboolean ended = !anx_rows_is_null (rows, 5);
  gint64 closed = anx_rows_get_int (rows, 5);
  gint64 accepted = !anx_rows_is_null (rows, 4) ? anx_rows_get_int (rows, 4) : closed;
  guint column = find_column (status, !anx_rows_is_null (rows, 6));

  anx_urgency_from_string (anx_rows_get_string (rows, 1), &urgency);
  gint64 accept_due = anx_referral_due_usec (hub->limits, urgency, "requested", "2.0", requested, hub->calendar);
  gint64 feedback_due = anx_referral_due_usec (hub->limits, urgency, "accepted", "3.0", requested, hub->calendar);
  figures->cells[column]++;
  figures->cells[ALL]++;
  if (column == WITHDRAWN)
    return;
  gboolean answered = accepted > 0;
  figures->answered += answered || now_usec >= accept_due;
  figures->answered_in_time += answered && accepted <= accept_due;
  figures->ended += ended || now_usec >= feedback_due;
  figures->ended_in_time += ended && closed <= feedback_due;
}

static void
add (Figures *sum,
     const Figures *more)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    sum->cells[i] += more->cells[i];
  sum->answered += more->answered;
  sum->answered_in_time += more->answered_in_time;
  sum->ended += more->ended;
  sum->ended_in_time += more->ended_in_time;
}

static void
set_share (JsonObject *object,
           const char *member,
           gint64 part,
           gint64 whole)
{
  if (whole < SHARE_LEAST)
    json_object_set_null_member (object, member);
  else
    json_object_set_int_member (object, member, (part * 100 / whole + SHARE_STEP / 2) / SHARE_STEP * SHARE_STEP);
}

static JsonObject *
figures_to_json (const Figures *figures,
                 const gint64 *cells,
                 const char *id)
{
  JsonObject *object = json_object_new ();
  if (id != NULL)
    json_object_set_string_member (object, "id", id);
  for (guint i = 0; i < N_COLUMNS; i++)
    if (cells[i] == ANX_SMALL_CELLS_HIDDEN)
      json_object_set_null_member (object, COLUMNS[i]);
    else
      json_object_set_int_member (object, COLUMNS[i], cells[i]);
  set_share (object, "answeredInTime", figures->answered_in_time, figures->answered);
  set_share (object, "feedbackInTime", figures->ended_in_time, figures->ended);
  return object;
}

static JsonArray *
table_to_json (GHashTable *table,
               Figures *total,
               JsonObject **out_total)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) g_strcmp0);
  guint rows = g_list_length (ids) + 1;
  g_autofree gint64 *cells = g_new0 (gint64, rows * N_COLUMNS);
  guint row = 0;
  for (GList *l = ids; l != NULL; l = l->next, row++)
    {
      const Figures *figures = g_hash_table_lookup (table, l->data);
      add (total, figures);
      memcpy (cells + row * N_COLUMNS, figures->cells, sizeof figures->cells);
    }
  memcpy (cells + row * N_COLUMNS, total->cells, sizeof total->cells);
  anx_small_cells_hide (cells, rows, N_COLUMNS);
  row = 0;
  for (GList *l = ids; l != NULL; l = l->next, row++)
    json_array_add_object_element (array, figures_to_json (g_hash_table_lookup (table, l->data), cells + row * N_COLUMNS, l->data));
  *out_total = figures_to_json (total, cells + row * N_COLUMNS, NULL);
  return array;
}

static Figures *
ensure_row (GHashTable *table,
            const char *id)
{
  Figures *figures = g_hash_table_lookup (table, id);
  if (figures == NULL)
    g_hash_table_insert (table, g_strdup (id), figures = g_new0 (Figures, 1));
  return figures;
}

/**
 * anx_handle_supervision:
 * @request: a request
 *
 * GET /supervision: the figures of the district by department, of the referrals requested in a span of time, for supervisors. By centre
 * there are none: together with those by department the small ones could be worked out.
 */
void
anx_handle_supervision (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  gint64 from = 0, to = 0;
  if (!anx_request_caller_is (request, "supervisor", NULL))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  if (!anx_request_get_query_int (request, "from", request->now_usec - 90 * G_TIME_SPAN_DAY, &from) ||
      !anx_request_get_query_int (request, "to", request->now_usec, &to) || from >= to || to - from > SPAN_USEC)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  g_autoptr (GHashTable) departments = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  guint n = 0;
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT addressee, urgency, status, requested, accepted, closed, forward FROM referral"
      " WHERE requested >= ? AND requested < ?", "ii", from, to);
  while (rows != NULL && n++ < MOST_ROWS && anx_rows_next (rows, &error))
    count (ensure_row (departments, anx_rows_get_string (rows, 0)), request->hub, rows, request->now_usec);
  if (error != NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  Figures total = { 0 };
  JsonObject *sum = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_int_member (answer, "from", from);
  json_object_set_int_member (answer, "to", to);
  json_object_set_array_member (answer, "departments", table_to_json (departments, &total, &sum));
  json_object_set_object_member (answer, "total", sum);
  anx_request_answer_json (request, 200, answer);
}
