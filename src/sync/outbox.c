/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outbox.h"

#include "bounds.h"
#include "messages.h"
#include "sync-error.h"
#include "text.h"

/* Of Base64, so that a batch with its frame stays below ANX_BOUND_REQUEST_BYTES. */
#define BATCH_BASE64_BYTES (3 * 1024 * 1024)

struct _AnxOutbox
{
  AnxDatabase *database;
  AnxKey *sign_key;
  AnxCertificate *sign_certificate;
};

/**
 * anx_outbox_new:
 * @database: the client's database
 * @sign_key: the own key
 * @sign_certificate: its certificate; its principal is the author of all that is added
 *
 * Returns: (transfer full): the outbox
 */
AnxOutbox *
anx_outbox_new (AnxDatabase *database,
                AnxKey *sign_key,
                AnxCertificate *sign_certificate)
{
  AnxOutbox *self = g_new0 (AnxOutbox, 1);
  self->database = g_object_ref (database);
  self->sign_key = anx_key_ref (sign_key);
  self->sign_certificate = anx_certificate_ref (sign_certificate);
  return self;
}

/**
 * anx_outbox_free:
 * @self: (transfer full): the outbox
 */
void
anx_outbox_free (AnxOutbox *self)
{
  g_object_unref (self->database);
  anx_key_unref (self->sign_key);
  anx_certificate_unref (self->sign_certificate);
  g_free (self);
}

/**
 * anx_outbox_batch_free:
 * @self: (transfer full): a batch
 */
void
anx_outbox_batch_free (AnxOutboxBatch *self)
{
  g_ptr_array_unref (self->ids);
  g_ptr_array_unref (self->envelopes);
  g_free (self);
}

/* The head of the own chain: the highest place of any own record, those fetched back from the hub included, so that a
 * client enrolled again goes on where its author's chain ended. */
static gboolean
read_chain_head (AnxOutbox *self,
                 gint64 *out_sequence,
                 char **out_digest,
                 GError **error)
{
  g_autoptr (AnxRows) rows =
    anx_database_query (self->database, error,
                        "SELECT sequence, digest FROM record WHERE author = ? ORDER BY sequence DESC LIMIT 1", "s",
                        anx_certificate_get_principal (self->sign_certificate));
  if (rows == NULL)
    return FALSE;
  g_autoptr (GError) inner = NULL;
  *out_sequence = 0;
  *out_digest = NULL;
  if (anx_rows_next (rows, &inner))
    {
      *out_sequence = anx_rows_get_int (rows, 0);
      *out_digest = g_strdup (anx_rows_get_string (rows, 1));
    }
  else if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  return TRUE;
}

static gboolean
insert_record (AnxOutbox *self,
               AnxRecordHeader *header,
               GBytes *envelope,
               GError **error)
{
  g_autofree char *digest = anx_sha256_hex (envelope);
  g_autofree char *text = anx_record_header_to_text (header);
  return anx_database_run (self->database, error,
                           "INSERT INTO record (id, kind, author, sequence, created, digest, header, envelope)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                           "sssiissb", anx_record_header_get_id (header), anx_record_header_get_kind (header),
                           anx_record_header_get_author (header), anx_record_header_get_sequence (header),
                           anx_record_header_get_created_usec (header), digest, text, envelope) &&
         anx_database_run (self->database, error, "INSERT INTO outbox (id, sequence, state) VALUES (?, ?, 'queued')", "si",
                           anx_record_header_get_id (header), anx_record_header_get_sequence (header));
}

/* Inside the transaction: place, sign, insert. */
static gboolean
place_and_insert (AnxOutbox *self,
                  AnxRecordHeader *header,
                  GBytes *sealed,
                  GError **error)
{
  gint64 sequence;
  g_autofree char *previous = NULL;
  if (!read_chain_head (self, &sequence, &previous, error))
    return FALSE;
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, sequence + 1, previous);
  g_autoptr (GBytes) envelope = anx_envelope_sign (placed, sealed, self->sign_key, self->sign_certificate, error);
  if (envelope == NULL)
    return FALSE;
  if (g_bytes_get_size (envelope) > ANX_BOUND_ENVELOPE_BYTES)
    {
      g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The record is larger than %d bytes and was not kept",
                   ANX_BOUND_ENVELOPE_BYTES);
      return FALSE;
    }
  return insert_record (self, placed, envelope, error);
}

/**
 * anx_outbox_add:
 * @self: the outbox
 * @header: a header without a place, whose author is the own principal
 * @sealed: what anx_envelope_seal() made of it
 * @error: return location, errors of %ANX_STORE_ERROR and %ANX_SEAL_ERROR, %ANX_SYNC_ERROR_INVALID
 *
 * Gives the record its place in the author's chain, signs and keeps it, all in one transaction (O1). On %TRUE it is on the
 * disk; on %FALSE nothing of it is, and the place is free for the next.
 *
 * Returns: whether it was kept
 */
gboolean
anx_outbox_add (AnxOutbox *self,
                AnxRecordHeader *header,
                GBytes *sealed,
                GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (!place_and_insert (self, header, sealed, error))
    {
      anx_database_rollback (self->database);
      return FALSE;
    }
  return anx_database_commit (self->database, error);
}

/**
 * anx_outbox_batch_new:
 *
 * Returns: (transfer full): an empty batch
 */
AnxOutboxBatch *
anx_outbox_batch_new (void)
{
  AnxOutboxBatch *self = g_new0 (AnxOutboxBatch, 1);
  self->ids = g_ptr_array_new_with_free_func (g_free);
  self->envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return self;
}

/**
 * anx_outbox_batch_add:
 * @self: a batch
 * @id: of a record
 * @envelope: the record
 *
 * Returns: whether it was added: the first always is, others while all are at most 3 MiB of Base64, which a hub takes in one request
 */
gboolean
anx_outbox_batch_add (AnxOutboxBatch *self,
                      const char *id,
                      GBytes *envelope)
{
  gsize total = self->base64_bytes + g_bytes_get_size (envelope) * 4 / 3 + 8;
  if (self->ids->len > 0 && total > BATCH_BASE64_BYTES)
    return FALSE;
  self->base64_bytes = total;
  g_ptr_array_add (self->ids, g_strdup (id));
  g_ptr_array_add (self->envelopes, g_bytes_ref (envelope));
  return TRUE;
}

/**
 * anx_outbox_take_batch:
 * @self: the outbox
 * @max_records: at most this many, 1 to %ANX_BOUND_BATCH_RECORDS
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * The oldest records that the hub has not acknowledged, at most 3 MiB of Base64. They count as sent from now on, which is on
 * the disk before any byte leaves; a sent record is offered again until it is settled.
 *
 * Returns: (transfer full) (nullable): the batch, empty when nothing waits
 */
AnxOutboxBatch *
anx_outbox_take_batch (AnxOutbox *self,
                       guint max_records,
                       GError **error)
{
  g_autoptr (AnxRows) rows =
    anx_database_query (self->database, error,
                        "SELECT outbox.id, record.envelope, outbox.sequence FROM outbox JOIN record USING (id)"
                        " WHERE outbox.state IN ('queued', 'sent') ORDER BY outbox.sequence LIMIT ?",
                        "i", (gint64) MIN (max_records, ANX_BOUND_BATCH_RECORDS));
  if (rows == NULL)
    return NULL;
  g_autoptr (AnxOutboxBatch) batch = anx_outbox_batch_new ();
  g_autoptr (GError) inner = NULL;
  gint64 last = 0;
  while (anx_rows_next (rows, &inner))
    {
      g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 1);
      if (!anx_outbox_batch_add (batch, anx_rows_get_string (rows, 0), envelope))
        break;
      last = anx_rows_get_int (rows, 2);
    }
  g_clear_pointer (&rows, anx_rows_free);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  if (batch->ids->len > 0 &&
      !anx_database_run (self->database, error, "UPDATE outbox SET state = 'sent' WHERE state = 'queued' AND sequence <= ?", "i", last))
    return NULL;
  return g_steal_pointer (&batch);
}

static gboolean
settle_one (AnxOutbox *self,
            const char *id,
            const char *state,
            const char *problem,
            GError **error)
{
  /* What was acknowledged once stays so, whatever a later answer to an earlier sending says. */
  return anx_database_run (self->database, error,
                           "UPDATE outbox SET state = ?1, problem = ?2, confirmed = max(confirmed, ?1 = 'acknowledged')"
                           " WHERE id = ?3 AND state <> 'acknowledged'",
                           "sss", state, problem, id);
}

/**
 * anx_outbox_settle:
 * @self: the outbox
 * @results: (element-type AnxRecordResult): what the hub said
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Marks all of @results in one transaction: accepted ones acknowledged, refused ones set aside with their problem.
 *
 * Returns: whether it is on the disk; if not, the records will be sent again, which is harmless
 */
gboolean
anx_outbox_settle (AnxOutbox *self,
                   GPtrArray *results,
                   GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  for (guint i = 0; i < results->len; i++)
    {
      const AnxRecordResult *result = results->pdata[i];
      if (!settle_one (self, result->id, result->accepted ? "acknowledged" : "set-aside", result->problem, error))
        {
          anx_database_rollback (self->database);
          return FALSE;
        }
    }
  return anx_database_commit (self->database, error);
}

/**
 * anx_outbox_set_aside:
 * @self: the outbox
 * @id: a record
 * @problem: why, for people
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_outbox_set_aside (AnxOutbox *self,
                      const char *id,
                      const char *problem,
                      GError **error)
{
  return settle_one (self, id, "set-aside", problem, error);
}

/**
 * anx_outbox_count_waiting:
 * @self: the outbox
 *
 * Returns: how many are queued or sent, not yet acknowledged
 */
guint
anx_outbox_count_waiting (AnxOutbox *self)
{
  return (guint) anx_database_query_int (self->database, 0, NULL,
                                         "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sent')", "");
}

/**
 * anx_outbox_is_waiting:
 * @self: the outbox
 * @id: a record
 *
 * Returns: whether it is one of ours, and not yet acknowledged
 */
gboolean
anx_outbox_is_waiting (AnxOutbox *self,
                       const char *id)
{
  return anx_database_query_int (self->database, 0, NULL, "SELECT 1 FROM outbox WHERE id = ? AND state IN ('queued', 'sent')", "s", id) == 1;
}

/**
 * anx_outbox_has_waiting:
 * @self: the outbox
 * @kind: a record kind
 *
 * Returns: whether a record of that kind is not yet acknowledged
 */
gboolean
anx_outbox_has_waiting (AnxOutbox *self,
                        const char *kind)
{
  return anx_database_query_int (self->database, 0, NULL,
                                 "SELECT count(*) FROM outbox JOIN record USING (id) WHERE state IN ('queued', 'sent') AND kind = ?",
                                 "s", kind) > 0;
}

/**
 * anx_outbox_count_set_aside:
 * @self: the outbox
 *
 * Returns: how many the hub refused
 */
guint
anx_outbox_count_set_aside (AnxOutbox *self)
{
  return (guint) anx_database_query_int (self->database, 0, NULL, "SELECT count(*) FROM outbox WHERE state = 'set-aside'", "");
}

/**
 * anx_outbox_dup_problem:
 * @self: the outbox
 * @id: a record
 *
 * Returns: (transfer full) (nullable): why it was set aside
 */
char *
anx_outbox_dup_problem (AnxOutbox *self,
                        const char *id)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->database, NULL, "SELECT problem FROM outbox WHERE id = ?", "s", id);
  return rows != NULL && anx_rows_next (rows, NULL) ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
}

/**
 * anx_outbox_is_acknowledged:
 * @self: the outbox
 * @id: a record
 *
 * Returns: whether the hub said that it has it; %FALSE for unknown ids
 */
gboolean
anx_outbox_is_acknowledged (AnxOutbox *self,
                            const char *id)
{
  return anx_database_query_int (self->database, 0, NULL,
                                 "SELECT count(*) FROM outbox WHERE id = ? AND state = 'acknowledged'", "s", id) > 0;
}
