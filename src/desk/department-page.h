/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The inbox of a department: open, accept, decline, complete. Main thread. */
GtkWidget *anx_department_page_new (AnxDeskService *service);

G_END_DECLS
