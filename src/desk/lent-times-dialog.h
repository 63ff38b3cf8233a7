/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Times that only one kiosk or desk may sell: who has how many, when it was last heard of, and taking them back from one that is dead. */
void anx_lent_times_dialog_present (GtkWindow *parent, AnxDeskService *service);

G_END_DECLS
