/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "call-attempt-private.h"
#include "call-error.h"
#include "json.h"
#include "pair.h"
#include "picture.h"

/* How long a connection on one machine may take, with other tests running beside it. Without them it is a tenth of that; the second attempt would begin after 12 s. */
#define CONNECT_MS 10000
#define LONG_MS 30000

static gboolean
near_hz (double pitch,
         double wanted)
{
  return ABS (pitch - wanted) < 5;
}

static gboolean
both_recognise (Pair *pair)
{
  return pair_both_see (pair) && picture_shows_ball (pair->a.remote) && picture_shows_smpte (pair->b.remote) &&
         near_hz (anx_call_get_remote_pitch (pair->a.call), 880) && near_hz (anx_call_get_remote_pitch (pair->b.call), 440);
}

static void
print_waiting (Pair *pair)
{
  g_test_message ("A state %u, %u pictures, %.1f Hz; B state %u, %u pictures, %.1f Hz", anx_call_get_state (pair->a.call),
                  pair->a.remote_frames, anx_call_get_remote_pitch (pair->a.call), anx_call_get_state (pair->b.call),
                  pair->b.remote_frames, anx_call_get_remote_pitch (pair->b.call));
}

static gboolean
numbers_are_there (Pair *pair)
{
  double fps, level;
  guint quality;
  g_object_get (pair->b.call, "remote-fps", &fps, "remote-level", &level, "quality", &quality, NULL);
  return anx_call_quality_to_words (quality) != NULL && fps > 15 && level > -40 && level < 0;
}

static void
test_connects (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_IDLE);
  pair_start (pair);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_CONNECTING);
  if (!pair_wait (pair, pair_both_live, CONNECT_MS))
    print_waiting (pair);
  g_assert_true (pair_both_live (pair));
  if (!pair_wait (pair, both_recognise, LONG_MS))
    print_waiting (pair);
  g_assert_true (both_recognise (pair));
  g_test_message ("first picture after %.3f s and %.3f s", (double) (pair->a.first_frame_usec - pair->started_usec) / G_USEC_PER_SEC,
                  (double) (pair->b.first_frame_usec - pair->started_usec) / G_USEC_PER_SEC);
  g_assert_cmpint (anx_frame_get_width (pair->b.remote), ==, 640);
  g_assert_cmpint (anx_frame_get_height (pair->b.remote), ==, 480);
  g_assert_cmpuint (pair->a.local_frames, >, 0);
  g_assert_cmpint (anx_frame_get_width (pair->a.local), ==, 160);
  g_assert_true (picture_shows_smpte (pair->a.local));
  g_assert_null (anx_call_get_problem (pair->a.call));
  g_assert_true (pair_wait (pair, numbers_are_there, LONG_MS));
  double loss = -1;
  g_object_get (pair->b.call, "loss", &loss, NULL);
  g_assert_cmpfloat (loss, >=, 0);
  g_assert_cmpfloat (loss, <, 0.5);
  g_assert_cmpuint (pair->a.reconnects + pair->b.reconnects, ==, 0);
}

static void
check_ended_by (Pair *pair,
                AnxCallEndReason a,
                AnxCallEndReason b)
{
  g_assert_true (pair_wait (pair, pair_both_ended, LONG_MS));
  g_assert_cmpint (anx_call_get_end_reason (pair->a.call), ==, a);
  g_assert_cmpint (anx_call_get_end_reason (pair->b.call), ==, b);
  g_assert_null (anx_call_get_attempt (pair->a.call));
  g_assert_null (anx_call_get_attempt (pair->b.call));
}

static void
test_end_by_offerer (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_live, LONG_MS));
  anx_call_end (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_ENDED);
  check_ended_by (pair, ANX_CALL_ENDED_BY_US, ANX_CALL_ENDED_BY_PEER);
  g_assert_null (anx_call_get_problem (pair->b.call));
  /* Nothing comes after the end. */
  guint frames = pair->a.remote_frames + pair->b.remote_frames;
  pair_run_for (200);
  g_assert_cmpuint (pair->a.remote_frames + pair->b.remote_frames, ==, frames);
}

static void
test_end_by_answerer (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_live, LONG_MS));
  anx_call_end (pair->b.call);
  check_ended_by (pair, ANX_CALL_ENDED_BY_PEER, ANX_CALL_ENDED_BY_US);
}

static void
test_end_while_connecting (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  anx_call_end (pair->a.call);
  check_ended_by (pair, ANX_CALL_ENDED_BY_US, ANX_CALL_ENDED_BY_PEER);
}

/* ---- trust ---- */

static void
check_untrusted (Pair *pair)
{
  g_assert_true (pair_wait (pair, pair_both_ended, LONG_MS));
  AnxCall *calls[] = { pair->a.call, pair->b.call };
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (anx_call_get_end_reason (calls[i]), ==, ANX_CALL_ENDED_BY_ERROR);
      g_assert_error (anx_call_get_error (calls[i]), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
      g_assert_cmpstr (anx_call_get_problem (calls[i]), !=, NULL);
    }
  g_assert_cmpuint (pair->a.remote_frames, ==, 0);
  g_assert_cmpuint (pair->b.remote_frames, ==, 0);
  g_assert_cmpuint (pair->a.lives + pair->b.lives, ==, 0);
}

static gboolean
tamper (Pair *pair,
        gboolean from_a,
        JsonObject *body,
        gpointer user_data)
{
  const char *role = user_data;
  if (g_strcmp0 (anx_json_get_string (body, "role", NULL), role) != 0)
    return TRUE;
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (anx_json_get_string (body, "statement", NULL), &length);
  bytes[length / 2] ^= 1;
  g_autofree char *changed = g_base64_encode (bytes, length);
  json_object_set_string_member (body, "statement", changed);
  return TRUE;
}

static void
test_tampered (gconstpointer role)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair->filter = tamper;
  pair->filter_data = (gpointer) role;
  pair_start (pair);
  check_untrusted (pair);
}

static gboolean
strip (Pair *pair,
       gboolean from_a,
       JsonObject *body,
       gpointer user_data)
{
  if (anx_json_get_string (body, "statement", NULL) != NULL)
    json_object_remove_member (body, "statement");
  return TRUE;
}

static void
test_unsigned (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair->filter = strip;
  pair_start (pair);
  check_untrusted (pair);
}

static void
test_stranger (void)
{
  g_autoptr (TestTrust) trust_a = test_trust_new ("one"), trust_b = test_trust_new ("other");
  g_autoptr (Pair) pair = pair_new_with_trust (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B, ANX_CALL_TRUST (trust_a), ANX_CALL_TRUST (trust_b));
  g_clear_object (&trust_a);
  g_clear_object (&trust_b);
  pair_start (pair);
  check_untrusted (pair);
}

/* The signed offer of attempt 1 is passed off as one of attempt 2. */
static gboolean
renumber (Pair *pair,
          gboolean from_a,
          JsonObject *body,
          gpointer user_data)
{
  if (json_object_has_member (body, "attempt"))
    json_object_set_int_member (body, "attempt", 2);
  return TRUE;
}

static void
test_replayed (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair->filter = renumber;
  pair_start (pair);
  check_untrusted (pair);
}

/* Well signed, but with another certificate than the line shows: what a relay in the middle would look like. */
static char *
change_fingerprint (const char *text)
{
  char *changed = g_strdup (text);
  char *at = changed;
  while ((at = strstr (at, "sha-256 ")) != NULL)
    {
      at += strlen ("sha-256 ");
      *at = *at == 'A' ? 'B' : 'A';
    }
  return changed;
}

static void
test_wrong_certificate (void)
{
  g_autoptr (TestTrust) trust_a = test_trust_new ("shared"), trust_b = test_trust_new ("shared");
  g_autoptr (Pair) pair = pair_new_with_trust (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B, ANX_CALL_TRUST (trust_a), ANX_CALL_TRUST (trust_b));
  test_trust_set_rewrite (trust_b, change_fingerprint);
  g_clear_object (&trust_a);
  g_clear_object (&trust_b);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_ended, LONG_MS));
  g_assert_error (anx_call_get_error (pair->b.call), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
  g_assert_error (anx_call_get_error (pair->a.call), ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
  g_assert_cmpuint (pair->b.remote_frames, ==, 0);
  /* B sent nothing before its check, so A saw nothing either. */
  g_assert_cmpuint (pair->a.remote_frames, ==, 0);
}

typedef struct
{
  const char *name;
  const char *from;
  const char *to;
} Downgrade;

static const Downgrade downgrades[] = {
  { "plain", "UDP/TLS/RTP/SAVPF", "RTP/AVPF" },
  { "sdes", "UDP/TLS/RTP/SAVPF", "RTP/SAVPF" },
  { "keys-in-the-description", "a=setup:", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\na=setup:" },
  { "sha-1", "a=fingerprint:sha-256 ", "a=fingerprint:sha-1 " },
};
static const Downgrade *downgrade;

static char *
weaken (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, downgrade->from, -1);
  g_assert_cmpuint (g_strv_length (parts), >, 1);
  return g_strjoinv (downgrade->to, parts);
}

/* Rightly signed, by a program that would do with less than DTLS-SRTP. */
static void
test_downgraded (gconstpointer data)
{
  g_autoptr (TestTrust) trust_a = test_trust_new ("shared"), trust_b = test_trust_new ("shared");
  g_autoptr (Pair) pair = pair_new_with_trust (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B, ANX_CALL_TRUST (trust_a), ANX_CALL_TRUST (trust_b));
  downgrade = data;
  test_trust_set_rewrite (trust_b, weaken);
  g_clear_object (&trust_a);
  g_clear_object (&trust_b);
  pair_start (pair);
  check_untrusted (pair);
  g_assert_nonnull (strstr (anx_call_get_problem (pair->b.call), "weaker protection"));
}

/* ---- breaks ---- */

static GstPadProbeReturn
swallow (GstPad *pad,
         GstPadProbeInfo *info,
         gpointer user_data)
{
  return GST_PAD_PROBE_DROP;
}

/* Everything this side would put on the wire falls into a hole. */
static guint
cut_sending (AnxCall *call)
{
  GstElement *pipeline = anx_call_attempt_get_pipeline (anx_call_get_attempt (call));
  GstIterator *sinks = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), "nicesink");
  GValue item = G_VALUE_INIT;
  guint cut = 0;
  while (gst_iterator_next (sinks, &item) == GST_ITERATOR_OK)
    {
      g_autoptr (GstPad) pad = gst_element_get_static_pad (g_value_get_object (&item), "sink");
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, swallow, NULL, NULL);
      cut++;
      g_value_reset (&item);
    }
  g_value_unset (&item);
  gst_iterator_free (sinks);
  return cut;
}

static gboolean
both_live_again (Pair *pair)
{
  return pair_both_live (pair) && pair->a.lives == 2 && pair->b.lives == 2;
}

static void
check_comes_back (Pair *pair,
                  gboolean cut_a,
                  gboolean cut_b)
{
  pair_set_timing (pair, 1500, 12000, 60000);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_see, LONG_MS));
  if (cut_a)
    g_assert_cmpuint (cut_sending (pair->a.call), >, 0);
  if (cut_b)
    g_assert_cmpuint (cut_sending (pair->b.call), >, 0);
  g_assert_true (pair_wait (pair, both_live_again, LONG_MS));
  g_assert_cmpuint (pair->a.reconnects, ==, 1);
  g_assert_cmpuint (pair->b.reconnects, ==, 1);
  g_assert_cmpint (anx_call_get_attempt_number (pair->a.call), >=, 2);
  guint n_gaps;
  const AnxCallGap *gaps = anx_call_get_gaps (pair->a.call, &n_gaps);
  g_assert_cmpuint (n_gaps, ==, 1);
  g_assert_cmpint (ABS (g_get_real_time () - gaps->start_usec - gaps->length_usec), <, LONG_MS * 1000);
  g_assert_cmpint (gaps->length_usec, >, 0);
  g_assert_true (pair_wait (pair, both_recognise, LONG_MS));
}

static void
test_comes_back (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  check_comes_back (pair, TRUE, TRUE);
}

/* Only the answering side notices, and must ask. */
static void
test_answerer_asks (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  check_comes_back (pair, TRUE, FALSE);
  gboolean asked = FALSE;
  for (guint i = 0; i < pair->sent_by_b->len; i++)
    asked |= strstr (g_ptr_array_index (pair->sent_by_b, i), "restart") != NULL;
  g_assert_true (asked);
}

static gboolean
nothing_passes (Pair *pair,
                gboolean from_a,
                JsonObject *body,
                gpointer user_data)
{
  return FALSE;
}

static void
test_gives_up (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_set_timing (pair, 600, 700, 2500);
  pair_start (pair);
  if (!pair_wait (pair, pair_both_live, 2500))
    {
      g_test_skip ("the machine is too slow for the shortened times");
      return;
    }
  pair->filter = nothing_passes;
  cut_sending (pair->a.call);
  cut_sending (pair->b.call);
  g_assert_true (pair_wait (pair, pair_both_ended, LONG_MS));
  g_assert_error (anx_call_get_error (pair->a.call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION);
  g_assert_error (anx_call_get_error (pair->b.call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION);
  g_assert_cmpint (anx_call_get_attempt_number (pair->a.call), >, 2);
}

static gboolean
a_ended (Pair *pair)
{
  return anx_call_get_state (pair->a.call) == ANX_CALL_ENDED;
}

static void
test_nobody_there (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_set_timing (pair, 600, 500, 1500);
  pair->filter = nothing_passes;
  pair_start (pair);
  g_assert_true (pair_wait (pair, a_ended, LONG_MS));
  g_assert_error (anx_call_get_error (pair->a.call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION);
  g_assert_cmpint (anx_call_get_attempt_number (pair->a.call), >=, 2);
}

/* ---- messages that must change nothing ---- */

static void
give (AnxCall *call,
      const char *text)
{
  g_autoptr (JsonObject) body = anx_json_parse_object (text, -1, 1024 * 1024, NULL);
  g_assert_nonnull (body);
  anx_call_receive (call, body);
}

static void
test_late_messages (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  check_comes_back (pair, TRUE, TRUE);
  gint64 number = anx_call_get_attempt_number (pair->a.call);
  /* All that was ever said of attempt 1, again, to both; and what an old restart or forged old descriptions would say. */
  for (guint i = 0; i < pair->sent_by_a->len; i++)
    if (strstr (g_ptr_array_index (pair->sent_by_a, i), "\"attempt\":1,") != NULL)
      give (pair->b.call, g_ptr_array_index (pair->sent_by_a, i));
  for (guint i = 0; i < pair->sent_by_b->len; i++)
    if (strstr (g_ptr_array_index (pair->sent_by_b, i), "\"attempt\":1") != NULL)
      give (pair->a.call, g_ptr_array_index (pair->sent_by_b, i));
  give (pair->a.call, "{\"type\":\"restart\",\"attempt\":1}");
  give (pair->a.call, "{\"type\":\"description\",\"attempt\":1,\"role\":\"answer\",\"statement\":\"AAAA\"}");
  give (pair->b.call, "{\"type\":\"description\",\"attempt\":1,\"role\":\"offer\",\"statement\":\"AAAA\"}");
  guint frames = pair->a.remote_frames;
  pair_run_for (500);
  g_assert_true (pair_both_live (pair));
  g_assert_cmpint (anx_call_get_attempt_number (pair->a.call), ==, number);
  g_assert_cmpuint (pair->a.remote_frames, >, frames);
}

static void
test_garbage (void)
{
  static const char *const garbage[] = {
    "{}",
    "{\"type\":1}",
    "{\"type\":\"\"}",
    "{\"type\":\"descriptions\",\"attempt\":1}",
    "{\"type\":\"description\"}",
    "{\"type\":\"description\",\"attempt\":\"1\",\"role\":\"offer\",\"statement\":\"AAAA\"}",
    "{\"type\":\"description\",\"attempt\":0,\"role\":\"offer\",\"statement\":\"AAAA\"}",
    "{\"type\":\"description\",\"attempt\":-5,\"role\":\"offer\",\"statement\":\"AAAA\"}",
    "{\"type\":\"description\",\"attempt\":99999999,\"role\":\"offer\",\"statement\":\"AAAA\"}",
    "{\"type\":\"description\",\"attempt\":3,\"role\":\"rollback\",\"statement\":\"AAAA\"}",
    "{\"type\":\"description\",\"attempt\":3,\"role\":{},\"statement\":\"AAAA\"}",
    "{\"type\":\"candidate\",\"attempt\":1}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":-1,\"candidate\":\"candidate:1\"}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":1000000,\"candidate\":\"candidate:1\"}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":0,\"candidate\":[]}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":0,\"candidate\":\"rubbish\"}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":0,\"candidate\":\"candidate:rubbish rubbish\"}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":7,\"candidate\":\"candidate:1 1 UDP 2015363327 127.0.0.1 9 typ host\"}",
    "{\"type\":\"candidate\",\"attempt\":1,\"mline\":0,\"candidate\":\"candidate:1 1 UDP 1 127.0.0.1 9 typ host\\r\\na=x\"}",
    "{\"type\":\"candidate\",\"attempt\":77,\"mline\":0,\"candidate\":\"candidate:1 1 UDP 2015363327 127.0.0.1 9 typ host\"}",
    "{\"type\":\"end\"}",
    "{\"type\":\"end\",\"reason\":7}",
    "{\"type\":\"restart\"}",
    "{\"type\":\"restart\",\"attempt\":1.5}",
    "{\"type\":\"restart\",\"attempt\":55}",
    "{\"type\":null,\"attempt\":[1,2,3]}",
  };
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    give (pair->b.call, garbage[i]);
  g_assert_cmpint (anx_call_get_state (pair->b.call), ==, ANX_CALL_IDLE);

  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_live, LONG_MS));
  g_autofree char *filler = g_strnfill (200 * 1024, 'A');
  g_autofree char *long_statement =
    g_strdup_printf ("{\"type\":\"description\",\"attempt\":2,\"role\":\"offer\",\"statement\":\"%s\"}", filler);
  g_autofree char *long_candidate =
    g_strdup_printf ("{\"type\":\"candidate\",\"attempt\":1,\"mline\":0,\"candidate\":\"candidate:%s\"}", filler);
  AnxCall *calls[] = { pair->a.call, pair->b.call };
  for (guint c = 0; c < 2; c++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
        {
          g_test_message ("%s", garbage[i]);
          give (calls[c], garbage[i]);
        }
      give (calls[c], long_statement);
      give (calls[c], long_candidate);
    }
  guint frames = pair->a.remote_frames;
  pair_run_for (500);
  g_assert_true (pair_both_live (pair));
  g_assert_cmpuint (pair->a.remote_frames, >, frames);
  g_assert_cmpuint (pair->a.lives, ==, 1);
}

/* ---- devices ---- */

static gboolean
have_devices (void)
{
  return g_file_test ("/dev/video0", G_FILE_TEST_EXISTS) || g_file_test ("/dev/snd", G_FILE_TEST_EXISTS) ||
         g_getenv ("PULSE_SERVER") != NULL;
}

static void
test_no_devices (void)
{
  if (have_devices ())
    {
      g_test_skip ("this machine has a camera or sound");
      return;
    }
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_DEVICES, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  g_assert_true (pair_wait (pair, a_ended, LONG_MS));
  g_assert_error (anx_call_get_error (pair->a.call), ANX_CALL_ERROR, ANX_CALL_ERROR_MEDIA);
  g_assert_cmpstr (anx_call_get_problem (pair->a.call), !=, NULL);
}

static gboolean
a_hears_only (Pair *pair)
{
  return pair_both_live (pair) && pair->a.remote_frames > 0 && picture_shows_ball (pair->a.remote) &&
         near_hz (anx_call_get_remote_pitch (pair->a.call), 880);
}

/* Devices that are switched off are not looked for: with the microphone off, a machine without any still sees and hears. */
static void
check_without_camera (gboolean device_side_offers)
{
  if (have_devices ())
    {
      g_test_skip ("this machine has a camera or sound");
      return;
    }
  g_autoptr (Pair) pair = device_side_offers ? pair_new (ANX_CALL_MEDIA_DEVICES, ANX_CALL_MEDIA_TEST_B)
                                             : pair_new (ANX_CALL_MEDIA_TEST_B, ANX_CALL_MEDIA_DEVICES);
  AnxCall *bare = device_side_offers ? pair->a.call : pair->b.call;
  anx_call_set_microphone_on (bare, FALSE);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_live, LONG_MS));
  g_assert_cmpstr (anx_call_get_problem (bare), !=, NULL);
  g_assert_null (anx_call_get_error (bare));
  if (device_side_offers)
    g_assert_true (pair_wait (pair, a_hears_only, LONG_MS));
  Side *other = device_side_offers ? &pair->b : &pair->a;
  g_assert_true (other->remote == NULL || picture_shows_black (other->remote));
}

static void
test_no_camera_offering (void)
{
  check_without_camera (TRUE);
}

static void
test_no_camera_answering (void)
{
  check_without_camera (FALSE);
}

static gboolean
b_sees_black (Pair *pair)
{
  return pair->b.remote != NULL && picture_shows_black (pair->b.remote) && anx_call_get_remote_pitch (pair->b.call) == 0;
}

static void
test_switch_off (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  g_assert_true (pair_wait (pair, both_recognise, LONG_MS));
  anx_call_set_camera_on (pair->a.call, FALSE);
  anx_call_set_microphone_on (pair->a.call, FALSE);
  g_assert_true (pair_wait (pair, b_sees_black, LONG_MS));
  anx_call_set_camera_on (pair->a.call, TRUE);
  anx_call_set_microphone_on (pair->a.call, TRUE);
  g_assert_true (pair_wait (pair, both_recognise, LONG_MS));
  g_assert_cmpuint (pair->b.lives, ==, 1);
}

static gboolean
b_hears_in_the_dark (Pair *pair)
{
  return pair->b.remote != NULL && picture_shows_black (pair->b.remote) && near_hz (anx_call_get_remote_pitch (pair->b.call), 440) &&
         pair_both_live (pair);
}

/* A cable that is pulled out: the driver says so as an error of the source while it runs. */
static void
test_camera_fails (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  pair_start (pair);
  g_assert_true (pair_wait (pair, both_recognise, LONG_MS));
  GstElement *pipeline = anx_call_attempt_get_pipeline (anx_call_get_attempt (pair->a.call));
  GstIterator *sources = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), "videotestsrc");
  GValue item = G_VALUE_INIT;
  g_assert_cmpint (gst_iterator_next (sources, &item), ==, GST_ITERATOR_OK);
  GstElement *camera = g_value_get_object (&item);
  GST_ELEMENT_ERROR (camera, RESOURCE, READ, ("Could not read from the device."), ("No such device"));
  g_value_unset (&item);
  gst_iterator_free (sources);
  g_assert_true (pair_wait (pair, b_hears_in_the_dark, LONG_MS));
  g_assert_nonnull (strstr (anx_call_get_problem (pair->a.call), "camera stopped"));
  g_assert_null (anx_call_get_problem (pair->b.call));
  g_assert_cmpuint (pair->a.reconnects + pair->b.reconnects, ==, 0);
  /* The other direction is not touched. */
  guint frames = pair->a.remote_frames;
  pair_run_for (300);
  g_assert_cmpuint (pair->a.remote_frames, >, frames);
}

/* The devices are those of the pipeline's source elements; what stands in for one is dark or silent. */
static guint
count_devices (AnxCall *call)
{
  static const struct { const char *factory, *property, *stands_in; } kinds[] = { { "videotestsrc", "pattern", "black" },
                                                                                 { "audiotestsrc", "wave", "silence" } };
  AnxCallAttempt *attempt = anx_call_get_attempt (call);
  GstElement *pipeline = attempt != NULL ? anx_call_attempt_get_pipeline (attempt) : NULL;
  guint count = 0;
  for (guint i = 0; pipeline != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      GstIterator *sources = gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline), kinds[i].factory);
      GValue item = G_VALUE_INIT;
      while (gst_iterator_next (sources, &item) == GST_ITERATOR_OK)
        {
          GValue value = G_VALUE_INIT;
          g_object_get_property (g_value_get_object (&item), kinds[i].property, &value);
          g_autofree char *word = gst_value_serialize (&value);
          count += !g_str_equal (word, kinds[i].stands_in);
          g_value_unset (&value);
          g_value_reset (&item);
        }
      g_value_unset (&item);
      gst_iterator_free (sources);
    }
  return count;
}

static guint devices_seen[ANX_CALL_ENDED + 1];

/* At each turn of the main loop. */
static gboolean
note_devices (Pair *pair)
{
  AnxCall *calls[] = { pair->a.call, pair->b.call };
  for (guint i = 0; i < 2; i++)
    {
      guint *seen = &devices_seen[anx_call_get_state (calls[i])];
      *seen = MAX (*seen, count_devices (calls[i]));
    }
  return FALSE;
}

static gboolean
both_recognise_noted (Pair *pair)
{
  return note_devices (pair) || both_recognise (pair);
}

static gboolean
both_live_again_noted (Pair *pair)
{
  return note_devices (pair) || both_live_again (pair);
}

/* Camera and microphone are open while the call is live and at no other time: not while it connects, nor while it connects again. */
static void
test_devices_open (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  memset (devices_seen, 0, sizeof devices_seen);
  pair_set_timing (pair, 600, 12000, 60000);
  pair_start (pair);
  g_assert_true (pair_wait (pair, both_recognise_noted, LONG_MS));
  cut_sending (pair->a.call);
  cut_sending (pair->b.call);
  g_assert_true (pair_wait (pair, both_live_again_noted, LONG_MS));
  g_assert_true (pair_wait (pair, both_recognise_noted, LONG_MS));
  g_assert_cmpuint (devices_seen[ANX_CALL_CONNECTING], ==, 0);
  g_assert_cmpuint (devices_seen[ANX_CALL_RECONNECTING], ==, 0);
  g_assert_cmpuint (devices_seen[ANX_CALL_LIVE], ==, 2);
}

static void
on_watched_gone (gpointer data,
                 GObject *object)
{
  *(gboolean *) data = TRUE;
}

/* When ENDED is seen, the sources that held the devices are gone, not only closed. */
static void
test_devices_released (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  g_assert_cmpuint (count_devices (pair->a.call), ==, 0);
  pair_start (pair);
  g_assert_true (pair_wait (pair, pair_both_see, LONG_MS));
  g_assert_cmpuint (count_devices (pair->a.call), ==, 2);
  GstElement *pipeline = anx_call_attempt_get_pipeline (anx_call_get_attempt (pair->a.call));
  gboolean gone = FALSE;
  g_object_weak_ref (G_OBJECT (pipeline), on_watched_gone, &gone);
  anx_call_end (pair->a.call);
  g_assert_cmpint (anx_call_get_state (pair->a.call), ==, ANX_CALL_ENDED);
  g_assert_cmpuint (count_devices (pair->a.call), ==, 0);
  g_assert_true (gone);
}

/* ---- text ---- */

static void
on_text (AnxCall *call,
         const char *text,
         GString *all)
{
  g_string_append_printf (all, "%s\n", text);
}

static GString *texts_a, *texts_b;

static gboolean
a_can_write (Pair *pair)
{
  return anx_call_send_text (pair->a.call, "您好，听得清吗？");
}

static gboolean
b_can_write (Pair *pair)
{
  return anx_call_send_text (pair->b.call, "不太清楚，我写字吧。");
}

static gboolean
both_have_read (Pair *pair)
{
  return texts_a->len > 0 && texts_b->len > 0;
}

static void
test_text (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  g_autoptr (GString) all_a = g_string_new (NULL), all_b = g_string_new (NULL);
  texts_a = all_a;
  texts_b = all_b;
  g_signal_connect (pair->a.call, "text", G_CALLBACK (on_text), all_a);
  g_signal_connect (pair->b.call, "text", G_CALLBACK (on_text), all_b);
  g_assert_false (anx_call_send_text (pair->a.call, "too early"));
  pair_start (pair);
  g_assert_true (pair_wait (pair, a_can_write, LONG_MS));
  g_assert_true (pair_wait (pair, b_can_write, LONG_MS));
  g_assert_true (pair_wait (pair, both_have_read, LONG_MS));
  g_assert_cmpstr (all_b->str, ==, "您好，听得清吗？\n");
  g_assert_cmpstr (all_a->str, ==, "不太清楚，我写字吧。\n");
  g_autofree char *most = g_strnfill (ANX_CALL_TEXT_BYTES, 'x'), *more = g_strnfill (ANX_CALL_TEXT_BYTES + 1, 'x');
  g_string_truncate (all_b, 0);
  g_string_truncate (all_a, 0);
  g_assert_false (anx_call_send_text (pair->a.call, ""));
  g_assert_false (anx_call_send_text (pair->a.call, more));
  g_assert_false (anx_call_send_text (pair->a.call, "\xff"));
  g_assert_true (anx_call_send_text (pair->a.call, most));
  g_assert_true (anx_call_send_text (pair->b.call, "."));
  g_assert_true (pair_wait (pair, both_have_read, LONG_MS));
  g_assert_cmpuint (all_b->len, ==, ANX_CALL_TEXT_BYTES + 1);
  /* Nothing of it went by way of the hub. */
  for (guint i = 0; i < pair->sent_by_a->len; i++)
    g_assert_null (strstr (g_ptr_array_index (pair->sent_by_a, i), "xxxx"));
  anx_call_end (pair->a.call);
  g_assert_false (anx_call_send_text (pair->a.call, "too late"));
}

static gboolean
b_has_waiting_texts (Pair *pair)
{
  /* Those refused are counted too. */
  AnxCallAttempt *attempt = anx_call_get_attempt (pair->b.call);
  return g_atomic_int_get (&attempt->early_posted) >= 20 && attempt->early_texts.length >= 16;
}

static gboolean
b_has_read (Pair *pair)
{
  return texts_b->len > 0;
}

/* One side has checked the line, and writes, before the other has: what a person can have written is read after the check, once; not more. */
static void
test_early_text (void)
{
  g_autoptr (Pair) pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
  g_autoptr (GString) all_b = g_string_new (NULL), expected = g_string_new (NULL);
  texts_b = all_b;
  g_signal_connect (pair->b.call, "text", G_CALLBACK (on_text), all_b);
  /* While the check is held back no packet counts: the line must not be taken for lost. */
  pair_set_timing (pair, LONG_MS, 12000, 60000);
  pair_start (pair);
  g_assert_true (pair_wait (pair, a_can_write, LONG_MS));
  g_assert_true (pair_wait (pair, b_has_read, LONG_MS));
  g_string_truncate (all_b, 0);

  AnxCallAttempt *late = anx_call_get_attempt (pair->b.call);
  g_atomic_int_set (&late->early_posted, 0);
  g_atomic_int_set (&late->verified, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_assert_true (anx_call_send_text (pair->a.call, text));
      if (i < 16)
        g_string_append_printf (expected, "%s\n", text);
    }
  g_assert_true (pair_wait (pair, b_has_waiting_texts, LONG_MS));
  g_assert_cmpuint (all_b->len, ==, 0);
  g_object_notify (G_OBJECT (late->webrtc), "connection-state");
  g_assert_true (pair_wait (pair, b_has_read, LONG_MS));
  g_assert_true (anx_call_send_text (pair->a.call, "last"));
  g_string_append (expected, "last\n");
  gint64 until = g_get_monotonic_time () + (gint64) LONG_MS * 1000;
  while (!g_str_has_suffix (all_b->str, "last\n") && g_get_monotonic_time () < until)
    pair_run_for (20);
  g_assert_cmpstr (all_b->str, ==, expected->str);
}

/* ---- many calls ---- */

static gsize
resident_kib (void)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  const char *second = strchr (text, ' ');
  return (gsize) g_ascii_strtoull (second, NULL, 10) * 4;
}

/* Threads of GStreamer's pool and pages of the allocator settle within the first calls; what is there then must not grow. */
static void
test_many_calls (void)
{
  guint calls = g_test_slow () ? 100 : 10, settled = calls / 5;
  guint threads = 0, fds = 0;
  gsize kib = 0;
  gint64 slowest_usec = 0;
  for (guint i = 0; i < calls; i++)
    {
      Pair *pair = pair_new (ANX_CALL_MEDIA_TEST_A, ANX_CALL_MEDIA_TEST_B);
      pair_start (pair);
      gboolean seen = pair_wait (pair, pair_both_see, LONG_MS);
      if (!seen)
        print_waiting (pair);
      g_assert_true (seen);
      slowest_usec = MAX (slowest_usec, MAX (pair->a.first_frame_usec, pair->b.first_frame_usec) - pair->started_usec);
      pair_free (pair);
      if (i == settled)
        {
          pair_run_for (1000);
          threads = test_count_entries ("/proc/self/task");
          fds = test_count_entries ("/proc/self/fd");
          kib = resident_kib ();
        }
    }
  pair_run_for (1000);
  guint threads_after = test_count_entries ("/proc/self/task"), fds_after = test_count_entries ("/proc/self/fd");
  gsize kib_after = resident_kib ();
  g_test_message ("%u calls: threads %u to %u, files %u to %u, resident %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " KiB, slowest first picture %.2f s",
                  calls, threads, threads_after, fds, fds_after, kib, kib_after, (double) slowest_usec / G_USEC_PER_SEC);
  g_assert_cmpuint (threads_after, <=, threads + 2);
  g_assert_cmpuint (fds_after, <=, fds + 2);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while; leaks it finds by itself */
  /* The allocator's wandering is up to 10 MiB; a pipeline that stayed would be more than one MiB each. */
  g_assert_cmpuint (kib_after, <, kib + 10 * 1024 + calls * 256);
#endif
}

int
main (int argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/call/call/connects", test_connects);
  g_test_add_func ("/call/call/end-by-offerer", test_end_by_offerer);
  g_test_add_func ("/call/call/end-by-answerer", test_end_by_answerer);
  g_test_add_func ("/call/call/end-while-connecting", test_end_while_connecting);
  g_test_add_data_func ("/call/call/tampered-offer", "offer", test_tampered);
  g_test_add_data_func ("/call/call/tampered-answer", "answer", test_tampered);
  g_test_add_func ("/call/call/unsigned", test_unsigned);
  g_test_add_func ("/call/call/stranger", test_stranger);
  g_test_add_func ("/call/call/replayed", test_replayed);
  g_test_add_func ("/call/call/wrong-certificate", test_wrong_certificate);
  for (guint i = 0; i < G_N_ELEMENTS (downgrades); i++)
    {
      g_autofree char *path = g_strconcat ("/call/call/downgraded/", downgrades[i].name, NULL);
      g_test_add_data_func (path, &downgrades[i], test_downgraded);
    }
  g_test_add_func ("/call/call/comes-back", test_comes_back);
  g_test_add_func ("/call/call/answerer-asks", test_answerer_asks);
  g_test_add_func ("/call/call/gives-up", test_gives_up);
  g_test_add_func ("/call/call/nobody-there", test_nobody_there);
  g_test_add_func ("/call/call/late-messages", test_late_messages);
  g_test_add_func ("/call/call/garbage", test_garbage);
  g_test_add_func ("/call/call/no-devices", test_no_devices);
  g_test_add_func ("/call/call/no-camera-offering", test_no_camera_offering);
  g_test_add_func ("/call/call/no-camera-answering", test_no_camera_answering);
  g_test_add_func ("/call/call/switch-off", test_switch_off);
  g_test_add_func ("/call/call/camera-fails", test_camera_fails);
  g_test_add_func ("/call/call/devices-open", test_devices_open);
  g_test_add_func ("/call/call/devices-released", test_devices_released);
  g_test_add_func ("/call/call/text", test_text);
  g_test_add_func ("/call/call/early-text", test_early_text);
  g_test_add_func ("/call/call/many-calls", test_many_calls);
  int status = g_test_run ();
  gst_deinit ();
  return status;
}
