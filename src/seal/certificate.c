/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "bounds.h"
#include "id.h"
#include "seal-private.h"
#include "text.h"

struct _AnxCertificate
{
  X509 *x509;
  char *principal;
  char *district;
  char *serial;
  char *fingerprint;
  gint64 not_before_usec;
  gint64 not_after_usec;
};

G_DEFINE_BOXED_TYPE (AnxCertificate, anx_certificate, anx_certificate_ref, anx_certificate_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE, X509_STORE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE_CTX, X509_STORE_CTX_free)

/**
 * anx_serial_to_hex:
 * @serial: a certificate's serial number
 *
 * Returns: (transfer full): its bytes in lower-case hex
 */
char *
anx_serial_to_hex (const ASN1_INTEGER *serial)
{
  g_autoptr (BIGNUM) number = ASN1_INTEGER_to_BN (serial, NULL);
  char *upper = BN_bn2hex (number);
  char *hex = g_ascii_strdown (upper, -1);
  OPENSSL_free (upper);
  return hex;
}

/**
 * anx_name_dup_entry:
 * @name: a distinguished name
 * @nid: libcrypto's number of the attribute
 *
 * Returns: (transfer full) (nullable): the attribute in UTF-8 when it stands there exactly once, without a zero byte in
 * it
 */
char *
anx_name_dup_entry (const X509_NAME *name,
                    int nid)
{
  int at = X509_NAME_get_index_by_NID (name, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID (name, nid, at) >= 0)
    return NULL;
  unsigned char *utf8 = NULL;
  int length = ASN1_STRING_to_UTF8 (&utf8, X509_NAME_ENTRY_get_data (X509_NAME_get_entry (name, at)));
  char *text = length > 0 && memchr (utf8, 0, (gsize) length) == NULL ? g_strndup ((char *) utf8, (gsize) length)
                                                                      : NULL;
  OPENSSL_free (utf8);
  return text;
}

static gboolean
time_to_usec (const ASN1_TIME *time,
              gint64 *out_usec)
{
  struct tm parts = { 0 };
  if (ASN1_TIME_to_tm (time, &parts) != 1)
    return FALSE;
  *out_usec = (gint64) timegm (&parts) * G_USEC_PER_SEC;
  return TRUE;
}

/**
 * anx_certificate_take:
 * @x509: (transfer full): libcrypto's certificate
 * @error: return location, %ANX_SEAL_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the certificate, when it has the form of this service; nothing is said about
 * trust
 */
AnxCertificate *
anx_certificate_take (X509 *x509,
                      GError **error)
{
  g_autoptr (X509) owned = x509;
  g_autoptr (AnxCertificate) self = g_atomic_rc_box_new0 (AnxCertificate);
  self->x509 = g_steal_pointer (&owned);

  self->principal = anx_name_dup_entry (X509_get_subject_name (self->x509), NID_commonName);
  self->district = anx_name_dup_entry (X509_get_subject_name (self->x509), NID_organizationName);
  if (!anx_principal_id_is_valid (self->principal) || !anx_principal_id_is_valid (self->district))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The certificate names no principal and district");
      return NULL;
    }
  if (!anx_key_is_p256 (X509_get0_pubkey (self->x509)))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The certificate's key is not on the curve P-256");
      return NULL;
    }
  if (!time_to_usec (X509_get0_notBefore (self->x509), &self->not_before_usec) ||
      !time_to_usec (X509_get0_notAfter (self->x509), &self->not_after_usec))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The certificate's times cannot be read");
      return NULL;
    }
  self->serial = anx_serial_to_hex (X509_get0_serialNumber (self->x509));
  unsigned char *der = NULL;
  int length = i2d_X509 (self->x509, &der);
  if (length <= 0)
    {
      anx_seal_fail_internal (error, "Writing a certificate");
      return NULL;
    }
  self->fingerprint = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, (gsize) length);
  OPENSSL_free (der);
  return g_steal_pointer (&self);
}

/**
 * anx_certificate_new_from_pem:
 * @pem: one certificate in PEM, at most %ANX_BOUND_PEM_BYTES
 * @error: return location, %ANX_SEAL_ERROR_INVALID or %ANX_SEAL_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the certificate; whether it is to be trusted is for anx_certificate_verify()
 */
AnxCertificate *
anx_certificate_new_from_pem (const char *pem,
                              GError **error)
{
  g_return_val_if_fail (pem != NULL, NULL);
  gsize length = strlen (pem);
  if (length > ANX_BOUND_PEM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The certificate is longer than %d bytes", ANX_BOUND_PEM_BYTES);
      return NULL;
    }
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, (int) length);
  X509 *x509 = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  if (x509 == NULL)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a certificate in PEM");
      return NULL;
    }
  return anx_certificate_take (x509, error);
}

/**
 * anx_certificate_new_from_der:
 * @der: one certificate in DER, at most %ANX_BOUND_PEM_BYTES
 * @error: return location, %ANX_SEAL_ERROR_INVALID or %ANX_SEAL_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the certificate; whether it is to be trusted is for anx_certificate_verify()
 */
AnxCertificate *
anx_certificate_new_from_der (GBytes *der,
                              GError **error)
{
  g_return_val_if_fail (der != NULL, NULL);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (der, &length);
  if (length > ANX_BOUND_PEM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The certificate is longer than %d bytes", ANX_BOUND_PEM_BYTES);
      return NULL;
    }
  const guint8 *at = data;
  g_autoptr (X509) x509 = d2i_X509 (NULL, &at, (long) length);
  if (x509 == NULL || at != data + length)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not one certificate in DER");
      return NULL;
    }
  return anx_certificate_take (g_steal_pointer (&x509), error);
}

/**
 * anx_certificate_to_pem:
 * @self: a certificate
 *
 * Returns: (transfer full): the certificate in PEM
 */
char *
anx_certificate_to_pem (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *data = NULL;
  if (PEM_write_bio_X509 (bio, self->x509) != 1)
    g_error ("libcrypto cannot write a certificate it read");
  long length = BIO_get_mem_data (bio, &data);
  return g_strndup (data, (gsize) length);
}

/**
 * anx_certificate_get_principal:
 * @self: a certificate
 *
 * Returns: (transfer none): the subject's CN, a valid principal id
 */
const char *
anx_certificate_get_principal (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->principal;
}

/**
 * anx_certificate_get_district:
 * @self: a certificate
 *
 * Returns: (transfer none): the subject's O, the district's id
 */
const char *
anx_certificate_get_district (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->district;
}

/**
 * anx_certificate_get_serial:
 * @self: a certificate
 *
 * Returns: (transfer none): the serial number, lower-case hex
 */
const char *
anx_certificate_get_serial (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->serial;
}

/**
 * anx_certificate_get_fingerprint:
 * @self: a certificate
 *
 * Returns: (transfer none): SHA-256 of the DER, 64 lower-case hex digits
 */
const char *
anx_certificate_get_fingerprint (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->fingerprint;
}

/**
 * anx_certificate_get_not_after_usec:
 * @self: a certificate
 *
 * Returns: the end of its time, microseconds since 1970 UTC
 */
gint64
anx_certificate_get_not_after_usec (AnxCertificate *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->not_after_usec;
}

/**
 * anx_certificate_get_not_before_usec:
 * @self: a certificate
 *
 * Returns: the beginning of its time, microseconds since 1970 UTC
 */
gint64
anx_certificate_get_not_before_usec (AnxCertificate *self)
{
  return self->not_before_usec;
}

/**
 * anx_certificate_matches_key:
 * @self: a certificate
 * @key: a key
 *
 * Returns: whether the certificate is of this key
 */
gboolean
anx_certificate_matches_key (AnxCertificate *self,
                             AnxKey *key)
{
  g_return_val_if_fail (self != NULL && key != NULL, FALSE);
  return EVP_PKEY_eq (X509_get0_pubkey (self->x509), anx_key_peek (key)) == 1;
}

/* RFC 5280 section 4.2.1.3 and 4.2.1.12: what the key may be used for stands in the certificate and both must agree. */
static gboolean
has_use (X509 *x509,
         AnxKeyUse use)
{
  guint32 usage = X509_get_key_usage (x509);
  guint32 extended = X509_get_extended_key_usage (x509);
  if (usage == UINT32_MAX || X509_check_ca (x509) != 0)
    return FALSE;
  if (use == ANX_KEY_USE_SEAL)
    return usage == KU_KEY_AGREEMENT && extended == UINT32_MAX;
  return usage == KU_DIGITAL_SIGNATURE && extended == XKU_SSL_CLIENT;
}

/*
 * Certificates whose issue by an authority for a use was verified once: "authority certificate use", by SHA-256 of the whole DER of both.
 * The signature of the same bytes by the same key cannot become false; time and revocation are looked at each time. An author's
 * certificate is in each of their records, so that a hub would verify it thousands of times.
 */
#define MOST_VERIFIED 8192
static GMutex verified_lock;
static GHashTable *verified; /* a set of texts; verified_lock */

static char *
build_verified_name (AnxCertificate *self,
                     AnxCertificate *authority,
                     AnxKeyUse use)
{
  return g_strdup_printf ("%s %s %u", authority->fingerprint, self->fingerprint, (guint) use);
}

static gboolean
is_in_time (AnxCertificate *self,
            gint64 at_usec)
{
  return self->not_before_usec <= at_usec && at_usec <= self->not_after_usec;
}

static gboolean
was_verified (AnxCertificate *self,
              AnxCertificate *authority,
              AnxKeyUse use,
              const gint64 *at_usec)
{
  /* Outside its time the long way tells what is wrong. */
  if (at_usec != NULL && (!is_in_time (self, *at_usec) || !is_in_time (authority, *at_usec)))
    return FALSE;
  g_autofree char *name = build_verified_name (self, authority, use);
  g_mutex_lock (&verified_lock);
  gboolean found = verified != NULL && g_hash_table_contains (verified, name);
  g_mutex_unlock (&verified_lock);
  return found;
}

static void
remember_verified (AnxCertificate *self,
                   AnxCertificate *authority,
                   AnxKeyUse use)
{
  g_mutex_lock (&verified_lock);
  if (verified == NULL)
    verified = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_size (verified) >= MOST_VERIFIED)
    g_hash_table_remove_all (verified);
  g_hash_table_add (verified, build_verified_name (self, authority, use));
  g_mutex_unlock (&verified_lock);
}

static gboolean
verify (AnxCertificate *self,
        AnxCertificate *authority,
        AnxKeyUse use,
        const gint64 *at_usec,
        GError **error)
{
  if (X509_get_signature_nid (self->x509) != NID_ecdsa_with_SHA256 || !has_use (self->x509, use))
    return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The certificate of %s is not for this use",
                          self->principal);
  if (strcmp (self->district, authority->district) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The certificate of %s is of another district",
                          self->principal);

  if (was_verified (self, authority, use, at_usec))
    return TRUE;
  g_autoptr (X509_STORE) store = X509_STORE_new ();
  g_autoptr (X509_STORE_CTX) context = X509_STORE_CTX_new ();
  if (store == NULL || context == NULL || X509_STORE_add_cert (store, authority->x509) != 1 ||
      X509_STORE_CTX_init (context, store, self->x509, NULL) != 1)
    return anx_seal_fail_internal (error, "Preparing to check a certificate");
  X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param (context);
  X509_VERIFY_PARAM_set_flags (parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_depth (parameters, 0);
  X509_VERIFY_PARAM_set_auth_level (parameters, 3);
  if (at_usec != NULL)
    X509_VERIFY_PARAM_set_time (parameters, (time_t) (*at_usec / G_USEC_PER_SEC));
  else
    X509_VERIFY_PARAM_set_flags (parameters, X509_V_FLAG_NO_CHECK_TIME);

  if (X509_verify_cert (context) == 1)
    {
      remember_verified (self, authority, use);
      return TRUE;
    }
  int problem = X509_STORE_CTX_get_error (context);
  if (problem == X509_V_ERR_CERT_HAS_EXPIRED)
    return anx_seal_fail (error, ANX_SEAL_ERROR_EXPIRED, "The certificate of %s was no longer valid", self->principal);
  if (problem == X509_V_ERR_CERT_NOT_YET_VALID)
    return anx_seal_fail (error, ANX_SEAL_ERROR_EXPIRED, "The certificate of %s was not yet valid", self->principal);
  return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED,
                        "The certificate of %s was not issued by this district's authority: %s", self->principal,
                        X509_verify_cert_error_string (problem));
}

/**
 * anx_certificate_verify:
 * @self: a certificate
 * @authority: the district authority's certificate that was pinned at enrolment
 * @use: what it is to be used for
 * @at_usec: when it is or was used, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_UNTRUSTED, %ANX_SEAL_ERROR_EXPIRED
 *
 * RFC 5280 section 6 with one allowed path: the authority issued this certificate itself. Revocation is for
 * anx_crl_revokes().
 *
 * Returns: whether the certificate is good for @use at that time
 */
gboolean
anx_certificate_verify (AnxCertificate *self,
                        AnxCertificate *authority,
                        AnxKeyUse use,
                        gint64 at_usec,
                        GError **error)
{
  g_return_val_if_fail (self != NULL && authority != NULL, FALSE);
  return verify (self, authority, use, &at_usec, error);
}

/**
 * anx_certificate_verify_timeless:
 * @self: a certificate
 * @authority: the district authority's certificate
 * @use: what it is to be used for
 * @error: return location, %ANX_SEAL_ERROR_UNTRUSTED
 *
 * As anx_certificate_verify() without the time, for certificates whose being current the signed directory states.
 *
 * Returns: whether the certificate is good for @use
 */
gboolean
anx_certificate_verify_timeless (AnxCertificate *self,
                                 AnxCertificate *authority,
                                 AnxKeyUse use,
                                 GError **error)
{
  return verify (self, authority, use, NULL, error);
}

/**
 * anx_certificate_peek:
 * @self: a certificate
 *
 * Returns: (transfer none): libcrypto's certificate
 */
X509 *
anx_certificate_peek (AnxCertificate *self)
{
  return self->x509;
}

/**
 * anx_certificate_ref:
 * @self: a certificate
 *
 * Returns: (transfer full): the same certificate
 */
AnxCertificate *
anx_certificate_ref (AnxCertificate *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxCertificate *self = data;
  X509_free (self->x509);
  g_free (self->principal);
  g_free (self->district);
  g_free (self->serial);
  g_free (self->fingerprint);
}

/**
 * anx_certificate_unref:
 * @self: (transfer full): a certificate
 */
void
anx_certificate_unref (AnxCertificate *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
