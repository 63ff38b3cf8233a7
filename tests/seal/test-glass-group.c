/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "district.h"
#include "glass-group.h"
#include "json.h"
#include "seal-error.h"

/* Wang-fang and li-wei of centre-one are members of the group that stands as "duty-one" in the common district. */

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
add_person (District *d,
            JsonObject *json,
            const char *id,
            const char *centre,
            const char *role,
            gboolean enrolled)
{
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "id", id);
  json_object_set_string_member (entry, "kind", "person");
  json_object_set_string_member (entry, "name", id);
  if (centre != NULL)
    json_object_set_string_member (entry, "centre", centre);
  anx_json_set_strings (entry, "roles", LIST (role));
  json_object_set_boolean_member (entry, "active", TRUE);
  if (enrolled)
    {
      Person *person = district_enrol (d, id);
      g_autofree char *sign = anx_certificate_to_pem (person->sign_certificate);
      g_autofree char *seal = anx_certificate_to_pem (person->seal_certificate);
      json_object_set_string_member (entry, "signCertificate", sign);
      json_object_set_string_member (entry, "sealCertificate", seal);
    }
  json_array_add_object_element (json_object_get_array_member (json, "principals"), entry);
}

static AnxDirectory *
make_directory (District *d,
                const char *const *group_roles)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = district_describe (d, 1, NULL);
  JsonArray *principals = json_object_get_array_member (json, "principals");
  for (guint i = 0; i < json_array_get_length (principals); i++)
    {
      JsonObject *entry = json_array_get_object_element (principals, i);
      if (g_str_equal (json_object_get_string_member (entry, "id"), "duty-one"))
        anx_json_set_strings (entry, "roles", group_roles);
    }
  add_person (d, json, "zhao-min", "centre-one", "lead", TRUE);
  add_person (d, json, "far-lead", "centre-two", "lead", TRUE);
  add_person (d, json, "he-ping", NULL, "supervisor", TRUE);
  add_person (d, json, "not-yet", NULL, "supervisor", FALSE);
  g_autoptr (GBytes) der = district_sign (d, json);
  AnxDirectory *directory = anx_directory_open (der, d->ca, NULL, &error);
  g_assert_no_error (error);
  return directory;
}

static void
test_group (void)
{
  g_autoptr (District) d = district_new ();
  g_autoptr (AnxDirectory) directory = make_directory (d, LIST (ANX_ROLE_BREAK_GLASS));
  const AnxPrincipal *group = anx_glass_find_group (directory, "centre-one");
  g_assert_nonnull (group);
  g_assert_cmpstr (group->id, ==, "duty-one");
  g_assert_null (anx_glass_find_group (directory, "centre-two"));
  g_assert_null (anx_glass_find_group (directory, NULL));
  g_assert_true (anx_glass_is_group (directory, "duty-one"));
  /* A member is no group, though the role comes to them from it. */
  g_assert_false (anx_glass_is_group (directory, "wang-fang"));
  g_assert_false (anx_glass_is_group (directory, "nobody"));
  g_auto (GStrv) of_member = anx_glass_list_groups_of (directory, "wang-fang");
  g_auto (GStrv) of_other = anx_glass_list_groups_of (directory, "zhao-min");
  g_assert_cmpuint (g_strv_length (of_member), ==, 1);
  g_assert_cmpuint (g_strv_length (of_other), ==, 0);
  /* Any other group is none. */
  g_autoptr (AnxDirectory) other = anx_directory_ref (d->directory);
  g_assert_false (anx_glass_is_group (other, "duty-one"));
  g_assert_null (anx_glass_find_group (other, "centre-one"));
}

static void
check_supervision (AnxDirectory *directory,
                   const char *reader,
                   const char *expected)
{
  g_autoptr (GPtrArray) found = anx_glass_list_supervision (directory, "centre-one", reader);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", ((const AnxPrincipal *) g_ptr_array_index (found, i))->id);
  g_assert_cmpstr (names->str, ==, expected);
}

/* The centre's leads first; not of another centre, not who has no key yet, and nobody supervises themselves. */
static void
test_supervision (void)
{
  g_autoptr (District) d = district_new ();
  g_autoptr (AnxDirectory) directory = make_directory (d, LIST (ANX_ROLE_BREAK_GLASS));
  check_supervision (directory, "li-wei", "zhao-min wang-fang he-ping");
  check_supervision (directory, "wang-fang", "zhao-min he-ping");
  check_supervision (directory, "zhao-min", "wang-fang he-ping");
}

/* G1, G2: the key of the group opens, and nothing else does that a supervisor, the lead or the hub has. */
static void
test_keys (void)
{
  g_autoptr (District) d = district_new ();
  g_autoptr (AnxDirectory) directory = make_directory (d, LIST (ANX_ROLE_BREAK_GLASS));
  g_autoptr (GBytes) envelope = district_envelope (d, "li-wei", LIST ("li-wei", "duty-one"));
  g_autoptr (GError) error = NULL;
  Person *member = district_person (d, "wang-fang");
  g_autoptr (AnxKey) key = anx_directory_unwrap_group_key (directory, "duty-one", "wang-fang", member->seal_key, &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) resource = NULL;
  g_assert_true (anx_envelope_open (envelope, d->ca, key, anx_glass_find_group (directory, "centre-one")->seal_certificate, NULL, &resource, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) refused = NULL;
      g_autoptr (JsonNode) nothing = NULL;
      Person *other = district_person (d, LIST ("wang-fang", "zhao-min", "he-ping")[i]);
      g_assert_false (anx_envelope_open (envelope, d->ca, other->seal_key, other->seal_certificate, NULL, &nothing, &refused));
      g_assert_error (refused, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT);
      g_assert_null (nothing);
    }
  g_autoptr (AnxKey) not_his = anx_directory_unwrap_group_key (directory, "duty-one", "he-ping", district_person (d, "he-ping")->seal_key, NULL);
  g_assert_null (not_his);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/glass-group/group", test_group);
  g_test_add_func ("/seal/glass-group/supervision", test_supervision);
  g_test_add_func ("/seal/glass-group/keys", test_keys);
  return g_test_run ();
}
