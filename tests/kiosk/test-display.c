/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-display.h"

#include <gtk/gtk.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static GPid server;

static void
close_display (void)
{
  kill (server, SIGTERM);
  waitpid (server, NULL, 0);
}

gboolean
anx_test_display_open (int width,
                       int height)
{
  g_autofree char *program = g_find_program_in_path ("Xvfb");
  int fds[2];
  if (program == NULL || pipe (fds) != 0)
    return FALSE;
  g_autofree char *screen = g_strdup_printf ("%dx%dx24", width, height);
  g_autofree char *fd = g_strdup_printf ("%d", fds[1]);
  server = fork ();
  if (server == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      close (fds[0]);
      execl (program, "Xvfb", "-displayfd", fd, "-screen", "0", screen, "-nolisten", "tcp", "-dpi", "96", NULL);
      _exit (127);
    }
  close (fds[1]);
  char number[16] = "";
  gssize length = 0;
  while (length < (gssize) sizeof number - 1 && read (fds[0], number + length, 1) == 1 && number[length] != '\n')
    length++;
  number[length] = '\0';
  close (fds[0]);
  if (length == 0)
    return FALSE;
  atexit (close_display);
  g_autofree char *display = g_strconcat (":", number, NULL);
  g_setenv ("DISPLAY", display, TRUE);
  g_setenv ("GDK_BACKEND", "x11", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_unsetenv ("WAYLAND_DISPLAY");
  gtk_init ();
  return TRUE;
}
