/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-view-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "calendar-cell.h"

/* The pointer must have gone so far before a press is a drag. */
#define DRAG_PX 6
/* A drop this near to a free start means that start. */
#define SNAP_MINUTES 20
#define STEP_MINUTES 5
/* Nearer to an edge than this while dragging, the calendar scrolls. */
#define EDGE_PX 28
#define EDGE_STEP_PX 7.0

static const GArray *
get_targets (AnxCalendarView *self,
             guint column)
{
  const GArray *minutes = g_hash_table_lookup (self->targets, GUINT_TO_POINTER (column));

  if (minutes == NULL && !g_hash_table_contains (self->asked, GUINT_TO_POINTER (column)))
    {
      g_hash_table_add (self->asked, GUINT_TO_POINTER (column));
      g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_ASK_TARGETS], 0, self->moving, column);
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

/* Why a place is not free, as far as the calendar shows it; the hub knows more: buffers, rooms, limits of a day. */
static const char *
explain_taken (AnxCalendarView *self)
{
  const AnxCalendarColumn *column = g_ptr_array_index (self->columns, self->ghost_column);
  const AnxCalendarPlace *moved = g_hash_table_lookup (self->by_id, self->moving);
  int from = self->ghost_minute;
  int to = from + self->moving_minutes;
  gboolean open = column->open == NULL;

  if (moved != NULL && moved->entry->column == self->ghost_column && moved->entry->from_minute == from)
    return _ ("where it is now");
  for (guint i = 0; i < self->places->len; i++)
    {
      const AnxCalendarPlace *place = g_ptr_array_index (self->places, i);
      if (place != moved && place->entry->column == self->ghost_column && place->entry->from_minute < to
          && place->entry->to_minute > from)
        return _ ("not free, another booking");
    }
  for (guint i = 0; !open && i < column->open->len; i++)
    {
      const AnxCalendarSpan *span = &g_array_index (column->open, AnxCalendarSpan, i);
      open = span->from_minute <= from && span->to_minute >= to;
    }
  return open ? _ ("not free") : _ ("outside the hours of work");
}

static void
show_ghost (AnxCalendarView *self)
{
  const GArray *minutes = get_targets (self, self->ghost_column);
  const AnxCalendarColumn *column = g_ptr_array_index (self->columns, self->ghost_column);
  gboolean allowed = is_allowed (minutes, self->ghost_minute);
  g_autofree char *time = g_strdup_printf ("%02d:%02d", self->ghost_minute / 60, self->ghost_minute % 60);
  const char *word = minutes == NULL ? _ ("asking…") : allowed ? _ ("free") : explain_taken (self);
  /* Translators: time, free or not free */
  g_autofree char *title = g_strdup_printf (_ ("%s: %s"), time, word);
  /* Translators: day and person, time, free or not free */
  g_autofree char *spoken = g_strdup_printf (_ ("%s, %s: %s"), column->spoken, time, word);

  anx_calendar_cell_set_text (ANX_CALENDAR_CELL (self->ghost),
                              minutes == NULL ? "content-loading-symbolic"
                              : allowed       ? "object-select-symbolic"
                                              : "action-unavailable-symbolic",
                              minutes == NULL ? "ghost-asking" : allowed ? "ghost-free" : "ghost-taken", title,
                              self->moving_title, spoken);
  g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_ANSWER], 0, spoken, allowed);
  anx_calendar_view_queue_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
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
  gboolean had_focus = self->ghost != NULL && gtk_widget_is_focus (self->ghost);
  g_autofree char *id = g_steal_pointer (&self->moving);

  if (id == NULL)
    return;
  self->dragging = FALSE;
  if (self->drag_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->drag_tick);
  self->drag_tick = 0;
  AnxCalendarPlace *place = g_hash_table_lookup (self->by_id, id);
  /* The focus is not to go to whoever stands first here: that would choose them. */
  if (had_focus && place == NULL)
    gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
  g_clear_pointer (&self->ghost, gtk_widget_unparent);
  g_clear_pointer (&self->moving_title, g_free);
  g_hash_table_remove_all (self->targets);
  g_hash_table_remove_all (self->asked);
  if (place != NULL)
    gtk_widget_remove_css_class (place->cell, "moving");
  if (place != NULL && had_focus)
    anx_calendar_view_choose (self, place, TRUE);
  g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_ANSWER], 0, "", FALSE);
  anx_calendar_view_renew_layout (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Gives whether it was dropped; else the move goes on, for there may be another place. */
static gboolean
drop (AnxCalendarView *self)
{
  guint column = self->ghost_column;
  int minute = self->ghost_minute;

  if (!is_allowed (get_targets (self, column), minute))
    return FALSE;
  g_autofree char *id = g_strdup (self->moving);
  anx_calendar_view_cancel_move (self);
  g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_MOVED], 0, id, column, minute);
  return TRUE;
}

static gboolean
begin_move (AnxCalendarView *self,
            AnxCalendarPlace *place)
{
  if (self->moving != NULL || !place->entry->movable)
    return FALSE;
  self->moving = g_strdup (place->entry->id);
  self->moving_title = g_strdup (place->entry->title);
  self->moving_minutes = place->entry->to_minute - place->entry->from_minute;
  self->ghost_column = place->entry->column;
  self->ghost_minute = place->entry->from_minute;
  self->ghost = anx_calendar_cell_new ();
  gtk_widget_set_parent (self->ghost, GTK_WIDGET (self));
  gtk_widget_add_css_class (place->cell, "moving");
  show_ghost (self);
  return TRUE;
}

/* The column of the same owner on the same day of these: the first, the second… Gives whether there is one. */
static gboolean
find_column (const GPtrArray *columns,
             guint day,
             const char *owner,
             guint *out_index)
{
  guint days = 0;

  for (guint i = 0; i < columns->len; i++)
    {
      const AnxCalendarColumn *column = g_ptr_array_index (columns, i);
      days += column->first;
      *out_index = i;
      if (days == day && g_str_equal (column->owner, owner))
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_calendar_view_carry_move:
 * @self: a calendar in which something is moved; its columns have just become other ones
 * @old_columns: (element-type AnxCalendarColumn): those that were there before
 *
 * By keys it goes on, with the same person or room on the same day of the week; what was free in the old columns is forgotten. When there is
 * no such column it ends, and so it does by pointer: that is over something else now than the person saw.
 */
void
anx_calendar_view_carry_move (AnxCalendarView *self,
                              const GPtrArray *old_columns)
{
  guint day = 0;
  const AnxCalendarPlace *place = g_hash_table_lookup (self->by_id, self->moving);

  for (guint i = 0; i <= self->ghost_column; i++)
    day += ((const AnxCalendarColumn *) g_ptr_array_index (old_columns, i))->first;
  const AnxCalendarColumn *old = g_ptr_array_index (old_columns, self->ghost_column);
  if (self->dragging || !find_column (self->columns, day, old->owner, &self->ghost_column))
    {
      anx_calendar_view_cancel_move (self);
      return;
    }
  g_hash_table_remove_all (self->targets);
  g_hash_table_remove_all (self->asked);
  self->ghost_minute = CLAMP (self->ghost_minute, self->first_minute, self->last_minute - STEP_MINUTES);
  if (place != NULL)
    gtk_widget_add_css_class (place->cell, "moving");
  anx_calendar_view_reveal (self, self->ghost_column, self->ghost_minute, self->ghost_minute + self->moving_minutes);
  show_ghost (self);
  /* A button that turned the week has the focus; the keys are for the ghost. */
  gtk_widget_grab_focus (self->ghost);
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
  anx_calendar_view_reveal (self, self->ghost_column, self->ghost_minute, self->ghost_minute + 60);
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
      anx_calendar_view_cancel_move (self);
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
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
      g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_TURN], 0, key == GDK_KEY_Page_Down ? 1 : -1);
      return TRUE;
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
  AnxCalendarPlace *focused = anx_calendar_view_get_focused (self);

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
      anx_calendar_view_choose (self, g_ptr_array_index (self->places, 0), TRUE);
      return TRUE;
    case GDK_KEY_End:
      anx_calendar_view_choose (self, g_ptr_array_index (self->places, self->places->len - 1), TRUE);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      anx_calendar_view_choose (self, focused, TRUE);
      g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_ACTIVATED], 0, focused->entry->id);
      return TRUE;
    case GDK_KEY_m:
    case GDK_KEY_M:
      return anx_calendar_view_begin_move (self, focused->entry->id);
    default:
      return FALSE;
    }
}

/* ---- pointer ---- */

static AnxCalendarPlace *
pick_place (AnxCalendarView *self,
            double x,
            double y)
{
  GtkWidget *picked
      = x >= AXIS_PX (self) && y >= HEADER_PX (self) ? gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT) : NULL;
  return picked != NULL && ANX_IS_CALENDAR_CELL (picked) ? anx_calendar_view_find_place (self, picked) : NULL;
}

static guint
get_column_at (AnxCalendarView *self,
               double x)
{
  double column = (x - AXIS_PX (self) + gtk_adjustment_get_value (self->hadjustment)) / self->column_px;
  return (guint) CLAMP ((int) floor (column), 0, (int) self->columns->len - 1);
}

/* The ghost is where the pointer is. */
static void
follow_pointer (AnxCalendarView *self)
{
  double below = self->pointer_y - HEADER_PX (self) + gtk_adjustment_get_value (self->vadjustment);
  double minute = self->first_minute + below * 60.0 / HOUR_PX (self) - self->grab_minutes;

  self->ghost_column = get_column_at (self, self->pointer_x);
  self->ghost_minute = CLAMP ((int) round (minute / STEP_MINUTES) * STEP_MINUTES, self->first_minute,
                              self->last_minute - STEP_MINUTES);
  self->ghost_minute = snap (get_targets (self, self->ghost_column), self->ghost_minute);
  show_ghost (self);
}

/* With keys or a button begun, a move goes on by clicks: the first leads there, one on a place that is free puts it there. */
static void
press_place (AnxCalendarView *self,
             double x,
             double y)
{
  guint column = self->ghost_column;
  int minute = self->ghost_minute;
  double top = anx_calendar_view_get_y (self, minute);
  double bottom = anx_calendar_view_get_y (self, minute + self->moving_minutes);

  if (x < AXIS_PX (self) || y < HEADER_PX (self))
    return;
  self->pointer_x = x;
  self->pointer_y = y;
  if (get_column_at (self, x) == column && y >= top && y < bottom && drop (self))
    return;
  self->grab_minutes = 0;
  follow_pointer (self);
  gtk_widget_grab_focus (self->ghost);
}

static void
on_pressed (GtkGestureClick *gesture,
            int times,
            double x,
            double y,
            AnxCalendarView *self)
{
  AnxCalendarPlace *place = self->moving == NULL ? pick_place (self, x, y) : NULL;

  if (self->moving != NULL && !self->dragging)
    press_place (self, x, y);
  if (place == NULL)
    return;
  anx_calendar_view_choose (self, place, TRUE);
  if (times == 2)
    g_signal_emit (self, anx_calendar_view_signals[ANX_CALENDAR_ACTIVATED], 0, place->entry->id);
}

static void
on_drag_begin (GtkGestureDrag *gesture,
               double x,
               double y,
               AnxCalendarView *self)
{
  AnxCalendarPlace *place = self->moving == NULL ? pick_place (self, x, y) : NULL;

  if (place == NULL || !place->entry->movable)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->drag_x = x;
  self->drag_y = y;
  self->grab_minutes = (y - anx_calendar_view_get_y (self, place->entry->from_minute)) * 60.0 / HOUR_PX (self);
}

/* Gives whether there was anything to scroll. */
static gboolean
scroll_by (GtkAdjustment *adjustment,
           double by)
{
  double before = gtk_adjustment_get_value (adjustment);

  if (by != 0)
    gtk_adjustment_set_value (adjustment, before + by);
  return gtk_adjustment_get_value (adjustment) != before;
}

/* Held still at an edge, it goes on scrolling. */
static gboolean
on_drag_tick (GtkWidget *widget,
              GdkFrameClock *clock,
              gpointer user_data)
{
  AnxCalendarView *self = ANX_CALENDAR_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  double x = self->pointer_x;
  double y = self->pointer_y;
  double by_x = x < AXIS_PX (self) + EDGE_PX ? -EDGE_STEP_PX : x > width - EDGE_PX ? EDGE_STEP_PX : 0;
  double by_y = y < HEADER_PX (self) + EDGE_PX ? -EDGE_STEP_PX : y > height - EDGE_PX ? EDGE_STEP_PX : 0;
  gboolean scrolled = scroll_by (self->hadjustment, by_x);

  scrolled |= scroll_by (self->vadjustment, by_y);
  if (scrolled)
    follow_pointer (self);
  return G_SOURCE_CONTINUE;
}

static void
on_drag_update (GtkGestureDrag *gesture,
                double offset_x,
                double offset_y,
                AnxCalendarView *self)
{
  if (!self->dragging)
    {
      AnxCalendarPlace *place = pick_place (self, self->drag_x, self->drag_y);
      if (hypot (offset_x, offset_y) < DRAG_PX || place == NULL)
        return;
      self->dragging = TRUE;
      if (!begin_move (self, place))
        {
          self->dragging = FALSE;
          return;
        }
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      self->drag_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_drag_tick, NULL, NULL);
    }
  self->pointer_x = self->drag_x + offset_x;
  self->pointer_y = self->drag_y + offset_y;
  follow_pointer (self);
}

static void
on_drag_end (GtkGestureDrag *gesture,
             double offset_x,
             double offset_y,
             AnxCalendarView *self)
{
  if (self->dragging && !drop (self))
    anx_calendar_view_cancel_move (self);
}

static void
on_drag_cancel (GtkGesture *gesture,
                GdkEventSequence *sequence,
                AnxCalendarView *self)
{
  if (self->dragging)
    anx_calendar_view_cancel_move (self);
}

/**
 * anx_calendar_view_add_controllers:
 * @self: a new calendar
 *
 * Keys and pointer.
 */
void
anx_calendar_view_add_controllers (AnxCalendarView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

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
  AnxCalendarPlace *place = g_hash_table_lookup (self->by_id, id);

  if (place == NULL || !begin_move (self, place))
    return FALSE;
  gtk_widget_grab_focus (self->ghost);
  return TRUE;
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
 * anx_calendar_view_is_dragging:
 * @self: a calendar
 *
 * Returns: whether something is on its way with the pointer
 */
gboolean
anx_calendar_view_is_dragging (AnxCalendarView *self)
{
  return self->dragging;
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
