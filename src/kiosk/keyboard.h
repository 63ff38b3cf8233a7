/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * The on-screen keyboard with its display field: letters to Chinese characters (pinyin) or letters as they are. The text lives here, in
 * labels, never in an entry. Main thread.
 *
 * Signals:
 *   typed ()    any key was touched, for the counting of idleness
 *   changed ()  the text or what is being composed changed
 */
#define ANX_TYPE_KEYBOARD (anx_keyboard_get_type ())
G_DECLARE_FINAL_TYPE (AnxKeyboard, anx_keyboard, ANX, KEYBOARD, GtkWidget)

GtkWidget  *anx_keyboard_new (const char *prompt);
const char *anx_keyboard_get_text (AnxKeyboard *self);           /* what is written; never NULL */
void        anx_keyboard_set_text (AnxKeyboard *self, const char *text);
gboolean    anx_keyboard_is_composing (AnxKeyboard *self);       /* letters wait for their characters */
void        anx_keyboard_set_latin (AnxKeyboard *self, gboolean latin);
gboolean    anx_keyboard_get_latin (AnxKeyboard *self);
/* One key: a letter, " ", "·", "-", or "erase", "clear", "shift", "mode". */
void        anx_keyboard_press (AnxKeyboard *self, const char *key);
/* The candidates now shown, and choosing one of them. */
GPtrArray  *anx_keyboard_list_shown (AnxKeyboard *self) G_GNUC_WARN_UNUSED_RESULT; /* (element-type utf8) */
void        anx_keyboard_choose (AnxKeyboard *self, guint shown_index);

G_END_DECLS
