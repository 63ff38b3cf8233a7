/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "bounds.h"
#include "command.h"
#include "directory-draft.h"
#include "files.h"
#include "json.h"

static gboolean
run_import (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder_path = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (GBytes) bytes = folder != NULL ? anx_file_read (operands[0], ANX_BOUND_DIRECTORY_BYTES, error) : NULL;
  if (bytes == NULL)
    return FALSE;
  g_autoptr (JsonObject) addition =
    anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), ANX_BOUND_DIRECTORY_BYTES, error);
  if (addition == NULL || !anx_directory_draft_merge (folder, addition, error) || !anx_district_folder_save_draft (folder, error))
    return FALSE;
  g_printerr ("%s\n", _("Taken into the draft. “anxinctl directory publish” puts it in force."));
  return TRUE;
}

static gboolean
run_publish (const AnxCommand *command,
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
  gint64 version;
  if (folder == NULL || !anx_directory_draft_publish (folder, &version, error))
    return FALSE;
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, version);
  g_printerr (_("Directory %s is in force.\n"), number);
  return TRUE;
}

const AnxCommand anx_directory_commands[] = {
  { "directory", "import", "FILE.json", N_("Take centres, services, people, kiosks and groups into the draft"), run_import },
  { "directory", "publish", NULL, N_("Sign the draft as the next directory and hand it to the hub"), run_publish },
  { NULL },
};
