/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "referral.h"
#include "service.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 start_usec;
  gint64 end_usec;
} AnxSpan;

/*
 * A working plan: {"counsellor","centres":[…],"timezone","services":[…],"hours":[{"start":"2026-11-23T09:00:00",
 * "end":"2026-11-23T12:00:00","rrule":"FREQ=WEEKLY;BYDAY=MO,WE","exdate":["2026-12-25T09:00:00"],"rdate":["2026-12-26T09:00:00"]}],
 * "absences":[{"start","end"}],"holidays":false,"workdays":"WE","perDay":6}
 * Times are wall-clock in the plan's zone (RFC 5545 section 3.3.5 form 3). `holidays` (may be absent): works on public holidays too.
 * `workdays` (may be absent): on a weekend day that is worked in exchange, the hours of this day of that week are held. `perDay`
 * (may be absent): the most bookings a day. An exceptional day is an "exdate" and hours with a fixed date.
 * Refused in an "rrule": RSCALE, BYWEEKNO, times of day, BYSETPOS of days and weeks, days from the month's end in FREQ=DAILY, a list that
 * names something twice, and a rule without any day: libical would expand them to other days than RFC 5545 means, or for a very long time.
 * Reference counted; immutable once shared, but for what it remembers of its own expansion under a lock. Any thread.
 */
typedef struct _AnxPlan AnxPlan;
AnxPlan    *anx_plan_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The opening hours of a centre or room: {"timezone","hours","absences","holidays","workdays"}. */
AnxPlan    *anx_plan_parse_opening (JsonObject *json, const char *zone, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxPlan    *anx_plan_ref (AnxPlan *self);
void        anx_plan_free (AnxPlan *self); /* drops one reference */
const char *anx_plan_get_counsellor (AnxPlan *self);
int         anx_plan_get_most_per_day (AnxPlan *self); /* 0 = no limit */
gboolean    anx_plan_covers_centre (AnxPlan *self, const char *centre);
gboolean    anx_plan_offers_service (AnxPlan *self, const char *service);
void        anx_plan_close_on (AnxPlan *self, AnxCalendar *calendar); /* holidays and days worked in exchange; before sharing the plan */
void        anx_plan_get_day (AnxPlan *self, gint64 usec, gint64 *out_from_usec, gint64 *out_to_usec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxPlan, anx_plan_free)

/* Starts at which @service fits inside the plan's hours with its buffers, stepping by length plus buffers from each block's beginning;
 * (element-type AnxSpan), the spans without buffers. At most ANX_BOUND_SLOT_DAYS days. */
GArray *anx_plan_list_slots (AnxPlan *self, const AnxService *service, gint64 from_usec, gint64 to_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether exactly this start is one of anx_plan_list_slots(): reading and writing share one rule. */
gboolean anx_plan_has_slot (AnxPlan *self, const AnxService *service, gint64 start_usec);
/* Whether the whole span lies inside one block of hours and touches no absence. */
gboolean anx_plan_is_open (AnxPlan *self, gint64 from_usec, gint64 to_usec);

G_END_DECLS
