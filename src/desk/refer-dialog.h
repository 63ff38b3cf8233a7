/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/*
 * "Refer onward": to whom, how urgent, why, which fields go along, and the resident's own consent that names the receiver. "Send" is
 * insensitive until all is there, and the line beside it says what is missing. Main thread.
 */
#define ANX_TYPE_REFER_DIALOG (anx_refer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AnxReferDialog, anx_refer_dialog, ANX, REFER_DIALOG, AdwWindow)

void anx_refer_dialog_present (GtkWindow *parent, AnxDeskService *service, const char *booking);

G_END_DECLS
