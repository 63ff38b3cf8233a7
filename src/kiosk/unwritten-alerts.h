/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "envelope.h"

G_BEGIN_DECLS

/*
 * Alerts that the disk refused, kept by the shell beyond the visit that raised them: sealed, in memory, tried again until they are written.
 * They end with the shell's process. At most ANX_UNWRITTEN_ALERTS; the oldest gives way, because whoever called last is likeliest still there.
 * Main thread.
 */
typedef struct _AnxUnwrittenAlerts AnxUnwrittenAlerts;

#define ANX_UNWRITTEN_ALERTS 20

/* Writes one if it is not written yet. TRUE: it is on the disk. */
typedef gboolean (*AnxWriteAlert) (AnxRecordHeader *header, GBytes *sealed, gpointer user_data);

AnxUnwrittenAlerts *anx_unwritten_alerts_new (AnxWriteAlert write, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void                anx_unwritten_alerts_free (AnxUnwrittenAlerts *self);
void                anx_unwritten_alerts_add (AnxUnwrittenAlerts *self, AnxRecordHeader *header, GBytes *sealed);
guint               anx_unwritten_alerts_count (AnxUnwrittenAlerts *self);

G_END_DECLS
