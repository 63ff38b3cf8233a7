/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "enrolment.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "bounds.h"
#include "files.h"
#include "hub-link.h"
#include "id.h"
#include "json.h"
#include "messages.h"
#include "process.h"
#include "seal-error.h"
#include "sync-error.h"

/*
 * authority → pin → whom for → keys → requests → claim → wait → profile. Every step before the last can be repeated: keys are
 * looked for before they are made, and the requests are kept in a file, because the hub knows a claimant by secret and requests
 * and a request made anew would carry another signature.
 */

#define PENDING_FILE "enrolment.json"
/* The first look for the administrator's signature, and the slowest; public paths are limited to 60 a minute and address. */
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS 10000

typedef struct
{
  char *folder;
  char *hub_url;
  char *pin;
  char *secret;
  AnxKeyStore *store; /* (nullable) until the district is known */
  AnxCertificate *authority;
  AnxHubLink *link;
  char *principal;
  AnxKey *sign_key;
  AnxKey *seal_key;
  char *sign_request;
  char *seal_request;
  guint wait_ms;
} Enrolment;

static void ask_claim (GTask *task);

static void
enrolment_free (Enrolment *self)
{
  g_free (self->folder);
  g_free (self->hub_url);
  g_free (self->pin);
  anx_secret_free (self->secret);
  g_clear_object (&self->store);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_clear_object (&self->link);
  g_free (self->principal);
  g_clear_pointer (&self->sign_key, anx_key_unref);
  g_clear_pointer (&self->seal_key, anx_key_unref);
  g_free (self->sign_request);
  g_free (self->seal_request);
  g_free (self);
}

static void
fail (GTask *task,
      GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* The hub's words on a code, as a person at the machine needs them. */
static GError *
explain_refusal (AnxHubAnswer *answer)
{
  if (answer->status == 404)
    return g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN,
                                _("The hub does not know this code. Please compare it with the paper, or ask for a new one."));
  if (answer->status == 410)
    return g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN, _("This code is no longer valid. Please ask for a new one."));
  if (answer->status == 409)
    return g_error_new_literal (ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT,
                                _("This code was used on another machine. Please tell the administrator and ask for a new one."));
  g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
  GError *error = NULL;
  anx_message_set_status_error (answer->status, problem, &error);
  return error;
}

static gboolean
write_profile (Enrolment *self,
               AnxClaimAnswer *claim,
               AnxProfile **out_profile,
               GError **error)
{
  gint64 now_usec = g_get_real_time ();
  g_autoptr (AnxCertificate) sign = anx_certificate_new_from_pem (claim->sign_certificate, error);
  g_autoptr (AnxCertificate) seal = sign != NULL ? anx_certificate_new_from_pem (claim->seal_certificate, error) : NULL;
  if (seal == NULL)
    return FALSE;
  if (!anx_certificate_matches_key (sign, self->sign_key) || !anx_certificate_matches_key (seal, self->seal_key))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The certificates are not of the keys made here");
      return FALSE;
    }
  g_autoptr (GError) inner = NULL;
  gboolean good = anx_certificate_verify (sign, self->authority, ANX_KEY_USE_SIGN, now_usec, &inner) &&
                  anx_certificate_verify (seal, self->authority, ANX_KEY_USE_SEAL, now_usec, &inner);
  /* A wrong clock is told about once the client runs; it does not make a good certificate bad. */
  if (!good && !g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_EXPIRED))
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  *out_profile = anx_profile_create (self->folder, self->hub_url, self->principal, self->authority, sign, seal, error);
  if (*out_profile == NULL)
    return FALSE;
  g_autofree char *pending = g_build_filename (self->folder, PENDING_FILE, NULL);
  g_unlink (pending);
  return TRUE;
}

static gboolean
on_wait_over (gpointer user_data)
{
  GTask *task = user_data;
  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    ask_claim (task);
  return G_SOURCE_REMOVE;
}

/* A pause that a cancellation ends. */
static void
wait_then_ask (GTask *task)
{
  Enrolment *self = g_task_get_task_data (task);
  g_autoptr (GSource) source = g_timeout_source_new (self->wait_ms);
  GCancellable *cancellable = g_task_get_cancellable (task);
  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);
      g_source_set_dummy_callback (child);
      g_source_add_child_source (source, child);
    }
  g_source_set_callback (source, on_wait_over, task, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  self->wait_ms = MIN (self->wait_ms * 3 / 2, LONGEST_WAIT_MS);
}

static void
on_claimed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  GTask *task = user_data;
  Enrolment *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (self->link, result, &error);
  /* While the administrator is waited for, an outage or a busy hub is nothing but a longer wait. */
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE) ||
      (answer != NULL && (answer->status == 429 || answer->status >= 500)))
    {
      g_clear_error (&error);
      wait_then_ask (task);
      return;
    }
  if (answer == NULL || answer->status < 200 || answer->status > 299)
    {
      fail (task, error != NULL ? error : explain_refusal (answer));
      return;
    }
  g_autoptr (AnxClaimAnswer) claim = anx_message_parse_claim (answer->body, &error);
  if (claim == NULL)
    {
      fail (task, error);
      return;
    }
  if (!claim->approved || claim->sign_certificate == NULL)
    {
      wait_then_ask (task);
      return;
    }
  AnxProfile *profile = NULL;
  if (!write_profile (self, claim, &profile, &error))
    {
      fail (task, error);
      return;
    }
  g_task_return_pointer (task, profile, g_object_unref);
  g_object_unref (task);
}

/* Without its requests it only asks whom the code is for. */
static void
send_claim (GTask *task,
            gboolean with_requests,
            GAsyncReadyCallback callback)
{
  Enrolment *self = g_task_get_task_data (task);
  g_autoptr (JsonObject) json = json_object_new ();
  json_object_set_string_member (json, "secret", self->secret);
  if (with_requests)
    {
      json_object_set_string_member (json, "signRequest", self->sign_request);
      json_object_set_string_member (json, "sealRequest", self->seal_request);
    }
  char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (text, strlen (text), (GDestroyNotify) anx_secret_free, text);
  anx_hub_link_request_async (self->link, "POST", "/v1/enrolments/claims", "application/json", body, NULL, ANX_BOUND_REQUEST_BYTES,
                              g_task_get_cancellable (task), callback, task);
}

static void
ask_claim (GTask *task)
{
  send_claim (task, TRUE, on_claimed);
}

static AnxKey *
load_or_make_key (Enrolment *self,
                  AnxKeyUse use,
                  GError **error)
{
  g_autoptr (GError) inner = NULL;
  AnxKey *found = anx_key_store_load (self->store, self->principal, use, &inner);
  if (found != NULL)
    return found;
  /* Only a store that is open and has no such key may be written to: a locked one looks empty to careless eyes. */
  if (!g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  g_autoptr (AnxKey) key = anx_key_generate (error);
  if (key == NULL || !anx_key_store_save (self->store, self->principal, use, key, error))
    return NULL;
  return g_steal_pointer (&key);
}

/* Takes the requests of an earlier, interrupted run of the same code. */
static gboolean
load_requests (Enrolment *self,
               const char *path,
               const char *hash)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, 4 * ANX_BOUND_PEM_BYTES, NULL);
  if (bytes == NULL)
    return FALSE;
  g_autoptr (JsonObject) json =
    anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), 4 * ANX_BOUND_PEM_BYTES, NULL);
  if (g_strcmp0 (anx_json_get_string (json, "secretHash", NULL), hash) != 0 ||
      g_strcmp0 (anx_json_get_string (json, "principal", NULL), self->principal) != 0)
    return FALSE;
  self->sign_request = g_strdup (anx_json_get_string (json, "signRequest", NULL));
  self->seal_request = g_strdup (anx_json_get_string (json, "sealRequest", NULL));
  return self->sign_request != NULL && self->seal_request != NULL;
}

/* Makes the requests and keeps them, nothing of them secret, before they are sent. */
static gboolean
make_requests (Enrolment *self,
               const char *path,
               const char *hash,
               GError **error)
{
  g_clear_pointer (&self->sign_request, g_free);
  g_clear_pointer (&self->seal_request, g_free);
  self->sign_request = anx_key_make_request (self->sign_key, self->principal, error);
  self->seal_request = self->sign_request != NULL ? anx_key_make_request (self->seal_key, self->principal, error) : NULL;
  if (self->seal_request == NULL)
    return FALSE;
  g_autoptr (JsonObject) json = json_object_new ();
  json_object_set_string_member (json, "secretHash", hash);
  json_object_set_string_member (json, "principal", self->principal);
  json_object_set_string_member (json, "signRequest", self->sign_request);
  json_object_set_string_member (json, "sealRequest", self->seal_request);
  g_autofree char *text = anx_json_object_to_text (json);
  return anx_directory_make_private (self->folder, error) && anx_file_write (path, text, -1, error);
}

static gboolean
prepare_keys (Enrolment *self,
              GError **error)
{
  if (self->store == NULL)
    self->store = anx_secret_key_store_new (anx_certificate_get_district (self->authority));
  g_autofree char *path = g_build_filename (self->folder, PENDING_FILE, NULL);
  g_autofree char *hash = anx_enrolment_secret_hash (self->secret);
  self->sign_key = load_or_make_key (self, ANX_KEY_USE_SIGN, error);
  self->seal_key = self->sign_key != NULL ? load_or_make_key (self, ANX_KEY_USE_SEAL, error) : NULL;
  if (self->seal_key == NULL)
    return FALSE;
  return load_requests (self, path, hash) || make_requests (self, path, hash, error);
}

static void
on_named (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  GTask *task = user_data;
  Enrolment *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (self->link, result, &error);
  if (answer == NULL || answer->status < 200 || answer->status > 299)
    {
      fail (task, error != NULL ? error : explain_refusal (answer));
      return;
    }
  g_autoptr (AnxClaimAnswer) claim = anx_message_parse_claim (answer->body, &error);
  if (claim != NULL && !anx_principal_id_is_valid (claim->principal))
    g_set_error_literal (&error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub names nobody valid for this code");
  if (error != NULL)
    {
      fail (task, error);
      return;
    }
  self->principal = g_strdup (claim->principal);
  if (!prepare_keys (self, &error))
    {
      fail (task, error);
      return;
    }
  ask_claim (task);
}

/* The pin is the only thing that makes the hub's word on its authority worth anything. */
static gboolean
check_pin (Enrolment *self,
           const char *pem,
           GError **error)
{
  self->authority = anx_certificate_new_from_pem (pem, error);
  if (self->authority == NULL)
    return FALSE;
  static const guint8 no_secret[10];
  g_autofree char *code = anx_enrolment_code_make (anx_certificate_get_fingerprint (self->authority), no_secret);
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  if (!anx_enrolment_code_parse (code, &pin, &secret, error))
    return FALSE;
  if (g_str_equal (pin, self->pin))
    return TRUE;
  g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED,
                       _("This hub is not of the district the code is for. Nothing was sent. Check the hub's address and the code."));
  return FALSE;
}

static void
on_authority (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  GTask *task = user_data;
  Enrolment *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (ANX_HUB_LINK (source), result, &error);
  if (answer == NULL || answer->status != 200)
    {
      fail (task, error != NULL ? error : explain_refusal (answer));
      return;
    }
  g_autofree char *pem = anx_message_parse_authority (answer->body, &error);
  if (pem == NULL || !check_pin (self, pem, &error))
    {
      fail (task, error);
      return;
    }
  self->link = anx_hub_link_new (self->hub_url, self->authority, NULL, NULL, &error);
  if (self->link == NULL)
    {
      fail (task, error);
      return;
    }
  send_claim (task, FALSE, on_named);
}

/**
 * anx_enrol_with_store_async:
 * @folder: the data folder to be; made when it is not there
 * @hub_url: `https://host:port`
 * @code: what the administrator handed out
 * @store: (nullable): where the private keys go; %NULL is the Secret Service
 * @cancellable: (nullable): to stop waiting
 * @callback: called once
 * @user_data: for @callback
 *
 * Enrols and waits until the administrator has signed, for as long as that takes.
 */
void
anx_enrol_with_store_async (const char *folder,
                            const char *hub_url,
                            const char *code,
                            AnxKeyStore *store,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (folder != NULL && hub_url != NULL && code != NULL);
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, anx_enrol_with_store_async);
  g_task_set_check_cancellable (task, FALSE);
  Enrolment *self = g_new0 (Enrolment, 1);
  g_task_set_task_data (task, self, (GDestroyNotify) enrolment_free);
  self->folder = g_strdup (folder);
  self->hub_url = g_strdup (hub_url);
  self->store = store != NULL ? g_object_ref (store) : NULL;
  self->wait_ms = FIRST_WAIT_MS;
  GError *error = NULL;
  if (!anx_enrolment_code_parse (code, &self->pin, &self->secret, &error))
    {
      fail (task, error);
      return;
    }
  g_autoptr (AnxHubLink) stranger = anx_hub_link_new_unpinned (hub_url);
  anx_hub_link_request_async (stranger, "GET", "/v1/authority", NULL, NULL, NULL, ANX_BOUND_REQUEST_BYTES, cancellable, on_authority,
                              task);
}

/**
 * anx_enrol_async:
 * @folder: the data folder to be; made when it is not there
 * @hub_url: `https://host:port`
 * @code: what the administrator handed out
 * @cancellable: (nullable): to stop waiting
 * @callback: called once
 * @user_data: for @callback
 *
 * anx_enrol_with_store_async() with the Secret Service of the session.
 */
void
anx_enrol_async (const char *folder,
                 const char *hub_url,
                 const char *code,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  anx_enrol_with_store_async (folder, hub_url, code, NULL, cancellable, callback, user_data);
}

/**
 * anx_enrol_finish:
 * @result: what the callback got
 * @error: return location. %ANX_SYNC_ERROR_INVALID: mistyped; UNTRUSTED: another district's hub; UNKNOWN: the code is unknown or
 *   expired; CONFLICT: used elsewhere; OFFLINE; %ANX_SEAL_ERROR_STORE_MISSING, %ANX_SEAL_ERROR_STORE_LOCKED; %ANX_BASE_ERROR_STORAGE;
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the profile, on the disk; the keys are in the key store
 */
AnxProfile *
anx_enrol_finish (GAsyncResult *result,
                  GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
