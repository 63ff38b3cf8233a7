/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-attempt.h"

#include <glib/gi18n-lib.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-error.h"
#include "call-media.h"
#include "call-message.h"
#include "call-sdp.h"
#include "frame-private.h"
#include "json.h"

/*
 * Invariants
 * A1  Everything below "context" is touched by the owner's thread only; GStreamer's threads touch what stands under "lock" and
 *     the atomic numbers, and reach the rest through post().
 * A2  After close() no signal is emitted, no source runs and every device is closed.
 * A3  No picture or sound of ours leaves, and none of the other side's is shown, before "verified": the certificate of the DTLS
 *     connection is the one in the signed description.
 * A4  A candidate reaches webrtcbin only after the remote description is in place.
 * A5  At most one picture of each kind waits for the main loop; a newer one takes its place.
 */

/*
 * The jitter buffer. On a good line 80 ms, because more is heard as delay in the talk. Where packets are lost, long enough for a
 * retransmission to be asked for and to come: at 5 % loss and 30 ms round trip 150 ms brought 26 to 30 pictures a second where
 * 80 ms brought 20 to 25, with a third of the freezes (measured, tests/call/call-peer.c).
 */
#define JITTER_LATENCY_MS 80
#define JITTER_LOSSY_MIN_MS 150
#define JITTER_LOSSY_MAX_MS 400
#define JITTER_LOSSY_FROM 0.005
#define JITTER_CALM_TICKS 30
/* The video bitrate at the start and its limits, bit/s. At 640x480 more than the upper one is not seen. */
#define VIDEO_BITRATE_START 600000
#define VIDEO_BITRATE_MIN 120000
#define VIDEO_BITRATE_MAX 900000
/* Two key frame requests within this time ask for the same key frame, which is still on its way. */
#define KEYFRAME_SPACING_USEC (300 * 1000)
/* Time between regular RTCP reports, and the part of the bandwidth they may take. */
#define RTCP_MIN_INTERVAL_MS 50
#define RTCP_FRACTION 0.3
#define MAX_ICE_SERVERS 8
#define MAX_ICE_URLS 8
#define MAX_ICE_TEXT_BYTES 512

typedef struct
{
  AnxFrame *waiting; /* (nullable), under lock */
  gboolean posted;   /* a delivery is queued in the main loop, under lock */
  guint signal;
} FrameSlot;

typedef struct
{
  guint mline;
  char *text;
} Candidate;

typedef struct
{
  gint64 received;   /* packets of the other side, all streams */
  gint64 lost;       /* of them, before retransmission */
  gint64 reported;   /* our packets the other side has counted up to */
  gint64 reported_lost;
  guint round_trip_ms; /* the longest reported, 0 when unknown */
} LineNumbers;

struct _AnxCallAttempt
{
  GObject parent_instance;

  GMainContext *context;
  AnxCallAttemptSetup setup;
  gboolean offering;
  gboolean closed;
  gboolean failed;
  AnxCallPlan plan;        /* payload numbers; the fingerprint once the remote description is known */
  gboolean have_fingerprint;

  GstElement *pipeline;    /* owned */
  GstElement *webrtc;      /* owned by pipeline, as all that follow */
  GstElement *picture_source;
  GstElement *picture_head; /* what a source of pictures is linked to; NULL when there is no camera */
  GstElement *sound_source;
  GstElement *sound_head;
  GstElement *picture_valve;
  GstElement *sound_valve;
  GstElement *video_encoder;
  GstElement *audio_encoder;
  GstElement *speaker;     /* (nullable), owned, open, until the sound of the other side is linked to it */
  GstElement *echo_probe;  /* (nullable), owned until it is put into the pipeline */
  char *echo_probe_name;
  GSource *bus_source;

  GQueue candidates;       /* Candidate*, until remote_set */
  gboolean remote_set;
  gboolean media_seen;

  double fps;
  double loss;
  double pitch;
  guint video_bitrate;
  LineNumbers numbers;     /* of the last tick */
  gint last_frames;
  gint64 last_tick_usec;

  gint verified;           /* atomic */
  gint frames;             /* atomic: pictures of the other side decoded */
  gint last_media_ms;      /* atomic: when the last packet of the other side came, ms since opened_usec */
  gint last_keyframe_ms;   /* atomic: when the last key frame request was let through */
  gint first_media_posted; /* atomic */
  gint64 opened_usec;

  guint calm_ticks;        /* since packets were lost */
  guint ticks_with_media;

  GMutex lock;
  guint jitter_ms;         /* under lock */
  GPtrArray *jitterbuffers; /* GstElement*, owned, under lock */
  gboolean jitterbuffers_gone; /* under lock */
  FrameSlot remote;
  FrameSlot local;
};

G_DEFINE_FINAL_TYPE (AnxCallAttempt, anx_call_attempt, G_TYPE_OBJECT)

enum
{
  SIGNAL_DESCRIPTION,
  SIGNAL_CANDIDATE,
  SIGNAL_MEDIA,
  SIGNAL_REMOTE_FRAME,
  SIGNAL_LOCAL_FRAME,
  SIGNAL_LEVEL,
  SIGNAL_NOTICE,
  SIGNAL_FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- from GStreamer's threads to the owner's ---- */

typedef void (*PostedFunc) (AnxCallAttempt *self, gpointer data);

typedef struct
{
  AnxCallAttempt *self;
  PostedFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Posted;

static gboolean
run_posted (gpointer user_data)
{
  Posted *posted = user_data;
  if (!posted->self->closed)
    posted->func (posted->self, posted->data);
  return G_SOURCE_REMOVE;
}

static void
free_posted (gpointer user_data)
{
  Posted *posted = user_data;
  if (posted->data != NULL && posted->destroy != NULL)
    posted->destroy (posted->data);
  g_object_unref (posted->self);
  g_free (posted);
}

/* Any thread. Never runs @func at once, even on the owner's thread: webrtcbin emits some signals under its own locks. */
static void
post (AnxCallAttempt *self,
      PostedFunc func,
      gpointer data,
      GDestroyNotify destroy)
{
  Posted *posted = g_new0 (Posted, 1);
  posted->self = g_object_ref (self);
  posted->func = func;
  posted->data = data;
  posted->destroy = destroy;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_posted, posted, free_posted);
  g_source_attach (source, self->context);
}

static gint
now_ms (AnxCallAttempt *self)
{
  return (gint) ((g_get_monotonic_time () - self->opened_usec) / 1000);
}

static void
fail_attempt (AnxCallAttempt *self,
              int code,
              const char *text)
{
  if (self->closed || self->failed)
    return;
  self->failed = TRUE;
  g_autoptr (GError) error = g_error_new_literal (ANX_CALL_ERROR, code, text);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
fail_connection (AnxCallAttempt *self)
{
  fail_attempt (self, ANX_CALL_ERROR_CONNECTION, _("The two sides found no way to each other through the network."));
}

static void
notice (AnxCallAttempt *self,
        const char *text)
{
  g_signal_emit (self, signals[SIGNAL_NOTICE], 0, text);
}

/* ---- pictures ---- */

static void
deliver_frame (AnxCallAttempt *self,
               gpointer data)
{
  FrameSlot *slot = data;
  g_mutex_lock (&self->lock);
  g_autoptr (AnxFrame) frame = g_steal_pointer (&slot->waiting);
  slot->posted = FALSE;
  g_mutex_unlock (&self->lock);
  if (frame != NULL)
    g_signal_emit (self, slot->signal, 0, frame);
}

typedef struct
{
  GstSample *sample;
  GstVideoFrame video;
} MappedSample;

static void
free_mapped_sample (gpointer data)
{
  MappedSample *mapped = data;
  gst_video_frame_unmap (&mapped->video);
  gst_sample_unref (mapped->sample);
  g_free (mapped);
}

/* Takes @sample. The picture is not copied: the frame keeps the decoder's memory mapped until it is let go. */
static AnxFrame *
frame_from_sample (GstSample *sample)
{
  GstVideoInfo info;
  MappedSample *mapped = g_new0 (MappedSample, 1);
  mapped->sample = sample;
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample)) ||
      !gst_video_frame_map (&mapped->video, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    {
      gst_sample_unref (sample);
      g_free (mapped);
      return NULL;
    }
  gsize stride = (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&mapped->video, 0);
  int width = GST_VIDEO_FRAME_WIDTH (&mapped->video), height = GST_VIDEO_FRAME_HEIGHT (&mapped->video);
  GBytes *bytes = g_bytes_new_with_free_func (GST_VIDEO_FRAME_PLANE_DATA (&mapped->video, 0), stride * (gsize) height,
                                              free_mapped_sample, mapped);
  return anx_frame_new_take (bytes, width, height, stride);
}

static GstFlowReturn
take_sample (AnxCallAttempt *self,
             GstAppSink *sink,
             FrameSlot *slot)
{
  GstSample *sample = gst_app_sink_pull_sample (sink);
  if (sample == NULL)
    return GST_FLOW_OK;
  AnxFrame *frame = frame_from_sample (sample);
  if (frame == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  g_clear_pointer (&slot->waiting, anx_frame_unref);
  slot->waiting = frame;
  gboolean post_it = !slot->posted;
  slot->posted = TRUE;
  g_mutex_unlock (&self->lock);
  if (post_it)
    post (self, deliver_frame, slot, NULL);
  return GST_FLOW_OK;
}

static void
announce_media (AnxCallAttempt *self,
                gpointer data)
{
  if (self->media_seen)
    return;
  self->media_seen = TRUE;
  g_signal_emit (self, signals[SIGNAL_MEDIA], 0);
}

static void
note_decoded_media (AnxCallAttempt *self)
{
  if (g_atomic_int_compare_and_exchange (&self->first_media_posted, 0, 1))
    post (self, announce_media, NULL, NULL);
}

static GstFlowReturn
on_remote_sample (GstAppSink *sink,
                  gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  g_atomic_int_inc (&self->frames);
  note_decoded_media (self);
  return take_sample (self, sink, &self->remote);
}

static GstFlowReturn
on_local_sample (GstAppSink *sink,
                 gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  return take_sample (self, sink, &self->local);
}

static void
connect_appsink (AnxCallAttempt *self,
                 GstElement *bin,
                 GstFlowReturn (*on_sample) (GstAppSink *, gpointer))
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "frames");
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, g_object_ref (self), g_object_unref);
}

/* ---- what the other side sends ---- */

/* Runs in a streaming thread for each packet. What comes over a connection whose certificate is not checked is dropped (A3). */
static GstPadProbeReturn
on_remote_packet (GstPad *pad,
                  GstPadProbeInfo *info,
                  gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  if (!g_atomic_int_get (&self->verified))
    return GST_PAD_PROBE_DROP;
  g_atomic_int_set (&self->last_media_ms, now_ms (self));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_remote_sound (GstPad *pad,
                 GstPadProbeInfo *info,
                 gpointer user_data)
{
  note_decoded_media (user_data);
  return GST_PAD_PROBE_REMOVE;
}

static GstElement *
make_remote_picture (AnxCallAttempt *self)
{
  GstElement *bin = anx_call_media_make_bin (
    "queue max-size-buffers=200 max-size-bytes=0 max-size-time=0 ! rtpvp8depay name=depay request-keyframe=true wait-for-keyframe=true ! "
    "vp8dec ! videoconvert ! video/x-raw,format=BGRA ! appsink name=frames drop=true max-buffers=1 sync=false async=false enable-last-sample=false",
    NULL);
  if (bin != NULL)
    connect_appsink (self, bin, on_remote_sample);
  return bin;
}

static GstElement *
make_remote_sound (AnxCallAttempt *self)
{
  GstElement *bin = anx_call_media_make_bin (
    "queue max-size-buffers=200 max-size-bytes=0 max-size-time=0 ! rtpopusdepay ! opusdec name=decoder use-inband-fec=true plc=true ! "
    "audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
    "level interval=200000000 ! spectrum name=spectrum bands=2400 threshold=-60 interval=500000000 ! identity name=end silent=true",
    NULL);
  /* A second sound of the other side, which no side of ours sends, would have no loudspeaker left. */
  GstElement *speaker = g_steal_pointer (&self->speaker);
  if (speaker == NULL)
    speaker = gst_object_ref_sink (anx_call_media_make_nowhere ());
  if (bin == NULL)
    {
      self->speaker = speaker;
      return NULL;
    }

  g_autoptr (GstElement) end = gst_bin_get_by_name (GST_BIN (bin), "end");
  g_autoptr (GstPad) old_ghost = gst_element_get_static_pad (bin, "src");
  gst_element_remove_pad (bin, old_ghost);
  gst_bin_add (GST_BIN (bin), speaker);
  gst_object_unref (speaker);
  if (self->echo_probe != NULL)
    {
      gst_bin_add (GST_BIN (bin), self->echo_probe);
      gst_element_link_many (end, self->echo_probe, speaker, NULL);
      gst_object_unref (g_steal_pointer (&self->echo_probe));
    }
  else
    gst_element_link (end, speaker);

  g_autoptr (GstPad) pad = gst_element_get_static_pad (end, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_remote_sound, g_object_ref (self), g_object_unref);
  return bin;
}

typedef struct
{
  GstPad *pad;
  gulong block;
} NewPad;

static void
free_new_pad (gpointer data)
{
  NewPad *new_pad = data;
  gst_pad_remove_probe (new_pad->pad, new_pad->block);
  gst_object_unref (new_pad->pad);
  g_free (new_pad);
}

static void
link_new_pad (AnxCallAttempt *self,
              gpointer data)
{
  NewPad *new_pad = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (new_pad->pad);
  if (caps == NULL)
    caps = gst_pad_query_caps (new_pad->pad, NULL);
  const GstStructure *structure = gst_caps_is_empty (caps) || gst_caps_is_any (caps) ? NULL : gst_caps_get_structure (caps, 0);
  const char *codec = structure != NULL ? gst_structure_get_string (structure, "encoding-name") : NULL;
  GstElement *bin = NULL;
  if (g_strcmp0 (codec, "VP8") == 0)
    bin = make_remote_picture (self);
  else if (codec != NULL && g_ascii_strcasecmp (codec, "OPUS") == 0)
    bin = make_remote_sound (self);
  if (bin == NULL)
    bin = gst_element_factory_make ("fakesink", NULL);

  gst_bin_add (GST_BIN (self->pipeline), bin);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");
  gst_pad_add_probe (new_pad->pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_remote_packet,
                     g_object_ref (self), g_object_unref);
  gst_element_sync_state_with_parent (bin);
  gst_pad_link (new_pad->pad, sink);
}

static GstPadProbeReturn
hold_pad (GstPad *pad,
          GstPadProbeInfo *info,
          gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

/* The pad is held until the owner's thread has linked it: a packet pushed into an open pad would stop the whole session. */
static void
on_pad_added (GstElement *webrtc,
              GstPad *pad,
              gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  NewPad *new_pad = g_new0 (NewPad, 1);
  new_pad->pad = gst_object_ref (pad);
  new_pad->block = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, hold_pad, NULL, NULL);
  post (self, link_new_pad, new_pad, free_new_pad);
}

static void
on_new_jitterbuffer (GstElement *rtpbin,
                     GstElement *jitterbuffer,
                     guint session,
                     guint ssrc,
                     gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  g_mutex_lock (&self->lock);
  guint latency = self->jitter_ms;
  if (!self->jitterbuffers_gone)
    g_ptr_array_add (self->jitterbuffers, gst_object_ref (jitterbuffer));
  g_mutex_unlock (&self->lock);
  /* Without do-retransmission here, no NACK is ever sent, whatever the transceiver says. */
  /* Guessing the next packet's time (rtx-next-seqnum) asks for packets that were never sent, whenever a camera is uneven. */
  g_object_set (jitterbuffer, "latency", latency, "do-retransmission", TRUE, "do-lost", TRUE, "rtx-next-seqnum", FALSE, NULL);
}

/* ---- what we send ---- */

/* Key frames are large; a burst of requests for one must not become a burst of key frames on a line that already loses. */
static GstPadProbeReturn
on_encoder_event (GstPad *pad,
                  GstPadProbeInfo *info,
                  gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  if (!gst_video_event_is_force_key_unit (event))
    return GST_PAD_PROBE_OK;
  gint now = now_ms (self), last = g_atomic_int_get (&self->last_keyframe_ms);
  if (last != 0 && (now - last) * 1000 < KEYFRAME_SPACING_USEC)
    return GST_PAD_PROBE_DROP;
  g_atomic_int_set (&self->last_keyframe_ms, MAX (now, 1));
  return GST_PAD_PROBE_OK;
}

static GstCaps *
make_video_caps (const AnxCallPlan *plan,
                 gboolean preferences)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING, "VP8",
                                       "clock-rate", G_TYPE_INT, 90000, "payload", G_TYPE_INT, plan->vp8_payload, NULL);
  if (preferences)
    gst_caps_set_simple (caps, "rtcp-fb-nack", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-ccm-fir",
                         G_TYPE_BOOLEAN, TRUE, NULL);
  if (plan->video_twcc_id > 0)
    {
      g_autofree char *field = g_strdup_printf ("extmap-%d", plan->video_twcc_id);
      if (preferences)
        gst_caps_set_simple (caps, "rtcp-fb-transport-cc", G_TYPE_BOOLEAN, TRUE, NULL);
      gst_caps_set_simple (caps, field, G_TYPE_STRING, ANX_CALL_TWCC_URI, NULL);
    }
  return caps;
}

static GstCaps *
make_audio_caps (const AnxCallPlan *plan,
                 gboolean preferences)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING, "audio", "encoding-name", G_TYPE_STRING, "OPUS",
                                       "clock-rate", G_TYPE_INT, 48000, "payload", G_TYPE_INT, plan->opus_payload, NULL);
  if (preferences)
    gst_caps_set_simple (caps, "rtcp-fb-nack", G_TYPE_BOOLEAN, TRUE, "encoding-params", G_TYPE_STRING, "2", "minptime", G_TYPE_STRING, "10", "useinbandfec", G_TYPE_STRING, "1", NULL);
  if (plan->audio_twcc_id > 0)
    {
      g_autofree char *field = g_strdup_printf ("extmap-%d", plan->audio_twcc_id);
      if (preferences)
        gst_caps_set_simple (caps, "rtcp-fb-transport-cc", G_TYPE_BOOLEAN, TRUE, NULL);
      gst_caps_set_simple (caps, field, G_TYPE_STRING, ANX_CALL_TWCC_URI, NULL);
    }
  return caps;
}

/* Sets what a transceiver may agree on before any description is made. */
static void
prepare_transceiver (GstWebRTCRTPTransceiver *transceiver,
                     GstCaps *preferences)
{
  g_object_set (transceiver, "codec-preferences", preferences, "do-nack", TRUE, NULL);
}

static gboolean
link_to_webrtc (AnxCallAttempt *self,
                GstElement *bin,
                GstCaps *preferences)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");
  g_autoptr (GstPad) sink = gst_element_request_pad_simple (self->webrtc, "sink_%u");
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_object_get (sink, "transceiver", &transceiver, NULL);
  prepare_transceiver (transceiver, preferences);
  return gst_pad_link (src, sink) == GST_PAD_LINK_OK;
}

static void
receive_only (AnxCallAttempt *self,
              GstCaps *preferences)
{
  GstWebRTCRTPTransceiver *added = NULL;
  g_signal_emit_by_name (self->webrtc, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, preferences, &added);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = added;
  prepare_transceiver (transceiver, preferences);
}

static gboolean
attach_source (AnxCallAttempt *self,
               GstElement *source,
               GstElement *head)
{
  gst_bin_add (GST_BIN (self->pipeline), source);
  return gst_element_link (source, head);
}

/*
 * Closes @source while all else runs on. Its thread never waits for us: the queue behind it leaks, so going to NULL returns.
 */
static void
detach_source (AnxCallAttempt *self,
               GstElement **source)
{
  if (*source == NULL)
    return;
  gst_element_set_locked_state (*source, TRUE);
  gst_element_set_state (*source, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->pipeline), *source);
  *source = NULL;
}

static gboolean
build_picture_sending (AnxCallAttempt *self,
                       GError **error)
{
  g_autoptr (GstCaps) preferences = make_video_caps (&self->plan, TRUE);
  if (self->picture_source == NULL)
    {
      receive_only (self, preferences);
      return TRUE;
    }

  /*
   * The valve stands before the encoder: nothing is encoded before the line is up and checked, and the first picture encoded
   * is a key frame. Queues are short and leak, so that a slow line makes pictures old, not the camera slow.
   * There is one layer. error-resilient makes no frame's entropy coding depend on the frame before, and partitions decodable one by one,
   * so that after a loss the other side can go on, with a blemish, until the key frame it asks for is there.
   */
  g_autoptr (GstCaps) caps = make_video_caps (&self->plan, FALSE);
  g_autofree char *caps_text = gst_caps_to_string (caps);
  g_autofree char *description = g_strdup_printf (
    "queue name=head leaky=downstream max-size-buffers=2 ! videoconvert ! videoscale ! videorate drop-only=true max-rate=30 skip-to-first=true ! "
    "video/x-raw,format=I420,width=%d,height=%d,pixel-aspect-ratio=1/1 ! tee name=split allow-not-linked=true "
    "split. ! queue leaky=downstream max-size-buffers=1 ! videorate drop-only=true max-rate=10 ! videoscale ! videoconvert ! "
    "video/x-raw,format=BGRA,width=%d,height=%d ! appsink name=frames drop=true max-buffers=1 sync=false async=false enable-last-sample=false "
    "split. ! queue leaky=downstream max-size-buffers=2 ! valve name=valve drop=true drop-mode=forward-sticky-events ! "
    "vp8enc name=encoder deadline=1 end-usage=cbr lag-in-frames=0 cpu-used=16 threads=1 keyframe-max-dist=900 "
    "target-bitrate=%u error-resilient=default+partitions buffer-initial-size=200 buffer-optimal-size=250 buffer-size=400 "
    "max-quantizer=56 min-quantizer=4 undershoot=95 max-intra-bitrate=400 static-threshold=1 ! "
    "rtpvp8pay name=pay pt=%d picture-id-mode=15-bit mtu=1200 ! capsfilter caps=\"%s\"",
    ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT, ANX_CALL_SELF_WIDTH, ANX_CALL_SELF_HEIGHT, self->video_bitrate,
    self->plan.vp8_payload, caps_text);
  GstElement *bin = anx_call_media_make_bin (description, error);
  if (bin == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->pipeline), bin);
  connect_appsink (self, bin, on_local_sample);
  self->picture_head = bin;
  g_autoptr (GstElement) valve = gst_bin_get_by_name (GST_BIN (bin), "valve");
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (bin), "encoder");
  self->picture_valve = valve;
  self->video_encoder = encoder;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_encoder_event, g_object_ref (self), g_object_unref);
  return gst_element_link (self->picture_source, bin) && link_to_webrtc (self, bin, preferences);
}

static gboolean
build_sound_sending (AnxCallAttempt *self,
                     GError **error)
{
  g_autoptr (GstCaps) preferences = make_audio_caps (&self->plan, TRUE);
  g_autoptr (GstCaps) caps = make_audio_caps (&self->plan, FALSE);
  g_autofree char *caps_text = gst_caps_to_string (caps);
  /* 20 ms a packet and 10 % assumed loss from the start: FEC that begins after the first loss report comes too late for it. */
  g_autofree char *description = g_strdup_printf (
    "queue name=head leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=100000000 ! audioconvert ! audioresample ! "
    "audio/x-raw,format=S16LE,rate=48000,channels=1 ! valve name=valve drop=true drop-mode=forward-sticky-events ! "
    "opusenc name=encoder audio-type=voice bitrate=32000 frame-size=20 inband-fec=true packet-loss-percentage=10 dtx=false ! "
    "rtpopuspay pt=%d ! capsfilter caps=\"%s\"",
    self->plan.opus_payload, caps_text);
  GstElement *bin = anx_call_media_make_bin (description, error);
  if (bin == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->pipeline), bin);
  self->sound_head = bin;
  g_autoptr (GstElement) valve = gst_bin_get_by_name (GST_BIN (bin), "valve");
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (bin), "encoder");
  self->sound_valve = valve;
  self->audio_encoder = encoder;
  return gst_element_link (self->sound_source, bin) && link_to_webrtc (self, bin, preferences);
}

/* ---- devices ---- */

static GstElement *
open_picture (AnxCallAttempt *self,
              GError **error)
{
  return self->setup.camera_on ? anx_call_media_open_picture (self->setup.media, error) : anx_call_media_make_black ();
}

static GstElement *
open_sound (AnxCallAttempt *self,
            GError **error)
{
  return self->setup.microphone_on ? anx_call_media_open_sound (self->setup.media, self->echo_probe_name, error)
                                   : anx_call_media_make_silence ();
}

static void
make_echo_probe (AnxCallAttempt *self)
{
  static guint count; /* owner's thread only; the names of two attempts must differ, the DSP finds its probe by name */
  g_autoptr (GstElementFactory) dsp = gst_element_factory_find ("webrtcdsp");
  if (dsp == NULL)
    return;
  self->echo_probe_name = g_strdup_printf ("anx-echo-probe-%u", ++count);
  self->echo_probe = gst_element_factory_make ("webrtcechoprobe", self->echo_probe_name);
  if (self->echo_probe != NULL)
    gst_object_ref_sink (self->echo_probe);
  else
    g_clear_pointer (&self->echo_probe_name, g_free);
}

/*
 * The loudspeaker comes before the microphone, whose echo canceller must know it. Without a loudspeaker there is no echo, and no probe:
 * webrtcechoprobe 1.22 loses a latency query (376 bytes) each time the latency is set.
 */
static void
open_speaker (AnxCallAttempt *self)
{
  g_autoptr (GError) no_speaker = NULL;
  self->speaker = gst_object_ref_sink (anx_call_media_open_speaker (self->setup.media, &no_speaker));
  if (no_speaker != NULL)
    notice (self, no_speaker->message);
  else if (self->setup.media == ANX_CALL_MEDIA_DEVICES)
    make_echo_probe (self);
}

/* One device may be missing; with neither there is nothing to say or show, and a person must look at the machine. */
static gboolean
open_devices (AnxCallAttempt *self,
              GError **error)
{
  g_autoptr (GError) no_picture = NULL, no_sound = NULL;
  open_speaker (self);
  self->picture_source = open_picture (self, &no_picture);
  if (self->picture_source != NULL)
    gst_bin_add (GST_BIN (self->pipeline), self->picture_source);
  self->sound_source = open_sound (self, &no_sound);
  if (no_picture != NULL && no_sound != NULL)
    {
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA,
                           _("No camera and no microphone were found, or another program is using them. Please check the cables, then call again."));
      return FALSE;
    }
  if (self->sound_source == NULL)
    self->sound_source = anx_call_media_make_silence ();
  gst_bin_add (GST_BIN (self->pipeline), self->sound_source);
  if (no_picture != NULL)
    notice (self, no_picture->message);
  if (no_sound != NULL)
    notice (self, no_sound->message);
  return TRUE;
}

static void
swap_source (AnxCallAttempt *self,
             GstElement **source,
             GstElement *head,
             GstElement *replacement)
{
  detach_source (self, source);
  *source = replacement;
  if (replacement == NULL)
    return;
  attach_source (self, replacement, head);
  gst_element_sync_state_with_parent (replacement);
}

static void
apply_camera (AnxCallAttempt *self)
{
  if (self->picture_head == NULL)
    return;
  g_autoptr (GError) error = NULL;
  /* Closed first: a camera can be open once only. */
  detach_source (self, &self->picture_source);
  GstElement *source = open_picture (self, &error);
  if (source == NULL)
    {
      notice (self, error->message);
      source = anx_call_media_make_black ();
    }
  swap_source (self, &self->picture_source, self->picture_head, source);
}

static void
apply_microphone (AnxCallAttempt *self)
{
  g_autoptr (GError) error = NULL;
  detach_source (self, &self->sound_source);
  GstElement *source = open_sound (self, &error);
  if (source == NULL)
    {
      notice (self, error->message);
      source = anx_call_media_make_silence ();
    }
  swap_source (self, &self->sound_source, self->sound_head, source);
}

/**
 * anx_call_attempt_set_camera_on:
 * @self: an attempt
 * @on: whether the camera may be open
 *
 * When it returns with %FALSE, the camera is closed and darkness is sent.
 */
void
anx_call_attempt_set_camera_on (AnxCallAttempt *self,
                                gboolean on)
{
  if (self->setup.camera_on == on)
    return;
  self->setup.camera_on = on;
  if (self->pipeline != NULL && !self->closed)
    apply_camera (self);
}

/**
 * anx_call_attempt_set_microphone_on:
 * @self: an attempt
 * @on: whether the microphone may be open
 *
 * When it returns with %FALSE, the microphone is closed and silence is sent.
 */
void
anx_call_attempt_set_microphone_on (AnxCallAttempt *self,
                                    gboolean on)
{
  if (self->setup.microphone_on == on)
    return;
  self->setup.microphone_on = on;
  if (self->pipeline != NULL && !self->closed)
    apply_microphone (self);
}

/* ---- the bus ---- */

static gboolean
is_inside (GstObject *object,
           GstElement *bin)
{
  return bin != NULL && object != NULL && (object == GST_OBJECT (bin) || gst_object_has_as_ancestor (object, GST_OBJECT (bin)));
}

/* A device that goes away while it runs costs its own part of the call only. */
static void
on_bus_error (AnxCallAttempt *self,
              GstMessage *message)
{
  GstObject *source = GST_MESSAGE_SRC (message);
  if (is_inside (source, self->picture_source))
    {
      notice (self, _("The camera stopped. The other side can hear you but can not see you."));
      detach_source (self, &self->picture_source);
      swap_source (self, &self->picture_source, self->picture_head, anx_call_media_make_black ());
    }
  else if (is_inside (source, self->sound_source))
    {
      notice (self, _("The microphone stopped. The other side can see you but can not hear you."));
      detach_source (self, &self->sound_source);
      swap_source (self, &self->sound_source, self->sound_head, anx_call_media_make_silence ());
    }
  else
    fail_connection (self);
}

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
  g_signal_emit (self, signals[SIGNAL_LEVEL], 0, CLAMP (level, -100.0, 0.0));
}

static gboolean
on_bus_message (GstBus *bus,
                GstMessage *message,
                gpointer user_data)
{
  g_autoptr (AnxCallAttempt) self = g_object_ref (user_data);
  if (self->closed)
    return G_SOURCE_REMOVE;
  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
      on_bus_error (self, message);
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (self->pipeline));
      break;
    case GST_MESSAGE_ELEMENT:
      if (gst_message_has_name (message, "spectrum"))
        take_spectrum (self, gst_message_get_structure (message));
      else if (gst_message_has_name (message, "level"))
        take_level (self, gst_message_get_structure (message));
      break;
    default:
      break;
    }
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* ---- descriptions ---- */

static void
free_candidate (gpointer data)
{
  Candidate *candidate = data;
  g_free (candidate->text);
  g_free (candidate);
}

static void
free_description (gpointer data)
{
  gst_webrtc_session_description_free (data);
}

static void
take_local_description (AnxCallAttempt *self,
                        gpointer data)
{
  GstWebRTCSessionDescription *description = data;
  g_autofree char *sdp = gst_sdp_message_as_text (description->sdp);
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_signal_emit_by_name (self->webrtc, "set-local-description", description, promise);
  g_signal_emit (self, signals[SIGNAL_DESCRIPTION], 0, sdp);
}

static void
fail_posted (AnxCallAttempt *self,
             gpointer data)
{
  fail_connection (self);
}

static void
on_description_made (GstPromise *promise,
                     gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  GstWebRTCSessionDescription *description = NULL;
  const GstStructure *reply = gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  if (reply != NULL)
    gst_structure_get (reply, self->offering ? "offer" : "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  if (description != NULL)
    post (self, take_local_description, description, free_description);
  else
    post (self, fail_posted, NULL, NULL);
  gst_promise_unref (promise);
}

static GstPromise *
new_promise (AnxCallAttempt *self,
             GstPromiseChangeFunc func)
{
  return gst_promise_new_with_change_func (func, g_object_ref (self), g_object_unref);
}

static void
make_description (AnxCallAttempt *self)
{
  /* The promise is given back in its own callback, because webrtcbin keeps no reference of ours. */
  GstPromise *promise = new_promise (self, on_description_made);
  g_signal_emit_by_name (self->webrtc, self->offering ? "create-offer" : "create-answer", NULL, promise);
}

static void
remote_is_set (AnxCallAttempt *self,
               gpointer data)
{
  self->remote_set = TRUE;
  Candidate *candidate;
  while ((candidate = g_queue_pop_head (&self->candidates)) != NULL)
    {
      g_signal_emit_by_name (self->webrtc, "add-ice-candidate", candidate->mline, candidate->text);
      free_candidate (candidate);
    }
  if (!self->offering)
    make_description (self);
}

static void
on_remote_set (GstPromise *promise,
               gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  gboolean good = gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED;
  const GstStructure *reply = good ? gst_promise_get_reply (promise) : NULL;
  if (reply != NULL && gst_structure_has_field (reply, "error"))
    good = FALSE;
  post (self, good ? remote_is_set : fail_posted, NULL, NULL);
  gst_promise_unref (promise);
}

static gboolean
set_remote (AnxCallAttempt *self,
            const char *sdp,
            GError **error)
{
  GstSDPMessage *message = NULL;
  gst_sdp_message_new (&message);
  if (gst_sdp_message_parse_buffer ((const guint8 *) sdp, (guint) strlen (sdp), message) != GST_SDP_OK)
    {
      gst_sdp_message_free (message);
      g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID, "The session description can not be read");
      return FALSE;
    }
  g_autoptr (GstWebRTCSessionDescription) description =
    gst_webrtc_session_description_new (self->offering ? GST_WEBRTC_SDP_TYPE_ANSWER : GST_WEBRTC_SDP_TYPE_OFFER, message);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", description, new_promise (self, on_remote_set));
  return TRUE;
}

static void
emit_candidate (AnxCallAttempt *self,
                gpointer data)
{
  Candidate *candidate = data;
  g_signal_emit (self, signals[SIGNAL_CANDIDATE], 0, candidate->mline, candidate->text);
}

static void
on_ice_candidate (GstElement *webrtc,
                  guint mline,
                  const char *text,
                  gpointer user_data)
{
  if (text == NULL || *text == '\0')
    return;
  Candidate *candidate = g_new0 (Candidate, 1);
  candidate->mline = mline;
  candidate->text = g_strdup (text);
  post (user_data, emit_candidate, candidate, free_candidate);
}

/* ---- the line is up ---- */

static char *
get_peer_certificate (AnxCallAttempt *self)
{
  GArray *transceivers = NULL;
  char *pem = NULL;
  g_signal_emit_by_name (self->webrtc, "get-transceivers", &transceivers);
  for (guint i = 0; transceivers != NULL && pem == NULL && i < transceivers->len; i++)
    {
      GstWebRTCRTPTransceiver *transceiver = g_array_index (transceivers, GstWebRTCRTPTransceiver *, i);
      g_autoptr (GstWebRTCRTPReceiver) receiver = NULL;
      g_autoptr (GstWebRTCDTLSTransport) transport = NULL;
      g_object_get (transceiver, "receiver", &receiver, NULL);
      if (receiver != NULL)
        g_object_get (receiver, "transport", &transport, NULL);
      if (transport != NULL)
        g_object_get (transport, "remote-certificate", &pem, NULL);
    }
  g_clear_pointer (&transceivers, g_array_unref);
  return pem;
}

static void
open_valves (AnxCallAttempt *self)
{
  if (self->picture_valve != NULL)
    g_object_set (self->picture_valve, "drop", FALSE, NULL);
  g_object_set (self->sound_valve, "drop", FALSE, NULL);
}

/* What came before the check was dropped, and with it perhaps the key frame. */
static void
ask_for_keyframe (AnxCallAttempt *self)
{
  GstIterator *pads = gst_element_iterate_src_pads (self->webrtc);
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next (pads, &item) == GST_ITERATOR_OK)
    {
      gst_pad_send_event (g_value_get_object (&item), gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (pads);
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

static void
line_is_up (AnxCallAttempt *self)
{
  if (g_atomic_int_get (&self->verified))
    return;
  g_autofree char *pem = get_peer_certificate (self);
  if (!self->have_fingerprint || !anx_call_plan_certificate_matches (&self->plan, pem))
    {
      fail_attempt (self, ANX_CALL_ERROR_UNTRUSTED,
                    _("The call was ended, because the line does not lead to the person it should. Nobody else saw or heard anything. Please tell the administrator."));
      return;
    }
  g_atomic_int_set (&self->verified, 1);
  g_atomic_int_set (&self->last_media_ms, now_ms (self));
  open_valves (self);
  ask_for_keyframe (self);
}

static void
take_connection_state (AnxCallAttempt *self,
                       gpointer data)
{
  GstWebRTCPeerConnectionState state;
  g_object_get (self->webrtc, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    line_is_up (self);
  else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED)
    fail_connection (self);
}

static void
on_connection_state (GstElement *webrtc,
                     GParamSpec *pspec,
                     gpointer user_data)
{
  post (user_data, take_connection_state, NULL, NULL);
}

/* ---- numbers ---- */

static gboolean
collect_stats (GQuark id,
               const GValue *value,
               gpointer user_data)
{
  LineNumbers *numbers = user_data;
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
  guint wanted = JITTER_LATENCY_MS;
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
  for (guint i = 0; buffers != NULL && i < buffers->len; i++)
    g_object_set (g_ptr_array_index (buffers, i), "latency", wanted, NULL);
}

static void
take_numbers (AnxCallAttempt *self,
              gpointer data)
{
  const LineNumbers *now = data, *before = &self->numbers;
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
      LineNumbers *numbers = g_new0 (LineNumbers, 1);
      gst_structure_foreach (reply, collect_stats, numbers);
      post (self, take_numbers, numbers, g_free);
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
    g_signal_emit_by_name (self->webrtc, "get-stats", NULL, new_promise (self, on_stats));
}

/* ---- ICE servers ---- */

/* "turn:host:3478?transport=udp" (RFC 7065) into the form webrtcbin takes, with the user's name and password escaped into it. */
static void
add_turn (AnxCallAttempt *self,
          const char *url,
          const char *username,
          const char *credential)
{
  gboolean secure = g_str_has_prefix (url, "turns:");
  g_autofree char *user = g_uri_escape_string (username, NULL, FALSE);
  g_autofree char *password = g_uri_escape_string (credential, NULL, FALSE);
  g_autofree char *full = g_strdup_printf ("%s://%s:%s@%s", secure ? "turns" : "turn", user, password, strchr (url, ':') + 1);
  gboolean added = FALSE;
  g_signal_emit_by_name (self->webrtc, "add-turn-server", full, &added);
}

static void
add_ice_url (AnxCallAttempt *self,
             const char *url,
             JsonObject *server)
{
  if (url == NULL || strlen (url) > MAX_ICE_TEXT_BYTES)
    return;
  if (g_str_has_prefix (url, "stun:"))
    {
      g_autofree char *full = g_strconcat ("stun://", url + strlen ("stun:"), NULL);
      g_object_set (self->webrtc, "stun-server", full, NULL);
      return;
    }
  const char *username = anx_json_get_string (server, "username", NULL);
  const char *credential = anx_json_get_string (server, "credential", NULL);
  if ((g_str_has_prefix (url, "turn:") || g_str_has_prefix (url, "turns:")) && username != NULL && credential != NULL &&
      strlen (username) <= MAX_ICE_TEXT_BYTES && strlen (credential) <= MAX_ICE_TEXT_BYTES)
    add_turn (self, url, username, credential);
}

/* A server that can not be used is passed over: the others, or a direct way, may still do. */
static void
add_ice_servers (AnxCallAttempt *self)
{
  JsonArray *servers = self->setup.ice_servers;
  for (guint i = 0; servers != NULL && i < MIN (json_array_get_length (servers), MAX_ICE_SERVERS); i++)
    {
      JsonObject *server = anx_json_array_need_object (servers, i, NULL);
      JsonNode *urls = server != NULL ? json_object_get_member (server, "urls") : NULL;
      if (urls != NULL && JSON_NODE_HOLDS_VALUE (urls))
        add_ice_url (self, anx_json_get_string (server, "urls", NULL), server);
      JsonArray *list = anx_json_get_array (server, "urls");
      for (guint j = 0; list != NULL && j < MIN (json_array_get_length (list), MAX_ICE_URLS); j++)
        {
          JsonNode *node = json_array_get_element (list, j);
          if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
            add_ice_url (self, json_node_get_string (node), server);
        }
    }
}

/* ---- life ---- */

static void
make_webrtc (AnxCallAttempt *self)
{
  self->webrtc = gst_element_factory_make ("webrtcbin", NULL);
  g_object_set (self->webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", JITTER_LATENCY_MS, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);

  /* UPnP would look for routers on the local network and can hold gathering up for seconds. */
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  if (ice != NULL)
    g_object_get (ice, "agent", &agent, NULL);
  if (agent != NULL)
    g_object_set (agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);

  g_signal_connect_object (self->webrtc, "on-ice-candidate", G_CALLBACK (on_ice_candidate), self, 0);
  g_signal_connect_object (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), self, 0);
  g_signal_connect_object (self->webrtc, "notify::connection-state", G_CALLBACK (on_connection_state), self, 0);
  g_autoptr (GstElement) rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_signal_connect_object (rtpbin, "new-jitterbuffer", G_CALLBACK (on_new_jitterbuffer), self, G_CONNECT_AFTER);
  add_ice_servers (self);
}

/**
 * anx_call_attempt_open:
 * @self: a new attempt
 * @remote_offer: (nullable): the other side's description, its signature checked; %NULL makes us the offering side
 * @error: return location: %ANX_CALL_ERROR_MEDIA: there is neither camera nor microphone; %ANX_CALL_ERROR_INVALID:
 *   @remote_offer can not be used; %ANX_CALL_ERROR_INSTALLATION
 *
 * Opens the devices and begins to connect. After %FALSE only anx_call_attempt_close() may be called.
 *
 * Returns: whether it began
 */
gboolean
anx_call_attempt_open (AnxCallAttempt *self,
                       const char *remote_offer,
                       GError **error)
{
  g_return_val_if_fail (self->pipeline == NULL, FALSE);
  self->offering = remote_offer == NULL;
  self->opened_usec = self->last_tick_usec = g_get_monotonic_time ();
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  if (remote_offer != NULL)
    {
      if (!anx_call_plan_from_sdp (remote_offer, &self->plan, error))
        return FALSE;
      self->have_fingerprint = TRUE;
    }
  make_webrtc (self);
  if (!open_devices (self, error) || !build_picture_sending (self, error) || !build_sound_sending (self, error))
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INSTALLATION,
                             _("Video calls can not work on this machine: the parts of GStreamer do not fit together."));
      return FALSE;
    }

  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  self->bus_source = gst_bus_create_watch (bus);
  g_source_set_callback (self->bus_source, (GSourceFunc) (void (*) (void)) on_bus_message, self, NULL);
  g_source_attach (self->bus_source, self->context);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  if (remote_offer != NULL)
    return set_remote (self, remote_offer, error);
  make_description (self);
  return TRUE;
}

/**
 * anx_call_attempt_take_answer:
 * @self: an attempt that offered
 * @answer: the other side's description, its signature checked
 * @error: return location, %ANX_CALL_ERROR_INVALID
 *
 * Returns: whether it can be used
 */
gboolean
anx_call_attempt_take_answer (AnxCallAttempt *self,
                              const char *answer,
                              GError **error)
{
  AnxCallPlan plan;
  if (self->have_fingerprint)
    return TRUE;
  if (!anx_call_plan_from_sdp (answer, &plan, error))
    return FALSE;
  memcpy (self->plan.fingerprint, plan.fingerprint, sizeof plan.fingerprint);
  self->have_fingerprint = TRUE;
  return set_remote (self, answer, error);
}

/**
 * anx_call_attempt_add_candidate:
 * @self: an open attempt
 * @mline: the media section, from 0
 * @candidate: the line
 *
 * Gives a candidate of the other side to the ICE agent, now or when the remote description is in place. Of those that wait
 * at most %ANX_CALL_MAX_QUEUED_CANDIDATES are kept; more are dropped.
 */
void
anx_call_attempt_add_candidate (AnxCallAttempt *self,
                                guint mline,
                                const char *candidate)
{
  if (self->closed || self->webrtc == NULL)
    return;
  if (self->remote_set)
    {
      g_signal_emit_by_name (self->webrtc, "add-ice-candidate", mline, candidate);
      return;
    }
  if (g_queue_get_length (&self->candidates) >= ANX_CALL_MAX_QUEUED_CANDIDATES)
    return;
  Candidate *queued = g_new0 (Candidate, 1);
  queued->mline = mline;
  queued->text = g_strdup (candidate);
  g_queue_push_tail (&self->candidates, queued);
}

/**
 * anx_call_attempt_close:
 * @self: an attempt
 *
 * When it returns, every device is closed and no signal comes any more. Can be called twice.
 */
void
anx_call_attempt_close (AnxCallAttempt *self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  if (self->bus_source != NULL)
    {
      g_source_destroy (self->bus_source);
      g_clear_pointer (&self->bus_source, g_source_unref);
    }
  if (self->webrtc != NULL)
    g_signal_handlers_disconnect_by_data (self->webrtc, self);
  /* Devices first, by name: one that was only opened (READY) in a pipeline that never started would not follow it down. */
  detach_source (self, &self->picture_source);
  detach_source (self, &self->sound_source);
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->remote.waiting, anx_frame_unref);
  g_clear_pointer (&self->local.waiting, anx_frame_unref);
  self->jitterbuffers_gone = TRUE;
  g_ptr_array_set_size (self->jitterbuffers, 0);
  g_mutex_unlock (&self->lock);
  g_queue_clear_full (&self->candidates, free_candidate);
  self->webrtc = self->picture_source = self->picture_head = self->sound_source = self->sound_head = NULL;
  self->picture_valve = self->sound_valve = self->video_encoder = self->audio_encoder = NULL;
  /* The probes and app sinks hold references to us; they go with the pipeline. */
  g_clear_pointer (&self->pipeline, gst_object_unref);
  if (self->speaker != NULL)
    gst_element_set_state (self->speaker, GST_STATE_NULL);
  g_clear_pointer (&self->speaker, gst_object_unref);
  g_clear_pointer (&self->echo_probe, gst_object_unref);
}

/**
 * anx_call_attempt_get_silent_usec:
 * @self: an open attempt
 *
 * Returns: how long nothing of the other side has come, microseconds
 */
gint64
anx_call_attempt_get_silent_usec (AnxCallAttempt *self)
{
  return (gint64) (now_ms (self) - g_atomic_int_get (&self->last_media_ms)) * 1000;
}

/**
 * anx_call_attempt_get_fps:
 * @self: an attempt
 *
 * Returns: pictures of the other side decoded in the second before the last tick
 */
double
anx_call_attempt_get_fps (AnxCallAttempt *self)
{
  return self->fps;
}

/**
 * anx_call_attempt_get_loss:
 * @self: an attempt
 *
 * Returns: the part of the other side's packets lost on the line in the second before the last tick, 0–1
 */
double
anx_call_attempt_get_loss (AnxCallAttempt *self)
{
  return self->loss;
}

/**
 * anx_call_attempt_get_pitch:
 * @self: an attempt
 *
 * Returns: the strongest frequency of the sound received, Hz, within about 2; 0 when silent
 */
double
anx_call_attempt_get_pitch (AnxCallAttempt *self)
{
  return self->pitch;
}

/**
 * anx_call_attempt_get_video_bitrate:
 * @self: an attempt
 *
 * Returns: what our encoder aims at, bit/s
 */
guint
anx_call_attempt_get_video_bitrate (AnxCallAttempt *self)
{
  return self->video_bitrate;
}

/**
 * anx_call_attempt_get_pipeline:
 * @self: an attempt
 *
 * Returns: (transfer none) (nullable): the pipeline, while it is open
 */
GstElement *
anx_call_attempt_get_pipeline (AnxCallAttempt *self)
{
  return self->pipeline;
}

/**
 * anx_call_attempt_new:
 * @setup: media, what may be open, and servers; copied
 *
 * Returns: (transfer full): an attempt with nothing open yet
 */
AnxCallAttempt *
anx_call_attempt_new (const AnxCallAttemptSetup *setup)
{
  AnxCallAttempt *self = g_object_new (ANX_TYPE_CALL_ATTEMPT, NULL);
  self->setup = *setup;
  if (setup->ice_servers != NULL)
    json_array_ref (setup->ice_servers);
  return self;
}

static void
anx_call_attempt_finalize (GObject *object)
{
  AnxCallAttempt *self = ANX_CALL_ATTEMPT (object);
  g_assert (self->closed || self->pipeline == NULL);
  g_clear_pointer (&self->setup.ice_servers, json_array_unref);
  g_clear_pointer (&self->remote.waiting, anx_frame_unref);
  g_clear_pointer (&self->local.waiting, anx_frame_unref);
  g_free (self->echo_probe_name);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->jitterbuffers);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (anx_call_attempt_parent_class)->finalize (object);
}

static guint
new_signal (const char *name,
            guint n_params,
            GType first,
            GType second)
{
  GType types[2] = { first, second };
  return g_signal_newv (name, ANX_TYPE_CALL_ATTEMPT, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE, n_params, types);
}

static void
anx_call_attempt_class_init (AnxCallAttemptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_call_attempt_finalize;
  signals[SIGNAL_DESCRIPTION] = new_signal ("description", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_CANDIDATE] = new_signal ("candidate", 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[SIGNAL_MEDIA] = new_signal ("media", 0, 0, 0);
  signals[SIGNAL_REMOTE_FRAME] = new_signal ("remote-frame", 1, ANX_TYPE_FRAME, 0);
  signals[SIGNAL_LOCAL_FRAME] = new_signal ("local-frame", 1, ANX_TYPE_FRAME, 0);
  signals[SIGNAL_LEVEL] = new_signal ("level", 1, G_TYPE_DOUBLE, 0);
  signals[SIGNAL_NOTICE] = new_signal ("notice", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_FAILED] = new_signal ("failed", 1, G_TYPE_ERROR, 0);
}

static void
anx_call_attempt_init (AnxCallAttempt *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->plan = ANX_CALL_PLAN_DEFAULT;
  self->video_bitrate = VIDEO_BITRATE_START;
  self->jitter_ms = JITTER_LATENCY_MS;
  self->jitterbuffers = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_init (&self->lock);
  g_queue_init (&self->candidates);
  self->remote.signal = signals[SIGNAL_REMOTE_FRAME];
  self->local.signal = signals[SIGNAL_LOCAL_FRAME];
}
