/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What every program does to its own process before it holds anything secret. */

void anx_process_harden (void);
void anx_process_die_with_parent (void);
void anx_wipe (void *memory, gsize length);
void anx_secret_free (char *secret);

/* Frees a secret text when it leaves its scope: `anx_autosecret char *pem = …`. */
static inline void
anx_autosecret_cleanup (char **secret)
{
  anx_secret_free (*secret);
}
#define anx_autosecret __attribute__ ((cleanup (anx_autosecret_cleanup)))

G_END_DECLS
