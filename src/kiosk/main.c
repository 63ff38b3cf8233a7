/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal.h"
#include "lockdown.h"
#include "process.h"
#include "resident-main.h"
#include "shell.h"
#include "ui-text.h"

#define PROGRAM "anxin-kiosk"
#define MAX_SIZE_PX 8192

typedef struct
{
  char *profile;
  char *size;
  gboolean windowed;
  gboolean test_media;
  gboolean version;
  int resident;
} Options;

static gboolean
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  const GOptionEntry entries[]
      = { { "profile", 0, 0, G_OPTION_ARG_FILENAME, &options->profile, N_ ("Data folder of this kiosk"), N_ ("DIR") },
          { "size", 0, 0, G_OPTION_ARG_STRING, &options->size,
            N_ ("Size of the window in pixels, instead of the monitor's"), N_ ("WxH") },
          { "windowed", 0, 0, G_OPTION_ARG_NONE, &options->windowed,
            N_ ("A window on a desktop instead of the full screen"), NULL },
          { "test-media", 0, 0, G_OPTION_ARG_NONE, &options->test_media,
            N_ ("A marked test picture and tone instead of camera and microphone"), NULL },
          { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_ ("Print the version and exit"), NULL },
          { "resident", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &options->resident, NULL, NULL },
          G_OPTION_ENTRY_NULL };

  g_option_context_set_summary (
      context,
      _ ("The resident's terminal of Anxin: books, asks, listens and connects, and forgets when the resident leaves."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
parse_size (const char *text, int *out_width, int *out_height)
{
  int width, height;
  char rest;

  if (text == NULL)
    return TRUE;
  if (sscanf (text, "%dx%d%c", &width, &height, &rest) != 2 || width < 320 || height < 320 || width > MAX_SIZE_PX
      || height > MAX_SIZE_PX)
    return FALSE;
  *out_width = width;
  *out_height = height;
  return TRUE;
}

static gboolean
on_terminate (gpointer data)
{
  *(gboolean *) data = TRUE;
  g_main_context_wakeup (NULL);
  return G_SOURCE_CONTINUE;
}

static int
run_shell (const Options *options, int width, int height)
{
  g_autofree char *folder = options->profile != NULL
                                ? g_strdup (options->profile)
                                : g_build_filename (g_get_user_data_dir (), "anxin", "kiosk", NULL);
  AnxShellOptions shell_options = { folder, width, height, options->windowed, options->test_media };
  g_autoptr (AnxShell) shell = NULL;
  gboolean done = FALSE;

  anx_process_harden ();
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n",
                  _ ("There is no screen to show anything on. Start anxin-kiosk inside a Wayland or X session."));
      return EXIT_FAILURE;
    }
  anx_kiosk_load_style (gdk_display_get_default ());
  shell = anx_shell_new (&shell_options);
  g_unix_signal_add (SIGTERM, on_terminate, &done);
  g_unix_signal_add (SIGINT, on_terminate, &done);
  anx_shell_start (shell);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  anx_shell_stop (shell);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  Options options = { .resident = -1 };
  g_autoptr (GError) error = NULL;
  int width = 0, height = 0;

  anx_journal_take_over_glib (PROGRAM);
  anx_ui_set_language (NULL);
  if (!parse_options (&argc, &argv, &options, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (options.version)
    {
      g_print ("%s %s\n", PROGRAM, ANX_VERSION);
      return EXIT_SUCCESS;
    }
  if (!parse_size (options.size, &width, &height))
    {
      g_printerr ("%s\n", _ ("--size must be like 1080x1920, from 320 to 8192 pixels a side."));
      return 2;
    }
  if (options.resident >= 0)
    return anx_resident_main (options.resident, width, height, options.windowed);
  return run_shell (&options, width, height);
}
