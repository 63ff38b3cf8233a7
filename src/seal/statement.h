/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * Short signed statements, such as a session description with its DTLS fingerprint: CMS SignedData over a text, Base64.
 * @context (for example "session-description:<call id>:offer") is signed with it, so that a statement of one call or role is
 * refused in another. Any thread.
 */
char *anx_statement_sign (const char *context, const char *text, AnxKey *sign_key, AnxCertificate *sign_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *anx_statement_verify (const char *statement, const char *context, const char *principal, AnxCertificate *authority, gint64 at_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
