/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"

#include <math.h>
#include <string.h>

#include "care-error.h"
#include "consent.h"
#include "fhir-private.h"
#include "json.h"
#include "questionnaire-private.h"
#include "score-private.h"

#define fail anx_care_fail

/* Instruments in one screening; entries of its bundle: consent, risk, and per instrument a response and its scores. */
#define MAX_PARTS 20
#define MAX_ENTRIES 400
#define MAX_PREDICTIONS 200

static JsonObject *
make_level_concept (AnxLevel level)
{
  return anx_fhir_concept (ANX_FHIR_LEVEL, anx_level_to_string (level), NULL);
}

static void
add_text (JsonObject *observation,
          const char *url,
          const char *text)
{
  if (text != NULL)
    anx_fhir_add_extension (observation, url, "valueString", json_node_init_string (json_node_alloc (), text));
}

/* A code with its Chinese words as the text and its English ones as the display. */
static JsonObject *
make_words (const char *system,
            const char *code,
            const char *zh,
            const char *en)
{
  JsonObject *concept = anx_fhir_concept (system, code, zh);
  if (en != NULL)
    json_object_set_string_member (json_array_get_object_element (json_object_get_array_member (concept, "coding"), 0), "display", en);
  return concept;
}

static void
read_words (JsonObject *concept,
            char **out_zh,
            char **out_en)
{
  *out_zh = g_strdup (anx_json_get_string (concept, "text", NULL));
  *out_en = g_strdup (anx_json_get_string (anx_fhir_first (concept, "coding"), "display", NULL));
}

static JsonObject *
score_to_fhir (AnxAnswers *answers,
               const AnxScore *score,
               const char *system,
               const char *response_url,
               const char *booking,
               gint64 now_usec)
{
  JsonObject *observation = anx_fhir_resource ("Observation");
  json_object_set_string_member (observation, "status", "final");
  anx_fhir_set_array_of (observation, "category", anx_fhir_concept (ANX_FHIR_CATEGORY, "survey", NULL));
  json_object_set_object_member (observation, "code", make_words (system, score->code, score->name_zh, score->name_en));
  json_object_set_object_member (observation, "subject", anx_fhir_subject (booking));
  anx_fhir_set_time (observation, "effectiveDateTime", now_usec);
  anx_fhir_set_array_of (observation, "derivedFrom", anx_fhir_reference (response_url));
  anx_answers_name_source (answers, observation);
  add_text (observation, ANX_FHIR_CITATION, score->citation);
  add_text (observation, ANX_FHIR_CUT_OFF_REASON, score->cut_off_reason);
  if (!score->present)
    {
      json_object_set_object_member (observation, "dataAbsentReason",
                                     anx_fhir_concept (ANX_FHIR_ABSENT_SYSTEM, "unknown", NULL));
      return observation;
    }

  JsonObject *quantity = json_object_new ();
  json_object_set_double_member (quantity, "value", score->value);
  json_object_set_string_member (quantity, "unit", "score");
  json_object_set_string_member (quantity, "system", ANX_FHIR_UCUM);
  json_object_set_string_member (quantity, "code", "{score}");
  json_object_set_object_member (observation, "valueQuantity", quantity);

  JsonArray *interpretation = json_array_new ();
  if (score->band != NULL)
    json_array_add_object_element (interpretation, make_words (ANX_FHIR_BAND, score->band, score->band_name_zh, score->band_name_en));
  json_array_add_object_element (interpretation, make_level_concept (score->level));
  json_object_set_array_member (observation, "interpretation", interpretation);
  if (score->prorated)
    anx_fhir_add_extension (observation, ANX_FHIR_PRORATED, "valueBoolean",
                            json_node_init_boolean (json_node_alloc (), TRUE));
  return observation;
}

static void
add_prediction (JsonArray *predictions,
                AnxLevel level,
                const char *rule)
{
  JsonObject *prediction = json_object_new ();
  json_object_set_object_member (prediction, "outcome", anx_fhir_concept (ANX_FHIR_RULE, rule, NULL));
  json_object_set_object_member (prediction, "qualitativeRisk", make_level_concept (level));
  json_array_add_object_element (predictions, prediction);
}

/* A response is complete when nothing that was asked is without an answer or a refusal. */
static const char *
find_status (AnxAnswers *answers)
{
  for (guint i = anx_answers_next (answers, G_MAXUINT); i != G_MAXUINT; i = anx_answers_next (answers, i))
    if (anx_answers_get (answers, i) == ANX_ANSWER_NONE)
      return "stopped";
  return "completed";
}

static void
add_instrument (JsonObject *bundle,
                AnxAnswers *answers,
                const char *booking,
                gint64 now_usec,
                JsonArray *basis,
                JsonArray *predictions)
{
  AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (answers);
  JsonObject *response = anx_answers_to_fhir (answers, find_status (answers), now_usec);
  json_object_set_object_member (response, "subject", anx_fhir_subject (booking));
  anx_answers_name_source (answers, response);
  g_autofree char *response_url = anx_fhir_bundle_add (bundle, response, now_usec);
  guint before = json_array_get_length (predictions);

  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  for (guint i = 0; i < scores->len; i++)
    {
      AnxScore *score = g_ptr_array_index (scores, i);
      const char *system = anx_questionnaire_get_score_system (questionnaire, score->code);
      g_autofree char *url
          = anx_fhir_bundle_add (bundle, score_to_fhir (answers, score, system, response_url, booking, now_usec), now_usec);
      if (score->present && score->level > ANX_LEVEL_GREEN)
        add_prediction (predictions, score->level, "score");
    }
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  for (guint i = 0; i < findings->len; i++)
    {
      AnxSafetyFinding *finding = g_ptr_array_index (findings, i);
      add_prediction (predictions, finding->level, finding->rule);
    }
  if (json_array_get_length (predictions) > before)
    json_array_add_object_element (basis, anx_fhir_reference (response_url));
}

/**
 * anx_screening_build:
 * @answers: (element-type AnxAnswers): one filling in per instrument, 1 to 20
 * @booking: (nullable): the booking's id, when there is one
 * @consented: whether the resident agreed that the counsellor reads the answers; a refusal is recorded as such
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Bundle(collection): a Consent; per instrument a QuestionnaireResponse
 *   (completed, or stopped when an item that was asked has neither answer nor refusal) and an Observation per score, both with the
 *   version of the instrument, the source of its wording and the digest of its rules (anx_answers_name_source());
 *   a RiskAssessment when a safety rule fired or a score stands above green
 */
JsonObject *
anx_screening_build (GPtrArray *answers,
                     const char *booking,
                     gboolean consented,
                     gint64 now_usec)
{
  g_return_val_if_fail (answers != NULL && answers->len > 0 && answers->len <= MAX_PARTS, NULL);
  JsonObject *bundle = anx_fhir_bundle (now_usec);
  JsonObject *consent = anx_consent_to_fhir (ANX_PURPOSE_SCREENING, consented, NULL, now_usec);
  g_autofree char *consent_url = anx_fhir_bundle_add (bundle, consent, now_usec);

  JsonArray *basis = json_array_new ();
  JsonArray *predictions = json_array_new ();
  for (guint i = 0; i < answers->len; i++)
    add_instrument (bundle, g_ptr_array_index (answers, i), booking, now_usec, basis, predictions);
  if (json_array_get_length (predictions) == 0)
    {
      json_array_unref (basis);
      json_array_unref (predictions);
      return bundle;
    }

  JsonObject *risk = anx_fhir_resource ("RiskAssessment");
  json_object_set_string_member (risk, "status", "final");
  json_object_set_object_member (risk, "subject", anx_fhir_subject (booking));
  anx_fhir_set_time (risk, "occurrenceDateTime", now_usec);
  json_object_set_array_member (risk, "basis", basis);
  json_object_set_array_member (risk, "prediction", predictions);
  g_autofree char *risk_url = anx_fhir_bundle_add (bundle, risk, now_usec);
  return bundle;
}

static void
screening_part_free (gpointer data)
{
  AnxScreeningPart *part = data;
  g_free (part->canonical);
  g_clear_pointer (&part->response, json_object_unref);
  g_ptr_array_unref (part->scores);
  g_free (part);
}

static const char *
find_interpretation (JsonObject *observation,
                     const char *system,
                     JsonObject **out_concept)
{
  JsonArray *array = anx_json_get_array (observation, "interpretation");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *concept = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *code = anx_fhir_find_code (concept, system);
      if (code != NULL)
        {
          *out_concept = concept;
          return code;
        }
    }
  return NULL;
}

static AnxScore *
read_score (JsonObject *observation,
            GError **error)
{
  const char *code = anx_fhir_find_code (anx_json_get_object (observation, "code"), NULL);
  double value = 0;
  gboolean present = anx_fhir_get_number (anx_json_get_object (observation, "valueQuantity"), "value", &value);
  if (code == NULL || g_strcmp0 (anx_json_get_string (observation, "status", NULL), "final") != 0 || !isfinite (value)
      || present == json_object_has_member (observation, "dataAbsentReason"))
    {
      fail (error, ANX_CARE_ERROR_INVALID,
            "A score has no code, is not final, or has neither a value nor a reason for its absence");
      return NULL;
    }
  JsonObject *concept = NULL;
  const char *level = present ? find_interpretation (observation, ANX_FHIR_LEVEL, &concept) : NULL;
  if (present && level == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, "A score has no level");
      return NULL;
    }
  AnxScore *score = g_new0 (AnxScore, 1);
  score->code = g_strdup (code);
  read_words (anx_json_get_object (observation, "code"), &score->name_zh, &score->name_en);
  score->present = present;
  score->value = value;
  score->prorated
      = anx_json_get_boolean (anx_fhir_find_extension (observation, ANX_FHIR_PRORATED), "valueBoolean", FALSE);
  score->level = present ? anx_level_from_string (level) : ANX_LEVEL_GREEN;
  score->citation = g_strdup (anx_json_get_string (anx_fhir_find_extension (observation, ANX_FHIR_CITATION), "valueString", NULL));
  score->cut_off_reason = g_strdup (anx_json_get_string (anx_fhir_find_extension (observation, ANX_FHIR_CUT_OFF_REASON), "valueString", NULL));
  const char *band = present ? find_interpretation (observation, ANX_FHIR_BAND, &concept) : NULL;
  if (band != NULL)
    {
      score->band = g_strdup (band);
      read_words (concept, &score->band_name_zh, &score->band_name_en);
    }
  return score;
}

static AnxScreeningPart *
find_part (GPtrArray *parts,
           GPtrArray *urls,
           const char *url)
{
  for (guint i = 0; url != NULL && i < urls->len; i++)
    if (strcmp (g_ptr_array_index (urls, i), url) == 0)
      return g_ptr_array_index (parts, i);
  return NULL;
}

static gboolean
read_scores (JsonObject *bundle,
             GPtrArray *parts,
             GPtrArray *urls,
             AnxLevel *inout_level,
             GError **error)
{
  JsonObject *observation;
  for (guint from = 0; (observation = anx_fhir_bundle_find (bundle, "Observation", &from, NULL)) != NULL;)
    {
      const char *url = anx_json_get_string (anx_fhir_first (observation, "derivedFrom"), "reference", NULL);
      AnxScreeningPart *part = find_part (parts, urls, url);
      if (part == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, "A score belongs to no answers of this screening");
      AnxScore *score = read_score (observation, error);
      if (score == NULL)
        return FALSE;
      g_ptr_array_add (part->scores, score);
      *inout_level = MAX (*inout_level, score->level);
    }
  return TRUE;
}

static gboolean
read_risk (JsonObject *risk,
           AnxLevel *inout_level,
           GError **error)
{
  JsonArray *predictions = anx_json_get_array (risk, "prediction");
  guint n = predictions != NULL ? json_array_get_length (predictions) : 0;
  if (n == 0 || n > MAX_PREDICTIONS)
    return fail (error, ANX_CARE_ERROR_INVALID, "A risk assessment says nothing");
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (predictions, i);
      JsonObject *prediction = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *level = anx_fhir_find_code (anx_json_get_object (prediction, "qualitativeRisk"), ANX_FHIR_LEVEL);
      if (level == NULL || anx_fhir_find_code (anx_json_get_object (prediction, "outcome"), ANX_FHIR_RULE) == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, "A risk assessment has no level or no rule");
      *inout_level = MAX (*inout_level, anx_level_from_string (level));
    }
  return TRUE;
}

static gboolean
read_parts (JsonObject *bundle,
            GPtrArray *parts,
            GPtrArray *urls,
            GError **error)
{
  JsonObject *response;
  const char *url;
  for (guint from = 0; (response = anx_fhir_bundle_find (bundle, "QuestionnaireResponse", &from, &url)) != NULL;)
    {
      const char *canonical = anx_fhir_need_string (response, "questionnaire", 2 * ANX_FHIR_SHORT_BYTES, error);
      if (canonical == NULL)
        return FALSE;
      if (anx_json_get_string (response, "status", NULL) == NULL || parts->len == MAX_PARTS)
        return fail (error, ANX_CARE_ERROR_INVALID, "Answers have no status, or there are too many");
      AnxScreeningPart *part = g_new0 (AnxScreeningPart, 1);
      part->canonical = g_strdup (canonical);
      part->response = json_object_ref (response);
      part->scores = g_ptr_array_new_with_free_func (anx_score_free);
      g_ptr_array_add (parts, part);
      g_ptr_array_add (urls, (gpointer) url);
    }
  return parts->len > 0 || fail (error, ANX_CARE_ERROR_INVALID, "A screening without answers");
}

/**
 * anx_screening_read:
 * @fhir: a FHIR R4 Bundle of anx_screening_build()
 * @out_level: (out): the highest level of its scores and findings
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (element-type AnxScreeningPart) (nullable): one part per instrument, in the order of the
 *   record; each `response` can be given to anx_answers_parse() with the questionnaire of its `canonical`
 */
GPtrArray *
anx_screening_read (JsonObject *fhir,
                    AnxLevel *out_level,
                    GError **error)
{
  if (!anx_fhir_check_bundle (fhir, MAX_ENTRIES, error))
    return NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (screening_part_free);
  g_autoptr (GPtrArray) urls = g_ptr_array_new ();
  AnxLevel level = ANX_LEVEL_GREEN;
  if (!read_parts (fhir, parts, urls, error) || !read_scores (fhir, parts, urls, &level, error))
    return NULL;

  guint from = 0;
  JsonObject *consent = anx_fhir_bundle_find (fhir, "Consent", &from, NULL);
  const char *status = anx_json_get_string (consent, "status", "");
  if (strcmp (status, "active") != 0 && strcmp (status, "rejected") != 0)
    {
      fail (error, ANX_CARE_ERROR_INVALID, "A screening does not say whether the resident agreed");
      return NULL;
    }
  JsonObject *risk;
  for (from = 0; (risk = anx_fhir_bundle_find (fhir, "RiskAssessment", &from, NULL)) != NULL;)
    if (!read_risk (risk, &level, error))
      return NULL;
  *out_level = level;
  return g_steal_pointer (&parts);
}
