/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/*
 * A browser's key that speaks for a person in one session. The person's own statement, a delegation, names it; what the browser then
 * states carries that delegation. Both have the form told in README.md. Any thread.
 */
gboolean anx_delegation_is_carried_by (const char *statement);
char    *anx_delegation_write (const char *public_key, gint64 until_usec) G_GNUC_WARN_UNUSED_RESULT; /* the text to be stated */
char    *anx_delegation_verify (const char *statement, const char *context, const char *delegation_context, const char *principal,
                                AnxCertificate *authority, gint64 at_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char    *anx_delegation_dup_public_key (AnxCertificate *certificate) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
