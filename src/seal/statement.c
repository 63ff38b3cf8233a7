/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "statement.h"

#include <openssl/objects.h>
#include <string.h>

#include "bounds.h"
#include "cms-private.h"
#include "seal-private.h"

#define CONTEXT_MAX_BYTES 256

static gboolean
context_is_valid (const char *context)
{
  gsize length = strlen (context);
  return length > 0 && length <= CONTEXT_MAX_BYTES && g_utf8_validate (context, -1, NULL);
}

/**
 * anx_statement_sign:
 * @context: what the statement is for, UTF-8, 1 to 256 bytes
 * @text: what is stated, UTF-8, at most half of %ANX_BOUND_SIGNAL_BYTES
 * @sign_key: the speaker's sign key
 * @sign_certificate: its certificate
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED,
 *   %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): the statement in Base64, without line breaks
 */
char *
anx_statement_sign (const char *context,
                    const char *text,
                    AnxKey *sign_key,
                    AnxCertificate *sign_certificate,
                    GError **error)
{
  g_return_val_if_fail (context != NULL && text != NULL && sign_key != NULL && sign_certificate != NULL, NULL);
  gsize length = strlen (text);
  if (!context_is_valid (context) || !g_utf8_validate (text, -1, NULL))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A statement needs a context and a text");
      return NULL;
    }
  if (length > ANX_BOUND_SIGNAL_BYTES / 2)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The statement is longer than %d bytes",
                     ANX_BOUND_SIGNAL_BYTES / 2);
      return NULL;
    }
  g_autoptr (GBytes) content = g_bytes_new (text, length);
  g_autoptr (GBytes) der = anx_cms_sign (content, NID_pkcs7_data, ANX_OID_STATEMENT_CONTEXT, context,
                                         g_get_real_time (), sign_key, sign_certificate, error);
  if (der == NULL)
    return NULL;
  return g_base64_encode (g_bytes_get_data (der, NULL), g_bytes_get_size (der));
}

/**
 * anx_statement_verify:
 * @statement: a statement in Base64, at most %ANX_BOUND_SIGNAL_BYTES
 * @context: the context in which it was received
 * @principal: who must have made it
 * @authority: the district authority's certificate
 * @at_usec: now, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_TAMPERED when the
 * signature is wrong or of another context, %ANX_SEAL_ERROR_UNTRUSTED, %ANX_SEAL_ERROR_EXPIRED
 *
 * Returns: (transfer full) (nullable): what @principal stated in this context
 */
char *
anx_statement_verify (const char *statement,
                      const char *context,
                      const char *principal,
                      AnxCertificate *authority,
                      gint64 at_usec,
                      GError **error)
{
  g_return_val_if_fail (statement != NULL && context != NULL && principal != NULL && authority != NULL, NULL);
  if (strlen (statement) > ANX_BOUND_SIGNAL_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The statement is longer than %d bytes", ANX_BOUND_SIGNAL_BYTES);
      return NULL;
    }
  gsize length = 0;
  guint8 *raw = g_base64_decode (statement, &length);
  g_autoptr (GBytes) der = g_bytes_new_take (raw, length);
  /* The decoder passes over what it does not know; there must be one way to write a statement. */
  g_autofree char *canonical = g_base64_encode (raw, length);
  if (strcmp (canonical, statement) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The statement is not plain Base64");
      return NULL;
    }
  g_autoptr (GBytes) content = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_autofree char *signed_context = NULL;
  if (!anx_cms_verify (der, NID_pkcs7_data, ANX_OID_STATEMENT_CONTEXT, &content, &signed_context, &signer, error))
    return NULL;
  if (strcmp (signed_context, context) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The statement was made for another occasion");
      return NULL;
    }
  if (strcmp (anx_certificate_get_principal (signer), principal) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The statement is not of %s", principal);
      return NULL;
    }
  if (!anx_certificate_verify (signer, authority, ANX_KEY_USE_SIGN, at_usec, error))
    return NULL;
  gsize text_length = 0;
  const char *text = g_bytes_get_data (content, &text_length);
  if (text_length > 0 && !g_utf8_validate_len (text, text_length, NULL))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The statement is not a text");
      return NULL;
    }
  return g_strndup (text_length > 0 ? text : "", text_length);
}
