/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"

#include <math.h>
#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "consent.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"
#include "questionnaire-private.h"
#include "score-private.h"

/* Instruments in one screening; entries of its bundle: consent, risk, and per instrument a response and its scores. */
#define MAX_PARTS 20
#define MAX_ENTRIES 400
#define MAX_PREDICTIONS 200

static gboolean
fail (GError **error,
      AnxCareError code,
      const char *message)
{
  g_set_error_literal (error, ANX_CARE_ERROR, code, message);
  return FALSE;
}

/**
 * anx_record_kind_is_valid:
 * @kind: (nullable): a kind of the routing header
 *
 * Returns: whether it is one of the kinds of record
 */
gboolean
anx_record_kind_is_valid (const char *kind)
{
  static const char *const kinds[] = { ANX_KIND_CONTACT,
                                       ANX_KIND_SCREENING,
                                       ANX_KIND_ALERT,
                                       ANX_KIND_ALERT_ACKNOWLEDGEMENT,
                                       ANX_KIND_NOTE,
                                       ANX_KIND_REFERRAL,
                                       ANX_KIND_REFERRAL_EVENT,
                                       ANX_KIND_RATING,
                                       ANX_KIND_LEVEL_CHANGE,
                                       ANX_KIND_SAFETY_PLAN,
                                       NULL };
  return kind != NULL && g_strv_contains (kinds, kind);
}

/* --- names, phones, texts --- */

/**
 * anx_name_check:
 * @name: (nullable): a name or alias, UTF-8
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it has 1 to %ANX_BOUND_NAME_CHARS characters, not only blanks, and no control characters
 */
gboolean
anx_name_check (const char *name,
                GError **error)
{
  if (name == NULL || !g_utf8_validate (name, -1, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, "A name must be a text");
  if (g_utf8_strlen (name, -1) > ANX_BOUND_NAME_CHARS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "A name has at most 40 characters");
  gboolean visible = FALSE;
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      /*
       * Format characters could turn the direction of the text around them; the joiners some scripts need are let
       * through.
       */
      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_LINE_SEPARATOR ||
          g_unichar_type (c) == G_UNICODE_PARAGRAPH_SEPARATOR ||
          (g_unichar_type (c) == G_UNICODE_FORMAT && c != 0x200c && c != 0x200d))
        return fail (error, ANX_CARE_ERROR_INVALID, "A name has no control characters");
      visible = visible || g_unichar_isgraph (c);
    }
  return visible || fail (error, ANX_CARE_ERROR_INVALID, "A name has at least one character");
}

/**
 * anx_phone_check:
 * @phone: (nullable): a phone number; empty or %NULL means none
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is empty or 3 to 20 digits, which a + may precede
 */
gboolean
anx_phone_check (const char *phone,
                 GError **error)
{
  if (phone == NULL || *phone == '\0')
    return TRUE;
  const char *digits = *phone == '+' ? phone + 1 : phone;
  gsize length = strlen (digits);
  if (length >= 3 && length <= 20 && strspn (digits, "0123456789") == length)
    return TRUE;
  return fail (error, ANX_CARE_ERROR_INVALID, "A phone number has 3 to 20 digits");
}

/**
 * anx_note_check:
 * @text: (nullable): free text of a note, a reason, a summary or a feedback, UTF-8
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it has 1 to %ANX_BOUND_NOTE_CHARS characters and no control characters but line ends and tabs
 */
gboolean
anx_note_check (const char *text,
                GError **error)
{
  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, "The text is empty");
  if (g_utf8_strlen (text, -1) > ANX_BOUND_NOTE_CHARS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "The text has more than 20,000 characters");
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_iscntrl (c) && c != '\n' && c != '\r' && c != '\t')
        return fail (error, ANX_CARE_ERROR_INVALID, "The text has a control character in it");
    }
  return TRUE;
}

/* --- contact --- */

/**
 * anx_contact_build:
 * @name: a name or alias that anx_name_check() passed
 * @alias: whether it is an alias (FHIR name use `anonymous`)
 * @phone: (nullable): a phone number that anx_phone_check() passed, or empty
 * @booking: (nullable): the booking's id
 *
 * Returns: (transfer full): a FHIR R4 Patient; the word is FHIR's, the service calls the person a resident
 */
JsonObject *
anx_contact_build (const char *name,
                   gboolean alias,
                   const char *phone,
                   const char *booking)
{
  g_return_val_if_fail (anx_name_check (name, NULL) && anx_phone_check (phone, NULL), NULL);
  JsonObject *patient = anx_fhir_resource ("Patient");
  anx_fhir_set_identifier (patient, ANX_FHIR_BOOKING, booking);
  JsonObject *human = json_object_new ();
  json_object_set_string_member (human, "use", alias ? "anonymous" : "usual");
  json_object_set_string_member (human, "text", name);
  anx_fhir_set_array_of (patient, "name", human);
  if (phone != NULL && *phone != '\0')
    {
      JsonObject *telecom = json_object_new ();
      json_object_set_string_member (telecom, "system", "phone");
      json_object_set_string_member (telecom, "value", phone);
      anx_fhir_set_array_of (patient, "telecom", telecom);
    }
  return patient;
}

/**
 * anx_contact_read:
 * @fhir: a FHIR R4 Patient
 * @out_name: (out): the name or alias
 * @out_alias: (out): whether it is an alias
 * @out_phone: (out): the phone number, empty when there is none
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a contact of anx_contact_build()'s form
 */
gboolean
anx_contact_read (JsonObject *fhir,
                  char **out_name,
                  gboolean *out_alias,
                  char **out_phone,
                  GError **error)
{
  if (!anx_fhir_check_type (fhir, "Patient", error))
    return FALSE;
  JsonObject *human = anx_fhir_first (fhir, "name");
  const char *name = anx_json_get_string (human, "text", NULL);
  const char *use = anx_json_get_string (human, "use", "");
  if (!anx_name_check (name, error))
    return FALSE;
  if (strcmp (use, "anonymous") != 0 && strcmp (use, "usual") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A name's use must be usual or anonymous");
  JsonObject *telecom = anx_fhir_first (fhir, "telecom");
  const char *phone = anx_json_get_string (telecom, "value", "");
  if (json_object_has_member (fhir, "telecom") &&
      (*phone == '\0' || g_strcmp0 (anx_json_get_string (telecom, "system", NULL), "phone") != 0))
    return fail (error, ANX_CARE_ERROR_INVALID, "A telecom must be a phone number");
  if (!anx_phone_check (phone, error))
    return FALSE;
  *out_name = g_strdup (name);
  *out_alias = strcmp (use, "anonymous") == 0;
  *out_phone = g_strdup (phone);
  return TRUE;
}

/* --- screening --- */

/* R4 demands a subject where we must not name one: the booking, or just a word. */
static JsonObject *
make_subject (const char *booking)
{
  JsonObject *subject = booking != NULL ? anx_fhir_identified (ANX_FHIR_BOOKING, booking) : json_object_new ();
  json_object_set_string_member (subject, "type", "Patient");
  json_object_set_string_member (subject, "display", "resident");
  return subject;
}

static JsonObject *
make_level_concept (AnxLevel level)
{
  return anx_fhir_concept (ANX_FHIR_LEVEL, anx_level_to_string (level), NULL);
}

static JsonObject *
score_to_fhir (const AnxScore *score,
               const char *system,
               const char *response_url,
               const char *booking,
               gint64 now_usec)
{
  JsonObject *observation = anx_fhir_resource ("Observation");
  json_object_set_string_member (observation, "status", "final");
  anx_fhir_set_array_of (observation, "category", anx_fhir_concept (ANX_FHIR_CATEGORY, "survey", NULL));
  json_object_set_object_member (observation, "code", anx_fhir_concept (system, score->code, NULL));
  json_object_set_object_member (observation, "subject", make_subject (booking));
  anx_fhir_set_time (observation, "effectiveDateTime", now_usec);
  anx_fhir_set_array_of (observation, "derivedFrom", anx_fhir_reference (response_url));
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
    {
      JsonObject *band = anx_fhir_concept (ANX_FHIR_BAND, score->band, score->band_text_zh);
      if (score->band_text_en != NULL)
        json_object_set_string_member (json_array_get_object_element (json_object_get_array_member (band, "coding"), 0),
                                       "display", score->band_text_en);
      json_array_add_object_element (interpretation, band);
    }
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
  json_object_set_object_member (response, "subject", make_subject (booking));
  g_autofree char *response_url = anx_fhir_bundle_add (bundle, response, now_usec);
  guint before = json_array_get_length (predictions);

  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  for (guint i = 0; i < scores->len; i++)
    {
      AnxScore *score = g_ptr_array_index (scores, i);
      const char *system = anx_questionnaire_get_score_system (questionnaire, score->code);
      g_autofree char *url
          = anx_fhir_bundle_add (bundle, score_to_fhir (score, system, response_url, booking, now_usec), now_usec);
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
 *   (completed, or stopped when an item that was asked has neither answer nor refusal) and an Observation per score;
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
  json_object_set_object_member (risk, "subject", make_subject (booking));
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
  score->present = present;
  score->value = value;
  score->prorated
      = anx_json_get_boolean (anx_fhir_find_extension (observation, ANX_FHIR_PRORATED), "valueBoolean", FALSE);
  score->level = present ? anx_level_from_string (level) : ANX_LEVEL_GREEN;
  const char *band = present ? find_interpretation (observation, ANX_FHIR_BAND, &concept) : NULL;
  if (band != NULL)
    {
      score->band = g_strdup (band);
      score->band_text_zh = g_strdup (anx_json_get_string (concept, "text", NULL));
      score->band_text_en = g_strdup (anx_json_get_string (anx_fhir_first (concept, "coding"), "display", NULL));
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

/* --- alert --- */

static gboolean
reason_is_valid (const char *reason)
{
  gsize length = reason != NULL ? strlen (reason) : 0;
  return length >= 1 && length <= 64 && strspn (reason, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

/**
 * anx_alert_build:
 * @level: yellow or red
 * @reason: the code of the safety rule that fired, or `help-button`: 1 to 64 lower-case letters, digits, dashes and
 *   dots; never words of the resident
 * @room: the room's id
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Flag about the room, not about a person
 */
JsonObject *
anx_alert_build (AnxLevel level,
                 const char *reason,
                 const char *room,
                 gint64 now_usec)
{
  g_return_val_if_fail (reason_is_valid (reason) && room != NULL, NULL);
  JsonObject *flag = anx_fhir_resource ("Flag");
  json_object_set_string_member (flag, "status", "active");
  anx_fhir_set_array_of (flag, "category",
                         anx_fhir_concept ("http://terminology.hl7.org/CodeSystem/flag-category", "safety", NULL));
  json_object_set_object_member (flag, "code", anx_fhir_concept (ANX_FHIR_RULE, reason, NULL));
  JsonObject *subject = anx_fhir_identified ("urn:anxin:room", room);
  json_object_set_string_member (subject, "type", "Location");
  json_object_set_object_member (flag, "subject", subject);
  JsonObject *period = json_object_new ();
  anx_fhir_set_time (period, "start", now_usec);
  json_object_set_object_member (flag, "period", period);
  anx_fhir_add_extension (flag, ANX_FHIR_LEVEL, "valueCode",
                          json_node_init_string (json_node_alloc (), anx_level_to_string (level)));
  return flag;
}

/**
 * anx_alert_read:
 * @fhir: a FHIR R4 Flag of anx_alert_build()
 * @out_level: (out): its level; red when it says none that is known
 * @out_reason: (out): the code of its reason
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is an alert
 */
gboolean
anx_alert_read (JsonObject *fhir,
                AnxLevel *out_level,
                char **out_reason,
                GError **error)
{
  if (!anx_fhir_check_type (fhir, "Flag", error))
    return FALSE;
  const char *reason = anx_fhir_find_code (anx_json_get_object (fhir, "code"), ANX_FHIR_RULE);
  if (!reason_is_valid (reason))
    return fail (error, ANX_CARE_ERROR_INVALID, "An alert has no reason");
  if (anx_json_get_string (fhir, "status", NULL) == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "An alert has no status");
  *out_level = anx_level_from_string (anx_json_get_string (anx_fhir_find_extension (fhir, ANX_FHIR_LEVEL), "valueCode", NULL));
  *out_reason = g_strdup (reason);
  return TRUE;
}

/**
 * anx_acknowledgement_build:
 * @alert: the record id of the alert
 * @by: the principal of the duty officer
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Communication
 */
JsonObject *
anx_acknowledgement_build (const char *alert,
                           const char *by,
                           gint64 now_usec)
{
  g_return_val_if_fail (alert != NULL && by != NULL, NULL);
  JsonObject *communication = anx_fhir_resource ("Communication");
  json_object_set_string_member (communication, "status", "completed");
  anx_fhir_set_array_of (communication, "about", anx_fhir_identified (ANX_FHIR_RECORD, alert));
  json_object_set_object_member (communication, "sender", anx_fhir_identified (ANX_FHIR_PRINCIPAL, by));
  anx_fhir_set_time (communication, "sent", now_usec);
  return communication;
}

/**
 * anx_acknowledgement_read:
 * @fhir: a FHIR R4 Communication of anx_acknowledgement_build()
 * @out_alert: (out): the record id of the alert
 * @out_by: (out): the principal who takes care of it
 * @out_sent_usec: (out): when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is an acknowledgement
 */
gboolean
anx_acknowledgement_read (JsonObject *fhir,
                          char **out_alert,
                          char **out_by,
                          gint64 *out_sent_usec,
                          GError **error)
{
  gint64 sent;
  if (!anx_fhir_check_type (fhir, "Communication", error) || !anx_fhir_need_time (fhir, "sent", &sent, error))
    return FALSE;
  const char *alert = anx_fhir_referenced (anx_fhir_first (fhir, "about"), ANX_FHIR_RECORD);
  const char *by = anx_fhir_referenced (anx_json_get_object (fhir, "sender"), ANX_FHIR_PRINCIPAL);
  if (!anx_uuid_is_valid (alert) || !anx_principal_id_is_valid (by) ||
      g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "completed") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "An acknowledgement must say which alert and who");
  *out_alert = g_strdup (alert);
  *out_by = g_strdup (by);
  *out_sent_usec = sent;
  return TRUE;
}

/* --- note --- */

/**
 * anx_note_build:
 * @text: the note, checked by anx_note_check()
 * @booking: (nullable): the booking's id
 * @author: the principal who writes it
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 DocumentReference with the text as its attachment
 */
JsonObject *
anx_note_build (const char *text,
                const char *booking,
                const char *author,
                gint64 now_usec)
{
  g_return_val_if_fail (anx_note_check (text, NULL) && author != NULL, NULL);
  JsonObject *document = anx_fhir_resource ("DocumentReference");
  json_object_set_string_member (document, "status", "current");
  json_object_set_object_member (document, "type", anx_fhir_concept (ANX_FHIR_CODE, "session-note", NULL));
  anx_fhir_set_time (document, "date", now_usec);
  anx_fhir_set_array_of (document, "author", anx_fhir_identified (ANX_FHIR_PRINCIPAL, author));
  if (booking != NULL)
    {
      JsonObject *context = json_object_new ();
      anx_fhir_set_array_of (context, "related", anx_fhir_identified (ANX_FHIR_BOOKING, booking));
      json_object_set_object_member (document, "context", context);
    }
  JsonObject *attachment = json_object_new ();
  json_object_set_string_member (attachment, "contentType", "text/plain; charset=utf-8");
  g_autofree char *data = g_base64_encode ((const guchar *) text, strlen (text));
  json_object_set_string_member (attachment, "data", data);
  JsonObject *content = json_object_new ();
  json_object_set_object_member (content, "attachment", attachment);
  anx_fhir_set_array_of (document, "content", content);
  return document;
}

/* GLib's decoder skips what is no Base64; a record must not be read more leniently than it was written. */
static char *
decode_text (const char *base64)
{
  gsize length = 0;
  g_autofree char *text = (char *) g_base64_decode (base64, &length);
  g_autofree char *again = g_base64_encode ((const guchar *) text, length);
  if (strcmp (again, base64) != 0 || !g_utf8_validate_len (text, length, NULL))
    return NULL;
  return g_strndup (text, length);
}

/**
 * anx_note_read:
 * @fhir: a FHIR R4 DocumentReference of anx_note_build()
 * @out_text: (out): the note
 * @out_written_usec: (out): when it was written, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a note
 */
gboolean
anx_note_read (JsonObject *fhir,
               char **out_text,
               gint64 *out_written_usec,
               GError **error)
{
  gint64 written;
  if (!anx_fhir_check_type (fhir, "DocumentReference", error) || !anx_fhir_need_time (fhir, "date", &written, error))
    return FALSE;
  if (g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "current") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A note must have the status current");
  JsonObject *attachment = anx_json_get_object (anx_fhir_first (fhir, "content"), "attachment");
  const char *type = anx_json_get_string (attachment, "contentType", "");
  if (strcmp (type, "text/plain; charset=utf-8") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A note must be plain text in UTF-8");
  const char *data = anx_fhir_need_string (attachment, "data", ANX_BOUND_NOTE_CHARS * 6, error);
  if (data == NULL)
    return FALSE;
  g_autofree char *text = decode_text (data);
  if (!anx_note_check (text, error))
    return FALSE;
  *out_text = g_steal_pointer (&text);
  *out_written_usec = written;
  return TRUE;
}

/* --- referral --- */

/**
 * anx_referral_free:
 * @self: (nullable) (transfer full): a referral
 *
 * Frees it.
 */
void
anx_referral_free (AnxReferral *self)
{
  if (self == NULL)
    return;
  g_free (self->task);
  g_free (self->from);
  g_free (self->to);
  g_free (self->name);
  g_free (self->phone);
  g_free (self->reason);
  g_free (self->summary);
  g_free (self);
}

static gboolean
check_referral (const AnxReferral *referral,
                GError **error)
{
  if (!anx_uuid_is_valid (referral->task))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs an id");
  if (!anx_principal_id_is_valid (referral->from) || !anx_principal_id_is_valid (referral->to))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs a sender and a receiver");
  if (!referral->consented)
    return fail (error, ANX_CARE_ERROR_INVALID,
                 "A referral needs the resident's separate consent that names the receiver");
  if (referral->created_usec <= 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs a time");
  return anx_name_check (referral->name, error) && anx_phone_check (referral->phone, error) &&
         anx_note_check (referral->reason, error) &&
         (referral->summary == NULL || *referral->summary == '\0' || anx_note_check (referral->summary, error));
}

static void
set_business_status (JsonObject *task,
                     const char *business_status)
{
  json_object_set_object_member (task, "businessStatus",
                                 anx_fhir_concept (ANX_FHIR_BUSINESS_STATUS, business_status, NULL));
}

/* What a Task of this service and a Task of BSeR have in common; its profile demands a statusReason. */
static JsonObject *
make_task (const char *task,
           const char *status,
           const char *business_status,
           const char *status_reason,
           gint64 now_usec)
{
  JsonObject *object = anx_fhir_resource ("Task");
  anx_fhir_set_identifier (object, ANX_FHIR_TASK, task);
  json_object_set_string_member (object, "status", status);
  json_object_set_object_member (object, "statusReason", anx_fhir_concept (NULL, NULL, status_reason));
  set_business_status (object, business_status);
  json_object_set_string_member (object, "intent", "order");
  json_object_set_object_member (object, "code",
                                 anx_fhir_concept ("http://hl7.org/fhir/CodeSystem/task-code", "fulfill", NULL));
  anx_fhir_set_time (object, "lastModified", now_usec);
  return object;
}

static JsonObject *
make_service_request (const AnxReferral *referral,
                      const char *patient_url,
                      const char *consent_url)
{
  JsonObject *request = anx_fhir_resource ("ServiceRequest");
  anx_fhir_set_identifier (request, ANX_FHIR_TASK, referral->task);
  json_object_set_string_member (request, "status", "active");
  json_object_set_string_member (request, "intent", "order");
  json_object_set_string_member (request, "priority", anx_urgency_to_priority (referral->urgency));
  json_object_set_object_member (request, "subject", anx_fhir_reference (patient_url));
  anx_fhir_set_time (request, "authoredOn", referral->created_usec);
  json_object_set_object_member (request, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->from));
  anx_fhir_set_array_of (request, "performer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->to));
  anx_fhir_set_array_of (request, "reasonCode", anx_fhir_concept (NULL, NULL, referral->reason));
  anx_fhir_set_array_of (request, "supportingInfo", anx_fhir_reference (consent_url));
  if (referral->summary != NULL && *referral->summary != '\0')
    {
      JsonObject *note = json_object_new ();
      json_object_set_string_member (note, "text", referral->summary);
      anx_fhir_set_array_of (request, "note", note);
    }
  return request;
}

/**
 * anx_referral_build:
 * @referral: a referral with all its members; phone and summary may be empty
 * @error: return location, %ANX_CARE_ERROR_INVALID (also without consent, PIPL article 23) or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Bundle(collection) of Patient, Consent, ServiceRequest and Task
 *   (requested, BSeR 2.0)
 */
JsonObject *
anx_referral_build (const AnxReferral *referral,
                    GError **error)
{
  g_return_val_if_fail (referral != NULL, NULL);
  if (!check_referral (referral, error))
    return NULL;
  gint64 now = referral->created_usec;
  JsonObject *bundle = anx_fhir_bundle (now);
  g_autofree char *patient_url =
      anx_fhir_bundle_add (bundle, anx_contact_build (referral->name, FALSE, referral->phone, NULL), now);
  g_autofree char *consent_url =
      anx_fhir_bundle_add (bundle, anx_consent_to_fhir (ANX_PURPOSE_REFERRAL, TRUE, referral->to, now), now);
  g_autofree char *request_url
      = anx_fhir_bundle_add (bundle, make_service_request (referral, patient_url, consent_url), now);

  JsonObject *task = make_task (referral->task, "requested", "2.0", "requested", now);
  json_object_set_string_member (task, "priority", anx_urgency_to_priority (referral->urgency));
  json_object_set_object_member (task, "focus", anx_fhir_reference (request_url));
  anx_fhir_set_time (task, "authoredOn", now);
  json_object_set_object_member (task, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->from));
  json_object_set_object_member (task, "owner", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->to));
  g_autofree char *task_url = anx_fhir_bundle_add (bundle, task, now);
  return bundle;
}

static gboolean
priority_to_urgency (const char *priority,
                     AnxUrgency *out_urgency)
{
  for (guint i = ANX_URGENCY_ROUTINE; i <= ANX_URGENCY_IMMEDIATE; i++)
    if (g_strcmp0 (anx_urgency_to_priority ((AnxUrgency) i), priority) == 0)
      {
        *out_urgency = (AnxUrgency) i;
        return TRUE;
      }
  return FALSE;
}

/* The consent must be for this purpose, given, and name the very receiver of the task. */
static gboolean
consent_covers (JsonObject *consent,
                const char *to)
{
  JsonObject *provision = anx_json_get_object (consent, "provision");
  JsonObject *actor = anx_fhir_first (provision, "actor");
  return g_strcmp0 (anx_json_get_string (consent, "status", NULL), "active") == 0 &&
         g_strcmp0 (anx_fhir_find_code (anx_fhir_first (consent, "category"), ANX_FHIR_CODE),
                    anx_purpose_to_string (ANX_PURPOSE_REFERRAL)) == 0 &&
         g_strcmp0 (anx_json_get_string (provision, "type", NULL), "permit") == 0 && to != NULL &&
         g_strcmp0 (anx_fhir_referenced (anx_json_get_object (actor, "reference"), ANX_FHIR_PRINCIPAL), to) == 0;
}

static JsonObject *
find_only (JsonObject *bundle,
           const char *type,
           GError **error)
{
  guint from = 0;
  JsonObject *found = anx_fhir_bundle_find (bundle, type, &from, NULL);
  if (found != NULL && anx_fhir_bundle_find (bundle, type, &from, NULL) == NULL)
    return found;
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "A referral must hold exactly one %s", type);
  return NULL;
}

static gboolean
read_request (AnxReferral *self,
              JsonObject *request,
              JsonObject *task,
              GError **error)
{
  self->task = g_strdup (anx_fhir_find_identifier (task, ANX_FHIR_TASK));
  self->from = g_strdup (anx_fhir_referenced (anx_json_get_object (task, "requester"), ANX_FHIR_PRINCIPAL));
  self->to = g_strdup (anx_fhir_referenced (anx_json_get_object (task, "owner"), ANX_FHIR_PRINCIPAL));
  self->reason = g_strdup (anx_json_get_string (anx_fhir_first (request, "reasonCode"), "text", NULL));
  self->summary = g_strdup (anx_json_get_string (anx_fhir_first (request, "note"), "text", ""));
  if (g_strcmp0 (anx_fhir_find_identifier (request, ANX_FHIR_TASK), self->task) != 0
      || g_strcmp0 (anx_fhir_referenced (anx_json_get_object (request, "requester"), ANX_FHIR_PRINCIPAL), self->from)
             != 0
      || g_strcmp0 (anx_fhir_referenced (anx_fhir_first (request, "performer"), ANX_FHIR_PRINCIPAL), self->to) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "The referral's order and task do not belong together");
  if (!priority_to_urgency (anx_json_get_string (request, "priority", NULL), &self->urgency))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral must be routine, urgent or immediate");
  if (g_strcmp0 (anx_json_get_string (task, "status", NULL), "requested") != 0 ||
      g_strcmp0 (anx_json_get_string (request, "status", NULL), "active") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral begins as requested");
  return anx_fhir_need_time (request, "authoredOn", &self->created_usec, error);
}

/**
 * anx_referral_read:
 * @fhir: a FHIR R4 Bundle of anx_referral_build()
 * @error: return location, %ANX_CARE_ERROR_INVALID (also when the consent names another receiver) or
 *   %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the referral
 */
AnxReferral *
anx_referral_read (JsonObject *fhir,
                   GError **error)
{
  if (!anx_fhir_check_bundle (fhir, 10, error))
    return NULL;
  JsonObject *request = find_only (fhir, "ServiceRequest", error);
  JsonObject *task = request != NULL ? find_only (fhir, "Task", error) : NULL;
  JsonObject *consent = task != NULL ? find_only (fhir, "Consent", error) : NULL;
  JsonObject *patient = consent != NULL ? find_only (fhir, "Patient", error) : NULL;
  if (patient == NULL)
    return NULL;
  g_autoptr (AnxReferral) self = g_new0 (AnxReferral, 1);
  gboolean alias;
  if (!anx_contact_read (patient, &self->name, &alias, &self->phone, error)
      || !read_request (self, request, task, error))
    return NULL;
  self->consented = consent_covers (consent, self->to);
  return check_referral (self, error) ? g_steal_pointer (&self) : NULL;
}

/* --- referral event --- */

static gboolean
needs_text (const char *status)
{
  return strcmp (status, "rejected") == 0 || strcmp (status, "completed") == 0 || strcmp (status, "failed") == 0;
}

static gboolean
check_event (const char *task,
             const char *status,
             const char *business_status,
             const char *text,
             GError **error)
{
  static const char *const statuses[]
      = { "received", "accepted",  "rejected",         "ready", "cancelled", "in-progress", "on-hold",
          "failed",   "completed", "entered-in-error", NULL };
  static const char *const business[]
      = { "2.0", "3.0", "4.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.2", "6.0", "7.0", NULL };
  if (!anx_uuid_is_valid (task))
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral must name it");
  if (status == NULL || !g_strv_contains (statuses, status))
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral has no status that could follow");
  if (business_status == NULL || !g_strv_contains (business, business_status))
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral has no business status");
  if (text == NULL || *text == '\0')
    return !needs_text (status)
           || fail (error, ANX_CARE_ERROR_INVALID, "A refusal needs a reason, a completion an outcome");
  return anx_note_check (text, error);
}

/**
 * anx_referral_event_build:
 * @task: the referral's id
 * @status: the FHIR R4 Task.status after this step, not draft or requested
 * @business_status: the BSeR business status after it
 * @text: (nullable): reason or outcome, checked by anx_note_check(); needed for rejected, failed and completed
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Task; the outcome of a completion stands in its output, other words in
 *   statusReason
 */
JsonObject *
anx_referral_event_build (const char *task,
                          const char *status,
                          const char *business_status,
                          const char *text,
                          gint64 now_usec)
{
  g_return_val_if_fail (check_event (task, status, business_status, text, NULL), NULL);
  gboolean has_text = text != NULL && *text != '\0';
  gboolean completed = strcmp (status, "completed") == 0;
  JsonObject *object = make_task (task, status, business_status, has_text && !completed ? text : status, now_usec);
  if (completed)
    {
      JsonObject *output = json_object_new ();
      json_object_set_object_member (output, "type", anx_fhir_concept (ANX_FHIR_CODE, "feedback", NULL));
      json_object_set_string_member (output, "valueString", text);
      anx_fhir_set_array_of (object, "output", output);
    }
  return object;
}

/**
 * anx_referral_event_read:
 * @fhir: a FHIR R4 Task of anx_referral_event_build()
 * @out_task: (out): the referral's id
 * @out_status: (out): the status after this step
 * @out_business_status: (out): the BSeR business status after it
 * @out_text: (out): reason or outcome, empty when there is none
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is such a step; whether it may follow the step before it, anx_referral_may_follow() tells
 */
gboolean
anx_referral_event_read (JsonObject *fhir,
                         char **out_task,
                         char **out_status,
                         char **out_business_status,
                         char **out_text,
                         GError **error)
{
  if (!anx_fhir_check_type (fhir, "Task", error))
    return FALSE;
  const char *task = anx_fhir_find_identifier (fhir, ANX_FHIR_TASK);
  const char *status = anx_json_get_string (fhir, "status", NULL);
  const char *business = anx_fhir_find_code (anx_json_get_object (fhir, "businessStatus"), ANX_FHIR_BUSINESS_STATUS);
  const char *text = anx_json_get_string (anx_json_get_object (fhir, "statusReason"), "text", NULL);
  if (g_strcmp0 (status, "completed") == 0)
    text = anx_json_get_string (anx_fhir_first (fhir, "output"), "valueString", NULL);
  else if (status != NULL && !needs_text (status) && g_strcmp0 (text, status) == 0)
    text = NULL; /* what make_task() wrote because the profile demands some words */
  if (!check_event (task, status, business, text, error))
    return FALSE;
  *out_task = g_strdup (task);
  *out_status = g_strdup (status);
  *out_business_status = g_strdup (business);
  *out_text = g_strdup (text != NULL ? text : "");
  return TRUE;
}

/* --- rating --- */

/**
 * anx_rating_build:
 * @stars: 1 to 5
 * @booking: (nullable): the booking's id
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Observation
 */
JsonObject *
anx_rating_build (int stars,
                  const char *booking,
                  gint64 now_usec)
{
  g_return_val_if_fail (stars >= 1 && stars <= 5, NULL);
  JsonObject *observation = anx_fhir_resource ("Observation");
  anx_fhir_set_identifier (observation, ANX_FHIR_BOOKING, booking);
  json_object_set_string_member (observation, "status", "final");
  anx_fhir_set_array_of (observation, "category", anx_fhir_concept (ANX_FHIR_CATEGORY, "survey", NULL));
  json_object_set_object_member (observation, "code", anx_fhir_concept (ANX_FHIR_CODE, "session-rating", NULL));
  anx_fhir_set_time (observation, "effectiveDateTime", now_usec);
  json_object_set_int_member (observation, "valueInteger", stars);
  return observation;
}

/**
 * anx_rating_read:
 * @fhir: a FHIR R4 Observation of anx_rating_build()
 * @out_stars: (out): 1 to 5
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is a rating
 */
gboolean
anx_rating_read (JsonObject *fhir,
                 int *out_stars,
                 GError **error)
{
  if (!anx_fhir_check_type (fhir, "Observation", error))
    return FALSE;
  gint64 stars = anx_json_get_int (fhir, "valueInteger", 0);
  if (stars < 1 || stars > 5 || g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "final") != 0 ||
      g_strcmp0 (anx_fhir_find_code (anx_json_get_object (fhir, "code"), ANX_FHIR_CODE), "session-rating") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A rating has 1 to 5 stars");
  *out_stars = (int) stars;
  return TRUE;
}
