/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-data.h"

#include <glib/gstdio.h>
#include <unistd.h>

static char *folder;

static void
write_file (const char *inside,
            const char *name,
            const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, inside, name, NULL);
  /* A link to a shipped file gives way: what stands behind it must not be written to. */
  g_unlink (path);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
link_all (const char *inside)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *from = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", inside, NULL);
  g_autofree char *to = g_build_filename (folder, inside, NULL);
  g_assert_cmpint (g_mkdir (to, 0700), ==, 0);
  g_autoptr (GDir) dir = g_dir_open (from, 0, &error);
  g_assert_no_error (error);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);
      g_assert_cmpint (symlink (source, target), ==, 0);
    }
}

void
anx_test_data_open (const char *rules)
{
  g_autoptr (GError) error = NULL;
  folder = g_dir_make_tmp ("anx-data-XXXXXX", &error);
  g_assert_no_error (error);
  link_all ("questionnaires");
  link_all ("kiosk");
  anx_test_data_set_rules (rules);
  g_setenv ("ANX_DATA_DIR", folder, TRUE);
}

void
anx_test_data_set_rules (const char *rules)
{
  write_file ("kiosk", "screening.json", rules);
}

void
anx_test_data_add (const char *id,
                   const char *json)
{
  g_autofree char *name = g_strconcat (id, ".json", NULL);
  write_file ("questionnaires", name, json);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
anx_test_data_close (void)
{
  remove_folder (folder);
  g_clear_pointer (&folder, g_free);
}
