/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "own-seal.h"

#include <openssl/objects.h>
#include <string.h>

#include "cms-private.h"
#include "process.h"
#include "seal-private.h"

/* What sealing and signing add: recipients, certificate, signature, structure. */
#define AROUND_BYTES (16 * 1024)

/* Kept apart from statements, whose content is id-data; here it is id-ct-contentInfo. So neither passes for the other. */
static char *
make_context (const char *purpose)
{
  return g_strconcat ("own:", purpose, NULL);
}

/**
 * anx_own_seal:
 * @purpose: what it is and which one, such as "draft:<id>": 1 to 200 bytes; what was kept for one purpose is refused for another
 * @plain: at most %ANX_OWN_SEAL_MAX_BYTES
 * @sign_key: the own sign key
 * @sign_certificate: its certificate
 * @seal_certificate: the own seal certificate
 * @error: return location, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): SignedData over AuthEnvelopedData, DER
 */
GBytes *
anx_own_seal (const char *purpose,
              GBytes *plain,
              AnxKey *sign_key,
              AnxCertificate *sign_certificate,
              AnxCertificate *seal_certificate,
              GError **error)
{
  g_return_val_if_fail (purpose != NULL && *purpose != '\0' && strlen (purpose) <= 200 && plain != NULL, NULL);
  gsize length = 0;
  const char *data = g_bytes_get_data (plain, &length);
  if (length > ANX_OWN_SEAL_MAX_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "More than %d bytes are not kept in one piece", ANX_OWN_SEAL_MAX_BYTES);
      return NULL;
    }
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, seal_certificate);
  g_autoptr (GBytes) sealed = anx_cms_seal (data != NULL ? data : "", length, recipients, error);
  if (sealed == NULL)
    return NULL;
  g_autofree char *context = make_context (purpose);
  return anx_cms_sign (sealed, NID_id_smime_ct_contentInfo, ANX_OID_STATEMENT_CONTEXT, context, g_get_real_time (), sign_key,
                       sign_certificate, error);
}

static void
free_secret (gpointer data)
{
  GByteArray *bytes = data;
  anx_wipe (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

/* The own certificate, or an earlier one of the same key. */
static gboolean
is_own (AnxCertificate *signer,
        AnxCertificate *own,
        AnxCertificate *authority)
{
  return g_str_equal (anx_certificate_get_fingerprint (signer), anx_certificate_get_fingerprint (own)) ||
         (EVP_PKEY_eq (X509_get0_pubkey (anx_certificate_peek (signer)), X509_get0_pubkey (anx_certificate_peek (own))) == 1 &&
          anx_certificate_verify_timeless (signer, authority, ANX_KEY_USE_SIGN, NULL));
}

/**
 * anx_own_open:
 * @purpose: as when it was sealed
 * @sealed: what anx_own_seal() gave, from the disk
 * @authority: the pinned authority: an earlier certificate of the own key counts when it is of this one
 * @sign_certificate: the own sign certificate: nobody else's signature counts
 * @seal_key: the own seal key
 * @seal_certificate: its certificate
 * @error: return location, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TAMPERED (a changed bit, another purpose),
 *   %ANX_SEAL_ERROR_UNTRUSTED (signed by somebody else), %ANX_SEAL_ERROR_NOT_RECIPIENT (sealed before the own keys were made anew)
 *
 * The memory of the plain bytes is wiped when they are freed.
 *
 * Returns: (transfer full) (nullable): the plain bytes
 */
GBytes *
anx_own_open (const char *purpose,
              GBytes *sealed,
              AnxCertificate *authority,
              AnxCertificate *sign_certificate,
              AnxKey *seal_key,
              AnxCertificate *seal_certificate,
              GError **error)
{
  g_return_val_if_fail (purpose != NULL && sealed != NULL, NULL);
  if (g_bytes_get_size (sealed) > ANX_OWN_SEAL_MAX_BYTES + AROUND_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "What is kept is longer than anything that was kept");
      return NULL;
    }
  g_autoptr (GBytes) inner = NULL;
  g_autofree char *found = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  if (!anx_cms_verify (sealed, NID_id_smime_ct_contentInfo, ANX_OID_STATEMENT_CONTEXT, &inner, &found, &signer, error))
    return NULL;
  if (!is_own (signer, sign_certificate, authority))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "What is kept was signed by somebody else");
      return NULL;
    }
  g_autofree char *context = make_context (purpose);
  if (!g_str_equal (context, found))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "What is kept was kept for another purpose");
      return NULL;
    }
  gsize length = 0;
  char *plain = anx_cms_unseal (inner, seal_key, seal_certificate, &length, error);
  if (plain == NULL)
    return NULL;
  GByteArray *bytes = g_byte_array_new_take ((guint8 *) plain, length);
  return g_bytes_new_with_free_func (bytes->data, length, free_secret, bytes);
}
