/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lent-times-dialog.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-dialog.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "json.h"
#include "ui-text.h"

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  AdwBin *list;
  GtkLabel *answer;
} Lent;

static void
lent_free (gpointer data)
{
  Lent *lent = data;
  g_object_unref (lent->service);
  g_free (lent);
}

static void
on_reclaimed (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (GtkWindow) window = user_data;
  Lent *lent = anx_dialog_data_get (window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (lent == NULL)
    return;
  guint count = answer != NULL ? (guint) anx_json_get_int (answer, "reclaimed", 0) : 0;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  g_autofree char *done = g_strdup_printf (ngettext ("%u time is free for everybody again.", "%u times are free for everybody again.", count), count);
  gtk_label_set_text (lent->answer, reason != NULL ? reason : done);
}

static void
on_answer (AdwMessageDialog *dialog,
           const char *response,
           GtkWindow *window)
{
  Lent *lent = anx_dialog_data_get (window);
  if (lent != NULL && g_str_equal (response, "reclaim"))
    anx_desk_bookings_reclaim_async (lent->bookings, g_object_get_data (G_OBJECT (dialog), "kiosk"), on_reclaimed, g_object_ref (window));
}

/* This is a person's word against the promise on a slip: it is asked once more, with what may follow. */
static void
on_reclaim (GtkButton *button,
            Lent *lent)
{
  const char *kiosk = g_object_get_data (G_OBJECT (button), "kiosk");
  /* Translators: the name of a kiosk, or of whose desk it is */
  g_autofree char *heading = g_strdup_printf (_ ("Take back the times of %s?"), anx_desk_service_name_principal (lent->service, kiosk));
  GtkWidget *dialog = adw_message_dialog_new (
      lent->window, heading,
      _ ("Only when it will not come back: it may have sold some of them while nobody could reach it. If it does come back, you are asked to call whoever was promised "
         "a time twice."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Leave them"), "reclaim", _ ("_Take them back"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "reclaim", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_object_set_data_full (G_OBJECT (dialog), "kiosk", g_strdup (kiosk), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_answer), lent->window, 0);
  anx_desk_dialog_present (dialog);
}

/* One row for the @n leases from @first on, which one kiosk or desk has. */
static GtkWidget *
build_row (Lent *lent,
           AnxDeskLease *const *leases,
           guint n)
{
  const char *zone = anx_desk_service_get_zone (lent->service);
  const char *name = anx_desk_service_name_principal (lent->service, leases[0]->kiosk);
  guint stray = 0;
  for (guint i = 0; i < n; i++)
    stray += g_strcmp0 (leases[i]->state, "stray") == 0;
  g_autofree char *first = anx_ui_format_day_time (leases[0]->start_usec, zone);
  g_autofree char *last = anx_ui_format_day_time (leases[n - 1]->start_usec, zone);
  g_autofree char *times = g_strdup_printf (ngettext ("%u time: %s", "%u times: %s – %s", n), n, first, last);
  g_autofree char *seen = leases[0]->seen_usec > 0 ? anx_ui_format_day_time (leases[0]->seen_usec, zone) : g_strdup (_ ("never"));
  /* Translators: a day and a time */
  g_autofree char *heard = g_strdup_printf (_ ("Last heard of: %s"), seen);
  g_autofree char *subtitle = g_strdup_printf ("%s\n%s%s%s", times, heard, stray > 0 ? "\n" : "",
                                               stray > 0 ? _ ("It was set up anew and does not know its earlier times: somebody may have a slip.") : "");
  /* Translators: the name of a kiosk, or of whose desk it is */
  g_autofree char *spoken = g_strdup_printf (_ ("Take back: %s"), name);
  GtkWidget *row = anx_desk_row_new (name, subtitle);
  GtkWidget *button = anx_desk_button_new (_ ("Take back…"), NULL, NULL, NULL);

  g_autofree char *id = g_strdup_printf ("reclaim %s", leases[0]->kiosk);
  gtk_widget_set_name (button, id);
  anx_desk_button_set_label (GTK_BUTTON (button), _ ("Take back…"), spoken);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "kiosk", g_strdup (leases[0]->kiosk), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_reclaim), lent);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

/* The hub gives them by kiosk, soonest first. */
static void
refresh (Lent *lent)
{
  GPtrArray *all = anx_desk_bookings_get_leases (lent->bookings);
  GtkWidget *list = anx_desk_list_new ();

  for (guint i = 0, n = 0; i < all->len; i += n)
    {
      AnxDeskLease **leases = (AnxDeskLease **) all->pdata + i;
      for (n = 1; i + n < all->len && g_str_equal (leases[n]->kiosk, leases[0]->kiosk);)
        n++;
      gtk_list_box_append (GTK_LIST_BOX (list), build_row (lent, leases, n));
    }
  if (all->len == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("No time is lent to a kiosk or desk"), NULL));
  anx_desk_place_update (lent->list, list);
}

static void
on_changed (AnxDeskBookings *bookings,
            GtkWindow *window)
{
  Lent *lent = anx_dialog_data_get (window);
  if (lent != NULL)
    refresh (lent);
}

/**
 * anx_lent_times_dialog_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_lent_times_dialog_present (GtkWindow *parent,
                               AnxDeskService *service)
{
  Lent *lent = g_new0 (Lent, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);

  lent->window = GTK_WINDOW (adw_window_new ());
  lent->service = g_object_ref (service);
  lent->bookings = anx_desk_bookings_get (service);
  lent->list = ADW_BIN (adw_bin_new ());
  lent->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  anx_dialog_data_set (lent->window, lent, lent_free);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("So that kiosks and desks can book without the network, each has a few times that nobody else may give away. "
                                                        "From one that is broken they can be taken back."),
                                                     "dim-label"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (lent->list));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (lent->answer));
  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (whole), anx_desk_page_new (box, 560));
  adw_window_set_content (ADW_WINDOW (lent->window), whole);
  gtk_window_set_title (lent->window, _ ("Lent times"));
  gtk_window_set_default_size (lent->window, 600, 560);
  gtk_window_set_transient_for (lent->window, parent);
  gtk_window_set_modal (lent->window, TRUE);
  g_signal_connect_object (lent->bookings, "changed", G_CALLBACK (on_changed), lent->window, 0);
  refresh (lent);
  /* How long one was not heard of is told as it is now. */
  anx_desk_bookings_refresh (lent->bookings);
  anx_dialog_close_on_escape (lent->window);
  gtk_window_present (lent->window);
}
