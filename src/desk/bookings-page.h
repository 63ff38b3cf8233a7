/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The centre's bookings by day, check-in by code; what needs a look. For centre staff. Main thread. */
#define ANX_TYPE_BOOKINGS_PAGE (anx_bookings_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxBookingsPage, anx_bookings_page, ANX, BOOKINGS_PAGE, AdwBin)

GtkWidget *anx_bookings_page_new (AnxDeskService *service);

G_END_DECLS
