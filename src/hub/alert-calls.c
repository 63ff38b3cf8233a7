/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alert-calls.h"

#include "clock.h"
#include "hub.h"
#include "server.h"

/* Open alerts taken forward in one transaction; more wait for the next. */
#define MOST_DUE 200
/* After its start the hub's links open one after the other: an officer without one is not absent yet. */
#define GATHER_USEC (20 * (gint64) ANX_USEC_PER_SECOND)

static gboolean
was_called (AnxDatabase *database,
            const char *alert,
            const char *principal,
            GError **error)
{
  return anx_database_query_int (database, 0, error, "SELECT count(*) FROM alert_call WHERE alert = ? AND principal = ?", "ss", alert,
                                 principal) > 0;
}

/* The people of a step: those of its first role that anybody has. */
static GPtrArray *
list_people (const AnxCallWorld *world,
             const AnxEscalationStep *step,
             const char *centre)
{
  for (guint i = 0; step->roles[i] != NULL; i++)
    {
      GPtrArray *people =
          anx_directory_list_principals (world->directory, ANX_PRINCIPAL_PERSON, step->roles[i], step->in_centre ? centre : NULL);
      for (guint k = people->len; k > 0; k--)
        {
          const AnxPrincipal *person = g_ptr_array_index (people, k - 1);
          if (!person->active || person->sign_certificate == NULL)
            g_ptr_array_remove_index (people, k - 1);
        }
      if (people->len > 0)
        return people;
      g_ptr_array_unref (people);
    }
  return g_ptr_array_new ();
}

static gboolean
is_present (const AnxCallWorld *world,
            const char *principal)
{
  return world->present == NULL || g_hash_table_contains (world->present, principal);
}

typedef struct
{
  const char *alert;
  const char *centre;
  AnxLevel level;
  gint64 now_usec;
} Due;

static gboolean
call_person (AnxDatabase *database,
             const Due *due,
             const AnxPrincipal *person,
             const AnxEscalationStep *step,
             gboolean present,
             GError **error)
{
  return anx_database_run (database, error,
                           "INSERT INTO alert_call (alert, number, principal, step, called, present)"
                           " SELECT ?, 1 + count(*), ?, ?, ?, ? FROM alert_call WHERE alert = ?",
                           "sssiis", due->alert, person->id, step->name, due->now_usec, (gint64) present, due->alert);
}

/* Calls until one who is there was called; the due time that follows, or -1 with @error. */
static gint64
call_next (AnxDatabase *database,
           const AnxCallWorld *world,
           const Due *due,
           GPtrArray *called,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  for (guint s = 0; s < anx_escalation_count (world->rule); s++)
    {
      const AnxEscalationStep *step = anx_escalation_get (world->rule, s);
      g_autoptr (GPtrArray) people = list_people (world, step, due->centre);
      for (guint i = 0; i < people->len; i++)
        {
          const AnxPrincipal *person = g_ptr_array_index (people, i);
          if (was_called (database, due->alert, person->id, &inner))
            continue;
          gboolean present = is_present (world, person->id);
          if (inner != NULL || !call_person (database, due, person, step, present, &inner))
            {
              g_propagate_error (error, g_steal_pointer (&inner));
              return -1;
            }
          g_ptr_array_add (called, g_strdup (person->id));
          if (present)
            return due->now_usec + anx_escalation_get_wait_usec (world->rule, s, due->level);
        }
    }
  return due->now_usec + anx_escalation_get_again_usec (world->rule, due->level);
}

/**
 * anx_alert_calls_advance:
 * @database: the writing connection, in a transaction
 * @world: who there is
 * @alert: an alert's id
 * @now_usec: the time, UTC
 * @called: (element-type utf8): those called now are appended
 * @error: return location, of the database only
 *
 * Takes an open alert whose time has come one step forward. One that is not due, not open or not known is left alone. When it returns
 * the calls and the next due time are in the transaction.
 *
 * Returns: whether the database did it
 */
gboolean
anx_alert_calls_advance (AnxDatabase *database,
                         const AnxCallWorld *world,
                         const char *alert,
                         gint64 now_usec,
                         GPtrArray *called,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (
      database, &inner, "SELECT centre, level FROM alert WHERE id = ? AND acknowledged IS NULL AND due <= ?", "si", alert, now_usec);
  if (rows == NULL || !anx_rows_next (rows, &inner))
    {
      if (inner != NULL)
        g_propagate_error (error, g_steal_pointer (&inner));
      return inner == NULL && (error == NULL || *error == NULL);
    }
  g_autofree char *centre = g_strdup (anx_rows_get_string (rows, 0));
  Due due = { .alert = alert, .centre = centre, .level = anx_level_from_string (anx_rows_get_string (rows, 1)), .now_usec = now_usec };
  g_clear_pointer (&rows, anx_rows_free);
  gint64 next = call_next (database, world, &due, called, error);
  return next >= 0 && anx_database_run (database, error, "UPDATE alert SET due = ? WHERE id = ?", "is", next, alert);
}

/* --- the hub's drive --- */

typedef struct
{
  AnxCallWorld world;
} Round;

static void
round_free (gpointer data)
{
  Round *round = data;
  g_clear_pointer (&round->world.present, g_hash_table_unref);
  g_free (round);
}

static GPtrArray *
list_due (AnxDatabase *database,
          gint64 now_usec,
          GError **error)
{
  GPtrArray *due = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AnxRows) rows = anx_database_query (
      database, error, "SELECT id FROM alert WHERE acknowledged IS NULL AND due <= ? ORDER BY due LIMIT ?", "ii", now_usec, (gint64) MOST_DUE);
  while (rows != NULL && anx_rows_next (rows, error))
    g_ptr_array_add (due, g_strdup (anx_rows_get_string (rows, 0)));
  return due;
}

/* Everybody who is or was called must look: the newly called begin to ring, the others see that it has gone on. */
static gboolean
look_at_alert (AnxRequest *request,
               AnxDatabase *database,
               const char *alert,
               GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (
      database, &inner, "SELECT centre FROM alert WHERE id = ?1 UNION ALL SELECT principal FROM alert_call WHERE alert = ?1", "s", alert);
  gboolean first = TRUE;
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      if (first)
        anx_request_look_centre (request, "alerts", anx_rows_get_string (rows, 0));
      else
        anx_request_look (request, "alerts", anx_rows_get_string (rows, 0));
      first = FALSE;
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
run_round (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  Round *round = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (GPtrArray) due = list_due (database, request->now_usec, &inner);
  for (guint i = 0; i < due->len && inner == NULL; i++)
    {
      g_autoptr (GPtrArray) called = g_ptr_array_new_with_free_func (g_free);
      const char *alert = g_ptr_array_index (due, i);
      if (anx_alert_calls_advance (database, &round->world, alert, request->now_usec, called, &inner))
        look_at_alert (request, database, alert, &inner);
    }
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  anx_request_answer_bytes (request, 204, NULL, NULL);
  return TRUE;
}

static void
finish_round (AnxRequest *request)
{
  request->hub->calling = FALSE;
}

/* Persons on the link, as far as the rule could call them. */
static GHashTable *
list_present (AnxHub *hub)
{
  GHashTable *present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint s = 0; s < anx_escalation_count (hub->escalation); s++)
    {
      const AnxEscalationStep *step = anx_escalation_get (hub->escalation, s);
      for (guint r = 0; step->roles[r] != NULL; r++)
        {
          g_autoptr (GPtrArray) people = anx_directory_list_principals (hub->directory, ANX_PRINCIPAL_PERSON, step->roles[r], NULL);
          for (guint i = 0; i < people->len; i++)
            {
              const AnxPrincipal *person = g_ptr_array_index (people, i);
              if (anx_server_has_link (hub->server, person->id))
                g_hash_table_add (present, g_strdup (person->id));
            }
        }
    }
  return present;
}

/**
 * anx_alert_calls_check:
 * @hub: a hub that serves
 *
 * Takes the alerts whose time has come forward, in one transaction of the writer. One round at a time; on the loop.
 */
void
anx_alert_calls_check (AnxHub *hub)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  hub->call_again = hub->calling;
  if (hub->calling || hub->directory == NULL)
    return;
  g_autoptr (GPtrArray) due = list_due (hub->reader, now, &error);
  if (due->len == 0)
    return;

  AnxRequest *request = anx_request_new (hub);
  Round *round = g_new0 (Round, 1);
  request->now_usec = now;
  request->directory = anx_directory_ref (hub->directory);
  request->data = round;
  request->free_data = round_free;
  round->world.directory = request->directory;
  round->world.rule = hub->escalation;
  round->world.present = now - hub->started_usec < GATHER_USEC ? NULL : list_present (hub);
  hub->calling = TRUE;
  anx_server_write (hub->server, request, run_round, finish_round);
}
