/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sealed-dialog.h"

#include <glib/gi18n.h>

#include "care-records.h"
#include "desk-dialog.h"
#include "dialog-fields.h"

typedef struct
{
  AnxDeskService *service;
  GPtrArray *ids; /* utf8 */
  GtkWidget *content;
  GtkTextView *text;
} Form;

static void
form_free (gpointer data)
{
  Form *form = data;
  g_object_unref (form->service);
  g_ptr_array_unref (form->ids);
  g_free (form);
}

static gboolean
on_open (gpointer data,
         GError **error)
{
  Form *form = data;
  g_autofree char *words = anx_dialog_text_dup (form->text);
  return anx_desk_service_unseal (form->service, form->ids, words, error);
}

static const AnxDeskFormKind sealed_form = { N_ ("They were not opened"), on_open, form_free };

static void
on_words_changed (Form *form)
{
  g_autofree char *words = anx_dialog_text_dup (form->text);
  anx_desk_form_set_ready (form->content, anx_note_check (words, NULL));
}

/**
 * anx_sealed_dialog_present:
 * @parent: the window
 * @service: the service
 * @ids: (element-type utf8): the records that are meant
 *
 * Asks why; they are shown once that is recorded.
 */
void
anx_sealed_dialog_present (GtkWindow *parent,
                           AnxDeskService *service,
                           GPtrArray *ids)
{
  Form *form = g_new0 (Form, 1);

  form->service = g_object_ref (service);
  form->ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < ids->len; i++)
    g_ptr_array_add (form->ids, g_strdup (ids->pdata[i]));
  form->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_box_append (GTK_BOX (form->content), anx_dialog_text_new (&form->text, _ ("Why you need these old records"), 100));
  anx_desk_form_present (parent, &sealed_form, _ ("Why do you need these old records?"),
                         _ ("They were put away because they are old. What you write here is recorded with your name, for you and for who wrote them. "
                            "They are shown until this program ends."),
                         _ ("_Open them"), form->content, form);
  g_signal_connect_swapped (gtk_text_view_get_buffer (form->text), "changed", G_CALLBACK (on_words_changed), form);
  on_words_changed (form);
  gtk_widget_grab_focus (GTK_WIDGET (form->text));
}
