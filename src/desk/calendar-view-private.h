/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "calendar-view.h"

G_BEGIN_DECLS

/* What the three files of the calendar share: calendar-view.c has columns, places and what is chosen, calendar-paint.c draws,
 * calendar-move.c moves an entry by keys or pointer. */

/* Lengths for text of the usual size; they grow with it (scale). */
#define AXIS_PX(self) ((self)->scale * 52)
#define HEADER_PX(self) ((self)->scale * 46)
#define HOUR_PX(self) ((self)->scale * 72)

typedef struct
{
  AnxCalendarEntry *entry;
  GtkWidget *cell;
  int lane;
  int lanes;
} AnxCalendarPlace;

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
  GPtrArray *places;    /* (element-type AnxCalendarPlace) by column and time */
  GHashTable *by_id;    /* id → AnxCalendarPlace */
  char *selected;       /* (nullable) */
  int first_minute;
  int last_minute;
  int now_minute;       /* of columns that are today; -1 = none */
  double scale;         /* of the text, 1 = the usual size */
  double column_px;
  gboolean allocating;
  int wanted_column;    /* to be scrolled to once the size is known; -1 = none */
  int wanted_minute;
  int wanted_end;       /* if all of it until this minute is in sight, nothing is scrolled; 0 = it is scrolled anyway */

  /* A move: the ghost is over (ghost_column, ghost_minute). What is moved need not be among the places: it may lie in another week. */
  char *moving;         /* (nullable) */
  char *moving_title;   /* (nullable) while it moves */
  int moving_minutes;   /* how long it takes */
  gboolean dragging;    /* by pointer; else by keys */
  GtkWidget *ghost;     /* (nullable) */
  guint ghost_column;
  int ghost_minute;
  double grab_minutes;  /* how far below its beginning it was taken */
  double drag_x, drag_y; /* where the pointer was pressed */
  double pointer_x, pointer_y;
  guint drag_tick;      /* while it is dragged */
  GHashTable *targets;  /* column → GArray of int, rising; an absent column was not answered yet */
  GHashTable *asked;    /* column */
};

enum
{
  ANX_CALENDAR_SELECTED,
  ANX_CALENDAR_ACTIVATED,
  ANX_CALENDAR_ASK_TARGETS,
  ANX_CALENDAR_ANSWER,
  ANX_CALENDAR_MOVED,
  ANX_CALENDAR_TURN,
  ANX_CALENDAR_N_SIGNALS
};
extern guint anx_calendar_view_signals[ANX_CALENDAR_N_SIGNALS];

/* calendar-view.c */
double            anx_calendar_view_get_x (AnxCalendarView *self, guint column);
double            anx_calendar_view_get_y (AnxCalendarView *self, double minute);
void              anx_calendar_view_get_seen (AnxCalendarView *self, guint *out_first, guint *out_end);
void              anx_calendar_view_queue_layout (AnxCalendarView *self);
void              anx_calendar_view_renew_layout (AnxCalendarView *self);
void              anx_calendar_view_reveal (AnxCalendarView *self, guint column, int from_minute, int to_minute);
void              anx_calendar_view_choose (AnxCalendarView *self, AnxCalendarPlace *place, gboolean focus);
AnxCalendarPlace *anx_calendar_view_find_place (AnxCalendarView *self, GtkWidget *cell); /* (nullable) */
AnxCalendarPlace *anx_calendar_view_get_focused (AnxCalendarView *self);                 /* (nullable) */

/* calendar-paint.c */
void anx_calendar_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
void anx_calendar_view_forget_layouts (AnxCalendarView *self);

/* calendar-move.c */
void anx_calendar_view_add_controllers (AnxCalendarView *self);
void anx_calendar_view_carry_move (AnxCalendarView *self, const GPtrArray *old_columns);

G_END_DECLS
