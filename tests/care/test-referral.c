/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "clock.h"
#include "referral.h"

static const char *const all_statuses[]
    = { "draft",     "requested",   "received", "accepted", "rejected",  "ready",
        "cancelled", "in-progress", "on-hold",  "failed",   "completed", "entered-in-error" };

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

static void
test_matrix (void)
{
  static const char *const allowed =
      " draft>requested draft>cancelled draft>entered-in-error"
      " requested>received requested>accepted requested>rejected requested>cancelled requested>entered-in-error"
      " received>accepted received>rejected received>cancelled received>entered-in-error"
      " accepted>ready accepted>in-progress accepted>cancelled accepted>entered-in-error"
      " ready>in-progress ready>cancelled ready>entered-in-error"
      " in-progress>on-hold in-progress>completed in-progress>failed in-progress>cancelled in-progress>entered-in-error"
      " on-hold>in-progress on-hold>cancelled on-hold>entered-in-error ";
  for (gsize i = 0; i < G_N_ELEMENTS (all_statuses); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (all_statuses); k++)
      {
        g_autofree char *step = g_strdup_printf (" %s>%s ", all_statuses[i], all_statuses[k]);
        g_test_message ("%s", step);
        g_assert_true (anx_referral_may_follow (all_statuses[i], all_statuses[k]) == (strstr (allowed, step) != NULL));
      }
  g_assert_false (anx_referral_may_follow ("completed", ""));
  g_assert_false (anx_referral_may_follow (NULL, "requested"));
  g_assert_false (anx_referral_may_follow ("requested", NULL));
  g_assert_false (anx_referral_may_follow ("asked", "accepted"));
}

static void
test_final (void)
{
  static const char *const final[] = { "rejected", "cancelled", "failed", "completed", "entered-in-error", NULL };
  for (gsize i = 0; i < G_N_ELEMENTS (all_statuses); i++)
    g_assert_true (anx_referral_is_final (all_statuses[i]) == g_strv_contains (final, all_statuses[i]));
  g_assert_false (anx_referral_is_final ("done"));
  g_assert_false (anx_referral_is_final (NULL));
}

static void
test_steps (void)
{
  static const struct
  {
    AnxReferralAction action;
    const char *from;
    const char *status;
    const char *business;
  } steps[] = {
    { ANX_REFERRAL_ACCEPT, "requested received", "accepted", "3.0" },
    { ANX_REFERRAL_DECLINE, "requested received", "rejected", "4.0" },
    { ANX_REFERRAL_START, "accepted ready on-hold", "in-progress", "5.1.1" },
    { ANX_REFERRAL_COMPLETE, "in-progress", "completed", "7.0" },
    { ANX_REFERRAL_CANCEL, "draft requested received accepted ready in-progress on-hold", "cancelled", "6.0" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    for (gsize k = 0; k <= G_N_ELEMENTS (all_statuses); k++)
      {
        const char *from = k < G_N_ELEMENTS (all_statuses) ? all_statuses[k] : "no-such-status";
        g_auto (GStrv) sources = g_strsplit (steps[i].from, " ", -1);
        g_autoptr (GError) error = NULL;
        const char *status = NULL, *business = NULL;
        g_test_message ("action %d from %s", (int) steps[i].action, from);
        gboolean ok = anx_referral_step (from, steps[i].action, &status, &business, &error);
        g_assert_true (ok == g_strv_contains ((const char *const *) sources, from));
        g_assert_cmpstr (status, ==, ok ? steps[i].status : NULL);
        g_assert_cmpstr (business, ==, ok ? steps[i].business : NULL);
        if (!ok)
          g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED);
      }
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
    const char *status;
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
    { ANX_URGENCY_ROUTINE, "in-progress", "2026-11-27T10:00:00+08:00", "2026-12-14T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "ready", "2026-11-23T10:00:00+08:00", "2026-11-30T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "on-hold", "2026-09-25T10:00:00+08:00", "2026-10-08T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "accepted", "2026-10-03T10:00:00+08:00", "2026-10-10T10:00:00+08:00" },
    /* Immediate: no day is free. */
    { ANX_URGENCY_IMMEDIATE, "requested", "2026-10-01T23:50:00+08:00", "2026-10-02T00:20:00+08:00" },
    { ANX_URGENCY_IMMEDIATE, "in-progress", "2026-10-01T23:50:00+08:00", "2026-10-02T23:50:00+08:00" },
    /* A status nobody knows is not taken for accepted. */
    { ANX_URGENCY_URGENT, "asked", "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, NULL, "2026-11-23T10:00:00+08:00", "2026-11-24T10:00:00+08:00" },
    { ANX_URGENCY_URGENT, "draft", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "completed", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "rejected", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "cancelled", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "failed", "2026-11-23T10:00:00+08:00", NULL },
    { ANX_URGENCY_IMMEDIATE, "entered-in-error", "2026-11-23T10:00:00+08:00", NULL },
  };
  g_autoptr (AnxCalendar) calendar = load_calendar ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s from %s", anx_urgency_to_string (cases[i].urgency), cases[i].status, cases[i].since);
      gint64 due = anx_referral_due_usec (cases[i].urgency, cases[i].status, at (cases[i].since), calendar);
      g_assert_cmpint (due, ==, cases[i].due != NULL ? at (cases[i].due) : 0);
    }
  /* Without a calendar, Monday to Friday in Shanghai. The microseconds stay. */
  g_assert_cmpint (anx_referral_due_usec (ANX_URGENCY_URGENT, "requested", at ("2026-09-30T10:00:00+08:00") + 7, NULL),
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
  g_assert_cmpint (anx_referral_due_usec (ANX_URGENCY_URGENT, "requested", since, calendar), >, since);
}

static void
test_lights (void)
{
  gint64 due = at ("2026-11-26T10:00:00+08:00");
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
      g_assert_cmpint (anx_referral_light (cases[i].urgency, due, due - cases[i].before_usec), ==, cases[i].light);
    }
  g_assert_cmpint (anx_referral_light (ANX_URGENCY_IMMEDIATE, 0, due), ==, ANX_LEVEL_GREEN);
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
  g_test_add_func ("/care/referral/lights", test_lights);
  return g_test_run ();
}
