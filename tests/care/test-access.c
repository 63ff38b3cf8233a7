/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access.h"
#include "care-error.h"
#include "care-testing.h"
#include "json.h"

#define NOW (1800000000 * (gint64) G_USEC_PER_SEC)
#define STORY "01890a5d-ac96-774b-bcce-b302099a8057"

static gboolean
read_one (JsonObject *fhir,
          GError **error)
{
  g_autofree char *reader = NULL;
  g_autofree char *story = NULL;
  AnxAccessReason reason;
  gint64 read_usec;
  gboolean ok = anx_access_read (fhir, &reader, &story, &reason, &read_usec, error);
  g_assert_true (ok == (reader != NULL) && ok == (story != NULL));
  return ok;
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < ANX_ACCESS_N_REASONS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) built = anx_access_build ("li-wei", STORY, (AnxAccessReason) i, NOW);
      testing_keep_payload (ANX_KIND_ACCESS, built);
      g_autofree char *text = anx_json_object_to_text (built);
      g_autoptr (JsonObject) fhir = anx_json_parse_object (text, -1, 1 << 20, &error);
      g_autofree char *reader = NULL;
      g_autofree char *story = NULL;
      AnxAccessReason reason = ANX_ACCESS_N_REASONS;
      gint64 read_usec = 0;
      g_assert_true (anx_access_read (fhir, &reader, &story, &reason, &read_usec, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (reader, ==, "li-wei");
      g_assert_cmpstr (story, ==, STORY);
      g_assert_cmpuint (reason, ==, i);
      g_assert_cmpint (read_usec, ==, NOW);
    }
}

static void
on_damaged (JsonObject *object,
            const char *path,
            gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (read_one (object, &error))
    g_assert_no_error (error);
  else if (error == NULL || error->domain != ANX_CARE_ERROR)
    g_error ("%s: no error of this domain", path);
  else
    ++*(guint *) data;
}

static void
test_damaged (void)
{
  static const char *const needed[] = { "resourceType", "recorded", "purposeOfEvent", "agent", "entity" };
  g_autoptr (JsonObject) built = anx_access_build ("li-wei", STORY, ANX_ACCESS_ALERT, NOW);
  guint refused = 0;
  testing_damage (built, on_damaged, &refused);
  g_assert_cmpuint (refused, >, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (JsonObject) without = anx_access_build ("li-wei", STORY, ANX_ACCESS_SESSION, NOW);
      g_test_message ("without %s", needed[i]);
      json_object_remove_member (without, needed[i]);
      g_assert_false (read_one (without, NULL));
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/access/round-trip", test_round_trip);
  g_test_add_func ("/care/access/damaged", test_damaged);
  return g_test_run ();
}
