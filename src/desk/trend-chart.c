/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "desk-trend.h"

#include "ui-text.h"

#define HEIGHT_PX 190
#define TOP_PX 14
#define RIGHT_PX 16
#define LEFT_PX 44
#define MARK_PX 5.0
/* Lines of small print stand at least so far apart, in heights of a line. */
#define LINE_GAP 1.1

#define ANX_TYPE_TREND_CHART (anx_trend_chart_get_type ())
G_DECLARE_FINAL_TYPE (AnxTrendChart, anx_trend_chart, ANX, TREND_CHART, GtkWidget)

struct _AnxTrendChart
{
  GtkWidget parent_instance;
  GPtrArray *points;
  GArray *bands; /* AnxTrendBand */
  char *first_day, *last_day;
};

G_DEFINE_FINAL_TYPE (AnxTrendChart, anx_trend_chart, GTK_TYPE_WIDGET)

static void
anx_trend_chart_finalize (GObject *object)
{
  AnxTrendChart *self = ANX_TREND_CHART (object);
  g_clear_pointer (&self->points, g_ptr_array_unref);
  g_clear_pointer (&self->bands, g_array_unref);
  g_free (self->first_day);
  g_free (self->last_day);
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

/* What is drawn where. */
typedef struct
{
  double left, right, top, bottom; /* of the field, px */
  double most;                     /* the value at the top */
  double line;                     /* height of a line of text, px */
} Field;

/* The scale ends where the highest band ends, so that two charts of one score look alike; else at a round number above the highest value. */
static double
find_most (AnxTrendChart *self)
{
  double most = 0;
  for (guint i = 0; i < self->bands->len; i++)
    most = MAX (most, g_array_index (self->bands, AnxTrendBand, i).to);
  gboolean known = most > 0 && most < 1000;
  most = known ? most : 4;
  for (guint i = 0; i < self->points->len; i++)
    {
      double value = ((AnxTrendPoint *) g_ptr_array_index (self->points, i))->value;
      known = known && value <= most;
      most = MAX (most, value);
    }
  double step = most <= 10 ? 2 : most <= 30 ? 5 : 10;
  return known ? most : ceil (most / step) * step;
}

static Field
measure_field (AnxTrendChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "0");
  int line;
  pango_layout_get_pixel_size (layout, NULL, &line);
  return (Field) { .left = LEFT_PX, .right = gtk_widget_get_width (widget) - RIGHT_PX, .top = TOP_PX,
                   .bottom = gtk_widget_get_height (widget) - line - 8, .most = find_most (self), .line = line };
}

static double
y_of (const Field *field,
      double value)
{
  return field->bottom - CLAMP (value / field->most, 0, 1) * (field->bottom - field->top);
}

static void
locate (AnxTrendChart *self,
        const Field *field,
        guint i,
        double *x,
        double *y)
{
  const AnxTrendPoint *first = g_ptr_array_index (self->points, 0);
  const AnxTrendPoint *last = g_ptr_array_index (self->points, self->points->len - 1);
  const AnxTrendPoint *point = g_ptr_array_index (self->points, i);
  double span = (double) (last->when_usec - first->when_usec), inset = 3 * MARK_PX;
  double left = field->left + inset, width = field->right - field->left - 2 * inset;

  *x = left + (span > 0 ? (double) (point->when_usec - first->when_usec) / span * width : width / 2);
  *y = y_of (field, point->value);
}

/* @share: how much of the text lies left of @x: 0, 0.5 or 1. */
static void
draw_text (GtkWidget *widget,
           GtkSnapshot *snapshot,
           const char *text,
           double x,
           double share,
           double middle,
           const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width, height;
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - share * width), (float) (middle - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
set_level_color (cairo_t *cr,
                 AnxLevel level,
                 double alpha)
{
  static const double COLORS[][3] = { { 0.15, 0.64, 0.41 }, { 0.90, 0.58, 0.0 }, { 0.75, 0.11, 0.16 } };
  const double *color = COLORS[level == ANX_LEVEL_RED ? 2 : level == ANX_LEVEL_YELLOW ? 1 : 0];
  cairo_set_source_rgba (cr, color[0], color[1], color[2], alpha);
}

/* A level has a shape as well as a colour. */
static void
draw_mark (cairo_t *cr,
           AnxLevel level,
           double x,
           double y)
{
  set_level_color (cr, level, 1);
  if (level == ANX_LEVEL_GREEN)
    cairo_arc (cr, x, y, MARK_PX, 0, 2 * G_PI);
  else if (level == ANX_LEVEL_YELLOW)
    {
      cairo_move_to (cr, x, y - MARK_PX - 2);
      cairo_line_to (cr, x + MARK_PX + 2, y + MARK_PX);
      cairo_line_to (cr, x - MARK_PX - 2, y + MARK_PX);
      cairo_close_path (cr);
    }
  else
    cairo_rectangle (cr, x - MARK_PX, y - MARK_PX, 2 * MARK_PX, 2 * MARK_PX);
  cairo_fill (cr);
}

/* A band reaches to where the next one begins: there is no value between them. */
static double
find_band_end (AnxTrendChart *self,
               const Field *field,
               guint i)
{
  return i + 1 < self->bands->len ? g_array_index (self->bands, AnxTrendBand, i + 1).from : field->most;
}

static void
draw_ground (AnxTrendChart *self,
             cairo_t *cr,
             const Field *field,
             const GdkRGBA *color)
{
  for (guint i = 0; i < self->bands->len; i++)
    {
      const AnxTrendBand *band = &g_array_index (self->bands, AnxTrendBand, i);
      double low = y_of (field, band->from), high = y_of (field, find_band_end (self, field, i));
      /* Deeper from band to band, so that two of one level can be told apart. */
      set_level_color (cr, band->level, 0.10 + 0.03 * (i % 4));
      cairo_rectangle (cr, field->left, high, field->right - field->left, low - high);
      cairo_fill (cr);
    }
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.3);
  cairo_move_to (cr, field->left, field->bottom);
  cairo_line_to (cr, field->right, field->bottom);
  cairo_stroke (cr);
}

static void
draw_line (AnxTrendChart *self,
           cairo_t *cr,
           const Field *field,
           const GdkRGBA *color)
{
  double x, y;

  cairo_set_line_width (cr, 2);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.6);
  for (guint i = 0; i < self->points->len; i++)
    {
      locate (self, field, i, &x, &y);
      cairo_line_to (cr, x, y);
    }
  cairo_stroke (cr);
  for (guint i = 0; i < self->points->len; i++)
    {
      locate (self, field, i, &x, &y);
      draw_mark (cr, ((AnxTrendPoint *) g_ptr_array_index (self->points, i))->level, x, y);
    }
}

/* The ends of the scale, and where bands begin as far as there is room for their numbers. */
static void
draw_scale (AnxTrendChart *self,
            GtkSnapshot *snapshot,
            const Field *field,
            const GdkRGBA *color)
{
  double gap = LINE_GAP * field->line, above = field->top, below = field->bottom;
  g_autofree char *most = g_strdup_printf ("%g", field->most);

  draw_text (GTK_WIDGET (self), snapshot, "0", field->left - 8, 1, field->bottom, color);
  draw_text (GTK_WIDGET (self), snapshot, most, field->left - 8, 1, field->top, color);
  for (guint i = 1; i < self->bands->len; i++)
    {
      double from = g_array_index (self->bands, AnxTrendBand, i).from, y = y_of (field, from);
      g_autofree char *text = g_strdup_printf ("%g", from);
      if (below - y < gap || y - above < gap)
        continue;
      draw_text (GTK_WIDGET (self), snapshot, text, field->left - 8, 1, y, color);
      below = y;
    }
}

static void
anx_trend_chart_snapshot (GtkWidget *widget,
                          GtkSnapshot *snapshot)
{
  AnxTrendChart *self = ANX_TREND_CHART (widget);
  Field field = measure_field (self);
  double days = field.bottom + 4 + field.line / 2;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget), (float) gtk_widget_get_height (widget)));
  draw_ground (self, cr, &field, &color);
  draw_line (self, cr, &field, &color);
  cairo_destroy (cr);
  draw_scale (self, snapshot, &field, &color);
  draw_text (widget, snapshot, self->first_day, field.left, 0, days, &color);
  if (strcmp (self->first_day, self->last_day) != 0)
    draw_text (widget, snapshot, self->last_day, field.right, 1, days, &color);
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
 * @bands: (element-type AnxTrendBand): the strips of the ground, ascending; may be empty; a reference is kept
 * @zone: the time zone of the days under the chart, an Olson name
 * @description: what it shows, for those who hear it
 *
 * Returns: (transfer floating): the chart; whoever shows it gives the same numbers as a table
 */
GtkWidget *
anx_trend_chart_new (GPtrArray *points,
                     GArray *bands,
                     const char *zone,
                     const char *description)
{
  AnxTrendChart *self = g_object_new (ANX_TYPE_TREND_CHART, NULL);
  self->points = g_ptr_array_ref (points);
  self->bands = g_array_ref (bands);
  self->first_day = anx_ui_format_date (((AnxTrendPoint *) g_ptr_array_index (points, 0))->when_usec, zone);
  self->last_day = anx_ui_format_date (((AnxTrendPoint *) g_ptr_array_index (points, points->len - 1))->when_usec, zone);
  gtk_widget_add_css_class (GTK_WIDGET (self), "caption");
  anx_ui_set_accessible_name (GTK_WIDGET (self), description);
  return GTK_WIDGET (self);
}
