/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "booking-pages.h"
#include "care-records.h"
#include "json.h"
#include "lockdown.h"
#include "page-hands.h"
#include "screening-pages.h"
#include "session.h"
#include "slip-print.h"
#include "test-data.h"
#include "test-display.h"

/* "I need help now" is on every page and every cover of a visit, in sight and within reach of the keyboard. */

#define BOOKING                                                                                                                                     \
  "{\"id\":\"0193a5f0-0000-7000-8000-000000000001\",\"service\":\"individual\",\"counsellor\":\"li-wenjing\",\"centre\":\"yunhe\",\"room\":\"yunhe-1\"," \
  "\"kiosk\":\"kiosk-yunhe-1\",\"start\":4102444800000000,\"end\":4102447800000000,\"status\":\"booked\"}"
#define SLOTS "{\"slots\":[{\"start\":4102444800000000,\"end\":4102447800000000,\"counsellor\":\"li-wenjing\",\"room\":\"yunhe-1\"}]}"
/* Far more than a page has; going round comes to an end before. */
#define MOST_TABS 400

static gpointer
no_data (AnxHands *hands)
{
  return NULL;
}

static gpointer
new_draft (AnxHands *hands)
{
  g_autoptr (GError) error = NULL;
  AnxBookingDraft *draft = anx_booking_draft_new ();
  g_autoptr (JsonNode) answer = anx_json_parse (SLOTS, -1, 65536, &error);
  g_assert_no_error (error);
  draft->slots = anx_slots_parse (answer, &error);
  g_assert_no_error (error);
  draft->service = g_strdup ("individual");
  draft->counsellor = g_strdup ("li-wenjing");
  anx_booking_draft_choose_slot (draft, g_ptr_array_index (draft->slots, 0));
  draft->day = anx_slot_get_day (draft->slot, "Asia/Shanghai");
  draft->name = g_strdup ("张三");
  draft->phone = g_strdup ("");
  anx_booking_draft_prepare_claim (draft);
  draft->booking = anx_json_parse_object (BOOKING, -1, 65536, &error);
  g_assert_no_error (error);
  return draft;
}

static gpointer
new_draft_for_ages (AnxHands *hands)
{
  AnxBookingDraft *draft = new_draft (hands);
  g_free (draft->service);
  draft->service = g_strdup ("phone");
  return draft;
}

static void
free_draft (gpointer data)
{
  anx_booking_draft_unref (data);
}

static gpointer
new_session (AnxHands *hands)
{
  g_autoptr (JsonObject) booking = anx_json_parse_object (BOOKING, -1, 65536, NULL);
  anx_resident_set_booking (hands->resident, booking, NULL);
  return anx_session_new (hands->window);
}

static gpointer
new_place (AnxHands *hands)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxScreeningRun) run = anx_screening_run_new (anx_resident_get_directory (hands->resident), NULL, &error);
  g_assert_no_error (error);
  anx_screening_run_set (run, 0, 0, 0);
  anx_screening_run_keep (hands->window, run);
  return anx_screening_place_new (run, 0, 0);
}

static gpointer
new_id (AnxHands *hands)
{
  return g_strdup ("gad-7");
}

static const struct
{
  const char *name;
  AnxPageMaker make;
  gpointer (*data) (AnxHands *hands);
  GDestroyNotify destroy;
} PAGES[] = {
#define PAGE(maker, data, destroy) { #maker, maker, data, destroy }
  PAGE (anx_home_page_make, no_data, NULL),
  PAGE (anx_booking_page_make, no_data, NULL),
  PAGE (anx_booking_age_page_make, new_draft_for_ages, free_draft),
  PAGE (anx_booking_counsellor_page_make, new_draft, free_draft),
  PAGE (anx_booking_day_page_make, new_draft, free_draft),
  PAGE (anx_booking_time_page_make, new_draft, free_draft),
  PAGE (anx_booking_name_page_make, new_draft, free_draft),
  PAGE (anx_booking_phone_page_make, new_draft, free_draft),
  PAGE (anx_booking_review_page_make, new_draft, free_draft),
  PAGE (anx_booking_taken_page_make, new_draft, free_draft),
  PAGE (anx_booking_none_page_make, new_draft, free_draft),
  PAGE (anx_booking_move_page_make, new_draft, free_draft),
  PAGE (anx_waiting_list_page_make, new_draft, free_draft),
  PAGE (anx_ticket_page_make, no_data, NULL),
  PAGE (anx_slip_page_make, new_draft, free_draft),
  PAGE (anx_slip_print_page_make, new_draft, free_draft),
  PAGE (anx_screening_page_make, no_data, NULL),
  PAGE (anx_screening_assigned_page_make, new_id, g_free),
  PAGE (anx_screening_item_page_make, new_place, anx_screening_place_unref),
  PAGE (anx_screening_stop_page_make, new_place, anx_screening_place_unref),
  PAGE (anx_screening_resume_page_make, no_data, NULL),
  PAGE (anx_screening_result_page_make, new_place, anx_screening_place_unref),
  PAGE (anx_check_in_page_make, no_data, NULL),
  PAGE (anx_lookup_page_make, no_data, NULL),
  PAGE (anx_learn_page_make, no_data, NULL),
  PAGE (anx_help_page_make, no_data, NULL),
  PAGE (anx_waiting_page_make, new_session, anx_session_unref),
  PAGE (anx_device_page_make, new_session, anx_session_unref),
  PAGE (anx_talk_page_make, new_session, anx_session_unref),
  PAGE (anx_call_page_make, new_session, anx_session_unref),
  PAGE (anx_rating_page_make, new_session, anx_session_unref),
#undef PAGE
};

static gboolean
is_in_table (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    if (g_str_equal (PAGES[i].name, name))
      return TRUE;
  return FALSE;
}

/* Whoever adds a page adds a line above. */
static void
test_none_forgotten (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "src", "kiosk", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  g_autoptr (GRegex) regex = g_regex_new ("\\b(anx_\\w+_page_make) \\(AnxResidentWindow \\*window, gpointer data\\)", 0, 0, &error);
  guint n = 0;
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_str_has_suffix (name, ".h"))
        continue;
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      for (gboolean found = g_regex_match (regex, text, 0, &match); found; found = g_match_info_next (match, NULL), n++)
        {
          g_autofree char *maker = g_match_info_fetch (match, 1);
          g_test_message ("%s", maker);
          g_assert_true (is_in_table (maker));
        }
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (PAGES));
}

/* In sight: wholly inside the window, and what is touched at its middle is the button itself. */
static void
check_help (AnxHands *hands)
{
  GtkWidget *window = GTK_WIDGET (hands->window), *help = anx_hands_find (hands, "I need help now");
  graphene_rect_t place;
  gboolean reached = FALSE;

  g_assert_nonnull (help);
  g_assert_true (gtk_widget_compute_bounds (help, window, &place));
  g_assert_cmpfloat (place.origin.x, >=, 0);
  g_assert_cmpfloat (place.origin.y, >=, 0);
  g_assert_cmpfloat (place.origin.x + place.size.width, <=, (float) gtk_widget_get_width (window));
  g_assert_cmpfloat (place.origin.y + place.size.height, <=, (float) gtk_widget_get_height (window));
  GtkWidget *touched
      = gtk_widget_pick (window, place.origin.x + place.size.width / 2, place.origin.y + place.size.height / 2, GTK_PICK_DEFAULT);
  g_assert_nonnull (touched);
  g_assert_true (touched == help || gtk_widget_is_ancestor (touched, help));
  for (guint i = 0; i < MOST_TABS && !reached; i++)
    {
      gtk_widget_child_focus (window, GTK_DIR_TAB_FORWARD);
      reached = gtk_window_get_focus (GTK_WINDOW (window)) == help;
    }
  g_assert_true (reached);
}

static gboolean
is_laid_out (gpointer window)
{
  GtkWidget *page = gtk_widget_get_first_child (gtk_widget_get_first_child (window));
  return gtk_widget_get_width (page) > 0;
}

static gboolean
is_drawn (gpointer data)
{
  return *(guint *) data > 1;
}

static void
count_frame (guint *frames)
{
  (*frames)++;
}

/* Two frames on, everything has its place. */
static void
wait_for_layout (AnxHands *hands)
{
  guint frames = 0;
  GdkFrameClock *frame_clock = gtk_widget_get_frame_clock (GTK_WIDGET (hands->window));
  gulong handler = g_signal_connect_swapped (frame_clock, "after-paint", G_CALLBACK (count_frame), &frames);

  gdk_frame_clock_begin_updating (frame_clock);
  anx_hands_wait_until (is_drawn, &frames);
  gdk_frame_clock_end_updating (frame_clock);
  g_signal_handler_disconnect (frame_clock, handler);
  anx_hands_wait_until (is_laid_out, hands->window);
}

static void
test_every_page (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "help-everywhere", "en");
  for (guint i = 0; i < G_N_ELEMENTS (PAGES); i++)
    {
      g_test_message ("%s", PAGES[i].name);
      anx_resident_window_push (hands.window, PAGES[i].make, PAGES[i].data (&hands), PAGES[i].destroy);
      wait_for_layout (&hands);
      check_help (&hands);
      anx_resident_window_home (hands.window);
    }
  anx_hands_stop (&hands);
}

static GtkWidget *
make_short_page (AnxResidentWindow *window,
                 gpointer data)
{
  GtkWidget *page = anx_page_new ("Here", NULL), *button = gtk_button_new_with_label ("Under the cover");
  gtk_box_append (anx_page_get_content (ANX_PAGE (page)), button);
  anx_page_set_idle_limit (ANX_PAGE (page), 1);
  return page;
}

/* The cover that asks whether somebody is still there: help is on it, nothing under it has the keyboard, and who stays goes on where they were. */
static void
test_cover (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "still-here", "en");
  anx_resident_window_begin (hands.window, "en", "");
  anx_resident_window_push (hands.window, make_short_page, NULL, NULL);
  GtkWidget *under = anx_hands_find (&hands, "Under the cover");
  g_assert_true (gtk_widget_grab_focus (under));
  anx_hands_wait_for (&hands, "Are you still here?");
  wait_for_layout (&hands);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (hands.window));
  g_assert_true (focus == anx_hands_find (&hands, "I am still here"));
  for (guint i = 0; i < 20; i++)
    {
      gtk_widget_child_focus (GTK_WIDGET (hands.window), GTK_DIR_TAB_FORWARD);
      g_assert_true (gtk_window_get_focus (GTK_WINDOW (hands.window)) != under);
    }
  anx_hands_look (&hands, "cover");
  anx_hands_touch (&hands, "I am still here");
  g_assert_false (anx_hands_see (&hands, "Are you still here?"));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (hands.window)) == under);

  anx_hands_wait_for (&hands, "Are you still here?");
  wait_for_layout (&hands);
  GtkWidget *cover = gtk_widget_get_ancestor (anx_hands_find (&hands, "I am still here"), GTK_TYPE_BOX);
  while (!gtk_widget_has_css_class (cover, "warning"))
    cover = gtk_widget_get_parent (cover);
  guint before = anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT);
  /* The one in the cover, not the one below it. */
  AnxHands on_cover = hands;
  on_cover.window = (AnxResidentWindow *) cover;
  GtkWidget *help = anx_hands_find (&on_cover, "I need help now");
  graphene_rect_t place;
  g_assert_nonnull (help);
  g_assert_true (gtk_widget_compute_bounds (help, GTK_WIDGET (hands.window), &place));
  GtkWidget *touched = gtk_widget_pick (GTK_WIDGET (hands.window), place.origin.x + place.size.width / 2, place.origin.y + place.size.height / 2,
                                        GTK_PICK_DEFAULT);
  g_assert_true (touched == help || gtk_widget_is_ancestor (touched, help));
  gboolean reached = FALSE;
  for (guint i = 0; i < 20 && !reached; i++)
    {
      gtk_widget_child_focus (GTK_WIDGET (hands.window), GTK_DIR_TAB_FORWARD);
      reached = gtk_window_get_focus (GTK_WINDOW (hands.window)) == help;
    }
  g_assert_true (reached);
  g_signal_emit_by_name (help, "clicked");
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  g_assert_false (anx_hands_see (&hands, "Are you still here?"));
  while (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT) == before)
    g_main_context_iteration (NULL, TRUE);
  anx_hands_stop (&hands);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gboolean wide = g_strcmp0 (g_getenv ("ANX_LOOK_SIZE"), "1280x800") == 0;
  if (!anx_test_display_open (wide ? 1280 : 1080, wide ? 800 : 1920))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  anx_test_data_open ("{\"first\":[[\"phq-9\",\"gad-7\"]]}");
  anx_kiosk_load_style (gdk_display_get_default ());
  g_test_add_func ("/kiosk/help/none-forgotten", test_none_forgotten);
  g_test_add_func ("/kiosk/help/every-page", test_every_page);
  g_test_add_func ("/kiosk/help/cover", test_cover);
  int failed = g_test_run ();
  anx_test_data_close ();
  return failed;
}
