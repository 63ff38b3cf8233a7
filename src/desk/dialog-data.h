/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * What a dialog knows, for answers that may come after it was closed: whoever asks keeps a reference to the window until the answer is
 * dealt with, and looks here whether there is still anything to show it in. Main thread.
 */
void     anx_dialog_data_set (GtkWindow *window, gpointer data, GDestroyNotify destroy);
gpointer anx_dialog_data_get (GtkWindow *window); /* (nullable) */
/* For a dialog in which nothing is lost by closing it. */
void     anx_dialog_close_on_escape (GtkWindow *window);

G_END_DECLS
