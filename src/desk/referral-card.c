/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral-card.h"

#include <glib/gi18n.h>

#include "desk-widgets.h"
#include "json.h"
#include "ui-text.h"
#include "wrap-line.h"

/**
 * anx_referral_card_state_text:
 * @status: FHIR R4 Task.status
 * @business_status: (nullable): BSeR business status
 *
 * Returns: the state in words; that of the status alone when the two together are unknown
 */
const char *
anx_referral_card_state_text (const char *status,
                              const char *business_status)
{
  static const struct
  {
    const char *status;
    const char *business;
    const char *text;
  } words[] = {
    { "requested", NULL, N_ ("Sent, no answer yet") },
    { "received", NULL, N_ ("Received") },
    { "accepted", NULL, N_ ("Accepted") },
    { "rejected", NULL, N_ ("Declined") },
    { "in-progress", "5.1.1", N_ ("Appointment made") },
    { "in-progress", "5.1.2", N_ ("The resident did not come") },
    { "in-progress", "5.1.3", N_ ("Appointment called off") },
    { "in-progress", "5.1.4", N_ ("The resident was there") },
    { "in-progress", NULL, N_ ("In progress") },
    { "on-hold", NULL, N_ ("The department asks back") },
    { "completed", NULL, N_ ("Completed") },
    { "cancelled", NULL, N_ ("Withdrawn") },
    { "failed", NULL, N_ ("Could not be done") },
    { "entered-in-error", NULL, N_ ("Entered by mistake") },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (words[i].status, status) == 0
        && (words[i].business == NULL || g_strcmp0 (words[i].business, business_status) == 0))
      return _ (words[i].text);
  return status;
}

/**
 * anx_referral_card_find_word:
 * @service: the service
 * @list: needs or legalBases
 * @code: (nullable): the code of an entry
 * @member: name, law or when
 *
 * Returns: (nullable): its words in the language of the screen; @code when they are not there
 */
const char *
anx_referral_card_find_word (AnxDeskService *service,
                             const char *list,
                             const char *code,
                             const char *member)
{
  JsonObject *data = anx_desk_service_get_referral_data (service);
  JsonArray *entries = data != NULL ? anx_json_get_array (data, list) : NULL;
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = anx_json_array_need_object (entries, i, NULL);
      if (entry != NULL && g_strcmp0 (anx_json_get_string (entry, "code", NULL), code) == 0)
        return anx_json_get_string (anx_json_get_object (entry, member), anx_ui_get_language (), code);
    }
  return code;
}

static void
append_label (GtkWidget *box,
              const char *text,
              const char *css_class)
{
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, css_class));
}

static void
append_field (GtkWidget *box,
              const char *title,
              const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  append_label (box, title, "caption-heading");
  GtkWidget *label = anx_desk_label_new (text, NULL);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (box), label);
}

/* What an event says besides its status: words, an appointment, another department. */
static char *
describe_event (AnxDeskService *service,
                const AnxDeskEvent *event)
{
  const char *zone = anx_desk_service_get_zone (service);
  g_autofree char *when = anx_ui_format_day_time (event->record->created_usec, zone);
  GString *text = g_string_new (NULL);
  const char *state = anx_referral_card_state_text (event->status, event->business_status);

  if (g_strcmp0 (event->action, "forward") == 0)
    state = _ ("Belongs elsewhere");
  else if (g_strcmp0 (event->action, "reply") == 0)
    state = _ ("Answer to the question");
  g_string_append_printf (text, "%s · %s · %s", when, anx_desk_service_name_principal (service, event->record->author),
                          state);
  if (event->told_by != NULL)
    g_string_append_printf (text, _ (" (from a file; said by %s)"), anx_desk_service_name_principal (service, event->told_by));
  if (event->visit_usec > 0)
    {
      g_autofree char *visit = anx_ui_format_day_time (event->visit_usec, zone);
      g_string_append_printf (text, ": %s", visit);
    }
  if (event->forward_to != NULL)
    g_string_append_printf (text, " → %s", anx_desk_service_name_principal (service, event->forward_to));
  if (event->text != NULL && *event->text != '\0')
    g_string_append_printf (text, "\n%s", event->text);
  return g_string_free (text, FALSE);
}

static GtkWidget *
build_event_line (AnxDeskService *service,
                  const AnxDeskEvent *event,
                  gboolean conflict)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *text = describe_event (service, event);
  GtkWidget *label = anx_desk_label_new (text, NULL);

  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), label);
  if (conflict)
    gtk_box_append (GTK_BOX (line),
                    anx_desk_button_new (_ ("This one holds"), NULL, "win.choose", event->record->id));
  return line;
}

static void
append_history (GtkWidget *box,
                AnxDeskService *service,
                const AnxDeskReferral *referral,
                gboolean may_choose)
{
  for (guint i = 0; i < referral->events->len; i++)
    gtk_box_append (GTK_BOX (box), build_event_line (service, g_ptr_array_index (referral->events, i), FALSE));
  if (referral->conflict == NULL)
    return;
  gtk_box_append (
      GTK_BOX (box),
      anx_desk_chip_new (
          "dialog-warning-symbolic",
          _ ("Two answers contradict one another. Please say which one holds; the other stays in the history."),
          "bad"));
  for (guint i = 0; i < referral->conflict->len; i++)
    gtk_box_append (GTK_BOX (box), build_event_line (service, g_ptr_array_index (referral->conflict, i), may_choose));
}

/* Buttons for every step this side may take now, the usual one first. */
static void
append_steps (GtkWidget *box,
              const AnxDeskReferral *referral,
              AnxReferralSide side)
{
  static const struct
  {
    AnxReferralAction action;
    const char *label;
    const char *css_class;
  } table[] = {
    { ANX_REFERRAL_ACCEPT, N_ ("_Accept"), "suggested-action" },
    { ANX_REFERRAL_RECEIVE, N_ ("_Read, answer later"), NULL },
    { ANX_REFERRAL_DECLINE, N_ ("_Decline…"), NULL },
    { ANX_REFERRAL_SCHEDULE, N_ ("_Appointment…"), NULL },
    { ANX_REFERRAL_START, N_ ("_Begin"), "suggested-action" },
    { ANX_REFERRAL_ATTENDED, N_ ("The resident _was there"), "suggested-action" },
    { ANX_REFERRAL_UNATTENDED, N_ ("Did _not come"), NULL },
    { ANX_REFERRAL_CALL_OFF, N_ ("Call _off"), NULL },
    { ANX_REFERRAL_COMPLETE, N_ ("_Complete with feedback…"), NULL },
    { ANX_REFERRAL_ASK, N_ ("As_k back…"), NULL },
    { ANX_REFERRAL_FORWARD, N_ ("Belongs _elsewhere…"), NULL },
    { ANX_REFERRAL_FAIL, N_ ("Could not be _done…"), NULL },
    { ANX_REFERRAL_REPLY, N_ ("_Answer the question…"), "suggested-action" },
    { ANX_REFERRAL_CANCEL, N_ ("_Withdraw…"), NULL },
    { ANX_REFERRAL_RETRACT, N_ ("Written by _mistake…"), NULL },
  };
  GtkWidget *line = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (line), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (line), 6);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const AnxReferralRule *rule = anx_referral_get_rule (table[i].action);
      if (rule->side != side || !anx_desk_referral_allows (referral, table[i].action))
        continue;
      g_autofree char *target = g_strdup_printf ("%s %s", referral->task, rule->code);
      GtkWidget *button = anx_desk_button_new (_ (table[i].label), table[i].css_class, "win.referral-step", target);
      gtk_flow_box_append (GTK_FLOW_BOX (line), button);
      gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
    }
  /* What it says can be given on, also when all is over. */
  if (referral->content != NULL)
    {
      GtkWidget *file = anx_desk_button_new (_ ("As a _file…"), NULL, "win.referral-export", referral->task);
      gtk_flow_box_append (GTK_FLOW_BOX (line), file);
      gtk_widget_set_focusable (gtk_widget_get_parent (file), FALSE);
    }
  /* The letter is the author's. */
  if (side == ANX_REFERRAL_BY_AUTHOR && referral->content != NULL)
    {
      GtkWidget *letter = anx_desk_button_new (_ ("_Letter…"), NULL, "win.referral-letter", referral->task);
      gtk_flow_box_append (GTK_FLOW_BOX (line), letter);
      gtk_widget_set_focusable (gtk_widget_get_parent (letter), FALSE);
    }
  if (gtk_widget_get_first_child (line) == NULL)
    {
      g_object_unref (g_object_ref_sink (line));
      return;
    }
  gtk_widget_set_margin_top (line, 6);
  gtk_box_append (GTK_BOX (box), line);
}

/**
 * anx_referral_card_describe_person:
 * @content: a referral
 *
 * Returns: (transfer full): phone, gender and year of birth, as far as they go along; may be empty
 */
char *
anx_referral_card_describe_person (const AnxReferral *content)
{
  static const char *const genders[][2]
      = { { "female", N_ ("female") }, { "male", N_ ("male") }, { "other", N_ ("other") } };
  GString *person = g_string_new (content->phone);

  for (gsize i = 0; i < G_N_ELEMENTS (genders); i++)
    if (g_strcmp0 (content->gender, genders[i][0]) == 0)
      g_string_append_printf (person, "%s%s", person->len > 0 ? " · " : "", _ (genders[i][1]));
  if (content->birth_year != 0)
    {
      g_string_append (person, person->len > 0 ? " · " : "");
      g_string_append_printf (person, _ ("born %d"), content->birth_year);
    }
  return g_string_free (person, FALSE);
}

/**
 * anx_referral_card_append_content:
 * @card: a box
 * @service: the service
 * @content: a referral
 *
 * Appends what stands in it, but for the name.
 */
void
anx_referral_card_append_content (GtkWidget *card,
                                  AnxDeskService *service,
                                  const AnxReferral *content)
{
  g_autofree char *person = anx_referral_card_describe_person (content);

  append_field (card, _ ("Phone and person"), person);
  append_field (card, _ ("Address"), content->address);
  if (content->guardian != NULL && *content->guardian != '\0')
    {
      g_autofree char *guardian = g_strdup_printf ("%s %s", content->guardian, content->guardian_phone);
      append_field (card, _ ("Guardian or contact"), guardian);
    }
  append_field (card, _ ("Need"), anx_referral_card_find_word (service, "needs", content->need, "name"));
  append_field (card, _ ("Reason"), content->reason);
  if (content->level != NULL && *content->level != '\0')
    append_field (card, _ ("Risk as the counsellor sees it"), anx_desk_level_text (anx_level_from_string (content->level)));
  append_field (card, _ ("What this rests on"), content->grounds);
  append_field (card, _ ("Done so far"), content->measures);
  append_field (card, _ ("Summary chosen by the counsellor"), content->summary);
  if (!content->consented)
    append_field (card, _ ("Without consent, by law"),
                  anx_referral_card_find_word (service, "legalBases", content->legal_basis, "law"));
}

/**
 * anx_referral_card_new:
 * @service: the service
 * @referral: a referral
 * @answers: whether this person answers for the addressee
 *
 * Returns: (transfer floating): state, light, content where we may read it, history, and what may be done now
 */
GtkWidget *
anx_referral_card_new (AnxDeskService *service,
                       const AnxDeskReferral *referral,
                       gboolean answers)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  gint64 now = anx_desk_model_now_usec (model);
  const char *zone = anx_desk_service_get_zone (service);
  gboolean own = g_strcmp0 (referral->from, anx_desk_model_get_principal (model)) == 0;
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = anx_wrap_line_new (12);
  AnxClient *client = anx_desk_service_get_client (service);
  gboolean queued = referral->tip != NULL && anx_client_is_queued (client, referral->tip);
  g_autofree char *refused = referral->tip != NULL ? anx_client_dup_record_problem (client, referral->tip) : NULL;
  g_autofree char *when = anx_ui_format_day_time (referral->requested_usec, zone);
  g_autofree char *way = g_strdup_printf ("%s → %s · %s", anx_desk_service_name_principal (service, referral->from),
                                          anx_desk_service_name_principal (service, referral->to), when);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  GtkWidget *title
      = anx_desk_label_new (referral->content != NULL ? referral->content->name : _ ("Referral"), "title-4");
  gtk_widget_set_hexpand (title, TRUE);
  anx_wrap_line_append (ANX_WRAP_LINE (head), title);
  anx_wrap_line_append (ANX_WRAP_LINE (head), anx_desk_chip_new (referral->urgency == ANX_URGENCY_ROUTINE ? "mail-send-symbolic"
                                                                                                                : "starred-symbolic",
                                                                       anx_desk_urgency_text (referral->urgency),
                                                                       referral->urgency == ANX_URGENCY_ROUTINE ? "quiet" : "warn"));
  anx_wrap_line_append (ANX_WRAP_LINE (head), anx_desk_light_new (referral->light, referral->due_usec, now, zone));
  gtk_box_append (GTK_BOX (card), head);
  append_label (card, way, "dim-label");
  g_autofree char *status
      = g_strdup_printf (_ ("Status: %s"), (queued || refused != NULL) && g_strcmp0 (referral->status, "requested") == 0
                                               ? _ ("Not sent yet")
                                               : anx_referral_card_state_text (referral->status, referral->business_status));
  append_label (card, status, "heading");
  if (queued && anx_client_get_state (client) != ANX_CLIENT_ONLINE)
    gtk_box_append (GTK_BOX (card), anx_desk_chip_new ("network-offline-symbolic", _ ("Not sent yet: it goes out when the network is back."), "warn"));
  else if (refused != NULL)
    gtk_box_append (GTK_BOX (card), anx_desk_chip_new ("dialog-error-symbolic", _ ("The last step did not go out: the hub refused it. Please tell the administrator."), "bad"));
  if (referral->content != NULL)
    anx_referral_card_append_content (card, service, referral->content);
  append_history (card, service, referral, answers || own);
  if (own && referral->forward_to != NULL && anx_referral_is_final (referral->status))
    {
      g_autofree char *hint = g_strdup_printf (_ ("%s could take it. Ask the resident again, then refer anew."),
                                               anx_desk_service_name_principal (service, referral->forward_to));
      gtk_box_append (GTK_BOX (card), anx_desk_chip_new ("dialog-information-symbolic", hint, "warn"));
    }
  if (answers)
    append_steps (card, referral, ANX_REFERRAL_BY_DEPARTMENT);
  if (own)
    append_steps (card, referral, ANX_REFERRAL_BY_AUTHOR);
  return card;
}
