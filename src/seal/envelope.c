/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "envelope.h"

#include <openssl/objects.h>
#include <string.h>

#include "bounds.h"
#include "clock.h"
#include "cms-private.h"
#include "envelope-private.h"
#include "json.h"
#include "process.h"
#include "seal-private.h"

/* What signing adds: header, certificate, signature, structure. */
#define SIGNING_MAX_BYTES (ANX_BOUND_HEADER_BYTES + 4096)
#define SEALED_MAX_BYTES (ANX_BOUND_ENVELOPE_BYTES - SIGNING_MAX_BYTES)
/* An author's clock may be this far off before its certificate counts as out of time. */
#define CLOCK_TOLERANCE_USEC ANX_USEC_PER_DAY

static char *
make_payload (AnxRecordHeader *header,
              JsonNode *resource)
{
  g_autoptr (JsonObject) payload = json_object_new ();
  json_object_set_object_member (payload, "anxin", anx_record_header_to_inner (header));
  json_object_set_member (payload, "resource", json_node_copy (resource));
  return anx_json_object_to_text (payload);
}

/**
 * anx_envelope_seal:
 * @header: the record's header; it needs no place yet
 * @resource: a FHIR R4 resource or Bundle, an object
 * @directory: the directory, which says whose certificates the recipients are
 * @error: return location, %ANX_SEAL_ERROR_INVALID when the header or the resource is not allowed,
 * %ANX_SEAL_ERROR_UNTRUSTED naming a recipient that is not active or has no seal certificate,
 * %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_INTERNAL
 *
 * Step 1 of README.md. Recovery is always among the recipients.
 *
 * Returns: (transfer full) (nullable): AuthEnvelopedData in DER
 */
GBytes *
anx_envelope_seal (AnxRecordHeader *header,
                   JsonNode *resource,
                   AnxDirectory *directory,
                   GError **error)
{
  g_return_val_if_fail (header != NULL && resource != NULL && directory != NULL, NULL);
  if (!anx_record_header_check (header, error))
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (resource))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "A record's resource must be an object");
      return NULL;
    }
  g_autoptr (GPtrArray)
      recipients = anx_directory_resolve (directory, anx_record_header_get_recipients (header), error);
  if (recipients == NULL)
    return NULL;

  anx_autosecret char *payload = make_payload (header, resource);
  gsize length = strlen (payload);
  g_autoptr (GBytes) sealed = length <= SEALED_MAX_BYTES ? anx_cms_seal (payload, length, recipients, error) : NULL;
  if (length > SEALED_MAX_BYTES || (sealed != NULL && g_bytes_get_size (sealed) > SEALED_MAX_BYTES))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The record is longer than %d bytes", SEALED_MAX_BYTES);
      return NULL;
    }
  return g_steal_pointer (&sealed);
}

/**
 * anx_envelope_sign:
 * @header: the record's header with its place in the author's chain
 * @sealed: what anx_envelope_seal() gave for this header
 * @sign_key: the author's sign key
 * @sign_certificate: its certificate
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_UNTRUSTED when the key
 * or the certificate is not the author's, %ANX_SEAL_ERROR_INTERNAL
 *
 * Step 2 of README.md. The signer cannot read what it signs; it does check that it is sealed in the allowed form.
 *
 * Returns: (transfer full) (nullable): the envelope, SignedData in DER, at most %ANX_BOUND_ENVELOPE_BYTES
 */
GBytes *
anx_envelope_sign (AnxRecordHeader *header,
                   GBytes *sealed,
                   AnxKey *sign_key,
                   AnxCertificate *sign_certificate,
                   GError **error)
{
  g_return_val_if_fail (header != NULL && sealed != NULL && sign_key != NULL && sign_certificate != NULL, NULL);
  g_autofree char *text = anx_record_header_to_text (header);
  /* Reading back what will be signed keeps a header that no reader would accept from being signed at all. */
  g_autoptr (AnxRecordHeader) readable = anx_record_header_parse (text, -1, error);
  if (readable == NULL)
    return NULL;
  if (anx_record_header_get_sequence (header) < 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The record has no place in its author's chain yet");
      return NULL;
    }
  if (g_bytes_get_size (sealed) > SEALED_MAX_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The record is longer than %d bytes", SEALED_MAX_BYTES);
      return NULL;
    }
  if (!anx_cms_check_sealed (sealed, error))
    return NULL;
  if (strcmp (anx_certificate_get_principal (sign_certificate), anx_record_header_get_author (header)) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "%s cannot sign a record of %s",
                     anx_certificate_get_principal (sign_certificate), anx_record_header_get_author (header));
      return NULL;
    }
  return anx_cms_sign (sealed, NID_id_smime_ct_contentInfo, ANX_OID_RECORD_HEADER, text,
                       anx_record_header_get_created_usec (header), sign_key, sign_certificate, error);
}

static gint64
tolerant_time (AnxCertificate *signer,
               gint64 created_usec)
{
  gint64 begin = anx_certificate_get_not_before_usec (signer), end = anx_certificate_get_not_after_usec (signer);
  if (created_usec < begin && begin - created_usec <= CLOCK_TOLERANCE_USEC)
    return begin;
  if (created_usec > end && created_usec - end <= CLOCK_TOLERANCE_USEC)
    return end;
  return created_usec;
}

/**
 * anx_envelope_verify:
 * @envelope: an envelope, at most %ANX_BOUND_ENVELOPE_BYTES
 * @authority: the district authority's certificate that was pinned at enrolment
 * @out_header: (out) (optional): the header, whose signature and author hold
 * @out_sealed: (out) (optional): the sealed part
 * @out_signer: (out) (optional): the author's sign certificate
 * @error: return location, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TAMPERED,
 *   %ANX_SEAL_ERROR_UNTRUSTED, %ANX_SEAL_ERROR_EXPIRED
 *
 * Invariants E1 to E5 of README.md. The time of the chain's validity is the header's own, give or take a day: whoever
 * needs the certificate to be good today (the hub) asks the revocation list and the directory as well. Outputs are
 * untouched on failure.
 *
 * Returns: whether it is an envelope of its stated author
 */
gboolean
anx_envelope_verify (GBytes *envelope,
                     AnxCertificate *authority,
                     AnxRecordHeader **out_header,
                     GBytes **out_sealed,
                     AnxCertificate **out_signer,
                     GError **error)
{
  g_return_val_if_fail (envelope != NULL && authority != NULL, FALSE);
  if (g_bytes_get_size (envelope) > ANX_BOUND_ENVELOPE_BYTES)
    return anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The envelope is longer than %d bytes",
                          ANX_BOUND_ENVELOPE_BYTES);

  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_autofree char *text = NULL;
  if (!anx_cms_verify (envelope, NID_id_smime_ct_contentInfo, ANX_OID_RECORD_HEADER, &sealed, &text, &signer, error))
    return FALSE;
  g_autoptr (AnxRecordHeader) header = anx_record_header_parse (text, -1, error);
  if (header == NULL)
    return FALSE;
  if (anx_record_header_get_sequence (header) < 1)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The record has no place in its author's chain");
  if (strcmp (anx_certificate_get_principal (signer), anx_record_header_get_author (header)) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The record of %s is signed by %s",
                          anx_record_header_get_author (header), anx_certificate_get_principal (signer));
  if (!anx_certificate_verify (signer, authority, ANX_KEY_USE_SIGN,
                               tolerant_time (signer, anx_record_header_get_created_usec (header)), error) ||
      !anx_cms_check_sealed (sealed, error))
    return FALSE;

  if (out_header != NULL)
    *out_header = g_steal_pointer (&header);
  if (out_sealed != NULL)
    *out_sealed = g_steal_pointer (&sealed);
  if (out_signer != NULL)
    *out_signer = g_steal_pointer (&signer);
  return TRUE;
}

/* The inner header is compared as a whole: an unknown or missing member is as wrong as a different one. */
static gboolean
inner_matches (JsonObject *payload,
               AnxRecordHeader *header)
{
  JsonObject *inner = anx_json_get_object (payload, "anxin");
  if (inner == NULL || json_object_get_size (payload) != 2)
    return FALSE;
  g_autoptr (JsonObject) outer = anx_record_header_to_inner (header);
  g_autofree char *inner_text = anx_json_object_to_text (inner);
  g_autofree char *outer_text = anx_json_object_to_text (outer);
  return strcmp (inner_text, outer_text) == 0;
}

/**
 * anx_envelope_open:
 * @envelope: an envelope, at most %ANX_BOUND_ENVELOPE_BYTES
 * @authority: the district authority's certificate that was pinned at enrolment
 * @seal_key: the seal key of a recipient, or of a group of which one is a member
 * @seal_certificate: its certificate
 * @out_header: (out) (optional): the header
 * @out_resource: (out) (optional): the resource, an object
 * @error: return location, as anx_envelope_verify(), and %ANX_SEAL_ERROR_NOT_RECIPIENT, %ANX_SEAL_ERROR_TAMPERED when
 * the inner header differs from the outer one: somebody passes the content on under a header it was not written for
 *
 * Invariants E1 to E7 of README.md. Outputs are untouched on failure.
 *
 * Returns: whether it was opened
 */
gboolean
anx_envelope_open (GBytes *envelope,
                   AnxCertificate *authority,
                   AnxKey *seal_key,
                   AnxCertificate *seal_certificate,
                   AnxRecordHeader **out_header,
                   JsonNode **out_resource,
                   GError **error)
{
  g_return_val_if_fail (envelope != NULL && authority != NULL && seal_key != NULL && seal_certificate != NULL, FALSE);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (GBytes) sealed = NULL;
  if (!anx_envelope_verify (envelope, authority, &header, &sealed, NULL, error))
    return FALSE;

  gsize length = 0;
  anx_autosecret char *text = anx_cms_unseal (sealed, seal_key, seal_certificate, &length, error);
  if (text == NULL)
    return FALSE;
  GError *inner = NULL;
  g_autoptr (JsonObject) payload = anx_json_parse_object (text, (gssize) length, SEALED_MAX_BYTES, &inner);
  anx_wipe (text, length);
  if (payload == NULL)
    return anx_seal_take_base_error (error, inner, "The record's content");
  if (!inner_matches (payload, header))
    return anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The record was not written under the header it comes with");
  JsonNode *resource = json_object_get_member (payload, "resource");
  if (resource == NULL || !JSON_NODE_HOLDS_OBJECT (resource))
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The record holds no resource");

  if (out_header != NULL)
    *out_header = g_steal_pointer (&header);
  if (out_resource != NULL)
    *out_resource = json_node_copy (resource);
  return TRUE;
}
