/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-dialog.h"

#include <glib/gi18n.h>

#include "desk-bookings.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "ui-text.h"

/* How far the list of free times reaches, and how many of them one can look through. */
#define AHEAD_DAYS 14
#define MOST_SLOTS 60

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  GPtrArray *services;     /* (element-type AnxService) */
  GPtrArray *counsellors;  /* (element-type AnxPrincipal) */
  GPtrArray *slots;        /* (nullable) (element-type AnxDeskSlot) */
  GtkDropDown *wish;
  GtkDropDown *counsellor;
  GtkDropDown *slot;
  GtkDropDown *origin;
  GtkEditable *name;
  GtkEditable *phone;
  GtkWidget *book;
  GtkLabel *answer;
  GtkStack *stack;
  GtkLabel *code;
  guint asked;             /* number of the question; an answer to an earlier one comes too late */
} Booking;

static void
booking_free (gpointer data)
{
  Booking *booking = data;
  g_object_unref (booking->service);
  g_ptr_array_unref (booking->services);
  g_ptr_array_unref (booking->counsellors);
  g_clear_pointer (&booking->slots, g_ptr_array_unref);
  g_free (booking);
}

/* A window may be gone when the hub answers; its data goes with it. */
typedef struct
{
  GtkWindow *window;
  guint asked;
} Asked;

static Asked *
asked_new (Booking *booking)
{
  Asked *asked = g_new0 (Asked, 1);
  asked->window = g_object_ref (booking->window);
  asked->asked = booking->asked;
  return asked;
}

static Booking *
asked_end (Asked *asked,
           guint *out_asked)
{
  g_autoptr (GtkWindow) window = asked->window;
  *out_asked = asked->asked;
  g_free (asked);
  return g_object_get_data (G_OBJECT (window), "booking");
}

static void
update (Booking *booking)
{
  gtk_widget_set_sensitive (booking->book, booking->slots != NULL && booking->slots->len > 0
                                               && *gtk_editable_get_text (booking->name) != '\0');
}

static void
on_slots (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  guint asked;
  Booking *booking = asked_end (user_data, &asked);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) slots
      = anx_desk_bookings_list_slots_finish (ANX_DESK_BOOKINGS (source), result, &error);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  if (booking == NULL || asked != booking->asked)
    return;
  if (slots == NULL)
    {
      g_autofree char *reason = anx_desk_problem_explain (error);
      gtk_label_set_text (booking->answer, reason);
      return;
    }
  if (slots->len > MOST_SLOTS)
    g_ptr_array_set_size (slots, MOST_SLOTS);
  for (guint i = 0; i < slots->len; i++)
    {
      const AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      g_autofree char *when = anx_ui_format_day_time (slot->start_usec, anx_desk_service_get_zone (booking->service));
      g_autofree char *text
          = g_strdup_printf ("%s · %s · %s", when, anx_desk_service_name_principal (booking->service, slot->counsellor),
                             anx_desk_service_name_room (booking->service,
                                                         anx_desk_bookings_get_centre (booking->bookings), slot->room));
      gtk_string_list_append (names, text);
    }
  g_clear_pointer (&booking->slots, g_ptr_array_unref);
  booking->slots = g_steal_pointer (&slots);
  gtk_drop_down_set_model (booking->slot, G_LIST_MODEL (names));
  gtk_label_set_text (booking->answer,
                      booking->slots->len == 0 ? _ ("Nothing is free in the next two weeks. Try another person or service.")
                                               : "");
  update (booking);
}

static void
ask_slots (Booking *booking)
{
  guint service = gtk_drop_down_get_selected (booking->wish);
  guint who = gtk_drop_down_get_selected (booking->counsellor);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (booking->service));

  if (service >= booking->services->len)
    return;
  booking->asked++;
  g_clear_pointer (&booking->slots, g_ptr_array_unref);
  gtk_drop_down_set_model (booking->slot, NULL);
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  update (booking);
  anx_desk_bookings_list_slots_async (
      booking->bookings, ((const AnxService *) g_ptr_array_index (booking->services, service))->id,
      who >= 1 && who <= booking->counsellors->len
          ? ((const AnxPrincipal *) g_ptr_array_index (booking->counsellors, who - 1))->id
          : NULL,
      NULL, now, now + AHEAD_DAYS * ANX_USEC_PER_DAY, on_slots, asked_new (booking));
}

static void
on_booked (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  guint asked;
  Booking *booking = asked_end (user_data, &asked);
  g_autoptr (GError) error = NULL;
  g_autofree char *code = anx_desk_bookings_book_finish (ANX_DESK_BOOKINGS (source), result, NULL, &error);

  if (booking == NULL)
    return;
  gtk_widget_set_sensitive (booking->book, TRUE);
  if (code == NULL)
    {
      g_autofree char *reason = anx_desk_problem_explain (error);
      /* The time may have gone meanwhile: what is free now is asked for again, the name stays in its field. */
      ask_slots (booking);
      gtk_label_set_text (booking->answer, reason);
      return;
    }
  gtk_label_set_text (booking->code, code);
  anx_ui_set_accessible_name (GTK_WIDGET (booking->code), code);
  gtk_widget_set_visible (booking->book, FALSE);
  gtk_stack_set_visible_child_name (booking->stack, "code");
}

static void
on_book (Booking *booking)
{
  static const char *const origins[] = { "staff", "outreach", "walk-in" };
  guint index = gtk_drop_down_get_selected (booking->slot);
  guint service = gtk_drop_down_get_selected (booking->wish);

  if (booking->slots == NULL || index >= booking->slots->len || service >= booking->services->len)
    return;
  const AnxDeskSlot *slot = g_ptr_array_index (booking->slots, index);
  AnxDeskWish wish = {
    .service = ((const AnxService *) g_ptr_array_index (booking->services, service))->id,
    .counsellor = slot->counsellor,
    .room = slot->room,
    .origin = origins[MIN (gtk_drop_down_get_selected (booking->origin), G_N_ELEMENTS (origins) - 1)],
    .name = gtk_editable_get_text (booking->name),
    .phone = gtk_editable_get_text (booking->phone),
    .start_usec = slot->start_usec,
  };
  gtk_widget_set_sensitive (booking->book, FALSE);
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  anx_desk_bookings_book_async (booking->bookings, &wish, on_booked, asked_new (booking));
}

static GtkWidget *
add_choice (GtkWidget *box,
            const char *label,
            GtkStringList *names,
            const char *spoken)
{
  GtkWidget *choice = gtk_drop_down_new (names != NULL ? G_LIST_MODEL (names) : NULL, NULL);
  GtkWidget *words = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (words), 0);
  anx_desk_set_mnemonic (words, choice, spoken);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), choice);
  return choice;
}

static GtkEditable *
add_entry (GtkWidget *box,
           const char *label,
           const char *spoken)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *words = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (words), 0);
  anx_desk_set_mnemonic (words, entry, spoken);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), entry);
  return GTK_EDITABLE (entry);
}

static GtkWidget *
build_form (Booking *booking)
{
  const char *origins[] = { _ ("The person asked for it"), _ ("The person was sought out"),
                            _ ("The person is here without a booking"), NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkStringList *services = gtk_string_list_new (NULL);
  GtkStringList *people = gtk_string_list_new (NULL);

  for (guint i = 0; i < booking->services->len; i++)
    gtk_string_list_append (services,
                            anx_desk_service_name_service (booking->service,
                                                           ((AnxService *) g_ptr_array_index (booking->services, i))->id));
  gtk_string_list_append (people, _ ("Anybody: who has most time"));
  for (guint i = 0; i < booking->counsellors->len; i++)
    gtk_string_list_append (
        people, anx_desk_service_name_principal (booking->service,
                                                 ((AnxPrincipal *) g_ptr_array_index (booking->counsellors, i))->id));
  booking->wish = GTK_DROP_DOWN (add_choice (box, _ ("_What for"), services, _ ("What for")));
  booking->counsellor = GTK_DROP_DOWN (add_choice (box, _ ("With wh_om"), people, _ ("With whom")));
  booking->slot = GTK_DROP_DOWN (add_choice (box, _ ("_Free times, soonest first"), NULL, _ ("Free times, soonest first")));
  booking->origin = GTK_DROP_DOWN (add_choice (box, _ ("How it came _about"), gtk_string_list_new (origins),
                                               _ ("How it came about")));
  booking->name = add_entry (box, _ ("_Name of the resident, or how to call them"), _ ("Name of the resident"));
  booking->phone = add_entry (box, _ ("_Telephone, if they wish"), _ ("Telephone of the resident"));
  booking->answer = GTK_LABEL (anx_desk_label_new ("", "error"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->answer));
  g_signal_connect_swapped (booking->wish, "notify::selected", G_CALLBACK (ask_slots), booking);
  g_signal_connect_swapped (booking->counsellor, "notify::selected", G_CALLBACK (ask_slots), booking);
  g_signal_connect_swapped (booking->name, "changed", G_CALLBACK (update), booking);
  g_signal_connect_swapped (booking->phone, "activate", G_CALLBACK (on_book), booking);
  return box;
}

static GtkWidget *
build_code (Booking *booking)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *close = anx_desk_button_new (_ ("_Close"), "suggested-action", "window.close", NULL);

  booking->code = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (booking->code), "code");
  gtk_label_set_selectable (booking->code, TRUE);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Booked. This is the resident’s code:"), "title-3"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->code));
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("Please write it down for them or say it on the telephone. It is shown only now. "
                                         "When it gets lost, you find the booking by the name."),
                                      NULL));
  gtk_widget_set_halign (close, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), close);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

/**
 * anx_booking_dialog_present:
 * @parent: the window of the desk
 * @service: the service
 */
void
anx_booking_dialog_present (GtkWindow *parent,
                            AnxDeskService *service)
{
  Booking *booking = g_new0 (Booking, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = adw_header_bar_new ();

  booking->window = GTK_WINDOW (adw_window_new ());
  booking->service = g_object_ref (service);
  booking->bookings = anx_desk_bookings_get (service);
  booking->services = anx_desk_bookings_list_services (booking->bookings);
  booking->counsellors = anx_desk_bookings_list_counsellors (booking->bookings);
  booking->stack = GTK_STACK (gtk_stack_new ());
  booking->book = anx_desk_button_new (_ ("_Book"), "suggested-action", NULL, NULL);
  g_object_set_data_full (G_OBJECT (booking->window), "booking", booking, booking_free);
  g_signal_connect_swapped (booking->book, "clicked", G_CALLBACK (on_book), booking);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), booking->book);
  anx_ui_hide_covered_pages (booking->stack);
  gtk_stack_add_named (booking->stack, anx_desk_page_new (build_form (booking), 560), "form");
  gtk_stack_add_named (booking->stack, build_code (booking), "code");
  gtk_widget_set_vexpand (GTK_WIDGET (booking->stack), TRUE);
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (booking->stack));
  adw_window_set_content (ADW_WINDOW (booking->window), whole);
  gtk_window_set_title (booking->window, _ ("Book for somebody"));
  gtk_window_set_default_size (booking->window, 600, 600);
  gtk_window_set_transient_for (booking->window, parent);
  gtk_window_set_modal (booking->window, TRUE);
  ask_slots (booking);
  gtk_window_present (booking->window);
}
