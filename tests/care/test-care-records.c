/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "care-records.h"
#include "care-testing.h"
#include "consent.h"
#include "id.h"
#include "json.h"

#define NOW 1795400000123456
#define TASK "019aa000-0000-7000-8000-000000000001"

/* Through text and back, as a record travels. */
static JsonObject *
travel (JsonObject *object)
{
  g_assert_nonnull (object);
  JsonObject *arrived = testing_copy (object);
  json_object_unref (object);
  g_assert_nonnull (arrived);
  return arrived;
}

static void
test_kinds (void)
{
  static const char *const kinds[]
      = { "contact", "screening", "alert", "alert-acknowledgement", "note", "referral", "referral-event", "rating" };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_true (anx_record_kind_is_valid (kinds[i]));
  g_assert_false (anx_record_kind_is_valid ("Note"));
  g_assert_false (anx_record_kind_is_valid (""));
  g_assert_false (anx_record_kind_is_valid (NULL));
}

static void
test_names (void)
{
  g_autofree char *forty = g_strnfill (40, 'x');
  g_autofree char *forty_one = g_strnfill (41, 'x');
  g_autoptr (GString) forty_zh = g_string_new (NULL);
  for (int i = 0; i < 40; i++)
    g_string_append (forty_zh, "安");
  const struct
  {
    const char *name;
    int code; /* -1: good */
  } cases[] = {
    { "王芳", -1 },           { "小雨", -1 },          { "Ana María", -1 },
    { forty, -1 },            { forty_zh->str, -1 },   { "a\u200db", -1 },
    { "", ANX_CARE_ERROR_INVALID },      { "   ", ANX_CARE_ERROR_INVALID }, { "a\nb", ANX_CARE_ERROR_INVALID },
    { "a\x7f", ANX_CARE_ERROR_INVALID }, { "\u2028a", ANX_CARE_ERROR_INVALID }, { "a\u202e", ANX_CARE_ERROR_INVALID },
    { "\xff", ANX_CARE_ERROR_INVALID },  { NULL, ANX_CARE_ERROR_INVALID },  { forty_one, ANX_CARE_ERROR_TOO_LARGE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      g_autoptr (GError) error = NULL;
      g_assert_true (anx_name_check (cases[i].name, &error) == (cases[i].code < 0));
      if (cases[i].code >= 0)
        g_assert_error (error, ANX_CARE_ERROR, cases[i].code);
    }
}

static void
test_phones (void)
{
  static const char *const good[]
      = { "", NULL, "110", "12356", "13800138000", "+8613800138000", "12345678901234567890" };
  static const char *const bad[]
      = { "12", "+", "+12", "123456789012345678901", "138-0013", "138 0013", "１２３", "abc", "12345+", "++123" };
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (anx_phone_check (good[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_phone_check (bad[i], &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
      g_assert_null (strstr (error->message, bad[i]));
    }
}

static void
test_texts (void)
{
  g_autofree char *most = g_strnfill (ANX_BOUND_NOTE_CHARS, 'x');
  g_autofree char *too_much = g_strnfill (ANX_BOUND_NOTE_CHARS + 1, 'x');
  g_assert_true (anx_note_check ("第一行\n\t第二行\r\n", NULL));
  g_assert_true (anx_note_check (most, NULL));
  g_autoptr (GError) error = NULL;
  g_assert_false (anx_note_check (too_much, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
  static const char *const bad[] = { "", NULL, "a\x1b[0m", "\xc3" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) inner = NULL;
      g_assert_false (anx_note_check (bad[i], &inner));
      g_assert_error (inner, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_contact (void)
{
  static const struct
  {
    const char *name;
    gboolean alias;
    const char *phone;
    const char *booking;
  } cases[] = { { "王芳", FALSE, "13800138000", "b-1" }, { "小雨", TRUE, "", NULL }, { "小雨", TRUE, NULL, "b-2" } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) json
          = travel (anx_contact_build (cases[i].name, cases[i].alias, cases[i].phone, cases[i].booking));
      g_autofree char *name = NULL, *phone = NULL;
      gboolean alias;
      g_autoptr (GError) error = NULL;
      g_assert_true (anx_contact_read (json, &name, &alias, &phone, &error));
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (alias == cases[i].alias);
      g_assert_cmpstr (phone, ==, cases[i].phone != NULL ? cases[i].phone : "");
    }
}

static GPtrArray *
fill_both (const char *phq,
           const char *gad)
{
  GPtrArray *answers = g_ptr_array_new_with_free_func (g_object_unref);
  const char *const digits[] = { phq, gad };
  static const char *const paths[] = { "data/questionnaires/phq-9.json", "data/questionnaires/gad-7.json" };
  for (int i = 0; i < 2; i++)
    {
      if (digits[i] == NULL)
        continue;
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (paths[i]);
      AnxAnswers *filled = anx_answers_new (questionnaire);
      for (guint k = 0; digits[i][k] != '\0'; k++)
        anx_answers_set (filled, k,
                         digits[i][k] == 'x'   ? ANX_ANSWER_DECLINED
                         : digits[i][k] == '-' ? ANX_ANSWER_NONE
                                               : digits[i][k] - '0');
      g_ptr_array_add (answers, filled);
    }
  return answers;
}

static void
test_screening (void)
{
  static const struct
  {
    const char *phq;
    const char *gad;
    AnxLevel level;
    const char *status;
    gboolean risk;
  } cases[] = {
    { "000000000", "0000000", ANX_LEVEL_GREEN, "completed", FALSE },
    { "000000001", "0000000", ANX_LEVEL_YELLOW, "completed", TRUE },
    { "00000000x", NULL, ANX_LEVEL_YELLOW, "completed", TRUE },
    { NULL, "3333330", ANX_LEVEL_YELLOW, "completed", TRUE },
    { NULL, "33-----", ANX_LEVEL_GREEN, "stopped", FALSE },
    { "333333330", "0000000", ANX_LEVEL_YELLOW, "completed", TRUE },
    { "xxxxxxxx0", NULL, ANX_LEVEL_GREEN, "completed", FALSE },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].phq, cases[i].gad);
      g_autoptr (GPtrArray) answers = fill_both (cases[i].phq, cases[i].gad);
      g_autoptr (JsonObject) json = travel (anx_screening_build (answers, i % 2 == 0 ? "b-1" : NULL, i % 2 == 0, NOW));
      g_autofree char *text = anx_json_object_to_text (json);
      g_assert_true ((strstr (text, "RiskAssessment") != NULL) == cases[i].risk);
      g_assert_cmpuint (strlen (text), <, ANX_BOUND_ENVELOPE_BYTES / 2);
      AnxLevel level = ANX_LEVEL_RED;
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) parts = anx_screening_read (json, &level, &error);
      g_assert_no_error (error);
      g_assert_cmpint (level, ==, cases[i].level);
      g_assert_cmpuint (parts->len, ==, answers->len);
      for (guint p = 0; p < parts->len; p++)
        {
          AnxScreeningPart *part = parts->pdata[p];
          AnxAnswers *filled = answers->pdata[p];
          AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (filled);
          g_assert_cmpstr (part->canonical, ==, anx_questionnaire_get_canonical (questionnaire));
          g_assert_cmpstr (json_object_get_string_member (part->response, "status"), ==, cases[i].status);
          g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, part->response, &error);
          g_assert_no_error (error);
          g_autoptr (GPtrArray) scores = anx_answers_compute_scores (filled);
          g_assert_cmpuint (part->scores->len, ==, scores->len);
          /* Which version, whose wording, which rules: in the record itself. */
          const char *rules = anx_json_get_string (testing_extension (part->response, "urn:anxin:fhir:rule-set"), "valueString", NULL);
          g_assert_cmpstr (rules, ==, anx_questionnaire_get_rule_set (questionnaire));
          for (guint k = 0; k < scores->len; k++)
            {
              const AnxScore *told = part->scores->pdata[k], *computed = scores->pdata[k];
              g_assert_cmpstr (told->citation, ==, computed->citation);
              g_assert_cmpstr (told->cut_off_reason, ==, computed->cut_off_reason);
            }
          AnxScore *want = scores->pdata[0], *got = part->scores->pdata[0];
          g_assert_cmpstr (got->code, ==, want->code);
          g_assert_true (got->present == want->present && got->prorated == want->prorated);
          g_assert_cmpfloat_with_epsilon (got->value, want->value, 1e-9);
          g_assert_cmpstr (got->band, ==, want->band);
          g_assert_cmpstr (got->name_zh, ==, want->name_zh);
          g_assert_cmpstr (got->name_en, ==, want->name_en);
          g_assert_cmpstr (got->band_name_zh, ==, want->band_name_zh);
          g_assert_cmpstr (got->band_name_en, ==, want->band_name_en);
          g_assert_cmpint (got->level, ==, want->level);
        }
    }
}

/* A level nobody knows is read as red, and a level can only be raised by what is added. */
static void
test_screening_levels (void)
{
  g_autoptr (GPtrArray) answers = fill_both ("000000001", NULL);
  g_autoptr (JsonObject) json = anx_screening_build (answers, NULL, TRUE, NOW);
  g_autofree char *text = anx_json_object_to_text (json);
  g_auto (GStrv) around = g_strsplit (text, "\"code\":\"yellow\"", -1);
  g_autofree char *odd = g_strjoinv ("\"code\":\"purple\"", around);
  g_autoptr (JsonObject) changed = anx_json_parse_object (odd, -1, 1 << 20, NULL);
  AnxLevel level = ANX_LEVEL_GREEN;
  g_autoptr (GPtrArray) parts = anx_screening_read (changed, &level, NULL);
  g_assert_nonnull (parts);
  g_assert_cmpint (level, ==, ANX_LEVEL_RED);
}

static void
test_alert (void)
{
  static const AnxLevel levels[] = { ANX_LEVEL_YELLOW, ANX_LEVEL_RED };
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_autoptr (JsonObject) json = travel (anx_alert_build (levels[i], "help-button", "room-2", NOW));
      AnxLevel level;
      g_autofree char *reason = NULL;
      g_autoptr (GError) error = NULL;
      g_assert_true (anx_alert_read (json, &level, &reason, &error));
      g_assert_cmpint (level, ==, levels[i]);
      g_assert_cmpstr (reason, ==, "help-button");
    }
  g_autoptr (JsonObject) odd = travel (anx_alert_build (ANX_LEVEL_YELLOW, "help-button", "room-2", NOW));
  json_object_remove_member (odd, "extension");
  AnxLevel level;
  g_autofree char *reason = NULL;
  g_assert_true (anx_alert_read (odd, &level, &reason, NULL));
  g_assert_cmpint (level, ==, ANX_LEVEL_RED);
}

static void
test_acknowledgement (void)
{
  g_autoptr (JsonObject) json = travel (anx_acknowledgement_build (TASK, "duty-1", NOW));
  g_autofree char *alert = NULL, *by = NULL;
  gint64 sent;
  g_autoptr (GError) error = NULL;
  g_assert_true (anx_acknowledgement_read (json, &alert, &by, &sent, &error));
  g_assert_cmpstr (alert, ==, TASK);
  g_assert_cmpstr (by, ==, "duty-1");
  g_assert_cmpint (sent, ==, NOW);
}

static void
test_note (void)
{
  g_autoptr (GString) long_text = g_string_new (NULL);
  for (int i = 0; i < ANX_BOUND_NOTE_CHARS; i++)
    g_string_append (long_text, "谈");
  const char *const texts[] = { "来访者近来睡得不好。\n约下周再谈。", "x", long_text->str };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonObject) json = travel (anx_note_build (texts[i], i > 0 ? "b-1" : NULL, "counsellor-1", NOW));
      g_autofree char *text = NULL;
      gint64 written;
      g_autoptr (GError) error = NULL;
      g_assert_true (anx_note_read (json, &text, &written, &error));
      g_assert_cmpstr (text, ==, texts[i]);
      g_assert_cmpint (written, ==, NOW);
    }
}

static void
test_bad_note (void)
{
  static const char *const data[] = { "", "AAAA", "!!!!", "eA", "eA==\n", "/w==", "Gw==" };
  for (gsize i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_test_message ("%s", data[i]);
      g_autoptr (JsonObject) json = anx_note_build ("x", NULL, "counsellor-1", NOW);
      JsonObject *content = json_array_get_object_element (json_object_get_array_member (json, "content"), 0);
      json_object_set_string_member (json_object_get_object_member (content, "attachment"), "data", data[i]);
      char *text = NULL;
      gint64 written;
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_note_read (json, &text, &written, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
      g_assert_null (text);
    }
}

static AnxReferral *
make_referral (void)
{
  AnxReferral *referral = g_new0 (AnxReferral, 1);
  referral->task = g_strdup (TASK);
  referral->from = g_strdup ("counsellor-1");
  referral->to = g_strdup ("hospital");
  referral->urgency = ANX_URGENCY_URGENT;
  referral->name = g_strdup ("王芳");
  referral->phone = g_strdup ("13800138000");
  referral->reason = g_strdup ("需要进一步评估");
  referral->summary = g_strdup ("已谈三次");
  referral->consented = TRUE;
  referral->need = g_strdup ("medical");
  referral->gender = g_strdup ("female");
  referral->birth_year = 1988;
  referral->address = g_strdup ("云河镇河东村");
  referral->guardian = g_strdup ("王建");
  referral->guardian_phone = g_strdup ("13900139000");
  referral->level = g_strdup ("yellow");
  referral->grounds = g_strdup ("近两周情绪低落");
  referral->measures = g_strdup ("已谈三次，已联系家人");
  referral->tell_at_kiosk = TRUE;
  referral->part_of = g_strdup ("018f0000-0000-7000-8000-00000000000f");
  referral->created_usec = NOW;
  return referral;
}

static void
test_referral (void)
{
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (AnxReferral) referral = make_referral ();
      referral->urgency = (AnxUrgency) i;
      if (i == 1)
        g_clear_pointer (&referral->summary, g_free);
      if (i == 2)
        g_clear_pointer (&referral->phone, g_free);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) json = travel (anx_referral_build (referral, &error));
      g_assert_no_error (error);
      g_autoptr (AnxReferral) back = anx_referral_read (json, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (back->task, ==, referral->task);
      g_assert_cmpstr (back->from, ==, referral->from);
      g_assert_cmpstr (back->to, ==, referral->to);
      g_assert_cmpint (back->urgency, ==, referral->urgency);
      g_assert_cmpstr (back->name, ==, referral->name);
      g_assert_cmpstr (back->phone, ==, i == 2 ? "" : referral->phone);
      g_assert_cmpstr (back->reason, ==, referral->reason);
      g_assert_cmpstr (back->summary, ==, i == 1 ? "" : referral->summary);
      g_assert_cmpstr (back->need, ==, referral->need);
      g_assert_cmpstr (back->gender, ==, referral->gender);
      g_assert_cmpint (back->birth_year, ==, referral->birth_year);
      g_assert_cmpstr (back->address, ==, referral->address);
      g_assert_cmpstr (back->guardian, ==, referral->guardian);
      g_assert_cmpstr (back->guardian_phone, ==, referral->guardian_phone);
      g_assert_cmpstr (back->level, ==, referral->level);
      g_assert_cmpstr (back->grounds, ==, referral->grounds);
      g_assert_cmpstr (back->measures, ==, referral->measures);
      g_assert_cmpstr (back->part_of, ==, referral->part_of);
      g_assert_cmpstr (back->legal_basis, ==, "");
      g_assert_true (back->tell_at_kiosk && back->consented);
      g_assert_true (back->consented);
      g_assert_cmpint (back->created_usec, ==, NOW);
    }
}

/* An article of law stands instead of consent; without either there is no referral, with both it is not said on what it rests. */
static void
test_legal_basis (void)
{
  g_autoptr (AnxReferral) referral = make_referral ();
  referral->legal_basis = g_strdup ("minors-11-2");
  g_assert_null (anx_referral_build (referral, NULL));
  referral->consented = FALSE;
  g_autoptr (JsonObject) json = travel (anx_referral_build (referral, NULL));
  g_autoptr (AnxReferral) back = anx_referral_read (json, NULL);
  g_assert_nonnull (back);
  g_assert_false (back->consented);
  g_assert_cmpstr (back->legal_basis, ==, "minors-11-2");
  referral->legal_basis[0] = 'M';
  g_assert_null (anx_referral_build (referral, NULL));
}

static void
test_bad_referrals (void)
{
  for (int i = 0; i < 9; i++)
    {
      g_test_message ("case %d", i);
      g_autoptr (AnxReferral) referral = make_referral ();
      if (i == 0)
        referral->consented = FALSE;
      if (i == 1)
        g_clear_pointer (&referral->task, g_free);
      if (i == 2)
        referral->from[0] = 'C';
      if (i == 3)
        g_clear_pointer (&referral->to, g_free);
      if (i == 4)
        g_clear_pointer (&referral->name, g_free);
      if (i == 5)
        referral->phone[0] = 'x';
      if (i == 6)
        g_clear_pointer (&referral->reason, g_free);
      if (i == 7)
        referral->created_usec = 0;
      if (i == 8)
        referral->summary[0] = '\x01';
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_referral_build (referral, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

/* Consent to one receiver is none to another: whoever changes the receiver in one place breaks the record. */
static void
test_consent_names_receiver (void)
{
  g_autoptr (AnxReferral) referral = make_referral ();
  g_autoptr (JsonObject) json = anx_referral_build (referral, NULL);
  g_autofree char *text = anx_json_object_to_text (json);
  g_auto (GStrv) around = g_strsplit (text, "\"hospital\"", -1);
  guint places = g_strv_length (around) - 1;
  g_assert_cmpuint (places, ==, 3);
  for (guint i = 0; i < places; i++)
    {
      g_autoptr (GString) changed = g_string_new (around[0]);
      for (guint k = 0; k < places; k++)
        g_string_append_printf (changed, "%s%s", k == i ? "\"police\"" : "\"hospital\"", around[k + 1]);
      g_autoptr (JsonObject) bad = anx_json_parse_object (changed->str, -1, 1 << 20, NULL);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_referral_read (bad, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static JsonObject *
make_event (const char *action,
            const char *status,
            const char *business,
            const char *text)
{
  AnxReferralEvent event = { (char *) TASK, (char *) action, (char *) status, (char *) business, (char *) text, 0, NULL, NOW };
  return anx_referral_event_build (&event, NULL);
}

static void
test_event (void)
{
  static const struct
  {
    const char *status;
    const char *business;
    const char *text;
  } cases[] = {
    { "received", "2.0", NULL },          { "accepted", "3.0", "" },         { "accepted", "3.0", "明天联系" },
    { "rejected", "4.0", "不在辖区" },    { "in-progress", "5.1.1", NULL },  { "in-progress", "5.1.2", "未到" },
    { "completed", "7.0", "已就诊" },     { "cancelled", "6.0", "本人撤回" }, { "completed", "7.0", "completed" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].status, cases[i].text);
      g_autoptr (JsonObject) json = travel (make_event ("", cases[i].status, cases[i].business, cases[i].text));
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxReferralEvent) back = anx_referral_event_read (json, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (back->task, ==, TASK);
      g_assert_cmpstr (back->status, ==, cases[i].status);
      g_assert_cmpstr (back->business_status, ==, cases[i].business);
      g_assert_cmpstr (back->text, ==, cases[i].text != NULL ? cases[i].text : "");
      g_assert_cmpint (back->created_usec, ==, NOW);
      g_assert_cmpint (back->visit_usec, ==, 0);
      g_assert_null (back->forward_to);
    }
}

/* What each action cannot be done without, and that it comes back. */
static void
test_actions (void)
{
  for (guint i = 0; i < ANX_REFERRAL_N_ACTIONS; i++)
    {
      const AnxReferralRule *rule = anx_referral_get_rule ((AnxReferralAction) i);
      const char *status = NULL, *business = NULL;
      static const char *const from[][2]
          = { { "requested", "2.0" }, { "accepted", "3.0" }, { "in-progress", "5.1.1" }, { "on-hold", "2.0" } };
      for (gsize k = 0; k < G_N_ELEMENTS (from) && status == NULL; k++)
        anx_referral_step (from[k][0], from[k][1], (AnxReferralAction) i, &status, &business, NULL);
      g_assert_nonnull (status);
      AnxReferralEvent event = { (char *) TASK, (char *) rule->code, (char *) status, (char *) business, (char *) "因为",
                                 NOW + 1000000, (char *) "legal-aid", NOW };
      g_test_message ("%s", rule->code);
      g_autoptr (JsonObject) json = travel (anx_referral_event_build (&event, NULL));
      g_autoptr (AnxReferralEvent) back = anx_referral_event_read (json, NULL);
      g_assert_nonnull (back);
      g_assert_cmpstr (back->action, ==, rule->code);
      g_assert_cmpstr (back->text, ==, "因为");
      g_assert_cmpint (back->visit_usec, ==, NOW + 1000000);
      g_assert_cmpstr (back->forward_to, ==, "legal-aid");
      for (int missing = 0; missing < 3; missing++)
        {
          AnxReferralEvent less = event;
          gboolean needed = missing == 0 ? rule->needs_text : missing == 1 ? rule->needs_time : rule->needs_receiver;
          if (missing == 0)
            less.text = NULL;
          else if (missing == 1)
            less.visit_usec = 0;
          else
            less.forward_to = NULL;
          g_autoptr (GError) error = NULL;
          g_autoptr (JsonObject) built = anx_referral_event_build (&less, &error);
          g_assert_true ((built == NULL) == needed);
          if (needed)
            g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
        }
    }
}

static void
test_bad_events (void)
{
  static const struct
  {
    const char *member;
    const char *json;
  } cases[] = {
    { "identifier", "{'a':[]}" },
    { "identifier", "{'a':[{'system':'urn:anxin:task','value':'1'}]}" },
    { "status", "{'a':'requested'}" },
    { "status", "{'a':'draft'}" },
    { "status", "{'a':'done'}" },
    { "businessStatus",
      "{'a':{'coding':[{'system':'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS','code':'8.0'}]}}" },
    { "businessStatus", "{'a':{'coding':[{'system':'urn:x','code':'3.0'}]}}" },
    { "reasonCode", "{'a':{'coding':[{'system':'urn:anxin:fhir:referral-action','code':'vanish'}]}}" },
    { "lastModified", "{'a':'soon'}" },
    { "output", "{'a':[]}" },
    { "output", "{'a':[{'valueString':''}]}" },
    { "resourceType", "{'a':'Flag'}" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].member, cases[i].json);
      g_autoptr (JsonObject) json = make_event ("complete", "completed", "7.0", "已就诊");
      g_autoptr (JsonObject) other = testing_json (cases[i].json);
      json_object_set_member (json, cases[i].member, json_object_dup_member (other, "a"));
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_referral_event_read (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
  g_autoptr (JsonObject) refused = make_event ("", "rejected", "4.0", "不在辖区");
  json_object_remove_member (refused, "statusReason");
  g_assert_null (anx_referral_event_read (refused, NULL));
}

static void
test_rating (void)
{
  for (int i = 1; i <= 5; i++)
    {
      g_autoptr (JsonObject) json = travel (anx_rating_build (i, "b-1", NOW));
      int stars = 0;
      g_assert_true (anx_rating_read (json, &stars, NULL));
      g_assert_cmpint (stars, ==, i);
    }
  static const gint64 bad[] = { 0, 6, -1, G_MAXINT64 };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonObject) json = anx_rating_build (3, NULL, NOW);
      json_object_set_int_member (json, "valueInteger", bad[i]);
      int stars = 0;
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_rating_read (json, &stars, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_consent (void)
{
  for (int purpose = ANX_PURPOSE_SCREENING; purpose <= ANX_PURPOSE_REFERRAL; purpose++)
    for (int given = 0; given < 2; given++)
      {
        g_autoptr (JsonObject) json = anx_consent_to_fhir ((AnxPurpose) purpose, given, "hospital", NOW);
        g_autofree char *text = anx_json_object_to_text (json);
        g_autofree char *code = g_strdup_printf ("\"code\":\"%s\"", anx_purpose_to_string ((AnxPurpose) purpose));
        g_assert_nonnull (strstr (text, code));
        g_assert_nonnull (strstr (text, given ? "\"status\":\"active\"" : "\"status\":\"rejected\""));
        g_assert_nonnull (strstr (text, given ? "\"type\":\"permit\"" : "\"type\":\"deny\""));
        g_assert_nonnull (strstr (text, "\"value\":\"hospital\""));
      }
}

/* Two instruments, a red finding in the first and a yellow one in the second, in either order: the screening is red. */
static void
test_screening_highest (void)
{
  for (int swapped = 0; swapped < 2; swapped++)
    {
      g_autoptr (AnxQuestionnaire) branching = testing_questionnaire ("tests/care/corpus/branching.json");
      AnxAnswers *red = anx_answers_new (branching);
      for (guint i = 0; i < anx_questionnaire_get_n_items (branching); i++)
        {
          const char *link_id = anx_questionnaire_get_item (branching, i)->link_id;
          if (strcmp (link_id, "ever") == 0 || strcmp (link_id, "mood") == 0)
            anx_answers_set (red, i, 1);
          if (strcmp (link_id, "plan") == 0)
            anx_answers_set (red, i, 0);
        }
      g_autoptr (GPtrArray) answers = fill_both ("000000001", NULL);
      g_ptr_array_insert (answers, swapped ? 0 : -1, red);
      g_autoptr (JsonObject) json = travel (anx_screening_build (answers, NULL, TRUE, NOW));
      AnxLevel level = ANX_LEVEL_GREEN;
      g_autoptr (GPtrArray) parts = anx_screening_read (json, &level, NULL);
      g_assert_nonnull (parts);
      g_assert_cmpint (level, ==, ANX_LEVEL_RED);
    }
}

/* --- damage --- */

typedef gboolean (*Reader) (JsonObject *object, GError **error);

static gboolean
read_contact (JsonObject *object,
              GError **error)
{
  g_autofree char *name = NULL, *phone = NULL;
  gboolean alias;
  gboolean ok = anx_contact_read (object, &name, &alias, &phone, error);
  g_assert_true (ok == (name != NULL) && ok == (phone != NULL));
  return ok;
}

static gboolean
read_screening (JsonObject *object,
                GError **error)
{
  AnxLevel level;
  g_autoptr (GPtrArray) parts = anx_screening_read (object, &level, error);
  return parts != NULL;
}

static gboolean
read_alert (JsonObject *object,
            GError **error)
{
  AnxLevel level;
  g_autofree char *reason = NULL;
  return anx_alert_read (object, &level, &reason, error);
}

static gboolean
read_acknowledgement (JsonObject *object,
                      GError **error)
{
  g_autofree char *alert = NULL, *by = NULL;
  gint64 sent;
  return anx_acknowledgement_read (object, &alert, &by, &sent, error);
}

static gboolean
read_note (JsonObject *object,
           GError **error)
{
  g_autofree char *text = NULL;
  gint64 written;
  return anx_note_read (object, &text, &written, error);
}

static gboolean
read_referral (JsonObject *object,
               GError **error)
{
  g_autoptr (AnxReferral) referral = anx_referral_read (object, error);
  /* Whatever is lost on the way, a referral without consent or addressee never comes out. */
  if (referral != NULL)
    g_assert_true ((referral->consented || *referral->legal_basis != '\0') && referral->to != NULL && referral->name != NULL && referral->reason != NULL);
  return referral != NULL;
}

static gboolean
read_event (JsonObject *object,
            GError **error)
{
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (object, error);
  return event != NULL;
}

static gboolean
read_rating (JsonObject *object,
             GError **error)
{
  int stars;
  return anx_rating_read (object, &stars, error);
}

typedef struct
{
  Reader read;
  guint refused;
  guint accepted;
} Damage;

static void
on_damaged (JsonObject *object,
            const char *path,
            gpointer data)
{
  Damage *damage = data;
  g_autoptr (GError) error = NULL;
  if (damage->read (object, &error))
    {
      g_assert_no_error (error);
      damage->accepted++;
      return;
    }
  if (error == NULL || error->domain != ANX_CARE_ERROR)
    g_error ("%s: no error of this domain", path);
  damage->refused++;
}

static void
test_damaged (void)
{
  g_autoptr (AnxReferral) referral = make_referral ();
  g_autoptr (GPtrArray) answers = fill_both ("00000000x", "111111-");
  const struct
  {
    const char *name;
    JsonObject *record;
    Reader read;
  } cases[] = {
    { "contact", anx_contact_build ("王芳", TRUE, "13800138000", "b-1"), read_contact },
    { "screening", anx_screening_build (answers, "b-1", TRUE, NOW), read_screening },
    { "alert", anx_alert_build (ANX_LEVEL_RED, "help-button", "room-1", NOW), read_alert },
    { "alert-acknowledgement", anx_acknowledgement_build (TASK, "duty-1", NOW), read_acknowledgement },
    { "note", anx_note_build ("x", "b-1", "counsellor-1", NOW), read_note },
    { "referral", anx_referral_build (referral, NULL), read_referral },
    { "referral-event", make_event ("decline", "rejected", "4.0", "不在辖区"), read_event },
    { "rating", anx_rating_build (4, "b-1", NOW), read_rating },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      Damage damage = { cases[i].read, 0, 0 };
      testing_keep_payload (cases[i].name, cases[i].record);
      g_assert_true (cases[i].read (cases[i].record, NULL));
      testing_damage (cases[i].record, on_damaged, &damage);
      g_test_message ("%u refused, %u read", damage.refused, damage.accepted);
      g_assert_cmpuint (damage.refused, >, 4);
      /* Every reader refuses every other kind, and nothing at all. */
      for (gsize k = 0; k < G_N_ELEMENTS (cases); k++)
        if (k != i)
          g_assert_false (cases[i].read (cases[k].record, NULL));
      g_autoptr (JsonObject) empty = json_object_new ();
      g_assert_false (cases[i].read (empty, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    json_object_unref (cases[i].record);
}

static void
test_too_many_entries (void)
{
  g_autoptr (GPtrArray) answers = fill_both ("000000000", NULL);
  g_autoptr (JsonObject) json = anx_screening_build (answers, NULL, TRUE, NOW);
  JsonArray *entries = json_object_get_array_member (json, "entry");
  for (int i = 0; i < 400; i++)
    json_array_add_object_element (entries, json_object_new ());
  AnxLevel level;
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_screening_read (json, &level, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_TOO_LARGE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/care-records/kinds", test_kinds);
  g_test_add_func ("/care/care-records/names", test_names);
  g_test_add_func ("/care/care-records/phones", test_phones);
  g_test_add_func ("/care/care-records/texts", test_texts);
  g_test_add_func ("/care/care-records/contact", test_contact);
  g_test_add_func ("/care/care-records/screening", test_screening);
  g_test_add_func ("/care/care-records/screening-levels", test_screening_levels);
  g_test_add_func ("/care/care-records/screening-highest", test_screening_highest);
  g_test_add_func ("/care/care-records/alert", test_alert);
  g_test_add_func ("/care/care-records/acknowledgement", test_acknowledgement);
  g_test_add_func ("/care/care-records/note", test_note);
  g_test_add_func ("/care/care-records/bad-note", test_bad_note);
  g_test_add_func ("/care/care-records/referral", test_referral);
  g_test_add_func ("/care/care-records/legal-basis", test_legal_basis);
  g_test_add_func ("/care/care-records/actions", test_actions);
  g_test_add_func ("/care/care-records/bad-referrals", test_bad_referrals);
  g_test_add_func ("/care/care-records/consent-names-receiver", test_consent_names_receiver);
  g_test_add_func ("/care/care-records/event", test_event);
  g_test_add_func ("/care/care-records/bad-events", test_bad_events);
  g_test_add_func ("/care/care-records/rating", test_rating);
  g_test_add_func ("/care/care-records/consent", test_consent);
  g_test_add_func ("/care/care-records/damaged", test_damaged);
  g_test_add_func ("/care/care-records/too-many-entries", test_too_many_entries);
  return g_test_run ();
}
