/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-pages.h"

#include <glib/gi18n.h>

#include "directory-words.h"
#include "json.h"
#include "screen-shape.h"
#include "ui-text.h"

typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  AnxPage *page;
  AnxScreeningRun *run;
} Step;

static void
step_free (gpointer data)
{
  Step *step = data;
  anx_screening_run_unref (step->run);
  g_free (step);
}

static Step *
step_new (AnxResidentWindow *window,
          GtkWidget *page,
          AnxScreeningRun *run)
{
  Step *step = g_new0 (Step, 1);
  step->window = window;
  step->resident = anx_resident_window_get_resident (window);
  step->page = ANX_PAGE (page);
  step->run = anx_screening_run_ref (run);
  g_object_set_data_full (G_OBJECT (page), "anx-step", step, step_free);
  return step;
}

static void
on_begin (GtkButton *button,
          gpointer user_data)
{
  Step *step = user_data;
  AnxScreeningRun *run = step->run;
  guint part = 0, item = G_MAXUINT;
  if (anx_screening_run_step (run, &part, &item))
    anx_resident_window_push (step->window, anx_screening_item_page_make, anx_screening_place_new (run, part, item), anx_screening_place_unref);
}

static void
on_sharing_toggled (GtkToggleButton *button,
                    gpointer user_data)
{
  Step *step = user_data;
  if (!gtk_toggle_button_get_active (button))
    return;
  step->run->sharing = (AnxSharing) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-sharing"));
  anx_page_set_primary_sensitive (step->page, TRUE);
}

static GtkWidget *
make_sharing_radio (Step *step,
                    const char *label,
                    AnxSharing sharing,
                    GtkWidget *group)
{
  GtkWidget *radio = anx_page_make_radio (label, group);
  g_object_set_data (G_OBJECT (radio), "anx-sharing", GINT_TO_POINTER ((int) sharing));
  if (step->run->sharing == sharing)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (radio), TRUE);
  g_signal_connect (radio, "toggled", G_CALLBACK (on_sharing_toggled), step);
  return radio;
}

static const char *
booked_counsellor (AnxResident *resident)
{
  JsonObject *booking = anx_resident_get_booking (resident);
  const char *id = booking != NULL ? anx_json_get_string (booking, "counsellor", NULL) : NULL;
  return id != NULL ? anx_words_of_principal (resident, id) : NULL;
}

/* What surely comes; what the answers lead to comes on top. */
static guint
count_first (AnxScreeningRun *run)
{
  guint n = anx_screening_run_count (run, 0);
  for (guint i = 0; i < run->waiting->len; i++)
    {
      g_autoptr (AnxQuestionnaire) questionnaire = anx_screening_plan_open (run->plan, g_ptr_array_index (run->waiting, i), run->assigned, NULL);
      n += questionnaire != NULL ? anx_questionnaire_get_n_items (questionnaire) : 0;
    }
  return n;
}

static void
add_point (GtkBox *box,
           const char *what,
           const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  gtk_widget_add_css_class (row, "anx-fact");
  GtkWidget *left = anx_page_make_text (what, "anx-fact-label");
  gtk_label_set_width_chars (GTK_LABEL (left), 11);
  gtk_label_set_max_width_chars (GTK_LABEL (left), 11);
  gtk_label_set_yalign (GTK_LABEL (left), 0);
  GtkWidget *right = anx_page_make_text (text, "anx-point-text");
  gtk_widget_set_hexpand (right, TRUE);
  gtk_box_append (GTK_BOX (row), left);
  gtk_box_append (GTK_BOX (row), right);
  gtk_box_append (box, row);
}

static void
add_credit (GPtrArray *credits,
            AnxQuestionnaire *questionnaire)
{
  char *credit = questionnaire != NULL ? anx_questionnaire_dup_credit (questionnaire, anx_ui_get_language ()) : NULL;
  if (credit != NULL && *credit != '\0' && !g_ptr_array_find_with_equal_func (credits, credit, g_str_equal, NULL))
    g_ptr_array_add (credits, credit);
  else
    g_free (credit);
}

static void
add_credit_of (GPtrArray *credits,
               AnxScreeningRun *run,
               const char *id,
               gboolean demanded)
{
  g_autoptr (AnxQuestionnaire) questionnaire = anx_screening_plan_open (run->plan, id, run->assigned, NULL);
  if (questionnaire != NULL && (!demanded || g_strcmp0 (anx_questionnaire_get_licence (questionnaire), "public-domain") != 0))
    add_credit (credits, questionnaire);
}

/*
 * Who wrote the questions, each line once: of what is asked in any case, and of what may follow where its licence demands the line. Others are
 * not named before they are due: a title can frighten.
 */
static char *
dup_credits (AnxScreeningRun *run)
{
  g_autoptr (GPtrArray) credits = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GStrvBuilder) first = g_strv_builder_new ();
  for (guint i = 0; i < run->answers->len; i++)
    {
      AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (g_ptr_array_index (run->answers, i));
      add_credit (credits, questionnaire);
      g_strv_builder_add (first, anx_questionnaire_get_id (questionnaire));
    }
  for (guint i = 0; i < run->waiting->len; i++)
    {
      add_credit_of (credits, run, g_ptr_array_index (run->waiting, i), FALSE);
      g_strv_builder_add (first, g_ptr_array_index (run->waiting, i));
    }
  g_auto (GStrv) asked = g_strv_builder_end (first);
  g_auto (GStrv) later = anx_screening_plan_list_later (run->plan, (const char *const *) asked);
  for (char **id = later; *id != NULL; id++)
    add_credit_of (credits, run, *id, TRUE);
  g_ptr_array_add (credits, NULL);
  return g_strjoinv ("\n", (char **) credits->pdata);
}

static void
fill_consent (Step *step)
{
  AnxScreeningRun *run = step->run;
  const char *counsellor = booked_counsellor (step->resident);
  /* Beside each other on a wide screen, so that the decision is never below the edge. */
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (step->window));
  GtkBox *split = GTK_BOX (gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, wide ? 32 : 20));
  GtkBox *decision = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 20));
  gtk_box_append (anx_page_get_content (step->page), GTK_WIDGET (split));

  GtkBox *card = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_add_css_class (GTK_WIDGET (card), "card");
  g_autofree char *length = g_strdup_printf (_("%u short questions to begin with; sometimes a few more follow. You may leave out any of them."),
                                            count_first (run));
  add_point (card, _("What it is"), length);
  add_point (card, _("What for"), _("So that your counsellor understands how you have been. It is no medical test."));
  g_autofree char *who = counsellor != NULL ? g_strdup_printf (_("Only %s, and only if you say yes below."), counsellor)
                                            : g_strdup (_("Only the counsellor you book with today, and only if you say yes below."));
  add_point (card, _("Who reads it"), who);
  add_point (card, _("How long"), _("Kept with your counselling record, as long as the district's rules say. You may ask the staff to delete it."));
  add_point (card, _("One exception"), _("If an answer shows that you may be in danger, the person on duty is told at once and comes to help."));
  gtk_widget_set_hexpand (GTK_WIDGET (card), TRUE);
  gtk_box_append (split, GTK_WIDGET (card));
  gtk_box_append (split, GTK_WIDGET (decision));
  if (wide)
    gtk_widget_set_size_request (GTK_WIDGET (decision), 460, -1);

  g_autofree char *question = counsellor != NULL ? g_strdup_printf (_("May %s read your answers?"), counsellor)
                                                 : g_strdup (_("May your counsellor read your answers?"));
  gtk_box_append (decision, anx_page_make_text (question, "anx-question"));
  GtkWidget *yes = make_sharing_radio (step, _("Yes"), ANX_SHARING_YES, NULL);
  GtkWidget *no = make_sharing_radio (step, _("No. Only I see them, and nothing is kept."), ANX_SHARING_NO, yes);
  gtk_box_append (decision, yes);
  gtk_box_append (decision, no);
  g_autofree char *credits = dup_credits (run);
  if (*credits != '\0')
    gtk_box_append (anx_page_get_content (step->page), anx_page_make_text (credits, "anx-credit"));
  anx_page_set_primary (step->page, _("Begin"), "anx-next-symbolic", G_CALLBACK (on_begin), step);
  anx_page_set_primary_sensitive (step->page, run->sharing != ANX_SHARING_UNDECIDED);
}

static void
on_resume (GtkButton *button,
           gpointer user_data)
{
  Step *step = user_data;
  anx_resident_window_push (step->window, anx_screening_resume_page_make, NULL, NULL);
}

static void
on_book_instead (GtkButton *button,
                 gpointer user_data)
{
  anx_resident_window_push (user_data, anx_booking_page_make, NULL, NULL);
}

static GtkWidget *
make_missing_page (AnxResidentWindow *window,
                   const GError *error)
{
  g_warning ("questionnaires cannot be read: %s", error->message);
  GtkWidget *page = anx_page_new (_("Questions about how you are"), NULL);
  anx_page_show_problem (ANX_PAGE (page),
                         _("The questions are missing on this machine.\n"
                           "You can book a talk without them, or ask the staff."),
                         _("Book a talk"), G_CALLBACK (on_book_instead), window);
  return page;
}

static AnxDirectory *
directory_of (AnxResidentWindow *window)
{
  return anx_resident_get_directory (anx_resident_window_get_resident (window));
}

/**
 * anx_screening_assigned_page_make:
 * @window: the window
 * @data: (type utf8): the id of the questionnaire a counsellor asks for
 *
 * As anx_screening_page_make(), for one questionnaire and what its answers lead to.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_assigned_page_make (AnxResidentWindow *window,
                                  gpointer data)
{
  const char *ids[] = { data, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxScreeningRun) made = NULL;
  AnxScreeningRun *run = anx_screening_run_of_window (window);
  if (run == NULL || run->finished || !run->assigned)
    {
      run = made = anx_screening_run_new (directory_of (window), ids, &error);
      if (run == NULL)
        return make_missing_page (window, error);
      anx_screening_run_keep (window, run);
    }
  GtkWidget *page = anx_page_new (_("Your counsellor asks you some questions"), _("You may say no. Your session takes place all the same."));
  fill_consent (step_new (window, page, run));
  return page;
}

/**
 * anx_screening_page_make:
 * @window: the window
 * @data: not used
 *
 * What the questionnaires are for, who reads them, how long they are kept, and the one decision: whether the counsellor may. A run of
 * this visit that is not finished is taken up again.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_page_make (AnxResidentWindow *window,
                         gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxScreeningRun) made = NULL;
  AnxScreeningRun *run = anx_screening_run_of_window (window);
  if (run == NULL || run->finished)
    {
      run = made = anx_screening_run_new (directory_of (window), NULL, &error);
      if (run == NULL)
        return make_missing_page (window, error);
      anx_screening_run_keep (window, run);
    }
  GtkWidget *page = anx_page_new (_("Before you begin"), NULL);
  Step *step = step_new (window, page, run);
  fill_consent (step);
  if (!anx_screening_run_has_answers (run) && !run->assigned)
    anx_page_set_secondary (step->page, _("I have a code for kept answers"), G_CALLBACK (on_resume), step);
  return page;
}

