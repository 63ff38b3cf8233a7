/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "care-records.h"
#include "id.h"
#include "json.h"
#include "pool.h"
#include "resident.h"
#include "test-display.h"
#include "unwritten-alerts.h"
#include "visit-host-double.h"

/* The process model with the real program: a spare waits, begins, leaves or dies, and the next one waits. */

#define PATIENCE_SECONDS 60

typedef struct
{
  AnxShellDouble *shell;
  AnxVisitHostDouble *host;
  AnxPool *pool;
  char *folder;
  char *outbox;
  guint n_began;
  guint n_ended;
  gboolean clean;
} Fixture;

static void
on_began (Fixture *fixture)
{
  fixture->n_began++;
}

static void
on_ended (Fixture *fixture, gboolean clean)
{
  fixture->n_ended++;
  fixture->clean = clean;
}

static gboolean
on_patience_over (gpointer data)
{
  g_error ("Waited too long for %s", (const char *) data);
  return G_SOURCE_REMOVE;
}

static void
wait_until (gboolean (*condition) (Fixture *), Fixture *fixture, const char *what)
{
  guint patience = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_over, (gpointer) what);

  while (!condition (fixture))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (patience);
}

static gboolean
has_spare (Fixture *fixture)
{
  AnxVisit *spare = anx_pool_get_spare (fixture->pool);
  return spare != NULL && anx_visit_get_state (spare) == ANX_VISIT_SPARE;
}

static gboolean
has_ended (Fixture *fixture)
{
  return fixture->n_ended > 0;
}

static gboolean
has_written_alert (Fixture *fixture)
{
  g_autofree char *text = NULL;
  return g_file_get_contents (fixture->outbox, &text, NULL, NULL) && g_str_has_prefix (text, "alert ");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_build_filename (g_getenv ("ANX_TOP_BUILD"), "src", "kiosk", "anxin-kiosk", NULL);
  const char *const arguments[] = { "--size", "1080x1920", NULL };

  fixture->folder = g_dir_make_tmp ("anxin-pool-XXXXXX", NULL);
  fixture->outbox = g_build_filename (fixture->folder, "outbox", NULL);
  fixture->shell = anx_shell_double_new ();
  fixture->host = anx_visit_host_double_new (fixture->shell, fixture->outbox);
  fixture->pool = anx_pool_new (ANX_VISIT_HOST (fixture->host), program, arguments);
  g_signal_connect_swapped (fixture->pool, "began", G_CALLBACK (on_began), fixture);
  g_signal_connect_swapped (fixture->pool, "ended", G_CALLBACK (on_ended), fixture);
  anx_pool_start (fixture->pool);
  wait_until (has_spare, fixture, "the spare");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->pool);
  g_object_unref (fixture->host);
  anx_shell_double_free (fixture->shell);
  g_remove (fixture->outbox);
  g_rmdir (fixture->folder);
  g_free (fixture->outbox);
  g_free (fixture->folder);
}

/* A killed process may still be a zombie of ours until it is waited for; the pool waits before it tells. */
static gboolean
is_alive (int pid)
{
  return kill (pid, 0) == 0 || errno != ESRCH;
}

static void
test_help_then_crash (Fixture *fixture, gconstpointer data)
{
  AnxVisit *spare = anx_pool_get_spare (fixture->pool);
  int pid = anx_visit_get_pid (spare);

  g_assert_cmpint (pid, >, 0);
  anx_pool_begin (fixture->pool, "zh", "help");
  g_assert_true (anx_pool_get_visit (fixture->pool) == spare);
  g_assert_cmpuint (fixture->n_began, ==, 1);
  /* The alert that "I need help now" raises is in the outbox before anything else can happen. */
  wait_until (has_written_alert, fixture, "the alert");
  g_assert_true (is_alive (pid));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  wait_until (has_ended, fixture, "the end of the killed process");
  g_assert_false (fixture->clean);
  g_assert_false (is_alive (pid));
  g_assert_null (anx_pool_get_visit (fixture->pool));
  wait_until (has_spare, fixture, "the next spare");
  g_assert_cmpint (anx_visit_get_pid (anx_pool_get_spare (fixture->pool)), !=, pid);
}

static gboolean
was_refused (Fixture *fixture)
{
  return anx_visit_host_double_count_refused (fixture->host) > 0;
}

/* The disk takes nothing, and who called is gone before it does: their alert is written all the same, once. */
static void
test_alert_outlives_visit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  anx_visit_host_double_fail_submit (fixture->host, TRUE);
  anx_pool_begin (fixture->pool, "zh", "help");
  wait_until (was_refused, fixture, "the refused alert");
  g_assert_cmpint (kill (anx_visit_get_pid (anx_pool_get_visit (fixture->pool)), SIGKILL), ==, 0);
  wait_until (has_ended, fixture, "the end of the killed process");
  g_assert_false (has_written_alert (fixture));
  anx_visit_host_double_fail_submit (fixture->host, FALSE);
  wait_until (has_written_alert, fixture, "the alert of who is gone");
  g_assert_true (g_file_get_contents (fixture->outbox, &text, NULL, NULL));
  g_assert_true (strchr (text, '\n') == text + strlen (text) - 1);
}

typedef struct
{
  gboolean full;
  GPtrArray *written; /* ids */
} Disk;

static gboolean
write_alert (AnxRecordHeader *header, GBytes *sealed, gpointer user_data)
{
  Disk *disk = user_data;

  if (!disk->full)
    g_ptr_array_add (disk->written, g_strdup (anx_record_header_get_id (header)));
  return !disk->full;
}

/* Bounded: of too many the oldest give way; each is written once. */
static void
test_unwritten_alerts (void)
{
  Disk disk = { TRUE, g_ptr_array_new_with_free_func (g_free) };
  AnxUnwrittenAlerts *alerts = anx_unwritten_alerts_new (write_alert, &disk);
  const char *recipients[] = { "duty-yunhe", NULL };
  g_autoptr (GBytes) sealed = g_bytes_new_static ("x", 1);
  g_autofree char *last = NULL;

  for (guint i = 0; i < ANX_UNWRITTEN_ALERTS + 5; i++)
    {
      g_autofree char *id = anx_uuid_new (g_get_real_time ());
      g_autoptr (AnxRecordHeader) header
          = anx_record_header_new (id, ANX_KIND_ALERT, "kiosk-yunhe-1", recipients, NULL, g_get_real_time (), NULL);
      anx_unwritten_alerts_add (alerts, header, sealed);
      anx_unwritten_alerts_add (alerts, header, sealed);
      g_free (last);
      last = g_steal_pointer (&id);
    }
  g_assert_cmpuint (anx_unwritten_alerts_count (alerts), ==, ANX_UNWRITTEN_ALERTS);
  disk.full = FALSE;
  while (anx_unwritten_alerts_count (alerts) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (disk.written->len, ==, ANX_UNWRITTEN_ALERTS);
  g_assert_cmpstr (g_ptr_array_index (disk.written, ANX_UNWRITTEN_ALERTS - 1), ==, last);
  anx_unwritten_alerts_free (alerts);
  g_ptr_array_unref (disk.written);
}

static void
test_one_at_a_time (Fixture *fixture, gconstpointer data)
{
  AnxVisit *first;

  anx_pool_begin (fixture->pool, "en", "");
  first = anx_pool_get_visit (fixture->pool);
  /* During the hand-over no second process is started. */
  g_assert_null (anx_pool_get_spare (fixture->pool));
  wait_until (has_spare, fixture, "the spare beside the visit");
  anx_pool_begin (fixture->pool, "en", "");
  g_assert_true (anx_pool_get_visit (fixture->pool) == first);
  g_assert_cmpuint (fixture->n_began, ==, 1);
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AnxVisit) spare = g_object_ref (anx_pool_get_spare (fixture->pool));

  anx_pool_stop (fixture->pool);
  while (anx_visit_get_state (spare) != ANX_VISIT_GONE)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (anx_pool_get_spare (fixture->pool));
  g_assert_cmpuint (fixture->n_ended, ==, 0);
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  int before = anx_visit_get_pid (anx_pool_get_spare (fixture->pool));

  anx_pool_refresh (fixture->pool);
  wait_until (has_spare, fixture, "the fresh spare");
  g_assert_cmpint (anx_visit_get_pid (anx_pool_get_spare (fixture->pool)), !=, before);
}

static void
on_troubled (gboolean *troubled)
{
  *troubled = TRUE;
}

static void
test_troubled (void)
{
  AnxShellDouble *shell = anx_shell_double_new ();
  g_autoptr (AnxVisitHostDouble) host = anx_visit_host_double_new (shell, "/dev/null");
  g_autoptr (AnxPool) pool = anx_pool_new (ANX_VISIT_HOST (host), "/bin/false", NULL);
  gboolean troubled = FALSE;
  guint patience = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_over, (gpointer) "the pool to give up");

  g_signal_connect_swapped (pool, "troubled", G_CALLBACK (on_troubled), &troubled);
  anx_pool_start (pool);
  while (!troubled)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (patience);
  g_assert_null (anx_pool_get_spare (pool));
  g_clear_object (&pool);
  anx_shell_double_free (shell);
}

/* ---- what is held for who left ---- */

#define HOLD "/v1/holds/0193a5f0-0000-7000-8000-000000000009"
#define SHELL_FD_ARGUMENT 2
#define HOW_ARGUMENT 3

static void
on_hold_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, NULL);
  if (g_str_equal (user_data, "leaves"))
    _exit (EXIT_SUCCESS);
  raise (SIGKILL);
}

static void
on_first_touch (AnxResident *resident, const char *language, const char *page, char *how)
{
  g_autoptr (JsonObject) nothing = json_object_new ();
  g_autoptr (JsonNode) body = anx_json_node_from_object (nothing);
  anx_resident_request_async (resident, "PUT", HOLD, body, NULL, on_hold_answered, how);
}

/* This program as a resident process: it has a time held, and then it is gone, by itself or not. */
static void
be_resident (char **argv)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (atoi (argv[SHELL_FD_ARGUMENT]), NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GDBusConnection) connection
      = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, NULL);
  g_autoptr (AnxResident) resident = anx_resident_new (connection, NULL);
  g_assert_nonnull (resident);
  g_signal_connect (resident, "begin", G_CALLBACK (on_first_touch), argv[HOW_ARGUMENT]);
  anx_resident_mark_ready (resident);
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}

/* However somebody goes, the time they held is given back, once. */
static void
test_held (Fixture *fixture, gconstpointer how)
{
  const char *const arguments[] = { how, NULL };
  g_clear_object (&fixture->pool);
  fixture->pool = anx_pool_new (ANX_VISIT_HOST (fixture->host), NULL, arguments);
  g_signal_connect_swapped (fixture->pool, "ended", G_CALLBACK (on_ended), fixture);
  anx_pool_start (fixture->pool);
  wait_until (has_spare, fixture, "the spare");
  anx_pool_begin (fixture->pool, "en", "");
  wait_until (has_ended, fixture, "the end of the visit");
  g_assert_true (fixture->clean == g_str_equal (how, "leaves"));
  g_assert_cmpuint (anx_visit_host_double_count_requests (fixture->host, "PUT " HOLD), ==, 1);
  g_assert_cmpuint (anx_visit_host_double_count_requests (fixture->host, "POST " HOLD "/release"), ==, 1);
}

int
main (int argc, char **argv)
{
  if (argc > HOW_ARGUMENT && g_str_equal (argv[1], "--resident"))
    be_resident (argv);
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (1080, 1920))
    {
      g_print ("1..0 # SKIP Xvfb is not installed\n");
      return 0;
    }
  /* The resident process hardens itself; only the accessibility bus of the host must stay out. */
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_add ("/kiosk/pool/help-then-crash", Fixture, NULL, set_up, test_help_then_crash, tear_down);
  g_test_add ("/kiosk/pool/alert-outlives-visit", Fixture, NULL, set_up, test_alert_outlives_visit, tear_down);
  g_test_add_func ("/kiosk/pool/unwritten-alerts", test_unwritten_alerts);
  g_test_add ("/kiosk/pool/one-at-a-time", Fixture, NULL, set_up, test_one_at_a_time, tear_down);
  g_test_add ("/kiosk/pool/stop", Fixture, NULL, set_up, test_stop, tear_down);
  g_test_add ("/kiosk/pool/refresh", Fixture, NULL, set_up, test_refresh, tear_down);
  g_test_add_func ("/kiosk/pool/troubled", test_troubled);
  g_test_add ("/kiosk/pool/held-by-who-leaves", Fixture, "leaves", set_up, test_held, tear_down);
  g_test_add ("/kiosk/pool/held-by-who-dies", Fixture, "dies", set_up, test_held, tear_down);
  return g_test_run ();
}
