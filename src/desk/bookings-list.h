/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * The centre's bookings of some days one below the other, those that were called off among them; with words, only what these are found in.
 *
 * Signal: chosen (const char *booking)
 */
#define ANX_TYPE_BOOKINGS_LIST (anx_bookings_list_get_type ())
G_DECLARE_FINAL_TYPE (AnxBookingsList, anx_bookings_list, ANX, BOOKINGS_LIST, AdwBin)

GtkWidget *anx_bookings_list_new (AnxDeskService *service);
void       anx_bookings_list_fill (AnxBookingsList *self, gint64 from_usec, gint64 to_usec, const char *search);

G_END_DECLS
