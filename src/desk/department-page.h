/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The inbox of a department: open, accept, decline, complete. Main thread. */
#define ANX_TYPE_DEPARTMENT_PAGE (anx_department_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxDepartmentPage, anx_department_page, ANX, DEPARTMENT_PAGE, AdwBin)

GtkWidget *anx_department_page_new (AnxDeskService *service);

G_END_DECLS
