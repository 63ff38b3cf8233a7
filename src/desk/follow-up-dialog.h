/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Plans a follow-up, and asks for what a step of one needs. Main thread. */
void anx_follow_up_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *booking);
void anx_follow_up_dialog_step (GtkWindow *parent, AnxDeskService *service, const char *record, const char *step);

G_END_DECLS
