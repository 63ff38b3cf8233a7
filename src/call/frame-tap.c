/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frame-tap.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "frame-private.h"

/* Counted: by the owner, by the appsink's callbacks, by a delivery in the main loop. */
struct _AnxFrameTap
{
  GMainContext *context;
  AnxFrameFunc func;   /* owner's thread only, as its data; NULL once closed */
  gpointer user_data;
  GMutex lock;
  AnxFrame *waiting;   /* (nullable), under lock */
  gboolean posted;     /* a delivery is queued in the main loop, under lock */
};

static void
clear_tap (gpointer data)
{
  AnxFrameTap *self = data;
  g_clear_pointer (&self->waiting, anx_frame_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
}

static void
unref_tap (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_tap);
}

static gboolean
deliver (gpointer user_data)
{
  AnxFrameTap *self = user_data;
  g_mutex_lock (&self->lock);
  g_autoptr (AnxFrame) frame = g_steal_pointer (&self->waiting);
  self->posted = FALSE;
  g_mutex_unlock (&self->lock);
  if (frame != NULL && self->func != NULL)
    self->func (frame, self->user_data);
  return G_SOURCE_REMOVE;
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

/* In a streaming thread. */
static GstFlowReturn
on_sample (GstAppSink *sink,
           gpointer user_data)
{
  AnxFrameTap *self = user_data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  AnxFrame *frame = sample != NULL ? frame_from_sample (sample) : NULL;
  if (frame == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->waiting, anx_frame_unref);
  self->waiting = frame;
  gboolean post_it = !self->posted;
  self->posted = TRUE;
  g_mutex_unlock (&self->lock);
  if (!post_it)
    return GST_FLOW_OK;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, g_atomic_rc_box_acquire (self), unref_tap);
  g_source_attach (source, self->context);
  return GST_FLOW_OK;
}

/**
 * anx_frame_tap_new:
 * @sink: an appsink that gets BGRA
 * @func: is given each picture, on the thread that calls this function, from its main loop
 * @user_data: for @func
 *
 * Returns: (transfer full): a tap, until anx_frame_tap_close()
 */
AnxFrameTap *
anx_frame_tap_new (GstElement *sink,
                   AnxFrameFunc func,
                   gpointer user_data)
{
  AnxFrameTap *self = g_atomic_rc_box_new0 (AnxFrameTap);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, g_atomic_rc_box_acquire (self), unref_tap);
  return self;
}

/**
 * anx_frame_tap_close:
 * @self: (transfer full): a tap
 *
 * When it returns, no picture is delivered any more, and the last one is let go.
 */
void
anx_frame_tap_close (AnxFrameTap *self)
{
  self->func = NULL;
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->waiting, anx_frame_unref);
  g_mutex_unlock (&self->lock);
  unref_tap (self);
}
