/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pane.h"

#include <glib/gi18n.h>

#include "change-reason.h"
#include "desk-bookings.h"
#include "desk-widgets.h"
#include "ui-text.h"
#include "wrap-line.h"

struct _AnxBookingPane
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AdwBin *place;
  AdwBin *history;
  char *booking;          /* (nullable) */
  gint64 history_usec;    /* the booking's last change when its history was asked for */
};

G_DEFINE_FINAL_TYPE (AnxBookingPane, anx_booking_pane, ADW_TYPE_BIN)

static guint move_signal;

static void
anx_booking_pane_dispose (GObject *object)
{
  AnxBookingPane *self = ANX_BOOKING_PANE (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  G_OBJECT_CLASS (anx_booking_pane_parent_class)->dispose (object);
}

static void
anx_booking_pane_class_init (AnxBookingPaneClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_booking_pane_dispose;
  move_signal = g_signal_new ("move", ANX_TYPE_BOOKING_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                              G_TYPE_STRING);
}

static void
anx_booking_pane_init (AnxBookingPane *self)
{
}

/* What was done, in a few words. */
static char *
describe_change (AnxBookingPane *self,
                 const AnxDeskChange *change)
{
  const char *zone = anx_desk_service_get_zone (self->service);

  if (g_str_equal (change->what, "moved"))
    {
      g_autofree char *when = anx_ui_format_day_time (change->start_usec, zone);
      return g_strdup_printf (_ ("Moved to %s, %s"), when,
                              anx_desk_service_name_principal (self->service, change->counsellor));
    }
  if (g_str_equal (change->what, "made"))
    return g_strdup_printf (_ ("Made: %s"), anx_desk_booking_status_text (change->status));
  return g_strdup_printf (_ ("Now: %s"), anx_desk_booking_status_text (change->status));
}

typedef struct
{
  AnxBookingPane *pane;
  char *booking;
} Question;

static void
on_changes (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (AnxBookingPane) self = question->pane;
  g_autofree char *booking = question->booking;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) changes
      = anx_desk_bookings_list_changes_finish (ANX_DESK_BOOKINGS (source), result, &error);
  GtkWidget *list;

  /* Another booking may have been chosen meanwhile: its history is on its way, too. */
  if (self->service == NULL || g_strcmp0 (self->booking, booking) != 0)
    return;
  list = anx_desk_list_new ();
  for (guint i = changes != NULL ? changes->len : 0; i > 0; i--)
    {
      const AnxDeskChange *change = g_ptr_array_index (changes, i - 1);
      g_autofree char *title = describe_change (self, change);
      g_autofree char *when = anx_ui_format_day_time (change->at_usec, anx_desk_service_get_zone (self->service));
      g_autofree char *subtitle
          = g_strdup_printf ("%s · %s%s%s", when, anx_desk_service_name_principal (self->service, change->who),
                             change->reason != NULL ? " · " : "",
                             change->reason != NULL ? anx_change_reason_text (change->reason) : "");
      GtkWidget *row = anx_desk_row_new (title, subtitle);
      gtk_widget_add_css_class (row, "dense");
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  if (changes == NULL)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         anx_desk_row_new (_ ("The history cannot be read now"), error->message));
  anx_desk_place_update (self->history, list);
}

static void
on_move (GtkButton *button,
         AnxBookingPane *self)
{
  if (self->booking != NULL)
    g_signal_emit (self, move_signal, 0, self->booking);
}

static void
add_status_button (GtkWidget *box,
                   const AnxDeskBooking *booking,
                   const char *status,
                   const char *label,
                   const char *css_class)
{
  if (!anx_appointment_status_may_follow (booking->status, status))
    return;
  g_autofree char *target = g_strdup_printf ("%s %s", booking->id, status);
  GtkWidget *button = anx_desk_button_new (label, css_class, "win.booking-status", target);
  anx_wrap_line_append (ANX_WRAP_LINE (box), button);
}

static GtkWidget *
build_actions (AnxBookingPane *self,
               const AnxDeskBooking *booking)
{
  GtkWidget *box = anx_wrap_line_new (6);
  gboolean away = g_str_equal (booking->status, "noshow");

  if (g_str_equal (booking->status, "booked"))
    add_status_button (box, booking, "checked-in", _ ("Check in now"), "suggested-action");
  if (g_str_equal (booking->status, "proposed") || g_str_equal (booking->status, "pending"))
    add_status_button (box, booking, "booked", _ ("Confirm"), "suggested-action");
  if (away)
    {
      add_status_button (box, booking, "booked", _ ("Take back: not missed"), NULL);
      add_status_button (box, booking, "checked-in", _ ("Came after all"), NULL);
    }
  add_status_button (box, booking, "noshow", _ ("Did not come…"), NULL);
  if (g_str_equal (booking->status, "booked") || g_str_equal (booking->status, "proposed")
      || g_str_equal (booking->status, "pending"))
    {
      GtkWidget *move = anx_desk_button_new (_ ("_Move…"), NULL, NULL, NULL);
      gtk_widget_set_name (move, "move-booking");
      g_signal_connect (move, "clicked", G_CALLBACK (on_move), self);
      anx_wrap_line_append (ANX_WRAP_LINE (box), move);
    }
  add_status_button (box, booking, "cancelled", _ ("Cancel…"), NULL);
  return box;
}

static void
add_line (GtkWidget *box,
          const char *text)
{
  if (text != NULL && *text != '\0')
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, NULL));
}

static const char *
get_origin_text (const char *origin)
{
  if (g_strcmp0 (origin, "staff") == 0)
    return _ ("Booked by staff");
  if (g_strcmp0 (origin, "outreach") == 0)
    return _ ("Booked by staff for a person who was sought out");
  if (g_strcmp0 (origin, "walk-in") == 0)
    return _ ("Came without a booking");
  return NULL;
}

static GtkWidget *
build_booking (AnxBookingPane *self,
               const AnxDeskBooking *booking)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  const AnxDeskContact *contact
      = anx_desk_model_get_contact (anx_desk_service_get_model (self->service), booking->id);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *when = anx_ui_format_day_time (booking->start_usec, zone);
  g_autofree char *until = anx_ui_format_time (booking->end_usec, zone);
  g_autofree char *time = g_strdup_printf ("%s–%s", when, until);
  gboolean waiting = g_str_equal (booking->status, "checked-in");
  GtkWidget *chip = anx_desk_chip_new (anx_desk_booking_status_icon (booking->status),
                                       anx_desk_booking_status_text (booking->status), waiting ? "warn" : "quiet");

  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (person, "title-3"));
  gtk_box_append (GTK_BOX (box), chip);
  add_line (box, contact != NULL ? contact->phone : NULL);
  add_line (box, time);
  add_line (box, anx_desk_service_name_service (self->service, booking->service));
  add_line (box, anx_desk_service_name_principal (self->service, booking->counsellor));
  if (booking->mediator != NULL)
    add_line (box, anx_desk_service_name_principal (self->service, booking->mediator));
  add_line (box, anx_desk_service_name_room (self->service, booking->centre, booking->room));
  add_line (box, get_origin_text (booking->origin));
  if (booking->late)
    add_line (box, _ ("Called off later than asked for"));
  gtk_box_append (GTK_BOX (box), build_actions (self, booking));
  return box;
}

static void
refresh (AnxBookingPane *self)
{
  const AnxDeskBooking *booking
      = self->service != NULL && self->booking != NULL
            ? anx_desk_model_get_booking (anx_desk_service_get_model (self->service), self->booking)
            : NULL;

  if (self->service == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->history), booking != NULL);
  if (booking == NULL)
    {
      anx_desk_place_update (self->place, anx_desk_label_new (_ ("Choose a booking to see it here."), "dim-label"));
      return;
    }
  anx_desk_place_update (self->place, build_booking (self, booking));
  if (self->history_usec == booking->changed_usec)
    return;
  self->history_usec = booking->changed_usec;
  Question *question = g_new0 (Question, 1);
  question->pane = g_object_ref (self);
  question->booking = g_strdup (booking->id);
  anx_desk_bookings_list_changes_async (anx_desk_bookings_get (self->service), booking->id, on_changes, question);
}

/**
 * anx_booking_pane_new:
 * @service: the service
 *
 * Returns: (transfer floating): the pane, with no booking yet
 */
GtkWidget *
anx_booking_pane_new (AnxDeskService *service)
{
  AnxBookingPane *self = g_object_new (ANX_TYPE_BOOKING_PANE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  self->service = g_object_ref (service);
  self->place = ADW_BIN (adw_bin_new ());
  self->history = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->place));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->history));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}

/**
 * anx_booking_pane_show:
 * @self: the pane
 * @booking: a booking's id
 */
void
anx_booking_pane_show (AnxBookingPane *self,
                       const char *booking)
{
  if (g_strcmp0 (self->booking, booking) == 0)
    return;
  g_free (self->booking);
  self->booking = g_strdup (booking);
  self->history_usec = 0;
  anx_desk_place_update (self->history, anx_desk_label_new ("", NULL));
  refresh (self);
}
