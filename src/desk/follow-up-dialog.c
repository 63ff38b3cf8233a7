/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "follow-up-dialog.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "clock.h"
#include "desk-dialog.h"
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
  GtkWidget *content;
  GtkTextView *words;
  GtkDropDown *rhythm;   /* (nullable) to plan one */
  GtkSpinButton *every;
  GtkWidget *every_line;
  GtkCalendar *day;
} Asking;

static void
asking_free (gpointer data)
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
  anx_desk_form_set_ready (asking->content, ready);
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

static gboolean
on_send (gpointer data,
      GError **error)
{
  Asking *asking = data;

  if (!keep (asking, error))
    return FALSE;
  anx_desk_window_toast (asking->parent, _ ("Kept, sealed to you alone. The next day is under “Follow-ups”."));
  return TRUE;
}

static const AnxDeskFormKind form = { N_ ("The follow-up could not be kept"), on_send, asking_free };

static void
append_words (Asking *asking,
              const char *name)
{
  GtkWidget *scrolled = anx_dialog_text_new (&asking->words, name, 80);

  gtk_box_append (GTK_BOX (asking->content), anx_desk_label_new (name, "caption-heading"));
  gtk_box_append (GTK_BOX (asking->content), scrolled);
}

static void
append_plan (Asking *asking)
{
  const char *const rhythms[] = { _ ("Every week"), _ ("Every month"), _ ("Every so many days"), NULL };
  gint64 next = anx_desk_model_now_usec (anx_desk_service_get_model (asking->service)) + 7 * ANX_USEC_PER_DAY;
  g_autoptr (GDateTime) day = anx_time_in_zone (next, anx_desk_service_get_zone (asking->service));
  GtkBox *box = GTK_BOX (asking->content);
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
  gtk_box_append (box, anx_desk_label_new (_ ("How often"), "caption-heading"));
  gtk_box_append (box, GTK_WIDGET (asking->rhythm));
  gtk_box_append (box, asking->every_line);
  gtk_box_append (box, anx_desk_label_new (_ ("Day of the first visit"), "caption-heading"));
  gtk_box_append (box, GTK_WIDGET (asking->day));
}

static Asking *
asking_new (GtkWindow *parent,
            AnxDeskService *service,
            const char *about)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->parent = parent;
  asking->service = g_object_ref (service);
  asking->about = g_strdup (about);
  asking->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  return asking;
}

/* What changes it is connected only now: there is no form to be made ready before. */
static void
present (Asking *asking,
         const char *heading,
         const char *body,
         const char *send_label)
{
  anx_desk_form_present (asking->parent, &form, heading, body, send_label, asking->content, asking);
  g_signal_connect_swapped (gtk_text_view_get_buffer (asking->words), "changed", G_CALLBACK (refresh), asking);
  if (asking->rhythm != NULL)
    {
      g_signal_connect_swapped (asking->rhythm, "notify::selected", G_CALLBACK (refresh), asking);
      g_signal_connect_swapped (asking->day, "day-selected", G_CALLBACK (refresh), asking);
    }
  refresh (asking);
  gtk_widget_grab_focus (GTK_WIDGET (asking->words));
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
  Asking *asking = asking_new (parent, service, booking);

  append_words (asking, _ ("What for"));
  append_plan (asking);
  present (asking, _ ("Follow up"), _ ("When will you call on this resident again? Please agree on it with them."), _ ("_Plan it"));
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
        anx_desk_say_failure (parent, _ (form.failed), error);
      return;
    }
  if (!ends && !g_str_equal (step, "reached"))
    return;
  Asking *asking = asking_new (parent, service, record);

  asking->step = ends ? ANX_FOLLOW_UP_ENDED : ANX_FOLLOW_UP_REACHED;
  append_words (asking, ends ? _ ("Why it ends") : _ ("How it was"));
  present (asking, ends ? _ ("End this follow-up") : _ ("The visit took place"),
           ends ? _ ("Please say why: stable, another service has taken over, the resident does not wish it.")
                : _ ("How was it? It may stay empty."),
           ends ? _ ("_End it") : _ ("_Keep"));
}
