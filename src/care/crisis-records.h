/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "care-records.h"

G_BEGIN_DECLS

/* The records that follow a crisis, as FHIR R4: builders take checked values, readers validate and give INVALID. Any thread. */

/* RiskAssessment: a person sets another level for an alert, with the reason. */
JsonObject *anx_level_change_build (const char *alert, AnxLevel level, const char *reason, const char *by, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_level_change_read (JsonObject *fhir, char **out_alert, AnxLevel *out_level, char **out_reason, GError **error);

/**
 * AnxSafetyStep: the six steps of the Stanley-Brown safety plan (VA treatment manual, 2008), always in this order.
 */
typedef enum
{
  ANX_SAFETY_WARNING_SIGNS,
  ANX_SAFETY_COPING_ALONE,
  ANX_SAFETY_PEOPLE_AND_PLACES,
  ANX_SAFETY_PEOPLE_TO_ASK,
  ANX_SAFETY_PROFESSIONALS,
  ANX_SAFETY_SURROUNDINGS,
  ANX_SAFETY_N_STEPS
} AnxSafetyStep;

/* CarePlan. @steps: ANX_SAFETY_N_STEPS texts, one thing a line; at least one of them is not empty. */
gboolean    anx_safety_plan_check (const char *const *steps, GError **error);
JsonObject *anx_safety_plan_build (const char *const *steps, const char *booking, const char *author, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
/* @out_steps: (transfer full), ANX_SAFETY_N_STEPS texts, empty ones too, then NULL. */
gboolean    anx_safety_plan_read (JsonObject *fhir, char ***out_steps, gint64 *out_written_usec, GError **error);

G_END_DECLS
