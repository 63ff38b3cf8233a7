/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Consent, one per purpose, none assumed (PIPL articles 14, 17, 23, 29). FHIR R4 Consent. */
typedef enum
{
  ANX_PURPOSE_SCREENING, /* answers are shared with the chosen counsellor */
  ANX_PURPOSE_VIDEO,
  ANX_PURPOSE_REFERRAL,  /* names the recipient */
} AnxPurpose;

const char *anx_purpose_to_string (AnxPurpose purpose);
JsonObject *anx_consent_to_fhir (AnxPurpose purpose, gboolean given, const char *recipient, gint64 when_usec) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
