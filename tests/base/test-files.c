/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base-error.h"
#include "files.h"
#include "process.h"

static char *folder;

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *deep = g_build_filename (folder, "a", "b", NULL);
  g_autofree char *path = g_build_filename (deep, "file", NULL);
  struct stat info;

  g_assert_true (anx_directory_make_private (deep, &error));
  g_assert_true (anx_file_write (path, "one", -1, &error));
  g_assert_true (anx_file_write (path, "two\0three", 9, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (deep, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);

  g_autoptr (GBytes) read = anx_file_read (path, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (read, NULL), g_bytes_get_size (read), "two\0three", 9);
  g_assert_null (anx_file_read (path, 8, &error));
  g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, "absent", NULL);
  g_assert_null (anx_file_read (path, 10, &error));
  g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (anx_directory_make_private ("/proc/no-such-folder", &error));
  g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE);
}

static void
test_failed_write_keeps_old (void)
{
  g_autofree char *path = g_build_filename (folder, "kept", NULL);
  g_assert_true (anx_file_write (path, "old", -1, NULL));
  if (g_test_subprocess ())
    {
      /* A file size limit fails the write the way a full disk does. */
      struct rlimit tiny = { 16, 16 };
      signal (SIGXFSZ, SIG_IGN);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tiny), ==, 0);
      g_autofree char *large = g_strnfill (4096, 'x');
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_file_write (path, large, -1, &error));
      g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_STORAGE);
      g_autoptr (GBytes) read = anx_file_read (path, 10, NULL);
      g_assert_cmpmem (g_bytes_get_data (read, NULL), g_bytes_get_size (read), "old", 3);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static void
test_harden (void)
{
  if (g_test_subprocess ())
    {
      struct rlimit core;
      g_unsetenv ("ANX_ALLOW_INSPECTION");
      anx_process_harden ();
      g_assert_cmpint (getrlimit (RLIMIT_CORE, &core), ==, 0);
      g_assert_cmpuint (core.rlim_max, ==, 0);
      g_assert_cmpint (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), ==, 0);
      char secret[] = "secret";
      anx_wipe (secret, sizeof secret);
      g_assert_cmpint (secret[0], ==, 0);
      anx_secret_free (NULL);
      anx_secret_free (g_strdup ("x"));
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("anxin-files-XXXXXX", NULL);
  g_test_add_func ("/base/files/round-trip", test_round_trip);
  g_test_add_func ("/base/files/missing", test_missing);
  g_test_add_func ("/base/files/failed-write-keeps-old", test_failed_write_keeps_old);
  g_test_add_func ("/base/files/harden", test_harden);
  int result = g_test_run ();
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);
  if (!g_test_subprocess ())
    g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  g_free (folder);
  return result;
}
