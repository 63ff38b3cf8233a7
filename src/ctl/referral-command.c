/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>

#include "bounds.h"
#include "care-records.h"
#include "clock.h"
#include "command.h"
#include "ctl-error.h"
#include "files.h"
#include "json.h"
#include "process.h"
#include "profile-client.h"
#include "referral-file.h"
#include "subject-words.h"

/* A referral as a file, for a receiver or from a sender that has no desk here. The file is not sealed: each command that makes one says so. */

#define WAIT_SECONDS 30
#define MOST_REASON_BYTES 4096

static void
print_words (const char *heading,
             const char *kind,
             JsonObject *fhir)
{
  g_autofree char *words = anx_subject_words (kind, fhir, NULL);
  anx_command_print (heading);
  anx_command_print ("\n");
  anx_command_print (words);
  anx_command_print ("\n\n");
}

static gboolean
print_bundle (const AnxReferralBundle *bundle,
              GError **error)
{
  g_autoptr (JsonObject) referral = anx_referral_build (bundle->referral, error);
  if (referral == NULL)
    return FALSE;
  g_autofree char *day = anx_time_to_rfc3339 (bundle->referral->created_usec);
  g_autofree char *heading = g_strdup_printf ("%s  %s  %s", day, bundle->referral->from, anx_subject_kind_title (ANX_KIND_REFERRAL));
  print_words (heading, ANX_KIND_REFERRAL, referral);
  for (guint i = 0; i < bundle->steps->len; i++)
    {
      const AnxReferralBundleStep *step = bundle->steps->pdata[i];
      g_autoptr (JsonObject) event = anx_referral_event_build (step->event, error);
      if (event == NULL)
        return FALSE;
      g_autofree char *when = anx_time_to_rfc3339 (step->event->created_usec);
      g_autofree char *title = g_strdup_printf ("%s  %s  %s", when, step->author, anx_subject_kind_title (ANX_KIND_REFERRAL_EVENT));
      print_words (title, ANX_KIND_REFERRAL_EVENT, event);
    }
  return TRUE;
}

static AnxReferralBundle *
read_bundle (const char *path,
             GError **error)
{
  gsize length = 0;
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_REFERRAL_BUNDLE_BYTES, error);
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  return bytes != NULL ? anx_referral_bundle_parse (text, (gssize) length, error) : NULL;
}

static gboolean
run_show (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
  g_auto (GStrv) operands = NULL;
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error))
    return FALSE;
  g_autoptr (AnxReferralBundle) bundle = read_bundle (operands[0], error);
  return bundle != NULL && print_bundle (bundle, error);
}

/* What waits goes out; a hub that is away is no failure, as all of it is on this machine's disk. */
static void
send_out (AnxProfileClient *profile,
          const char *id)
{
  if (!anx_profile_client_wait (profile, id, WAIT_SECONDS))
    g_printerr ("%s\n", _("The hub has not taken it yet. It is kept here, sealed, and goes out when it can be reached."));
}

/* The reason is read, never taken as an argument: arguments can be read by every program of the machine. */
static char *
read_reason (GError **error)
{
  char buffer[MOST_REASON_BYTES];
  gsize length = fread (buffer, 1, sizeof buffer - 1, stdin);
  buffer[length] = '\0';
  g_autofree char *reason = g_strdup (g_strstrip (buffer));
  anx_wipe (buffer, sizeof buffer);
  if (anx_note_check (reason, NULL))
    return g_steal_pointer (&reason);
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("Write on standard input why the referral leaves the sealed records. Nothing was written"));
  return NULL;
}

static gboolean
run_export (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The profile of a person who can read the referral"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 2, 2, &operands, error) || !anx_command_need_option ("folder", folder, error))
    return FALSE;
  if (g_file_test (operands[1], G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s is there already. Nothing was written"), operands[1]);
      return FALSE;
    }
  g_autofree char *reason = read_reason (error);
  g_auto (AnxProfileClient) profile = ANX_PROFILE_CLIENT_INIT;
  if (reason == NULL || !anx_profile_client_open (&profile, folder, error))
    return FALSE;
  anx_client_start (profile.client);
  /* What others wrote since comes first; without the hub what is here goes out. */
  anx_profile_client_wait (&profile, NULL, WAIT_SECONDS);
  gsize length = 0;
  g_autoptr (GBytes) bytes = anx_referral_file_export (profile.client, operands[0], reason, error);
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  if (bytes == NULL || !anx_file_write (operands[1], text, (gssize) length, error))
    return FALSE;
  g_printerr ("%s\n", _("This file is not sealed: whoever has it can read it. That it was made, and why, is recorded. Delete it when it is no longer needed."));
  while (anx_client_count_queued (profile.client) > 0)
    {
      g_autoptr (GPtrArray) records = anx_client_list_records (profile.client, NULL, NULL);
      const char *id = NULL;
      for (guint i = 0; records != NULL && i < records->len && id == NULL; i++)
        {
          const char *one = anx_record_header_get_id (anx_inbox_record_get_header (records->pdata[i]));
          id = anx_client_is_queued (profile.client, one) ? one : NULL;
        }
      if (id == NULL || !anx_profile_client_wait (&profile, id, WAIT_SECONDS))
        break;
    }
  return TRUE;
}

static gboolean
run_import (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder = NULL;
  gboolean yes = FALSE;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The profile of a person who answers for the receiver, or wrote the referral"), "DIR" },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_("It was looked at and is to be taken over; without it the content is shown and nothing written"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 1, 1, &operands, error) || !anx_command_need_option ("folder", folder, error))
    return FALSE;
  g_autoptr (AnxReferralBundle) bundle = read_bundle (operands[0], error);
  if (bundle == NULL || (!yes && !print_bundle (bundle, error)))
    return FALSE;
  if (!yes)
    {
      g_printerr ("%s\n", _("Nothing was written. Give --yes to take it over."));
      return TRUE;
    }
  g_auto (AnxProfileClient) profile = ANX_PROFILE_CLIENT_INIT;
  if (!anx_profile_client_open (&profile, folder, error))
    return FALSE;
  anx_client_start (profile.client);
  /* Only with what is at the hub it is known what is new. */
  if (!anx_profile_client_wait (&profile, NULL, WAIT_SECONDS))
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT, _("The hub cannot be reached, so it is not known what is here already. Nothing was written"));
      return FALSE;
    }
  g_autoptr (GPtrArray) written = anx_referral_file_import (profile.client, bundle, error);
  if (written == NULL)
    return FALSE;
  for (guint i = 0; i < written->len; i++)
    send_out (&profile, written->pdata[i]);
  g_autofree char *line = g_strdup_printf ("{\"task\":\"%s\",\"written\":%u}\n", bundle->referral->task, written->len);
  anx_command_print (line);
  for (guint i = 0; i < written->len; i++)
    {
      g_autofree char *problem = anx_client_dup_record_problem (profile.client, written->pdata[i]);
      if (problem == NULL)
        continue;
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, problem);
      return FALSE;
    }
  return TRUE;
}

const AnxCommand anx_referral_commands[] = {
  { "referral", "export", "TASK FILE", N_("A referral with its answers as a FHIR Bundle, not sealed; the reason on standard input"), run_export },
  { "referral", "show", "FILE", N_("Check such a file and show what stands in it"), run_show },
  { "referral", "import", "FILE", N_("Take a referral, or answers to one, over from such a file"), run_import },
  { NULL },
};
