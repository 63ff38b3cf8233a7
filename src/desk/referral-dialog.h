/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Does one step of the referral loop; asks first for what the step cannot be done without. Main thread. */
void anx_referral_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *task, AnxReferralAction action);

G_END_DECLS
