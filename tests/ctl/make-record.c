/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "clock.h"
#include "envelope.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "process.h"

/* Writes a record with its reader's key, for tests that open it from outside: make-record FOLDER [KIND.json …]
 * From each payload KIND.json, KIND~BOOKING.json, for referrals KIND~TASK.json or KIND~TASK~PARTOF.json, it makes FOLDER/….envelope. */

static void
write_file (const char *folder,
            const char *name,
            const char *data,
            gssize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (anx_file_write (path, data, length, NULL));
}

static GBytes *
make_envelope (AnxHubFixture *district,
               AnxDirectory *directory,
               AnxCertificate *certificate,
               const char *const *words, /* kind, then what its routing names */
               JsonNode *resource)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "wang", NULL };
  gint64 now_usec = g_get_real_time ();
  g_autofree char *id = anx_uuid_new (now_usec);
  g_autoptr (JsonObject) routing = json_object_new ();
  gboolean referral = g_str_has_prefix (words[0], "referral");
  if (words[1] != NULL)
    json_object_set_string_member (routing, referral ? "task" : "booking", words[1]);
  if (words[1] != NULL && words[2] != NULL)
    json_object_set_string_member (routing, "partOf", words[2]);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, words[0], "wang", recipients, NULL, now_usec, routing);
  g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, 1, NULL);
  g_autoptr (GBytes) sealed = anx_envelope_seal (placed, resource, directory, &error);
  g_assert_no_error (error);
  g_autoptr (AnxKey) sign_key = anx_key_store_load (district->keys, "wang", ANX_KEY_USE_SIGN, NULL);
  GBytes *envelope = anx_envelope_sign (placed, sealed, sign_key, certificate, &error);
  g_assert_no_error (error);
  return envelope;
}

int
main (int argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (argc, >=, 2);
  AnxHubFixture *district = anx_hub_fixture_new ();
  g_autoptr (AnxProfile) reader = anx_hub_fixture_add (district, "wang", "person", "duty");
  g_autoptr (GBytes) der = anx_hub_fixture_sign_directory (district, 1, NULL);
  AnxCertificate *authority = anx_profile_get_authority (reader);
  g_autoptr (AnxDirectory) directory = anx_directory_open (der, authority, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (JsonNode) resource = json_from_string ("{\"resourceType\":\"Basic\",\"text\":\"planted 植入\"}", NULL);
  static const char *const note[] = { "note", NULL };
  g_autoptr (GBytes) envelope = make_envelope (district, directory, anx_profile_get_sign_certificate (reader), note, resource);
  g_autoptr (AnxKey) sign_key = anx_key_store_load (district->keys, "wang", ANX_KEY_USE_SIGN, NULL);
  g_autoptr (AnxKey) seal_key = anx_key_store_load (district->keys, "wang", ANX_KEY_USE_SEAL, NULL);
  anx_autosecret char *key_pem = anx_key_to_pem (seal_key);
  anx_autosecret char *other_pem = anx_key_to_pem (sign_key);
  g_autofree char *certificate_pem = anx_certificate_to_pem (anx_profile_get_seal_certificate (reader));
  g_autofree char *authority_pem = anx_certificate_to_pem (authority);
  write_file (argv[1], "key.pem", key_pem, -1);
  write_file (argv[1], "other.pem", other_pem, -1);
  g_autoptr (AnxKey) recovery_key = anx_key_store_load (district->keys, ANX_RECOVERY_PRINCIPAL, ANX_KEY_USE_SEAL, NULL);
  anx_autosecret char *recovery_key_pem = anx_key_to_pem (recovery_key);
  g_autofree char *recovery_pem = anx_certificate_to_pem (anx_directory_get_principal (directory, ANX_RECOVERY_PRINCIPAL)->seal_certificate);
  write_file (argv[1], "recovery-key.pem", recovery_key_pem, -1);
  write_file (argv[1], "recovery.pem", recovery_pem, -1);
  write_file (argv[1], "certificate.pem", certificate_pem, -1);
  write_file (argv[1], "authority.pem", authority_pem, -1);
  write_file (argv[1], "envelope", g_bytes_get_data (envelope, NULL), (gssize) g_bytes_get_size (envelope));
  for (int i = 2; i < argc; i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *base = g_path_get_basename (argv[i]);
      g_assert_true (g_file_get_contents (argv[i], &text, NULL, NULL));
      *strrchr (base, '.') = '\0';
      g_autofree char *name = g_strconcat (base, ".envelope", NULL);
      g_auto (GStrv) words = g_strsplit (base, "~", 3);
      g_autoptr (JsonNode) payload = json_from_string (text, NULL);
      g_autoptr (GBytes) made = make_envelope (district, directory, anx_profile_get_sign_certificate (reader), (const char *const *) words, payload);
      write_file (argv[1], name, g_bytes_get_data (made, NULL), (gssize) g_bytes_get_size (made));
    }
  anx_hub_fixture_free (district);
  return 0;
}
