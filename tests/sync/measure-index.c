/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a desk with many records takes: writes real sealed records, then times a first start (everything is opened) and a second one (the
 * sealed index is there), searches, and looks at the memory. One JSON line. Run by `build-aux/bench desk`.
 *   measure-index RECORDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "care-records.h"
#include "client.h"
#include "files.h"
#include "hub-fixture.h"
#include "id.h"
#include "json.h"
#include "record-index.h"

#define SEARCHES 200
#define MOST_OPEN 500

static const char *const families[] = { "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙" };
static const char *const given[] = { "小明", "丽", "建国", "秀英", "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇" };

static void
write_one (AnxClient *client,
           const char *kind,
           const char *booking,
           JsonObject *resource,
           gint64 when)
{
  g_autoptr (GError) error = NULL;
  const char *recipients[] = { "wang", NULL };
  g_autofree char *id = anx_uuid_new (when);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (AnxRecordHeader) header = anx_record_header_new (id, kind, "wang", recipients, NULL, when, routing);
  g_autoptr (JsonNode) node = anx_json_node_from_object (resource);
  if (!anx_client_write (client, header, node, &error))
    g_error ("%s", error->message);
}

/* A contact and a note of 600 characters in turn. */
static void
write_all (AnxClient *client,
           guint records)
{
  gint64 now = g_get_real_time ();
  g_autofree char *words = g_strnfill (600, 'w');
  for (guint i = 0; i < records; i += 2)
    {
      gint64 when = now - (gint64) (records - i) * 1000;
      g_autofree char *booking = anx_uuid_new (when);
      g_autofree char *name = g_strdup_printf ("%s%s%u", families[i % G_N_ELEMENTS (families)], given[i / 7 % G_N_ELEMENTS (given)], i);
      g_autofree char *phone = g_strdup_printf ("138%08u", i);
      g_autoptr (JsonObject) contact = anx_contact_build (name, FALSE, phone, booking);
      g_autoptr (JsonObject) note = anx_note_build (words, booking, "wang", when);
      write_one (client, ANX_KIND_CONTACT, booking, contact, when);
      write_one (client, ANX_KIND_NOTE, booking, note, when + 1);
    }
}

static double
resident_mib (void)
{
  g_autofree char *text = NULL;
  long pages = 0, resident = 0;
  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL) || sscanf (text, "%ld %ld", &pages, &resident) != 2)
    return 0;
  return (double) resident * (double) sysconf (_SC_PAGESIZE) / 1048576;
}

typedef struct
{
  gint64 started;
  double first_ms; /* something is listed */
  double full_ms;  /* everything is */
  double longest_ms; /* the main loop stood still */
  guint records;
} Times;

/* Between two polls the main loop answers nobody. */
static gint64 poll_ended;
static double longest_ms;

static int
poll_and_look (GPollFD *descriptors,
               guint count,
               int timeout)
{
  if (poll_ended != 0)
    longest_ms = MAX (longest_ms, (double) (g_get_monotonic_time () - poll_ended) / 1000);
  int ready = g_poll (descriptors, count, timeout);
  poll_ended = g_get_monotonic_time ();
  return ready;
}

static double
since_ms (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1000;
}

static void
on_changed (AnxRecordIndex *index,
            Times *times)
{
  guint count = anx_record_index_count (index);
  if (count > 0 && times->first_ms == 0)
    {
      /* What a screen would ask for. */
      g_autoptr (GPtrArray) page = anx_record_index_search (index, NULL, NULL, 100, NULL);
      times->first_ms = since_ms (times->started);
    }
  if (count >= times->records && times->full_ms == 0)
    times->full_ms = since_ms (times->started);
}

static AnxRecordIndex *
start (AnxClient *client,
       guint records,
       Times *times)
{
  AnxRecordIndex *index = anx_record_index_new (client, MOST_OPEN);
  *times = (Times) { .records = records, .started = g_get_monotonic_time () };
  g_signal_connect (index, "changed", G_CALLBACK (on_changed), times);
  anx_record_index_start (index);
  poll_ended = 0;
  longest_ms = 0;
  while (!anx_record_index_is_ready (index))
    g_main_context_iteration (NULL, TRUE);
  times->longest_ms = longest_ms;
  return index;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double one = *(const double *) a, other = *(const double *) b;
  return one < other ? -1 : one > other;
}

static void
search_often (AnxRecordIndex *index,
              double *out_median,
              double *out_worst)
{
  double times[SEARCHES];
  for (guint i = 0; i < SEARCHES; i++)
    {
      g_autofree char *words = i % 2 == 0 ? g_strdup (given[i / 2 % G_N_ELEMENTS (given)]) : g_strdup_printf ("%u", i * 37);
      gint64 begin = g_get_monotonic_time ();
      g_autoptr (GPtrArray) found = anx_record_index_search (index, words, NULL, 100, NULL);
      times[i] = since_ms (begin);
    }
  qsort (times, SEARCHES, sizeof times[0], compare_doubles);
  *out_median = times[SEARCHES / 2];
  *out_worst = times[SEARCHES - 1];
}

int
main (int argc,
      char *argv[])
{
  g_main_context_set_poll_func (NULL, poll_and_look);
  guint records = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  g_autoptr (GError) error = NULL;
  AnxHubFixture *district = anx_hub_fixture_new ();
  g_autoptr (AnxProfile) profile = anx_hub_fixture_add (district, "wang", "person", "duty");
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autoptr (GBytes) der = anx_hub_fixture_sign_directory (district, 1, NULL);
  g_autofree char *path = anx_profile_build_path (profile, "directory.der");
  if (!anx_file_write (path, g_bytes_get_data (der, NULL), (gssize) g_bytes_get_size (der), &error))
    g_error ("%s", error->message);
  g_autoptr (AnxClient) client = anx_client_new (profile, district->keys, clock, &error);
  if (client == NULL)
    g_error ("%s", error->message);
  gint64 begin = g_get_monotonic_time ();
  write_all (client, records);
  double write_ms = since_ms (begin);
  double before_mib = resident_mib ();

  Times first, second;
  AnxRecordIndex *index = start (client, records, &first);
  /* Stopping waits for the file. */
  anx_record_index_stop (index);
  g_object_unref (index);
  index = start (client, records, &second);
  double median = 0, worst = 0;
  search_often (index, &median, &worst);
  double after_mib = resident_mib ();
  g_autofree char *file = anx_profile_build_path (profile, "index.sealed");
  g_autoptr (GBytes) sealed = anx_file_read (file, 64 << 20, NULL);
  printf ("{\"records\": %u, \"writing_ms\": %.0f, \"first_start\": {\"first_listed_ms\": %.1f, \"all_listed_ms\": %.0f, \"main_loop_longest_ms\": %.1f},"
          " \"next_start\": {\"all_listed_ms\": %.1f, \"newest_opened\": %d, \"main_loop_longest_ms\": %.1f},"
          " \"search_ms\": {\"median\": %.2f, \"worst\": %.2f}, \"memory_mib\": {\"before\": %.1f, \"after\": %.1f}, \"file_kib\": %zu}\n",
          records, write_ms, first.first_ms, first.full_ms, first.longest_ms, second.full_ms, MOST_OPEN, second.longest_ms, median, worst,
          before_mib, after_mib, sealed != NULL ? g_bytes_get_size (sealed) / 1024 : 0);
  anx_record_index_stop (index);
  g_object_unref (index);
  g_clear_object (&client);
  anx_hub_fixture_free (district);
  return 0;
}
