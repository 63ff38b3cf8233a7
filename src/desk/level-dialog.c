/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "level-dialog.h"

#include <glib/gi18n.h>

#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"

static const AnxLevel LEVELS[] = { ANX_LEVEL_RED, ANX_LEVEL_YELLOW, ANX_LEVEL_GREEN };

typedef struct
{
  AnxDeskService *service;
  GtkWindow *parent;
  char *alert;
  GtkWidget *content;
  GtkCheckButton *choices[G_N_ELEMENTS (LEVELS)];
  GtkTextView *reason;
  GtkLabel *hint;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;
  g_object_unref (asking->service);
  g_free (asking->alert);
  g_free (asking);
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
  g_autofree char *reason = anx_dialog_text_dup (asking->reason);
  AnxLevel level = get_choice (asking);
  const char *hint = "";

  if (alert == NULL || level == alert->level)
    hint = _ ("This is the level it has now.");
  else if (level < alert->level && !anx_desk_service_has_role (asking->service, "counsellor"))
    hint = _ ("Only a counsellor may lower the level.");
  else if (*reason == '\0')
    hint = _ ("Please write the reason. Colleagues on duty can read it.");
  gtk_label_set_text (asking->hint, hint);
  anx_desk_form_set_ready (asking->content, *hint == '\0');
}

static gboolean
on_send (gpointer data,
         GError **error)
{
  Asking *asking = data;
  g_autofree char *reason = anx_dialog_text_dup (asking->reason);

  if (!anx_desk_service_change_level (asking->service, asking->alert, get_choice (asking), reason, error))
    return FALSE;
  anx_desk_window_toast (asking->parent, _ ("The level was changed, with your name and the reason."));
  return TRUE;
}

static const AnxDeskFormKind form = { N_ ("The level could not be changed"), on_send, asking_free };

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
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (asking->choices[i]));
    }
  GtkWidget *scrolled = anx_dialog_text_new (&asking->reason, _ ("Reason"), 90);
  anx_desk_set_mnemonic (label, GTK_WIDGET (asking->reason), _ ("Reason"));
  asking->hint = GTK_LABEL (anx_desk_label_new ("", "dim-label"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), scrolled);
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
  asking->content = build_content (asking, known != NULL ? known->level : ANX_LEVEL_RED);
  anx_desk_form_present (parent, &form, _ ("Change the level"),
                         _ ("The rules set a level. A counsellor may lower it after speaking with the resident."), _ ("_Change the level"),
                         asking->content, asking);
  /* Once there is a form to be made ready. */
  for (gsize i = 0; i < G_N_ELEMENTS (LEVELS); i++)
    g_signal_connect_swapped (asking->choices[i], "toggled", G_CALLBACK (refresh), asking);
  g_signal_connect_swapped (gtk_text_view_get_buffer (asking->reason), "changed", G_CALLBACK (refresh), asking);
  refresh (asking);
}
