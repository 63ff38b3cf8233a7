/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-main.h"

#include <fcntl.h>
#include <unistd.h>

#include "journal.h"
#include "lockdown.h"
#include "process.h"
#include "resident-window.h"
#include "shell-error.h"
#include "ui-text.h"

/* Exit statuses: the shell only tells 0 from the rest; the number is for a person who reads the journal. */
enum
{
  STATUS_NO_SHELL = 3,
  STATUS_NO_TRUST = 4,
  STATUS_NO_SCREEN = 5,
};

static void
on_begin (AnxResidentWindow *window, const char *language, const char *page)
{
  anx_resident_window_begin (window, language, page);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  /* Without its shell a visit has nobody to give its records to and nobody who would end it. */
  _exit (STATUS_NO_SHELL);
}

static GDBusConnection *
connect_to_shell (int fd, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;

  fcntl (fd, F_SETFD, FD_CLOEXEC);
  socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    return NULL;
  stream = g_socket_connection_factory_create_connection (socket);
  return g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                     NULL, error);
}

/**
 * anx_resident_main:
 * @fd: the socket to the shell
 * @width: of the window, pixels; 0 = the monitor's
 * @height: of the window, pixels; 0 = the monitor's
 * @windowed: leave the window as large as it is, for work at a desk
 *
 * The life of one resident process: prepare the window, wait for the first touch, end with the resident.
 *
 * Returns: the exit status
 */
int
anx_resident_main (int fd, int width, int height, gboolean windowed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (AnxResident) resident = NULL;
  GtkWidget *window;

  anx_process_die_with_parent ();
  anx_process_harden ();
  (void) ANX_SHELL_ERROR;
  connection = connect_to_shell (fd, &error);
  if (connection == NULL)
    {
      anx_journal ("anxin-kiosk", "resident-no-shell", "domain", g_quark_to_string (error->domain), NULL);
      return STATUS_NO_SHELL;
    }
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), NULL);
  resident = anx_resident_new (connection, &error);
  if (resident == NULL)
    {
      g_autofree char *code = g_strdup_printf ("%d", error->code);
      anx_journal ("anxin-kiosk", "resident-no-trust", "domain", g_quark_to_string (error->domain), "code", code, NULL);
      return STATUS_NO_TRUST;
    }
  anx_ui_set_language (
      json_object_get_string_member_with_default (anx_resident_get_context (resident), "language", "zh_CN"));
  if (!gtk_init_check ())
    {
      anx_journal ("anxin-kiosk", "resident-no-screen", NULL, NULL);
      return STATUS_NO_SCREEN;
    }
  anx_kiosk_load_style (gdk_display_get_default ());
  window = anx_resident_window_new (resident);
  if (!windowed)
    gtk_window_fullscreen (GTK_WINDOW (window));
  anx_resident_window_prepare (ANX_RESIDENT_WINDOW (window), width, height);
  g_signal_connect_swapped (resident, "begin", G_CALLBACK (on_begin), window);
  anx_resident_mark_ready (resident);
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}
