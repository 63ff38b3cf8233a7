/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "public-calendar.h"
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

/* What a person does. The order is that of the loop. */
typedef enum
{
  ANX_REFERRAL_RECEIVE,
  ANX_REFERRAL_ACCEPT,
  ANX_REFERRAL_DECLINE,    /* not ours, or cannot be taken */
  ANX_REFERRAL_FORWARD,    /* not ours, but another's: the author decides, because consent names its receiver */
  ANX_REFERRAL_ASK,        /* a question to the author */
  ANX_REFERRAL_REPLY,      /* the author's answer */
  ANX_REFERRAL_START,
  ANX_REFERRAL_SCHEDULE,   /* an appointment, or another one */
  ANX_REFERRAL_UNATTENDED, /* the resident did not come */
  ANX_REFERRAL_CALL_OFF,   /* the appointment was called off */
  ANX_REFERRAL_ATTENDED,
  ANX_REFERRAL_COMPLETE,
  ANX_REFERRAL_FAIL,
  ANX_REFERRAL_CANCEL,     /* the author withdraws it, also when the resident withdraws consent */
  ANX_REFERRAL_RETRACT,    /* it was written by mistake */
  ANX_REFERRAL_N_ACTIONS,
} AnxReferralAction;

typedef enum
{
  ANX_REFERRAL_BY_DEPARTMENT,
  ANX_REFERRAL_BY_AUTHOR,
} AnxReferralSide;

typedef struct
{
  const char *code;
  AnxReferralSide side;
  gboolean needs_text;     /* reason, question, answer or outcome */
  gboolean needs_time;     /* of the appointment */
  gboolean needs_receiver; /* the department it should rather go to */
} AnxReferralRule;

const AnxReferralRule *anx_referral_get_rule (AnxReferralAction action);
gboolean anx_referral_action_from_string (const char *code, AnxReferralAction *out_action);

/* A state is Task.status and businessStatus together. NOT_ALLOWED where the table has no such step. Statuses are static strings. */
gboolean anx_referral_step (const char *status, const char *business_status, AnxReferralAction action, const char **out_status,
                            const char **out_business_status, GError **error);
gboolean anx_referral_may_follow (const char *from_status, const char *from_business, const char *to_status, const char *to_business, AnxReferralSide side);
gboolean anx_referral_state_is_known (const char *status, const char *business_status);
gboolean anx_referral_is_final (const char *status);

/* When the next step is due, by urgency and state, over working days of the public calendar. Limits: data/care/referral.json. */
typedef struct _AnxReferralLimits AnxReferralLimits;
AnxReferralLimits *anx_referral_limits_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void               anx_referral_limits_free (AnxReferralLimits *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxReferralLimits, anx_referral_limits_free)
/* @since_usec is always when the referral was requested: no later status starts the clock again. 0 when nothing is due. */
gint64   anx_referral_due_usec (const AnxReferralLimits *limits, AnxUrgency urgency, const char *status, const char *business_status,
                                gint64 since_usec, AnxCalendar *calendar);
AnxLevel anx_referral_light (const AnxReferralLimits *limits, AnxUrgency urgency, gint64 due_usec, gint64 now_usec);

G_END_DECLS
