/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Slow key of a resident's code: scrypt (RFC 7914) N=2^15 r=8 p=1, salted with the district's id, 32 bytes in hex. About 0.1 s and 32 MiB. */
char *anx_code_key_derive (const char *normalised_code, const char *district, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void  anx_code_key_derive_async (const char *normalised_code, const char *district, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
char *anx_code_key_derive_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
