/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "json.h"
#include "vectors.h"

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

/*
 * What is danger in each shipped file, written down here once more and not read from the files: the answers as their
 * numbers in printed order (yes is 0). Refusing is danger as well. An instrument that is not named here asks nothing about it.
 */
static const struct
{
  const char *file;
  const char *item;
  const char *answers;
  AnxLevel level;
} dangers[] = {
  { "phq-9", "44260-8", "123", ANX_LEVEL_YELLOW },    { "asq", "asq-1", "0", ANX_LEVEL_YELLOW },
  { "asq", "asq-2", "0", ANX_LEVEL_YELLOW },          { "asq", "asq-3", "0", ANX_LEVEL_YELLOW },
  { "asq", "asq-4", "0", ANX_LEVEL_YELLOW },          { "asq", "asq-5", "0", ANX_LEVEL_RED },
  { "srq-20", "srq-20-17", "0", ANX_LEVEL_YELLOW },   { "epds", "epds-10", "012", ANX_LEVEL_YELLOW },
  { "sds", "sds-19", "123", ANX_LEVEL_YELLOW },       { "scl-90", "scl-90-15", "1234", ANX_LEVEL_YELLOW },
};

static gboolean
is_danger (const char *file,
           const char *item,
           int value,
           AnxLevel *out_level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dangers); i++)
    if (strcmp (dangers[i].file, file) == 0 && strcmp (dangers[i].item, item) == 0)
      {
        *out_level = dangers[i].level;
        return value == ANX_ANSWER_DECLINED || (value >= 0 && strchr (dangers[i].answers, '0' + value) != NULL);
      }
  return FALSE;
}

/* How many of the answers that still stand are danger; with asked_only, of those that are still asked. */
static guint
count_danger (const char *file,
              AnxQuestionnaire *questionnaire,
              AnxAnswers *answers,
              gboolean asked_only)
{
  guint n = 0;
  AnxLevel level;
  for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
    if ((!asked_only || anx_answers_is_enabled (answers, i))
        && is_danger (file, anx_questionnaire_get_item (questionnaire, i)->link_id, anx_answers_get (answers, i), &level))
      n++;
  return n;
}

static void
walk_at_random (const char *file,
                AnxQuestionnaire *questionnaire)
{
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  guint at = anx_answers_next (answers, G_MAXUINT);
  for (guint step = 0; step < 4 * anx_questionnaire_get_n_items (questionnaire) && at != G_MAXUINT; step++)
    {
      const AnxItem *item = anx_questionnaire_get_item (questionnaire, at);
      int value = g_test_rand_int_range (ANX_ANSWER_DECLINED, (int) item->n_options);
      anx_answers_set (answers, at, value);
      AnxLevel level;
      gboolean danger = is_danger (file, item->link_id, value, &level);
      g_autoptr (AnxSafetyFinding) finding = anx_answers_find_safety_of (answers, at);
      g_assert_true ((finding != NULL) == danger);
      if (danger)
        {
          g_assert_cmpint (finding->level, ==, level);
          g_assert_cmpstr (finding->item, ==, item->link_id);
        }
      at = g_test_rand_int_range (0, 5) == 0 ? anx_answers_previous (answers, at) : anx_answers_next (answers, at);
    }
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  g_assert_cmpuint (findings->len, ==, count_danger (file, questionnaire, answers, FALSE));

  /* What the reader of the record finds. */
  g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "stopped", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, response, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) again = anx_answers_find_safety (back);
  g_assert_cmpuint (again->len, ==, count_danger (file, questionnaire, answers, TRUE));
}

/* ANX_RANDOM_ANSWERS ways through each file, with going back and changing: danger is found at once, every time, and nothing else is. */
static void
test_danger_on_every_path (void)
{
  const char *asked = g_getenv ("ANX_RANDOM_ANSWERS");
  guint ways = asked != NULL ? (guint) g_ascii_strtoull (asked, NULL, 10) : 60;
  g_autoptr (GPtrArray) names = testing_instruments ();
  for (guint f = 0; f < names->len; f++)
    {
      const char *file = names->pdata[f];
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", file);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      g_test_message ("%s", file);
      for (guint i = 0; i < ways; i++)
        walk_at_random (file, questionnaire);
    }
}

/* --- the tables of vectors --- */

/* ANX_VECTORS is another folder of tables: scoring.py draws its own. */
static void
test_vectors (void)
{
  const char *other = g_getenv ("ANX_VECTORS");
  g_autofree char *own = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "tests", "care", "vectors", NULL);
  const char *folder = other != NULL ? other : own;
  g_autoptr (GPtrArray) tables = testing_names (folder, ".tsv");
  g_assert_cmpuint (tables->len, >=, 22);
  for (guint t = 0; t < tables->len; t++)
    {
      g_autofree char *table = g_strdup_printf ("%s/%s.tsv", folder, (char *) tables->pdata[t]);
      g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", (char *) tables->pdata[t]);
      g_autoptr (JsonObject) json = testing_load (path);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
      g_autoptr (GPtrArray) lines = vector_read_lines (table);
      for (guint i = 0; i < lines->len; i++)
        {
          g_autoptr (JsonObject) response = vector_build_response (json, anx_questionnaire_get_canonical (questionnaire), lines->pdata[i]);
          g_autofree char *difference = vector_differs (questionnaire, response, lines->pdata[i]);
          if (difference != NULL)
            g_error ("%s: %s: %s", (char *) tables->pdata[t], (char *) lines->pdata[i], difference);
        }
      g_assert_cmpuint (lines->len, >=, 10);
    }
  if (other == NULL)
    {
      g_autoptr (GPtrArray) files = testing_instruments ();
      g_assert_cmpuint (files->len, ==, tables->len);
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
  g_test_add_func ("/care/instruments/danger-on-every-path", test_danger_on_every_path);
  g_test_add_func ("/care/instruments/vectors", test_vectors);
  g_test_add_func ("/care/instruments/codes", test_codes);
  return g_test_run ();
}
