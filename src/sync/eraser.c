/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eraser.h"

#include "bounds.h"
#include "client-database.h"
#include "envelope.h"
#include "erasure.h"

/* The log still has to be emptied: the number outlives a crash between the commit and that. */
#define UNCLEAN "log-holds-erased"
/* Orders that arrived before this one are still to be handed to a hub that was put back; 0 = none. */
#define TO_TELL "orders-to-tell"

static void
item_free (gpointer data)
{
  AnxEraserItem *item = data;
  g_free (item->id);
  g_free (item->kind);
  g_free (item->booking);
  g_free (item);
}

/* The hub's word erases nothing (R2). The office counts, also of somebody who has left it since: the certificate was judged when it was written. */
static gboolean
may_order (AnxDirectory *directory,
           AnxRecordHeader *order)
{
  const AnxPrincipal *author = anx_directory_get_principal (directory, anx_record_header_get_author (order));
  return author != NULL && author->roles != NULL && g_strv_contains (author->roles, "administrator");
}

/* FALSE with @error; @out_item stays %NULL when this record is not here, or is erased already. */
static gboolean
find_living (AnxDatabase *database,
             const AnxErasedRecord *named,
             AnxEraserItem **out_item,
             GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
                                                 "SELECT json_extract (header, '$.routing.booking') FROM record WHERE id = ? AND digest = ?"
                                                 " AND length (envelope) > 0", "ss", named->id, named->digest);
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      AnxEraserItem *item = g_new0 (AnxEraserItem, 1);
      item->id = g_strdup (named->id);
      item->kind = g_strdup (named->kind);
      item->booking = g_strdup (anx_rows_get_string (rows, 0));
      *out_item = item;
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/*
 * What is left of it says only where it stood in its author's chain. One that was never here leaves the same, so that it is not taken from a hub
 * that was put back (R3). An own one that waited to be sent is not sent any more.
 */
static gboolean
leave_place (AnxDatabase *database,
             const AnxErasedRecord *named,
             gint64 ordered_usec,
             GError **error)
{
  return anx_database_run (database, error,
                           "INSERT INTO record (id, kind, author, sequence, created, digest, header, envelope)"
                           " VALUES (?, ?, ?, ?, ?, ?, '{}', zeroblob (0)) ON CONFLICT (id) DO UPDATE SET envelope = excluded.envelope,"
                           " header = json_object ('previous', json_extract (header, '$.previous')) WHERE digest = excluded.digest", "sssiis",
                           named->id, named->kind, named->author, named->place, ordered_usec, named->digest) &&
         anx_database_run (database, error,
                           "UPDATE outbox SET state = 'acknowledged', problem = NULL, confirmed = 1 WHERE id = ?"
                           " AND (SELECT digest FROM record WHERE record.id = outbox.id) = ?", "ss", named->id, named->digest);
}

static gboolean
obey_one (AnxDatabase *database,
          AnxRecordHeader *order,
          GPtrArray *items,
          GError **error)
{
  const char *reason = NULL;
  g_autoptr (GPtrArray) records = anx_erasure_read_routing (anx_record_header_get_routing (order), &reason, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      AnxEraserItem *item = NULL;
      if (!find_living (database, records->pdata[i], &item, error))
        return FALSE;
      if (item != NULL)
        g_ptr_array_add (items, item);
      if (!leave_place (database, records->pdata[i], anx_record_header_get_created_usec (order), error))
        return FALSE;
    }
  return anx_database_run (database, error, "INSERT INTO obeyed VALUES (?) ON CONFLICT DO NOTHING", "s", anx_record_header_get_id (order)) &&
         (items->len == 0 || anx_client_database_set_number (database, UNCLEAN, 1, error));
}

static gboolean
obey_in_transaction (AnxDatabase *database,
                     AnxRecordHeader *order,
                     GPtrArray *items,
                     GError **error)
{
  if (!anx_database_begin (database, error))
    return FALSE;
  if (obey_one (database, order, items, error))
    return anx_database_commit (database, error);
  anx_database_rollback (database);
  return FALSE;
}

static GPtrArray *
list_new_orders (AnxDatabase *database,
                 GError **error)
{
  g_autoptr (GPtrArray) orders = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_record_header_unref);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
                                                 "SELECT header FROM record WHERE kind = '" ANX_KIND_ERASURE "' AND id NOT IN (SELECT erasure FROM obeyed)"
                                                 " ORDER BY arrival", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      AnxRecordHeader *header = anx_record_header_parse (anx_rows_get_string (rows, 0), -1, NULL);
      if (header != NULL)
        g_ptr_array_add (orders, header);
    }
  if (inner == NULL)
    return g_steal_pointer (&orders);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_eraser_obey:
 * @database: the client's database, without an open transaction
 * @directory: the one in force
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Obeys each order that was not obeyed yet, in a transaction of its own: after a crash it is whole or not begun, and the next call goes on. An
 * order whose author @directory does not know as an administrator waits for another directory.
 *
 * Returns: (transfer full) (nullable) (element-type AnxEraserItem): what was here and is erased now
 */
GPtrArray *
anx_eraser_obey (AnxDatabase *database,
                 AnxDirectory *directory,
                 GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GPtrArray) orders = list_new_orders (database, error);
  for (guint i = 0; orders != NULL && i < orders->len; i++)
    if (may_order (directory, orders->pdata[i]) && !obey_in_transaction (database, orders->pdata[i], items, error))
      return NULL;
  return orders != NULL ? g_steal_pointer (&items) : NULL;
}

/**
 * anx_eraser_clean:
 * @database: the client's database, without an open transaction
 *
 * Empties the log when something was erased since the last time, so that it is in no file any more.
 *
 * Returns: whether nothing is left to do; %FALSE while somebody reads: then it is to be called again
 */
gboolean
anx_eraser_clean (AnxDatabase *database)
{
  if (anx_client_database_get_number (database, UNCLEAN) == 0)
    return TRUE;
  /* The number itself goes through the log, and is nothing personal. */
  return anx_database_empty_log (database, NULL) && anx_client_database_set_number (database, UNCLEAN, 0, NULL);
}

/**
 * anx_eraser_tell_again:
 * @database: the client's database
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * The hub was put back: all orders are to be handed to it. Within a transaction it is on the disk with its commit, else on return.
 *
 * Returns: whether it was written
 */
gboolean
anx_eraser_tell_again (AnxDatabase *database,
                       GError **error)
{
  return anx_client_database_set_number (database, TO_TELL, G_MAXINT64, error);
}

/**
 * anx_eraser_has_to_tell:
 * @database: the client's database
 *
 * Returns: whether there are orders that the hub may have forgotten
 */
gboolean
anx_eraser_has_to_tell (AnxDatabase *database)
{
  return anx_client_database_get_number (database, TO_TELL) != 0;
}

/**
 * anx_eraser_list_to_tell:
 * @database: the client's database
 * @author: the own principal, whose own orders go the usual way
 * @out_place: (out): what anx_eraser_told() is to be given once the hub has these
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable): the next orders, the newest first, as many as go into one request; none when all are told
 */
AnxOutboxBatch *
anx_eraser_list_to_tell (AnxDatabase *database,
                         const char *author,
                         gint64 *out_place,
                         GError **error)
{
  g_autoptr (AnxOutboxBatch) batch = anx_outbox_batch_new ();
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
                                                 "SELECT envelope, arrival, id FROM record WHERE kind = '" ANX_KIND_ERASURE "' AND author <> ?"
                                                 " AND id IN (SELECT erasure FROM obeyed) AND arrival < ? ORDER BY arrival DESC LIMIT ?", "sii",
                                                 author, anx_client_database_get_number (database, TO_TELL), (gint64) ANX_BOUND_BATCH_RECORDS);
  *out_place = 0;
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 0);
      if (!anx_outbox_batch_add (batch, anx_rows_get_string (rows, 2), envelope))
        break;
      *out_place = anx_rows_get_int (rows, 1);
    }
  if (inner == NULL)
    return g_steal_pointer (&batch);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_eraser_told:
 * @database: the client's database
 * @place: of anx_eraser_list_to_tell()
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: whether it is on the disk that these are told
 */
gboolean
anx_eraser_told (AnxDatabase *database,
                 gint64 place,
                 GError **error)
{
  return anx_client_database_set_number (database, TO_TELL, place, error);
}
