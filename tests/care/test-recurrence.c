/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules and numbers of occurrences as libical's public test data have them (test-data/recur.txt), those that a working plan may use. The
 * zone is UTC: that file reads UNTIL against the wall clock whatever the event's zone is.
 */
#include "appointment.h"
#include "bounds.h"
#include "care-testing.h"
#include "clock.h"

static const struct { const char *start, *rule; guint expected; } CASES[] = {
  { "2002-04-02T11:45:00", "FREQ=WEEKLY;INTERVAL=1;COUNT=6;BYDAY=TU,WE", 6 },
  { "2002-04-02T11:45:00", "FREQ=WEEKLY;INTERVAL=1;COUNT=6;BYDAY=TH", 6 },
  { "1997-05-12T09:00:00", "FREQ=YEARLY;INTERVAL=1;COUNT=10;BYDAY=MO;BYWEEKNO=20", 10 },
  { "2001-12-16T19:25:00", "FREQ=WEEKLY;COUNT=10;INTERVAL=1;BYDAY=SU,TU", 10 },
  { "2001-12-04T15:35:00", "FREQ=MONTHLY;INTERVAL=1;COUNT=3;BYDAY=1TU", 3 },
  { "1997-09-02T09:00:00", "FREQ=DAILY;COUNT=10;INTERVAL=1", 10 },
  { "1997-12-15T09:00:00", "FREQ=DAILY;UNTIL=19971224T000000Z;INTERVAL=1", 9 },
  { "1997-09-02T09:00:00", "FREQ=DAILY;COUNT=10;INTERVAL=2", 10 },
  { "1997-09-02T09:00:00", "FREQ=DAILY;COUNT=5;INTERVAL=10", 5 },
  { "1998-01-01T09:00:00", "FREQ=YEARLY;UNTIL=20000131T090000Z;INTERVAL=1;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYMONTH=1", 93 },
  { "1998-01-01T09:00:00", "FREQ=DAILY;UNTIL=20000131T090000Z;INTERVAL=1;BYMONTH=1", 93 },
  { "2002-01-01T09:00:00", "FREQ=DAILY;COUNT=50;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR", 50 },
  { "2002-01-01T09:00:00", "FREQ=DAILY;UNTIL=20020120T090000Z;INTERVAL=1;BYDAY=TU,WE,TH", 9 },
  { "2002-01-01T09:00:00", "FREQ=DAILY;UNTIL=20020120T090000Z;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;WKST=SU", 14 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;COUNT=10;INTERVAL=1", 10 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;UNTIL=19971224T000000Z;INTERVAL=1", 17 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=10", 10 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;UNTIL=19971007T000000Z;INTERVAL=1;BYDAY=TU,TH", 10 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;COUNT=10;INTERVAL=1;BYDAY=TU,TH", 10 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;BYDAY=MO,WE,FR;WKST=SU", 24 },
  { "1997-09-02T09:00:00", "FREQ=WEEKLY;COUNT=8;INTERVAL=2;BYDAY=TU,TH", 8 },
  { "1997-09-05T09:00:00", "FREQ=MONTHLY;COUNT=10;INTERVAL=1;BYDAY=FR", 10 },
  { "1997-09-05T09:00:00", "FREQ=MONTHLY;UNTIL=19971224T000000Z;INTERVAL=1;BYDAY=1FR", 4 },
  { "1997-09-07T09:00:00", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", 10 },
  { "1997-09-22T09:00:00", "FREQ=MONTHLY;COUNT=6;INTERVAL=1;BYDAY=-2MO", 6 },
  { "1997-09-28T09:00:00", "FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYMONTHDAY=-3", 10 },
  { "1997-09-02T09:00:00", "FREQ=MONTHLY;COUNT=10;INTERVAL=1;BYMONTHDAY=2,15", 10 },
  { "1997-09-30T09:00:00", "FREQ=MONTHLY;COUNT=10;INTERVAL=1;BYMONTHDAY=1,-1", 10 },
  { "1997-09-10T09:00:00", "FREQ=MONTHLY;COUNT=10;INTERVAL=18;BYMONTHDAY=10,11,12,13,14,15", 10 },
  { "1997-09-02T09:00:00", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=TU", 10 },
  { "1997-06-10T09:00:00", "FREQ=YEARLY;COUNT=10;INTERVAL=1;BYMONTH=6,7", 10 },
  { "1997-03-10T09:00:00", "FREQ=YEARLY;COUNT=10;INTERVAL=2;BYMONTH=1,2,3", 10 },
  { "1997-01-01T09:00:00", "FREQ=YEARLY;COUNT=10;INTERVAL=3;BYYEARDAY=1,100,200", 10 },
  { "1997-05-19T09:00:00", "FREQ=YEARLY;INTERVAL=1;COUNT=10;BYDAY=20MO", 10 },
  { "1997-03-13T09:00:00", "FREQ=YEARLY;INTERVAL=1;COUNT=10;BYDAY=TH;BYMONTH=3", 10 },
  { "1997-06-05T09:00:00", "FREQ=YEARLY;INTERVAL=1;COUNT=10;BYDAY=TH;BYMONTH=6,7,8", 10 },
  { "1997-09-02T09:00:00", "FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYDAY=FR;BYMONTHDAY=13", 10 },
  { "1997-09-13T09:00:00", "FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", 10 },
  { "1996-11-05T09:00:00", "FREQ=YEARLY;INTERVAL=4;COUNT=10;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;BYMONTH=11", 10 },
  { "1997-09-04T09:00:00", "FREQ=MONTHLY;COUNT=3;INTERVAL=1;BYDAY=TU,WE,TH;BYSETPOS=3", 3 },
  { "1997-09-29T09:00:00", "FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 10 },
  { "1997-08-05T09:00:00", "FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=TU,SU", 4 },
  { "2002-04-02T11:45:00", "FREQ=DAILY;COUNT=1", 1 },
};

static guint
count_occurrences (const char *start,
                   const char *rule,
                   const char *more)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *day = g_strndup (start, 11);
  g_autofree char *end = g_strconcat (day, "23:00:00", NULL);
  g_autofree char *text = g_strdup_printf ("{'counsellor':'c','centres':[],'services':['s'],'timezone':'UTC','hours':[{'start':'%s','end':'%s','rrule':'%s'%s}]}",
                                           start, end, rule, more);
  g_autoptr (JsonObject) json = testing_json (text);
  g_autoptr (AnxPlan) plan = anx_plan_parse (json, &error);
  g_assert_no_error (error);
  gint64 from = 0, last = 0;
  g_assert_true (anx_time_from_rfc3339 ("1996-01-01T00:00:00Z", &from, NULL) && anx_time_from_rfc3339 ("2040-01-01T00:00:00Z", &last, NULL));
  /* So long that one fits in a block: an occurrence is a slot. */
  AnxService service = { .id = (char *) "s", .minutes = 210 };
  guint n = 0;
  for (; from < last; from += 90 * ANX_USEC_PER_DAY)
    {
      g_autoptr (GArray) slots = anx_plan_list_slots (plan, &service, from, MIN (last, from + 90 * ANX_USEC_PER_DAY), &error);
      g_assert_no_error (error);
      gint64 day_before = -1;
      for (guint i = 0; i < slots->len; i++)
        {
          gint64 number = g_array_index (slots, AnxSpan, i).start_usec / ANX_USEC_PER_DAY;
          n += number != day_before;
          day_before = number;
        }
    }
  return n;
}

static void
test_libical (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_test_message ("%s %s", CASES[i].start, CASES[i].rule);
      g_assert_cmpuint (count_occurrences (CASES[i].start, CASES[i].rule, ""), ==, CASES[i].expected);
    }
}

/* EXDATE takes one away, also the first; RDATE adds one that the rule does not have. */
static void
test_dates (void)
{
  g_assert_cmpuint (count_occurrences ("2002-04-02T11:45:00", "FREQ=DAILY;COUNT=1", ",'exdate':['2002-04-02T11:45:00']"), ==, 0);
  g_assert_cmpuint (count_occurrences ("2002-04-02T11:45:00", "FREQ=DAILY;COUNT=3", ",'rdate':['2002-04-20T11:45:00']"), ==, 4);
  g_assert_cmpuint (count_occurrences ("2002-04-02T11:45:00", "FREQ=DAILY;COUNT=3", ",'rdate':['2002-04-03T11:45:00'],'exdate':['2002-04-02T11:45:00']"), ==, 2);
}

/* Saturday 10 October 2026 is worked in exchange: the Wednesday's hours are held, and only by a plan that says so. */
static void
test_exchanged (void)
{
  g_autoptr (JsonObject) days = testing_json ("{'timezone':'Asia/Shanghai','holidays':['2026-10-07'],'workdays':['2026-10-10']}");
  g_autoptr (AnxCalendar) calendar = anx_calendar_parse (days, NULL);
  const char *const members[] = { ",'workdays':'WE'", "" };
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = g_strdup_printf ("{'counsellor':'c','centres':[],'services':['s'],'timezone':'Asia/Shanghai','hours':[{'start':'2026-09-02T09:00:00',"
                                               "'end':'2026-09-02T10:00:00','rrule':'FREQ=WEEKLY;BYDAY=WE'}]%s}", members[i]);
      g_autoptr (JsonObject) json = testing_json (text);
      g_autoptr (AnxPlan) plan = anx_plan_parse (json, NULL);
      AnxService service = { .id = (char *) "s", .minutes = 60 };
      gint64 wednesday = 0, saturday = 0;
      anx_plan_close_on (plan, calendar);
      g_assert_true (anx_time_from_rfc3339 ("2026-10-07T01:00:00Z", &wednesday, NULL) && anx_time_from_rfc3339 ("2026-10-10T01:00:00Z", &saturday, NULL));
      g_assert_false (anx_plan_has_slot (plan, &service, wednesday));
      g_assert_true (anx_plan_has_slot (plan, &service, saturday) == (i == 0));
      g_assert_true (anx_plan_is_open (plan, saturday, saturday + ANX_USEC_PER_HOUR) == (i == 0));
      g_assert_false (anx_plan_is_open (plan, saturday, saturday + ANX_USEC_PER_HOUR + 1));
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/recurrence/libical", test_libical);
  g_test_add_func ("/care/recurrence/dates", test_dates);
  g_test_add_func ("/care/recurrence/exchanged", test_exchanged);
  return g_test_run ();
}
