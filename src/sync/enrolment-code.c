/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "enrolment.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "sync-error.h"
#include "text.h"

#define PART_BYTES 10
#define PART_CHARS 16
#define CHECK_CHARS 2
#define CODE_CHARS (2 * PART_CHARS + CHECK_CHARS)
#define GROUP_CHARS 4
/* The largest prime below 32 * 32: as a modulus it catches every single wrong character and every swap of neighbours. */
#define CHECK_PRIME 1021

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static guint
compute_check (const char *characters)
{
  guint rest = 0;
  for (int i = 0; i < 2 * PART_CHARS; i++)
    rest = (rest * 32 + (guint) (strchr (alphabet, characters[i]) - alphabet)) % CHECK_PRIME;
  return rest;
}

/**
 * anx_enrolment_code_make:
 * @authority_fingerprint: SHA-256 of the authority certificate's DER, 64 hex digits
 * @secret: (array fixed-size=10): random bytes
 *
 * Returns: (transfer full): the code as people read it, nine groups
 */
char *
anx_enrolment_code_make (const char *authority_fingerprint,
                         const guint8 secret[10])
{
  g_return_val_if_fail (authority_fingerprint != NULL && strlen (authority_fingerprint) == 64, NULL);
  guint8 pin[PART_BYTES];
  for (int i = 0; i < PART_BYTES; i++)
    pin[i] = (guint8) (g_ascii_xdigit_value (authority_fingerprint[2 * i]) << 4 | g_ascii_xdigit_value (authority_fingerprint[2 * i + 1]));
  g_autofree char *pin_text = anx_base32_encode (pin, sizeof pin);
  g_autofree char *secret_text = anx_base32_encode (secret, PART_BYTES);
  g_autofree char *both = g_strconcat (pin_text, secret_text, NULL);
  guint check = compute_check (both);

  GString *code = g_string_new (NULL);
  for (int i = 0; i < CODE_CHARS; i++)
    {
      if (i > 0 && i % GROUP_CHARS == 0)
        g_string_append_c (code, '-');
      if (i < 2 * PART_CHARS)
        g_string_append_c (code, both[i]);
      else
        g_string_append_c (code, alphabet[i == 2 * PART_CHARS ? check / 32 : check % 32]);
    }
  return g_string_free (code, FALSE);
}

/* Crockford's reading: what looks alike is alike. */
static char
normalise_character (char c)
{
  c = g_ascii_toupper (c);
  if (c == 'O')
    return '0';
  if (c == 'I' || c == 'L')
    return '1';
  return c != '\0' && strchr (alphabet, c) != NULL ? c : '\0';
}

/**
 * anx_enrolment_code_parse:
 * @code: what was typed
 * @out_pin: (out): 16 characters, the beginning of the authority's fingerprint
 * @out_secret: (out): 16 characters, the one-time secret
 * @error: return location, %ANX_SYNC_ERROR_INVALID with a message for people
 *
 * Tolerates case, spaces, dashes, O for 0 and I or L for 1. Outputs are untouched on failure.
 *
 * Returns: whether it is a whole, rightly typed code
 */
gboolean
anx_enrolment_code_parse (const char *code,
                          char **out_pin,
                          char **out_secret,
                          GError **error)
{
  g_return_val_if_fail (code != NULL && out_pin != NULL && out_secret != NULL, FALSE);
  char characters[CODE_CHARS + 1] = "";
  guint n = 0;
  for (const char *p = code; *p != '\0'; p++)
    {
      if (g_ascii_isspace (*p) || *p == '-')
        continue;
      char c = normalise_character (*p);
      if (c == '\0' || n == CODE_CHARS)
        {
          g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID,
                               c == '\0' ? _("The code has a character that no code has. Please compare it with the paper.")
                                         : _("The code is too long. Please compare it with the paper."));
          return FALSE;
        }
      characters[n++] = c;
    }
  if (n < CODE_CHARS)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, _("The code is not complete. Please compare it with the paper."));
      return FALSE;
    }
  guint check = (guint) (strchr (alphabet, characters[CODE_CHARS - 2]) - alphabet) * 32 +
                (guint) (strchr (alphabet, characters[CODE_CHARS - 1]) - alphabet);
  if (check != compute_check (characters))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID,
                           _("The code is mistyped somewhere. Please compare it with the paper."));
      return FALSE;
    }
  *out_pin = g_strndup (characters, PART_CHARS);
  *out_secret = g_strndup (characters + PART_CHARS, PART_CHARS);
  return TRUE;
}

/**
 * anx_enrolment_secret_hash:
 * @secret: the 16 characters of anx_enrolment_code_parse()
 *
 * 80 random bits need no slow hash; the hub keeps this, so that who reads its disk cannot enrol.
 *
 * Returns: (transfer full): SHA-256, 64 hex digits
 */
char *
anx_enrolment_secret_hash (const char *secret)
{
  g_return_val_if_fail (secret != NULL, NULL);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, secret, -1);
}
