/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "database.h"
#include "directory.h"
#include "escalation.h"

G_BEGIN_DECLS

typedef struct _AnxHub AnxHub;

/*
 * Who is called about an open alert, and when the next is. All of it stands in the database (alert.due, alert_call), so that a hub that
 * was down goes on where it stopped: what fell due meanwhile is done at once.
 *
 *  C1 An alert without acknowledgement has a due time until the acknowledgement takes it away.
 *  C2 A person is called once for an alert; the call stands on the disk before any desk rings because of it.
 *  C3 Nobody waits for a person whose desk has no link: that person and the next are called together.
 */

/* The world as the calls see it: any thread, for as long as the call lasts. */
typedef struct
{
  AnxDirectory *directory;
  AnxEscalation *rule;
  GHashTable *present; /* (nullable) principals with an open link; NULL = nobody knows, everybody is waited for */
} AnxCallWorld;

/* Calls whoever is next for one alert that is due; those called now are appended to @called (strings). */
gboolean anx_alert_calls_advance (AnxDatabase *database, const AnxCallWorld *world, const char *alert, gint64 now_usec, GPtrArray *called,
                                  GError **error);

/* The hub's own drive, on the loop: with each tick, and when alerts have changed. */
void anx_alert_calls_check (AnxHub *hub);

G_END_DECLS
