/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "district.h"
#include "files.h"
#include "json.h"
#include "letter.h"
#include "signed-pdf.h"

/* Writes letters with the authority's certificate and the directory, for a test of `anxinctl letter verify`: make-letter FOLDER */

#define TASK "01940000-0000-7000-8000-000000000001"

static void
write_bytes (const char *folder,
             const char *name,
             GBytes *bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (anx_file_write (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));
}

static void
write_text (const char *folder,
            const char *name,
            const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  write_bytes (folder, name, bytes);
}

/* NAME.pdf and NAME.txt, said to be of @from, signed by @signer. */
static void
write_letter (const char *folder,
              const char *name,
              District *district,
              const char *from,
              const char *signer,
              JsonObject *record)
{
  Person *person = district_person (district, signer);
  g_autoptr (AnxLetter) letter = anx_letter_new (TASK, from, "duty-one", DISTRICT_NOW, record);
  g_autofree char *text = anx_letter_to_text (letter);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = district_make_pdf ();
  g_autoptr (GBytes) pdf = anx_signed_pdf_sign (plain, text, DISTRICT_NOW, person->sign_key, person->sign_certificate, &error);
  g_assert_no_error (error);
  g_autofree char *mark = anx_paper_mark_sign (text, person->sign_key, &error);
  g_assert_no_error (error);
  g_autofree char *pdf_name = g_strconcat (name, ".pdf", NULL);
  g_autofree char *mark_name = g_strconcat (name, ".txt", NULL);
  write_bytes (folder, pdf_name, pdf);
  write_text (folder, mark_name, mark);
}

int
main (int argc,
      char **argv)
{
  g_assert_cmpint (argc, ==, 2);
  g_autoptr (District) district = district_new (), stranger = district_new ();
  g_autoptr (JsonObject) record = json_object_new (), other = json_object_new ();
  g_autofree char *authority = anx_certificate_to_pem (district->ca);

  json_object_set_string_member (record, "resourceType", "Bundle");
  json_object_set_string_member (other, "resourceType", "Basic");
  g_autofree char *record_text = anx_json_object_to_text (record);
  g_autofree char *other_text = anx_json_object_to_text (other);
  write_text (argv[1], "authority.pem", authority);
  write_bytes (argv[1], "directory.der", anx_directory_get_der (district->directory));
  write_text (argv[1], "record.json", record_text);
  write_text (argv[1], "other.json", other_text);
  write_letter (argv[1], "good", district, "li-wei", "li-wei", record);
  write_letter (argv[1], "another-hand", district, "li-wei", "wang-fang", record);
  write_letter (argv[1], "no-counsellor", district, "kiosk-one", "kiosk-one", record);
  write_letter (argv[1], "foreign", stranger, "li-wei", "li-wei", record);
  return 0;
}
