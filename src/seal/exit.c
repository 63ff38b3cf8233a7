/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit.h"

#include <openssl/crypto.h>
#include <stdlib.h>

/**
 * anx_exit_before_libcrypto:
 * @finish: what is to be done when the process ends
 *
 * When a process ends, libcrypto takes its locks away; a thread that is in the middle of something then falls over. What is given here is
 * done before that, for example joining the thread.
 */
void
anx_exit_before_libcrypto (void (*finish) (void))
{
  /*
   * What is registered last runs first: libcrypto's own cleaning has to stand there before ours (OPENSSL_init_crypto(3)). It is registered
   * by the first call that asks for anything: with 0 the call returns at once.
   */
  OPENSSL_init_crypto (OPENSSL_INIT_ADD_ALL_DIGESTS, NULL);
  atexit (finish);
}
