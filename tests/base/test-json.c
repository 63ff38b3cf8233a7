/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base-error.h"
#include "bounds.h"
#include "json.h"

static void
test_parse_refuses (void)
{
  static const struct
  {
    const char *text;
    int code;
  } cases[] = {
    { "", ANX_BASE_ERROR_INVALID },
    { "   ", ANX_BASE_ERROR_INVALID },
    { "{", ANX_BASE_ERROR_INVALID },
    { "{\"a\":}", ANX_BASE_ERROR_INVALID },
    { "[1] trailing", ANX_BASE_ERROR_INVALID },
    /* One value, and nothing that json-glib takes besides JSON. */
    { "[] [[]]", ANX_BASE_ERROR_INVALID },
    { "{} {}", ANX_BASE_ERROR_INVALID },
    { "1 2", ANX_BASE_ERROR_INVALID },
    { "\"a\"[]", ANX_BASE_ERROR_INVALID },
    { "[1]7", ANX_BASE_ERROR_INVALID },
    { "var a = [1]", ANX_BASE_ERROR_INVALID },
    { "/*\"*/[1]", ANX_BASE_ERROR_INVALID },
    { "[1 //\"\n]", ANX_BASE_ERROR_INVALID },
    { "['a']", ANX_BASE_ERROR_INVALID },
    { "\xff\xfe", ANX_BASE_ERROR_INVALID },
    { "{\"name\":\"\xc3\x28\"}", ANX_BASE_ERROR_INVALID },
    { "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26]", ANX_BASE_ERROR_TOO_LARGE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      /* Escaped: the test's own output must be UTF-8. */
      g_autofree char *shown = g_strescape (cases[i].text, NULL);
      g_test_message ("case %" G_GSIZE_FORMAT ": %s", i, shown);
      g_assert_null (anx_json_parse (cases[i].text, -1, 64, &error));
      g_assert_error (error, ANX_BASE_ERROR, cases[i].code);
      g_clear_error (&error);
    }
}

static void
test_depth (void)
{
  for (int depth = ANX_BOUND_JSON_DEPTH - 1; depth <= ANX_BOUND_JSON_DEPTH + 1; depth++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      for (int i = 0; i < depth; i++)
        g_string_append_c (text, '[');
      for (int i = 0; i < depth; i++)
        g_string_append_c (text, ']');
      g_autoptr (JsonNode) node = anx_json_parse (text->str, -1, 4096, &error);
      if (depth <= ANX_BOUND_JSON_DEPTH)
        g_assert_nonnull (node);
      else
        g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE);
    }

  /* Braces inside texts do not count. */
  g_autoptr (GString) text = g_string_new ("[\"\\\"");
  for (int i = 0; i < 500; i++)
    g_string_append (text, "[{");
  g_string_append (text, "\"]");
  g_autoptr (JsonNode) node = anx_json_parse (text->str, -1, 4096, NULL);
  g_assert_nonnull (node);

  /* A million open brackets end in an error, not in a crash. */
  g_autofree char *deep = g_strnfill (1000 * 1000, '[');
  g_assert_null (anx_json_parse (deep, -1, 2 * 1000 * 1000, NULL));
}

static void
test_error_keeps_content_out (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_json_parse ("{\"name\": \"Wang Xiaoming\" oops", -1, 100, &error));
  g_assert_null (strstr (error->message, "Wang"));
  g_assert_nonnull (strstr (error->message, "line 1"));
}

static void
test_needs (void)
{
  g_autoptr (GError) error = NULL;
  gint64 number = -7;
  g_autoptr (JsonObject) o = anx_json_parse_object ("{\"s\":\"text\",\"n\":5,\"a\":[\"x\",\"y\"],\"m\":[1],\"o\":{},\"z\":null,\"e\":\"\"}", -1, 1000, &error);
  g_assert_no_error (error);

  g_assert_cmpstr (anx_json_need_string (o, "s", 4, &error), ==, "text");
  g_assert_null (anx_json_need_string (o, "s", 3, &error));
  g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_TOO_LARGE);
  g_clear_error (&error);
  const char *not_strings[] = { "n", "a", "z", "e", "absent" };
  for (gsize i = 0; i < G_N_ELEMENTS (not_strings); i++)
    {
      g_test_message ("%s is no text", not_strings[i]);
      g_assert_null (anx_json_need_string (o, not_strings[i], 100, &error));
      g_assert_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, not_strings[i]));
      g_clear_error (&error);
    }

  g_assert_true (anx_json_need_int (o, "n", 5, 5, &number, &error));
  g_assert_cmpint (number, ==, 5);
  number = -7;
  g_assert_false (anx_json_need_int (o, "n", 6, 9, &number, NULL));
  g_assert_false (anx_json_need_int (o, "n", 0, 4, &number, NULL));
  g_assert_false (anx_json_need_int (o, "s", 0, 9, &number, NULL));
  g_assert_cmpint (number, ==, -7);

  g_auto (GStrv) strings = anx_json_need_strings (o, "a", 2, &error);
  g_assert_cmpuint (g_strv_length (strings), ==, 2);
  g_assert_null (anx_json_need_strings (o, "a", 1, NULL));
  g_assert_null (anx_json_need_strings (o, "m", 5, NULL));
  g_assert_nonnull (anx_json_need_object (o, "o", NULL));
  g_assert_null (anx_json_need_object (o, "a", NULL));
  g_assert_nonnull (anx_json_need_array (o, "a", 2, NULL));
  g_assert_null (anx_json_need_array (o, "o", 2, NULL));
  g_assert_null (anx_json_array_need_object (anx_json_get_array (o, "a"), 0, NULL));
  g_assert_null (anx_json_array_need_object (anx_json_get_array (o, "a"), 9, NULL));

  g_assert_cmpstr (anx_json_get_string (o, "n", "fallback"), ==, "fallback");
  g_assert_cmpstr (anx_json_get_string (NULL, "n", "fallback"), ==, "fallback");
  g_assert_cmpint (anx_json_get_int (o, "s", 3), ==, 3);
  g_assert_true (anx_json_get_boolean (o, "s", TRUE));
  g_assert_null (anx_json_get_array (o, "o"));
}

static void
test_write (void)
{
  g_autoptr (JsonObject) o = json_object_new ();
  const char *names[] = { "安心", "\"quoted\"", NULL };
  anx_json_set_strings (o, "names", names);
  g_autofree char *text = anx_json_object_to_text (o);
  g_autoptr (JsonObject) back = anx_json_parse_object (text, -1, 1000, NULL);
  g_auto (GStrv) read = anx_json_need_strings (back, "names", 5, NULL);
  g_assert_cmpstrv (read, names);
  g_assert_null (strchr (text, '\n'));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json/parse-refuses", test_parse_refuses);
  g_test_add_func ("/base/json/depth", test_depth);
  g_test_add_func ("/base/json/error-keeps-content-out", test_error_keeps_content_out);
  g_test_add_func ("/base/json/needs", test_needs);
  g_test_add_func ("/base/json/write", test_write);
  return g_test_run ();
}
