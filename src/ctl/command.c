/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "command.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "process.h"

static const AnxCommand *const tables[] = {
  anx_district_commands, anx_directory_commands, anx_enrol_commands,         anx_join_commands, anx_plan_commands,     anx_revoke_commands,
  anx_record_commands,   anx_letter_commands,    anx_questionnaire_commands, anx_hub_commands,  anx_recovery_commands, anx_subject_commands, anx_load_commands,
  anx_retention_commands,
  anx_intake_commands, anx_referral_commands,
};

enum
{
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
};

/**
 * anx_command_print:
 * @text: what to print, in UTF-8
 *
 * To standard output as it is: results are for scripts too, and a plain locale must not turn Chinese into question marks.
 */
void
anx_command_print (const char *text)
{
  fputs (text, stdout);
}

static char *
name_of (const AnxCommand *command)
{
  return command->verb != NULL ? g_strconcat (command->group, " ", command->verb, NULL) : g_strdup (command->group);
}

/* With @group only its commands, otherwise all. */
static void
print_commands (const char *group,
                FILE *where)
{
  fprintf (where, "%s\n\n", _("Usage: anxinctl COMMAND [OPTION…]"));
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const AnxCommand *command = tables[t]; command->group != NULL; command++)
      if (group == NULL || g_str_equal (group, command->group))
        {
          g_autofree char *name = name_of (command);
          fprintf (where, "  %-22s %s\n", name, _(command->summary));
        }
  fprintf (where, "\n%s\n", _("“anxinctl COMMAND --help” tells a command's options. Private keys are kept in the Secret Service."));
}

static gboolean
group_exists (const char *word)
{
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const AnxCommand *command = tables[t]; command->group != NULL; command++)
      if (g_str_equal (command->group, word))
        return TRUE;
  return FALSE;
}

static const AnxCommand *
find_command (int argc,
              char **argv)
{
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const AnxCommand *command = tables[t]; command->group != NULL; command++)
      if (g_str_equal (command->group, argv[1]) &&
          (command->verb == NULL || (argc > 2 && g_str_equal (command->verb, argv[2]))))
        return command;
  return NULL;
}

/**
 * anx_command_parse:
 * @command: whose words these are
 * @argc: of the words after the command's name, a first one for the program included
 * @argv: the words
 * @entries: (nullable): options, ended by an empty entry
 * @min_operands: how many operands there must be
 * @max_operands: how many there may be
 * @out_operands: (out) (nullable): the operands
 * @error: return location, errors of %G_OPTION_ERROR
 *
 * Prints the command's help and ends the process when --help is among the words.
 *
 * Returns: whether they were understood
 */
gboolean
anx_command_parse (const AnxCommand *command,
                   int argc,
                   char **argv,
                   const GOptionEntry *entries,
                   guint min_operands,
                   guint max_operands,
                   char ***out_operands,
                   GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (command->operands);
  g_autoptr (GStrvBuilder) operands = g_strv_builder_new ();
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _(command->summary));
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_autofree char *name = name_of (command);
  g_autofree char *program = g_strconcat ("anxinctl ", name, NULL);
  g_set_prgname (program);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  guint n = (guint) argc - 1;
  if (n < min_operands || n > max_operands)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("“%s” needs other operands: %s"), program,
                   command->operands != NULL ? command->operands : _("none"));
      return FALSE;
    }
  for (int i = 1; i < argc; i++)
    g_strv_builder_add (operands, argv[i]);
  if (out_operands != NULL)
    *out_operands = g_strv_builder_end (operands);
  return TRUE;
}

/**
 * anx_command_need_option:
 * @name: an option's long name
 * @value: (nullable): what was given
 * @error: return location, errors of %G_OPTION_ERROR
 *
 * Returns: whether it was given
 */
gboolean
anx_command_need_option (const char *name,
                         const char *value,
                         GError **error)
{
  if (value != NULL && *value != '\0')
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("The option --%s is needed"), name);
  return FALSE;
}

static int
run_command (const AnxCommand *command,
             int argc,
             char **argv)
{
  g_autoptr (GError) error = NULL;
  int skip = command->verb != NULL ? 2 : 1;
  if (command->run (command, argc - skip, argv + skip, &error))
    {
      if (fflush (stdout) == 0)
        return EXIT_DONE;
      fprintf (stderr, "anxinctl: %s\n", _("The result could not be written out"));
      return EXIT_FAILED;
    }
  fprintf (stderr, "anxinctl: %s\n", error->message);
  return error->domain == G_OPTION_ERROR ? EXIT_USAGE : EXIT_FAILED;
}

/**
 * anx_ctl_main:
 * @argc: of the process
 * @argv: of the process
 *
 * Returns: the exit status
 */
int
anx_ctl_main (int argc,
              char **argv)
{
  const char *catalogues = g_getenv ("ANX_LOCALE_DIR");
  anx_process_harden ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, catalogues != NULL ? catalogues : ANX_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc > 1 && g_str_equal (argv[1], "--version"))
    {
      printf ("anxinctl %s\n", ANX_VERSION);
      return EXIT_DONE;
    }
  if (argc > 1 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    {
      print_commands (NULL, stdout);
      return EXIT_DONE;
    }
  if (argc < 2)
    {
      print_commands (NULL, stderr);
      return EXIT_USAGE;
    }
  const AnxCommand *command = find_command (argc, argv);
  if (command != NULL)
    return run_command (command, argc, argv);
  gboolean known = group_exists (argv[1]);
  gboolean help = known && argc > 2 && (g_str_equal (argv[2], "--help") || g_str_equal (argv[2], "-h"));
  if (!help)
    fprintf (stderr, "anxinctl: %s\n\n", _("This command does not exist"));
  print_commands (known ? argv[1] : NULL, help ? stdout : stderr);
  return help ? EXIT_DONE : EXIT_USAGE;
}
