/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "enrolment.h"
#include "id.h"
#include "sync-error.h"

#define FINGERPRINT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char *
make_code (void)
{
  guint8 secret[10];
  anx_random_bytes (secret, sizeof secret);
  return anx_enrolment_code_make (FINGERPRINT, secret);
}

static void
test_round_trip (void)
{
  g_autofree char *code = make_code ();
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  g_assert_cmpuint (strlen (code), ==, 34 + 8);
  g_assert_true (anx_enrolment_code_parse (code, &pin, &secret, NULL));
  /* By hand: 0011223344 = 00000 00000 01000 10010 00100 01100 11010 00100. */
  g_assert_true (g_str_has_prefix (pin, "008J4CT4"));
  g_assert_cmpuint (strlen (secret), ==, 16);
}

static void
test_tolerant (void)
{
  g_autofree char *code = make_code ();
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  g_assert_true (anx_enrolment_code_parse (code, &pin, &secret, NULL));
  g_autoptr (GString) sloppy = g_string_new ("  ");
  for (const char *p = code; *p != '\0'; p++)
    if (*p == '0')
      g_string_append (sloppy, "o ");
    else if (*p == '1')
      g_string_append_c (sloppy, 'l');
    else if (*p != '-')
      g_string_append_c (sloppy, g_ascii_tolower (*p));
  g_autofree char *pin2 = NULL;
  g_autofree char *secret2 = NULL;
  g_assert_true (anx_enrolment_code_parse (sloppy->str, &pin2, &secret2, NULL));
  g_assert_cmpstr (pin, ==, pin2);
  g_assert_cmpstr (secret, ==, secret2);
}

static void
assert_refused (const char *code)
{
  g_autoptr (GError) error = NULL;
  char *pin = NULL;
  char *secret = NULL;
  g_assert_false (anx_enrolment_code_parse (code, &pin, &secret, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
  g_assert_null (pin);
  g_assert_null (secret);
}

/* Every single wrong character and every swap of neighbours, the check characters included. */
static void
test_mistyped (void)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  g_autofree char *code = make_code ();
  for (gsize i = 0; code[i] != '\0'; i++)
    {
      if (code[i] == '-')
        continue;
      char right = code[i];
      for (const char *p = alphabet; *p != '\0'; p++)
        if (*p != right)
          {
            code[i] = *p;
            assert_refused (code);
          }
      code[i] = right;
      gsize next = code[i + 1] == '-' ? i + 2 : i + 1;
      if (code[next] != '\0' && code[next] != right)
        {
          code[i] = code[next];
          code[next] = right;
          assert_refused (code);
          code[next] = code[i];
          code[i] = right;
        }
    }
}

static void
test_malformed (void)
{
  static const char *const bad[] = { "", "-", "U", "0000-0000", "中文", "0000-0000-0000-0000-0000-0000-0000-0000-001",
                                     "0000-0000-0000-0000-0000-0000-0000-0000-0*" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      assert_refused (bad[i]);
    }
}

static void
test_secret_hash (void)
{
  g_autofree char *hash = anx_enrolment_secret_hash ("0000000000000000");
  g_assert_cmpstr (hash, ==, "fcdb4b423f4e5283afa249d762ef6aef150e91fccd810d43e5e719d14512dec7");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/code/round-trip", test_round_trip);
  g_test_add_func ("/sync/code/tolerant", test_tolerant);
  g_test_add_func ("/sync/code/mistyped", test_mistyped);
  g_test_add_func ("/sync/code/malformed", test_malformed);
  g_test_add_func ("/sync/code/secret-hash", test_secret_hash);
  return g_test_run ();
}
