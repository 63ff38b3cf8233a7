/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "directory.h"
#include "envelope.h"

G_BEGIN_DECLS

/*
 * Opens records with the own seal key or that of a group one belongs to; a group's key is unwrapped once and kept in memory.
 * Belongs to one AnxClient; one thread at a time, each thread its own copy.
 */
typedef struct _AnxRecordReader AnxRecordReader;

AnxRecordReader *anx_record_reader_new (AnxCertificate *authority, AnxKey *seal_key, AnxCertificate *seal_certificate) G_GNUC_WARN_UNUSED_RESULT;
AnxRecordReader *anx_record_reader_copy (AnxRecordReader *self) G_GNUC_WARN_UNUSED_RESULT;
void             anx_record_reader_free (AnxRecordReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxRecordReader, anx_record_reader_free)

JsonNode *anx_record_reader_open (AnxRecordReader *self, GBytes *envelope, AnxRecordHeader *header, AnxDirectory *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What this person keeps for themselves alone, see own-seal.h. */
GBytes *anx_record_reader_open_own (AnxRecordReader *self, const char *purpose, GBytes *sealed, AnxCertificate *sign_certificate, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
