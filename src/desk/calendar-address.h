/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The secret address of a counsellor's calendar, for their telephone: made, shown once with a QR code, revoked. */
void anx_calendar_address_present (GtkWindow *parent, AnxDeskService *service);

G_END_DECLS
