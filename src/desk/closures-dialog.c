/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "closures-dialog.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "dialog-fields.h"
#include "json.h"
#include "ui-text.h"

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  GPtrArray *rooms;        /* (element-type utf8) */
  AdwBin *list;
  GtkDropDown *room;       /* all of them first */
  GtkDropDown *reason;
  GtkEditable *from_day;
  GtkEditable *from_clock;
  GtkEditable *to_day;
  GtkEditable *to_clock;
  GtkWidget *close;
  GtkLabel *answer;
} Closures;

/* Words for the hub, which keeps no sentence. */
static const struct
{
  const char *word;
  const char *text;
} reasons[] = {
  { "repair", N_ ("Repair") },
  { "event", N_ ("Used for something else") },
  { "weather", N_ ("Storm or other danger") },
  { "holiday", N_ ("Day off") },
  { "other", N_ ("Another reason") },
};

static void
closures_free (gpointer data)
{
  Closures *closures = data;
  g_object_unref (closures->service);
  g_ptr_array_unref (closures->rooms);
  g_free (closures);
}

static const char *
get_reason_text (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_strcmp0 (reasons[i].word, word) == 0)
      return _ (reasons[i].text);
  return NULL;
}

static const char *
get_room_text (Closures *closures,
               const char *room)
{
  const char *centre = anx_desk_bookings_get_centre (closures->bookings);
  return room != NULL ? anx_desk_service_name_room (closures->service, centre, room) : _ ("All rooms");
}

/* ---- what is closed ---- */

static void
on_opened (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Closures *closures = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (closures == NULL)
    return;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_label_set_text (closures->answer, reason != NULL ? reason : _ ("Open again. It can be booked from now on."));
}

static void
on_open (GtkButton *button,
         Closures *closures)
{
  anx_desk_bookings_open_room_async (closures->bookings, g_object_get_data (G_OBJECT (button), "closure"), on_opened,
                                     g_object_ref (closures->window));
}

static void
refresh (Closures *closures)
{
  GPtrArray *all = anx_desk_bookings_get_closures (closures->bookings);
  const char *zone = anx_desk_service_get_zone (closures->service);
  GtkWidget *list = anx_desk_list_new ();

  for (guint i = 0; i < all->len; i++)
    {
      const AnxDeskClosure *closure = g_ptr_array_index (all, i);
      const char *room = get_room_text (closures, closure->room);
      const char *why = get_reason_text (closure->reason);
      g_autofree char *from = anx_ui_format_day_time (closure->from_usec, zone);
      g_autofree char *to = anx_ui_format_day_time (closure->to_usec, zone);
      g_autofree char *when = g_strdup_printf ("%s – %s%s%s", from, to, why != NULL ? " · " : "", why != NULL ? why : "");
      /* Translators: the name of a room */
      g_autofree char *spoken = g_strdup_printf (_ ("Open again: %s"), room);
      g_autofree char *name = g_strdup_printf ("open %s", closure->id);
      GtkWidget *row = anx_desk_row_new (room, when);
      GtkWidget *open = anx_desk_button_new (_ ("Open again"), NULL, NULL, NULL);
      gtk_widget_set_name (open, name);
      anx_desk_button_set_label (GTK_BUTTON (open), _ ("Open again"), spoken);
      gtk_widget_set_valign (open, GTK_ALIGN_CENTER);
      g_object_set_data_full (G_OBJECT (open), "closure", g_strdup (closure->id), g_free);
      g_signal_connect (open, "clicked", G_CALLBACK (on_open), closures);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), open);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  if (all->len == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("No room is closed"), NULL));
  anx_desk_place_update (closures->list, list);
}

static void
on_changed (AnxDeskBookings *bookings,
            GtkWindow *window)
{
  Closures *closures = anx_dialog_data_get (window);
  if (closures != NULL)
    refresh (closures);
}

/* ---- closing one ---- */

static void
on_closed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Closures *closures = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);
  JsonArray *in_the_way = answer != NULL ? anx_json_get_array (answer, "inTheWay") : NULL;
  guint n = in_the_way != NULL ? json_array_get_length (in_the_way) : 0;

  if (closures == NULL)
    return;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  g_autofree char *booked = g_strdup_printf (
      ngettext ("Closed. %u booking stands there: you find it under “Needs a look”.",
                "Closed. %u bookings stand there: you find them under “Needs a look”.", n), n);
  gtk_widget_set_sensitive (closures->close, TRUE);
  gtk_label_set_text (closures->answer, reason != NULL ? reason : n > 0 ? booked : _ ("Closed. Nobody was booked there."));
}

static void
on_close (Closures *closures)
{
  const char *zone = anx_desk_service_get_zone (closures->service);
  gint64 from = anx_dialog_time_usec (closures->from_day, closures->from_clock, zone);
  gint64 to = anx_dialog_time_usec (closures->to_day, closures->to_clock, zone);
  guint room = gtk_drop_down_get_selected (closures->room);
  guint reason = MIN (gtk_drop_down_get_selected (closures->reason), G_N_ELEMENTS (reasons) - 1);

  if (from == 0 || to <= from)
    {
      gtk_label_set_text (closures->answer, _ ("Please write the days like 2026-12-24 and the time like 9:00, the end after the beginning."));
      return;
    }
  gtk_widget_set_sensitive (closures->close, FALSE);
  gtk_label_set_text (closures->answer, _ ("Asking the hub…"));
  anx_desk_bookings_close_room_async (closures->bookings,
                                      room >= 1 && room <= closures->rooms->len ? g_ptr_array_index (closures->rooms, room - 1) : NULL,
                                      from, to, reasons[reason].word, on_closed, g_object_ref (closures->window));
}

static GtkWidget *
build_time (const char *words,
            const char *day,
            const char *clock,
            const char *day_name,
            const char *clock_name,
            GtkEditable **out_day,
            GtkEditable **out_clock)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (words);

  *out_day = anx_dialog_short_entry_new (day, day_name, 10);
  *out_clock = anx_dialog_short_entry_new (clock, clock_name, 5);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), 6);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (*out_day));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (*out_clock));
  return line;
}

static GtkWidget *
build_form (Closures *closures)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (closures->service));
  g_autoptr (GDateTime) today = anx_time_in_zone (now, anx_desk_service_get_zone (closures->service));
  g_autofree char *day = g_date_time_format (today, "%Y-%m-%d");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkStringList *rooms = gtk_string_list_new (NULL);
  GtkStringList *words = gtk_string_list_new (NULL);

  gtk_string_list_append (rooms, get_room_text (closures, NULL));
  for (guint i = 0; i < closures->rooms->len; i++)
    gtk_string_list_append (rooms, get_room_text (closures, g_ptr_array_index (closures->rooms, i)));
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    gtk_string_list_append (words, _ (reasons[i].text));
  closures->room = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (rooms), NULL));
  closures->reason = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (words), NULL));
  gtk_drop_down_set_selected (closures->room, closures->rooms->len > 0 ? 1 : 0);
  anx_ui_set_accessible_name (GTK_WIDGET (closures->room), _ ("Room to close"));
  anx_ui_set_accessible_name (GTK_WIDGET (closures->reason), _ ("Why it is closed"));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Close a room")));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (closures->room));
  gtk_box_append (GTK_BOX (box), build_time (_ ("From"), day, "9:00", _ ("First day"), _ ("Closed from what time"),
                                             &closures->from_day, &closures->from_clock));
  gtk_box_append (GTK_BOX (box), build_time (_ ("Until"), day, "18:00", _ ("Last day"), _ ("Closed until what time"),
                                             &closures->to_day, &closures->to_clock));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (closures->reason));
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("Nothing new is booked there. Bookings that stand there stay until you have spoken with "
                                         "the residents. Sessions by telephone go on."),
                                      "dim-label"));
  return box;
}

/**
 * anx_closures_dialog_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_closures_dialog_present (GtkWindow *parent,
                             AnxDeskService *service)
{
  Closures *closures = g_new0 (Closures, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *bar = adw_header_bar_new ();

  closures->window = GTK_WINDOW (adw_window_new ());
  closures->service = g_object_ref (service);
  closures->bookings = anx_desk_bookings_get (service);
  closures->rooms = anx_desk_bookings_list_rooms (closures->bookings);
  closures->list = ADW_BIN (adw_bin_new ());
  closures->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  closures->close = anx_desk_button_new (_ ("_Close the room"), "suggested-action", NULL, NULL);
  anx_dialog_data_set (closures->window, closures, closures_free);
  g_signal_connect_swapped (closures->close, "clicked", G_CALLBACK (on_close), closures);
  gtk_widget_set_halign (closures->close, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (closures->list));
  gtk_box_append (GTK_BOX (box), build_form (closures));
  gtk_box_append (GTK_BOX (box), closures->close);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (closures->answer));
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), anx_desk_page_new (box, 560));
  adw_window_set_content (ADW_WINDOW (closures->window), whole);
  gtk_window_set_title (closures->window, _ ("Closed rooms"));
  gtk_window_set_default_size (closures->window, 600, 640);
  gtk_window_set_transient_for (closures->window, parent);
  gtk_window_set_modal (closures->window, TRUE);
  g_signal_connect_object (closures->bookings, "changed", G_CALLBACK (on_changed), closures->window, 0);
  refresh (closures);
  anx_dialog_close_on_escape (closures->window);
  gtk_window_present (closures->window);
}
