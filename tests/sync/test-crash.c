/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client-private.h"
#include "database.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "memory-key-store.h"
#include "process.h"

/*
 * The crash matrix. A hub, a kiosk that writes without a pause and a duty officer's desk that reads, each a process of its own. Again and
 * again one of them is killed at a random moment, killed before or in the middle of a write, or its disk is full at a write (faults.c); now
 * and then an old backup is put in the place of the hub's or the kiosk's database. In the end:
 *   - what the kiosk kept (anx_client_write returned TRUE) is at the hub, in one chain, once; only what a kiosk's own lost database held
 *     alone may be missing;
 *   - what was acknowledged is at the hub, without exception; the hub holds nothing that was not written;
 *   - the desk has each record once, told of it once, and reads in it what was written;
 *   - `anxinctl hub verify` finds no fault and no gap, SQLite none in any database.
 * ANX_POINTS says how many faults (default 8), ANX_SEED repeats a run's choices; moments still depend on the machine.
 */

#define DEFAULT_POINTS 8
/* Writes of a start and the work after it; a fault that is not met in time becomes a kill. */
#define MOST_WRITES 60
#define PATIENCE_MS 2500
#define RESTORE_EVERY 8
/* Long, because a restored side reads everything again, and a machine may have other work. */
#define REST_SECONDS 200
#define FAULT_FD 9
/* Exit statuses, right while the disk is full. */
#define CLIENT_CANNOT_OPEN 3
#define HUB_CANNOT_START 1

/* ---- The child: one client, led by lines on its standard input, telling on its standard output what a person would have seen. ---- */

typedef struct
{
  AnxClient *client;
  GMainLoop *loop;
  GDataInputStream *orders;
  GHashTable *waiting; /* ids kept and not yet acknowledged */
  gboolean writes;
  gboolean resting;
} Child;

/* One system call a line: a killed process has said a line or not. */
static void
say (const char *word,
     const char *id)
{
  char line[80];
  int length = g_snprintf (line, sizeof line, "%s %s\n", word, id);
  if (write (STDOUT_FILENO, line, (gsize) length) != length)
    _exit (4);
}

static gboolean
on_write_time (gpointer data)
{
  Child *self = data;
  const char *recipients[] = { "duty-east", NULL };
  gint64 now_usec = g_get_real_time ();
  g_autofree char *id = anx_uuid_new (now_usec);
  if (self->writes && !self->resting && anx_client_get_directory (self->client) != NULL)
    {
      g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "screening", "kiosk-east-1", recipients, NULL, now_usec, NULL);
      g_autoptr (JsonObject) object = json_object_new ();
      json_object_set_string_member (object, "resourceType", "Basic");
      json_object_set_string_member (object, "id", id);
      g_autoptr (JsonNode) node = anx_json_node_from_object (object);
      say ("begun", id);
      g_hash_table_add (self->waiting, g_strdup (id));
      if (anx_client_write (self->client, header, node, NULL))
        say ("kept", id);
      else
        g_hash_table_remove (self->waiting, id);
    }
  g_timeout_add ((guint) g_random_int_range (10, 80), on_write_time, self);
  return G_SOURCE_REMOVE;
}

static gboolean
take_acknowledged (gpointer id,
                   gpointer value,
                   gpointer data)
{
  Child *self = data;
  if (!anx_client_is_acknowledged (self->client, id))
    return FALSE;
  say ("acknowledged", id);
  return TRUE;
}

static void
on_outbox_changed (Child *self)
{
  g_hash_table_foreach_remove (self->waiting, take_acknowledged, self);
}

static void
on_arrived (AnxClient *client,
            AnxInboxRecord *record,
            Child *self)
{
  if (!self->writes)
    say ("has", anx_record_header_get_id (anx_inbox_record_get_header (record)));
}

static gboolean
on_rest_time (gpointer data)
{
  Child *self = data;
  if (!anx_is_at_rest (self->client))
    return G_SOURCE_CONTINUE;
  on_outbox_changed (self);
  say ("rests", "-");
  return G_SOURCE_REMOVE;
}

static void
on_order (GObject *source,
          GAsyncResult *result,
          gpointer data)
{
  Child *self = data;
  g_autofree char *order = g_data_input_stream_read_line_finish (self->orders, result, NULL, NULL);
  if (order == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  if (g_str_equal (order, "rest"))
    {
      self->resting = TRUE;
      g_timeout_add (10, on_rest_time, self);
    }
  else
    self->resting = FALSE;
  /* Ends any pause after a failure. */
  anx_client_stop (self->client);
  anx_client_start (self->client);
  g_data_input_stream_read_line_async (self->orders, 0, NULL, on_order, self);
}

static void
take_key (Child *self,
          AnxKeyStore *keys,
          const char *principal,
          AnxKeyUse use)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *line = g_data_input_stream_read_line (self->orders, NULL, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *pem = (char *) g_base64_decode (line, &length);
  g_autoptr (AnxKey) key = anx_key_new_from_pem (pem, &error);
  g_assert_no_error (error);
  g_assert_true (anx_key_store_save (keys, principal, use, key, &error));
}

static int
run_child (const char *folder)
{
  g_autoptr (GError) error = NULL;
  anx_process_die_with_parent ();
  g_autoptr (AnxProfile) profile = anx_profile_open (folder, &error);
  g_assert_no_error (error);
  const char *principal = anx_profile_get_principal (profile);
  g_autoptr (AnxKeyStore) keys = anx_memory_key_store_new ();
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Child self = { .loop = g_main_loop_new (NULL, FALSE), .orders = g_data_input_stream_new (input),
                 .waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                 .writes = g_str_has_prefix (principal, "kiosk") };
  take_key (&self, keys, principal, ANX_KEY_USE_SIGN);
  take_key (&self, keys, principal, ANX_KEY_USE_SEAL);
  self.client = anx_client_new (profile, keys, clock, &error);
  if (self.client == NULL)
    return CLIENT_CANNOT_OPEN;
  g_signal_connect_swapped (self.client, "outbox-changed", G_CALLBACK (on_outbox_changed), &self);
  g_signal_connect (self.client, "record-arrived", G_CALLBACK (on_arrived), &self);
  anx_client_start (self.client);
  on_write_time (&self);
  g_data_input_stream_read_line_async (self.orders, 0, NULL, on_order, &self);
  g_main_loop_run (self.loop);
  /* As at a power cut: nothing is tidied up. */
  _exit (0);
}

/* ---- The matrix ---- */

typedef struct
{
  AnxProfile *profile;
  char *path;           /* of its database */
  char *keys;           /* two lines */
  GSubprocess *process; /* (nullable) */
  guint rests;          /* how often it said so */
  guint streams;        /* of its processes, not yet read to their end */
} Side;

typedef struct
{
  AnxHubFixture *district;
  AnxClock *clock;
  GRand *random;
  Side kiosk;
  Side duty;
  char *shim;
  GHashTable *begun;        /* ids */
  GHashTable *kept;
  GHashTable *acknowledged;
  GHashTable *may_be_lost;
  GHashTable *told;         /* what the desk told of */
  guint told_twice;
  GHashTable *counts;       /* what was done → how often */
  gboolean restored_hub;
  gboolean restored_kiosk;
} Matrix;

typedef struct
{
  Matrix *matrix;
  Side *side;
} Ear;

static void
count (Matrix *self,
       const char *what)
{
  guint so_far = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, what));
  g_hash_table_insert (self->counts, g_strdup (what), GUINT_TO_POINTER (so_far + 1));
}

static void
on_line (GObject *source,
         GAsyncResult *result,
         gpointer data)
{
  Ear *ear = data;
  Matrix *self = ear->matrix;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  if (line == NULL)
    {
      ear->side->streams--;
      g_free (ear);
      return;
    }
  const char *id = strchr (line, ' ') + 1;
  if (g_str_has_prefix (line, "begun "))
    g_hash_table_add (self->begun, g_strdup (id));
  else if (g_str_has_prefix (line, "kept "))
    g_hash_table_add (self->kept, g_strdup (id));
  else if (g_str_has_prefix (line, "acknowledged "))
    g_hash_table_add (self->acknowledged, g_strdup (id));
  else if (g_str_has_prefix (line, "rests "))
    ear->side->rests++;
  else if (!g_hash_table_add (self->told, g_strdup (id)))
    self->told_twice++;
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), 0, NULL, on_line, ear);
}

static void
die_with_test (gpointer data)
{
  anx_process_die_with_parent ();
}

static void
order (Side *side,
       const char *text)
{
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (side->process), text, strlen (text), NULL, NULL, NULL);
}

static void
spawn_client (Matrix *self,
              Side *side,
              GSubprocessLauncher *launcher)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", &error);
  g_assert_no_error (error);
  g_subprocess_launcher_set_flags (launcher, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_test, NULL, NULL);
  side->process = g_subprocess_launcher_spawn (launcher, &error, program, "--client", anx_profile_get_folder (side->profile), NULL);
  g_assert_no_error (error);
  order (side, side->keys);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (side->process));
  Ear *ear = g_new0 (Ear, 1);
  ear->matrix = self;
  ear->side = side;
  side->streams++;
  g_data_input_stream_read_line_async (lines, 0, NULL, on_line, ear);
}

/* @side: NULL for the hub. FALSE when it ended at once. */
static gboolean
spawn (Matrix *self,
       Side *side,
       GSubprocessLauncher *launcher)
{
  if (side == NULL)
    return anx_hub_fixture_spawn (self->district, launcher);
  spawn_client (self, side, launcher);
  return TRUE;
}

static void
start (Matrix *self,
       Side *side)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_assert_true (spawn (self, side, launcher));
  if (side != NULL)
    return;
  /* Whoever pauses because the hub was away asks it at once. */
  order (&self->kiosk, "go\n");
  order (&self->duty, "go\n");
}

static gboolean
all_heard (gpointer data)
{
  return ((Side *) data)->streams == 0;
}

/* When it returns, all that the process said is known. It ended by our hand: by SIGKILL, or, where the DISK_WAS_FULL, as a program ends
 * that can not open its database. Anything else, a fault found by a sanitizer too, is not what is tried here. */
static void
end (Matrix *self,
     Side *side,
     gboolean disk_was_full)
{
  GSubprocess **process = side != NULL ? &side->process : &self->district->hub;
  g_subprocess_force_exit (*process);
  g_assert_true (g_subprocess_wait (*process, NULL, NULL));
  if (g_subprocess_get_if_signaled (*process))
    g_assert_cmpint (g_subprocess_get_term_sig (*process), ==, SIGKILL);
  else
    {
      g_assert_true (disk_was_full);
      g_assert_cmpint (g_subprocess_get_exit_status (*process), ==, side != NULL ? CLIENT_CANNOT_OPEN : HUB_CANNOT_START);
    }
  g_clear_object (process);
  if (side != NULL)
    anx_wait_until (all_heard, side, REST_SECONDS);
}

static gboolean
on_time (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run_for (guint ms)
{
  gboolean over = FALSE;
  g_timeout_add (ms, on_time, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

typedef enum
{
  MET_NOTHING,
  MET_FULL,
  MET_END,
} Met;

/* What the program says of its fault: a byte, or the end of the pipe with its own. */
static Met
wait_for_fault (int fd)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_MS * 1000;
  char byte;
  for (;;)
    {
      gssize n = read (fd, &byte, 1);
      if (n == 0)
        return MET_END;
      if (n == 1)
        return MET_FULL;
      if (g_get_monotonic_time () > until)
        return MET_NOTHING;
      run_for (2);
    }
}

static Met
start_with_fault (Matrix *self,
                  Side *side,
                  const char *fault)
{
  int ends[2];
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (ends[0], TRUE, NULL));
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", self->shim, TRUE);
  g_subprocess_launcher_setenv (launcher, "ANX_FAULT", fault, TRUE);
  g_subprocess_launcher_setenv (launcher, "ANX_FAULT_FD", G_STRINGIFY (FAULT_FD), TRUE);
  /* A sanitized program wants its runtime to be loaded first; the faults need nothing of it. */
  const char *options = g_getenv ("ASAN_OPTIONS");
  g_autofree char *any_order = g_strconcat (options != NULL ? options : "", options != NULL ? ":" : "", "verify_asan_link_order=0", NULL);
  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", any_order, TRUE);
  g_subprocess_launcher_take_fd (launcher, ends[1], FAULT_FD);
  gboolean runs = spawn (self, side, launcher);
  /* The launcher holds the other end: without it the pipe ends with the program. */
  g_subprocess_launcher_close (launcher);
  if (side == NULL && runs)
    {
      order (&self->kiosk, "go\n");
      order (&self->duty, "go\n");
    }
  Met met = wait_for_fault (ends[0]);
  close (ends[0]);
  return met;
}

static void
one_point (Matrix *self)
{
  static const char *const faults[] = { "moment", "kill", "torn", "full" };
  static const char *const names[] = { "hub", "kiosk", "desk" };
  Side *const sides[] = { NULL, &self->kiosk, &self->duty };
  guint which = (guint) g_rand_int_range (self->random, 0, 3);
  const char *fault = faults[g_rand_int_range (self->random, 0, G_N_ELEMENTS (faults))];
  Side *side = sides[which];
  int number = g_rand_int_range (self->random, 1, MOST_WRITES + 1), writes = g_rand_int_range (self->random, 1, 20);
  run_for ((guint) g_rand_int_range (self->random, 1, 120));
  end (self, side, FALSE);
  if (!g_str_equal (fault, "moment"))
    {
      g_autofree char *text = g_strdup_printf ("%s %d %d", fault, number, writes);
      Met met = start_with_fault (self, side, text);
      if (met == MET_FULL)
        run_for ((guint) g_rand_int_range (self->random, 1, 60));
      if (met == MET_NOTHING)
        fault = "moment";
      end (self, side, g_str_equal (fault, "full"));
    }
  start (self, side);
  g_autofree char *what = g_strdup_printf ("%s %s", names[which], fault);
  count (self, what);
}

static gboolean
has_rested (gpointer data)
{
  return ((Side *) data)->rests > 0;
}

static void
rest (Side *side)
{
  side->rests = 0;
  order (side, "rest\n");
  anx_wait_until (has_rested, side, REST_SECONDS);
}

static GHashTable *
list_ids (const char *path)
{
  g_autoptr (GError) error = NULL;
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AnxDatabase) database = anx_database_open_reader (path, &error);
  g_assert_no_error (error);
  g_assert_true (anx_database_check (database, &error));
  g_autoptr (AnxRows) rows = anx_database_query (database, &error, "SELECT id FROM record", "");
  while (rows != NULL && anx_rows_next (rows, &error))
    g_assert_true (g_hash_table_add (ids, g_strdup (anx_rows_get_string (rows, 0))));
  g_assert_no_error (error);
  return ids;
}

/* An old copy in the place of a database. The other side has all at that moment: what both have lost nobody can bring back. */
static void
restore (Matrix *self,
         gboolean hub)
{
  Side *side = hub ? NULL : &self->kiosk;
  g_autofree char *hub_path = g_build_filename (self->district->folder, "hub.db", NULL);
  g_autofree char *copy = g_build_filename (self->district->folder, hub ? "hub.old" : "kiosk.old", NULL);
  const char *path = hub ? hub_path : self->kiosk.path;
  rest (&self->kiosk);
  order (&self->kiosk, "go\n");
  anx_copy_database (path, copy);
  run_for ((guint) g_rand_int_range (self->random, 100, 400));
  if (hub)
    rest (&self->kiosk);
  end (self, side, FALSE);
  if (!hub)
    {
      GHashTableIter iter;
      gpointer id;
      g_autoptr (GHashTable) held = list_ids (copy);
      g_hash_table_iter_init (&iter, self->kept);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        if (!g_hash_table_contains (held, id) && !g_hash_table_contains (self->acknowledged, id))
          g_hash_table_add (self->may_be_lost, g_strdup (id));
    }
  anx_restore_database (copy, path);
  start (self, side);
  order (&self->kiosk, "go\n");
  *(hub ? &self->restored_hub : &self->restored_kiosk) = TRUE;
  count (self, hub ? "hub restored" : "kiosk restored");
}

static void
set_up_side (Matrix *self,
             Side *side,
             const char *principal,
             const char *kind,
             const char *role)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  side->profile = anx_hub_fixture_add (self->district, principal, kind, role);
  side->path = anx_profile_build_path (side->profile, "client.db");
  for (int use = ANX_KEY_USE_SIGN; use <= ANX_KEY_USE_SEAL; use++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AnxKey) key = anx_key_store_load (self->district->keys, principal, use, &error);
      g_assert_no_error (error);
      g_autofree char *pem = anx_key_to_pem (key);
      /* With the zero byte, so that what is decoded is a text. */
      g_autofree char *encoded = g_base64_encode ((const guchar *) pem, strlen (pem) + 1);
      g_string_append_printf (lines, "%s\n", encoded);
    }
  side->keys = g_string_free (g_steal_pointer (&lines), FALSE);
}

static void
clear_side (Side *side)
{
  g_clear_object (&side->profile);
  g_free (side->path);
  g_free (side->keys);
}

static void
assert_verified (Matrix *self,
                 guint records)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "src", "ctl", "anxinctl", NULL);
  g_autofree char *config = g_build_filename (self->district->folder, "hub.ini", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GSubprocess) process =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "hub", "verify", "--config", config, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &text, NULL, &error));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_autoptr (JsonObject) found = anx_json_parse_object (text, -1, 1024 * 1024, &error);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (found, "faultCount"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (found, "gapCount"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (found, "records"), ==, records);
}

/* An honest hub that only falls and rises gives no cause for any notice; a loss has its own names. */
static void
assert_notices (Matrix *self,
                AnxClient *client)
{
  static const char *const after_hub[] = { "hub-lost-records", "hub-went-back", NULL };
  static const char *const after_kiosk[] = { "own-records-missing", "own-chain-moved", NULL };
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    {
      const AnxNotice *notice = notices->pdata[i];
      if (!(self->restored_hub && g_strv_contains (after_hub, notice->name)) &&
          !(self->restored_kiosk && g_strv_contains (after_kiosk, notice->name)))
        g_error ("%s %s", notice->name, notice->detail);
    }
}

static void
assert_all_in (const char *what,
               GHashTable *some,
               GHashTable *all,
               GHashTable *except)
{
  GHashTableIter iter;
  gpointer id;
  g_hash_table_iter_init (&iter, some);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!g_hash_table_contains (all, id) && (except == NULL || !g_hash_table_contains (except, id)))
      g_error ("%s: %s is missing", what, (const char *) id);
}

static void
assert_whole (Matrix *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hub_path = g_build_filename (self->district->folder, "hub.db", NULL);
  g_autoptr (AnxClient) kiosk = anx_hub_fixture_open_client (self->district, self->kiosk.profile, self->clock);
  g_autoptr (AnxClient) duty = anx_hub_fixture_open_client (self->district, self->duty.profile, self->clock);
  anx_settle (kiosk);
  anx_settle (duty);
  g_autoptr (GHashTable) at_hub = list_ids (hub_path);
  g_autoptr (GHashTable) at_kiosk = list_ids (self->kiosk.path);
  g_autoptr (GHashTable) at_duty = list_ids (self->duty.path);
  guint n = g_hash_table_size (at_hub);
  g_test_message ("%u records, %u kept, %u acknowledged", n, g_hash_table_size (self->kept), g_hash_table_size (self->acknowledged));
  assert_all_in ("kept, at the hub", self->kept, at_hub, self->may_be_lost);
  assert_all_in ("acknowledged, at the hub", self->acknowledged, at_hub, NULL);
  assert_all_in ("at the hub, written", at_hub, self->begun, NULL);
  assert_all_in ("at the hub, at the kiosk", at_hub, at_kiosk, NULL);
  assert_all_in ("at the hub, at the desk", at_hub, at_duty, NULL);
  g_assert_cmpuint (g_hash_table_size (at_kiosk), ==, n);
  g_assert_cmpuint (g_hash_table_size (at_duty), ==, n);
  assert_all_in ("told, at the desk", self->told, at_duty, NULL);
  g_assert_cmpuint (self->told_twice, ==, 0);
  g_assert_cmpuint (anx_client_count_set_aside (kiosk), ==, 0);
  g_assert_cmpuint (anx_client_count_refused (kiosk), ==, 0);
  g_assert_cmpuint (anx_client_count_refused (duty), ==, 0);
  assert_notices (self, kiosk);
  assert_notices (self, duty);
  g_autoptr (GPtrArray) records = anx_client_list_records (duty, NULL, &error);
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr (JsonNode) node = anx_client_open_record (duty, records->pdata[i], &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "id"), ==,
                       anx_record_header_get_id (anx_inbox_record_get_header (records->pdata[i])));
    }
  assert_verified (self, n);
  anx_client_stop (kiosk);
  anx_client_stop (duty);
}

static void
print_counts (Matrix *self)
{
  GHashTableIter iter;
  gpointer what, times;
  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, &what, &times))
    g_test_message ("%s: %u", (const char *) what, GPOINTER_TO_UINT (times));
}

typedef struct
{
  GHashTable *set;
  guint before;
} Progress;

static gboolean
has_grown (gpointer data)
{
  const Progress *progress = data;
  return g_hash_table_size (progress->set) > progress->before;
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
test_matrix (void)
{
  const char *wanted = g_getenv ("ANX_POINTS"), *seed = g_getenv ("ANX_SEED");
  guint points = wanted != NULL ? (guint) atoi (wanted) : DEFAULT_POINTS;
  guint32 chosen = seed != NULL ? (guint32) atoi (seed) : g_random_int () % 1000000000;
  g_test_message ("ANX_POINTS=%u ANX_SEED=%u", points, chosen);
  /* A child may be gone when it is spoken to. */
  signal (SIGPIPE, SIG_IGN);
  Matrix self = { .district = anx_hub_fixture_new (), .clock = anx_clock_new_system (), .random = g_rand_new_with_seed (chosen),
                  .shim = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "tests", "sync", "faults.so", NULL),
                  .begun = new_set (), .kept = new_set (), .acknowledged = new_set (), .may_be_lost = new_set (), .told = new_set (),
                  .counts = new_set () };
  set_up_side (&self, &self.kiosk, "kiosk-east-1", "kiosk", NULL);
  set_up_side (&self, &self.duty, "wang", "person", "duty");
  anx_hub_fixture_start (self.district);
  anx_hub_fixture_publish (self.district);
  start (&self, &self.kiosk);
  start (&self, &self.duty);
  for (guint i = 1; i <= points; i++)
    {
      /* However slow the machine, every other fault comes after something was acknowledged anew; those between meet the recovery. */
      Progress progress = { self.acknowledged, g_hash_table_size (self.acknowledged) };
      if (i % 2 == 1)
        anx_wait_until (has_grown, &progress, REST_SECONDS);
      one_point (&self);
      if (i % RESTORE_EVERY == RESTORE_EVERY / 2)
        restore (&self, i / RESTORE_EVERY % 2 == 0);
    }
  rest (&self.kiosk);
  rest (&self.duty);
  end (&self, &self.kiosk, FALSE);
  end (&self, &self.duty, FALSE);
  print_counts (&self);
  g_assert_cmpuint (g_hash_table_size (self.acknowledged), >=, (points + 1) / 2);
  assert_whole (&self);
  anx_hub_fixture_free (self.district);
  clear_side (&self.kiosk);
  clear_side (&self.duty);
  g_object_unref (self.clock);
  g_rand_free (self.random);
  g_free (self.shim);
  GHashTable *const sets[] = { self.begun, self.kept, self.acknowledged, self.may_be_lost, self.told, self.counts };
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    g_hash_table_unref (sets[i]);
}

int
main (int argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--client"))
    return run_child (argv[2]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/crash/matrix", test_matrix);
  return g_test_run ();
}
