/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lease-book.h"

#include <string.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"
#include "text.h"

#define NAME_BYTES 64
#define MOST_LEASES 64
#define SALE_BYTES (16 * 1024)

struct _AnxLeaseBook
{
  AnxDatabase *database;
};

/**
 * anx_lease_book_new:
 * @database: the client's database
 *
 * Returns: (transfer full): its leases and sales
 */
AnxLeaseBook *
anx_lease_book_new (AnxDatabase *database)
{
  AnxLeaseBook *self = g_new0 (AnxLeaseBook, 1);
  self->database = g_object_ref (database);
  return self;
}

/**
 * anx_lease_book_free:
 * @self: (nullable) (transfer full): a book
 */
void
anx_lease_book_free (AnxLeaseBook *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->database);
  g_free (self);
}

/* L5 */
static char *
dup_mark (AnxLeaseBook *self,
          gint64 now_usec,
          GError **error)
{
  g_autofree char *fresh = anx_uuid_new (now_usec);
  if (!anx_database_run (self->database, error, "INSERT INTO booking_mark SELECT ? WHERE NOT EXISTS (SELECT 1 FROM booking_mark)", "s", fresh))
    return NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, error, "SELECT mark FROM booking_mark", "");
  return rows != NULL && anx_rows_next (rows, error) ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
}

static JsonArray *
list_ids (AnxLeaseBook *self,
          const char *state,
          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonArray) ids = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT id FROM lease WHERE state = ? ORDER BY start LIMIT 64", "s", state);
  while (rows != NULL && anx_rows_next (rows, &inner))
    json_array_add_string_element (ids, anx_rows_get_string (rows, 0));
  if (inner == NULL)
    return g_steal_pointer (&ids);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_lease_book_build_exchange:
 * @self: a book
 * @now_usec: the time, UTC
 * @keep_from_usec: leases that start before this are given back from now on, UTC; 0 keeps all
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * What is given back is marked so on the disk before it is named to anybody (L2). Sold ones that are not delivered are held.
 *
 * Returns: (transfer full) (nullable): the body of POST /leases
 */
JsonObject *
anx_lease_book_build_exchange (AnxLeaseBook *self,
                               gint64 now_usec,
                               gint64 keep_from_usec,
                               GError **error)
{
  g_autofree char *mark = dup_mark (self, now_usec, error);
  if (mark == NULL || !anx_database_run (self->database, error, "UPDATE lease SET state = 'returning' WHERE state = 'held' AND start < ?", "i", keep_from_usec))
    return NULL;
  g_autoptr (JsonArray) held = list_ids (self, "held", error);
  g_autoptr (JsonArray) sold = held != NULL ? list_ids (self, "sold", error) : NULL;
  g_autoptr (JsonArray) returned = sold != NULL ? list_ids (self, "returning", error) : NULL;
  if (returned == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (sold) && json_array_get_length (held) < MOST_LEASES; i++)
    json_array_add_string_element (held, json_array_get_string_element (sold, i));
  JsonObject *body = json_object_new ();
  json_object_set_string_member (body, "installation", mark);
  json_object_set_array_member (body, "held", g_steal_pointer (&held));
  json_object_set_array_member (body, "returned", g_steal_pointer (&returned));
  return body;
}

static gboolean
take_lease (AnxLeaseBook *self,
            JsonObject *lease,
            GError **error)
{
  const char *id = anx_json_get_string (lease, "lease", NULL), *service = anx_json_get_string (lease, "service", NULL),
             *counsellor = anx_json_get_string (lease, "counsellor", NULL), *room = anx_json_get_string (lease, "room", NULL);
  gint64 start = anx_json_get_int (lease, "start", 0), end = anx_json_get_int (lease, "end", 0);
  if (!anx_uuid_is_valid (id) || service == NULL || counsellor == NULL || room == NULL || start <= 0 || end <= start)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's leases are not understood");
      return FALSE;
    }
  /* One that is sold or returning here stays so: the hub may not have heard of it yet. */
  return anx_database_run (self->database, error, "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, 'held') ON CONFLICT (id) DO NOTHING", "sssssii", id, service,
                           counsellor, anx_json_get_string (lease, "mediator", NULL), room, start, end);
}

static gboolean
apply_exchange (AnxLeaseBook *self,
                JsonObject *asked,
                JsonArray *leases,
                GError **error)
{
  JsonArray *returned = anx_json_get_array (asked, "returned");
  for (guint i = 0; i < json_array_get_length (returned); i++)
    if (!anx_database_run (self->database, error, "DELETE FROM lease WHERE id = ? AND state = 'returning'", "s", json_array_get_string_element (returned, i)))
      return FALSE;
  /* What the hub does not name was reclaimed: it must not be sold any more. */
  g_autoptr (JsonArray) held = list_ids (self, "held", error);
  for (guint i = 0; held != NULL && i < json_array_get_length (held); i++)
    {
      const char *id = json_array_get_string_element (held, i);
      gboolean named = FALSE;
      for (guint k = 0; k < json_array_get_length (leases) && !named; k++)
        named = g_strcmp0 (id, anx_json_get_string (json_array_get_object_element (leases, k), "lease", NULL)) == 0;
      if (!named && !anx_database_run (self->database, error, "DELETE FROM lease WHERE id = ? AND state = 'held'", "s", id))
        return FALSE;
    }
  for (guint i = 0; held != NULL && i < json_array_get_length (leases); i++)
    if (!take_lease (self, json_array_get_object_element (leases, i), error))
      return FALSE;
  return held != NULL;
}

/**
 * anx_lease_book_take_exchange:
 * @self: a book
 * @asked: what anx_lease_book_build_exchange() built
 * @answer: what the hub said to it
 * @error: return location, errors of %ANX_STORE_ERROR, %ANX_SYNC_ERROR_INVALID
 *
 * All of it or nothing is on the disk on return.
 *
 * Returns: whether it was taken
 */
gboolean
anx_lease_book_take_exchange (AnxLeaseBook *self,
                              JsonObject *asked,
                              JsonObject *answer,
                              GError **error)
{
  JsonArray *leases = anx_json_get_array (answer, "leases");
  gboolean good = leases != NULL && json_array_get_length (leases) <= MOST_LEASES;
  for (guint i = 0; good && i < json_array_get_length (leases); i++)
    good = anx_json_array_need_object (leases, i, NULL) != NULL;
  if (!good)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's leases are not understood");
      return FALSE;
    }
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (apply_exchange (self, asked, leases, error))
    return anx_database_commit (self->database, error);
  anx_database_rollback (self->database);
  return FALSE;
}

/**
 * anx_lease_book_list:
 * @self: a book
 * @service: (nullable): of which service; %NULL = all
 * @from_usec: that start from here, UTC
 * @to_usec: to before here
 *
 * Returns: (transfer full): what can be sold; empty when the database does not answer, so that nothing is promised
 */
JsonArray *
anx_lease_book_list (AnxLeaseBook *self,
                     const char *service,
                     gint64 from_usec,
                     gint64 to_usec)
{
  JsonArray *list = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (self->database, NULL,
      "SELECT id, service, counsellor, mediator, room, start, end FROM lease WHERE state = 'held' AND start >= ?1 AND start < ?2 AND (?3 IS NULL OR service = ?3)"
      " ORDER BY start", "iis", from_usec, to_usec, service);
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      JsonObject *slot = json_object_new ();
      json_object_set_string_member (slot, "lease", anx_rows_get_string (rows, 0));
      json_object_set_string_member (slot, "service", anx_rows_get_string (rows, 1));
      json_object_set_string_member (slot, "counsellor", anx_rows_get_string (rows, 2));
      if (!anx_rows_is_null (rows, 3))
        json_object_set_string_member (slot, "mediator", anx_rows_get_string (rows, 3));
      json_object_set_string_member (slot, "room", anx_rows_get_string (rows, 4));
      json_object_set_int_member (slot, "start", anx_rows_get_int (rows, 5));
      json_object_set_int_member (slot, "end", anx_rows_get_int (rows, 6));
      json_array_add_object_element (list, slot);
    }
  return list;
}

/**
 * anx_lease_book_holds:
 * @self: a book
 * @lease: an id
 *
 * Returns: whether it can be sold
 */
gboolean
anx_lease_book_holds (AnxLeaseBook *self,
                      const char *lease)
{
  return anx_database_query_int (self->database, 0, NULL, "SELECT count(*) FROM lease WHERE id = ? AND state = 'held'", "s", lease) == 1;
}

/* --- selling --- */

/* The claim with the digest in place of the code key (L4). */
static JsonObject *
strip_claim (JsonObject *claim,
             GError **error)
{
  static const char *const names[] = { "service", "counsellor", "mediator", "centre", "room", "origin" };
  static const char *const optional[] = { "counsellor", "mediator", "origin", NULL };
  const char *key = anx_json_get_string (claim, "codeKey", NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  gboolean good = key != NULL && strlen (key) == 64 && anx_json_get_int (claim, "start", 0) > 0;
  for (guint i = 0; i < G_N_ELEMENTS (names) && good; i++)
    {
      const char *value = anx_json_get_string (claim, names[i], NULL);
      good = value != NULL ? strlen (value) <= NAME_BYTES : g_strv_contains (optional, names[i]);
      if (value != NULL)
        json_object_set_string_member (body, names[i], value);
    }
  if (!good)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED, "The booking is not in its form. Nothing was changed");
      return NULL;
    }
  g_autoptr (GBytes) bytes = g_bytes_new (key, 64);
  g_autofree char *hash = anx_sha256_hex (bytes);
  json_object_set_int_member (body, "start", anx_json_get_int (claim, "start", 0));
  json_object_set_string_member (body, "codeHash", hash);
  return g_steal_pointer (&body);
}

static JsonObject *
make_booking (const char *id,
              JsonObject *body,
              gint64 end_usec,
              const char *status,
              gint64 now_usec)
{
  JsonObject *booking = json_object_new ();
  json_object_set_string_member (booking, "id", id);
  json_object_set_string_member (booking, "service", anx_json_get_string (body, "service", ""));
  json_object_set_string_member (booking, "counsellor", anx_json_get_string (body, "counsellor", ""));
  json_object_set_string_member (booking, "centre", anx_json_get_string (body, "centre", ""));
  json_object_set_string_member (booking, "room", anx_json_get_string (body, "room", ""));
  json_object_set_null_member (booking, "kiosk");
  json_object_set_int_member (booking, "start", anx_json_get_int (body, "start", 0));
  json_object_set_int_member (booking, "end", end_usec);
  json_object_set_string_member (booking, "status", status);
  json_object_set_int_member (booking, "changed", now_usec);
  return booking;
}

/* 1 with the booking, 0 there is none, -1 with @error. */
static int
find_earlier (AnxLeaseBook *self,
              const char *id,
              JsonObject *body,
              JsonObject **out_booking,
              GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT body, end, status, made FROM sale WHERE id = ?", "s", id);
  gboolean found = rows != NULL && anx_rows_next (rows, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return -1;
    }
  if (!found)
    return 0;
  g_autoptr (JsonObject) earlier = anx_json_parse_object (anx_rows_get_string (rows, 0), -1, SALE_BYTES, error);
  if (earlier == NULL)
    return -1;
  if (g_strcmp0 (anx_json_get_string (earlier, "codeHash", NULL), anx_json_get_string (body, "codeHash", NULL)) != 0 ||
      anx_json_get_int (earlier, "start", 0) != anx_json_get_int (body, "start", 0))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT, "There is already another booking under this number");
      return -1;
    }
  *out_booking = make_booking (id, earlier, anx_rows_get_int (rows, 1), anx_rows_get_string (rows, 2), anx_rows_get_int (rows, 3));
  return 1;
}

static gboolean
write_sale (AnxLeaseBook *self,
            const char *id,
            JsonObject *body,
            gint64 end_usec,
            const char *status,
            gint64 now_usec,
            GError **error)
{
  const char *lease = anx_json_get_string (body, "lease", NULL);
  g_autofree char *text = anx_json_object_to_text (body);
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (anx_database_run (self->database, error, "INSERT INTO sale (id, lease, body, end, status, made) VALUES (?, ?, ?, ?, ?, ?)", "sssisi", id, lease, text,
                        end_usec, status, now_usec) &&
      (lease == NULL || anx_database_run (self->database, error, "UPDATE lease SET state = 'sold' WHERE id = ? AND state = 'held'", "s", lease)))
    return anx_database_commit (self->database, error);
  anx_database_rollback (self->database);
  return FALSE;
}

/**
 * anx_lease_book_sell:
 * @self: a book
 * @id: of the booking to come, a UUID
 * @claim: the body of PUT /bookings
 * @now_usec: the time, UTC
 * @error: return location, errors of %ANX_STORE_ERROR, %ANX_SYNC_ERROR_CONFLICT (another claim under that id), %ANX_SYNC_ERROR_REFUSED
 *
 * On return of a booking the sale is on the disk and nobody else can have the time (L1).
 *
 * Returns: (transfer full) (nullable): the booking; %NULL without @error when no lease covers the claim
 */
JsonObject *
anx_lease_book_sell (AnxLeaseBook *self,
                     const char *id,
                     JsonObject *claim,
                     gint64 now_usec,
                     GError **error)
{
  JsonObject *booking = NULL;
  g_autoptr (JsonObject) body = strip_claim (claim, error);
  int earlier = body != NULL ? find_earlier (self, id, body, &booking, error) : -1;
  if (earlier != 0)
    return earlier > 0 ? booking : NULL;

  g_autoptr (GError) inner = NULL;
  gint64 end = 0;
  {
    g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner,
        "SELECT id, counsellor, end FROM lease WHERE state = 'held' AND service = ?1 AND room = ?2 AND start = ?3 AND start >= ?4"
        " AND (?5 IS NULL OR counsellor = ?5) LIMIT 1", "ssiis", anx_json_get_string (body, "service", ""), anx_json_get_string (body, "room", ""),
        anx_json_get_int (body, "start", 0), now_usec, anx_json_get_string (body, "counsellor", NULL));
    gboolean found = rows != NULL && anx_rows_next (rows, &inner);
    if (inner != NULL)
      g_propagate_error (error, g_steal_pointer (&inner));
    if (!found)
      return NULL;
    json_object_set_string_member (body, "lease", anx_rows_get_string (rows, 0));
    json_object_set_string_member (body, "counsellor", anx_rows_get_string (rows, 1));
    end = anx_rows_get_int (rows, 2);
  }
  return write_sale (self, id, body, end, "booked", now_usec, error) ? make_booking (id, body, end, "booked", now_usec) : NULL;
}

/**
 * anx_lease_book_ask:
 * @self: a book
 * @id: of the booking to come, a UUID
 * @claim: the body of PUT /bookings
 * @now_usec: the time, UTC
 * @error: return location, as for anx_lease_book_sell()
 *
 * Returns: (transfer full) (nullable): the booking, "proposed"; on the disk
 */
JsonObject *
anx_lease_book_ask (AnxLeaseBook *self,
                    const char *id,
                    JsonObject *claim,
                    gint64 now_usec,
                    GError **error)
{
  JsonObject *booking = NULL;
  g_autoptr (JsonObject) body = strip_claim (claim, error);
  int earlier = body != NULL ? find_earlier (self, id, body, &booking, error) : -1;
  if (earlier != 0)
    return earlier > 0 ? booking : NULL;
  json_object_set_boolean_member (body, "asked", TRUE);
  gint64 end = anx_json_get_int (body, "start", 0);
  return write_sale (self, id, body, end, "proposed", now_usec, error) ? make_booking (id, body, end, "proposed", now_usec) : NULL;
}

/**
 * anx_lease_book_next_sale:
 * @self: a book
 * @out_id: (out): the booking's id
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable): the body of its PUT /bookings; %NULL without @error when all are delivered
 */
JsonObject *
anx_lease_book_next_sale (AnxLeaseBook *self,
                          char **out_id,
                          GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->database, error, "SELECT id, body FROM sale WHERE state = 'queued' ORDER BY made, id LIMIT 1", "");
  if (rows == NULL || !anx_rows_next (rows, error))
    return NULL;
  JsonObject *body = anx_json_parse_object (anx_rows_get_string (rows, 1), -1, SALE_BYTES, error);
  if (body != NULL)
    *out_id = g_strdup (anx_rows_get_string (rows, 0));
  return body;
}

/**
 * anx_lease_book_settle:
 * @self: a book
 * @id: of a booking
 * @status: (nullable): what the hub made of it; %NULL when it refused
 * @problem: (nullable): why it refused, for people
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * The lease of what was refused is given back with the next exchange: it is not sold a second time here.
 *
 * Returns: whether it is written: delivered, or refused; either way it is not sent again
 */
gboolean
anx_lease_book_settle (AnxLeaseBook *self,
                       const char *id,
                       const char *status,
                       const char *problem,
                       GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (anx_database_run (self->database, error, "UPDATE sale SET state = ?, status = coalesce (?, status), problem = ? WHERE id = ?", "ssss",
                        status != NULL ? "delivered" : "refused", status, problem, id) &&
      anx_database_run (self->database, error, "DELETE FROM lease WHERE state = 'sold' AND id IN (SELECT lease FROM sale WHERE id = ? AND state = 'delivered')", "s", id) &&
      anx_database_run (self->database, error, "UPDATE lease SET state = 'returning' WHERE state = 'sold' AND id IN (SELECT lease FROM sale WHERE id = ?)", "s", id))
    return anx_database_commit (self->database, error);
  anx_database_rollback (self->database);
  return FALSE;
}

/**
 * anx_lease_book_list_refused:
 * @self: a book
 *
 * What was promised out of a lease and the hub refused, until somebody has looked: `{"id","service","counsellor","room","start","end","problem"}`.
 *
 * Returns: (transfer full): the oldest first, 64 at most; empty when the database does not answer
 */
JsonArray *
anx_lease_book_list_refused (AnxLeaseBook *self)
{
  static const char *const names[] = { "service", "counsellor", "room" };
  JsonArray *list = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (self->database, NULL,
      "SELECT id, body, end, problem FROM sale WHERE state = 'refused' AND lease IS NOT NULL ORDER BY made, id LIMIT 64", "");
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      g_autoptr (JsonObject) body = anx_json_parse_object (anx_rows_get_string (rows, 1), -1, SALE_BYTES, NULL);
      if (body == NULL)
        continue;
      JsonObject *sale = json_object_new ();
      json_object_set_string_member (sale, "id", anx_rows_get_string (rows, 0));
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_string_member (sale, names[i], anx_json_get_string (body, names[i], ""));
      json_object_set_int_member (sale, "start", anx_json_get_int (body, "start", 0));
      json_object_set_int_member (sale, "end", anx_rows_get_int (rows, 2));
      json_object_set_string_member (sale, "problem", anx_rows_get_string (rows, 3));
      json_array_add_object_element (list, sale);
    }
  return list;
}

/**
 * anx_lease_book_forget_refused:
 * @self: a book
 * @id: of a booking that the hub refused; another one stays
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Somebody has looked.
 *
 * Returns: whether it is off the disk
 */
gboolean
anx_lease_book_forget_refused (AnxLeaseBook *self,
                               const char *id,
                               GError **error)
{
  return anx_database_run (self->database, error, "DELETE FROM sale WHERE id = ? AND state = 'refused'", "s", id);
}

/**
 * anx_lease_book_count_undelivered:
 * @self: a book
 *
 * Returns: how many sales the hub has not answered yet
 */
guint
anx_lease_book_count_undelivered (AnxLeaseBook *self)
{
  return (guint) anx_database_query_int (self->database, 0, NULL, "SELECT count(*) FROM sale WHERE state = 'queued'", "");
}
