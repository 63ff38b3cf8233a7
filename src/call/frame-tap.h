/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "frame.h"

G_BEGIN_DECLS

/*
 * Carries the pictures of an appsink from GStreamer's threads to the owner's. At most one waits for the main loop; a newer one takes its
 * place. Private to the folder; made and closed on the owner's thread.
 */
typedef struct _AnxFrameTap AnxFrameTap;
typedef void (*AnxFrameFunc) (AnxFrame *frame, gpointer user_data);

AnxFrameTap *anx_frame_tap_new (GstElement *sink, AnxFrameFunc func, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void         anx_frame_tap_close (AnxFrameTap *self); /* gives it back; @func is not called any more */

G_END_DECLS
