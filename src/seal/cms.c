/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cms-private.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "bounds.h"
#include "der-private.h"
#include "process.h"
#include "seal-private.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CMS_ContentInfo, CMS_ContentInfo_free)

/* Constant pieces of DER, as whole elements. */
static const guint8 oid_signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const guint8 oid_auth_enveloped_data[] = { 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                  0x0d, 0x01, 0x09, 0x10, 0x01, 0x17 };
static const guint8 oid_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const guint8 oid_aes256_gcm[] = { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e };
static const guint8 algorithm_sha256[] = {
  0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01
};
static const guint8 algorithm_ecdsa_sha256[] = {
  0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02
};
/* dhSinglePass-stdDH-sha256kdf-scheme (1.3.132.1.11.1) with aes256-wrap as its parameter. */
static const guint8 algorithm_ecdh_sha256_aes256_wrap[] = { 0x30, 0x15, 0x06, 0x06, 0x2b, 0x81, 0x04, 0x01,
                                                            0x0b, 0x01, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86,
                                                            0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d };
static const guint8 integer_zero[] = { 0x02, 0x01, 0x00 };
static const guint8 integer_one[] = { 0x02, 0x01, 0x01 };
static const guint8 integer_three[] = { 0x02, 0x01, 0x03 };
static const guint8 integer_sixteen[] = { 0x02, 0x01, 0x10 };
#define TAKE_CONSTANT(reader, bytes) anx_der_take_exactly (reader, bytes, sizeof bytes)
#define ADD_CONSTANT(out, bytes) g_byte_array_append (out, bytes, sizeof bytes)

#define GCM_NONCE_BYTES 12
#define GCM_TAG_BYTES 16
/* A BIT STRING of an uncompressed point: the count of unused bits, 0x04, two coordinates. */
#define POINT_BIT_STRING_BYTES 66

static GBytes *
take_der (CMS_ContentInfo *cms,
          GError **error)
{
  unsigned char *der = NULL;
  int length = i2d_CMS_ContentInfo (cms, &der);
  if (length <= 0)
    {
      anx_seal_fail_internal (error, "Writing CMS");
      return NULL;
    }
  GBytes *bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  return bytes;
}

static CMS_ContentInfo *
parse (GBytes *der,
       GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (der, &length);
  const guint8 *at = data;
  g_autoptr (CMS_ContentInfo) cms = length > 0 && length <= G_MAXINT ? d2i_CMS_ContentInfo (NULL, &at, (long) length)
                                                                     : NULL;
  if (cms == NULL || at != data + length)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not one CMS structure in DER");
      return NULL;
    }
  return g_steal_pointer (&cms);
}

static gboolean
set_signing_time (CMS_SignerInfo *signer,
                  gint64 now_usec)
{
  g_autoptr (ASN1_TIME) time = ASN1_TIME_set (NULL, (time_t) (now_usec / G_USEC_PER_SEC));
  return time != NULL && CMS_signed_add1_attr_by_NID (signer, NID_pkcs9_signingTime, time->type, time, -1) == 1;
}

static gboolean
add_text_attribute (CMS_SignerInfo *signer,
                    const char *oid,
                    const char *text)
{
  return CMS_signed_add1_attr_by_txt (signer, oid, V_ASN1_UTF8STRING, text, (int) strlen (text)) == 1;
}

/**
 * anx_cms_sign:
 * @content: what to sign; it is carried inside
 * @content_type: libcrypto's number of the content's type
 * @attribute_oid: (nullable): dotted OID of a further signed attribute
 * @attribute_text: (nullable): its value, UTF-8
 * @now_usec: the signing time to state, microseconds since 1970 UTC
 * @key: the signer's key
 * @certificate: the signer's certificate, carried inside
 * @error: return location, %ANX_SEAL_ERROR_UNTRUSTED when key and certificate do not belong together,
 * %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): SignedData in DER with one signer
 */
GBytes *
anx_cms_sign (GBytes *content,
              int content_type,
              const char *attribute_oid,
              const char *attribute_text,
              gint64 now_usec,
              AnxKey *key,
              AnxCertificate *certificate,
              GError **error)
{
  if (!anx_certificate_matches_key (certificate, key))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The key does not belong to the certificate of %s",
                     anx_certificate_get_principal (certificate));
      return NULL;
    }
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (content, &length);
  g_autoptr (BIO) in = BIO_new_mem_buf (data != NULL ? (const void *) data : "", (int) length);
  g_autoptr (CMS_ContentInfo) cms = CMS_ContentInfo_new ();
  CMS_SignerInfo *signer = NULL;
  /* The content's type must stand before the signer is added, who signs it as an attribute. */
  if (cms != NULL && in != NULL && CMS_SignedData_init (cms) == 1 &&
      CMS_set1_eContentType (cms, OBJ_nid2obj (content_type)) == 1)
    signer = CMS_add1_signer (cms, anx_certificate_peek (certificate), anx_key_peek (key), EVP_sha256 (),
                              CMS_BINARY | CMS_NOSMIMECAP | CMS_PARTIAL);
  /* CMS_final() leaves the content out unless the structure was told before that it stays in. */
  if (signer == NULL || !set_signing_time (signer, now_usec) ||
      (attribute_oid != NULL && !add_text_attribute (signer, attribute_oid, attribute_text)) ||
      CMS_set_detached (cms, 0) != 1 || CMS_final (cms, in, NULL, CMS_BINARY) != 1)
    {
      anx_seal_fail_internal (error, "Signing");
      return NULL;
    }
  return take_der (cms, error);
}

static gboolean
add_attributes (CMS_SignerInfo *signer,
                GByteArray *out)
{
  for (int i = 0; i < CMS_signed_get_attr_count (signer); i++)
    {
      unsigned char *der = NULL;
      int length = i2d_X509_ATTRIBUTE (CMS_signed_get_attr (signer, i), &der);
      if (length <= 0)
        return FALSE;
      g_byte_array_append (out, der, (guint) length);
      OPENSSL_free (der);
    }
  return TRUE;
}

static gboolean
add_certificate (X509 *certificate,
                 GByteArray *out)
{
  unsigned char *der = NULL;
  int length = i2d_X509 (certificate, &der);
  if (length <= 0)
    return FALSE;
  g_byte_array_append (out, der, (guint) length);
  OPENSSL_free (der);
  return TRUE;
}

static gboolean
add_signer_id (X509 *certificate,
               GByteArray *out)
{
  g_autoptr (GByteArray) id = g_byte_array_new ();
  unsigned char *name = NULL, *serial = NULL;
  int name_length = i2d_X509_NAME (X509_get_issuer_name (certificate), &name);
  int serial_length = i2d_ASN1_INTEGER (X509_get0_serialNumber (certificate), &serial);
  if (name_length > 0 && serial_length > 0)
    {
      g_byte_array_append (id, name, (guint) name_length);
      g_byte_array_append (id, serial, (guint) serial_length);
      anx_der_add (out, ANX_DER_SEQUENCE, id->data, id->len);
    }
  OPENSSL_free (name);
  OPENSSL_free (serial);
  return id->len > 0;
}

static GByteArray *
wrap (guint8 tag,
      GByteArray *content)
{
  GByteArray *out = g_byte_array_sized_new (content->len + 6);
  anx_der_add (out, tag, content->data, content->len);
  g_byte_array_unref (content);
  return out;
}

static void
add_all (GByteArray *out,
         GByteArray *part)
{
  g_byte_array_append (out, part->data, part->len);
  g_byte_array_unref (part);
}

static GByteArray *
constant (const guint8 *bytes,
          gsize length)
{
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, bytes, (guint) length);
  return out;
}

/*
 * A signature covers the content and the attributes, a certificate covers itself, but version numbers, algorithm
 * identifiers, the signer's id and the room for unsigned parts are covered by nothing. So the structure is built again
 * from the covered parts in the one form this service writes, and must come out the same to the byte.
 */
static GByteArray *
rebuild (ASN1_OCTET_STRING *content,
         int content_type,
         X509 *certificate,
         CMS_SignerInfo *signer)
{
  GByteArray *info = g_byte_array_new ();
  GByteArray *attributes = g_byte_array_new ();
  GByteArray *certificates = g_byte_array_new ();
  ADD_CONSTANT (info, integer_one);
  gboolean ok = add_signer_id (certificate, info) && add_attributes (signer, attributes) &&
                add_certificate (certificate, certificates);
  ADD_CONSTANT (info, algorithm_sha256);
  add_all (info, wrap (ANX_DER_CONTEXT (0), attributes));
  ADD_CONSTANT (info, algorithm_ecdsa_sha256);
  ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature (signer);
  anx_der_add (info, ANX_DER_OCTET_STRING, ASN1_STRING_get0_data (signature), (gsize) ASN1_STRING_length (signature));

  GByteArray *octets = g_byte_array_new ();
  anx_der_add (octets, ANX_DER_OCTET_STRING, ASN1_STRING_get0_data (content), (gsize) ASN1_STRING_length (content));
  unsigned char *type = NULL;
  int type_length = i2d_ASN1_OBJECT (OBJ_nid2obj (content_type), &type);
  GByteArray *encapsulated = constant (type, (gsize) MAX (type_length, 0));
  OPENSSL_free (type);
  add_all (encapsulated, wrap (ANX_DER_CONTEXT (0), octets));

  /* RFC 5652 section 5.1: version 3 exactly when the content is not plain data. */
  GByteArray *data = content_type == NID_pkcs7_data ? constant (integer_one, sizeof integer_one)
                                                    : constant (integer_three, sizeof integer_three);
  add_all (data, wrap (ANX_DER_SET, constant (algorithm_sha256, sizeof algorithm_sha256)));
  add_all (data, wrap (ANX_DER_SEQUENCE, encapsulated));
  add_all (data, wrap (ANX_DER_CONTEXT (0), certificates));
  add_all (data, wrap (ANX_DER_SET, wrap (ANX_DER_SEQUENCE, info)));

  GByteArray *whole = constant (oid_signed_data, sizeof oid_signed_data);
  add_all (whole, wrap (ANX_DER_CONTEXT (0), wrap (ANX_DER_SEQUENCE, data)));
  whole = wrap (ANX_DER_SEQUENCE, whole);
  if (!ok)
    g_clear_pointer (&whole, g_byte_array_unref);
  return whole;
}

static char *
dup_attribute (CMS_SignerInfo *signer,
               const char *oid)
{
  g_autoptr (ASN1_OBJECT) object = OBJ_txt2obj (oid, 1);
  /* -3: the attribute must stand there once, with one value. */
  ASN1_UTF8STRING *text = object != NULL ? CMS_signed_get0_data_by_OBJ (signer, object, -3, V_ASN1_UTF8STRING) : NULL;
  if (text == NULL)
    return NULL;
  gsize length = (gsize) ASN1_STRING_length (text);
  const char *data = (const char *) ASN1_STRING_get0_data (text);
  return g_utf8_validate_len (data, length, NULL) ? g_strndup (data, length) : NULL;
}

/**
 * anx_cms_verify:
 * @signed_data: SignedData as anx_cms_sign() writes it; the caller has bounded it
 * @content_type: libcrypto's number of the content's type that must stand there
 * @attribute_oid: (nullable): dotted OID of the further signed attribute that must stand there
 * @out_content: (out) (optional): the content
 * @out_attribute_text: (out) (optional): the attribute's value, UTF-8
 * @out_signer: (out) (optional): the certificate that was carried inside
 * @error: return location, %ANX_SEAL_ERROR_INVALID when it is not of this form, %ANX_SEAL_ERROR_TAMPERED when a byte is
 * not what was signed
 *
 * Checks form and signature. It says nothing of trust: the certificate is the sender's own, and the caller must judge
 * it. Outputs are untouched on failure.
 *
 * Returns: whether the signature fits
 */
gboolean
anx_cms_verify (GBytes *signed_data,
                int content_type,
                const char *attribute_oid,
                GBytes **out_content,
                char **out_attribute_text,
                AnxCertificate **out_signer,
                GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = parse (signed_data, error);
  if (cms == NULL)
    return FALSE;
  STACK_OF (CMS_SignerInfo) *signers = NULL;
  ASN1_OCTET_STRING **content = NULL;
  if (OBJ_obj2nid (CMS_get0_type (cms)) == NID_pkcs7_signed &&
      OBJ_obj2nid (CMS_get0_eContentType (cms)) == content_type)
    {
      signers = CMS_get0_SignerInfos (cms);
      content = CMS_get0_content (cms);
    }
  if (signers == NULL || sk_CMS_SignerInfo_num (signers) != 1 || content == NULL || *content == NULL)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not signed by exactly one signer");

  STACK_OF (X509) *certificates = CMS_get1_certs (cms);
  /* The same object, not a copy: reading a public key a second time costs more than the signature's check. */
  X509 *x509 = sk_X509_num (certificates) == 1 ? sk_X509_value (certificates, 0) : NULL;
  if (x509 != NULL)
    X509_up_ref (x509);
  sk_X509_pop_free (certificates, X509_free);
  if (x509 == NULL)
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The signer's certificate is not with the signature");
  g_autoptr (AnxCertificate) signer = anx_certificate_take (x509, error);
  if (signer == NULL)
    return FALSE;

  /* Trust is judged by the caller at a time it knows; here only the mathematics. */
  if (CMS_verify (cms, NULL, NULL, NULL, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
    return anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The signature does not match");

  CMS_SignerInfo *info = sk_CMS_SignerInfo_value (signers, 0);
  g_autoptr (GByteArray) expected = rebuild (*content, content_type, anx_certificate_peek (signer), info);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (signed_data, &length);
  if (expected == NULL || expected->len != length || memcmp (expected->data, data, length) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The signed structure holds more or other than was signed");

  /* contentType, messageDigest, signingTime, and ours. */
  g_autofree char *text = attribute_oid != NULL ? dup_attribute (info, attribute_oid) : NULL;
  if (CMS_signed_get_attr_count (info) != (attribute_oid != NULL ? 4 : 3) || (attribute_oid != NULL && text == NULL))
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The signed attributes are not those of this kind");

  if (out_content != NULL)
    *out_content = g_bytes_new (ASN1_STRING_get0_data (*content), (gsize) ASN1_STRING_length (*content));
  if (out_attribute_text != NULL)
    *out_attribute_text = g_steal_pointer (&text);
  if (out_signer != NULL)
    *out_signer = g_steal_pointer (&signer);
  return TRUE;
}

/**
 * anx_cms_detach:
 * @signed_data: of anx_cms_sign()
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): the same without its content
 */
GBytes *
anx_cms_detach (GBytes *signed_data,
                GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = parse (signed_data, error);
  if (cms == NULL)
    return NULL;
  if (OBJ_obj2nid (CMS_get0_type (cms)) == NID_pkcs7_signed && CMS_set_detached (cms, 1) == 1)
    return take_der (cms, error);
  anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not signed");
  return NULL;
}

/**
 * anx_cms_attach:
 * @detached: of anx_cms_detach()
 * @content: what was signed
 * @error: return location, %ANX_SEAL_ERROR_INVALID also when @detached is not in the one form anx_cms_detach() gives,
 * %ANX_SEAL_ERROR_INTERNAL
 *
 * Judges no signature: anx_cms_verify() does, with what this gives.
 *
 * Returns: (transfer full) (nullable): the whole structure again
 */
GBytes *
anx_cms_attach (GBytes *detached,
                GBytes *content,
                GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = parse (detached, error);
  g_autoptr (GBytes) again = cms != NULL ? take_der (cms, error) : NULL;
  if (again == NULL)
    return NULL;
  ASN1_OCTET_STRING **place
      = OBJ_obj2nid (CMS_get0_type (cms)) == NID_pkcs7_signed && CMS_is_detached (cms) == 1 ? CMS_get0_content (cms) : NULL;
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (content, &length);
  if (!g_bytes_equal (again, detached))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The signature is not in the one form that is written here");
      return NULL;
    }
  if (place == NULL || length > G_MAXINT)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "This is not a signature beside its content");
      return NULL;
    }
  if (CMS_set_detached (cms, 0) != 1 || *place == NULL || ASN1_OCTET_STRING_set (*place, data, (int) length) != 1)
    {
      anx_seal_fail_internal (error, "Joining a signature and its content");
      return NULL;
    }
  /* A new OCTET STRING asks to be written in pieces, which DER forbids. */
  (*place)->flags &= ~ASN1_STRING_FLAG_CONT;
  return take_der (cms, error);
}

static gboolean
add_recipient (CMS_ContentInfo *cms,
               AnxCertificate *recipient)
{
  CMS_RecipientInfo *info = CMS_add1_recipient_cert (cms, anx_certificate_peek (recipient), CMS_KEY_PARAM);
  EVP_PKEY_CTX *context = info != NULL ? CMS_RecipientInfo_get0_pkey_ctx (info) : NULL;
  /* Left alone, libcrypto derives the wrapping key with SHA-1. The kind of KDF it sets itself, and fails when it was
   * set. */
  return context != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md (context, EVP_sha256 ()) > 0;
}

/**
 * anx_cms_seal:
 * @secret: (array length=length): what to seal
 * @length: its bytes
 * @recipients: (element-type AnxCertificate): seal certificates the caller trusts
 * @error: return location, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): AuthEnvelopedData in DER
 */
GBytes *
anx_cms_seal (const char *secret,
              gsize length,
              GPtrArray *recipients,
              GError **error)
{
  g_autoptr (BIO) in = BIO_new_mem_buf (secret, (int) length);
  g_autoptr (CMS_ContentInfo) cms = CMS_AuthEnvelopedData_create (EVP_aes_256_gcm ());
  gboolean ok = in != NULL && cms != NULL;
  for (guint i = 0; ok && i < recipients->len; i++)
    ok = add_recipient (cms, g_ptr_array_index (recipients, i));
  if (!ok || CMS_set_detached (cms, 0) != 1 || CMS_final (cms, in, NULL, CMS_BINARY) != 1)
    {
      anx_seal_fail_internal (error, "Sealing");
      return NULL;
    }
  g_autoptr (GBytes) sealed = take_der (cms, error);
  return sealed != NULL && anx_cms_check_sealed (sealed, error) ? g_steal_pointer (&sealed) : NULL;
}

static gboolean
recipient_is_of_suite (AnxDer recipient)
{
  AnxDer originator, key, algorithm, point, rest;
  return TAKE_CONSTANT (&recipient, integer_three) && anx_der_take (&recipient, ANX_DER_CONTEXT (0), &originator) &&
         anx_der_take (&originator, ANX_DER_CONTEXT (1), &key) && originator.length == 0 &&
         anx_der_take (&key, ANX_DER_SEQUENCE, &algorithm) && anx_der_take (&key, ANX_DER_BIT_STRING, &point) &&
         key.length == 0 && point.length == POINT_BIT_STRING_BYTES && point.data[0] == 0 && point.data[1] == 4 &&
         TAKE_CONSTANT (&recipient, algorithm_ecdh_sha256_aes256_wrap) &&
         anx_der_take (&recipient, ANX_DER_SEQUENCE, &rest) && recipient.length == 0;
}

static gboolean
sealed_is_of_suite (AnxDer whole)
{
  AnxDer outer, explicit_content, enveloped, recipients, content, algorithm, parameters, nonce, ciphertext, tag;
  if (!anx_der_take (&whole, ANX_DER_SEQUENCE, &outer) || whole.length != 0 ||
      !TAKE_CONSTANT (&outer, oid_auth_enveloped_data) ||
      !anx_der_take (&outer, ANX_DER_CONTEXT (0), &explicit_content) || outer.length != 0 ||
      !anx_der_take (&explicit_content, ANX_DER_SEQUENCE, &enveloped) || explicit_content.length != 0 ||
      !TAKE_CONSTANT (&enveloped, integer_zero) || !anx_der_take (&enveloped, ANX_DER_SET, &recipients))
    return FALSE;

  guint count = 0;
  for (AnxDer recipient; recipients.length > 0; count++)
    if (!anx_der_take (&recipients, ANX_DER_CONTEXT (1), &recipient) || !recipient_is_of_suite (recipient))
      return FALSE;

  /* One more than a header may name: recovery. A shortened tag would make forging cheap, so its length is fixed. */
  return count >= 1 && count <= ANX_BOUND_RECIPIENTS + 1 && anx_der_take (&enveloped, ANX_DER_SEQUENCE, &content) &&
         TAKE_CONSTANT (&content, oid_data) && anx_der_take (&content, ANX_DER_SEQUENCE, &algorithm) &&
         TAKE_CONSTANT (&algorithm, oid_aes256_gcm) && anx_der_take (&algorithm, ANX_DER_SEQUENCE, &parameters) &&
         algorithm.length == 0 && anx_der_take (&parameters, ANX_DER_OCTET_STRING, &nonce) &&
         nonce.length == GCM_NONCE_BYTES && TAKE_CONSTANT (&parameters, integer_sixteen) && parameters.length == 0 &&
         anx_der_take (&content, ANX_DER_CONTEXT_PRIMITIVE (0), &ciphertext) && content.length == 0 &&
         anx_der_take (&enveloped, ANX_DER_OCTET_STRING, &tag) && tag.length == GCM_TAG_BYTES && enveloped.length == 0;
}

/**
 * anx_cms_check_sealed:
 * @sealed: what should be AuthEnvelopedData of the suite
 * @error: return location, %ANX_SEAL_ERROR_INVALID
 *
 * Needs no key: what every party can check, so that nobody signs, stores or opens another algorithm, another curve, a
 * shortened tag or unauthenticated extras.
 *
 * Returns: whether the form and the algorithms are the allowed ones
 */
gboolean
anx_cms_check_sealed (GBytes *sealed,
                      GError **error)
{
  AnxDer whole;
  whole.data = g_bytes_get_data (sealed, &whole.length);
  if (whole.data == NULL || !sealed_is_of_suite (whole))
    return anx_seal_fail (error, ANX_SEAL_ERROR_INVALID, "The sealed part is not of the suite this service uses");
  return TRUE;
}

static gboolean
names_recipient (CMS_ContentInfo *cms,
                 X509 *certificate)
{
  STACK_OF (CMS_RecipientInfo) *infos = CMS_get0_RecipientInfos (cms);
  for (int i = 0; i < sk_CMS_RecipientInfo_num (infos); i++)
    {
      STACK_OF (CMS_RecipientEncryptedKey) *keys =
          CMS_RecipientInfo_kari_get0_reks (sk_CMS_RecipientInfo_value (infos, i));
      for (int k = 0; k < sk_CMS_RecipientEncryptedKey_num (keys); k++)
        if (CMS_RecipientEncryptedKey_cert_cmp (sk_CMS_RecipientEncryptedKey_value (keys, k), certificate) == 0)
          return TRUE;
    }
  return FALSE;
}

/**
 * anx_cms_unseal:
 * @sealed: AuthEnvelopedData of the suite
 * @key: a recipient's seal key
 * @certificate: a certificate of @key, by which the recipient is found; when it was renewed since, the key alone decides
 * @out_length: (out): bytes returned, without the zero byte behind them
 * @error: return location, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_NOT_RECIPIENT, %ANX_SEAL_ERROR_TAMPERED
 *
 * Returns: (transfer full) (nullable): what was sealed, with a zero byte behind it; wipe it
 */
char *
anx_cms_unseal (GBytes *sealed,
                AnxKey *key,
                AnxCertificate *certificate,
                gsize *out_length,
                GError **error)
{
  if (!anx_cms_check_sealed (sealed, error))
    return NULL;
  g_autoptr (CMS_ContentInfo) cms = parse (sealed, error);
  if (cms == NULL)
    return NULL;
  /* A renewed certificate has another number and the same key: then every recipient's part is tried, and key wrap (RFC 3394) tells
   * which one is of this key. */
  gboolean own_key = anx_certificate_matches_key (certificate, key);
  X509 *named = own_key && names_recipient (cms, anx_certificate_peek (certificate)) ? anx_certificate_peek (certificate) : NULL;
  if (!own_key || (named == NULL && CMS_decrypt_set1_pkey_and_peer (cms, anx_key_peek (key), NULL, NULL) != 1))
    {
      ERR_clear_error ();
      anx_seal_fail (error, ANX_SEAL_ERROR_NOT_RECIPIENT, "This is not sealed to the key of %s",
                     anx_certificate_get_principal (certificate));
      return NULL;
    }

  /* libcrypto writes plain text before it has checked the tag: nothing of it may leave this function until it
   * returned 1. The memory BIO wipes what it held. */
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  if (out == NULL ||
      CMS_decrypt (cms, named != NULL ? anx_key_peek (key) : NULL, named, NULL, out, CMS_BINARY) != 1)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The sealed part was changed after it was sealed");
      return NULL;
    }
  ERR_clear_error ();
  char *data = NULL;
  gsize length = (gsize) BIO_get_mem_data (out, &data);
  char *secret = g_malloc (length + 1);
  if (length > 0)
    memcpy (secret, data, length);
  secret[length] = '\0';
  *out_length = length;
  return secret;
}
