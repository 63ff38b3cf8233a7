/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envelopes sealed and opened a second by one thread, beside the bare libcrypto operations that they cannot do without:
 *   seal: for each recipient (the reader and recovery) a fresh P-256 key and one ECDH; AES-256-GCM and SHA-256 over the record; ECDSA
 *   open: ECDSA verification, SHA-256, one ECDH, AES-256-GCM
 * Each second of one is followed by a second of the other, so that both meet the same machine. One JSON line.
 *   seal-rate SECONDS BYTES
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority.h"
#include "directory.h"
#include "envelope.h"
#include "id.h"
#include "json.h"

typedef struct
{
  EVP_PKEY *own, *peer;
  guint8 *record;
  gsize bytes;
  guint8 signature[128];
  gsize signature_length;
  AnxCertificate *authority, *sign_certificate, *seal_certificate;
  AnxKey *sign_key, *seal_key;
  AnxDirectory *directory;
  JsonNode *resource;
  GBytes *envelope;
} Bench;

static AnxCertificate *
issue (AnxAuthority *authority, AnxKey *key, const char *id, AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = anx_key_make_request (key, id, &error);
  AnxCertificate *certificate = anx_authority_issue (authority, request, id, use, g_get_real_time (), &error);
  g_assert_no_error (error);
  return certificate;
}

static JsonObject *
entry (const char *id, const char *kind, AnxCertificate *sign, AnxCertificate *seal)
{
  JsonObject *object = json_object_new ();
  g_autofree char *sign_pem = sign != NULL ? anx_certificate_to_pem (sign) : NULL;
  g_autofree char *seal_pem = anx_certificate_to_pem (seal);
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "kind", kind);
  json_object_set_string_member (object, "name", id);
  json_object_set_boolean_member (object, "active", TRUE);
  if (sign_pem != NULL)
    json_object_set_string_member (object, "signCertificate", sign_pem);
  json_object_set_string_member (object, "sealCertificate", seal_pem);
  return object;
}

static void
derive (EVP_PKEY *own, EVP_PKEY *peer)
{
  guint8 secret[32];
  gsize length = sizeof secret;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (own, NULL);
  g_assert_cmpint (EVP_PKEY_derive_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_derive_set_peer (context, peer), ==, 1);
  g_assert_cmpint (EVP_PKEY_derive (context, secret, &length), ==, 1);
  EVP_PKEY_CTX_free (context);
}

static void
cipher (Bench *bench, gboolean encrypt)
{
  static const guint8 key[32], nonce[12];
  g_autofree guint8 *out = g_malloc (bench->bytes + 16);
  int length = 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  g_assert_cmpint (EVP_CipherInit_ex (context, EVP_aes_256_gcm (), NULL, key, nonce, encrypt), ==, 1);
  g_assert_cmpint (EVP_CipherUpdate (context, out, &length, bench->record, (int) bench->bytes), ==, 1);
  if (encrypt)
    g_assert_cmpint (EVP_CipherFinal_ex (context, out + length, &length), ==, 1);
  EVP_CIPHER_CTX_free (context);
}

static void
bare_seal (Bench *bench)
{
  for (int recipient = 0; recipient < 2; recipient++)
    {
      EVP_PKEY *fresh = EVP_EC_gen ("P-256");
      derive (fresh, bench->peer);
      EVP_PKEY_free (fresh);
    }
  cipher (bench, TRUE);
  EVP_MD_CTX *digest = EVP_MD_CTX_new ();
  bench->signature_length = sizeof bench->signature;
  g_assert_cmpint (EVP_DigestSignInit (digest, NULL, EVP_sha256 (), NULL, bench->own), ==, 1);
  g_assert_cmpint (EVP_DigestSign (digest, bench->signature, &bench->signature_length, bench->record, bench->bytes), ==, 1);
  EVP_MD_CTX_free (digest);
}

static void
bare_open (Bench *bench)
{
  EVP_MD_CTX *digest = EVP_MD_CTX_new ();
  g_assert_cmpint (EVP_DigestVerifyInit (digest, NULL, EVP_sha256 (), NULL, bench->own), ==, 1);
  g_assert_cmpint (EVP_DigestVerify (digest, bench->signature, bench->signature_length, bench->record, bench->bytes), ==, 1);
  EVP_MD_CTX_free (digest);
  derive (bench->own, bench->peer);
  cipher (bench, FALSE);
}

static void
whole_seal (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "reader", NULL };
  gint64 now = g_get_real_time ();
  g_autofree char *id = anx_uuid_new (now);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "note", "reader", recipients, NULL, now, NULL);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, 1, NULL);
  g_autoptr (GBytes) sealed = anx_envelope_seal (header, bench->resource, bench->directory, &error);
  g_assert_no_error (error);
  g_clear_pointer (&bench->envelope, g_bytes_unref);
  bench->envelope = anx_envelope_sign (placed, sealed, bench->sign_key, bench->sign_certificate, &error);
  g_assert_no_error (error);
}

static void
whole_open (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) resource = NULL;
  anx_envelope_open (bench->envelope, bench->authority, bench->seal_key, bench->seal_certificate, NULL, &resource, &error);
  g_assert_no_error (error);
}

static double
run (Bench *bench, void (*work) (Bench *), guint *total, double *seconds)
{
  gint64 begin = g_get_monotonic_time ();
  guint n = 0;
  while (g_get_monotonic_time () - begin < G_USEC_PER_SEC)
    {
      work (bench);
      n++;
    }
  *total += n;
  *seconds += (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  return *total / *seconds;
}

static void
prepare (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAuthority) authority = anx_authority_create ("bench", "Bench", g_get_real_time (), &error);
  g_assert_no_error (error);
  bench->authority = anx_certificate_ref (anx_authority_get_certificate (authority));
  bench->sign_key = anx_key_generate (&error);
  bench->seal_key = anx_key_generate (&error);
  g_autoptr (AnxKey) recovery_key = anx_key_generate (&error);
  bench->sign_certificate = issue (authority, bench->sign_key, "reader", ANX_KEY_USE_SIGN);
  bench->seal_certificate = issue (authority, bench->seal_key, "reader", ANX_KEY_USE_SEAL);
  g_autoptr (AnxCertificate) recovery = issue (authority, recovery_key, ANX_RECOVERY_PRINCIPAL, ANX_KEY_USE_SEAL);
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (JsonArray) principals = json_array_new ();
  json_array_add_object_element (principals, entry (ANX_RECOVERY_PRINCIPAL, "recovery", NULL, recovery));
  json_array_add_object_element (principals, entry ("reader", "person", bench->sign_certificate, bench->seal_certificate));
  json_object_set_int_member (root, "version", 1);
  json_object_set_string_member (root, "district", "bench");
  json_object_set_string_member (root, "name", "Bench");
  json_object_set_array_member (root, "centres", json_array_new ());
  json_object_set_array_member (root, "services", json_array_new ());
  json_object_set_array_member (root, "principals", json_array_ref (principals));
  char *text = anx_json_object_to_text (root);
  g_autoptr (GBytes) json = g_bytes_new_take (text, strlen (text));
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, json, &error);
  g_assert_no_error (error);
  bench->directory = anx_directory_open (der, bench->authority, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (JsonObject) resource = json_object_new ();
  g_autofree char *filling = g_strnfill (bench->bytes, 'x');
  json_object_set_string_member (resource, "resourceType", "Bundle");
  json_object_set_string_member (resource, "filling", filling);
  bench->resource = anx_json_node_from_object (resource);
  bench->record = g_malloc0 (bench->bytes);
  bench->own = EVP_EC_gen ("P-256");
  bench->peer = EVP_EC_gen ("P-256");
}

int
main (int argc, char **argv)
{
  int seconds = argc > 1 ? atoi (argv[1]) : 5;
  Bench bench = { .bytes = argc > 2 ? (gsize) atoi (argv[2]) : 3000 };
  guint counts[4] = { 0 };
  double times[4] = { 0 }, rates[4] = { 0 };
  prepare (&bench);
  for (int i = 0; i < seconds; i++)
    {
      rates[0] = run (&bench, whole_seal, &counts[0], &times[0]);
      rates[1] = run (&bench, bare_seal, &counts[1], &times[1]);
      rates[2] = run (&bench, whole_open, &counts[2], &times[2]);
      rates[3] = run (&bench, bare_open, &counts[3], &times[3]);
    }
  printf ("{\"bytes\": %zu, \"envelope_bytes\": %zu, \"seal_per_s\": %.0f, \"bare_seal_per_s\": %.0f, \"seal_ratio\": %.2f, \"open_per_s\": %.0f,"
          " \"bare_open_per_s\": %.0f, \"open_ratio\": %.2f}\n", bench.bytes, g_bytes_get_size (bench.envelope), rates[0], rates[1],
          rates[0] / rates[1], rates[2], rates[3], rates[2] / rates[3]);
  return 0;
}
