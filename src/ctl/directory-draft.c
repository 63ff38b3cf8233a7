/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-draft.h"

#include <glib/gi18n.h>
#include <string.h>

#include "appointment.h"
#include "bounds.h"
#include "ctl-error.h"
#include "directory.h"
#include "glass-group.h"
#include "id.h"
#include "json.h"
#include "messages.h"
#include "seal-error.h"

/* What only this program writes into an entry; an imported file may not bring it. */
static const char *const own_members[] = { "signCertificate", "sealCertificate", "wrapped", "wrappedTo", "former", NULL };
static const char *const principal_kinds[] = { "person", "kiosk", "group", NULL };

static gboolean
fail_invalid (GError **error,
              const char *where,
              const char *what)
{
  g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, "%s: %s", where, what);
  return FALSE;
}

static gboolean
check_principal (JsonObject *entry,
                 const char *id,
                 GError **error)
{
  const char *kind = anx_json_get_string (entry, "kind", "");
  if (!g_strv_contains (principal_kinds, kind))
    return fail_invalid (error, id, _("“kind” must be person, kiosk or group"));
  if (g_str_equal (id, ANX_RECOVERY_PRINCIPAL) || g_str_equal (id, ANX_AUTHORITY_PRINCIPAL))
    return fail_invalid (error, id, _("this name is taken by the district itself"));
  for (guint i = 0; own_members[i] != NULL; i++)
    if (json_object_has_member (entry, own_members[i]))
      return fail_invalid (error, id, _("certificates and keys come from enrolment, not from a file"));
  /* The hub lets such a principal do nothing else; in a group it would be a way for others to hand in. */
  g_auto (GStrv) roles = json_object_has_member (entry, "roles") ? anx_json_need_strings (entry, "roles", 64, error) : NULL;
  if (roles != NULL && g_strv_contains ((const char *const *) roles, "intake") && (roles[1] != NULL || !g_str_equal (kind, "person")))
    return fail_invalid (error, id, _("the role intake stands alone, and is not for a group or a kiosk"));
  return roles != NULL || !json_object_has_member (entry, "roles");
}

static gboolean
check_service (JsonObject *entry,
               const char *id,
               GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxService) service = anx_service_parse (entry, &inner);
  return service != NULL || fail_invalid (error, id, inner->message);
}

static gboolean
check_centre (JsonObject *entry,
              const char *id,
              GError **error)
{
  return anx_json_get_array (entry, "rooms") != NULL || fail_invalid (error, id, _("a centre needs “rooms”"));
}

static JsonObject *
find_by_id (JsonArray *array,
            const char *id)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = anx_json_array_need_object (array, i, NULL);
      if (object != NULL && g_strcmp0 (anx_json_get_string (object, "id", NULL), id) == 0)
        return object;
    }
  return NULL;
}

/* Members of the addition replace those of the entry; what the addition does not name stays. */
static void
merge_entry (JsonArray *into,
             JsonObject *addition,
             const char *id)
{
  JsonObject *entry = find_by_id (into, id);
  if (entry == NULL)
    {
      entry = json_object_new ();
      json_array_add_object_element (into, entry);
    }
  g_autoptr (GList) members = json_object_get_members (addition);
  for (GList *l = members; l != NULL; l = l->next)
    json_object_set_member (entry, l->data, json_node_copy (json_object_get_member (addition, l->data)));
}

typedef gboolean (*EntryCheck) (JsonObject *entry, const char *id, GError **error);

static gboolean
merge_list (JsonObject *draft,
            JsonObject *addition,
            const char *list,
            EntryCheck check,
            GError **error)
{
  if (!json_object_has_member (addition, list))
    return TRUE;
  JsonArray *from = anx_json_need_array (addition, list, G_MAXUINT16, error);
  if (from == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (from); i++)
    {
      JsonObject *entry = anx_json_array_need_object (from, i, error);
      if (entry == NULL)
        return FALSE;
      const char *id = anx_json_get_string (entry, "id", "");
      if (!anx_principal_id_is_valid (id))
        return fail_invalid (error, list, _("each entry needs an “id” of lower-case letters, digits and dashes"));
      if (!check (entry, id, error))
        return FALSE;
      merge_entry (anx_json_get_array (draft, list), entry, id);
    }
  return TRUE;
}

static gboolean
is_glass_group (JsonObject *entry)
{
  g_auto (GStrv) roles = json_object_has_member (entry, "roles") ? anx_json_need_strings (entry, "roles", 32, NULL) : NULL;
  return roles != NULL && g_strcmp0 (anx_json_get_string (entry, "kind", NULL), "group") == 0 &&
         g_strv_contains ((const char *const *) roles, ANX_ROLE_BREAK_GLASS);
}

/* Links of the whole draft: a member or a centre that does not exist is a slip of the pen, best found now. */
static gboolean
check_links (AnxDistrictFolder *folder,
             GError **error)
{
  JsonObject *draft = anx_district_folder_get_draft (folder);
  JsonArray *principals = anx_json_get_array (draft, "principals");
  JsonArray *centres = anx_json_get_array (draft, "centres");
  for (guint i = 0; i < json_array_get_length (principals); i++)
    {
      JsonObject *entry = anx_json_array_need_object (principals, i, error);
      if (entry == NULL)
        return FALSE;
      const char *id = anx_json_get_string (entry, "id", "");
      const char *centre = anx_json_get_string (entry, "centre", NULL);
      if (centre != NULL && find_by_id (centres, centre) == NULL)
        return fail_invalid (error, id, _("“centre” names a centre that does not exist"));
      if (centre == NULL && is_glass_group (entry))
        return fail_invalid (error, id, _("a break-glass group needs a “centre”: its members open records of that centre, and its lead is told"));
      if (is_glass_group (entry) && json_array_get_length (anx_json_get_array (entry, "roles")) != 1)
        return fail_invalid (error, id, _("a break-glass group has no other role: what is sealed to it waits until somebody gives a reason"));
      if (!json_object_has_member (entry, "members"))
        continue;
      g_auto (GStrv) members = anx_json_need_strings (entry, "members", 4096, error);
      if (members == NULL)
        return FALSE;
      for (guint m = 0; members[m] != NULL; m++)
        if (find_by_id (principals, members[m]) == NULL)
          return fail_invalid (error, id, _("“members” names somebody who does not exist"));
    }
  return TRUE;
}

/**
 * anx_directory_draft_merge:
 * @folder: the district
 * @addition: what to take in: `centres`, `services`, `principals`, each a list of objects with an `id`
 * @error: return location, %ANX_CTL_ERROR_INVALID, errors of %ANX_BASE_ERROR
 *
 * Changes the draft in memory only; after an error it must not be saved.
 *
 * Returns: whether all of it was taken in
 */
gboolean
anx_directory_draft_merge (AnxDistrictFolder *folder,
                           JsonObject *addition,
                           GError **error)
{
  JsonObject *draft = anx_district_folder_get_draft (folder);
  return merge_list (draft, addition, "centres", check_centre, error) && merge_list (draft, addition, "services", check_service, error) &&
         merge_list (draft, addition, "principals", check_principal, error) && check_links (folder, error);
}

/* The newest directory there is: the hub's when it is newer than the folder's copy (an answer to an earlier publishing may have
 * been lost). NULL without an error: none was published yet. */
static gboolean
find_latest (AnxDistrictFolder *folder,
             AnxDirectory **out_latest,
             GError **error)
{
  AnxCertificate *authority = anx_authority_get_certificate (anx_district_folder_get_authority (folder));
  g_autoptr (GBytes) kept = anx_district_folder_read (folder, ANX_DIRECTORY_FILE, ANX_BOUND_DIRECTORY_BYTES, NULL);
  g_autoptr (AnxDirectory) latest = kept != NULL ? anx_directory_open (kept, authority, NULL, error) : NULL;
  if (kept != NULL && latest == NULL)
    return FALSE;
  g_autoptr (AnxHubAnswer) answer =
    anx_district_folder_request (folder, "GET", "/v1/directory", NULL, NULL, ANX_BOUND_DIRECTORY_BYTES, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status == 200)
    {
      g_autoptr (AnxDirectory) at_hub = anx_directory_open (answer->body, authority, NULL, error);
      if (at_hub == NULL)
        return FALSE;
      if (latest == NULL || anx_directory_get_version (at_hub) > anx_directory_get_version (latest))
        {
          g_clear_pointer (&latest, anx_directory_unref);
          latest = g_steal_pointer (&at_hub);
        }
    }
  else if (answer->status != 404)
    {
      g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
      anx_message_set_status_error (answer->status, problem, error);
      return FALSE;
    }
  *out_latest = g_steal_pointer (&latest);
  return TRUE;
}

static AnxKey *
need_group_key (AnxDistrictFolder *folder,
                const char *group,
                GError **error)
{
  AnxKeyStore *store = anx_district_folder_get_key_store (folder);
  g_autoptr (GError) inner = NULL;
  AnxKey *found = anx_key_store_load (store, group, ANX_KEY_USE_SEAL, &inner);
  if (found != NULL)
    return found;
  if (!g_error_matches (inner, ANX_SEAL_ERROR, ANX_SEAL_ERROR_KEY_MISSING))
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  g_autoptr (AnxKey) key = anx_key_generate (error);
  if (key == NULL || !anx_key_store_save (store, group, ANX_KEY_USE_SEAL, key, error))
    return NULL;
  return g_steal_pointer (&key);
}

/* The certificate of the draft when it still fits the key, else a new one. */
static gboolean
certify_group (AnxDistrictFolder *folder,
               JsonObject *entry,
               AnxKey *key,
               GError **error)
{
  const char *id = anx_json_get_string (entry, "id", NULL);
  const char *pem = anx_json_get_string (entry, "sealCertificate", NULL);
  g_autoptr (AnxCertificate) present = pem != NULL ? anx_certificate_new_from_pem (pem, NULL) : NULL;
  if (present != NULL && anx_certificate_matches_key (present, key))
    return TRUE;
  g_autofree char *request = anx_key_make_request (key, id, error);
  g_autoptr (AnxCertificate) certificate = request != NULL ? anx_authority_issue (anx_district_folder_get_authority (folder), request, id,
                                                                                  ANX_KEY_USE_SEAL, g_get_real_time (), error)
                                                           : NULL;
  if (certificate == NULL)
    return FALSE;
  g_autofree char *text = anx_certificate_to_pem (certificate);
  json_object_set_string_member (entry, "sealCertificate", text);
  return TRUE;
}

/* Whose certificate a group's key may be wrapped to; NULL for who is not enrolled or not active any more. */
static AnxCertificate *
member_certificate (AnxDistrictFolder *folder,
                    const char *member)
{
  JsonObject *entry = anx_district_folder_find_principal (folder, member);
  const char *pem = anx_json_get_string (entry, "sealCertificate", NULL);
  return pem != NULL && anx_json_get_boolean (entry, "active", TRUE) ? anx_certificate_new_from_pem (pem, NULL) : NULL;
}

/* Each enrolled, active member and the fingerprint of the certificate it has now. */
static JsonObject *
list_readers (AnxDistrictFolder *folder,
              JsonObject *entry,
              GError **error)
{
  g_auto (GStrv) members = anx_json_need_strings (entry, "members", 4096, error);
  if (members == NULL)
    return NULL;
  JsonObject *readers = json_object_new ();
  for (guint i = 0; members[i] != NULL; i++)
    {
      g_autoptr (AnxCertificate) certificate = member_certificate (folder, members[i]);
      if (certificate != NULL)
        json_object_set_string_member (readers, members[i], anx_certificate_get_fingerprint (certificate));
    }
  return readers;
}

static gboolean
same_reader (JsonObject *a,
             JsonObject *b,
             const char *member)
{
  const char *fingerprint = a != NULL ? anx_json_get_string (a, member, NULL) : NULL;
  return fingerprint != NULL && b != NULL && g_strcmp0 (fingerprint, anx_json_get_string (b, member, NULL)) == 0;
}

static gboolean
same_readers (JsonObject *a,
              JsonObject *b)
{
  if (a == NULL || json_object_get_size (a) != json_object_get_size (b))
    return FALSE;
  g_autoptr (GList) members = json_object_get_members (a);
  for (GList *l = members; l != NULL; l = l->next)
    if (!same_reader (a, b, l->data))
      return FALSE;
  return TRUE;
}

static gboolean
wrap_to_readers (AnxDistrictFolder *folder,
                 JsonObject *entry,
                 JsonObject *readers,
                 AnxKey *key,
                 GError **error)
{
  g_autoptr (JsonObject) wrapped = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (readers);
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autoptr (AnxCertificate) certificate = member_certificate (folder, l->data);
      g_autofree char *text = anx_directory_wrap_group_key (key, certificate, error);
      if (text == NULL)
        return FALSE;
      json_object_set_string_member (wrapped, l->data, text);
    }
  json_object_set_object_member (entry, "wrapped", g_steal_pointer (&wrapped));
  json_object_set_object_member (entry, "wrappedTo", json_object_ref (readers));
  return TRUE;
}

/* A generation of the group's key without those who are no readers of it any more; NULL when nobody is left. */
static JsonObject *
keep_generation (JsonObject *generation,
                 JsonObject *readers)
{
  JsonObject *wrapped = anx_json_get_object (generation, "wrapped");
  JsonObject *wrapped_to = anx_json_get_object (generation, "wrappedTo");
  if (wrapped == NULL || wrapped_to == NULL)
    return NULL;
  g_autoptr (JsonObject) kept = json_object_new ();
  JsonObject *kept_wrapped = json_object_new ();
  JsonObject *kept_to = json_object_new ();
  json_object_set_string_member (kept, "sealCertificate", anx_json_get_string (generation, "sealCertificate", ""));
  json_object_set_object_member (kept, "wrapped", kept_wrapped);
  json_object_set_object_member (kept, "wrappedTo", kept_to);
  g_autoptr (GList) members = json_object_get_members (wrapped);
  for (GList *l = members; l != NULL; l = l->next)
    if (same_reader (wrapped_to, readers, l->data))
      {
        json_object_set_string_member (kept_wrapped, l->data, anx_json_get_string (wrapped, l->data, ""));
        json_object_set_string_member (kept_to, l->data, anx_json_get_string (wrapped_to, l->data, ""));
      }
  return json_object_get_size (kept_wrapped) > 0 ? g_steal_pointer (&kept) : NULL;
}

/* The present key becomes a former one: it goes on opening what was sealed to it for those who had it and still belong to the group. */
static void
retire_key (JsonObject *entry,
            JsonObject *readers)
{
  JsonArray *before = anx_json_get_array (entry, "former");
  g_autoptr (JsonArray) former = json_array_new ();
  JsonObject *present = keep_generation (entry, readers);
  if (present != NULL)
    json_array_add_object_element (former, present);
  for (guint i = 0; before != NULL && i < json_array_get_length (before); i++)
    {
      JsonObject *generation = anx_json_array_need_object (before, i, NULL);
      JsonObject *kept = generation != NULL ? keep_generation (generation, readers) : NULL;
      if (kept != NULL)
        json_array_add_object_element (former, kept);
    }
  json_object_set_array_member (entry, "former", g_steal_pointer (&former));
}

/*
 * A group's key is made anew whenever who can read with it changes: who leaves reads nothing new, who joins nothing old. This program holds it only
 * while the group has no enrolled member; afterwards it exists wrapped to the members and nowhere else.
 */
static gboolean
prepare_group (AnxDistrictFolder *folder,
               JsonObject *entry,
               GPtrArray *wrapped,
               GError **error)
{
  AnxKeyStore *store = anx_district_folder_get_key_store (folder);
  const char *id = anx_json_get_string (entry, "id", "");
  if (!json_object_has_member (entry, "members"))
    json_object_set_array_member (entry, "members", json_array_new ());
  g_autoptr (JsonObject) readers = list_readers (folder, entry, error);
  if (readers == NULL)
    return FALSE;
  JsonObject *wrapped_to = anx_json_get_object (entry, "wrappedTo");
  gboolean had_readers = wrapped_to != NULL && json_object_get_size (wrapped_to) > 0;
  if (had_readers && same_readers (wrapped_to, readers))
    return TRUE;
  if (had_readers)
    {
      retire_key (entry, readers);
      json_object_remove_member (entry, "sealCertificate");
      if (!anx_key_store_forget (store, id, error))
        return FALSE;
    }
  if (json_object_get_size (readers) > 0)
    g_ptr_array_add (wrapped, (gpointer) id);
  g_autoptr (AnxKey) key = json_object_get_size (readers) > 0 && had_readers ? anx_key_generate (error) : need_group_key (folder, id, error);
  return key != NULL && certify_group (folder, entry, key, error) && wrap_to_readers (folder, entry, readers, key, error);
}

static gboolean
prepare_groups (AnxDistrictFolder *folder,
                GPtrArray *wrapped,
                GError **error)
{
  JsonArray *principals = anx_json_get_array (anx_district_folder_get_draft (folder), "principals");
  for (guint i = 0; i < json_array_get_length (principals); i++)
    {
      JsonObject *entry = json_array_get_object_element (principals, i);
      if (!json_object_has_member (entry, "active"))
        json_object_set_boolean_member (entry, "active", TRUE);
      if (g_strcmp0 (anx_json_get_string (entry, "kind", NULL), "group") != 0)
        continue;
      if (!prepare_group (folder, entry, wrapped, error))
        return FALSE;
    }
  return TRUE;
}

/* Once the wrapped keys are on the disk, nobody else needs them. */
static gboolean
forget_group_keys (AnxDistrictFolder *folder,
                   GPtrArray *wrapped,
                   GError **error)
{
  for (guint i = 0; i < wrapped->len; i++)
    if (!anx_key_store_forget (anx_district_folder_get_key_store (folder), wrapped->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* What of the draft is everybody's to know. */
static GBytes *
build_json (AnxDistrictFolder *folder,
            AnxDirectory *latest)
{
  static const char *const members[] = { "district", "name", "centres", "services", "principals", "questionnaires", "cutOffs", NULL };
  JsonObject *draft = anx_district_folder_get_draft (folder);
  g_autoptr (JsonObject) json = json_object_new ();
  for (guint i = 0; members[i] != NULL; i++)
    if (json_object_has_member (draft, members[i]))
      json_object_set_member (json, members[i], json_node_copy (json_object_get_member (draft, members[i])));
  json_object_set_int_member (json, "version", latest != NULL ? anx_directory_get_version (latest) + 1 : 1);
  if (latest != NULL)
    json_object_set_string_member (json, "previous", anx_directory_get_digest (latest));
  char *text = anx_json_object_to_text (json);
  return g_bytes_new_take (text, strlen (text));
}

static gboolean
has_members (AnxDirectory *directory,
             const char *group)
{
  const char *const *members = group != NULL ? anx_directory_get_principal (directory, group)->members : NULL;
  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    {
      const AnxPrincipal *member = anx_directory_get_principal (directory, members[i]);
      if (member != NULL && member->active)
        return TRUE;
    }
  return FALSE;
}

/* A district is entered piece by piece, so this hinders nothing; but a kiosk whose calls for help nobody is named to answer must not go unseen. */
static void
warn_of_duty (AnxDirectory *directory)
{
  JsonArray *centres = anx_json_get_array (anx_directory_get_json (directory), "centres");
  for (guint i = 0; centres != NULL && i < json_array_get_length (centres); i++)
    {
      const char *id = anx_json_get_string (json_array_get_object_element (centres, i), "id", "");
      if (!has_members (directory, anx_directory_find_group (directory, "duty", id)))
        g_printerr (_("Warning: the centre %s has no duty group with members. A call for help there rings at its staff's desks, and the hub calls "
                      "its lead and the district. Please name who is on duty.\n"), id);
    }
}

/**
 * anx_directory_draft_publish:
 * @folder: the district
 * @out_version: (out): the version now in force
 * @error: return location, errors of %ANX_SYNC_ERROR, %ANX_SEAL_ERROR, %ANX_CTL_ERROR, %ANX_BASE_ERROR
 *
 * Makes what groups still lack, signs the draft as the next version, hands it to the hub and keeps a copy. The draft with the groups'
 * certificates is on the disk before the hub sees anything; `directory.der` after the hub has it. Centres where nobody is on duty are named on
 * the standard error.
 *
 * Returns: whether the hub took it
 */
gboolean
anx_directory_draft_publish (AnxDistrictFolder *folder,
                             gint64 *out_version,
                             GError **error)
{
  AnxAuthority *authority = anx_district_folder_get_authority (folder);
  g_autoptr (AnxDirectory) latest = NULL;
  g_autoptr (GPtrArray) wrapped = g_ptr_array_new (); /* ids of groups, owned by the draft */
  if (!check_links (folder, error) || !find_latest (folder, &latest, error) || !prepare_groups (folder, wrapped, error) ||
      !anx_district_folder_save_draft (folder, error) || !forget_group_keys (folder, wrapped, error))
    return FALSE;
  g_autoptr (GBytes) json = build_json (folder, latest);
  g_autoptr (GBytes) der = anx_authority_sign_directory (authority, json, error);
  if (der == NULL)
    return FALSE;
  /* Whoever reads it will refuse a faulty one; the administrator should hear of it first. */
  g_autoptr (AnxDirectory) next = anx_directory_open (der, anx_authority_get_certificate (authority), latest, error);
  if (next == NULL)
    return FALSE;
  g_autoptr (AnxHubAnswer) answer = anx_district_folder_request (folder, "PUT", "/v1/directory", "application/pkcs7-mime", der,
                                                                 ANX_BOUND_REQUEST_BYTES, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status < 200 || answer->status > 299)
    {
      g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
      anx_message_set_status_error (answer->status, problem, error);
      return FALSE;
    }
  *out_version = anx_directory_get_version (next);
  warn_of_duty (next);
  return anx_district_folder_write (folder, ANX_DIRECTORY_FILE, der, error);
}
