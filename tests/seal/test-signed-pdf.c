/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "district.h"
#include "seal-error.h"
#include "signed-pdf.h"

#define TEXT "ANX1.01940000-0000-7000-8000-000000000000.li-wei.mental-health.1793491200"

static GBytes *
sign (District *district,
      const char *who)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = district_make_pdf ();
  Person *person = district_person (district, who);
  GBytes *signed_pdf = anx_signed_pdf_sign (pdf, TEXT, DISTRICT_NOW, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  /* What was there before is still there, byte for byte. */
  g_assert_cmpmem (g_bytes_get_data (pdf, NULL), g_bytes_get_size (pdf), g_bytes_get_data (signed_pdf, NULL), g_bytes_get_size (pdf));
  return signed_pdf;
}

static gboolean
opens (GBytes *bytes,
       gpointer authority,
       GError **error)
{
  return anx_signed_pdf_verify (bytes, authority, NULL, NULL, error);
}

static void
test_round_trip (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = sign (district, "li-wei");
  g_autoptr (AnxCertificate) signer = NULL;
  g_autofree char *text = NULL;

  g_assert_true (anx_signed_pdf_verify (pdf, district->ca, &signer, &text, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  g_assert_cmpstr (anx_certificate_get_principal (signer), ==, "li-wei");
}

static void
test_every_byte (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GBytes) pdf = sign (district, "li-wei");
  district_check_every_byte (pdf, opens, district->ca);
}

static GBytes *
change (GBytes *pdf,
        const char *before,
        const char *after)
{
  GString *text = g_string_new (before);
  gsize length = 0;
  const char *data = g_bytes_get_data (pdf, &length);
  g_string_append_len (text, data, (gssize) length);
  g_string_append (text, after);
  gsize whole = text->len;
  return g_bytes_new_take (g_string_free (text, FALSE), whole);
}

static void
test_refused (void)
{
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (GBytes) pdf = sign (district, "li-wei");
  g_autoptr (GBytes) plain = district_make_pdf ();
  g_autoptr (GBytes) foreign = sign (stranger, "li-wei");
  g_autoptr (GBytes) longer = change (pdf, "", "\n% more\n%%EOF\n");
  g_autoptr (GBytes) shifted = change (pdf, "%PDF-1.5\n", "");
  const struct
  {
    GBytes *pdf;
    AnxSealError code;
  } cases[] = {
    { plain, ANX_SEAL_ERROR_INVALID },
    { foreign, ANX_SEAL_ERROR_UNTRUSTED },
    { longer, ANX_SEAL_ERROR_TAMPERED },
    { shifted, ANX_SEAL_ERROR_TAMPERED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (anx_signed_pdf_verify (cases[i].pdf, district->ca, NULL, NULL, &error));
      g_assert_error (error, ANX_SEAL_ERROR, (gint) cases[i].code);
    }
  /* Signed twice: the second covers the first, and who signed last is who it is of; the first alone no longer covers the file. */
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, "wang-fang");
  g_assert_null (anx_signed_pdf_sign (pdf, TEXT, DISTRICT_NOW, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
  g_clear_error (&error);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_assert_null (anx_signed_pdf_sign (nothing, TEXT, DISTRICT_NOW, person->sign_key, person->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

static gboolean
mark_opens (GBytes *bytes,
            gpointer signer,
            GError **error)
{
  g_autofree char *mark = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  /* A C string ends at its first zero byte, so that one behind the text is none of it. */
  g_autofree char *text = strlen (mark) == g_bytes_get_size (bytes) ? anx_paper_mark_verify (mark, signer, error) : NULL;
  if (text == NULL && error != NULL && *error == NULL)
    g_set_error_literal (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID, "not a text");
  return text != NULL;
}

static void
test_paper_mark (void)
{
  g_autoptr (District) district = district_new ();
  g_autoptr (GError) error = NULL;
  Person *person = district_person (district, "li-wei");
  g_autofree char *mark = anx_paper_mark_sign (TEXT, person->sign_key, &error);
  g_assert_no_error (error);
  g_autofree char *text = anx_paper_mark_verify (mark, person->sign_certificate, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  g_autoptr (GBytes) bytes = g_bytes_new (mark, strlen (mark));
  district_check_every_byte (bytes, mark_opens, person->sign_certificate);
  g_assert_null (anx_paper_mark_verify (mark, district_person (district, "wang-fang")->sign_certificate, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_TAMPERED);
  g_clear_error (&error);
  g_assert_null (anx_paper_mark_sign ("two words", person->sign_key, &error));
  g_assert_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_INVALID);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/signed-pdf/round-trip", test_round_trip);
  g_test_add_func ("/seal/signed-pdf/every-byte", test_every_byte);
  g_test_add_func ("/seal/signed-pdf/refused", test_refused);
  g_test_add_func ("/seal/signed-pdf/paper-mark", test_paper_mark);
  return g_test_run ();
}
