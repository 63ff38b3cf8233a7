/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar-address.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "ui-text.h"

#define QR_PX 260

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  GtkWidget *picture;
  GtkLabel *address;
  GtkLabel *answer;
} Address;

static void
address_free (gpointer data)
{
  Address *address = data;
  g_object_unref (address->service);
  g_free (address);
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Address *address = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = anx_desk_bookings_make_calendar_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (address == NULL)
    return;
  gboolean made = text != NULL && *text != '\0';
  g_autoptr (GdkPaintable) code = made ? anx_ui_qr_paintable_new (text) : NULL;
  g_autofree char *reason = text == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_picture_set_paintable (GTK_PICTURE (address->picture), code);
  gtk_widget_set_visible (address->picture, made);
  gtk_label_set_text (address->address, made ? text : "");
  gtk_label_set_text (address->answer, reason != NULL ? reason
                                       : made         ? _ ("This is shown only now. Every earlier address has ended.")
                                                      : _ ("There is no address any more. Telephones get nothing from now on."));
}

static void
on_make (Address *address)
{
  anx_desk_bookings_make_calendar_async (anx_desk_bookings_get (address->service), FALSE, on_answered,
                                         g_object_ref (address->window));
}

static void
on_revoke (Address *address)
{
  anx_desk_bookings_make_calendar_async (anx_desk_bookings_get (address->service), TRUE, on_answered,
                                         g_object_ref (address->window));
}

/**
 * anx_calendar_address_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_calendar_address_present (GtkWindow *parent,
                              AnxDeskService *service)
{
  Address *address = g_new0 (Address, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *make = anx_desk_button_new (_ ("_Make a new address"), "suggested-action", NULL, NULL);
  GtkWidget *revoke = anx_desk_button_new (_ ("_End the address"), "destructive-action", NULL, NULL);

  address->window = GTK_WINDOW (adw_window_new ());
  address->service = g_object_ref (service);
  address->picture = gtk_picture_new ();
  address->address = GTK_LABEL (anx_desk_label_new ("", "mono"));
  address->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  anx_dialog_data_set (address->window, address, address_free);
  gtk_widget_set_size_request (address->picture, QR_PX, QR_PX);
  gtk_widget_set_halign (address->picture, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (address->picture, FALSE);
  anx_ui_set_accessible_name (address->picture, _ ("QR code of the address"));
  gtk_label_set_selectable (address->address, TRUE);
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("With this address the calendar of your telephone shows your sessions: time, room and "
                                         "service, never a name. Whoever has the address sees the same, so keep it to yourself."),
                                      NULL));
  gtk_box_append (GTK_BOX (buttons), make);
  gtk_box_append (GTK_BOX (buttons), revoke);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (address->answer));
  gtk_box_append (GTK_BOX (box), address->picture);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (address->address));
  g_signal_connect_swapped (make, "clicked", G_CALLBACK (on_make), address);
  g_signal_connect_swapped (revoke, "clicked", G_CALLBACK (on_revoke), address);
  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (whole), anx_desk_page_new (box, 520));
  adw_window_set_content (ADW_WINDOW (address->window), whole);
  gtk_window_set_title (address->window, _ ("Calendar on my telephone"));
  gtk_window_set_default_size (address->window, 580, 620);
  gtk_window_set_transient_for (address->window, parent);
  gtk_window_set_modal (address->window, TRUE);
  anx_dialog_close_on_escape (address->window);
  gtk_window_present (address->window);
}
