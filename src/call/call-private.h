/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-attempt.h"
#include "call.h"
#include "device-check.h"

G_BEGIN_DECLS

/* For the folder and its tests. */

typedef struct
{
  guint dead_peer_ms; /* LIVE without a packet for so long: reconnect */
  guint attempt_ms;   /* an attempt that brought no media for so long is given up */
  guint contact_ms;   /* the same while RECONNECTING, as long as the machines have not found each other */
  guint give_up_ms;   /* not LIVE for so long: the call ends */
} AnxCallTiming;

void            anx_call_set_timing (AnxCall *self, const AnxCallTiming *timing);
void            anx_call_set_relay_only (AnxCall *self, gboolean relay_only);
AnxCallAttempt *anx_call_get_attempt (AnxCall *self);
AnxDeviceCheck *anx_call_get_device_check (AnxCall *self);
gint64          anx_call_get_attempt_number (AnxCall *self);

G_END_DECLS
