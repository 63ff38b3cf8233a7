/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fhirpath.h"
#include "json.h"

/*
 * The public suite of HL7. README.md has the table of what is not passed and why; a test that passed once must not be
 * lost, and one that passes newly must be counted here and leave the table.
 */
#define TESTS 934
#define PASSED 918

static JsonObject *inputs;

static char *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fhirpath", "data", name, NULL);
  char *text;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* The result in the words of the suite's lines. */
static char *
evaluate (const char *expression,
          const char *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxFhirpath) compiled = anx_fhirpath_compile (expression, &error);
  /* A function that is missing is no pass where the suite wants an error. */
  if (compiled == NULL)
    return g_strdup_printf ("%s (%s)", strstr (error->message, "is not supported") != NULL ? "unsupported" : "error",
                            error->message);
  JsonNode *focus = strcmp (input, "none") != 0 ? json_object_get_member (inputs, input) : NULL;
  g_assert_true (focus != NULL || strcmp (input, "none") == 0);
  g_autoptr (AnxFhirpathEnv) env = anx_fhirpath_env_new ();
  anx_fhirpath_env_set_now (env, G_GINT64_CONSTANT (1700000000000000), 480);
  g_autoptr (AnxFhirpathCollection) result = anx_fhirpath_evaluate_node (compiled, focus, NULL, env, &error);
  if (result == NULL)
    return g_strdup_printf ("error (%s)", error->message);
  guint n = anx_fhirpath_collection_get_length (result);
  if (n == 0)
    return g_strdup ("empty");
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      AnxFhirpathItem *item = anx_fhirpath_collection_get (result, i);
      g_autofree char *value = anx_fhirpath_item_dup_string (item);
      const char *type = anx_fhirpath_item_get_type_name (item);
      if (anx_fhirpath_item_get_type (item) == ANX_FHIRPATH_BOOLEAN && n == 1)
        return g_strdup (strcmp (value, "true") == 0 ? "T" : "F");
      /* The suite writes the plain types in small letters. */
      g_autofree char *small = g_strdup (type != NULL ? type : "unknown");
      if (anx_fhirpath_item_get_type (item) != ANX_FHIRPATH_NODE &&
          anx_fhirpath_item_get_type (item) != ANX_FHIRPATH_QUANTITY)
        small[0] = g_ascii_tolower (small[0]);
      g_string_append_printf (out, "%s%s %s", i > 0 ? " ;; " : "", small, value);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Which error it is, the suite does not say as we do; and a decimal's zeros at the end are of no account. */
static gboolean
is_as_expected (const char *result,
                const char *expected)
{
  if (strcmp (expected, "error") == 0)
    return g_str_has_prefix (result, "error (");
  return strcmp (result, expected) == 0 ||
         (g_str_has_prefix (result, "decimal ") && g_str_has_prefix (expected, "decimal ") &&
          g_ascii_strtod (result + 8, NULL) == g_ascii_strtod (expected + 8, NULL));
}

static void
test_suite (void)
{
  g_autofree char *text = load ("hl7-r4.txt");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *group = NULL;
  g_autofree char *input = NULL;
  guint tests = 0, passed = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (*lines[i] == '\0' || *lines[i] == '#')
        continue;
      if (g_str_has_prefix (lines[i], "== "))
        {
          g_auto (GStrv) words = g_strsplit (lines[i] + 3, " ", 2);
          g_free (group);
          g_free (input);
          group = g_strdup (words[0]);
          input = g_strdup (words[1]);
          continue;
        }
      char *arrow = g_strrstr (lines[i], " ==> ");
      g_assert_nonnull (arrow);
      *arrow = '\0';
      g_auto (GStrv) pieces = g_strsplit (lines[i], "~n", -1);
      g_autofree char *expression = g_strjoinv ("\n", pieces);
      g_autofree char *result = evaluate (expression, input);
      tests++;
      if (is_as_expected (result, arrow + 5))
        passed++;
      else
        g_test_message ("line %u, %s: %s gives %s, not %s", i + 1, group, expression, result, arrow + 5);
    }
  g_test_message ("%u of %u passed (%.1f %%)", passed, tests, 100.0 * passed / tests);
  g_assert_cmpuint (tests, ==, TESTS);
  g_assert_cmpuint (passed, ==, PASSED);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autofree char *text = load ("hl7-r4-inputs.json");
  g_autoptr (GError) error = NULL;
  inputs = anx_json_parse_object (text, -1, 1 << 20, &error);
  g_assert_no_error (error);
  g_test_add_func ("/fhirpath/hl7/suite", test_suite);
  int result = g_test_run ();
  json_object_unref (inputs);
  return result;
}
