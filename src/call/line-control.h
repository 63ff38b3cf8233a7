/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What to send on a line and how long to wait for what comes, from what the last second showed. Rules only: no GStreamer, no clock.
 * Private to the folder; any one thread.
 */
typedef struct
{
  double loss;         /* of what the other side sent, 0–1 */
  double their_loss;   /* of what we sent, as the other side reports; below 0: it reported nothing new */
  guint round_trip_ms; /* 0 when unknown */
} AnxLineReport;

typedef struct
{
  guint video_bitrate;  /* for the encoder, bit/s */
  gboolean strict;      /* pictures that do not fit into it are left out: what is too much would fill a queue */
  guint fec_percent;    /* redundancy added to it, of which the bitrate has been taken off */
  guint audio_percent;  /* loss the sound encoder must expect */
  guint audio_bitrate;  /* bit/s */
  guint report_ms;      /* least time between our reports */
  gboolean small;       /* a quarter of the picture */
  gboolean narrow;      /* half as often, too, and seldom anything that is not picture or sound */
  guint keyframe_ms;    /* no two key frames within this */
  gboolean retransmit;  /* whether to ask for what is missing */
  guint jitter_ms;      /* how long a missing packet is waited for */
  gboolean paced;       /* each picture is shown at its time, and not as soon as it is there */
} AnxLineDecision;

/* Seconds of which the shortest round trip counts as that of the empty line: long enough to drain a queue in, short enough to learn another way. */
#define ANX_LINE_ROUND_TRIPS 20

typedef struct
{
  guint budget;         /* bit/s of picture with its redundancy */
  guint round_trips_ms[ANX_LINE_ROUND_TRIPS]; /* the last, a ring; 0 for none */
  guint n_round_trips;
  guint full_budget;      /* at the last sign that the line is full; 0 before the first */
  guint free_seconds;     /* since the last sign that the line is full */
  guint narrow_seconds;   /* until the last queue is forgotten */
  guint calm_seconds;     /* since the other side's packets were lost */
  guint calm_out_seconds; /* since ours were */
  guint quality;          /* 0 unknown, 1 bad, 2 weak, 3 fair, 4 good: what a person notices */
  guint better_seconds;   /* since it was as bad as "quality" says */
  AnxLineDecision decision;
} AnxLineControl;

#define ANX_LINE_JITTER_MS 80
#define ANX_LINE_BITRATE_START 180000
#define ANX_LINE_AUDIO_BITRATE 32000
/* After one early report (RFC 4585 section 3.5) a session must wait for its regular one before the next NACK may leave. */
#define ANX_LINE_REPORT_MS 50

void anx_line_control_init (AnxLineControl *self);
void anx_line_control_update (AnxLineControl *self, const AnxLineReport *report); /* once a second */

G_END_DECLS
