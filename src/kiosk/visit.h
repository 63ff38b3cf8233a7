/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "visit-host.h"

G_BEGIN_DECLS

/*
 * One resident process as the shell sees it: first a spare, then a visit, then gone. Main thread.
 *
 *   STARTING ──Ready──► SPARE ──begin──► RUNNING
 *       └─────────────────┴────────────────┴──► GONE   (signal "ended"; exit, crash, watchdog or anx_visit_end)
 *
 * Invariants
 *   V1  the process holds one end of a socket pair and no other descriptor of the shell
 *   V2  what the process submits is in the outbox, on the disk, before its call returns
 *   V3  a request that is not on the list never reaches the hub
 *   V4  a process that is RUNNING and silent for the idle limit and 40 s is killed
 *
 * Signals:
 *   ready ()
 *   ended (gboolean clean)  the process is gone; clean = it exited by itself with status 0
 */
#define ANX_TYPE_VISIT (anx_visit_get_type ())
G_DECLARE_FINAL_TYPE (AnxVisit, anx_visit, ANX, VISIT, GObject)

typedef enum
{
  ANX_VISIT_STARTING,
  ANX_VISIT_SPARE,
  ANX_VISIT_RUNNING,
  ANX_VISIT_GONE,
} AnxVisitState;

AnxVisit     *anx_visit_new (AnxVisitHost *host, const char *program, const char *const *arguments, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxVisitState anx_visit_get_state (AnxVisit *self);
int           anx_visit_get_pid (AnxVisit *self);
void          anx_visit_begin (AnxVisit *self, const char *language, const char *page);
void          anx_visit_end (AnxVisit *self);
void          anx_visit_tell_link_state (AnxVisit *self);   /* also which of its records were acknowledged meanwhile */
void          anx_visit_tell_alert_state (AnxVisit *self, const char *alert, const char *state, const char *helper);
void          anx_visit_tell_signal (AnxVisit *self, const char *sender, const char *call, const char *body);

G_END_DECLS
