/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "hub-fixture.h"

/* The line is cut after any number of bytes, on any message in either direction: what was written reaches its reader once, in its place. ANX_CUTS says
 * how often (default 20), ANX_SEED repeats a run's choices. */

/* Handshake, health, chain, records, directory, inbox together; so that some rounds end before the cut. */
#define MOST_BYTES 40000

static gint bytes_left = -1; /* before the cut; -1 = no cut */
static guint hub_port;

static void
pump (GSocketConnection *from,
      GSocketConnection *to)
{
  char buffer[256];
  for (;;)
    {
      gssize n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (from)), buffer, sizeof buffer, NULL, NULL);
      if (n <= 0)
        break;
      if (g_atomic_int_get (&bytes_left) >= 0 && g_atomic_int_add (&bytes_left, (gint) -n) < n)
        {
          g_atomic_int_set (&bytes_left, 0);
          break;
        }
      if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (to)), buffer, (gsize) n, NULL, NULL, NULL))
        break;
    }
  g_socket_shutdown (g_socket_connection_get_socket (from), TRUE, TRUE, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (to), TRUE, TRUE, NULL);
}

typedef struct
{
  GSocketConnection *from;
  GSocketConnection *to;
} Direction;

static gpointer
pump_up (gpointer data)
{
  Direction *direction = data;
  pump (direction->from, direction->to);
  return NULL;
}

static gboolean
on_connection (GThreadedSocketService *service,
               GSocketConnection *near,
               GObject *source,
               gpointer data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) far = g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) hub_port, NULL, NULL);
  if (far == NULL)
    return TRUE;
  Direction up = { near, far };
  GThread *thread = g_thread_new ("up", pump_up, &up);
  pump (far, near);
  g_thread_join (thread);
  return TRUE;
}

static gboolean
is_cut_or_at_rest (gpointer data)
{
  return g_atomic_int_get (&bytes_left) == 0 || anx_is_at_rest (data);
}

static void
assert_nothing_noticed (AnxClient *client)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  if (notices->len > 0)
    g_error ("%s %s", ((const AnxNotice *) notices->pdata[0])->name, ((const AnxNotice *) notices->pdata[0])->detail);
}

/* libsoup 3.2 returns some requests twice when their connection breaks while it is being made, says so, and leaks the second's error. That
 * complaint ends no test; after it LeakSanitizer has nothing to tell apart, and is asked no more in this run. */
static gboolean complained;

static gboolean
is_known (const char *domain,
          const char *message)
{
  return g_strcmp0 (domain, "libsoup") == 0 && strstr (message, "item->task != NULL") != NULL;
}

static void
log_others (const char *domain,
            GLogLevelFlags level,
            const char *message,
            gpointer data)
{
  if (is_known (domain, message))
    {
      complained = TRUE;
      g_test_message ("%s", message);
    }
  else
    g_log_default_handler (domain, level, message, NULL);
}

static gboolean
is_fatal (const char *domain,
          GLogLevelFlags level,
          const char *message,
          gpointer data)
{
  return !is_known (domain, message);
}

int __lsan_is_turned_off (void);

int
__lsan_is_turned_off (void)
{
  return complained;
}

static void
test_cuts (void)
{
  g_autoptr (GError) error = NULL;
  const char *wanted = g_getenv ("ANX_CUTS"), *seed = g_getenv ("ANX_SEED");
  guint rounds = wanted != NULL ? (guint) atoi (wanted) : 10, cut = 0;
  guint32 chosen = seed != NULL ? (guint32) atoi (seed) : g_random_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (chosen);
  g_test_message ("seed %u", chosen);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, log_others, NULL);
  g_test_log_set_fatal_handler (is_fatal, NULL);

  AnxHubFixture *district = anx_hub_fixture_new ();
  g_autoptr (GSocketService) proxy = g_threaded_socket_service_new (64);
  guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy), NULL, &error);
  g_assert_no_error (error);
  hub_port = (guint) atoi (strrchr (district->url, ':') + 1);
  g_signal_connect (proxy, "run", G_CALLBACK (on_connection), NULL);
  g_autofree char *direct = g_steal_pointer (&district->url);
  district->url = g_strdup_printf ("https://127.0.0.1:%u", port);
  g_autoptr (AnxProfile) kiosk_profile = anx_hub_fixture_add (district, "kiosk-east-1", "kiosk", NULL);
  g_free (district->url);
  district->url = g_steal_pointer (&direct);
  g_autoptr (AnxProfile) duty_profile = anx_hub_fixture_add (district, "wang", "person", "duty");
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  anx_hub_fixture_start (district);
  anx_hub_fixture_publish (district);
  g_autoptr (AnxClient) kiosk = anx_client_new (kiosk_profile, district->keys, clock, &error);
  g_assert_no_error (error);
  g_autoptr (AnxClient) duty = anx_client_new (duty_profile, district->keys, clock, &error);
  g_assert_no_error (error);
  anx_client_start (kiosk);
  anx_client_start (duty);
  anx_settle (kiosk);
  anx_settle (duty);

  /* Some rounds come to rest before their cut; those do not count. */
  guint begun = 0;
  for (; cut < rounds; begun++)
    {
      g_assert_cmpuint (begun, <, 20 * rounds);
      anx_client_stop (kiosk);
      g_atomic_int_set (&bytes_left, g_rand_int_range (random, 1, MOST_BYTES));
      g_autofree char *id = anx_write_screening (kiosk, "duty-east", "");
      anx_client_start (kiosk);
      anx_wait_until (is_cut_or_at_rest, kiosk, 40);
      cut += g_atomic_int_get (&bytes_left) == 0;
      g_atomic_int_set (&bytes_left, -1);
    }
  anx_client_stop (kiosk);
  anx_client_start (kiosk);
  anx_settle (kiosk);
  anx_settle (duty);
  g_test_message ("%u cuts in %u rounds", cut, begun);
  g_assert_cmpuint (anx_client_count_set_aside (kiosk), ==, 0);
  g_autoptr (GPtrArray) records = anx_client_list_records (duty, "screening", NULL);
  g_assert_cmpuint (records->len, ==, begun);
  for (guint i = 0; i < records->len; i++)
    g_assert_cmpint (anx_record_header_get_sequence (anx_inbox_record_get_header (records->pdata[i])), ==, i + 1);
  assert_nothing_noticed (kiosk);
  assert_nothing_noticed (duty);
  anx_client_stop (kiosk);
  anx_client_stop (duty);
  g_socket_service_stop (proxy);
  g_socket_listener_close (G_SOCKET_LISTENER (proxy));
  anx_hub_fixture_free (district);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/cuts/any-message", test_cuts);
  return g_test_run ();
}
