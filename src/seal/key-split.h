/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * A private key as shares on paper: any @threshold of them give it back, fewer tell nothing (Shamir 1979, over GF(2⁸), by libgfshare).
 * The form of a share is in README.md. One thread at a time.
 */

#define ANX_KEY_MOST_SHARES 16

typedef struct
{
  guint threshold;
  guint count;
  guint number;     /* 1 to count */
  guint32 set;      /* shares of one splitting have the same */
  guint8 data[32];
} AnxKeyShare;

GPtrArray   *anx_key_split (AnxKey *self, guint threshold, guint count, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxKeyShare) */
AnxKey      *anx_key_join (GPtrArray *shares, AnxCertificate *certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char        *anx_key_share_to_text (const AnxKeyShare *self) G_GNUC_WARN_UNUSED_RESULT; /* free with anx_secret_free() */
AnxKeyShare *anx_key_share_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void         anx_key_share_free (AnxKeyShare *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxKeyShare, anx_key_share_free)

G_END_DECLS
