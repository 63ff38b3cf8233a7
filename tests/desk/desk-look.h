/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For people who want to see what a test shows. Nothing happens unless the folder ANX_LOOK_DIR is set. Main thread. */

/* In the colours of the desk, and in Chinese when ANX_LOOK_LANGUAGE is zh_CN. After GTK is initialised. */
void anx_look_begin (void);
/* Pictures of a mapped window or popover into that folder, in three sizes of text; afterwards the size is what it was. */
void anx_look_at (GtkWidget *native, const char *name);

G_END_DECLS
