/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-app.h"
#include "journal.h"
#include "process.h"
#include "ui-text.h"

int
main (int argc,
      char **argv)
{
  anx_process_harden ();
  anx_ui_set_language (NULL);
  anx_journal_take_over_glib ("anxin-desk");
  g_autoptr (AnxDeskApp) app = anx_desk_app_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
