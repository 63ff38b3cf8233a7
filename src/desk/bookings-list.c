/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bookings-list.h"

#include <glib/gi18n.h>
#include <string.h>

#include "desk-widgets.h"
#include "ui-text.h"
#include "wrap-line.h"

/* A list longer than this helps nobody. */
#define MOST_ROWS 200

struct _AnxBookingsList
{
  AdwBin parent_instance;
  AnxDeskService *service;
};

G_DEFINE_FINAL_TYPE (AnxBookingsList, anx_bookings_list, ADW_TYPE_BIN)

static guint chosen_signal;

static void
anx_bookings_list_dispose (GObject *object)
{
  g_clear_object (&ANX_BOOKINGS_LIST (object)->service);
  G_OBJECT_CLASS (anx_bookings_list_parent_class)->dispose (object);
}

static void
anx_bookings_list_class_init (AnxBookingsListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_bookings_list_dispose;
  chosen_signal = g_signal_new ("chosen", ANX_TYPE_BOOKINGS_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);
}

static void
anx_bookings_list_init (AnxBookingsList *self)
{
}

static gboolean
contains (const char *text,
          const char *folded_search)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;
  return folded != NULL && strstr (folded, folded_search) != NULL;
}

static gboolean
is_sought (AnxBookingsList *self,
           const AnxDeskBooking *booking,
           const char *folded_search)
{
  const AnxDeskContact *contact
      = anx_desk_model_get_contact (anx_desk_service_get_model (self->service), booking->id);

  if (folded_search == NULL)
    return TRUE;
  return (contact != NULL && (contains (contact->name, folded_search) || contains (contact->phone, folded_search)))
         || contains (anx_desk_service_name_principal (self->service, booking->counsellor), folded_search)
         || contains (anx_desk_service_name_room (self->service, booking->centre, booking->room), folded_search);
}

static void
on_row_chosen (GtkButton *button,
               AnxBookingsList *self)
{
  g_signal_emit (self, chosen_signal, 0, g_object_get_data (G_OBJECT (button), "booking"));
}

/* Not a row of libadwaita: with GTK 4.8 its button leaves a narrow list when the words beside it wrap. */
static GtkWidget *
build_row (AnxBookingsList *self,
           const AnxDeskBooking *booking)
{
  AnxDeskModel *model = anx_desk_service_get_model (self->service);
  const AnxDeskContact *contact = anx_desk_model_get_contact (model, booking->id);
  g_autofree char *person = anx_desk_describe_person (self->service, booking->id);
  g_autofree char *when = anx_ui_format_day_time (booking->start_usec, anx_desk_service_get_zone (self->service));
  gboolean phone = contact != NULL && *contact->phone != '\0';
  g_autofree char *title
      = g_strdup_printf ("%s  %s%s%s", when, person, phone ? " · " : "", phone ? contact->phone : "");
  g_autofree char *subtitle
      = g_strdup_printf ("%s · %s · %s", anx_desk_service_name_service (self->service, booking->service),
                         anx_desk_service_name_principal (self->service, booking->counsellor),
                         anx_desk_service_name_room (self->service, booking->centre, booking->room));
  g_autofree char *spoken = anx_desk_describe_booking (self->service, booking);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *line = anx_wrap_line_new (10);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *detail = anx_desk_label_new (subtitle, "dim-label");
  GtkWidget *button = anx_desk_button_new (_ ("Show"), "flat", NULL, NULL);
  g_autofree char *name = g_strdup_printf ("show %s", booking->id);

  gtk_widget_add_css_class (detail, "caption");
  gtk_widget_add_css_class (line, "padded");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), anx_desk_label_new (title, NULL));
  gtk_box_append (GTK_BOX (texts), detail);
  anx_wrap_line_append (ANX_WRAP_LINE (line), texts);
  anx_wrap_line_append (ANX_WRAP_LINE (line),
                        anx_desk_chip_new (anx_desk_booking_status_icon (booking->status),
                                           anx_desk_booking_status_text (booking->status),
                                           g_str_equal (booking->status, "checked-in") ? "warn" : "quiet"));
  gtk_widget_set_name (button, name);
  anx_desk_button_set_label (GTK_BUTTON (button), _ ("Show"), spoken);
  g_object_set_data_full (G_OBJECT (button), "booking", g_strdup (booking->id), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_row_chosen), self);
  anx_wrap_line_append (ANX_WRAP_LINE (line), button);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), line);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

/**
 * anx_bookings_list_new:
 * @service: the service
 *
 * Returns: (transfer floating): a list that is empty until anx_bookings_list_fill()
 */
GtkWidget *
anx_bookings_list_new (AnxDeskService *service)
{
  AnxBookingsList *self = g_object_new (ANX_TYPE_BOOKINGS_LIST, NULL);

  self->service = g_object_ref (service);
  return GTK_WIDGET (self);
}

/**
 * anx_bookings_list_fill:
 * @self: the list
 * @from_usec: bookings that begin at or after this, microseconds of UTC
 * @to_usec: and before this
 * @search: (nullable): a part of a name, telephone number or room, in whichever letters; %NULL: all
 *
 * Shows the first 200 of them. A list that looks as before stays, with the focus in it.
 */
void
anx_bookings_list_fill (AnxBookingsList *self,
                        gint64 from_usec,
                        gint64 to_usec,
                        const char *search)
{
  GtkWidget *list = anx_desk_list_new ();
  g_autofree char *folded = search != NULL ? g_utf8_casefold (search, -1) : NULL;
  g_autoptr (GPtrArray) bookings
      = anx_desk_model_list_bookings (anx_desk_service_get_model (self->service), NULL, from_usec, to_usec);
  guint found = 0;

  for (guint i = 0; i < bookings->len && found < MOST_ROWS; i++)
    if (is_sought (self, g_ptr_array_index (bookings, i), folded))
      {
        gtk_list_box_append (GTK_LIST_BOX (list), build_row (self, g_ptr_array_index (bookings, i)));
        found++;
      }
  if (found == 0)
    gtk_list_box_append (GTK_LIST_BOX (list),
                         anx_desk_row_new (search != NULL ? _ ("Nothing found among the bookings of these weeks")
                                                          : _ ("No bookings on this day"),
                                           NULL));
  anx_desk_place_update (ADW_BIN (self), list);
}
