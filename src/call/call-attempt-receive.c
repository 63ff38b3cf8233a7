/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gst/video/video.h>

#include "call-attempt-private.h"
#include "call-media.h"

/* ---- pictures ---- */

static void
announce_media (AnxCallAttempt *self,
                gpointer data)
{
  if (self->media_seen)
    return;
  self->media_seen = TRUE;
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_MEDIA], 0);
}

static void
note_decoded_media (AnxCallAttempt *self)
{
  if (g_atomic_int_compare_and_exchange (&self->first_media_posted, 0, 1))
    anx_call_attempt_post (self, announce_media, NULL, NULL);
}

/* Runs in a streaming thread. */
static GstPadProbeReturn
on_decoded_picture (GstPad *pad,
                    GstPadProbeInfo *info,
                    gpointer user_data)
{
  AnxCallAttempt *self = user_data;
  g_atomic_int_inc (&self->frames);
  note_decoded_media (self);
  return GST_PAD_PROBE_OK;
}

static void
on_remote_frame (AnxFrame *frame,
                 gpointer user_data)
{
  g_signal_emit (user_data, anx_call_attempt_signals[SIGNAL_REMOTE_FRAME], 0, frame);
}

static void
on_local_frame (AnxFrame *frame,
                gpointer user_data)
{
  g_signal_emit (user_data, anx_call_attempt_signals[SIGNAL_LOCAL_FRAME], 0, frame);
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
  g_atomic_int_set (&self->last_media_ms, anx_call_attempt_get_age_ms (self));
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
  if (bin == NULL)
    return NULL;
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "frames");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_decoded_picture, g_object_ref (self), g_object_unref);
  g_clear_pointer (&self->remote_tap, anx_frame_tap_close);
  self->remote_tap = anx_frame_tap_new (sink, on_remote_frame, self);
  gst_object_replace ((GstObject **) &self->remote_sink, GST_OBJECT (sink));
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
  anx_call_attempt_post (self, link_new_pad, new_pad, free_new_pad);
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
  gboolean retransmit = self->retransmit;
  if (!self->jitterbuffers_gone)
    g_ptr_array_add (self->jitterbuffers, gst_object_ref (jitterbuffer));
  g_mutex_unlock (&self->lock);
  /* Without do-retransmission here, no NACK is ever sent, whatever the transceiver says. */
  /* Guessing the next packet's time (rtx-next-seqnum) asks for packets that were never sent, whenever a camera is uneven. */
  g_object_set (jitterbuffer, "latency", latency, "do-retransmission", retransmit, "do-lost", TRUE, "rtx-next-seqnum", FALSE, NULL);
}

/**
 * anx_call_attempt_prepare_receiving:
 * @self: an attempt whose webrtcbin has just been made
 *
 * Whatever the other side sends is linked as it appears.
 */
void
anx_call_attempt_prepare_receiving (AnxCallAttempt *self)
{
  g_signal_connect_object (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), self, 0);
  g_autoptr (GstElement) rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_signal_connect_object (rtpbin, "new-jitterbuffer", G_CALLBACK (on_new_jitterbuffer), self, G_CONNECT_AFTER);
}

/**
 * anx_call_attempt_take_own_pictures:
 * @self: an attempt
 * @bin: has an appsink "frames" for what our camera shows
 */
void
anx_call_attempt_take_own_pictures (AnxCallAttempt *self,
                                    GstElement *bin)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "frames");
  self->local_tap = anx_frame_tap_new (sink, on_local_frame, self);
}
