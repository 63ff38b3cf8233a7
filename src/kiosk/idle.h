/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * When a resident has probably walked away. 75 s without a touch begin a warning of 20 s, as WCAG 2.2.1 asks for; any touch ends it.
 * Pure arithmetic on the times it is given (any monotonic microseconds).
 */
#define ANX_IDLE_LIMIT_SECONDS 75
#define ANX_IDLE_WARNING_SECONDS 20

typedef enum
{
  ANX_IDLE_ACTIVE,
  ANX_IDLE_WARNING, /* ask whether anybody is here */
  ANX_IDLE_OVER,    /* nobody is: wipe */
} AnxIdleState;

typedef struct
{
  gint64 last_usec;
  guint limit_seconds; /* 0 = never */
} AnxIdle;

void         anx_idle_start (AnxIdle *self, guint limit_seconds, gint64 now_usec);
void         anx_idle_touch (AnxIdle *self, gint64 now_usec);
AnxIdleState anx_idle_get_state (const AnxIdle *self, gint64 now_usec, guint *out_seconds_left);

G_END_DECLS
