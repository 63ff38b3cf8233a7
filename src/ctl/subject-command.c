/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "care-records.h"
#include "clock.h"
#include "command.h"
#include "ctl-error.h"
#include "database.h"
#include "envelope.h"
#include "files.h"
#include "hub-database.h"
#include "id.h"
#include "intake.h"
#include "json.h"
#include "pem-file.h"
#include "process.h"
#include "subject-paper.h"
#include "subject-words.h"

/*
 * What the district keeps about one person, for that person: all records that hang together with the phone numbers and ids they give.
 * Records hang together by booking, referral, alert and predecessor, which are in the clear; whose phone it is stands only in what is
 * sealed. So the key must be one that opens them: as a rule the recovery key, joined by its officers for this one use.
 */

#define MOST_INPUT_BYTES 4096
#define JSON_FILE "records.json"
#define PDF_FILE "records.pdf"

typedef struct
{
  char *phone;
  char *name; /* (nullable) any */
} Asked;

typedef struct
{
  gint64 seq;
  gint64 created_usec;
  GPtrArray *links; /* ids, the own first */
  const char *kind; /* (nullable) interned */
  gboolean chosen;
  gboolean unreadable; /* it is there and does not open with this key */
} Found;

typedef struct
{
  AnxHubPlace *place;
  AnxDatabase *database;
  AnxDirectory *directory; /* (nullable) */
  AnxKey *key;
  AnxCertificate *certificate;
  GPtrArray *asked;        /* Asked */
  GHashTable *wanted;      /* ids: what was asked for, and what hangs together with it */
  GPtrArray *all;          /* Found */
} Search;

static void
asked_free (gpointer data)
{
  Asked *asked = data;
  anx_secret_free (asked->phone);
  anx_secret_free (asked->name);
  g_free (asked);
}

static void
found_free (gpointer data)
{
  Found *found = data;
  g_ptr_array_unref (found->links);
  g_free (found);
}

static void
search_clear (Search *self)
{
  g_clear_pointer (&self->place, anx_hub_place_free);
  g_clear_object (&self->database);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_pointer (&self->key, anx_key_unref);
  g_clear_pointer (&self->certificate, anx_certificate_unref);
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->wanted, g_hash_table_unref);
  g_clear_pointer (&self->all, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

/* FALSE: it is neither an id nor a phone. */
static gboolean
take_line (Search *self,
           char *line,
           GError **error)
{
  g_strstrip (line);
  if (*line == '\0')
    return TRUE;
  if (anx_uuid_is_valid (line))
    {
      g_hash_table_add (self->wanted, g_strdup (line));
      return TRUE;
    }
  char *name = strchr (line, ' ');
  if (name != NULL)
    *name++ = '\0';
  if (!anx_phone_check (line, error))
    return FALSE;
  Asked *asked = g_new0 (Asked, 1);
  asked->phone = g_strdup (line);
  asked->name = name != NULL ? g_strdup (g_strstrip (name)) : NULL;
  g_ptr_array_add (self->asked, asked);
  return TRUE;
}

/* What is cut off in the middle would ask for more people than was meant: a phone without the name behind it. */
static gboolean
take_lines (Search *self,
            char *text,
            gsize length,
            gsize room,
            GError **error)
{
  if (ferror (stdin) || length == room)
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("Too much was asked for at once. Nothing was written"));
      return FALSE;
    }
  for (char *line = text; line != NULL;)
    {
      char *next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      if (!take_line (self, line, error))
        return FALSE;
      line = next;
    }
  if (self->asked->len > 0 || g_hash_table_size (self->wanted) > 0)
    return TRUE;
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID,
                       _("Nothing was asked for. Give a phone number with the name, or the id of a booking or referral, one a line"));
  return FALSE;
}

/* From standard input, never from the command line: every process of the machine could read it there. */
static gboolean
read_asked (Search *self,
            GError **error)
{
  char buffer[MOST_INPUT_BYTES];
  size_t length = fread (buffer, 1, sizeof buffer - 1, stdin);
  buffer[length] = '\0';
  gboolean ok = take_lines (self, buffer, length, sizeof buffer - 1, error);
  anx_wipe (buffer, sizeof buffer);
  return ok;
}

static gboolean
is_asked (Search *self,
          const char *phone,
          const char *name)
{
  for (guint i = 0; i < self->asked->len; i++)
    {
      const Asked *asked = self->asked->pdata[i];
      if (g_strcmp0 (asked->phone, phone) == 0 && (asked->name == NULL || g_strcmp0 (asked->name, name) == 0))
        return TRUE;
    }
  return FALSE;
}

static gboolean
names_asked (Search *self,
             const char *kind,
             JsonObject *fhir)
{
  g_autofree char *name = NULL;
  g_autofree char *phone = NULL;
  gboolean alias;
  if (g_str_equal (kind, ANX_KIND_CONTACT))
    return anx_contact_read (fhir, &name, &alias, &phone, NULL) && is_asked (self, phone, name);
  if (g_str_equal (kind, ANX_KIND_INTAKE))
    {
      g_autoptr (AnxIntake) intake = anx_intake_read (fhir, NULL);
      return intake != NULL && is_asked (self, intake->phone, intake->name);
    }
  g_autoptr (AnxReferral) referral = anx_referral_read (fhir, NULL);
  return referral != NULL && is_asked (self, referral->phone, referral->name);
}

static void
add_link (Found *found,
          const char *id)
{
  if (id != NULL && *id != '\0')
    g_ptr_array_add (found->links, g_strdup (id));
}

static void
choose (Search *self,
        Found *found)
{
  found->chosen = TRUE;
  for (guint i = 0; i < found->links->len; i++)
    g_hash_table_add (self->wanted, g_strdup (found->links->pdata[i]));
}

/* What is not genuine counts as not readable too. */
static void
look_at (Search *self,
         gint64 seq,
         GBytes *envelope)
{
  static const char *const links[] = { "booking", "task", "alert", "partOf" };
  AnxCertificate *authority = self->place->authority;
  g_autoptr (AnxRecordHeader) header = NULL;
  Found *found = g_new0 (Found, 1);
  found->seq = seq;
  found->links = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->all, found);
  found->unreadable = !anx_envelope_verify (envelope, authority, &header, NULL, NULL, NULL);
  if (found->unreadable)
    return;
  found->created_usec = anx_record_header_get_created_usec (header);
  add_link (found, anx_record_header_get_id (header));
  add_link (found, anx_record_header_get_predecessor (header));
  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    add_link (found, anx_json_get_string (anx_record_header_get_routing (header), links[i], NULL));

  const char *kind = anx_record_header_get_kind (header);
  found->kind = g_intern_string (kind);
  if (self->asked->len == 0 || (!g_str_equal (kind, ANX_KIND_CONTACT) && !g_str_equal (kind, ANX_KIND_REFERRAL) &&
                                !g_str_equal (kind, ANX_KIND_MANDATORY_REPORT) && !g_str_equal (kind, ANX_KIND_INTAKE)))
    return;
  g_autoptr (JsonNode) resource = NULL;
  found->unreadable = !anx_envelope_open (envelope, authority, self->key, self->certificate, NULL, &resource, NULL);
  if (!found->unreadable && names_asked (self, kind, json_node_get_object (resource)))
    choose (self, found);
}

static gboolean
look_at_all (Search *self,
             GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT seq, envelope FROM record WHERE length (envelope) > 0 ORDER BY seq", "");
  while (rows != NULL && anx_rows_next (rows, &inner))
    {
      g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 1);
      look_at (self, anx_rows_get_int (rows, 0), envelope);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
hangs_together (Search *self,
                const Found *found)
{
  for (guint i = 0; i < found->links->len; i++)
    if (g_hash_table_contains (self->wanted, found->links->pdata[i]))
      return TRUE;
  return FALSE;
}

static int
compare_created (gconstpointer a,
                 gconstpointer b)
{
  const Found *x = *(const Found *const *) a, *y = *(const Found *const *) b;
  return (x->created_usec > y->created_usec) - (x->created_usec < y->created_usec);
}

/* A chosen record may bring others with it; so again until nothing is added. */
static void
choose_all (Search *self)
{
  gboolean added;
  do
    {
      added = FALSE;
      for (guint i = 0; i < self->all->len; i++)
        {
          Found *found = self->all->pdata[i];
          if (!found->chosen && hangs_together (self, found))
            {
              choose (self, found);
              added = TRUE;
            }
        }
    }
  while (added);
  g_ptr_array_sort (self->all, compare_created);
}

static JsonObject *
make_agent (Search *self,
            const char *role,
            const char *id)
{
  JsonObject *agent = json_object_new ();
  JsonObject *type = json_object_new ();
  JsonObject *who = json_object_new ();
  JsonObject *identifier = json_object_new ();
  json_object_set_string_member (type, "text", role);
  json_object_set_object_member (agent, "type", type);
  json_object_set_string_member (identifier, "system", "urn:anxin:principal");
  json_object_set_string_member (identifier, "value", id);
  json_object_set_object_member (who, "identifier", identifier);
  json_object_set_string_member (who, "display", anx_subject_name (self->directory, id));
  json_object_set_object_member (agent, "who", who);
  return agent;
}

/* Who wrote it, when, and who can read it (Personal Information Protection Law, articles 17 and 45). */
static JsonObject *
make_provenance (Search *self,
                 AnxRecordHeader *header,
                 const char *url)
{
  JsonObject *provenance = json_object_new ();
  JsonObject *target = json_object_new ();
  JsonArray *targets = json_array_new ();
  JsonArray *agents = json_array_new ();
  g_autofree char *recorded = anx_time_to_rfc3339 (anx_record_header_get_created_usec (header));
  json_object_set_string_member (provenance, "resourceType", "Provenance");
  json_object_set_string_member (target, "reference", url);
  json_array_add_object_element (targets, target);
  json_object_set_array_member (provenance, "target", targets);
  json_object_set_string_member (provenance, "recorded", recorded);
  json_array_add_object_element (agents, make_agent (self, "author", anx_record_header_get_author (header)));
  const char *const *recipients = anx_record_header_get_recipients (header);
  for (gsize i = 0; recipients[i] != NULL; i++)
    json_array_add_object_element (agents, make_agent (self, "reader", recipients[i]));
  json_object_set_array_member (provenance, "agent", agents);
  return provenance;
}

static void
add_entry (JsonArray *entries,
           const char *url,
           JsonNode *resource)
{
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "fullUrl", url);
  json_object_set_member (entry, "resource", resource);
  json_array_add_object_element (entries, entry);
}

static void
add_to_paper (Search *self,
              AnxSubjectPaper *paper,
              AnxRecordHeader *header,
              JsonObject *fhir)
{
  const char *kind = anx_record_header_get_kind (header);
  g_autoptr (GDateTime) when = anx_time_in_zone (anx_record_header_get_created_usec (header), NULL);
  g_autofree char *day = g_date_time_format (when, "%Y-%m-%d %H:%M");
  g_autofree char *heading = g_strdup_printf ("%s  %s", day, anx_subject_kind_title (kind));
  g_autofree char *words = anx_subject_words (kind, fhir, self->directory);
  g_autoptr (GString) people = g_string_new (NULL);
  const char *const *recipients = anx_record_header_get_recipients (header);
  for (gsize i = 0; recipients[i] != NULL; i++)
    g_string_append_printf (people, "%s%s", i > 0 ? ", " : "", anx_subject_name (self->directory, recipients[i]));
  g_autofree char *who = g_strdup_printf (_("Written by %s. Can be read by: %s"),
                                          anx_subject_name (self->directory, anx_record_header_get_author (header)), people->str);
  anx_subject_paper_add_heading (paper, heading);
  anx_subject_paper_add (paper, who);
  anx_subject_paper_add (paper, words);
}

/* Who reported a case was not asked whether the person may know; (transfer full) of both. */
static JsonNode *
leave_out_others (AnxRecordHeader *header,
                  JsonNode *resource)
{
  g_autoptr (AnxIntake) intake
    = g_str_equal (anx_record_header_get_kind (header), ANX_KIND_INTAKE) ? anx_intake_read (json_node_get_object (resource), NULL) : NULL;
  if (intake == NULL)
    return resource;
  g_clear_pointer (&intake->reporter, g_free);
  g_clear_pointer (&intake->reporter_phone, g_free);
  g_autoptr (JsonObject) without = anx_intake_build (intake, anx_record_header_get_author (header), NULL);
  json_node_unref (resource);
  return anx_json_node_from_object (without);
}

static gboolean
add_record (Search *self,
            Found *found,
            JsonArray *entries,
            AnxSubjectPaper *paper,
            GError **error)
{
  g_autoptr (AnxRows) rows = anx_database_query (self->database, error, "SELECT envelope FROM record WHERE seq = ?", "i", found->seq);
  g_autoptr (GError) inner = NULL;
  if (rows == NULL)
    return FALSE;
  if (!anx_rows_next (rows, &inner))
    {
      if (inner == NULL)
        g_set_error_literal (&inner, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN,
                             _("A record went away while the search was going on. Nothing was written; please begin again"));
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  g_autoptr (GBytes) envelope = anx_rows_get_bytes (rows, 0);
  g_autoptr (AnxRecordHeader) header = NULL;
  g_autoptr (JsonNode) resource = NULL;
  found->unreadable = !anx_envelope_open (envelope, self->place->authority, self->key, self->certificate, &header, &resource, NULL);
  if (found->unreadable)
    return TRUE;
  resource = leave_out_others (header, g_steal_pointer (&resource));
  add_to_paper (self, paper, header, json_node_get_object (resource));
  g_autofree char *url = g_strconcat ("urn:uuid:", anx_record_header_get_id (header), NULL);
  g_autofree char *own_id = anx_uuid_new (g_get_real_time ());
  g_autofree char *own = g_strconcat ("urn:uuid:", own_id, NULL);
  add_entry (entries, url, g_steal_pointer (&resource));
  g_autoptr (JsonObject) provenance = make_provenance (self, header, url);
  add_entry (entries, own, anx_json_node_from_object (provenance));
  return TRUE;
}

static gboolean
write_out (const char *folder,
           const char *name,
           const char *data,
           gssize length,
           GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return anx_file_write (path, data, length, error);
}

static void
remove_out (const char *folder)
{
  static const char *const names[] = { JSON_FILE, PDF_FILE };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
export (Search *self,
        const char *folder,
        guint *out_records,
        GError **error)
{
  g_autoptr (AnxSubjectPaper) paper = anx_subject_paper_new (_("What is kept about you"));
  g_autoptr (JsonObject) bundle = json_object_new ();
  JsonArray *entries = json_array_new ();
  g_autofree char *now = anx_time_to_rfc3339 (g_get_real_time ());
  json_object_set_string_member (bundle, "resourceType", "Bundle");
  json_object_set_string_member (bundle, "type", "collection");
  json_object_set_string_member (bundle, "timestamp", now);
  json_object_set_array_member (bundle, "entry", entries);
  anx_subject_paper_add (paper, _("You may ask for a copy at any time, and ask that what is wrong is corrected. A correction is written beside the old words; "
                                  "please tell a member of staff."));
  anx_subject_paper_add (paper,
                         _("Beside those who are named below, each part opens with the district's recovery key, which several officers hold in pieces."));
  for (guint i = 0; i < self->all->len; i++)
    {
      Found *found = self->all->pdata[i];
      if (!found->chosen)
        continue;
      if (!add_record (self, found, entries, paper, error))
        return FALSE;
    }
  *out_records = json_array_get_length (entries) / 2;
  if (*out_records == 0)
    {
      g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_UNKNOWN,
                           _("Nothing is kept about this person, or the key does not open it. Nothing was written"));
      return FALSE;
    }
  g_autoptr (GBytes) pdf = anx_subject_paper_finish (paper, error);
  if (pdf == NULL)
    return FALSE;
  if (g_mkdir (folder, 0700) != 0)
    {
      g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_EXISTS, _("%s could not be made, or is there already. Nothing was written"), folder);
      return FALSE;
    }
  anx_autosecret char *text = anx_json_object_to_text (bundle);
  if (write_out (folder, JSON_FILE, text, -1, error) &&
      write_out (folder, PDF_FILE, g_bytes_get_data (pdf, NULL), (gssize) g_bytes_get_size (pdf), error))
    return TRUE;
  /* Half an answer is none, and nothing that is not sealed is left lying about. */
  remove_out (folder);
  return FALSE;
}

static gboolean
open_all (Search *self,
          const char *config,
          const char *key_path,
          const char *certificate_path,
          GError **error)
{
  self->place = anx_hub_place_read (config, error);
  self->key = self->place != NULL ? anx_pem_file_read_key (key_path, error) : NULL;
  self->certificate = self->key != NULL ? anx_pem_file_read_certificate (certificate_path, error) : NULL;
  self->database = self->certificate != NULL ? anx_database_open_reader (self->place->database, error) : NULL;
  if (self->database == NULL)
    return FALSE;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self->database, &inner, "SELECT body FROM document WHERE kind = 'directory'", "");
  if (rows != NULL && anx_rows_next (rows, &inner))
    {
      g_autoptr (GBytes) der = anx_rows_get_bytes (rows, 0);
      self->directory = anx_directory_open (der, self->place->authority, NULL, &inner);
    }
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

static guint
count_unreadable (Search *self)
{
  guint count = 0;
  for (guint i = 0; i < self->all->len; i++)
    count += ((const Found *) self->all->pdata[i])->unreadable;
  return count;
}

/* Reads the words of the command line and what is asked for, and chooses what hangs together. */
static gboolean
search_all (Search *self,
            const AnxCommand *command,
            int argc,
            char **argv,
            guint n_operands,
            char ***out_operands,
            GError **error)
{
  g_autofree char *config = NULL;
  g_autofree char *key = NULL;
  g_autofree char *certificate = NULL;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &config, N_("The hub's configuration"), "FILE" },
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, N_("The private key that opens the records, as a rule the recovery key"), "PRIVATE.pem" },
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate, N_("Its certificate"), "CERT.pem" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, n_operands, n_operands, out_operands, error) ||
      !anx_command_need_option ("config", config, error) ||
      !anx_command_need_option ("key", key, error) || !anx_command_need_option ("certificate", certificate, error))
    return FALSE;
  self->asked = g_ptr_array_new_with_free_func (asked_free);
  self->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->all = g_ptr_array_new_with_free_func (found_free);
  if (!open_all (self, config, key, certificate, error) || !read_asked (self, error) || !look_at_all (self, error))
    return FALSE;
  choose_all (self);
  return TRUE;
}

/* For `retention erase`: nothing of what the records say, so that it may be written down and looked through. */
static gboolean
run_list (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_auto (Search) self = { 0 };
  if (!search_all (&self, command, argc, argv, 0, NULL, error))
    return FALSE;
  for (guint i = 0; i < self.all->len; i++)
    {
      const Found *found = self.all->pdata[i];
      g_autofree char *line = found->chosen ? g_strdup_printf ("%s %s\n", (const char *) found->links->pdata[0], found->kind) : NULL;
      if (line != NULL)
        anx_command_print (line);
    }
  if (count_unreadable (&self) > 0)
    g_printerr (_("%u records do not open with this key; whose they are is not known.\n"), count_unreadable (&self));
  return TRUE;
}

static gboolean
run_export (const AnxCommand *command,
            int argc,
            char **argv,
            GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_auto (Search) self = { 0 };
  guint records = 0;
  if (!search_all (&self, command, argc, argv, 1, &operands, error))
    return FALSE;
  if (!export (&self, operands[0], &records, error))
    return FALSE;
  g_autofree char *text = g_strdup_printf ("{\"records\":%u,\"searched\":%u,\"unreadable\":%u}\n", records, self.all->len, count_unreadable (&self));
  anx_command_print (text);
  g_printerr ("%s\n", _("Look at the paper before it is handed out: a phone may be shared. The folder is not sealed; delete it afterwards."));
  return TRUE;
}

const AnxCommand anx_subject_commands[] = {
  { "subject", "list", NULL, N_("Print the ids of what is kept about one person, for “retention erase”"), run_list },
  { "subject", "export", "FOLDER", N_("Write down for one person what is kept about them: FHIR and a paper to read"), run_export },
  { NULL },
};
