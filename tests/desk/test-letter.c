/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "district.h"
#include "letter.h"
#include "referral-letter.h"
#include "signed-pdf.h"

#define WIDTH 595
#define HEIGHT 842
#define TEXT "ANX1.01940000-0000-7000-8000-000000000001.li-wei.mental-health.1793491200." \
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static AnxReferral *
make_referral (void)
{
  AnxReferral *referral = g_new0 (AnxReferral, 1);
  referral->task = g_strdup ("01940000-0000-7000-8000-000000000001");
  referral->name = g_strdup ("林小雨");
  referral->phone = g_strdup ("");
  referral->reason = g_strdup ("近一个月入睡困难，希望做医疗评估。");
  referral->summary = g_strdup ("GAD-7：12");
  referral->urgency = ANX_URGENCY_URGENT;
  referral->consented = TRUE;
  referral->created_usec = DISTRICT_NOW;
  return referral;
}

static GdkPaintable *
make_seal (void)
{
  static const guint8 red[] = { 0xc8, 0x1e, 0x1e, 0xff };
  g_autoptr (GBytes) bytes = g_bytes_new_static (red, sizeof red);
  return GDK_PAINTABLE (gdk_memory_texture_new (1, 1, GDK_MEMORY_R8G8B8A8, bytes, sizeof red));
}

static AnxPrintout *
make_letter (const AnxReferral *referral)
{
  g_autoptr (GdkPaintable) seal = make_seal ();
  const AnxLetterWords words = { .from = "李文静", .centre = "云河镇综治中心", .centre_phone = "0539-5550101", .to = "区精神卫生中心",
                                 .zone = "Asia/Shanghai", .mark = TEXT ".MEUCIQ", .issued_usec = DISTRICT_NOW, .seal = seal };
  return anx_referral_letter_new (referral, &words);
}

/* What was chosen is there; what was not is not even a heading. */
static void
test_content (void)
{
  g_autoptr (AnxReferral) referral = make_referral ();
  g_autoptr (AnxPrintout) letter = make_letter (referral);
  g_auto (GStrv) pages = anx_printout_list_pages (letter, WIDTH, HEIGHT);
  g_autofree char *text = g_strjoinv ("", pages);

  g_assert_nonnull (strstr (text, "林小雨"));
  g_assert_nonnull (strstr (text, "近一个月入睡困难"));
  g_assert_nonnull (strstr (text, "GAD-7"));
  g_assert_nonnull (strstr (text, "李文静"));
  g_assert_nonnull (strstr (text, "云河镇综治中心"));
  g_assert_nonnull (strstr (text, "区精神卫生中心"));
  g_assert_nonnull (strstr (text, "01940000-0000-7000-8000-000000000001"));
  g_assert_null (strstr (text, "Done so far"));
  g_assert_null (strstr (text, "Need"));
  g_assert_null (strstr (text, "by law"));
}

/* The file that cairo writes can be signed; other readers of PDF still see the page (pdfsig says "Signature is Valid"). */
static void
test_signed (void)
{
  g_autoptr (District) district = district_new ();
  Person *person = district_person (district, "li-wei");
  g_autoptr (AnxReferral) referral = make_referral ();
  g_autoptr (AnxPrintout) letter = make_letter (referral);
  g_autoptr (GBytes) plain = anx_printout_to_pdf (letter, WIDTH, HEIGHT);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) pdf = anx_signed_pdf_sign (plain, TEXT, DISTRICT_NOW, person->sign_key, person->sign_certificate, &error);

  g_assert_no_error (error);
  g_assert_true (anx_signed_pdf_verify (pdf, district->ca, NULL, &text, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, TEXT);
  if (g_getenv ("ANX_LOOK") != NULL)
    {
      g_autofree char *path = g_build_filename (g_getenv ("ANX_LOOK"), "letter.pdf", NULL);
      g_assert_true (g_file_set_contents (path, g_bytes_get_data (pdf, NULL), (gssize) g_bytes_get_size (pdf), NULL));
    }
  /* At two hundred places of the whole file, also far from the signature; every byte of a small one is tests/seal/test-signed-pdf.c's. */
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (pdf, &length);
  g_autofree guint8 *copy = g_memdup2 (data, length);
  for (gsize at = 0; at < length; at += MAX (length / 200, 1))
    {
      g_autoptr (GBytes) changed = g_bytes_new_static (copy, length);
      copy[at] ^= (guint8) (1u << at % 8);
      g_assert_false (anx_signed_pdf_verify (changed, district->ca, NULL, NULL, NULL));
      copy[at] = data[at];
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* The QR code is drawn by GTK, which needs its types for that, but no display. */
  gtk_init_check ();
  g_test_add_func ("/desk/letter/content", test_content);
  g_test_add_func ("/desk/letter/signed", test_signed);
  return g_test_run ();
}
