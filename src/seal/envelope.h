/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "certificate.h"
#include "directory.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * A record on its way: SignedData( AuthEnvelopedData( payload ) ) with the routing header as a signed attribute. The form,
 * the order of steps and the invariants are in README.md. Any thread.
 */

/* The clear part, signed but not sealed: what the hub may know. Immutable, reference counted. */
#define ANX_TYPE_RECORD_HEADER (anx_record_header_get_type ())
typedef struct _AnxRecordHeader AnxRecordHeader;
GType anx_record_header_get_type (void);

/* @recipients are principals and groups without recovery, which sealing adds by itself. @routing (nullable) is kind-specific. */
AnxRecordHeader *anx_record_header_new (const char *id, const char *kind, const char *author, const char *const *recipients,
                                        const char *predecessor, gint64 created_usec, JsonObject *routing) G_GNUC_WARN_UNUSED_RESULT;
/* The same with its place in the author's chain: @sequence from 1, @previous the SHA-256 of the envelope before (NULL for the first). */
AnxRecordHeader *anx_record_header_with_place (AnxRecordHeader *self, gint64 sequence, const char *previous) G_GNUC_WARN_UNUSED_RESULT;
/* The same, saying which directory its author had when it got its place: the routing member "directory". */
AnxRecordHeader *anx_record_header_with_directory (AnxRecordHeader *self, AnxDirectory *directory) G_GNUC_WARN_UNUSED_RESULT;
AnxRecordHeader *anx_record_header_parse (const char *json, gssize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char            *anx_record_header_to_text (AnxRecordHeader *self) G_GNUC_WARN_UNUSED_RESULT;
AnxRecordHeader *anx_record_header_ref (AnxRecordHeader *self);
void             anx_record_header_unref (AnxRecordHeader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxRecordHeader, anx_record_header_unref)

const char *anx_record_header_get_id (AnxRecordHeader *self);
const char *anx_record_header_get_kind (AnxRecordHeader *self);
const char *anx_record_header_get_author (AnxRecordHeader *self);
const char *const *anx_record_header_get_recipients (AnxRecordHeader *self);
const char *anx_record_header_get_predecessor (AnxRecordHeader *self);   /* (nullable) */
gint64      anx_record_header_get_created_usec (AnxRecordHeader *self);
gint64      anx_record_header_get_sequence (AnxRecordHeader *self);      /* 0 until placed */
const char *anx_record_header_get_previous (AnxRecordHeader *self);      /* (nullable) */
JsonObject *anx_record_header_get_routing (AnxRecordHeader *self);       /* never NULL; read only */
const char *anx_record_header_get_directory (AnxRecordHeader *self, gint64 *out_version); /* (nullable) digest */

/* Step 1, by the process that wrote it: payload {"anxin":inner header,"resource":@resource} → AuthEnvelopedData DER. */
GBytes *anx_envelope_seal (AnxRecordHeader *header, JsonNode *resource, AnxDirectory *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Step 2, by the holder of the author's key: → SignedData DER, the envelope. @header must have its place. */
GBytes *anx_envelope_sign (AnxRecordHeader *header, GBytes *sealed, AnxKey *sign_key, AnxCertificate *sign_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Without a key (the hub): signature, chain to the authority, signer == header's author. Either output may be NULL. */
gboolean anx_envelope_verify (GBytes *envelope, AnxCertificate *authority, AnxRecordHeader **out_header, GBytes **out_sealed,
                              AnxCertificate **out_signer, GError **error);
/* With a recipient's seal key: verify, decrypt, compare inner header with outer. Output untouched on failure. */
gboolean anx_envelope_open (GBytes *envelope, AnxCertificate *authority, AnxKey *seal_key, AnxCertificate *seal_certificate,
                            AnxRecordHeader **out_header, JsonNode **out_resource, GError **error);

G_END_DECLS
