/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"

#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/* What can be read about bookings: free slots, lists, histories. */

#define BOOKINGS_A_PAGE 2000
#define MOST_CHANGES 500

/* --- free slots --- */

/* What a kiosk or desk can sell by itself is not free for others, but it is for this one. */
static gboolean
add_leases (AnxRequest *request,
            const AnxSlotQuery *query,
            JsonArray *slots,
            GError **error)
{
  AnxSlotView view = anx_booking_request_view (request, request->hub->reader);
  g_autoptr (JsonArray) leases = anx_ledger_list_leases (&view, request->caller->id, query->service, query->from_usec, query->to_usec, error);
  for (guint i = 0; leases != NULL && i < json_array_get_length (leases); i++)
    {
      JsonObject *lease = json_array_get_object_element (leases, i);
      const char *counsellor = anx_json_get_string (lease, "counsellor", "");
      if ((query->room == NULL || g_str_equal (query->room, anx_json_get_string (lease, "room", ""))) &&
          g_strcmp0 (query->centre, request->caller->centre) == 0 && (query->counsellor == NULL || g_str_equal (query->counsellor, counsellor)))
        json_array_add_object_element (slots, json_object_ref (lease));
    }
  return leases != NULL;
}

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  gint64 x = anx_json_get_int (json_node_get_object (*(JsonNode *const *) a), "start", 0);
  gint64 y = anx_json_get_int (json_node_get_object (*(JsonNode *const *) b), "start", 0);
  return (x > y) - (x < y);
}

static JsonArray *
sort_slots (JsonArray *slots,
            guint most)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  for (guint i = 0; i < json_array_get_length (slots); i++)
    g_ptr_array_add (nodes, json_array_get_element (slots, i));
  g_ptr_array_sort (nodes, compare_starts);
  JsonArray *sorted = json_array_new ();
  for (guint i = 0; i < nodes->len && i < most; i++)
    json_array_add_element (sorted, json_node_copy (g_ptr_array_index (nodes, i)));
  return sorted;
}

#define MOST_SLOTS 500

/**
 * anx_handle_slots:
 * @request: a request
 *
 * GET /slots.
 */
void
anx_handle_slots (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  g_autofree char *service = anx_request_get_query (request, "service");
  g_autofree char *counsellor = anx_request_get_query (request, "counsellor");
  g_autofree char *room = anx_request_get_query (request, "room");
  g_autofree char *once = anx_request_get_query (request, "once");
  AnxSlotQuery query = { .centre = centre, .service = service, .counsellor = counsellor, .room = room, .most = MOST_SLOTS };
  query.once = g_strcmp0 (once, "true") == 0;
  if (centre == NULL || service == NULL || !anx_request_get_query_int (request, "from", request->now_usec, &query.from_usec) ||
      !anx_request_get_query_int (request, "to", query.from_usec + 14 * ANX_USEC_PER_DAY, &query.to_usec) ||
      query.to_usec < query.from_usec || query.to_usec - query.from_usec > ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  query.staff = anx_request_caller_is (request, "staff", centre);
  /* Staff may put a walk-in into what is left of a session somebody missed, so that it is shown as well. */
  query.from_usec = MAX (query.from_usec, request->now_usec - (query.staff ? ANX_USEC_PER_HOUR : 0));
  AnxSlotView view = anx_booking_request_view (request, request->hub->reader);
  g_autoptr (JsonArray) slots = query.to_usec > query.from_usec ? anx_slots_search (&view, &query, &error) : json_array_new ();
  if (slots == NULL || !add_leases (request, &query, slots, &error))
    {
      anx_request_refuse_store (request, error);
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_array_member (answer, "slots", sort_slots (slots, MOST_SLOTS));
  anx_request_answer_json (request, 200, answer);
}

/* --- lists --- */

/* The centres for which the caller, or a group of the caller's, has @role. */
static GPtrArray *
list_own_centres (AnxRequest *request,
                  const char *role)
{
  GPtrArray *centres = g_ptr_array_new ();
  const AnxPrincipal *caller = request->caller;
  if (caller->centre != NULL && caller->roles != NULL && g_strv_contains (caller->roles, role))
    g_ptr_array_add (centres, (gpointer) caller->centre);
  g_auto (GStrv) groups = anx_directory_list_groups_of (request->directory, caller->id);
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    {
      const AnxPrincipal *group = anx_directory_get_principal (request->directory, groups[i]);
      if (group != NULL && group->active && group->centre != NULL && group->roles != NULL && g_strv_contains (group->roles, role) &&
          !g_ptr_array_find_with_equal_func (centres, group->centre, g_str_equal, NULL))
        g_ptr_array_add (centres, (gpointer) group->centre);
    }
  return centres;
}

#define SELECT_BOOKING "SELECT " ANX_BOOKING_COLUMNS " FROM booking "
/* After the last row of the page before: starts may be equal, ids are not. */
#define ON_THE_PAGE " AND start BETWEEN ?2 AND ?3 AND (start, id) > (?4, ?5)"

/* Each part has an index of its own; together, and each row once, in the order of the pages. */
static AnxRows *
query_bookings (AnxRequest *request,
                gint64 from_usec,
                gint64 to_usec,
                gint64 after_usec,
                const char *after_id,
                GError **error)
{
  const AnxPrincipal *caller = request->caller;
  AnxDatabase *reader = request->hub->reader;
  gint64 limit = BOOKINGS_A_PAGE + 1;
  if (caller->kind == ANX_PRINCIPAL_KIOSK)
    return anx_database_query (reader, error, SELECT_BOOKING "WHERE centre = ?1" ON_THE_PAGE " AND room = ?6 ORDER BY start, id LIMIT ?7", "siiissi",
                               caller->centre, from_usec, to_usec, after_usec, after_id, caller->room, limit);
  g_autoptr (GPtrArray) centres = list_own_centres (request, "staff");
  g_autoptr (JsonArray) names = json_array_new ();
  for (guint i = 0; i < centres->len; i++)
    json_array_add_string_element (names, g_ptr_array_index (centres, i));
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), names);
  g_autofree char *text = json_to_string (node, FALSE);
  return anx_database_query (reader, error,
                             SELECT_BOOKING "WHERE centre IN (SELECT value FROM json_each (?6))" ON_THE_PAGE " UNION " SELECT_BOOKING
                             "WHERE counsellor = ?1" ON_THE_PAGE " UNION " SELECT_BOOKING "WHERE mediator IS NOT NULL AND mediator = ?1" ON_THE_PAGE
                             " ORDER BY start, id LIMIT ?7", "siiissi", caller->id, from_usec, to_usec, after_usec, after_id, text, limit);
}

/* "<start>-<id>" of the last booking of the page before. */
static gboolean
read_after (AnxRequest *request,
            gint64 *out_start_usec,
            char **out_id)
{
  g_autofree char *after = anx_request_get_query (request, "after");
  *out_start_usec = G_MININT64;
  *out_id = g_strdup ("");
  if (after == NULL)
    return TRUE;
  char *end = NULL;
  *out_start_usec = g_ascii_strtoll (after, &end, 10);
  if (end == after || *end != '-' || !anx_uuid_is_valid (end + 1))
    return FALSE;
  g_free (*out_id);
  *out_id = g_strdup (end + 1);
  return TRUE;
}

/**
 * anx_handle_booking_list:
 * @request: a request
 *
 * GET /bookings: a page of them; where `next` stands in the answer, the next page is asked for with `after`.
 */
void
anx_handle_booking_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *after_id = NULL;
  gint64 from = 0, to = 0, after = 0;
  if (!anx_request_get_query_int (request, "from", request->now_usec - ANX_USEC_PER_DAY, &from) ||
      !anx_request_get_query_int (request, "to", from + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY, &to) || to < from ||
      !read_after (request, &after, &after_id))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "bookings", list);
  g_autoptr (AnxBooking) last = NULL;
  g_autoptr (AnxRows) rows = query_bookings (request, from, to, after, after_id, &error);
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      if (json_array_get_length (list) == BOOKINGS_A_PAGE)
        {
          g_autofree char *next = g_strdup_printf ("%" G_GINT64_FORMAT "-%s", last->start_usec, last->id);
          json_object_set_string_member (answer, "next", next);
          break;
        }
      g_clear_pointer (&last, anx_booking_free);
      last = anx_booking_from_row (rows);
      json_array_add_object_element (list, anx_booking_to_json (last));
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_booking_history:
 * @request: a request
 *
 * GET /bookings/{id}/history: who, when, what, why.
 */
void
anx_handle_booking_history (AnxRequest *request)
{
  AnxDatabase *reader = request->hub->reader;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxBooking) booking = anx_ledger_find (reader, request->parameter, &error);
  if (error == NULL && (booking == NULL || !anx_booking_request_is_theirs (request, booking)))
    {
      anx_request_refuse (request, "booking-unknown");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "changes", list);
  g_autoptr (AnxRows) rows = error != NULL ? NULL : anx_database_query (reader, &error,
      "SELECT at, who, what, status, start, counsellor, room, reason FROM booking_change WHERE booking = ? ORDER BY number", "s", request->parameter);
  while (rows != NULL && json_array_get_length (list) < MOST_CHANGES && anx_rows_next (rows, &error))
    {
      JsonObject *change = json_object_new ();
      json_object_set_int_member (change, "at", anx_rows_get_int (rows, 0));
      json_object_set_string_member (change, "who", anx_rows_get_string (rows, 1));
      json_object_set_string_member (change, "what", anx_rows_get_string (rows, 2));
      json_object_set_string_member (change, "status", anx_rows_get_string (rows, 3));
      json_object_set_int_member (change, "start", anx_rows_get_int (rows, 4));
      json_object_set_string_member (change, "counsellor", anx_rows_get_string (rows, 5));
      json_object_set_string_member (change, "room", anx_rows_get_string (rows, 6));
      if (!anx_rows_is_null (rows, 7))
        json_object_set_string_member (change, "reason", anx_rows_get_string (rows, 7));
      json_array_add_object_element (list, change);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
