/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub-fixture.h"
#include "json.h"
#include "seal-error.h"

/* A group's key is made anew when somebody joins or leaves: who was there reads on, who joins reads nothing older, who left nothing newer. */

#define GROUP "duty-east"

static char *
write_record (AnxClient *client)
{
  char *id = anx_write_screening (client, GROUP, "");
  anx_settle (client);
  return id;
}

static JsonObject *
find_group (AnxHubFixture *district)
{
  for (guint i = 0; i < json_array_get_length (district->principals); i++)
    {
      JsonObject *entry = json_array_get_object_element (district->principals, i);
      if (g_str_equal (json_object_get_string_member (entry, "id"), GROUP))
        return entry;
    }
  g_assert_not_reached ();
}

/* A new key for the group, wrapped to those of @stay; the old one for them too. */
static void
rotate (AnxHubFixture *district,
        const char *stay,
        AnxCertificate *seal)
{
  g_autoptr (GError) error = NULL;
  JsonObject *group = find_group (district);
  JsonObject *old = json_object_new ();
  JsonObject *old_wrapped = json_object_new ();
  json_object_set_string_member (old, "sealCertificate", json_object_get_string_member (group, "sealCertificate"));
  json_object_set_string_member (old_wrapped, stay, json_object_get_string_member (json_object_get_object_member (group, "wrapped"), stay));
  json_object_set_object_member (old, "wrapped", old_wrapped);
  JsonArray *former = json_array_new ();
  json_array_add_object_element (former, old);

  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_assert_true (anx_key_store_save (district->keys, GROUP, ANX_KEY_USE_SEAL, key, &error));
  g_autofree char *request = anx_key_make_request (key, GROUP, &error);
  g_autoptr (AnxCertificate) certificate =
    anx_authority_issue (district->authority, request, GROUP, ANX_KEY_USE_SEAL, g_get_real_time (), &error);
  g_assert_no_error (error);
  g_autofree char *pem = anx_certificate_to_pem (certificate);
  g_autofree char *wrapped = anx_directory_wrap_group_key (key, seal, &error);
  const char *members[] = { stay, NULL };
  JsonObject *all = json_object_new ();
  json_object_set_string_member (all, stay, wrapped);
  json_object_set_string_member (group, "sealCertificate", pem);
  json_object_set_object_member (group, "wrapped", all);
  json_object_set_array_member (group, "former", former);
  anx_json_set_strings (group, "members", members);
}

static void
assert_opens (AnxClient *client,
              const char *id,
              gboolean wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (client, id, &error);
  if (record == NULL)
    {
      g_assert_false (wanted);
      return;
    }
  g_autoptr (JsonNode) node = anx_client_open_record (client, record, &error);
  if (wanted)
    g_assert_no_error (error);
  else
    g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT);
}

static void
test_rotation (void)
{
  AnxHubFixture *district = anx_hub_fixture_new ();
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autoptr (AnxProfile) kiosk_profile = anx_hub_fixture_add (district, "kiosk-east-1", "kiosk", NULL);
  g_autoptr (AnxProfile) stays = anx_hub_fixture_add (district, "wang", "person", "duty");
  g_autoptr (AnxProfile) leaves = anx_hub_fixture_add (district, "zhao", "person", "duty");
  anx_hub_fixture_start (district);
  anx_hub_fixture_publish (district);
  g_autoptr (AnxClient) kiosk = anx_hub_fixture_open_client (district, kiosk_profile, clock);
  g_autoptr (AnxClient) wang = anx_hub_fixture_open_client (district, stays, clock);
  g_autoptr (AnxClient) zhao = anx_hub_fixture_open_client (district, leaves, clock);
  g_autofree char *before = write_record (kiosk);
  anx_settle (wang);
  anx_settle (zhao);
  assert_opens (wang, before, TRUE);
  assert_opens (zhao, before, TRUE);

  rotate (district, "wang", anx_profile_get_seal_certificate (stays));
  g_autoptr (AnxProfile) joins = anx_hub_fixture_add (district, "li", "person", "duty");
  anx_hub_fixture_publish (district);
  anx_settle (kiosk);
  g_autoptr (AnxClient) li = anx_hub_fixture_open_client (district, joins, clock);
  g_autofree char *after = write_record (kiosk);
  anx_settle (wang);
  anx_settle (zhao);
  anx_settle (li);
  assert_opens (wang, before, TRUE);
  assert_opens (wang, after, TRUE);
  assert_opens (li, before, FALSE);
  assert_opens (li, after, TRUE);
  assert_opens (zhao, before, FALSE);
  assert_opens (zhao, after, FALSE);

  AnxClient *all[] = { kiosk, wang, zhao, li };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    anx_client_stop (all[i]);
  anx_hub_fixture_free (district);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/groups/rotation", test_rotation);
  return g_test_run ();
}
