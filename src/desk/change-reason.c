/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "change-reason.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "desk-dialog.h"
#include "ui-text.h"

typedef struct
{
  const char *word;
  const char *text;
} Reason;

#define MOST_REASONS 4

static const struct
{
  const char *body;
  const char *keep;
  const char *change;
  Reason reasons[MOST_REASONS];
} kinds[] = {
  [ANX_CHANGE_CANCEL] = { N_ ("The time becomes free for others. Please tell the resident yourself."),
                          N_ ("_Keep it"),
                          N_ ("_Cancel the booking"),
                          { { "resident", N_ ("The resident wishes it") },
                            { "counsellor", N_ ("The counsellor cannot be there") },
                            { "centre", N_ ("The centre or the room cannot be used") },
                            { "mistake", N_ ("It was booked by mistake") } } },
  [ANX_CHANGE_MISSED] = { N_ ("The time becomes free for others. It can be taken back, and nobody loses a right by it."),
                          N_ ("_Not yet"),
                          N_ ("_Did not come"),
                          { { "not-reached", N_ ("Called, and not reached") },
                            { "not-called", N_ ("Not called yet") },
                            { "sent-word", N_ ("Sent word that they cannot come") } } },
  [ANX_CHANGE_MOVE] = { N_ ("The old time becomes free for others. Please tell the resident yourself."),
                        N_ ("_Leave it"),
                        N_ ("Mo_ve it"),
                        { { "resident", N_ ("The resident wishes it") },
                          { "counsellor", N_ ("The counsellor cannot be there") },
                          { "centre", N_ ("The centre or the room cannot be used") },
                          { "urgent", N_ ("Somebody else needs the time sooner") } } },
};

typedef struct
{
  AnxChangeKind kind;
  GtkDropDown *reason;
  AnxChangeFunc callback;
  gpointer user_data;
  GDestroyNotify destroy;
} Question;

static void
question_free (gpointer data,
               GClosure *closure)
{
  Question *question = data;
  if (question->destroy != NULL)
    question->destroy (question->user_data);
  g_free (question);
}

static void
on_response (AdwMessageDialog *dialog,
             const char *response,
             Question *question)
{
  guint index = MIN (gtk_drop_down_get_selected (question->reason), MOST_REASONS - 1);
  if (g_str_equal (response, "change"))
    question->callback (kinds[question->kind].reasons[index].word, question->user_data);
}

/**
 * anx_change_reason_ask:
 * @parent: the window it is asked in
 * @kind: what is about to be done
 * @heading: the question
 * @callback: called with the word of the reason, once, when the person goes on; not when they do not
 * @user_data: for @callback
 * @destroy: (nullable): frees @user_data in either case
 *
 * Asks whether and why. The words go to the hub and stand in the booking's history.
 */
void
anx_change_reason_ask (GtkWindow *parent,
                       AnxChangeKind kind,
                       const char *heading,
                       AnxChangeFunc callback,
                       gpointer user_data,
                       GDestroyNotify destroy)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, _ (kinds[kind].body));
  GtkStringList *texts = gtk_string_list_new (NULL);
  Question *question = g_new0 (Question, 1);

  for (guint i = 0; i < MOST_REASONS && kinds[kind].reasons[i].word != NULL; i++)
    gtk_string_list_append (texts, _ (kinds[kind].reasons[i].text));
  question->kind = kind;
  question->reason = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (texts), NULL));
  question->callback = callback;
  question->user_data = user_data;
  question->destroy = destroy;
  anx_ui_set_accessible_name (GTK_WIDGET (question->reason), _ ("Why"));
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), GTK_WIDGET (question->reason));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ (kinds[kind].keep), "change", _ (kinds[kind].change), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "change",
                                              kind == ANX_CHANGE_CANCEL ? ADW_RESPONSE_DESTRUCTIVE : ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question, question_free, 0);
  anx_desk_dialog_present (dialog);
}

/**
 * anx_change_reason_text:
 * @reason: a word that the hub keeps
 *
 * Returns: it in words for people; @reason itself when another program wrote it
 */
const char *
anx_change_reason_text (const char *reason)
{
  static const Reason others[] = { { "desk", N_ ("at the desk") }, { "late", N_ ("late") }, { "undone", N_ ("taken back") },
                                   { "another-time", N_ ("another time was chosen") } };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; j < MOST_REASONS && kinds[i].reasons[j].word != NULL; j++)
      if (g_str_equal (kinds[i].reasons[j].word, reason))
        return _ (kinds[i].reasons[j].text);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i].word, reason))
      return _ (others[i].text);
  return reason;
}
