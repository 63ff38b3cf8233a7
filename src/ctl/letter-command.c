/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "bounds.h"
#include "command.h"
#include "ctl-error.h"
#include "directory.h"
#include "files.h"
#include "json.h"
#include "letter.h"
#include "pem-file.h"
#include "signed-pdf.h"

/* What a scanner reads off paper is one line. */
#define MARK_BYTES 4096

/* The file: the signature carries its certificate, which the authority must have issued and which was in force when the letter was. */
static AnxLetter *
open_pdf (GBytes *bytes,
          AnxCertificate *authority,
          AnxCertificate **out_signer,
          GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (AnxCertificate) signer = NULL;
  g_autoptr (AnxLetter) letter
      = anx_signed_pdf_verify (bytes, authority, &signer, &text, error) ? anx_letter_from_text (text, error) : NULL;
  if (letter == NULL || !anx_certificate_verify (signer, authority, ANX_KEY_USE_SIGN, letter->issued_usec, error))
    return NULL;
  *out_signer = g_steal_pointer (&signer);
  return g_steal_pointer (&letter);
}

/* The paper: the line names who signed; the directory has the certificate. */
static AnxLetter *
open_mark (GBytes *bytes,
           AnxDirectory *directory,
           AnxCertificate *authority,
           AnxCertificate **out_signer,
           GError **error)
{
  g_autofree char *line = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_strchomp (line);
  const char *stop = strrchr (line, '.');
  g_autofree char *text = stop != NULL ? g_strndup (line, (gsize) (stop - line)) : g_strdup ("");
  g_autoptr (AnxLetter) letter = anx_letter_from_text (text, error);
  if (letter == NULL)
    return NULL;
  const AnxPrincipal *from = anx_directory_get_principal (directory, letter->from);
  if (from == NULL || from->sign_certificate == NULL)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("The directory does not know %s, who is said to have signed"), letter->from);
      return NULL;
    }
  g_autofree char *signed_text = anx_paper_mark_verify (line, from->sign_certificate, error);
  if (signed_text == NULL || !anx_certificate_verify (from->sign_certificate, authority, ANX_KEY_USE_SIGN, letter->issued_usec, error))
    return NULL;
  *out_signer = anx_certificate_ref (from->sign_certificate);
  return g_steal_pointer (&letter);
}

static void
set_name (JsonObject *object,
          const char *member,
          const AnxPrincipal *principal)
{
  if (principal != NULL)
    json_object_set_string_member (object, member, principal->name);
}

static void
print_letter (const AnxLetter *letter,
              const char *form,
              const AnxPrincipal *from,
              const AnxPrincipal *to)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GDateTime) issued = g_date_time_new_from_unix_utc (letter->issued_usec / G_USEC_PER_SEC);
  g_autofree char *when = g_date_time_format_iso8601 (issued);

  json_object_set_string_member (object, "form", form);
  json_object_set_string_member (object, "task", letter->task);
  json_object_set_string_member (object, "issued", when);
  json_object_set_string_member (object, "from", letter->from);
  set_name (object, "fromName", from);
  if (from->centre != NULL)
    json_object_set_string_member (object, "centre", from->centre);
  json_object_set_boolean_member (object, "fromActive", from->active);
  json_object_set_string_member (object, "to", letter->to);
  set_name (object, "toName", to);
  json_object_set_string_member (object, "digest", letter->digest);
  g_autofree char *text = anx_json_object_to_text (object);
  anx_command_print (text);
  anx_command_print ("\n");
}

static gboolean
is_counsellor (AnxDirectory *directory,
               const AnxPrincipal *principal)
{
  return principal != NULL && principal->kind == ANX_PRINCIPAL_PERSON
         && (anx_directory_has_role (directory, principal->id, "counsellor", NULL)
             || (principal->roles != NULL && g_strv_contains (principal->roles, "counsellor")));
}

static gboolean
run_verify (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *directory_path = NULL;
  g_autofree char *authority_path = NULL;
  g_autofree char *record_path = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "directory", 0, 0, G_OPTION_ARG_FILENAME, &directory_path, N_("The signed directory"), "directory.der" },
    { "authority", 0, 0, G_OPTION_ARG_FILENAME, &authority_path, N_("The district authority's certificate"), "CA.pem" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &record_path, N_("The referral as received: its digest must be the letter's"), "BUNDLE.json" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) || !anx_command_need_option ("directory", directory_path, error)
      || !anx_command_need_option ("authority", authority_path, error))
    return FALSE;
  g_autoptr (AnxCertificate) authority = anx_pem_file_read_certificate (authority_path, error);
  g_autoptr (AnxDirectory) directory = authority != NULL ? anx_pem_file_read_directory (directory_path, authority, error) : NULL;
  g_autoptr (GBytes) bytes = directory != NULL ? anx_file_read (operands[0], ANX_SIGNED_PDF_BYTES, error) : NULL;
  if (bytes == NULL)
    return FALSE;
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  gboolean pdf = length > MARK_BYTES || (length >= 5 && memcmp (data, "%PDF-", 5) == 0);
  g_autoptr (AnxCertificate) signer = NULL;
  g_autoptr (AnxLetter) letter = pdf ? open_pdf (bytes, authority, &signer, error) : open_mark (bytes, directory, authority, &signer, error);
  if (letter == NULL)
    return FALSE;
  const AnxPrincipal *from = anx_directory_get_principal (directory, letter->from);
  const AnxPrincipal *to = anx_directory_get_principal (directory, letter->to);
  if (strcmp (anx_certificate_get_principal (signer), letter->from) != 0 || !is_counsellor (directory, from))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("Who signed is no counsellor in the directory: %s"), letter->from);
      return FALSE;
    }
  if (record_path != NULL)
    {
      g_autoptr (GBytes) record = anx_file_read (record_path, ANX_BOUND_ENVELOPE_BYTES, error);
      g_autoptr (JsonObject) bundle = record != NULL ? anx_json_parse_object (g_bytes_get_data (record, NULL), (gssize) g_bytes_get_size (record),
                                                                              ANX_BOUND_ENVELOPE_BYTES, error)
                                                     : NULL;
      g_autofree char *digest = bundle != NULL ? anx_letter_digest (bundle) : NULL;
      if (digest == NULL)
        return FALSE;
      if (strcmp (digest, letter->digest) != 0)
        {
          g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("The letter is genuine, but it is not of this referral"));
          return FALSE;
        }
    }
  print_letter (letter, pdf ? "pdf" : "paper", from, to);
  return TRUE;
}

const AnxCommand anx_letter_commands[] = {
  { "letter", "verify", "FILE", N_("Verify a referral letter: the PDF, or the line in its QR code"), run_verify },
  { NULL },
};
