/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal-private.h"

#include <openssl/crypto.h>

/*
 * By itself libcrypto takes its locks and what it holds for each thread away while a process ends (OPENSSL_cleanup(3)). Threads of GLib,
 * GStreamer and webrtcbin, which nobody can wait for, still run or end at that time: they fall over, or leave their part behind. So it is
 * not to clean up; with the process all of it goes anyway. Only the first call of a process decides (OPENSSL_INIT_NO_ATEXIT in
 * OPENSSL_init_crypto(3)): hence before main(). The linker is told to take this file (meson.build), as nobody calls anything in it.
 */
void anx_libcrypto_stays (void);

__attribute__ ((constructor)) void
anx_libcrypto_stays (void)
{
  OPENSSL_init_crypto (OPENSSL_INIT_NO_ATEXIT, NULL);
}
