/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of a talk, with a real call: the other side is a counsellor's half of it, in this process too, with the key of the directory. */
#include <gtk/gtk.h>

#include "call-private.h"
#include "care-records.h"
#include "json.h"
#include "lockdown.h"
#include "page-hands.h"
#include "pair.h"
#include "session.h"
#include "statement.h"
#include "test-data.h"
#include "test-display.h"

#define BOOKING "0193a5f0-0000-7000-8000-000000000001"
#define KIOSK "kiosk-yunhe-1"

/* ---- the counsellor ---- */

#define TEST_TYPE_COUNSELLOR (test_counsellor_get_type ())
G_DECLARE_FINAL_TYPE (TestCounsellor, test_counsellor, TEST, COUNSELLOR, GObject)

struct _TestCounsellor
{
  GObject parent_instance;
  AnxShellDouble *shell;
  const char *principal;
  char *call_id;
  AnxCall *call; /* (nullable) */
};

static void
counsellor_sign_async (AnxCallTrust *trust,
                       const char *context,
                       const char *text,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  TestCounsellor *self = TEST_COUNSELLOR (trust);
  g_autoptr (GTask) task = g_task_new (trust, NULL, callback, user_data);
  g_task_return_pointer (task, anx_shell_double_sign (self->shell, self->principal, context, text), g_free);
}

static char *
counsellor_sign_finish (AnxCallTrust *trust,
                        GAsyncResult *result,
                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
counsellor_verify (AnxCallTrust *trust,
                   const char *context,
                   const char *statement,
                   GError **error)
{
  AnxCertificate *authority = anx_shell_double_get_authority (TEST_COUNSELLOR (trust)->shell);
  return anx_statement_verify (statement, context, KIOSK, authority, g_get_real_time (), error);
}

static void
counsellor_trust_init (AnxCallTrustInterface *iface)
{
  iface->sign_async = counsellor_sign_async;
  iface->sign_finish = counsellor_sign_finish;
  iface->verify = counsellor_verify;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestCounsellor, test_counsellor, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (ANX_TYPE_CALL_TRUST, counsellor_trust_init))

static void
test_counsellor_finalize (GObject *object)
{
  g_free (TEST_COUNSELLOR (object)->call_id);
  G_OBJECT_CLASS (test_counsellor_parent_class)->finalize (object);
}

static void
test_counsellor_class_init (TestCounsellorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_counsellor_finalize;
}

static void
test_counsellor_init (TestCounsellor *self)
{
}

static void
on_counsellor_send (AnxCall *call,
                    JsonObject *body,
                    TestCounsellor *self)
{
  g_autofree char *text = anx_json_object_to_text (body);
  anx_shell_double_send_signal (self->shell, self->principal, self->call_id, text);
}

/* ---- who sits in, as that person's desk does ---- */

typedef struct
{
  TestCounsellor *person;
  AnxCallStudio *studio;
  AnxCallCompany *company;
} Mediator;
static Mediator *mediator; /* (nullable) */

static AnxCallTrust *
mediator_make_trust (const char *peer,
                     gpointer data)
{
  g_assert_cmpstr (peer, ==, KIOSK);
  return g_object_ref (data);
}

static void
on_mediator_send (AnxCallCompany *company,
                  const char *peer,
                  JsonObject *body,
                  TestCounsellor *self)
{
  g_autofree char *text = anx_json_object_to_text (body);
  anx_shell_double_send_signal (self->shell, self->principal, self->call_id, text);
}

static void
mediator_come (AnxHands *hands,
               const char *principal,
               const char *call_id)
{
  mediator = g_new0 (Mediator, 1);
  mediator->person = g_object_new (TEST_TYPE_COUNSELLOR, NULL);
  mediator->person->shell = hands->shell;
  mediator->person->principal = principal;
  mediator->person->call_id = g_strdup (call_id);
  mediator->studio = anx_call_studio_new (ANX_CALL_MEDIA_TEST_C);
  mediator->company = anx_call_company_new (call_id, principal, mediator->studio, mediator_make_trust, mediator->person);
  anx_call_company_set_timing (mediator->company, 200);
  anx_call_company_add (mediator->company, KIOSK, TRUE);
  g_signal_connect (mediator->company, "send", G_CALLBACK (on_mediator_send), mediator->person);
  anx_call_company_enter (mediator->company, NULL);
}

static void
mediator_go (void)
{
  g_signal_handlers_disconnect_by_data (mediator->company, mediator->person);
  anx_call_company_leave (mediator->company);
  /* What a call asked the main loop for holds it until then. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (mediator->company);
  g_assert_finalize_object (mediator->studio);
  g_object_unref (mediator->person);
  g_clear_pointer (&mediator, g_free);
}

static GPtrArray *counsellors; /* those who call now */

static void
on_kiosk_said (const char *to,
               const char *call,
               const char *body,
               gpointer user_data)
{
  g_autoptr (JsonObject) object = anx_json_parse_object (body, -1, 1024 * 1024, NULL);
  if (mediator != NULL && g_str_equal (to, mediator->person->principal) && g_str_equal (call, mediator->person->call_id))
    anx_call_company_receive (mediator->company, KIOSK, object);
  for (guint i = 0; i < counsellors->len; i++)
    {
      TestCounsellor *self = g_ptr_array_index (counsellors, i);
      if (self->call != NULL && g_str_equal (to, self->principal) && g_str_equal (call, self->call_id))
        anx_call_receive (self->call, object);
    }
}

/* Calls the kiosk, as the desk of that person does. */
static TestCounsellor *
counsellor_call (AnxHands *hands,
                 const char *principal,
                 const char *call_id)
{
  /* On an alert's page the kiosk has not done it yet. */
  g_assert_true (anx_call_library_init (NULL));
  TestCounsellor *self = g_object_new (TEST_TYPE_COUNSELLOR, NULL);
  self->shell = hands->shell;
  self->principal = principal;
  self->call_id = g_strdup (call_id);
  self->call = anx_call_new (call_id, ANX_CALL_MEDIA_TEST_B, ANX_CALL_TRUST (self), NULL);
  g_signal_connect (self->call, "send", G_CALLBACK (on_counsellor_send), self);
  g_ptr_array_add (counsellors, self);
  anx_shell_double_listen (hands->shell, on_kiosk_said, NULL);
  anx_call_start (self->call);
  return self;
}

/* Without a word: as a machine that has no power any more. */
static void
counsellor_vanish (TestCounsellor *self)
{
  g_signal_handlers_disconnect_by_data (self->call, self);
  anx_call_end (self->call);
  g_clear_object (&self->call);
}

static void
counsellor_go (TestCounsellor *self)
{
  if (self->call != NULL)
    counsellor_vanish (self);
  g_ptr_array_remove (counsellors, self);
  if (counsellors->len == 0)
    anx_shell_double_listen (self->shell, NULL, NULL);
  g_object_unref (self);
}

/* ---- the kiosk ---- */

static AnxHands hands;
static AnxSession *session; /* unowned */
static AnxCall *kiosk_call; /* owned; the session is held by its pages alone, as in the program */

static void
check_in_with (const char *story,
               const char *sits_in)
{
  /* GLib forgets the handler after each test. */
  test_allow_known_critical ();
  anx_hands_start (&hands, story, "en");
  g_autoptr (JsonObject) booking = json_object_new ();
  json_object_set_string_member (booking, "id", BOOKING);
  json_object_set_string_member (booking, "counsellor", "li-wenjing");
  json_object_set_string_member (booking, "service", "individual");
  if (sits_in != NULL)
    json_object_set_string_member (booking, "mediator", sits_in);
  json_object_set_int_member (booking, "start", 1795312800000000);
  anx_resident_set_booking (hands.resident, booking, NULL);
  session = anx_session_new (hands.window);
  anx_resident_window_push (hands.window, anx_waiting_page_make, session, anx_session_unref);
  anx_hands_wait_for (&hands, "You are checked in");
  kiosk_call = g_object_ref (anx_session_get_waiting_call (session));
}

static void
check_in (const char *story)
{
  check_in_with (story, NULL);
}

static void
leave (void)
{
  anx_hands_stop (&hands);
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_ENDED);
  g_assert_finalize_object (kiosk_call);
}

static gboolean
is_live (gpointer call)
{
  return anx_call_get_state (call) == ANX_CALL_LIVE;
}

static gboolean
is_reconnecting (gpointer call)
{
  return anx_call_get_state (call) == ANX_CALL_RECONNECTING;
}

static gboolean
is_ended (gpointer call)
{
  return anx_call_get_state (call) == ANX_CALL_ENDED;
}

/* For looking: a second of pictures. */
static void
look (const char *name)
{
  if (g_getenv ("ANX_LOOK_DIR") == NULL)
    return;
  pair_run_for (1000);
  anx_hands_look (&hands, name);
}

/*
 * The counsellor calls while the resident tries the devices: the call takes the place of both pages, so that "Back" ends it. Each page keeps
 * its own time without a touch; the microphone stays as the resident has set it.
 */
static void
test_call (void)
{
  check_in ("session");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 900);
  look ("waiting");
  anx_hands_touch (&hands, "Try picture and sound");
  anx_hands_wait_for (&hands, "Only you see and hear this.");
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_CHECKING);
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 120);
  look ("devices");
  anx_hands_touch (&hands, "Back");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 900);
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_WAITING);
  anx_hands_touch (&hands, "Try picture and sound");

  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_for (&hands, "Talking with Li Wenjing");
  anx_hands_wait_until (is_live, kiosk_call);
  anx_hands_wait_until (is_live, li->call);
  look ("live");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 0);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 600);
  anx_hands_touch (&hands, "Back");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 0);

  anx_hands_touch (&hands, "Microphone is on");
  g_assert_false (anx_call_is_microphone_on (kiosk_call));
  anx_hands_touch (&hands, "中文");
  anx_hands_touch (&hands, "English");
  g_assert_true (anx_hands_see (&hands, "Microphone is off"));
  anx_hands_touch (&hands, "Camera is on");
  g_assert_true (anx_hands_see (&hands, "Microphone is off"));
  g_assert_false (anx_call_is_camera_on (kiosk_call));
  g_assert_false (anx_call_is_microphone_on (kiosk_call));
  g_assert_cmpint (anx_call_get_state (kiosk_call), !=, ANX_CALL_ENDED);

  anx_hands_touch (&hands, "Back");
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_ENDED);
  g_assert_false (anx_hands_see (&hands, "Talking with Li Wenjing"));
  /* And the counsellor is told. */
  anx_hands_wait_until (is_ended, li->call);
  g_assert_cmpint (anx_call_get_end_reason (li->call), ==, ANX_CALL_ENDED_BY_PEER);
  counsellor_go (li);
  leave ();
}

/* A talk that ends while another page lies over it takes nothing from the screen, and its page is not come back to. */
static void
test_ended_below (void)
{
  check_in ("ended-below");
  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_wait_until (is_live, kiosk_call);
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 0);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  anx_call_end (li->call);
  anx_hands_wait_until (is_ended, kiosk_call);
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 600);
  anx_hands_touch (&hands, "Back");
  g_assert_true (anx_hands_see (&hands, "How was the talk?"));
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 75);
  anx_hands_touch (&hands, "Back");
  g_assert_true (anx_hands_see (&hands, "What can we do for you?"));
  counsellor_go (li);
  leave ();
}

static gboolean
are_told (gpointer alerts)
{
  return anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT) == GPOINTER_TO_UINT (alerts);
}

/* After a minute the call is over. Somebody has asked for help in it, so the staff are told. */
static void
line_breaks (void)
{
  anx_shell_double_send_signal (hands.shell, "li-wenjing", BOOKING, "{\"type\":\"end\",\"reason\":\"connection\"}");
  anx_hands_wait_until (is_ended, kiosk_call);
  anx_hands_wait_until (are_told, GUINT_TO_POINTER (2));
}

/* The line goes: no picture, no camera, and the page says so; after a minute the telephone. Help that lies over it keeps its own time. */
static void
test_line_lost (void)
{
  check_in ("line-lost");
  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_wait_until (is_live, kiosk_call);
  kiosk_call->quality = 2;
  g_object_notify (G_OBJECT (kiosk_call), "quality");
  g_assert_true (anx_hands_see (&hands, "The line is weak."));
  anx_hands_look (&hands, "weak");
  counsellor_vanish (li);
  kiosk_call->timing.dead_peer_ms = 700;
  anx_hands_wait_until (is_reconnecting, kiosk_call);
  /* It ends by what is told below, not by itself. */
  kiosk_call->timing.give_up_ms = 24 * 3600 * 1000;
  g_assert_true (anx_hands_see (&hands, "The line broke. It connects again by itself; please stay."));
  look ("reconnecting");
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  /* With the language the page of the call goes until it is seen again; whoever is on duty is told all the same. */
  anx_hands_touch (&hands, "中文");
  anx_hands_touch (&hands, "English");
  line_breaks ();
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 600);
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_for (&hands, "You can go on by phone: 0539-5550101");
  g_assert_true (anx_hands_see (&hands, "The line broke and could not be made again."));
  /* Once because of the button, once because the line was lost, and not again with the page in the other language. */
  anx_hands_wait_until (are_told, GUINT_TO_POINTER (2));
  anx_hands_touch (&hands, "中文");
  anx_hands_touch (&hands, "English");
  g_assert_cmpuint (anx_shell_double_count_submitted (hands.shell, ANX_KIND_ALERT), ==, 2);
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 120);
  look ("ended");
  counsellor_go (li);
  leave ();
}

static gboolean
has_alert (gpointer resident)
{
  return anx_resident_get_alert (resident) != NULL;
}

/* One colleague calls with nothing that can be answered; the next is not taken for the first. */
static void
test_second_colleague (void)
{
  test_allow_known_critical ();
  anx_hands_start (&hands, "colleague", "en");
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  anx_hands_wait_until (has_alert, hands.resident);
  const char *alert = anx_resident_get_alert (hands.resident);
  anx_shell_double_send_signal (hands.shell, "wang-jianping", alert, "{\"type\":\"description\",\"role\":\"offer\"}");
  anx_hands_touch (&hands, "Answer");
  anx_hands_wait_for (&hands, "Talking with Wang Jianping");
  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", alert);
  look ("asked");
  anx_hands_touch (&hands, "Answer");
  anx_hands_wait_for (&hands, "Talking with Li Wenjing");
  anx_hands_wait_until (is_live, li->call);
  counsellor_go (li);
  anx_hands_stop (&hands);
}

static TestCounsellor *
colleague_call (void)
{
  anx_hands_wait_until (has_alert, hands.resident);
  TestCounsellor *colleague = counsellor_call (&hands, "wang-jianping", anx_resident_get_alert (hands.resident));
  anx_hands_wait_for (&hands, "A colleague would like to talk with you");
  return colleague;
}

/*
 * The talk of a booking drops, a colleague answers the alert, and the counsellor calls again: who talks is not called away. When that talk is
 * over, the counsellor's call takes the place of the page that dropped.
 */
static void
test_two_talks (void)
{
  check_in ("two-talks");
  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_wait_until (is_live, kiosk_call);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  counsellor_go (li);
  line_breaks ();
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_for (&hands, "You can go on by phone: 0539-5550101");

  TestCounsellor *wang = colleague_call ();
  anx_hands_wait_for (&hands, "Answer");
  li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_ended, li->call);
  counsellor_go (li);
  anx_hands_touch (&hands, "Answer");
  anx_hands_wait_until (is_live, wang->call);
  anx_hands_wait_for (&hands, "Talking with Wang Jianping");
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 0);
  li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_ended, li->call);
  g_assert_cmpint (anx_call_get_end_reason (li->call), ==, ANX_CALL_ENDED_BY_PEER);
  counsellor_go (li);
  anx_hands_wait_until (is_live, wang->call);
  g_assert_true (anx_hands_see (&hands, "Talking with Wang Jianping"));
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 0);
  look ("two-talks");
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_until (is_ended, wang->call);
  g_assert_cmpint (anx_call_get_end_reason (wang->call), ==, ANX_CALL_ENDED_BY_PEER);
  counsellor_go (wang);
  g_assert_true (anx_hands_see (&hands, "The line broke and could not be made again."));
  g_assert_cmpuint (anx_resident_window_get_idle_limit (hands.window), ==, 120);

  li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_until (is_ended, li->call);
  g_assert_true (anx_hands_see (&hands, "What can we do for you?"));
  counsellor_go (li);
  leave ();
}

/* Who answers a colleague in the middle of the talk of a booking is in one talk, not in two, and knows it before. */
static void
test_one_talk (void)
{
  check_in ("one-talk");
  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_wait_until (is_live, kiosk_call);
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");

  TestCounsellor *wang = colleague_call ();
  g_assert_true (anx_hands_see (&hands, "If you answer, your talk with Li Wenjing ends."));
  look ("asked");
  anx_hands_touch (&hands, "Not now");
  anx_hands_wait_until (is_ended, wang->call);
  counsellor_go (wang);
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_LIVE);

  wang = colleague_call ();
  anx_hands_touch (&hands, "Answer");
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_ENDED);
  anx_hands_wait_until (is_live, wang->call);
  anx_hands_wait_until (is_ended, li->call);
  g_assert_cmpint (anx_call_get_end_reason (li->call), ==, ANX_CALL_ENDED_BY_PEER);
  counsellor_go (li);
  anx_hands_wait_for (&hands, "Talking with Wang Jianping");
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_until (is_ended, wang->call);
  counsellor_go (wang);
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  anx_hands_touch (&hands, "Back");
  g_assert_true (anx_hands_see (&hands, "How was the talk?"));
  leave ();
}

/* A colleague whose line breaks calls again, and again: of the talks before no page is left. One who hangs up takes the question along. */
static void
test_colleague_again (void)
{
  test_allow_known_critical ();
  anx_hands_start (&hands, "again", "en");
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  for (guint alerts = 1; alerts < 3; alerts++)
    {
      anx_hands_wait_until (are_told, GUINT_TO_POINTER (alerts));
      TestCounsellor *wang = colleague_call ();
      g_autofree char *call_id = g_strdup (wang->call_id);
      anx_hands_touch (&hands, "Answer");
      anx_hands_wait_for (&hands, "Talking with Wang Jianping");
      anx_hands_wait_until (is_live, wang->call);
      anx_hands_touch (&hands, "I need help now");
      anx_hands_wait_for (&hands, "We are here for you");
      counsellor_go (wang);
      anx_shell_double_send_signal (hands.shell, "wang-jianping", call_id, "{\"type\":\"end\",\"reason\":\"connection\"}");
      anx_hands_wait_until (are_told, GUINT_TO_POINTER (alerts + 1));
    }
  TestCounsellor *wang = colleague_call ();
  anx_hands_touch (&hands, "Not now");
  anx_hands_wait_until (is_ended, wang->call);
  counsellor_go (wang);
  anx_hands_touch (&hands, "Back");
  g_assert_true (anx_hands_see (&hands, "We are here for you"));
  wang = colleague_call ();
  anx_call_end (wang->call);
  counsellor_go (wang);
  for (guint i = 0; i < 2; i++)
    {
      anx_hands_wait_for (&hands, "We are here for you");
      anx_hands_touch (&hands, "Back");
    }
  g_assert_true (anx_hands_see (&hands, "What can we do for you?"));
  anx_hands_stop (&hands);
}

/* ---- three ---- */

static gboolean
mediator_waits (gpointer company)
{
  return anx_call_company_is_waiting (company, "wang-jianping");
}

static gboolean
mediator_sees (gpointer company)
{
  AnxCall *call = anx_call_company_get_call (company, KIOSK);
  return call != NULL && anx_call_get_state (call) == ANX_CALL_LIVE;
}

static gboolean
mediator_sees_nobody (gpointer company)
{
  return anx_call_company_get_call (company, KIOSK) == NULL;
}

/*
 * Who sits in by the booking and comes early waits for the counsellor; then both are seen, by name. One who leaves is named, and the other
 * stays; what is switched off is off for both; with the counsellor the talk is over.
 */
static void
test_three (void)
{
  check_in_with ("three", "wang-jianping");
  AnxCallCompany *company = anx_session_get_company (session);
  g_assert_nonnull (company);
  anx_shell_double_listen (hands.shell, on_kiosk_said, NULL);
  mediator_come (&hands, "wang-jianping", BOOKING);
  anx_hands_wait_until (mediator_waits, company);
  g_assert_null (anx_call_company_get_call (company, "wang-jianping"));
  g_assert_true (anx_hands_see (&hands, "You are checked in"));

  TestCounsellor *li = counsellor_call (&hands, "li-wenjing", BOOKING);
  anx_hands_wait_until (is_live, li->call);
  anx_hands_wait_until (is_live, kiosk_call);
  anx_hands_wait_until (mediator_sees, mediator->company);
  anx_hands_wait_for (&hands, "Wang Jianping has joined the talk.");
  look ("three");

  anx_call_company_leave (mediator->company);
  anx_hands_wait_for (&hands, "Wang Jianping has left the talk.");
  g_assert_true (anx_hands_see (&hands, "Li Wenjing"));
  g_assert_cmpint (anx_call_get_state (kiosk_call), ==, ANX_CALL_LIVE);
  look ("one-left");
  anx_hands_touch (&hands, "Camera is on");
  anx_call_company_enter (mediator->company, NULL);
  anx_hands_wait_for (&hands, "Wang Jianping has joined the talk.");
  g_assert_false (anx_call_is_camera_on (anx_call_company_get_call (company, "wang-jianping")));
  anx_hands_wait_until (mediator_sees, mediator->company);
  anx_hands_touch (&hands, "Microphone is on");
  g_assert_false (anx_call_is_microphone_on (anx_call_company_get_call (company, "wang-jianping")));
  anx_hands_touch (&hands, "I need help now");
  anx_hands_wait_for (&hands, "We are here for you");
  /* Made anew in the other language; what was just told is old then, and who is here stands in its place. */
  anx_hands_touch (&hands, "中文");
  anx_hands_touch (&hands, "English");
  anx_hands_touch (&hands, "Back");
  anx_hands_wait_for (&hands, "Here with you: Li Wenjing, Wang Jianping.");

  anx_call_end (li->call);
  anx_hands_wait_for (&hands, "How was the talk?");
  anx_hands_wait_until (mediator_sees_nobody, mediator->company);
  g_assert_null (anx_call_company_get_call (company, "wang-jianping"));
  mediator_go ();
  counsellor_go (li);
  leave ();
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  counsellors = g_ptr_array_new ();
  gboolean wide = g_strcmp0 (g_getenv ("ANX_LOOK_SIZE"), "1280x800") == 0;
  if (!anx_test_display_open (wide ? 1280 : 1080, wide ? 800 : 1920))
    {
      g_print ("1..0 # SKIP no Xvfb\n");
      return 0;
    }
  anx_test_data_open ("{\"first\":[[\"phq-9\",\"gad-7\"]]}");
  anx_kiosk_load_style (gdk_display_get_default ());
  g_test_add_func ("/kiosk/session/call", test_call);
  g_test_add_func ("/kiosk/session/ended-below", test_ended_below);
  g_test_add_func ("/kiosk/session/line-lost", test_line_lost);
  g_test_add_func ("/kiosk/session/second-colleague", test_second_colleague);
  g_test_add_func ("/kiosk/session/two-talks", test_two_talks);
  g_test_add_func ("/kiosk/session/one-talk", test_one_talk);
  g_test_add_func ("/kiosk/session/colleague-again", test_colleague_again);
  g_test_add_func ("/kiosk/session/three", test_three);
  int failed = g_test_run ();
  anx_test_data_close ();
  g_ptr_array_unref (counsellors);
  return failed;
}
