/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Rooms in which nobody is received for a time: what is closed, closing one, opening it again. */
void anx_closures_dialog_present (GtkWindow *parent, AnxDeskService *service);

G_END_DECLS
