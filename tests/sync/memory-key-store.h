/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "key-store.h"

G_BEGIN_DECLS

/* A key store that forgets with the process, for tests. */
#define ANX_TYPE_MEMORY_KEY_STORE (anx_memory_key_store_get_type ())
G_DECLARE_FINAL_TYPE (AnxMemoryKeyStore, anx_memory_key_store, ANX, MEMORY_KEY_STORE, GObject)

AnxKeyStore *anx_memory_key_store_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* From now on every call fails with STORE_LOCKED, or not any more. */
void anx_memory_key_store_set_locked (AnxMemoryKeyStore *self, gboolean locked);

G_END_DECLS
