/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"

#include <string.h>

#include "access.h"
#include "break-glass.h"
#include "bounds.h"
#include "care-error.h"
#include "erasure.h"
#include "fhir-private.h"
#include "follow-up.h"
#include "id.h"
#include "intake.h"
#include "json.h"

#define fail anx_care_fail

/**
 * anx_record_kind_is_valid:
 * @kind: (nullable): a kind of the routing header
 *
 * Returns: whether it is one of the kinds of record
 */
gboolean
anx_record_kind_is_valid (const char *kind)
{
  static const char *const kinds[] = { ANX_KIND_CONTACT,
                                       ANX_KIND_SCREENING,
                                       ANX_KIND_ALERT,
                                       ANX_KIND_ALERT_ACKNOWLEDGEMENT,
                                       ANX_KIND_NOTE,
                                       ANX_KIND_REFERRAL,
                                       ANX_KIND_REFERRAL_EVENT,
                                       ANX_KIND_MANDATORY_REPORT,
                                       ANX_KIND_RATING,
                                       ANX_KIND_LEVEL_CHANGE,
                                       ANX_KIND_SAFETY_PLAN,
                                       ANX_KIND_FOLLOW_UP,
                                       ANX_KIND_ACCESS,
                                       ANX_KIND_BREAK_GLASS,
                                       ANX_KIND_INTAKE,
                                       ANX_KIND_ERASURE,
                                       NULL };
  return kind != NULL && g_strv_contains (kinds, kind);
}

/* --- names, phones, texts --- */

/**
 * anx_name_check:
 * @name: (nullable): a name or alias, UTF-8
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it has 1 to %ANX_BOUND_NAME_CHARS characters, not only blanks, and no control characters
 */
gboolean
anx_name_check (const char *name,
                GError **error)
{
  if (name == NULL || !g_utf8_validate (name, -1, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, "A name must be a text");
  if (g_utf8_strlen (name, -1) > ANX_BOUND_NAME_CHARS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "A name has at most 40 characters");
  gboolean visible = FALSE;
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      /*
       * Format characters could turn the direction of the text around them; the joiners some scripts need are let
       * through.
       */
      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_LINE_SEPARATOR ||
          g_unichar_type (c) == G_UNICODE_PARAGRAPH_SEPARATOR ||
          (g_unichar_type (c) == G_UNICODE_FORMAT && c != 0x200c && c != 0x200d))
        return fail (error, ANX_CARE_ERROR_INVALID, "A name has no control characters");
      visible = visible || g_unichar_isgraph (c);
    }
  return visible || fail (error, ANX_CARE_ERROR_INVALID, "A name has at least one character");
}

/**
 * anx_phone_check:
 * @phone: (nullable): a phone number; empty or %NULL means none
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is empty or 3 to 20 digits, which a + may precede
 */
gboolean
anx_phone_check (const char *phone,
                 GError **error)
{
  if (phone == NULL || *phone == '\0')
    return TRUE;
  const char *digits = *phone == '+' ? phone + 1 : phone;
  gsize length = strlen (digits);
  if (length >= 3 && length <= 20 && strspn (digits, "0123456789") == length)
    return TRUE;
  return fail (error, ANX_CARE_ERROR_INVALID, "A phone number has 3 to 20 digits");
}

/**
 * anx_note_check:
 * @text: (nullable): free text of a note, a reason, a summary or a feedback, UTF-8
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it has 1 to %ANX_BOUND_NOTE_CHARS characters and no control characters but line ends and tabs
 */
gboolean
anx_note_check (const char *text,
                GError **error)
{
  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, "The text is empty");
  if (g_utf8_strlen (text, -1) > ANX_BOUND_NOTE_CHARS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "The text has more than 20,000 characters");
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_iscntrl (c) && c != '\n' && c != '\r' && c != '\t')
        return fail (error, ANX_CARE_ERROR_INVALID, "The text has a control character in it");
    }
  return TRUE;
}

/* --- contact --- */

/**
 * anx_contact_build:
 * @name: a name or alias that anx_name_check() passed
 * @alias: whether it is an alias (FHIR name use `anonymous`)
 * @phone: (nullable): a phone number that anx_phone_check() passed, or empty
 * @booking: (nullable): the booking's id
 *
 * Returns: (transfer full): a FHIR R4 Patient; the word is FHIR's, the service calls the person a resident
 */
JsonObject *
anx_contact_build (const char *name,
                   gboolean alias,
                   const char *phone,
                   const char *booking)
{
  g_return_val_if_fail (anx_name_check (name, NULL) && anx_phone_check (phone, NULL), NULL);
  JsonObject *patient = anx_fhir_resource ("Patient");
  anx_fhir_set_identifier (patient, ANX_FHIR_BOOKING, booking);
  JsonObject *human = json_object_new ();
  json_object_set_string_member (human, "use", alias ? "anonymous" : "usual");
  json_object_set_string_member (human, "text", name);
  anx_fhir_set_array_of (patient, "name", human);
  if (phone != NULL && *phone != '\0')
    {
      JsonObject *telecom = json_object_new ();
      json_object_set_string_member (telecom, "system", "phone");
      json_object_set_string_member (telecom, "value", phone);
      anx_fhir_set_array_of (patient, "telecom", telecom);
    }
  return patient;
}

/**
 * anx_contact_read:
 * @fhir: a FHIR R4 Patient
 * @out_name: (out): the name or alias
 * @out_alias: (out): whether it is an alias
 * @out_phone: (out): the phone number, empty when there is none
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a contact of anx_contact_build()'s form
 */
gboolean
anx_contact_read (JsonObject *fhir,
                  char **out_name,
                  gboolean *out_alias,
                  char **out_phone,
                  GError **error)
{
  if (!anx_fhir_check_type (fhir, "Patient", error))
    return FALSE;
  JsonObject *human = anx_fhir_first (fhir, "name");
  const char *name = anx_json_get_string (human, "text", NULL);
  const char *use = anx_json_get_string (human, "use", "");
  if (!anx_name_check (name, error))
    return FALSE;
  if (strcmp (use, "anonymous") != 0 && strcmp (use, "usual") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A name's use must be usual or anonymous");
  JsonObject *telecom = anx_fhir_first (fhir, "telecom");
  const char *phone = anx_json_get_string (telecom, "value", "");
  if (json_object_has_member (fhir, "telecom") &&
      (*phone == '\0' || g_strcmp0 (anx_json_get_string (telecom, "system", NULL), "phone") != 0))
    return fail (error, ANX_CARE_ERROR_INVALID, "A telecom must be a phone number");
  if (!anx_phone_check (phone, error))
    return FALSE;
  *out_name = g_strdup (name);
  *out_alias = strcmp (use, "anonymous") == 0;
  *out_phone = g_strdup (phone);
  return TRUE;
}

/* --- alert --- */

static gboolean
reason_is_valid (const char *reason)
{
  gsize length = reason != NULL ? strlen (reason) : 0;
  return length >= 1 && length <= 64 && strspn (reason, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length;
}

/**
 * anx_alert_build:
 * @level: yellow or red
 * @reason: the code of the safety rule that fired, or `help-button`: 1 to 64 lower-case letters, digits, dashes and
 *   dots; never words of the resident
 * @room: the room's id
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Flag about the room, not about a person
 */
JsonObject *
anx_alert_build (AnxLevel level,
                 const char *reason,
                 const char *room,
                 gint64 now_usec)
{
  g_return_val_if_fail (reason_is_valid (reason) && room != NULL, NULL);
  JsonObject *flag = anx_fhir_resource ("Flag");
  json_object_set_string_member (flag, "status", "active");
  anx_fhir_set_array_of (flag, "category",
                         anx_fhir_concept ("http://terminology.hl7.org/CodeSystem/flag-category", "safety", NULL));
  json_object_set_object_member (flag, "code", anx_fhir_concept (ANX_FHIR_RULE, reason, NULL));
  JsonObject *subject = anx_fhir_identified ("urn:anxin:room", room);
  json_object_set_string_member (subject, "type", "Location");
  json_object_set_object_member (flag, "subject", subject);
  JsonObject *period = json_object_new ();
  anx_fhir_set_time (period, "start", now_usec);
  json_object_set_object_member (flag, "period", period);
  anx_fhir_add_extension (flag, ANX_FHIR_LEVEL, "valueCode",
                          json_node_init_string (json_node_alloc (), anx_level_to_string (level)));
  return flag;
}

/**
 * anx_alert_read:
 * @fhir: a FHIR R4 Flag of anx_alert_build()
 * @out_level: (out): its level; red when it says none that is known
 * @out_reason: (out): the code of its reason
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is an alert
 */
gboolean
anx_alert_read (JsonObject *fhir,
                AnxLevel *out_level,
                char **out_reason,
                GError **error)
{
  if (!anx_fhir_check_type (fhir, "Flag", error))
    return FALSE;
  const char *reason = anx_fhir_find_code (anx_json_get_object (fhir, "code"), ANX_FHIR_RULE);
  if (!reason_is_valid (reason))
    return fail (error, ANX_CARE_ERROR_INVALID, "An alert has no reason");
  if (anx_json_get_string (fhir, "status", NULL) == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "An alert has no status");
  *out_level = anx_level_from_string (anx_json_get_string (anx_fhir_find_extension (fhir, ANX_FHIR_LEVEL), "valueCode", NULL));
  *out_reason = g_strdup (reason);
  return TRUE;
}

/**
 * anx_acknowledgement_build:
 * @alert: the record id of the alert
 * @by: the principal of the duty officer
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Communication
 */
JsonObject *
anx_acknowledgement_build (const char *alert,
                           const char *by,
                           gint64 now_usec)
{
  g_return_val_if_fail (alert != NULL && by != NULL, NULL);
  JsonObject *communication = anx_fhir_resource ("Communication");
  json_object_set_string_member (communication, "status", "completed");
  anx_fhir_set_array_of (communication, "about", anx_fhir_identified (ANX_FHIR_RECORD, alert));
  json_object_set_object_member (communication, "sender", anx_fhir_identified (ANX_FHIR_PRINCIPAL, by));
  anx_fhir_set_time (communication, "sent", now_usec);
  return communication;
}

/**
 * anx_acknowledgement_read:
 * @fhir: a FHIR R4 Communication of anx_acknowledgement_build()
 * @out_alert: (out): the record id of the alert
 * @out_by: (out): the principal who takes care of it
 * @out_sent_usec: (out): when, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is an acknowledgement
 */
gboolean
anx_acknowledgement_read (JsonObject *fhir,
                          char **out_alert,
                          char **out_by,
                          gint64 *out_sent_usec,
                          GError **error)
{
  gint64 sent;
  if (!anx_fhir_check_type (fhir, "Communication", error) || !anx_fhir_need_time (fhir, "sent", &sent, error))
    return FALSE;
  const char *alert = anx_fhir_referenced (anx_fhir_first (fhir, "about"), ANX_FHIR_RECORD);
  const char *by = anx_fhir_referenced (anx_json_get_object (fhir, "sender"), ANX_FHIR_PRINCIPAL);
  if (!anx_uuid_is_valid (alert) || !anx_principal_id_is_valid (by) ||
      g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "completed") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "An acknowledgement must say which alert and who");
  *out_alert = g_strdup (alert);
  *out_by = g_strdup (by);
  *out_sent_usec = sent;
  return TRUE;
}

/* --- note --- */

/**
 * anx_note_build:
 * @text: the note, checked by anx_note_check()
 * @booking: (nullable): the booking's id
 * @author: the principal who writes it
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 DocumentReference with the text as its attachment
 */
JsonObject *
anx_note_build (const char *text,
                const char *booking,
                const char *author,
                gint64 now_usec)
{
  g_return_val_if_fail (anx_note_check (text, NULL) && author != NULL, NULL);
  JsonObject *document = anx_fhir_resource ("DocumentReference");
  json_object_set_string_member (document, "status", "current");
  json_object_set_object_member (document, "type", anx_fhir_concept (ANX_FHIR_CODE, "session-note", NULL));
  anx_fhir_set_time (document, "date", now_usec);
  anx_fhir_set_array_of (document, "author", anx_fhir_identified (ANX_FHIR_PRINCIPAL, author));
  if (booking != NULL)
    {
      JsonObject *context = json_object_new ();
      anx_fhir_set_array_of (context, "related", anx_fhir_identified (ANX_FHIR_BOOKING, booking));
      json_object_set_object_member (document, "context", context);
    }
  JsonObject *attachment = json_object_new ();
  json_object_set_string_member (attachment, "contentType", "text/plain; charset=utf-8");
  g_autofree char *data = g_base64_encode ((const guchar *) text, strlen (text));
  json_object_set_string_member (attachment, "data", data);
  JsonObject *content = json_object_new ();
  json_object_set_object_member (content, "attachment", attachment);
  anx_fhir_set_array_of (document, "content", content);
  return document;
}

/* GLib's decoder skips what is no Base64; a record must not be read more leniently than it was written. */
static char *
decode_text (const char *base64)
{
  gsize length = 0;
  g_autofree char *text = (char *) g_base64_decode (base64, &length);
  g_autofree char *again = g_base64_encode ((const guchar *) text, length);
  if (strcmp (again, base64) != 0 || !g_utf8_validate_len (text, length, NULL))
    return NULL;
  return g_strndup (text, length);
}

/**
 * anx_note_read:
 * @fhir: a FHIR R4 DocumentReference of anx_note_build()
 * @out_text: (out): the note
 * @out_written_usec: (out): when it was written, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it is a note
 */
gboolean
anx_note_read (JsonObject *fhir,
               char **out_text,
               gint64 *out_written_usec,
               GError **error)
{
  gint64 written;
  if (!anx_fhir_check_type (fhir, "DocumentReference", error) || !anx_fhir_need_time (fhir, "date", &written, error))
    return FALSE;
  if (g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "current") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A note must have the status current");
  JsonObject *attachment = anx_json_get_object (anx_fhir_first (fhir, "content"), "attachment");
  const char *type = anx_json_get_string (attachment, "contentType", "");
  if (strcmp (type, "text/plain; charset=utf-8") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A note must be plain text in UTF-8");
  const char *data = anx_fhir_need_string (attachment, "data", ANX_BOUND_NOTE_CHARS * 6, error);
  if (data == NULL)
    return FALSE;
  g_autofree char *text = decode_text (data);
  if (!anx_note_check (text, error))
    return FALSE;
  *out_text = g_steal_pointer (&text);
  *out_written_usec = written;
  return TRUE;
}

/* --- rating --- */

/**
 * anx_rating_build:
 * @stars: 1 to 5
 * @booking: (nullable): the booking's id
 * @now_usec: the time, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Observation
 */
JsonObject *
anx_rating_build (int stars,
                  const char *booking,
                  gint64 now_usec)
{
  g_return_val_if_fail (stars >= 1 && stars <= 5, NULL);
  JsonObject *observation = anx_fhir_resource ("Observation");
  anx_fhir_set_identifier (observation, ANX_FHIR_BOOKING, booking);
  json_object_set_string_member (observation, "status", "final");
  anx_fhir_set_array_of (observation, "category", anx_fhir_concept (ANX_FHIR_CATEGORY, "survey", NULL));
  json_object_set_object_member (observation, "code", anx_fhir_concept (ANX_FHIR_CODE, "session-rating", NULL));
  anx_fhir_set_time (observation, "effectiveDateTime", now_usec);
  json_object_set_int_member (observation, "valueInteger", stars);
  return observation;
}

/**
 * anx_rating_read:
 * @fhir: a FHIR R4 Observation of anx_rating_build()
 * @out_stars: (out): 1 to 5
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it is a rating
 */
gboolean
anx_rating_read (JsonObject *fhir,
                 int *out_stars,
                 GError **error)
{
  if (!anx_fhir_check_type (fhir, "Observation", error))
    return FALSE;
  gint64 stars = anx_json_get_int (fhir, "valueInteger", 0);
  if (stars < 1 || stars > 5 || g_strcmp0 (anx_json_get_string (fhir, "status", NULL), "final") != 0 ||
      g_strcmp0 (anx_fhir_find_code (anx_json_get_object (fhir, "code"), ANX_FHIR_CODE), "session-rating") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A rating has 1 to 5 stars");
  *out_stars = (int) stars;
  return TRUE;
}
