/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "clock.h"
#include "hub-district.h"
#include "id.h"
#include "json.h"

/* Cases from outside at the hub: whose they are, when they are due, what the sender learns, how many may come. */

#define SENDER "hotline"
#define STAFF "chen-fang"
#define HERE "/intakes?centre=centre-one"

static char *
make_intake (Fixture *f,
             const char *urgency,
             const char *group,
             const char *centre,
             gint64 created_usec,
             char **out_id)
{
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "centre", centre);
  json_object_set_string_member (routing, "source", "hotline");
  json_object_set_string_member (routing, "urgency", urgency);
  return make_record_at (f, SENDER, "intake", LIST (group), routing, created_usec, out_id);
}

static void
post (Fixture *f,
      const char *record,
      const char *expected)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, SENDER, LIST (record), &answer), ==, 200);
  const char *status = result_status (answer, 0);
  g_assert_cmpstr (g_str_equal (status, "refused") ? result_problem (answer, 0) : status, ==, expected);
}

/* (transfer full): how @who sees it. */
static JsonObject *
look (Fixture *f,
      const char *who,
      const char *path,
      const char *id)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, who, "GET", path, NULL, &answer), ==, 200);
  JsonArray *list = anx_json_get_array (answer, "intakes");
  JsonObject *found = NULL;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);
      if (strcmp (anx_json_get_string (one, "id", ""), id) != 0)
        continue;
      g_assert_null (found);
      found = json_object_ref (one);
    }
  g_assert_nonnull (found);
  return found;
}

static guint
act (Fixture *f,
     const char *who,
     const char *id,
     const char *body,
     const char *problem)
{
  g_autoptr (JsonObject) answer = NULL;
  g_autofree char *path = g_strconcat ("/intakes/", id, "/action", NULL);
  guint status = call (f, who, "POST", path, body, &answer);
  if (problem != NULL)
    check_problem (answer, problem);
  return status;
}

/* From "received" to "closed"; the sender is told how far, and neither by whom nor with what end. */
static void
test_way (Fixture *f,
          gconstpointer data)
{
  fixture_publish (f);
  gint64 before = g_get_real_time ();
  g_autofree char *id = NULL;
  /* The sender's clock is a day behind; due counts from when it came. */
  g_autofree char *record = make_intake (f, "immediate", "staff-one", "centre-one", before - 24 * ANX_USEC_PER_HOUR, &id);
  post (f, record, "stored");
  g_autoptr (JsonObject) received = look (f, SENDER, "/intakes", id);
  gint64 at = anx_json_get_int (received, "received", 0);
  g_assert_cmpint (at, >=, before);
  g_assert_cmpstr (anx_json_get_string (received, "status", NULL), ==, "received");
  g_assert_cmpint (anx_json_get_int (received, "due", 0), ==, at + 30 * ANX_USEC_PER_MINUTE);
  g_assert_cmpstr (anx_json_get_string (received, "light", NULL), ==, "yellow");

  /* Handed in again, by a sender that never got the answer: the same case. */
  post (f, record, "held");
  g_autoptr (JsonObject) staff = look (f, STAFF, HERE, id);
  g_assert_cmpstr (anx_json_get_string (staff, "from", NULL), ==, SENDER);

  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"take\"}", NULL), ==, 204);
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"take\"}", NULL), ==, 204);
  g_autoptr (JsonObject) taken = look (f, SENDER, "/intakes", id);
  g_assert_cmpstr (anx_json_get_string (taken, "status", NULL), ==, "taken-on");
  g_assert_cmpint (anx_json_get_int (taken, "due", 0), ==, at + 24 * ANX_USEC_PER_HOUR);
  g_assert_cmpint (anx_json_get_int (taken, "taken", 0), >=, at);
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"close\",\"outcome\":\"reached\"}", NULL), ==, 204);
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"close\",\"outcome\":\"reached\"}", NULL), ==, 204);
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"close\",\"outcome\":\"elsewhere\"}", "intake-not-allowed"), ==, 409);
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"take\"}", "intake-not-allowed"), ==, 409);
  g_autoptr (JsonObject) closed = look (f, SENDER, "/intakes", id);
  g_assert_cmpstr (anx_json_get_string (closed, "status", NULL), ==, "closed");
  static const char *const HIDDEN[] = { "due", "light", "from", "takenBy", "outcome" };
  for (gsize i = 0; i < G_N_ELEMENTS (HIDDEN); i++)
    g_assert_false (json_object_has_member (closed, HIDDEN[i]));
  g_autoptr (JsonObject) seen = look (f, STAFF, HERE, id);
  g_assert_cmpstr (anx_json_get_string (seen, "outcome", NULL), ==, "reached");
  g_assert_cmpstr (anx_json_get_string (seen, "takenBy", NULL), ==, STAFF);
}

/* Closed at once is taken on as well; a restart changes nothing. */
static void
test_close_at_once (Fixture *f,
                    gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *id = NULL;
  g_autofree char *record = make_intake (f, "routine", "staff-one", "centre-one", g_get_real_time (), &id);
  post (f, record, "stored");
  g_assert_cmpuint (act (f, STAFF, id, "{\"action\":\"close\",\"outcome\":\"booked\"}", NULL), ==, 204);
  fixture_kill (f);
  fixture_start (f);
  g_autoptr (JsonObject) closed = look (f, SENDER, "/intakes", id);
  g_assert_cmpstr (anx_json_get_string (closed, "status", NULL), ==, "closed");
  g_assert_cmpint (anx_json_get_int (closed, "taken", 0), ==, anx_json_get_int (closed, "closed", -1));
  post (f, record, "held");
}

static void
test_refused (Fixture *f,
              gconstpointer data)
{
  static const struct
  {
    const char *urgency;
    const char *group;
    const char *centre;
    const char *problem;
  } CASES[] = {
    { "urgent", "staff-two", "centre-one", "record-not-allowed" }, /* the staff of another centre */
    { "urgent", "staff-one", "centre-two", "record-not-allowed" },
    { "urgent", "duty-one", "centre-one", "record-not-allowed" },
    { "urgent", "staff-one", "centre-nine", "record-invalid" },
    { "soon", "staff-one", "centre-one", "record-invalid" },
  };
  static const char *const BODIES[] = { "{}", "{\"action\":\"open\"}", "{\"action\":\"take\",\"outcome\":\"booked\"}", "{\"action\":\"close\"}",
                                        "{\"action\":\"close\",\"outcome\":\"won\"}" };
  fixture_publish (f);
  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *record = make_intake (f, CASES[i].urgency, CASES[i].group, CASES[i].centre, g_get_real_time (), NULL);
      g_test_message ("%s to %s of %s", CASES[i].urgency, CASES[i].group, CASES[i].centre);
      post (f, record, CASES[i].problem);
    }
  g_autofree char *id = NULL;
  g_autofree char *record = make_intake (f, "urgent", "staff-one", "centre-one", g_get_real_time (), &id);
  post (f, record, "stored");
  for (gsize i = 0; i < G_N_ELEMENTS (BODIES); i++)
    g_assert_cmpuint (act (f, STAFF, id, BODIES[i], "malformed"), ==, 400);
  g_assert_cmpuint (act (f, "wu-jing", id, "{\"action\":\"take\"}", "intake-unknown"), ==, 404);
}

/* A sender that runs wild is stopped, as a whole request, so that what it holds is sent again later; what came before it in that request is kept. */
static void
test_too_many (Fixture *f,
               gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *first = make_intake (f, "urgent", "staff-one", "centre-one", g_get_real_time (), NULL);
  g_autofree char *second = make_intake (f, "urgent", "staff-one", "centre-one", g_get_real_time (), NULL);
  g_autofree char *third = make_intake (f, "urgent", "staff-one", "centre-one", g_get_real_time (), NULL);
  post (f, first, "stored");
  g_autoptr (JsonObject) refused = NULL;
  g_assert_cmpuint (post_records (f, SENDER, LIST (second, third), &refused), ==, 429);
  check_problem (refused, "too-many-requests");
  post (f, first, "held");
  post (f, second, "held");
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, SENDER, "GET", "/intakes", NULL, &answer), ==, 200);
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (answer, "intakes")), ==, 2);
}

int
main (int argc,
      char **argv)
{
  static const char LIMIT[] = "requests-per-minute=100000\npublic-requests-per-minute=100000\nintakes-per-hour=2";
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hub/intakes/way", Fixture, NULL, fixture_set_up, test_way, fixture_tear_down);
  g_test_add ("/hub/intakes/close-at-once", Fixture, NULL, fixture_set_up, test_close_at_once, fixture_tear_down);
  g_test_add ("/hub/intakes/refused", Fixture, NULL, fixture_set_up, test_refused, fixture_tear_down);
  g_test_add ("/hub/intakes/too-many", Fixture, LIMIT, fixture_set_up, test_too_many, fixture_tear_down);
  return g_test_run ();
}
