/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "json.h"

/*
 * The shipped questionnaires, through the engine: vectors from the publications, safety rules on every answer, words.
 */

#define PHQ_9 "data/questionnaires/phq-9.json"
#define GAD_7 "data/questionnaires/gad-7.json"

static AnxAnswers *
fill (AnxQuestionnaire *questionnaire,
      const char *digits)
{
  AnxAnswers *answers = anx_answers_new (questionnaire);
  g_assert_cmpuint (strlen (digits), ==, anx_questionnaire_get_n_items (questionnaire));
  for (guint i = 0; digits[i] != '\0'; i++)
    anx_answers_set (answers, i,
                     digits[i] == '-'   ? ANX_ANSWER_NONE
                     : digits[i] == 'x' ? ANX_ANSWER_DECLINED
                                        : digits[i] - '0');
  return answers;
}

/* Fills from the front with threes. */
static char *
digits_of_sum (guint n,
               guint sum)
{
  char *digits = g_strnfill (n, '0');
  for (guint i = 0; i < n && sum > 0; i++)
    {
      guint part = MIN (sum, 3);
      digits[i] = (char) ('0' + part);
      sum -= part;
    }
  return digits;
}

static AnxScore *
only_score (GPtrArray *scores)
{
  g_assert_cmpuint (scores->len, ==, 1);
  return g_ptr_array_index (scores, 0);
}

static void
check_every_total (const char *path,
                   const char *code,
                   const guint *froms,
                   const char *const *bands,
                   guint yellow_from)
{
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
  guint n = anx_questionnaire_get_n_items (questionnaire);
  for (guint sum = 0; sum <= 3 * n; sum++)
    {
      g_test_message ("%s total %u", code, sum);
      g_autofree char *digits = digits_of_sum (n, sum);
      g_autoptr (AnxAnswers) answers = fill (questionnaire, digits);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      AnxScore *score = only_score (scores);
      guint band = 0;
      while (froms[band + 1] != 0 && sum >= froms[band + 1])
        band++;
      g_assert_cmpstr (score->code, ==, code);
      g_assert_true (score->present);
      g_assert_false (score->prorated);
      g_assert_cmpfloat (score->value, ==, sum);
      g_assert_cmpstr (score->band, ==, bands[band]);
      g_assert_cmpint (score->level, ==, sum >= yellow_from ? ANX_LEVEL_YELLOW : ANX_LEVEL_GREEN);
    }
}

static void
test_phq_9_totals (void)
{
  static const guint froms[] = { 0, 5, 10, 15, 20, 0 };
  static const char *const bands[] = { "minimal", "mild", "moderate", "moderately-severe", "severe" };
  check_every_total (PHQ_9, "44261-6", froms, bands, 15);
}

static void
test_gad_7_totals (void)
{
  static const guint froms[] = { 0, 5, 10, 15, 0 };
  static const char *const bands[] = { "minimal", "mild", "moderate", "severe" };
  check_every_total (GAD_7, "70274-6", froms, bands, 15);
}

static void
test_missing (void)
{
  static const struct
  {
    const char *path;
    const char *digits;
    gboolean present;
    double value;
    const char *band;
    AnxLevel level;
  } cases[] = {
    /* A gap or a refusal is the same to the sum: up to two are replaced by the mean of the others. */
    { PHQ_9, "11111111-", TRUE, 9, "mild", ANX_LEVEL_YELLOW },
    { PHQ_9, "x1111111-", TRUE, 9, "mild", ANX_LEVEL_YELLOW },
    { PHQ_9, "xx1111111", TRUE, 9, "mild", ANX_LEVEL_YELLOW },
    { PHQ_9, "xx1111112", TRUE, 8 + 2 * 8 / 7.0, "moderate", ANX_LEVEL_YELLOW },
    { PHQ_9, "-00000000", TRUE, 0, "minimal", ANX_LEVEL_YELLOW },
    { PHQ_9, "33333333x", TRUE, 27, "severe", ANX_LEVEL_YELLOW },
    { PHQ_9, "---000000", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { PHQ_9, "xxx333333", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { PHQ_9, "---------", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { PHQ_9, "xxxxxxxxx", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    /* 4 over 8 answers: 4.5, between two bands, belongs to the upper. */
    { PHQ_9, "-11110000", TRUE, 4.5, "mild", ANX_LEVEL_YELLOW },
    /* 13 over 8: 14.625 is nearer to 15; 12 over 8: 13.5 is inside. */
    { PHQ_9, "-22222210", TRUE, 13 + 13 / 8.0, "moderately-severe", ANX_LEVEL_YELLOW },
    { PHQ_9, "-22222110", TRUE, 13.5, "moderate", ANX_LEVEL_YELLOW },
    { GAD_7, "111111-", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { GAD_7, "x333333", FALSE, 0, NULL, ANX_LEVEL_GREEN },
    { GAD_7, "1111111", TRUE, 7, "mild", ANX_LEVEL_GREEN },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].path, cases[i].digits);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (cases[i].path);
      g_autoptr (AnxAnswers) answers = fill (questionnaire, cases[i].digits);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      AnxScore *score = only_score (scores);
      g_assert_true (score->present == cases[i].present);
      g_assert_cmpfloat_with_epsilon (score->value, cases[i].value, 1e-9);
      g_assert_cmpstr (score->band, ==, cases[i].band);
      g_assert_cmpint (score->level, ==, cases[i].level);
      gboolean gap = strpbrk (cases[i].digits, "-x") != NULL;
      g_assert_true (score->prorated == (cases[i].present && gap));
    }
}

static void
test_safety_of_every_answer (void)
{
  g_autoptr (AnxQuestionnaire) phq = testing_questionnaire (PHQ_9);
  g_autoptr (AnxQuestionnaire) gad = testing_questionnaire (GAD_7);
  AnxQuestionnaire *both[] = { phq, gad };
  for (int which = 0; which < 2; which++)
    for (guint item = 0; item < anx_questionnaire_get_n_items (both[which]); item++)
      for (int value = ANX_ANSWER_DECLINED; value <= 3; value++)
        {
          g_test_message ("%s item %u answer %d", anx_questionnaire_get_id (both[which]), item, value);
          g_autoptr (AnxAnswers) answers = anx_answers_new (both[which]);
          anx_answers_set (answers, item, value);
          gboolean expected = which == 0 && item == 8 && value != 0 && value != ANX_ANSWER_NONE;
          g_autoptr (AnxSafetyFinding) one = anx_answers_find_safety_of (answers, item);
          g_autoptr (GPtrArray) all = anx_answers_find_safety (answers);
          g_assert_true ((one != NULL) == expected);
          g_assert_cmpuint (all->len, ==, expected ? 1 : 0);
          if (!expected)
            continue;
          g_assert_cmpstr (one->rule, ==, "self-harm-thoughts");
          g_assert_cmpstr (one->item, ==, "44260-8");
          g_assert_cmpint (one->level, ==, ANX_LEVEL_YELLOW);
          g_assert_cmpstr (((AnxSafetyFinding *) all->pdata[0])->rule, ==, one->rule);
        }
}

/*
 * 2,000 ways through the questions, with going back and changing: an answer of danger is always found, and never lost
 * in FHIR.
 */
static void
test_random_paths (void)
{
  static const char *const paths[] = { PHQ_9, GAD_7, "tests/care/corpus/branching.json" };
  for (int round = 0; round < 2000; round++)
    {
      g_autoptr (AnxQuestionnaire) questionnaire = NULL;
      static AnxQuestionnaire *loaded[3];
      int which = g_test_rand_int_range (0, 3);
      if (loaded[which] == NULL)
        loaded[which] = testing_questionnaire (paths[which]);
      questionnaire = anx_questionnaire_ref (loaded[which]);
      g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
      guint at = anx_answers_next (answers, G_MAXUINT);
      for (int step = 0; step < 60 && at != G_MAXUINT; step++)
        {
          const AnxItem *item = anx_questionnaire_get_item (questionnaire, at);
          g_assert_true (anx_answers_is_enabled (answers, at));
          g_assert_cmpuint (anx_answers_position (answers, at), <=, anx_answers_count_enabled (answers));
          int value = g_test_rand_int_range (ANX_ANSWER_DECLINED, (int) item->n_options);
          anx_answers_set (answers, at, value);
          g_autoptr (AnxSafetyFinding) found = anx_answers_find_safety_of (answers, at);
          gboolean dangerous = (strcmp (item->link_id, "44260-8") == 0 && (value > 0 || value == ANX_ANSWER_DECLINED))
                               || (strcmp (item->link_id, "plan") == 0 && (value == 0 || value == ANX_ANSWER_DECLINED));
          g_assert_true ((found != NULL) == dangerous);
          guint next
              = g_test_rand_int_range (0, 4) == 0 ? anx_answers_previous (answers, at) : anx_answers_next (answers, at);
          if (next != G_MAXUINT && next < at)
            g_assert_cmpuint (anx_answers_next (answers, next), <=, at);
          at = next;
        }
      g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
      for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
        {
          g_autoptr (AnxSafetyFinding) found = anx_answers_find_safety_of (answers, i);
          gboolean listed = FALSE;
          for (guint k = 0; k < findings->len; k++)
            listed = listed || strcmp (((AnxSafetyFinding *) findings->pdata[k])->item,
                                       anx_questionnaire_get_item (questionnaire, i)->link_id) == 0;
          g_assert_true (listed == (found != NULL));
        }
      g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 1);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, response, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
        g_assert_cmpint (anx_answers_get (back, i), ==,
                         anx_answers_is_enabled (answers, i) ? anx_answers_get (answers, i) : ANX_ANSWER_NONE);
      if (round == 1999)
        for (int i = 0; i < 3; i++)
          g_clear_pointer (&loaded[i], anx_questionnaire_unref);
    }
}

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

/* --- the files as JSON --- */

static JsonObject *
part_of (JsonObject *element,
         const char *url)
{
  JsonArray *extensions = json_object_has_member (element, "extension") ? json_object_get_array_member (element, "extension") : NULL;
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonObject *extension = json_array_get_object_element (extensions, i);
      if (strcmp (json_object_get_string_member (extension, "url"), url) == 0)
        return extension;
    }
  return NULL;
}

static const char *
code_of (JsonObject *questionnaire,
         const char *url)
{
  JsonObject *extension = part_of (questionnaire, url);
  return extension != NULL ? json_object_get_string_member (extension, "valueCode") : NULL;
}

static gboolean
json_has_score (JsonObject *questionnaire)
{
  return part_of (questionnaire, "urn:anxin:fhir:score") != NULL;
}

static const char *
translation_of (JsonObject *element,
                const char *companion)
{
  JsonObject *translation
      = part_of (json_object_get_object_member (element, companion), "http://hl7.org/fhir/StructureDefinition/translation");
  g_assert_cmpstr (json_object_get_string_member (part_of (translation, "lang"), "valueCode"), ==, "zh-CN");
  return json_object_get_string_member (part_of (translation, "content"), "valueString");
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
names_in (const char *folder,
          const char *ending)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (ending)));
  g_ptr_array_sort (names, compare_strings);
  return names;
}

static GPtrArray *
instrument_names (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "questionnaires", NULL);
  return names_in (folder, ".json");
}

/* --- the tables of vectors --- */

/* Adds @token as the answer to @item of the questionnaire; see scoring.py for what the tokens are. */
static void
add_answer (JsonArray *items,
            JsonObject *item,
            const char *token)
{
  if (strcmp (token, "-") == 0)
    return;
  const char *link_id = json_object_get_string_member (item, "linkId");
  const char *type = json_object_get_string_member (item, "type");
  JsonObject *given = json_object_new ();
  json_object_set_string_member (given, "linkId", link_id);
  json_array_add_object_element (items, given);
  if (strcmp (token, "x") == 0)
    {
      JsonObject *extension = json_object_new ();
      json_object_set_string_member (extension, "url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
      json_object_set_string_member (extension, "valueCode", "asked-declined");
      JsonArray *extensions = json_array_new ();
      json_array_add_object_element (extensions, extension);
      json_object_set_array_member (given, "extension", extensions);
      return;
    }
  JsonObject *answer = json_object_new ();
  if (strcmp (type, "boolean") == 0)
    json_object_set_boolean_member (answer, "valueBoolean", *token == 'y');
  else if (strcmp (type, "integer") == 0)
    json_object_set_int_member (answer, "valueInteger", g_ascii_strtoll (token, NULL, 10));
  else if (strcmp (type, "decimal") == 0)
    json_object_set_double_member (answer, "valueDecimal", g_ascii_strtod (token, NULL));
  else if (strcmp (type, "time") == 0)
    json_object_set_string_member (answer, "valueTime", token);
  else
    {
      JsonArray *options = json_object_get_array_member (item, "answerOption");
      guint index = (guint) g_ascii_strtoull (token, NULL, 10);
      g_assert_cmpuint (index, <, json_array_get_length (options));
      JsonObject *option = json_array_get_object_element (options, index);
      json_object_set_object_member (answer, "valueCoding", json_object_ref (json_object_get_object_member (option, "valueCoding")));
    }
  JsonArray *answers = json_array_new ();
  json_array_add_object_element (answers, answer);
  json_object_set_array_member (given, "answer", answers);
}

static void
add_answers (JsonArray *items,
             JsonObject *parent,
             char ***tokens)
{
  JsonArray *questions = json_object_get_array_member (parent, "item");
  for (guint i = 0; i < json_array_get_length (questions); i++)
    {
      JsonObject *item = json_array_get_object_element (questions, i);
      if (strcmp (json_object_get_string_member (item, "type"), "group") == 0)
        add_answers (items, item, tokens);
      else
        {
          g_assert_nonnull (**tokens);
          add_answer (items, item, *(*tokens)++);
        }
    }
}

static void
check_scores (GPtrArray *scores,
              const char *expected)
{
  g_auto (GStrv) wanted = strcmp (expected, "-") == 0 ? g_new0 (char *, 1) : g_strsplit (expected, " ", -1);
  for (gsize i = 0; wanted[i] != NULL; i++)
    {
      g_auto (GStrv) sides = g_strsplit (wanted[i], "=", 2);
      AnxScore *score = NULL;
      for (guint k = 0; k < scores->len && score == NULL; k++)
        if (strcmp (((AnxScore *) scores->pdata[k])->code, sides[0]) == 0)
          score = scores->pdata[k];
      g_assert_nonnull (score);
      if (strcmp (sides[1], "absent") == 0)
        {
          g_assert_false (score->present);
          g_assert_null (score->band);
          continue;
        }
      g_auto (GStrv) value_and_band = g_strsplit (sides[1], ":", 2);
      g_assert_true (score->present);
      g_assert_cmpfloat_with_epsilon (score->value, g_ascii_strtod (value_and_band[0], NULL), 1e-9);
      /* What only an estimate reaches may lie between two bands; the engine's own rule for that is tried elsewhere. */
      if (!score->prorated)
        g_assert_cmpstr (score->band, ==, value_and_band[1]);
    }
}

/* All that is found, no more and no less: rule@place:level, the place being the number of the item in the file. */
static void
check_safety (AnxQuestionnaire *questionnaire,
              GPtrArray *findings,
              const char *expected)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < findings->len; i++)
    {
      const AnxSafetyFinding *finding = findings->pdata[i];
      guint place = 0;
      while (g_strcmp0 (anx_questionnaire_get_item (questionnaire, place)->link_id, finding->item) != 0)
        place++;
      g_ptr_array_add (found, g_strdup_printf ("%s@%u:%s", finding->rule, place + 1, anx_level_to_string (finding->level)));
    }
  g_ptr_array_sort (found, compare_strings);
  g_ptr_array_add (found, NULL);
  g_autofree char *text = g_strjoinv (" ", (char **) found->pdata);
  g_assert_cmpstr (*text != '\0' ? text : "-", ==, expected);
}

static void
check_vector (JsonObject *json,
              AnxQuestionnaire *questionnaire,
              const char *line)
{
  g_test_message ("%s: %s", anx_questionnaire_get_id (questionnaire), line);
  g_auto (GStrv) columns = g_strsplit (line, "\t", -1);
  g_assert_cmpuint (g_strv_length (columns), ==, 4);
  g_auto (GStrv) tokens = g_strsplit (columns[0], " ", -1);
  g_autoptr (JsonObject) response = json_object_new ();
  json_object_set_string_member (response, "resourceType", "QuestionnaireResponse");
  json_object_set_string_member (response, "status", "completed");
  json_object_set_string_member (response, "questionnaire", anx_questionnaire_get_canonical (questionnaire));
  JsonArray *items = json_array_new ();
  json_object_set_array_member (response, "item", items);
  char **token = tokens;
  add_answers (items, json, &token);
  g_assert_null (*token);
  if (json_array_get_length (items) == 0)
    json_object_remove_member (response, "item");

  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = anx_answers_parse (questionnaire, response, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  check_scores (scores, columns[1]);
  check_safety (questionnaire, findings, columns[2]);
}

/* ANX_VECTORS is another folder of tables: scoring.py draws its own. */
static void
test_vectors (void)
{
  const char *other = g_getenv ("ANX_VECTORS");
  g_autofree char *own = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "tests", "care", "vectors", NULL);
  const char *folder = other != NULL ? other : own;
  g_autoptr (GPtrArray) tables = names_in (folder, ".tsv");
  g_assert_cmpuint (tables->len, >=, 22);
  for (guint t = 0; t < tables->len; t++)
    {
      g_autofree char *table = g_strdup_printf ("%s/%s.tsv", folder, (char *) tables->pdata[t]);
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) tables->pdata[t]);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      g_file_get_contents (table, &text, NULL, &error);
      g_assert_no_error (error);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      guint tried = 0;
      for (gsize i = 0; lines[i] != NULL; i++)
        if (*lines[i] != '\0' && *lines[i] != '#')
          {
            check_vector (json, questionnaire, lines[i]);
            tried++;
          }
      g_assert_cmpuint (tried, >=, 10);
    }
  if (other == NULL)
    {
      g_autoptr (GPtrArray) files = instrument_names ();
      g_assert_cmpuint (files->len, ==, tables->len);
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
          g_assert_nonnull (part_of (part, "citation"));
          JsonObject *text = part_of (part, "text");
          if (text == NULL)
            continue;
          g_assert_true (for_residents);
          const char *english = json_object_get_string_member (text, "valueString");
          const char *chinese = translation_of (text, "_valueString");
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
test_resident_words (void)
{
  static const char *const languages[] = { "zh", "en" };
  g_autoptr (GPtrArray) names = instrument_names ();
  guint bands = 0;
  for (guint f = 0; f < names->len; f++)
    {
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) names->pdata[f]);
      g_test_message ("%s", path);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      gboolean for_residents = g_strcmp0 (code_of (json, "urn:anxin:fhir:audience"), "resident") == 0;
      guint of_this = check_bands (json, for_residents);
      g_assert_true ((of_this > 0) == (for_residents && json_has_score (json)));
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
  g_autoptr (GPtrArray) names = instrument_names ();
  g_assert_cmpuint (names->len, >=, 22);
  for (guint f = 0; f < names->len; f++)
    {
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) names->pdata[f]);
      g_test_message ("%s", path);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      const char *licence = code_of (json, "urn:anxin:fhir:licence");
      const char *status = json_object_get_string_member (json, "status");
      const char *waiting = code_of (json, "urn:anxin:fhir:translation-status");
      g_assert_cmpstr (anx_questionnaire_get_id (questionnaire), ==, names->pdata[f]);
      g_assert_true (g_strv_contains (licences, licence));
      g_assert_true (g_strv_contains (audiences, code_of (json, "urn:anxin:fhir:audience")));
      g_assert_nonnull (part_of (json, "urn:anxin:fhir:wording-source"));
      g_assert_nonnull (translation_of (json, "_copyright"));

      /* What waits for a person is a draft; what is free to be shown names where its Chinese comes from. */
      g_assert_true (waiting == NULL || g_strv_contains (waits, waiting));
      g_assert_cmpstr (status, ==, waiting == NULL ? "active" : "draft");
      const char *source = json_object_get_string_member (part_of (json, "urn:anxin:fhir:wording-source"), "valueString");
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

/* The codes of the file are those of LOINC, in LOINC's order. */
static void
test_codes (void)
{
  static const char *const phq[]
      = { "44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8" };
  static const char *const gad[] = { "69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7" };
  static const char *const options[] = { "LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9" };
  g_autoptr (AnxQuestionnaire) one = testing_questionnaire (PHQ_9);
  g_autoptr (AnxQuestionnaire) two = testing_questionnaire (GAD_7);
  for (guint i = 0; i < G_N_ELEMENTS (phq); i++)
    g_assert_cmpstr (anx_questionnaire_get_item (one, i)->link_id, ==, phq[i]);
  for (guint i = 0; i < G_N_ELEMENTS (gad); i++)
    g_assert_cmpstr (anx_questionnaire_get_item (two, i)->link_id, ==, gad[i]);
  g_assert_cmpstr (anx_questionnaire_get_canonical (one), ==, "urn:anxin:questionnaire:phq-9|1.0.0");

  /* A response as another system would send it: flat, without displays. */
  for (int value = 0; value < 4; value++)
    {
      g_autoptr (GString) text
          = g_string_new ("{'resourceType':'QuestionnaireResponse','status':'completed','questionnaire':"
                          "'urn:anxin:questionnaire:phq-9|1.0.0','item':[");
      for (guint i = 0; i < G_N_ELEMENTS (phq); i++)
        g_string_append_printf (
            text, "%s{'linkId':'%s','answer':[{'valueCoding':{'system':'http://loinc.org','code':'%s'}}]}",
            i > 0 ? "," : "", phq[i], options[value]);
      g_string_append (text, "]}");
      g_autoptr (JsonObject) json = testing_json (text->str);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxAnswers) answers = anx_answers_parse (one, json, &error);
      g_assert_no_error (error);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      g_assert_cmpfloat (only_score (scores)->value, ==, 9 * value);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/instruments/phq-9-totals", test_phq_9_totals);
  g_test_add_func ("/care/instruments/gad-7-totals", test_gad_7_totals);
  g_test_add_func ("/care/instruments/missing", test_missing);
  g_test_add_func ("/care/instruments/safety-of-every-answer", test_safety_of_every_answer);
  g_test_add_func ("/care/instruments/random-paths", test_random_paths);
  g_test_add_func ("/care/instruments/wording", test_wording);
  g_test_add_func ("/care/instruments/resident-words", test_resident_words);
  g_test_add_func ("/care/instruments/provenance", test_provenance);
  g_test_add_func ("/care/instruments/vectors", test_vectors);
  g_test_add_func ("/care/instruments/codes", test_codes);
  return g_test_run ();
}
