/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/**
 * anx_process_harden:
 *
 * No core dump, and no other process of the same account may read this one's memory. A test that must look sets
 * `ANX_ALLOW_INSPECTION=1`; dumps stay off even then.
 */
void
anx_process_harden (void)
{
  struct rlimit none = { 0, 0 };
  setrlimit (RLIMIT_CORE, &none);
  if (g_strcmp0 (g_getenv ("ANX_ALLOW_INSPECTION"), "1") != 0)
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/**
 * anx_process_die_with_parent:
 *
 * The kernel ends this process when its parent goes, however the parent goes.
 */
void
anx_process_die_with_parent (void)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/**
 * anx_wipe:
 * @memory: (nullable): where
 * @length: bytes
 *
 * Overwrites memory in a way the compiler keeps.
 */
void
anx_wipe (void *memory,
          gsize length)
{
  if (memory != NULL)
    explicit_bzero (memory, length);
}

/**
 * anx_secret_free:
 * @secret: (nullable) (transfer full): a text made by GLib's allocator
 *
 * Wipes, then frees.
 */
void
anx_secret_free (char *secret)
{
  if (secret == NULL)
    return;
  anx_wipe (secret, strlen (secret));
  g_free (secret);
}
