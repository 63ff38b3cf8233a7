/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/crypto.h>
#include <unistd.h>

#include "key.h"

#define CLEANED_UP 7

static gboolean looking;

/* Once it has cleaned up, libcrypto does not begin again. What the program does here comes after all that was given to atexit(). */
__attribute__ ((destructor)) static void
look (void)
{
  if (looking && OPENSSL_init_crypto (OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) != 1)
    _exit (CLEANED_UP);
}

/* Threads may still need it while the process ends. */
static void
test_stays (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxKey) key = anx_key_generate (&error);
      g_assert_no_error (error);
      looking = TRUE;
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/libcrypto/stays", test_stays);
  return g_test_run ();
}
