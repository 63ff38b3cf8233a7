/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The safety plan of a session in its six steps: written together with the resident, sealed to the author, printed for the resident. */
void anx_plan_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *booking);

const char *anx_plan_dialog_get_title (guint step);

G_END_DECLS
