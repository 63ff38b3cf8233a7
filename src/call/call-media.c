/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-media.h"

#include <glib/gi18n-lib.h>

#include "call-error.h"

/* Which Debian 12 package brings which element; an element of the list that is absent makes a call impossible. */
static const struct
{
  const char *element;
  const char *package;
} needed[] = {
  { "queue", "libgstreamer1.0-0" },
  { "valve", "libgstreamer1.0-0" },
  { "videoconvert", "gstreamer1.0-plugins-base" },
  { "videoscale", "gstreamer1.0-plugins-base" },
  { "videorate", "gstreamer1.0-plugins-base" },
  { "videotestsrc", "gstreamer1.0-plugins-base" },
  { "audiotestsrc", "gstreamer1.0-plugins-base" },
  { "textoverlay", "gstreamer1.0-x" },
  { "audioconvert", "gstreamer1.0-plugins-base" },
  { "audiomixer", "gstreamer1.0-plugins-base" },
  { "audioresample", "gstreamer1.0-plugins-base" },
  { "opusenc", "gstreamer1.0-plugins-base" },
  { "opusdec", "gstreamer1.0-plugins-base" },
  { "appsink", "gstreamer1.0-plugins-base" },
  { "appsrc", "gstreamer1.0-plugins-base" },
  { "vp8enc", "gstreamer1.0-plugins-good" },
  { "vp8dec", "gstreamer1.0-plugins-good" },
  { "rtpvp8pay", "gstreamer1.0-plugins-good" },
  { "rtpopuspay", "gstreamer1.0-plugins-good" },
  { "rtpbin", "gstreamer1.0-plugins-good" },
  { "level", "gstreamer1.0-plugins-good" },
  { "spectrum", "gstreamer1.0-plugins-good" },
  { "v4l2src", "gstreamer1.0-plugins-good" },
  { "pulsesrc", "gstreamer1.0-plugins-good" },
  { "pulsesink", "gstreamer1.0-plugins-good" },
  { "webrtcbin", "gstreamer1.0-plugins-bad" },
  { "dtlsdec", "gstreamer1.0-plugins-bad" },
  { "sctpenc", "gstreamer1.0-plugins-bad" },
  { "srtpdec", "gstreamer1.0-plugins-bad" },
  { "nicesrc", "gstreamer1.0-nice" },
};

static gboolean
have_element (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
  return factory != NULL;
}

/**
 * anx_call_media_check_installation:
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION, naming the Debian package
 *
 * Returns: whether every element a call is made of is there
 */
gboolean
anx_call_media_check_installation (GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!have_element (needed[i].element))
      {
        g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INSTALLATION,
                     _("Video calls can not work on this machine: the package “%s” is missing. Please ask the administrator to install it."),
                     needed[i].package);
        return FALSE;
      }
  return TRUE;
}

/**
 * anx_call_media_make_bin:
 * @description: elements in the notation of gst-launch, a literal of ours
 * @error: return location, %ANX_CALL_ERROR_INSTALLATION
 *
 * Returns: (transfer floating) (nullable): a bin with ghost pads for its loose ends
 */
GstElement *
anx_call_media_make_bin (const char *description,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  GstElement *bin = gst_parse_bin_from_description_full (description, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &inner);
  if (bin == NULL)
    g_set_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INSTALLATION,
                 _("Video calls can not work on this machine: a part of GStreamer is missing (%s)."), inner->message);
  return bin;
}

/* READY is the state in which a source opens its device, without taking anything from it yet. */
static GstElement *
open_device (const char *description)
{
  GstElement *bin = anx_call_media_make_bin (description, NULL);
  if (bin == NULL)
    return NULL;
  if (gst_element_set_state (bin, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE)
    return bin;
  gst_element_set_state (bin, GST_STATE_NULL);
  g_object_unref (g_object_ref_sink (bin));
  return NULL;
}

static GstElement *
open_camera (void)
{
  /* UVC cameras have a second node for metadata, which refuses READY; the first node that agrees is the camera. */
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *node = g_strdup_printf ("/dev/video%u", i);
      if (!g_file_test (node, G_FILE_TEST_EXISTS))
        continue;
      g_autofree char *description = g_strdup_printf (
        "v4l2src device=%s do-timestamp=true ! capsfilter caps=\"video/x-raw,width=%d,height=%d,framerate=[15/1,30/1];video/x-raw\"", node,
        ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT);
      GstElement *camera = open_device (description);
      if (camera != NULL)
        return camera;
    }
  return have_element ("pipewiresrc") ? open_device ("pipewiresrc do-timestamp=true ! capsfilter caps=video/x-raw") : NULL;
}

/**
 * anx_call_media_open_picture:
 * @media: which source
 * @error: return location, %ANX_CALL_ERROR_MEDIA: there is no camera or another program has it;
 *   %ANX_CALL_ERROR_INSTALLATION
 *
 * Returns: (transfer floating) (nullable): a live source of pictures, its device open
 */
GstElement *
anx_call_media_open_picture (AnxCallMedia media,
                             GError **error)
{
  if (media != ANX_CALL_MEDIA_DEVICES)
    {
      /* The word stands in the lower part, so that the colour bars above stay recognisable. */
      g_autofree char *description = g_strdup_printf (
        "videotestsrc is-live=true do-timestamp=true pattern=%s ! video/x-raw,format=I420,width=%d,height=%d,framerate=30/1 ! "
        "textoverlay wait-text=false text=TEST valignment=bottom halignment=right shaded-background=true font-desc=\"Sans Bold 24\"",
        media == ANX_CALL_MEDIA_TEST_A ? "smpte" : media == ANX_CALL_MEDIA_TEST_B ? "ball" : "green", ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT);
      return anx_call_media_make_bin (description, error);
    }
  GstElement *camera = open_camera ();
  if (camera == NULL)
    g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA,
                         _("No camera was found, or another program is using it. The other side can hear you but can not see you."));
  return camera;
}

/**
 * anx_call_media_open_sound:
 * @media: which source
 * @echo_probe: (nullable): the name of the webrtcechoprobe on the loudspeaker's side, to take its sound out of the microphone's
 * @error: return location, %ANX_CALL_ERROR_MEDIA: there is no microphone or it can not be opened;
 *   %ANX_CALL_ERROR_INSTALLATION
 *
 * Returns: (transfer floating) (nullable): a live source of sound, its device open
 */
GstElement *
anx_call_media_open_sound (AnxCallMedia media,
                           const char *echo_probe,
                           GError **error)
{
  if (media != ANX_CALL_MEDIA_DEVICES)
    {
      g_autofree char *tone = g_strdup_printf (
        "audiotestsrc is-live=true do-timestamp=true wave=sine freq=%d volume=0.3 samplesperbuffer=480 ! capsfilter caps=audio/x-raw,rate=48000",
        media == ANX_CALL_MEDIA_TEST_A ? 440 : media == ANX_CALL_MEDIA_TEST_B ? 880 : 660);
      return anx_call_media_make_bin (tone, error);
    }

  g_autofree char *dsp = echo_probe == NULL ? g_strdup ("") : g_strdup_printf (
    " ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! webrtcdsp probe=%s", echo_probe);
  g_autofree char *pulse = g_strdup_printf ("pulsesrc do-timestamp=true buffer-time=40000 latency-time=10000%s", dsp);
  GstElement *microphone = have_element ("pulsesrc") ? open_device (pulse) : NULL;
  /* Not autoaudiosrc: where nothing is found it goes on with a tone or silence and says nothing about it. */
  g_autofree char *alsa = g_strdup_printf ("alsasrc do-timestamp=true buffer-time=40000 latency-time=10000%s", dsp);
  if (microphone == NULL && have_element ("alsasrc"))
    microphone = open_device (alsa);
  if (microphone == NULL)
    g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA,
                         _("No microphone was found, or another program is using it. The other side can see you but can not hear you."));
  return microphone;
}

/**
 * anx_call_media_check_devices:
 * @media: which source
 * @error: return location, %ANX_CALL_ERROR_MEDIA: there is neither a camera nor a microphone, or another program has them
 *
 * Opens one of them for a moment, so that nobody is called by a machine from which nothing can be seen or heard.
 *
 * Returns: whether a call can be made with this machine
 */
gboolean
anx_call_media_check_devices (AnxCallMedia media,
                              GError **error)
{
  if (media != ANX_CALL_MEDIA_DEVICES)
    return TRUE;
  GstElement *device = anx_call_media_open_picture (media, NULL);
  if (device == NULL)
    device = anx_call_media_open_sound (media, NULL, NULL);
  if (device == NULL)
    {
      anx_call_media_set_nothing_found (error);
      return FALSE;
    }
  gst_object_ref_sink (device);
  gst_element_set_state (device, GST_STATE_NULL);
  gst_object_unref (device);
  return TRUE;
}

/**
 * anx_call_media_set_nothing_found:
 * @error: return location, %ANX_CALL_ERROR_MEDIA
 *
 * There is neither a camera nor a microphone: a person must look at the machine.
 */
void
anx_call_media_set_nothing_found (GError **error)
{
  g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA,
                       _("No camera and no microphone were found, or another program is using them. Please check the cables, then call again."));
}

/**
 * anx_call_media_make_black:
 *
 * Stands in for a camera that is off, or not open yet, so that the other side sees darkness and not the last picture, and the line is tried.
 *
 * Returns: (transfer floating): a live source
 */
GstElement *
anx_call_media_make_black (void)
{
  g_autofree char *description = g_strdup_printf (
    "videotestsrc is-live=true do-timestamp=true pattern=black ! capsfilter caps=video/x-raw,format=I420,width=%d,height=%d,framerate=15/1",
    ANX_CALL_PICTURE_WIDTH, ANX_CALL_PICTURE_HEIGHT);
  return anx_call_media_make_bin (description, NULL);
}

/**
 * anx_call_media_make_silence:
 *
 * Stands in for a microphone that is off or not open yet: sound packets go on, and the other side knows that the line is alive.
 *
 * Returns: (transfer floating): a live source
 */
GstElement *
anx_call_media_make_silence (void)
{
  return anx_call_media_make_bin (
    "audiotestsrc is-live=true do-timestamp=true wave=silence samplesperbuffer=480 ! capsfilter caps=audio/x-raw,rate=48000", NULL);
}

/**
 * anx_call_media_open_speaker:
 * @media: which side
 * @error: return location, %ANX_CALL_ERROR_MEDIA: there is no loudspeaker or it can not be opened
 *
 * Test media never reach a loudspeaker. Not autoaudiosink: where nothing is found it throws the sound away and says nothing.
 *
 * Returns: (transfer floating): where received sound ends; with @error set, nowhere
 */
GstElement *
anx_call_media_open_speaker (AnxCallMedia media,
                             GError **error)
{
  GstElement *speaker = NULL;
  if (media == ANX_CALL_MEDIA_DEVICES && have_element ("pulsesink"))
    speaker = open_device ("pulsesink buffer-time=60000 latency-time=10000");
  if (media == ANX_CALL_MEDIA_DEVICES && speaker == NULL && have_element ("alsasink"))
    speaker = open_device ("alsasink buffer-time=60000 latency-time=10000");
  if (speaker != NULL)
    {
      /* A sink that comes late must not make the whole pipeline wait for its first sound. */
      g_object_set (speaker, "async-handling", TRUE, NULL);
      return speaker;
    }
  if (media == ANX_CALL_MEDIA_DEVICES)
    g_set_error_literal (error, ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA,
                         _("No loudspeaker was found, or another program is using it. You can not hear the other side."));
  return anx_call_media_make_nowhere ();
}

/**
 * anx_call_media_make_nowhere:
 *
 * Returns: (transfer floating): an end for sound that nobody is to hear
 */
GstElement *
anx_call_media_make_nowhere (void)
{
  return anx_call_media_make_bin ("fakesink sync=false async=false", NULL);
}

/**
 * anx_call_media_get_level:
 * @message: an element's message
 * @out_level: (out): the level of the first channel, dB, -100 to 0
 *
 * Returns: whether it is that of an element "level"
 */
gboolean
anx_call_media_get_level (GstMessage *message,
                          double *out_level)
{
  const GstStructure *structure = gst_message_has_name (message, "level") ? gst_message_get_structure (message) : NULL;
  const GValue *value = structure != NULL ? gst_structure_get_value (structure, "rms") : NULL;
  GValueArray *array = value != NULL ? g_value_get_boxed (value) : NULL;
  if (array == NULL || array->n_values == 0)
    return FALSE;
  *out_level = CLAMP (g_value_get_double (array->values), -100.0, 0.0);
  return TRUE;
}
