/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* That somebody looked at what is kept about a person: who, at what, when and why. The reader's own record, FHIR R4 AuditEvent. No I/O. Any thread. */
#define ANX_KIND_ACCESS "access"

typedef enum
{
  ANX_ACCESS_SESSION, /* for a session; the story is its booking */
  ANX_ACCESS_ALERT,   /* because of a call for help; the story is the alert */
  ANX_ACCESS_EXPORT,  /* given to a file that is not sealed, with words why; the story is the referral's task */
  ANX_ACCESS_SEALED,   /* although it was sealed by its age, with words why; the story is the record */
  ANX_ACCESS_N_REASONS,
} AnxAccessReason;

JsonObject *anx_access_build (const char *reader, const char *story, AnxAccessReason reason, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_access_build_export (const char *reader, const char *task, const char *words, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonObject *anx_access_build_sealed (const char *reader, const char *record, const char *words, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_access_dup_words (JsonObject *fhir) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
gboolean    anx_access_read (JsonObject *fhir, char **out_reader, char **out_story, AnxAccessReason *out_reason, gint64 *out_read_usec,
                             GError **error);

G_END_DECLS
