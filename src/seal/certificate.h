/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "key.h"

G_BEGIN_DECLS

/*
 * An X.509 certificate of the district, immutable and reference counted. CN is the principal's id, O the district's id.
 * Any thread.
 */
#define ANX_TYPE_CERTIFICATE (anx_certificate_get_type ())
typedef struct _AnxCertificate AnxCertificate;
GType anx_certificate_get_type (void);

AnxCertificate *anx_certificate_new_from_pem (const char *pem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxCertificate *anx_certificate_new_from_der (GBytes *der, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_certificate_to_pem (AnxCertificate *self) G_GNUC_WARN_UNUSED_RESULT;
const char *anx_certificate_get_principal (AnxCertificate *self);   /* CN */
const char *anx_certificate_get_district (AnxCertificate *self);    /* O */
const char *anx_certificate_get_serial (AnxCertificate *self);      /* lower-case hex */
const char *anx_certificate_get_fingerprint (AnxCertificate *self); /* SHA-256 of the DER, lower-case hex */
gint64      anx_certificate_get_not_after_usec (AnxCertificate *self);
gboolean    anx_certificate_matches_key (AnxCertificate *self, AnxKey *key);
/* Chain to @authority, key usage of @use, validity at @at_usec. UNTRUSTED, EXPIRED. */
gboolean    anx_certificate_verify (AnxCertificate *self, AnxCertificate *authority, AnxKeyUse use, gint64 at_usec, GError **error);
AnxCertificate *anx_certificate_ref (AnxCertificate *self);
void            anx_certificate_unref (AnxCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxCertificate, anx_certificate_unref)

G_END_DECLS
