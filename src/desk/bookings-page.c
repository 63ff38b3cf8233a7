/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bookings-page.h"

#include <glib/gi18n.h>

#include "appointment.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "ui-text.h"

struct _AnxBookingsPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AdwBin *list;
  AdwBin *work;
  GtkLabel *day_label;
  GtkEditable *code;
  GtkWidget *check_in;
  GtkLabel *check_in_answer;
  int day; /* days from today; bookings are known from -1 to 13 */
};

G_DEFINE_FINAL_TYPE (AnxBookingsPage, anx_bookings_page, ADW_TYPE_BIN)

static void
anx_bookings_page_dispose (GObject *object)
{
  g_clear_object (&ANX_BOOKINGS_PAGE (object)->service);
  G_OBJECT_CLASS (anx_bookings_page_parent_class)->dispose (object);
}

static void
anx_bookings_page_class_init (AnxBookingsPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_bookings_page_dispose;
}

static void
anx_bookings_page_init (AnxBookingsPage *self)
{
}

/* The span of the shown day in the centre's zone; a day of a clock change has 23 or 25 hours. */
static void
get_span (AnxBookingsPage *self,
          gint64 *out_from_usec,
          gint64 *out_to_usec)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));
  g_autoptr (GDateTime) local = anx_time_in_zone (now, anx_desk_service_get_zone (self->service));
  g_autoptr (GDateTime) midnight
      = g_date_time_new (g_date_time_get_timezone (local), g_date_time_get_year (local), g_date_time_get_month (local),
                         g_date_time_get_day_of_month (local), 0, 0, 0);
  g_autoptr (GDateTime) from = g_date_time_add_days (midnight, self->day);
  g_autoptr (GDateTime) to = g_date_time_add_days (from, 1);

  *out_from_usec = g_date_time_to_unix (from) * G_USEC_PER_SEC;
  *out_to_usec = g_date_time_to_unix (to) * G_USEC_PER_SEC;
}

static void
add_status_button (GtkWidget *row,
                   const AnxDeskBooking *booking,
                   const char *status,
                   const char *label)
{
  if (!anx_appointment_status_may_follow (booking->status, status))
    return;
  g_autofree char *target = g_strdup_printf ("%s %s", booking->id, status);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), anx_desk_button_new (label, "flat", "win.booking-status", target));
}

static GtkWidget *
build_row (AnxBookingsPage *self,
           const AnxDeskBooking *booking)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskContact *contact = anx_desk_model_get_contact (model, booking->id);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *from = anx_ui_format_time (booking->start_usec, anx_desk_service_get_zone (self->service));
  g_autofree char *title
      = g_strdup_printf ("%s  %s%s%s", from, person, contact != NULL && *contact->phone != '\0' ? " · " : "",
                         contact != NULL ? contact->phone : "");
  g_autofree char *subtitle
      = g_strdup_printf ("%s · %s · %s", anx_desk_service_name_service (self->service, booking->service),
                         anx_desk_service_name_principal (self->service, booking->counsellor),
                         anx_desk_service_name_room (self->service, booking->centre, booking->room));
  gboolean waiting = g_str_equal (booking->status, "checked-in");
  GtkWidget *row = anx_desk_row_new (title, subtitle);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             anx_desk_chip_new (waiting ? "alarm-symbolic" : "x-office-calendar-symbolic",
                                                anx_desk_booking_status_text (booking->status),
                                                waiting ? "warn" : "quiet"));
  /* The rules let a session go back to waiting; a list of the day does not offer it. */
  if (g_str_equal (booking->status, "booked"))
    add_status_button (row, booking, "checked-in", _ ("Check in"));
  add_status_button (row, booking, "noshow", _ ("Did not come"));
  add_status_button (row, booking, "cancelled", _ ("Cancel…"));
  return row;
}

/* Each record the hub refused, with the reason it gave. */
static void
append_set_aside (AnxBookingsPage *self,
                  GtkWidget *list)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  g_autoptr (GPtrArray) records = anx_client_list_records (client, NULL, NULL);

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
refresh_work (AnxBookingsPage *self)
{
  AnxClient *client = anx_desk_service_get_client (self->service);
  guint aside = anx_client_count_set_aside (client);
  guint unreadable = anx_desk_service_count_unreadable (self->service);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *list = anx_desk_list_new ();

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Needs a look")));
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
  if (aside + unreadable == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("Nothing. All records were accepted."), NULL));
  gtk_box_append (GTK_BOX (box), list);
  anx_desk_place_update (self->work, box);
}

static void
refresh (AnxBookingsPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 from;
  gint64 to;

  get_span (self, &from, &to);
  g_autofree char *day = anx_ui_format_day (from, anx_desk_service_get_zone (self->service));
  g_autofree char *text = self->day == 0 ? g_strdup_printf (_ ("Today, %s"), day) : g_steal_pointer (&day);
  gtk_label_set_text (self->day_label, text);
  g_autoptr (GPtrArray) bookings = anx_desk_model_list_bookings (model, NULL, from, to);
  GtkWidget *list = anx_desk_list_new ();
  for (guint i = 0; i < bookings->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), build_row (self, g_ptr_array_index (bookings, i)));
  if (bookings->len == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("No bookings on this day"), NULL));
  anx_desk_place_update (self->list, list);
  refresh_work (self);
}

static void
move_day (AnxBookingsPage *self,
          int by)
{
  self->day = by == 0 ? 0 : CLAMP (self->day + by, -1, 13);
  refresh (self);
}

static void
on_earlier (GtkButton *button,
            AnxBookingsPage *self)
{
  move_day (self, -1);
}

static void
on_today (GtkButton *button,
          AnxBookingsPage *self)
{
  move_day (self, 0);
}

static void
on_later (GtkButton *button,
          AnxBookingsPage *self)
{
  move_day (self, 1);
}

static void
on_checked_in (GObject *source,
               GAsyncResult *result,
               gpointer user_data)
{
  g_autoptr (AnxBookingsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *booking = anx_desk_service_check_in_finish (ANX_DESK_SERVICE (source), result, &error);

  if (self->service == NULL)
    return;
  gtk_widget_set_sensitive (self->check_in, TRUE);
  if (booking == NULL)
    {
      gtk_label_set_text (self->check_in_answer, error->message);
      gtk_widget_grab_focus (GTK_WIDGET (self->code));
      return;
    }
  g_autofree char *person = anx_desk_describe_person (self->service, booking);
  g_autofree char *text = g_strdup_printf (_ ("Checked in: %s. The counsellor has been told."), person);
  gtk_label_set_text (self->check_in_answer, text);
  gtk_editable_set_text (self->code, "");
}

static void
on_check_in (GtkWidget *widget,
             AnxBookingsPage *self)
{
  if (*gtk_editable_get_text (self->code) == '\0' || !gtk_widget_get_sensitive (self->check_in))
    return;
  gtk_widget_set_sensitive (self->check_in, FALSE);
  gtk_label_set_text (self->check_in_answer, _ ("Asking the hub…"));
  anx_desk_service_check_in_async (self->service, gtk_editable_get_text (self->code), on_checked_in,
                                   g_object_ref (self));
}

static GtkWidget *
build_check_in (AnxBookingsPage *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new_with_mnemonic (_ ("Check in by _code:"));
  GtkWidget *entry = gtk_entry_new ();

  self->code = GTK_EDITABLE (entry);
  gtk_editable_set_max_width_chars (self->code, 12);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "XXXX-XXXX");
  gtk_widget_add_css_class (entry, "mono");
  anx_desk_set_mnemonic (label, entry, _ ("Code on the resident’s slip"));
  self->check_in = anx_desk_button_new (_ ("Check _in"), "suggested-action", NULL, NULL);
  g_signal_connect (entry, "activate", G_CALLBACK (on_check_in), self);
  g_signal_connect (self->check_in, "clicked", G_CALLBACK (on_check_in), self);
  self->check_in_answer = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), entry);
  gtk_box_append (GTK_BOX (line), self->check_in);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->check_in_answer));
  return line;
}

static GtkWidget *
build_days (AnxBookingsPage *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *earlier = anx_desk_icon_button_new ("go-previous-symbolic", _ ("The day before"), NULL, NULL);
  GtkWidget *today = anx_desk_button_new (_ ("_Today"), "flat", NULL, NULL);
  GtkWidget *later = anx_desk_icon_button_new ("go-next-symbolic", _ ("The day after"), NULL, NULL);

  self->day_label = GTK_LABEL (anx_desk_label_new ("", "title-3"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->day_label), TRUE);
  g_signal_connect (earlier, "clicked", G_CALLBACK (on_earlier), self);
  g_signal_connect (today, "clicked", G_CALLBACK (on_today), self);
  g_signal_connect (later, "clicked", G_CALLBACK (on_later), self);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->day_label));
  gtk_box_append (GTK_BOX (line), earlier);
  gtk_box_append (GTK_BOX (line), today);
  gtk_box_append (GTK_BOX (line), later);
  gtk_widget_set_margin_top (line, 10);
  return line;
}

/**
 * anx_bookings_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_bookings_page_new (AnxDeskService *service)
{
  AnxBookingsPage *self = g_object_new (ANX_TYPE_BOOKINGS_PAGE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  self->service = g_object_ref (service);
  self->list = ADW_BIN (adw_bin_new ());
  self->work = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (box), build_check_in (self));
  gtk_box_append (GTK_BOX (box), build_days (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->work));
  adw_bin_set_child (ADW_BIN (self), anx_desk_page_new (box, 1000));
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
