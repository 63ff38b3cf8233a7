/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "day-page.h"

#include <glib/gi18n.h>

#include "calendar-address.h"
#include "desk-bookings.h"
#include "desk-widgets.h"
#include "glass-dialog.h"
#include "plan-editor.h"
#include "ui-text.h"
#include "work-list.h"

/* A shorter pause is a breath, not free time. */
#define LEAST_GAP_USEC (20 * ANX_USEC_PER_MINUTE)

struct _AnxDayPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AdwBin *next;
  AdwBin *day;
  AnxWorkList *work;
  GtkWidget *work_box;
};

G_DEFINE_FINAL_TYPE (AnxDayPage, anx_day_page, ADW_TYPE_BIN)

static void
anx_day_page_dispose (GObject *object)
{
  g_clear_object (&ANX_DAY_PAGE (object)->service);
  G_OBJECT_CLASS (anx_day_page_parent_class)->dispose (object);
}

static void
anx_day_page_class_init (AnxDayPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_day_page_dispose;
}

static void
anx_day_page_init (AnxDayPage *self)
{
}

static char *
describe_state (AnxDayPage *self,
                const AnxDeskBooking *booking)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  gint64 now = anx_desk_model_now_usec (model);
  gint64 waiting = anx_desk_model_get_minutes_waiting (model, booking);

  if (waiting == 0)
    return g_strdup (_ ("Checked in just now"));
  if (waiting > 0)
    {
      g_autofree char *minutes = anx_desk_minutes_text (waiting);
      /* Translators: %s is "for 7 minutes". */
      return g_strdup_printf (_ ("Checked in, waiting %s"), minutes);
    }
  if (g_str_equal (booking->status, "arrived"))
    return g_strdup (_ ("In session"));
  gint64 ahead = (booking->start_usec - now) / ANX_USEC_PER_MINUTE;
  if (ahead > 90)
    return g_strdup (_ ("Not here yet"));
  if (ahead >= 1)
    return g_strdup_printf (ngettext ("Not here yet, begins in %d minute", "Not here yet, begins in %d minutes",
                                      (gulong) ahead),
                            (int) ahead);
  return g_strdup (_ ("Not here yet, the time has come"));
}

static GtkWidget *
build_next (AnxDayPage *self)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskBooking *booking = anx_desk_model_get_next (model, anx_desk_model_get_principal (model));
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "next");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (card), words);
  if (booking == NULL)
    {
      gtk_box_append (GTK_BOX (words), anx_desk_label_new (_ ("Nobody is waiting"), "title-2"));
      gtk_box_append (GTK_BOX (words),
                      anx_desk_label_new (_ ("When somebody checks in, this desk rings."), "dim-label"));
      return card;
    }
  const char *zone = anx_desk_service_get_zone (self->service);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *from = anx_ui_format_time (booking->start_usec, zone);
  g_autofree char *to = anx_ui_format_time (booking->end_usec, zone);
  g_autofree char *details
      = g_strdup_printf ("%s–%s · %s · %s, %s", from, to,
                         anx_desk_service_name_service (self->service, booking->service),
                         anx_desk_service_name_centre (self->service, booking->centre),
                         anx_desk_service_name_room (self->service, booking->centre, booking->room));
  g_autofree char *state = describe_state (self, booking);
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (_ ("Next person"), "caption-heading"));
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (person, "title-1"));
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (details, "dim-label"));
  GtkWidget *chip = anx_desk_chip_new (g_str_equal (booking->status, "checked-in") ? "alarm-symbolic"
                                                                                   : "x-office-calendar-symbolic",
                                       state, g_str_equal (booking->status, "checked-in") ? "warn" : "quiet");
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (words), chip);
  GtkWidget *button = anx_desk_button_new (_ ("_Open"), "suggested-action", "win.open-booking", booking->id);
  gtk_widget_add_css_class (button, "pill");
  gtk_box_append (GTK_BOX (card), button);
  return card;
}

static GtkWidget *
build_row (AnxDayPage *self,
           const AnxDeskBooking *booking,
           gboolean with_day)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *when
      = with_day ? anx_ui_format_day_time (booking->start_usec, zone) : anx_ui_format_time (booking->start_usec, zone);
  g_autofree char *title = g_strdup_printf ("%s  %s", when, person);
  g_autofree char *subtitle
      = g_strdup_printf ("%s · %s", anx_desk_service_name_service (self->service, booking->service),
                         anx_desk_service_name_room (self->service, booking->centre, booking->room));
  gboolean waiting = g_str_equal (booking->status, "checked-in");
  GtkWidget *row = anx_desk_row_new (title, subtitle);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             anx_desk_chip_new (waiting ? "alarm-symbolic" : "x-office-calendar-symbolic",
                                                anx_desk_booking_status_text (booking->status),
                                                waiting ? "warn" : "quiet"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             anx_desk_button_new (_ ("Open"), "flat", "win.open-booking", booking->id));
  return row;
}

/* Free time of today that is still ahead, from the working plan less what is booked. */
static void
append_gap (AnxDayPage *self,
            GtkListBox *list,
            gint64 from_usec,
            gint64 to_usec)
{
  const char *zone = anx_desk_service_get_zone (self->service);
  const char *own = anx_desk_model_get_principal (anx_desk_service_get_model (self->service));
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (self->service));

  if (to_usec - MAX (from_usec, now) < LEAST_GAP_USEC)
    return;
  g_autoptr (GArray) open
      = anx_desk_bookings_list_open (anx_desk_bookings_get (self->service), own, from_usec, to_usec);
  for (guint i = 0; i < open->len; i++)
    {
      AnxSpan span = g_array_index (open, AnxSpan, i);
      if (span.end_usec - MAX (span.start_usec, now) < LEAST_GAP_USEC)
        continue;
      g_autofree char *from = anx_ui_format_time (span.start_usec, zone);
      g_autofree char *to = anx_ui_format_time (span.end_usec, zone);
      g_autofree char *text = g_strdup_printf (_ ("%s–%s  free"), from, to);
      GtkWidget *row = anx_desk_row_new (text, NULL);
      gtk_widget_add_css_class (row, "dense");
      gtk_widget_add_css_class (row, "dim-label");
      gtk_list_box_append (list, row);
    }
}

static GtkWidget *
build_list (AnxDayPage *self,
            gint64 from_usec,
            gint64 to_usec,
            gboolean with_day,
            const char *empty)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  g_autoptr (GPtrArray) bookings
      = anx_desk_model_list_bookings (model, anx_desk_model_get_principal (model), from_usec, to_usec);
  GtkWidget *list = anx_desk_list_new ();
  gint64 until = from_usec;

  if (bookings->len == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (empty, NULL));
  for (guint i = 0; i < bookings->len; i++)
    {
      const AnxDeskBooking *booking = g_ptr_array_index (bookings, i);
      if (!with_day && anx_appointment_status_occupies (booking->status))
        {
          append_gap (self, GTK_LIST_BOX (list), until, booking->start_usec);
          until = MAX (until, booking->end_usec);
        }
      gtk_list_box_append (GTK_LIST_BOX (list), build_row (self, booking, with_day));
    }
  if (!with_day)
    append_gap (self, GTK_LIST_BOX (list), until, to_usec);
  return list;
}

static void
refresh (AnxDayPage *self)
{
  if (self->service == NULL)
    return;
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const char *zone = anx_desk_service_get_zone (self->service);
  gint64 now = anx_desk_model_now_usec (model);
  g_autoptr (GDateTime) local = anx_time_in_zone (now, zone);
  gint64 passed = ((gint64) g_date_time_get_hour (local) * 60 + g_date_time_get_minute (local)) * ANX_USEC_PER_MINUTE
                  + g_date_time_get_second (local) * ANX_USEC_PER_SECOND + g_date_time_get_microsecond (local);
  gint64 midnight = now - passed;
  g_autofree char *today = anx_ui_format_day (now, zone);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  anx_desk_place_update (self->next, build_next (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (today));
  gtk_box_append (GTK_BOX (box),
                  build_list (self, midnight, midnight + ANX_USEC_PER_DAY, FALSE, _ ("No bookings today")));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("The days after")));
  gtk_box_append (GTK_BOX (box), build_list (self, midnight + ANX_USEC_PER_DAY, midnight + 8 * ANX_USEC_PER_DAY, TRUE,
                                             _ ("No bookings in the next seven days")));
  anx_desk_place_update (self->day, box);
  gtk_widget_set_visible (self->work_box, anx_work_list_count (self->work) > 0);
}

static void
on_plan (AnxDayPage *self)
{
  anx_plan_editor_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service,
                           anx_desk_model_get_principal (anx_desk_service_get_model (self->service)));
}

static void
on_address (AnxDayPage *self)
{
  anx_calendar_address_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

/**
 * anx_day_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_day_page_new (AnxDeskService *service)
{
  AnxDayPage *self = g_object_new (ANX_TYPE_DAY_PAGE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *plan = anx_desk_button_new (_ ("My working _plan…"), NULL, NULL, NULL);
  GtkWidget *address = anx_desk_button_new (_ ("Calendar on my _telephone…"), NULL, NULL, NULL);

  self->service = g_object_ref (service);
  self->next = ADW_BIN (adw_bin_new ());
  self->day = ADW_BIN (adw_bin_new ());
  self->work = ANX_WORK_LIST (anx_work_list_new (service));
  self->work_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->work_box), anx_desk_heading_new (_ ("Needs a look")));
  gtk_box_append (GTK_BOX (self->work_box), GTK_WIDGET (self->work));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->next));
  gtk_box_append (GTK_BOX (box), anx_glass_notices_new (service));
  gtk_box_append (GTK_BOX (box), self->work_box);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->day));
  gtk_widget_set_margin_top (buttons, 10);
  gtk_box_append (GTK_BOX (buttons), plan);
  gtk_box_append (GTK_BOX (buttons), address);
  gtk_box_append (GTK_BOX (box), buttons);
  g_signal_connect_swapped (plan, "clicked", G_CALLBACK (on_plan), self);
  g_signal_connect_swapped (address, "clicked", G_CALLBACK (on_address), self);
  adw_bin_set_child (ADW_BIN (self), anx_desk_page_new (box, 900));
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (anx_desk_bookings_get (service), "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
