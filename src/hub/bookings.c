/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"

#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "notices.h"
#include "waiting-list.h"

/* Requests about bookings: who may ask what; ledger.c does it. */

#define KEEP_USEC (12 * ANX_USEC_PER_HOUR)

static void
answer_booking (AnxRequest *request,
                int status,
                const AnxBooking *booking)
{
  g_autoptr (JsonObject) object = anx_booking_to_json (booking);
  anx_request_answer_json (request, status, object);
}

/* --- claiming --- */

static gboolean
run_claim (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  const AnxBookingWish *wish = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  AnxBookingClaim claim = anx_booking_request_claim (request);
  g_autoptr (AnxBooking) booking = NULL;
  gboolean made = FALSE;
  const char *slug = anx_ledger_book (&ledger, &claim, &booking, &made, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  if (made && wish->address != NULL && !anx_notices_keep_address (&ledger, booking->id, wish->channel, wish->address, error))
    return FALSE;
  answer_booking (request, made ? 201 : 200, booking);
  if (made)
    anx_booking_request_look (request, booking);
  return made;
}

static gboolean
run_hold (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  AnxBookingClaim claim = anx_booking_request_claim (request);
  gint64 until = 0;
  const char *slug = anx_ledger_hold (&ledger, &claim, &until, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "id", claim.id);
  json_object_set_int_member (answer, "until", until);
  anx_request_answer_json (request, 200, answer);
  return TRUE;
}

/* Who cannot have a time is told what is still free, after the winner's commit, so that nothing just taken is offered again. */
static void
finish_claim (AnxRequest *request)
{
  const AnxBookingWish *wish = request->data;
  if (g_strcmp0 (request->slug, "slot-taken") != 0 && g_strcmp0 (request->slug, "slot-not-offered") != 0)
    return;
  anx_booking_request_add_to_problem (request, "alternatives", anx_booking_request_find_alternatives (request, NULL, wish->start_usec, 14));
}

/* The slug of a refusal, or NULL with the wish attached. */
static const char *
take_claim (AnxRequest *request,
            gboolean with_code)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  const char *slug = body != NULL ? anx_booking_request_take_wish (request, body) : "malformed";
  const AnxBookingWish *wish = request->data;
  return slug == NULL && (wish->start_usec == 0 || (with_code && wish->code_hash == NULL)) ? "malformed" : slug;
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
  const char *slug = take_claim (request, TRUE);
  if (slug != NULL)
    anx_request_refuse (request, slug);
  else
    anx_request_write (request, run_claim, finish_claim);
}

/**
 * anx_handle_hold_put:
 * @request: a request
 *
 * PUT /holds/{id}.
 */
void
anx_handle_hold_put (AnxRequest *request)
{
  const char *slug = take_claim (request, FALSE);
  if (slug != NULL)
    anx_request_refuse (request, slug);
  else
    anx_request_write (request, run_hold, finish_claim);
}

static gboolean
run_release (AnxRequest *request,
             AnxDatabase *database,
             GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  const char *slug = anx_ledger_release (&ledger, request->parameter, request->caller->id, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  anx_request_answer_bytes (request, 204, NULL, NULL);
  return TRUE;
}

/**
 * anx_handle_hold_release:
 * @request: a request
 *
 * POST /holds/{id}/release.
 */
void
anx_handle_hold_release (AnxRequest *request)
{
  anx_request_write_by_id (request, run_release);
}

/* --- changing --- */

/* The booking the request names, if the caller may change it: by role, or a kiosk by its code. %NULL when it was refused, or @error is set. */
static AnxBooking *
open_booking (AnxRequest *request,
              AnxDatabase *database,
              GError **error)
{
  const AnxBookingWish *wish = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxBooking) booking = anx_ledger_find (database, request->parameter, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  gboolean by_code = booking != NULL && request->caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (wish->code_hash, booking->code_hash) == 0;
  if (by_code || (booking != NULL && anx_booking_request_is_theirs (request, booking)))
    return g_steal_pointer (&booking);
  /* The same for "is not there" and "is not yours", so that nobody can search for ids. */
  anx_request_refuse (request, "booking-unknown");
  return NULL;
}

static gboolean
change_status (AnxRequest *request,
               AnxDatabase *database,
               AnxBooking *booking,
               const char *status,
               const char *reason,
               GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  gboolean had = anx_appointment_status_occupies (booking->status);
  gboolean changes = !g_str_equal (booking->status, status);
  const char *slug = anx_ledger_set_status (&ledger, booking, status, reason, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  answer_booking (request, 200, booking);
  if (!changes)
    return FALSE;
  anx_booking_request_look (request, booking);
  if (had && !anx_appointment_status_occupies (status) && !anx_waiting_list_tell (&ledger, booking, error))
    return FALSE;
  return request->caller->kind == ANX_PRINCIPAL_KIOSK || !g_str_equal (status, "cancelled") ||
         anx_notices_queue_for (&ledger, booking->id, "booking-cancelled", error);
}

static gboolean
run_status (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  const AnxBookingWish *wish = request->data;
  g_autoptr (AnxBooking) booking = open_booking (request, database, error);
  return booking != NULL && change_status (request, database, booking, wish->status, wish->reason, error);
}

/* The members that every change of a booking may have. */
static gboolean
read_change (JsonObject *body,
             AnxBookingWish *wish)
{
  const char *key = anx_json_get_string (body, "codeKey", NULL);
  wish->code_hash = anx_code_key_hash (key);
  return anx_booking_request_read_name (body, "reason", &wish->reason) && (wish->reason == NULL || anx_reason_is_valid (wish->reason)) && (key == NULL || wish->code_hash != NULL);
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
  AnxBookingWish *wish = anx_booking_request_attach (request);
  if (!anx_uuid_is_valid (request->parameter) || !anx_booking_request_read_name (body, "status", &wish->status) || wish->status == NULL || !read_change (body, wish))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_status, NULL);
}

static gboolean
run_move (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  AnxBookingWish *wish = request->data;
  g_autoptr (AnxBooking) booking = open_booking (request, database, error);
  if (booking == NULL)
    return FALSE;
  AnxLedger ledger = anx_booking_request_open (request, database);
  g_autoptr (AnxBooking) before = anx_ledger_find (database, booking->id, error);
  if (before == NULL)
    return FALSE;
  /* For the alternatives of a refusal, which are looked for after the transaction. */
  wish->service = g_strdup (booking->service);
  wish->centre = g_strdup (booking->centre);
  wish->staff = request->caller->kind != ANX_PRINCIPAL_KIOSK;
  if (wish->room == NULL)
    wish->room = g_strdup (booking->room);
  AnxBookingClaim target = anx_booking_request_claim (request);
  const char *slug = anx_ledger_move (&ledger, booking, &target, wish->reason, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  answer_booking (request, 200, booking);
  anx_booking_request_look (request, before);
  anx_booking_request_look (request, booking);
  return anx_waiting_list_tell (&ledger, before, error) &&
         (request->caller->kind == ANX_PRINCIPAL_KIOSK || anx_notices_queue_for (&ledger, booking->id, "booking-moved", error));
}

/**
 * anx_handle_booking_move:
 * @request: a request
 *
 * POST /bookings/{id}/move.
 */
void
anx_handle_booking_move (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  AnxBookingWish *wish = anx_booking_request_attach (request);
  if (!anx_uuid_is_valid (request->parameter) || !anx_booking_request_read_name (body, "counsellor", &wish->counsellor) || !anx_booking_request_read_name (body, "mediator", &wish->mediator) ||
      !anx_booking_request_read_name (body, "room", &wish->room) || !anx_json_need_int (body, "start", 1, G_MAXINT64 / 4, &wish->start_usec, NULL) || !read_change (body, wish))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_move, finish_claim);
}

/* --- codes --- */

/* Kiosk and staff; the slug of a refusal, or NULL with the wish attached. */
static const char *
take_code (AnxRequest *request)
{
  if (request->caller->kind != ANX_PRINCIPAL_KIOSK && !anx_request_caller_is (request, "staff", NULL))
    return "not-allowed";
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return "malformed";
  AnxBookingWish *wish = anx_booking_request_attach (request);
  wish->code_hash = anx_code_key_hash (anx_json_get_string (body, "codeKey", NULL));
  if (wish->code_hash == NULL)
    return "malformed";
  /* Per kiosk, so that nobody tries codes at one; per code, so that nobody tries one code at many. */
  gint64 now = g_get_monotonic_time ();
  return anx_limits_take (request->hub->code_callers, request->caller->id, now) && anx_limits_take (request->hub->codes, wish->code_hash, now)
             ? NULL
             : "too-many-requests";
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
  const AnxBookingWish *wish = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxBooking) booking = anx_ledger_find_by_code (database, wish->code_hash, request->now_usec - KEEP_USEC, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  /* One arrives at the centre one has booked; any of its kiosks will do. */
  if (booking == NULL || (request->caller->kind == ANX_PRINCIPAL_KIOSK ? g_strcmp0 (request->caller->centre, booking->centre) != 0
                                                                       : !anx_request_caller_is (request, "staff", booking->centre)))
    {
      anx_request_refuse (request, "code-unknown");
      return FALSE;
    }
  /* What was cancelled or held is so at any hour; that answer says more than the clock's. */
  const char *slug = anx_hub_keep_booking_problem (booking->start_usec, booking->end_usec, request->now_usec);
  if (slug != NULL && (g_str_equal (booking->status, "checked-in") || anx_appointment_status_may_follow (booking->status, "checked-in")))
    {
      anx_request_refuse (request, slug);
      return FALSE;
    }
  return change_status (request, database, booking, "checked-in", NULL, error);
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
  const AnxBookingWish *wish = request->data;
  g_autoptr (AnxBooking) booking = anx_ledger_find_by_code (request->hub->reader, wish->code_hash, request->now_usec - KEEP_USEC, &error);
  g_autoptr (JsonArray) referrals = booking != NULL ? anx_hub_list_referrals_of_code (request, request->hub->reader, wish->code_hash, &error) : NULL;
  if (error != NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  if (booking == NULL)
    {
      anx_request_refuse (request, "code-unknown");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_object_member (answer, "booking", anx_booking_to_json (booking));
  json_object_set_array_member (answer, "referrals", g_steal_pointer (&referrals));
  anx_request_answer_json (request, 200, answer);
}
