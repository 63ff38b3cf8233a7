/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "id.h"

#include <string.h>
#include <sys/random.h>

#include "bounds.h"

/**
 * anx_random_bytes:
 * @out_bytes: (out caller-allocates) (array length=length): where to put them
 * @length: how many, at most 256
 *
 * Unpredictable bytes of the kernel. Ends the process if the kernel has none: going on would make guessable codes.
 */
void
anx_random_bytes (guint8 *out_bytes,
                  gsize length)
{
  g_return_if_fail (length <= 256);
  if (getrandom (out_bytes, length, 0) != (ssize_t) length)
    g_error ("The kernel gives no random numbers");
}

/**
 * anx_uuid_new:
 * @now_usec: the time, microseconds since 1970 UTC
 *
 * A UUID of version 7: 48 bits of milliseconds, 12 bits of the fraction below them (RFC 9562 section 6.2, method 3), 62
 * random bits. Ordered ids keep the hub's index compact.
 *
 * Returns: (transfer full): the id, 36 lower-case characters
 */
char *
anx_uuid_new (gint64 now_usec)
{
  guint8 b[16];
  guint64 ms = (guint64) MAX (now_usec, 0) / 1000;
  guint fraction = (guint) ((MAX (now_usec, 0) % 1000) * 4096 / 1000);

  anx_random_bytes (b + 8, 8);
  for (int i = 0; i < 6; i++)
    b[i] = (guint8) (ms >> (8 * (5 - i)));
  b[6] = (guint8) (0x70 | (fraction >> 8));
  b[7] = (guint8) (fraction & 0xff);
  b[8] = (b[8] & 0x3f) | 0x80;
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
                          b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/**
 * anx_uuid_is_valid:
 * @text: (nullable): a possible id
 *
 * Returns: whether @text is a UUIDv7 as anx_uuid_new() writes them
 */
gboolean
anx_uuid_is_valid (const char *text)
{
  if (text == NULL || strlen (text) != 36)
    return FALSE;
  for (int i = 0; i < 36; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text[i] != '-' : !(g_ascii_isdigit (text[i]) || (text[i] >= 'a' && text[i] <= 'f')))
        return FALSE;
    }
  return text[14] == '7' && strchr ("89ab", text[19]) != NULL;
}

/**
 * anx_principal_id_is_valid:
 * @text: (nullable): a possible id
 *
 * Principals (people, devices, groups, the recovery key) are named by the administrator with lower-case ASCII letters,
 * digits and dashes, starting with a letter, 2 to %ANX_BOUND_PRINCIPAL_CHARS characters.
 *
 * Returns: whether @text is such a name
 */
gboolean
anx_principal_id_is_valid (const char *text)
{
  if (text == NULL || !g_ascii_islower (text[0]))
    return FALSE;
  gsize length = strlen (text);
  if (length < 2 || length > ANX_BOUND_PRINCIPAL_CHARS)
    return FALSE;
  return strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}
