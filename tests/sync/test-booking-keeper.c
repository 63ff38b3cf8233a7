/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>

#include "booking-keeper.h"
#include "clock.h"
#include "database.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "memory-key-store.h"
#include "sync-error.h"

/* The keeper of a kiosk and of a desk against the real hub: lent times, sales with and without it, wishes, and their delivery after a restart of both. */
#define SERVICE "{\"id\":\"talk\",\"name\":\"Talk\",\"minutes\":50,\"before\":0,\"after\":10,\"mode\":\"video\"}"
#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

typedef struct
{
  AnxHubFixture *district;
  AnxProfile *profile, *counsellor, *staff;
  AnxClock *clock;
  AnxClient *client;
  AnxBookingKeeper *keeper;
} Fixture;

static void
open_keeper (Fixture *f,
             AnxProfile *profile)
{
  g_autoptr (GError) error = NULL;
  f->client = anx_client_new (profile, f->district->keys, f->clock, &error);
  g_assert_no_error (error);
  f->keeper = anx_booking_keeper_new (f->client, profile == f->profile);
  anx_client_start (f->client);
}

static void
close_keeper (Fixture *f)
{
  anx_booking_keeper_stop (f->keeper);
  g_clear_object (&f->keeper);
  anx_client_stop (f->client);
  g_clear_object (&f->client);
}

static void
put_plan (Fixture *f)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) day = g_date_time_add_days (now, -2);
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
  g_autofree char *plan = g_strdup_printf ("{\"counsellor\":\"li\",\"centres\":[\"east\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\"],\"holidays\":true,"
                                           "\"hours\":[{\"start\":\"%sT08:00:00\",\"end\":\"%sT18:00:00\",\"rrule\":\"FREQ=DAILY\"}],\"absences\":[]}", date, date);
  g_autoptr (GBytes) body = g_bytes_new (plan, strlen (plan));
  g_autoptr (AnxHubAnswer) answer = anx_hub_fixture_request (f->district, "PUT", "/v1/plans/li", "application/json", body);
  g_assert_cmpuint (answer->status, ==, 204);
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->district = anx_hub_fixture_new ();
  json_array_add_object_element (f->district->services, anx_json_parse_object (SERVICE, -1, 4096, NULL));
  f->profile = anx_hub_fixture_add (f->district, "kiosk-east-1", "kiosk", NULL);
  f->counsellor = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  f->staff = anx_hub_fixture_add (f->district, "chen", "person", "staff");
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  put_plan (f);
  open_keeper (f, f->profile);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  close_keeper (f);
  g_object_unref (f->clock);
  g_object_unref (f->profile);
  g_object_unref (f->counsellor);
  g_object_unref (f->staff);
  anx_hub_fixture_free (f->district);
}

/* --- asking --- */

static JsonObject *
ask (Fixture *f,
     const char *method,
     const char *path,
     JsonObject *body,
     GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (JsonNode) node = body != NULL ? anx_json_node_from_object (body) : NULL;
  anx_booking_keeper_request_async (f->keeper, method, path, node, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_booking_keeper_request_finish (f->keeper, result, NULL, error);
  return answer != NULL ? json_object_ref (json_node_get_object (answer)) : NULL;
}

static JsonObject *
list_slots (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  g_autofree char *path = g_strdup_printf ("/v1/slots?centre=east&service=talk&room=east-1&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, now,
                                           now + 10 * ANX_USEC_PER_DAY);
  JsonObject *answer = ask (f, "GET", path, NULL, &error);
  g_assert_no_error (error);
  return answer;
}

/* The start of the n-th slot that is lent, or is not. */
static gint64
find_start (JsonObject *answer,
            gboolean lent,
            guint n)
{
  JsonArray *slots = json_object_get_array_member (answer, "slots");
  for (guint i = 0; i < json_array_get_length (slots); i++)
    {
      JsonObject *slot = json_array_get_object_element (slots, i);
      /* Far enough from now that a lease is not given back while the test runs. */
      if (json_object_has_member (slot, "lease") == lent && anx_json_get_int (slot, "start", 0) > g_get_real_time () + 3 * ANX_USEC_PER_HOUR && n-- == 0)
        return anx_json_get_int (slot, "start", 0);
    }
  return 0;
}

static JsonObject *
make_claim (gint64 start_usec,
            const char *key)
{
  JsonObject *body = json_object_new ();
  json_object_set_string_member (body, "service", "talk");
  json_object_set_string_member (body, "counsellor", "li");
  json_object_set_string_member (body, "centre", "east");
  json_object_set_string_member (body, "room", "east-1");
  json_object_set_int_member (body, "start", start_usec);
  json_object_set_string_member (body, "codeKey", key);
  return body;
}

static char *
try_claim (Fixture *f,
           gint64 start_usec,
           const char *key,
           char **out_status,
           GError **error)
{
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/v1/bookings/", id, NULL);
  g_autoptr (JsonObject) body = make_claim (start_usec, key);
  g_autoptr (JsonObject) booking = ask (f, "PUT", path, body, error);
  if (booking == NULL)
    return NULL;
  *out_status = g_strdup (anx_json_get_string (booking, "status", ""));
  return g_steal_pointer (&id);
}

static char *
claim (Fixture *f,
       gint64 start_usec,
       const char *key,
       char **out_status)
{
  g_autoptr (GError) error = NULL;
  char *id = try_claim (f, start_usec, key, out_status, &error);
  g_assert_no_error (error);
  g_assert_nonnull (id);
  return id;
}

/* What the hub itself says of the booking with that key. */
static void
assert_at_hub (Fixture *f,
               const char *key,
               const char *id,
               gint64 start_usec,
               const char *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "codeKey", key);
  g_autoptr (JsonObject) answer = ask (f, "POST", "/v1/lookups", body, &error);
  g_assert_no_error (error);
  JsonObject *booking = json_object_get_object_member (answer, "booking");
  g_assert_cmpstr (anx_json_get_string (booking, "id", NULL), ==, id);
  g_assert_cmpint (anx_json_get_int (booking, "start", 0), ==, start_usec);
  g_assert_cmpstr (anx_json_get_string (booking, "status", NULL), ==, status);
}

static gboolean
is_delivered (gpointer data)
{
  return anx_booking_keeper_count_undelivered (((Fixture *) data)->keeper) == 0;
}

static gboolean
has_lent (gpointer data)
{
  g_autoptr (JsonObject) slots = list_slots (data);
  return find_start (slots, TRUE, 2) != 0 && find_start (slots, FALSE, 0) != 0;
}

static void
test_with_hub (Fixture *f,
               gconstpointer data)
{
  g_autofree char *lent_status = NULL, *status = NULL;
  anx_wait_until (anx_is_online, f->client, 30);
  anx_wait_until (has_lent, f, 30);
  g_autoptr (JsonObject) slots = list_slots (f);
  g_assert_false (json_object_has_member (slots, "offline"));
  gint64 lent = find_start (slots, TRUE, 0), free_start = find_start (slots, FALSE, 0);

  g_autofree char *lent_id = claim (f, lent, KEY_A, &lent_status), *id = claim (f, free_start, KEY_B, &status);
  g_assert_cmpstr (lent_status, ==, "booked");
  g_assert_cmpstr (status, ==, "booked");
  anx_wait_until (is_delivered, f, 30);
  assert_at_hub (f, KEY_A, lent_id, lent, "booked");
  assert_at_hub (f, KEY_B, id, free_start, "booked");

  /* What is sold is offered no more. */
  g_autoptr (JsonObject) after = list_slots (f);
  JsonArray *left = json_object_get_array_member (after, "slots");
  for (guint i = 0; i < json_array_get_length (left); i++)
    {
      gint64 start = anx_json_get_int (json_array_get_object_element (left, i), "start", 0);
      g_assert_cmpint (start, !=, lent);
      g_assert_cmpint (start, !=, free_start);
    }
}

static void
test_without_hub (Fixture *f,
                  gconstpointer data)
{
  g_autofree char *sold_status = NULL, *second_status = NULL, *asked_status = NULL;
  anx_wait_until (has_lent, f, 30);
  anx_hub_fixture_stop (f->district, SIGKILL);
  g_autoptr (JsonObject) slots = list_slots (f);
  anx_wait_until (anx_is_offline, f->client, 30);
  g_assert_true (json_object_get_boolean_member (slots, "offline"));

  /* What is lent can be had; everything else says that it can only be asked for. */
  JsonArray *array = json_object_get_array_member (slots, "slots");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *slot = json_array_get_object_element (array, i);
      g_assert_cmpint (json_object_has_member (slot, "lease"), !=, anx_json_get_boolean (slot, "ask", FALSE));
    }
  gint64 lent = find_start (slots, TRUE, 0), other = find_start (slots, FALSE, 0);
  g_assert_cmpint (lent, !=, 0);
  g_assert_cmpint (other, !=, 0);
  g_autofree char *sold = claim (f, lent, KEY_A, &sold_status);
  g_autofree char *second = claim (f, lent, KEY_B, &second_status);
  g_autofree char *asked = claim (f, other, KEY_C, &asked_status);
  g_assert_cmpstr (sold_status, ==, "booked");
  g_assert_cmpstr (second_status, ==, "proposed");
  g_assert_cmpstr (asked_status, ==, "proposed");
  g_autoptr (JsonObject) after = list_slots (f);
  g_assert_cmpint (find_start (after, TRUE, 0), !=, lent);
  g_assert_cmpuint (anx_booking_keeper_count_undelivered (f->keeper), ==, 3);

  /* The kiosk is switched off and on, then the hub is there again: the promise is kept, the wishes are answered truthfully. */
  close_keeper (f);
  open_keeper (f, f->profile);
  g_assert_cmpuint (anx_booking_keeper_count_undelivered (f->keeper), ==, 3);
  anx_hub_fixture_start (f->district);
  anx_wait_until (is_delivered, f, 60);
  assert_at_hub (f, KEY_A, sold, lent, "booked");
  assert_at_hub (f, KEY_B, second, lent, "proposed");
  assert_at_hub (f, KEY_C, asked, other, "booked");
}

/* A desk of the staff has times of its own too. What it has not it cannot promise, and asks for nothing. */
static void
test_desk (Fixture *f,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sold_status = NULL, *none_status = NULL;
  close_keeper (f);
  open_keeper (f, f->staff);
  anx_wait_until (has_lent, f, 30);
  g_autoptr (JsonObject) with_hub = list_slots (f);
  gint64 other = find_start (with_hub, FALSE, 0);
  anx_hub_fixture_stop (f->district, SIGKILL);
  g_autoptr (JsonObject) slots = list_slots (f);
  anx_wait_until (anx_is_offline, f->client, 30);
  g_assert_true (json_object_get_boolean_member (slots, "offline"));
  g_assert_cmpint (find_start (slots, FALSE, 0), ==, 0);
  gint64 lent = find_start (slots, TRUE, 0);
  g_assert_cmpint (lent, !=, 0);
  g_autofree char *sold = claim (f, lent, KEY_A, &sold_status);
  g_assert_cmpstr (sold_status, ==, "booked");
  g_autofree char *none = try_claim (f, other, KEY_B, &none_status, &error);
  g_assert_null (none);
  g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  g_assert_cmpuint (anx_booking_keeper_count_undelivered (f->keeper), ==, 1);
  close_keeper (f);
  open_keeper (f, f->staff);
  anx_hub_fixture_start (f->district);
  anx_wait_until (is_delivered, f, 60);
  assert_at_hub (f, KEY_A, sold, lent, "booked");
}

static void
count_signal (AnxBookingKeeper *keeper,
              guint *count)
{
  (*count)++;
}

static gboolean
is_counted (gpointer data)
{
  return *(guint *) data > 0;
}

static gboolean
is_given_back (gpointer data)
{
  g_autofree char *path = g_build_filename (((Fixture *) data)->district->folder, "hub.db", NULL);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, NULL);
  return anx_database_query_int (database, 0, NULL, "SELECT count(*) FROM lease WHERE kiosk = 'chen' AND state = 'returned'", "") == 1;
}

/* What was promised and the hub refuses is kept until somebody has looked, over a restart too, and the lease is not sold to a second person. */
static void
test_refused (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/v1/bookings/", id, NULL);
  guint signals = 0;
  close_keeper (f);
  open_keeper (f, f->staff);
  anx_wait_until (has_lent, f, 30);
  g_autoptr (JsonObject) slots = list_slots (f);
  gint64 lent = find_start (slots, TRUE, 0);
  /* Another booking already has the number. */
  g_autoptr (JsonObject) other = make_claim (find_start (slots, FALSE, 0), KEY_B), sold = make_claim (lent, KEY_A);
  g_autoptr (JsonObject) booked = ask (f, "PUT", path, other, &error);
  g_assert_no_error (error);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_wait_until (anx_is_offline, f->client, 30);
  g_autoptr (JsonObject) promised = ask (f, "PUT", path, sold, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_json_get_string (promised, "status", NULL), ==, "booked");
  g_signal_connect (f->keeper, "refused", G_CALLBACK (count_signal), &signals);
  anx_hub_fixture_start (f->district);
  anx_wait_until (is_counted, &signals, 60);
  g_assert_cmpuint (anx_booking_keeper_count_undelivered (f->keeper), ==, 0);
  anx_wait_until (is_given_back, f, 30);
  close_keeper (f);
  open_keeper (f, f->staff);
  g_autoptr (JsonArray) refused = anx_booking_keeper_list_refused (f->keeper);
  g_assert_cmpuint (json_array_get_length (refused), ==, 1);
  JsonObject *sale = json_array_get_object_element (refused, 0);
  g_assert_cmpstr (anx_json_get_string (sale, "id", NULL), ==, id);
  g_assert_cmpstr (anx_json_get_string (sale, "service", NULL), ==, "talk");
  g_assert_cmpstr (anx_json_get_string (sale, "counsellor", NULL), ==, "li");
  g_assert_cmpint (anx_json_get_int (sale, "start", 0), ==, lent);
  g_assert_cmpstr (anx_json_get_string (sale, "problem", ""), !=, "");
  g_assert_false (json_object_has_member (sale, "codeHash"));
  g_assert_true (anx_booking_keeper_forget_refused (f->keeper, id, &error));
  g_autoptr (JsonArray) none = anx_booking_keeper_list_refused (f->keeper);
  g_assert_cmpuint (json_array_get_length (none), ==, 0);
  g_assert_true (anx_booking_keeper_forget_refused (f->keeper, id, &error));
}

static void
test_hold (Fixture *f,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  anx_wait_until (has_lent, f, 30);
  g_autoptr (JsonObject) slots = list_slots (f);
  gint64 start = find_start (slots, FALSE, 0);
  g_autofree char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/v1/holds/", id, NULL), *release = g_strconcat (path, "/release", NULL);
  g_autoptr (JsonObject) body = anx_json_parse_object ("{\"service\":\"talk\",\"counsellor\":\"li\",\"centre\":\"east\",\"room\":\"east-1\"}", -1, 4096, NULL);
  json_object_set_int_member (body, "start", start);
  g_autoptr (JsonObject) held = ask (f, "PUT", path, body, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anx_json_get_int (held, "until", 0), >, g_get_real_time ());
  g_autoptr (JsonObject) during = list_slots (f);
  g_assert_cmpint (find_start (during, FALSE, 0), !=, start);
  g_autoptr (JsonObject) nothing = json_object_new ();
  g_autoptr (JsonObject) gone = ask (f, "POST", release, nothing, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) after = list_slots (f);
  g_assert_cmpint (find_start (after, FALSE, 0), ==, start);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/sync/booking-keeper/with-hub", Fixture, NULL, set_up, test_with_hub, tear_down);
  g_test_add ("/sync/booking-keeper/without-hub", Fixture, NULL, set_up, test_without_hub, tear_down);
  g_test_add ("/sync/booking-keeper/desk", Fixture, NULL, set_up, test_desk, tear_down);
  g_test_add ("/sync/booking-keeper/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/sync/booking-keeper/hold", Fixture, NULL, set_up, test_hold, tear_down);
  return g_test_run ();
}
