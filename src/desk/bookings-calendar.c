/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bookings-calendar.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bookings-list.h"
#include "calendar-view.h"
#include "change-reason.h"
#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "ui-text.h"
#include "wrap-line.h"

#define WEEK_DAYS 7
/* Bookings are known so far (desk-service.c). */
#define FIRST_DAY (-7)
#define LAST_DAY 20

typedef enum
{
  SHOW_DAY,
  SHOW_WEEK,
  SHOW_LIST,
} Show;

/* A column of the calendar: one day of one counsellor or room. */
typedef struct
{
  gint64 from_usec;
  gint64 to_usec;
  char *resource;
} Lane;

struct _AnxBookingsCalendar
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  AnxCalendarView *view;
  GtkWidget *as_calendar; /* one of the two is seen. Not a GtkStack: a calendar that came back from a covered page was not drawn (GTK 4.8) */
  GtkWidget *as_list;
  AnxBookingsList *list;
  GtkLabel *day_label;
  GtkLabel *answer;
  GtkWidget *shows[3];
  GtkDropDown *grouping;  /* counsellors, rooms */
  GPtrArray *lanes;       /* (element-type Lane), one a column */
  GHashTable *slots;      /* column → GPtrArray of AnxDeskSlot, of the move that goes on */
  char *slots_of;         /* (nullable) the booking that is moved */
  char *search;           /* (nullable) */
  int day;                /* days from today */
  int shown_first;        /* the span that was scrolled to its beginning */
  int shown_days;
  guint shown_columns;
  Show show;
};

G_DEFINE_FINAL_TYPE (AnxBookingsCalendar, anx_bookings_calendar, ADW_TYPE_BIN)

static guint chosen_signal;

static void
lane_free (gpointer data)
{
  Lane *lane = data;
  g_free (lane->resource);
  g_free (lane);
}

static void
anx_bookings_calendar_dispose (GObject *object)
{
  AnxBookingsCalendar *self = ANX_BOOKINGS_CALENDAR (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  g_clear_pointer (&self->slots, g_hash_table_unref);
  g_clear_pointer (&self->slots_of, g_free);
  g_clear_pointer (&self->search, g_free);
  G_OBJECT_CLASS (anx_bookings_calendar_parent_class)->dispose (object);
}

static void
anx_bookings_calendar_class_init (AnxBookingsCalendarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_bookings_calendar_dispose;
  chosen_signal = g_signal_new ("chosen", ANX_TYPE_BOOKINGS_CALENDAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
anx_bookings_calendar_init (AnxBookingsCalendar *self)
{
  self->lanes = g_ptr_array_new_with_free_func (lane_free);
  self->slots = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->show = SHOW_WEEK;
}

static const char *
get_zone (AnxBookingsCalendar *self)
{
  return anx_desk_service_get_zone (self->service);
}

/* The span of a day in the centre's zone; a day of a clock change has 23 or 25 hours. */
static void
get_span (AnxBookingsCalendar *self,
          int day,
          gint64 *out_from_usec,
          gint64 *out_to_usec)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  g_autoptr (GDateTime) local = anx_time_in_zone (now, get_zone (self));
  g_autoptr (GDateTime) midnight
      = g_date_time_new (g_date_time_get_timezone (local), g_date_time_get_year (local), g_date_time_get_month (local),
                         g_date_time_get_day_of_month (local), 0, 0, 0);
  g_autoptr (GDateTime) from = g_date_time_add_days (midnight, day);
  g_autoptr (GDateTime) to = g_date_time_add_days (from, 1);

  *out_from_usec = g_date_time_to_unix (from) * G_USEC_PER_SEC;
  *out_to_usec = g_date_time_to_unix (to) * G_USEC_PER_SEC;
}

static int
get_minute (AnxBookingsCalendar *self,
            gint64 usec)
{
  g_autoptr (GDateTime) local = anx_time_in_zone (usec, get_zone (self));
  return g_date_time_get_hour (local) * 60 + g_date_time_get_minute (local);
}

/* The instant at which the clock on the wall shows @minute in the column's day. */
static gint64
get_instant (AnxBookingsCalendar *self,
             const Lane *lane,
             int minute)
{
  g_autoptr (GDateTime) day = anx_time_in_zone (lane->from_usec, get_zone (self));
  g_autoptr (GDateTime) at
      = g_date_time_new (g_date_time_get_timezone (day), g_date_time_get_year (day), g_date_time_get_month (day),
                         g_date_time_get_day_of_month (day), minute / 60, minute % 60, 0);
  return g_date_time_to_unix (at) * G_USEC_PER_SEC;
}

static gboolean
by_room (AnxBookingsCalendar *self)
{
  return gtk_drop_down_get_selected (self->grouping) == 1;
}

/* Each has one place in the view; who sits in has a second one, which leads to the same booking and moves nothing. */
#define SITTING_IN "with:"

static const char *
get_booking_id (const char *entry)
{
  return g_str_has_prefix (entry, SITTING_IN) ? entry + strlen (SITTING_IN) : entry;
}

static gboolean
sits_in (AnxBookingsCalendar *self,
         const AnxDeskBooking *booking,
         const Lane *lane)
{
  return !by_room (self) && g_strcmp0 (lane->resource, booking->counsellor) != 0;
}

static gboolean
is_movable (const AnxDeskBooking *booking)
{
  return g_str_equal (booking->status, "booked") || g_str_equal (booking->status, "pending")
         || g_str_equal (booking->status, "proposed");
}

static AnxCalendarEntry *
make_entry (AnxBookingsCalendar *self,
            const AnxDeskBooking *booking,
            guint column)
{
  AnxCalendarEntry *entry = g_new0 (AnxCalendarEntry, 1);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *from = anx_ui_format_time (booking->start_usec, get_zone (self));
  int from_minute = get_minute (self, booking->start_usec);
  int to_minute = get_minute (self, booking->end_usec);

  gboolean second = sits_in (self, booking, g_ptr_array_index (self->lanes, column));
  entry->id = g_strconcat (second ? SITTING_IN : "", booking->id, NULL);
  entry->column = column;
  entry->from_minute = from_minute;
  /* One that goes on past midnight is drawn to the end of its day. */
  entry->to_minute = to_minute > from_minute ? to_minute : 24 * 60;
  entry->title = g_strdup_printf ("%s %s", from, person);
  entry->subtitle = g_strdup_printf (
      "%s · %s", anx_desk_booking_status_text (booking->status),
      by_room (self) || second ? anx_desk_service_name_principal (self->service, booking->counsellor)
                     : anx_desk_service_name_room (self->service, booking->centre, booking->room));
  entry->style = anx_desk_booking_status_style (booking->status);
  entry->icon = anx_desk_booking_status_icon (booking->status);
  entry->spoken = anx_desk_describe_booking (self->service, booking);
  entry->movable = is_movable (booking) && !second;
  return entry;
}

static const char *
name_resource (AnxBookingsCalendar *self,
               const char *resource)
{
  return by_room (self)
             ? anx_desk_service_name_room (self->service, anx_desk_bookings_get_centre (self->bookings), resource)
             : anx_desk_service_name_principal (self->service, resource);
}

static GArray *
list_open (AnxBookingsCalendar *self,
           const Lane *lane)
{
  if (by_room (self) || anx_desk_bookings_get_plan (self->bookings, lane->resource) == NULL)
    return NULL;
  g_autoptr (GArray) spans
      = anx_desk_bookings_list_open (self->bookings, lane->resource, lane->from_usec, lane->to_usec);
  GArray *open = g_array_new (FALSE, FALSE, sizeof (AnxCalendarSpan));
  for (guint i = 0; i < spans->len; i++)
    {
      const AnxSpan *span = &g_array_index (spans, AnxSpan, i);
      AnxCalendarSpan minutes = { get_minute (self, span->start_usec), get_minute (self, span->end_usec) };
      if (minutes.to_minute <= minutes.from_minute)
        minutes.to_minute = 24 * 60;
      g_array_append_val (open, minutes);
    }
  /* Who works round the clock needs no shading, and the calendar no night. */
  if (open->len == 1 && g_array_index (open, AnxCalendarSpan, 0).from_minute == 0
      && g_array_index (open, AnxCalendarSpan, 0).to_minute == 24 * 60)
    g_clear_pointer (&open, g_array_unref);
  return open;
}

static GPtrArray *
list_resources (AnxBookingsCalendar *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  if (by_room (self))
    {
      g_ptr_array_unref (list);
      return anx_desk_bookings_list_rooms (self->bookings);
    }
  g_autoptr (GPtrArray) counsellors = anx_desk_bookings_list_counsellors (self->bookings);
  for (guint i = 0; i < counsellors->len; i++)
    g_ptr_array_add (list, g_strdup (((const AnxPrincipal *) g_ptr_array_index (counsellors, i))->id));
  return list;
}

/* Somebody who has bookings here has a column, whether the directory still counts them among the centre's or not. */
static void
add_missing (AnxBookingsCalendar *self,
             GPtrArray *resources,
             GPtrArray *bookings)
{
  for (guint i = 0; i < bookings->len; i++)
    {
      const AnxDeskBooking *booking = g_ptr_array_index (bookings, i);
      const char *resource = by_room (self) ? booking->room : booking->counsellor;
      if (resource != NULL && !g_ptr_array_find_with_equal_func (resources, resource, g_str_equal, NULL))
        g_ptr_array_add (resources, g_strdup (resource));
    }
}

static void
get_shown (AnxBookingsCalendar *self,
           int *out_first,
           int *out_days)
{
  gint64 from;
  gint64 to;

  *out_first = self->day;
  *out_days = 1;
  if (self->show != SHOW_WEEK)
    return;
  get_span (self, self->day, &from, &to);
  g_autoptr (GDateTime) day = anx_time_in_zone (from, get_zone (self));
  *out_first = self->day - (g_date_time_get_day_of_week (day) - 1);
  *out_days = WEEK_DAYS;
}

/* Short, for a narrow column; the spoken heading says all of it. */
static char *
format_heading (AnxBookingsCalendar *self,
                gint64 usec)
{
  const char *words[WEEK_DAYS] = { _ ("Mon"), _ ("Tue"), _ ("Wed"), _ ("Thu"), _ ("Fri"), _ ("Sat"), _ ("Sun") };
  g_autoptr (GDateTime) day = anx_time_in_zone (usec, get_zone (self));

  /* Translators: a day of the week and the number of the day: Mon 23 */
  return g_strdup_printf (_ ("%s %d"), words[g_date_time_get_day_of_week (day) - 1],
                          g_date_time_get_day_of_month (day));
}

static gboolean
is_in_lane (AnxBookingsCalendar *self,
            const Lane *lane,
            const AnxDeskBooking *booking)
{
  return booking->start_usec >= lane->from_usec && booking->start_usec < lane->to_usec
         && (by_room (self) ? g_strcmp0 (lane->resource, booking->room) == 0 : anx_desk_booking_is_held_by (booking, lane->resource));
}

static void
fill_calendar (AnxBookingsCalendar *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 now = anx_desk_model_now_usec (model);
  GPtrArray *columns = g_ptr_array_new ();
  GPtrArray *entries = g_ptr_array_new ();
  g_autoptr (GPtrArray) resources = list_resources (self);
  gint64 begin;
  gint64 end;
  gint64 from;
  gint64 to;
  int first;
  int days;

  get_shown (self, &first, &days);
  get_span (self, first, &begin, &to);
  get_span (self, first + days - 1, &from, &end);
  g_autoptr (GPtrArray) bookings = anx_desk_model_list_bookings (model, NULL, begin, end);
  add_missing (self, resources, bookings);
  g_ptr_array_set_size (self->lanes, 0);
  for (int day = first; day < first + days; day++)
    {
      get_span (self, day, &from, &to);
      g_autofree char *name = anx_ui_format_day (from, get_zone (self));
      g_autofree char *heading = format_heading (self, from);
      for (guint i = 0; i < resources->len; i++)
        {
          AnxCalendarColumn *column = g_new0 (AnxCalendarColumn, 1);
          Lane *lane = g_new0 (Lane, 1);
          const char *who = name_resource (self, g_ptr_array_index (resources, i));
          lane->from_usec = from;
          lane->to_usec = to;
          lane->resource = g_strdup (g_ptr_array_index (resources, i));
          g_ptr_array_add (self->lanes, lane);
          column->title = g_strdup (days > 1 ? heading : who);
          column->subtitle = days > 1 ? g_strdup (who) : NULL;
          column->owner = g_strdup (lane->resource);
          column->spoken = g_strdup_printf ("%s, %s", name, who);
          column->today = day == 0;
          column->first = i == 0;
          column->open = list_open (self, lane);
          g_ptr_array_add (columns, column);
        }
    }
  for (guint i = 0; i < bookings->len; i++)
    {
      const AnxDeskBooking *booking = g_ptr_array_index (bookings, i);
      /* What was called off holds no place; the list has it. */
      if (g_str_equal (booking->status, "cancelled") || g_str_equal (booking->status, "entered-in-error"))
        continue;
      for (guint j = 0; j < self->lanes->len; j++)
        {
          if (is_in_lane (self, g_ptr_array_index (self->lanes, j), booking))
            g_ptr_array_add (entries, make_entry (self, booking, j));
        }
    }
  anx_calendar_view_set (self->view, columns, entries, get_minute (self, now));
  /* Where one has got to by hand stays; only another span begins at its day. */
  if (self->lanes->len > 0
      && (self->shown_first != first || self->shown_days != days || self->shown_columns != self->lanes->len))
    {
      self->shown_first = first;
      self->shown_days = days;
      self->shown_columns = self->lanes->len;
      if (!anx_calendar_view_is_moving (self->view))
        anx_calendar_view_scroll_to (self->view, (guint) (self->day - first) * resources->len,
                                    first <= 0 && first + days > 0 ? MAX (0, get_minute (self, now) - 60) : 0);
    }
}

/* The day that is shown, or all that are known to search among. */
static void
fill_list (AnxBookingsCalendar *self)
{
  gint64 from;
  gint64 to;
  gint64 ignored;

  get_span (self, self->search != NULL ? FIRST_DAY : self->day, &from, &ignored);
  get_span (self, self->search != NULL ? LAST_DAY : self->day, &ignored, &to);
  anx_bookings_list_fill (self->list, from, to, self->search);
}

static void
refresh (AnxBookingsCalendar *self)
{
  gboolean as_list = self->show == SHOW_LIST || self->search != NULL;
  gint64 from;
  gint64 to;

  if (self->service == NULL)
    return;
  get_span (self, self->day, &from, &to);
  g_autofree char *day = anx_ui_format_day (from, get_zone (self));
  g_autofree char *text = self->search != NULL ? g_strdup (_ ("Found"))
                          : self->day == 0     ? g_strdup_printf (_ ("Today, %s"), day)
                                               : g_steal_pointer (&day);
  gtk_label_set_text (self->day_label, text);
  gtk_widget_set_visible (self->as_calendar, !as_list);
  gtk_widget_set_visible (self->as_list, as_list);
  if (as_list)
    fill_list (self);
  else
    fill_calendar (self);
}

static void
lead_to (AnxBookingsCalendar *self,
         const char *booking)
{
  const AnxDeskBooking *known = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), booking);
  gint64 from;
  gint64 to;

  for (int day = FIRST_DAY; known != NULL && day <= LAST_DAY; day++)
    {
      get_span (self, day, &from, &to);
      if (known->start_usec >= from && known->start_usec < to)
        self->day = day;
    }
  refresh (self);
  for (guint i = 0; known != NULL && i < self->lanes->len; i++)
    if (is_in_lane (self, g_ptr_array_index (self->lanes, i), known))
      {
        int minute = get_minute (self, known->start_usec);
        anx_calendar_view_bring_into_sight (self->view, i, MAX (0, minute - 30), MIN (24 * 60, minute + 60));
      }
}

/* ---- moving ---- */

typedef struct
{
  AnxBookingsCalendar *calendar;
  char *booking;
  guint column;
  gint64 from_usec; /* of that column, when it was asked */
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->calendar);
  g_free (question->booking);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
on_slots (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  AnxBookingsCalendar *self = question->calendar;
  g_autoptr (GError) error = NULL;
  gboolean offline = FALSE;
  g_autoptr (GPtrArray) slots
      = anx_desk_bookings_list_slots_finish (ANX_DESK_BOOKINGS (source), result, &offline, &error);
  g_autoptr (GArray) minutes = g_array_new (FALSE, FALSE, sizeof (int));

  if (self->service == NULL)
    return;
  if (slots == NULL || offline)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gtk_label_set_text (self->answer, error != NULL ? error->message : _ ("The hub cannot be reached. Nothing was moved."));
      anx_calendar_view_cancel_move (self->view);
      return;
    }
  for (guint i = 0; i < slots->len; i++)
    {
      const AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      int minute = get_minute (self, slot->start_usec);
      if (slot->lease == NULL)
        g_array_append_val (minutes, minute);
    }
  const Lane *lane = question->column < self->lanes->len ? g_ptr_array_index (self->lanes, question->column) : NULL;
  /* Too late: something else is moved, or another week is shown. */
  if (g_strcmp0 (self->slots_of, question->booking) != 0 || lane == NULL || lane->from_usec != question->from_usec)
    return;
  g_hash_table_replace (self->slots, GUINT_TO_POINTER (question->column), g_steal_pointer (&slots));
  anx_calendar_view_set_targets (self->view, question->booking, question->column, (const int *) minutes->data,
                                 minutes->len);
}

static void
on_ask_targets (AnxCalendarView *view,
                const char *id,
                guint column,
                AnxBookingsCalendar *self)
{
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), id);
  const Lane *lane = column < self->lanes->len ? g_ptr_array_index (self->lanes, column) : NULL;

  if (booking == NULL || lane == NULL)
    return;
  if (g_strcmp0 (self->slots_of, id) != 0)
    {
      g_hash_table_remove_all (self->slots);
      g_free (self->slots_of);
      self->slots_of = g_strdup (id);
    }
  Question *question = g_new0 (Question, 1);
  question->calendar = g_object_ref (self);
  question->booking = g_strdup (id);
  question->column = column;
  question->from_usec = lane->from_usec;
  anx_desk_bookings_list_slots_async (self->bookings, booking->service,
                                      by_room (self) ? booking->counsellor : lane->resource,
                                      by_room (self) ? lane->resource : NULL, lane->from_usec, lane->to_usec, FALSE, on_slots,
                                      question);
}

static void
on_answer (AnxCalendarView *view,
           const char *text,
           gboolean allowed,
           AnxBookingsCalendar *self)
{
  gboolean dragging = anx_calendar_view_is_dragging (view);
  g_autofree char *hint
      = *text == '\0'          ? NULL
        : allowed && dragging  ? g_strdup_printf (_ ("%s. Let go to put it here."), text)
        : allowed              ? g_strdup_printf (_ ("%s. Enter or another click puts it here, Escape leaves it."), text)
        : dragging             ? g_strdup_printf (_ ("%s. Let go here, and it stays where it was."), text)
                               : g_strdup_printf (_ ("%s. Click a time or use the arrow keys, Page Up and Page Down for other weeks; Escape leaves it."), text);

  gtk_label_set_text (self->answer, hint != NULL ? hint : "");
}

static void
on_moved_at_hub (GObject *source,
                 GAsyncResult *result,
                 gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  AnxBookingsCalendar *self = question->calendar;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (self->service == NULL)
    return;
  /* Where it is now, moved or not: the move may have led through other weeks. Whoever does something else meanwhile is not disturbed. */
  if (!anx_calendar_view_is_moving (self->view))
    lead_to (self, question->booking);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (root != NULL && gtk_root_get_focus (root) == NULL)
    anx_calendar_view_select (self->view, question->booking);
  if (answer != NULL)
    {
      gtk_label_set_text (self->answer, _ ("Moved. Please tell the resident."));
      return;
    }
  g_autofree char *reason = anx_desk_problem_explain (error);
  g_autofree char *text = g_strdup_printf (_ ("Not moved, it stays where it was. %s"), reason);
  gtk_label_set_text (self->answer, text);
}

static const char *
find_room (AnxBookingsCalendar *self,
           guint column,
           gint64 start_usec)
{
  const GPtrArray *slots = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (column));

  for (guint i = 0; slots != NULL && i < slots->len; i++)
    {
      const AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      if (slot->start_usec == start_usec && slot->lease == NULL)
        return slot->room;
    }
  return NULL;
}

/* Where somebody put a booking, until they have said why. */
typedef struct
{
  AnxBookingsCalendar *calendar;
  char *booking;
  char *counsellor;
  char *room;
  gint64 start_usec;
} Move;

static void
move_free (gpointer data)
{
  Move *move = data;
  g_object_unref (move->calendar);
  g_free (move->booking);
  g_free (move->counsellor);
  g_free (move->room);
  g_free (move);
}

static void
on_move_reason (const char *reason,
                gpointer user_data)
{
  const Move *move = user_data;
  AnxBookingsCalendar *self = move->calendar;

  if (self->service == NULL)
    return;
  Question *question = g_new0 (Question, 1);
  question->calendar = g_object_ref (self);
  question->booking = g_strdup (move->booking);
  gtk_label_set_text (self->answer, _ ("Asking the hub…"));
  anx_desk_bookings_move_async (self->bookings, move->booking, move->start_usec, move->counsellor, move->room, reason, on_moved_at_hub,
                                question);
}

static void
on_moved (AnxCalendarView *view,
          const char *id,
          guint column,
          int minute,
          AnxBookingsCalendar *self)
{
  const AnxDeskBooking *booking = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), id);
  const Lane *lane = g_ptr_array_index (self->lanes, column);
  gint64 start = get_instant (self, lane, minute);
  const char *counsellor = by_room (self) ? NULL : lane->resource;
  /* The hub named a room with each free time; it may be another one than now. */
  const char *room = by_room (self) ? lane->resource : find_room (self, column, start);

  if (booking == NULL || (booking->start_usec == start && g_strcmp0 (counsellor, booking->counsellor) == 0))
    return;
  Move *move = g_new0 (Move, 1);
  move->calendar = g_object_ref (self);
  move->booking = g_strdup (id);
  move->counsellor = g_strdup (counsellor != NULL ? counsellor : booking->counsellor);
  move->room = g_strdup (room != NULL ? room : booking->room);
  move->start_usec = start;
  g_autofree char *when = anx_ui_format_day_time (start, get_zone (self));
  /* Translators: a day and a time, a person, a room */
  g_autofree char *heading
      = g_strdup_printf (_ ("Move it to %s, %s, %s?"), when, anx_desk_service_name_principal (self->service, move->counsellor),
                         anx_desk_service_name_room (self->service, booking->centre, move->room));
  anx_change_reason_ask (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), ANX_CHANGE_MOVE, heading, on_move_reason, move, move_free);
}

/* ---- the bar above ---- */

/* What was said of a move is over once something else is looked at; a move that goes on says it itself. */
static void
forget_answer (AnxBookingsCalendar *self)
{
  if (!anx_calendar_view_is_moving (self->view))
    gtk_label_set_text (self->answer, "");
}

static void
move_day (AnxBookingsCalendar *self,
          int by)
{
  forget_answer (self);
  self->day = by == 0 ? 0 : CLAMP (self->day + by, FIRST_DAY, LAST_DAY);
  refresh (self);
}

static void
on_earlier (AnxBookingsCalendar *self)
{
  move_day (self, self->show == SHOW_WEEK ? -WEEK_DAYS : -1);
}

static void
on_today (AnxBookingsCalendar *self)
{
  move_day (self, 0);
}

static void
on_later (AnxBookingsCalendar *self)
{
  move_day (self, self->show == SHOW_WEEK ? WEEK_DAYS : 1);
}

static void
on_turn (AnxCalendarView *view,
         int by,
         AnxBookingsCalendar *self)
{
  if (by > 0)
    on_later (self);
  else
    on_earlier (self);
}

static void
on_show (GtkToggleButton *button,
         GParamSpec *spec,
         AnxBookingsCalendar *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (int i = 0; i < 3; i++)
    if (self->shows[i] == GTK_WIDGET (button))
      self->show = (Show) i;
  forget_answer (self);
  refresh (self);
}

static void
on_grouping (GtkDropDown *grouping,
             GParamSpec *spec,
             AnxBookingsCalendar *self)
{
  anx_calendar_view_cancel_move (self->view);
  g_clear_pointer (&self->slots_of, g_free);
  forget_answer (self);
  refresh (self);
}

static void
on_selected (GObject *source,
             const char *id,
             AnxBookingsCalendar *self)
{
  g_signal_emit (self, chosen_signal, 0, get_booking_id (id));
}

static GtkWidget *
build_bar (AnxBookingsCalendar *self)
{
  const char *words[] = { _ ("Day"), _ ("Week"), _ ("List") };
  const char *groups[] = { _ ("By counsellor"), _ ("By room"), NULL };
  GtkWidget *bar = anx_wrap_line_new (6);
  GtkWidget *days = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *earlier = anx_desk_icon_button_new ("go-previous-symbolic", _ ("Earlier"), NULL, NULL);
  GtkWidget *today = anx_desk_button_new (_ ("_Today"), "flat", NULL, NULL);
  GtkWidget *later = anx_desk_icon_button_new ("go-next-symbolic", _ ("Later"), NULL, NULL);

  self->day_label = GTK_LABEL (anx_desk_label_new ("", "heading"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->day_label), TRUE);
  gtk_widget_add_css_class (linked, "linked");
  gtk_widget_set_valign (linked, GTK_ALIGN_CENTER);
  for (int i = 0; i < 3; i++)
    {
      self->shows[i] = gtk_toggle_button_new_with_label (words[i]);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->shows[i]), GTK_TOGGLE_BUTTON (self->shows[0]));
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->shows[i]), i == (int) self->show);
      g_signal_connect (self->shows[i], "notify::active", G_CALLBACK (on_show), self);
      gtk_box_append (GTK_BOX (linked), self->shows[i]);
    }
  self->grouping = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (groups));
  gtk_widget_set_valign (GTK_WIDGET (self->grouping), GTK_ALIGN_CENTER);
  anx_ui_set_accessible_name (GTK_WIDGET (self->grouping), _ ("Columns"));
  g_signal_connect (self->grouping, "notify::selected", G_CALLBACK (on_grouping), self);
  g_signal_connect_swapped (earlier, "clicked", G_CALLBACK (on_earlier), self);
  g_signal_connect_swapped (today, "clicked", G_CALLBACK (on_today), self);
  g_signal_connect_swapped (later, "clicked", G_CALLBACK (on_later), self);
  gtk_box_append (GTK_BOX (days), earlier);
  gtk_box_append (GTK_BOX (days), today);
  gtk_box_append (GTK_BOX (days), later);
  anx_wrap_line_append (ANX_WRAP_LINE (bar), GTK_WIDGET (self->day_label));
  anx_wrap_line_append (ANX_WRAP_LINE (bar), days);
  anx_wrap_line_append (ANX_WRAP_LINE (bar), linked);
  anx_wrap_line_append (ANX_WRAP_LINE (bar), GTK_WIDGET (self->grouping));
  return bar;
}

/**
 * anx_bookings_calendar_new:
 * @service: the service
 *
 * Returns: (transfer floating): the week that is running, by counsellor
 */
GtkWidget *
anx_bookings_calendar_new (AnxDeskService *service)
{
  AnxBookingsCalendar *self = g_object_new (ANX_TYPE_BOOKINGS_CALENDAR, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->service = g_object_ref (service);
  self->bookings = anx_desk_bookings_get (service);
  self->view = ANX_CALENDAR_VIEW (anx_calendar_view_new ());
  self->list = ANX_BOOKINGS_LIST (anx_bookings_list_new (service));
  gtk_widget_set_valign (GTK_WIDGET (self->list), GTK_ALIGN_START);
  self->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  anx_ui_set_accessible_name (GTK_WIDGET (self->view), _ ("Calendar of bookings"));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scrolled), FALSE);
  self->as_calendar = scrolled;
  self->as_list = anx_desk_page_new (GTK_WIDGET (self->list), 900);
  gtk_widget_set_vexpand (self->as_calendar, TRUE);
  gtk_widget_set_hexpand (self->as_calendar, TRUE);
  gtk_widget_set_vexpand (self->as_list, TRUE);
  gtk_widget_set_hexpand (self->as_list, TRUE);
  gtk_box_append (GTK_BOX (box), build_bar (self));
  gtk_box_append (GTK_BOX (box), self->as_calendar);
  gtk_box_append (GTK_BOX (box), self->as_list);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->answer));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect (self->view, "selected", G_CALLBACK (on_selected), self);
  g_signal_connect (self->view, "activated", G_CALLBACK (on_selected), self);
  g_signal_connect (self->list, "chosen", G_CALLBACK (on_selected), self);
  g_signal_connect (self->view, "ask-targets", G_CALLBACK (on_ask_targets), self);
  g_signal_connect (self->view, "answer", G_CALLBACK (on_answer), self);
  g_signal_connect (self->view, "moved", G_CALLBACK (on_moved), self);
  g_signal_connect (self->view, "turn", G_CALLBACK (on_turn), self);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bookings, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  /* Who books for somebody sees it in the calendar, in whichever week it lies. */
  g_signal_connect_object (self->bookings, "booked", G_CALLBACK (lead_to), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

/**
 * anx_bookings_calendar_search:
 * @self: the calendar
 * @text: what is looked for
 */
void
anx_bookings_calendar_search (AnxBookingsCalendar *self,
                              const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  forget_answer (self);
  g_clear_pointer (&self->search, g_free);
  if (*trimmed != '\0')
    self->search = g_steal_pointer (&trimmed);
  refresh (self);
}

/**
 * anx_bookings_calendar_show:
 * @self: the calendar
 * @booking: a booking's id; one that is not known is ignored
 *
 * Leads to its day.
 */
void
anx_bookings_calendar_show (AnxBookingsCalendar *self,
                            const char *booking)
{
  lead_to (self, booking);
  anx_calendar_view_select (self->view, booking);
}

/**
 * anx_bookings_calendar_begin_move:
 * @self: the calendar
 * @booking: a booking that may be moved
 *
 * From here the arrow keys lead from one free time to the next.
 */
void
anx_bookings_calendar_begin_move (AnxBookingsCalendar *self,
                                  const char *booking)
{
  g_clear_pointer (&self->search, g_free);
  if (self->show == SHOW_LIST)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->shows[SHOW_WEEK]), TRUE);
  anx_bookings_calendar_show (self, booking);
  anx_calendar_view_begin_move (self->view, booking);
}
