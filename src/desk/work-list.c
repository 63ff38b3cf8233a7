/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work-list.h"

#include <glib/gi18n.h>

#include "booking-dialog.h"
#include "closures-dialog.h"
#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "intake-card.h"
#include "lent-times-dialog.h"
#include "ui-text.h"
#include "waiting-dialog.h"

struct _AnxWorkList
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  AdwBin *place;
  GtkLabel *answer;
  GtkWidget *waiting;      /* buttons of the staff */
  GtkWidget *closures;
  GtkWidget *lent;
  guint count;
  guint due;               /* people on the waiting list who should be called now */
};

G_DEFINE_FINAL_TYPE (AnxWorkList, anx_work_list, ADW_TYPE_BIN)

static guint show_signal;

static void
anx_work_list_dispose (GObject *object)
{
  g_clear_object (&ANX_WORK_LIST (object)->service);
  G_OBJECT_CLASS (anx_work_list_parent_class)->dispose (object);
}

static void
anx_work_list_class_init (AnxWorkListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_work_list_dispose;
  show_signal = g_signal_new ("show-booking", ANX_TYPE_WORK_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                              G_TYPE_STRING);
}

static void
anx_work_list_init (AnxWorkList *self)
{
}

/* Each kind: what happened, and what to do. */
static const struct
{
  const char *kind;
  const char *title;
  const char *to_do;
} kinds[] = {
  { "follow-up", N_ ("Somebody we worry about did not come"),
    N_ ("Please ask how the person is; a counsellor decides what follows.") },
  { "promised-twice", N_ ("A kiosk or a desk promised a time that was given away"),
    N_ ("The resident has a slip that says confirmed. Please call and offer another time.") },
  { "asked", N_ ("A time was asked for that could not be had"),
    N_ ("Please call the resident and agree on another time.") },
  { "stray-leases", N_ ("A kiosk or a desk was set up anew and its lent times are unknown"),
    N_ ("Somebody may hold a slip for one of them. Free them only if that cannot be.") },
  { "room-closed", N_ ("A room is closed while somebody is booked there"),
    N_ ("Please find another room or time, and call the resident if it is another time.") },
};

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (AnxWorkList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (self->service == NULL)
    return;
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  gtk_label_set_text (self->answer, reason != NULL ? reason : "");
}

static void
on_done (GtkButton *button,
         AnxWorkList *self)
{
  anx_desk_bookings_work_done_async (self->bookings, g_object_get_data (G_OBJECT (button), "what"), on_answered,
                                     g_object_ref (self));
}

static void
on_show (GtkButton *button,
         AnxWorkList *self)
{
  g_signal_emit (self, show_signal, 0, g_object_get_data (G_OBJECT (button), "what"));
}

static void
on_reclaim_answer (AdwMessageDialog *dialog,
                   const char *response,
                   AnxWorkList *self)
{
  if (g_str_equal (response, "free"))
    anx_desk_bookings_reclaim_async (self->bookings, g_object_get_data (G_OBJECT (dialog), "kiosk"), on_answered,
                                     g_object_ref (self));
}

/* A person's word against a promise: asked once more. */
static void
on_reclaim (GtkButton *button,
            AnxWorkList *self)
{
  GtkWidget *dialog
      = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Free its times?"),
                                _ ("Only when this machine will not come back as it was. A resident who was promised one of "
                                   "them must then be called."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep them"), "free", _ ("_Free them"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "free", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_object_set_data_full (G_OBJECT (dialog), "kiosk", g_strdup (g_object_get_data (G_OBJECT (button), "what")), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_reclaim_answer), self, 0);
  anx_desk_dialog_present (dialog);
}

static void
add_button (AnxWorkList *self,
            GtkWidget *box,
            const char *label,
            const char *what,
            GCallback callback)
{
  GtkWidget *button = anx_desk_button_new (label, "flat", NULL, NULL);
  g_autofree char *name = g_strdup_printf ("%s %s", label, what);

  gtk_widget_set_name (button, name);
  g_object_set_data_full (G_OBJECT (button), "what", g_strdup (what), g_free);
  g_signal_connect (button, "clicked", callback, self);
  gtk_box_append (GTK_BOX (box), button);
}

static GtkWidget *
build_item (AnxWorkList *self,
            const AnxDeskWorkItem *item)
{
  const char *title = item->kind;
  const char *to_do = NULL;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].kind, item->kind))
      {
        title = _ (kinds[i].title);
        to_do = _ (kinds[i].to_do);
      }
  gtk_widget_add_css_class (box, "padded");
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (title, "heading"));
  if (item->booking != NULL)
    {
      const AnxDeskBooking *booking
          = anx_desk_model_get_booking (anx_desk_service_get_model (self->service), item->booking);
      g_autofree char *person = anx_desk_describe_person (self->service, item->booking);
      g_autofree char *when
          = booking != NULL ? anx_ui_format_day_time (booking->start_usec, anx_desk_service_get_zone (self->service)) : NULL;
      g_autofree char *text = g_strdup_printf ("%s%s%s", person, when != NULL ? " · " : "", when != NULL ? when : "");
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, NULL));
      if (booking != NULL)
        add_button (self, buttons, _ ("Show"), item->booking, G_CALLBACK (on_show));
    }
  if (item->kiosk != NULL)
    gtk_box_append (GTK_BOX (box),
                    anx_desk_label_new (anx_desk_service_name_principal (self->service, item->kiosk), NULL));
  if (to_do != NULL)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (to_do, "dim-label"));
  if (item->kiosk != NULL && anx_desk_service_has_role (self->service, "staff"))
    add_button (self, buttons, _ ("Free the times…"), item->kiosk, G_CALLBACK (on_reclaim));
  add_button (self, buttons, _ ("Done"), item->id, G_CALLBACK (on_done));
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static void
on_book_again (GtkButton *button,
               AnxWorkList *self)
{
  anx_booking_dialog_present_again (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service,
                                    g_object_get_data (G_OBJECT (button), "what"));
}

static void
on_forget (GtkButton *button,
           AnxWorkList *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (!anx_desk_bookings_forget_refused (self->bookings, g_object_get_data (G_OBJECT (button), "what"), &error))
    reason = anx_desk_problem_explain (error);
  gtk_label_set_text (self->answer, reason != NULL ? reason : "");
}

/* Somebody has a code that opens nothing: whom to call, and about what. */
static GtkWidget *
build_refused (AnxWorkList *self,
               const AnxDeskRefused *sale)
{
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (self->service), sale->id);
  g_autofree char *person = anx_desk_describe_person (self->service, sale->id);
  g_autofree char *when = anx_ui_format_day_time (sale->start_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *text = g_strdup_printf ("%s · %s · %s", person, when, anx_desk_service_name_service (self->service, sale->service));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (box, "padded");
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("A time promised at this desk was refused by the hub"), "heading"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, NULL));
  if (contact != NULL && contact->phone != NULL && *contact->phone != '\0')
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (contact->phone, "title-3"));
  if (sale->problem != NULL)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (sale->problem, "dim-label"));
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("It does not stand, and its code is not known. Please call the resident and book again."), "dim-label"));
  add_button (self, buttons, _ ("Book again…"), sale->id, G_CALLBACK (on_book_again));
  add_button (self, buttons, _ ("Done"), sale->id, G_CALLBACK (on_forget));
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static void
append_row (GtkWidget *list,
            GtkWidget *child)
{
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), child);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

/* Each record the hub refused, with the reason it gave. */
static void
append_set_aside (AnxWorkList *self,
                  GtkWidget *list)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  g_autoptr (GPtrArray) records
      = anx_client_count_set_aside (client) > 0 ? anx_client_list_records (client, NULL, NULL) : NULL;

  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      AnxRecordHeader *header = anx_inbox_record_get_header (g_ptr_array_index (records, i));
      g_autofree char *problem = anx_client_dup_record_problem (client, anx_record_header_get_id (header));
      if (problem == NULL)
        continue;
      g_autofree char *when = anx_ui_format_day_time (anx_record_header_get_created_usec (header),
                                                      anx_desk_service_get_zone (self->service));
      gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (when, problem));
    }
}

static void
set_counted (GtkWidget *button,
             const char *words,
             guint count)
{
  g_autofree char *text = count > 0 ? g_strdup_printf ("%s (%u)", words, count) : NULL;
  anx_desk_button_set_label (GTK_BUTTON (button), text != NULL ? text : words, NULL);
}

/* Who waits for a time, and rooms that are closed: each in a window of its own. */
static void
refresh_buttons (AnxWorkList *self)
{
  GPtrArray *entries = anx_desk_bookings_get_waiting (self->bookings);
  gboolean staff = anx_desk_service_has_role (self->service, "staff");
  guint open = 0;

  self->due = 0;
  for (guint i = 0; i < entries->len; i++)
    {
      const AnxDeskWaiting *entry = g_ptr_array_index (entries, i);
      open += g_str_equal (entry->state, "open");
      self->due += anx_desk_waiting_is_due (entry);
    }
  gtk_widget_set_visible (self->waiting, staff);
  gtk_widget_set_visible (self->closures, staff);
  gtk_widget_set_visible (self->lent, staff);
  set_counted (self->waiting, _ ("Waiting list…"), open);
  set_counted (self->closures, _ ("Closed rooms…"), anx_desk_bookings_get_closures (self->bookings)->len);
}

static void
on_waiting (AnxWorkList *self)
{
  anx_waiting_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

static void
on_lent (AnxWorkList *self)
{
  anx_lent_times_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

static void
on_closures (AnxWorkList *self)
{
  anx_closures_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

static int
compare_due (gconstpointer a,
             gconstpointer b)
{
  gint64 one = (*(const AnxDeskIntake *const *) a)->due_usec;
  gint64 other = (*(const AnxDeskIntake *const *) b)->due_usec;
  return one < other ? -1 : one > other;
}

/* Open ones, the most pressing first; gives how many. */
static guint
append_intakes (AnxWorkList *self,
                GtkWidget *list)
{
  GPtrArray *intakes = anx_desk_bookings_get_intakes (self->bookings);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  for (guint i = 0; i < intakes->len; i++)
    if (!g_str_equal (((const AnxDeskIntake *) g_ptr_array_index (intakes, i))->status, "closed"))
      g_ptr_array_add (open, g_ptr_array_index (intakes, i));
  g_ptr_array_sort (open, compare_due);
  for (guint i = 0; i < open->len; i++)
    append_row (list, anx_intake_card_new (self->service, g_ptr_array_index (open, i), self->answer));
  return open->len;
}

static void
refresh (AnxWorkList *self)
{
  GPtrArray *items;
  AnxClient *client;
  GtkWidget *list;

  if (self->service == NULL)
    return;
  refresh_buttons (self);
  client = anx_desk_service_get_client (self->service);
  items = anx_desk_bookings_get_work (self->bookings);
  list = anx_desk_list_new ();
  guint aside = anx_client_count_set_aside (client);
  guint unreadable = anx_desk_service_count_unreadable (self->service);
  GPtrArray *refused = anx_desk_bookings_get_refused (self->bookings);
  self->count = append_intakes (self, list) + refused->len + items->len + aside + unreadable;
  for (guint i = 0; i < refused->len; i++)
    append_row (list, build_refused (self, g_ptr_array_index (refused, i)));
  for (guint i = 0; i < items->len; i++)
    append_row (list, build_item (self, g_ptr_array_index (items, i)));
  if (aside > 0)
    {
      g_autofree char *text
          = g_strdup_printf (ngettext ("%u record was refused by the hub", "%u records were refused by the hub", aside),
                             aside);
      gtk_list_box_append (GTK_LIST_BOX (list),
                           anx_desk_row_new (text,
                                             _ ("It is kept sealed on this computer. Please tell the administrator.")));
      append_set_aside (self, list);
    }
  if (unreadable > 0)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u record cannot be opened here",
                                                         "%u records cannot be opened here", unreadable),
                                               unreadable);
      gtk_list_box_append (
          GTK_LIST_BOX (list),
          anx_desk_row_new (text,
                            _ ("It stays sealed. It opens by itself once the directory names you among its readers.")));
    }
  if (self->count == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("Nothing. All records were accepted."), NULL));
  anx_desk_place_update (self->place, list);
}

/**
 * anx_work_list_new:
 * @service: the service
 *
 * Returns: (transfer floating): the list
 */
GtkWidget *
anx_work_list_new (AnxDeskService *service)
{
  AnxWorkList *self = g_object_new (ANX_TYPE_WORK_LIST, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->service = g_object_ref (service);
  self->bookings = anx_desk_bookings_get (service);
  self->place = ADW_BIN (adw_bin_new ());
  self->answer = GTK_LABEL (anx_desk_label_new ("", "error"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->answer));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->place));
  self->waiting = anx_desk_button_new (_ ("Waiting list…"), NULL, NULL, NULL);
  self->closures = anx_desk_button_new (_ ("Closed rooms…"), NULL, NULL, NULL);
  self->lent = anx_desk_button_new (_ ("Lent times…"), NULL, NULL, NULL);
  g_signal_connect_swapped (self->lent, "clicked", G_CALLBACK (on_lent), self);
  g_signal_connect_swapped (self->waiting, "clicked", G_CALLBACK (on_waiting), self);
  g_signal_connect_swapped (self->closures, "clicked", G_CALLBACK (on_closures), self);
  gtk_box_append (GTK_BOX (box), self->waiting);
  gtk_box_append (GTK_BOX (box), self->closures);
  gtk_box_append (GTK_BOX (box), self->lent);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bookings, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

/**
 * anx_work_list_count:
 * @self: the list
 *
 * Returns: how much needs a look; who waits and should be called now is part of it
 */
guint
anx_work_list_count (AnxWorkList *self)
{
  return self->count + self->due;
}
