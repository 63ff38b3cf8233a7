/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages.h"

#include <string.h>

#include "bounds.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

/* A page of the inbox: the hub sends as many as were asked for, each in Base64. */
#define INBOX_PAGE_BOUND_BYTES (64 * 1024 * 1024)
/* A problem's text is shown to people; the rest is noise. */
#define PROBLEM_TEXT_BYTES 500

/**
 * anx_record_result_free:
 * @self: (transfer full): one result
 */
void
anx_record_result_free (AnxRecordResult *self)
{
  g_free (self->id);
  g_free (self->problem);
  g_free (self);
}

/**
 * anx_inbox_page_free:
 * @self: (transfer full): a page
 */
void
anx_inbox_page_free (AnxInboxPage *self)
{
  g_ptr_array_unref (self->envelopes);
  g_clear_pointer (&self->at_cursor, g_bytes_unref);
  g_free (self);
}

/**
 * anx_claim_answer_free:
 * @self: (transfer full): an answer
 */
void
anx_claim_answer_free (AnxClaimAnswer *self)
{
  g_free (self->principal);
  g_free (self->sign_certificate);
  g_free (self->seal_certificate);
  g_free (self);
}

static JsonObject *
parse_answer (GBytes *answer,
              gsize max_bytes,
              GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (answer, &size);
  return anx_json_parse_object (text, (gssize) size, max_bytes, error);
}

/* Whatever is wrong with an answer, to the callers it is one thing: not what the API says. */
static void
set_invalid (GError **error,
             GError *inner)
{
  g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The hub's answer is not understood: %s",
               inner != NULL ? inner->message : "a part is missing");
}

/**
 * anx_message_build_records:
 * @envelopes: (element-type GBytes): at most %ANX_BOUND_BATCH_RECORDS envelopes
 *
 * Returns: (transfer full): the body of POST /records
 */
GBytes *
anx_message_build_records (GPtrArray *envelopes)
{
  g_return_val_if_fail (envelopes->len <= ANX_BOUND_BATCH_RECORDS, NULL);
  GString *text = g_string_new ("{\"records\":[");
  for (guint i = 0; i < envelopes->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (envelopes->pdata[i], &size);
      g_autofree char *base64 = g_base64_encode (data, size);
      g_string_append_printf (text, "%s\"%s\"", i > 0 ? "," : "", base64);
    }
  g_string_append (text, "]}");
  return g_string_free_to_bytes (text);
}

/* The API gives a problem as an RFC 9457 object; a bare text is taken as its detail. */
static char *
dup_problem_text (JsonObject *result)
{
  JsonObject *object = anx_json_get_object (result, "problem");
  const char *text = object != NULL ? anx_json_get_string (object, "detail", anx_json_get_string (object, "title", NULL))
                                    : anx_json_get_string (result, "problem", NULL);
  if (text == NULL)
    text = "The hub gave no reason";
  return g_utf8_make_valid (text, (gssize) strnlen (text, PROBLEM_TEXT_BYTES));
}

static AnxRecordResult *
parse_record_result (JsonObject *json,
                     const char *expected_id,
                     GError **error)
{
  const char *id = anx_json_get_string (json, "id", NULL);
  const char *status = anx_json_need_string (json, "status", 32, error);
  if (status == NULL)
    return NULL;
  gboolean accepted = g_str_equal (status, "stored") || g_str_equal (status, "held");
  /* The hub may not be able to read the id of what it refuses; what it accepts it must name. */
  if ((!accepted && !g_str_equal (status, "refused")) || (id != NULL && *id != '\0' && !g_str_equal (id, expected_id)) ||
      (accepted && g_strcmp0 (id, expected_id) != 0))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "a result does not fit its record");
      return NULL;
    }
  AnxRecordResult *result = g_new0 (AnxRecordResult, 1);
  result->id = g_strdup (expected_id);
  result->accepted = accepted;
  JsonObject *problem = anx_json_get_object (json, "problem");
  result->misplaced = !accepted && (anx_message_problem_is (problem, "chain-fork") || anx_message_problem_is (problem, "record-differs"));
  result->problem = accepted ? NULL : dup_problem_text (json);
  return result;
}

/**
 * anx_message_parse_record_results:
 * @answer: the answer to POST /records
 * @ids: (element-type utf8): the ids of the records sent, in order
 * @error: return location, %ANX_SYNC_ERROR_INVALID; then nothing may be taken as acknowledged
 *
 * Returns: (transfer full) (nullable) (element-type AnxRecordResult): one result for each of @ids, in order
 */
GPtrArray *
anx_message_parse_record_results (GBytes *answer,
                                  GPtrArray *ids,
                                  GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  JsonArray *array = json != NULL ? anx_json_need_array (json, "results", ANX_BOUND_BATCH_RECORDS, &inner) : NULL;
  if (array == NULL || json_array_get_length (array) != ids->len)
    {
      set_invalid (error, inner);
      return NULL;
    }
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_record_result_free);
  for (guint i = 0; i < ids->len; i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, &inner);
      AnxRecordResult *result = object != NULL ? parse_record_result (object, ids->pdata[i], &inner) : NULL;
      if (result == NULL)
        {
          set_invalid (error, inner);
          return NULL;
        }
      g_ptr_array_add (results, result);
    }
  return g_steal_pointer (&results);
}

/**
 * anx_message_parse_inbox:
 * @answer: the answer to GET /inbox
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Envelopes are decoded but not verified. One that is no Base64 or over its bound is left out: it must not block the others.
 *
 * Returns: (transfer full) (nullable): the page
 */
AnxInboxPage *
anx_message_parse_inbox (GBytes *answer,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, INBOX_PAGE_BOUND_BYTES, &inner);
  JsonArray *array = json != NULL ? anx_json_need_array (json, "records", 1000, &inner) : NULL;
  gint64 cursor = 0;
  if (array == NULL || !anx_json_need_int (json, "cursor", 0, G_MAXINT64, &cursor, &inner))
    {
      set_invalid (error, inner);
      return NULL;
    }
  g_autoptr (AnxInboxPage) page = g_new0 (AnxInboxPage, 1);
  page->envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  page->cursor = cursor;
  page->more = anx_json_get_boolean (json, "more", FALSE);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, NULL);
      const char *base64 = object != NULL ? anx_json_get_string (object, "envelope", NULL) : NULL;
      if (base64 == NULL || strlen (base64) > (gsize) ANX_BOUND_ENVELOPE_BYTES * 4 / 3 + 4)
        continue;
      gsize size;
      guchar *data = g_base64_decode (base64, &size);
      GBytes *envelope = g_bytes_new_take (data, size);
      g_ptr_array_add (page->envelopes, envelope);
      if (anx_json_get_int (object, "cursor", -1) == page->cursor && page->at_cursor == NULL)
        page->at_cursor = g_bytes_ref (envelope);
    }
  return g_steal_pointer (&page);
}

static AnxChainPlace *
chain_place_new (JsonObject *object,
                 gint64 after,
                 GError **error)
{
  gint64 place;
  const char *digest = anx_json_need_string (object, "digest", 64, error);
  if (digest == NULL || !anx_json_need_int (object, "place", after + 1, G_MAXINT64, &place, error))
    return NULL;
  AnxChainPlace *self = g_new0 (AnxChainPlace, 1);
  self->place = place;
  self->digest = g_strdup (digest);
  return self;
}

static void
chain_place_free (gpointer data)
{
  AnxChainPlace *self = data;
  g_free (self->digest);
  g_free (self);
}

/**
 * anx_chain_page_free:
 * @self: (transfer full): a page
 */
void
anx_chain_page_free (AnxChainPage *self)
{
  g_free (self->head_id);
  g_free (self->head_digest);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  g_free (self);
}

/**
 * anx_message_parse_chain:
 * @answer: the answer to GET /chain
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the page; its places rise
 */
AnxChainPage *
anx_message_parse_chain (GBytes *answer,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxChainPage) page = g_new0 (AnxChainPage, 1);
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  JsonArray *array = json != NULL ? anx_json_need_array (json, "places", 1000, &inner) : NULL;
  page->places = g_ptr_array_new_with_free_func (chain_place_free);
  if (array == NULL || !anx_json_need_int (json, "count", 0, G_MAXINT64, &page->count, &inner))
    {
      set_invalid (error, inner);
      return NULL;
    }
  page->more = anx_json_get_boolean (json, "more", FALSE);
  JsonObject *head = anx_json_get_object (json, "head");
  if (head != NULL)
    {
      const char *id = anx_json_need_string (head, "id", 36, &inner);
      const char *digest = id != NULL ? anx_json_need_string (head, "digest", 64, &inner) : NULL;
      if (digest == NULL || !anx_uuid_is_valid (id) || !anx_json_need_int (head, "place", 1, G_MAXINT64, &page->head_place, &inner))
        {
          set_invalid (error, inner);
          return NULL;
        }
      page->head_id = g_strdup (id);
      page->head_digest = g_strdup (digest);
    }
  gint64 after = 0;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, &inner);
      AnxChainPlace *place = object != NULL ? chain_place_new (object, after, &inner) : NULL;
      if (place == NULL)
        {
          set_invalid (error, inner);
          return NULL;
        }
      after = place->place;
      g_ptr_array_add (page->places, place);
    }
  return g_steal_pointer (&page);
}

/**
 * anx_message_parse_record:
 * @answer: the answer to GET /records/{id}
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the envelope, not verified
 */
GBytes *
anx_message_parse_record (GBytes *answer,
                          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  const char *base64 = json != NULL ? anx_json_need_string (json, "envelope", (gsize) ANX_BOUND_ENVELOPE_BYTES * 4 / 3 + 4, &inner) : NULL;
  if (base64 == NULL)
    {
      set_invalid (error, inner);
      return NULL;
    }
  gsize size;
  guchar *data = g_base64_decode (base64, &size);
  return g_bytes_new_take (data, size);
}

/**
 * anx_message_problem_is:
 * @problem: (nullable): an RFC 9457 object
 * @slug: the last word of its type
 *
 * Returns: whether it is that one
 */
gboolean
anx_message_problem_is (JsonObject *problem,
                        const char *slug)
{
  const char *type = problem != NULL ? anx_json_get_string (problem, "type", NULL) : NULL;
  return type != NULL && g_str_has_prefix (type, "urn:anxin:problem:") && g_str_equal (type + strlen ("urn:anxin:problem:"), slug);
}

/**
 * anx_message_parse_claim:
 * @answer: the answer to POST /enrolments/claims
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): what it says
 */
AnxClaimAnswer *
anx_message_parse_claim (GBytes *answer,
                         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  const char *principal = json != NULL ? anx_json_need_string (json, "principal", ANX_BOUND_PRINCIPAL_CHARS, &inner) : NULL;
  const char *status = principal != NULL ? anx_json_need_string (json, "status", 32, &inner) : NULL;
  if (status == NULL)
    {
      set_invalid (error, inner);
      return NULL;
    }
  g_autoptr (AnxClaimAnswer) claim = g_new0 (AnxClaimAnswer, 1);
  claim->principal = g_strdup (principal);
  claim->approved = g_str_equal (status, "approved");
  if (json_object_has_member (json, "signCertificate"))
    {
      const char *sign = anx_json_need_string (json, "signCertificate", ANX_BOUND_PEM_BYTES, &inner);
      const char *seal = sign != NULL ? anx_json_need_string (json, "sealCertificate", ANX_BOUND_PEM_BYTES, &inner) : NULL;
      if (seal == NULL)
        {
          set_invalid (error, inner);
          return NULL;
        }
      claim->sign_certificate = g_strdup (sign);
      claim->seal_certificate = g_strdup (seal);
    }
  return g_steal_pointer (&claim);
}

/**
 * anx_message_parse_health:
 * @answer: the answer to GET /health
 * @out_now_usec: (out): the hub's time, microseconds of UTC
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: whether it was understood
 */
gboolean
anx_message_parse_health (GBytes *answer,
                          gint64 *out_now_usec,
                          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  if (json == NULL || !anx_json_need_int (json, "now", 1, G_MAXINT64, out_now_usec, &inner))
    {
      set_invalid (error, inner);
      return FALSE;
    }
  return TRUE;
}

/**
 * anx_message_parse_authority:
 * @answer: the answer to GET /authority
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the certificate's PEM, not to be trusted before its pin was compared
 */
char *
anx_message_parse_authority (GBytes *answer,
                             GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonObject) json = parse_answer (answer, ANX_BOUND_REQUEST_BYTES, &inner);
  const char *pem = json != NULL ? anx_json_need_string (json, "certificate", ANX_BOUND_PEM_BYTES, &inner) : NULL;
  if (pem == NULL)
    set_invalid (error, inner);
  return g_strdup (pem);
}

/**
 * anx_message_parse_problem:
 * @answer: the body of an answer outside 2xx
 *
 * Returns: (transfer full) (nullable): its RFC 9457 object; %NULL when it is something else, such as a proxy's page
 */
JsonObject *
anx_message_parse_problem (GBytes *answer)
{
  return parse_answer (answer, ANX_BOUND_REQUEST_BYTES, NULL);
}

/**
 * anx_message_set_status_error:
 * @status: an HTTP status outside 2xx
 * @problem: (nullable): what came with it
 * @error: return location, %ANX_SYNC_ERROR_REFUSED, %ANX_SYNC_ERROR_CONFLICT, %ANX_SYNC_ERROR_UNKNOWN, %ANX_SYNC_ERROR_BUSY
 *
 * The message is the problem's detail. 5xx is BUSY: the hub is there, asking again later can help.
 */
void
anx_message_set_status_error (guint status,
                              JsonObject *problem,
                              GError **error)
{
  AnxSyncError code = ANX_SYNC_ERROR_REFUSED;
  if (status == 404 || status == 410)
    code = ANX_SYNC_ERROR_UNKNOWN;
  else if (status == 409)
    code = ANX_SYNC_ERROR_CONFLICT;
  else if (status == 429 || status >= 500)
    code = ANX_SYNC_ERROR_BUSY;
  const char *text = anx_json_get_string (problem, "detail", anx_json_get_string (problem, "title", NULL));
  if (text != NULL && *text != '\0')
    {
      g_autofree char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, PROBLEM_TEXT_BYTES));
      g_set_error_literal (error, ANX_SYNC_ERROR, code, valid);
    }
  else
    g_set_error (error, ANX_SYNC_ERROR, code, "The hub refused (status %u)", status);
}
