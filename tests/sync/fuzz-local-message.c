/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "id.h"
#include "local-message.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any bytes as datagrams: a length of two bytes, a byte for the sender, then the datagram, again and again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
  for (size_t at = 0; at + 3 < size;)
    {
      size_t length = MIN ((size_t) (data[at] << 8 | data[at + 1]), size - at - 3);
      char source[2] = { (char) ('a' + data[at + 2] % 8), '\0' };
      AnxLocalType type = 0;
      g_autofree char *subject = NULL;
      g_autoptr (GBytes) whole = anx_local_assembly_take (assembly, source, data + at + 3, length, (gint64) at, &type, &subject);
      g_assert_true ((whole != NULL) == (subject != NULL));
      if (whole != NULL)
        {
          g_assert_true (type == ANX_LOCAL_RECORD || type == ANX_LOCAL_RECEIPT);
          g_assert_cmpuint (g_bytes_get_size (whole), <=, ANX_LOCAL_MESSAGE_BYTES);
          g_assert_true (anx_uuid_is_valid (subject));
        }
      g_assert_cmpuint (anx_local_assembly_count (assembly), <=, 64);
      at += 3 + length;
    }
  return 0;
}
