/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-database.h"

#include <glib/gi18n.h>

#include "crl.h"
#include "ctl-error.h"
#include "database.h"
#include "directory.h"
#include "envelope.h"
#include "erasure.h"
#include "pem-file.h"
#include "text.h"

/* More are counted and not listed. */
#define MOST_LISTED 1000

/**
 * anx_hub_place_free:
 * @self: (transfer full): a place
 */
void
anx_hub_place_free (AnxHubPlace *self)
{
  g_free (self->database);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_free (self);
}

static char *
read_path (GKeyFile *file,
           const char *config,
           const char *key,
           const char *prefix,
           GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", key, error);
  if (value == NULL)
    return NULL;
  if (!g_str_has_prefix (value, prefix))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s: “%s” must begin with %s"), config, key, prefix);
      return NULL;
    }
  g_autofree char *folder = g_path_get_dirname (config);
  const char *path = value + strlen (prefix);
  return g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (folder, path, NULL);
}

/**
 * anx_hub_place_read:
 * @config: the hub's configuration
 * @error: return location, %ANX_CTL_ERROR_INVALID, errors of %G_KEY_FILE_ERROR, %ANX_BASE_ERROR, %ANX_SEAL_ERROR
 *
 * Returns: (transfer full) (nullable): its database and authority
 */
AnxHubPlace *
anx_hub_place_read (const char *config,
                    GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (AnxHubPlace) self = g_new0 (AnxHubPlace, 1);
  if (!g_key_file_load_from_file (file, config, G_KEY_FILE_NONE, error))
    return NULL;
  self->database = read_path (file, config, "database", "sqlite:", error);
  g_autofree char *authority = self->database != NULL ? read_path (file, config, "authority", "", error) : NULL;
  self->authority = authority != NULL ? anx_pem_file_read_certificate (authority, error) : NULL;
  return self->authority != NULL ? g_steal_pointer (&self) : NULL;
}

typedef struct
{
  AnxDatabase *database;
  AnxCertificate *authority;
  JsonArray *faults;
  JsonArray *gaps;
  JsonArray *erased;
  gboolean has_erased; /* a backup from before there was erasing has no such table */
  gint64 n_faults;
  gint64 n_gaps;
  gint64 n_erased;
  gint64 n_records;
  gint64 n_authors;
  gboolean has_glass; /* a backup from before break-glass has not */
  /* The author whose chain is being walked. */
  char *author;
  gint64 place;
  char *digest;
} Verification;

static void
add_fault (Verification *self,
           const char *what,
           const char *which)
{
  if (self->n_faults++ >= MOST_LISTED)
    return;
  JsonObject *fault = json_object_new ();
  json_object_set_string_member (fault, "what", what);
  json_object_set_string_member (fault, "which", which);
  json_array_add_object_element (self->faults, fault);
}

/* A place that no record took is not a fault of the hub: its author's record was refused, or is still on its way. */
static void
add_gap (Verification *self,
         gint64 before)
{
  if (self->n_gaps++ >= MOST_LISTED)
    return;
  JsonObject *gap = json_object_new ();
  json_object_set_string_member (gap, "author", self->author);
  json_object_set_int_member (gap, "after", self->place);
  json_object_set_int_member (gap, "before", before);
  json_array_add_object_element (self->gaps, gap);
}

static void
walk_chain (Verification *self,
            const char *author,
            gint64 place,
            const char *previous,
            gboolean erased, /* what it named is not known when it was erased before it came */
            const char *id,
            const char *digest)
{
  if (g_strcmp0 (self->author, author) != 0)
    {
      g_free (self->author);
      self->author = g_strdup (author);
      self->place = 0;
      g_clear_pointer (&self->digest, g_free);
      self->n_authors++;
    }
  if (place <= self->place)
    add_fault (self, "chain-fork", id);
  else if (place > self->place + 1)
    add_gap (self, place);
  else if (g_strcmp0 (previous, self->digest) != 0 && !(erased && previous == NULL))
    add_fault (self, "chain-broken", id);
  self->place = place;
  g_free (self->digest);
  self->digest = g_strdup (digest);
}

/* seq, id, kind, author, place, previous, digest, envelope */
static gboolean
columns_fit (AnxRows *rows,
             AnxRecordHeader *header,
             const char *digest)
{
  return g_strcmp0 (anx_rows_get_string (rows, 1), anx_record_header_get_id (header)) == 0 &&
         g_strcmp0 (anx_rows_get_string (rows, 2), anx_record_header_get_kind (header)) == 0 &&
         g_strcmp0 (anx_rows_get_string (rows, 3), anx_record_header_get_author (header)) == 0 &&
         anx_rows_get_int (rows, 4) == anx_record_header_get_sequence (header) &&
         g_strcmp0 (anx_rows_get_string (rows, 5), anx_record_header_get_previous (header)) == 0 &&
         g_strcmp0 (anx_rows_get_string (rows, 6), digest) == 0;
}

/* A record reaches its author and those it names, and nobody else. */
static gboolean
check_delivery (Verification *self,
                gint64 seq,
                const char *id,
                AnxRecordHeader *header,
                GError **error)
{
  g_autoptr (GHashTable) readers = g_hash_table_new (g_str_hash, g_str_equal);
  const char *const *recipients = anx_record_header_get_recipients (header);
  g_hash_table_add (readers, (gpointer) anx_record_header_get_author (header));
  for (gsize i = 0; recipients != NULL && recipients[i] != NULL; i++)
    g_hash_table_add (readers, (gpointer) recipients[i]);
  g_autoptr (GError) inner = NULL;
  guint found = 0;
  g_autoptr (AnxRows) rows =
      self->has_glass ? anx_database_query (self->database, &inner,
                                            "SELECT reader FROM delivery WHERE seq = ? UNION SELECT reader FROM behind_glass WHERE seq = ?", "ii",
                                            seq, seq)
                      : anx_database_query (self->database, &inner, "SELECT reader FROM delivery WHERE seq = ?", "i", seq);
  while (rows != NULL && anx_rows_next (rows, &inner))
    if (g_hash_table_contains (readers, anx_rows_get_string (rows, 0)))
      found++;
    else
      add_fault (self, "delivered-to-another", id);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (found != g_hash_table_size (readers))
    add_fault (self, "not-delivered", id);
  return TRUE;
}

static gboolean
order_names (AnxRecordHeader *order,
             AnxRows *rows)
{
  const char *reason = NULL;
  g_autoptr (GPtrArray) records = anx_erasure_read_routing (anx_record_header_get_routing (order), &reason, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      const AnxErasedRecord *named = records->pdata[i];
      if (g_strcmp0 (named->id, anx_rows_get_string (rows, 1)) == 0 && g_strcmp0 (named->kind, anx_rows_get_string (rows, 2)) == 0 &&
          g_strcmp0 (named->author, anx_rows_get_string (rows, 3)) == 0 && named->place == anx_rows_get_int (rows, 4) &&
          g_strcmp0 (named->digest, anx_rows_get_string (rows, 6)) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Only a signed order that names it takes a record's bytes away; its place in the chain and its digest stay. */
static gboolean
check_tombstone (Verification *self,
                 AnxRows *rows,
                 GError **error)
{
  const char *id = anx_rows_get_string (rows, 1);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) found = self->has_erased ? anx_database_query (self->database, &inner,
                                                                     "SELECT order_record.envelope FROM erased JOIN record AS order_record"
                                                                     " ON order_record.id = erased.erasure WHERE erased.record = ?", "s", id)
                                               : NULL;
  g_autoptr (GBytes) envelope = found != NULL && anx_rows_next (found, &inner) ? anx_rows_get_bytes (found, 0) : NULL;
  g_autoptr (AnxRecordHeader) order = NULL;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (envelope == NULL || !anx_envelope_verify (envelope, self->authority, &order, NULL, NULL, NULL) ||
      g_strcmp0 (anx_record_header_get_kind (order), ANX_KIND_ERASURE) != 0 || !order_names (order, rows))
    {
      add_fault (self, "erased-without-order", id);
      return TRUE;
    }
  if (self->n_erased++ < MOST_LISTED)
    {
      JsonObject *erased = json_object_new ();
      json_object_set_string_member (erased, "record", id);
      json_object_set_string_member (erased, "order", anx_record_header_get_id (order));
      json_object_set_string_member (erased, "by", anx_record_header_get_author (order));
      json_array_add_object_element (self->erased, erased);
    }
  if (anx_database_query_int (self->database, 0, error, "SELECT count(*) FROM delivery WHERE seq = ?", "i", anx_rows_get_int (rows, 0)) > 0)
    add_fault (self, "delivered-to-another", id);
  return TRUE;
}

static gboolean
check_record (Verification *self,
              AnxRows *rows,
              GError **error)
{
  g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 7);
  g_autoptr (AnxRecordHeader) header = NULL;
  const char *id = anx_rows_get_string (rows, 1);
  self->n_records++;
  if (g_bytes_get_size (envelope) == 0)
    {
      walk_chain (self, anx_rows_get_string (rows, 3), anx_rows_get_int (rows, 4), anx_rows_get_string (rows, 5), TRUE, id,
                  anx_rows_get_string (rows, 6));
      return check_tombstone (self, rows, error);
    }
  if (!anx_envelope_verify (envelope, self->authority, &header, NULL, NULL, NULL))
    {
      add_fault (self, "record-not-genuine", id);
      return TRUE;
    }
  g_autofree char *digest = anx_sha256_hex (envelope);
  if (!columns_fit (rows, header, digest))
    add_fault (self, "columns-differ", id);
  walk_chain (self, anx_record_header_get_author (header), anx_record_header_get_sequence (header), anx_record_header_get_previous (header), FALSE,
              id, digest);
  return check_delivery (self, anx_rows_get_int (rows, 0), id, header, error);
}

static gboolean
check_records (Verification *self,
               GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner,
                                                 "SELECT seq, id, kind, author, place, previous, digest, envelope FROM record"
                                                 " ORDER BY author, place", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    if (!check_record (self, rows, &inner))
      break;
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* What the hub derives from records must be of a record that is there. */
static gboolean
check_derived (Verification *self,
               GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner,
                                                 "SELECT alert.id FROM alert LEFT JOIN record ON record.id = alert.id AND record.kind = 'alert'"
                                                 " WHERE record.id IS NULL", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    add_fault (self, "alert-without-record", anx_rows_get_string (rows, 0));
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL)
    rows = anx_database_query (self->database, &inner, "SELECT count(*) FROM delivery LEFT JOIN record USING (seq) WHERE record.seq IS NULL", "");
  if (rows != NULL && anx_rows_next (rows, &inner) && anx_rows_get_int (rows, 0) > 0)
    add_fault (self, "delivery-without-record", "");
  g_clear_pointer (&rows, anx_rows_free);
  if (inner == NULL && self->has_glass)
    rows = anx_database_query (self->database, &inner,
                               "SELECT door.record FROM door LEFT JOIN record ON record.id = door.record AND record.kind = 'break-glass'"
                               " AND record.author = door.reader WHERE record.id IS NULL", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    add_fault (self, "door-without-record", anx_rows_get_string (rows, 0));
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
check_documents (Verification *self,
                 JsonObject *answer,
                 GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT kind, version, body FROM document", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      const char *kind = anx_rows_get_string (rows, 0);
      g_autoptr (GBytes) body = anx_rows_get_bytes (rows, 2);
      gint64 version = anx_rows_get_int (rows, 1);
      gboolean is_directory = g_str_equal (kind, "directory");
      g_autoptr (AnxDirectory) directory = is_directory ? anx_directory_open (body, self->authority, NULL, NULL) : NULL;
      g_autoptr (AnxCrl) crl = is_directory ? NULL : anx_crl_open (body, self->authority, NULL);
      if (directory == NULL && crl == NULL)
        add_fault (self, "document-not-genuine", kind);
      else if (version != (is_directory ? anx_directory_get_version (directory) : anx_crl_get_number (crl)))
        add_fault (self, "columns-differ", kind);
      json_object_set_int_member (answer, kind, version);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/**
 * anx_hub_database_verify:
 * @path: of a hub's database or a backup of one; the hub may be running
 * @authority: of the district
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * SQLite's own check; then of every record its signature, author and authority, the columns against its signed header, its readers, and its
 * place in its author's chain; then the directory, the revocation list, and what was derived from records. Needs no private key.
 *
 * Returns: (transfer full) (nullable): `records`, `authors`, `faults` (what, which), `gaps` (author, after, before), `erased` (record, order, by), their counts,
 *   `directory` and `crl` (versions)
 */
JsonObject *
anx_hub_database_verify (const char *path,
                         AnxCertificate *authority,
                         GError **error)
{
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, error);
  if (database == NULL || !anx_database_check (database, error))
    return NULL;
  Verification self = { .database = database, .authority = authority, .faults = json_array_new (), .gaps = json_array_new () };
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_array_member (answer, "faults", self.faults);
  json_object_set_array_member (answer, "gaps", self.gaps);
  self.erased = json_array_new ();
  json_object_set_array_member (answer, "erased", self.erased);
  self.has_erased = anx_database_query_int (database, 0, NULL, "SELECT count(*) FROM sqlite_schema WHERE name = 'erased'", "") > 0;
  self.has_glass = anx_database_query_int (database, 0, NULL, "SELECT count(*) FROM sqlite_master WHERE name = 'door'", "") == 1;
  gboolean read = check_records (&self, error) && check_derived (&self, error) && check_documents (&self, answer, error);
  g_free (self.author);
  g_free (self.digest);
  if (!read)
    return NULL;
  json_object_set_int_member (answer, "records", self.n_records);
  json_object_set_int_member (answer, "authors", self.n_authors);
  json_object_set_int_member (answer, "faultCount", self.n_faults);
  json_object_set_int_member (answer, "gapCount", self.n_gaps);
  json_object_set_int_member (answer, "erasedCount", self.n_erased);
  return g_steal_pointer (&answer);
}
