/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "booking-code.h"
#include "care-error.h"

static gboolean
is_valid (const char *code)
{
  g_autofree char *normalised = anx_booking_code_normalise (code, NULL);
  return normalised != NULL;
}

static void
test_alphabet (void)
{
  const char *alphabet = anx_booking_code_alphabet ();
  g_assert_cmpuint (strlen (alphabet), ==, 23);
  for (const char *p = "0O1IL2Z5S8BUV"; *p != '\0'; p++)
    g_assert_null (strchr (alphabet, *p));
  for (gsize i = 0; i < 23; i++)
    g_assert_true (strchr (alphabet + i + 1, alphabet[i]) == NULL);
}

static void
test_new (void)
{
  guint seen[7][23] = { { 0 } };
  g_autoptr (GHashTable) codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; i < 5000; i++)
    {
      char *code = anx_booking_code_new ();
      g_assert_cmpuint (strlen (code), ==, 8);
      g_assert_true (is_valid (code));
      for (int k = 0; k < 7; k++)
        seen[k][strchr (anx_booking_code_alphabet (), code[k]) - anx_booking_code_alphabet ()]++;
      g_assert_true (g_hash_table_add (codes, code));
    }
  /* 217 expected; a place that never draws a letter, or one twice as often, is no accident (p < 1e-15). */
  for (int k = 0; k < 7; k++)
    for (int c = 0; c < 23; c++)
      {
        g_assert_cmpuint (seen[k][c], >, 100);
        g_assert_cmpuint (seen[k][c], <, 360);
      }
}

static void
test_every_single_error (void)
{
  const char *alphabet = anx_booking_code_alphabet ();
  for (int round = 0; round < 200; round++)
    {
      g_autofree char *code = anx_booking_code_new ();
      for (int place = 0; place < 8; place++)
        for (int c = 0; c < 23; c++)
          {
            g_autofree char *wrong = g_strdup (code);
            wrong[place] = alphabet[c];
            g_assert_true (is_valid (wrong) == (wrong[place] == code[place]));
          }
    }
}

/* The sum is linear, so all pairs of values at all pairs of places, on one background, are all cases there are. */
static void
test_every_swap (void)
{
  const char *alphabet = anx_booking_code_alphabet ();
  guint checked = 0;
  for (int i = 0; i < 7; i++)
    for (int k = i + 1; k < 8; k++)
      for (int a = 0; a < 23; a++)
        for (int b = 0; b < 23; b++)
          {
            int helper = i == 0 ? (k == 1 ? 2 : 1) : 0;
            char code[9] = "33333333";
            code[i] = alphabet[a];
            code[k] = alphabet[b];
            for (int c = 0; c < 23; c++)
              {
                code[helper] = alphabet[c];
                if (is_valid (code))
                  break;
              }
            g_assert_true (is_valid (code));
            char swapped[9];
            memcpy (swapped, code, sizeof swapped);
            swapped[i] = code[k];
            swapped[k] = code[i];
            g_assert_true (is_valid (swapped) == (a == b));
            checked++;
          }
  g_assert_cmpuint (checked, ==, 28 * 23 * 23);
}

static void
test_normalise (void)
{
  /* 3 is worth nothing, so eight of it are a valid code. */
  static const struct
  {
    const char *typed;
    const char *code;
  } cases[] = {
    { "33333333", "33333333" },
    { "3333-3333", "33333333" },
    { " 3333 3333\n", "33333333" },
    { "３３３３－３３３３", "33333333" },
    { "3333\u20143333", "33333333" },
    { "3333\u22123333", "33333333" },
    { "3333333", NULL },
    { "333333333", NULL },
    { "33333334", NULL },
    { "0OIL1233", NULL },
    { "3333333三", NULL },
    { "", NULL },
    { "\xff\xfe", NULL },
    { NULL, NULL },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", (guint) i);
      g_autoptr (GError) error = NULL;
      g_autofree char *code = anx_booking_code_normalise (cases[i].typed, &error);
      g_assert_cmpstr (code, ==, cases[i].code);
      if (cases[i].code == NULL)
        g_assert_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID);
    }
  g_autofree char *code = anx_booking_code_new ();
  g_autofree char *lower = g_ascii_strdown (code, -1);
  g_autofree char *back = anx_booking_code_normalise (lower, NULL);
  g_assert_cmpstr (back, ==, code);
  g_autofree char *long_text = g_strnfill (300, '3');
  g_assert_false (is_valid (long_text));
}

static void
test_format (void)
{
  g_autofree char *code = anx_booking_code_new ();
  g_autofree char *printed = anx_booking_code_format (code);
  g_assert_cmpuint (strlen (printed), ==, 9);
  g_assert_cmpint (printed[4], ==, '-');
  g_autofree char *back = anx_booking_code_normalise (printed, NULL);
  g_assert_cmpstr (back, ==, code);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/care/booking-code/alphabet", test_alphabet);
  g_test_add_func ("/care/booking-code/new", test_new);
  g_test_add_func ("/care/booking-code/every-single-error", test_every_single_error);
  g_test_add_func ("/care/booking-code/every-swap", test_every_swap);
  g_test_add_func ("/care/booking-code/normalise", test_normalise);
  g_test_add_func ("/care/booking-code/format", test_format);
  return g_test_run ();
}
