/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a question for free time takes: 50 counsellors, 50 rooms, 60 days, half of all times booked, holidays and absences among them. As GET /slots
 * asks it (any counsellor, the first 500), for one counsellor, and for all that is free. Prints one JSON line.
 *   slot-search [ROUNDS]
 */
#include <stdlib.h>

#include "booking-world.h"
#include "clock.h"

#define COUNSELLORS 50
#define DAYS 60
/* 2026-12-01 00:00 in Shanghai. */
#define ORIGIN_USEC (G_GINT64_CONSTANT (1796054400) * G_USEC_PER_SEC)

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

static World *
make_world (void)
{
  g_autoptr (GString) rooms = g_string_new ("[{\"id\":\"one\",\"name\":\"一\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[");
  g_autoptr (GString) people = g_string_new ("[");
  for (int i = 0; i < COUNSELLORS; i++)
    {
      g_string_append_printf (rooms, "%s{\"id\":\"r%d\",\"name\":\"%d\"}", i > 0 ? "," : "", i, i);
      g_string_append_printf (people, "%s{\"id\":\"c%d\",\"kind\":\"person\",\"name\":\"c%d\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true}",
                              i > 0 ? "," : "", i, i);
    }
  g_string_append (rooms, "]}]");
  g_string_append (people, "]");
  World *world = world_new (rooms->str, "[{\"id\":\"meet\",\"name\":\"见面\",\"minutes\":50,\"after\":10}]", people->str);
  for (int i = 0; i < COUNSELLORS; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%d", i);
      g_autofree char *plan =
          g_strdup_printf ("{\"counsellor\":\"%s\",\"centres\":[\"one\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"meet\"],\"hours\":["
                           "{\"start\":\"2026-11-02T09:00:00\",\"end\":\"2026-11-02T12:00:00\",\"rrule\":\"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\"},"
                           "{\"start\":\"2026-11-02T13:00:00\",\"end\":\"2026-11-02T18:00:00\",\"rrule\":\"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\"}],"
                           "\"absences\":[{\"start\":\"2026-12-%02dT00:00:00\",\"end\":\"2026-12-%02dT00:00:00\"}],\"perDay\":6}",
                           name, 7 + i % 14, 9 + i % 14);
      world_put_plan (world, name, "one", plan);
    }
  return world;
}

/* Every second hour of everybody's, in their own room. */
static guint
fill_half (World *world)
{
  guint n = 0;
  g_assert_true (anx_database_begin (world->database, NULL));
  for (int day = 0; day < DAYS; day++)
    for (int i = 0; i < COUNSELLORS; i++)
      for (int hour = 9 + i % 2; hour < 18; hour += 2)
        {
          g_autofree char *id = g_strdup_printf ("0198c000-0000-7000-8000-%012d", (int) n);
          g_autofree char *counsellor = g_strdup_printf ("c%d", i);
          g_autofree char *room = g_strdup_printf ("r%d", i);
          g_autoptr (AnxBooking) booking = NULL;
          gboolean made = FALSE;
          AnxLedger ledger = world_ledger (world, "desk");
          AnxBookingClaim claim = { .id = id, .service = "meet", .counsellor = counsellor, .centre = "one", .room = room, .code_hash = "", .origin = "staff",
                                    .owner = "desk", .start_usec = ORIGIN_USEC + day * ANX_USEC_PER_DAY + hour * ANX_USEC_PER_HOUR, .staff = TRUE };
          if (anx_ledger_book (&ledger, &claim, &booking, &made, NULL) == NULL)
            n++;
        }
  g_assert_true (anx_database_commit (world->database, NULL));
  return n;
}

static void
measure (World *world,
         const char *name,
         const char *counsellor,
         guint most,
         int rounds)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint found = 0;
  for (int i = 0; i < rounds; i++)
    {
      AnxSlotView view = world_ledger (world, "desk").view;
      AnxSlotQuery query = { .centre = "one", .service = "meet", .counsellor = counsellor, .from_usec = world->now_usec,
                             .to_usec = world->now_usec + DAYS * ANX_USEC_PER_DAY, .most = most };
      gint64 began = g_get_monotonic_time ();
      g_autoptr (GPtrArray) slots = anx_slots_list (&view, &query, NULL);
      gint64 took = g_get_monotonic_time () - began;
      g_assert_nonnull (slots);
      found = slots->len;
      g_array_append_val (times, took);
    }
  g_array_sort (times, compare_times);
  g_print (",\"%s_slots\":%u,\"%s_p50_ms\":%.2f,\"%s_p99_ms\":%.2f", name, found, name, (double) g_array_index (times, gint64, times->len / 2) / 1000, name,
           (double) g_array_index (times, gint64, times->len * 99 / 100) / 1000);
}

int
main (int argc,
      char **argv)
{
  int rounds = argc > 1 ? atoi (argv[1]) : 200;
  World *world = make_world ();
  world->now_usec = ORIGIN_USEC;
  g_print ("{\"counsellors\":%d,\"days\":%d,\"bookings\":%u,\"rounds\":%d", COUNSELLORS, DAYS, fill_half (world), rounds);
  measure (world, "first_500", NULL, 500, rounds);
  measure (world, "one_counsellor", "c7", 500, rounds);
  measure (world, "all", NULL, G_MAXUINT, MAX (1, rounds / 10));
  g_print ("}\n");
  world_free (world);
  return 0;
}
