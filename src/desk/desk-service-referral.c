/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service-private.h"

#include <glib/gi18n.h>

#include "care-error.h"
#include "id.h"
#include "json.h"
#include "referral-file.h"

static void
set_optional (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static gboolean
send_referral (AnxDeskService *self, const char *kind, AnxReferral *referral, const char *booking, GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  const AnxDeskBooking *known = anx_desk_model_get_booking (self->model, booking);
  const AnxPrincipal *principal = anx_desk_service_get_own (self);
  gint64 now = anx_desk_model_now_usec (self->model);
  const char *recipients[] = { author, referral->to, NULL };

  g_free (referral->task);
  referral->task = anx_uuid_new (now);
  g_free (referral->from);
  referral->from = g_strdup (author);
  referral->created_usec = now;
  g_autoptr (JsonObject) resource = anx_referral_build (referral, error);
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "task", referral->task);
  set_optional (routing, "centre", known != NULL ? known->centre : principal != NULL ? principal->centre : NULL);
  json_object_set_string_member (routing, "to", referral->to);
  json_object_set_string_member (routing, "urgency", anx_urgency_to_string (referral->urgency));
  json_object_set_string_member (routing, "status", "requested");
  json_object_set_string_member (routing, "businessStatus", "2.0");
  set_optional (routing, "booking", booking);
  set_optional (routing, "partOf", referral->part_of);
  json_object_set_boolean_member (routing, "kiosk", referral->tell_at_kiosk);
  if (!referral->consented)
    json_object_set_boolean_member (routing, "legal", TRUE);
  g_autofree char *id = anx_uuid_new (now);
  return anx_desk_service_write (self, id, kind, recipients, NULL, routing, resource, error);
}

/**
 * anx_desk_service_refer:
 * @self: a service
 * @referral: what to send; task, from and time are filled in here
 * @booking: (nullable): the session it comes from
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID without consent or an article of law
 *
 * On %TRUE the referral is sealed to its author and the department and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_refer (AnxDeskService *self, AnxReferral *referral, const char *booking, GError **error)
{
  return send_referral (self, ANX_KIND_REFERRAL, referral, booking, error);
}

/**
 * anx_desk_service_report:
 * @self: a service
 * @referral: what to send; task, from and time are filled in here
 * @booking: (nullable): the session it comes from
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID when it is no mandatory report
 *
 * On %TRUE the report is sealed to its author and the department, without consent, and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_report (AnxDeskService *self, AnxReferral *referral, const char *booking, GError **error)
{
  g_autoptr (AnxReportRules) rules = anx_desk_service_load_report_rules (self, error);

  return rules != NULL && anx_mandatory_report_check (rules, referral, error)
         && send_referral (self, ANX_KIND_MANDATORY_REPORT, referral, booking, error);
}

/**
 * anx_desk_service_load_report_rules:
 * @self: a service
 * @error: return location, ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): when the law wants a report, from the installed data file
 */
AnxReportRules *
anx_desk_service_load_report_rules (AnxDeskService *self, GError **error)
{
  g_autoptr (JsonObject) json = anx_desk_service_read_data ("care/mandatory-report.json");

  return anx_report_rules_parse (json, error);
}

static gboolean
write_event (AnxDeskService *self,
             const AnxDeskReferral *referral,
             const char *predecessor,
             AnxReferralEvent *event,
             GError **error)
{
  const char *recipients[] = { referral->from, referral->to, NULL };
  event->created_usec = anx_desk_model_now_usec (self->model);
  g_autoptr (JsonObject) resource = anx_referral_event_build (event, error);
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  g_autofree char *id = anx_uuid_new (event->created_usec);

  json_object_set_string_member (routing, "task", referral->task);
  json_object_set_string_member (routing, "status", event->status);
  json_object_set_string_member (routing, "businessStatus", event->business_status);
  set_optional (routing, "forward", event->forward_to);
  return anx_desk_service_write (self, id, ANX_KIND_REFERRAL_EVENT, recipients, predecessor, routing, resource, error);
}

/**
 * anx_desk_service_answer:
 * @self: a service
 * @task: a referral's task
 * @action: what the department or the author does
 * @text: (nullable): reason, question, answer or outcome; what the action needs, anx_referral_get_rule() tells
 * @visit_usec: when the appointment is, for an action that sets one; else 0
 * @forward_to: (nullable): the department it should rather go to
 * @error: return location: the client's errors, ANX_CARE_ERROR_NOT_ALLOWED, ANX_CARE_ERROR_INVALID
 *
 * Returns: whether the answer is on this machine's disk
 */
gboolean
anx_desk_service_answer (AnxDeskService *self,
                         const char *task,
                         AnxReferralAction action,
                         const char *text,
                         gint64 visit_usec,
                         const char *forward_to,
                         GError **error)
{
  const AnxDeskReferral *referral = anx_desk_model_get_referral (self->model, task);
  const AnxReferralRule *rule = anx_referral_get_rule (action);
  const char *status = NULL;
  const char *business = NULL;

  if (referral == NULL || referral->tip == NULL || referral->conflict != NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED,
                           _ ("This referral cannot be answered now. Please look at its history first."));
      return FALSE;
    }
  if (rule->needs_text && (text == NULL || *text == '\0'))
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _ ("Please write a few words first."));
      return FALSE;
    }
  if (!anx_referral_step (referral->status, referral->business_status, action, &status, &business, error))
    return FALSE;
  g_autoptr (AnxReferralEvent) event = g_new0 (AnxReferralEvent, 1);
  event->task = g_strdup (task);
  event->action = g_strdup (rule->code);
  event->status = g_strdup (status);
  event->business_status = g_strdup (business);
  event->text = g_strdup (text);
  event->visit_usec = rule->needs_time ? visit_usec : 0;
  event->forward_to = rule->needs_receiver ? g_strdup (forward_to) : NULL;
  return write_event (self, referral, referral->tip, event, error);
}

/* What was just written, into the model. */
static void
show_written (AnxDeskService *self, const char *id)
{
  g_autoptr (AnxInboxRecord) written = anx_client_get_record (self->client, id, NULL);
  g_autoptr (JsonNode) resource = written != NULL ? anx_client_open_record (self->client, written, NULL) : NULL;
  AnxRecordHeader *header = written != NULL ? anx_inbox_record_get_header (written) : NULL;

  if (resource == NULL || !JSON_NODE_HOLDS_OBJECT (resource))
    return;
  g_autoptr (AnxDeskRecord) record
      = anx_desk_record_new (id, anx_record_header_get_kind (header), anx_record_header_get_author (header),
                             anx_record_header_get_predecessor (header), anx_record_header_get_created_usec (header),
                             anx_record_header_get_routing (header), json_node_get_object (resource));
  anx_desk_model_take_record (self->model, record);
}

/**
 * anx_desk_service_take_in:
 * @self: a service
 * @bundle: a referral's file, which the person has read
 * @out_written: (out): how many records were written; 0 when all of it was here
 * @error: return location, of anx_referral_file_import()
 *
 * Returns: whether all of the file is on this machine's disk
 */
gboolean
anx_desk_service_take_in (AnxDeskService *self, const AnxReferralBundle *bundle, guint *out_written, GError **error)
{
  g_autoptr (GPtrArray) written = anx_referral_file_import (self->client, bundle, error);

  if (written == NULL)
    return FALSE;
  for (guint i = 0; i < written->len; i++)
    show_written (self, written->pdata[i]);
  *out_written = written->len;
  return TRUE;
}

/**
 * anx_desk_service_choose:
 * @self: a service
 * @record: one of the records that contradict one another
 * @error: return location: the client's errors
 *
 * Ends a conflict: writes a record that says the same as @record and follows it. The other stays in the history.
 *
 * Returns: whether the choice is on this machine's disk
 */
gboolean
anx_desk_service_choose (AnxDeskService *self, AnxDeskRecord *record, GError **error)
{
  g_autofree char *text = NULL;

  if (g_str_equal (record->kind, ANX_KIND_NOTE) && record->resource != NULL)
    {
      gint64 written = 0;
      if (!anx_note_read (record->resource, &text, &written, error))
        return FALSE;
      return anx_desk_service_save_note (self, anx_json_get_string (record->routing, "booking", ""), text, record->id,
                                         error);
    }
  if (g_str_equal (record->kind, ANX_KIND_FOLLOW_UP) && record->resource != NULL)
    {
      g_autoptr (AnxFollowUp) follow_up = anx_follow_up_read (record->resource, error);
      if (follow_up == NULL)
        return FALSE;
      follow_up->written_usec = anx_desk_model_now_usec (self->model);
      return anx_desk_service_write_follow_up (self, follow_up, record->id, error);
    }
  const AnxDeskReferral *referral
      = anx_desk_model_get_referral (self->model, anx_json_get_string (record->routing, "task", NULL));
  if (referral == NULL || record->resource == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _ ("This record cannot be chosen."));
      return FALSE;
    }
  g_autoptr (AnxReferralEvent) event = anx_referral_event_read (record->resource, error);
  return event != NULL && write_event (self, referral, record->id, event, error);
}
