/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "client.h"
#include "envelope.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "memory-key-store.h"
#include "seal-error.h"
#include "store-error.h"
#include "sync-error.h"
#include "text.h"

/* What a client does without a hub: nothing here is started, the address leads nowhere. */
typedef struct
{
  AnxHubFixture *district;
  AnxProfile *profile; /* of the duty officer "wang" */
  AnxClock *clock;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->profile = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  f->clock = anx_clock_new_system ();
  f->district->directory = anx_hub_fixture_sign_directory (f->district, 1, NULL);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_object_unref (f->clock);
  g_object_unref (f->profile);
  anx_hub_fixture_free (f->district);
}

static void
write_directory (Fixture *f,
                 GBytes *der)
{
  gsize size;
  const char *bytes = g_bytes_get_data (der, &size);
  g_autofree char *path = anx_profile_build_path (f->profile, "directory.der");
  g_assert_true (anx_file_write (path, bytes, (gssize) size, NULL));
}

static AnxClient *
open_client (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AnxClient *client = anx_client_new (f->profile, f->district->keys, f->clock, &error);
  g_assert_no_error (error);
  return client;
}

static AnxRecordHeader *
make_header (Fixture *f,
             const char *author,
             const char *recipient)
{
  const char *recipients[] = { recipient, NULL };
  g_autofree char *id = anx_uuid_new (anx_clock_now_usec (f->clock));
  return anx_record_header_new (id, "note", author, recipients, NULL, anx_clock_now_usec (f->clock), NULL);
}

static JsonNode *
make_resource (const char *text)
{
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "resourceType", "Basic");
  json_object_set_string_member (object, "text", text);
  return anx_json_node_from_object (object);
}

static gboolean
write_record (Fixture *f,
              AnxClient *client,
              const char *recipient,
              const char *text,
              GError **error)
{
  g_autoptr (AnxRecordHeader) header = make_header (f, "wang", recipient);
  g_autoptr (JsonNode) resource = make_resource (text);
  return anx_client_write (client, header, resource, error);
}

static void
test_no_directory (Fixture *f,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxClient) client = open_client (f);
  g_assert_null (anx_client_get_directory (client));
  g_assert_false (write_record (f, client, "wang", "a", &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 0);
}

static void
on_counted (AnxClient *client,
            gpointer data)
{
  ++*(guint *) data;
}

static void
on_arrived (AnxClient *client,
            AnxInboxRecord *record,
            gpointer data)
{
  ++*(guint *) data;
}

static void
test_write_and_read (Fixture *f,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint changed = 0, arrived = 0;
  write_directory (f, f->district->directory);
  g_autoptr (AnxClient) client = open_client (f);
  g_signal_connect (client, "outbox-changed", G_CALLBACK (on_counted), &changed);
  g_signal_connect (client, "record-arrived", G_CALLBACK (on_arrived), &arrived);
  g_assert_true (write_record (f, client, "wang", "to myself", &error));
  g_assert_true (write_record (f, client, "duty-east", "to my group", &error));
  g_assert_cmpuint (changed, ==, 2);
  g_assert_cmpuint (arrived, ==, 2);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 2);
  g_clear_object (&client);

  client = open_client (f);
  g_autoptr (GPtrArray) records = anx_client_list_records (client, "note", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 2);
  static const char *const texts[] = { "to myself", "to my group" };
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (JsonNode) node = anx_client_open_record (client, records->pdata[i], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "text"), ==, texts[i]);
      const char *id = anx_record_header_get_id (anx_inbox_record_get_header (records->pdata[i]));
      g_assert_false (anx_client_is_acknowledged (client, id));
      g_autoptr (AnxInboxRecord) again = anx_client_get_record (client, id, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (anx_inbox_record_get_envelope (again), anx_inbox_record_get_envelope (records->pdata[i])));
    }
  g_assert_null (anx_client_get_record (client, "0190a0a0-0000-7000-8000-000000000000", &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN);
  g_autoptr (GPtrArray) none = anx_client_list_records (client, "alert", NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

/* Outbox O2: places without a gap, each naming the digest of the one before. */
static void
assert_chain (AnxClient *client,
              guint length)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (client, NULL, NULL);
  g_autofree char *digest = NULL;
  g_assert_cmpuint (records->len, ==, length);
  for (guint i = 0; i < records->len; i++)
    {
      AnxRecordHeader *header = anx_inbox_record_get_header (records->pdata[i]);
      g_assert_cmpint (anx_record_header_get_sequence (header), ==, i + 1);
      g_assert_cmpstr (anx_record_header_get_previous (header), ==, digest);
      g_free (digest);
      digest = anx_sha256_hex (anx_inbox_record_get_envelope (records->pdata[i]));
    }
}

static void
test_chain (Fixture *f,
            gconstpointer data)
{
  write_directory (f, f->district->directory);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (AnxClient) client = open_client (f);
      g_assert_true (write_record (f, client, "wang", "x", NULL));
      g_assert_true (write_record (f, client, "wang", "y", NULL));
      assert_chain (client, 2 * (i + 1));
    }
}

static void
test_other_author (Fixture *f,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  write_directory (f, f->district->directory);
  g_autoptr (AnxClient) client = open_client (f);
  g_autoptr (AnxRecordHeader) header = make_header (f, "somebody", "wang");
  g_autoptr (GBytes) sealed = g_bytes_new_static ("x", 1);
  g_assert_false (anx_client_submit (client, header, sealed, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 0);
}

static void
test_unknown_recipient (Fixture *f,
                        gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  write_directory (f, f->district->directory);
  g_autoptr (AnxClient) client = open_client (f);
  g_assert_false (write_record (f, client, "nobody", "x", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 0);
}

/* Outbox O1 on a full disk: nothing of the record is there, the place is free, and later records are kept. */
static void
test_disk_full (Fixture *f,
                gconstpointer data)
{
  write_directory (f, f->district->directory);
  g_autoptr (AnxClient) client = open_client (f);
  g_assert_true (write_record (f, client, "wang", "before", NULL));

  g_autofree char *wal = anx_profile_build_path (f->profile, "client.db-wal");
  struct stat info;
  g_assert_cmpint (stat (wal, &info), ==, 0);
  struct rlimit before, small;
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = (rlim_t) info.st_size + 100;
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &small);
  g_autofree char *large = g_strnfill (20000, 'x');
  g_autoptr (GError) error = NULL;
  gboolean written = write_record (f, client, "wang", large, &error);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_false (written);
  g_assert_true (error->domain == ANX_STORE_ERROR);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 1);
  assert_chain (client, 1);

  g_assert_true (write_record (f, client, "wang", "after", NULL));
  assert_chain (client, 2);
  g_clear_object (&client);
  client = open_client (f);
  assert_chain (client, 2);
}

static void
test_too_large (Fixture *f,
                gconstpointer data)
{
  write_directory (f, f->district->directory);
  g_autoptr (AnxClient) client = open_client (f);
  g_autoptr (AnxRecordHeader) header = make_header (f, "wang", "wang");
  g_autofree char *large = g_strnfill (400 * 1024, 'x');
  g_autoptr (JsonNode) resource = make_resource (large);
  g_autoptr (GError) error = NULL;
  g_assert_false (anx_client_write (client, header, resource, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (anx_client_count_queued (client), ==, 0);
}

static gint64
file_size (Fixture *f,
           const char *name)
{
  GStatBuf about = { 0 };
  g_autofree char *path = anx_profile_build_path (f->profile, name);
  return g_stat (path, &about) == 0 ? (gint64) about.st_size : 0;
}

/* The disk is full at each place of what one record writes, a little later each time: either the record is wholly kept, and then it is
 * there after a restart, or the caller is told and nothing of it is. */
static void
test_full_at_each_write (Fixture *f,
                gconstpointer data)
{
  struct rlimit before;
  guint kept = 0, refused = 0;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  write_directory (f, f->district->directory);
  for (rlim_t room = 0; kept < 3; room += g_test_slow () ? 128 : 1500)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxClient) client = open_client (f);
      struct rlimit full = { (rlim_t) file_size (f, "client.db-wal") + room, before.rlim_max };
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
      gboolean written = write_record (f, client, "wang", "kept or not", &error);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
      g_assert_true (written == (error == NULL));
      if (!written)
        g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_FULL);
      kept += written;
      refused += !written;
      g_assert_cmpuint (anx_client_count_queued (client), ==, kept);
      g_clear_object (&client);
      client = open_client (f);
      assert_chain (client, kept);
      g_assert_cmpuint (room, <, 1024 * 1024);
    }
  g_test_message ("%u refusals before %u records", refused, kept);
  g_assert_cmpuint (refused, >, 0);
}

static void
test_key_store (Fixture *f,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  anx_memory_key_store_set_locked (ANX_MEMORY_KEY_STORE (f->district->keys), TRUE);
  g_assert_null (anx_client_new (f->profile, f->district->keys, f->clock, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STORE_LOCKED);
  g_clear_error (&error);
  anx_memory_key_store_set_locked (ANX_MEMORY_KEY_STORE (f->district->keys), FALSE);
  anx_key_store_forget (f->district->keys, "wang", NULL);
  g_assert_null (anx_client_new (f->profile, f->district->keys, f->clock, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING);
  g_clear_error (&error);
  g_autoptr (AnxKey) key = anx_key_generate (NULL);
  anx_key_store_save (f->district->keys, "wang", ANX_KEY_USE_SIGN, key, NULL);
  anx_key_store_save (f->district->keys, "wang", ANX_KEY_USE_SEAL, key, NULL);
  g_assert_null (anx_client_new (f->profile, f->district->keys, f->clock, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE);
}

/* Directory D1 with the file damaged: as if there were none. */
static void
test_damaged_directory (Fixture *f,
                        gconstpointer data)
{
  g_autoptr (GBytes) garbage = g_bytes_new_static ("garbage", 7);
  write_directory (f, garbage);
  g_autoptr (AnxClient) client = open_client (f);
  g_assert_null (anx_client_get_directory (client));
}

static void
test_statement (Fixture *f,
                gconstpointer data)
{
  g_autoptr (AnxClient) client = open_client (f);
  g_autoptr (GError) error = NULL;
  g_autofree char *statement = anx_client_sign_statement (client, "context", "text", &error);
  g_assert_no_error (error);
  g_assert_nonnull (statement);
  g_autoptr (JsonObject) body = json_object_new ();
  g_assert_false (anx_client_send_signal (client, "kiosk", "call", body));
  g_assert_cmpint (anx_client_get_state (client), ==, ANX_CLIENT_OFFLINE);
  g_assert_null (anx_client_get_problem (client));
  g_assert_true (anx_client_get_profile (client) == f->profile);
  g_assert_true (anx_client_get_clock (client) == f->clock);
}

static void
test_profile (Fixture *f,
              gconstpointer data)
{
  const char *folder = anx_profile_get_folder (f->profile);
  g_autofree char *path = g_build_filename (folder, "profile.json", NULL);
  g_autofree char *missing = g_build_filename (folder, "none", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_profile_exists (folder));
  g_assert_false (anx_profile_exists (missing));
  g_autoptr (AnxProfile) again = anx_profile_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_profile_get_principal (again), ==, "wang");
  g_assert_cmpstr (anx_profile_get_district (again), ==, "east-district");
  g_assert_cmpstr (anx_profile_get_hub_url (again), ==, f->district->url);

  g_autofree char *whole = NULL;
  g_assert_true (g_file_get_contents (path, &whole, NULL, NULL));
  g_autoptr (JsonObject) json = anx_json_parse_object (whole, -1, 100000, NULL);
  static const struct
  {
    const char *member;
    const char *value;
  } changes[] = {
    { "hub", "http://127.0.0.1" }, { "hub", "https://user@host" }, { "hub", "https://host/path" }, { "hub", "" },
    { "principal", "chen" },       { "principal", "Ω" },           { "signCertificate", "x" },     { "sealCertificate", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_test_message ("%s = %s", changes[i].member, changes[i].value);
      g_autoptr (JsonObject) bad = anx_json_parse_object (whole, -1, 100000, NULL);
      if (changes[i].value != NULL)
        json_object_set_string_member (bad, changes[i].member, changes[i].value);
      else
        json_object_remove_member (bad, changes[i].member);
      g_autofree char *text = anx_json_object_to_text (bad);
      g_assert_true (anx_file_write (path, text, -1, NULL));
      g_clear_error (&error);
      g_assert_null (anx_profile_open (folder, &error));
      g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE);
    }
  g_clear_error (&error);
  g_assert_null (anx_profile_open (missing, &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE);
  g_clear_error (&error);
  g_assert_null (anx_profile_create (missing, "ftp://x", "wang", anx_profile_get_authority (f->profile),
                                     anx_profile_get_sign_certificate (f->profile), anx_profile_get_seal_certificate (f->profile), &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE);
  g_clear_error (&error);
  g_assert_null (anx_profile_create (missing, "https://x", "chen", anx_profile_get_authority (f->profile),
                                     anx_profile_get_sign_certificate (f->profile), anx_profile_get_seal_certificate (f->profile), &error));
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE);
}

#define ADD(name, test) g_test_add ("/sync/offline/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("no-directory", test_no_directory);
  ADD ("write-and-read", test_write_and_read);
  ADD ("chain", test_chain);
  ADD ("other-author", test_other_author);
  ADD ("unknown-recipient", test_unknown_recipient);
  ADD ("disk-full", test_disk_full);
  ADD ("disk-full-at-each-write", test_full_at_each_write);
  ADD ("too-large", test_too_large);
  ADD ("key-store", test_key_store);
  ADD ("damaged-directory", test_damaged_directory);
  ADD ("statement", test_statement);
  ADD ("profile", test_profile);
  return g_test_run ();
}
