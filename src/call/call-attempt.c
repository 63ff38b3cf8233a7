/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-attempt-private.h"

#include <glib/gi18n-lib.h>
#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include "call-error.h"
#include "call-media.h"

G_DEFINE_FINAL_TYPE (AnxCallAttempt, anx_call_attempt, G_TYPE_OBJECT)

guint anx_call_attempt_signals[N_SIGNALS];

/* ---- from GStreamer's threads to the owner's ---- */

typedef struct
{
  AnxCallAttempt *self;
  AnxCallPostedFunc func;
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

/**
 * anx_call_attempt_post:
 * @self: an attempt
 * @func: run on the owner's thread, unless the attempt is closed by then
 * @data: (nullable): for @func
 * @destroy: (nullable): frees @data afterwards, in either case
 *
 * Any thread. Never runs @func at once, even on the owner's thread: webrtcbin emits some signals under its own locks.
 */
void
anx_call_attempt_post (AnxCallAttempt *self,
                       AnxCallPostedFunc func,
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

/**
 * anx_call_attempt_get_age_ms:
 * @self: an attempt that was opened
 *
 * Any thread.
 *
 * Returns: milliseconds since it was opened
 */
gint
anx_call_attempt_get_age_ms (AnxCallAttempt *self)
{
  return (gint) ((g_get_monotonic_time () - self->opened_usec) / 1000);
}

/**
 * anx_call_attempt_fail:
 * @self: an attempt
 * @code: of ANX_CALL_ERROR
 * @text: for people
 *
 * Emits "failed", once in the life of an attempt.
 */
void
anx_call_attempt_fail (AnxCallAttempt *self,
                       int code,
                       const char *text)
{
  if (self->closed || self->failed)
    return;
  self->failed = TRUE;
  g_autoptr (GError) error = g_error_new_literal (ANX_CALL_ERROR, code, text);
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_FAILED], 0, error);
}

/**
 * anx_call_attempt_fail_connection:
 * @self: an attempt
 *
 * anx_call_attempt_fail() with %ANX_CALL_ERROR_CONNECTION.
 */
void
anx_call_attempt_fail_connection (AnxCallAttempt *self)
{
  anx_call_attempt_fail (self, ANX_CALL_ERROR_CONNECTION, _("The two sides found no way to each other through the network."));
}

/**
 * anx_call_attempt_notice:
 * @self: an attempt
 * @text: for people: which device is missing
 */
void
anx_call_attempt_notice (AnxCallAttempt *self,
                         const char *text)
{
  g_signal_emit (self, anx_call_attempt_signals[SIGNAL_NOTICE], 0, text);
}

/* ---- the bus ---- */

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
      if (!anx_call_attempt_lose_device (self, GST_MESSAGE_SRC (message)))
        anx_call_attempt_fail_connection (self);
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (self->pipeline));
      break;
    case GST_MESSAGE_ELEMENT:
      anx_call_attempt_take_sound (self, message);
      break;
    default:
      break;
    }
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static void
make_webrtc (AnxCallAttempt *self)
{
  self->webrtc = gst_element_factory_make ("webrtcbin", NULL);
  g_object_set (self->webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", ANX_LINE_JITTER_MS,
                "ice-transport-policy", self->setup.relay_only ? GST_WEBRTC_ICE_TRANSPORT_POLICY_RELAY : GST_WEBRTC_ICE_TRANSPORT_POLICY_ALL, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);

  /* UPnP would look for routers on the local network and can hold gathering up for seconds. */
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  if (ice != NULL)
    g_object_get (ice, "agent", &agent, NULL);
  if (agent != NULL)
    g_object_set (agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);

  anx_call_attempt_prepare_negotiation (self);
  anx_call_attempt_prepare_receiving (self);
}

/**
 * anx_call_attempt_open:
 * @self: a new attempt
 * @remote_offer: (nullable): the other side's description, its signature checked; %NULL makes us the offering side
 * @error: return location: %ANX_CALL_ERROR_INVALID: @remote_offer can not be used; %ANX_CALL_ERROR_INSTALLATION
 *
 * Begins to connect, with camera and microphone closed. After %FALSE only anx_call_attempt_close() may be called.
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
  anx_call_attempt_make_sources (self);
  if (!anx_call_attempt_build_picture (self, error) || !anx_call_attempt_build_sound (self, error))
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
  anx_call_attempt_prepare_text (self);

  if (remote_offer != NULL)
    return anx_call_attempt_set_remote (self, remote_offer, error);
  anx_call_attempt_make_description (self);
  return TRUE;
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
  anx_call_attempt_detach_source (self, &self->picture_source);
  anx_call_attempt_detach_source (self, &self->sound_source);
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_pointer (&self->remote_tap, anx_frame_tap_close);
  g_clear_pointer (&self->local_tap, anx_frame_tap_close);
  g_mutex_lock (&self->lock);
  self->jitterbuffers_gone = TRUE;
  g_ptr_array_set_size (self->jitterbuffers, 0);
  g_mutex_unlock (&self->lock);
  anx_call_attempt_drop_candidates (self);
  self->webrtc = self->picture_source = self->picture_head = self->sound_source = self->sound_head = NULL;
  self->picture_valve = self->sound_valve = self->picture_rate = self->picture_size = self->video_encoder = self->audio_encoder = NULL;
  /* The probes hold references to us; they go with the pipeline. */
  g_clear_pointer (&self->pipeline, gst_object_unref);
  if (self->speaker != NULL)
    gst_element_set_state (self->speaker, GST_STATE_NULL);
  g_clear_pointer (&self->speaker, gst_object_unref);
  if (self->setup.studio != NULL)
    anx_call_studio_close (self->setup.studio, self->studio_speaker);
  self->studio_speaker = NULL;
  g_clear_pointer (&self->remote_sink, gst_object_unref);
  g_clear_object (&self->video_transceiver);
  g_clear_object (&self->text_channel);
  g_queue_clear_full (&self->early_texts, g_free);
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
  return (gint64) (anx_call_attempt_get_age_ms (self) - g_atomic_int_get (&self->last_media_ms)) * 1000;
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
 * anx_call_attempt_get_quality:
 * @self: an attempt
 *
 * Returns: of the line: 1 bad, 2 weak, 3 fair, 4 good; 0 when unknown
 */
guint
anx_call_attempt_get_quality (AnxCallAttempt *self)
{
  return self->control.quality;
}

/**
 * anx_call_attempt_get_round_trip_ms:
 * @self: an attempt
 *
 * Returns: milliseconds there and back, as last reported; 0 when unknown
 */
guint
anx_call_attempt_get_round_trip_ms (AnxCallAttempt *self)
{
  return self->numbers.round_trip_ms;
}

/**
 * anx_call_attempt_has_contact:
 * @self: an attempt
 *
 * Returns: whether the two machines have found a way to each other, even if nothing can be seen yet
 */
gboolean
anx_call_attempt_has_contact (AnxCallAttempt *self)
{
  GstWebRTCICEConnectionState state = GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
  if (self->webrtc != NULL)
    g_object_get (self->webrtc, "ice-connection-state", &state, NULL);
  return state == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED || state == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
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
  return self->control.decision.video_bitrate;
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
  if (setup->studio != NULL)
    g_object_ref (setup->studio);
  return self;
}

static void
anx_call_attempt_finalize (GObject *object)
{
  AnxCallAttempt *self = ANX_CALL_ATTEMPT (object);
  g_assert (self->closed || self->pipeline == NULL);
  g_clear_pointer (&self->setup.ice_servers, json_array_unref);
  g_clear_object (&self->setup.studio);
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
  anx_call_attempt_signals[SIGNAL_DESCRIPTION] = new_signal ("description", 1, G_TYPE_STRING, 0);
  anx_call_attempt_signals[SIGNAL_CANDIDATE] = new_signal ("candidate", 2, G_TYPE_UINT, G_TYPE_STRING);
  anx_call_attempt_signals[SIGNAL_MEDIA] = new_signal ("media", 0, 0, 0);
  anx_call_attempt_signals[SIGNAL_REMOTE_FRAME] = new_signal ("remote-frame", 1, ANX_TYPE_FRAME, 0);
  anx_call_attempt_signals[SIGNAL_LOCAL_FRAME] = new_signal ("local-frame", 1, ANX_TYPE_FRAME, 0);
  anx_call_attempt_signals[SIGNAL_LEVEL] = new_signal ("level", 1, G_TYPE_DOUBLE, 0);
  anx_call_attempt_signals[SIGNAL_TEXT] = new_signal ("text", 1, G_TYPE_STRING, 0);
  anx_call_attempt_signals[SIGNAL_NOTICE] = new_signal ("notice", 1, G_TYPE_STRING, 0);
  anx_call_attempt_signals[SIGNAL_FAILED] = new_signal ("failed", 1, G_TYPE_ERROR, 0);
}

static void
anx_call_attempt_init (AnxCallAttempt *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->plan = ANX_CALL_PLAN_DEFAULT;
  anx_line_control_init (&self->control);
  self->jitter_ms = self->control.decision.jitter_ms;
  self->retransmit = self->control.decision.retransmit;
  self->keyframe_spacing_ms = (gint) self->control.decision.keyframe_ms;
  self->jitterbuffers = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_init (&self->lock);
  g_queue_init (&self->candidates);
}
