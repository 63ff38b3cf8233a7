/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <sqlite3.h>

#include "hub-fixture.h"

/* A hub that shows different directories to different people is found out by what they write, and so is one that holds back a newer one. */

typedef struct
{
  AnxHubFixture *district;
  AnxClock *clock;
  AnxProfile *kiosk_profile;
  AnxProfile *duty_profile;
  AnxClient *kiosk;
  AnxClient *duty;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->clock = anx_clock_new_system ();
  f->kiosk_profile = anx_hub_fixture_add (f->district, "kiosk-east-1", "kiosk", NULL);
  f->duty_profile = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  f->kiosk = anx_hub_fixture_open_client (f->district, f->kiosk_profile, f->clock);
  f->duty = anx_hub_fixture_open_client (f->district, f->duty_profile, f->clock);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  anx_client_stop (f->kiosk);
  anx_client_stop (f->duty);
  g_object_unref (f->kiosk);
  g_object_unref (f->duty);
  g_object_unref (f->kiosk_profile);
  g_object_unref (f->duty_profile);
  g_object_unref (f->clock);
  anx_hub_fixture_free (f->district);
}

/* What an honest hub refuses: any directory in place of the one it holds. */
static void
put_into_hub (Fixture *f,
              GBytes *directory,
              gint64 version)
{
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  anx_hub_fixture_stop (f->district, SIGKILL);
  g_autofree char *path = g_build_filename (f->district->folder, "hub.db", NULL);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (database, "UPDATE document SET version = ?, body = ? WHERE kind = 'directory'", -1, &statement, NULL), ==,
                   SQLITE_OK);
  sqlite3_bind_int64 (statement, 1, version);
  sqlite3_bind_blob (statement, 2, g_bytes_get_data (directory, NULL), (int) g_bytes_get_size (directory), SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
  g_assert_cmpint (sqlite3_changes (database), ==, 1);
  sqlite3_finalize (statement);
  sqlite3_close (database);
  anx_hub_fixture_start (f->district);
}

static void
write_record (Fixture *f)
{
  g_autofree char *id = anx_write_screening (f->kiosk, "duty-east", "");
  anx_settle (f->kiosk);
}

static const char *
find_notice (AnxClient *client,
             const char *name)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    {
      const AnxNotice *notice = notices->pdata[i];
      if (g_str_equal (notice->name, name))
        return g_intern_string (notice->detail);
    }
  return NULL;
}

static void
test_agreed (Fixture *f,
             gconstpointer data)
{
  anx_hub_fixture_publish (f->district);
  anx_settle (f->kiosk);
  write_record (f);
  anx_settle (f->duty);
  g_autoptr (GPtrArray) records = anx_client_list_records (f->duty, "screening", NULL);
  g_assert_cmpuint (records->len, ==, 1);
  gint64 version = 0;
  const char *digest = anx_record_header_get_directory (anx_inbox_record_get_header (records->pdata[0]), &version);
  g_assert_cmpint (version, ==, anx_directory_get_version (anx_client_get_directory (f->duty)));
  g_assert_cmpstr (digest, ==, anx_directory_get_digest (anx_client_get_directory (f->duty)));
  g_autoptr (GPtrArray) notices = anx_client_list_notices (f->duty, NULL);
  g_assert_cmpuint (notices->len, ==, 0);
}

/* The authority's key signed two directories of one number; the hub shows the second to the duty officer alone. */
static void
test_fork (Fixture *f,
           gconstpointer data)
{
  AnxHubFixture *district = f->district;
  g_autoptr (GBytes) first = anx_hub_fixture_sign_directory (district, district->version + 1, district->previous);
  anx_hub_fixture_add_unenrolled (district, "somebody", "person");
  g_autoptr (GBytes) second = anx_hub_fixture_sign_directory (district, district->version + 1, district->previous);
  anx_client_stop (f->duty);
  put_into_hub (f, first, district->version + 1);
  anx_settle (f->kiosk);
  anx_client_stop (f->kiosk);
  put_into_hub (f, second, district->version + 1);
  anx_client_start (f->duty);
  anx_settle (f->duty);
  /* The numbers are the same, so that the kiosk is told nothing new by the hub itself. */
  anx_client_start (f->kiosk);
  g_assert_null (find_notice (f->duty, "directory-fork"));
  write_record (f);
  anx_settle (f->duty);
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT " authority kiosk-east-1", district->version + 1);
  g_assert_cmpstr (find_notice (f->duty, "directory-fork"), ==, detail);
}

/* The hub keeps the older directory for one reader; a record says that there is a newer one. */
static void
test_withheld (Fixture *f,
               gconstpointer data)
{
  AnxHubFixture *district = f->district;
  g_autoptr (GBytes) old = g_bytes_ref (district->directory);
  gint64 old_version = district->version;
  anx_client_stop (f->duty);
  anx_hub_fixture_publish (district);
  anx_settle (f->kiosk);
  write_record (f);
  anx_client_stop (f->kiosk);
  put_into_hub (f, old, old_version);
  anx_client_start (f->duty);
  anx_settle (f->duty);
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT, old_version + 1);
  g_assert_cmpstr (find_notice (f->duty, "hub-withholds-directory"), ==, detail);
  g_assert_null (find_notice (f->duty, "directory-fork"));
  /* An honest one that was put back gets it from the next client that comes, and then it is taken over here, too. */
  anx_client_start (f->kiosk);
  anx_settle (f->kiosk);
  anx_settle (f->duty);
  g_assert_cmpint (anx_directory_get_version (anx_client_get_directory (f->duty)), ==, old_version + 1);
  g_assert_null (find_notice (f->duty, "directory-fork"));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/sync/heads/agreed", Fixture, NULL, set_up, test_agreed, tear_down);
  g_test_add ("/sync/heads/fork", Fixture, NULL, set_up, test_fork, tear_down);
  g_test_add ("/sync/heads/withheld", Fixture, NULL, set_up, test_withheld, tear_down);
  return g_test_run ();
}
