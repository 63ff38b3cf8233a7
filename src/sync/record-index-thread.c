/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "client-private.h"
#include "files.h"
#include "own-seal.h"
#include "process.h"
#include "record-index-private.h"
#include "seal-error.h"

/* All here but push_job() and the freeing of a batch runs in a thread of the index. */

#define PURPOSE "record-index"
/* Delivered to the main thread together: about 30 ms of opening. */
#define BATCH 32
/* Rows read from the database at once, so that not all envelopes are in memory. */
#define PAGE 64

typedef struct
{
  AnxIndexJobKind kind;
  AnxRecordReader *reader;
  AnxDirectory *directory; /* (nullable) */
  GPtrArray *ids;          /* ANX_INDEX_JOB_OPEN */
  GBytes *text;            /* ANX_INDEX_JOB_SAVE */
} Job;

static void
opened_free (AnxIndexOpened *self)
{
  anx_inbox_record_unref (self->record);
  g_clear_pointer (&self->resource, json_node_unref);
  g_free (self);
}

static void
job_free (Job *self)
{
  g_clear_pointer (&self->reader, anx_record_reader_free);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_free (self);
}

static void
batch_free (AnxIndexBatch *self)
{
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->opened);
  g_object_unref (self->index);
  g_free (self);
}

static AnxIndexBatch *
batch_new (AnxRecordIndex *self,
           guint done,
           guint total)
{
  AnxIndexBatch *batch = g_new0 (AnxIndexBatch, 1);
  batch->index = g_object_ref (self);
  batch->entries = g_ptr_array_new_with_free_func (g_free);
  batch->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) opened_free);
  batch->done = done;
  batch->total = total;
  return batch;
}

static void
deliver (AnxIndexBatch *batch)
{
  /* Below input and drawing: a window that is being used comes first. */
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT_IDLE, anx_record_index_take_batch, batch, (GDestroyNotify) batch_free);
}

static gboolean
is_cancelled (AnxRecordIndex *self)
{
  return g_atomic_int_get (&self->cancelled) != 0;
}

/* X5: a record that cannot be opened, whatever the reason, gives an entry and stops nothing. */
static AnxIndexLine *
open_one (AnxRecordIndex *self,
          Job *job,
          AnxRecordHeader *header,
          GBytes *envelope,
          JsonNode **out_resource)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) resource = anx_record_reader_open (job->reader, envelope, header, job->directory, &error);
  AnxIndexState state = resource != NULL                                                            ? ANX_INDEX_OPENED
                        : g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT) ? ANX_INDEX_SEALED
                                                                                                : ANX_INDEX_POISONED;
  AnxIndexLine *entry = anx_index_line_from_record (header, resource, state);
  if (out_resource != NULL)
    *out_resource = g_steal_pointer (&resource);
  return entry;
}

/* The records that are in the database, so that the file brings back none that is not (X3). */
static GHashTable *
list_ids (AnxDatabase *database)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AnxRows) rows = anx_database_query (database, NULL, "SELECT id FROM record WHERE length (envelope) > 0", "");
  while (rows != NULL && anx_rows_next (rows, NULL))
    g_hash_table_add (ids, g_strdup (anx_rows_get_string (rows, 0)));
  return ids;
}

static void
read_file (AnxRecordIndex *self,
           Job *job,
           GHashTable *ids,
           GHashTable *known)
{
  AnxProfile *profile = self->client->profile;
  g_autofree char *path = anx_profile_build_path (profile, ANX_INDEX_FILE);
  g_autoptr (GBytes) sealed = anx_file_read (path, ANX_OWN_SEAL_MAX_BYTES + 65536, NULL);
  g_autoptr (GBytes) plain = sealed != NULL ? anx_record_reader_open_own (job->reader, PURPOSE, sealed,
                                                                          anx_profile_get_sign_certificate (profile), NULL)
                                            : NULL;
  if (plain == NULL)
    return;
  gsize size = 0;
  const char *bytes = g_bytes_get_data (plain, &size);
  anx_autosecret char *text = g_strndup (bytes, size);
  char *line = text;
  char *end = strchr (line, '\n');
  if (end == NULL || strncmp (line, ANX_INDEX_FORM "\n", strlen (ANX_INDEX_FORM) + 1) != 0)
    return;
  AnxIndexBatch *batch = batch_new (self, 0, g_hash_table_size (ids));
  batch->from_file = TRUE;
  for (line = end + 1; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      *end = '\0';
      AnxIndexLine *entry = anx_index_line_parse (line);
      if (entry == NULL)
        continue;
      if (!g_hash_table_contains (ids, entry->shown.id))
        {
          g_free (entry);
          batch->stale = TRUE;
          continue;
        }
      g_hash_table_add (known, g_strdup (entry->shown.id));
      g_ptr_array_add (batch->entries, entry);
    }
  batch->done = batch->entries->len;
  deliver (batch);
}

typedef struct
{
  gint64 created;
  gint64 arrival;
} Place;

/* One page of rows, newest first, from before @place on; copied, so that no statement stays open while records are opened. */
static GPtrArray *
read_page (AnxDatabase *database,
           Place *place)
{
  g_autoptr (GPtrArray) page = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_inbox_record_unref);
  g_autoptr (AnxRows) rows = anx_database_query (database, NULL,
                                                 "SELECT header, envelope, created, arrival FROM record WHERE (created, arrival) < (?, ?)"
                                                 " AND length (envelope) > 0"
                                                 " ORDER BY created DESC, arrival DESC LIMIT ?",
                                                 "iii", place->created, place->arrival, (gint64) PAGE);
  while (rows != NULL && anx_rows_next (rows, NULL))
    {
      AnxInboxRecord *record = anx_inbox_record_from_row (rows, NULL);
      if (record != NULL)
        g_ptr_array_add (page, record);
      place->created = anx_rows_get_int (rows, 2);
      place->arrival = anx_rows_get_int (rows, 3);
    }
  return g_steal_pointer (&page);
}

static void
add_to_batch (AnxRecordIndex *self,
              Job *job,
              AnxInboxRecord *record,
              gboolean with_content,
              AnxIndexBatch *batch)
{
  JsonNode *resource = NULL;
  AnxIndexLine *entry = open_one (self, job, anx_inbox_record_get_header (record), anx_inbox_record_get_envelope (record),
                                  with_content ? &resource : NULL);
  g_ptr_array_add (batch->entries, entry);
  if (!with_content)
    return;
  AnxIndexOpened *opened = g_new0 (AnxIndexOpened, 1);
  opened->record = anx_inbox_record_ref (record);
  opened->resource = resource;
  g_ptr_array_add (batch->opened, opened);
}

static void
run_start (AnxRecordIndex *self,
           Job *job,
           AnxDatabase *database)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) ids = list_ids (database);
  guint total = g_hash_table_size (ids);
  read_file (self, job, ids, known);

  Place place = { G_MAXINT64, G_MAXINT64 };
  guint seen = 0;
  guint listed = g_hash_table_size (known);
  AnxIndexBatch *batch = batch_new (self, listed, total);
  while (!is_cancelled (self))
    {
      /* All that is left is in the file already. */
      if (seen >= self->most_open && listed >= total)
        break;
      g_autoptr (GPtrArray) page = read_page (database, &place);
      for (guint i = 0; i < page->len && !is_cancelled (self); i++)
        {
          AnxInboxRecord *record = page->pdata[i];
          gboolean is_known = g_hash_table_contains (known, anx_record_header_get_id (anx_inbox_record_get_header (record)));
          gboolean with_content = seen++ < self->most_open;
          if (is_known && !with_content)
            continue;
          add_to_batch (self, job, record, with_content, batch);
          if (!is_known)
            listed++;
          batch->done = MIN (listed, total);
          batch->newest_opened = seen >= self->most_open;
          if (batch->entries->len >= BATCH)
            {
              deliver (batch);
              batch = batch_new (self, MIN (listed, total), total);
            }
        }
      if (page->len == 0)
        break;
    }
  batch->last = TRUE;
  batch->newest_opened = TRUE;
  deliver (batch);
}

static void
run_open (AnxRecordIndex *self,
          Job *job,
          AnxDatabase *database)
{
  AnxIndexBatch *batch = batch_new (self, 0, 0);
  for (guint i = 0; i < job->ids->len && !is_cancelled (self); i++)
    {
      g_autoptr (AnxRows) rows
          = anx_database_query (database, NULL, "SELECT header, envelope FROM record WHERE id = ? AND length (envelope) > 0", "s", (const char *) job->ids->pdata[i]);
      g_autoptr (AnxInboxRecord) record = rows != NULL && anx_rows_next (rows, NULL) ? anx_inbox_record_from_row (rows, NULL) : NULL;
      if (record != NULL)
        add_to_batch (self, job, record, TRUE, batch);
    }
  deliver (batch);
}

static void
run_save (AnxRecordIndex *self,
          Job *job)
{
  AnxProfile *profile = self->client->profile;
  g_autofree char *path = anx_profile_build_path (profile, ANX_INDEX_FILE);
  g_autoptr (GBytes) sealed = anx_own_seal (PURPOSE, job->text, self->client->sign_key, anx_profile_get_sign_certificate (profile),
                                            anx_profile_get_seal_certificate (profile), NULL);
  /* Without the file everything is opened again next time: slower, nothing lost. */
  if (sealed != NULL)
    (void) anx_file_write (path, g_bytes_get_data (sealed, NULL), (gssize) g_bytes_get_size (sealed), NULL);
}

/**
 * anx_record_index_run_job:
 * @data: (transfer full): a job
 * @user_data: the index
 *
 * The GFunc of its pools.
 */
void
anx_record_index_run_job (gpointer data,
                          gpointer user_data)
{
  Job *job = data;
  AnxRecordIndex *self = user_data;
  if (job->kind == ANX_INDEX_JOB_SAVE)
    run_save (self, job);
  else if (!is_cancelled (self))
    {
      g_autofree char *path = anx_profile_build_path (self->client->profile, "client.db");
      g_autoptr (AnxDatabase) database = anx_database_open_reader (path, NULL);
      if (database != NULL && job->kind == ANX_INDEX_JOB_START)
        run_start (self, job, database);
      else if (database != NULL)
        run_open (self, job, database);
    }
  job_free (job);
}

/**
 * anx_record_index_push_job:
 * @self: a started index
 * @kind: what to do
 * @ids: (nullable) (element-type utf8): which records, to open
 * @text: (nullable): of the file, to save
 *
 * Main thread.
 */
void
anx_record_index_push_job (AnxRecordIndex *self,
                           AnxIndexJobKind kind,
                           GPtrArray *ids,
                           GBytes *text)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  Job *job = g_new0 (Job, 1);
  job->kind = kind;
  job->reader = anx_record_reader_copy (self->client->reader);
  job->directory = directory != NULL ? anx_directory_ref (directory) : NULL;
  job->ids = ids != NULL ? g_ptr_array_ref (ids) : NULL;
  job->text = text != NULL ? g_bytes_ref (text) : NULL;
  g_thread_pool_push (kind == ANX_INDEX_JOB_OPEN ? self->opener : self->pool, job, NULL);
}
