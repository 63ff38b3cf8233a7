/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-district.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>

#include "clock.h"
#include "database.h"
#include "id.h"
#include "json.h"

static void
person_free (gpointer data)
{
  Person *person = data;
  g_free (person->id);
  g_free (person->previous);
  anx_key_unref (person->sign_key);
  anx_key_unref (person->seal_key);
  anx_certificate_unref (person->sign_certificate);
  anx_certificate_unref (person->seal_certificate);
  g_object_unref (person->tls);
  g_free (person);
}

static AnxCertificate *
issue (Fixture *f,
       AnxKey *key,
       const char *id,
       AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = anx_key_make_request (key, id, &error);
  g_assert_no_error (error);
  AnxCertificate *certificate = anx_authority_issue (f->authority, request, id, use, g_get_real_time (), &error);
  g_assert_no_error (error);
  return certificate;
}

Person *
fixture_add_person (Fixture *f,
                    const char *id)
{
  g_autoptr (GError) error = NULL;
  Person *person = g_new0 (Person, 1);
  person->id = g_strdup (id);
  person->sign_key = anx_key_generate (&error);
  person->seal_key = anx_key_generate (&error);
  person->sign_certificate = issue (f, person->sign_key, id, ANX_KEY_USE_SIGN);
  person->seal_certificate = issue (f, person->seal_key, id, ANX_KEY_USE_SEAL);
  g_autofree char *certificate = anx_certificate_to_pem (person->sign_certificate);
  g_autofree char *key = anx_key_to_pem (person->sign_key);
  g_autofree char *both = g_strconcat (certificate, key, NULL);
  person->tls = g_tls_certificate_new_from_pem (both, -1, &error);
  g_assert_no_error (error);
  g_hash_table_insert (f->people, person->id, person);
  return person;
}

Person *
fixture_person (Fixture *f,
                const char *id)
{
  Person *person = g_hash_table_lookup (f->people, id);
  g_assert_nonnull (person);
  return person;
}

static void
describe (Fixture *f,
          JsonArray *principals,
          const char *id,
          const char *kind,
          const char *room,
          const char *centre,
          const char *role,
          const char *member)
{
  Person *person = fixture_person (f, id);
  JsonObject *object = json_object_new ();
  gboolean group = g_str_equal (kind, "group");
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "kind", kind);
  json_object_set_string_member (object, "name", id);
  if (centre != NULL)
    json_object_set_string_member (object, "centre", centre);
  if (room != NULL)
    json_object_set_string_member (object, "room", room);
  anx_json_set_strings (object, "roles", role != NULL ? LIST (role) : NULL);
  anx_json_set_strings (object, "members", member != NULL ? LIST (member) : NULL);
  json_object_set_boolean_member (object, "active", TRUE);
  g_autofree char *sign = anx_certificate_to_pem (person->sign_certificate);
  g_autofree char *seal = anx_certificate_to_pem (person->seal_certificate);
  if (!group)
    json_object_set_string_member (object, "signCertificate", sign);
  json_object_set_string_member (object, "sealCertificate", seal);
  if (group)
    {
      g_autofree char *key = anx_directory_wrap_group_key (person->seal_key, fixture_person (f, member)->seal_certificate, NULL);
      JsonObject *wrapped = json_object_new ();
      json_object_set_string_member (wrapped, member, key);
      json_object_set_object_member (object, "wrapped", wrapped);
    }
  json_array_add_object_element (principals, object);
}

static const char *const PEOPLE[][6] = {
  { "admin", "person", NULL, NULL, "administrator", NULL },
  { "kiosk-one", "kiosk", "room-a", "centre-one", NULL, NULL },
  { "kiosk-two", "kiosk", "room-b", "centre-one", NULL, NULL },
  { "li-wei", "person", NULL, "centre-one", "counsellor", NULL },
  { "wang-fang", "person", NULL, "centre-one", "duty", NULL },
  { "sun-li", "person", NULL, "centre-one", "duty", NULL },
  { "zhao-min", "person", NULL, "centre-one", "lead", NULL },
  { "qian-hua", "person", NULL, NULL, "district-duty", NULL },
  { "chen-fang", "person", NULL, "centre-one", "staff", NULL },
  { "zhou-yun", "person", NULL, NULL, "department", NULL },
  { "he-ping", "person", NULL, NULL, "supervisor", NULL },
  { "kiosk-far", "kiosk", "room-x", "centre-two", NULL, NULL },
  { "ma-lin", "person", NULL, "centre-two", "counsellor", NULL },
  { "wu-jing", "person", NULL, "centre-two", "staff", NULL },
  { "hotline", "person", NULL, NULL, "intake", NULL },
  { "staff-one", "group", NULL, "centre-one", "staff", "chen-fang" },
  { "staff-two", "group", NULL, "centre-two", "staff", "wu-jing" },
  { "duty-one", "group", NULL, "centre-one", "duty", "wang-fang" },
  { "glass-one", "group", NULL, "centre-one", "break-glass", "wang-fang" },
  { "mental-health", "group", NULL, NULL, "department", "zhou-yun" },
  { "recovery", "recovery", NULL, NULL, NULL, NULL },
};

GBytes *
fixture_make_directory (Fixture *f,
                        gint64 version,
                        const char *left_out)
{
  g_autoptr (GError) error = NULL;
  const char *digest = version > 1 ? anx_directory_get_digest (f->directory) : NULL;
  g_autofree char *previous = digest != NULL ? g_strdup_printf ("\"%s\"", digest) : g_strdup ("null");
  g_autofree char *text = g_strdup_printf (
      "{\"version\":%" G_GINT64_FORMAT ",\"previous\":%s,\"district\":\"test-district\",\"name\":\"测试区\",\"created\":1,"
      "\"centres\":[{\"id\":\"centre-one\",\"name\":\"一号\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"room-a\",\"name\":\"甲\"},"
      "{\"id\":\"room-b\",\"name\":\"乙\"},{\"id\":\"room-c\",\"name\":\"丙\"}]},{\"id\":\"centre-two\",\"name\":\"二号\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"room-x\",\"name\":\"丁\"}]}],"
      "\"services\":[{\"id\":\"talk\",\"name\":\"" FIXTURE_SERVICE_NAME "\",\"minutes\":20,\"before\":0,\"after\":5,\"mode\":\"video\"}]}", version, previous);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_assert_no_error (error);
  JsonArray *principals = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (PEOPLE); i++)
    if (g_strcmp0 (PEOPLE[i][0], left_out) != 0)
      describe (f, principals, PEOPLE[i][0], PEOPLE[i][1], PEOPLE[i][2], PEOPLE[i][3], PEOPLE[i][4], PEOPLE[i][5]);
  json_object_set_array_member (json, "principals", principals);
  char *whole = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new_take (whole, strlen (whole));
  GBytes *der = anx_authority_sign_directory (f->authority, bytes, &error);
  g_assert_no_error (error);
  return der;
}

static void
write_file (Fixture *f,
            const char *name,
            const char *content)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

char *
hub_program (void)
{
  return g_build_filename (g_getenv ("ANX_TOP_BUILD"), "src", "hub", "anxin-hub", NULL);
}

void
fixture_start (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *config = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *errors = g_build_filename (f->folder, "hub.err", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_stderr_file_path (launcher, errors);
  g_autofree char *program = hub_program ();
  f->hub = g_subprocess_launcher_spawn (launcher, &error, program, "--config", config, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (f->hub));
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_autoptr (JsonObject) event = anx_json_parse_object (line, -1, 4096, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_json_get_string (event, "event", NULL), ==, "listening");
  f->port = (int) anx_json_get_int (event, "port", 0);
}

/* Killed before or in the middle of its @at-th write (../sync/faults.c). FALSE: before it listened. */
gboolean
fixture_start_with_fault (Fixture *f,
                          guint at)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shim = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "tests", "sync", "faults.so", NULL);
  g_autofree char *what = g_strdup_printf ("%s %u", at % 2 == 1 ? "kill" : "torn", at);
  g_autofree char *config = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *program = hub_program ();
  const char *options = g_getenv ("ASAN_OPTIONS");
  g_autofree char *any_order = g_strconcat (options != NULL ? options : "", options != NULL ? ":" : "", "verify_asan_link_order=0", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", shim, TRUE);
  g_subprocess_launcher_setenv (launcher, "ANX_FAULT", what, TRUE);
  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", any_order, TRUE);
  f->hub = g_subprocess_launcher_spawn (launcher, &error, program, "--config", config, NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (f->hub));
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_autoptr (JsonObject) event = line != NULL ? anx_json_parse_object (line, -1, 4096, NULL) : NULL;
  f->port = event != NULL ? (int) anx_json_get_int (event, "port", 0) : 0;
  return event != NULL;
}

void
fixture_kill (Fixture *f)
{
  g_subprocess_send_signal (f->hub, SIGKILL);
  g_subprocess_wait (f->hub, NULL, NULL);
  g_clear_object (&f->hub);
}

void
fixture_publish (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) der = fixture_make_directory (f, 1, NULL);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", der, NULL), ==, 200);
  f->directory = anx_directory_open (der, anx_authority_get_certificate (f->authority), NULL, &error);
  g_assert_no_error (error);
}

/* Every day round the clock, so that a slot of today is there whenever the test runs (but for the last half hour). */
void
fixture_put_plan (Fixture *f)
{
  fixture_put_plan_with (f, "\"absences\":[]");
}

void
fixture_put_plan_with (Fixture *f,
                       const char *more)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) day = g_date_time_add_days (now, -2);
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
  g_autofree char *plan = g_strdup_printf (
      "{\"counsellor\":\"li-wei\",\"centres\":[\"centre-one\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\"],"
      "\"hours\":[{\"start\":\"%sT00:00:00\",\"end\":\"%sT23:55:00\",\"rrule\":\"FREQ=DAILY\"}],%s}", date, date, more);
  g_assert_cmpuint (call (f, "li-wei", "PUT", "/plans/li-wei", plan, NULL), ==, 204);
}

void
fixture_set_up (Fixture *f,
                gconstpointer limits)
{
  g_autoptr (GError) error = NULL;
  f->folder = g_dir_make_tmp ("anx-hub-XXXXXX", NULL);
  f->people = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, person_free);
  /* Two years ago, so that a certificate of then, and what was written with it, can be had. */
  f->authority = anx_authority_create ("test-district", "测试区", g_get_real_time () - 731 * ANX_USEC_PER_DAY, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (PEOPLE); i++)
    fixture_add_person (f, PEOPLE[i][0]);

  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, "hub", &error);
  g_autoptr (AnxCertificate) server = anx_authority_issue_server (f->authority, request, LIST ("localhost", "127.0.0.1"), g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (f->authority));
  g_autofree char *server_pem = anx_certificate_to_pem (server);
  g_autofree char *key_pem = anx_key_to_pem (key);
  g_autofree char *config = g_strdup_printf ("[hub]\nlisten=127.0.0.1:0\ndatabase=sqlite:hub.db\nauthority=authority.pem\ncertificate=hub.pem\n"
                                             "key=hub.key\ncalendar=calendar.json\nice=[{\"urls\":[\"stun:127.0.0.1:3478\"]},{\"urls\":[\"turn:127.0.0.1:3478\"]}]\n"
                                             "turn-secret=turn-secret\n[limits]\n%s\n",
                                             limits != NULL ? (const char *) limits : "requests-per-minute=100000\npublic-requests-per-minute=100000");
  write_file (f, "authority.pem", authority_pem);
  write_file (f, "hub.pem", server_pem);
  write_file (f, "hub.key", key_pem);
  write_file (f, "hub.conf", config);
  write_file (f, "turn-secret", "not for anybody else\n");
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (8 * 3600);
  g_autoptr (GDateTime) now = g_date_time_new_now (zone);
  g_autoptr (GDateTime) holiday = g_date_time_add_days (now, 5);
  f->holiday = g_date_time_format (holiday, "%Y-%m-%d");
  g_autofree char *calendar = g_strdup_printf ("{\"timezone\":\"Asia/Shanghai\",\"holidays\":[\"%s\"],\"workdays\":[]}", f->holiday);
  write_file (f, "calendar.json", calendar);
  g_autofree char *authority_path = g_build_filename (f->folder, "authority.pem", NULL);
  f->trust = g_tls_file_database_new (authority_path, &error);
  g_assert_no_error (error);
  f->sessions = g_hash_table_new_full (NULL, NULL, g_object_unref, g_object_unref);
  fixture_start (f);
}

void
fixture_tear_down (Fixture *f,
                   gconstpointer limits)
{
  g_autoptr (GDir) dir = NULL;
  if (f->hub != NULL)
    {
      g_subprocess_send_signal (f->hub, SIGTERM);
      g_subprocess_wait (f->hub, NULL, NULL);
      g_assert_true (g_subprocess_get_if_exited (f->hub));
      g_assert_cmpint (g_subprocess_get_exit_status (f->hub), ==, 0);
      g_clear_object (&f->hub);
    }
  g_clear_pointer (&f->sessions, g_hash_table_unref);
  dir = g_dir_open (f->folder, 0, NULL);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->holiday);
  g_clear_pointer (&f->directory, anx_directory_unref);
  g_hash_table_unref (f->people);
  g_object_unref (f->authority);
  g_object_unref (f->trust);
}

char *
fixture_url (Fixture *f,
             const char *path)
{
  return g_strdup_printf ("https://127.0.0.1:%d/v1%s", f->port, path);
}

/* One for each certificate, whoever has it at the moment; nobody's is kept under what all of them trust. */
static SoupSession *
session_of (Fixture *f,
            GTlsCertificate *tls)
{
  gpointer key = tls != NULL ? (gpointer) tls : (gpointer) f->trust;
  SoupSession *session = g_hash_table_lookup (f->sessions, key);
  if (session == NULL)
    {
      session = soup_session_new_with_options ("tls-database", f->trust, "timeout", 20, NULL);
      g_hash_table_insert (f->sessions, g_object_ref (key), session);
    }
  return session;
}

guint
call_bytes (Fixture *f,
            const char *who,
            const char *method,
            const char *path,
            GBytes *body,
            GBytes **out_answer)
{
  g_autoptr (GError) error = NULL;
  GTlsCertificate *tls = who != NULL ? fixture_person (f, who)->tls : NULL;
  SoupSession *session = session_of (f, tls);
  g_autofree char *url = fixture_url (f, path);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  if (tls != NULL)
    soup_message_set_tls_client_certificate (message, tls);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, "application/octet-stream", body);
  /* For what it thinks must not be sent twice libsoup makes a new connection, and each reads the system's list of authorities (45 ms). */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  g_autoptr (GBytes) answer = soup_session_send_and_read (session, message, NULL, &error);
  if (error != NULL)
    {
      g_test_message ("%s %s: %s", method, path, error->message);
      return 0;
    }
  if (out_answer != NULL)
    *out_answer = g_steal_pointer (&answer);
  return soup_message_get_status (message);
}

guint
call (Fixture *f,
      const char *who,
      const char *method,
      const char *path,
      const char *body,
      JsonObject **out_answer)
{
  g_autoptr (GBytes) bytes = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;
  g_autoptr (GBytes) answer = NULL;
  guint status = call_bytes (f, who, method, path, bytes, &answer);
  gsize size = 0;
  const char *text = answer != NULL ? g_bytes_get_data (answer, &size) : NULL;
  if (status >= 400)
    g_test_message ("%s %s: %u %.*s", method, path, status, (int) size, text);
  if (out_answer != NULL)
    *out_answer = size > 0 ? anx_json_parse_object (text, (gssize) size, 64 << 20, NULL) : NULL;
  return status;
}

void
check_problem (JsonObject *answer,
               const char *slug)
{
  g_autofree char *type = g_strconcat ("urn:anxin:problem:", slug, NULL);
  g_assert_nonnull (answer);
  g_assert_cmpstr (anx_json_get_string (answer, "type", NULL), ==, type);
  g_assert_nonnull (anx_json_get_string (answer, "title", NULL));
  g_assert_nonnull (anx_json_get_string (answer, "detail", NULL));
}

char *
make_record (Fixture *f,
             const char *who,
             const char *kind,
             const char *const *recipients,
             JsonObject *routing,
             char **out_id)
{
  return make_record_at (f, who, kind, recipients, routing, g_get_real_time (), out_id);
}

char *
make_record_at (Fixture *f,
                const char *who,
                const char *kind,
                const char *const *recipients,
                JsonObject *routing,
                gint64 created_usec,
                char **out_id)
{
  return make_record_after (f, who, kind, recipients, NULL, routing, created_usec, out_id);
}

char *
make_record_after (Fixture *f,
                   const char *who,
                   const char *kind,
                   const char *const *recipients,
                   const char *predecessor,
                   JsonObject *routing,
                   gint64 created_usec,
                   char **out_id)
{
  g_autoptr (GError) error = NULL;
  Person *person = fixture_person (f, who);
  g_autofree char *id = anx_uuid_new (created_usec);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, kind, who, recipients, predecessor, created_usec, routing);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, person->sequence + 1, person->previous);
  g_autoptr (JsonNode) resource = json_from_string ("{\"resourceType\":\"Basic\",\"text\":\"秘密\"}", NULL);
  g_autoptr (GBytes) sealed = anx_envelope_seal (placed, resource, f->directory, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) envelope = anx_envelope_sign (placed, sealed, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  g_free (person->previous);
  person->previous = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, envelope);
  person->sequence++;
  if (out_id != NULL)
    *out_id = g_steal_pointer (&id);
  gsize size = 0;
  const guchar *data = g_bytes_get_data (envelope, &size);
  return g_base64_encode (data, size);
}

/* What no request can do: time passes, a disk is changed. */
void
fixture_run_sql (Fixture *f,
                 const char *sql)
{
  sqlite3 *db = NULL;
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 10000);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* A number out of the hub's database, read beside it. */
gint64
fixture_count (Fixture *f,
               const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  g_autoptr (AnxDatabase) db = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  gint64 n = anx_database_query_int (db, -1, &error, sql, "");
  g_assert_no_error (error);
  return n;
}

guint
post_records (Fixture *f,
              const char *who,
              const char *const *records,
              JsonObject **out_answer)
{
  g_autoptr (JsonObject) body = json_object_new ();
  anx_json_set_strings (body, "records", records);
  g_autofree char *text = anx_json_object_to_text (body);
  return call (f, who, "POST", "/records", text, out_answer);
}

const char *
result_status (JsonObject *answer,
               guint index)
{
  JsonArray *results = anx_json_get_array (answer, "results");
  g_assert_cmpuint (index, <, json_array_get_length (results));
  return anx_json_get_string (json_array_get_object_element (results, index), "status", "");
}

const char *
result_problem (JsonObject *answer,
                guint index)
{
  JsonObject *problem = anx_json_get_object (json_array_get_object_element (anx_json_get_array (answer, "results"), index), "problem");
  const char *type = problem != NULL ? anx_json_get_string (problem, "type", "") : "";
  return g_str_has_prefix (type, "urn:anxin:problem:") ? type + strlen ("urn:anxin:problem:") : type;
}
