/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake.h"

#include <string.h>

#include "care-error.h"
#include "care-records.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define CASE "urn:anxin:intake"
#define CENTRE "urn:anxin:centre"
#define NUMBER "urn:anxin:fhir:sender-number"
#define SOURCE "urn:anxin:fhir:intake-source"
#define AGREED "urn:anxin:fhir:agreed"

#define MAX_NUMBER_CHARS 64

#define fail anx_care_fail

static const char *const sources[ANX_INTAKE_N_SOURCES] = { "hotline", "grid", "alarm" };

/**
 * anx_intake_source_to_string:
 * @source: where a case comes from
 *
 * Returns: (transfer none): its word
 */
const char *
anx_intake_source_to_string (AnxIntakeSource source)
{
  g_return_val_if_fail (source < ANX_INTAKE_N_SOURCES, NULL);
  return sources[source];
}

/**
 * anx_intake_source_from_string:
 * @text: (nullable): a word
 * @out_source: (out): where a case comes from; untouched when it is none
 *
 * Returns: whether it is the word of one
 */
gboolean
anx_intake_source_from_string (const char *text,
                               AnxIntakeSource *out_source)
{
  for (guint i = 0; i < ANX_INTAKE_N_SOURCES; i++)
    if (g_strcmp0 (sources[i], text) == 0)
      {
        *out_source = (AnxIntakeSource) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_intake_free:
 * @self: (nullable) (transfer full): a case
 *
 * Frees it.
 */
void
anx_intake_free (AnxIntake *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->centre);
  g_free (self->number);
  g_free (self->name);
  g_free (self->phone);
  g_free (self->address);
  g_free (self->reported);
  g_free (self->reporter);
  g_free (self->reporter_phone);
  g_free (self);
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

static gboolean
check (const AnxIntake *self,
       GError **error)
{
  if (!anx_uuid_is_valid (self->id))
    return fail (error, ANX_CARE_ERROR_INVALID, "“id” must be a UUID of version 7 in small letters; leave it out to have one made");
  if (!anx_principal_id_is_valid (self->centre))
    return fail (error, ANX_CARE_ERROR_INVALID, "“centre” must be the id of the centre that shall look after the person");
  if (is_empty (self->phone) && is_empty (self->address))
    return fail (error, ANX_CARE_ERROR_INVALID, "A case needs a “phone” or an “address”, or else nobody can be found");
  if (!is_empty (self->number) && g_utf8_strlen (self->number, -1) > MAX_NUMBER_CHARS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "“number” has at most %d characters", MAX_NUMBER_CHARS);
  if (self->reported_usec <= 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A case needs a time");
  return (is_empty (self->number) || anx_note_check (self->number, error)) && (is_empty (self->name) || anx_name_check (self->name, error))
         && anx_phone_check (self->phone, error) && (is_empty (self->address) || anx_note_check (self->address, error))
         && anx_note_check (self->reported, error) && (is_empty (self->reporter) || anx_name_check (self->reporter, error))
         && anx_phone_check (self->reporter_phone, error);
}

/* --- what the sender writes --- */

static const struct
{
  const char *member;
  gsize offset;
} texts[] = {
  { "id", G_STRUCT_OFFSET (AnxIntake, id) },
  { "centre", G_STRUCT_OFFSET (AnxIntake, centre) },
  { "number", G_STRUCT_OFFSET (AnxIntake, number) },
  { "name", G_STRUCT_OFFSET (AnxIntake, name) },
  { "phone", G_STRUCT_OFFSET (AnxIntake, phone) },
  { "address", G_STRUCT_OFFSET (AnxIntake, address) },
  { "reported", G_STRUCT_OFFSET (AnxIntake, reported) },
  { "reporter", G_STRUCT_OFFSET (AnxIntake, reporter) },
  { "reporterPhone", G_STRUCT_OFFSET (AnxIntake, reporter_phone) },
};

static gboolean
take_text (AnxIntake *self,
           const char *member,
           JsonNode *node,
           gboolean *out_known,
           GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strcmp (texts[i].member, member) == 0)
      {
        *out_known = TRUE;
        if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
          return fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be a text", member);
        /* An empty text says no more than one that is left out. */
        const char *text = json_node_get_string (node);
        G_STRUCT_MEMBER (char *, self, texts[i].offset) = *text != '\0' ? g_strdup (text) : NULL;
        return TRUE;
      }
  return TRUE;
}

/* A member that nobody understands is perhaps the one that matters most: refused, by name, instead of dropped. */
static gboolean
take_member (AnxIntake *self,
             const char *member,
             JsonNode *node,
             GError **error)
{
  const char *word = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
  gboolean known = FALSE;

  if (strcmp (member, "source") == 0)
    return anx_intake_source_from_string (word, &self->source) || fail (error, ANX_CARE_ERROR_INVALID, "“source” must be hotline, grid or alarm");
  if (strcmp (member, "urgency") == 0)
    return (word != NULL && anx_urgency_from_string (word, &self->urgency))
           || fail (error, ANX_CARE_ERROR_INVALID, "“urgency” must be routine, urgent or immediate");
  if (strcmp (member, "agreed") == 0)
    {
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return fail (error, ANX_CARE_ERROR_INVALID, "“agreed” must be true or false");
      self->agreed = json_node_get_boolean (node);
      return TRUE;
    }
  if (!take_text (self, member, node, &known, error))
    return FALSE;
  /* Not quoted: whatever stands there may be about the person. */
  return known || fail (error, ANX_CARE_ERROR_INVALID, "There is a member that no case has; README.md lists those there are");
}

/**
 * anx_intake_parse:
 * @text: JSON as README.md describes it
 * @length: its bytes, -1 = up to the NUL
 * @now_usec: the time, microseconds of UTC, which is when it was reported
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE, errors of %ANX_BASE_ERROR; the message quotes nothing that
 *   was written about a person
 *
 * Without `id` a new one is made.
 *
 * Returns: (transfer full) (nullable): the case
 */
AnxIntake *
anx_intake_parse (const char *text,
                  gssize length,
                  gint64 now_usec,
                  GError **error)
{
  static const char *const needed[] = { "centre", "source", "urgency", "reported" };
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;
  g_autoptr (JsonObject) json = anx_json_parse_object (text, length, ANX_INTAKE_BYTES, error);
  if (json == NULL)
    return NULL;
  g_autoptr (AnxIntake) self = g_new0 (AnxIntake, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!json_object_has_member (json, needed[i]))
      {
        fail (error, ANX_CARE_ERROR_INVALID, "“%s” is missing", needed[i]);
        return NULL;
      }
  json_object_iter_init_ordered (&iter, json);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    if (!take_member (self, member, node, error))
      return NULL;
  if (self->id == NULL)
    self->id = anx_uuid_new (now_usec);
  self->reported_usec = now_usec;
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

/* --- the record --- */

static JsonObject *
make_person (const char *type,
             const char *name,
             const char *phone,
             const char *address)
{
  JsonObject *person = anx_fhir_resource (type);
  const char *const words[] = { name, phone, address };
  static const char *const members[] = { "name", "telecom", "address" };
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (is_empty (words[i]))
        continue;
      JsonObject *element = json_object_new ();
      if (i == 1)
        json_object_set_string_member (element, "system", "phone");
      json_object_set_string_member (element, i == 1 ? "value" : "text", words[i]);
      anx_fhir_set_array_of (person, members[i], element);
    }
  return person;
}

static JsonObject *
make_request (const AnxIntake *self,
              const char *sender,
              const char *patient_url,
              const char *reporter_url)
{
  JsonObject *request = anx_fhir_resource ("ServiceRequest");
  JsonArray *identifiers = json_array_new ();
  const char *const values[][2] = { { CASE, self->id }, { NUMBER, self->number } };
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      if (is_empty (values[i][1]))
        continue;
      JsonObject *identifier = json_object_new ();
      json_object_set_string_member (identifier, "system", values[i][0]);
      json_object_set_string_member (identifier, "value", values[i][1]);
      json_array_add_object_element (identifiers, identifier);
    }
  json_object_set_array_member (request, "identifier", identifiers);
  json_object_set_string_member (request, "status", "active");
  json_object_set_string_member (request, "intent", "proposal");
  json_object_set_string_member (request, "priority", anx_urgency_to_priority (self->urgency));
  anx_fhir_set_array_of (request, "category", anx_fhir_concept (SOURCE, sources[self->source], NULL));
  json_object_set_object_member (request, "subject", anx_fhir_reference (patient_url));
  anx_fhir_set_time (request, "authoredOn", self->reported_usec);
  json_object_set_object_member (request, "requester", anx_fhir_identified (ANX_FHIR_PRINCIPAL, sender));
  anx_fhir_set_array_of (request, "performer", anx_fhir_identified (CENTRE, self->centre));
  anx_fhir_set_array_of (request, "reasonCode", anx_fhir_concept (NULL, NULL, self->reported));
  if (reporter_url != NULL)
    anx_fhir_set_array_of (request, "supportingInfo", anx_fhir_reference (reporter_url));
  anx_fhir_add_extension (request, AGREED, "valueBoolean", json_node_init_boolean (json_node_alloc (), self->agreed));
  return request;
}

/**
 * anx_intake_build:
 * @intake: a case
 * @sender: the principal who hands it in
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 Bundle(collection) of Patient, RelatedPerson (when it is known who reported) and
 *   ServiceRequest (a proposal)
 */
JsonObject *
anx_intake_build (const AnxIntake *intake,
                  const char *sender,
                  GError **error)
{
  g_return_val_if_fail (intake != NULL && sender != NULL && intake->source < ANX_INTAKE_N_SOURCES, NULL);
  if (!check (intake, error))
    return NULL;
  gint64 now = intake->reported_usec;
  JsonObject *bundle = anx_fhir_bundle (now);
  g_autofree char *patient_url = anx_fhir_bundle_add (bundle, make_person ("Patient", intake->name, intake->phone, intake->address), now);
  g_autofree char *reporter_url = NULL;
  if (!is_empty (intake->reporter) || !is_empty (intake->reporter_phone))
    {
      JsonObject *reporter = make_person ("RelatedPerson", intake->reporter, intake->reporter_phone, NULL);
      json_object_set_object_member (reporter, "patient", anx_fhir_reference (patient_url));
      reporter_url = anx_fhir_bundle_add (bundle, reporter, now);
    }
  g_autofree char *request_url = anx_fhir_bundle_add (bundle, make_request (intake, sender, patient_url, reporter_url), now);
  return bundle;
}

static gboolean
read_urgency (const char *priority,
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

static char *
dup_text (JsonObject *object,
          const char *list,
          const char *member)
{
  return g_strdup (anx_json_get_string (anx_fhir_first (object, list), member, NULL));
}

/**
 * anx_intake_read:
 * @fhir: a FHIR R4 Bundle of anx_intake_build()
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the case
 */
AnxIntake *
anx_intake_read (JsonObject *fhir,
                 GError **error)
{
  guint from = 0;
  if (!anx_fhir_check_bundle (fhir, 3, error))
    return NULL;
  JsonObject *request = anx_fhir_bundle_find (fhir, "ServiceRequest", &from, NULL);
  from = 0;
  JsonObject *patient = anx_fhir_bundle_find (fhir, "Patient", &from, NULL);
  from = 0;
  JsonObject *reporter = anx_fhir_bundle_find (fhir, "RelatedPerson", &from, NULL);
  g_autoptr (AnxIntake) self = g_new0 (AnxIntake, 1);
  if (request == NULL || patient == NULL
      || !anx_intake_source_from_string (anx_fhir_find_code (anx_fhir_first (request, "category"), SOURCE), &self->source)
      || !read_urgency (anx_json_get_string (request, "priority", NULL), &self->urgency))
    {
      fail (error, ANX_CARE_ERROR_INVALID, "This is no case from outside");
      return NULL;
    }
  if (!anx_fhir_need_time (request, "authoredOn", &self->reported_usec, error))
    return NULL;
  self->id = g_strdup (anx_fhir_find_identifier (request, CASE));
  self->number = g_strdup (anx_fhir_find_identifier (request, NUMBER));
  self->centre = g_strdup (anx_fhir_referenced (anx_fhir_first (request, "performer"), CENTRE));
  self->name = dup_text (patient, "name", "text");
  self->phone = dup_text (patient, "telecom", "value");
  self->address = dup_text (patient, "address", "text");
  self->reported = dup_text (request, "reasonCode", "text");
  self->reporter = reporter != NULL ? dup_text (reporter, "name", "text") : NULL;
  self->reporter_phone = reporter != NULL ? dup_text (reporter, "telecom", "value") : NULL;
  self->agreed = anx_json_get_boolean (anx_fhir_find_extension (request, AGREED), "valueBoolean", FALSE);
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}
