/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * The district authority: the CA key that the administrator holds. Issues certificates from requests, signs the directory
 * and the revocation list. Lives in anxinctl alone. Certificates begin two days before they are issued, so that a machine
 * whose clock is a day slow can still connect and be told.
 */
#define ANX_TYPE_AUTHORITY (anx_authority_get_type ())
G_DECLARE_FINAL_TYPE (AnxAuthority, anx_authority, ANX, AUTHORITY, GObject)

AnxAuthority *anx_authority_create (const char *district, const char *district_name, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxAuthority *anx_authority_open (AnxKey *key, AnxCertificate *certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxKey         *anx_authority_get_key (AnxAuthority *self);
AnxCertificate *anx_authority_get_certificate (AnxAuthority *self);

/* @request_pem must carry a valid self-signature and CN == @principal, else UNTRUSTED. Valid two years. */
AnxCertificate *anx_authority_issue (AnxAuthority *self, const char *request_pem, const char *principal, AnxKeyUse use, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TLS server certificate; each of @names is a DNS name or an IP address. */
AnxCertificate *anx_authority_issue_server (AnxAuthority *self, const char *request_pem, const char *const *names, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DER CertificateList over @serials (lower-case hex), valid 90 days. */
GBytes *anx_authority_make_crl (AnxAuthority *self, const char *const *serials, gint64 number, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DER CMS SignedData over the directory's JSON. */
GBytes *anx_authority_sign_directory (AnxAuthority *self, GBytes *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
