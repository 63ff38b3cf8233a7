/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sqlite3.h>
#include <string.h>

#include "hub-district.h"
#include "id.h"
#include "json.h"

/*
 * Break-glass at the hub: a record that only a group could open is handed to a member of it through a door, the door is opened by a record that the author
 * and the supervision get with it, and it closes again. Wang-fang is of the group of centre-one, whose lead is zhao-min; he-ping supervises the district.
 */

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOLD "li-wei", "zhao-min", "he-ping"
#define HOUR (3600 * (gint64) G_USEC_PER_SEC)

typedef struct
{
  Fixture fixture;
  char *booking;
  char *envelope; /* of the note */
  char *note;     /* its id */
} World;

static void
book (World *w)
{
  Fixture *f = &w->fixture;
  g_autoptr (JsonObject) slots = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/slots?centre=centre-one&service=talk&room=room-a", NULL, &slots), ==, 200);
  gint64 start = anx_json_get_int (json_array_get_object_element (anx_json_get_array (slots, "slots"), 0), "start", 0);
  g_autofree char *path = g_strconcat ("/bookings/", w->booking, NULL);
  g_autofree char *claim = g_strdup_printf ("{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"start\":%"
                                            G_GINT64_FORMAT ",\"codeKey\":\"" KEY "\"}", start);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 201);
}

static JsonObject *
route_to (World *w,
          gint64 until)
{
  JsonObject *routing = json_object_new ();
  json_object_set_string_member (routing, "booking", w->booking);
  if (until != 0)
    json_object_set_int_member (routing, "until", until);
  return routing;
}

static void
set_up (World *w,
        gconstpointer data)
{
  Fixture *f = &w->fixture;
  fixture_set_up (f, NULL);
  fixture_publish (f);
  fixture_put_plan (f);
  w->booking = anx_uuid_new (g_get_real_time ());
  book (w);
  g_autoptr (JsonObject) routing = route_to (w, 0);
  g_autoptr (JsonObject) answer = NULL;
  w->envelope = make_record (f, "li-wei", "note", LIST ("li-wei", "glass-one"), routing, &w->note);
  g_assert_cmpuint (post_records (f, "li-wei", LIST (w->envelope), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
}

static void
tear_down (World *w,
           gconstpointer data)
{
  g_free (w->booking);
  g_free (w->envelope);
  g_free (w->note);
  fixture_tear_down (&w->fixture, NULL);
}

static char *
open_door (World *w,
           const char *who,
           const char *const *told,
           gint64 until,
           const char *expected)
{
  g_autoptr (JsonObject) routing = route_to (w, until);
  g_autoptr (JsonObject) answer = NULL;
  g_autofree char *record = make_record (&w->fixture, who, "break-glass", told, routing, NULL);
  g_assert_cmpuint (post_records (&w->fixture, who, LIST (record), &answer), ==, 200);
  const char *status = result_status (answer, 0);
  g_assert_cmpstr (g_str_equal (status, "refused") ? result_problem (answer, 0) : status, ==, expected);
  return g_steal_pointer (&record);
}

static guint
get_records (World *w,
             const char *who,
             JsonObject **out_answer)
{
  g_autofree char *path = g_strdup_printf ("/glass/%s/records", w->booking);
  return call (&w->fixture, who, "GET", path, NULL, out_answer);
}

static void
check_closed (World *w,
              const char *who,
              const char *slug)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (get_records (w, who, &answer), >=, 400);
  check_problem (answer, slug);
}

static gboolean
inbox_has (World *w,
           const char *who,
           const char *envelope)
{
  g_autoptr (GBytes) answer = NULL;
  gsize size = 0;
  g_assert_cmpuint (call_bytes (&w->fixture, who, "GET", "/inbox?limit=500", NULL, &answer), ==, 200);
  const char *text = g_bytes_get_data (answer, &size);
  return g_strstr_len (text, (gssize) size, envelope) != NULL;
}

/* With the group's key in hand: nothing in the inbox, nothing by its id, nothing without a reason. */
static void
test_no_door (World *w,
              gconstpointer data)
{
  static const char *const EVERYBODY[] = { "admin", "kiosk-one", "ma-lin", "wang-fang", "sun-li", "zhao-min", "chen-fang", "zhou-yun", "he-ping" };
  g_autofree char *path = g_strconcat ("/records/", w->note, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (EVERYBODY); i++)
    {
      g_test_message ("%s", EVERYBODY[i]);
      g_assert_false (inbox_has (w, EVERYBODY[i], w->envelope));
      g_assert_cmpuint (call (&w->fixture, EVERYBODY[i], "GET", path, NULL, NULL), ==, 404);
      check_closed (w, EVERYBODY[i], g_str_equal (EVERYBODY[i], "wang-fang") ? "glass-closed" : "record-unknown");
    }
  g_assert_true (inbox_has (w, "li-wei", w->envelope));
  g_assert_cmpuint (call (&w->fixture, "li-wei", "GET", path, NULL, NULL), ==, 200);
}

/* The reader opens what the hub hands out with the group's key, and nobody else gets it: the door is one person's. */
static void
test_door (World *w,
           gconstpointer data)
{
  Fixture *f = &w->fixture;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strconcat ("/glass/", w->booking, NULL);
  g_autoptr (JsonObject) story = NULL;
  g_assert_cmpuint (call (f, "wang-fang", "GET", path, NULL, &story), ==, 200);
  g_auto (GStrv) told = anx_json_need_strings (story, "told", 40, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (told), ==, 3);
  g_assert_true (g_strv_equal ((const char *const *) told, LIST (TOLD)));
  g_assert_cmpint (anx_json_get_int (story, "records", 0), ==, 1);
  g_assert_false (json_object_has_member (story, "until"));

  gint64 until = g_get_real_time () + HOUR;
  g_autofree char *notice = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), until, "stored");
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (get_records (w, "wang-fang", &answer), ==, 200);
  g_assert_cmpint (anx_json_get_int (answer, "until", 0), ==, until);
  JsonArray *records = anx_json_get_array (answer, "records");
  g_assert_cmpuint (json_array_get_length (records), ==, 1);
  g_assert_cmpstr (json_array_get_string_element (records, 0), ==, w->envelope);
  gsize size = 0;
  guchar *bytes = g_base64_decode (w->envelope, &size);
  g_autoptr (GBytes) envelope = g_bytes_new_take (bytes, size);
  g_autoptr (JsonNode) resource = NULL;
  Person *group = fixture_person (f, "glass-one");
  g_assert_true (anx_envelope_open (envelope, anx_authority_get_certificate (f->authority), group->seal_key, group->seal_certificate, NULL, &resource, &error));
  g_assert_no_error (error);

  /* It still is in no inbox of hers, and nobody else came in with her. */
  g_assert_false (inbox_has (w, "wang-fang", w->envelope));
  check_closed (w, "zhao-min", "record-unknown");
  check_closed (w, "li-wei", "record-unknown");
  /* Wang-fang never asked for anything more after her record was stored: who has to know it has it. */
  g_assert_true (inbox_has (w, "li-wei", notice) && inbox_has (w, "zhao-min", notice) && inbox_has (w, "he-ping", notice));
  g_assert_false (inbox_has (w, "ma-lin", notice) || inbox_has (w, "chen-fang", notice));
}

/* The record that opens is the record that tells: without the one there is not the other. */
static void
test_notice (World *w,
             gconstpointer data)
{
  gint64 until = g_get_real_time () + HOUR;
  const char *const short_of[][4] = { { "wang-fang", "zhao-min", "he-ping" }, { "wang-fang", "li-wei", "he-ping" }, { "wang-fang", "li-wei", "zhao-min" }, { "wang-fang" } };
  for (guint i = 0; i < G_N_ELEMENTS (short_of); i++)
    {
      g_autofree char *record = open_door (w, "wang-fang", LIST (short_of[i][0], short_of[i][1], short_of[i][2], short_of[i][3]), until, "glass-unseen");
      check_closed (w, "wang-fang", "glass-closed");
    }
  g_autofree char *record = open_door (w, "wang-fang", LIST ("wang-fang", TOLD, "chen-fang"), until, "record-not-allowed");
  check_closed (w, "wang-fang", "glass-closed");
}

/* The desk died right after its record was stored, and the hub after it. */
static void
test_notice_survives (World *w,
                      gconstpointer data)
{
  Fixture *f = &w->fixture;
  g_autofree char *notice = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), g_get_real_time () + HOUR, "stored");
  fixture_kill (f);
  fixture_start (f);
  g_assert_true (inbox_has (w, "li-wei", notice) && inbox_has (w, "he-ping", notice));
  g_assert_cmpuint (get_records (w, "wang-fang", NULL), ==, 200);
}

static void
test_who (World *w,
          gconstpointer data)
{
  static const char *const OTHERS[] = { "admin", "kiosk-one", "ma-lin", "sun-li", "zhao-min", "chen-fang", "wu-jing", "zhou-yun", "he-ping" };
  for (guint i = 0; i < G_N_ELEMENTS (OTHERS); i++)
    {
      g_test_message ("%s", OTHERS[i]);
      g_autofree char *record = open_door (w, OTHERS[i], LIST (OTHERS[i], TOLD), g_get_real_time () + HOUR, "record-not-allowed");
      check_closed (w, OTHERS[i], "record-unknown");
    }
}

/* After the time the same request is refused again, and a day is not to be had by asking for it. */
static void
test_time (World *w,
           gconstpointer data)
{
  gint64 before = g_get_real_time ();
  g_autofree char *asked = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), before + HOUR, "stored");
  g_autoptr (JsonObject) open = NULL;
  g_assert_cmpuint (get_records (w, "wang-fang", &open), ==, 200);
  g_autofree char *hour_is_over = g_strdup_printf ("UPDATE door SET until = %" G_GINT64_FORMAT, before);
  fixture_run_sql (&w->fixture, hour_is_over);
  g_assert_cmpuint (get_records (w, "wang-fang", NULL), ==, 403);
  check_closed (w, "wang-fang", "glass-closed");

  /* Too late: told all the same, opens nothing. */
  g_autofree char *late = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), before, "stored");
  g_assert_true (inbox_has (w, "he-ping", late));
  check_closed (w, "wang-fang", "glass-closed");

  g_autofree char *greedy = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), before + 1000 * HOUR, "stored");
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (get_records (w, "wang-fang", &answer), ==, 200);
  g_assert_cmpint (anx_json_get_int (answer, "until", 0), <=, g_get_real_time () + 4 * HOUR);
}

/* Her door is open when the directory takes her out of the group. */
static void
test_left_the_group (World *w,
                     gconstpointer data)
{
  Fixture *f = &w->fixture;
  g_autofree char *record = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), g_get_real_time () + HOUR, "stored");
  g_assert_cmpuint (get_records (w, "wang-fang", NULL), ==, 200);
  g_autoptr (GBytes) next = fixture_make_directory (f, 2, "glass-one");
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", next, NULL), ==, 200);
  check_closed (w, "wang-fang", "record-unknown");
  g_autofree char *again = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), g_get_real_time () + HOUR, "record-not-allowed");
  g_assert_false (inbox_has (w, "wang-fang", w->envelope));
}

/* Whoever has the hub's disk has no key: not the session's note, not the reason. */
static void
test_hub_reads_nothing (World *w,
                        gconstpointer data)
{
  g_autofree char *record = open_door (w, "wang-fang", LIST ("wang-fang", TOLD), g_get_real_time () + HOUR, "stored");
  g_autofree char *path = g_build_filename (w->fixture.folder, "hub.db", NULL);
  sqlite3 *database = NULL;
  sqlite3_stmt *rows = NULL;
  guint n = 0;
  g_assert_cmpint (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (database, "SELECT kind, envelope FROM record", -1, &rows, NULL), ==, SQLITE_OK);
  for (; sqlite3_step (rows) == SQLITE_ROW; n++)
    {
      const char *bytes = sqlite3_column_blob (rows, 1);
      g_assert_null (g_strstr_len (bytes, sqlite3_column_bytes (rows, 1), "秘密"));
    }
  sqlite3_finalize (rows);
  sqlite3_close (database);
  g_assert_cmpuint (n, ==, 2);
}

static void
test_list (World *w,
           gconstpointer data)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (&w->fixture, "wang-fang", "GET", "/glass?centre=centre-one", NULL, &answer), ==, 200);
  JsonArray *sessions = anx_json_get_array (answer, "sessions");
  g_assert_cmpuint (json_array_get_length (sessions), ==, 1);
  JsonObject *session = json_array_get_object_element (sessions, 0);
  g_assert_cmpstr (anx_json_get_string (session, "booking", NULL), ==, w->booking);
  g_assert_cmpstr (anx_json_get_string (session, "counsellor", NULL), ==, "li-wei");
  g_assert_cmpint (anx_json_get_int (session, "records", 0), ==, 1);
  g_assert_cmpint (anx_json_get_int (answer, "minutes", 0), ==, 240);
  g_assert_cmpuint (call (&w->fixture, "wang-fang", "GET", "/glass?centre=centre-two", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (&w->fixture, "wang-fang", "GET", "/glass", NULL, NULL), ==, 400);
  g_assert_cmpuint (call (&w->fixture, "wang-fang", "GET", "/glass?centre=centre-one&from=5&to=4", NULL, NULL), ==, 400);
}

/* A group that has another task beside it is told at once, as if it had no glass. */
static void
test_other_role (World *w,
                 gconstpointer data)
{
  Fixture *f = &w->fixture;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_node_alloc ();
  json_node_init_object (node, anx_directory_get_json (f->directory));
  g_autofree char *text = anx_json_node_to_text (node);
  g_autoptr (JsonObject) next = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_assert_no_error (error);
  JsonArray *principals = anx_json_get_array (next, "principals");
  for (guint i = 0; i < json_array_get_length (principals); i++)
    if (g_str_equal (anx_json_get_string (json_array_get_object_element (principals, i), "id", ""), "glass-one"))
      json_array_add_string_element (anx_json_get_array (json_array_get_object_element (principals, i), "roles"), "duty");
  json_object_set_int_member (next, "version", 2);
  json_object_set_string_member (next, "previous", anx_directory_get_digest (f->directory));
  g_autofree char *changed = anx_json_object_to_text (next);
  g_autoptr (GBytes) bytes = g_bytes_new (changed, strlen (changed));
  g_autoptr (GBytes) der = anx_authority_sign_directory (f->authority, bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", der, NULL), ==, 200);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "level", "red");
  json_object_set_string_member (routing, "centre", "centre-one");
  json_object_set_string_member (routing, "room", "room-a");
  g_autofree char *alert = make_record (f, "kiosk-one", "alert", LIST ("glass-one"), routing, NULL);
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (alert), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  g_assert_true (inbox_has (w, "wang-fang", alert));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hub/glass/no-door", World, NULL, set_up, test_no_door, tear_down);
  g_test_add ("/hub/glass/door", World, NULL, set_up, test_door, tear_down);
  g_test_add ("/hub/glass/notice", World, NULL, set_up, test_notice, tear_down);
  g_test_add ("/hub/glass/notice-survives", World, NULL, set_up, test_notice_survives, tear_down);
  g_test_add ("/hub/glass/who", World, NULL, set_up, test_who, tear_down);
  g_test_add ("/hub/glass/time", World, NULL, set_up, test_time, tear_down);
  g_test_add ("/hub/glass/left-the-group", World, NULL, set_up, test_left_the_group, tear_down);
  g_test_add ("/hub/glass/hub-reads-nothing", World, NULL, set_up, test_hub_reads_nothing, tear_down);
  g_test_add ("/hub/glass/other-role", World, NULL, set_up, test_other_role, tear_down);
  g_test_add ("/hub/glass/list", World, NULL, set_up, test_list, tear_down);
  return g_test_run ();
}
