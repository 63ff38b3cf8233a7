/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "command.h"
#include "ctl-error.h"
#include "database.h"
#include "district-folder.h"
#include "hub-database.h"
#include "json.h"

static gboolean
run_status (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder_path = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (JsonObject) answer = NULL;
  if (folder == NULL || !anx_district_folder_request_json (folder, "GET", "/v1/status", NULL, &answer, error))
    return FALSE;
  g_autofree char *text = answer != NULL ? anx_json_object_to_text (answer) : g_strdup ("{}");
  anx_command_print (text);
  anx_command_print ("\n");
  return TRUE;
}

static AnxHubPlace *
parse_place (const AnxCommand *command,
             int argc,
             char **argv,
             guint min_operands,
             char ***out_operands,
             GError **error)
{
  g_autofree char *config = NULL;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &config, N_("The hub's configuration"), "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, min_operands, 1, out_operands, error) ||
      !anx_command_need_option ("config", config, error))
    return NULL;
  return anx_hub_place_read (config, error);
}

static gboolean
fail_exists (const char *path,
             GError **error)
{
  g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s is there already. Nothing was changed"), path);
  return FALSE;
}

static gboolean
run_backup (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (AnxHubPlace) place = parse_place (command, argc, argv, 1, &operands, error);
  if (place == NULL)
    return FALSE;
  if (g_file_test (operands[0], G_FILE_TEST_EXISTS))
    return fail_exists (operands[0], error);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (place->database, error);
  return database != NULL && anx_database_backup (database, operands[0], error);
}

/* TRUE when nothing is wrong; prints what was found. */
static gboolean
verify_and_print (const char *path,
                  AnxCertificate *authority,
                  gboolean print,
                  GError **error)
{
  g_autoptr (JsonObject) answer = anx_hub_database_verify (path, authority, error);
  if (answer == NULL)
    return FALSE;
  g_autofree char *text = anx_json_object_to_text (answer);
  if (print)
    {
      anx_command_print (text);
      anx_command_print ("\n");
    }
  gint64 faults = anx_json_get_int (answer, "faultCount", 0);
  if (faults == 0)
    return TRUE;
  g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s has %d faults"), path, (int) MIN (faults, G_MAXINT));
  return FALSE;
}

static gboolean
run_verify (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (AnxHubPlace) place = parse_place (command, argc, argv, 0, &operands, error);
  return place != NULL && verify_and_print (operands[0] != NULL ? operands[0] : place->database, place->authority, TRUE, error);
}

/* What is there now is not thrown away: a copy of it, or the damaged file itself, stays beside it. */
static gboolean
put_aside (const char *path,
           GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *aside = g_strconcat (path, ".before-", stamp, NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_file_test (aside, G_FILE_TEST_EXISTS))
    return fail_exists (aside, error);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, NULL);
  if (database != NULL && anx_database_backup (database, aside, NULL))
    {
      g_printerr (_("What was there is kept in %s\n"), aside);
      return TRUE;
    }
  g_clear_object (&database);
  if (g_rename (path, aside) == 0)
    {
      g_printerr (_("What was there is damaged; it is kept in %s\n"), aside);
      return TRUE;
    }
  g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s could not be put aside. Nothing was changed"), path);
  return FALSE;
}

static gboolean
run_restore (const AnxCommand *command,
             int argc,
             char **argv,
             GError **error)
{
  static const char *const logs[] = { "-wal", "-shm" };
  g_auto (GStrv) operands = NULL;
  g_autoptr (AnxHubPlace) place = parse_place (command, argc, argv, 1, &operands, error);
  if (place == NULL || !verify_and_print (operands[0], place->authority, FALSE, error))
    return FALSE;
  if (anx_database_is_in_use (place->database))
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("The hub is running. Stop it first; nothing was changed"));
      return FALSE;
    }
  g_autoptr (AnxDatabase) backup = anx_database_open_reader (operands[0], error);
  if (backup == NULL || !put_aside (place->database, error))
    return FALSE;
  /* The old log must not be played onto the restored database. Until the next line is done, the database is the old one without
     its newest changes; saying it again finishes the work. */
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autofree char *log = g_strconcat (place->database, logs[i], NULL);
      g_unlink (log);
    }
  if (!anx_database_backup (backup, place->database, error))
    return FALSE;
  g_printerr ("%s\n", _("Restored. Start the hub; its clients offer again by themselves what they wrote since."));
  return TRUE;
}

const AnxCommand anx_hub_commands[] = {
  { "hub", "status", NULL, N_("Ask the hub how it is; prints JSON"), run_status },
  { "hub", "backup", "BACKUP", N_("Copy the hub's database while it runs"), run_backup },
  { "hub", "verify", "[BACKUP]", N_("Check every record of the hub's database, or of a backup; prints JSON"), run_verify },
  { "hub", "restore", "BACKUP", N_("Put a verified backup in the place of the stopped hub's database"), run_restore },
  { NULL },
};
