/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-attempt.h"
#include "call-sdp.h"
#include "frame-tap.h"
#include "line-control.h"

G_BEGIN_DECLS

/*
 * What the files of an attempt share. call-attempt.c: its life; call-attempt-send.c: devices and what we send; call-attempt-receive.c: what
 * comes; call-attempt-negotiate.c: descriptions, candidates and the check of the line; call-attempt-measure.c: numbers and what follows from them.
 *
 * Invariants
 * A1  Everything below "context" is touched by the owner's thread only; GStreamer's threads touch what stands under "lock" and
 *     the atomic numbers, and reach the rest through post().
 * A2  After close() no signal is emitted, no source runs and every device is closed.
 * A3  No picture, sound or text of ours leaves, and none of the other side's is shown, before "verified": the certificate of the DTLS
 *     connection is the one in the signed description.
 * A4  A candidate reaches webrtcbin only after the remote description is in place.
 * A5  Camera and microphone are opened after "media" only.
 */

typedef struct
{
  gint64 received;   /* packets of the other side, all streams */
  gint64 lost;       /* of them, before retransmission */
  gint64 reported;   /* our packets the other side has counted up to */
  gint64 reported_lost;
  guint asked;         /* when our report left that the round trip is of, as it stands in it (the middle of an NTP time) */
  guint round_trip_ms; /* the newest reported, 0 when unknown */
} AnxCallLineNumbers;

struct _AnxCallAttempt
{
  GObject parent_instance;

  GMainContext *context;
  AnxCallAttemptSetup setup;
  gboolean offering;
  gboolean closed;
  gboolean failed;
  gboolean devices_open;   /* camera and microphone may be */
  AnxCallPlan plan;        /* payload numbers; the fingerprint once the remote description is known */
  gboolean have_fingerprint;

  GstElement *pipeline;    /* owned */
  GstElement *webrtc;      /* owned by pipeline, as all that follow */
  GstElement *picture_source;
  GstElement *picture_head; /* what a source of pictures is linked to */
  GstElement *sound_source;
  GstElement *sound_head;
  GstElement *picture_valve;
  GstElement *sound_valve;
  GstElement *picture_rate; /* a videorate */
  GstElement *picture_size; /* a capsfilter */
  GstElement *video_encoder;
  GObject *video_transceiver; /* (nullable), owned */
  GstElement *audio_encoder;
  GstElement *speaker;     /* (nullable), owned, open, until the sound of the other side is linked to it */
  GstElement *echo_probe;  /* (nullable), owned until it is put into the pipeline */
  char *echo_probe_name;
  gpointer studio_speaker; /* (nullable) the studio's name for the speaker, which may be gone */
  AnxFrameTap *remote_tap; /* (nullable), owned */
  AnxFrameTap *local_tap;  /* (nullable), owned */
  GstElement *remote_sink; /* (nullable), owned: where the pictures of the other side come out */
  GObject *text_channel;   /* (nullable), owned, a GstWebRTCDataChannel */
  GQueue early_texts;      /* char*, until verified */
  GSource *bus_source;

  GQueue candidates;       /* Candidate*, until remote_set */
  gboolean remote_set;
  gboolean media_seen;

  double fps;
  double loss;
  double pitch;
  AnxLineControl control;
  AnxCallLineNumbers numbers;     /* of the last tick */
  gint last_frames;
  gint64 last_tick_usec;

  gint verified;           /* atomic */
  gint early_posted;       /* atomic: texts that came before verified */
  gint text_awaited;       /* atomic: the other side makes the channel and has not yet */
  gint frames;             /* atomic: pictures of the other side decoded */
  gint last_media_ms;      /* atomic: when the last packet of the other side came, ms since opened_usec */
  gint last_keyframe_ms;   /* atomic: when the last key frame request was let through */
  gint keyframe_spacing_ms; /* atomic */
  gint strict_bitrate;     /* atomic: bit/s; 0: pictures may be larger */
  double bucket_bits;      /* encoder's thread only */
  gint64 bucket_usec;      /* encoder's thread only, monotonic */
  gint first_media_posted; /* atomic */
  gint64 opened_usec;

  guint ticks_with_media;
  guint report_ms;         /* 0 until reports are quickened */

  GMutex lock;
  guint jitter_ms;         /* under lock */
  gboolean retransmit;     /* under lock */
  GPtrArray *jitterbuffers; /* GstElement*, owned, under lock */
  gboolean jitterbuffers_gone; /* under lock */
};

enum
{
  SIGNAL_DESCRIPTION,
  SIGNAL_CANDIDATE,
  SIGNAL_MEDIA,
  SIGNAL_REMOTE_FRAME,
  SIGNAL_LOCAL_FRAME,
  SIGNAL_LEVEL,
  SIGNAL_TEXT,
  SIGNAL_NOTICE,
  SIGNAL_FAILED,
  N_SIGNALS
};
extern guint anx_call_attempt_signals[N_SIGNALS];

/* call-attempt.c */
typedef void (*AnxCallPostedFunc) (AnxCallAttempt *self, gpointer data);
void anx_call_attempt_post (AnxCallAttempt *self, AnxCallPostedFunc func, gpointer data, GDestroyNotify destroy);
gint anx_call_attempt_get_age_ms (AnxCallAttempt *self);
void anx_call_attempt_fail (AnxCallAttempt *self, int code, const char *text);
void anx_call_attempt_fail_connection (AnxCallAttempt *self);
void anx_call_attempt_notice (AnxCallAttempt *self, const char *text);

/* call-attempt-send.c */
void anx_call_attempt_detach_source (AnxCallAttempt *self, GstElement **source);
gboolean anx_call_attempt_build_picture (AnxCallAttempt *self, GError **error);
gboolean anx_call_attempt_build_sound (AnxCallAttempt *self, GError **error);
void anx_call_attempt_make_sources (AnxCallAttempt *self);
gboolean anx_call_attempt_lose_device (AnxCallAttempt *self, GstObject *source);

/* call-attempt-receive.c */
void anx_call_attempt_prepare_receiving (AnxCallAttempt *self);
void anx_call_attempt_take_own_pictures (AnxCallAttempt *self, GstElement *bin);

/* call-attempt-negotiate.c */
void anx_call_attempt_make_description (AnxCallAttempt *self);
gboolean anx_call_attempt_set_remote (AnxCallAttempt *self, const char *sdp, GError **error);
void anx_call_attempt_prepare_negotiation (AnxCallAttempt *self);
void anx_call_attempt_drop_candidates (AnxCallAttempt *self);
GstPromise *anx_call_attempt_new_promise (AnxCallAttempt *self, GstPromiseChangeFunc func) G_GNUC_WARN_UNUSED_RESULT;

/* call-attempt-text.c */
void anx_call_attempt_prepare_text (AnxCallAttempt *self);
void anx_call_attempt_release_text (AnxCallAttempt *self);

/* call-attempt-measure.c */
void anx_call_attempt_take_sound (AnxCallAttempt *self, GstMessage *message);

G_END_DECLS
