/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sqlite3.h>
#include <string.h>

#include "clock.h"
#include "erasure.h"
#include "hub-district.h"
#include "id.h"
#include "json.h"

/* What was erased is in no file of the hub; its place in the chain is. */

#define YEAR (366 * ANX_USEC_PER_DAY)

typedef struct
{
  char *id;
  char *text; /* Base64 of the envelope */
  AnxErasedRecord *named;
} Written;

static void
written_clear (Written *self)
{
  g_free (self->id);
  g_free (self->text);
  g_clear_pointer (&self->named, anx_erased_record_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Written, written_clear)

static void
post (Fixture *f,
      const char *who,
      const char *record,
      const char *expected)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, who, LIST (record), &answer), ==, 200);
  const char *status = result_status (answer, 0);
  g_assert_cmpstr (g_str_equal (status, "refused") ? result_problem (answer, 0) : status, ==, expected);
}

/* By @created_usec with the certificate of then, handed in now. */
static Written
write_record_at (Fixture *f,
                 const char *who,
                 const char *kind,
                 const char *const *recipients,
                 JsonObject *routing,
                 gint64 created_usec)
{
  g_autoptr (GError) error = NULL;
  Written written = { 0 };
  Person *person = fixture_person (f, who);
  g_autofree char *request = anx_key_make_request (person->sign_key, who, &error);
  g_autoptr (AnxCertificate) now = g_steal_pointer (&person->sign_certificate);
  person->sign_certificate = anx_authority_issue (f->authority, request, who, ANX_KEY_USE_SIGN, created_usec, &error);
  g_assert_no_error (error);
  written.text = make_record_at (f, who, kind, recipients, routing, created_usec, &written.id);
  anx_certificate_unref (person->sign_certificate);
  person->sign_certificate = g_steal_pointer (&now);
  written.named = anx_erased_record_new (written.id, kind, who, person->sequence, person->previous);
  post (f, who, written.text, "stored");
  return written;
}

static Written
write_record (Fixture *f,
              const char *who,
              const char *kind,
              const char *const *recipients,
              JsonObject *routing)
{
  return write_record_at (f, who, kind, recipients, routing, g_get_real_time ());
}

static char *
make_order (Fixture *f,
            const char *who,
            const char *reason,
            const Written *written,
            const char *const *recipients)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_ptr_array_add (records, written->named);
  g_autoptr (JsonObject) routing = anx_erasure_build_routing (reason, records);
  return make_record (f, who, ANX_KIND_ERASURE, recipients, routing, NULL);
}

/* The ciphertext stands behind the name of its algorithm, aes256-GCM, and its nonce; nothing else in the district is like it. */
static const guchar GCM[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e };
#define PIECE 24

/* Whether any file of the hub has these bytes; looked for piece by piece, as a page may cut them anywhere. */
static gboolean
is_anywhere (Fixture *f,
             const Written *written)
{
  gsize length = 0;
  g_autofree guchar *envelope = g_base64_decode (written->text, &length);
  const guchar *sealed = memmem (envelope, length, GCM, sizeof GCM);
  g_assert_true (sealed != NULL && sealed + 24 + 5 * PIECE < envelope + length);
  g_autoptr (GDir) folder = g_dir_open (f->folder, 0, NULL);
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder))
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);
      g_autofree char *content = NULL;
      gsize size = 0;
      g_assert_true (g_file_get_contents (path, &content, &size, NULL));
      for (const guchar *piece = sealed + 24; piece < sealed + 24 + 5 * PIECE; piece += PIECE)
        if (memmem (content, size, piece, PIECE) != NULL)
          {
            g_test_message ("the record is in %s", name);
            return TRUE;
          }
    }
  return FALSE;
}

static void
run_sql (Fixture *f,
         const char *sql)
{
  sqlite3 *db = NULL;
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 10000);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static JsonObject *
verify (Fixture *f,
        int expected_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "src", "ctl", "anxinctl", NULL);
  g_autofree char *config = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *output = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, program, "hub", "verify", "--config", config, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error));
  if (g_subprocess_get_exit_status (process) != expected_status)
    g_error ("verify: %s", output);
  JsonObject *json = anx_json_parse_object (output, -1, 1 << 20, &error);
  g_assert_no_error (error);
  return json;
}

static guint
get (Fixture *f,
     const char *who,
     const char *id)
{
  g_autofree char *path = g_strconcat ("/records/", id, NULL);
  return call (f, who, "GET", path, NULL, NULL);
}

static gboolean
is_in_inbox (Fixture *f,
             const char *who,
             const char *text)
{
  g_autoptr (GBytes) answer = NULL;
  gsize size = 0;
  g_assert_cmpuint (call_bytes (f, who, "GET", "/inbox", NULL, &answer), ==, 200);
  const char *inbox = g_bytes_get_data (answer, &size);
  return g_strstr_len (inbox, (gssize) size, text) != NULL;
}

/* An order of the administrator that @who hands in and that is refused: the chain goes on as if it had not been written. */
static void
see_refused (Fixture *f,
             const char *who,
             const char *reason,
             const Written *written,
             const char *const *recipients,
             const char *problem)
{
  Person *admin = fixture_person (f, "admin");
  g_autofree char *previous = g_strdup (admin->previous);
  g_autofree char *order = make_order (f, "admin", reason, written, recipients);
  post (f, who, order, problem);
  g_free (admin->previous);
  admin->previous = g_steal_pointer (&previous);
  admin->sequence--;
}

static void
test_erase (Fixture *f,
            gconstpointer data)
{
  fixture_publish (f);
  g_auto (Written) before = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
  g_auto (Written) gone = write_record (f, "li-wei", "note", LIST ("li-wei", "ma-lin"), NULL);
  g_auto (Written) after = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
  g_assert_true (is_anywhere (f, &gone));

  /* Who is not the administrator, who names the wrong bytes, who leaves a reader out, and what is not over. */
  g_autofree char *stranger = make_order (f, "he-ping", "asked", &gone, LIST ("li-wei", "ma-lin"));
  post (f, "he-ping", stranger, "record-not-allowed");
  g_auto (Written) mistaken = { 0 };
  mistaken.named = anx_erased_record_new (gone.id, "note", "li-wei", gone.named->place, before.named->digest);
  see_refused (f, "admin", "asked", &mistaken, LIST ("li-wei", "ma-lin"), "record-differs");
  see_refused (f, "admin", "asked", &gone, LIST ("li-wei"), "erasure-untold");
  see_refused (f, "admin", "period-over", &gone, LIST ("li-wei", "ma-lin"), "erasure-held");
  see_refused (f, "admin", "because", &gone, LIST ("li-wei", "ma-lin"), "record-invalid");
  g_assert_cmpuint (get (f, "ma-lin", gone.id), ==, 200);

  g_autofree char *order = make_order (f, "admin", "asked", &gone, LIST ("li-wei", "ma-lin"));
  post (f, "admin", order, "stored");
  g_assert_false (is_anywhere (f, &gone));
  g_assert_true (is_anywhere (f, &before) && is_anywhere (f, &after));
  g_assert_cmpuint (get (f, "li-wei", gone.id), ==, 410);
  g_assert_cmpuint (get (f, "ma-lin", gone.id), ==, 404);
  g_assert_true (is_in_inbox (f, "ma-lin", order) && is_in_inbox (f, "li-wei", order));
  g_assert_false (is_in_inbox (f, "ma-lin", gone.text) || is_in_inbox (f, "li-wei", gone.text));

  /* Its place stays taken, and the chain whole: by the same bytes, by others, by what comes after. */
  post (f, "li-wei", gone.text, "held");
  post (f, "admin", order, "held");
  g_auto (Written) later = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
  g_assert_false (is_anywhere (f, &gone));
  g_autoptr (JsonObject) found = verify (f, 0);
  g_assert_cmpint (anx_json_get_int (found, "erasedCount", -1), ==, 1);
  g_assert_cmpint (anx_json_get_int (found, "records", -1), ==, 5);
  g_assert_cmpint (anx_json_get_int (found, "gapCount", -1), ==, 0);
  JsonObject *tombstone = json_array_get_object_element (anx_json_get_array (found, "erased"), 0);
  g_assert_cmpstr (anx_json_get_string (tombstone, "record", NULL), ==, gone.id);
  g_assert_cmpstr (anx_json_get_string (tombstone, "by", NULL), ==, "admin");

  /* Bytes that are missing without an order are a fault. */
  g_autofree char *sql = g_strdup_printf ("UPDATE record SET envelope = x'' WHERE id = '%s'; DELETE FROM delivery WHERE seq = (SELECT seq FROM record"
                                          " WHERE id = '%s')", after.id, after.id);
  run_sql (f, sql);
  g_autoptr (JsonObject) wrong = verify (f, 1);
  g_assert_cmpint (anx_json_get_int (wrong, "faultCount", -1), ==, 1);
  g_assert_cmpstr (anx_json_get_string (json_array_get_object_element (anx_json_get_array (wrong, "faults"), 0), "what", NULL), ==,
                   "erased-without-order");
}

static const char *
ask (Fixture *f,
     const char *who,
     const char *reason,
     const char *id,
     JsonObject **out_answer)
{
  g_autofree char *body = id != NULL ? g_strdup_printf ("{\"reason\":\"%s\",\"records\":[\"%s\"]}", reason, id) : g_strdup ("{}");
  g_assert_cmpuint (call (f, who, "POST", "/erasures/check", body, out_answer), ==, 200);
  JsonArray *records = anx_json_get_array (*out_answer, "records");
  return json_array_get_length (records) == 1 ? anx_json_get_string (json_array_get_object_element (records, 0), "verdict", NULL) : NULL;
}

static void
check_verdict (Fixture *f,
               const char *reason,
               const char *id,
               const char *expected)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpstr (ask (f, "admin", reason, id, &answer), ==, expected);
}

/* An open call for help, an open referral, a period of law hold; each answer says which. */
static void
test_held (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *booking = anx_uuid_new (g_get_real_time ());
  g_autofree char *task = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) of_booking = json_object_new ();
  json_object_set_string_member (of_booking, "booking", booking);
  g_auto (Written) screening = write_record (f, "kiosk-one", "screening", LIST ("li-wei"), of_booking);
  g_auto (Written) note = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
  g_auto (Written) access = write_record (f, "li-wei", "access", LIST ("li-wei"), NULL);
  check_verdict (f, "asked", screening.id, "erase");
  check_verdict (f, "asked", access.id, "law");

  g_autoptr (JsonObject) alert_routing = anx_json_parse_object ("{\"level\":\"red\",\"centre\":\"centre-one\",\"room\":\"room-a\"}", -1, 4096, NULL);
  json_object_set_string_member (alert_routing, "booking", booking);
  g_auto (Written) alert = write_record (f, "kiosk-one", "alert", LIST ("duty-one"), alert_routing);
  check_verdict (f, "asked", screening.id, "crisis-open");
  check_verdict (f, "unlawful", alert.id, "crisis-open");
  check_verdict (f, "asked", note.id, "erase");
  g_autoptr (JsonObject) of_alert = json_object_new ();
  json_object_set_string_member (of_alert, "alert", alert.id);
  g_auto (Written) walk_in = write_record (f, "kiosk-one", "screening", LIST ("duty-one"), of_alert);
  check_verdict (f, "asked", walk_in.id, "crisis-open");
  g_autofree char *order = make_order (f, "admin", "asked", &screening, LIST ("li-wei", "kiosk-one"));
  post (f, "admin", order, "erasure-held");
  g_assert_true (is_anywhere (f, &screening));

  g_autoptr (JsonObject) answer_routing = json_object_new ();
  json_object_set_string_member (answer_routing, "alert", alert.id);
  g_auto (Written) answered = write_record (f, "wang-fang", "alert-acknowledgement", LIST ("duty-one"), answer_routing);
  check_verdict (f, "asked", screening.id, "law");
  check_verdict (f, "asked", walk_in.id, "law");
  check_verdict (f, "unlawful", screening.id, "erase");
  g_autoptr (JsonObject) until = NULL;
  ask (f, "he-ping", "asked", screening.id, &until);
  gint64 end = anx_json_get_int (json_array_get_object_element (anx_json_get_array (until, "records"), 0), "until", 0);
  g_assert_cmpint (end, >, g_get_real_time () + 2 * YEAR);
  g_assert_cmpint (end, <, g_get_real_time () + 3 * YEAR);

  g_autoptr (JsonObject) referral_routing = anx_json_parse_object (
      "{\"centre\":\"centre-one\",\"to\":\"mental-health\",\"urgency\":\"routine\",\"status\":\"requested\",\"businessStatus\":\"2.0\"}", -1, 4096, NULL);
  json_object_set_string_member (referral_routing, "task", task);
  g_auto (Written) referral = write_record (f, "li-wei", "referral", LIST ("li-wei", "mental-health"), referral_routing);
  check_verdict (f, "asked", referral.id, "referral-open");
  check_verdict (f, "unlawful", referral.id, "referral-open");
  g_autofree char *sql = g_strdup_printf ("UPDATE referral SET closed = 1000000 WHERE task = '%s'", task);
  run_sql (f, sql);
  check_verdict (f, "period-over", referral.id, "erase");
  g_autofree char *nothing = anx_uuid_new (g_get_real_time ());
  check_verdict (f, "asked", nothing, "unknown");
}

/* Nothing is due before its time; then it is named with all that the order needs. */
static void
test_due (Fixture *f,
          gconstpointer data)
{
  fixture_publish (f);
  g_auto (Written) note = write_record (f, "li-wei", "note", LIST ("li-wei", "ma-lin"), NULL);
  g_auto (Written) rating = write_record (f, "kiosk-one", "rating", LIST ("chen-fang"), NULL);
  g_autoptr (JsonObject) none = NULL;
  ask (f, "admin", NULL, NULL, &none);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (none, "records")), ==, 0);

  g_autofree char *sql = g_strdup_printf ("UPDATE record SET received = received - %" G_GINT64_FORMAT, 2 * YEAR);
  run_sql (f, sql);
  g_autoptr (JsonObject) one = NULL;
  g_assert_cmpstr (ask (f, "admin", NULL, NULL, &one), ==, "erase");
  JsonObject *due = json_array_get_object_element (anx_json_get_array (one, "records"), 0);
  g_assert_cmpstr (anx_json_get_string (due, "id", NULL), ==, rating.id);
  g_assert_cmpstr (anx_json_get_string (due, "digest", NULL), ==, rating.named->digest);
  g_assert_cmpint (anx_json_get_int (due, "place", 0), ==, 1);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (due, "readers")), ==, 2);

  g_autofree char *more = g_strdup_printf ("UPDATE record SET received = received - %" G_GINT64_FORMAT, 9 * YEAR);
  run_sql (f, more);
  g_autoptr (JsonObject) both = NULL;
  ask (f, "admin", NULL, NULL, &both);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (both, "records")), ==, 2);
  g_autofree char *order = make_order (f, "admin", "period-over", &rating, LIST ("chen-fang", "kiosk-one"));
  post (f, "admin", order, "stored");
  g_autoptr (JsonObject) left = NULL;
  g_assert_cmpstr (ask (f, "admin", NULL, NULL, &left), ==, "erase");
  check_verdict (f, "period-over", rating.id, "erased");
}

/* A hub that was put back to a time before the order learns it from whoever has it, and then erases what comes back too. */
static void
test_restored (Fixture *f,
               gconstpointer data)
{
  fixture_publish (f);
  g_auto (Written) there = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
  g_autoptr (JsonObject) alert_routing = anx_json_parse_object ("{\"level\":\"red\",\"centre\":\"centre-one\",\"room\":\"room-a\"}", -1, 4096, NULL);
  g_auto (Written) alert = write_record (f, "kiosk-one", "alert", LIST ("duty-one"), alert_routing);
  g_auto (Written) again = write_record_at (f, "kiosk-one", "rating", LIST ("chen-fang"), NULL, g_get_real_time () - 400 * ANX_USEC_PER_DAY);
  Person *author = fixture_person (f, "li-wei");
  g_autofree char *lost_text = NULL, *lost_id = NULL;
  lost_text = make_record (f, "li-wei", "note", LIST ("li-wei"), NULL, &lost_id);
  g_auto (Written) lost = { g_steal_pointer (&lost_id), g_steal_pointer (&lost_text),
                            anx_erased_record_new ("", "note", "li-wei", author->sequence, author->previous) };
  g_free (lost.named->id);
  lost.named->id = g_strdup (lost.id);

  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_ptr_array_add (records, there.named);
  g_ptr_array_add (records, alert.named);
  g_ptr_array_add (records, again.named);
  g_ptr_array_add (records, lost.named);
  g_autoptr (JsonObject) routing = anx_erasure_build_routing ("period-over", records);
  g_autofree char *order_id = NULL;
  g_autofree char *order = make_record (f, "admin", ANX_KIND_ERASURE, LIST ("li-wei"), routing, &order_id);
  /* Who hands it in does not make old what is not. */
  post (f, "wang-fang", order, "erasure-held");
  g_assert_true (is_anywhere (f, &there) && is_anywhere (f, &alert) && is_anywhere (f, &again));
  g_autofree char *sql = g_strdup_printf ("UPDATE record SET received = received - %" G_GINT64_FORMAT " WHERE id <> '%s';"
                                          " UPDATE alert SET created = created - %" G_GINT64_FORMAT, 11 * YEAR, again.id, 11 * YEAR);
  run_sql (f, sql);
  /* What its author would be refused: a call for help whose answer is forgotten, a rating that came again just now. */
  check_verdict (f, "period-over", alert.id, "crisis-open");
  check_verdict (f, "period-over", again.id, "not-yet");
  post (f, "wang-fang", order, "stored");
  g_assert_false (is_anywhere (f, &there) || is_anywhere (f, &alert) || is_anywhere (f, &again));
  post (f, "li-wei", lost.text, "held");
  g_assert_false (is_anywhere (f, &lost));
  g_assert_cmpuint (get (f, "li-wei", lost.id), ==, 410);
  g_autoptr (JsonObject) found = verify (f, 0);
  g_assert_cmpint (anx_json_get_int (found, "erasedCount", -1), ==, 4);
  g_assert_cmpint (anx_json_get_int (found, "gapCount", -1), ==, 0);

  /* An order is kept for good, and what happened just now is within its period, whoever carries it. */
  Person *admin = fixture_person (f, "admin");
  g_auto (Written) itself = { 0 };
  itself.named = anx_erased_record_new (order_id, ANX_KIND_ERASURE, "admin", admin->sequence, admin->previous);
  see_refused (f, "wang-fang", "unlawful", &itself, LIST ("li-wei"), "record-invalid");
  g_auto (Written) access = write_record (f, "li-wei", "access", LIST ("li-wei"), NULL);
  see_refused (f, "wang-fang", "asked", &access, LIST ("li-wei"), "erasure-held");

  g_autofree char *forged = make_order (f, "he-ping", "asked", &there, LIST ("li-wei"));
  post (f, "wang-fang", forged, "record-not-allowed");
}

/* Killed before or in the middle of a write, each time at a later one, until it comes through: the record is there whole, or erased whole. */
static void
test_killed (Fixture *f,
             gconstpointer data)
{
  guint step = g_getenv ("ANX_ERASE_ALL") != NULL ? 1 : 7;
  guint died = 0, whole = 0, gone = 0;
  gboolean through = FALSE;
  fixture_publish (f);
  for (guint at = 1; !through; at += step)
    {
      g_auto (Written) written = write_record (f, "li-wei", "note", LIST ("li-wei"), NULL);
      g_autofree char *order = make_order (f, "admin", "asked", &written, LIST ("li-wei"));
      fixture_kill (f);
      g_autoptr (JsonObject) answer = NULL;
      through = fixture_start_with_fault (f, at) && post_records (f, "admin", LIST (order), &answer) == 200;
      if (through)
        g_assert_cmpstr (result_status (answer, 0), ==, "stored");
      fixture_kill (f);
      died += !through;
      fixture_start (f);
      guint status = get (f, "li-wei", written.id);
      g_assert_true (status == 200 || status == 410);
      g_assert_true (!through || status == 410);
      /* The hub that starts empties the log of the one that died. */
      if (status == 410)
        g_assert_false (is_anywhere (f, &written));
      whole += status == 200;
      gone += status == 410;
      post (f, "admin", order, status == 410 ? "held" : "stored");
      g_assert_cmpuint (get (f, "li-wei", written.id), ==, 410);
      g_assert_false (is_anywhere (f, &written));
    }
  g_test_message ("killed %u times: %u times nothing was erased, %u times all was", died, whole, gone);
  g_assert_cmpuint (whole, >, 1);
  g_assert_cmpuint (gone, >, 1);
  g_autoptr (JsonObject) found = verify (f, 0);
  g_assert_cmpint (anx_json_get_int (found, "erasedCount", -1), ==, whole + gone);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/hub/erasures/" path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("erase", test_erase);
  ADD ("held", test_held);
  ADD ("due", test_due);
  ADD ("restored", test_restored);
  ADD ("killed", test_killed);
  return g_test_run ();
}
