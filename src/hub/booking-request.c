/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"

#include <string.h>

#include "bounds.h"
#include "clock.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "notices.h"
#include "text.h"

#define ALTERNATIVES 6
#define NAME_BYTES 64

static void
wish_free (gpointer data)
{
  AnxBookingWish *wish = data;
  g_free (wish->service);
  g_free (wish->counsellor);
  g_free (wish->mediator);
  g_free (wish->centre);
  g_free (wish->room);
  g_free (wish->lease);
  g_free (wish->series);
  g_free (wish->code_hash);
  g_free (wish->origin);
  g_free (wish->status);
  g_free (wish->reason);
  g_free (wish->channel);
  g_free (wish->address);
  g_clear_pointer (&wish->sessions, g_array_unref);
  g_free (wish);
}

/**
 * anx_booking_request_attach:
 * @request: a request
 *
 * Returns: (transfer none): an empty wish, the request's data from now on
 */
AnxBookingWish *
anx_booking_request_attach (AnxRequest *request)
{
  AnxBookingWish *wish = g_new0 (AnxBookingWish, 1);
  request->data = wish;
  request->free_data = wish_free;
  return wish;
}

/**
 * anx_booking_request_view:
 * @request: a request
 * @database: the connection of the present thread
 *
 * Returns: what its questions about slots stand on
 */
AnxSlotView
anx_booking_request_view (AnxRequest *request,
                          AnxDatabase *database)
{
  return (AnxSlotView){ request->directory, database, request->hub->plans, request->now_usec };
}

/**
 * anx_booking_request_open:
 * @request: a request
 * @database: the writer's connection
 *
 * Returns: the ledger, in the caller's name
 */
AnxLedger
anx_booking_request_open (AnxRequest *request,
                          AnxDatabase *database)
{
  return (AnxLedger){ anx_booking_request_view (request, database), request->caller->id };
}

/**
 * anx_booking_request_refuse:
 * @request: a request
 * @slug: of the ledger
 * @error: what the ledger set
 *
 * Returns: %FALSE, for a run function: its changes are taken back
 */
gboolean
anx_booking_request_refuse (AnxRequest *request,
                            const char *slug,
                            GError **error)
{
  if (error == NULL || *error == NULL)
    anx_request_refuse (request, slug);
  return FALSE;
}

/**
 * anx_booking_request_look:
 * @request: a request that changed it
 * @booking: a booking
 */
void
anx_booking_request_look (AnxRequest *request,
                          const AnxBooking *booking)
{
  anx_request_look (request, "bookings", booking->counsellor);
  anx_request_look (request, "bookings", booking->mediator);
  anx_request_look (request, "bookings", booking->kiosk);
  anx_request_look_centre (request, "bookings", booking->centre);
}

/**
 * anx_booking_request_is_theirs:
 * @request: a request
 * @booking: a booking
 *
 * Returns: whether the caller is a person who works with it
 */
gboolean
anx_booking_request_is_theirs (AnxRequest *request,
                               const AnxBooking *booking)
{
  const AnxPrincipal *caller = request->caller;
  return caller->kind == ANX_PRINCIPAL_PERSON &&
         (g_strcmp0 (caller->id, booking->counsellor) == 0 || g_strcmp0 (caller->id, booking->mediator) == 0 ||
          anx_request_caller_is (request, "staff", booking->centre));
}

/**
 * anx_reason_is_valid:
 * @reason: what was sent
 *
 * Returns: whether it is a word of small letters and hyphens, at most 32
 */
gboolean
anx_reason_is_valid (const char *reason)
{
  gsize length = strlen (reason);
  return length > 0 && length <= 32 && strspn (reason, "abcdefghijklmnopqrstuvwxyz-") == length;
}

/**
 * anx_code_key_hash:
 * @key: (nullable): what was sent
 *
 * The hub keeps no code key, only its digest: a copy of the database opens no booking.
 *
 * Returns: (transfer full) (nullable): the digest; %NULL when @key is no code key
 */
char *
anx_code_key_hash (const char *key)
{
  if (key == NULL || strlen (key) != 64 || strspn (key, "0123456789abcdef") != 64)
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (key, 64);
  return anx_sha256_hex (bytes);
}

/**
 * anx_booking_request_read_name:
 * @body: of a request
 * @member: of it
 * @out_name: (out) (nullable): its text; stays as it is without one
 *
 * Returns: whether it is absent, null, or a text of 1 to 64 bytes
 */
gboolean
anx_booking_request_read_name (JsonObject *body,
                               const char *member,
                               char **out_name)
{
  if (!json_object_has_member (body, member) || json_object_get_null_member (body, member))
    return TRUE;
  const char *name = anx_json_need_string (body, member, NAME_BYTES, NULL);
  *out_name = g_strdup (name);
  return name != NULL && *name != '\0';
}

static gboolean
read_origin (AnxRequest *request,
             JsonObject *body,
             AnxBookingWish *wish)
{
  const char *origin = anx_json_get_string (body, "origin", wish->staff ? "staff" : "kiosk");
  wish->origin = g_strdup (origin);
  return wish->staff ? g_str_equal (origin, "staff") || g_str_equal (origin, "outreach") || g_str_equal (origin, "walk-in") : g_str_equal (origin, "kiosk");
}

/**
 * anx_booking_request_take_wish:
 * @request: a request; its data is an #AnxBookingWish afterwards
 * @body: of it, in the form of README.md; without `start` the wish has 0
 *
 * Returns: (nullable): "malformed"; "not-allowed" when it is neither a kiosk for its own room nor staff of the centre
 */
const char *
anx_booking_request_take_wish (AnxRequest *request,
                               JsonObject *body)
{
  AnxBookingWish *wish = anx_booking_request_attach (request);
  if (!anx_uuid_is_valid (request->parameter) || !anx_booking_request_read_name (body, "service", &wish->service) || !anx_booking_request_read_name (body, "counsellor", &wish->counsellor) ||
      !anx_booking_request_read_name (body, "mediator", &wish->mediator) || !anx_booking_request_read_name (body, "centre", &wish->centre) || !anx_booking_request_read_name (body, "room", &wish->room) ||
      !anx_booking_request_read_name (body, "lease", &wish->lease) || !anx_booking_request_read_name (body, "series", &wish->series) || wish->service == NULL || wish->centre == NULL ||
      (wish->lease != NULL && !anx_uuid_is_valid (wish->lease)) || (wish->series != NULL && !anx_uuid_is_valid (wish->series)) ||
      (json_object_has_member (body, "start") && !anx_json_need_int (body, "start", 1, G_MAXINT64 / 4, &wish->start_usec, NULL)) ||
      !anx_notices_read_address (body, &wish->channel, &wish->address))
    return "malformed";
  /* A kiosk that sold without the hub has kept only the digest. */
  const char *hash = anx_json_get_string (body, "codeHash", NULL);
  wish->code_hash = hash != NULL && strlen (hash) == 64 && strspn (hash, "0123456789abcdef") == 64
                        ? g_strdup (hash)
                        : anx_code_key_hash (anx_json_get_string (body, "codeKey", NULL));
  wish->asked = anx_json_get_boolean (body, "asked", FALSE);

  const AnxPrincipal *caller = request->caller;
  gboolean own_kiosk = caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (caller->centre, wish->centre) == 0 && caller->room != NULL &&
                       (wish->room == NULL || g_str_equal (caller->room, wish->room));
  wish->staff = !own_kiosk && anx_request_caller_is (request, "staff", wish->centre);
  if (!own_kiosk && !wish->staff)
    return "not-allowed";
  if (own_kiosk && wish->room == NULL)
    wish->room = g_strdup (caller->room);
  if (!read_origin (request, body, wish))
    return "malformed";
  return NULL;
}

/**
 * anx_booking_request_claim:
 * @request: a request with a wish
 *
 * Returns: the claim, whose texts are the request's
 */
AnxBookingClaim
anx_booking_request_claim (AnxRequest *request)
{
  const AnxBookingWish *wish = request->data;
  return (AnxBookingClaim){
    .id = request->parameter,
    .service = wish->service,
    .counsellor = wish->counsellor,
    .mediator = wish->mediator,
    .centre = wish->centre,
    .room = wish->room,
    .start_usec = wish->start_usec,
    .code_hash = wish->code_hash,
    .origin = wish->origin,
    .series = wish->series,
    .lease = wish->lease,
    .owner = request->caller->id,
    .staff = wish->staff,
    .asked = wish->asked,
  };
}

/**
 * anx_booking_request_find_alternatives:
 * @request: a request with a wish that could not be had
 * @counsellor: (nullable): of whom; %NULL = any
 * @start_usec: the time that was wanted, UTC
 * @days: how far to look from there
 *
 * Returns: (transfer full) (nullable): up to six slots that are free from two hours before it on, soonest first
 */
JsonArray *
anx_booking_request_find_alternatives (AnxRequest *request,
                                       const char *counsellor,
                                       gint64 start_usec,
                                       guint days)
{
  const AnxBookingWish *wish = request->data;
  AnxSlotQuery query = {
    .centre = wish->centre,
    .service = wish->service,
    .counsellor = counsellor,
    .room = request->caller->kind == ANX_PRINCIPAL_KIOSK ? wish->room : NULL,
    .from_usec = MAX (request->now_usec, start_usec - 2 * ANX_USEC_PER_HOUR),
    .to_usec = MIN (start_usec + days * ANX_USEC_PER_DAY, request->now_usec + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY),
    .most = ALTERNATIVES,
    .staff = wish->staff,
  };
  AnxSlotView view = anx_booking_request_view (request, request->hub->reader);
  return query.to_usec > query.from_usec ? anx_slots_search (&view, &query, NULL) : json_array_new ();
}

/**
 * anx_booking_request_add_to_problem:
 * @request: a request that was refused
 * @member: of the problem
 * @array: (transfer full) (nullable): what helps the caller on; nothing is added without it
 */
void
anx_booking_request_add_to_problem (AnxRequest *request,
                                    const char *member,
                                    JsonArray *array)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (request->answer, &size);
  g_autoptr (JsonObject) problem = anx_json_parse_object (text, (gssize) size, ANX_BOUND_REQUEST_BYTES, NULL);
  g_autoptr (JsonArray) owned = array;
  if (problem == NULL || owned == NULL)
    return;
  json_object_set_array_member (problem, member, g_steal_pointer (&owned));
  char *whole = anx_json_object_to_text (problem);
  g_clear_pointer (&request->answer, g_bytes_unref);
  request->answer = g_bytes_new_take (whole, strlen (whole));
}
