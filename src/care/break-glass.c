/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "break-glass.h"

#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "care-records.h"
#include "clock.h"
#include "crisis-records.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define DICOM "http://dicom.nema.org/resources/ontology/DCM"
#define SECURITY_ALERT "110113"
#define EMERGENCY_OVERRIDE_STARTED "110127"
#define ACT_REASON "http://terminology.hl7.org/CodeSystem/v3-ActReason"
#define BREAK_THE_GLASS "BTG"
#define REASON_SYSTEM "urn:anxin:break-glass-reason"

#define MOST_MINUTES (24 * 60)
#define MOST_REASONS 20
#define WORDS_BYTES 512
#define CODE_CHARS 32

static gboolean
is_code (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= CODE_CHARS && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (text);
}

static void
reason_free (gpointer data)
{
  AnxGlassReason *reason = data;
  g_free (reason->code);
  g_free (reason->zh);
  g_free (reason->en);
  g_free (reason);
}

static gboolean
read_reason (AnxGlassRules *self,
             JsonObject *json)
{
  const char *code = anx_json_get_string (json, "code", "");
  JsonObject *words = anx_json_get_object (json, "words");
  const char *zh = anx_json_get_string (words, "zh", "");
  const char *en = anx_json_get_string (words, "en", "");
  if (!is_code (code) || *zh == '\0' || *en == '\0' || strlen (zh) > WORDS_BYTES || strlen (en) > WORDS_BYTES ||
      anx_glass_rules_find (self, code) != NULL)
    return FALSE;
  AnxGlassReason *reason = g_new0 (AnxGlassReason, 1);
  reason->code = g_strdup (code);
  reason->zh = g_strdup (zh);
  reason->en = g_strdup (en);
  g_ptr_array_add (self->reasons, reason);
  return TRUE;
}

/**
 * anx_glass_rules_parse:
 * @json: (nullable): the data file
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): for how long and for which reasons somebody may open a colleague's records
 */
AnxGlassRules *
anx_glass_rules_parse (JsonObject *json,
                       GError **error)
{
  g_autoptr (AnxGlassRules) self = g_new0 (AnxGlassRules, 1);
  JsonArray *reasons = anx_json_get_array (json, "reasons");
  gint64 minutes = anx_json_get_int (json, "minutes", 0);

  self->reasons = g_ptr_array_new_with_free_func (reason_free);
  if (minutes < 1 || minutes > MOST_MINUTES || reasons == NULL || json_array_get_length (reasons) < 1 ||
      json_array_get_length (reasons) > MOST_REASONS)
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, "Break-glass needs between 1 minute and one day, and between 1 and %d reasons", MOST_REASONS);
      return NULL;
    }
  self->minutes = (guint) minutes;
  for (guint i = 0; i < json_array_get_length (reasons); i++)
    {
      JsonObject *reason = anx_json_array_need_object (reasons, i, NULL);
      if (reason != NULL && read_reason (self, reason))
        continue;
      anx_care_fail (error, ANX_CARE_ERROR_INVALID,
                     "A reason of break-glass has a code of its own, of small letters, digits and dashes, and words in Chinese and English");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * anx_glass_rules_free:
 * @self: (nullable) (transfer full): rules
 */
void
anx_glass_rules_free (AnxGlassRules *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->reasons);
  g_free (self);
}

/**
 * anx_glass_rules_find:
 * @self: rules
 * @code: (nullable): of a reason
 *
 * Returns: (transfer none) (nullable): the reason
 */
const AnxGlassReason *
anx_glass_rules_find (AnxGlassRules *self,
                      const char *code)
{
  for (guint i = 0; i < self->reasons->len; i++)
    {
      const AnxGlassReason *reason = g_ptr_array_index (self->reasons, i);
      if (g_strcmp0 (reason->code, code) == 0)
        return reason;
    }
  return NULL;
}

static gboolean
check (const AnxBreakGlass *self,
       GError **error)
{
  glong length = self->words != NULL && g_utf8_validate (self->words, -1, NULL) ? g_utf8_strlen (self->words, -1) : 0;
  if (length < 1 || length > ANX_BOUND_NOTE_CHARS || !is_code (self->reason))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A reason is needed, chosen and in words of at most %d characters", ANX_BOUND_NOTE_CHARS);
  if (self->until_usec <= self->opened_usec)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "It ends before it begins");
  if (!anx_principal_id_is_valid (self->reader) || !anx_uuid_is_valid (self->booking))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "It does not say who opens what");
  return TRUE;
}

/**
 * anx_break_glass_build:
 * @self: who opens what, why, until when
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Type and subtype are DICOM's for an emergency override (PS3.16, CID 400 and 401), the purpose is v3-ActReason BTG.
 *
 * Returns: (transfer full) (nullable): a FHIR R4 AuditEvent
 */
JsonObject *
anx_break_glass_build (const AnxBreakGlass *self,
                       GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  if (!check (self, error))
    return NULL;
  JsonObject *event = anx_fhir_resource ("AuditEvent");
  JsonObject *period = json_object_new ();
  JsonObject *purpose = anx_fhir_concept (ACT_REASON, BREAK_THE_GLASS, self->words);
  JsonObject *agent = json_object_new ();
  JsonObject *source = json_object_new ();
  JsonObject *entity = json_object_new ();
  json_object_set_object_member (event, "type", anx_fhir_coding (DICOM, SECURITY_ALERT));
  anx_fhir_set_array_of (event, "subtype", anx_fhir_coding (DICOM, EMERGENCY_OVERRIDE_STARTED));
  json_object_set_string_member (event, "action", "E");
  anx_fhir_set_time (period, "start", self->opened_usec);
  anx_fhir_set_time (period, "end", self->until_usec);
  json_object_set_object_member (event, "period", period);
  anx_fhir_set_time (event, "recorded", self->opened_usec);
  json_array_add_object_element (anx_json_get_array (purpose, "coding"), anx_fhir_coding (REASON_SYSTEM, self->reason));
  anx_fhir_set_array_of (event, "purposeOfEvent", purpose);
  json_object_set_object_member (agent, "who", anx_fhir_identified (ANX_FHIR_PRINCIPAL, self->reader));
  json_object_set_boolean_member (agent, "requestor", TRUE);
  anx_fhir_set_array_of (event, "agent", agent);
  json_object_set_object_member (source, "observer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, self->reader));
  json_object_set_object_member (event, "source", source);
  json_object_set_object_member (entity, "what", anx_fhir_identified (ANX_FHIR_BOOKING, self->booking));
  anx_fhir_set_array_of (event, "entity", entity);
  return event;
}

/**
 * anx_break_glass_read:
 * @fhir: a FHIR R4 AuditEvent of anx_break_glass_build()
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): what it says, checked
 */
AnxBreakGlass *
anx_break_glass_read (JsonObject *fhir,
                      GError **error)
{
  g_autoptr (AnxBreakGlass) self = g_new0 (AnxBreakGlass, 1);
  if (!anx_fhir_check_type (fhir, "AuditEvent", error))
    return NULL;
  JsonObject *purpose = anx_fhir_first (fhir, "purposeOfEvent");
  JsonObject *period = anx_json_get_object (fhir, "period");
  if (purpose == NULL || period == NULL || g_strcmp0 (anx_fhir_find_code (purpose, ACT_REASON), BREAK_THE_GLASS) != 0)
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, "It does not say that a record was opened, why, and until when");
      return NULL;
    }
  if (!anx_fhir_need_time (period, "start", &self->opened_usec, error) || !anx_fhir_need_time (period, "end", &self->until_usec, error))
    return NULL;
  self->reader = g_strdup (anx_fhir_referenced (anx_json_get_object (anx_fhir_first (fhir, "agent"), "who"), ANX_FHIR_PRINCIPAL));
  self->booking = g_strdup (anx_fhir_referenced (anx_json_get_object (anx_fhir_first (fhir, "entity"), "what"), ANX_FHIR_BOOKING));
  self->reason = g_strdup (anx_fhir_find_code (purpose, REASON_SYSTEM));
  self->words = g_strdup (anx_json_get_string (purpose, "text", NULL));
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * anx_break_glass_free:
 * @self: (nullable) (transfer full): one
 */
void
anx_break_glass_free (AnxBreakGlass *self)
{
  if (self == NULL)
    return;
  g_free (self->reader);
  g_free (self->booking);
  g_free (self->reason);
  g_free (self->words);
  g_free (self);
}

/**
 * anx_break_glass_covers:
 * @kind: of a record
 *
 * What a colleague may have to know in an emergency and what its author decides about. A screening is not among them: the resident has said who may
 * read it, and one with a safety finding is with the duty group already.
 *
 * Returns: whether it is sealed to the break-glass group of its centre as well
 */
gboolean
anx_break_glass_covers (const char *kind)
{
  static const char *const KINDS[] = { ANX_KIND_NOTE, ANX_KIND_SAFETY_PLAN, NULL };
  return g_strv_contains (KINDS, kind);
}
