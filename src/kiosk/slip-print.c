/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slip-print.h"

#include <glib/gi18n.h>

#include "booking-code.h"
#include "directory-words.h"
#include "json.h"
#include "printing.h"
#include "process.h"
#include "slip.h"
#include "ui-text.h"

/* ---- the button ---- */

static void
on_print_clicked (GtkButton *button,
                  gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_booking_step_push (step, anx_slip_print_page_make);
}

static void
on_printer_known (GObject *source,
                  GAsyncResult *result,
                  gpointer user_data)
{
  g_autoptr (GtkWidget) button = user_data;
  g_autoptr (GtkPrinter) printer = anx_print_find_printer_finish (result, NULL);
  gtk_widget_set_visible (button, printer != NULL);
}

/**
 * anx_slip_print_button_new:
 * @step: of the page the button stands on
 *
 * Returns: (transfer floating): a button that shows itself once it is known that this machine has a printer
 */
GtkWidget *
anx_slip_print_button_new (AnxBookingStep *step)
{
  GtkWidget *button = gtk_button_new_with_label (_("Print it…"));
  gtk_widget_add_css_class (button, "secondary");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_visible (button, FALSE);
  g_signal_connect (button, "clicked", G_CALLBACK (on_print_clicked), step);
  anx_print_find_printer_async (NULL, on_printer_known, g_object_ref_sink (button));
  return button;
}

/* ---- the page ---- */

static AnxBookingStep *
step_of (AnxPage *page)
{
  return g_object_get_data (G_OBJECT (page), "anx-step");
}

static void
on_back (GtkButton *button,
         gpointer user_data)
{
  AnxBookingStep *step = user_data;
  anx_resident_window_back (step->window);
}

static void
show_failure (AnxPage *page)
{
  anx_page_show_problem (page,
                         _("The slip could not be printed.\n"
                           "Your time and your code stay as they are.\n"
                           "Please take a photo of the code, or write it down."),
                         _("Back to the code"), G_CALLBACK (on_back), step_of (page));
}

static void
on_sent (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  if (!anx_print_send_finish (result, NULL))
    {
      show_failure (page);
      return;
    }
  anx_page_set_busy (page, NULL);
  anx_page_set_line (page, _("Your slip comes out of the printer. Please take it with you."));
  anx_page_set_primary (page, _("Back to the code"), "anx-check-symbolic", G_CALLBACK (on_back), step_of (page));
}

static AnxPrintout *
make_printout (AnxBookingStep *step,
               gboolean all)
{
  AnxBookingDraft *draft = step->draft;
  anx_autosecret char *code = anx_booking_code_format (draft->code);
  g_autofree char *when = anx_ui_format_day_time (draft->slot->start_usec, anx_resident_get_zone (step->resident));
  g_autofree char *where = anx_words_where (step->resident, draft->slot->room);
  AnxSlip slip = {
    .code = code,
    .when = when,
    .where = where,
    .who = all ? anx_words_of_principal (step->resident, draft->slot->counsellor) : NULL,
    .what = all ? anx_words_of_service (step->resident, draft->service) : NULL,
    .phone = anx_words_telephone_of_centre (step->resident),
    .asked = anx_booking_draft_is_asked (draft),
  };
  return anx_slip_make_printout (&slip);
}

static void
on_printer (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  g_autoptr (GtkPrinter) printer = anx_print_find_printer_finish (result, NULL);
  if (printer == NULL)
    {
      show_failure (page);
      return;
    }
  g_autoptr (AnxPrintout) printout = make_printout (step_of (page), GPOINTER_TO_INT (g_object_get_data (G_OBJECT (page), "anx-all")));
  anx_print_send_async (printout, printer, on_sent, g_object_ref (page));
}

static void
print (AnxBookingStep *step,
       gboolean all)
{
  g_object_set_data (G_OBJECT (step->page), "anx-all", GINT_TO_POINTER (all));
  anx_page_set_busy (step->page, _("Printing…"));
  /* Looked for anew: it may have been switched off meanwhile. */
  anx_print_find_printer_async (NULL, on_printer, g_object_ref (step->page));
}

static void
on_little (GtkButton *button,
           gpointer user_data)
{
  print (user_data, FALSE);
}

static void
on_all (GtkButton *button,
        gpointer user_data)
{
  print (user_data, TRUE);
}

/**
 * anx_slip_print_page_make:
 * @window: the window
 * @data: the AnxBookingDraft, confirmed
 *
 * Asks what the paper may say, since others may find it; the least comes first. The resident's name is never on it.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_slip_print_page_make (AnxResidentWindow *window,
                          gpointer data)
{
  GtkWidget *page = anx_page_new (_("What shall stand on the paper?"), _("Others may see it. Your name is not on it."));
  AnxBookingStep *step = anx_booking_step_new (window, data, page);
  GtkBox *content = anx_page_get_content (step->page);
  GtkWidget *little = anx_page_make_choice (NULL, _("Code, time and place"), _("Nobody learns what it is about."));
  GtkWidget *all = anx_page_make_choice (NULL, _("Also with whom, and what it is about"), NULL);

  g_signal_connect (little, "clicked", G_CALLBACK (on_little), step);
  g_signal_connect (all, "clicked", G_CALLBACK (on_all), step);
  gtk_box_append (content, little);
  gtk_box_append (content, all);
  return page;
}
