/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base-error.h"
#include "certificate.h"
#include "key.h"
#include "seal-error.h"

G_BEGIN_DECLS

/* For the files of this folder only. */

gboolean anx_seal_fail (GError **error, AnxSealError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
gboolean anx_seal_fail_internal (GError **error, const char *what);
gboolean anx_seal_take_base_error (GError **error, GError *inner, const char *what);

EVP_PKEY *anx_key_peek (AnxKey *self);
gboolean  anx_key_is_p256 (EVP_PKEY *key);

X509           *anx_certificate_peek (AnxCertificate *self);
AnxCertificate *anx_certificate_take (X509 *x509, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64          anx_certificate_get_not_before_usec (AnxCertificate *self);
gboolean        anx_certificate_verify_timeless (AnxCertificate *self, AnxCertificate *authority, AnxKeyUse use, GError **error);
char           *anx_serial_to_hex (const ASN1_INTEGER *serial) G_GNUC_WARN_UNUSED_RESULT;
char           *anx_name_dup_entry (const X509_NAME *name, int nid) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_REQ, X509_REQ_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_CRL, X509_CRL_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_NAME, X509_NAME_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_TIME, ASN1_TIME_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_INTEGER, ASN1_INTEGER_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_OBJECT, ASN1_OBJECT_free)

G_END_DECLS
