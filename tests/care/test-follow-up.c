/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "follow-up.h"
#include "json.h"

#define BOOKING "01940000-0000-7000-8000-000000000001"
/* A Friday, 10:00 in Shanghai. */
#define FRIDAY (G_GINT64_CONSTANT (1795140000) * G_USEC_PER_SEC)
#define DAY (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

static AnxCalendar *
make_calendar (void)
{
  g_autoptr (JsonObject) json
      = anx_json_parse_object ("{\"timezone\":\"Asia/Shanghai\",\"holidays\":[\"2026-11-23\"],\"workdays\":[]}", -1, 1024, NULL);
  AnxCalendar *calendar = anx_calendar_parse (json, NULL);
  g_assert_nonnull (calendar);
  return calendar;
}

static AnxFollowUp *
make (AnxFollowUpUnit unit,
      guint every)
{
  AnxFollowUp *self = g_new0 (AnxFollowUp, 1);
  self->booking = g_strdup (BOOKING);
  self->reason = g_strdup ("上次谈到睡眠，过一周问问。");
  self->unit = unit;
  self->every = every;
  self->due_usec = FRIDAY;
  self->written_usec = FRIDAY - 7 * DAY;
  return self;
}

static void
check_day (gint64 usec,
           const char *expected)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Asia/Shanghai");
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
  g_autofree char *day = g_date_time_format (local, "%Y-%m-%d %H:%M");
  g_assert_cmpstr (day, ==, expected);
}

static AnxFollowUp *
take_step (const AnxFollowUp *before,
           AnxFollowUpStep step,
           const char *words,
           gint64 now_usec)
{
  g_autoptr (AnxCalendar) calendar = make_calendar ();
  g_autoptr (GError) error = NULL;
  AnxFollowUp *after = anx_follow_up_step (before, step, words, calendar, NULL, now_usec, &error);
  g_assert_no_error (error);
  return after;
}

/* Weekly, monthly, every so many days; never on a day off; a late visit moves the next one. */
static void
test_rhythm (void)
{
  static const struct
  {
    AnxFollowUpUnit unit;
    guint every;
    gint64 late;
    const char *next;
  } cases[] = {
    { ANX_FOLLOW_UP_WEEKS, 1, 0, "2026-11-27 10:00" },
    { ANX_FOLLOW_UP_WEEKS, 2, 0, "2026-12-04 10:00" },
    { ANX_FOLLOW_UP_MONTHS, 1, 0, "2026-12-21 10:00" },  /* the 20th is a Sunday */
    { ANX_FOLLOW_UP_DAYS, 1, 0, "2026-11-24 10:00" },    /* Saturday, Sunday, a holiday */
    { ANX_FOLLOW_UP_DAYS, 10, 0, "2026-11-30 10:00" },
    { ANX_FOLLOW_UP_WEEKS, 1, 5 * DAY, "2026-12-02 10:00" },
  };
  check_day (FRIDAY, "2026-11-20 10:00");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AnxFollowUp) before = make (cases[i].unit, cases[i].every);
      g_autoptr (AnxFollowUp) after = take_step (before, ANX_FOLLOW_UP_REACHED, NULL, FRIDAY + cases[i].late);
      check_day (after->due_usec, cases[i].next);
    }
}

/* Without the public calendar there still are weekends, and the days are those of the centre. */
static void
test_zone (void)
{
  static const struct
  {
    const char *zone;
    gint64 now_usec;
    const char *next; /* in Shanghai */
  } cases[] = {
    { NULL, FRIDAY, "2026-11-23 10:00" },
    { "Asia/Urumqi", FRIDAY, "2026-11-23 10:00" },
    /* 01:00 on Saturday in Shanghai, 23:00 on Friday in Urumqi: Saturday there is no day for a visit, Sunday neither. */
    { "Asia/Urumqi", FRIDAY + 15 * DAY / 24, "2026-11-24 01:00" },
    { NULL, FRIDAY + 15 * DAY / 24, "2026-11-23 01:00" },
  };
  g_autoptr (AnxFollowUp) before = make (ANX_FOLLOW_UP_DAYS, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxFollowUp) after
          = anx_follow_up_step (before, ANX_FOLLOW_UP_REACHED, NULL, NULL, cases[i].zone, cases[i].now_usec, &error);
      g_assert_no_error (error);
      check_day (after->due_usec, cases[i].next);
    }
  g_assert_cmpint (anx_follow_up_get_state (before, "Asia/Shanghai", FRIDAY + 15 * DAY / 24), ==, ANX_FOLLOW_UP_OVERDUE);
  g_assert_cmpint (anx_follow_up_get_state (before, "Asia/Urumqi", FRIDAY + 15 * DAY / 24), ==, ANX_FOLLOW_UP_DUE);
}

static void
test_lost (void)
{
  static const char zone[] = "Asia/Shanghai";
  g_autoptr (AnxFollowUp) begun = make (ANX_FOLLOW_UP_MONTHS, 1);
  g_autoptr (AnxFollowUp) one = take_step (begun, ANX_FOLLOW_UP_NOT_REACHED, NULL, FRIDAY);
  check_day (one->due_usec, "2026-11-24 10:00");
  g_autoptr (AnxFollowUp) two = take_step (one, ANX_FOLLOW_UP_NOT_REACHED, "没人接", one->due_usec);
  check_day (two->due_usec, "2026-11-25 10:00");
  g_assert_cmpint (anx_follow_up_get_state (two, zone, two->due_usec), ==, ANX_FOLLOW_UP_DUE);
  g_autoptr (AnxFollowUp) three = take_step (two, ANX_FOLLOW_UP_NOT_REACHED, NULL, two->due_usec);
  g_assert_cmpuint (three->tries, ==, ANX_FOLLOW_UP_LOST_AFTER);
  g_assert_cmpint (anx_follow_up_get_state (three, zone, FRIDAY), ==, ANX_FOLLOW_UP_LOST);
  check_day (three->due_usec, "2026-12-25 10:00");
  /* Found again. */
  g_autoptr (AnxFollowUp) found = take_step (three, ANX_FOLLOW_UP_REACHED, NULL, FRIDAY + 10 * DAY);
  g_assert_cmpuint (found->tries, ==, 0);
  g_assert_cmpint (anx_follow_up_get_state (found, zone, FRIDAY + 10 * DAY), ==, ANX_FOLLOW_UP_COMING);
}

static void
test_states (void)
{
  static const char zone[] = "Asia/Shanghai";
  g_autoptr (AnxFollowUp) self = make (ANX_FOLLOW_UP_WEEKS, 1);
  /* 10:00 there; midnight is 14 hours later. */
  g_assert_cmpint (anx_follow_up_get_state (self, zone, FRIDAY - DAY), ==, ANX_FOLLOW_UP_COMING);
  g_assert_cmpint (anx_follow_up_get_state (self, zone, FRIDAY - 10 * DAY / 24 + 1), ==, ANX_FOLLOW_UP_DUE);
  g_assert_cmpint (anx_follow_up_get_state (self, zone, FRIDAY + 14 * DAY / 24 - G_USEC_PER_SEC), ==, ANX_FOLLOW_UP_DUE);
  g_assert_cmpint (anx_follow_up_get_state (self, zone, FRIDAY + 14 * DAY / 24), ==, ANX_FOLLOW_UP_OVERDUE);
  g_autoptr (AnxFollowUp) ended = take_step (self, ANX_FOLLOW_UP_ENDED, "情况稳定，不再需要。", FRIDAY);
  g_assert_cmpint (ended->due_usec, ==, 0);
  g_assert_cmpint (anx_follow_up_get_state (ended, zone, FRIDAY), ==, ANX_FOLLOW_UP_OVER);
  /* Nothing follows the end; who ends it says why; a step is never "planned". */
  g_autoptr (GError) error = NULL;
  for (guint step = 0; step < ANX_FOLLOW_UP_N_STEPS; step++)
    {
      g_assert_null (anx_follow_up_step (ended, (AnxFollowUpStep) step, "x", NULL, NULL, FRIDAY, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED);
      g_clear_error (&error);
    }
  g_assert_null (anx_follow_up_step (self, ANX_FOLLOW_UP_ENDED, "", NULL, NULL, FRIDAY, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_follow_up_step (self, ANX_FOLLOW_UP_PLANNED, NULL, NULL, NULL, FRIDAY, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED);
  g_assert_null (strstr (error->message, "ended"));
}

static JsonObject *
again (JsonObject *fhir)
{
  g_autofree char *text = anx_json_object_to_text (fhir);
  return anx_json_parse_object (text, -1, 1 << 20, NULL);
}

static void
test_record (void)
{
  g_autoptr (AnxFollowUp) begun = make (ANX_FOLLOW_UP_DAYS, 10);
  g_autoptr (AnxFollowUp) tried = take_step (begun, ANX_FOLLOW_UP_NOT_REACHED, "没人接", FRIDAY);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) built = anx_follow_up_build (tried, "li-wei", &error);
  g_assert_no_error (error);
  testing_keep_payload (ANX_KIND_FOLLOW_UP, built);
  g_autoptr (JsonObject) fhir = again (built);
  g_autoptr (AnxFollowUp) read = anx_follow_up_read (fhir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->booking, ==, BOOKING);
  g_assert_cmpstr (read->reason, ==, tried->reason);
  g_assert_cmpstr (read->words, ==, "没人接");
  g_assert_cmpint (read->unit, ==, ANX_FOLLOW_UP_DAYS);
  g_assert_cmpuint (read->every, ==, 10);
  g_assert_cmpint (read->step, ==, ANX_FOLLOW_UP_NOT_REACHED);
  g_assert_cmpuint (read->tries, ==, 1);
  g_assert_cmpint (read->due_usec, ==, tried->due_usec);
  g_assert_cmpint (read->written_usec, ==, FRIDAY);

  static const char *const needed[] = { "resourceType", "category", "subject", "created", "activity", "extension" };
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (JsonObject) without = again (built);
      json_object_remove_member (without, needed[i]);
      g_test_message ("without %s", needed[i]);
      g_clear_error (&error);
      g_assert_null (anx_follow_up_read (without, &error));
      g_assert_nonnull (error);
    }
  g_clear_error (&error);
  tried->every = ANX_FOLLOW_UP_MOST_EVERY + 1;
  g_assert_null (anx_follow_up_build (tried, "li-wei", &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/follow-up/rhythm", test_rhythm);
  g_test_add_func ("/care/follow-up/zone", test_zone);
  g_test_add_func ("/care/follow-up/lost", test_lost);
  g_test_add_func ("/care/follow-up/states", test_states);
  g_test_add_func ("/care/follow-up/record", test_record);
  return g_test_run ();
}
