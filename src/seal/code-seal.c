/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "code-key.h"
#include "process.h"
#include "seal-private.h"
#include "text.h"

/* AES-256-GCM, NIST SP 800-38D: a random nonce of 96 bits, a tag of 128. */
#define KEY_BYTES 32
#define NONCE_BYTES 12
#define MAC_BYTES 16
#define MAX_PLAIN_BYTES (256 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

/* Two independent keys out of one slow one: what finds must not open. */
static gboolean
derive (const char *code,
        const char *salt,
        const char *purpose,
        guint8 out[KEY_BYTES],
        GError **error)
{
  anx_autosecret char *slow = anx_code_key_derive (code, salt, error);
  if (slow == NULL)
    return FALSE;
  unsigned int length = 0;
  if (HMAC (EVP_sha256 (), slow, (int) strlen (slow), (const guint8 *) purpose, strlen (purpose), out, &length) == NULL || length != KEY_BYTES)
    return anx_seal_fail_internal (error, "Deriving a key from a code");
  return TRUE;
}

/**
 * anx_code_seal_tag:
 * @normalised_code: the code, in its normal form
 * @salt: what the key is for and where, the same when it is opened; never the district alone, under which the hub knows codes
 * @error: as of anx_code_key_derive()
 *
 * The name under which something sealed to this code is found. Blocks for about 0.1 s.
 *
 * Returns: (transfer full): 64 lower-case hex digits, or %NULL
 */
char *
anx_code_seal_tag (const char *normalised_code,
                   const char *salt,
                   GError **error)
{
  guint8 tag[KEY_BYTES];
  if (!derive (normalised_code, salt, "anxin code tag", tag, error))
    return NULL;
  return anx_hex_encode (tag, sizeof tag);
}

static gboolean
encrypt (const guint8 key[KEY_BYTES],
         const guint8 *plain,
         gsize length,
         guint8 *out)
{
  g_autoptr (EVP_CIPHER_CTX) cipher = EVP_CIPHER_CTX_new ();
  int n = 0;
  return cipher != NULL && RAND_bytes (out, NONCE_BYTES) == 1
         && EVP_EncryptInit_ex (cipher, EVP_aes_256_gcm (), NULL, key, out) == 1
         && EVP_EncryptUpdate (cipher, out + NONCE_BYTES, &n, plain, (int) length) == 1
         && EVP_EncryptFinal_ex (cipher, out + NONCE_BYTES + length, &n) == 1
         && EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_GCM_GET_TAG, MAC_BYTES, out + NONCE_BYTES + length) == 1;
}

static gboolean
decrypt (const guint8 key[KEY_BYTES],
         const guint8 *sealed,
         gsize plain_length,
         guint8 *out)
{
  g_autoptr (EVP_CIPHER_CTX) cipher = EVP_CIPHER_CTX_new ();
  int n = 0;
  guint8 mac[MAC_BYTES];
  memcpy (mac, sealed + NONCE_BYTES + plain_length, sizeof mac);
  return cipher != NULL && EVP_DecryptInit_ex (cipher, EVP_aes_256_gcm (), NULL, key, sealed) == 1
         && EVP_DecryptUpdate (cipher, out, &n, sealed + NONCE_BYTES, (int) plain_length) == 1
         && EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_GCM_SET_TAG, sizeof mac, mac) == 1
         && EVP_DecryptFinal_ex (cipher, out + plain_length, &n) == 1;
}

static void
free_wiped (gpointer data)
{
  GByteArray *bytes = data;
  anx_wipe (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

/**
 * anx_code_seal:
 * @normalised_code: the code, in its normal form
 * @salt: as of anx_code_seal_tag()
 * @plain: 1 byte to 256 KiB
 * @out_tag: (out): as of anx_code_seal_tag(); untouched on failure
 * @error: %ANX_SEAL_ERROR_TOO_LARGE, or as of anx_code_key_derive()
 *
 * Blocks for about 0.2 s.
 *
 * Returns: (transfer full): nonce, ciphertext and authentication tag, or %NULL
 */
GBytes *
anx_code_seal (const char *normalised_code,
               const char *salt,
               GBytes *plain,
               char **out_tag,
               GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (plain, &length);
  if (length == 0 || length > MAX_PLAIN_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "What is sealed to a code has 1 byte to 256 KiB");
      return NULL;
    }
  g_autofree char *tag = anx_code_seal_tag (normalised_code, salt, error);
  guint8 key[KEY_BYTES];
  if (tag == NULL || !derive (normalised_code, salt, "anxin code seal", key, error))
    return NULL;
  g_autofree guint8 *sealed = g_malloc (NONCE_BYTES + length + MAC_BYTES);
  gboolean done = encrypt (key, data, length, sealed);
  anx_wipe (key, sizeof key);
  if (!done)
    {
      anx_seal_fail_internal (error, "Sealing to a code");
      return NULL;
    }
  *out_tag = g_steal_pointer (&tag);
  return g_bytes_new_take (g_steal_pointer (&sealed), NONCE_BYTES + length + MAC_BYTES);
}

/**
 * anx_code_open:
 * @normalised_code: the code, in its normal form
 * @salt: as when it was sealed
 * @sealed: what anx_code_seal() gave
 * @error: %ANX_SEAL_ERROR_INVALID (not of this form), %ANX_SEAL_ERROR_TAMPERED (another code, another salt, or a changed bit), or as of
 *   anx_code_key_derive()
 *
 * Blocks for about 0.1 s. The memory of the plain bytes is overwritten when they are freed.
 *
 * Returns: (transfer full): the plain bytes, or %NULL
 */
GBytes *
anx_code_open (const char *normalised_code,
               const char *salt,
               GBytes *sealed,
               GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  if (length <= NONCE_BYTES + MAC_BYTES || length > NONCE_BYTES + MAX_PLAIN_BYTES + MAC_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is nothing that was sealed to a code");
      return NULL;
    }
  guint8 key[KEY_BYTES];
  if (!derive (normalised_code, salt, "anxin code seal", key, error))
    return NULL;
  guint plain_length = (guint) (length - NONCE_BYTES - MAC_BYTES);
  GByteArray *plain = g_byte_array_sized_new (plain_length);
  g_byte_array_set_size (plain, plain_length);
  gboolean done = decrypt (key, data, plain_length, plain->data);
  anx_wipe (key, sizeof key);
  if (!done)
    {
      free_wiped (plain);
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "This does not open with that code");
      return NULL;
    }
  return g_bytes_new_with_free_func (plain->data, plain_length, free_wiped, plain);
}
