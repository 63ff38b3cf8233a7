/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "visit.h"

G_BEGIN_DECLS

/*
 * Keeps one spare resident process ready and at most one visit running. A new spare is made a moment after a visit began (never during the
 * hand-over, when every millisecond shows) and after it ended. Main thread.
 *
 * Signals:
 *   began ()
 *   ended (gboolean clean)  the visit is over; clean = its process left by itself
 *   troubled ()             spares keep dying: the machine needs a person; anx_pool_start() tries again
 */
#define ANX_TYPE_POOL (anx_pool_get_type ())
G_DECLARE_FINAL_TYPE (AnxPool, anx_pool, ANX, POOL, GObject)

AnxPool  *anx_pool_new (AnxVisitHost *host, const char *program, const char *const *arguments) G_GNUC_WARN_UNUSED_RESULT;
void      anx_pool_start (AnxPool *self);
void      anx_pool_stop (AnxPool *self);
void      anx_pool_refresh (AnxPool *self);                 /* context or directory changed: the waiting spare is replaced */
void      anx_pool_begin (AnxPool *self, const char *language, const char *page);
AnxVisit *anx_pool_get_spare (AnxPool *self);               /* (nullable) */
AnxVisit *anx_pool_get_visit (AnxPool *self);               /* (nullable) the running one */

G_END_DECLS
