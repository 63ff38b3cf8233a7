/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The look of the kiosk, and what keeps a resident inside it. Main thread. */

void anx_kiosk_load_style (GdkDisplay *display);
void anx_lockdown_window (GtkWindow *window);
/* Every GtkText or GtkEntry of a page: no menus, no clipboard, no selection handles. Such an entry cannot be touched: the page gives it the focus. */
void anx_lockdown_text (GtkWidget *text);

G_END_DECLS
