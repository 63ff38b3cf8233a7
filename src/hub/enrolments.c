/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"
#include "text.h"

/* An enrolment is open until a device claims it with the one-time secret, claimed until the administrator has signed, then approved. */

#define SECRET_BYTES 128
#define MOST_ENROLMENTS 5000

typedef struct
{
  char *hash;
  char *sign;    /* request or certificate, PEM; (nullable) */
  char *seal;
  char *principal;
  gint64 expires_usec;
} Enrolment;

static void
enrolment_free (gpointer data)
{
  Enrolment *self = data;
  g_free (self->hash);
  g_free (self->sign);
  g_free (self->seal);
  g_free (self->principal);
  g_free (self);
}

static Enrolment *
attach_enrolment (AnxRequest *request)
{
  Enrolment *enrolment = g_new0 (Enrolment, 1);
  request->data = enrolment;
  request->free_data = enrolment_free;
  return enrolment;
}

static gboolean
is_hex (const char *text,
        gsize length)
{
  return text != NULL && strlen (text) == length && strspn (text, "0123456789abcdef") == length;
}

static gboolean
is_pem_request (const char *text)
{
  return text != NULL && strlen (text) <= ANX_BOUND_PEM_BYTES && g_str_has_prefix (text, "-----BEGIN CERTIFICATE REQUEST-----");
}

static void
answer_claim (AnxRequest *request,
              int status,
              const char *state,
              AnxRows *rows)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "status", state);
  json_object_set_string_member (answer, "principal", anx_rows_get_string (rows, 1));
  if (status == 200 && g_str_equal (state, "approved") && ((Enrolment *) request->data)->sign != NULL)
    {
      json_object_set_string_member (answer, "signCertificate", anx_rows_get_string (rows, 5));
      json_object_set_string_member (answer, "sealCertificate", anx_rows_get_string (rows, 6));
    }
  anx_request_answer_json (request, status, answer);
}

static gboolean
run_claim (AnxRequest *request,
           AnxDatabase *database,
           GError **error)
{
  Enrolment *claim = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows =
      anx_database_query (database, error,
                          "SELECT id, principal, expires, sign_request, seal_request, sign_certificate, seal_certificate"
                          " FROM enrolment WHERE secret_hash = ?", "s", claim->hash);
  if (rows == NULL)
    return FALSE;
  if (!anx_rows_next (rows, &inner))
    {
      if (inner != NULL)
        g_propagate_error (error, g_steal_pointer (&inner));
      else
        anx_request_refuse (request, "code-unknown");
      return FALSE;
    }

  gboolean claimed = !anx_rows_is_null (rows, 3);
  gboolean approved = !anx_rows_is_null (rows, 5);
  /* The time limits the claiming, not the administrator's signing afterwards. */
  if (!claimed && anx_rows_get_int (rows, 2) < request->now_usec)
    {
      anx_request_refuse (request, "code-expired");
      return FALSE;
    }
  if (claim->sign == NULL)
    {
      answer_claim (request, 200, approved ? "approved" : claimed ? "claimed" : "open", rows);
      return FALSE;
    }
  if (claimed && (g_strcmp0 (claim->sign, anx_rows_get_string (rows, 3)) != 0 || g_strcmp0 (claim->seal, anx_rows_get_string (rows, 4)) != 0))
    {
      anx_request_refuse (request, "code-used");
      return FALSE;
    }
  answer_claim (request, approved ? 200 : 202, approved ? "approved" : "claimed", rows);
  if (claimed)
    return FALSE;
  g_autofree char *id = g_strdup (anx_rows_get_string (rows, 0));
  return anx_database_run (database, error, "UPDATE enrolment SET sign_request = ?, seal_request = ? WHERE id = ?", "sss", claim->sign,
                           claim->seal, id);
}

/**
 * anx_handle_claim:
 * @request: a request
 *
 * POST /enrolments/claims, with requests or with the secret alone.
 */
void
anx_handle_claim (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *secret = anx_json_need_string (body, "secret", SECRET_BYTES, NULL);
  const char *sign = anx_json_get_string (body, "signRequest", NULL);
  const char *seal = anx_json_get_string (body, "sealRequest", NULL);
  gboolean alone = !json_object_has_member (body, "signRequest") && !json_object_has_member (body, "sealRequest");
  if (secret == NULL || (!alone && (!is_pem_request (sign) || !is_pem_request (seal))))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Enrolment *claim = attach_enrolment (request);
  g_autoptr (GBytes) bytes = g_bytes_new (secret, strlen (secret));
  claim->hash = anx_sha256_hex (bytes);
  claim->sign = g_strdup (sign);
  claim->seal = g_strdup (seal);
  anx_request_write (request, run_claim, NULL);
}

static gboolean
run_create (AnxRequest *request,
            AnxDatabase *database,
            GError **error)
{
  Enrolment *enrolment = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT id, principal, expires FROM enrolment WHERE secret_hash = ?", "s",
                                                 enrolment->hash);
  if (rows == NULL)
    return FALSE;
  if (anx_rows_next (rows, &inner))
    {
      if (g_strcmp0 (anx_rows_get_string (rows, 1), enrolment->principal) != 0 || anx_rows_get_int (rows, 2) != enrolment->expires_usec)
        {
          anx_request_refuse (request, "enrolment-differs");
          return FALSE;
        }
      json_object_set_string_member (answer, "id", anx_rows_get_string (rows, 0));
      anx_request_answer_json (request, 200, answer);
      return FALSE;
    }
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }

  g_autofree char *id = anx_uuid_new (request->now_usec);
  if (!anx_database_run (database, error, "INSERT INTO enrolment (id, principal, secret_hash, created, expires) VALUES (?, ?, ?, ?, ?)",
                         "sssii", id, enrolment->principal, enrolment->hash, request->now_usec, enrolment->expires_usec))
    return FALSE;
  json_object_set_string_member (answer, "id", id);
  anx_request_answer_json (request, 201, answer);
  return TRUE;
}

/**
 * anx_handle_enrolment_create:
 * @request: a request
 *
 * POST /enrolments. The same secret, principal and time again give the same enrolment.
 */
void
anx_handle_enrolment_create (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *principal = anx_json_get_string (body, "principal", NULL);
  const char *hash = anx_json_get_string (body, "secretHash", NULL);
  gint64 expires = 0;
  if (!anx_principal_id_is_valid (principal) || !is_hex (hash, 64) ||
      !anx_json_need_int (body, "expires", 1, G_MAXINT64, &expires, NULL))
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Enrolment *enrolment = attach_enrolment (request);
  enrolment->principal = g_strdup (principal);
  enrolment->hash = g_strdup (hash);
  enrolment->expires_usec = expires;
  anx_request_write (request, run_create, NULL);
}

/**
 * anx_handle_enrolment_list:
 * @request: a request
 *
 * GET /enrolments, the newest first.
 */
void
anx_handle_enrolment_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "enrolments", list);
  g_autoptr (AnxRows) rows =
      anx_database_query (request->hub->reader, &error,
                          "SELECT id, principal, expires, sign_request, seal_request, sign_certificate FROM enrolment"
                          " ORDER BY created DESC LIMIT ?", "i", (gint64) MOST_ENROLMENTS);
  while (rows != NULL && anx_rows_next (rows, &error))
    {
      JsonObject *one = json_object_new ();
      gboolean claimed = !anx_rows_is_null (rows, 3);
      json_object_set_string_member (one, "id", anx_rows_get_string (rows, 0));
      json_object_set_string_member (one, "principal", anx_rows_get_string (rows, 1));
      json_object_set_string_member (one, "status", !anx_rows_is_null (rows, 5)                          ? "approved"
                                                    : claimed                                            ? "claimed"
                                                    : anx_rows_get_int (rows, 2) < request->now_usec ? "expired"
                                                                                                         : "open");
      json_object_set_int_member (one, "expires", anx_rows_get_int (rows, 2));
      if (claimed)
        {
          json_object_set_string_member (one, "signRequest", anx_rows_get_string (rows, 3));
          json_object_set_string_member (one, "sealRequest", anx_rows_get_string (rows, 4));
        }
      json_array_add_object_element (list, one);
    }
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

static gboolean
certificate_fits (AnxRequest *request,
                  const char *pem,
                  const char *principal,
                  AnxKeyUse use)
{
  g_autoptr (AnxCertificate) certificate = anx_certificate_new_from_pem (pem, NULL);
  return certificate != NULL && g_strcmp0 (anx_certificate_get_principal (certificate), principal) == 0 &&
         anx_certificate_verify (certificate, request->hub->config->authority, use, request->now_usec, NULL);
}

static gboolean
run_certify (AnxRequest *request,
             AnxDatabase *database,
             GError **error)
{
  Enrolment *enrolment = request->data;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows =
      anx_database_query (database, error, "SELECT principal, sign_request FROM enrolment WHERE id = ?", "s", request->parameter);
  if (rows == NULL)
    return FALSE;
  if (!anx_rows_next (rows, &inner))
    {
      if (inner != NULL)
        g_propagate_error (error, g_steal_pointer (&inner));
      else
        anx_request_refuse (request, "enrolment-unknown");
      return FALSE;
    }
  if (anx_rows_is_null (rows, 1))
    {
      anx_request_refuse (request, "enrolment-not-claimed");
      return FALSE;
    }
  if (!certificate_fits (request, enrolment->sign, anx_rows_get_string (rows, 0), ANX_KEY_USE_SIGN) ||
      !certificate_fits (request, enrolment->seal, anx_rows_get_string (rows, 0), ANX_KEY_USE_SEAL))
    {
      anx_request_refuse (request, "certificate-wrong");
      return FALSE;
    }
  g_clear_pointer (&rows, anx_rows_free);
  if (!anx_database_run (database, error, "UPDATE enrolment SET sign_certificate = ?, seal_certificate = ? WHERE id = ?", "sss",
                         enrolment->sign, enrolment->seal, request->parameter))
    return FALSE;
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "status", "approved");
  anx_request_answer_json (request, 200, answer);
  return TRUE;
}

/**
 * anx_handle_enrolment_certify:
 * @request: a request
 *
 * PUT /enrolments/{id}/certificates.
 */
void
anx_handle_enrolment_certify (AnxRequest *request)
{
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  const char *sign = anx_json_need_string (body, "signCertificate", ANX_BOUND_PEM_BYTES, NULL);
  const char *seal = anx_json_need_string (body, "sealCertificate", ANX_BOUND_PEM_BYTES, NULL);
  if (sign == NULL || seal == NULL)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  Enrolment *enrolment = attach_enrolment (request);
  enrolment->sign = g_strdup (sign);
  enrolment->seal = g_strdup (seal);
  anx_request_write (request, run_certify, NULL);
}
