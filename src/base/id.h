/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Identifiers: UUIDv7 (RFC 9562 section 5.7) for records and bookings, short words for principals. Any thread. */

char    *anx_uuid_new (gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_uuid_is_valid (const char *text);

gboolean anx_principal_id_is_valid (const char *text);

void     anx_random_bytes (guint8 *out_bytes, gsize length);

G_END_DECLS
