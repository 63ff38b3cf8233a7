/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-studio-private.h"

#include <glib/gi18n-lib.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "call-error.h"
#include "call-media.h"

/*
 * Two pipelines, each there while somebody uses it:
 *   picture  camera ! one size and rate ! appsink
 *   sound    appsrc of each call ! mixer ! echo probe ! loudspeaker;  microphone with its echo canceller ! appsink
 * A call has an appsrc for each of camera and microphone in its own pipeline, and an appsink for what it hears.
 *
 * Invariants
 * U1  The lists of takers are changed on the main thread under "lock"; the threads of the two pipelines read them under it, and hold nothing
 *     else while they do. No state of an element is changed under it.
 * U2  When the last taker of a device has been closed, the device is closed before anx_call_studio_close() returns.
 * U3  Sound of a call that is being closed is not waited for: its pipeline has stopped before.
 */

#define SOUND_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"
/* How long the mixer waits for the slowest call: two packets of 20 ms that came unevenly. */
#define MIXER_WAIT_NS (40 * GST_MSECOND)

typedef struct
{
  gpointer element;  /* what the attempt has, as a name only */
  GstElement *inner; /* owned: the appsrc that is fed, or the appsink that is heard */
  GstElement *input; /* (nullable), of a loudspeaker: owned by the sound pipeline, the bin before the mixer */
  GstElement *input_source; /* (nullable), owned: its appsrc */
  GstPad *mixer_pad; /* (nullable), owned */
} Taker;

struct _AnxCallStudio
{
  GObject parent_instance;

  AnxCallMedia media;
  GMainContext *context;

  GstElement *picture;        /* (nullable), owned: a pipeline */
  GstElement *camera;         /* (nullable), owned by picture */
  GstElement *picture_rate;   /* (nullable), owned by picture */
  GSource *picture_bus;

  GstElement *sound;          /* (nullable), owned: a pipeline */
  GstElement *mixer;          /* (nullable), owned by sound */
  GstElement *microphone;     /* (nullable), owned by sound */
  GstElement *microphone_end; /* (nullable), owned by sound */
  char *probe_name;           /* (nullable) of the echo probe before the loudspeaker */
  char *no_speaker;           /* (nullable) for people: why nothing is heard */
  GSource *sound_bus;

  GMutex lock;
  GPtrArray *picture_takers;  /* Taker*, under lock */
  GPtrArray *sound_takers;    /* Taker*, under lock */
  GPtrArray *speaker_takers;  /* Taker*, main thread */
};

G_DEFINE_FINAL_TYPE (AnxCallStudio, anx_call_studio, G_TYPE_OBJECT)

static void
taker_free (gpointer data)
{
  Taker *taker = data;
  gst_clear_object (&taker->inner);
  gst_clear_object (&taker->input_source);
  gst_clear_object (&taker->mixer_pad);
  g_free (taker);
}

/* ---- from the devices to the calls ---- */

/*
 * In a streaming thread. Each appsrc stamps its own header by its own pipeline's time; picture and sound themselves are not copied. Before it
 * plays it does not know that time, and a first stamp far ahead would hold up all that follow.
 */
static void
hand_over (GstElement *source,
           GstBuffer *buffer)
{
  GST_OBJECT_LOCK (source);
  gboolean plays = GST_STATE (source) == GST_STATE_PLAYING;
  GST_OBJECT_UNLOCK (source);
  if (!plays)
    return;
  GstBuffer *copy = gst_buffer_copy (buffer);
  GST_BUFFER_PTS (copy) = GST_BUFFER_DTS (copy) = GST_CLOCK_TIME_NONE;
  gst_app_src_push_buffer (GST_APP_SRC (source), copy);
}

static GstFlowReturn
feed (AnxCallStudio *self,
      GstAppSink *sink,
      GPtrArray *takers)
{
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer (sample) : NULL;
  if (buffer == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < takers->len; i++)
    hand_over (((const Taker *) g_ptr_array_index (takers, i))->inner, buffer);
  g_mutex_unlock (&self->lock);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_picture (GstAppSink *sink,
            gpointer user_data)
{
  AnxCallStudio *self = user_data;
  return feed (self, sink, self->picture_takers);
}

static GstFlowReturn
on_sound (GstAppSink *sink,
          gpointer user_data)
{
  AnxCallStudio *self = user_data;
  return feed (self, sink, self->sound_takers);
}

static GstElement *
make_appsrc_bin (const char *caps,
                 const char *limit,
                 GstElement **out_source,
                 GError **error)
{
  g_autofree char *description = g_strdup_printf (
    "appsrc name=source is-live=true do-timestamp=true format=time block=false leaky-type=downstream %s caps=\"%s\"", limit, caps);
  GstElement *bin = anx_call_media_make_bin (description, error);
  if (bin != NULL)
    *out_source = gst_bin_get_by_name (GST_BIN (bin), "source");
  return bin;
}

static GstElement *
add_taker (AnxCallStudio *self,
           GPtrArray *takers,
           const char *caps,
           const char *limit,
           GError **error)
{
  Taker *taker = g_new0 (Taker, 1);
  GstElement *bin = make_appsrc_bin (caps, limit, &taker->inner, error);
  if (bin == NULL)
    {
      taker_free (taker);
      return NULL;
    }
  taker->element = bin;
  g_mutex_lock (&self->lock);
  g_ptr_array_add (takers, taker);
  g_mutex_unlock (&self->lock);
  return bin;
}

/* A device that stopped is an error of each call's own source, which knows what to do (call-attempt-send.c). */
static void
pass_error (GPtrArray *takers)
{
  for (guint i = 0; i < takers->len; i++)
    {
      const Taker *taker = g_ptr_array_index (takers, i);
      g_autoptr (GError) error = g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "The device stopped.");
      gst_element_post_message (taker->inner, gst_message_new_error (GST_OBJECT (taker->inner), error, NULL));
    }
}

static gboolean
is_inside (GstObject *object,
           GstElement *bin)
{
  return bin != NULL && object != NULL && (object == GST_OBJECT (bin) || gst_object_has_as_ancestor (object, GST_OBJECT (bin)));
}

static gboolean
on_bus_message (GstBus *bus,
                GstMessage *message,
                gpointer user_data)
{
  AnxCallStudio *self = user_data;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY && self->sound != NULL)
    gst_bin_recalculate_latency (GST_BIN (self->sound));
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  if (is_inside (GST_MESSAGE_SRC (message), self->picture))
    pass_error (self->picture_takers);
  else if (is_inside (GST_MESSAGE_SRC (message), self->microphone) || is_inside (GST_MESSAGE_SRC (message), self->microphone_end))
    pass_error (self->sound_takers);
  else
    pass_error (self->speaker_takers);
  return G_SOURCE_CONTINUE;
}

static GSource *
watch_bus (AnxCallStudio *self,
           GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GSource *source = gst_bus_create_watch (bus);
  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) on_bus_message, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

static void
close_pipeline (GstElement **pipeline,
                GSource **bus)
{
  if (*bus != NULL)
    {
      g_source_destroy (*bus);
      g_clear_pointer (bus, g_source_unref);
    }
  if (*pipeline != NULL)
    gst_element_set_state (*pipeline, GST_STATE_NULL);
  gst_clear_object (pipeline);
}

/* Of an element that was only opened, when nothing comes of it. */
static void
drop_element (GstElement *element)
{
  gst_object_ref_sink (element);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}

static void
set_appsink (GstElement *bin,
             GstFlowReturn (*on_new_sample) (GstAppSink *sink, gpointer user_data),
             gpointer user_data)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "taken");
  GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, user_data, NULL);
}

/* ---- the camera ---- */

/* An encoder for each call: together they encode as many pictures as one call does. */
static void
fit_picture_rate (AnxCallStudio *self)
{
  static const int RATES[] = { ANX_CALL_PICTURE_RATE, ANX_CALL_PICTURE_RATE, 15, 10 };
  if (self->picture_rate != NULL)
    g_object_set (self->picture_rate, "max-rate", RATES[MIN (self->picture_takers->len, G_N_ELEMENTS (RATES) - 1)], NULL);
}

static gboolean
open_camera (AnxCallStudio *self,
             GError **error)
{
  if (self->picture != NULL)
    return TRUE;
  GstElement *camera = anx_call_media_open_picture (self->media, error);
  if (camera == NULL)
    return FALSE;
  g_autofree char *description = g_strdup_printf (
    "queue leaky=downstream max-size-buffers=2 ! videoconvert ! videoscale ! videorate name=rate drop-only=true max-rate=30 skip-to-first=true ! "
    "video/x-raw,format=I420,width=%d,height=%d,pixel-aspect-ratio=1/1 ! appsink name=taken sync=false async=false drop=true max-buffers=2 enable-last-sample=false",
    ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT);
  GstElement *end = anx_call_media_make_bin (description, error);
  if (end == NULL)
    {
      drop_element (camera);
      return FALSE;
    }
  self->picture = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add_many (GST_BIN (self->picture), camera, end, NULL);
  gst_element_link (camera, end);
  self->camera = camera;
  g_autoptr (GstElement) rate = gst_bin_get_by_name (GST_BIN (end), "rate");
  self->picture_rate = rate;
  set_appsink (end, on_picture, self);
  self->picture_bus = watch_bus (self, self->picture);
  gst_element_set_state (self->picture, GST_STATE_PLAYING);
  return TRUE;
}

static void
close_camera (AnxCallStudio *self)
{
  self->camera = self->picture_rate = NULL;
  close_pipeline (&self->picture, &self->picture_bus);
}

/**
 * anx_call_studio_open_picture:
 * @self: a studio
 * @error: return location, see anx_call_media_open_picture()
 *
 * Opens the camera if no call has it yet.
 *
 * Returns: (transfer floating) (nullable): a live source of its pictures, until anx_call_studio_close()
 */
GstElement *
anx_call_studio_open_picture (AnxCallStudio *self,
                              GError **error)
{
  if (!open_camera (self, error))
    return NULL;
  g_autofree char *caps = g_strdup_printf ("video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1,pixel-aspect-ratio=1/1",
                                           ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT, ANX_CALL_PICTURE_RATE);
  GstElement *source = add_taker (self, self->picture_takers, caps, "max-buffers=2 max-bytes=0", error);
  if (source == NULL && self->picture_takers->len == 0)
    close_camera (self);
  fit_picture_rate (self);
  return source;
}

/* ---- loudspeaker and microphone ---- */

/* Without a loudspeaker there is no echo; then the probe would only lose memory (call-attempt-send.c). */
static GstElement *
make_probe (AnxCallStudio *self)
{
  static guint count; /* main thread only: the canceller finds its probe by name */
  g_autoptr (GstElementFactory) dsp = gst_element_factory_find ("webrtcdsp");
  if (dsp == NULL || self->no_speaker != NULL || self->media != ANX_CALL_MEDIA_DEVICES)
    return NULL;
  g_autofree char *name = g_strdup_printf ("anx-studio-probe-%u", ++count);
  GstElement *probe = gst_element_factory_make ("webrtcechoprobe", name);
  if (probe != NULL)
    self->probe_name = g_steal_pointer (&name);
  return probe;
}

static gboolean
open_sound_pipeline (AnxCallStudio *self,
                     GError **error)
{
  if (self->sound != NULL)
    return TRUE;
  g_autoptr (GError) no_speaker = NULL;
  GstElement *end = anx_call_media_make_bin ("audioconvert ! audioresample ! capsfilter name=mixed caps=\"" SOUND_CAPS "\"", error);
  if (end == NULL)
    return FALSE;
  GstElement *mixer = gst_element_factory_make_full ("audiomixer", "force-live", TRUE, "latency", (guint64) MIXER_WAIT_NS, NULL);
  GstElement *speaker = anx_call_media_open_speaker (self->media, &no_speaker);
  self->no_speaker = no_speaker != NULL ? g_strdup (no_speaker->message) : NULL;
  GstElement *probe = make_probe (self);

  self->sound = gst_object_ref_sink (gst_pipeline_new (NULL));
  /* The clock of the calls: what they hand over comes in its time. */
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  gst_pipeline_use_clock (GST_PIPELINE (self->sound), clock);
  gst_bin_add_many (GST_BIN (self->sound), mixer, end, speaker, NULL);
  gst_element_link (mixer, end);
  if (probe != NULL)
    {
      gst_bin_add (GST_BIN (self->sound), probe);
      gst_element_link_many (end, probe, speaker, NULL);
    }
  else
    gst_element_link (end, speaker);
  self->mixer = mixer;
  self->sound_bus = watch_bus (self, self->sound);
  return TRUE;
}

static void
close_sound_pipeline_if_unused (AnxCallStudio *self)
{
  if (self->speaker_takers->len > 0 || self->sound_takers->len > 0)
    return;
  self->mixer = self->microphone = self->microphone_end = NULL;
  close_pipeline (&self->sound, &self->sound_bus);
  g_clear_pointer (&self->probe_name, g_free);
  g_clear_pointer (&self->no_speaker, g_free);
}

/* In a streaming thread of the call; its appsink has kept the time. */
static GstFlowReturn
on_heard (GstAppSink *sink,
          gpointer user_data)
{
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (sample != NULL)
    hand_over (user_data, gst_sample_get_buffer (sample));
  return GST_FLOW_OK;
}

/**
 * anx_call_studio_open_speaker:
 * @self: a studio
 * @error: return location, %ANX_CALL_ERROR_MEDIA: there is no loudspeaker or it can not be opened
 *
 * Opens the loudspeaker if no call has it yet. The sounds of several calls are heard together.
 *
 * Returns: (transfer floating): where the sound of one call ends, until anx_call_studio_close(); with @error set, it is not heard
 */
GstElement *
anx_call_studio_open_speaker (AnxCallStudio *self,
                              GError **error)
{
  if (!open_sound_pipeline (self, error))
    return anx_call_media_make_nowhere ();
  GstElement *heard = anx_call_media_make_bin ("appsink name=taken sync=true async=false max-buffers=20 drop=true enable-last-sample=false caps=\"" SOUND_CAPS "\"", error);
  GstElement *source = NULL;
  GstElement *input = heard != NULL ? make_appsrc_bin (SOUND_CAPS, "max-buffers=20 max-bytes=0", &source, error) : NULL;
  if (input == NULL)
    {
      if (heard != NULL)
        drop_element (heard);
      close_sound_pipeline_if_unused (self);
      return anx_call_media_make_nowhere ();
    }

  Taker *taker = g_new0 (Taker, 1);
  taker->element = heard;
  taker->inner = gst_bin_get_by_name (GST_BIN (heard), "taken");
  taker->input = input;
  taker->input_source = source;
  GstAppSinkCallbacks callbacks = { .new_sample = on_heard };
  gst_app_sink_set_callbacks (GST_APP_SINK (taker->inner), &callbacks, gst_object_ref (source), gst_object_unref);
  gst_bin_add (GST_BIN (self->sound), input);
  taker->mixer_pad = gst_element_request_pad_simple (self->mixer, "sink_%u");
  g_autoptr (GstPad) src = gst_element_get_static_pad (input, "src");
  gst_pad_link (src, taker->mixer_pad);
  g_ptr_array_add (self->speaker_takers, taker);
  if (self->speaker_takers->len == 1)
    gst_element_set_state (self->sound, GST_STATE_PLAYING);
  else
    gst_element_sync_state_with_parent (input);
  if (self->no_speaker != NULL)
    g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA, self->no_speaker);
  return heard;
}

static gboolean
open_microphone (AnxCallStudio *self,
                 GError **error)
{
  if (self->microphone != NULL)
    return TRUE;
  GstElement *microphone = anx_call_media_open_sound (self->media, self->probe_name, error);
  if (microphone == NULL)
    return FALSE;
  GstElement *end = anx_call_media_make_bin (
    "queue leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=100000000 ! audioconvert ! audioresample ! " SOUND_CAPS " ! "
    "appsink name=taken sync=false async=false drop=true max-buffers=20 enable-last-sample=false", error);
  if (end == NULL)
    {
      drop_element (microphone);
      return FALSE;
    }
  gst_bin_add_many (GST_BIN (self->sound), microphone, end, NULL);
  gst_element_link (microphone, end);
  set_appsink (end, on_sound, self);
  self->microphone = microphone;
  self->microphone_end = end;
  gst_element_sync_state_with_parent (end);
  gst_element_sync_state_with_parent (microphone);
  return TRUE;
}

static void
take_out (AnxCallStudio *self,
          GstElement **element)
{
  if (*element == NULL)
    return;
  gst_element_set_locked_state (*element, TRUE);
  gst_element_set_state (*element, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->sound), *element);
  *element = NULL;
}

/**
 * anx_call_studio_open_sound:
 * @self: a studio whose loudspeaker is open
 * @error: return location, see anx_call_media_open_sound()
 *
 * Opens the microphone if no call has it yet. What any call says on the loudspeaker is taken out of it.
 *
 * Returns: (transfer floating) (nullable): a live source of its sound, until anx_call_studio_close()
 */
GstElement *
anx_call_studio_open_sound (AnxCallStudio *self,
                            GError **error)
{
  g_return_val_if_fail (self->sound != NULL, NULL);
  if (!open_microphone (self, error))
    return NULL;
  GstElement *source = add_taker (self, self->sound_takers, SOUND_CAPS, "max-buffers=20 max-bytes=0", error);
  if (source == NULL && self->sound_takers->len == 0)
    {
      take_out (self, &self->microphone);
      take_out (self, &self->microphone_end);
    }
  return source;
}

/* ---- closing ---- */

static gboolean
drop_taker (AnxCallStudio *self,
            GPtrArray *takers,
            gpointer element)
{
  Taker *taker = NULL;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < takers->len && taker == NULL; i++)
    if (((const Taker *) g_ptr_array_index (takers, i))->element == element)
      taker = g_ptr_array_steal_index (takers, i);
  g_mutex_unlock (&self->lock);
  if (taker == NULL)
    return FALSE;
  if (taker->input != NULL)
    {
      take_out (self, &taker->input);
      gst_element_release_request_pad (self->mixer, taker->mixer_pad);
    }
  taker_free (taker);
  return TRUE;
}

/**
 * anx_call_studio_close:
 * @self: a studio
 * @taker: what one of the open functions gave, stopped by now; a name only, and it may be gone. Of anything else nothing happens
 *
 * When it was the last that used a device, the device is closed when this returns.
 */
void
anx_call_studio_close (AnxCallStudio *self,
                       gpointer taker)
{
  if (taker == NULL)
    return;
  if (drop_taker (self, self->picture_takers, taker))
    {
      fit_picture_rate (self);
      if (self->picture_takers->len == 0)
        close_camera (self);
      return;
    }
  if (drop_taker (self, self->sound_takers, taker))
    {
      if (self->sound_takers->len == 0)
        {
          take_out (self, &self->microphone);
          take_out (self, &self->microphone_end);
        }
    }
  else if (!drop_taker (self, self->speaker_takers, taker))
    return;
  close_sound_pipeline_if_unused (self);
}

/**
 * anx_call_studio_is_capturing:
 * @self: a studio
 *
 * Returns: whether camera or microphone are open for a call
 */
gboolean
anx_call_studio_is_capturing (AnxCallStudio *self)
{
  return self->picture_takers->len > 0 || self->sound_takers->len > 0;
}

/**
 * anx_call_studio_get_picture_pipeline:
 * @self: a studio
 *
 * Returns: (transfer none) (nullable): what holds the camera now
 */
GstElement *
anx_call_studio_get_picture_pipeline (AnxCallStudio *self)
{
  return self->picture;
}

/**
 * anx_call_studio_get_sound_pipeline:
 * @self: a studio
 *
 * Returns: (transfer none) (nullable): what holds microphone and loudspeaker now
 */
GstElement *
anx_call_studio_get_sound_pipeline (AnxCallStudio *self)
{
  return self->sound;
}

/**
 * anx_call_studio_get_media:
 * @self: a studio
 *
 * Returns: what it captures
 */
AnxCallMedia
anx_call_studio_get_media (AnxCallStudio *self)
{
  g_return_val_if_fail (ANX_IS_CALL_STUDIO (self), ANX_CALL_MEDIA_DEVICES);
  return self->media;
}

/**
 * anx_call_studio_new:
 * @media: what to capture
 *
 * anx_call_library_init() must have succeeded. It must outlive the calls it is given to, which hold it.
 *
 * Returns: (transfer full): a studio with nothing open
 */
AnxCallStudio *
anx_call_studio_new (AnxCallMedia media)
{
  AnxCallStudio *self = g_object_new (ANX_TYPE_CALL_STUDIO, NULL);
  self->media = media;
  return self;
}

static void
anx_call_studio_finalize (GObject *object)
{
  AnxCallStudio *self = ANX_CALL_STUDIO (object);
  g_assert (self->picture == NULL && self->sound == NULL);
  g_ptr_array_unref (self->picture_takers);
  g_ptr_array_unref (self->sound_takers);
  g_ptr_array_unref (self->speaker_takers);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (anx_call_studio_parent_class)->finalize (object);
}

static void
anx_call_studio_class_init (AnxCallStudioClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_call_studio_finalize;
}

static void
anx_call_studio_init (AnxCallStudio *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->picture_takers = g_ptr_array_new_with_free_func (taker_free);
  self->sound_takers = g_ptr_array_new_with_free_func (taker_free);
  self->speaker_takers = g_ptr_array_new_with_free_func (taker_free);
  g_mutex_init (&self->lock);
}
