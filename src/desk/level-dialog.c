/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "level-dialog.h"

#include <glib/gi18n.h>

#include "desk-problem.h"
#include "desk-widgets.h"
#include "desk-window.h"

static const AnxLevel LEVELS[] = { ANX_LEVEL_RED, ANX_LEVEL_YELLOW, ANX_LEVEL_GREEN };

typedef struct
{
  AnxDeskService *service;
  GtkWindow *parent;
  char *alert;
  GtkWidget *dialog;
  GtkCheckButton *choices[G_N_ELEMENTS (LEVELS)];
  GtkTextView *reason;
  GtkLabel *hint;
} Asking;

static void
asking_free (gpointer data,
             GClosure *closure)
{
  Asking *asking = data;
  g_object_unref (asking->service);
  g_free (asking->alert);
  g_free (asking);
}

static char *
dup_reason (Asking *asking)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (asking->reason);
  GtkTextIter start;
  GtkTextIter end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

static AnxLevel
get_choice (Asking *asking)
{
  for (gsize i = 0; i < G_N_ELEMENTS (LEVELS); i++)
    if (gtk_check_button_get_active (asking->choices[i]))
      return LEVELS[i];
  return ANX_LEVEL_RED;
}

/* The button is there only when it can do something, and the line above says what is missing. */
static void
refresh (Asking *asking)
{
  const AnxDeskAlert *alert = anx_desk_model_get_alert (anx_desk_service_get_model (asking->service), asking->alert);
  g_autofree char *reason = dup_reason (asking);
  AnxLevel level = get_choice (asking);
  const char *hint = "";

  if (alert == NULL || level == alert->level)
    hint = _ ("This is the level it has now.");
  else if (level < alert->level && !anx_desk_service_has_role (asking->service, "counsellor"))
    hint = _ ("Only a counsellor may lower the level.");
  else if (*reason == '\0')
    hint = _ ("Please write the reason. Colleagues on duty can read it.");
  gtk_label_set_text (asking->hint, hint);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (asking->dialog), "set", *hint == '\0');
}

static void
on_response (AdwMessageDialog *dialog,
             const char *response,
             Asking *asking)
{
  g_autofree char *reason = dup_reason (asking);
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "set"))
    return;
  if (anx_desk_service_change_level (asking->service, asking->alert, get_choice (asking), reason, &error))
    {
      anx_desk_window_toast (asking->parent, _ ("The level was changed, with your name and the reason."));
      return;
    }
  g_autofree char *words = anx_desk_problem_explain (error);
  GtkWidget *failure = adw_message_dialog_new (asking->parent, _ ("The level could not be changed"), words);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (failure), "ok", _ ("_Go back"));
  anx_desk_dialog_present (failure);
}

static GtkWidget *
build_content (Asking *asking,
               AnxLevel present)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *label = anx_desk_label_new (_ ("Reason"), "heading");

  for (gsize i = 0; i < G_N_ELEMENTS (LEVELS); i++)
    {
      asking->choices[i] = GTK_CHECK_BUTTON (gtk_check_button_new_with_label (anx_desk_level_text (LEVELS[i])));
      if (i > 0)
        gtk_check_button_set_group (asking->choices[i], asking->choices[0]);
      gtk_check_button_set_active (asking->choices[i], LEVELS[i] == present);
      g_signal_connect_swapped (asking->choices[i], "toggled", G_CALLBACK (refresh), asking);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->choices[i]));
    }
  asking->reason = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_wrap_mode (asking->reason, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (asking->reason, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (asking->reason), "note");
  gtk_widget_set_size_request (GTK_WIDGET (asking->reason), 360, 90);
  g_signal_connect_swapped (gtk_text_view_get_buffer (asking->reason), "changed", G_CALLBACK (refresh), asking);
  anx_desk_set_mnemonic (label, GTK_WIDGET (asking->reason), _ ("Reason"));
  asking->hint = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->reason));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->hint));
  return box;
}

/**
 * anx_level_dialog_present:
 * @parent: the window
 * @service: the service
 * @alert: an alert
 *
 * Shows the dialog.
 */
void
anx_level_dialog_present (GtkWindow *parent,
                          AnxDeskService *service,
                          const char *alert)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (anx_desk_service_get_model (service), alert);
  Asking *asking = g_new0 (Asking, 1);

  asking->service = g_object_ref (service);
  asking->parent = parent;
  asking->alert = g_strdup (alert);
  asking->dialog = adw_message_dialog_new (parent, _ ("Change the level"),
                                           _ ("The rules set a level. A counsellor may lower it after speaking with the resident."));
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (asking->dialog),
                                      build_content (asking, known != NULL ? known->level : ANX_LEVEL_RED));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (asking->dialog), "back", _ ("_Go back"), "set", _ ("_Change the level"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (asking->dialog), "set", ADW_RESPONSE_SUGGESTED);
  g_signal_connect_data (asking->dialog, "response", G_CALLBACK (on_response), asking, asking_free, 0);
  refresh (asking);
  anx_desk_dialog_present (asking->dialog);
}
