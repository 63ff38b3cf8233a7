/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "client-private.h"
#include "database.h"
#include "envelope.h"
#include "files.h"
#include "hub-fixture.h"
#include "json.h"
#include "text.h"

/*
 * Lost and restored databases on either side, with the real hub. Whatever was acknowledged must be at the hub and at its reader in the
 * end, each record once, in one chain without a fork.
 */
typedef struct
{
  AnxHubFixture *district;
  AnxProfile *kiosk_profile;
  AnxProfile *duty_profile;
  AnxClock *clock;
  AnxClient *kiosk;
  AnxClient *duty;
  guint written;
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
close_client (AnxClient **client)
{
  if (*client != NULL)
    anx_client_stop (*client);
  g_clear_object (client);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
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
  anx_client_start (f->kiosk);
  anx_client_start (f->duty);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
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

static void
write_records (Fixture *f,
               guint count)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", f->written++);
      g_autofree char *id = anx_write_screening (f->kiosk, "duty-east", text);
    }
}

static char *
hub_database (Fixture *f)
{
  return g_build_filename (f->district->folder, "hub.db", NULL);
}

/* The hub holds exactly what was written, in one chain without gap or fork, and the reader can read each, once. */
static void
assert_whole (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = hub_database (f);
  g_autofree char *before = NULL;
  g_autoptr (AnxDatabase) hub = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  g_autoptr (AnxRows) rows = anx_database_query (hub, &error, "SELECT place, previous, digest FROM record WHERE author = 'kiosk-east-1' ORDER BY place", "");
  gint64 place = 0;
  while (anx_rows_next (rows, &error))
    {
      g_assert_cmpint (anx_rows_get_int (rows, 0), ==, ++place);
      g_assert_cmpstr (anx_rows_get_string (rows, 1), ==, before);
      g_free (before);
      before = g_strdup (anx_rows_get_string (rows, 2));
    }
  g_assert_no_error (error);
  g_assert_cmpint (place, ==, f->written);

  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) records = anx_client_list_records (f->duty, NULL, &error);
  g_assert_cmpuint (records->len, ==, f->written);
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr (JsonNode) node = anx_client_open_record (f->duty, records->pdata[i], &error);
      g_assert_no_error (error);
      g_assert_true (g_hash_table_add (seen, g_strdup (json_object_get_string_member (json_node_get_object (node), "text"))));
    }
  g_assert_cmpuint (anx_client_count_set_aside (f->kiosk), ==, 0);
  g_assert_cmpuint (anx_client_count_refused (f->kiosk), ==, 0);
  g_assert_cmpuint (anx_client_count_refused (f->duty), ==, 0);
}

static gboolean
noticed (AnxClient *client,
         const char *name)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    if (g_str_equal (((const AnxNotice *) notices->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

/* Nothing is lost: nothing is noticed, nothing is sent twice. */
static void
test_nothing_lost (Fixture *f,
                   gconstpointer data)
{
  write_records (f, 5);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  anx_settle (f->kiosk);
  assert_whole (f);
  g_autoptr (GPtrArray) kiosk = anx_client_list_notices (f->kiosk, NULL);
  g_autoptr (GPtrArray) duty = anx_client_list_notices (f->duty, NULL);
  g_assert_cmpuint (kiosk->len, ==, 0);
  g_assert_cmpuint (duty->len, ==, 0);
}

/* The kiosk's database is gone, and the kiosk open again with an empty one. */
static void
lose_database (Fixture *f)
{
  close_client (&f->kiosk);
  g_autofree char *path = anx_profile_build_path (f->kiosk_profile, "client.db");
  anx_remove_database (path);
  f->kiosk = open_client (f, f->kiosk_profile);
}

/* It writes before it reaches the hub. */
static void
test_client_emptied (Fixture *f,
                     gconstpointer data)
{
  write_records (f, 7);
  anx_settle (f->kiosk);
  lose_database (f);
  write_records (f, 3);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
  g_assert_true (noticed (f->kiosk, "own-records-missing"));
  g_assert_true (noticed (f->kiosk, "own-chain-moved"));
  /* Its own records are here again. */
  g_autoptr (GPtrArray) own = anx_client_list_records (f->kiosk, NULL, NULL);
  g_assert_cmpuint (own->len, ==, 10);
  write_records (f, 2);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
}

static gboolean
fetches_own (gpointer data)
{
  return ((AnxClient *) data)->own_fetch == ANX_OWN_FETCH_RUNNING;
}

/* The line breaks while the own records are fetched again: what is still missing then is not withheld. */
static void
test_fetch_interrupted (Fixture *f,
                        gconstpointer data)
{
  write_records (f, 5);
  anx_settle (f->kiosk);
  lose_database (f);
  anx_client_start (f->kiosk);
  anx_wait_until (fetches_own, f->kiosk, 40);
  anx_client_stop (f->kiosk);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
  g_assert_true (noticed (f->kiosk, "own-records-missing"));
  g_assert_false (noticed (f->kiosk, "hub-withholds-own"));
}

/* The kiosk's database is an old copy: some of it was sent since, some of what it holds as waiting too. */
static void
test_client_restored (Fixture *f,
                      gconstpointer data)
{
  g_autofree char *path = anx_profile_build_path (f->kiosk_profile, "client.db");
  g_autofree char *backup = g_strconcat (path, ".old", NULL);
  write_records (f, 3);
  anx_settle (f->kiosk);
  anx_client_stop (f->kiosk);
  write_records (f, 2);
  anx_copy_database (path, backup);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  write_records (f, 4);
  anx_settle (f->kiosk);
  close_client (&f->kiosk);
  anx_restore_database (backup, path);
  f->kiosk = open_client (f, f->kiosk_profile);
  write_records (f, 3);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
}

/* What waits stands in the very place of the newest record the hub has: it gives way, and nobody is suspected of a fork. */
static void
test_client_restored_same_place (Fixture *f,
                                 gconstpointer data)
{
  g_autofree char *path = anx_profile_build_path (f->kiosk_profile, "client.db");
  g_autofree char *backup = g_strconcat (path, ".old", NULL);
  write_records (f, 3);
  anx_settle (f->kiosk);
  anx_copy_database (path, backup);
  write_records (f, 2);
  anx_settle (f->kiosk);
  close_client (&f->kiosk);
  anx_restore_database (backup, path);
  f->kiosk = open_client (f, f->kiosk_profile);
  write_records (f, 3);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
  g_assert_true (noticed (f->kiosk, "own-chain-moved"));
  g_assert_false (noticed (f->kiosk, "chain-fork"));
  g_assert_false (noticed (f->kiosk, "chain-broken"));
}

/* The hub is an old copy, killed and started again. What it acknowledged since is offered again, by those who wrote it. */
static void
test_hub_restored (Fixture *f,
                   gconstpointer data)
{
  g_autofree char *path = hub_database (f);
  g_autofree char *backup = g_build_filename (f->district->folder, "old.db", NULL);
  write_records (f, 3);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  anx_copy_database (path, backup);
  write_records (f, 4);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  anx_hub_fixture_publish (f->district);
  anx_settle (f->duty);
  /* The reader looks first: once the author has offered its records again the list is as the reader knows it, and there is nothing to notice. */
  anx_client_stop (f->kiosk);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_restore_database (backup, path);
  anx_hub_fixture_start (f->district);
  anx_settle (f->duty);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
  g_assert_true (noticed (f->kiosk, "hub-lost-records"));
  g_assert_true (noticed (f->duty, "hub-went-back"));
  g_assert_true (noticed (f->duty, "directory-rollback"));
  /* The directory in force is back at the hub, without the administrator. */
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (f->district, "GET", "/v1/directory", NULL, NULL);
  g_assert_true (g_bytes_equal (answer->body, f->district->directory));
  g_assert_null (anx_client_get_problem (f->duty));
  write_records (f, 2);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
}

/* Since the backup others have written, so that the numbers of the list go beyond the reader's cursor again before it looks. */
static void
test_hub_restored_and_overtaken (Fixture *f,
                                 gconstpointer data)
{
  g_autofree char *path = hub_database (f);
  g_autofree char *backup = g_build_filename (f->district->folder, "old.db", NULL);
  write_records (f, 2);
  anx_settle (f->kiosk);
  anx_copy_database (path, backup);
  write_records (f, 2);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  close_client (&f->duty);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_restore_database (backup, path);
  anx_hub_fixture_start (f->district);
  /* More than were lost, so that the cursor alone would skip some. */
  write_records (f, 5);
  anx_settle (f->kiosk);
  f->duty = open_client (f, f->duty_profile);
  anx_client_start (f->duty);
  anx_settle (f->duty);
  assert_whole (f);
}

/* Both at once: an old hub, and a kiosk that lost everything; what the hub still has is the chain that goes on. */
static void
test_both (Fixture *f,
           gconstpointer data)
{
  g_autofree char *path = hub_database (f);
  g_autofree char *backup = g_build_filename (f->district->folder, "old.db", NULL);
  g_autofree char *client_path = anx_profile_build_path (f->kiosk_profile, "client.db");
  write_records (f, 4);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  anx_copy_database (path, backup);
  close_client (&f->kiosk);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_restore_database (backup, path);
  anx_remove_database (client_path);
  f->kiosk = open_client (f, f->kiosk_profile);
  write_records (f, 2);
  anx_hub_fixture_start (f->district);
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  assert_whole (f);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (g_test_subprocess ())
    return g_test_run ();
#define ADD(name, function) g_test_add ("/sync/restore/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("nothing-lost", test_nothing_lost);
  ADD ("client-emptied", test_client_emptied);
  ADD ("fetch-interrupted", test_fetch_interrupted);
  ADD ("client-restored", test_client_restored);
  ADD ("client-restored-same-place", test_client_restored_same_place);
  ADD ("hub-restored", test_hub_restored);
  ADD ("hub-restored-and-overtaken", test_hub_restored_and_overtaken);
  ADD ("both", test_both);
  return g_test_run ();
}
