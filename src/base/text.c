/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text.h"

/**
 * anx_hex_encode:
 * @bytes: (array length=length): bytes
 * @length: how many
 *
 * Returns: (transfer full): two lower-case digits a byte
 */
char *
anx_hex_encode (const guint8 *bytes,
                gsize length)
{
  GString *out = g_string_sized_new (length * 2);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (out, "%02x", bytes[i]);
  return g_string_free (out, FALSE);
}

/**
 * anx_sha256_hex:
 * @bytes: bytes
 *
 * Returns: (transfer full): their SHA-256 digest, 64 lower-case hex digits
 */
char *
anx_sha256_hex (GBytes *bytes)
{
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

/**
 * anx_base32_encode:
 * @bytes: (array length=length): bytes
 * @length: how many
 *
 * Five bits a character in Crockford's alphabet (no I, L, O, U), without padding; for codes that people copy.
 * Source: Douglas Crockford, “Base 32”, https://www.crockford.com/base32.html
 *
 * Returns: (transfer full): the text
 */
char *
anx_base32_encode (const guint8 *bytes,
                   gsize length)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  GString *out = g_string_new (NULL);
  guint buffer = 0, bits = 0;
  for (gsize i = 0; i < length; i++)
    {
      buffer = (buffer << 8) | bytes[i];
      bits += 8;
      while (bits >= 5)
        {
          g_string_append_c (out, alphabet[(buffer >> (bits - 5)) & 31]);
          bits -= 5;
        }
      buffer &= (1u << bits) - 1;
    }
  if (bits > 0)
    g_string_append_c (out, alphabet[(buffer << (5 - bits)) & 31]);
  return g_string_free (out, FALSE);
}
