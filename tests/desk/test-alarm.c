/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-alarm.h"

#define MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define START (1000 * MINUTE)

static void
look (AnxDeskAlarm *alarm,
      const char *const *crises,
      const char *const *check_ins)
{
  anx_desk_alarm_begin (alarm);
  /* "!id" stands for a red alert; each next one is a minute younger. */
  for (guint i = 0; crises != NULL && crises[i] != NULL; i++)
    anx_desk_alarm_add_crisis (alarm, crises[i] + (crises[i][0] == '!'), crises[i][0] == '!', START + i * MINUTE);
  for (guint i = 0; check_ins != NULL && check_ins[i] != NULL; i++)
    anx_desk_alarm_add_check_in (alarm, check_ins[i], START + i * MINUTE);
  anx_desk_alarm_commit (alarm);
}

static void
test_quiet (void)
{
  g_autoptr (AnxDeskAlarm) alarm = anx_desk_alarm_new ();
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_QUIET);
  g_assert_null (anx_desk_alarm_get_id (alarm));
  g_assert_cmpuint (anx_desk_alarm_count (alarm), ==, 0);
  g_assert_false (anx_desk_alarm_take_bell (alarm, START));
}

static void
test_rings_until_acknowledged (void)
{
  g_autoptr (AnxDeskAlarm) alarm = anx_desk_alarm_new ();
  look (alarm, (const char *[]) { "!a", NULL }, NULL);
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CRISIS);
  for (int i = 0; i < 1000; i++)
    {
      look (alarm, (const char *[]) { "!a", NULL }, NULL);
      g_assert_true (anx_desk_alarm_take_bell (alarm, START + i * ANX_DESK_BELL_CRISIS_USEC));
      g_assert_false (anx_desk_alarm_take_bell (alarm, START + i * ANX_DESK_BELL_CRISIS_USEC + 1));
    }
  /* A1: silencing does not end a crisis. */
  anx_desk_alarm_silence (alarm, "a");
  look (alarm, (const char *[]) { "!a", NULL }, NULL);
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CRISIS);
  /* Acknowledged, by whomever: it is no longer among the open ones. */
  look (alarm, NULL, NULL);
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_QUIET);
  g_assert_false (anx_desk_alarm_take_bell (alarm, START + 9999 * MINUTE));
}

static void
test_second_while_one_rings (void)
{
  g_autoptr (AnxDeskAlarm) alarm = anx_desk_alarm_new ();
  look (alarm, (const char *[]) { "first", NULL }, NULL);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START));
  /* Rings at once, not an interval later; the red one comes first although it is younger. */
  look (alarm, (const char *[]) { "first", "!second", NULL }, NULL);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START + 1));
  g_assert_cmpuint (anx_desk_alarm_count (alarm), ==, 2);
  g_assert_cmpstr (anx_desk_alarm_get_id (alarm), ==, "second");
  g_assert_true (anx_desk_alarm_is_red (alarm));
  /* A2: the other rings on. */
  look (alarm, (const char *[]) { "first", NULL }, NULL);
  g_assert_cmpstr (anx_desk_alarm_get_id (alarm), ==, "first");
  g_assert_false (anx_desk_alarm_is_red (alarm));
  g_assert_cmpint (anx_desk_alarm_get_since_usec (alarm), ==, START);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START + 1 + ANX_DESK_BELL_CRISIS_USEC));
}

static void
test_crisis_outranks_check_in (void)
{
  g_autoptr (AnxDeskAlarm) alarm = anx_desk_alarm_new ();
  look (alarm, NULL, (const char *[]) { "b1", "b2", NULL });
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CHECK_IN);
  g_assert_cmpstr (anx_desk_alarm_get_id (alarm), ==, "b1");
  g_assert_cmpuint (anx_desk_alarm_count (alarm), ==, 2);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START));
  look (alarm, (const char *[]) { "y", NULL }, (const char *[]) { "b1", "b2", NULL });
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CRISIS);
  g_assert_cmpuint (anx_desk_alarm_count (alarm), ==, 1);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START + 1));
  look (alarm, NULL, (const char *[]) { "b1", "b2", NULL });
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CHECK_IN);
}

static void
test_check_in_ends_when_opened (void)
{
  g_autoptr (AnxDeskAlarm) alarm = anx_desk_alarm_new ();
  look (alarm, NULL, (const char *[]) { "b1", NULL });
  anx_desk_alarm_silence (alarm, "b1");
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_QUIET);
  look (alarm, NULL, (const char *[]) { "b1", NULL });
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_QUIET);
  /* Gone and back again is a new check-in. */
  look (alarm, NULL, NULL);
  look (alarm, NULL, (const char *[]) { "b1", NULL });
  g_assert_cmpint (anx_desk_alarm_get_state (alarm), ==, ANX_DESK_ALARM_CHECK_IN);
  g_assert_true (anx_desk_alarm_take_bell (alarm, START));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/desk/alarm/quiet", test_quiet);
  g_test_add_func ("/desk/alarm/rings-until-acknowledged", test_rings_until_acknowledged);
  g_test_add_func ("/desk/alarm/second-while-one-rings", test_second_while_one_rings);
  g_test_add_func ("/desk/alarm/crisis-outranks-check-in", test_crisis_outranks_check_in);
  g_test_add_func ("/desk/alarm/check-in-ends-when-opened", test_check_in_ends_when_opened);
  return g_test_run ();
}
