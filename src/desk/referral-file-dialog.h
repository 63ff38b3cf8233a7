/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* A referral with its answers out to a file that is not sealed, and in from one. Main thread. */
void anx_referral_file_present_export (GtkWindow *parent, AnxDeskService *service, const char *task);
void anx_referral_file_present_import (GtkWindow *parent, AnxDeskService *service);

G_END_DECLS
