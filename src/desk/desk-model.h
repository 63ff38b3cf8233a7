/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "care-records.h"
#include "clock.h"
#include "desk-record.h"
#include "directory.h"
#include "follow-up.h"

G_BEGIN_DECLS

/*
 * What a desk knows, joined: bookings with the names from contact records, alerts with their acknowledgements, referrals with
 * their chain of events. Fed by desk-service; no widgets, no I/O. Main thread. Whatever a list gives belongs to the model and
 * is valid until the next anx_desk_model_take_*().
 *
 * Signal: changed ()
 */
#define ANX_TYPE_DESK_MODEL (anx_desk_model_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskModel, anx_desk_model, ANX, DESK_MODEL, GObject)

typedef struct
{
  char *id;
  char *service;
  char *counsellor;
  char *centre;
  char *room;
  char *kiosk;         /* (nullable) */
  char *mediator;      /* (nullable) sits in, of joint services */
  char *origin;        /* (nullable) kiosk staff outreach walk-in */
  char *status;
  gint64 start_usec;
  gint64 end_usec;
  gint64 changed_usec;
  gboolean late;       /* cancelled later than the service asks */
} AnxDeskBooking;

typedef struct
{
  char *name;
  char *phone;         /* may be empty */
  gboolean alias;
  gint64 created_usec;
} AnxDeskContact;

/* Somebody was called about an alert, or said that they go. */
typedef struct
{
  char *principal;
  char *step;          /* duty lead district, or a site's word; empty for an answer */
  gint64 at_usec;
  gboolean present;    /* their desk was connected then */
} AnxDeskCallOut;

/* Somebody set another level. */
typedef struct
{
  AnxDeskRecord *record;
  AnxLevel level;
  char *reason;        /* (nullable) not for us to read */
  gboolean counts;     /* its author may do that by the directory in force here */
} AnxDeskLevelChange;

typedef struct
{
  char *id;
  AnxLevel level;        /* what the rules said, and then whoever may change it */
  AnxLevel raised;       /* what the rules said: the highest that the kiosk's record and the hub tell */
  gboolean recorded;     /* the kiosk's own record is here */
  char *centre;
  char *room;
  char *kiosk;
  char *booking;         /* (nullable) */
  char *reason;          /* (nullable) rule or help-button, when we may read it */
  gint64 created_usec;
  gboolean acknowledged;
  char *acknowledged_by; /* (nullable) */
  gint64 acknowledged_usec;
  gint64 seen_usec;      /* when this desk first knew of it */
  GPtrArray *calls;      /* (nullable) (element-type AnxDeskCallOut) in order; NULL until the hub told */
  GPtrArray *answers;    /* (nullable) (element-type AnxDeskCallOut) everybody who said that they go */
  gint64 next_usec;      /* when the next is called; 0 = nobody any more */
  GPtrArray *levels;     /* (nullable) (element-type AnxDeskLevelChange) in order */
} AnxDeskAlert;

typedef struct
{
  AnxDeskRecord *record;
  char *status;
  char *business_status; /* (nullable) */
  char *action;          /* (nullable) code of anx_referral_get_rule() */
  char *text;            /* (nullable) */
  gint64 visit_usec;     /* of an appointment; 0 = none */
  char *forward_to;      /* (nullable) */
  char *told_by;         /* (nullable) who said it, when the author wrote it down from a file */
} AnxDeskEvent;

typedef struct
{
  char *task;
  char *from;
  char *centre;
  char *to;
  char *booking;         /* (nullable) */
  AnxUrgency urgency;
  char *status;
  char *business_status; /* BSeR; with the status the state of the loop */
  char *forward_to;      /* (nullable) the department it should rather go to */
  char *part_of;         /* (nullable) the referral it follows */
  gboolean legal;        /* rests on an article of law instead of consent */
  gint64 requested_usec;
  gint64 changed_usec;
  gint64 due_usec;       /* 0 = nothing is due */
  AnxLevel light;
  AnxReferral *content;  /* (nullable) not for us to read */
  const char *record;    /* (nullable) id of the record with the content */
  GPtrArray *events;     /* (element-type AnxDeskEvent) along the chain, oldest first */
  GPtrArray *conflict;   /* (nullable) (element-type AnxDeskEvent) events that contradict one another */
  char *tip;             /* (nullable) the record the next event follows */
} AnxDeskReferral;

typedef struct
{
  AnxDeskRecord *record;
  AnxLevel level;
  GPtrArray *parts;      /* (element-type AnxScreeningPart) */
} AnxDeskScreening;

/* Somebody who is called on again. */
typedef struct
{
  AnxDeskChain *chain;   /* its steps; the tip is the one that the next step follows */
  AnxFollowUp *now;
  AnxFollowUpState state;
} AnxDeskFollowUp;
void anx_desk_follow_up_free (AnxDeskFollowUp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxDeskFollowUp, anx_desk_follow_up_free)

/* The pages a desk shows. */
typedef enum
{
  ANX_DESK_PAGE_DAY = 1 << 0,        /* counsellor: today's people; brings the session page along */
  ANX_DESK_PAGE_ALERTS = 1 << 1,     /* duty acknowledges; staff and counsellors read */
  ANX_DESK_PAGE_BOOKINGS = 1 << 2,   /* staff */
  ANX_DESK_PAGE_REFERRALS = 1 << 3,  /* counsellor: own; staff: status; supervisor: all */
  ANX_DESK_PAGE_DEPARTMENT = 1 << 4, /* department: what was sent to it */
  ANX_DESK_PAGE_RECORDS = 1 << 5,    /* everybody who has another one */
  ANX_DESK_PAGE_FOLLOW_UPS = 1 << 6, /* counsellor: whom to call on again */
} AnxDeskPages;
AnxDeskPages anx_desk_pages_for_roles (const char *const *roles);

AnxDeskModel *anx_desk_model_new (const char *principal, AnxClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void anx_desk_model_set_directory (AnxDeskModel *self, AnxDirectory *directory); /* (nullable) who may do what; the one in force */
const char   *anx_desk_model_get_principal (AnxDeskModel *self);
gint64        anx_desk_model_now_usec (AnxDeskModel *self);
void          anx_desk_model_set_calendar (AnxDeskModel *self, AnxCalendar *calendar);
void          anx_desk_model_set_limits (AnxDeskModel *self, AnxReferralLimits *limits);

/* Each gives how many elements were unusable and left out. */
guint    anx_desk_model_take_bookings (AnxDeskModel *self, JsonArray *bookings, gboolean all);
gboolean anx_desk_model_take_booking (AnxDeskModel *self, JsonObject *booking);
guint    anx_desk_model_take_alerts (AnxDeskModel *self, JsonArray *alerts);
guint    anx_desk_model_take_referrals (AnxDeskModel *self, JsonArray *referrals);
gboolean anx_desk_model_take_record (AnxDeskModel *self, AnxDeskRecord *record);
void anx_desk_model_forget_record (AnxDeskModel *self, const char *id);
AnxDeskRecord *anx_desk_model_find_newest (AnxDeskModel *self, const char *kind, const char *booking);
AnxDeskRecord *anx_desk_model_find_plan (AnxDeskModel *self, const char *booking);
AnxDeskRecord *anx_desk_model_get_record (AnxDeskModel *self, const char *id);

gboolean              anx_desk_booking_is_held_by (const AnxDeskBooking *self, const char *person); /* as counsellor, or sitting in */
GPtrArray            *anx_desk_model_list_bookings (AnxDeskModel *self, const char *counsellor, gint64 from_usec, gint64 to_usec) G_GNUC_WARN_UNUSED_RESULT;
const AnxDeskBooking *anx_desk_model_get_booking (AnxDeskModel *self, const char *id);
const AnxDeskBooking *anx_desk_model_get_next (AnxDeskModel *self, const char *counsellor);
gint64                anx_desk_model_get_minutes_waiting (AnxDeskModel *self, const AnxDeskBooking *booking);
const AnxDeskContact *anx_desk_model_get_contact (AnxDeskModel *self, const char *booking);
const AnxDeskScreening *anx_desk_model_get_screening (AnxDeskModel *self, const char *booking);
GPtrArray            *anx_desk_model_list_history (AnxDeskModel *self, const char *booking) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray            *anx_desk_model_list_screenings_of (AnxDeskModel *self, const AnxDeskAlert *alert) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray            *anx_desk_model_list_note_chains (AnxDeskModel *self, const char *booking) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray            *anx_desk_model_list_alerts (AnxDeskModel *self) G_GNUC_WARN_UNUSED_RESULT;
const AnxDeskAlert   *anx_desk_model_get_alert (AnxDeskModel *self, const char *id);
GPtrArray            *anx_desk_model_list_referrals (AnxDeskModel *self) G_GNUC_WARN_UNUSED_RESULT;
const AnxDeskReferral *anx_desk_model_get_referral (AnxDeskModel *self, const char *task);
GPtrArray            *anx_desk_model_list_follow_ups (AnxDeskModel *self, const char *zone) G_GNUC_WARN_UNUSED_RESULT;
AnxCalendar          *anx_desk_model_get_calendar (AnxDeskModel *self); /* (nullable) */

/* Whether @action may follow, conflict or not. */
gboolean anx_desk_referral_allows (const AnxDeskReferral *self, AnxReferralAction action);

G_END_DECLS
