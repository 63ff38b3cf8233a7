/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "care-error.h"
#include "letter.h"

#define TASK "01940000-0000-7000-8000-000000000001"
#define ISSUED (G_GINT64_CONSTANT (1793491200) * G_USEC_PER_SEC)

static JsonObject *
make_record (const char *reason)
{
  JsonObject *record = json_object_new ();
  json_object_set_string_member (record, "resourceType", "Bundle");
  json_object_set_string_member (record, "reason", reason);
  return record;
}

static void
test_round_trip (void)
{
  g_autoptr (JsonObject) record = make_record ("睡眠");
  g_autoptr (JsonObject) other = make_record ("睡眠 ");
  g_autoptr (AnxLetter) letter = anx_letter_new (TASK, "li-wenjing", "mental-health", ISSUED + 7, record);
  g_autofree char *text = anx_letter_to_text (letter);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxLetter) read = anx_letter_from_text (text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->task, ==, TASK);
  g_assert_cmpstr (read->from, ==, "li-wenjing");
  g_assert_cmpstr (read->to, ==, "mental-health");
  g_assert_cmpint (read->issued_usec, ==, ISSUED);
  g_autofree char *same = anx_letter_digest (record);
  g_autofree char *different = anx_letter_digest (other);
  g_assert_cmpstr (read->digest, ==, same);
  g_assert_cmpstr (read->digest, !=, different);
}

/* One way to say it, and nothing else is understood. */
static void
test_refused (void)
{
#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  static const char *const texts[] = {
    "",
    "ANX1",
    "ANX2." TASK ".li.mh.1793491200." DIGEST,
    "ANX1.task.li.mh.1793491200." DIGEST,
    "ANX1." TASK ".Li.mh.1793491200." DIGEST,
    "ANX1." TASK ".li..1793491200." DIGEST,
    "ANX1." TASK ".li.mh.0." DIGEST,
    "ANX1." TASK ".li.mh.01793491200." DIGEST,
    "ANX1." TASK ".li.mh.17934912000." DIGEST,
    "ANX1." TASK ".li.mh.1793491200." DIGEST "0",
    "ANX1." TASK ".li.mh.1793491200.E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ANX1." TASK ".li.mh.1793491200." DIGEST ".more",
    "ANX1." TASK ".li.mh.1793491200." DIGEST "\n",
  };
  g_autoptr (AnxLetter) good = anx_letter_from_text ("ANX1." TASK ".li.mh.1793491200." DIGEST, NULL);
  g_assert_nonnull (good);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", texts[i]);
      g_assert_null (anx_letter_from_text (texts[i], &error));
      g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/letter/round-trip", test_round_trip);
  g_test_add_func ("/care/letter/refused", test_refused);
  return g_test_run ();
}
