/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base-error.h"
#include "clock.h"

#define NOON G_GINT64_CONSTANT (1795348800000000) /* 2026-11-22T12:00:00Z */

static void
test_observe (void)
{
  static const struct
  {
    gint64 hub_ahead;
    gint64 offset;
  } cases[] = {
    { 0, 0 },
    { 10 * ANX_USEC_PER_SECOND, 0 },
    { ANX_USEC_PER_DAY, ANX_USEC_PER_DAY },
    { -ANX_USEC_PER_DAY, -ANX_USEC_PER_DAY },
    { 5 * ANX_USEC_PER_MINUTE, 5 * ANX_USEC_PER_MINUTE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AnxClock) clock = anx_clock_new_fixed (NOON);
      g_test_message ("hub ahead by %" G_GINT64_FORMAT " us", cases[i].hub_ahead);
      anx_clock_observe (clock, NOON + cases[i].hub_ahead);
      g_assert_cmpint (anx_clock_get_offset_usec (clock), ==, cases[i].offset);
      g_assert_cmpint (anx_clock_now_usec (clock), ==, NOON + cases[i].offset);
      /* The machine's clock is set right: the correction goes. */
      anx_clock_observe (clock, NOON);
      g_assert_cmpint (anx_clock_now_usec (clock), ==, NOON);
    }
}

static void
test_advance (void)
{
  g_autoptr (AnxClock) clock = anx_clock_new_fixed (NOON);
  anx_clock_advance (clock, 17);
  g_assert_cmpint (anx_clock_now_usec (clock), ==, NOON + 17);
  g_autoptr (AnxClock) system = anx_clock_new_system ();
  gint64 before = g_get_real_time ();
  g_assert_cmpint (anx_clock_now_usec (system), >=, before);
}

static void
test_rfc3339 (void)
{
  g_autofree char *text = anx_time_to_rfc3339 (NOON + 5);
  gint64 back = 0;
  g_autoptr (GError) error = NULL;
  g_assert_cmpstr (text, ==, "2026-11-22T12:00:00.000005Z");
  g_assert_true (anx_time_from_rfc3339 (text, &back, &error));
  g_assert_cmpint (back, ==, NOON + 5);
  g_assert_true (anx_time_from_rfc3339 ("2026-11-22T20:00:00+08:00", &back, &error));
  g_assert_cmpint (back, ==, NOON);

  const char *bad[] = { "", "2026-11-22", "2026-11-22T12:00:00", "yesterday", "2026-13-22T12:00:00Z" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      back = -1;
      g_assert_false (anx_time_from_rfc3339 (bad[i], &back, &error));
      g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID);
      g_assert_cmpint (back, ==, -1);
      g_clear_error (&error);
    }
  g_assert_false (anx_time_from_rfc3339 (NULL, &back, NULL));
}

static void
test_zone (void)
{
  g_autoptr (GDateTime) shanghai = anx_time_in_zone (NOON, NULL);
  g_assert_cmpint (g_date_time_get_hour (shanghai), ==, 20);
  g_autoptr (GDateTime) berlin = anx_time_in_zone (NOON, "Europe/Berlin");
  g_assert_cmpint (g_date_time_get_hour (berlin), ==, 13);
  g_autoptr (GDateTime) unknown = anx_time_in_zone (NOON, "Nowhere/City");
  g_assert_cmpint (g_date_time_get_hour (unknown), ==, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/clock/observe", test_observe);
  g_test_add_func ("/base/clock/advance", test_advance);
  g_test_add_func ("/base/clock/rfc3339", test_rfc3339);
  g_test_add_func ("/base/clock/zone", test_zone);
  return g_test_run ();
}
