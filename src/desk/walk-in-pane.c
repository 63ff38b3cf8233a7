/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "walk-in-pane.h"

#include <glib/gi18n.h>

#include "board-window.h"
#include "booking-dialog.h"
#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "ui-text.h"

struct _AnxWalkInPane
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  AdwBin *list;
  GtkLabel *answer;
  GtkDropDown *room;
  GtkDropDown *wish;
  GPtrArray *rooms;     /* (element-type utf8) as in the list */
  GPtrArray *services;  /* (element-type AnxService) as in the list */
};

G_DEFINE_FINAL_TYPE (AnxWalkInPane, anx_walk_in_pane, ADW_TYPE_BIN)

static void
anx_walk_in_pane_dispose (GObject *object)
{
  AnxWalkInPane *self = ANX_WALK_IN_PANE (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->rooms, g_ptr_array_unref);
  g_clear_pointer (&self->services, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_walk_in_pane_parent_class)->dispose (object);
}

static void
anx_walk_in_pane_class_init (AnxWalkInPaneClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_walk_in_pane_dispose;
}

static void
anx_walk_in_pane_init (AnxWalkInPane *self)
{
}

/* What the queue may do with a ticket, as the hub has it (queue.c there). */
static const struct
{
  const char *action;
  const char *from; /* states, separated by blanks */
  const char *label;
} steps[] = {
  { "call", "waiting skipped", N_ ("Call") },
  { "recall", "skipped called", N_ ("Back to waiting") },
  { "skip", "called", N_ ("Skip") },
  { "serve", "called", N_ ("Has come") },
  { "done", "serving", N_ ("Finished") },
  { "gone", "waiting called skipped", N_ ("Left") },
};

static const char *
get_state_text (const char *state)
{
  static const struct
  {
    const char *state;
    const char *text;
  } states[] = {
    { "waiting", N_ ("Waits") },     { "called", N_ ("Called") }, { "skipped", N_ ("Skipped") },
    { "serving", N_ ("In session") }, { "done", N_ ("Finished") }, { "gone", N_ ("Left") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].state, state))
      return _ (states[i].text);
  return state;
}

static const char *
get_room (AnxWalkInPane *self)
{
  guint index = gtk_drop_down_get_selected (self->room);
  return self->rooms != NULL && index < self->rooms->len ? g_ptr_array_index (self->rooms, index) : NULL;
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (AnxWalkInPane) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (self->service == NULL)
    return;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_label_set_text (self->answer, reason != NULL ? reason : "");
}

static void
on_step (GtkButton *button,
         AnxWalkInPane *self)
{
  const char *ticket = g_object_get_data (G_OBJECT (button), "ticket");
  const char *action = g_object_get_data (G_OBJECT (button), "action");

  /* Counsellor and room would else be free for everybody meanwhile. */
  if (g_str_equal (action, "serve"))
    anx_booking_dialog_present_ticket (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service, ticket);
  else
    anx_desk_bookings_ticket_async (self->bookings, ticket, action, get_room (self), NULL, on_answered, g_object_ref (self));
}

static GtkWidget *
build_ticket (AnxWalkInPane *self,
              const AnxDeskTicket *ticket)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  gint64 waits = MAX (0, (now - ticket->created_usec) / ANX_USEC_PER_MINUTE);
  g_autofree char *minutes = anx_desk_minutes_text (waits);
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, ticket->number);
  g_autofree char *details
      = g_str_equal (ticket->state, "waiting")
            ? g_strdup_printf ("%s · %s · %s", get_state_text (ticket->state), minutes,
                               anx_desk_service_name_service (self->service, ticket->service))
            : g_strdup_printf ("%s · %s · %s", get_state_text (ticket->state),
                               anx_desk_service_name_service (self->service, ticket->service),
                               ticket->room != NULL
                                   ? anx_desk_service_name_room (
                                       self->service, anx_desk_bookings_get_centre (self->bookings), ticket->room)
                                   : "");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *words = anx_desk_label_new (details, NULL);

  gtk_widget_add_css_class (box, "padded");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (line), anx_desk_label_new (number, "title-2"));
  gtk_box_append (GTK_BOX (line), words);
  gtk_box_append (GTK_BOX (box), line);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_auto (GStrv) from = g_strsplit (steps[i].from, " ", -1);
      if (!g_strv_contains ((const char *const *) from, ticket->state))
        continue;
      GtkWidget *button = anx_desk_button_new (_ (steps[i].label), "flat", NULL, NULL);
      /* Translators: what to do, the ticket's number */
      g_autofree char *spoken = g_strdup_printf (_ ("%s: number %s"), _ (steps[i].label), number);
      g_autofree char *name = g_strdup_printf ("%s %s", steps[i].action, ticket->id);
      gtk_widget_set_name (button, name);
      anx_desk_button_set_label (GTK_BUTTON (button), _ (steps[i].label), spoken);
      g_object_set_data_full (G_OBJECT (button), "ticket", g_strdup (ticket->id), g_free);
      g_object_set_data (G_OBJECT (button), "action", (gpointer) steps[i].action);
      g_signal_connect (button, "clicked", G_CALLBACK (on_step), self);
      gtk_box_append (GTK_BOX (buttons), button);
    }
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static int
get_rank (const AnxDeskTicket *ticket)
{
  static const char *const order[] = { "called", "serving", "waiting", "skipped" };

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (g_str_equal (order[i], ticket->state))
      return (int) i;
  return -1;
}

static void
refresh (AnxWalkInPane *self)
{
  GPtrArray *tickets;
  GtkWidget *list;
  guint shown = 0;

  if (self->service == NULL)
    return;
  tickets = anx_desk_bookings_get_tickets (self->bookings);
  list = anx_desk_list_new ();
  for (int rank = 0; rank < 4; rank++)
    for (guint i = 0; i < tickets->len; i++)
      {
        const AnxDeskTicket *ticket = g_ptr_array_index (tickets, i);
        if (get_rank (ticket) != rank)
          continue;
        GtkWidget *row = gtk_list_box_row_new ();
        gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
        gtk_widget_set_focusable (row, FALSE);
        gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), build_ticket (self, ticket));
        gtk_list_box_append (GTK_LIST_BOX (list), row);
        shown++;
      }
  if (shown == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("Nobody waits without a booking"), NULL));
  anx_desk_place_update (self->list, list);
}

/* The lists of rooms and services come with the directory; a choice is kept as long as there are as many. */
static void
refresh_choices (AnxWalkInPane *self)
{
  g_autoptr (GPtrArray) rooms = NULL;
  g_autoptr (GPtrArray) services = NULL;

  if (self->service == NULL)
    return;
  rooms = anx_desk_bookings_list_rooms (self->bookings);
  services = anx_desk_bookings_list_services (self->bookings);
  if (self->rooms == NULL || rooms->len != self->rooms->len)
    {
      g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
      for (guint i = 0; i < rooms->len; i++)
        gtk_string_list_append (names,
                                anx_desk_service_name_room (self->service, anx_desk_bookings_get_centre (self->bookings),
                                                            g_ptr_array_index (rooms, i)));
      g_clear_pointer (&self->rooms, g_ptr_array_unref);
      self->rooms = g_steal_pointer (&rooms);
      gtk_drop_down_set_model (self->room, G_LIST_MODEL (names));
    }
  if (self->services == NULL || services->len != self->services->len)
    {
      g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
      for (guint i = 0; i < services->len; i++)
        gtk_string_list_append (names,
                                anx_desk_service_name_service (self->service,
                                                               ((AnxService *) g_ptr_array_index (services, i))->id));
      g_clear_pointer (&self->services, g_ptr_array_unref);
      self->services = g_steal_pointer (&services);
      gtk_drop_down_set_model (self->wish, G_LIST_MODEL (names));
    }
  refresh (self);
}

static void
on_next (AnxWalkInPane *self)
{
  anx_desk_bookings_call_next_async (self->bookings, get_room (self), on_answered, g_object_ref (self));
}

static void
on_add (AnxWalkInPane *self)
{
  guint index = gtk_drop_down_get_selected (self->wish);

  if (self->services != NULL && index < self->services->len)
    anx_desk_bookings_add_ticket_async (self->bookings, ((AnxService *) g_ptr_array_index (self->services, index))->id,
                                        on_answered, g_object_ref (self));
}

static void
on_board (AnxWalkInPane *self)
{
  anx_board_window_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

/**
 * anx_walk_in_pane_new:
 * @service: the service
 *
 * Returns: (transfer floating): the queue
 */
GtkWidget *
anx_walk_in_pane_new (AnxDeskService *service)
{
  AnxWalkInPane *self = g_object_new (ANX_TYPE_WALK_IN_PANE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *to = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *fresh = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *next = anx_desk_button_new (_ ("Call _next"), "suggested-action", NULL, NULL);
  GtkWidget *add = anx_desk_button_new (_ ("New ticket"), NULL, NULL, NULL);
  GtkWidget *board = anx_desk_button_new (_ ("Board for a second screen"), NULL, NULL, NULL);

  self->service = g_object_ref (service);
  self->bookings = anx_desk_bookings_get (service);
  self->list = ADW_BIN (adw_bin_new ());
  self->answer = GTK_LABEL (anx_desk_label_new ("", "error"));
  self->room = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  self->wish = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  anx_ui_set_accessible_name (GTK_WIDGET (self->room), _ ("Room to come to"));
  anx_ui_set_accessible_name (GTK_WIDGET (self->wish), _ ("What the person came for"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->room), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->wish), TRUE);
  g_signal_connect_swapped (next, "clicked", G_CALLBACK (on_next), self);
  g_signal_connect_swapped (add, "clicked", G_CALLBACK (on_add), self);
  g_signal_connect_swapped (board, "clicked", G_CALLBACK (on_board), self);
  gtk_box_append (GTK_BOX (to), GTK_WIDGET (self->room));
  gtk_box_append (GTK_BOX (to), next);
  gtk_box_append (GTK_BOX (fresh), GTK_WIDGET (self->wish));
  gtk_box_append (GTK_BOX (fresh), add);
  gtk_box_append (GTK_BOX (box), to);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->answer));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), fresh);
  gtk_box_append (GTK_BOX (box), board);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh_choices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bookings, "changed", G_CALLBACK (refresh_choices), self, G_CONNECT_SWAPPED);
  refresh_choices (self);
  return GTK_WIDGET (self);
}
