/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The order to erase records, itself a record: what stands in the clear of it, so that the hub and every reader can obey it, and what is
 * sealed, a FHIR R4 AuditEvent. Each named record leaves its place in its author's chain and its digest behind. No I/O. Any thread.
 */
#define ANX_KIND_ERASURE "erasure"
/* As many as the header of a record holds. */
#define ANX_ERASURE_MOST_RECORDS 24

typedef struct
{
  char *id;     /* a UUID */
  char *kind;
  char *author;
  gint64 place; /* in the author's chain, from 1 */
  char *digest; /* SHA-256 of its envelope, hex */
} AnxErasedRecord;

AnxErasedRecord *anx_erased_record_new (const char *id, const char *kind, const char *author, gint64 place, const char *digest) G_GNUC_WARN_UNUSED_RESULT;
void             anx_erased_record_free (AnxErasedRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxErasedRecord, anx_erased_record_free)

JsonObject *anx_erasure_build_routing (const char *reason, GPtrArray *records) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray  *anx_erasure_read_routing (JsonObject *routing, const char **out_reason, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_erasure_read (JsonObject *fhir, char **out_who, char **out_law, guint *out_count, GError **error);
JsonObject *anx_erasure_build (const char *who, const char *reason, const char *law, GPtrArray *records, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
