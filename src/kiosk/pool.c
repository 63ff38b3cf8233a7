/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool.h"

/* After the hand-over the new page has been drawn by then, also on a slow machine. */
#define AFTER_BEGIN_MS 2000
#define AFTER_END_MS 300
/* Spares that die one after another; each pause doubles from here. */
#define FIRST_PAUSE_MS 500
#define MAX_FAILURES 4

struct _AnxPool
{
  GObject parent_instance;

  AnxVisitHost *host;
  char *program;    /* (nullable) */
  char **arguments; /* (nullable) */
  AnxVisit *spare;  /* (nullable) */
  AnxVisit *visit;  /* (nullable) */
  guint spawn_source;
  guint n_failures;
  gboolean running;
};

G_DEFINE_FINAL_TYPE (AnxPool, anx_pool, G_TYPE_OBJECT)

enum
{
  BEGAN,
  ENDED,
  TROUBLED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void anx_pool_schedule (AnxPool *self, guint ms);

static void
forget (AnxPool *self, AnxVisit **place)
{
  if (*place == NULL)
    return;
  g_signal_handlers_disconnect_by_data (*place, self);
  anx_visit_end (*place);
  g_clear_object (place);
}

static void
anx_pool_dispose (GObject *object)
{
  AnxPool *self = ANX_POOL (object);

  anx_pool_stop (self);
  g_clear_object (&self->host);
  g_clear_pointer (&self->program, g_free);
  g_clear_pointer (&self->arguments, g_strfreev);
  G_OBJECT_CLASS (anx_pool_parent_class)->dispose (object);
}

static void
anx_pool_class_init (AnxPoolClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_pool_dispose;
  /**
   * AnxPool::began:
   *
   * A resident has touched the screen, and a process is theirs.
   */
  signals[BEGAN] = g_signal_new ("began", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxPool::ended:
   * @clean: whether the process left by itself
   *
   * The visit is over.
   */
  signals[ENDED] = g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  /**
   * AnxPool::troubled:
   *
   * Spare processes died several times in a row; no more are started until anx_pool_start().
   */
  signals[TROUBLED] = g_signal_new ("troubled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_pool_init (AnxPool *self)
{
}

static void
anx_pool_note_failure (AnxPool *self)
{
  self->n_failures++;
  if (self->n_failures >= MAX_FAILURES)
    {
      self->running = FALSE;
      g_signal_emit (self, signals[TROUBLED], 0);
      return;
    }
  anx_pool_schedule (self, FIRST_PAUSE_MS << self->n_failures);
}

static void
on_ready (AnxPool *self, AnxVisit *visit)
{
  self->n_failures = 0;
}

static void
on_ended (AnxPool *self, gboolean clean, AnxVisit *visit)
{
  if (visit == self->spare)
    {
      g_clear_object (&self->spare);
      anx_pool_note_failure (self);
      return;
    }
  if (visit != self->visit)
    return;
  g_clear_object (&self->visit);
  g_signal_emit (self, signals[ENDED], 0, clean);
  if (self->spare == NULL)
    anx_pool_schedule (self, AFTER_END_MS);
}

static void
anx_pool_spawn (AnxPool *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->running || self->spare != NULL)
    return;
  self->spare = anx_visit_new (self->host, self->program, (const char *const *) self->arguments, &error);
  if (self->spare == NULL)
    {
      g_warning ("No resident process could be started: %s %d", g_quark_to_string (error->domain), error->code);
      anx_pool_note_failure (self);
      return;
    }
  g_signal_connect_object (self->spare, "ready", G_CALLBACK (on_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->spare, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
}

static gboolean
on_spawn (gpointer data)
{
  AnxPool *self = data;

  self->spawn_source = 0;
  anx_pool_spawn (self);
  return G_SOURCE_REMOVE;
}

static void
anx_pool_schedule (AnxPool *self, guint ms)
{
  g_clear_handle_id (&self->spawn_source, g_source_remove);
  if (self->running)
    self->spawn_source = g_timeout_add (ms, on_spawn, self);
}

/**
 * anx_pool_new:
 * @host: what visits may use; a reference is held
 * @program: (nullable): the program of the resident process; %NULL is this one
 * @arguments: (nullable) (array zero-terminated=1): for it, after `--resident FD`
 *
 * Returns: (transfer full): a pool that has not started
 */
AnxPool *
anx_pool_new (AnxVisitHost *host, const char *program, const char *const *arguments)
{
  AnxPool *self = g_object_new (ANX_TYPE_POOL, NULL);

  self->host = g_object_ref (host);
  self->program = g_strdup (program);
  self->arguments = g_strdupv ((char **) arguments);
  return self;
}

/**
 * anx_pool_start:
 * @self: the pool
 *
 * Makes the first spare, also after AnxPool::troubled. Does nothing while it runs.
 */
void
anx_pool_start (AnxPool *self)
{
  if (self->running)
    return;
  self->running = TRUE;
  self->n_failures = 0;
  anx_pool_spawn (self);
}

/**
 * anx_pool_stop:
 * @self: the pool
 *
 * Ends spare and visit. No signal follows.
 */
void
anx_pool_stop (AnxPool *self)
{
  self->running = FALSE;
  g_clear_handle_id (&self->spawn_source, g_source_remove);
  forget (self, &self->spare);
  forget (self, &self->visit);
}

/**
 * anx_pool_refresh:
 * @self: the pool
 *
 * Replaces the waiting spare by one that knows the present context and directory. A running visit keeps its own.
 */
void
anx_pool_refresh (AnxPool *self)
{
  if (self->spare == NULL)
    return;
  forget (self, &self->spare);
  anx_pool_schedule (self, AFTER_END_MS);
}

/**
 * anx_pool_begin:
 * @self: the pool
 * @language: `zh` or `en`
 * @page: empty or `help`
 *
 * The first touch: the spare becomes the visit. Does nothing while one runs: its window is above the touched one.
 */
void
anx_pool_begin (AnxPool *self, const char *language, const char *page)
{
  if (self->visit != NULL)
    return;
  if (self->spare == NULL)
    {
      g_clear_handle_id (&self->spawn_source, g_source_remove);
      anx_pool_spawn (self);
    }
  if (self->spare == NULL)
    return;
  self->visit = g_steal_pointer (&self->spare);
  anx_visit_begin (self->visit, language, page);
  g_signal_emit (self, signals[BEGAN], 0);
  anx_pool_schedule (self, AFTER_BEGIN_MS);
}

/**
 * anx_pool_get_spare:
 * @self: the pool
 *
 * Returns: (transfer none) (nullable): the process that waits
 */
AnxVisit *
anx_pool_get_spare (AnxPool *self)
{
  return self->spare;
}

/**
 * anx_pool_get_visit:
 * @self: the pool
 *
 * Returns: (transfer none) (nullable): the process that belongs to a resident
 */
AnxVisit *
anx_pool_get_visit (AnxPool *self)
{
  return self->visit;
}
