/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Small helpers on texts. Any thread. */

char *anx_hex_encode (const guint8 *bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;
char *anx_sha256_hex (GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;
char *anx_base32_encode (const guint8 *bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
