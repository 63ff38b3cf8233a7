/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "key.h"
#include "process.h"
#include "seal-error.h"

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_assert_no_error (error);
  anx_autosecret char *pem = anx_key_to_pem (key);
  g_assert_true (g_str_has_prefix (pem, "-----BEGIN PRIVATE KEY-----\n"));
  g_autoptr (AnxKey) again = anx_key_new_from_pem (pem, &error);
  g_assert_no_error (error);
  anx_autosecret char *pem_again = anx_key_to_pem (again);
  g_assert_cmpstr (pem_again, ==, pem);
  g_autoptr (AnxKey) other = anx_key_generate (&error);
  anx_autosecret char *other_pem = anx_key_to_pem (other);
  g_assert_cmpstr (other_pem, !=, pem);
  g_autoptr (AnxKey) same = g_boxed_copy (ANX_TYPE_KEY, key);
  g_assert_true (same == key);
}

/* Made with `openssl genpkey`: a P-384 key, an RSA key would be as wrong; an encrypted P-256 key, password "x". */
static const char p384[] = "-----BEGIN PRIVATE KEY-----\n"
                           "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDB3TGd6YGs9qO2hhQj5\n"
                           "EuHYKg0Ik+j2Ne2/0uuXQMkXVmRHCr86ExT/0HWN+EPRFSihZANiAAQiBIpE0UUQ\n"
                           "84abtyvhtYgZwS6fkDBjLPKL2ghwXOCnzZwPmdh16diN6HNeANrD4Sv+NiQhNrU8\n"
                           "y3ZG9dxrODB250SjBRPJ6Z3+eGirIMuoIYKoO+gvtLnkdKXKwNOcFvI=\n"
                           "-----END PRIVATE KEY-----\n";
static const char encrypted[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgotxEdf+NFSgICCAAw\n"
                                "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPMhkdZ7RNEguIFKCoTUx4EEgZB+\n"
                                "hAXmVxjGIAfAlY9jNtGv5wUtMLqB9t2jFEV9dFWsCaCYvf0/3QHqSPegtJRqquRm\n"
                                "6QEvicPMIM5c9Bl4U3NA552k/IrqfNrNPCIyWYgYB05hbDQF94CHvfe0NLIKqcEu\n"
                                "t5iXJzMxobHX/y0I7S7kSDiKwUjzwqzDhReObexHxwbt0qkGANY/lj2HntRHcEw=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n";

static void
test_bad_input (void)
{
  g_autofree char *large = g_strnfill (ANX_BOUND_PEM_BYTES + 1, 'x');
  const struct
  {
    const char *name, *pem;
    AnxSealError code;
  } cases[] = {
    { "empty", "", ANX_SEAL_ERROR_INVALID },
    { "no PEM", "hello", ANX_SEAL_ERROR_INVALID },
    { "no key inside", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ANX_SEAL_ERROR_INVALID },
    { "P-384", p384, ANX_SEAL_ERROR_INVALID },
    { "encrypted", encrypted, ANX_SEAL_ERROR_INVALID },
    { "too large", large, ANX_SEAL_ERROR_TOO_LARGE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_key_new_from_pem (cases[i].pem, &error));
      g_assert_error (error, ANX_SEAL_ERROR, (gint) cases[i].code);
    }
}

static void
test_request (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, "li-wei", &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (request, "-----BEGIN CERTIFICATE REQUEST-----\n"));
  g_assert_cmpuint (strlen (request), <, ANX_BOUND_PEM_BYTES);
  g_assert_null (anx_key_make_request (key, "Li Wei", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/key/round-trip", test_round_trip);
  g_test_add_func ("/seal/key/bad-input", test_bad_input);
  g_test_add_func ("/seal/key/request", test_request);
  return g_test_run ();
}
