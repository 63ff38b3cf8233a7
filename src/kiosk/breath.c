/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "breath.h"

#include <glib/gi18n.h>

/* Six breaths a minute with the longer part out: the slow pace most often taught for calming down. */
#define IN_USEC (4 * G_USEC_PER_SEC)
#define OUT_USEC (6 * G_USEC_PER_SEC)
#define REDRAW_MS 200
#define SIZE_PX 260

struct _AnxBreath
{
  GtkWidget parent_instance;

  GtkWidget *label;
  gint64 began_usec;
  guint source;
};

G_DEFINE_FINAL_TYPE (AnxBreath, anx_breath, GTK_TYPE_WIDGET)

/* 0 = empty, 1 = full; out_in tells the direction. */
static double
anx_breath_get_fullness (AnxBreath *self, gboolean *out_in)
{
  gint64 at = (g_get_monotonic_time () - self->began_usec) % (IN_USEC + OUT_USEC);

  *out_in = at < IN_USEC;
  return *out_in ? (double) at / IN_USEC : 1 - (double) (at - IN_USEC) / OUT_USEC;
}

static gboolean
on_redraw (gpointer data)
{
  AnxBreath *self = data;
  gboolean in;

  anx_breath_get_fullness (self, &in);
  gtk_label_set_label (GTK_LABEL (self->label), in ? _ ("Breathe in") : _ ("Breathe out"));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return G_SOURCE_CONTINUE;
}

static void
anx_breath_map (GtkWidget *widget)
{
  AnxBreath *self = ANX_BREATH (widget);

  GTK_WIDGET_CLASS (anx_breath_parent_class)->map (widget);
  self->began_usec = g_get_monotonic_time ();
  self->source = g_timeout_add (REDRAW_MS, on_redraw, self);
  on_redraw (self);
}

static void
anx_breath_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&ANX_BREATH (widget)->source, g_source_remove);
  GTK_WIDGET_CLASS (anx_breath_parent_class)->unmap (widget);
}

static void
anx_breath_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AnxBreath *self = ANX_BREATH (widget);
  float width = (float) gtk_widget_get_width (widget), height = (float) gtk_widget_get_height (widget);
  float largest = MIN (width, height) / 2;
  GdkRGBA color;
  gboolean in;
  float radius = largest * (0.45f + 0.55f * (float) anx_breath_get_fullness (self, &in));
  GskRoundedRect disc;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  for (int i = 0; i < 2; i++)
    {
      float r = i == 0 ? largest : radius;
      graphene_rect_t box = GRAPHENE_RECT_INIT (width / 2 - r, height / 2 - r, 2 * r, 2 * r);
      gsk_rounded_rect_init_from_rect (&disc, &box, r);
      gtk_snapshot_push_rounded_clip (snapshot, &disc);
      color.alpha = i == 0 ? 0.13f : 0.33f;
      gtk_snapshot_append_color (snapshot, &color, &box);
      gtk_snapshot_pop (snapshot);
    }
  gtk_widget_snapshot_child (widget, self->label, snapshot);
}

static void
anx_breath_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  gtk_widget_measure (ANX_BREATH (widget)->label, orientation, -1, minimum, natural, NULL, NULL);
  *minimum = *natural = MAX (*natural, SIZE_PX);
}

static void
anx_breath_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (ANX_BREATH (widget)->label, width, height, -1, NULL);
}

static void
anx_breath_dispose (GObject *object)
{
  g_clear_handle_id (&ANX_BREATH (object)->source, g_source_remove);
  g_clear_pointer (&ANX_BREATH (object)->label, gtk_widget_unparent);
  G_OBJECT_CLASS (anx_breath_parent_class)->dispose (object);
}

static void
anx_breath_class_init (AnxBreathClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_breath_dispose;
  widget_class->map = anx_breath_map;
  widget_class->unmap = anx_breath_unmap;
  widget_class->snapshot = anx_breath_snapshot;
  widget_class->measure = anx_breath_measure;
  widget_class->size_allocate = anx_breath_size_allocate;
}

static void
anx_breath_init (AnxBreath *self)
{
  self->label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->label, "breath");
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
}

/**
 * anx_breath_new:
 *
 * Returns: (transfer floating): the exercise; it moves only while it is shown
 */
GtkWidget *
anx_breath_new (void)
{
  return g_object_new (ANX_TYPE_BREATH, NULL);
}
