/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Counts of few people are hidden, and as many others that they cannot be worked out from the totals. Any thread. */
#define ANX_SMALL_CELLS_LEAST 5
#define ANX_SMALL_CELLS_HIDDEN (-1)

void anx_small_cells_hide (gint64 *cells, guint rows, guint columns);

G_END_DECLS
