/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-view-private.h"

#include <math.h>

#include "calendar-cell.h"
#include "ui-text.h"

#define USUAL_FONT_PX 14.0
/* With text of the usual size. */
#define LEAST_COLUMN_PX 118
#define LEAST_CELL_PX 20
#define GAP_PX 2

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

guint anx_calendar_view_signals[ANX_CALENDAR_N_SIGNALS];

/**
 * anx_calendar_column_free:
 * @self: (transfer full): a column
 */
void
anx_calendar_column_free (AnxCalendarColumn *self)
{
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->owner);
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
  AnxCalendarPlace *place = data;
  g_clear_pointer (&place->cell, gtk_widget_unparent);
  anx_calendar_entry_free (place->entry);
  g_free (place);
}

/**
 * anx_calendar_view_renew_layout:
 * @self: a calendar
 *
 * Asks for an allocation so that it comes. GTK 4.8 forgets a request that comes up while an allocation is going on, and
 * then takes none from below any more: the widget stays undrawn. Asked at each widget up to the window, none can stand in
 * the way. Too dear for every step of scrolling.
 */
void
anx_calendar_view_renew_layout (AnxCalendarView *self)
{
  for (GtkWidget *widget = GTK_WIDGET (self); widget != NULL; widget = gtk_widget_get_parent (widget))
    gtk_widget_queue_allocate (widget);
}

static gboolean
on_layout_idle (gpointer user_data)
{
  anx_calendar_view_renew_layout (user_data);
  return G_SOURCE_REMOVE;
}

/**
 * anx_calendar_view_queue_layout:
 * @self: a calendar
 *
 * Asks for an allocation with the next frame. A widget that asks within its own stays without one and is not drawn: a
 * cell that goes out of sight may hand its focus on just then; such a request waits until the present one is over.
 */
void
anx_calendar_view_queue_layout (AnxCalendarView *self)
{
  if (self->allocating)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_layout_idle, g_object_ref (self), g_object_unref);
  else
    gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
on_adjusted (AnxCalendarView *self)
{
  anx_calendar_view_queue_layout (self);
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
  anx_calendar_view_queue_layout (self);
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
  const AnxCalendarView *self = ANX_CALENDAR_VIEW (scrollable);

  border->top = (gint16) HEADER_PX (self);
  border->left = (gint16) AXIS_PX (self);
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
anx_calendar_view_dispose (GObject *object)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (object);

  if (self->places != NULL)
    anx_calendar_view_forget_layouts (self);
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
  g_clear_pointer (&self->moving_title, g_free);
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
  const AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  double least = orientation == GTK_ORIENTATION_HORIZONTAL ? AXIS_PX (self) + self->scale * LEAST_COLUMN_PX
                                                           : HEADER_PX (self) + HOUR_PX (self);

  *minimum = (int) ceil (least);
  *natural = *minimum * 4;
}

/**
 * anx_calendar_view_get_y:
 * @self: a calendar
 * @minute: a minute of the day
 *
 * Returns: where it is drawn as the calendar is scrolled now, pixels from its upper edge
 */
double
anx_calendar_view_get_y (AnxCalendarView *self,
                         double minute)
{
  return HEADER_PX (self) + (minute - self->first_minute) * HOUR_PX (self) / 60.0
         - gtk_adjustment_get_value (self->vadjustment);
}

/**
 * anx_calendar_view_get_x:
 * @self: a calendar
 * @column: a column
 *
 * Returns: its left edge as the calendar is scrolled now, pixels from that of the calendar
 */
double
anx_calendar_view_get_x (AnxCalendarView *self,
                         guint column)
{
  return AXIS_PX (self) + column * self->column_px - gtk_adjustment_get_value (self->hadjustment);
}

/**
 * anx_calendar_view_get_seen:
 * @self: a calendar
 * @out_first: (out): the first column of which anything is in sight
 * @out_end: (out): the first behind it that is not
 */
void
anx_calendar_view_get_seen (AnxCalendarView *self,
                            guint *out_first,
                            guint *out_end)
{
  double left = gtk_adjustment_get_value (self->hadjustment);
  double right = left + gtk_widget_get_width (GTK_WIDGET (self)) - AXIS_PX (self);

  *out_first = (guint) MAX (0, floor (left / self->column_px));
  *out_end = MIN (self->columns->len, (guint) ceil (right / self->column_px));
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
  double x = anx_calendar_view_get_x (self, column) + GAP_PX + lane * width;
  double top = anx_calendar_view_get_y (self, from_minute);
  double bottom = anx_calendar_view_get_y (self, to_minute);

  return (GdkRectangle) { (int) floor (x), (int) floor (top) + 1, MAX (8, (int) floor (width) - 1),
                          MAX ((int) (self->scale * LEAST_CELL_PX), (int) floor (bottom) - (int) floor (top) - 2) };
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

static gboolean
is_within (GtkAdjustment *adjustment,
           double from,
           double to)
{
  double value = gtk_adjustment_get_value (adjustment);
  return from >= value && to <= value + gtk_adjustment_get_page_size (adjustment);
}

static void
scroll_to_wanted (AnxCalendarView *self)
{
  double x = self->wanted_column * self->column_px;
  double y = (self->wanted_minute - self->first_minute) * HOUR_PX (self) / 60.0;
  double end = (self->wanted_end - self->first_minute) * HOUR_PX (self) / 60.0;
  gboolean seen = self->wanted_end > 0 && is_within (self->hadjustment, x, x + self->column_px)
                  && is_within (self->vadjustment, y, end);

  if (self->wanted_column < 0)
    return;
  self->wanted_column = -1;
  if (seen)
    return;
  gtk_adjustment_set_value (self->hadjustment, x);
  gtk_adjustment_set_value (self->vadjustment, y);
}

static void
anx_calendar_view_size_allocate (GtkWidget *widget,
                                 int width,
                                 int height,
                                 int baseline)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  guint n_columns = MAX (1, self->columns->len);
  int left = (int) AXIS_PX (self);
  int top = (int) HEADER_PX (self);
  GdkRectangle body = { left, top, MAX (1, width - left), MAX (1, height - top) };

  self->allocating = TRUE;
  self->column_px = MAX (self->scale * LEAST_COLUMN_PX, (double) body.width / n_columns);
  /* Our own handler would ask for this allocation again. */
  g_signal_handlers_block_by_func (self->hadjustment, on_adjusted, self);
  g_signal_handlers_block_by_func (self->vadjustment, on_adjusted, self);
  configure (self->hadjustment, body.width, self->column_px * self->columns->len);
  configure (self->vadjustment, body.height, (self->last_minute - self->first_minute) * HOUR_PX (self) / 60.0);
  scroll_to_wanted (self);
  g_signal_handlers_unblock_by_func (self->hadjustment, on_adjusted, self);
  g_signal_handlers_unblock_by_func (self->vadjustment, on_adjusted, self);
  for (guint i = 0; i < self->places->len; i++)
    {
      AnxCalendarPlace *place = g_ptr_array_index (self->places, i);
      GdkRectangle at = get_place (self, place->entry->column, place->entry->from_minute, place->entry->to_minute,
                                   place->lane, place->lanes);
      gboolean seen = gdk_rectangle_intersect (&at, &body, NULL) || gtk_widget_is_focus (place->cell);
      gtk_widget_set_child_visible (place->cell, seen);
      if (seen)
        allocate_at (place->cell, &at);
    }
  if (self->ghost != NULL)
    {
      GdkRectangle at = get_place (self, self->ghost_column, self->ghost_minute, self->ghost_minute + self->moving_minutes, 0, 1);
      allocate_at (self->ghost, &at);
    }
  self->allocating = FALSE;
}

/* Who has large letters has high hours and broad columns, so that as much can be read in a cell. */
static void
find_scale (AnxCalendarView *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double px = (double) pango_font_description_get_size (font) / PANGO_SCALE;

  if (!pango_font_description_get_size_is_absolute (font))
    px *= pango_cairo_context_get_resolution (context) / 72;
  self->scale = MAX (1, px / USUAL_FONT_PX);
}

static void
anx_calendar_view_css_changed (GtkWidget *widget,
                               GtkCssStyleChange *change)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);

  GTK_WIDGET_CLASS (anx_calendar_view_parent_class)->css_changed (widget, change);
  find_scale (self);
  anx_calendar_view_forget_layouts (self);
  anx_calendar_view_queue_layout (self);
}

/* ---- selecting ---- */

/* ---- selecting ---- */

/**
 * anx_calendar_view_reveal:
 * @self: a calendar
 * @column: a column
 * @from_minute: a minute of the day
 * @to_minute: a later one
 *
 * Scrolls no further than needed to have that span in sight.
 */
void
anx_calendar_view_reveal (AnxCalendarView *self,
                          guint column,
                          int from_minute,
                          int to_minute)
{
  double x = column * self->column_px;
  double y = (from_minute - self->first_minute) * HOUR_PX (self) / 60.0;

  gtk_adjustment_clamp_page (self->hadjustment, x, x + self->column_px);
  gtk_adjustment_clamp_page (self->vadjustment, y - 8, y + (to_minute - from_minute) * HOUR_PX (self) / 60.0 + 8);
}

/**
 * anx_calendar_view_choose:
 * @self: a calendar
 * @place: a place of it
 * @focus: whether it is scrolled to and gets the focus, too
 *
 * Makes it the selected one and tells by "selected" when it was another before.
 */
void
anx_calendar_view_choose (AnxCalendarView *self,
                          AnxCalendarPlace *place,
                          gboolean focus)
{
  g_autofree char *old = g_steal_pointer (&self->selected);
  AnxCalendarPlace *before = old != NULL ? g_hash_table_lookup (self->by_id, old) : NULL;

  if (before != NULL)
    gtk_widget_unset_state_flags (before->cell, GTK_STATE_FLAG_SELECTED);
  self->selected = g_strdup (place->entry->id);
  gtk_widget_set_state_flags (place->cell, GTK_STATE_FLAG_SELECTED, FALSE);
  /* A page that is not shown can take no focus. */
  if (focus && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      anx_calendar_view_reveal (self, place->entry->column, place->entry->from_minute, place->entry->to_minute);
      /* What is out of sight is not mapped and could not take the focus. */
      gtk_widget_set_child_visible (place->cell, TRUE);
      anx_calendar_view_queue_layout (self);
      gtk_widget_grab_focus (place->cell);
    }
  if (g_strcmp0 (old, self->selected) != 0)
    g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_SELECTED], 0, self->selected);
}

/**
 * anx_calendar_view_find_place:
 * @self: a calendar
 * @cell: a widget
 *
 * Returns: (nullable) (transfer none): the place whose cell it is
 */
AnxCalendarPlace *
anx_calendar_view_find_place (AnxCalendarView *self,
                              GtkWidget *cell)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      AnxCalendarPlace *place = g_ptr_array_index (self->places, i);
      if (place->cell == cell)
        return place;
    }
  return NULL;
}

/**
 * anx_calendar_view_get_focused:
 * @self: a calendar
 *
 * Returns: (nullable) (transfer none): the place that has the focus
 */
AnxCalendarPlace *
anx_calendar_view_get_focused (AnxCalendarView *self)
{
  GtkWidget *focus = gtk_widget_get_focus_child (GTK_WIDGET (self));
  return focus != NULL ? anx_calendar_view_find_place (self, focus) : NULL;
}

/* The next column in that direction that has anything; there, what begins nearest to the same time. */
static AnxCalendarPlace *
find_beside (AnxCalendarView *self,
             const AnxCalendarPlace *from,
             int direction)
{
  AnxCalendarPlace *best = NULL;

  for (guint i = 0; i < self->places->len; i++)
    {
      AnxCalendarPlace *place = g_ptr_array_index (self->places, i);
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

static AnxCalendarPlace *
find_in_column (AnxCalendarView *self,
                const AnxCalendarPlace *from,
                int direction)
{
  guint index;

  if (!g_ptr_array_find (self->places, from, &index))
    return NULL;
  if (direction < 0 ? index == 0 : index + 1 >= self->places->len)
    return NULL;
  AnxCalendarPlace *place = g_ptr_array_index (self->places, direction < 0 ? index - 1 : index + 1);
  return place->entry->column == from->entry->column ? place : NULL;
}

static gboolean
anx_calendar_view_focus (GtkWidget *widget,
                         GtkDirectionType direction)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  AnxCalendarPlace *focused = anx_calendar_view_get_focused (self);
  AnxCalendarPlace *place = NULL;

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
        anx_calendar_view_choose (self, place, TRUE);
      return TRUE;
    }
  place = self->selected != NULL ? g_hash_table_lookup (self->by_id, self->selected) : NULL;
  anx_calendar_view_choose (self, place != NULL ? place : g_ptr_array_index (self->places, 0), TRUE);
  return TRUE;
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
  struct
  {
    const char *name;
    guint n_types;
    GType types[3];
  } all[ANX_CALENDAR_N_SIGNALS] = {
    [ANX_CALENDAR_SELECTED] = { "selected", 1, { G_TYPE_STRING } },
    [ANX_CALENDAR_ACTIVATED] = { "activated", 1, { G_TYPE_STRING } },
    [ANX_CALENDAR_ASK_TARGETS] = { "ask-targets", 2, { G_TYPE_STRING, G_TYPE_UINT } },
    [ANX_CALENDAR_ANSWER] = { "answer", 2, { G_TYPE_STRING, G_TYPE_BOOLEAN } },
    [ANX_CALENDAR_MOVED] = { "moved", 3, { G_TYPE_STRING, G_TYPE_UINT, G_TYPE_INT } },
    [ANX_CALENDAR_TURN] = { "turn", 1, { G_TYPE_INT } },
  };
  for (int i = 0; i < ANX_CALENDAR_N_SIGNALS; i++)
    anx_calendar_view_signals[i] = g_signal_newv (all[i].name, ANX_TYPE_CALENDAR_VIEW, G_SIGNAL_RUN_LAST, NULL, NULL, NULL,
                                                  NULL, G_TYPE_NONE, all[i].n_types, all[i].types);
}

static void
free_layout (gpointer layout)
{
  g_clear_object (&layout);
}

static void
anx_calendar_view_init (AnxCalendarView *self)
{
  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_calendar_column_free);
  self->headings = g_ptr_array_new_with_free_func (free_layout);
  self->places = g_ptr_array_new_with_free_func (place_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->targets = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->asked = g_hash_table_new (NULL, NULL);
  self->first_minute = 8 * 60;
  self->last_minute = 18 * 60;
  self->scale = 1;
  self->column_px = LEAST_COLUMN_PX;
  self->wanted_column = -1;
  set_adjustment (self, &self->hadjustment, NULL);
  set_adjustment (self, &self->vadjustment, NULL);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  anx_calendar_view_add_controllers (self);
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
  const AnxCalendarEntry *one = (*(AnxCalendarPlace *const *) a)->entry;
  const AnxCalendarEntry *other = (*(AnxCalendarPlace *const *) b)->entry;

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
      guint column = ((AnxCalendarPlace *) g_ptr_array_index (places, begin))->entry->column;

      for (; end < places->len; end++)
        {
          AnxCalendarPlace *place = g_ptr_array_index (places, end);
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
        ((AnxCalendarPlace *) g_ptr_array_index (places, i))->lanes = lanes;
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
      const AnxCalendarEntry *entry = ((AnxCalendarPlace *) g_ptr_array_index (self->places, i))->entry;
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

static gboolean
are_same_columns (GPtrArray *columns,
                  GPtrArray *others)
{
  gboolean same = columns->len == others->len;

  for (guint i = 0; same && i < columns->len; i++)
    same = g_str_equal (((const AnxCalendarColumn *) g_ptr_array_index (columns, i))->spoken,
                        ((const AnxCalendarColumn *) g_ptr_array_index (others, i))->spoken);
  return same;
}

/**
 * anx_calendar_view_set:
 * @self: a calendar
 * @columns: (transfer full) (element-type AnxCalendarColumn): from left to right
 * @entries: (transfer full) (element-type AnxCalendarEntry): in any order
 * @now_minute: the time now, minutes of the day on the wall clock; -1 = not shown
 *
 * Shows these. Cells of the same id stay, with focus and selection. A move by keys goes on into other columns; one by pointer ends
 * there, and any ends when what is moved goes from the columns it was in.
 */
void
anx_calendar_view_set (AnxCalendarView *self,
                       GPtrArray *columns,
                       GPtrArray *entries,
                       int now_minute)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->places);
  g_autoptr (GPtrArray) old_columns = g_steal_pointer (&self->columns);
  gboolean same_columns = are_same_columns (columns, old_columns);
  gboolean was_there = self->moving != NULL && g_hash_table_contains (self->by_id, self->moving);

  g_ptr_array_set_free_func (columns, (GDestroyNotify) anx_calendar_column_free);
  g_ptr_array_set_free_func (entries, NULL);
  self->columns = columns;
  anx_calendar_view_forget_layouts (self);
  g_ptr_array_set_size (self->headings, 0);
  g_ptr_array_set_size (self->headings, (int) (2 * columns->len));
  self->now_minute = now_minute;
  self->places = g_ptr_array_new_full (entries->len, place_free);
  g_autoptr (GHashTable) before = g_steal_pointer (&self->by_id);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < entries->len; i++)
    {
      AnxCalendarEntry *entry = g_ptr_array_index (entries, i);
      AnxCalendarPlace *known = g_hash_table_lookup (before, entry->id);
      if (entry->column >= columns->len || g_hash_table_contains (self->by_id, entry->id))
        {
          anx_calendar_entry_free (entry);
          continue;
        }
      AnxCalendarPlace *place = g_new0 (AnxCalendarPlace, 1);
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
  if (self->moving != NULL && !same_columns)
    anx_calendar_view_carry_move (self, old_columns);
  else if (was_there && !g_hash_table_contains (self->by_id, self->moving))
    anx_calendar_view_cancel_move (self);
  anx_calendar_view_renew_layout (self);
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
  self->wanted_end = 0;
  anx_calendar_view_queue_layout (self);
}

/**
 * anx_calendar_view_bring_into_sight:
 * @self: a calendar
 * @column: a column
 * @from_minute: a minute of the day
 * @to_minute: another, later on that day
 *
 * Scrolls there when this span is not seen whole; else nothing moves.
 */
void
anx_calendar_view_bring_into_sight (AnxCalendarView *self,
                                    guint column,
                                    int from_minute,
                                    int to_minute)
{
  anx_calendar_view_scroll_to (self, column, from_minute);
  self->wanted_end = to_minute;
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
  AnxCalendarPlace *place = g_hash_table_lookup (self->by_id, id);
  if (place != NULL)
    anx_calendar_view_choose (self, place, TRUE);
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

