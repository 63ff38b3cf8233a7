/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "erasure.h"

#include <string.h>

#include "care-error.h"
#include "care-records.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define DICOM "http://dicom.nema.org/resources/ontology/DCM"
#define PATIENT_RECORD "110110"
#define REASONS "urn:anxin:fhir:erasure-reason"

#define REASON_BYTES 40
#define AUTHOR_BYTES 64
#define DIGEST_CHARACTERS 64

/**
 * anx_erased_record_new:
 * @id: of the record
 * @kind: its kind
 * @author: its author
 * @place: in the author's chain, from 1
 * @digest: SHA-256 of its envelope, hex
 *
 * Returns: (transfer full): what an order names of a record
 */
AnxErasedRecord *
anx_erased_record_new (const char *id,
                       const char *kind,
                       const char *author,
                       gint64 place,
                       const char *digest)
{
  AnxErasedRecord *self = g_new0 (AnxErasedRecord, 1);
  self->id = g_strdup (id);
  self->kind = g_strdup (kind);
  self->author = g_strdup (author);
  self->place = place;
  self->digest = g_strdup (digest);
  return self;
}

/**
 * anx_erased_record_free:
 * @self: (transfer full): what an order names of a record
 */
void
anx_erased_record_free (AnxErasedRecord *self)
{
  g_free (self->id);
  g_free (self->kind);
  g_free (self->author);
  g_free (self->digest);
  g_free (self);
}

/**
 * anx_erasure_build_routing:
 * @reason: the id of a reason in data/care/retention.json
 * @records: (element-type AnxErasedRecord): 1 to %ANX_ERASURE_MOST_RECORDS
 *
 * Returns: (transfer full): the clear part of the order
 */
JsonObject *
anx_erasure_build_routing (const char *reason,
                           GPtrArray *records)
{
  g_return_val_if_fail (reason != NULL && records->len > 0 && records->len <= ANX_ERASURE_MOST_RECORDS, NULL);
  JsonObject *routing = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_string_member (routing, "reason", reason);
  for (guint i = 0; i < records->len; i++)
    {
      const AnxErasedRecord *record = records->pdata[i];
      JsonObject *object = json_object_new ();
      json_object_set_string_member (object, "id", record->id);
      json_object_set_string_member (object, "kind", record->kind);
      json_object_set_string_member (object, "author", record->author);
      json_object_set_int_member (object, "place", record->place);
      json_object_set_string_member (object, "digest", record->digest);
      json_array_add_object_element (list, object);
    }
  json_object_set_array_member (routing, "records", list);
  return routing;
}

static AnxErasedRecord *
read_record (JsonObject *object,
             GError **error)
{
  gint64 place = 0;
  const char *id = anx_json_need_string (object, "id", ANX_FHIR_SHORT_BYTES, error);
  const char *kind = id != NULL ? anx_json_need_string (object, "kind", ANX_FHIR_SHORT_BYTES, error) : NULL;
  const char *author = kind != NULL ? anx_json_need_string (object, "author", AUTHOR_BYTES, error) : NULL;
  const char *digest = author != NULL ? anx_json_need_string (object, "digest", DIGEST_CHARACTERS, error) : NULL;
  if (digest == NULL || !anx_json_need_int (object, "place", 1, G_MAXINT64, &place, error))
    return NULL;
  /* An order is what every later order stands on: it is never erased itself. */
  if (anx_uuid_is_valid (id) && anx_record_kind_is_valid (kind) && strcmp (kind, ANX_KIND_ERASURE) != 0 && anx_principal_id_is_valid (author) &&
      strlen (digest) == DIGEST_CHARACTERS && strspn (digest, "0123456789abcdef") == DIGEST_CHARACTERS)
    return anx_erased_record_new (id, kind, author, place, digest);
  anx_care_fail (error, ANX_CARE_ERROR_INVALID, "The order does not name its records as it must");
  return NULL;
}

/**
 * anx_erasure_read_routing:
 * @routing: the clear part of a verified order
 * @out_reason: (out) (transfer none): why; belongs to @routing
 * @error: return location, %ANX_CARE_ERROR_INVALID, errors of %ANX_BASE_ERROR
 *
 * Outputs are untouched on failure.
 *
 * Returns: (transfer full) (nullable) (element-type AnxErasedRecord): what is to be erased
 */
GPtrArray *
anx_erasure_read_routing (JsonObject *routing,
                          const char **out_reason,
                          GError **error)
{
  const char *reason = anx_json_need_string (routing, "reason", REASON_BYTES, error);
  JsonArray *list = reason != NULL ? anx_json_need_array (routing, "records", ANX_ERASURE_MOST_RECORDS, error) : NULL;
  if (list == NULL)
    return NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_erased_record_free);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *object = anx_json_array_need_object (list, i, error);
      AnxErasedRecord *record = object != NULL ? read_record (object, error) : NULL;
      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }
  if (records->len > 0 && *reason != '\0')
    {
      *out_reason = reason;
      return g_steal_pointer (&records);
    }
  anx_care_fail (error, ANX_CARE_ERROR_INVALID, "The order names no record or no reason");
  return NULL;
}

/**
 * anx_erasure_build:
 * @who: the principal who orders it
 * @reason: the id of a reason in data/care/retention.json
 * @law: the article it rests on
 * @records: (element-type AnxErasedRecord): what is erased
 * @now_usec: when, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 AuditEvent
 */
JsonObject *
anx_erasure_build (const char *who,
                   const char *reason,
                   const char *law,
                   GPtrArray *records,
                   gint64 now_usec)
{
  JsonObject *event = anx_fhir_resource ("AuditEvent");
  JsonObject *agent = json_object_new ();
  JsonObject *source = json_object_new ();
  JsonArray *entities = json_array_new ();
  json_object_set_object_member (event, "type", anx_fhir_coding (DICOM, PATIENT_RECORD));
  json_object_set_string_member (event, "action", "D");
  anx_fhir_set_time (event, "recorded", now_usec);
  anx_fhir_set_array_of (event, "purposeOfEvent", anx_fhir_concept (REASONS, reason, law));
  json_object_set_object_member (agent, "who", anx_fhir_identified (ANX_FHIR_PRINCIPAL, who));
  json_object_set_boolean_member (agent, "requestor", TRUE);
  anx_fhir_set_array_of (event, "agent", agent);
  json_object_set_object_member (source, "observer", anx_fhir_identified (ANX_FHIR_PRINCIPAL, who));
  json_object_set_object_member (event, "source", source);
  for (guint i = 0; i < records->len; i++)
    {
      const AnxErasedRecord *record = records->pdata[i];
      JsonObject *entity = json_object_new ();
      json_object_set_object_member (entity, "what", anx_fhir_identified (ANX_FHIR_RECORD, record->id));
      json_array_add_object_element (entities, entity);
    }
  json_object_set_array_member (event, "entity", entities);
  return event;
}

/**
 * anx_erasure_read:
 * @fhir: a FHIR R4 AuditEvent of anx_erasure_build()
 * @out_who: (out): the principal who ordered it
 * @out_law: (out): the article it rests on
 * @out_count: (out): of how many records
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Outputs are untouched on failure.
 *
 * Returns: whether it tells all of this
 */
gboolean
anx_erasure_read (JsonObject *fhir,
                  char **out_who,
                  char **out_law,
                  guint *out_count,
                  GError **error)
{
  if (!anx_fhir_check_type (fhir, "AuditEvent", error))
    return FALSE;
  const char *who = anx_fhir_referenced (anx_json_get_object (anx_fhir_first (fhir, "agent"), "who"), ANX_FHIR_PRINCIPAL);
  JsonObject *purpose = anx_fhir_first (fhir, "purposeOfEvent");
  const char *law = purpose != NULL ? anx_json_get_string (purpose, "text", NULL) : NULL;
  JsonArray *entities = anx_json_get_array (fhir, "entity");
  if (!anx_principal_id_is_valid (who) || law == NULL || strlen (law) > ANX_FHIR_SHORT_BYTES || entities == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "It does not say who ordered what to be erased, or by which law");
  *out_who = g_strdup (who);
  *out_law = g_strdup (law);
  *out_count = json_array_get_length (entities);
  return TRUE;
}
