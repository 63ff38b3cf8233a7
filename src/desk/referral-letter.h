/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk-service.h"
#include "printout.h"

G_BEGIN_DECLS

/* A referral on paper or as a signed PDF, for a receiver who takes paper. Main thread. */

/* What the letter says besides the referral itself. All texts are in the language of the screen. */
typedef struct
{
  const char *from;         /* names */
  const char *centre;
  const char *centre_phone; /* (nullable) */
  const char *to;
  const char *need;         /* (nullable) */
  const char *law;          /* (nullable) in place of consent */
  const char *zone;         /* (nullable) */
  const char *mark;         /* what the QR code says */
  gint64 issued_usec;
  GdkPaintable *seal;       /* (nullable) the centre's seal */
} AnxLetterWords;

AnxPrintout *anx_referral_letter_new (const AnxReferral *referral, const AnxLetterWords *words) G_GNUC_WARN_UNUSED_RESULT;

/* Asks how, then prints or writes the file. */
void         anx_referral_letter_present (GtkWindow *parent, AnxDeskService *service, const char *task);

G_END_DECLS
