/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call.h"
#include "client.h"

G_BEGIN_DECLS

/* Signs a call's descriptions with this person's key and accepts only those of one kiosk or person that stands active in the directory. Main thread. */
#define ANX_TYPE_DESK_CALL_TRUST (anx_desk_call_trust_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskCallTrust, anx_desk_call_trust, ANX, DESK_CALL_TRUST, GObject)

AnxCallTrust *anx_desk_call_trust_new (AnxClient *client, const char *peer) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
