/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "refer-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bounds.h"
#include "desk-problem.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window.h"
#include "dialog-fields.h"
#include "json.h"
#include "referral-card.h"
#include "ui-text.h"

struct _AnxReferDialog
{
  AdwWindow parent_instance;
  AnxDeskService *service;
  char *booking;
  char *to;            /* (nullable) the chosen department */
  AnxUrgency urgency;
  GtkTextView *reason;
  GtkTextView *words;
  GtkSwitch *phone;    /* (nullable) when there is no phone */
  GPtrArray *scores;   /* GtkSwitch with its line as "line" data */
  GtkListBox *departments;
  GtkDropDown *need;   /* 0 = all */
  GtkDropDown *level;  /* 0 = not said */
  GtkDropDown *gender; /* 0 = not said */
  GtkEditable *birth_year;
  GtkEditable *address;
  GtkEditable *guardian;
  GtkEditable *guardian_phone;
  GtkEditable *grounds;
  GtkEditable *measures;
  GtkDropDown *law;    /* 0 = consent */
  GtkSwitch *consent;
  GtkSwitch *kiosk;
  AdwActionRow *consent_row;
  GtkLabel *missing;
  GtkWidget *send;
};

G_DEFINE_FINAL_TYPE (AnxReferDialog, anx_refer_dialog, ADW_TYPE_WINDOW)

static void
anx_refer_dialog_dispose (GObject *object)
{
  AnxReferDialog *self = ANX_REFER_DIALOG (object);
  g_clear_object (&self->service);
  g_clear_pointer (&self->booking, g_free);
  g_clear_pointer (&self->to, g_free);
  g_clear_pointer (&self->scores, g_ptr_array_unref);
  G_OBJECT_CLASS (anx_refer_dialog_parent_class)->dispose (object);
}

static void
anx_refer_dialog_class_init (AnxReferDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = anx_refer_dialog_dispose;
}

static void
anx_refer_dialog_init (AnxReferDialog *self)
{
  self->scores = g_ptr_array_new ();
}

static const AnxDeskContact *
get_contact (AnxReferDialog *self)
{
  return anx_desk_model_get_contact (anx_desk_service_get_model (self->service), self->booking);
}

static const char *
get_text (GtkEditable *entry)
{
  return gtk_editable_get_text (entry);
}

/* 0 when it is no year of somebody who may be alive. */
static int
get_birth_year (AnxReferDialog *self)
{
  const char *text = get_text (self->birth_year);
  guint64 year = 0;
  return g_ascii_string_to_unsigned (text, 10, 1900, 2100, &year, NULL) ? (int) year : 0;
}

/* What is still missing, in the order of the page; NULL when it can be sent. */
static const char *
find_missing (AnxReferDialog *self)
{
  g_autofree char *reason = anx_dialog_text_dup (self->reason);

  if (get_contact (self) == NULL)
    return _ ("The resident’s name is not here yet, so it cannot be sent.");
  if (self->to == NULL)
    return _ ("To send: choose who receives it.");
  if (*reason == '\0')
    return _ ("To send: write the reason.");
  if (g_utf8_strlen (reason, -1) > ANX_BOUND_NOTE_CHARS)
    return _ ("The reason is too long.");
  if (*get_text (self->birth_year) != '\0' && get_birth_year (self) == 0)
    return _ ("The year of birth has four digits.");
  if (!anx_phone_check (get_text (self->guardian_phone), NULL))
    return _ ("The guardian’s phone number has 3 to 20 digits.");
  if (*get_text (self->guardian_phone) != '\0' && *get_text (self->guardian) == '\0')
    return _ ("The guardian’s phone number needs the guardian’s name.");
  if (!gtk_switch_get_active (self->consent) && gtk_drop_down_get_selected (self->law) == 0)
    return _ ("To send: ask for consent and record it. Without it nothing is passed on.");
  return NULL;
}

static void
refresh (AnxReferDialog *self)
{
  if (self->law == NULL || self->measures == NULL)
    return; /* still being built */
  const char *missing = find_missing (self);

  gtk_widget_set_sensitive (self->send, missing == NULL);
  gtk_label_set_text (self->missing, missing != NULL ? missing : _ ("Ready to send."));
  gboolean by_law = gtk_drop_down_get_selected (self->law) > 0;
  gtk_widget_set_sensitive (GTK_WIDGET (self->consent), self->to != NULL && !by_law);
}

/* The n-th code of a list of data/care/referral.json, from 1. */
static const char *
get_code (AnxReferDialog *self,
          const char *list,
          guint chosen)
{
  JsonObject *data = anx_desk_service_get_referral_data (self->service);
  JsonArray *entries = data != NULL ? anx_json_get_array (data, list) : NULL;
  if (chosen == 0 || entries == NULL || chosen > json_array_get_length (entries))
    return NULL;
  return anx_json_get_string (anx_json_array_need_object (entries, chosen - 1, NULL), "code", NULL);
}

static GtkDropDown *
build_choice (const char *const *texts,
              const char *name)
{
  GtkWidget *drop_down = gtk_drop_down_new_from_strings (texts);
  gtk_widget_set_valign (drop_down, GTK_ALIGN_CENTER);
  anx_ui_set_accessible_name (drop_down, name);
  return GTK_DROP_DOWN (drop_down);
}

/* @first, then what data/care/referral.json lists. */
static GtkDropDown *
build_data_choice (AnxReferDialog *self,
                   const char *list,
                   const char *member,
                   const char *first,
                   const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *code;
  g_strv_builder_add (builder, first);
  for (guint i = 1; (code = get_code (self, list, i)) != NULL; i++)
    g_strv_builder_add (builder, anx_referral_card_find_word (self->service, list, code, member));
  g_auto (GStrv) texts = g_strv_builder_end (builder);
  return build_choice ((const char *const *) texts, name);
}

static GtkWidget *
build_choice_row (const char *title,
                  const char *subtitle,
                  GtkDropDown *choice)
{
  GtkWidget *row = anx_desk_row_new (title, subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (choice));
  return row;
}

/* Consent names its receiver, so another receiver needs another consent; and so does any other content. */
static void
withdraw_consent (AnxReferDialog *self)
{
  const AnxDeskContact *contact = get_contact (self);
  const char *person = contact != NULL ? contact->name : _ ("The resident");
  g_autofree char *text
      = self->to == NULL ? g_strdup (_ ("Choose the receiver first"))
                         : g_strdup_printf (_ ("I have asked: %s agrees that %s receives what is marked above"), person,
                                            anx_desk_service_name_principal (self->service, self->to));

  gtk_switch_set_active (self->consent, FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->consent_row), text);
  anx_ui_set_accessible_name (GTK_WIDGET (self->consent), text);
  refresh (self);
}

static void
on_department (GtkToggleButton *button,
               AnxReferDialog *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  g_free (self->to);
  self->to = g_strdup (g_object_get_data (G_OBJECT (button), "principal"));
  withdraw_consent (self);
}

static void
on_urgency (GtkToggleButton *button,
            AnxReferDialog *self)
{
  if (gtk_toggle_button_get_active (button))
    self->urgency = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "urgency"));
}

/* Every department answers every need it does not exclude: an entry without needs is never hidden. */
static gboolean
takes_need (const AnxPrincipal *principal,
            const char *need)
{
  JsonArray *needs = anx_json_get_array (principal->json, "needs");
  if (need == NULL || needs == NULL)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (needs); i++)
    {
      JsonNode *node = json_array_get_element (needs, i);
      if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), need) == 0)
        return TRUE;
    }
  return FALSE;
}

static char *
get_localized (const AnxPrincipal *principal,
               const char *member)
{
  JsonObject *texts = anx_json_get_object (principal->json, member);
  return g_strdup (texts != NULL ? anx_json_get_string (texts, anx_ui_get_language (), NULL)
                                 : anx_json_get_string (principal->json, member, NULL));
}

static void
append_part (GString *text,
             const char *format,
             const char *value)
{
  g_string_append (text, text->len > 0 ? " · " : "");
  g_string_append_printf (text, format, value);
}

/* What it takes, when it can be reached, how long it usually needs: what a counsellor chooses by. */
static char *
describe_department (AnxReferDialog *self,
                     const AnxPrincipal *principal)
{
  GString *text = g_string_new (anx_desk_service_get_takes (self->service, principal));
  g_autofree char *hours = get_localized (principal, "hours");
  const char *phone = anx_json_get_string (principal->json, "phone", NULL);
  const char *duty = anx_json_get_string (principal->json, "dutyPhone", NULL);
  gint64 days = anx_json_get_int (principal->json, "expectedDays", 0);
  gint64 capacity = anx_json_get_int (principal->json, "weeklyCapacity", 0);

  if (hours != NULL)
    append_part (text, "%s", hours);
  if (phone != NULL)
    append_part (text, _ ("phone %s"), phone);
  if (duty != NULL)
    append_part (text, _ ("on duty %s"), duty);
  if (days > 0)
    {
      g_autofree char *usual = g_strdup_printf (ngettext ("usually within %d day", "usually within %d days", (gulong) days), (int) days);
      append_part (text, "%s", usual);
    }
  if (capacity > 0)
    {
      g_autofree char *week = g_strdup_printf (ngettext ("%d person a week", "%d people a week", (gulong) capacity), (int) capacity);
      append_part (text, "%s", week);
    }
  return g_string_free (text, FALSE);
}

static void
fill_departments (AnxReferDialog *self)
{
  g_autoptr (GPtrArray) departments = anx_desk_service_list_departments (self->service);
  const char *need = get_code (self, "needs", gtk_drop_down_get_selected (self->need));
  GtkToggleButton *first = NULL;
  GtkWidget *old;

  while ((old = gtk_widget_get_first_child (GTK_WIDGET (self->departments))) != NULL)
    gtk_list_box_remove (self->departments, old);
  g_clear_pointer (&self->to, g_free);
  for (guint i = 0; i < departments->len; i++)
    {
      const AnxPrincipal *principal = g_ptr_array_index (departments, i);
      if (!principal->active || !takes_need (principal, need))
        continue;
      g_autofree char *details = describe_department (self, principal);
      const char *name = anx_desk_service_name_principal (self->service, principal->id);
      GtkWidget *row = anx_desk_row_new (name, details);
      GtkWidget *button = gtk_toggle_button_new ();
      g_autofree char *spoken = g_strdup_printf (_ ("Choose %s"), name);

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_object_set_data_full (G_OBJECT (button), "principal", g_strdup (principal->id), g_free);
      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), first);
      else
        first = GTK_TOGGLE_BUTTON (button);
      g_signal_connect (button, "toggled", G_CALLBACK (on_department), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
      anx_desk_button_set_label (GTK_BUTTON (button), _ ("Choose"), spoken);
      gtk_list_box_append (self->departments, row);
    }
  if (first == NULL)
    gtk_list_box_append (self->departments, need != NULL ? anx_desk_row_new (_ ("No department takes this need"), NULL)
                                                         : anx_desk_row_new (_ ("The directory names no department yet"),
                                                                             _ ("Please tell the administrator.")));
}

static void
on_need (AnxReferDialog *self)
{
  fill_departments (self);
  withdraw_consent (self);
}

static GtkWidget *
build_departments (AnxReferDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *needs = anx_desk_list_new ();

  self->departments = GTK_LIST_BOX (anx_desk_list_new ());
  self->need = build_data_choice (self, "needs", "name", _ ("All departments"), _ ("What the resident needs"));
  g_signal_connect_swapped (self->need, "notify::selected", G_CALLBACK (on_need), self);
  gtk_list_box_append (GTK_LIST_BOX (needs), build_choice_row (_ ("What the resident needs"), NULL, self->need));
  gtk_box_append (GTK_BOX (box), needs);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->departments));
  fill_departments (self);
  return box;
}

static GtkWidget *
build_urgency (AnxReferDialog *self)
{
  static const AnxUrgency urgencies[] = { ANX_URGENCY_ROUTINE, ANX_URGENCY_URGENT, ANX_URGENCY_IMMEDIATE };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkToggleButton *first = NULL;

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_halign (box, GTK_ALIGN_START);
  for (gsize i = 0; i < G_N_ELEMENTS (urgencies); i++)
    {
      GtkWidget *button = gtk_toggle_button_new ();
      anx_desk_button_set_label (GTK_BUTTON (button), anx_desk_urgency_text (urgencies[i]), NULL);
      g_object_set_data (G_OBJECT (button), "urgency", GINT_TO_POINTER (urgencies[i]));
      g_signal_connect (button, "toggled", G_CALLBACK (on_urgency), self);
      if (first != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), first);
      else
        first = GTK_TOGGLE_BUTTON (button);
      gtk_box_append (GTK_BOX (box), button);
    }
  gtk_toggle_button_set_active (first, TRUE);
  return box;
}

static char *
describe_score (AnxReferDialog *self,
                const AnxScreeningPart *part,
                const AnxScore *score)
{
  AnxQuestionnaire *questionnaire = anx_desk_service_get_questionnaire (self->service, part->canonical);
  g_autofree char *title = questionnaire != NULL ? anx_questionnaire_dup_title (questionnaire, anx_ui_get_language ())
                                                 : g_strdup (part->canonical);
  return anx_desk_describe_score (score, title);
}

static void
append_scores (AnxReferDialog *self,
               GtkWidget *list)
{
  const AnxDeskScreening *screening
      = anx_desk_model_get_screening (anx_desk_service_get_model (self->service), self->booking);

  for (guint i = 0; screening != NULL && i < screening->parts->len; i++)
    {
      const AnxScreeningPart *part = g_ptr_array_index (screening->parts, i);
      for (guint k = 0; k < part->scores->len; k++)
        {
          const AnxScore *score = g_ptr_array_index (part->scores, k);
          GtkSwitch *button;
          if (!score->present)
            continue;
          g_autofree char *line = describe_score (self, part, score);
          gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_switch_row_new (line, NULL, &button));
          g_object_set_data_full (G_OBJECT (button), "line", g_steal_pointer (&line), g_free);
          g_signal_connect_swapped (button, "notify::active", G_CALLBACK (withdraw_consent), self);
          g_ptr_array_add (self->scores, button);
        }
    }
}

static GtkWidget *
build_fields (AnxReferDialog *self)
{
  const AnxDeskContact *contact = get_contact (self);
  GtkWidget *list = anx_desk_list_new ();

  gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (contact != NULL ? contact->name : _ ("Name not yet here"),
                                                              _ ("The name always goes along")));
  if (contact != NULL && *contact->phone != '\0')
    {
      g_autofree char *text = g_strdup_printf (_ ("Phone %s"), contact->phone);
      gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_switch_row_new (text, NULL, &self->phone));
      g_signal_connect_swapped (self->phone, "notify::active", G_CALLBACK (withdraw_consent), self);
    }
  append_scores (self, list);
  return list;
}

static GtkEditable *
append_entry (AnxReferDialog *self,
              GtkWidget *list,
              const char *title)
{
  GtkWidget *row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (withdraw_consent), self);
  return GTK_EDITABLE (row);
}

/* The rest of the form, each field empty until somebody writes into it. */
static GtkWidget *
build_form (AnxReferDialog *self)
{
  const char *const genders[] = { _ ("not said"), _ ("female"), _ ("male"), _ ("other"), NULL };
  const char *const levels[] = { _ ("not said"), anx_desk_level_text (ANX_LEVEL_GREEN), anx_desk_level_text (ANX_LEVEL_YELLOW),
                                 anx_desk_level_text (ANX_LEVEL_RED), NULL };
  GtkWidget *list = anx_desk_list_new ();

  self->gender = build_choice (genders, _ ("Gender"));
  self->level = build_choice (levels, _ ("Risk as you see it"));
  g_signal_connect_swapped (self->gender, "notify::selected", G_CALLBACK (withdraw_consent), self);
  g_signal_connect_swapped (self->level, "notify::selected", G_CALLBACK (withdraw_consent), self);
  gtk_list_box_append (GTK_LIST_BOX (list), build_choice_row (_ ("Gender"), NULL, self->gender));
  self->birth_year = append_entry (self, list, _ ("Year of birth"));
  self->address = append_entry (self, list, _ ("Address"));
  self->guardian = append_entry (self, list, _ ("Guardian or contact: name"));
  self->guardian_phone = append_entry (self, list, _ ("Guardian or contact: phone"));
  gtk_list_box_append (GTK_LIST_BOX (list), build_choice_row (_ ("Risk as you see it"), NULL, self->level));
  self->grounds = append_entry (self, list, _ ("What this rests on"));
  self->measures = append_entry (self, list, _ ("Done so far"));
  return list;
}

static void
on_law (AnxReferDialog *self)
{
  if (gtk_drop_down_get_selected (self->law) > 0)
    gtk_switch_set_active (self->consent, FALSE);
  refresh (self);
}

static GtkWidget *
build_consent (AnxReferDialog *self)
{
  GtkWidget *list = anx_desk_list_new ();

  self->consent_row = ADW_ACTION_ROW (anx_desk_switch_row_new (
      "", _ ("Asked for this receiver and these fields alone; recorded with your name and the time"), &self->consent));
  g_signal_connect_swapped (self->consent, "notify::active", G_CALLBACK (refresh), self);
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (self->consent_row));
  gtk_list_box_append (GTK_LIST_BOX (list),
                       anx_desk_switch_row_new (_ ("The resident wants to read at the kiosk how it stands"),
                                                _ ("With the code on the slip: the department’s name and the status, no content"),
                                                &self->kiosk));
  self->law = build_data_choice (self, "legalBases", "law", _ ("No: only with consent"), _ ("Without consent, by law"));
  g_signal_connect_swapped (self->law, "notify::selected", G_CALLBACK (on_law), self);
  gtk_list_box_append (GTK_LIST_BOX (list),
                       build_choice_row (_ ("Without consent, by law"), _ ("Only where an article demands or allows it; it is recorded"),
                                         self->law));
  return list;
}

static char *
build_summary (AnxReferDialog *self)
{
  GString *summary = g_string_new (NULL);
  g_autofree char *words = anx_dialog_text_dup (self->words);

  for (guint i = 0; i < self->scores->len; i++)
    {
      GtkSwitch *button = g_ptr_array_index (self->scores, i);
      if (gtk_switch_get_active (button))
        g_string_append_printf (summary, "%s\n", (const char *) g_object_get_data (G_OBJECT (button), "line"));
    }
  g_string_append (summary, words);
  return g_strchomp (g_string_free (summary, FALSE));
}

static void
on_send (AnxReferDialog *self)
{
  static const char *const genders[] = { "", "female", "male", "other" };
  static const char *const levels[] = { "", "green", "yellow", "red" };
  const AnxDeskContact *contact = get_contact (self);
  g_autoptr (AnxReferral) referral = g_new0 (AnxReferral, 1);
  g_autoptr (GError) error = NULL;

  if (find_missing (self) != NULL)
    return;
  referral->to = g_strdup (self->to);
  referral->urgency = self->urgency;
  referral->name = g_strdup (contact->name);
  referral->phone = g_strdup (self->phone != NULL && gtk_switch_get_active (self->phone) ? contact->phone : "");
  referral->reason = anx_dialog_text_dup (self->reason);
  referral->summary = build_summary (self);
  referral->consented = gtk_switch_get_active (self->consent);
  referral->tell_at_kiosk = gtk_switch_get_active (self->kiosk);
  referral->legal_basis = g_strdup (get_code (self, "legalBases", gtk_drop_down_get_selected (self->law)));
  referral->need = g_strdup (get_code (self, "needs", gtk_drop_down_get_selected (self->need)));
  referral->gender = g_strdup (genders[MIN (gtk_drop_down_get_selected (self->gender), G_N_ELEMENTS (genders) - 1)]);
  referral->level = g_strdup (levels[MIN (gtk_drop_down_get_selected (self->level), G_N_ELEMENTS (levels) - 1)]);
  referral->birth_year = get_birth_year (self);
  referral->address = g_strstrip (g_strdup (get_text (self->address)));
  referral->guardian = g_strstrip (g_strdup (get_text (self->guardian)));
  referral->guardian_phone = g_strdup (get_text (self->guardian_phone));
  referral->grounds = g_strstrip (g_strdup (get_text (self->grounds)));
  referral->measures = g_strstrip (g_strdup (get_text (self->measures)));
  if (!anx_desk_service_refer (self->service, referral, self->booking, &error))
    {
      g_autofree char *reason = anx_desk_problem_explain (error);
      g_autofree char *message = g_strdup_printf (_ ("Not sent. What you wrote is still here. %s"), reason);
      gtk_label_set_text (self->missing, message);
      return;
    }
  gboolean online = anx_client_get_state (anx_desk_service_get_client (self->service)) == ANX_CLIENT_ONLINE;
  anx_desk_window_toast (gtk_window_get_transient_for (GTK_WINDOW (self)),
                         online ? _ ("The referral is sealed and on its way. Its status is shown with the session.")
                                : _ ("The referral is sealed and safe on this computer. It goes out when the network is back."));
  gtk_window_destroy (GTK_WINDOW (self));
}

static GtkWidget *
build_page (AnxReferDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *consent_list = build_consent (self);
  GtkWidget *form = build_form (self);

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Who receives it")));
  gtk_box_append (GTK_BOX (box), build_departments (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("How urgent")));
  gtk_box_append (GTK_BOX (box), build_urgency (self));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Reason")));
  gtk_box_append (GTK_BOX (box), anx_dialog_text_new (&self->reason, _ ("Reason"), 70));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("What goes along: only what is marked")));
  gtk_box_append (GTK_BOX (box), build_fields (self));
  gtk_box_append (GTK_BOX (box), form);
  gtk_box_append (GTK_BOX (box),
                  anx_desk_label_new (_ ("Further words for the receiver (may stay empty)"), "caption-heading"));
  gtk_box_append (GTK_BOX (box), anx_dialog_text_new (&self->words, _ ("Further words for the receiver"), 60));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Consent")));
  gtk_box_append (GTK_BOX (box), consent_list);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->reason), "changed", G_CALLBACK (withdraw_consent), self);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->words), "changed", G_CALLBACK (withdraw_consent), self);
  return anx_desk_page_new (box, 640);
}

/**
 * anx_refer_dialog_present:
 * @parent: the window it belongs to
 * @service: the service
 * @booking: the session the referral comes from
 *
 * Opens the dialog; it writes the referral itself.
 */
void
anx_refer_dialog_present (GtkWindow *parent,
                          AnxDeskService *service,
                          const char *booking)
{
  AnxReferDialog *self = g_object_new (ANX_TYPE_REFER_DIALOG, "transient-for", parent, "modal", TRUE, "default-width",
                                       680, "default-height", 760, "title", _ ("Refer onward"), NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = anx_desk_button_new (_ ("_Cancel"), NULL, "window.close", NULL);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->service = g_object_ref (service);
  self->booking = g_strdup (booking);
  self->send = anx_desk_button_new (_ ("_Send"), "suggested-action", NULL, NULL);
  self->missing = GTK_LABEL (anx_desk_label_new ("", NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->missing), TRUE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), build_page (self));
  gtk_widget_add_css_class (foot, "padded");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->missing));
  gtk_box_append (GTK_BOX (foot), self->send);
  gtk_box_append (GTK_BOX (box), foot);
  adw_window_set_content (ADW_WINDOW (self), box);
  g_signal_connect_swapped (self->send, "clicked", G_CALLBACK (on_send), self);
  g_signal_connect_object (service, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  withdraw_consent (self);
  anx_desk_guard_text (GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (self));
}
