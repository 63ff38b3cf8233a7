/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-model.h"

G_BEGIN_DECLS

/*
 * At which desk an alert rings. The hub calls one person after the other; while it has not told whom, or cannot be reached, everybody on
 * duty in the centre is meant. No widgets, no I/O.
 */

/* What the rule looks at, beside the alert. */
typedef struct
{
  const char *principal;
  gboolean on_duty;       /* has the role duty */
  gboolean lead;          /* leads a centre */
  gboolean staff;         /* centre staff */
  gboolean hub_reachable;
  gboolean heard;         /* the alert came over the local network */
  gint64 now_usec;
} AnxDeskListener;

gboolean anx_desk_alert_rings (const AnxDeskAlert *alert, const AnxDeskListener *listener);
gboolean anx_desk_alert_may_answer (const AnxDeskAlert *alert, const AnxDeskListener *listener);
/* Whether @principal has said "I am going", first or later. */
gboolean anx_desk_alert_hub_knows (const AnxDeskAlert *alert, const char *principal);
gboolean anx_desk_alert_is_answered_by (const AnxDeskAlert *alert, const char *principal);
/* What the hub told of calls and acknowledgements; for the model. */
void     anx_desk_alert_take_calls (AnxDeskAlert *alert, JsonObject *json);

/* As long as an alert is fresh the hub's word on whom it calls is waited for, so that no wrong desk rings for a moment. */
#define ANX_DESK_CALLS_GRACE_USEC (3 * (gint64) G_USEC_PER_SEC)

G_END_DECLS
