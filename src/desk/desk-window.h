/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * The desk's window: start-up, enrolment, problems, then the pages of this person's roles with the alarm above and the status bar below.
 * Main thread.
 */
#define ANX_TYPE_DESK_WINDOW (anx_desk_window_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskWindow, anx_desk_window, ANX, DESK_WINDOW, AdwApplicationWindow)

AnxDeskWindow *anx_desk_window_new (GtkApplication *application, const char *profile_folder, const char *hub_url, gboolean test_media);
/* A passing message in @window, if it is one of ours. */
void           anx_desk_window_toast (GtkWindow *window, const char *text);

G_END_DECLS
