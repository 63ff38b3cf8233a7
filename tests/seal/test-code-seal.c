/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code-seal.h"

#include <string.h>

#include "seal-error.h"

#define PLAIN "{\"answers\":[1,2,3]}"

static GBytes *
seal (char **out_tag)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = g_bytes_new_static (PLAIN, strlen (PLAIN));
  GBytes *sealed = anx_code_seal ("ABCDEFGH", "draft:kiosk-1", plain, out_tag, &error);
  g_assert_no_error (error);
  return sealed;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tag = NULL, *again = NULL;
  g_autoptr (GBytes) sealed = seal (&tag);
  g_assert_null (g_strstr_len (g_bytes_get_data (sealed, NULL), (gssize) g_bytes_get_size (sealed), "answers"));
  again = anx_code_seal_tag ("ABCDEFGH", "draft:kiosk-1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (tag, ==, again);
  g_assert_cmpuint (strlen (tag), ==, 64);
  g_autoptr (GBytes) plain = anx_code_open ("ABCDEFGH", "draft:kiosk-1", sealed, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), PLAIN, strlen (PLAIN));
}

/* Same code, same text: other bytes each time, or two drafts would tell that they are the same. */
static void
test_fresh_nonce (void)
{
  g_autofree char *tag = NULL, *other_tag = NULL;
  g_autoptr (GBytes) one = seal (&tag), other = seal (&other_tag);
  g_assert_false (g_bytes_equal (one, other));
}

static void
test_wrong (void)
{
  g_autofree char *tag = NULL;
  g_autoptr (GBytes) sealed = seal (&tag);
  struct
  {
    const char *code, *salt;
  } wrong[] = { { "ABCDEFGJ", "draft:kiosk-1" }, { "ABCDEFGH", "draft:kiosk-2" } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_code_open (wrong[i].code, wrong[i].salt, sealed, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TAMPERED);
      g_autofree char *other = anx_code_seal_tag (wrong[i].code, wrong[i].salt, NULL);
      g_assert_cmpstr (other, !=, tag);
    }
}

/* One changed bit in nonce, text or tag. */
static void
test_tampered (void)
{
  g_autofree char *tag = NULL;
  g_autoptr (GBytes) sealed = seal (&tag);
  gsize length = g_bytes_get_size (sealed), places[] = { 0, 12, length - 1 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (sealed, NULL), length);
      copy[places[i]] ^= 1;
      g_autoptr (GBytes) changed = g_bytes_new_static (copy, length);
      g_assert_null (anx_code_open ("ABCDEFGH", "draft:kiosk-1", changed, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TAMPERED);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tag = NULL, *large = g_malloc0 (256 * 1024 + 1);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0), much = g_bytes_new_static (large, 256 * 1024 + 1), cut = g_bytes_new_static (large, 28);
  g_assert_null (anx_code_seal ("ABCDEFGH", "draft:kiosk-1", nothing, &tag, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_code_seal ("ABCDEFGH", "draft:kiosk-1", much, &tag, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_code_open ("ABCDEFGH", "draft:kiosk-1", cut, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_assert_null (tag);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/code-seal/round-trip", test_round_trip);
  g_test_add_func ("/seal/code-seal/fresh-nonce", test_fresh_nonce);
  g_test_add_func ("/seal/code-seal/wrong", test_wrong);
  g_test_add_func ("/seal/code-seal/tampered", test_tampered);
  g_test_add_func ("/seal/code-seal/bounds", test_bounds);
  return g_test_run ();
}
