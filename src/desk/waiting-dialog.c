/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "waiting-dialog.h"

#include <glib/gi18n.h>

#include "booking-dialog.h"
#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "ui-text.h"

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  AdwBin *list;
  GtkLabel *answer;
  gboolean busy; /* a step is on its way: pressed twice it counts once */
} List;

static void
list_free (gpointer data)
{
  List *list = data;
  g_object_unref (list->service);
  g_free (list);
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  List *list = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (list == NULL)
    return;
  list->busy = FALSE;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_label_set_text (list->answer, reason != NULL ? reason : "");
}

static void
act (List *list,
     GtkButton *button,
     const char *action)
{
  if (list->busy)
    return;
  list->busy = TRUE;
  anx_desk_bookings_waiting_async (list->bookings, g_object_get_data (G_OBJECT (button), "entry"), action, on_answered,
                                   g_object_ref (list->window));
}

static void
on_told (GtkButton *button,
         List *list)
{
  act (list, button, "tell");
}

static void
on_close (GtkButton *button,
          List *list)
{
  act (list, button, "close");
}

static void
on_book (GtkButton *button,
         List *list)
{
  anx_booking_dialog_present_waiting (list->window, list->service, g_object_get_data (G_OBJECT (button), "entry"));
}

static void
add_button (List *list,
            GtkWidget *box,
            const char *label,
            const char *person,
            const char *entry,
            const char *action,
            GCallback callback)
{
  GtkWidget *button = anx_desk_button_new (label, "flat", NULL, NULL);
  /* Translators: what to do, for whom */
  g_autofree char *spoken = g_strdup_printf (_ ("%s: %s"), label, person);
  g_autofree char *name = g_strdup_printf ("%s %s", action, entry);

  gtk_widget_set_name (button, name);
  anx_desk_button_set_label (GTK_BUTTON (button), label, spoken);
  g_object_set_data_full (G_OBJECT (button), "entry", g_strdup (entry), g_free);
  g_signal_connect (button, "clicked", callback, list);
  gtk_box_append (GTK_BOX (box), button);
}

/* What happened with this entry and what to do about it. */
static char *
describe_notices (List *list,
                  const AnxDeskWaiting *entry)
{
  guint notices = (guint) CLAMP (entry->notices, 0, 3);

  if (!g_str_equal (entry->state, "open"))
    return g_strdup (_ ("Not on the list any more."));
  if (entry->noticed_usec == 0)
    return notices == 0 ? g_strdup (_ ("Nothing has become free yet."))
                        : g_strdup_printf (_ ("Called in vain on %u of 3 days. Nothing has become free since."), notices);
  g_autofree char *when = anx_ui_format_day_time (entry->noticed_usec, anx_desk_service_get_zone (list->service));
  if (!anx_desk_waiting_is_called (entry))
    /* Translators: a day and a time; how often, of three times */
    return g_strdup_printf (_ ("A time became free, and they were told: %s (%u of 3)."), when, notices);
  /* Translators: a day and a time */
  g_autofree char *call = g_strdup_printf (_ ("A time became free: %s. Please call."), when);
  g_autofree char *vain = notices > 0 ? g_strdup_printf (_ ("So far called in vain on %u of 3 days."), notices) : NULL;
  return vain != NULL ? g_strdup_printf ("%s\n%s", call, vain) : g_steal_pointer (&call);
}

static GtkWidget *
build_entry (List *list,
             const AnxDeskWaiting *entry)
{
  const char *zone = anx_desk_service_get_zone (list->service);
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (list->service), entry->id);
  gboolean open = g_str_equal (entry->state, "open");
  g_autofree char *person = anx_desk_describe_person (list->service, entry->id);
  g_autofree char *since = anx_ui_format_day (entry->created_usec, zone);
  g_autofree char *until = anx_ui_format_day (entry->to_usec, zone);
  g_autofree char *what
      = g_strdup_printf ("%s · %s", anx_desk_service_name_service (list->service, entry->service),
                         entry->counsellor != NULL ? anx_desk_service_name_principal (list->service, entry->counsellor)
                                                   : _ ("with whoever is free"));
  /* Translators: two days */
  g_autofree char *days = g_strdup_printf (_ ("Waits since %s, until %s"), since, until);
  g_autofree char *notices = describe_notices (list, entry);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (box, "padded");
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (person, "heading"));
  if (contact != NULL && contact->phone != NULL && *contact->phone != '\0')
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (contact->phone, "title-3"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (what, NULL));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (days, "dim-label"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (notices, anx_desk_waiting_is_due (entry) ? "answer" : "dim-label"));
  if (!open)
    return box;
  add_button (list, buttons, _ ("Book…"), person, entry->id, "book", G_CALLBACK (on_book));
  if (!anx_desk_waiting_is_called (entry))
    add_button (list, buttons, _ ("Have them told"), person, entry->id, "tell", G_CALLBACK (on_told));
  else if (anx_desk_waiting_is_due (entry))
    add_button (list, buttons, _ ("Called, no answer yet"), person, entry->id, "tell", G_CALLBACK (on_told));
  add_button (list, buttons, _ ("Take off the list"), person, entry->id, "close", G_CALLBACK (on_close));
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static void
refresh (List *list)
{
  GPtrArray *entries = anx_desk_bookings_get_waiting (list->bookings);
  GtkWidget *rows = anx_desk_list_new ();
  guint shown = 0;

  /* Who should be called comes first; otherwise in the order of the list. */
  for (int due = 1; due >= 0; due--)
    for (guint i = 0; i < entries->len; i++)
      {
        const AnxDeskWaiting *entry = g_ptr_array_index (entries, i);
        if (!g_str_equal (entry->state, "open") || anx_desk_waiting_is_due (entry) != due)
          continue;
        GtkWidget *row = gtk_list_box_row_new ();
        gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
        gtk_widget_set_focusable (row, FALSE);
        gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), build_entry (list, entry));
        gtk_list_box_append (GTK_LIST_BOX (rows), row);
        shown++;
      }
  if (shown == 0)
    gtk_list_box_append (GTK_LIST_BOX (rows), anx_desk_row_new (_ ("Nobody waits for a time"), NULL));
  anx_desk_place_update (list->list, rows);
}

static void
on_changed (GObject *source,
            GtkWindow *window)
{
  List *list = anx_dialog_data_get (window);
  if (list != NULL)
    refresh (list);
}

/**
 * anx_waiting_dialog_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_waiting_dialog_present (GtkWindow *parent,
                            AnxDeskService *service)
{
  List *list = g_new0 (List, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  list->window = GTK_WINDOW (adw_window_new ());
  list->service = g_object_ref (service);
  list->bookings = anx_desk_bookings_get (service);
  list->list = ADW_BIN (adw_bin_new ());
  list->answer = GTK_LABEL (anx_desk_label_new ("", "error"));
  anx_dialog_data_set (list->window, list, list_free);
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("They would come if a time became free. The list closes a day before their time ends, and "
                                         "after calls in vain on three days."),
                                      "dim-label"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (list->answer));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (list->list));
  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (whole), anx_desk_page_new (box, 560));
  adw_window_set_content (ADW_WINDOW (list->window), whole);
  gtk_window_set_title (list->window, _ ("Waiting list"));
  gtk_window_set_default_size (list->window, 600, 640);
  gtk_window_set_transient_for (list->window, parent);
  gtk_window_set_modal (list->window, TRUE);
  g_signal_connect_object (list->bookings, "changed", G_CALLBACK (on_changed), list->window, 0);
  g_signal_connect_object (service, "changed", G_CALLBACK (on_changed), list->window, 0);
  refresh (list);
  anx_dialog_close_on_escape (list->window);
  gtk_window_present (list->window);
}
