/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "district-folder.h"

#include <glib/gi18n.h>
#include <string.h>

#include "bounds.h"
#include "ctl-error.h"
#include "files.h"
#include "json.h"
#include "messages.h"
#include "sync-error.h"

struct _AnxDistrictFolder
{
  char *folder;
  JsonObject *draft;
  AnxKeyStore *key_store;
  AnxAuthority *authority;
  AnxHubLink *link; /* (nullable) until the first request */
};

/**
 * anx_district_folder_free:
 * @self: (transfer full): a folder
 */
void
anx_district_folder_free (AnxDistrictFolder *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->draft, json_object_unref);
  g_clear_object (&self->key_store);
  g_clear_object (&self->authority);
  g_clear_object (&self->link);
  g_free (self);
}

static gboolean
read_draft (AnxDistrictFolder *self,
            GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GBytes) bytes = anx_district_folder_read (self, ANX_DRAFT_FILE, ANX_BOUND_DIRECTORY_BYTES, &inner);
  if (bytes == NULL)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("%s is no district's folder: %s"), self->folder, inner->message);
      return FALSE;
    }
  self->draft = anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), ANX_BOUND_DIRECTORY_BYTES, &inner);
  if (self->draft == NULL || anx_json_need_string (self->draft, "district", ANX_BOUND_PRINCIPAL_CHARS, &inner) == NULL ||
      anx_json_need_array (self->draft, "principals", G_MAXUINT, &inner) == NULL ||
      anx_json_need_array (self->draft, "centres", G_MAXUINT, &inner) == NULL ||
      anx_json_need_array (self->draft, "services", G_MAXUINT, &inner) == NULL)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s in %s cannot be used: %s"), ANX_DRAFT_FILE, self->folder,
                   inner->message);
      return FALSE;
    }
  return TRUE;
}

static gboolean
open_authority (AnxDistrictFolder *self,
                GError **error)
{
  g_autoptr (GBytes) pem = anx_district_folder_read (self, ANX_AUTHORITY_FILE, ANX_BOUND_PEM_BYTES, error);
  g_autoptr (AnxCertificate) certificate = pem != NULL ? anx_certificate_new_from_pem (g_bytes_get_data (pem, NULL), error) : NULL;
  if (certificate == NULL)
    return FALSE;
  self->key_store = anx_secret_key_store_new (anx_certificate_get_district (certificate));
  g_autoptr (AnxKey) key = anx_key_store_load (self->key_store, ANX_AUTHORITY_PRINCIPAL, ANX_KEY_USE_SIGN, error);
  if (key == NULL)
    return FALSE;
  self->authority = anx_authority_open (key, certificate, error);
  return self->authority != NULL;
}

/**
 * anx_district_folder_open:
 * @folder: made by `anxinctl district create`
 * @error: return location, errors of %ANX_CTL_ERROR, %ANX_SEAL_ERROR (the Secret Service is missing, locked, or has no such key)
 *
 * Returns: (transfer full) (nullable): the folder with its authority
 */
AnxDistrictFolder *
anx_district_folder_open (const char *folder,
                          GError **error)
{
  g_autoptr (AnxDistrictFolder) self = g_new0 (AnxDistrictFolder, 1);
  self->folder = g_strdup (folder);
  if (!read_draft (self, error) || !open_authority (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_district_folder_get_district:
 * @self: a folder
 *
 * Returns: (transfer none): the district's id
 */
const char *
anx_district_folder_get_district (AnxDistrictFolder *self)
{
  return anx_certificate_get_district (anx_authority_get_certificate (self->authority));
}

/**
 * anx_district_folder_get_authority:
 * @self: a folder
 *
 * Returns: (transfer none): the authority with its key
 */
AnxAuthority *
anx_district_folder_get_authority (AnxDistrictFolder *self)
{
  return self->authority;
}

/**
 * anx_district_folder_get_key_store:
 * @self: a folder
 *
 * Returns: (transfer none): where the keys of the authority, the administrator and the groups are
 */
AnxKeyStore *
anx_district_folder_get_key_store (AnxDistrictFolder *self)
{
  return self->key_store;
}

/**
 * anx_district_folder_get_draft:
 * @self: a folder
 *
 * Returns: (transfer none): what `district.json` holds; changes are kept by anx_district_folder_save_draft()
 */
JsonObject *
anx_district_folder_get_draft (AnxDistrictFolder *self)
{
  return self->draft;
}

/**
 * anx_district_folder_save_draft:
 * @self: a folder
 * @error: return location, %ANX_BASE_ERROR_STORAGE
 *
 * Returns: whether `district.json` is on the disk
 */
gboolean
anx_district_folder_save_draft (AnxDistrictFolder *self,
                                GError **error)
{
  g_autoptr (JsonNode) node = anx_json_node_from_object (self->draft);
  g_autofree char *text = json_to_string (node, TRUE);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return anx_district_folder_write (self, ANX_DRAFT_FILE, bytes, error);
}

/**
 * anx_district_folder_read:
 * @self: a folder
 * @name: a file's name
 * @max_bytes: the most it may hold
 * @error: return location, errors of %ANX_BASE_ERROR
 *
 * Returns: (transfer full) (nullable): its content
 */
GBytes *
anx_district_folder_read (AnxDistrictFolder *self,
                          const char *name,
                          gsize max_bytes,
                          GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  return anx_file_read (path, max_bytes, error);
}

/**
 * anx_district_folder_write:
 * @self: a folder
 * @name: a file's name
 * @bytes: what it shall hold
 * @error: return location, %ANX_BASE_ERROR_STORAGE
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_district_folder_write (AnxDistrictFolder *self,
                           const char *name,
                           GBytes *bytes,
                           GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  return anx_file_write (path, data, (gssize) size, error);
}

/**
 * anx_district_folder_find_principal:
 * @self: a folder
 * @id: a principal
 *
 * Returns: (transfer none) (nullable): its entry in the draft
 */
JsonObject *
anx_district_folder_find_principal (AnxDistrictFolder *self,
                                    const char *id)
{
  JsonArray *principals = anx_json_get_array (self->draft, "principals");
  for (guint i = 0; i < json_array_get_length (principals); i++)
    {
      JsonObject *entry = anx_json_array_need_object (principals, i, NULL);
      if (entry != NULL && g_strcmp0 (anx_json_get_string (entry, "id", NULL), id) == 0)
        return entry;
    }
  return NULL;
}

static gboolean
open_link (AnxDistrictFolder *self,
           GError **error)
{
  if (self->link != NULL)
    return TRUE;
  g_autofree char *path = g_build_filename (self->folder, "administrator", NULL);
  g_autoptr (AnxProfile) profile = anx_profile_open (path, error);
  if (profile == NULL)
    return FALSE;
  g_autoptr (AnxKey) key = anx_key_store_load (self->key_store, anx_profile_get_principal (profile), ANX_KEY_USE_SIGN, error);
  if (key == NULL)
    return FALSE;
  self->link = anx_hub_link_new (anx_profile_get_hub_url (profile), anx_profile_get_authority (profile), key,
                                 anx_profile_get_sign_certificate (profile), error);
  return self->link != NULL;
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  GAsyncResult **where = user_data;
  *where = g_object_ref (result);
}

/**
 * anx_district_folder_request:
 * @self: a folder
 * @method: `GET`, `POST`, `PUT`
 * @path: `/v1/…`
 * @content_type: (nullable): of @body
 * @body: (nullable): what to send
 * @max_bytes: the most the answer may hold
 * @error: return location, %ANX_SYNC_ERROR_OFFLINE, %ANX_SYNC_ERROR_UNTRUSTED, errors of opening the administrator's profile
 *
 * Returns: (transfer full) (nullable): the answer, of whatever status
 */
AnxHubAnswer *
anx_district_folder_request (AnxDistrictFolder *self,
                             const char *method,
                             const char *path,
                             const char *content_type,
                             GBytes *body,
                             gsize max_bytes,
                             GError **error)
{
  if (!open_link (self, error))
    return NULL;
  g_autoptr (GAsyncResult) result = NULL;
  anx_hub_link_request_async (self->link, method, path, content_type, body, NULL, max_bytes, NULL, on_answered, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return anx_hub_link_request_finish (self->link, result, error);
}

/**
 * anx_district_folder_request_json:
 * @self: a folder
 * @method: `GET`, `POST`, `PUT`
 * @path: `/v1/…`
 * @body: (nullable): JSON to send
 * @out_answer: (out) (optional) (nullable): what came back; %NULL when it was empty
 * @error: return location, errors of %ANX_SYNC_ERROR
 *
 * Returns: whether the hub did it
 */
gboolean
anx_district_folder_request_json (AnxDistrictFolder *self,
                                  const char *method,
                                  const char *path,
                                  JsonObject *body,
                                  JsonObject **out_answer,
                                  GError **error)
{
  g_autofree char *text = body != NULL ? anx_json_object_to_text (body) : NULL;
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (AnxHubAnswer) answer =
    anx_district_folder_request (self, method, path, "application/json", bytes, ANX_BOUND_REQUEST_BYTES, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status < 200 || answer->status > 299)
    {
      g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
      anx_message_set_status_error (answer->status, problem, error);
      return FALSE;
    }
  gsize size;
  const char *data = g_bytes_get_data (answer->body, &size);
  g_autoptr (JsonObject) json = size > 0 ? anx_json_parse_object (data, (gssize) size, ANX_BOUND_REQUEST_BYTES, error) : NULL;
  if (size > 0 && json == NULL)
    return FALSE;
  if (out_answer != NULL)
    *out_answer = g_steal_pointer (&json);
  return TRUE;
}
