/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bookings-page.h"

#include <glib/gi18n.h>

#include "booking-dialog.h"
#include "booking-pane.h"
#include "bookings-calendar.h"
#include "desk-bookings.h"
#include "desk-widgets.h"
#include "plan-editor.h"
#include "ui-text.h"
#include "walk-in-pane.h"
#include "work-list.h"
#include "wrap-line.h"

/* Pixels; more when larger texts need it. */
#define SIDE_WIDTH 330

struct _AnxBookingsPage
{
  AdwBin parent_instance;
  AnxDeskService *service;
  AnxBookingsCalendar *calendar;
  AnxBookingPane *pane;
  AnxWorkList *work;
  GtkStack *side;          /* booking, walk-ins, work */
  GtkWidget *sides[3];
  GtkEditable *code;
  GtkWidget *check_in;
  GtkLabel *check_in_answer;
};

G_DEFINE_FINAL_TYPE (AnxBookingsPage, anx_bookings_page, ADW_TYPE_BIN)

static const char *const SIDES[] = { "booking", "walk-ins", "work" };

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

/* What waits is told on the buttons, wherever one looks. */
static void
refresh (AnxBookingsPage *self)
{
  guint waiting = 0;
  guint work;

  if (self->service == NULL)
    return;
  GPtrArray *tickets = anx_desk_bookings_get_tickets (anx_desk_bookings_get (self->service));
  for (guint i = 0; i < tickets->len; i++)
    waiting += g_str_equal (((const AnxDeskTicket *) g_ptr_array_index (tickets, i))->state, "waiting");
  work = anx_work_list_count (self->work);
  g_autofree char *walk_ins = waiting > 0 ? g_strdup_printf (_ ("Walk-ins (%u)"), waiting) : g_strdup (_ ("Walk-ins"));
  g_autofree char *look = work > 0 ? g_strdup_printf (_ ("Needs a look (%u)"), work) : g_strdup (_ ("Needs a look"));
  gtk_button_set_label (GTK_BUTTON (self->sides[1]), walk_ins);
  gtk_button_set_label (GTK_BUTTON (self->sides[2]), look);
}

static void
on_side (GtkToggleButton *button,
         GParamSpec *spec,
         AnxBookingsPage *self)
{
  for (int i = 0; i < 3 && gtk_toggle_button_get_active (button); i++)
    if (self->sides[i] == GTK_WIDGET (button))
      gtk_stack_set_visible_child_name (self->side, SIDES[i]);
}

static void
on_chosen (GObject *source,
           const char *booking,
           AnxBookingsPage *self)
{
  anx_booking_pane_show (self->pane, booking);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->sides[0]), TRUE);
}

static void
on_show_booking (GObject *source,
                 const char *booking,
                 AnxBookingsPage *self)
{
  anx_bookings_calendar_show (self->calendar, booking);
  on_chosen (source, booking, self);
}

static void
on_move (AnxBookingPane *pane,
         const char *booking,
         AnxBookingsPage *self)
{
  anx_bookings_calendar_begin_move (self->calendar, booking);
}

static void
on_search (GtkSearchEntry *entry,
           AnxBookingsPage *self)
{
  anx_bookings_calendar_search (self->calendar, gtk_editable_get_text (GTK_EDITABLE (entry)));
}

static void
on_book (AnxBookingsPage *self)
{
  anx_booking_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service);
}

static void
on_plan (AnxBookingsPage *self)
{
  anx_plan_editor_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->service, NULL);
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
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), entry);
  gtk_box_append (GTK_BOX (line), self->check_in);
  return line;
}

static GtkWidget *
build_top (AnxBookingsPage *self)
{
  GtkWidget *line = anx_wrap_line_new (8);
  GtkWidget *search = gtk_search_entry_new ();
  GtkWidget *book = anx_desk_button_new (_ ("_Book for somebody…"), NULL, NULL, NULL);
  GtkWidget *plan = anx_desk_button_new (_ ("Working _plans…"), NULL, NULL, NULL);

  g_object_set (search, "placeholder-text", _ ("Lost code? Name or telephone"), NULL);
  anx_ui_set_accessible_name (search, _ ("Search bookings by name or telephone"));
  gtk_editable_set_width_chars (GTK_EDITABLE (search), 22);
  g_signal_connect (search, "search-changed", G_CALLBACK (on_search), self);
  g_signal_connect_swapped (book, "clicked", G_CALLBACK (on_book), self);
  g_signal_connect_swapped (plan, "clicked", G_CALLBACK (on_plan), self);
  anx_wrap_line_append (ANX_WRAP_LINE (line), build_check_in (self));
  self->check_in_answer = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->check_in_answer), TRUE);
  anx_wrap_line_append (ANX_WRAP_LINE (line), GTK_WIDGET (self->check_in_answer));
  anx_wrap_line_append (ANX_WRAP_LINE (line), search);
  anx_wrap_line_append (ANX_WRAP_LINE (line), book);
  anx_wrap_line_append (ANX_WRAP_LINE (line), plan);
  return line;
}

static GtkWidget *
build_side (AnxBookingsPage *self)
{
  const char *words[] = { _ ("Booking"), _ ("Walk-ins"), _ ("Needs a look") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *children[3];

  self->pane = ANX_BOOKING_PANE (anx_booking_pane_new (self->service));
  self->work = ANX_WORK_LIST (anx_work_list_new (self->service));
  self->side = GTK_STACK (gtk_stack_new ());
  anx_ui_hide_covered_pages (self->side);
  children[0] = GTK_WIDGET (self->pane);
  children[1] = anx_walk_in_pane_new (self->service);
  children[2] = GTK_WIDGET (self->work);
  gtk_widget_add_css_class (linked, "linked");
  for (int i = 0; i < 3; i++)
    {
      GtkWidget *scrolled = gtk_scrolled_window_new ();
      gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
      gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), children[i]);
      gtk_stack_add_named (self->side, scrolled, SIDES[i]);
      self->sides[i] = gtk_toggle_button_new_with_label (words[i]);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->sides[i]), GTK_TOGGLE_BUTTON (self->sides[0]));
      gtk_widget_set_hexpand (self->sides[i], TRUE);
      g_signal_connect (self->sides[i], "notify::active", G_CALLBACK (on_side), self);
      gtk_box_append (GTK_BOX (linked), self->sides[i]);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->sides[1]), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->side), TRUE);
  gtk_widget_set_size_request (box, SIDE_WIDTH, -1);
  gtk_widget_set_hexpand (box, FALSE);
  gtk_box_append (GTK_BOX (box), linked);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->side));
  /* However long a sentence is in it, the calendar keeps the rest. */
  GtkWidget *clamp = adw_clamp_new ();
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), SIDE_WIDTH);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_widget_set_hexpand (clamp, FALSE);
  return clamp;
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
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  GtkWidget *side;

  self->service = g_object_ref (service);
  self->calendar = ANX_BOOKINGS_CALENDAR (anx_bookings_calendar_new (service));
  gtk_widget_set_hexpand (GTK_WIDGET (self->calendar), TRUE);
  side = build_side (self);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->calendar));
  gtk_box_append (GTK_BOX (line), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (line), side);
  gtk_widget_set_vexpand (line, TRUE);
  gtk_widget_add_css_class (box, "wide-page");
  gtk_box_append (GTK_BOX (box), build_top (self));
  gtk_box_append (GTK_BOX (box), line);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect (self->calendar, "chosen", G_CALLBACK (on_chosen), self);
  g_signal_connect (self->work, "show-booking", G_CALLBACK (on_show_booking), self);
  g_signal_connect (self->pane, "move", G_CALLBACK (on_move), self);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (anx_desk_bookings_get (service), "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
  return GTK_WIDGET (self);
}
