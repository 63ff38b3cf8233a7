/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * The working plan of a counsellor, with what follows from it in the next weeks. A plan may say more than these fields: hours that do
 * not come every week are kept and told, not lost.
 */
void anx_plan_editor_present (GtkWindow *parent, AnxDeskService *service, const char *counsellor);

G_END_DECLS
