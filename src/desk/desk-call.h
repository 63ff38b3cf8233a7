/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/*
 * The video part of the session page and of talk-window: picture, state in words, buttons. One call at a time, started here, to the kiosk of
 * the booking or of the alert. In a joint session the others are seen below, and whoever sits in enters it here.
 * Main thread.
 *
 * Signals:
 *   gap (const char *text)  the line was away; the words for the note of the session
 */
#define ANX_TYPE_DESK_CALL (anx_desk_call_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskCall, anx_desk_call, ANX, DESK_CALL, AdwBin)

GtkWidget *anx_desk_call_new (AnxDeskService *service, gboolean test_media);
void       anx_desk_call_set_booking (AnxDeskCall *self, const char *booking); /* ends the call of another one */
void       anx_desk_call_start (AnxDeskCall *self);
void       anx_desk_call_end (AnxDeskCall *self);
gboolean   anx_desk_call_is_open (AnxDeskCall *self);

G_END_DECLS
