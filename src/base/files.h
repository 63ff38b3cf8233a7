/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files of our own: private, bounded, replaced as a whole. All errors are of ANX_BASE_ERROR. Any thread. */

gboolean anx_directory_make_private (const char *path, GError **error);
gboolean anx_file_write (const char *path, const char *data, gssize length, GError **error);
GBytes  *anx_file_read (const char *path, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
