/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>

#include "booking-steps.h"
#include "clock.h"
#include "id.h"
#include "json.h"

/*
 * Two kiosks and a desk sell for a day without the hub, each step of each of them in a process of its own (outage-seller.c) that is killed
 * before or in the middle of a write, again and again, each time at a later one, until it comes through (../sync/faults.c). While they deliver
 * the hub dies in the same way, and once more between its answer and their taking it. In the end everybody has what they were promised, and
 * nobody what another has.
 *   ANX_OUTAGE_ALL=1  kills at every write; otherwise whoever sells at every seventh, and the hub at one write of each delivery
 */

typedef struct
{
  Fixture *f;
  const char *name;
  const char *room; /* (nullable) of a kiosk */
  char *path;
  guint steps, kills;
  guint hub_starts, hub_deaths;
} Seller;

/* Of the hub from its start to the answer to one claim; a few more than there are. */
#define MOST_WRITES 24

/* Killed at its @fault-th write, 0 = not at all. NULL: it was killed. */
static JsonObject *
run_seller (Seller *seller,
            const char *input,
            guint fault)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "tests", "hub", "outage-seller", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  if (fault > 0)
    {
      g_autofree char *shim = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "tests", "sync", "faults.so", NULL);
      g_autofree char *what = g_strdup_printf ("%s %u", fault % 2 == 1 ? "kill" : "torn", fault);
      /* A sanitized program wants its runtime to be loaded first; the faults need nothing of it. */
      const char *options = g_getenv ("ASAN_OPTIONS");
      g_autofree char *any_order = g_strconcat (options != NULL ? options : "", options != NULL ? ":" : "", "verify_asan_link_order=0", NULL);
      g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", shim, TRUE);
      g_subprocess_launcher_setenv (launcher, "ANX_FAULT", what, TRUE);
      g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", any_order, TRUE);
    }
  g_autoptr (GSubprocess) process = g_subprocess_launcher_spawn (launcher, &error, program, seller->path, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, input, NULL, &output, NULL, &error));
  if (g_subprocess_get_if_signaled (process))
    {
      g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGKILL);
      g_assert_cmpuint (fault, >, 0);
      return NULL;
    }
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  JsonObject *answer = anx_json_parse_object (output, -1, 1 << 20, &error);
  g_assert_no_error (error);
  return answer;
}

/* One step, with all its deaths; takes @step. */
static JsonObject *
do_step (Seller *seller,
         const char *name,
         JsonObject *step)
{
  guint stride = g_getenv ("ANX_OUTAGE_ALL") != NULL ? 1 : 7;
  g_autoptr (JsonObject) owned = step;
  json_object_set_string_member (step, "step", name);
  g_autofree char *input = anx_json_object_to_text (step);
  seller->steps++;
  for (guint fault = 1;; fault += stride)
    {
      JsonObject *answer = run_seller (seller, input, fault);
      if (answer != NULL)
        return answer;
      seller->kills++;
      g_assert_cmpuint (fault, <, 1000);
    }
}

static JsonObject *
look (Seller *seller,
      const char *name)
{
  g_autofree char *input = g_strdup_printf ("{\"step\":\"%s\"}", name);
  return run_seller (seller, input, 0);
}

static void
exchange (Seller *seller,
          gint64 keep_from)
{
  JsonObject *build = json_object_new (), *take = json_object_new ();
  json_object_set_int_member (build, "keepFrom", keep_from);
  JsonObject *asked = do_step (seller, "build", build), *answer = NULL;
  g_autofree char *text = anx_json_object_to_text (asked);
  g_assert_cmpuint (call (seller->f, seller->name, "POST", "/leases", text, &answer), ==, 200);
  json_object_set_object_member (take, "asked", asked);
  json_object_set_object_member (take, "answer", answer);
  g_autoptr (JsonObject) taken = do_step (seller, "take", take);
}

/* The answer's status, NULL when it cannot be had. */
static char *
claim (Seller *seller,
       const char *step,
       const char *id,
       JsonObject *slot)
{
  JsonObject *body = json_object_new ();
  const char *room = seller->room != NULL ? seller->room : anx_json_get_string (slot, "room", NULL);
  g_autofree char *text = claim_text (room, anx_json_get_int (slot, "start", 0), seller->room == NULL ? ",\"origin\":\"outreach\"" : "");
  json_object_set_string_member (body, "id", id);
  json_object_set_object_member (body, "claim", anx_json_parse_object (text, -1, 4096, NULL));
  g_autoptr (JsonObject) answer = do_step (seller, step, body);
  return g_strdup (anx_json_get_string (answer, "status", NULL));
}

/* The hub dies at one write after the other, from its start on. Returns the deaths. */
static guint
deliver_to_dying_hub (Seller *seller,
                      const char *path,
                      const char *body,
                      guint first)
{
  Fixture *f = seller->f;
  guint deaths = 0;
  for (guint at = first, status = 0; status == 0; at++)
    {
      fixture_kill (f);
      status = fixture_start_with_fault (f, at) ? call (f, seller->name, "PUT", path, body, NULL) : 0;
      g_assert_true (status == 0 || status == 201 || status == 200);
      g_assert_cmpuint (at, <, 1000);
      deaths += status == 0;
      if (g_getenv ("ANX_OUTAGE_ALL") == NULL)
        break;
    }
  fixture_kill (f);
  fixture_start (f);
  return deaths;
}

/* Sends what is not delivered; the hub dies in its writes, and before every third answer is taken. */
static void
deliver_all (Seller *seller)
{
  Fixture *f = seller->f;
  for (guint n = 0;; n++)
    {
      g_autoptr (JsonObject) next = look (seller, "next");
      const char *id = anx_json_get_string (next, "id", NULL);
      if (id == NULL)
        return;
      JsonObject *body = anx_json_get_object (next, "body"), *settle = json_object_new ();
      g_autofree char *text = anx_json_object_to_text (body);
      g_autofree char *path = g_strconcat ("/bookings/", id, NULL);
      g_autoptr (JsonObject) answer = NULL;
      gboolean all = g_getenv ("ANX_OUTAGE_ALL") != NULL;
      seller->hub_deaths += deliver_to_dying_hub (seller, path, text, all ? 1 : 1 + (seller->hub_starts++ * 3) % MOST_WRITES);
      guint status = call (f, seller->name, "PUT", path, text, &answer);
      g_assert_true (status == 201 || status == 200);
      if (n % 3 == 0)
        {
          /* The answer is lost with the line: it is sent again. */
          fixture_kill (f);
          fixture_start (f);
          json_object_unref (settle);
          continue;
        }
      if (!anx_json_get_boolean (body, "asked", FALSE))
        g_assert_cmpstr (anx_json_get_string (answer, "status", NULL), ==, "booked");
      json_object_set_string_member (settle, "id", id);
      json_object_set_string_member (settle, "status", anx_json_get_string (answer, "status", NULL));
      g_autoptr (JsonObject) settled = do_step (seller, "settle", settle);
    }
}

static JsonArray *
list_leases (Seller *seller)
{
  g_autoptr (JsonObject) answer = look (seller, "list");
  return json_array_ref (anx_json_get_array (answer, "slots"));
}

#define SELLERS 3

static void
test_outage (Fixture *f,
             gconstpointer data)
{
  fixture_publish (f);
  fixture_put_plan (f);
  Seller sellers[SELLERS] = { { f, "kiosk-one", "room-a" }, { f, "kiosk-two", "room-b" }, { f, "chen-fang", NULL } };
  JsonArray *leases[SELLERS];
  g_autoptr (GHashTable) starts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint k = 0; k < SELLERS; k++)
    {
      g_autofree char *name = g_strconcat (sellers[k].name, ".db", NULL);
      sellers[k].path = g_build_filename (f->folder, name, NULL);
      json_array_unref (list_leases (&sellers[k])); /* makes the database */
      exchange (&sellers[k], 0);
      leases[k] = list_leases (&sellers[k]);
      g_assert_cmpuint (json_array_get_length (leases[k]), >=, 3);
      /* There is one counsellor, so no time is lent twice. */
      for (guint i = 0; i < json_array_get_length (leases[k]); i++)
        {
          gint64 start = anx_json_get_int (json_array_get_object_element (leases[k], i), "start", 0);
          g_assert_true (g_hash_table_add (starts, g_memdup2 (&start, sizeof start)));
        }
    }
  g_assert_cmpuint (json_array_get_length (leases[2]), <=, 4);

  /* What is lent to the one is offered to it, and to nobody else; the desk has times of its own. */
  gint64 lent = anx_json_get_int (json_array_get_object_element (leases[0], 0), "start", 0);
  for (guint k = 0; k < SELLERS; k++)
    {
      g_autoptr (JsonArray) slots = get_slots (f, sellers[k].name, "room-a", 8);
      guint n = 0;
      for (guint i = 0; i < json_array_get_length (slots); i++)
        n += anx_json_get_int (json_array_get_object_element (slots, i), "start", 0) == lent;
      g_assert_cmpuint (n, ==, k == 0 ? 1 : 0);
    }
  g_autoptr (JsonArray) others = get_slots (f, "chen-fang", "room-c", 1);
  g_assert_cmpuint (json_array_get_length (others), ==, 0); /* no kiosk there */
  g_autoptr (JsonArray) free_slots = get_slots (f, "kiosk-two", "room-b", 8);
  for (guint i = json_array_get_length (free_slots); i > 0; i--)
    if (json_object_has_member (json_array_get_object_element (free_slots, i - 1), "lease"))
      json_array_remove_element (free_slots, i - 1);

  /* The hub is gone for a day. What is sold is sold once, whatever happened to whoever sold it. */
  fixture_kill (f);
  guint sold = 0;
  for (guint k = 0; k < SELLERS; k++)
    for (guint i = 0; i + 1 < json_array_get_length (leases[k]); i++)
      {
        JsonObject *slot = json_array_get_object_element (leases[k], i);
        g_autofree char *id = anx_uuid_new (g_get_real_time ());
        g_autofree char *second = anx_uuid_new (g_get_real_time ());
        g_autofree char *status = claim (&sellers[k], "sell", id, slot);
        g_assert_cmpstr (status, ==, "booked");
        g_autofree char *again = claim (&sellers[k], "sell", second, slot);
        g_assert_null (again);
        sold++;
      }
  /* What is not lent can only be asked for; twice the same time, so that one of them cannot be had. */
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *slot = json_array_get_object_element (free_slots, 20);
      g_autofree char *id = anx_uuid_new (g_get_real_time ());
      g_autofree char *none = claim (&sellers[1], "sell", id, slot);
      g_assert_null (none);
      g_autofree char *asked = claim (&sellers[1], "ask", id, slot);
      g_assert_cmpstr (asked, ==, "proposed");
    }

  /* The hub is back, and somebody is faster than all of them: tries to book everything, and gets nothing that was sold. */
  fixture_start (f);
  guint online = 0;
  for (guint k = 0; k < SELLERS; k++)
    for (guint i = 0; i < json_array_get_length (leases[k]); i++)
      {
        guint status = 0;
        JsonObject *slot = json_array_get_object_element (leases[k], i);
        g_autofree char *text = claim_text (anx_json_get_string (slot, "room", NULL), anx_json_get_int (slot, "start", 0), "");
        g_autofree char *id = put_booking (f, "chen-fang", text, &status);
        g_assert_cmpuint (status, ==, 409);
      }
  for (guint i = 0; i < 10; i++)
    {
      guint status = 0;
      g_autofree char *text = claim_text ("room-b", anx_json_get_int (json_array_get_object_element (free_slots, i + 30), "start", 0), "");
      g_autofree char *id = put_booking (f, "chen-fang", text, &status);
      g_assert_cmpuint (status, ==, 201);
      online++;
    }
  for (guint k = 0; k < SELLERS; k++)
    deliver_all (&sellers[k]);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking WHERE lease IS NOT NULL AND status = 'booked'"), ==, sold);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking WHERE lease IS NOT NULL AND origin = 'outreach'"), ==, json_array_get_length (leases[2]) - 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking"), ==, sold + online + 2);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking WHERE status = 'proposed'"), ==, 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM work_item WHERE kind = 'asked'"), ==, 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM work_item WHERE kind = 'promised-twice'"), ==, 0);
  check_no_overlap (f);

  /* Giving back: what is left is free for the others again, or lent anew. */
  exchange (&sellers[0], G_MAXINT64);
  JsonObject *left = json_array_get_object_element (leases[0], json_array_get_length (leases[0]) - 1);
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM lease WHERE kiosk = 'kiosk-one' AND state = 'returned'"), ==, 1);
  guint status = 0;
  g_autofree char *text = claim_text ("room-a", anx_json_get_int (left, "start", 0), "");
  g_autofree char *id = put_booking (f, "chen-fang", text, &status);
  g_assert_true (status == 201 || status == 409);

  /* A kiosk or a desk that is dead: only staff of its centre can say so, and then its time is everybody's. */
  const char *const dead[] = { "kiosk-two", "chen-fang" };
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = g_strdup_printf ("/kiosks/%s/reclaim", dead[i]);
      g_autoptr (JsonObject) reclaimed = NULL;
      g_assert_cmpuint (call (f, "wang-fang", "POST", path, "{}", NULL), ==, 403);
      g_assert_cmpuint (call (f, "chen-fang", "POST", path, "{}", &reclaimed), ==, 200);
      g_assert_cmpint (anx_json_get_int (reclaimed, "reclaimed", 0), >, 0);
    }
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM lease WHERE kiosk <> 'kiosk-one' AND state = 'lent'"), ==, 0);
  check_no_overlap (f);
  for (guint k = 0; k < SELLERS; k++)
    {
      g_test_message ("%s: %u steps, killed %u times; the hub %u times", sellers[k].name, sellers[k].steps, sellers[k].kills, sellers[k].hub_deaths);
      g_assert_cmpuint (sellers[k].hub_deaths, >, 0);
      g_assert_cmpuint (sellers[k].kills, >, sellers[k].steps);
      json_array_unref (leases[k]);
      g_free (sellers[k].path);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hub/outage/day", Fixture, NULL, fixture_set_up, test_outage, fixture_tear_down);
  return g_test_run ();
}
