/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>

#include "bounds.h"
#include "cms-private.h"
#include "district.h"
#include "json.h"
#include "seal-error.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static gboolean
opens (District *district,
       GBytes *envelope,
       AnxKey *key,
       AnxCertificate *certificate,
       GError **error)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = NULL;
  if (!anx_envelope_open (envelope, district->ca, key, certificate, &header, &resource, error))
    {
      /* E8: nothing comes out of a record that is refused. */
      g_assert_null (header);
      g_assert_null (resource);
      return FALSE;
    }
  g_assert_cmpstr (anx_json_get_string (json_node_get_object (resource), "text", NULL), ==, "没有人知道");
  g_assert_cmpstr (anx_record_header_get_kind (header), ==, "screening");
  return TRUE;
}

static void
test_every_recipient_opens (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("li-wei", "duty-one"));
  for (guint i = 0; i < 3; i++)
    {
      Person *reader = district_person (district, LIST ("li-wei", "duty-one", "recovery")[i]);
      g_test_message ("%s", reader->id);
      g_assert_true (opens (district, envelope, reader->seal_key, reader->seal_certificate, &error));
      g_assert_no_error (error);
    }
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_assert_true (anx_envelope_verify (envelope, district->ca, &header, NULL, &signer, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (anx_record_header_get_author (header), ==, "kiosk-one");
  g_assert_cmpstr (anx_json_get_string (anx_record_header_get_routing (header), "centre", NULL), ==, "centre-one");
  g_assert_cmpstr (anx_certificate_get_principal (signer), ==, "kiosk-one");
}

static void
assert_refused (District *district,
                GBytes *envelope,
                const char *reader,
                AnxSealError code)
{
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, reader);
  g_assert_false (opens (district, envelope, person->seal_key, person->seal_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, (gint) code);
}

static void
test_others_cannot_open (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("li-wei"));
  assert_refused (district, envelope, "wang-fang", ANX_SEAL_ERROR_NOT_RECIPIENT);
  assert_refused (district, envelope, "kiosk-one", ANX_SEAL_ERROR_NOT_RECIPIENT);

  Person *reader = district_person (district, "li-wei"), *other = district_person (district, "wang-fang");
  g_assert_false (opens (district, envelope, other->seal_key, reader->seal_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT);
}

/* Years later: the reader's certificate was renewed, the record names the old one, the key is the same. */
static void
test_renewed_certificate_opens (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("wang-fang", "li-wei"));
  Person *reader = district_person (district, "li-wei");
  district_renew (district, reader);
  g_assert_true (opens (district, envelope, reader->seal_key, reader->seal_certificate, &error));
  g_assert_no_error (error);
  district_renew (district, district_person (district, "kiosk-one"));
  assert_refused (district, envelope, "kiosk-one", ANX_SEAL_ERROR_NOT_RECIPIENT);
}

static void
test_group_members_open (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("duty-one"));
  Person *group = district_person (district, "duty-one");
  for (guint i = 0; i < 2; i++)
    {
      Person *member = district_person (district, LIST ("li-wei", "wang-fang")[i]);
      g_autoptr (AnxKey) key =
          anx_directory_unwrap_group_key (district->directory, "duty-one", member->id, member->seal_key, &error);
      g_assert_no_error (error);
      g_assert_true (opens (district, envelope, key, group->seal_certificate, &error));
      g_assert_no_error (error);
    }
}

/* E1, E2: the structure is covered to the last bit. The ordinary run tries two bits of each byte, `-m slow` all. */
static void
test_every_bit (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("li-wei"));
  Person *reader = district_person (district, "li-wei");
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (envelope, &length);
  g_autofree guint8 *copy = g_memdup2 (data, length);
  for (gsize at = 0; at < length; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        if (!g_test_slow () && bit != at % 8 && bit != (at + 3) % 8)
          continue;
        copy[at] = data[at] ^ (guint8) (1u << bit);
        g_autoptr (GBytes) changed = g_bytes_new_static (copy, length);
        g_autoptr (GError) error = NULL;
        gboolean taken = anx_envelope_verify (changed, district->ca, NULL, NULL, NULL, &error) ||
                         (bit == at % 8 && opens (district, changed, reader->seal_key, reader->seal_certificate, NULL));
        if (taken)
          g_error ("Bit %u of byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " can be changed", bit, at, length);
        g_assert_true (error->domain == ANX_SEAL_ERROR);
        g_assert_cmpint (error->code, !=, ANX_SEAL_ERROR_INTERNAL);
        copy[at] = data[at];
      }
  for (gsize cut = 0; cut < length; cut += 7)
    {
      g_autoptr (GBytes) shorter = g_bytes_new_from_bytes (envelope, 0, cut);
      g_assert_false (anx_envelope_verify (shorter, district->ca, NULL, NULL, NULL, NULL));
    }
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_byte_array_append (longer, data, (guint) length);
  g_byte_array_append (longer, (const guint8 *) "", 1);
  g_autoptr (GBytes) trailing = g_bytes_new (longer->data, longer->len);
  assert_refused (district, trailing, "li-wei", ANX_SEAL_ERROR_INVALID);
}

/* What a forger with a principal's keys can sign: any header over any sealed part, without the product's own checks. */
static GBytes *
forge (District *district,
       const char *signer,
       GBytes *sealed,
       const char *header)
{
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, signer);
  GBytes *envelope = anx_cms_sign (sealed, NID_id_smime_ct_contentInfo, ANX_OID_RECORD_HEADER, header, DISTRICT_NOW,
                                   person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  return envelope;
}

static GBytes *
seal_for (District *district,
          AnxRecordHeader *header)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) resource = district_resource ();
  GBytes *sealed = anx_envelope_seal (header, resource, district->directory, &error);
  g_assert_no_error (error);
  return sealed;
}

/* E4. */
static void
test_wrong_author (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autoptr (GBytes) sealed = seal_for (district, header);
  g_autofree char *text = anx_record_header_to_text (header);
  g_autoptr (GBytes) envelope = forge (district, "wang-fang", sealed, text);
  assert_refused (district, envelope, "li-wei", ANX_SEAL_ERROR_UNTRUSTED);

  Person *other = district_person (district, "wang-fang"), *author = district_person (district, "kiosk-one");
  g_assert_null (anx_envelope_sign (header, sealed, other->sign_key, other->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_assert_null (anx_envelope_sign (header, sealed, other->sign_key, author->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

/* E7: the content does not open under a header it was not written for. */
static void
test_inner_differs (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei", "wang-fang"));
  g_autoptr (GBytes) sealed = seal_for (district, header);
  g_autofree char *text = anx_record_header_to_text (header);
  g_autoptr (GBytes) honest = forge (district, "kiosk-one", sealed, text);
  g_autoptr (GError) error = NULL;
  Person *reader = district_person (district, "li-wei");
  g_assert_true (opens (district, honest, reader->seal_key, reader->seal_certificate, &error));
  g_assert_no_error (error);

  static const struct
  {
    const char *field, *from, *to, *signer;
  } changes[] = {
    { "stripped and signed by another", "\"author\":\"kiosk-one\"", "\"author\":\"wang-fang\"", "wang-fang" },
    { "kind", "\"kind\":\"screening\"", "\"kind\":\"note\"", "kiosk-one" },
    { "a recipient more", "\"wang-fang\"]", "\"wang-fang\",\"duty-one\"]", "kiosk-one" },
    { "a recipient less", ",\"wang-fang\"]", "]", "kiosk-one" },
    { "order of recipients", "[\"li-wei\",\"wang-fang\"]", "[\"wang-fang\",\"li-wei\"]", "kiosk-one" },
    { "predecessor", "\"predecessor\":null", "\"predecessor\":\"01940000-0000-7000-8000-000000000000\"", "kiosk-one" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_test_message ("%s", changes[i].field);
      g_auto (GStrv) parts = g_strsplit (text, changes[i].from, 2);
      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      g_autofree char *changed = g_strjoinv (changes[i].to, parts);
      g_autoptr (GBytes) envelope = forge (district, changes[i].signer, sealed, changed);
      g_assert_true (anx_envelope_verify (envelope, district->ca, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
      assert_refused (district, envelope, "li-wei", ANX_SEAL_ERROR_TAMPERED);
    }

  /* Another record of the same author to the same people. */
  g_autoptr (AnxRecordHeader) other = district_header ("kiosk-one", LIST ("li-wei", "wang-fang"));
  g_autofree char *other_text = anx_record_header_to_text (other);
  g_autoptr (GBytes) replayed = forge (district, "kiosk-one", sealed, other_text);
  assert_refused (district, replayed, "li-wei", ANX_SEAL_ERROR_TAMPERED);
}

/* E6: an author who changes the sealed part after sealing and signs that is found out by the tag. */
static void
test_ciphertext_is_authenticated (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autoptr (GBytes) sealed = seal_for (district, header);
  g_autofree char *text = anx_record_header_to_text (header);
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (sealed, &length);
  /* The tag, the tag's head, and ciphertext before them stand at the end. */
  for (gsize back = 1; back <= 60; back++)
    {
      if (back == 17 || back == 18)
        continue;
      g_autofree guint8 *copy = g_memdup2 (data, length);
      copy[length - back] ^= 1;
      g_autoptr (GBytes) changed = g_bytes_new (copy, length);
      g_autoptr (GBytes) envelope = forge (district, "kiosk-one", changed, text);
      assert_refused (district, envelope, "li-wei", ANX_SEAL_ERROR_TAMPERED);
    }
}

static void
test_payloads_of_other_form (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autofree char *text = anx_record_header_to_text (header);
  g_autofree char *inner =
      g_strdup_printf ("{\"version\":1,\"id\":\"%s\",\"kind\":\"screening\",\"author\":\"kiosk-one\","
                       "\"recipients\":[\"li-wei\"],\"predecessor\":null}",
                       anx_record_header_get_id (header));
  g_autoptr (GPtrArray) recipients = anx_directory_resolve (district->directory, LIST ("li-wei"), &error);
  g_assert_no_error (error);
  const struct
  {
    const char *format;
    AnxSealError code;
  } cases[] = {
    { "not JSON", ANX_SEAL_ERROR_INVALID },
    { "[]", ANX_SEAL_ERROR_INVALID },
    { "{}", ANX_SEAL_ERROR_TAMPERED },
    { "{\"anxin\":%s}", ANX_SEAL_ERROR_TAMPERED },
    { "{\"anxin\":%s,\"resource\":7}", ANX_SEAL_ERROR_INVALID },
    { "{\"anxin\":%s,\"other\":{}}", ANX_SEAL_ERROR_INVALID },
    { "{\"anxin\":%s,\"resource\":{},\"more\":1}", ANX_SEAL_ERROR_TAMPERED },
    { "{\"anxin\":{\"version\":1},\"resource\":{}}", ANX_SEAL_ERROR_TAMPERED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].format);
      g_auto (GStrv) parts = g_strsplit (cases[i].format, "%s", 2);
      g_autofree char *payload = g_strjoinv (inner, parts);
      g_autoptr (GBytes) sealed = anx_cms_seal (payload, strlen (payload), recipients, &error);
      g_assert_no_error (error);
      g_autoptr (GBytes) envelope = forge (district, "kiosk-one", sealed, text);
      assert_refused (district, envelope, "li-wei", cases[i].code);
    }
}

/* E3. */
static void
test_trust (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) envelope = district_envelope (stranger, "kiosk-one", LIST ("li-wei"));
  g_assert_false (anx_envelope_verify (envelope, district->ca, NULL, NULL, NULL, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);

  /* A seal certificate of the same principal does not sign records. */
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autoptr (GBytes) sealed = seal_for (district, header);
  g_autofree char *text = anx_record_header_to_text (header);
  Person *person = district_person (district, "kiosk-one");
  g_autoptr (GBytes) wrong_use = anx_cms_sign (sealed, NID_id_smime_ct_contentInfo, ANX_OID_RECORD_HEADER, text,
                                               DISTRICT_NOW, person->seal_key, person->seal_certificate, &error);
  if (wrong_use != NULL)
    {
      g_assert_false (anx_envelope_verify (wrong_use, district->ca, NULL, NULL, NULL, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
    }
  g_clear_error (&error);

  static const struct
  {
    gint64 days;
    gboolean good;
  } times[] = { { -4, FALSE }, { -1, TRUE }, { 0, TRUE }, { 729, TRUE }, { 733, FALSE } };
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_test_message ("%d days", (int) times[i].days);
      g_autoptr (AnxRecordHeader) base = anx_record_header_new (
          anx_record_header_get_id (header), "screening", "kiosk-one", LIST ("li-wei"), NULL,
          DISTRICT_NOW + times[i].days * 24 * 60 * 60 * G_USEC_PER_SEC, NULL);
      g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (base, 1, NULL);
      g_autoptr (GBytes) dated = anx_envelope_sign (placed, sealed, person->sign_key, person->sign_certificate, &error);
      g_assert_no_error (error);
      g_assert_cmpint (anx_envelope_verify (dated, district->ca, NULL, NULL, NULL, &error), ==, times[i].good);
      if (!times[i].good)
        g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_EXPIRED);
      g_clear_error (&error);
    }
}

static void
test_bounds (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *zeros = g_malloc0 (ANX_BOUND_ENVELOPE_BYTES + 1);
  g_autoptr (GBytes) large = g_bytes_new_static (zeros, ANX_BOUND_ENVELOPE_BYTES + 1);
  assert_refused (district, large, "li-wei", ANX_SEAL_ERROR_TOO_LARGE);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  assert_refused (district, empty, "li-wei", ANX_SEAL_ERROR_INVALID);

  /* What can be sealed can be sent: the largest record that seals gives an envelope within the bound. */
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  Person *person = district_person (district, "kiosk-one");
  gsize taken = 0;
  for (gsize size = ANX_BOUND_ENVELOPE_BYTES - 16384; size < ANX_BOUND_ENVELOPE_BYTES; size += 512)
    {
      g_autofree char *fill = g_strnfill (size, 'x');
      g_autoptr (JsonObject) object = json_object_new ();
      json_object_set_string_member (object, "text", fill);
      g_autoptr (JsonNode) resource = anx_json_node_from_object (object);
      g_autoptr (GBytes) sealed = anx_envelope_seal (header, resource, district->directory, &error);
      if (sealed == NULL)
        {
          g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
          g_clear_error (&error);
          continue;
        }
      taken = size;
      g_autoptr (GBytes)
          envelope = anx_envelope_sign (header, sealed, person->sign_key, person->sign_certificate, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (envelope), <=, ANX_BOUND_ENVELOPE_BYTES);
    }
  g_assert_cmpuint (taken, >, 0);
  g_assert_null (anx_envelope_sign (header, large, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
}

static GBytes *
to_der (CMS_ContentInfo *cms)
{
  unsigned char *der = NULL;
  int length = i2d_CMS_ContentInfo (cms, &der);
  g_assert_cmpint (length, >, 0);
  GBytes *bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  CMS_ContentInfo_free (cms);
  return bytes;
}

/* libcrypto's own objects, made from the PEM so that the test needs no private header of keys. */
static X509 *
x509_of (AnxCertificate *certificate)
{
  g_autofree char *pem = anx_certificate_to_pem (certificate);
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *x509 = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  BIO_free (bio);
  return x509;
}

static EVP_PKEY *
pkey_of (AnxKey *key)
{
  g_autofree char *pem = anx_key_to_pem (key);
  BIO *bio = BIO_new_mem_buf (pem, -1);
  EVP_PKEY *pkey = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  BIO_free (bio);
  return pkey;
}

/* E5: other ciphers, digests and shapes are refused even when all their mathematics is right. */
static void
test_other_suites (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autofree char *text = anx_record_header_to_text (header);
  X509 *recipient = x509_of (district_person (district, "li-wei")->seal_certificate);
  Person *author = district_person (district, "kiosk-one");
  const struct
  {
    const char *name;
    const EVP_CIPHER *cipher;
    const EVP_MD *kdf;
    gboolean authenticated;
  } cases[] = {
    { "AES-128-GCM", EVP_aes_128_gcm (), EVP_sha256 (), TRUE },
    { "AES-192-GCM", EVP_aes_192_gcm (), EVP_sha256 (), TRUE },
    { "KDF over SHA-1", EVP_aes_256_gcm (), EVP_sha1 (), TRUE },
    { "KDF over SHA-512", EVP_aes_256_gcm (), EVP_sha512 (), TRUE },
    { "AES-256-CBC", EVP_aes_256_cbc (), EVP_sha256 (), FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      CMS_ContentInfo *cms = cases[i].authenticated ? CMS_AuthEnvelopedData_create (cases[i].cipher)
                                                    : CMS_EnvelopedData_create (cases[i].cipher);
      CMS_RecipientInfo *info = CMS_add1_recipient_cert (cms, recipient, 0);
      g_assert_cmpint (EVP_PKEY_CTX_set_ecdh_kdf_md (CMS_RecipientInfo_get0_pkey_ctx (info), cases[i].kdf), ==, 1);
      BIO *in = BIO_new_mem_buf ("{}", -1);
      CMS_set_detached (cms, 0);
      g_assert_cmpint (CMS_final (cms, in, NULL, CMS_BINARY), ==, 1);
      BIO_free (in);
      g_autoptr (GBytes) sealed = to_der (cms);
      g_autoptr (GBytes) envelope = forge (district, "kiosk-one", sealed, text);
      assert_refused (district, envelope, "li-wei", ANX_SEAL_ERROR_INVALID);
      g_assert_null (anx_envelope_sign (header, sealed, author->sign_key, author->sign_certificate, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
      g_clear_error (&error);
    }
  X509_free (recipient);
}

static void
test_other_signed_shapes (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (AnxRecordHeader) header = district_header ("kiosk-one", LIST ("li-wei"));
  g_autoptr (GBytes) sealed = seal_for (district, header);
  g_autofree char *text = anx_record_header_to_text (header);
  Person *author = district_person (district, "kiosk-one"), *other = district_person (district, "wang-fang");
  X509 *certificate = x509_of (author->sign_certificate), *other_certificate = x509_of (other->sign_certificate);
  EVP_PKEY *key = pkey_of (author->sign_key), *other_key = pkey_of (other->sign_key);
  enum
  {
    AS_IT_SHOULD_BE,
    NO_HEADER,
    TWO_HEADERS,
    OTHER_ATTRIBUTE,
    UNSIGNED_ATTRIBUTE,
    TWO_SIGNERS,
    TWO_CERTIFICATES,
    NO_CERTIFICATE,
    DETACHED,
    SHA512,
    KEY_IDENTIFIER,
    PLAIN_DATA,
    SMIME_CAPABILITIES,
    N_SHAPES
  };
  for (int shape = 0; shape < N_SHAPES; shape++)
    {
      g_test_message ("shape %d", shape);
      guint flags = CMS_BINARY | CMS_PARTIAL | (shape == SMIME_CAPABILITIES ? 0 : CMS_NOSMIMECAP) |
                    (shape == NO_CERTIFICATE ? CMS_NOCERTS : 0) | (shape == KEY_IDENTIFIER ? CMS_USE_KEYID : 0);
      CMS_ContentInfo *cms = CMS_ContentInfo_new ();
      CMS_SignedData_init (cms);
      if (shape != PLAIN_DATA)
        CMS_set1_eContentType (cms, OBJ_nid2obj (NID_id_smime_ct_contentInfo));
      CMS_SignerInfo *signer = CMS_add1_signer (cms, certificate, key, shape == SHA512 ? EVP_sha512 () : EVP_sha256 (),
                                                flags);
      g_assert_nonnull (signer);
      for (int times = shape == NO_HEADER ? 0 : shape == TWO_HEADERS ? 2 : 1; times > 0; times--)
        CMS_signed_add1_attr_by_txt (signer, ANX_OID_RECORD_HEADER, V_ASN1_UTF8STRING, text, (int) strlen (text));
      if (shape == OTHER_ATTRIBUTE)
        CMS_signed_add1_attr_by_txt (signer, ANX_OID_STATEMENT_CONTEXT, V_ASN1_UTF8STRING, "x", 1);
      if (shape == UNSIGNED_ATTRIBUTE)
        CMS_unsigned_add1_attr_by_txt (signer, ANX_OID_STATEMENT_CONTEXT, V_ASN1_UTF8STRING, "x", 1);
      if (shape == TWO_SIGNERS)
        CMS_add1_signer (cms, other_certificate, other_key, EVP_sha256 (), flags);
      if (shape == TWO_CERTIFICATES)
        CMS_add1_cert (cms, other_certificate);
      BIO *in = BIO_new_mem_buf (g_bytes_get_data (sealed, NULL), (int) g_bytes_get_size (sealed));
      CMS_set_detached (cms, shape == DETACHED);
      g_assert_cmpint (CMS_final (cms, in, NULL, CMS_BINARY), ==, 1);
      BIO_free (in);
      g_autoptr (GBytes) envelope = to_der (cms);
      g_autoptr (GError) error = NULL;
      gboolean good = anx_envelope_verify (envelope, district->ca, NULL, NULL, NULL, &error);
      g_assert_cmpint (good, ==, shape == AS_IT_SHOULD_BE);
      if (!good)
        g_assert_true (error->domain == ANX_SEAL_ERROR && error->code != ANX_SEAL_ERROR_INTERNAL);
    }
  X509_free (certificate);
  X509_free (other_certificate);
  EVP_PKEY_free (key);
  EVP_PKEY_free (other_key);
}

#define ID "\"id\":\"01940000-0000-7000-8000-000000000000\""
#define REST "\"created\":1,\"sequence\":1,\"previous\":null,\"routing\":{}"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_header_table (void)
{
  static const struct
  {
    const char *json;
    gboolean good;
  } cases[] = {
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      TRUE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[\"ab\",\"cd\"],\"predecessor\":"
      "\"01940000-0000-7000-8000-000000000000\",\"created\":1,\"sequence\":2,\"previous\":\"" DIGEST
      "\",\"routing\":{\"status\":\"2.0\",\"number\":2}}",
      TRUE },
    { "", FALSE },
    { "{}", FALSE },
    { "[]", FALSE },
    { "{\"version\":2," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1,\"id\":\"x\",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST
      "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"Note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"Li Wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[\"recovery\"],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[\"ab\",\"ab\"],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[7],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":\"x\"," REST "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[]," REST "}", FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null,\"created\":-1,"
      "\"sequence\":1,\"previous\":null,\"routing\":{}}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null,\"created\":1,"
      "\"sequence\":1,\"previous\":\"" DIGEST "\",\"routing\":{}}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null,\"created\":1,"
      "\"sequence\":2,\"previous\":null,\"routing\":{}}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null,\"created\":1,"
      "\"sequence\":2,\"previous\":\"abc\",\"routing\":{}}",
      FALSE },
    { "{\"version\":1," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null,\"created\":1,"
      "\"sequence\":1,\"previous\":null,\"routing\":[]}",
      FALSE },
    /* Readers differ over doubles and unknown members, so these are no headers. */
    { "{\"version\":1," ID "," ID
      ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      FALSE },
    { "{\"version\":1," ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST
      ",\"x\":1}",
      FALSE },
    { "{\"version\":1, " ID ",\"kind\":\"note\",\"author\":\"li-wei\",\"recipients\":[],\"predecessor\":null," REST "}",
      FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxRecordHeader) header = anx_record_header_parse (cases[i].json, -1, &error);
      g_assert_cmpint (header != NULL, ==, cases[i].good);
      if (header == NULL)
        {
          g_assert_true (error->domain == ANX_SEAL_ERROR);
          continue;
        }
      g_autofree char *text = anx_record_header_to_text (header);
      g_assert_cmpstr (text, ==, cases[i].json);
    }

  g_autofree char *fill = g_strnfill (ANX_BOUND_HEADER_BYTES, ' ');
  g_autoptr (GError) error = NULL;
  g_assert_null (anx_record_header_parse (fill, ANX_BOUND_HEADER_BYTES + 0, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_autofree char *more = g_strnfill (ANX_BOUND_HEADER_BYTES + 1, ' ');
  g_assert_null (anx_record_header_parse (more, -1, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
}

static void
test_header_new (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", "one");
  g_autoptr (AnxRecordHeader) header = anx_record_header_new ("01940000-0000-7000-8000-000000000000", "note", "li-wei",
                                                              LIST ("ab", "recovery", "ab", "cd"),
                                                              "01940000-0000-7000-8000-000000000001", 5, routing);
  json_object_set_string_member (routing, "booking", "changed later");
  g_assert_cmpuint (g_strv_length ((char **) anx_record_header_get_recipients (header)), ==, 2);
  g_assert_cmpstr (anx_json_get_string (anx_record_header_get_routing (header), "booking", NULL), ==, "one");
  g_assert_cmpint (anx_record_header_get_sequence (header), ==, 0);
  g_assert_cmpint (anx_record_header_get_created_usec (header), ==, 5);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, 7, DIGEST);
  g_assert_cmpint (anx_record_header_get_sequence (placed), ==, 7);
  g_assert_cmpstr (anx_record_header_get_previous (placed), ==, DIGEST);
  g_assert_cmpstr (anx_record_header_get_predecessor (placed), ==, "01940000-0000-7000-8000-000000000001");

  /* Values that no header may have are refused when they are to be sealed or signed. */
  g_autoptr (JsonNode) resource = district_resource ();
  g_autoptr (AnxRecordHeader) bad = anx_record_header_new ("no-id", "note", "li-wei", NULL, NULL, 5, NULL);
  g_assert_null (anx_envelope_seal (bad, resource, district->directory, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_envelope_seal (placed, resource, district->directory, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_assert_nonnull (strstr (error->message, "ab "));
  g_clear_error (&error);
  g_autoptr (AnxRecordHeader) own = anx_record_header_new (anx_record_header_get_id (header), "note", "li-wei",
                                                           LIST ("li-wei"), NULL, DISTRICT_NOW, NULL);
  g_autoptr (JsonNode) number = json_from_string ("7", NULL);
  g_assert_null (anx_envelope_seal (own, number, district->directory, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_autoptr (GBytes) sealed = anx_envelope_seal (own, resource, district->directory, &error);
  g_assert_no_error (error);
  Person *person = district_person (district, "li-wei");
  g_assert_null (anx_envelope_sign (own, sealed, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);

  /* And so is one without a place that a forger signed. */
  g_autofree char *text = anx_record_header_to_text (own);
  g_autoptr (GBytes) envelope = forge (district, "li-wei", sealed, text);
  assert_refused (district, envelope, "li-wei", ANX_SEAL_ERROR_INVALID);
}

static char *
write_file (const char *folder,
            const char *name,
            const void *data,
            gssize length)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);
  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
  return path;
}

static gboolean
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  int status = -1;
  g_spawn_sync (NULL, (char **) arguments, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL);
}

/* The form is CMS and nothing of ours: the ordinary tool opens it in two steps. */
static void
test_openssl_opens_it (void)
{
  g_autofree char *tool = g_find_program_in_path ("openssl");
  if (tool == NULL)
    {
      g_test_skip ("There is no openssl command");
      return;
    }
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("anxin-seal-XXXXXX", &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", LIST ("li-wei", "duty-one"));
  Person *reader = district_person (district, "li-wei"), *other = district_person (district, "wang-fang");
  g_autofree char *ca_pem = anx_certificate_to_pem (district->ca);
  g_autofree char *key_pem = anx_key_to_pem (reader->seal_key), *other_pem = anx_key_to_pem (other->seal_key);
  g_autofree char *certificate_pem = anx_certificate_to_pem (reader->seal_certificate);
  g_autofree char *other_certificate_pem = anx_certificate_to_pem (other->seal_certificate);
  g_autofree char *env = write_file (folder, "envelope.der", g_bytes_get_data (envelope, NULL),
                                     (gssize) g_bytes_get_size (envelope));
  g_autofree char *ca = write_file (folder, "ca.pem", ca_pem, -1);
  g_autofree char *key = write_file (folder, "key.pem", key_pem, -1);
  g_autofree char *other_key = write_file (folder, "other-key.pem", other_pem, -1);
  g_autofree char *certificate = write_file (folder, "certificate.pem", certificate_pem, -1);
  g_autofree char *other_certificate = write_file (folder, "other-certificate.pem", other_certificate_pem, -1);
  g_autofree char *inner = g_build_filename (folder, "inner.der", NULL),
                  *out = g_build_filename (folder, "out.json", NULL);
  g_autofree char *at = g_strdup_printf ("%" G_GINT64_FORMAT, DISTRICT_NOW / G_USEC_PER_SEC);

  g_assert_true (run (LIST (tool, "cms", "-verify", "-inform", "DER", "-in", env, "-CAfile", ca, "-purpose", "any",
                            "-attime", at, "-binary", "-out", inner)));
  g_assert_true (run (LIST (tool, "cms", "-decrypt", "-inform", "DER", "-in", inner, "-inkey", key, "-recip",
                            certificate, "-binary", "-out", out)));
  g_autofree char *text = NULL;
  g_file_get_contents (out, &text, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) payload = anx_json_parse_object (text, -1, ANX_BOUND_ENVELOPE_BYTES, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (payload, "resource"), "text", NULL), ==, "没有人知道");
  g_assert_cmpstr (anx_json_get_string (anx_json_get_object (payload, "anxin"), "author", NULL), ==, "kiosk-one");

  g_assert_false (run (LIST (tool, "cms", "-decrypt", "-inform", "DER", "-in", inner, "-inkey", other_key, "-recip",
                             other_certificate, "-binary", "-out", out)));
  g_autoptr (District) stranger = district_new ();
  g_autofree char *stranger_pem = anx_certificate_to_pem (stranger->ca);
  g_autofree char *stranger_ca = write_file (folder, "stranger.pem", stranger_pem, -1);
  g_assert_false (run (LIST (tool, "cms", "-verify", "-inform", "DER", "-in", env, "-CAfile", stranger_ca, "-purpose",
                             "any", "-attime", at, "-binary", "-out", inner)));
  g_assert_true (run (LIST ("rm", "-rf", folder)));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/envelope/every-recipient-opens", test_every_recipient_opens);
  g_test_add_func ("/seal/envelope/others-cannot-open", test_others_cannot_open);
  g_test_add_func ("/seal/envelope/renewed-certificate-opens", test_renewed_certificate_opens);
  g_test_add_func ("/seal/envelope/group-members-open", test_group_members_open);
  g_test_add_func ("/seal/envelope/every-bit", test_every_bit);
  g_test_add_func ("/seal/envelope/wrong-author", test_wrong_author);
  g_test_add_func ("/seal/envelope/inner-differs", test_inner_differs);
  g_test_add_func ("/seal/envelope/ciphertext-is-authenticated", test_ciphertext_is_authenticated);
  g_test_add_func ("/seal/envelope/payloads-of-other-form", test_payloads_of_other_form);
  g_test_add_func ("/seal/envelope/trust", test_trust);
  g_test_add_func ("/seal/envelope/bounds", test_bounds);
  g_test_add_func ("/seal/envelope/other-suites", test_other_suites);
  g_test_add_func ("/seal/envelope/other-signed-shapes", test_other_signed_shapes);
  g_test_add_func ("/seal/envelope/header-table", test_header_table);
  g_test_add_func ("/seal/envelope/header-new", test_header_new);
  g_test_add_func ("/seal/envelope/openssl-opens-it", test_openssl_opens_it);
  return g_test_run ();
}
