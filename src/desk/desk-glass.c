/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-glass.h"

#include <glib/gi18n.h>

#include "desk-model-private.h"
#include "desk-problem.h"
#include "desk-service-private.h"
#include "glass-group.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

/* The hub answers a new record within a second or is not there. */
#define PATIENCE_SECONDS 30
#define MOST_TOLD 31
#define MOST_SESSIONS 500
#define MOST_RECORDS 500
#define MOST_NOTICES 50

/**
 * anx_glass_session_free:
 * @self: (transfer full): a session
 */
void
anx_glass_session_free (AnxGlassSession *self)
{
  g_free (self->booking);
  g_free (self->room);
  g_free (self->counsellor);
  g_free (self);
}

/**
 * anx_glass_story_free:
 * @self: (transfer full): what opening would mean
 */
void
anx_glass_story_free (AnxGlassStory *self)
{
  g_strfreev (self->told);
  g_free (self);
}

/**
 * anx_glass_view_free:
 * @self: (transfer full): what was opened
 */
void
anx_glass_view_free (AnxGlassView *self)
{
  g_ptr_array_unref (self->records);
  g_free (self);
}

/**
 * anx_desk_glass_get_centre:
 * @service: the service
 *
 * Returns: (nullable): the centre to whose break-glass group this person belongs; their own one first
 */
const char *
anx_desk_glass_get_centre (AnxDeskService *service)
{
  AnxDirectory *directory = anx_client_get_directory (service->client);
  const AnxPrincipal *own = anx_desk_service_get_own (service);
  const char *found = NULL;

  if (directory == NULL || own == NULL)
    return NULL;
  g_auto (GStrv) groups = anx_glass_list_groups_of (directory, own->id);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      const AnxPrincipal *group = anx_directory_get_principal (directory, groups[i]);
      if (found == NULL || g_strcmp0 (group->centre, own->centre) == 0)
        found = group->centre;
    }
  return found;
}

/**
 * anx_desk_glass_find_group:
 * @service: the service
 * @booking: a session
 *
 * Returns: (nullable): the break-glass group of the centre where the session is held, or, when that is not known here, of this person's centre
 */
const AnxPrincipal *
anx_desk_glass_find_group (AnxDeskService *service,
                           const char *booking)
{
  AnxDirectory *directory = anx_client_get_directory (service->client);
  const AnxDeskBooking *known = anx_desk_model_get_booking (service->model, booking);
  const AnxPrincipal *own = anx_desk_service_get_own (service);
  const char *centre = known != NULL ? known->centre : own != NULL ? own->centre : NULL;

  return directory != NULL ? anx_glass_find_group (directory, centre) : NULL;
}

/**
 * anx_desk_glass_load_rules:
 * @service: the service
 * @error: return location, ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): reasons and time, from the installed data file
 */
AnxGlassRules *
anx_desk_glass_load_rules (AnxDeskService *service,
                           GError **error)
{
  g_autoptr (JsonObject) json = anx_desk_service_read_data ("care/break-glass.json");

  return anx_glass_rules_parse (json, error);
}

/**
 * anx_desk_glass_list_notices:
 * @service: the service
 * @since_usec: not those opened before, microseconds of UTC
 *
 * One that was not opened yet after a start is asked for, and is there with a later "changed" of the service.
 *
 * Returns: (transfer full) (element-type AnxDeskRecord): the break-glass records on this machine that can be read, newest first
 */
GPtrArray *
anx_desk_glass_list_notices (AnxDeskService *service,
                             gint64 since_usec)
{
  GPtrArray *notices = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_record_unref);
  g_autoptr (GPtrArray) entries = anx_record_index_search (service->index, NULL, ANX_KIND_BREAK_GLASS, MOST_NOTICES, NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const AnxIndexEntry *entry = g_ptr_array_index (entries, i);
      AnxDeskRecord *record = entry->created_usec >= since_usec ? anx_desk_model_get_record (service->model, entry->id) : NULL;
      if (record != NULL && record->resource != NULL)
        g_ptr_array_add (notices, anx_desk_record_ref (record));
      else if (record == NULL && entry->created_usec >= since_usec && entry->state == ANX_INDEX_OPENED)
        anx_record_index_open_story (service->index, entry->story);
    }
  return notices;
}

/* ---- asking the hub ---- */

/* What happened, what is safe, what to do: each refusal names somebody who can help. */
static void
explain (GError **error)
{
  g_autofree char *why = NULL;
  GError *told = NULL;

  if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (*error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE))
    told = g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE,
                                _ ("There is no connection to the hub. Without it nobody can open a colleague’s record, and nothing was opened. Please telephone "
                                   "the colleague or the centre’s lead. In danger call the duty officer, 120 or 110 now."));
  else if (g_error_matches (*error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN))
    told = g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN,
                                _ ("Of this session there is nothing that you can open: a colleague of your centre wrote nothing, or wrote it before the centre had this group. "
                                   "Only the officers with the recovery key can open that. Please ask the colleague or the centre’s lead; in danger call the duty "
                                   "officer, 120 or 110 now."));
  else
    {
      why = anx_desk_problem_explain (*error);
      told = g_error_new (ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED, "%s %s", why,
                          _ ("Nothing was opened. Please ask the colleague or the centre’s lead; in danger call the duty officer, 120 or 110 now."));
    }
  g_error_free (*error);
  *error = told;
}

static gboolean
is_online (AnxDeskService *service,
           GTask *task)
{
  if (anx_client_get_state (service->client) == ANX_CLIENT_ONLINE)
    return TRUE;
  GError *error = g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE, "offline");
  explain (&error);
  g_task_return_error (task, error);
  return FALSE;
}

static JsonObject *
finish_object (GObject *client,
               GAsyncResult *result,
               JsonNode **out_node,
               GError **error)
{
  *out_node = anx_client_request_finish (ANX_CLIENT (client), result, NULL, error);
  if (*out_node != NULL && JSON_NODE_HOLDS_OBJECT (*out_node))
    return json_node_get_object (*out_node);
  if (*error == NULL)
    g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, _ ("The hub’s answer could not be read."));
  explain (error);
  return NULL;
}

static void
on_listed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (JsonNode) node = NULL;
  GError *error = NULL;
  JsonObject *answer = finish_object (source, result, &node, &error);
  JsonArray *sessions = answer != NULL ? anx_json_get_array (answer, "sessions") : NULL;

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_glass_session_free);
  for (guint i = 0; sessions != NULL && i < json_array_get_length (sessions) && i < MOST_SESSIONS; i++)
    {
      JsonObject *object = anx_json_array_need_object (sessions, i, NULL);
      const char *booking = object != NULL ? anx_desk_get_field (object, "booking") : NULL;
      if (!anx_uuid_is_valid (booking))
        continue;
      AnxGlassSession *session = g_new0 (AnxGlassSession, 1);
      session->booking = g_strdup (booking);
      session->start_usec = anx_json_get_int (object, "start", 0);
      session->room = g_strdup (anx_desk_get_field (object, "room"));
      session->counsellor = g_strdup (anx_desk_get_field (object, "counsellor"));
      session->records = (guint) CLAMP (anx_json_get_int (object, "records", 0), 0, MOST_RECORDS);
      session->until_usec = anx_json_get_int (object, "until", 0);
      g_ptr_array_add (list, session);
    }
  g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * anx_desk_glass_list_async:
 * @service: the service
 * @from_usec: sessions from then on, microseconds of UTC
 * @to_usec: before then
 * @cancellable: (nullable): ends it
 * @callback: called in the main thread
 * @user_data: for @callback
 *
 * Asks for the sessions of the group's centre about which a colleague wrote something that the group can open.
 */
void
anx_desk_glass_list_async (AnxDeskService *service,
                           gint64 from_usec,
                           gint64 to_usec,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (service, cancellable, callback, user_data);
  const char *centre = anx_desk_glass_get_centre (service);
  g_autofree char *path = g_strdup_printf ("/v1/glass?centre=%s&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, centre != NULL ? centre : "", from_usec, to_usec);

  if (is_online (service, task))
    anx_client_request_async (service->client, "GET", path, NULL, cancellable, on_listed, g_steal_pointer (&task));
}

/**
 * anx_desk_glass_list_finish:
 * @service: the service
 * @result: what the callback got
 * @error: return location, %ANX_SYNC_ERROR with words for people, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable) (element-type AnxGlassSession): the sessions, newest first
 */
GPtrArray *
anx_desk_glass_list_finish (AnxDeskService *service,
                            GAsyncResult *result,
                            GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Whom the hub names, as far as the directory knows them, and whoever of the supervision it left out. */
static char **
list_told (AnxDeskService *service,
           JsonObject *answer)
{
  AnxDirectory *directory = anx_client_get_directory (service->client);
  const char *own = anx_desk_model_get_principal (service->model);
  JsonArray *named = anx_json_get_array (answer, "told");
  g_autoptr (GPtrArray) told = g_ptr_array_new ();

  for (guint i = 0; named != NULL && i < json_array_get_length (named) && told->len < MOST_TOLD; i++)
    {
      JsonNode *node = json_array_get_element (named, i);
      const char *id = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      const AnxPrincipal *person = id != NULL ? anx_directory_get_principal (directory, id) : NULL;
      if (person != NULL && person->active && person->seal_certificate != NULL && !g_str_equal (person->id, own))
        g_ptr_array_add (told, (gpointer) person->id);
    }
  g_autoptr (GPtrArray) supervision = anx_glass_list_supervision (directory, anx_desk_glass_get_centre (service), own);
  for (guint i = 0; i < supervision->len && told->len < MOST_TOLD; i++)
    {
      const AnxPrincipal *person = g_ptr_array_index (supervision, i);
      if (!g_ptr_array_find_with_equal_func (told, person->id, g_str_equal, NULL))
        g_ptr_array_add (told, (gpointer) person->id);
    }
  g_ptr_array_add (told, NULL);
  return g_strdupv ((char **) told->pdata);
}

static void
on_asked (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskService *service = g_task_get_source_object (task);
  g_autoptr (JsonNode) node = NULL;
  GError *error = NULL;
  JsonObject *answer = finish_object (source, result, &node, &error);

  if (answer == NULL || anx_client_get_directory (service->client) == NULL)
    {
      g_task_return_error (task, error != NULL ? error : g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE, _ ("There is no directory yet.")));
      return;
    }
  AnxGlassStory *story = g_new0 (AnxGlassStory, 1);
  story->records = (guint) CLAMP (anx_json_get_int (answer, "records", 0), 0, MOST_RECORDS);
  story->until_usec = anx_json_get_int (answer, "until", 0);
  story->told = list_told (service, answer);
  g_task_return_pointer (task, story, (GDestroyNotify) anx_glass_story_free);
}

/**
 * anx_desk_glass_ask_async:
 * @service: the service
 * @booking: a session
 * @cancellable: (nullable): ends it
 * @callback: called in the main thread
 * @user_data: for @callback
 *
 * Asks what opening it would mean; opens nothing and tells nobody.
 */
void
anx_desk_glass_ask_async (AnxDeskService *service,
                          const char *booking,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (service, cancellable, callback, user_data);
  g_autofree char *path = g_strconcat ("/v1/glass/", booking, NULL);

  if (is_online (service, task))
    anx_client_request_async (service->client, "GET", path, NULL, cancellable, on_asked, g_steal_pointer (&task));
}

/**
 * anx_desk_glass_ask_finish:
 * @service: the service
 * @result: what the callback got
 * @error: return location, %ANX_SYNC_ERROR with words for people, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): how much there is and who would be told
 */
AnxGlassStory *
anx_desk_glass_ask_finish (AnxDeskService *service,
                           GAsyncResult *result,
                           GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- opening ---- */

typedef struct
{
  char *booking;
  char *record;  /* (nullable) that opens the door; NULL when it is open */
  gulong handler;
  guint timeout;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;
  g_assert (opening->handler == 0 && opening->timeout == 0);
  g_free (opening->booking);
  g_free (opening->record);
  g_free (opening);
}

/* V3. */
static void
add_opened (AnxDeskService *service,
            const char *booking,
            const char *text,
            AnxGlassView *view)
{
  gsize size = 0;
  guchar *bytes = g_base64_decode (text, &size);
  g_autoptr (GBytes) envelope = g_bytes_new_take (bytes, size);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = anx_client_open_envelope (service->client, envelope, &header, NULL);

  if (resource == NULL || !JSON_NODE_HOLDS_OBJECT (resource) || !anx_break_glass_covers (anx_record_header_get_kind (header)) ||
      g_strcmp0 (anx_json_get_string (anx_record_header_get_routing (header), "booking", NULL), booking) != 0)
    {
      view->unreadable++;
      return;
    }
  g_ptr_array_insert (view->records, 0,
                      anx_desk_record_new (anx_record_header_get_id (header), anx_record_header_get_kind (header), anx_record_header_get_author (header),
                                           anx_record_header_get_predecessor (header), anx_record_header_get_created_usec (header),
                                           anx_record_header_get_routing (header), json_node_get_object (resource)));
}

static void
on_fetched (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskService *service = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (JsonNode) node = NULL;
  GError *error = NULL;
  JsonObject *answer = finish_object (source, result, &node, &error);
  JsonArray *records = answer != NULL ? anx_json_get_array (answer, "records") : NULL;

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  AnxGlassView *view = g_new0 (AnxGlassView, 1);
  view->records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_record_unref);
  view->until_usec = anx_json_get_int (answer, "until", 0);
  for (guint i = 0; records != NULL && i < json_array_get_length (records) && i < MOST_RECORDS; i++)
    {
      JsonNode *element = json_array_get_element (records, i);
      const char *text = JSON_NODE_HOLDS_VALUE (element) ? json_node_get_string (element) : NULL;
      if (text != NULL)
        add_opened (service, opening->booking, text, view);
    }
  g_task_return_pointer (task, view, (GDestroyNotify) anx_glass_view_free);
}

static void
fetch (GTask *task)
{
  AnxDeskService *service = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);
  g_autofree char *path = g_strdup_printf ("/v1/glass/%s/records", opening->booking);

  anx_client_request_async (service->client, "GET", path, NULL, g_task_get_cancellable (task), on_fetched, task);
}

static void
stop_waiting (AnxDeskService *service,
              Opening *opening)
{
  g_signal_handler_disconnect (service->client, opening->handler);
  opening->handler = 0;
  g_clear_handle_id (&opening->timeout, g_source_remove);
}

/* V2. */
static void
on_outbox_changed (AnxClient *client,
                   GTask *task)
{
  AnxDeskService *service = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);

  if (anx_client_is_acknowledged (client, opening->record))
    {
      stop_waiting (service, opening);
      fetch (task);
      return;
    }
  g_autofree char *problem = anx_client_dup_record_problem (client, opening->record);
  if (problem == NULL)
    return;
  stop_waiting (service, opening);
  g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED, "%s %s", problem,
                           _ ("Nothing was opened. Please ask the colleague or the centre’s lead; in danger call the duty officer, 120 or 110 now."));
  g_object_unref (task);
}

static gboolean
on_patience_over (gpointer user_data)
{
  GTask *task = user_data;
  AnxDeskService *service = g_task_get_source_object (task);
  Opening *opening = g_task_get_task_data (task);

  opening->timeout = 0;
  stop_waiting (service, opening);
  g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE, "%s",
                           _ ("The hub has not answered. Nothing was opened. Your reason is kept and is sent by itself; the colleague is told then, too. "
                              "Please try again in a minute; in danger call the duty officer, 120 or 110 now."));
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static gboolean
write_door (AnxDeskService *service,
            const char *id,
            const char *booking,
            const AnxGlassStory *story,
            const char *reason,
            const char *words,
            GError **error)
{
  g_autoptr (AnxGlassRules) rules = anx_desk_glass_load_rules (service, error);
  const char *own = anx_desk_model_get_principal (service->model);
  gint64 now = anx_desk_model_now_usec (service->model);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();

  if (rules == NULL)
    return FALSE;
  const AnxBreakGlass door = { (char *) own, (char *) booking, (char *) reason, (char *) words, now, now + rules->minutes * ANX_USEC_PER_MINUTE };
  g_autoptr (JsonObject) resource = anx_break_glass_build (&door, error);
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  json_object_set_int_member (routing, "until", door.until_usec);
  g_ptr_array_add (recipients, (gpointer) own);
  for (gsize i = 0; story->told[i] != NULL; i++)
    g_ptr_array_add (recipients, story->told[i]);
  g_ptr_array_add (recipients, NULL);
  return anx_desk_service_write (service, id, ANX_KIND_BREAK_GLASS, (const char *const *) recipients->pdata, NULL, routing, resource, error);
}

/**
 * anx_desk_glass_open_async:
 * @service: the service
 * @booking: a session
 * @story: what anx_desk_glass_ask_finish() said of it
 * @reason: (nullable): code of a reason; may be %NULL only while the door is open
 * @words: (nullable): the reason in words
 * @cancellable: (nullable): gives up waiting; a record that was written stays written
 * @callback: called in the main thread
 * @user_data: for @callback
 *
 * With the door closed the record that opens it is written, and is on this machine's disk before the hub is asked for anything. Then fetches and opens.
 */
void
anx_desk_glass_open_async (AnxDeskService *service,
                           const char *booking,
                           const AnxGlassStory *story,
                           const char *reason,
                           const char *words,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (service, cancellable, callback, user_data);
  Opening *opening = g_new0 (Opening, 1);
  GError *error = NULL;

  opening->booking = g_strdup (booking);
  g_task_set_task_data (task, opening, opening_free);
  if (!is_online (service, task))
    {
      g_object_unref (task);
      return;
    }
  if (story->until_usec > anx_desk_model_now_usec (service->model) && reason == NULL)
    {
      fetch (task);
      return;
    }
  opening->record = anx_uuid_new (anx_desk_model_now_usec (service->model));
  if (!write_door (service, opening->record, booking, story, reason, words, &error))
    {
      explain (&error);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  opening->timeout = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_over, task);
  opening->handler = g_signal_connect (service->client, "outbox-changed", G_CALLBACK (on_outbox_changed), task);
}

/**
 * anx_desk_glass_open_finish:
 * @service: the service
 * @result: what the callback got
 * @error: return location, %ANX_SYNC_ERROR with words for people, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): what could be opened; to be freed when its time is over
 */
AnxGlassView *
anx_desk_glass_open_finish (AnxDeskService *service,
                            GAsyncResult *result,
                            GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
