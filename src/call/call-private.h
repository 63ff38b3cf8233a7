/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-attempt.h"
#include "call-company.h"
#include "call.h"
#include "device-check.h"

G_BEGIN_DECLS

/* For the folder and its tests: call.c moves a call from state to state, call-object.c is what is seen of it from outside. */

typedef struct
{
  guint dead_peer_ms; /* LIVE without a packet for so long: reconnect */
  guint attempt_ms;   /* an attempt that brought no media for so long is given up */
  guint contact_ms;   /* the same while RECONNECTING, as long as the machines have not found each other */
  guint give_up_ms;   /* not LIVE for so long: the call ends */
} AnxCallTiming;

typedef enum
{
  ANX_CALL_ROLE_NONE,
  ANX_CALL_ROLE_OFFERING,
  ANX_CALL_ROLE_ANSWERING,
} AnxCallRole;

struct _AnxCall
{
  GObject parent_instance;

  char *call_id;
  AnxCallMedia media;
  AnxCallStudio *studio;  /* (nullable) */
  AnxCallTrust *trust;
  JsonArray *ice_servers; /* nullable */
  AnxCallTiming timing;
  gboolean relay_only;

  AnxCallState state;
  AnxCallEndReason end_reason;
  GError *error;          /* (nullable) why it ended */
  char *notice;           /* (nullable) what is missing while it goes on */
  AnxCallRole role;
  gboolean camera_on;
  gboolean microphone_on;

  AnxDeviceCheck *check;      /* (nullable) in CHECKING */
  gint64 attempt_number;
  AnxCallAttempt *attempt;    /* (nullable) */
  gint64 attempt_since_usec;  /* monotonic */
  gint64 not_live_since_usec; /* monotonic */
  gboolean description_sent;  /* of this attempt */
  gboolean description_taken; /* the other side's, of this attempt */
  GQueue own_candidates;      /* JsonObject*, until description_sent */
  GSource *tick;

  double local_level;
  AnxCallDevices missing;
  double remote_level;
  double remote_fps;
  double loss;
  guint quality;
  GArray *gaps;           /* AnxCallGap */
  gint64 gap_since_usec;  /* monotonic; 0: none now */
};

enum
{
  ANX_CALL_PROP_0,
  ANX_CALL_PROP_STATE,
  ANX_CALL_PROP_LOCAL_LEVEL,
  ANX_CALL_PROP_MISSING,
  ANX_CALL_PROP_REMOTE_LEVEL,
  ANX_CALL_PROP_REMOTE_FPS,
  ANX_CALL_PROP_LOSS,
  ANX_CALL_PROP_QUALITY,
  ANX_CALL_PROP_PROBLEM,
  ANX_CALL_N_PROPS
};
extern GParamSpec *anx_call_props[ANX_CALL_N_PROPS];

enum
{
  ANX_CALL_SIGNAL_SEND,
  ANX_CALL_SIGNAL_REMOTE_FRAME,
  ANX_CALL_SIGNAL_LOCAL_FRAME,
  ANX_CALL_SIGNAL_TEXT,
  ANX_CALL_SIGNAL_TEST_SOUND_OVER,
  ANX_CALL_N_SIGNALS
};
extern guint anx_call_signals[ANX_CALL_N_SIGNALS];

void            anx_call_set_timing (AnxCall *self, const AnxCallTiming *timing);
void            anx_call_company_set_timing (AnxCallCompany *self, guint here_ms);
void            anx_call_set_relay_only (AnxCall *self, gboolean relay_only);
AnxCallAttempt *anx_call_get_attempt (AnxCall *self);
AnxDeviceCheck *anx_call_get_device_check (AnxCall *self);
gint64          anx_call_get_attempt_number (AnxCall *self);
void            anx_call_release (AnxCall *self); /* call.c */

G_END_DECLS
