/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory.h"

#include <openssl/objects.h>
#include <string.h>

#include "bounds.h"
#include "cms-private.h"
#include "id.h"
#include "json.h"
#include "process.h"
#include "seal-private.h"
#include "text.h"

/* A district has some 12,000 principals and 1,900 centres; the bounds leave room and keep nonsense out. */
#define PRINCIPALS_MAX 65536
#define CENTRES_MAX 16384
#define MEMBERS_MAX 4096
#define ROLES_MAX 32
#define VERSION_MAX (G_GINT64_CONSTANT (1) << 53)

typedef struct
{
  AnxPrincipal shown;
  char **roles;
  char **members;
  /* Reading certificates takes most of the time of opening a large directory, and few are ever asked for. Under the
   * lock. */
  gboolean certificates_read;
} Entry;

struct _AnxDirectory
{
  GBytes *der;
  AnxCertificate *authority;
  JsonObject *json;
  char *digest;
  char *previous;
  const char *district;
  gint64 version;
  GPtrArray *entries;       /* (element-type Entry), in the order of the JSON */
  GHashTable *by_id;        /* id -> Entry, unowned */
  GHashTable *groups_of;    /* member id -> GPtrArray of Entry */
  GHashTable *centres;      /* id -> JsonObject, unowned */
  GMutex lock;
};

G_DEFINE_BOXED_TYPE (AnxDirectory, anx_directory, anx_directory_ref, anx_directory_unref)

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_strfreev (entry->roles);
  g_strfreev (entry->members);
  g_clear_pointer (&entry->shown.sign_certificate, anx_certificate_unref);
  g_clear_pointer (&entry->shown.seal_certificate, anx_certificate_unref);
  g_free (entry);
}

static gboolean
kind_from_text (const char *text,
                AnxPrincipalKind *out_kind)
{
  static const char *const names[] = { "person", "kiosk", "group", "recovery" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (text, names[i]) == 0)
      {
        *out_kind = (AnxPrincipalKind) i;
        return TRUE;
      }
  return FALSE;
}

/* Names are a text or {"zh","en"}; the struct has the Chinese one, screens that want another read the entry's JSON. */
static const char *
read_name (JsonObject *object)
{
  JsonObject *names = anx_json_get_object (object, "name");
  return names != NULL ? anx_json_get_string (names, "zh", anx_json_get_string (names, "en", NULL))
                       : anx_json_get_string (object, "name", NULL);
}

static gboolean
read_strings (JsonObject *object,
              const char *member,
              guint maximum,
              char ***out_strings,
              GError **error)
{
  if (!json_object_has_member (object, member) || json_object_get_null_member (object, member))
    {
      *out_strings = g_new0 (char *, 1);
      return TRUE;
    }
  *out_strings = anx_json_need_strings (object, member, maximum, error);
  return *out_strings != NULL;
}

static Entry *
read_entry (JsonObject *object,
            GError **error)
{
  Entry *entry = g_new0 (Entry, 1);
  AnxPrincipal *shown = &entry->shown;
  shown->id = anx_json_need_string (object, "id", ANX_BOUND_PRINCIPAL_CHARS, error);
  if (shown->id == NULL || !read_strings (object, "roles", ROLES_MAX, &entry->roles, error) ||
      !read_strings (object, "members", MEMBERS_MAX, &entry->members, error))
    {
      entry_free (entry);
      return NULL;
    }
  shown->name = read_name (object);
  gboolean known = kind_from_text (anx_json_get_string (object, "kind", NULL), &shown->kind);
  gboolean recovery = strcmp (shown->id, ANX_RECOVERY_PRINCIPAL) == 0;
  if (!anx_principal_id_is_valid (shown->id) || !known || shown->name == NULL ||
      recovery != (shown->kind == ANX_PRINCIPAL_RECOVERY) ||
      (shown->kind != ANX_PRINCIPAL_GROUP && entry->members[0] != NULL))
    {
      g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID,
                   "A principal's id, kind, name or members are not allowed");
      entry_free (entry);
      return NULL;
    }
  shown->centre = anx_json_get_string (object, "centre", NULL);
  shown->room = anx_json_get_string (object, "room", NULL);
  shown->roles = (const char *const *) entry->roles;
  shown->members = (const char *const *) entry->members;
  shown->active = anx_json_get_boolean (object, "active", FALSE);
  shown->json = object;
  return entry;
}

static gboolean
index_principals (AnxDirectory *self,
                  GError **error)
{
  JsonArray *array = anx_json_need_array (self->json, "principals", PRINCIPALS_MAX, error);
  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, error);
      Entry *entry = object != NULL ? read_entry (object, error) : NULL;
      if (entry == NULL)
        return FALSE;
      g_ptr_array_add (self->entries, entry);
      if (!g_hash_table_insert (self->by_id, (gpointer) entry->shown.id, entry))
        {
          g_set_error (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "%s stands in the directory twice",
                       entry->shown.id);
          return FALSE;
        }
      for (char **member = entry->members; *member != NULL; member++)
        {
          GPtrArray *groups = g_hash_table_lookup (self->groups_of, *member);
          if (groups == NULL)
            g_hash_table_insert (self->groups_of, *member, groups = g_ptr_array_new ());
          g_ptr_array_add (groups, entry);
        }
    }
  return TRUE;
}

static gboolean
index_centres (AnxDirectory *self,
               GError **error)
{
  JsonArray *array = anx_json_need_array (self->json, "centres", CENTRES_MAX, error);
  if (array == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *centre = anx_json_array_need_object (array, i, error);
      const char *id = centre != NULL ? anx_json_need_string (centre, "id", ANX_BOUND_PRINCIPAL_CHARS, error) : NULL;
      if (id == NULL)
        return FALSE;
      if (!g_hash_table_insert (self->centres, (gpointer) id, centre))
        {
          g_set_error_literal (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "A centre stands in the directory twice");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_root (AnxDirectory *self,
           GError **error)
{
  self->district = anx_json_need_string (self->json, "district", ANX_BOUND_PRINCIPAL_CHARS, error);
  if (self->district == NULL || !anx_json_need_int (self->json, "version", 1, VERSION_MAX, &self->version, error) ||
      anx_json_need_array (self->json, "services", CENTRES_MAX, error) == NULL)
    return FALSE;
  self->previous = g_strdup (anx_json_get_string (self->json, "previous", NULL));
  if (self->version > 1 ? self->previous == NULL || strlen (self->previous) != 64 : self->previous != NULL)
    {
      g_set_error_literal (error, ANX_BASE_ERROR, ANX_BASE_ERROR_INVALID, "“previous” does not fit the version");
      return FALSE;
    }
  return index_centres (self, error) && index_principals (self, error);
}

static gboolean
check_succession (AnxDirectory *self,
                  AnxDirectory *previous,
                  GError **error)
{
  if (strcmp (self->district, previous->district) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The directory is of another district");
  if (self->version < previous->version)
    return anx_seal_fail (error, ANX_SEAL_ERROR_STALE, "The directory is older than the one seen before");
  if (self->version == previous->version && strcmp (self->digest, previous->digest) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_STALE, "There are two directories of the same version");
  if (self->version == previous->version + 1 && g_strcmp0 (self->previous, previous->digest) != 0)
    return anx_seal_fail (error, ANX_SEAL_ERROR_STALE, "The directory does not follow the one seen before");
  return TRUE;
}

/**
 * anx_directory_open:
 * @der: a signed directory, at most %ANX_BOUND_DIRECTORY_BYTES
 * @authority: the district authority's certificate that was pinned at enrolment
 * @previous: (nullable): the newest directory seen so far
 * @error: return location, %ANX_SEAL_ERROR_TOO_LARGE, %ANX_SEAL_ERROR_INVALID, %ANX_SEAL_ERROR_TAMPERED,
 *   %ANX_SEAL_ERROR_UNTRUSTED when another key signed it or it is of another district, %ANX_SEAL_ERROR_STALE when it is
 *   older than @previous or contradicts it
 *
 * Invariants D1 to D4 of README.md. The same directory again is no error. Between versions that do not adjoin the chain
 * cannot be followed; the signature and the rising version are what is left then.
 *
 * Returns: (transfer full) (nullable): the directory
 */
AnxDirectory *
anx_directory_open (GBytes *der,
                    AnxCertificate *authority,
                    AnxDirectory *previous,
                    GError **error)
{
  g_return_val_if_fail (der != NULL && authority != NULL, NULL);
  if (g_bytes_get_size (der) > ANX_BOUND_DIRECTORY_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TOO_LARGE, "The directory is longer than %d bytes",
                     ANX_BOUND_DIRECTORY_BYTES);
      return NULL;
    }
  g_autoptr (GBytes) content = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  if (!anx_cms_verify (der, NID_pkcs7_data, NULL, &content, NULL, &signer, error))
    return NULL;
  /* Only the pinned certificate itself will do, not whatever it issued. */
  if (strcmp (anx_certificate_get_fingerprint (signer), anx_certificate_get_fingerprint (authority)) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The directory is not signed by this district's authority");
      return NULL;
    }

  g_autoptr (AnxDirectory) self = g_atomic_rc_box_new0 (AnxDirectory);
  g_mutex_init (&self->lock);
  self->der = g_bytes_ref (der);
  self->authority = anx_certificate_ref (authority);
  self->digest = anx_sha256_hex (content);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->groups_of = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->centres = g_hash_table_new (g_str_hash, g_str_equal);

  gsize length = 0;
  const char *text = g_bytes_get_data (content, &length);
  GError *inner = NULL;
  self->json = anx_json_parse_object (text != NULL ? text : "", (gssize) length, ANX_BOUND_DIRECTORY_BYTES, &inner);
  if (self->json == NULL || !read_root (self, &inner))
    {
      anx_seal_take_base_error (error, inner, "The directory");
      return NULL;
    }
  if (strcmp (self->district, anx_certificate_get_district (authority)) != 0)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "The directory is of another district");
      return NULL;
    }
  if (previous != NULL && !check_succession (self, previous, error))
    return NULL;
  return g_steal_pointer (&self);
}

static AnxCertificate *
read_certificate (AnxDirectory *self,
                  Entry *entry,
                  const char *member,
                  AnxKeyUse use)
{
  const char *pem = anx_json_get_string (entry->shown.json, member, NULL);
  g_autoptr (AnxCertificate) certificate = pem != NULL ? anx_certificate_new_from_pem (pem, NULL) : NULL;
  if (certificate == NULL || strcmp (anx_certificate_get_principal (certificate), entry->shown.id) != 0 ||
      !anx_certificate_verify_timeless (certificate, self->authority, use, NULL))
    return NULL;
  return g_steal_pointer (&certificate);
}

/* A certificate that is not of this principal, this use and this authority counts as none: nothing is sealed to it. */
static const AnxPrincipal *
show (AnxDirectory *self,
      Entry *entry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (!entry->certificates_read)
    {
      if (entry->shown.kind == ANX_PRINCIPAL_PERSON || entry->shown.kind == ANX_PRINCIPAL_KIOSK)
        entry->shown.sign_certificate = read_certificate (self, entry, "signCertificate", ANX_KEY_USE_SIGN);
      entry->shown.seal_certificate = read_certificate (self, entry, "sealCertificate", ANX_KEY_USE_SEAL);
      entry->certificates_read = TRUE;
    }
  return &entry->shown;
}

/**
 * anx_directory_get_der:
 * @self: a directory
 *
 * Returns: (transfer none): the signed bytes it was opened from
 */
GBytes *
anx_directory_get_der (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->der;
}

/**
 * anx_directory_get_version:
 * @self: a directory
 *
 * Returns: its version, from 1
 */
gint64
anx_directory_get_version (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->version;
}

/**
 * anx_directory_get_digest:
 * @self: a directory
 *
 * Returns: (transfer none): SHA-256 of the signed JSON, lower-case hex; the next version names it as `previous`
 */
const char *
anx_directory_get_digest (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->digest;
}

/**
 * anx_directory_get_previous:
 * @self: a directory
 *
 * Returns: (transfer none) (nullable): the digest of the version before, which it names; %NULL for the first
 */
const char *
anx_directory_get_previous (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->previous;
}

/**
 * anx_directory_get_district:
 * @self: a directory
 *
 * Returns: (transfer none): the district's id
 */
const char *
anx_directory_get_district (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->district;
}

/**
 * anx_directory_get_json:
 * @self: a directory
 *
 * Returns: (transfer none): the root object; read only
 */
JsonObject *
anx_directory_get_json (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->json;
}

/**
 * anx_directory_get_centre:
 * @self: a directory
 * @id: (nullable): a centre's id
 *
 * Returns: (transfer none) (nullable): the centre; read only
 */
JsonObject *
anx_directory_get_centre (AnxDirectory *self,
                          const char *id)
{
  g_return_val_if_fail (self != NULL, NULL);
  return id != NULL ? g_hash_table_lookup (self->centres, id) : NULL;
}

/**
 * anx_directory_get_services:
 * @self: a directory
 *
 * Returns: (transfer none): the services; read only
 */
JsonArray *
anx_directory_get_services (AnxDirectory *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return json_object_get_array_member (self->json, "services");
}

/**
 * anx_directory_get_principal:
 * @self: a directory
 * @id: (nullable): a principal's id
 *
 * A certificate in the result is of the authority, of this principal and for its use; whether its time is over is not
 * looked at, since the directory itself states that it is current.
 *
 * Returns: (transfer none) (nullable): the principal, active or not
 */
const AnxPrincipal *
anx_directory_get_principal (AnxDirectory *self,
                             const char *id)
{
  g_return_val_if_fail (self != NULL, NULL);
  Entry *entry = id != NULL ? g_hash_table_lookup (self->by_id, id) : NULL;
  return entry != NULL ? show (self, entry) : NULL;
}

/* Who stands under no centre serves the whole district. */
static gboolean
serves (Entry *entry,
        const char *centre)
{
  return centre == NULL || entry->shown.centre == NULL || strcmp (entry->shown.centre, centre) == 0;
}

static gboolean
entry_has_role (AnxDirectory *self,
                Entry *entry,
                const char *role,
                const char *centre)
{
  if (serves (entry, centre) && g_strv_contains (entry->shown.roles, role))
    return TRUE;
  GPtrArray *groups = g_hash_table_lookup (self->groups_of, entry->shown.id);
  for (guint i = 0; groups != NULL && i < groups->len; i++)
    {
      Entry *group = g_ptr_array_index (groups, i);
      if (group->shown.active && serves (group, centre) && g_strv_contains (group->shown.roles, role))
        return TRUE;
    }
  return FALSE;
}

/**
 * anx_directory_list_principals:
 * @self: a directory
 * @kind: persons, kiosks, groups or recovery
 * @role: (nullable): a role they must have, or %NULL for any
 * @centre: (nullable): a centre they must serve, or %NULL for any
 *
 * Active ones only. First come those of @centre itself, then those of no centre, who serve every centre; within each in
 * the directory's order. A role also comes from an active group one is a member of.
 *
 * Returns: (transfer container) (element-type AnxPrincipal): the principals, owned by @self
 */
GPtrArray *
anx_directory_list_principals (AnxDirectory *self,
                               AnxPrincipalKind kind,
                               const char *role,
                               const char *centre)
{
  g_return_val_if_fail (self != NULL, NULL);
  GPtrArray *found = g_ptr_array_new ();
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->entries->len; i++)
      {
        Entry *entry = g_ptr_array_index (self->entries, i);
        gboolean own = centre == NULL || g_strcmp0 (entry->shown.centre, centre) == 0;
        if (entry->shown.kind != kind || !entry->shown.active || own != (pass == 0))
          continue;
        if (role != NULL ? entry_has_role (self, entry, role, centre) : serves (entry, centre))
          g_ptr_array_add (found, (gpointer) show (self, entry));
      }
  return found;
}

/**
 * anx_directory_find_group:
 * @self: a directory
 * @role: a role of groups: `staff`, `duty` or `department`
 * @centre: a centre it must serve
 *
 * Returns: (nullable): the id of the first active group of that role that has a seal certificate; owned by @self
 */
const char *
anx_directory_find_group (AnxDirectory *self,
                          const char *role,
                          const char *centre)
{
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (self, ANX_PRINCIPAL_GROUP, role, centre);
  for (guint i = 0; i < groups->len; i++)
    {
      const AnxPrincipal *group = g_ptr_array_index (groups, i);
      if (group->seal_certificate != NULL)
        return group->id;
    }
  return NULL;
}

/**
 * anx_directory_list_groups_of:
 * @self: a directory
 * @principal: a principal's id
 *
 * Returns: (transfer full) (array zero-terminated=1): ids of the active groups it is a member of
 */
char **
anx_directory_list_groups_of (AnxDirectory *self,
                              const char *principal)
{
  g_return_val_if_fail (self != NULL && principal != NULL, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GPtrArray *groups = g_hash_table_lookup (self->groups_of, principal);
  for (guint i = 0; groups != NULL && i < groups->len; i++)
    {
      Entry *group = g_ptr_array_index (groups, i);
      if (group->shown.active)
        g_strv_builder_add (builder, group->shown.id);
    }
  return g_strv_builder_end (builder);
}

/**
 * anx_directory_has_role:
 * @self: a directory
 * @principal: (nullable): a principal's id
 * @role: a role
 * @centre: (nullable): the centre it is about, or %NULL for any
 *
 * A principal has a role by itself or through an active group it is a member of, for its (or the group's) centre;
 * without a centre, for the whole district.
 *
 * Returns: whether @principal is active and has it
 */
gboolean
anx_directory_has_role (AnxDirectory *self,
                        const char *principal,
                        const char *role,
                        const char *centre)
{
  g_return_val_if_fail (self != NULL && role != NULL, FALSE);
  Entry *entry = principal != NULL ? g_hash_table_lookup (self->by_id, principal) : NULL;
  return entry != NULL && entry->shown.active && entry_has_role (self, entry, role, centre);
}

static gboolean
add_seal_certificate (AnxDirectory *self,
                      const char *id,
                      GPtrArray *out,
                      GError **error)
{
  const AnxPrincipal *principal = anx_directory_get_principal (self, id);
  if (principal == NULL || !principal->active || principal->seal_certificate == NULL)
    return anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED,
                          "%s cannot receive records: not in the directory, or not enrolled", id);
  g_ptr_array_add (out, anx_certificate_ref (principal->seal_certificate));
  return TRUE;
}

/**
 * anx_directory_resolve:
 * @self: a directory
 * @ids: (array zero-terminated=1): principals and groups
 * @error: return location, %ANX_SEAL_ERROR_UNTRUSTED naming the first that is unknown, inactive or not enrolled
 *
 * Recovery is always added: without it in the directory nothing can be sealed.
 *
 * Returns: (transfer full) (nullable) (element-type AnxCertificate): one seal certificate each, in order, then
 * recovery's
 */
GPtrArray *
anx_directory_resolve (AnxDirectory *self,
                       const char *const *ids,
                       GError **error)
{
  g_return_val_if_fail (self != NULL && ids != NULL, NULL);
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_certificate_unref);
  for (gsize i = 0; ids[i] != NULL; i++)
    if (strcmp (ids[i], ANX_RECOVERY_PRINCIPAL) != 0 && !add_seal_certificate (self, ids[i], certificates, error))
      return NULL;
  if (!add_seal_certificate (self, ANX_RECOVERY_PRINCIPAL, certificates, error))
    return NULL;
  return g_steal_pointer (&certificates);
}

/* @generation holds the wrapped keys that belong to @certificate: the group's entry, or one of its former ones. */
static AnxKey *
unwrap (AnxDirectory *self,
        const AnxPrincipal *holder,
        AnxCertificate *certificate,
        JsonObject *generation,
        const char *group,
        const char *member,
        AnxKey *member_key,
        GError **error)
{
  const AnxPrincipal *reader = anx_directory_get_principal (self, member);
  JsonObject *wrapped = generation != NULL ? anx_json_get_object (generation, "wrapped") : NULL;
  const char *base64 = NULL;
  if (holder != NULL && holder->kind == ANX_PRINCIPAL_GROUP && certificate != NULL && reader != NULL && reader->seal_certificate != NULL &&
      g_strv_contains (holder->members, member) && wrapped != NULL)
    base64 = anx_json_get_string (wrapped, member, NULL);
  if (base64 == NULL || strlen (base64) > ANX_BOUND_PEM_BYTES)
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_NOT_RECIPIENT, "%s has no key of the group %s", member, group);
      return NULL;
    }
  gsize length = 0, secret_length = 0;
  guint8 *raw = g_base64_decode (base64, &length);
  g_autoptr (GBytes) sealed = g_bytes_new_take (raw, length);
  anx_autosecret char *pem = anx_cms_unseal (sealed, member_key, reader->seal_certificate, &secret_length, error);
  g_autoptr (AnxKey) key = pem != NULL ? anx_key_new_from_pem (pem, error) : NULL;
  if (key == NULL)
    return NULL;
  if (!anx_certificate_matches_key (certificate, key))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_TAMPERED, "The wrapped key is not that of the group %s", group);
      return NULL;
    }
  return g_steal_pointer (&key);
}

/**
 * anx_directory_unwrap_group_key:
 * @self: a directory
 * @group: a group's id
 * @member: a principal's id
 * @member_key: the seal key of @member
 * @error: return location, %ANX_SEAL_ERROR_NOT_RECIPIENT when @member is not a member or @member_key not its key,
 *   %ANX_SEAL_ERROR_TAMPERED when what was wrapped is not the key of the group's seal certificate,
 * %ANX_SEAL_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the group's seal key, to be held in memory only
 */
AnxKey *
anx_directory_unwrap_group_key (AnxDirectory *self,
                                const char *group,
                                const char *member,
                                AnxKey *member_key,
                                GError **error)
{
  g_return_val_if_fail (self != NULL && group != NULL && member != NULL && member_key != NULL, NULL);
  const AnxPrincipal *holder = anx_directory_get_principal (self, group);
  return unwrap (self, holder, holder != NULL ? holder->seal_certificate : NULL, holder != NULL ? holder->json : NULL, group, member, member_key,
                 error);
}

/**
 * anx_directory_unwrap_former_key:
 * @self: a directory
 * @group: a group's id
 * @index: 0 for the key before the present one, and so on
 * @member: a principal's id
 * @member_key: the seal key of @member
 * @out_certificate: (out): the certificate that records of that time were sealed to
 * @error: return location, %ANX_SEAL_ERROR_NOT_RECIPIENT when @member was not a member then, as anx_directory_unwrap_group_key()
 *
 * Returns: (transfer full) (nullable): a key the group had before somebody joined or left, to be held in memory only; %NULL without an
 *   error when it had no more
 */
AnxKey *
anx_directory_unwrap_former_key (AnxDirectory *self,
                                 const char *group,
                                 guint index,
                                 const char *member,
                                 AnxKey *member_key,
                                 AnxCertificate **out_certificate,
                                 GError **error)
{
  g_return_val_if_fail (self != NULL && group != NULL && member != NULL && member_key != NULL && out_certificate != NULL, NULL);
  const AnxPrincipal *holder = anx_directory_get_principal (self, group);
  JsonArray *former = holder != NULL ? anx_json_get_array (holder->json, "former") : NULL;
  if (former == NULL || index >= json_array_get_length (former))
    return NULL;
  JsonObject *generation = anx_json_array_need_object (former, index, NULL);
  const char *pem = generation != NULL ? anx_json_get_string (generation, "sealCertificate", NULL) : NULL;
  g_autoptr (AnxCertificate) certificate = pem != NULL ? anx_certificate_new_from_pem (pem, NULL) : NULL;
  if (certificate == NULL || g_strcmp0 (anx_certificate_get_principal (certificate), group) != 0 ||
      !anx_certificate_verify_timeless (certificate, self->authority, ANX_KEY_USE_SEAL, NULL))
    {
      anx_seal_fail (error, ANX_SEAL_ERROR_UNTRUSTED, "A former certificate of the group %s is not of the authority", group);
      return NULL;
    }
  AnxKey *key = unwrap (self, holder, certificate, generation, group, member, member_key, error);
  if (key != NULL)
    *out_certificate = g_steal_pointer (&certificate);
  return key;
}

/**
 * anx_directory_wrap_group_key:
 * @group_key: a group's seal key
 * @member: the seal certificate of a member
 * @error: return location, %ANX_SEAL_ERROR_INTERNAL
 *
 * Returns: (transfer full) (nullable): CMS AuthEnvelopedData of the key's PKCS#8 PEM for one member, Base64
 */
char *
anx_directory_wrap_group_key (AnxKey *group_key,
                              AnxCertificate *member,
                              GError **error)
{
  g_return_val_if_fail (group_key != NULL && member != NULL, NULL);
  anx_autosecret char *pem = anx_key_to_pem (group_key);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, member);
  g_autoptr (GBytes) sealed = anx_cms_seal (pem, strlen (pem), recipients, error);
  return sealed != NULL ? g_base64_encode (g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed)) : NULL;
}

/**
 * anx_directory_ref:
 * @self: a directory
 *
 * Returns: (transfer full): the same directory
 */
AnxDirectory *
anx_directory_ref (AnxDirectory *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxDirectory *self = data;
  g_clear_pointer (&self->der, g_bytes_unref);
  g_clear_pointer (&self->authority, anx_certificate_unref);
  g_free (self->digest);
  g_free (self->previous);
  /* The tables' keys live in the entries and in the JSON. */
  g_clear_pointer (&self->groups_of, g_hash_table_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->centres, g_hash_table_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->json, json_object_unref);
  g_mutex_clear (&self->lock);
}

/**
 * anx_directory_unref:
 * @self: (transfer full): a directory
 */
void
anx_directory_unref (AnxDirectory *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
