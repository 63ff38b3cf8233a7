/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "clock.h"
#include "referral.h"

/* Every state, by the name the tables below and README.md use. */
static const struct
{
  const char *name;
  const char *status;
  const char *business;
} states[] = {
  { "requested", "requested", "2.0" },      { "received", "received", "2.0" },
  { "asked", "on-hold", "2.0" },            { "accepted", "accepted", "3.0" },
  { "working", "in-progress", "3.0" },      { "asked-later", "on-hold", "3.0" },
  { "scheduled", "in-progress", "5.1.1" },  { "asked-scheduled", "on-hold", "5.1.1" },
  { "unattended", "in-progress", "5.1.2" }, { "called-off", "in-progress", "5.1.3" },
  { "attended", "in-progress", "5.1.4" },   { "declined", "rejected", "4.0" },
  { "completed", "completed", "7.0" },      { "cancelled", "cancelled", "6.0" },
  { "failed", "failed", "6.0" },            { "retracted", "entered-in-error", "6.0" },
};

/* Written by hand, once more: action, from, to. What is not here must not be possible. */
static const char *const edges[] = {
  "receive requested received",
  "accept requested accepted", "accept received accepted",
  "decline requested declined", "decline received declined",
  "forward requested declined", "forward received declined", "forward accepted declined",
  "ask requested asked", "ask received asked",
  "ask accepted asked-later", "ask working asked-later", "ask unattended asked-later", "ask called-off asked-later",
  "ask attended asked-later", "ask scheduled asked-scheduled",
  "reply asked received", "reply asked-later working", "reply asked-scheduled scheduled",
  "start accepted working",
  "schedule accepted scheduled", "schedule working scheduled", "schedule scheduled scheduled",
  "schedule unattended scheduled", "schedule called-off scheduled", "schedule attended scheduled",
  "unattended scheduled unattended", "call-off scheduled called-off", "attended scheduled attended",
  "complete working completed", "complete scheduled completed", "complete unattended completed",
  "complete called-off completed", "complete attended completed",
  "fail accepted failed", "fail working failed", "fail scheduled failed", "fail unattended failed",
  "fail called-off failed", "fail attended failed", "fail asked-later failed", "fail asked-scheduled failed",
  "cancel requested cancelled", "cancel received cancelled", "cancel asked cancelled", "cancel accepted cancelled",
  "cancel working cancelled", "cancel asked-later cancelled", "cancel scheduled cancelled",
  "cancel asked-scheduled cancelled", "cancel unattended cancelled", "cancel called-off cancelled",
  "cancel attended cancelled",
  "retract requested retracted", "retract received retracted", "retract asked retracted", "retract accepted retracted",
  "retract working retracted", "retract asked-later retracted", "retract scheduled retracted",
  "retract asked-scheduled retracted", "retract unattended retracted", "retract called-off retracted",
  "retract attended retracted",
};

static gint64
at (const char *text)
{
  gint64 usec;
  g_assert_true (anx_time_from_rfc3339 (text, &usec, NULL));
  return usec;
}

static AnxCalendar *
load_calendar (void)
{
  g_autoptr (JsonObject) json = testing_load ("data/calendar/cn.json");
  g_autoptr (GError) error = NULL;
  AnxCalendar *calendar = anx_calendar_parse (json, &error);
  g_assert_no_error (error);
  return calendar;
}

static AnxReferralLimits *
load_limits (void)
{
  g_autoptr (JsonObject) json = testing_load ("data/care/referral.json");
  g_autoptr (GError) error = NULL;
  AnxReferralLimits *limits = anx_referral_limits_parse (json, &error);
  g_assert_no_error (error);
  return limits;
}

static const char *
find_edge (const char *action,
           const char *from)
{
  g_autofree char *start = g_strdup_printf ("%s %s ", action, from);
  for (gsize i = 0; i < G_N_ELEMENTS (edges); i++)
    if (g_str_has_prefix (edges[i], start))
      return edges[i] + strlen (start);
  return NULL;
}

/* Every action in every state: 15 × 16, of which only the edges above are possible. */
static void
test_steps (void)
{
  guint taken = 0;
  for (guint action = 0; action < ANX_REFERRAL_N_ACTIONS; action++)
    for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
      {
        const char *code = anx_referral_get_rule ((AnxReferralAction) action)->code;
        const char *to = find_edge (code, states[i].name);
        g_autoptr (GError) error = NULL;
        const char *status = NULL, *business = NULL;
        g_test_message ("%s in %s", code, states[i].name);
        gboolean ok = anx_referral_step (states[i].status, states[i].business, (AnxReferralAction) action, &status, &business, &error);
        g_assert_true (ok == (to != NULL));
        if (!ok)
          {
            g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED);
            g_assert_true (status == NULL && business == NULL);
            continue;
          }
        taken++;
        for (gsize k = 0; k < G_N_ELEMENTS (states); k++)
          if (g_str_equal (states[k].name, to))
            {
              g_assert_cmpstr (status, ==, states[k].status);
              g_assert_cmpstr (business, ==, states[k].business);
            }
      }
  g_assert_cmpuint (taken, ==, G_N_ELEMENTS (edges));
}

/* Every pair of states and both sides: what the hub asks, which sees no action. */
static void
test_matrix (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (states); k++)
      for (guint side = ANX_REFERRAL_BY_DEPARTMENT; side <= ANX_REFERRAL_BY_AUTHOR; side++)
        {
          gboolean expected = FALSE;
          for (guint action = 0; action < ANX_REFERRAL_N_ACTIONS; action++)
            {
              const AnxReferralRule *rule = anx_referral_get_rule ((AnxReferralAction) action);
              expected = expected || (rule->side == side && g_strcmp0 (find_edge (rule->code, states[i].name), states[k].name) == 0);
            }
          g_test_message ("%s > %s by %u", states[i].name, states[k].name, side);
          g_assert_true (anx_referral_may_follow (states[i].status, states[i].business, states[k].status, states[k].business,
                                                  (AnxReferralSide) side) == expected);
        }
  g_assert_false (anx_referral_may_follow ("completed", "7.0", "", "", ANX_REFERRAL_BY_DEPARTMENT));
  g_assert_false (anx_referral_may_follow (NULL, NULL, "requested", "2.0", ANX_REFERRAL_BY_AUTHOR));
  g_assert_false (anx_referral_may_follow ("requested", "2.0", NULL, NULL, ANX_REFERRAL_BY_DEPARTMENT));
  g_assert_false (anx_referral_may_follow ("requested", "2.0", "accepted", "4.0", ANX_REFERRAL_BY_DEPARTMENT));
  g_assert_false (anx_referral_state_is_known ("accepted", "7.0"));
  g_assert_false (anx_referral_state_is_known ("ready", "3.0"));
  g_assert_false (anx_referral_state_is_known (NULL, NULL));
}

static void
test_final (void)
{
  static const char *const final[] = { "rejected", "cancelled", "failed", "completed", "entered-in-error", NULL };
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    g_assert_true (anx_referral_is_final (states[i].status) == g_strv_contains (final, states[i].status));
  g_assert_false (anx_referral_is_final ("done"));
  g_assert_false (anx_referral_is_final (NULL));
}

static void
test_rules (void)
{
  for (guint i = 0; i < ANX_REFERRAL_N_ACTIONS; i++)
    {
      AnxReferralAction action = ANX_REFERRAL_N_ACTIONS;
      g_assert_true (anx_referral_action_from_string (anx_referral_get_rule ((AnxReferralAction) i)->code, &action));
      g_assert_cmpuint (action, ==, i);
    }
  AnxReferralAction untouched = ANX_REFERRAL_ASK;
  g_assert_false (anx_referral_action_from_string ("vanish", &untouched));
  g_assert_false (anx_referral_action_from_string (NULL, &untouched));
  g_assert_cmpuint (untouched, ==, ANX_REFERRAL_ASK);
}

static void
test_urgency (void)
{
  static const char *const priorities[] = { "routine", "urgent", "stat" };
  for (int i = 0; i < 3; i++)
    {
      AnxUrgency urgency;
      g_assert_true (anx_urgency_from_string (anx_urgency_to_string ((AnxUrgency) i), &urgency));
      g_assert_cmpint ((int) urgency, ==, i);
      g_assert_cmpstr (anx_urgency_to_priority (urgency), ==, priorities[i]);
    }
  AnxUrgency untouched = ANX_URGENCY_URGENT;
  g_assert_false (anx_urgency_from_string ("soon", &untouched));
  g_assert_false (anx_urgency_from_string (NULL, &untouched));
  g_assert_cmpint (untouched, ==, ANX_URGENCY_URGENT);
}

static void
test_calendar (void)
{
  static const struct
  {
    int year, month, day;
    gboolean working;
  } cases[] = {
    { 2026, 11, 23, TRUE }, { 2026, 11, 21, FALSE }, { 2026, 11, 22, FALSE }, { 2026, 1, 1, FALSE },
    { 2026, 1, 2, FALSE },  { 2026, 1, 4, TRUE },    { 2026, 2, 14, TRUE },   { 2026, 2, 16, FALSE },
    { 2026, 2, 23, FALSE }, { 2026, 2, 24, TRUE },   { 2026, 2, 28, TRUE },   { 2026, 4, 6, FALSE },
    { 2026, 5, 4, FALSE },  { 2026, 5, 9, TRUE },    { 2026, 6, 19, FALSE },  { 2026, 9, 20, TRUE },
    { 2026, 9, 25, FALSE }, { 2026, 10, 7, FALSE },  { 2026, 10, 8, TRUE },   { 2026, 10, 10, TRUE },
    { 2027, 1, 1, FALSE },  { 2027, 2, 5, FALSE },   { 2027, 2, 8, FALSE },   { 2027, 6, 9, FALSE },
    { 2027, 10, 1, FALSE }, { 2026, 2, 30, FALSE },  { 2026, 13, 1, FALSE },  { 0, 1, 1, FALSE },
    { 2026, 0, 1, FALSE },  { 2026, 1, 32, FALSE },
  };
  g_autoptr (AnxCalendar) calendar = load_calendar ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%d-%d-%d", cases[i].year, cases[i].month, cases[i].day);
      g_assert_true (anx_calendar_is_working_day (calendar, cases[i].year, cases[i].month, cases[i].day)
                     == cases[i].working);
    }
  g_assert_true (anx_calendar_is_working_day (NULL, 2026, 1, 1));
  g_assert_false (anx_calendar_is_working_day (NULL, 2026, 1, 4));

  /*
   * The file's own days: every working day in exchange is a Saturday or Sunday, and 2026 has as many holidays as the
   * notice says.
   */
  g_auto (GStrv) holidays = anx_calendar_dup_holidays (calendar);
  guint n = 0;
  for (gsize i = 0; holidays[i] != NULL; i++)
    n += g_str_has_prefix (holidays[i], "2026-") ? 1 : 0;
  g_assert_cmpuint (n, ==, 3 + 9 + 3 + 5 + 3 + 3 + 7);
  g_assert_cmpstr (holidays[0], ==, "2026-01-01");
}

static void
test_bad_calendars (void)
{
  static const char *const cases[] = {
    "{}",
    "{'timezone':'Asia/Shanghai','holidays':[]}",
    "{'timezone':'Asia/Shanghai','workdays':[]}",
    "{'timezone':'Nowhere/At-All','holidays':[],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':['2026-02-30'],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':['2026-2-3'],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':[20260203],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':['2026-02-03T00'],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':['2026/02/03'],'workdays':[]}",
    "{'timezone':'Asia/Shanghai','holidays':['2026-02-03'],'workdays':['2026-02-03']}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_autoptr (JsonObject) json = testing_json (cases[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_calendar_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_deadlines (void)
{
  static const struct
  {
    AnxUrgency urgency;
    const char *state;
    const char *since;
    const char *due; /* NULL: nothing is due */
  } cases[] = {
    /* Monday to Thursday, Wednesday over the weekend, Friday, Saturday. */
    { ANX_URGENCY_ROUTINE, "requested", "2026-11-23T10:00:00+08:00", "2026-11-26T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "requested", "2026-11-25T10:00:00+08:00", "2026-11-30T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "received", "2026-11-27T10:00:00+08:00", "2026-12-02T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "requested", "2026-11-28T10:00:00+08:00", "2026-12-02T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "requested", "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "requested", "2026-11-27T10:00:00+08:00", "2026-11-30T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "requested", "2026-11-28T23:30:00+08:00", "2026-11-30T23:30:00+08:00" },
    /* The day is that of the calendar's zone: it is Saturday there already. */
    { ANX_URGENCY_URGENT, "requested", "2026-11-27T17:00:00Z", "2026-11-29T17:00:00Z" },
    /* National Day week, the Sunday and Saturday worked in exchange, and the turn of the year. */
    { ANX_URGENCY_URGENT, "requested", "2026-09-30T10:00:00+08:00", "2026-10-08T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "requested", "2026-09-30T10:00:00+08:00", "2026-10-10T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "requested", "2026-09-18T10:00:00+08:00", "2026-09-20T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "requested", "2026-12-31T10:00:00+08:00", "2027-01-04T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "requested", "2026-02-13T10:00:00+08:00", "2026-02-25T10:00:00+08:00" },
    /* Feedback: calendar days, and on to a working day. */
    { ANX_URGENCY_ROUTINE, "accepted", "2026-11-23T10:00:00+08:00", "2026-12-08T10:00:00+08:00" },
    { ANX_URGENCY_ROUTINE, "attended", "2026-11-27T10:00:00+08:00", "2026-12-14T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "working", "2026-11-23T10:00:00+08:00", "2026-11-30T10:00:00+08:00" },
    /* Who asks back before accepting wins no time by it. */
    { ANX_URGENCY_URGENT, "asked", "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "asked-scheduled", "2026-11-23T10:00:00+08:00", "2026-11-30T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "asked-later", "2026-09-25T10:00:00+08:00", "2026-10-08T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "accepted", "2026-10-03T10:00:00+08:00", "2026-10-10T10:00:00+08:00" },
    /* Immediate: no day is free. */
    { ANX_URGENCY_IMMEDIATE, "requested", "2026-10-01T23:50:00+08:00", "2026-10-02T00:20:00+08:00" },
    { ANX_URGENCY_IMMEDIATE, "scheduled", "2026-10-01T23:50:00+08:00", "2026-10-02T23:50:00+08:00" },
    /* A status nobody knows is not taken for accepted. */
    { ANX_URGENCY_URGENT, "unheard-of", "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, NULL, "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_IMMEDIATE, "completed", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "declined", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "cancelled", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "failed", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "retracted", "2026-11-23T10:00:00+08:00", NULL },
  };
  g_autoptr (AnxCalendar) calendar = load_calendar ();
  g_autoptr (AnxReferralLimits) limits = load_limits ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *status = cases[i].state, *business = "2.0";
      for (gsize k = 0; k < G_N_ELEMENTS (states); k++)
        if (g_strcmp0 (states[k].name, cases[i].state) == 0)
          {
            status = states[k].status;
            business = states[k].business;
          }
      g_test_message ("%s %s from %s", anx_urgency_to_string (cases[i].urgency), cases[i].state, cases[i].since);
      /* The shipped file and what is built in say the same. */
      for (int file = 0; file < 2; file++)
        {
          gint64 due = anx_referral_due_usec (file ? limits : NULL, cases[i].urgency, status, business, at (cases[i].since), calendar);
          g_assert_cmpint (due, ==, cases[i].due != NULL ? at (cases[i].due) : 0);
        }
    }
  /* Without a calendar, Monday to Friday in Shanghai. The microseconds stay. */
  g_assert_cmpint (anx_referral_due_usec (NULL, ANX_URGENCY_URGENT, "requested", "2.0", at ("2026-09-30T10:00:00+08:00") + 7, NULL),
                   ==, at ("2026-10-01T10:00:00+08:00") + 7);
}

static void
test_calendar_without_days (void)
{
  /* Every day of two years is a holiday: the search must end. */
  g_autoptr (GString) text = g_string_new ("{'timezone':'Asia/Shanghai','workdays':[],'holidays':[");
  g_autoptr (GDateTime) first = g_date_time_new_utc (2026, 1, 1, 0, 0, 0);
  for (int i = 0; i < 730; i++)
    {
      g_autoptr (GDateTime) day = g_date_time_add_days (first, i);
      g_autofree char *written = g_date_time_format (day, "'%Y-%m-%d'");
      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", written);
    }
  g_string_append (text, "]}");
  g_autoptr (JsonObject) json = testing_json (text->str);
  g_autoptr (AnxCalendar) calendar = anx_calendar_parse (json, NULL);
  g_assert_nonnull (calendar);
  gint64 since = at ("2026-01-05T10:00:00+08:00");
  g_assert_cmpint (anx_referral_due_usec (NULL, ANX_URGENCY_URGENT, "requested", "2.0", since, calendar), >, since);
}

static void
test_bad_limits (void)
{
  static const char *const good = "{'accept':{'workingDays':3},'feedback':{'days':15},'yellow':{'minutes':60}}";
  static const char *const bad[] = {
    "{}",
    "[]",
    "{'accept':{'workingDays':3},'feedback':{'days':15}}",
    "{'accept':{'workingDays':3},'feedback':{'days':15},'yellow':{'days':1}}",
    "{'accept':{'workingDays':0},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'workingDays':-1},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'workingDays':367},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'workingDays':1,'days':1},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'weeks':1},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':3,'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'days':'3'},'feedback':{'days':15},'yellow':{'minutes':60}}",
    "{'accept':{'minutes':527041},'feedback':{'days':15},'yellow':{'minutes':60}}",
  };
  for (gsize i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      const char *one = i < G_N_ELEMENTS (bad) ? bad[i] : good;
      g_autofree char *text = g_strdup_printf ("{'limits':{'routine':%s,'urgent':%s,'immediate':%s}}", good, one, good);
      g_autoptr (JsonObject) json = testing_json (text);
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", one);
      g_autoptr (AnxReferralLimits) limits = anx_referral_limits_parse (json, &error);
      g_assert_true ((limits != NULL) == (one == good));
      if (limits == NULL)
        g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_lights (void)
{
  gint64 due = at ("2026-11-26T10:00:00+08:00");
  g_autoptr (AnxReferralLimits) limits = load_limits ();
  static const struct
  {
    AnxUrgency urgency;
    gint64 before_usec;
    AnxLevel light;
  } cases[] = {
    { ANX_URGENCY_ROUTINE, 2 * ANX_USEC_PER_DAY, ANX_LEVEL_GREEN },
    { ANX_URGENCY_ROUTINE, ANX_USEC_PER_DAY + 1, ANX_LEVEL_GREEN },
    { ANX_URGENCY_ROUTINE, ANX_USEC_PER_DAY, ANX_LEVEL_YELLOW },
    { ANX_URGENCY_ROUTINE, 1, ANX_LEVEL_YELLOW },
    { ANX_URGENCY_ROUTINE, 0, ANX_LEVEL_RED },
    { ANX_URGENCY_ROUTINE, -ANX_USEC_PER_DAY, ANX_LEVEL_RED },
    { ANX_URGENCY_URGENT, ANX_USEC_PER_HOUR + 1, ANX_LEVEL_GREEN },
    { ANX_URGENCY_URGENT, ANX_USEC_PER_HOUR, ANX_LEVEL_YELLOW },
    { ANX_URGENCY_URGENT, 0, ANX_LEVEL_RED },
    { ANX_URGENCY_IMMEDIATE, 30 * ANX_USEC_PER_MINUTE, ANX_LEVEL_YELLOW },
    { ANX_URGENCY_IMMEDIATE, -1, ANX_LEVEL_RED },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      for (int file = 0; file < 2; file++)
        g_assert_cmpint (anx_referral_light (file ? limits : NULL, cases[i].urgency, due, due - cases[i].before_usec), ==, cases[i].light);
    }
  g_assert_cmpint (anx_referral_light (NULL, ANX_URGENCY_IMMEDIATE, 0, due), ==, ANX_LEVEL_GREEN);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/referral/matrix", test_matrix);
  g_test_add_func ("/care/referral/final", test_final);
  g_test_add_func ("/care/referral/steps", test_steps);
  g_test_add_func ("/care/referral/urgency", test_urgency);
  g_test_add_func ("/care/referral/calendar", test_calendar);
  g_test_add_func ("/care/referral/bad-calendars", test_bad_calendars);
  g_test_add_func ("/care/referral/deadlines", test_deadlines);
  g_test_add_func ("/care/referral/calendar-without-days", test_calendar_without_days);
  g_test_add_func ("/care/referral/rules", test_rules);
  g_test_add_func ("/care/referral/bad-limits", test_bad_limits);
  g_test_add_func ("/care/referral/lights", test_lights);
  return g_test_run ();
}
