/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "letter.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any text as the line of a referral letter: what is accepted is written again as it was read. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxLetter) letter = anx_letter_from_text (text, &error);
  g_assert_true ((letter == NULL) == (error != NULL));
  if (letter == NULL)
    return 0;
  g_autofree char *again = anx_letter_to_text (letter);
  g_assert_cmpstr (again, ==, text);
  return 0;
}
