/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "break-glass.h"
#include "care-error.h"
#include "care-records.h"
#include "care-testing.h"
#include "json.h"

#define NOW (1800000000 * (gint64) G_USEC_PER_SEC)
#define HOUR (3600 * (gint64) G_USEC_PER_SEC)
#define BOOKING "01890a5d-ac96-774b-bcce-b302099a8057"

static const AnxBreakGlass SAMPLE = { (char *) "wang-fang", (char *) BOOKING, (char *) "danger", (char *) "他打来电话说不想活了，李文静今天请假。", NOW, NOW + 4 * HOUR };

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) built = anx_break_glass_build (&SAMPLE, &error);
  g_assert_no_error (error);
  testing_keep_payload (ANX_KIND_BREAK_GLASS, built);
  g_autofree char *text = anx_json_object_to_text (built);
  g_autoptr (JsonObject) fhir = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_autoptr (AnxBreakGlass) read = anx_break_glass_read (fhir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->reader, ==, SAMPLE.reader);
  g_assert_cmpstr (read->booking, ==, SAMPLE.booking);
  g_assert_cmpstr (read->reason, ==, SAMPLE.reason);
  g_assert_cmpstr (read->words, ==, SAMPLE.words);
  g_assert_cmpint (read->opened_usec, ==, SAMPLE.opened_usec);
  g_assert_cmpint (read->until_usec, ==, SAMPLE.until_usec);
}

/* No opening without a reason in words, a person, a session and an end. */
static void
test_needed (void)
{
  g_autofree char *long_words = g_strnfill (ANX_BOUND_NOTE_CHARS + 1, 'a');
  AnxBreakGlass bad[] = { SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE };
  bad[0].words = (char *) "";
  bad[1].words = long_words;
  bad[2].words = (char *) "\xff";
  bad[3].reason = (char *) "Anything";
  bad[4].reason = NULL;
  bad[5].until_usec = bad[5].opened_usec;
  bad[6].booking = (char *) "not-a-number";
  bad[7].reader = (char *) "";
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_null (anx_break_glass_build (&bad[i], &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
on_damaged (JsonObject *object,
            const char *path,
            gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxBreakGlass) read = anx_break_glass_read (object, &error);
  if (read != NULL)
    g_assert_no_error (error);
  else if (error == NULL || error->domain != ANX_CARE_ERROR)
    g_error ("%s: no error of this domain", path);
  else
    ++*(guint *) data;
}

static void
test_damaged (void)
{
  static const char *const needed[] = { "resourceType", "period", "purposeOfEvent", "agent", "entity" };
  g_autoptr (JsonObject) built = anx_break_glass_build (&SAMPLE, NULL);
  guint refused = 0;
  testing_damage (built, on_damaged, &refused);
  g_assert_cmpuint (refused, >, 8);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (JsonObject) without = anx_break_glass_build (&SAMPLE, NULL);
      g_test_message ("without %s", needed[i]);
      json_object_remove_member (without, needed[i]);
      g_assert_null (anx_break_glass_read (without, NULL));
    }
}

static void
test_shipped_rules (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "care", "break-glass.json", NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_autoptr (JsonObject) json = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_autoptr (AnxGlassRules) rules = anx_glass_rules_parse (json, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rules->minutes, ==, 240);
  g_assert_nonnull (anx_glass_rules_find (rules, "danger"));
  g_assert_null (anx_glass_rules_find (rules, "curious"));
}

static void
test_bad_rules (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"minutes\":240,\"reasons\":[]}",
    "{\"minutes\":0,\"reasons\":[{\"code\":\"a\",\"words\":{\"zh\":\"甲\",\"en\":\"A\"}}]}",
    "{\"minutes\":1441,\"reasons\":[{\"code\":\"a\",\"words\":{\"zh\":\"甲\",\"en\":\"A\"}}]}",
    "{\"minutes\":240,\"reasons\":[{\"code\":\"A b\",\"words\":{\"zh\":\"甲\",\"en\":\"A\"}}]}",
    "{\"minutes\":240,\"reasons\":[{\"code\":\"a\",\"words\":{\"zh\":\"甲\"}}]}",
    "{\"minutes\":240,\"reasons\":[7]}",
    "{\"minutes\":240,\"reasons\":[{\"code\":\"a\",\"words\":{\"zh\":\"甲\",\"en\":\"A\"}},{\"code\":\"a\",\"words\":{\"zh\":\"甲\",\"en\":\"A\"}}]}",
  };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", bad[i]);
      g_autoptr (JsonObject) json = anx_json_parse_object (bad[i], -1, 1 << 20, NULL);
      g_assert_null (anx_glass_rules_parse (json, &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
  g_assert_null (anx_glass_rules_parse (NULL, NULL));
}

static void
test_covers (void)
{
  g_assert_true (anx_break_glass_covers (ANX_KIND_NOTE));
  g_assert_true (anx_break_glass_covers (ANX_KIND_SAFETY_PLAN));
  g_assert_false (anx_break_glass_covers (ANX_KIND_SCREENING));
  g_assert_false (anx_break_glass_covers (ANX_KIND_BREAK_GLASS));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/break-glass/round-trip", test_round_trip);
  g_test_add_func ("/care/break-glass/needed", test_needed);
  g_test_add_func ("/care/break-glass/damaged", test_damaged);
  g_test_add_func ("/care/break-glass/shipped-rules", test_shipped_rules);
  g_test_add_func ("/care/break-glass/bad-rules", test_bad_rules);
  g_test_add_func ("/care/break-glass/covers", test_covers);
  return g_test_run ();
}
