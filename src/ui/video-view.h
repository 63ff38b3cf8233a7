/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "call.h"

G_BEGIN_DECLS

/* Shows the other side of a call large and ourselves small; covers the last picture while it is not live. Main thread. */
#define ANX_TYPE_VIDEO_VIEW (anx_video_view_get_type ())
G_DECLARE_FINAL_TYPE (AnxVideoView, anx_video_view, ANX, VIDEO_VIEW, GtkWidget)

GtkWidget *anx_video_view_new (void);
void       anx_video_view_set_call (AnxVideoView *self, AnxCall *call); /* (nullable) */
void       anx_video_view_set_own_shown (AnxVideoView *self, gboolean shown);

G_END_DECLS
