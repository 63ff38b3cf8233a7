/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talk-window.h"

#include <glib/gi18n.h>

#include "desk-call.h"
#include "desk-widgets.h"

static gboolean
on_close (GtkWindow *window,
          AnxDeskCall *call)
{
  anx_desk_call_end (call);
  return FALSE;
}

/**
 * anx_talk_window_present:
 * @parent: the window
 * @service: the service
 * @alert: an alert that this person answered
 * @test_media: whether test pictures and tones take the place of camera and microphone
 *
 * Opens the window and calls at once; the resident is asked at the kiosk before anything is seen or heard from there. Closing it ends
 * the call.
 */
void
anx_talk_window_present (GtkWindow *parent,
                         AnxDeskService *service,
                         const char *alert,
                         gboolean test_media)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (anx_desk_service_get_model (service), alert);
  GtkWindow *window = GTK_WINDOW (adw_window_new ());
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *call = anx_desk_call_new (service, test_media);

  gtk_window_set_title (window, known != NULL ? anx_desk_service_name_room (service, known->centre, known->room) : _ ("Video"));
  gtk_window_set_default_size (window, 640, 640);
  gtk_window_set_transient_for (window, parent);
  gtk_window_set_modal (window, TRUE);
  gtk_widget_add_css_class (content, "padded");
  gtk_box_append (GTK_BOX (content),
                  anx_desk_label_new (_ ("The resident is asked first and may say “not now”. Please go there all the same."), "dim-label"));
  gtk_box_append (GTK_BOX (content), call);
  GtkWidget *bar = adw_header_bar_new ();
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (bar), FALSE);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), anx_desk_button_new (_ ("_Close"), NULL, "window.close", NULL));
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), content);
  adw_window_set_content (ADW_WINDOW (window), whole);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close), call);
  anx_desk_call_set_booking (ANX_DESK_CALL (call), alert);
  gtk_window_present (window);
  anx_desk_call_start (ANX_DESK_CALL (call));
}
