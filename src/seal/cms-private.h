/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * The two shapes of CMS (RFC 5652) the service uses, and nothing else of it. The suite is named here and nowhere else:
 * ECDSA on P-256 with SHA-256; AES-256-GCM (RFC 5084) in AuthEnvelopedData (RFC 5083); ECDH on P-256 with the X9.63 KDF
 * over SHA-256 and AES-256 key wrap (RFC 5753). Any thread.
 */

/* Arcs under 2.25 need no registration (ITU-T X.667): the number is the UUID 6f1d3c52-8a0e-4b7c-9d55-21c8f4e07a93. */
#define ANX_OID_ARC "2.25.147696107625034929956490797030148438675"
#define ANX_OID_RECORD_HEADER ANX_OID_ARC ".1"
#define ANX_OID_STATEMENT_CONTEXT ANX_OID_ARC ".2"

GBytes  *anx_cms_sign (GBytes *content, int content_type, const char *attribute_oid, const char *attribute_text, gint64 now_usec,
                       AnxKey *key, AnxCertificate *certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_cms_verify (GBytes *signed_data, int content_type, const char *attribute_oid, GBytes **out_content,
                         char **out_attribute_text, AnxCertificate **out_signer, GError **error);
/* The same with the content elsewhere (RFC 5652 section 5.2), as other formats carry it. */
GBytes  *anx_cms_detach (GBytes *signed_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes  *anx_cms_attach (GBytes *detached, GBytes *content, GError **error) G_GNUC_WARN_UNUSED_RESULT;

GBytes  *anx_cms_seal (const char *secret, gsize length, GPtrArray *recipients, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_cms_check_sealed (GBytes *sealed, GError **error);
char    *anx_cms_unseal (GBytes *sealed, AnxKey *key, AnxCertificate *certificate, gsize *out_length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
