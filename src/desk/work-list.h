/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * What needs a look: what the hub put on the list of the centre, records it refused, records that do not open here.
 *
 * Signal: show-booking (const char *booking)
 */
#define ANX_TYPE_WORK_LIST (anx_work_list_get_type ())
G_DECLARE_FINAL_TYPE (AnxWorkList, anx_work_list, ANX, WORK_LIST, AdwBin)

GtkWidget *anx_work_list_new (AnxDeskService *service);
guint      anx_work_list_count (AnxWorkList *self);

G_END_DECLS
