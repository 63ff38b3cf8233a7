/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "call-studio-private.h"
#include "call.h"

G_BEGIN_DECLS

/*
 * One attempt of a call: one pipeline with one webrtcbin, made, connected and closed, never used again. Private to the folder.
 * All functions and all signals on the thread (main context) that made it; what GStreamer's threads tell is carried over.
 *
 * Signals, none of them after anx_call_attempt_close():
 *   description (const char *sdp)                  ours is made; candidates follow
 *   candidate (guint mline, const char *candidate) of ours
 *   media                                          the first picture or sound of the other side is decoded
 *   remote-frame, local-frame (AnxFrame*)
 *   level (double)                                 dB of the sound received, five times a second
 *   text (const char *text)                        the other side has written
 *   notice (const char *text)                      a device is missing; the call goes on without it
 *   failed (GError*)                               nothing more comes of this attempt
 */
#define ANX_TYPE_CALL_ATTEMPT (anx_call_attempt_get_type ())
G_DECLARE_FINAL_TYPE (AnxCallAttempt, anx_call_attempt, ANX, CALL_ATTEMPT, GObject)

typedef struct
{
  AnxCallMedia media;
  AnxCallStudio *studio;  /* (nullable) has the devices, which other calls use too */
  gboolean camera_on;
  gboolean microphone_on;
  JsonArray *ice_servers; /* nullable */
  gboolean relay_only;    /* no way but through a relay: for tests */
} AnxCallAttemptSetup;

AnxCallAttempt *anx_call_attempt_new (const AnxCallAttemptSetup *setup) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_call_attempt_open (AnxCallAttempt *self, const char *remote_offer, GError **error);
gboolean anx_call_attempt_take_answer (AnxCallAttempt *self, const char *answer, GError **error);
gboolean anx_call_attempt_open_devices (AnxCallAttempt *self, GError **error); /* after "media" */
void     anx_call_attempt_add_candidate (AnxCallAttempt *self, guint mline, const char *candidate);
void     anx_call_attempt_set_camera_on (AnxCallAttempt *self, gboolean on);
void     anx_call_attempt_set_microphone_on (AnxCallAttempt *self, gboolean on);
gboolean anx_call_attempt_send_text (AnxCallAttempt *self, const char *text);
void     anx_call_attempt_close (AnxCallAttempt *self);

/* Once a second: reads what the line does and fits what we send to it. */
void     anx_call_attempt_tick (AnxCallAttempt *self);
gint64   anx_call_attempt_get_silent_usec (AnxCallAttempt *self);
double   anx_call_attempt_get_fps (AnxCallAttempt *self);
double   anx_call_attempt_get_loss (AnxCallAttempt *self);
guint    anx_call_attempt_get_quality (AnxCallAttempt *self);
guint    anx_call_attempt_get_round_trip_ms (AnxCallAttempt *self);
gboolean anx_call_attempt_has_contact (AnxCallAttempt *self);
double   anx_call_attempt_get_pitch (AnxCallAttempt *self);
guint    anx_call_attempt_get_video_bitrate (AnxCallAttempt *self);
GstElement *anx_call_attempt_get_pipeline (AnxCallAttempt *self);

G_END_DECLS
