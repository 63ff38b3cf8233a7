/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clock.h"

G_BEGIN_DECLS

/*
 * Answers that were broken off, sealed under a code that only their resident knows, for some hours: files in a folder of the shell. The
 * shell can't open them and can't tell whose they are. Main thread.
 *
 * Invariants:
 *   D1: what was taken, or whose time is over, is not on the disk any more.
 *   D2: after three tries in a row that found nothing, each further one waits twice as long as the one before.
 */
typedef struct _AnxDraftStore AnxDraftStore;

AnxDraftStore *anx_draft_store_new (const char *folder, AnxClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void           anx_draft_store_free (AnxDraftStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDraftStore, anx_draft_store_free)

gboolean anx_draft_store_keep (AnxDraftStore *self, const char *tag, GBytes *sealed, guint hours, GError **error);
/* NULL = nothing is kept under @tag, or, with *out_wait_seconds > 0, it is too early to ask. */
GBytes  *anx_draft_store_take (AnxDraftStore *self, const char *tag, guint *out_wait_seconds) G_GNUC_WARN_UNUSED_RESULT;
guint    anx_draft_store_sweep (AnxDraftStore *self); /* erases those whose time is over; gives how many are left */

G_END_DECLS
