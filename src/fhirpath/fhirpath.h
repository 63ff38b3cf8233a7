/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "fhirpath-collection.h"
#include "fhirpath-error.h"

G_BEGIN_DECLS

/*
 * FHIRPath (ANSI/HL7 N1-2020, 2.0.0) over FHIR R4 in JSON. An AnxFhirpath is one compiled expression, immutable,
 * reference counted, any thread. What is not supported fails when compiling. README.md has what is covered.
 */
typedef struct _AnxFhirpath AnxFhirpath;

AnxFhirpath *anx_fhirpath_compile (const char *expression, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpath *anx_fhirpath_ref (AnxFhirpath *self);
void         anx_fhirpath_unref (AnxFhirpath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFhirpath, anx_fhirpath_unref)

const char        *anx_fhirpath_get_text (AnxFhirpath *self);
const char *const *anx_fhirpath_get_variables (AnxFhirpath *self); /* %names that it reads, each once, without "%" */
gboolean           anx_fhirpath_calls (AnxFhirpath *self, const char *function);
const char        *anx_fhirpath_find_unknown (AnxFhirpath *self); /* (nullable) a name that is no element of any type */
/* Whether, beside its focus, it reaches items of a response only by item.where(linkId = '…'), and which. */
gboolean           anx_fhirpath_list_items (AnxFhirpath *self, GPtrArray *whole, GPtrArray *through);

/*
 * What an expression may see besides its focus: the time, variables, the host's weights. Mutable, one thread. A child
 * sees its parent's variables behind its own: the scopes of SDC's nested variables. %ucum, %sct, %loinc, %`vs-…`,
 * %`ext-…` are there always; %context is the focus unless it is set; %resource and %rootResource are the focus unless
 * they are set. It remembers what was found out about the data's arrays: what was evaluated with it must not change while
 * it lives.
 */
typedef struct _AnxFhirpathEnv AnxFhirpathEnv;

AnxFhirpathEnv *anx_fhirpath_env_new (void) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathEnv *anx_fhirpath_env_new_child (AnxFhirpathEnv *parent) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathEnv *anx_fhirpath_env_ref (AnxFhirpathEnv *self);
void            anx_fhirpath_env_unref (AnxFhirpathEnv *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFhirpathEnv, anx_fhirpath_env_unref)

void anx_fhirpath_env_set_now (AnxFhirpathEnv *self, gint64 now_usec, int offset_minutes);
void anx_fhirpath_env_set_variable (AnxFhirpathEnv *self, const char *name, AnxFhirpathCollection *value);
void anx_fhirpath_env_set_node (AnxFhirpathEnv *self, const char *name, JsonNode *node, const char *type_name);

/* weight() and ordinal() of SDC: whether @item (an answer, a Coding, a value) has a weight. Its parents lead to the linkId. */
typedef gboolean (*AnxFhirpathWeightFunc) (AnxFhirpathItem *item, double *out_weight, gpointer user_data);
void anx_fhirpath_env_set_weight (AnxFhirpathEnv *self, AnxFhirpathWeightFunc func, gpointer user_data, GDestroyNotify destroy);

/* trace() tells this function, or nobody. What it is told can be personal. */
typedef void (*AnxFhirpathTraceFunc) (const char *name, AnxFhirpathCollection *value, gpointer user_data);
void anx_fhirpath_env_set_trace (AnxFhirpathEnv *self, AnxFhirpathTraceFunc func, gpointer user_data, GDestroyNotify destroy);

AnxFhirpathCollection *anx_fhirpath_evaluate (AnxFhirpath *self, AnxFhirpathCollection *focus, AnxFhirpathEnv *env, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxFhirpathCollection *anx_fhirpath_evaluate_node (AnxFhirpath *self, JsonNode *focus, const char *type_name, AnxFhirpathEnv *env, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
