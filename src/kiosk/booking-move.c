/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "directory-words.h"
#include "json.h"
#include "process.h"
#include "ui-text.h"

static void move (AnxBookingStep *step);

static void
on_again (GtkButton *button,
          gpointer user_data)
{
  move (user_data);
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_leave (user_data);
}

static GtkWidget *
make_facts (AnxBookingStep *step)
{
  const AnxSlot *slot = step->draft->slot;
  g_autofree char *when = anx_ui_format_day_time (slot->start_usec, anx_resident_get_zone (step->resident));
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (card, "card");
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("When"), when));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("With"), anx_words_of_principal (step->resident, slot->counsellor)));
  gtk_box_append (GTK_BOX (card), anx_booking_fact_new (_("Where"), anx_words_of_room (step->resident, slot->room)));
  return card;
}

static GtkWidget *
make_moved_page (AnxResidentWindow *window,
                 gpointer data)
{
  GtkWidget *page = anx_page_new (_("Your appointment has been moved"), _("Your code stays the same."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  gtk_box_append (anx_page_get_content (step->page), make_facts (step));
  anx_page_set_primary (step->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_done), window);
  return page;
}

static void
on_moved (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  AnxBookingStep *step = g_object_get_data (G_OBJECT (page), "anx-step");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);
  if (error == NULL)
    {
      anx_booking_step_conclude (step, make_moved_page);
      return;
    }
  if (anx_booking_draft_lose_slot (step->draft, anx_resident_get_problem (result)))
    {
      anx_booking_step_replace (step, anx_booking_taken_page_make);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    anx_page_show_problem (page, _("This appointment cannot be moved any more.\nIt stays as it is. Please ask the staff; they can help."), NULL, NULL, NULL);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
    anx_page_show_problem (page, _("There is no connection just now, so it was perhaps not moved.\nPlease try again in a moment, or ask the staff."),
                           _("Try again"), G_CALLBACK (on_again), step);
  else
    anx_page_show_problem (page, anx_booking_problem_text (error), _("Try again"), G_CALLBACK (on_again), step);
}

/* Sent twice it is the same: the second time the booking already stands there. */
static void
move (AnxBookingStep *step)
{
  AnxBookingDraft *draft = step->draft;
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/move", draft->moving);
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_int_member (body, "start", draft->slot->start_usec);
  json_object_set_string_member (body, "counsellor", draft->slot->counsellor);
  json_object_set_string_member (body, "room", draft->slot->room);
  json_object_set_string_member (body, "codeKey", draft->code_key);
  json_object_set_string_member (body, "reason", "resident");
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_page_set_busy (step->page, _("Moving your appointment…"));
  anx_resident_request_async (step->resident, "POST", path, node, NULL, on_moved, g_object_ref (step->page));
}

static void
on_confirm (GtkButton *button,
            gpointer user_data)
{
  move (user_data);
}

/**
 * anx_booking_move_page_make:
 * @window: the window
 * @data: the AnxBookingDraft of a move, with the new time
 *
 * The new time; the primary action moves the booking in one step, so that the old time is never given up for nothing.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_booking_move_page_make (AnxResidentWindow *window,
                            gpointer data)
{
  GtkWidget *page = anx_page_new (_("Move it to this time?"), _("The old time is then free for somebody else."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  gtk_box_append (anx_page_get_content (step->page), make_facts (step));
  anx_page_set_primary (step->page, _("Yes, move it"), "anx-check-symbolic", G_CALLBACK (on_confirm), step);
  return page;
}
