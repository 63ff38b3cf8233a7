/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "profile.h"

#include "bounds.h"
#include "files.h"
#include "id.h"
#include "json.h"
#include "sync-error.h"

#define PROFILE_FILE "profile.json"
#define AUTHORITY_FILE "authority.pem"
#define PROFILE_BOUND_BYTES (4 * ANX_BOUND_PEM_BYTES)

struct _AnxProfile
{
  GObject parent_instance;

  char *folder;
  char *hub_url;
  char *principal;
  AnxCertificate *authority;
  AnxCertificate *sign_certificate;
  AnxCertificate *seal_certificate;
};

G_DEFINE_FINAL_TYPE (AnxProfile, anx_profile, G_TYPE_OBJECT)

static void
anx_profile_finalize (GObject *object)
{
  AnxProfile *self = ANX_PROFILE (object);
  g_free (self->folder);
  g_free (self->hub_url);
  g_free (self->principal);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_clear_pointer (&self->sign_certificate, anx_certificate_unref);
  g_clear_pointer (&self->seal_certificate, anx_certificate_unref);
  G_OBJECT_CLASS (anx_profile_parent_class)->finalize (object);
}

static void
anx_profile_class_init (AnxProfileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_profile_finalize;
}

static void
anx_profile_init (AnxProfile *self)
{
}

/* Only https, only a host: everything else of the address is the API's to say. */
static gboolean
hub_url_is_valid (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  return uri != NULL && g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 && g_uri_get_host (uri) != NULL &&
         *g_uri_get_host (uri) != '\0' && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL &&
         g_uri_get_fragment (uri) == NULL &&
         (*g_uri_get_path (uri) == '\0' || g_str_equal (g_uri_get_path (uri), "/"));
}

/* Certificates are not checked against the time here: an expired one is the hub's to refuse, and the data stay readable. */
static gboolean
profile_is_consistent (AnxProfile *self,
                       GError **error)
{
  const char *district = anx_certificate_get_district (self->authority);
  AnxCertificate *own[] = { self->sign_certificate, self->seal_certificate };
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_strcmp0 (anx_certificate_get_principal (own[i]), self->principal) != 0 ||
        g_strcmp0 (anx_certificate_get_district (own[i]), district) != 0)
      {
        g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE,
                     "The data folder %s is damaged: its certificates are of another name or district. "
                     "Restore the folder, or enrol this machine again",
                     self->folder);
        return FALSE;
      }
  return TRUE;
}

/**
 * anx_profile_exists:
 * @folder: a data folder
 *
 * Returns: whether an enrolment was finished in @folder; a begun one does not count
 */
gboolean
anx_profile_exists (const char *folder)
{
  g_return_val_if_fail (folder != NULL, FALSE);
  g_autofree char *path = g_build_filename (folder, PROFILE_FILE, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static AnxCertificate *
need_certificate (JsonObject *json,
                  const char *member,
                  GError **error)
{
  const char *pem = anx_json_need_string (json, member, ANX_BOUND_PEM_BYTES, error);
  return pem != NULL ? anx_certificate_new_from_pem (pem, error) : NULL;
}

static gboolean
read_profile (AnxProfile *self,
              GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, PROFILE_FILE, NULL);
  g_autofree char *authority_path = g_build_filename (self->folder, AUTHORITY_FILE, NULL);
  g_autoptr (GBytes) bytes = anx_file_read (path, PROFILE_BOUND_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  g_autoptr (JsonObject) json =
    anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), PROFILE_BOUND_BYTES, error);
  if (json == NULL)
    return FALSE;

  const char *hub_url = anx_json_need_string (json, "hub", 1024, error);
  const char *principal = hub_url != NULL ? anx_json_need_string (json, "principal", ANX_BOUND_PRINCIPAL_CHARS, error) : NULL;
  if (principal == NULL)
    return FALSE;
  if (!hub_url_is_valid (hub_url) || !anx_principal_id_is_valid (principal))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE, "the hub's address or the principal's name is not valid");
      return FALSE;
    }
  g_autoptr (GBytes) authority = anx_file_read (authority_path, ANX_BOUND_PEM_BYTES, error);
  if (authority == NULL)
    return FALSE;
  self->hub_url = g_strdup (hub_url);
  self->principal = g_strdup (principal);
  self->authority = anx_certificate_new_from_pem (g_bytes_get_data (authority, NULL), error);
  self->sign_certificate = self->authority != NULL ? need_certificate (json, "signCertificate", error) : NULL;
  self->seal_certificate = self->sign_certificate != NULL ? need_certificate (json, "sealCertificate", error) : NULL;
  return self->seal_certificate != NULL;
}

/**
 * anx_profile_open:
 * @folder: a data folder
 * @error: return location, %ANX_SYNC_ERROR_PROFILE
 *
 * Returns: (transfer full) (nullable): the profile that an earlier enrolment wrote
 */
AnxProfile *
anx_profile_open (const char *folder,
                  GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autoptr (AnxProfile) self = g_object_new (ANX_TYPE_PROFILE, NULL);
  g_autoptr (GError) inner = NULL;
  self->folder = g_strdup (folder);

  if (!read_profile (self, &inner))
    {
      g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE, "The data folder %s cannot be used: %s", folder, inner->message);
      return NULL;
    }
  if (!profile_is_consistent (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_profile_create:
 * @folder: a data folder; made when it is not there
 * @hub_url: `https://host:port` of the hub
 * @principal: whom the certificates name
 * @authority: the pinned district authority
 * @sign_certificate: the own certificate to sign with
 * @seal_certificate: the own certificate to be sealed to
 * @error: return location, %ANX_SYNC_ERROR_PROFILE when the parts do not belong together, %ANX_BASE_ERROR_STORAGE
 *
 * `authority.pem` is written first and `profile.json` last, so that a profile which exists is whole. Both are on the disk
 * on return.
 *
 * Returns: (transfer full) (nullable): the profile
 */
AnxProfile *
anx_profile_create (const char *folder,
                    const char *hub_url,
                    const char *principal,
                    AnxCertificate *authority,
                    AnxCertificate *sign_certificate,
                    AnxCertificate *seal_certificate,
                    GError **error)
{
  g_return_val_if_fail (folder != NULL && hub_url != NULL && principal != NULL, NULL);
  g_return_val_if_fail (authority != NULL && sign_certificate != NULL && seal_certificate != NULL, NULL);
  g_autoptr (AnxProfile) self = g_object_new (ANX_TYPE_PROFILE, NULL);
  self->folder = g_strdup (folder);
  self->hub_url = g_strdup (hub_url);
  self->principal = g_strdup (principal);
  self->authority = anx_certificate_ref (authority);
  self->sign_certificate = anx_certificate_ref (sign_certificate);
  self->seal_certificate = anx_certificate_ref (seal_certificate);

  if (!hub_url_is_valid (hub_url))
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_PROFILE,
                           "The hub's address must look like https://hub.example:8443");
      return NULL;
    }
  if (!profile_is_consistent (self, error))
    return NULL;

  g_autoptr (JsonObject) json = json_object_new ();
  g_autofree char *authority_pem = anx_certificate_to_pem (authority);
  g_autofree char *sign_pem = anx_certificate_to_pem (sign_certificate);
  g_autofree char *seal_pem = anx_certificate_to_pem (seal_certificate);
  json_object_set_string_member (json, "hub", hub_url);
  json_object_set_string_member (json, "principal", principal);
  json_object_set_string_member (json, "signCertificate", sign_pem);
  json_object_set_string_member (json, "sealCertificate", seal_pem);
  g_autofree char *text = anx_json_object_to_text (json);
  g_autofree char *profile_path = anx_profile_build_path (self, PROFILE_FILE);
  g_autofree char *authority_path = anx_profile_build_path (self, AUTHORITY_FILE);

  if (!anx_directory_make_private (folder, error) || !anx_file_write (authority_path, authority_pem, -1, error) ||
      !anx_file_write (profile_path, text, -1, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_profile_get_folder:
 * @self: a profile
 *
 * Returns: (transfer none): the data folder
 */
const char *
anx_profile_get_folder (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->folder;
}

/**
 * anx_profile_get_hub_url:
 * @self: a profile
 *
 * Returns: (transfer none): `https://host:port` of the hub
 */
const char *
anx_profile_get_hub_url (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->hub_url;
}

/**
 * anx_profile_get_principal:
 * @self: a profile
 *
 * Returns: (transfer none): who this machine or person is in the directory
 */
const char *
anx_profile_get_principal (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->principal;
}

/**
 * anx_profile_get_district:
 * @self: a profile
 *
 * Returns: (transfer none): the district's id, as the authority's certificate names it
 */
const char *
anx_profile_get_district (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return anx_certificate_get_district (self->authority);
}

/**
 * anx_profile_get_authority:
 * @self: a profile
 *
 * Returns: (transfer none): the authority pinned at enrolment
 */
AnxCertificate *
anx_profile_get_authority (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->authority;
}

/**
 * anx_profile_get_sign_certificate:
 * @self: a profile
 *
 * Returns: (transfer none): the own certificate to sign with, also the TLS identity
 */
AnxCertificate *
anx_profile_get_sign_certificate (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->sign_certificate;
}

/**
 * anx_profile_get_seal_certificate:
 * @self: a profile
 *
 * Returns: (transfer none): the own certificate that others seal to
 */
AnxCertificate *
anx_profile_get_seal_certificate (AnxProfile *self)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self), NULL);
  return self->seal_certificate;
}

/**
 * anx_profile_build_path:
 * @self: a profile
 * @name: a file's name
 *
 * Returns: (transfer full): its path in the data folder
 */
char *
anx_profile_build_path (AnxProfile *self,
                        const char *name)
{
  g_return_val_if_fail (ANX_IS_PROFILE (self) && name != NULL, NULL);
  return g_build_filename (self->folder, name, NULL);
}
