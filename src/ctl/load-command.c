/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "authority.h"
#include "bounds.h"
#include "command.h"
#include "ctl-error.h"
#include "envelope.h"
#include "files.h"
#include "hub-database.h"
#include "hub-link.h"
#include "id.h"
#include "json.h"
#include "messages.h"
#include "process.h"
#include "text.h"

/*
 * A district that lives as long as the measurement, with a real hub and simulated kiosks: each has a key and certificate of its own, a TLS
 * connection of its own, and offers what it wrote while the network was gone. Records are sealed and signed before the clock runs.
 * Waiting requests are kept on the disk, as a kiosk keeps them.
 */

#define GROUP "staff-load"
/* A kiosk that was refused or cut off comes back after a random time of at most so long. */
#define LONGEST_PAUSE_MS 2000
#define SETTLE_SECONDS 1800

typedef struct _Load Load;

typedef struct
{
  Load *load;
  guint number;
  char *name;
  AnxKey *key;
  AnxCertificate *certificate;
  AnxHubLink *link;
  guint batch;          /* the next one */
  gint64 done_usec;     /* monotonic; 0 while it still offers */
} Kiosk;

struct _Load
{
  char *hub_program;
  int kiosks;
  int records;
  int payload;
  char *folder;
  char *url;
  AnxAuthority *authority;
  AnxDirectory *directory;
  GPtrArray *all; /* Kiosk */
  guint n_batches;
  guint n_done;
  gint64 stored;
  gint64 held;
  gint64 refused;
  gint64 retries;
  gint64 started_usec;
  GSubprocess *hub;
  GError *error; /* what ends the measurement */
};

static void
kiosk_free (gpointer data)
{
  Kiosk *kiosk = data;
  g_free (kiosk->name);
  g_clear_pointer (&kiosk->key, anx_key_unref);
  g_clear_pointer (&kiosk->certificate, anx_certificate_unref);
  g_clear_object (&kiosk->link);
  g_free (kiosk);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
load_clear (Load *self)
{
  if (self->hub != NULL)
    {
      g_subprocess_send_signal (self->hub, SIGTERM);
      g_subprocess_wait (self->hub, NULL, NULL);
    }
  g_clear_object (&self->hub);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  if (self->folder != NULL)
    remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->hub_program);
  g_free (self->url);
  g_clear_object (&self->authority);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Load, load_clear)

static gboolean
write_text (Load *self,
            const char *name,
            const char *text,
            gssize length,
            GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  return anx_file_write (path, text, length, error);
}

static AnxCertificate *
issue (Load *self,
       AnxKey *key,
       const char *name,
       AnxKeyUse use,
       GError **error)
{
  g_autofree char *request = anx_key_make_request (key, name, error);
  return request != NULL ? anx_authority_issue (self->authority, request, name, use, g_get_real_time (), error) : NULL;
}

static guint
find_free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_socket_listener_close (listener);
  return port;
}

static gboolean
make_hub (Load *self,
          GError **error)
{
  const char *names[] = { "127.0.0.1", NULL };
  guint port = find_free_port ();
  g_autoptr (AnxKey) key = anx_key_generate (error);
  g_autofree char *request = key != NULL ? anx_key_make_request (key, "hub", error) : NULL;
  g_autoptr (AnxCertificate) certificate =
    request != NULL ? anx_authority_issue_server (self->authority, request, names, g_get_real_time (), error) : NULL;
  if (certificate == NULL)
    return FALSE;
  g_autofree char *pem = anx_certificate_to_pem (certificate);
  g_autofree char *authority = anx_certificate_to_pem (anx_authority_get_certificate (self->authority));
  anx_autosecret char *key_pem = anx_key_to_pem (key);
  g_autofree char *ini = g_strdup_printf ("[hub]\nlisten=127.0.0.1:%u\ndatabase=sqlite:hub.db\nauthority=authority.pem\n"
                                          "certificate=hub.pem\nkey=hub.key\n",
                                          port);
  self->url = g_strdup_printf ("https://127.0.0.1:%u", port);
  return write_text (self, "hub.pem", pem, -1, error) && write_text (self, "authority.pem", authority, -1, error) &&
         write_text (self, "hub.key", key_pem, -1, error) && write_text (self, "hub.ini", ini, -1, error);
}

static gboolean
start_hub (Load *self,
           GError **error)
{
  g_autofree char *config = g_build_filename (self->folder, "hub.ini", NULL);
  self->hub = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, error, self->hub_program, "--config", config,
                                NULL);
  if (self->hub == NULL)
    return FALSE;
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->hub));
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  if (line != NULL && strstr (line, "listening") != NULL)
    return TRUE;
  g_set_error (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("%s did not start"), self->hub_program);
  return FALSE;
}

static void
add_entry (JsonArray *principals,
           const char *name,
           const char *kind,
           AnxCertificate *sign,
           AnxCertificate *seal)
{
  JsonObject *entry = json_object_new ();
  json_object_set_string_member (entry, "id", name);
  json_object_set_string_member (entry, "kind", kind);
  json_object_set_string_member (entry, "name", name);
  json_object_set_boolean_member (entry, "active", TRUE);
  g_autofree char *sign_pem = sign != NULL ? anx_certificate_to_pem (sign) : NULL;
  g_autofree char *seal_pem = seal != NULL ? anx_certificate_to_pem (seal) : NULL;
  if (sign_pem != NULL)
    json_object_set_string_member (entry, "signCertificate", sign_pem);
  if (seal_pem != NULL)
    json_object_set_string_member (entry, "sealCertificate", seal_pem);
  if (g_str_equal (kind, "group"))
    {
      static const char *const roles[] = { "staff", NULL };
      anx_json_set_strings (entry, "roles", roles);
      json_object_set_array_member (entry, "members", json_array_new ());
      json_object_set_object_member (entry, "wrapped", json_object_new ());
    }
  json_array_add_object_element (principals, entry);
}

static Kiosk *
make_kiosk (Load *self,
            guint number,
            GError **error)
{
  Kiosk *kiosk = g_new0 (Kiosk, 1);
  g_ptr_array_add (self->all, kiosk);
  kiosk->load = self;
  kiosk->number = number;
  kiosk->name = g_strdup_printf ("kiosk-%05u", number);
  kiosk->key = anx_key_generate (error);
  kiosk->certificate = kiosk->key != NULL ? issue (self, kiosk->key, kiosk->name, ANX_KEY_USE_SIGN, error) : NULL;
  return kiosk->certificate != NULL ? kiosk : NULL;
}

static GBytes *
make_directory (Load *self,
                GError **error)
{
  g_autoptr (JsonObject) json = json_object_new ();
  JsonArray *principals = json_array_new ();
  json_object_set_string_member (json, "district", anx_certificate_get_district (anx_authority_get_certificate (self->authority)));
  json_object_set_string_member (json, "name", "Load");
  json_object_set_int_member (json, "version", 1);
  json_object_set_array_member (json, "centres", json_array_new ());
  json_object_set_array_member (json, "services", json_array_new ());
  json_object_set_array_member (json, "principals", principals);
  static const char *const sealed_only[] = { GROUP, ANX_RECOVERY_PRINCIPAL };
  for (guint i = 0; i < G_N_ELEMENTS (sealed_only); i++)
    {
      g_autoptr (AnxKey) key = anx_key_generate (error);
      g_autoptr (AnxCertificate) certificate = key != NULL ? issue (self, key, sealed_only[i], ANX_KEY_USE_SEAL, error) : NULL;
      if (certificate == NULL)
        return NULL;
      add_entry (principals, sealed_only[i], i == 0 ? "group" : "recovery", NULL, certificate);
    }
  for (int i = 0; i < self->kiosks; i++)
    {
      Kiosk *kiosk = make_kiosk (self, (guint) i + 1, error);
      if (kiosk == NULL)
        return NULL;
      add_entry (principals, kiosk->name, "kiosk", kiosk->certificate, NULL);
    }
  g_autofree char *text = anx_json_object_to_text (json);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return anx_authority_sign_directory (self->authority, bytes, error);
}

/* What one kiosk has to offer, as the requests it will send, in files. */
static gboolean
make_batches (Load *self,
              Kiosk *kiosk,
              JsonNode *resource,
              GError **error)
{
  static const char *const recipients[] = { GROUP, NULL };
  gint64 now_usec = g_get_real_time ();
  g_autofree char *previous = NULL;
  gint64 place = 0;
  for (guint batch = 0; batch < self->n_batches; batch++)
    {
      g_autoptr (GPtrArray) envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      for (guint i = 0; i < ANX_BOUND_BATCH_RECORDS && place < self->records; i++)
        {
          g_autofree char *id = anx_uuid_new (now_usec);
          g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "rating", kiosk->name, recipients, NULL, now_usec, NULL);
          g_autoptr (AnxRecordHeader) placed = anx_record_header_with_place (header, ++place, previous);
          g_autoptr (GBytes) sealed = anx_envelope_seal (header, resource, self->directory, error);
          g_autoptr (GBytes) envelope = sealed != NULL ? anx_envelope_sign (placed, sealed, kiosk->key, kiosk->certificate, error) : NULL;
          if (envelope == NULL)
            return FALSE;
          g_free (previous);
          previous = anx_sha256_hex (envelope);
          g_ptr_array_add (envelopes, g_steal_pointer (&envelope));
        }
      g_autoptr (GBytes) body = anx_message_build_records (envelopes);
      g_autofree char *name = g_strdup_printf ("%s.%u", kiosk->name, batch);
      gsize size;
      const char *data = g_bytes_get_data (body, &size);
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      if (!g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_records (Load *self,
              GError **error)
{
  g_autofree char *filling = g_strnfill ((gsize) self->payload, 'x');
  g_autoptr (JsonObject) object = json_object_new ();
  json_object_set_string_member (object, "resourceType", "Basic");
  json_object_set_string_member (object, "text", filling);
  g_autoptr (JsonNode) resource = anx_json_node_from_object (object);
  self->n_batches = ((guint) self->records + ANX_BOUND_BATCH_RECORDS - 1) / ANX_BOUND_BATCH_RECORDS;
  for (guint i = 0; i < self->all->len; i++)
    if (!make_batches (self, self->all->pdata[i], resource, error))
      return FALSE;
  return TRUE;
}

static void offer (Kiosk *kiosk);

static gboolean
on_pause_over (gpointer data)
{
  offer (data);
  return G_SOURCE_REMOVE;
}

static void
count_results (Load *self,
               JsonArray *results)
{
  for (guint i = 0; i < json_array_get_length (results); i++)
    {
      JsonObject *result = anx_json_array_need_object (results, i, NULL);
      const char *status = result != NULL ? anx_json_get_string (result, "status", "") : "";
      if (g_str_equal (status, "stored"))
        self->stored++;
      else if (g_str_equal (status, "held"))
        self->held++;
      else
        self->refused++;
    }
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer data)
{
  Kiosk *kiosk = data;
  Load *self = kiosk->load;
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (ANX_HUB_LINK (source), result, NULL);
  gsize size = 0;
  const char *text = answer != NULL && answer->status == 200 ? g_bytes_get_data (answer->body, &size) : NULL;
  g_autoptr (JsonObject) json = text != NULL ? anx_json_parse_object (text, (gssize) size, ANX_BOUND_REQUEST_BYTES, NULL) : NULL;
  JsonArray *results = json != NULL ? anx_json_get_array (json, "results") : NULL;
  if (results == NULL)
    {
      self->retries++;
      g_timeout_add ((guint) g_random_int_range (LONGEST_PAUSE_MS / 4, LONGEST_PAUSE_MS), on_pause_over, kiosk);
      return;
    }
  count_results (self, results);
  kiosk->batch++;
  offer (kiosk);
}

static void
offer (Kiosk *kiosk)
{
  Load *self = kiosk->load;
  if (kiosk->batch == self->n_batches)
    {
      kiosk->done_usec = g_get_monotonic_time ();
      self->n_done++;
      return;
    }
  g_autofree char *name = g_strdup_printf ("%s.%u", kiosk->name, kiosk->batch);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GBytes) body = self->error == NULL ? anx_file_read (path, ANX_BOUND_REQUEST_BYTES, &self->error) : NULL;
  if (body != NULL)
    anx_hub_link_request_async (kiosk->link, "POST", "/v1/records", "application/json", body, NULL, ANX_BOUND_REQUEST_BYTES, NULL, on_answered,
                                kiosk);
}

static gboolean
on_over (gpointer data)
{
  Load *self = data;
  if (self->error == NULL)
    g_set_error (&self->error, ANX_CTL_ERROR, ANX_CTL_ERROR_TIMEOUT, _("Not all kiosks were done after %d minutes"), SETTLE_SECONDS / 60);
  return G_SOURCE_REMOVE;
}

static void
on_published (GObject *source,
              GAsyncResult *result,
              gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
publish (Load *self,
         GBytes *der,
         GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  AnxHubLink *link = ((Kiosk *) self->all->pdata[0])->link;
  anx_hub_link_request_async (link, "PUT", "/v1/directory", "application/pkcs7-mime", der, NULL, ANX_BOUND_REQUEST_BYTES, NULL, on_published, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (AnxHubAnswer) answer = anx_hub_link_request_finish (link, result, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status < 300)
    return TRUE;
  g_autoptr (JsonObject) problem = anx_message_parse_problem (answer->body);
  anx_message_set_status_error (answer->status, problem, error);
  return FALSE;
}

static gboolean
connect_kiosks (Load *self,
                GError **error)
{
  AnxCertificate *authority = anx_authority_get_certificate (self->authority);
  for (guint i = 0; i < self->all->len; i++)
    {
      Kiosk *kiosk = self->all->pdata[i];
      kiosk->link = anx_hub_link_new (self->url, authority, kiosk->key, kiosk->certificate, error);
      if (kiosk->link == NULL)
        return FALSE;
    }
  return TRUE;
}

/* User and system time in seconds, and the largest resident size in bytes (proc(5)). */
static void
read_process (const char *pid,
              double *out_cpu,
              gint64 *out_rss)
{
  g_autofree char *stat_path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *status_path = g_build_filename ("/proc", pid, "status", NULL);
  g_autofree char *stat = NULL;
  g_autofree char *status = NULL;
  unsigned long user = 0, system = 0;
  long long peak = 0;
  if (g_file_get_contents (stat_path, &stat, NULL, NULL) && strrchr (stat, ')') != NULL)
    sscanf (strrchr (stat, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  if (g_file_get_contents (status_path, &status, NULL, NULL) && strstr (status, "VmHWM:") != NULL)
    sscanf (strstr (status, "VmHWM:") + strlen ("VmHWM:"), "%lld", &peak);
  *out_cpu = (double) (user + system) / (double) sysconf (_SC_CLK_TCK);
  *out_rss = peak * 1024;
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static gboolean
print_result (Load *self,
              double hub_cpu_before,
              GError **error)
{
  double cpu;
  gint64 rss;
  struct rusage own;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < self->all->len; i++)
    {
      double seconds = (double) (((Kiosk *) self->all->pdata[i])->done_usec - self->started_usec) / G_USEC_PER_SEC;
      g_array_append_val (times, seconds);
    }
  g_array_sort (times, compare_times);
  double slowest = g_array_index (times, double, times->len - 1);
  read_process (g_subprocess_get_identifier (self->hub), &cpu, &rss);
  getrusage (RUSAGE_SELF, &own);
  /* What the hub acknowledged must be what its database holds, each once and in its place. */
  g_autofree char *database = g_build_filename (self->folder, "hub.db", NULL);
  g_autoptr (JsonObject) found = anx_hub_database_verify (database, anx_authority_get_certificate (self->authority), error);
  if (found == NULL)
    return FALSE;
  g_autoptr (JsonObject) answer = json_object_new ();
  json_object_set_int_member (answer, "kiosks", self->kiosks);
  json_object_set_int_member (answer, "recordsPerKiosk", self->records);
  json_object_set_int_member (answer, "stored", self->stored);
  json_object_set_int_member (answer, "held", self->held);
  json_object_set_int_member (answer, "refused", self->refused);
  json_object_set_int_member (answer, "retries", self->retries);
  json_object_set_int_member (answer, "verified", anx_json_get_int (found, "records", 0));
  json_object_set_int_member (answer, "faults", anx_json_get_int (found, "faultCount", 0));
  json_object_set_double_member (answer, "seconds", slowest);
  json_object_set_double_member (answer, "recordsPerSecond", (double) (self->stored + self->held) / slowest);
  json_object_set_double_member (answer, "slowestKioskSeconds", slowest);
  json_object_set_double_member (answer, "medianKioskSeconds", g_array_index (times, double, times->len / 2));
  json_object_set_double_member (answer, "hubCpuSeconds", cpu - hub_cpu_before);
  json_object_set_int_member (answer, "hubRssBytes", rss);
  json_object_set_double_member (answer, "clientCpuSeconds",
                                 (double) (own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double) (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6);
  g_autofree char *text = anx_json_object_to_text (answer);
  anx_command_print (text);
  anx_command_print ("\n");
  gint64 wanted = (gint64) self->kiosks * self->records;
  if (self->refused == 0 && anx_json_get_int (found, "records", 0) == wanted && anx_json_get_int (found, "faultCount", 0) == 0)
    return TRUE;
  g_set_error_literal (error, ANX_CTL_ERROR, ANX_CTL_ERROR_INVALID, _("The hub does not hold exactly what the kiosks wrote"));
  return FALSE;
}

static gboolean
measure (Load *self,
         GError **error)
{
  double cpu;
  gint64 rss;
  self->all = g_ptr_array_new_with_free_func (kiosk_free);
  self->folder = g_dir_make_tmp ("anxin-load-XXXXXX", error);
  self->authority = self->folder != NULL ? anx_authority_create ("load", "Load", g_get_real_time (), error) : NULL;
  if (self->authority == NULL)
    return FALSE;
  g_autoptr (GBytes) der = make_directory (self, error);
  self->directory = der != NULL ? anx_directory_open (der, anx_authority_get_certificate (self->authority), NULL, error) : NULL;
  if (self->directory == NULL || !make_hub (self, error) || !make_records (self, error) || !start_hub (self, error) ||
      !connect_kiosks (self, error) || !publish (self, der, error))
    return FALSE;

  guint over = g_timeout_add_seconds (SETTLE_SECONDS, on_over, self);
  read_process (g_subprocess_get_identifier (self->hub), &cpu, &rss);
  self->started_usec = g_get_monotonic_time ();
  for (guint i = 0; i < self->all->len; i++)
    offer (self->all->pdata[i]);
  while (self->n_done < self->all->len && self->error == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  g_source_remove (over);
  return print_result (self, cpu, error);
}

static gboolean
run_load (const AnxCommand *command,
          int argc,
          char **argv,
          GError **error)
{
  g_auto (Load) self = { .kiosks = 20, .records = 50, .payload = 1024 };
  const GOptionEntry entries[] = {
    { "kiosks", 0, 0, G_OPTION_ARG_INT, &self.kiosks, N_("How many kiosks come back at once; 20 when left out"), "N" },
    { "records", 0, 0, G_OPTION_ARG_INT, &self.records, N_("How many records each of them offers; 50 when left out"), "N" },
    { "payload", 0, 0, G_OPTION_ARG_INT, &self.payload, N_("Bytes of text in each record; 1024 when left out"), "N" },
    { "hub", 0, 0, G_OPTION_ARG_FILENAME, &self.hub_program, N_("The hub's program; the installed one when left out"), "PROGRAM" },
    G_OPTION_ENTRY_NULL,
  };
  if (!anx_command_parse (command, argc, argv, entries, 0, 0, NULL, error))
    return FALSE;
  if (self.kiosks < 1 || self.kiosks > 20000 || self.records < 1 || self.records > 10000 || self.payload < 0 || self.payload > 65536)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("1 to 20000 kiosks, 1 to 10000 records, at most 65536 bytes"));
      return FALSE;
    }
  if (self.hub_program == NULL)
    self.hub_program = g_strdup ("anxin-hub");
  /* A connection for each kiosk here, and another in the hub, which inherits the limit. */
  struct rlimit files;
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  return measure (&self, error);
}

const AnxCommand anx_load_commands[] = {
  { "load", NULL, NULL, N_("Measure a hub of its own with simulated kiosks that come back all at once; prints JSON"), run_load },
  { NULL },
};
