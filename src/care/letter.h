/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a referral letter says of itself in one line, on paper as a QR code and within the PDF's signature. No I/O. Any thread. */
typedef struct
{
  char *task;         /* UUID of the referral */
  char *from;         /* principal who signs */
  char *to;           /* department group */
  gint64 issued_usec; /* whole seconds */
  char *digest;       /* SHA-256 of the referral's record, lower-case hex */
} AnxLetter;

void       anx_letter_free (AnxLetter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxLetter, anx_letter_free)

AnxLetter *anx_letter_new (const char *task, const char *from, const char *to, gint64 issued_usec, JsonObject *referral) G_GNUC_WARN_UNUSED_RESULT;
char      *anx_letter_to_text (const AnxLetter *self) G_GNUC_WARN_UNUSED_RESULT;
AnxLetter *anx_letter_from_text (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char      *anx_letter_digest (JsonObject *referral) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
