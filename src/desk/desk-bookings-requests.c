/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-bookings-private.h"

#include <glib/gi18n.h>

#include "answer-fields.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

#define PROBLEM "anx-problem"

static const AnxField slot_fields[] = {
  { "counsellor", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskSlot, counsellor) },
  { "room", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskSlot, room) },
  { "lease", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskSlot, lease) },
  { "start", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskSlot, start_usec) },
  { "end", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskSlot, end_usec) },
  { NULL, 0, 0 },
};

static const AnxField change_fields[] = {
  { "at", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskChange, at_usec) },
  { "who", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskChange, who) },
  { "what", ANX_FIELD_NEEDED, G_STRUCT_OFFSET (AnxDeskChange, what) },
  { "status", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskChange, status) },
  { "counsellor", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskChange, counsellor) },
  { "room", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskChange, room) },
  { "reason", ANX_FIELD_TEXT, G_STRUCT_OFFSET (AnxDeskChange, reason) },
  { "start", ANX_FIELD_NUMBER, G_STRUCT_OFFSET (AnxDeskChange, start_usec) },
  { NULL, 0, 0 },
};

/**
 * anx_desk_slot_free:
 * @slot: (transfer full): a free time
 *
 * Frees it.
 */
void
anx_desk_slot_free (AnxDeskSlot *slot)
{
  anx_fields_free (slot_fields, slot);
}

static void
change_free (gpointer change)
{
  anx_fields_free (change_fields, change);
}

/* What of @member of the hub's answer can be read and is good, freed by @free. */
static GPtrArray *
read_list (JsonObject *answer,
           const char *member,
           const AnxField *fields,
           gsize size,
           GDestroyNotify free,
           gboolean (*is_good) (gconstpointer entry))
{
  JsonArray *array = anx_json_get_array (answer, member);

  GPtrArray *list = g_ptr_array_new_with_free_func (free);
  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), ANX_DESK_BOOKINGS_MOST); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gpointer entry = JSON_NODE_HOLDS_OBJECT (node) ? anx_fields_read (fields, size, json_node_get_object (node)) : NULL;
      if (entry != NULL && (is_good == NULL || is_good (entry)))
        g_ptr_array_add (list, entry);
      else if (entry != NULL)
        free (entry);
    }
  return list;
}

static gboolean
slot_is_good (gconstpointer entry)
{
  const AnxDeskSlot *slot = entry;
  return slot->start_usec > 0 && slot->end_usec > slot->start_usec;
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskBookings *self = g_task_get_source_object (task);
  GError *error = NULL;
  JsonObject *problem = NULL;
  g_autoptr (JsonNode) answer = ANX_IS_BOOKING_KEEPER (source)
                                    ? anx_booking_keeper_request_finish (ANX_BOOKING_KEEPER (source), result, &problem, &error)
                                    : anx_client_request_finish (ANX_CLIENT (source), result, &problem, &error);

  if (problem != NULL)
    g_object_set_data_full (G_OBJECT (task), PROBLEM, problem, (GDestroyNotify) json_object_unref);
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

/**
 * anx_desk_bookings_get_problem:
 * @result: of anx_desk_bookings_request(), in its callback
 *
 * Returns: (nullable) (transfer none): the hub's object about why it refused; %NULL when it did not, or did not answer
 */
JsonObject *
anx_desk_bookings_get_problem (GAsyncResult *result)
{
  return g_object_get_data (G_OBJECT (result), PROBLEM);
}

/**
 * anx_desk_bookings_request:
 * @self: the bookings
 * @method: GET, PUT or POST
 * @path: of the hub
 * @body: (transfer full) (nullable): what is wanted; %NULL for what only looks
 * @callback: called when the hub has answered; it ends with anx_desk_bookings_finish()
 * @user_data: for @callback
 *
 * Asks the hub now; only free times and a booking can be had without it, as far as times are lent to this desk. After something was
 * changed, queue, work items and plans are asked for again.
 */
void
anx_desk_bookings_request (AnxDeskBookings *self,
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
  if (self->keeper != NULL)
    anx_booking_keeper_request_async (self->keeper, method, path, node, self->cancellable, on_answered, task);
  else
    anx_client_request_async (anx_desk_bookings_get_client (self), method, path, node, self->cancellable, on_answered,
                              task);
}

/**
 * anx_desk_bookings_set_text:
 * @object: an object
 * @member: a member
 * @text: (nullable): its text; nothing is set for %NULL and an empty one
 */
void
anx_desk_bookings_set_text (JsonObject *object,
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
  anx_desk_bookings_set_text (body, "counsellor", counsellor);
  anx_desk_bookings_set_text (body, "room", room);
  anx_desk_bookings_set_text (body, "reason", reason);
  anx_desk_bookings_request (self, "POST", path, body, on_moved,
                             g_task_new (self, self->cancellable, callback, user_data));
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

  anx_desk_bookings_set_text (body, "centre", anx_desk_bookings_get_centre (self));
  anx_desk_bookings_set_text (body, "room", room);
  anx_desk_bookings_request (self, "POST", "/v1/queue/next", body, callback, user_data);
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

  anx_desk_bookings_set_text (body, "centre", anx_desk_bookings_get_centre (self));
  anx_desk_bookings_set_text (body, "service", service);
  anx_desk_bookings_request (self, "PUT", path, body, callback, user_data);
}

/* What the staff do with somebody of the queue or of the waiting list. */
static void
act (AnxDeskBookings *self,
     const char *collection,
     const char *id,
     const char *action,
     const char *room,
     const char *booking,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/%s/%s/action", collection, id);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "action", action);
  anx_desk_bookings_set_text (body, "room", room);
  anx_desk_bookings_set_text (body, "booking", booking);
  anx_desk_bookings_request (self, "POST", path, body, callback, user_data);
}

/**
 * anx_desk_bookings_ticket_async:
 * @self: the bookings
 * @ticket: a ticket's id
 * @action: call skip recall serve done gone
 * @room: (nullable): where the resident shall come to
 * @booking: (nullable): that was made for the resident
 * @callback: called when the hub has answered with the ticket
 * @user_data: for @callback
 */
void
anx_desk_bookings_ticket_async (AnxDeskBookings *self,
                                const char *ticket,
                                const char *action,
                                const char *room,
                                const char *booking,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  act (self, "tickets", ticket, action, room, booking, callback, user_data);
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
  anx_desk_bookings_request (self, "POST", path, json_object_new (), callback, user_data);
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
  anx_desk_bookings_request (self, "POST", path, json_object_new (), callback, user_data);
}

/**
 * anx_desk_bookings_waiting_async:
 * @self: the bookings
 * @entry: of the waiting list
 * @action: "tell": they were called, or the gateway shall tell them, one of three times; "close": they wait no more
 * @callback: called when it holds
 * @user_data: for @callback
 */
void
anx_desk_bookings_waiting_async (AnxDeskBookings *self,
                                 const char *entry,
                                 const char *action,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  act (self, "waiting", entry, action, NULL, NULL, callback, user_data);
}

/**
 * anx_desk_bookings_close_room_async:
 * @self: the bookings
 * @room: (nullable): of the centre; %NULL = all
 * @from_usec: from when, microseconds of UTC
 * @to_usec: until when
 * @reason: a word of small letters and hyphens
 * @callback: called when it holds; "inTheWay" of the answer names the bookings that stand there
 * @user_data: for @callback
 */
void
anx_desk_bookings_close_room_async (AnxDeskBookings *self,
                                    const char *room,
                                    gint64 from_usec,
                                    gint64 to_usec,
                                    const char *reason,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autofree char *id = anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (self->service)));
  g_autofree char *path = g_strdup_printf ("/v1/closures/%s", id);
  JsonObject *body = json_object_new ();

  anx_desk_bookings_set_text (body, "centre", anx_desk_bookings_get_centre (self));
  anx_desk_bookings_set_text (body, "room", room);
  anx_desk_bookings_set_text (body, "reason", reason);
  json_object_set_int_member (body, "from", from_usec);
  json_object_set_int_member (body, "to", to_usec);
  anx_desk_bookings_request (self, "PUT", path, body, callback, user_data);
}

/**
 * anx_desk_bookings_open_room_async:
 * @self: the bookings
 * @closure: that ends now
 * @callback: called when the room can be booked again
 * @user_data: for @callback
 */
void
anx_desk_bookings_open_room_async (AnxDeskBookings *self,
                                   const char *closure,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/closures/%s/end", closure);
  anx_desk_bookings_request (self, "POST", path, json_object_new (), callback, user_data);
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
  anx_desk_bookings_request (self, "PUT", path, json_object_ref (plan), callback, user_data);
}

/**
 * anx_desk_bookings_list_slots_async:
 * @self: the bookings
 * @service: what shall be booked
 * @counsellor: (nullable): with whom; %NULL = anybody
 * @room: (nullable): where; %NULL = anywhere
 * @from_usec: from when, microseconds of UTC
 * @to_usec: until when, at most ANX_BOUND_SLOT_DAYS later
 * @once: whether one of each start will do: then the first, which is with whoever has most time
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * What the hub would accept now: the same rule as for the booking itself; at most %ANX_DESK_SLOTS_MOST, so that a full answer is asked on
 * from its last start. Without the hub, what is lent to this desk.
 */
void
anx_desk_bookings_list_slots_async (AnxDeskBookings *self,
                                    const char *service,
                                    const char *counsellor,
                                    const char *room,
                                    gint64 from_usec,
                                    gint64 to_usec,
                                    gboolean once,
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
  g_string_append_printf (path, "&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT "%s", from_usec, to_usec, once ? "&once=true" : "");
  anx_desk_bookings_request (self, "GET", path->str, NULL, callback, user_data);
  g_string_free (path, TRUE);
}

/**
 * anx_desk_bookings_list_slots_finish:
 * @self: the bookings
 * @result: the result
 * @out_offline: (out) (optional): whether the hub was not asked: these are the ones lent to this desk
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: (transfer full) (element-type AnxDeskSlot): free slots, soonest first; %NULL with @error set
 */
GPtrArray *
anx_desk_bookings_list_slots_finish (AnxDeskBookings *self,
                                     GAsyncResult *result,
                                     gboolean *out_offline,
                                     GError **error)
{
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, error);

  if (answer == NULL)
    return NULL;
  if (out_offline != NULL)
    *out_offline = anx_json_get_boolean (answer, "offline", FALSE);
  return read_list (answer, "slots", slot_fields, sizeof (AnxDeskSlot), (GDestroyNotify) anx_desk_slot_free, slot_is_good);
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
  anx_desk_bookings_request (self, "GET", path, NULL, callback, user_data);
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
  return answer != NULL ? read_list (answer, "changes", change_fields, sizeof (AnxDeskChange), change_free, NULL) : NULL;
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
  anx_desk_bookings_request (self, "POST", "/v1/calendars", body, callback, user_data);
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
  const char *path = answer != NULL ? anx_answer_get_text (answer, "path") : NULL;

  if (answer == NULL)
    return NULL;
  AnxProfile *profile = anx_client_get_profile (anx_desk_bookings_get_client (self));
  return path != NULL ? g_strconcat (anx_profile_get_hub_url (profile), path, NULL) : g_strdup ("");
}
