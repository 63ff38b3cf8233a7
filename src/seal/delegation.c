/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delegation.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <string.h>

#include "bounds.h"
#include "json.h"
#include "seal-private.h"
#include "statement.h"

/* Of P-256: WebCrypto gives r and s one after the other (IEEE P1363), libcrypto wants them as DER. */
#define HALF_BYTES 32
#define KEY_TEXT_BYTES 256
/* A session with all that can delay it; longer is a mistake of whoever signed. */
#define LONGEST_USEC (4 * G_TIME_SPAN_HOUR)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

static JsonObject *
open_carrier (const char *statement)
{
  gsize length = 0;
  if (strlen (statement) > ANX_BOUND_SIGNAL_BYTES)
    return NULL;
  g_autofree guint8 *text = g_base64_decode (statement, &length);
  /* A CMS structure begins with a byte that no JSON does. */
  if (length == 0 || text[0] != '{')
    return NULL;
  return anx_json_parse_object ((const char *) text, length, ANX_BOUND_SIGNAL_BYTES, NULL);
}

/**
 * anx_delegation_is_carried_by:
 * @statement: a statement in Base64
 *
 * Returns: whether it was made by a delegated key, if it is one at all; nothing is checked
 */
gboolean
anx_delegation_is_carried_by (const char *statement)
{
  g_return_val_if_fail (statement != NULL, FALSE);
  g_autoptr (JsonObject) carrier = open_carrier (statement);
  return carrier != NULL;
}

/**
 * anx_delegation_write:
 * @public_key: a P-256 public key, SubjectPublicKeyInfo in Base64
 * @until_usec: when it ends, microseconds since 1970 UTC; at most four hours away
 *
 * Returns: (transfer full): the text of a delegation, for anx_statement_sign() in the context of one session
 */
char *
anx_delegation_write (const char *public_key,
                      gint64 until_usec)
{
  g_return_val_if_fail (public_key != NULL, NULL);
  g_autoptr (JsonObject) text = json_object_new ();
  json_object_set_string_member (text, "key", public_key);
  json_object_set_int_member (text, "until", until_usec);
  return anx_json_object_to_text (text);
}

static EVP_PKEY *
read_key (const char *text)
{
  gsize length = 0;
  if (strlen (text) > KEY_TEXT_BYTES)
    return NULL;
  g_autofree guint8 *der = g_base64_decode (text, &length);
  const unsigned char *p = der;
  EVP_PKEY *key = d2i_PUBKEY (NULL, &p, (long) length);
  if (key != NULL && p == der + length && anx_key_is_p256 (key))
    return key;
  EVP_PKEY_free (key);
  return NULL;
}

static gboolean
signature_is_good (EVP_PKEY *key,
                   const char *signature,
                   const char *context,
                   const char *text)
{
  gsize length = 0;
  g_autofree guint8 *raw = g_base64_decode (signature, &length);
  g_autoptr (ECDSA_SIG) pair = ECDSA_SIG_new ();
  g_autoptr (EVP_MD_CTX) digest = EVP_MD_CTX_new ();
  unsigned char *der = NULL;

  if (length != 2 * HALF_BYTES || pair == NULL || digest == NULL)
    return FALSE;
  BIGNUM *r = BN_bin2bn (raw, HALF_BYTES, NULL);
  BIGNUM *s = BN_bin2bn (raw + HALF_BYTES, HALF_BYTES, NULL);
  if (r == NULL || s == NULL || ECDSA_SIG_set0 (pair, r, s) != 1)
    {
      BN_free (r);
      BN_free (s);
      return FALSE;
    }
  int der_length = i2d_ECDSA_SIG (pair, &der);
  g_autofree char *whole = g_strconcat (context, "\n", text, NULL);
  gboolean good = der_length > 0 && EVP_DigestVerifyInit (digest, NULL, EVP_sha256 (), NULL, key) == 1 &&
                  EVP_DigestVerify (digest, der, (size_t) der_length, (const unsigned char *) whole, strlen (whole)) == 1;
  OPENSSL_free (der);
  return good;
}

/**
 * anx_delegation_verify:
 * @statement: a statement that carries a delegation, Base64, at most %ANX_BOUND_SIGNAL_BYTES
 * @context: the context in which it was received
 * @delegation_context: the context in which the delegation must have been stated: the session
 * @principal: whose delegation it must be
 * @authority: the district authority's certificate
 * @at_usec: now, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TAMPERED, %ANX_SEAL_ERROR_EXPIRED, and those of
 *   anx_statement_verify()
 *
 * Returns: (transfer full) (nullable): what was stated in this context by a key that @principal named for this session
 */
char *
anx_delegation_verify (const char *statement,
                       const char *context,
                       const char *delegation_context,
                       const char *principal,
                       AnxCertificate *authority,
                       gint64 at_usec,
                       GError **error)
{
  g_return_val_if_fail (statement != NULL && context != NULL && delegation_context != NULL, NULL);
  g_autoptr (JsonObject) carrier = open_carrier (statement);
  const char *delegation = carrier != NULL ? anx_json_get_string (carrier, "delegation", NULL) : NULL;
  const char *signature = carrier != NULL ? anx_json_get_string (carrier, "signature", NULL) : NULL;
  const char *text = carrier != NULL ? anx_json_get_string (carrier, "text", NULL) : NULL;
  if (delegation == NULL || signature == NULL || text == NULL)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The statement carries no delegation");
      return NULL;
    }

  g_autofree char *named = anx_statement_verify (delegation, delegation_context, principal, authority, at_usec, error);
  if (named == NULL)
    return NULL;
  g_autoptr (JsonObject) terms = anx_json_parse_object (named, strlen (named), ANX_BOUND_SIGNAL_BYTES, NULL);
  const char *key_text = terms != NULL ? anx_json_get_string (terms, "key", NULL) : NULL;
  gint64 until_usec = terms != NULL ? anx_json_get_int (terms, "until", 0) : 0;
  g_autoptr (EVP_PKEY) key = key_text != NULL ? read_key (key_text) : NULL;
  if (key == NULL)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The delegation names no P-256 key");
      return NULL;
    }
  if (until_usec <= at_usec || until_usec > at_usec + LONGEST_USEC)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_EXPIRED, "The delegation does not hold now");
      return NULL;
    }
  if (!signature_is_good (key, signature, context, text))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The statement is not signed by the delegated key for this occasion");
      return NULL;
    }
  return g_strdup (text);
}

/**
 * anx_delegation_dup_public_key:
 * @certificate: a certificate
 *
 * Returns: (transfer full): its key, SubjectPublicKeyInfo in Base64, as browsers import it
 */
char *
anx_delegation_dup_public_key (AnxCertificate *certificate)
{
  g_return_val_if_fail (certificate != NULL, NULL);
  unsigned char *der = NULL;
  int length = i2d_X509_PUBKEY (X509_get_X509_PUBKEY (anx_certificate_peek (certificate)), &der);
  char *text = g_base64_encode (der, length > 0 ? (gsize) length : 0);
  OPENSSL_free (der);
  return text;
}
