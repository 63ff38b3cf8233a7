/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

/*
 * Results as FHIR resources. Each says from which version of the instrument, which wording and which rules it comes; a reader that has the same
 * questionnaire computes them again and takes nothing on trust.
 */
#define RULE_SET_URL "urn:anxin:fhir:rule-set"
#define WORDING_SOURCE_URL "urn:anxin:fhir:wording-source"
#define INSTRUMENT_URL "http://hl7.org/fhir/StructureDefinition/instantiatesCanonical"
#define ITEM_URL "urn:anxin:fhir:item"

#define MAX_ENTRIES 200

#define fail anx_care_fail

static void
add_text (JsonObject *resource,
          const char *url,
          const char *member,
          const char *text)
{
  if (text != NULL)
    anx_fhir_add_extension (resource, url, member, json_node_init_string (json_node_alloc (), text));
}

/**
 * anx_answers_name_source:
 * @self: a filling in
 * @resource: a FHIR resource made of it
 *
 * Writes into it where it comes from: the instrument with its version, the wording's source, the digest of the rules.
 */
void
anx_answers_name_source (AnxAnswers *self,
                           JsonObject *resource)
{
  g_return_if_fail (ANX_IS_ANSWERS (self) && resource != NULL);
  add_text (resource, INSTRUMENT_URL, "valueCanonical", self->questionnaire->canonical);
  add_text (resource, WORDING_SOURCE_URL, "valueString", self->questionnaire->wording_source);
  add_text (resource, RULE_SET_URL, "valueString", self->questionnaire->rule_set);
}

static JsonObject *
make_level (AnxLevel level)
{
  return anx_fhir_concept (ANX_FHIR_LEVEL, anx_level_to_string (level), NULL);
}

static void
set_value (JsonObject *observation,
           const AnxScore *score)
{
  if (!score->present)
    {
      json_object_set_object_member (observation, "dataAbsentReason", anx_fhir_concept (ANX_FHIR_ABSENT_SYSTEM, "unknown", NULL));
      return;
    }
  JsonObject *quantity = json_object_new ();
  json_object_set_double_member (quantity, "value", score->value);
  json_object_set_string_member (quantity, "unit", "score");
  json_object_set_string_member (quantity, "system", ANX_FHIR_UCUM);
  json_object_set_string_member (quantity, "code", "{score}");
  json_object_set_object_member (observation, "valueQuantity", quantity);
  JsonArray *interpretation = json_array_new ();
  if (score->band != NULL)
    json_array_add_object_element (interpretation, anx_fhir_concept (ANX_FHIR_BAND, score->band, NULL));
  json_array_add_object_element (interpretation, make_level (score->level));
  json_object_set_array_member (observation, "interpretation", interpretation);
}

static JsonObject *
make_observation (AnxAnswers *self,
                  const AnxScore *score,
                  const char *response_url,
                  gint64 now_usec)
{
  JsonObject *observation = anx_fhir_resource ("Observation");
  json_object_set_string_member (observation, "status", "final");
  anx_fhir_set_array_of (observation, "category", anx_fhir_concept (ANX_FHIR_CATEGORY, "survey", NULL));
  json_object_set_object_member (observation, "code",
                                 anx_fhir_concept (anx_questionnaire_get_score_system (self->questionnaire, score->code), score->code, NULL));
  json_object_set_object_member (observation, "subject", anx_fhir_subject (NULL));
  anx_fhir_set_time (observation, "effectiveDateTime", now_usec);
  anx_fhir_set_array_of (observation, "derivedFrom", anx_fhir_reference (response_url));
  set_value (observation, score);
  if (score->prorated)
    anx_fhir_add_extension (observation, ANX_FHIR_PRORATED, "valueBoolean", json_node_init_boolean (json_node_alloc (), TRUE));
  add_text (observation, ANX_FHIR_CITATION, "valueString", score->citation);
  add_text (observation, ANX_FHIR_CUT_OFF_REASON, "valueString", score->cut_off_reason);
  anx_answers_name_source (self, observation);
  return observation;
}

static JsonObject *
make_risk (AnxAnswers *self,
           GPtrArray *findings,
           const char *response_url,
           gint64 now_usec)
{
  JsonObject *risk = anx_fhir_resource ("RiskAssessment");
  json_object_set_string_member (risk, "status", "final");
  json_object_set_object_member (risk, "subject", anx_fhir_subject (NULL));
  anx_fhir_set_time (risk, "occurrenceDateTime", now_usec);
  anx_fhir_set_array_of (risk, "basis", anx_fhir_reference (response_url));
  JsonArray *predictions = json_array_new ();
  for (guint i = 0; i < findings->len; i++)
    {
      const AnxSafetyFinding *finding = g_ptr_array_index (findings, i);
      JsonObject *prediction = json_object_new ();
      json_object_set_object_member (prediction, "outcome", anx_fhir_concept (ANX_FHIR_RULE, finding->rule, NULL));
      json_object_set_object_member (prediction, "qualitativeRisk", make_level (finding->level));
      add_text (prediction, ITEM_URL, "valueString", finding->item);
      json_array_add_object_element (predictions, prediction);
    }
  json_object_set_array_member (risk, "prediction", predictions);
  anx_answers_name_source (self, risk);
  return risk;
}

/**
 * anx_answers_to_bundle:
 * @self: a filling in
 * @status: `completed`, or `stopped` when the resident broke off
 * @now_usec: when, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Bundle(collection): the QuestionnaireResponse, an Observation for each score (with its band as
 *   interpretation, or the reason why it has no value) and a RiskAssessment when a safety rule fired; each with the version of the
 *   instrument, the source of its wording and the digest of its rules
 */
JsonObject *
anx_answers_to_bundle (AnxAnswers *self,
                       const char *status,
                       gint64 now_usec)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && status != NULL, NULL);
  JsonObject *bundle = anx_fhir_bundle (now_usec);
  JsonObject *response = anx_answers_to_fhir (self, status, now_usec);
  anx_answers_name_source (self, response);
  g_autofree char *response_url = anx_fhir_bundle_add (bundle, response, now_usec);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (self);
  for (guint i = 0; i < scores->len; i++)
    {
      g_autofree char *url
          = anx_fhir_bundle_add (bundle, make_observation (self, g_ptr_array_index (scores, i), response_url, now_usec), now_usec);
    }
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (self);
  if (findings->len > 0)
    {
      g_autofree char *url = anx_fhir_bundle_add (bundle, make_risk (self, findings, response_url, now_usec), now_usec);
    }
  return bundle;
}

/* --- reading --- */

static gboolean
check_source (AnxQuestionnaire *questionnaire,
              JsonObject *resource,
              GError **error)
{
  const char *rules = anx_json_get_string (anx_fhir_find_extension (resource, RULE_SET_URL), "valueString", NULL);
  if (g_strcmp0 (rules, questionnaire->rule_set) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A result comes from other rules than those of this questionnaire"));
  const char *canonical = anx_json_get_string (anx_fhir_find_extension (resource, INSTRUMENT_URL), "valueCanonical", NULL);
  if (g_strcmp0 (canonical, questionnaire->canonical) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A result belongs to another questionnaire or version"));
  return TRUE;
}

static gboolean
check_observation (AnxAnswers *self,
                   GPtrArray *scores,
                   JsonObject *observation,
                   GError **error)
{
  const char *code = anx_fhir_find_code (anx_json_get_object (observation, "code"), NULL);
  for (guint i = 0; i < scores->len; i++)
    {
      const AnxScore *score = g_ptr_array_index (scores, i);
      if (g_strcmp0 (score->code, code) != 0)
        continue;
      double value = 0;
      gboolean present = anx_fhir_get_number (anx_json_get_object (observation, "valueQuantity"), "value", &value);
      if (present != score->present || (present && fabs (value - score->value) > 1e-6 * MAX (1, fabs (value))))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the score is not that of the answers"), code);
      JsonArray *interpretation = anx_json_get_array (observation, "interpretation");
      const char *level = NULL;
      for (guint k = 0; interpretation != NULL && level == NULL && k < json_array_get_length (interpretation); k++)
        {
          JsonNode *node = json_array_get_element (interpretation, k);
          level = anx_fhir_find_code (JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL, ANX_FHIR_LEVEL);
        }
      if (present && g_strcmp0 (level, anx_level_to_string (score->level)) != 0)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the level is not that of the score"), code);
      return TRUE;
    }
  return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A score is not one of this questionnaire"));
}

static gboolean
check_risks (AnxAnswers *self,
             JsonObject *bundle,
             GError **error)
{
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (self);
  guint from = 0;
  JsonObject *risk = anx_fhir_bundle_find (bundle, "RiskAssessment", &from, NULL);
  JsonArray *predictions = anx_json_get_array (risk, "prediction");
  guint n = predictions != NULL ? json_array_get_length (predictions) : 0;
  if (risk != NULL && !check_source (self->questionnaire, risk, error))
    return FALSE;
  gboolean same = n == findings->len;
  for (guint i = 0; same && i < n; i++)
    {
      const AnxSafetyFinding *finding = g_ptr_array_index (findings, i);
      JsonNode *node = json_array_get_element (predictions, i);
      JsonObject *prediction = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      same = g_strcmp0 (anx_fhir_find_code (anx_json_get_object (prediction, "outcome"), ANX_FHIR_RULE), finding->rule) == 0 &&
             g_strcmp0 (anx_fhir_find_code (anx_json_get_object (prediction, "qualitativeRisk"), ANX_FHIR_LEVEL),
                        anx_level_to_string (finding->level)) == 0;
    }
  return same || fail (error, ANX_CARE_ERROR_INVALID, N_ ("The safety findings are not those of the answers"));
}

/**
 * anx_answers_parse_bundle:
 * @questionnaire: (transfer none): the questionnaire, with the site's cut-offs where it has its own
 * @bundle: a FHIR R4 Bundle of anx_answers_to_bundle()
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Computes every score and finding again and compares: a value, a level or a finding that does not follow from the answers, one too many or one
 * too few is an error, and so are results of other rules.
 *
 * Returns: (transfer full) (nullable): the filling in
 */
AnxAnswers *
anx_answers_parse_bundle (AnxQuestionnaire *questionnaire,
                          JsonObject *bundle,
                          GError **error)
{
  g_return_val_if_fail (questionnaire != NULL && bundle != NULL, NULL);
  if (!anx_fhir_check_bundle (bundle, MAX_ENTRIES, error))
    return NULL;
  guint from = 0;
  JsonObject *response = anx_fhir_bundle_find (bundle, "QuestionnaireResponse", &from, NULL);
  if (response == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("There are no answers"));
      return NULL;
    }
  g_autoptr (AnxAnswers) self = anx_answers_parse (questionnaire, response, error);
  if (self == NULL || !check_source (questionnaire, response, error))
    return NULL;
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (self);
  guint count = 0;
  JsonObject *observation;
  for (from = 0; (observation = anx_fhir_bundle_find (bundle, "Observation", &from, NULL)) != NULL; count++)
    if (!check_source (questionnaire, observation, error) || !check_observation (self, scores, observation, error))
      return NULL;
  if (count != scores->len)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("A score is missing or stands there twice"));
      return NULL;
    }
  return check_risks (self, bundle, error) ? g_steal_pointer (&self) : NULL;
}
