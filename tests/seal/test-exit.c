/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit.h"
#include "key.h"

#define TOO_LATE 7

/* Once it has cleaned up, libcrypto does not begin again. */
static void
finish (void)
{
  if (OPENSSL_init_crypto (OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) != 1)
    _exit (TOO_LATE);
}

/* In a process in which nobody has asked libcrypto for anything before. */
static void
test_before (void)
{
  if (g_test_subprocess ())
    {
      anx_exit_before_libcrypto (finish);
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AnxKey) key = anx_key_generate (&error);
        g_assert_no_error (error);
      }
      exit (0);
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/exit/before-libcrypto", test_before);
  return g_test_run ();
}
