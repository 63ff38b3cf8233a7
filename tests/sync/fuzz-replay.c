/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <string.h>

#include "id.h"
#include "local-message.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define ROUNDS 5000

static void
append (GByteArray *out,
        guint8 source,
        GBytes *datagram)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (datagram, &size);
  guint8 head[3] = { (guint8) (size >> 8), (guint8) size, source };
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, data, (guint) size);
}

/* Streams of good datagrams of several senders, cut and with bytes changed, the same way each time. */
static void
test_replay (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  for (guint i = 0; i < 6; i++)
    {
      static const gsize SIZES[] = { 1, 700, 1200, 1201, 3000, 2400 };
      g_autofree guint8 *data = g_malloc0 (SIZES[i]);
      g_autoptr (GBytes) message = g_bytes_new (data, SIZES[i]);
      g_autofree char *id = anx_uuid_new (i + 1);
      g_autoptr (GPtrArray) parts = anx_local_message_split (i % 2 == 0 ? ANX_LOCAL_RECORD : ANX_LOCAL_RECEIPT, id, message, NULL);
      for (guint k = 0; k < parts->len; k++)
        append (stream, (guint8) i, parts->pdata[k]);
    }
  LLVMFuzzerTestOneInput (stream->data, stream->len);
  guint rounds = g_getenv ("ANX_FUZZ_RUNS") != NULL ? (guint) g_ascii_strtoull (g_getenv ("ANX_FUZZ_RUNS"), NULL, 10) : ROUNDS;
  g_autofree guint8 *changed = g_malloc (stream->len);
  for (guint i = 0; i < rounds; i++)
    {
      guint size = (guint) g_rand_int_range (random, 1, (gint32) stream->len + 1);
      memcpy (changed, stream->data, size);
      for (int k = 0; k < 4; k++)
        changed[g_rand_int_range (random, 0, (gint32) size)] = (guint8) g_rand_int_range (random, 0, 256);
      LLVMFuzzerTestOneInput (changed, size);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/fuzz-local-message/replay", test_replay);
  return g_test_run ();
}
