/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-error.h"
#include "care-testing.h"
#include "crisis-records.h"
#include "json.h"

#define NOW (1800000000 * (gint64) G_USEC_PER_SEC)
#define ALERT "01890a5d-ac96-774b-bcce-b302099a8057"

/* As it comes out of an envelope: written and parsed again. */
static JsonObject *
again (JsonObject *fhir)
{
  g_autofree char *text = anx_json_object_to_text (fhir);
  return anx_json_parse_object (text, -1, 1 << 20, NULL);
}

static void
test_level_change (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) built = anx_level_change_build (ALERT, ANX_LEVEL_YELLOW, "谈过了，现在有家人陪着", "li-wei", NOW);
  testing_keep_payload ("level-change", built);
  g_autoptr (JsonObject) fhir = again (built);
  g_autofree char *alert = NULL, *reason = NULL;
  AnxLevel level;
  g_assert_cmpstr (anx_json_get_string (fhir, "resourceType", NULL), ==, "RiskAssessment");
  g_assert_true (anx_level_change_read (fhir, &alert, &level, &reason, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (alert, ==, ALERT);
  g_assert_cmpint (level, ==, ANX_LEVEL_YELLOW);
  g_assert_cmpstr (reason, ==, "谈过了，现在有家人陪着");

  /* No reason, no alert: refused. A level nobody knows: the worst. */
  static const char *const BAD[] = { "prediction", "basis", "resourceType" };
  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (JsonObject) without = again (built);
      g_autoptr (GError) refusal = NULL;
      json_object_remove_member (without, BAD[i]);
      g_test_message ("without %s", BAD[i]);
      g_assert_false (anx_level_change_read (without, &alert, &level, &reason, &refusal));
      g_assert_nonnull (refusal);
    }
  JsonObject *prediction = json_array_get_object_element (anx_json_get_array (fhir, "prediction"), 0);
  json_object_remove_member (prediction, "qualitativeRisk");
  g_autofree char *alert2 = NULL, *reason2 = NULL;
  g_assert_true (anx_level_change_read (fhir, &alert2, &level, &reason2, NULL));
  g_assert_cmpint (level, ==, ANX_LEVEL_RED);
}

static void
test_safety_plan (void)
{
  static const char *const STEPS[ANX_SAFETY_N_STEPS] = { "夜里睡不着\n和家里吵架", "听音乐", "", "姐姐 13800000000", "12356", "把药交给姐姐保管" };
  static const char *const EMPTY[ANX_SAFETY_N_STEPS] = { "", NULL, "", "", "", "" };
  static const char *const BAD[ANX_SAFETY_N_STEPS] = { "a\001", "", "", "", "", "" };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) steps = NULL;
  gint64 written = 0;
  g_autoptr (JsonObject) built = anx_safety_plan_build (STEPS, ALERT, "li-wei", NOW);
  testing_keep_payload ("safety-plan", built);
  g_autoptr (JsonObject) fhir = again (built);
  g_assert_cmpstr (anx_json_get_string (fhir, "resourceType", NULL), ==, "CarePlan");
  g_assert_true (anx_safety_plan_read (fhir, &steps, &written, &error));
  g_assert_no_error (error);
  g_assert_cmpint (written, ==, NOW);
  g_assert_cmpuint (g_strv_length (steps), ==, ANX_SAFETY_N_STEPS);
  for (guint i = 0; i < ANX_SAFETY_N_STEPS; i++)
    g_assert_cmpstr (steps[i], ==, STEPS[i]);
  g_assert_false (anx_safety_plan_check (EMPTY, NULL));
  g_assert_false (anx_safety_plan_check (BAD, NULL));

  /* Steps in another order are not this plan. */
  JsonArray *activities = anx_json_get_array (fhir, "activity");
  json_array_remove_element (activities, 0);
  g_auto (GStrv) none = NULL;
  g_assert_false (anx_safety_plan_read (fhir, &none, &written, &error));
  g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/crisis-records/level-change", test_level_change);
  g_test_add_func ("/care/crisis-records/safety-plan", test_safety_plan);
  return g_test_run ();
}
