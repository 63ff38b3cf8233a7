/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the types of FHIR R4 are called, what they derive from, and which elements they have, from fhir-types.inc. Any thread. */

/* The name as the table holds it, so that two names are equal when their addresses are; (nullable). */
const char *anx_fhir_type_find (const char *name);
const char *anx_fhir_type_find_choice (const char *suffix); /* "Quantity", "String" as at the end of valueString; (nullable) */
gboolean    anx_fhir_type_is_a (const char *name, const char *base);
gboolean    anx_fhir_type_is_primitive (const char *name);
gboolean    anx_fhir_type_is_resource (const char *name);
gboolean    anx_fhir_type_is_closed (const char *name); /* all its elements are known */

/* Whether @parent has @element; its type, NULL for a choice or any resource. */
gboolean anx_fhir_type_has_element (const char *parent, const char *element, const char **out_type, gboolean *out_choice);
gboolean anx_fhir_type_any_has_element (const char *element); /* any type of the table */

G_END_DECLS
