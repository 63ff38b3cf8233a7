/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "care-testing.h"

/*
 * Questionnaires that others published: each loads and can be filled in, or is refused with the feature that it needs. The table is
 * tests/care/public/expected.tsv: file, “loads” or “refused”, and of a refusal what its message must name.
 */

#define FOLDER "tests/care/public"

static AnxAnswerValue
sample (AnxItemType type)
{
  switch (type)
    {
    case ANX_ITEM_INTEGER:
      return (AnxAnswerValue){ .type = ANX_VALUE_INTEGER, .number = 3 };
    case ANX_ITEM_DECIMAL:
      return (AnxAnswerValue){ .type = ANX_VALUE_DECIMAL, .number = 2.5 };
    case ANX_ITEM_QUANTITY:
      return (AnxAnswerValue){ .type = ANX_VALUE_QUANTITY, .number = 70, .text = (char *) "kg" };
    case ANX_ITEM_DATE:
      return (AnxAnswerValue){ .type = ANX_VALUE_DATE, .text = (char *) "2001-02-03" };
    case ANX_ITEM_DATE_TIME:
      return (AnxAnswerValue){ .type = ANX_VALUE_DATE_TIME, .text = (char *) "2001-02-03T04:05:06Z" };
    case ANX_ITEM_TIME:
      return (AnxAnswerValue){ .type = ANX_VALUE_TIME, .text = (char *) "04:05:06" };
    case ANX_ITEM_URL:
      return (AnxAnswerValue){ .type = ANX_VALUE_URI, .text = (char *) "urn:x" };
    case ANX_ITEM_ATTACHMENT:
      return (AnxAnswerValue){ .type = ANX_VALUE_ATTACHMENT, .data = (char *) "aGk=" };
    case ANX_ITEM_REFERENCE:
      return (AnxAnswerValue){ .type = ANX_VALUE_REFERENCE, .text = (char *) "Patient/1" };
    default:
      return (AnxAnswerValue){ .type = ANX_VALUE_STRING, .text = (char *) "words" };
    }
}

/* What was filled in comes back out of its FHIR, calculated values included. */
static void
check_behaves (AnxQuestionnaire *questionnaire)
{
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  anx_answers_set_now (answers, 1795400000000000, 0);
  guint asked = 0;
  for (guint i = anx_answers_next (answers, G_MAXUINT); i != G_MAXUINT; i = anx_answers_next (answers, i))
    {
      const AnxItem *item = anx_questionnaire_get_item (questionnaire, i);
      AnxAnswerValue value = sample (item->type);
      if (item->n_options > 0)
        anx_answers_set (answers, i, (int) (i % item->n_options));
      else if (!anx_answers_set_value (answers, i, &value, NULL))
        anx_answers_set (answers, i, ANX_ANSWER_DECLINED);
      asked++;
    }
  g_assert_cmpuint (asked, >, 0);
  g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 1795400000000000);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, response, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < anx_answers_get_n_indexes (answers); i++)
    if (anx_answers_is_enabled (answers, i))
      {
        g_autofree char *one = anx_answers_dup_text (answers, i, "en"), *other = anx_answers_dup_text (back, i, "en");
        g_assert_cmpstr (one, ==, other);
      }
}

static void
test_table (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), FOLDER, "expected.tsv", NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  guint loaded = 0, refused = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_test_message ("%s", lines[i]);
      g_auto (GStrv) columns = g_strsplit (lines[i], "\t", -1);
      g_assert_cmpuint (g_strv_length (columns), >=, 2);
      g_autofree char *file = g_build_filename (FOLDER, columns[0], NULL);
      g_autoptr (JsonObject) json = testing_load (file);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (json, &error);
      if (strcmp (columns[1], "loads") == 0)
        {
          g_assert_no_error (error);
          check_behaves (questionnaire);
          loaded++;
          continue;
        }
      g_assert_null (questionnaire);
      g_assert_true (error->domain == ANX_CARE_ERROR);
      g_assert_cmpuint (g_strv_length (columns), ==, 3);
      if (strstr (error->message, columns[2]) == NULL)
        g_error ("“%s” does not name “%s”", error->message, columns[2]);
      refused++;
    }
  g_test_message ("%u load, %u are refused", loaded, refused);
  g_assert_cmpuint (loaded, >=, 12);
}

/* No file of the folder is left out of the table. */
static void
test_complete (void)
{
  static const char *const folders[] = { "r4", "sdc" };
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), FOLDER, "expected.tsv", NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), FOLDER, folders[i], NULL);
      g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
      g_assert_nonnull (directory);
      for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
        {
          g_autofree char *entry = g_strdup_printf ("%s/%s\t", folders[i], name);
          if (!g_str_has_suffix (name, "-response.json") && strstr (text, entry) == NULL)
            g_error ("%s is not in the table", name);
        }
    }
}

/*
 * Responses published with the questionnaires of FHIR R4 itself do not fit them: one answers a code that is not offered (“f” for “F”),
 * one items in a question that has no answer. Both are refused, with the place.
 */
static void
test_responses (void)
{
  static const struct
  {
    const char *name;
    const char *names;
  } cases[] = { { "bb", "sex: " }, { "f201", "1: a question holds" } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_autofree char *file = g_strdup_printf (FOLDER "/r4/%s.json", cases[i].name);
      g_autofree char *answered = g_strdup_printf (FOLDER "/r4/%s-response.json", cases[i].name);
      g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (file);
      g_autoptr (JsonObject) response = testing_load (answered);
      /* They name no questionnaire, or one by another address. */
      json_object_set_string_member (response, "questionnaire", anx_questionnaire_get_canonical (questionnaire));
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxAnswers) answers = anx_answers_parse (questionnaire, response, &error);
      g_assert_null (answers);
      if (error == NULL || strstr (error->message, cases[i].names) == NULL)
        g_error ("%s: “%s”", cases[i].name, error != NULL ? error->message : "read");
    }
}

/* The Framingham risk that the SDC guide publishes: a chain of variables, computed when the last answer is there, against the formula in C. */
static void
test_published_formula (void)
{
  static const struct
  {
    double value; /* of a number, or the option */
    gboolean number;
  } answers_given[] = { { 55, TRUE }, { 0, FALSE }, { 1, FALSE }, { 130, TRUE }, { 200, TRUE }, { 50, TRUE }, { 1, FALSE } };
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (FOLDER "/sdc/profile-example-framingham-hchd-lhc.json");
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  guint risk = anx_questionnaire_get_n_items (questionnaire);
  g_assert_cmpstr (anx_questionnaire_get_item (questionnaire, risk)->link_id, ==, "riskDecimal");
  for (guint i = 0; i < G_N_ELEMENTS (answers_given); i++)
    {
      g_assert_cmpuint (anx_answers_get_n_values (answers, risk), ==, 0);
      AnxAnswerValue value = { .type = ANX_VALUE_DECIMAL, .number = answers_given[i].value };
      if (answers_given[i].number)
        g_assert_true (anx_answers_set_value (answers, i, &value, NULL));
      else
        anx_answers_set (answers, i, (int) answers_given[i].value);
    }
  double age = log (55), chol = log (200), hdl = log (50), systolic = log (130);
  double sum = 52.00961 * (age - 3.8926095) + 20.014077 * (chol - 5.3441475) - 0.905964 * (hdl - 3.7731132) +
               1.305784 * (systolic - 4.8618212) + 0.241549 * (0 - 0.1180474) + 12.096316 * (0 - 0.335602) -
               4.605038 * (age * chol - 20.8111562) - 2.84367 * (0 - 1.2890301) - 2.93323 * (age * age - 15.2144965);
  double expected = 1 - pow (0.9402, exp (sum));
  g_assert_cmpuint (anx_answers_get_n_values (answers, risk), ==, 1);
  g_assert_cmpfloat_with_epsilon (anx_answers_get_value (answers, risk, 0)->number, expected, 1e-6);
  g_autofree char *percent = anx_answers_dup_text (answers, risk - 1, "en");
  g_autofree char *words = g_strdup_printf ("%.2f%%", expected * 100);
  g_assert_cmpstr (percent, ==, words);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/public/table", test_table);
  g_test_add_func ("/care/public/complete", test_complete);
  g_test_add_func ("/care/public/responses", test_responses);
  g_test_add_func ("/care/public/published-formula", test_published_formula);
  return g_test_run ();
}
