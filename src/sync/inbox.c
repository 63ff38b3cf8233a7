/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inbox.h"

#include "bounds.h"
#include "client-database.h"
#include "directory-heads.h"
#include "eraser.h"
#include "own-chain.h"
#include "sync-error.h"
#include "text.h"

#define CURSOR "inbox-cursor"
#define MARK "inbox-mark"

struct _AnxInbox
{
  AnxDatabase *database;
  AnxCertificate *authority;
  char *principal;
};

struct _AnxInboxRecord
{
  gatomicrefcount references;
  AnxRecordHeader *header;
  GBytes *envelope;
};

G_DEFINE_BOXED_TYPE (AnxInboxRecord, anx_inbox_record, anx_inbox_record_ref, anx_inbox_record_unref)

static AnxInboxRecord *
inbox_record_new (AnxRecordHeader *header,
                  GBytes *envelope)
{
  AnxInboxRecord *self = g_new0 (AnxInboxRecord, 1);
  g_atomic_ref_count_init (&self->references);
  self->header = anx_record_header_ref (header);
  self->envelope = g_bytes_ref (envelope);
  return self;
}

/**
 * anx_inbox_record_ref:
 * @self: a record
 *
 * Returns: (transfer full): @self
 */
AnxInboxRecord *
anx_inbox_record_ref (AnxInboxRecord *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_inbox_record_unref:
 * @self: (transfer full): a record
 */
void
anx_inbox_record_unref (AnxInboxRecord *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  anx_record_header_unref (self->header);
  g_bytes_unref (self->envelope);
  g_free (self);
}

/**
 * anx_inbox_record_get_header:
 * @self: a record
 *
 * Returns: (transfer none): its clear part, whose signature was verified before it was kept
 */
AnxRecordHeader *
anx_inbox_record_get_header (AnxInboxRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->header;
}

/**
 * anx_inbox_record_get_envelope:
 * @self: a record
 *
 * Returns: (transfer none): the sealed bytes
 */
GBytes *
anx_inbox_record_get_envelope (AnxInboxRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->envelope;
}

/**
 * anx_inbox_new:
 * @database: the client's database
 * @authority: whose certificates authors must have
 * @principal: the own name
 *
 * Returns: (transfer full): the inbox
 */
AnxInbox *
anx_inbox_new (AnxDatabase *database,
               AnxCertificate *authority,
               const char *principal)
{
  AnxInbox *self = g_new0 (AnxInbox, 1);
  self->database = g_object_ref (database);
  self->authority = anx_certificate_ref (authority);
  self->principal = g_strdup (principal);
  return self;
}

/**
 * anx_inbox_free:
 * @self: (transfer full): the inbox
 */
void
anx_inbox_free (AnxInbox *self)
{
  g_object_unref (self->database);
  anx_certificate_unref (self->authority);
  g_free (self->principal);
  g_free (self);
}

/**
 * anx_inbox_get_cursor:
 * @self: the inbox
 *
 * Returns: up to where the hub's list of records is on this machine's disk; 0 in the beginning
 */
gint64
anx_inbox_get_cursor (AnxInbox *self)
{
  return anx_client_database_get_number (self->database, CURSOR);
}

/**
 * anx_inbox_dup_mark:
 * @self: the inbox
 *
 * Returns: (transfer full) (nullable): SHA-256 of the record at the cursor, which the hub must still hold there
 */
char *
anx_inbox_dup_mark (AnxInbox *self)
{
  return anx_client_database_dup_word (self->database, MARK);
}

/**
 * anx_inbox_restart:
 * @self: the inbox
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Fetch everything again from the start. What is here stays here and is not taken twice (I2).
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_inbox_restart (AnxInbox *self,
                   GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (!anx_client_database_set_number (self->database, CURSOR, 0, error) ||
      !anx_client_database_set_word (self->database, MARK, NULL, error))
    {
      anx_database_rollback (self->database);
      return FALSE;
    }
  return anx_database_commit (self->database, error);
}

static gboolean
note_refused (AnxInbox *self,
              const char *digest,
              const char *problem,
              GError **error)
{
  return anx_database_run (self->database, error, "INSERT INTO refused VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", "ss", digest,
                           problem);
}

typedef struct
{
  const char *name; /* of the notice */
  const char *text;
} Contradiction;
static const Contradiction FORK = { "chain-fork", "two records of one author claim the same place" };
static const Contradiction OTHER_PREDECESSOR = { "chain-broken", "the record names another predecessor than the one at hand" };

/* What contradicts the author's chain, as far as this machine has its neighbours. Most readers get only
 * some of an author's records, so a gap alone says nothing. */
static const Contradiction *
find_contradiction (AnxInbox *self,
                    AnxRecordHeader *header,
                    const char *digest)
{
  const char *author = anx_record_header_get_author (header);
  gint64 sequence = anx_record_header_get_sequence (header);
  if (anx_database_query_int (self->database, 0, NULL, "SELECT count(*) FROM record WHERE author = ? AND sequence = ? AND" ANX_OWN_CHAIN_SETTLED, "si",
                              author, sequence) > 0)
    return &FORK;
  if (anx_database_query_int (self->database, 0, NULL,
                              "SELECT count(*) FROM record WHERE author = ? AND sequence = ? AND digest <> ? AND" ANX_OWN_CHAIN_SETTLED, "sis",
                              author, sequence - 1, anx_record_header_get_previous (header)) > 0)
    return &OTHER_PREDECESSOR;
  if (anx_database_query_int (self->database, 0, NULL,
                              "SELECT count(*) FROM record WHERE author = ? AND sequence = ?"
                              " AND json_extract (header, '$.previous') <> ? AND" ANX_OWN_CHAIN_SETTLED, "sis", author, sequence + 1, digest) > 0)
    return &OTHER_PREDECESSOR;
  return NULL;
}

/* What the hub offers of the own records is proof that it has them, even if its answer to the sending was lost. */
static gboolean
acknowledge_own (AnxInbox *self,
                 const char *id,
                 const char *digest,
                 GError **error)
{
  return anx_database_run (self->database, error,
                           "UPDATE outbox SET state = 'acknowledged', problem = NULL, confirmed = 1 WHERE id = ? AND state <> 'acknowledged'"
                           " AND (SELECT digest FROM record WHERE record.id = outbox.id) = ?",
                           "ss", id, digest);
}

/* A record that is here already. Under its id only the same bytes are the same record; one exception: an own one that waits and that the
 * hub took in an earlier place, before this machine lost its database, is taken over as the hub has it. */
static gboolean
keep_known (AnxInbox *self,
            GBytes *envelope,
            AnxRecordHeader *header,
            const char *digest,
            GError **error)
{
  const char *id = anx_record_header_get_id (header);
  g_autoptr (GError) inner = NULL;
  /* An honest hub offers what is erased only when it was put back to a time before. */
  if (anx_database_query_int (self->database, 0, &inner, "SELECT count(*) FROM record WHERE id = ? AND length (envelope) = 0", "s", id) > 0)
    return anx_eraser_tell_again (self->database, error);
  if (inner == NULL &&
      anx_database_query_int (self->database, 0, &inner, "SELECT count(*) FROM record WHERE id = ? AND digest = ?", "ss", id, digest) > 0)
    return acknowledge_own (self, id, digest, error);
  g_autoptr (AnxRows) rows = inner == NULL ? anx_database_query (self->database, &inner,
                                                                 "SELECT envelope FROM record JOIN outbox USING (id) WHERE id = ?"
                                                                 " AND confirmed = 0", "s", id)
                                           : NULL;
  g_autoptr (GBytes) own = rows != NULL && anx_rows_next (rows, &inner) ? anx_rows_get_bytes (rows, 0) : NULL;
  g_clear_pointer (&rows, anx_rows_free);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  g_autoptr (GBytes) own_sealed = NULL;
  g_autoptr (GBytes) sealed = NULL;
  gint64 sequence = anx_record_header_get_sequence (header);
  gboolean same_content = own != NULL && anx_envelope_verify (own, self->authority, NULL, &own_sealed, NULL, NULL) &&
                          anx_envelope_verify (envelope, self->authority, NULL, &sealed, NULL, NULL) && g_bytes_equal (own_sealed, sealed) &&
                          anx_database_query_int (self->database, 1, NULL, "SELECT count(*) FROM outbox WHERE sequence = ? AND id <> ?", "is",
                                                  sequence, id) == 0;
  if (!same_content)
    return anx_client_database_notice (self->database, "record-differs", id, error);
  g_autofree char *text = anx_record_header_to_text (header);
  return anx_database_run (self->database, error, "UPDATE record SET sequence = ?, digest = ?, header = ?, envelope = ? WHERE id = ?", "issbs",
                           sequence, digest, text, envelope, id) &&
         anx_database_run (self->database, error,
                           "UPDATE outbox SET sequence = ?, state = 'acknowledged', problem = NULL, confirmed = 1 WHERE id = ?", "is", sequence, id);
}

static gboolean
add_envelope (AnxInbox *self,
              GBytes *envelope,
              GPtrArray *arrived,
              GError **error)
{
  g_autofree char *digest = anx_sha256_hex (envelope);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (GError) inner = NULL;
  if (!anx_envelope_verify (envelope, self->authority, &header, NULL, NULL, &inner))
    return note_refused (self, digest, inner->message, error) &&
           anx_client_database_notice (self->database, "record-not-genuine", digest, error);

  const char *id = anx_record_header_get_id (header);
  if (anx_database_query_int (self->database, 0, &inner, "SELECT count(*) FROM record WHERE id = ?", "s", id) > 0)
    return keep_known (self, envelope, header, digest, error);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!anx_directory_heads_hear (self->database, header, error))
    return FALSE;
  const Contradiction *contradiction = find_contradiction (self, header, digest);
  if (contradiction != NULL && (!note_refused (self, digest, contradiction->text, error) ||
                                !anx_client_database_notice (self->database, contradiction->name, id, error)))
    return FALSE;

  /* A contradiction is for a person to look at, and they must be able to: the record itself is genuine and is kept. */
  g_autofree char *text = anx_record_header_to_text (header);
  if (!anx_database_run (self->database, error,
                         "INSERT INTO record (id, kind, author, sequence, created, digest, header, envelope)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         "sssiissb", id, anx_record_header_get_kind (header), anx_record_header_get_author (header),
                         anx_record_header_get_sequence (header), anx_record_header_get_created_usec (header), digest, text,
                         envelope))
    return FALSE;
  g_ptr_array_add (arrived, inbox_record_new (header, envelope));
  return TRUE;
}

/* Whether this is for the own principal is the caller's to know; here only that it is its own record and new. */
static gboolean
add_one_own (AnxInbox *self,
             GBytes *envelope,
             GError **error)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (GPtrArray) arrived = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  if (!anx_envelope_verify (envelope, self->authority, &header, NULL, NULL, error))
    return FALSE;
  if (!g_str_equal (anx_record_header_get_author (header), self->principal))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub gave another author's record as one of this machine");
      return FALSE;
    }
  return add_envelope (self, envelope, arrived, error);
}

/**
 * anx_inbox_add_own:
 * @self: the inbox
 * @envelope: what the hub gave as the end of the own chain
 * @error: return location, %ANX_SYNC_ERROR_INVALID when it is not of the own principal, errors of %ANX_SEAL_ERROR and %ANX_STORE_ERROR
 *
 * Returns: whether it is a genuine record of this principal and on the disk
 */
gboolean
anx_inbox_add_own (AnxInbox *self,
                   GBytes *envelope,
                   GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  if (!add_one_own (self, envelope, error))
    {
      anx_database_rollback (self->database);
      return FALSE;
    }
  return anx_database_commit (self->database, error);
}

static gboolean
add_all (AnxInbox *self,
         AnxInboxPage *page,
         GPtrArray *arrived,
         GError **error)
{
  for (guint i = 0; i < page->envelopes->len; i++)
    if (!add_envelope (self, page->envelopes->pdata[i], arrived, error))
      return FALSE;
  /* A page without records leaves the cursor, and what stands there, as they were. */
  if (page->at_cursor == NULL)
    return page->envelopes->len == 0 || (anx_client_database_set_number (self->database, CURSOR, page->cursor, error) &&
                                         anx_client_database_set_word (self->database, MARK, NULL, error));
  g_autofree char *mark = anx_sha256_hex (page->at_cursor);
  return anx_client_database_set_number (self->database, CURSOR, page->cursor, error) &&
         anx_client_database_set_word (self->database, MARK, mark, error);
}

/**
 * anx_inbox_add_page:
 * @self: the inbox
 * @page: what the hub sent after the present cursor
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Records and cursor go to the disk in one transaction (I1). An envelope that cannot be verified is noted and passed over (I3).
 *
 * Returns: (transfer full) (nullable) (element-type AnxInboxRecord): the records that were not here before, in the hub's order
 */
GPtrArray *
anx_inbox_add_page (AnxInbox *self,
                    AnxInboxPage *page,
                    GError **error)
{
  g_autoptr (GPtrArray) arrived = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  if (!anx_database_begin (self->database, error))
    return NULL;
  if (!add_all (self, page, arrived, error))
    {
      anx_database_rollback (self->database);
      return NULL;
    }
  return anx_database_commit (self->database, error) ? g_steal_pointer (&arrived) : NULL;
}

/**
 * anx_inbox_add:
 * @self: the inbox
 * @envelope: a genuine envelope of somebody else, from another way than the hub's list; the cursor stays where it is
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * When it returns a record, that is on the disk. The hub will offer the same one later, which then changes nothing (I2).
 *
 * Returns: (transfer full) (nullable): the record; %NULL without an error when it was here already or is not genuine
 */
AnxInboxRecord *
anx_inbox_add (AnxInbox *self,
               GBytes *envelope,
               GError **error)
{
  g_autoptr (GPtrArray) arrived = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  if (!anx_database_begin (self->database, error))
    return NULL;
  if (!add_envelope (self, envelope, arrived, error))
    {
      anx_database_rollback (self->database);
      return NULL;
    }
  if (!anx_database_commit (self->database, error) || arrived->len == 0)
    return NULL;
  return anx_inbox_record_ref (arrived->pdata[0]);
}

/**
 * anx_inbox_count_refused:
 * @self: the inbox
 *
 * Returns: how many envelopes the hub offered that could not be verified or contradict their author's chain
 */
guint
anx_inbox_count_refused (AnxInbox *self)
{
  return (guint) anx_database_query_int (self->database, 0, NULL, "SELECT count(*) FROM refused", "");
}

/**
 * anx_inbox_record_from_row:
 * @rows: at a row whose first two columns are `header` and `envelope` of the table `record`
 * @error: return location, errors of %ANX_SEAL_ERROR
 *
 * Returns: (transfer full) (nullable): the record
 */
AnxInboxRecord *
anx_inbox_record_from_row (AnxRows *rows,
                           GError **error)
{
  g_autoptr (AnxRecordHeader) header = anx_record_header_parse (anx_rows_get_string (rows, 0), -1, error);
  if (header == NULL)
    return NULL;
  g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 1);
  return inbox_record_new (header, envelope);
}

static GPtrArray *
collect (AnxRows *rows,
         GError **error)
{
  if (rows == NULL)
    return NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  g_autoptr (GError) inner = NULL;
  while (anx_rows_next (rows, &inner))
    {
      AnxInboxRecord *record = anx_inbox_record_from_row (rows, error);
      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  return g_steal_pointer (&records);
}

/**
 * anx_inbox_list:
 * @self: the inbox
 * @kind: (nullable): a record kind, %NULL for all
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type AnxInboxRecord): records of others and own ones, oldest first
 */
GPtrArray *
anx_inbox_list (AnxInbox *self,
                const char *kind,
                GError **error)
{
  g_autoptr (AnxRows) rows =
    kind != NULL
      ? anx_database_query (self->database, error,
                            "SELECT header, envelope FROM record WHERE kind = ? AND length (envelope) > 0 ORDER BY created, arrival", "s", kind)
      : anx_database_query (self->database, error, "SELECT header, envelope FROM record WHERE length (envelope) > 0 ORDER BY created, arrival", "");
  return collect (rows, error);
}

/**
 * anx_inbox_get:
 * @self: the inbox
 * @id: a record's id
 * @error: return location, %ANX_SYNC_ERROR_UNKNOWN when it is not on this machine, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable): the record
 */
AnxInboxRecord *
anx_inbox_get (AnxInbox *self,
               const char *id,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->database, error, "SELECT header, envelope FROM record WHERE id = ? AND length (envelope) > 0", "s", id);
  g_autoptr (GPtrArray) records = collect (rows, error);
  if (records == NULL)
    return NULL;
  if (records->len == 0)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN, "This record is not on this machine");
      return NULL;
    }
  return anx_inbox_record_ref (records->pdata[0]);
}
