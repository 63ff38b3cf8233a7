/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "id.h"
#include "text.h"

static void
test_uuid (void)
{
  /* RFC 9562 appendix A.6: 2022-02-22T19:22:22Z is 0x017F22E279B0 milliseconds. */
  g_autofree char *known = anx_uuid_new (G_GINT64_CONSTANT (0x017F22E279B0) * 1000);
  g_assert_true (g_str_has_prefix (known, "017f22e2-79b0-7"));
  g_assert_true (anx_uuid_is_valid (known));

  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *before = g_strdup ("");
  for (gint64 i = 0; i < 20000; i++)
    {
      char *id = anx_uuid_new (G_GINT64_CONSTANT (1790000000000000) + i * 10);
      g_assert_true (anx_uuid_is_valid (id));
      g_assert_true (g_hash_table_add (seen, id));
      /* Ten microseconds apart sort in order: the 12 bits below the millisecond count a quarter of a microsecond. */
      g_assert_cmpstr (before, <, id);
      g_free (before);
      before = g_strdup (id);
    }
}

static void
test_uuid_refuses (void)
{
  static const char *const bad[] = {
    "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-78c4-dc0c0c07398f", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
    "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398'",
  };
  g_assert_false (anx_uuid_is_valid (NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (anx_uuid_is_valid (bad[i]));
    }
}

static void
test_principal (void)
{
  g_autofree char *longest = g_strnfill (ANX_BOUND_PRINCIPAL_CHARS, 'a');
  g_autofree char *too_long = g_strnfill (ANX_BOUND_PRINCIPAL_CHARS + 1, 'a');
  g_assert_true (anx_principal_id_is_valid ("li-wenjing"));
  g_assert_true (anx_principal_id_is_valid ("k1"));
  g_assert_true (anx_principal_id_is_valid (longest));
  const char *bad[] = { "", "a", "1a", "-a", "Li", "a b", "a/b", "a'b", "李文静", "a.b", too_long };
  g_assert_false (anx_principal_id_is_valid (NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_false (anx_principal_id_is_valid (bad[i]));
    }
}

static void
test_texts (void)
{
  /* SHA-256("abc"), FIPS 180-4; Base32 of Crockford by hand: 0xff 0x00 = 11111 11100 00000 0(0000). */
  g_autoptr (GBytes) abc = g_bytes_new_static ("abc", 3);
  g_autofree char *digest = anx_sha256_hex (abc);
  g_assert_cmpstr (digest, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_autofree char *hex = anx_hex_encode ((const guint8 *) "\x00\x7f\xff", 3);
  g_assert_cmpstr (hex, ==, "007fff");
  g_autofree char *base32 = anx_base32_encode ((const guint8 *) "\xff\x00", 2);
  g_assert_cmpstr (base32, ==, "ZW00");
  guint8 ten[10] = { 0 };
  g_autofree char *sixteen = anx_base32_encode (ten, 10);
  g_assert_cmpuint (strlen (sixteen), ==, 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/id/uuid", test_uuid);
  g_test_add_func ("/base/id/uuid-refuses", test_uuid_refuses);
  g_test_add_func ("/base/id/principal", test_principal);
  g_test_add_func ("/base/id/texts", test_texts);
  return g_test_run ();
}
