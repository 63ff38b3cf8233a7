/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "enrol-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "desk-problem.h"
#include "desk-widgets.h"
#include "enrolment.h"
#include "seal-error.h"
#include "sync-error.h"

struct _AnxEnrolPage
{
  AdwBin parent_instance;
  char *folder;
  GCancellable *cancellable; /* (nullable) while enrolling */
  GtkEditable *hub;
  GtkEditable *code;
  GtkWidget *form;
  GtkWidget *enrol;
  GtkWidget *cancel;
  GtkSpinner *spinner;
  GtkLabel *state;
};

G_DEFINE_FINAL_TYPE (AnxEnrolPage, anx_enrol_page, ADW_TYPE_BIN)

static guint enrolled_signal;

static void
anx_enrol_page_dispose (GObject *object)
{
  AnxEnrolPage *self = ANX_ENROL_PAGE (object);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (anx_enrol_page_parent_class)->dispose (object);
}

static void
anx_enrol_page_class_init (AnxEnrolPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_enrol_page_dispose;
  enrolled_signal
      = g_signal_new ("enrolled", ANX_TYPE_ENROL_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_enrol_page_init (AnxEnrolPage *self)
{
}

/**
 * anx_enrol_describe_error:
 * @error: why an enrolment failed
 *
 * Returns: (transfer full): what happened and what to do
 */
char *
anx_enrol_describe_error (const GError *error)
{
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_CONFLICT))
    return g_strdup (_ ("This code was already used on another computer. If that was not you, tell the administrator "
                        "at once. Ask for a new code."));
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN))
    return g_strdup (_ ("The hub does not know this code, or its time is over. Compare it with the letter, or ask the "
                        "administrator for a new one."));
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNTRUSTED))
    return g_strdup (_ ("This hub is not the one the code belongs to. Nothing was sent to it. Check the address; if it "
                        "is right, call the administrator."));
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE))
    return g_strdup (_ ("The hub cannot be reached at this address. The code is still good. Check the address and the "
                        "network, then try again."));
  if (g_error_matches (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_BUSY))
    return g_strdup (_ ("The hub is busy. The code is still good. Try again in a minute."));
  if (error->domain == ANX_SEAL_ERROR)
    {
      AnxDeskProblemText text = anx_desk_problem_describe (anx_desk_problem_from_error (error));
      return g_strdup_printf ("%s. %s", text.title, text.to_do);
    }
  /* A mistyped code: the library says in words what is wrong with it. */
  return g_strdup (error->message);
}

static void
show_state (AnxEnrolPage *self,
            const char *text,
            gboolean working,
            gboolean wrong)
{
  gtk_label_set_text (self->state, text);
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->state), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->state), "error");
  gtk_spinner_set_spinning (self->spinner, working);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), working);
  gtk_widget_set_visible (self->cancel, working);
  gtk_widget_set_visible (self->enrol, !working);
  gtk_widget_set_sensitive (self->form, !working);
}

static void
on_enrolled (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (AnxEnrolPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxProfile) profile = anx_enrol_finish (result, &error);

  g_clear_object (&self->cancellable);
  if (self->folder == NULL)
    return;
  if (profile != NULL)
    {
      show_state (self, _ ("Enrolled."), FALSE, FALSE);
      g_signal_emit (self, enrolled_signal, 0);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      show_state (self, _ ("Stopped. You can go on later with the same code."), FALSE, FALSE);
      return;
    }
  g_autofree char *text = anx_enrol_describe_error (error);
  show_state (self, text, FALSE, TRUE);
}

/* The code's first half is the beginning of the authority's fingerprint: what both sides can compare by voice. */
static char *
group (const char *pin)
{
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < strlen (pin); i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, g_ascii_toupper (pin[i]));
    }
  return g_string_free (text, FALSE);
}

static char *
complete_url (const char *typed)
{
  g_autofree char *text = g_strstrip (g_strdup (typed));
  if (*text == '\0' || strstr (text, "://") != NULL)
    return g_steal_pointer (&text);
  return g_strconcat ("https://", text, NULL);
}

static void
on_enrol (AnxEnrolPage *self)
{
  g_autofree char *url = complete_url (gtk_editable_get_text (self->hub));
  g_autofree char *pin = NULL;
  g_autofree char *secret = NULL;
  g_autoptr (GError) error = NULL;

  if (self->cancellable != NULL)
    return;
  if (!g_str_has_prefix (url, "https://") || !g_uri_is_valid (url, G_URI_FLAGS_NONE, NULL))
    {
      show_state (self, _ ("Please enter the hub’s address as it stands in the letter, for example hub.example.org."),
                  FALSE, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->hub));
      return;
    }
  if (!anx_enrolment_code_parse (gtk_editable_get_text (self->code), &pin, &secret, &error))
    {
      show_state (self, error->message, FALSE, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->code));
      return;
    }
  g_autofree char *grouped = group (pin);
  /* Translators: %s is the beginning of the authority's fingerprint in groups of four. */
  g_autofree char *text = g_strdup_printf (_ ("Waiting for the administrator to approve. Authority: %s. This window "
                                              "may stay open; the approval arrives by itself."),
                                           grouped);
  show_state (self, text, TRUE, FALSE);
  self->cancellable = g_cancellable_new ();
  anx_enrol_async (self->folder, url, gtk_editable_get_text (self->code), self->cancellable, on_enrolled,
                   g_object_ref (self));
}

static void
on_cancel (AnxEnrolPage *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

/**
 * anx_enrol_page_new:
 * @folder: where the profile will stand
 * @hub_url: (nullable): an address to begin with
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_enrol_page_new (const char *folder,
                    const char *hub_url)
{
  AnxEnrolPage *self = g_object_new (ANX_TYPE_ENROL_PAGE, NULL);
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  GtkWidget *hub = adw_entry_row_new ();
  GtkWidget *code = adw_entry_row_new ();
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);

  self->folder = g_strdup (folder);
  self->hub = GTK_EDITABLE (hub);
  self->code = GTK_EDITABLE (code);
  self->form = anx_desk_list_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (hub), _ ("Address of the hub"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (code), _ ("Enrolment code"));
  if (hub_url != NULL)
    gtk_editable_set_text (self->hub, hub_url);
  gtk_list_box_append (GTK_LIST_BOX (self->form), hub);
  gtk_list_box_append (GTK_LIST_BOX (self->form), code);
  self->enrol = anx_desk_button_new (_ ("_Enrol this computer"), "suggested-action", NULL, NULL);
  self->cancel = anx_desk_button_new (_ ("_Stop"), NULL, NULL, NULL);
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->state = GTK_LABEL (anx_desk_label_new (_ ("Your keys are made on this computer and never leave it."), NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->state), TRUE);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (foot), self->cancel);
  gtk_box_append (GTK_BOX (foot), self->enrol);
  g_signal_connect_swapped (self->enrol, "clicked", G_CALLBACK (on_enrol), self);
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (on_cancel), self);
  g_signal_connect_swapped (code, "entry-activated", G_CALLBACK (on_enrol), self);
  gtk_widget_set_visible (self->cancel, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  gtk_box_append (GTK_BOX (box), self->form);
  gtk_box_append (GTK_BOX (box), foot);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 620);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "org.anxin.Desk");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("Set up this desk"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page), _ ("Enter what stands in the administrator’s letter."));
  adw_status_page_set_child (ADW_STATUS_PAGE (page), clamp);
  adw_bin_set_child (ADW_BIN (self), page);
  return GTK_WIDGET (self);
}
