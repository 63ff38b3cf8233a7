/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "care-error.h"
#include "care-testing.h"
#include "clock.h"
#include "json.h"
#include "mandatory-report.h"

#define NOW (1800000000 * (gint64) G_USEC_PER_SEC)

static AnxReportRules *
load (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "data", "care", "mandatory-report.json", NULL);
  g_autofree char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) json = anx_json_parse_object (text, -1, 1 << 16, &error);
  g_assert_no_error (error);
  AnxReportRules *rules = anx_report_rules_parse (json, &error);
  g_assert_no_error (error);
  return rules;
}

/* The articles that bind a counselling room in Shandong, each with its words in both languages. */
static void
test_shipped (void)
{
  static const char *const CODES[] = { "minors-11-2", "dv-14", "sd-dv-27-3" };
  g_autoptr (AnxReportRules) rules = load ();
  g_assert_cmpuint (rules->cases->len, ==, G_N_ELEMENTS (CODES));
  for (gsize i = 0; i < G_N_ELEMENTS (CODES); i++)
    {
      const AnxReportCase *one = anx_report_rules_find (rules, CODES[i]);
      g_assert_nonnull (one);
      g_assert_nonnull (strstr (one->law_zh, "条"));
      g_assert_nonnull (strstr (one->law_en, "article"));
    }
  g_assert_null (anx_report_rules_find (rules, "consent"));
  g_assert_null (anx_report_rules_find (rules, NULL));
  g_assert_cmpint (anx_report_rules_due_usec (rules, NOW), ==, NOW + 60 * ANX_USEC_PER_MINUTE);
}

static AnxReferral *
make_report (void)
{
  AnxReferral *report = g_new0 (AnxReferral, 1);
  report->task = g_strdup ("01890a5d-ac96-774b-bcce-b302099a8057");
  report->from = g_strdup ("li-wei");
  report->to = g_strdup ("police");
  report->urgency = ANX_URGENCY_IMMEDIATE;
  report->legal_basis = g_strdup ("sd-dv-27-3");
  report->name = g_strdup ("不详");
  report->phone = g_strdup ("");
  report->reason = g_strdup ("七十多岁，行动不便，手臂有新伤，说不敢回家");
  report->created_usec = NOW;
  return report;
}

/* What may go out without consent, and that it comes back as it was. */
static void
test_check (void)
{
  g_autoptr (AnxReportRules) rules = load ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxReferral) report = make_report ();
  g_assert_true (anx_mandatory_report_check (rules, report, &error));
  g_assert_no_error (error);
  g_autoptr (JsonObject) fhir = anx_referral_build (report, &error);
  g_assert_no_error (error);
  testing_keep_payload ("mandatory-report", fhir);
  g_autoptr (AnxReferral) read = anx_referral_read (fhir, &error);
  g_assert_no_error (error);
  g_assert_false (read->consented);
  g_assert_cmpstr (read->legal_basis, ==, "sd-dv-27-3");
  g_assert_cmpstr (read->reason, ==, report->reason);

  for (int bad = 0; bad < 4; bad++)
    {
      g_autoptr (AnxReferral) wrong = make_report ();
      g_autoptr (GError) refusal = NULL;
      if (bad == 0)
        g_clear_pointer (&wrong->legal_basis, g_free);
      else if (bad == 1)
        {
          g_free (wrong->legal_basis);
          wrong->legal_basis = g_strdup ("pipl-13-1-4"); /* an article, but none that wants a report */
        }
      else if (bad == 2)
        wrong->urgency = ANX_URGENCY_URGENT;
      else
        wrong->consented = TRUE;
      g_test_message ("case %d", bad);
      g_assert_false (anx_mandatory_report_check (rules, wrong, &refusal));
      g_assert_error (refusal, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

static void
test_bad_file (void)
{
#define WORDS "{\"zh\":\"x\",\"en\":\"x\"}"
#define CASE(code) "{\"code\":\"" code "\",\"law\":" WORDS ",\"when\":" WORDS ",\"to\":" WORDS "}"
  static const char *const GOOD = "{\"minutes\":30,\"cases\":[" CASE ("a") "," CASE ("b") "]}";
  static const char *const BAD[] = {
    "{}",
    "{\"minutes\":60,\"cases\":[]}",
    "{\"minutes\":0,\"cases\":[" CASE ("a") "]}",
    "{\"minutes\":10081,\"cases\":[" CASE ("a") "]}",
    "{\"minutes\":60,\"cases\":[" CASE ("a") "," CASE ("a") "]}",
    "{\"minutes\":60,\"cases\":[" CASE ("A b") "]}",
    "{\"minutes\":60,\"cases\":[" CASE ("") "]}",
    "{\"minutes\":60,\"cases\":[3]}",
    "{\"minutes\":60,\"cases\":[{\"code\":\"a\",\"law\":" WORDS ",\"when\":" WORDS "}]}",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = anx_json_parse_object (GOOD, -1, 1 << 16, NULL);
  g_autoptr (AnxReportRules) rules = anx_report_rules_parse (json, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rules->minutes, ==, 30);
  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autoptr (GError) refusal = NULL;
      g_autoptr (JsonObject) wrong = anx_json_parse_object (BAD[i], -1, 1 << 16, NULL);
      g_test_message ("%s", BAD[i]);
      g_assert_nonnull (wrong);
      g_assert_null (anx_report_rules_parse (wrong, &refusal));
      g_assert_error (refusal, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/mandatory-report/shipped", test_shipped);
  g_test_add_func ("/care/mandatory-report/check", test_check);
  g_test_add_func ("/care/mandatory-report/bad-file", test_bad_file);
  return g_test_run ();
}
