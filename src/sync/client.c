/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client.h"

#include <string.h>

#include "bounds.h"
#include "client-database.h"
#include "client-private.h"
#include "json.h"
#include "messages.h"
#include "seal-error.h"
#include "signed-pdf.h"
#include "statement.h"
#include "sync-error.h"

#define DATABASE_FILE "client.db"
#define DIRECTORY_FILE "directory.der"

G_DEFINE_FINAL_TYPE (AnxClient, anx_client, G_TYPE_OBJECT)

guint anx_client_signals[ANX_CLIENT_N_SIGNALS];

static void
anx_client_dispose (GObject *object)
{
  AnxClient *self = ANX_CLIENT (object);
  if (self->link != NULL)
    anx_client_rounds_stop (self);
  g_clear_object (&self->link);
  G_OBJECT_CLASS (anx_client_parent_class)->dispose (object);
}

static void
anx_client_finalize (GObject *object)
{
  AnxClient *self = ANX_CLIENT (object);
  g_clear_handle_id (&self->clean_id, g_source_remove);
  g_clear_pointer (&self->reader, anx_record_reader_free);
  g_clear_pointer (&self->directory_file, anx_directory_file_free);
  g_clear_pointer (&self->inbox, anx_inbox_free);
  g_clear_pointer (&self->outbox, anx_outbox_free);
  g_clear_object (&self->database);
  g_clear_pointer (&self->sign_key, anx_key_unref);
  g_clear_object (&self->clock);
  g_clear_object (&self->profile);
  g_free (self->link_problem);
  g_free (self->directory_problem);
  g_free (self->clock_problem);
  g_free (self->chain_head_id);
  G_OBJECT_CLASS (anx_client_parent_class)->finalize (object);
}

static guint
new_signal (const char *name,
            guint n_parameters,
            GType type)
{
  return n_parameters == 0 ? g_signal_new (name, ANX_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0)
                           : g_signal_new (name, ANX_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, type);
}

static void
anx_client_class_init (AnxClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = anx_client_dispose;
  object_class->finalize = anx_client_finalize;
  anx_client_signals[ANX_CLIENT_STATE_CHANGED] = new_signal ("state-changed", 0, G_TYPE_NONE);
  anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED] = new_signal ("outbox-changed", 0, G_TYPE_NONE);
  anx_client_signals[ANX_CLIENT_RECORD_ARRIVED] = new_signal ("record-arrived", 1, ANX_TYPE_INBOX_RECORD);
  anx_client_signals[ANX_CLIENT_RECORD_ERASED] = new_signal ("record-erased", 1, G_TYPE_STRING);
  anx_client_signals[ANX_CLIENT_DIRECTORY_CHANGED] = new_signal ("directory-changed", 0, G_TYPE_NONE);
  anx_client_signals[ANX_CLIENT_PUSHED] = new_signal ("pushed", 1, JSON_TYPE_OBJECT);
  anx_client_signals[ANX_CLIENT_LOOK] = new_signal ("look", 1, G_TYPE_STRING);
  anx_client_signals[ANX_CLIENT_NOTICED] = g_signal_new ("noticed", ANX_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                                         G_TYPE_STRING, G_TYPE_STRING);
}

static void
anx_client_init (AnxClient *self)
{
  self->state = ANX_CLIENT_OFFLINE;
  self->chain_after = -1;
}

static AnxKey *
load_key (AnxProfile *profile,
          AnxKeyStore *key_store,
          AnxKeyUse use,
          AnxCertificate *certificate,
          GError **error)
{
  g_autoptr (AnxKey) key = anx_key_store_load (key_store, anx_profile_get_principal (profile), use, error);
  if (key == NULL)
    return NULL;
  if (!anx_certificate_matches_key (certificate, key))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE,
                           "The key of this machine does not belong to its certificate. Enrol it again");
      return NULL;
    }
  return g_steal_pointer (&key);
}

/**
 * anx_client_new:
 * @profile: who and where
 * @key_store: where its private keys are
 * @clock: told the hub's time
 * @error: return location, %ANX_SEAL_ERROR_STORE_MISSING, %ANX_SEAL_ERROR_STORE_LOCKED, %ANX_SEAL_ERROR_KEY_MISSING, errors of
 *   %ANX_STORE_ERROR, %ANX_SYNC_ERROR_PROFILE
 *
 * Opens keys and database. Nothing is sent before anx_client_start().
 *
 * Returns: (transfer full) (nullable): the client
 */
AnxClient *
anx_client_new (AnxProfile *profile,
                AnxKeyStore *key_store,
                AnxClock *clock,
                GError **error)
{
  g_return_val_if_fail (ANX_IS_PROFILE (profile) && ANX_IS_KEY_STORE (key_store) && ANX_IS_CLOCK (clock), NULL);
  g_autoptr (AnxClient) self = g_object_new (ANX_TYPE_CLIENT, NULL);
  AnxCertificate *authority = anx_profile_get_authority (profile);
  AnxCertificate *sign_certificate = anx_profile_get_sign_certificate (profile);
  AnxCertificate *seal_certificate = anx_profile_get_seal_certificate (profile);
  self->profile = g_object_ref (profile);
  self->clock = g_object_ref (clock);

  self->sign_key = load_key (profile, key_store, ANX_KEY_USE_SIGN, sign_certificate, error);
  if (self->sign_key == NULL)
    return NULL;
  g_autoptr (AnxKey) seal_key = load_key (profile, key_store, ANX_KEY_USE_SEAL, seal_certificate, error);
  if (seal_key == NULL)
    return NULL;
  g_autofree char *database_path = anx_profile_build_path (profile, DATABASE_FILE);
  self->database = anx_client_database_open (database_path, error);
  if (self->database == NULL)
    return NULL;
  self->link = anx_hub_link_new (anx_profile_get_hub_url (profile), authority, self->sign_key, sign_certificate, error);
  if (self->link == NULL)
    return NULL;
  g_autofree char *directory_path = anx_profile_build_path (profile, DIRECTORY_FILE);
  self->outbox = anx_outbox_new (self->database, self->sign_key, sign_certificate);
  self->inbox = anx_inbox_new (self->database, authority, anx_profile_get_principal (profile));
  self->directory_file = anx_directory_file_new (directory_path, self->database, authority);
  self->reader = anx_record_reader_new (authority, seal_key, seal_certificate);
  return g_steal_pointer (&self);
}

/**
 * anx_client_start:
 * @self: a client
 *
 * Begins to exchange with the hub and goes on until anx_client_stop(). Signals come from the main context of this thread.
 */
void
anx_client_start (AnxClient *self)
{
  g_return_if_fail (ANX_IS_CLIENT (self));
  anx_client_rounds_start (self);
}

/**
 * anx_client_stop:
 * @self: a client
 *
 * Ends the exchange; what is queued stays on the disk.
 */
void
anx_client_stop (AnxClient *self)
{
  g_return_if_fail (ANX_IS_CLIENT (self));
  anx_client_rounds_stop (self);
}

/**
 * anx_client_get_profile:
 * @self: a client
 *
 * Returns: (transfer none): its profile
 */
AnxProfile *
anx_client_get_profile (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  return self->profile;
}

/**
 * anx_client_get_clock:
 * @self: a client
 *
 * Returns: (transfer none): the clock that follows the hub's
 */
AnxClock *
anx_client_get_clock (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  return self->clock;
}

/**
 * anx_client_get_directory:
 * @self: a client
 *
 * Returns: (transfer none) (nullable): the directory in force; %NULL until the first was fetched
 */
AnxDirectory *
anx_client_get_directory (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  return anx_directory_file_get (self->directory_file);
}

/**
 * anx_client_get_state:
 * @self: a client
 *
 * Returns: how the exchange with the hub stands
 */
AnxClientState
anx_client_get_state (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), ANX_CLIENT_OFFLINE);
  return self->state;
}

/**
 * anx_client_get_problem:
 * @self: a client
 *
 * Returns: (transfer none) (nullable): what a person should know, until the next state-changed: why the state is
 *   %ANX_CLIENT_PROBLEM, or that this machine's clock is wrong
 */
const char *
anx_client_get_problem (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  if (self->link_problem != NULL)
    return self->link_problem;
  return self->directory_problem != NULL ? self->directory_problem : self->clock_problem;
}

/**
 * anx_client_is_hub_untrusted:
 * @self: a client
 *
 * Returns: whether the state is %ANX_CLIENT_PROBLEM because what answers cannot prove that it is the district's hub
 */
gboolean
anx_client_is_hub_untrusted (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), FALSE);
  return self->state == ANX_CLIENT_PROBLEM && self->link_problem != NULL && self->untrusted;
}

/**
 * anx_client_count_queued:
 * @self: a client
 *
 * Returns: how many records are on this disk only, as far as is known
 */
guint
anx_client_count_queued (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), 0);
  return anx_outbox_count_waiting (self->outbox);
}

/**
 * anx_client_is_queued:
 * @self: a client
 * @id: a record
 *
 * Returns: whether it was written here and is on this disk only, as far as is known
 */
gboolean
anx_client_is_queued (AnxClient *self,
                      const char *id)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && id != NULL, FALSE);
  return anx_outbox_is_waiting (self->outbox, id);
}

/**
 * anx_client_count_set_aside:
 * @self: a client
 *
 * Returns: how many records the hub refused; they are kept for a person to look at
 */
guint
anx_client_count_set_aside (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), 0);
  return anx_outbox_count_set_aside (self->outbox);
}

/**
 * anx_client_dup_record_problem:
 * @self: a client
 * @record_id: a record written here
 *
 * Returns: (transfer full) (nullable): why the hub refused it
 */
char *
anx_client_dup_record_problem (AnxClient *self,
                               const char *record_id)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && record_id != NULL, NULL);
  return anx_outbox_dup_problem (self->outbox, record_id);
}

/**
 * anx_client_count_refused:
 * @self: a client
 *
 * Returns: how many envelopes the hub offered that cannot be verified, or contradict their author's chain
 */
guint
anx_client_count_refused (AnxClient *self)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), 0);
  return anx_inbox_count_refused (self->inbox);
}

/**
 * anx_client_write:
 * @self: a client
 * @header: a header by the own principal, without a place
 * @resource: FHIR
 * @error: return location, %ANX_SYNC_ERROR_OFFLINE when there is no directory yet, otherwise as anx_client_submit() and
 *   anx_envelope_seal()
 *
 * Seals to the header's recipients and queues. On %TRUE the record is on this machine's disk.
 *
 * Returns: whether it was kept
 */
gboolean
anx_client_write (AnxClient *self,
                  AnxRecordHeader *header,
                  JsonNode *resource,
                  GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && header != NULL && resource != NULL, FALSE);
  AnxDirectory *directory = anx_client_get_directory (self);
  if (directory == NULL)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE,
                           "The directory was not fetched from the hub yet, so nothing can be sealed. Nothing was kept");
      return FALSE;
    }
  g_autoptr (GBytes) sealed = anx_envelope_seal (header, resource, directory, error);
  return sealed != NULL && anx_client_submit (self, header, sealed, error);
}

/**
 * anx_client_submit:
 * @self: a client
 * @header: a header by the own principal, without a place
 * @sealed: what anx_envelope_seal() made of it, perhaps in another process
 * @error: return location, %ANX_SYNC_ERROR_INVALID when the author is somebody else or the record is too large, errors of
 *   %ANX_STORE_ERROR and %ANX_SEAL_ERROR
 *
 * Signs and queues. On %TRUE the record is on this machine's disk; on %FALSE nothing of it is.
 *
 * Returns: whether it was kept
 */
gboolean
anx_client_submit (AnxClient *self,
                   AnxRecordHeader *header,
                   GBytes *sealed,
                   GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && header != NULL && sealed != NULL, FALSE);
  if (g_strcmp0 (anx_record_header_get_author (header), anx_profile_get_principal (self->profile)) != 0)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The record names another author and was not kept");
      return FALSE;
    }
  AnxDirectory *directory = anx_client_get_directory (self);
  g_autoptr (AnxRecordHeader) saying = directory != NULL ? anx_record_header_with_directory (header, directory) : anx_record_header_ref (header);
  if (!anx_outbox_add (self->outbox, saying, sealed, error))
    return FALSE;
  g_autoptr (AnxInboxRecord) record = anx_inbox_get (self->inbox, anx_record_header_get_id (header), NULL);
  g_signal_emit (self, anx_client_signals[ANX_CLIENT_OUTBOX_CHANGED], 0);
  if (record != NULL)
    g_signal_emit (self, anx_client_signals[ANX_CLIENT_RECORD_ARRIVED], 0, record);
  anx_client_rounds_need (self, ANX_NEED_FLUSH);
  return TRUE;
}

/**
 * anx_client_is_acknowledged:
 * @self: a client
 * @record_id: a record
 *
 * Returns: whether it was written here and the hub has it; %FALSE for unknown ids
 */
gboolean
anx_client_is_acknowledged (AnxClient *self,
                            const char *record_id)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && record_id != NULL, FALSE);
  return anx_outbox_is_acknowledged (self->outbox, record_id);
}

/**
 * anx_client_list_records:
 * @self: a client
 * @kind: (nullable): a record kind, %NULL for all
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type AnxInboxRecord): what is on this machine, the own ones included, oldest first
 */
GPtrArray *
anx_client_list_records (AnxClient *self,
                         const char *kind,
                         GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  return anx_inbox_list (self->inbox, kind, error);
}

/**
 * anx_client_get_record:
 * @self: a client
 * @id: a record's id
 * @error: return location, %ANX_SYNC_ERROR_UNKNOWN when it is not on this machine, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable): the record
 */
AnxInboxRecord *
anx_client_get_record (AnxClient *self,
                       const char *id,
                       GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && id != NULL, NULL);
  return anx_inbox_get (self->inbox, id, error);
}

/**
 * anx_client_open_record:
 * @self: a client
 * @record: a record of this machine
 * @error: return location, errors of %ANX_SEAL_ERROR; NOT_RECIPIENT when it is for somebody else
 *
 * Returns: (transfer full) (nullable): the FHIR resource
 */
JsonNode *
anx_client_open_record (AnxClient *self,
                        AnxInboxRecord *record,
                        GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && record != NULL, NULL);
  return anx_record_reader_open (self->reader, anx_inbox_record_get_envelope (record), anx_inbox_record_get_header (record),
                                 anx_client_get_directory (self), error);
}

/**
 * anx_client_open_envelope:
 * @self: a client
 * @envelope: a record that came another way than the inbox, and is not kept
 * @out_header: (out): its verified clear part
 * @error: return location, errors of %ANX_SEAL_ERROR; NOT_RECIPIENT when it is for somebody else
 *
 * Verifies and opens with the own key or that of a group; nothing of it is on the disk when this returns. Outputs are untouched on failure.
 *
 * Returns: (transfer full) (nullable): the FHIR resource
 */
JsonNode *
anx_client_open_envelope (AnxClient *self,
                          GBytes *envelope,
                          AnxRecordHeader **out_header,
                          GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && envelope != NULL && out_header != NULL, NULL);
  g_autoptr (AnxRecordHeader) header = NULL;
  if (!anx_envelope_verify (envelope, anx_profile_get_authority (self->profile), &header, NULL, NULL, error))
    return NULL;
  JsonNode *resource = anx_record_reader_open (self->reader, envelope, header, anx_client_get_directory (self), error);
  if (resource != NULL)
    *out_header = g_steal_pointer (&header);
  return resource;
}

static void
notice_free (gpointer data)
{
  AnxNotice *notice = data;
  g_free (notice->name);
  g_free (notice->detail);
  g_free (notice);
}

/**
 * anx_client_list_notices:
 * @self: a client
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type AnxNotice): what this machine noticed about the hub and the chains, by name
 */
GPtrArray *
anx_client_list_notices (AnxClient *self,
                         GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self), NULL);
  g_autoptr (GError) inner = NULL;
  g_autoptr (GPtrArray) notices = g_ptr_array_new_with_free_func (notice_free);
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT name, detail, times FROM notice ORDER BY name, detail", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      AnxNotice *notice = g_new0 (AnxNotice, 1);
      notice->name = g_strdup (anx_rows_get_string (rows, 0));
      notice->detail = g_strdup (anx_rows_get_string (rows, 1));
      notice->times = (guint) anx_rows_get_int (rows, 2);
      g_ptr_array_add (notices, notice);
    }
  if (inner == NULL)
    return g_steal_pointer (&notices);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_client_take_record:
 * @self: a client
 * @envelope: a verified envelope of somebody else, such as an alert from the local network
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * On %TRUE the record is on this machine's disk and record-arrived was emitted. That the hub has it is not assumed.
 *
 * Returns: whether it is new; %FALSE without an error when it was here already
 */
gboolean
anx_client_take_record (AnxClient *self,
                        GBytes *envelope,
                        GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && envelope != NULL, FALSE);
  g_autoptr (AnxInboxRecord) record = anx_inbox_add (self->inbox, envelope, error);
  if (record == NULL)
    return FALSE;
  g_signal_emit (self, anx_client_signals[ANX_CLIENT_RECORD_ARRIVED], 0, record);
  return TRUE;
}

/* What a request of the API brought: all three go to the caller of finish. */
typedef struct
{
  JsonNode *node;      /* (nullable) */
  JsonObject *problem; /* (nullable) */
  GError *error;       /* (nullable) */
} RequestOutcome;

static void
request_outcome_free (RequestOutcome *outcome)
{
  g_clear_pointer (&outcome->node, json_node_unref);
  g_clear_pointer (&outcome->problem, json_object_unref);
  g_clear_error (&outcome->error);
  g_free (outcome);
}

static void
on_request_answered (GObject *source,
                     GAsyncResult *result,
                     gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AnxClient *self = g_task_get_source_object (task);
  RequestOutcome *outcome = g_new0 (RequestOutcome, 1);
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (ANX_HUB_LINK (source), result, &outcome->error);
  if (self->cancellable != NULL)
    anx_client_rounds_heard (self, outcome->error);
  if (answer != NULL && (answer->status < 200 || answer->status > 299))
    {
      outcome->problem = anx_message_parse_problem (answer->body);
      anx_message_set_status_error (answer->status, outcome->problem, &outcome->error);
    }
  else if (answer != NULL && answer->status != 204 && g_bytes_get_size (answer->body) > 0)
    {
      gsize size;
      const char *text = g_bytes_get_data (answer->body, &size);
      outcome->node = anx_json_parse (text, (gssize) size, ANX_BOUND_REQUEST_BYTES, NULL);
      if (outcome->node == NULL)
        g_set_error_literal (&outcome->error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's answer is not understood");
    }
  g_task_return_pointer (task, outcome, (GDestroyNotify) request_outcome_free);
}

/**
 * anx_client_request_async:
 * @self: a client
 * @method: `GET`, `POST`, `PUT`
 * @path: of the API, with or without `/v1` before it
 * @body: (nullable): JSON to send
 * @cancellable: (nullable): to stop it
 * @callback: called once
 * @user_data: for @callback
 *
 * One request of the hub's API, beside the exchange of records.
 */
void
anx_client_request_async (AnxClient *self,
                          const char *method,
                          const char *path,
                          JsonNode *body,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (ANX_IS_CLIENT (self) && method != NULL && path != NULL && *path == '/');
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, anx_client_request_async);
  g_task_set_check_cancellable (task, FALSE);
  g_autofree char *full = g_str_has_prefix (path, "/v1/") ? g_strdup (path) : g_strconcat ("/v1", path, NULL);
  g_autofree char *text = body != NULL ? anx_json_node_to_text (body) : NULL;
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  anx_hub_link_request_async (self->link, method, full, "application/json", bytes, NULL, ANX_BOUND_REQUEST_BYTES, cancellable,
                              on_request_answered, task);
}

/**
 * anx_client_request_finish:
 * @self: a client
 * @result: what the callback got
 * @out_problem: (out) (optional) (nullable): the hub's RFC 9457 object when it refused; set on failure only
 * @error: return location, errors of %ANX_SYNC_ERROR, %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the answer; %NULL without an error when it was empty
 */
JsonNode *
anx_client_request_finish (AnxClient *self,
                           GAsyncResult *result,
                           JsonObject **out_problem,
                           GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  RequestOutcome *outcome = g_task_propagate_pointer (G_TASK (result), error);
  if (outcome == NULL)
    return NULL;
  JsonNode *node = NULL;
  if (outcome->error != NULL)
    g_propagate_error (error, g_steal_pointer (&outcome->error));
  else
    node = g_steal_pointer (&outcome->node);
  if (out_problem != NULL)
    *out_problem = g_steal_pointer (&outcome->problem);
  request_outcome_free (outcome);
  return node;
}

/**
 * anx_client_send_signal:
 * @self: a client
 * @to: a principal
 * @call: the booking's id
 * @body: what to pass on
 *
 * Returns: whether it was handed to the open link; nothing is kept for later
 */
gboolean
anx_client_send_signal (AnxClient *self,
                        const char *to,
                        const char *call,
                        JsonObject *body)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && to != NULL && call != NULL && body != NULL, FALSE);
  g_autoptr (JsonObject) message = json_object_new ();
  json_object_set_string_member (message, "type", "signal");
  json_object_set_string_member (message, "to", to);
  json_object_set_string_member (message, "call", call);
  json_object_set_object_member (message, "body", json_object_ref (body));
  return anx_hub_link_send (self->link, message);
}

/**
 * anx_client_sign_statement:
 * @self: a client
 * @context: of anx_statement_sign()
 * @text: what is stated
 * @error: return location, errors of %ANX_SEAL_ERROR
 *
 * Returns: (transfer full) (nullable): the statement, Base64
 */
char *
anx_client_sign_statement (AnxClient *self,
                           const char *context,
                           const char *text,
                           GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && context != NULL && text != NULL, NULL);
  return anx_statement_sign (context, text, self->sign_key, anx_profile_get_sign_certificate (self->profile), error);
}

/**
 * anx_client_sign_pdf:
 * @self: a client
 * @pdf: a document
 * @text: what it is
 * @error: return location, errors of anx_signed_pdf_sign()
 *
 * Returns: (transfer full) (nullable): the document with the signature of this client's principal
 */
GBytes *
anx_client_sign_pdf (AnxClient *self,
                     GBytes *pdf,
                     const char *text,
                     GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && pdf != NULL && text != NULL, NULL);
  return anx_signed_pdf_sign (pdf, text, anx_clock_now_usec (self->clock), self->sign_key, anx_profile_get_sign_certificate (self->profile), error);
}

/**
 * anx_client_sign_mark:
 * @self: a client
 * @text: a line for paper
 * @error: return location, errors of anx_paper_mark_sign()
 *
 * Returns: (transfer full) (nullable): the line with the signature of this client's principal
 */
char *
anx_client_sign_mark (AnxClient *self,
                      const char *text,
                      GError **error)
{
  g_return_val_if_fail (ANX_IS_CLIENT (self) && text != NULL, NULL);
  return anx_paper_mark_sign (text, self->sign_key, error);
}
