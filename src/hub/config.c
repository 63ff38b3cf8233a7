/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdarg.h>
#include <string.h>

#include "base-error.h"
#include "bounds.h"
#include "files.h"
#include "json.h"
#include "process.h"

#define CONFIG_BYTES (64 * 1024)
#define TURN_SECRET_BYTES 1024
/* Whoever has one answer can try secrets at leisure. */
#define TURN_SECRET_LEAST 16

static const char *const HUB_KEYS[] = { "listen", "database", "authority", "certificate", "key", "ice", "turn-secret", "calendar", "escalation", "referrals", "retention", "break-glass", "notices", NULL };
static const char *const LIMIT_KEYS[] = { "requests-per-minute", "public-requests-per-minute", "codes-per-minute", "intakes-per-hour", "connections", NULL };

G_GNUC_PRINTF (5, 6)
static gboolean
refuse (GError **error,
        const char *path,
        const char *group,
        const char *key,
        const char *format,
        ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG, _("%s: [%s] %s: %s"), path, group, key, reason);
  return FALSE;
}

static gboolean
keys_are_known (GKeyFile *file,
                const char *path,
                GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (gsize g = 0; groups[g] != NULL; g++)
    {
      const char *const *known = g_str_equal (groups[g], "hub") ? HUB_KEYS : g_str_equal (groups[g], "limits") ? LIMIT_KEYS : NULL;
      if (known == NULL)
        {
          g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG, _("%s: there is no section [%s]"), path, groups[g]);
          return FALSE;
        }
      g_auto (GStrv) keys = g_key_file_get_keys (file, groups[g], NULL, NULL);
      for (gsize k = 0; keys != NULL && keys[k] != NULL; k++)
        if (!g_strv_contains (known, keys[k]))
          return refuse (error, path, groups[g], keys[k], _("there is no such key"));
    }
  return TRUE;
}

static char *
need_value (GKeyFile *file,
            const char *path,
            const char *key,
            GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", key, NULL);
  if (value != NULL && *value != '\0')
    return g_steal_pointer (&value);
  refuse (error, path, "hub", key, _("a value is needed"));
  return NULL;
}

static char *
resolve (const char *path,
         const char *value)
{
  g_autofree char *folder = g_path_get_dirname (path);
  return g_path_is_absolute (value) ? g_strdup (value) : g_build_filename (folder, value, NULL);
}

static char *
need_path (GKeyFile *file,
           const char *path,
           const char *key,
           GError **error)
{
  g_autofree char *value = need_value (file, path, key, error);
  return value != NULL ? resolve (path, value) : NULL;
}

static gboolean
read_listen (AnxHubConfig *self,
             GKeyFile *file,
             const char *path,
             GError **error)
{
  g_autofree char *value = need_value (file, path, "listen", error);
  if (value == NULL)
    return FALSE;
  const char *colon = strrchr (value, ':');
  guint64 port = 0;
  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return refuse (error, path, "hub", "listen", _("must be ADDRESS:PORT, such as 0.0.0.0:8443"));
  g_autofree char *address = g_strndup (value, (gsize) (colon - value));
  if (address[0] == '[' && g_str_has_suffix (address, "]"))
    {
      address[strlen (address) - 1] = '\0';
      memmove (address, address + 1, strlen (address));
    }
  if (!g_hostname_is_ip_address (address))
    return refuse (error, path, "hub", "listen", _("must be ADDRESS:PORT, such as 0.0.0.0:8443"));
  self->address = g_steal_pointer (&address);
  self->port = (int) port;
  return TRUE;
}

static gboolean
read_database (AnxHubConfig *self,
               GKeyFile *file,
               const char *path,
               GError **error)
{
  g_autofree char *value = need_value (file, path, "database", error);
  if (value == NULL)
    return FALSE;
  if (g_str_has_prefix (value, "postgresql:") || g_str_has_prefix (value, "postgres:"))
    return refuse (error, path, "hub", "database", _("this version keeps its data in SQLite only; write sqlite:PATH"));
  if (!g_str_has_prefix (value, "sqlite:") || value[strlen ("sqlite:")] == '\0')
    return refuse (error, path, "hub", "database", _("must be sqlite:PATH"));
  self->database = resolve (path, value + strlen ("sqlite:"));
  return TRUE;
}

static gboolean
read_authority (AnxHubConfig *self,
                GKeyFile *file,
                const char *path,
                GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autofree char *authority = need_path (file, path, "authority", error);
  if (authority == NULL)
    return FALSE;
  g_autoptr (GBytes) pem = anx_file_read (authority, ANX_BOUND_PEM_BYTES, &inner);
  if (pem != NULL)
    self->authority = anx_certificate_new_from_pem (g_bytes_get_data (pem, NULL), &inner);
  return self->authority != NULL || refuse (error, path, "hub", "authority", "%s", inner->message);
}

static gboolean
read_ice (AnxHubConfig *self,
          GKeyFile *file,
          const char *path,
          GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", "ice", NULL);
  if (value == NULL || *value == '\0')
    {
      self->ice = json_array_new ();
      return TRUE;
    }
  g_autoptr (GError) inner = NULL;
  g_autoptr (JsonNode) node = anx_json_parse (value, -1, CONFIG_BYTES, &inner);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, path, "hub", "ice", _("must be a JSON array of servers, each with “urls”"));
  JsonArray *servers = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (servers); i++)
    {
      JsonObject *server = anx_json_array_need_object (servers, i, NULL);
      if (server == NULL || anx_json_get_array (server, "urls") == NULL)
        return refuse (error, path, "hub", "ice", _("must be a JSON array of servers, each with “urls”"));
    }
  self->ice = json_array_ref (servers);
  return TRUE;
}

/* The secret the relay server shares, the first line of a file, so that it stands in no configuration that is shown around. */
static gboolean
read_turn_secret (AnxHubConfig *self,
                  GKeyFile *file,
                  const char *path,
                  GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", "turn-secret", NULL);
  if (value == NULL || *value == '\0')
    return TRUE;
  g_autoptr (GError) inner = NULL;
  g_autofree char *secret_path = resolve (path, value);
  g_autoptr (GBytes) content = anx_file_read (secret_path, TURN_SECRET_BYTES, &inner);
  if (content == NULL)
    return refuse (error, path, "hub", "turn-secret", "%s", inner->message);
  gsize size = 0;
  const char *text = g_bytes_get_data (content, &size);
  self->turn_secret = g_strndup (text, size);
  g_strdelimit (self->turn_secret, "\r\n", '\0');
  return strlen (self->turn_secret) >= TURN_SECRET_LEAST ||
         refuse (error, path, "hub", "turn-secret", _("%s needs a first line of at least %d characters"), secret_path, TURN_SECRET_LEAST);
}

static gboolean
read_limit (GKeyFile *file,
            const char *path,
            const char *key,
            gint64 fallback,
            gint64 maximum,
            gint64 *out_value,
            GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "limits", key, NULL);
  guint64 number = (guint64) fallback;
  if (value != NULL && !g_ascii_string_to_unsigned (value, 10, 1, (guint64) maximum, &number, NULL))
    return refuse (error, path, "limits", key, _("must be a whole number from 1 to %d"), (int) maximum);
  *out_value = (gint64) number;
  return TRUE;
}

/* Notices go to a program, to a URL, or only into the journal. */
static gboolean
read_notices (AnxHubConfig *self,
              GKeyFile *file,
              const char *path,
              GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", "notices", NULL);
  if (value == NULL || *value == '\0' || g_str_equal (value, "console"))
    return TRUE;
  if (!g_str_has_prefix (value, "program:/") && !g_str_has_prefix (value, "https://") && !g_str_has_prefix (value, "http://127.0.0.1"))
    return refuse (error, path, "hub", "notices", _("must be console, program:/PATH or an https address"));
  self->notices = g_steal_pointer (&value);
  return TRUE;
}

/* A file of the site's own instead of what is built in; @out stays %NULL without one. */
static gboolean
read_own_file (GKeyFile *file,
               const char *path,
               const char *key,
               char **out,
               GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "hub", key, NULL);
  if (value == NULL || *value == '\0')
    return TRUE;
  *out = resolve (path, value);
  return g_file_test (*out, G_FILE_TEST_IS_REGULAR) || refuse (error, path, "hub", key, _("%s is not there"), *out);
}

/* The calendar is optional: a missing file at the usual place means that only weekends are free; a missing named one is a mistake. */
static gboolean
read_calendar (AnxHubConfig *self,
               GKeyFile *file,
               const char *path,
               GError **error)
{
  if (!read_own_file (file, path, "calendar", &self->calendar, error))
    return FALSE;
  g_autofree char *usual = g_build_filename (ANX_DATA_DIR, "calendar", "cn.json", NULL);
  if (self->calendar == NULL && g_file_test (usual, G_FILE_TEST_IS_REGULAR))
    self->calendar = g_steal_pointer (&usual);
  return TRUE;
}

/**
 * anx_hub_config_read:
 * @path: the configuration file, in the form of README.md
 * @error: return location, %ANX_BASE_ERROR_CONFIG; the message names file, section and key
 *
 * Returns: (transfer full) (nullable): the checked configuration
 */
AnxHubConfig *
anx_hub_config_read (const char *path,
                     GError **error)
{
  g_autoptr (AnxHubConfig) self = g_new0 (AnxHubConfig, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) inner = NULL;

  g_autoptr (GBytes) content = anx_file_read (path, CONFIG_BYTES, &inner);
  gsize size = 0;
  const char *text = content != NULL ? g_bytes_get_data (content, &size) : NULL;
  if (text == NULL || !g_key_file_load_from_data (file, text, size, G_KEY_FILE_NONE, &inner))
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_CONFIG, _("The configuration cannot be read. %s: %s"), path, inner->message);
      return NULL;
    }
  if (!keys_are_known (file, path, error) || !read_listen (self, file, path, error) || !read_database (self, file, path, error) ||
      !read_authority (self, file, path, error))
    return NULL;
  self->certificate = need_path (file, path, "certificate", error);
  if (self->certificate == NULL)
    return NULL;
  self->key = need_path (file, path, "key", error);
  if (self->key == NULL)
    return NULL;
  if (!read_ice (self, file, path, error) || !read_turn_secret (self, file, path, error) || !read_calendar (self, file, path, error) ||
      !read_notices (self, file, path, error) || !read_own_file (file, path, "escalation", &self->escalation, error) ||
      !read_own_file (file, path, "referrals", &self->referrals, error) ||
      !read_own_file (file, path, "retention", &self->retention, error) ||
      !read_own_file (file, path, "break-glass", &self->break_glass, error) ||
      !read_limit (file, path, "requests-per-minute", 600, 1000000, &self->requests_per_minute, error) ||
      !read_limit (file, path, "public-requests-per-minute", 60, 1000000, &self->public_requests_per_minute, error) ||
      /* Not fewer than records in a batch by default: what waited for the hub comes at once. */
      !read_limit (file, path, "intakes-per-hour", 2 * ANX_BOUND_BATCH_RECORDS, 1000000, &self->intakes_per_hour, error) ||
      !read_limit (file, path, "codes-per-minute", 30, 1000000, &self->codes_per_minute, error) ||
      !read_limit (file, path, "connections", 8000, 100000, &self->connections, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_hub_config_free:
 * @self: (transfer full) (nullable): a configuration
 */
void
anx_hub_config_free (AnxHubConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->address);
  g_free (self->database);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self->calendar);
  g_free (self->notices);
  g_free (self->escalation);
  g_free (self->referrals);
  g_free (self->retention);
  g_free (self->break_glass);
  if (self->turn_secret != NULL)
    anx_wipe (self->turn_secret, strlen (self->turn_secret));
  g_free (self->turn_secret);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_clear_pointer (&self->ice, json_array_unref);
  g_free (self);
}
