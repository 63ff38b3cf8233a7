/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"
#include "database.h"
#include "hub-district.h"
#include "id.h"
#include "json.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
test_public (Fixture *f,
             gconstpointer data)
{
  g_autoptr (JsonObject) health = NULL;
  g_assert_cmpuint (call (f, NULL, "GET", "/health", NULL, &health), ==, 200);
  g_assert_cmpstr (anx_json_get_string (health, "status", NULL), ==, "ok");
  g_autoptr (JsonObject) authority = NULL;
  g_assert_cmpuint (call (f, NULL, "GET", "/authority", NULL, &authority), ==, 200);
  g_assert_cmpstr (anx_json_get_string (authority, "district", NULL), ==, "test-district");
  g_autofree char *pem = anx_certificate_to_pem (anx_authority_get_certificate (f->authority));
  g_assert_cmpstr (anx_json_get_string (authority, "certificate", NULL), ==, pem);
  g_autoptr (JsonObject) absent = NULL;
  g_assert_cmpuint (call (f, NULL, "GET", "/directory", NULL, &absent), ==, 404);
  check_problem (absent, "directory-absent");
  g_autoptr (JsonObject) nothing = NULL;
  g_assert_cmpuint (call (f, NULL, "GET", "/nothing", NULL, &nothing), ==, 404);
  check_problem (nothing, "not-found");
  g_autoptr (JsonObject) method = NULL;
  g_assert_cmpuint (call (f, NULL, "PUT", "/health", "{}", &method), ==, 405);
  g_autoptr (JsonObject) needed = NULL;
  g_assert_cmpuint (call (f, NULL, "GET", "/inbox", NULL, &needed), ==, 401);
  check_problem (needed, "certificate-needed");
}

static void
test_identity (Fixture *f,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture_publish (f);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/inbox", NULL, NULL), ==, 200);

  /* Of the authority, but in no directory. */
  fixture_add_person (f, "stranger");
  g_autoptr (JsonObject) stranger = NULL;
  g_assert_cmpuint (call (f, "stranger", "GET", "/inbox", NULL, &stranger), ==, 403);
  check_problem (stranger, "principal-unknown");

  /* Of another authority with the same names. */
  g_autoptr (AnxAuthority) own = g_steal_pointer (&f->authority);
  f->authority = anx_authority_create ("test-district", "假区", g_get_real_time (), &error);
  g_assert_no_error (error);
  Person *real = fixture_person (f, "chen-fang");
  g_hash_table_steal (f->people, "chen-fang");
  fixture_add_person (f, "chen-fang");
  g_autoptr (JsonObject) forged = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/inbox", NULL, &forged), ==, 403);
  check_problem (forged, "certificate-unknown");
  g_hash_table_remove (f->people, "chen-fang");
  g_hash_table_insert (f->people, real->id, real);
  g_object_unref (f->authority);
  f->authority = g_steal_pointer (&own);

  /* Revoked. */
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/inbox", NULL, NULL), ==, 200);
  const char *serials[] = { anx_certificate_get_serial (real->sign_certificate), NULL };
  g_autoptr (GBytes) crl = anx_authority_make_crl (f->authority, serials, 1, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (call_bytes (f, "li-wei", "PUT", "/crl", crl, NULL), ==, 403);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/crl", crl, NULL), ==, 204);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/crl", crl, NULL), ==, 409);
  g_autoptr (JsonObject) revoked = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/inbox", NULL, &revoked), ==, 403);
  check_problem (revoked, "certificate-revoked");

  /* Both survive a restart. */
  fixture_kill (f);
  fixture_start (f);
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/inbox", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/inbox", NULL, NULL), ==, 200);
}

static void
test_roles (Fixture *f,
            gconstpointer data)
{
  fixture_publish (f);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/status", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "admin", "GET", "/status", NULL, NULL), ==, 200);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/enrolments", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/alerts", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/referrals", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "zhou-yun", "POST", "/lookups", "{\"codeKey\":\"" KEY_A "\"}", NULL), ==, 403);
  g_assert_cmpuint (call (f, "zhou-yun", "PUT", "/plans/li-wei", "{\"counsellor\":\"li-wei\",\"centres\":[\"centre-one\"]}", NULL), ==, 403);
  g_autoptr (JsonObject) ice = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/ice", NULL, &ice), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (ice, "servers")), ==, 2);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/link", NULL, NULL), ==, 426);
}

static void
test_enrolment (Fixture *f,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture_publish (f);
  gint64 now = g_get_real_time ();
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "SECRET23SECRET23", -1);
  g_autofree char *create = g_strdup_printf ("{\"principal\":\"new-kiosk\",\"secretHash\":\"%s\",\"expires\":%" G_GINT64_FORMAT "}", hash,
                                             now + 60 * G_USEC_PER_SEC);
  g_autoptr (JsonObject) created = NULL;
  g_assert_cmpuint (call (f, "li-wei", "POST", "/enrolments", create, NULL), ==, 403);
  g_assert_cmpuint (call (f, "admin", "POST", "/enrolments", create, &created), ==, 201);
  const char *id = anx_json_get_string (created, "id", NULL);

  g_autoptr (JsonObject) wrong = NULL;
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", "{\"secret\":\"WRONG\"}", &wrong), ==, 404);
  check_problem (wrong, "code-unknown");
  g_autoptr (JsonObject) whom = NULL;
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", "{\"secret\":\"SECRET23SECRET23\"}", &whom), ==, 200);
  g_assert_cmpstr (anx_json_get_string (whom, "status", NULL), ==, "open");
  g_assert_cmpstr (anx_json_get_string (whom, "principal", NULL), ==, "new-kiosk");

  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, "new-kiosk", &error);
  g_autoptr (JsonObject) claim = json_object_new ();
  json_object_set_string_member (claim, "secret", "SECRET23SECRET23");
  json_object_set_string_member (claim, "signRequest", request);
  json_object_set_string_member (claim, "sealRequest", request);
  g_autofree char *text = anx_json_object_to_text (claim);
  g_autofree char *path = g_strdup_printf ("/enrolments/%s/certificates", id);
  g_autoptr (AnxCertificate) sign = anx_authority_issue (f->authority, request, "new-kiosk", ANX_KEY_USE_SIGN, now, &error);
  g_autoptr (AnxCertificate) seal = anx_authority_issue (f->authority, request, "new-kiosk", ANX_KEY_USE_SEAL, now, &error);
  g_assert_no_error (error);
  g_autofree char *sign_pem = anx_certificate_to_pem (sign);
  g_autofree char *seal_pem = anx_certificate_to_pem (seal);
  g_autoptr (JsonObject) certificates = json_object_new ();
  json_object_set_string_member (certificates, "signCertificate", sign_pem);
  json_object_set_string_member (certificates, "sealCertificate", seal_pem);
  g_autofree char *certify = anx_json_object_to_text (certificates);
  g_autoptr (JsonObject) early = NULL;
  g_assert_cmpuint (call (f, "admin", "PUT", path, certify, &early), ==, 409);
  check_problem (early, "enrolment-not-claimed");

  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", text, NULL), ==, 202);
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", text, NULL), ==, 202);
  g_autoptr (AnxKey) other_key = anx_key_generate (&error);
  g_autofree char *other_request = anx_key_make_request (other_key, "new-kiosk", &error);
  json_object_set_string_member (claim, "signRequest", other_request);
  g_autofree char *other = anx_json_object_to_text (claim);
  g_autoptr (JsonObject) reused = NULL;
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", other, &reused), ==, 409);
  check_problem (reused, "code-used");

  /* The seal certificate in both places: of the wrong use. */
  json_object_set_string_member (certificates, "signCertificate", seal_pem);
  g_autofree char *swapped = anx_json_object_to_text (certificates);
  g_assert_cmpuint (call (f, "admin", "PUT", path, swapped, NULL), ==, 422);
  g_assert_cmpuint (call (f, "admin", "PUT", path, certify, NULL), ==, 200);
  g_autoptr (JsonObject) approved = NULL;
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", text, &approved), ==, 200);
  g_assert_cmpstr (anx_json_get_string (approved, "signCertificate", NULL), ==, sign_pem);
  g_autoptr (JsonObject) list = NULL;
  g_assert_cmpuint (call (f, "admin", "GET", "/enrolments", NULL, &list), ==, 200);
  JsonObject *first = json_array_get_object_element (anx_json_get_array (list, "enrolments"), 0);
  g_assert_cmpstr (anx_json_get_string (first, "status", NULL), ==, "approved");

  g_autofree char *late_hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "LATE", -1);
  g_autofree char *late = g_strdup_printf ("{\"principal\":\"late-one\",\"secretHash\":\"%s\",\"expires\":%" G_GINT64_FORMAT "}", late_hash, now - 1);
  g_assert_cmpuint (call (f, "admin", "POST", "/enrolments", late, NULL), ==, 201);
  g_autoptr (JsonObject) expired = NULL;
  g_assert_cmpuint (call (f, NULL, "POST", "/enrolments/claims", "{\"secret\":\"LATE\"}", &expired), ==, 410);
  check_problem (expired, "code-expired");
}

static void
test_directory (Fixture *f,
                gconstpointer data)
{
  fixture_publish (f);
  g_autoptr (GBytes) second = fixture_make_directory (f, 2, "zhou-yun-is-kept");
  g_autoptr (GBytes) first = fixture_make_directory (f, 1, NULL);
  /* The signature decides, not who carries it; without any certificate it is not even looked at. */
  g_assert_cmpuint (call_bytes (f, NULL, "PUT", "/directory", second, NULL), ==, 401);
  g_assert_cmpuint (call_bytes (f, "li-wei", "PUT", "/directory", first, NULL), ==, 409);
  g_assert_cmpuint (call_bytes (f, "li-wei", "PUT", "/directory", second, NULL), ==, 200);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", first, NULL), ==, 409);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", second, NULL), ==, 409);
  g_autoptr (GBytes) noise = g_bytes_new ("noise", 5);
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", noise, NULL), ==, 422);
  g_autoptr (GBytes) held = NULL;
  g_assert_cmpuint (call_bytes (f, NULL, "GET", "/directory", NULL, &held), ==, 200);
  g_assert_true (g_bytes_equal (held, second));
}

static JsonObject *
routing_of (const char *first_name,
            ...)
{
  JsonObject *routing = json_object_new ();
  va_list args;
  va_start (args, first_name);
  for (const char *name = first_name; name != NULL; name = va_arg (args, const char *))
    json_object_set_string_member (routing, name, va_arg (args, const char *));
  va_end (args);
  return routing;
}

static void
test_records (Fixture *f,
              gconstpointer data)
{
  fixture_publish (f);
  Person *kiosk = fixture_person (f, "kiosk-one");
  g_autofree char *id = NULL;
  g_autofree char *one = make_record (f, "kiosk-one", "screening", LIST ("li-wei"), NULL, &id);
  g_autofree char *two = make_record (f, "kiosk-one", "screening", LIST ("duty-one"), NULL, NULL);
  g_autofree char *foreign = make_record (f, "li-wei", "note", LIST ("li-wei"), NULL, NULL);
  g_autofree char *damaged = g_strdup (one);
  damaged[200] = damaged[200] == 'A' ? 'B' : 'A';

  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (one, damaged, foreign, "!!!!", two), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  g_assert_cmpstr (result_status (answer, 1), ==, "refused");
  g_assert_cmpstr (result_problem (answer, 2), ==, "record-not-own");
  g_assert_cmpstr (result_problem (answer, 3), ==, "record-invalid");
  g_assert_cmpstr (result_status (answer, 4), ==, "stored");

  g_autoptr (JsonObject) again = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (two, one), &again), ==, 200);
  g_assert_cmpstr (result_status (again, 0), ==, "held");
  g_assert_cmpstr (result_status (again, 1), ==, "held");

  /* Another record at a place that is taken. */
  kiosk->sequence = 1;
  g_autofree char *fork = make_record (f, "kiosk-one", "screening", LIST ("li-wei"), NULL, NULL);
  g_autoptr (JsonObject) forked = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (fork), &forked), ==, 200);
  g_assert_cmpstr (result_problem (forked, 0), ==, "chain-fork");

  /* Who reads: recipient, group member, author; nobody else. */
  static const struct { const char *who; guint n; } READERS[] = { { "li-wei", 1 }, { "wang-fang", 1 }, { "kiosk-one", 2 }, { "kiosk-two", 0 }, { "chen-fang", 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (READERS); i++)
    {
      g_autoptr (JsonObject) inbox = NULL;
      g_test_message ("inbox of %s", READERS[i].who);
      g_assert_cmpuint (call (f, READERS[i].who, "GET", "/inbox?after=0&limit=10", NULL, &inbox), ==, 200);
      g_assert_cmpuint (json_array_get_length (anx_json_get_array (inbox, "records")), ==, READERS[i].n);
      g_assert_false (anx_json_get_boolean (inbox, "more", TRUE));
    }
  g_autofree char *path = g_strconcat ("/records/", id, NULL);
  g_assert_cmpuint (call (f, "li-wei", "GET", path, NULL, NULL), ==, 200);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", path, NULL, NULL), ==, 200);
  g_assert_cmpuint (call (f, "wang-fang", "GET", path, NULL, NULL), ==, 404);
  g_autoptr (JsonObject) page = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/inbox?limit=1", NULL, &page), ==, 200);
  g_assert_true (anx_json_get_boolean (page, "more", FALSE));
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM record"), ==, 2);
}

static JsonObject *
get_slots (Fixture *f)
{
  JsonObject *slots = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/slots?centre=centre-one&service=talk&room=room-a", NULL, &slots), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (slots, "slots")), >, 20);
  return slots;
}

static gint64
slot_start (JsonObject *slots,
            guint index)
{
  return anx_json_get_int (json_array_get_object_element (anx_json_get_array (slots, "slots"), index), "start", 0);
}

static char *
claim_text (gint64 start,
            const char *room,
            const char *key)
{
  return g_strdup_printf ("{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"%s\",\"start\":%" G_GINT64_FORMAT
                          ",\"codeKey\":\"%s\"}", room, start, key);
}

static char *
booking_path (const char *id,
              const char *tail)
{
  return g_strconcat ("/bookings/", id, tail, NULL);
}

static void
test_booking (Fixture *f,
              gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonObject) slots = get_slots (f);
  gint64 start = slot_start (slots, 3);
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = booking_path (id, NULL);
  g_autofree char *status_path = booking_path (id, "/status");
  g_autofree char *claim = claim_text (start, "room-a", KEY_A);

  /* A kiosk sells its own room only; nobody sells what is not offered. */
  g_autofree char *other_room = claim_text (start, "room-b", KEY_A);
  g_autofree char *odd = claim_text (start + 60 * G_USEC_PER_SEC, "room-a", KEY_A);
  g_autofree char *no_kiosk = claim_text (start, "room-c", KEY_A);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, other_room, NULL), ==, 403);
  g_assert_cmpuint (call (f, "li-wei", "PUT", path, claim, NULL), ==, 403);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, odd, NULL), ==, 409);
  g_autoptr (JsonObject) unoffered = NULL;
  guint unoffered_status = call (f, "chen-fang", "PUT", path, no_kiosk, &unoffered);
  g_assert_cmpuint (unoffered_status, ==, 409);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", "/bookings/not-a-uuid", claim, NULL), ==, 400);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, 0);

  g_autoptr (JsonObject) booking = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, &booking), ==, 201);
  g_assert_cmpstr (anx_json_get_string (booking, "status", NULL), ==, "booked");
  g_assert_cmpstr (anx_json_get_string (booking, "kiosk", NULL), ==, "kiosk-one");
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 200);
  g_autofree char *differs = claim_text (slot_start (slots, 5), "room-a", KEY_A);
  g_autoptr (JsonObject) differing = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, differs, &differing), ==, 409);
  check_problem (differing, "booking-differs");

  /* The counsellor is taken too, in every room. */
  g_autofree char *second = anx_uuid_new (g_get_real_time ());
  g_autofree char *second_path = booking_path (second, NULL);
  g_autofree char *in_b = claim_text (start, "room-b", KEY_B);
  g_autoptr (JsonObject) taken = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "PUT", second_path, in_b, &taken), ==, 409);
  check_problem (taken, "slot-taken");
  JsonArray *alternatives = anx_json_get_array (taken, "alternatives");
  g_assert_cmpuint (json_array_get_length (alternatives), >, 0);
  for (guint i = 0; i < json_array_get_length (alternatives); i++)
    g_assert_cmpint (anx_json_get_int (json_array_get_object_element (alternatives, i), "start", 0), !=, start);
  g_autoptr (JsonObject) fewer = get_slots (f);
  for (guint i = 0; i < json_array_get_length (anx_json_get_array (fewer, "slots")); i++)
    g_assert_cmpint (slot_start (fewer, i), !=, start);

  /* Code: looking up, checking in, changing. */
  g_autoptr (JsonObject) lookup = NULL;
  g_assert_cmpuint (call (f, "kiosk-two", "POST", "/lookups", "{\"codeKey\":\"" KEY_A "\"}", &lookup), ==, 200);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (lookup, "booking"), "id", NULL), ==, id);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/lookups", "{\"codeKey\":\"" KEY_B "\"}", NULL), ==, 404);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", status_path, "{\"status\":\"cancelled\"}", NULL), ==, 404);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", status_path, "{\"status\":\"cancelled\",\"codeKey\":\"" KEY_B "\"}", NULL), ==, 404);
  g_autoptr (JsonObject) in = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", &in), ==, 200);
  g_assert_cmpstr (anx_json_get_string (in, "status", NULL), ==, "checked-in");
  g_assert_cmpuint (call (f, "chen-fang", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", NULL), ==, 200);
  g_assert_cmpuint (call (f, "wang-fang", "POST", status_path, "{\"status\":\"cancelled\"}", NULL), ==, 404);
  g_assert_cmpuint (call (f, "chen-fang", "POST", status_path, "{\"status\":\"nonsense\"}", NULL), ==, 409);
  g_autoptr (JsonObject) listed = NULL;
  g_assert_cmpuint (call (f, "li-wei", "GET", "/bookings", NULL, &listed), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (listed, "bookings")), ==, 1);
  g_autoptr (JsonObject) hidden = NULL;
  g_assert_cmpuint (call (f, "kiosk-two", "GET", "/bookings", NULL, &hidden), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (hidden, "bookings")), ==, 0);

  /* A cancelled booking frees its cells. */
  g_autofree char *third = anx_uuid_new (g_get_real_time ());
  g_autofree char *third_path = booking_path (third, NULL);
  g_autofree char *third_status = booking_path (third, "/status");
  g_autofree char *third_claim = claim_text (slot_start (slots, 8), "room-a", KEY_B);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", third_path, third_claim, NULL), ==, 201);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", third_status, "{\"status\":\"cancelled\",\"codeKey\":\"" KEY_B "\"}", NULL), ==, 200);
  g_autofree char *fourth = anx_uuid_new (g_get_real_time ());
  g_autofree char *fourth_path = booking_path (fourth, NULL);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", fourth_path, third_claim, NULL), ==, 201);

  /* No code key in clear, anywhere in the hub's files. */
  static const char *const NAMES[] = { "hub.db", "hub.db-wal", "hub.err" };
  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *file = g_build_filename (f->folder, NAMES[i], NULL);
      g_autofree char *content = NULL;
      gsize size = 0;
      g_assert_true (g_file_get_contents (file, &content, &size, NULL));
      g_assert_null (memmem (content, size, KEY_A, 64));
      g_assert_null (memmem (content, size, KEY_B, 64));
    }
}

/* As if time had passed: the hub's clock cannot be moved, its rows can. */
static void
set_times (Fixture *f,
           const char *id,
           gint64 start)
{
  g_autofree char *sql = g_strdup_printf ("UPDATE booking SET start = %" G_GINT64_FORMAT ", end = %" G_GINT64_FORMAT " WHERE id = '%s'", start,
                                          start + 20 * ANX_USEC_PER_MINUTE, id);
  fixture_run_sql (f, sql);
}

static void
test_check_in_window (Fixture *f,
                      gconstpointer data)
{
  const gint64 HOUR = ANX_USEC_PER_HOUR, MARGIN = 2 * ANX_USEC_PER_MINUTE, LENGTH = 20 * ANX_USEC_PER_MINUTE;
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonObject) slots = get_slots (f);
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = booking_path (id, NULL);
  g_autofree char *status_path = booking_path (id, "/status");
  g_autofree char *claim = claim_text (slot_start (slots, 60), "room-a", KEY_A);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 201);

  const struct { gint64 start; const char *problem; } TIMES[] = {
    { 12 * HOUR + MARGIN, "not-yet" }, { -12 * HOUR - LENGTH - MARGIN, "over" }, { 12 * HOUR - MARGIN, NULL }, { -12 * HOUR - LENGTH + MARGIN, NULL },
    { -12 * HOUR - LENGTH - MARGIN, "over" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (TIMES); i++)
    {
      g_autoptr (JsonObject) answer = NULL;
      set_times (f, id, g_get_real_time () + TIMES[i].start);
      guint status = call (f, "kiosk-one", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", &answer);
      g_assert_cmpuint (status, ==, TIMES[i].problem != NULL ? 409 : 200);
      if (TIMES[i].problem != NULL)
        check_problem (answer, TIMES[i].problem);
    }
  /* What is cancelled says so, whatever the time. */
  g_autoptr (JsonObject) cancelled = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "POST", status_path, "{\"status\":\"cancelled\"}", NULL), ==, 200);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", &cancelled), ==, 409);
  check_problem (cancelled, "status-not-allowed");
}

static void
test_holiday (Fixture *f,
              gconstpointer data)
{
  static const struct { const char *more; gboolean works; } PLANS[] = { { "\"holidays\":true", TRUE }, { "\"holidays\":false", FALSE }, { "\"absences\":[]", FALSE } };
  g_autofree char *text = g_strconcat (f->holiday, "T00:00:00+08", NULL);
  g_autoptr (GDateTime) midnight = g_date_time_new_from_iso8601 (text, NULL);
  gint64 from = g_date_time_to_unix (midnight) * G_USEC_PER_SEC;
  g_autofree char *path = g_strdup_printf ("/slots?centre=centre-one&service=talk&room=room-a&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, from,
                                           from + ANX_USEC_PER_DAY);
  gint64 start = 0;
  fixture_publish (f);
  for (guint i = 0; i < G_N_ELEMENTS (PLANS); i++)
    {
      g_autoptr (JsonObject) slots = NULL;
      fixture_put_plan_with (f, PLANS[i].more);
      g_assert_cmpuint (call (f, "kiosk-one", "GET", path, NULL, &slots), ==, 200);
      g_assert_cmpint (json_array_get_length (anx_json_get_array (slots, "slots")) > 0, ==, PLANS[i].works);
      if (PLANS[i].works)
        start = slot_start (slots, 3 + i);
      g_autofree char *id = anx_uuid_new (g_get_real_time ());
      g_autofree char *booking = booking_path (id, NULL);
      g_autofree char *claim = claim_text (start + (PLANS[i].works ? 0 : 25 * ANX_USEC_PER_MINUTE), "room-a", KEY_A);
      g_autoptr (JsonObject) answer = NULL;
      guint status = call (f, "kiosk-one", "PUT", booking, claim, &answer);
      g_assert_cmpuint (status, ==, PLANS[i].works ? 201 : 409);
      if (!PLANS[i].works)
        check_problem (answer, "slot-not-offered");
    }
}

typedef struct
{
  Fixture *f;
  const char *claim;
  guint status;
  guint alternatives;
} Racer;

static gpointer
race (gpointer data)
{
  Racer *racer = data;
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = booking_path (id, NULL);
  g_autoptr (JsonObject) answer = NULL;
  racer->status = call (racer->f, "kiosk-one", "PUT", path, racer->claim, &answer);
  if (racer->status == 409)
    racer->alternatives = json_array_get_length (anx_json_get_array (answer, "alternatives"));
  return NULL;
}

static void
test_race (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonObject) slots = get_slots (f);
  g_autofree char *claim = claim_text (slot_start (slots, 2), "room-a", KEY_A);
  Racer racers[16];
  GThread *threads[16];
  for (guint i = 0; i < 16; i++)
    {
      racers[i] = (Racer){ f, claim, 0, 0 };
      threads[i] = g_thread_new ("racer", race, &racers[i]);
    }
  guint won = 0, lost = 0;
  for (guint i = 0; i < 16; i++)
    {
      g_thread_join (threads[i]);
      won += racers[i].status == 201;
      lost += racers[i].status == 409 && racers[i].alternatives > 0;
    }
  g_assert_cmpuint (won, ==, 1);
  g_assert_cmpuint (lost, ==, 15);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM cell"), ==, 15);
}

static void
test_alert_and_referral (Fixture *f,
                         gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *alert = NULL;
  g_autoptr (JsonObject) routing = routing_of ("level", "red", "centre", "centre-one", "room", "room-a", NULL);
  g_autofree char *record = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), routing, &alert);
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (record), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  g_autoptr (JsonObject) alerts = NULL;
  g_assert_cmpuint (call (f, "wang-fang", "GET", "/alerts", NULL, &alerts), ==, 200);
  JsonObject *open = json_array_get_object_element (anx_json_get_array (alerts, "alerts"), 0);
  g_assert_cmpstr (anx_json_get_string (open, "id", NULL), ==, alert);
  g_assert_false (json_object_has_member (open, "acknowledged"));

  g_autoptr (JsonObject) names = routing_of ("alert", alert, NULL);
  g_autofree char *by_kiosk = make_record (f, "kiosk-two", "alert-acknowledgement", LIST ("duty-one"), names, NULL);
  g_autoptr (JsonObject) refused = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-two", LIST (by_kiosk), &refused), ==, 200);
  g_assert_cmpstr (result_problem (refused, 0), ==, "record-not-allowed");
  g_autofree char *by_duty = make_record (f, "wang-fang", "alert-acknowledgement", LIST ("duty-one", "kiosk-one"), names, NULL);
  g_autoptr (JsonObject) accepted = NULL;
  g_assert_cmpuint (post_records (f, "wang-fang", LIST (by_duty), &accepted), ==, 200);
  g_assert_cmpstr (result_status (accepted, 0), ==, "stored");
  g_autoptr (JsonObject) later = NULL;
  g_assert_cmpuint (call (f, "wang-fang", "GET", "/alerts", NULL, &later), ==, 200);
  open = json_array_get_object_element (anx_json_get_array (later, "alerts"), 0);
  g_assert_cmpstr (anx_json_get_string (open, "acknowledgedBy", NULL), ==, "wang-fang");

  g_autofree char *task = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) request = routing_of ("task", task, "centre", "centre-one", "to", "mental-health", "urgency", "immediate", "status",
                                               "requested", "businessStatus", "2.0", NULL);
  g_autofree char *by_staff = make_record (f, "chen-fang", "referral", LIST ("mental-health"), request, NULL);
  g_autoptr (JsonObject) not_allowed = NULL;
  g_assert_cmpuint (post_records (f, "chen-fang", LIST (by_staff), &not_allowed), ==, 200);
  g_assert_cmpstr (result_problem (not_allowed, 0), ==, "record-not-allowed");
  g_autofree char *referral = make_record (f, "li-wei", "referral", LIST ("li-wei", "mental-health"), request, NULL);
  g_autoptr (JsonObject) stored = NULL;
  g_assert_cmpuint (post_records (f, "li-wei", LIST (referral), &stored), ==, 200);
  g_assert_cmpstr (result_status (stored, 0), ==, "stored");

  g_autoptr (JsonObject) jump = routing_of ("task", task, "status", "completed", "businessStatus", "7.0", NULL);
  g_autofree char *too_early = make_record (f, "zhou-yun", "referral-event", LIST ("li-wei", "mental-health"), jump, NULL);
  g_autoptr (JsonObject) jumped = NULL;
  g_assert_cmpuint (post_records (f, "zhou-yun", LIST (too_early), &jumped), ==, 200);
  g_assert_cmpstr (result_problem (jumped, 0), ==, "referral-not-allowed");
  fixture_person (f, "zhou-yun")->sequence = 0;
  g_clear_pointer (&fixture_person (f, "zhou-yun")->previous, g_free);
  g_autoptr (JsonObject) step = routing_of ("task", task, "status", "accepted", "businessStatus", "3.0", NULL);
  g_autofree char *event = make_record (f, "zhou-yun", "referral-event", LIST ("li-wei", "mental-health"), step, NULL);
  g_autofree char *outsider = make_record (f, "he-ping", "referral-event", LIST ("li-wei"), step, NULL);
  g_autoptr (JsonObject) outside = NULL;
  g_assert_cmpuint (post_records (f, "he-ping", LIST (outsider), &outside), ==, 200);
  g_assert_cmpstr (result_problem (outside, 0), ==, "record-not-allowed");
  g_autoptr (JsonObject) followed = NULL;
  g_assert_cmpuint (post_records (f, "zhou-yun", LIST (event), &followed), ==, 200);
  g_assert_cmpstr (result_status (followed, 0), ==, "stored");

  static const struct { const char *who; guint n; } READERS[] = { { "li-wei", 1 }, { "zhou-yun", 1 }, { "chen-fang", 1 }, { "he-ping", 1 }, { "wang-fang", 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (READERS); i++)
    {
      g_autoptr (JsonObject) list = NULL;
      g_test_message ("referrals of %s", READERS[i].who);
      g_assert_cmpuint (call (f, READERS[i].who, "GET", "/referrals", NULL, &list), ==, 200);
      JsonArray *referrals = anx_json_get_array (list, "referrals");
      g_assert_cmpuint (json_array_get_length (referrals), ==, READERS[i].n);
      if (READERS[i].n == 0)
        continue;
      JsonObject *one = json_array_get_object_element (referrals, 0);
      g_assert_cmpstr (anx_json_get_string (one, "status", NULL), ==, "accepted");
      /* Accepting does not start the clock again: feedback on an immediate one is due a day after the request. */
      g_assert_cmpint (anx_json_get_int (one, "changed", 0), >, anx_json_get_int (one, "requested", 0));
      g_assert_cmpint (anx_json_get_int (one, "due", 0) - anx_json_get_int (one, "requested", 0), ==, ANX_USEC_PER_DAY);
      g_assert_cmpstr (anx_json_get_string (one, "light", NULL), ==, "green");
      g_assert_cmpint (anx_json_get_int (one, "accepted", 0), ==, anx_json_get_int (one, "changed", 0));
    }

  /* The author cannot answer for the department, and nobody can go back. */
  static const struct { const char *who, *status, *business, *problem; } STEPS[] = {
    { "li-wei", "in-progress", "3.0", "referral-not-allowed" }, { "zhou-yun", "received", "2.0", "referral-not-allowed" },
    { "zhou-yun", "on-hold", "2.0", "referral-not-allowed" },   { "zhou-yun", "cancelled", "6.0", "referral-not-allowed" },
    { "zhou-yun", "accepted", "7.0", "referral-not-allowed" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (STEPS); i++)
    {
      Person *person = fixture_person (f, STEPS[i].who);
      gint64 sequence = person->sequence;
      g_autofree char *previous = g_strdup (person->previous);
      g_autoptr (JsonObject) bad = routing_of ("task", task, "status", STEPS[i].status, "businessStatus", STEPS[i].business, NULL);
      g_autofree char *refused_event = make_record (f, STEPS[i].who, "referral-event", LIST ("li-wei", "mental-health"), bad, NULL);
      g_autoptr (JsonObject) result = NULL;
      g_test_message ("%s: %s %s", STEPS[i].who, STEPS[i].status, STEPS[i].business);
      g_assert_cmpuint (post_records (f, STEPS[i].who, LIST (refused_event), &result), ==, 200);
      g_assert_cmpstr (result_problem (result, 0), ==, STEPS[i].problem);
      person->sequence = sequence;
      g_free (person->previous);
      person->previous = g_steal_pointer (&previous);
    }

  /* One referral is nobody's figure: the supervisor sees that there are some, not how many. */
  g_autoptr (JsonObject) figures = NULL;
  g_assert_cmpuint (call (f, "li-wei", "GET", "/supervision", NULL, NULL), ==, 403);
  g_assert_cmpuint (call (f, "he-ping", "GET", "/supervision?from=2&to=1", NULL, NULL), ==, 400);
  g_assert_cmpuint (call (f, "he-ping", "GET", "/supervision", NULL, &figures), ==, 200);
  JsonObject *row = json_array_get_object_element (anx_json_get_array (figures, "departments"), 0);
  g_assert_cmpstr (anx_json_get_string (row, "id", NULL), ==, "mental-health");
  g_assert_true (json_object_get_null_member (row, "all") && json_object_get_null_member (row, "answeredInTime"));
  g_assert_true (json_object_get_null_member (anx_json_get_object (figures, "total"), "all"));
}

static void
test_hostile (Fixture *f,
              gconstpointer data)
{
  fixture_publish (f);
  gint64 before = fixture_count (f, "SELECT count(*) FROM record") + fixture_count (f, "SELECT count(*) FROM booking");
  g_autofree char *deep = g_strnfill (5000, '[');
  g_autofree char *large = g_strnfill (5 * 1024 * 1024, 'x');
  g_autofree char *medium = g_strnfill (100 * 1024, 'x');
  static const char *const PATHS[] = { "/records", "/lookups", "/check-ins" };
  for (guint i = 0; i < G_N_ELEMENTS (PATHS); i++)
    {
      g_test_message ("%s", PATHS[i]);
      g_assert_cmpuint (call (f, "kiosk-one", "POST", PATHS[i], "{", NULL), ==, 400);
      g_assert_cmpuint (call (f, "kiosk-one", "POST", PATHS[i], "[]", NULL), ==, 400);
      g_assert_cmpuint (call (f, "kiosk-one", "POST", PATHS[i], deep, NULL), ==, 400);
      g_assert_cmpuint (call (f, "kiosk-one", "POST", PATHS[i], "{\"records\":1,\"codeKey\":[]}", NULL), ==, 400);
      g_assert_cmpuint (call (f, "kiosk-one", "POST", PATHS[i], large, NULL), ==, 413);
    }
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/lookups", medium, NULL), ==, 413);
  g_assert_cmpuint (call (f, NULL, "POST", "/records", large, NULL), ==, 401);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/inbox?after=-1", NULL, NULL), ==, 400);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/slots?centre=centre-one", NULL, NULL), ==, 400);
  g_assert_cmpuint (call (f, "kiosk-one", "GET", "/records/../../etc/passwd", NULL, NULL), ==, 404);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM record") + fixture_count (f, "SELECT count(*) FROM booking"), ==, before);
  g_assert_cmpuint (call (f, NULL, "GET", "/health", NULL, NULL), ==, 200);
}

/* Bodies around the sizes of TLS records and of the server's buffers: none may wait for bytes that are already there. */
static void
test_body_sizes (Fixture *f,
                 gconstpointer data)
{
  fixture_publish (f);
  static const gsize SIZES[] = { 3000, 4090, 8100, 9000, 12000, 14000, 15500, 16300, 16400, 17000, 27000, 33000, 60000, 200000 };
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++)
    {
      g_test_message ("%" G_GSIZE_FORMAT " bytes", SIZES[i]);
      g_autofree char *filling = g_strnfill (SIZES[i], 'A');
      g_autofree char *body = g_strdup_printf ("{\"records\":[\"%s\"]}", filling);
      /* A body that is left waiting ends at the hub's deadline, in a refusal. */
      g_assert_cmpuint (call (f, "kiosk-one", "POST", "/records", body, NULL), ==, 200);
    }
}

static void
test_rate (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  guint refused = 0;
  gint64 begin_usec = g_get_monotonic_time ();
  for (guint i = 0; i < 40; i++)
    refused += call (f, "li-wei", "GET", "/ice", NULL, NULL) == 429;
  /* Twenty at once, and one more every three seconds, however slow the machine is. */
  gint64 allowed = 20 + (g_get_monotonic_time () - begin_usec) / (3 * G_USEC_PER_SEC) + 1;
  g_assert_cmpint (refused, >=, 40 - allowed);
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/ice", NULL, NULL), ==, 200);
}

/* A peer that sends its header or body a byte at a time is cut off by the deadline, though it is never idle. */
static void
trickle (Fixture *f,
         const char *beginning)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_timeout (client, 30);
  g_autoptr (GSocketConnection) plain = g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) f->port, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GSocketConnectable) identity = g_network_address_new ("127.0.0.1", (guint16) f->port);
  g_autoptr (GIOStream) tls = g_tls_client_connection_new (G_IO_STREAM (plain), identity, &error);
  g_assert_no_error (error);
  g_tls_connection_set_database (G_TLS_CONNECTION (tls), f->trust);
  g_assert_true (g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, &error));
  GOutputStream *out = g_io_stream_get_output_stream (tls);
  gint64 begun = g_get_monotonic_time ();
  g_assert_true (g_output_stream_write_all (out, beginning, strlen (beginning), NULL, NULL, &error));
  /* glib-networking loses its error when nobody takes it. */
  while (g_output_stream_write_all (out, "a", 1, NULL, NULL, &error) && g_get_monotonic_time () - begun < 25 * G_USEC_PER_SEC)
    g_usleep (200 * 1000);
  gint64 seconds = (g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  g_test_message ("cut off after %" G_GINT64_FORMAT " s", seconds);
  g_assert_cmpint (seconds, <, 20);
  g_assert_cmpuint (call (f, NULL, "GET", "/health", NULL, NULL), ==, 200);
}

/* A full disk: refused with the reason, nothing lost, and the hub goes on by itself when there is space again. */
static void
test_full (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  /* What the disk has left is counted from what its largest file, the log of the database, takes by now. */
  GStatBuf log = { 0 };
  g_autofree char *log_path = g_build_filename (f->folder, "hub.db-wal", NULL);
  g_assert_cmpint (g_stat (log_path, &log), ==, 0);
  struct rlimit full = { (rlim_t) log.st_size + 100 * 1024, RLIM_INFINITY }, roomy = { RLIM_INFINITY, RLIM_INFINITY };
  pid_t hub = (pid_t) atoi (g_subprocess_get_identifier (f->hub));
  g_assert_cmpint (prlimit (hub, RLIMIT_FSIZE, &full, NULL), ==, 0);
  guint status = 200, stored = 0;
  g_autofree char *last = NULL;
  g_autoptr (JsonObject) answer = NULL;
  for (guint i = 0; i < 200 && status == 200; i++)
    {
      g_clear_pointer (&last, g_free);
      g_clear_pointer (&answer, json_object_unref);
      last = make_record (f, "kiosk-one", "screening", LIST ("li-wei"), NULL, NULL);
      status = post_records (f, "kiosk-one", LIST (last), &answer);
      stored += status == 200;
    }
  g_assert_cmpuint (status, ==, 507);
  check_problem (answer, "storage-full");
  g_assert_cmpuint (stored, >, 0);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM record"), ==, stored);
  g_assert_cmpint (prlimit (hub, RLIMIT_FSIZE, &roomy, NULL), ==, 0);
  g_autoptr (JsonObject) again = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (last), &again), ==, 200);
  g_assert_cmpstr (result_status (again, 0), ==, "stored");
}

static void
test_slow_head (Fixture *f,
                gconstpointer data)
{
  trickle (f, "GET /v1/health HTTP/1.1\r\nX: ");
}

static void
test_slow_body (Fixture *f,
                gconstpointer data)
{
  trickle (f, "POST /v1/enrolments/claims HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{");
}

typedef struct
{
  Fixture *f;
  GPtrArray *acknowledged; /* ids */
  GMutex lock;
  GCond more;
  char *last;              /* the record whose answer did not come */
} Load;

static gpointer
post_until_dead (gpointer data)
{
  Load *load = data;
  for (;;)
    {
      g_autofree char *a = NULL, *b = NULL;
      g_autofree char *one = make_record (load->f, "kiosk-one", "screening", LIST ("li-wei"), NULL, &a);
      g_autofree char *two = make_record (load->f, "kiosk-one", "screening", LIST ("li-wei"), NULL, &b);
      g_autoptr (JsonObject) answer = NULL;
      if (post_records (load->f, "kiosk-one", LIST (one, two), &answer) != 200)
        {
          load->last = g_steal_pointer (&one);
          return NULL;
        }
      g_mutex_lock (&load->lock);
      g_ptr_array_add (load->acknowledged, g_steal_pointer (&a));
      g_ptr_array_add (load->acknowledged, g_steal_pointer (&b));
      g_cond_signal (&load->more);
      g_mutex_unlock (&load->lock);
    }
}

static void
test_kill (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  Load load = { .f = f, .acknowledged = g_ptr_array_new_with_free_func (g_free) };
  for (guint round = 0; round < 3; round++)
    {
      guint target = load.acknowledged->len + 30;
      GThread *thread = g_thread_new ("load", post_until_dead, &load);
      g_mutex_lock (&load.lock);
      while (load.acknowledged->len < target)
        g_cond_wait (&load.more, &load.lock);
      g_mutex_unlock (&load.lock);
      fixture_kill (f);
      g_thread_join (thread);
      fixture_start (f);
      /* The record whose answer was lost: sent again, it is there once. The batch's second one is lost for ever here: go on after it. */
      g_autoptr (JsonObject) again = NULL;
      g_assert_cmpuint (post_records (f, "kiosk-one", LIST (load.last), &again), ==, 200);
      g_assert_cmpstr (result_status (again, 0), !=, "refused");
      g_clear_pointer (&load.last, g_free);
      fixture_person (f, "kiosk-one")->sequence++;
    }
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxDatabase) db = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < load.acknowledged->len; i++)
    g_assert_cmpint (anx_database_query_int (db, 0, &error, "SELECT count(*) FROM record WHERE id = ?", "s",
                                             (const char *) g_ptr_array_index (load.acknowledged, i)), ==, 1);
  g_assert_true (anx_database_check (db, &error));
  g_ptr_array_unref (load.acknowledged);
}

/* The link */

typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *socket;
  GQueue messages;
  GError *error;
  gboolean done;
} Link;

static void
on_message (SoupWebsocketConnection *socket,
            int type,
            GBytes *bytes,
            gpointer data)
{
  g_queue_push_tail (&((Link *) data)->messages, g_bytes_ref (bytes));
}

static void
on_linked (GObject *source,
           GAsyncResult *result,
           gpointer data)
{
  Link *link = data;
  link->socket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &link->error);
  if (link->socket != NULL)
    g_signal_connect (link->socket, "message", G_CALLBACK (on_message), link);
  link->done = TRUE;
}

static Link *
link_open (Fixture *f,
           const char *who,
           const char *protocol)
{
  Link *link = g_new0 (Link, 1);
  g_autofree char *url = fixture_url (f, "/link");
  g_autofree char *ws = g_strconcat ("wss", url + strlen ("https"), NULL);
  link->session = soup_session_new_with_options ("tls-database", f->trust, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", ws);
  if (who != NULL)
    soup_message_set_tls_client_certificate (message, fixture_person (f, who)->tls);
  char *protocols[] = { (char *) protocol, NULL };
  soup_session_websocket_connect_async (link->session, message, NULL, protocol != NULL ? protocols : NULL, G_PRIORITY_DEFAULT, NULL, on_linked, link);
  while (!link->done)
    g_main_context_iteration (NULL, TRUE);
  return link;
}

static JsonObject *
link_wait (Link *link)
{
  while (g_queue_is_empty (&link->messages))
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (GBytes) bytes = g_queue_pop_head (&link->messages);
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);
  JsonObject *object = anx_json_parse_object (text, (gssize) size, 1 << 20, NULL);
  g_assert_nonnull (object);
  return object;
}

static JsonObject *
link_wait_for (Link *link,
               const char *type)
{
  for (;;)
    {
      g_autoptr (JsonObject) message = link_wait (link);
      if (g_strcmp0 (anx_json_get_string (message, "type", NULL), type) == 0)
        return g_steal_pointer (&message);
    }
}

static void
link_close (Link *link)
{
  if (link->socket != NULL)
    g_signal_handlers_disconnect_by_data (link->socket, link);
  g_queue_clear_full (&link->messages, (GDestroyNotify) g_bytes_unref);
  g_clear_object (&link->socket);
  g_clear_object (&link->session);
  g_clear_error (&link->error);
  g_free (link);
}

static void
link_signal (Link *link,
             const char *to,
             const char *call_id)
{
  g_autofree char *text = g_strdup_printf ("{\"type\":\"signal\",\"to\":\"%s\",\"call\":\"%s\",\"body\":{\"n\":1}}", to, call_id);
  soup_websocket_connection_send_text (link->socket, text);
}

static void
check_failed (Link *link,
              const char *reason)
{
  g_autoptr (JsonObject) failed = link_wait_for (link, "signal-failed");
  g_assert_cmpstr (anx_json_get_string (failed, "reason", NULL), ==, reason);
}

static void
test_link (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  Link *nobody = link_open (f, NULL, "anxin.link.v1");
  g_assert_null (nobody->socket);
  link_close (nobody);
  Link *wrong = link_open (f, "li-wei", "other.v1");
  g_assert_null (wrong->socket);
  link_close (wrong);

  Link *counsellor = link_open (f, "li-wei", "anxin.link.v1");
  Link *kiosk = link_open (f, "kiosk-one", "anxin.link.v1");
  Link *other = link_open (f, "kiosk-two", "anxin.link.v1");
  g_assert_no_error (counsellor->error);
  g_assert_no_error (kiosk->error);
  g_assert_no_error (other->error);

  g_autoptr (JsonObject) slots = get_slots (f);
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = booking_path (id, NULL);
  g_autofree char *claim = claim_text (slot_start (slots, 0), "room-a", KEY_A);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 201);
  g_autoptr (JsonObject) look = link_wait_for (counsellor, "look");
  g_assert_cmpstr (anx_json_get_string (look, "what", NULL), ==, "bookings");

  link_signal (counsellor, "kiosk-one", id); /* not checked in yet */
  check_failed (counsellor, "not-allowed");
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", NULL), ==, 200);

  link_signal (counsellor, "kiosk-one", id);
  g_autoptr (JsonObject) signal = link_wait_for (kiosk, "signal");
  g_assert_cmpstr (anx_json_get_string (signal, "from", NULL), ==, "li-wei");
  g_assert_cmpstr (anx_json_get_string (signal, "call", NULL), ==, id);
  g_assert_cmpint (anx_json_get_int (anx_json_get_object (signal, "body"), "n", 0), ==, 1);
  link_signal (kiosk, "li-wei", id);
  g_autoptr (JsonObject) back = link_wait_for (counsellor, "signal");
  g_assert_cmpstr (anx_json_get_string (back, "from", NULL), ==, "kiosk-one");

  /* A session of yesterday evening can still be held; one long over cannot, nor one of tomorrow. */
  static const int HOURS[] = { -13, 13, -11, 11 };
  for (guint i = 0; i < G_N_ELEMENTS (HOURS); i++)
    {
      set_times (f, id, g_get_real_time () + HOURS[i] * ANX_USEC_PER_HOUR);
      link_signal (counsellor, "kiosk-one", id);
      if (i < 2)
        check_failed (counsellor, "not-allowed");
      else
        {
          g_autoptr (JsonObject) kept = link_wait_for (kiosk, "signal");
          g_assert_cmpstr (anx_json_get_string (kept, "call", NULL), ==, id);
        }
    }
  link_signal (other, "li-wei", id);
  check_failed (other, "not-allowed");
  link_signal (kiosk, "kiosk-two", id);
  check_failed (kiosk, "not-allowed");
  soup_websocket_connection_close (kiosk->socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  while (soup_websocket_connection_get_state (kiosk->socket) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_main_context_iteration (NULL, TRUE);
  link_signal (counsellor, "kiosk-one", id);
  check_failed (counsellor, "absent");

  /* A record's arrival is told to its readers, and only to them. */
  g_autofree char *record = make_record (f, "kiosk-one", "screening", LIST ("li-wei"), NULL, NULL);
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (record), NULL), ==, 200);
  for (;;)
    {
      g_autoptr (JsonObject) message = link_wait_for (counsellor, "look");
      if (g_strcmp0 (anx_json_get_string (message, "what", NULL), "inbox") == 0)
        break;
    }
  g_assert_true (g_queue_is_empty (&other->messages) || !strstr (g_bytes_get_data (g_queue_peek_tail (&other->messages), NULL), "inbox"));

  /* Too much, or not the protocol: closed. */
  g_autofree char *large = g_strnfill (80 * 1024, 'x');
  soup_websocket_connection_send_text (other->socket, large);
  while (soup_websocket_connection_get_state (other->socket) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_main_context_iteration (NULL, TRUE);
  /* Who leaves the directory loses the link. */
  g_autoptr (GBytes) second = fixture_make_directory (f, 2, "li-wei");
  g_assert_cmpuint (call_bytes (f, "admin", "PUT", "/directory", second, NULL), ==, 200);
  while (soup_websocket_connection_get_state (counsellor->socket) != SOUP_WEBSOCKET_STATE_CLOSED)
    g_main_context_iteration (NULL, TRUE);
  link_close (counsellor);
  link_close (kiosk);
  link_close (other);
}

/* Kiosk, counsellor and mediator of a joint booking, each with each; nobody else, and the mediator of no other booking. */
static void
test_link_joint (Fixture *f,
                 gconstpointer data)
{
  static const char *const PARTIES[] = { "kiosk-one", "li-wei", "zhao-min" }, *const OTHERS[] = { "kiosk-two", "sun-li", "chen-fang" };
  enum { N = G_N_ELEMENTS (PARTIES) };
  Link *links[N], *others[N];
  fixture_publish (f);
  fixture_put_plan (f);
  for (guint i = 0; i < N; i++)
    {
      links[i] = link_open (f, PARTIES[i], "anxin.link.v1");
      others[i] = link_open (f, OTHERS[i], "anxin.link.v1");
    }
  g_autoptr (JsonObject) slots = get_slots (f);
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = booking_path (id, NULL);
  g_autofree char *claim = claim_text (slot_start (slots, 0), "room-a", KEY_A);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, claim, NULL), ==, 201);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/check-ins", "{\"codeKey\":\"" KEY_A "\"}", NULL), ==, 200);
  /* One counsellor alone: nobody sits in. */
  link_signal (links[2], "kiosk-one", id);
  check_failed (links[2], "not-allowed");
  g_autofree char *sql = g_strdup_printf ("UPDATE booking SET mediator = 'zhao-min' WHERE id = '%s'", id);
  fixture_run_sql (f, sql);
  for (guint from = 0; from < N; from++)
    for (guint to = 0; to < N; to++)
      {
        link_signal (others[from], PARTIES[to], id);
        check_failed (others[from], "not-allowed");
        link_signal (links[from], OTHERS[to], id);
        check_failed (links[from], "not-allowed");
        if (from == to)
          continue;
        link_signal (links[from], PARTIES[to], id);
        g_autoptr (JsonObject) signal = link_wait_for (links[to], "signal");
        g_assert_cmpstr (anx_json_get_string (signal, "from", NULL), ==, PARTIES[from]);
        g_assert_cmpstr (anx_json_get_string (signal, "call", NULL), ==, id);
      }
  g_autofree char *other_id = anx_uuid_new (g_get_real_time ());
  link_signal (links[2], "kiosk-one", other_id);
  check_failed (links[2], "not-allowed");
  for (guint i = 0; i < N; i++)
    {
      link_close (links[i]);
      link_close (others[i]);
    }
}

static void
check_config (const char *config,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("anx-hub-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "hub.conf", NULL);
  g_autofree char *message = NULL;
  int status = 0;
  g_test_message ("%s", config);
  g_assert_true (g_file_set_contents (path, config, -1, NULL));
  g_autofree char *program = hub_program ();
  char *words[] = { program, (char *) "--config", path, NULL };
  g_assert_true (g_spawn_sync (NULL, words, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &message, &status, &error));
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 2);
  g_assert_nonnull (strstr (message, expected));
  g_assert_nonnull (strstr (message, path));
  remove (path);
  remove (folder);
}

/* The password of a relay follows from its name and the secret shared with it, and its name from the time it ends at. */
/* Whoever said "I am going" and the kiosk that called; nobody else, and not before. */
static void
test_link_for_alert (Fixture *f,
                     gconstpointer data)
{
  fixture_publish (f);
  Link *duty = link_open (f, "wang-fang", "anxin.link.v1");
  Link *silent = link_open (f, "sun-li", "anxin.link.v1");
  Link *kiosk = link_open (f, "kiosk-one", "anxin.link.v1");
  Link *other = link_open (f, "kiosk-two", "anxin.link.v1");
  g_autofree char *id = NULL;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "level", "red");
  json_object_set_string_member (routing, "centre", "centre-one");
  json_object_set_string_member (routing, "room", "room-a");
  g_autofree char *alert = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), routing, &id);
  g_autoptr (JsonObject) stored = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (alert), &stored), ==, 200);
  g_assert_cmpstr (result_status (stored, 0), ==, "stored");

  link_signal (duty, "kiosk-one", id);
  check_failed (duty, "not-allowed");
  g_autoptr (JsonObject) going = json_object_new ();
  json_object_set_string_member (going, "alert", id);
  g_autofree char *answer = make_record (f, "wang-fang", "alert-acknowledgement", LIST ("duty-one", "kiosk-one"), going, NULL);
  g_autoptr (JsonObject) kept = NULL;
  g_assert_cmpuint (post_records (f, "wang-fang", LIST (answer), &kept), ==, 200);
  g_assert_cmpstr (result_status (kept, 0), ==, "stored");

  link_signal (duty, "kiosk-one", id);
  g_autoptr (JsonObject) signal = link_wait_for (kiosk, "signal");
  g_assert_cmpstr (anx_json_get_string (signal, "from", NULL), ==, "wang-fang");
  g_assert_cmpstr (anx_json_get_string (signal, "call", NULL), ==, id);
  link_signal (kiosk, "wang-fang", id);
  g_autoptr (JsonObject) back = link_wait_for (duty, "signal");
  g_assert_cmpstr (anx_json_get_string (back, "from", NULL), ==, "kiosk-one");
  link_signal (silent, "kiosk-one", id);
  check_failed (silent, "not-allowed");
  link_signal (kiosk, "sun-li", id);
  check_failed (kiosk, "not-allowed");
  link_signal (other, "wang-fang", id);
  check_failed (other, "not-allowed");
  link_close (duty);
  link_close (silent);
  link_close (kiosk);
  link_close (other);
}

static void
test_relay (Fixture *f,
            gconstpointer data)
{
  fixture_publish (f);
  g_autoptr (JsonObject) first = NULL, second = NULL;
  g_assert_cmpuint (call (f, "li-wei", "GET", "/ice", NULL, &first), ==, 200);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/ice", NULL, &second), ==, 200);
  JsonArray *servers = json_object_get_array_member (first, "servers");
  g_assert_cmpuint (json_array_get_length (servers), ==, 2);
  g_assert_false (json_object_has_member (json_array_get_object_element (servers, 0), "username"));
  JsonObject *relay = json_array_get_object_element (servers, 1);
  const char *username = json_object_get_string_member (relay, "username"), *credential = json_object_get_string_member (relay, "credential");
  g_autofree char *hex = g_compute_hmac_for_string (G_CHECKSUM_SHA1, (const guchar *) "not for anybody else", 20, username, -1);
  gsize length = 0;
  g_autofree guchar *digest = g_base64_decode (credential, &length);
  g_assert_cmpuint (length, ==, 20);
  for (guint i = 0; i < length; i++)
    g_assert_cmpint (digest[i], ==, g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  gint64 left = g_ascii_strtoll (username, NULL, 10) - g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (left, >, 2 * 60 * 60 - 60);
  g_assert_cmpint (left, <=, 2 * 60 * 60);
  /* The relay's journal is to name nobody, nor to tell that two calls were of the same person. */
  g_assert_null (strstr (username, "li-wei"));
  g_assert_cmpstr (username, !=, json_object_get_string_member (json_array_get_object_element (json_object_get_array_member (second, "servers"), 1), "username"));
}

static void
test_config (void)
{
  check_config ("", "listen");
  check_config ("[hub]\nlisten=here\n", "ADDRESS:PORT");
  check_config ("[hub]\nlisten=127.0.0.1:0\ndatabase=postgresql://x\n", "SQLite only");
  check_config ("[hub]\nlisten=127.0.0.1:0\ndatabase=sqlite:a.db\nauthority=absent.pem\n", "authority");
  check_config ("[hub]\nlistn=127.0.0.1:0\n", "listn");
  check_config ("[hubs]\n", "[hubs]");
  check_config ("not a key file", "hub.conf");
}

/* A database that is not one, or of a newer version, is named and left alone. */
static void
test_database (Fixture *f,
               gconstpointer data)
{
  /* Far more steps than there are. */
  g_autoptr (GPtrArray) newer = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < 500; i++)
    g_ptr_array_add (newer, g_strdup_printf ("CREATE TABLE t%u (x)", i));
  g_ptr_array_add (newer, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  g_autofree char *config = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *program = hub_program ();
  char *words[] = { program, (char *) "--config", config, NULL };
  fixture_kill (f);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *message = NULL;
      int status = 0;
      g_autofree char *log = g_strconcat (path, "-wal", NULL);
      remove (path);
      remove (log);
      if (i == 0)
        {
          g_autoptr (AnxDatabase) db = anx_database_open (path, (const char *const *) newer->pdata, &error);
          g_assert_no_error (error);
        }
      else
        {
          g_autofree char *noise = g_strnfill (9000, 'n');
          g_assert_true (g_file_set_contents (path, noise, -1, NULL));
        }
      g_assert_true (g_spawn_sync (NULL, words, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &message, &status, &error));
      g_assert_no_error (error);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 1);
      g_assert_nonnull (strstr (message, i == 0 ? "newer version of Anxin" : "damaged"));
      g_assert_nonnull (strstr (message, path));
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/hub/hub/" path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("public", test_public);
  ADD ("relay", test_relay);
  ADD ("identity", test_identity);
  ADD ("roles", test_roles);
  ADD ("enrolment", test_enrolment);
  ADD ("directory", test_directory);
  ADD ("records", test_records);
  ADD ("booking", test_booking);
  ADD ("check-in-window", test_check_in_window);
  ADD ("holiday", test_holiday);
  ADD ("race", test_race);
  ADD ("alert-and-referral", test_alert_and_referral);
  ADD ("hostile", test_hostile);
  g_test_add ("/hub/hub/body-sizes", Fixture, NULL, fixture_set_up, test_body_sizes, fixture_tear_down);
  g_test_add ("/hub/hub/rate", Fixture, "requests-per-minute=20", fixture_set_up, test_rate, fixture_tear_down);
  ADD ("slow-head", test_slow_head);
  ADD ("slow-body", test_slow_body);
  ADD ("full", test_full);
  ADD ("kill", test_kill);
  ADD ("link", test_link);
  ADD ("link-for-alert", test_link_for_alert);
  ADD ("link-joint", test_link_joint);
  ADD ("database", test_database);
  g_test_add_func ("/hub/hub/config", test_config);
  return g_test_run ();
}
