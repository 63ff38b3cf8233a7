/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-window.h"

#include <glib/gi18n.h>

#include "booking-code.h"
#include "keypad.h"
#include "process.h"
#include "screen-shape.h"
#include "ui-text.h"

/* Large enough for a telephone held at arm's length: 29 modules of some 8 px. */
#define QR_SIZE_PX 240
#define LOW_QR_SIZE_PX 176

/* Codes have eight characters. */
#define CODE_CHARS 8

typedef struct
{
  AnxResidentWindow *window;
  AnxPage *page;
  AnxKeypad *keypad;
  AnxCodeDone done;
  gpointer user_data;
} CodeStep;

/* Says what is wrong as soon as the code is whole, and not before: half a code is not a mistake. */
static void
on_changed (AnxKeypad *keypad,
            gpointer user_data)
{
  CodeStep *step = user_data;
  const char *typed = anx_keypad_get_text (step->keypad);
  anx_autosecret char *code = anx_booking_code_normalise (typed, NULL);
  anx_page_set_primary_sensitive (step->page, code != NULL);
  if (code == NULL && strlen (typed) >= CODE_CHARS)
    anx_page_set_line (step->page, _("One of the characters is not right. Please compare it with your note."));
  else
    anx_page_set_line (step->page, _("It stands on your photo or note, as eight characters."));
}

static void
on_typed (AnxKeypad *keypad,
          gpointer user_data)
{
  CodeStep *step = user_data;
  anx_resident_mark_active (anx_resident_window_get_resident (step->window));
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  CodeStep *step = user_data;
  anx_autosecret char *code = anx_booking_code_normalise (anx_keypad_get_text (step->keypad), NULL);
  if (code != NULL)
    step->done (step->window, code, step->user_data);
}

/* A scanner for the printed picture types like a keyboard, with a hyphen in the middle and Enter at the end. */
static gboolean
on_key_pressed (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                gpointer user_data)
{
  CodeStep *step = user_data;
  gunichar typed = gdk_keyval_to_unicode (gdk_keyval_to_upper (keyval));
  char key[2] = { typed < 128 ? (char) typed : '\0', '\0' };
  if (keyval == GDK_KEY_BackSpace)
    anx_keypad_press (step->keypad, "erase");
  else if (keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter)
    on_done (NULL, step);
  else if (g_ascii_isalnum (key[0]))
    anx_keypad_press (step->keypad, key);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/**
 * anx_code_page_make:
 * @window: the window
 * @heading: the question
 * @done: gets the code, normalised and right by its checksum, owned by the caller and wiped after @done
 * @user_data: for @done
 *
 * Asks for the resident's code with keys for just the characters a code can have; a scanner's typing is taken too.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_code_page_make (AnxResidentWindow *window,
                    const char *heading,
                    AnxCodeDone done,
                    gpointer user_data)
{
  GtkWidget *page = anx_page_new (heading, NULL);
  CodeStep *step = g_new0 (CodeStep, 1);
  step->window = window;
  step->page = ANX_PAGE (page);
  step->done = done;
  step->user_data = user_data;
  g_object_set_data_full (G_OBJECT (page), "anx-step", step, g_free);

  step->keypad = ANX_KEYPAD (anx_keypad_new (anx_booking_code_alphabet (), anx_screen_is_wide (GTK_WIDGET (window)) ? 9 : 5, CODE_CHARS, ANX_KEYPAD_CODE, NULL));
  g_object_set_data (G_OBJECT (page), "anx-keypad", step->keypad);
  g_signal_connect (step->keypad, "typed", G_CALLBACK (on_typed), step);
  g_signal_connect (step->keypad, "changed", G_CALLBACK (on_changed), step);
  gtk_box_append (anx_page_get_content (step->page), GTK_WIDGET (step->keypad));

  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_pressed), step);
  gtk_widget_add_controller (page, keys);

  anx_page_set_primary (step->page, _("Next"), "anx-next-symbolic", G_CALLBACK (on_done), step);
  on_changed (step->keypad, step);
  return page;
}

/**
 * anx_code_card_new:
 * @window: the window
 * @code: the code, in its normal form
 * @advice: what to do with it
 * @more: (nullable) (transfer floating): stands below that
 *
 * Returns: (transfer floating): the code in large letters and as a picture that a telephone or our scanner reads
 */
GtkWidget *
anx_code_card_new (AnxResidentWindow *window,
                   const char *code,
                   const char *advice,
                   GtkWidget *more)
{
  anx_autosecret char *written = anx_booking_code_format (code);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 40);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "anx-code-card");

  g_autoptr (GdkPaintable) paintable = anx_ui_qr_paintable_new (written);
  GtkWidget *picture = gtk_picture_new_for_paintable (paintable);
  int size = anx_screen_is_low (GTK_WIDGET (window)) ? LOW_QR_SIZE_PX : QR_SIZE_PX;
  gtk_widget_set_size_request (picture, size, size);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
  anx_ui_set_accessible_name (picture, _("Your code as a picture"));
  gtk_box_append (GTK_BOX (card), picture);

  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), anx_page_make_text (_("Your code"), "anx-code-caption"));
  GtkWidget *big = gtk_label_new (written);
  gtk_widget_add_css_class (big, "anx-code");
  gtk_label_set_xalign (GTK_LABEL (big), 0);
  gtk_box_append (GTK_BOX (texts), big);
  gtk_box_append (GTK_BOX (texts), anx_page_make_text (advice, "anx-code-advice"));
  if (more != NULL)
    gtk_box_append (GTK_BOX (texts), more);
  gtk_box_append (GTK_BOX (card), texts);
  return card;
}
