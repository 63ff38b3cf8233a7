/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "letter.h"

#include <string.h>

#include "care-error.h"
#include "id.h"
#include "json.h"

#define MARK "ANX1"
#define DIGEST_CHARS 64
/* A year far enough away, so that the numbers stay short. */
#define LAST_SECOND G_GINT64_CONSTANT (9999999999)

/**
 * anx_letter_free:
 * @self: (nullable) (transfer full): a letter
 *
 * Frees it.
 */
void
anx_letter_free (AnxLetter *self)
{
  if (self == NULL)
    return;
  g_free (self->task);
  g_free (self->from);
  g_free (self->to);
  g_free (self->digest);
  g_free (self);
}

/**
 * anx_letter_digest:
 * @referral: the Bundle of the referral's record
 *
 * Who holds the record can compare it with the letter.
 *
 * Returns: (transfer full): SHA-256 of its JSON on one line, members in the order they stand in, lower-case hex
 */
char *
anx_letter_digest (JsonObject *referral)
{
  g_autofree char *text = anx_json_object_to_text (referral);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/**
 * anx_letter_new:
 * @task: UUID of the referral
 * @from: who signs
 * @to: to whom it goes
 * @issued_usec: now, microseconds of UTC
 * @referral: the Bundle of its record
 *
 * Returns: (transfer full): what the letter says of itself
 */
AnxLetter *
anx_letter_new (const char *task,
                const char *from,
                const char *to,
                gint64 issued_usec,
                JsonObject *referral)
{
  AnxLetter *self = g_new0 (AnxLetter, 1);
  self->task = g_strdup (task);
  self->from = g_strdup (from);
  self->to = g_strdup (to);
  self->issued_usec = issued_usec / G_USEC_PER_SEC * G_USEC_PER_SEC;
  self->digest = anx_letter_digest (referral);
  return self;
}

/**
 * anx_letter_to_text:
 * @self: a letter
 *
 * Returns: (transfer full): `ANX1.TASK.FROM.TO.SECONDS.DIGEST`
 */
char *
anx_letter_to_text (const AnxLetter *self)
{
  return g_strdup_printf (MARK ".%s.%s.%s.%" G_GINT64_FORMAT ".%s", self->task, self->from, self->to, self->issued_usec / G_USEC_PER_SEC,
                          self->digest);
}

/**
 * anx_letter_from_text:
 * @text: what anx_letter_to_text() gave
 * @error: return location, %ANX_CARE_ERROR_INVALID for anything else
 *
 * Says nothing of genuineness: the signature around the text does.
 *
 * Returns: (transfer full) (nullable): the letter
 */
AnxLetter *
anx_letter_from_text (const char *text,
                      GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 7);
  g_autoptr (AnxLetter) self = NULL;
  guint64 seconds = 0;

  if (g_strv_length (parts) == 6 && strcmp (parts[0], MARK) == 0 && anx_uuid_is_valid (parts[1]) && anx_principal_id_is_valid (parts[2])
      && anx_principal_id_is_valid (parts[3]) && g_ascii_string_to_unsigned (parts[4], 10, 1, LAST_SECOND, &seconds, NULL)
      && strlen (parts[5]) == DIGEST_CHARS && strspn (parts[5], "0123456789abcdef") == DIGEST_CHARS)
    {
      self = g_new0 (AnxLetter, 1);
      self->task = g_strdup (parts[1]);
      self->from = g_strdup (parts[2]);
      self->to = g_strdup (parts[3]);
      self->issued_usec = (gint64) seconds * G_USEC_PER_SEC;
      self->digest = g_strdup (parts[5]);
      g_autofree char *again = anx_letter_to_text (self);
      if (strcmp (again, text) == 0)
        return g_steal_pointer (&self);
    }
  g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "This is not a referral letter of the service");
  return NULL;
}
