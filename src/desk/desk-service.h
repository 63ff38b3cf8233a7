/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "access.h"
#include "client.h"
#include "desk-alarm.h"
#include "mandatory-report.h"
#include "desk-model.h"
#include "record-index.h"
#include "referral-bundle.h"
#include "questionnaire-shelf.h"

G_BEGIN_DECLS

/*
 * Between the client of the hub and the pages: opens records into the model, asks the hub for bookings, alerts and referrals, keeps
 * the alarm, writes what a person decided. Main thread.
 *
 * Signals:
 *   changed ()                                   look again; at most once a turn of the main loop, and every 15 s as time passes
 *   call-message (const char *booking, JsonObject *body, const char *from)
 *   call-failed (const char *booking, const char *reason, const char *to)
 */
#define ANX_TYPE_DESK_SERVICE (anx_desk_service_get_type ())
G_DECLARE_FINAL_TYPE (AnxDeskService, anx_desk_service, ANX, DESK_SERVICE, GObject)

AnxDeskService *anx_desk_service_new (AnxClient *client) G_GNUC_WARN_UNUSED_RESULT;
void            anx_desk_service_start (AnxDeskService *self);
void            anx_desk_service_stop (AnxDeskService *self);
void            anx_desk_service_refresh (AnxDeskService *self);   /* ask the hub now */
void            anx_desk_service_wake (AnxDeskService *self);      /* tell the pages to look again */

AnxClient    *anx_desk_service_get_client (AnxDeskService *self);
AnxDeskModel *anx_desk_service_get_model (AnxDeskService *self);
AnxDeskAlarm *anx_desk_service_get_alarm (AnxDeskService *self);
gint64        anx_desk_service_get_fetched_usec (AnxDeskService *self); /* when bookings were last heard of; 0 = never */
AnxRecordIndex *anx_desk_service_get_index (AnxDeskService *self);
void          anx_desk_service_need_person (AnxDeskService *self, const char *booking);
/* Old enough to be put away: in no list and on no page, until somebody says why they need it. */
gboolean      anx_desk_service_is_sealed (AnxDeskService *self, const AnxIndexEntry *entry);
gboolean      anx_desk_service_unseal (AnxDeskService *self, GPtrArray *ids, const char *words, GError **error);
guint         anx_desk_service_count_unreadable (AnxDeskService *self); /* records to us that no key of ours opens */

/* From the directory. */
AnxDeskPages  anx_desk_service_get_pages (AnxDeskService *self);
gboolean      anx_desk_service_has_role (AnxDeskService *self, const char *role);
const char   *anx_desk_service_get_zone (AnxDeskService *self);         /* (nullable) time zone of the own centre */
GPtrArray    *anx_desk_service_list_colleagues (AnxDeskService *self) G_GNUC_WARN_UNUSED_RESULT;
char         *anx_desk_service_dup_centre_phone (AnxDeskService *self) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
const char   *anx_desk_service_name_principal (AnxDeskService *self, const char *id);
const char   *anx_desk_service_name_room (AnxDeskService *self, const char *centre, const char *room);
const char   *anx_desk_service_name_centre (AnxDeskService *self, const char *centre);
const char   *anx_desk_service_name_service (AnxDeskService *self, const char *service);
GPtrArray    *anx_desk_service_list_departments (AnxDeskService *self) G_GNUC_WARN_UNUSED_RESULT;
const char   *anx_desk_service_get_takes (AnxDeskService *self, const AnxPrincipal *department); /* (nullable) */
JsonObject   *anx_desk_service_get_referral_data (AnxDeskService *self); /* (nullable) */
AnxQuestionnaireShelf *anx_desk_service_get_shelf (AnxDeskService *self);
AnxQuestionnaire *anx_desk_service_get_questionnaire (AnxDeskService *self, const char *canonical);

/* What a person decides. On TRUE the record is on this machine's disk and will reach the hub; errors are the client's. */
gboolean anx_desk_service_acknowledge (AnxDeskService *self, const char *alert, GError **error);
gboolean anx_desk_service_may_answer (AnxDeskService *self, const AnxDeskAlert *alert);
gboolean anx_desk_service_change_level (AnxDeskService *self, const char *alert, AnxLevel level, const char *reason, GError **error);
gboolean anx_desk_service_save_plan (AnxDeskService *self, const char *booking, const char *const *steps, const char *const *readers, const char *predecessor, GError **error);
void     anx_desk_service_note_reading (AnxDeskService *self, const char *story, AnxAccessReason reason);
gboolean anx_desk_service_save_note (AnxDeskService *self, const char *booking, const char *text, const char *predecessor, GError **error);
gboolean anx_desk_service_plan_follow_up (AnxDeskService *self, const char *booking, const char *reason, AnxFollowUpUnit unit, guint every, gint64 due_usec, GError **error);
gboolean anx_desk_service_step_follow_up (AnxDeskService *self, const char *record, AnxFollowUpStep step, const char *words, GError **error);
gboolean anx_desk_service_report (AnxDeskService *self, AnxReferral *referral, const char *booking, GError **error);
AnxReportRules *anx_desk_service_load_report_rules (AnxDeskService *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean anx_desk_service_refer (AnxDeskService *self, AnxReferral *referral, const char *booking, GError **error);
gboolean anx_desk_service_answer (AnxDeskService *self, const char *task, AnxReferralAction action, const char *text, gint64 visit_usec, const char *forward_to, GError **error);
gboolean anx_desk_service_take_in (AnxDeskService *self, const AnxReferralBundle *bundle, guint *out_written, GError **error);
gboolean anx_desk_service_choose (AnxDeskService *self, AnxDeskRecord *record, GError **error);

/* At the hub, now or not at all. */
void     anx_desk_service_set_status_async (AnxDeskService *self, const char *booking, const char *status, const char *reason, GAsyncReadyCallback callback, gpointer user_data);
gboolean anx_desk_service_set_status_finish (AnxDeskService *self, GAsyncResult *result, GError **error);
void     anx_desk_service_check_in_async (AnxDeskService *self, const char *code, GAsyncReadyCallback callback, gpointer user_data);
char    *anx_desk_service_check_in_finish (AnxDeskService *self, GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* the booking's id */

G_END_DECLS
