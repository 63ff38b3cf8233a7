/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bounds.h"
#include "district.h"
#include "seal-error.h"
#include "statement.h"

#define OFFER "session-description:01940000-0000-7000-8000-000000000000:offer"
#define ANSWER "session-description:01940000-0000-7000-8000-000000000000:answer"
#define OTHER_CALL "session-description:01940000-0000-7000-8000-000000000001:offer"
#define TEXT "v=0\r\na=fingerprint:sha-256 AB:CD\r\n"

static char *
sign (District *district,
      const char *who)
{
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, who);
  char *statement = anx_statement_sign (OFFER, TEXT, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  return statement;
}

static void
test_round_trip (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *statement = sign (district, "li-wei");
  g_autofree char *text = anx_statement_verify (statement, OFFER, "li-wei", district->ca, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  Person *person = district_person (district, "li-wei");
  g_autofree char *empty = anx_statement_sign ("x", "", person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  g_autofree char *nothing = anx_statement_verify (empty, "x", "li-wei", district->ca, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (nothing, ==, "");
}

/* S1, S2. */
static void
test_replay (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autofree char *statement = sign (district, "li-wei");
  g_autofree char *foreign = sign (stranger, "li-wei");
  const struct
  {
    const char *statement, *context, *principal;
    gint64 days;
    AnxSealError code;
  } cases[] = {
    { statement, ANSWER, "li-wei", 0, ANX_SEAL_ERROR_TAMPERED },
    { statement, OTHER_CALL, "li-wei", 0, ANX_SEAL_ERROR_TAMPERED },
    { statement, "", "li-wei", 0, ANX_SEAL_ERROR_TAMPERED },
    { statement, OFFER, "wang-fang", 0, ANX_SEAL_ERROR_UNTRUSTED },
    { foreign, OFFER, "li-wei", 0, ANX_SEAL_ERROR_UNTRUSTED },
    { statement, OFFER, "li-wei", 800, ANX_SEAL_ERROR_EXPIRED },
    { "", OFFER, "li-wei", 0, ANX_SEAL_ERROR_INVALID },
    { "AAAA", OFFER, "li-wei", 0, ANX_SEAL_ERROR_INVALID },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_autoptr (GError) error = NULL;
      g_assert_null (anx_statement_verify (cases[i].statement, cases[i].context, cases[i].principal, district->ca,
                                           DISTRICT_NOW + cases[i].days * 24 * 60 * 60 * G_USEC_PER_SEC, &error));
      g_assert_error (error, ANX_SEAL_ERROR, (gint) cases[i].code);
    }
}

static gboolean
opens_der (GBytes *der,
           gpointer data,
           GError **error)
{
  g_autofree char *statement = g_base64_encode (g_bytes_get_data (der, NULL), g_bytes_get_size (der));
  g_autofree char *text = anx_statement_verify (statement, OFFER, "li-wei", data, DISTRICT_NOW, error);
  return text != NULL;
}

static gboolean
opens_text (GBytes *bytes,
            gpointer data,
            GError **error)
{
  g_autofree char *statement = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *text = anx_statement_verify (statement, OFFER, "li-wei", data, DISTRICT_NOW, error);
  return text != NULL;
}

/* Its bytes, and the text in which they travel: Base64 has many ways to write the same. */
static void
test_tamper (void)
{
  g_autoptr (District) district = district_new ();
  g_autofree char *statement = sign (district, "li-wei");
  gsize length = 0;
  guint8 *data = g_base64_decode (statement, &length);
  g_autoptr (GBytes) der = g_bytes_new_take (data, length);
  district_check_every_byte (der, opens_der, district->ca);
  /* A C string ends at its first zero byte, so that one behind the text is none of it. */
  for (gsize at = 0; statement[at] != '\0'; at++)
    {
      g_autoptr (GString) longer = g_string_new (statement);
      g_string_insert_c (longer, (gssize) at, at % 2 == 0 ? '\n' : '!');
      g_autoptr (GBytes) bytes = g_bytes_new (longer->str, longer->len);
      g_assert_false (opens_text (bytes, district->ca, NULL));
      for (guint bit = 0; bit < 8; bit++)
        {
          g_autofree char *copy = g_strdup (statement);
          copy[at] = (char) (copy[at] ^ (1 << bit));
          g_autoptr (GBytes) changed = g_bytes_new (copy, strlen (statement));
          g_assert_false (opens_text (changed, district->ca, NULL));
        }
    }
}

static void
test_bounds (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, "li-wei");
  g_autofree char *large = g_strnfill (ANX_BOUND_SIGNAL_BYTES + 1, 'A');
  g_autofree char *half = g_strnfill (ANX_BOUND_SIGNAL_BYTES / 2, 'A');
  g_assert_null (anx_statement_sign (OFFER, large, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (anx_statement_sign ("", TEXT, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_statement_sign (large, TEXT, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (anx_statement_verify (large, OFFER, "li-wei", district->ca, DISTRICT_NOW, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_autofree char *statement = anx_statement_sign (OFFER, half, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (statement), <, ANX_BOUND_SIGNAL_BYTES);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/statement/round-trip", test_round_trip);
  g_test_add_func ("/seal/statement/replay", test_replay);
  g_test_add_func ("/seal/statement/tamper", test_tamper);
  g_test_add_func ("/seal/statement/bounds", test_bounds);
  return g_test_run ();
}
