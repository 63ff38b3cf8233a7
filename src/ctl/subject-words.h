/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "directory.h"

G_BEGIN_DECLS

/* What a record says, in words of the locale, for the person it is about. */
const char *anx_subject_kind_title (const char *kind);
char       *anx_subject_words (const char *kind, JsonObject *fhir, AnxDirectory *directory) G_GNUC_WARN_UNUSED_RESULT;
/* The directory's name of a principal, or its id. */
const char *anx_subject_name (AnxDirectory *directory, const char *id);

G_END_DECLS
