/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "ctl-error.h"
#include "district-folder.h"
#include "erasure.h"
#include "id.h"
#include "json.h"
#include "profile-client.h"

/*
 * What is over its period, and the order to erase. The hub judges; this writes what it says may go as signed records of the administrator, whose
 * chain is kept in the administrator's profile as anybody else's.
 */

#define CHECK_PATH "/v1/erasures/check"
#define MOST_ASKED 100
#define MOST_LINES_BYTES (256 * 1024)
/* What a record's header can name (ANX_ERASURE_MOST_RECORDS) and be given to. */
#define MOST_READERS 30
/* The hub says who has a record: its recipients, its author, and whoever was let in. */
#define MOST_NAMED_READERS 256
#define WAIT_SECONDS 60

typedef struct
{
  AnxDistrictFolder *folder;
  AnxProfileClient open;
  const char *reason;
  char *law;           /* (nullable) until the hub said it */
  GPtrArray *records;  /* AnxErasedRecord of the next order */
  GHashTable *readers; /* (element-type utf8) of the next order */
  guint erased;
  guint kept;
} Eraser;

static void
eraser_clear (Eraser *self)
{
  anx_profile_client_clear (&self->open);
  g_clear_pointer (&self->folder, anx_district_folder_free);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->readers, g_hash_table_unref);
  g_free (self->law);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Eraser, eraser_clear)

static void
print_line (JsonObject *record)
{
  gint64 until = anx_json_get_int (record, "until", 0), received = anx_json_get_int (record, "received", 0);
  g_autofree char *since = received > 0 ? anx_time_to_rfc3339 (received) : g_strdup ("-");
  g_autofree char *end = until > 0 ? anx_time_to_rfc3339 (until) : g_strdup ("-");
  g_autofree char *line = g_strdup_printf ("%s %s %s %s %s\n", anx_json_get_string (record, "id", "-"), anx_json_get_string (record, "verdict", "-"),
                                           anx_json_get_string (record, "kind", "-"), since, end);
  anx_command_print (line);
}

static gboolean
run_due (const AnxCommand *command,
         int argc,
         char **argv,
         GError **error)
{
  g_autofree char *folder_path = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder_path, error))
    return FALSE;
  g_autoptr (AnxDistrictFolder) folder = anx_district_folder_open (folder_path, error);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (JsonObject) answer = NULL;
  if (folder == NULL || !anx_district_folder_request_json (folder, "POST", CHECK_PATH, body, &answer, error))
    return FALSE;
  JsonArray *records = answer != NULL ? anx_json_get_array (answer, "records") : NULL;
  for (guint i = 0; records != NULL && i < json_array_get_length (records); i++)
    {
      JsonObject *record = anx_json_array_need_object (records, i, error);
      if (record == NULL)
        return FALSE;
      print_line (record);
    }
  if (answer != NULL && anx_json_get_boolean (answer, "more", FALSE))
    g_printerr ("%s\n", _("There is more; ask again when these are erased."));
  return TRUE;
}

/* The first word of each line is an id, so that what `due` or `subject list` printed can be looked through and handed on. */
static GPtrArray *
read_ids (GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = g_malloc (MOST_LINES_BYTES);
  size_t length = fread (text, 1, MOST_LINES_BYTES - 1, stdin);
  text[length] = '\0';
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean good = !ferror (stdin) && length < MOST_LINES_BYTES - 1;
  for (gsize i = 0; good && lines[i] != NULL; i++)
    {
      g_autofree char *id = g_strndup (lines[i], strcspn (lines[i], " \t\r"));
      if (*id == '\0')
        continue;
      good = anx_uuid_is_valid (id);
      if (!g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
        g_ptr_array_add (ids, g_steal_pointer (&id));
    }
  if (good && ids->len > 0)
    return g_steal_pointer (&ids);
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("Give the id of a record at the beginning of each line. Nothing was erased"));
  return NULL;
}

static gboolean
write_order (Eraser *self,
             GError **error)
{
  if (self->records->len == 0)
    return TRUE;
  AnxClient *client = self->open.client;
  const char *who = anx_profile_get_principal (anx_client_get_profile (client));
  gint64 now_usec = anx_clock_now_usec (anx_client_get_clock (client));
  g_autofree char *id = anx_uuid_new (now_usec);
  g_autoptr (JsonObject) routing = anx_erasure_build_routing (self->reason, self->records);
  g_autofree const char **readers = (const char **) g_hash_table_get_keys_as_array (self->readers, NULL);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, ANX_KIND_ERASURE, who, readers, NULL, now_usec, routing);
  g_autoptr (JsonObject) event = anx_erasure_build (who, self->reason, self->law, self->records, now_usec);
  g_autoptr (JsonNode) node = anx_json_node_from_object (event);
  if (!anx_client_write (client, header, node, error))
    return FALSE;
  if (!anx_profile_client_wait (&self->open, id, WAIT_SECONDS))
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT,
                           _("The hub did not answer in time. The order is signed and goes out with the next one"));
      return FALSE;
    }
  g_autofree char *problem = anx_client_dup_record_problem (client, id);
  if (problem != NULL)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("The hub refused the order: %s"), problem);
      return FALSE;
    }
  self->erased += self->records->len;
  g_ptr_array_set_size (self->records, 0);
  g_hash_table_remove_all (self->readers);
  return TRUE;
}

/* Who has left can fetch nothing any more, and nothing can be sealed to them. */
static gboolean
add_readers (Eraser *self,
             JsonObject *record,
             GHashTable *into,
             GError **error)
{
  AnxDirectory *directory = anx_client_get_directory (self->open.client);
  g_auto (GStrv) readers = json_object_has_member (record, "readers") ? anx_json_need_strings (record, "readers", MOST_NAMED_READERS, error) : g_new0 (char *, 1);
  for (gsize i = 0; readers != NULL && readers[i] != NULL; i++)
    {
      const AnxPrincipal *principal = anx_directory_get_principal (directory, readers[i]);
      if (principal != NULL && principal->active && principal->seal_certificate != NULL)
        g_hash_table_add (into, g_strdup (readers[i]));
    }
  return readers != NULL;
}

static gboolean
add_record (Eraser *self,
            JsonObject *record,
            GError **error)
{
  g_autoptr (GHashTable) readers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer reader;
  if (!add_readers (self, record, readers, error))
    return FALSE;
  if ((self->records->len == ANX_ERASURE_MOST_RECORDS || g_hash_table_size (self->readers) + g_hash_table_size (readers) > MOST_READERS) &&
      !write_order (self, error))
    return FALSE;
  g_hash_table_iter_init (&iter, readers);
  while (g_hash_table_iter_next (&iter, &reader, NULL))
    g_hash_table_add (self->readers, g_strdup (reader));
  g_ptr_array_add (self->records, anx_erased_record_new (anx_json_get_string (record, "id", ""), anx_json_get_string (record, "kind", ""),
                                                         anx_json_get_string (record, "author", ""), anx_json_get_int (record, "place", 0),
                                                         anx_json_get_string (record, "digest", "")));
  return TRUE;
}

static gboolean
take_verdicts (Eraser *self,
               JsonObject *answer,
               GError **error)
{
  JsonArray *records = anx_json_need_array (answer, "records", MOST_ASKED, error);
  const char *law = records != NULL ? anx_json_need_string (answer, "law", 1024, error) : NULL;
  if (law == NULL)
    return FALSE;
  if (self->law == NULL)
    self->law = g_strdup (law);
  for (guint i = 0; i < json_array_get_length (records); i++)
    {
      JsonObject *record = anx_json_array_need_object (records, i, error);
      const char *verdict = record != NULL ? anx_json_get_string (record, "verdict", "") : NULL;
      if (verdict == NULL)
        return FALSE;
      if (g_str_equal (verdict, "erase") && !add_record (self, record, error))
        return FALSE;
      if (g_str_equal (verdict, "erase") || g_str_equal (verdict, "erased"))
        continue;
      print_line (record);
      self->kept++;
    }
  return TRUE;
}

static gboolean
erase_all (Eraser *self,
           GPtrArray *ids,
           GError **error)
{
  for (guint i = 0; i < ids->len; i += MOST_ASKED)
    {
      g_autoptr (JsonObject) body = json_object_new ();
      g_autoptr (JsonObject) answer = NULL;
      JsonArray *asked = json_array_new ();
      json_object_set_string_member (body, "reason", self->reason);
      for (guint k = i; k < ids->len && k < i + MOST_ASKED; k++)
        json_array_add_string_element (asked, ids->pdata[k]);
      json_object_set_array_member (body, "records", asked);
      if (!anx_district_folder_request_json (self->folder, "POST", CHECK_PATH, body, &answer, error) || !take_verdicts (self, answer, error))
        return FALSE;
    }
  return write_order (self, error);
}

static gboolean
run_erase (const AnxCommand *command,
           int argc,
           char **argv,
           GError **error)
{
  g_autofree char *folder_path = NULL;
  g_autofree char *reason = NULL;
  const GOptionEntry entries[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder_path, N_("The administrator's folder"), "DIR" },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, N_("Why: period-over, asked, unlawful"), "REASON" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error) || !anx_command_need_option ("folder", folder_path, error) ||
      !anx_command_need_option ("reason", reason, error))
    return FALSE;
  g_autoptr (GPtrArray) ids = read_ids (error);
  if (ids == NULL)
    return FALSE;
  g_auto (Eraser) self = { .open = ANX_PROFILE_CLIENT_INIT, .reason = reason };
  g_autofree char *profile = g_build_filename (folder_path, "administrator", NULL);
  self.records = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_erased_record_free);
  self.readers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.folder = anx_district_folder_open (folder_path, error);
  if (self.folder == NULL || !anx_profile_client_open (&self.open, profile, error))
    return FALSE;
  anx_client_start (self.open.client);
  if (!anx_profile_client_wait (&self.open, NULL, WAIT_SECONDS))
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT, _("The hub cannot be reached. Nothing was erased"));
      return FALSE;
    }
  gboolean done = erase_all (&self, ids, error);
  g_printerr (_("Erased: %u. Still kept: %u.\n"), self.erased, self.kept);
  if (!done || self.kept == 0)
    return done;
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("Some must still be kept. Beside each stands why, and until when"));
  return FALSE;
}

const AnxCommand anx_retention_commands[] = {
  { "retention", "due", NULL, N_("Print what is kept longer than its period: id, verdict, kind, since when"), run_due },
  { "retention", "erase", NULL, N_("Order the records named on standard input to be erased everywhere"), run_erase },
  { NULL },
};
