/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan-dialog.h"

#include <glib/gi18n.h>

#include "crisis-records.h"
#include "desk-dialog.h"
#include "desk-glass.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-data.h"
#include "dialog-fields.h"
#include "printing.h"
#include "ui-text.h"

#define ROOM_LINES 2
/* Of the fields; the numbers that always hold have four lines. */
#define LOW_PX 64
#define HIGH_PX 100

typedef struct
{
  AnxDeskService *service;
  GtkWindow *parent;
  char *booking;
  char *predecessor; /* (nullable) the plan that this one replaces */
  GtkWindow *window;
  GtkTextView *fields[ANX_SAFETY_N_STEPS];
  GPtrArray *readers; /* GtkSwitch with its "principal" */
  GtkLabel *state;
} Planning;

/* Titles and hints of the six steps, in the words of the plan (Stanley and Brown, VA manual 2008). */
static const char *const TITLES[ANX_SAFETY_N_STEPS] = {
  N_ ("1. How I notice that it gets hard"),
  N_ ("2. What I can do by myself"),
  N_ ("3. People and places that take my mind off it"),
  N_ ("4. People whom I ask for help"),
  N_ ("5. Professionals and numbers"),
  N_ ("6. How I make my surroundings safe"),
};

/**
 * anx_plan_dialog_get_title:
 * @step: from 0 to %ANX_SAFETY_N_STEPS - 1
 *
 * Returns: what the step is called, in the language of the screen
 */
const char *
anx_plan_dialog_get_title (guint step)
{
  g_return_val_if_fail (step < ANX_SAFETY_N_STEPS, "");
  return _ (TITLES[step]);
}

static void
planning_free (gpointer data)
{
  Planning *planning = data;
  g_object_unref (planning->service);
  g_free (planning->booking);
  g_free (planning->predecessor);
  g_ptr_array_unref (planning->readers);
  g_free (planning);
}

static char **
dup_steps (Planning *planning)
{
  char **steps = g_new0 (char *, ANX_SAFETY_N_STEPS + 1);
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    steps[i] = anx_dialog_text_dup (planning->fields[i]);
  return steps;
}

static char *
dup_numbers (Planning *planning)
{
  g_autofree char *phone = anx_desk_service_dup_centre_phone (planning->service);
  const char *always = _ ("Psychological help line 12356\nAmbulance 120\nPolice 110");

  /* Translators: the telephone number of the governance centre. */
  g_autofree char *own = phone != NULL ? g_strdup_printf (_ ("Our centre %s"), phone) : NULL;
  return own != NULL ? g_strdup_printf ("%s\n%s", own, always) : g_strdup (always);
}

/* The newest plan of this resident that we may read, to go on from; the numbers that always hold where there is none. */
static void
fill_in (Planning *planning)
{
  AnxDeskModel *model = anx_desk_service_get_model (planning->service);
  AnxDeskRecord *newest = anx_desk_model_find_plan (model, planning->booking);
  g_auto (GStrv) steps = NULL;
  gint64 written = 0;

  if (newest != NULL && anx_safety_plan_read (newest->resource, &steps, &written, NULL))
    {
      planning->predecessor = g_strdup (newest->id);
      for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
        gtk_text_buffer_set_text (gtk_text_view_get_buffer (planning->fields[i]), steps[i], -1);
      return;
    }
  g_autofree char *numbers = dup_numbers (planning);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (planning->fields[ANX_SAFETY_PROFESSIONALS]), numbers, -1);
}

static GPtrArray *
list_chosen (Planning *planning)
{
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < planning->readers->len; i++)
    {
      GtkSwitch *button = g_ptr_array_index (planning->readers, i);
      if (gtk_switch_get_active (button))
        g_ptr_array_add (chosen, g_object_get_data (G_OBJECT (button), "principal"));
    }
  return chosen;
}

static void
on_save (GtkButton *button,
         Planning *planning)
{
  g_auto (GStrv) steps = dup_steps (planning);
  g_autoptr (GPtrArray) readers = list_chosen (planning);
  guint count = readers->len;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (readers, NULL);
  if (!anx_desk_service_save_plan (planning->service, planning->booking, (const char *const *) steps,
                                   (const char *const *) readers->pdata, planning->predecessor, &error))
    {
      g_autofree char *words = anx_desk_problem_explain (error);
      g_autofree char *text = g_strdup_printf (_ ("Not saved. Your text is still here. %s"), words);
      gtk_label_set_text (planning->state, text);
      return;
    }
  gboolean glass = anx_desk_glass_find_group (planning->service, planning->booking) != NULL;
  anx_desk_window_toast (planning->parent, count > 0 && glass
                                             ? _ ("The safety plan is saved and sealed to you and to those you chose. Another colleague can open it only in an emergency, and you are told.")
                                           : count > 0 ? _ ("The safety plan is saved and sealed to you and to those you chose.")
                                           : glass   ? _ ("The safety plan is saved and sealed to you. A colleague can open it only in an emergency, and you are told.")
                                                     : _ ("The safety plan is saved and sealed to you alone."));
  gtk_window_destroy (planning->window);
}

/* A step that is still empty leaves room to be written by hand. */
static AnxPrintout *
make_printout (Planning *planning)
{
  AnxPrintout *printout = anx_printout_new (_ ("My safety plan"));
  g_auto (GStrv) steps = dup_steps (planning);

  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    if (*steps[i] != '\0')
      anx_printout_add (printout, _ (TITLES[i]), steps[i]);
    else
      anx_printout_add_room (printout, _ (TITLES[i]), ROOM_LINES);
  return printout;
}

static void
on_printed (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  Planning *planning = anx_dialog_data_get (GTK_WINDOW (source));
  g_autoptr (GError) error = NULL;

  if (anx_print_ask_finish (GTK_WINDOW (source), result, &error) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || planning == NULL)
    return;
  /* Translators: %s is what the printing system says. */
  g_autofree char *text = g_strdup_printf (_ ("Not printed. Your text is still here. %s"), error->message);
  gtk_label_set_text (planning->state, text);
}

static void
on_print (GtkButton *button,
          Planning *planning)
{
  g_autoptr (AnxPrintout) printout = make_printout (planning);
  anx_print_ask_async (printout, planning->window, on_printed, NULL);
}

static GtkWidget *
build_field (Planning *planning,
             guint step)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *label = anx_desk_label_new (_ (TITLES[step]), "heading");

  /* Scrolled, with a height of its own: a text view that is as high as its text takes what it needed before it had its width. */
  GtkWidget *field = anx_dialog_text_new (&planning->fields[step], _ (TITLES[step]), step == ANX_SAFETY_PROFESSIONALS ? HIGH_PX : LOW_PX);
  anx_desk_set_mnemonic (label, GTK_WIDGET (planning->fields[step]), _ (TITLES[step]));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), field);
  return box;
}

/* Nobody is chosen for the person who writes; what was chosen for an earlier version does not hold for this one. */
static GtkWidget *
build_readers (Planning *planning)
{
  g_autoptr (GPtrArray) colleagues = anx_desk_service_list_colleagues (planning->service);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *list = anx_desk_list_new ();

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Who else may read it"), "heading"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Ask the resident first. Each version is sealed anew: please choose each time."), "dim-label"));
  for (guint i = 0; i < colleagues->len; i++)
    {
      const AnxPrincipal *one = g_ptr_array_index (colleagues, i);
      GtkSwitch *button;
      GtkWidget *row = anx_desk_switch_row_new (anx_desk_service_name_principal (planning->service, one->id),
                                                one->kind == ANX_PRINCIPAL_GROUP ? _ ("Whoever is on duty here") : NULL, &button);
      g_object_set_data_full (G_OBJECT (button), "principal", g_strdup (one->id), g_free);
      g_ptr_array_add (planning->readers, button);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_box_append (GTK_BOX (box), list);
  gtk_widget_set_visible (box, colleagues->len > 0);
  return box;
}

/**
 * anx_plan_dialog_present:
 * @parent: the window
 * @service: the service
 * @booking: the session's booking
 *
 * Shows the plan of the session, or an empty one.
 */
void
anx_plan_dialog_present (GtkWindow *parent,
                         AnxDeskService *service,
                         const char *booking)
{
  Planning *planning = g_new0 (Planning, 1);
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10), *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = adw_header_bar_new ();
  GtkWidget *save = anx_desk_button_new (_ ("_Save plan"), "suggested-action", NULL, NULL);
  GtkWidget *print = anx_desk_button_new (_ ("_Print…"), NULL, NULL, NULL);

  planning->service = g_object_ref (service);
  planning->parent = parent;
  planning->readers = g_ptr_array_new ();
  planning->booking = g_strdup (booking);
  planning->window = GTK_WINDOW (adw_window_new ());
  anx_dialog_data_set (planning->window, planning, planning_free);
  gtk_window_set_title (planning->window, _ ("Safety plan"));
  gtk_window_set_default_size (planning->window, 640, 720);
  gtk_window_set_transient_for (planning->window, parent);
  gtk_window_set_modal (planning->window, TRUE);
  g_signal_connect (save, "clicked", G_CALLBACK (on_save), planning);
  g_signal_connect (print, "clicked", G_CALLBACK (on_print), planning);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), save);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), print);
  gtk_box_append (GTK_BOX (content), anx_desk_label_new (_ ("Write it together with the resident, in their words. Give them the printed page."), "dim-label"));
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    gtk_box_append (GTK_BOX (content), build_field (planning, i));
  gtk_box_append (GTK_BOX (content), build_readers (planning));
  planning->state = GTK_LABEL (anx_desk_label_new ("", "error"));
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (planning->state));
  fill_in (planning);
  GtkWidget *page = anx_desk_page_new (content, 600);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), page);
  adw_window_set_content (ADW_WINDOW (planning->window), whole);
  anx_desk_guard_text (planning->window);
  gtk_window_present (planning->window);
}
