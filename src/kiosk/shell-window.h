/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The shell's one window: attract screen, enrolment, maintenance. It knows nobody's name. Main thread.
 *
 * Signals:
 *   begin (const char *language, const char *page)   the first touch
 *   enrol (const char *hub_url, const char *code)
 *   cancel ()                                         stop waiting for the enrolment
 *   retry ()                                          try to start again
 */
#define ANX_TYPE_SHELL_WINDOW (anx_shell_window_get_type ())
G_DECLARE_FINAL_TYPE (AnxShellWindow, anx_shell_window, ANX, SHELL_WINDOW, GtkWindow)

GtkWidget *anx_shell_window_new (void);
/* @help_numbers as in GetContext; @ready FALSE: the kiosk is still being prepared, touching it does nothing. */
void anx_shell_window_show_attract (AnxShellWindow *self, const char *centre, const char *room, const char *zone, JsonArray *help_numbers,
                                    gboolean ready);
void anx_shell_window_show_maintenance (AnxShellWindow *self, const char *what, const char *safe, const char *todo);
void anx_shell_window_show_enrolment (AnxShellWindow *self, const char *problem);  /* @problem (nullable): why the last try failed */
void anx_shell_window_show_enrolling (AnxShellWindow *self);
void anx_shell_window_set_note (AnxShellWindow *self, const char *note);           /* (nullable) a quiet line for the staff */
/* While a resident process is above, nothing here moves; afterwards everything is drawn three times, so that no old picture stays in a buffer. */
void anx_shell_window_set_resting (AnxShellWindow *self, gboolean resting);

G_END_DECLS
