/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "subject-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "access.h"
#include "bounds.h"
#include "break-glass.h"
#include "clock.h"
#include "crisis-records.h"
#include "erasure.h"
#include "files.h"
#include "follow-up.h"
#include "intake.h"
#include "json.h"

static const struct
{
  const char *kind;
  const char *title;
} TITLES[] = {
  { ANX_KIND_CONTACT, N_("Name and phone") },
  { ANX_KIND_SCREENING, N_("Answers to questionnaires") },
  { ANX_KIND_ALERT, N_("Call for help") },
  { ANX_KIND_ALERT_ACKNOWLEDGEMENT, N_("Somebody answered the call for help") },
  { ANX_KIND_LEVEL_CHANGE, N_("How urgent it was") },
  { ANX_KIND_NOTE, N_("Note of a session") },
  { ANX_KIND_SAFETY_PLAN, N_("Safety plan") },
  { ANX_KIND_REFERRAL, N_("Referral") },
  { ANX_KIND_MANDATORY_REPORT, N_("Report that the law requires") },
  { ANX_KIND_REFERRAL_EVENT, N_("Step of a referral") },
  { ANX_KIND_FOLLOW_UP, N_("Follow-up visit") },
  { ANX_KIND_RATING, N_("Your rating of a session") },
  { ANX_KIND_ACCESS, N_("Somebody looked at it") },
  { ANX_KIND_INTAKE, N_("Somebody asked us to look after you") },
  { ANX_KIND_ERASURE, N_("Records were erased") },
  { ANX_KIND_BREAK_GLASS, N_("A colleague opened it in an emergency") },
};

/**
 * anx_subject_kind_title:
 * @kind: a record's kind
 *
 * Returns: what the person it is about would call it; the kind itself when it is a newer one
 */
const char *
anx_subject_kind_title (const char *kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (TITLES); i++)
    if (g_str_equal (TITLES[i].kind, kind))
      return _(TITLES[i].title);
  return kind;
}

/**
 * anx_subject_name:
 * @directory: (nullable): the directory in force
 * @id: a principal
 *
 * Returns: (transfer none): its name; @id when the directory does not have it any more
 */
const char *
anx_subject_name (AnxDirectory *directory,
                  const char *id)
{
  const AnxPrincipal *principal = directory != NULL ? anx_directory_get_principal (directory, id) : NULL;
  return principal != NULL && principal->name != NULL ? principal->name : id;
}

static void
add (GString *out,
     const char *label,
     const char *text)
{
  if (text != NULL && *text != '\0')
    g_string_append_printf (out, "%s: %s\n", label, text);
}

static const char *
level_word (AnxLevel level)
{
  static const char *const words[] = { N_("Green"), N_("Yellow"), N_("Red") };
  return level <= ANX_LEVEL_RED ? _(words[level]) : "";
}

/* Of a small table: the words of a code; the code itself when there are none. */
static const char *
find_word (const char *const (*table)[2],
           gsize n,
           const char *code)
{
  for (gsize i = 0; i < n; i++)
    if (g_strcmp0 (table[i][0], code) == 0)
      return _(table[i][1]);
  return code;
}

/* States of the referral loop (src/care/referral.h). The appointment's states are BSeR business statuses of one Task.status. */
static const char *
status_word (const AnxReferralEvent *event)
{
  static const char *const statuses[][2] = {
    { "requested", N_("sent") },         { "received", N_("received") },  { "accepted", N_("accepted") },
    { "in-progress", N_("in progress") }, { "on-hold", N_("waiting") },    { "completed", N_("completed") },
    { "rejected", N_("declined") },      { "failed", N_("not possible") }, { "cancelled", N_("withdrawn") },
    { "entered-in-error", N_("Entered by mistake") },
  };
  static const char *const visits[][2] = {
    { "5.1.1", N_("Appointment made") },
    { "5.1.2", N_("The resident did not come") },
    { "5.1.3", N_("Appointment called off") },
    { "5.1.4", N_("The resident was there") },
  };
  const char *visit = find_word (visits, G_N_ELEMENTS (visits), event->business_status);
  return visit != event->business_status ? visit : find_word (statuses, G_N_ELEMENTS (statuses), event->status);
}

static char *
dup_day_time (gint64 usec)
{
  g_autoptr (GDateTime) when = anx_time_in_zone (usec, NULL);
  return g_date_time_format (when, "%Y-%m-%d %H:%M");
}

/* "phq-9" of "urn:anxin:questionnaire:phq-9|1.0.0". */
static char *
dup_questionnaire_name (const char *canonical)
{
  const char *begin = strrchr (canonical, ':');
  begin = begin != NULL ? begin + 1 : canonical;
  return g_strndup (begin, strcspn (begin, "|"));
}

/* An answer's value in whatever of its forms. */
static char *
dup_answer (JsonObject *answer)
{
  JsonObject *coding = anx_json_get_object (answer, "valueCoding");
  if (coding != NULL)
    return g_strdup (anx_json_get_string (coding, "display", anx_json_get_string (coding, "code", "")));
  GList *members = json_object_get_members (answer);
  char *text = NULL;
  for (GList *at = members; at != NULL && text == NULL; at = at->next)
    {
      JsonNode *node = json_object_get_member (answer, at->data);
      if (!g_str_has_prefix (at->data, "value") || !JSON_NODE_HOLDS_VALUE (node))
        continue;
      text = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node) : json_to_string (node, FALSE);
    }
  g_list_free (members);
  return text;
}

/* Readers bound the depth of what they accept; so this ends. */
static void
add_items (GString *out,
           JsonObject *parent)
{
  JsonArray *items = anx_json_get_array (parent, "item");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);
      JsonArray *answers = anx_json_get_array (item, "answer");
      g_autoptr (GString) said = g_string_new (NULL);
      for (guint k = 0; answers != NULL && k < json_array_get_length (answers); k++)
        {
          g_autofree char *one = dup_answer (json_array_get_object_element (answers, k));
          if (one != NULL)
            g_string_append_printf (said, "%s%s", said->len > 0 ? ", " : "", one);
        }
      if (answers != NULL)
        add (out, anx_json_get_string (item, "text", anx_json_get_string (item, "linkId", "")), said->str);
      add_items (out, item);
    }
}

/* As gettext chooses; the names in records are Chinese and English. */
static gboolean
is_chinese (void)
{
  return g_str_has_prefix (g_get_language_names ()[0], "zh");
}

static gboolean
add_screening (GString *out,
               JsonObject *fhir)
{
  AnxLevel level;
  g_autoptr (GPtrArray) parts = anx_screening_read (fhir, &level, NULL);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const AnxScreeningPart *part = parts->pdata[i];
      g_autofree char *questionnaire = dup_questionnaire_name (part->canonical);
      add (out, _("Questionnaire"), questionnaire);
      add_items (out, part->response);
      for (guint k = 0; k < part->scores->len; k++)
        {
          const AnxScore *score = part->scores->pdata[k];
          g_autofree char *value = g_strdup_printf ("%g", score->value);
          const char *name = is_chinese () ? score->name_zh : score->name_en;
          if (score->present)
            add (out, name != NULL ? name : _("Result"), value);
        }
    }
  return parts != NULL;
}

static gboolean
add_contact (GString *out,
             JsonObject *fhir)
{
  g_autofree char *name = NULL;
  g_autofree char *phone = NULL;
  gboolean alias;
  if (!anx_contact_read (fhir, &name, &alias, &phone, NULL))
    return FALSE;
  add (out, alias ? _("Chosen name") : _("Name"), name);
  add (out, _("Phone"), phone);
  return TRUE;
}

static gboolean
add_alert (GString *out,
           JsonObject *fhir)
{
  AnxLevel level;
  g_autofree char *reason = NULL;
  if (!anx_alert_read (fhir, &level, &reason, NULL))
    return FALSE;
  add (out, _("Level"), level_word (level));
  /* Else a safety rule of a questionnaire, by its code. */
  static const char *const reasons[][2] = {
    { "help-button", N_("the button for help") },
    { "call-dropped", N_("The video line broke while there was worry about you") },
  };
  add (out, _("Reason"), find_word (reasons, G_N_ELEMENTS (reasons), reason));
  return TRUE;
}

static gboolean
add_acknowledgement (GString *out,
                     JsonObject *fhir,
                     AnxDirectory *directory)
{
  g_autofree char *alert = NULL;
  g_autofree char *by = NULL;
  gint64 sent_usec;
  if (!anx_acknowledgement_read (fhir, &alert, &by, &sent_usec, NULL))
    return FALSE;
  add (out, _("Who"), anx_subject_name (directory, by));
  return TRUE;
}

static gboolean
add_level_change (GString *out,
                  JsonObject *fhir)
{
  AnxLevel level;
  g_autofree char *alert = NULL;
  g_autofree char *reason = NULL;
  if (!anx_level_change_read (fhir, &alert, &level, &reason, NULL))
    return FALSE;
  add (out, _("Level"), level_word (level));
  add (out, _("Reason"), reason);
  return TRUE;
}

static gboolean
add_note (GString *out,
          JsonObject *fhir)
{
  g_autofree char *text = NULL;
  gint64 written_usec;
  if (!anx_note_read (fhir, &text, &written_usec, NULL))
    return FALSE;
  g_string_append_printf (out, "%s\n", text);
  return TRUE;
}

static gboolean
add_safety_plan (GString *out,
                 JsonObject *fhir)
{
  g_auto (GStrv) steps = NULL;
  gint64 written_usec;
  if (!anx_safety_plan_read (fhir, &steps, &written_usec, NULL))
    return FALSE;
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    if (*steps[i] != '\0')
      g_string_append_printf (out, "%u. %s\n", i + 1, steps[i]);
  return TRUE;
}

static gboolean
add_follow_up (GString *out,
               JsonObject *fhir)
{
  static const char *const steps[ANX_FOLLOW_UP_N_STEPS] = {
    [ANX_FOLLOW_UP_PLANNED] = N_("planned"),
    [ANX_FOLLOW_UP_REACHED] = N_("the visit took place"),
    [ANX_FOLLOW_UP_NOT_REACHED] = N_("nobody was reached"),
    [ANX_FOLLOW_UP_ENDED] = N_("ended"),
  };
  g_autoptr (AnxFollowUp) follow_up = anx_follow_up_read (fhir, NULL);
  if (follow_up == NULL)
    return FALSE;
  g_autofree char *due = follow_up->due_usec > 0 ? dup_day_time (follow_up->due_usec) : NULL;
  add (out, _("Reason"), follow_up->reason);
  add (out, _("Status"), _(steps[follow_up->step]));
  add (out, _("What was said"), follow_up->words);
  add (out, _("Next visit"), due);
  return TRUE;
}

/* A word that a district may have in its own form of data/care/referral.json; the code when it is not in the installed one. */
static char *
dup_data_word (const char *list,
               const char *code,
               const char *member)
{
  const char *folder = g_getenv ("ANX_DATA_DIR");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : ANX_DATA_DIR, "care", "referral.json", NULL);
  g_autoptr (GBytes) bytes = code != NULL && *code != '\0' ? anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL) : NULL;
  g_autoptr (JsonObject) data = bytes != NULL ? anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                                                       ANX_BOUND_QUESTIONNAIRE_BYTES, NULL)
                                              : NULL;
  JsonArray *entries = data != NULL ? anx_json_get_array (data, list) : NULL;
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = anx_json_array_need_object (entries, i, NULL);
      JsonObject *words = entry != NULL && g_str_equal (anx_json_get_string (entry, "code", ""), code) ? anx_json_get_object (entry, member) : NULL;
      if (words != NULL)
        return g_strdup (anx_json_get_string (words, is_chinese () ? "zh" : "en", code));
    }
  return g_strdup (code);
}

static gboolean
add_referral (GString *out,
              JsonObject *fhir,
              AnxDirectory *directory)
{
  g_autoptr (AnxReferral) referral = anx_referral_read (fhir, NULL);
  if (referral == NULL)
    return FALSE;
  static const char *const genders[][2] = { { "female", N_("female") }, { "male", N_("male") }, { "other", N_("other") } };
  static const char *const urgencies[] = {
    [ANX_URGENCY_ROUTINE] = N_("Routine"), [ANX_URGENCY_URGENT] = N_("Urgent"), [ANX_URGENCY_IMMEDIATE] = N_("At once")
  };
  g_autofree char *need = dup_data_word ("needs", referral->need, "name");
  g_autofree char *law = dup_data_word ("legalBases", referral->legal_basis, "law");
  g_autofree char *year = referral->birth_year > 0 ? g_strdup_printf ("%d", referral->birth_year) : NULL;
  add (out, _("To"), anx_subject_name (directory, referral->to));
  add (out, _("Name"), referral->name);
  add (out, _("Phone"), referral->phone);
  add (out, _("Gender"), find_word (genders, G_N_ELEMENTS (genders), referral->gender));
  add (out, _("Year of birth"), year);
  add (out, _("Address"), referral->address);
  add (out, _("Guardian"), referral->guardian);
  add (out, _("Guardian's phone"), referral->guardian_phone);
  add (out, _("Need"), need);
  add (out, _("How urgent it was"), _(urgencies[referral->urgency]));
  add (out, _("Reason"), referral->reason);
  if (referral->level != NULL && *referral->level != '\0')
    add (out, _("Risk as the counsellor sees it"), level_word (anx_level_from_string (referral->level)));
  add (out, _("What this rests on"), referral->grounds);
  add (out, _("What was done already"), referral->measures);
  add (out, _("Summary"), referral->summary);
  add (out, _("You agreed"), referral->consented ? _("yes") : _("no, the law allows it"));
  add (out, _("Without consent, by law"), law);
  return TRUE;
}

static gboolean
add_event (GString *out,
           JsonObject *fhir,
           AnxDirectory *directory)
{
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (fhir, NULL);
  if (event == NULL)
    return FALSE;
  g_autofree char *visit = event->visit_usec > 0 ? dup_day_time (event->visit_usec) : NULL;
  add (out, _("Status"), status_word (event));
  add (out, _("Appointment"), visit);
  add (out, _("What was said"), event->text);
  if (event->forward_to != NULL)
    add (out, _("To"), anx_subject_name (directory, event->forward_to));
  return TRUE;
}

static gboolean
add_rating (GString *out,
            JsonObject *fhir)
{
  int stars;
  if (!anx_rating_read (fhir, &stars, NULL))
    return FALSE;
  g_string_append_printf (out, "%d / 5\n", stars);
  return TRUE;
}

static gboolean
add_access (GString *out,
            JsonObject *fhir,
            AnxDirectory *directory)
{
  static const char *const reasons[ANX_ACCESS_N_REASONS] = {
    [ANX_ACCESS_SESSION] = N_("for the session"),
    [ANX_ACCESS_ALERT] = N_("because of the call for help"),
    [ANX_ACCESS_EXPORT] = N_("to give the referral on as a file"),
    [ANX_ACCESS_SEALED] = N_("although it was put away by its age"),
  };
  g_autofree char *reader = NULL;
  g_autofree char *story = NULL;
  AnxAccessReason reason;
  gint64 read_usec;
  if (!anx_access_read (fhir, &reader, &story, &reason, &read_usec, NULL))
    return FALSE;
  add (out, _("Who"), anx_subject_name (directory, reader));
  add (out, _("Reason"), _(reasons[reason]));
  g_autofree char *words = anx_access_dup_words (fhir);
  add (out, _("In their words"), words);
  return TRUE;
}

/* Without who reported it: that person was not asked, and may have reason to be afraid. */
static gboolean
add_intake (GString *out,
            JsonObject *fhir)
{
  g_autoptr (AnxIntake) intake = anx_intake_read (fhir, NULL);
  if (intake == NULL)
    return FALSE;
  add (out, _("Name"), intake->name);
  add (out, _("Phone"), intake->phone);
  add (out, _("Address"), intake->address);
  add (out, _("What was said or seen"), intake->reported);
  return TRUE;
}

static gboolean
add_break_glass (GString *out,
                 JsonObject *fhir,
                 AnxDirectory *directory)
{
  g_autoptr (AnxBreakGlass) opened = anx_break_glass_read (fhir, NULL);
  if (opened == NULL)
    return FALSE;
  add (out, _("Who"), anx_subject_name (directory, opened->reader));
  add (out, _("In their words"), opened->words);
  return TRUE;
}

static gboolean
add_erasure (GString *out,
             JsonObject *fhir,
             AnxDirectory *directory)
{
  g_autofree char *who = NULL;
  g_autofree char *law = NULL;
  guint count;
  if (!anx_erasure_read (fhir, &who, &law, &count, NULL))
    return FALSE;
  g_autofree char *number = g_strdup_printf ("%u", count);
  add (out, _("Who"), anx_subject_name (directory, who));
  add (out, _("How many"), number);
  add (out, _("By which law"), law);
  return TRUE;
}

static gboolean
add_words (GString *out,
           const char *kind,
           JsonObject *fhir,
           AnxDirectory *directory)
{
  if (g_str_equal (kind, ANX_KIND_CONTACT))
    return add_contact (out, fhir);
  if (g_str_equal (kind, ANX_KIND_SCREENING))
    return add_screening (out, fhir);
  if (g_str_equal (kind, ANX_KIND_ALERT))
    return add_alert (out, fhir);
  if (g_str_equal (kind, ANX_KIND_ALERT_ACKNOWLEDGEMENT))
    return add_acknowledgement (out, fhir, directory);
  if (g_str_equal (kind, ANX_KIND_LEVEL_CHANGE))
    return add_level_change (out, fhir);
  if (g_str_equal (kind, ANX_KIND_NOTE))
    return add_note (out, fhir);
  if (g_str_equal (kind, ANX_KIND_SAFETY_PLAN))
    return add_safety_plan (out, fhir);
  if (g_str_equal (kind, ANX_KIND_REFERRAL) || g_str_equal (kind, ANX_KIND_MANDATORY_REPORT))
    return add_referral (out, fhir, directory);
  if (g_str_equal (kind, ANX_KIND_REFERRAL_EVENT))
    return add_event (out, fhir, directory);
  if (g_str_equal (kind, ANX_KIND_FOLLOW_UP))
    return add_follow_up (out, fhir);
  if (g_str_equal (kind, ANX_KIND_INTAKE))
    return add_intake (out, fhir);
  if (g_str_equal (kind, ANX_KIND_ACCESS))
    return add_access (out, fhir, directory);
  if (g_str_equal (kind, ANX_KIND_ERASURE))
    return add_erasure (out, fhir, directory);
  if (g_str_equal (kind, ANX_KIND_BREAK_GLASS))
    return add_break_glass (out, fhir, directory);
  return g_str_equal (kind, ANX_KIND_RATING) && add_rating (out, fhir);
}

/**
 * anx_subject_words:
 * @kind: a record's kind
 * @fhir: its resource
 * @directory: (nullable): for names
 *
 * Returns: (transfer full): a line for each thing it says; when its form is not known, a line that says where to find it
 */
char *
anx_subject_words (const char *kind,
                   JsonObject *fhir,
                   AnxDirectory *directory)
{
  g_autoptr (GString) out = g_string_new (NULL);
  if (!add_words (out, kind, fhir, directory))
    g_string_assign (out, _("This part is only in the file records.json."));
  return g_strstrip (g_string_free (g_steal_pointer (&out), FALSE));
}
