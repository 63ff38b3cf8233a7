/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Opening a colleague's records in an emergency: which session, why, and then what they say until the time is over. Main thread. */
void       anx_glass_dialog_present (GtkWindow *parent, AnxDeskService *service);

/* Who opened what, for whoever is told of it: the author and the supervision; (transfer floating). Nothing is seen while there is nothing to tell. */
GtkWidget *anx_glass_notices_new (AnxDeskService *service);

G_END_DECLS
