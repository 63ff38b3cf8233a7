/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "call-studio.h"

G_BEGIN_DECLS

/* For attempts. What is opened is theirs to put into their pipeline, and is closed by name. */
GstElement *anx_call_studio_open_picture (AnxCallStudio *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_studio_open_sound (AnxCallStudio *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_studio_open_speaker (AnxCallStudio *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_call_studio_close (AnxCallStudio *self, gpointer taker);
gboolean    anx_call_studio_is_capturing (AnxCallStudio *self);

/* For tests: what holds the devices now, (nullable). "mixed" in that of sound is what the loudspeaker is given. */
GstElement *anx_call_studio_get_picture_pipeline (AnxCallStudio *self);
GstElement *anx_call_studio_get_sound_pipeline (AnxCallStudio *self);

G_END_DECLS
