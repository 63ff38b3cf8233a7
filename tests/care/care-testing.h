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

/*
 * Calls @damaged once for every member and array element anywhere in @object with that one dropped, and once with it replaced by a
 * number; @path says which.
 */
void testing_damage (JsonObject *object, void (*damaged) (JsonObject *object, const char *path, gpointer data), gpointer data);

G_END_DECLS
