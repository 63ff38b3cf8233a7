/* SPDX-License-Identifier: GPL-3.0-or-later */
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-attempt-private.h"

/*
 * The jitter buffer. On a good line 80 ms, because more is heard as delay in the talk. Where packets are lost, long enough for a
 * retransmission to be asked for and to come: at 5 % loss and 30 ms round trip 150 ms brought 26 to 30 pictures a second where
 * 80 ms brought 20 to 25, with a third of the freezes (measured, tests/call/call-peer.c).
 */
#define JITTER_LOSSY_MIN_MS 150
#define JITTER_LOSSY_MAX_MS 400
#define JITTER_LOSSY_FROM 0.005
#define JITTER_CALM_TICKS 30
/* The video bitrate at the start and its limits, bit/s. At 640x480 more than the upper one is not seen. */
#define VIDEO_BITRATE_MIN 120000
#define VIDEO_BITRATE_MAX 900000
/* Time between regular RTCP reports, and the part of the bandwidth they may take. */
#define RTCP_MIN_INTERVAL_MS 50
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

static void
take_level (AnxCallAttempt *self,
            const GstStructure *structure)
{
  const GValue *value = gst_structure_get_value (structure, "rms");
  GValueArray *array = value != NULL ? g_value_get_boxed (value) : NULL;
  if (array == NULL || array->n_values == 0)
    return;
  double level = g_value_get_double (array->values);
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_LEVEL], 0, CLAMP (level, -100.0, 0.0));
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
  if (gst_message_has_name (message, "spectrum"))
    take_spectrum (self, gst_message_get_structure (message));
  else if (gst_message_has_name (message, "level"))
    take_level (self, gst_message_get_structure (message));
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
      guint highest = 0, round_trip = 0;
      gint lost = 0;
      /* In units of 1/65536 s (RFC 3550 section 6.4.1). */
      if (gst_structure_get_uint (source, "rb-round-trip", &round_trip))
        numbers->round_trip_ms = MAX (numbers->round_trip_ms, (guint) ((guint64) round_trip * 1000 / 65536));
      if (gst_structure_get_uint (source, "rb-exthighestseq", &highest) && gst_structure_get_int (source, "rb-packetslost", &lost))
        {
          numbers->reported += highest;
          numbers->reported_lost += lost;
        }
    }
  return TRUE;
}

/*
 * Loss-based control after the rule of Google congestion control (draft-ietf-rmcat-gcc-02 section 6): more than 10 % lost
 * lowers the rate by half of the loss, less than 2 % raises it by 5 %, between them it stays.
 */
static void
fit_to_line (AnxCallAttempt *self,
             double fraction_lost)
{
  guint bitrate = self->video_bitrate;
  if (fraction_lost > 0.10)
    bitrate = (guint) (bitrate * (1 - 0.5 * fraction_lost));
  else if (fraction_lost < 0.02)
    bitrate = (guint) (bitrate * 1.05);
  bitrate = CLAMP (bitrate, VIDEO_BITRATE_MIN, VIDEO_BITRATE_MAX);
  if (bitrate != self->video_bitrate && self->video_encoder != NULL)
    g_object_set (self->video_encoder, "target-bitrate", (gint) bitrate, NULL);
  self->video_bitrate = bitrate;
  g_object_set (self->audio_encoder, "packet-loss-percentage", CLAMP ((gint) (fraction_lost * 100 + 0.5), 10, 40), NULL);
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

/* More delay at once when packets are lost, less only after half a minute without: each change is a small jump in the sound. */
static void
fit_latency (AnxCallAttempt *self)
{
  guint wanted = ANX_CALL_JITTER_MS;
  if (self->loss >= JITTER_LOSSY_FROM)
    {
      wanted = CLAMP (100 + 2 * self->numbers.round_trip_ms, JITTER_LOSSY_MIN_MS, JITTER_LOSSY_MAX_MS);
      self->calm_ticks = 0;
    }
  else if (++self->calm_ticks < JITTER_CALM_TICKS)
    return;
  /* The buffers are set outside the lock: they take their own, under which a streaming thread may be waiting for ours. */
  g_autoptr (GPtrArray) buffers = NULL;
  g_mutex_lock (&self->lock);
  if (wanted > self->jitter_ms || (self->calm_ticks > 0 && wanted < self->jitter_ms))
    {
      self->jitter_ms = wanted;
      buffers = g_ptr_array_copy (self->jitterbuffers, copy_element, NULL);
    }
  g_mutex_unlock (&self->lock);
  if (buffers == NULL)
    return;
  for (guint i = 0; i < buffers->len; i++)
    g_object_set (g_ptr_array_index (buffers, i), "latency", wanted, NULL);
  /*
   * On a good line a picture is shown as soon as it is decoded. Where some must be sent twice, that would be a jerk at each loss and
   * pictures thrown away when the rest comes at once; then each is shown at its time, the latency later, together with its sound.
   */
  if (self->remote.sink != NULL)
    g_object_set (self->remote.sink, "sync", wanted > ANX_CALL_JITTER_MS, NULL);
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
  if (reported >= 0 && before->reported > 0)
    fit_to_line (self, reported);
  self->numbers = *now;
  fit_latency (self);
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
  if (session != NULL)
    g_object_set (session, "rtcp-min-interval", (guint64) RTCP_MIN_INTERVAL_MS * GST_MSECOND, "rtcp-fraction", RTCP_FRACTION, NULL);
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
