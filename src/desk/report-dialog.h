/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The form of a report that the law wants: which case, to whom, what is known. It asks for no consent. Main thread. */
void anx_report_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *booking);

G_END_DECLS
