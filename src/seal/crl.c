/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crl.h"

#include <openssl/x509v3.h>

#include "bounds.h"
#include "seal-private.h"

struct _AnxCrl
{
  gint64 number;
  /* (element-type utf8): a set. */
  GHashTable *serials;
};

G_DEFINE_BOXED_TYPE (AnxCrl, anx_crl, anx_crl_ref, anx_crl_unref)

static gint64
read_number (X509_CRL *list)
{
  gint64 number = -1;
  ASN1_INTEGER *extension = X509_CRL_get_ext_d2i (list, NID_crl_number, NULL, NULL);
  if (extension != NULL && ASN1_INTEGER_get_int64 (&number, extension) != 1)
    number = -1;
  ASN1_INTEGER_free (extension);
  return number;
}

/**
 * anx_crl_open:
 * @der: a CertificateList in DER, at most %ANX_BOUND_REQUEST_BYTES
 * @authority: the district authority's certificate
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED when another
 *   issuer made it, %ANX_SEAL_ERROR_TAMPERED when the signature is wrong
 *
 * A list past its nextUpdate is still opened: an old list revokes what it names, and refusing it would revoke nothing.
 * Whoever holds two keeps the one with the higher anx_crl_get_number().
 *
 * Returns: (transfer full) (nullable): the list
 */
AnxCrl *
anx_crl_open (GBytes *der,
              AnxCertificate *authority,
              GError **error)
{
  g_return_val_if_fail (der != NULL && authority != NULL, NULL);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (der, &length);
  if (length > ANX_BOUND_REQUEST_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The revocation list is longer than %d bytes",
                     ANX_BOUND_REQUEST_BYTES);
      return NULL;
    }

  const guint8 *at = data;
  g_autoptr (X509_CRL) list = d2i_X509_CRL (NULL, &at, (long) length);
  gint64 number = list != NULL && at == data + length ? read_number (list) : -1;
  if (number < 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a numbered revocation list");
      return NULL;
    }
  X509 *issuer = anx_certificate_peek (authority);
  if (X509_NAME_cmp (X509_CRL_get_issuer (list), X509_get_subject_name (issuer)) != 0 ||
      X509_CRL_get_signature_nid (list) != NID_ecdsa_with_SHA256)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The revocation list is of another authority");
      return NULL;
    }
  if (X509_CRL_verify (list, X509_get0_pubkey (issuer)) != 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The revocation list's signature is wrong");
      return NULL;
    }

  AnxCrl *self = g_atomic_rc_box_new0 (AnxCrl);
  self->number = number;
  self->serials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  STACK_OF (X509_REVOKED) *entries = X509_CRL_get_REVOKED (list);
  for (int i = 0; i < sk_X509_REVOKED_num (entries); i++)
    g_hash_table_add (self->serials,
                      anx_serial_to_hex (X509_REVOKED_get0_serialNumber (sk_X509_REVOKED_value (entries, i))));
  return self;
}

/**
 * anx_crl_get_number:
 * @self: a revocation list
 *
 * Returns: its number, from 0, rising
 */
gint64
anx_crl_get_number (AnxCrl *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->number;
}

/**
 * anx_crl_revokes:
 * @self: a revocation list
 * @serial: a certificate's serial number as anx_certificate_get_serial() gives it
 *
 * Returns: whether the list names it
 */
gboolean
anx_crl_revokes (AnxCrl *self,
                 const char *serial)
{
  g_return_val_if_fail (self != NULL && serial != NULL, TRUE);
  return g_hash_table_contains (self->serials, serial);
}

/**
 * anx_crl_ref:
 * @self: a revocation list
 *
 * Returns: (transfer full): the same list
 */
AnxCrl *
anx_crl_ref (AnxCrl *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  g_hash_table_unref (((AnxCrl *) data)->serials);
}

/**
 * anx_crl_unref:
 * @self: (transfer full): a revocation list
 */
void
anx_crl_unref (AnxCrl *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
