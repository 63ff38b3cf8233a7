/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/*
 * Lets a browser join the session of a booking in this person's name: makes the one-time link, shows who asks, and names the browser's key
 * when the person agrees. README.md of src/call tells what is signed. Main thread.
 */
#define ANX_TYPE_DESK_JOIN (anx_desk_join_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskJoin, anx_desk_join, ANX, DESK_JOIN, AdwBin)

GtkWidget *anx_desk_join_new (AnxDeskService *service);
void       anx_desk_join_set_booking (AnxDeskJoin *self, const char *booking); /* (nullable); forgets the link of another one */
void       anx_desk_join_begin (AnxDeskJoin *self);

G_END_DECLS
