/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-pages.h"

#include <glib/gi18n.h>

#include "screen-shape.h"
#include "ui-text.h"

/* So long a chosen answer is seen before the next question comes: long enough to notice a slip, too short to wait for. */
#define SEEN_MS 350

typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  AnxPage *page;
  AnxScreeningPlace *place;
  GtkWidget *go_on; /* (nullable) on the page of one question */
  guint advance_source;
} Step;

/**
 * anx_screening_place_new:
 * @run: the run; a reference is taken
 * @part: which questionnaire
 * @item: which item of it
 *
 * Returns: (transfer full): the place
 */
AnxScreeningPlace *
anx_screening_place_new (AnxScreeningRun *run,
                         guint part,
                         guint item)
{
  AnxScreeningPlace *place = g_rc_box_new0 (AnxScreeningPlace);
  place->run = anx_screening_run_ref (run);
  place->part = part;
  place->item = item;
  return place;
}

/**
 * anx_screening_place_ref:
 * @self: a place
 *
 * Returns: (transfer full): the same
 */
AnxScreeningPlace *
anx_screening_place_ref (AnxScreeningPlace *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_place (gpointer data)
{
  AnxScreeningPlace *place = data;
  anx_screening_run_unref (place->run);
}

/**
 * anx_screening_place_unref:
 * @place: (transfer full) (type AnxScreeningPlace): a place
 *
 * Drops one reference.
 */
void
anx_screening_place_unref (gpointer place)
{
  g_rc_box_release_full (place, clear_place);
}

static void
step_free (gpointer data)
{
  Step *step = data;
  g_clear_handle_id (&step->advance_source, g_source_remove);
  anx_screening_place_unref (step->place);
  g_free (step);
}

static Step *
step_new (AnxResidentWindow *window,
          GtkWidget *page,
          AnxScreeningPlace *place)
{
  Step *step = g_new0 (Step, 1);
  step->window = window;
  step->resident = anx_resident_window_get_resident (window);
  step->page = ANX_PAGE (page);
  step->place = anx_screening_place_ref (place);
  g_object_set_data_full (G_OBJECT (page), "anx-step", step, step_free);
  return step;
}

/* ---- one question ---- */

static void
advance (Step *step)
{
  AnxScreeningRun *run = step->place->run;
  guint part = step->place->part, item = step->place->item;
  if (anx_screening_run_step (run, &part, &item))
    anx_resident_window_push (step->window, anx_screening_item_page_make, anx_screening_place_new (run, part, item), anx_screening_place_unref);
  else
    anx_screening_finish (step->window, step->page, step->place);
}

static gboolean
on_seen (gpointer user_data)
{
  Step *step = user_data;
  step->advance_source = 0;
  advance (step);
  return G_SOURCE_REMOVE;
}

static void
on_next (GtkButton *button,
         gpointer user_data)
{
  Step *step = user_data;
  g_clear_handle_id (&step->advance_source, g_source_remove);
  advance (step);
}

static void
on_stop (GtkButton *button,
         gpointer user_data)
{
  Step *step = user_data;
  AnxScreeningPlace *place = step->place;
  g_clear_handle_id (&step->advance_source, g_source_remove);
  anx_resident_window_push (step->window, anx_screening_stop_page_make, anx_screening_place_new (place->run, place->part, place->item), anx_screening_place_unref);
}

/* Nobody waits for it: if it fails, the last page tries again and tells. */
static void
on_handed_over_early (GObject *source,
                      GAsyncResult *result,
                      gpointer user_data)
{
  g_autoptr (AnxScreeningRun) run = user_data;
  anx_screening_run_submit_finish (run, result, NULL);
}

static void
on_answer_clicked (GtkButton *button,
                   gpointer user_data)
{
  Step *step = user_data;
  AnxScreeningRun *run = step->place->run;
  int option = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-option"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  g_clear_handle_id (&step->advance_source, g_source_remove);
  anx_screening_run_set (run, step->place->part, step->place->item, option);

  AnxLevel level = ANX_LEVEL_GREEN;
  g_autofree char *rule = anx_screening_run_take_finding (run, &level);
  if (rule != NULL)
    {
      /* The alert comes first, before anything that could fail. The question waits below the help page with its way on. */
      anx_resident_window_show_help (step->window, level, rule);
      anx_screening_run_submit_async (run, step->resident, on_handed_over_early, anx_screening_run_ref (run));
      return;
    }
  step->advance_source = g_timeout_add (SEEN_MS, on_seen, step);
}

/* Coming back to an answered question: the way on is there without answering anew. */
static void
on_item_map (GtkWidget *widget,
             gpointer user_data)
{
  Step *step = user_data;
  AnxAnswers *answers = g_ptr_array_index (step->place->run->answers, step->place->part);
  if (anx_answers_get (answers, step->place->item) != ANX_ANSWER_NONE)
    {
      /* A low screen has no room for one more bar below the answers. */
      if (anx_screen_is_low (GTK_WIDGET (step->window)))
        gtk_widget_set_visible (step->go_on, TRUE);
      else
        anx_page_set_primary (step->page, _("Go on"), "anx-next-symbolic", G_CALLBACK (on_next), step);
    }
}

static void
on_item_unmap (GtkWidget *widget,
               gpointer user_data)
{
  Step *step = user_data;
  g_clear_handle_id (&step->advance_source, g_source_remove);
}

static GtkWidget *
make_answer (Step *step,
             const char *label,
             int option,
             GtkWidget *group)
{
  AnxAnswers *answers = g_ptr_array_index (step->place->run->answers, step->place->part);
  GtkWidget *radio = anx_page_make_radio (label, group);
  gtk_widget_add_css_class (radio, "anx-answer");
  g_object_set_data (G_OBJECT (radio), "anx-option", GINT_TO_POINTER (option));
  if (anx_answers_get (answers, step->place->item) == option)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (radio), TRUE);
  g_signal_connect (radio, "clicked", G_CALLBACK (on_answer_clicked), step);
  return radio;
}

static GtkWidget *
make_progress (Step *step)
{
  AnxScreeningRun *run = step->place->run;
  guint part = step->place->part;
  g_autofree char *progress = g_strdup_printf (_("Question %u of %u"), anx_screening_run_position (run, part, step->place->item),
                                               anx_screening_run_count (run, part));
  /* How many parts there will be is not known before the answers are. */
  g_autofree char *words = part > 0 || run->waiting->len > 0 ? g_strdup_printf (_("Part %u"), part + 1) : NULL;
  g_autofree char *text = words != NULL ? g_strdup_printf ("%s · %s", words, progress) : g_strdup (progress);
  anx_ui_set_accessible_name (GTK_WIDGET (step->page), text);

  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  GtkWidget *label = anx_page_make_text (text, "anx-progress");
  gtk_widget_set_hexpand (label, TRUE);
  GtkWidget *stop = gtk_button_new_with_label (_("Stop here"));
  gtk_widget_add_css_class (stop, "anx-stop");
  g_signal_connect (stop, "clicked", G_CALLBACK (on_stop), step);
  step->go_on = gtk_button_new_with_label (_("Go on"));
  gtk_widget_add_css_class (step->go_on, "primary");
  gtk_widget_set_visible (step->go_on, FALSE);
  g_signal_connect (step->go_on, "clicked", G_CALLBACK (on_next), step);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), stop);
  gtk_box_append (GTK_BOX (row), step->go_on);
  return row;
}

/**
 * anx_screening_item_page_make:
 * @window: the window
 * @data: the AnxScreeningPlace
 *
 * One question. Choosing an answer leads on by itself; an answer that means danger leads to help at once.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_item_page_make (AnxResidentWindow *window,
                              gpointer data)
{
  AnxScreeningPlace *place = data;
  GtkWidget *page = anx_page_new ("", NULL);
  Step *step = step_new (window, page, place);
  AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (g_ptr_array_index (place->run->answers, place->part));
  const char *language = anx_ui_get_language ();
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (window));

  GtkBox *content = anx_page_get_content (step->page);
  gtk_box_append (content, make_progress (step));
  GtkWidget *split = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, wide ? 56 : 32);
  gtk_box_set_homogeneous (GTK_BOX (split), wide);
  gtk_box_append (content, split);

  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  g_autofree char *stem = anx_questionnaire_dup_item_intro (questionnaire, place->item, language);
  g_autofree char *text = anx_questionnaire_dup_item_text (questionnaire, place->item, language);
  /* On a low screen every line above the question costs an answer below it. */
  if (!anx_screen_is_low (GTK_WIDGET (window)) && place->part > 0 && anx_screening_run_position (place->run, place->part, place->item) == 1)
    gtk_box_append (GTK_BOX (texts), anx_page_make_text (_("Thank you. A few more questions follow, so that we understand you better."), "anx-stem"));
  if (stem != NULL && *stem != '\0')
    gtk_box_append (GTK_BOX (texts), anx_page_make_text (stem, "anx-stem"));
  gtk_box_append (GTK_BOX (texts), anx_page_make_text (text, "anx-item"));
  gtk_box_append (GTK_BOX (split), texts);

  GtkWidget *options = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *group = NULL;
  guint n = anx_questionnaire_get_item (questionnaire, place->item)->n_options;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = anx_questionnaire_dup_option_text (questionnaire, place->item, i, language);
      GtkWidget *radio = make_answer (step, label, (int) i, group);
      group = radio;
      gtk_box_append (GTK_BOX (options), radio);
    }
  GtkWidget *declined = make_answer (step, _("Prefer not to say"), ANX_ANSWER_DECLINED, group);
  gtk_widget_add_css_class (declined, "anx-declined");
  gtk_box_append (GTK_BOX (options), declined);
  gtk_box_append (GTK_BOX (split), options);

  g_signal_connect (page, "map", G_CALLBACK (on_item_map), step);
  g_signal_connect (page, "unmap", G_CALLBACK (on_item_unmap), step);
  return page;
}
