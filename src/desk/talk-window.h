/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* A video call with the room an alert came from, for whoever said "I am going". Main thread. */
void anx_talk_window_present (GtkWindow *parent, AnxDeskService *service, const char *alert, gboolean test_media);

G_END_DECLS
