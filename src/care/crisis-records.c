/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crisis-records.h"

#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define fail anx_care_fail

#define CATEGORY_PLAN "safety-plan"

/* --- change of level --- */

/**
 * anx_level_change_build:
 * @alert: the record id of the alert
 * @level: the level from now on
 * @reason: why, for colleagues, checked by anx_note_check()
 * @by: the principal who decides
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 RiskAssessment
 */
JsonObject *
anx_level_change_build (const char *alert,
                        AnxLevel level,
                        const char *reason,
                        const char *by,
                        gint64 now_usec)
{
  g_return_val_if_fail (anx_uuid_is_valid (alert) && anx_note_check (reason, NULL) && by != NULL, NULL);
  JsonObject *assessment = anx_fhir_resource ("RiskAssessment");
  json_object_set_string_member (assessment, "status", "final");
  json_object_set_object_member (assessment, "subject", anx_fhir_subject (NULL));
  anx_fhir_set_time (assessment, "occurrenceDateTime", now_usec);
  json_object_set_object_member (assessment, "performer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, by));
  anx_fhir_set_array_of (assessment, "basis", anx_fhir_identified (ANX_FHIR_RECORD, alert));
  JsonObject *prediction = json_object_new ();
  json_object_set_object_member (prediction, "qualitativeRisk", anx_fhir_concept (ANX_FHIR_LEVEL, anx_level_to_string (level), NULL));
  json_object_set_string_member (prediction, "rationale", reason);
  anx_fhir_set_array_of (assessment, "prediction", prediction);
  return assessment;
}

/**
 * anx_level_change_read:
 * @fhir: a FHIR R4 RiskAssessment of anx_level_change_build()
 * @out_alert: (out): the record id of the alert
 * @out_level: (out): the level; red when it says none that is known
 * @out_reason: (out): why
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a change of level; one without a reason is none
 */
gboolean
anx_level_change_read (JsonObject *fhir,
                       char **out_alert,
                       AnxLevel *out_level,
                       char **out_reason,
                       GError **error)
{
  if (!anx_fhir_check_type (fhir, "RiskAssessment", error))
    return FALSE;
  const char *alert = anx_fhir_referenced (anx_fhir_first (fhir, "basis"), ANX_FHIR_RECORD);
  JsonObject *prediction = anx_fhir_first (fhir, "prediction");
  const char *reason = anx_json_get_string (prediction, "rationale", NULL);
  if (!anx_uuid_is_valid (alert))
    return fail (error, ANX_CARE_ERROR_INVALID, "A change of level must name its alert");
  if (!anx_note_check (reason, error))
    return FALSE;
  *out_alert = g_strdup (alert);
  *out_level = anx_level_from_string (anx_fhir_find_code (anx_json_get_object (prediction, "qualitativeRisk"), ANX_FHIR_LEVEL));
  *out_reason = g_strdup (reason);
  return TRUE;
}

/* --- safety plan --- */

static const char *const STEP_CODES[ANX_SAFETY_N_STEPS] = { "warning-signs",  "coping-alone",  "people-and-places",
                                                            "people-to-ask",  "professionals", "safe-surroundings" };

/**
 * anx_safety_plan_check:
 * @steps: (array fixed-size=6): what stands at each step, empty where nothing does
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it can be kept: at least one step has something, and each is a text of anx_note_check()
 */
gboolean
anx_safety_plan_check (const char *const *steps,
                       GError **error)
{
  gboolean any = FALSE;
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    {
      if (steps[i] == NULL || *steps[i] == '\0')
        continue;
      if (!anx_note_check (steps[i], error))
        return FALSE;
      any = TRUE;
    }
  return any || fail (error, ANX_CARE_ERROR_INVALID, "A safety plan has something in at least one of its steps");
}

/**
 * anx_safety_plan_build:
 * @steps: (array fixed-size=6): what anx_safety_plan_check() passed
 * @booking: (nullable): the booking's id
 * @author: the principal who wrote it with the resident
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 CarePlan with one activity for each step, in order
 */
JsonObject *
anx_safety_plan_build (const char *const *steps,
                       const char *booking,
                       const char *author,
                       gint64 now_usec)
{
  g_return_val_if_fail (steps != NULL && author != NULL && anx_safety_plan_check (steps, NULL), NULL);
  JsonObject *plan = anx_fhir_resource ("CarePlan");
  JsonArray *activities = json_array_new ();
  json_object_set_string_member (plan, "status", "active");
  json_object_set_string_member (plan, "intent", "plan");
  anx_fhir_set_array_of (plan, "category", anx_fhir_concept (ANX_FHIR_CODE, CATEGORY_PLAN, NULL));
  json_object_set_object_member (plan, "subject", anx_fhir_subject (booking));
  anx_fhir_set_time (plan, "created", now_usec);
  json_object_set_object_member (plan, "author", anx_fhir_identified (ANX_FHIR_PRINCIPAL, author));
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    {
      JsonObject *activity = json_object_new ();
      JsonObject *detail = json_object_new ();
      json_object_set_object_member (detail, "code", anx_fhir_concept (ANX_FHIR_CODE, STEP_CODES[i], NULL));
      json_object_set_string_member (detail, "status", "in-progress");
      if (steps[i] != NULL && *steps[i] != '\0')
        json_object_set_string_member (detail, "description", steps[i]);
      json_object_set_object_member (activity, "detail", detail);
      json_array_add_object_element (activities, activity);
    }
  json_object_set_array_member (plan, "activity", activities);
  return plan;
}

/**
 * anx_safety_plan_read:
 * @fhir: a FHIR R4 CarePlan of anx_safety_plan_build()
 * @out_steps: (out) (transfer full) (array zero-terminated=1): the six steps, empty ones too
 * @out_written_usec: (out): when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a safety plan with its steps in order
 */
gboolean
anx_safety_plan_read (JsonObject *fhir,
                      char ***out_steps,
                      gint64 *out_written_usec,
                      GError **error)
{
  gint64 written = 0;
  if (!anx_fhir_check_type (fhir, "CarePlan", error) || !anx_fhir_need_time (fhir, "created", &written, error))
    return FALSE;
  JsonArray *activities = anx_json_get_array (fhir, "activity");
  if (g_strcmp0 (anx_fhir_find_code (anx_fhir_first (fhir, "category"), ANX_FHIR_CODE), CATEGORY_PLAN) != 0 || activities == NULL ||
      json_array_get_length (activities) != ANX_SAFETY_N_STEPS)
    return fail (error, ANX_CARE_ERROR_INVALID, "A safety plan has six steps");
  g_auto (GStrv) steps = g_new0 (char *, ANX_SAFETY_N_STEPS + 1);
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    {
      JsonObject *detail = anx_json_get_object (anx_json_array_need_object (activities, i, NULL), "detail");
      if (g_strcmp0 (anx_fhir_find_code (anx_json_get_object (detail, "code"), ANX_FHIR_CODE), STEP_CODES[i]) != 0)
        return fail (error, ANX_CARE_ERROR_INVALID, "The steps of a safety plan stand in their order");
      steps[i] = g_strdup (anx_json_get_string (detail, "description", ""));
    }
  if (!anx_safety_plan_check ((const char *const *) steps, error))
    return FALSE;
  *out_steps = g_steal_pointer (&steps);
  *out_written_usec = written;
  return TRUE;
}
