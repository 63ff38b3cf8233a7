/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "local-message.h"

#include <string.h>

#include "id.h"
#include "sync-error.h"
#include "text.h"

#define MAGIC "ANX1"
#define ID_BYTES 16
#define DIGEST_BYTES 16
#define MOST_MESSAGES 64
#define MOST_OF_SOURCE 8
#define LIFE_USEC (10 * (gint64) G_USEC_PER_SEC)

/* The head: magic 4, type, index, count, zero, subject 16, the first half of the message's SHA-256. */
enum
{
  AT_TYPE = 4,
  AT_INDEX = 5,
  AT_COUNT = 6,
  AT_ZERO = 7,
  AT_SUBJECT = 8,
  AT_DIGEST = AT_SUBJECT + ID_BYTES,
};
G_STATIC_ASSERT (AT_DIGEST + DIGEST_BYTES == ANX_LOCAL_HEAD_BYTES);

typedef struct
{
  char *source;
  guint8 head[ANX_LOCAL_HEAD_BYTES]; /* with index 0 */
  guint8 count;
  guint32 have;      /* a bit for each part */
  gsize size;        /* known once the last part is here */
  guint8 *data;      /* count parts */
  gint64 begun_usec;
} Message;

struct _AnxLocalAssembly
{
  GPtrArray *messages; /* Message, the oldest first */
};

static void
message_free (gpointer data)
{
  Message *message = data;
  g_free (message->source);
  g_free (message->data);
  g_free (message);
}

static void
id_to_bytes (const char *id,
             guint8 *out)
{
  for (guint n = 0; *id != '\0'; id++)
    if (*id != '-')
      {
        out[n / 2] = (guint8) (out[n / 2] << 4 | g_ascii_xdigit_value (*id));
        n++;
      }
}

static char *
id_from_bytes (const guint8 *data)
{
  GString *text = g_string_sized_new (36);
  for (guint i = 0; i < ID_BYTES; i++)
    g_string_append_printf (text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", data[i]);
  return g_string_free (text, FALSE);
}

static void
digest (const guint8 *data,
        gsize size,
        guint8 *out)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *hex = anx_sha256_hex (bytes);
  for (guint i = 0; i < DIGEST_BYTES; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
}

/**
 * anx_local_message_split:
 * @type: what it is
 * @subject: a UUID
 * @message: 1 to %ANX_LOCAL_MESSAGE_BYTES bytes
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable) (element-type GBytes): its datagrams, in order
 */
GPtrArray *
anx_local_message_split (AnxLocalType type,
                         const char *subject,
                         GBytes *message,
                         GError **error)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (message, &size);
  if (size == 0 || size > ANX_LOCAL_MESSAGE_BYTES || !anx_uuid_is_valid (subject))
    {
      g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "A message of the local network has 1 to %d bytes and a subject",
                   ANX_LOCAL_MESSAGE_BYTES);
      return NULL;
    }
  guint8 head[ANX_LOCAL_HEAD_BYTES] = MAGIC;
  head[AT_TYPE] = (guint8) type;
  head[AT_COUNT] = (guint8) ((size + ANX_LOCAL_PART_BYTES - 1) / ANX_LOCAL_PART_BYTES);
  id_to_bytes (subject, head + AT_SUBJECT);
  digest (data, size, head + AT_DIGEST);

  GPtrArray *parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint8 i = 0; i < head[AT_COUNT]; i++)
    {
      gsize offset = (gsize) i * ANX_LOCAL_PART_BYTES;
      g_autoptr (GByteArray) part = g_byte_array_new ();
      head[AT_INDEX] = i;
      g_byte_array_append (part, head, sizeof head);
      g_byte_array_append (part, data + offset, (guint) MIN (size - offset, ANX_LOCAL_PART_BYTES));
      g_ptr_array_add (parts, g_byte_array_free_to_bytes (g_steal_pointer (&part)));
    }
  return parts;
}

/**
 * anx_local_assembly_new:
 *
 * Returns: (transfer full): an empty one
 */
AnxLocalAssembly *
anx_local_assembly_new (void)
{
  AnxLocalAssembly *self = g_new0 (AnxLocalAssembly, 1);
  self->messages = g_ptr_array_new_with_free_func (message_free);
  return self;
}

/**
 * anx_local_assembly_free:
 * @self: (transfer full) (nullable): an assembly
 */
void
anx_local_assembly_free (AnxLocalAssembly *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->messages);
  g_free (self);
}

/**
 * anx_local_assembly_count:
 * @self: an assembly
 *
 * Returns: how many messages are not whole yet
 */
guint
anx_local_assembly_count (AnxLocalAssembly *self)
{
  return self->messages->len;
}

static gboolean
is_well_formed (const guint8 *data,
                gsize size)
{
  if (size <= ANX_LOCAL_HEAD_BYTES || size > ANX_LOCAL_HEAD_BYTES + ANX_LOCAL_PART_BYTES || memcmp (data, MAGIC, strlen (MAGIC)) != 0 ||
      data[AT_ZERO] != 0 || (data[AT_TYPE] != ANX_LOCAL_RECORD && data[AT_TYPE] != ANX_LOCAL_RECEIPT))
    return FALSE;
  if (data[AT_COUNT] < 1 || data[AT_COUNT] > ANX_LOCAL_MOST_PARTS || data[AT_INDEX] >= data[AT_COUNT])
    return FALSE;
  /* Every part but the last is full: so a part's place follows from its number. */
  return data[AT_INDEX] == data[AT_COUNT] - 1 || size == ANX_LOCAL_HEAD_BYTES + ANX_LOCAL_PART_BYTES;
}

/* The message a datagram belongs to; made when there is none. Room is made at the cost of the same source first. */
static Message *
find_message (AnxLocalAssembly *self,
              const char *source,
              const guint8 *data,
              gint64 now_usec)
{
  guint8 head[ANX_LOCAL_HEAD_BYTES];
  guint of_source = 0;
  memcpy (head, data, sizeof head);
  head[AT_INDEX] = 0;
  for (guint i = self->messages->len; i > 0; i--)
    {
      Message *message = g_ptr_array_index (self->messages, i - 1);
      if (now_usec - message->begun_usec > LIFE_USEC)
        g_ptr_array_remove_index (self->messages, i - 1);
      else if (strcmp (message->source, source) == 0)
        {
          if (memcmp (message->head, head, sizeof head) == 0)
            return message;
          of_source++;
        }
    }
  for (guint i = 0; of_source >= MOST_OF_SOURCE && i < self->messages->len; i++)
    if (strcmp (((Message *) g_ptr_array_index (self->messages, i))->source, source) == 0)
      {
        g_ptr_array_remove_index (self->messages, i);
        break;
      }
  if (self->messages->len >= MOST_MESSAGES)
    g_ptr_array_remove_index (self->messages, 0);

  Message *message = g_new0 (Message, 1);
  message->source = g_strdup (source);
  memcpy (message->head, head, sizeof head);
  message->count = head[AT_COUNT];
  message->data = g_malloc ((gsize) message->count * ANX_LOCAL_PART_BYTES);
  message->begun_usec = now_usec;
  g_ptr_array_add (self->messages, message);
  return message;
}

/**
 * anx_local_assembly_take:
 * @self: an assembly
 * @source: who sent it, as the network says
 * @data: a datagram
 * @size: its bytes
 * @now_usec: the monotonic time
 * @out_type: (out): what the message is
 * @out_subject: (out) (transfer full): a UUID as text
 *
 * A datagram of another form is dropped without a word: anybody on the network can send one.
 *
 * Returns: (transfer full) (nullable): the whole message, with the digest its datagrams named, when this was its last missing part;
 *   outputs are set only then
 */
GBytes *
anx_local_assembly_take (AnxLocalAssembly *self,
                         const char *source,
                         const guint8 *data,
                         gsize size,
                         gint64 now_usec,
                         AnxLocalType *out_type,
                         char **out_subject)
{
  if (!is_well_formed (data, size))
    return NULL;
  Message *message = find_message (self, source, data, now_usec);
  guint8 index = data[AT_INDEX];
  gsize offset = (gsize) index * ANX_LOCAL_PART_BYTES;
  memcpy (message->data + offset, data + ANX_LOCAL_HEAD_BYTES, size - ANX_LOCAL_HEAD_BYTES);
  message->have |= (guint32) 1 << index;
  if (index == message->count - 1)
    message->size = offset + size - ANX_LOCAL_HEAD_BYTES;
  if (message->have != ((guint32) 1 << message->count) - 1)
    return NULL;

  guint8 computed[DIGEST_BYTES];
  GBytes *whole = NULL;
  digest (message->data, message->size, computed);
  g_autofree char *subject = id_from_bytes (message->head + AT_SUBJECT);
  if (memcmp (computed, message->head + AT_DIGEST, DIGEST_BYTES) == 0 && anx_uuid_is_valid (subject))
    {
      whole = g_bytes_new (message->data, message->size);
      *out_type = (AnxLocalType) message->head[AT_TYPE];
      *out_subject = g_steal_pointer (&subject);
    }
  g_ptr_array_remove (self->messages, message);
  return whole;
}
