/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "board-window.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-widgets.h"
#include "ui-text.h"

/* More lines than this cannot be read across a room. */
#define MOST_LINES 3
/* The letters fill the window, whatever its size and the desktop's text size. In em of style.css: the clock and the newest number, each number
 * below it with a room of two lines, and a number of three digits beside its room. */
#define FIRST_EM 24
#define MORE_EM 9
#define WIDE_EM 58

typedef struct
{
  AnxDeskService *service;
  AdwBin *place;
  GtkLabel *clock;
  GtkCssProvider *provider;
  guint lines; /* numbers that are shown */
  GtkWidget *scrolled;
  int em;      /* px */
} Board;

static void
board_free (gpointer data)
{
  Board *board = data;
  g_object_unref (board->service);
  g_object_unref (board->provider);
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

  /* Between words only: half a word is no name. */
  gtk_label_set_wrap_mode (GTK_LABEL (room), PANGO_WRAP_WORD);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (room), GTK_NATURAL_WRAP_NONE);
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

/* By what the window has inside: its surface may have a shadow and a title. */
static void
fit (Board *board)
{
  int width = gtk_widget_get_width (board->scrolled), height = gtk_widget_get_height (board->scrolled);
  int high = FIRST_EM + MORE_EM * (MAX (board->lines, 1) - 1);
  int em = MAX (8, MIN (height / high, width / WIDE_EM));

  if (height == 0 || em == board->em)
    return;
  board->em = em;
  g_autofree char *style = g_strdup_printf ("* { font-size: %dpx; }", em);
  gtk_css_provider_load_from_data (board->provider, style, -1);
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
  board->lines = MIN (called->len, MOST_LINES);
  for (guint i = 0; i < board->lines; i++)
    gtk_box_append (GTK_BOX (box), build_line (board, g_ptr_array_index (called, i), i == 0));
  if (called->len == 0)
    {
      GtkWidget *wait = anx_desk_label_new (_ ("Please wait. Your number will be shown here."), "board-room");
      gtk_label_set_justify (GTK_LABEL (wait), GTK_JUSTIFY_CENTER);
      gtk_box_append (GTK_BOX (box), wait);
    }
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  anx_desk_place_update (board->place, box);
  gtk_label_set_text (board->clock, time);
  fit (board);
}

static void
on_layout (GdkSurface *surface,
           int width,
           int height,
           GtkWindow *window)
{
  fit (g_object_get_data (G_OBJECT (window), "board"));
}

static void
on_realized (GtkWidget *window)
{
  g_signal_connect_object (gtk_native_get_surface (GTK_NATIVE (window)), "layout", G_CALLBACK (on_layout), window, 0);
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
  board->provider = gtk_css_provider_new ();
  board->scrolled = gtk_scrolled_window_new ();
  gtk_widget_set_vexpand (GTK_WIDGET (board->place), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (window), "board");
  gtk_widget_add_css_class (GTK_WIDGET (board->clock), "board-clock");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (board->place));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (board->clock));
  gtk_style_context_add_provider (gtk_widget_get_style_context (box), GTK_STYLE_PROVIDER (board->provider),
                                  GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  /* Without bars: the window may become smaller than its letters, which then follow. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (board->scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_EXTERNAL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (board->scrolled), box);
  gtk_window_set_child (window, board->scrolled);
  gtk_window_set_title (window, _ ("Called numbers (F11: whole screen)"));
  gtk_window_set_default_size (window, 1280, 720);
  g_object_set_data_full (G_OBJECT (window), "board", board, board_free);
  g_signal_connect (window, "realize", G_CALLBACK (on_realized), NULL);
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
