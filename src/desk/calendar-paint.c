/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-view-private.h"

#include <math.h>

/**
 * anx_calendar_view_forget_layouts:
 * @self: a calendar
 *
 * The words of heading and hours are made again when they are next seen.
 */
void
anx_calendar_view_forget_layouts (AnxCalendarView *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->hours); i++)
    g_clear_object (&self->hours[i]);
  for (guint i = 0; i < self->headings->len; i++)
    g_clear_object ((PangoLayout **) &g_ptr_array_index (self->headings, i));
}

static PangoLayout *
get_hour (AnxCalendarView *self,
          int hour)
{
  if (self->hours[hour] == NULL)
    {
      g_autofree char *text = g_strdup_printf ("%d:00", hour);
      self->hours[hour] = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
    }
  return self->hours[hour];
}

static PangoLayout *
get_heading (AnxCalendarView *self,
             guint column,
             int line)
{
  const AnxCalendarColumn *data = g_ptr_array_index (self->columns, column);
  PangoLayout **place = (PangoLayout **) &g_ptr_array_index (self->headings, 2 * column + line);

  if (*place == NULL)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
      *place = gtk_widget_create_pango_layout (GTK_WIDGET (self), line == 0 ? data->title : data->subtitle);
      pango_attr_list_insert (attributes, pango_attr_scale_new (0.92));
      if (line == 0)
        pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      pango_layout_set_attributes (*place, attributes);
      pango_layout_set_ellipsize (*place, PANGO_ELLIPSIZE_END);
      pango_layout_set_alignment (*place, PANGO_ALIGN_CENTER);
    }
  pango_layout_set_width (*place, (int) (self->column_px - 8) * PANGO_SCALE);
  return *place;
}

static void
draw_text (GtkSnapshot *snapshot,
           PangoLayout *layout,
           double x,
           double y,
           const GdkRGBA *colour)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) floor (x), (float) floor (y)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

/* On whole pixels: an edge between two of them makes each clip and each colour a slow one for the software renderer. */
static void
push_clip (GtkSnapshot *snapshot,
           double x,
           double y,
           double width,
           double height)
{
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT ((float) floor (x), (float) floor (y), (float) ceil (width),
                                                         (float) ceil (height)));
}

static void
fill (GtkSnapshot *snapshot,
      const GdkRGBA *colour,
      double alpha,
      double x,
      double y,
      double width,
      double height)
{
  GdkRGBA with_alpha = *colour;
  with_alpha.alpha *= (float) alpha;
  if (width > 0 && height > 0)
    gtk_snapshot_append_color (snapshot, &with_alpha,
                               &GRAPHENE_RECT_INIT ((float) floor (x), (float) floor (y), (float) ceil (width),
                                                    (float) ceil (height)));
}

/* Outside the hours of work. */
static void
shade (AnxCalendarView *self,
       GtkSnapshot *snapshot,
       guint column,
       const GdkRGBA *colour)
{
  const AnxCalendarColumn *data = g_ptr_array_index (self->columns, column);
  double x = anx_calendar_view_get_x (self, column);
  int from = self->first_minute;

  if (data->open == NULL)
    return;
  for (guint i = 0; i <= data->open->len; i++)
    {
      const AnxCalendarSpan *span = i < data->open->len ? &g_array_index (data->open, AnxCalendarSpan, i) : NULL;
      int to = span != NULL ? CLAMP (span->from_minute, from, self->last_minute) : self->last_minute;
      fill (snapshot, colour, 0.07, x, anx_calendar_view_get_y (self, from), self->column_px,
            anx_calendar_view_get_y (self, to) - anx_calendar_view_get_y (self, from));
      if (span != NULL)
        from = CLAMP (span->to_minute, from, self->last_minute);
    }
}

static void
draw_targets (AnxCalendarView *self,
              GtkSnapshot *snapshot,
              guint column)
{
  static const GdkRGBA free_colour = { 0.15f, 0.6f, 0.3f, 1 };
  const GArray *minutes
      = self->moving != NULL ? g_hash_table_lookup (self->targets, GUINT_TO_POINTER (column)) : NULL;

  for (guint i = 0; minutes != NULL && i < minutes->len; i++)
    {
      double y = anx_calendar_view_get_y (self, g_array_index (minutes, int, i));
      fill (snapshot, &free_colour, 0.18, anx_calendar_view_get_x (self, column) + 1, y, self->column_px - 2, 14);
      fill (snapshot, &free_colour, 0.9, anx_calendar_view_get_x (self, column) + 1, y, self->column_px - 2, 2);
    }
}

static void
draw_grid (AnxCalendarView *self,
           GtkSnapshot *snapshot,
           const GdkRGBA *colour)
{
  static const GdkRGBA now_colour = { 0.85f, 0.25f, 0.1f, 1 };
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  guint first;
  guint end;

  anx_calendar_view_get_seen (self, &first, &end);
  for (guint i = first; i < end; i++)
    shade (self, snapshot, i, colour);
  for (int minute = self->first_minute; minute <= self->last_minute; minute += 30)
    {
      double y = anx_calendar_view_get_y (self, minute);
      if (y >= HEADER_PX (self) - 1 && y < height)
        fill (snapshot, colour, minute % 60 == 0 ? 0.16 : 0.07, AXIS_PX (self), y, width, 1);
    }
  for (guint i = first; i < end; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (self->columns, i);
      double x = anx_calendar_view_get_x (self, i);
      fill (snapshot, colour, column->first ? 0.4 : 0.14, x, HEADER_PX (self), column->first ? 2 : 1, height);
      draw_targets (self, snapshot, i);
      if (column->today && self->now_minute >= 0)
        fill (snapshot, &now_colour, 1, x, anx_calendar_view_get_y (self, self->now_minute), self->column_px, 2);
    }
}

static void
draw_header (AnxCalendarView *self,
             GtkSnapshot *snapshot,
             const GdkRGBA *colour)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  guint first;
  guint end;

  anx_calendar_view_get_seen (self, &first, &end);
  push_clip (snapshot, AXIS_PX (self), 0, width - AXIS_PX (self), HEADER_PX (self));
  for (guint i = first; i < end; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (self->columns, i);
      double x = anx_calendar_view_get_x (self, i);
      if (column->today)
        fill (snapshot, colour, 0.08, x, 0, self->column_px, HEADER_PX (self));
      draw_text (snapshot, get_heading (self, i, 0), x + 4, self->scale * (column->subtitle != NULL ? 3 : 12), colour);
      if (column->subtitle != NULL)
        draw_text (snapshot, get_heading (self, i, 1), x + 4, self->scale * 23, colour);
    }
  fill (snapshot, colour, 0.3, AXIS_PX (self), HEADER_PX (self) - 1, width, 1);
  gtk_snapshot_pop (snapshot);
}

static void
draw_axis (AnxCalendarView *self,
           GtkSnapshot *snapshot,
           const GdkRGBA *colour)
{
  GdkRGBA dim = *colour;
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double top = HEADER_PX (self) - 4;

  dim.alpha *= 0.75f;
  push_clip (snapshot, 0, top, AXIS_PX (self), height - top);
  for (int minute = self->first_minute; minute < self->last_minute; minute += 60)
    {
      double y = anx_calendar_view_get_y (self, minute);
      if (y > -HOUR_PX (self) && y < height)
        draw_text (snapshot, get_hour (self, minute / 60), 6, y + 1, &dim);
    }
  gtk_snapshot_pop (snapshot);
}

/**
 * anx_calendar_view_snapshot:
 * @widget: a calendar
 * @snapshot: where it is drawn to
 *
 * Grid, cells in sight, what is on its way; heading and hours over them.
 */
void
anx_calendar_view_snapshot (GtkWidget *widget,
                            GtkSnapshot *snapshot)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  push_clip (snapshot, AXIS_PX (self), HEADER_PX (self), width - AXIS_PX (self), height - HEADER_PX (self));
  draw_grid (self, snapshot, &colour);
  for (guint i = 0; i < self->places->len; i++)
    {
      AnxCalendarPlace *place = g_ptr_array_index (self->places, i);
      if (gtk_widget_get_child_visible (place->cell))
        gtk_widget_snapshot_child (widget, place->cell, snapshot);
    }
  if (self->ghost != NULL)
    gtk_widget_snapshot_child (widget, self->ghost, snapshot);
  gtk_snapshot_pop (snapshot);
  draw_header (self, snapshot, &colour);
  draw_axis (self, snapshot, &colour);
}
