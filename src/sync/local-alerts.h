/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"
#include "local-network.h"

G_BEGIN_DECLS

/*
 * Crisis alerts over the centre's own network, beside the hub: a kiosk sends its alert to the desks of its centre when the hub does not
 * have it, or has it and nobody answers; desks keep it like any record, say so, and send the acknowledgement back. Invariants L1 to L6 in
 * README.md. Main thread; made after the client and freed before it is stopped.
 *
 * Signal: state-changed (const char *alert)   of an own alert
 */
#define ANX_TYPE_LOCAL_ALERTS (anx_local_alerts_get_type ())
G_DECLARE_FINAL_TYPE (AnxLocalAlerts, anx_local_alerts, ANX, LOCAL_ALERTS, GObject)

/**
 * AnxAlertState:
 * @ANX_ALERT_KEPT: on this kiosk's disk only
 * @ANX_ALERT_NEARBY: a desk of the centre has it on its disk; the hub may not
 * @ANX_ALERT_ARRIVED: the hub has it and calls people
 * @ANX_ALERT_ANSWERED: a person said that they are going
 */
typedef enum
{
  ANX_ALERT_KEPT,
  ANX_ALERT_NEARBY,
  ANX_ALERT_ARRIVED,
  ANX_ALERT_ANSWERED,
} AnxAlertState;
const char *anx_alert_state_to_string (AnxAlertState state); /* kept nearby arrived answered */

/* @settings come from local.ini of the profile; a network that cannot be opened is told in the journal and tried no more. */
AnxLocalAlerts *anx_local_alerts_new (AnxClient *client, const AnxLocalSettings *settings) G_GNUC_WARN_UNUSED_RESULT;
/* With the settings of the client's profile. */
AnxLocalAlerts *anx_local_alerts_new_for_profile (AnxClient *client) G_GNUC_WARN_UNUSED_RESULT;
AnxAlertState   anx_local_alerts_get_state (AnxLocalAlerts *self, const char *alert);
/* Who answered an own alert: a principal; (nullable). */
const char     *anx_local_alerts_get_answerer (AnxLocalAlerts *self, const char *alert);
/* Whether an alert of somebody else came over the local network. */
gboolean        anx_local_alerts_heard (AnxLocalAlerts *self, const char *alert);

G_END_DECLS
