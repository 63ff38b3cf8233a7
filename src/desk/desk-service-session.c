/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service-private.h"

#include <glib/gi18n.h>

#include "booking-code.h"
#include "bounds.h"
#include "care-error.h"
#include "code-key.h"
#include "desk-glass.h"
#include "id.h"
#include "journal.h"
#include "json.h"
#include "process.h"
#include "profile.h"
#include "sync-error.h"

/* Within this time somebody who looks at the same story again is still reading. */
#define ONE_READING_USEC (12 * 60 * ANX_USEC_PER_MINUTE)

/* The reader, and the counsellor whose session it is: who is read about by others learns it. */
static GPtrArray *
list_who_learns (AnxDeskService *self, const char *reader, const char *booking)
{
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const AnxDeskBooking *known = booking != NULL ? anx_desk_model_get_booking (self->model, booking) : NULL;
  const AnxPrincipal *counsellor = known != NULL && directory != NULL ? anx_directory_get_principal (directory, known->counsellor) : NULL;
  GPtrArray *recipients = g_ptr_array_new ();

  g_ptr_array_add (recipients, (gpointer) reader);
  if (counsellor != NULL && counsellor->active && counsellor->seal_certificate != NULL && !g_str_equal (counsellor->id, reader))
    g_ptr_array_add (recipients, (gpointer) counsellor->id);
  g_ptr_array_add (recipients, NULL);
  return recipients;
}

static gboolean
write_reading (AnxDeskService *self, const char *story, AnxAccessReason reason, GError **error)
{
  const char *reader = anx_desk_model_get_principal (self->model);
  const AnxDeskAlert *alert = reason == ANX_ACCESS_ALERT ? anx_desk_model_get_alert (self->model, story) : NULL;
  gint64 now = anx_desk_model_now_usec (self->model);
  g_autoptr (GPtrArray) recipients
      = list_who_learns (self, reader, reason == ANX_ACCESS_SESSION ? story : alert != NULL ? alert->booking : NULL);
  g_autoptr (JsonObject) routing = json_object_new ();
  g_autoptr (JsonObject) resource = anx_access_build (reader, story, reason, now);
  g_autofree char *id = anx_uuid_new (now);

  json_object_set_string_member (routing, reason == ANX_ACCESS_SESSION ? "booking" : "alert", story);
  return anx_desk_service_write (self, id, ANX_KIND_ACCESS, (const char *const *) recipients->pdata, NULL, routing, resource, error);
}

/**
 * anx_desk_service_note_reading:
 * @self: a service
 * @story: a booking's or alert's id, whose records are shown to this person now
 * @reason: why
 *
 * Writes it down, once in twelve hours for each story while the desk runs: sealed to this person and to the counsellor whose session it is.
 * It is on this machine's disk when this returns. When it cannot be written the journal says so, and what is shown stays shown: a full disk
 * must not hide a safety plan.
 */
void
anx_desk_service_note_reading (AnxDeskService *self, const char *story, AnxAccessReason reason)
{
  gint64 now = g_get_monotonic_time ();
  const gint64 *before = g_hash_table_lookup (self->looked, story);
  g_autoptr (GError) error = NULL;

  if (!anx_uuid_is_valid (story) || (before != NULL && now - *before < ONE_READING_USEC))
    return;
  if (!write_reading (self, story, reason, &error))
    {
      anx_journal ("anxin-desk", "reading-not-recorded", "reason", error->message, NULL);
      return;
    }
  g_hash_table_replace (self->looked, g_strdup (story), g_memdup2 (&now, sizeof now));
}

/**
 * anx_desk_service_save_note:
 * @self: a service
 * @booking: the session's booking
 * @text: 1 to ANX_BOUND_NOTE_CHARS characters
 * @predecessor: (nullable): the note that this one corrects
 * @error: return location: the client's errors, ANX_CARE_ERROR_TOO_LARGE
 *
 * On %TRUE the note is sealed to its author and to the break-glass group of the centre, if it has one, and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_save_note (
    AnxDeskService *self, const char *booking, const char *text, const char *predecessor, GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  const AnxPrincipal *glass = anx_desk_glass_find_group (self, booking);
  const char *recipients[] = { author, glass != NULL ? glass->id : NULL, NULL };
  gint64 now = anx_desk_model_now_usec (self->model);

  if (g_utf8_strlen (text, -1) > ANX_BOUND_NOTE_CHARS)
    {
      g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE,
                   _ ("The note is longer than %d characters. Please save it in two parts."), ANX_BOUND_NOTE_CHARS);
      return FALSE;
    }
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (JsonObject) resource = anx_note_build (text, booking, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return anx_desk_service_write (self, id, ANX_KIND_NOTE, recipients, predecessor, routing, resource, error);
}

/**
 * anx_desk_service_write_follow_up:
 * @self: a service
 * @follow_up: the state after a step
 * @predecessor: (nullable): the record of the step before
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is on this machine's disk, sealed to its author alone
 */
gboolean
anx_desk_service_write_follow_up (AnxDeskService *self,
                                  const AnxFollowUp *follow_up,
                                  const char *predecessor,
                                  GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  const char *recipients[] = { author, NULL };
  g_autoptr (JsonObject) resource = anx_follow_up_build (follow_up, author, error);
  g_autoptr (JsonObject) routing = json_object_new ();
  g_autofree char *id = anx_uuid_new (follow_up->written_usec);

  if (resource == NULL)
    return FALSE;
  json_object_set_string_member (routing, "booking", follow_up->booking);
  return anx_desk_service_write (self, id, ANX_KIND_FOLLOW_UP, recipients, predecessor, routing, resource, error);
}

/**
 * anx_desk_service_plan_follow_up:
 * @self: a service
 * @booking: the session's booking
 * @reason: why, 1 to ANX_BOUND_NOTE_CHARS characters
 * @unit: days, weeks or months
 * @every: 1 to ANX_FOLLOW_UP_MOST_EVERY of them
 * @due_usec: the first visit, microseconds of UTC
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_TOO_LARGE
 *
 * On %TRUE the follow-up is sealed to its author alone and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_plan_follow_up (AnxDeskService *self,
                                 const char *booking,
                                 const char *reason,
                                 AnxFollowUpUnit unit,
                                 guint every,
                                 gint64 due_usec,
                                 GError **error)
{
  const AnxFollowUp follow_up = { .booking = (char *) booking,
                                  .reason = (char *) reason,
                                  .unit = unit,
                                  .every = every,
                                  .step = ANX_FOLLOW_UP_PLANNED,
                                  .due_usec = due_usec,
                                  .written_usec = anx_desk_model_now_usec (self->model) };
  return anx_desk_service_write_follow_up (self, &follow_up, NULL, error);
}

/**
 * anx_desk_service_step_follow_up:
 * @self: a service
 * @record: the follow-up's latest record
 * @step: what happened
 * @words: (nullable): how it was; needed to end
 * @error: return location: the client's errors, ANX_CARE_ERROR_NOT_ALLOWED, ANX_CARE_ERROR_INVALID
 *
 * Returns: whether the step is on this machine's disk
 */
gboolean
anx_desk_service_step_follow_up (AnxDeskService *self,
                                 const char *record,
                                 AnxFollowUpStep step,
                                 const char *words,
                                 GError **error)
{
  AnxDeskRecord *before = anx_desk_model_get_record (self->model, record);
  g_autoptr (AnxFollowUp) now = NULL;

  if (before == NULL || before->resource == NULL)
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, "%s", _ ("This follow-up is not known here any more."));
      return FALSE;
    }
  now = anx_follow_up_read (before->resource, error);
  g_autoptr (AnxFollowUp) next
      = now != NULL ? anx_follow_up_step (now, step, words, anx_desk_model_get_calendar (self->model), anx_desk_service_get_zone (self),
                                          anx_desk_model_now_usec (self->model), error)
                    : NULL;
  return next != NULL && anx_desk_service_write_follow_up (self, next, record, error);
}

static void
on_booking_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskService *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &error);

  if (answer == NULL || !JSON_NODE_HOLDS_OBJECT (answer))
    {
      if (error == NULL)
        error = g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID,
                                     _ ("The hub’s answer could not be read."));
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  JsonObject *booking = json_node_get_object (answer);
  anx_desk_model_take_booking (self->model, booking);
  g_task_return_pointer (task, g_strdup (anx_json_get_string (booking, "id", "")), g_free);
}

static void
post_booking (AnxDeskService *self, const char *path, JsonObject *body, GTask *task)
{
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_client_request_async (self->client, "POST", path, node, self->cancellable, on_booking_answered, task);
}

/**
 * anx_desk_service_set_status_async:
 * @self: a service
 * @booking: a booking's id
 * @status: its new status
 * @reason: (nullable): why, a word of small letters and hyphens for the history
 * @callback: called when the hub has answered
 * @user_data: for @callback
 */
void
anx_desk_service_set_status_async (
    AnxDeskService *self, const char *booking, const char *status, const char *reason, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", booking);
  g_autoptr (JsonObject) body = json_object_new ();

  json_object_set_string_member (body, "status", status);
  if (reason != NULL)
    json_object_set_string_member (body, "reason", reason);
  post_booking (self, path, body, g_task_new (self, self->cancellable, callback, user_data));
}

/**
 * anx_desk_service_set_status_finish:
 * @self: a service
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR
 *
 * Returns: whether the hub has committed the new status
 */
gboolean
anx_desk_service_set_status_finish (AnxDeskService *self, GAsyncResult *result, GError **error)
{
  g_autofree char *id = g_task_propagate_pointer (G_TASK (result), error);
  return id != NULL;
}

static void
on_derived (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxDeskService *self = ANX_DESK_SERVICE (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;
  anx_autosecret char *key = anx_code_key_derive_finish (result, &error);

  if (key == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "codeKey", key);
  post_booking (self, "/v1/check-ins", body, g_steal_pointer (&task));
}

/**
 * anx_desk_service_check_in_async:
 * @self: a service
 * @code: what the resident's slip says, as typed
 * @callback: called when the hub has answered
 * @user_data: for @callback
 *
 * The code itself stays on this machine: its slow key is computed in a thread and sent.
 */
void
anx_desk_service_check_in_async (AnxDeskService *self,
                                 const char *code,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, self->cancellable, callback, user_data);
  GError *error = NULL;
  anx_autosecret char *normalised = anx_booking_code_normalise (code, &error);

  if (normalised == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  anx_code_key_derive_async (normalised, anx_profile_get_district (anx_client_get_profile (self->client)), self->cancellable, on_derived, task);
}

/**
 * anx_desk_service_check_in_finish:
 * @self: a service
 * @result: the result
 * @error: return location, ANX_SYNC_ERROR; ANX_CARE_ERROR_INVALID for a mistyped code, with a message for people
 *
 * Returns: (transfer full): the id of the booking, now checked in; %NULL with @error set
 */
char *
anx_desk_service_check_in_finish (AnxDeskService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
