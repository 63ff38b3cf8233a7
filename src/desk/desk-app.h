/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The application: options, keys, style, one window. Main thread. */
#define ANX_TYPE_DESK_APP (anx_desk_app_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskApp, anx_desk_app, ANX, DESK_APP, AdwApplication)

AnxDeskApp *anx_desk_app_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
