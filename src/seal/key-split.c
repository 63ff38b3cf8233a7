/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "key-split.h"

#include <libgfshare.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

#include "seal-private.h"
#include "text.h"

#define SCALAR_BYTES 32
#define FORM_VERSION 1
/* version, threshold, count, number, set, data, check: a multiple of five bytes, so that base 32 ends evenly. */
#define HEAD_BYTES 8
#define CHECK_BYTES 5
#define SHARE_BYTES (HEAD_BYTES + SCALAR_BYTES + CHECK_BYTES)
#define GROUP_CHARS 4

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_GROUP, EC_GROUP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_POINT, EC_POINT_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM, OSSL_PARAM_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (gfshare_ctx, gfshare_ctx_free)

/* The library's own source of randomness is random(3); its coefficients are as secret as the key. */
static void
fill_random (unsigned char *bytes,
             unsigned int length)
{
  if (RAND_priv_bytes (bytes, (int) length) != 1)
    g_error ("libcrypto has no randomness");
}

/**
 * anx_key_share_free:
 * @self: (transfer full) (nullable): a share, which is wiped
 */
void
anx_key_share_free (AnxKeyShare *self)
{
  if (self != NULL)
    OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

static gboolean
read_scalar (AnxKey *key,
             guint8 scalar[SCALAR_BYTES],
             GError **error)
{
  BIGNUM *number = NULL;
  gboolean read = EVP_PKEY_get_bn_param (anx_key_peek (key), OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
                  BN_bn2binpad (number, scalar, SCALAR_BYTES) == SCALAR_BYTES;
  BN_clear_free (number);
  return read || anx_seal_fail_internal (error, "Reading a private key");
}

/**
 * anx_key_split:
 * @self: a key
 * @threshold: how many shares give it back, 2 to @count
 * @count: how many shares, at most %ANX_KEY_MOST_SHARES
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable) (element-type AnxKeyShare): the shares, numbered from 1
 */
GPtrArray *
anx_key_split (AnxKey *self,
               guint threshold,
               guint count,
               GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (threshold < 2 || threshold > count || count > ANX_KEY_MOST_SHARES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A key is split into 2 to %d shares, of which at least 2 give it back", ANX_KEY_MOST_SHARES);
      return NULL;
    }
  guint8 scalar[SCALAR_BYTES];
  guint8 numbers[ANX_KEY_MOST_SHARES];
  guint32 set;
  if (!read_scalar (self, scalar, error))
    return NULL;
  for (guint i = 0; i < count; i++)
    numbers[i] = (guint8) (i + 1);
  fill_random ((unsigned char *) &set, sizeof set);
  gfshare_fill_rand = fill_random;
  g_autoptr (gfshare_ctx) context = gfshare_ctx_init_enc (numbers, count, (unsigned char) threshold, SCALAR_BYTES);
  if (context == NULL)
    {
      OPENSSL_cleanse (scalar, sizeof scalar);
      anx_seal_fail_internal (error, "Splitting a key");
      return NULL;
    }
  gfshare_ctx_enc_setsecret (context, scalar);
  OPENSSL_cleanse (scalar, sizeof scalar);
  GPtrArray *shares = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_key_share_free);
  for (guint i = 0; i < count; i++)
    {
      AnxKeyShare *share = g_new0 (AnxKeyShare, 1);
      share->threshold = threshold;
      share->count = count;
      share->number = i + 1;
      share->set = set;
      gfshare_ctx_enc_getshare (context, (unsigned char) i, share->data);
      g_ptr_array_add (shares, share);
    }
  return shares;
}

/* A private number and what belongs to it; NULL for a number that is no key. */
static AnxKey *
key_from_scalar (const guint8 scalar[SCALAR_BYTES])
{
  guint8 public_bytes[1 + 2 * SCALAR_BYTES];
  g_autoptr (BIGNUM) number = BN_secure_new ();
  g_autoptr (EC_GROUP) group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  g_autoptr (EC_POINT) point = group != NULL ? EC_POINT_new (group) : NULL;
  g_autoptr (OSSL_PARAM_BLD) builder = OSSL_PARAM_BLD_new ();
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  g_autoptr (EVP_PKEY) pkey = NULL;
  if (number == NULL || point == NULL || builder == NULL || context == NULL || BN_bin2bn (scalar, SCALAR_BYTES, number) == NULL ||
      BN_is_zero (number) || BN_cmp (number, EC_GROUP_get0_order (group)) >= 0 || EC_POINT_mul (group, point, number, NULL, NULL, NULL) != 1 ||
      EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED, public_bytes, sizeof public_bytes, NULL) != sizeof public_bytes)
    return NULL;
  if (OSSL_PARAM_BLD_push_utf8_string (builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string (builder, OSSL_PKEY_PARAM_PUB_KEY, public_bytes, sizeof public_bytes) != 1 ||
      OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_PRIV_KEY, number) != 1)
    return NULL;
  g_autoptr (OSSL_PARAM) parameters = OSSL_PARAM_BLD_to_param (builder);
  if (parameters == NULL || EVP_PKEY_fromdata_init (context) != 1 || EVP_PKEY_fromdata (context, &pkey, EVP_PKEY_KEYPAIR, parameters) != 1)
    return NULL;
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *pem = NULL;
  if (bio == NULL || PEM_write_bio_PKCS8PrivateKey (bio, pkey, NULL, NULL, 0, NULL, NULL) != 1 || BIO_write (bio, "", 1) != 1 ||
      BIO_get_mem_data (bio, &pem) <= 0)
    return NULL;
  return anx_key_new_from_pem (pem, NULL);
}

static gboolean
shares_fit (GPtrArray *shares,
            guint8 *numbers,
            GError **error)
{
  const AnxKeyShare *first = shares->len > 0 ? shares->pdata[0] : NULL;
  if (first == NULL || shares->len < first->threshold)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "%u shares are here, but %u are needed", shares->len, first != NULL ? first->threshold : 2);
  for (guint i = 0; i < shares->len; i++)
    {
      const AnxKeyShare *share = shares->pdata[i];
      if (share->set != first->set || share->threshold != first->threshold || share->count != first->count)
        return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "Share %u is not of the same set as share %u", share->number, first->number);
      for (guint k = 0; k < i; k++)
        if (numbers[k] == share->number)
          return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "Share %u is here twice", share->number);
      numbers[i] = (guint8) share->number;
    }
  return TRUE;
}

/**
 * anx_key_join:
 * @shares: (element-type AnxKeyShare): at most %ANX_KEY_MOST_SHARES different ones of one set, at least its threshold
 * @certificate: of the key that was split
 * @error: return location, %ANX_SEAL_ERROR_INVALID; %ANX_SEAL_ERROR_TAMPERED when what comes out is not the certificate's key
 *
 * Returns: (transfer full) (nullable): the key
 */
AnxKey *
anx_key_join (GPtrArray *shares,
              AnxCertificate *certificate,
              GError **error)
{
  g_return_val_if_fail (shares != NULL && shares->len <= ANX_KEY_MOST_SHARES && certificate != NULL, NULL);
  guint8 numbers[ANX_KEY_MOST_SHARES] = { 0 };
  guint8 scalar[SCALAR_BYTES];
  if (!shares_fit (shares, numbers, error))
    return NULL;
  /* The library writes over its memory with it. */
  gfshare_fill_rand = fill_random;
  g_autoptr (gfshare_ctx) context = gfshare_ctx_init_dec (numbers, shares->len, SCALAR_BYTES);
  if (context == NULL)
    {
      anx_seal_fail_internal (error, "Joining shares");
      return NULL;
    }
  for (guint i = 0; i < shares->len; i++)
    gfshare_ctx_dec_giveshare (context, (unsigned char) i, ((AnxKeyShare *) shares->pdata[i])->data);
  gfshare_ctx_dec_extract (context, scalar);
  g_autoptr (AnxKey) key = key_from_scalar (scalar);
  OPENSSL_cleanse (scalar, sizeof scalar);
  if (key != NULL && anx_certificate_matches_key (certificate, key))
    return g_steal_pointer (&key);
  anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The shares do not give the key of this certificate");
  return NULL;
}

static void
write_check (guint8 bytes[SHARE_BYTES])
{
  guint8 digest[SHA256_DIGEST_LENGTH];
  SHA256 (bytes, HEAD_BYTES + SCALAR_BYTES, digest);
  memcpy (bytes + HEAD_BYTES + SCALAR_BYTES, digest, CHECK_BYTES);
}

/**
 * anx_key_share_to_text:
 * @self: a share
 *
 * Returns: (transfer full): what stands on paper: 18 groups of 4 characters; free with anx_secret_free()
 */
char *
anx_key_share_to_text (const AnxKeyShare *self)
{
  guint8 bytes[SHARE_BYTES] = { FORM_VERSION, (guint8) self->threshold, (guint8) self->count, (guint8) self->number };
  for (guint i = 0; i < 4; i++)
    bytes[4 + i] = (guint8) (self->set >> (24 - 8 * i));
  memcpy (bytes + HEAD_BYTES, self->data, SCALAR_BYTES);
  write_check (bytes);
  g_autofree char *plain = anx_base32_encode (bytes, sizeof bytes);
  GString *text = g_string_sized_new (128);
  for (gsize i = 0; plain[i] != '\0'; i++)
    {
      if (i > 0 && i % GROUP_CHARS == 0)
        g_string_append_c (text, '-');
      g_string_append_c (text, plain[i]);
    }
  OPENSSL_cleanse (plain, strlen (plain));
  OPENSSL_cleanse (bytes, sizeof bytes);
  return g_string_free (text, FALSE);
}

/* Crockford's alphabet, with the letters that people mistake for digits. */
static int
character_value (char c)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  c = g_ascii_toupper (c);
  c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  const char *found = c != '\0' ? strchr (alphabet, c) : NULL;
  return found != NULL ? (int) (found - alphabet) : -1;
}

static gboolean
decode_share (const char *text,
              guint8 bytes[SHARE_BYTES])
{
  guint32 bits = 0;
  guint n_bits = 0;
  gsize length = 0;
  for (; *text != '\0'; text++)
    {
      if (g_ascii_isspace (*text) || *text == '-')
        continue;
      int value = character_value (*text);
      if (value < 0 || length == SHARE_BYTES)
        return FALSE;
      bits = bits << 5 | (guint32) value;
      n_bits += 5;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          bytes[length++] = (guint8) (bits >> n_bits);
        }
    }
  return length == SHARE_BYTES && n_bits == 0;
}

/**
 * anx_key_share_parse:
 * @text: as read from paper; case, spaces, line ends and dashes do not count
 * @error: return location, %ANX_SEAL_ERROR_INVALID: a wrong character is found by the share's check
 *
 * Returns: (transfer full) (nullable): the share
 */
AnxKeyShare *
anx_key_share_parse (const char *text,
                     GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  guint8 bytes[SHARE_BYTES];
  guint8 given[CHECK_BYTES];
  gboolean decoded = decode_share (text, bytes);
  AnxKeyShare *share = NULL;
  if (decoded)
    {
      memcpy (given, bytes + HEAD_BYTES + SCALAR_BYTES, CHECK_BYTES);
      write_check (bytes);
    }
  if (!decoded || memcmp (given, bytes + HEAD_BYTES + SCALAR_BYTES, CHECK_BYTES) != 0)
    anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A character of the share is wrong or missing. Compare it with the paper");
  else if (bytes[0] != FORM_VERSION || bytes[1] < 2 || bytes[1] > bytes[2] || bytes[2] > ANX_KEY_MOST_SHARES || bytes[3] < 1 || bytes[3] > bytes[2])
    anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The share is of another version of Anxin");
  else
    {
      share = g_new0 (AnxKeyShare, 1);
      share->threshold = bytes[1];
      share->count = bytes[2];
      share->number = bytes[3];
      for (guint i = 0; i < 4; i++)
        share->set = share->set << 8 | bytes[4 + i];
      memcpy (share->data, bytes + HEAD_BYTES, SCALAR_BYTES);
    }
  OPENSSL_cleanse (bytes, sizeof bytes);
  return share;
}
