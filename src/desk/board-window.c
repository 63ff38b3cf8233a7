/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "board-window.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-widgets.h"
#include "ui-text.h"

/* More lines than this cannot be read across a room. */
#define MOST_LINES 3

typedef struct
{
  AnxDeskService *service;
  AdwBin *place;
  GtkLabel *clock;
} Board;

static void
board_free (gpointer data)
{
  Board *board = data;
  g_object_unref (board->service);
  g_free (board);
}

static GtkWidget *
build_line (Board *board,
            const AnxDeskTicket *ticket,
            gboolean newest)
{
  const char *centre = anx_desk_bookings_get_centre (anx_desk_bookings_get (board->service));
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 60);
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, ticket->number);
  GtkWidget *digits = gtk_label_new (number);
  GtkWidget *room = anx_desk_label_new (
      ticket->room != NULL ? anx_desk_service_name_room (board->service, centre, ticket->room) : "", "board-room");

  gtk_widget_add_css_class (digits, newest ? "board-newest" : "board-number");
  gtk_widget_set_halign (line, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (line), digits);
  gtk_box_append (GTK_BOX (line), room);
  return line;
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  const AnxDeskTicket *one = *(const AnxDeskTicket *const *) a;
  const AnxDeskTicket *other = *(const AnxDeskTicket *const *) b;
  return one->changed_usec > other->changed_usec ? -1 : one->changed_usec < other->changed_usec;
}

static void
refresh (GtkWindow *window)
{
  Board *board = g_object_get_data (G_OBJECT (window), "board");
  GPtrArray *tickets = anx_desk_bookings_get_tickets (anx_desk_bookings_get (board->service));
  g_autoptr (GPtrArray) called = g_ptr_array_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (board->service));
  g_autofree char *time = anx_ui_format_time (now, anx_desk_service_get_zone (board->service));

  for (guint i = 0; i < tickets->len; i++)
    if (g_str_equal (((AnxDeskTicket *) g_ptr_array_index (tickets, i))->state, "called"))
      g_ptr_array_add (called, g_ptr_array_index (tickets, i));
  g_ptr_array_sort (called, compare_newest_first);
  for (guint i = 0; i < MIN (called->len, MOST_LINES); i++)
    gtk_box_append (GTK_BOX (box), build_line (board, g_ptr_array_index (called, i), i == 0));
  if (called->len == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Please wait. Your number will be shown here."), "board-room"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  anx_desk_place_update (board->place, box);
  gtk_label_set_text (board->clock, time);
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        GtkWindow *window)
{
  if (key == GDK_KEY_F11)
    {
      if (gtk_window_is_fullscreen (window))
        gtk_window_unfullscreen (window);
      else
        gtk_window_fullscreen (window);
      return TRUE;
    }
  if (key != GDK_KEY_Escape)
    return FALSE;
  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_close (window);
  return TRUE;
}

/**
 * anx_board_window_new:
 * @service: the service
 *
 * F11 fills the screen it was dragged to; Escape leaves that, and then closes it.
 *
 * Returns: (transfer none): the window
 */
GtkWindow *
anx_board_window_new (AnxDeskService *service)
{
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_event_controller_key_new ();
  Board *board = g_new0 (Board, 1);

  board->service = g_object_ref (service);
  board->place = ADW_BIN (adw_bin_new ());
  board->clock = GTK_LABEL (gtk_label_new (""));
  gtk_widget_set_vexpand (GTK_WIDGET (board->place), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (window), "board");
  gtk_widget_add_css_class (GTK_WIDGET (board->clock), "board-clock");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (board->place));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (board->clock));
  gtk_window_set_child (window, box);
  gtk_window_set_title (window, _ ("Called numbers (F11: whole screen)"));
  gtk_window_set_default_size (window, 1280, 720);
  g_object_set_data_full (G_OBJECT (window), "board", board, board_free);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), window);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (anx_desk_bookings_get (service), "changed", G_CALLBACK (refresh), window, G_CONNECT_SWAPPED);
  refresh (window);
  return window;
}

static void
on_board_destroyed (GtkWindow *board,
                    GtkWindow *desk)
{
  g_object_set_data (G_OBJECT (desk), "board-window", NULL);
}

/**
 * anx_board_window_present:
 * @desk: the window of the desk; with it the board closes
 * @service: the service
 *
 * One board a desk: shows the one that is there, or a new one.
 */
void
anx_board_window_present (GtkWindow *desk,
                          AnxDeskService *service)
{
  GtkWindow *window = g_object_get_data (G_OBJECT (desk), "board-window");

  if (window == NULL)
    {
      window = anx_board_window_new (service);
      g_object_set_data (G_OBJECT (desk), "board-window", window);
      g_signal_connect_object (desk, "destroy", G_CALLBACK (gtk_window_destroy), window, G_CONNECT_SWAPPED);
      g_signal_connect_object (window, "destroy", G_CALLBACK (on_board_destroyed), desk, 0);
    }
  gtk_window_present (window);
}
