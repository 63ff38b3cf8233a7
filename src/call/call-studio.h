/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call.h"

G_BEGIN_DECLS

/*
 * Camera, microphone and loudspeaker of this machine for a session of more than two: each is opened once, whatever the number of calls, and
 * all that is heard goes through one loudspeaker, so that the echo canceller knows it all. A device is open while a call uses it. Main thread.
 */
#define ANX_TYPE_CALL_STUDIO (anx_call_studio_get_type ())
G_DECLARE_FINAL_TYPE (AnxCallStudio, anx_call_studio, ANX, CALL_STUDIO, GObject)

AnxCallStudio *anx_call_studio_new (AnxCallMedia media) G_GNUC_WARN_UNUSED_RESULT;
AnxCallMedia   anx_call_studio_get_media (AnxCallStudio *self);

G_END_DECLS
