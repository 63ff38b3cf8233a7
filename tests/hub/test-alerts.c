/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libsoup/soup.h>
#include <string.h>

#include "alert-calls.h"
#include "clock.h"
#include "hub-district.h"
#include "hub.h"
#include "id.h"
#include "json.h"

/* Who is called when: the rule with a clock of our own, then the real hub with a rule of seconds, killed in between. */

#define T0 (1800000000 * (gint64) G_USEC_PER_SEC)
#define RULE                                                                                                               \
  "{\"steps\":[{\"name\":\"duty\",\"roles\":[\"duty\"],\"scope\":\"centre\",\"wait\":{\"red\":%d,\"yellow\":%d}},"         \
  "{\"name\":\"lead\",\"roles\":[\"lead\"],\"scope\":\"centre\",\"wait\":{\"red\":%d,\"yellow\":%d}},"                     \
  "{\"name\":\"district\",\"roles\":[\"district-duty\",\"supervisor\"],\"scope\":\"district\",\"wait\":{\"red\":%d,\"yellow\":%d}}]," \
  "\"again\":{\"red\":%d,\"yellow\":%d}}"

static char *
make_rule (int red,
           int yellow)
{
  return g_strdup_printf (RULE, red, yellow, red, yellow, red, yellow, red, yellow);
}

typedef struct
{
  Fixture f;
  AnxDatabase *database;
  AnxDirectory *directory;
  AnxEscalation *rule;
  AnxCallWorld world;
} Bench;

static void
bench_set_up (Bench *b,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture_set_up (&b->f, data);
  g_autofree char *path = g_build_filename (b->f.folder, "bench.db", NULL);
  b->database = anx_database_open (path, anx_hub_migrations, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) der = fixture_make_directory (&b->f, 1, NULL);
  b->directory = anx_directory_open (der, anx_authority_get_certificate (b->f.authority), NULL, &error);
  g_assert_no_error (error);
  g_autofree char *text = make_rule (60, 180);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, -1, 4096, &error);
  b->rule = anx_escalation_parse (json, &error);
  g_assert_no_error (error);
  b->world = (AnxCallWorld) { .directory = b->directory, .rule = b->rule };
}

static void
bench_tear_down (Bench *b,
                 gconstpointer data)
{
  g_object_unref (b->database);
  anx_directory_unref (b->directory);
  anx_escalation_free (b->rule);
  fixture_tear_down (&b->f, data);
}

static void
add_alert (Bench *b,
           const char *id,
           const char *level)
{
  g_autoptr (GError) error = NULL;
  anx_database_run (b->database, &error, "INSERT INTO alert (id, level, centre, kiosk, created, due) VALUES (?, ?, 'centre-one', 'kiosk-one', ?, ?)", "ssii",
                    id, level, T0, T0);
  g_assert_no_error (error);
}

/* Who is called when it is looked at @seconds after the alert, joined by commas. */
static char *
advance (Bench *b,
         const char *id,
         int seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) called = g_ptr_array_new_with_free_func (g_free);
  anx_database_begin (b->database, &error);
  g_assert_true (anx_alert_calls_advance (b->database, &b->world, id, T0 + (gint64) seconds * ANX_USEC_PER_SECOND, called, &error));
  g_assert_no_error (error);
  anx_database_commit (b->database, &error);
  g_assert_no_error (error);
  g_ptr_array_add (called, NULL);
  return g_strjoinv (",", (char **) called->pdata);
}

static void
check_advance (Bench *b,
               const char *id,
               int seconds,
               const char *expected)
{
  g_autofree char *called = advance (b, id, seconds);
  g_test_message ("%s after %d s: \"%s\"", id, seconds, called);
  g_assert_cmpstr (called, ==, expected);
}

static void
test_order (Bench *b,
            gconstpointer data)
{
  add_alert (b, "red", "red");
  check_advance (b, "red", 0, "wang-fang");
  check_advance (b, "red", 59, "");
  check_advance (b, "red", 60, "sun-li");
  check_advance (b, "red", 119, "");
  check_advance (b, "red", 120, "zhao-min");
  check_advance (b, "red", 180, "qian-hua");
  check_advance (b, "red", 240, "");
  check_advance (b, "red", 3600, "");

  add_alert (b, "yellow", "yellow");
  check_advance (b, "yellow", 0, "wang-fang");
  check_advance (b, "yellow", 179, "");
  check_advance (b, "yellow", 180, "sun-li");
  /* A hub that was away for an hour calls one more and waits again: nobody is passed over in a burst. */
  check_advance (b, "yellow", 3600, "zhao-min");
  check_advance (b, "yellow", 3601, "");

  check_advance (b, "unknown", 0, "");
}

static void
test_acknowledged (Bench *b,
                   gconstpointer data)
{
  add_alert (b, "answered", "red");
  check_advance (b, "answered", 0, "wang-fang");
  g_assert_true (anx_database_run (b->database, NULL, "UPDATE alert SET acknowledged = ?, acknowledged_by = 'wang-fang', due = NULL", "i", T0));
  check_advance (b, "answered", 3600, "");
}

/* C3: whoever has no link is called, and the next with them. */
static void
test_absent (Bench *b,
             gconstpointer data)
{
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  b->world.present = present;
  g_hash_table_add (present, (gpointer) "zhao-min");
  add_alert (b, "absent", "red");
  check_advance (b, "absent", 0, "wang-fang,sun-li,zhao-min");
  check_advance (b, "absent", 59, "");
  check_advance (b, "absent", 60, "qian-hua");
  g_assert_cmpint (anx_database_query_int (b->database, -1, NULL, "SELECT sum(present) FROM alert_call", ""), ==, 1);
  g_hash_table_remove_all (present);
  add_alert (b, "nobody", "red");
  check_advance (b, "nobody", 0, "wang-fang,sun-li,zhao-min,qian-hua");
  check_advance (b, "nobody", 60, "");
}

/* Without a district duty the supervisor is called; somebody who joins later is called when it is looked again. */
static void
test_fallback (Bench *b,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GBytes) der = fixture_make_directory (&b->f, 1, "qian-hua");
  g_autoptr (AnxDirectory) without = anx_directory_open (der, anx_authority_get_certificate (b->f.authority), NULL, &error);
  g_assert_no_error (error);
  b->world.present = present;
  b->world.directory = without;
  add_alert (b, "fallback", "red");
  check_advance (b, "fallback", 0, "wang-fang,sun-li,zhao-min,he-ping");
  b->world.directory = b->directory;
  check_advance (b, "fallback", 60, "qian-hua");
}

static void
test_rule (void)
{
  static const char *const BAD[] = {
    "{}",
    "{\"steps\":[],\"again\":{\"red\":60,\"yellow\":60}}",
    "{\"steps\":[{\"name\":\"duty\",\"roles\":[],\"scope\":\"centre\",\"wait\":{\"red\":60,\"yellow\":60}}],\"again\":{\"red\":60,\"yellow\":60}}",
    "{\"steps\":[{\"name\":\"duty\",\"roles\":[\"duty\"],\"scope\":\"street\",\"wait\":{\"red\":60,\"yellow\":60}}],\"again\":{\"red\":60,\"yellow\":60}}",
    "{\"steps\":[{\"name\":\"duty\",\"roles\":[\"duty\"],\"scope\":\"centre\",\"wait\":{\"red\":0,\"yellow\":60}}],\"again\":{\"red\":60,\"yellow\":60}}",
    "{\"steps\":[{\"name\":\"duty\",\"roles\":[\"duty\"],\"scope\":\"centre\",\"wait\":{\"red\":60,\"yellow\":7200}}],\"again\":{\"red\":60,\"yellow\":60}}",
    "{\"steps\":[{\"name\":\"duty\",\"roles\":[\"duty\"],\"scope\":\"centre\",\"wait\":{\"red\":60,\"yellow\":60}}]}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) json = anx_json_parse_object (BAD[i], -1, 4096, NULL);
      g_test_message ("%s", BAD[i]);
      g_assert_null (anx_escalation_parse (json, &error));
      g_assert_nonnull (error);
    }
}

/* --- with the real hub --- */

static void
restart_with_rule (Fixture *f,
                   int seconds)
{
  g_autofree char *rule = make_rule (seconds, seconds);
  g_autofree char *rule_path = g_build_filename (f->folder, "escalation.json", NULL);
  g_autofree char *config_path = g_build_filename (f->folder, "hub.conf", NULL);
  g_autofree char *config = NULL;
  g_assert_true (g_file_set_contents (rule_path, rule, -1, NULL));
  g_assert_true (g_file_get_contents (config_path, &config, NULL, NULL));
  char *at = strstr (config, "[limits]");
  *at = '\0';
  g_autofree char *changed = g_strdup_printf ("%sescalation=escalation.json\n[limits]%s", config, at + strlen ("[limits]"));
  g_assert_true (g_file_set_contents (config_path, changed, -1, NULL));
  fixture_kill (f);
  fixture_start (f);
}

static JsonObject *
routing_of (const char *member,
            const char *value)
{
  JsonObject *routing = json_object_new ();
  json_object_set_string_member (routing, member, value);
  return routing;
}

static char *
raise_alert (Fixture *f)
{
  char *id = NULL;
  g_autoptr (JsonObject) routing = routing_of ("level", "red");
  json_object_set_string_member (routing, "centre", "centre-one");
  json_object_set_string_member (routing, "room", "room-a");
  g_autofree char *record = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), routing, &id);
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (record), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  return id;
}

static JsonObject *
find_alert (Fixture *f,
            const char *who,
            const char *id)
{
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, who, "GET", "/alerts", NULL, &answer), ==, 200);
  JsonArray *alerts = anx_json_get_array (answer, "alerts");
  for (guint i = 0; i < json_array_get_length (alerts); i++)
    if (g_strcmp0 (anx_json_get_string (json_array_get_object_element (alerts, i), "id", NULL), id) == 0)
      return json_object_ref (json_array_get_object_element (alerts, i));
  return NULL;
}

static guint
count_calls (Fixture *f,
             const char *id)
{
  g_autoptr (JsonObject) alert = find_alert (f, "zhao-min", id);
  g_assert_nonnull (alert);
  return json_array_get_length (anx_json_get_array (alert, "calls"));
}

static void
wait_for_calls (Fixture *f,
                const char *id,
                guint count)
{
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  while (count_calls (f, id) < count)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (50000);
    }
}

static guint
acknowledge (Fixture *f,
             const char *who,
             const char *alert,
             const char *expected_status)
{
  g_autoptr (JsonObject) routing = routing_of ("alert", alert);
  g_autoptr (JsonObject) answer = NULL;
  g_autofree char *record = make_record (f, who, "alert-acknowledgement", LIST ("duty-one", "kiosk-one"), routing, NULL);
  guint status = post_records (f, who, LIST (record), &answer);
  g_assert_cmpstr (result_status (answer, 0), ==, expected_status);
  return status;
}

/* One after the other up to the district, over a kill in the middle; the acknowledgement ends it. */
static void
test_hub (Fixture *f,
          gconstpointer data)
{
  restart_with_rule (f, 2);
  fixture_publish (f);
  g_autofree char *id = raise_alert (f);
  wait_for_calls (f, id, 1);
  g_assert_null (find_alert (f, "qian-hua", id));
  fixture_kill (f);
  fixture_start (f);
  g_assert_cmpuint (count_calls (f, id), >=, 1);
  wait_for_calls (f, id, 4);
  g_autoptr (JsonObject) alert = find_alert (f, "qian-hua", id);
  g_assert_nonnull (alert);
  static const char *const ORDER[][2] = { { "wang-fang", "duty" }, { "sun-li", "duty" }, { "zhao-min", "lead" }, { "qian-hua", "district" } };
  JsonArray *calls = anx_json_get_array (alert, "calls");
  gint64 before = 0;
  for (guint i = 0; i < G_N_ELEMENTS (ORDER); i++)
    {
      JsonObject *one = json_array_get_object_element (calls, i);
      g_assert_cmpstr (anx_json_get_string (one, "principal", NULL), ==, ORDER[i][0]);
      g_assert_cmpstr (anx_json_get_string (one, "step", NULL), ==, ORDER[i][1]);
      gint64 at = anx_json_get_int (one, "called", 0);
      g_assert_cmpint (at - before, >=, 2 * G_USEC_PER_SEC);
      before = at;
    }
  g_assert_true (json_object_has_member (alert, "next"));

  acknowledge (f, "qian-hua", id, "stored");
  acknowledge (f, "wang-fang", id, "stored");
  acknowledge (f, "zhou-yun", id, "refused");
  g_autoptr (JsonObject) done = find_alert (f, "wang-fang", id);
  g_assert_cmpstr (anx_json_get_string (done, "acknowledgedBy", NULL), ==, "qian-hua");
  g_assert_false (json_object_has_member (done, "next"));
  JsonArray *all = anx_json_get_array (done, "acknowledgements");
  g_assert_cmpuint (json_array_get_length (all), ==, 2);
  g_assert_cmpstr (anx_json_get_string (json_array_get_object_element (all, 1), "by", NULL), ==, "wang-fang");
}

/* Exchanged in the centre without the hub: whichever comes first, the alert counts as answered and nobody is called. */
static void
test_early_acknowledgement (Fixture *f,
                            gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *id = NULL;
  g_autoptr (JsonObject) routing = routing_of ("level", "red");
  json_object_set_string_member (routing, "centre", "centre-one");
  g_autofree char *record = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), routing, &id);
  acknowledge (f, "sun-li", id, "stored");
  acknowledge (f, "kiosk-two", id, "refused");
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (record), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  g_autoptr (JsonObject) alert = find_alert (f, "wang-fang", id);
  g_assert_cmpstr (anx_json_get_string (alert, "acknowledgedBy", NULL), ==, "sun-li");
  g_assert_cmpuint (json_array_get_length (anx_json_get_array (alert, "calls")), ==, 0);
  g_assert_false (json_object_has_member (alert, "next"));
  /* The same record again changes nothing. */
  g_autoptr (JsonObject) again = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (record), &again), ==, 200);
  g_assert_cmpstr (result_status (again, 0), ==, "held");
}

static void
change_level (Fixture *f,
              const char *who,
              const char *alert,
              const char *level,
              const char *expected)
{
  g_autoptr (JsonObject) routing = routing_of ("alert", alert);
  g_autoptr (JsonObject) answer = NULL;
  json_object_set_string_member (routing, "level", level);
  Person *person = fixture_person (f, who);
  gint64 sequence = person->sequence;
  g_autofree char *previous = g_strdup (person->previous);
  g_autofree char *record = make_record (f, who, "level-change", LIST ("duty-one"), routing, NULL);
  g_assert_cmpuint (post_records (f, who, LIST (record), &answer), ==, 200);
  g_test_message ("%s sets %s", who, level);
  g_assert_cmpstr (result_status (answer, 0), ==, expected);
  if (g_str_equal (expected, "refused"))
    {
      person->sequence = sequence;
      g_free (person->previous);
      person->previous = g_steal_pointer (&previous);
    }
}

static void
test_level (Fixture *f,
            gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *id = raise_alert (f);
  change_level (f, "wang-fang", id, "yellow", "refused");
  change_level (f, "chen-fang", id, "green", "refused");
  change_level (f, "kiosk-one", id, "yellow", "refused");
  change_level (f, "li-wei", id, "purple", "refused");
  change_level (f, "li-wei", id, "yellow", "stored");
  change_level (f, "wang-fang", id, "red", "stored");
  change_level (f, "li-wei", id, "green", "stored");
  g_autoptr (JsonObject) alert = find_alert (f, "wang-fang", id);
  g_assert_cmpstr (anx_json_get_string (alert, "level", NULL), ==, "green");
}

/* Decided in the centre while the kiosk's line was away: when the alert comes it has the level that those who may had given it. */
static void
test_early_level (Fixture *f,
                  gconstpointer data)
{
  fixture_publish (f);
  g_autofree char *id = NULL, *other = NULL;
  g_autoptr (JsonObject) routing = routing_of ("level", "red"), again = routing_of ("level", "yellow");
  json_object_set_string_member (routing, "centre", "centre-one");
  json_object_set_string_member (again, "centre", "centre-one");
  Person *kiosk = fixture_person (f, "kiosk-one");
  g_autofree char *first = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), routing, &id);
  g_autofree char *second = make_record (f, "kiosk-one", "alert", LIST ("duty-one"), again, &other);
  g_assert_nonnull (kiosk);
  change_level (f, "kiosk-one", id, "green", "refused");
  change_level (f, "li-wei", id, "yellow", "stored");
  /* Who is only on duty cannot lower: nobody can tell before the level is known, and then it does not count. */
  change_level (f, "wang-fang", id, "green", "stored");
  change_level (f, "wang-fang", other, "red", "stored");
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (post_records (f, "kiosk-one", LIST (first, second), &answer), ==, 200);
  g_assert_cmpstr (result_status (answer, 0), ==, "stored");
  g_assert_cmpstr (result_status (answer, 1), ==, "stored");
  g_autoptr (JsonObject) lowered = find_alert (f, "wang-fang", id), raised = find_alert (f, "wang-fang", other);
  g_assert_cmpstr (anx_json_get_string (lowered, "level", NULL), ==, "yellow");
  g_assert_cmpstr (anx_json_get_string (raised, "level", NULL), ==, "red");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define BENCH(path, function) g_test_add ("/hub/alerts/" path, Bench, NULL, bench_set_up, function, bench_tear_down)
#define ADD(path, function) g_test_add ("/hub/alerts/" path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  BENCH ("order", test_order);
  BENCH ("acknowledged", test_acknowledged);
  BENCH ("absent", test_absent);
  BENCH ("fallback", test_fallback);
  g_test_add_func ("/hub/alerts/rule", test_rule);
  ADD ("hub", test_hub);
  ADD ("early-acknowledgement", test_early_acknowledgement);
  ADD ("level", test_level);
  ADD ("early-level", test_early_level);
  return g_test_run ();
}
