/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "questionnaire.h"

G_BEGIN_DECLS

/* What the tests of this folder share. */

JsonObject       *testing_json (const char *text) G_GNUC_WARN_UNUSED_RESULT; /* ' stands for " */
JsonObject       *testing_load (const char *path) G_GNUC_WARN_UNUSED_RESULT; /* below the top of the source */
AnxQuestionnaire *testing_questionnaire (const char *path) G_GNUC_WARN_UNUSED_RESULT;
JsonObject       *testing_copy (JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;

/* Parts of a FHIR file as JSON; (nullable) where it has none. */
JsonObject *testing_extension (JsonObject *element, const char *url);
const char *testing_extension_code (JsonObject *element, const char *url); /* its valueCode */
const char *testing_translation (JsonObject *element, const char *companion); /* the Chinese of a text; it must be there */

/* Names of files in a folder without their ending, in order; the second one: those of data/questionnaires. */
GPtrArray *testing_names (const char *folder, const char *ending) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *testing_instruments (void) G_GNUC_WARN_UNUSED_RESULT;
int        testing_compare_strings (gconstpointer a, gconstpointer b);

/*
 * Calls @damaged once for every member and array element anywhere in @object with that one dropped, and once with it replaced by a
 * number; @path says which.
 */
void testing_damage (JsonObject *object, void (*damaged) (JsonObject *object, const char *path, gpointer data), gpointer data);

/* For readers that are not ours (fhir-validator.js, tests/ctl/test-independent.py): a payload of each kind in the folder ANX_PAYLOADS. */
void testing_keep_payload (const char *kind, JsonObject *record);

G_END_DECLS
