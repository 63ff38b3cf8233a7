/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "directory.h"
#include "outbox.h"

G_BEGIN_DECLS

/* Obeys the orders to erase that are on this machine: R1 to R5 in README.md. Main thread. */

/* What was erased now. */
typedef struct
{
  char *id;
  char *kind;
  char *booking; /* (nullable) its story */
} AnxEraserItem;

GPtrArray *anx_eraser_obey (AnxDatabase *database, AnxDirectory *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxEraserItem) */
gboolean   anx_eraser_clean (AnxDatabase *database);

/* A hub that was put back learns the orders from whoever has them. */
gboolean        anx_eraser_tell_again (AnxDatabase *database, GError **error);
gboolean        anx_eraser_has_to_tell (AnxDatabase *database);
AnxOutboxBatch *anx_eraser_list_to_tell (AnxDatabase *database, const char *author, gint64 *out_place, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_eraser_told (AnxDatabase *database, gint64 place, GError **error);

G_END_DECLS
