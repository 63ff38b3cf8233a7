/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "base-error.h"
#include "journal.h"
#include "problem.h"
#include "process.h"
#include "record-rules.h"
#include "router.h"
#include "server.h"

#define PROGRAM "anxin-hub"
#define EXIT_CONFIG 2

static int
fail (const GError *error,
      int status)
{
  g_printerr ("%s: %s\n", PROGRAM, error->message);
  return status;
}

/* For the test that holds data/hub/openapi.yaml against the code. */
static int
list_routes (void)
{
  gsize length = 0;
  const AnxRoute *routes = anx_router_list (&length);
  for (gsize i = 0; i < length; i++)
    g_print ("route %s %s\n", routes[i].method, routes[i].pattern);
  const AnxProblem *problems = anx_problem_list (&length);
  for (gsize i = 0; i < length; i++)
    g_print ("problem %d %s\n", problems[i].status, problems[i].slug);
  const AnxRecordRule *rules = anx_record_rules_list (&length);
  for (gsize i = 0; i < length; i++)
    g_print ("record %s\n", rules[i].kind);
  return 0;
}

static int
serve (AnxHubConfig *config)
{
  g_autoptr (GError) error = NULL;
  AnxHub *hub = anx_hub_new (config, &error);
  if (hub == NULL)
    return fail (error, 1);
  AnxServer *server = anx_server_new (hub, &error);
  if (server == NULL)
    {
      int status = fail (error, g_error_matches (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG) ? EXIT_CONFIG : 1);
      anx_hub_stop_writing (hub);
      anx_hub_free (hub);
      return status;
    }

  g_autofree char *port = g_strdup_printf ("%d", anx_server_get_port (server));
  anx_journal (PROGRAM, "listening", "address", config->address, "port", port, NULL);
  printf ("{\"event\":\"listening\",\"address\":\"%s\",\"port\":%s}\n", config->address, port);
  fflush (stdout);
  anx_server_run (server);

  /* First the work that was accepted, then the answers to it, then the connections. */
  anx_hub_stop_writing (hub);
  anx_server_free (server);
  anx_hub_free (hub);
  anx_journal (PROGRAM, "ended", NULL, NULL);
  return 0;
}

/**
 * main:
 * @argc: how many words
 * @argv: the command line, see --help
 *
 * Returns: 0 after a clean end, 2 for a mistake in the command line or configuration, 1 for any other failure
 */
int
main (int argc,
      char **argv)
{
  g_autofree char *config_path = NULL;
  g_autofree char *check_path = NULL;
  gboolean version = FALSE, routes = FALSE;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &config_path, N_("Serve as this configuration says"), N_("FILE") },
    { "check-config", 0, 0, G_OPTION_ARG_FILENAME, &check_path, N_("Only check this configuration"), N_("FILE") },
    { "list-routes", 0, 0, G_OPTION_ARG_NONE, &routes, N_("List the routes and problems of the API"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, ANX_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  anx_journal_take_over_glib (PROGRAM);
  anx_process_harden ();
  signal (SIGPIPE, SIG_IGN);
  /* A limit on file sizes is met like a full disk: with an answer, not with the end of the process. */
  signal (SIGXFSZ, SIG_IGN);

  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_option_context_set_summary (options, _("The district's server of Anxin. It keeps sealed records, bookings and the directory, and has no key that opens a record."));
  g_option_context_add_main_entries (options, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    return fail (error, EXIT_CONFIG);
  if (version)
    {
      g_print ("%s %s\n", PROGRAM, ANX_VERSION);
      return 0;
    }
  if (routes)
    return list_routes ();
  if (config_path == NULL && check_path == NULL)
    {
      g_printerr (_("%s: --config FILE is needed; see --help\n"), PROGRAM);
      return EXIT_CONFIG;
    }

  AnxHubConfig *config = anx_hub_config_read (check_path != NULL ? check_path : config_path, &error);
  if (config == NULL)
    return fail (error, EXIT_CONFIG);
  if (check_path == NULL)
    return serve (config);
  gboolean good = anx_server_check (config, &error);
  anx_hub_config_free (config);
  if (!good)
    return fail (error, EXIT_CONFIG);
  g_print (_("%s: the configuration is good\n"), check_path);
  return 0;
}
