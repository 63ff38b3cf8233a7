/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base-error.h"
#include "bounds.h"
#include "files.h"
#include "hub.h"
#include "json.h"
#include "store-error.h"

#define CALENDAR_BYTES (1024 * 1024)
#define RULE_BYTES (64 * 1024)
/* Keys of one limiter; when more come at once than this, the oldest knowledge goes. */
#define MOST_BUCKETS 100000

static GBytes *
read_document (AnxDatabase *database,
               const char *kind,
               GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, error, "SELECT body FROM document WHERE kind = ?", "s", kind);
  return rows != NULL && anx_rows_next (rows, error) ? anx_rows_get_bytes (rows, 0) : NULL;
}

static gboolean
load_documents (AnxHub *self,
                GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (GBytes) directory = read_document (self->reader, "directory", &inner);
  if (inner == NULL && directory != NULL)
    self->directory = anx_directory_open (directory, self->config->authority, NULL, &inner);
  if (inner == NULL)
    self->crl_der = read_document (self->reader, "crl", &inner);
  if (inner == NULL && self->crl_der != NULL)
    self->crl = anx_crl_open (self->crl_der, self->config->authority, &inner);
  if (inner == NULL)
    return TRUE;
  /* Another authority than the one that signed them: serving under it would lock everybody out without saying why. */
  if (inner->domain != ANX_STORE_ERROR)
    g_prefix_error (&inner, _("The database %s does not belong to the authority of the configuration: "), self->config->database);
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
load_calendar (AnxHub *self,
               GError **error)
{
  g_autoptr (JsonObject) json = NULL;
  if (self->config->calendar == NULL)
    {
      json = anx_json_parse_object ("{\"timezone\":\"Asia/Shanghai\",\"holidays\":[],\"workdays\":[]}", -1, 1024, error);
    }
  else
    {
      g_autoptr (GBytes) text = anx_file_read (self->config->calendar, CALENDAR_BYTES, error);
      gsize size = 0;
      const char *data = text != NULL ? g_bytes_get_data (text, &size) : NULL;
      json = data != NULL ? anx_json_parse_object (data, (gssize) size, CALENDAR_BYTES, error) : NULL;
    }
  self->calendar = json != NULL ? anx_calendar_parse (json, error) : NULL;
  if (self->calendar == NULL && self->config->calendar != NULL)
    g_prefix_error (error, "%s: ", self->config->calendar);
  if (self->calendar != NULL)
    self->plans = anx_plan_book_new (self->calendar);
  return self->calendar != NULL;
}

/* A rule belongs to the program as well as to the disk: an alert must call somebody even where a file was lost. */
static JsonObject *
read_rule (const char *path,
           const char *built_in,
           GError **error)
{
  g_autoptr (GBytes) text = path != NULL ? anx_file_read (path, RULE_BYTES, error)
                                         : g_resources_lookup_data (built_in, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  gsize size = 0;
  const char *data = text != NULL ? g_bytes_get_data (text, &size) : NULL;
  return data != NULL ? anx_json_parse_object (data, (gssize) size, RULE_BYTES, error) : NULL;
}

static gboolean
load_escalation (AnxHub *self,
                 GError **error)
{
  g_autoptr (JsonObject) json = read_rule (self->config->escalation, "/org/anxin/hub/escalation.json", error);
  self->escalation = json != NULL ? anx_escalation_parse (json, error) : NULL;
  if (self->escalation == NULL && self->config->escalation != NULL)
    g_prefix_error (error, "%s: ", self->config->escalation);
  return self->escalation != NULL;
}

static gboolean
load_limits (AnxHub *self,
             GError **error)
{
  g_autoptr (JsonObject) json = read_rule (self->config->referrals, "/org/anxin/hub/referral.json", error);
  self->limits = json != NULL ? anx_referral_limits_parse (json, error) : NULL;
  if (self->limits == NULL && self->config->referrals != NULL)
    g_prefix_error (error, "%s: ", self->config->referrals);
  return self->limits != NULL;
}

static gboolean
load_glass (AnxHub *self,
            GError **error)
{
  g_autoptr (JsonObject) json = read_rule (self->config->break_glass, "/org/anxin/hub/break-glass.json", error);
  self->glass = json != NULL ? anx_glass_rules_parse (json, error) : NULL;
  if (self->glass == NULL && self->config->break_glass != NULL)
    g_prefix_error (error, "%s: ", self->config->break_glass);
  return self->glass != NULL;
}

/* A site's own table lengthens the built-in one and cannot take its place. */
static gboolean
load_retention (AnxHub *self,
                GError **error)
{
  g_autoptr (JsonObject) json = read_rule (NULL, "/org/anxin/hub/retention.json", error);
  self->retention = json != NULL ? anx_retention_parse (json, error) : NULL;
  if (self->retention == NULL || self->config->retention == NULL)
    return self->retention != NULL;
  g_autoptr (JsonObject) own = read_rule (self->config->retention, NULL, error);
  if (own != NULL && anx_retention_lengthen (self->retention, own, error))
    return TRUE;
  g_prefix_error (error, "%s: ", self->config->retention);
  return FALSE;
}

/**
 * anx_hub_new:
 * @config: (transfer full): what the configuration says
 * @error: return location, %ANX_STORE_ERROR of anx_database_open(), or what the stored directory or the calendar is refused with
 *
 * Opens the database, brings it to the newest version, loads what is kept in memory and starts the writer. Does not listen yet.
 *
 * Returns: (transfer full) (nullable): the hub
 */
AnxHub *
anx_hub_new (AnxHubConfig *config,
             GError **error)
{
  AnxHub *self = g_new0 (AnxHub, 1);
  self->config = config;
  self->started_usec = g_get_real_time ();
  self->callers = anx_limits_new (config->requests_per_minute);
  self->addresses = anx_limits_new (config->public_requests_per_minute);
  self->code_callers = anx_limits_new (config->codes_per_minute);
  self->codes = anx_limits_new (config->codes_per_minute);
  self->pool = g_thread_pool_new (anx_request_do_work, NULL, (int) CLAMP (g_get_num_processors (), 2, 8), FALSE, NULL);

  AnxDatabase *database = anx_database_open (config->database, anx_hub_migrations, error);
  if (database != NULL)
    self->writer = anx_writer_start (database, anx_hub_return);
  if (self->writer != NULL)
    self->reader = anx_database_open_reader (config->database, error);
  if (self->reader != NULL && load_documents (self, error) && load_retention (self, error) && load_calendar (self, error) && load_escalation (self, error) &&
      load_limits (self, error) && load_glass (self, error))
    return self;
  anx_hub_stop_writing (self);
  anx_hub_free (self);
  return NULL;
}

/**
 * anx_hub_stop_writing:
 * @self: a hub
 *
 * Waits until everything queued is checked, committed and on its way back to the loop. Nothing may be queued afterwards.
 */
void
anx_hub_stop_writing (AnxHub *self)
{
  if (self->pool != NULL)
    g_thread_pool_free (g_steal_pointer (&self->pool), FALSE, TRUE);
  if (self->writer != NULL)
    anx_writer_stop (g_steal_pointer (&self->writer));
}

/**
 * anx_hub_free:
 * @self: (transfer full) (nullable): a hub after anx_hub_stop_writing()
 */
void
anx_hub_free (AnxHub *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->reader);
  g_clear_pointer (&self->joins, g_hash_table_unref);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->crl, anx_crl_unref);
  g_clear_pointer (&self->crl_der, g_bytes_unref);
  g_clear_pointer (&self->plans, anx_plan_book_free);
  g_clear_pointer (&self->calendar, anx_calendar_free);
  g_clear_pointer (&self->escalation, anx_escalation_free);
  g_clear_pointer (&self->retention, anx_retention_free);
  g_clear_pointer (&self->limits, anx_referral_limits_free);
  g_clear_pointer (&self->glass, anx_glass_rules_free);
  g_clear_pointer (&self->callers, anx_limits_free);
  g_clear_pointer (&self->addresses, anx_limits_free);
  g_clear_pointer (&self->code_callers, anx_limits_free);
  g_clear_pointer (&self->codes, anx_limits_free);
  anx_hub_config_free (self->config);
  g_free (self);
}

/**
 * anx_hub_set_directory:
 * @self: the hub
 * @directory: (transfer none): the new current directory
 *
 * Requests on their way keep the one they arrived under.
 */
void
anx_hub_set_directory (AnxHub *self,
                       AnxDirectory *directory)
{
  AnxDirectory *old = self->directory;
  self->directory = anx_directory_ref (directory);
  g_clear_pointer (&old, anx_directory_unref);
}

/**
 * anx_hub_set_crl:
 * @self: the hub
 * @crl: (transfer none): the new current revocation list
 * @der: (transfer none): its bytes
 */
void
anx_hub_set_crl (AnxHub *self,
                 AnxCrl *crl,
                 GBytes *der)
{
  g_clear_pointer (&self->crl, anx_crl_unref);
  g_clear_pointer (&self->crl_der, g_bytes_unref);
  self->crl = anx_crl_ref (crl);
  self->crl_der = g_bytes_ref (der);
}

/**
 * anx_hub_certificate_is_good:
 * @self: the hub
 * @certificate: one that was verified against the authority when its connection began
 * @now_usec: the time, UTC
 * @out_slug: (out): why not
 *
 * A connection can outlive its certificate, so that time and revocation are looked at with every request.
 *
 * Returns: whether it is in its time and not revoked
 */
gboolean
anx_hub_certificate_is_good (AnxHub *self,
                             AnxCertificate *certificate,
                             gint64 now_usec,
                             const char **out_slug)
{
  if (self->crl != NULL && anx_crl_revokes (self->crl, anx_certificate_get_serial (certificate)))
    *out_slug = "certificate-revoked";
  else if (anx_certificate_get_not_after_usec (certificate) < now_usec)
    *out_slug = "certificate-expired";
  else
    return TRUE;
  return FALSE;
}

/**
 * anx_hub_identify:
 * @self: the hub
 * @certificate: one that was verified against the authority when its connection began
 * @now_usec: the time, UTC
 * @out_slug: (out): the refusal when there is nobody
 *
 * Returns: (transfer none) (nullable): who holds it, owned by the current directory
 */
const AnxPrincipal *
anx_hub_identify (AnxHub *self,
                  AnxCertificate *certificate,
                  gint64 now_usec,
                  const char **out_slug)
{
  if (!anx_hub_certificate_is_good (self, certificate, now_usec, out_slug))
    return NULL;
  const AnxPrincipal *found =
      self->directory != NULL ? anx_directory_get_principal (self->directory, anx_certificate_get_principal (certificate)) : NULL;
  /* A certificate that was replaced in the directory is no longer anybody's, though its time is not over. */
  if (found != NULL && found->active && found->sign_certificate != NULL &&
      g_str_equal (anx_certificate_get_fingerprint (found->sign_certificate), anx_certificate_get_fingerprint (certificate)))
    return found;
  *out_slug = "principal-unknown";
  return NULL;
}

/**
 * anx_hub_serves:
 * @directory: a directory
 * @principal: an id
 * @role: of the directory
 * @centre: (nullable): for which centre, %NULL = any
 *
 * Returns: whether the principal has the role there, by its own entry or as a member of an active group that has it
 */
gboolean
anx_hub_serves (AnxDirectory *directory,
                const char *principal,
                const char *role,
                const char *centre)
{
  if (anx_directory_has_role (directory, principal, role, centre))
    return TRUE;
  g_auto (GStrv) groups = anx_directory_list_groups_of (directory, principal);
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    {
      const AnxPrincipal *group = anx_directory_get_principal (directory, groups[i]);
      if (group != NULL && group->active && group->roles != NULL && g_strv_contains (group->roles, role) &&
          (centre == NULL || g_strcmp0 (group->centre, centre) == 0))
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_hub_find_kiosk:
 * @directory: a directory
 * @centre: a centre
 * @room: one of its rooms
 *
 * Returns: (transfer none) (nullable): the active kiosk that stands there
 */
const AnxPrincipal *
anx_hub_find_kiosk (AnxDirectory *directory,
                    const char *centre,
                    const char *room)
{
  g_autoptr (GPtrArray) kiosks = anx_directory_list_principals (directory, ANX_PRINCIPAL_KIOSK, NULL, centre);
  for (guint i = 0; i < kiosks->len; i++)
    {
      const AnxPrincipal *kiosk = g_ptr_array_index (kiosks, i);
      if (kiosk->active && g_strcmp0 (kiosk->room, room) == 0)
        return kiosk;
    }
  return NULL;
}

/**
 * anx_hub_list_topics:
 * @directory: a directory
 * @principal: an id
 *
 * Returns: (transfer full): a set of the topics that concern the principal, see #AnxLook
 */
GHashTable *
anx_hub_list_topics (AnxDirectory *directory,
                     const char *principal)
{
  GHashTable *topics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  static const char *const ROLES[] = { "staff", "duty", "counsellor", "lead" };
  const AnxPrincipal *self = anx_directory_get_principal (directory, principal);
  g_hash_table_add (topics, g_strdup ("*"));
  g_hash_table_add (topics, g_strdup (principal));

  g_auto (GStrv) groups = anx_directory_list_groups_of (directory, principal);
  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    {
      const AnxPrincipal *group = anx_directory_get_principal (directory, groups[i]);
      g_hash_table_add (topics, g_strdup (groups[i]));
      if (group != NULL && group->centre != NULL)
        g_hash_table_add (topics, g_strconcat ("centre:", group->centre, NULL));
    }
  for (gsize i = 0; self != NULL && self->centre != NULL && i < G_N_ELEMENTS (ROLES); i++)
    if (self->roles != NULL && g_strv_contains (self->roles, ROLES[i]))
      g_hash_table_add (topics, g_strconcat ("centre:", self->centre, NULL));
  if (anx_directory_has_role (directory, principal, "supervisor", NULL))
    g_hash_table_add (topics, g_strdup ("supervisors"));
  return topics;
}

typedef struct
{
  double tokens;
  gint64 filled_usec;
} Bucket;

struct _AnxLimits
{
  GHashTable *buckets; /* key → Bucket */
  double per_minute;
};

/**
 * anx_limits_new:
 * @per_minute: how many a minute, at least 1
 *
 * Returns: (transfer full): a limiter
 */
AnxLimits *
anx_limits_new (gint64 per_minute)
{
  AnxLimits *self = g_new0 (AnxLimits, 1);
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->per_minute = (double) per_minute;
  return self;
}

static void
refill (AnxLimits *self,
        Bucket *bucket,
        gint64 now_usec)
{
  bucket->tokens += (double) (now_usec - bucket->filled_usec) * self->per_minute / (60.0 * G_USEC_PER_SEC);
  bucket->tokens = MIN (bucket->tokens, self->per_minute);
  bucket->filled_usec = now_usec;
}

/**
 * anx_limits_take:
 * @self: a limiter
 * @key: who asks
 * @monotonic_usec: the monotonic time
 *
 * Returns: whether one more is allowed now
 */
gboolean
anx_limits_take (AnxLimits *self,
                 const char *key,
                 gint64 monotonic_usec)
{
  Bucket *bucket = g_hash_table_lookup (self->buckets, key);
  if (bucket == NULL)
    {
      if (g_hash_table_size (self->buckets) >= MOST_BUCKETS)
        g_hash_table_remove_all (self->buckets);
      bucket = g_new0 (Bucket, 1);
      bucket->tokens = self->per_minute;
      bucket->filled_usec = monotonic_usec;
      g_hash_table_insert (self->buckets, g_strdup (key), bucket);
    }
  refill (self, bucket, monotonic_usec);
  if (bucket->tokens < 1.0)
    return FALSE;
  bucket->tokens -= 1.0;
  return TRUE;
}

/**
 * anx_limits_prune:
 * @self: a limiter
 * @monotonic_usec: the monotonic time
 *
 * Forgets those who have been quiet for a minute.
 */
void
anx_limits_prune (AnxLimits *self,
                  gint64 monotonic_usec)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->buckets);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (monotonic_usec - ((Bucket *) value)->filled_usec > 60 * G_USEC_PER_SEC)
      g_hash_table_iter_remove (&iter);
}

/**
 * anx_limits_free:
 * @self: (transfer full): a limiter
 */
void
anx_limits_free (AnxLimits *self)
{
  g_hash_table_unref (self->buckets);
  g_free (self);
}
