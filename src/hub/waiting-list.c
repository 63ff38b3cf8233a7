/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "waiting-list.h"

#include <string.h>

#include "booking-request.h"
#include "bounds.h"
#include "clock.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "notices.h"

#define MOST_NOTICES 3
#define TOLD_AT_ONCE 3
#define BETWEEN_USEC ANX_USEC_PER_DAY
#define CLOSES_BEFORE_USEC ANX_USEC_PER_DAY
/* Two calls of one working day lie less apart than this, those of two days more. */
#define BETWEEN_CALLS_USEC (12 * ANX_USEC_PER_HOUR)
#define NAME_BYTES 64
#define MOST_ENTRIES 2000

/* What is closed has no use for its address any more. */
static gboolean
close_old (AnxLedger *ledger,
           GError **error)
{
  return anx_database_run (ledger->view.database, error, "UPDATE waiting SET state = 'closed', address = '' WHERE state = 'open' AND wanted_to < ?", "i",
                           ledger->view.now_usec + CLOSES_BEFORE_USEC);
}

typedef struct
{
  char *id;
  char *channel;
  char *address; /* sealed */
} Waiter;

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;
  g_free (waiter->id);
  g_free (waiter->channel);
  g_free (waiter->address);
  g_free (waiter);
}

/* Rows of id, channel, address, all read before anything is written to the same table; %NULL with @error set. */
static GPtrArray *
take_waiters (AnxRows *rows,
              GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GPtrArray) waiters = g_ptr_array_new_with_free_func (waiter_free);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      Waiter *waiter = g_new0 (Waiter, 1);
      waiter->id = g_strdup (anx_rows_get_string (rows, 0));
      waiter->channel = g_strdup (anx_rows_get_string (rows, 1));
      waiter->address = g_strdup (anx_rows_get_string (rows, 2));
      g_ptr_array_add (waiters, waiter);
    }
  if (rows != NULL && inner == NULL)
    return g_steal_pointer (&waiters);
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/* Whom the staff call themselves: their list at the desk is the notice, and nothing of it goes to the gateway. */
static gboolean
is_called_by_staff (const Waiter *waiter)
{
  return g_str_equal (waiter->channel, "staff");
}

/* The third notice, or the third day of calls in vain, ends the entry; and what is ended has no use for its address. */
static gboolean
end_told (AnxLedger *ledger,
          const Waiter *waiter,
          GError **error)
{
  return anx_database_run (ledger->view.database, error, "UPDATE waiting SET state = 'closed', address = '' WHERE id = ? AND notices >= ?", "si", waiter->id,
                           (gint64) MOST_NOTICES);
}

/* A time has become free. The staff's own entry waits for their call, which is what counts. */
static gboolean
note_free (AnxLedger *ledger,
           const Waiter *waiter,
           GError **error)
{
  AnxDatabase *database = ledger->view.database;
  gint64 now = ledger->view.now_usec;
  if (is_called_by_staff (waiter))
    return anx_database_run (database, error, "UPDATE waiting SET noticed = ? WHERE id = ?", "is", now, waiter->id);
  return anx_notices_queue (ledger, "slot-free", waiter->channel, waiter->address, error) &&
         anx_database_run (database, error, "UPDATE waiting SET notices = notices + 1, noticed = ? WHERE id = ?", "is", now, waiter->id) &&
         end_told (ledger, waiter, error);
}

/*
 * The staff have called, in vain: until the next time becomes free there is nothing to call about, so that a second desk that says the same
 * changes nothing. Several calls of one day count once. Or the gateway is to tell at once.
 */
static gboolean
tell_now (AnxLedger *ledger,
          const Waiter *waiter,
          GError **error)
{
  gint64 now = ledger->view.now_usec;
  if (!is_called_by_staff (waiter))
    return note_free (ledger, waiter, error);
  return anx_database_run (ledger->view.database, error,
                           "UPDATE waiting SET noticed = NULL, notices = notices + (called IS NULL OR called <= ?1),"
                           " called = CASE WHEN called > ?1 THEN called ELSE ?2 END WHERE id = ?3 AND noticed IS NOT NULL", "iis",
                           now - BETWEEN_CALLS_USEC, now, waiter->id) &&
         end_told (ledger, waiter, error);
}

/**
 * anx_waiting_list_add:
 * @ledger: the ledger
 * @entry: what is waited for; an id that is there already changes nothing
 * @error: return location, of the database only
 *
 * Returns: whether it is written
 */
gboolean
anx_waiting_list_add (AnxLedger *ledger,
                      const AnxWaitingEntry *entry,
                      GError **error)
{
  return close_old (ledger, error) &&
         anx_database_run (ledger->view.database, error,
                           "INSERT INTO waiting (id, centre, service, counsellor, wanted_from, wanted_to, channel, address, created)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", "ssssiissi", entry->id, entry->centre, entry->service,
                           entry->counsellor, entry->from_usec, entry->to_usec, entry->channel, entry->address, ledger->view.now_usec);
}

/**
 * anx_waiting_list_tell:
 * @ledger: the ledger
 * @freed: what stood in the time that is free now
 * @error: return location, of the database only
 *
 * Notes it for the first three who wait for such a time, or queues their notices, unless nobody is received there. Whom the staff have
 * still to call about an earlier one is passed over.
 *
 * Returns: whether that is done
 */
gboolean
anx_waiting_list_tell (AnxLedger *ledger,
                       const AnxBooking *freed,
                       GError **error)
{
  AnxDatabase *database = ledger->view.database;
  gint64 now = ledger->view.now_usec;
  gboolean closed = FALSE;
  if (freed->start_usec <= now)
    return TRUE;
  if (!anx_ledger_is_closed (ledger, freed, &closed, error))
    return FALSE;
  if (closed)
    return TRUE;
  if (!close_old (ledger, error))
    return FALSE;
  g_autoptr (AnxRows) rows = anx_database_query (database, error,
      "SELECT id, channel, address FROM waiting WHERE centre = ? AND service = ? AND state = 'open' AND (counsellor IS NULL OR counsellor = ?)"
      " AND ? BETWEEN wanted_from AND wanted_to AND notices < ? AND (noticed IS NULL OR (channel <> 'staff' AND noticed <= ?)) ORDER BY created, id LIMIT ?", "sssiiii",
      freed->centre, freed->service, freed->counsellor, freed->start_usec, (gint64) MOST_NOTICES, now - BETWEEN_USEC, (gint64) TOLD_AT_ONCE);
  g_autoptr (GPtrArray) waiters = take_waiters (rows, error);
  for (guint i = 0; waiters != NULL && i < waiters->len; i++)
    if (!note_free (ledger, g_ptr_array_index (waiters, i), error))
      return FALSE;
  return waiters != NULL;
}

/**
 * anx_waiting_list_act:
 * @ledger: the ledger
 * @id: of an entry
 * @action: "tell", or "close"
 * @error: return location, of the database only
 *
 * What staff do about one who waits: they have no address, so the gateway tells, now instead of with the next free time; it counts among
 * the three. Of the channel "staff" it says that they have called, in vain: it counts once a day, and only when a time has become free since
 * the last call. Or the person has been helped.
 *
 * Returns: (nullable): %NULL when done; "status-not-allowed" when the entry is closed, or there is no such action
 */
const char *
anx_waiting_list_act (AnxLedger *ledger,
                      const char *id,
                      const char *action,
                      GError **error)
{
  AnxDatabase *database = ledger->view.database;
  gboolean tell = g_str_equal (action, "tell");
  if (!tell && !g_str_equal (action, "close"))
    return "status-not-allowed";
  if (!close_old (ledger, error))
    return "failed";
  if (!tell)
    return anx_database_run (database, error, "UPDATE waiting SET state = 'closed', address = '' WHERE id = ?", "s", id) ? NULL : "failed";
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT id, channel, address FROM waiting WHERE id = ? AND state = 'open'", "s", id);
  g_autoptr (GPtrArray) waiters = take_waiters (rows, error);
  if (waiters == NULL)
    return "failed";
  if (waiters->len == 0)
    return "status-not-allowed";
  return tell_now (ledger, g_ptr_array_index (waiters, 0), error) ? NULL : "failed";
}

/* --- requests --- */

static void
entry_free (gpointer data)
{
  AnxWaitingEntry *entry = data;
  g_free (entry->id);
  g_free (entry->centre);
  g_free (entry->service);
  g_free (entry->counsellor);
  g_free (entry->channel);
  g_free (entry->address);
  g_free (entry);
}

static gboolean
run_add (AnxRequest *request,
         AnxDatabase *database,
         GError **error)
{
  const AnxWaitingEntry *entry = request->data;
  AnxLedger ledger = anx_booking_request_open (request, database);
  if (!anx_waiting_list_add (&ledger, entry, error))
    return FALSE;
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look_centre (request, "bookings", entry->centre);
  return TRUE;
}

/**
 * anx_handle_waiting_put:
 * @request: a request
 *
 * PUT /waiting/{id}.
 */
void
anx_handle_waiting_put (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  AnxWaitingEntry *entry = g_new0 (AnxWaitingEntry, 1);
  request->data = entry;
  request->free_data = entry_free;
  entry->id = g_strdup (request->parameter);
  entry->centre = g_strdup (anx_json_need_string (body, "centre", NAME_BYTES, NULL));
  entry->service = g_strdup (anx_json_need_string (body, "service", NAME_BYTES, NULL));
  entry->counsellor = g_strdup (anx_json_get_string (body, "counsellor", NULL));
  if (!anx_uuid_is_valid (request->parameter) || entry->centre == NULL || entry->service == NULL ||
      !anx_json_need_int (body, "from", 1, G_MAXINT64 / 4, &entry->from_usec, NULL) ||
      !anx_json_need_int (body, "to", entry->from_usec, G_MAXINT64 / 4, &entry->to_usec, NULL) ||
      entry->to_usec > request->now_usec + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY || !anx_notices_read_address (body, &entry->channel, &entry->address) ||
      entry->address == NULL || (entry->counsellor != NULL && strlen (entry->counsellor) > NAME_BYTES))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  gboolean kiosk = request->caller->kind == ANX_PRINCIPAL_KIOSK && g_strcmp0 (request->caller->centre, entry->centre) == 0;
  if (!kiosk && !anx_request_caller_is (request, "staff", entry->centre))
    anx_request_refuse (request, "not-allowed");
  else
    anx_request_write (request, run_add, NULL);
}

/**
 * anx_handle_waiting_list:
 * @request: a request
 *
 * GET /waiting: what staff sees of it; nobody's address.
 */
void
anx_handle_waiting_list (AnxRequest *request)
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
  json_object_set_array_member (answer, "waiting", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT id, service, counsellor, wanted_from, wanted_to, created, notices, state, channel, noticed FROM waiting WHERE centre = ? AND wanted_to >= ? ORDER BY created, id", "si",
      centre, request->now_usec);
  while (rows != NULL && json_array_get_length (list) < MOST_ENTRIES && anx_rows_next (rows, &error))
    {
      JsonObject *entry = json_object_new ();
      json_object_set_string_member (entry, "id", anx_rows_get_string (rows, 0));
      json_object_set_string_member (entry, "service", anx_rows_get_string (rows, 1));
      if (!anx_rows_is_null (rows, 2))
        json_object_set_string_member (entry, "counsellor", anx_rows_get_string (rows, 2));
      json_object_set_int_member (entry, "from", anx_rows_get_int (rows, 3));
      json_object_set_int_member (entry, "to", anx_rows_get_int (rows, 4));
      json_object_set_int_member (entry, "created", anx_rows_get_int (rows, 5));
      json_object_set_int_member (entry, "notices", anx_rows_get_int (rows, 6));
      gboolean open = g_strcmp0 (anx_rows_get_string (rows, 7), "open") == 0 && anx_rows_get_int (rows, 4) >= request->now_usec + CLOSES_BEFORE_USEC;
      json_object_set_string_member (entry, "state", open ? "open" : "closed");
      json_object_set_string_member (entry, "channel", anx_rows_get_string (rows, 8));
      if (!anx_rows_is_null (rows, 9))
        json_object_set_int_member (entry, "noticed", anx_rows_get_int (rows, 9));
      json_array_add_object_element (list, entry);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
run_action (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  AnxLedger ledger = anx_booking_request_open (request, database);
  g_autofree char *centre = anx_request_find_centre (request, database, "SELECT centre FROM waiting WHERE id = ?", "staff", NULL, "not-found", error);
  if (centre == NULL)
    return FALSE;
  const char *slug = anx_waiting_list_act (&ledger, request->parameter, request->data, error);
  if (slug != NULL)
    return anx_booking_request_refuse (request, slug, error);
  anx_request_answer_bytes (request, 204, NULL, NULL);
  anx_request_look_centre (request, "bookings", centre);
  return TRUE;
}

/**
 * anx_handle_waiting_action:
 * @request: a request
 *
 * POST /waiting/{id}/action: tell, close; staff of the centre.
 */
void
anx_handle_waiting_action (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  request->data = g_strdup (anx_json_need_string (body, "action", NAME_BYTES, NULL));
  request->free_data = g_free;
  if (!anx_uuid_is_valid (request->parameter) || request->data == NULL)
    anx_request_refuse (request, "malformed");
  else
    anx_request_write (request, run_action, NULL);
}
