/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "call.h"

G_BEGIN_DECLS

/*
 * Where picture and sound come from and where sound goes. Private to the folder; main thread. A source is a bin with one pad
 * "src"; closing it (state NULL) closes the device.
 */

/* What a call sends. 640x480 at 30 is what a weak machine encodes with a fifth of one core. */
#define ANX_CALL_PICTURE_WIDTH 640
#define ANX_CALL_PICTURE_HEIGHT 480
#define ANX_CALL_PICTURE_RATE 30
#define ANX_CALL_SELF_WIDTH 160
#define ANX_CALL_SELF_HEIGHT 120

gboolean    anx_call_media_check_installation (GError **error);
gboolean    anx_call_media_check_devices (AnxCallMedia media, GError **error);
void        anx_call_media_set_nothing_found (GError **error);
GstElement *anx_call_media_open_picture (AnxCallMedia media, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_media_open_sound (AnxCallMedia media, const char *echo_probe, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_media_make_black (void) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_media_make_silence (void) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_media_open_speaker (AnxCallMedia media, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GstElement *anx_call_media_make_nowhere (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_call_media_get_level (GstMessage *message, double *out_level);
GstElement *anx_call_media_make_bin (const char *description, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
