/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Everything of this folder that reads bytes from outside. The first byte of an input says which reader it is for, so
 * that one corpus serves all. Built with `clang -fsanitize=fuzzer,address` it is a fuzzer; in the ordinary build
 * replay.c calls it once for each kept input. The authority and the reader's key beside the corpus are made by
 * make-corpus.c.
 */
#include <stdint.h>

#include "cms-private.h"
#include "crl.h"
#include "directory.h"
#include "envelope.h"
#include "signed-pdf.h"
#include "statement.h"

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define NOW (G_GINT64_CONSTANT (1793491200) * G_USEC_PER_SEC)

static AnxCertificate *authority, *reader;
static AnxKey *reader_key;

static char *
read_text (const char *name)
{
  const char *tests = g_getenv ("G_TEST_SRCDIR");
  g_autofree char *path = g_build_filename (tests != NULL ? tests : "tests", "seal", "fuzz", name, NULL);
  char *text = NULL;
  g_autoptr (GError) error = NULL;
  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);
  return text;
}

int
LLVMFuzzerInitialize (int *argc,
                      char ***argv)
{
  g_autofree char *authority_pem = read_text ("authority.pem"), *reader_pem = read_text ("reader.pem");
  g_autofree char *key_pem = read_text ("reader-key.pem");
  authority = anx_certificate_new_from_pem (authority_pem, NULL);
  reader = anx_certificate_new_from_pem (reader_pem, NULL);
  reader_key = anx_key_new_from_pem (key_pem, NULL);
  g_assert (authority != NULL && reader != NULL && reader_key != NULL);
  return 0;
}

static void
read_envelope (GBytes *input)
{
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = NULL;
  if (anx_envelope_open (input, authority, reader_key, reader, &header, &resource, NULL))
    g_assert (header != NULL && resource != NULL);
  else
    g_assert (header == NULL && resource == NULL);
}

static void
read_statement (const char *text,
                gsize length)
{
  g_autofree char *statement = g_strndup (text, length);
  g_autofree char *out = anx_statement_verify (statement, "fuzz", "li-wei", authority, NOW, NULL);
}

static void
read_pdf (GBytes *input)
{
  g_autoptr (AnxCertificate) signer = NULL;
  g_autofree char *text = NULL;
  gboolean ok = anx_signed_pdf_verify (input, authority, &signer, &text, NULL);
  g_assert (ok == (signer != NULL) && ok == (text != NULL));
  /* The reader of what is to be signed: a trailer and a catalog of whatever form. */
  g_autoptr (GBytes) out = anx_signed_pdf_sign (input, "fuzz", NOW, reader_key, reader, NULL);
}

static void
read_sealed (GBytes *input)
{
  gsize length = 0;
  g_autofree char *secret = anx_cms_unseal (input, reader_key, reader, &length, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  if (size < 1)
    return 0;
  const char *text = (const char *) data + 1;
  gsize length = size - 1;
  g_autoptr (GBytes) input = g_bytes_new (text, length);
  g_autofree char *copy = g_strndup (text, length);
  switch (data[0])
    {
    case 'e':
      read_envelope (input);
      break;
    case 'h':
      {
        g_autoptr (AnxRecordHeader) header = anx_record_header_parse (text, (gssize) length, NULL);
        break;
      }
    case 's':
      read_statement (text, length);
      break;
    case 'd':
      {
        g_autoptr (AnxDirectory) directory = anx_directory_open (input, authority, NULL, NULL);
        if (directory != NULL)
          {
            g_autoptr (GPtrArray) all = anx_directory_list_principals (directory, ANX_PRINCIPAL_PERSON, NULL, NULL);
          }
        break;
      }
    case 'c':
      {
        g_autoptr (AnxCertificate) certificate = anx_certificate_new_from_der (input, NULL);
        if (certificate != NULL)
          anx_certificate_verify (certificate, authority, ANX_KEY_USE_SIGN, NOW, NULL);
        break;
      }
    case 'r':
      {
        g_autoptr (AnxCrl) crl = anx_crl_open (input, authority, NULL);
        break;
      }
    case 'k':
      {
        g_autoptr (AnxKey) key = anx_key_new_from_pem (copy, NULL);
        break;
      }
    case 'p':
      read_pdf (input);
      break;
    case 'm':
      {
        g_autofree char *mark = anx_paper_mark_verify (copy, reader, NULL);
        break;
      }
    case 'u':
      read_sealed (input);
      break;
    default:
      break;
    }
  return 0;
}
