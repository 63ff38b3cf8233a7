/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Bookings side by side: a column is a day of a counsellor or a room, a cell is a booking. Knows nothing of the service: it is fed
 * with columns and entries and says what a person did. Times are minutes of the column's day by the clock on the wall. Main thread.
 *
 *  V1 Every entry is a widget that the keyboard reaches and that has a spoken name, whether it is scrolled into sight or not.
 *  V2 While something is moved, it can be dropped only where set_targets() allowed it for that column.
 *  V3 Only what is in sight is laid out and drawn, so that scrolling does not depend on how much there is.
 *
 * Signals:
 *   selected (const char *id)                       the cell has the focus, or was clicked
 *   activated (const char *id)                      Enter, or a double click
 *   ask-targets (const char *id, guint column)      something is over this column for the first time: answer with set_targets()
 *   answer (const char *text, gboolean allowed)     what can be said about the place it is over; empty when the move is over
 *   moved (const char *id, guint column, int minute)
 *   turn (int by)                                   while something is moved: the columns before (-1) or after (1) these are asked for
 */
#define ANX_TYPE_CALENDAR_VIEW (anx_calendar_view_get_type ())
G_DECLARE_FINAL_TYPE (AnxCalendarView, anx_calendar_view, ANX, CALENDAR_VIEW, GtkWidget)

typedef struct
{
  int from_minute;
  int to_minute;
} AnxCalendarSpan;

typedef struct
{
  char *title;
  char *subtitle;   /* (nullable) */
  char *owner;      /* the id of the person or room; never shown */
  char *spoken;     /* the whole heading in words */
  gboolean today;
  gboolean first;   /* a new day begins: a stronger line */
  GArray *open;     /* (nullable) (element-type AnxCalendarSpan) hours of work; the rest is shaded */
} AnxCalendarColumn;

typedef struct
{
  char *id;
  guint column;
  int from_minute;
  int to_minute;
  char *title;
  char *subtitle;   /* (nullable) */
  const char *icon; /* a symbolic icon; static */
  const char *style; /* style class: booked waiting session done away asked; static */
  char *spoken;
  gboolean movable;
} AnxCalendarEntry;

void anx_calendar_column_free (AnxCalendarColumn *self);
void anx_calendar_entry_free (AnxCalendarEntry *self);

GtkWidget  *anx_calendar_view_new (void);
void        anx_calendar_view_set (AnxCalendarView *self, GPtrArray *columns, GPtrArray *entries, int now_minute);
void        anx_calendar_view_scroll_to (AnxCalendarView *self, guint column, int minute);
void        anx_calendar_view_bring_into_sight (AnxCalendarView *self, guint column, int from_minute, int to_minute);
void        anx_calendar_view_select (AnxCalendarView *self, const char *id);
const char *anx_calendar_view_get_selected (AnxCalendarView *self); /* (nullable) */
gboolean    anx_calendar_view_begin_move (AnxCalendarView *self, const char *id);
void        anx_calendar_view_cancel_move (AnxCalendarView *self);
gboolean    anx_calendar_view_is_moving (AnxCalendarView *self);
gboolean    anx_calendar_view_is_dragging (AnxCalendarView *self);
void        anx_calendar_view_set_targets (AnxCalendarView *self, const char *id, guint column, const int *minutes, gsize n_minutes);

G_END_DECLS
