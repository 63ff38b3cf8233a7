/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Referrals with status and light: own, of the centre, or all, as the hub lets this person see. Main thread. */
GtkWidget *anx_referrals_page_new (AnxDeskService *service);

G_END_DECLS
