/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* Asks for another level of an alert and the reason, and writes both as a record. */
void anx_level_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *alert);

G_END_DECLS
