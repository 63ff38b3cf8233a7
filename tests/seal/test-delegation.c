/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "delegation.h"
#include "district.h"
#include "json.h"
#include "seal-error.h"
#include "statement.h"

#define SESSION "call-delegation:01940000-0000-7000-8000-000000000000"
#define OFFER "session-description:01940000-0000-7000-8000-000000000000:1:offer"
#define ANSWER "session-description:01940000-0000-7000-8000-000000000000:1:answer"
#define TEXT "v=0\r\na=fingerprint:sha-256 AB:CD\r\n"

/* What a browser does with WebCrypto. */
typedef struct
{
  EVP_PKEY *key;
  char *public_key;
} Browser;

static Browser
browser_new (const char *curve)
{
  Browser browser = { EVP_EC_gen (curve), NULL };
  unsigned char *der = NULL;
  int length = i2d_PUBKEY (browser.key, &der);
  browser.public_key = g_base64_encode (der, (gsize) length);
  OPENSSL_free (der);
  return browser;
}

static void
browser_clear (Browser *browser)
{
  EVP_PKEY_free (browser->key);
  g_free (browser->public_key);
}

static char *
browser_state (Browser *browser,
               const char *delegation,
               const char *context,
               const char *signed_text,
               const char *shown_text)
{
  g_autofree char *whole = g_strconcat (context, "\n", signed_text, NULL);
  EVP_MD_CTX *digest = EVP_MD_CTX_new ();
  size_t length = 256;
  unsigned char der[256], raw[64] = { 0 };
  g_assert_cmpint (EVP_DigestSignInit (digest, NULL, EVP_sha256 (), NULL, browser->key), ==, 1);
  g_assert_cmpint (EVP_DigestSign (digest, der, &length, (const unsigned char *) whole, strlen (whole)), ==, 1);
  EVP_MD_CTX_free (digest);
  const unsigned char *p = der;
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &p, (long) length);
  BN_bn2binpad (ECDSA_SIG_get0_r (pair), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (pair), raw + 32, 32);
  ECDSA_SIG_free (pair);
  g_autofree char *signature = g_base64_encode (raw, sizeof raw);
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "delegation", delegation);
  json_object_set_string_member (object, "signature", signature);
  json_object_set_string_member (object, "text", shown_text);
  g_autofree char *json = anx_json_object_to_text (object);
  return g_base64_encode ((const guchar *) json, strlen (json));
}

static char *
delegate (District *district,
          const char *who,
          const char *context,
          const char *key,
          gint64 until_usec)
{
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, who);
  g_autofree char *text = anx_delegation_write (key, until_usec);
  char *delegation = anx_statement_sign (context, text, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  return delegation;
}

static void
test_round_trip (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  Browser browser = browser_new ("P-256");
  g_autofree char *delegation = delegate (district, "li-wei", SESSION, browser.public_key, DISTRICT_NOW + G_TIME_SPAN_HOUR);
  g_autofree char *statement = browser_state (&browser, delegation, OFFER, TEXT, TEXT);
  g_assert_true (anx_delegation_is_carried_by (statement));
  g_assert_false (anx_delegation_is_carried_by (delegation));
  g_autofree char *text = anx_delegation_verify (statement, OFFER, SESSION, "li-wei", district->ca, DISTRICT_NOW, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  browser_clear (&browser);
}

static void
test_refused (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  Browser browser = browser_new ("P-256"), other = browser_new ("P-256"), longer = browser_new ("P-384");
  gint64 until = DISTRICT_NOW + G_TIME_SPAN_HOUR;
  g_autofree char *good = delegate (district, "li-wei", SESSION, browser.public_key, until);
  g_autofree char *over = delegate (district, "li-wei", SESSION, browser.public_key, DISTRICT_NOW);
  g_autofree char *endless = delegate (district, "li-wei", SESSION, browser.public_key, DISTRICT_NOW + 5 * G_TIME_SPAN_HOUR);
  g_autofree char *elsewhere = delegate (district, "li-wei", "call-delegation:other", browser.public_key, until);
  g_autofree char *of_other = delegate (district, "wang-fang", SESSION, browser.public_key, until);
  g_autofree char *foreign = delegate (stranger, "li-wei", SESSION, browser.public_key, until);
  g_autofree char *curve = delegate (district, "li-wei", SESSION, longer.public_key, until);
  g_autofree char *keyless = delegate (district, "li-wei", SESSION, "AAAA", until);
  const struct
  {
    Browser *browser;
    const char *delegation, *context, *shown;
    AnxSealError code;
  } cases[] = {
    { &other, good, OFFER, TEXT, ANX_SEAL_ERROR_TAMPERED },
    { &browser, good, OFFER, "v=0\r\n", ANX_SEAL_ERROR_TAMPERED },
    { &browser, good, ANSWER, TEXT, ANX_SEAL_ERROR_TAMPERED },
    { &browser, over, OFFER, TEXT, ANX_SEAL_ERROR_EXPIRED },
    { &browser, endless, OFFER, TEXT, ANX_SEAL_ERROR_EXPIRED },
    { &browser, elsewhere, OFFER, TEXT, ANX_SEAL_ERROR_TAMPERED },
    { &browser, of_other, OFFER, TEXT, ANX_SEAL_ERROR_UNTRUSTED },
    { &browser, foreign, OFFER, TEXT, ANX_SEAL_ERROR_UNTRUSTED },
    { &browser, curve, OFFER, TEXT, ANX_SEAL_ERROR_INVALID },
    { &browser, keyless, OFFER, TEXT, ANX_SEAL_ERROR_INVALID },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *statement = browser_state (cases[i].browser, cases[i].delegation, cases[i].context, TEXT, cases[i].shown);
      g_autofree char *text = anx_delegation_verify (statement, OFFER, SESSION, "li-wei", district->ca, DISTRICT_NOW, &error);
      g_assert_null (text);
      g_assert_error (error, ANX_SEAL_ERROR, (int) cases[i].code);
    }
  browser_clear (&browser);
  browser_clear (&other);
  browser_clear (&longer);
}

static void
test_malformed (void)
{
  g_autoptr (District) district = district_new ();
  static const char *const TEXTS[] = { "", "{", "{}", "{\"delegation\":1}", "{\"delegation\":\"\",\"signature\":\"\",\"text\":\"\"}",
                                       "{\"delegation\":\"AAAA\",\"signature\":\"AAAA\",\"text\":\"x\"}" };
  for (gsize i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *statement = g_base64_encode ((const guchar *) TEXTS[i], strlen (TEXTS[i]));
      g_autofree char *text = anx_delegation_verify (statement, OFFER, SESSION, "li-wei", district->ca, DISTRICT_NOW, &error);
      g_assert_null (text);
      g_assert_nonnull (error);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/delegation/round-trip", test_round_trip);
  g_test_add_func ("/seal/delegation/refused", test_refused);
  g_test_add_func ("/seal/delegation/malformed", test_malformed);
  return g_test_run ();
}
