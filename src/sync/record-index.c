/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record-index-private.h"

#include "process.h"

/* So many newly opened records are worth writing the file again. */
#define SAVE_AFTER 200

G_DEFINE_FINAL_TYPE (AnxRecordIndex, anx_record_index, G_TYPE_OBJECT)

enum
{
  OPENED,
  CHANGED,
  READY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
anx_record_index_dispose (GObject *object)
{
  AnxRecordIndex *self = ANX_RECORD_INDEX (object);
  anx_record_index_stop (self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (anx_record_index_parent_class)->dispose (object);
}

static void
anx_record_index_finalize (GObject *object)
{
  AnxRecordIndex *self = ANX_RECORD_INDEX (object);
  g_hash_table_unref (self->opened);
  g_hash_table_unref (self->forgotten);
  anx_record_index_free_tables (self);
  G_OBJECT_CLASS (anx_record_index_parent_class)->finalize (object);
}

static void
anx_record_index_class_init (AnxRecordIndexClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_record_index_dispose;
  G_OBJECT_CLASS (class)->finalize = anx_record_index_finalize;
  signals[OPENED] = g_signal_new ("opened", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  ANX_TYPE_INBOX_RECORD, JSON_TYPE_NODE);
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[READY] = g_signal_new ("ready", ANX_TYPE_RECORD_INDEX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_record_index_init (AnxRecordIndex *self)
{
  anx_record_index_make_tables (self);
  self->opened = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->forgotten = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
free_text (gpointer data)
{
  GString *text = data;
  anx_wipe (text->str, text->len);
  g_string_free (text, TRUE);
}

static void
save (AnxRecordIndex *self)
{
  GString *text = g_string_sized_new (self->entries->len * 192 + 64);
  g_string_append (text, ANX_INDEX_FORM "\n");
  for (guint i = 0; i < self->entries->len; i++)
    anx_index_line_append (text, &((AnxIndexLine *) self->entries->pdata[i])->shown);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (text->str, text->len, free_text, text);
  self->unsaved = 0;
  anx_record_index_push_job (self, ANX_INDEX_JOB_SAVE, NULL, bytes);
}

static void
take_entry (AnxRecordIndex *self,
            AnxIndexLine *entry)
{
  AnxIndexLine *known = g_hash_table_lookup (self->by_id, entry->shown.id);
  /* A thread that was opening it when it was erased comes too late. */
  if (g_hash_table_contains (self->forgotten, entry->shown.id))
    {
      g_free (entry);
      return;
    }
  if (known != NULL && known->shown.state == entry->shown.state)
    {
      /* What a record says never changes. */
      g_free (entry);
      return;
    }
  if (known != NULL)
    anx_record_index_remove (self, known);
  anx_record_index_add (self, entry);
}

/**
 * anx_record_index_take_batch:
 * @data: an AnxIndexBatch
 *
 * A GSourceFunc on the main thread.
 *
 * Returns: %G_SOURCE_REMOVE
 */
gboolean
anx_record_index_take_batch (gpointer data)
{
  AnxIndexBatch *batch = data;
  AnxRecordIndex *self = batch->index;
  if (g_atomic_int_get (&self->cancelled))
    return G_SOURCE_REMOVE;
  guint before = self->entries->len;
  g_ptr_array_set_free_func (batch->entries, NULL);
  for (guint i = 0; i < batch->entries->len; i++)
    take_entry (self, batch->entries->pdata[i]);
  g_ptr_array_set_size (batch->entries, 0);
  if (!batch->from_file)
    self->unsaved += self->entries->len - before;
  else if (batch->stale)
    self->unsaved++;
  if (batch->total > 0)
    {
      self->done = batch->done;
      self->total = batch->total;
    }
  for (guint i = 0; i < batch->opened->len; i++)
    {
      AnxIndexOpened *opened = batch->opened->pdata[i];
      if (g_hash_table_contains (self->forgotten, anx_record_header_get_id (anx_inbox_record_get_header (opened->record))))
        continue;
      g_hash_table_add (self->opened, g_strdup (anx_record_header_get_id (anx_inbox_record_get_header (opened->record))));
      g_signal_emit (self, signals[OPENED], 0, opened->record, opened->resource);
    }
  self->newest_opened |= batch->newest_opened;
  gboolean becomes_ready = batch->last && !self->ready;
  if (becomes_ready)
    {
      self->ready = TRUE;
      self->done = self->total;
    }
  if (self->pool != NULL && self->ready && (self->unsaved >= SAVE_AFTER || (becomes_ready && self->unsaved > 0)))
    save (self);
  g_signal_emit (self, signals[CHANGED], 0);
  if (becomes_ready)
    g_signal_emit (self, signals[READY], 0);
  return G_SOURCE_REMOVE;
}

static void
open_id (AnxRecordIndex *self,
         const char *id)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (ids, g_strdup (id));
  anx_record_index_push_job (self, ANX_INDEX_JOB_OPEN, ids, NULL);
}

static void
on_record_arrived (AnxClient *client,
                   AnxInboxRecord *record,
                   AnxRecordIndex *self)
{
  if (self->pool != NULL)
    open_id (self, anx_record_header_get_id (anx_inbox_record_get_header (record)));
}

/* A new directory may bring us into a group, and with it the key to what could not be opened before. */
static void
on_directory_changed (AnxClient *client,
                      AnxRecordIndex *self)
{
  if (self->pool == NULL)
    return;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const AnxIndexEntry *entry = &((AnxIndexLine *) self->entries->pdata[i])->shown;
      if (entry->state != ANX_INDEX_OPENED)
        g_ptr_array_add (ids, g_strdup (entry->id));
    }
  if (ids->len > 0)
    anx_record_index_push_job (self, ANX_INDEX_JOB_OPEN, ids, NULL);
}

static void
on_record_erased (AnxClient *client,
                  const char *id,
                  AnxRecordIndex *self)
{
  g_hash_table_add (self->forgotten, g_strdup (id));
  anx_record_index_forget (self, id);
}

/**
 * anx_record_index_new:
 * @client: the client whose records these are
 * @most_open: how many of the newest records "opened" gives at the start; the others are only listed and searched
 *
 * Returns: (transfer full): an empty index
 */
AnxRecordIndex *
anx_record_index_new (AnxClient *client,
                      guint most_open)
{
  AnxRecordIndex *self = g_object_new (ANX_TYPE_RECORD_INDEX, NULL);
  self->client = g_object_ref (client);
  self->most_open = most_open;
  g_signal_connect_object (client, "record-arrived", G_CALLBACK (on_record_arrived), self, 0);
  g_signal_connect_object (client, "record-erased", G_CALLBACK (on_record_erased), self, 0);
  g_signal_connect_object (client, "directory-changed", G_CALLBACK (on_directory_changed), self, 0);
  return self;
}

/**
 * anx_record_index_start:
 * @self: an index that was not started yet
 *
 * Reads the sealed file, then opens what it does not hold, in a thread.
 */
void
anx_record_index_start (AnxRecordIndex *self)
{
  g_return_if_fail (self->pool == NULL);
  g_atomic_int_set (&self->cancelled, 0);
  self->pool = g_thread_pool_new (anx_record_index_run_job, self, 1, TRUE, NULL);
  self->opener = g_thread_pool_new (anx_record_index_run_job, self, 1, TRUE, NULL);
  anx_record_index_push_job (self, ANX_INDEX_JOB_START, NULL, NULL);
}

/**
 * anx_record_index_stop:
 * @self: an index
 *
 * Ends the threads, waiting for the record each is at; what was not written to the file is opened again next time. Safe to call twice.
 */
void
anx_record_index_stop (AnxRecordIndex *self)
{
  if (self->pool == NULL)
    return;
  g_atomic_int_set (&self->cancelled, 1);
  g_thread_pool_free (g_steal_pointer (&self->opener), FALSE, TRUE);
  g_thread_pool_free (g_steal_pointer (&self->pool), FALSE, TRUE);
}

/**
 * anx_record_index_is_ready:
 * @self: an index
 *
 * Returns: whether every record that was here at the start is listed
 */
gboolean
anx_record_index_is_ready (AnxRecordIndex *self)
{
  return self->ready;
}

/**
 * anx_record_index_has_opened_newest:
 * @self: an index
 *
 * Returns: whether "opened" has given all of the newest records, so that nothing recent is missing
 */
gboolean
anx_record_index_has_opened_newest (AnxRecordIndex *self)
{
  return self->newest_opened;
}

/**
 * anx_record_index_get_progress:
 * @self: an index
 * @out_done: (out): records listed so far
 * @out_total: (out): records that were here at the start; 0 while not even that is known
 */
void
anx_record_index_get_progress (AnxRecordIndex *self,
                               guint *out_done,
                               guint *out_total)
{
  *out_done = self->done;
  *out_total = self->total;
}

/**
 * anx_record_index_open_story:
 * @self: a started index
 * @story: booking, task or alert
 */
void
anx_record_index_open_story (AnxRecordIndex *self,
                             const char *story)
{
  g_autoptr (GPtrArray) entries = anx_record_index_list_story (self, story);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < entries->len; i++)
    {
      const char *id = ((const AnxIndexEntry *) entries->pdata[i])->id;
      if (!g_hash_table_contains (self->opened, id))
        g_ptr_array_add (ids, g_strdup (id));
    }
  if (ids->len > 0 && self->pool != NULL)
    anx_record_index_push_job (self, ANX_INDEX_JOB_OPEN, ids, NULL);
}

/**
 * anx_record_index_forget:
 * @self: an index
 * @id: a record that is no longer on this machine
 *
 * The sealed file is written without it.
 */
void
anx_record_index_forget (AnxRecordIndex *self,
                         const char *id)
{
  AnxIndexLine *entry = g_hash_table_lookup (self->by_id, id);
  if (entry == NULL)
    return;
  g_hash_table_remove (self->opened, id);
  anx_record_index_remove (self, entry);
  if (self->pool != NULL)
    save (self);
  g_signal_emit (self, signals[CHANGED], 0);
}
