/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "booking-code.h"
#include "care-records.h"
#include "clock.h"
#include "json.h"
#include "lockdown.h"
#include "page-hands.h"
#include "slip-print.h"
#include "test-data.h"
#include "test-display.h"

/* A day from now, in the form of the API: @extra are further members, with a comma before them. */
static char *
make_slot (int hours,
           const char *extra)
{
  gint64 start = g_get_real_time () / ANX_USEC_PER_HOUR * ANX_USEC_PER_HOUR + (24 + hours) * ANX_USEC_PER_HOUR;
  return g_strdup_printf ("{\"start\":%" G_GINT64_FORMAT ",\"end\":%" G_GINT64_FORMAT ",\"counsellor\":\"li-wenjing\",\"room\":\"yunhe-1\"%s}", start,
                          start + 50 * ANX_USEC_PER_MINUTE, extra);
}

static GtkWidget *
find_class (GtkWidget *widget,
            const char *css_class)
{
  if (gtk_widget_has_css_class (widget, css_class) && gtk_widget_get_mapped (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_class (child, css_class);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
touch_class (AnxHands *hands,
             const char *css_class)
{
  GtkWidget *widget = find_class (GTK_WIDGET (hands->window), css_class);
  g_assert_nonnull (widget);
  g_signal_emit_by_name (widget, "clicked");
}

/* Every button that can be seen has words or a name for a screen reader; counts those that can be used. */
static void
check_reachable (GtkWidget *widget,
                 guint *n)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_BUTTON (widget))
    {
      g_autofree char *texts = anx_page_dup_texts (widget);
      gboolean named = *texts != '\0' || gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
      g_assert_true (named);
      *n += gtk_widget_is_sensitive (widget);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    check_reachable (child, n);
}

/* With Tab alone one comes to every button that can be used. */
static void
check_keyboard (AnxHands *hands)
{
  GtkWidget *window = GTK_WIDGET (hands->window);
  g_autoptr (GHashTable) visited = g_hash_table_new (NULL, NULL);
  guint n = 0, reached = 0;
  check_reachable (window, &n);
  for (guint i = 0; i < 3 * n + 10; i++)
    {
      gtk_widget_child_focus (window, GTK_DIR_TAB_FORWARD);
      GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
      if (focus != NULL && GTK_IS_BUTTON (focus) && g_hash_table_add (visited, focus))
        reached++;
    }
  g_test_message ("%u buttons, %u reached with Tab", n, reached);
  g_assert_cmpuint (n, >, 4);
  g_assert_cmpuint (reached, ==, n);
}

static void
look (AnxHands *hands,
      const char *name)
{
  check_keyboard (hands);
  anx_hands_look (hands, name);
}

static void
go_to_times (AnxHands *hands)
{
  anx_resident_window_push (hands->window, anx_booking_page_make, NULL, NULL);
  anx_hands_wait_for (hands, "What would you like?");
  look (hands, "need");
  anx_hands_touch (hands, "Talk with a counsellor");
  anx_hands_wait_for (hands, "The first free time, with");
}

static void
enter_name_and_phone (AnxHands *hands)
{
  anx_hands_wait_for (hands, "What may we call you?");
  anx_hands_touch (hands, "Chinese");
  anx_hands_type (hands, "zhangsan");
  anx_hands_touch (hands, "张三");
  look (hands, "name");
  anx_hands_touch (hands, "Next");
  anx_hands_wait_for (hands, "Where can we call you?");
  anx_hands_type (hands, "13812345678");
  look (hands, "phone");
  anx_hands_touch (hands, "Next");
}

/* One touch: the time is held under the id that the booking then has. */
static void
test_first (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "first", "en");
  go_to_times (&hands);
  look (&hands, "when");
  touch_class (&hands, "anx-choice-first");
  anx_hands_wait_for (&hands, "What may we call you?");
  g_autofree char *hold = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/holds/");
  g_autofree char *held = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/holds/");
  g_assert_nonnull (hold);
  g_assert_null (strstr (held, "codeKey"));
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "Is everything right?");
  look (&hands, "review");
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your time is booked");
  look (&hands, "slip");
  g_autofree char *booking = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/bookings/");
  g_assert_cmpstr (booking + strlen ("/v1/bookings/"), ==, hold + strlen ("/v1/holds/"));
  anx_hands_stop (&hands);
}

/* What is for some ages only says so, and asks before a time is looked for; nobody is asked for a birthday. */
static void
test_ages (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "ages", "en");
  anx_resident_window_push (hands.window, anx_booking_page_make, NULL, NULL);
  anx_hands_wait_for (&hands, "What would you like?");
  g_assert_true (anx_hands_see (&hands, "from 14 to 18 years old"));
  anx_hands_touch (&hands, "I go to school and would rather telephone");
  anx_hands_wait_for (&hands, "This talk is for people who are from 14 to 18 years old.");
  look (&hands, "asks");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "GET", "/v1/slots"), ==, 0);
  anx_hands_touch (&hands, "No, show me the other talks");
  anx_hands_wait_for (&hands, "What would you like?");
  anx_hands_touch (&hands, "I go to school and would rather telephone");
  anx_hands_touch (&hands, "Yes, the person who comes is of that age");
  anx_hands_wait_for (&hands, "The first free time, with");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "GET", "/v1/slots"), >, 0);
  anx_hands_stop (&hands);
}

static gboolean
is_booked (gpointer resident)
{
  return anx_resident_get_booking (resident) != NULL;
}

/* Who asks for help while the booking is on its way sees help; the slip lies below it. */
static void
test_help_meanwhile (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "help-meanwhile", "en");
  go_to_times (&hands);
  touch_class (&hands, "anx-choice-first");
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "Is everything right?");
  anx_hands_touch (&hands, "Book this time");
  anx_hands_touch (&hands, "I need help now");
  g_assert_null (anx_resident_get_booking (hands.resident));
  anx_hands_wait_until (is_booked, hands.resident);
  anx_hands_wait_for (&hands, "We are here for you");
  g_assert_false (anx_hands_see (&hands, "Your time is booked"));
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_for (&hands, "Your time is booked");
  anx_hands_stop (&hands);
}

/* Somebody was earlier: what the hub offers instead is there at once, before anything was typed. */
static void
test_race (void)
{
  AnxHands hands;
  g_autofree char *other = make_slot (3, ""), *third = make_slot (5, "");
  g_autofree char *problem = g_strdup_printf ("{\"type\":\"urn:anxin:problem:slot-taken\",\"alternatives\":[%s,%s]}", other, third);
  anx_hands_start (&hands, "race", "en");
  go_to_times (&hands);
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/holds/", ANX_SHELL_ERROR_CONFLICT, problem);
  guint asked = anx_shell_double_count_requests (hands.shell, "GET", "/v1/slots");
  touch_class (&hands, "anx-choice-first");
  anx_hands_wait_for (&hands, "Somebody was just a moment earlier");
  anx_hands_wait_for (&hands, "See all days");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "GET", "/v1/slots"), ==, asked);
  g_autofree char *again = g_strdup_printf ("{\"slots\":[%s,%s]}", other, third);
  for (int i = 0; i < 2; i++)
    anx_shell_double_answer_next (hands.shell, "GET", "/v1/slots", again);
  look (&hands, "alternatives");
  touch_class (&hands, "choice");
  anx_hands_wait_for (&hands, "What may we call you?");
  g_autofree char *held = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/holds/");
  g_autoptr (JsonObject) body = anx_json_parse_object (held, -1, 65536, NULL), slot = anx_json_parse_object (other, -1, 65536, NULL);
  g_assert_cmpint (anx_json_get_int (body, "start", 0), ==, anx_json_get_int (slot, "start", 1));
  anx_hands_stop (&hands);
}

/* The time came too near while the name was typed: others are shown, not the same button again; what was typed stays. */
static void
test_lapsed (void)
{
  AnxHands hands;
  g_autofree char *other = make_slot (3, "");
  g_autofree char *problem = g_strdup_printf ("{\"type\":\"urn:anxin:problem:slot-not-offered\",\"alternatives\":[%s]}", other);
  anx_hands_start (&hands, "lapsed", "en");
  go_to_times (&hands);
  touch_class (&hands, "anx-choice-first");
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "Is everything right?");
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/bookings/", ANX_SHELL_ERROR_CONFLICT, problem);
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "This time can no longer be booked");
  anx_hands_wait_for (&hands, "See all days");
  look (&hands, "lapsed");
  touch_class (&hands, "choice");
  anx_hands_wait_for (&hands, "Is everything right?");
  anx_hands_touch (&hands, "Book this time");
  anx_hands_wait_for (&hands, "Your time is booked");
  anx_hands_stop (&hands);
}

/* Without the hub: what is lent is booked, the rest is asked for, and each page says which. */
static void
test_asked (gconstpointer lent)
{
  AnxHands hands;
  g_autofree char *slot = make_slot (2, lent != NULL ? ",\"lease\":\"0193a5f0-0000-7000-8000-00000000000a\"" : ",\"ask\":true");
  g_autofree char *slots = g_strdup_printf ("{\"offline\":true,\"slots\":[%s]}", slot);
  anx_hands_start (&hands, lent != NULL ? "lent" : "asked", "en");
  anx_resident_window_push (hands.window, anx_booking_page_make, NULL, NULL);
  /* Asked again by who looks at it in the other language. */
  for (int i = 0; i < 3; i++)
    anx_shell_double_answer_next (hands.shell, "GET", "/v1/slots", slots);
  anx_hands_touch (&hands, "Talk with a counsellor");
  anx_hands_wait_for (&hands, lent != NULL ? "The first free time, with Li Wenjing" : "It can only be asked for now.");
  look (&hands, "when");
  anx_shell_double_set_online (hands.shell, FALSE);
  anx_hands_wait_for (&hands, "No network just now.");
  touch_class (&hands, "anx-choice-first");
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "Is everything right?");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "PUT", "/v1/holds/"), ==, 0);
  look (&hands, "review");
  g_assert_cmpint (anx_hands_see (&hands, "There is no network just now."), ==, lent == NULL);
  anx_shell_double_set_online (hands.shell, TRUE);
  if (lent == NULL)
    anx_shell_double_answer_next (hands.shell, "PUT", "/v1/bookings/", "{\"id\":\"0193a5f0-0000-7000-8000-000000000001\",\"status\":\"proposed\"}");
  anx_hands_touch (&hands, lent != NULL ? "Book this time" : "Ask for this time");
  anx_hands_wait_for (&hands, lent != NULL ? "Your time is booked" : "Your time is asked for");
  g_assert_cmpint (anx_hands_see (&hands, "It is not booked yet."), ==, lent == NULL);
  look (&hands, "slip");
  anx_hands_stop (&hands);
}

/* What the paper may say is asked first; a printer that is gone says so, and the code is still there. */
static void
test_print (void)
{
  AnxHands hands;
  AnxBookingDraft *draft = anx_booking_draft_new ();
  anx_hands_start (&hands, "print", "en");
  /* Whatever printers this machine knows. */
  g_object_set (gtk_settings_get_default (), "gtk-print-backends", "file", NULL);
  draft->service = g_strdup ("individual");
  draft->slot = g_new0 (AnxSlot, 1);
  draft->slot->start_usec = g_get_real_time ();
  draft->slot->counsellor = g_strdup ("li-wenjing");
  draft->slot->room = g_strdup ("yunhe-1");
  draft->code = anx_booking_code_new ();
  anx_resident_window_push (hands.window, anx_slip_print_page_make, draft, (GDestroyNotify) anx_booking_draft_unref);
  anx_hands_wait_for (&hands, "What shall stand on the paper?");
  look (&hands, "choice");
  anx_hands_touch (&hands, "Code, time and place");
  anx_hands_wait_for (&hands, "The slip could not be printed.");
  look (&hands, "failed");
  anx_hands_touch (&hands, "Back to the code");
  g_assert_false (anx_hands_see (&hands, "What shall stand on the paper?"));
  anx_hands_stop (&hands);
}

/* The network goes between the choice and the booking: the hold says so. */
static void
test_network_lost (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "lost", "en");
  go_to_times (&hands);
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/holds/", ANX_SHELL_ERROR_OFFLINE, "offline");
  touch_class (&hands, "anx-choice-first");
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "Is everything right?");
  g_assert_nonnull (anx_hands_find (&hands, "Ask for this time"));
  g_assert_null (anx_hands_find (&hands, "Book this time"));
  anx_hands_stop (&hands);
}

/* Nothing is free in all months: three ways on; the list keeps a name that only the staff can open. */
static void
test_waiting_list (void)
{
  AnxHands hands;
  g_autoptr (GError) error = NULL;
  anx_hands_start (&hands, "none", "en");
  go_to_times (&hands);
  for (int i = 0; i < 5; i++)
    anx_shell_double_answer_next (hands.shell, "GET", "/v1/slots", "{\"slots\":[]}");
  anx_hands_touch (&hands, "Wang Jianping");
  anx_hands_wait_for (&hands, "There is no free time just now");
  g_assert_nonnull (anx_hands_find (&hands, "Choose somebody else"));
  look (&hands, "none");
  anx_hands_touch (&hands, "Put me on the waiting list");
  anx_hands_wait_for (&hands, "What may we call you?");
  g_assert_null (anx_hands_find (&hands, "I have no phone"));
  enter_name_and_phone (&hands);
  anx_hands_wait_for (&hands, "The waiting list is open for four weeks.");
  look (&hands, "review");
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/waiting/", ANX_SHELL_ERROR_OFFLINE, "offline");
  anx_hands_touch (&hands, "Put me on the waiting list");
  anx_hands_wait_for (&hands, "There is no connection to the booking office just now.");
  g_autofree char *first = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/waiting/");
  anx_hands_touch (&hands, "Try again");
  anx_hands_wait_for (&hands, "You are on the waiting list");
  look (&hands, "listed");
  g_autofree char *wish = anx_shell_double_dup_body (hands.shell, "PUT", "/v1/waiting/");
  g_assert_null (strstr (wish, "张"));
  g_assert_null (strstr (wish, "1381234"));
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_CONTACT), ==, 1);
  g_autoptr (JsonNode) staff = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "staff-yunhe", &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) counsellor = anx_shell_double_open (hands.shell, ANX_KIND_CONTACT, "wang-jianping", NULL);
  g_assert_nonnull (staff);
  g_assert_null (counsellor);
  anx_hands_stop (&hands);
}

static void
test_ticket (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "ticket", "en");
  anx_resident_window_push (hands.window, anx_booking_page_make, NULL, NULL);
  anx_shell_double_fail_next (hands.shell, "PUT", "/v1/tickets/", ANX_SHELL_ERROR_OFFLINE, "offline");
  anx_hands_touch (&hands, "Today, without a booking");
  anx_hands_wait_for (&hands, "there is no number from this machine");
  look (&hands, "no-network");
  g_autofree char *first = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/tickets/");
  anx_hands_touch (&hands, "Try again");
  anx_hands_wait_for (&hands, "2 people are before you.");
  g_assert_true (anx_hands_see (&hands, "7"));
  look (&hands, "number");
  g_autofree char *second = anx_shell_double_dup_path (hands.shell, "PUT", "/v1/tickets/");
  g_assert_cmpstr (first, ==, second);
  anx_hands_stop (&hands);
}

#define LOOKUP "{\"booking\":{\"id\":\"0193a5f0-0000-7000-8000-000000000001\",\"service\":\"individual\",\"counsellor\":\"li-wenjing\",\"centre\":\"yunhe\"," \
               "\"room\":\"yunhe-1\",\"start\":4102444800000000,\"status\":\"%s\"},\"referrals\":[]}"

static void
look_up (AnxHands *hands,
         const char *status)
{
  g_autofree char *code = anx_booking_code_new ();
  g_autofree char *answer = g_strdup_printf (LOOKUP, status);
  for (int i = 0; i < 3; i++)
    anx_shell_double_answer_next (hands->shell, "POST", "/v1/lookups", answer);
  anx_resident_window_push (hands->window, anx_lookup_page_make, NULL, NULL);
  anx_hands_wait_for (hands, "Your code, please");
  look (hands, "code");
  anx_hands_type (hands, code);
  anx_hands_touch (hands, "Next");
  anx_hands_wait_for (hands, "Your appointment");
}

static void
test_move (void)
{
  AnxHands hands;
  g_autofree char *other = make_slot (4, "");
  g_autofree char *problem = g_strdup_printf ("{\"type\":\"urn:anxin:problem:slot-taken\",\"alternatives\":[%s]}", other);
  anx_hands_start (&hands, "move", "en");
  look_up (&hands, "booked");
  look (&hands, "answer");
  anx_hands_touch (&hands, "Move it to another time");
  anx_hands_wait_for (&hands, "Later month");
  look (&hands, "month");
  touch_class (&hands, "anx-day");
  anx_hands_wait_for (&hands, "10:00");
  look (&hands, "times");
  anx_hands_touch (&hands, "10:00");
  anx_hands_wait_for (&hands, "Move it to this time?");
  look (&hands, "review");
  /* Nothing is held and nothing given up before the resident says so. */
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "PUT", "/v1/holds/"), ==, 0);
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "POST", "/v1/bookings/"), ==, 0);
  anx_shell_double_fail_next (hands.shell, "POST", "/v1/bookings/", ANX_SHELL_ERROR_CONFLICT, problem);
  anx_hands_touch (&hands, "Yes, move it");
  anx_hands_wait_for (&hands, "Somebody was just a moment earlier");
  anx_hands_wait_for (&hands, "See all days");
  touch_class (&hands, "choice");
  anx_hands_wait_for (&hands, "Move it to this time?");
  anx_hands_touch (&hands, "Yes, move it");
  anx_hands_wait_for (&hands, "Your appointment has been moved");
  look (&hands, "moved");
  g_autofree char *path = anx_shell_double_dup_path (hands.shell, "POST", "/v1/bookings/");
  g_assert_cmpstr (path, ==, "/v1/bookings/0193a5f0-0000-7000-8000-000000000001/move");
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "PUT", "/v1/bookings/"), ==, 0);
  anx_hands_stop (&hands);
}

static void
test_cancel_kept (void)
{
  AnxHands hands;
  anx_hands_start (&hands, "cancel", "en");
  look_up (&hands, "proposed");
  g_assert_true (anx_hands_see (&hands, "It has been asked for."));
  g_autofree char *again = g_strdup_printf (LOOKUP, "proposed");
  anx_shell_double_answer_next (hands.shell, "POST", "/v1/lookups", again);
  anx_hands_touch (&hands, "Cancel the appointment");
  look (&hands, "asks");
  anx_hands_touch (&hands, "No, keep it");
  anx_hands_wait_for (&hands, "Move it to another time");
  g_assert_null (anx_hands_find (&hands, "Yes, cancel it"));
  g_assert_cmpuint (anx_shell_double_count_requests (hands.shell, "POST", "/v1/bookings/"), ==, 0);
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
  /* GTK then keeps what it would tell a screen reader; read with the first widget. */
  g_setenv ("GTK_A11Y", "test", TRUE);
  anx_test_data_open ("{\"first\":[[\"phq-9\",\"gad-7\"]]}");
  anx_kiosk_load_style (gdk_display_get_default ());
  g_test_add_func ("/kiosk/booking-pages/first", test_first);
  g_test_add_func ("/kiosk/booking-pages/ages", test_ages);
  g_test_add_func ("/kiosk/booking-pages/help-meanwhile", test_help_meanwhile);
  g_test_add_func ("/kiosk/booking-pages/race", test_race);
  g_test_add_func ("/kiosk/booking-pages/lapsed", test_lapsed);
  g_test_add_data_func ("/kiosk/booking-pages/asked", NULL, test_asked);
  g_test_add_data_func ("/kiosk/booking-pages/lent", "lent", test_asked);
  g_test_add_func ("/kiosk/booking-pages/print", test_print);
  g_test_add_func ("/kiosk/booking-pages/network-lost", test_network_lost);
  g_test_add_func ("/kiosk/booking-pages/waiting-list", test_waiting_list);
  g_test_add_func ("/kiosk/booking-pages/ticket", test_ticket);
  g_test_add_func ("/kiosk/booking-pages/move", test_move);
  g_test_add_func ("/kiosk/booking-pages/cancel-kept", test_cancel_kept);
  int failed = g_test_run ();
  anx_test_data_close ();
  return failed;
}
