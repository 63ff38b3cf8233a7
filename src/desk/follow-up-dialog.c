/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "follow-up-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bounds.h"
#include "clock.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"
#include "ui-text.h"

/* A visit is planned for a day; this is the hour it is kept under. */
#define HOUR 9

typedef struct
{
  GtkWindow *parent;
  AnxDeskService *service;
  char *about;           /* the booking, or the record a step follows */
  AnxFollowUpStep step;
  GtkWidget *dialog;
  GtkTextView *words;
  GtkDropDown *rhythm;   /* (nullable) to plan one */
  GtkSpinButton *every;
  GtkWidget *every_line;
  GtkCalendar *day;
} Asking;

static void
asking_free (gpointer data,
             GClosure *closure)
{
  Asking *asking = data;
  g_object_unref (asking->service);
  g_free (asking->about);
  g_free (asking);
}

static gint64
get_day_usec (Asking *asking)
{
  return anx_dialog_day_usec (asking->day, anx_desk_service_get_zone (asking->service), HOUR, 0);
}

static void
refresh (Asking *asking)
{
  g_autofree char *words = anx_dialog_text_dup (asking->words);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (asking->service));
  gboolean needs_words = asking->rhythm != NULL || asking->step == ANX_FOLLOW_UP_ENDED;
  gboolean ready = (!needs_words || *words != '\0') && g_utf8_strlen (words, -1) <= ANX_BOUND_NOTE_CHARS
                   && (asking->rhythm == NULL || get_day_usec (asking) > now - ANX_USEC_PER_DAY);

  if (asking->rhythm != NULL)
    gtk_widget_set_visible (asking->every_line, gtk_drop_down_get_selected (asking->rhythm) == 2);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (asking->dialog), "keep", ready);
}

static void
fail (GtkWindow *parent,
      const GError *error)
{
  g_autofree char *reason = anx_desk_problem_explain (error);
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("The follow-up could not be kept"), reason);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "ok", _ ("_Go back"));
  anx_desk_dialog_present (dialog);
}

static gboolean
keep (Asking *asking,
      GError **error)
{
  g_autofree char *words = anx_dialog_text_dup (asking->words);

  if (asking->rhythm == NULL)
    return anx_desk_service_step_follow_up (asking->service, asking->about, asking->step, *words != '\0' ? words : NULL, error);
  guint rhythm = gtk_drop_down_get_selected (asking->rhythm);
  guint every = rhythm == 2 ? (guint) gtk_spin_button_get_value_as_int (asking->every) : 1;
  return anx_desk_service_plan_follow_up (asking->service, asking->about, words,
                                          rhythm == 0   ? ANX_FOLLOW_UP_WEEKS
                                          : rhythm == 1 ? ANX_FOLLOW_UP_MONTHS
                                                        : ANX_FOLLOW_UP_DAYS,
                                          every, get_day_usec (asking), error);
}

static void
on_response (AdwMessageDialog *dialog,
             const char *response,
             Asking *asking)
{
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "keep"))
    return;
  if (keep (asking, &error))
    anx_desk_window_toast (asking->parent, _ ("Kept, sealed to you alone. The next day is under “Follow-ups”."));
  else
    fail (asking->parent, error);
}

static void
append_words (Asking *asking,
              GtkWidget *box,
              const char *name)
{
  GtkWidget *scrolled = anx_dialog_text_new (&asking->words, name, 80);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (name, "caption-heading"));
  gtk_box_append (GTK_BOX (box), scrolled);
  g_signal_connect_swapped (gtk_text_view_get_buffer (asking->words), "changed", G_CALLBACK (refresh), asking);
}

static void
append_plan (Asking *asking,
             GtkWidget *box)
{
  const char *const rhythms[] = { _ ("Every week"), _ ("Every month"), _ ("Every so many days"), NULL };
  gint64 next = anx_desk_model_now_usec (anx_desk_service_get_model (asking->service)) + 7 * ANX_USEC_PER_DAY;
  g_autoptr (GDateTime) day = anx_time_in_zone (next, anx_desk_service_get_zone (asking->service));
  GtkWidget *every = gtk_spin_button_new_with_range (1, ANX_FOLLOW_UP_MOST_EVERY, 1);

  asking->rhythm = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (rhythms));
  anx_ui_set_accessible_name (GTK_WIDGET (asking->rhythm), _ ("How often"));
  asking->every = GTK_SPIN_BUTTON (every);
  gtk_spin_button_set_value (asking->every, 10);
  anx_ui_set_accessible_name (every, _ ("Days between two visits"));
  asking->every_line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_append (GTK_BOX (asking->every_line), anx_desk_label_new (_ ("Days between two visits"), NULL));
  gtk_box_append (GTK_BOX (asking->every_line), every);
  asking->day = GTK_CALENDAR (gtk_calendar_new ());
  gtk_calendar_select_day (asking->day, day);
  anx_ui_set_accessible_name (GTK_WIDGET (asking->day), _ ("Day of the first visit"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("How often"), "caption-heading"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->rhythm));
  gtk_box_append (GTK_BOX (box), asking->every_line);
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Day of the first visit"), "caption-heading"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->day));
  g_signal_connect_swapped (asking->rhythm, "notify::selected", G_CALLBACK (refresh), asking);
  g_signal_connect_swapped (asking->day, "day-selected", G_CALLBACK (refresh), asking);
}

static void
present (Asking *asking,
         GtkWidget *content,
         const char *keep_label)
{
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (asking->dialog), content);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (asking->dialog), "back", _ ("_Go back"), "keep", keep_label, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (asking->dialog), "keep", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (asking->dialog), "back");
  g_signal_connect_data (asking->dialog, "response", G_CALLBACK (on_response), asking, asking_free, 0);
  refresh (asking);
  anx_desk_dialog_present (asking->dialog);
  gtk_widget_grab_focus (GTK_WIDGET (asking->words));
}

static Asking *
asking_new (GtkWindow *parent,
            AnxDeskService *service,
            const char *about,
            const char *heading,
            const char *body)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->parent = parent;
  asking->service = g_object_ref (service);
  asking->about = g_strdup (about);
  asking->dialog = adw_message_dialog_new (parent, heading, body);
  return asking;
}

/**
 * anx_follow_up_dialog_present:
 * @parent: the window
 * @service: the service
 * @booking: the session's booking
 *
 * Plans whom to call on again, and writes it.
 */
void
anx_follow_up_dialog_present (GtkWindow *parent,
                              AnxDeskService *service,
                              const char *booking)
{
  Asking *asking = asking_new (parent, service, booking, _ ("Follow up"),
                               _ ("When will you call on this resident again? Please agree on it with them."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  append_words (asking, box, _ ("What for"));
  append_plan (asking, box);
  present (asking, box, _ ("_Plan it"));
}

/**
 * anx_follow_up_dialog_step:
 * @parent: the window
 * @service: the service
 * @record: the follow-up's latest record
 * @step: reached, not-reached or ended
 *
 * "Not reached" is written at once; the others ask for words.
 */
void
anx_follow_up_dialog_step (GtkWindow *parent,
                           AnxDeskService *service,
                           const char *record,
                           const char *step)
{
  gboolean ends = g_str_equal (step, "ended");
  g_autoptr (GError) error = NULL;

  if (g_str_equal (step, "not-reached"))
    {
      if (anx_desk_service_step_follow_up (service, record, ANX_FOLLOW_UP_NOT_REACHED, NULL, &error))
        anx_desk_window_toast (parent, _ ("Kept. The next try is under “Follow-ups”."));
      else
        fail (parent, error);
      return;
    }
  if (!ends && !g_str_equal (step, "reached"))
    return;
  Asking *asking = asking_new (parent, service, record, ends ? _ ("End this follow-up") : _ ("The visit took place"),
                               ends ? _ ("Please say why: stable, another service has taken over, the resident does not wish it.")
                                    : _ ("How was it? It may stay empty."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  asking->step = ends ? ANX_FOLLOW_UP_ENDED : ANX_FOLLOW_UP_REACHED;
  append_words (asking, box, ends ? _ ("Why it ends") : _ ("How it was"));
  present (asking, box, ends ? _ ("_End it") : _ ("_Keep"));
}
