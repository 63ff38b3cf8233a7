/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"

G_BEGIN_DECLS

/* The schema of `client.db`, which outbox and inbox share. */
AnxDatabase *anx_client_database_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gint64   anx_client_database_get_number (AnxDatabase *database, const char *name);
gboolean anx_client_database_set_number (AnxDatabase *database, const char *name, gint64 value, GError **error);
char    *anx_client_database_dup_word (AnxDatabase *database, const char *name) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_client_database_set_word (AnxDatabase *database, const char *name, const char *value, GError **error);

#define ANX_CLIENT_MOST_NOTICES 1000
gboolean anx_client_database_notice (AnxDatabase *database, const char *name, const char *detail, GError **error);

G_END_DECLS
