/* SPDX-License-Identifier: GPL-3.0-or-later */
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-attempt-private.h"
#include "call-media.h"

/* The part of the bandwidth that reports may take. */
#define RTCP_FRACTION 0.3

/* The spectrum's 2,400 bands cover 0–24 kHz: 10 Hz each. A parabola through the peak and its neighbours finds the tone between bands. */
static void
take_spectrum (AnxCallAttempt *self,
               const GstStructure *structure)
{
  const GValue *list = gst_structure_get_value (structure, "magnitude");
  guint count = list != NULL && GST_VALUE_HOLDS_LIST (list) ? gst_value_list_get_size (list) : 0;
  guint best = 0;
  float best_level = -60.0f;
  /* Below 50 Hz stands hum, not a voice or a test tone. */
  for (guint i = 5; i < count; i++)
    {
      float level = g_value_get_float (gst_value_list_get_value (list, i));
      if (level > best_level)
        {
          best_level = level;
          best = i;
        }
    }
  if (best == 0 || best + 1 >= count)
    {
      self->pitch = 0;
      return;
    }
  double left = g_value_get_float (gst_value_list_get_value (list, best - 1));
  double right = g_value_get_float (gst_value_list_get_value (list, best + 1));
  double curve = left - 2 * (double) best_level + right;
  double offset = curve < 0 ? 0.5 * (left - right) / curve : 0;
  self->pitch = (best + offset) * 24000.0 / count;
}

/**
 * anx_call_attempt_take_sound:
 * @self: an open attempt
 * @message: an element's message on the bus
 *
 * Takes level and pitch of the sound received out of it; any other message is left aside.
 */
void
anx_call_attempt_take_sound (AnxCallAttempt *self,
                             GstMessage *message)
{
  double level;
  if (gst_message_has_name (message, "spectrum"))
    take_spectrum (self, gst_message_get_structure (message));
  else if (anx_call_media_get_level (message, &level))
    g_signal_emit (self, anx_call_attempt_signals[SIGNAL_LEVEL], 0, level);
}

static gboolean
collect_stats (GQuark id,
               const GValue *value,
               gpointer user_data)
{
  AnxCallLineNumbers *numbers = user_data;
  if (!GST_VALUE_HOLDS_STRUCTURE (value))
    return TRUE;
  const GstStructure *entry = gst_value_get_structure (value);
  GstWebRTCStatsType type;
  g_autoptr (GstStructure) source = NULL;
  if (!gst_structure_get (entry, "type", GST_TYPE_WEBRTC_STATS_TYPE, &type, NULL) ||
      !gst_structure_get (entry, "gst-rtpsource-stats", GST_TYPE_STRUCTURE, &source, NULL))
    return TRUE;
  if (type == GST_WEBRTC_STATS_INBOUND_RTP)
    {
      guint64 received = 0;
      gint lost = 0;
      if (gst_structure_get_uint64 (source, "packets-received", &received))
        numbers->received += (gint64) received;
      /* The W3C's "packets-lost" is not in the entry itself in GStreamer 1.22. */
      if (gst_structure_get_int (source, "packets-lost", &lost))
        numbers->lost += lost;
    }
  else if (type == GST_WEBRTC_STATS_REMOTE_INBOUND_RTP)
    {
      guint highest = 0, round_trip = 0, asked = 0;
      gint lost = 0;
      /*
       * In units of 1/65536 s (RFC 3550 section 6.4.1). The newest counts: a stream that has stopped, as that of retransmissions may, keeps
       * its last one for ever.
       */
      if (gst_structure_get_uint (source, "rb-round-trip", &round_trip) && gst_structure_get_uint (source, "rb-lsr", &asked) &&
          round_trip > 0 && asked >= numbers->asked)
        {
          numbers->asked = asked;
          numbers->round_trip_ms = (guint) ((guint64) round_trip * 1000 / 65536);
        }
      if (gst_structure_get_uint (source, "rb-exthighestseq", &highest) && gst_structure_get_int (source, "rb-packetslost", &lost))
        {
          numbers->reported += highest;
          numbers->reported_lost += lost;
        }
    }
  return TRUE;
}

/* The part lost between two counts; counts that did not grow, or that a new stream disturbed, tell nothing: -1. */
static double
lost_part (gint64 packets,
           gint64 lost)
{
  if (packets <= 0 || packets > 100000)
    return -1;
  return CLAMP ((double) lost / (double) packets, 0.0, 1.0);
}

static gpointer
copy_element (gconstpointer element,
              gpointer user_data)
{
  return gst_object_ref ((gpointer) element);
}

static void
set_waiting (AnxCallAttempt *self,
             guint jitter_ms,
             gboolean retransmit)
{
  /* The buffers are set outside the lock: they take their own, under which a streaming thread may be waiting for ours. */
  g_autoptr (GPtrArray) buffers = NULL;
  g_mutex_lock (&self->lock);
  if (jitter_ms != self->jitter_ms || retransmit != self->retransmit)
    {
      self->jitter_ms = jitter_ms;
      self->retransmit = retransmit;
      buffers = g_ptr_array_copy (self->jitterbuffers, copy_element, NULL);
    }
  g_mutex_unlock (&self->lock);
  for (guint i = 0; buffers != NULL && i < buffers->len; i++)
    g_object_set (g_ptr_array_index (buffers, i), "latency", jitter_ms, "do-retransmission", retransmit, NULL);
}

static void
set_picture (AnxCallAttempt *self,
             const AnxLineDecision *decision)
{
  g_object_set (self->video_encoder, "target-bitrate", (gint) decision->video_bitrate, NULL);
  g_atomic_int_set (&self->strict_bitrate, decision->strict ? (gint) decision->video_bitrate : 0);
  g_object_set (self->video_transceiver, "fec-percentage", decision->fec_percent, NULL);
  gint divisor = decision->small ? 2 : 1;
  g_autoptr (GstCaps) size = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT, ANX_CALL_PICTURE_WIDTH / divisor,
                                                  "height", G_TYPE_INT, ANX_CALL_PICTURE_HEIGHT / divisor, NULL);
  g_autoptr (GstCaps) before = NULL;
  g_object_get (self->picture_size, "caps", &before, NULL);
  if (!gst_caps_is_equal (size, before))
    g_object_set (self->picture_size, "caps", size, NULL);
  gint rate = decision->narrow ? ANX_CALL_PICTURE_RATE / 2 : ANX_CALL_PICTURE_RATE, rate_before = 0;
  g_object_get (self->picture_rate, "max-rate", &rate_before, NULL);
  if (rate != rate_before)
    g_object_set (self->picture_rate, "max-rate", rate, NULL);
}

/*
 * After one early report (RFC 4585 section 3.5) a session must wait for its regular one before it may send another. With the
 * usual 5 seconds between regular reports, one NACK in three went out, most of them too late for the jitter buffer.
 */
static void
quicken_reports (AnxCallAttempt *self)
{
  g_autoptr (GstElement) rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  GstElement *found = NULL;
  /* max-bundle: everything is in session 0. */
  g_signal_emit_by_name (rtpbin, "get-session", 0, &found);
  g_autoptr (GstElement) session = found;
  self->report_ms = self->control.decision.report_ms;
  if (session != NULL)
    g_object_set (session, "rtcp-min-interval", (guint64) self->report_ms * GST_MSECOND, "rtcp-fraction", RTCP_FRACTION, NULL);
}

static void
obey_line_control (AnxCallAttempt *self)
{
  const AnxLineDecision *decision = &self->control.decision;
  set_picture (self, decision);
  g_object_set (self->audio_encoder, "packet-loss-percentage", (gint) decision->audio_percent, "bitrate", (gint) decision->audio_bitrate,
                NULL);
  if (self->report_ms != 0 && decision->report_ms != self->report_ms)
    quicken_reports (self);
  set_waiting (self, decision->jitter_ms, decision->retransmit);
  g_atomic_int_set (&self->keyframe_spacing_ms, (gint) decision->keyframe_ms);
  /*
   * On a good line a picture is shown as soon as it is decoded. Where some must be sent twice, that would be a jerk at each loss and
   * pictures thrown away when the rest comes at once; then each is shown at its time, the latency later, together with its sound.
   */
  if (self->remote_sink != NULL)
    g_object_set (self->remote_sink, "sync", decision->paced, NULL);
}

static void
take_numbers (AnxCallAttempt *self,
              gpointer data)
{
  const AnxCallLineNumbers *now = data, *before = &self->numbers;
  double loss = lost_part (now->received - before->received + now->lost - before->lost, now->lost - before->lost);
  double reported = lost_part (now->reported - before->reported, now->reported_lost - before->reported_lost);
  self->loss = MAX (loss, 0);
  /* The first count has no count before it. */
  AnxLineReport report = { self->loss, before->reported > 0 ? reported : -1, now->round_trip_ms };
  anx_line_control_update (&self->control, &report);
  self->numbers = *now;
  obey_line_control (self);
}

static void
on_stats (GstPromise *promise,
          gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  const GstStructure *reply = gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  if (reply != NULL)
    {
      AnxCallLineNumbers *numbers = g_new0 (AnxCallLineNumbers, 1);
      gst_structure_foreach (reply, collect_stats, numbers);
      anx_call_attempt_post (self, take_numbers, numbers, g_free);
    }
  gst_promise_unref (promise);
}

/**
 * anx_call_attempt_tick:
 * @self: an open attempt
 *
 * To be called once a second. Renews fps and loss and fits bitrate and FEC to what the other side reports lost.
 */
void
anx_call_attempt_tick (AnxCallAttempt *self)
{
  if (self->closed || self->webrtc == NULL)
    return;
  gint64 now = g_get_monotonic_time ();
  gint frames = g_atomic_int_get (&self->frames);
  gint64 passed = now - self->last_tick_usec;
  self->fps = passed > 0 ? (frames - self->last_frames) * (double) G_USEC_PER_SEC / (double) passed : 0;
  self->last_frames = frames;
  self->last_tick_usec = now;
  /*
   * Not before the streams of the other side have appeared: GStreamer 1.22 walks the table of sources while it writes a report
   * and minds a source that is added meanwhile (a critical in the log, that one report cut short).
   */
  if (self->media_seen && ++self->ticks_with_media == 2)
    quicken_reports (self);
  if (g_atomic_int_get (&self->verified))
    g_signal_emit_by_name (self->webrtc, "get-stats", NULL, anx_call_attempt_new_promise (self, on_stats));
}
