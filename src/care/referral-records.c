/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"

#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "consent.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define fail anx_care_fail

#define NEED "urn:anxin:fhir:need"
#define GROUNDS "urn:anxin:fhir:grounds"
#define MEASURES "urn:anxin:fhir:measures"
#define LEGAL_BASIS "urn:anxin:fhir:legal-basis"
#define TELL_AT_KIOSK "urn:anxin:fhir:tell-at-kiosk"
#define ACTION "urn:anxin:fhir:referral-action"

#define MAX_OUTPUTS 20

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
  g_free (self->need);
  g_free (self->name);
  g_free (self->phone);
  g_free (self->gender);
  g_free (self->address);
  g_free (self->guardian);
  g_free (self->guardian_phone);
  g_free (self->reason);
  g_free (self->level);
  g_free (self->grounds);
  g_free (self->measures);
  g_free (self->summary);
  g_free (self->legal_basis);
  g_free (self->part_of);
  g_free (self);
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

/* Codes of data files: which ones a district knows is not ours to say, their form is. */
static gboolean
check_code (const char *code,
            GError **error)
{
  gsize length = code != NULL ? strlen (code) : 0;
  return length == 0 || (length <= 32 && strspn (code, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
         || fail (error, ANX_CARE_ERROR_INVALID, "A code has at most 32 small letters, digits and dashes");
}

static gboolean
check_word (const char *word,
            const char *const *words,
            const char *message,
            GError **error)
{
  return is_empty (word) || g_strv_contains (words, word) || fail (error, ANX_CARE_ERROR_INVALID, "%s", message);
}

static gboolean
check_text (const char *text,
            GError **error)
{
  return is_empty (text) || anx_note_check (text, error);
}

static gboolean
check_person (const AnxReferral *referral,
              GError **error)
{
  static const char *const genders[] = { "female", "male", "other", NULL };
  if (referral->birth_year != 0 && (referral->birth_year < 1880 || referral->birth_year > 2200))
    return fail (error, ANX_CARE_ERROR_INVALID, "A year of birth has four digits");
  return anx_name_check (referral->name, error) && anx_phone_check (referral->phone, error)
         && check_word (referral->gender, genders, "A gender is female, male or other", error)
         && check_text (referral->address, error)
         && (is_empty (referral->guardian) || anx_name_check (referral->guardian, error))
         && anx_phone_check (referral->guardian_phone, error)
         && (!is_empty (referral->guardian) || is_empty (referral->guardian_phone)
             || fail (error, ANX_CARE_ERROR_INVALID, "A guardian's phone number needs the guardian's name"));
}

static gboolean
check_referral (const AnxReferral *referral,
                GError **error)
{
  static const char *const levels[] = { "green", "yellow", "red", NULL };
  if (!anx_uuid_is_valid (referral->task) || (!is_empty (referral->part_of) && !anx_uuid_is_valid (referral->part_of)))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs an id");
  if (!anx_principal_id_is_valid (referral->from) || !anx_principal_id_is_valid (referral->to))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs a sender and a receiver");
  if (!referral->consented && is_empty (referral->legal_basis))
    return fail (error, ANX_CARE_ERROR_INVALID,
                 "A referral needs the resident's separate consent that names the receiver, or the article of law that stands instead");
  if (referral->consented && !is_empty (referral->legal_basis))
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral rests on consent or on an article of law, not on both");
  if (referral->created_usec <= 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A referral needs a time");
  return check_person (referral, error) && anx_note_check (referral->reason, error)
         && check_word (referral->level, levels, "A level is green, yellow or red", error)
         && check_code (referral->need, error) && check_code (referral->legal_basis, error)
         && check_text (referral->grounds, error) && check_text (referral->measures, error)
         && check_text (referral->summary, error);
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

static void
add_text_extension (JsonObject *object,
                    const char *url,
                    const char *value_member,
                    const char *text)
{
  if (!is_empty (text))
    anx_fhir_add_extension (object, url, value_member, json_node_init_string (json_node_alloc (), text));
}

/* FHIR's word for the person is Patient. */
static JsonObject *
make_patient (const AnxReferral *referral)
{
  JsonObject *patient = anx_contact_build (referral->name, FALSE, referral->phone, NULL);
  if (!is_empty (referral->gender))
    json_object_set_string_member (patient, "gender", referral->gender);
  if (referral->birth_year != 0)
    {
      g_autofree char *year = g_strdup_printf ("%04d", referral->birth_year);
      json_object_set_string_member (patient, "birthDate", year);
    }
  if (!is_empty (referral->address))
    {
      JsonObject *address = json_object_new ();
      json_object_set_string_member (address, "text", referral->address);
      anx_fhir_set_array_of (patient, "address", address);
    }
  if (!is_empty (referral->guardian))
    {
      g_autoptr (JsonObject) guardian = anx_contact_build (referral->guardian, FALSE, referral->guardian_phone, NULL);
      JsonObject *contact = json_object_new ();
      json_object_set_object_member (contact, "name", json_object_ref (anx_fhir_first (guardian, "name")));
      if (json_object_has_member (guardian, "telecom"))
        json_object_set_array_member (contact, "telecom", json_array_ref (json_object_get_array_member (guardian, "telecom")));
      anx_fhir_set_array_of (patient, "contact", contact);
    }
  return patient;
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
  if (!is_empty (referral->need))
    anx_fhir_set_array_of (request, "category", anx_fhir_concept (NEED, referral->need, NULL));
  json_object_set_object_member (request, "subject", anx_fhir_reference (patient_url));
  anx_fhir_set_time (request, "authoredOn", referral->created_usec);
  json_object_set_object_member (request, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->from));
  anx_fhir_set_array_of (request, "performer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->to));
  anx_fhir_set_array_of (request, "reasonCode", anx_fhir_concept (NULL, NULL, referral->reason));
  if (consent_url != NULL)
    anx_fhir_set_array_of (request, "supportingInfo", anx_fhir_reference (consent_url));
  if (!is_empty (referral->summary))
    {
      JsonObject *note = json_object_new ();
      json_object_set_string_member (note, "text", referral->summary);
      anx_fhir_set_array_of (request, "note", note);
    }
  add_text_extension (request, ANX_FHIR_LEVEL, "valueCode", referral->level);
  add_text_extension (request, GROUNDS, "valueString", referral->grounds);
  add_text_extension (request, MEASURES, "valueString", referral->measures);
  add_text_extension (request, LEGAL_BASIS, "valueCode", referral->legal_basis);
  if (referral->tell_at_kiosk)
    anx_fhir_add_extension (request, TELL_AT_KIOSK, "valueBoolean", json_node_init_boolean (json_node_alloc (), TRUE));
  return request;
}

/**
 * anx_referral_build:
 * @referral: a referral; what care-records.h says is needed must be there
 * @error: return location, %ANX_CARE_ERROR_INVALID (also without consent, PIPL article 23, or an article of law in its place) or
 *   %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Bundle(collection) of Patient, Consent (when there is one), ServiceRequest and
 *   Task (requested, BSeR 2.0)
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
  g_autofree char *patient_url = anx_fhir_bundle_add (bundle, make_patient (referral), now);
  g_autofree char *consent_url
      = referral->consented
            ? anx_fhir_bundle_add (bundle, anx_consent_to_fhir (ANX_PURPOSE_REFERRAL, TRUE, referral->to, now), now)
            : NULL;
  g_autofree char *request_url
      = anx_fhir_bundle_add (bundle, make_service_request (referral, patient_url, consent_url), now);

  JsonObject *task = make_task (referral->task, "requested", "2.0", "requested", now);
  json_object_set_string_member (task, "priority", anx_urgency_to_priority (referral->urgency));
  json_object_set_object_member (task, "focus", anx_fhir_reference (request_url));
  anx_fhir_set_time (task, "authoredOn", now);
  json_object_set_object_member (task, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->from));
  json_object_set_object_member (task, "owner", anx_fhir_identified (ANX_FHIR_PRINCIPAL, referral->to));
  if (!is_empty (referral->part_of))
    anx_fhir_set_array_of (task, "partOf", anx_fhir_identified (ANX_FHIR_TASK, referral->part_of));
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

static char *
dup_extension (JsonObject *object,
               const char *url,
               const char *value_member)
{
  return g_strdup (anx_json_get_string (anx_fhir_find_extension (object, url), value_member, ""));
}

static gboolean
read_person (AnxReferral *self,
             JsonObject *patient,
             GError **error)
{
  gboolean alias;
  if (!anx_contact_read (patient, &self->name, &alias, &self->phone, error))
    return FALSE;
  self->gender = g_strdup (anx_json_get_string (patient, "gender", ""));
  self->address = g_strdup (anx_json_get_string (anx_fhir_first (patient, "address"), "text", ""));
  /* A whole date comes from outside; the year is all we ask for. */
  const char *birth = anx_json_get_string (patient, "birthDate", "");
  self->birth_year = strlen (birth) >= 4 && strspn (birth, "0123456789") >= 4 ? (int) g_ascii_strtoull (birth, NULL, 10) : 0;
  if (*birth != '\0' && self->birth_year == 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A date of birth begins with a year");
  JsonObject *contact = anx_fhir_first (patient, "contact");
  self->guardian = g_strdup (anx_json_get_string (anx_json_get_object (contact, "name"), "text", ""));
  self->guardian_phone = g_strdup (anx_json_get_string (anx_fhir_first (contact, "telecom"), "value", ""));
  return TRUE;
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
  const char *need = anx_fhir_find_code (anx_fhir_first (request, "category"), NEED);
  self->need = g_strdup (need != NULL ? need : "");
  self->level = dup_extension (request, ANX_FHIR_LEVEL, "valueCode");
  self->grounds = dup_extension (request, GROUNDS, "valueString");
  self->measures = dup_extension (request, MEASURES, "valueString");
  self->legal_basis = dup_extension (request, LEGAL_BASIS, "valueCode");
  self->tell_at_kiosk = anx_json_get_boolean (anx_fhir_find_extension (request, TELL_AT_KIOSK), "valueBoolean", FALSE);
  self->part_of = g_strdup (anx_fhir_referenced (anx_fhir_first (task, "partOf"), ANX_FHIR_TASK));
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
  JsonObject *patient = task != NULL ? find_only (fhir, "Patient", error) : NULL;
  if (patient == NULL)
    return NULL;
  g_autoptr (AnxReferral) self = g_new0 (AnxReferral, 1);
  if (!read_person (self, patient, error) || !read_request (self, request, task, error))
    return NULL;
  /* Without a Consent only the article of law is left. A Consent that is there must be the right one, and the only one. */
  guint from = 0;
  if (anx_fhir_bundle_find (fhir, "Consent", &from, NULL) != NULL)
    {
      JsonObject *consent = find_only (fhir, "Consent", error);
      if (consent == NULL)
        return NULL;
      if (!consent_covers (consent, self->to))
        {
          fail (error, ANX_CARE_ERROR_INVALID, "The consent in a referral does not name its receiver");
          return NULL;
        }
      self->consented = TRUE;
    }
  return check_referral (self, error) ? g_steal_pointer (&self) : NULL;
}

/* --- referral event --- */

#define VISIT "visit"
#define FORWARD "forward"
#define FEEDBACK "feedback"

/**
 * anx_referral_event_free:
 * @self: (nullable) (transfer full): a step
 *
 * Frees it.
 */
void
anx_referral_event_free (AnxReferralEvent *self)
{
  if (self == NULL)
    return;
  g_free (self->task);
  g_free (self->action);
  g_free (self->status);
  g_free (self->business_status);
  g_free (self->text);
  g_free (self->forward_to);
  g_free (self->told_by);
  g_free (self);
}

/* What comes from outside names no action; then the status tells whether words are needed. */
static gboolean
needs_text (const AnxReferralEvent *event)
{
  static const char *const statuses[] = { "rejected", "completed", "failed", NULL };
  AnxReferralAction action;
  if (anx_referral_action_from_string (event->action, &action))
    return anx_referral_get_rule (action)->needs_text;
  return g_strv_contains (statuses, event->status);
}

static gboolean
check_event (const AnxReferralEvent *event,
             GError **error)
{
  AnxReferralAction action = ANX_REFERRAL_N_ACTIONS;
  if (!anx_uuid_is_valid (event->task))
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral must name it");
  if (!anx_referral_state_is_known (event->status, event->business_status) || strcmp (event->status, "requested") == 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral has no status that could follow");
  if (!is_empty (event->action) && !anx_referral_action_from_string (event->action, &action))
    return fail (error, ANX_CARE_ERROR_INVALID, "An answer to a referral says nothing that is known");
  const AnxReferralRule *rule = action != ANX_REFERRAL_N_ACTIONS ? anx_referral_get_rule (action) : NULL;
  if (rule != NULL && rule->needs_time && event->visit_usec <= 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "An appointment needs a time");
  if (rule != NULL && rule->needs_receiver && is_empty (event->forward_to))
    return fail (error, ANX_CARE_ERROR_INVALID, "Who forwards a referral must say to whom");
  if (!is_empty (event->forward_to) && !anx_principal_id_is_valid (event->forward_to))
    return fail (error, ANX_CARE_ERROR_INVALID, "A department is named by its id");
  if (!is_empty (event->told_by) && !anx_principal_id_is_valid (event->told_by))
    return fail (error, ANX_CARE_ERROR_INVALID, "Who said it is named by an id");
  if (is_empty (event->text))
    return !needs_text (event) || fail (error, ANX_CARE_ERROR_INVALID, "This answer to a referral needs words");
  return anx_note_check (event->text, error);
}

static JsonObject *
make_output (const char *code)
{
  JsonObject *output = json_object_new ();
  json_object_set_object_member (output, "type", anx_fhir_concept (ANX_FHIR_CODE, code, NULL));
  return output;
}

/**
 * anx_referral_event_build:
 * @event: a step; its status and business status are those after it
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Task; the outcome of a completion stands in its output, other words in statusReason,
 *   the action in reasonCode, an appointment and the department it should go to in outputs of their own
 */
JsonObject *
anx_referral_event_build (const AnxReferralEvent *event,
                          GError **error)
{
  g_return_val_if_fail (event != NULL, NULL);
  if (!check_event (event, error))
    return NULL;
  gboolean completed = strcmp (event->status, "completed") == 0;
  JsonObject *object = make_task (event->task, event->status, event->business_status,
                                  !is_empty (event->text) && !completed ? event->text : event->status, event->created_usec);
  if (!is_empty (event->action))
    json_object_set_object_member (object, "reasonCode", anx_fhir_concept (ACTION, event->action, NULL));
  if (!is_empty (event->told_by))
    json_object_set_object_member (object, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, event->told_by));
  JsonArray *outputs = json_array_new ();
  if (completed)
    {
      JsonObject *output = make_output (FEEDBACK);
      json_object_set_string_member (output, "valueString", event->text);
      json_array_add_object_element (outputs, output);
    }
  if (event->visit_usec > 0)
    {
      JsonObject *output = make_output (VISIT);
      anx_fhir_set_time (output, "valueDateTime", event->visit_usec);
      json_array_add_object_element (outputs, output);
    }
  if (!is_empty (event->forward_to))
    {
      JsonObject *output = make_output (FORWARD);
      json_object_set_object_member (output, "valueReference", anx_fhir_identified (ANX_FHIR_PRINCIPAL, event->forward_to));
      json_array_add_object_element (outputs, output);
    }
  if (json_array_get_length (outputs) > 0)
    json_object_set_array_member (object, "output", outputs);
  else
    json_array_unref (outputs);
  return object;
}

static JsonObject *
find_output (JsonObject *task,
             const char *code)
{
  JsonArray *outputs = anx_json_get_array (task, "output");
  for (guint i = 0; outputs != NULL && i < MIN (json_array_get_length (outputs), MAX_OUTPUTS); i++)
    {
      JsonNode *node = json_array_get_element (outputs, i);
      JsonObject *output = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_fhir_find_code (anx_json_get_object (output, "type"), ANX_FHIR_CODE), code) == 0)
        return output;
    }
  return NULL;
}

/**
 * anx_referral_event_read:
 * @fhir: a FHIR R4 Task of anx_referral_event_build()
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the step; whether it may follow the step before it, anx_referral_may_follow() tells
 */
AnxReferralEvent *
anx_referral_event_read (JsonObject *fhir,
                         GError **error)
{
  if (!anx_fhir_check_type (fhir, "Task", error))
    return NULL;
  g_autoptr (AnxReferralEvent) self = g_new0 (AnxReferralEvent, 1);
  const char *action = anx_fhir_find_code (anx_json_get_object (fhir, "reasonCode"), ACTION);
  self->task = g_strdup (anx_fhir_find_identifier (fhir, ANX_FHIR_TASK));
  self->action = g_strdup (action != NULL ? action : "");
  self->status = g_strdup (anx_json_get_string (fhir, "status", ""));
  self->business_status
      = g_strdup (anx_fhir_find_code (anx_json_get_object (fhir, "businessStatus"), ANX_FHIR_BUSINESS_STATUS));
  const char *text = anx_json_get_string (anx_json_get_object (fhir, "statusReason"), "text", NULL);
  if (strcmp (self->status, "completed") == 0)
    text = anx_json_get_string (find_output (fhir, FEEDBACK), "valueString", NULL);
  else if (!needs_text (self) && g_strcmp0 (text, self->status) == 0)
    text = NULL; /* what make_task() wrote because the profile demands some words */
  self->text = g_strdup (text != NULL ? text : "");
  JsonObject *visit = find_output (fhir, VISIT);
  if (!anx_fhir_need_time (fhir, "lastModified", &self->created_usec, error)
      || (visit != NULL && !anx_fhir_need_time (visit, "valueDateTime", &self->visit_usec, error)))
    return NULL;
  JsonObject *forward = anx_json_get_object (find_output (fhir, FORWARD), "valueReference");
  self->forward_to = g_strdup (anx_fhir_referenced (forward, ANX_FHIR_PRINCIPAL));
  self->told_by = g_strdup (anx_fhir_referenced (anx_json_get_object (fhir, "requester"), ANX_FHIR_PRINCIPAL));
  return check_event (self, error) ? g_steal_pointer (&self) : NULL;
}
