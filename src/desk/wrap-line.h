/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Widgets one beside the other as long as there is room, then on further lines: a bar that larger texts do not make wider than its window.
 * In each line the room that is left goes to the children that expand.
 */
#define ANX_TYPE_WRAP_LINE (anx_wrap_line_get_type ())
G_DECLARE_FINAL_TYPE (AnxWrapLine, anx_wrap_line, ANX, WRAP_LINE, GtkWidget)

GtkWidget *anx_wrap_line_new (int spacing);
void       anx_wrap_line_append (AnxWrapLine *self, GtkWidget *child);

G_END_DECLS
