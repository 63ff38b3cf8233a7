/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access.h"
#include "care-records.h"
#include "client-database.h"
#include "client.h"
#include "database.h"
#include "draft-box.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "record-index.h"

/* A desk without a hub: what it wrote itself is what it lists. */
typedef struct
{
  AnxHubFixture *district;
  AnxProfile *profile;
  AnxClock *clock;
  AnxClient *client; /* (nullable) */
  guint written;
} Fixture;

static AnxClient *
open_client (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AnxClient *client = anx_client_new (f->profile, f->district->keys, f->clock, &error);
  g_assert_no_error (error);
  return client;
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  f->profile = anx_hub_fixture_add (f->district, "wang", "person", "duty");
  f->clock = anx_clock_new_system ();
  g_autoptr (GBytes) der = anx_hub_fixture_sign_directory (f->district, 1, NULL);
  g_autofree char *path = anx_profile_build_path (f->profile, "directory.der");
  g_assert_true (anx_file_write (path, g_bytes_get_data (der, NULL), (gssize) g_bytes_get_size (der), NULL));
  f->client = open_client (f);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_clear_object (&f->client);
  g_object_unref (f->clock);
  g_object_unref (f->profile);
  anx_hub_fixture_free (f->district);
}

static char *
write_record (Fixture *f,
              const char *kind,
              const char *booking,
              const char *predecessor,
              JsonObject *resource)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "wang", NULL };
  /* Each later than the one before, whatever the clock's grain. */
  gint64 when = anx_clock_now_usec (f->clock) - 1000000 + ++f->written;
  char *id = anx_uuid_new (when);
  g_autoptr (JsonObject) routing = json_object_new ();
  if (booking != NULL)
    json_object_set_string_member (routing, "booking", booking);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, kind, "wang", recipients, predecessor, when, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  g_assert_true (anx_client_write (f->client, header, node, &error));
  g_assert_no_error (error);
  return id;
}

/* A booking with a name and a note; returns the booking. */
static char *
write_visit (Fixture *f,
             const char *name,
             const char *phone)
{
  char *booking = anx_uuid_new (anx_clock_now_usec (f->clock));
  g_autoptr (JsonObject) contact = anx_contact_build (name, FALSE, phone, booking);
  g_autoptr (JsonObject) note = anx_note_build ("words", booking, "wang", anx_clock_now_usec (f->clock));
  g_free (write_record (f, ANX_KIND_CONTACT, booking, NULL, contact));
  g_free (write_record (f, ANX_KIND_NOTE, booking, NULL, note));
  return booking;
}

static gboolean
is_ready (gpointer data)
{
  return anx_record_index_is_ready (data);
}

static void
count_opened (AnxRecordIndex *index,
              AnxInboxRecord *record,
              JsonNode *node,
              guint *count)
{
  (*count)++;
}

static AnxRecordIndex *
start_index (Fixture *f,
             guint most_open,
             guint *opened)
{
  AnxRecordIndex *index = anx_record_index_new (f->client, most_open);
  if (opened != NULL)
    g_signal_connect (index, "opened", G_CALLBACK (count_opened), opened);
  anx_record_index_start (index);
  anx_wait_until (is_ready, index, 60);
  return index;
}

static guint
count_found (AnxRecordIndex *index,
             const char *words,
             const char *kind)
{
  guint total = 0;
  g_autoptr (GPtrArray) found = anx_record_index_search (index, words, kind, 100, &total);
  g_assert_cmpuint (found->len, ==, total);
  return total;
}

static gboolean
lists_five (gpointer index)
{
  return anx_record_index_count (index) == 5;
}

static void
test_finds (Fixture *f,
            gconstpointer data)
{
  g_autofree char *one = write_visit (f, "王小明", "13800138000");
  g_autofree char *two = write_visit (f, "Anna Meier", "13911112222");
  guint opened = 0;
  g_autoptr (AnxRecordIndex) index = start_index (f, 100, &opened);

  g_assert_cmpuint (opened, ==, 4);
  g_assert_cmpuint (anx_record_index_count (index), ==, 4);
  g_assert_cmpuint (count_found (index, NULL, NULL), ==, 4);
  g_assert_cmpuint (count_found (index, "小明", NULL), ==, 2);
  g_assert_cmpuint (count_found (index, "  MEIER anna ", NULL), ==, 2);
  g_assert_cmpuint (count_found (index, "anna 13800", NULL), ==, 0);
  g_assert_cmpuint (count_found (index, "1391111", ANX_KIND_NOTE), ==, 1);
  g_assert_cmpstr (anx_record_index_name_story (index, one), ==, "王小明");
  /* That this person looked is there for whoever asks, and not among what people look for. */
  g_autoptr (JsonObject) looked = anx_access_build ("wang", one, ANX_ACCESS_SESSION, g_get_real_time ());
  g_free (write_record (f, ANX_KIND_ACCESS, one, NULL, looked));
  anx_wait_until (lists_five, index, 20);
  g_assert_cmpuint (count_found (index, NULL, NULL), ==, 4);
  g_assert_cmpuint (count_found (index, NULL, ANX_KIND_ACCESS), ==, 1);
  g_autoptr (GPtrArray) all = anx_record_index_search (index, NULL, NULL, 100, NULL);
  for (guint i = 1; i < all->len; i++)
    g_assert_cmpint (((const AnxIndexEntry *) all->pdata[i - 1])->created_usec, >,
                     ((const AnxIndexEntry *) all->pdata[i])->created_usec);
  g_autoptr (GPtrArray) story = anx_record_index_list_story (index, two);
  g_assert_cmpuint (story->len, ==, 2);
  g_assert_cmpstr (((const AnxIndexEntry *) story->pdata[0])->kind, ==, ANX_KIND_CONTACT);
}

typedef struct
{
  AnxRecordIndex *index;
  guint count;
} Awaited;

static gboolean
has_count (gpointer data)
{
  Awaited *awaited = data;
  return anx_record_index_count (awaited->index) == awaited->count;
}

static void
test_arrival (Fixture *f,
              gconstpointer data)
{
  guint opened = 0;
  g_autoptr (AnxRecordIndex) index = start_index (f, 100, &opened);
  g_assert_cmpuint (anx_record_index_count (index), ==, 0);
  g_autofree char *booking = write_visit (f, "李四", "13800138001");
  Awaited awaited = { index, 2 };
  anx_wait_until (has_count, &awaited, 60);
  g_assert_cmpuint (opened, ==, 2);
  g_assert_cmpuint (count_found (index, "李", NULL), ==, 2);
}

static void
reopen (Fixture *f)
{
  g_clear_object (&f->client);
  f->client = open_client (f);
}

static gboolean
contains (GBytes *bytes,
          const char *text)
{
  gsize size = 0;
  gconstpointer start = g_bytes_get_data (bytes, &size);
  return memmem (start, size, text, strlen (text)) != NULL;
}

/* After a restart the list comes out of one sealed file, and nothing is opened that need not be. */
static void
test_restart (Fixture *f,
              gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("marker-name-%u", i);
      g_autofree char *booking = write_visit (f, name, "13800138000");
    }
  AnxRecordIndex *index = start_index (f, 0, NULL);
  g_object_unref (index);
  g_autofree char *path = anx_profile_build_path (f->profile, "index.sealed");
  g_autoptr (GBytes) sealed = anx_file_read (path, 1 << 20, NULL);
  g_assert_nonnull (sealed);
  g_assert_false (contains (sealed, "marker-name"));

  /* Records that nobody can open any more show that the list came out of the file. */
  g_autofree char *database_path = anx_profile_build_path (f->profile, "client.db");
  g_autoptr (AnxDatabase) database = anx_client_database_open (database_path, NULL);
  g_assert_nonnull (database);
  g_assert_true (anx_database_run (database, NULL, "UPDATE record SET envelope = x'00'", ""));
  g_clear_object (&database);
  reopen (f);
  guint opened = 0;
  g_autoptr (AnxRecordIndex) again = start_index (f, 0, &opened);
  g_assert_cmpuint (opened, ==, 0);
  g_assert_cmpuint (anx_record_index_count (again), ==, 40);
  g_assert_cmpuint (anx_record_index_count_state (again, ANX_INDEX_OPENED), ==, 40);
  g_assert_cmpuint (count_found (again, "marker-name-7", NULL), ==, 2);
}

/* A file that was changed, or was made by somebody else, is as if there were none. */
static void
test_damaged_file (Fixture *f,
                   gconstpointer data)
{
  g_autofree char *booking = write_visit (f, "赵五", "13800138000");
  AnxRecordIndex *index = start_index (f, 0, NULL);
  g_object_unref (index);
  g_autofree char *path = anx_profile_build_path (f->profile, "index.sealed");
  g_autoptr (GBytes) sealed = anx_file_read (path, 1 << 20, NULL);
  gsize size = 0;
  const char *bytes = g_bytes_get_data (sealed, &size);
  for (gsize at = 0; at < size; at += size / 7)
    {
      g_autofree char *changed = g_memdup2 (bytes, size);
      changed[at] ^= 1;
      g_assert_true (anx_file_write (path, changed, (gssize) size, NULL));
      reopen (f);
      g_autoptr (AnxRecordIndex) again = start_index (f, 0, NULL);
      g_assert_cmpuint (count_found (again, "赵五", NULL), ==, 2);
    }
}

/* A record that cannot be read is named as such and stands in nobody's way; one that is gone is not brought back by the file. */
static void
test_poisoned (Fixture *f,
               gconstpointer data)
{
  g_autofree char *one = write_visit (f, "孙六", "13800138000");
  g_autofree char *two = write_visit (f, "周七", "13800138000");
  g_autofree char *database_path = anx_profile_build_path (f->profile, "client.db");
  AnxRecordIndex *index = start_index (f, 100, NULL);
  g_object_unref (index);
  g_autoptr (AnxDatabase) database = anx_client_database_open (database_path, NULL);
  g_assert_nonnull (database);
  g_assert_true (anx_database_run (database, NULL, "DELETE FROM outbox WHERE id IN (SELECT id FROM record WHERE kind = 'note' AND"
                                   " json_extract (header, '$.routing.booking') = ?)", "s", one));
  g_assert_true (anx_database_run (database, NULL, "DELETE FROM record WHERE kind = 'note' AND json_extract (header, '$.routing.booking') = ?",
                                   "s", one));
  g_assert_true (anx_database_run (database, NULL, "UPDATE record SET envelope = x'3000' WHERE kind = 'note'", ""));
  g_clear_object (&database);
  g_autofree char *path = anx_profile_build_path (f->profile, "index.sealed");
  unlink (path);
  reopen (f);
  guint opened = 0;
  g_autoptr (AnxRecordIndex) again = start_index (f, 100, &opened);
  g_assert_cmpuint (anx_record_index_count (again), ==, 3);
  g_assert_cmpuint (opened, ==, 3);
  g_assert_cmpuint (anx_record_index_count_state (again, ANX_INDEX_POISONED), ==, 1);
  g_assert_cmpuint (count_found (again, "孙六", NULL), ==, 1);
  g_assert_cmpuint (count_found (again, "周七", NULL), ==, 2);
}

static void
test_forgotten (Fixture *f,
                gconstpointer data)
{
  g_autofree char *booking = write_visit (f, "吴八", "13800138000");
  g_autoptr (AnxRecordIndex) index = start_index (f, 100, NULL);
  g_autoptr (GPtrArray) found = anx_record_index_search (index, "吴八", ANX_KIND_CONTACT, 1, NULL);
  g_autofree char *id = g_strdup (((const AnxIndexEntry *) found->pdata[0])->id);
  anx_record_index_forget (index, id);
  g_assert_null (anx_record_index_get (index, id));
  g_assert_cmpuint (count_found (index, "吴八", NULL), ==, 0);
  g_assert_cmpuint (anx_record_index_count (index), ==, 1);
}

static void
test_forks (Fixture *f,
            gconstpointer data)
{
  g_autofree char *booking = write_visit (f, "郑九", "13800138000");
  g_autoptr (JsonObject) one = anx_note_build ("one", booking, "wang", 1793491200000000);
  g_autoptr (JsonObject) two = anx_note_build ("two", booking, "wang", 1793491200000000);
  g_autofree char *first = write_record (f, ANX_KIND_NOTE, booking, NULL, one);
  g_autofree char *left = write_record (f, ANX_KIND_NOTE, booking, first, one);
  g_autoptr (AnxRecordIndex) index = start_index (f, 100, NULL);
  g_autoptr (GPtrArray) none = anx_record_index_list_forks (index);
  g_assert_cmpuint (none->len, ==, 0);
  g_autofree char *right = write_record (f, ANX_KIND_NOTE, booking, first, two);
  Awaited awaited = { index, 5 };
  anx_wait_until (has_count, &awaited, 60);
  g_autoptr (GPtrArray) forks = anx_record_index_list_forks (index);
  g_assert_cmpuint (forks->len, ==, 1);
  g_assert_cmpstr (forks->pdata[0], ==, first);
  g_autoptr (GPtrArray) successors = anx_record_index_list_successors (index, first);
  g_assert_cmpuint (successors->len, ==, 2);
  g_assert_cmpstr (((const AnxIndexEntry *) successors->pdata[0])->id, ==, left);
  g_assert_cmpstr (((const AnxIndexEntry *) successors->pdata[1])->id, ==, right);
  anx_record_index_forget (index, left);
  g_autoptr (GPtrArray) after = anx_record_index_list_forks (index);
  g_assert_cmpuint (after->len, ==, 0);
}

/* Ended at any moment, started again: everything is listed. */
static void
test_stopped_early (Fixture *f,
                    gconstpointer data)
{
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *booking = write_visit (f, "冯十", "13800138000");
    }
  for (guint turns = 0; turns < 12; turns++)
    {
      g_autoptr (AnxRecordIndex) index = anx_record_index_new (f->client, 100);
      anx_record_index_start (index);
      for (guint i = 0; i < turns; i++)
        g_main_context_iteration (NULL, FALSE);
      anx_record_index_stop (index);
      anx_record_index_stop (index);
    }
  g_autoptr (AnxRecordIndex) index = start_index (f, 100, NULL);
  g_assert_cmpuint (anx_record_index_count (index), ==, 80);
}

static void
test_drafts (Fixture *f,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_draft_dup (f->client, "note-1", &error));
  g_assert_no_error (error);
  g_assert_true (anx_draft_keep (f->client, "note-1", "marker of a draft", &error));
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (anx_profile_get_folder (f->profile), "drafts", "note-1.sealed", NULL);
  g_autoptr (GBytes) sealed = anx_file_read (path, 1 << 20, NULL);
  g_assert_false (contains (sealed, "marker"));
  reopen (f);
  g_autofree char *text = anx_draft_dup (f->client, "note-1", &error);
  g_assert_cmpstr (text, ==, "marker of a draft");
  g_auto (GStrv) names = anx_draft_list (f->client);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "note-1");

  /* One draft in another's place is not that draft. */
  g_autofree char *other = g_build_filename (anx_profile_get_folder (f->profile), "drafts", "note-2.sealed", NULL);
  g_assert_true (anx_file_write (other, g_bytes_get_data (sealed, NULL), (gssize) g_bytes_get_size (sealed), NULL));
  g_assert_null (anx_draft_dup (f->client, "note-2", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (anx_draft_keep (f->client, "../note", "x", NULL));
  g_assert_false (anx_draft_keep (f->client, "Note", "x", NULL));
  g_assert_true (anx_draft_drop (f->client, "note-1", NULL));
  g_assert_true (anx_draft_drop (f->client, "note-1", NULL));
  g_assert_null (anx_draft_dup (f->client, "note-1", &error));
  g_assert_no_error (error);
}

/* Keeps one draft after the other and says each number once it is kept. */
static void
write_drafts (Fixture *f,
              int out)
{
  for (guint i = 1; i < 100000; i++)
    {
      g_autofree char *long_text = g_strnfill (2000 + i % 977, 'x');
      g_autofree char *text = g_strdup_printf ("%u %s end", i, long_text);
      if (!anx_draft_keep (f->client, "note-1", text, NULL) || write (out, &i, sizeof i) != sizeof i)
        break;
    }
  _exit (0);
}

static void
test_drafts_killed (Fixture *f,
                    gconstpointer data)
{
  for (guint round = 0; round < 12; round++)
    {
      int ends[2];
      g_assert_cmpint (pipe (ends), ==, 0);
      pid_t child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        write_drafts (f, ends[1]);
      close (ends[1]);
      guint last = 0, number = 0;
      guint wanted = 1 + (guint) g_random_int_range (0, 30);
      while (last < wanted && read (ends[0], &number, sizeof number) == sizeof number)
        last = number;
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
      while (read (ends[0], &number, sizeof number) == sizeof number)
        last = number;
      close (ends[0]);
      reopen (f);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = anx_draft_dup (f->client, "note-1", &error);
      g_assert_no_error (error);
      g_assert_nonnull (text);
      g_assert_true (g_str_has_suffix (text, " end"));
      g_assert_cmpuint (g_ascii_strtoull (text, NULL, 10), >=, last);
      g_assert_cmpuint (g_ascii_strtoull (text, NULL, 10), <=, last + 1);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  /* Those that fork stand first, before there are threads. */
  ADD ("/sync/draft-box/survives-kill", test_drafts_killed);
  ADD ("/sync/draft-box/sealed", test_drafts);
  ADD ("/sync/record-index/finds", test_finds);
  ADD ("/sync/record-index/arrival", test_arrival);
  ADD ("/sync/record-index/restart", test_restart);
  ADD ("/sync/record-index/damaged-file", test_damaged_file);
  ADD ("/sync/record-index/poisoned", test_poisoned);
  ADD ("/sync/record-index/forgotten", test_forgotten);
  ADD ("/sync/record-index/forks", test_forks);
  ADD ("/sync/record-index/stopped-early", test_stopped_early);
  return g_test_run ();
}
