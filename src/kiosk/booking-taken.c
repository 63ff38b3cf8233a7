/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "clock.h"
#include "directory-words.h"
#include "screen-shape.h"
#include "ui-text.h"

/* How far ahead is looked for something close when the hub offers nothing. */
#define DAYS_AHEAD 28

static void look_for_alternatives (AnxBookingStep *step);

static void
on_alternative_clicked (GtkButton *button,
                        gpointer user_data)
{
  AnxBookingStep *step = user_data;
  AnxBookingDraft *draft = step->draft;
  g_autoptr (AnxSlot) chosen = anx_slot_copy (g_object_get_data (G_OBJECT (button), "anx-slot"));
  /* Who has typed their name already need not do it again. */
  gboolean complete = draft->name != NULL && *draft->name != '\0' && draft->phone != NULL;
  anx_booking_step_choose (step, chosen, draft->moving == NULL && complete ? anx_booking_review_page_make : anx_booking_step_after_time (step));
}

static void
on_all_days (GtkButton *button,
             gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_booking_step_replace (step, anx_booking_day_page_make);
}

static void
on_ask_alternatives (GtkButton *button,
                     gpointer user_data)
{
  look_for_alternatives (user_data);
}

/* Nearest to the time that was wanted first. */
static gint
compare_nearness (gconstpointer a,
                  gconstpointer b,
                  gpointer user_data)
{
  gint64 wanted = *(gint64 *) user_data;
  gint64 left = ABS ((*(AnxSlot *const *) a)->start_usec - wanted), right = ABS ((*(AnxSlot *const *) b)->start_usec - wanted);
  return left < right ? -1 : left > right;
}

static void
show_alternatives (AnxBookingStep *step,
                   GPtrArray *slots)
{
  AnxPage *page = step->page;
  gint64 wanted = step->draft->slot->start_usec, last = -1;
  guint most = anx_screen_is_low (GTK_WIDGET (step->window)) ? 3 : 4, shown = 0;
  g_ptr_array_sort_with_data (slots, compare_nearness, &wanted);
  for (guint i = 0; i < slots->len && shown < most; i++)
    {
      const AnxSlot *slot = g_ptr_array_index (slots, i);
      if (slot->start_usec == last || slot->start_usec == wanted)
        continue;
      last = slot->start_usec;
      g_autofree char *label = anx_ui_format_day_time (slot->start_usec, anx_resident_get_zone (step->resident));
      GtkWidget *choice = anx_page_make_choice ("anx-clock-symbolic", label, anx_words_of_principal (step->resident, slot->counsellor));
      g_object_set_data_full (G_OBJECT (choice), "anx-slot", anx_slot_copy (slot), (GDestroyNotify) anx_slot_free);
      g_signal_connect (choice, "clicked", G_CALLBACK (on_alternative_clicked), step);
      gtk_box_append (anx_page_get_content (page), choice);
      shown++;
    }
  GtkWidget *all = anx_page_make_choice ("anx-book-symbolic", shown > 0 ? _("See all days") : _("Look at other days"), NULL);
  g_signal_connect (all, "clicked", G_CALLBACK (on_all_days), step);
  gtk_box_append (anx_page_get_content (page), all);
  anx_page_set_busy (page, NULL);
}

static void
on_alternatives (AnxBookingStep *step,
                 GPtrArray *slots,
                 const GError *error)
{
  g_autoptr (GPtrArray) owned = slots;
  if (slots == NULL)
    anx_page_show_problem (step->page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_ask_alternatives), step);
  else
    show_alternatives (step, slots);
}

static void
look_for_alternatives (AnxBookingStep *step)
{
  gint64 now = g_get_real_time ();
  anx_page_set_busy (step->page, _("Looking for times close to it…"));
  anx_booking_step_find_slots (step, now, now + DAYS_AHEAD * ANX_USEC_PER_DAY, TRUE, on_alternatives);
}

/**
 * anx_booking_taken_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, with the slot that cannot be had
 *
 * Somebody was earlier, or the time has come too near: the free times nearest to the wanted one, as the hub offered them or as they are found, as choices. Everything else stays as entered.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_taken_page_make (AnxResidentWindow *window,
                             gpointer data)
{
  const AnxBookingDraft *draft = data;
  GtkWidget *page = anx_page_new (draft->lapsed ? _("This time can no longer be booked") : _("Somebody was just a moment earlier"),
                                  _("These times are free. Everything else stays as you entered it."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  g_autoptr (GPtrArray) nearby = g_steal_pointer (&step->draft->nearby);
  if (nearby != NULL)
    show_alternatives (step, nearby);
  else
    look_for_alternatives (step);
  return page;
}
