/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-bookings.h"

G_BEGIN_DECLS

/* A case from outside: whom to look after, until when, and what the staff can do with it. Main thread. */
GtkWidget *anx_intake_card_new (AnxDeskService *service, const AnxDeskIntake *intake, GtkLabel *answer);

G_END_DECLS
