/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "ctl-error.h"
#include "files.h"
#include "key-split.h"
#include "pem-file.h"
#include "process.h"

#define FORM_BYTES (64 * 1024)
/* A line of a form that belongs to the share holds six groups of four and nothing else. */
#define SHARE_LINE "^\\s*(?:[0-9A-Za-z]{4}-){5}[0-9A-Za-z]{4}-?\\s*$"
#define LINE_CHARS 30

/* What an officer gets on paper. Plain text, so that it can be printed on any machine that is not connected to anything. */
static char *
build_form (AnxCertificate *certificate,
            const AnxKeyShare *share)
{
  anx_autosecret char *text = anx_key_share_to_text (share);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  GString *form = g_string_sized_new (4096);
  g_string_append_printf (form, "%s\n\n", _("Recovery key: one share"));
  g_string_append_printf (form, _("District: %s\n"), anx_certificate_get_district (certificate));
  g_string_append_printf (form, _("Share %u of %u. Any %u of them together give the key back; fewer tell nothing.\n"), share->number, share->count,
                          share->threshold);
  g_string_append_printf (form, _("Made on %s\n"), date);
  g_string_append_printf (form, _("Certificate (SHA-256): %s\n\n"), anx_certificate_get_fingerprint (certificate));
  for (const char *line = text; *line != '\0'; line += strnlen (line, LINE_CHARS))
    g_string_append_printf (form, "    %.*s\n", LINE_CHARS, line);
  g_string_append_printf (form, "\n%s\n%s\n%s\n%s\n\n",
                          _("Keep it in a sealed envelope, in a safe of your own, not with another share."),
                          _("Never photograph it, never copy it onto a machine that is connected to a network."),
                          _("To use it, the officers meet at a machine without a network: anxinctl recovery combine."),
                          _("Tell the administrator at once if it is lost, and whenever your office passes to another."));
  g_string_append_printf (form, "%s ____________________    %s ____________________\n", _("Name:"), _("Signature:"));
  return g_string_free (form, FALSE);
}

static gboolean
write_forms (GPtrArray *shares,
             AnxCertificate *certificate,
             const char *folder,
             GError **error)
{
  if (!anx_directory_make_private (folder, error))
    return FALSE;
  for (guint i = 0; i < shares->len; i++)
    {
      const AnxKeyShare *share = shares->pdata[i];
      g_autofree char *name = g_strdup_printf ("share-%u.txt", share->number);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      anx_autosecret char *form = build_form (certificate, share);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s is there already. Nothing was written over"), path);
          return FALSE;
        }
      if (!anx_file_write (path, form, -1, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_split (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_autofree char *key_path = NULL;
  g_autofree char *certificate_path = NULL;
  g_autofree char *folder = NULL;
  int threshold = 0, count = 0;
  const GOptionEntry entries[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key_path, N_("The recovery key"), "PRIVATE.pem" },
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate_path, N_("Its certificate"), "CERT.pem" },
    { "shares", 0, 0, G_OPTION_ARG_INT, &count, N_("How many officers get a share, at most 16"), "N" },
    { "threshold", 0, 0, G_OPTION_ARG_INT, &threshold, N_("How many of them are needed"), "K" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The folder for the papers"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("key", key_path, error) ||
      !anx_command_need_option ("certificate", certificate_path, error) || !anx_command_need_option ("out", folder, error))
    return FALSE;
  if (threshold < 2 || count < threshold || count > ANX_KEY_MOST_SHARES)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("At least two shares must be needed, and at most 16 made"));
      return FALSE;
    }
  g_autoptr (AnxKey) key = anx_pem_file_read_key (key_path, error);
  g_autoptr (AnxCertificate) certificate = key != NULL ? anx_pem_file_read_certificate (certificate_path, error) : NULL;
  if (certificate == NULL)
    return FALSE;
  if (!anx_certificate_matches_key (certificate, key))
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("The key does not belong to the certificate"));
      return FALSE;
    }
  g_autoptr (GPtrArray) shares = anx_key_split (key, (guint) threshold, (guint) count, error);
  if (shares == NULL || !write_forms (shares, certificate, folder, error))
    return FALSE;
  g_printerr (_("%d papers are in %s. Print them, try them out with “anxinctl recovery combine”, then destroy the files and %s.\n"), count,
              folder, key_path);
  return TRUE;
}

/* The share of a form, or the groups alone. */
static AnxKeyShare *
parse_form (const char *text,
            GError **error)
{
  g_autoptr (GRegex) regex = g_regex_new (SHARE_LINE, G_REGEX_MULTILINE, 0, error);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GString) groups = g_string_sized_new (128);
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      anx_autosecret char *line = g_match_info_fetch (match, 0);
      g_string_append (groups, line);
    }
  AnxKeyShare *share = anx_key_share_parse (groups->str, error);
  memset (groups->str, 0, groups->len);
  return share;
}

static gboolean
add_share (GPtrArray *shares,
           const char *text,
           GError **error)
{
  if (shares->len == ANX_KEY_MOST_SHARES)
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("There are more shares than there can be"));
      return FALSE;
    }
  AnxKeyShare *share = parse_form (text, error);
  if (share == NULL)
    {
      g_prefix_error (error, _("Paper %u: "), shares->len + 1);
      return FALSE;
    }
  g_ptr_array_add (shares, share);
  return TRUE;
}

/* Each share ends with an empty line. */
static gboolean
read_typed (GPtrArray *shares,
            GError **error)
{
  g_autoptr (GString) block = g_string_sized_new (256);
  char line[512];
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      gboolean empty = *g_strstrip (line) == '\0';
      if (!empty)
        g_string_append_printf (block, "%s\n", line);
      else if (block->len > 0)
        {
          if (!add_share (shares, block->str, error))
            return FALSE;
          memset (block->str, 0, block->len);
          g_string_truncate (block, 0);
        }
    }
  memset (line, 0, sizeof line);
  return block->len == 0 || add_share (shares, block->str, error);
}

static gboolean
run_combine (const AnxCommand *command,
             int argc,
             char **argv,
             GError **error)
{
  g_autofree char *certificate_path = NULL;
  g_autofree char *out = NULL;
  g_auto (GStrv) operands = NULL;
  g_autoptr (GPtrArray) shares = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_key_share_free);
  const GOptionEntry entries[] = {
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate_path, N_("The recovery key's certificate"), "CERT.pem" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, N_("Where the key goes; leave it out to try the shares only"), "PRIVATE.pem" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, ANX_KEY_MOST_SHARES, &operands, error) ||
      !anx_command_need_option ("certificate", certificate_path, error))
    return FALSE;
  for (guint i = 0; operands[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes = anx_file_read (operands[i], FORM_BYTES, error);
      if (bytes == NULL || !add_share (shares, g_bytes_get_data (bytes, NULL), error))
        return FALSE;
    }
  if (operands[0] == NULL && !read_typed (shares, error))
    return FALSE;
  if (out != NULL && g_file_test (out, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s is there already. Nothing was changed"), out);
      return FALSE;
    }
  g_autoptr (AnxCertificate) certificate = anx_pem_file_read_certificate (certificate_path, error);
  g_autoptr (AnxKey) key = certificate != NULL ? anx_key_join (shares, certificate, error) : NULL;
  if (key == NULL)
    return FALSE;
  anx_autosecret char *pem = anx_key_to_pem (key);
  if (out != NULL && !anx_file_write (out, pem, -1, error))
    return FALSE;
  g_printerr ("%s\n", _("The shares give the recovery key of this certificate."));
  return TRUE;
}

const AnxCommand anx_recovery_commands[] = {
  { "recovery", "split", NULL, N_("Split the recovery key into shares on paper, some of which give it back"), run_split },
  { "recovery", "combine", "[PAPER…]", N_("Give the recovery key back, or try the shares; typed in, each ends with an empty line"), run_combine },
  { NULL },
};
