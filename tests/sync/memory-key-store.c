/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory-key-store.h"

#include "seal-error.h"

struct _AnxMemoryKeyStore
{
  GObject parent_instance;
  GHashTable *keys; /* (element-type utf8 AnxKey), by "principal/use" */
  gboolean locked;
};

static void implement (AnxKeyStoreInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (AnxMemoryKeyStore, anx_memory_key_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ANX_TYPE_KEY_STORE, implement))

static void
anx_memory_key_store_finalize (GObject *object)
{
  g_hash_table_unref (ANX_MEMORY_KEY_STORE (object)->keys);
  G_OBJECT_CLASS (anx_memory_key_store_parent_class)->finalize (object);
}

static void
anx_memory_key_store_class_init (AnxMemoryKeyStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_memory_key_store_finalize;
}

static void
anx_memory_key_store_init (AnxMemoryKeyStore *self)
{
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_key_unref);
}

static gboolean
check_open (AnxMemoryKeyStore *self,
            GError **error)
{
  if (self->locked)
    g_set_error_literal (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED, "The key store of the test is locked");
  return !self->locked;
}

static AnxKey *
load (AnxKeyStore *store,
      const char *principal,
      AnxKeyUse use,
      GError **error)
{
  AnxMemoryKeyStore *self = ANX_MEMORY_KEY_STORE (store);
  if (!check_open (self, error))
    return NULL;
  g_autofree char *name = g_strdup_printf ("%s/%d", principal, (int) use);
  AnxKey *key = g_hash_table_lookup (self->keys, name);
  if (key == NULL)
    g_set_error_literal (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING, "The key store of the test has no such key");
  return key != NULL ? anx_key_ref (key) : NULL;
}

static gboolean
save (AnxKeyStore *store,
      const char *principal,
      AnxKeyUse use,
      AnxKey *key,
      GError **error)
{
  AnxMemoryKeyStore *self = ANX_MEMORY_KEY_STORE (store);
  if (!check_open (self, error))
    return FALSE;
  g_hash_table_insert (self->keys, g_strdup_printf ("%s/%d", principal, (int) use), anx_key_ref (key));
  return TRUE;
}

static gboolean
forget (AnxKeyStore *store,
        const char *principal,
        GError **error)
{
  AnxMemoryKeyStore *self = ANX_MEMORY_KEY_STORE (store);
  if (!check_open (self, error))
    return FALSE;
  for (int use = 0; use < 2; use++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%d", principal, use);
      g_hash_table_remove (self->keys, name);
    }
  return TRUE;
}

static void
implement (AnxKeyStoreInterface *interface)
{
  interface->load = load;
  interface->save = save;
  interface->forget = forget;
}

AnxKeyStore *
anx_memory_key_store_new (void)
{
  return g_object_new (ANX_TYPE_MEMORY_KEY_STORE, NULL);
}

void
anx_memory_key_store_set_locked (AnxMemoryKeyStore *self,
                                 gboolean locked)
{
  self->locked = locked;
}
