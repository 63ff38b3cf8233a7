/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "resident-window.h"
#include "tiles.h"

static void
on_booking (AnxResidentWindow *window)
{
  anx_resident_window_push (window, anx_booking_page_make, NULL, NULL);
}

static void
on_screening (AnxResidentWindow *window)
{
  anx_resident_window_push (window, anx_screening_page_make, NULL, NULL);
}

static void
on_check_in (AnxResidentWindow *window)
{
  anx_resident_window_push (window, anx_check_in_page_make, NULL, NULL);
}

static void
on_lookup (AnxResidentWindow *window)
{
  anx_resident_window_push (window, anx_lookup_page_make, NULL, NULL);
}

static void
append_choice (AnxResidentWindow *window,
               AnxTiles *tiles,
               const char *icon_name,
               const char *label,
               const char *detail,
               void (*clicked) (AnxResidentWindow *window))
{
  GtkWidget *choice = anx_page_make_choice (icon_name, label, detail);

  g_signal_connect_swapped (choice, "clicked", G_CALLBACK (clicked), window);
  anx_tiles_append (tiles, choice);
}

/**
 * anx_home_page_make:
 * @window: the window
 * @data: unused
 *
 * What a resident can do here, as four large choices.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_home_page_make (AnxResidentWindow *window, gpointer data)
{
  GtkWidget *page = anx_page_new (_ ("What can we do for you?"),
                                  _ ("Everything here is free. Nobody needs to know your name to begin."));
  GtkWidget *tiles = anx_tiles_new (2, 480);

  append_choice (window, ANX_TILES (tiles), "anx-book-symbolic", _ ("Book a counsellor"), _ ("Choose a day and a time"),
                 on_booking);
  append_choice (window, ANX_TILES (tiles), "anx-code-symbolic", _ ("I have a code: check in"),
                 _ ("For a session booked before"), on_check_in);
  append_choice (window, ANX_TILES (tiles), "anx-form-symbolic", _ ("Fill in a questionnaire"),
                 _ ("A few questions about how you are"), on_screening);
  append_choice (window, ANX_TILES (tiles), "anx-lookup-symbolic", _ ("Look up my booking or referral"),
                 _ ("See what has become of it"), on_lookup);
  gtk_widget_set_vexpand (tiles, TRUE);
  gtk_box_append (anx_page_get_content (ANX_PAGE (page)), tiles);
  return page;
}
