/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-records.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "journal.h"
#include "json.h"
#include "referral.h"

#define SELECT_REFERRAL \
  "SELECT task, author, centre, addressee, urgency, status, business_status, requested, changed, booking, accepted, closed, forward, part_of," \
  " legal, hidden FROM referral "
#define MOST_REFERRALS 5000
#define STATUS_CHARS 32

static void
look_at_referral (AnxRequest *request,
                  const char *author,
                  const char *addressee,
                  const char *centre)
{
  anx_request_look (request, "referrals", author);
  anx_request_look (request, "referrals", addressee);
  anx_request_look (request, "referrals", "supervisors");
  anx_request_look_centre (request, "referrals", centre);
}

static gboolean
is_word (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= STATUS_CHARS && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen (text);
}

/* What a record makes of a referral. */
typedef struct
{
  const char *record;
  const char *task;
  const char *author;
  const char *predecessor; /* (nullable) */
  const char *status;
  const char *business;
  const char *forward;     /* (nullable) */
  gint64 created_usec;
} Step;

static gboolean
keep_step (AnxDatabase *database,
           const Step *step,
           gboolean waiting,
           GError **error)
{
  return anx_database_run (database, error,
                           "INSERT INTO referral_step (record, task, author, predecessor, status, business_status, forward, created, waiting)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "sssssssii",
                           step->record, step->task, step->author, step->predecessor, step->status, step->business, step->forward, step->created_usec,
                           (gint64) waiting);
}

static gboolean
is_member (const AnxPrincipal *group,
           const char *who)
{
  return group != NULL && group->members != NULL && g_strv_contains (group->members, who);
}

/* A department without a single desk is answered for by the author, who writes down what came back as a file. */
static gboolean
has_no_desk (AnxDirectory *directory,
             const AnxPrincipal *group)
{
  for (guint i = 0; group != NULL && group->members != NULL && group->members[i] != NULL; i++)
    {
      const AnxPrincipal *member = anx_directory_get_principal (directory, group->members[i]);
      if (member != NULL && member->active && member->sign_certificate != NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean settle_waiting (AnxRequest *request, AnxDatabase *database, const char *task, GError **error);

static const char *
apply_new (AnxRequest *request,
           AnxDatabase *database,
           AnxRecordHeader *header,
           gint64 created_usec,
           GError **error)
{
  JsonObject *routing = anx_record_header_get_routing (header);
  const char *task = anx_json_get_string (routing, "task", NULL);
  const char *centre = anx_json_get_string (routing, "centre", NULL);
  const char *to = anx_json_get_string (routing, "to", NULL);
  const char *urgency = anx_json_get_string (routing, "urgency", NULL);
  const char *business = anx_json_get_string (routing, "businessStatus", NULL);
  const char *booking = anx_json_get_string (routing, "booking", NULL);
  const char *part_of = anx_json_get_string (routing, "partOf", NULL);
  AnxUrgency unused;
  if (!anx_uuid_is_valid (task) || (centre != NULL && anx_directory_get_centre (request->directory, centre) == NULL) || to == NULL ||
      urgency == NULL || !anx_urgency_from_string (urgency, &unused) || !is_word (business) ||
      g_strcmp0 (anx_json_get_string (routing, "status", NULL), "requested") != 0 || (booking != NULL && !anx_uuid_is_valid (booking)) ||
      (part_of != NULL && !anx_uuid_is_valid (part_of)) || !anx_referral_state_is_known ("requested", business))
    return "record-invalid";
  const AnxPrincipal *addressee = anx_directory_get_principal (request->directory, to);
  if (addressee == NULL || addressee->kind != ANX_PRINCIPAL_GROUP || !addressee->active || addressee->roles == NULL ||
      !g_strv_contains (addressee->roles, "department"))
    return "record-not-allowed";
  /* Who answers for a department takes in what came to it as a file. It may belong to no centre here. */
  if (!anx_request_caller_is (request, "counsellor", NULL) && !is_member (addressee, request->caller->id))
    return "record-not-allowed";
  if (centre == NULL && !is_member (addressee, request->caller->id))
    return "record-invalid";
  g_autoptr (GError) inner = NULL;
  gboolean there = anx_database_query_int (database, 0, &inner, "SELECT 1 FROM referral WHERE task = ?", "s", task) == 1;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  if (there)
    return "referral-not-allowed";
  if (!anx_database_run (database, error, "INSERT INTO referral (task, author, centre, addressee, urgency, status, business_status, requested, changed, booking, part_of, legal, hidden)"
                         " VALUES (?, ?, ?, ?, ?, 'requested', ?, ?, ?, ?, ?, ?, ?)",
                         "ssssssiissii", task, request->caller->id, centre != NULL ? centre : "", to, urgency, business, created_usec, created_usec, booking, part_of,
                         (gint64) anx_json_get_boolean (routing, "legal", FALSE), (gint64) !anx_json_get_boolean (routing, "kiosk", TRUE)))
    return NULL;
  Step step = { .record = anx_record_header_get_id (header), .task = task, .author = request->caller->id,
                .predecessor = anx_record_header_get_predecessor (header), .status = "requested", .business = business, .created_usec = created_usec };
  if (!keep_step (database, &step, FALSE, error) || !settle_waiting (request, database, task, error))
    return NULL;
  look_at_referral (request, request->caller->id, to, centre != NULL ? centre : "");
  return NULL;
}

/* After @record there is already a step of @author's in this referral: whoever wrote it knew of @record, and of more. */
#define HAS_GONE_ON \
  "WITH RECURSIVE later (record, author) AS (SELECT record, author FROM referral_step WHERE task = ?1 AND predecessor = ?2 AND NOT waiting" \
  " UNION SELECT step.record, step.author FROM referral_step AS step JOIN later ON step.task = ?1 AND step.predecessor = later.record AND NOT step.waiting)" \
  " SELECT 1 FROM later WHERE author = ?3 LIMIT 1"
/* Two who did not know of each other have followed the same record. */
#define IS_CONTRADICTED "SELECT 1 FROM referral_step WHERE task = ? AND predecessor IS NOT NULL AND NOT waiting GROUP BY predecessor HAVING count(DISTINCT author) > 1 LIMIT 1"

/*
 * Whether the step's author may make of the referral what it says, seen from what the record before it had made of it. Two who did not know of each
 * other may follow the same record; their desks show both. Who then chooses one of them says the same again, after it. Nobody goes back behind what
 * they knew.
 */
static gboolean
may_step (AnxDatabase *database,
          const Step *step,
          const char *current,
          const char *current_business,
          gboolean member,
          gboolean own,
          GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner, "SELECT status, business_status FROM referral_step WHERE record = ? AND task = ? AND NOT waiting",
                                                 "ss", step->predecessor, step->task);
  /* What came before the steps were kept has none. */
  gboolean known = rows != NULL && anx_rows_next (rows, &inner);
  gboolean gone_on = known && anx_database_query_int (database, 0, &inner, HAS_GONE_ON, "sss", step->task, step->predecessor, step->author) == 1;
  gboolean contradicted = known && inner == NULL && anx_database_query_int (database, 0, &inner, IS_CONTRADICTED, "s", step->task) == 1;
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  const char *from = known ? anx_rows_get_string (rows, 0) : current;
  const char *from_business = known ? anx_rows_get_string (rows, 1) : current_business;
  if (gone_on)
    return FALSE;
  if ((member && anx_referral_may_follow (from, from_business, step->status, step->business, ANX_REFERRAL_BY_DEPARTMENT)) ||
      (own && anx_referral_may_follow (from, from_business, step->status, step->business, ANX_REFERRAL_BY_AUTHOR)))
    return TRUE;
  return contradicted && g_str_equal (from, step->status) && g_str_equal (from_business, step->business);
}

/* The slug of a refusal; NULL when the referral is what the step says, or with @error set. */
static const char *
take_step (AnxRequest *request,
           AnxDatabase *database,
           const Step *step,
           GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, SELECT_REFERRAL "WHERE task = ?", "s", step->task);
  if (rows == NULL || !anx_rows_next (rows, error))
    return "record-not-allowed";
  g_autofree char *author = g_strdup (anx_rows_get_string (rows, 1));
  g_autofree char *centre = g_strdup (anx_rows_get_string (rows, 2));
  g_autofree char *addressee = g_strdup (anx_rows_get_string (rows, 3));
  g_autofree char *from = g_strdup (anx_rows_get_string (rows, 5));
  g_autofree char *from_business = g_strdup (anx_rows_get_string (rows, 6));
  g_clear_pointer (&rows, anx_rows_free);

  const AnxPrincipal *group = anx_directory_get_principal (request->directory, addressee);
  gboolean own = g_strcmp0 (author, step->author) == 0;
  gboolean member = is_member (group, step->author) || (own && has_no_desk (request->directory, group));
  g_autoptr (GError) inner = NULL;
  if (!member && !own)
    return "record-not-allowed";
  if (!may_step (database, step, from, from_business, member, own, &inner))
    {
      if (inner == NULL)
        return "referral-not-allowed";
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  /* The first acceptance and the end are kept for the district's figures; nothing later moves them, unless it is chosen that there was no end. */
  if (!anx_database_run (database, error,
                         "UPDATE referral SET status = ?1, business_status = ?2, changed = max(changed, ?3), forward = coalesce(?4, forward),"
                         " accepted = CASE WHEN accepted IS NULL AND ?1 = 'accepted' THEN ?3 ELSE accepted END,"
                         " closed = CASE WHEN ?6 THEN coalesce(closed, ?3) END WHERE task = ?5",
                         "ssissi", step->status, step->business, step->created_usec, step->forward, step->task, (gint64) anx_referral_is_final (step->status)) ||
      !keep_step (database, step, FALSE, error))
    return NULL;
  look_at_referral (request, author, addressee, centre);
  return NULL;
}

#define HAS_REFERRAL "SELECT EXISTS (SELECT 1 FROM referral WHERE task = ?)"
#define IS_MISSING "SELECT ?1 IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM record WHERE id = ?1) OR EXISTS (SELECT 1 FROM referral_step WHERE record = ?1 AND waiting))"
#define NEXT_WAITING \
  "SELECT record, author, predecessor, status, business_status, forward, created FROM referral_step AS step WHERE task = ? AND waiting" \
  " AND (predecessor IS NULL OR EXISTS (SELECT 1 FROM referral_step AS earlier WHERE earlier.record = step.predecessor AND NOT earlier.waiting)" \
  " OR (EXISTS (SELECT 1 FROM record WHERE id = step.predecessor) AND NOT EXISTS (SELECT 1 FROM referral_step AS earlier WHERE earlier.record = step.predecessor)))" \
  " ORDER BY created, record LIMIT 1"

/* Those whose turn has come, one after the other. What may not be is kept as a record and changes nothing here, as if it had been refused. */
static gboolean
settle_waiting (AnxRequest *request,
                AnxDatabase *database,
                const char *task,
                GError **error)
{
  for (;;)
    {
      g_autoptr (GError) inner = NULL;
      g_autoptr (AnxRows) rows = anx_database_query (database, &inner, NEXT_WAITING, "s", task);
      if (rows == NULL || !anx_rows_next (rows, &inner))
        {
          if (inner == NULL)
            return TRUE;
          g_propagate_error (error, g_steal_pointer (&inner));
          return FALSE;
        }
      g_autofree char *record = g_strdup (anx_rows_get_string (rows, 0));
      g_autofree char *author = g_strdup (anx_rows_get_string (rows, 1));
      g_autofree char *predecessor = g_strdup (anx_rows_get_string (rows, 2));
      g_autofree char *status = g_strdup (anx_rows_get_string (rows, 3));
      g_autofree char *business = g_strdup (anx_rows_get_string (rows, 4));
      g_autofree char *forward = g_strdup (anx_rows_get_string (rows, 5));
      Step step = { record, task, author, predecessor, status, business, forward, anx_rows_get_int (rows, 6) };
      g_clear_pointer (&rows, anx_rows_free);
      if (!anx_database_run (database, error, "DELETE FROM referral_step WHERE record = ?", "s", record))
        return FALSE;
      const char *slug = take_step (request, database, &step, &inner);
      if (inner != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return FALSE;
        }
      if (slug != NULL)
        anx_journal ("anxin-hub", "referral-step-void", "reason", slug, NULL);
    }
}

static const char *
apply_event (AnxRequest *request,
             AnxDatabase *database,
             AnxRecordHeader *header,
             gint64 created_usec,
             GError **error)
{
  JsonObject *routing = anx_record_header_get_routing (header);
  Step step = { .record = anx_record_header_get_id (header),
                .task = anx_json_get_string (routing, "task", NULL),
                .author = request->caller->id,
                .predecessor = anx_record_header_get_predecessor (header),
                .status = anx_json_get_string (routing, "status", NULL),
                .business = anx_json_get_string (routing, "businessStatus", NULL),
                .forward = anx_json_get_string (routing, "forward", NULL),
                .created_usec = created_usec };
  if (!anx_uuid_is_valid (step.task) || !is_word (step.status) || !is_word (step.business) ||
      (step.forward != NULL && !anx_principal_id_is_valid (step.forward)))
    return "record-invalid";
  g_autoptr (GError) inner = NULL;
  const char *slug = NULL;
  /* An old backup may have been restored here: then what a step follows comes again from its author, perhaps later. Until then it waits. */
  gboolean waits = anx_database_query_int (database, 0, &inner, HAS_REFERRAL, "s", step.task) == 0 && inner == NULL;
  if (waits && !anx_referral_state_is_known (step.status, step.business))
    return "record-invalid";
  if (waits && !anx_request_caller_is (request, "counsellor", NULL) && !anx_request_caller_is (request, "department", NULL))
    return "record-not-allowed";
  if (!waits && inner == NULL)
    slug = take_step (request, database, &step, &inner);
  if (g_strcmp0 (slug, "referral-not-allowed") == 0)
    waits = anx_database_query_int (database, 0, &inner, IS_MISSING, "s", step.predecessor) == 1 && inner == NULL;
  if (waits)
    {
      slug = NULL;
      keep_step (database, &step, TRUE, &inner);
    }
  else if (slug == NULL && inner == NULL)
    settle_waiting (request, database, step.task, &inner);
  if (inner == NULL)
    return slug;
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_hub_apply_referral:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @header: of the record; others than referrals and their events are left alone
 * @created_usec: when it was written, not after now
 * @error: return location, of the database only
 *
 * Keeps the table of referrals in step with the records.
 *
 * Returns: (nullable): the problem for which the record must be refused
 */
const char *
anx_hub_apply_referral (AnxRequest *request,
                        AnxDatabase *database,
                        AnxRecordHeader *header,
                        gint64 created_usec,
                        GError **error)
{
  const char *kind = anx_record_header_get_kind (header);
  JsonObject *routing = anx_record_header_get_routing (header);
  if (g_str_equal (kind, ANX_KIND_REFERRAL))
    return apply_new (request, database, header, created_usec, error);
  /* Its own kind, the same loop; but never slower than the law, and never without saying that it rests on one. */
  if (g_str_equal (kind, ANX_KIND_MANDATORY_REPORT))
    return g_strcmp0 (anx_json_get_string (routing, "urgency", NULL), "immediate") == 0 && anx_json_get_boolean (routing, "legal", FALSE)
             ? apply_new (request, database, header, created_usec, error) : "record-invalid";
  if (g_str_equal (kind, ANX_KIND_REFERRAL_EVENT))
    return apply_event (request, database, header, created_usec, error);
  return NULL;
}

static JsonObject *
referral_to_json (AnxRequest *request,
                  AnxRows *rows)
{
  static const char *const NAMES[] = { "task", "from", "centre", "to", "urgency", "status", "businessStatus" };
  JsonObject *object = json_object_new ();
  AnxUrgency urgency = ANX_URGENCY_IMMEDIATE;
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    json_object_set_string_member (object, NAMES[i], anx_rows_get_string (rows, (int) i));
  anx_urgency_from_string (anx_rows_get_string (rows, 4), &urgency);
  gint64 due = anx_referral_due_usec (request->hub->limits, urgency, anx_rows_get_string (rows, 5), anx_rows_get_string (rows, 6),
                                      anx_rows_get_int (rows, 7), request->hub->calendar);
  json_object_set_int_member (object, "requested", anx_rows_get_int (rows, 7));
  json_object_set_int_member (object, "changed", anx_rows_get_int (rows, 8));
  json_object_set_int_member (object, "due", due);
  json_object_set_string_member (object, "light",
                                 anx_level_to_string (anx_referral_light (request->hub->limits, urgency, due, request->now_usec)));
  if (!anx_rows_is_null (rows, 10))
    json_object_set_int_member (object, "accepted", anx_rows_get_int (rows, 10));
  if (!anx_rows_is_null (rows, 11))
    json_object_set_int_member (object, "closed", anx_rows_get_int (rows, 11));
  if (!anx_rows_is_null (rows, 12))
    json_object_set_string_member (object, "forward", anx_rows_get_string (rows, 12));
  if (!anx_rows_is_null (rows, 13))
    json_object_set_string_member (object, "partOf", anx_rows_get_string (rows, 13));
  if (anx_rows_get_int (rows, 14) != 0)
    json_object_set_boolean_member (object, "legal", TRUE);
  if (!anx_rows_is_null (rows, 9))
    json_object_set_string_member (object, "booking", anx_rows_get_string (rows, 9));
  return object;
}

/**
 * anx_hub_list_referrals_of_code:
 * @request: a request, on the loop
 * @database: a connection
 * @code_hash: digest of a code key
 * @error: return location, of the database only
 *
 * One made in any session of a series is found by the code they share. Those the resident did not want to read about at the kiosk are
 * left out.
 *
 * Returns: (transfer full) (nullable): the referrals of its bookings in the form of README.md
 */
JsonArray *
anx_hub_list_referrals_of_code (AnxRequest *request,
                                AnxDatabase *database,
                                const char *code_hash,
                                GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonArray) list = json_array_new ();
  g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
      SELECT_REFERRAL "WHERE booking IN (SELECT id FROM booking WHERE code_hash = ?) AND hidden = 0 ORDER BY requested", "s", code_hash);
  while (rows != NULL && anx_rows_next (rows, &inner))
    json_array_add_object_element (list, referral_to_json (request, rows));
  if (inner == NULL)
    return g_steal_pointer (&list);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

static gboolean
may_see (AnxRequest *request,
         gboolean supervisor,
         AnxRows *rows)
{
  const AnxPrincipal *group = anx_directory_get_principal (request->directory, anx_rows_get_string (rows, 3));
  return supervisor || g_strcmp0 (anx_rows_get_string (rows, 1), request->caller->id) == 0 ||
         (group != NULL && group->members != NULL && g_strv_contains (group->members, request->caller->id)) ||
         anx_request_caller_is (request, "staff", anx_rows_get_string (rows, 2));
}

/**
 * anx_handle_referrals:
 * @request: a request
 *
 * GET /referrals, the latest change first.
 */
void
anx_handle_referrals (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  if (request->caller->kind != ANX_PRINCIPAL_PERSON)
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  gboolean supervisor = anx_request_caller_is (request, "supervisor", NULL);
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *list = json_array_new ();
  json_object_set_array_member (answer, "referrals", list);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error, SELECT_REFERRAL "ORDER BY changed DESC", "");
  while (rows != NULL && json_array_get_length (list) < MOST_REFERRALS && anx_rows_next (rows, &error))
    if (may_see (request, supervisor, rows))
      json_array_add_object_element (list, referral_to_json (request, rows));
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
