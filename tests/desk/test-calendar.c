/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calendar-view-private.h"
#include "test-display.h"

/* The calendar in a real window: keys, spoken names, moves, and what scrolling costs. */

typedef struct
{
  GtkWidget *window;
  AnxCalendarView *view;
  char *selected;
  char *activated;
  char *moved;
  guint moved_column;
  int moved_minute;
  guint asked;
  int week;
  gboolean allowed;
  char *answer;
} Fixture;

static AnxCalendarEntry *
make_entry (const char *id,
            guint column,
            int from,
            int to)
{
  AnxCalendarEntry *entry = g_new0 (AnxCalendarEntry, 1);
  entry->id = g_strdup (id);
  entry->column = column;
  entry->from_minute = from;
  entry->to_minute = to;
  entry->title = g_strdup_printf ("%02d:%02d %s", from / 60, from % 60, id);
  entry->subtitle = g_strdup ("Booked · Quiet Room 1");
  entry->icon = "x-office-calendar-symbolic";
  entry->style = "booked";
  entry->spoken = g_strdup_printf ("spoken %s", id);
  entry->movable = TRUE;
  return entry;
}

static GPtrArray *
make_week (guint n,
           guint week)
{
  GPtrArray *columns = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    {
      AnxCalendarColumn *column = g_new0 (AnxCalendarColumn, 1);
      column->title = g_strdup_printf ("Day %u", i / 50 + 1);
      column->subtitle = g_strdup_printf ("Person %u", i % 50 + 1);
      column->owner = g_strdup_printf ("person-%u", i % 50 + 1);
      column->first = i % 50 == 0;
      column->spoken = g_strdup_printf ("Week %u, Day %u, Person %u", week, i / 50 + 1, i % 50 + 1);
      g_ptr_array_add (columns, column);
    }
  return columns;
}

static GPtrArray *
make_columns (guint n)
{
  return make_week (n, 0);
}

static void
on_selected (AnxCalendarView *view,
             const char *id,
             Fixture *fixture)
{
  g_free (fixture->selected);
  fixture->selected = g_strdup (id);
}

static void
on_activated (AnxCalendarView *view,
              const char *id,
              Fixture *fixture)
{
  g_free (fixture->activated);
  fixture->activated = g_strdup (id);
}

static void
on_ask (AnxCalendarView *view,
        const char *id,
        guint column,
        Fixture *fixture)
{
  static const int free_starts[] = { 10 * 60, 14 * 60 + 30 };
  fixture->asked++;
  anx_calendar_view_set_targets (view, id, column, free_starts, column == 2 ? 0 : G_N_ELEMENTS (free_starts));
}

static void
on_answer (AnxCalendarView *view,
           const char *text,
           gboolean allowed,
           Fixture *fixture)
{
  fixture->allowed = allowed;
  g_free (fixture->answer);
  fixture->answer = g_strdup (text);
}

static void
on_moved (AnxCalendarView *view,
          const char *id,
          guint column,
          int minute,
          Fixture *fixture)
{
  g_free (fixture->moved);
  fixture->moved = g_strdup (id);
  fixture->moved_column = column;
  fixture->moved_minute = minute;
}

/* Another week, in which somebody else stands. */
static void
on_turn (AnxCalendarView *view,
         int by,
         Fixture *fixture)
{
  GPtrArray *entries = g_ptr_array_new ();

  fixture->week += by;
  g_ptr_array_add (entries, make_entry ("other", 0, 8 * 60, 9 * 60));
  anx_calendar_view_set (view, make_week (4, (guint) fixture->week), entries, -1);
}

static void
settle (void)
{
  for (int i = 0; i < 20; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
    }
}

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GPtrArray *entries = g_ptr_array_new ();

  fixture->window = gtk_window_new ();
  fixture->view = ANX_CALENDAR_VIEW (anx_calendar_view_new ());
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (fixture->view));
  gtk_window_set_child (GTK_WINDOW (fixture->window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1000, 700);
  g_signal_connect (fixture->view, "selected", G_CALLBACK (on_selected), fixture);
  g_signal_connect (fixture->view, "activated", G_CALLBACK (on_activated), fixture);
  g_signal_connect (fixture->view, "ask-targets", G_CALLBACK (on_ask), fixture);
  g_signal_connect (fixture->view, "answer", G_CALLBACK (on_answer), fixture);
  g_signal_connect (fixture->view, "moved", G_CALLBACK (on_moved), fixture);
  g_signal_connect (fixture->view, "turn", G_CALLBACK (on_turn), fixture);
  g_ptr_array_add (entries, make_entry ("a1", 0, 9 * 60, 10 * 60));
  g_ptr_array_add (entries, make_entry ("a2", 0, 11 * 60, 12 * 60));
  g_ptr_array_add (entries, make_entry ("c1", 3, 9 * 60, 10 * 60));
  g_ptr_array_add (entries, make_entry ("c2", 3, 9 * 60 + 30, 11 * 60));
  anx_calendar_view_set (fixture->view, make_columns (4), entries, -1);
  gtk_window_present (GTK_WINDOW (fixture->window));
  settle ();
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  settle ();
  g_free (fixture->selected);
  g_free (fixture->activated);
  g_free (fixture->moved);
  g_free (fixture->answer);
}

/* As the keyboard does it: the first controller that takes the key ends it. */
static void
press (Fixture *fixture,
       guint key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->view));
  gboolean taken = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !taken; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &taken);
    }
  settle ();
}

static void
click (Fixture *fixture,
       guint column,
       int minute)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->view));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_GESTURE_CLICK (controller))
        g_signal_emit_by_name (controller, "pressed", 1, anx_calendar_view_get_x (fixture->view, column) + 20,
                               anx_calendar_view_get_y (fixture->view, minute));
    }
  settle ();
}

/* V1: every booking, by arrow keys alone. */
static void
test_keys_reach_all (Fixture *fixture,
                     gconstpointer data)
{
  /* A window gives its first focus by itself. */
  g_assert_cmpstr (fixture->selected, ==, "a1");
  press (fixture, GDK_KEY_Down);
  g_assert_cmpstr (fixture->selected, ==, "a2");
  press (fixture, GDK_KEY_Down);
  g_assert_cmpstr (fixture->selected, ==, "a2");
  press (fixture, GDK_KEY_Right);
  g_assert_cmpstr (fixture->selected, ==, "c2");
  press (fixture, GDK_KEY_Up);
  g_assert_cmpstr (fixture->selected, ==, "c1");
  press (fixture, GDK_KEY_Return);
  g_assert_cmpstr (fixture->activated, ==, "c1");
  press (fixture, GDK_KEY_Left);
  g_assert_cmpstr (fixture->selected, ==, "a1");
  /* One stop of Tab. */
  g_assert_false (gtk_widget_child_focus (GTK_WIDGET (fixture->view), GTK_DIR_TAB_FORWARD));
}

static void
test_move_by_keys (Fixture *fixture,
                   gconstpointer data)
{
  anx_calendar_view_select (fixture->view, "a1");
  press (fixture, GDK_KEY_m);
  g_assert_true (anx_calendar_view_is_moving (fixture->view));
  g_assert_cmpuint (fixture->asked, ==, 1);
  /* V2: where it stands now is not one of the free starts, so it cannot be dropped there. */
  g_assert_false (fixture->allowed);
  press (fixture, GDK_KEY_Return);
  g_assert_null (fixture->moved);
  press (fixture, GDK_KEY_Down);
  g_assert_true (fixture->allowed);
  press (fixture, GDK_KEY_Right);
  g_assert_cmpuint (fixture->asked, ==, 2);
  press (fixture, GDK_KEY_Down);
  press (fixture, GDK_KEY_Return);
  g_assert_cmpstr (fixture->moved, ==, "a1");
  g_assert_cmpuint (fixture->moved_column, ==, 1);
  g_assert_cmpint (fixture->moved_minute, ==, 14 * 60 + 30);
  g_assert_false (anx_calendar_view_is_moving (fixture->view));
}

static void
test_move_given_up (Fixture *fixture,
                    gconstpointer data)
{
  anx_calendar_view_select (fixture->view, "a1");
  press (fixture, GDK_KEY_m);
  press (fixture, GDK_KEY_Right);
  press (fixture, GDK_KEY_Right);
  /* Nothing is free in the third column. */
  g_assert_false (fixture->allowed);
  press (fixture, GDK_KEY_Return);
  g_assert_null (fixture->moved);
  press (fixture, GDK_KEY_Escape);
  g_assert_false (anx_calendar_view_is_moving (fixture->view));
  g_assert_null (fixture->moved);
  g_assert_cmpstr (anx_calendar_view_get_selected (fixture->view), ==, "a1");
}

/* Not only that it is not free, but why, as far as the calendar shows it. */
static void
test_reasons (Fixture *fixture,
              gconstpointer data)
{
  static const AnxCalendarSpan early = { 8 * 60, 9 * 60 };
  GPtrArray *columns = make_columns (4);
  GPtrArray *entries = g_ptr_array_new ();
  AnxCalendarColumn *second = g_ptr_array_index (columns, 1);

  second->open = g_array_new (FALSE, FALSE, sizeof (AnxCalendarSpan));
  g_array_append_val (second->open, early);
  g_ptr_array_add (entries, make_entry ("a1", 0, 9 * 60, 10 * 60));
  g_ptr_array_add (entries, make_entry ("c1", 3, 9 * 60 + 30, 10 * 60));
  anx_calendar_view_set (fixture->view, columns, entries, -1);
  anx_calendar_view_select (fixture->view, "a1");
  press (fixture, GDK_KEY_m);
  g_assert_nonnull (strstr (fixture->answer, "where it is now"));
  press (fixture, GDK_KEY_Right);
  g_assert_nonnull (strstr (fixture->answer, "outside the hours of work"));
  press (fixture, GDK_KEY_Right);
  g_assert_true (g_str_has_suffix (fixture->answer, "not free"));
  press (fixture, GDK_KEY_Right);
  g_assert_nonnull (strstr (fixture->answer, "another booking"));
  g_assert_false (fixture->allowed);
  press (fixture, GDK_KEY_Escape);
  g_assert_cmpstr (fixture->answer, ==, "");
}

/* A list that comes anew while something is moved does not take it out of the hand; when it is gone, the move ends. */
static void
test_news_while_moving (Fixture *fixture,
                        gconstpointer data)
{
  GPtrArray *entries = g_ptr_array_new ();

  anx_calendar_view_begin_move (fixture->view, "a1");
  g_ptr_array_add (entries, make_entry ("a1", 0, 9 * 60, 10 * 60));
  anx_calendar_view_set (fixture->view, make_columns (4), entries, -1);
  g_assert_true (anx_calendar_view_is_moving (fixture->view));
  anx_calendar_view_set (fixture->view, make_columns (4), g_ptr_array_new (), -1);
  g_assert_false (anx_calendar_view_is_moving (fixture->view));
  g_assert_null (anx_calendar_view_get_selected (fixture->view));
}

/* Whoever cannot come this week comes in the next one. */
static void
test_move_to_other_week (Fixture *fixture,
                         gconstpointer data)
{
  anx_calendar_view_begin_move (fixture->view, "a1");
  g_assert_cmpuint (fixture->asked, ==, 1);
  press (fixture, GDK_KEY_Page_Down);
  g_assert_cmpint (fixture->week, ==, 1);
  g_assert_true (anx_calendar_view_is_moving (fixture->view));
  /* V2: what was free in the week before says nothing about this one. */
  g_assert_cmpuint (fixture->asked, ==, 2);
  g_assert_nonnull (strstr (fixture->answer, "Week 1"));
  press (fixture, GDK_KEY_Down);
  g_assert_true (fixture->allowed);
  press (fixture, GDK_KEY_Return);
  g_assert_cmpstr (fixture->moved, ==, "a1");
  g_assert_cmpuint (fixture->moved_column, ==, 0);
  g_assert_cmpint (fixture->moved_minute, ==, 10 * 60);
  /* Whoever else stands in that week is not chosen by it. */
  g_assert_cmpstr (fixture->selected, ==, "a1");
  press (fixture, GDK_KEY_Page_Down);
  g_assert_cmpint (fixture->week, ==, 1);
}

/* In another week the columns may be others: it stays with the same person, or ends. */
static void
test_move_keeps_person (Fixture *fixture,
                        gconstpointer data)
{
  GPtrArray *fewer = make_week (4, 2);

  anx_calendar_view_begin_move (fixture->view, "c1");
  g_ptr_array_set_free_func (fewer, (GDestroyNotify) anx_calendar_column_free);
  g_ptr_array_remove_index (fewer, 0);
  ((AnxCalendarColumn *) g_ptr_array_index (fewer, 0))->first = TRUE;
  anx_calendar_view_set (fixture->view, fewer, g_ptr_array_new (), -1);
  g_assert_true (anx_calendar_view_is_moving (fixture->view));
  g_assert_nonnull (strstr (fixture->answer, "Week 2, Day 1, Person 4"));
  anx_calendar_view_set (fixture->view, make_week (2, 3), g_ptr_array_new (), -1);
  g_assert_false (anx_calendar_view_is_moving (fixture->view));
}

/* Two of one name: on the same day, but of another week, it is with the same of them. */
static void
test_move_keeps_day (Fixture *fixture,
                     gconstpointer data)
{
  GPtrArray *weeks[] = { make_week (110, 0), make_week (110, 2) };
  GPtrArray *entries = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (weeks); i++)
    {
      AnxCalendarColumn *namesake = g_ptr_array_index (weeks[i], 58);
      g_free (namesake->subtitle);
      namesake->subtitle = g_strdup (((AnxCalendarColumn *) g_ptr_array_index (weeks[i], 57))->subtitle);
    }
  g_ptr_array_add (entries, make_entry ("x1", 58, 9 * 60, 10 * 60));
  anx_calendar_view_set (fixture->view, weeks[0], entries, -1);
  anx_calendar_view_begin_move (fixture->view, "x1");
  g_ptr_array_set_free_func (weeks[1], (GDestroyNotify) anx_calendar_column_free);
  g_ptr_array_remove_index (weeks[1], 51);
  anx_calendar_view_set (fixture->view, weeks[1], g_ptr_array_new (), -1);
  g_assert_true (anx_calendar_view_is_moving (fixture->view));
  g_assert_nonnull (strstr (fixture->answer, "Week 2, Day 2, Person 9"));
}

/* Begun with the button, ended with the pointer: once to look, once more to put it there. */
static void
test_move_by_clicks (Fixture *fixture,
                     gconstpointer data)
{
  anx_calendar_view_begin_move (fixture->view, "a1");
  click (fixture, 2, 10 * 60);
  g_assert_false (fixture->allowed);
  click (fixture, 2, 10 * 60);
  g_assert_null (fixture->moved);
  click (fixture, 1, 10 * 60 + 5);
  g_assert_true (fixture->allowed);
  g_assert_null (fixture->moved);
  click (fixture, 1, 10 * 60 + 15);
  g_assert_cmpstr (fixture->moved, ==, "a1");
  g_assert_cmpuint (fixture->moved_column, ==, 1);
  g_assert_cmpint (fixture->moved_minute, ==, 10 * 60);
  g_assert_false (anx_calendar_view_is_moving (fixture->view));
}

typedef struct
{
  GArray *frames; /* (element-type double) ms by the clock */
  GArray *work;   /* (element-type double) ms of processor time: what a frame costs on a machine that does nothing else */
  double began;
  double began_work;
  int step;
  GtkAdjustment *adjustments[2];
} Scroll;

static double
read_clock (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return (double) now.tv_sec * 1000.0 + (double) now.tv_nsec / 1e6;
}

static void
on_before_paint (GdkFrameClock *clock,
                 Scroll *scroll)
{
  scroll->began = read_clock (CLOCK_MONOTONIC);
  scroll->began_work = read_clock (CLOCK_THREAD_CPUTIME_ID);
}

static void
on_after_paint (GdkFrameClock *clock,
                Scroll *scroll)
{
  double ms = read_clock (CLOCK_MONOTONIC) - scroll->began;
  double work = read_clock (CLOCK_THREAD_CPUTIME_ID) - scroll->began_work;
  g_array_append_val (scroll->frames, ms);
  g_array_append_val (scroll->work, work);
}

static gboolean
on_tick (GtkWidget *widget,
         GdkFrameClock *clock,
         gpointer user_data)
{
  Scroll *scroll = user_data;
  for (int i = 0; i < 2; i++)
    {
      GtkAdjustment *adjustment = scroll->adjustments[i];
      double range = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
      gtk_adjustment_set_value (adjustment, range * (0.5 - 0.5 * cos (scroll->step * (i == 0 ? 0.011 : 0.043))));
    }
  scroll->step++;
  return G_SOURCE_CONTINUE;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double one = *(const double *) a;
  double other = *(const double *) b;
  return one < other ? -1 : one > other;
}

static double
get_share (GArray *sorted,
           double share)
{
  return g_array_index (sorted, double, (guint) ((sorted->len - 1) * share));
}

/* The desk's own colours and edges: they are a part of what drawing costs. */
static void
load_style (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_path (provider, STYLE_PATH);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

/* 2,000 bookings of 50 counsellors in 5 days, scrolled both ways. Without ANX_FRAMES it only shows that all of it is drawn; with
 * it, so many frames are timed from before-paint to after-paint and printed as one JSON line. */
static void
test_scroll (void)
{
  const char *wanted = g_getenv ("ANX_FRAMES");
  guint n_frames = wanted != NULL ? (guint) atoi (wanted) : 30;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *view = anx_calendar_view_new ();
  GPtrArray *entries = g_ptr_array_new ();
  Scroll scroll = { .frames = g_array_new (FALSE, FALSE, sizeof (double)),
                    .work = g_array_new (FALSE, FALSE, sizeof (double)) };

  load_style ();

  for (guint column = 0; column < 250; column++)
    for (int i = 0; i < 8; i++)
      {
        g_autofree char *id = g_strdup_printf ("%u-%d 王小明", column, i);
        g_ptr_array_add (entries, make_entry (id, column, 8 * 60 + 70 * i, 8 * 60 + 70 * i + 50));
      }
  anx_calendar_view_set (ANX_CALENDAR_VIEW (view), make_columns (250), entries, 11 * 60);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  gtk_window_present (GTK_WINDOW (window));
  settle ();
  scroll.adjustments[0] = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scrolled));
  scroll.adjustments[1] = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  g_assert_cmpfloat (gtk_adjustment_get_upper (scroll.adjustments[0]), >, 250 * 100);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint), &scroll);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &scroll);
  gtk_widget_add_tick_callback (view, on_tick, &scroll, NULL);
  while (scroll.frames->len < n_frames)
    g_main_context_iteration (NULL, TRUE);
  g_array_sort (scroll.frames, compare_doubles);
  g_array_sort (scroll.work, compare_doubles);
  g_test_message ("{\"bookings\":2000,\"frames\":%u,\"work_median_ms\":%.1f,\"work_p99_ms\":%.1f,\"work_most_ms\":%.1f,"
                  "\"median_ms\":%.1f,\"p99_ms\":%.1f,\"most_ms\":%.1f}",
                  scroll.frames->len, get_share (scroll.work, 0.5), get_share (scroll.work, 0.99),
                  get_share (scroll.work, 1), get_share (scroll.frames, 0.5), get_share (scroll.frames, 0.99),
                  get_share (scroll.frames, 1));
  g_signal_handlers_disconnect_by_data (clock, &scroll);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  g_array_unref (scroll.frames);
  g_array_unref (scroll.work);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (1440, 900))
    {
      g_test_skip ("no Xvfb");
      return 77;
    }
  adw_init ();
  g_test_add ("/desk/calendar/keys-reach-all", Fixture, NULL, set_up, test_keys_reach_all, tear_down);
  g_test_add ("/desk/calendar/move-by-keys", Fixture, NULL, set_up, test_move_by_keys, tear_down);
  g_test_add ("/desk/calendar/move-given-up", Fixture, NULL, set_up, test_move_given_up, tear_down);
  g_test_add ("/desk/calendar/reasons", Fixture, NULL, set_up, test_reasons, tear_down);
  g_test_add ("/desk/calendar/news-while-moving", Fixture, NULL, set_up, test_news_while_moving, tear_down);
  g_test_add ("/desk/calendar/move-to-other-week", Fixture, NULL, set_up, test_move_to_other_week, tear_down);
  g_test_add ("/desk/calendar/move-keeps-person", Fixture, NULL, set_up, test_move_keeps_person, tear_down);
  g_test_add ("/desk/calendar/move-keeps-day", Fixture, NULL, set_up, test_move_keeps_day, tear_down);
  g_test_add ("/desk/calendar/move-by-clicks", Fixture, NULL, set_up, test_move_by_clicks, tear_down);
  g_test_add_func ("/desk/calendar/scroll", test_scroll);
  return g_test_run ();
}
