/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan.h"
#include "service.h"

G_BEGIN_DECLS

/* The statuses of a booking (FHIR R4 Appointment.status). No I/O. Any thread. */

/* proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist */
gboolean anx_appointment_status_may_follow (const char *from, const char *to);
/* Whether a booking of that status holds its time. */
gboolean anx_appointment_status_occupies (const char *status);

G_END_DECLS
