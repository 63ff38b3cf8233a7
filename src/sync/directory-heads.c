/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-heads.h"

#include "client-database.h"

/* Rows; a district has some thousand versions in its life, and nobody shall fill the disk with invented ones. */
#define MOST_HEADS 20000
/* The source of what stands in a directory itself. */
#define AUTHORITY "authority"

static gboolean
learn (AnxDatabase *database,
       gint64 version,
       const char *digest,
       const char *source,
       GError **error)
{
  if (anx_database_query_int (database, 0, NULL, "SELECT 1 FROM directory_head WHERE version = ? AND digest = ?", "is", version, digest) == 1)
    return TRUE;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT source FROM directory_head WHERE version = ? LIMIT 1", "i", version);
  g_autofree char *other = rows != NULL && anx_rows_next (rows, &inner) ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
  g_clear_pointer (&rows, anx_rows_free);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (!anx_database_run (database, error,
                         "INSERT INTO directory_head (version, digest, source) SELECT ?, ?, ? WHERE (SELECT count(*) FROM directory_head) < ?",
                         "issi", version, digest, source, (gint64) MOST_HEADS))
    return FALSE;
  if (other == NULL)
    return TRUE;
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT " %s %s", version, other, source);
  return anx_client_database_notice (database, "directory-fork", detail, error);
}

/**
 * anx_directory_heads_take_over:
 * @database: the client's database
 * @directory: one that was verified and is in force here
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Keeps its digest under its number and the digest it names under the number before, and compares both with what others said.
 *
 * Returns: whether it was written; on the disk on return, or with the transaction's commit
 */
gboolean
anx_directory_heads_take_over (AnxDatabase *database,
                               AnxDirectory *directory,
                               GError **error)
{
  gint64 version = anx_directory_get_version (directory);
  const char *previous = anx_directory_get_previous (directory);
  return learn (database, version, anx_directory_get_digest (directory), AUTHORITY, error) &&
         (previous == NULL || learn (database, version - 1, previous, AUTHORITY, error));
}

/**
 * anx_directory_heads_hear:
 * @database: the client's database
 * @header: of a record whose signature was verified
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Compares the directory its author had with what is known here; two under one number are noticed as `directory-fork`, with who said what.
 *
 * Returns: whether it was written; on the disk on return, or with the transaction's commit
 */
gboolean
anx_directory_heads_hear (AnxDatabase *database,
                          AnxRecordHeader *header,
                          GError **error)
{
  gint64 version = 0;
  const char *digest = anx_record_header_get_directory (header, &version);
  return digest == NULL || learn (database, version, digest, anx_record_header_get_author (header), error);
}

/**
 * anx_directory_heads_newest:
 * @database: the client's database
 *
 * Returns: the highest number of a directory that was seen or heard of; 0 when there is none
 */
gint64
anx_directory_heads_newest (AnxDatabase *database)
{
  return anx_database_query_int (database, 0, NULL, "SELECT max(version) FROM directory_head", "");
}
