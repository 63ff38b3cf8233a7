/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * One booking: who, when, where, what can be done with it, and who changed it when and why.
 *
 * Signal: move (const char *booking)   somebody pressed "Move…"
 */
#define ANX_TYPE_BOOKING_PANE (anx_booking_pane_get_type ())
G_DECLARE_FINAL_TYPE (AnxBookingPane, anx_booking_pane, ANX, BOOKING_PANE, AdwBin)

GtkWidget *anx_booking_pane_new (AnxDeskService *service);
void       anx_booking_pane_show (AnxBookingPane *self, const char *booking);

G_END_DECLS
