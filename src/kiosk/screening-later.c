/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-pages.h"

#include <glib/gi18n.h>
#include <string.h>

#include "booking-code.h"
#include "clock.h"
#include "code-seal.h"
#include "json.h"
#include "process.h"
#include "ui-text.h"

/* Breaking off: finish here, or go on later with a code. And coming back with the code. What is kept leaves this process sealed. */

#define MAX_DRAFT_BYTES (200 * 1024)

typedef enum
{
  FETCH_NEW,
  FETCH_GOING_ON,
  FETCH_UNKNOWN, /* nothing under this code */
  FETCH_WAIT,    /* too many wrong ones */
  FETCH_UNFIT,   /* the questions are others now */
  FETCH_FAILED,
} FetchState;

/* One try to keep or to fetch. The page holds it, and so does the work that is going on. */
typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  AnxPage *page;             /* (nullable) while it is shown */
  AnxScreeningPlace *place;  /* (nullable) what is kept; the data of the page that keeps it */
  char *code;
  FetchState state;          /* of fetching; a page made anew in another language asks no second time */
  guint wait_seconds;        /* FETCH_WAIT */
} Later;

static void
later_clear (gpointer data)
{
  Later *self = data;
  g_clear_pointer (&self->place, anx_screening_place_unref);
  g_clear_object (&self->resident);
  g_clear_pointer (&self->code, anx_secret_free);
}

static void
later_unref (gpointer data)
{
  g_rc_box_release_full (data, later_clear);
}

static Later *
later_new (AnxResidentWindow *window,
           const char *code)
{
  Later *self = g_rc_box_new0 (Later);
  self->window = window;
  self->resident = g_object_ref (anx_resident_window_get_resident (window));
  self->code = g_strdup (code);
  return self;
}

static void
on_page_gone (GtkWidget *page,
              gpointer user_data)
{
  Later *self = user_data;
  if (GTK_WIDGET (self->page) == page)
    self->page = NULL;
}

static void
unref_closure (gpointer data,
               GClosure *closure)
{
  later_unref (data);
}

static void
set_page (Later *self,
          GtkWidget *page)
{
  self->page = ANX_PAGE (page);
  g_signal_connect_data (page, "destroy", G_CALLBACK (on_page_gone), g_rc_box_acquire (self), unref_closure, 0);
}

/* Codes of another kiosk or another purpose lead to other keys; the hub, which knows keys of codes under the district's salt, knows none of these. */
static char *
make_salt (AnxResident *resident)
{
  return g_strconcat ("draft:", anx_resident_get_principal (resident), NULL);
}

/* ---- keeping ---- */

static void
on_done (GtkButton *button,
         gpointer user_data)
{
  anx_resident_window_leave (user_data);
}

static GtkWidget *
kept_page_make (AnxResidentWindow *window,
                gpointer data)
{
  Later *self = data;
  guint hours = anx_screening_plan_get_draft_hours (self->place->run->plan);
  GtkWidget *page = anx_page_new (_("Your answers are kept"), NULL);
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));
  g_autofree char *until
      = anx_ui_format_day_time (g_get_real_time () + (gint64) hours * ANX_USEC_PER_HOUR, anx_resident_get_zone (self->resident));
  g_autofree char *time = g_strdup_printf (_("Until %s, on this machine only. Then they are erased."), until);

  gtk_box_append (content, anx_code_card_new (window, self->code, _("Take a photo of it, or write it down. It is not shown again."), NULL));
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (card, "card");
  gtk_box_append (GTK_BOX (card), anx_page_make_text (time, "anx-point-text"));
  gtk_box_append (GTK_BOX (card), anx_page_make_text (_("They are sealed. Nobody can read them without the code."), "anx-point-text"));
  gtk_box_append (GTK_BOX (card), anx_page_make_text (_("To go on: begin the questions and touch “I have a code for kept answers”."), "anx-point-text"));
  gtk_box_append (content, card);
  anx_page_set_primary (ANX_PAGE (page), _("Done"), "anx-check-symbolic", G_CALLBACK (on_done), window);
  return page;
}

static void keep (Later *self);

static void
on_keep_again (GtkButton *button,
               gpointer user_data)
{
  keep (user_data);
}

static void
show_keep_problem (Later *self,
                   const char *why)
{
  if (self->page == NULL)
    return;
  g_autofree char *text = g_strdup_printf (_("Your answers could not be kept: %s\nThey are still here until you leave."), why);
  anx_page_show_problem (self->page, text, _("Try again"), G_CALLBACK (on_keep_again), self);
}

static void
on_kept (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  Later *self = user_data;
  g_autoptr (GError) error = NULL;
  if (!anx_resident_keep_draft_finish (ANX_RESIDENT (source), result, &error))
    show_keep_problem (self, error->message);
  else if (self->page != NULL)
    {
      /* What is kept is kept; in this process the questions end here. */
      self->place->run->finished = TRUE;
      anx_page_stack_conclude (anx_resident_window_get_pages (self->window), self->place, kept_page_make, g_rc_box_acquire (self), later_unref);
    }
  later_unref (self);
}

typedef struct
{
  char *code;
  char *salt;
  GBytes *bytes; /* what is sealed or opened; (nullable) */
  char *tag;     /* (nullable) */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;
  anx_secret_free (work->code);
  g_clear_pointer (&work->bytes, g_bytes_unref);
  g_free (work->salt);
  g_free (work->tag);
  g_free (work);
}

static void
bytes_unref (gpointer data)
{
  g_bytes_unref (data);
}

static void
run_in_thread (Later *self,
               GBytes *bytes,
               GTaskThreadFunc function,
               GAsyncReadyCallback callback)
{
  Work *work = g_new0 (Work, 1);
  work->code = g_strdup (self->code);
  work->salt = make_salt (self->resident);
  work->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  g_autoptr (GTask) task = g_task_new (self->resident, NULL, callback, g_rc_box_acquire (self));
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, function);
}

static void
seal (GTask *task,
      gpointer source,
      gpointer task_data,
      GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  GBytes *sealed = anx_code_seal (work->code, work->salt, work->bytes, &work->tag, &error);
  if (sealed != NULL)
    g_task_return_pointer (task, sealed, bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_sealed (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  Later *self = user_data;
  g_autoptr (GBytes) sealed = g_task_propagate_pointer (G_TASK (result), NULL);
  Work *work = g_task_get_task_data (G_TASK (result));
  if (sealed == NULL)
    {
      show_keep_problem (self, _("They could not be sealed."));
      later_unref (self);
      return;
    }
  anx_resident_keep_draft_async (self->resident, work->tag, sealed, anx_screening_plan_get_draft_hours (self->place->run->plan), on_kept, self);
}

static void
free_wiped (gpointer data)
{
  anx_secret_free (data);
}

static void
keep (Later *self)
{
  anx_page_set_busy (self->page, _("One moment…"));
  g_autoptr (JsonObject) draft = anx_screening_run_to_draft (self->place->run, self->place->part, self->place->item);
  char *text = anx_json_object_to_text (draft);
  g_autoptr (GBytes) plain = g_bytes_new_with_free_func (text, strlen (text), free_wiped, text);
  run_in_thread (self, plain, seal, on_sealed);
}

/* To stop can be an answer, too. What else happens lies below the help page, and there are no questions to go on with behind it. */
static void
heed_stopping (Later *self,
               gboolean for_good)
{
  AnxLevel level = ANX_LEVEL_GREEN;
  g_autofree char *rule = anx_screening_run_take_left (self->place->run, for_good, &level);
  if (rule == NULL)
    return;
  anx_resident_call_help (self->resident, level, rule);
  anx_resident_window_push (self->window, anx_help_page_make, NULL, NULL);
}

static void
on_keep (GtkButton *button,
         gpointer user_data)
{
  Later *self = user_data;
  heed_stopping (self, FALSE);
  keep (self);
}

static void
on_finish (GtkButton *button,
           gpointer user_data)
{
  Later *self = user_data;
  heed_stopping (self, TRUE);
  anx_screening_finish (self->window, self->page, self->place);
}

static void
on_back (GtkButton *button,
         gpointer user_data)
{
  Later *self = user_data;
  anx_resident_window_back (self->window);
}

/**
 * anx_screening_stop_page_make:
 * @window: the window
 * @data: the AnxScreeningPlace where the resident breaks off
 *
 * Offers to keep the answers for later under a code, or to finish with them.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_stop_page_make (AnxResidentWindow *window,
                              gpointer data)
{
  AnxScreeningPlace *place = data;
  anx_autosecret char *code = anx_booking_code_new ();
  Later *self = later_new (window, code);
  self->place = anx_screening_place_ref (place);
  GtkWidget *page = anx_page_new (_("Would you like to stop here?"), _("That is fine. You decide what happens with your answers."));
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));
  set_page (self, page);
  g_object_set_data_full (G_OBJECT (page), "anx-later", self, later_unref);

  guint hours = anx_screening_plan_get_draft_hours (place->run->plan);
  g_autofree char *detail = g_strdup_printf (ngettext ("Your answers are kept for %u hour, sealed. You get a code.",
                                                       "Your answers are kept for %u hours, sealed. You get a code.", hours),
                                             hours);
  /* Who has checked in stays for the session. */
  if (!place->run->assigned)
    {
      GtkWidget *later = anx_page_make_choice ("anx-kept-symbolic", _("Go on another time"), detail);
      g_signal_connect (later, "clicked", G_CALLBACK (on_keep), self);
      gtk_box_append (content, later);
    }
  GtkWidget *finish = anx_page_make_choice ("anx-check-symbolic", _("Finish with these answers"), _("You see what they say so far."));
  g_signal_connect (finish, "clicked", G_CALLBACK (on_finish), self);
  gtk_box_append (content, finish);
  anx_page_set_primary (ANX_PAGE (page), _("Back to the questions"), "anx-form-symbolic", G_CALLBACK (on_back), self);
  return page;
}

/* ---- coming back ---- */

static void
on_other_code (GtkButton *button,
               gpointer user_data)
{
  Later *self = user_data;
  anx_resident_window_replace (self->window, anx_screening_resume_page_make, NULL, NULL);
}

static char *
describe_problem (Later *self)
{
  switch (self->state)
    {
    case FETCH_WAIT:
      return g_strdup_printf (ngettext ("Several codes in a row were not right. Please wait %u second, then try again.",
                                        "Several codes in a row were not right. Please wait %u seconds, then try again.", self->wait_seconds),
                              self->wait_seconds);
    case FETCH_UNKNOWN:
      return g_strdup (_("Nothing is kept under this code here.\n"
                         "Perhaps its time is over, or it was another machine.\n"
                         "You can begin anew at any time."));
    case FETCH_UNFIT:
      return g_strdup (_("The kept answers do not fit the present questions any more. Please begin anew."));
    case FETCH_NEW:
    case FETCH_GOING_ON:
    case FETCH_FAILED:
    default:
      return g_strdup (_("This did not work just now. Please try again."));
    }
}

static void
end_fetch (Later *self,
           FetchState state)
{
  self->state = state;
  g_autofree char *text = describe_problem (self);
  if (self->page != NULL)
    anx_page_show_problem (self->page, text, _("Enter the code again"), G_CALLBACK (on_other_code), self);
}

/* All questions up to the present one lie below it, so that "Back" goes through them as before. Help that was asked for meanwhile stays above. */
static void
show_run (Later *self,
          AnxScreeningRun *run,
          guint to_part,
          guint to_item)
{
  AnxPageStack *pages = anx_resident_window_get_pages (self->window);
  AnxScreeningPlace *below = NULL; /* the stack has it */
  guint part = 0, item = G_MAXUINT;
  anx_screening_run_keep (self->window, run);
  while (anx_screening_run_step (run, &part, &item))
    {
      AnxScreeningPlace *place = anx_screening_place_new (run, part, item);
      if (below == NULL)
        anx_page_stack_conclude (pages, self, anx_screening_item_page_make, place, anx_screening_place_unref);
      else
        anx_page_stack_put_upon (pages, below, anx_screening_item_page_make, place, anx_screening_place_unref);
      below = place;
      if (part > to_part || (part == to_part && item >= to_item))
        break;
    }
}

static void
unseal (GTask *task,
        gpointer source,
        gpointer task_data,
        GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  GBytes *plain = anx_code_open (work->code, work->salt, work->bytes, &error);
  if (plain != NULL)
    g_task_return_pointer (task, plain, bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_opened (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  Later *self = user_data;
  g_autoptr (GBytes) plain = g_task_propagate_pointer (G_TASK (result), NULL);
  gsize length = 0;
  const char *text = plain != NULL ? g_bytes_get_data (plain, &length) : NULL;
  g_autoptr (JsonObject) draft = text != NULL ? anx_json_parse_object (text, (gssize) length, MAX_DRAFT_BYTES, NULL) : NULL;
  guint part = 0, item = 0;
  g_autoptr (AnxScreeningRun) run = draft != NULL ? anx_screening_run_parse_draft (anx_resident_get_directory (self->resident), draft, &part, &item, NULL) : NULL;
  if (run == NULL)
    end_fetch (self, FETCH_UNFIT);
  else if (self->page != NULL)
    show_run (self, run, part, item);
  later_unref (self);
}

static void
on_taken (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  Later *self = user_data;
  g_autoptr (GError) error = NULL;
  guint wait_seconds = 0;
  g_autoptr (GBytes) sealed = anx_resident_take_draft_finish (ANX_RESIDENT (source), result, &wait_seconds, &error);
  if (sealed != NULL)
    run_in_thread (self, sealed, unseal, on_opened);
  else if (error != NULL)
    end_fetch (self, FETCH_FAILED);
  else if (wait_seconds > 0)
    {
      self->wait_seconds = wait_seconds;
      end_fetch (self, FETCH_WAIT);
    }
  else
    end_fetch (self, FETCH_UNKNOWN);
  later_unref (self);
}

static void
derive_tag (GTask *task,
            gpointer source,
            gpointer task_data,
            GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  char *tag = anx_code_seal_tag (work->code, work->salt, &error);
  if (tag != NULL)
    g_task_return_pointer (task, tag, g_free);
  else
    g_task_return_error (task, error);
}

static void
on_tag (GObject *source,
        GAsyncResult *result,
        gpointer user_data)
{
  Later *self = user_data;
  g_autofree char *tag = g_task_propagate_pointer (G_TASK (result), NULL);
  /* Nothing is fetched, and erased by that, for a page nobody sees any more. */
  if (tag == NULL || self->page == NULL)
    {
      end_fetch (self, FETCH_FAILED);
      later_unref (self);
      return;
    }
  anx_resident_take_draft_async (self->resident, tag, on_taken, self);
}

static GtkWidget *
resume_progress_make (AnxResidentWindow *window,
                      gpointer data)
{
  Later *self = data;
  GtkWidget *page = anx_page_new (_("Your kept answers"), NULL);
  set_page (self, page);
  if (self->state > FETCH_GOING_ON)
    end_fetch (self, self->state);
  else
    anx_page_set_busy (self->page, _("One moment…"));
  if (self->state != FETCH_NEW)
    return page;
  self->state = FETCH_GOING_ON;
  run_in_thread (self, NULL, derive_tag, on_tag);
  return page;
}

static void
on_code (AnxResidentWindow *window,
         const char *code,
         gpointer user_data)
{
  anx_resident_window_replace (window, resume_progress_make, later_new (window, code), later_unref);
}

/**
 * anx_screening_resume_page_make:
 * @window: the window
 * @data: not used
 *
 * Asks for the code of kept answers and goes on where they were broken off. They are erased from the disk by that.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_screening_resume_page_make (AnxResidentWindow *window,
                                gpointer data)
{
  return anx_code_page_make (window, _("The code for your kept answers"), on_code, NULL);
}
