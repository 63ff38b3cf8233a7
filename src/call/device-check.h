/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "call.h"

G_BEGIN_DECLS

/*
 * Camera, microphone and loudspeaker tried on this machine alone: nothing of it leaves the process. Private to the folder; one thread.
 *
 * Signals, none of them after anx_device_check_close():
 *   local-frame (AnxFrame*)
 *   level (double)            dB of the own microphone, ten times a second
 *   missing                   anx_device_check_get_missing() has changed: a device failed while it ran
 *   test-sound-over           the tones have been played, or the loudspeaker failed
 */
#define ANX_TYPE_DEVICE_CHECK (anx_device_check_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeviceCheck, anx_device_check, ANX, DEVICE_CHECK, GObject)

AnxDeviceCheck *anx_device_check_new (AnxCallMedia media) G_GNUC_WARN_UNUSED_RESULT; /* opens what there is */
AnxCallDevices  anx_device_check_get_missing (AnxDeviceCheck *self);
gboolean        anx_device_check_play_test_sound (AnxDeviceCheck *self);
void            anx_device_check_close (AnxDeviceCheck *self);
GstElement     *anx_device_check_get_pipeline (AnxDeviceCheck *self);
GstElement     *anx_device_check_get_player (AnxDeviceCheck *self);

G_END_DECLS
