/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "clock.h"
#include "hub-district.h"
#include "id.h"
#include "json.h"

/* The clock of a referral at the hub, and what the district sees of all. */

#define DEPARTMENT "mental-health"
#define AUTHOR "li-wei"
#define MEMBER "zhou-yun"
#define SUPERVISOR "he-ping"

static JsonObject *
request_routing (const char *task,
                 const char *urgency)
{
  JsonObject *routing = json_object_new ();
  json_object_set_string_member (routing, "task", task);
  json_object_set_string_member (routing, "centre", "centre-one");
  json_object_set_string_member (routing, "to", DEPARTMENT);
  json_object_set_string_member (routing, "urgency", urgency);
  json_object_set_string_member (routing, "status", "requested");
  json_object_set_string_member (routing, "businessStatus", "2.0");
  return routing;
}

static void
post (Fixture *f,
      const char *who,
      const char *record)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, who, LIST (record), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
}

static char *
refer (Fixture *f,
       const char *urgency,
       gint64 created_usec)
{
  char *task = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) routing = request_routing (task, urgency);
  g_autofree char *record = make_record_at (f, AUTHOR, "referral", LIST (AUTHOR, DEPARTMENT), routing, created_usec, NULL);
  post (f, AUTHOR, record);
  return task;
}

static void
answer_with (Fixture *f,
             const char *task,
             const char *status,
             const char *business,
             gint64 created_usec)
{
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "task", task);
  json_object_set_string_member (routing, "status", status);
  json_object_set_string_member (routing, "businessStatus", business);
  g_autofree char *record = make_record_at (f, MEMBER, "referral-event", LIST (AUTHOR, DEPARTMENT), routing, created_usec, NULL);
  post (f, MEMBER, record);
}

/* (transfer full): how @who sees it. */
static JsonObject *
look (Fixture *f,
      const char *who,
      const char *task)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, who, "GET", "/referrals", NULL, &answer), ==, 200);
  JsonArray *list = anx_json_get_array (answer, "referrals");
  JsonObject *found = NULL;
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);
      if (strcmp (anx_json_get_string (one, "task", ""), task) != 0)
        continue;
      g_assert_null (found);
      found = one;
    }
  g_assert_nonnull (found);
  return json_object_ref (found);
}

/* A counsellor who was offline for two hours: the clock ran all the time, and the district sees at once who owes an answer. */
static void
test_offline (Fixture *f,
              gconstpointer data)
{
  fixture_publish (f);
  gint64 written = g_get_real_time () - 2 * ANX_USEC_PER_HOUR;
  g_autofree char *task = refer (f, "immediate", written);
  g_autoptr (JsonObject) seen = look (f, SUPERVISOR, task);

  g_assert_cmpint (anx_json_get_int (seen, "requested", 0), ==, written);
  g_assert_cmpint (anx_json_get_int (seen, "due", 0), ==, written + 30 * ANX_USEC_PER_MINUTE);
  g_assert_cmpstr (anx_json_get_string (seen, "light", NULL), ==, "red");
  g_assert_cmpstr (anx_json_get_string (seen, "from", NULL), ==, AUTHOR);
  g_assert_cmpstr (anx_json_get_string (seen, "to", NULL), ==, DEPARTMENT);
  g_assert_cmpstr (anx_json_get_string (seen, "centre", NULL), ==, "centre-one");
  /* Late is late, but accepted: what is due now is the feedback, still counted from the request. */
  answer_with (f, task, "accepted", "3.0", g_get_real_time ());
  g_autoptr (JsonObject) accepted = look (f, SUPERVISOR, task);
  g_assert_cmpint (anx_json_get_int (accepted, "due", 0), ==, written + 24 * ANX_USEC_PER_HOUR);
  g_assert_cmpstr (anx_json_get_string (accepted, "light", NULL), ==, "green");
}

/* A clock that is ahead wins no time: nothing counts as written after it arrived. */
static void
test_clock_ahead (Fixture *f,
                  gconstpointer data)
{
  fixture_publish (f);
  gint64 before = g_get_real_time ();
  g_autofree char *task = refer (f, "immediate", before + 10 * ANX_USEC_PER_HOUR);
  g_autoptr (JsonObject) seen = look (f, MEMBER, task);
  gint64 requested = anx_json_get_int (seen, "requested", 0);

  g_assert_cmpint (requested, >=, before);
  g_assert_cmpint (requested, <=, g_get_real_time ());
  g_assert_cmpint (anx_json_get_int (seen, "due", 0), ==, requested + 30 * ANX_USEC_PER_MINUTE);
  g_assert_cmpstr (anx_json_get_string (seen, "light", NULL), ==, "yellow");
  /* The same for the answer: it cannot be older than the request, nor from tomorrow. */
  answer_with (f, task, "accepted", "3.0", before + 10 * ANX_USEC_PER_HOUR);
  g_autoptr (JsonObject) accepted = look (f, MEMBER, task);
  g_assert_cmpint (anx_json_get_int (accepted, "accepted", 0), <=, g_get_real_time ());
  g_assert_cmpint (anx_json_get_int (accepted, "accepted", 0), >=, requested);
}

/* Killed in the middle: the same due times and lights, nothing twice. */
static void
test_restart (Fixture *f,
              gconstpointer data)
{
  static const char *const MEMBERS[] = { "status", "businessStatus", "light", "urgency" };
  static const char *const TIMES[] = { "requested", "due", "changed", "accepted" };
  fixture_publish (f);
  gint64 now = g_get_real_time ();
  g_autofree char *late = refer (f, "immediate", now - 2 * ANX_USEC_PER_HOUR);
  g_autofree char *open = refer (f, "routine", now - ANX_USEC_PER_HOUR);
  answer_with (f, open, "accepted", "3.0", now);
  const char *const tasks[] = { late, open };
  g_autoptr (JsonObject) late_before = look (f, SUPERVISOR, late);
  g_autoptr (JsonObject) open_before = look (f, SUPERVISOR, open);
  JsonObject *const before[] = { late_before, open_before };
  fixture_kill (f);
  fixture_start (f);
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      g_autoptr (JsonObject) after = look (f, SUPERVISOR, tasks[i]);
      for (guint k = 0; k < G_N_ELEMENTS (MEMBERS); k++)
        g_assert_cmpstr (anx_json_get_string (after, MEMBERS[k], NULL), ==, anx_json_get_string (before[i], MEMBERS[k], NULL));
      for (guint k = 0; k < G_N_ELEMENTS (TIMES); k++)
        g_assert_cmpint (anx_json_get_int (after, TIMES[k], -1), ==, anx_json_get_int (before[i], TIMES[k], -1));
    }
}

/* Twenty-four: shares in steps of five, counts below five hidden, with another so that the total does not give them away. */
static void
test_district (Fixture *f,
               gconstpointer data)
{
  fixture_publish (f);
  gint64 now = g_get_real_time ();
  for (guint i = 0; i < 24; i++)
    {
      /* Half of them were requested two hours ago, too long for an answer that comes now. */
      g_autofree char *task = refer (f, "immediate", i < 12 ? now - 2 * ANX_USEC_PER_HOUR : now);
      if (i < 21)
        answer_with (f, task, "accepted", "3.0", g_get_real_time ());
      else
        answer_with (f, task, "rejected", "4.0", g_get_real_time ());
    }
  g_autoptr (JsonObject) figures = NULL;
  g_assert_cmpuint (call (f, SUPERVISOR, "GET", "/supervision", NULL, &figures), ==, 200);
  JsonArray *departments = anx_json_get_array (figures, "departments");
  g_assert_cmpuint (json_array_get_length (departments), ==, 1);
  JsonObject *row = json_array_get_object_element (departments, 0);
  JsonObject *total = anx_json_get_object (figures, "total");
  JsonObject *const both[] = { row, total };
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      static const char *const COLUMNS[] = { "open", "completed", "declined", "forwarded", "failed", "withdrawn", "all" };
      guint hidden = 0;
      g_assert_true (json_object_get_null_member (both[i], "declined"));
      for (guint k = 0; k < G_N_ELEMENTS (COLUMNS); k++)
        hidden += json_object_get_null_member (both[i], COLUMNS[k]);
      g_assert_cmpuint (hidden, >=, 2);
      g_assert_cmpint (anx_json_get_int (both[i], "answeredInTime", -1), ==, 50);
    }
}

/* What @who makes of the referral after @predecessor; its record, or what is wrong with it for the hub. */
static char *
step (Fixture *f,
      const char *who,
      const char *task,
      const char *predecessor,
      const char *status,
      const char *business,
      const char *expected_problem)
{
  char *id = NULL;
  g_autoptr (JsonObject) routing = json_object_new (), answer = NULL;
  json_object_set_string_member (routing, "task", task);
  json_object_set_string_member (routing, "status", status);
  json_object_set_string_member (routing, "businessStatus", business);
  g_autofree char *record = make_record_after (f, who, "referral-event", LIST (AUTHOR, DEPARTMENT), predecessor, routing, g_get_real_time (), &id);
  g_assert_cmpuint (post_records (f, who, LIST (record), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, expected_problem == NULL ? "stored" : "refused");
  if (expected_problem != NULL)
    g_assert_true (g_str_has_suffix (result_problem (answer, 0), expected_problem));
  return id;
}

static void
check_state (Fixture *f,
             const char *task,
             const char *status,
             gboolean closed)
{
  g_autoptr (JsonObject) seen = look (f, SUPERVISOR, task);
  g_assert_cmpstr (anx_json_get_string (seen, "status", NULL), ==, status);
  g_assert_true (json_object_has_member (seen, "closed") == closed);
}

/* Two who do not know of each other: both are kept, and either may be chosen, but nothing is said twice where there is nothing to choose. */
static void
test_contradiction (Fixture *f,
                    gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *request = NULL;
  g_autofree char *task = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) routing = request_routing (task, "routine");
  g_autofree char *record = make_record (f, AUTHOR, "referral", LIST (AUTHOR, DEPARTMENT), routing, &request);
  post (f, AUTHOR, record);

  g_autofree char *asked = step (f, MEMBER, task, request, "on-hold", "2.0", NULL);
  g_free (step (f, MEMBER, task, asked, "on-hold", "2.0", "referral-not-allowed"));
  /* Nobody contradicts themselves, and what they did is not undone by going back behind it. */
  g_free (step (f, MEMBER, task, request, "on-hold", "2.0", "referral-not-allowed"));
  g_free (step (f, MEMBER, task, request, "accepted", "3.0", "referral-not-allowed"));
  g_autofree char *withdrawn = step (f, AUTHOR, task, request, "cancelled", "6.0", NULL);
  check_state (f, task, "cancelled", TRUE);
  /* Not what neither said, and not what somebody else may say. */
  g_free (step (f, AUTHOR, task, withdrawn, "on-hold", "2.0", "referral-not-allowed"));
  g_free (step (f, AUTHOR, task, request, "completed", "7.0", "referral-not-allowed"));
  g_autofree char *chosen = step (f, AUTHOR, task, asked, "on-hold", "2.0", NULL);
  check_state (f, task, "on-hold", FALSE);
  g_autofree char *replied = step (f, AUTHOR, task, chosen, "received", "2.0", NULL);
  check_state (f, task, "received", FALSE);
  /* What follows nothing contradicts nothing. */
  g_autofree char *other = refer (f, "routine", g_get_real_time ());
  g_autofree char *loose = step (f, MEMBER, other, NULL, "on-hold", "2.0", NULL);
  g_free (step (f, AUTHOR, other, loose, "on-hold", "2.0", "referral-not-allowed"));
  /* The author has followed what the department did: not from before it any more. */
  g_free (step (f, AUTHOR, task, request, "cancelled", "6.0", "referral-not-allowed"));
}

/* The hub was restored from an old backup, and who answered comes back to it before who asked: everything finds its place. */
static void
test_out_of_order (Fixture *f,
                   gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *request = NULL, *accepted = NULL;
  g_autofree char *task = anx_uuid_new (g_get_real_time ());
  g_autoptr (JsonObject) routing = request_routing (task, "routine");
  g_autofree char *record = make_record (f, AUTHOR, "referral", LIST (AUTHOR, DEPARTMENT), routing, &request);
  gint64 now = g_get_real_time ();
  g_autoptr (JsonObject) says = json_object_new ();
  json_object_set_string_member (says, "task", task);
  json_object_set_string_member (says, "status", "accepted");
  json_object_set_string_member (says, "businessStatus", "3.0");
  g_autofree char *late = make_record_after (f, MEMBER, "referral-event", LIST (AUTHOR, DEPARTMENT), request, says, now, &accepted);

  /* The department's second and first word, in this order; nobody else may speak of what is not there. */
  Person *member = fixture_person (f, MEMBER);
  g_assert_cmpint (member->sequence, ==, 1);
  g_free (step (f, "chen-fang", task, request, "cancelled", "6.0", "record-not-allowed"));
  post (f, MEMBER, late);
  g_autofree char *under_way = step (f, MEMBER, task, accepted, "in-progress", "3.0", NULL);
  g_free (step (f, MEMBER, task, under_way, "in-progress", "5.0", "record-invalid"));
  /* Not the department's to say: kept, and of no effect. */
  g_free (step (f, "ma-lin", task, request, "cancelled", "6.0", NULL));
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM referral"), ==, 0);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM referral_step WHERE waiting"), ==, 3);
  post (f, AUTHOR, record);
  check_state (f, task, "in-progress", FALSE);
  g_autoptr (JsonObject) seen = look (f, SUPERVISOR, task);
  g_assert_cmpint (anx_json_get_int (seen, "accepted", 0), ==, now);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM referral_step WHERE waiting"), ==, 0);
  g_free (step (f, MEMBER, task, under_way, "completed", "7.0", NULL));
  check_state (f, task, "completed", TRUE);
  /* One that follows what was refused with it is refused, too. */
  g_autofree char *wrong = NULL;
  g_autoptr (JsonObject) two = json_object_new (), results = NULL;
  json_object_set_string_member (two, "task", task);
  json_object_set_string_member (two, "status", "accepted");
  json_object_set_string_member (two, "businessStatus", "3.0");
  g_autofree char *one_wrong = make_record_after (f, MEMBER, "referral-event", LIST (AUTHOR, DEPARTMENT), request, two, now, &wrong);
  g_autofree char *next_wrong = make_record_after (f, MEMBER, "referral-event", LIST (AUTHOR, DEPARTMENT), wrong, two, now, NULL);
  g_assert_cmpuint (post_records (f, MEMBER, LIST (one_wrong, next_wrong), &results), ==, 200);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (result_status (results, i), ==, "refused");
  /* A word that follows one that is not here waits, where it could not be taken as things stand. */
  g_autofree char *unknown = anx_uuid_new (g_get_real_time ());
  g_free (step (f, AUTHOR, task, unknown, "received", "2.0", NULL));
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM referral_step WHERE waiting"), ==, 1);
  check_state (f, task, "completed", TRUE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/hub/referrals/" path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  ADD ("offline", test_offline);
  ADD ("clock-ahead", test_clock_ahead);
  ADD ("restart", test_restart);
  ADD ("district", test_district);
  ADD ("contradiction", test_contradiction);
  ADD ("out-of-order", test_out_of_order);
  return g_test_run ();
}
