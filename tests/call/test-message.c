/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "call-error.h"
#include "call-message.h"
#include "call-sdp.h"
#include "json.h"

static AnxCallMessage *
parse (const char *text)
{
  g_autoptr (JsonObject) body = anx_json_parse_object (text, -1, 1024 * 1024, NULL);
  g_assert_nonnull (body);
  return anx_call_message_parse (body, NULL);
}

static void
test_round_trip (void)
{
  g_autoptr (JsonObject) description = anx_call_message_new_description (7, TRUE, "c3RhdGVtZW50");
  g_autoptr (AnxCallMessage) a = anx_call_message_parse (description, NULL);
  g_assert_cmpint (a->kind, ==, ANX_CALL_MESSAGE_DESCRIPTION);
  g_assert_cmpint (a->attempt, ==, 7);
  g_assert_true (a->is_offer);
  g_assert_cmpstr (a->statement, ==, "c3RhdGVtZW50");

  g_autoptr (JsonObject) candidate = anx_call_message_new_candidate (3, 1, "candidate:1 1 UDP 2015363327 192.0.2.1 9 typ host");
  g_autoptr (AnxCallMessage) b = anx_call_message_parse (candidate, NULL);
  g_assert_cmpint (b->kind, ==, ANX_CALL_MESSAGE_CANDIDATE);
  g_assert_cmpuint (b->mline, ==, 1);
  g_assert_cmpstr (b->candidate, ==, "candidate:1 1 UDP 2015363327 192.0.2.1 9 typ host");

  g_autoptr (JsonObject) end = anx_call_message_new_end ("hangup");
  g_autoptr (AnxCallMessage) c = anx_call_message_parse (end, NULL);
  g_assert_cmpint (c->kind, ==, ANX_CALL_MESSAGE_END);
  g_assert_cmpstr (c->reason, ==, "hangup");

  g_autoptr (JsonObject) restart = anx_call_message_new_restart (9);
  g_autoptr (AnxCallMessage) d = anx_call_message_parse (restart, NULL);
  g_assert_cmpint (d->kind, ==, ANX_CALL_MESSAGE_RESTART);
  g_assert_cmpint (d->attempt, ==, 9);
}

static void
test_unsigned_is_a_message (void)
{
  g_autoptr (AnxCallMessage) none = parse ("{\"type\":\"description\",\"attempt\":1,\"role\":\"answer\"}");
  g_assert_nonnull (none);
  g_assert_null (none->statement);
  g_autoptr (AnxCallMessage) number = parse ("{\"type\":\"description\",\"attempt\":1,\"role\":\"answer\",\"statement\":5}");
  g_assert_nonnull (number);
  g_assert_null (number->statement);
}

static void
test_bounds (void)
{
  g_autofree char *fits = g_strnfill (ANX_BOUND_SIGNAL_BYTES, 'A');
  g_autofree char *over = g_strnfill (ANX_BOUND_SIGNAL_BYTES + 1, 'A');
  g_autoptr (JsonObject) good = anx_call_message_new_description (1, FALSE, fits);
  g_autoptr (JsonObject) bad = anx_call_message_new_description (1, FALSE, over);
  g_autoptr (AnxCallMessage) message = anx_call_message_parse (good, NULL);
  g_assert_nonnull (message);
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_call_message_parse (bad, &error));
  g_assert_nonnull (error);
}

#define FINGERPRINT "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"
#define OTHER "AB:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"
#define HEAD "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 120 100\r\na=rtpmap:120 H264/90000\r\na=rtpmap:100 VP8/90000\r\na=extmap:5 " ANX_CALL_TWCC_URI "\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 63\r\na=rtpmap:63 opus/48000/2\r\n"

static void
test_plan (void)
{
  AnxCallPlan plan = ANX_CALL_PLAN_DEFAULT;
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_call_plan_from_sdp (HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\n" AUDIO "a=fingerprint:SHA-256 " FINGERPRINT "\r\n", &plan, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plan.vp8_payload, ==, 100);
  g_assert_cmpint (plan.opus_payload, ==, 63);
  g_assert_cmpint (plan.video_twcc_id, ==, 5);
  g_assert_cmpint (plan.audio_twcc_id, ==, 0);
  g_assert_cmphex (plan.fingerprint[0], ==, 0xaa);
  g_assert_cmphex (plan.fingerprint[31], ==, 0x99);
}

static void
test_bad_plans (void)
{
  static const char *const bad[] = {
    "",
    "rubbish",
    HEAD,
    HEAD VIDEO AUDIO,
    HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\n",
    HEAD AUDIO "a=fingerprint:sha-256 " FINGERPRINT "\r\n",
    HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT ":00\r\n" AUDIO,
    HEAD VIDEO "a=fingerprint:sha-256 AA:BB\r\n" AUDIO,
    HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\n" AUDIO "a=fingerprint:sha-256 " OTHER "\r\n",
    HEAD "a=fingerprint:sha-256 " OTHER "\r\n" VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\n" AUDIO,
  };
  /* Less than DTLS-SRTP under a certificate known by SHA-256. */
  static const char *const weak[] = {
    HEAD VIDEO "a=fingerprint:sha-1 " FINGERPRINT "\r\n" AUDIO,
    HEAD VIDEO "a=fingerprint:sha-256\r\n" AUDIO,
    HEAD VIDEO "a=fingerprint\r\n" AUDIO,
    HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n" AUDIO,
    HEAD "m=audio 9 RTP/AVP 63\r\na=rtpmap:63 opus/48000/2\r\na=fingerprint:sha-256 " FINGERPRINT "\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%u", i);
      AnxCallPlan plan;
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_call_plan_from_sdp (bad[i], &plan, &error));
      g_assert_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_INVALID);
    }
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    {
      g_test_message ("weak %u", i);
      AnxCallPlan plan;
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_call_plan_from_sdp (weak[i], &plan, &error));
      g_assert_error (error, ANX_CALL_ERROR, ANX_CALL_ERROR_UNTRUSTED);
    }
}

/* Every byte of a good description changed and cut at every length: never a crash, never another fingerprint accepted unseen. */
static void
test_mangled_plans (void)
{
  static const char good[] = HEAD VIDEO "a=fingerprint:sha-256 " FINGERPRINT "\r\n" AUDIO;
  for (gsize i = 0; i < sizeof good - 1; i++)
    {
      AnxCallPlan plan;
      g_autofree char *cut = g_strndup (good, i);
      (void) anx_call_plan_from_sdp (cut, &plan, NULL);
      g_autofree char *changed = g_strdup (good);
      changed[i] = (char) (1 + g_test_rand_int_range (0, 255));
      (void) anx_call_plan_from_sdp (changed, &plan, NULL);
    }
}

static void
test_certificate (void)
{
  AnxCallPlan plan = { 0 };
  static const char der[] = "not really a certificate";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, (const guchar *) der, sizeof der - 1);
  gsize length = sizeof plan.fingerprint;
  g_checksum_get_digest (checksum, plan.fingerprint, &length);
  g_autofree char *base64 = g_base64_encode ((const guchar *) der, sizeof der - 1);
  g_autofree char *pem = g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
  g_assert_true (anx_call_plan_certificate_matches (&plan, pem));
  plan.fingerprint[5] ^= 1;
  g_assert_false (anx_call_plan_certificate_matches (&plan, pem));
  g_assert_false (anx_call_plan_certificate_matches (&plan, NULL));
  g_assert_false (anx_call_plan_certificate_matches (&plan, ""));
  g_assert_false (anx_call_plan_certificate_matches (&plan, "-----BEGIN CERTIFICATE-----"));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/message/round-trip", test_round_trip);
  g_test_add_func ("/call/message/unsigned-is-a-message", test_unsigned_is_a_message);
  g_test_add_func ("/call/message/bounds", test_bounds);
  g_test_add_func ("/call/sdp/plan", test_plan);
  g_test_add_func ("/call/sdp/bad", test_bad_plans);
  g_test_add_func ("/call/sdp/mangled", test_mangled_plans);
  g_test_add_func ("/call/sdp/certificate", test_certificate);
  return g_test_run ();
}
