/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>

#include "booking-code.h"
#include "clock.h"
#include "database.h"
#include "desk-bookings-private.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

/* What the staff book for somebody while the hub is away, against the real hub: nothing is booked or written twice, and nothing is lost. */
#define SERVICE "{\"id\":\"talk\",\"name\":\"Talk\",\"minutes\":50,\"before\":0,\"after\":10}"

typedef struct
{
  AnxHubFixture *district;
  AnxProfile *counsellor, *staff;
  AnxClock *clock;
  AnxClient *client;
  AnxDeskService *service;
  AnxDeskBookings *bookings;
} Fixture;

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
  f->counsellor = anx_hub_fixture_add (f->district, "li", "person", "counsellor");
  f->staff = anx_hub_fixture_add (f->district, "chen", "person", "staff");
  f->clock = anx_clock_new_system ();
  anx_hub_fixture_start (f->district);
  anx_hub_fixture_publish (f->district);
  put_plan (f);
  f->client = anx_hub_fixture_open_client (f->district, f->staff, f->clock);
  f->service = anx_desk_service_new (f->client);
  f->bookings = anx_desk_bookings_get (f->service);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  anx_client_stop (f->client);
  g_object_unref (f->service);
  g_object_unref (f->client);
  g_object_unref (f->clock);
  g_object_unref (f->counsellor);
  g_object_unref (f->staff);
  anx_hub_fixture_free (f->district);
}

/* --- asking --- */

static GPtrArray *
list_slots (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  gint64 now = g_get_real_time ();
  anx_desk_bookings_list_slots_async (f->bookings, "talk", NULL, NULL, now, now + 10 * ANX_USEC_PER_DAY, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  GPtrArray *slots = anx_desk_bookings_list_slots_finish (f->bookings, result, NULL, &error);
  g_assert_no_error (error);
  return slots;
}

/* The code, or NULL with this code of ANX_SYNC_ERROR. */
static char *
book_or (Fixture *f,
         const AnxDeskWish *wish,
         int expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_desk_bookings_book_async (f->bookings, wish, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  char *code = anx_desk_bookings_book_finish (f->bookings, result, &error);
  if (code == NULL)
    g_assert_error (error, ANX_SYNC_ERROR, expected);
  return code;
}

static char *
book (Fixture *f,
      const AnxDeskWish *wish)
{
  return book_or (f, wish, ANX_SYNC_ERROR_OFFLINE);
}

static gboolean
wait_for_time (Fixture *f,
               const char *entry,
               const AnxDeskWish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_desk_bookings_wait_async (f->bookings, entry, wish, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  gboolean done = anx_desk_bookings_wait_finish (f->bookings, result, &error);
  if (!done)
    g_assert_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_OFFLINE);
  return done;
}

static gint64
count_at_hub (Fixture *f,
              const char *sql,
              const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->district->folder, "hub.db", NULL);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  gint64 n = anx_database_query_int (database, -1, &error, sql, "s", id);
  g_assert_no_error (error);
  return n;
}

static guint
count_contacts (Fixture *f)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (f->client, ANX_KIND_CONTACT, NULL);
  return records->len;
}

/* As when the answer is lost on its way: the hub has the very claim. */
static void
deliver_claim (Fixture *f)
{
  const AnxDeskProxy *lost = f->bookings->unanswered;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *path = g_strconcat ("/v1/bookings/", lost->id, NULL);
  g_autoptr (JsonNode) body = anx_json_node_from_object (lost->claim);
  anx_client_request_async (f->client, "PUT", path, body, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_client_request_finish (f->client, result, NULL, &error);
  g_assert_no_error (error);
}

static AnxDeskSlot *
find_free (GPtrArray *slots)
{
  for (guint i = 0; i < slots->len; i++)
    {
      AnxDeskSlot *slot = g_ptr_array_index (slots, i);
      if (slot->lease == NULL && slot->start_usec > g_get_real_time () + ANX_USEC_PER_HOUR)
        return slot;
    }
  g_assert_not_reached ();
}

static void
go_away (Fixture *f)
{
  anx_wait_until (anx_is_online, f->client, 30);
  anx_hub_fixture_stop (f->district, SIGKILL);
  anx_wait_until (anx_is_offline, f->client, 30);
}

/* --- */

/* Asked for again, the time is booked once, with the code of the first try, for whom it is then. It is offered though the hub says it is taken.
 * On the waiting list it is the same entry and the same record, however often it is pressed. */
static void
test_lost_answer (Fixture *f,
                  gconstpointer data)
{
  AnxDeskWish later = { .service = "talk", .name = "赵秋", .phone = "13900001234" };
  g_autofree char *entry = anx_uuid_new (g_get_real_time ());
  g_autoptr (GPtrArray) slots = list_slots (f);
  const AnxDeskSlot *slot = find_free (slots);
  AnxDeskWish wish = { .service = "talk", .counsellor = slot->counsellor, .room = slot->room, .origin = "staff", .name = "林小雨", .phone = "13900001234",
                       .start_usec = slot->start_usec, .sessions = 1 };
  go_away (f);
  g_autofree char *none = book (f, &wish);
  g_assert_null (none);
  g_assert_nonnull (f->bookings->unanswered);
  g_assert_null (f->bookings->unanswered->name);
  g_autofree char *id = g_strdup (f->bookings->unanswered->id);
  g_autofree char *expected = anx_booking_code_format (f->bookings->unanswered->code);
  for (guint i = 0; i < 2; i++)
    g_assert_false (wait_for_time (f, entry, &later));
  g_assert_cmpuint (count_contacts (f), ==, 1);

  anx_hub_fixture_start (f->district);
  anx_wait_until (anx_is_online, f->client, 60);
  deliver_claim (f);
  g_autoptr (GPtrArray) after = list_slots (f);
  guint listed = after->len;
  for (guint i = 0; i < listed; i++)
    g_assert_cmpint (((const AnxDeskSlot *) g_ptr_array_index (after, i))->start_usec, !=, wish.start_usec);
  anx_desk_bookings_offer_unanswered (f->bookings, "walk", NULL, after);
  anx_desk_bookings_offer_unanswered (f->bookings, "talk", "another", after);
  g_assert_cmpuint (after->len, ==, listed);
  anx_desk_bookings_offer_unanswered (f->bookings, "talk", NULL, after);
  g_assert_cmpuint (after->len, ==, listed + 1);
  const AnxDeskSlot *offered = g_ptr_array_index (after, 0);
  g_assert_cmpint (offered->start_usec, ==, wish.start_usec);
  g_assert_cmpuint (offered->unanswered, ==, 1);

  wish.counsellor = offered->counsellor;
  wish.room = offered->room;
  wish.name = "林晓雨";
  g_autofree char *code = book (f, &wish);
  g_assert_cmpstr (code, ==, expected);
  g_assert_null (f->bookings->unanswered);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM booking WHERE id = ?", id), ==, 1);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM booking WHERE id <> ?", id), ==, 0);
  g_assert_cmpstr (anx_desk_model_get_contact (anx_desk_service_get_model (f->service), id)->name, ==, "林晓雨");

  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_for_time (f, entry, &later));
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM waiting WHERE id = ? AND channel = 'staff'", entry), ==, 1);
  g_assert_cmpint (count_at_hub (f, "SELECT count(*) FROM waiting WHERE id <> ?", entry), ==, 0);
  g_assert_cmpuint (count_contacts (f), ==, 2);
}

/* A colleague found the booking without a name and called it off: the code of a booking that is none is not given out. */
static void
test_changed_meanwhile (Fixture *f,
                        gconstpointer data)
{
  g_autoptr (GPtrArray) slots = list_slots (f);
  const AnxDeskSlot *slot = find_free (slots);
  AnxDeskWish wish = { .service = "talk", .counsellor = slot->counsellor, .room = slot->room, .origin = "staff", .name = "林小雨", .phone = "13900001234",
                       .start_usec = slot->start_usec, .sessions = 1 };
  go_away (f);
  g_autofree char *none = book (f, &wish);
  g_assert_null (none);
  g_autofree char *path = g_strdup_printf ("/v1/bookings/%s/status", f->bookings->unanswered->id);
  anx_hub_fixture_start (f->district);
  anx_wait_until (anx_is_online, f->client, 60);
  deliver_claim (f);
  g_autoptr (JsonNode) body = json_from_string ("{\"status\":\"cancelled\",\"reason\":\"desk\"}", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  anx_client_request_async (f->client, "POST", path, body, NULL, anx_keep_result, &result);
  anx_wait_until (anx_has_result, &result, 30);
  g_autoptr (JsonNode) answer = anx_client_request_finish (f->client, result, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *code = book_or (f, &wish, ANX_SYNC_ERROR_CONFLICT);
  g_assert_null (code);
  g_assert_null (f->bookings->unanswered);
  /* The next try is a booking of its own. */
  g_autofree char *fresh = book (f, &wish);
  g_assert_nonnull (fresh);
}

/* Whom to call now: the staff's own, of which a time became free. */
static void
test_due (void)
{
  AnxDeskWaiting entry = { .channel = (char *) "staff", .state = (char *) "open", .noticed_usec = 1 };
  g_assert_true (anx_desk_waiting_is_due (&entry));
  entry.noticed_usec = 0;
  g_assert_false (anx_desk_waiting_is_due (&entry));
  entry.noticed_usec = 1;
  entry.state = (char *) "closed";
  g_assert_false (anx_desk_waiting_is_due (&entry));
  entry.state = (char *) "open";
  entry.channel = (char *) "sms";
  g_assert_false (anx_desk_waiting_is_due (&entry));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/desk/bookings/lost-answer", Fixture, NULL, set_up, test_lost_answer, tear_down);
  g_test_add ("/desk/bookings/changed-meanwhile", Fixture, NULL, set_up, test_changed_meanwhile, tear_down);
  g_test_add_func ("/desk/bookings/due", test_due);
  return g_test_run ();
}
