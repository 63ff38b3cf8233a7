/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vectors.h"

#include <math.h>
#include <string.h>

#include "care-testing.h"

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

/* The response that a line of a table describes; @json is the questionnaire. */
JsonObject *
vector_build_response (JsonObject *json,
                       const char *canonical,
                       const char *line)
{
  g_auto (GStrv) columns = g_strsplit (line, "\t", -1);
  g_assert_cmpuint (g_strv_length (columns), ==, 4);
  g_auto (GStrv) tokens = g_strsplit (columns[0], " ", -1);
  JsonObject *response = json_object_new ();
  json_object_set_string_member (response, "resourceType", "QuestionnaireResponse");
  json_object_set_string_member (response, "status", "completed");
  json_object_set_string_member (response, "questionnaire", canonical);
  JsonArray *items = json_array_new ();
  char **token = tokens;
  add_answers (items, json, &token);
  g_assert_null (*token);
  if (json_array_get_length (items) > 0)
    json_object_set_array_member (response, "item", items);
  else
    json_array_unref (items);
  return response;
}

static const AnxScore *
find_score (GPtrArray *scores,
            const char *code)
{
  for (guint i = 0; i < scores->len; i++)
    if (strcmp (((AnxScore *) scores->pdata[i])->code, code) == 0)
      return scores->pdata[i];
  return NULL;
}

static char *
describe_score (const AnxScore *score,
                const char *wanted)
{
  if (score == NULL)
    return g_strdup ("no such score");
  g_auto (GStrv) parts = g_strsplit (wanted, ":", 3);
  gboolean present = strcmp (wanted, "absent") != 0;
  if (score->present != present || (!present && score->band != NULL))
    return g_strdup_printf ("%s is %s", score->code, score->present ? "there" : "absent");
  if (!present)
    return NULL;
  if (fabs (score->value - g_ascii_strtod (parts[0], NULL)) > 1e-9)
    return g_strdup_printf ("%s is %g", score->code, score->value);
  /* What only an estimate reaches may lie between two bands and is never green; test-instruments tries that. */
  if (score->prorated || (g_strcmp0 (score->band, parts[1]) == 0 &&
                          (parts[1] == NULL || strcmp (anx_level_to_string (score->level), parts[2]) == 0)))
    return NULL;
  return g_strdup_printf ("%s is %s:%s", score->code, score->band, anx_level_to_string (score->level));
}

/* All that is found, no more and no less: rule@place:level, the place being the number of the item in the file. */
static char *
describe_findings (AnxQuestionnaire *questionnaire,
                   GPtrArray *findings)
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
  g_ptr_array_sort (found, testing_compare_strings);
  g_ptr_array_add (found, NULL);
  return found->len > 1 ? g_strjoinv (" ", (char **) found->pdata) : g_strdup ("-");
}

/* NULL when the engine finds in @response what the line says, else what it finds. */
char *
vector_differs (AnxQuestionnaire *questionnaire,
                JsonObject *response,
                const char *line)
{
  g_auto (GStrv) columns = g_strsplit (line, "\t", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = anx_answers_parse (questionnaire, response, &error);
  if (answers == NULL)
    return g_strdup (error->message);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  g_auto (GStrv) wanted = g_strsplit (columns[1], " ", -1);
  for (gsize i = 0; strcmp (columns[1], "-") != 0 && wanted[i] != NULL; i++)
    {
      g_auto (GStrv) sides = g_strsplit (wanted[i], "=", 2);
      char *difference = describe_score (find_score (scores, sides[0]), sides[1]);
      if (difference != NULL)
        return difference;
    }
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  char *found = describe_findings (questionnaire, findings);
  if (strcmp (found, columns[2]) != 0)
    return found;
  g_free (found);
  return NULL;
}

/* The lines of a table without its comments. */
GPtrArray *
vector_read_lines (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && *lines[i] != '#')
      g_ptr_array_add (found, g_strdup (lines[i]));
  return found;
}
