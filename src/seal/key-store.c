/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "key-store.h"

#include "id.h"
#include "seal-private.h"

G_DEFINE_INTERFACE (AnxKeyStore, anx_key_store, G_TYPE_OBJECT)

static void
anx_key_store_default_init (AnxKeyStoreInterface *interface)
{
}

/**
 * anx_key_store_load:
 * @self: a key store
 * @principal: whose key
 * @use: which of its keys
 * @error: return location, %ANX_SEAL_ERROR_STORE_MISSING, %ANX_SEAL_ERROR_STORE_LOCKED, %ANX_SEAL_ERROR_KEY_MISSING
 * only when the store is open and truly has no such key, %ANX_SEAL_ERROR_INVALID
 *
 * The three errors must be told apart: who takes a locked store for an empty one enrols again and loses the old key.
 *
 * Returns: (transfer full) (nullable): the key
 */
AnxKey *
anx_key_store_load (AnxKeyStore *self,
                    const char *principal,
                    AnxKeyUse use,
                    GError **error)
{
  g_return_val_if_fail (ANX_IS_KEY_STORE (self), NULL);
  if (!anx_principal_id_is_valid (principal))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a principal's id");
      return NULL;
    }
  return ANX_KEY_STORE_GET_IFACE (self)->load (self, principal, use, error);
}

/**
 * anx_key_store_save:
 * @self: a key store
 * @principal: whose key
 * @use: which of its keys
 * @key: the key; it takes the place of the one before
 * @error: return location, %ANX_SEAL_ERROR_STORE_MISSING, %ANX_SEAL_ERROR_STORE_LOCKED, %ANX_SEAL_ERROR_INVALID
 *
 * On return the store has written the key to its own disk, encrypted.
 *
 * Returns: whether it is kept
 */
gboolean
anx_key_store_save (AnxKeyStore *self,
                    const char *principal,
                    AnxKeyUse use,
                    AnxKey *key,
                    GError **error)
{
  g_return_val_if_fail (ANX_IS_KEY_STORE (self) && key != NULL, FALSE);
  if (!anx_principal_id_is_valid (principal))
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a principal's id");
  return ANX_KEY_STORE_GET_IFACE (self)->save (self, principal, use, key, error);
}

/**
 * anx_key_store_forget:
 * @self: a key store
 * @principal: whose keys
 * @error: return location, %ANX_SEAL_ERROR_STORE_MISSING, %ANX_SEAL_ERROR_STORE_LOCKED, %ANX_SEAL_ERROR_INVALID
 *
 * Removes all keys of @principal. Having none is no error.
 *
 * Returns: whether there are none left
 */
gboolean
anx_key_store_forget (AnxKeyStore *self,
                      const char *principal,
                      GError **error)
{
  g_return_val_if_fail (ANX_IS_KEY_STORE (self), FALSE);
  if (!anx_principal_id_is_valid (principal))
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a principal's id");
  return ANX_KEY_STORE_GET_IFACE (self)->forget (self, principal, error);
}
