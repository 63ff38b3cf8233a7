/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-dialog.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "clock.h"
#include "desk-bookings.h"
#include "desk-dialog.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "dialog-data.h"
#include "free-times.h"
#include "id.h"
#include "printing.h"
#include "slip.h"
#include "sync-error.h"
#include "ui-text.h"

/* A session that was missed can be given to somebody who is there, as long as the hub offers what is left of it. */
#define BEGUN_USEC ANX_USEC_PER_HOUR

/* As the hub calls how a booking came about, in the order of the list. */
#define OUTREACH 1
static const char *const ORIGINS[] = { "staff", [OUTREACH] = "outreach", "walk-in" };
#define WALK_IN 2

typedef struct
{
  GtkWindow *window;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  GPtrArray *services;     /* (element-type AnxService) */
  GPtrArray *counsellors;  /* (element-type AnxPrincipal) */
  GPtrArray *free;         /* (nullable) (element-type AnxDeskSlot) what the hub answered so far */
  GPtrArray *slots;        /* (element-type AnxDeskSlot) those of them that can be chosen, one a start */
  gboolean more;           /* the hub is still asked for later ones */
  gint64 until_usec;       /* as far as it is asked */
  gboolean offline;        /* what is free is what is lent to this desk */
  char *entry;             /* (nullable) of the waiting list: for whom this is */
  char *ticket;            /* (nullable) of the walk-in queue: for whom this is */
  char *ticket_room;       /* (nullable) where they were called to */
  char *refused_sale;      /* (nullable) a time that did not hold: for whom this is */
  char *intake;            /* (nullable) a case from outside: for whom this is */
  GtkDropDown *wish;
  GtkCheckButton *of_age;  /* in sight when the service is for some ages only */
  GtkDropDown *counsellor;
  AnxFreeTimes *times;
  GtkDropDown *origin;
  GtkSpinButton *sessions;
  GtkEditable *name;
  GtkEditable *phone;
  GtkWidget *book;
  GtkWidget *without;      /* a ticket goes on without a booking */
  GtkWidget *wait;         /* onto the waiting list, when nothing is free */
  GtkLabel *answer;
  GtkStack *stack;
  GtkLabel *code;
  GtkCheckButton *print_all;
  GtkLabel *printed;
  char *when;              /* (nullable) what was booked, for the slip */
  char *where;             /* (nullable) */
  char *who;               /* (nullable) */
  char *what;              /* (nullable) */
  guint asked;             /* number of the question; an answer to an earlier one comes too late */
  gboolean busy;           /* a booking, or a place on the waiting list, is asked for */
  gboolean waits;          /* the person is on the waiting list now */
  char *place;             /* (nullable) on the waiting list: asked for already for this person and choice, and not answered */
  char *refused;           /* (nullable) why it could not be booked, until something else is chosen */
} Booking;

static void
booking_free (gpointer data)
{
  Booking *booking = data;
  g_object_unref (booking->service);
  g_ptr_array_unref (booking->services);
  g_ptr_array_unref (booking->counsellors);
  g_clear_pointer (&booking->free, g_ptr_array_unref);
  g_ptr_array_unref (booking->slots);
  g_free (booking->entry);
  g_free (booking->refused_sale);
  g_free (booking->intake);
  g_free (booking->ticket);
  g_free (booking->ticket_room);
  g_free (booking->when);
  g_free (booking->where);
  g_free (booking->who);
  g_free (booking->what);
  g_free (booking->place);
  g_free (booking->refused);
  g_free (booking);
}

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

static void
asked_free (Asked *asked)
{
  g_object_unref (asked->window);
  g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

static gboolean
shows_code (Booking *booking)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (booking->stack), "code") == 0;
}

/* Nobody is asked for a birthday, but whether the service is meant for them. */
static gboolean
is_of_age (Booking *booking)
{
  return !gtk_widget_get_visible (GTK_WIDGET (booking->of_age)) || gtk_check_button_get_active (booking->of_age);
}

static void
update (Booking *booking)
{
  gboolean named = *gtk_editable_get_text (booking->name) != '\0';

  gboolean none = booking->free != NULL && booking->free->len == 0 && !booking->more && !booking->offline && booking->entry == NULL && booking->ticket == NULL;

  if (shows_code (booking))
    return;
  gtk_widget_set_sensitive (booking->book, !booking->busy && is_of_age (booking) && anx_free_times_get_chosen (booking->times) != NULL && named);
  gtk_widget_set_visible (booking->book, !none);
  gtk_widget_set_visible (booking->wait, none);
  gtk_widget_set_sensitive (booking->wait, !booking->busy && !booking->waits && named && *gtk_editable_get_text (booking->phone) != '\0');
}

/* What is asked for stays in sight unchanged until the answer, which is then about what one sees. */
static void
set_busy (Booking *booking,
          gboolean busy)
{
  GtkWidget *choices[] = { GTK_WIDGET (booking->wish), GTK_WIDGET (booking->counsellor), GTK_WIDGET (booking->times),
                           GTK_WIDGET (booking->origin), GTK_WIDGET (booking->sessions) };

  booking->busy = busy;
  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_widget_set_sensitive (choices[i], !busy);
  /* The field one types in keeps the keyboard. */
  gtk_editable_set_editable (booking->name, !busy);
  gtk_editable_set_editable (booking->phone, !busy);
  update (booking);
}

/* Who came from a list stays on it. */
static gboolean
has_unsaved (Booking *booking)
{
  return !booking->waits && booking->entry == NULL && booking->ticket == NULL && booking->refused_sale == NULL && booking->intake == NULL && !shows_code (booking)
         && (*gtk_editable_get_text (booking->name) != '\0' || *gtk_editable_get_text (booking->phone) != '\0');
}

/* The name must not be written, and the code not be made, for a window that is gone: the answer is waited for, and the window says so. */
static gboolean
on_close_request (GtkWindow *window,
                  Booking *booking)
{
  if (!booking->busy && has_unsaved (booking))
    anx_desk_ask_to_close (window);
  return booking->busy || has_unsaved (booking);
}

/* The code is shown only once: one key must not take it away. */
static gboolean
on_escape (GtkWidget *window,
           GVariant *arguments,
           gpointer data)
{
  if (!shows_code (data))
    gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

static gboolean
is_walk_in (Booking *booking)
{
  return gtk_drop_down_get_selected (booking->origin) == WALK_IN;
}

/* What to say about what can be chosen. */
static const char *
describe_slots (Booking *booking)
{
  gboolean some = booking->slots->len > 0;
  gboolean series = gtk_spin_button_get_value_as_int (booking->sessions) > 1;

  if (some && ((const AnxDeskSlot *) g_ptr_array_index (booking->slots, 0))->unanswered > 0)
    return _ ("No answer came about the first of these times. Please try it once more when the hub can be reached: it is booked only once.");
  if (!booking->offline && booking->refused != NULL)
    return booking->refused;
  if (!booking->offline && some)
    return "";
  if (!booking->offline && booking->more)
    return _ ("Asking the hub…");
  if (!booking->offline)
    return _ ("Nothing is free in the next three months. Try another person or service, or the waiting list.");
  if (some)
    return _ ("The hub cannot be reached. These times are kept for this desk: what you book now holds.");
  return series ? _ ("The hub cannot be reached. Several sessions can be booked when it is back; one may be possible now.")
                : _ ("The hub cannot be reached, and no time for this is kept at this desk. Please write down whom to call.");
}

static gboolean
has_unanswered (Booking *booking)
{
  return booking->free != NULL && booking->free->len > 0 && ((const AnxDeskSlot *) g_ptr_array_index (booking->free, 0))->unanswered > 0;
}

/* What is lent to this desk is one time each: a series is booked at the hub, out of what is free there. What has begun is for who is there. */
static gboolean
can_choose (Booking *booking,
            const AnxDeskSlot *slot)
{
  guint sessions = (guint) gtk_spin_button_get_value_as_int (booking->sessions);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (booking->service));

  if (slot->unanswered > 0)
    return slot->unanswered == sessions;
  return (sessions == 1 || slot->lease == NULL) && (slot->start_usec > now || (sessions == 1 && is_walk_in (booking)));
}

/* @begin: the soonest is chosen; else what was chosen stays */
static void
show_slots (Booking *booking,
            gboolean begin)
{
  gint64 last_usec = 0;

  g_ptr_array_set_size (booking->slots, 0);
  for (guint i = 0; booking->free != NULL && i < booking->free->len; i++)
    {
      AnxDeskSlot *slot = g_ptr_array_index (booking->free, i);
      /* Of those free at one time the first is the least loaded person's, in any room. */
      if (!can_choose (booking, slot) || slot->start_usec == last_usec)
        continue;
      if (slot->unanswered == 0)
        last_usec = slot->start_usec;
      g_ptr_array_add (booking->slots, slot);
    }
  anx_free_times_show (booking->times, booking->slots, begin);
  if (booking->free != NULL)
    gtk_label_set_text (booking->answer, describe_slots (booking));
}

static const char *
get_service (Booking *booking)
{
  guint index = gtk_drop_down_get_selected (booking->wish);
  return index < booking->services->len ? ((const AnxService *) g_ptr_array_index (booking->services, index))->id : NULL;
}

/* NULL for anybody. */
static const char *
get_counsellor (Booking *booking)
{
  guint index = gtk_drop_down_get_selected (booking->counsellor);
  return index >= 1 && index <= booking->counsellors->len ? ((const AnxPrincipal *) g_ptr_array_index (booking->counsellors, index - 1))->id
                                                          : NULL;
}

static void ask_from (Booking *booking, gint64 from_usec);

/* Keeps what came; gives the start of the last. */
static gint64
keep_slots (Booking *booking,
            GPtrArray *slots)
{
  gint64 last_usec = 0;

  while (slots->len > 0)
    {
      AnxDeskSlot *slot = g_ptr_array_steal_index (slots, 0);
      last_usec = slot->start_usec;
      g_ptr_array_add (booking->free, slot);
    }
  return last_usec;
}

static void
on_slots (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;
  gboolean offline = FALSE;
  g_autoptr (GPtrArray) slots
      = anx_desk_bookings_list_slots_finish (ANX_DESK_BOOKINGS (source), result, &offline, &error);

  if (booking == NULL || asked->asked != booking->asked)
    return;
  booking->more = FALSE;
  if (slots == NULL)
    {
      g_autofree char *reason = anx_desk_problem_explain (error);
      gtk_label_set_text (booking->answer, booking->refused != NULL ? booking->refused : reason);
      return;
    }
  gboolean first = booking->free == NULL;
  guint n = slots->len;
  if (first)
    {
      anx_desk_bookings_offer_unanswered (booking->bookings, get_service (booking), get_counsellor (booking), slots);
      booking->free = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_slot_free);
    }
  booking->offline = offline;
  gint64 last_usec = keep_slots (booking, slots);
  booking->more = !offline && n >= ANX_DESK_SLOTS_MOST && last_usec + 1 < booking->until_usec;
  show_slots (booking, first && has_unanswered (booking));
  if (booking->more)
    ask_from (booking, last_usec + 1);
}

static void
ask_from (Booking *booking,
          gint64 from_usec)
{
  anx_desk_bookings_list_slots_async (booking->bookings, get_service (booking), get_counsellor (booking), booking->ticket_room, from_usec, booking->until_usec, TRUE,
                                      on_slots, asked_new (booking));
}

static void
ask_slots (Booking *booking)
{
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (booking->service));

  if (get_service (booking) == NULL)
    return;
  booking->asked++;
  booking->more = TRUE;
  booking->until_usec = now - BEGUN_USEC + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY;
  g_clear_pointer (&booking->free, g_ptr_array_unref);
  show_slots (booking, FALSE);
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  ask_from (booking, now - BEGUN_USEC);
}

/* Nobody is on the waiting list by this form any more: what is in it now is about somebody or something else. */
static void
forget_place (Booking *booking)
{
  g_clear_pointer (&booking->place, g_free);
  booking->waits = FALSE;
}

static void
ask_age (Booking *booking)
{
  guint index = gtk_drop_down_get_selected (booking->wish);
  const AnxService *service = index < booking->services->len ? g_ptr_array_index (booking->services, index) : NULL;
  g_autofree char *ages = service != NULL ? anx_ui_format_ages (service->least_age, service->most_age) : NULL;
  /* Translators: "from 14 to 18 years old" and the like */
  g_autofree char *text = g_strdup_printf (_ ("The person who comes is %s"), ages != NULL ? ages : "");

  gtk_check_button_set_label (booking->of_age, text);
  gtk_check_button_set_active (booking->of_age, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (booking->of_age), ages != NULL);
}

/* Another service or person: what was refused is no longer asked for. */
static void
on_chosen (Booking *booking)
{
  g_clear_pointer (&booking->refused, g_free);
  forget_place (booking);
  ask_slots (booking);
}

static void
on_wish (Booking *booking)
{
  ask_age (booking);
  on_chosen (booking);
}

static void
on_sessions (Booking *booking)
{
  g_clear_pointer (&booking->refused, g_free);
  show_slots (booking, FALSE);
}

/* Who is there has the soonest time, one that has begun included. */
static void
on_origin (Booking *booking)
{
  show_slots (booking, is_walk_in (booking));
}

/* Another name or number is another person. */
static void
on_person (Booking *booking)
{
  gboolean told = booking->waits;

  forget_place (booking);
  if (told)
    gtk_label_set_text (booking->answer, describe_slots (booking));
  update (booking);
}

static void
on_arrived (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;

  if (!anx_desk_service_set_status_finish (ANX_DESK_SERVICE (source), result, &error) && booking != NULL)
    gtk_label_set_text (booking->printed, _ ("It is booked, but not said that the person is here. Please check them in by hand."));
}

static void
on_ticket (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (booking == NULL)
    return;
  if (answer != NULL && !shows_code (booking))
    {
      gtk_window_destroy (booking->window);
      return;
    }
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;
  if (reason != NULL)
    gtk_label_set_text (shows_code (booking) ? booking->printed : booking->answer, reason);
}

/* The counsellor sees them waiting, and room and counsellor are nobody else's meanwhile. */
static void
begin_session (Booking *booking,
               const char *id)
{
  anx_desk_bookings_ticket_async (booking->bookings, booking->ticket, "serve", NULL, id, on_ticket, asked_new (booking));
  anx_desk_service_set_status_async (booking->service, id, "checked-in", NULL, on_arrived, asked_new (booking));
}

/* As when nothing is free, and yet somebody has time. */
static void
on_without (Booking *booking)
{
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  anx_desk_bookings_ticket_async (booking->bookings, booking->ticket, "serve", NULL, NULL, on_ticket, asked_new (booking));
}

static void
on_booked (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *code = anx_desk_bookings_book_finish (ANX_DESK_BOOKINGS (source), result, &id, &error);

  if (booking == NULL)
    return;
  set_busy (booking, FALSE);
  if (code == NULL)
    {
      /* The time may have gone meanwhile: what is free now is asked for again, the name stays in its field. */
      g_autofree char *reason = anx_desk_problem_explain (error);
      ask_slots (booking);
      gtk_label_set_text (booking->answer, reason);
      /* Not refused without an answer: it is offered again. */
      if (!g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE))
        booking->refused = g_steal_pointer (&reason);
      return;
    }
  if (booking->ticket != NULL)
    begin_session (booking, id);
  if (booking->entry != NULL)
    anx_desk_bookings_waiting_async (booking->bookings, booking->entry, "close", NULL, NULL);
  /* What stays on the list by a failure of the disk can be taken off there. */
  if (booking->refused_sale != NULL)
    anx_desk_bookings_forget_refused (booking->bookings, booking->refused_sale, NULL);
  if (booking->intake != NULL)
    anx_desk_bookings_intake_async (booking->bookings, booking->intake, "booked", NULL, NULL);
  gtk_widget_set_visible (booking->wait, FALSE);
  gtk_label_set_text (booking->code, code);
  anx_ui_set_accessible_name (GTK_WIDGET (booking->code), code);
  gtk_widget_set_visible (booking->book, FALSE);
  gtk_widget_set_visible (booking->without, FALSE);
  gtk_stack_set_visible_child_name (booking->stack, "code");
}

/* For the slip: the list of free times may be another one when the hub has answered. */
static void
keep_facts (Booking *booking,
            const AnxDeskSlot *slot,
            const AnxDeskWish *wish)
{
  GString *when = g_string_new (NULL);
  const char *centre = anx_desk_bookings_get_centre (booking->bookings);

  g_free (booking->when);
  g_free (booking->where);
  g_free (booking->who);
  g_free (booking->what);
  for (guint i = 0; i < wish->sessions; i++)
    {
      g_autofree char *one = anx_ui_format_day_time (anx_desk_bookings_get_session (booking->bookings, wish, i),
                                                     anx_desk_service_get_zone (booking->service));
      g_string_append_printf (when, "%s%s", i > 0 ? "\n" : "", one);
    }
  booking->when = g_string_free (when, FALSE);
  booking->where = g_strdup_printf ("%s · %s", anx_desk_service_name_centre (booking->service, centre),
                                    anx_desk_service_name_room (booking->service, centre, slot->room));
  booking->who = g_strdup (anx_desk_service_name_principal (booking->service, slot->counsellor));
  booking->what = g_strdup (anx_desk_service_name_service (booking->service, wish->service));
}

static void
on_printed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;
  gboolean done = anx_print_ask_finish (GTK_WINDOW (source), result, &error);

  if (booking != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_text (booking->printed, done ? _ ("Printed. Please give it to the resident.")
                                               : _ ("The slip could not be printed. Please write the code down."));
}

static void
on_print (Booking *booking)
{
  gboolean all = gtk_check_button_get_active (booking->print_all);
  g_autofree char *phone = anx_desk_service_dup_centre_phone (booking->service);
  AnxSlip slip = {
    .code = gtk_label_get_text (booking->code),
    .when = booking->when,
    .where = booking->where,
    .who = all ? booking->who : NULL,
    .what = all ? booking->what : NULL,
    .phone = phone,
  };
  g_autoptr (AnxPrintout) printout = anx_slip_make_printout (&slip);

  gtk_label_set_text (booking->printed, "");
  anx_print_ask_async (printout, booking->window, on_printed, asked_new (booking));
}

static void
on_book (Booking *booking)
{
  const AnxDeskSlot *slot = anx_free_times_get_chosen (booking->times);

  /* Enter in the last field comes here too. */
  if (!gtk_widget_get_sensitive (booking->book) || slot == NULL || get_service (booking) == NULL)
    return;
  AnxDeskWish wish = {
    .service = get_service (booking),
    .counsellor = slot->counsellor,
    .room = slot->room,
    .origin = ORIGINS[MIN (gtk_drop_down_get_selected (booking->origin), G_N_ELEMENTS (ORIGINS) - 1)],
    .name = gtk_editable_get_text (booking->name),
    .phone = gtk_editable_get_text (booking->phone),
    .start_usec = slot->start_usec,
    .sessions = (guint) gtk_spin_button_get_value_as_int (booking->sessions),
  };
  keep_facts (booking, slot, &wish);
  g_clear_pointer (&booking->refused, g_free);
  set_busy (booking, TRUE);
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  anx_desk_bookings_book_async (booking->bookings, &wish, on_booked, asked_new (booking));
}

static void
on_waits (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  Booking *booking = anx_dialog_data_get (asked->window);
  g_autoptr (GError) error = NULL;
  gboolean done = anx_desk_bookings_wait_finish (ANX_DESK_BOOKINGS (source), result, &error);

  if (booking == NULL)
    return;
  g_autofree char *reason = done ? NULL : anx_desk_problem_explain (error);
  gtk_label_set_text (booking->answer,
                      done ? _ ("On the waiting list for four weeks. When a time becomes free, it says so under “Needs a look”.") : reason);
  if (done)
    g_clear_pointer (&booking->place, g_free);
  booking->waits = done;
  set_busy (booking, FALSE);
}

static void
on_wait (Booking *booking)
{
  if (get_service (booking) == NULL)
    return;
  if (booking->place == NULL)
    booking->place = anx_uuid_new (anx_desk_model_now_usec (anx_desk_service_get_model (booking->service)));
  AnxDeskWish wish = {
    .service = get_service (booking),
    .counsellor = get_counsellor (booking),
    .name = gtk_editable_get_text (booking->name),
    .phone = gtk_editable_get_text (booking->phone),
  };
  set_busy (booking, TRUE);
  gtk_label_set_text (booking->answer, _ ("Asking the hub…"));
  anx_desk_bookings_wait_async (booking->bookings, booking->place, &wish, on_waits, asked_new (booking));
}

static void
add_labelled (GtkWidget *box,
              const char *label,
              GtkWidget *field,
              const char *spoken)
{
  GtkWidget *words = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (words), 0);
  anx_desk_set_mnemonic (words, field, spoken);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), field);
}

static GtkDropDown *
add_choice (GtkWidget *box,
            const char *label,
            GtkStringList *names,
            const char *spoken)
{
  GtkWidget *choice = gtk_drop_down_new (names != NULL ? G_LIST_MODEL (names) : NULL, NULL);
  add_labelled (box, label, choice, spoken);
  return GTK_DROP_DOWN (choice);
}

static GtkEditable *
add_entry (GtkWidget *box,
           const char *label,
           const char *spoken)
{
  GtkWidget *entry = gtk_entry_new ();
  add_labelled (box, label, entry, spoken);
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
  booking->wish = add_choice (box, _ ("_What for"), services, _ ("What for"));
  booking->of_age = GTK_CHECK_BUTTON (gtk_check_button_new_with_label (""));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->of_age));
  booking->counsellor = add_choice (box, _ ("With wh_om"), people, _ ("With whom"));
  booking->times = ANX_FREE_TIMES (anx_free_times_new (booking->service));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->times));
  /* Beside what it is about, where it is in sight with the largest texts too. */
  booking->answer = GTK_LABEL (anx_desk_label_new ("", "answer"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->answer));
  booking->origin = add_choice (box, _ ("How it came _about"), gtk_string_list_new (origins),
                                _ ("How it came about"));
  booking->sessions = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1, ANX_DESK_SESSIONS_MAX, 1));
  add_labelled (box, _ ("_Sessions, a week apart, with one code"), GTK_WIDGET (booking->sessions), _ ("Sessions"));
  booking->name = add_entry (box, _ ("_Name of the resident, or how to call them"), _ ("Name of the resident"));
  booking->phone = add_entry (box, _ ("_Telephone, if they wish"), _ ("Telephone of the resident"));
  g_signal_connect_swapped (booking->wish, "notify::selected", G_CALLBACK (on_wish), booking);
  g_signal_connect_swapped (booking->of_age, "toggled", G_CALLBACK (update), booking);
  g_signal_connect_swapped (booking->counsellor, "notify::selected", G_CALLBACK (on_chosen), booking);
  g_signal_connect_swapped (booking->times, "changed", G_CALLBACK (update), booking);
  g_signal_connect_swapped (booking->origin, "notify::selected", G_CALLBACK (on_origin), booking);
  g_signal_connect_swapped (booking->sessions, "value-changed", G_CALLBACK (on_sessions), booking);
  g_signal_connect_swapped (booking->name, "changed", G_CALLBACK (on_person), booking);
  g_signal_connect_swapped (booking->phone, "changed", G_CALLBACK (on_person), booking);
  g_signal_connect_swapped (booking->phone, "activate", G_CALLBACK (on_book), booking);
  return box;
}

static GtkWidget *
build_code (Booking *booking)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *print = anx_desk_button_new (_ ("_Print…"), NULL, NULL, NULL);
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
  booking->print_all = GTK_CHECK_BUTTON (
      gtk_check_button_new_with_mnemonic (_ ("The paper may say _with whom it is and what it is about")));
  gtk_widget_set_halign (GTK_WIDGET (booking->print_all), GTK_ALIGN_CENTER);
  booking->printed = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (print, "clicked", G_CALLBACK (on_print), booking);
  gtk_box_append (GTK_BOX (buttons), print);
  gtk_box_append (GTK_BOX (buttons), close);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->print_all));
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (booking->printed));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

/* @id: what the contact record names */
static void
fill (Booking *booking,
      const char *id,
      const char *service,
      const char *counsellor)
{
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (booking->service), id);

  for (guint i = 0; i < booking->services->len; i++)
    if (g_str_equal (((const AnxService *) g_ptr_array_index (booking->services, i))->id, service))
      gtk_drop_down_set_selected (booking->wish, i);
  for (guint i = 0; i < booking->counsellors->len; i++)
    if (g_strcmp0 (((const AnxPrincipal *) g_ptr_array_index (booking->counsellors, i))->id, counsellor) == 0)
      gtk_drop_down_set_selected (booking->counsellor, i + 1);
  if (contact == NULL)
    return;
  gtk_editable_set_text (booking->name, contact->name);
  gtk_editable_set_text (booking->phone, contact->phone != NULL ? contact->phone : "");
}

/* Somebody was found by others, and asked. */
static void
fill_from_intake (Booking *booking)
{
  const AnxIntake *content = booking->intake != NULL ? anx_desk_bookings_read_intake (booking->bookings, booking->intake) : NULL;

  if (booking->intake != NULL)
    gtk_drop_down_set_selected (booking->origin, OUTREACH);
  if (content == NULL)
    return;
  gtk_editable_set_text (booking->name, content->name != NULL ? content->name : "");
  gtk_editable_set_text (booking->phone, content->phone != NULL ? content->phone : "");
}

static void
fill_from_ticket (Booking *booking)
{
  GPtrArray *tickets = anx_desk_bookings_get_tickets (booking->bookings);

  for (guint i = 0; i < tickets->len; i++)
    {
      const AnxDeskTicket *ticket = g_ptr_array_index (tickets, i);
      if (g_strcmp0 (ticket->id, booking->ticket) != 0)
        continue;
      /* Translators: how to call somebody who drew a number and need not say a name */
      g_autofree char *name = g_strdup_printf (_ ("Number %u"), (guint) ticket->number);
      booking->ticket_room = g_strdup (ticket->room);
      gtk_drop_down_set_selected (booking->origin, WALK_IN);
      fill (booking, ticket->id, ticket->service, NULL);
      gtk_editable_set_text (booking->name, name);
    }
}

/* Service, counsellor, name and number as they stand on the list. */
static void
fill_from_lists (Booking *booking)
{
  GPtrArray *waiting = anx_desk_bookings_get_waiting (booking->bookings);
  GPtrArray *refused = anx_desk_bookings_get_refused (booking->bookings);

  for (guint i = 0; i < waiting->len; i++)
    {
      const AnxDeskWaiting *entry = g_ptr_array_index (waiting, i);
      if (g_strcmp0 (entry->id, booking->entry) == 0)
        fill (booking, entry->id, entry->service, entry->counsellor);
    }
  for (guint i = 0; i < refused->len; i++)
    {
      const AnxDeskRefused *sale = g_ptr_array_index (refused, i);
      if (g_strcmp0 (sale->id, booking->refused_sale) == 0)
        fill (booking, sale->id, sale->service, sale->counsellor);
    }
}

static void
present (GtkWindow *parent,
         AnxDeskService *service,
         const char *entry,
         const char *refused_sale,
         const char *intake,
         const char *ticket)
{
  Booking *booking = g_new0 (Booking, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = adw_header_bar_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  booking->window = GTK_WINDOW (adw_window_new ());
  booking->service = g_object_ref (service);
  booking->bookings = anx_desk_bookings_get (service);
  booking->services = anx_desk_bookings_list_services (booking->bookings);
  booking->counsellors = anx_desk_bookings_list_counsellors (booking->bookings);
  booking->slots = g_ptr_array_new ();
  booking->entry = g_strdup (entry);
  booking->refused_sale = g_strdup (refused_sale);
  booking->intake = g_strdup (intake);
  booking->ticket = g_strdup (ticket);
  booking->stack = GTK_STACK (gtk_stack_new ());
  booking->book = anx_desk_button_new (_ ("_Book"), "suggested-action", NULL, NULL);
  anx_dialog_data_set (booking->window, booking, booking_free);
  g_signal_connect (booking->window, "close-request", G_CALLBACK (on_close_request), booking);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (on_escape, booking, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (booking->window), keys);
  booking->wait = anx_desk_button_new (_ ("Put on the waiting _list"), "suggested-action", NULL, NULL);
  gtk_widget_set_visible (booking->wait, FALSE);
  booking->without = anx_desk_button_new (_ ("Without a bookin_g"), NULL, NULL, NULL);
  gtk_widget_set_visible (booking->without, ticket != NULL);
  g_signal_connect_swapped (booking->without, "clicked", G_CALLBACK (on_without), booking);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), booking->without);
  g_signal_connect_swapped (booking->book, "clicked", G_CALLBACK (on_book), booking);
  g_signal_connect_swapped (booking->wait, "clicked", G_CALLBACK (on_wait), booking);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), booking->book);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), booking->wait);
  anx_ui_hide_covered_pages (booking->stack);
  gtk_stack_add_named (booking->stack, anx_desk_page_new (build_form (booking), 560), "form");
  gtk_stack_add_named (booking->stack, anx_desk_page_new (build_code (booking), 560), "code");
  gtk_widget_set_vexpand (GTK_WIDGET (booking->stack), TRUE);
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (booking->stack));
  adw_window_set_content (ADW_WINDOW (booking->window), whole);
  gtk_window_set_title (booking->window, ticket != NULL ? _ ("Has come") : _ ("Book for somebody"));
  gtk_window_set_default_size (booking->window, 600, 600);
  gtk_window_set_transient_for (booking->window, parent);
  gtk_window_set_modal (booking->window, TRUE);
  ask_age (booking);
  fill_from_lists (booking);
  fill_from_intake (booking);
  if (ticket != NULL)
    fill_from_ticket (booking);
  ask_slots (booking);
  gtk_window_present (booking->window);
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
  present (parent, service, NULL, NULL, NULL, NULL);
}

/**
 * anx_booking_dialog_present_waiting:
 * @parent: the window it was asked for in
 * @service: the service
 * @entry: of the waiting list; once there is a booking the person waits no more
 */
void
anx_booking_dialog_present_waiting (GtkWindow *parent,
                                    AnxDeskService *service,
                                    const char *entry)
{
  present (parent, service, entry, NULL, NULL, NULL);
}

/**
 * anx_booking_dialog_present_again:
 * @parent: the window it was asked for in
 * @service: the service
 * @sale: of anx_desk_bookings_get_refused(); once there is a booking it is off that list
 */
void
anx_booking_dialog_present_again (GtkWindow *parent,
                                  AnxDeskService *service,
                                  const char *sale)
{
  present (parent, service, NULL, sale, NULL, NULL);
}

/**
 * anx_booking_dialog_present_outreach:
 * @parent: the window it was asked for in
 * @service: the service
 * @intake: of anx_desk_bookings_get_intakes(); once there is a booking the case is closed
 */
void
anx_booking_dialog_present_outreach (GtkWindow *parent,
                                     AnxDeskService *service,
                                     const char *intake)
{
  present (parent, service, NULL, NULL, intake, NULL);
}

/**
 * anx_booking_dialog_present_ticket:
 * @parent: the window it was asked for in
 * @service: the service
 * @ticket: of the walk-in queue; with the booking it is in session, and the person checked in
 */
void
anx_booking_dialog_present_ticket (GtkWindow *parent,
                                   AnxDeskService *service,
                                   const char *ticket)
{
  present (parent, service, NULL, NULL, NULL, ticket);
}
