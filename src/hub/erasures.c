/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-records.h"
#include "erasure.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/*
 * Erasing. The hub says what is due and what holds it; a person decides; their decision is a record of the kind "erasure". README.md,
 * "Retention", has the invariants R1 to R6.
 */

#define MOST_ASKED 100
/* Of what is over its period, so many that are held are looked at for each kind in one answer. */
#define MOST_LOOKED_AT 1000

#define CLOSED_REFERRAL "SELECT closed FROM referral WHERE task = ?"
/* A case from outside that nobody has closed is as a referral to this centre. */
#define CLOSED_INTAKE "SELECT closed FROM intake WHERE id = ?"

static gboolean
query_closed (AnxDatabase *database,
              const char *sql,
              const char *id,
              AnxRetentionFacts *facts,
              GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, sql, "s", id);
  g_autoptr (GError) inner = NULL;
  if (rows == NULL)
    return FALSE;
  if (anx_rows_next (rows, &inner))
    {
      facts->of_referral = TRUE;
      facts->closed_usec = anx_rows_get_int (rows, 0);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
query_alerts (AnxDatabase *database,
              const char *alert,
              const char *booking,
              AnxRetentionFacts *facts,
              GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error,
                                                 "SELECT count(*), coalesce (max (created), 0), total (acknowledged IS NULL) > 0 FROM alert"
                                                 " WHERE id = ? OR (booking IS NOT NULL AND booking = ?)", "ss", alert, booking);
  if (rows == NULL || !anx_rows_next (rows, error))
    return FALSE;
  facts->of_crisis = anx_rows_get_int (rows, 0) > 0;
  facts->crisis_usec = anx_rows_get_int (rows, 1);
  facts->crisis_open = anx_rows_get_int (rows, 2) != 0;
  return TRUE;
}

/* What the tables say of a record that is there. @kind and @id must outlive @facts. */
static gboolean
find_facts (AnxDatabase *database,
            const char *id,
            const char *kind,
            gint64 received_usec,
            JsonObject *routing,
            AnxRetentionFacts *facts,
            GError **error)
{
  const char *task = anx_json_get_string (routing, "task", NULL);
  const char *alert = g_str_equal (kind, ANX_KIND_ALERT) ? id : anx_json_get_string (routing, "alert", NULL);
  const char *booking = anx_json_get_string (routing, "booking", NULL);
  *facts = (AnxRetentionFacts){ .kind = kind, .received_usec = received_usec };
  return query_closed (database, task != NULL ? CLOSED_REFERRAL : CLOSED_INTAKE, task != NULL ? task : id, facts, error) &&
         ((alert == NULL && booking == NULL) || query_alerts (database, alert, booking, facts, error));
}

typedef struct
{
  gint64 seq;
  gint64 received_usec;
  AnxErasedRecord *named;
  AnxRecordHeader *header; /* (nullable) erased already, or not to be read */
} Held;

static void
held_clear (Held *self)
{
  g_clear_pointer (&self->named, anx_erased_record_free);
  g_clear_pointer (&self->header, anx_record_header_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Held, held_clear)

#define COLUMNS "SELECT seq, received, id, kind, author, place, digest, envelope FROM record "

static void
held_read (Held *self,
           AnxRows *rows,
           AnxCertificate *authority)
{
  g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 7);
  self->seq = anx_rows_get_int (rows, 0);
  self->received_usec = anx_rows_get_int (rows, 1);
  self->named = anx_erased_record_new (anx_rows_get_string (rows, 2), anx_rows_get_string (rows, 3), anx_rows_get_string (rows, 4),
                                       anx_rows_get_int (rows, 5), anx_rows_get_string (rows, 6));
  if (g_bytes_get_size (envelope) > 0)
    anx_envelope_verify (envelope, authority, &self->header, NULL, NULL, NULL);
}

/* FALSE with @error; @self->named stays %NULL when there is no such record. */
static gboolean
held_find (Held *self,
           AnxDatabase *database,
           AnxCertificate *authority,
           const char *id,
           GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, error, COLUMNS "WHERE id = ?", "s", id);
  if (rows == NULL)
    return FALSE;
  if (anx_rows_next (rows, &inner))
    held_read (self, rows, authority);
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* A hub that was put back to a time before has forgotten that a call for help was answered and a referral closed, and when a record first came
 * that its author has sent again. Nothing else of what held an order can have changed but time, which only lets go. */
static void
allow_for_forgotten (AnxRetentionFacts *facts,
                     AnxRecordHeader *header)
{
  facts->crisis_open = FALSE;
  if (facts->closed_usec == 0)
    facts->of_referral = FALSE;
  facts->received_usec = MIN (facts->received_usec, anx_record_header_get_created_usec (header));
}

static gboolean
judge (AnxHub *hub,
       AnxDatabase *database,
       const Held *held,
       const char *reason,
       gboolean carried,
       gint64 now_usec,
       AnxRetentionVerdict *out_verdict,
       gint64 *out_until_usec,
       GError **error)
{
  AnxRetentionFacts facts;
  if (!find_facts (database, held->named->id, held->named->kind, held->received_usec, anx_record_header_get_routing (held->header), &facts, error))
    return FALSE;
  if (carried)
    allow_for_forgotten (&facts, held->header);
  *out_verdict = anx_retention_judge (hub->retention, &facts, reason, now_usec, out_until_usec);
  return TRUE;
}

static gboolean
is_same (const AnxErasedRecord *a,
         const AnxErasedRecord *b)
{
  return a->place == b->place && g_str_equal (a->digest, b->digest) && g_str_equal (a->author, b->author) && g_str_equal (a->kind, b->kind);
}

/* Everybody who can still fetch must be told, or a copy stays where nobody looks for it. */
static gboolean
tells_all (AnxRequest *request,
           AnxDatabase *database,
           AnxRecordHeader *order,
           gint64 seq,
           gboolean *out_all,
           GError **error)
{
  const char *const *told = anx_record_header_get_recipients (order);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT reader FROM delivery WHERE seq = ?", "i", seq);
  *out_all = TRUE;
  while (*out_all && rows != NULL && anx_rows_next (rows, &inner))
    {
      const char *reader = anx_rows_get_string (rows, 0);
      const AnxPrincipal *principal = anx_directory_get_principal (request->directory, reader);
      *out_all = principal == NULL || !principal->active || g_str_equal (reader, anx_record_header_get_author (order)) ||
                 g_strv_contains (told, reader);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* NULL: it may be erased, or is already, or is not here; FALSE with @error. */
static gboolean
check_named (AnxRequest *request,
             AnxDatabase *database,
             AnxRecordHeader *order,
             const char *reason,
             const AnxErasedRecord *named,
             const char **out_slug,
             GError **error)
{
  g_auto (Held) held = { 0 };
  AnxRetentionVerdict verdict;
  gint64 until;
  gboolean all = TRUE;
  gboolean carried = !g_str_equal (anx_record_header_get_author (order), request->caller->id);
  if (!held_find (&held, database, request->hub->config->authority, named->id, error))
    return FALSE;
  if (held.named != NULL && !is_same (held.named, named))
    *out_slug = "record-differs";
  if (*out_slug != NULL || held.header == NULL)
    return TRUE;
  /* Whom a carried order tells was seen to when a hub took it; the directory may be another one since. */
  if (!judge (request->hub, database, &held, reason, carried, request->now_usec, &verdict, &until, error) ||
      (!carried && !tells_all (request, database, order, held.seq, &all, error)))
    return FALSE;
  if (verdict != ANX_RETENTION_ERASE)
    *out_slug = "erasure-held";
  else if (!all)
    *out_slug = "erasure-untold";
  return TRUE;
}

/* One that is not here leaves its place all the same (R4), unless another record has it. */
static gboolean
erase_named (AnxDatabase *database,
             const char *order,
             const AnxErasedRecord *named,
             gint64 now_usec,
             GError **error)
{
  return anx_database_run (database, error, "INSERT INTO erased VALUES (?, ?, ?) ON CONFLICT (record) DO NOTHING", "sss", named->id, named->digest,
                           order) &&
         anx_database_run (database, error, "DELETE FROM delivery WHERE seq = (SELECT seq FROM record WHERE id = ?)", "s", named->id) &&
         anx_database_run (database, error, "DELETE FROM behind_glass WHERE seq = (SELECT seq FROM record WHERE id = ?)", "s", named->id) &&
         anx_database_run (database, error, "UPDATE record SET envelope = zeroblob (0) WHERE id = ?", "s", named->id) &&
         anx_database_run (database, error,
                           "INSERT OR IGNORE INTO record (id, kind, author, place, previous, digest, received, envelope)"
                           " VALUES (?, ?, ?, ?, NULL, ?, ?, zeroblob (0))", "sssisi", named->id, named->kind, named->author, named->place,
                           named->digest, now_usec);
}

/**
 * anx_hub_apply_erasure:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @header: of the record; other kinds are left alone
 * @error: return location, of the database only
 *
 * Obeys an order to erase. Who carries an order that another wrote brings back what a restored hub has forgotten; it is held by all that such a
 * hub still knows.
 *
 * Returns: (nullable): the problem for which the order must be refused; then nothing is erased
 */
const char *
anx_hub_apply_erasure (AnxRequest *request,
                       AnxDatabase *database,
                       AnxRecordHeader *header,
                       GError **error)
{
  if (!g_str_equal (anx_record_header_get_kind (header), ANX_KIND_ERASURE))
    return NULL;
  const char *reason = NULL, *slug = NULL;
  g_autoptr (GPtrArray) records = anx_erasure_read_routing (anx_record_header_get_routing (header), &reason, NULL);
  if (records == NULL || anx_retention_get_law (request->hub->retention, reason) == NULL)
    return "record-invalid";
  for (guint i = 0; i < records->len && slug == NULL; i++)
    if (!check_named (request, database, header, reason, records->pdata[i], &slug, error))
      return NULL;
  for (guint i = 0; i < records->len && slug == NULL; i++)
    if (!erase_named (database, anx_record_header_get_id (header), records->pdata[i], request->now_usec, error))
      return NULL;
  if (slug == NULL)
    anx_writer_empty_log (request->hub->writer);
  return slug;
}

/* What the administrator must know to write the order, and what to tell whoever asked. */
static gboolean
add_answer (AnxRequest *request,
            JsonArray *list,
            const Held *held,
            AnxRetentionVerdict verdict,
            gint64 until_usec,
            GError **error)
{
  JsonObject *object = json_object_new ();
  JsonArray *readers = json_array_new ();
  g_autoptr (GError) inner = NULL;
  json_array_add_object_element (list, object);
  json_object_set_string_member (object, "id", held->named->id);
  json_object_set_string_member (object, "verdict", anx_retention_verdict_to_string (verdict));
  json_object_set_string_member (object, "kind", held->named->kind);
  json_object_set_string_member (object, "author", held->named->author);
  json_object_set_int_member (object, "place", held->named->place);
  json_object_set_string_member (object, "digest", held->named->digest);
  json_object_set_int_member (object, "received", held->received_usec);
  json_object_set_array_member (object, "readers", readers);
  if (until_usec > 0)
    json_object_set_int_member (object, "until", until_usec);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner, "SELECT reader FROM delivery WHERE seq = ? ORDER BY reader", "i", held->seq);
  while (rows != NULL && anx_rows_next (rows, &inner))
    json_array_add_string_element (readers, anx_rows_get_string (rows, 0));
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static void
add_state (JsonArray *list,
           const char *id,
           const char *verdict)
{
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "verdict", verdict);
  json_array_add_object_element (list, object);
}

static gboolean
answer_one (AnxRequest *request,
            JsonArray *list,
            const Held *held,
            const char *reason,
            gboolean only_due,
            GError **error)
{
  AnxRetentionVerdict verdict;
  gint64 until;
  if (!judge (request->hub, request->hub->reader, held, reason, FALSE, request->now_usec, &verdict, &until, error))
    return FALSE;
  return (only_due && verdict != ANX_RETENTION_ERASE) || add_answer (request, list, held, verdict, until, error);
}

static void
answer_asked (AnxRequest *request,
              JsonArray *list,
              JsonArray *asked,
              const char *reason,
              GError **error)
{
  g_autoptr (GError) inner = NULL;
  for (guint i = 0; i < json_array_get_length (asked) && inner == NULL; i++)
    {
      g_auto (Held) held = { 0 };
      const char *id = json_array_get_string_element (asked, i);
      if (!held_find (&held, request->hub->reader, request->hub->config->authority, id, &inner))
        break;
      if (held.named == NULL)
        add_state (list, id, "unknown");
      else if (held.header == NULL)
        add_state (list, id, "erased");
      else
        answer_one (request, list, &held, reason, FALSE, &inner);
    }
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
}

static void
answer_due (AnxRequest *request,
            JsonArray *list,
            const char *kind,
            const char *reason,
            gboolean *out_more,
            GError **error)
{
  gint64 oldest_usec = anx_retention_get_oldest_usec (request->hub->retention, kind, request->now_usec);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &inner,
                                                 COLUMNS "WHERE kind = ? AND received <= ? AND length (envelope) > 0 ORDER BY received LIMIT ?",
                                                 "sii", kind, oldest_usec, (gint64) MOST_LOOKED_AT);
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      g_auto (Held) held = { 0 };
      if (json_array_get_length (list) == MOST_ASKED)
        {
          *out_more = TRUE;
          break;
        }
      held_read (&held, rows, request->hub->config->authority);
      if (held.header != NULL && !answer_one (request, list, &held, reason, TRUE, &inner))
        break;
    }
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
}

/* NULL with the request refused. */
static JsonArray *
need_asked (AnxRequest *request,
            JsonObject *body)
{
  JsonArray *asked = anx_json_need_array (body, "records", MOST_ASKED, NULL);
  for (guint i = 0; asked != NULL && i < json_array_get_length (asked); i++)
    {
      JsonNode *node = json_array_get_element (asked, i);
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING || !anx_uuid_is_valid (json_node_get_string (node)))
        asked = NULL;
    }
  if (asked == NULL)
    anx_request_refuse (request, "malformed");
  return asked;
}

/**
 * anx_handle_erasure_check:
 * @request: a request
 *
 * POST /erasures/check: whether the named records may be erased and, if not, what holds them; without names, what is over its period. Changes
 * nothing.
 */
void
anx_handle_erasure_check (AnxRequest *request)
{
  if (!anx_request_caller_is (request, "administrator", NULL) && !anx_request_caller_is (request, "supervisor", NULL))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) body = anx_request_parse_body (request);
  if (body == NULL)
    return;
  gboolean due = !json_object_has_member (body, "records"), more = FALSE;
  const char *reason = due ? "period-over" : anx_json_get_string (body, "reason", "");
  JsonArray *asked = due ? NULL : need_asked (request, body);
  if (!due && asked == NULL)
    return;
  if (anx_retention_get_law (request->hub->retention, reason) == NULL)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "records", list);
  if (asked != NULL)
    answer_asked (request, list, asked, reason, &error);
  const char *const *kinds = anx_retention_list_kinds (request->hub->retention);
  for (gsize i = 0; due && !more && error == NULL && kinds[i] != NULL; i++)
    answer_due (request, list, kinds[i], reason, &more, &error);
  json_object_set_boolean_member (answer, "more", more);
  json_object_set_string_member (answer, "law", anx_retention_get_law (request->hub->retention, reason));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
