/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client-private.h"
#include "envelope.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "memory-key-store.h"
#include "sync-error.h"

/* Two clients of a real hub: the kiosk writes to the duty group, the duty officer reads. */
typedef struct
{
  AnxHubFixture *district;
  AnxProfile *kiosk_profile;
  AnxProfile *duty_profile;
  AnxClock *clock;
  AnxClient *kiosk;
  AnxClient *duty;
} Fixture;

static AnxClient *
open_client (Fixture *f,
             AnxProfile *profile)
{
  g_autoptr (GError) error = NULL;
  AnxClient *client = anx_client_new (profile, f->district->keys, f->clock, &error);
  g_assert_no_error (error);
  return client;
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->kiosk_profile = anx_hub_fixture_add (f->district, "kiosk-east-1", "kiosk", NULL);
  f->duty_profile = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  f->kiosk = open_client (f, f->kiosk_profile);
  f->duty = open_client (f, f->duty_profile);
}

/* Nothing may keep a client alive once it is stopped and its owner gone. */
static void
close_client (AnxClient **client)
{
  if (*client == NULL)
    return;
  gpointer watched = *client;
  g_object_add_weak_pointer (G_OBJECT (*client), &watched);
  anx_client_stop (*client);
  g_clear_object (client);
  gint64 until = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  while (watched != NULL && g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (watched);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  close_client (&f->kiosk);
  close_client (&f->duty);
  g_object_unref (f->clock);
  g_object_unref (f->kiosk_profile);
  g_object_unref (f->duty_profile);
  anx_hub_fixture_free (f->district);
}

static gboolean has_problem (gpointer client) { return anx_client_get_state (client) == ANX_CLIENT_PROBLEM; }
static gboolean has_directory (gpointer client) { return anx_client_get_directory (client) != NULL; }
static gboolean is_idle (gpointer client) { return ((AnxClient *) client)->needs == 0 && !((AnxClient *) client)->busy; }
static gboolean nothing_queued (gpointer client) { return anx_client_count_queued (client) == 0; }

typedef struct
{
  AnxClient *client;
  guint count;
} Expected;

static gboolean
has_records (gpointer data)
{
  const Expected *expected = data;
  g_autoptr (GPtrArray) records = anx_client_list_records (expected->client, NULL, NULL);
  return records->len >= expected->count;
}

static void
wait_for_records (AnxClient *client,
                  guint count)
{
  Expected expected = { client, count };
  anx_wait_until (has_records, &expected, 40);
}

static void
start (AnxClient *client)
{
  anx_client_start (client);
  anx_wait_until (anx_is_online, client, 20);
  anx_wait_until (has_directory, client, 20);
}

static AnxRecordHeader *
make_header (AnxClient *client,
             const char *kind,
             const char *recipient)
{
  const char *recipients[] = { recipient, NULL };
  gint64 now_usec = anx_clock_now_usec (anx_client_get_clock (client));
  g_autofree char *id = anx_uuid_new (now_usec);
  return anx_record_header_new (id, kind, anx_profile_get_principal (anx_client_get_profile (client)), recipients, NULL, now_usec, NULL);
}

static JsonNode *
make_resource (const char *text)
{
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "resourceType", "Basic");
  json_object_set_string_member (object, "text", text);
  return anx_json_node_from_object (object);
}

static char *
write_record (AnxClient *client,
              const char *recipient,
              const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRecordHeader) header = make_header (client, "screening", recipient);
  g_autoptr (JsonNode) resource = make_resource (text);
  anx_client_write (client, header, resource, &error);
  g_assert_no_error (error);
  return g_strdup (anx_record_header_get_id (header));
}

/* Which of the texts "0", "1", … the records of @client hold, each exactly once. */
static void
assert_texts (AnxClient *client,
              guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = anx_client_list_records (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, count);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr (JsonNode) node = anx_client_open_record (client, records->pdata[i], &error);
      g_assert_no_error (error);
      g_assert_true (g_hash_table_add (seen, g_strdup (json_object_get_string_member (json_node_get_object (node), "text"))));
    }
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_assert_true (g_hash_table_contains (seen, text));
    }
}

static void
test_arrives (Fixture *f,
              gconstpointer data)
{
  start (f->kiosk);
  start (f->duty);
  g_autofree char *id = write_record (f->kiosk, "duty-east", "0");
  wait_for_records (f->duty, 1);
  anx_wait_until (nothing_queued, f->kiosk, 20);
  g_assert_true (anx_client_is_acknowledged (f->kiosk, id));
  g_assert_false (anx_client_is_acknowledged (f->duty, id));
  assert_texts (f->duty, 1);
  /* The kiosk keeps it, but cannot read it. */
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxInboxRecord) own = anx_client_get_record (f->kiosk, id, &error);
  g_assert_no_error (error);
  g_assert_null (anx_client_open_record (f->kiosk, own, &error));
  g_assert_nonnull (error);
  g_assert_null (anx_client_get_problem (f->kiosk));
}

static void
on_arrived_note_needs (AnxClient *client,
                       AnxInboxRecord *record,
                       gpointer data)
{
  *(guint *) data = client->needs | ANX_NEED_HEALTH;
}

/* What is pushed while the answer to an earlier pull is on its way is newer than that answer and must be pulled too. */
static void
test_pushed_during_pull (Fixture *f,
                         gconstpointer data)
{
  guint needs = 0;
  start (f->kiosk);
  start (f->duty);
  anx_wait_until (is_idle, f->duty, 20);
  guint blocked = g_signal_handlers_block_matched (f->duty->link, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, f->duty);
  g_assert_cmpuint (blocked, >, 0);
  g_free (write_record (f->kiosk, "duty-east", "0"));
  anx_wait_until (nothing_queued, f->kiosk, 20);
  g_signal_connect (f->duty, "record-arrived", G_CALLBACK (on_arrived_note_needs), &needs);
  anx_client_rounds_need (f->duty, ANX_NEED_PULL);
  g_assert_true (f->duty->busy);
  anx_client_rounds_need (f->duty, ANX_NEED_PULL);
  wait_for_records (f->duty, 1);
  g_assert_cmpuint (needs, !=, 0);
  g_assert_true (needs & ANX_NEED_PULL);
  anx_wait_until (is_idle, f->duty, 20);
}

/* Many records, several batches and pages, written while the hub is away and its address refuses. */
static void
test_queued_while_down (Fixture *f,
                        gconstpointer data)
{
  start (f->kiosk);
  anx_hub_fixture_stop (f->district, SIGTERM);
  anx_wait_until (anx_is_offline, f->kiosk, 20);
  g_autofree char *last = NULL;
  for (guint i = 0; i < 230; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_free (last);
      last = write_record (f->kiosk, "duty-east", text);
    }
  g_assert_cmpuint (anx_client_count_queued (f->kiosk), ==, 230);
  g_assert_true (anx_client_is_queued (f->kiosk, last));
  anx_hub_fixture_start (f->district);
  anx_wait_until (nothing_queued, f->kiosk, 60);
  g_assert_false (anx_client_is_queued (f->kiosk, last));
  start (f->duty);
  wait_for_records (f->duty, 230);
  assert_texts (f->duty, 230);
  g_assert_cmpuint (anx_client_count_set_aside (f->kiosk), ==, 0);
}

/* Outbox O3: what was written but not acknowledged survives the process and goes once. The child is killed at a random moment of
 * its flushing; what it managed to send is sent again. */
static void
test_killed_client (Fixture *f,
                    gconstpointer data)
{
  start (f->kiosk);
  anx_client_stop (f->kiosk);
  guint total = 0;
  for (guint round = 0; round < 6; round++)
    {
      for (guint i = 0; i < 15; i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", total++);
          g_free (write_record (f->kiosk, "duty-east", text));
        }
      close_client (&f->kiosk);
      pid_t child = fork ();
      if (child == 0)
        {
          /* A connection of the parent must not be used by two: a fresh context, and only this client. */
          AnxClient *client = anx_client_new (f->kiosk_profile, f->district->keys, f->clock, NULL);
          anx_client_start (client);
          for (;;)
            g_main_context_iteration (NULL, TRUE);
        }
      g_usleep ((gulong) g_test_rand_int_range (1000, 60000));
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
      f->kiosk = open_client (f, f->kiosk_profile);
    }
  anx_client_start (f->kiosk);
  anx_wait_until (nothing_queued, f->kiosk, 30);
  g_assert_cmpuint (anx_client_count_set_aside (f->kiosk), ==, 0);
  start (f->duty);
  wait_for_records (f->duty, total);
  assert_texts (f->duty, total);
}

static void
test_hub_killed (Fixture *f,
                 gconstpointer data)
{
  start (f->kiosk);
  start (f->duty);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_free (write_record (f->kiosk, "duty-east", text));
      anx_hub_fixture_stop (f->district, SIGKILL);
      anx_hub_fixture_start (f->district);
    }
  anx_wait_until (nothing_queued, f->kiosk, 40);
  wait_for_records (f->duty, 4);
  assert_texts (f->duty, 4);
}

/* Outbox O4: a record that the hub refuses is set aside, those around it go on. */
static void
test_poisoned (Fixture *f,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  start (f->kiosk);
  anx_client_stop (f->kiosk);
  g_free (write_record (f->kiosk, "duty-east", "0"));
  g_autoptr (AnxRecordHeader) header = make_header (f->kiosk, "no-such-kind", "duty-east");
  g_autoptr (JsonNode) resource = make_resource ("poison");
  g_assert_true (anx_client_write (f->kiosk, header, resource, &error));
  g_free (write_record (f->kiosk, "duty-east", "1"));
  g_assert_cmpuint (anx_client_count_queued (f->kiosk), ==, 3);
  anx_client_start (f->kiosk);
  anx_wait_until (nothing_queued, f->kiosk, 20);
  g_assert_cmpuint (anx_client_count_set_aside (f->kiosk), ==, 1);
  g_autofree char *problem = anx_client_dup_record_problem (f->kiosk, anx_record_header_get_id (header));
  g_assert_nonnull (problem);
  g_assert_false (anx_client_is_acknowledged (f->kiosk, anx_record_header_get_id (header)));
  start (f->duty);
  wait_for_records (f->duty, 2);
  assert_texts (f->duty, 2);
}

/* Inbox I1: the cursor survives; a client that was away gets what is new, and nothing twice. */
static void
on_arrived (AnxClient *client,
            AnxInboxRecord *record,
            gpointer data)
{
  ++*(guint *) data;
}

static void
test_cursor (Fixture *f,
             gconstpointer data)
{
  start (f->kiosk);
  start (f->duty);
  g_free (write_record (f->kiosk, "duty-east", "0"));
  wait_for_records (f->duty, 1);
  close_client (&f->duty);
  g_free (write_record (f->kiosk, "duty-east", "1"));
  anx_wait_until (nothing_queued, f->kiosk, 20);
  f->duty = open_client (f, f->duty_profile);
  guint arrived = 0;
  g_signal_connect (f->duty, "record-arrived", G_CALLBACK (on_arrived), &arrived);
  start (f->duty);
  wait_for_records (f->duty, 2);
  g_assert_cmpuint (arrived, ==, 1);
  assert_texts (f->duty, 2);
}

static void
on_counted (AnxClient *client,
            gpointer data)
{
  ++*(guint *) data;
}

static gboolean
is_positive (gpointer data)
{
  return *(guint *) data > 0;
}

static void
test_directory_pushed (Fixture *f,
                       gconstpointer data)
{
  guint changed = 0;
  start (f->duty);
  g_signal_connect (f->duty, "directory-changed", G_CALLBACK (on_counted), &changed);
  anx_hub_fixture_add_unenrolled (f->district, "chen", "person");
  anx_hub_fixture_publish (f->district);
  anx_wait_until (is_positive, &changed, 40);
  g_assert_cmpint (anx_directory_get_version (anx_client_get_directory (f->duty)), ==, 2);
  g_assert_nonnull (anx_directory_get_principal (anx_client_get_directory (f->duty), "chen"));
}

/* Directory D1: an older directory is refused and told about, even when the file was put back; records still flow. */
static void
test_rollback (Fixture *f,
               gconstpointer data)
{
  g_autoptr (GBytes) first = g_bytes_ref (f->district->directory);
  anx_hub_fixture_publish (f->district);
  start (f->duty);
  g_assert_cmpint (anx_directory_get_version (anx_client_get_directory (f->duty)), ==, 2);
  close_client (&f->duty);

  /* The machine's file is put back. */
  g_autofree char *path = anx_profile_build_path (f->duty_profile, "directory.der");
  gsize size;
  const char *bytes = g_bytes_get_data (first, &size);
  g_assert_true (anx_file_write (path, bytes, (gssize) size, NULL));
  f->duty = open_client (f, f->duty_profile);
  g_assert_null (anx_client_get_directory (f->duty));
  close_client (&f->duty);

  /* The hub's whole database is put back: a new one with the first directory. */
  anx_hub_fixture_stop (f->district, SIGTERM);
  static const char *const parts[] = { "hub.db", "hub.db-wal", "hub.db-shm" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (f->district->folder, parts[i], NULL);
      unlink (part);
    }
  anx_hub_fixture_start (f->district);
  g_autoptr (AnxHubAnswer) answer =
    anx_hub_fixture_request (f->district, "PUT", "/v1/directory", "application/pkcs7-mime", first);
  g_assert_cmpuint (answer->status, <=, 299);
  f->duty = open_client (f, f->duty_profile);
  anx_client_start (f->duty);
  anx_wait_until (has_problem, f->duty, 20);
  g_assert_nonnull (anx_client_get_problem (f->duty));
  g_assert_null (anx_client_get_directory (f->duty));
}

/* A hub of another authority at the same address: nothing is sent, the problem is told, the record is kept. */
static void
test_untrusted_hub (Fixture *f,
                    gconstpointer data)
{
  start (f->kiosk);
  anx_client_stop (f->kiosk);
  g_autofree char *id = write_record (f->kiosk, "duty-east", "0");
  g_autoptr (AnxAuthority) other = anx_authority_create ("east-district", "East District", g_get_real_time (), NULL);
  AnxHubFixture *district = f->district;
  anx_hub_fixture_stop (district, SIGTERM);

  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  g_autofree char *request = anx_key_make_request (key, "hub", NULL);
  const char *names[] = { "127.0.0.1", NULL };
  g_autoptr (AnxCertificate) certificate = anx_authority_issue_server (other, request, names, g_get_real_time (), NULL);
  g_autofree char *certificate_pem = anx_certificate_to_pem (certificate);
  g_autofree char *key_pem = anx_key_to_pem (key);
  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (other));
  const char *const files[][2] = { { "hub.pem", certificate_pem }, { "hub.key", key_pem }, { "authority.pem", authority_pem } };
  g_autofree char *database = g_build_filename (district->folder, "hub.db", NULL);
  unlink (database);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (district->folder, files[i][0], NULL);
      g_assert_true (anx_file_write (path, files[i][1], -1, NULL));
    }
  anx_hub_fixture_start (district);
  anx_client_start (f->kiosk);
  anx_wait_until (has_problem, f->kiosk, 20);
  g_assert_nonnull (anx_client_get_problem (f->kiosk));
  g_assert_cmpuint (anx_client_count_queued (f->kiosk), ==, 1);
  g_assert_false (anx_client_is_acknowledged (f->kiosk, id));
}

/* A principal that the directory does not (any more) name is refused by the hub and says so; what it wrote stays queued. */
static void
test_not_in_directory (Fixture *f,
                       gconstpointer data)
{
  g_autoptr (AnxProfile) profile = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  g_autoptr (AnxClient) li = open_client (f, profile);
  anx_client_start (li);
  anx_wait_until (has_problem, li, 20);
  g_assert_nonnull (anx_client_get_problem (li));
  anx_hub_fixture_publish (f->district);
  anx_wait_until (anx_is_online, li, 20);
  g_assert_null (anx_client_get_problem (li));
  close_client (&li);
}

static void
test_clock (Fixture *f,
            gconstpointer data)
{
  g_autoptr (AnxClock) slow = anx_clock_new_fixed (g_get_real_time () - ANX_USEC_PER_DAY);
  g_autoptr (GError) error = NULL;
  g_clear_object (&f->kiosk);
  f->kiosk = anx_client_new (f->kiosk_profile, f->district->keys, slow, &error);
  g_assert_no_error (error);
  g_assert_null (anx_client_get_problem (f->kiosk));
  start (f->kiosk);
  g_assert_nonnull (anx_client_get_problem (f->kiosk));
  g_assert_cmpint (ABS (anx_clock_now_usec (slow) - g_get_real_time ()), <, ANX_USEC_PER_MINUTE);
  g_free (write_record (f->kiosk, "duty-east", "0"));
  anx_wait_until (nothing_queued, f->kiosk, 20);
  g_assert_cmpuint (anx_client_count_set_aside (f->kiosk), ==, 0);
}

typedef struct
{
  gboolean done;
  JsonNode *node;
  JsonObject *problem;
  GError *error;
} Reply;

static void
on_reply (GObject *source,
          GAsyncResult *result,
          gpointer data)
{
  Reply *reply = data;
  reply->node = anx_client_request_finish (ANX_CLIENT (source), result, &reply->problem, &reply->error);
  reply->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((Reply *) data)->done;
}

static void
reply_clear (Reply *reply)
{
  g_clear_pointer (&reply->node, json_node_unref);
  g_clear_pointer (&reply->problem, json_object_unref);
  g_clear_error (&reply->error);
  reply->done = FALSE;
}

static void
ask (AnxClient *client,
     const char *method,
     const char *path,
     JsonNode *body,
     Reply *reply)
{
  anx_client_request_async (client, method, path, body, NULL, on_reply, reply);
  anx_wait_until (is_done, reply, 30);
}

static void
test_request (Fixture *f,
              gconstpointer data)
{
  Reply reply = { FALSE };
  ask (f->duty, "GET", "/health", NULL, &reply);
  g_assert_no_error (reply.error);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (reply.node), "status"), ==, "ok");
  reply_clear (&reply);
  ask (f->duty, "GET", "/v1/alerts", NULL, &reply);
  g_assert_no_error (reply.error);
  reply_clear (&reply);
  ask (f->duty, "GET", "/v1/nothing", NULL, &reply);
  g_assert_error (reply.error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
  g_assert_null (reply.node);
  reply_clear (&reply);
  ask (f->duty, "GET", "/v1/status", NULL, &reply);
  g_assert_error (reply.error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_REFUSED);
  g_assert_nonnull (reply.problem);
  reply_clear (&reply);
  g_autoptr (JsonNode) body = json_from_string ("{\"codeKey\":\"zz\"}", NULL);
  ask (f->duty, "POST", "/check-ins", body, &reply);
  g_assert_nonnull (reply.error);
  reply_clear (&reply);
  anx_hub_fixture_stop (f->district, SIGTERM);
  ask (f->duty, "GET", "/health", NULL, &reply);
  g_assert_error (reply.error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  reply_clear (&reply);
}

static void
on_pushed (AnxClient *client,
           JsonObject *message,
           gpointer data)
{
  char **reason = data;
  g_free (*reason);
  *reason = g_strdup (json_object_get_string_member_with_default (message, "reason", "none"));
}

typedef struct
{
  AnxClient *client;
  char *reason;
} Call;

/* Sending is tried until the link is up. */
static gboolean
was_answered (gpointer data)
{
  Call *call = data;
  g_autoptr (JsonObject) body = json_object_new ();
  static gint64 next;
  if (call->reason == NULL && g_get_monotonic_time () > next)
    {
      next = g_get_monotonic_time () + 200000;
      anx_client_send_signal (call->client, "kiosk-east-1", "0190a0a0-0000-7000-8000-000000000000", body);
    }
  return call->reason != NULL;
}

static gboolean
keep_turning (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* The hub answers over the link: a call without a booking is not allowed. */
static void
test_signal (Fixture *f,
             gconstpointer data)
{
  Call call = { f->duty, NULL };
  g_signal_connect (f->duty, "pushed", G_CALLBACK (on_pushed), &call.reason);
  start (f->duty);
  guint id = g_timeout_add (50, keep_turning, NULL);
  anx_wait_until (was_answered, &call, 20);
  g_source_remove (id);
  g_assert_true (g_str_equal (call.reason, "not-allowed") || g_str_equal (call.reason, "absent"));
  g_free (call.reason);
}

typedef struct
{
  guint bookings;
  guint alerts;
  guint referrals;
} Looks;

static void
on_look (AnxClient *client,
         const char *what,
         Looks *looks)
{
  looks->bookings += g_str_equal (what, "bookings");
  looks->alerts += g_str_equal (what, "alerts");
  looks->referrals += g_str_equal (what, "referrals");
}

static gboolean
all_looked (gpointer data)
{
  const Looks *looks = data;
  return looks->bookings > 0 && looks->alerts > 0 && looks->referrals > 0;
}

/* Bookings have no cursor: what changed while nothing could be pushed must be looked at when it can be again. */
static void
test_looks_after_gap (Fixture *f,
                      gconstpointer data)
{
  Looks looks = { 0 };
  g_signal_connect (f->duty, "look", G_CALLBACK (on_look), &looks);
  start (f->duty);
  anx_wait_until (all_looked, &looks, 20);
  for (guint i = 0; i < 2; i++)
    {
      anx_wait_until (is_idle, f->duty, 20);
      anx_hub_fixture_stop (f->district, SIGKILL);
      memset (&looks, 0, sizeof looks);
      anx_hub_fixture_start (f->district);
      anx_wait_until (all_looked, &looks, 20);
    }
  g_signal_handlers_disconnect_by_data (f->duty, &looks);
}

#define ADD(name, test) g_test_add ("/sync/client/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("arrives", test_arrives);
  ADD ("pushed-during-pull", test_pushed_during_pull);
  ADD ("queued-while-down", test_queued_while_down);
  ADD ("killed-client", test_killed_client);
  ADD ("hub-killed", test_hub_killed);
  ADD ("poisoned", test_poisoned);
  ADD ("cursor", test_cursor);
  ADD ("directory-pushed", test_directory_pushed);
  ADD ("rollback", test_rollback);
  ADD ("untrusted-hub", test_untrusted_hub);
  ADD ("not-in-directory", test_not_in_directory);
  ADD ("clock", test_clock);
  ADD ("request", test_request);
  ADD ("signal", test_signal);
  ADD ("looks-after-gap", test_looks_after_gap);
  return g_test_run ();
}
