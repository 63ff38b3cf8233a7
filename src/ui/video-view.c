/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "video-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui-text.h"

/* Our own picture: this part of the width, or of the height where that is less, in the lower corner, with this margin in pixels. */
#define OWN_PART 0.22
#define OWN_PART_OF_HEIGHT 0.36
#define OWN_MARGIN_PX 24

struct _AnxVideoView
{
  GtkWidget parent_instance;

  AnxCall *call;      /* (nullable) */
  GdkTexture *remote; /* (nullable) */
  GdkTexture *local;  /* (nullable) */
  gboolean own_hidden;
  GtkWidget *cover;   /* text over the last picture while it is not live */
  guint describe_source;
};

G_DEFINE_FINAL_TYPE (AnxVideoView, anx_video_view, GTK_TYPE_WIDGET)

static AnxCallState
anx_video_view_get_state (AnxVideoView *self)
{
  return self->call != NULL ? anx_call_get_state (self->call) : ANX_CALL_IDLE;
}

static const char *
describe_state (AnxCallState state)
{
  switch (state)
    {
    case ANX_CALL_CHECKING:
      return _ ("No picture from the camera");
    case ANX_CALL_IDLE:
    case ANX_CALL_WAITING:
      return _ ("Waiting for the other side");
    case ANX_CALL_CONNECTING:
      return _ ("Connecting…");
    case ANX_CALL_LIVE:
      return _ ("Connected");
    case ANX_CALL_RECONNECTING:
      return _ ("Connecting again…");
    case ANX_CALL_ENDED:
    default:
      return _ ("The session has ended");
    }
}

/*
 * What is seen and heard, in words: for a person who does not see the picture, and for a check from outside that a
 * picture and sound of the right kind really arrive. Once a second: a change on each frame would flood the
 * accessibility bus.
 */
static void
anx_video_view_describe (AnxVideoView *self)
{
  double level = -100, fps = 0, loss = 0, pitch = 0;
  g_autofree char *text = NULL;

  if (anx_video_view_get_state (self) == ANX_CALL_CHECKING)
    {
      g_object_get (self->call, "local-level", &level, NULL);
      text = g_strdup_printf (_ ("Your own picture %d × %d. Your own sound %.0f dB."),
                              self->local != NULL ? gdk_texture_get_width (self->local) : 0,
                              self->local != NULL ? gdk_texture_get_height (self->local) : 0, level);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
      return;
    }
  if (self->call != NULL)
    {
      g_object_get (self->call, "remote-level", &level, "remote-fps", &fps, "loss", &loss, NULL);
      pitch = anx_call_get_remote_pitch (self->call);
    }
  text = g_strdup_printf (_ ("%s. Picture %d × %d, %.0f a second. Sound %.0f dB, %.0f Hz. Loss %.0f of 100."),
                          describe_state (anx_video_view_get_state (self)),
                          self->remote != NULL ? gdk_texture_get_width (self->remote) : 0,
                          self->remote != NULL ? gdk_texture_get_height (self->remote) : 0, fps, level, pitch,
                          loss * 100);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static gboolean
on_describe (gpointer data)
{
  anx_video_view_describe (data);
  return G_SOURCE_CONTINUE;
}

static GdkTexture *
texture_from_frame (AnxFrame *frame)
{
  return gdk_memory_texture_new (anx_frame_get_width (frame), anx_frame_get_height (frame),
                                 GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, anx_frame_get_bytes (frame),
                                 anx_frame_get_stride (frame));
}

static void
on_remote_frame (AnxVideoView *self, AnxFrame *frame)
{
  g_clear_object (&self->remote);
  self->remote = texture_from_frame (frame);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_local_frame (AnxVideoView *self, AnxFrame *frame)
{
  g_clear_object (&self->local);
  self->local = texture_from_frame (frame);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_state (AnxVideoView *self)
{
  AnxCallState state = anx_video_view_get_state (self);
  guint missing = 0;

  if (self->call != NULL)
    g_object_get (self->call, "missing", &missing, NULL);
  /* A frozen face must never pass for a present one, and nobody is shown as seen whose camera is closed. */
  gtk_label_set_label (GTK_LABEL (self->cover), describe_state (state));
  gtk_widget_set_visible (self->cover, state != ANX_CALL_LIVE
                                           && (state != ANX_CALL_CHECKING || (missing & ANX_CALL_DEVICE_CAMERA) != 0));
  if (state != ANX_CALL_LIVE)
    {
      g_clear_object (&self->remote);
      g_clear_object (&self->local);
    }
  anx_video_view_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Fits @texture into the area; enlarging goes by whole factors, because any other scaling costs more than all the rest.
 */
static void
append_fitted (GtkSnapshot *snapshot, GdkTexture *texture, double x, double y, double width, double height)
{
  double scale = MIN (width / gdk_texture_get_width (texture), height / gdk_texture_get_height (texture));
  double shown_width, shown_height;

  if (scale >= 2)
    scale = floor (scale);
  shown_width = gdk_texture_get_width (texture) * scale;
  shown_height = gdk_texture_get_height (texture) * scale;
  gtk_snapshot_append_texture (snapshot, texture,
                               &GRAPHENE_RECT_INIT (x + floor ((width - shown_width) / 2),
                                                    y + floor ((height - shown_height) / 2), shown_width,
                                                    shown_height));
}

static void
anx_video_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AnxVideoView *self = ANX_VIDEO_VIEW (widget);
  const GdkRGBA black = { 0.07f, 0.09f, 0.09f, 1 };
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  gtk_snapshot_append_color (snapshot, &black, &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->remote != NULL && anx_video_view_get_state (self) == ANX_CALL_LIVE)
    append_fitted (snapshot, self->remote, 0, 0, width, height);
  if (self->local != NULL && anx_video_view_get_state (self) == ANX_CALL_CHECKING)
    append_fitted (snapshot, self->local, 0, 0, width, height);
  else if (self->local != NULL && !self->own_hidden)
    {
      double shape = (double) gdk_texture_get_height (self->local) / gdk_texture_get_width (self->local);
      double own_width = floor (MIN (width * OWN_PART, height * OWN_PART_OF_HEIGHT / shape));
      double own_height = floor (own_width * shape);
      double x = width - own_width - OWN_MARGIN_PX, y = height - own_height - OWN_MARGIN_PX;
      const GdkRGBA rim = { 1, 1, 1, 0.9f };

      gtk_snapshot_append_color (snapshot, &rim, &GRAPHENE_RECT_INIT (x - 3, y - 3, own_width + 6, own_height + 6));
      gtk_snapshot_append_texture (snapshot, self->local, &GRAPHENE_RECT_INIT (x, y, own_width, own_height));
    }
  gtk_widget_snapshot_child (widget, self->cover, snapshot);
}

static void
anx_video_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  gtk_widget_measure (ANX_VIDEO_VIEW (widget)->cover, orientation, -1, minimum, natural, NULL, NULL);
  *minimum = MAX (*minimum, orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 180);
  *natural = MAX (*natural, orientation == GTK_ORIENTATION_HORIZONTAL ? 1280 : 720);
}

static void
anx_video_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AnxVideoView *self = ANX_VIDEO_VIEW (widget);
  GtkRequisition natural;
  int cover_width, cover_height;

  if (!gtk_widget_should_layout (self->cover))
    return;
  gtk_widget_get_preferred_size (self->cover, NULL, &natural);
  cover_width = MIN (natural.width, width);
  cover_height = MIN (natural.height, height);
  gtk_widget_allocate (self->cover, cover_width, cover_height, -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((width - cover_width) / 2,
                                                                            (height - cover_height) / 2)));
}

static void
anx_video_view_dispose (GObject *object)
{
  AnxVideoView *self = ANX_VIDEO_VIEW (object);

  anx_video_view_set_call (self, NULL);
  g_clear_handle_id (&self->describe_source, g_source_remove);
  g_clear_pointer (&self->cover, gtk_widget_unparent);
  G_OBJECT_CLASS (anx_video_view_parent_class)->dispose (object);
}

static void
anx_video_view_class_init (AnxVideoViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_video_view_dispose;
  widget_class->snapshot = anx_video_view_snapshot;
  widget_class->measure = anx_video_view_measure;
  widget_class->size_allocate = anx_video_view_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "videoview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
anx_video_view_init (AnxVideoView *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->cover = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->cover, "video-cover");
  gtk_widget_set_parent (self->cover, GTK_WIDGET (self));
  anx_ui_set_accessible_name (GTK_WIDGET (self), _ ("Video"));
  on_state (self);
}

/**
 * anx_video_view_new:
 *
 * A dark field with the other side's picture as large as fits, ours in the corner, and words over it while no live
 * picture is there. Its accessible description tells state, resolution, pictures a second, level and pitch of the
 * sound, once a second.
 *
 * Returns: (transfer floating): the widget
 */
GtkWidget *
anx_video_view_new (void)
{
  return g_object_new (ANX_TYPE_VIDEO_VIEW, NULL);
}

/**
 * anx_video_view_set_own_shown:
 * @self: a view
 * @shown: whether our own picture stands in the corner; it does at first. Of several views one is enough
 */
void
anx_video_view_set_own_shown (AnxVideoView *self, gboolean shown)
{
  self->own_hidden = !shown;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * anx_video_view_set_call:
 * @self: a view
 * @call: (nullable): whose pictures to show; a reference is held
 *
 * Shows @call; %NULL lets go of the one before and of its last pictures.
 */
void
anx_video_view_set_call (AnxVideoView *self, AnxCall *call)
{
  if (self->call == call)
    return;
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->remote);
  g_clear_object (&self->local);
  g_clear_handle_id (&self->describe_source, g_source_remove);
  g_set_object (&self->call, call);
  if (call != NULL)
    {
      g_signal_connect_swapped (call, "remote-frame", G_CALLBACK (on_remote_frame), self);
      g_signal_connect_swapped (call, "local-frame", G_CALLBACK (on_local_frame), self);
      g_signal_connect_swapped (call, "notify::state", G_CALLBACK (on_state), self);
      g_signal_connect_swapped (call, "notify::missing", G_CALLBACK (on_state), self);
      self->describe_source = g_timeout_add_seconds (1, on_describe, self);
    }
  if (self->cover != NULL)
    on_state (self);
}
