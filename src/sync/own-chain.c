/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "own-chain.h"

#include "sync-error.h"
#include "text.h"

/* Own records that the hub once had; those fetched back from it have no row in the outbox. */
#define FROM_CONFIRMED " FROM record LEFT JOIN outbox ON outbox.id = record.id WHERE record.author = ? AND" ANX_OWN_CHAIN_SETTLED

/**
 * anx_own_chain_last_confirmed:
 * @database: the client's database
 * @author: the own principal
 *
 * Returns: the highest place of an own record that the hub once had; 0 when there is none
 */
gint64
anx_own_chain_last_confirmed (AnxDatabase *database,
                              const char *author)
{
  return anx_database_query_int (database, 0, NULL, "SELECT coalesce(max(record.sequence), 0)" FROM_CONFIRMED, "s", author);
}

/**
 * anx_own_chain_agrees:
 * @database: the client's database
 * @author: the own principal
 * @page: what the hub says
 *
 * Returns: whether the hub holds as many own records as it once acknowledged, and its last one is the last one known here
 */
gboolean
anx_own_chain_agrees (AnxDatabase *database,
                      const char *author,
                      AnxChainPage *page)
{
  gint64 last = anx_own_chain_last_confirmed (database, author);
  gint64 count = anx_database_query_int (database, -1, NULL, "SELECT count(*)" FROM_CONFIRMED, "s", author);
  if (count != page->count || last != page->head_place)
    return FALSE;
  return last == 0 || anx_database_query_int (database, 0, NULL, "SELECT count(*) FROM record WHERE author = ? AND sequence = ? AND digest = ?",
                                              "sis", author, last, page->head_digest) > 0;
}

static gboolean
note_held (AnxDatabase *database,
           const char *author,
           const AnxChainPlace *place,
           guint *foreign,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  gint64 known = anx_database_query_int (database, 0, &inner, "SELECT count(*) FROM record WHERE author = ? AND sequence = ? AND digest = ?",
                                         "sis", author, place->place, place->digest);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (known == 0)
    {
      ++*foreign;
      return TRUE;
    }
  /* It is there, whatever became of the answer to the sending. */
  return anx_database_run (database, error,
                           "UPDATE outbox SET state = 'acknowledged', problem = NULL, confirmed = 1 WHERE state <> 'acknowledged' AND id ="
                           " (SELECT id FROM record WHERE author = ? AND sequence = ? AND digest = ?)",
                           "sis", author, place->place, place->digest);
}

static gboolean
offer_again (AnxDatabase *database,
             const char *id,
             gint64 sequence,
             GError **error)
{
  /* A record that was fetched back has no row yet. */
  return anx_database_run (database, error,
                           "INSERT INTO outbox (id, sequence, state, confirmed) VALUES (?, ?, 'queued', 1)"
                           " ON CONFLICT (id) DO UPDATE SET state = 'queued', problem = NULL"
                           /* One that waits has this place: it is moved first, and this one is offered in the next round. */
                           " ON CONFLICT (sequence) DO NOTHING",
                           "si", id, sequence);
}

/* Confirmed records of @after < place <= @last that are not among what the hub named. */
static gboolean
offer_lost (AnxDatabase *database,
            const char *author,
            GHashTable *held,
            gint64 after,
            gint64 last,
            guint *lost,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (AnxRows) rows =
    anx_database_query (database, &inner, "SELECT record.id, record.sequence, record.digest" FROM_CONFIRMED
                        " AND length (record.envelope) > 0 AND record.sequence > ? AND record.sequence <= ? AND coalesce(outbox.state, '') NOT IN ('queued', 'sent')"
                        " ORDER BY record.sequence", "sii", author, after, last);
  while (rows != NULL && anx_rows_next (rows, &inner))
    if (!g_hash_table_contains (held, anx_rows_get_string (rows, 2)))
      {
        gint64 place = anx_rows_get_int (rows, 1);
        g_ptr_array_add (ids, g_strdup (anx_rows_get_string (rows, 0)));
        g_array_append_val (places, place);
      }
  g_clear_pointer (&rows, anx_rows_free);
  for (guint i = 0; inner == NULL && i < ids->len; i++)
    offer_again (database, ids->pdata[i], g_array_index (places, gint64, i), &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  *lost += ids->len;
  return TRUE;
}

static gboolean
compare_all (AnxDatabase *database,
             const char *author,
             AnxChainPage *page,
             gint64 after,
             guint *lost,
             guint *foreign,
             GError **error)
{
  g_autoptr (GHashTable) held = g_hash_table_new (g_str_hash, g_str_equal);
  gint64 last = G_MAXINT64;
  for (guint i = 0; i < page->places->len; i++)
    {
      const AnxChainPlace *place = page->places->pdata[i];
      g_hash_table_add (held, place->digest);
      if (!note_held (database, author, place, foreign, error))
        return FALSE;
      if (page->more)
        last = place->place;
    }
  return offer_lost (database, author, held, after, last, lost, error);
}

/**
 * anx_own_chain_compare:
 * @database: the client's database
 * @author: the own principal
 * @page: what the hub holds after @after
 * @after: a place
 * @out_lost: (out): how many records the hub once acknowledged and does not hold any more; they are queued again
 * @out_foreign: (out): how many own records the hub says it holds that are not on this machine
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * One transaction for the page: C1 and C2 of README.md.
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_own_chain_compare (AnxDatabase *database,
                       const char *author,
                       AnxChainPage *page,
                       gint64 after,
                       guint *out_lost,
                       guint *out_foreign,
                       GError **error)
{
  guint lost = 0, foreign = 0;
  if (!anx_database_begin (database, error))
    return FALSE;
  if (!compare_all (database, author, page, after, &lost, &foreign, error))
    {
      anx_database_rollback (database);
      return FALSE;
    }
  if (!anx_database_commit (database, error))
    return FALSE;
  *out_lost = lost;
  *out_foreign = foreign;
  return TRUE;
}

static gboolean
place_again (AnxDatabase *database,
             AnxCertificate *authority,
             AnxKey *sign_key,
             AnxCertificate *sign_certificate,
             const char *id,
             gint64 sequence,
             char **previous,
             GError **error)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT envelope FROM record WHERE id = ?", "s", id);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  g_autoptr (GBytes) old = anx_rows_get_bytes (rows, 0);
  g_clear_pointer (&rows, anx_rows_free);
  if (!anx_envelope_verify (old, authority, &header, &sealed, NULL, error))
    return FALSE;
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, sequence, *previous);
  g_autoptr (GBytes) envelope = anx_envelope_sign (placed, sealed, sign_key, sign_certificate, error);
  if (envelope == NULL)
    return FALSE;
  g_autofree char *text = anx_record_header_to_text (placed);
  g_free (*previous);
  *previous = anx_sha256_hex (envelope);
  return anx_database_run (database, error, "UPDATE record SET sequence = ?, digest = ?, header = ?, envelope = ? WHERE id = ?", "issbs",
                           sequence, *previous, text, envelope, id) &&
         anx_database_run (database, error, "UPDATE outbox SET sequence = ?, state = 'queued' WHERE id = ?", "is", sequence, id);
}

static GPtrArray *
list_displaced (AnxDatabase *database,
                gint64 last,
                GError **error)
{
  g_autoptr (GError) inner = NULL;
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
                                                 "SELECT id FROM outbox WHERE confirmed = 0 AND state IN ('queued', 'sent')"
                                                 " AND (SELECT min(sequence) FROM outbox WHERE confirmed = 0 AND state IN ('queued', 'sent')) <= ?"
                                                 " ORDER BY sequence",
                                                 "i", last);
  while (rows != NULL && anx_rows_next (rows, &inner))
    g_ptr_array_add (ids, g_strdup (anx_rows_get_string (rows, 0)));
  if (inner == NULL)
    return ids;
  g_ptr_array_unref (ids);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

static gboolean
displace_all (AnxDatabase *database,
              AnxCertificate *authority,
              AnxKey *sign_key,
              AnxCertificate *sign_certificate,
              guint *moved,
              GError **error)
{
  const char *author = anx_certificate_get_principal (sign_certificate);
  g_autoptr (GError) inner = NULL;
  g_autofree char *previous = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT record.sequence, record.digest" FROM_CONFIRMED
                                                 " ORDER BY record.sequence DESC LIMIT 1", "s", author);
  gint64 last = 0;
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      last = anx_rows_get_int (rows, 0);
      previous = g_strdup (anx_rows_get_string (rows, 1));
    }
  g_clear_pointer (&rows, anx_rows_free);
  g_autoptr (GPtrArray) ids = inner == NULL ? list_displaced (database, last, &inner) : NULL;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  /* Out of the way first: a new place may be the old one of the next. */
  if (ids->len > 0 && !anx_database_run (database, error,
                                         "UPDATE outbox SET sequence = -sequence WHERE confirmed = 0 AND state IN ('queued', 'sent')", ""))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!place_again (database, authority, sign_key, sign_certificate, ids->pdata[i], last + 1 + i, &previous, error))
      return FALSE;
  *moved = ids->len;
  return TRUE;
}

/**
 * anx_own_chain_displace:
 * @database: the client's database
 * @authority: of the district
 * @sign_key: the own key
 * @sign_certificate: its certificate
 * @out_moved: (out): how many records got another place
 * @error: return location, errors of %ANX_STORE_ERROR and %ANX_SEAL_ERROR
 *
 * Records that wait and whose place is not after the last own record the hub once had were written without knowing of it: this
 * database was lost or put back. They are signed again behind it, in their order, in one transaction (C3). What is sealed does not
 * name a place, so nobody's content is touched.
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_own_chain_displace (AnxDatabase *database,
                        AnxCertificate *authority,
                        AnxKey *sign_key,
                        AnxCertificate *sign_certificate,
                        guint *out_moved,
                        GError **error)
{
  guint moved = 0;
  if (!anx_database_begin (database, error))
    return FALSE;
  if (!displace_all (database, authority, sign_key, sign_certificate, &moved, error))
    {
      anx_database_rollback (database);
      return FALSE;
    }
  if (!anx_database_commit (database, error))
    return FALSE;
  *out_moved = moved;
  return TRUE;
}
