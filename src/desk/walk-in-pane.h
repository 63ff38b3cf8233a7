/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Today's walk-in queue: who waits, call next, skip, recall. Tickets have numbers, not names. */
#define ANX_TYPE_WALK_IN_PANE (anx_walk_in_pane_get_type ())
G_DECLARE_FINAL_TYPE (AnxWalkInPane, anx_walk_in_pane, ANX, WALK_IN_PANE, AdwBin)

GtkWidget *anx_walk_in_pane_new (AnxDeskService *service);

G_END_DECLS
