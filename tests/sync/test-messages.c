/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages.h"

#include <string.h>

#include "bounds.h"
#include "json.h"
#include "sync-error.h"

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
test_records (void)
{
  g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (envelopes, bytes_of ("one"));
  g_ptr_array_add (envelopes, bytes_of ("two"));
  g_autoptr (GBytes) body = anx_message_build_records (envelopes);
  gsize size;
  const char *text = g_bytes_get_data (body, &size);
  g_assert_cmpmem (text, size, "{\"records\":[\"b25l\",\"dHdv\"]}", 27);
}

typedef struct
{
  const char *answer;
  gboolean good;
} Case;

static void
test_results (void)
{
  static const Case cases[] = {
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":\"b\",\"status\":\"held\"}]}", TRUE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":\"b\",\"status\":\"refused\",\"problem\":{\"detail\":\"no\"}}]}", TRUE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":null,\"status\":\"refused\",\"problem\":\"no\"}]}", TRUE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"status\":\"refused\"}]}", TRUE },
    { "{\"results\":[{\"id\":\"b\",\"status\":\"stored\"},{\"id\":\"a\",\"status\":\"stored\"}]}", FALSE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":null,\"status\":\"stored\"}]}", FALSE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":\"b\",\"status\":\"maybe\"}]}", FALSE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},{\"id\":\"b\"}]}", FALSE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"},\"b\"]}", FALSE },
    { "{\"results\":[{\"id\":\"a\",\"status\":\"stored\"}]}", FALSE },
    { "{\"results\":7}", FALSE },
    { "[]", FALSE },
    { "<html>", FALSE },
    { "", FALSE },
  };
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_ptr_array_add (ids, (gpointer) "a");
  g_ptr_array_add (ids, (gpointer) "b");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].answer);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) answer = bytes_of (cases[i].answer);
      g_autoptr (GPtrArray) results = anx_message_parse_record_results (answer, ids, &error);
      g_assert_true ((results != NULL) == cases[i].good);
      if (results == NULL)
        {
          g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
          continue;
        }
      const AnxRecordResult *first = results->pdata[0], *second = results->pdata[1];
      g_assert_true (first->accepted);
      g_assert_null (first->problem);
      g_assert_cmpstr (second->id, ==, "b");
      g_assert_true (second->accepted == (second->problem == NULL));
    }
}

static void
test_inbox (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = bytes_of ("{\"records\":[{\"cursor\":3,\"envelope\":\"b25l\"},{\"cursor\":4},7,{\"envelope\":\"dHdv\"}],"
                                        "\"cursor\":5,\"more\":true}");
  g_autoptr (AnxInboxPage) page = anx_message_parse_inbox (answer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->envelopes->len, ==, 2);
  g_assert_cmpint (page->cursor, ==, 5);
  g_assert_true (page->more);
  static const char *const bad[] = { "{}", "{\"records\":[]}", "{\"records\":[],\"cursor\":-1}", "{\"records\":{},\"cursor\":1}", "no" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (bad[i]);
      g_clear_error (&error);
      g_assert_null (anx_message_parse_inbox (bytes, &error));
      g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
    }
}

/* One oversized envelope is left out, the others come. */
static void
test_inbox_oversized (void)
{
  g_autofree char *large = g_strnfill ((gsize) ANX_BOUND_ENVELOPE_BYTES * 2, 'A');
  g_autofree char *text =
    g_strdup_printf ("{\"records\":[{\"envelope\":\"%s\"},{\"envelope\":\"b25l\"}],\"cursor\":2}", large);
  g_autoptr (GBytes) answer = bytes_of (text);
  g_autoptr (AnxInboxPage) page = anx_message_parse_inbox (answer, NULL);
  g_assert_nonnull (page);
  g_assert_cmpuint (page->envelopes->len, ==, 1);
  g_assert_false (page->more);
}

static void
test_claim (void)
{
  g_autoptr (GBytes) open = bytes_of ("{\"status\":\"open\",\"principal\":\"kiosk-1\"}");
  g_autoptr (AnxClaimAnswer) claim = anx_message_parse_claim (open, NULL);
  g_assert_cmpstr (claim->principal, ==, "kiosk-1");
  g_assert_false (claim->approved);
  g_assert_null (claim->sign_certificate);
  g_autoptr (GBytes) half = bytes_of ("{\"status\":\"approved\",\"principal\":\"kiosk-1\",\"signCertificate\":\"x\"}");
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_message_parse_claim (half, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
}

static void
test_health (void)
{
  gint64 now;
  g_autoptr (GBytes) good = bytes_of ("{\"status\":\"ok\",\"now\":1800000000000000}");
  g_autoptr (GBytes) bad = bytes_of ("{\"status\":\"ok\"}");
  g_assert_true (anx_message_parse_health (good, &now, NULL));
  g_assert_cmpint (now, ==, G_GINT64_CONSTANT (1800000000000000));
  g_assert_false (anx_message_parse_health (bad, &now, NULL));
}

static void
test_authority (void)
{
  g_autoptr (GBytes) good = bytes_of ("{\"certificate\":\"pem\"}");
  g_autoptr (GBytes) bad = bytes_of ("{\"certificate\":1}");
  g_autofree char *pem = anx_message_parse_authority (good, NULL);
  g_assert_cmpstr (pem, ==, "pem");
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_message_parse_authority (bad, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
}

static void
test_statuses (void)
{
  static const struct
  {
    guint status;
    AnxSyncError code;
  } cases[] = {
    { 400, ANX_SYNC_ERROR_REFUSED }, { 401, ANX_SYNC_ERROR_REFUSED }, { 403, ANX_SYNC_ERROR_REFUSED }, { 404, ANX_SYNC_ERROR_UNKNOWN },
    { 409, ANX_SYNC_ERROR_CONFLICT }, { 410, ANX_SYNC_ERROR_UNKNOWN }, { 422, ANX_SYNC_ERROR_REFUSED }, { 429, ANX_SYNC_ERROR_BUSY },
    { 500, ANX_SYNC_ERROR_BUSY }, { 503, ANX_SYNC_ERROR_BUSY },
  };
  g_autoptr (JsonObject) problem = anx_json_parse_object ("{\"title\":\"t\",\"detail\":\"what to do\"}", -1, 1000, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) with = NULL;
      g_autoptr (GError) without = NULL;
      anx_message_set_status_error (cases[i].status, problem, &with);
      anx_message_set_status_error (cases[i].status, NULL, &without);
      g_assert_error (with, ANX_SYNC_ERROR, (int) cases[i].code);
      g_assert_cmpstr (with->message, ==, "what to do");
      g_assert_error (without, ANX_SYNC_ERROR, (int) cases[i].code);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/messages/records", test_records);
  g_test_add_func ("/sync/messages/results", test_results);
  g_test_add_func ("/sync/messages/inbox", test_inbox);
  g_test_add_func ("/sync/messages/inbox-oversized", test_inbox_oversized);
  g_test_add_func ("/sync/messages/claim", test_claim);
  g_test_add_func ("/sync/messages/health", test_health);
  g_test_add_func ("/sync/messages/authority", test_authority);
  g_test_add_func ("/sync/messages/statuses", test_statuses);
  return g_test_run ();
}
