/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-request.h"

#include <string.h>

#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "notices.h"
#include "text.h"
#include "waiting-list.h"

/* Requests about bookings: who may ask what; ledger.c does it. */

#define MOST_BOOKINGS 2000
#define ALTERNATIVES 6
#define NAME_BYTES 64
#define KEEP_USEC (12 * ANX_USEC_PER_HOUR)
#define MOST_CHANGES 500

/* What was asked, copied out of the body for the writer's thread. */
typedef struct
{
  char *service;
  char *counsellor; /* (nullable) */
  char *mediator;   /* (nullable) */
  char *centre;
  char *room;       /* (nullable) */
  char *lease;      /* (nullable) */
  char *series;     /* (nullable) */
  char *code_hash;  /* (nullable) */
  char *origin;
  char *status;     /* (nullable) */
  char *reason;     /* (nullable) */
  char *channel;    /* (nullable) */
  char *address;    /* (nullable) sealed */
  gint64 start_usec;
  gboolean staff;
  gboolean asked;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;
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
  g_free (wish);
}

static Wish *
attach_wish (AnxRequest *request)
{
  Wish *wish = g_new0 (Wish, 1);
  request->data = wish;
  request->free_data = wish_free;
  return wish;
}

/* --- shared --- */

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

static void
answer_booking (AnxRequest *request,
                int status,
                const AnxBooking *booking)
{
  g_autoptr (JsonObject) object = anx_booking_to_json (booking);
  anx_request_answer_json (request, status, object);
}

/* --- free slots --- */

/* What the kiosk can sell by itself is not free for others, but it is for this kiosk. */
static gboolean
add_leases (AnxRequest *request,
            const AnxSlotQuery *query,
            JsonArray *slots,
            GError **error)
{
  if (request->caller->kind != ANX_PRINCIPAL_KIOSK)
    return TRUE;
  g_autoptr (JsonArray) leases = anx_ledger_list_leases (request->hub->reader, request->caller->id, query->service, query->from_usec, query->to_usec, error);
  for (guint i = 0; leases != NULL && i < json_array_get_length (leases); i++)
    {
      JsonObject *lease = json_array_get_object_element (leases, i);
      const char *counsellor = anx_json_get_string (lease, "counsellor", "");
      if ((query->room == NULL || g_strcmp0 (query->room, request->caller->room) == 0) &&
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
  AnxSlotQuery query = { .centre = centre, .service = service, .counsellor = counsellor, .room = room, .most = MOST_SLOTS };
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

/* --- claiming --- */

static AnxBookingClaim
claim_of (AnxRequest *request)
{
  const Wish *wish = request->data;
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

static gboolean
run_claim (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  const Wish *wish = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  AnxBookingClaim claim = claim_of (request);
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
  AnxBookingClaim claim = claim_of (request);
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

/* The loser is told what is still free, after the winner's commit, so that nothing just taken is offered again. */
static void
finish_claim (AnxRequest *request)
{
  const Wish *wish = request->data;
  if (g_strcmp0 (request->slug, "slot-taken") != 0)
    return;
  AnxSlotQuery query = {
    .centre = wish->centre,
    .service = wish->service,
    .room = request->caller->kind == ANX_PRINCIPAL_KIOSK ? wish->room : NULL,
    .from_usec = MAX (request->now_usec, wish->start_usec - 2 * ANX_USEC_PER_HOUR),
    .to_usec = MIN (wish->start_usec + 14 * ANX_USEC_PER_DAY, request->now_usec + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY),
    .most = ALTERNATIVES,
    .staff = wish->staff,
  };
  AnxSlotView view = anx_booking_request_view (request, request->hub->reader);
  JsonArray *alternatives = anx_slots_search (&view, &query, NULL);
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

static gboolean
read_name (JsonObject *body,
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
             Wish *wish)
{
  const char *origin = anx_json_get_string (body, "origin", wish->staff ? "staff" : "kiosk");
  wish->origin = g_strdup (origin);
  return wish->staff ? g_str_equal (origin, "staff") || g_str_equal (origin, "outreach") || g_str_equal (origin, "walk-in") : g_str_equal (origin, "kiosk");
}

/* Takes the wish out of the body and sees whether the caller may have it; the slug of a refusal otherwise. */
static const char *
take_wish (AnxRequest *request,
           gboolean with_code)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return "malformed";
  Wish *wish = attach_wish (request);
  if (!anx_uuid_is_valid (request->parameter) || !read_name (body, "service", &wish->service) || !read_name (body, "counsellor", &wish->counsellor) ||
      !read_name (body, "mediator", &wish->mediator) || !read_name (body, "centre", &wish->centre) || !read_name (body, "room", &wish->room) ||
      !read_name (body, "lease", &wish->lease) || !read_name (body, "series", &wish->series) || wish->service == NULL || wish->centre == NULL ||
      (wish->lease != NULL && !anx_uuid_is_valid (wish->lease)) || (wish->series != NULL && !anx_uuid_is_valid (wish->series)) ||
      !anx_json_need_int (body, "start", 1, G_MAXINT64 / 4, &wish->start_usec, NULL) || !anx_notices_read_address (body, &wish->channel, &wish->address))
    return "malformed";
  /* A kiosk that sold without the hub has kept only the digest. */
  const char *hash = anx_json_get_string (body, "codeHash", NULL);
  wish->code_hash = hash != NULL && strlen (hash) == 64 && strspn (hash, "0123456789abcdef") == 64
                        ? g_strdup (hash)
                        : anx_code_key_hash (anx_json_get_string (body, "codeKey", NULL));
  wish->asked = anx_json_get_boolean (body, "asked", FALSE);
  if (with_code && wish->code_hash == NULL)
    return "malformed";

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
 * anx_handle_booking_put:
 * @request: a request
 *
 * PUT /bookings/{id}.
 */
void
anx_handle_booking_put (AnxRequest *request)
{
  const char *slug = take_wish (request, TRUE);
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
  const char *slug = take_wish (request, FALSE);
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
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  if (!anx_uuid_is_valid (request->parameter))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_release, NULL);
}

/* --- reading --- */

static void
add_bookings (AnxRows *rows,
              GHashTable *seen,
              JsonArray *list,
              GError **error)
{
  while (rows != NULL && anx_rows_next (rows, error))
    {
      if (json_array_get_length (list) >= MOST_BOOKINGS || !g_hash_table_add (seen, g_strdup (anx_rows_get_string (rows, 0))))
        continue;
      g_autoptr (AnxBooking) booking = anx_booking_from_row (rows);
      json_array_add_object_element (list, anx_booking_to_json (booking));
    }
}

#define SELECT_BOOKING "SELECT " ANX_BOOKING_COLUMNS " FROM booking "

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
          SELECT_BOOKING "WHERE (counsellor = ?1 OR mediator = ?1) AND start BETWEEN ?2 AND ?3 ORDER BY start", "sii", caller->id, from, to);
      if (error == NULL)
        add_bookings (own, seen, list, &error);
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

/* --- changing --- */

/* The booking the request names, if the caller may change it: by role, or a kiosk by its code. %NULL when it was refused, or @error is set. */
static AnxBooking *
open_booking (AnxRequest *request,
              AnxDatabase *database,
              GError **error)
{
  const Wish *wish = request->data;
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
  const Wish *wish = request->data;
  g_autoptr (AnxBooking) booking = open_booking (request, database, error);
  return booking != NULL && change_status (request, database, booking, wish->status, wish->reason, error);
}

/* The members that every change of a booking may have. */
static gboolean
read_change (JsonObject *body,
             Wish *wish)
{
  const char *key = anx_json_get_string (body, "codeKey", NULL);
  wish->code_hash = anx_code_key_hash (key);
  return read_name (body, "reason", &wish->reason) && (wish->reason == NULL || anx_reason_is_valid (wish->reason)) && (key == NULL || wish->code_hash != NULL);
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
  Wish *wish = attach_wish (request);
  if (!anx_uuid_is_valid (request->parameter) || !read_name (body, "status", &wish->status) || wish->status == NULL || !read_change (body, wish))
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_status, NULL);
}

static gboolean
run_move (AnxRequest *request,
          AnxDatabase *database,
          GError **error)
{
  Wish *wish = request->data;
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
  AnxBookingClaim target = claim_of (request);
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
  Wish *wish = attach_wish (request);
  if (!anx_uuid_is_valid (request->parameter) || !read_name (body, "counsellor", &wish->counsellor) || !read_name (body, "mediator", &wish->mediator) ||
      !read_name (body, "room", &wish->room) || !anx_json_need_int (body, "start", 1, G_MAXINT64 / 4, &wish->start_usec, NULL) || !read_change (body, wish))
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
  Wish *wish = attach_wish (request);
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
  const Wish *wish = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxBooking) booking = anx_ledger_find_by_code (database, wish->code_hash, &inner);
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
  const Wish *wish = request->data;
  g_autoptr (AnxBooking) booking = anx_ledger_find_by_code (request->hub->reader, wish->code_hash, &error);
  JsonArray *referrals = booking != NULL ? anx_hub_list_referrals_of_booking (request, request->hub->reader, booking->id, &error) : NULL;
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
  json_object_set_array_member (answer, "referrals", referrals);
  anx_request_answer_json (request, 200, answer);
}
