/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "appointment.h"
#include "bounds.h"
#include "command.h"
#include "ctl-error.h"
#include "district-folder.h"
#include "files.h"
#include "json.h"

#define PLAN_BOUND_BYTES (64 * 1024)

static gboolean
run_set (const AnxCommand *command,
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
  if (!anx_command_parse (command, argc, argv, entries, 2, 2, &operands, error) ||
      !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (GBytes) bytes = anx_file_read (operands[1], PLAN_BOUND_BYTES, error);
  g_autoptr (JsonObject) json =
    bytes != NULL ? anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), PLAN_BOUND_BYTES, error) : NULL;
  g_autoptr (AnxPlan) plan = json != NULL ? anx_plan_parse (json, error) : NULL;
  if (plan == NULL)
    return FALSE;
  if (g_strcmp0 (anx_plan_get_counsellor (plan), operands[0]) != 0)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s is the plan of another counsellor"), operands[1]);
      return FALSE;
    }
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autofree char *path = g_strdup_printf ("/v1/plans/%s", operands[0]);
  return folder != NULL && anx_district_folder_request_json (folder, "PUT", path, json, NULL, error);
}

const AnxCommand anx_plan_commands[] = {
  { "plan", "set", "COUNSELLOR FILE.json", N_("Give the hub a counsellor's working plan"), run_set },
  { NULL },
};
