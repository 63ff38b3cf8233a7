/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The requests of the hub's API that a resident process may make through the shell, and the records it may hand over. Any thread. */
gboolean anx_request_list_allows (const char *method, const char *path);
gboolean anx_request_list_allows_kind (const char *kind);

G_END_DECLS
