/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "care-records.h"

G_BEGIN_DECLS

/*
 * A referral with its answers as one file: a FHIR R4 Bundle for a receiver that has no desk here, and from a sender that has none. It is not
 * sealed. README.md has its form. No I/O. Any thread.
 */

/* A file of a whole loop: a referral's texts, and some fifty steps of it. */
#define ANX_REFERRAL_BUNDLE_BYTES (2 * 1024 * 1024)
#define ANX_REFERRAL_BUNDLE_STEPS 100

typedef struct
{
  char *id;                /* UUIDv7 of the step's record where it was written: the same again is the same step */
  char *author;            /* principal */
  AnxReferralEvent *event;
} AnxReferralBundleStep;

typedef struct
{
  AnxReferral *referral;
  GPtrArray *steps;        /* (element-type AnxReferralBundleStep) in their order */
} AnxReferralBundle;

/* In the order of the chain: @referral as its record has it, then each step. */
JsonObject *anx_referral_bundle_begin (JsonObject *referral, const char *author, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_referral_bundle_add (JsonObject *bundle, const char *id, const char *author, JsonObject *step, GError **error);
AnxReferralBundle *anx_referral_bundle_parse (const char *text, gssize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_referral_bundle_free (AnxReferralBundle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxReferralBundle, anx_referral_bundle_free)

G_END_DECLS
