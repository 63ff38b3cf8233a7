/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking the devices and waiting: the states before a call. Those of the call itself are in test-call.c. */
#include "call-error.h"
#include "device-check.h"
#include "pair.h"
#include "picture.h"

#define LONG_MS 30000

static double
get_local_level (AnxCall *call)
{
  double level = 0;
  g_object_get (call, "local-level", &level, NULL);
  return level;
}

static guint
get_missing (AnxCall *call)
{
  guint missing = 0;
  g_object_get (call, "missing", &missing, NULL);
  return missing;
}

static gboolean
a_sees_and_hears_itself (Pair *pair)
{
  return pair->a.local != NULL && picture_shows_smpte (pair->a.local) && get_local_level (pair->a.call) > -40;
}

static void
on_flag (gboolean *flag)
{
  *flag = TRUE;
}

static gboolean sound_over;

static gboolean
is_sound_over (Pair *pair)
{
  return sound_over;
}

static void
on_gone (gpointer data,
         GObject *object)
{
  *(gboolean *) data = TRUE;
}

/* The sources that hold the devices live and die with the pipeline. */
static void
watch_devices (AnxCall *call,
               gboolean *gone)
{
  GstElement *pipeline = anx_device_check_get_pipeline (anx_call_get_device_check (call));
  *gone = FALSE;
  g_object_weak_ref (G_OBJECT (pipeline), on_gone, gone);
}

static void
test_checking (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  gboolean gone;
  g_assert_false (anx_call_play_test_sound (pair->a.call));
  anx_call_check_devices (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_CHECKING);
  g_assert_true (pair_wait (pair, a_sees_and_hears_itself, LONG_MS));
  g_assert_cmpuint (get_missing (pair->a.call), ==, 0);
  /* The tones can be played as often as wanted. */
  g_signal_connect_swapped (pair->a.call, "test-sound-over", G_CALLBACK (on_flag), &sound_over);
  for (guint i = 0; i < 2; i++)
    {
      sound_over = FALSE;
      g_assert_true (anx_call_play_test_sound (pair->a.call));
      g_assert_true (pair_wait (pair, is_sound_over, LONG_MS));
    }
  watch_devices (pair->a.call, &gone);
  anx_call_wait (pair->a.call);
  g_assert_true (gone);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_WAITING);
  g_assert_null (anx_call_get_device_check (pair->a.call));
  g_assert_cmpfloat (get_local_level (pair->a.call), ==, -100);
  guint frames = pair->a.local_frames;
  pair_run_for (200);
  g_assert_cmpuint (pair->a.local_frames, ==, frames);
  /* And back, as often as wanted. */
  anx_call_check_devices (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_CHECKING);
  /* Nothing of it is for the other side. */
  g_assert_cmpuint (pair->sent_by_a->len, ==, 0);
}

static GstElement *
find_source (AnxCall *call,
             const char *factory)
{
  GstElement *pipeline = anx_device_check_get_pipeline (anx_call_get_device_check (call));
  GstIterator *sources = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), factory);
  GValue item = G_VALUE_INIT;
  g_assert_cmpint (gst_iterator_next (sources, &item), ==, GST_ITERATOR_OK);
  GstElement *source = g_value_get_object (&item);
  g_value_unset (&item);
  gst_iterator_free (sources);
  return source;
}

static gboolean
a_has_no_camera (Pair *pair)
{
  return get_missing (pair->a.call) == ANX_CALL_DEVICE_CAMERA;
}

static gboolean
a_has_neither (Pair *pair)
{
  return get_missing (pair->a.call) == (ANX_CALL_DEVICE_CAMERA | ANX_CALL_DEVICE_MICROPHONE);
}

static gboolean
a_is_quieter (Pair *pair)
{
  return get_local_level (pair->a.call) < -40;
}

static void
test_camera_fails (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  anx_call_check_devices (pair->a.call);
  g_assert_true (pair_wait (pair, a_sees_and_hears_itself, LONG_MS));
  GST_ELEMENT_ERROR (find_source (pair->a.call, "videotestsrc"), RESOURCE, READ, ("Could not read from the device."), ("No such device"));
  g_assert_true (pair_wait (pair, a_has_no_camera, LONG_MS));
  /* The microphone is still heard. */
  GstElement *microphone = find_source (pair->a.call, "audiotestsrc");
  g_object_set (microphone, "volume", 0.003, NULL);
  g_assert_true (pair_wait (pair, a_is_quieter, LONG_MS));
  GST_ELEMENT_ERROR (microphone, RESOURCE, READ, ("Could not read from the device."), ("No such device"));
  g_assert_true (pair_wait (pair, a_has_neither, LONG_MS));
}

/* A loudspeaker that goes away before the tones: nothing is left of them, and nothing comes after the check is closed. */
static void
test_speaker_fails (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  anx_call_check_devices (pair->a.call);
  GstElement *player = anx_device_check_get_player (anx_call_get_device_check (pair->a.call));
  GstIterator *sinks = gst_bin_iterate_all_by_element_factory_name (GST_BIN (player), "fakesink");
  GValue item = G_VALUE_INIT;
  g_assert_cmpint (gst_iterator_next (sinks, &item), ==, GST_ITERATOR_OK);
  gst_util_set_object_arg (g_value_get_object (&item), "state-error", "ready-to-paused");
  g_value_unset (&item);
  gst_iterator_free (sinks);
  sound_over = FALSE;
  g_signal_connect_swapped (pair->a.call, "test-sound-over", G_CALLBACK (on_flag), &sound_over);
  g_assert_false (anx_call_play_test_sound (pair->a.call));
  g_assert_cmpuint (get_missing (pair->a.call), ==, ANX_CALL_DEVICE_SPEAKER);
  g_assert_cmpint (GST_BIN_NUMCHILDREN (player), ==, 1);
  g_assert_false (anx_call_play_test_sound (pair->a.call));
  anx_call_wait (pair->a.call);
  pair_run_for (100);
  g_assert_false (sound_over);
}

static void
test_no_devices (void)
{
  if (g_file_test ("/dev/video0", G_FILE_TEST_EXISTS) || g_file_test ("/dev/snd", G_FILE_TEST_EXISTS) || g_getenv ("PULSE_SERVER") != NULL)
    {
      g_test_skip ("this machine has a camera or sound");
      return;
    }
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_DEVICES, ANX_CALL_MEDIA_TEST_B);
  anx_call_check_devices (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_CHECKING);
  g_assert_cmpuint (get_missing (pair->a.call), ==, ANX_CALL_DEVICE_CAMERA | ANX_CALL_DEVICE_MICROPHONE | ANX_CALL_DEVICE_SPEAKER);
  g_assert_false (anx_call_play_test_sound (pair->a.call));
  anx_call_wait (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_WAITING);
}

static void
test_waiting (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  g_autoptr (JsonObject) end = json_object_new ();
  anx_call_wait (pair->b.call);
  g_assert_cmpint (anx_call_get_state (pair->b.call), ==, ANX_CALL_WAITING);
  /* A call that was over before it reached us; the next is awaited. */
  json_object_set_string_member (end, "type", "end");
  json_object_set_string_member (end, "reason", "hangup");
  anx_call_receive (pair->b.call, end);
  g_assert_cmpint (anx_call_get_state (pair->b.call), ==, ANX_CALL_WAITING);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_see, LONG_MS));
  /* What is only possible before a call changes nothing in it. */
  anx_call_wait (pair->b.call);
  anx_call_check_devices (pair->b.call);
  g_assert_true (pair_both_live (pair));
  g_assert_null (anx_call_get_device_check (pair->b.call));
}

static gboolean check_gone, gone_when_connecting;

static void
on_state (AnxCall *call)
{
  if (anx_call_get_state (call) == ANX_CALL_CONNECTING)
    gone_when_connecting = check_gone;
}

static void
test_offer_while_checking (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  gone_when_connecting = FALSE;
  anx_call_check_devices (pair->b.call);
  watch_devices (pair->b.call, &check_gone);
  g_signal_connect (pair->b.call, "notify::state", G_CALLBACK (on_state), NULL);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_see, LONG_MS));
  g_assert_true (gone_when_connecting);
}

/* The side that calls may have checked its devices, too. */
static void
test_start_while_checking (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  gboolean gone;
  anx_call_check_devices (pair->a.call);
  watch_devices (pair->a.call, &gone);
  pair_start (pair);
  g_assert_true (gone);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_CONNECTING);
}

static void
test_end_before (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  gboolean gone;
  anx_call_check_devices (pair->a.call);
  watch_devices (pair->a.call, &gone);
  anx_call_end (pair->a.call);
  g_assert_true (gone);
  anx_call_wait (pair->b.call);
  anx_call_end (pair->b.call);
  g_assert_true (pair_both_ended (pair));
  g_assert_cmpint (anx_call_get_end_reason (pair->b.call), ==, ANX_CALL_ENDED_BY_US);
  /* There is nobody to tell. */
  g_assert_cmpuint (pair->sent_by_a->len + pair->sent_by_b->len, ==, 0);
  anx_call_check_devices (pair->a.call);
  anx_call_wait (pair->a.call);
  g_assert_true (pair_both_ended (pair));
}

int
main (int argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/call/states/checking", test_checking);
  g_test_add_func ("/call/states/camera-fails", test_camera_fails);
  g_test_add_func ("/call/states/speaker-fails", test_speaker_fails);
  g_test_add_func ("/call/states/no-devices", test_no_devices);
  g_test_add_func ("/call/states/waiting", test_waiting);
  g_test_add_func ("/call/states/offer-while-checking", test_offer_while_checking);
  g_test_add_func ("/call/states/start-while-checking", test_start_while_checking);
  g_test_add_func ("/call/states/end-before", test_end_before);
  int status = g_test_run ();
  gst_deinit ();
  return status;
}
