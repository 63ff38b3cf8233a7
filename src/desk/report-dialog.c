/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report-dialog.h"

#include <glib/gi18n.h>

#include "desk-dialog.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"
#include "ui-text.h"

typedef struct
{
  AnxDeskService *service;
  AnxReportRules *rules;
  GtkWindow *parent;
  GtkWindow *window;
  char *booking;
  gint64 opened_usec;
  const AnxReportCase *chosen; /* (nullable) of @rules */
  char *to;                    /* (nullable) */
  GtkEditable *name;
  GtkEditable *address;
  GtkTextView *facts;
  GtkTextView *done;
  GtkLabel *missing;
  GtkWidget *send;
} Reporting;

static void
reporting_free (gpointer data)
{
  Reporting *self = data;
  g_object_unref (self->service);
  anx_report_rules_free (self->rules);
  g_free (self->booking);
  g_free (self->to);
  g_free (self);
}

static char *
dup_entry (GtkEditable *entry)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (entry)));
}

static gboolean
is_chinese (void)
{
  return g_str_equal (anx_ui_get_language (), "zh");
}

/* What is still missing, in the order of the page; NULL when it can be sent. */
static const char *
find_missing (Reporting *self)
{
  g_autofree char *name = dup_entry (self->name);
  g_autofree char *facts = anx_dialog_text_dup (self->facts);

  if (self->chosen == NULL)
    return _ ("To send: choose which case it is.");
  if (self->to == NULL)
    return _ ("To send: choose who receives it.");
  if (!anx_name_check (name, NULL))
    return _ ("To send: write whom it is about. “Not known” will do.");
  if (*facts == '\0')
    return _ ("To send: write what you know.");
  return NULL;
}

static void
refresh (Reporting *self)
{
  const char *missing = find_missing (self);

  gtk_widget_set_sensitive (self->send, missing == NULL);
  gtk_label_set_text (self->missing, missing != NULL ? missing : _ ("Ready to send. It goes without consent, by law."));
}

static void
on_case (GtkToggleButton *button,
         Reporting *self)
{
  if (gtk_toggle_button_get_active (button))
    self->chosen = g_object_get_data (G_OBJECT (button), "value");
  refresh (self);
}

static void
on_department (GtkToggleButton *button,
               Reporting *self)
{
  if (gtk_toggle_button_get_active (button))
    {
      g_free (self->to);
      self->to = g_strdup (g_object_get_data (G_OBJECT (button), "value"));
    }
  refresh (self);
}

/* What is chosen is not told by its colour alone. */
static void
on_choice_toggled (GtkToggleButton *button,
                   gpointer user_data)
{
  const char *spoken = g_object_get_data (G_OBJECT (button), "spoken");
  gboolean active = gtk_toggle_button_get_active (button);

  anx_desk_button_set_label (GTK_BUTTON (button), active ? _ ("✓ Chosen") : _ ("Choose"), spoken);
  gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_CHECKED,
                               active ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

static GtkToggleButton *
append_choice (GtkWidget *list,
               GtkToggleButton *group,
               const char *title,
               const char *subtitle,
               gpointer value,
               GCallback chosen,
               Reporting *self)
{
  GtkWidget *row = anx_desk_row_new (title, subtitle);
  GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, NULL);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (button), "value", value);
  if (group != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), group);
  g_object_set_data_full (G_OBJECT (button), "spoken", g_strdup_printf (_ ("Choose %s"), title), g_free);
  g_signal_connect (button, "toggled", G_CALLBACK (on_choice_toggled), NULL);
  on_choice_toggled (GTK_TOGGLE_BUTTON (button), NULL);
  g_signal_connect (button, "toggled", chosen, self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return group != NULL ? group : GTK_TOGGLE_BUTTON (button);
}

static GtkWidget *
build_cases (Reporting *self)
{
  GtkWidget *list = anx_desk_list_new ();
  GtkToggleButton *group = NULL;

  for (guint i = 0; i < self->rules->cases->len; i++)
    {
      AnxReportCase *one = g_ptr_array_index (self->rules->cases, i);
      g_autofree char *law = g_strdup_printf ("%s: %s", is_chinese () ? one->law_zh : one->law_en, is_chinese () ? one->to_zh : one->to_en);
      group = append_choice (list, group, is_chinese () ? one->when_zh : one->when_en, law, one, G_CALLBACK (on_case), self);
    }
  return list;
}

static GtkWidget *
build_departments (Reporting *self)
{
  g_autoptr (GPtrArray) departments = anx_desk_service_list_departments (self->service);
  GtkWidget *list = anx_desk_list_new ();
  GtkToggleButton *group = NULL;

  for (guint i = 0; i < departments->len; i++)
    {
      const AnxPrincipal *one = g_ptr_array_index (departments, i);
      if (one->active)
        group = append_choice (list, group, anx_desk_service_name_principal (self->service, one->id),
                               anx_desk_service_get_takes (self->service, one), (gpointer) one->id, G_CALLBACK (on_department), self);
    }
  return list;
}

static GtkWidget *
build_text (Reporting *self,
            GtkTextView **out_view,
            const char *name)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_add_css_class (view, "note");
  gtk_widget_set_size_request (view, -1, 70);
  anx_ui_set_accessible_name (view, name);
  g_signal_connect_swapped (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), "changed", G_CALLBACK (refresh), self);
  *out_view = GTK_TEXT_VIEW (view);
  return view;
}

static GtkWidget *
build_entry (Reporting *self,
             GtkEditable **out_entry,
             const char *name)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), name);
  anx_ui_set_accessible_name (entry, name);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (refresh), self);
  *out_entry = GTK_EDITABLE (entry);
  return entry;
}

static void
on_send (GtkButton *button,
         Reporting *self)
{
  g_autoptr (AnxReferral) report = g_new0 (AnxReferral, 1);
  g_autoptr (GError) error = NULL;

  if (find_missing (self) != NULL)
    return;
  report->to = g_strdup (self->to);
  report->urgency = ANX_URGENCY_IMMEDIATE;
  report->legal_basis = g_strdup (self->chosen->code);
  report->name = dup_entry (self->name);
  report->phone = g_strdup ("");
  report->address = dup_entry (self->address);
  report->reason = anx_dialog_text_dup (self->facts);
  report->measures = anx_dialog_text_dup (self->done);
  if (!anx_desk_service_report (self->service, report, self->booking, &error))
    {
      g_autofree char *reason = anx_desk_problem_explain (error);
      g_autofree char *message = g_strdup_printf (_ ("Not sent. What you wrote is still here. %s"), reason);
      gtk_label_set_text (self->missing, message);
      return;
    }
  if (anx_client_get_state (anx_desk_service_get_client (self->service)) == ANX_CLIENT_ONLINE)
    anx_desk_window_toast (self->parent, _ ("The report is sealed and on its way. Its status is shown with the session."));
  else
    anx_desk_say (self->parent, _ ("The report has not gone out yet"),
                  _ ("There is no network. The report is safe on this computer and goes out by itself. Please report by telephone now."));
  gtk_window_destroy (self->window);
}

static GtkWidget *
build_page (Reporting *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  g_autofree char *until = anx_ui_format_time (anx_report_rules_due_usec (self->rules, self->opened_usec), anx_desk_service_get_zone (self->service));
  g_autofree char *when = g_strdup_printf (
      /* Translators: a time of day. */
      _ ("The law says: at once. Telephone first if somebody is in danger now (110). This report must be out by %s."), until);

  gtk_box_append (GTK_BOX (box), anx_desk_label_new (when, NULL));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Which case it is")));
  gtk_box_append (GTK_BOX (box), build_cases (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Who receives it")));
  gtk_box_append (GTK_BOX (box), build_departments (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Whom it is about")));
  gtk_box_append (GTK_BOX (box), build_entry (self, &self->name, _ ("Name, or “not known”")));
  gtk_box_append (GTK_BOX (box), build_entry (self, &self->address, _ ("Where the person is or lives (may stay empty)")));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("What you know: who, what, when, how you learned of it")));
  gtk_box_append (GTK_BOX (box), build_text (self, &self->facts, _ ("What you know")));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("What was done already, whom you telephoned and when")));
  gtk_box_append (GTK_BOX (box), build_text (self, &self->done, _ ("What was done already")));
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("Nothing else goes along: no answers, no notes. Tell the resident, unless that brings danger."), "dim-label"));
  return anx_desk_page_new (box, 640);
}

/**
 * anx_report_dialog_present:
 * @parent: the window it belongs to
 * @service: the service
 * @booking: the session in which it became known
 *
 * Opens the form; it writes the report itself.
 */
void
anx_report_dialog_present (GtkWindow *parent,
                           AnxDeskService *service,
                           const char *booking)
{
  g_autoptr (GError) error = NULL;
  AnxReportRules *rules = anx_desk_service_load_report_rules (service, &error);

  if (rules == NULL)
    {
      anx_desk_window_toast (parent, _ ("The list of cases is missing on this computer. Please telephone 110, and tell the administrator."));
      return;
    }
  Reporting *self = g_new0 (Reporting, 1);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *bar = adw_header_bar_new ();
  const AnxDeskContact *contact = anx_desk_model_get_contact (anx_desk_service_get_model (service), booking);

  self->service = g_object_ref (service);
  self->rules = rules;
  self->parent = parent;
  self->booking = g_strdup (booking);
  self->opened_usec = anx_desk_model_now_usec (anx_desk_service_get_model (service));
  self->window = GTK_WINDOW (adw_window_new ());
  g_object_set_data_full (G_OBJECT (self->window), "reporting", self, reporting_free);
  gtk_window_set_title (self->window, _ ("Report by law"));
  gtk_window_set_default_size (self->window, 700, 780);
  gtk_window_set_transient_for (self->window, parent);
  gtk_window_set_modal (self->window, TRUE);
  anx_desk_guard_text (self->window);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (bar), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), anx_desk_button_new (_ ("_Cancel"), NULL, "window.close", NULL));
  self->send = anx_desk_button_new (_ ("_Send"), "suggested-action", NULL, NULL);
  self->missing = GTK_LABEL (anx_desk_label_new ("", NULL));
  GtkWidget *page = build_page (self);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->missing), TRUE);
  gtk_widget_add_css_class (foot, "padded");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->missing));
  gtk_box_append (GTK_BOX (foot), self->send);
  gtk_box_append (GTK_BOX (whole), bar);
  gtk_box_append (GTK_BOX (whole), page);
  gtk_box_append (GTK_BOX (whole), foot);
  adw_window_set_content (ADW_WINDOW (self->window), whole);
  g_signal_connect (self->send, "clicked", G_CALLBACK (on_send), self);
  if (contact != NULL)
    gtk_editable_set_text (self->name, contact->name);
  refresh (self);
  gtk_window_present (self->window);
}
