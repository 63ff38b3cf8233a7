/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-file-dialog.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "care-records.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"
#include "files.h"
#include "referral-card.h"
#include "referral-file.h"
#include "ui-text.h"

/* Pixels of the part of a file's content that is seen at once, at most. */
#define CONTENT_HEIGHT 360

typedef struct
{
  GtkWindow *parent;
  AnxDeskService *service;
  char *task;                /* (nullable) while nothing is known of a file */
  GtkWidget *content;
  GtkTextView *text;
  AnxReferralBundle *bundle; /* (nullable) */
} Form;

static Form *
form_new (GtkWindow *parent,
          AnxDeskService *service)
{
  Form *form = g_new0 (Form, 1);
  form->parent = parent;
  form->service = g_object_ref (service);
  return form;
}

static void
form_free (gpointer data)
{
  Form *form = data;
  g_object_unref (form->service);
  g_clear_pointer (&form->bundle, anx_referral_bundle_free);
  g_free (form->task);
  g_free (form);
}

/* --- out --- */

/* Where the person wants it, once they have said why. */
typedef struct
{
  GtkWindow *parent;
  AnxDeskService *service;
  GtkFileChooserNative *chooser;
  char *task;   /* (nullable) a file is read */
  char *reason; /* (nullable) */
} Choosing;

static void
choosing_free (Choosing *self)
{
  g_object_unref (self->parent);
  g_object_unref (self->service);
  g_object_unref (self->chooser);
  g_free (self->task);
  g_free (self->reason);
  g_free (self);
}

static void
choose_file (GtkWindow *parent,
             AnxDeskService *service,
             const char *task,
             const char *reason,
             GCallback on_chosen)
{
  Choosing *self = g_new0 (Choosing, 1);
  self->parent = g_object_ref (parent);
  self->service = g_object_ref (service);
  self->task = g_strdup (task);
  self->reason = g_strdup (reason);
  self->chooser = task != NULL ? gtk_file_chooser_native_new (_ ("Save the file"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL)
                               : gtk_file_chooser_native_new (_ ("Open a referral’s file"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  if (task != NULL)
    {
      /* No name of a person in a file's name. */
      g_autofree char *name = g_strdup_printf ("%.8s.json", task);
      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
    }
  g_signal_connect (self->chooser, "response", on_chosen, self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static char *
dup_path (Choosing *self,
          int response)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser)) : NULL;
  return file != NULL ? g_file_get_path (file) : NULL;
}

static void
on_save (GtkNativeDialog *chooser,
         int response,
         Choosing *self)
{
  g_autofree char *path = dup_path (self, response);
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  /* Only now is it given out, and recorded: somebody who leaves the question where to, gave out nothing. */
  g_autoptr (GBytes) bytes
    = path != NULL ? anx_referral_file_export (anx_desk_service_get_client (self->service), self->task, self->reason, &error) : NULL;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (bytes != NULL && anx_file_write (path, text, (gssize) length, &error))
    anx_desk_window_toast (self->parent, _ ("Saved. Whoever has the file can read it. That it was made, and why, is recorded."));
  else if (path != NULL)
    anx_desk_say_failure (self->parent, _ ("The file could not be made"), error);
  choosing_free (self);
}

static gboolean
on_why (gpointer data,
        GError **error)
{
  Form *form = data;
  g_autofree char *reason = anx_dialog_text_dup (form->text);

  if (!anx_note_check (reason, error))
    return FALSE;
  choose_file (form->parent, form->service, form->task, reason, G_CALLBACK (on_save));
  return TRUE;
}

static const AnxDeskFormKind out_form = { N_ ("The file was not made"), on_why, form_free };

static void
on_reason_changed (Form *form)
{
  g_autofree char *reason = anx_dialog_text_dup (form->text);
  anx_desk_form_set_ready (form->content, anx_note_check (reason, NULL));
}

/**
 * anx_referral_file_present_export:
 * @parent: the window
 * @service: the service of somebody who can read the referral
 * @task: the referral's task
 *
 * Asks why, then where to; only a file that the person chose is written, and that it was is recorded.
 */
void
anx_referral_file_present_export (GtkWindow *parent,
                                  AnxDeskService *service,
                                  const char *task)
{
  Form *form = form_new (parent, service);

  form->task = g_strdup (task);
  form->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_box_append (GTK_BOX (form->content), anx_dialog_text_new (&form->text, _ ("Why it is given out as a file"), 100));
  anx_desk_form_present (parent, &out_form, _ ("Why is it given out as a file?"),
                         _ ("The file is not sealed: whoever has it can read the name and all that was written. It leaves the protection of this "
                            "service. What you write here is recorded with your name, for you and for who wrote the referral."),
                         _ ("_Save as file…"), form->content, form);
  g_signal_connect_swapped (gtk_text_view_get_buffer (form->text), "changed", G_CALLBACK (on_reason_changed), form);
  on_reason_changed (form);
  gtk_widget_grab_focus (GTK_WIDGET (form->text));
}

/* --- in --- */

static gboolean
on_take_in (gpointer data,
            GError **error)
{
  Form *form = data;
  guint written = 0;

  if (!anx_desk_service_take_in (form->service, form->bundle, &written, error))
    return FALSE;
  anx_desk_window_toast (form->parent, written > 0 ? _ ("Taken over. It stands among the referrals.") : _ ("All of it was here already. Nothing was changed."));
  return TRUE;
}

static const AnxDeskFormKind in_form = { N_ ("It was not taken over"), on_take_in, form_free };

static GtkWidget *
build_step (Form *form,
            const AnxReferralBundleStep *step)
{
  const char *zone = anx_desk_service_get_zone (form->service);
  g_autofree char *when = anx_ui_format_day_time (step->event->created_usec, zone);
  g_autofree char *visit = step->event->visit_usec > 0 ? anx_ui_format_day_time (step->event->visit_usec, zone) : NULL;
  g_autofree char *text = g_strdup_printf ("%s · %s · %s%s%s\n%s", when, anx_desk_service_name_principal (form->service, step->author),
                                           anx_referral_card_state_text (step->event->status, step->event->business_status), visit != NULL ? ": " : "",
                                           visit != NULL ? visit : "", step->event->text);
  return anx_desk_label_new (g_strchomp (text), NULL);
}

/* All of it, before anything is written. */
static GtkWidget *
build_content (Form *form)
{
  const AnxReferral *referral = form->bundle->referral;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  g_autofree char *when = anx_ui_format_day_time (referral->created_usec, anx_desk_service_get_zone (form->service));
  g_autofree char *way = g_strdup_printf ("%s → %s · %s", anx_desk_service_name_principal (form->service, referral->from),
                                          anx_desk_service_name_principal (form->service, referral->to), when);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (referral->name, "title-4"));
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (way, "dim-label"));
  anx_referral_card_append_content (box, form->service, referral);
  for (guint i = 0; i < form->bundle->steps->len; i++)
    gtk_box_append (GTK_BOX (box), build_step (form, form->bundle->steps->pdata[i]));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), CONTENT_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  return scrolled;
}

static void
on_open (GtkNativeDialog *chooser,
         int response,
         Choosing *self)
{
  g_autofree char *path = dup_path (self, response);
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  g_autoptr (GBytes) bytes = path != NULL ? anx_file_read (path, ANX_REFERRAL_BUNDLE_BYTES, &error) : NULL;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  AnxReferralBundle *bundle = bytes != NULL ? anx_referral_bundle_parse (text, (gssize) length, &error) : NULL;

  if (bundle != NULL)
    {
      Form *form = form_new (self->parent, self->service);
      form->bundle = bundle;
      form->content = build_content (form);
      anx_desk_form_present (self->parent, &in_form, _ ("Take this referral over?"), _ ("Nothing is written yet. Please read it first. The same file twice is one referral."),
                             _ ("_Take it over"), form->content, form);
      anx_desk_form_set_ready (form->content, TRUE);
    }
  else if (path != NULL)
    anx_desk_say_failure (self->parent, _ ("This file cannot be taken over"), error);
  choosing_free (self);
}

/**
 * anx_referral_file_present_import:
 * @parent: the window
 * @service: the service of somebody who answers for the receiver, or wrote the referral
 *
 * Asks for a file, shows what stands in it, and takes it over when the person says so.
 */
void
anx_referral_file_present_import (GtkWindow *parent,
                                  AnxDeskService *service)
{
  choose_file (parent, service, NULL, NULL, G_CALLBACK (on_open));
}
