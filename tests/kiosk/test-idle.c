/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock.h"
#include "idle.h"

static void
test_limit (void)
{
  const struct
  {
    gint64 after_ms;
    AnxIdleState state;
    guint left;
  } cases[] = {
    { 0, ANX_IDLE_ACTIVE, 95 },      { 74999, ANX_IDLE_ACTIVE, 21 }, { 75000, ANX_IDLE_WARNING, 20 },
    { 75001, ANX_IDLE_WARNING, 20 }, { 94000, ANX_IDLE_WARNING, 1 }, { 94999, ANX_IDLE_WARNING, 1 },
    { 95000, ANX_IDLE_OVER, 0 },     { 500000, ANX_IDLE_OVER, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AnxClock) clock = anx_clock_new_fixed (1000000);
      AnxIdle idle;
      guint left = 999;

      g_test_message ("after %d ms", (int) cases[i].after_ms);
      anx_idle_start (&idle, ANX_IDLE_LIMIT_SECONDS, anx_clock_now_usec (clock));
      anx_clock_advance (clock, cases[i].after_ms * 1000);
      g_assert_cmpint (anx_idle_get_state (&idle, anx_clock_now_usec (clock), &left), ==, cases[i].state);
      g_assert_cmpuint (left, ==, cases[i].left);
    }
}

static void
test_touch_in_warning (void)
{
  g_autoptr (AnxClock) clock = anx_clock_new_fixed (0);
  AnxIdle idle;

  anx_idle_start (&idle, ANX_IDLE_LIMIT_SECONDS, anx_clock_now_usec (clock));
  for (int i = 0; i < 12; i++)
    {
      /* WCAG 2.2.1: at least ten times. */
      anx_clock_advance (clock, 90 * ANX_USEC_PER_SECOND);
      g_assert_cmpint (anx_idle_get_state (&idle, anx_clock_now_usec (clock), NULL), ==, ANX_IDLE_WARNING);
      anx_idle_touch (&idle, anx_clock_now_usec (clock));
      g_assert_cmpint (anx_idle_get_state (&idle, anx_clock_now_usec (clock), NULL), ==, ANX_IDLE_ACTIVE);
    }
}

static void
test_never (void)
{
  AnxIdle idle;

  anx_idle_start (&idle, 0, 0);
  g_assert_cmpint (anx_idle_get_state (&idle, ANX_USEC_PER_DAY, NULL), ==, ANX_IDLE_ACTIVE);
}

static void
test_backwards (void)
{
  AnxIdle idle;

  anx_idle_start (&idle, 75, 10 * ANX_USEC_PER_SECOND);
  anx_idle_touch (&idle, 5 * ANX_USEC_PER_SECOND);
  g_assert_cmpint (idle.last_usec, ==, 10 * ANX_USEC_PER_SECOND);
  g_assert_cmpint (anx_idle_get_state (&idle, 0, NULL), ==, ANX_IDLE_ACTIVE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kiosk/idle/limit", test_limit);
  g_test_add_func ("/kiosk/idle/touch-in-warning", test_touch_in_warning);
  g_test_add_func ("/kiosk/idle/never", test_never);
  g_test_add_func ("/kiosk/idle/backwards", test_backwards);
  return g_test_run ();
}
