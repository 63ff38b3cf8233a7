/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Builds, from what the service has now, all that shall be seen; (transfer floating). */
typedef GtkWidget *(*AnxDeskLiveBuild) (AnxDeskService *service);

GtkWidget *anx_desk_live_new (AnxDeskService *service, AnxDeskLiveBuild build);

G_END_DECLS
