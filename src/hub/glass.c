/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bounds.h"
#include "break-glass.h"
#include "clock.h"
#include "glass-group.h"
#include "handlers.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/*
 * Records that a centre's break-glass group can open are in nobody's inbox for it (behind_glass). A door, opened by a record that the author and the
 * supervision are sent in the same transaction, gives one reader the records of one session for a time. README.md, "Break-glass".
 */

#define MOST_SESSIONS 500
#define MOST_DAYS 400
/* Recipients of a record, less its author. */
#define MOST_TOLD 31

static gboolean
is_told (GPtrArray *told,
         const char *id)
{
  return g_ptr_array_find_with_equal_func (told, id, g_str_equal, NULL);
}

static void
add_told (GPtrArray *told,
          const AnxPrincipal *person,
          const char *reader)
{
  if (person != NULL && person->kind == ANX_PRINCIPAL_PERSON && person->active && person->seal_certificate != NULL &&
      !g_str_equal (person->id, reader) && told->len < MOST_TOLD && !is_told (told, person->id))
    g_ptr_array_add (told, (gpointer) person->id);
}

typedef struct
{
  guint records;   /* of others, behind glass for a group of the reader's */
  GPtrArray *told; /* (element-type utf8) who has to learn of it; owned by the directory */
  gboolean supervised; /* somebody besides the authors */
} Story;

static void
story_clear (Story *story)
{
  g_clear_pointer (&story->told, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Story, story_clear)

/* The authors of what is opened and the counsellor of the session first, then the supervision of the centre. */
static gboolean
look_up (AnxRequest *request,
         AnxDatabase *database,
         const char *booking,
         Story *story,
         GError **error)
{
  const char *reader = request->caller->id;
  g_autoptr (GError) inner = NULL;
  g_auto (GStrv) groups = anx_glass_list_groups_of (request->directory, reader);
  g_autoptr (GPtrArray) supervision = g_ptr_array_new ();
  story->told = g_ptr_array_new ();
  for (gsize i = 0; groups[i] != NULL && inner == NULL; i++)
    {
      guint before = story->records;
      g_autoptr (AnxRows) rows = anx_database_query (database, &inner,
          "SELECT record.author FROM behind_glass JOIN record USING (seq) WHERE behind_glass.reader = ? AND behind_glass.booking = ?"
          " AND record.author <> ? AND length (record.envelope) > 0 ORDER BY seq", "sss", groups[i], booking, reader);
      for (; rows != NULL && anx_rows_next (rows, &inner); story->records++)
        add_told (story->told, anx_directory_get_principal (request->directory, anx_rows_get_string (rows, 0)), reader);
      if (story->records > before)
        {
          const AnxPrincipal *group = anx_directory_get_principal (request->directory, groups[i]);
          g_autoptr (GPtrArray) more = anx_glass_list_supervision (request->directory, group->centre, reader);
          g_ptr_array_extend (supervision, more, NULL, NULL);
        }
    }
  g_autoptr (AnxRows) rows = inner == NULL && story->records > 0
                                 ? anx_database_query (database, &inner, "SELECT counsellor FROM booking WHERE id = ?", "s", booking)
                                 : NULL;
  if (rows != NULL && anx_rows_next (rows, &inner))
    add_told (story->told, anx_directory_get_principal (request->directory, anx_rows_get_string (rows, 0)), reader);
  for (guint i = 0; i < supervision->len; i++)
    add_told (story->told, g_ptr_array_index (supervision, i), reader);
  story->supervised = supervision->len > 0;
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/* When the caller's door to @booking closes; 0 when none is open. */
static gint64
find_door (AnxRequest *request,
           const char *booking,
           GError **error)
{
  return anx_database_query_int (request->hub->reader, 0, error,
                                 "SELECT coalesce (max (until), 0) FROM door WHERE reader = ? AND booking = ? AND until > ?", "ssi",
                                 request->caller->id, booking, request->now_usec);
}

/**
 * anx_hub_apply_glass:
 * @request: the request that brought the record
 * @database: the writing connection, in a transaction
 * @header: of the record; other kinds are left alone
 * @error: return location, of the database only
 *
 * Opens the door that a break-glass record asks for, in the transaction that delivers the record to the author and the supervision: the one is not to be
 * had without the other. It stays open no longer than the rules allow, whatever the record says. A record that comes after its own time opens nothing
 * and is delivered all the same.
 *
 * Returns: (nullable): the problem for which the record must be refused
 */
const char *
anx_hub_apply_glass (AnxRequest *request,
                     AnxDatabase *database,
                     AnxRecordHeader *header,
                     GError **error)
{
  if (!g_str_equal (anx_record_header_get_kind (header), ANX_KIND_BREAK_GLASS))
    return NULL;
  JsonObject *routing = anx_record_header_get_routing (header);
  const char *booking = anx_json_get_string (routing, "booking", NULL);
  gint64 until = anx_json_get_int (routing, "until", 0);
  const char *const *recipients = anx_record_header_get_recipients (header);
  g_auto (Story) story = { 0 };
  if (!anx_uuid_is_valid (booking) || until <= 0)
    return "record-invalid";
  if (!look_up (request, database, booking, &story, error))
    return NULL;
  if (story.records == 0)
    return "record-not-allowed";
  if (!story.supervised)
    return "glass-unseen";
  for (guint i = 0; i < story.told->len; i++)
    if (!g_strv_contains (recipients, g_ptr_array_index (story.told, i)))
      return "glass-unseen";
  for (gsize i = 0; recipients[i] != NULL; i++)
    if (!is_told (story.told, recipients[i]) && !g_str_equal (recipients[i], request->caller->id))
      return "record-not-allowed";

  gint64 latest = request->now_usec + (gint64) request->hub->glass->minutes * ANX_USEC_PER_MINUTE;
  if (until > request->now_usec)
    anx_database_run (database, error, "INSERT INTO door VALUES (?, ?, ?, ?, ?)", "sssii", anx_record_header_get_id (header), request->caller->id,
                      booking, request->now_usec, MIN (until, latest));
  return NULL;
}

static void
add_session (AnxRequest *request,
             JsonArray *sessions,
             AnxRows *rows,
             GError **error)
{
  const char *booking = anx_rows_get_string (rows, 0);
  JsonObject *session = json_object_new ();
  gint64 until = find_door (request, booking, error);
  json_object_set_string_member (session, "booking", booking);
  json_object_set_int_member (session, "start", anx_rows_get_int (rows, 1));
  json_object_set_string_member (session, "room", anx_rows_get_string (rows, 2));
  json_object_set_string_member (session, "counsellor", anx_rows_get_string (rows, 3));
  json_object_set_int_member (session, "records", anx_rows_get_int (rows, 4));
  if (until > 0)
    json_object_set_int_member (session, "until", until);
  json_array_add_object_element (sessions, session);
}

/**
 * anx_handle_glass_list:
 * @request: a request
 *
 * GET /glass: sessions of a centre about which a colleague wrote something that the caller's group can open, by time, room and counsellor. No name: who
 * looks for a session knows from the resident or the staff when it was.
 */
void
anx_handle_glass_list (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *centre = anx_request_get_query (request, "centre");
  const AnxPrincipal *group = centre != NULL ? anx_glass_find_group (request->directory, centre) : NULL;
  gint64 from = 0, to = 0;
  if (centre == NULL || !anx_request_get_query_int (request, "from", request->now_usec - 30 * ANX_USEC_PER_DAY, &from) ||
      !anx_request_get_query_int (request, "to", request->now_usec + ANX_USEC_PER_DAY, &to) || to <= from || to - from > MOST_DAYS * ANX_USEC_PER_DAY)
    {
      anx_request_refuse (request, "malformed");
      return;
    }
  if (group == NULL || !g_strv_contains (group->members, request->caller->id))
    {
      anx_request_refuse (request, "not-allowed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *sessions = json_array_new ();
  json_object_set_array_member (answer, "sessions", sessions);
  json_object_set_int_member (answer, "minutes", request->hub->glass->minutes);
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, &error,
      "SELECT booking.id, booking.start, booking.room, booking.counsellor, count(*) FROM booking JOIN behind_glass ON behind_glass.booking = booking.id"
      " JOIN record USING (seq) WHERE behind_glass.reader = ? AND record.author <> ? AND length (record.envelope) > 0"
      " AND booking.start >= ? AND booking.start < ?"
      " GROUP BY booking.id ORDER BY booking.start DESC LIMIT ?", "ssiii", group->id, request->caller->id, from, to, (gint64) MOST_SESSIONS);
  while (rows != NULL && error == NULL && anx_rows_next (rows, &error))
    add_session (request, sessions, rows, &error);
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}

/* Whoever may not know of the session is not told that there is one. */
static gboolean
need_story (AnxRequest *request,
            Story *story)
{
  g_autoptr (GError) error = NULL;
  if (anx_uuid_is_valid (request->parameter) && !look_up (request, request->hub->reader, request->parameter, story, &error))
    anx_request_refuse_store (request, error);
  else if (story->records == 0)
    anx_request_refuse (request, "record-unknown");
  return request->status == 0;
}

/**
 * anx_handle_glass_get:
 * @request: a request
 *
 * GET /glass/{id}: what opening this session's records would mean: how many there are, and who has to be told.
 */
void
anx_handle_glass_get (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_auto (Story) story = { 0 };
  if (!need_story (request, &story))
    return;
  gint64 until = find_door (request, request->parameter, &error);
  if (error != NULL)
    {
      anx_request_refuse_store (request, error);
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  g_ptr_array_add (story.told, NULL);
  json_object_set_string_member (answer, "booking", request->parameter);
  json_object_set_int_member (answer, "records", story.records);
  json_object_set_int_member (answer, "minutes", request->hub->glass->minutes);
  json_object_set_boolean_member (answer, "supervised", story.supervised);
  anx_json_set_strings (answer, "told", (const char *const *) story.told->pdata);
  if (until > 0)
    json_object_set_int_member (answer, "until", until);
  anx_request_answer_json (request, 200, answer);
}

static void
add_envelopes (AnxRequest *request,
               JsonArray *records,
               const char *group,
               gsize *inout_bytes,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (request->hub->reader, error,
      "SELECT record.envelope FROM behind_glass JOIN record USING (seq) WHERE behind_glass.reader = ? AND behind_glass.booking = ?"
      " AND record.author <> ? AND length (record.envelope) > 0 ORDER BY seq DESC", "sss", group, request->parameter, request->caller->id);
  while (rows != NULL && *inout_bytes < ANX_BOUND_REQUEST_BYTES && anx_rows_next (rows, error))
    {
      g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 0);
      gsize size = 0;
      const guchar *data = g_bytes_get_data (envelope, &size);
      g_autofree char *text = g_base64_encode (data, size);
      json_array_add_string_element (records, text);
      *inout_bytes += size;
    }
}

/**
 * anx_handle_glass_records:
 * @request: a request
 *
 * GET /glass/{id}/records: the sealed records themselves, newest first, while the caller's door is open and the caller belongs to the group.
 */
void
anx_handle_glass_records (AnxRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_auto (Story) story = { 0 };
  if (!need_story (request, &story))
    return;
  gint64 until = find_door (request, request->parameter, &error);
  if (error == NULL && until == 0)
    {
      anx_request_refuse (request, "glass-closed");
      return;
    }
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *records = json_array_new ();
  gsize bytes = 0;
  json_object_set_int_member (answer, "until", until);
  json_object_set_array_member (answer, "records", records);
  g_auto (GStrv) groups = anx_glass_list_groups_of (request->directory, request->caller->id);
  for (gsize i = 0; groups[i] != NULL && error == NULL; i++)
    add_envelopes (request, records, groups[i], &bytes, &error);
  if (error != NULL)
    anx_request_refuse_store (request, error);
  else
    anx_request_answer_json (request, 200, answer);
}
