/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-key.h"

#include <openssl/evp.h>
#include <string.h>

#include "process.h"
#include "seal-private.h"
#include "text.h"

/* RFC 7914 section 2; the cost is what a kiosk spends in about a tenth of a second. */
#define COST 32768
#define BLOCK_SIZE 8
#define PARALLELISM 1
#define MEMORY_BYTES (64 * 1024 * 1024)
#define KEY_BYTES 32
/* Codes are about ten characters; the bound only keeps nonsense out. */
#define CODE_MAX_BYTES 128

/**
 * anx_code_key_derive:
 * @normalised_code: a resident's code in its normal form, 1 to 128 bytes
 * @district: the district's id
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * The key under which the hub knows a code it never sees. Deterministic, so that every kiosk of the district finds the
 * same booking; slow, so that the hub's copy cannot be tried through. Blocks for about 0.1 s: not on a main loop that
 * draws.
 *
 * Returns: (transfer full) (nullable): 64 lower-case hex digits
 */
char *
anx_code_key_derive (const char *normalised_code,
                     const char *district,
                     GError **error)
{
  g_return_val_if_fail (normalised_code != NULL && district != NULL, NULL);
  gsize length = strlen (normalised_code);
  if (length == 0 || length > CODE_MAX_BYTES || *district == '\0')
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A code and a district are needed");
      return NULL;
    }
  guint8 key[KEY_BYTES];
  if (EVP_PBE_scrypt (normalised_code, length, (const guint8 *) district, strlen (district), COST, BLOCK_SIZE,
                      PARALLELISM, MEMORY_BYTES, key, sizeof key) != 1)
    {
      anx_seal_fail_internal (error, "Deriving a code's key");
      return NULL;
    }
  char *hex = anx_hex_encode (key, sizeof key);
  anx_wipe (key, sizeof key);
  return hex;
}
