/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "questionnaire.h"
#include "referral.h"

G_BEGIN_DECLS

/*
 * The one mapping of each record kind to FHIR R4, with its reader. Builders take checked values; readers validate and give INVALID.
 * Kinds are the strings of the routing header.
 */
#define ANX_KIND_CONTACT "contact"
#define ANX_KIND_SCREENING "screening"
#define ANX_KIND_ALERT "alert"
#define ANX_KIND_ALERT_ACKNOWLEDGEMENT "alert-acknowledgement"
#define ANX_KIND_NOTE "note"
#define ANX_KIND_REFERRAL "referral"
#define ANX_KIND_REFERRAL_EVENT "referral-event"
/* In the form of a referral, by law and without consent: mandatory-report.h. */
#define ANX_KIND_MANDATORY_REPORT "mandatory-report"
#define ANX_KIND_RATING "rating"
/* Written and read by crisis-records.h. */
#define ANX_KIND_LEVEL_CHANGE "level-change"
#define ANX_KIND_SAFETY_PLAN "safety-plan"

gboolean anx_record_kind_is_valid (const char *kind);

/* Name or alias: 1 to ANX_BOUND_NAME_CHARS characters, no control characters. Phone: 3 to 20 digits, may start with +; or empty. */
gboolean anx_name_check (const char *name, GError **error);
gboolean anx_phone_check (const char *phone, GError **error);
/* Free text of a note, reason, summary or feedback: 1 to ANX_BOUND_NOTE_CHARS characters; line ends and tabs are the only controls. */
gboolean anx_note_check (const char *text, GError **error);

JsonObject *anx_contact_build (const char *name, gboolean alias, const char *phone, const char *booking) G_GNUC_WARN_UNUSED_RESULT; /* Patient */
gboolean    anx_contact_read (JsonObject *fhir, char **out_name, gboolean *out_alias, char **out_phone, GError **error);

/* Bundle(collection): Consent, one QuestionnaireResponse and Observations per instrument, RiskAssessment when there is a finding. */
JsonObject *anx_screening_build (GPtrArray *answers /* AnxAnswers */, const char *booking, gboolean consented, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT;
/* What a reader shows: one per instrument, with the questionnaire's canonical. */
typedef struct
{
  char *canonical;
  JsonObject *response;
  GPtrArray *scores; /* AnxScore, as recorded */
} AnxScreeningPart;
GPtrArray  *anx_screening_read (JsonObject *fhir, AnxLevel *out_level, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* (element-type AnxScreeningPart) */

JsonObject *anx_alert_build (AnxLevel level, const char *reason /* rule code or "help-button" */, const char *room, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT; /* Flag */
gboolean    anx_alert_read (JsonObject *fhir, AnxLevel *out_level, char **out_reason, GError **error);
JsonObject *anx_acknowledgement_build (const char *alert, const char *by, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT; /* Communication */
gboolean    anx_acknowledgement_read (JsonObject *fhir, char **out_alert, char **out_by, gint64 *out_sent_usec, GError **error);

JsonObject *anx_note_build (const char *text, const char *booking, const char *author, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT; /* DocumentReference with text/plain attachment */
gboolean    anx_note_read (JsonObject *fhir, char **out_text, gint64 *out_written_usec, GError **error);

/* A 转介单. Texts may be NULL or empty unless it is said that they are needed. */
typedef struct
{
  char *task;            /* UUID; needed */
  char *from;            /* principal; needed */
  char *to;              /* department group; needed */
  AnxUrgency urgency;
  char *need;            /* code of data/care/referral.json */
  char *name;            /* of the resident, as consented; needed */
  char *phone;
  char *gender;          /* female male other */
  int birth_year;        /* 0 = not told */
  char *address;
  char *guardian;        /* name; for minors, or somebody to call */
  char *guardian_phone;
  char *reason;          /* needed */
  char *level;           /* green yellow red: the risk as the counsellor sees it */
  char *grounds;         /* what the level rests on */
  char *measures;        /* what was done already */
  char *summary;         /* further words, chosen by the counsellor */
  gboolean consented;    /* separate consent naming the recipient, or else */
  char *legal_basis;     /* code of data/care/referral.json: the article that stands instead */
  gboolean tell_at_kiosk; /* the resident wants to read how it stands, by the code */
  char *part_of;         /* UUID of the referral that was forwarded and that this one follows */
  gint64 created_usec;
} AnxReferral;
void        anx_referral_free (AnxReferral *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxReferral, anx_referral_free)
JsonObject *anx_referral_build (const AnxReferral *referral, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* Bundle: ServiceRequest, Task, Consent, Patient; INVALID without consent or legal basis */
AnxReferral *anx_referral_read (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One step of the loop. */
typedef struct
{
  char *task;            /* UUID */
  char *action;          /* code of anx_referral_get_rule(); empty when it came from outside */
  char *status;
  char *business_status;
  char *text;            /* reason, question, answer, outcome; may be empty */
  gint64 visit_usec;     /* of the appointment; 0 = none */
  char *forward_to;      /* (nullable) the department it should rather go to */
  gint64 created_usec;
  char *told_by;         /* (nullable) the principal who said it, when somebody else wrote it down from a file */
} AnxReferralEvent;
void        anx_referral_event_free (AnxReferralEvent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxReferralEvent, anx_referral_event_free)
JsonObject *anx_referral_event_build (const AnxReferralEvent *event, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* Task */
AnxReferralEvent *anx_referral_event_read (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

JsonObject *anx_rating_build (int stars /* 1 to 5 */, const char *booking, gint64 now_usec) G_GNUC_WARN_UNUSED_RESULT; /* Observation */
gboolean    anx_rating_read (JsonObject *fhir, int *out_stars, GError **error);

G_END_DECLS
