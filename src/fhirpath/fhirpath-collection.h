/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * What FHIRPath computes with: ordered collections of typed items. Both are immutable and reference counted; a
 * collection owns its items. The JSON under a node is shared and must not be changed while an item refers to it. One
 * thread at a time.
 */

/**
 * AnxFhirpathType:
 * @ANX_FHIRPATH_NODE: an element or resource of FHIR JSON. A primitive element (a FHIR string, code, date …) is a node
 *   too; the getters below read its value as if it were of the matching plain type
 */
typedef enum
{
  ANX_FHIRPATH_BOOLEAN,
  ANX_FHIRPATH_STRING,
  ANX_FHIRPATH_INTEGER,
  ANX_FHIRPATH_DECIMAL,
  ANX_FHIRPATH_DATE,
  ANX_FHIRPATH_DATE_TIME,
  ANX_FHIRPATH_TIME,
  ANX_FHIRPATH_QUANTITY,
  ANX_FHIRPATH_NODE,
} AnxFhirpathType;

typedef struct _AnxFhirpathItem AnxFhirpathItem;
AnxFhirpathItem *anx_fhirpath_item_ref (AnxFhirpathItem *self);
void             anx_fhirpath_item_unref (AnxFhirpathItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFhirpathItem, anx_fhirpath_item_unref)

AnxFhirpathType  anx_fhirpath_item_get_type (AnxFhirpathItem *self);       /* as it is: NODE for any element */
AnxFhirpathType  anx_fhirpath_item_get_value_type (AnxFhirpathItem *self); /* what a primitive or Quantity element counts as */
const char      *anx_fhirpath_item_get_type_name (AnxFhirpathItem *self);  /* "Integer", "Coding", "QuestionnaireResponse.item"; (nullable) */
JsonNode        *anx_fhirpath_item_get_node (AnxFhirpathItem *self);       /* (nullable): of an element */
AnxFhirpathItem *anx_fhirpath_item_get_parent (AnxFhirpathItem *self);     /* (nullable): the element it was reached from */
gboolean         anx_fhirpath_item_get_boolean (AnxFhirpathItem *self, gboolean *out_value);
gboolean         anx_fhirpath_item_get_integer (AnxFhirpathItem *self, gint64 *out_value);
gboolean         anx_fhirpath_item_get_double (AnxFhirpathItem *self, double *out_value); /* integer, decimal, quantity's value */
char            *anx_fhirpath_item_dup_string (AnxFhirpathItem *self);                    /* (nullable): as toString() */
JsonNode        *anx_fhirpath_item_to_json (AnxFhirpathItem *self);

typedef struct _AnxFhirpathCollection AnxFhirpathCollection;
AnxFhirpathCollection *anx_fhirpath_collection_ref (AnxFhirpathCollection *self);
void                   anx_fhirpath_collection_unref (AnxFhirpathCollection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFhirpathCollection, anx_fhirpath_collection_unref)

AnxFhirpathCollection *anx_fhirpath_collection_new_empty (void) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_boolean (gboolean value) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_integer (gint64 value) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_double (double value) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_string (const char *value) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_node (JsonNode *node, const char *type_name) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_collection_new_joined (AnxFhirpathCollection *const *parts, guint n_parts) G_GNUC_WARN_UNUSED_RESULT;

guint            anx_fhirpath_collection_get_length (AnxFhirpathCollection *self);
AnxFhirpathItem *anx_fhirpath_collection_get (AnxFhirpathCollection *self, guint index);

/* The logic of FHIRPath has three values; nothing is neither true nor false. */
typedef enum
{
  ANX_FHIRPATH_FALSE = 0,
  ANX_FHIRPATH_TRUE = 1,
  ANX_FHIRPATH_UNKNOWN = -1,
} AnxFhirpathTruth;

gboolean   anx_fhirpath_collection_to_truth (AnxFhirpathCollection *self, AnxFhirpathTruth *out_truth, GError **error);
gboolean   anx_fhirpath_collection_to_double (AnxFhirpathCollection *self, double *out_value); /* exactly one number */
char      *anx_fhirpath_collection_to_string (AnxFhirpathCollection *self);                    /* (nullable): exactly one item */
JsonArray *anx_fhirpath_collection_to_json (AnxFhirpathCollection *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
