/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "district.h"
#include "json.h"
#include "seal-error.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static AnxDirectory *
open_json (District *district,
           JsonObject *json,
           AnxDirectory *previous,
           GError **error)
{
  g_autoptr (GBytes) der = district_sign (district, json);
  return anx_directory_open (der, district->ca, previous, error);
}

static void
test_read (void)
{
  g_autoptr (District) district = district_new ();
  AnxDirectory *directory = district->directory;
  g_assert_cmpint (anx_directory_get_version (directory), ==, 1);
  g_assert_cmpstr (anx_directory_get_district (directory), ==, "test-district");
  g_assert_cmpuint (strlen (anx_directory_get_digest (directory)), ==, 64);
  g_assert_nonnull (anx_directory_get_centre (directory, "centre-one"));
  g_assert_null (anx_directory_get_centre (directory, "centre-two"));
  g_assert_null (anx_directory_get_centre (directory, NULL));
  g_assert_cmpuint (json_array_get_length (anx_directory_get_services (directory)), ==, 1);
  g_assert_true (json_object_has_member (anx_directory_get_json (directory), "principals"));

  const AnxPrincipal *li = anx_directory_get_principal (directory, "li-wei");
  g_assert_cmpstr (li->id, ==, "li-wei");
  g_assert_cmpint (li->kind, ==, ANX_PRINCIPAL_PERSON);
  g_assert_cmpstr (li->centre, ==, "centre-one");
  g_assert_true (g_strv_contains (li->roles, "counsellor"));
  g_assert_true (li->active);
  g_assert_cmpstr (anx_certificate_get_fingerprint (li->sign_certificate), ==,
                   anx_certificate_get_fingerprint (district_person (district, "li-wei")->sign_certificate));
  g_assert_null (anx_directory_get_principal (directory, "nobody"));
  const AnxPrincipal *group = anx_directory_get_principal (directory, "duty-one");
  g_assert_null (group->sign_certificate);
  g_assert_nonnull (group->seal_certificate);

  g_autoptr (AnxDirectory) again = NULL;
  g_autoptr (GError) error = NULL;
  again = anx_directory_open (anx_directory_get_der (directory), district->ca, directory, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_directory_get_digest (again), ==, anx_directory_get_digest (directory));
}

static void
test_roles (void)
{
  g_autoptr (District) district = district_new ();
  AnxDirectory *directory = district->directory;
  static const struct
  {
    const char *principal, *role, *centre;
    gboolean has;
  } cases[] = {
    { "li-wei", "counsellor", "centre-one", TRUE }, { "li-wei", "counsellor", "centre-two", FALSE },
    { "li-wei", "counsellor", NULL, TRUE },         { "li-wei", "duty", "centre-one", TRUE },
    { "li-wei", "duty", "centre-two", FALSE },      { "wang-fang", "supervisor", "centre-two", TRUE },
    { "wang-fang", "staff", NULL, FALSE },          { "kiosk-one", "duty", NULL, FALSE },
    { "nobody", "duty", NULL, FALSE },              { NULL, "duty", NULL, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].principal, cases[i].role);
      g_assert_cmpint (anx_directory_has_role (directory, cases[i].principal, cases[i].role, cases[i].centre), ==,
                       cases[i].has);
    }
  g_auto (GStrv) groups = anx_directory_list_groups_of (directory, "li-wei");
  g_assert_cmpuint (g_strv_length (groups), ==, 1);
  g_assert_cmpstr (groups[0], ==, "duty-one");
  g_auto (GStrv) none = anx_directory_list_groups_of (directory, "kiosk-one");
  g_assert_cmpuint (g_strv_length (none), ==, 0);

  g_autoptr (GPtrArray)
      near = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "counsellor", "centre-one");
  g_assert_cmpuint (near->len, ==, 2);
  g_assert_cmpstr (((const AnxPrincipal *) near->pdata[0])->id, ==, "li-wei");
  g_autoptr (GPtrArray)
      far = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, "counsellor", "centre-two");
  g_assert_cmpuint (far->len, ==, 1);
  g_assert_cmpstr (((const AnxPrincipal *) far->pdata[0])->id, ==, "wang-fang");
  g_autoptr (GPtrArray) kiosks = anx_directory_list_principals (directory, ANX_PRINCIPAL_KIOSK, NULL, NULL);
  g_assert_cmpuint (kiosks->len, ==, 1);
}

/* D1. */
static gboolean
opens_directory (GBytes *der,
                 gpointer data,
                 GError **error)
{
  g_autoptr (AnxDirectory) directory = anx_directory_open (der, data, NULL, error);
  return directory != NULL;
}

static void
test_tamper (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (GError) error = NULL;
  district_check_every_byte (anx_directory_get_der (district->directory), opens_directory, district->ca);
  g_assert_null (anx_directory_open (anx_directory_get_der (stranger->directory), district->ca, NULL, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);

  /* Nobody but the authority itself, not even whom it certified. */
  Person *person = district_person (district, "wang-fang");
  g_autoptr (AnxAuthority) elsewhere = anx_authority_create ("other-district", "别处", DISTRICT_NOW, &error);
  g_autoptr (JsonObject) json = district_describe (district, 1, NULL);
  g_autofree char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) der = anx_authority_sign_directory (elsewhere, bytes, &error);
  g_assert_null (anx_directory_open (der, anx_authority_get_certificate (elsewhere), NULL, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_assert_null (
      anx_directory_open (anx_directory_get_der (district->directory), person->sign_certificate, NULL, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

/* D2, D3. */
static void
test_succession (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  const char *first = anx_directory_get_digest (district->directory);
  g_autoptr (JsonObject) second_json = district_describe (district, 2, first);
  g_autoptr (AnxDirectory) second = open_json (district, second_json, district->directory, &error);
  g_assert_no_error (error);

  g_assert_null (anx_directory_open (anx_directory_get_der (district->directory), district->ca, second, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE);
  g_clear_error (&error);

  /* Two of one version: the wrapped keys differ each time, so the digest does. */
  g_autoptr (JsonObject) other_json = district_describe (district, 2, first);
  g_assert_null (open_json (district, other_json, second, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE);
  g_clear_error (&error);

  g_autoptr (JsonObject) broken_json = district_describe (district, 3, first);
  g_assert_null (open_json (district, broken_json, second, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE);
  g_clear_error (&error);

  /* After a gap the chain cannot be followed; what is signed and newer is taken. */
  g_autoptr (JsonObject) later_json = district_describe (district, 9, first);
  g_autoptr (AnxDirectory) later = open_json (district, later_json, second, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anx_directory_get_version (later), ==, 9);
}

static void
test_form (void)
{
  g_autoptr (District) district = district_new ();
  static const char *const cases[] = {
    "{}",
    "[]",
    "{\"version\":0,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":[]}",
    "{\"version\":1,\"previous\":\"ab\",\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":[]"
    "}",
    "{\"version\":2,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":[]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[{}],\"services\":[],\"principals\":[]"
    "}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[{\"id\":\"aa\"},{\"id\":\"aa\"}],"
    "\"services\":[],\"principals\":[]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":[7]"
    "}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"Li\",\"kind\":\"person\",\"name\":\"x\"}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"robot\",\"name\":\"x\"}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"person\"}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"recovery\",\"name\":\"x\"}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"recovery\",\"kind\":\"person\",\"name\":\"x\"}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"person\",\"name\":\"x\",\"members\":[\"aa\"]}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"person\",\"name\":\"x\",\"roles\":7}]}",
    "{\"version\":1,\"previous\":null,\"district\":\"test-district\",\"centres\":[],\"services\":[],\"principals\":["
    "{\"id\":\"li\",\"kind\":\"person\",\"name\":\"x\"},{\"id\":\"li\",\"kind\":\"person\",\"name\":\"x\"}]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) json = g_bytes_new_static (cases[i], strlen (cases[i]));
      g_autoptr (GBytes) der = anx_authority_sign_directory (district->authority, json, &error);
      g_assert_no_error (error);
      g_assert_null (anx_directory_open (der, district->ca, NULL, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
    }
}

static JsonObject *
principal_json (JsonObject *json,
                guint index)
{
  return json_array_get_object_element (json_object_get_array_member (json, "principals"), index);
}

/* D4. */
static void
test_resolve (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found =
      anx_directory_resolve (district->directory, LIST ("li-wei", "recovery", "duty-one"), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 3);
  g_assert_cmpstr (anx_certificate_get_principal (found->pdata[2]), ==, "recovery");
  g_assert_null (anx_directory_resolve (district->directory, LIST ("li-wei", "nobody"), &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_assert_nonnull (strstr (error->message, "nobody"));
  g_clear_error (&error);

  /* Not active; not enrolled; a certificate of somebody else; of another use; of another authority. */
  g_autoptr (District) stranger = district_new ();
  g_autofree char *wang_seal = anx_certificate_to_pem (district_person (district, "wang-fang")->seal_certificate);
  g_autofree char *li_sign = anx_certificate_to_pem (district_person (district, "li-wei")->sign_certificate);
  g_autofree char *foreign = anx_certificate_to_pem (district_person (stranger, "li-wei")->seal_certificate);
  const char *const pems[] = { NULL, "", "nonsense", wang_seal, li_sign, foreign };
  for (guint i = 0; i < G_N_ELEMENTS (pems); i++)
    {
      g_autoptr (JsonObject) json = district_describe (district, 1, NULL);
      JsonObject *li = principal_json (json, 0);
      if (pems[i] == NULL)
        json_object_set_boolean_member (li, "active", FALSE);
      else
        json_object_set_string_member (li, "sealCertificate", pems[i]);
      g_autoptr (AnxDirectory) directory = open_json (district, json, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (anx_directory_resolve (directory, LIST ("wang-fang", "li-wei"), &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
      g_assert_nonnull (strstr (error->message, "li-wei"));
      g_clear_error (&error);
      g_assert_cmpint (anx_directory_has_role (directory, "li-wei", "duty", NULL), ==, pems[i] != NULL);
    }

  /* Without recovery nothing can be sealed at all. */
  g_autoptr (JsonObject) json = district_describe (district, 1, NULL);
  json_array_remove_element (json_object_get_array_member (json, "principals"), 4);
  g_autoptr (AnxDirectory) bare = open_json (district, json, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (anx_directory_resolve (bare, LIST ("li-wei"), &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

static void
test_group_keys (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  Person *li = district_person (district, "li-wei"), *kiosk = district_person (district, "kiosk-one");
  Person *group = district_person (district, "duty-one");
  g_autoptr (AnxKey)
      key = anx_directory_unwrap_group_key (district->directory, "duty-one", "li-wei", li->seal_key, &error);
  g_assert_no_error (error);
  g_assert_true (anx_certificate_matches_key (group->seal_certificate, key));

  static const struct
  {
    const char *group, *member;
  } bad[] = { { "duty-one", "kiosk-one" }, { "duty-one", "nobody" }, { "no-group", "li-wei" }, { "li-wei", "li-wei" } };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (
          anx_directory_unwrap_group_key (district->directory, bad[i].group, bad[i].member, li->seal_key, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT);
      g_clear_error (&error);
    }
  g_assert_null (anx_directory_unwrap_group_key (district->directory, "duty-one", "li-wei", kiosk->seal_key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_NOT_RECIPIENT);
  g_clear_error (&error);

  /* Wrapped: another key than the certificate's; nothing; something for somebody else. */
  g_autofree char *other_key = anx_directory_wrap_group_key (kiosk->seal_key, li->seal_certificate, &error);
  g_autofree char *other_reader = anx_directory_wrap_group_key (group->seal_key, kiosk->seal_certificate, &error);
  const struct
  {
    const char *wrapped;
    AnxSealError code;
  } cases[] = { { other_key, ANX_SEAL_ERROR_TAMPERED },
                { "AAAA", ANX_SEAL_ERROR_INVALID },
                { "", ANX_SEAL_ERROR_INVALID },
                { other_reader, ANX_SEAL_ERROR_NOT_RECIPIENT } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) json = district_describe (district, 1, NULL);
      json_object_set_string_member (json_object_get_object_member (principal_json (json, 3), "wrapped"), "li-wei",
                                     cases[i].wrapped);
      g_autoptr (AnxDirectory) directory = open_json (district, json, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (anx_directory_unwrap_group_key (directory, "duty-one", "li-wei", li->seal_key, &error));
      g_assert_error (error, ANX_SEAL_ERROR, (gint) cases[i].code);
      g_clear_error (&error);
    }
}

static void
test_large (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = district_describe (district, 1, NULL);
  JsonArray *principals = json_object_get_array_member (json, "principals");
  g_autofree char *pem = anx_certificate_to_pem (district_person (district, "kiosk-one")->seal_certificate);
  for (guint i = 0; i < 12000; i++)
    {
      JsonObject *kiosk = json_object_new ();
      g_autofree char *id = g_strdup_printf ("kiosk-%05u", i);
      json_object_set_string_member (kiosk, "id", id);
      json_object_set_string_member (kiosk, "kind", "kiosk");
      json_object_set_string_member (kiosk, "name", id);
      json_object_set_string_member (kiosk, "sealCertificate", pem);
      json_object_set_boolean_member (kiosk, "active", TRUE);
      json_array_add_object_element (principals, kiosk);
    }
  g_autoptr (GBytes) der = district_sign (district, json);
  g_autoptr (AnxDirectory) directory = anx_directory_open (der, district->ca, NULL, &error);
  g_assert_no_error (error);
  /* A lookup that became quadratic would not end within the harness's time. */
  for (guint i = 0; i < 12000; i++)
    {
      g_autofree char *id = g_strdup_printf ("kiosk-%05u", i);
      g_assert_false (anx_directory_has_role (directory, id, "duty", NULL));
    }
  g_assert_nonnull (anx_directory_get_principal (directory, "kiosk-11999"));
}

static void
test_bounds (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes)
      large = g_bytes_new_take (g_malloc0 (ANX_BOUND_DIRECTORY_BYTES + 1), ANX_BOUND_DIRECTORY_BYTES + 1);
  g_assert_null (anx_directory_open (large, district->ca, NULL, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_authority_sign_directory (district->authority, large, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/directory/read", test_read);
  g_test_add_func ("/seal/directory/roles", test_roles);
  g_test_add_func ("/seal/directory/tamper", test_tamper);
  g_test_add_func ("/seal/directory/succession", test_succession);
  g_test_add_func ("/seal/directory/form", test_form);
  g_test_add_func ("/seal/directory/resolve", test_resolve);
  g_test_add_func ("/seal/directory/group-keys", test_group_keys);
  g_test_add_func ("/seal/directory/large", test_large);
  g_test_add_func ("/seal/directory/bounds", test_bounds);
  return g_test_run ();
}
