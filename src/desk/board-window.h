/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For a second screen in the waiting room: the numbers that were called and where to go. No names, nothing else. */
GtkWindow *anx_board_window_new (AnxDeskService *service);
void       anx_board_window_present (GtkWindow *desk, AnxDeskService *service);

G_END_DECLS
