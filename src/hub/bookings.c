/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "slots.h"
#include "store-error.h"
#include "text.h"

/*
 *  B1 No two bookings that stand hold one cell: the table's primary key refuses the second (schema.c).
 *  B2 A claim with an id that is already there changes nothing: it is answered with that booking if it is the same claim.
 *  B3 A booking that is cancelled, missed or entered in error holds no cell.
 */

#define BOOKING_COLUMNS "id, service, counsellor, centre, room, kiosk, start, end, status, changed"
#define SELECT_BOOKING "SELECT " BOOKING_COLUMNS ", code_hash FROM booking "
#define MOST_BOOKINGS 2000
#define ALTERNATIVES 6
#define NAME_BYTES 64
#define KEEP_USEC (12 * ANX_USEC_PER_HOUR)

typedef struct
{
  char *service;
  char *counsellor;
  char *centre;
  char *room;
  char *kiosk; /* (nullable) */
  gint64 start_usec;
  gint64 end_usec;
  char *code_hash; /* (nullable) */
  char *status;    /* (nullable) */
  AnxService *details;
} Claim;

static void
claim_free (gpointer data)
{
  Claim *claim = data;
  g_free (claim->service);
  g_free (claim->counsellor);
  g_free (claim->centre);
  g_free (claim->room);
  g_free (claim->kiosk);
  g_free (claim->code_hash);
  g_free (claim->status);
  g_clear_pointer (&claim->details, anx_service_free);
  g_free (claim);
}

static Claim *
attach_claim (AnxRequest *request)
{
  Claim *claim = g_new0 (Claim, 1);
  request->data = claim;
  request->free_data = claim_free;
  return claim;
}

static void
set_nullable (JsonObject *object,
              const char *member,
              const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, member, value);
  else
    json_object_set_null_member (object, member);
}

static JsonObject *
booking_to_json (AnxRows *rows)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "id", anx_rows_get_string (rows, 0));
  json_object_set_string_member (object, "service", anx_rows_get_string (rows, 1));
  json_object_set_string_member (object, "counsellor", anx_rows_get_string (rows, 2));
  json_object_set_string_member (object, "centre", anx_rows_get_string (rows, 3));
  json_object_set_string_member (object, "room", anx_rows_get_string (rows, 4));
  set_nullable (object, "kiosk", anx_rows_get_string (rows, 5));
  json_object_set_int_member (object, "start", anx_rows_get_int (rows, 6));
  json_object_set_int_member (object, "end", anx_rows_get_int (rows, 7));
  json_object_set_string_member (object, "status", anx_rows_get_string (rows, 8));
  json_object_set_int_member (object, "changed", anx_rows_get_int (rows, 9));
  return object;
}

/* The hub keeps no code key, only its digest: a copy of the database opens no booking. NULL when @key is no code key. */
static char *
hash_code_key (const char *key)
{
  if (key == NULL || strlen (key) != 64 || strspn (key, "0123456789abcdef") != 64)
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (key, 64);
  return anx_sha256_hex (bytes);
}

static void
look_at_booking (AnxRequest *request,
                 const char *counsellor,
                 const char *centre,
                 const char *kiosk)
{
  anx_request_look (request, "bookings", counsellor);
  anx_request_look (request, "bookings", kiosk);
  anx_request_look_centre (request, "bookings", centre);
}

/* Claiming */

/* 1 answered, 0 there is none, -1 with @error. */
static int
answer_earlier_claim (AnxRequest *request,
                      AnxDatabase *database,
                      GError **error)
{
  Claim *claim = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_BOOKING "WHERE id = ?", "s", request->parameter);
  if (rows == NULL)
    return -1;
  if (!anx_rows_next (rows, &inner))
    {
      if (inner != NULL)
        g_propagate_error (error, g_steal_pointer (&inner));
      return inner != NULL || (error != NULL && *error != NULL) ? -1 : 0;
    }
  if (g_strcmp0 (anx_rows_get_string (rows, 1), claim->service) == 0 && g_strcmp0 (anx_rows_get_string (rows, 2), claim->counsellor) == 0 &&
      g_strcmp0 (anx_rows_get_string (rows, 3), claim->centre) == 0 && g_strcmp0 (anx_rows_get_string (rows, 4), claim->room) == 0 &&
      anx_rows_get_int (rows, 6) == claim->start_usec && g_strcmp0 (anx_rows_get_string (rows, 10), claim->code_hash) == 0)
    {
      g_autoptr (JsonObject) booking = booking_to_json (rows);
      anx_request_answer_json (request, 200, booking);
    }
  else
    anx_request_refuse (request, "booking-differs");
  return 1;
}

static gboolean
occupy (AnxRequest *request,
        AnxDatabase *database,
        const char *resource,
        GError **error)
{
  Claim *claim = request->data;
  gint64 first = 0, last = 0;
  anx_service_get_cells (claim->details, claim->start_usec, &first, &last);
  for (gint64 cell = first; cell <= last; cell++)
    if (!anx_database_run (database, error, "INSERT INTO cell VALUES (?, ?, ?)", "sis", resource, cell, request->parameter))
      return FALSE;
  return TRUE;
}

static gboolean
occupy_all (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  Claim *claim = request->data;
  g_autofree char *counsellor = anx_slots_counsellor_resource (claim->counsellor);
  g_autofree char *room = anx_slots_room_resource (claim->centre, claim->room);
  g_autofree char *kiosk = claim->kiosk != NULL ? anx_slots_kiosk_resource (claim->kiosk) : NULL;
  return occupy (request, database, counsellor, error) && occupy (request, database, room, error) &&
         (kiosk == NULL || !claim->details->video || occupy (request, database, kiosk, error));
}

static gboolean
run_claim (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  Claim *claim = request->data;
  g_autoptr (GError) inner = NULL;
  int earlier = answer_earlier_claim (request, database, error);
  if (earlier != 0)
    return FALSE;
  gboolean offered = anx_slots_is_offered (request->directory, database, request->hub->calendar, claim->details, claim->centre, claim->counsellor,
                                           claim->room, claim->start_usec, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!offered || claim->start_usec < request->now_usec)
    {
      anx_request_refuse (request, "slot-not-offered");
      return FALSE;
    }
  if (!anx_database_run (database, error, "INSERT INTO booking VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'booked', ?, ?)", "ssssssiiis", request->parameter,
                         claim->service, claim->counsellor, claim->centre, claim->room, claim->kiosk, claim->start_usec, claim->end_usec,
                         request->now_usec, claim->code_hash))
    return FALSE;
  if (!occupy_all (request, database, &inner))
    {
      if (g_error_matches (inner, ANX_STORE_ERROR, ANX_STORE_ERROR_CONSTRAINT))
        anx_request_refuse (request, "slot-taken");
      else
        g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }

  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_BOOKING "WHERE id = ?", "s", request->parameter);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  g_autoptr (JsonObject) booking = booking_to_json (rows);
  anx_request_answer_json (request, 201, booking);
  look_at_booking (request, claim->counsellor, claim->centre, claim->kiosk);
  return TRUE;
}

/* The loser is told what is still free, after the winner's commit, so that nothing just taken is offered again. */
static void
finish_claim (AnxRequest *request)
{
  Claim *claim = request->data;
  if (g_strcmp0 (request->slug, "slot-taken") != 0)
    return;
  AnxSlotQuery query = {
    .centre = claim->centre,
    .service = claim->service,
    .room = request->caller->kind == ANX_PRINCIPAL_KIOSK ? claim->room : NULL,
    .from_usec = MAX (request->now_usec, claim->start_usec - 2 * ANX_USEC_PER_HOUR),
    .to_usec = claim->start_usec + 7 * ANX_USEC_PER_DAY,
    .calendar = request->hub->calendar,
    .most = ALTERNATIVES,
  };
  JsonArray *alternatives = anx_slots_search (request->directory, request->hub->reader, &query, NULL);
  gsize size = 0;
  const char *text = g_bytes_get_data (request->answer, &size);
  g_autoptr (JsonObject) problem = anx_json_parse_object (text, (gssize) size, ANX_BOUND_REQUEST_BYTES, NULL);
  if (problem == NULL || alternatives == NULL)
    {
      g_clear_pointer (&alternatives, json_array_unref);
      return;
    }
  json_object_set_array_member (problem, "alternatives", alternatives);
  char *whole = anx_json_object_to_text (problem);
  g_clear_pointer (&request->answer, g_bytes_unref);
  request->answer = g_bytes_new_take (whole, strlen (whole));
}

/**
 * anx_handle_booking_put:
 * @request: a request
 *
 * PUT /bookings/{id}.
 */
void
anx_handle_booking_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *service = anx_json_need_string (body, "service", NAME_BYTES, NULL);
  const char *counsellor = anx_json_need_string (body, "counsellor", NAME_BYTES, NULL);
  const char *centre = anx_json_need_string (body, "centre", NAME_BYTES, NULL);
  const char *room = anx_json_need_string (body, "room", NAME_BYTES, NULL);
  g_autofree char *hash = hash_code_key (anx_json_get_string (body, "codeKey", NULL));
  gint64 start = 0;
  if (!anx_uuid_is_valid (request->parameter) || service == NULL || counsellor == NULL || centre == NULL || room == NULL || hash == NULL ||
      !anx_json_need_int (body, "start", 1, G_MAXINT64 / 4, &start, NULL))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  const AnxPrincipal *caller = request->caller;
  gboolean own_kiosk =
      caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (caller->centre, centre) == 0 && g_strcmp0 (caller->room, room) == 0;
  if (!own_kiosk && !anx_request_caller_is (request, "staff", centre))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  AnxService *details = anx_slots_find_service (request->directory, service);
  if (details == NULL || start > request->now_usec + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      g_clear_pointer (&details, anx_service_free);
      anx_request_refuse (request, "slot-not-offered");
      return;
    }

  const AnxPrincipal *kiosk = anx_hub_find_kiosk (request->directory, centre, room);
  Claim *claim = attach_claim (request);
  claim->details = details;
  claim->service = g_strdup (service);
  claim->counsellor = g_strdup (counsellor);
  claim->centre = g_strdup (centre);
  claim->room = g_strdup (room);
  claim->kiosk = kiosk != NULL ? g_strdup (kiosk->id) : NULL;
  claim->start_usec = start;
  claim->end_usec = start + details->minutes * ANX_USEC_PER_MINUTE;
  claim->code_hash = g_steal_pointer (&hash);
  anx_request_write (request, run_claim, finish_claim);
}

/* Reading */

static void
add_bookings (AnxRows *rows,
              GHashTable *seen,
              JsonArray *list,
              GError **error)
{
  while (rows != NULL && anx_rows_next (rows, error))
    if (json_array_get_length (list) < MOST_BOOKINGS && g_hash_table_add (seen, g_strdup (anx_rows_get_string (rows, 0))))
      json_array_add_object_element (list, booking_to_json (rows));
}

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

/**
 * anx_handle_booking_list:
 * @request: a request
 *
 * GET /bookings.
 */
void
anx_handle_booking_list (AnxRequest *request)
{
  AnxDatabase *reader = request->hub->reader;
  const AnxPrincipal *caller = request->caller;
  g_autoptr (GError) error = NULL;
  gint64 from = 0, to = 0;
  if (!anx_request_get_query_int (request, "from", request->now_usec - ANX_USEC_PER_DAY, &from) ||
      !anx_request_get_query_int (request, "to", from + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY, &to) || to < from)
    {
      anx_request_refuse (request, "malformed");
      return;
    }

  g_autoptr (JsonObject) answer = json_object_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "bookings", list);
  if (caller->kind == ANX_PRINCIPAL_KIOSK)
    {
      g_autoptr (AnxRows) rows = anx_database_query (reader, &error, SELECT_BOOKING "WHERE centre = ? AND room = ? AND start BETWEEN ? AND ? ORDER BY start",
                                                     "ssii", caller->centre, caller->room, from, to);
      add_bookings (rows, seen, list, &error);
    }
  else
    {
      g_autoptr (GPtrArray) centres = list_own_centres (request, "staff");
      for (guint i = 0; i < centres->len && error == NULL; i++)
        {
          g_autoptr (AnxRows) rows = anx_database_query (reader, &error, SELECT_BOOKING "WHERE centre = ? AND start BETWEEN ? AND ? ORDER BY start",
                                                         "sii", (const char *) g_ptr_array_index (centres, i), from, to);
          add_bookings (rows, seen, list, &error);
        }
      g_autoptr (AnxRows) own = error != NULL ? NULL : anx_database_query (reader, &error,
          SELECT_BOOKING "WHERE counsellor = ? AND start BETWEEN ? AND ? ORDER BY start", "sii", caller->id, from, to);
      if (error == NULL)
        add_bookings (own, seen, list, &error);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

/* Changing */

/* Sets the status of the booking @rows stands at, and answers with it. FALSE: refused, unchanged, or @error. */
static gboolean
change_status (AnxRequest *request,
               AnxDatabase *database,
               AnxRows *rows,
               const char *status,
               GError **error)
{
  const char *from = anx_rows_get_string (rows, 8);
  g_autoptr (JsonObject) booking = booking_to_json (rows);
  g_autofree char *id = g_strdup (anx_rows_get_string (rows, 0));
  if (g_str_equal (from, status))
    {
      anx_request_answer_json (request, 200, booking);
      return FALSE;
    }
  if (!anx_appointment_status_may_follow (from, status))
    {
      anx_request_refuse (request, "status-not-allowed");
      return FALSE;
    }
  if (!anx_database_run (database, error, "UPDATE booking SET status = ?, changed = ? WHERE id = ?", "sis", status, request->now_usec, id))
    return FALSE;
  if ((g_str_equal (status, "cancelled") || g_str_equal (status, "noshow") || g_str_equal (status, "entered-in-error")) &&
      !anx_database_run (database, error, "DELETE FROM cell WHERE booking = ?", "s", id)) /* B3 */
    return FALSE;
  json_object_set_string_member (booking, "status", status);
  json_object_set_int_member (booking, "changed", request->now_usec);
  anx_request_answer_json (request, 200, booking);
  look_at_booking (request, anx_json_get_string (booking, "counsellor", NULL), anx_json_get_string (booking, "centre", NULL),
                   anx_json_get_string (booking, "kiosk", NULL));
  return TRUE;
}

static gboolean
run_status (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  Claim *claim = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_BOOKING "WHERE id = ?", "s", request->parameter);
  if (rows == NULL)
    return FALSE;
  gboolean found = anx_rows_next (rows, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  gboolean by_code = found && request->caller->kind == ANX_PRINCIPAL_KIOSK && claim->code_hash != NULL &&
                     g_strcmp0 (claim->code_hash, anx_rows_get_string (rows, 10)) == 0;
  gboolean by_role = found && request->caller->kind == ANX_PRINCIPAL_PERSON &&
                     (g_strcmp0 (request->caller->id, anx_rows_get_string (rows, 2)) == 0 ||
                      anx_request_caller_is (request, "staff", anx_rows_get_string (rows, 3)));
  if (!by_code && !by_role)
    {
      /* The same for "is not there" and "is not yours", so that nobody can search for ids. */
      anx_request_refuse (request, "booking-unknown");
      return FALSE;
    }
  return change_status (request, database, rows, claim->status, error);
}

/**
 * anx_handle_booking_status:
 * @request: a request
 *
 * POST /bookings/{id}/status.
 */
void
anx_handle_booking_status (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *status = anx_json_need_string (body, "status", NAME_BYTES, NULL);
  const char *key = anx_json_get_string (body, "codeKey", NULL);
  g_autofree char *hash = hash_code_key (key);
  if (status == NULL || !anx_uuid_is_valid (request->parameter) || (key != NULL && hash == NULL))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Claim *claim = attach_claim (request);
  claim->status = g_strdup (status);
  claim->code_hash = g_steal_pointer (&hash);
  anx_request_write (request, run_status, NULL);
}

/* The booking of a code: one that stands before one that is over, then the latest. */
#define SELECT_BY_CODE \
  SELECT_BOOKING "WHERE code_hash = ? ORDER BY status IN ('cancelled', 'noshow', 'entered-in-error'), start DESC LIMIT 1"

/* Kiosk and staff; the slug of a refusal, or NULL with the claim attached. */
static const char *
take_code (AnxRequest *request)
{
  if (request->caller->kind != ANX_PRINCIPAL_KIOSK && !anx_request_caller_is (request, "staff", NULL))
    return "not-allowed";
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return "malformed";
  g_autofree char *hash = hash_code_key (anx_json_get_string (body, "codeKey", NULL));
  if (hash == NULL)
    return "malformed";
  attach_claim (request)->code_hash = g_steal_pointer (&hash);
  return NULL;
}

/**
 * anx_hub_keep_booking_problem:
 * @start_usec: its start, UTC
 * @end_usec: its end, UTC
 * @now_usec: the time, UTC
 *
 * A day has no fixed edge here: a session at 23:30 can be checked in for at 00:10 and held until the morning.
 *
 * Returns: (nullable): the problem for which a resident cannot check in, nor a call be held, now
 */
const char *
anx_hub_keep_booking_problem (gint64 start_usec,
                              gint64 end_usec,
                              gint64 now_usec)
{
  if (start_usec - now_usec > KEEP_USEC)
    return "not-yet";
  return now_usec - end_usec > KEEP_USEC ? "over" : NULL;
}

static gboolean
run_check_in (AnxRequest *request,
              AnxDatabase *database,
              GError **error)
{
  Claim *claim = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_BY_CODE, "s", claim->code_hash);
  if (rows == NULL)
    return FALSE;
  gboolean found = anx_rows_next (rows, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  /* One arrives at the centre one has booked; any of its kiosks will do. */
  const char *centre = found ? anx_rows_get_string (rows, 3) : NULL;
  if (!found || (request->caller->kind == ANX_PRINCIPAL_KIOSK ? g_strcmp0 (request->caller->centre, centre) != 0
                                                              : !anx_request_caller_is (request, "staff", centre)))
    {
      anx_request_refuse (request, "code-unknown");
      return FALSE;
    }
  /* What was cancelled or held is so at any hour; that answer says more than the clock's. */
  const char *status = anx_rows_get_string (rows, 8);
  const char *slug = anx_hub_keep_booking_problem (anx_rows_get_int (rows, 6), anx_rows_get_int (rows, 7), request->now_usec);
  if (slug != NULL && (g_str_equal (status, "checked-in") || anx_appointment_status_may_follow (status, "checked-in")))
    {
      anx_request_refuse (request, slug);
      return FALSE;
    }
  return change_status (request, database, rows, "checked-in", error);
}

/**
 * anx_handle_check_in:
 * @request: a request
 *
 * POST /check-ins.
 */
void
anx_handle_check_in (AnxRequest *request)
{
  const char *slug = take_code (request);
  if (slug != NULL)
    anx_request_refuse (request, slug);
  else
    anx_request_write (request, run_check_in, NULL);
}

/**
 * anx_handle_lookup:
 * @request: a request
 *
 * POST /lookups.
 */
void
anx_handle_lookup (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  const char *slug = take_code (request);
  if (slug != NULL)
    {
      anx_request_refuse (request, slug);
      return;
    }
  Claim *claim = request->data;
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, SELECT_BY_CODE, "s", claim->code_hash);
  gboolean found = rows != NULL && anx_rows_next (rows, &error);
  JsonArray *referrals = found ? anx_hub_list_referrals_of_booking (request, request->hub->reader, anx_rows_get_string (rows, 0), &error) : NULL;
  if (error != NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  if (!found)
    {
      anx_request_refuse (request, "code-unknown");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_object_member (answer, "booking", booking_to_json (rows));
  json_object_set_array_member (answer, "referrals", referrals);
  anx_request_answer_json (request, 200, answer);
}
