/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consent.h"

#include "fhir-private.h"

/**
 * anx_purpose_to_string:
 * @purpose: a purpose
 *
 * Returns: (transfer none): its code in records
 */
const char *
anx_purpose_to_string (AnxPurpose purpose)
{
  switch (purpose)
    {
    case ANX_PURPOSE_SCREENING:
      return "screening";
    case ANX_PURPOSE_VIDEO:
      return "video";
    case ANX_PURPOSE_REFERRAL:
      return "referral";
    default:
      g_return_val_if_reached ("screening");
    }
}

/**
 * anx_consent_to_fhir:
 * @purpose: what for; one Consent per purpose (PIPL articles 14, 23 and 29: separate consent)
 * @given: whether the person agreed; a refusal is recorded too, so that nobody takes silence for consent
 * @recipient: (nullable): the principal who receives the data; needed for %ANX_PURPOSE_REFERRAL (PIPL article 23)
 * @when_usec: when it was said, microseconds of UTC
 *
 * Returns: (transfer full): a FHIR R4 Consent
 */
JsonObject *
anx_consent_to_fhir (AnxPurpose purpose,
                     gboolean given,
                     const char *recipient,
                     gint64 when_usec)
{
  g_return_val_if_fail (purpose != ANX_PURPOSE_REFERRAL || recipient != NULL, NULL);

  JsonObject *consent = anx_fhir_resource ("Consent");
  json_object_set_string_member (consent, "status", given ? "active" : "rejected");
  json_object_set_object_member (consent, "scope",
                                 anx_fhir_concept ("http://terminology.hl7.org/CodeSystem/consentscope",
                                                   "patient-privacy", NULL));
  anx_fhir_set_array_of (consent, "category", anx_fhir_concept (ANX_FHIR_CODE, anx_purpose_to_string (purpose), NULL));
  anx_fhir_set_time (consent, "dateTime", when_usec);
  /* R4 (ppc-1) wants a policy or a policyRule: the law under which the question was asked. */
  json_object_set_object_member (consent, "policyRule", anx_fhir_concept (ANX_FHIR_CODE, "pipl", "中华人民共和国个人信息保护法"));

  JsonObject *provision = json_object_new ();
  json_object_set_string_member (provision, "type", given ? "permit" : "deny");
  if (recipient != NULL)
    {
      JsonObject *actor = json_object_new ();
      json_object_set_object_member (
          actor, "role", anx_fhir_concept ("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", NULL));
      json_object_set_object_member (actor, "reference", anx_fhir_identified (ANX_FHIR_PRINCIPAL, recipient));
      anx_fhir_set_array_of (provision, "actor", actor);
    }
  json_object_set_object_member (consent, "provision", provision);
  return consent;
}
