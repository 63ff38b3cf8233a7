/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes what the record benchmark needs: a throw-away authority, a hub's configuration, a directory with one kiosk, and batches of
 * envelopes of one author chain, ready to be sent. Keys made here are of no district and end with the benchmark's folder.
 *   make-records FOLDER PORT AUTHORS BATCHES RECORDS
 */
#include <glib/gstdio.h>
#include <stdlib.h>

#include "authority.h"
#include "clock.h"
#include "directory.h"
#include "envelope.h"
#include "files.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "text.h"

static void
write_text (const char *folder, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  if (!anx_file_write (path, text, -1, &error))
    g_error ("%s", error->message);
}

static JsonObject *
principal (const char *id, const char *kind, AnxCertificate *sign, AnxCertificate *seal)
{
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "id", id);
  json_object_set_string_member (entry, "kind", kind);
  json_object_set_string_member (entry, "name", id);
  json_object_set_boolean_member (entry, "active", TRUE);
  json_object_set_array_member (entry, "roles", json_array_new ());
  json_object_set_array_member (entry, "members", json_array_new ());
  if (sign != NULL)
    {
      g_autofree char *pem = anx_certificate_to_pem (sign);
      json_object_set_string_member (entry, "signCertificate", pem);
    }
  else
    json_object_set_null_member (entry, "signCertificate");
  g_autofree char *pem = anx_certificate_to_pem (seal);
  json_object_set_string_member (entry, "sealCertificate", pem);
  return entry;
}

static AnxCertificate *
issue (AnxAuthority *authority, AnxKey *key, const char *id, AnxKeyUse use, gint64 now)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = anx_key_make_request (key, id, &error);
  AnxCertificate *certificate = anx_authority_issue (authority, request, id, use, now, &error);
  if (certificate == NULL)
    g_error ("%s", error->message);
  return certificate;
}

int
main (int argc, char **argv)
{
  if (argc != 6)
    g_error ("make-records FOLDER PORT AUTHORS BATCHES RECORDS");
  const char *folder = argv[1];
  int authors = atoi (argv[3]), batches = atoi (argv[4]), records = atoi (argv[5]);
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();

  g_autoptr (AnxAuthority) authority = anx_authority_create ("bench", "Bench", now, &error);
  g_autoptr (AnxKey) server_key = anx_key_generate (&error);
  g_autofree char *server_request = anx_key_make_request (server_key, "hub", &error);
  const char *names[] = { "127.0.0.1", "localhost", NULL };
  g_autoptr (AnxCertificate) server = anx_authority_issue_server (authority, server_request, names, now, &error);
  g_assert_no_error (error);

  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (authority));
  g_autofree char *server_pem = anx_certificate_to_pem (server);
  anx_autosecret char *server_key_pem = anx_key_to_pem (server_key);
  g_autofree char *config = g_strdup_printf ("[hub]\nlisten=127.0.0.1:%s\ndatabase=sqlite:hub.db\nauthority=authority.pem\ncertificate=hub.pem\n"
                                             "key=hub.key\n[limits]\nrequests-per-minute=1000000\n", argv[2]);
  write_text (folder, "authority.pem", authority_pem);
  write_text (folder, "hub.pem", server_pem);
  write_text (folder, "hub.key", server_key_pem);
  write_text (folder, "hub.ini", config);

  g_autoptr (AnxKey) recovery_key = anx_key_generate (&error);
  g_autoptr (AnxCertificate) recovery = issue (authority, recovery_key, ANX_RECOVERY_PRINCIPAL, ANX_KEY_USE_SEAL, now);
  g_autoptr (AnxKey) reader_key = anx_key_generate (&error);
  g_autoptr (AnxCertificate) reader_sign = issue (authority, reader_key, "reader", ANX_KEY_USE_SIGN, now);
  g_autoptr (AnxCertificate) reader_seal = issue (authority, reader_key, "reader", ANX_KEY_USE_SEAL, now);

  g_autoptr (JsonArray) principals = json_array_new ();
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_key_unref);
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_certificate_unref);
  json_array_add_object_element (principals, principal (ANX_RECOVERY_PRINCIPAL, "recovery", NULL, recovery));
  JsonObject *reader = principal ("reader", "person", reader_sign, reader_seal);
  json_array_add_string_element (json_object_get_array_member (reader, "roles"), "counsellor");
  json_array_add_object_element (principals, reader);
  for (int a = 0; a < authors; a++)
    {
      g_autofree char *id = g_strdup_printf ("author-%d", a);
      AnxKey *key = anx_key_generate (&error);
      AnxCertificate *sign = issue (authority, key, id, ANX_KEY_USE_SIGN, now);
      g_autoptr (AnxCertificate) seal = issue (authority, key, id, ANX_KEY_USE_SEAL, now);
      json_array_add_object_element (principals, principal (id, "kiosk", sign, seal));
      g_autofree char *certificate_pem = anx_certificate_to_pem (sign);
      anx_autosecret char *key_pem = anx_key_to_pem (key);
      g_autofree char *both = g_strconcat (certificate_pem, key_pem, NULL);
      g_autofree char *name = g_strdup_printf ("author-%d.pem", a);
      write_text (folder, name, both);
      g_ptr_array_add (keys, key);
      g_ptr_array_add (certificates, sign);
    }

  g_autoptr (JsonObject) root = json_object_new ();
  json_object_set_int_member (root, "version", 1);
  json_object_set_null_member (root, "previous");
  json_object_set_string_member (root, "district", "bench");
  json_object_set_string_member (root, "name", "Bench");
  json_object_set_int_member (root, "created", now);
  json_object_set_array_member (root, "centres", json_array_new ());
  json_object_set_array_member (root, "services", json_array_new ());
  json_object_set_array_member (root, "principals", json_array_ref (principals));
  g_autofree char *json = anx_json_object_to_text (root);
  g_autoptr (GBytes) json_bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, json_bytes, &error);
  g_autoptr (AnxDirectory) directory = anx_directory_open (der, anx_authority_get_certificate (authority), NULL, &error);
  g_assert_no_error (error);
  g_autofree char *directory_path = g_build_filename (folder, "directory.der", NULL);
  g_assert_true (anx_file_write (directory_path, g_bytes_get_data (der, NULL), (gssize) g_bytes_get_size (der), NULL));

  /* About what a screening of two instruments holds. */
  g_autofree char *filling = g_strnfill (3000, 'x');
  g_autoptr (JsonObject) resource = json_object_new ();
  json_object_set_string_member (resource, "resourceType", "Bundle");
  json_object_set_string_member (resource, "filling", filling);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  const char *recipients[] = { "reader", NULL };

  gsize bytes = 0;
  for (int a = 0; a < authors; a++)
    {
      g_autofree char *author = g_strdup_printf ("author-%d", a);
      g_autofree char *previous = NULL;
      gint64 sequence = 0;
      for (int b = 0; b < batches; b++)
        {
          g_autoptr (JsonArray) array = json_array_new ();
          for (int r = 0; r < records; r++)
            {
              g_autofree char *id = anx_uuid_new (g_get_real_time ());
              g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "screening", author, recipients, NULL, now, NULL);
              g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, ++sequence, previous);
              g_autoptr (GBytes) sealed = anx_envelope_seal (header, node, directory, &error);
              g_assert_no_error (error);
              g_autoptr (GBytes) envelope = anx_envelope_sign (placed, sealed, keys->pdata[a], certificates->pdata[a], &error);
              g_assert_no_error (error);
              g_autofree char *base64 = g_base64_encode (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope));
              json_array_add_string_element (array, base64);
              bytes += g_bytes_get_size (envelope);
              g_free (previous);
              previous = anx_sha256_hex (envelope);
            }
          g_autoptr (JsonObject) body = json_object_new ();
          json_object_set_array_member (body, "records", json_array_ref (array));
          g_autofree char *text = anx_json_object_to_text (body);
          g_autofree char *name = g_strdup_printf ("batch-%d-%d.json", a, b);
          write_text (folder, name, text);
        }
    }
  g_print ("%" G_GSIZE_FORMAT "\n", bytes / (gsize) (authors * batches * records));
  return 0;
}
