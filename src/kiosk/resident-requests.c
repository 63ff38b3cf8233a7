/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-private.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "care-records.h"
#include "envelope.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "shell-error.h"

/* What a visit asks of its shell: requests of the hub, sealed records, signatures, drafts. The alert: resident-alert.c. */

#define HUB_TIMEOUT_MS 60000

static int
io_code_of (const GError *error)
{
  if (error->domain != ANX_SHELL_ERROR)
    return G_IO_ERROR_FAILED;
  switch ((AnxShellError) error->code)
    {
    case ANX_SHELL_ERROR_OFFLINE:
      return G_IO_ERROR_NOT_CONNECTED;
    case ANX_SHELL_ERROR_CONFLICT:
      return G_IO_ERROR_EXISTS;
    case ANX_SHELL_ERROR_UNKNOWN:
      return G_IO_ERROR_NOT_FOUND;
    case ANX_SHELL_ERROR_BUSY:
      return G_IO_ERROR_BUSY;
    case ANX_SHELL_ERROR_STORAGE:
      return G_IO_ERROR_NO_SPACE;
    case ANX_SHELL_ERROR_REFUSED:
    case ANX_SHELL_ERROR_FAILED:
    default:
      return G_IO_ERROR_FAILED;
    }
}

/* Says it in the resident's words and language; what the shell wrote is for the journal. */
static GError *
error_for_people (const GError *error)
{
  int code = io_code_of (error);
  const char *text;

  switch (code)
    {
    case G_IO_ERROR_NOT_CONNECTED:
      text = _ ("The network is not there just now. Nothing is lost. Please try again in a moment, or ask the staff.");
      break;
    case G_IO_ERROR_EXISTS:
      text = _ ("Somebody else was a moment earlier. Please choose again.");
      break;
    case G_IO_ERROR_NOT_FOUND:
      text = _ ("We find nothing under this code. Please look at it once more, or ask the staff.");
      break;
    case G_IO_ERROR_BUSY:
      text = _ ("Many people are asking at the same time. Please try again in a minute.");
      break;
    case G_IO_ERROR_NO_SPACE:
      text = _ ("This machine cannot save just now, and nothing was sent. Please tell the staff.");
      break;
    default:
      text = _ ("The district's computer did not accept this. Please ask the staff to help.");
      break;
    }
  return g_error_new_literal (G_IO_ERROR, code, text);
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  JsonNode *node = NULL;

  if (anx_shell1_call_request_finish (ANX_SHELL1 (source), &answer, result, &error))
    {
      if (*answer != '\0')
        node = anx_json_parse (answer, -1, ANX_BOUND_REQUEST_BYTES, &error);
      if (error == NULL)
        {
          g_task_return_pointer (task, node, (GDestroyNotify) json_node_unref);
          return;
        }
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_dbus_error_strip_remote_error (error);
  if (g_error_matches (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_CONFLICT))
    {
      JsonObject *problem = anx_json_parse_object (error->message, -1, ANX_BOUND_REQUEST_BYTES, NULL);
      if (problem != NULL)
        g_object_set_data_full (G_OBJECT (task), "anx-problem", problem, (GDestroyNotify) json_object_unref);
    }
  g_task_return_error (task, error_for_people (error));
}

/**
 * anx_resident_request_async:
 * @self: the visit
 * @method: `GET`, `POST` or `PUT`
 * @path: with its query, from `/v1/` on
 * @body: (nullable) (transfer none): JSON
 * @cancellable: (nullable): stops waiting; what the hub did stays done
 * @callback: called when the answer is there
 * @user_data: for @callback
 *
 * Asks the hub through the shell, which lets only a kiosk's few requests pass.
 */
void
anx_resident_request_async (AnxResident *self,
                            const char *method,
                            const char *path,
                            JsonNode *body,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  anx_autosecret char *text = body != NULL ? anx_json_node_to_text (body) : g_strdup ("");

  g_task_set_source_tag (task, anx_resident_request_async);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->shell), HUB_TIMEOUT_MS);
  anx_shell1_call_request (self->shell, method, path, text, cancellable, on_requested, task);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->shell), ANX_SHELL_TIMEOUT_MS);
}

/**
 * anx_resident_request_finish:
 * @self: the visit
 * @result: the result
 * @error: return location: %G_IO_ERROR_NOT_CONNECTED (offline), %G_IO_ERROR_EXISTS (conflict), %G_IO_ERROR_NOT_FOUND,
 *   %G_IO_ERROR_BUSY, %G_IO_ERROR_NO_SPACE, %G_IO_ERROR_FAILED; the message is for people, in their language
 *
 * Returns: (transfer full) (nullable): the answer; %NULL with an error, and without one when the hub answers with
 * nothing
 */
JsonNode *
anx_resident_request_finish (AnxResident *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * anx_resident_get_problem:
 * @result: the result of a request that met a conflict
 *
 * Returns: (transfer none) (nullable): the hub's problem object, for example with `alternatives`
 */
JsonObject *
anx_resident_get_problem (GAsyncResult *result)
{
  return g_object_get_data (G_OBJECT (result), "anx-problem");
}

/**
 * anx_resident_seal:
 * @self: the visit
 * @kind: a record kind of care-records.h
 * @recipients: (array zero-terminated=1): principals and groups; recovery is added by sealing
 * @predecessor: (nullable): the id of the record that this one takes the place of
 * @routing: (nullable): the clear routing fields of this kind
 * @fhir: the content
 * @out_id: (out): the record's id
 * @out_header: (out): the header as text, without its place
 * @error: return location, as of anx_envelope_seal()
 *
 * Step 1 of an envelope, in this process.
 *
 * Returns: (transfer full) (nullable): what the shell signs and sends
 */
GBytes *
anx_resident_seal (AnxResident *self,
                   const char *kind,
                   const char *const *recipients,
                   const char *predecessor,
                   JsonObject *routing,
                   JsonObject *fhir,
                   char **out_id,
                   char **out_header,
                   GError **error)
{
  gint64 now_usec = anx_clock_now_usec (self->clock);
  g_autofree char *id = anx_uuid_new (now_usec);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = anx_json_node_from_object (fhir);
  GBytes *sealed;

  header = anx_record_header_new (id, kind, anx_resident_get_principal (self), recipients, predecessor, now_usec, routing);
  sealed = anx_envelope_seal (header, resource, self->directory, error);
  if (sealed == NULL)
    return NULL;
  *out_header = anx_record_header_to_text (header);
  *out_id = g_steal_pointer (&id);
  return sealed;
}

static GVariant *
variant_from_bytes (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (anx_shell1_call_submit_finish (ANX_SHELL1 (source), result, &error))
    {
      g_task_return_pointer (task, g_strdup (g_task_get_task_data (task)), g_free);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error_for_people (error));
}

/**
 * anx_resident_submit_async:
 * @self: the visit
 * @kind: a record kind of care-records.h
 * @recipients: (array zero-terminated=1): principals and groups; the recovery key is added by sealing
 * @predecessor: (nullable): the id of the record that this one takes the place of
 * @routing: (nullable): the clear routing fields of this kind
 * @fhir: the content
 * @callback: called when the record is in the outbox, on the disk
 * @user_data: for @callback
 *
 * Seals in this process, then hands the sealed record to the shell.
 */
void
anx_resident_submit_async (AnxResident *self,
                           const char *kind,
                           const char *const *recipients,
                           const char *predecessor,
                           JsonObject *routing,
                           JsonObject *fhir,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *header = NULL;
  char *id = NULL;

  g_task_set_source_tag (task, anx_resident_submit_async);
  sealed = anx_resident_seal (self, kind, recipients, predecessor, routing, fhir, &id, &header, &error);
  if (sealed == NULL)
    {
      g_task_return_new_error (
          task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
          _ ("This could not be sealed for its readers, so nothing was sent. Please ask the staff to help."));
      g_object_unref (task);
      return;
    }
  g_task_set_task_data (task, id, g_free);
  anx_shell1_call_submit (self->shell, header, variant_from_bytes (sealed), NULL, on_submitted, task);
}

/**
 * anx_resident_submit_finish:
 * @self: the visit
 * @result: the result
 * @error: return location; as anx_resident_request_finish()
 *
 * On success the record is in the kiosk's outbox, synced to its disk.
 *
 * Returns: (transfer full): the record's id
 */
char *
anx_resident_submit_finish (AnxResident *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_signed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char *statement = NULL;

  if (anx_shell1_call_sign_statement_finish (ANX_SHELL1 (source), &statement, result, &error))
    g_task_return_pointer (task, statement, g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * anx_resident_sign_async:
 * @self: the visit
 * @context: begins with `session-description:`
 * @text: the session description
 * @callback: called when it is signed
 * @user_data: for @callback
 *
 * Has the shell sign with the kiosk's key, which this process never holds.
 */
void
anx_resident_sign_async (
    AnxResident *self, const char *context, const char *text, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, anx_resident_sign_async);
  anx_shell1_call_sign_statement (self->shell, context, text, NULL, on_signed, task);
}

/**
 * anx_resident_sign_finish:
 * @self: the visit
 * @result: the result
 * @error: return location; #AnxShellError
 *
 * Returns: (transfer full): the statement, as seal/statement.h describes it
 */
char *
anx_resident_sign_finish (AnxResident *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}


static void
on_draft_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (anx_shell1_call_keep_draft_finish (ANX_SHELL1 (source), result, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error_for_people (error));
}

/**
 * anx_resident_keep_draft_async:
 * @self: the visit
 * @tag: where it is found again, as of anx_code_seal()
 * @sealed: what was sealed
 * @hours: how long it is kept, 1 to 72
 * @callback: called when it is on the disk
 * @user_data: for @callback
 *
 * Gives the shell something to keep that it cannot open.
 */
void
anx_resident_keep_draft_async (
    AnxResident *self, const char *tag, GBytes *sealed, guint hours, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, anx_resident_keep_draft_async);
  anx_shell1_call_keep_draft (self->shell, tag, variant_from_bytes (sealed), hours, NULL, on_draft_kept, task);
}

/**
 * anx_resident_keep_draft_finish:
 * @self: the visit
 * @result: the result
 * @error: return location; as anx_resident_request_finish()
 *
 * Returns: whether it is on the kiosk's disk
 */
gboolean
anx_resident_keep_draft_finish (AnxResident *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_draft_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) sealed = NULL;
  g_autoptr (GError) error = NULL;
  guint wait_seconds = 0;

  if (!anx_shell1_call_take_draft_finish (ANX_SHELL1 (source), &sealed, &wait_seconds, result, &error))
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, error_for_people (error));
      return;
    }
  g_task_set_task_data (task, GUINT_TO_POINTER (wait_seconds), NULL);
  if (g_variant_get_size (sealed) > 0)
    g_task_return_pointer (task, g_variant_get_data_as_bytes (sealed), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
}

/**
 * anx_resident_take_draft_async:
 * @self: the visit
 * @tag: as of anx_code_seal_tag()
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks the shell for what is kept under a code. It erases what it gives.
 */
void
anx_resident_take_draft_async (AnxResident *self, const char *tag, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, anx_resident_take_draft_async);
  anx_shell1_call_take_draft (self->shell, tag, NULL, on_draft_taken, task);
}

/**
 * anx_resident_take_draft_finish:
 * @self: the visit
 * @result: the result
 * @out_wait_seconds: (out): 0, or so long nobody may try, after wrong codes
 * @error: return location; as anx_resident_request_finish()
 *
 * Returns: (transfer full) (nullable): what was kept; %NULL without an error when there is nothing, or it is too early
 *   to ask
 */
GBytes *
anx_resident_take_draft_finish (AnxResident *self, GAsyncResult *result, guint *out_wait_seconds, GError **error)
{
  *out_wait_seconds = GPOINTER_TO_UINT (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}
