/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/*
 * A room that is repaired, a centre that stays shut for a storm. slots.c passes over what lies in it, so nothing new is booked there. What
 * stands there already is nobody's to cancel silently: each booking becomes work for the staff, who call the resident. By telephone nobody
 * is in the room, so that such bookings stay as they are.
 */

#define MOST_DAYS 366
#define MOST_IN_THE_WAY 1000
#define MOST_CLOSURES 500
/* What began earlier than this before a closure does not reach into it. */
#define LONGEST_USEC (ANX_SERVICE_MOST_MINUTES * ANX_USEC_PER_MINUTE)
#define COVERS "ended IS NULL AND (room IS NULL OR room = ?) AND start < ? AND end > ?"

/* --- the ledger's part --- */

/* Every standing booking of the room and time; 1,000 at most are named, all become work. */
static gboolean
note_all (AnxLedger *self,
          const AnxClosure *closure,
          JsonArray *in_the_way,
          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  {
    g_autoptr (AnxRows) rows = anx_database_query (self->view.database, &inner,
        "SELECT id, service FROM booking WHERE centre = ?1 AND (?2 IS NULL OR room = ?2) AND start < ?3 AND start > ?4 - ?6 AND end > ?4 AND end > ?5"
        " AND status IN ('pending', 'booked') ORDER BY start, id", "ssiiii", closure->centre, closure->room, closure->to_usec, closure->from_usec,
        self->view.now_usec, LONGEST_USEC);
    while (rows != NULL && anx_rows_next (rows, &inner))
      if (anx_slots_needs_room (self->view.directory, anx_rows_get_string (rows, 1)))
        g_ptr_array_add (ids, g_strdup (anx_rows_get_string (rows, 0)));
  }
  for (guint i = 0; inner == NULL && i < ids->len; i++)
    if (anx_ledger_add_work (self, closure->centre, "room-closed", g_ptr_array_index (ids, i), NULL, &inner) && i < MOST_IN_THE_WAY)
      json_array_add_string_element (in_the_way, g_ptr_array_index (ids, i));
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/**
 * anx_ledger_close:
 * @self: the ledger
 * @closure: what is closed; the same id again takes the place of what was said before
 * @in_the_way: ids of the bookings that stand there are appended; each is work for the staff
 * @error: return location, of the database only
 *
 * Returns: (nullable): %NULL when it is written; "booking-differs" when the id belongs to another centre
 */
const char *
anx_ledger_close (AnxLedger *self,
                  const AnxClosure *closure,
                  JsonArray *in_the_way,
                  GError **error)
{
  if (!anx_database_run (self->view.database, error,
                         "INSERT INTO closure (id, centre, room, start, end, reason, made, made_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                         " ON CONFLICT (id) DO UPDATE SET room = excluded.room, start = excluded.start, end = excluded.end, reason = excluded.reason,"
                         " made = excluded.made, made_by = excluded.made_by, ended = NULL, ended_by = NULL WHERE centre = excluded.centre", "sssiisis",
                         closure->id, closure->centre, closure->room, closure->from_usec, closure->to_usec, closure->reason, self->view.now_usec, self->who))
    return "failed";
  if (anx_database_changes (self->view.database) == 0)
    return "booking-differs";
  return note_all (self, closure, in_the_way, error) ? NULL : "failed";
}

/**
 * anx_ledger_open_again:
 * @self: the ledger
 * @id: of a closure
 * @error: return location, of the database only
 *
 * Work that it made stays on the list: the resident may have been called already.
 *
 * Returns: (nullable): %NULL when it is ended
 */
const char *
anx_ledger_open_again (AnxLedger *self,
                       const char *id,
                       GError **error)
{
  return anx_database_run (self->view.database, error, "UPDATE closure SET ended = ?, ended_by = ? WHERE id = ? AND ended IS NULL", "iss",
                           self->view.now_usec, self->who, id)
             ? NULL
             : "failed";
}

/**
 * anx_ledger_is_closed:
 * @self: the ledger
 * @booking: a booking
 * @out_closed: (out): whether nobody is received in its room at its time; never for a session by telephone
 * @error: return location, of the database only
 *
 * Returns: whether the answer is known
 */
gboolean
anx_ledger_is_closed (AnxLedger *self,
                      const AnxBooking *booking,
                      gboolean *out_closed,
                      GError **error)
{
  g_autoptr (GError) inner = NULL;
  gint64 closed = anx_database_query_int (self->view.database, 0, &inner, "SELECT EXISTS (SELECT 1 FROM closure WHERE centre = ? AND " COVERS ")", "ssii",
                                          booking->centre, booking->room, booking->end_usec, booking->start_usec);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  *out_closed = closed != 0 && anx_slots_needs_room (self->view.directory, booking->service);
  return TRUE;
}

/**
 * anx_ledger_note_closed:
 * @self: the ledger
 * @booking: that was sold before anybody could know: out of a lease
 * @error: return location, of the database only
 *
 * Returns: whether it is work for the staff if its room is closed then
 */
gboolean
anx_ledger_note_closed (AnxLedger *self,
                        const AnxBooking *booking,
                        GError **error)
{
  gboolean closed = FALSE;
  return anx_ledger_is_closed (self, booking, &closed, error) &&
         (!closed || anx_ledger_add_work (self, booking->centre, "room-closed", booking->id, NULL, error));
}

/* --- requests --- */

static gboolean
has_room (AnxRequest *request,
          const char *centre,
          const char *room)
{
  JsonObject *json = anx_directory_get_centre (request->directory, centre);
  JsonArray *rooms = json != NULL ? anx_json_get_array (json, "rooms") : NULL;
  for (guint i = 0; room != NULL && rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonObject *one = anx_json_array_need_object (rooms, i, NULL);
      if (one != NULL && g_strcmp0 (anx_json_get_string (one, "id", NULL), room) == 0)
        return TRUE;
    }
  return json != NULL && room == NULL;
}

static gboolean
run_close (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  const AnxBookingWish *wish = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  AnxClosure closure = { request->parameter, wish->centre, wish->room, wish->start_usec, wish->end_usec, wish->reason };
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *in_the_way = json_array_new ();
  json_object_set_string_member (answer, "id", request->parameter);
  json_object_set_array_member (answer, "inTheWay", in_the_way);
  const char *slug = anx_ledger_close (&ledger, &closure, in_the_way, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  anx_request_answer_json (request, 200, answer);
  anx_request_look_centre (request, "bookings", wish->centre);
  return TRUE;
}

/**
 * anx_handle_closure_put:
 * @request: a request
 *
 * PUT /closures/{id}: staff of the centre.
 */
void
anx_handle_closure_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  AnxBookingWish *wish = anx_booking_request_attach (request);
  if (!anx_uuid_is_valid (request->parameter) || !anx_booking_request_read_name (body, "centre", &wish->centre) || wish->centre == NULL ||
      !anx_booking_request_read_name (body, "room", &wish->room) || !anx_booking_request_read_name (body, "reason", &wish->reason) ||
      (wish->reason != NULL && !anx_reason_is_valid (wish->reason)) || !anx_json_need_int (body, "from", 1, G_MAXINT64 / 4, &wish->start_usec, NULL) ||
      !anx_json_need_int (body, "to", wish->start_usec + 1, wish->start_usec + MOST_DAYS * ANX_USEC_PER_DAY, &wish->end_usec, NULL))
    anx_request_refuse (request, "malformed");
  else if (!anx_request_caller_is (request, "staff", wish->centre))
    anx_request_refuse (request, "not-allowed");
  else if (!has_room (request, wish->centre, wish->room))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_close, NULL);
}

static gboolean
run_open (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  g_autofree char *centre = anx_request_find_centre (request, database, "SELECT centre FROM closure WHERE id = ?", "staff", NULL, "not-found", error);
  if (centre == NULL)
    return FALSE;
  const char *slug = anx_ledger_open_again (&ledger, request->parameter, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look_centre (request, "bookings", centre);
  return TRUE;
}

/**
 * anx_handle_closure_end:
 * @request: a request
 *
 * POST /closures/{id}/end: staff of the centre.
 */
void
anx_handle_closure_end (AnxRequest *request)
{
  anx_request_write_by_id (request, run_open);
}

/**
 * anx_handle_closure_list:
 * @request: a request
 *
 * GET /closures: those of a centre that are not over, for its staff and counsellors.
 */
void
anx_handle_closure_list (AnxRequest *request)
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
  json_object_set_array_member (answer, "closures", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT id, room, start, end, reason, made_by FROM closure WHERE centre = ? AND ended IS NULL AND end > ? ORDER BY start, id LIMIT ?", "sii", centre,
      request->now_usec, (gint64) MOST_CLOSURES);
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      JsonObject *closure = json_object_new ();
      json_object_set_string_member (closure, "id", anx_rows_get_string (rows, 0));
      if (!anx_rows_is_null (rows, 1))
        json_object_set_string_member (closure, "room", anx_rows_get_string (rows, 1));
      json_object_set_int_member (closure, "from", anx_rows_get_int (rows, 2));
      json_object_set_int_member (closure, "to", anx_rows_get_int (rows, 3));
      if (!anx_rows_is_null (rows, 4))
        json_object_set_string_member (closure, "reason", anx_rows_get_string (rows, 4));
      json_object_set_string_member (closure, "by", anx_rows_get_string (rows, 5));
      json_array_add_object_element (list, closure);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
