/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ctl-error.h"
#include "directory.h"
#include "district-folder.h"
#include "files.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "seal-error.h"

/* What `district create` is told, and what it makes. */
typedef struct
{
  char *folder;
  char *district;
  char *name;
  char *hub_url;
  char *listen;
  char *administrator;
  char *recovery_out;
  gint64 now_usec;
  AnxKeyStore *key_store;
  AnxAuthority *authority;
} Creation;

static void
creation_clear (Creation *self)
{
  g_free (self->folder);
  g_free (self->district);
  g_free (self->name);
  g_free (self->hub_url);
  g_free (self->listen);
  g_free (self->administrator);
  g_free (self->recovery_out);
  g_clear_object (&self->key_store);
  g_clear_object (&self->authority);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Creation, creation_clear)

static gboolean
write_text (Creation *self,
            const char *name,
            const char *text,
            GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  return anx_file_write (path, text, -1, error);
}

static gboolean
check_words (Creation *self,
             GError **error)
{
  if (!anx_command_need_option ("folder", self->folder, error) || !anx_command_need_option ("district", self->district, error) ||
      !anx_command_need_option ("name", self->name, error) || !anx_command_need_option ("hub-url", self->hub_url, error) ||
      !anx_command_need_option ("administrator", self->administrator, error) ||
      !anx_command_need_option ("recovery-out", self->recovery_out, error))
    return FALSE;
  if (!anx_principal_id_is_valid (self->district) || !anx_principal_id_is_valid (self->administrator) ||
      g_str_equal (self->administrator, ANX_RECOVERY_PRINCIPAL) || g_str_equal (self->administrator, ANX_AUTHORITY_PRINCIPAL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("Names of districts and people are lower-case letters, digits and dashes, 2 to 64 of them"));
      return FALSE;
    }
  g_autoptr (GUri) uri = g_uri_parse (self->hub_url, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), "https") != 0 || g_uri_get_host (uri) == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("The hub's address must look like https://hub.example:8443"));
      return FALSE;
    }
  if (self->listen == NULL)
    self->listen = g_strdup_printf ("0.0.0.0:%d", g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 443);
  return TRUE;
}

/* Nothing that exists is ever written over: a lost authority key is a lost district. */
static gboolean
check_free (Creation *self,
            GError **error)
{
  g_autofree char *draft = g_build_filename (self->folder, ANX_DRAFT_FILE, NULL);
  if (g_file_test (draft, G_FILE_TEST_EXISTS) || g_file_test (self->recovery_out, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s is there already. Nothing was changed"),
                   g_file_test (draft, G_FILE_TEST_EXISTS) ? draft : self->recovery_out);
      return FALSE;
    }
  const char *principals[] = { ANX_AUTHORITY_PRINCIPAL, self->administrator };
  for (guint i = 0; i < G_N_ELEMENTS (principals); i++)
    {
      g_autoptr (GError) inner = NULL;
      g_autoptr (AnxKey) key = anx_key_store_load (self->key_store, principals[i], ANX_KEY_USE_SIGN, &inner);
      if (key != NULL)
        {
          g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS,
                       _("The Secret Service has keys of a district “%s” already. Nothing was changed; choose another name"), self->district);
          return FALSE;
        }
      if (!g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING))
        {
          g_propagate_error (error, g_steal_pointer (&inner));
          return FALSE;
        }
    }
  return TRUE;
}

static AnxCertificate *
issue (Creation *self,
       AnxKey *key,
       const char *principal,
       AnxKeyUse use,
       GError **error)
{
  g_autofree char *request = anx_key_make_request (key, principal, error);
  return request != NULL ? anx_authority_issue (self->authority, request, principal, use, self->now_usec, error) : NULL;
}

/* O_EXCL: the file did not exist a moment ago and must not now be somebody else's. */
static gboolean
write_recovery_key (Creation *self,
                    AnxKey *key,
                    GError **error)
{
  anx_autosecret char *pem = anx_key_to_pem (key);
  gsize length = strlen (pem);
  int fd = g_open (self->recovery_out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gboolean written = fd >= 0 && write (fd, pem, length) == (gssize) length && fsync (fd) == 0;
  if (fd >= 0)
    close (fd);
  if (!written)
    g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("The recovery key could not be written to %s"), self->recovery_out);
  return written;
}

/* The private half exists in this process and in the given file, nowhere else. */
static AnxCertificate *
make_recovery (Creation *self,
               GError **error)
{
  g_autoptr (AnxKey) key = anx_key_generate (error);
  if (key == NULL)
    return NULL;
  g_autoptr (AnxCertificate) certificate = issue (self, key, ANX_RECOVERY_PRINCIPAL, ANX_KEY_USE_SEAL, error);
  if (certificate == NULL || !write_recovery_key (self, key, error))
    return NULL;
  g_autofree char *pem = anx_certificate_to_pem (certificate);
  return write_text (self, "recovery.pem", pem, error) ? g_steal_pointer (&certificate) : NULL;
}

static AnxProfile *
make_administrator (Creation *self,
                    GError **error)
{
  g_autoptr (AnxKey) sign_key = anx_key_generate (error);
  g_autoptr (AnxKey) seal_key = sign_key != NULL ? anx_key_generate (error) : NULL;
  if (seal_key == NULL || !anx_key_store_save (self->key_store, self->administrator, ANX_KEY_USE_SIGN, sign_key, error) ||
      !anx_key_store_save (self->key_store, self->administrator, ANX_KEY_USE_SEAL, seal_key, error))
    return NULL;
  g_autoptr (AnxCertificate) sign = issue (self, sign_key, self->administrator, ANX_KEY_USE_SIGN, error);
  g_autoptr (AnxCertificate) seal = sign != NULL ? issue (self, seal_key, self->administrator, ANX_KEY_USE_SEAL, error) : NULL;
  if (seal == NULL)
    return NULL;
  g_autofree char *folder = g_build_filename (self->folder, "administrator", NULL);
  return anx_profile_create (folder, self->hub_url, self->administrator, anx_authority_get_certificate (self->authority), sign, seal, error);
}

/* The names under which clients reach the hub: of its address, and of what it listens on when that is one machine. */
static char **
list_hub_names (Creation *self)
{
  g_autoptr (GUri) uri = g_uri_parse (self->hub_url, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const char *host = g_uri_get_host (uri);
  g_strv_builder_add (names, host);
  const char *colon = strrchr (self->listen, ':');
  g_autofree char *address = g_strndup (self->listen, colon != NULL ? (gsize) (colon - self->listen) : strlen (self->listen));
  if (*address != '\0' && !g_str_equal (address, host) && !g_str_equal (address, "0.0.0.0") && !g_str_equal (address, "[::]") &&
      !g_str_equal (address, "*"))
    g_strv_builder_add (names, address);
  return g_strv_builder_end (names);
}

static gboolean
make_hub (Creation *self,
          GError **error)
{
  g_autofree char *folder = g_build_filename (self->folder, "hub", NULL);
  g_auto (GStrv) names = list_hub_names (self);
  g_autoptr (AnxKey) key = anx_key_generate (error);
  g_autofree char *request = key != NULL ? anx_key_make_request (key, "hub", error) : NULL;
  g_autoptr (AnxCertificate) certificate =
    request != NULL
      ? anx_authority_issue_server (self->authority, request, (const char *const *) names, self->now_usec, error)
      : NULL;
  if (certificate == NULL || !anx_directory_make_private (folder, error))
    return FALSE;
  g_autofree char *certificate_pem = anx_certificate_to_pem (certificate);
  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (self->authority));
  anx_autosecret char *key_pem = anx_key_to_pem (key);
  g_autofree char *ini = g_strdup_printf ("[hub]\nlisten=%s\ndatabase=sqlite:hub.db\nauthority=authority.pem\n"
                                          "certificate=hub.pem\nkey=hub.key\n",
                                          self->listen);
  return write_text (self, "hub/hub.key", key_pem, error) && write_text (self, "hub/hub.pem", certificate_pem, error) &&
         write_text (self, "hub/authority.pem", authority_pem, error) && write_text (self, "hub/hub.ini", ini, error);
}

static JsonObject *
make_entry (const char *id,
            const char *kind,
            const char *name_zh,
            const char *name_en,
            AnxCertificate *sign,
            AnxCertificate *seal)
{
  JsonObject *entry = json_object_new ();
  JsonObject *name = json_object_new ();
  json_object_set_string_member (name, "zh", name_zh);
  json_object_set_string_member (name, "en", name_en);
  json_object_set_string_member (entry, "id", id);
  json_object_set_string_member (entry, "kind", kind);
  json_object_set_object_member (entry, "name", name);
  json_object_set_boolean_member (entry, "active", TRUE);
  g_autofree char *sign_pem = sign != NULL ? anx_certificate_to_pem (sign) : NULL;
  g_autofree char *seal_pem = anx_certificate_to_pem (seal);
  if (sign_pem != NULL)
    json_object_set_string_member (entry, "signCertificate", sign_pem);
  json_object_set_string_member (entry, "sealCertificate", seal_pem);
  return entry;
}

/* Written last: a folder with a draft is whole. */
static gboolean
write_draft (Creation *self,
             AnxProfile *administrator,
             AnxCertificate *recovery,
             GError **error)
{
  g_autoptr (JsonObject) draft = json_object_new ();
  JsonArray *principals = json_array_new ();
  JsonObject *entry = make_entry (self->administrator, "person", "管理员", "Administrator", anx_profile_get_sign_certificate (administrator),
                                  anx_profile_get_seal_certificate (administrator));
  static const char *const roles[] = { "administrator", NULL };
  anx_json_set_strings (entry, "roles", roles);
  json_array_add_object_element (principals, entry);
  json_array_add_object_element (principals, make_entry (ANX_RECOVERY_PRINCIPAL, "recovery", "恢复密钥", "Recovery key", NULL, recovery));
  json_object_set_string_member (draft, "district", self->district);
  json_object_set_string_member (draft, "name", self->name);
  json_object_set_string_member (draft, "hub", self->hub_url);
  json_object_set_array_member (draft, "centres", json_array_new ());
  json_object_set_array_member (draft, "services", json_array_new ());
  json_object_set_array_member (draft, "principals", principals);
  json_object_set_array_member (draft, "revoked", json_array_new ());
  g_autoptr (JsonNode) node = anx_json_node_from_object (draft);
  g_autofree char *text = json_to_string (node, TRUE);
  return write_text (self, ANX_DRAFT_FILE, text, error);
}

static gboolean
make_all (Creation *self,
          GError **error)
{
  self->authority = anx_authority_create (self->district, self->name, self->now_usec, error);
  if (self->authority == NULL || !anx_directory_make_private (self->folder, error) ||
      !anx_key_store_save (self->key_store, ANX_AUTHORITY_PRINCIPAL, ANX_KEY_USE_SIGN, anx_authority_get_key (self->authority), error))
    return FALSE;
  g_autofree char *authority_pem = anx_certificate_to_pem (anx_authority_get_certificate (self->authority));
  if (!write_text (self, ANX_AUTHORITY_FILE, authority_pem, error))
    return FALSE;
  g_autoptr (AnxCertificate) recovery = make_recovery (self, error);
  if (recovery == NULL)
    return FALSE;
  g_autoptr (AnxProfile) administrator = make_administrator (self, error);
  return administrator != NULL && make_hub (self, error) && write_draft (self, administrator, recovery, error);
}

static gboolean
run_create (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_auto (Creation) self = { 0 };
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &self.folder, N_("The administrator's folder, made now"), "DIR" },
    { "district", 0, 0, G_OPTION_ARG_STRING, &self.district, N_("The district's id: lower-case letters, digits, dashes"), "ID" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &self.name, N_("The district's name as people know it"), "NAME" },
    { "hub-url", 0, 0, G_OPTION_ARG_STRING, &self.hub_url, N_("Where clients find the hub: https://host:port"), "URL" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &self.listen, N_("What the hub listens on; all addresses when left out"), "ADDRESS:PORT" },
    { "administrator", 0, 0, G_OPTION_ARG_STRING, &self.administrator, N_("The administrator's id"), "ID" },
    { "recovery-out", 0, 0, G_OPTION_ARG_FILENAME, &self.recovery_out, N_("Where the recovery key goes; keep it offline"), "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !check_words (&self, error))
    return FALSE;
  self.now_usec = g_get_real_time ();
  self.key_store = anx_secret_key_store_new (self.district);
  if (!check_free (&self, error))
    return FALSE;
  if (!make_all (&self, error))
    {
      /* Keys of a district that never came to be must not stand in the way of the next try. */
      anx_key_store_forget (self.key_store, ANX_AUTHORITY_PRINCIPAL, NULL);
      anx_key_store_forget (self.key_store, self.administrator, NULL);
      return FALSE;
    }
  g_printerr (_("The district “%s” is made. Authority: %s\n"), self.district,
              anx_certificate_get_fingerprint (anx_authority_get_certificate (self.authority)));
  g_printerr (_("The recovery key is in %s. Take it off this machine and keep it safe.\n"), self.recovery_out);
  return TRUE;
}

const AnxCommand anx_district_commands[] = {
  { "district", "create", NULL, N_("Make a new district: authority, administrator, hub, recovery key"), run_create },
  { NULL },
};
