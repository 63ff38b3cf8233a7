/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Who would come if a time became free: names and numbers, for the staff to call. */
void anx_waiting_dialog_present (GtkWindow *parent, AnxDeskService *service);

G_END_DECLS
