/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral.h"

#include <string.h>

#include "care-error.h"
#include "clock.h"
#include "json.h"

/* --- urgency --- */

static const struct
{
  const char *code;
  const char *priority; /* FHIR R4 request-priority */
} urgencies[] = {
  [ANX_URGENCY_ROUTINE] = { "routine", "routine" },
  [ANX_URGENCY_URGENT] = { "urgent", "urgent" },
  [ANX_URGENCY_IMMEDIATE] = { "immediate", "stat" },
};

/**
 * anx_urgency_to_string:
 * @urgency: an urgency
 *
 * Returns: (transfer none): its code in routing headers
 */
const char *
anx_urgency_to_string (AnxUrgency urgency)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE, "immediate");
  return urgencies[urgency].code;
}

/**
 * anx_urgency_from_string:
 * @text: (nullable): a code
 * @out_urgency: (out): the urgency; untouched when @text is none
 *
 * Returns: whether @text is a code of anx_urgency_to_string()
 */
gboolean
anx_urgency_from_string (const char *text,
                         AnxUrgency *out_urgency)
{
  for (guint i = 0; i < G_N_ELEMENTS (urgencies); i++)
    if (g_strcmp0 (urgencies[i].code, text) == 0)
      {
        *out_urgency = (AnxUrgency) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_urgency_to_priority:
 * @urgency: an urgency
 *
 * Returns: (transfer none): ServiceRequest.priority of FHIR R4
 */
const char *
anx_urgency_to_priority (AnxUrgency urgency)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE, "stat");
  return urgencies[urgency].priority;
}

/* --- the loop --- */

/* Business statuses: http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS */
typedef enum
{
  REQUESTED,
  RECEIVED,
  ASKED,           /* before acceptance */
  ACCEPTED,
  WORKING,         /* without an appointment */
  ASKED_LATER,     /* after acceptance */
  SCHEDULED,
  ASKED_SCHEDULED, /* while an appointment stands */
  UNATTENDED,
  CALLED_OFF,
  ATTENDED,
  DECLINED,
  COMPLETED,
  CANCELLED,
  FAILED,
  RETRACTED,
  N_STATES,
} State;

static const struct
{
  const char *status;
  const char *business;
} states[N_STATES] = {
  [REQUESTED] = { "requested", "2.0" },
  [RECEIVED] = { "received", "2.0" },
  [ASKED] = { "on-hold", "2.0" },
  [ACCEPTED] = { "accepted", "3.0" },
  [WORKING] = { "in-progress", "3.0" },
  [ASKED_LATER] = { "on-hold", "3.0" },
  [SCHEDULED] = { "in-progress", "5.1.1" },
  [ASKED_SCHEDULED] = { "on-hold", "5.1.1" },
  [UNATTENDED] = { "in-progress", "5.1.2" },
  [CALLED_OFF] = { "in-progress", "5.1.3" },
  [ATTENDED] = { "in-progress", "5.1.4" },
  [DECLINED] = { "rejected", "4.0" },
  [COMPLETED] = { "completed", "7.0" },
  [CANCELLED] = { "cancelled", "6.0" },
  [FAILED] = { "failed", "6.0" },
  [RETRACTED] = { "entered-in-error", "6.0" },
};

#define IN(state) (1u << (state))
#define BEFORE (IN (REQUESTED) | IN (RECEIVED))
#define WORK (IN (WORKING) | IN (SCHEDULED) | IN (UNATTENDED) | IN (CALLED_OFF) | IN (ATTENDED))
#define WAITING (IN (ASKED) | IN (ASKED_LATER) | IN (ASKED_SCHEDULED))
#define OPEN (BEFORE | IN (ACCEPTED) | WORK | WAITING)

/*
 * Every step there is; README.md shows the same table. A row leads from each of its states to one. A department may accept or decline
 * what it has not marked as received: reading it is receiving it. Somebody who asks back stops no clock.
 */
static const struct
{
  AnxReferralAction action;
  guint from; /* IN() of states */
  State to;
} edges[] = {
  { ANX_REFERRAL_RECEIVE, IN (REQUESTED), RECEIVED },
  { ANX_REFERRAL_ACCEPT, BEFORE, ACCEPTED },
  { ANX_REFERRAL_DECLINE, BEFORE, DECLINED },
  { ANX_REFERRAL_FORWARD, BEFORE | IN (ACCEPTED), DECLINED },
  { ANX_REFERRAL_ASK, BEFORE, ASKED },
  { ANX_REFERRAL_ASK, IN (ACCEPTED) | (WORK & ~IN (SCHEDULED)), ASKED_LATER },
  { ANX_REFERRAL_ASK, IN (SCHEDULED), ASKED_SCHEDULED },
  { ANX_REFERRAL_REPLY, IN (ASKED), RECEIVED },
  { ANX_REFERRAL_REPLY, IN (ASKED_LATER), WORKING },
  { ANX_REFERRAL_REPLY, IN (ASKED_SCHEDULED), SCHEDULED },
  { ANX_REFERRAL_START, IN (ACCEPTED), WORKING },
  { ANX_REFERRAL_SCHEDULE, IN (ACCEPTED) | WORK, SCHEDULED },
  { ANX_REFERRAL_UNATTENDED, IN (SCHEDULED), UNATTENDED },
  { ANX_REFERRAL_CALL_OFF, IN (SCHEDULED), CALLED_OFF },
  { ANX_REFERRAL_ATTENDED, IN (SCHEDULED), ATTENDED },
  { ANX_REFERRAL_COMPLETE, WORK, COMPLETED },
  { ANX_REFERRAL_FAIL, IN (ACCEPTED) | WORK | IN (ASKED_LATER) | IN (ASKED_SCHEDULED), FAILED },
  { ANX_REFERRAL_CANCEL, OPEN, CANCELLED },
  { ANX_REFERRAL_RETRACT, OPEN, RETRACTED },
};

static const AnxReferralRule rules[] = {
  [ANX_REFERRAL_RECEIVE] = { "receive", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_ACCEPT] = { "accept", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_DECLINE] = { "decline", ANX_REFERRAL_BY_DEPARTMENT, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_FORWARD] = { "forward", ANX_REFERRAL_BY_DEPARTMENT, TRUE, FALSE, TRUE },
  [ANX_REFERRAL_ASK] = { "ask", ANX_REFERRAL_BY_DEPARTMENT, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_REPLY] = { "reply", ANX_REFERRAL_BY_AUTHOR, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_START] = { "start", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_SCHEDULE] = { "schedule", ANX_REFERRAL_BY_DEPARTMENT, FALSE, TRUE, FALSE },
  [ANX_REFERRAL_UNATTENDED] = { "unattended", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_CALL_OFF] = { "call-off", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_ATTENDED] = { "attended", ANX_REFERRAL_BY_DEPARTMENT, FALSE, FALSE, FALSE },
  [ANX_REFERRAL_COMPLETE] = { "complete", ANX_REFERRAL_BY_DEPARTMENT, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_FAIL] = { "fail", ANX_REFERRAL_BY_DEPARTMENT, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_CANCEL] = { "cancel", ANX_REFERRAL_BY_AUTHOR, TRUE, FALSE, FALSE },
  [ANX_REFERRAL_RETRACT] = { "retract", ANX_REFERRAL_BY_AUTHOR, TRUE, FALSE, FALSE },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rules) == ANX_REFERRAL_N_ACTIONS);

static State
find_state (const char *status,
            const char *business)
{
  for (State i = 0; i < N_STATES; i++)
    if (g_strcmp0 (states[i].status, status) == 0 && g_strcmp0 (states[i].business, business) == 0)
      return i;
  return N_STATES;
}

/**
 * anx_referral_get_rule:
 * @action: an action
 *
 * Returns: (transfer none): its code, whose it is, and what it cannot be done without
 */
const AnxReferralRule *
anx_referral_get_rule (AnxReferralAction action)
{
  g_return_val_if_fail (action < ANX_REFERRAL_N_ACTIONS, &rules[ANX_REFERRAL_RETRACT]);
  return &rules[action];
}

/**
 * anx_referral_action_from_string:
 * @code: (nullable): a code
 * @out_action: (out): the action; untouched when @code is none
 *
 * Returns: whether @code is that of an action
 */
gboolean
anx_referral_action_from_string (const char *code,
                                 AnxReferralAction *out_action)
{
  for (guint i = 0; i < ANX_REFERRAL_N_ACTIONS; i++)
    if (g_strcmp0 (rules[i].code, code) == 0)
      {
        *out_action = (AnxReferralAction) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_referral_state_is_known:
 * @status: (nullable): a FHIR R4 Task.status
 * @business_status: (nullable): a BSeR business status
 *
 * Returns: whether the two together are a state of the loop
 */
gboolean
anx_referral_state_is_known (const char *status,
                             const char *business_status)
{
  return find_state (status, business_status) != N_STATES;
}

/**
 * anx_referral_is_final:
 * @status: (nullable): a FHIR R4 Task.status
 *
 * Returns: whether no step leads on from it; %FALSE for a status the loop does not know, so that nothing unknown counts as done
 */
gboolean
anx_referral_is_final (const char *status)
{
  for (State i = 0; i < N_STATES; i++)
    if (g_strcmp0 (states[i].status, status) == 0)
      return (IN (i) & OPEN) == 0;
  return FALSE;
}

/**
 * anx_referral_step:
 * @status: (nullable): the present FHIR R4 Task.status
 * @business_status: (nullable): the present BSeR business status
 * @action: what a person does
 * @out_status: (out) (transfer none): the status after it, a static string
 * @out_business_status: (out) (transfer none): the BSeR business status after it, a static string
 * @error: return location, %ANX_CARE_ERROR_NOT_ALLOWED
 *
 * Returns: whether the action is possible in this state
 */
gboolean
anx_referral_step (const char *status,
                   const char *business_status,
                   AnxReferralAction action,
                   const char **out_status,
                   const char **out_business_status,
                   GError **error)
{
  g_return_val_if_fail (action < ANX_REFERRAL_N_ACTIONS, FALSE);
  State from = find_state (status, business_status);
  for (gsize i = 0; from != N_STATES && i < G_N_ELEMENTS (edges); i++)
    if (edges[i].action == action && (edges[i].from & IN (from)) != 0)
      {
        *out_status = states[edges[i].to].status;
        *out_business_status = states[edges[i].to].business;
        return TRUE;
      }
  g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED, "A referral that is “%s” (%s) cannot follow “%s”",
               from != N_STATES ? states[from].status : "?", from != N_STATES ? states[from].business : "?", rules[action].code);
  return FALSE;
}

/**
 * anx_referral_may_follow:
 * @from_status: (nullable): the FHIR R4 Task.status before
 * @from_business: (nullable): the BSeR business status before
 * @to_status: (nullable): the status after
 * @to_business: (nullable): the business status after
 * @side: who does it
 *
 * Returns: whether some action of @side leads from the one state to the other
 */
gboolean
anx_referral_may_follow (const char *from_status,
                         const char *from_business,
                         const char *to_status,
                         const char *to_business,
                         AnxReferralSide side)
{
  State from = find_state (from_status, from_business);
  State to = find_state (to_status, to_business);
  if (from == N_STATES || to == N_STATES)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (edges); i++)
    if (edges[i].to == to && (edges[i].from & IN (from)) != 0 && rules[edges[i].action].side == side)
      return TRUE;
  return FALSE;
}

/* --- deadlines --- */

typedef struct
{
  gint64 usec;      /* a plain duration, or */
  int working_days; /* so many working days later, or */
  int days;         /* so many calendar days later, and on to a working day */
} Limit;

typedef struct
{
  Limit accept;
  Limit feedback;
  gint64 warning_usec; /* yellow so long before */
} Limits;

struct _AnxReferralLimits
{
  Limits of[ANX_URGENCY_IMMEDIATE + 1];
};

/* What holds without a file: data/care/referral.json as it is shipped. No national limit is known; these are the service's own. */
static const AnxReferralLimits built_in = { {
    [ANX_URGENCY_ROUTINE] = { { .working_days = 3 }, { .days = 15 }, ANX_USEC_PER_DAY },
    [ANX_URGENCY_URGENT] = { { .working_days = 1 }, { .days = 7 }, ANX_USEC_PER_HOUR },
    [ANX_URGENCY_IMMEDIATE] = { { .usec = 30 * ANX_USEC_PER_MINUTE }, { .usec = 24 * ANX_USEC_PER_HOUR }, ANX_USEC_PER_HOUR },
} };

#define MOST_DAYS 366
#define MOST_MINUTES (MOST_DAYS * 24 * 60)

static gboolean
read_limit (JsonObject *json,
            const char *member,
            Limit *out_limit,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  JsonObject *object = anx_json_need_object (json, member, &inner);
  gint64 minutes = anx_json_get_int (object, "minutes", 0);
  gint64 working = anx_json_get_int (object, "workingDays", 0);
  gint64 days = anx_json_get_int (object, "days", 0);
  if (object == NULL || json_object_get_size (object) != 1 || minutes < 0 || minutes > MOST_MINUTES || working < 0
      || working > MOST_DAYS || days < 0 || days > MOST_DAYS || minutes + working + days == 0)
    {
      g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID,
                   "“%s” must be so many minutes, workingDays or days, at most a year", member);
      return FALSE;
    }
  out_limit->usec = minutes * ANX_USEC_PER_MINUTE;
  out_limit->working_days = (int) working;
  out_limit->days = (int) days;
  return TRUE;
}

/**
 * anx_referral_limits_parse:
 * @json: `{"limits":{"routine":{"accept":LIMIT,"feedback":LIMIT,"yellow":LIMIT},"urgent":…,"immediate":…}}`; LIMIT is one of
 *   `{"minutes"}`, `{"workingDays"}`, `{"days"}`, at most a year; yellow only in minutes. Other members are left to others.
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the limits
 */
AnxReferralLimits *
anx_referral_limits_parse (JsonObject *json,
                           GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxReferralLimits) self = g_new0 (AnxReferralLimits, 1);
  JsonObject *limits = anx_json_get_object (json, "limits");
  for (guint i = 0; i < G_N_ELEMENTS (self->of); i++)
    {
      JsonObject *one = limits != NULL ? anx_json_get_object (limits, urgencies[i].code) : NULL;
      Limit yellow = { 0 };
      if (one == NULL)
        {
          g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "“limits” must name “%s”", urgencies[i].code);
          return NULL;
        }
      if (!read_limit (one, "accept", &self->of[i].accept, error) || !read_limit (one, "feedback", &self->of[i].feedback, error)
          || !read_limit (one, "yellow", &yellow, error))
        return NULL;
      if (yellow.usec == 0)
        {
          g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "“yellow” must be so many minutes");
          return NULL;
        }
      self->of[i].warning_usec = yellow.usec;
    }
  return g_steal_pointer (&self);
}

/**
 * anx_referral_limits_free:
 * @self: (nullable) (transfer full): limits
 *
 * Frees them.
 */
void
anx_referral_limits_free (AnxReferralLimits *self)
{
  g_free (self);
}

/*
 * The same time of day on a later day. The day of the request itself does not count, and a period that would end on a
 * day off ends on the next working day, as in the Civil Code of the PRC, articles 201 and 203; unlike there the time
 * of day is kept, which is the shorter reading.
 */
static gint64
add_limit (const Limit *limit,
           gint64 since_usec,
           AnxCalendar *calendar)
{
  if (limit->usec > 0)
    return since_usec + limit->usec;

  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (since_usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local =
      calendar != NULL ? g_date_time_to_timezone (utc, anx_calendar_get_zone (calendar)) : anx_time_in_zone (since_usec, NULL);
  int moved = limit->days;
  int left = MAX (limit->working_days, 1);
  /* The bound ends the search in a calendar that knows no working day at all. */
  for (int guard = 0; guard < 400; guard++)
    {
      if (limit->working_days > 0 || guard > 0)
        moved++;
      g_autoptr (GDateTime) day = g_date_time_add_days (local, moved);
      if (anx_calendar_is_working_date (calendar, day) && --left == 0)
        break;
    }
  g_autoptr (GDateTime) due = g_date_time_add_days (local, moved);
  return g_date_time_to_unix (due) * G_USEC_PER_SEC + since_usec % G_USEC_PER_SEC;
}

/**
 * anx_referral_due_usec:
 * @limits: (nullable): the limits; %NULL means the built-in ones
 * @urgency: how urgent it is
 * @status: (nullable): the present FHIR R4 Task.status
 * @business_status: (nullable): the present BSeR business status; it tells whether a referral on hold was accepted before
 * @since_usec: when the referral was requested, microseconds of UTC; no later status starts the clock again
 * @calendar: (nullable): the public calendar; %NULL means Monday to Friday in Asia/Shanghai
 *
 * Until it is accepted, acceptance is due; afterwards the feedback. Days end at the time of day of the request; a feedback that falls
 * on a day off is due on the next working day. A state nobody knows is treated like one not accepted yet.
 *
 * Returns: when the next step is due, microseconds of UTC; 0 when nothing is (a final status)
 */
gint64
anx_referral_due_usec (const AnxReferralLimits *limits,
                       AnxUrgency urgency,
                       const char *status,
                       const char *business_status,
                       gint64 since_usec,
                       AnxCalendar *calendar)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE && since_usec >= 0, 0);
  if (anx_referral_is_final (status))
    return 0;
  State state = find_state (status, business_status);
  gboolean accepted = state != N_STATES && (IN (state) & (BEFORE | IN (ASKED))) == 0;
  const Limits *of = &(limits != NULL ? limits : &built_in)->of[urgency];
  return add_limit (accepted ? &of->feedback : &of->accept, since_usec, calendar);
}

/**
 * anx_referral_light:
 * @limits: (nullable): the limits; %NULL means the built-in ones
 * @urgency: how urgent it is
 * @due_usec: what anx_referral_due_usec() gave
 * @now_usec: the time, microseconds of UTC
 *
 * Yellow begins so long before the deadline as the limits say (shipped: one day, one hour when more than routine), red at the
 * deadline. An immediate referral is therefore yellow from its first minute until somebody accepts it.
 *
 * Returns: the light
 */
AnxLevel
anx_referral_light (const AnxReferralLimits *limits,
                    AnxUrgency urgency,
                    gint64 due_usec,
                    gint64 now_usec)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE, ANX_LEVEL_RED);
  if (due_usec <= 0)
    return ANX_LEVEL_GREEN;
  if (now_usec >= due_usec)
    return ANX_LEVEL_RED;
  gint64 warning = (limits != NULL ? limits : &built_in)->of[urgency].warning_usec;
  return now_usec >= due_usec - warning ? ANX_LEVEL_YELLOW : ANX_LEVEL_GREEN;
}
