/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"
#include "database.h"
#include "messages.h"

G_BEGIN_DECLS

/*
 * Sealed records on this machine, those of others and the own, and the cursor. Invariants I1 to I4 in README.md. Belongs to one
 * AnxClient; main thread.
 */
typedef struct _AnxInbox AnxInbox;

AnxInbox *anx_inbox_new (AnxDatabase *database, AnxCertificate *authority, const char *principal) G_GNUC_WARN_UNUSED_RESULT;
void      anx_inbox_free (AnxInbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxInbox, anx_inbox_free)

gint64     anx_inbox_get_cursor (AnxInbox *self);
char      *anx_inbox_dup_mark (AnxInbox *self) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
gboolean   anx_inbox_restart (AnxInbox *self, GError **error);
gboolean   anx_inbox_add_own (AnxInbox *self, GBytes *envelope, GError **error);
/* (element-type AnxInboxRecord), those that were new */
GPtrArray *anx_inbox_add_page (AnxInbox *self, AnxInboxPage *page, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One that came another way than from the hub and was verified; NULL without an error when it is here already. */
AnxInboxRecord *anx_inbox_add (AnxInbox *self, GBytes *envelope, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint      anx_inbox_count_refused (AnxInbox *self);
GPtrArray *anx_inbox_list (AnxInbox *self, const char *kind, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a row whose first columns are header and envelope; any thread. */
AnxInboxRecord *anx_inbox_record_from_row (AnxRows *rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxInboxRecord *anx_inbox_get (AnxInbox *self, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
