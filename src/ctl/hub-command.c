/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "command.h"
#include "district-folder.h"
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

const AnxCommand anx_hub_commands[] = {
  { "hub", "status", NULL, N_("Ask the hub how it is; prints JSON"), run_status },
  { NULL },
};
