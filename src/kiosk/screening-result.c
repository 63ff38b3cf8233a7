/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-pages.h"

#include <glib/gi18n.h>

#include "directory-words.h"
#include "json.h"
#include "screen-shape.h"
#include "session.h"
#include "tiles.h"
#include "ui-text.h"

static void
on_told (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  /* Nobody waits for it: a count that is lost, or an offer that stays, harms nobody. */
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, NULL);
}

static void
tell_hub (AnxResident *resident,
          const char *method,
          const char *path,
          JsonObject *body)
{
  g_autoptr (JsonNode) node = anx_json_node_from_object (body);
  anx_resident_request_async (resident, method, path, node, NULL, on_told, NULL);
}

/* Who keeps the answers to themselves leaves a count and nothing else. What was asked for and answered is not asked for again. */
static void
tell_end (AnxResidentWindow *window,
          AnxScreeningRun *run)
{
  AnxResident *resident = anx_resident_window_get_resident (window);
  JsonObject *booking = anx_resident_get_booking (resident);
  const char *id = booking != NULL ? anx_json_get_string (booking, "id", NULL) : NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  if (run->sharing == ANX_SHARING_NO && anx_screening_run_has_answers (run))
    {
      json_object_set_string_member (body, "kind", "self-test");
      json_object_set_int_member (body, "number", 1);
      tell_hub (resident, "POST", "/v1/counts", body);
    }
  else if (run->assigned && id != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/assignment", id);
      json_object_set_string_member (body, "questionnaire", "");
      tell_hub (resident, "PUT", path, body);
    }
}

/* A record never changes, so there is no way back into the questions. Who went back into them meanwhile is not torn out of them, and who asked
 * for help finds the result below it. */
static void
show_result (AnxResidentWindow *window,
             AnxScreeningPlace *from)
{
  AnxPageStack *pages = anx_resident_window_get_pages (window);
  AnxScreeningRun *run = from->run;
  if (!anx_page_stack_holds (pages, from))
    return;
  run->finished = TRUE;
  tell_end (window, run);
  anx_page_stack_conclude_upon (pages, run->assigned ? anx_waiting_page_make : NULL, from, anx_screening_result_page_make,
                                anx_screening_place_new (run, 0, 0), anx_screening_place_unref);
}

typedef struct
{
  AnxResidentWindow *window;
  AnxPage *page;
  AnxScreeningPlace *place; /* the page's data */
} Finish;

static void
finish_free (gpointer data)
{
  Finish *finish = data;
  anx_screening_place_unref (finish->place);
  g_free (finish);
}

static void
on_try_again (GtkButton *button,
              gpointer user_data)
{
  Finish *finish = user_data;
  AnxScreeningPlace *place = anx_screening_place_ref (finish->place);
  anx_screening_finish (finish->window, finish->page, place);
  anx_screening_place_unref (place);
}

static void
on_submitted (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (AnxPage) page = user_data;
  Finish *finish = g_object_get_data (G_OBJECT (page), "anx-finish");
  g_autoptr (GError) error = NULL;
  anx_screening_run_submit_finish (finish->place->run, result, &error);
  if (error != NULL)
    {
      anx_page_show_problem (page,
                             _("Your answers could not be saved on this machine.\n"
                               "They are still here until you leave.\n"
                               "Please try again, or tell your counsellor yourself."),
                             _("Try again"), G_CALLBACK (on_try_again), finish);
      return;
    }
  show_result (finish->window, finish->place);
}

/**
 * anx_screening_finish:
 * @window: the window
 * @page: the page the resident is on; it waits, and tells if something goes wrong
 * @place: the data of that page; its run is answered to the end or not
 *
 * Hands over what there is, if there is consent and somebody to read it, and shows the result in place of the page when it is on the disk.
 */
void
anx_screening_finish (AnxResidentWindow *window,
                      AnxPage *page,
                      AnxScreeningPlace *place)
{
  Finish *finish = g_new0 (Finish, 1);
  finish->window = window;
  finish->page = page;
  finish->place = anx_screening_place_ref (place);
  g_object_set_data_full (G_OBJECT (page), "anx-finish", finish, finish_free);
  anx_page_set_busy (page, _("One moment…"));
  anx_screening_run_submit_async (place->run, anx_resident_window_get_resident (window), on_submitted, g_object_ref (page));
}

/* ---- the result ---- */

static void
on_book (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_push (user_data, anx_booking_page_make, NULL, NULL);
}

static void
on_learn (GtkButton *button,
          gpointer user_data)
{
  anx_resident_window_push (user_data, anx_learn_page_make, NULL, NULL);
}

static void
on_help (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_show_help (user_data, ANX_LEVEL_RED, "help-button");
}

static void
on_wait (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_back (user_data);
}

/* Nothing in the answers says danger: a person is called, not the alarm's highest level. */
static void
on_talk (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_show_help (user_data, ANX_LEVEL_YELLOW, "help-button");
}

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_leave (user_data);
}

/* Whether a later questionnaire asked the same again, and more: then its words stand for both. */
static gboolean
is_superseded (AnxScreeningRun *run,
               guint part)
{
  const char *id = anx_questionnaire_get_id (anx_answers_get_questionnaire (g_ptr_array_index (run->answers, part)));
  for (guint later = part + 1; later < run->answers->len; later++)
    if (anx_screening_plan_extends (run->plan, anx_questionnaire_get_id (anx_answers_get_questionnaire (g_ptr_array_index (run->answers, later))), id))
      return TRUE;
  return FALSE;
}

static void
add_score (GtkBox *box,
           AnxScreeningRun *run,
           const AnxScore *score,
           const char *words)
{
  gtk_box_append (box, anx_page_make_text (words, "anx-result"));
  if (!anx_screening_plan_shows_numbers (run->plan))
    return;
  g_autofree char *number = g_strdup_printf (_("Points: %g"), score->value);
  gtk_box_append (box, anx_page_make_text (number, "anx-result-number"));
}

/* The bands' plain words, each once. Names of instruments stay with those who can read them. */
static guint
add_bands (GtkBox *box,
           AnxScreeningRun *run)
{
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");
  g_autoptr (GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint part = 0; part < run->answers->len; part++)
    {
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (g_ptr_array_index (run->answers, part));
      for (guint i = 0; i < scores->len && !is_superseded (run, part); i++)
        {
          const AnxScore *score = g_ptr_array_index (scores, i);
          const char *words = chinese ? score->band_text_zh : score->band_text_en;
          if (score->present && words != NULL && *words != '\0' && g_hash_table_add (said, g_strdup (words)))
            add_score (box, run, score, words);
        }
    }
  return g_hash_table_size (said);
}

static char *
dup_who_reads (AnxScreeningRun *run,
               AnxResident *resident)
{
  if (run->sharing != ANX_SHARING_YES)
    return g_strdup (_("Nobody sees your answers. They are gone when you leave."));
  if (!anx_screening_run_has_answers (run))
    return g_strdup (_("You gave no answers, so nothing was kept."));
  JsonObject *booking = anx_resident_get_booking (resident);
  const char *counsellor = booking != NULL ? anx_json_get_string (booking, "counsellor", NULL) : NULL;
  if (counsellor == NULL && run->level == ANX_LEVEL_GREEN)
    return g_strdup (_("If you book a talk now, your counsellor will see your answers. If not, they are gone when you leave."));
  const char *name = anx_words_of_principal (resident, counsellor);
  g_autofree char *who = counsellor == NULL              ? g_strdup (_("The person on duty will see your answers."))
                         : run->level > ANX_LEVEL_GREEN ? g_strdup_printf (_("%s and the person on duty will see your answers."), name)
                                                         : g_strdup_printf (_("%s will see your answers."), name);
  if (anx_resident_is_online (resident))
    return g_steal_pointer (&who);
  return g_strdup_printf (_("%s They are safe in this machine and will be sent as soon as the connection is back."), who);
}

static void
add_step (AnxTiles *tiles,
          AnxResidentWindow *window,
          const char *icon,
          const char *label,
          const char *detail,
          GCallback clicked)
{
  GtkWidget *choice = anx_page_make_choice (icon, label, detail);
  g_signal_connect (choice, "clicked", clicked, window);
  anx_tiles_append (tiles, choice);
}

/* What can be done next, the most needed first. Leaving is the page's own action. */
static void
add_next_steps (GtkBox *content,
                AnxResidentWindow *window,
                AnxScreeningRun *run)
{
  GtkWidget *tiles = anx_tiles_new (2, 480);
  gboolean booked = anx_resident_get_booking (anx_resident_window_get_resident (window)) != NULL;
  if (run->level > ANX_LEVEL_GREEN)
    add_step (ANX_TILES (tiles), window, "anx-help-symbolic", _("Talk to somebody now"), _("You need not wait for an appointment."), G_CALLBACK (on_help));
  if (!booked)
    add_step (ANX_TILES (tiles), window, "anx-book-symbolic", _("Book a talk"), _("Free of charge, here in this room."), G_CALLBACK (on_book));
  if (run->level == ANX_LEVEL_GREEN)
    add_step (ANX_TILES (tiles), window, "anx-person-symbolic", _("Talk to somebody now"), _("The staff come to you."), G_CALLBACK (on_talk));
  add_step (ANX_TILES (tiles), window, "anx-learn-symbolic", _("See what may help"), _("Short texts, to read in peace"), G_CALLBACK (on_learn));
  gtk_box_append (content, tiles);
}

/**
 * anx_screening_result_page_make:
 * @window: the window
 * @data: an AnxScreeningPlace of the run
 *
 * What the answers say in plain words, who will see them, and what can be done next. No value, no name of an illness.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_result_page_make (AnxResidentWindow *window,
                                gpointer data)
{
  AnxScreeningRun *run = ((AnxScreeningPlace *) data)->run;
  AnxResident *resident = anx_resident_window_get_resident (window);
  GtkWidget *page = anx_page_new (anx_screening_run_is_complete (run) ? _("Thank you for your answers") : _("You stopped here. That is fine."), NULL);
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));

  GtkBox *card = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 20));
  gtk_widget_add_css_class (GTK_WIDGET (card), "card");
  /* After an answer that means danger a band would be heard as "not so bad". */
  if (run->level > ANX_LEVEL_GREEN)
    gtk_box_append (card, anx_page_make_text (_("One of your answers shows that things are very hard for you. Please do not stay alone with it. "
                                       "Talk to the staff here today."),
                                     "anx-result"));
  else if (add_bands (card, run) == 0)
    gtk_box_append (card, anx_page_make_text (_("There are not enough answers to say something. Talking helps all the same."), "anx-result"));
  gtk_box_append (card, anx_page_make_text (_("This is only a hint, not a diagnosis. A counsellor can tell you more."), "anx-note"));
  /* Beside each other on a wide screen, so that the next steps are never below the edge. */
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (window));
  GtkBox *split = GTK_BOX (gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, wide ? 32 : 20));
  GtkBox *words = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 20)), *steps = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 20));
  gtk_box_set_homogeneous (split, wide);
  gtk_box_append (words, GTK_WIDGET (card));
  gtk_box_append (split, GTK_WIDGET (words));
  gtk_box_append (split, GTK_WIDGET (steps));
  gtk_box_append (content, GTK_WIDGET (split));

  g_autofree char *readers = dup_who_reads (run, resident);
  gtk_box_append (words, anx_page_make_text (readers, "anx-note"));

  add_next_steps (steps, window, run);
  /* Who has checked in is waited for: for them the way on is back to the waiting page. */
  anx_page_set_primary (ANX_PAGE (page), run->assigned ? _("Back to waiting") : _("Done"), "anx-check-symbolic",
                        run->assigned ? G_CALLBACK (on_wait) : G_CALLBACK (on_done), window);
  return page;
}
