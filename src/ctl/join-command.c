/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "enrolment.h"
#include "process.h"

/* A code with its dashes, and room for a careful typist's spaces. */
#define CODE_LINE_BYTES 128

typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
} Join;

static void
on_enrolled (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  Join *join = user_data;
  join->result = g_object_ref (result);
  g_main_loop_quit (join->loop);
}

/* The code is read, never taken as an argument: arguments can be read by every program of the machine. */
static gboolean
run_join (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *hub_url = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("Where the profile of the kiosk or desk shall stand"), "DIR" },
    { "hub-url", 0, 0, G_OPTION_ARG_STRING, &hub_url, N_("The hub's address, https://…"), "URL" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder, error) ||
      !anx_command_need_option ("hub-url", hub_url, error))
    return FALSE;

  char line[CODE_LINE_BYTES];
  if (fgets (line, sizeof line, stdin) == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("Write the code on standard input"));
      return FALSE;
    }
  line[strcspn (line, "\r\n")] = '\0';

  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Join join = { loop, NULL };
  anx_enrol_async (folder, hub_url, line, NULL, on_enrolled, &join);
  anx_wipe (line, sizeof line);
  g_main_loop_run (loop);
  g_autoptr (AnxProfile) profile = anx_enrol_finish (join.result, error);
  g_object_unref (join.result);
  return profile != NULL;
}

const AnxCommand anx_join_commands[] = {
  { "enrol", "join", NULL, N_("Enrol a kiosk or desk of this machine with a code from standard input"), run_join },
  { NULL },
};
