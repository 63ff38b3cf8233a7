/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "desk-problem.h"
#include "dialog-data.h"

/* GTK tells a button's label twice, once with the underscore of its mnemonic; the buttons of a message dialog are not ours to make. */
static void
name_buttons (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    name_buttons (child);
}

/**
 * anx_desk_dialog_present:
 * @dialog: an #AdwMessageDialog with all its responses
 *
 * Shows it, its buttons named once for screen readers.
 */
void
anx_desk_dialog_present (GtkWidget *dialog)
{
  name_buttons (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}

#define BEFORE "anx-desk-text-before"

static char *
dup_text (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
remember_text (GtkWidget *widget)
{
  if (GTK_IS_TEXT_VIEW (widget))
    g_object_set_data_full (G_OBJECT (widget), BEFORE, dup_text (GTK_TEXT_VIEW (widget)), g_free);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    remember_text (child);
}

/* Not by the buffer's own flag, which GTK takes back when the text came at once, as from dictation (4.8, gtktexthistory.c). */
static gboolean
is_changed (GtkTextView *view)
{
  const char *before = g_object_get_data (G_OBJECT (view), BEFORE);
  g_autofree char *now = dup_text (view);

  return !g_str_equal (now, before != NULL ? before : "");
}

static gboolean
has_unsaved_text (GtkWidget *widget)
{
  if (GTK_IS_TEXT_VIEW (widget) && is_changed (GTK_TEXT_VIEW (widget)))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (has_unsaved_text (child))
      return TRUE;
  return FALSE;
}

/* Whether to leave what was written; closed by Escape it means no. */
static GtkWidget *
build_question (GtkWindow *parent)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("What you wrote is not saved"), _ ("It is gone when this window closes."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "back", _ ("_Go back"), "close", _ ("_Close without saving"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "close", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "back");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "back");
  return dialog;
}

static void
on_unsaved_answer (AdwMessageDialog *dialog,
                   const char *response,
                   GtkWindow *window)
{
  if (g_str_equal (response, "close"))
    gtk_window_destroy (window);
}

/**
 * anx_desk_ask_to_close:
 * @window: a window in which something was written
 *
 * Asks whether it may close without it, and closes it then, by gtk_window_destroy().
 */
void
anx_desk_ask_to_close (GtkWindow *window)
{
  GtkWidget *dialog = build_question (window);

  g_signal_connect (dialog, "response", G_CALLBACK (on_unsaved_answer), window);
  anx_desk_dialog_present (dialog);
}

static gboolean
on_close_request (GtkWindow *window)
{
  if (!has_unsaved_text (GTK_WIDGET (window)))
    return FALSE;
  anx_desk_ask_to_close (window);
  return TRUE;
}

/**
 * anx_desk_guard_text:
 * @window: a window with fields for several lines, as they are before anything is written; those that come later are empty
 *
 * Escape closes the window; where something was written it asks first, however it is closed. gtk_window_destroy() does not ask.
 */
void
anx_desk_guard_text (GtkWindow *window)
{
  remember_text (GTK_WIDGET (window));
  anx_dialog_close_on_escape (window);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close_request), NULL);
}

/**
 * anx_desk_say:
 * @parent: the window
 * @heading: what must not be missed
 * @text: what follows from it
 *
 * Shows a dialog that says so.
 */
void
anx_desk_say (GtkWindow *parent,
              const char *heading,
              const char *text)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, text);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "ok", _ ("_Go back"));
  anx_desk_dialog_present (dialog);
}

/**
 * anx_desk_say_failure:
 * @parent: the window
 * @heading: what was not done
 * @error: why
 *
 * Shows a dialog that says so, and what to do.
 */
void
anx_desk_say_failure (GtkWindow *parent,
                      const char *heading,
                      const GError *error)
{
  g_autofree char *reason = anx_desk_problem_explain (error);

  anx_desk_say (parent, heading, reason);
}

/* ---- a form ---- */

#define FORM "anx-desk-form"
#define CONTENT "anx-desk-form-content"

/* Belongs to the form's content: the dialog around it may change. */
typedef struct
{
  const AnxDeskFormKind *kind;
  GtkWindow *parent;
  const char *send_label;
  GtkWidget *content;
  GtkWidget *dialog;  /* (nullable) not while it is asked whether to leave the form */
  char *heading;
  char *body;
  gboolean ready;
  gpointer data;
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;
  self->kind->free (self->data);
  g_free (self->heading);
  g_free (self->body);
  g_free (self);
}

static void show_form (Form *self);

static void
on_leave_answer (AdwMessageDialog *question,
                 const char *response,
                 Form *self)
{
  if (g_str_equal (response, "back"))
    show_form (self);
}

/* Holds the form's content until it is answered. */
static void
ask_to_leave (Form *self)
{
  GtkWidget *question = build_question (self->parent);

  g_object_set_data_full (G_OBJECT (question), CONTENT, g_object_ref (self->content), g_object_unref);
  g_signal_connect (question, "response", G_CALLBACK (on_leave_answer), self);
  anx_desk_dialog_present (question);
}

/* The dialog has closed itself by now; what was written is still in its widgets, and goes into the next. */
static void
on_form_response (AdwMessageDialog *dialog,
                  const char *response,
                  Form *self)
{
  g_autoptr (GtkWidget) content = g_object_ref (self->content);
  g_autoptr (GError) error = NULL;
  gboolean leave = !g_str_equal (response, "send");

  if (leave ? !has_unsaved_text (content) : self->kind->send (self->data, &error))
    return;
  g_signal_handlers_disconnect_by_data (dialog, self);
  adw_message_dialog_set_extra_child (dialog, NULL);
  self->dialog = NULL;
  if (leave)
    {
      ask_to_leave (self);
      return;
    }
  g_autofree char *reason = anx_desk_problem_explain (error);
  g_free (self->heading);
  g_free (self->body);
  self->heading = g_strdup (_ (self->kind->failed));
  self->body = g_strdup_printf ("%s\n\n%s", reason, _ ("What you wrote is still here."));
  show_form (self);
}

static void
show_form (Form *self)
{
  self->dialog = adw_message_dialog_new (self->parent, self->heading, self->body);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (self->dialog);
  adw_message_dialog_set_extra_child (dialog, self->content);
  adw_message_dialog_add_responses (dialog, "back", _ ("_Go back"), "send", self->send_label, NULL);
  adw_message_dialog_set_response_appearance (dialog, "send", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (dialog, "send", self->ready);
  adw_message_dialog_set_close_response (dialog, "back");
  g_signal_connect (dialog, "response", G_CALLBACK (on_form_response), self);
  anx_desk_dialog_present (self->dialog);
}

/**
 * anx_desk_form_present:
 * @parent: the window
 * @kind: what becomes of the answer
 * @heading: what is asked
 * @body: why
 * @send_label: of the button, translated, a literal
 * @content: (transfer floating): the fields
 * @data: (transfer full): for @kind; freed with @content
 *
 * Shows a dialog. When sending fails it is shown again with the reason and with what was written; when it is left with something written,
 * by whatever way, it asks first.
 */
void
anx_desk_form_present (GtkWindow *parent,
                       const AnxDeskFormKind *kind,
                       const char *heading,
                       const char *body,
                       const char *send_label,
                       GtkWidget *content,
                       gpointer data)
{
  Form *self = g_new0 (Form, 1);

  self->kind = kind;
  self->parent = parent;
  self->send_label = send_label;
  self->content = content;
  self->heading = g_strdup (heading);
  self->body = g_strdup (body);
  self->data = data;
  g_object_set_data_full (G_OBJECT (content), FORM, self, form_free);
  remember_text (content);
  show_form (self);
}

/**
 * anx_desk_form_set_ready:
 * @content: of a form that is shown
 * @ready: whether it can be sent as it is
 */
void
anx_desk_form_set_ready (GtkWidget *content,
                         gboolean ready)
{
  Form *self = g_object_get_data (G_OBJECT (content), FORM);

  self->ready = ready;
  if (self->dialog != NULL)
    adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self->dialog), "send", ready);
}
