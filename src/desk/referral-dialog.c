/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-dialog.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "clock.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"
#include "ui-text.h"

typedef struct
{
  GtkWindow *parent;
  AnxDeskService *service;
  char *task;
  AnxReferralAction action;
  GtkWidget *content;
  GtkTextView *text;       /* (nullable) */
  GtkCalendar *day;        /* (nullable) */
  GtkSpinButton *hour;
  GtkSpinButton *minute;
  GtkDropDown *receiver;   /* (nullable) */
  GPtrArray *departments;  /* (nullable) (element-type utf8) ids in the order of @receiver */
} Asking;

/* What a dialog asks, per action; an action that is not here needs nothing. */
static const struct
{
  AnxReferralAction action;
  const char *heading;
  const char *body;
  const char *send;
} questions[] = {
  { ANX_REFERRAL_DECLINE, N_ ("Decline this referral"),
    N_ ("Please give the reason. The counsellor reads it and looks for another way."), N_ ("_Decline") },
  { ANX_REFERRAL_FORWARD, N_ ("Belongs to another department"),
    N_ ("Please say which one, and why. The counsellor asks the resident again and refers anew: consent names its receiver."),
    N_ ("_Send back") },
  { ANX_REFERRAL_ASK, N_ ("Ask the counsellor back"),
    N_ ("Please write your question. The deadline stays as it is."), N_ ("_Ask") },
  { ANX_REFERRAL_REPLY, N_ ("Answer the department’s question"),
    N_ ("Please write your answer. Tell no more than the resident agreed to."), N_ ("_Answer") },
  { ANX_REFERRAL_SCHEDULE, N_ ("Make an appointment"),
    N_ ("The counsellor reads day and time. Please tell the resident yourself."), N_ ("_Make it") },
  { ANX_REFERRAL_COMPLETE, N_ ("Complete this referral"),
    N_ ("Please write what was done. The counsellor alone reads this feedback."), N_ ("_Send feedback") },
  { ANX_REFERRAL_FAIL, N_ ("It could not be done"),
    N_ ("Please give the reason. The counsellor reads it and looks for another way."), N_ ("_Send") },
  { ANX_REFERRAL_CANCEL, N_ ("Withdraw this referral"),
    N_ ("Please give the reason, for example that the resident withdrew consent. The department reads it."), N_ ("_Withdraw") },
  { ANX_REFERRAL_RETRACT, N_ ("This referral was written by mistake"),
    N_ ("Please say what is wrong, for example another person was meant. The department reads it and puts the referral away."), N_ ("_Take it back") },
};

static void
asking_free (gpointer data)
{
  Asking *asking = data;
  g_object_unref (asking->service);
  g_clear_pointer (&asking->departments, g_ptr_array_unref);
  g_free (asking->task);
  g_free (asking);
}

static void
say_done (GtkWindow *parent,
          AnxReferralAction action)
{
  anx_desk_window_toast (parent, anx_referral_get_rule (action)->side == ANX_REFERRAL_BY_AUTHOR
                                     ? _ ("Done. The department is being told.")
                                     : _ ("Answered. The counsellor is being told."));
}

/* 0 when no time is asked for. */
static gint64
get_visit_usec (Asking *asking)
{
  return asking->day == NULL ? 0
                             : anx_dialog_day_usec (asking->day, anx_desk_service_get_zone (asking->service),
                                                    gtk_spin_button_get_value_as_int (asking->hour),
                                                    gtk_spin_button_get_value_as_int (asking->minute));
}

static void
refresh (Asking *asking)
{
  const AnxReferralRule *rule = anx_referral_get_rule (asking->action);
  g_autofree char *text = anx_dialog_text_dup (asking->text);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (asking->service));
  gboolean ready = (!rule->needs_text || *text != '\0') && g_utf8_strlen (text, -1) <= ANX_BOUND_NOTE_CHARS
                   && (!rule->needs_time || get_visit_usec (asking) > now)
                   && (!rule->needs_receiver || asking->departments->len > 0);
  anx_desk_form_set_ready (asking->content, ready);
}

static gboolean
on_send (gpointer data,
         GError **error)
{
  Asking *asking = data;
  g_autofree char *text = anx_dialog_text_dup (asking->text);
  const char *forward_to = NULL;
  if (asking->receiver != NULL)
    {
      guint chosen = gtk_drop_down_get_selected (asking->receiver);
      if (chosen < asking->departments->len)
        forward_to = g_ptr_array_index (asking->departments, chosen);
    }
  if (!anx_desk_service_answer (asking->service, asking->task, asking->action, text, get_visit_usec (asking), forward_to, error))
    return FALSE;
  say_done (asking->parent, asking->action);
  return TRUE;
}

static const AnxDeskFormKind form = { N_ ("The answer could not be kept"), on_send, asking_free };

static GtkSpinButton *
append_spin (GtkWidget *line,
             const char *name,
             int upper,
             int step,
             int value)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0, upper, step);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (spin), GTK_ORIENTATION_HORIZONTAL);
  anx_ui_set_accessible_name (spin, name);
  gtk_box_append (GTK_BOX (line), anx_desk_label_new (name, NULL));
  gtk_box_append (GTK_BOX (line), spin);
  return GTK_SPIN_BUTTON (spin);
}

static void
append_time (Asking *asking,
             GtkWidget *box)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gint64 tomorrow = anx_desk_model_now_usec (anx_desk_service_get_model (asking->service)) + ANX_USEC_PER_DAY;
  g_autoptr (GDateTime) day = anx_time_in_zone (tomorrow, anx_desk_service_get_zone (asking->service));

  asking->day = GTK_CALENDAR (gtk_calendar_new ());
  gtk_calendar_select_day (asking->day, day);
  anx_ui_set_accessible_name (GTK_WIDGET (asking->day), _ ("Day of the appointment"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->day));
  asking->hour = append_spin (line, _ ("Hour"), 23, 1, 9);
  asking->minute = append_spin (line, _ ("Minute"), 55, 5, 0);
  gtk_box_append (GTK_BOX (box), line);
}

static void
append_receiver (Asking *asking,
                 GtkWidget *box)
{
  const AnxDeskReferral *referral
      = anx_desk_model_get_referral (anx_desk_service_get_model (asking->service), asking->task);
  g_autoptr (GPtrArray) all = anx_desk_service_list_departments (asking->service);
  GtkStringList *names = gtk_string_list_new (NULL);

  asking->departments = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < all->len; i++)
    {
      const AnxPrincipal *one = g_ptr_array_index (all, i);
      if (!one->active || (referral != NULL && g_strcmp0 (one->id, referral->to) == 0))
        continue;
      g_ptr_array_add (asking->departments, g_strdup (one->id));
      gtk_string_list_append (names, anx_desk_service_name_principal (asking->service, one->id));
    }
  asking->receiver = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (names), NULL));
  anx_ui_set_accessible_name (GTK_WIDGET (asking->receiver), _ ("The department it belongs to"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->receiver));
}

static GtkWidget *
build_content (Asking *asking,
               const char *heading)
{
  const AnxReferralRule *rule = anx_referral_get_rule (asking->action);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  if (rule->needs_receiver)
    append_receiver (asking, box);
  if (rule->needs_time)
    append_time (asking, box);
  gtk_box_append (GTK_BOX (box), anx_dialog_text_new (&asking->text, rule->needs_text ? heading : _ ("A few words (may stay empty)"),
                                                      rule->needs_text ? 100 : 60));
  return box;
}

/* Once there is a form to be made ready. */
static void
connect_fields (Asking *asking)
{
  g_signal_connect_swapped (gtk_text_view_get_buffer (asking->text), "changed", G_CALLBACK (refresh), asking);
  if (asking->day == NULL)
    return;
  g_signal_connect_swapped (asking->day, "day-selected", G_CALLBACK (refresh), asking);
  g_signal_connect_swapped (asking->hour, "value-changed", G_CALLBACK (refresh), asking);
  g_signal_connect_swapped (asking->minute, "value-changed", G_CALLBACK (refresh), asking);
}

/**
 * anx_referral_dialog_present:
 * @parent: the window
 * @service: the service
 * @task: a referral's task
 * @action: the step
 *
 * Writes the step at once when it needs nothing more, else shows a dialog that asks for it and writes it then.
 */
void
anx_referral_dialog_present (GtkWindow *parent,
                             AnxDeskService *service,
                             const char *task,
                             AnxReferralAction action)
{
  gsize i = 0;
  while (i < G_N_ELEMENTS (questions) && questions[i].action != action)
    i++;
  if (i == G_N_ELEMENTS (questions))
    {
      g_autoptr (GError) error = NULL;
      if (anx_desk_service_answer (service, task, action, NULL, 0, NULL, &error))
        say_done (parent, action);
      else
        anx_desk_say_failure (parent, _ (form.failed), error);
      return;
    }
  Asking *asking = g_new0 (Asking, 1);
  asking->parent = parent;
  asking->service = g_object_ref (service);
  asking->task = g_strdup (task);
  asking->action = action;
  asking->content = build_content (asking, _ (questions[i].heading));
  anx_desk_form_present (parent, &form, _ (questions[i].heading), _ (questions[i].body), _ (questions[i].send), asking->content, asking);
  connect_fields (asking);
  refresh (asking);
  if (asking->receiver == NULL && asking->day == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (asking->text));
}
