/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "booking-code.h"
#include "care-records.h"
#include "json.h"
#include "lockdown.h"
#include "page-hands.h"
#include "resident-private.h"
#include "test-data.h"
#include "test-display.h"

/* ---- booking ---- */

static void
book_up_to_review (AnxHands *hands)
{
  anx_resident_window_push (hands->window, anx_booking_page_make, NULL, NULL);
  anx_hands_look (hands, "service");
  anx_hands_touch (hands, "Talk with a counsellor");
  anx_hands_look (hands, "counsellor");
  anx_hands_touch (hands, "Wang Jianping");
  anx_hands_wait_for (hands, "Later month");
  anx_hands_look (hands, "day");
}

static GtkWidget *
find_class (GtkWidget *widget,
            const char *css_class,
            guint *skip)
{
  if (gtk_widget_has_css_class (widget, css_class) && gtk_widget_get_mapped (widget) && (*skip)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_class (child, css_class, skip);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
touch_class (AnxHands *hands,
             const char *css_class,
             guint which)
{
  GtkWidget *widget = find_class (GTK_WIDGET (hands->window), css_class, &which);
  g_assert_nonnull (widget);
  g_signal_emit_by_name (widget, "clicked");
}

static void
choose_first_time (AnxHands *hands)
{
  touch_class (hands, "anx-day", 0);
  anx_hands_wait_for (hands, "09:00");
  anx_hands_look (hands, "time");
  anx_hands_touch (hands, "10:00");
}

static void
enter_name_and_phone (AnxHands *hands)
{
  anx_hands_wait_for (hands, "What may we call you?");
  g_assert_null (anx_hands_find (hands, "Next"));
  anx_hands_touch (hands, "Chinese");
  anx_hands_look (hands, "name-empty");
  anx_hands_type (hands, "zhangsan");
  anx_hands_look (hands, "name-composing");
  /* While letters wait there is no way on. */
  g_assert_null (anx_hands_find (hands, "Next"));
  anx_hands_touch (hands, "张三");
  anx_hands_look (hands, "name");
  anx_hands_touch (hands, "Next");
  anx_hands_wait_for (hands, "Where can we call you?");
  anx_hands_type (hands, "13812345678");
  anx_hands_wait_for (hands, "138 1234 5678");
  anx_hands_look (hands, "phone");
  anx_hands_touch (hands, "Next");
  anx_hands_wait_for (hands, "Is everything right?");
  anx_hands_look (hands, "review");
  /* What a compositor or a debugger may keep says nothing of the person. */
  g_assert_false (anx_hands_is_named (hands, "张三"));
  g_assert_false (anx_hands_is_named (hands, "138"));
}

static gboolean
contact_is_there (gpointer data)
{
  return anx_shell_double_count_submitted (data, ANX_KIND_CONTACT) == 1;
}

static void
test_booking (void)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  anx_hands_start (&hands, "booking", "en");
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  g_assert_cmpuint (anx_shell_double_count_active (hands.shell), >, 0);
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "PUT", "/v1/bookings/"), ==, 0);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your time is booked");
  anx_hands_look (&hands, "slip");

  /* "Booked" is said only when the name is on the disk, sealed to those the review named. */
  g_assert_true (contact_is_there (hands.shell));
  g_autoptr (JsonNode) contact = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "wang-jianping", &error);
  g_assert_no_error (error);
  g_autofree char *name = NULL, *phone = NULL;
  gboolean alias = TRUE;
  g_assert_true (anx_contact_read (json_node_get_object (contact), &name, &alias, &phone, &error));
  g_assert_cmpstr (name, ==, "张三");
  g_assert_cmpstr (phone, ==, "13812345678");
  g_assert_false (alias);
  g_autoptr (JsonNode) staff = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "staff-yunhe", NULL);
  g_assert_nonnull (staff);
  g_autoptr (JsonNode) stranger = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "li-wenjing", NULL);
  g_assert_null (stranger);

  /* The hub learns neither name nor code. */
  g_autofree char *claim = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/bookings/");
  const char *code = anx_resident_get_code (hands.resident);
  g_autofree char *written = anx_booking_code_format (code);
  g_assert_null (strstr (claim, "张"));
  g_assert_null (strstr (claim, code));
  g_assert_nonnull (strstr (claim, "codeKey"));
  g_assert_true (anx_hands_see (&hands, written));
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_CONTACT);
  g_autofree char *clear = anx_json_object_to_text (header);
  g_assert_null (strstr (clear, "张"));
  g_assert_null (strstr (clear, "13812345678"));
  g_assert_nonnull (strstr (clear, json_object_get_string_member (anx_resident_get_booking (hands.resident), "id")));

  g_assert_false (anx_hands_is_named (&hands, code));
  g_assert_false (anx_hands_is_named (&hands, written));
  anx_hands_stop (&hands);
}

static void
test_taken (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "taken", "en");
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  anx_resident_window_back (hands.window);
  anx_resident_window_back (hands.window);
  anx_hands_touch (&hands, "Another name");
  anx_hands_touch (&hands, "Next");
  anx_hands_wait_for (&hands, "138 1234 5678");
  anx_hands_touch (&hands, "Next");
  anx_hands_wait_for (&hands, "张三 (another name)");
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/bookings/", ANX_SHELL_ERROR_CONFLICT, "{\"type\":\"urn:anxin:problem:slot-taken\"}");
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Somebody was just a moment earlier");
  anx_hands_wait_for (&hands, "See all days");
  anx_hands_look (&hands, "alternatives");
  g_autofree char *first = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  touch_class (&hands, "choice", 0);
  anx_hands_wait_for (&hands, "Is everything right?");
  /* Nothing has to be typed again. */
  g_assert_true (anx_hands_see (&hands, "张三"));
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your time is booked");
  g_autofree char *second = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_CONTACT), ==, 1);
  g_autoptr (JsonNode) contact = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "staff-yunhe", NULL);
  g_autofree char *name = NULL, *phone = NULL;
  gboolean alias = FALSE;
  g_assert_true (anx_contact_read (json_node_get_object (contact), &name, &alias, &phone, NULL));
  g_assert_true (alias);
  anx_hands_stop (&hands);
}

static void
test_offline (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "offline", "en");
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  anx_shell_double_set_online (hands.shell, FALSE);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "There is no connection to the booking office just now.");
  anx_hands_look (&hands, "no-connection");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_CONTACT), ==, 0);
  g_autofree char *first = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  g_autofree char *first_body = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/bookings/");
  anx_shell_double_set_online (hands.shell, TRUE);
  anx_hands_touch (&hands, "Try again");
  anx_hands_wait_for (&hands, "Your time is booked");
  /* The same claim: had the first one arrived after all, it is not booked twice. */
  g_autofree char *second = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  g_autofree char *second_body = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/bookings/");
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (first_body, ==, second_body);
  anx_hands_stop (&hands);
}

/* A claim whose fate is unknown is given back when another time is taken instead. */
static void
test_uncertain_claim_is_given_back (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "uncertain", "en");
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  anx_shell_double_set_online (hands.shell, FALSE);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "There is no connection");
  g_autofree char *first = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  anx_shell_double_set_online (hands.shell, TRUE);
  anx_resident_window_back (hands.window);
  anx_resident_window_back (hands.window);
  anx_resident_window_back (hands.window);
  anx_hands_touch (&hands, "14:00");
  anx_hands_wait_for (&hands, "张三");
  anx_hands_touch (&hands, "Next");
  anx_hands_wait_for (&hands, "138 1234 5678");
  anx_hands_touch (&hands, "I have no phone");
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your time is booked");
  g_autofree char *second = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  g_assert_cmpstr (first, !=, second);
  g_autofree char *give_back = g_strconcat (first, "/status", NULL);
  /* Asked for beside the new claim. */
  while (anx_shell_double_count_requests (hands.shell, "POST", give_back) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "POST", give_back), ==, 1);
  anx_hands_stop (&hands);
}

static void
test_disk_full (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "disk", "en");
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  anx_shell_double_fail_submit (hands.shell, TRUE);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "your name could not be saved yet");
  anx_hands_look (&hands, "name-not-saved");
  g_assert_false (anx_hands_see (&hands, "Your time is booked"));
  anx_shell_double_fail_submit (hands.shell, FALSE);
  anx_hands_touch (&hands, "Try again");
  anx_hands_wait_for (&hands, "Your time is booked");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "PUT", "/v1/bookings/"), ==, 1);
  anx_hands_stop (&hands);
}

/* ---- questionnaires ---- */

static void
begin_questions (AnxHands *hands,
                 gboolean agree)
{
  anx_resident_window_push (hands->window, anx_screening_page_make, NULL, NULL);
  anx_hands_wait_for (hands, "Before you begin");
  /* Nothing is agreed to beforehand. */
  g_assert_null (anx_hands_find (hands, "Begin"));
  anx_hands_look (hands, "consent");
  anx_hands_touch (hands, agree ? "Yes" : "No. Only I see them, and nothing is kept.");
  anx_hands_touch (hands, "Begin");
}

static void
set_booking (AnxHands *hands)
{
  g_autoptr (JsonObject) booking = json_object_new ();
  json_object_set_string_member (booking, "id", "0193a5f0-0000-7000-8000-000000000001");
  json_object_set_string_member (booking, "counsellor", "li-wenjing");
  anx_resident_set_booking (hands->resident, booking, NULL);
}

/* The answers to all questions of a part, the same one to each. */
static void
answer_part (AnxHands *hands,
             int part,
             int n,
             guint option,
             int pause_at)
{
  for (int i = 1; i <= n; i++)
    {
      g_autofree char *progress = g_strdup_printf ("Part %d · Question %d of %d", part, i, n);
      anx_hands_wait_for (hands, progress);
      if (i == pause_at)
        return;
      touch_class (hands, "anx-answer", option);
    }
}

static void
test_screening (void)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  anx_hands_start (&hands, "screening", "en");
  set_booking (&hands);
  begin_questions (&hands, TRUE);
  anx_hands_wait_for (&hands, "Part 1 · Question 1 of");
  anx_hands_look (&hands, "question");
  touch_class (&hands, "anx-answer", 1);
  anx_hands_look (&hands, "question-answered");
  anx_hands_wait_for (&hands, "Question 2 of");
  /* Back: the answer is still there, and there is a way on without giving it again. */
  anx_resident_window_back (hands.window);
  anx_hands_wait_for (&hands, "Question 1 of");
  guint second = 1;
  GtkWidget *chosen = find_class (GTK_WIDGET (hands.window), "anx-answer", &second);
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (chosen)));
  anx_hands_look (&hands, "question-again");
  anx_hands_touch (&hands, "Go on");
  for (int i = 2; i <= 9; i++)
    {
      g_autofree char *progress = g_strdup_printf ("Part 1 · Question %d of", i);
      anx_hands_wait_for (&hands, progress);
      touch_class (&hands, "anx-answer", i == 3 ? 4 : 0);
    }
  while (!anx_hands_see (&hands, "Part 2 · Question 1 of"))
    {
      /* A last item that depends on the others. */
      g_main_context_iteration (NULL, TRUE);
      if (anx_hands_see (&hands, "Part 1 · Question 10 of"))
        touch_class (&hands, "anx-answer", 0);
    }
  answer_part (&hands, 2, 7, 0, 0);
  for (int guard = 0; guard < 1000 && !anx_hands_see (&hands, "Thank you for your answers"); guard++)
    {
      g_main_context_iteration (NULL, TRUE);
      if (anx_hands_see (&hands, "Part 2 · Question 8 of"))
        touch_class (&hands, "anx-answer", 0);
    }
  anx_hands_wait_for (&hands, "Thank you for your answers");
  anx_hands_look (&hands, "result");
  g_assert_true (anx_hands_see (&hands, "Li Wenjing will see your answers."));
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_SCREENING), ==, 1);
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 0);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_SCREENING);
  g_assert_false (json_object_has_member (anx_json_get_object (header, "routing"), "alert"));
  g_autoptr (JsonNode) record = anx_shell_double_open (hands.shell, ANX_KIND_SCREENING, "li-wenjing", &error);
  g_assert_no_error (error);
  AnxLevel level = ANX_LEVEL_RED;
  g_autoptr (GPtrArray) parts = anx_screening_read (json_node_get_object (record), &level, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 2);
  /* One question was declined, so its part was estimated, and an estimate is never green. */
  g_assert_cmpint (level, ==, ANX_LEVEL_YELLOW);
  g_autoptr (JsonNode) duty = anx_shell_double_open (hands.shell, ANX_KIND_SCREENING, "duty-yunhe", NULL);
  g_assert_null (duty);
  g_autoptr (JsonNode) staff = anx_shell_double_open (hands.shell, ANX_KIND_SCREENING, "staff-yunhe", NULL);
  g_assert_null (staff);
  anx_hands_stop (&hands);
}

static gboolean
alert_is_there (gpointer data)
{
  return anx_shell_double_count_submitted (data, ANX_KIND_ALERT) == 1;
}

static gboolean
screening_is_there (gpointer data)
{
  return anx_shell_double_count_submitted (data, ANX_KIND_SCREENING) >= 1;
}

static gboolean
has_alert (gpointer resident)
{
  return anx_resident_get_alert (resident) != NULL;
}

/* One answer is enough: help is on the screen and the alert in the outbox before the questionnaire is finished, also without network. */
static void
test_danger (gconstpointer offline)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  anx_hands_start (&hands, offline != NULL ? "danger-offline" : "danger", "en");
  set_booking (&hands);
  begin_questions (&hands, TRUE);
  answer_part (&hands, 1, 9, 0, 9);
  anx_shell_double_set_online (hands.shell, offline == NULL);
  touch_class (&hands, "anx-answer", 2);
  /* Nothing comes between the touch and the page. */
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  g_assert_false (anx_hands_see (&hands, "Question 9 of"));
  anx_hands_wait_until (has_alert, hands.resident);
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 1);
  anx_hands_wait_for (&hands, "12356");
  anx_hands_look (&hands, "help");
  anx_hands_wait_until (screening_is_there, hands.shell);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_SCREENING);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (header, "routing"), "alert", NULL), ==, anx_resident_get_alert (hands.resident));
  g_autoptr (JsonNode) seen = anx_shell_double_open (hands.shell, ANX_KIND_SCREENING, "duty-yunhe", &error);
  g_assert_no_error (error);
  AnxLevel level = ANX_LEVEL_GREEN;
  g_autoptr (GPtrArray) parts = anx_screening_read (json_node_get_object (seen), &level, &error);
  g_assert_no_error (error);
  g_assert_cmpint (level, >, ANX_LEVEL_GREEN);

  /* The resident may go on or stop. */
  anx_resident_window_back (hands.window);
  anx_hands_wait_for (&hands, "Question 9 of");
  anx_hands_look (&hands, "after-help");
  g_assert_nonnull (anx_hands_find (&hands, "Go on"));
  anx_hands_touch (&hands, "Stop here");
  anx_hands_touch (&hands, "Finish with these answers");
  anx_hands_wait_for (&hands, "You stopped here. That is fine.");
  anx_hands_look (&hands, "stopped");
  g_assert_nonnull (anx_hands_find (&hands, "Talk to somebody now"));
  if (offline != NULL)
    g_assert_true (anx_hands_see (&hands, "They are safe in this machine"));
  anx_hands_stop (&hands);
}

/* A full disk: the screen does not say that a message is on its way, and the numbers are there all the same. It is written as soon as it can be. */
static void
test_danger_disk_full (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "danger-disk", "en");
  set_booking (&hands);
  begin_questions (&hands, TRUE);
  answer_part (&hands, 1, 9, 0, 9);
  anx_shell_double_fail_submit (hands.shell, TRUE);
  touch_class (&hands, "anx-answer", 2);
  anx_hands_wait_for (&hands, "The message could not be sent yet.");
  anx_hands_look (&hands, "help");
  g_assert_true (anx_hands_see (&hands, "12356"));
  g_assert_false (anx_hands_see (&hands, "on its way"));
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 0);
  anx_shell_double_fail_submit (hands.shell, FALSE);
  anx_hands_wait_for (&hands, "Your message is on its way to the people on duty.");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 1);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_ALERT);
  g_assert_cmpstr (anx_json_get_string (header, "id", NULL), ==, anx_resident_get_alert (hands.resident));
  anx_hands_stop (&hands);
}

static gboolean
is_failing (gpointer resident)
{
  return anx_resident_is_alert_failing (resident);
}

/* A shell that is busy keeps nobody from the page with the numbers, which says no more than is true; one call is one alert, however often the
 * button is touched. */
static void
test_help_at_once (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "help-at-once", "en");
  anx_shell_double_hold_submit (hands.shell, TRUE);
  anx_hands_touch (&hands, "I need help now");
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  g_assert_true (anx_hands_see (&hands, "12356"));
  g_assert_true (anx_hands_see (&hands, "Your message is being handed on."));
  g_assert_null (anx_resident_get_alert (hands.resident));
  anx_hands_look (&hands, "handed-on");
  anx_hands_touch (&hands, "I need help now");
  anx_shell_double_hold_submit (hands.shell, FALSE);
  anx_hands_wait_for (&hands, "Your message is on its way to the people on duty.");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 1);
  anx_hands_stop (&hands);

  /* Who touches “Leave” before it is written: it does not go with the process. */
  anx_hands_start (&hands, "help-and-leave", "en");
  anx_shell_double_fail_submit (hands.shell, TRUE);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_until (is_failing, hands.resident);
  anx_shell_double_fail_submit (hands.shell, FALSE);
  anx_resident_wipe (hands.resident);
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 1);
  anx_hands_stop (&hands);
}

static void
set_clock (AnxResident *resident,
           AnxClock *clock)
{
  g_object_unref (resident->clock);
  resident->clock = clock;
}

/* Who calls a second time is told about this call, not that somebody is on the way because of the first; also after a clock was set back. */
static void
test_help_again (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "help-again", "en");
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_until (has_alert, hands.resident);
  anx_shell_double_tell_alert (hands.shell, anx_resident_get_alert (hands.resident), "answered", "Li Wenjing");
  anx_hands_wait_for (&hands, "Li Wenjing has seen your message and is on the way.");
  anx_hands_touch (&hands, "Back");

  set_clock (hands.resident, anx_clock_new_fixed (g_get_real_time () - ANX_USEC_PER_DAY));
  anx_shell_double_hold_submit (hands.shell, TRUE);
  anx_hands_touch (&hands, "I need help now");
  g_assert_true (anx_hands_see (&hands, "Your message is being handed on."));
  anx_shell_double_fail_submit (hands.shell, TRUE);
  anx_shell_double_hold_submit (hands.shell, FALSE);
  anx_hands_wait_for (&hands, "The message could not be sent yet.");
  anx_hands_look (&hands, "second-not-yet");
  anx_shell_double_fail_submit (hands.shell, FALSE);
  anx_hands_wait_for (&hands, "Your message is on its way to the people on duty.");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 2);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_ALERT);
  g_assert_cmpstr (anx_json_get_string (header, "id", NULL), ==, anx_resident_get_alert (hands.resident));
  anx_hands_stop (&hands);
}

/* What cannot be sealed is promised to nobody, and tried again: after two seconds by itself, and at once when the button is touched. */
static void
test_alert_not_sealed (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "not-sealed", "en");
  /* A record cannot be written before 1970. */
  set_clock (hands.resident, anx_clock_new_fixed (-1));
  anx_hands_touch (&hands, "I need help now");
  g_assert_true (anx_hands_see (&hands, "The message could not be sent. Please go out to the staff now"));
  g_assert_true (anx_hands_see (&hands, "12356"));
  anx_hands_look (&hands, "help");
  set_clock (hands.resident, anx_clock_new_system ());
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "Your message is on its way to the people on duty.");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 1);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_ALERT);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (header, "routing"), "level", NULL), ==, "red");
  anx_hands_stop (&hands);

  anx_hands_start (&hands, "not-sealed-at-first", "en");
  set_clock (hands.resident, anx_clock_new_fixed (-1));
  anx_hands_touch (&hands, "I need help now");
  set_clock (hands.resident, anx_clock_new_system ());
  anx_hands_wait_until (has_alert, hands.resident);
  anx_hands_stop (&hands);
}

/* A desk nearby, or whoever goes, can be quicker than the answer that the alert is on the disk. */
static void
test_alert_overtaken (void)
{
  AnxHands hands;
  GHashTableIter iter;
  gpointer id = NULL;
  anx_hands_start (&hands, "overtaken", "en");
  anx_shell_double_hold_submit (hands.shell, TRUE);
  anx_hands_touch (&hands, "I need help now");
  g_hash_table_iter_init (&iter, hands.resident->alerts);
  g_assert_true (g_hash_table_iter_next (&iter, &id, NULL));
  anx_shell_double_tell_alert (hands.shell, id, "nearby", "");
  anx_hands_wait_for (&hands, "Your message is on a colleague's screen in this building.");
  g_assert_cmpstr (anx_resident_get_alert (hands.resident), ==, id);
  anx_shell_double_tell_alert (hands.shell, id, "answered", "");
  anx_hands_wait_for (&hands, "Someone has seen your message and is on the way.");
  anx_shell_double_hold_submit (hands.shell, FALSE);
  anx_hands_wait_until (alert_is_there, hands.shell);
  g_assert_true (anx_hands_see (&hands, "Someone has seen your message and is on the way."));
  anx_hands_stop (&hands);
}

/* The one danger answer of the first part, in a district whose groups of @missing are not there. */
static void
alert_without (AnxHands *hands,
               const char *missing)
{
  anx_shell_double_leave_out (missing);
  anx_hands_start (hands, "no-duty", "en");
  anx_shell_double_leave_out (NULL);
  begin_questions (hands, FALSE);
  answer_part (hands, 1, 9, 0, 9);
  touch_class (hands, "anx-answer", 2);
  anx_hands_wait_until (has_alert, hands->resident);
}

/* Where nobody is on duty the alert goes out all the same, to the staff, who do not learn which answer it was. */
static void
test_alert_without_duty (void)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  alert_without (&hands, "duty");
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_ALERT);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (header, "routing"), "level", NULL), ==, "yellow");
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (header, "routing"), "room", NULL), ==, "yunhe-1");
  g_autoptr (JsonNode) seen = anx_shell_double_open (hands.shell, ANX_KIND_ALERT, "staff-yunhe", &error);
  g_assert_no_error (error);
  AnxLevel level = ANX_LEVEL_GREEN;
  g_autofree char *reason = NULL;
  g_assert_true (anx_alert_read (json_node_get_object (seen), &level, &reason, &error));
  g_assert_cmpint (level, ==, ANX_LEVEL_YELLOW);
  g_assert_cmpstr (reason, ==, "danger-answer");
  anx_hands_stop (&hands);
}

/* Nor does it need anybody who could open it: level, centre and room are said in the clear. */
static void
test_alert_without_groups (void)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  anx_shell_double_leave_out ("duty,staff");
  anx_hands_start (&hands, "no-groups", "en");
  anx_shell_double_leave_out (NULL);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_until (has_alert, hands.resident);
  g_autoptr (JsonObject) header = anx_shell_double_get_header (hands.shell, ANX_KIND_ALERT);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (header, "recipients")), ==, 0);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (header, "routing"), "level", NULL), ==, "red");
  g_autoptr (JsonNode) seen = anx_shell_double_open (hands.shell, ANX_KIND_ALERT, "recovery", &error);
  g_assert_no_error (error);
  g_assert_nonnull (seen);
  anx_hands_stop (&hands);
}

/* Who does not agree leaves nothing, but is not left alone either. */
static void
test_no_consent (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "no-consent", "en");
  set_booking (&hands);
  begin_questions (&hands, FALSE);
  answer_part (&hands, 1, 9, 0, 9);
  touch_class (&hands, "anx-answer", 3);
  anx_hands_wait_until (alert_is_there, hands.shell);
  anx_resident_window_back (hands.window);
  anx_hands_touch (&hands, "Stop here");
  anx_hands_touch (&hands, "Finish with these answers");
  anx_hands_wait_for (&hands, "Nobody sees your answers.");
  anx_hands_look (&hands, "nobody");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_SCREENING), ==, 0);
  anx_hands_stop (&hands);
}

static void
test_answers_before_booking (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "before", "en");
  begin_questions (&hands, TRUE);
  anx_hands_wait_for (&hands, "Question 1 of");
  touch_class (&hands, "anx-answer", 1);
  anx_hands_wait_for (&hands, "Question 2 of");
  anx_hands_touch (&hands, "Stop here");
  anx_hands_touch (&hands, "Finish with these answers");
  anx_hands_wait_for (&hands, "If you book a talk now, your counsellor will see your answers.");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_SCREENING), ==, 0);
  book_up_to_review (&hands);
  choose_first_time (&hands);
  enter_name_and_phone (&hands);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your counsellor will see the answers you gave today.");
  anx_hands_wait_until (screening_is_there, hands.shell);
  g_autoptr (JsonNode) record = anx_shell_double_open (hands.shell, ANX_KIND_SCREENING, "wang-jianping", NULL);
  g_assert_nonnull (record);
  anx_hands_stop (&hands);
}

/* ---- looking up ---- */

static void
enter_code (AnxHands *hands,
            const char *code)
{
  anx_resident_window_push (hands->window, anx_lookup_page_make, NULL, NULL);
  anx_hands_wait_for (hands, "Your code, please");
  anx_hands_type (hands, code);
}

static void
test_code (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "code", "en");
  g_autofree char *code = anx_booking_code_new ();
  g_autofree char *wrong = g_strdup (code);
  wrong[2] = wrong[2] == '3' ? '4' : '3';
  enter_code (&hands, wrong);
  anx_hands_wait_for (&hands, "One of the characters is not right.");
  anx_hands_look (&hands, "wrong");
  g_assert_null (anx_hands_find (&hands, "Next"));
  for (int i = 0; i < 6; i++)
    {
      /* The key shows an icon or a sign, whichever the theme has; it is named in both cases. */
      guint last = (guint) strlen (anx_booking_code_alphabet ()) + 1;
      touch_class (&hands, "anx-keypad-key", last);
    }
  anx_hands_type (&hands, code + 2);
  g_assert_nonnull (anx_hands_find (&hands, "Next"));
  anx_hands_look (&hands, "right");

  anx_shell_double_fail_next (hands.shell, "POST", "/v1/lookups", ANX_SHELL_ERROR_UNKNOWN, "unknown");
  anx_hands_touch (&hands, "Next");
  anx_hands_wait_for (&hands, "Nothing is kept under this code here.");
  anx_hands_look (&hands, "unknown");
  g_autofree char *body = anx_shell_double_dup_body (hands.shell, "POST", "/v1/lookups");
  g_assert_null (strstr (body, code));
  anx_hands_touch (&hands, "Enter it again");
  anx_hands_wait_for (&hands, "Your code, please");
  anx_shell_double_set_online (hands.shell, FALSE);
  anx_hands_touch (&hands, "Next");
  anx_hands_wait_for (&hands, "There is no connection just now");
  anx_hands_look (&hands, "offline");
  anx_shell_double_set_online (hands.shell, TRUE);
  anx_shell_double_answer_next (hands.shell, "POST", "/v1/lookups",
                                "{\"booking\":{\"id\":\"0193a5f0-0000-7000-8000-000000000001\",\"service\":\"individual\",\"counsellor\":\"li-wenjing\","
                                "\"centre\":\"yunhe\",\"room\":\"yunhe-1\",\"start\":1795312800000000,\"status\":\"booked\"},\"referrals\":["
                                "{\"task\":\"t\",\"to\":\"legal-aid\",\"status\":\"completed\",\"changed\":1795312800000000},"
                                "{\"task\":\"u\",\"to\":\"mental-health\",\"status\":\"accepted\",\"changed\":1795312800000000}]}");
  anx_hands_touch (&hands, "Try again");
  anx_hands_wait_for (&hands, "It is done. Your counsellor has the answer.");
  g_assert_true (anx_hands_see (&hands, "Passed on to: Legal Aid"));
  g_assert_true (anx_hands_see (&hands, "The department has accepted it."));
  g_assert_true (anx_hands_see (&hands, "It is confirmed. We expect you."));
  anx_hands_look (&hands, "answer");
  /* One touch asks, the second one cancels. */
  anx_hands_touch (&hands, "Cancel the appointment");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "POST", "/v1/bookings/"), ==, 0);
  anx_shell_double_answer_next (hands.shell, "POST", "/v1/bookings/", "{}");
  anx_shell_double_answer_next (hands.shell, "POST", "/v1/lookups",
                                "{\"booking\":{\"id\":\"0193a5f0-0000-7000-8000-000000000001\",\"status\":\"cancelled\",\"start\":1795312800000000},"
                                "\"referrals\":[]}");
  anx_hands_touch (&hands, "Yes, cancel it");
  anx_hands_wait_for (&hands, "It was cancelled.");
  g_assert_null (anx_hands_find (&hands, "Cancel the appointment"));
  anx_hands_stop (&hands);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *size = g_getenv ("ANX_LOOK_SIZE");
  gboolean wide = g_strcmp0 (size, "1280x800") == 0;
  if (!anx_test_display_open (wide ? 1280 : 1080, wide ? 800 : 1920))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  /* Two questionnaires, whatever the shipped rules are. */
  anx_test_data_open ("{\"first\":[[\"phq-9\",\"gad-7\"]]}");
  anx_kiosk_load_style (gdk_display_get_default ());
  g_test_add_func ("/kiosk/pages/booking", test_booking);
  g_test_add_func ("/kiosk/pages/booking-taken", test_taken);
  g_test_add_func ("/kiosk/pages/booking-offline", test_offline);
  g_test_add_func ("/kiosk/pages/booking-uncertain", test_uncertain_claim_is_given_back);
  g_test_add_func ("/kiosk/pages/booking-disk-full", test_disk_full);
  g_test_add_func ("/kiosk/pages/screening", test_screening);
  g_test_add_data_func ("/kiosk/pages/screening-danger", NULL, test_danger);
  g_test_add_data_func ("/kiosk/pages/screening-danger-offline", "offline", test_danger);
  g_test_add_func ("/kiosk/pages/screening-danger-disk-full", test_danger_disk_full);
  g_test_add_func ("/kiosk/pages/help-at-once", test_help_at_once);
  g_test_add_func ("/kiosk/pages/help-again", test_help_again);
  g_test_add_func ("/kiosk/pages/alert-not-sealed", test_alert_not_sealed);
  g_test_add_func ("/kiosk/pages/alert-overtaken", test_alert_overtaken);
  g_test_add_func ("/kiosk/pages/alert-without-duty", test_alert_without_duty);
  g_test_add_func ("/kiosk/pages/alert-without-groups", test_alert_without_groups);
  g_test_add_func ("/kiosk/pages/screening-no-consent", test_no_consent);
  g_test_add_func ("/kiosk/pages/screening-before-booking", test_answers_before_booking);
  g_test_add_func ("/kiosk/pages/code", test_code);
  int failed = g_test_run ();
  anx_test_data_close ();
  return failed;
}
