/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Booking through real HTTP: the race, and what staff do. */
#include <fcntl.h>
#include <libsoup/soup.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "booking-steps.h"
#include "clock.h"
#include "id.h"
#include "json.h"

#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* What would take long through HTTP, while the hub is down. */
static void
change_database (Fixture *f,
                 const char *sql)
{
  g_autofree char *path = g_build_filename (f->folder, "hub.db", NULL);
  sqlite3 *database = NULL;
  fixture_kill (f);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
  fixture_start (f);
}

/* --- the race --- */

#define CLIENTS 64

typedef struct
{
  Fixture *f;
  JsonArray *slots;
  guint first, tries;
  guint won, lost, helped, again, other;
} Racer;

/* One claim; an answer that is lost with its line is asked for again under the same id, as the product's clients do. */
static guint
claim_once (Racer *racer,
            SoupSession *session,
            const char *url,
            const char *text,
            GBytes **out_answer)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  for (guint tries = 0; tries < 50; tries++)
    {
      g_autoptr (SoupMessage) message = soup_message_new ("PUT", url);
      soup_message_set_tls_client_certificate (message, fixture_person (racer->f, "kiosk-one")->tls);
      soup_message_set_request_body_from_bytes (message, "application/json", body);
      *out_answer = soup_session_send_and_read (session, message, NULL, NULL);
      if (*out_answer != NULL)
        return soup_message_get_status (message);
      racer->again++;
    }
  return 0;
}

static void
claim_all (Racer *racer)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("tls-database", racer->f->trust, "timeout", 60, NULL);
  guint n = json_array_get_length (racer->slots);
  for (guint i = 0; i < racer->tries; i++)
    {
      gint64 start = anx_json_get_int (json_array_get_object_element (racer->slots, (racer->first + i) % n), "start", 0);
      g_autofree char *id = anx_uuid_new (g_get_real_time ());
      g_autofree char *path = g_strconcat ("/bookings/", id, NULL);
      g_autofree char *url = fixture_url (racer->f, path);
      g_autofree char *text = claim_text ("room-a", start, "");
      g_autoptr (GBytes) answer = NULL;
      guint before = racer->again, status = claim_once (racer, session, url, text, &answer);
      /* 200 only where this very claim had been made before its answer was lost. */
      gboolean won = status == 201 || (status == 200 && racer->again > before);
      racer->won += won;
      racer->lost += status == 409;
      racer->other += !won && status != 409;
      if (!won && status != 409)
        g_test_message ("a claim was answered with %u", status);
      if (status != 409)
        continue;
      gsize size = 0;
      const char *data_of = g_bytes_get_data (answer, &size);
      g_autoptr (JsonObject) problem = anx_json_parse_object (data_of, (gssize) size, 1 << 20, NULL);
      JsonArray *alternatives = problem != NULL ? anx_json_get_array (problem, "alternatives") : NULL;
      racer->helped += alternatives != NULL;
    }
}

static gint racing;

static gpointer
race (gpointer data)
{
  claim_all (data);
  g_atomic_int_add (&racing, -1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_race (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 14);
  /* The first minutes pass while the others race. */
  while (json_array_get_length (slots) > 0 && anx_json_get_int (json_array_get_object_element (slots, 0), "start", 0) < g_get_real_time () + 10 * ANX_USEC_PER_MINUTE)
    json_array_remove_element (slots, 0);
  guint n = json_array_get_length (slots);
  g_assert_cmpuint (n, >, 490);
  guint tries = g_getenv ("ANX_RACE_ALL") != NULL ? n : 24;
  static Racer racers[CLIENTS];
  GThread *threads[CLIENTS];
  gint64 began = g_get_monotonic_time ();
  g_atomic_int_set (&racing, CLIENTS);
  for (guint i = 0; i < CLIENTS; i++)
    {
      racers[i] = (Racer){ .f = f, .slots = slots, .first = i * n / CLIENTS, .tries = tries };
      threads[i] = g_thread_new ("racer", race, &racers[i]);
    }
  /*
   * Handshakes ask for the client's certificate in the default context (g_tls_interaction_invoke_request_certificate()). Where nobody iterated it,
   * two at a time would wait for each other for ever.
   */
  while (g_atomic_int_get (&racing) > 0)
    g_main_context_iteration (NULL, TRUE);
  guint won = 0, lost = 0, helped = 0, again = 0, other = 0;
  for (guint i = 0; i < CLIENTS; i++)
    {
      g_thread_join (threads[i]);
      won += racers[i].won;
      lost += racers[i].lost;
      helped += racers[i].helped;
      again += racers[i].again;
      other += racers[i].other;
    }
  double seconds = (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
  g_test_message ("%u claims of %d clients for %u slots: %u won, %u lost, %u with alternatives, %u asked again; %.0f claims/s", won + lost, CLIENTS, n, won,
                  lost, helped, again, (won + lost) / seconds);
  g_assert_cmpuint (other, ==, 0);
  g_assert_cmpuint (won, ==, n);
  g_assert_cmpuint (lost, ==, CLIENTS * tries - n);
  g_assert_cmpuint (helped, ==, lost);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, n);
  check_no_overlap (f);
}

/* --- what staff do --- */

static void
test_staff (Fixture *f,
            gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 8);
  gint64 first = anx_json_get_int (json_array_get_object_element (slots, 10), "start", 0);
  gint64 second = anx_json_get_int (json_array_get_object_element (slots, 11), "start", 0);
  guint status = 0;

  /* A hold keeps others out, becomes the booking under its id, and is one a caller. */
  g_autofree char *held = anx_uuid_new (g_get_real_time ());
  g_autofree char *hold_path = g_strconcat ("/holds/", held, NULL);
  g_autofree char *claim = claim_text ("room-a", first, "");
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", hold_path, claim, NULL), ==, 200);
  g_autofree char *outreach = claim_text ("room-a", first, ",\"origin\":\"outreach\"");
  g_autofree char *lost = put_booking (f, "chen-fang", outreach, &status);
  g_assert_cmpuint (status, ==, 409);
  g_autofree char *booking_path = g_strconcat ("/bookings/", held, NULL);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", booking_path, claim, NULL), ==, 201);
  g_autofree char *again = g_strconcat ("/holds/", lost, NULL);
  g_autofree char *release = g_strconcat (again, "/release", NULL);
  g_autofree char *claim_second = claim_text ("room-a", second, "");
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", again, claim_second, NULL), ==, 200);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", release, "{}", NULL), ==, 204);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM cell WHERE until IS NOT NULL"), ==, 0);

  /* Proxy booking for somebody a grid worker found; any counsellor. */
  g_autofree char *any = g_strdup_printf ("{\"service\":\"talk\",\"centre\":\"centre-one\",\"start\":%" G_GINT64_FORMAT ",\"codeKey\":\"" KEY_B
                                          "\",\"origin\":\"outreach\",\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}}", second);
  g_autofree char *proxy = put_booking (f, "chen-fang", any, &status);
  g_assert_cmpuint (status, ==, 201);

  /* Moving to a taken time is answered with others; moving to a free one gives the old time back. */
  g_autofree char *move = g_strconcat ("/bookings/", proxy, "/move", NULL);
  g_autofree char *to_taken = g_strdup_printf ("{\"start\":%" G_GINT64_FORMAT ",\"reason\":\"counsellor-ill\"}", first);
  g_autoptr (JsonObject) problem = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "POST", move, to_taken, &problem), ==, 409);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (problem, "alternatives")), >, 0);
  g_autofree char *to_free = g_strdup_printf ("{\"start\":%" G_GINT64_FORMAT ",\"reason\":\"counsellor-ill\"}",
                                              anx_json_get_int (json_array_get_object_element (slots, 40), "start", 0));
  g_assert_cmpuint (call (f, "kiosk-two", "POST", move, to_free, NULL), ==, 404);
  g_assert_cmpuint (call (f, "chen-fang", "POST", move, to_free, NULL), ==, 200);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM notice WHERE template = 'booking-moved'"), ==, 1);
  g_assert_cmpuint (call (f, "chen-fang", "POST", move, "{\"start\":1,\"reason\":\"Mrs Li is ill\"}", NULL), ==, 400);

  /* Who, when, why. */
  g_autofree char *history = g_strconcat ("/bookings/", proxy, "/history", NULL);
  g_autoptr (JsonObject) changes = NULL;
  g_assert_cmpuint (call (f, "zhou-yun", "GET", history, NULL, NULL), ==, 404);
  g_assert_cmpuint (call (f, "chen-fang", "GET", history, NULL, &changes), ==, 200);
  JsonArray *list = anx_json_get_array (changes, "changes");
  g_assert_cmpuint (json_array_get_length (list), ==, 2);
  g_assert_cmpstr (anx_json_get_string (json_array_get_object_element (list, 1), "reason", NULL), ==, "counsellor-ill");
  g_assert_cmpstr (anx_json_get_string (json_array_get_object_element (list, 1), "who", NULL), ==, "chen-fang");

  /* Waiting list: told when a time becomes free. */
  g_autofree char *waiting = anx_uuid_new (g_get_real_time ());
  g_autofree char *waiting_path = g_strconcat ("/waiting/", waiting, NULL);
  g_autofree char *wish = g_strdup_printf ("{\"centre\":\"centre-one\",\"service\":\"talk\",\"from\":%" G_GINT64_FORMAT ",\"to\":%" G_GINT64_FORMAT
                                           ",\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}}", g_get_real_time (), g_get_real_time () + 9 * ANX_USEC_PER_DAY);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", waiting_path, wish, NULL), ==, 204);
  g_autofree char *called = anx_uuid_new (g_get_real_time ());
  g_autofree char *called_path = g_strconcat ("/waiting/", called, NULL);
  g_autofree char *called_act = g_strconcat (called_path, "/action", NULL);
  g_autoptr (GString) called_wish = g_string_new (wish);
  g_string_replace (called_wish, "sms", "staff", 1);
  g_assert_cmpuint (call (f, "chen-fang", "PUT", called_path, called_wish->str, NULL), ==, 204);
  g_autofree char *status_path = g_strconcat ("/bookings/", held, "/status", NULL);
  g_assert_cmpuint (call (f, "chen-fang", "POST", status_path, "{\"status\":\"cancelled\",\"reason\":\"resident-asked\"}", NULL), ==, 200);
  g_assert_cmpint (fixture_count (f, "SELECT sum(notices) FROM waiting WHERE channel = 'sms'"), ==, 1);
  /* Whom the staff call: what becomes free is only noted, a call in vain counts, said by a second desk too it is the same; the gateway hears nothing. */
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM waiting WHERE channel = 'staff' AND notices = 0 AND noticed IS NOT NULL"), ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (call (f, "chen-fang", "POST", called_act, "{\"action\":\"tell\"}", NULL), ==, 204);
      g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM waiting WHERE channel = 'staff' AND notices = 1 AND noticed IS NULL AND state = 'open'"), ==, 1);
    }
  g_assert_cmpuint (call (f, "chen-fang", "POST", called_act, "{\"action\":\"close\"}", NULL), ==, 204);
  g_assert_cmpuint (call (f, "chen-fang", "POST", called_act, "{\"action\":\"tell\"}", NULL), ==, 409);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM waiting WHERE channel = 'staff' AND state = 'closed' AND address = ''"), ==, 1);
  /* Staff have no address; the gateway tells for them, within the three. The third ends it. */
  g_autofree char *act = g_strconcat (waiting_path, "/action", NULL);
  g_assert_cmpuint (call (f, "wang-fang", "POST", act, "{\"action\":\"tell\"}", NULL), ==, 404);
  g_assert_cmpuint (call (f, "chen-fang", "POST", act, "{\"action\":\"sing\"}", NULL), ==, 409);
  g_assert_cmpuint (call (f, "chen-fang", "POST", act, "{\"action\":\"tell\"}", NULL), ==, 204);
  g_assert_cmpuint (call (f, "chen-fang", "POST", act, "{\"action\":\"tell\"}", NULL), ==, 204);
  g_assert_cmpuint (call (f, "chen-fang", "POST", act, "{\"action\":\"tell\"}", NULL), ==, 409);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM notice WHERE template = 'slot-free'"), ==, 3);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM waiting WHERE channel = 'sms' AND state = 'closed' AND address = '' AND notices = 3"), ==, 1);

  /* The queue: numbers in order, each called once. */
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *ticket = anx_uuid_new (g_get_real_time ());
      g_autofree char *path = g_strconcat ("/tickets/", ticket, NULL);
      g_autoptr (JsonObject) answer = NULL;
      g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, "{\"centre\":\"centre-one\",\"service\":\"talk\"}", &answer), ==, 201);
      g_assert_cmpint (anx_json_get_int (answer, "number", 0), ==, i);
      g_assert_cmpuint (call (f, "kiosk-one", "PUT", path, "{\"centre\":\"centre-one\",\"service\":\"talk\"}", NULL), ==, 200);
    }
  g_autoptr (JsonObject) queued = NULL, next = NULL, back = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/queue/next", "{\"centre\":\"centre-one\"}", NULL), ==, 403);
  g_assert_cmpuint (call (f, "li-wei", "POST", "/queue/next", "{\"centre\":\"centre-one\",\"room\":\"room-a\"}", &queued), ==, 200);
  g_assert_cmpint (anx_json_get_int (queued, "number", 0), ==, 1);
  g_autofree char *action = g_strconcat ("/tickets/", anx_json_get_string (queued, "id", ""), "/action", NULL);
  g_assert_cmpuint (call (f, "li-wei", "POST", action, "{\"action\":\"skip\"}", NULL), ==, 200);
  g_assert_cmpuint (call (f, "li-wei", "POST", "/queue/next", "{\"centre\":\"centre-one\"}", &next), ==, 200);
  g_assert_cmpint (anx_json_get_int (next, "number", 0), ==, 2);
  g_assert_cmpuint (call (f, "li-wei", "POST", action, "{\"action\":\"recall\"}", NULL), ==, 200);
  g_assert_cmpuint (call (f, "li-wei", "POST", "/queue/next", "{\"centre\":\"centre-one\"}", &back), ==, 200);
  g_assert_cmpint (anx_json_get_int (back, "number", 0), ==, 1);
  g_assert_cmpuint (call (f, "li-wei", "POST", action, "{\"action\":\"nonsense\"}", NULL), ==, 409);

  /* The feed: secret, without names, revocable. */
  g_autoptr (JsonObject) address = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "POST", "/calendars", "{}", NULL), ==, 403);
  g_assert_cmpuint (call (f, "li-wei", "POST", "/calendars", "{}", &address), ==, 200);
  const char *feed = anx_json_get_string (address, "path", "/v1") + strlen ("/v1");
  g_autoptr (GBytes) calendar = NULL;
  g_assert_cmpuint (call_bytes (f, NULL, "GET", feed, NULL, &calendar), ==, 200);
  g_autofree char *text = g_strndup (g_bytes_get_data (calendar, NULL), g_bytes_get_size (calendar));
  g_assert_true (g_str_has_prefix (text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  g_assert_nonnull (strstr (text, proxy));
  g_assert_nonnull (strstr (text, "STATUS:CANCELLED\r\n"));
  g_assert_cmpuint (call (f, "li-wei", "POST", "/calendars", "{\"revoke\":true}", NULL), ==, 200);
  g_assert_cmpuint (call_bytes (f, NULL, "GET", feed, NULL, NULL), ==, 404);
}

/* --- a series --- */

#define HOURS (12 * ANX_USEC_PER_HOUR)

static char *
series_text (const char *const *ids,
             const gint64 *starts,
             guint n,
             const char *more)
{
  g_autoptr (GString) text = g_string_new ("{\"service\":\"talk\",\"centre\":\"centre-one\",\"room\":\"room-a\",\"codeKey\":\"" KEY_A "\",\"sessions\":[");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s{\"id\":\"%s\",\"start\":%" G_GINT64_FORMAT "}", i > 0 ? "," : "", ids[i], starts[i]);
  g_string_append_printf (text, "]%s}", more);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* All of them or none; a conflict is named with what is free near it; the same again changes nothing. */
static void
test_series (Fixture *f,
             gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 14);
  gint64 starts[3];
  char *ids[3];
  for (guint i = 0; i < 3; i++)
    {
      starts[i] = anx_json_get_int (json_array_get_object_element (slots, 40 * (i + 1)), "start", 0);
      ids[i] = anx_uuid_new (g_get_real_time ());
    }
  g_autofree char *series = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/series/", series, NULL);
  g_autofree char *text = series_text ((const char *const *) ids, starts, 3, "");
  guint status = 0;

  /* Somebody has the second one: nothing is booked, and it alone is named. */
  g_autofree char *taken = claim_text ("room-a", starts[1], "");
  g_autofree char *other = put_booking (f, "chen-fang", taken, &status);
  g_assert_cmpuint (status, ==, 201);
  g_autoptr (JsonObject) problem = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, text, &problem), ==, 409);
  JsonArray *conflicts = anx_json_get_array (problem, "conflicts");
  g_assert_cmpuint (json_array_get_length (conflicts), ==, 1);
  JsonObject *conflict = json_array_get_object_element (conflicts, 0);
  g_assert_cmpint (anx_json_get_int (conflict, "start", 0), ==, starts[1]);
  g_assert_cmpstr (anx_json_get_string (conflict, "problem", NULL), ==, "slot-taken");
  JsonArray *alternatives = anx_json_get_array (conflict, "alternatives");
  g_assert_cmpuint (json_array_get_length (alternatives), >, 0);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, 1);
  check_no_overlap (f);

  /* With the alternative it goes; a second time it is the same. */
  starts[1] = anx_json_get_int (json_array_get_object_element (alternatives, 0), "start", 0);
  g_autofree char *better = series_text ((const char *const *) ids, starts, 3, "");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (JsonObject) answer = NULL;
      g_assert_cmpuint (call (f, "chen-fang", "PUT", path, better, &answer), ==, i == 0 ? 201 : 200);
      g_assert_cmpuint (json_array_get_length (anx_json_get_array (answer, "bookings")), ==, 3);
    }
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, 4);
  g_assert_cmpint (fixture_count (f, "SELECT count(DISTINCT counsellor) FROM booking WHERE series IS NOT NULL"), ==, 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking_change WHERE what = 'made'"), ==, 4);
  check_no_overlap (f);

  /* The code stands for the next of them. */
  g_autoptr (JsonObject) found = NULL;
  g_autofree char *cancel = g_strconcat ("/bookings/", ids[0], "/status", NULL);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", cancel, "{\"status\":\"cancelled\",\"codeKey\":\"" KEY_A "\"}", NULL), ==, 200);
  g_autofree char *other_cancel = g_strconcat ("/bookings/", other, "/status", NULL);
  g_assert_cmpuint (call (f, "chen-fang", "POST", other_cancel, "{\"status\":\"cancelled\"}", NULL), ==, 200);
  /* A referral of the first session is read about when the second is ahead. */
  g_autofree char *referral = g_strdup_printf ("INSERT INTO referral (task, author, centre, addressee, urgency, status, business_status, requested, changed, booking)"
                                               " VALUES ('0198c000-0000-7000-8000-00000000000b', 'li-wei', 'centre-one', 'hospital', 'routine', 'requested', '2.0',"
                                               " 1, 1, '%s')", ids[0]);
  change_database (f, referral);
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/lookups", "{\"codeKey\":\"" KEY_A "\"}", &found), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (found, "referrals")), ==, 1);
  g_assert_cmpstr (anx_json_get_string (json_object_get_object_member (found, "booking"), "id", NULL), ==, ids[1]);

  /* Some of them and another are not the series that was booked; nothing of it is booked. */
  g_autofree char *fresh = anx_uuid_new (g_get_real_time ());
  const char *const mixed[] = { ids[1], fresh };
  const gint64 mixed_starts[] = { starts[1], anx_json_get_int (json_array_get_object_element (slots, 200), "start", 0) };
  g_autofree char *mixed_text = series_text (mixed, mixed_starts, 2, "");
  g_autoptr (JsonObject) differs = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, mixed_text, &differs), ==, 409);
  check_problem (differs, "booking-differs");

  /* Who holds the first time while typing gets the series. */
  g_autofree char *held = anx_uuid_new (g_get_real_time ());
  const char *const two[] = { held, fresh };
  const gint64 two_starts[] = { anx_json_get_int (json_array_get_object_element (slots, 150), "start", 0), mixed_starts[1] };
  g_autofree char *hold_path = g_strconcat ("/holds/", held, NULL);
  g_autofree char *hold_text = claim_text ("room-a", two_starts[0], "");
  g_autofree char *other_series = anx_uuid_new (g_get_real_time ());
  g_autofree char *other_path = g_strconcat ("/series/", other_series, NULL);
  g_autofree char *two_text = series_text (two, two_starts, 2, "");
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", hold_path, hold_text, NULL), ==, 200);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", other_path, two_text, NULL), ==, 201);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM hold"), ==, 0);
  check_no_overlap (f);

  /* Who sends nonsense is told so. */
  const char *const twice[] = { ids[0], ids[0] };
  g_autofree char *same = series_text (twice, starts, 2, "");
  g_autofree char *one = series_text (twice, starts, 1, "");
  g_autofree char *asked = series_text ((const char *const *) ids, starts, 3, ",\"asked\":true");
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, same, NULL), ==, 400);
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, one, NULL), ==, 400);
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, asked, NULL), ==, 400);
  for (guint i = 0; i < 3; i++)
    g_free (ids[i]);
}

/* --- a closed room, a missed session --- */

static void
test_closed (Fixture *f,
             gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 14);
  gint64 start = anx_json_get_int (json_array_get_object_element (slots, 60), "start", 0);
  guint status = 0;
  g_autofree char *claim = claim_text ("room-a", start, "");
  g_autofree char *booking = put_booking (f, "chen-fang", claim, &status);
  g_assert_cmpuint (status, ==, 201);

  /* Twelve hours about it: the booking stays and is work, nothing else is offered or taken there. */
  g_autofree char *closure = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/closures/", closure, NULL);
  g_autofree char *body = g_strdup_printf ("{\"centre\":\"centre-one\",\"room\":\"room-a\",\"from\":%" G_GINT64_FORMAT ",\"to\":%" G_GINT64_FORMAT
                                           ",\"reason\":\"repair\"}", start - HOURS, start + HOURS);
  g_autoptr (JsonObject) made = NULL, items = NULL, list = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, body, &made), ==, 200);
  JsonArray *in_the_way = anx_json_get_array (made, "inTheWay");
  g_assert_cmpuint (json_array_get_length (in_the_way), ==, 1);
  g_assert_cmpstr (json_array_get_string_element (in_the_way, 0), ==, booking);
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/work-items?centre=centre-one", NULL, &items), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (items, "items")), ==, 1);
  g_assert_cmpuint (call (f, "li-wei", "GET", "/closures?centre=centre-one", NULL, &list), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (list, "closures")), ==, 1);
  g_autoptr (JsonArray) fewer = get_slots (f, "chen-fang", "room-a", 14);
  gint64 taken = 0;
  for (guint i = 0; i < json_array_get_length (fewer); i++)
    {
      JsonObject *slot = json_array_get_object_element (fewer, i);
      g_assert_true (anx_json_get_int (slot, "end", 0) <= start - HOURS || anx_json_get_int (slot, "start", 0) >= start + HOURS);
    }
  for (guint i = 0; i < json_array_get_length (slots) && taken == 0; i++)
    {
      gint64 at = anx_json_get_int (json_array_get_object_element (slots, i), "start", 0);
      taken = at > start - HOURS && at < start + HOURS && at != start ? at : 0;
    }
  g_assert_cmpint (taken, >, 0);
  g_autofree char *there = claim_text ("room-a", taken, "");
  /* It counts as taken, and others are named: nobody is left before a closed door. */
  g_autofree char *refused = anx_uuid_new (g_get_real_time ());
  g_autofree char *refused_path = g_strconcat ("/bookings/", refused, NULL);
  g_autoptr (JsonObject) problem = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", refused_path, there, &problem), ==, 409);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (problem, "alternatives")), >, 0);

  /* The neighbour's room is open; the work is done when the booking is moved there. Nobody who waits is told of the time that is free then
   * in the closed room. Open again, all is as before. */
  g_autofree char *waiting = anx_uuid_new (g_get_real_time ());
  g_autofree char *waiting_path = g_strconcat ("/waiting/", waiting, NULL);
  g_autofree char *wish = g_strdup_printf ("{\"centre\":\"centre-one\",\"service\":\"talk\",\"from\":%" G_GINT64_FORMAT ",\"to\":%" G_GINT64_FORMAT
                                           ",\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}}", g_get_real_time (), g_get_real_time () + 20 * ANX_USEC_PER_DAY);
  g_assert_cmpuint (call (f, "kiosk-one", "PUT", waiting_path, wish, NULL), ==, 204);
  g_autofree char *move = g_strconcat ("/bookings/", booking, "/move", NULL);
  g_autofree char *target = g_strdup_printf ("{\"start\":%" G_GINT64_FORMAT ",\"room\":\"room-b\",\"reason\":\"room-closed\"}", start);
  g_assert_cmpuint (call (f, "chen-fang", "POST", move, target, NULL), ==, 200);
  g_assert_cmpint (fixture_count (f, "SELECT notices FROM waiting"), ==, 0);
  g_autofree char *end = g_strconcat (path, "/end", NULL);
  g_assert_cmpuint (call (f, "wang-fang", "POST", end, "{}", NULL), ==, 404);
  g_assert_cmpuint (call (f, "chen-fang", "POST", end, "{}", NULL), ==, 204);
  g_autofree char *now_free = put_booking (f, "chen-fang", there, &status);
  g_assert_cmpuint (status, ==, 201);
  g_autofree char *cancel = g_strconcat ("/bookings/", now_free, "/status", NULL);
  g_assert_cmpuint (call (f, "chen-fang", "POST", cancel, "{\"status\":\"cancelled\"}", NULL), ==, 200);
  g_assert_cmpint (fixture_count (f, "SELECT notices FROM waiting"), ==, 1);
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, "{\"centre\":\"centre-one\",\"room\":\"no-room\",\"from\":1,\"to\":2}", NULL), ==, 400);
}

static guint
count_leases (Fixture *f,
              guint *out_offered)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, "kiosk-one", "POST", "/leases", "{\"installation\":\"mark\",\"held\":[],\"returned\":[]}", &answer), ==, 200);
  g_autoptr (JsonArray) slots = get_slots (f, "kiosk-one", "room-a", 14);
  *out_offered = 0;
  for (guint i = 0; i < json_array_get_length (slots); i++)
    *out_offered += json_object_has_member (json_array_get_object_element (slots, i), "lease");
  return json_array_get_length (anx_json_get_array (answer, "leases"));
}

/* What is lent in a room that is closed then is not offered and not sold; open again, the kiosk has it as before. */
static void
test_closed_leases (Fixture *f,
                    gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  guint offered = 0, lent = count_leases (f, &offered);
  g_assert_cmpuint (lent, >, 2);
  g_assert_cmpuint (offered, ==, lent);
  g_autofree char *closure = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/closures/", closure, NULL);
  g_autofree char *end = g_strconcat (path, "/end", NULL);
  g_autofree char *body = g_strdup_printf ("{\"centre\":\"centre-one\",\"from\":%" G_GINT64_FORMAT ",\"to\":%" G_GINT64_FORMAT "}", g_get_real_time (),
                                           g_get_real_time () + 20 * ANX_USEC_PER_DAY);
  g_assert_cmpuint (call (f, "chen-fang", "PUT", path, body, NULL), ==, 200);
  g_assert_cmpuint (count_leases (f, &offered), ==, 0);
  g_assert_cmpuint (offered, ==, 0);
  g_assert_cmpuint (call (f, "chen-fang", "POST", end, "{}", NULL), ==, 204);
  g_assert_cmpuint (count_leases (f, &offered), ==, lent);
  g_assert_cmpuint (offered, ==, lent);
}

/* Late, missed, missed by somebody we worry about, and taken back. */
static void
test_missed (Fixture *f,
             gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 14);
  guint status = 0;
  char *ids[3];
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *claim = claim_text ("room-a", anx_json_get_int (json_array_get_object_element (slots, i == 0 ? 2 : 100 * i), "start", 0), "");
      ids[i] = put_booking (f, "chen-fang", claim, &status);
      g_assert_cmpuint (status, ==, 201);
    }
  const char *const changes[][2] = { { "cancelled", "resident-asked" }, { "cancelled", "resident-asked" }, { "noshow", "did-not-come" } };
  g_autofree char *alert = g_strdup_printf ("INSERT INTO alert (id, level, centre, room, kiosk, booking, created, acknowledged) VALUES"
                                            " ('0198c000-0000-7000-8000-00000000000a', 'yellow', 'centre-one', 'room-a', 'kiosk-one', '%s', 1, 2)", ids[2]);
  change_database (f, alert);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *path = g_strconcat ("/bookings/", ids[i], "/status", NULL);
      g_autofree char *body = g_strdup_printf ("{\"status\":\"%s\",\"reason\":\"%s\"}", changes[i][0], changes[i][1]);
      g_autoptr (JsonObject) answer = NULL;
      g_assert_cmpuint (call (f, "chen-fang", "POST", path, body, &answer), ==, 200);
      /* The first was within a day of its start. */
      g_assert_true (anx_json_get_boolean (answer, "late", FALSE) == (i == 0));
    }
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM cell"), ==, 0);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM work_item WHERE kind = 'follow-up' AND done IS NULL"), ==, 1);
  g_autofree char *undo = g_strconcat ("/bookings/", ids[2], "/status", NULL);
  g_assert_cmpuint (call (f, "chen-fang", "POST", undo, "{\"status\":\"booked\",\"reason\":\"came-late\"}", NULL), ==, 200);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM work_item WHERE done IS NULL"), ==, 0);
  g_autofree char *history = g_strconcat ("/bookings/", ids[2], "/history", NULL);
  g_autoptr (JsonObject) told = NULL;
  g_assert_cmpuint (call (f, "chen-fang", "GET", history, NULL, &told), ==, 200);
  JsonArray *list = anx_json_get_array (told, "changes");
  static const char *const expected[] = { NULL, "did-not-come", "came-late" };
  g_assert_cmpuint (json_array_get_length (list), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *change = json_array_get_object_element (list, i);
      g_assert_cmpstr (anx_json_get_string (change, "reason", NULL), ==, expected[i]);
      g_assert_cmpstr (anx_json_get_string (change, "who", NULL), ==, "chen-fang");
      g_assert_cmpint (anx_json_get_int (change, "at", 0), >, 0);
    }
  check_no_overlap (f);
  for (guint i = 0; i < 3; i++)
    g_free (ids[i]);
}

/* --- long lists --- */

static void
test_pages (Fixture *f,
            gconstpointer data)
{
  gint64 now = g_get_real_time ();
  fixture_publish (f);
  /* Ten at each start: a page must not end between them and lose the rest. Some are the caller's in two ways. */
  g_autofree char *sql = g_strdup_printf ("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4499)"
                                          " INSERT INTO booking (id, service, counsellor, centre, room, start, end, status, changed, code_hash, mediator)"
                                          " SELECT printf ('0198c000-0000-7000-8000-%%012x', i * 7919 %% 4500), 'talk',"
                                          " CASE i %% 9 WHEN 0 THEN 'chen-fang' ELSE 'li-wei' END, 'centre-one', 'room-a', %" G_GINT64_FORMAT
                                          " + i / 10 * 3600000000, %" G_GINT64_FORMAT " + i / 10 * 3600000000, 'booked', 1, '', 'chen-fang' FROM n", now, now + 1);
  change_database (f, sql);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *after = g_strdup ("");
  gint64 last = 0;
  guint pages = 0;
  while (after != NULL)
    {
      g_autofree char *url = g_strdup_printf ("/bookings?from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT "%s%s", now, now + 40 * ANX_USEC_PER_DAY,
                                              *after != '\0' ? "&after=" : "", after);
      g_autoptr (JsonObject) answer = NULL;
      g_assert_cmpuint (call (f, "chen-fang", "GET", url, NULL, &answer), ==, 200);
      JsonArray *list = anx_json_get_array (answer, "bookings");
      for (guint i = 0; i < json_array_get_length (list); i++)
        {
          JsonObject *booking = json_array_get_object_element (list, i);
          g_assert_true (g_hash_table_add (seen, g_strdup (anx_json_get_string (booking, "id", NULL))));
          g_assert_cmpint (anx_json_get_int (booking, "start", 0), >=, last);
          last = anx_json_get_int (booking, "start", 0);
        }
      g_free (after);
      after = g_strdup (anx_json_get_string (answer, "next", NULL));
      pages++;
    }
  g_assert_cmpuint (pages, ==, 3);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 4500);
  g_assert_cmpuint (call (f, "chen-fang", "GET", "/bookings?after=nonsense", NULL, NULL), ==, 400);
}

/* --- the feed --- */

/* RFC 5545 as far as a line can tell: CRLF, at most 75 octets, whole characters, no control characters. */
static void
check_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  guint n = g_strv_length (lines);
  g_assert_cmpstr (lines[n - 1], ==, "");
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (strlen (lines[i]), <=, 75);
      g_assert_true (g_utf8_validate (lines[i], -1, NULL));
      for (const char *at = lines[i]; *at != '\0'; at++)
        g_assert_cmpint ((guchar) *at, >=, 0x20);
    }
}

static char *
unfold (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\r\n ", -1);
  return g_strjoinv ("", parts);
}

static guint
count_of (const char *text,
          const char *part)
{
  guint n = 0;
  for (const char *at = strstr (text, part); at != NULL; at = strstr (at + 1, part))
    n++;
  return n;
}

/*
 * A counsellor's subscription, with a service's name that must be escaped and folded. Into the folder ANX_FEED, when it is set, go the feed and what an
 * independent reader must find in it.
 */
static void
test_feed (Fixture *f,
           gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 14);
  g_autoptr (JsonObject) expected = json_object_new ();
  guint status = 0;
  char *ids[4];
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      JsonObject *slot = json_array_get_object_element (slots, 30 * (i + 1));
      gint64 start = anx_json_get_int (slot, "start", 0);
      g_autofree char *claim = claim_text ("room-a", start, "");
      ids[i] = put_booking (f, "chen-fang", claim, &status);
      g_assert_cmpuint (status, ==, 201);
      JsonObject *event = json_object_new ();
      json_object_set_int_member (event, "start", start);
      json_object_set_int_member (event, "end", anx_json_get_int (slot, "end", 0));
      json_object_set_string_member (event, "status", i == 2 ? "CANCELLED" : "CONFIRMED");
      json_object_set_string_member (event, "summary", FIXTURE_SERVICE_NAME);
      g_autofree char *uid = g_strconcat (ids[i], "@anxin", NULL);
      json_object_set_object_member (expected, uid, event);
    }
  g_autofree char *cancel = g_strconcat ("/bookings/", ids[2], "/status", NULL);
  g_assert_cmpuint (call (f, "chen-fang", "POST", cancel, "{\"status\":\"cancelled\"}", NULL), ==, 200);

  g_autoptr (JsonObject) address = NULL;
  g_autoptr (GBytes) calendar = NULL;
  g_assert_cmpuint (call (f, "li-wei", "POST", "/calendars", "{}", &address), ==, 200);
  g_assert_cmpuint (call_bytes (f, NULL, "GET", anx_json_get_string (address, "path", "/v1") + strlen ("/v1"), NULL, &calendar), ==, 200);
  g_autofree char *text = g_strndup (g_bytes_get_data (calendar, NULL), g_bytes_get_size (calendar));
  check_lines (text);
  g_autofree char *whole = unfold (text);
  /* What each calendar and each event must have (sections 3.6 and 3.6.1); times are in UTC, so that no VTIMEZONE is needed. */
  static const char *const once[] = { "BEGIN:VCALENDAR\r\n", "\r\nVERSION:2.0\r\n", "\r\nPRODID:", "\r\nEND:VCALENDAR\r\n" };
  static const char *const each[] = { "\r\nBEGIN:VEVENT\r\n", "\r\nUID:", "\r\nDTSTAMP:", "\r\nDTSTART:", "\r\nDTEND:", "\r\nSEQUENCE:", "\r\nSTATUS:", "\r\nEND:VEVENT\r\n" };
  for (guint i = 0; i < G_N_ELEMENTS (once); i++)
    g_assert_cmpuint (count_of (whole, once[i]), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (each); i++)
    g_assert_cmpuint (count_of (whole, each[i]), ==, G_N_ELEMENTS (ids));
  g_assert_cmpuint (count_of (whole, "TZID"), ==, 0);
  /* A method is for calendars that are sent to somebody, and then wants an ORGANIZER (RFC 5546, section 3.2.1). */
  g_assert_cmpuint (count_of (whole, "METHOD"), ==, 0);
  g_assert_cmpuint (count_of (whole, "room-a"), ==, 0);
  g_assert_cmpuint (count_of (whole, "\r\nSTATUS:CANCELLED\r\n"), ==, 1);
  g_assert_cmpuint (count_of (whole, "\r\nSUMMARY:谈话\\, 面谈\\; "), ==, G_N_ELEMENTS (ids));
  g_assert_cmpuint (count_of (text, "\r\n "), >=, G_N_ELEMENTS (ids));

  const char *folder = g_getenv ("ANX_FEED");
  if (folder != NULL)
    {
      g_autofree char *feed_path = g_build_filename (folder, "feed.ics", NULL);
      g_autofree char *expected_path = g_build_filename (folder, "expected.json", NULL);
      g_autofree char *expected_text = anx_json_object_to_text (expected);
      g_assert_true (g_file_set_contents (feed_path, text, -1, NULL));
      g_assert_true (g_file_set_contents (expected_path, expected_text, -1, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_free (ids[i]);
}

/* Somebody tries codes: the caller is stopped, and so is the code. */
static void
test_code_rate (Fixture *f,
                gconstpointer data)
{
  fixture_publish (f);
  guint stopped = 0;
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"codeKey\":\"%064x\"}", i);
      guint status = call (f, "kiosk-one", "POST", "/lookups", body, NULL);
      g_assert_true (status == 404 || status == 429);
      stopped += status == 429;
    }
  g_assert_cmpuint (stopped, >=, 4);
  g_assert_cmpuint (call (f, "kiosk-two", "POST", "/lookups", "{\"codeKey\":\"" KEY_A "\"}", NULL), ==, 404);
}

/* One code at several kiosks, none of which asks too often. */
static void
test_code_rate_of_one (Fixture *f,
                       gconstpointer data)
{
  static const char *const KIOSKS[] = { "kiosk-one", "kiosk-two", "kiosk-far" };
  fixture_publish (f);
  guint stopped = 0;
  for (guint i = 0; i < 9; i++)
    {
      guint status = call (f, KIOSKS[i % 3], "POST", "/lookups", "{\"codeKey\":\"" KEY_A "\"}", NULL);
      g_assert_true (status == 404 || status == 429);
      stopped += status == 429;
    }
  g_assert_cmpuint (stopped, >=, 2);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (call (f, KIOSKS[i], "POST", "/lookups", "{\"codeKey\":\"" KEY_B "\"}", NULL), ==, 404);
}

/* What the gateway's program got next, through a pipe with a name. */
static JsonObject *
read_notice (int pipe)
{
  char text[4096];
  struct pollfd wanted = { .fd = pipe, .events = POLLIN };
  g_assert_cmpint (poll (&wanted, 1, 60000), ==, 1);
  ssize_t n = read (pipe, text, sizeof text);
  g_assert_cmpint (n, >, 0);
  return anx_json_parse_object (text, n, sizeof text, NULL);
}

/* A gateway's program gets which text to which sealed address, and not a word more; when it fails it gets the same again, and then it is over. */
static void
test_notices (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pipe_path = g_build_filename (f->folder, "gateway.pipe", NULL);
  g_autofree char *program = g_build_filename (f->folder, "gateway", NULL);
  g_autofree char *once = g_build_filename (f->folder, "failed-once", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\ncat > '%s'\n[ -e '%s' ] || { : > '%s'; exit 1; }\n", pipe_path, once, once);
  g_autofree char *config = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *before = NULL;
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  /* Both ends, so that nobody waits for the other to open it. */
  int pipe = open (pipe_path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (pipe, >=, 0);
  g_assert_true (g_file_set_contents (program, script, -1, &error));
  g_assert_cmpint (chmod (program, 0700), ==, 0);
  g_assert_true (g_file_get_contents (config, &before, NULL, &error));
  g_autofree char *after = g_strdup_printf ("[hub]\nnotices=program:%s\n%s", program, before + strlen ("[hub]\n"));
  g_assert_true (g_file_set_contents (config, after, -1, &error));
  fixture_kill (f);
  fixture_start (f);
  fixture_publish (f);
  fixture_put_plan (f);

  g_autoptr (JsonArray) slots = get_slots (f, "chen-fang", "room-a", 3);
  guint status = 0;
  g_autofree char *text = claim_text ("room-a", anx_json_get_int (json_array_get_object_element (slots, 0), "start", 0),
                                      ",\"notify\":{\"channel\":\"sms\",\"address\":\"c2VhbGVk\"}");
  g_autofree char *id = put_booking (f, "chen-fang", text, &status);
  g_assert_cmpuint (status, ==, 201);
  g_autofree char *path = g_strdup_printf ("/bookings/%s/move", id);
  g_autofree char *move = g_strdup_printf ("{\"start\":%" G_GINT64_FORMAT "}", anx_json_get_int (json_array_get_object_element (slots, 1), "start", 0));
  g_assert_cmpuint (call (f, "chen-fang", "POST", path, move, NULL), ==, 200);

  g_autoptr (JsonObject) first = read_notice (pipe);
  change_database (f, "UPDATE notice SET due = 0 WHERE sent IS NULL");
  g_autoptr (JsonObject) second = read_notice (pipe);
  g_assert_cmpuint (json_object_get_size (first), ==, 4);
  g_assert_cmpstr (anx_json_get_string (first, "template", NULL), ==, "booking-moved");
  g_assert_cmpstr (anx_json_get_string (first, "channel", NULL), ==, "sms");
  g_assert_cmpstr (anx_json_get_string (first, "address", NULL), ==, "c2VhbGVk");
  g_assert_cmpint (anx_json_get_int (first, "number", 0), ==, anx_json_get_int (second, "number", -1));
  /* Written down before the hub ends; the address is not kept. */
  g_subprocess_send_signal (f->hub, SIGTERM);
  g_subprocess_wait (f->hub, NULL, NULL);
  g_clear_object (&f->hub);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM notice WHERE sent > 0 AND address = ''"), ==, 1);
  close (pipe);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/hub/booking/" path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("race", test_race);
  ADD ("staff", test_staff);
  ADD ("series", test_series);
  ADD ("closed", test_closed);
  ADD ("closed-leases", test_closed_leases);
  ADD ("missed", test_missed);
  ADD ("pages", test_pages);
  ADD ("feed", test_feed);
  ADD ("notices", test_notices);
  g_test_add ("/hub/booking/code-rate", Fixture, "codes-per-minute=5", fixture_set_up, test_code_rate, fixture_tear_down);
  g_test_add ("/hub/booking/code-rate-of-one", Fixture, "codes-per-minute=5", fixture_set_up, test_code_rate_of_one, fixture_tear_down);
  return g_test_run ();
}
