/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "calendar-cell.h"
#include "ui-text.h"

#define AXIS_PX 52
#define HEADER_PX 46
#define HOUR_PX 72
#define LEAST_COLUMN_PX 118
#define LEAST_CELL_PX 20
#define GAP_PX 2
/* The pointer must have gone so far before a press is a drag. */
#define DRAG_PX 6
/* A drop this near to a free start means that start. */
#define SNAP_MINUTES 20
#define STEP_MINUTES 5
/* Nearer to an edge than this while dragging, the calendar scrolls. */
#define EDGE_PX 28

typedef struct
{
  AnxCalendarEntry *entry;
  GtkWidget *cell;
  int lane;
  int lanes;
} Place;

struct _AnxCalendarView
{
  GtkWidget parent_instance;
  GtkAdjustment *hadjustment;
  GtkAdjustment *vadjustment;
  GtkScrollablePolicy hscroll_policy;
  GtkScrollablePolicy vscroll_policy;
  GPtrArray *columns;   /* (element-type AnxCalendarColumn) */
  GPtrArray *headings;  /* (element-type PangoLayout) two a column; made when first seen */
  PangoLayout *hours[25];
  GPtrArray *places;    /* (element-type Place) by column and time */
  GHashTable *by_id;    /* id → Place */
  char *selected;       /* (nullable) */
  int first_minute;
  int last_minute;
  int now_minute;       /* of columns that are today; -1 = none */
  double column_px;
  gboolean allocating;
  int wanted_column;    /* to be scrolled to once the size is known; -1 = none */
  int wanted_minute;

  /* A move: the ghost is over (ghost_column, ghost_minute). */
  char *moving;         /* (nullable) */
  gboolean dragging;    /* by pointer; else by keys */
  GtkWidget *ghost;     /* (nullable) */
  guint ghost_column;
  int ghost_minute;
  double grab_minutes;  /* how far below its beginning it was taken */
  double drag_x, drag_y;
  GHashTable *targets;  /* column → GArray of int, rising; an absent column was not answered yet */
  GHashTable *asked;    /* column */
};

static void anx_calendar_view_scrollable_init (GtkScrollableInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (AnxCalendarView, anx_calendar_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, anx_calendar_view_scrollable_init))

enum
{
  PROP_0,
  PROP_HADJUSTMENT,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  SELECTED,
  ACTIVATED,
  ASK_TARGETS,
  ANSWER,
  MOVED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/**
 * anx_calendar_column_free:
 * @self: (transfer full): a column
 */
void
anx_calendar_column_free (AnxCalendarColumn *self)
{
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->spoken);
  g_clear_pointer (&self->open, g_array_unref);
  g_free (self);
}

/**
 * anx_calendar_entry_free:
 * @self: (transfer full): an entry
 */
void
anx_calendar_entry_free (AnxCalendarEntry *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->spoken);
  g_free (self);
}

static void
place_free (gpointer data)
{
  Place *place = data;
  g_clear_pointer (&place->cell, gtk_widget_unparent);
  anx_calendar_entry_free (place->entry);
  g_free (place);
}

/* GTK 4.8 forgets a request for an allocation that comes up while one is going on, and then takes none from below any more: the widget
 * stays undrawn. Asked at each widget up to the window, none can stand in the way. Too dear for every step of scrolling. */
static void
renew_layout (AnxCalendarView *self)
{
  for (GtkWidget *widget = GTK_WIDGET (self); widget != NULL; widget = gtk_widget_get_parent (widget))
    gtk_widget_queue_allocate (widget);
}

static gboolean
on_layout_idle (gpointer user_data)
{
  renew_layout (user_data);
  return G_SOURCE_REMOVE;
}

/* A widget that asks for an allocation within its own stays without one and is not drawn: a cell that goes out of sight may hand
 * its focus on just then. */
static void
queue_layout (AnxCalendarView *self)
{
  if (self->allocating)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_layout_idle, g_object_ref (self), g_object_unref);
  else
    gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
on_adjusted (AnxCalendarView *self)
{
  queue_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_adjustment (AnxCalendarView *self,
                GtkAdjustment **place,
                GtkAdjustment *adjustment)
{
  if (adjustment != NULL && *place == adjustment)
    return;
  if (*place != NULL)
    {
      g_signal_handlers_disconnect_by_func (*place, on_adjusted, self);
      g_object_unref (*place);
    }
  *place = g_object_ref_sink (adjustment != NULL ? adjustment : gtk_adjustment_new (0, 0, 0, 0, 0, 0));
  g_signal_connect_swapped (*place, "value-changed", G_CALLBACK (on_adjusted), self);
  queue_layout (self);
}

static void
anx_calendar_view_get_property (GObject *object,
                                guint id,
                                GValue *value,
                                GParamSpec *spec)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (object);

  if (id == PROP_HADJUSTMENT)
    g_value_set_object (value, self->hadjustment);
  else if (id == PROP_VADJUSTMENT)
    g_value_set_object (value, self->vadjustment);
  else if (id == PROP_HSCROLL_POLICY)
    g_value_set_enum (value, self->hscroll_policy);
  else if (id == PROP_VSCROLL_POLICY)
    g_value_set_enum (value, self->vscroll_policy);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
anx_calendar_view_set_property (GObject *object,
                                guint id,
                                const GValue *value,
                                GParamSpec *spec)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (object);

  if (id == PROP_HADJUSTMENT)
    set_adjustment (self, &self->hadjustment, g_value_get_object (value));
  else if (id == PROP_VADJUSTMENT)
    set_adjustment (self, &self->vadjustment, g_value_get_object (value));
  else if (id == PROP_HSCROLL_POLICY)
    self->hscroll_policy = g_value_get_enum (value);
  else if (id == PROP_VSCROLL_POLICY)
    self->vscroll_policy = g_value_get_enum (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

/* The bars stand beside the cells, not over the heading and the hours. */
static gboolean
get_border (GtkScrollable *scrollable,
            GtkBorder *border)
{
  border->top = HEADER_PX;
  border->left = AXIS_PX;
  border->right = 0;
  border->bottom = 0;
  return TRUE;
}

static void
anx_calendar_view_scrollable_init (GtkScrollableInterface *interface)
{
  interface->get_border = get_border;
}

static void
forget_layouts (AnxCalendarView *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->hours); i++)
    g_clear_object (&self->hours[i]);
  for (guint i = 0; i < self->headings->len; i++)
    g_clear_object ((PangoLayout **) &g_ptr_array_index (self->headings, i));
}

static void
anx_calendar_view_dispose (GObject *object)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (object);

  if (self->places != NULL)
    forget_layouts (self);
  if (self->hadjustment != NULL)
    g_signal_handlers_disconnect_by_func (self->hadjustment, on_adjusted, self);
  if (self->vadjustment != NULL)
    g_signal_handlers_disconnect_by_func (self->vadjustment, on_adjusted, self);
  g_clear_object (&self->hadjustment);
  g_clear_object (&self->vadjustment);
  g_clear_pointer (&self->ghost, gtk_widget_unparent);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_clear_pointer (&self->headings, g_ptr_array_unref);
  g_clear_pointer (&self->targets, g_hash_table_unref);
  g_clear_pointer (&self->asked, g_hash_table_unref);
  g_clear_pointer (&self->selected, g_free);
  g_clear_pointer (&self->moving, g_free);
  G_OBJECT_CLASS (anx_calendar_view_parent_class)->dispose (object);
}

static void
anx_calendar_view_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? AXIS_PX + LEAST_COLUMN_PX : HEADER_PX + HOUR_PX;
  *natural = *minimum * 4;
}

static double
minute_to_y (AnxCalendarView *self,
             double minute)
{
  return HEADER_PX + (minute - self->first_minute) * HOUR_PX / 60.0 - gtk_adjustment_get_value (self->vadjustment);
}

static double
column_to_x (AnxCalendarView *self,
             guint column)
{
  return AXIS_PX + column * self->column_px - gtk_adjustment_get_value (self->hadjustment);
}

static GdkRectangle
get_place (AnxCalendarView *self,
           guint column,
           int from_minute,
           int to_minute,
           int lane,
           int lanes)
{
  double width = (self->column_px - 2 * GAP_PX) / lanes;
  double x = column_to_x (self, column) + GAP_PX + lane * width;
  double top = minute_to_y (self, from_minute);
  double bottom = minute_to_y (self, to_minute);

  return (GdkRectangle) { (int) floor (x), (int) floor (top) + 1, MAX (8, (int) floor (width) - 1),
                          MAX (LEAST_CELL_PX, (int) floor (bottom) - (int) floor (top) - 2) };
}

static void
configure (GtkAdjustment *adjustment,
           double page,
           double total)
{
  double upper = MAX (page, total);
  double value = CLAMP (gtk_adjustment_get_value (adjustment), 0, upper - page);

  gtk_adjustment_configure (adjustment, value, 0, upper, page * 0.1, page * 0.9, page);
}

static void
allocate_at (GtkWidget *child,
             const GdkRectangle *place)
{
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_size_allocate (child, place, -1);
}

static void
anx_calendar_view_size_allocate (GtkWidget *widget,
                                 int width,
                                 int height,
                                 int baseline)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  guint n_columns = MAX (1, self->columns->len);
  GdkRectangle body = { AXIS_PX, HEADER_PX, MAX (1, width - AXIS_PX), MAX (1, height - HEADER_PX) };

  self->allocating = TRUE;
  self->column_px = MAX (LEAST_COLUMN_PX, (double) body.width / n_columns);
  /* Our own handler would ask for this allocation again. */
  g_signal_handlers_block_by_func (self->hadjustment, on_adjusted, self);
  g_signal_handlers_block_by_func (self->vadjustment, on_adjusted, self);
  configure (self->hadjustment, body.width, self->column_px * self->columns->len);
  configure (self->vadjustment, body.height, (self->last_minute - self->first_minute) * HOUR_PX / 60.0);
  if (self->wanted_column >= 0)
    {
      gtk_adjustment_set_value (self->hadjustment, self->wanted_column * self->column_px);
      gtk_adjustment_set_value (self->vadjustment, (self->wanted_minute - self->first_minute) * HOUR_PX / 60.0);
      self->wanted_column = -1;
    }
  g_signal_handlers_unblock_by_func (self->hadjustment, on_adjusted, self);
  g_signal_handlers_unblock_by_func (self->vadjustment, on_adjusted, self);
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = g_ptr_array_index (self->places, i);
      GdkRectangle at = get_place (self, place->entry->column, place->entry->from_minute, place->entry->to_minute,
                                   place->lane, place->lanes);
      gboolean seen = gdk_rectangle_intersect (&at, &body, NULL) || gtk_widget_is_focus (place->cell);
      gtk_widget_set_child_visible (place->cell, seen);
      if (seen)
        allocate_at (place->cell, &at);
    }
  if (self->ghost != NULL)
    {
      const Place *place = g_hash_table_lookup (self->by_id, self->moving);
      int length = place != NULL ? place->entry->to_minute - place->entry->from_minute : 30;
      GdkRectangle at = get_place (self, self->ghost_column, self->ghost_minute, self->ghost_minute + length, 0, 1);
      allocate_at (self->ghost, &at);
    }
  self->allocating = FALSE;
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

static void
get_seen_columns (AnxCalendarView *self,
                  guint *out_first,
                  guint *out_end)
{
  double left = gtk_adjustment_get_value (self->hadjustment);
  double right = left + gtk_widget_get_width (GTK_WIDGET (self)) - AXIS_PX;

  *out_first = (guint) MAX (0, floor (left / self->column_px));
  *out_end = MIN (self->columns->len, (guint) ceil (right / self->column_px));
}

/* Outside the hours of work. */
static void
shade (AnxCalendarView *self,
       GtkSnapshot *snapshot,
       guint column,
       const GdkRGBA *colour)
{
  const AnxCalendarColumn *data = g_ptr_array_index (self->columns, column);
  double x = column_to_x (self, column);
  int from = self->first_minute;

  if (data->open == NULL)
    return;
  for (guint i = 0; i <= data->open->len; i++)
    {
      const AnxCalendarSpan *span = i < data->open->len ? &g_array_index (data->open, AnxCalendarSpan, i) : NULL;
      int to = span != NULL ? CLAMP (span->from_minute, from, self->last_minute) : self->last_minute;
      fill (snapshot, colour, 0.07, x, minute_to_y (self, from), self->column_px,
            minute_to_y (self, to) - minute_to_y (self, from));
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
      double y = minute_to_y (self, g_array_index (minutes, int, i));
      fill (snapshot, &free_colour, 0.18, column_to_x (self, column) + 1, y, self->column_px - 2, 14);
      fill (snapshot, &free_colour, 0.9, column_to_x (self, column) + 1, y, self->column_px - 2, 2);
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

  get_seen_columns (self, &first, &end);
  for (guint i = first; i < end; i++)
    shade (self, snapshot, i, colour);
  for (int minute = self->first_minute; minute <= self->last_minute; minute += 30)
    {
      double y = minute_to_y (self, minute);
      if (y >= HEADER_PX - 1 && y < height)
        fill (snapshot, colour, minute % 60 == 0 ? 0.16 : 0.07, AXIS_PX, y, width, 1);
    }
  for (guint i = first; i < end; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (self->columns, i);
      double x = column_to_x (self, i);
      fill (snapshot, colour, column->first ? 0.4 : 0.14, x, HEADER_PX, column->first ? 2 : 1, height);
      draw_targets (self, snapshot, i);
      if (column->today && self->now_minute >= 0)
        fill (snapshot, &now_colour, 1, x, minute_to_y (self, self->now_minute), self->column_px, 2);
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

  get_seen_columns (self, &first, &end);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (AXIS_PX, 0, width - AXIS_PX, HEADER_PX));
  for (guint i = first; i < end; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (self->columns, i);
      double x = column_to_x (self, i);
      if (column->today)
        fill (snapshot, colour, 0.08, x, 0, self->column_px, HEADER_PX);
      draw_text (snapshot, get_heading (self, i, 0), x + 4, column->subtitle != NULL ? 3 : 12, colour);
      if (column->subtitle != NULL)
        draw_text (snapshot, get_heading (self, i, 1), x + 4, 23, colour);
    }
  fill (snapshot, colour, 0.3, AXIS_PX, HEADER_PX - 1, width, 1);
  gtk_snapshot_pop (snapshot);
}

static void
draw_axis (AnxCalendarView *self,
           GtkSnapshot *snapshot,
           const GdkRGBA *colour)
{
  GdkRGBA dim = *colour;
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  dim.alpha *= 0.75f;
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, HEADER_PX - 4, AXIS_PX, height - HEADER_PX + 4));
  for (int minute = self->first_minute; minute < self->last_minute; minute += 60)
    {
      double y = minute_to_y (self, minute);
      if (y > -HOUR_PX && y < height)
        draw_text (snapshot, get_hour (self, minute / 60), 6, y + 1, &dim);
    }
  gtk_snapshot_pop (snapshot);
}

static void
anx_calendar_view_snapshot (GtkWidget *widget,
                            GtkSnapshot *snapshot)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (AXIS_PX, HEADER_PX, width - AXIS_PX, height - HEADER_PX));
  draw_grid (self, snapshot, &colour);
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = g_ptr_array_index (self->places, i);
      if (gtk_widget_get_child_visible (place->cell))
        gtk_widget_snapshot_child (widget, place->cell, snapshot);
    }
  if (self->ghost != NULL)
    gtk_widget_snapshot_child (widget, self->ghost, snapshot);
  gtk_snapshot_pop (snapshot);
  draw_header (self, snapshot, &colour);
  draw_axis (self, snapshot, &colour);
}

static void
anx_calendar_view_css_changed (GtkWidget *widget,
                               GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (anx_calendar_view_parent_class)->css_changed (widget, change);
  /* Fonts may have changed. */
  forget_layouts (ANX_CALENDAR_VIEW (widget));
}

/* ---- selecting ---- */

static void
scroll_to (AnxCalendarView *self,
           guint column,
           int from_minute,
           int to_minute)
{
  double x = column * self->column_px;
  double y = (from_minute - self->first_minute) * HOUR_PX / 60.0;

  gtk_adjustment_clamp_page (self->hadjustment, x, x + self->column_px);
  gtk_adjustment_clamp_page (self->vadjustment, y - 8, y + (to_minute - from_minute) * HOUR_PX / 60.0 + 8);
}

static void
select_place (AnxCalendarView *self,
              Place *place,
              gboolean focus)
{
  g_autofree char *old = g_steal_pointer (&self->selected);
  Place *before = old != NULL ? g_hash_table_lookup (self->by_id, old) : NULL;

  if (before != NULL)
    gtk_widget_unset_state_flags (before->cell, GTK_STATE_FLAG_SELECTED);
  self->selected = g_strdup (place->entry->id);
  gtk_widget_set_state_flags (place->cell, GTK_STATE_FLAG_SELECTED, FALSE);
  /* A page that is not shown can take no focus. */
  if (focus && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      scroll_to (self, place->entry->column, place->entry->from_minute, place->entry->to_minute);
      /* What is out of sight is not mapped and could not take the focus. */
      gtk_widget_set_child_visible (place->cell, TRUE);
      queue_layout (self);
      gtk_widget_grab_focus (place->cell);
    }
  if (g_strcmp0 (old, self->selected) != 0)
    g_signal_emit (self, signals[SELECTED], 0, self->selected);
}

static Place *
find_place (AnxCalendarView *self,
            GtkWidget *cell)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = g_ptr_array_index (self->places, i);
      if (place->cell == cell)
        return place;
    }
  return NULL;
}

static Place *
get_focused (AnxCalendarView *self)
{
  GtkWidget *focus = gtk_widget_get_focus_child (GTK_WIDGET (self));
  return focus != NULL ? find_place (self, focus) : NULL;
}

/* The next column in that direction that has anything; there, what begins nearest to the same time. */
static Place *
find_beside (AnxCalendarView *self,
             const Place *from,
             int direction)
{
  Place *best = NULL;

  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = g_ptr_array_index (self->places, i);
      int distance = ((int) place->entry->column - (int) from->entry->column) * direction;
      int best_distance = best != NULL ? ((int) best->entry->column - (int) from->entry->column) * direction : G_MAXINT;
      if (distance <= 0 || distance > best_distance)
        continue;
      if (distance < best_distance
          || ABS (place->entry->from_minute - from->entry->from_minute)
                 < ABS (best->entry->from_minute - from->entry->from_minute))
        best = place;
    }
  return best;
}

static Place *
find_in_column (AnxCalendarView *self,
                const Place *from,
                int direction)
{
  guint index;

  if (!g_ptr_array_find (self->places, from, &index))
    return NULL;
  if (direction < 0 ? index == 0 : index + 1 >= self->places->len)
    return NULL;
  Place *place = g_ptr_array_index (self->places, direction < 0 ? index - 1 : index + 1);
  return place->entry->column == from->entry->column ? place : NULL;
}

static gboolean
anx_calendar_view_focus (GtkWidget *widget,
                         GtkDirectionType direction)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  Place *focused = get_focused (self);
  Place *place = NULL;

  if (self->places->len == 0)
    return FALSE;
  /* One stop of the Tab key; inside, the arrow keys lead. */
  if (focused != NULL)
    {
      if (direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD)
        return FALSE;
      if (direction == GTK_DIR_UP || direction == GTK_DIR_DOWN)
        place = find_in_column (self, focused, direction == GTK_DIR_UP ? -1 : 1);
      else
        place = find_beside (self, focused, direction == GTK_DIR_LEFT ? -1 : 1);
      if (place != NULL)
        select_place (self, place, TRUE);
      return TRUE;
    }
  place = self->selected != NULL ? g_hash_table_lookup (self->by_id, self->selected) : NULL;
  select_place (self, place != NULL ? place : g_ptr_array_index (self->places, 0), TRUE);
  return TRUE;
}

/* ---- moving ---- */

static const GArray *
get_targets (AnxCalendarView *self,
             guint column)
{
  const GArray *minutes = g_hash_table_lookup (self->targets, GUINT_TO_POINTER (column));

  if (minutes == NULL && !g_hash_table_contains (self->asked, GUINT_TO_POINTER (column)))
    {
      g_hash_table_add (self->asked, GUINT_TO_POINTER (column));
      g_signal_emit (self, signals[ASK_TARGETS], 0, self->moving, column);
      minutes = g_hash_table_lookup (self->targets, GUINT_TO_POINTER (column));
    }
  return minutes;
}

static gboolean
is_allowed (const GArray *minutes,
            int minute)
{
  for (guint i = 0; minutes != NULL && i < minutes->len; i++)
    if (g_array_index (minutes, int, i) == minute)
      return TRUE;
  return FALSE;
}

static int
snap (const GArray *minutes,
      int minute)
{
  int best = minute;
  int distance = SNAP_MINUTES + 1;

  for (guint i = 0; minutes != NULL && i < minutes->len; i++)
    {
      int at = g_array_index (minutes, int, i);
      if (ABS (at - minute) < distance)
        {
          distance = ABS (at - minute);
          best = at;
        }
    }
  return best;
}

static void
show_ghost (AnxCalendarView *self)
{
  const GArray *minutes = get_targets (self, self->ghost_column);
  const AnxCalendarColumn *column = g_ptr_array_index (self->columns, self->ghost_column);
  const Place *place = g_hash_table_lookup (self->by_id, self->moving);
  gboolean allowed = is_allowed (minutes, self->ghost_minute);
  g_autofree char *time = g_strdup_printf ("%02d:%02d", self->ghost_minute / 60, self->ghost_minute % 60);
  const char *word = minutes == NULL ? _ ("asking…") : allowed ? _ ("free") : _ ("not free");
  /* Translators: time, free or not free */
  g_autofree char *title = g_strdup_printf (_ ("%s: %s"), time, word);
  /* Translators: day and person, time, free or not free */
  g_autofree char *spoken = g_strdup_printf (_ ("%s, %s: %s"), column->spoken, time, word);

  anx_calendar_cell_set_text (ANX_CALENDAR_CELL (self->ghost),
                              minutes == NULL ? "content-loading-symbolic"
                              : allowed       ? "object-select-symbolic"
                                              : "action-unavailable-symbolic",
                              minutes == NULL ? "ghost-asking" : allowed ? "ghost-free" : "ghost-taken", title,
                              place != NULL ? place->entry->title : NULL, spoken);
  g_signal_emit (self, signals[ANSWER], 0, spoken, allowed);
  queue_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
end_move (AnxCalendarView *self)
{
  gboolean had_focus = self->ghost != NULL && gtk_widget_is_focus (self->ghost);
  g_autofree char *id = g_steal_pointer (&self->moving);

  if (id == NULL)
    return;
  self->dragging = FALSE;
  g_clear_pointer (&self->ghost, gtk_widget_unparent);
  g_hash_table_remove_all (self->targets);
  g_hash_table_remove_all (self->asked);
  Place *place = g_hash_table_lookup (self->by_id, id);
  if (place != NULL)
    gtk_widget_remove_css_class (place->cell, "moving");
  if (place != NULL && had_focus)
    select_place (self, place, TRUE);
  g_signal_emit (self, signals[ANSWER], 0, "", FALSE);
  renew_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Gives whether it was dropped; else the move goes on, for there may be another place. */
static gboolean
drop (AnxCalendarView *self)
{
  const Place *place = g_hash_table_lookup (self->by_id, self->moving);
  guint column = self->ghost_column;
  int minute = self->ghost_minute;

  if (place == NULL || !is_allowed (get_targets (self, column), minute))
    return FALSE;
  g_autofree char *id = g_strdup (self->moving);
  end_move (self);
  g_signal_emit (self, signals[MOVED], 0, id, column, minute);
  return TRUE;
}

static gboolean
begin_move (AnxCalendarView *self,
            Place *place)
{
  if (self->moving != NULL || !place->entry->movable)
    return FALSE;
  self->moving = g_strdup (place->entry->id);
  self->ghost_column = place->entry->column;
  self->ghost_minute = place->entry->from_minute;
  self->ghost = anx_calendar_cell_new ();
  gtk_widget_set_parent (self->ghost, GTK_WIDGET (self));
  gtk_widget_add_css_class (place->cell, "moving");
  show_ghost (self);
  return TRUE;
}

static gboolean
step_ghost (AnxCalendarView *self,
            int columns,
            int direction)
{
  const GArray *minutes;
  int next = -1;

  if (columns != 0)
    {
      self->ghost_column = (guint) CLAMP ((int) self->ghost_column + columns, 0, (int) self->columns->len - 1);
      self->ghost_minute = snap (get_targets (self, self->ghost_column), self->ghost_minute);
    }
  else
    {
      /* From one free start to the next; where none is known, by small steps, so that the key does something. */
      minutes = get_targets (self, self->ghost_column);
      for (guint i = 0; minutes != NULL && i < minutes->len; i++)
        {
          int at = g_array_index (minutes, int, i);
          if (direction > 0 ? at > self->ghost_minute && next < 0 : at < self->ghost_minute)
            next = at;
        }
      if (next < 0 && (minutes == NULL || minutes->len == 0))
        next = self->ghost_minute + 3 * STEP_MINUTES * direction;
      if (next >= 0)
        self->ghost_minute = CLAMP (next, self->first_minute, self->last_minute - STEP_MINUTES);
    }
  scroll_to (self, self->ghost_column, self->ghost_minute, self->ghost_minute + 60);
  show_ghost (self);
  return TRUE;
}

static gboolean
press_while_moving (AnxCalendarView *self,
                    guint key)
{
  switch (key)
    {
    case GDK_KEY_Escape:
      end_move (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      if (!drop (self))
        gtk_widget_error_bell (GTK_WIDGET (self));
      return TRUE;
    case GDK_KEY_Left:
      return step_ghost (self, -1, 0);
    case GDK_KEY_Right:
      return step_ghost (self, 1, 0);
    case GDK_KEY_Up:
      return step_ghost (self, 0, -1);
    case GDK_KEY_Down:
      return step_ghost (self, 0, 1);
    default:
      return FALSE;
    }
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        AnxCalendarView *self)
{
  Place *focused = get_focused (self);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return FALSE;
  if (self->moving != NULL)
    return press_while_moving (self, key);
  if (focused == NULL)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Up:
      return gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_UP);
    case GDK_KEY_Down:
      return gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_DOWN);
    case GDK_KEY_Left:
      return gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_LEFT);
    case GDK_KEY_Right:
      return gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_RIGHT);
    case GDK_KEY_Home:
      select_place (self, g_ptr_array_index (self->places, 0), TRUE);
      return TRUE;
    case GDK_KEY_End:
      select_place (self, g_ptr_array_index (self->places, self->places->len - 1), TRUE);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      select_place (self, focused, TRUE);
      g_signal_emit (self, signals[ACTIVATED], 0, focused->entry->id);
      return TRUE;
    case GDK_KEY_m:
    case GDK_KEY_M:
      return anx_calendar_view_begin_move (self, focused->entry->id);
    default:
      return FALSE;
    }
}

/* ---- pointer ---- */

static Place *
pick_place (AnxCalendarView *self,
            double x,
            double y)
{
  GtkWidget *picked
      = x >= AXIS_PX && y >= HEADER_PX ? gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT) : NULL;
  return picked != NULL && ANX_IS_CALENDAR_CELL (picked) ? find_place (self, picked) : NULL;
}

static void
on_pressed (GtkGestureClick *gesture,
            int times,
            double x,
            double y,
            AnxCalendarView *self)
{
  Place *place = self->moving == NULL ? pick_place (self, x, y) : NULL;

  if (place == NULL)
    return;
  select_place (self, place, TRUE);
  if (times == 2)
    g_signal_emit (self, signals[ACTIVATED], 0, place->entry->id);
}

static void
on_drag_begin (GtkGestureDrag *gesture,
               double x,
               double y,
               AnxCalendarView *self)
{
  Place *place = self->moving == NULL ? pick_place (self, x, y) : NULL;

  if (place == NULL || !place->entry->movable)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->drag_x = x;
  self->drag_y = y;
  self->grab_minutes = (y - minute_to_y (self, place->entry->from_minute)) * 60.0 / HOUR_PX;
}

static void
scroll_at_edge (AnxCalendarView *self,
                double x,
                double y)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  double by_x = x < AXIS_PX + EDGE_PX ? -EDGE_PX / 2.0 : x > width - EDGE_PX ? EDGE_PX / 2.0 : 0;
  double by_y = y < HEADER_PX + EDGE_PX ? -EDGE_PX / 2.0 : y > height - EDGE_PX ? EDGE_PX / 2.0 : 0;

  if (by_x != 0)
    gtk_adjustment_set_value (self->hadjustment, gtk_adjustment_get_value (self->hadjustment) + by_x);
  if (by_y != 0)
    gtk_adjustment_set_value (self->vadjustment, gtk_adjustment_get_value (self->vadjustment) + by_y);
}

static void
on_drag_update (GtkGestureDrag *gesture,
                double offset_x,
                double offset_y,
                AnxCalendarView *self)
{
  double x = self->drag_x + offset_x;
  double y = self->drag_y + offset_y;

  if (!self->dragging)
    {
      Place *place = pick_place (self, self->drag_x, self->drag_y);
      if (hypot (offset_x, offset_y) < DRAG_PX || place == NULL || !begin_move (self, place))
        return;
      self->dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    }
  scroll_at_edge (self, x, y);
  double column = (x - AXIS_PX + gtk_adjustment_get_value (self->hadjustment)) / self->column_px;
  double minute = self->first_minute
                  + (y - HEADER_PX + gtk_adjustment_get_value (self->vadjustment)) * 60.0 / HOUR_PX - self->grab_minutes;
  self->ghost_column = (guint) CLAMP ((int) floor (column), 0, (int) self->columns->len - 1);
  self->ghost_minute = CLAMP ((int) round (minute / STEP_MINUTES) * STEP_MINUTES, self->first_minute,
                              self->last_minute - STEP_MINUTES);
  self->ghost_minute = snap (get_targets (self, self->ghost_column), self->ghost_minute);
  show_ghost (self);
}

static void
on_drag_end (GtkGestureDrag *gesture,
             double offset_x,
             double offset_y,
             AnxCalendarView *self)
{
  if (self->dragging && !drop (self))
    end_move (self);
}

static void
on_drag_cancel (GtkGesture *gesture,
                GdkEventSequence *sequence,
                AnxCalendarView *self)
{
  if (self->dragging)
    end_move (self);
}

static void
anx_calendar_view_class_init (AnxCalendarViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = anx_calendar_view_dispose;
  object_class->get_property = anx_calendar_view_get_property;
  object_class->set_property = anx_calendar_view_set_property;
  widget_class->measure = anx_calendar_view_measure;
  widget_class->size_allocate = anx_calendar_view_size_allocate;
  widget_class->snapshot = anx_calendar_view_snapshot;
  widget_class->css_changed = anx_calendar_view_css_changed;
  widget_class->focus = anx_calendar_view_focus;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  gtk_widget_class_set_css_name (widget_class, "calendarview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  signals[SELECTED] = g_signal_new ("selected", ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ACTIVATED] = g_signal_new ("activated", ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ASK_TARGETS] = g_signal_new ("ask-targets", ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
  signals[ANSWER] = g_signal_new ("answer", ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[MOVED] = g_signal_new ("moved", ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_INT);
}

static void
free_layout (gpointer layout)
{
  g_clear_object (&layout);
}

static void
anx_calendar_view_init (AnxCalendarView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_calendar_column_free);
  self->headings = g_ptr_array_new_with_free_func (free_layout);
  self->places = g_ptr_array_new_with_free_func (place_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->targets = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->asked = g_hash_table_new (NULL, NULL);
  self->first_minute = 8 * 60;
  self->last_minute = 18 * 60;
  self->column_px = LEAST_COLUMN_PX;
  self->wanted_column = -1;
  set_adjustment (self, &self->hadjustment, NULL);
  set_adjustment (self, &self->vadjustment, NULL);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (on_drag_cancel), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}

/**
 * anx_calendar_view_new:
 *
 * Returns: (transfer floating): an empty calendar; it stands in a #GtkScrolledWindow
 */
GtkWidget *
anx_calendar_view_new (void)
{
  return g_object_new (ANX_TYPE_CALENDAR_VIEW, NULL);
}

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const AnxCalendarEntry *one = (*(Place *const *) a)->entry;
  const AnxCalendarEntry *other = (*(Place *const *) b)->entry;

  if (one->column != other->column)
    return one->column < other->column ? -1 : 1;
  if (one->from_minute != other->from_minute)
    return one->from_minute < other->from_minute ? -1 : 1;
  return g_strcmp0 (one->id, other->id);
}

/* What overlaps stands side by side: each takes the first lane that is free again; all that hang together share the width. */
static void
assign_lanes (GPtrArray *places)
{
  for (guint begin = 0; begin < places->len;)
    {
      int ends[16] = { 0 };
      int lanes = 0;
      int until = 0;
      guint end = begin;
      guint column = ((Place *) g_ptr_array_index (places, begin))->entry->column;

      for (; end < places->len; end++)
        {
          Place *place = g_ptr_array_index (places, end);
          int lane = 0;
          if (place->entry->column != column || (end > begin && place->entry->from_minute >= until))
            break;
          while (lane < (int) G_N_ELEMENTS (ends) - 1 && ends[lane] > place->entry->from_minute)
            lane++;
          ends[lane] = place->entry->to_minute;
          place->lane = lane;
          lanes = MAX (lanes, lane + 1);
          until = MAX (until, place->entry->to_minute);
        }
      for (guint i = begin; i < end; i++)
        ((Place *) g_ptr_array_index (places, i))->lanes = lanes;
      begin = end;
    }
}

static void
set_hours (AnxCalendarView *self)
{
  int first = 8 * 60;
  int last = 18 * 60;

  for (guint i = 0; i < self->places->len; i++)
    {
      const AnxCalendarEntry *entry = ((Place *) g_ptr_array_index (self->places, i))->entry;
      first = MIN (first, entry->from_minute);
      last = MAX (last, entry->to_minute);
    }
  for (guint i = 0; i < self->columns->len; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (self->columns, i);
      for (guint j = 0; column->open != NULL && j < column->open->len; j++)
        {
          first = MIN (first, g_array_index (column->open, AnxCalendarSpan, j).from_minute);
          last = MAX (last, g_array_index (column->open, AnxCalendarSpan, j).to_minute);
        }
    }
  self->first_minute = MAX (0, first / 60 * 60);
  self->last_minute = MIN (24 * 60, (last + 59) / 60 * 60);
}

/**
 * anx_calendar_view_set:
 * @self: a calendar
 * @columns: (transfer full) (element-type AnxCalendarColumn): from left to right
 * @entries: (transfer full) (element-type AnxCalendarEntry): in any order
 * @now_minute: the time now, minutes of the day on the wall clock; -1 = not shown
 *
 * Shows these. Cells of the same id stay, with focus and selection. A move goes on as long as what is moved is there and the
 * columns are as many.
 */
void
anx_calendar_view_set (AnxCalendarView *self,
                       GPtrArray *columns,
                       GPtrArray *entries,
                       int now_minute)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->places);
  gboolean same_columns = columns->len == self->columns->len;

  g_ptr_array_set_free_func (columns, (GDestroyNotify) anx_calendar_column_free);
  g_ptr_array_set_free_func (entries, NULL);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  self->columns = columns;
  forget_layouts (self);
  g_ptr_array_set_size (self->headings, 0);
  g_ptr_array_set_size (self->headings, (int) (2 * columns->len));
  self->now_minute = now_minute;
  self->places = g_ptr_array_new_full (entries->len, place_free);
  g_autoptr (GHashTable) before = g_steal_pointer (&self->by_id);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < entries->len; i++)
    {
      AnxCalendarEntry *entry = g_ptr_array_index (entries, i);
      Place *known = g_hash_table_lookup (before, entry->id);
      if (entry->column >= columns->len || g_hash_table_contains (self->by_id, entry->id))
        {
          anx_calendar_entry_free (entry);
          continue;
        }
      Place *place = g_new0 (Place, 1);
      place->entry = entry;
      place->lanes = 1;
      place->cell = known != NULL ? g_steal_pointer (&known->cell) : anx_calendar_cell_new ();
      anx_calendar_cell_set (ANX_CALENDAR_CELL (place->cell), entry);
      if (known == NULL)
        gtk_widget_set_parent (place->cell, GTK_WIDGET (self));
      g_ptr_array_add (self->places, place);
      g_hash_table_insert (self->by_id, entry->id, place);
    }
  g_ptr_array_unref (entries);
  g_ptr_array_sort (self->places, compare_places);
  assign_lanes (self->places);
  set_hours (self);
  if (self->selected != NULL && !g_hash_table_contains (self->by_id, self->selected))
    g_clear_pointer (&self->selected, g_free);
  if (self->moving != NULL && (!same_columns || !g_hash_table_contains (self->by_id, self->moving)))
    end_move (self);
  renew_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * anx_calendar_view_scroll_to:
 * @self: a calendar
 * @column: a column
 * @minute: a minute of the day
 *
 * Brings that place to the upper left, as far as there is something to scroll.
 */
void
anx_calendar_view_scroll_to (AnxCalendarView *self,
                             guint column,
                             int minute)
{
  self->wanted_column = (int) column;
  self->wanted_minute = minute;
  queue_layout (self);
}

/**
 * anx_calendar_view_select:
 * @self: a calendar
 * @id: an entry's id; one that is not shown is ignored
 *
 * Scrolls to it and gives it the focus.
 */
void
anx_calendar_view_select (AnxCalendarView *self,
                          const char *id)
{
  Place *place = g_hash_table_lookup (self->by_id, id);
  if (place != NULL)
    select_place (self, place, TRUE);
}

/**
 * anx_calendar_view_get_selected:
 * @self: a calendar
 *
 * Returns: (nullable): the id of the entry that was chosen last
 */
const char *
anx_calendar_view_get_selected (AnxCalendarView *self)
{
  return self->selected;
}

/**
 * anx_calendar_view_begin_move:
 * @self: a calendar
 * @id: an entry that may be moved
 *
 * From here the arrow keys lead from one free place to the next, Enter drops, Escape gives up.
 *
 * Returns: whether the move began
 */
gboolean
anx_calendar_view_begin_move (AnxCalendarView *self,
                              const char *id)
{
  Place *place = g_hash_table_lookup (self->by_id, id);

  if (place == NULL || !begin_move (self, place))
    return FALSE;
  gtk_widget_grab_focus (self->ghost);
  return TRUE;
}

/**
 * anx_calendar_view_cancel_move:
 * @self: a calendar
 *
 * Everything stays where it was.
 */
void
anx_calendar_view_cancel_move (AnxCalendarView *self)
{
  end_move (self);
}

/**
 * anx_calendar_view_is_moving:
 * @self: a calendar
 *
 * Returns: whether something is on its way
 */
gboolean
anx_calendar_view_is_moving (AnxCalendarView *self)
{
  return self->moving != NULL;
}

/**
 * anx_calendar_view_set_targets:
 * @self: a calendar
 * @id: what is moved; an answer about something else comes too late and is ignored
 * @column: the column that "ask-targets" asked about
 * @minutes: (array length=n_minutes): where it could begin, minutes of the day
 * @n_minutes: how many
 */
void
anx_calendar_view_set_targets (AnxCalendarView *self,
                               const char *id,
                               guint column,
                               const int *minutes,
                               gsize n_minutes)
{
  GArray *array;

  if (g_strcmp0 (self->moving, id) != 0 || column >= self->columns->len)
    return;
  array = g_array_new (FALSE, FALSE, sizeof (int));
  if (n_minutes > 0)
    g_array_append_vals (array, minutes, (guint) n_minutes);
  /* A free time outside the hours shown must be seen, too. */
  for (gsize i = 0; i < n_minutes; i++)
    {
      self->first_minute = MIN (self->first_minute, MAX (0, minutes[i] / 60 * 60));
      self->last_minute = MAX (self->last_minute, MIN (24 * 60, (minutes[i] + 119) / 60 * 60));
    }
  g_hash_table_replace (self->targets, GUINT_TO_POINTER (column), array);
  /* While "ask-targets" is being emitted there may be no ghost's words yet; show_ghost() follows it. */
  if (self->ghost != NULL && column == self->ghost_column)
    show_ghost (self);
}
