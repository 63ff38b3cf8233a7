/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-bookings.h"

#include <glib/gi18n.h>
#include <string.h>

#include "booking-code.h"
#include "bounds.h"
#include "care-records.h"
#include "code-key.h"
#include "files.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "sync-error.h"

/* Longest text accepted in a field of the hub's answers. */
#define FIELD_BYTES 256
/* The hub gives at most so many of anything here. */
#define MOST 1000

struct _AnxDeskBookings
{
  GObject parent_instance;
  AnxDeskService *service;    /* not owned: it owns us */
  GCancellable *cancellable;
  GPtrArray *tickets;
  GPtrArray *work;
  GHashTable *plans;          /* counsellor → JsonObject */
  GHashTable *parsed;         /* counsellor → AnxPlan, made when first asked for */
  AnxCalendar *calendar;      /* (nullable) */
  gboolean calendar_read;
};

G_DEFINE_FINAL_TYPE (AnxDeskBookings, anx_desk_bookings, G_TYPE_OBJECT)

static guint changed_signal;

static void
ticket_free (AnxDeskTicket *self)
{
  g_free (self->id);
  g_free (self->service);
  g_free (self->state);
  g_free (self->counsellor);
  g_free (self->room);
  g_free (self);
}

static void
work_free (AnxDeskWorkItem *self)
{
  g_free (self->id);
  g_free (self->kind);
  g_free (self->booking);
  g_free (self->kiosk);
  g_free (self);
}

static void
slot_free (AnxDeskSlot *self)
{
  g_free (self->counsellor);
  g_free (self->room);
  g_free (self);
}

static void
change_free (AnxDeskChange *self)
{
  g_free (self->who);
  g_free (self->what);
  g_free (self->status);
  g_free (self->counsellor);
  g_free (self->room);
  g_free (self->reason);
  g_free (self);
}

static void
anx_desk_bookings_dispose (GObject *object)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->tickets, g_ptr_array_unref);
  g_clear_pointer (&self->work, g_ptr_array_unref);
  g_clear_pointer (&self->plans, g_hash_table_unref);
  g_clear_pointer (&self->parsed, g_hash_table_unref);
  g_clear_pointer (&self->calendar, anx_calendar_free);
  G_OBJECT_CLASS (anx_desk_bookings_parent_class)->dispose (object);
}

static void
anx_desk_bookings_class_init (AnxDeskBookingsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_desk_bookings_dispose;
  changed_signal = g_signal_new ("changed", ANX_TYPE_DESK_BOOKINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
anx_desk_bookings_init (AnxDeskBookings *self)
{
  self->cancellable = g_cancellable_new ();
  self->tickets = g_ptr_array_new_with_free_func ((GDestroyNotify) ticket_free);
  self->work = g_ptr_array_new_with_free_func ((GDestroyNotify) work_free);
  self->plans = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  self->parsed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_plan_free);
}

/* A text field of the hub's answer, or NULL when it is absent, of another type or too long. */
static const char *
get_field (JsonObject *object,
           const char *member)
{
  const char *text = anx_json_get_string (object, member, NULL);
  return text != NULL && strlen (text) <= FIELD_BYTES ? text : NULL;
}

static AnxClient *
get_client (AnxDeskBookings *self)
{
  return anx_desk_service_get_client (self->service);
}

static const AnxPrincipal *
get_self (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (get_client (self));
  const char *id = anx_desk_model_get_principal (anx_desk_service_get_model (self->service));
  return directory != NULL ? anx_directory_get_principal (directory, id) : NULL;
}

/**
 * anx_desk_bookings_get_centre:
 * @self: the bookings
 *
 * Returns: (nullable): the centre of this person; %NULL before there is a directory
 */
const char *
anx_desk_bookings_get_centre (AnxDeskBookings *self)
{
  const AnxPrincipal *principal = get_self (self);
  return principal != NULL ? principal->centre : NULL;
}

/* ---- what the hub tells ---- */

static void
take_ticket (AnxDeskBookings *self,
             JsonObject *json)
{
  const char *id = get_field (json, "id");
  const char *state = get_field (json, "state");

  if (id == NULL || !anx_uuid_is_valid (id) || state == NULL)
    return;
  AnxDeskTicket *ticket = g_new0 (AnxDeskTicket, 1);
  ticket->id = g_strdup (id);
  ticket->number = anx_json_get_int (json, "number", 0);
  ticket->service = g_strdup (get_field (json, "service"));
  ticket->state = g_strdup (state);
  ticket->counsellor = g_strdup (get_field (json, "counsellor"));
  ticket->room = g_strdup (get_field (json, "room"));
  ticket->created_usec = anx_json_get_int (json, "created", 0);
  ticket->changed_usec = anx_json_get_int (json, "changed", 0);
  g_ptr_array_add (self->tickets, ticket);
}

static void
take_work (AnxDeskBookings *self,
           JsonObject *json)
{
  const char *id = get_field (json, "id");
  const char *kind = get_field (json, "kind");

  if (id == NULL || !anx_uuid_is_valid (id) || kind == NULL)
    return;
  AnxDeskWorkItem *item = g_new0 (AnxDeskWorkItem, 1);
  item->id = g_strdup (id);
  item->kind = g_strdup (kind);
  item->booking = g_strdup (get_field (json, "booking"));
  item->kiosk = g_strdup (get_field (json, "kiosk"));
  item->created_usec = anx_json_get_int (json, "created", 0);
  g_ptr_array_add (self->work, item);
}

static void
take_plan (AnxDeskBookings *self,
           JsonObject *json)
{
  const char *counsellor = get_field (json, "counsellor");
  if (counsellor != NULL)
    g_hash_table_replace (self->plans, g_strdup (counsellor), json_object_ref (json));
}

static void
clear_tickets (AnxDeskBookings *self)
{
  g_ptr_array_set_size (self->tickets, 0);
}

static void
clear_work (AnxDeskBookings *self)
{
  g_ptr_array_set_size (self->work, 0);
}

static void
clear_plans (AnxDeskBookings *self)
{
  g_hash_table_remove_all (self->plans);
  g_hash_table_remove_all (self->parsed);
}

typedef struct
{
  const char *path;   /* with the centre's id */
  const char *member;
  void (*clear) (AnxDeskBookings *self);
  void (*take) (AnxDeskBookings *self, JsonObject *json);
} Fetch;

static const Fetch fetches[] = {
  { "/v1/queue?centre=%s", "tickets", clear_tickets, take_ticket },
  { "/v1/work-items?centre=%s", "items", clear_work, take_work },
  { "/v1/plans", "plans", clear_plans, take_plan },
};

typedef struct
{
  AnxDeskBookings *bookings;
  const Fetch *fetch;
} Asked;

static void
on_fetched (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (AnxDeskBookings) self = asked->bookings;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, NULL);
  JsonArray *array = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                         ? anx_json_get_array (json_node_get_object (answer), asked->fetch->member)
                         : NULL;

  /* What was known stays; the window's status bar tells that the hub does not answer. */
  if (array == NULL || self->tickets == NULL)
    return;
  asked->fetch->clear (self);
  for (guint i = 0; i < MIN (json_array_get_length (array), 20 * MOST); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node))
        asked->fetch->take (self, json_node_get_object (node));
    }
  g_signal_emit (self, changed_signal, 0);
}

/**
 * anx_desk_bookings_refresh:
 * @self: the bookings
 *
 * Asks the hub for queue, work items and plans; "changed" tells of each answer.
 */
void
anx_desk_bookings_refresh (AnxDeskBookings *self)
{
  const char *centre = anx_desk_bookings_get_centre (self);
  gboolean concerned = anx_desk_service_has_role (self->service, "staff")
                       || anx_desk_service_has_role (self->service, "counsellor");

  if (centre == NULL || !concerned || anx_client_get_state (get_client (self)) != ANX_CLIENT_ONLINE)
    return;
  g_autofree char *escaped = g_uri_escape_string (centre, NULL, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (fetches); i++)
    {
      g_auto (GStrv) parts = g_strsplit (fetches[i].path, "%s", 2);
      g_autofree char *path = parts[1] != NULL ? g_strconcat (parts[0], escaped, parts[1], NULL) : g_strdup (parts[0]);
      Asked *asked = g_new0 (Asked, 1);
      asked->bookings = g_object_ref (self);
      asked->fetch = &fetches[i];
      anx_client_request_async (get_client (self), "GET", path, NULL, self->cancellable, on_fetched, asked);
    }
}

static void
on_look (AnxClient *client,
         const char *what,
         AnxDeskBookings *self)
{
  if (g_strcmp0 (what, "bookings") == 0)
    anx_desk_bookings_refresh (self);
}

/**
 * anx_desk_bookings_get:
 * @service: a service
 *
 * Returns: (transfer none): the bookings of this service; made, and the hub asked, when this is first called
 */
AnxDeskBookings *
anx_desk_bookings_get (AnxDeskService *service)
{
  AnxDeskBookings *self = g_object_get_data (G_OBJECT (service), "anx-desk-bookings");

  if (self != NULL)
    return self;
  self = g_object_new (ANX_TYPE_DESK_BOOKINGS, NULL);
  self->service = service;
  g_object_set_data_full (G_OBJECT (service), "anx-desk-bookings", self, g_object_unref);
  g_signal_connect_object (get_client (self), "look", G_CALLBACK (on_look), self, 0);
  g_signal_connect_object (get_client (self), "state-changed", G_CALLBACK (anx_desk_bookings_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_client (self), "directory-changed", G_CALLBACK (anx_desk_bookings_refresh), self,
                           G_CONNECT_SWAPPED);
  anx_desk_bookings_refresh (self);
  return self;
}

/**
 * anx_desk_bookings_get_tickets:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskTicket): today's queue, until the next "changed"
 */
GPtrArray *
anx_desk_bookings_get_tickets (AnxDeskBookings *self)
{
  return self->tickets;
}

/**
 * anx_desk_bookings_get_work:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskWorkItem): what needs a look, until the next "changed"
 */
GPtrArray *
anx_desk_bookings_get_work (AnxDeskBookings *self)
{
  return self->work;
}

/**
 * anx_desk_bookings_get_plan:
 * @self: the bookings
 * @counsellor: a principal
 *
 * Returns: (transfer none) (nullable): the working plan as the hub has it, until the next "changed"
 */
JsonObject *
anx_desk_bookings_get_plan (AnxDeskBookings *self,
                            const char *counsellor)
{
  return g_hash_table_lookup (self->plans, counsellor);
}

/**
 * anx_desk_bookings_list_counsellors:
 * @self: the bookings
 *
 * Returns: (transfer container) (element-type AnxPrincipal): who holds sessions at this centre: those who belong to it, and those
 *   whose plan names it
 */
GPtrArray *
anx_desk_bookings_list_counsellors (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (get_client (self));
  const char *centre = anx_desk_bookings_get_centre (self);
  GPtrArray *list = g_ptr_array_new ();

  if (directory == NULL || centre == NULL)
    return list;
  g_autoptr (GPtrArray) all = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "counsellor", NULL);
  for (guint i = 0; i < all->len; i++)
    {
      const AnxPrincipal *principal = g_ptr_array_index (all, i);
      JsonObject *plan = g_hash_table_lookup (self->plans, principal->id);
      g_auto (GStrv) centres = plan != NULL ? anx_json_need_strings (plan, "centres", MOST, NULL) : NULL;
      if (g_strcmp0 (principal->centre, centre) == 0
          || (centres != NULL && g_strv_contains ((const char *const *) centres, centre)))
        g_ptr_array_add (list, (gpointer) principal);
    }
  return list;
}

/**
 * anx_desk_bookings_list_rooms:
 * @self: the bookings
 *
 * Returns: (transfer full) (element-type utf8): ids of the centre's rooms
 */
GPtrArray *
anx_desk_bookings_list_rooms (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (get_client (self));
  const char *centre = anx_desk_bookings_get_centre (self);
  JsonObject *json = directory != NULL && centre != NULL ? anx_directory_get_centre (directory, centre) : NULL;
  JsonArray *rooms = json != NULL ? anx_json_get_array (json, "rooms") : NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; rooms != NULL && i < json_array_get_length (rooms); i++)
    {
      JsonNode *node = json_array_get_element (rooms, i);
      const char *id = JSON_NODE_HOLDS_OBJECT (node) ? get_field (json_node_get_object (node), "id") : NULL;
      if (id != NULL)
        g_ptr_array_add (list, g_strdup (id));
    }
  return list;
}

/**
 * anx_desk_bookings_list_services:
 * @self: the bookings
 *
 * Returns: (transfer full) (element-type AnxService): what can be booked
 */
GPtrArray *
anx_desk_bookings_list_services (AnxDeskBookings *self)
{
  AnxDirectory *directory = anx_client_get_directory (get_client (self));
  JsonArray *services = directory != NULL ? anx_directory_get_services (directory) : NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_service_free);

  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);
      AnxService *service = JSON_NODE_HOLDS_OBJECT (node) ? anx_service_parse (json_node_get_object (node), NULL) : NULL;
      if (service != NULL)
        g_ptr_array_add (list, service);
    }
  return list;
}

/**
 * anx_desk_bookings_get_calendar:
 * @self: the bookings
 *
 * Returns: (transfer none) (nullable): the public calendar installed on this machine
 */
AnxCalendar *
anx_desk_bookings_get_calendar (AnxDeskBookings *self)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  gsize length = 0;

  if (self->calendar_read)
    return self->calendar;
  self->calendar_read = TRUE;
  g_autofree char *folder = g_build_filename (data != NULL ? data : ANX_DATA_DIR, "calendar", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autoptr (GBytes) bytes = path != NULL ? anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL) : NULL;
  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  self->calendar = json != NULL ? anx_calendar_parse (json, NULL) : NULL;
  return self->calendar;
}

/**
 * anx_desk_bookings_list_open:
 * @self: the bookings
 * @counsellor: a principal
 * @from_usec: from when, microseconds of UTC
 * @to_usec: until when
 *
 * In steps of a quarter of an hour; a shading, no promise.
 *
 * Returns: (transfer full) (element-type AnxSpan): when this person works, in order; empty without a plan
 */
GArray *
anx_desk_bookings_list_open (AnxDeskBookings *self,
                             const char *counsellor,
                             gint64 from_usec,
                             gint64 to_usec)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  AnxPlan *plan = g_hash_table_lookup (self->parsed, counsellor);
  JsonObject *json = g_hash_table_lookup (self->plans, counsellor);
  gint64 step = 15 * ANX_USEC_PER_MINUTE;

  if (plan == NULL && json != NULL)
    {
      plan = anx_plan_parse (json, NULL);
      if (plan != NULL && anx_desk_bookings_get_calendar (self) != NULL)
        anx_plan_close_on (plan, anx_desk_bookings_get_calendar (self));
      if (plan != NULL)
        g_hash_table_replace (self->parsed, g_strdup (counsellor), plan);
    }
  for (gint64 at = from_usec; plan != NULL && at < to_usec; at += step)
    {
      AnxSpan *last = spans->len > 0 ? &g_array_index (spans, AnxSpan, spans->len - 1) : NULL;
      AnxSpan span = { at, MIN (at + step, to_usec) };
      if (!anx_plan_is_open (plan, span.start_usec, span.end_usec))
        continue;
      if (last != NULL && last->end_usec == at)
        last->end_usec = span.end_usec;
      else
        g_array_append_val (spans, span);
    }
  return spans;
}

/* ---- what a person wants ---- */

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskBookings *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (answer != NULL && !JSON_NODE_HOLDS_OBJECT (answer))
    {
      g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "%s",
                               _ ("The hub’s answer could not be read."));
      return;
    }
  /* What changed here is known at once, without waiting for the hub's "look". */
  if (g_task_get_task_data (task) != NULL)
    anx_desk_bookings_refresh (self);
  g_task_return_pointer (task, answer != NULL ? json_object_ref (json_node_get_object (answer)) : json_object_new (),
                         (GDestroyNotify) json_object_unref);
}

/* @body (transfer full) (nullable) */
static void
request (AnxDeskBookings *self,
         const char *method,
         const char *path,
         JsonObject *body,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  GTask *task = g_task_new (self, self->cancellable, callback, user_data);
  g_autoptr (JsonObject) object = body;
  g_autoptr (JsonNode) node = body != NULL ? anx_json_node_from_object (body) : NULL;

  if (body != NULL)
    g_task_set_task_data (task, GINT_TO_POINTER (1), NULL);
  anx_client_request_async (get_client (self), method, path, node, self->cancellable, on_answered, task);
}

static void
set_optional (JsonObject *object,
              const char *member,
              const char *text)
{
  if (text != NULL && *text != '\0')
    json_object_set_string_member (object, member, text);
}

/**
 * anx_desk_bookings_finish:
 * @self: the bookings
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR with a message for people
 *
 * Returns: (transfer full): what the hub answered after its commit, empty when it had nothing to say; %NULL with @error set
 */
JsonObject *
anx_desk_bookings_finish (AnxDeskBookings *self,
                          GAsyncResult *result,
                          GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_moved (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  anx_desk_model_take_booking (anx_desk_service_get_model (self->service), answer);
  g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify) json_object_unref);
}

/**
 * anx_desk_bookings_move_async:
 * @self: the bookings
 * @booking: a booking that has not begun
 * @start_usec: its new start, microseconds of UTC
 * @counsellor: (nullable): another counsellor; %NULL = the same
 * @room: (nullable): another room; %NULL = the same
 * @reason: (nullable): a word of small letters and hyphens for the history
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * The hub gives the old time back and takes the new one in one step; when it was taken meanwhile, nothing changes.
 */
void
anx_desk_bookings_move_async (AnxDeskBookings *self,
                              const char *booking,
                              gint64 start_usec,
                              const char *counsellor,
                              const char *room,
                              const char *reason,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/move", booking);
  JsonObject *body = json_object_new ();

  json_object_set_int_member (body, "start", start_usec);
  set_optional (body, "counsellor", counsellor);
  set_optional (body, "room", room);
  set_optional (body, "reason", reason);
  request (self, "POST", path, body, on_moved, g_task_new (self, self->cancellable, callback, user_data));
}

/**
 * anx_desk_bookings_call_next_async:
 * @self: the bookings
 * @room: (nullable): where the resident shall come to
 * @callback: called when the hub has answered with the ticket
 * @user_data: for @callback
 *
 * Calls the one who has waited longest.
 */
void
anx_desk_bookings_call_next_async (AnxDeskBookings *self,
                                   const char *room,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  JsonObject *body = json_object_new ();

  set_optional (body, "centre", anx_desk_bookings_get_centre (self));
  set_optional (body, "room", room);
  request (self, "POST", "/v1/queue/next", body, callback, user_data);
}

/**
 * anx_desk_bookings_add_ticket_async:
 * @self: the bookings
 * @service: what the resident came for
 * @callback: called when the hub has answered with the ticket
 * @user_data: for @callback
 */
void
anx_desk_bookings_add_ticket_async (AnxDeskBookings *self,
                                    const char *service,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autofree char *id = anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (self->service)));
  g_autofree char *path = g_strdup_printf ("/v1/tickets/%s", id);
  JsonObject *body = json_object_new ();

  set_optional (body, "centre", anx_desk_bookings_get_centre (self));
  set_optional (body, "service", service);
  request (self, "PUT", path, body, callback, user_data);
}

/**
 * anx_desk_bookings_ticket_async:
 * @self: the bookings
 * @ticket: a ticket's id
 * @action: call skip recall serve done gone
 * @room: (nullable): where the resident shall come to
 * @callback: called when the hub has answered with the ticket
 * @user_data: for @callback
 */
void
anx_desk_bookings_ticket_async (AnxDeskBookings *self,
                                const char *ticket,
                                const char *action,
                                const char *room,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/tickets/%s/action", ticket);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "action", action);
  set_optional (body, "room", room);
  request (self, "POST", path, body, callback, user_data);
}

/**
 * anx_desk_bookings_work_done_async:
 * @self: the bookings
 * @item: a work item's id
 * @callback: called when it is off the list
 * @user_data: for @callback
 */
void
anx_desk_bookings_work_done_async (AnxDeskBookings *self,
                                   const char *item,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/work-items/%s/done", item);
  request (self, "POST", path, json_object_new (), callback, user_data);
}

/**
 * anx_desk_bookings_reclaim_async:
 * @self: the bookings
 * @kiosk: a kiosk that will not come back
 * @callback: called when its slots are free for everybody
 * @user_data: for @callback
 */
void
anx_desk_bookings_reclaim_async (AnxDeskBookings *self,
                                 const char *kiosk,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autofree char *escaped = g_uri_escape_string (kiosk, NULL, FALSE);
  g_autofree char *path = g_strdup_printf ("/v1/kiosks/%s/reclaim", escaped);
  request (self, "POST", path, json_object_new (), callback, user_data);
}

/**
 * anx_desk_bookings_save_plan_async:
 * @self: the bookings
 * @counsellor: whose plan it is
 * @plan: (transfer none): the plan, in the form of plan.h
 * @callback: called when it holds
 * @user_data: for @callback
 */
void
anx_desk_bookings_save_plan_async (AnxDeskBookings *self,
                                   const char *counsellor,
                                   JsonObject *plan,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autofree char *escaped = g_uri_escape_string (counsellor, NULL, FALSE);
  g_autofree char *path = g_strdup_printf ("/v1/plans/%s", escaped);
  request (self, "PUT", path, json_object_ref (plan), callback, user_data);
}

/**
 * anx_desk_bookings_list_slots_async:
 * @self: the bookings
 * @service: what shall be booked
 * @counsellor: (nullable): with whom; %NULL = anybody
 * @room: (nullable): where; %NULL = anywhere
 * @from_usec: from when, microseconds of UTC
 * @to_usec: until when, at most ANX_BOUND_SLOT_DAYS later
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * What the hub would accept now: the same rule as for the booking itself.
 */
void
anx_desk_bookings_list_slots_async (AnxDeskBookings *self,
                                    const char *service,
                                    const char *counsellor,
                                    const char *room,
                                    gint64 from_usec,
                                    gint64 to_usec,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GString *path = g_string_new ("/v1/slots?centre=");
  const char *centre = anx_desk_bookings_get_centre (self);

  g_string_append_uri_escaped (path, centre != NULL ? centre : "", NULL, FALSE);
  g_string_append (path, "&service=");
  g_string_append_uri_escaped (path, service, NULL, FALSE);
  if (counsellor != NULL)
    g_string_append_uri_escaped (g_string_append (path, "&counsellor="), counsellor, NULL, FALSE);
  if (room != NULL)
    g_string_append_uri_escaped (g_string_append (path, "&room="), room, NULL, FALSE);
  g_string_append_printf (path, "&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, from_usec, to_usec);
  request (self, "GET", path->str, NULL, callback, user_data);
  g_string_free (path, TRUE);
}

/**
 * anx_desk_bookings_list_slots_finish:
 * @self: the bookings
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: (transfer full) (element-type AnxDeskSlot): free slots, soonest first; %NULL with @error set
 */
GPtrArray *
anx_desk_bookings_list_slots_finish (AnxDeskBookings *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, error);
  JsonArray *array = answer != NULL ? anx_json_get_array (answer, "slots") : NULL;

  if (answer == NULL)
    return NULL;
  GPtrArray *slots = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_free);
  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), MOST); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *json = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      gint64 start = json != NULL ? anx_json_get_int (json, "start", 0) : 0;
      gint64 end = json != NULL ? anx_json_get_int (json, "end", 0) : 0;
      if (start <= 0 || end <= start || get_field (json, "counsellor") == NULL)
        continue;
      AnxDeskSlot *slot = g_new0 (AnxDeskSlot, 1);
      slot->counsellor = g_strdup (get_field (json, "counsellor"));
      slot->room = g_strdup (get_field (json, "room"));
      slot->start_usec = start;
      slot->end_usec = end;
      g_ptr_array_add (slots, slot);
    }
  return slots;
}

/**
 * anx_desk_bookings_list_changes_async:
 * @self: the bookings
 * @booking: a booking's id
 * @callback: called when the hub has answered
 * @user_data: for @callback
 */
void
anx_desk_bookings_list_changes_async (AnxDeskBookings *self,
                                      const char *booking,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/history", booking);
  request (self, "GET", path, NULL, callback, user_data);
}

/**
 * anx_desk_bookings_list_changes_finish:
 * @self: the bookings
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: (transfer full) (element-type AnxDeskChange): who changed what when, oldest first; %NULL with @error set
 */
GPtrArray *
anx_desk_bookings_list_changes_finish (AnxDeskBookings *self,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, error);
  JsonArray *array = answer != NULL ? anx_json_get_array (answer, "changes") : NULL;

  if (answer == NULL)
    return NULL;
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), MOST); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *json = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (json == NULL || get_field (json, "what") == NULL)
        continue;
      AnxDeskChange *change = g_new0 (AnxDeskChange, 1);
      change->at_usec = anx_json_get_int (json, "at", 0);
      change->who = g_strdup (get_field (json, "who"));
      change->what = g_strdup (get_field (json, "what"));
      change->status = g_strdup (get_field (json, "status"));
      change->counsellor = g_strdup (get_field (json, "counsellor"));
      change->room = g_strdup (get_field (json, "room"));
      change->reason = g_strdup (get_field (json, "reason"));
      change->start_usec = anx_json_get_int (json, "start", 0);
      g_ptr_array_add (changes, change);
    }
  return changes;
}

/* ---- booking for somebody ---- */

typedef struct
{
  char *id;
  char *code;
  char *district;
  char *name;
  char *phone;
  JsonObject *claim;
} Proxy;

static void
proxy_free (Proxy *self)
{
  g_free (self->id);
  anx_secret_free (self->code);
  g_free (self->district);
  anx_secret_free (self->name);
  anx_secret_free (self->phone);
  g_clear_pointer (&self->claim, json_object_unref);
  g_free (self);
}

/* Who the resident is goes to the staff of the centre and to the counsellor, sealed. */
static gboolean
write_contact (AnxDeskBookings *self,
               const Proxy *proxy,
               const char *counsellor,
               GError **error)
{
  AnxDirectory *directory = anx_client_get_directory (get_client (self));
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const char *author = anx_desk_model_get_principal (model);
  gint64 now = anx_desk_model_now_usec (model);
  g_autoptr (GPtrArray) groups
      = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "staff", anx_desk_bookings_get_centre (self));
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  const AnxPrincipal *person = anx_directory_get_principal (directory, counsellor);

  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (recipients, (gpointer) ((const AnxPrincipal *) g_ptr_array_index (groups, i))->id);
  if (person != NULL && person->active && person->seal_certificate != NULL)
    g_ptr_array_add (recipients, (gpointer) person->id);
  g_ptr_array_add (recipients, NULL);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", proxy->id);
  g_autoptr (JsonObject) resource = anx_contact_build (proxy->name, FALSE, proxy->phone, proxy->id);
  g_autofree char *id = anx_uuid_new (now);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (
      id, ANX_KIND_CONTACT, author, (const char *const *) recipients->pdata, NULL, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  if (!anx_client_write (get_client (self), header, node, error))
    return FALSE;
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (id, ANX_KIND_CONTACT, author, NULL, now, routing, resource);
  anx_desk_model_take_record (model, record);
  return TRUE;
}

static void
on_claimed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (source);
  g_autoptr (GTask) task = user_data;
  Proxy *proxy = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) booking = anx_desk_bookings_finish (self, result, &error);

  if (booking == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  anx_desk_model_take_booking (anx_desk_service_get_model (self->service), booking);
  const char *counsellor = anx_json_get_string (booking, "counsellor", "");
  if (!write_contact (self, proxy, counsellor, &error))
    {
      g_prefix_error (&error, "%s ", _ ("The time is booked, but the name could not be kept. Please write it down."));
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
}

static void
on_derived (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (source);
  g_autoptr (GTask) task = user_data;
  Proxy *proxy = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree char *key = g_task_propagate_pointer (G_TASK (result), &error);

  if (key == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s", proxy->id);
  json_object_set_string_member (proxy->claim, "codeKey", key);
  request (self, "PUT", path, g_steal_pointer (&proxy->claim), on_claimed, g_steal_pointer (&task));
}

static void
derive_in_thread (GTask *task,
                  gpointer source,
                  gpointer task_data,
                  GCancellable *cancellable)
{
  Proxy *proxy = task_data;
  GError *error = NULL;
  char *key = anx_code_key_derive (proxy->code, proxy->district, &error);

  if (key != NULL)
    g_task_return_pointer (task, key, g_free);
  else
    g_task_return_error (task, error);
}

/**
 * anx_desk_bookings_book_async:
 * @self: the bookings
 * @wish: what and for whom
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * The hub claims the time first; then the resident's name and telephone number are sealed to the staff of the centre and to the
 * counsellor. The code is made here; the hub gets its slow key.
 */
void
anx_desk_bookings_book_async (AnxDeskBookings *self,
                              const AnxDeskWish *wish,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, self->cancellable, callback, user_data);
  Proxy *proxy = g_new0 (Proxy, 1);
  GError *error = NULL;

  g_task_set_task_data (task, proxy, (GDestroyNotify) proxy_free);
  if (!anx_name_check (wish->name, &error) || !anx_phone_check (wish->phone, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  proxy->id = anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (self->service)));
  proxy->code = anx_booking_code_new ();
  proxy->district = g_strdup (anx_profile_get_district (anx_client_get_profile (get_client (self))));
  proxy->name = g_strdup (wish->name);
  proxy->phone = g_strdup (wish->phone);
  proxy->claim = json_object_new ();
  set_optional (proxy->claim, "service", wish->service);
  set_optional (proxy->claim, "counsellor", wish->counsellor);
  set_optional (proxy->claim, "room", wish->room);
  set_optional (proxy->claim, "centre", anx_desk_bookings_get_centre (self));
  set_optional (proxy->claim, "origin", wish->origin);
  json_object_set_int_member (proxy->claim, "start", wish->start_usec);
  /* The inner task holds the outer one, and with it what it derives from. */
  g_autoptr (GTask) inner = g_task_new (self, self->cancellable, on_derived, task);
  g_task_set_task_data (inner, proxy, NULL);
  g_task_run_in_thread (inner, derive_in_thread);
}

/**
 * anx_desk_bookings_book_finish:
 * @self: the bookings
 * @result: the result
 * @out_booking: (out) (optional): the booking's id
 * @error: return location, ANX_SYNC_ERROR; ANX_CARE_ERROR_INVALID for a name or number that cannot be
 *
 * Returns: (transfer full): the resident's code, to be shown once; %NULL with @error set
 */
char *
anx_desk_bookings_book_finish (AnxDeskBookings *self,
                               GAsyncResult *result,
                               char **out_booking,
                               GError **error)
{
  Proxy *proxy = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (out_booking != NULL)
    *out_booking = g_strdup (proxy->id);
  return anx_booking_code_format (proxy->code);
}

/**
 * anx_desk_bookings_make_calendar_async:
 * @self: the bookings
 * @revoke: whether there shall be no address any more
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * A new address of the own calendar; the last one does not answer from then on.
 */
void
anx_desk_bookings_make_calendar_async (AnxDeskBookings *self,
                                       gboolean revoke,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  JsonObject *body = json_object_new ();

  if (revoke)
    json_object_set_boolean_member (body, "revoke", TRUE);
  request (self, "POST", "/v1/calendars", body, callback, user_data);
}

/**
 * anx_desk_bookings_make_calendar_finish:
 * @self: the bookings
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: (transfer full): the whole address, to be shown once; empty after a revocation; %NULL with @error set
 */
char *
anx_desk_bookings_make_calendar_finish (AnxDeskBookings *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, error);
  const char *path = answer != NULL ? get_field (answer, "path") : NULL;

  if (answer == NULL)
    return NULL;
  return path != NULL ? g_strconcat (anx_profile_get_hub_url (anx_client_get_profile (get_client (self))), path, NULL)
                      : g_strdup ("");
}
