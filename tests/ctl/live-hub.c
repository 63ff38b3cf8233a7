/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-private.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"

/* A real hub with a kiosk that writes and a duty officer who reads, led by lines on standard input: write N, stop, start, round, lose, meet, notices,
 * quit. Each is answered with one line once it is done; the first line names the folder. */

/* A falsified directory leaves a client at work with a problem. */
static gboolean
is_at_rest (gpointer data)
{
  AnxClient *client = data;
  return anx_client_get_state (client) != ANX_CLIENT_OFFLINE && client->needs == 0 && !client->busy &&
         anx_client_get_directory (client) != NULL && anx_client_count_queued (client) == 0;
}

static void
settle (AnxClient *client)
{
  anx_client_rounds_need (client, ANX_NEED_ALL);
  anx_wait_until (is_at_rest, client, 40);
}

static gboolean
was_asked (gpointer data)
{
  AnxClient *client = data;
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    if (g_str_has_prefix (((const AnxNotice *) notices->pdata[i])->name, "directory-"))
      return TRUE;
  return FALSE;
}

/* One look at a program in the hub's place, which nobody comes to rest with. */
static void
visit (AnxClient *client)
{
  anx_client_stop (client);
  anx_client_start (client);
  anx_wait_until (was_asked, client, 40);
}

static void
write_records (AnxClient *client,
               int count)
{
  for (int i = 0; i < count; i++)
    {
      g_autoptr (GError) error = NULL;
      const char *recipients[] = { "duty-east", NULL };
      gint64 now_usec = g_get_real_time ();
      g_autofree char *id = anx_uuid_new (now_usec);
      g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, "screening", "kiosk-east-1", recipients, NULL, now_usec, NULL);
      g_autoptr (JsonNode) node = json_from_string ("{\"resourceType\":\"Basic\",\"text\":\"planted-marker\"}", NULL);
      g_assert_true (anx_client_write (client, header, node, &error));
    }
}

/* The kiosk's database is gone, and it has written something since; it is alone from now on. */
static AnxClient *
lose_database (AnxClient *client,
               AnxHubFixture *district,
               AnxProfile *profile,
               AnxClock *clock)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = anx_profile_build_path (profile, "client.db");
  anx_client_stop (client);
  g_object_unref (client);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  anx_remove_database (path);
  AnxClient *empty = anx_client_new (profile, district->keys, clock, &error);
  g_assert_no_error (error);
  write_records (empty, 1);
  return empty;
}

static void
print_notices (const char *who,
               AnxClient *client)
{
  g_autoptr (GPtrArray) notices = anx_client_list_notices (client, NULL);
  for (guint i = 0; i < notices->len; i++)
    printf ("%s:%s ", who, ((const AnxNotice *) notices->pdata[i])->name);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  AnxHubFixture *district = anx_hub_fixture_new ();
  g_autoptr (AnxProfile) profile = anx_hub_fixture_add (district, "kiosk-east-1", "kiosk", NULL);
  g_autoptr (AnxProfile) duty_profile = anx_hub_fixture_add (district, "wang", "person", "duty");
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  anx_hub_fixture_start (district);
  anx_hub_fixture_publish (district);
  AnxClient *client = anx_client_new (profile, district->keys, clock, &error);
  g_assert_no_error (error);
  g_autoptr (AnxClient) duty = anx_client_new (duty_profile, district->keys, clock, &error);
  g_assert_no_error (error);
  anx_client_start (client);
  anx_client_start (duty);
  settle (client);
  settle (duty);
  printf ("%s\n", district->folder);
  fflush (stdout);
  char line[64];
  while (fgets (line, sizeof line, stdin) != NULL && strcmp (line, "quit\n") != 0)
    {
      if (g_str_has_prefix (line, "write "))
        {
          write_records (client, atoi (line + 6));
          settle (client);
          settle (duty);
        }
      else if (strcmp (line, "stop\n") == 0)
        anx_hub_fixture_stop (district, SIGKILL);
      else if (strcmp (line, "start\n") == 0)
        {
          anx_hub_fixture_start (district);
          settle (client);
          settle (duty);
        }
      else if (strcmp (line, "round\n") == 0)
        {
          visit (client);
          visit (duty);
        }
      else if (strcmp (line, "lose\n") == 0)
        {
          anx_client_stop (duty);
          client = lose_database (client, district, profile, clock);
        }
      else if (strcmp (line, "meet\n") == 0)
        {
          anx_client_start (client);
          anx_wait_until (is_at_rest, client, 40);
          anx_client_stop (client);
        }
      else if (strcmp (line, "notices\n") == 0)
        {
          print_notices ("kiosk", client);
          print_notices ("duty", duty);
        }
      puts ("done");
      fflush (stdout);
    }
  anx_client_stop (client);
  anx_client_stop (duty);
  g_object_unref (client);
  anx_hub_fixture_free (district);
  return 0;
}
