/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "booking-request.h"

/*
 * Slots that only one kiosk, or the desk of one of the staff, may sell. README.md, "Leases", has the rule for lost and reinstalled ones.
 * Where "kiosk" stands below, a desk is meant as well: it is named by its person, and its slots are in any room of the centre.
 *
 *   lent ──sale──► sold            lent ──given back──► returned
 *     │ staff: "this kiosk is dead"                       the kiosk comes back under another mark: stray
 *     ▼                                                   stray ──sale that arrives late──► sold
 *   reclaimed ◄────────────────────────────────────────── stray
 */

/* What a kiosk can sell through a day's outage of the net, and little enough that nobody online misses it. */
#define MOST_LENT 8
/* A centre has several desks, and what each of them holds is missing to all others. */
#define MOST_LENT_TO_A_DESK 4
#define LEND_AHEAD_USEC (8 * ANX_USEC_PER_DAY)
/* Nearer than this a slot is worth more to everybody online; kiosks give theirs back at two hours. */
#define LEND_NOTICE_USEC (3 * ANX_USEC_PER_HOUR)
/* A day with fewer free starts lends none. */
#define LEAST_FREE_A_DAY 4
#define MOST_IDS 64

static const char *
refuse_store (GError **error,
              GError *inner)
{
  g_propagate_error (error, inner);
  return "failed";
}

/* --- the ledger's part --- */

static const char *
lend_one (AnxLedger *self,
          const AnxPrincipal *kiosk,
          const AnxService *service,
          const AnxSlot *wanted,
          GError **error)
{
  g_autofree char *id = anx_uuid_new (self->view.now_usec);
  g_autoptr (AnxSlot) slot = NULL;
  AnxBookingClaim claim = { .id = id, .service = service->id, .counsellor = wanted->counsellor, .mediator = wanted->mediator, .centre = kiosk->centre,
                            .room = wanted->room, .start_usec = wanted->start_usec };
  const char *slug = anx_ledger_find_slot (self, &claim, NULL, &slot, error);
  if (slug == NULL)
    slug = anx_ledger_occupy (self, service, slot, kiosk->centre, id, 0, error);
  if (slug != NULL)
    return slug;
  return anx_database_run (self->view.database, error, "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'lent', NULL)", "sssssssiii", id, kiosk->id,
                           service->id, slot->counsellor, slot->mediator, kiosk->centre, slot->room, slot->start_usec, slot->end_usec, self->view.now_usec)
             ? NULL
             : "failed";
}

/* One slot of the query's day, from the middle of those free: the first ones are what people online ask for. */
static const char *
lend_day (AnxLedger *self,
          const AnxPrincipal *kiosk,
          const AnxService *service,
          const AnxSlotQuery *query,
          gint64 *most,
          GError **error)
{
  g_autoptr (GPtrArray) slots = anx_slots_list (&self->view, query, error);
  if (slots == NULL)
    return "failed";
  /* One time may be free with several counsellors and in several rooms. */
  guint times = 0;
  gint64 before = 0;
  for (guint i = 0; i < slots->len; i++)
    {
      gint64 start = ((const AnxSlot *) g_ptr_array_index (slots, i))->start_usec;
      times += start != before;
      before = start;
    }
  if (times < LEAST_FREE_A_DAY)
    return NULL;
  const char *slug = lend_one (self, kiosk, service, g_ptr_array_index (slots, slots->len / 2), error);
  if (slug == NULL)
    (*most)--;
  return g_strcmp0 (slug, "slot-taken") == 0 || g_strcmp0 (slug, "slot-not-offered") == 0 ? NULL : slug;
}

/* Only a day of UTC of which nothing is lent yet is looked at: everything else the hub writes waits for it. */
static const char *
lend_service (AnxLedger *self,
              const AnxPrincipal *kiosk,
              const AnxService *service,
              gint64 *most,
              GError **error)
{
  gint64 from = self->view.now_usec + LEND_NOTICE_USEC, to = self->view.now_usec + LEND_AHEAD_USEC;
  for (gint64 day = from / ANX_USEC_PER_DAY; day * ANX_USEC_PER_DAY < to && *most > 0; day++)
    {
      g_autoptr (GError) inner = NULL;
      AnxSlotQuery query = { .centre = kiosk->centre, .service = service->id, .room = kiosk->room, .from_usec = MAX (day * ANX_USEC_PER_DAY, from),
                             .to_usec = MIN ((day + 1) * ANX_USEC_PER_DAY, to), .most = G_MAXUINT };
      gint64 lent = anx_database_query_int (self->view.database, 0, &inner,
          "SELECT count(*) FROM lease WHERE kiosk = ? AND service = ? AND state = 'lent' AND start >= ? AND start < ?", "ssii", kiosk->id, service->id,
          day * ANX_USEC_PER_DAY, (day + 1) * ANX_USEC_PER_DAY);
      if (inner != NULL)
        return refuse_store (error, g_steal_pointer (&inner));
      const char *slug = lent == 0 ? lend_day (self, kiosk, service, &query, most, error) : NULL;
      if (slug != NULL)
        return slug;
    }
  return NULL;
}

/**
 * anx_ledger_lend:
 * @self: the ledger
 * @kiosk: to whom: a kiosk, or one of the staff
 * @mark: the kiosk's installation: random, made with its database
 * @held: (nullable) (array zero-terminated=1): the leases it says it has
 * @error: return location, of the database only
 *
 * Fills up what the kiosk has. Under a new mark the kiosk has forgotten what the former installation sold: what that one had and this one
 * does not name stays occupied as stray, so that a slip somebody carries is not sold again, and staff is asked to look.
 *
 * Returns: (nullable): %NULL when done
 */
const char *
anx_ledger_lend (AnxLedger *self,
                 const AnxPrincipal *kiosk,
                 const char *mark,
                 const char *const *held,
                 GError **error)
{
  AnxDatabase *database = self->view.database;
  g_autoptr (GError) inner = NULL;
  gint64 another = anx_database_query_int (database, 0, &inner, "SELECT count(*) FROM installation WHERE kiosk = ? AND mark <> ?", "ss", kiosk->id, mark);
  if (inner != NULL)
    return refuse_store (error, g_steal_pointer (&inner));
  if (another != 0)
    {
      /* Named ones are put aside for the moment by their state, so that one statement finds the rest. */
      for (gsize i = 0; held != NULL && held[i] != NULL; i++)
        if (!anx_database_run (database, error, "UPDATE lease SET state = 'held' WHERE id = ? AND kiosk = ? AND state = 'lent'", "ss", held[i], kiosk->id))
          return "failed";
      if (!anx_database_run (database, error, "UPDATE lease SET state = 'stray' WHERE kiosk = ? AND state = 'lent'", "s", kiosk->id))
        return "failed";
      if (anx_database_changes (database) > 0 && !anx_ledger_add_work (self, kiosk->centre, "stray-leases", NULL, kiosk->id, error))
        return "failed";
      if (!anx_database_run (database, error, "UPDATE lease SET state = 'lent' WHERE kiosk = ? AND state = 'held'", "s", kiosk->id))
        return "failed";
    }
  if (!anx_database_run (database, error, "INSERT INTO installation VALUES (?, ?, ?) ON CONFLICT (kiosk) DO UPDATE SET mark = excluded.mark, seen = excluded.seen",
                         "ssi", kiosk->id, mark, self->view.now_usec))
    return "failed";

  const char *slug = anx_ledger_sweep (self, error);
  gint64 lent = anx_database_query_int (database, 0, &inner, "SELECT count(*) FROM lease WHERE kiosk = ? AND state = 'lent' AND start > ?", "si", kiosk->id,
                                        self->view.now_usec);
  if (inner != NULL)
    return refuse_store (error, g_steal_pointer (&inner));
  gint64 most = (kiosk->kind == ANX_PRINCIPAL_KIOSK ? MOST_LENT : MOST_LENT_TO_A_DESK) - lent;
  JsonArray *services = anx_directory_get_services (self->view.directory);
  for (guint i = 0; slug == NULL && most > 0 && services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *json = anx_json_array_need_object (services, i, NULL);
      g_autoptr (AnxService) service = json != NULL ? anx_service_parse (json, NULL) : NULL;
      if (service != NULL)
        slug = lend_service (self, kiosk, service, &most, error);
    }
  return slug;
}

/**
 * anx_ledger_take_back:
 * @self: the ledger
 * @kiosk: whose lease it must be
 * @lease: of a lease the kiosk will not sell any more
 * @error: return location, of the database only
 *
 * One that was sold or is gone stays as it is: a kiosk that repeats itself changes nothing.
 *
 * Returns: (nullable): %NULL when it is not lent any more
 */
const char *
anx_ledger_take_back (AnxLedger *self,
                      const char *kiosk,
                      const char *lease,
                      GError **error)
{
  if (!anx_database_run (self->view.database, error, "UPDATE lease SET state = 'returned' WHERE id = ? AND kiosk = ? AND state IN ('lent', 'stray')", "ss",
                         lease, kiosk))
    return "failed";
  if (anx_database_changes (self->view.database) == 0)
    return NULL;
  return anx_ledger_vacate (self, lease, error) ? NULL : "failed";
}

/**
 * anx_ledger_reclaim:
 * @self: the ledger
 * @kiosk: that will not come back, a person says
 * @out_count: (out): how many leases were freed
 * @error: return location, of the database only
 *
 * Returns: (nullable): %NULL when the kiosk has no leases any more
 */
const char *
anx_ledger_reclaim (AnxLedger *self,
                    const char *kiosk,
                    gint64 *out_count,
                    GError **error)
{
  AnxDatabase *database = self->view.database;
  if (!anx_database_run (database, error, "DELETE FROM cell WHERE holder IN (SELECT id FROM lease WHERE kiosk = ? AND state IN ('lent', 'stray'))", "s", kiosk) ||
      !anx_database_run (database, error, "UPDATE lease SET state = 'reclaimed' WHERE kiosk = ? AND state IN ('lent', 'stray')", "s", kiosk))
    return "failed";
  *out_count = anx_database_changes (database);
  return anx_database_run (database, error, "UPDATE work_item SET done = ?, done_by = ? WHERE kind = 'stray-leases' AND kiosk = ? AND done IS NULL", "iss",
                           self->view.now_usec, self->who, kiosk)
             ? NULL
             : "failed";
}

/**
 * anx_ledger_list_leases:
 * @view: what is known
 * @kiosk: whose
 * @service: (nullable): of which service, %NULL = all
 * @from_usec: that start from here
 * @to_usec: to before here
 * @error: return location, of the database only
 *
 * One in a closed room stays the kiosk's and is not named while the room is closed, so that it is not sold.
 *
 * Returns: (transfer full) (nullable): the leases the kiosk can sell, soonest first
 */
JsonArray *
anx_ledger_list_leases (const AnxSlotView *view,
                        const char *kiosk,
                        const char *service,
                        gint64 from_usec,
                        gint64 to_usec,
                        GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonArray) list = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (view->database, &inner,
      "SELECT id, service, counsellor, mediator, room, start, end, EXISTS (SELECT 1 FROM closure AS c WHERE c.centre = lease.centre AND c.ended IS NULL"
      " AND (c.room IS NULL OR c.room = lease.room) AND c.start < lease.end AND c.end > lease.start) FROM lease"
      " WHERE kiosk = ?1 AND state = 'lent' AND start >= ?2 AND start < ?3 AND (?4 IS NULL OR service = ?4) ORDER BY start", "siis", kiosk, from_usec,
      to_usec, service);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      if (anx_rows_get_int (rows, 7) != 0 && anx_slots_needs_room (view->directory, anx_rows_get_string (rows, 1)))
        continue;
      JsonObject *lease = json_object_new ();
      json_object_set_string_member (lease, "lease", anx_rows_get_string (rows, 0));
      json_object_set_string_member (lease, "service", anx_rows_get_string (rows, 1));
      json_object_set_string_member (lease, "counsellor", anx_rows_get_string (rows, 2));
      if (!anx_rows_is_null (rows, 3))
        json_object_set_string_member (lease, "mediator", anx_rows_get_string (rows, 3));
      json_object_set_string_member (lease, "room", anx_rows_get_string (rows, 4));
      json_object_set_int_member (lease, "start", anx_rows_get_int (rows, 5));
      json_object_set_int_member (lease, "end", anx_rows_get_int (rows, 6));
      json_array_add_object_element (list, lease);
    }
  if (inner == NULL)
    return g_steal_pointer (&list);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/* --- requests --- */

typedef struct
{
  char *mark;
  char **held;
  char **returned;
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *exchange = data;
  g_free (exchange->mark);
  g_strfreev (exchange->held);
  g_strfreev (exchange->returned);
  g_free (exchange);
}

static gboolean
run_exchange (AnxRequest *request,
              AnxDatabase *database,
              GError **error)
{
  Exchange *exchange = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  const char *slug = NULL;
  for (gsize i = 0; slug == NULL && exchange->returned[i] != NULL; i++)
    slug = anx_ledger_take_back (&ledger, request->caller->id, exchange->returned[i], error);
  if (slug == NULL)
    slug = anx_ledger_lend (&ledger, request->caller, exchange->mark, (const char *const *) exchange->held, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  JsonArray *leases = anx_ledger_list_leases (&ledger.view, request->caller->id, NULL, request->now_usec, G_MAXINT64, error);
  if (leases == NULL)
    return FALSE;
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_array_member (answer, "leases", leases);
  anx_request_answer_json (request, 200, answer);
  return TRUE;
}

/**
 * anx_handle_leases_post:
 * @request: a request
 *
 * POST /leases: a kiosk that stands in a room, or one of the staff.
 */
void
anx_handle_leases_post (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const AnxPrincipal *caller = request->caller;
  if (caller->centre == NULL || (caller->kind == ANX_PRINCIPAL_KIOSK ? caller->room == NULL : !anx_request_caller_is (request, "staff", caller->centre)))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  const char *mark = anx_json_need_string (body, "installation", ANX_BOUND_PRINCIPAL_CHARS, NULL);
  g_auto (GStrv) held = anx_json_need_strings (body, "held", MOST_IDS, NULL);
  g_auto (GStrv) returned = anx_json_need_strings (body, "returned", MOST_IDS, NULL);
  if (mark == NULL || held == NULL || returned == NULL)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Exchange *exchange = g_new0 (Exchange, 1);
  exchange->mark = g_strdup (mark);
  exchange->held = g_steal_pointer (&held);
  exchange->returned = g_steal_pointer (&returned);
  request->data = exchange;
  request->free_data = exchange_free;
  anx_request_write (request, run_exchange, NULL);
}

/**
 * anx_handle_leases_get:
 * @request: a request
 *
 * GET /leases: for staff, which kiosk has what, and when it was heard of.
 */
void
anx_handle_leases_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  if (centre == NULL || !anx_request_caller_is (request, "staff", centre))
    {
      anx_request_refuse (request, centre == NULL ? "malformed" : "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "leases", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT l.id, l.kiosk, l.service, l.counsellor, l.room, l.start, l.end, l.state, i.seen FROM lease AS l LEFT JOIN installation AS i ON i.kiosk = l.kiosk"
      " WHERE l.centre = ? AND l.state IN ('lent', 'stray') AND l.end > ? ORDER BY l.kiosk, l.start", "si", centre, request->now_usec);
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      static const char *const names[] = { "lease", "kiosk", "service", "counsellor", "room" };
      JsonObject *lease = json_object_new ();
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_string_member (lease, names[i], anx_rows_get_string (rows, (int) i));
      json_object_set_int_member (lease, "start", anx_rows_get_int (rows, 5));
      json_object_set_int_member (lease, "end", anx_rows_get_int (rows, 6));
      json_object_set_string_member (lease, "state", anx_rows_get_string (rows, 7));
      json_object_set_int_member (lease, "seen", anx_rows_get_int (rows, 8));
      json_array_add_object_element (list, lease);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_reclaim (AnxRequest *request,
             AnxDatabase *database,
             GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  gint64 count = 0;
  const char *slug = anx_ledger_reclaim (&ledger, request->parameter, &count, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_int_member (answer, "reclaimed", count);
  anx_request_answer_json (request, 200, answer);
  return TRUE;
}

/**
 * anx_handle_lease_reclaim:
 * @request: a request
 *
 * POST /kiosks/{id}/reclaim: staff of the centre say that a kiosk, or somebody's desk, will not come back.
 */
void
anx_handle_lease_reclaim (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  /* A kiosk that was taken out of the directory has no centre any more; the administrator looks after those. */
  const AnxPrincipal *kiosk = anx_directory_get_principal (request->directory, request->parameter);
  gboolean own = kiosk != NULL && kiosk->kind != ANX_PRINCIPAL_GROUP && kiosk->centre != NULL && anx_request_caller_is (request, "staff", kiosk->centre);
  if (!own && !anx_request_caller_is (request, "administrator", NULL))
    anx_request_refuse (request, "not-allowed");
  else
    anx_request_write (request, run_reclaim, NULL);
}
