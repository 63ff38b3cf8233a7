/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "request.h"

#include <string.h>

#include "hub.h"
#include "id.h"
#include "json.h"
#include "problem.h"
#include "router.h"
#include "store-error.h"
#include "writer.h"

/* More than this waiting for the disk: better to say "later" than to let everyone wait until they give up. */
#define MOST_WAITING 5000

static void
look_free (gpointer data)
{
  AnxLook *look = data;
  g_free (look->topic);
  g_free (look);
}

/**
 * anx_request_new:
 * @hub: the hub
 *
 * Returns: (transfer full): an empty request
 */
AnxRequest *
anx_request_new (AnxHub *hub)
{
  AnxRequest *self = g_new0 (AnxRequest, 1);
  self->hub = hub;
  self->now_usec = g_get_real_time ();
  self->arrived_usec = g_get_monotonic_time ();
  self->looks = g_ptr_array_new_with_free_func (look_free);
  return self;
}

/**
 * anx_request_free:
 * @self: (transfer full) (nullable): a request
 */
void
anx_request_free (AnxRequest *self)
{
  if (self == NULL)
    return;
  if (self->free_data != NULL)
    self->free_data (self->data);
  g_free (self->parameter);
  g_strfreev (self->query);
  g_free (self->if_none_match);
  g_free (self->etag);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_ptr_array_unref (self->looks);
  g_free (self);
}

/**
 * anx_request_parse_body:
 * @self: a request
 *
 * Returns: (transfer full) (nullable): the body as a JSON object; when it is none, the request is refused and %NULL returned
 */
JsonObject *
anx_request_parse_body (AnxRequest *self)
{
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *text = self->body != NULL ? g_bytes_get_data (self->body, &size) : NULL;
  JsonObject *object = anx_json_parse_object (text != NULL ? text : "", (gssize) size, self->route->max_body_bytes, &error);
  if (object == NULL)
    anx_request_refuse (self, "malformed");
  return object;
}

/**
 * anx_request_get_query:
 * @self: a request
 * @name: of a parameter
 *
 * Returns: (transfer full) (nullable): its value, when it was given exactly once and is not empty
 */
char *
anx_request_get_query (AnxRequest *self,
                       const char *name)
{
  const char *found = NULL;
  gsize length = strlen (name);
  for (gsize i = 0; self->query != NULL && self->query[i] != NULL; i++)
    if (strncmp (self->query[i], name, length) == 0 && self->query[i][length] == '=')
      {
        if (found != NULL)
          return NULL;
        found = self->query[i] + length + 1;
      }
  return found != NULL && *found != '\0' ? g_strdup (found) : NULL;
}

/**
 * anx_request_get_query_int:
 * @self: a request
 * @name: of a parameter
 * @fallback: its value when it is not given
 * @out_value: (out): its value
 *
 * Returns: %FALSE when it was given and is not a whole number from 0
 */
gboolean
anx_request_get_query_int (AnxRequest *self,
                           const char *name,
                           gint64 fallback,
                           gint64 *out_value)
{
  g_autofree char *text = anx_request_get_query (self, name);
  guint64 value = 0;
  if (text == NULL)
    {
      *out_value = fallback;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL))
    return FALSE;
  *out_value = (gint64) value;
  return TRUE;
}

/**
 * anx_request_caller_is:
 * @self: a request
 * @role: of the directory
 * @centre: (nullable): for which centre, %NULL = any
 *
 * Returns: whether the caller has the role, itself or through a group
 */
gboolean
anx_request_caller_is (AnxRequest *self,
                       const char *role,
                       const char *centre)
{
  return self->caller != NULL && anx_hub_serves (self->directory, self->caller->id, role, centre);
}

/**
 * anx_request_find_centre:
 * @self: a request whose parameter is an id
 * @database: the writer's
 * @sql: a literal that selects the centre of the row with the id ?
 * @role: who of that centre may touch the row
 * @other_role: (nullable): who else may
 * @slug: of the refusal, the same for "is not there" and "is not yours"
 * @error: return location: of the database
 *
 * Writer, in a run function.
 *
 * Returns: (nullable) (transfer full): the centre; %NULL when it is refused or @error is set, and the run function is to return %FALSE
 */
char *
anx_request_find_centre (AnxRequest *self,
                         AnxDatabase *database,
                         const char *sql,
                         const char *role,
                         const char *other_role,
                         const char *slug,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, sql, "s", self->parameter);
  g_autofree char *centre = rows != NULL && anx_rows_next (rows, &inner) ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  if (centre != NULL && (anx_request_caller_is (self, role, centre) || (other_role != NULL && anx_request_caller_is (self, other_role, centre))))
    return g_steal_pointer (&centre);
  anx_request_refuse (self, slug);
  return NULL;
}

/**
 * anx_request_answer_bytes:
 * @self: a request
 * @status: of HTTP
 * @content_type: a literal
 * @bytes: (transfer full) (nullable): the body
 *
 * Sets the answer, in place of any set before.
 */
void
anx_request_answer_bytes (AnxRequest *self,
                          int status,
                          const char *content_type,
                          GBytes *bytes)
{
  g_clear_pointer (&self->answer, g_bytes_unref);
  self->status = status;
  self->slug = NULL;
  self->content_type = content_type;
  self->answer = bytes;
}

/**
 * anx_request_answer_json:
 * @self: a request
 * @status: of HTTP
 * @object: (transfer none): the body
 */
void
anx_request_answer_json (AnxRequest *self,
                         int status,
                         JsonObject *object)
{
  char *text = anx_json_object_to_text (object);
  anx_request_answer_bytes (self, status, "application/json", g_bytes_new_take (text, strlen (text)));
}

/**
 * anx_request_refuse_detail:
 * @self: a request
 * @slug: a problem of the table
 * @detail: (nullable): a detail in place of the table's, for people
 */
void
anx_request_refuse_detail (AnxRequest *self,
                           const char *slug,
                           const char *detail)
{
  const AnxProblem *problem = anx_problem_find (slug);
  g_autoptr (JsonObject) object = anx_problem_build (problem, detail);
  char *text = anx_json_object_to_text (object);
  anx_request_answer_bytes (self, problem->status, "application/problem+json", g_bytes_new_take (text, strlen (text)));
  self->slug = problem->slug;
  self->retry_later = problem->status == 429 || problem->status == 503;
}

/**
 * anx_request_refuse:
 * @self: a request
 * @slug: a problem of the table
 */
void
anx_request_refuse (AnxRequest *self,
                    const char *slug)
{
  anx_request_refuse_detail (self, slug, NULL);
}

/**
 * anx_request_refuse_store:
 * @self: a request
 * @error: why the database could not do it
 */
void
anx_request_refuse_store (AnxRequest *self,
                          const GError *error)
{
  if (g_error_matches (error, ANX_STORE_ERROR, ANX_STORE_ERROR_FULL))
    anx_request_refuse (self, "storage-full");
  else if (error->domain == ANX_STORE_ERROR && error->code != ANX_STORE_ERROR_CONSTRAINT && error->code != ANX_STORE_ERROR_SCHEMA)
    anx_request_refuse (self, "storage-failed");
  else
    anx_request_refuse (self, "failed");
}

/**
 * anx_request_look:
 * @self: a request
 * @what: inbox, bookings, alerts, referrals or directory; a literal
 * @topic: (nullable): whom it concerns, see #AnxLook
 *
 * Remembers to tell those on the link, once the changes are committed.
 */
void
anx_request_look (AnxRequest *self,
                  const char *what,
                  const char *topic)
{
  if (topic == NULL)
    return;
  AnxLook *look = g_new0 (AnxLook, 1);
  look->what = what;
  look->topic = g_strdup (topic);
  g_ptr_array_add (self->looks, look);
}

/**
 * anx_request_look_centre:
 * @self: a request
 * @what: as for anx_request_look()
 * @centre: (nullable): the centre whose people it concerns
 */
void
anx_request_look_centre (AnxRequest *self,
                         const char *what,
                         const char *centre)
{
  g_autofree char *topic = centre != NULL ? g_strconcat ("centre:", centre, NULL) : NULL;
  anx_request_look (self, what, topic);
}

static void
push_to_writer (AnxRequest *self)
{
  if (anx_writer_count_waiting (self->hub->writer) < MOST_WAITING)
    {
      anx_writer_push (self->hub->writer, self);
      return;
    }
  anx_request_refuse (self, "busy");
  anx_hub_return (self);
}

/**
 * anx_request_write:
 * @self: (transfer full): a request
 * @run: what to do with the database, on the writer's thread
 * @finish: (nullable): what to do on the loop after the commit
 *
 * Queues the request for the writer.
 */
void
anx_request_write (AnxRequest *self,
                   AnxRequestRun run,
                   AnxRequestFinish finish)
{
  self->run = run;
  self->finish = finish;
  self->handed_over = TRUE;
  push_to_writer (self);
}

/**
 * anx_request_write_by_id:
 * @self: a request whose parameter is to be a UUID, and whose body an object that says nothing more
 * @run: what to do with it
 *
 * anx_request_write(), or "malformed". The caller must not touch the request afterwards.
 */
void
anx_request_write_by_id (AnxRequest *self,
                         AnxRequestRun run)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (self);
  if (body == NULL)
    return;
  if (!anx_uuid_is_valid (self->parameter))
    anx_request_refuse (self, "malformed");
  else
    anx_request_write (self, run, NULL);
}

typedef struct
{
  AnxRequest *request;
  AnxRequestPrepare prepare;
} Work;

/**
 * anx_request_work:
 * @self: (transfer full): a request
 * @prepare: costly checks, in the pool; an answer set there ends the way
 * @run: what to do with the database afterwards, on the writer's thread
 * @finish: (nullable): what to do on the loop after the commit
 */
void
anx_request_work (AnxRequest *self,
                  AnxRequestPrepare prepare,
                  AnxRequestRun run,
                  AnxRequestFinish finish)
{
  Work *work = g_new0 (Work, 1);
  work->request = self;
  work->prepare = prepare;
  self->handed_over = TRUE;
  self->run = run;
  self->finish = finish;
  g_thread_pool_push (self->hub->pool, work, NULL);
}

/**
 * anx_request_do_work:
 * @data: (transfer full): what anx_request_work() queued
 * @unused: nothing
 *
 * The pool's function.
 */
void
anx_request_do_work (gpointer data,
                     gpointer unused)
{
  g_autofree Work *work = data;
  AnxRequest *request = work->request;
  work->prepare (request);
  if (request->status != 0)
    anx_hub_return (request);
  else
    push_to_writer (request);
}
