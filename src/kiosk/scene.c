/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scene.h"

struct _AnxScene
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (AnxScene, anx_scene, GTK_TYPE_WIDGET)

/* One hill line: heights in parts of the widget's height at five places from left to right. */
static void
draw_hill (cairo_t *cr, double width, double height, const double heights[5], double red, double green, double blue)
{
  cairo_move_to (cr, 0, height);
  cairo_line_to (cr, 0, height * heights[0]);
  for (int i = 1; i < 5; i++)
    {
      double x0 = width * (i - 1) / 4, x1 = width * i / 4, middle = (x0 + x1) / 2;
      cairo_curve_to (cr, middle, height * heights[i - 1], middle, height * heights[i], x1, height * heights[i]);
    }
  cairo_line_to (cr, width, height);
  cairo_close_path (cr);
  cairo_set_source_rgb (cr, red, green, blue);
  cairo_fill (cr);
}

static void
anx_scene_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double far_hills[5] = { 0.74, 0.66, 0.73, 0.64, 0.71 };
  const double near_hills[5] = { 0.80, 0.78, 0.71, 0.79, 0.75 };
  const double shore[5] = { 0.83, 0.86, 0.84, 0.87, 0.83 };
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cairo_pattern_t *sky = cairo_pattern_create_linear (0, 0, 0, height);

  cairo_pattern_add_color_stop_rgb (sky, 0.0, 0.969, 0.949, 0.914);
  cairo_pattern_add_color_stop_rgb (sky, 0.75, 0.992, 0.925, 0.827);
  cairo_pattern_add_color_stop_rgb (sky, 1.0, 0.992, 0.925, 0.827);
  cairo_set_source (cr, sky);
  cairo_paint (cr);
  cairo_pattern_destroy (sky);
  cairo_arc (cr, width * 0.74, height * 0.66, MIN (width, height) * 0.13, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 0.984, 0.827, 0.624);
  cairo_fill (cr);
  draw_hill (cr, width, height, far_hills, 0.812, 0.878, 0.839);
  draw_hill (cr, width, height, near_hills, 0.694, 0.808, 0.769);
  draw_hill (cr, width, height, shore, 0.910, 0.941, 0.914);
  cairo_destroy (cr);
}

static void
anx_scene_class_init (AnxSceneClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = anx_scene_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
anx_scene_init (AnxScene *self)
{
}

/**
 * anx_scene_new:
 *
 * Returns: (transfer floating): the picture, as large as it is given room
 */
GtkWidget *
anx_scene_new (void)
{
  return g_object_new (ANX_TYPE_SCENE, NULL);
}
