/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What is on this computer: search by name or number, and what a person must look at. */
#define ANX_TYPE_RECORDS_PAGE (anx_records_page_get_type ())
G_DECLARE_FINAL_TYPE (AnxRecordsPage, anx_records_page, ANX, RECORDS_PAGE, AdwBin)

GtkWidget *anx_records_page_new (AnxDeskService *service);

G_END_DECLS
