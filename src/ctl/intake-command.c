/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>

#include "command.h"
#include "ctl-error.h"
#include "intake.h"
#include "json.h"
#include "process.h"
#include "profile-client.h"
#include "sync-error.h"

/*
 * The sender of cases from outside: a hotline's or a grid's own machine, enrolled as a principal with the role "intake". The case is sealed
 * here to the staff of the centre, so that neither the hub nor this machine's disk has a word of it that can be read.
 */

#define WAIT_SECONDS_DEFAULT 30
#define WAIT_SECONDS_MAX 3600

typedef struct
{
  AnxProfileClient open;
  JsonNode *answer; /* (nullable) */
  GError *error;    /* (nullable) */
} Sender;

static void
sender_clear (Sender *self)
{
  g_clear_pointer (&self->answer, json_node_unref);
  g_clear_error (&self->error);
  anx_profile_client_clear (&self->open);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sender, sender_clear)

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer data)
{
  Sender *self = data;
  self->answer = anx_client_request_finish (ANX_CLIENT (source), result, NULL, &self->error);
  g_main_loop_quit (self->open.loop);
}

/* What the hub says of the own cases: of @id alone, or with NULL of all. */
static gboolean
print_status (Sender *self,
              const char *id,
              GError **error)
{
  anx_client_request_async (self->open.client, "GET", "/v1/intakes", NULL, NULL, on_answered, self);
  g_main_loop_run (self->open.loop);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  JsonObject *answer = self->answer != NULL && JSON_NODE_HOLDS_OBJECT (self->answer) ? json_node_get_object (self->answer) : NULL;
  JsonArray *list = answer != NULL ? anx_json_get_array (answer, "intakes") : NULL;
  gboolean found = FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *one = anx_json_array_need_object (list, i, error);
      if (one == NULL)
        return FALSE;
      if (id != NULL && g_strcmp0 (anx_json_get_string (one, "id", NULL), id) != 0)
        continue;
      g_autofree char *line = anx_json_object_to_text (one);
      anx_command_print (line);
      anx_command_print ("\n");
      found = TRUE;
    }
  if (found || id == NULL)
    return TRUE;
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN, _("The hub knows no case of yours with this id"));
  return FALSE;
}

/* The groups of the staff of @centre; their members read it. */
static char **
find_staff (AnxDirectory *directory,
            const char *centre,
            GError **error)
{
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "staff", NULL);
  guint n = 0;
  for (guint i = 0; i < groups->len; i++)
    {
      const AnxPrincipal *group = g_ptr_array_index (groups, i);
      if (!group->active || g_strcmp0 (group->centre, centre) != 0)
        continue;
      g_strv_builder_add (found, group->id);
      n++;
    }
  if (n > 0)
    return g_strv_builder_end (found);
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN,
                       _("The district's directory has no such centre, or nobody of its staff. Nothing was sent."));
  return NULL;
}

static gboolean
write_case (Sender *self,
            const AnxIntake *intake,
            GError **error)
{
  const char *sender = anx_profile_get_principal (anx_client_get_profile (self->open.client));
  g_auto (GStrv) recipients = find_staff (anx_client_get_directory (self->open.client), intake->centre, error);
  g_autoptr (JsonObject) resource = recipients != NULL ? anx_intake_build (intake, sender, error) : NULL;
  if (resource == NULL)
    return FALSE;
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "centre", intake->centre);
  json_object_set_string_member (routing, "source", anx_intake_source_to_string (intake->source));
  json_object_set_string_member (routing, "urgency", anx_urgency_to_string (intake->urgency));
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (intake->id, ANX_KIND_INTAKE, sender, (const char *const *) recipients, NULL,
                                                              intake->reported_usec, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  return anx_client_write (self->open.client, header, node, error);
}

/* Bounded, and wiped afterwards: it is about a person. */
static AnxIntake *
read_case (GError **error)
{
  g_autofree char *text = g_malloc (ANX_INTAKE_BYTES + 2);
  gsize length = fread (text, 1, ANX_INTAKE_BYTES + 1, stdin);
  AnxIntake *intake = anx_intake_parse (text, (gssize) length, g_get_real_time (), error);
  anx_wipe (text, length);
  return intake;
}

static void
print_waiting (const char *id)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_string_member (answer, "id", id);
  json_object_set_string_member (answer, "status", "waiting");
  g_autofree char *line = anx_json_object_to_text (answer);
  anx_command_print (line);
  anx_command_print ("\n");
}

/* Without any record of its own a profile is new or was lost: then the hub is asked first which place of the chain is the next. */
static gboolean
is_new (Sender *self)
{
  g_autoptr (GPtrArray) records = anx_client_list_records (self->open.client, ANX_KIND_INTAKE, NULL);
  return records == NULL || records->len == 0 || anx_client_get_directory (self->open.client) == NULL;
}

/* The same id again is the same case: also when this machine has lost its profile, and only the hub knows. */
static gboolean
deliver (Sender *self,
         const AnxIntake *intake,
         int wait,
         GError **error)
{
  if (is_new (self) && !anx_profile_client_wait (&self->open, NULL, wait))
    {
      const char *problem = anx_client_get_problem (self->open.client);
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT, _("The hub cannot be reached, which is needed the first time. Nothing was sent. %s"),
                   problem != NULL ? problem : "");
      return FALSE;
    }
  g_autoptr (GError) absent = NULL;
  g_autoptr (AnxInboxRecord) held = anx_client_get_record (self->open.client, intake->id, &absent);
  if (held == NULL && !g_error_matches (absent, ANX_SYNC_ERROR, ANX_SYNC_ERROR_UNKNOWN))
    {
      g_propagate_error (error, g_steal_pointer (&absent));
      return FALSE;
    }
  if (held == NULL && !write_case (self, intake, error))
    return FALSE;
  if (anx_client_is_queued (self->open.client, intake->id) && !anx_profile_client_wait (&self->open, intake->id, wait))
    {
      print_waiting (intake->id);
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT,
                           _("The hub has not taken it yet. It is kept here, sealed, and goes out the next time this command runs."));
      return FALSE;
    }
  g_autofree char *problem = anx_client_dup_record_problem (self->open.client, intake->id);
  if (problem == NULL || print_status (self, intake->id, NULL))
    return problem != NULL || print_status (self, intake->id, error);
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, problem);
  return FALSE;
}

static gboolean
check_wait (int seconds,
            GError **error)
{
  if (seconds >= 1 && seconds <= WAIT_SECONDS_MAX)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("One can wait from 1 to %d seconds"), WAIT_SECONDS_MAX);
  return FALSE;
}

static gboolean
run_send (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_autofree char *folder = NULL;
  int wait = WAIT_SECONDS_DEFAULT;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The sender's profile, made by “enrol join”"), "DIR" },
    { "wait", 0, 0, G_OPTION_ARG_INT, &wait, N_("How many seconds to wait for the hub; 30 when left out"), "SECONDS" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder, error)
      || !check_wait (wait, error))
    return FALSE;
  g_autoptr (AnxIntake) intake = read_case (error);
  g_auto (Sender) sender = { .open = ANX_PROFILE_CLIENT_INIT };
  if (intake == NULL || !anx_profile_client_open (&sender.open, folder, error))
    return FALSE;
  if (intake->urgency == ANX_URGENCY_IMMEDIATE)
    g_printerr ("%s\n", _("Nobody is called for this case: the staff see it when they look at their desk. If somebody may be in danger now, telephone "
                          "the centre, or 110 or 120, as well."));
  anx_client_start (sender.open.client);
  return deliver (&sender, intake, wait, error);
}

static gboolean
run_status (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_autofree char *folder = NULL;
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_("The sender's profile, made by “enrol join”"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 1, &operands, error) || !anx_command_need_option ("folder", folder, error))
    return FALSE;
  g_auto (Sender) sender = { .open = ANX_PROFILE_CLIENT_INIT };
  if (!anx_profile_client_open (&sender.open, folder, error))
    return FALSE;
  /* What waited here goes out as well. */
  anx_client_start (sender.open.client);
  return print_status (&sender, operands != NULL ? operands[0] : NULL, error);
}

const AnxCommand anx_intake_commands[] = {
  { "intake", "send", NULL, N_("Hand in a case from outside: JSON on standard input, sealed here to the staff of the centre"), run_send },
  { "intake", "status", "[ID]", N_("What has become of cases handed in: received, taken on, closed"), run_status },
  { NULL },
};
