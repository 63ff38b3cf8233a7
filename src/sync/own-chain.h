/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "envelope.h"
#include "messages.h"

G_BEGIN_DECLS

/*
 * What the hub holds of the own chain against what this machine holds: after a lost or restored database on either side, both end with
 * the same. Invariants C1 to C4 in README.md. Main thread.
 */

/* Own records that wait and that the hub never had: their place is not final (C4), they give way to what it has. */
#define ANX_OWN_CHAIN_SETTLED " NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = record.id AND confirmed = 0)"

gboolean anx_own_chain_agrees (AnxDatabase *database, const char *author, AnxChainPage *page);
gint64   anx_own_chain_last_confirmed (AnxDatabase *database, const char *author);
gboolean anx_own_chain_compare (AnxDatabase *database, const char *author, AnxChainPage *page, gint64 after, guint *out_lost,
                                guint *out_foreign, GError **error);
gboolean anx_own_chain_displace (AnxDatabase *database, AnxCertificate *authority, AnxKey *sign_key, AnxCertificate *sign_certificate,
                                 guint *out_moved, GError **error);

G_END_DECLS
