/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* A menu of the questionnaires that may be asked of residents, and what is asked for now; for the counsellor of a booking. Main thread. */
#define ANX_TYPE_ASSIGN_BOX (anx_assign_box_get_type ())
G_DECLARE_FINAL_TYPE (AnxAssignBox, anx_assign_box, ANX, ASSIGN_BOX, AdwBin)

GtkWidget *anx_assign_box_new (AnxDeskService *service);
void       anx_assign_box_set_booking (AnxAssignBox *self, const char *booking); /* (nullable) hides it */

G_END_DECLS
