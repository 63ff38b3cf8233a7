/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * A P-256 private key (RFC 5480), immutable and reference counted; its memory is wiped with the last reference. Any thread.
 */
#define ANX_TYPE_KEY (anx_key_get_type ())
typedef struct _AnxKey AnxKey;
GType anx_key_get_type (void);

/**
 * AnxKeyUse:
 * @ANX_KEY_USE_SIGN: signs records and is the TLS client identity
 * @ANX_KEY_USE_SEAL: agrees on keys that open records
 *
 * Each principal has one key for each use.
 */
typedef enum
{
  ANX_KEY_USE_SIGN,
  ANX_KEY_USE_SEAL,
} AnxKeyUse;

AnxKey *anx_key_generate (GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxKey *anx_key_new_from_pem (const char *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char   *anx_key_to_pem (AnxKey *self) G_GNUC_WARN_UNUSED_RESULT;  /* PKCS#8; free with anx_secret_free() */
char   *anx_key_make_request (AnxKey *self, const char *principal, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* PKCS#10 PEM, CN=principal */
AnxKey *anx_key_ref (AnxKey *self);
void    anx_key_unref (AnxKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxKey, anx_key_unref)

G_END_DECLS
