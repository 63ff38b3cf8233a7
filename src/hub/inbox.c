/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bounds.h"
#include "glass-group.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"

#define MOST_RECORDS 500
/* One answer; a reader with more to fetch asks again from the cursor. */
#define MOST_BYTES ANX_BOUND_REQUEST_BYTES

static GPtrArray *
list_readers (AnxRequest *request)
{
  GPtrArray *readers = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) groups = anx_directory_list_groups_of (request->directory, request->caller->id);
  g_ptr_array_add (readers, g_strdup (request->caller->id));
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    if (!anx_glass_is_group (request->directory, groups[i]))
      g_ptr_array_add (readers, g_strdup (groups[i]));
  return readers;
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return x < y ? -1 : x > y;
}

/* The next places of all readers together, in order, each once; one more than @limit, which tells whether there are more. */
static GArray *
list_places (AnxRequest *request,
             gint64 after,
             gint64 limit,
             GError **error)
{
  g_autoptr (GPtrArray) readers = list_readers (request);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) inner = NULL;
  for (guint i = 0; i < readers->len && inner == NULL; i++)
    {
      g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner,
                                                     "SELECT seq FROM delivery WHERE reader = ? AND seq > ? ORDER BY seq LIMIT ?", "sii",
                                                     (const char *) g_ptr_array_index (readers, i), after, limit + 1);
      while (rows != NULL && anx_rows_next (rows, &inner))
        {
          gint64 seq = anx_rows_get_int (rows, 0);
          g_array_append_val (places, seq);
        }
    }
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  g_array_sort (places, compare_numbers);

  GArray *unique = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < places->len && unique->len < limit + 1; i++)
    if (i == 0 || g_array_index (places, gint64, i) != g_array_index (places, gint64, i - 1))
      g_array_append_val (unique, g_array_index (places, gint64, i));
  return unique;
}

/* So that an author who looks for the end of its own chain knows why it is not given. */
static gboolean
is_erased_own (AnxRequest *request,
               GError **error)
{
  return anx_database_query_int (request->hub->reader, 0, error, "SELECT 1 FROM record WHERE id = ? AND author = ? AND length (envelope) = 0", "ss",
                                 request->parameter, request->caller->id) == 1;
}

static char *
read_envelope (AnxDatabase *database,
               gint64 seq,
               gsize *out_size,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT envelope FROM record WHERE seq = ?", "i", seq);
  if (rows == NULL || !anx_rows_next (rows, error))
    return NULL;
  g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 0);
  const guchar *data = g_bytes_get_data (envelope, out_size);
  return g_base64_encode (data, *out_size);
}

/* After a restored backup the same numbers count other records: a cursor alone would skip them. The reader names what stood there. */
static gboolean
cursor_is_known (AnxRequest *request,
                 gint64 after,
                 GError **error)
{
  g_autofree char *mark = anx_request_get_query (request, "mark");
  return mark == NULL || after == 0 ||
         anx_database_query_int (request->hub->reader, 0, error, "SELECT 1 FROM record WHERE seq = ? AND digest = ?", "is", after, mark) == 1;
}

/**
 * anx_handle_inbox:
 * @request: a request
 *
 * GET /inbox. With a mark, the SHA-256 of the record at the cursor, an answer is given only if that record still stands there.
 */
void
anx_handle_inbox (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  gint64 after = 0, limit = 0;
  if (!anx_request_get_query_int (request, "after", 0, &after) || !anx_request_get_query_int (request, "limit", 100, &limit) || limit < 1)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  limit = MIN (limit, MOST_RECORDS);
  if (!cursor_is_known (request, after, &error))
    {
      if (error != NULL)
        anx_request_refuse_store (request, error);
      else
        anx_request_refuse (request, "cursor-unknown");
      return;
    }

  g_autoptr (GArray) places = list_places (request, after, limit, &error);
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *records = json_array_new ();
  json_object_set_array_member (answer, "records", records);
  gint64 cursor = after;
  gsize bytes = 0;
  guint i = 0;
  for (; error == NULL && i < places->len && i < limit && bytes < MOST_BYTES; i++)
    {
      gsize size = 0;
      gint64 seq = g_array_index (places, gint64, i);
      g_autofree char *envelope = read_envelope (request->hub->reader, seq, &size, &error);
      if (envelope == NULL)
        continue;
      JsonObject *record = json_object_new ();
      json_object_set_int_member (record, "cursor", seq);
      json_object_set_string_member (record, "envelope", envelope);
      json_array_add_object_element (records, record);
      cursor = seq;
      bytes += size;
    }
  if (error != NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  json_object_set_int_member (answer, "cursor", cursor);
  json_object_set_boolean_member (answer, "more", i < places->len);
  anx_request_answer_json (request, 200, answer);
}

/**
 * anx_handle_record_get:
 * @request: a request
 *
 * GET /records/{id}. Somebody who is no reader learns no more than that there is nothing for them.
 */
void
anx_handle_record_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) readers = list_readers (request);
  gsize size = 0;
  gint64 seq = anx_uuid_is_valid (request->parameter)
                   ? anx_database_query_int (request->hub->reader, 0, &error, "SELECT seq FROM record WHERE id = ?", "s", request->parameter)
                   : 0;
  gboolean mine = FALSE;
  for (guint i = 0; seq > 0 && !mine && error == NULL && i < readers->len; i++)
    mine = anx_database_query_int (request->hub->reader, 0, &error, "SELECT 1 FROM delivery WHERE reader = ? AND seq = ?", "si",
                                   (const char *) g_ptr_array_index (readers, i), seq) == 1;
  gboolean erased = seq > 0 && !mine && error == NULL && is_erased_own (request, &error);
  g_autofree char *envelope = mine && error == NULL ? read_envelope (request->hub->reader, seq, &size, &error) : NULL;
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else if (envelope == NULL)
    anx_request_refuse (request, erased ? "record-erased" : "record-unknown");
  else
    {
      g_autoptr (JsonObject) answer = json_object_new ();
      json_object_set_string_member (answer, "envelope", envelope);
      anx_request_answer_json (request, 200, answer);
    }
}
