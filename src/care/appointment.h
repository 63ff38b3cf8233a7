/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "referral.h"

G_BEGIN_DECLS

/* Services, working plans and free slots; the statuses of a booking (FHIR R4 Appointment.status). No I/O. Any thread. */

#define ANX_CELL_USEC (5 * 60 * G_USEC_PER_SEC) /* what one row of occupation covers */

typedef struct
{
  char *id;
  char *name;
  int minutes;        /* length, 5 to 480, a multiple of 5 */
  int before_minutes; /* buffers, 0 to 120, multiples of 5 */
  int after_minutes;
  gboolean video;     /* needs the room's kiosk */
} AnxService;

AnxService *anx_service_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_service_free (AnxService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxService, anx_service_free)

typedef struct
{
  gint64 start_usec;
  gint64 end_usec;
} AnxSpan;

/*
 * A working plan: {"counsellor","centres":[…],"timezone","services":[…],"hours":[{"start":"2026-11-23T09:00:00",
 * "end":"2026-11-23T12:00:00","rrule":"FREQ=WEEKLY;BYDAY=MO,WE","exdate":["2026-12-25T09:00:00"]}],"absences":[{"start","end"}],"holidays":false}
 * Times are wall-clock in the plan's zone (RFC 5545 section 3.3.5 form 3). `holidays` (may be absent): works on public holidays too.
 */
typedef struct _AnxPlan AnxPlan;
AnxPlan    *anx_plan_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_plan_free (AnxPlan *self);
const char *anx_plan_get_counsellor (AnxPlan *self);
gboolean    anx_plan_covers_centre (AnxPlan *self, const char *centre);
gboolean    anx_plan_offers_service (AnxPlan *self, const char *service);
void        anx_plan_close_on (AnxPlan *self, AnxCalendar *calendar); /* recurring hours rest on public holidays; before sharing the plan */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxPlan, anx_plan_free)

/* Starts at which @service fits inside the plan's hours with its buffers, stepping by length plus buffers from each block's beginning;
 * (element-type AnxSpan), the spans without buffers. At most ANX_BOUND_SLOT_DAYS days. */
GArray *anx_plan_list_slots (AnxPlan *self, const AnxService *service, gint64 from_usec, gint64 to_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether exactly this start is one of anx_plan_list_slots(): reading and writing share one rule. */
gboolean anx_plan_has_slot (AnxPlan *self, const AnxService *service, gint64 start_usec);
/* First and last cell number (usec / ANX_CELL_USEC) a booking occupies, buffers included. */
void anx_service_get_cells (const AnxService *self, gint64 start_usec, gint64 *out_first_cell, gint64 *out_last_cell);

/* proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist */
gboolean anx_appointment_status_may_follow (const char *from, const char *to);

G_END_DECLS
