/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "directory.h"
#include "envelope.h"

G_BEGIN_DECLS

/* Which directory stands under each number, as the directories taken over here say and as the authors of records say; see README.md. */

gboolean anx_directory_heads_take_over (AnxDatabase *database, AnxDirectory *directory, GError **error);
gboolean anx_directory_heads_hear (AnxDatabase *database, AnxRecordHeader *header, GError **error);
gint64   anx_directory_heads_newest (AnxDatabase *database);

G_END_DECLS
