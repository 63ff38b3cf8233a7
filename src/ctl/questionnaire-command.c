/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <math.h>

#include "bounds.h"
#include "care-error.h"
#include "command.h"
#include "files.h"
#include "json.h"
#include "questionnaire.h"

static JsonObject *
read_json (const char *path,
           GError **error)
{
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  JsonObject *json = anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                            ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (json == NULL)
    g_prefix_error (error, "%s: ", path);
  return json;
}

static AnxQuestionnaire *
read_questionnaire (const char *path,
                    GError **error)
{
  g_autoptr (JsonObject) json = read_json (path, error);
  if (json == NULL)
    return NULL;
  AnxQuestionnaire *questionnaire = anx_questionnaire_parse (json, error);
  if (questionnaire == NULL)
    g_prefix_error (error, "%s: ", path);
  return questionnaire;
}

/* All files are looked at, so that one run tells all that is wrong. */
static gboolean
run_check (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_auto (GStrv) operands = NULL;
  if (!anx_command_parse (command, argc, argv, NULL, 1, G_MAXUINT, &operands, error))
    return FALSE;
  guint bad = 0;
  for (guint i = 0; operands[i] != NULL; i++)
    {
      g_autoptr (GError) inner = NULL;
      g_autoptr (AnxQuestionnaire) questionnaire = read_questionnaire (operands[i], &inner);
      if (questionnaire == NULL)
        {
          g_printerr ("%s\n", inner->message);
          bad++;
          continue;
        }
      g_autofree char *line = g_strdup_printf ("%s: %s\n", operands[i], anx_questionnaire_get_canonical (questionnaire));
      anx_command_print (line);
    }
  if (bad == 0)
    return TRUE;
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _("Files that cannot be used: %u"), bad);
  return FALSE;
}

/* A score that cannot be computed is null, never 0. Whole numbers are written as such. */
static JsonNode *
score_value (const AnxScore *score)
{
  JsonNode *node = json_node_alloc ();
  if (!score->present)
    return json_node_init_null (node);
  if (score->value == floor (score->value) && fabs (score->value) < 1e15)
    return json_node_init_int (node, (gint64) score->value);
  return json_node_init_double (node, score->value);
}

static JsonArray *
build_scores (AnxAnswers *answers)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  for (guint i = 0; i < scores->len; i++)
    {
      const AnxScore *score = scores->pdata[i];
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "code", score->code);
      json_object_set_member (object, "value", score_value (score));
      json_object_set_boolean_member (object, "prorated", score->prorated);
      if (score->present && score->band != NULL)
        json_object_set_string_member (object, "band", score->band);
      else
        json_object_set_null_member (object, "band");
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
build_safety (AnxAnswers *answers)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  for (guint i = 0; i < findings->len; i++)
    {
      const AnxSafetyFinding *finding = findings->pdata[i];
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "rule", finding->rule);
      json_object_set_string_member (object, "level", anx_level_to_string (finding->level));
      if (finding->item != NULL)
        json_object_set_string_member (object, "item", finding->item);
      else
        json_object_set_null_member (object, "item");
      if (finding->score != NULL)
        json_object_set_string_member (object, "score", finding->score);
      json_array_add_object_element (array, object);
    }
  return array;
}

static gboolean
run_score (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_auto (GStrv) operands = NULL;
  if (!anx_command_parse (command, argc, argv, NULL, 2, 2, &operands, error))
    return FALSE;
  g_autoptr (AnxQuestionnaire) questionnaire = read_questionnaire (operands[0], error);
  g_autoptr (JsonObject) response = questionnaire != NULL ? read_json (operands[1], error) : NULL;
  g_autoptr (AnxAnswers) answers = response != NULL ? anx_answers_parse (questionnaire, response, error) : NULL;
  if (answers == NULL)
    return FALSE;
  g_autoptr (JsonObject) result = json_object_new ();
  json_object_set_array_member (result, "scores", build_scores (answers));
  json_object_set_array_member (result, "safety", build_safety (answers));
  g_autofree char *text = anx_json_object_to_text (result);
  anx_command_print (text);
  anx_command_print ("\n");
  return TRUE;
}

const AnxCommand anx_questionnaire_commands[] = {
  { "questionnaire", "check", "FILE…", N_("Check FHIR questionnaires"), run_check },
  { "questionnaire", "score", "QUESTIONNAIRE RESPONSE", N_("Score a FHIR questionnaire response; prints JSON"), run_score },
  { NULL },
};
