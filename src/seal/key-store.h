/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "key.h"

G_BEGIN_DECLS

/*
 * Where private keys live. The product has one implementation, the Secret Service (secret-key-store.h); tests have one in
 * memory. Calls may block for up to 10 s: a program calls them before its first window or in a task. Main thread.
 */
#define ANX_TYPE_KEY_STORE (anx_key_store_get_type ())
G_DECLARE_INTERFACE (AnxKeyStore, anx_key_store, ANX, KEY_STORE, GObject)

struct _AnxKeyStoreInterface
{
  GTypeInterface parent;
  /* NULL with STORE_MISSING, STORE_LOCKED or KEY_MISSING. */
  AnxKey  *(*load) (AnxKeyStore *self, const char *principal, AnxKeyUse use, GError **error);
  gboolean (*save) (AnxKeyStore *self, const char *principal, AnxKeyUse use, AnxKey *key, GError **error);
  gboolean (*forget) (AnxKeyStore *self, const char *principal, GError **error);
};

AnxKey  *anx_key_store_load (AnxKeyStore *self, const char *principal, AnxKeyUse use, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_key_store_save (AnxKeyStore *self, const char *principal, AnxKeyUse use, AnxKey *key, GError **error);
gboolean anx_key_store_forget (AnxKeyStore *self, const char *principal, GError **error);

/* The Secret Service of the session, through libsecret's SecretService API (never secret_password_*, see the README). */
#define ANX_TYPE_SECRET_KEY_STORE (anx_secret_key_store_get_type ())
G_DECLARE_FINAL_TYPE (AnxSecretKeyStore, anx_secret_key_store, ANX, SECRET_KEY_STORE, GObject)

/* @district scopes the items: two districts on one machine do not mix. */
AnxKeyStore *anx_secret_key_store_new (const char *district) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
