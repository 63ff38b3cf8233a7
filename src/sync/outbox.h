/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "envelope.h"

G_BEGIN_DECLS

/*
 * The own records on their way: queued → sent → acknowledged | set-aside. Invariants O1 to O5 in README.md. Belongs to one
 * AnxClient; main thread.
 */
typedef struct _AnxOutbox AnxOutbox;

AnxOutbox *anx_outbox_new (AnxDatabase *database, AnxKey *sign_key, AnxCertificate *sign_certificate) G_GNUC_WARN_UNUSED_RESULT;
void       anx_outbox_free (AnxOutbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxOutbox, anx_outbox_free)

gboolean anx_outbox_add (AnxOutbox *self, AnxRecordHeader *header, GBytes *sealed, GError **error);

/* What goes into one POST /records, in order; both empty when nothing waits. */
typedef struct
{
  GPtrArray *ids;       /* (element-type utf8) */
  GPtrArray *envelopes; /* (element-type GBytes) */
  gsize base64_bytes;
} AnxOutboxBatch;
AnxOutboxBatch *anx_outbox_batch_new (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean        anx_outbox_batch_add (AnxOutboxBatch *self, const char *id, GBytes *envelope);
void            anx_outbox_batch_free (AnxOutboxBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxOutboxBatch, anx_outbox_batch_free)

AnxOutboxBatch *anx_outbox_take_batch (AnxOutbox *self, guint max_records, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (element-type AnxRecordResult) */
gboolean anx_outbox_settle (AnxOutbox *self, GPtrArray *results, GError **error);
gboolean anx_outbox_set_aside (AnxOutbox *self, const char *id, const char *problem, GError **error);

guint    anx_outbox_count_waiting (AnxOutbox *self);
gboolean anx_outbox_is_waiting (AnxOutbox *self, const char *id);
gboolean anx_outbox_has_waiting (AnxOutbox *self, const char *kind);
guint    anx_outbox_count_set_aside (AnxOutbox *self);
char    *anx_outbox_dup_problem (AnxOutbox *self, const char *id) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_outbox_is_acknowledged (AnxOutbox *self, const char *id);

G_END_DECLS
