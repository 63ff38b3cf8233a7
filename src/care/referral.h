/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "questionnaire.h"

G_BEGIN_DECLS

/* The closed loop of a referral: FHIR R4 Task.status with BSeR business statuses, deadlines and lights. No I/O. Any thread. */

typedef enum
{
  ANX_URGENCY_ROUTINE,
  ANX_URGENCY_URGENT,
  ANX_URGENCY_IMMEDIATE,
} AnxUrgency;
const char *anx_urgency_to_string (AnxUrgency urgency); /* routine urgent immediate */
gboolean    anx_urgency_from_string (const char *text, AnxUrgency *out_urgency);
const char *anx_urgency_to_priority (AnxUrgency urgency); /* ServiceRequest.priority: routine urgent stat */

typedef enum
{
  ANX_REFERRAL_ACCEPT,
  ANX_REFERRAL_DECLINE,   /* reason needed */
  ANX_REFERRAL_START,
  ANX_REFERRAL_COMPLETE,  /* outcome needed */
  ANX_REFERRAL_CANCEL,
} AnxReferralAction;

/* Task.status and businessStatus after @action from @status; FALSE with NOT_ALLOWED. Statuses are static strings. */
gboolean anx_referral_step (const char *status, AnxReferralAction action, const char **out_status, const char **out_business_status, GError **error);
gboolean anx_referral_may_follow (const char *from_status, const char *to_status);
gboolean anx_referral_is_final (const char *status);

/* When the next step is due, by urgency and status, over working days of the public calendar; 0 when nothing is due. */
typedef struct _AnxCalendar AnxCalendar;
AnxCalendar *anx_calendar_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* {"timezone","holidays":["2027-01-01"],"workdays":["2027-02-07"]} */
void         anx_calendar_free (AnxCalendar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxCalendar, anx_calendar_free)
gboolean     anx_calendar_is_working_day (AnxCalendar *self, int year, int month, int day);
char       **anx_calendar_dup_holidays (AnxCalendar *self) G_GNUC_WARN_UNUSED_RESULT; /* "2027-01-01", in order */
char       **anx_calendar_dup_workdays (AnxCalendar *self) G_GNUC_WARN_UNUSED_RESULT; /* weekend days worked in exchange, in order */
/* @since_usec is always when the referral was requested: no later status starts the clock again. */
gint64       anx_referral_due_usec (AnxUrgency urgency, const char *status, gint64 since_usec, AnxCalendar *calendar);
AnxLevel     anx_referral_light (AnxUrgency urgency, gint64 due_usec, gint64 now_usec);

G_END_DECLS
