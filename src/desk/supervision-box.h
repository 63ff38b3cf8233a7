/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* For the district: what is overdue, with names and times, and the figures by department. Main thread. */
#define ANX_TYPE_SUPERVISION_BOX (anx_supervision_box_get_type ())
G_DECLARE_FINAL_TYPE (AnxSupervisionBox, anx_supervision_box, ANX, SUPERVISION_BOX, AdwBin)

GtkWidget *anx_supervision_box_new (AnxDeskService *service);

G_END_DECLS
