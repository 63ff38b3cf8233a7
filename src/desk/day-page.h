/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* "My day" of a counsellor: the next person on top, then the day. Main thread. */
#define ANX_TYPE_DAY_PAGE (anx_day_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxDayPage, anx_day_page, ANX, DAY_PAGE, AdwBin)

GtkWidget *anx_day_page_new (AnxDeskService *service);

G_END_DECLS
