/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-bookings-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "booking-code.h"
#include "care-records.h"
#include "clock.h"
#include "code-key.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "sync-error.h"
#include "ui-text.h"

static void
proxy_clear (gpointer data)
{
  AnxDeskProxy *self = data;
  g_free (self->id);
  g_clear_pointer (&self->ids, g_ptr_array_unref);
  anx_secret_free (self->code);
  anx_secret_free (self->name);
  anx_secret_free (self->phone);
  g_clear_pointer (&self->claim, json_object_unref);
}

/**
 * anx_desk_proxy_unref:
 * @self: (transfer full): a claim
 */
void
anx_desk_proxy_unref (AnxDeskProxy *self)
{
  g_rc_box_release_full (self, proxy_clear);
}

/* Whoever of those who hold the session can open what is sealed to them. */
static void
add_reader (AnxDirectory *directory,
            GPtrArray *recipients,
            const char *id)
{
  const AnxPrincipal *person = id != NULL ? anx_directory_get_principal (directory, id) : NULL;
  if (person != NULL && person->active && person->seal_certificate != NULL)
    g_ptr_array_add (recipients, (gpointer) person->id);
}

/* Who the resident is goes to the staff of the centre and to the counsellor, if there is one already, and who sits in, sealed. */
static gboolean
write_contact (AnxDeskBookings *self,
               const char *id,
               const char *name,
               const char *phone,
               const char *booking,
               const char *counsellor,
               const char *mediator,
               GError **error)
{
  AnxDirectory *directory = anx_client_get_directory (anx_desk_bookings_get_client (self));
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const char *author = anx_desk_model_get_principal (model);
  gint64 now = anx_desk_model_now_usec (model);
  g_autoptr (GPtrArray) groups
      = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "staff", anx_desk_bookings_get_centre (self));
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();

  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (recipients, (gpointer) ((const AnxPrincipal *) g_ptr_array_index (groups, i))->id);
  add_reader (directory, recipients, counsellor);
  add_reader (directory, recipients, mediator);
  g_ptr_array_add (recipients, NULL);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (JsonObject) resource = anx_contact_build (name, FALSE, phone, booking);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (
      id, ANX_KIND_CONTACT, author, (const char *const *) recipients->pdata, NULL, now, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  if (!anx_client_write (anx_desk_bookings_get_client (self), header, node, error))
    return FALSE;
  g_autoptr (AnxDeskRecord) record = anx_desk_record_new (id, ANX_KIND_CONTACT, author, NULL, now, routing, resource);
  anx_desk_model_take_record (model, record);
  return TRUE;
}

/* Which sessions of a series cannot be had, and what is free near each. */
static GError *
describe_conflicts (AnxDeskBookings *self,
                    JsonObject *problem)
{
  JsonArray *conflicts = anx_json_get_array (problem, "conflicts");
  const char *zone = anx_desk_service_get_zone (self->service);
  g_autoptr (GString) text = g_string_new (_ ("Nothing was booked. These times cannot be had:"));

  for (guint i = 0; conflicts != NULL && i < MIN (json_array_get_length (conflicts), ANX_DESK_SESSIONS_MAX); i++)
    {
      JsonObject *conflict = anx_json_array_need_object (conflicts, i, NULL);
      JsonArray *others = conflict != NULL ? anx_json_get_array (conflict, "alternatives") : NULL;
      JsonObject *other = others != NULL && json_array_get_length (others) > 0 ? anx_json_array_need_object (others, 0, NULL)
                                                                               : NULL;
      if (conflict == NULL)
        continue;
      g_autofree char *when = anx_ui_format_day_time (anx_json_get_int (conflict, "start", 0), zone);
      g_autofree char *near
          = other != NULL ? anx_ui_format_day_time (anx_json_get_int (other, "start", 0), zone) : NULL;
      g_string_append_printf (text, "\n%s", when);
      if (near != NULL)
        /* Translators: a day and a time */
        g_string_append_printf (text, _ (" (free near it: %s)"), near);
    }
  return g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT, text->str);
}

/* Gives whether the booking is known here and the name is on its way. */
static gboolean
take_booking (AnxDeskBookings *self,
              const AnxDeskProxy *proxy,
              JsonObject *booking,
              GError **error)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autofree char *contact = anx_uuid_new (anx_desk_model_now_usec (model));

  anx_desk_model_take_booking (model, booking);
  if (write_contact (self, contact, proxy->name, proxy->phone, anx_json_get_string (booking, "id", proxy->id),
                     anx_json_get_string (booking, "counsellor", NULL), anx_json_get_string (booking, "mediator", NULL), error))
    return TRUE;
  g_prefix_error (error, "%s ", _ ("The time is booked, but the name could not be kept. Please write it down."));
  return FALSE;
}

/* Only a refusal is the hub's word about the claim. Anything else that goes wrong, also a hub that has too much to do, leaves open whether it has it. */
static gboolean
is_unanswering (const GError *error)
{
  return error != NULL && !g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED)
         && !g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT)
         && !g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
}

/* It takes the place of an earlier one: there is one form. What was answered is not asked again. */
static void
keep_unanswered (AnxDeskBookings *self,
                 AnxDeskProxy *proxy,
                 gboolean lost)
{
  if (lost || (self->unanswered != NULL && g_str_equal (self->unanswered->id, proxy->id)))
    g_clear_pointer (&self->unanswered, anx_desk_proxy_unref);
  if (!lost)
    return;
  self->unanswered = g_rc_box_acquire (proxy);
  g_clear_pointer (&proxy->name, anx_secret_free);
  g_clear_pointer (&proxy->phone, anx_secret_free);
}

/* The first try may have been heard, and a colleague may have found the booking without a name since, and moved it or called it off. */
static gboolean
was_changed (const AnxDeskProxy *proxy,
             JsonObject *booking)
{
  const char *status = anx_json_get_string (booking, "status", "");

  return g_str_equal (status, "cancelled") || g_str_equal (status, "entered-in-error")
         || (proxy->ids == NULL && anx_json_get_int (booking, "start", 0) != proxy->start_usec);
}

static void
on_claimed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (source);
  g_autoptr (GTask) task = user_data;
  AnxDeskProxy *proxy = g_task_get_task_data (task);
  JsonObject *problem = anx_desk_bookings_get_problem (result);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (self, result, &error);
  gboolean kept = TRUE;
  gboolean changed = FALSE;

  keep_unanswered (self, proxy, is_unanswering (error));
  if (answer == NULL)
    {
      if (proxy->ids != NULL && problem != NULL && anx_json_get_array (problem, "conflicts") != NULL)
        g_task_return_error (task, describe_conflicts (self, problem));
      else
        g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  JsonArray *bookings = proxy->ids != NULL ? anx_json_get_array (answer, "bookings") : NULL;
  if (bookings == NULL)
    {
      kept = take_booking (self, proxy, answer, &error);
      changed = was_changed (proxy, answer);
    }
  for (guint i = 0; kept && bookings != NULL && i < MIN (json_array_get_length (bookings), proxy->ids->len); i++)
    {
      JsonObject *booking = anx_json_array_need_object (bookings, i, &error);
      kept = booking != NULL && take_booking (self, proxy, booking, &error);
      changed |= booking != NULL && was_changed (proxy, booking);
    }
  if (kept && changed)
    g_task_return_new_error (task, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT, "%s",
                             _ ("It was booked, and somebody has changed it since. Search for the name, or choose another time."));
  else if (kept)
    {
      g_signal_emit_by_name (self, "booked", proxy->ids != NULL ? g_ptr_array_index (proxy->ids, 0) : proxy->id);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* @task: (transfer full) */
static void
claim (AnxDeskBookings *self,
       GTask *task)
{
  AnxDeskProxy *proxy = g_task_get_task_data (task);
  g_autofree char *path = g_strdup_printf (proxy->ids != NULL ? "/v1/series/%s" : "/v1/bookings/%s", proxy->id);

  anx_desk_bookings_request (self, "PUT", path, json_object_ref (proxy->claim), on_claimed, task);
}

static void
on_derived (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskBookings *self = ANX_DESK_BOOKINGS (g_task_get_source_object (task));
  AnxDeskProxy *proxy = g_task_get_task_data (task);
  GError *error = NULL;
  anx_autosecret char *key = anx_code_key_derive_finish (result, &error);

  if (key == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  json_object_set_string_member (proxy->claim, "codeKey", key);
  claim (self, g_steal_pointer (&task));
}

/**
 * anx_desk_bookings_get_session:
 * @self: the bookings
 * @wish: what and for whom
 * @index: which session, from 0
 *
 * Returns: when it begins, microseconds of UTC: the same time by the clock on the wall of the centre, @index weeks after the first
 */
gint64
anx_desk_bookings_get_session (AnxDeskBookings *self,
                               const AnxDeskWish *wish,
                               guint index)
{
  g_autoptr (GDateTime) first = anx_time_in_zone (wish->start_usec, anx_desk_service_get_zone (self->service));
  g_autoptr (GDateTime) at = g_date_time_add_weeks (first, (int) index);
  return g_date_time_to_unix (at) * G_USEC_PER_SEC;
}

/* The hub takes all of them or none. */
static void
set_sessions (AnxDeskBookings *self,
              AnxDeskProxy *proxy,
              const AnxDeskWish *wish)
{
  JsonArray *sessions = json_array_new ();

  proxy->ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < MIN (wish->sessions, ANX_DESK_SESSIONS_MAX); i++)
    {
      JsonObject *session = json_object_new ();
      g_ptr_array_add (proxy->ids, anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (self->service))));
      json_object_set_string_member (session, "id", g_ptr_array_index (proxy->ids, i));
      json_object_set_int_member (session, "start", anx_desk_bookings_get_session (self, wish, i));
      json_array_add_object_element (sessions, session);
    }
  json_object_set_array_member (proxy->claim, "sessions", sessions);
}

static AnxDeskProxy *
proxy_new (AnxDeskBookings *self,
           const AnxDeskWish *wish)
{
  AnxDeskProxy *proxy = g_rc_box_new0 (AnxDeskProxy);

  proxy->id = anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (self->service)));
  proxy->code = anx_booking_code_new ();
  proxy->start_usec = wish->start_usec;
  proxy->sessions = wish->sessions;
  proxy->claim = json_object_new ();
  anx_desk_bookings_set_text (proxy->claim, "service", wish->service);
  anx_desk_bookings_set_text (proxy->claim, "counsellor", wish->counsellor);
  anx_desk_bookings_set_text (proxy->claim, "room", wish->room);
  anx_desk_bookings_set_text (proxy->claim, "centre", anx_desk_bookings_get_centre (self));
  anx_desk_bookings_set_text (proxy->claim, "origin", wish->origin);
  if (wish->sessions > 1)
    set_sessions (self, proxy, wish);
  else
    json_object_set_int_member (proxy->claim, "start", wish->start_usec);
  return proxy;
}

static gboolean
claims (const AnxDeskProxy *proxy,
        const char *member,
        const char *text)
{
  return g_strcmp0 (anx_json_get_string (proxy->claim, member, NULL), text) == 0;
}

/* The hub knows no names: whom such a claim is for is open until its code is shown. */
static gboolean
is_unanswered (AnxDeskBookings *self,
               const AnxDeskWish *wish)
{
  const AnxDeskProxy *proxy = self->unanswered;
  return proxy != NULL && proxy->start_usec == wish->start_usec && proxy->sessions == wish->sessions
         && claims (proxy, "service", wish->service) && claims (proxy, "counsellor", wish->counsellor)
         && claims (proxy, "room", wish->room);
}

/**
 * anx_desk_bookings_offer_unanswered:
 * @self: the bookings
 * @service: what is asked for
 * @counsellor: (nullable): with whom; %NULL = anybody
 * @slots: (element-type AnxDeskSlot): of anx_desk_bookings_list_slots_finish()
 *
 * Puts first what was asked for without an answer, once, so that it can be asked for again: at the hub it may be taken by just that.
 */
void
anx_desk_bookings_offer_unanswered (AnxDeskBookings *self,
                                    const char *service,
                                    const char *counsellor,
                                    GPtrArray *slots)
{
  const AnxDeskProxy *proxy = self->unanswered;

  if (proxy == NULL || proxy->start_usec <= anx_desk_model_now_usec (anx_desk_service_get_model (self->service))
      || !claims (proxy, "service", service) || (counsellor != NULL && !claims (proxy, "counsellor", counsellor)))
    return;
  AnxDeskSlot *slot = g_new0 (AnxDeskSlot, 1);
  slot->counsellor = g_strdup (anx_json_get_string (proxy->claim, "counsellor", ""));
  slot->room = g_strdup (anx_json_get_string (proxy->claim, "room", ""));
  slot->start_usec = proxy->start_usec;
  slot->unanswered = proxy->sessions;
  for (guint i = slots->len; i > 0 && proxy->sessions == 1; i--)
    {
      const AnxDeskSlot *other = g_ptr_array_index (slots, i - 1);
      if (other->start_usec == slot->start_usec && g_strcmp0 (other->counsellor, slot->counsellor) == 0
          && g_strcmp0 (other->room, slot->room) == 0)
        g_ptr_array_remove_index (slots, i - 1);
    }
  g_ptr_array_insert (slots, 0, slot);
}

/**
 * anx_desk_bookings_book_async:
 * @self: the bookings
 * @wish: what and for whom
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * The hub claims the time first; then the resident's name and telephone number are sealed to the staff of the centre and to the
 * counsellor, for each session. A time that is lent to this desk is booked without the hub too. The code is made here; the hub gets its
 * slow key. Several sessions are one step at the hub: all, or none and a message that names those which cannot be had. When no answer
 * came, the same wish again is the same claim: it is booked once, whether the hub had heard of it or not.
 */
void
anx_desk_bookings_book_async (AnxDeskBookings *self,
                              const AnxDeskWish *wish,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, callback, user_data);
  GError *error = NULL;

  if (!anx_name_check (wish->name, &error) || !anx_phone_check (wish->phone, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  gboolean again = is_unanswered (self, wish);
  AnxDeskProxy *proxy = again ? g_rc_box_acquire (self->unanswered) : proxy_new (self, wish);
  g_task_set_task_data (task, proxy, (GDestroyNotify) anx_desk_proxy_unref);
  g_clear_pointer (&proxy->name, anx_secret_free);
  g_clear_pointer (&proxy->phone, anx_secret_free);
  proxy->name = g_strdup (wish->name);
  proxy->phone = g_strdup (wish->phone);
  if (again)
    {
      claim (self, g_steal_pointer (&task));
      return;
    }
  anx_code_key_derive_async (proxy->code, anx_profile_get_district (anx_client_get_profile (anx_desk_bookings_get_client (self))),
                             self->cancellable, on_derived, g_steal_pointer (&task));
}

/**
 * anx_desk_bookings_book_finish:
 * @self: the bookings
 * @result: the result
 * @out_booking: (out) (optional) (transfer full): the id of the booking, the first of a series
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
  AnxDeskProxy *proxy = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (out_booking != NULL)
    *out_booking = g_strdup (proxy->ids != NULL ? g_ptr_array_index (proxy->ids, 0) : proxy->id);
  return anx_booking_code_format (proxy->code);
}

/* The hub closes the list a day before. */
#define WAITING_DAYS 28

static void
on_waiting (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (answer != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * anx_desk_bookings_wait_async:
 * @self: the bookings
 * @entry: a UUID; when an earlier try was not answered, that of it for the same person and wish: nothing is written twice then
 * @wish: what is waited for and by whom; its start, room and origin are not looked at
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * Puts somebody on the waiting list for four weeks. The contact record goes first: a place without a person helps nobody. It bears the id of
 * the entry, and that is what the hub gets for an address, so that it learns neither a name nor a number.
 */
void
anx_desk_bookings_wait_async (AnxDeskBookings *self,
                              const char *entry,
                              const AnxDeskWish *wish,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, callback, user_data);
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 now = anx_desk_model_now_usec (model);
  GError *error = NULL;

  if (!anx_name_check (wish->name, &error) || !anx_phone_check (wish->phone, &error)
      || (anx_desk_model_get_contact (model, entry) == NULL
          && !write_contact (self, entry, wish->name, wish->phone, entry, NULL, NULL, &error)))
    {
      g_task_return_error (task, error);
      return;
    }
  g_autofree char *path = g_strdup_printf ("/v1/waiting/%s", entry);
  g_autofree char *address = g_base64_encode ((const guchar *) entry, strlen (entry));
  JsonObject *body = json_object_new ();
  JsonObject *notify = json_object_new ();
  json_object_set_string_member (notify, "channel", ANX_DESK_CHANNEL);
  json_object_set_string_member (notify, "address", address);
  anx_desk_bookings_set_text (body, "centre", anx_desk_bookings_get_centre (self));
  anx_desk_bookings_set_text (body, "service", wish->service);
  anx_desk_bookings_set_text (body, "counsellor", wish->counsellor);
  json_object_set_int_member (body, "from", now);
  json_object_set_int_member (body, "to", now + WAITING_DAYS * ANX_USEC_PER_DAY);
  json_object_set_object_member (body, "notify", notify);
  anx_desk_bookings_request (self, "PUT", path, body, on_waiting, g_steal_pointer (&task));
}

/**
 * anx_desk_bookings_wait_finish:
 * @self: the bookings
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR; ANX_CARE_ERROR_INVALID for a name or number that cannot be
 *
 * Returns: whether the person is on the list
 */
gboolean
anx_desk_bookings_wait_finish (AnxDeskBookings *self,
                               GAsyncResult *result,
                               GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
