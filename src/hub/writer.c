/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "writer.h"

#include "journal.h"
#include "store-error.h"

struct _AnxWriter
{
  AnxDatabase *database; /* the thread's alone */
  AnxWriterDone done;
  GThread *thread;

  GMutex lock;
  GCond filled;
  GQueue waiting;    /* AnxRequest; lock */
  gboolean stopping; /* lock */
};

/* A failure of the disk concerns the whole transaction; anything else only the operation that met it. */
static gboolean
concerns_group (const GError *error)
{
  return error->domain == ANX_STORE_ERROR && error->code != ANX_STORE_ERROR_CONSTRAINT && error->code != ANX_STORE_ERROR_SCHEMA;
}

/* FALSE when the transaction is lost. */
static gboolean
run_one (AnxWriter *self,
         AnxRequest *request,
         GError **error)
{
  g_autoptr (GError) inner = NULL;

  if (!anx_database_savepoint (self->database, error))
    return FALSE;
  request->kept = request->run (request, self->database, &inner);
  if (request->kept)
    return anx_database_release (self->database, error);

  if (inner != NULL && concerns_group (inner))
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  anx_database_rollback_to_savepoint (self->database);
  if (inner != NULL)
    anx_request_refuse_store (request, inner);
  return TRUE;
}

static gboolean
run_group (AnxWriter *self,
           GPtrArray *group,
           GError **error)
{
  if (!anx_database_begin (self->database, error))
    return FALSE;
  for (guint i = 0; i < group->len; i++)
    if (!run_one (self, g_ptr_array_index (group, i), error))
      {
        anx_database_rollback (self->database);
        return FALSE;
      }
  return anx_database_commit (self->database, error);
}

static void
take_group (AnxWriter *self,
            GPtrArray *group)
{
  gsize bytes = 0;
  while (group->len < ANX_WRITER_GROUP && bytes < ANX_WRITER_GROUP_BYTES && !g_queue_is_empty (&self->waiting))
    {
      AnxRequest *request = g_queue_pop_head (&self->waiting);
      bytes += request->body != NULL ? g_bytes_get_size (request->body) : 0;
      g_ptr_array_add (group, request);
    }
}

static gpointer
write_groups (gpointer data)
{
  AnxWriter *self = data;
  g_autoptr (GPtrArray) group = g_ptr_array_new ();

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_mutex_lock (&self->lock);
      while (g_queue_is_empty (&self->waiting) && !self->stopping)
        g_cond_wait (&self->filled, &self->lock);
      take_group (self, group);
      g_mutex_unlock (&self->lock);
      if (group->len == 0)
        return NULL;

      if (!run_group (self, group, &error))
        {
          /* Nothing of the group is on the disk, so no answer prepared by its operations may leave. */
          anx_journal ("anxin-hub", "commit-failed", "message", error->message, NULL);
          for (guint i = 0; i < group->len; i++)
            {
              AnxRequest *request = g_ptr_array_index (group, i);
              request->kept = FALSE;
              anx_request_refuse_store (request, error);
            }
        }
      for (guint i = 0; i < group->len; i++)
        self->done (g_ptr_array_index (group, i));
      g_ptr_array_set_size (group, 0);
    }
}

/**
 * anx_writer_start:
 * @database: (transfer full): the connection that writes
 * @done: what takes the requests back, on the writer's thread
 *
 * Returns: (transfer full): the running writer, to be ended with anx_writer_stop()
 */
AnxWriter *
anx_writer_start (AnxDatabase *database,
                  AnxWriterDone done)
{
  AnxWriter *self = g_new0 (AnxWriter, 1);
  self->database = database;
  self->done = done;
  g_mutex_init (&self->lock);
  g_cond_init (&self->filled);
  g_queue_init (&self->waiting);
  self->thread = g_thread_new ("writer", write_groups, self);
  return self;
}

/**
 * anx_writer_push:
 * @self: a running writer
 * @request: (transfer full): a request with its run function set; comes back through the done function
 */
void
anx_writer_push (AnxWriter *self,
                 AnxRequest *request)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->waiting, request);
  g_cond_signal (&self->filled);
  g_mutex_unlock (&self->lock);
}

/**
 * anx_writer_count_waiting:
 * @self: a running writer
 *
 * Returns: how many requests wait to be written
 */
guint
anx_writer_count_waiting (AnxWriter *self)
{
  g_mutex_lock (&self->lock);
  guint length = g_queue_get_length (&self->waiting);
  g_mutex_unlock (&self->lock);
  return length;
}

/**
 * anx_writer_stop:
 * @self: (transfer full): a running writer
 *
 * Waits until all that was pushed is committed and handed back, then closes the database.
 */
void
anx_writer_stop (AnxWriter *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->filled);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_object_unref (self->database);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->filled);
  g_free (self);
}
