/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access.h"

#include "care-error.h"
#include "care-records.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define DICOM "http://dicom.nema.org/resources/ontology/DCM"
#define PATIENT_RECORD "110110"
#define ACT_REASON "http://terminology.hl7.org/CodeSystem/v3-ActReason"

/* Purposes of use of HL7's v3-ActReason, and what the story is called there. */
static const struct
{
  const char *code;
  const char *system;
} REASONS[ANX_ACCESS_N_REASONS] = {
  [ANX_ACCESS_SESSION] = { "TREAT", ANX_FHIR_BOOKING },
  [ANX_ACCESS_ALERT] = { "ETREAT", ANX_FHIR_RECORD },
  [ANX_ACCESS_EXPORT] = { "COC", ANX_FHIR_TASK },
  [ANX_ACCESS_SEALED] = { "CAREMGT", ANX_FHIR_RECORD },
};

/**
 * anx_access_build:
 * @reader: the principal who looked
 * @story: the booking or alert whose records they saw, a UUID
 * @reason: why
 * @now_usec: when, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 AuditEvent
 */
JsonObject *
anx_access_build (const char *reader,
                  const char *story,
                  AnxAccessReason reason,
                  gint64 now_usec)
{
  g_return_val_if_fail (reader != NULL && anx_uuid_is_valid (story) && reason < ANX_ACCESS_N_REASONS, NULL);
  JsonObject *event = anx_fhir_resource ("AuditEvent");
  JsonObject *agent = json_object_new ();
  JsonObject *source = json_object_new ();
  JsonObject *entity = json_object_new ();
  json_object_set_object_member (event, "type", anx_fhir_coding (DICOM, PATIENT_RECORD));
  json_object_set_string_member (event, "action", "R");
  anx_fhir_set_time (event, "recorded", now_usec);
  anx_fhir_set_array_of (event, "purposeOfEvent", anx_fhir_concept (ACT_REASON, REASONS[reason].code, NULL));
  json_object_set_object_member (agent, "who", anx_fhir_identified (ANX_FHIR_PRINCIPAL, reader));
  json_object_set_boolean_member (agent, "requestor", TRUE);
  anx_fhir_set_array_of (event, "agent", agent);
  json_object_set_object_member (source, "observer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, reader));
  json_object_set_object_member (event, "source", source);
  json_object_set_object_member (entity, "what", anx_fhir_identified (REASONS[reason].system, story));
  anx_fhir_set_array_of (event, "entity", entity);
  return event;
}

/**
 * anx_access_build_export:
 * @reader: the principal who gave it out
 * @task: the referral's task, a UUID
 * @words: why, 1 to ANX_BOUND_NOTE_CHARS characters
 * @now_usec: when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 AuditEvent
 */
JsonObject *
anx_access_build_export (const char *reader,
                         const char *task,
                         const char *words,
                         gint64 now_usec,
                         GError **error)
{
  if (!anx_note_check (words, error))
    return NULL;
  JsonObject *event = anx_access_build (reader, task, ANX_ACCESS_EXPORT, now_usec);
  json_object_set_string_member (event, "outcomeDesc", words);
  return event;
}

/**
 * anx_access_build_sealed:
 * @reader: the principal who opened it
 * @record: a record that was sealed by its age, a UUID
 * @words: why, 1 to ANX_BOUND_NOTE_CHARS characters
 * @now_usec: when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 AuditEvent
 */
JsonObject *
anx_access_build_sealed (const char *reader,
                         const char *record,
                         const char *words,
                         gint64 now_usec,
                         GError **error)
{
  if (!anx_note_check (words, error))
    return NULL;
  JsonObject *event = anx_access_build (reader, record, ANX_ACCESS_SEALED, now_usec);
  json_object_set_string_member (event, "outcomeDesc", words);
  return event;
}

/**
 * anx_access_dup_words:
 * @fhir: a FHIR R4 AuditEvent
 *
 * Returns: (transfer full) (nullable): why it was given out or opened, in the words of who did
 */
char *
anx_access_dup_words (JsonObject *fhir)
{
  const char *words = anx_json_get_string (fhir, "outcomeDesc", NULL);
  return anx_note_check (words, NULL) ? g_strdup (words) : NULL;
}

/**
 * anx_access_read:
 * @fhir: a FHIR R4 AuditEvent of anx_access_build()
 * @out_reader: (out): who looked
 * @out_story: (out): the booking or alert
 * @out_reason: (out): why
 * @out_read_usec: (out): when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Outputs are untouched on failure.
 *
 * Returns: whether it tells all of this
 */
gboolean
anx_access_read (JsonObject *fhir,
                 char **out_reader,
                 char **out_story,
                 AnxAccessReason *out_reason,
                 gint64 *out_read_usec,
                 GError **error)
{
  gint64 read_usec;
  if (!anx_fhir_check_type (fhir, "AuditEvent", error) || !anx_fhir_need_time (fhir, "recorded", &read_usec, error))
    return FALSE;
  const char *code = anx_fhir_find_code (anx_fhir_first (fhir, "purposeOfEvent"), ACT_REASON);
  const char *reader = anx_fhir_referenced (anx_json_get_object (anx_fhir_first (fhir, "agent"), "who"), ANX_FHIR_PRINCIPAL);
  JsonObject *what = anx_json_get_object (anx_fhir_first (fhir, "entity"), "what");
  for (gsize i = 0; i < ANX_ACCESS_N_REASONS; i++)
    {
      if (g_strcmp0 (code, REASONS[i].code) != 0)
        continue;
      const char *story = anx_fhir_referenced (what, REASONS[i].system);
      if (!anx_principal_id_is_valid (reader) || !anx_uuid_is_valid (story))
        break;
      *out_reader = g_strdup (reader);
      *out_story = g_strdup (story);
      *out_reason = (AnxAccessReason) i;
      *out_read_usec = read_usec;
      return TRUE;
    }
  return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "It does not say who looked at what, or why");
}
