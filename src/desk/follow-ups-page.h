/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Whom a counsellor calls on again: overdue, today, lost, coming, ended. Main thread. */
GtkWidget *anx_follow_ups_page_new (AnxDeskService *service);

G_END_DECLS
