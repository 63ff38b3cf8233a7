/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Crisis alerts: open ones first; the duty officer acknowledges. Main thread. */
#define ANX_TYPE_ALERTS_PAGE (anx_alerts_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxAlertsPage, anx_alerts_page, ANX, ALERTS_PAGE, AdwBin)

GtkWidget *anx_alerts_page_new (AnxDeskService *service);

G_END_DECLS
