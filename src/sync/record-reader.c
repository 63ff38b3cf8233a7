/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record-reader.h"

#include "json.h"
#include "own-seal.h"
#include "seal-error.h"

struct _AnxRecordReader
{
  AnxCertificate *authority;
  AnxKey *seal_key;
  AnxCertificate *seal_certificate;
  GHashTable *group_keys; /* (element-type utf8 AnxKey), by the fingerprint of the group's certificate: a rotated one is another */
};

/**
 * anx_record_reader_new:
 * @authority: whose certificates authors must have
 * @seal_key: the own seal key
 * @seal_certificate: its certificate
 *
 * Returns: (transfer full): the reader
 */
AnxRecordReader *
anx_record_reader_new (AnxCertificate *authority,
                       AnxKey *seal_key,
                       AnxCertificate *seal_certificate)
{
  AnxRecordReader *self = g_new0 (AnxRecordReader, 1);
  self->authority = anx_certificate_ref (authority);
  self->seal_key = anx_key_ref (seal_key);
  self->seal_certificate = anx_certificate_ref (seal_certificate);
  self->group_keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anx_key_unref);
  return self;
}

/**
 * anx_record_reader_copy:
 * @self: a reader
 *
 * For another thread: it unwraps the groups' keys again by itself.
 *
 * Returns: (transfer full): a reader with the same keys
 */
AnxRecordReader *
anx_record_reader_copy (AnxRecordReader *self)
{
  return anx_record_reader_new (self->authority, self->seal_key, self->seal_certificate);
}

/**
 * anx_record_reader_free:
 * @self: (transfer full): the reader
 */
void
anx_record_reader_free (AnxRecordReader *self)
{
  anx_certificate_unref (self->authority);
  anx_key_unref (self->seal_key);
  anx_certificate_unref (self->seal_certificate);
  g_hash_table_unref (self->group_keys);
  g_free (self);
}

static AnxKey *
need_group_key (AnxRecordReader *self,
                AnxDirectory *directory,
                const AnxPrincipal *group,
                GError **error)
{
  const char *fingerprint = anx_certificate_get_fingerprint (group->seal_certificate);
  AnxKey *key = g_hash_table_lookup (self->group_keys, fingerprint);
  if (key != NULL)
    return key;
  key = anx_directory_unwrap_group_key (directory, group->id, anx_certificate_get_principal (self->seal_certificate), self->seal_key,
                                        error);
  if (key != NULL)
    g_hash_table_insert (self->group_keys, g_strdup (fingerprint), key);
  return key;
}

static JsonNode *
open_with (AnxRecordReader *self,
           GBytes *envelope,
           AnxKey *key,
           AnxCertificate *certificate,
           GError **error)
{
  JsonNode *resource = NULL;
  return anx_envelope_open (envelope, self->authority, key, certificate, NULL, &resource, error) ? resource : NULL;
}

/* With the keys the group had before somebody joined or left; NULL when none of them opens it. An error other than NOT_RECIPIENT
 * of the record itself is told. */
static JsonNode *
open_with_former (AnxRecordReader *self,
                  GBytes *envelope,
                  AnxDirectory *directory,
                  const AnxPrincipal *group,
                  GError **error)
{
  guint count = 0;
  JsonArray *former = anx_json_get_array (group->json, "former");
  if (former != NULL)
    count = json_array_get_length (former);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (AnxCertificate) certificate = NULL;
      g_autoptr (AnxKey) key = anx_directory_unwrap_former_key (directory, group->id, i, anx_certificate_get_principal (self->seal_certificate),
                                                                self->seal_key, &certificate, NULL);
      g_autoptr (GError) inner = NULL;
      JsonNode *resource = key != NULL ? open_with (self, envelope, key, certificate, &inner) : NULL;
      if (resource != NULL)
        return resource;
      if (inner != NULL && !g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT))
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return NULL;
        }
    }
  return NULL;
}

/**
 * anx_record_reader_open:
 * @self: the reader
 * @envelope: a record
 * @header: its clear part
 * @directory: (nullable): the directory in force, for the groups
 * @error: return location, errors of %ANX_SEAL_ERROR; NOT_RECIPIENT when it is for somebody else
 *
 * Tries the own key when the record names its owner, then each group of its recipients that the owner belongs to. A group whose key
 * was rotated since does not hide one that opens it. An error other than NOT_RECIPIENT ends the search: a tampered record is told so.
 *
 * Returns: (transfer full) (nullable): the resource
 */
JsonNode *
anx_record_reader_open (AnxRecordReader *self,
                        GBytes *envelope,
                        AnxRecordHeader *header,
                        AnxDirectory *directory,
                        GError **error)
{
  const char *principal = anx_certificate_get_principal (self->seal_certificate);
  const char *const *recipients = anx_record_header_get_recipients (header);
  g_autoptr (GError) inner = NULL;

  if (g_strv_contains (recipients, principal))
    {
      JsonNode *resource = open_with (self, envelope, self->seal_key, self->seal_certificate, &inner);
      if (resource != NULL)
        return resource;
      if (!g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT))
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return NULL;
        }
    }
  g_auto (GStrv) groups = directory != NULL ? anx_directory_list_groups_of (directory, principal) : NULL;
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    {
      const AnxPrincipal *group = g_strv_contains (recipients, groups[i]) ? anx_directory_get_principal (directory, groups[i]) : NULL;
      if (group == NULL || group->seal_certificate == NULL)
        continue;
      g_clear_error (&inner);
      AnxKey *key = need_group_key (self, directory, group, &inner);
      JsonNode *resource = key != NULL ? open_with (self, envelope, key, group->seal_certificate, &inner) : NULL;
      if (resource != NULL)
        return resource;
      if (!g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT))
        break;
      g_autoptr (GError) former_error = NULL;
      resource = open_with_former (self, envelope, directory, group, &former_error);
      if (resource != NULL)
        return resource;
      if (former_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&former_error));
          return NULL;
        }
    }
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  else
    g_set_error_literal (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT, "The record is not for this reader");
  return NULL;
}

/**
 * anx_record_reader_open_own:
 * @self: the reader
 * @purpose: of anx_own_seal()
 * @sealed: what was kept
 * @sign_certificate: the own sign certificate
 * @error: return location, errors of anx_own_open()
 *
 * Returns: (transfer full) (nullable): the plain bytes, wiped when they are freed
 */
GBytes *
anx_record_reader_open_own (AnxRecordReader *self,
                            const char *purpose,
                            GBytes *sealed,
                            AnxCertificate *sign_certificate,
                            GError **error)
{
  return anx_own_open (purpose, sealed, self->authority, sign_certificate, self->seal_key, self->seal_certificate, error);
}
