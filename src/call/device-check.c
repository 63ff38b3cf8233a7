/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device-check.h"

#include "call-media.h"
#include "frame-tap.h"

/* Large enough to see whether one's face is in the picture and lit; small enough for the weakest machine. */
#define PICTURE_WIDTH 480
#define PICTURE_HEIGHT 360
#define PICTURE_RATE 15
#define LEVEL_NSEC 100000000

/* Three tones that rise, C, E and G, so that nobody takes them for a fault; 1.1 s in all. */
#define TEST_SOUND \
  "concat name=tones ! audioconvert ! audioresample name=end " \
  "audiotestsrc freq=523.25 volume=0.25 samplesperbuffer=480 num-buffers=30 ! audio/x-raw,rate=48000,channels=1 ! tones. " \
  "audiotestsrc freq=659.26 volume=0.25 samplesperbuffer=480 num-buffers=30 ! audio/x-raw,rate=48000,channels=1 ! tones. " \
  "audiotestsrc freq=783.99 volume=0.25 samplesperbuffer=480 num-buffers=50 ! audio/x-raw,rate=48000,channels=1 ! tones."

struct _AnxDeviceCheck
{
  GObject parent_instance;

  AnxCallDevices missing;
  GstElement *pipeline; /* (nullable), owned: picture and level */
  GstElement *player;   /* (nullable), owned: the test sound; its loudspeaker is open while the check is */
  GstElement *speaker;  /* (nullable), of the player */
  GstElement *tones;    /* (nullable), of the player, while they sound */
  GstElement *camera;   /* (nullable), of the pipeline */
  GstElement *microphone;
  GSource *watches[2];  /* (nullable), of the pipelines' buses */
  AnxFrameTap *tap;     /* (nullable) */
};

G_DEFINE_FINAL_TYPE (AnxDeviceCheck, anx_device_check, G_TYPE_OBJECT)

enum
{
  SIGNAL_LOCAL_FRAME,
  SIGNAL_LEVEL,
  SIGNAL_MISSING,
  SIGNAL_TEST_SOUND_OVER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
on_frame (AnxFrame *frame,
          gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_LOCAL_FRAME], 0, frame);
}

static void
lose (AnxDeviceCheck *self,
      AnxCallDevices device)
{
  if (self->missing & device)
    return;
  self->missing |= device;
  g_signal_emit (self, signals[SIGNAL_MISSING], 0);
}

/* The chain from a failed device stops, the other runs on. */
static void
lose_source (AnxDeviceCheck *self,
             GstObject *source)
{
  if (self->camera != NULL && gst_object_has_as_ancestor (source, GST_OBJECT (self->camera)))
    {
      gst_element_set_locked_state (self->camera, TRUE);
      gst_element_set_state (self->camera, GST_STATE_NULL);
      lose (self, ANX_CALL_DEVICE_CAMERA);
    }
  else if (self->microphone != NULL && gst_object_has_as_ancestor (source, GST_OBJECT (self->microphone)))
    {
      gst_element_set_locked_state (self->microphone, TRUE);
      gst_element_set_state (self->microphone, GST_STATE_NULL);
      lose (self, ANX_CALL_DEVICE_MICROPHONE);
    }
}

static gboolean
on_message (GstBus *bus,
            GstMessage *message,
            gpointer user_data)
{
  /* A handler may close the check and let it go. */
  g_autoptr (AnxDeviceCheck) self = g_object_ref (user_data);
  double level;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    lose_source (self, GST_MESSAGE_SRC (message));
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT && anx_call_media_get_level (message, &level))
    g_signal_emit (self, signals[SIGNAL_LEVEL], 0, level);
  return G_SOURCE_CONTINUE;
}

/* A "concat" that has come to its end does not begin anew, so the tones go. */
static void
stop_tones (AnxDeviceCheck *self)
{
  gst_element_set_state (self->player, GST_STATE_READY);
  gst_element_set_state (self->tones, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->player), self->tones);
  self->tones = NULL;
}

static gboolean
on_player_message (GstBus *bus,
                   GstMessage *message,
                   gpointer user_data)
{
  g_autoptr (AnxDeviceCheck) self = g_object_ref (user_data);
  gboolean failed = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  if (self->tones == NULL || (!failed && GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS))
    return G_SOURCE_CONTINUE;
  stop_tones (self);
  if (failed)
    lose (self, ANX_CALL_DEVICE_SPEAKER);
  /* A handler may have closed the check. */
  if (self->player != NULL)
    g_signal_emit (self, signals[SIGNAL_TEST_SOUND_OVER], 0);
  return G_SOURCE_CONTINUE;
}

static GSource *
watch (AnxDeviceCheck *self,
       GstElement *pipeline,
       GstBusFunc func)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GSource *source = gst_bus_create_watch (bus);
  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) func, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* Takes @source, whose device is open, and the end that uses it up. */
static gboolean
add_chain (AnxDeviceCheck *self,
           GstElement *source,
           GstElement *end)
{
  gst_bin_add (GST_BIN (self->pipeline), source);
  if (end == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->pipeline), end);
  return gst_element_link (source, end);
}

static void
open_camera (AnxDeviceCheck *self,
             AnxCallMedia media)
{
  g_autofree char *description = g_strdup_printf (
    "queue leaky=downstream max-size-buffers=2 ! videorate drop-only=true max-rate=%d ! videoconvert ! videoscale add-borders=true ! "
    "video/x-raw,format=BGRA,width=%d,height=%d,pixel-aspect-ratio=1/1 ! "
    "appsink name=frames drop=true max-buffers=1 sync=false async=false enable-last-sample=false",
    PICTURE_RATE, PICTURE_WIDTH, PICTURE_HEIGHT);
  GstElement *source = anx_call_media_open_picture (media, NULL);
  GstElement *end = source != NULL ? anx_call_media_make_bin (description, NULL) : NULL;
  if (source == NULL || !add_chain (self, source, end))
    {
      self->missing |= ANX_CALL_DEVICE_CAMERA;
      return;
    }
  self->camera = source;
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (end), "frames");
  self->tap = anx_frame_tap_new (sink, on_frame, self);
}

static void
open_microphone (AnxDeviceCheck *self,
                 AnxCallMedia media)
{
  g_autofree char *description = g_strdup_printf (
    "queue leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=100000000 ! audioconvert ! audioresample ! "
    "audio/x-raw,format=S16LE,rate=48000,channels=1 ! level interval=%d ! fakesink sync=false async=false", LEVEL_NSEC);
  GstElement *source = anx_call_media_open_sound (media, NULL, NULL);
  if (source == NULL || !add_chain (self, source, anx_call_media_make_bin (description, NULL)))
    {
      self->missing |= ANX_CALL_DEVICE_MICROPHONE;
      return;
    }
  self->microphone = source;
}

static void
open_speaker (AnxDeviceCheck *self,
              AnxCallMedia media)
{
  g_autoptr (GError) no_speaker = NULL;
  self->speaker = anx_call_media_open_speaker (media, &no_speaker);
  self->player = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add (GST_BIN (self->player), self->speaker);
  if (no_speaker != NULL)
    self->missing |= ANX_CALL_DEVICE_SPEAKER;
  gst_element_set_state (self->player, GST_STATE_READY);
  self->watches[1] = watch (self, self->player, on_player_message);
}

/**
 * anx_device_check_new:
 * @media: which devices
 *
 * Opens camera, microphone and loudspeaker; what can not be opened is in anx_device_check_get_missing() at once.
 *
 * Returns: (transfer full): a check, to be closed with anx_device_check_close()
 */
AnxDeviceCheck *
anx_device_check_new (AnxCallMedia media)
{
  AnxDeviceCheck *self = g_object_new (ANX_TYPE_DEVICE_CHECK, NULL);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  open_speaker (self, media);
  open_camera (self, media);
  open_microphone (self, media);
  self->watches[0] = watch (self, self->pipeline, on_message);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

/**
 * anx_device_check_get_missing:
 * @self: an open check
 *
 * Returns: the devices that are not there, in use elsewhere, or have failed
 */
AnxCallDevices
anx_device_check_get_missing (AnxDeviceCheck *self)
{
  return self->missing;
}

/**
 * anx_device_check_play_test_sound:
 * @self: an open check
 *
 * Plays three rising tones; "test-sound-over" follows. While they sound, they do not begin anew.
 *
 * Returns: whether they sound now
 */
gboolean
anx_device_check_play_test_sound (AnxDeviceCheck *self)
{
  if (self->player == NULL || (self->missing & ANX_CALL_DEVICE_SPEAKER))
    return FALSE;
  if (self->tones != NULL)
    return TRUE;
  self->tones = anx_call_media_make_bin (TEST_SOUND, NULL);
  if (self->tones == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->player), self->tones);
  if (gst_element_link (self->tones, self->speaker) && gst_element_set_state (self->player, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  stop_tones (self);
  lose (self, ANX_CALL_DEVICE_SPEAKER);
  return FALSE;
}

static void
close_pipeline (GstElement **pipeline,
                GSource **source)
{
  if (*source != NULL)
    {
      g_source_destroy (*source);
      g_clear_pointer (source, g_source_unref);
    }
  if (*pipeline == NULL)
    return;
  gst_element_set_state (*pipeline, GST_STATE_NULL);
  g_clear_pointer (pipeline, gst_object_unref);
}

/**
 * anx_device_check_close:
 * @self: a check
 *
 * When it returns, every device is closed and no signal comes any more. Can be called twice.
 */
void
anx_device_check_close (AnxDeviceCheck *self)
{
  close_pipeline (&self->pipeline, &self->watches[0]);
  close_pipeline (&self->player, &self->watches[1]);
  g_clear_pointer (&self->tap, anx_frame_tap_close);
  self->camera = self->microphone = self->speaker = self->tones = NULL;
}

/**
 * anx_device_check_get_pipeline:
 * @self: a check
 *
 * Returns: (transfer none) (nullable): the pipeline with camera and microphone, while it is open
 */
GstElement *
anx_device_check_get_pipeline (AnxDeviceCheck *self)
{
  return self->pipeline;
}

/**
 * anx_device_check_get_player:
 * @self: a check
 *
 * Returns: (transfer none) (nullable): the pipeline with the loudspeaker, while it is open
 */
GstElement *
anx_device_check_get_player (AnxDeviceCheck *self)
{
  return self->player;
}

static void
anx_device_check_dispose (GObject *object)
{
  anx_device_check_close (ANX_DEVICE_CHECK (object));
  G_OBJECT_CLASS (anx_device_check_parent_class)->dispose (object);
}

static void
anx_device_check_class_init (AnxDeviceCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_device_check_dispose;
  signals[SIGNAL_LOCAL_FRAME] =
    g_signal_new ("local-frame", ANX_TYPE_DEVICE_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ANX_TYPE_FRAME);
  signals[SIGNAL_LEVEL] =
    g_signal_new ("level", ANX_TYPE_DEVICE_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
  signals[SIGNAL_MISSING] = g_signal_new ("missing", ANX_TYPE_DEVICE_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_TEST_SOUND_OVER] =
    g_signal_new ("test-sound-over", ANX_TYPE_DEVICE_CHECK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_device_check_init (AnxDeviceCheck *self)
{
}
