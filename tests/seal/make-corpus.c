/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes the fuzzer's authority, reader and first inputs: make-corpus FOLDER. Run by hand when the forms change. */
#include <glib/gstdio.h>
#include <string.h>

#include "district.h"
#include "signed-pdf.h"
#include "statement.h"

static const char *root;

static void
write_to (const char *name,
          const void *data,
          gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_file_set_contents (path, data, (gssize) length, &error);
  g_assert_no_error (error);
}

static void
write_input (const char *name,
             char kind,
             const void *data,
             gsize length)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) &kind, 1);
  g_byte_array_append (bytes, data, (guint) length);
  g_autofree char *path = g_build_filename ("corpus", name, NULL);
  write_to (path, bytes->data, bytes->len);
}

static void
write_bytes (const char *name,
             char kind,
             GBytes *bytes)
{
  write_input (name, kind, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

int
main (int argc,
      char **argv)
{
  static const char *const recipients[] = { "li-wei", NULL };
  g_assert_cmpint (argc, ==, 2);
  root = argv[1];
  g_autofree char *corpus = g_build_filename (root, "corpus", NULL);
  g_mkdir_with_parents (corpus, 0755);

  g_autoptr (District) district = district_new ();
  Person *reader = district_person (district, "li-wei");
  g_autofree char *authority = anx_certificate_to_pem (district->ca),
                  *certificate = anx_certificate_to_pem (reader->seal_certificate);
  g_autofree char *key = anx_key_to_pem (reader->seal_key);
  write_to ("authority.pem", authority, strlen (authority));
  write_to ("reader.pem", certificate, strlen (certificate));
  write_to ("reader-key.pem", key, strlen (key));

  g_autoptr (GBytes) envelope = district_envelope (district, "kiosk-one", recipients);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (AnxRecordHeader) header = NULL;
  g_assert_true (anx_envelope_verify (envelope, district->ca, &header, &sealed, NULL, NULL));
  g_autofree char *text = anx_record_header_to_text (header);
  g_autofree char *statement = anx_statement_sign ("fuzz", "v=0", reader->sign_key, reader->sign_certificate, NULL);
  static const char *const serials[] = { "01", "ab12", NULL };
  g_autoptr (GBytes) crl = anx_authority_make_crl (district->authority, serials, 1, DISTRICT_NOW, NULL);
  write_bytes ("envelope", 'e', envelope);
  write_bytes ("sealed", 'u', sealed);
  write_bytes ("crl", 'r', crl);
  write_bytes ("directory", 'd', anx_directory_get_der (district->directory));
  write_input ("header", 'h', text, strlen (text));
  write_input ("statement", 's', statement, strlen (statement));
  g_autoptr (GBytes) plain = district_make_pdf ();
  g_autoptr (GBytes) pdf = anx_signed_pdf_sign (plain, "fuzz", DISTRICT_NOW, reader->sign_key, reader->sign_certificate, NULL);
  /* By the key whose certificate the fuzzer has. */
  g_autofree char *mark = anx_paper_mark_sign ("fuzz", reader->seal_key, NULL);
  write_bytes ("pdf", 'p', pdf);
  write_bytes ("plain-pdf", 'p', plain);
  write_input ("mark", 'm', mark, strlen (mark));
  write_input ("key", 'k', key, strlen (key));
  const char *begin = strchr (certificate, '\n') + 1;
  g_autofree char *base64 = g_strndup (begin, (gsize) (strstr (begin, "-----END") - begin));
  gsize length = 0;
  g_autofree guint8 *der = g_base64_decode (base64, &length);
  write_input ("certificate", 'c', der, length);
  return 0;
}
