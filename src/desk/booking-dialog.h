/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Staff books for somebody: what, with whom, when, the name; then the code, shown once. */
void anx_booking_dialog_present (GtkWindow *parent, AnxDeskService *service);
/* The same for somebody on the waiting list, who leaves it with the booking. */
void anx_booking_dialog_present_waiting (GtkWindow *parent, AnxDeskService *service, const char *entry);
/* For who came without a booking and was called; the ticket is then in session, with the booking. */
void anx_booking_dialog_present_ticket (GtkWindow *parent, AnxDeskService *service, const char *ticket);
/* The same for somebody whose time, promised without the hub, did not hold. */
void anx_booking_dialog_present_again (GtkWindow *parent, AnxDeskService *service, const char *sale);
/* The same for somebody whom this centre was asked to look after; with the booking that case is closed. */
void anx_booking_dialog_present_outreach (GtkWindow *parent, AnxDeskService *service, const char *intake);

G_END_DECLS
