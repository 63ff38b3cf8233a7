/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <gst/video/video.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-attempt-private.h"
#include "call-error.h"
#include "call-media.h"

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
  gint now = anx_call_attempt_get_age_ms (self), last = g_atomic_int_get (&self->last_keyframe_ms);
  if (last != 0 && now - last < g_atomic_int_get (&self->keyframe_spacing_ms))
    return GST_PAD_PROBE_DROP;
  g_atomic_int_set (&self->last_keyframe_ms, MAX (now, 1));
  return GST_PAD_PROBE_OK;
}

/*
 * The encoder keeps to its rate on the whole only: a noisy picture took 960 kbit/s where 300 were wanted. Where the line loses, that does no
 * harm; where it is narrow, it fills a queue, with the sound in it. So on a narrow line, and on one that is not known yet, what the encoder makes
 * fills a bucket that empties at the wanted rate, and while it holds more than this, pictures are left out before the encoder. Both probes
 * run in the encoder's one thread.
 */
#define BUCKET_MS 250

static GstPadProbeReturn
on_raw_picture (GstPad *pad,
                GstPadProbeInfo *info,
                gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  gint64 now = g_get_monotonic_time ();
  double rate = g_atomic_int_get (&self->strict_bitrate);
  self->bucket_bits = rate > 0 ? MAX (self->bucket_bits - rate * (double) (now - self->bucket_usec) / G_USEC_PER_SEC, 0) : 0;
  self->bucket_usec = now;
  return rate > 0 && self->bucket_bits > rate * BUCKET_MS / 1000 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_encoded_picture (GstPad *pad,
                    GstPadProbeInfo *info,
                    gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  self->bucket_bits += 8.0 * (double) gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info));
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
prepare_transceiver (AnxCallAttempt *self,
                     GstWebRTCRTPTransceiver *transceiver,
                     GstCaps *preferences)
{
  g_object_set (transceiver, "codec-preferences", preferences, "do-nack", TRUE, NULL);
  if (g_strcmp0 (gst_structure_get_string (gst_caps_get_structure (preferences, 0), "media"), "video") != 0)
    return;
  /* Its amount follows the line, from nothing; but it must be agreed on from the start. */
  g_object_set (transceiver, "fec-type", GST_WEBRTC_FEC_TYPE_ULP_RED, "fec-percentage", 0, NULL);
  g_set_object (&self->video_transceiver, G_OBJECT (transceiver));
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
  prepare_transceiver (self, transceiver, preferences);
  return gst_pad_link (src, sink) == GST_PAD_LINK_OK;
}

static gboolean
attach_source (AnxCallAttempt *self,
               GstElement *source,
               GstElement *head)
{
  gst_bin_add (GST_BIN (self->pipeline), source);
  return gst_element_link (source, head);
}

/**
 * anx_call_attempt_detach_source:
 * @self: an attempt
 * @source: (inout): a source in its pipeline, or %NULL
 *
 * Closes the source and its device while all else runs on. Its thread never waits for us: the queue behind it leaks, so going
 * to NULL returns.
 */
void
anx_call_attempt_detach_source (AnxCallAttempt *self,
                                GstElement **source)
{
  if (*source == NULL)
    return;
  gst_element_set_locked_state (*source, TRUE);
  gst_element_set_state (*source, GST_STATE_NULL);
  if (self->setup.studio != NULL)
    anx_call_studio_close (self->setup.studio, *source);
  gst_bin_remove (GST_BIN (self->pipeline), *source);
  *source = NULL;
}

/**
 * anx_call_attempt_build_picture:
 * @self: an attempt with a source of pictures
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION
 *
 * Builds what goes from the camera to the line.
 *
 * Returns: whether it is in place
 */
gboolean
anx_call_attempt_build_picture (AnxCallAttempt *self,
                                GError **error)
{
  g_autoptr (GstCaps) preferences = make_video_caps (&self->plan, TRUE);

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
    "videorate name=rate drop-only=true max-rate=%d skip-to-first=true ! videoscale ! capsfilter name=size caps=video/x-raw,format=I420,width=%d,height=%d ! "
    "vp8enc name=encoder deadline=1 end-usage=cbr lag-in-frames=0 cpu-used=16 threads=1 keyframe-max-dist=900 "
    "target-bitrate=%u error-resilient=default+partitions buffer-initial-size=200 buffer-optimal-size=250 buffer-size=400 "
    "max-quantizer=63 min-quantizer=4 undershoot=95 max-intra-bitrate=400 static-threshold=1 ! "
    "rtpvp8pay name=pay pt=%d picture-id-mode=15-bit mtu=1200 ! capsfilter caps=\"%s\"",
    ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT, ANX_CALL_SELF_WIDTH, ANX_CALL_SELF_HEIGHT,
    ANX_CALL_PICTURE_RATE, ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT, self->control.decision.video_bitrate,
    self->plan.vp8_payload, caps_text);
  GstElement *bin = anx_call_media_make_bin (description, error);
  if (bin == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->pipeline), bin);
  anx_call_attempt_take_own_pictures (self, bin);
  self->picture_head = bin;
  g_autoptr (GstElement) valve = gst_bin_get_by_name (GST_BIN (bin), "valve");
  g_autoptr (GstElement) encoder = gst_bin_get_by_name (GST_BIN (bin), "encoder");
  g_autoptr (GstElement) size = gst_bin_get_by_name (GST_BIN (bin), "size");
  self->picture_valve = valve;
  g_autoptr (GstElement) rate = gst_bin_get_by_name (GST_BIN (bin), "rate");
  self->picture_size = size;
  self->picture_rate = rate;
  self->video_encoder = encoder;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_encoder_event, g_object_ref (self), g_object_unref);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_encoded_picture, g_object_ref (self), g_object_unref);
  g_autoptr (GstPad) raw = gst_element_get_static_pad (encoder, "sink");
  self->strict_bitrate = (gint) self->control.decision.video_bitrate;
  gst_pad_add_probe (raw, GST_PAD_PROBE_TYPE_BUFFER, on_raw_picture, g_object_ref (self), g_object_unref);
  return gst_element_link (self->picture_source, bin) && link_to_webrtc (self, bin, preferences);
}

/**
 * anx_call_attempt_build_sound:
 * @self: an attempt with a source of sound
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION
 *
 * Builds what goes from the microphone to the line.
 *
 * Returns: whether it is in place
 */
gboolean
anx_call_attempt_build_sound (AnxCallAttempt *self,
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
  if (!self->devices_open || !self->setup.camera_on)
    return anx_call_media_make_black ();
  return self->setup.studio != NULL ? anx_call_studio_open_picture (self->setup.studio, error)
                                    : anx_call_media_open_picture (self->setup.media, error);
}

static GstElement *
open_sound (AnxCallAttempt *self,
            GError **error)
{
  if (!self->devices_open || !self->setup.microphone_on)
    return anx_call_media_make_silence ();
  return self->setup.studio != NULL ? anx_call_studio_open_sound (self->setup.studio, error)
                                    : anx_call_media_open_sound (self->setup.media, self->echo_probe_name, error);
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
  self->speaker = gst_object_ref_sink (self->setup.studio != NULL ? anx_call_studio_open_speaker (self->setup.studio, &no_speaker)
                                                                  : anx_call_media_open_speaker (self->setup.media, &no_speaker));
  self->studio_speaker = self->setup.studio != NULL ? self->speaker : NULL;
  if (no_speaker != NULL)
    anx_call_attempt_notice (self, no_speaker->message);
  else if (self->setup.media == ANX_CALL_MEDIA_DEVICES && self->setup.studio == NULL)
    make_echo_probe (self);
}

/**
 * anx_call_attempt_make_sources:
 * @self: a new attempt
 *
 * Opens the loudspeaker; darkness and silence stand in for camera and microphone.
 */
void
anx_call_attempt_make_sources (AnxCallAttempt *self)
{
  open_speaker (self);
  self->picture_source = open_picture (self, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->picture_source);
  self->sound_source = open_sound (self, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->sound_source);
}

static void
swap_source (AnxCallAttempt *self,
             GstElement **source,
             GstElement *head,
             GstElement *replacement)
{
  anx_call_attempt_detach_source (self, source);
  *source = replacement;
  if (replacement == NULL)
    return;
  attach_source (self, replacement, head);
  gst_element_sync_state_with_parent (replacement);
}

static void
apply_camera (AnxCallAttempt *self,
              GError **error)
{
  /* Closed first: a camera can be open once only. */
  anx_call_attempt_detach_source (self, &self->picture_source);
  GstElement *source = open_picture (self, error);
  swap_source (self, &self->picture_source, self->picture_head, source != NULL ? source : anx_call_media_make_black ());
}

static void
apply_microphone (AnxCallAttempt *self,
                  GError **error)
{
  anx_call_attempt_detach_source (self, &self->sound_source);
  GstElement *source = open_sound (self, error);
  swap_source (self, &self->sound_source, self->sound_head, source != NULL ? source : anx_call_media_make_silence ());
}

/**
 * anx_call_attempt_open_devices:
 * @self: an open attempt that has emitted "media"
 * @error: return location, %ANX_CALL_ERROR_MEDIA
 *
 * Opens camera and microphone as far as they may be open. One may be missing, which "notice" tells; with neither there is nothing to say or
 * show, and a person must look at the machine.
 *
 * Returns: whether the call can go on with what was found
 */
gboolean
anx_call_attempt_open_devices (AnxCallAttempt *self,
                               GError **error)
{
  g_autoptr (GError) no_picture = NULL, no_sound = NULL;
  if (self->closed || self->devices_open)
    return TRUE;
  self->devices_open = TRUE;
  if (self->setup.camera_on)
    apply_camera (self, &no_picture);
  if (self->setup.microphone_on)
    apply_microphone (self, &no_sound);
  if (no_picture != NULL && no_sound != NULL)
    {
      anx_call_media_set_nothing_found (error);
      return FALSE;
    }
  if (no_picture != NULL)
    anx_call_attempt_notice (self, no_picture->message);
  if (no_sound != NULL)
    anx_call_attempt_notice (self, no_sound->message);
  return TRUE;
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
  if (self->closed || !self->devices_open)
    return;
  g_autoptr (GError) error = NULL;
  apply_camera (self, &error);
  if (error != NULL)
    anx_call_attempt_notice (self, error->message);
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
  if (self->closed || !self->devices_open)
    return;
  g_autoptr (GError) error = NULL;
  apply_microphone (self, &error);
  if (error != NULL)
    anx_call_attempt_notice (self, error->message);
}

static gboolean
is_inside (GstObject *object,
           GstElement *bin)
{
  return bin != NULL && object != NULL && (object == GST_OBJECT (bin) || gst_object_has_as_ancestor (object, GST_OBJECT (bin)));
}

/**
 * anx_call_attempt_lose_device:
 * @self: an open attempt
 * @source: where an error on the bus came from
 *
 * A device that goes away while it runs costs its own part of the call only: darkness or silence takes its place.
 *
 * Returns: whether @source was a device of ours
 */
gboolean
anx_call_attempt_lose_device (AnxCallAttempt *self,
                              GstObject *source)
{
  if (is_inside (source, self->picture_source))
    {
      anx_call_attempt_notice (self, _("The camera stopped. The other side can hear you but can not see you."));
      swap_source (self, &self->picture_source, self->picture_head, anx_call_media_make_black ());
      return TRUE;
    }
  if (is_inside (source, self->sound_source))
    {
      anx_call_attempt_notice (self, _("The microphone stopped. The other side can see you but can not hear you."));
      swap_source (self, &self->sound_source, self->sound_head, anx_call_media_make_silence ());
      return TRUE;
    }
  return FALSE;
}
