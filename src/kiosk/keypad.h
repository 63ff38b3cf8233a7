/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Big keys for digits or for the characters of a code, with a display field above, or beside. Main thread.
 *
 * Signals:
 *   typed ()    a key was touched, for the counting of idleness
 *   changed ()  the text changed
 */
#define ANX_TYPE_KEYPAD (anx_keypad_get_type ())
G_DECLARE_FINAL_TYPE (AnxKeypad, anx_keypad, ANX, KEYPAD, GtkWidget)

/* How the field shows what was typed. */
typedef enum
{
  ANX_KEYPAD_PHONE, /* 138 1234 5678 */
  ANX_KEYPAD_CODE,  /* ABCD-EFGH with places for what is missing */
} AnxKeypadForm;

GtkWidget  *anx_keypad_new (const char *keys, int columns, guint max_chars, AnxKeypadForm form, const char *prompt);
const char *anx_keypad_get_text (AnxKeypad *self); /* never NULL */
void        anx_keypad_set_text (AnxKeypad *self, const char *text);
/* One of the keys, "erase" or "clear". */
void        anx_keypad_press (AnxKeypad *self, const char *key);

char       *anx_keypad_format_phone (const char *digits) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
