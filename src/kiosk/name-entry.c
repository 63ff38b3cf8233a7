/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-records.h"
#include "keyboard.h"
#include "keypad.h"
#include "process.h"
#include "screen-shape.h"

/* ---- name ---- */

static void
keep_name (AnxBookingStep *step,
           AnxKeyboard *keyboard)
{
  anx_secret_free (step->draft->name);
  step->draft->name = g_strstrip (g_strdup (anx_keyboard_get_text (keyboard)));
  gboolean usable = !anx_keyboard_is_composing (keyboard) && anx_name_check (step->draft->name, NULL);
  anx_page_set_primary_sensitive (step->page, usable);
}

static void
on_name_changed (AnxKeyboard *keyboard,
                 gpointer user_data)
{
  keep_name (user_data, keyboard);
}

static void
on_typed (GtkWidget *keys,
          gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_mark_active (step->resident);
}

static void
on_alias_toggled (GtkToggleButton *button,
                  gpointer user_data)
{
  AnxBookingStep *step = user_data;
  step->draft->alias = gtk_toggle_button_get_active (button);
}

static void
on_name_done (GtkButton *button,
              gpointer user_data)
{
  anx_booking_step_push (user_data, anx_booking_phone_page_make);
}

/**
 * anx_booking_name_page_make:
 * @window: the window
 * @data: the AnxBookingDraft
 *
 * The name the resident wants to be called by, their own or another. What is typed is in the draft at once, so that going back keeps it.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_name_page_make (AnxResidentWindow *window,
                            gpointer data)
{
  const char *readers = _("Only your counsellor and the staff here see it.");
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (window));
  GtkWidget *page = anx_page_new (_("What may we call you?"), wide ? NULL : readers);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  GtkBox *content = anx_page_get_content (step->page);

  /* Beside the keys on a wide screen, above them on a high one. */
  GtkWidget *split = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, wide ? 32 : 20);
  GtkWidget *kinds = gtk_box_new (wide ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL, 20);
  gtk_box_set_homogeneous (GTK_BOX (kinds), !wide);
  GtkWidget *own = anx_page_make_radio (_("My name"), NULL);
  GtkWidget *other = anx_page_make_radio (_("Another name"), own);
  gtk_box_append (GTK_BOX (kinds), own);
  gtk_box_append (GTK_BOX (kinds), other);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (step->draft->alias ? other : own), TRUE);
  g_signal_connect (other, "toggled", G_CALLBACK (on_alias_toggled), step);
  gtk_box_append (GTK_BOX (split), kinds);
  if (wide)
    {
      GtkWidget *note = gtk_label_new (readers);
      gtk_widget_add_css_class (note, "anx-note");
      gtk_label_set_wrap (GTK_LABEL (note), TRUE);
      gtk_label_set_xalign (GTK_LABEL (note), 0);
      gtk_label_set_max_width_chars (GTK_LABEL (note), 16);
      gtk_box_append (GTK_BOX (kinds), note);
    }

  GtkWidget *keyboard = anx_keyboard_new (_("Your name"));
  anx_keyboard_set_text (ANX_KEYBOARD (keyboard), step->draft->name);
  g_signal_connect (keyboard, "typed", G_CALLBACK (on_typed), step);
  g_signal_connect (keyboard, "changed", G_CALLBACK (on_name_changed), step);
  gtk_widget_set_hexpand (keyboard, TRUE);
  gtk_box_append (GTK_BOX (split), keyboard);
  gtk_box_append (content, split);

  anx_page_set_primary (step->page, _("Next"), "anx-next-symbolic", G_CALLBACK (on_name_done), step);
  keep_name (step, ANX_KEYBOARD (keyboard));
  return page;
}

/* ---- phone ---- */

/* China's numbers: 11 digits of a mobile, up to 12 with an area code; room for a country code before it. */
#define MAX_PHONE_DIGITS 15
/* The shortest that is a whole number with people behind it: a local one without its area code. */
#define MIN_PHONE_DIGITS 7

static void
keep_phone (AnxBookingStep *step,
            AnxKeypad *keypad)
{
  anx_secret_free (step->draft->phone);
  step->draft->phone = g_strdup (anx_keypad_get_text (keypad));
  anx_page_set_primary_sensitive (step->page, strlen (step->draft->phone) >= MIN_PHONE_DIGITS && anx_phone_check (step->draft->phone, NULL));
}

static void
on_phone_changed (AnxKeypad *keypad,
                  gpointer user_data)
{
  keep_phone (user_data, keypad);
}

static void
on_phone_done (GtkButton *button,
               gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_booking_step_push (step, step->draft->waiting ? anx_waiting_list_page_make : anx_booking_review_page_make);
}

static void
on_no_phone (GtkButton *button,
             gpointer user_data)
{
  AnxBookingStep *step = user_data;
  AnxKeypad *keypad = g_object_get_data (G_OBJECT (step->page), "anx-keypad");
  anx_keypad_set_text (keypad, "");
  anx_booking_step_push (step, anx_booking_review_page_make);
}

/**
 * anx_booking_phone_page_make:
 * @window: the window
 * @data: the AnxBookingDraft
 *
 * A telephone number, which may be left out.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_phone_page_make (AnxResidentWindow *window,
                             gpointer data)
{
  GtkWidget *page = anx_page_new (_("Where can we call you?"), _("Only if the time has to change. You can leave it out."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);

  GtkWidget *keypad = anx_keypad_new ("1234567890", 3, MAX_PHONE_DIGITS, ANX_KEYPAD_PHONE, _("Your phone number"));
  anx_keypad_set_text (ANX_KEYPAD (keypad), step->draft->phone);
  g_object_set_data (G_OBJECT (page), "anx-keypad", keypad);
  g_signal_connect (keypad, "typed", G_CALLBACK (on_typed), step);
  g_signal_connect (keypad, "changed", G_CALLBACK (on_phone_changed), step);
  gtk_box_append (anx_page_get_content (step->page), keypad);

  anx_page_set_primary (step->page, _("Next"), "anx-next-symbolic", G_CALLBACK (on_phone_done), step);
  /* Who waits for a free time has to be told of it. */
  if (step->draft->waiting)
    anx_page_set_line (step->page, _("The staff call you when a time becomes free."));
  else
    anx_page_set_secondary (step->page, _("I have no phone"), G_CALLBACK (on_no_phone), step);
  keep_phone (step, ANX_KEYPAD (keypad));
  return page;
}
