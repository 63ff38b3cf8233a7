/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "id.h"
#include "local-message.h"

#define NOW ((gint64) 1000 * G_USEC_PER_SEC)

static GBytes *
make_message (gsize size)
{
  guint8 *data = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_test_rand_int ();
  return g_bytes_new_take (data, size);
}

/* Feeds the parts in the order of @order (numbers of parts); the message when it came out. */
static GBytes *
feed (AnxLocalAssembly *assembly,
      GPtrArray *parts,
      const char *source,
      const char *order,
      const char *subject)
{
  GBytes *whole = NULL;
  for (const char *p = order; *p != '\0'; p++)
    {
      gsize size = 0;
      AnxLocalType type = 0;
      g_autofree char *found = NULL;
      const guint8 *data = g_bytes_get_data (parts->pdata[*p - '0'], &size);
      GBytes *one = anx_local_assembly_take (assembly, source, data, size, NOW, &type, &found);
      if (one == NULL)
        continue;
      g_assert_cmpint (type, ==, ANX_LOCAL_RECORD);
      g_assert_cmpstr (found, ==, subject);
      g_clear_pointer (&whole, g_bytes_unref);
      whole = one;
    }
  return whole;
}

static void
test_round_trip (void)
{
  static const gsize SIZES[] = { 1, ANX_LOCAL_PART_BYTES - 1, ANX_LOCAL_PART_BYTES, ANX_LOCAL_PART_BYTES + 1, 5000, ANX_LOCAL_MESSAGE_BYTES };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = anx_uuid_new (NOW);
      g_autoptr (GBytes) message = make_message (SIZES[i]);
      g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
      g_autoptr (GPtrArray) parts = anx_local_message_split (ANX_LOCAL_RECORD, id, message, &error);
      g_test_message ("%" G_GSIZE_FORMAT " bytes in %u datagrams", SIZES[i], parts->len);
      g_assert_no_error (error);
      g_autoptr (GBytes) whole = NULL;
      for (guint k = 0; k < parts->len; k++)
        {
          gsize size = 0;
          AnxLocalType type;
          g_autofree char *subject = NULL;
          const guint8 *data = g_bytes_get_data (parts->pdata[k], &size);
          g_assert_cmpuint (size, <=, 1280 - 48);
          g_assert_null (whole);
          whole = anx_local_assembly_take (assembly, "10.0.0.1", data, size, NOW, &type, &subject);
        }
      g_assert_nonnull (whole);
      g_assert_true (g_bytes_equal (whole, message));
      g_assert_cmpuint (anx_local_assembly_count (assembly), ==, 0);
    }
  g_autofree char *id = anx_uuid_new (NOW);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) large = make_message (ANX_LOCAL_MESSAGE_BYTES + 1);
  g_autoptr (GBytes) small = make_message (1);
  g_assert_null (anx_local_message_split (ANX_LOCAL_RECORD, id, empty, NULL));
  g_assert_null (anx_local_message_split (ANX_LOCAL_RECORD, id, large, NULL));
  g_assert_null (anx_local_message_split (ANX_LOCAL_RECORD, "no-id", small, NULL));
}

/* Lost, doubled and mixed up: a repetition fills the gaps. */
static void
test_order (void)
{
  static const char *const GOOD[] = { "0123", "3210", "0033221101", "02" "0123" };
  g_autofree char *id = anx_uuid_new (NOW);
  g_autoptr (GBytes) message = make_message (4000);
  g_autoptr (GPtrArray) parts = anx_local_message_split (ANX_LOCAL_RECORD, id, message, NULL);
  g_assert_cmpuint (parts->len, ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    {
      g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
      g_autoptr (GBytes) whole = feed (assembly, parts, "10.0.0.1", GOOD[i], id);
      g_test_message ("%s", GOOD[i]);
      g_assert_nonnull (whole);
      g_assert_true (g_bytes_equal (whole, message));
    }
  g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
  g_autoptr (GBytes) missing = feed (assembly, parts, "10.0.0.1", "013", id);
  g_assert_null (missing);
  /* Parts of another sender do not fill this one's gaps. */
  g_autoptr (GBytes) mixed = feed (assembly, parts, "10.0.0.2", "2", id);
  g_assert_null (mixed);
  g_autoptr (GBytes) whole = feed (assembly, parts, "10.0.0.1", "2", id);
  g_assert_nonnull (whole);
}

/* A flipped byte anywhere gives nothing, or another subject or type, never the message with another content. */
static void
test_changed (void)
{
  g_autofree char *id = anx_uuid_new (NOW);
  g_autoptr (GBytes) message = make_message (100);
  g_autoptr (GPtrArray) parts = anx_local_message_split (ANX_LOCAL_RECORD, id, message, NULL);
  gsize size = 0;
  const guint8 *good = g_bytes_get_data (parts->pdata[0], &size);
  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
      g_autofree guint8 *data = g_memdup2 (good, size);
      AnxLocalType type;
      g_autofree char *subject = NULL;
      data[i] ^= 1;
      g_autoptr (GBytes) whole = anx_local_assembly_take (assembly, "10.0.0.1", data, size, NOW, &type, &subject);
      if (whole != NULL)
        g_assert_true (g_bytes_equal (whole, message) && (g_strcmp0 (subject, id) != 0 || type != ANX_LOCAL_RECORD));
      if (i >= ANX_LOCAL_HEAD_BYTES)
        g_assert_null (whole);
    }
}

static void
test_bounds (void)
{
  g_autoptr (AnxLocalAssembly) assembly = anx_local_assembly_new ();
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *id = anx_uuid_new (NOW + i);
      g_autofree char *source = g_strdup_printf ("10.0.%u.%u", i / 100 % 256, i % 7);
      g_autoptr (GBytes) message = make_message (2000);
      g_autoptr (GPtrArray) parts = anx_local_message_split (ANX_LOCAL_RECORD, id, message, NULL);
      g_autoptr (GBytes) whole = feed (assembly, parts, source, "0", id);
      g_assert_null (whole);
      g_assert_cmpuint (anx_local_assembly_count (assembly), <=, 64);
    }
  /* What is not completed is forgotten. */
  AnxLocalType type;
  g_autofree char *subject = NULL;
  g_autofree char *id = anx_uuid_new (NOW);
  g_autoptr (GBytes) message = make_message (2000);
  g_autoptr (GPtrArray) parts = anx_local_message_split (ANX_LOCAL_RECORD, id, message, NULL);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (parts->pdata[0], &size);
  g_autoptr (GBytes) whole = anx_local_assembly_take (assembly, "10.9.9.9", data, size, NOW + 60 * (gint64) G_USEC_PER_SEC, &type, &subject);
  g_assert_null (whole);
  g_assert_cmpuint (anx_local_assembly_count (assembly), ==, 1);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/local-message/round-trip", test_round_trip);
  g_test_add_func ("/sync/local-message/order", test_order);
  g_test_add_func ("/sync/local-message/changed", test_changed);
  g_test_add_func ("/sync/local-message/bounds", test_bounds);
  return g_test_run ();
}
