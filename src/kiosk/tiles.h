/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Equal tiles in as many columns as fit, each row as high as its highest tile. Main thread. */
#define ANX_TYPE_TILES (anx_tiles_get_type ())
G_DECLARE_FINAL_TYPE (AnxTiles, anx_tiles, ANX, TILES, GtkWidget)

GtkWidget *anx_tiles_new (int max_columns, int tile_width_px);
void       anx_tiles_append (AnxTiles *self, GtkWidget *tile);

G_END_DECLS
