/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-world.h"

#include <glib/gstdio.h>
#include <string.h>

#include "authority.h"
#include "json.h"

static AnxDirectory *
make_directory (const char *centres,
                const char *services,
                const char *principals)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) authority = anx_authority_create ("test-district", "测试区", g_get_real_time (), &error);
  g_assert_no_error (error);
  char *text = g_strdup_printf ("{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"name\":\"测试区\",\"created\":1,\"centres\":%s,"
                                "\"services\":%s,\"principals\":%s}", centres, services, principals);
  g_autoptr (GBytes) json = g_bytes_new_take (text, strlen (text));
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, json, &error);
  g_assert_no_error (error);
  AnxDirectory *directory = anx_directory_open (der, anx_authority_get_certificate (authority), NULL, &error);
  g_assert_no_error (error);
  return directory;
}

void
world_reopen (World *self)
{
  g_autoptr (GError) error = NULL;
  g_clear_object (&self->database);
  self->database = anx_database_open (self->path, anx_hub_migrations, &error);
  g_assert_no_error (error);
}

World *
world_new (const char *centres,
           const char *services,
           const char *principals)
{
  g_autoptr (GError) error = NULL;
  World *self = g_new0 (World, 1);
  /* Millions of commits: a memory file system where there is one. */
  self->folder = g_strdup ("/dev/shm/anx-world-XXXXXX");
  if (g_mkdtemp (self->folder) == NULL)
    {
      g_free (self->folder);
      self->folder = g_dir_make_tmp ("anx-world-XXXXXX", &error);
      g_assert_no_error (error);
    }
  self->path = g_build_filename (self->folder, "hub.db", NULL);
  self->directory = make_directory (centres, services, principals);
  g_autoptr (JsonObject) calendar = anx_json_parse_object ("{\"timezone\":\"Asia/Shanghai\",\"holidays\":[],\"workdays\":[]}", -1, 1024, &error);
  self->calendar = anx_calendar_parse (calendar, &error);
  g_assert_no_error (error);
  self->plans = anx_plan_book_new (self->calendar);
  world_reopen (self);
  return self;
}

static void
remove_files (World *self)
{
  static const char *const endings[] = { "", "-wal", "-shm" };
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (self->path, endings[i], NULL);
      g_unlink (path);
    }
}

void
world_wipe (World *self)
{
  g_clear_object (&self->database);
  remove_files (self);
  world_reopen (self);
}

void
world_free (World *self)
{
  g_clear_object (&self->database);
  remove_files (self);
  g_rmdir (self->folder);
  anx_plan_book_free (self->plans);
  anx_calendar_free (self->calendar);
  anx_directory_unref (self->directory);
  g_free (self->path);
  g_free (self->folder);
  g_free (self);
}

void
world_put_plan (World *self,
                const char *counsellor,
                const char *centre,
                const char *body)
{
  g_autoptr (GError) error = NULL;
  anx_database_run (self->database, &error, "INSERT OR REPLACE INTO plan VALUES (?, ?, 1)", "ss", counsellor, body);
  g_assert_no_error (error);
  anx_database_run (self->database, &error, "INSERT OR IGNORE INTO plan_centre VALUES (?, ?)", "ss", centre, counsellor);
  g_assert_no_error (error);
}

AnxLedger
world_ledger (World *self,
              const char *who)
{
  return (AnxLedger){ { self->directory, self->database, self->plans, self->now_usec }, who };
}
