/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-pages.h"

#include <glib/gi18n.h>

#include "booking-code.h"
#include "directory-words.h"
#include "screen-shape.h"
#include "screening-run.h"
#include "slip-print.h"
#include "ui-text.h"

static void
on_questionnaire (GtkButton *button,
                  gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_push (step->window, anx_screening_page_make, NULL, NULL);
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_leave (step->window);
}

/**
 * anx_slip_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, confirmed
 *
 * The confirmed booking: the code in large letters and as a picture, and what, when, with whom and where. The name is not on it, since
 * people carry the photo about.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_slip_page_make (AnxResidentWindow *window,
                    gpointer data)
{
  gboolean asked = anx_booking_draft_is_asked (data);
  GtkWidget *page = asked ? anx_page_new (_("Your time is asked for"), _("It is not booked yet. The staff will tell you whether it can be kept."))
                          : anx_page_new (_("Your time is booked"), NULL);
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  AnxBookingDraft *draft = step->draft;
  GtkBox *content = anx_page_get_content (step->page);
  g_autofree char *when = anx_ui_format_day_time (draft->slot->start_usec, anx_resident_get_zone (step->resident));
  g_autofree char *where = anx_words_where (step->resident, draft->slot->room);

  GtkWidget *code = anx_code_card_new (window, draft->code,
                                       _("Take a photo of it, or write it down. You need it when you come, and it is not shown again."),
                                       anx_slip_print_button_new (step));
  gtk_box_append (content, code);
  GtkWidget *facts[] = {
    anx_booking_fact_new (_("When"), when),
    anx_booking_fact_new (_("Where"), where),
    anx_booking_fact_new (_("What"), anx_words_of_service (step->resident, draft->service)),
    anx_booking_fact_new (_("With"), anx_words_of_principal (step->resident, draft->slot->counsellor)),
  };
  GtkGrid *card = GTK_GRID (gtk_grid_new ());
  gtk_widget_add_css_class (GTK_WIDGET (card), "card");
  gtk_grid_set_column_homogeneous (card, TRUE);
  gtk_grid_set_column_spacing (card, 24);
  gtk_grid_set_row_spacing (card, 12);
  int columns = anx_screen_is_wide (GTK_WIDGET (window)) ? 2 : 1;
  for (int i = 0; i < (int) G_N_ELEMENTS (facts); i++)
    gtk_grid_attach (card, facts[i], i % columns, i / columns, 1, 1);
  gtk_box_append (content, GTK_WIDGET (card));

  AnxScreeningRun *run = anx_screening_run_of_window (window);
  if ((run == NULL || !run->finished) && anx_screen_is_low (GTK_WIDGET (window)))
    anx_page_set_secondary (step->page, _("Fill in a questionnaire now"), G_CALLBACK (on_questionnaire), step);
  else if (run == NULL || !run->finished)
    {
      GtkWidget *more = anx_page_make_choice ("anx-form-symbolic", _("Fill in a questionnaire now"), _("It helps your counsellor to prepare. About five minutes."));
      g_signal_connect (more, "clicked", G_CALLBACK (on_questionnaire), step);
      gtk_box_append (content, more);
    }
  else if (run->sharing == ANX_SHARING_YES)
    {
      GtkWidget *note = gtk_label_new (_("Your counsellor will see the answers you gave today."));
      gtk_widget_add_css_class (note, "anx-note");
      gtk_label_set_wrap (GTK_LABEL (note), TRUE);
      gtk_label_set_xalign (GTK_LABEL (note), 0);
      gtk_box_append (content, note);
    }
  anx_page_set_primary (step->page, _("Done"), "anx-check-symbolic", G_CALLBACK (on_done), step);
  return page;
}
