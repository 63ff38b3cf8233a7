/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Why somebody opens records that were put away by their age. Main thread. */
void anx_sealed_dialog_present (GtkWindow *parent, AnxDeskService *service, GPtrArray *ids);

G_END_DECLS
