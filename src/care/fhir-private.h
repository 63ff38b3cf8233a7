/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Pieces of FHIR R4 JSON that several files of this folder write and read. Errors are of ANX_CARE_ERROR. */

#define ANX_FHIR_LOINC "http://loinc.org"
#define ANX_FHIR_UCUM "http://unitsofmeasure.org"
#define ANX_FHIR_ABSENT "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
#define ANX_FHIR_ABSENT_SYSTEM "http://terminology.hl7.org/CodeSystem/data-absent-reason"
#define ANX_FHIR_CATEGORY "http://terminology.hl7.org/CodeSystem/observation-category"
#define ANX_FHIR_BUSINESS_STATUS "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"

/* Our own identifiers are URNs: nothing has to be looked up on a network to understand them. */
#define ANX_FHIR_BOOKING "urn:anxin:booking"
#define ANX_FHIR_RECORD "urn:anxin:record"
#define ANX_FHIR_PRINCIPAL "urn:anxin:principal"
#define ANX_FHIR_TASK "urn:anxin:task"
#define ANX_FHIR_LEVEL "urn:anxin:fhir:level"
#define ANX_FHIR_BAND "urn:anxin:fhir:band"
#define ANX_FHIR_CITATION "urn:anxin:fhir:citation"
#define ANX_FHIR_CUT_OFF_REASON "urn:anxin:fhir:cut-off-reason"
#define ANX_FHIR_PRORATED "urn:anxin:fhir:prorated"
#define ANX_FHIR_RULE "urn:anxin:fhir:rule"
#define ANX_FHIR_CODE "urn:anxin:fhir:code"

/* What an identifier, a code or a URL may measure at most. */
#define ANX_FHIR_SHORT_BYTES 512

JsonObject *anx_fhir_resource (const char *type);
JsonObject *anx_fhir_coding (const char *system, const char *code);
JsonObject *anx_fhir_concept (const char *system, const char *code, const char *text);
JsonObject *anx_fhir_identified (const char *system, const char *value);
JsonObject *anx_fhir_subject (const char *booking);
JsonObject *anx_fhir_reference (const char *full_url);
void        anx_fhir_set_array_of (JsonObject *object, const char *member, JsonObject *element);
void        anx_fhir_set_identifier (JsonObject *object, const char *system, const char *value);
void        anx_fhir_add_extension (JsonObject *object, const char *url, const char *value_member, JsonNode *value);
void        anx_fhir_set_time (JsonObject *object, const char *member, gint64 usec);

gboolean    anx_fhir_check_type (JsonObject *object, const char *type, GError **error);
const char *anx_fhir_need_string (JsonObject *object, const char *member, gsize max_bytes, GError **error);
gboolean    anx_fhir_need_time (JsonObject *object, const char *member, gint64 *out_usec, GError **error);
JsonObject *anx_fhir_first (JsonObject *object, const char *member);
JsonObject *anx_fhir_find_extension (JsonObject *object, const char *url);
const char *anx_fhir_find_code (JsonObject *concept, const char *system);
const char *anx_fhir_find_identifier (JsonObject *object, const char *system);
const char *anx_fhir_referenced (JsonObject *reference, const char *system);
gboolean    anx_fhir_get_number (JsonObject *object, const char *member, double *out_value);

JsonObject *anx_fhir_bundle (gint64 now_usec);
char       *anx_fhir_bundle_add (JsonObject *bundle, JsonObject *resource, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_fhir_check_bundle (JsonObject *bundle, guint max_entries, GError **error);
JsonObject *anx_fhir_bundle_find (JsonObject *bundle, const char *type, guint *inout_from, const char **out_full_url);

G_END_DECLS
