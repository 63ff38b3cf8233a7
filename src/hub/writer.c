/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "writer.h"

#include "journal.h"
#include "store-error.h"

#define EMPTY_LOG_USEC (200 * G_TIME_SPAN_MILLISECOND)

struct _AnxWriter
{
  AnxDatabase *database; /* the thread's alone */
  AnxWriterDone done;
  GThread *thread;
  gboolean log_to_empty; /* the thread's alone */

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

/* Before the answers leave, so that "erased" is true. Who just reads is done in a moment: then it is tried again. */
static void
try_empty_log (AnxWriter *self)
{
  g_autoptr (GError) error = NULL;
  if (!self->log_to_empty)
    return;
  self->log_to_empty = !anx_database_empty_log (self->database, &error);
  if (error != NULL && !g_error_matches (error, ANX_STORE_ERROR, ANX_STORE_ERROR_BUSY))
    anx_journal ("anxin-hub", "log-not-emptied", "message", error->message, NULL);
}

/* TRUE: look at the queue again; FALSE: the log waits to be emptied. */
static gboolean
wait_for_work (AnxWriter *self)
{
  if (self->log_to_empty)
    return g_cond_wait_until (&self->filled, &self->lock, g_get_monotonic_time () + EMPTY_LOG_USEC);
  g_cond_wait (&self->filled, &self->lock);
  return TRUE;
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
      while (g_queue_is_empty (&self->waiting) && !self->stopping && wait_for_work (self))
        ;
      take_group (self, group);
      gboolean over = group->len == 0 && self->stopping;
      g_mutex_unlock (&self->lock);
      if (over)
        return NULL;
      if (group->len == 0)
        {
          try_empty_log (self);
          continue;
        }

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
      try_empty_log (self);
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
  /* Who was killed between an erasure's commit and this left it in the log. */
  self->log_to_empty = TRUE;
  g_mutex_init (&self->lock);
  g_cond_init (&self->filled);
  g_queue_init (&self->waiting);
  try_empty_log (self);
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
 * anx_writer_empty_log:
 * @self: a running writer; on its thread only
 *
 * After the present transaction the log is emptied, so that what is deleted now is not left in it: before its answers leave or, while
 * somebody reads the database, as soon as nobody does.
 */
void
anx_writer_empty_log (AnxWriter *self)
{
  self->log_to_empty = TRUE;
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
