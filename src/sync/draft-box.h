/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/*
 * What a person is still writing: one sealed file a draft in the profile's folder `drafts`, replaced as a whole, openable by its author
 * alone. Invariants W1 to W3 in README.md. Main thread.
 */
gboolean anx_draft_keep (AnxClient *client, const char *name, const char *text, GError **error);
char    *anx_draft_dup (AnxClient *client, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* wipe it: anx_secret_free() */
gboolean anx_draft_drop (AnxClient *client, const char *name, GError **error);
char   **anx_draft_list (AnxClient *client) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
