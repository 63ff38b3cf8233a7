/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fhir-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "clock.h"
#include "id.h"
#include "json.h"

/**
 * anx_fhir_resource:
 * @type: a FHIR resource type
 *
 * Returns: (transfer full): an object that holds only `resourceType`
 */
JsonObject *
anx_fhir_resource (const char *type)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "resourceType", type);
  return object;
}

/**
 * anx_fhir_coding:
 * @system: (nullable): the code system's URI
 * @code: the code
 *
 * Returns: (transfer full): a Coding
 */
JsonObject *
anx_fhir_coding (const char *system,
                 const char *code)
{
  JsonObject *coding = json_object_new ();
  if (system != NULL)
    json_object_set_string_member (coding, "system", system);
  json_object_set_string_member (coding, "code", code);
  return coding;
}

/**
 * anx_fhir_concept:
 * @system: (nullable): the code system's URI
 * @code: (nullable): the code; %NULL when there is only a text
 * @text: (nullable): words for people
 *
 * Returns: (transfer full): a CodeableConcept
 */
JsonObject *
anx_fhir_concept (const char *system,
                  const char *code,
                  const char *text)
{
  JsonObject *concept = json_object_new ();
  if (code != NULL)
    anx_fhir_set_array_of (concept, "coding", anx_fhir_coding (system, code));
  if (text != NULL)
    json_object_set_string_member (concept, "text", text);
  return concept;
}

/**
 * anx_fhir_identified:
 * @system: a URI that says what kind of identifier it is
 * @value: the identifier
 *
 * Returns: (transfer full): a Reference by identifier, for things that are no FHIR resource of the same bundle
 */
JsonObject *
anx_fhir_identified (const char *system,
                     const char *value)
{
  JsonObject *identifier = json_object_new ();
  json_object_set_string_member (identifier, "system", system);
  json_object_set_string_member (identifier, "value", value);
  JsonObject *reference = json_object_new ();
  json_object_set_object_member (reference, "identifier", identifier);
  return reference;
}

/**
 * anx_fhir_subject:
 * @booking: (nullable): a booking's id
 *
 * R4 demands a subject where we must not name one.
 *
 * Returns: (transfer full): a Reference to somebody who is known by the booking alone, or not even by that
 */
JsonObject *
anx_fhir_subject (const char *booking)
{
  JsonObject *subject = booking != NULL ? anx_fhir_identified (ANX_FHIR_BOOKING, booking) : json_object_new ();
  json_object_set_string_member (subject, "type", "Patient");
  json_object_set_string_member (subject, "display", "resident");
  return subject;
}

/**
 * anx_fhir_reference:
 * @full_url: the `fullUrl` of an entry of the same bundle
 *
 * Returns: (transfer full): a Reference to it
 */
JsonObject *
anx_fhir_reference (const char *full_url)
{
  JsonObject *reference = json_object_new ();
  json_object_set_string_member (reference, "reference", full_url);
  return reference;
}

/**
 * anx_fhir_set_array_of:
 * @object: where
 * @member: the member's name
 * @element: (transfer full): the only element
 *
 * Writes a member that FHIR lets repeat and we do not.
 */
void
anx_fhir_set_array_of (JsonObject *object,
                       const char *member,
                       JsonObject *element)
{
  JsonArray *array = json_array_new ();
  json_array_add_object_element (array, element);
  json_object_set_array_member (object, member, array);
}

/**
 * anx_fhir_set_identifier:
 * @object: a resource
 * @system: what kind of identifier
 * @value: (nullable): the identifier; nothing is written for %NULL
 *
 * Writes the resource's only business identifier.
 */
void
anx_fhir_set_identifier (JsonObject *object,
                         const char *system,
                         const char *value)
{
  if (value == NULL)
    return;
  JsonObject *identifier = json_object_new ();
  json_object_set_string_member (identifier, "system", system);
  json_object_set_string_member (identifier, "value", value);
  anx_fhir_set_array_of (object, "identifier", identifier);
}

/**
 * anx_fhir_add_extension:
 * @object: any element
 * @url: the extension's URL
 * @value_member: `valueCode`, `valueBoolean` …
 * @value: (transfer full): its value
 *
 * Appends to the element's extensions.
 */
void
anx_fhir_add_extension (JsonObject *object,
                        const char *url,
                        const char *value_member,
                        JsonNode *value)
{
  JsonObject *extension = json_object_new ();
  json_object_set_string_member (extension, "url", url);
  json_object_set_member (extension, value_member, value);
  JsonArray *array = anx_json_get_array (object, "extension");
  if (array != NULL)
    json_array_add_object_element (array, extension);
  else
    anx_fhir_set_array_of (object, "extension", extension);
}

/**
 * anx_fhir_set_time:
 * @object: where
 * @member: the member's name
 * @usec: a time, microseconds of UTC
 *
 * Writes an instant.
 */
void
anx_fhir_set_time (JsonObject *object,
                   const char *member,
                   gint64 usec)
{
  g_autofree char *text = anx_time_to_rfc3339 (usec);
  json_object_set_string_member (object, member, text);
}

/**
 * anx_fhir_check_type:
 * @object: (nullable): what was received
 * @type: the resource type it must have
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it has it
 */
gboolean
anx_fhir_check_type (JsonObject *object,
                     const char *type,
                     GError **error)
{
  if (object != NULL && g_strcmp0 (anx_json_get_string (object, "resourceType", NULL), type) == 0)
    return TRUE;
  return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("This is not a FHIR %s"), type);
}

/**
 * anx_fhir_need_string:
 * @object: (nullable): an object
 * @member: the member's name
 * @max_bytes: the longest it may be
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE, naming @member
 *
 * Returns: (transfer none) (nullable): the string, not empty
 */
const char *
anx_fhir_need_string (JsonObject *object,
                      const char *member,
                      gsize max_bytes,
                      GError **error)
{
  const char *text = anx_json_get_string (object, member, NULL);
  if (text == NULL || *text == '\0')
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("“%s” must be a text"), member);
      return NULL;
    }
  if (strlen (text) > max_bytes)
    {
      anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("“%s” is longer than %u bytes"), member, (guint) max_bytes);
      return NULL;
    }
  return text;
}

/**
 * anx_fhir_need_time:
 * @object: (nullable): an object
 * @member: the member's name
 * @out_usec: (out): the instant, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID, naming @member
 *
 * Returns: whether the member is a date and time with a zone
 */
gboolean
anx_fhir_need_time (JsonObject *object,
                    const char *member,
                    gint64 *out_usec,
                    GError **error)
{
  if (anx_time_from_rfc3339 (anx_json_get_string (object, member, NULL), out_usec, NULL))
    return TRUE;
  return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("“%s” must be a date and time with a zone"), member);
}

/**
 * anx_fhir_first:
 * @object: (nullable): an object
 * @member: the name of a member that repeats
 *
 * Returns: (transfer none) (nullable): its first element when that is an object
 */
JsonObject *
anx_fhir_first (JsonObject *object,
                const char *member)
{
  JsonArray *array = anx_json_get_array (object, member);
  if (array == NULL || json_array_get_length (array) == 0)
    return NULL;
  JsonNode *node = json_array_get_element (array, 0);
  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/**
 * anx_fhir_find_extension:
 * @object: (nullable): any element
 * @url: the extension's URL
 *
 * Returns: (transfer none) (nullable): the first extension of that URL
 */
JsonObject *
anx_fhir_find_extension (JsonObject *object,
                         const char *url)
{
  JsonArray *array = anx_json_get_array (object, "extension");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node) &&
          g_strcmp0 (anx_json_get_string (json_node_get_object (node), "url", NULL), url) == 0)
        return json_node_get_object (node);
    }
  return NULL;
}

/**
 * anx_fhir_find_code:
 * @concept: (nullable): a CodeableConcept
 * @system: (nullable): the code system's URI; %NULL for any
 *
 * Returns: (transfer none) (nullable): the first code of that system, not empty
 */
const char *
anx_fhir_find_code (JsonObject *concept,
                    const char *system)
{
  JsonArray *array = anx_json_get_array (concept, "coding");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        continue;
      JsonObject *coding = json_node_get_object (node);
      const char *code = anx_json_get_string (coding, "code", "");
      if (*code != '\0' && strlen (code) <= ANX_FHIR_SHORT_BYTES &&
          (system == NULL || g_strcmp0 (anx_json_get_string (coding, "system", NULL), system) == 0))
        return code;
    }
  return NULL;
}

/**
 * anx_fhir_find_identifier:
 * @object: (nullable): a resource
 * @system: what kind of identifier
 *
 * Returns: (transfer none) (nullable): its first identifier of that kind
 */
const char *
anx_fhir_find_identifier (JsonObject *object,
                          const char *system)
{
  JsonArray *array = anx_json_get_array (object, "identifier");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (node) &&
          g_strcmp0 (anx_json_get_string (json_node_get_object (node), "system", NULL), system) == 0)
        return anx_json_get_string (json_node_get_object (node), "value", NULL);
    }
  return NULL;
}

/**
 * anx_fhir_referenced:
 * @reference: (nullable): a Reference by identifier
 * @system: what kind of identifier
 *
 * Returns: (transfer none) (nullable): the identifier when it is of that kind
 */
const char *
anx_fhir_referenced (JsonObject *reference,
                     const char *system)
{
  JsonObject *identifier = anx_json_get_object (reference, "identifier");
  if (g_strcmp0 (anx_json_get_string (identifier, "system", NULL), system) != 0)
    return NULL;
  return anx_json_get_string (identifier, "value", NULL);
}

/**
 * anx_fhir_get_number:
 * @object: (nullable): an object
 * @member: the member's name
 * @out_value: (out): the number
 *
 * Returns: whether the member is a number, whole or decimal
 */
gboolean
anx_fhir_get_number (JsonObject *object,
                     const char *member,
                     double *out_value)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    *out_value = (double) json_node_get_int (node);
  else if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    *out_value = json_node_get_double (node);
  else
    return FALSE;
  return TRUE;
}

/**
 * anx_fhir_bundle:
 * @now_usec: when it is made, microseconds of UTC
 *
 * Returns: (transfer full): an empty Bundle of type collection
 */
JsonObject *
anx_fhir_bundle (gint64 now_usec)
{
  JsonObject *bundle = anx_fhir_resource ("Bundle");
  json_object_set_string_member (bundle, "type", "collection");
  anx_fhir_set_time (bundle, "timestamp", now_usec);
  json_object_set_array_member (bundle, "entry", json_array_new ());
  return bundle;
}

/**
 * anx_fhir_bundle_add:
 * @bundle: a bundle of anx_fhir_bundle()
 * @resource: (transfer full): what to append
 * @now_usec: the time, microseconds of UTC, for the entry's id
 *
 * Returns: (transfer full): the entry's new `fullUrl`
 */
char *
anx_fhir_bundle_add (JsonObject *bundle,
                     JsonObject *resource,
                     gint64 now_usec)
{
  g_autofree char *id = anx_uuid_new (now_usec);
  char *full_url = g_strconcat ("urn:uuid:", id, NULL);
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "fullUrl", full_url);
  json_object_set_object_member (entry, "resource", resource);
  json_array_add_object_element (json_object_get_array_member (bundle, "entry"), entry);
  return full_url;
}

/**
 * anx_fhir_check_bundle:
 * @bundle: (nullable): what was received
 * @max_entries: the most it may hold
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a Bundle of type collection whose entries all hold a resource under a URL of its own
 */
gboolean
anx_fhir_check_bundle (JsonObject *bundle,
                       guint max_entries,
                       GError **error)
{
  if (!anx_fhir_check_type (bundle, "Bundle", error))
    return FALSE;
  JsonArray *entries = anx_json_get_array (bundle, "entry");
  if (g_strcmp0 (anx_json_get_string (bundle, "type", NULL), "collection") != 0 || entries == NULL)
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("The bundle is not a collection of entries"));
      return FALSE;
    }
  if (json_array_get_length (entries) > max_entries)
    {
      anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("The bundle holds more than %u entries"), max_entries);
      return FALSE;
    }
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonNode *node = json_array_get_element (entries, i);
      JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *full_url = anx_json_get_string (entry, "fullUrl", NULL);
      JsonObject *resource = anx_json_get_object (entry, "resource");
      if (full_url == NULL || anx_json_get_string (resource, "resourceType", NULL) == NULL ||
          !g_hash_table_add (seen, (gpointer) full_url))
        {
          anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("Entry %u of the bundle has no resource or no URL of its own"), i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * anx_fhir_bundle_find:
 * @bundle: a bundle that anx_fhir_check_bundle() passed
 * @type: a resource type
 * @inout_from: (inout): the entry to begin with; moved behind the one found
 * @out_full_url: (out) (optional) (transfer none): its URL
 *
 * Returns: (transfer none) (nullable): the next resource of that type
 */
JsonObject *
anx_fhir_bundle_find (JsonObject *bundle,
                      const char *type,
                      guint *inout_from,
                      const char **out_full_url)
{
  JsonArray *entries = json_object_get_array_member (bundle, "entry");
  for (; *inout_from < json_array_get_length (entries); (*inout_from)++)
    {
      JsonObject *entry = json_array_get_object_element (entries, *inout_from);
      JsonObject *resource = json_object_get_object_member (entry, "resource");
      if (strcmp (anx_json_get_string (resource, "resourceType", ""), type) != 0)
        continue;
      (*inout_from)++;
      if (out_full_url != NULL)
        *out_full_url = json_object_get_string_member (entry, "fullUrl");
      return resource;
    }
  return NULL;
}
