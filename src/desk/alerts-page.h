/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Crisis alerts: open ones first; the duty officer acknowledges. Main thread. */
GtkWidget *anx_alerts_page_new (AnxDeskService *service);

G_END_DECLS
