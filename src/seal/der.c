/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "der-private.h"

#include <string.h>

/**
 * anx_der_take:
 * @reader: what is left to read; moved behind the element on success only
 * @tag: the identifier octet that must come next
 * @out_content: (out): the element's content, within @reader's memory
 *
 * Returns: whether such an element came next, whole and in DER
 */
gboolean
anx_der_take (AnxDer *reader,
              guint8 tag,
              AnxDer *out_content)
{
  if (reader->length < 2 || reader->data[0] != tag)
    return FALSE;
  gsize at = 2, length = reader->data[1];
  if (length >= 0x80)
    {
      gsize octets = length & 0x7f;
      if (octets == 0 || octets > 4 || reader->length < 2 + octets || reader->data[2] == 0)
        return FALSE;
      length = 0;
      for (gsize i = 0; i < octets; i++)
        length = (length << 8) | reader->data[at++];
      if (length < 0x80)
        return FALSE;
    }
  if (length > reader->length - at)
    return FALSE;
  *out_content = (AnxDer){ reader->data + at, length };
  reader->data += at + length;
  reader->length -= at + length;
  return TRUE;
}

/**
 * anx_der_take_exactly:
 * @reader: what is left to read; moved on success only
 * @bytes: (array length=length): what must come next
 * @length: how many bytes
 *
 * Returns: whether exactly these bytes came next
 */
gboolean
anx_der_take_exactly (AnxDer *reader,
                      const guint8 *bytes,
                      gsize length)
{
  if (reader->length < length || memcmp (reader->data, bytes, length) != 0)
    return FALSE;
  reader->data += length;
  reader->length -= length;
  return TRUE;
}

/**
 * anx_der_add:
 * @out: where to append
 * @tag: the identifier octet
 * @content: (array length=length): the element's content
 * @length: its bytes, less than 2^32
 *
 * Appends one element.
 */
void
anx_der_add (GByteArray *out,
             guint8 tag,
             const guint8 *content,
             gsize length)
{
  guint8 head[6] = { tag };
  guint size = 1;
  if (length < 0x80)
    head[size++] = (guint8) length;
  else
    {
      guint octets = length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
      head[size++] = (guint8) (0x80 | octets);
      while (octets-- > 0)
        head[size++] = (guint8) (length >> (8 * octets));
    }
  g_byte_array_append (out, head, size);
  g_byte_array_append (out, content, (guint) length);
}
