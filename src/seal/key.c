/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>

#include "bounds.h"
#include "id.h"
#include "seal-private.h"

struct _AnxKey
{
  EVP_PKEY *pkey;
};

G_DEFINE_BOXED_TYPE (AnxKey, anx_key, anx_key_ref, anx_key_unref)

static AnxKey *
take (EVP_PKEY *pkey)
{
  AnxKey *self = g_atomic_rc_box_new0 (AnxKey);
  self->pkey = pkey;
  return self;
}

/* PEM's default callback asks on the terminal; a service must never wait there. */
static int
refuse_password (char *buffer,
                 int size,
                 int writing,
                 void *user_data)
{
  return -1;
}

/**
 * anx_key_is_p256:
 * @key: a key, private or public
 *
 * Returns: whether it is on the one curve the suite allows
 */
gboolean
anx_key_is_p256 (EVP_PKEY *key)
{
  char group[32];
  gsize length = 0;
  return key != NULL && EVP_PKEY_is_a (key, "EC") && EVP_PKEY_get_group_name (key, group, sizeof group, &length) == 1 &&
         (strcmp (group, SN_X9_62_prime256v1) == 0 || strcmp (group, "P-256") == 0);
}

/**
 * anx_key_generate:
 * @error: return location, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): a new key of libcrypto's random generator
 */
AnxKey *
anx_key_generate (GError **error)
{
  EVP_PKEY *pkey = EVP_EC_gen ("P-256");
  if (pkey == NULL)
    {
      anx_seal_fail_internal (error, "Making a key");
      return NULL;
    }
  return take (pkey);
}

/**
 * anx_key_new_from_pem:
 * @pem: an unencrypted private key in PEM, at most %ANX_BOUND_PEM_BYTES
 * @error: return location, %ANX_SEAL_ERROR_INVALID or %ANX_SEAL_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the key, P-256, its halves checked against each other
 */
AnxKey *
anx_key_new_from_pem (const char *pem,
                      GError **error)
{
  g_return_val_if_fail (pem != NULL, NULL);
  gsize length = strlen (pem);
  if (length > ANX_BOUND_PEM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The key is longer than %d bytes", ANX_BOUND_PEM_BYTES);
      return NULL;
    }

  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, (int) length);
  g_autoptr (EVP_PKEY) pkey = PEM_read_bio_PrivateKey (bio, NULL, refuse_password, NULL);
  if (pkey == NULL)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not an unencrypted private key in PEM");
      return NULL;
    }
  if (!anx_key_is_p256 (pkey))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The key is not on the curve P-256");
      return NULL;
    }
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_pkey (NULL, pkey, NULL);
  if (context == NULL || EVP_PKEY_check (context) != 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The key's halves do not belong together");
      return NULL;
    }
  return take (g_steal_pointer (&pkey));
}

/**
 * anx_key_to_pem:
 * @self: a key
 *
 * Returns: (transfer full): PKCS#8 (RFC 5958) in PEM, not encrypted; free with anx_secret_free()
 */
char *
anx_key_to_pem (AnxKey *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  /* libcrypto wipes a memory BIO when it frees it. */
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *data = NULL;
  if (PEM_write_bio_PKCS8PrivateKey (bio, self->pkey, NULL, NULL, 0, NULL, NULL) != 1)
    g_error ("libcrypto cannot write a key it made");
  long length = BIO_get_mem_data (bio, &data);
  return g_strndup (data, (gsize) length);
}

/**
 * anx_key_make_request:
 * @self: a key
 * @principal: the principal the key belongs to
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * A certificate request (PKCS#10, RFC 2986) with CN = @principal, signed with the key, which proves possession. A seal
 * key signs this one thing too.
 *
 * Returns: (transfer full) (nullable): the request in PEM
 */
char *
anx_key_make_request (AnxKey *self,
                      const char *principal,
                      GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (!anx_principal_id_is_valid (principal))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a principal's id");
      return NULL;
    }

  g_autoptr (X509_REQ) request = X509_REQ_new ();
  g_autoptr (X509_NAME) name = X509_NAME_new ();
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  if (request == NULL || name == NULL || bio == NULL || X509_REQ_set_version (request, X509_REQ_VERSION_1) != 1 ||
      X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_UTF8, (const guint8 *) principal, -1, -1, 0) != 1 ||
      X509_REQ_set_subject_name (request, name) != 1 || X509_REQ_set_pubkey (request, self->pkey) != 1 ||
      X509_REQ_sign (request, self->pkey, EVP_sha256 ()) <= 0 || PEM_write_bio_X509_REQ (bio, request) != 1)
    {
      anx_seal_fail_internal (error, "Making a certificate request");
      return NULL;
    }
  char *data = NULL;
  long length = BIO_get_mem_data (bio, &data);
  return g_strndup (data, (gsize) length);
}

/**
 * anx_key_peek:
 * @self: a key
 *
 * Returns: (transfer none): libcrypto's key
 */
EVP_PKEY *
anx_key_peek (AnxKey *self)
{
  return self->pkey;
}

/**
 * anx_key_ref:
 * @self: a key
 *
 * Returns: (transfer full): the same key
 */
AnxKey *
anx_key_ref (AnxKey *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxKey *self = data;
  /* libcrypto wipes the private number when it frees it. */
  EVP_PKEY_free (self->pkey);
}

/**
 * anx_key_unref:
 * @self: (transfer full): a key
 *
 * Gives one reference up; the last one wipes the key.
 */
void
anx_key_unref (AnxKey *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
