/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/* A verified certificate revocation list (RFC 5280 section 5), immutable. Any thread. */
#define ANX_TYPE_CRL (anx_crl_get_type ())
typedef struct _AnxCrl AnxCrl;
GType anx_crl_get_type (void);

AnxCrl  *anx_crl_open (GBytes *der, AnxCertificate *authority, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64   anx_crl_get_number (AnxCrl *self);
gboolean anx_crl_revokes (AnxCrl *self, const char *serial);
AnxCrl  *anx_crl_ref (AnxCrl *self);
void     anx_crl_unref (AnxCrl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxCrl, anx_crl_unref)

G_END_DECLS
