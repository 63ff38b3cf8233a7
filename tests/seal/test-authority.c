/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "crl.h"
#include "district.h"
#include "seal-error.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define DAY (24 * 60 * 60 * (gint64) G_USEC_PER_SEC)

static void
test_issue (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, "li-wei");
  AnxCertificate *sign = person->sign_certificate, *seal = person->seal_certificate;
  g_assert_cmpstr (anx_certificate_get_principal (sign), ==, "li-wei");
  g_assert_cmpstr (anx_certificate_get_district (sign), ==, "test-district");
  g_assert_cmpuint (strlen (anx_certificate_get_fingerprint (sign)), ==, 64);
  g_assert_cmpstr (anx_certificate_get_serial (sign), !=, anx_certificate_get_serial (seal));
  g_assert_true (anx_certificate_matches_key (sign, person->sign_key));
  g_assert_false (anx_certificate_matches_key (sign, person->seal_key));
  g_assert_cmpint (anx_certificate_get_not_after_usec (sign), ==, DISTRICT_NOW + 731 * DAY);

  g_assert_true (anx_certificate_verify (sign, district->ca, ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_no_error (error);
  g_assert_true (anx_certificate_verify (seal, district->ca, ANX_KEY_USE_SEAL, DISTRICT_NOW, &error));
  g_assert_no_error (error);

  g_autofree char *pem = anx_certificate_to_pem (sign);
  g_autoptr (AnxCertificate) again = anx_certificate_new_from_pem (pem, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_certificate_get_fingerprint (again), ==, anx_certificate_get_fingerprint (sign));
}

static void
test_wrong_use (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_person (district, "li-wei");
  g_autofree char *request = anx_key_make_request (person->sign_key, "hub", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxCertificate)
      server = anx_authority_issue_server (district->authority, request, LIST ("hub.example", "127.0.0.1", "::1"),
                                           DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (anx_certificate_get_principal (server), ==, "hub");
  const struct
  {
    const char *name;
    AnxCertificate *certificate;
    AnxKeyUse use;
  } cases[] = {
    { "sign as seal", person->sign_certificate, ANX_KEY_USE_SEAL },
    { "seal as sign", person->seal_certificate, ANX_KEY_USE_SIGN },
    { "server as sign", server, ANX_KEY_USE_SIGN },
    { "server as seal", server, ANX_KEY_USE_SEAL },
    { "authority as sign", district->ca, ANX_KEY_USE_SIGN },
    { "authority as seal", district->ca, ANX_KEY_USE_SEAL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_assert_false (anx_certificate_verify (cases[i].certificate, district->ca, cases[i].use, DISTRICT_NOW, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
      g_clear_error (&error);
    }
}

static void
test_time_and_trust (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (GError) error = NULL;
  AnxCertificate *sign = district_person (district, "li-wei")->sign_certificate;
  g_assert_false (anx_certificate_verify (sign, stranger->ca, ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  /* A machine whose clock is a day slow can still connect and be told. */
  g_assert_true (anx_certificate_verify (sign, district->ca, ANX_KEY_USE_SIGN, DISTRICT_NOW - DAY, &error));
  g_assert_no_error (error);
  static const gint64 days[] = { -3, 732 };
  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    {
      g_assert_false (
          anx_certificate_verify (sign, district->ca, ANX_KEY_USE_SIGN, DISTRICT_NOW + days[i] * DAY, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_EXPIRED);
      g_clear_error (&error);
    }
  g_autoptr (AnxAuthority) elsewhere = anx_authority_create ("other-district", "别处", DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_assert_false (
      anx_certificate_verify (sign, anx_authority_get_certificate (elsewhere), ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
}

static void
test_requests (void)
{
  g_autoptr (District) district = district_new ();
  AnxAuthority *authority = district->authority;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxKey) key = anx_key_generate (&error);
  g_autofree char *request = anx_key_make_request (key, "li-wei", &error);
  g_autofree char *large = g_strnfill (ANX_BOUND_PEM_BYTES + 1, 'x');

  g_assert_null (anx_authority_issue (authority, request, "wang-fang", ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_assert_null (anx_authority_issue (authority, request, "Li", ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_authority_issue (authority, "nothing", "li-wei", ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_authority_issue (authority, large, "li-wei", ANX_KEY_USE_SIGN, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);

  /* A changed request no longer carries its own signature. The name's last letter stands somewhere in the Base64. */
  guint refused = 0;
  for (gsize at = 40; at + 40 < strlen (request); at += 3)
    {
      g_autofree char *changed = g_strdup (request);
      if (changed[at] == '\n')
        continue;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      g_autoptr (AnxCertificate) certificate =
          anx_authority_issue (authority, changed, "li-wei", ANX_KEY_USE_SIGN, DISTRICT_NOW, &error);
      g_assert_true (certificate == NULL || strcmp (changed, request) == 0);
      refused += g_error_matches (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED) ? 1 : 0;
      g_clear_error (&error);
    }
  g_assert_cmpuint (refused, >, 0);

  static const struct
  {
    const char *names[3];
  } bad[] = { { { NULL } }, { { "" } }, { { "a,DNS:evil" } }, { { "good", "Bad Name" } }, { { "IP:1.2.3.4" } } };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (anx_authority_issue_server (authority, request, bad[i].names, DISTRICT_NOW, &error));
      g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_null (anx_authority_issue_server (authority, "nothing", LIST ("hub"), DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

static void
test_create_and_open (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  AnxKey *key = anx_authority_get_key (district->authority);
  g_autoptr (AnxAuthority) again = anx_authority_open (key, district->ca, &error);
  g_assert_no_error (error);
  g_assert_true (anx_authority_get_key (again) == key);

  Person *person = district_person (district, "li-wei");
  g_assert_null (anx_authority_open (person->sign_key, district->ca, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_assert_null (anx_authority_open (person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  g_autofree char *long_name = g_strnfill (65, 'x');
  g_assert_null (anx_authority_create ("Bad", "x", DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_authority_create ("good", long_name, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

static void
test_certificates_of_other_form (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (ANX_BOUND_PEM_BYTES + 1, 'x');
  g_assert_null (anx_certificate_new_from_pem ("nothing", &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_certificate_new_from_pem (large, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_autoptr (GBytes) large_bytes = g_bytes_new (large, ANX_BOUND_PEM_BYTES + 1), small = g_bytes_new ("x", 1);
  g_assert_null (anx_certificate_new_from_der (large_bytes, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_certificate_new_from_der (small, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

static gboolean
opens_crl (GBytes *der,
           gpointer data,
           GError **error)
{
  g_autoptr (AnxCrl) crl = anx_crl_open (der, data, error);
  return crl != NULL;
}

static void
test_crl (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (GError) error = NULL;
  const char *gone = anx_certificate_get_serial (district_person (district, "li-wei")->sign_certificate);
  const char *there = anx_certificate_get_serial (district_person (district, "wang-fang")->sign_certificate);
  g_autoptr (GBytes) der = anx_authority_make_crl (district->authority, LIST (gone, "01"), 7, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_autoptr (AnxCrl) crl = anx_crl_open (der, district->ca, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anx_crl_get_number (crl), ==, 7);
  g_assert_true (anx_crl_revokes (crl, gone));
  g_assert_true (anx_crl_revokes (crl, "01"));
  g_assert_false (anx_crl_revokes (crl, there));
  g_autoptr (AnxCrl) same = anx_crl_ref (crl);
  g_assert_true (same == crl);

  g_autoptr (GBytes) empty_der = anx_authority_make_crl (district->authority, NULL, 0, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_autoptr (AnxCrl) empty = anx_crl_open (empty_der, district->ca, &error);
  g_assert_no_error (error);
  g_assert_false (anx_crl_revokes (empty, gone));

  g_assert_null (anx_crl_open (der, district_person (stranger, "li-wei")->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_UNTRUSTED);
  g_clear_error (&error);
  /* The stranger's authority has the same names, so only its signature tells. */
  g_assert_null (anx_crl_open (der, stranger->ca, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TAMPERED);
  g_clear_error (&error);

  district_check_every_byte (der, opens_crl, district->ca);
  g_assert_null (anx_authority_make_crl (district->authority, LIST ("xyz"), 8, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (ANX_BOUND_REQUEST_BYTES + 1), ANX_BOUND_REQUEST_BYTES + 1);
  g_assert_null (anx_crl_open (large, district->ca, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/authority/issue", test_issue);
  g_test_add_func ("/seal/authority/wrong-use", test_wrong_use);
  g_test_add_func ("/seal/authority/time-and-trust", test_time_and_trust);
  g_test_add_func ("/seal/authority/requests", test_requests);
  g_test_add_func ("/seal/authority/create-and-open", test_create_and_open);
  g_test_add_func ("/seal/authority/certificates-of-other-form", test_certificates_of_other_form);
  g_test_add_func ("/seal/authority/crl", test_crl);
  return g_test_run ();
}
