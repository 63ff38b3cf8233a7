/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "key-store.h"

G_BEGIN_DECLS

/*
 * The long-lived half of a kiosk: device key, outbox, inbox and link, the attract screen, and the pool of resident processes. It never
 * sees a name, an answer or a code. Main thread.
 */
#define ANX_TYPE_SHELL (anx_shell_get_type ())
G_DECLARE_FINAL_TYPE (AnxShell, anx_shell, ANX, SHELL, GObject)

typedef struct
{
  const char *profile;  /* folder */
  int width, height;    /* of the window, pixels; 0 = the monitor's */
  gboolean windowed;
  gboolean test_media;
} AnxShellOptions;

AnxShell *anx_shell_new (const AnxShellOptions *options) G_GNUC_WARN_UNUSED_RESULT;
void      anx_shell_start (AnxShell *self);
void      anx_shell_stop (AnxShell *self);

G_END_DECLS
