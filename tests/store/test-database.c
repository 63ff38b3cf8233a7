/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "database.h"
#include "store-error.h"

static const char *const MIGRATIONS_1[] = { "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB)", NULL };
static const char *const MIGRATIONS_2[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB)",
  "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id))",
  NULL,
};
static const char *const MIGRATIONS_BROKEN[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB)",
  "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)",
  NULL,
};

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->folder = g_dir_make_tmp ("anx-store-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "a.db", NULL);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (f->folder);
  g_free (f->path);
  g_free (f->folder);
}

static void
test_migrations (Fixture *f,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  struct stat info;
  {
    g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
    g_assert_no_error (error);
    g_assert_cmpint (anx_database_get_version (db), ==, 1);
    anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", "kept");
    g_assert_no_error (error);
    g_assert_cmpint (g_stat (f->path, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    g_autofree char *log = g_strconcat (f->path, "-wal", NULL);
    g_assert_cmpint (g_stat (log, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    g_assert_finalize_object (g_steal_pointer (&db));
  }
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anx_database_get_version (db), ==, 2);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "SELECT count(*) FROM thing WHERE name = 'kept' AND colour = 'red'", ""), ==, 1);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "PRAGMA synchronous", ""), ==, 2);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "PRAGMA foreign_keys", ""), ==, 1);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "PRAGMA secure_delete", ""), ==, 1);
  g_assert_no_error (error);
}

static void
test_migration_is_whole (Fixture *f,
                         gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_database_open (f->path, MIGRATIONS_BROKEN, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_SCHEMA);
  g_clear_error (&error);

  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anx_database_get_version (db), ==, 1);
  g_assert_cmpint (anx_database_query_int (db, -1, &error, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", ""), ==, 0);
}

static void
test_newer_version (Fixture *f,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;
  gsize before_size, after_size;
  {
    g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_2, &error);
    g_assert_no_error (error);
  }
  g_assert_true (g_file_get_contents (f->path, &before, &before_size, NULL));
  g_assert_null (anx_database_open (f->path, MIGRATIONS_1, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_VERSION);
  g_assert_nonnull (strstr (error->message, "newer version of Anxin"));
  g_assert_nonnull (strstr (error->message, f->path));
  g_assert_true (g_file_get_contents (f->path, &after, &after_size, NULL));
  g_assert_cmpmem (before, before_size, after, after_size);
}

static void
test_corrupt (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *noise = g_strnfill (8192, 'x');
  g_assert_true (g_file_set_contents (f->path, noise, 8192, NULL));
  g_assert_null (anx_database_open (f->path, MIGRATIONS_1, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_null (anx_database_open_reader (f->path, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CORRUPT);
}

static void
test_damaged_page (Fixture *f,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  gsize size;
  {
    g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
    for (gint64 i = 0; i < 500; i++)
      {
        g_autofree char *name = g_strdup_printf ("thing number %" G_GINT64_FORMAT, i);
        g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", name));
      }
    g_assert_true (anx_database_check (db, &error));
    g_assert_no_error (error);
  }
  g_assert_true (g_file_get_contents (f->path, &content, &size, NULL));
  memset (content + 3 * 4096, 0xa5, 4096);
  g_assert_true (g_file_set_contents (f->path, content, (gssize) size, NULL));
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_assert_no_error (error);
  g_assert_false (anx_database_check (db, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CORRUPT);
}

static void
test_constraint (Fixture *f,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_2, &error);

  g_assert_true (anx_database_begin (db, &error));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", "one"));
  g_assert_cmpint (anx_database_changes (db), ==, 1);
  /* A refused row costs its own part of the transaction only. */
  g_assert_true (anx_database_savepoint (db, &error));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", "two"));
  g_assert_false (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", "one"));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CONSTRAINT);
  g_clear_error (&error);
  anx_database_rollback_to_savepoint (db);
  g_assert_true (anx_database_savepoint (db, &error));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES (?)", "s", "three"));
  g_assert_true (anx_database_release (db, &error));
  g_assert_true (anx_database_commit (db, &error));
  g_assert_no_error (error);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "SELECT count(*) FROM thing WHERE name IN ('one', 'three')", ""), ==, 2);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "SELECT count(*) FROM thing", ""), ==, 2);

  g_assert_false (anx_database_run (db, &error, "INSERT INTO part VALUES (?)", "i", (gint64) 999));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CONSTRAINT);
  g_clear_error (&error);
  g_assert_false (anx_database_run (db, &error, "INSERT INTO nowhere VALUES (1)", ""));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_SCHEMA);
}

static void
test_values (Fixture *f,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_autoptr (GBytes) body = g_bytes_new ("\0\1\2", 3);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  static const char SELECT[] = "SELECT id, name, body FROM thing ORDER BY id";

  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing VALUES (?, ?, ?)", "isb", G_MAXINT64 - 2, "安心", body));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing VALUES (?, ?, ?)", "isb", G_MAXINT64 - 1, NULL, NULL));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing VALUES (?, ?, ?)", "isb", G_MAXINT64, "", empty));

  g_autoptr (AnxRows) rows = anx_database_query (db, &error, SELECT, "");
  g_assert_true (anx_rows_next (rows, &error));
  g_assert_cmpint (anx_rows_get_int (rows, 0), ==, G_MAXINT64 - 2);
  g_assert_cmpstr (anx_rows_get_string (rows, 1), ==, "安心");
  g_autoptr (GBytes) read = anx_rows_get_bytes (rows, 2);
  g_assert_true (g_bytes_equal (read, body));
  {
    /* The same statement inside its own loop does not disturb the outer one. */
    g_autoptr (AnxRows) inner = anx_database_query (db, &error, SELECT, "");
    guint n = 0;
    while (anx_rows_next (inner, &error))
      n++;
    g_assert_cmpuint (n, ==, 3);
  }
  g_assert_true (anx_rows_next (rows, &error));
  g_assert_true (anx_rows_is_null (rows, 1));
  g_assert_true (anx_rows_is_null (rows, 2));
  g_assert_true (anx_rows_next (rows, &error));
  g_assert_false (anx_rows_is_null (rows, 2));
  g_assert_false (anx_rows_next (rows, &error));
  g_assert_false (anx_rows_next (rows, &error));
  g_assert_no_error (error);
}

static void
test_reader (Fixture *f,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_autoptr (AnxDatabase) reader = anx_database_open_reader (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (anx_database_begin (db, &error));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('x')", ""));
  g_assert_cmpint (anx_database_query_int (reader, -1, &error, "SELECT count(*) FROM thing", ""), ==, 0);
  g_assert_true (anx_database_commit (db, &error));
  g_assert_cmpint (anx_database_query_int (reader, -1, &error, "SELECT count(*) FROM thing", ""), ==, 1);
  g_assert_no_error (error);
  g_assert_false (anx_database_run (reader, &error, "DELETE FROM thing", ""));
  g_assert_nonnull (error);
}

static void
test_busy (Fixture *f,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) one = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_autoptr (AnxDatabase) two = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_assert_true (anx_database_begin (one, &error));
  g_assert_false (anx_database_begin (two, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_BUSY);
  anx_database_rollback (one);
  g_clear_error (&error);
  g_assert_true (anx_database_begin (two, &error));
  anx_database_rollback (two);
}

static void
test_backup (Fixture *f,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *copy_path = g_build_filename (f->folder, "copy.db", NULL);
  g_autofree char *bad_path = g_build_filename (f->folder, "absent", "copy.db", NULL);
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('x')", ""));
  g_assert_true (anx_database_backup (db, copy_path, &error));
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('y')", ""));
  g_assert_true (anx_database_backup (db, copy_path, &error));
  g_assert_no_error (error);
  g_assert_false (anx_database_backup (db, bad_path, &error));
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_IO);
  g_clear_error (&error);

  g_autoptr (AnxDatabase) copy = anx_database_open (copy_path, MIGRATIONS_1, &error);
  g_assert_no_error (error);
  g_assert_true (anx_database_check (copy, &error));
  g_assert_cmpint (anx_database_query_int (copy, -1, &error, "SELECT count(*) FROM thing", ""), ==, 2);
}

/* The disk is full: by a page limit, and by the kernel refusing the write. */
static void
fill (AnxDatabase *db,
      GError **error)
{
  g_autofree char *megabyte = g_strnfill (1 << 20, 'f');
  g_autoptr (GBytes) body = g_bytes_new (megabyte, 1 << 20);
  for (int i = 0; i < 64; i++)
    if (!anx_database_run (db, error, "INSERT INTO thing (body) VALUES (?)", "b", body))
      return;
}

static void
check_full (AnxDatabase *db)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('confirmed')", ""));
  g_assert_no_error (error);
  g_assert_true (anx_database_begin (db, &error));
  fill (db, &error);
  if (error == NULL)
    g_assert_false (anx_database_commit (db, &error));
  else
    {
      g_autoptr (GError) later = NULL;
      /* I2: nothing slips in behind the lost transaction. */
      g_assert_false (anx_database_run (db, &later, "INSERT INTO thing (name) VALUES ('slipped')", ""));
      g_clear_error (&later);
      g_assert_false (anx_database_commit (db, &later));
      g_assert_nonnull (later);
    }
  g_assert_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "Free some space"));
}

static void
check_after_full (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open (path, MIGRATIONS_1, &error);
  g_assert_no_error (error);
  g_assert_true (anx_database_check (db, &error));
  g_assert_cmpint (anx_database_query_int (db, -1, &error, "SELECT count(*) FROM thing", ""), ==, 1);
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('later')", ""));
  g_assert_no_error (error);
}

static void
test_full_pages (Fixture *f,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
  g_assert_cmpint (anx_database_query_int (db, 0, &error, "PRAGMA max_page_count = 300", ""), ==, 300);
  check_full (db);
  g_assert_true (anx_database_run (db, &error, "INSERT INTO thing (name) VALUES ('again')", ""));
  g_assert_true (anx_database_run (db, &error, "DELETE FROM thing WHERE name = 'again'", ""));
  g_clear_object (&db);
  check_after_full (f->path);
}

static void
test_full_disk (Fixture *f,
                gconstpointer data)
{
  pid_t child = fork ();
  if (child == 0)
    {
      g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, NULL);
      struct rlimit limit = { 2 << 20, 2 << 20 };
      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
      check_full (db);
      _exit (0);
    }
  int status = 1;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  check_after_full (f->path);
}

/* I1: each number the child reported after its commit is in the database of the killed child. */
static void
test_kill (Fixture *f,
           gconstpointer data)
{
  for (int round = 0; round < 5; round++)
    {
      int ends[2];
      g_assert_cmpint (pipe (ends), ==, 0);
      pid_t child = fork ();
      if (child == 0)
        {
          g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, NULL);
          gint64 next = anx_database_query_int (db, 0, NULL, "SELECT coalesce(max(id), 0) FROM thing", "") + 1;
          for (;; next++)
            if (!anx_database_begin (db, NULL) ||
                !anx_database_run (db, NULL, "INSERT INTO thing (id) VALUES (?)", "i", next) ||
                !anx_database_commit (db, NULL) || write (ends[1], &next, sizeof next) != sizeof next)
              _exit (1);
        }
      close (ends[1]);
      gint64 confirmed = 0;
      for (int i = 0; i < 40 + round; i++)
        g_assert_cmpint (read (ends[0], &confirmed, sizeof confirmed), ==, sizeof confirmed);
      kill (child, SIGKILL);
      while (read (ends[0], &confirmed, sizeof confirmed) == sizeof confirmed)
        ;
      close (ends[0]);
      int status;
      waitpid (child, &status, 0);
      g_assert_true (WIFSIGNALED (status));

      g_autoptr (GError) error = NULL;
      g_autoptr (AnxDatabase) db = anx_database_open (f->path, MIGRATIONS_1, &error);
      g_assert_no_error (error);
      gint64 held = anx_database_query_int (db, 0, &error, "SELECT count(*) FROM thing", "");
      g_assert_cmpint (held, >=, confirmed);
      g_assert_cmpint (held, <=, confirmed + 1);
      g_assert_true (anx_database_check (db, &error));
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/store/database/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("migrations", test_migrations);
  ADD ("migration-is-whole", test_migration_is_whole);
  ADD ("newer-version", test_newer_version);
  ADD ("corrupt", test_corrupt);
  ADD ("damaged-page", test_damaged_page);
  ADD ("constraint", test_constraint);
  ADD ("values", test_values);
  ADD ("reader", test_reader);
  ADD ("busy", test_busy);
  ADD ("backup", test_backup);
  ADD ("full-pages", test_full_pages);
  ADD ("full-disk", test_full_disk);
  ADD ("kill", test_kill);
  return g_test_run ();
}
