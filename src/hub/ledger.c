/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ledger.h"

#include "clock.h"
#include "hub.h"
#include "id.h"
#include "store-error.h"

#define SELECT_BOOKING "SELECT " ANX_BOOKING_COLUMNS " FROM booking "
#define FAILED "failed"

/* --- bookings as values --- */

/**
 * anx_booking_free:
 * @self: (nullable) (transfer full): a booking
 */
void
anx_booking_free (AnxBooking *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->service);
  g_free (self->counsellor);
  g_free (self->mediator);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->status);
  g_free (self->code_hash);
  g_free (self->series);
  g_free (self->origin);
  g_free (self->lease);
  g_free (self);
}

/**
 * anx_booking_from_row:
 * @rows: standing at a row whose columns are %ANX_BOOKING_COLUMNS
 *
 * Returns: (transfer full): the booking
 */
AnxBooking *
anx_booking_from_row (AnxRows *rows)
{
  AnxBooking *self = g_new0 (AnxBooking, 1);
  self->id = g_strdup (anx_rows_get_string (rows, 0));
  self->service = g_strdup (anx_rows_get_string (rows, 1));
  self->counsellor = g_strdup (anx_rows_get_string (rows, 2));
  self->mediator = g_strdup (anx_rows_get_string (rows, 3));
  self->centre = g_strdup (anx_rows_get_string (rows, 4));
  self->room = g_strdup (anx_rows_get_string (rows, 5));
  self->kiosk = g_strdup (anx_rows_get_string (rows, 6));
  self->start_usec = anx_rows_get_int (rows, 7);
  self->end_usec = anx_rows_get_int (rows, 8);
  self->status = g_strdup (anx_rows_get_string (rows, 9));
  self->changed_usec = anx_rows_get_int (rows, 10);
  self->code_hash = g_strdup (anx_rows_get_string (rows, 11));
  self->series = g_strdup (anx_rows_get_string (rows, 12));
  self->origin = g_strdup (anx_rows_get_string (rows, 13));
  self->lease = g_strdup (anx_rows_get_string (rows, 14));
  self->late = anx_rows_get_int (rows, 15) != 0;
  return self;
}

/**
 * anx_booking_to_json:
 * @self: a booking
 *
 * Returns: (transfer full): it in the form of README.md, without the code's digest
 */
JsonObject *
anx_booking_to_json (const AnxBooking *self)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "id", self->id);
  json_object_set_string_member (object, "service", self->service);
  json_object_set_string_member (object, "counsellor", self->counsellor);
  if (self->mediator != NULL)
    json_object_set_string_member (object, "mediator", self->mediator);
  json_object_set_string_member (object, "centre", self->centre);
  json_object_set_string_member (object, "room", self->room);
  if (self->kiosk != NULL)
    json_object_set_string_member (object, "kiosk", self->kiosk);
  else
    json_object_set_null_member (object, "kiosk");
  json_object_set_int_member (object, "start", self->start_usec);
  json_object_set_int_member (object, "end", self->end_usec);
  json_object_set_string_member (object, "status", self->status);
  json_object_set_int_member (object, "changed", self->changed_usec);
  json_object_set_string_member (object, "origin", self->origin);
  if (self->series != NULL)
    json_object_set_string_member (object, "series", self->series);
  if (self->late)
    json_object_set_boolean_member (object, "late", TRUE);
  return object;
}

static AnxBooking *
take_first (AnxRows *rows,
            GError **error)
{
  return rows != NULL && anx_rows_next (rows, error) ? anx_booking_from_row (rows) : NULL;
}

/**
 * anx_ledger_find:
 * @database: a connection
 * @id: of a booking
 * @error: return location, of the database only
 *
 * Returns: (transfer full) (nullable): the booking; %NULL without an error when there is none
 */
AnxBooking *
anx_ledger_find (AnxDatabase *database,
                 const char *id,
                 GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_BOOKING "WHERE id = ?", "s", id);
  return take_first (rows, error);
}

/**
 * anx_ledger_find_by_code:
 * @database: a connection
 * @code_hash: digest of a code key
 * @over_usec: what ended before this is over, UTC
 * @error: return location, of the database only
 *
 * A code of a series stands for several bookings: one that stands comes before one that is over, also when nobody has noted what became of
 * that; then the next to come. Of two that were moved to the same time it is the one with the lower id, always.
 *
 * Returns: (transfer full) (nullable): the booking; %NULL without an error when there is none
 */
AnxBooking *
anx_ledger_find_by_code (AnxDatabase *database,
                         const char *code_hash,
                         gint64 over_usec,
                         GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error,
      SELECT_BOOKING "WHERE code_hash = ? ORDER BY status IN ('cancelled', 'noshow', 'entered-in-error'), status = 'fulfilled',"
      " end < ?, CASE WHEN series IS NULL THEN -start ELSE start END, id LIMIT 1", "si", code_hash, over_usec);
  return take_first (rows, error);
}

/* --- pieces of a change --- */

static const char *
refuse_store (GError **error,
              GError *inner)
{
  g_propagate_error (error, inner);
  return FAILED;
}

/* B6: what has ended is taken away before anything is written, in the same words the search passes it over with. */
static gboolean
sweep_cells (AnxLedger *self,
             GError **error)
{
  return anx_database_run (self->view.database, error, "DELETE FROM cell WHERE until IS NOT NULL AND (until <= ? OR until > ?)", "ii",
                           self->view.now_usec, self->view.now_usec + ANX_HOLD_USEC);
}

/**
 * anx_ledger_sweep:
 * @self: the ledger
 * @error: return location, of the database only
 *
 * Forgets holds that have ended, and their cells.
 *
 * Returns: (nullable): %NULL when done
 */
const char *
anx_ledger_sweep (AnxLedger *self,
                  GError **error)
{
  gint64 now = self->view.now_usec;
  return sweep_cells (self, error) && anx_database_run (self->view.database, error, "DELETE FROM hold WHERE until <= ? OR until > ?", "ii", now, now + ANX_HOLD_USEC)
             ? NULL
             : FAILED;
}

static gboolean
occupy_one (AnxLedger *self,
            const char *resource,
            gint64 first,
            gint64 last,
            const char *holder,
            gint64 until_usec,
            GError **error)
{
  return until_usec == 0
             ? anx_database_run (self->view.database, error,
                                 "WITH RECURSIVE n (c) AS (SELECT ?1 UNION ALL SELECT c + 1 FROM n WHERE c < ?2)"
                                 " INSERT INTO cell SELECT ?3, c, ?4, NULL FROM n", "iiss", first, last, resource, holder)
             : anx_database_run (self->view.database, error,
                                 "WITH RECURSIVE n (c) AS (SELECT ?1 UNION ALL SELECT c + 1 FROM n WHERE c < ?2)"
                                 " INSERT INTO cell SELECT ?3, c, ?4, ?5 FROM n", "iissi", first, last, resource, holder, until_usec);
}

/**
 * anx_ledger_occupy:
 * @self: the ledger
 * @service: what is held
 * @slot: where and when
 * @centre: of the room
 * @holder: in whose name
 * @until_usec: when it ends by itself, 0 = never
 * @error: return location, of the database only
 *
 * Counsellor, companion, room and kiosk together, buffers included.
 *
 * Returns: (nullable): %NULL when all are the holder's, "slot-taken" when one was not free
 */
const char *
anx_ledger_occupy (AnxLedger *self,
                   const AnxService *service,
                   const AnxSlot *slot,
                   const char *centre,
                   const char *holder,
                   gint64 until_usec,
                   GError **error)
{
  g_autoptr (GError) inner = NULL;
  gint64 first = 0, last = 0;
  anx_service_get_cells (service, slot->start_usec, &first, &last);
  gboolean phone = service->kind == ANX_SERVICE_PHONE;
  g_autofree char *counsellor = anx_slots_counsellor_resource (slot->counsellor);
  g_autofree char *mediator = slot->mediator != NULL ? anx_slots_counsellor_resource (slot->mediator) : NULL;
  g_autofree char *room = phone ? NULL : anx_slots_room_resource (centre, slot->room);
  g_autofree char *kiosk = slot->kiosk != NULL && service->video ? anx_slots_kiosk_resource (slot->kiosk) : NULL;
  if (!sweep_cells (self, error))
    return FAILED;
  if (occupy_one (self, counsellor, first, last, holder, until_usec, &inner) &&
      (mediator == NULL || occupy_one (self, mediator, first, last, holder, until_usec, &inner)) &&
      (room == NULL || occupy_one (self, room, first, last, holder, until_usec, &inner)) &&
      (kiosk == NULL || occupy_one (self, kiosk, first, last, holder, until_usec, &inner)))
    return NULL;
  if (g_error_matches (inner, ANX_STORE_ERROR, ANX_STORE_ERROR_CONSTRAINT))
    return "slot-taken";
  return refuse_store (error, g_steal_pointer (&inner));
}

/**
 * anx_ledger_vacate:
 * @self: the ledger
 * @holder: a booking, lease or hold
 * @error: return location, of the database only
 *
 * Returns: whether its cells are free
 */
gboolean
anx_ledger_vacate (AnxLedger *self,
                   const char *holder,
                   GError **error)
{
  return anx_database_run (self->view.database, error, "DELETE FROM cell WHERE holder = ?", "s", holder);
}

/**
 * anx_ledger_add_work:
 * @self: the ledger
 * @centre: whose staff is to do it
 * @kind: follow-up, promised-twice, asked, stray-leases or room-closed
 * @booking: (nullable): what it is about
 * @kiosk: (nullable): what it is about
 * @error: return location, of the database only
 *
 * The same open item is written once.
 *
 * Returns: whether it is written
 */
gboolean
anx_ledger_add_work (AnxLedger *self,
                     const char *centre,
                     const char *kind,
                     const char *booking,
                     const char *kiosk,
                     GError **error)
{
  g_autofree char *id = anx_uuid_new (self->view.now_usec);
  return anx_database_run (self->view.database, error,
                           "INSERT INTO work_item (id, centre, kind, booking, kiosk, created) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS"
                           " (SELECT 1 FROM work_item WHERE centre = ?2 AND kind = ?3 AND booking IS ?4 AND kiosk IS ?5 AND done IS NULL)",
                           "sssssi", id, centre, kind, booking, kiosk, self->view.now_usec);
}

static gboolean
write_history (AnxLedger *self,
               const AnxBooking *booking,
               const char *what,
               const char *reason,
               GError **error)
{
  return anx_database_run (self->view.database, error,
                           "INSERT INTO booking_change (booking, at, who, what, status, start, counsellor, room, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           "sisssisss", booking->id, self->view.now_usec, self->who, what, booking->status, booking->start_usec,
                           booking->counsellor, booking->room, reason);
}

/**
 * anx_ledger_find_slot:
 * @self: the ledger
 * @claim: what is wanted
 * @holder: (nullable): whose cells count as free
 * @out_slot: (out): the slot, with the least loaded counsellor where any will do
 * @error: return location, of the database only
 *
 * The same question the search asks.
 *
 * Returns: (nullable): %NULL when the slot may be had, "slot-taken", "slot-not-offered"
 */
const char *
anx_ledger_find_slot (AnxLedger *self,
                      const AnxBookingClaim *claim,
                      const char *holder,
                      AnxSlot **out_slot,
                      GError **error)
{
  AnxSlotQuery query = {
    .centre = claim->centre,
    .service = claim->service,
    .counsellor = claim->counsellor,
    .mediator = claim->mediator,
    .room = claim->room,
    .from_usec = claim->start_usec,
    .to_usec = claim->start_usec + 1,
    .most = 1,
    .staff = claim->staff,
    .holder = holder,
  };
  g_autoptr (GPtrArray) free_slots = anx_slots_list (&self->view, &query, error);
  if (free_slots == NULL)
    return FAILED;
  if (free_slots->len > 0)
    {
      *out_slot = g_ptr_array_steal_index (free_slots, 0);
      return NULL;
    }
  query.though_taken = TRUE;
  g_autoptr (GPtrArray) all = anx_slots_list (&self->view, &query, error);
  if (all == NULL)
    return FAILED;
  return all->len > 0 ? "slot-taken" : "slot-not-offered";
}

/* --- holds --- */

/**
 * anx_ledger_hold:
 * @self: the ledger
 * @claim: what is held; its id is that of the booking to come
 * @out_until_usec: (out): when it ends
 * @error: return location, of the database only
 *
 * An owner has one hold at a time: a new one gives back the last, so that nobody can stop a centre by holding. The same id again
 * holds anew. A time that is held stays promised while its notice passes or it begins; but nobody holds one for longer than until it
 * begins or, if that is later, five minutes from when it was promised.
 *
 * Returns: (nullable): %NULL when held; "slot-taken", "slot-not-offered", "booking-differs" (the id is a booking already)
 */
const char *
anx_ledger_hold (AnxLedger *self,
                 const AnxBookingClaim *claim,
                 gint64 *out_until_usec,
                 GError **error)
{
  AnxDatabase *database = self->view.database;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxSlot) slot = NULL;
  g_autoptr (AnxService) service = anx_slots_find_service (self->view.directory, claim->service);
  gint64 known = anx_database_query_int (database, 0, &inner,
      "SELECT EXISTS (SELECT 1 FROM booking WHERE id = ?1) OR EXISTS (SELECT 1 FROM lease WHERE id = ?1)"
      " OR EXISTS (SELECT 1 FROM hold WHERE id = ?1 AND owner <> ?2)", "ss", claim->id, claim->owner);
  if (inner != NULL)
    return refuse_store (error, g_steal_pointer (&inner));
  if (known != 0)
    return "booking-differs";
  if (service == NULL)
    return "slot-not-offered";

  const char *slug = anx_ledger_sweep (self, error);
  if (slug != NULL)
    return slug;
  if (!anx_database_run (database, error, "DELETE FROM cell WHERE holder IN (SELECT id FROM hold WHERE owner = ?1 AND id <> ?2)", "ss", claim->owner, claim->id) ||
      !anx_database_run (database, error, "DELETE FROM hold WHERE owner = ?1 AND id <> ?2", "ss", claim->owner, claim->id))
    return FAILED;
  slug = anx_ledger_find_slot (self, claim, claim->id, &slot, error);
  if (slug != NULL)
    return slug;
  gint64 now = self->view.now_usec;
  gint64 promised = anx_database_query_int (database, now, &inner, "SELECT promised FROM hold WHERE id = ? AND service = ? AND centre = ? AND start = ?", "sssi",
                                            claim->id, claim->service, claim->centre, claim->start_usec);
  if (inner != NULL)
    return refuse_store (error, g_steal_pointer (&inner));
  *out_until_usec = MIN (now + ANX_HOLD_USEC, MAX (claim->start_usec, promised + ANX_HOLD_USEC));
  if (!anx_ledger_vacate (self, claim->id, error) || !anx_database_run (database, error, "DELETE FROM hold WHERE id = ?", "s", claim->id))
    return FAILED;
  slug = anx_ledger_occupy (self, service, slot, claim->centre, claim->id, *out_until_usec, error);
  if (slug != NULL)
    return slug;
  return anx_database_run (database, error,
                           "INSERT INTO hold (id, owner, service, counsellor, mediator, centre, room, kiosk, start, until, promised) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           "ssssssssiii", claim->id, claim->owner, claim->service, slot->counsellor, slot->mediator, claim->centre, slot->room, slot->kiosk,
                           slot->start_usec, *out_until_usec, promised)
             ? NULL
             : FAILED;
}

/**
 * anx_ledger_release:
 * @self: the ledger
 * @id: of a hold
 * @owner: whose it must be
 * @error: return location, of the database only
 *
 * A hold that is gone already is as good as released. A booking that was made from it stays.
 *
 * Returns: (nullable): %NULL when there is no such hold any more
 */
const char *
anx_ledger_release (AnxLedger *self,
                    const char *id,
                    const char *owner,
                    GError **error)
{
  AnxDatabase *database = self->view.database;
  return anx_database_run (database, error, "DELETE FROM cell WHERE holder IN (SELECT id FROM hold WHERE id = ? AND owner = ?)", "ss", id, owner) &&
                 anx_database_run (database, error, "DELETE FROM hold WHERE id = ? AND owner = ?", "ss", id, owner)
             ? NULL
             : FAILED;
}

/* --- booking --- */

/* Compared with what was asked for then, not with what became of it: a booking that was moved is still the answer to its claim. */
static gboolean
is_same_claim (AnxLedger *self,
               const AnxBooking *booking,
               const AnxBookingClaim *claim,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->view.database, error,
      "SELECT start, counsellor, room FROM booking_change WHERE booking = ? AND what = 'made'", "s", booking->id);
  gboolean told = rows != NULL && anx_rows_next (rows, error);
  gint64 start = told ? anx_rows_get_int (rows, 0) : booking->start_usec;
  const char *counsellor = told ? anx_rows_get_string (rows, 1) : booking->counsellor;
  const char *room = told ? anx_rows_get_string (rows, 2) : booking->room;
  return g_str_equal (booking->service, claim->service) && g_str_equal (booking->centre, claim->centre) && g_str_equal (booking->code_hash, claim->code_hash) &&
         g_strcmp0 (booking->series, claim->series) == 0 && start == claim->start_usec && (claim->counsellor == NULL || g_str_equal (counsellor, claim->counsellor)) &&
         (claim->room == NULL || g_str_equal (room, claim->room));
}

static AnxBooking *
make_booking (AnxLedger *self,
              const AnxBookingClaim *claim,
              const AnxSlot *slot,
              const char *status)
{
  AnxBooking *booking = g_new0 (AnxBooking, 1);
  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->view.directory, claim->centre, slot->room);
  booking->id = g_strdup (claim->id);
  booking->service = g_strdup (claim->service);
  booking->counsellor = g_strdup (slot->counsellor);
  booking->mediator = g_strdup (slot->mediator);
  booking->centre = g_strdup (claim->centre);
  booking->room = g_strdup (slot->room);
  booking->kiosk = kiosk != NULL ? g_strdup (kiosk->id) : NULL;
  booking->start_usec = slot->start_usec;
  booking->end_usec = slot->end_usec;
  booking->status = g_strdup (status);
  booking->changed_usec = self->view.now_usec;
  booking->code_hash = g_strdup (claim->code_hash);
  booking->series = g_strdup (claim->series);
  booking->origin = g_strdup (claim->origin);
  booking->lease = g_strdup (claim->lease);
  return booking;
}

static gboolean
insert_booking (AnxLedger *self,
                const AnxBooking *booking,
                const char *reason,
                GError **error)
{
  return anx_database_run (self->view.database, error,
                           "INSERT INTO booking (" ANX_BOOKING_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", "sssssssiisissss",
                           booking->id, booking->service, booking->counsellor, booking->mediator, booking->centre, booking->room, booking->kiosk,
                           booking->start_usec, booking->end_usec, booking->status, booking->changed_usec, booking->code_hash, booking->series,
                           booking->origin, booking->lease) &&
         write_history (self, booking, "made", reason, error);
}

/* A sale out of a lease: B4. 0 = no such lease of this kiosk, 1 = the cells are the booking's now, 2 = it was promised, but somebody else has the time. */
typedef enum
{
  LEASE_NONE,
  LEASE_SOLD,
  LEASE_PROMISED_TWICE,
} LeaseOutcome;

static gboolean
read_lease (AnxLedger *self,
            const AnxBookingClaim *claim,
            AnxSlot **out_slot,
            char **out_state,
            GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->view.database, error,
      "SELECT counsellor, mediator, room, start, end, state FROM lease WHERE id = ? AND kiosk = ? AND service = ? AND centre = ?", "ssss",
      claim->lease, claim->owner, claim->service, claim->centre);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  AnxSlot *slot = g_new0 (AnxSlot, 1);
  slot->counsellor = g_strdup (anx_rows_get_string (rows, 0));
  slot->mediator = g_strdup (anx_rows_get_string (rows, 1));
  slot->room = g_strdup (anx_rows_get_string (rows, 2));
  slot->start_usec = anx_rows_get_int (rows, 3);
  slot->end_usec = anx_rows_get_int (rows, 4);
  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->view.directory, claim->centre, slot->room);
  slot->kiosk = kiosk != NULL ? g_strdup (kiosk->id) : NULL;
  *out_slot = slot;
  *out_state = g_strdup (anx_rows_get_string (rows, 5));
  return TRUE;
}

static const char *
sell_lease (AnxLedger *self,
            const AnxBookingClaim *claim,
            const AnxService *service,
            LeaseOutcome *out_outcome,
            AnxSlot **out_slot,
            GError **error)
{
  AnxDatabase *database = self->view.database;
  g_autoptr (GError) inner = NULL;
  g_autofree char *state = NULL;
  *out_outcome = LEASE_NONE;
  if (!read_lease (self, claim, out_slot, &state, &inner))
    return inner != NULL ? refuse_store (error, g_steal_pointer (&inner)) : NULL;
  const char *slug = NULL;
  *out_outcome = LEASE_SOLD;
  if (g_str_equal (state, "lent") || g_str_equal (state, "stray"))
    {
      if (!anx_database_run (database, error, "UPDATE cell SET holder = ? WHERE holder = ?", "ss", claim->id, claim->lease))
        return FAILED;
    }
  else if (g_str_equal (state, "sold"))
    *out_outcome = LEASE_PROMISED_TWICE;
  else
    {
      /* Staff reclaimed it, and the kiosk came back with a sale. If the time is still free nothing is lost. The look before the leap
       * is safe because there is one writer, and keeps a failed insert from half-occupying. */
      AnxSlotQuery query = { .centre = claim->centre, .service = claim->service, .counsellor = (*out_slot)->counsellor,
                             .mediator = (*out_slot)->mediator, .room = (*out_slot)->room, .from_usec = (*out_slot)->start_usec, .to_usec = (*out_slot)->start_usec + 1, .most = 1, .staff = TRUE };
      g_autoptr (GPtrArray) still = anx_slots_list (&self->view, &query, error);
      if (still == NULL)
        return FAILED;
      if (still->len == 0)
        *out_outcome = LEASE_PROMISED_TWICE;
      else
        slug = anx_ledger_occupy (self, service, *out_slot, claim->centre, claim->id, 0, error);
    }
  if (slug == NULL && *out_outcome == LEASE_SOLD &&
      !anx_database_run (database, error, "UPDATE lease SET state = 'sold', booking = ? WHERE id = ?", "ss", claim->id, claim->lease))
    return FAILED;
  return slug;
}

static const char *
finish_booking (AnxLedger *self,
                const AnxBookingClaim *claim,
                const AnxSlot *slot,
                const char *status,
                const char *work,
                AnxBooking **out_booking,
                GError **error)
{
  g_autoptr (AnxBooking) booking = make_booking (self, claim, slot, status);
  if (!insert_booking (self, booking, work, error) || (work != NULL && !anx_ledger_add_work (self, claim->centre, work, claim->id, NULL, error)))
    return FAILED;
  *out_booking = g_steal_pointer (&booking);
  return NULL;
}

/* Where a hold with the claim's id stands, its cells become the booking's, also when its notice passed meanwhile; a hold on another time is given back. */
static const char *
book_free_slot (AnxLedger *self,
                const AnxBookingClaim *claim,
                const AnxService *service,
                AnxSlot **out_slot,
                GError **error)
{
  const char *slug = anx_ledger_sweep (self, error);
  if (slug == NULL)
    slug = anx_ledger_find_slot (self, claim, claim->id, out_slot, error);
  if (slug != NULL)
    return slug;
  if (!anx_ledger_vacate (self, claim->id, error) || !anx_database_run (self->view.database, error, "DELETE FROM hold WHERE id = ?", "s", claim->id))
    return FAILED;
  return anx_ledger_occupy (self, service, *out_slot, claim->centre, claim->id, 0, error);
}

/* What an offline kiosk could only ask for, and cannot have: kept for a person to answer. Also when the service is offered no more, without a length then. */
static const char *
keep_asked (AnxLedger *self,
            const AnxBookingClaim *claim,
            const AnxService *service,
            AnxBooking **out_booking,
            GError **error)
{
  AnxSlot slot = { .start_usec = claim->start_usec,
                   .end_usec = claim->start_usec + (service != NULL ? service->minutes * ANX_USEC_PER_MINUTE : ANX_CELL_USEC),
                   .counsellor = (char *) (claim->counsellor != NULL ? claim->counsellor : ""),
                   .room = (char *) (claim->room != NULL ? claim->room : "") };
  /* A lease the hub does not know, after an old backup was restored: the resident was promised this time, not just asked. */
  return finish_booking (self, claim, &slot, "proposed", claim->lease != NULL ? "promised-twice" : "asked", out_booking, error);
}

/**
 * anx_ledger_book:
 * @self: the ledger
 * @claim: what is wanted
 * @out_booking: (out): the booking, when there is one
 * @out_new: (out): whether this call made it
 * @error: return location, of the database only
 *
 * A sale out of a lease that the kiosk still has is booked whatever the plan says by now: it was promised. If staff reclaimed the lease
 * and gave the time away meanwhile, it is kept as proposed, with work for the staff: nobody is lost silently.
 *
 * Returns: (nullable): %NULL when there is a booking; "slot-taken", "slot-not-offered", "booking-differs"
 */
const char *
anx_ledger_book (AnxLedger *self,
                 const AnxBookingClaim *claim,
                 AnxBooking **out_booking,
                 gboolean *out_new,
                 GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxBooking) earlier = anx_ledger_find (self->view.database, claim->id, &inner);
  g_autoptr (AnxSlot) slot = NULL;
  *out_new = FALSE;
  if (inner != NULL)
    return refuse_store (error, g_steal_pointer (&inner));
  if (earlier != NULL)
    {
      gboolean same = is_same_claim (self, earlier, claim, &inner);
      if (inner != NULL)
        return refuse_store (error, g_steal_pointer (&inner));
      if (!same)
        return "booking-differs"; /* B2 */
      *out_booking = g_steal_pointer (&earlier);
      return NULL;
    }
  g_autoptr (AnxService) service = anx_slots_find_service (self->view.directory, claim->service);
  *out_new = TRUE;
  if (service == NULL && !claim->asked && claim->lease == NULL)
    return "slot-not-offered";
  if (service == NULL)
    {
      /* The time is free again for whatever the staff find instead. */
      const char *kept = claim->lease != NULL ? anx_ledger_take_back (self, claim->owner, claim->lease, error) : NULL;
      return kept != NULL ? kept : keep_asked (self, claim, NULL, out_booking, error);
    }

  LeaseOutcome outcome = LEASE_NONE;
  const char *slug = claim->lease != NULL ? sell_lease (self, claim, service, &outcome, &slot, error) : NULL;
  if (slug != NULL)
    return slug;
  if (outcome == LEASE_PROMISED_TWICE)
    return finish_booking (self, claim, slot, "proposed", "promised-twice", out_booking, error);
  if (outcome == LEASE_NONE)
    slug = book_free_slot (self, claim, service, &slot, error);
  if (slug == NULL)
    slug = finish_booking (self, claim, slot, "booked", NULL, out_booking, error);
  if (slug == NULL && outcome == LEASE_SOLD && !anx_ledger_note_closed (self, *out_booking, error))
    return FAILED;
  if (slug == NULL || g_str_equal (slug, FAILED))
    return slug;
  if ((claim->asked || claim->lease != NULL) && (g_str_equal (slug, "slot-taken") || g_str_equal (slug, "slot-not-offered")))
    return keep_asked (self, claim, service, out_booking, error);
  return slug;
}

/* --- changing --- */

/**
 * anx_ledger_move:
 * @self: the ledger
 * @booking: what is moved; changed accordingly
 * @target: where to: counsellor, room, start; the rest is the booking's
 * @reason: (nullable): for the history
 * @error: return location, of the database only
 *
 * The old time is given back and the new one taken in one step: there is no moment at which the person has neither. Only what has not
 * begun can be moved; moving what was only asked for books it.
 *
 * Returns: (nullable): %NULL when moved; "slot-taken", "slot-not-offered", "status-not-allowed"
 */
const char *
anx_ledger_move (AnxLedger *self,
                 AnxBooking *booking,
                 const AnxBookingClaim *target,
                 const char *reason,
                 GError **error)
{
  static const char *const movable[] = { "proposed", "pending", "waitlist", "booked", NULL };
  g_autoptr (AnxService) service = anx_slots_find_service (self->view.directory, booking->service);
  g_autoptr (AnxSlot) slot = NULL;
  if (!g_strv_contains (movable, booking->status))
    return "status-not-allowed";
  AnxBookingClaim claim = *target;
  claim.id = booking->id;
  claim.service = booking->service;
  claim.centre = booking->centre;
  const char *slug = service != NULL ? anx_ledger_sweep (self, error) : "slot-not-offered";
  if (slug == NULL)
    slug = anx_ledger_find_slot (self, &claim, booking->id, &slot, error);
  if (slug != NULL)
    return slug;
  if (!anx_ledger_vacate (self, booking->id, error))
    return FAILED;
  slug = anx_ledger_occupy (self, service, slot, booking->centre, booking->id, 0, error);
  if (slug != NULL)
    return slug;

  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->view.directory, booking->centre, slot->room);
  g_free (booking->counsellor);
  g_free (booking->mediator);
  g_free (booking->room);
  g_free (booking->kiosk);
  g_free (booking->status);
  booking->counsellor = g_strdup (slot->counsellor);
  booking->mediator = g_strdup (slot->mediator);
  booking->room = g_strdup (slot->room);
  booking->kiosk = kiosk != NULL ? g_strdup (kiosk->id) : NULL;
  booking->status = g_strdup ("booked");
  booking->start_usec = slot->start_usec;
  booking->end_usec = slot->end_usec;
  booking->changed_usec = self->view.now_usec;
  return anx_database_run (self->view.database, error,
                           "UPDATE booking SET counsellor = ?, mediator = ?, room = ?, kiosk = ?, status = ?, start = ?, end = ?, changed = ? WHERE id = ?",
                           "sssssiiis", booking->counsellor, booking->mediator, booking->room, booking->kiosk, booking->status, booking->start_usec,
                           booking->end_usec, booking->changed_usec, booking->id) &&
                 write_history (self, booking, "moved", reason, error)
             ? NULL
             : FAILED;
}

/* A no-show that is taken back needs its time again; whoever filled it meanwhile keeps it. */
static const char *
occupy_again (AnxLedger *self,
              const AnxBooking *booking,
              const AnxService *service,
              GError **error)
{
  if (service == NULL)
    return "slot-not-offered";
  AnxSlot slot = { .start_usec = booking->start_usec, .end_usec = booking->end_usec, .counsellor = booking->counsellor, .mediator = booking->mediator,
                   .room = booking->room, .kiosk = booking->kiosk };
  return anx_ledger_occupy (self, service, &slot, booking->centre, booking->id, 0, error);
}

/* Yellow and red persons are never counted against for missing a session: somebody asks how they are. */
static gboolean
follow_up (AnxLedger *self,
           const AnxBooking *booking,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  gint64 worried = anx_database_query_int (self->view.database, 0, &inner,
      "SELECT EXISTS (SELECT 1 FROM alert WHERE booking = ?1 OR booking IN (SELECT id FROM booking WHERE code_hash = ?2"
      " OR (series IS NOT NULL AND series = ?3)))", "sss", booking->id, booking->code_hash, booking->series);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  return worried == 0 || anx_ledger_add_work (self, booking->centre, "follow-up", booking->id, NULL, error);
}

/**
 * anx_ledger_set_status:
 * @self: the ledger
 * @booking: what is changed; changed accordingly
 * @status: a FHIR R4 Appointment.status
 * @reason: (nullable): for the history
 * @error: return location, of the database only
 *
 * The status it has already is no change and leaves no history. A no-show opens a follow-up where there was an alert about the person;
 * taking it back closes the follow-up.
 *
 * Returns: (nullable): %NULL when it has that status; "status-not-allowed"; "slot-taken" when a missed time was given to another
 */
const char *
anx_ledger_set_status (AnxLedger *self,
                       AnxBooking *booking,
                       const char *status,
                       const char *reason,
                       GError **error)
{
  if (g_str_equal (booking->status, status))
    return NULL;
  if (!anx_appointment_status_may_follow (booking->status, status))
    return "status-not-allowed";
  g_autoptr (AnxService) service = anx_slots_find_service (self->view.directory, booking->service);
  gboolean had = anx_appointment_status_occupies (booking->status), has = anx_appointment_status_occupies (status);
  gboolean was_noshow = g_str_equal (booking->status, "noshow");
  if (had && !has && !anx_ledger_vacate (self, booking->id, error))
    return FAILED; /* B3 */
  const char *slug = !had && has ? occupy_again (self, booking, service, error) : NULL;
  if (slug != NULL)
    return slug;

  booking->late = booking->late || (g_str_equal (status, "cancelled") && service != NULL && had &&
                                    anx_service_is_late (service, booking->start_usec, self->view.now_usec));
  g_free (booking->status);
  booking->status = g_strdup (status);
  booking->changed_usec = self->view.now_usec;
  if (!anx_database_run (self->view.database, error, "UPDATE booking SET status = ?, changed = ?, late = ? WHERE id = ?", "siis", status,
                         booking->changed_usec, (gint64) booking->late, booking->id) ||
      !write_history (self, booking, "status", reason, error))
    return FAILED;
  if (g_str_equal (status, "noshow") && !follow_up (self, booking, error))
    return FAILED;
  if (was_noshow && !anx_database_run (self->view.database, error,
                                       "UPDATE work_item SET done = ?, done_by = ? WHERE booking = ? AND kind = 'follow-up' AND done IS NULL", "iss",
                                       self->view.now_usec, self->who, booking->id))
    return FAILED;
  return NULL;
}
