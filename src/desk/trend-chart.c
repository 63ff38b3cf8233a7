/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "desk-trend.h"

#include "ui-text.h"

#define HEIGHT_PX 150
#define MARGIN_PX 16
#define LEFT_PX 40
#define MARK_PX 5.0

#define ANX_TYPE_TREND_CHART (anx_trend_chart_get_type ())
G_DECLARE_FINAL_TYPE (AnxTrendChart, anx_trend_chart, ANX, TREND_CHART, GtkWidget)

struct _AnxTrendChart
{
  GtkWidget parent_instance;
  GPtrArray *points;
};

G_DEFINE_FINAL_TYPE (AnxTrendChart, anx_trend_chart, GTK_TYPE_WIDGET)

static void
anx_trend_chart_finalize (GObject *object)
{
  g_clear_pointer (&ANX_TREND_CHART (object)->points, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_trend_chart_parent_class)->finalize (object);
}

static void
anx_trend_chart_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT_PX : 200;
}

/* The scale ends at a round number above the highest value, so that two charts of one score look alike. */
static double
find_top (AnxTrendChart *self)
{
  double top = 4;
  for (guint i = 0; i < self->points->len; i++)
    top = MAX (top, ((AnxTrendPoint *) g_ptr_array_index (self->points, i))->value);
  double step = top <= 10 ? 2 : top <= 30 ? 5 : 10;
  return ceil (top / step) * step;
}

static void
locate (AnxTrendChart *self,
        guint i,
        double top,
        double *x,
        double *y)
{
  const AnxTrendPoint *first = g_ptr_array_index (self->points, 0);
  const AnxTrendPoint *last = g_ptr_array_index (self->points, self->points->len - 1);
  const AnxTrendPoint *point = g_ptr_array_index (self->points, i);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - LEFT_PX - MARGIN_PX;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * MARGIN_PX;
  double span = (double) (last->when_usec - first->when_usec);
  *x = LEFT_PX + (span > 0 ? (double) (point->when_usec - first->when_usec) / span * width : width / 2);
  *y = MARGIN_PX + (1 - point->value / top) * height;
}

static void
draw_text (GtkWidget *widget,
           GtkSnapshot *snapshot,
           const char *text,
           double right,
           double middle,
           const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width, height;
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (right - width), (float) (middle - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

/* A level has a shape as well as a colour. */
static void
draw_mark (cairo_t *cr,
           AnxLevel level,
           double x,
           double y)
{
  if (level == ANX_LEVEL_GREEN)
    {
      cairo_set_source_rgb (cr, 0.15, 0.64, 0.41);
      cairo_arc (cr, x, y, MARK_PX, 0, 2 * G_PI);
    }
  else if (level == ANX_LEVEL_YELLOW)
    {
      cairo_set_source_rgb (cr, 0.90, 0.58, 0.0);
      cairo_move_to (cr, x, y - MARK_PX - 2);
      cairo_line_to (cr, x + MARK_PX + 2, y + MARK_PX);
      cairo_line_to (cr, x - MARK_PX - 2, y + MARK_PX);
      cairo_close_path (cr);
    }
  else
    {
      cairo_set_source_rgb (cr, 0.75, 0.11, 0.16);
      cairo_rectangle (cr, x - MARK_PX, y - MARK_PX, 2 * MARK_PX, 2 * MARK_PX);
    }
  cairo_fill (cr);
}

static void
anx_trend_chart_snapshot (GtkWidget *widget,
                          GtkSnapshot *snapshot)
{
  AnxTrendChart *self = ANX_TREND_CHART (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double top = find_top (self), x, y;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cairo_set_line_width (cr, 1);
  for (int line = 0; line <= 2; line++)
    {
      double at = MARGIN_PX + line * (height - 2 * MARGIN_PX) / 2.0;
      cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.2);
      cairo_move_to (cr, LEFT_PX, at);
      cairo_line_to (cr, width - MARGIN_PX, at);
      cairo_stroke (cr);
    }
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, 0.6);
  for (guint i = 0; i < self->points->len; i++)
    {
      locate (self, i, top, &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_stroke (cr);
  for (guint i = 0; i < self->points->len; i++)
    {
      locate (self, i, top, &x, &y);
      draw_mark (cr, ((AnxTrendPoint *) g_ptr_array_index (self->points, i))->level, x, y);
    }
  cairo_destroy (cr);
  for (int line = 0; line <= 2; line++)
    {
      g_autofree char *text = g_strdup_printf ("%g", top - line * top / 2);
      draw_text (widget, snapshot, text, LEFT_PX - 8, MARGIN_PX + line * (height - 2 * MARGIN_PX) / 2.0, &color);
    }
}

static void
anx_trend_chart_class_init (AnxTrendChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = anx_trend_chart_finalize;
  widget_class->measure = anx_trend_chart_measure;
  widget_class->snapshot = anx_trend_chart_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
anx_trend_chart_init (AnxTrendChart *self)
{
}

/**
 * anx_trend_chart_new:
 * @points: (element-type AnxTrendPoint): oldest first, at least one; a reference is kept
 * @description: what it shows, for those who hear it
 *
 * Returns: (transfer floating): the chart; whoever shows it gives the same numbers as a table
 */
GtkWidget *
anx_trend_chart_new (GPtrArray *points,
                     const char *description)
{
  AnxTrendChart *self = g_object_new (ANX_TYPE_TREND_CHART, NULL);
  self->points = g_ptr_array_ref (points);
  anx_ui_set_accessible_name (GTK_WIDGET (self), description);
  return GTK_WIDGET (self);
}
