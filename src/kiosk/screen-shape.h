/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Whether a screen is wider than high, so that pages put question and answers beside each other. Main thread. */
gboolean anx_screen_is_wide (GtkWidget *window);
/* Whether it is so low (1280×800) that bars and keys have to be lower too; the style class "low". */
gboolean anx_screen_is_low (GtkWidget *window);

G_END_DECLS
