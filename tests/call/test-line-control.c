/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

#include "line-control.h"

static void
run (AnxLineControl *control,
     guint seconds,
     double loss,
     double their_loss,
     guint round_trip_ms)
{
  AnxLineReport report = { loss, their_loss, round_trip_ms };
  for (guint i = 0; i < seconds; i++)
    anx_line_control_update (control, &report);
}

static void
test_good_line (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  run (&control, 20, 0, 0, 20);
  g_assert_cmpuint (control.decision.video_bitrate, ==, 900000);
  g_assert_cmpuint (control.decision.fec_percent, ==, 0);
  g_assert_cmpuint (control.decision.jitter_ms, ==, ANX_LINE_JITTER_MS);
  g_assert_false (control.decision.paced);
  g_assert_false (control.decision.small);
  g_assert_true (control.decision.retransmit);
}

/* An unknown line is full soon or free soon; one that has been full is filled again with care. */
static void
test_start (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  g_assert_cmpuint (control.decision.video_bitrate, ==, ANX_LINE_BITRATE_START);
  run (&control, 8, 0, 0, 20);
  g_assert_cmpuint (control.decision.video_bitrate, ==, 900000);
  g_assert_false (control.decision.small);
  g_assert_false (control.decision.strict);
  anx_line_control_init (&control);
  run (&control, 1, 0, 0, 20);
  guint budget = control.budget;
  run (&control, 2, 0, 0, 100);
  g_assert_cmpuint (control.budget, ==, budget);
  run (&control, 1, 0, 0, 20);
  g_assert_cmpuint (control.budget, <=, budget * 1.06);
  /* A hiccup, after which the line is still unknown. */
  anx_line_control_init (&control);
  run (&control, 1, 0, 0, 20);
  budget = control.budget;
  run (&control, 1, 0, 0, 100);
  g_assert_cmpuint (control.budget, ==, budget);
  run (&control, 1, 0, 0, 20);
  g_assert_cmpuint (control.budget, >, budget * 1.2);
  budget = control.budget;
  run (&control, 1, 0, 0, 200);
  g_assert_cmpuint (control.budget, <, budget * 0.9);
  run (&control, 1, 0, 0, 20);
  g_assert_cmpuint (control.budget, >, budget);
  /* Without word from the other side nothing is tried. */
  budget = control.budget;
  run (&control, 5, 0, -1, 20);
  run (&control, 5, 0, 0, 0);
  g_assert_cmpuint (control.budget, ==, budget);
}

static void
test_loss (void)
{
  static const struct { double loss; guint round_trip_ms, fec, jitter_ms; } cases[] = {
    { 0.004, 20, 0, ANX_LINE_JITTER_MS }, { 0.02, 20, 25, 150 }, { 0.05, 20, 50, 150 }, { 0.15, 20, 50, 150 }, { 0.05, 150, 50, 325 },
    { 0.05, 900, 50, 450 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("loss %.3f, round trip %u ms", cases[i].loss, cases[i].round_trip_ms);
      AnxLineControl control;
      anx_line_control_init (&control);
      run (&control, 1, cases[i].loss, cases[i].loss, cases[i].round_trip_ms);
      g_assert_cmpuint (control.decision.fec_percent, ==, cases[i].fec);
      g_assert_cmpuint (control.decision.jitter_ms, ==, cases[i].jitter_ms);
      g_assert_cmpint (control.decision.paced, ==, cases[i].jitter_ms > ANX_LINE_JITTER_MS);
      /* What redundancy adds is taken off the picture. */
      g_assert_cmpuint (control.decision.video_bitrate * (100 + cases[i].fec) / 100, <=, control.budget + 1);
      /* One good second is not a good line. */
      run (&control, 1, 0, 0, cases[i].round_trip_ms);
      g_assert_cmpuint (control.decision.fec_percent, ==, cases[i].fec);
      g_assert_cmpuint (control.decision.jitter_ms, ==, cases[i].jitter_ms);
      run (&control, 20, 0, 0, cases[i].round_trip_ms);
      g_assert_cmpuint (control.decision.fec_percent, ==, 0);
      g_assert_cmpuint (control.decision.jitter_ms, ==, ANX_LINE_JITTER_MS);
    }
}

static void
test_heavy_loss_lowers (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  /* Lost by the line itself: less is sent, but the picture stays whole and moves. */
  run (&control, 60, 0.15, 0.15, 20);
  g_assert_false (control.decision.strict);
  g_assert_cmpuint (control.budget, ==, 360000);
  g_assert_false (control.decision.small);
  /* More than half lost: too narrow, whatever the round trip says. */
  run (&control, 60, 0.15, 0.55, 20);
  g_assert_cmpuint (control.budget, ==, 60000);
  g_assert_true (control.decision.small);
  run (&control, 1, 0, 0.8, 20);
  g_assert_cmpuint (control.decision.audio_percent, ==, 40);
}

static void
test_queue (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  run (&control, 10, 0, 0, 40);
  guint budget = control.budget;
  run (&control, 1, 0, 0, 130);
  run (&control, 1, 0, 0, 130);
  g_assert_cmpuint (control.budget, <=, budget * 1.06);
  budget = control.budget;
  /* One hiccup is not a queue. */
  run (&control, 1, 0, 0, 400);
  g_assert_cmpuint (control.budget, ==, budget);
  run (&control, 2, 0, 0, 180);
  g_assert_cmpuint (control.budget, <, budget);
  g_assert_true (control.decision.retransmit);
  /* A full queue loses, too; neither redundancy nor asking again may make it fuller. Without any report the rate falls all the same. */
  run (&control, 5, 0.2, 0.2, 500);
  g_assert_cmpuint (control.decision.fec_percent, ==, 0);
  g_assert_true (control.decision.strict);
  g_assert_false (control.decision.retransmit);
  budget = control.budget;
  g_assert_cmpuint (budget, <, 100000);
  run (&control, 1, 0, -1, 500);
  g_assert_cmpuint (control.budget, <=, budget);
  g_assert_true (control.decision.small);
  g_assert_cmpuint (control.decision.keyframe_ms, ==, 1500);
  g_assert_cmpuint (control.decision.audio_bitrate, <, ANX_LINE_AUDIO_BITRATE);
  /* Empty again: it grows, and the whole picture comes back, but not in small steps to and fro. */
  gboolean small = TRUE;
  guint changes = 0;
  for (guint i = 0; i < 60; i++)
    {
      run (&control, 1, 0, 0, 42);
      changes += small != control.decision.small;
      small = control.decision.small;
    }
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpuint (control.decision.video_bitrate, ==, 900000);
}

/* A longer way is not a queue: after a while its time is the shortest there is. */
static void
test_another_way (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  run (&control, 10, 0, 0, 20);
  run (&control, 3, 0, 0, 220);
  g_assert_cmpuint (control.budget, <, 900000);
  run (&control, ANX_LINE_ROUND_TRIPS + 60, 0, 0, 220);
  g_assert_cmpuint (control.budget, ==, 900000);
}

static void
test_quality (void)
{
  AnxLineControl control;
  anx_line_control_init (&control);
  g_assert_cmpuint (control.quality, ==, 0);
  run (&control, 1, 0, 0, 20);
  g_assert_cmpuint (control.quality, ==, 4);
  run (&control, 1, 0.05, 0, 20);
  g_assert_cmpuint (control.quality, ==, 3);
  run (&control, 1, 0, 0.15, 20);
  g_assert_cmpuint (control.quality, ==, 2);
  run (&control, 1, 0, 0, 900);
  g_assert_cmpuint (control.quality, ==, 1);
  run (&control, 2, 0, 0, 20);
  g_assert_cmpuint (control.quality, ==, 1);
  run (&control, 1, 0, 0, 20);
  g_assert_cmpuint (control.quality, ==, 2);
  run (&control, 6, 0, 0, 20);
  g_assert_cmpuint (control.quality, ==, 4);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/line-control/good-line", test_good_line);
  g_test_add_func ("/call/line-control/start", test_start);
  g_test_add_func ("/call/line-control/loss", test_loss);
  g_test_add_func ("/call/line-control/heavy-loss-lowers", test_heavy_loss_lowers);
  g_test_add_func ("/call/line-control/queue", test_queue);
  g_test_add_func ("/call/line-control/another-way", test_another_way);
  g_test_add_func ("/call/line-control/quality", test_quality);
  return g_test_run ();
}
