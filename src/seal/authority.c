/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "authority.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "bounds.h"
#include "cms-private.h"
#include "id.h"
#include "seal-private.h"

#define DAY_SECONDS (24 * 60 * 60)
#define BEGINS_BEFORE_SECONDS (2 * DAY_SECONDS)
#define AUTHORITY_SECONDS (3653L * DAY_SECONDS)
#define PRINCIPAL_SECONDS (731L * DAY_SECONDS)
#define CRL_SECONDS (90L * DAY_SECONDS)
/* RFC 5280 section 4.1.2.2 allows 20 octets; 128 bits of chance make a number nobody can foresee. */
#define SERIAL_BYTES 16
#define SERIAL_MAX_DIGITS 40
#define SERVER_NAMES_MAX 32
#define SERVER_PRINCIPAL "hub"
#define AUTHORITY_PRINCIPAL "authority"

struct _AnxAuthority
{
  GObject parent_instance;

  AnxKey *key;
  AnxCertificate *certificate;
};

G_DEFINE_FINAL_TYPE (AnxAuthority, anx_authority, G_TYPE_OBJECT)

static void
anx_authority_finalize (GObject *object)
{
  AnxAuthority *self = ANX_AUTHORITY (object);
  g_clear_pointer (&self->key, anx_key_unref);
  g_clear_pointer (&self->certificate, anx_certificate_unref);
  G_OBJECT_CLASS (anx_authority_parent_class)->finalize (object);
}

static void
anx_authority_class_init (AnxAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_authority_finalize;
}

static void
anx_authority_init (AnxAuthority *self)
{
}

static gboolean
set_random_serial (X509 *x509)
{
  guint8 bytes[SERIAL_BYTES];
  anx_random_bytes (bytes, sizeof bytes);
  g_autoptr (BIGNUM) number = BN_bin2bn (bytes, sizeof bytes, NULL);
  return number != NULL && BN_to_ASN1_INTEGER (number, X509_get_serialNumber (x509)) != NULL;
}

static gboolean
set_times (X509 *x509,
           gint64 now_usec,
           long seconds)
{
  time_t now = (time_t) (now_usec / G_USEC_PER_SEC);
  return ASN1_TIME_set (X509_getm_notBefore (x509), now - BEGINS_BEFORE_SECONDS) != NULL &&
         ASN1_TIME_set (X509_getm_notAfter (x509), now + seconds) != NULL;
}

static gboolean
add_name (X509_NAME *name,
          int nid,
          const char *text)
{
  return X509_NAME_add_entry_by_NID (name, nid, MBSTRING_UTF8, (const guint8 *) text, -1, -1, 0) == 1;
}

static gboolean
add_extension (X509 *x509,
               X509 *issuer,
               int nid,
               const char *value)
{
  X509V3_CTX context;
  X509V3_set_ctx_nodb (&context);
  X509V3_set_ctx (&context, issuer, x509, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, &context, nid, value);
  gboolean added = extension != NULL && X509_add_ext (x509, extension, -1) == 1;
  X509_EXTENSION_free (extension);
  return added;
}

static AnxAuthority *
build (AnxKey *key,
       AnxCertificate *certificate)
{
  AnxAuthority *self = g_object_new (ANX_TYPE_AUTHORITY, NULL);
  self->key = anx_key_ref (key);
  self->certificate = anx_certificate_ref (certificate);
  return self;
}

/**
 * anx_authority_create:
 * @district: the district's id
 * @district_name: the district's name for people, at most 64 characters (the bound of X.520's attribute)
 * @now_usec: the time, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * A new authority: a key and a self-signed certificate of ten years. Nothing is stored; that is the caller's affair.
 *
 * Returns: (transfer full) (nullable): the authority
 */
AnxAuthority *
anx_authority_create (const char *district,
                      const char *district_name,
                      gint64 now_usec,
                      GError **error)
{
  if (!anx_principal_id_is_valid (district) || district_name == NULL || !g_utf8_validate (district_name, -1, NULL) ||
      *district_name == '\0' || g_utf8_strlen (district_name, -1) > 64)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A district needs an id and a name of at most 64 characters");
      return NULL;
    }
  g_autoptr (AnxKey) key = anx_key_generate (error);
  if (key == NULL)
    return NULL;

  g_autoptr (X509) x509 = X509_new ();
  X509_NAME *name = x509 != NULL ? X509_get_subject_name (x509) : NULL;
  /* The subject key identifier must be there before the authority key identifier can point to it. digitalSignature is
   * for the directory, which the authority signs itself. */
  if (x509 == NULL || X509_set_version (x509, X509_VERSION_3) != 1 || !set_random_serial (x509) ||
      !set_times (x509, now_usec, AUTHORITY_SECONDS) || !add_name (name, NID_organizationName, district) ||
      !add_name (name, NID_organizationalUnitName, district_name) ||
      !add_name (name, NID_commonName, AUTHORITY_PRINCIPAL) || X509_set_issuer_name (x509, name) != 1 ||
      X509_set_pubkey (x509, anx_key_peek (key)) != 1 ||
      !add_extension (x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension (x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature") ||
      !add_extension (x509, x509, NID_subject_key_identifier, "hash") ||
      !add_extension (x509, x509, NID_authority_key_identifier, "keyid:always") ||
      X509_sign (x509, anx_key_peek (key), EVP_sha256 ()) <= 0)
    {
      anx_seal_fail_internal (error, "Making the authority's certificate");
      return NULL;
    }
  g_autoptr (AnxCertificate) certificate = anx_certificate_take (g_steal_pointer (&x509), error);
  return certificate != NULL ? build (key, certificate) : NULL;
}

/**
 * anx_authority_open:
 * @key: the authority's key
 * @certificate: the authority's certificate
 * @error: return location, %ANX_SEAL_ERROR_UNTRUSTED
 *
 * Returns: (transfer full) (nullable): the authority, when the two belong together and the certificate is of an
 * authority
 */
AnxAuthority *
anx_authority_open (AnxKey *key,
                    AnxCertificate *certificate,
                    GError **error)
{
  g_return_val_if_fail (key != NULL && certificate != NULL, NULL);
  if (!anx_certificate_matches_key (certificate, key) || X509_check_ca (anx_certificate_peek (certificate)) != 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "This key and certificate are not those of an authority");
      return NULL;
    }
  return build (key, certificate);
}

/**
 * anx_authority_get_key:
 * @self: an authority
 *
 * Returns: (transfer none): its key
 */
AnxKey *
anx_authority_get_key (AnxAuthority *self)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self), NULL);
  return self->key;
}

/**
 * anx_authority_get_certificate:
 * @self: an authority
 *
 * Returns: (transfer none): its certificate, which everyone else pins
 */
AnxCertificate *
anx_authority_get_certificate (AnxAuthority *self)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self), NULL);
  return self->certificate;
}

static X509_REQ *
read_request (const char *pem,
              GError **error)
{
  gsize length = strlen (pem);
  if (length > ANX_BOUND_PEM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The certificate request is longer than %d bytes",
                     ANX_BOUND_PEM_BYTES);
      return NULL;
    }
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, (int) length);
  g_autoptr (X509_REQ) request = PEM_read_bio_X509_REQ (bio, NULL, NULL, NULL);
  if (request == NULL || !anx_key_is_p256 (X509_REQ_get0_pubkey (request)))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a certificate request for a key on the curve P-256");
      return NULL;
    }
  /* Without it, somebody could have another's public key certified under a name of their own. */
  if (X509_REQ_verify (request, X509_REQ_get0_pubkey (request)) != 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The certificate request is not signed with its own key");
      return NULL;
    }
  return g_steal_pointer (&request);
}

/* Nothing of the request but its public key goes into the certificate: names and extensions are the authority's. */
static AnxCertificate *
issue (AnxAuthority *self,
       X509_REQ *request,
       const char *principal,
       const char *key_usage,
       const char *extended_key_usage,
       const char *alternative_names,
       gint64 now_usec,
       GError **error)
{
  X509 *issuer = anx_certificate_peek (self->certificate);
  g_autoptr (X509) x509 = X509_new ();
  X509_NAME *name = x509 != NULL ? X509_get_subject_name (x509) : NULL;
  if (x509 == NULL || X509_set_version (x509, X509_VERSION_3) != 1 || !set_random_serial (x509) ||
      !set_times (x509, now_usec, PRINCIPAL_SECONDS) ||
      !add_name (name, NID_organizationName, anx_certificate_get_district (self->certificate)) ||
      !add_name (name, NID_commonName, principal) ||
      X509_set_issuer_name (x509, X509_get_subject_name (issuer)) != 1 ||
      X509_set_pubkey (x509, X509_REQ_get0_pubkey (request)) != 1 ||
      !add_extension (x509, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension (x509, issuer, NID_key_usage, key_usage) ||
      (extended_key_usage != NULL && !add_extension (x509, issuer, NID_ext_key_usage, extended_key_usage)) ||
      (alternative_names != NULL && !add_extension (x509, issuer, NID_subject_alt_name, alternative_names)) ||
      !add_extension (x509, issuer, NID_subject_key_identifier, "hash") ||
      !add_extension (x509, issuer, NID_authority_key_identifier, "keyid:always") ||
      X509_sign (x509, anx_key_peek (self->key), EVP_sha256 ()) <= 0)
    {
      anx_seal_fail_internal (error, "Making a certificate");
      return NULL;
    }
  return anx_certificate_take (g_steal_pointer (&x509), error);
}

/**
 * anx_authority_issue:
 * @self: an authority
 * @request_pem: the request, made by anx_key_make_request()
 * @principal: the principal it must be of
 * @use: what the certificate is for
 * @now_usec: the time, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED when the
 * request is not signed with its own key or not of @principal, %ANX_SEAL_ERROR_INTERNAL
 *
 * Valid from two days before @now_usec for two years after it.
 *
 * Returns: (transfer full) (nullable): the certificate
 */
AnxCertificate *
anx_authority_issue (AnxAuthority *self,
                     const char *request_pem,
                     const char *principal,
                     AnxKeyUse use,
                     gint64 now_usec,
                     GError **error)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self) && request_pem != NULL, NULL);
  if (!anx_principal_id_is_valid (principal))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a principal's id");
      return NULL;
    }
  g_autoptr (X509_REQ) request = read_request (request_pem, error);
  if (request == NULL)
    return NULL;
  g_autofree char *name = anx_name_dup_entry (X509_REQ_get_subject_name (request), NID_commonName);
  if (g_strcmp0 (name, principal) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The certificate request is not of %s", principal);
      return NULL;
    }
  if (use == ANX_KEY_USE_SEAL)
    return issue (self, request, principal, "critical,keyAgreement", NULL, NULL, now_usec, error);
  return issue (self, request, principal, "critical,digitalSignature", "clientAuth", NULL, now_usec, error);
}

static gboolean
server_name_is_valid (const char *name)
{
  gsize length = strlen (name);
  /* X509V3's configuration syntax gives commas and colons a meaning; a colon is only let through in an IP address. */
  return length > 0 && length <= 253 &&
         (g_hostname_is_ip_address (name) ||
          strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == length);
}

/**
 * anx_authority_issue_server:
 * @self: an authority
 * @request_pem: the request; its name does not matter
 * @names: (array zero-terminated=1): 1 to 32 DNS names (lower case) or IP addresses under which clients reach the hub
 * @now_usec: the time, microseconds since 1970 UTC
 * @error: return location, as anx_authority_issue()
 *
 * Valid from two days before @now_usec for two years after it.
 *
 * Returns: (transfer full) (nullable): a TLS server certificate with CN=hub
 */
AnxCertificate *
anx_authority_issue_server (AnxAuthority *self,
                            const char *request_pem,
                            const char *const *names,
                            gint64 now_usec,
                            GError **error)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self) && request_pem != NULL && names != NULL, NULL);
  g_autoptr (X509_REQ) request = read_request (request_pem, error);
  if (request == NULL)
    return NULL;
  gsize count = 0;
  g_autoptr (GString) list = g_string_new (NULL);
  for (; names[count] != NULL; count++)
    {
      if (count == SERVER_NAMES_MAX || !server_name_is_valid (names[count]))
        {
          anx_seal_fail (error, ANX_SEAL_ERROR_INVALID,
                         "The server's names must be at most %d DNS names or IP addresses", SERVER_NAMES_MAX);
          return NULL;
        }
      g_string_append_printf (list, "%s%s:%s", count > 0 ? "," : "",
                              g_hostname_is_ip_address (names[count]) ? "IP" : "DNS", names[count]);
    }
  if (count == 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A server needs at least one name");
      return NULL;
    }
  return issue (self, request, SERVER_PRINCIPAL, "critical,digitalSignature", "serverAuth", list->str, now_usec, error);
}

static gboolean
add_revoked (X509_CRL *list,
             const char *serial,
             const ASN1_TIME *when)
{
  BIGNUM *number = NULL;
  if (BN_hex2bn (&number, serial) == 0)
    return FALSE;
  g_autoptr (BIGNUM) owned = number;
  g_autoptr (ASN1_INTEGER) integer = BN_to_ASN1_INTEGER (owned, NULL);
  X509_REVOKED *entry = X509_REVOKED_new ();
  if (integer != NULL && entry != NULL && X509_REVOKED_set_serialNumber (entry, integer) == 1 &&
      X509_REVOKED_set_revocationDate (entry, (ASN1_TIME *) when) == 1 && X509_CRL_add0_revoked (list, entry) == 1)
    return TRUE;
  X509_REVOKED_free (entry);
  return FALSE;
}

static gboolean
add_crl_extensions (X509_CRL *list,
                    X509 *issuer,
                    gint64 number)
{
  g_autoptr (ASN1_INTEGER) integer = ASN1_INTEGER_new ();
  X509V3_CTX context;
  X509V3_set_ctx_nodb (&context);
  X509V3_set_ctx (&context, issuer, NULL, NULL, list, 0);
  X509_EXTENSION *identifier = X509V3_EXT_conf_nid (NULL, &context, NID_authority_key_identifier, "keyid:always");
  gboolean added = identifier != NULL && X509_CRL_add_ext (list, identifier, -1) == 1 && integer != NULL &&
                   ASN1_INTEGER_set_int64 (integer, number) == 1 &&
                   X509_CRL_add1_ext_i2d (list, NID_crl_number, integer, 0, 0) == 1;
  X509_EXTENSION_free (identifier);
  return added;
}

/**
 * anx_authority_make_crl:
 * @self: an authority
 * @serials: (array zero-terminated=1) (nullable): serial numbers of revoked certificates, hex
 * @number: the list's number, from 0; higher than the last one's
 * @now_usec: the time, microseconds since 1970 UTC
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * A revocation list (RFC 5280 section 5), the next one due in 90 days. It names every revoked certificate, not only new
 * ones.
 *
 * Returns: (transfer full) (nullable): the list in DER
 */
GBytes *
anx_authority_make_crl (AnxAuthority *self,
                        const char *const *serials,
                        gint64 number,
                        gint64 now_usec,
                        GError **error)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self) && number >= 0, NULL);
  X509 *issuer = anx_certificate_peek (self->certificate);
  time_t now = (time_t) (now_usec / G_USEC_PER_SEC);
  g_autoptr (ASN1_TIME) this_update = ASN1_TIME_set (NULL, now);
  g_autoptr (ASN1_TIME) next_update = ASN1_TIME_set (NULL, now + CRL_SECONDS);
  g_autoptr (X509_CRL) list = X509_CRL_new ();
  if (list == NULL || this_update == NULL || next_update == NULL ||
      X509_CRL_set_version (list, X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name (list, X509_get_subject_name (issuer)) != 1 ||
      X509_CRL_set1_lastUpdate (list, this_update) != 1 || X509_CRL_set1_nextUpdate (list, next_update) != 1 ||
      !add_crl_extensions (list, issuer, number))
    {
      anx_seal_fail_internal (error, "Preparing a revocation list");
      return NULL;
    }
  for (gsize i = 0; serials != NULL && serials[i] != NULL; i++)
    {
      gsize digits = strlen (serials[i]);
      if (digits == 0 || digits > SERIAL_MAX_DIGITS || strspn (serials[i], "0123456789abcdefABCDEF") != digits ||
          !add_revoked (list, serials[i], this_update))
        {
          anx_seal_fail (error, ANX_SEAL_ERROR_INVALID,
                         "Entry %" G_GSIZE_FORMAT " is not a certificate's serial number", i);
          return NULL;
        }
    }
  unsigned char *der = NULL;
  int length = -1;
  if (X509_CRL_sort (list) == 1 && X509_CRL_sign (list, anx_key_peek (self->key), EVP_sha256 ()) > 0)
    length = i2d_X509_CRL (list, &der);
  if (length <= 0)
    {
      anx_seal_fail_internal (error, "Signing a revocation list");
      return NULL;
    }
  GBytes *bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  return bytes;
}

/**
 * anx_authority_sign_directory:
 * @self: an authority
 * @json: the directory's JSON, at most %ANX_BOUND_DIRECTORY_BYTES
 * @error: return location, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_INTERNAL
 *
 * Signs the bytes as they are; anx_directory_open() is what judges them, so the administrator's tool opens what it
 * signed before it sends it.
 *
 * Returns: (transfer full) (nullable): CMS SignedData in DER
 */
GBytes *
anx_authority_sign_directory (AnxAuthority *self,
                              GBytes *json,
                              GError **error)
{
  g_return_val_if_fail (ANX_IS_AUTHORITY (self) && json != NULL, NULL);
  /* The signature adds about a kilobyte, and the whole must fit where it is read. */
  if (g_bytes_get_size (json) > ANX_BOUND_DIRECTORY_BYTES - 8192)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The directory is longer than %d bytes",
                     ANX_BOUND_DIRECTORY_BYTES - 8192);
      return NULL;
    }
  return anx_cms_sign (json, NID_pkcs7_data, NULL, NULL, g_get_real_time (), self->key, self->certificate, error);
}
