/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "appointment.h"
#include "bounds.h"
#include "care-error.h"
#include "care-testing.h"
#include "clock.h"

static gint64
at (const char *text)
{
  gint64 usec;
  g_assert_true (anx_time_from_rfc3339 (text, &usec, NULL));
  return usec;
}

static AnxPlan *
make_plan (const char *zone,
           const char *rest)
{
  g_autofree char *text
      = g_strdup_printf ("{'counsellor':'c-1','centres':['east'],'services':['talk'],'timezone':'%s',%s}", zone, rest);
  g_autoptr (JsonObject) json = testing_json (text);
  g_autoptr (GError) error = NULL;
  AnxPlan *plan = anx_plan_parse (json, &error);
  g_assert_no_error (error);
  return plan;
}

static AnxService *
make_service (int minutes,
              int before,
              int after)
{
  g_autofree char *text
      = g_strdup_printf ("{'id':'talk','name':'Talk','minutes':%d,'before':%d,'after':%d,'video':true}", minutes,
                         before, after);
  g_autoptr (JsonObject) json = testing_json (text);
  g_autoptr (GError) error = NULL;
  AnxService *service = anx_service_parse (json, &error);
  g_assert_no_error (error);
  return service;
}

/* The slots as starts in UTC, and on the way the promise that has accepts what list lists, and nothing beside it. */
static char *
list (AnxPlan *plan,
      const AnxService *service,
      const char *from,
      const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) slots = anx_plan_list_slots (plan, service, at (from), at (to), &error);
  g_assert_no_error (error);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < slots->len; i++)
    {
      AnxSpan *span = &g_array_index (slots, AnxSpan, i);
      g_assert_true (anx_plan_has_slot (plan, service, span->start_usec));
      g_assert_cmpint (span->end_usec - span->start_usec, ==, service->minutes * ANX_USEC_PER_MINUTE);
      g_assert_cmpint (span->start_usec % ANX_CELL_USEC, ==, 0);
      if (i > 0)
        g_assert_cmpint (span->start_usec, >, span[-1].start_usec);
      g_autofree char *start = anx_time_to_rfc3339 (span->start_usec);
      g_string_append_printf (text, "%s%.16s", i > 0 ? " " : "", start);
    }
  guint accepted = 0;
  for (gint64 start = at (from); start < at (to); start += ANX_CELL_USEC)
    accepted += anx_plan_has_slot (plan, service, start) ? 1 : 0;
  g_assert_cmpuint (accepted, ==, slots->len);
  return g_string_free (text, FALSE);
}

#define assert_slots(zone, rest, minutes, before, after, from, to, expected) \
  G_STMT_START \
  { \
    g_autoptr (AnxPlan) plan_ = make_plan (zone, rest); \
    g_autoptr (AnxService) service_ = make_service (minutes, before, after); \
    g_autofree char *found_ = list (plan_, service_, from, to); \
    g_assert_cmpstr (found_, ==, expected); \
  } \
  G_STMT_END

#define MORNING "'start':'2026-11-23T09:00:00','end':'2026-11-23T12:00:00'"

static void
test_one_block (void)
{
  /* Shanghai is UTC+8 the whole year. */
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING "}]", 50, 0, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z",
                "2026-11-23T01:00 2026-11-23T02:00 2026-11-23T03:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING "}]", 50, 5, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z",
                "2026-11-23T01:05 2026-11-23T02:10");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING "}]", 180, 0, 0, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z",
                "2026-11-23T01:00");
  /* One minute too long, and it does not fit. */
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING "}]", 180, 0, 5, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z",
                "");
  assert_slots ("Asia/Shanghai", "'hours':[]", 50, 0, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "");
}

static void
test_window (void)
{
  /* The start decides: from is in, to is out. */
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING "}]", 60, 0, 0, "2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z",
                "2026-11-23T02:00");
  g_autoptr (AnxPlan) plan = make_plan ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=DAILY'}]");
  g_autoptr (AnxService) service = make_service (60, 0, 0);
  gint64 from = at ("2026-11-23T00:00:00Z");
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) most
      = anx_plan_list_slots (plan, service, from, from + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (most->len, ==, 92 * 3);
  g_assert_null (anx_plan_list_slots (plan, service, from, from + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY + 1, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_plan_list_slots (plan, service, from, from - 1, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
  g_assert_false (anx_plan_has_slot (plan, service, -1));
}

static void
test_recurrence (void)
{
  /* 2026-11-23 is a Monday. */
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=WEEKLY;BYDAY=MO,WE'}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2026-12-05T00:00:00Z",
                "2026-11-23T01:00 2026-11-25T01:00 2026-11-30T01:00 2026-12-02T01:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=WEEKLY;BYDAY=MO;COUNT=2'}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2027-01-05T00:00:00Z", "2026-11-23T01:00 2026-11-30T01:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=DAILY;UNTIL=20261125T090000'}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2027-01-05T00:00:00Z", "2026-11-23T01:00 2026-11-24T01:00 2026-11-25T01:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=DAILY;UNTIL=20261124T010000Z'}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2027-01-05T00:00:00Z", "2026-11-23T01:00 2026-11-24T01:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'rrule':'FREQ=MONTHLY;BYDAY=-1FR'}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2027-01-31T00:00:00Z", "2026-11-27T01:00 2026-12-25T01:00 2027-01-29T01:00");
  assert_slots ("Asia/Shanghai",
                "'hours':[{" MORNING ",'rrule':'FREQ=DAILY','exdate':['2026-11-24T09:00:00','2026-11-25T08:00:00']}]",
                180, 0, 0, "2026-11-22T00:00:00Z", "2026-11-26T00:00:00Z", "2026-11-23T01:00 2026-11-25T01:00");
  assert_slots ("Asia/Shanghai", "'hours':[{" MORNING ",'exdate':['2026-11-23T09:00:00']}]", 180, 0, 0,
                "2026-11-22T00:00:00Z", "2026-11-26T00:00:00Z", "");
}

static void
test_old_rule (void)
{
  g_autoptr (AnxPlan) old
      = make_plan ("Asia/Shanghai",
                   "'hours':[{'start':'2001-01-01T09:00:00','end':'2001-01-01T10:00:00','rrule':'FREQ=DAILY'}]");
  g_autoptr (AnxService) service = make_service (60, 0, 0);
  g_assert_true (anx_plan_has_slot (old, service, at ("2026-11-23T01:00:00Z")));
  g_autoptr (GError) error = NULL;
  gint64 late = at ("2060-01-01T00:00:00Z");
  g_assert_null (anx_plan_list_slots (old, service, late, late + ANX_USEC_PER_DAY, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
}

static void
test_overlap (void)
{
  assert_slots ("Asia/Shanghai",
                "'hours':[{" MORNING "},{" MORNING "},{'start':'2026-11-23T11:00:00','end':'2026-11-23T13:00:00'}]", 60,
                0, 0, "2026-11-22T00:00:00Z", "2026-11-26T00:00:00Z",
                "2026-11-23T01:00 2026-11-23T02:00 2026-11-23T03:00 2026-11-23T04:00");
}

static void
test_absence (void)
{
  /* The absence touches only the buffer after the first slot. */
  assert_slots ("Asia/Shanghai",
                "'hours':[{" MORNING "}],'absences':[{'start':'2026-11-23T09:55:00','end':'2026-11-23T10:00:00'}]", 50,
                0, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-23T02:00 2026-11-23T03:00");
  assert_slots ("Asia/Shanghai",
                "'hours':[{" MORNING "}],'absences':[{'start':'2026-11-23T10:00:00','end':'2026-11-23T10:05:00'}]", 50,
                0, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-23T01:00 2026-11-23T03:00");
  assert_slots ("Asia/Shanghai",
                "'hours':[{" MORNING "}],'absences':[{'start':'2026-11-01T00:00:00','end':'2026-12-01T00:00:00'}]", 50,
                0, 10, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "");
}

static void
test_clock_changes (void)
{
  /* Berlin goes from UTC+1 to UTC+2 on 2026-03-29 and back on 2026-10-25; nine o'clock stays nine o'clock. */
  assert_slots ("Europe/Berlin",
                "'hours':[{'start':'2026-03-27T09:00:00','end':'2026-03-27T10:00:00','rrule':'FREQ=DAILY;COUNT=4'}]",
                60, 0, 0, "2026-03-26T00:00:00Z", "2026-04-02T00:00:00Z",
                "2026-03-27T08:00 2026-03-28T08:00 2026-03-29T07:00 2026-03-30T07:00");
  assert_slots ("Europe/Berlin",
                "'hours':[{'start':'2026-10-24T09:00:00','end':'2026-10-24T10:00:00','rrule':'FREQ=DAILY;COUNT=3'}]",
                60, 0, 0, "2026-10-23T00:00:00Z", "2026-10-30T00:00:00Z",
                "2026-10-24T07:00 2026-10-25T08:00 2026-10-26T08:00");
  /* The night is an hour short, then an hour long. */
  assert_slots ("Europe/Berlin", "'hours':[{'start':'2026-03-29T01:00:00','end':'2026-03-29T04:00:00'}]", 60, 0, 0,
                "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", "2026-03-29T00:00 2026-03-29T01:00");
  assert_slots ("Europe/Berlin", "'hours':[{'start':'2026-10-25T01:00:00','end':'2026-10-25T04:00:00'}]", 60, 0, 0,
                "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z",
                "2026-10-24T23:00 2026-10-25T00:00 2026-10-25T01:00 2026-10-25T02:00");
  /* Half past two does not exist: the offset before the gap counts. It comes twice: the first counts. */
  assert_slots ("Europe/Berlin", "'hours':[{'start':'2026-03-29T02:30:00','end':'2026-03-29T04:30:00'}]", 60, 0, 0,
                "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", "2026-03-29T01:30");
  assert_slots ("Europe/Berlin", "'hours':[{'start':'2026-10-25T02:30:00','end':'2026-10-25T03:30:00'}]", 60, 0, 0,
                "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z", "2026-10-25T00:30 2026-10-25T01:30");
  assert_slots ("America/New_York", "'hours':[{'start':'2026-11-01T01:30:00','end':'2026-11-01T02:30:00'}]", 60, 0, 0,
                "2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-01T05:30 2026-11-01T06:30");
  /* Across midnight and across the date line of UTC. */
  assert_slots ("Asia/Shanghai",
                "'hours':[{'start':'2026-11-23T23:00:00','end':'2026-11-24T01:00:00','rrule':'FREQ=WEEKLY;COUNT=2'}]",
                60, 0, 0, "2026-11-23T15:30:00Z", "2026-12-01T00:00:00Z",
                "2026-11-23T16:00 2026-11-30T15:00 2026-11-30T16:00");
}

static void
test_holidays (void)
{
  g_autoptr (JsonObject) json = testing_load ("data/calendar/cn.json");
  g_autoptr (AnxCalendar) calendar = anx_calendar_parse (json, NULL);
  g_autoptr (AnxService) service = make_service (180, 0, 0);
  g_autoptr (AnxPlan) plan
      = make_plan ("Asia/Shanghai", "'hours':[{'start':'2026-09-28T09:00:00','end':'2026-09-28T12:00:00',"
                                    "'rrule':'FREQ=WEEKLY;BYDAY=MO,TH,SA'},"
                                    "{'start':'2026-10-02T09:00:00','end':'2026-10-02T12:00:00'}]");
  anx_plan_close_on (plan, calendar);
  /* 1, 3 and 5 October rest; the 2nd was written on purpose; Saturday the 10th is in the plan anyway. */
  g_autofree char *closed = list (plan, service, "2026-09-28T00:00:00Z", "2026-10-11T00:00:00Z");
  g_assert_cmpstr (closed, ==, "2026-09-28T01:00 2026-10-02T01:00 2026-10-08T01:00 2026-10-10T01:00");
  anx_plan_close_on (plan, NULL);
  g_autofree char *open = list (plan, service, "2026-09-28T00:00:00Z", "2026-10-04T00:00:00Z");
  g_assert_cmpstr (open, ==, "2026-09-28T01:00 2026-10-01T01:00 2026-10-02T01:00 2026-10-03T01:00");

  static const struct { const char *holidays; const char *slots; } DUTY[] = {
    { "true", "2026-10-01T01:00 2026-10-02T01:00" }, { "false", "" } };
  for (gsize i = 0; i < G_N_ELEMENTS (DUTY); i++)
    {
      g_autofree char *rest = g_strdup_printf ("'hours':[{'start':'2026-09-28T09:00:00','end':'2026-09-28T12:00:00',"
                                               "'rrule':'FREQ=DAILY'}],'holidays':%s", DUTY[i].holidays);
      g_autoptr (AnxPlan) duty = make_plan ("Asia/Shanghai", rest);
      anx_plan_close_on (duty, calendar);
      g_autofree char *kept = list (duty, service, "2026-10-01T00:00:00Z", "2026-10-03T00:00:00Z");
      g_assert_cmpstr (kept, ==, DUTY[i].slots);
    }
}

static void
test_bad_plans (void)
{
  static const char *const cases[] = {
    "{}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai'}",
    "{'counsellor':'','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[]}",
    "{'counsellor':'c','centres':'x','services':[],'timezone':'Asia/Shanghai','hours':[]}",
    "{'counsellor':'c','centres':[1],'services':[],'timezone':'Asia/Shanghai','hours':[]}",
    "{'counsellor':'c','centres':[],'services':7,'timezone':'Asia/Shanghai','hours':[]}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Mars/Olympus','hours':[]}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':8,'hours':[]}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[1]}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[],'absences':7}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[],'absences':[{}]}",
    "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/"
    "Shanghai','hours':[],'absences':[{'start':'2026-11-23T09:00:00','end':"
    "'2026-11-23T09:00:00'}]}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_autoptr (JsonObject) json = testing_json (cases[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_plan_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_bad_blocks (void)
{
  static const struct
  {
    const char *block;
    int code;
  } cases[] = {
    { "'start':'2026-11-23T09:00:00'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23T09:00:00Z','end':'2026-11-23T12:00:00Z'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23','end':'2026-11-24'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-31T09:00:00','end':'2026-11-31T12:00:00'", ANX_CARE_ERROR_INVALID },
    { "'start':'1989-11-23T09:00:00','end':'1989-11-23T12:00:00'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23T09:01:00','end':'2026-11-23T12:00:00'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23T09:00:00','end':'2026-11-23T12:00:30'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23T09:00:00','end':'2026-11-23T09:00:00'", ANX_CARE_ERROR_INVALID },
    { "'start':'2026-11-23T09:00:00','end':'2026-11-24T09:05:00'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':7", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':''", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=SOMETIMES'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=HOURLY'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=MINUTELY'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'freq=secondly'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=DAILY;BYHOUR=9,10'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'RSCALE=CHINESE;FREQ=YEARLY'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=DAILY;INTERVAL=0'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=DAILY;BYDAY=XX'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'rrule':'FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
              "27,28,29,30,31,"
              "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,1,2,3,4,5,6,7,8,9,"
              "10,11,12,13,14,"
              "15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31'",
      ANX_CARE_ERROR_TOO_LARGE },
    { MORNING ",'exdate':'2026-11-23T09:00:00'", ANX_CARE_ERROR_INVALID },
    { MORNING ",'exdate':['tomorrow']", ANX_CARE_ERROR_INVALID },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].block);
      g_autofree char *text = g_strdup_printf (
          "{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[{%s}]}", cases[i].block);
      g_autoptr (JsonObject) json = testing_json (text);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_plan_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, cases[i].code);
    }
  g_autoptr (GString) many
      = g_string_new ("{'counsellor':'c','centres':[],'services':[],'timezone':'Asia/Shanghai','hours':[");
  for (int i = 0; i < 65; i++)
    g_string_append (many, i > 0 ? ",{" MORNING "}" : "{" MORNING "}");
  g_string_append (many, "]}");
  g_autoptr (JsonObject) json = testing_json (many->str);
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_plan_parse (json, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
}

static void
test_plan_members (void)
{
  g_autoptr (AnxPlan) plan = make_plan ("Asia/Shanghai", "'hours':[]");
  g_assert_cmpstr (anx_plan_get_counsellor (plan), ==, "c-1");
  g_assert_true (anx_plan_covers_centre (plan, "east"));
  g_assert_false (anx_plan_covers_centre (plan, "west"));
  g_assert_true (anx_plan_offers_service (plan, "talk"));
  g_assert_false (anx_plan_offers_service (plan, "tal"));
}

static void
test_services (void)
{
  static const char *const bad[] = {
    "{}",
    "{'id':'a','name':'b'}",
    "{'id':'a','name':'b','minutes':3}",
    "{'id':'a','name':'b','minutes':0}",
    "{'id':'a','name':'b','minutes':485}",
    "{'id':'a','name':'b','minutes':52}",
    "{'id':'a','name':'b','minutes':'50'}",
    "{'id':'a','name':'b','minutes':50,'before':-5}",
    "{'id':'a','name':'b','minutes':50,'after':125}",
    "{'id':'a','name':'b','minutes':50,'after':7}",
    "{'id':'','name':'b','minutes':50}",
    "{'id':'a','minutes':50}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_autoptr (JsonObject) json = testing_json (bad[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_service_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
  g_autoptr (JsonObject) json = testing_json ("{'id':'a','name':'b','minutes':480}");
  g_autoptr (AnxService) service = anx_service_parse (json, NULL);
  g_assert_nonnull (service);
  g_assert_cmpint (service->before_minutes, ==, 0);
  g_assert_false (service->video);
}

static void
test_cells (void)
{
  static const struct
  {
    int minutes, before, after;
    gint64 first, last; /* relative to the start's cell */
  } cases[] = {
    { 5, 0, 0, 0, 0 }, { 50, 0, 10, 0, 11 }, { 50, 10, 10, -2, 11 }, { 60, 5, 0, -1, 11 }, { 480, 120, 120, -24, 119 }
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AnxService) service = make_service (cases[i].minutes, cases[i].before, cases[i].after);
      gint64 start = at ("2026-11-23T01:00:00Z");
      gint64 first, last;
      anx_service_get_cells (service, start, &first, &last);
      g_assert_cmpint (first - start / ANX_CELL_USEC, ==, cases[i].first);
      g_assert_cmpint (last - start / ANX_CELL_USEC, ==, cases[i].last);
      /* Slots that follow one another share no cell and leave none between them. */
      gint64 next_first, next_last;
      anx_service_get_cells (service,
                             start + (cases[i].minutes + cases[i].before + cases[i].after) * ANX_USEC_PER_MINUTE,
                             &next_first, &next_last);
      g_assert_cmpint (next_first, ==, last + 1);
    }
}

static void
test_statuses (void)
{
  static const char *const all[] = { "proposed", "pending",   "booked", "arrived",          "fulfilled",
                                     "cancelled", "noshow", "entered-in-error", "checked-in", "waitlist" };
  static const char *const allowed
      = " proposed>pending proposed>booked proposed>waitlist proposed>cancelled proposed>entered-in-error"
        " pending>booked pending>waitlist pending>cancelled pending>entered-in-error"
        " waitlist>pending waitlist>booked waitlist>cancelled waitlist>entered-in-error"
        " booked>checked-in booked>arrived booked>cancelled booked>noshow booked>entered-in-error"
        " arrived>checked-in arrived>fulfilled arrived>cancelled arrived>entered-in-error"
        " checked-in>arrived checked-in>fulfilled checked-in>cancelled checked-in>entered-in-error"
        " noshow>booked noshow>checked-in noshow>arrived noshow>entered-in-error"
        " fulfilled>entered-in-error cancelled>entered-in-error ";
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (all); k++)
      {
        g_autofree char *step = g_strdup_printf (" %s>%s ", all[i], all[k]);
        g_test_message ("%s", step);
        g_assert_true (anx_appointment_status_may_follow (all[i], all[k]) == (strstr (allowed, step) != NULL));
      }
  g_assert_false (anx_appointment_status_may_follow ("booked", "done"));
  g_assert_false (anx_appointment_status_may_follow ("done", "booked"));
  g_assert_false (anx_appointment_status_may_follow ("entered-in-error", ""));
  g_assert_false (anx_appointment_status_may_follow (NULL, "booked"));
  g_assert_false (anx_appointment_status_may_follow ("booked", NULL));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/appointment/one-block", test_one_block);
  g_test_add_func ("/care/appointment/window", test_window);
  g_test_add_func ("/care/appointment/recurrence", test_recurrence);
  g_test_add_func ("/care/appointment/old-rule", test_old_rule);
  g_test_add_func ("/care/appointment/overlap", test_overlap);
  g_test_add_func ("/care/appointment/absence", test_absence);
  g_test_add_func ("/care/appointment/clock-changes", test_clock_changes);
  g_test_add_func ("/care/appointment/holidays", test_holidays);
  g_test_add_func ("/care/appointment/bad-plans", test_bad_plans);
  g_test_add_func ("/care/appointment/bad-blocks", test_bad_blocks);
  g_test_add_func ("/care/appointment/plan-members", test_plan_members);
  g_test_add_func ("/care/appointment/services", test_services);
  g_test_add_func ("/care/appointment/cells", test_cells);
  g_test_add_func ("/care/appointment/statuses", test_statuses);
  return g_test_run ();
}
