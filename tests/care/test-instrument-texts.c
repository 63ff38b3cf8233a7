/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-testing.h"

/* The words of the shipped questionnaires: where they come from, and what a resident must never read. */

#define PHQ_9 "data/questionnaires/phq-9.json"
#define GAD_7 "data/questionnaires/gad-7.json"

static void
test_wording (void)
{
  static const char *const phq_zh[] = { "做事时提不起劲或没有兴趣",
                                        "感到心情低落、沮丧或绝望",
                                        "入睡困难、睡不安或睡眠过多",
                                        "感觉疲倦或没有活力",
                                        "食欲不振或吃太多",
                                        "觉得自己很糟，或觉得自己很失败，或让自己、家人失望",
                                        "对事物专注有困难，例如看报纸或看电视时",
                                        "行动或说话速度缓慢到别人已经察觉，或刚好相反，变得比平日更烦躁或坐立不安、动来动去",
                                        "有不如死掉或用某种方式伤害自己的念头" };
  static const char *const gad_zh[] = { "感到紧张、不安或烦躁", "无法停止或者控制忧虑", "过分忧虑不同的事情",          "难以放松",
                                        "心绪不宁以至坐立不安", "容易心烦或易怒",       "感到害怕，就像要发生可怕的事情" };
  static const char *const options_zh[] = { "完全没有", "好几天", "一半以上的天数", "几乎每天" };
  static const char *const options_en[]
      = { "Not at all", "Several days", "More than half the days", "Nearly every day" };
  static const struct
  {
    const char *path;
    const char *const *items;
    guint n;
  } files[] = { { PHQ_9, phq_zh, 9 }, { GAD_7, gad_zh, 7 } };
  for (int f = 0; f < 2; f++)
    {
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (files[f].path);
      g_assert_cmpuint (anx_questionnaire_get_n_items (questionnaire), ==, files[f].n);
      g_autofree char *intro = anx_questionnaire_dup_intro (questionnaire, "zh");
      g_assert_cmpstr (intro, ==, "在过去的两周里，您有多少时间受到以下问题的困扰？");
      g_autofree char *credit = anx_questionnaire_dup_credit (questionnaire, "en");
      g_assert_nonnull (strstr (credit, "Pfizer"));
      g_assert_nonnull (strstr (credit, "No permission required"));
      for (guint i = 0; i < files[f].n; i++)
        {
          g_autofree char *zh = anx_questionnaire_dup_item_text (questionnaire, i, "zh");
          g_autofree char *en = anx_questionnaire_dup_item_text (questionnaire, i, "en");
          g_autofree char *stem = anx_questionnaire_dup_item_intro (questionnaire, i, "zh");
          g_assert_cmpstr (zh, ==, files[f].items[i]);
          g_assert_cmpstr (en, !=, zh);
          g_assert_nonnull (stem);
          g_assert_cmpuint (anx_questionnaire_get_item (questionnaire, i)->n_options, ==, 4);
          for (guint k = 0; k < 4; k++)
            {
              g_autofree char *option_zh = anx_questionnaire_dup_option_text (questionnaire, i, k, "zh-CN");
              g_autofree char *option_en = anx_questionnaire_dup_option_text (questionnaire, i, k, "en");
              g_assert_cmpstr (option_zh, ==, options_zh[k]);
              g_assert_cmpstr (option_en, ==, options_en[k]);
            }
        }
    }
}

/* A short form asks with the very words of its long one: the two must never drift apart. */
static void
test_short_forms (void)
{
  static const struct
  {
    const char *shorter;
    const char *longer;
    guint items;
    gboolean stem; /* the printed PHQ-4 has the sentence of GAD-7 above all its items */
  } forms[] = { { "phq-2", "phq-9", 2, TRUE },
                { "gad-2", "gad-7", 2, TRUE },
                { "phq-4", "phq-9", 2, FALSE },
                { "phq-4", "gad-7", 2, TRUE },
                { "audit-c", "audit", 3, TRUE } };
  static const char *const languages[] = { "zh", "en" };
  for (gsize f = 0; f < G_N_ELEMENTS (forms); f++)
    {
      g_test_message ("%s %s", forms[f].shorter, forms[f].longer);
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", forms[f].shorter);
      g_autofree char *long_path = g_strdup_printf ("data/questionnaires/%s.json", forms[f].longer);
      g_autoptr (AnxQuestionnaire) shorter = testing_questionnaire (path);
      g_autoptr (AnxQuestionnaire) longer = testing_questionnaire (long_path);
      guint same = 0;
      for (guint i = 0; i < anx_questionnaire_get_n_items (shorter); i++)
        for (guint k = 0; k < anx_questionnaire_get_n_items (longer); k++)
          {
            const AnxItem *item = anx_questionnaire_get_item (shorter, i);
            if (strcmp (item->link_id, anx_questionnaire_get_item (longer, k)->link_id) != 0)
              continue;
            same++;
            g_assert_cmpuint (item->n_options, ==, anx_questionnaire_get_item (longer, k)->n_options);
            for (gsize l = 0; l < G_N_ELEMENTS (languages); l++)
              {
                g_autofree char *text = anx_questionnaire_dup_item_text (shorter, i, languages[l]);
                g_autofree char *long_text = anx_questionnaire_dup_item_text (longer, k, languages[l]);
                g_autofree char *intro = anx_questionnaire_dup_item_intro (shorter, i, languages[l]);
                g_autofree char *long_intro = anx_questionnaire_dup_item_intro (longer, k, languages[l]);
                g_assert_cmpstr (text, ==, long_text);
                if (forms[f].stem)
                  g_assert_cmpstr (intro, ==, long_intro);
                for (guint o = 0; o < item->n_options; o++)
                  {
                    g_autofree char *option = anx_questionnaire_dup_option_text (shorter, i, o, languages[l]);
                    g_autofree char *long_option = anx_questionnaire_dup_option_text (longer, k, o, languages[l]);
                    g_assert_cmpstr (option, ==, long_option);
                  }
              }
          }
      g_assert_cmpuint (same, ==, forms[f].items);
    }
}

/* --- what a resident reads --- */

/* Wrong anywhere: names of illnesses, verdicts, and a promise nobody can keep. */
static const char *const never[] = { "抑郁症", "焦虑症", "精神病", "确诊",     "诊断",      "患者",         "患有",
                                     "您很安全", "五失",   "风险等级", "disorder", "diagnos",   "patient",      "disease",
                                     "illness",  "you are safe", "depression" };
/* Wrong in what is said about the resident: besides, no judgement, no figures, no English abbreviations. */
static const char *const not_in_results[]
    = { "抑郁", "焦虑",    "症",     "病", "风险",    "危险", "安全",  "红",  "%",   "％",
        "depress", "anxi", "risk", "safe", "severe", "percent", "PHQ", "GAD", "score", "red" };

static void
check_words (const char *text,
             const char *const *forbidden,
             gsize n)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *word = g_ascii_strdown (forbidden[i], -1);
      if (strstr (lower, word) != NULL)
        g_error ("“%s” has the forbidden “%s”", text, word);
    }
}

static void
check_result (const char *text)
{
  check_words (text, never, G_N_ELEMENTS (never));
  check_words (text, not_in_results, G_N_ELEMENTS (not_in_results));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_isdigit (g_utf8_get_char (p)));
}

static void
check_sentences (const char *chinese)
{
  g_auto (GStrv) sentences = g_strsplit (chinese, "。", -1);
  for (gsize i = 0; sentences[i] != NULL; i++)
    g_assert_cmpint (g_utf8_strlen (sentences[i], -1), <=, 20);
}

/* The texts of all bands, in both languages; returns how many. A band without a text is for counsellors. */
static guint
check_bands (JsonObject *questionnaire,
             gboolean for_residents)
{
  guint read = 0;
  JsonArray *extensions = json_object_get_array_member (questionnaire, "extension");
  for (guint i = 0; i < json_array_get_length (extensions); i++)
    {
      JsonObject *extension = json_array_get_object_element (extensions, i);
      if (strcmp (json_object_get_string_member (extension, "url"), "urn:anxin:fhir:score") != 0)
        continue;
      JsonArray *parts = json_object_get_array_member (extension, "extension");
      for (guint k = 0; k < json_array_get_length (parts); k++)
        {
          JsonObject *part = json_array_get_object_element (parts, k);
          if (strcmp (json_object_get_string_member (part, "url"), "band") != 0)
            continue;
          g_assert_nonnull (testing_extension (part, "citation"));
          JsonObject *text = testing_extension (part, "text");
          if (text == NULL)
            continue;
          g_assert_true (for_residents);
          const char *english = json_object_get_string_member (text, "valueString");
          const char *chinese = testing_translation (text, "_valueString");
          g_assert_cmpstr (english, !=, chinese);
          check_result (english);
          check_result (chinese);
          check_sentences (chinese);
          read++;
        }
    }
  return read;
}

static void
check_name (JsonObject *holder,
            const char *member,
            const char *companion,
            const char *code)
{
  const char *english = json_object_get_string_member (holder, member), *chinese = testing_translation (holder, companion);
  g_assert_cmpstr (english, !=, "");
  g_assert_cmpstr (english, !=, chinese);
  g_assert_cmpstr (english, !=, code);
  g_assert_cmpint (g_utf8_strlen (chinese, -1), >=, 1);
  g_assert_cmpint (g_unichar_get_script (g_utf8_get_char (g_utf8_offset_to_pointer (chinese, g_utf8_strlen (chinese, -1) - 1))), !=,
                   G_UNICODE_SCRIPT_LATIN);
}

/* What a counsellor reads of a score and of its bands are words in both languages, never a code; two scores of a file differ in them. */
static void
test_names (void)
{
  g_autoptr (GPtrArray) names = testing_instruments ();
  guint bands = 0, scores = 0;
  for (guint f = 0; f < names->len; f++)
    {
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) names->pdata[f]);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
      g_autoptr (GPtrArray) computed = anx_answers_compute_scores (answers);
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
      JsonArray *extensions = json_object_get_array_member (json, "extension");
      guint of_file = 0;
      for (guint i = 0; i < json_array_get_length (extensions); i++)
        {
          JsonObject *score = json_array_get_object_element (extensions, i);
          if (strcmp (json_object_get_string_member (score, "url"), "urn:anxin:fhir:score") != 0)
            continue;
          JsonObject *coding = json_object_get_object_member (testing_extension (score, "code"), "valueCoding");
          g_test_message ("%s %s", (char *) names->pdata[f], json_object_get_string_member (coding, "code"));
          check_name (coding, "display", "_display", json_object_get_string_member (coding, "code"));
          const AnxScore *got = computed->pdata[of_file++];
          g_assert_cmpstr (got->name_en, ==, json_object_get_string_member (coding, "display"));
          g_assert_cmpstr (got->name_zh, ==, testing_translation (coding, "_display"));
          g_assert_true (g_hash_table_add (seen, got->name_zh));
          JsonArray *parts = json_object_get_array_member (score, "extension");
          for (guint k = 0; k < json_array_get_length (parts); k++)
            {
              JsonObject *part = json_array_get_object_element (parts, k);
              if (strcmp (json_object_get_string_member (part, "url"), "band") != 0)
                continue;
              JsonObject *name = testing_extension (part, "name");
              g_assert_nonnull (name);
              check_name (name, "valueString", "_valueString", "");
              bands++;
            }
        }
      scores += of_file;
    }
  g_assert_cmpuint (scores, >=, 58);
  g_assert_cmpuint (bands, >=, 108);
}

static void
test_resident_words (void)
{
  static const char *const languages[] = { "zh", "en" };
  g_autoptr (GPtrArray) names = testing_instruments ();
  guint bands = 0;
  for (guint f = 0; f < names->len; f++)
    {
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) names->pdata[f]);
      g_test_message ("%s", path);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      gboolean for_residents = g_strcmp0 (testing_extension_code (json, "urn:anxin:fhir:audience"), "resident") == 0;
      guint of_this = check_bands (json, for_residents);
      g_assert_true ((of_this > 0) == (for_residents && testing_extension (json, "urn:anxin:fhir:score") != NULL));
      bands += of_this;
      for (gsize l = 0; l < G_N_ELEMENTS (languages); l++)
        {
          g_autofree char *title = anx_questionnaire_dup_title (questionnaire, languages[l]);
          check_result (title);
          for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
            {
              g_autofree char *text = anx_questionnaire_dup_item_text (questionnaire, i, languages[l]);
              g_autofree char *intro = anx_questionnaire_dup_item_intro (questionnaire, i, languages[l]);
              check_words (text, never, G_N_ELEMENTS (never));
              if (intro != NULL)
                check_words (intro, never, G_N_ELEMENTS (never));
              for (guint k = 0; k < anx_questionnaire_get_item (questionnaire, i)->n_options; k++)
                {
                  g_autofree char *option = anx_questionnaire_dup_option_text (questionnaire, i, k, languages[l]);
                  check_words (option, never, G_N_ELEMENTS (never));
                }
            }
        }
    }
  g_assert_cmpuint (bands, >=, 40);
}

/* --- what each file says of itself --- */

static void
test_provenance (void)
{
  static const char *const licences[] = { "public-domain", "notice-required", "non-commercial", "import-only", NULL };
  static const char *const audiences[] = { "resident", "counsellor", NULL };
  static const char *const waits[] = { "pending-review", "wording-missing", NULL };
  g_autoptr (GPtrArray) names = testing_instruments ();
  g_assert_cmpuint (names->len, >=, 22);
  for (guint f = 0; f < names->len; f++)
    {
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) names->pdata[f]);
      g_test_message ("%s", path);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      const char *licence = testing_extension_code (json, "urn:anxin:fhir:licence");
      const char *status = json_object_get_string_member (json, "status");
      const char *waiting = testing_extension_code (json, "urn:anxin:fhir:translation-status");
      g_assert_cmpstr (anx_questionnaire_get_id (questionnaire), ==, names->pdata[f]);
      g_assert_true (g_strv_contains (licences, licence));
      g_assert_true (g_strv_contains (audiences, testing_extension_code (json, "urn:anxin:fhir:audience")));
      g_assert_nonnull (testing_extension (json, "urn:anxin:fhir:wording-source"));
      g_assert_nonnull (testing_translation (json, "_copyright"));

      /* What waits for a person is a draft; what is free to be shown names where its Chinese comes from. */
      g_assert_true (waiting == NULL || g_strv_contains (waits, waiting));
      g_assert_cmpstr (status, ==, waiting == NULL ? "active" : "draft");
      const char *source = json_object_get_string_member (testing_extension (json, "urn:anxin:fhir:wording-source"), "valueString");
      g_assert_true ((g_strcmp0 (waiting, "pending-review") == 0) == (strstr (source, "our own translation") != NULL));
      g_assert_true ((g_strcmp0 (waiting, "wording-missing") == 0) == (g_strcmp0 (licence, "import-only") == 0));
      for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
        {
          g_autofree char *zh = anx_questionnaire_dup_item_text (questionnaire, i, "zh");
          g_autofree char *en = anx_questionnaire_dup_item_text (questionnaire, i, "en");
          g_assert_cmpstr (zh, !=, en);
          gboolean placeholder = strstr (en, "wording to be imported under licence") != NULL;
          g_assert_true (placeholder == (g_strcmp0 (licence, "import-only") == 0));
        }
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/instrument-texts/wording", test_wording);
  g_test_add_func ("/care/instrument-texts/short-forms", test_short_forms);
  g_test_add_func ("/care/instrument-texts/names", test_names);
  g_test_add_func ("/care/instrument-texts/resident-words", test_resident_words);
  g_test_add_func ("/care/instrument-texts/provenance", test_provenance);
  return g_test_run ();
}
