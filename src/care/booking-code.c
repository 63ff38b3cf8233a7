/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-code.h"

#include <string.h>

#include "care-error.h"
#include "id.h"

/*
 * 36 letters and digits without the thirteen that people confuse on paper or by ear leave 23, a prime. A code c1 … c8
 * is valid when Σ i·ci ≡ 0 (mod 23): the scheme of ISBN-10 (ISO 2108) with another modulus. Because 23 is prime, a
 * wrong character at place i changes the sum by i·d with i and d both non-zero modulo 23; a swap of places i and j
 * changes it by (i−j)·(ci−cj), again a product of non-zero factors. So every single error and every swap of any two
 * places is caught, not only of neighbours.
 */
#define ALPHABET "34679ACDEFGHJKMNPQRTWXY"
#define MODULUS 23
#define LENGTH 8

G_STATIC_ASSERT (sizeof ALPHABET - 1 == MODULUS);

static int
value_of (char c)
{
  const char *found = c != '\0' ? strchr (ALPHABET, c) : NULL;
  return found != NULL ? (int) (found - ALPHABET) : -1;
}

/* Bytes at and above the largest multiple of 23 are drawn again: a plain remainder would favour the first letters. */
static int
draw (void)
{
  guint8 byte;
  do
    anx_random_bytes (&byte, 1);
  while (byte >= 256 / MODULUS * MODULUS);
  return byte % MODULUS;
}

/* The value at place 8 that makes the sum zero: 8·c8 ≡ −sum, and 3 is the inverse of 8 modulo 23 (8·3 = 24). */
static int
check_value (const char *first_seven)
{
  int sum = 0;
  for (int i = 0; i < LENGTH - 1; i++)
    sum += (i + 1) * value_of (first_seven[i]);
  return (MODULUS - sum % MODULUS) % MODULUS * 3 % MODULUS;
}

/**
 * anx_booking_code_alphabet:
 *
 * Returns: (transfer none): the characters a code consists of, in the order of their values; a keypad shows just these
 */
const char *
anx_booking_code_alphabet (void)
{
  return ALPHABET;
}

/**
 * anx_booking_code_new:
 *
 * Draws a code from the kernel's random numbers: 23^7, some 3.4 thousand million, equally likely. The caller must
 * treat it as a secret: only its slow hash may leave the machine.
 *
 * Returns: (transfer full): eight characters without a dash
 */
char *
anx_booking_code_new (void)
{
  char code[LENGTH + 1] = { 0 };
  for (int i = 0; i < LENGTH - 1; i++)
    code[i] = ALPHABET[draw ()];
  code[LENGTH - 1] = ALPHABET[check_value (code)];
  return g_strdup (code);
}

static char *
fail (GError **error,
      const char *message)
{
  /* The message never quotes what was typed: it can be most of somebody's code. */
  g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, message);
  return NULL;
}

/**
 * anx_booking_code_normalise:
 * @typed: (nullable): what a person typed or a scanner read, in any case, full-width or not, with blanks and dashes
 * @error: return location, %ANX_CARE_ERROR_INVALID with a message that can be shown
 *
 * Returns: (transfer full) (nullable): the eight characters of a possible code
 */
char *
anx_booking_code_normalise (const char *typed,
                            GError **error)
{
  if (typed == NULL || strlen (typed) > 256 || !g_utf8_validate (typed, -1, NULL))
    return fail (error, "A code has eight letters and digits");

  g_autofree char *plain = g_utf8_normalize (typed, -1, G_NORMALIZE_ALL_COMPOSE);
  char code[LENGTH + 1] = { 0 };
  int length = 0;
  for (const char *p = plain; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_isspace (c) || g_unichar_type (c) == G_UNICODE_DASH_PUNCTUATION || c == 0x2212)
        continue;
      char upper = c < 0x80 ? g_ascii_toupper ((char) c) : '\0';
      if (value_of (upper) < 0)
        return fail (error, "This character is never in a code");
      if (length == LENGTH)
        return fail (error, "A code has eight letters and digits; this is longer");
      code[length++] = upper;
    }
  if (length < LENGTH)
    return fail (error, "A code has eight letters and digits; this is shorter");
  if (code[LENGTH - 1] != ALPHABET[check_value (code)])
    return fail (error, "This code has a slip in it: please compare it with the paper");
  return g_strdup (code);
}

/**
 * anx_booking_code_format:
 * @code: eight characters of anx_booking_code_new() or anx_booking_code_normalise()
 *
 * Returns: (transfer full): the code as it is printed, `XXXX-XXXX`
 */
char *
anx_booking_code_format (const char *code)
{
  g_return_val_if_fail (code != NULL && strlen (code) == LENGTH, NULL);
  return g_strdup_printf ("%.4s-%s", code, code + 4);
}
