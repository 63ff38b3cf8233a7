/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is lent of which day, with a clock of its own. */
#include "booking-world.h"
#include "clock.h"
#include "json.h"

/* 2026-12-01, midnight of UTC. */
#define BEGIN_USEC G_GINT64_CONSTANT (1796083200000000)
#define DAYS 9

static World *
make_world (void)
{
  World *world = world_new ("[{\"id\":\"one\",\"name\":\"一\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"r0\",\"name\":\"甲\"},{\"id\":\"r1\",\"name\":\"乙\"}]}]",
                            "[{\"id\":\"talk\",\"name\":\"谈话\",\"minutes\":30}]",
                            "[{\"id\":\"li\",\"kind\":\"person\",\"name\":\"li\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true},"
                            "{\"id\":\"ma\",\"kind\":\"person\",\"name\":\"ma\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true},"
                            "{\"id\":\"k0\",\"kind\":\"kiosk\",\"name\":\"k0\",\"centre\":\"one\",\"room\":\"r0\",\"active\":true},"
                            "{\"id\":\"desk\",\"kind\":\"person\",\"name\":\"desk\",\"centre\":\"one\",\"roles\":[\"staff\"],\"active\":true}]");
  world->now_usec = BEGIN_USEC;
  /* The second of December has three beginnings, with two counsellors in two rooms. */
  for (guint i = 0; i < 2; i++)
    {
      const char *who = i == 0 ? "li" : "ma";
      g_autofree char *plan = g_strdup_printf ("{\"counsellor\":\"%s\",\"centres\":[\"one\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\"],\"holidays\":true,"
                                               "\"hours\":[{\"start\":\"2026-12-01T09:00:00\",\"end\":\"2026-12-01T13:00:00\",\"rrule\":\"FREQ=DAILY\"}],"
                                               "\"absences\":[{\"start\":\"2026-12-02T10:30:00\",\"end\":\"2026-12-02T18:00:00\"}]}", who);
      world_put_plan (world, who, "one", plan);
    }
  return world;
}

static void
lend (World *world,
      const char *who)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (world, who);
  const char *slug = anx_ledger_lend (&ledger, anx_directory_get_principal (world->directory, who), "mark", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (slug);
}

static gint64
number (World *world,
        const char *sql,
        gint64 day)
{
  g_autoptr (GError) error = NULL;
  gint64 found = anx_database_query_int (world->database, -1, &error, sql, "i", BEGIN_USEC / ANX_USEC_PER_DAY + day);
  g_assert_no_error (error);
  return found;
}

#define OF_DAY "FROM lease WHERE kiosk = 'k0' AND state = 'lent' AND start / 86400000000 = ?"

/* One of each day from its middle, none of a day with few beginnings, none nearer than the notice or further than the days ahead. */
static void
test_days (void)
{
  World *world = make_world ();
  for (guint again = 0; again < 2; again++)
    {
      lend (world, "k0");
      for (gint64 day = 0; day < DAYS; day++)
        g_assert_cmpint (number (world, "SELECT count(*) " OF_DAY, day), ==, day != 1 && day < 8);
    }
  /* 01:00 to 05:00 of UTC is free; of the first day only what begins from 03:00 on. */
  g_assert_cmpint (number (world, "SELECT min (start % 86400000000) " OF_DAY, 2), ==, 3 * ANX_USEC_PER_HOUR);
  g_assert_cmpint (number (world, "SELECT min (start % 86400000000) " OF_DAY, 0), ==, 4 * ANX_USEC_PER_HOUR);
  world_free (world);
}

/* A day of which something was sold or given back is looked at again; one that is full stays as it is. */
static void
test_again (void)
{
  g_autoptr (GError) error = NULL;
  World *world = make_world ();
  lend (world, "k0");
  gint64 all = anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM lease WHERE state = 'lent'", "");
  g_assert_true (anx_database_run (world->database, &error, "UPDATE lease SET state = 'sold' WHERE kiosk = 'k0' AND start / 86400000000 = ?", "i",
                                   BEGIN_USEC / ANX_USEC_PER_DAY + 3));
  world->now_usec += ANX_USEC_PER_HOUR;
  lend (world, "k0");
  g_assert_cmpint (number (world, "SELECT count(*) " OF_DAY, 3), ==, 1);
  g_assert_cmpint (anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM lease WHERE state = 'lent'", ""), ==, all);
  /* A desk has at most four, in any room. */
  lend (world, "desk");
  g_assert_cmpint (anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM lease WHERE kiosk = 'desk' AND state = 'lent'", ""), ==, 4);
  world_free (world);
}

/* Sold without the hub for a service that is offered no more: nobody is lost silently, a person calls. */
static void
test_service_gone (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxBooking) booking = NULL;
  gboolean made = FALSE;
  World *world = make_world ();
  AnxLedger ledger = world_ledger (world, "k0");
  AnxBookingClaim claim = { .id = "0198c000-0000-7000-8000-00000000000a", .service = "gone", .counsellor = "li", .centre = "one", .room = "r0",
                            .start_usec = BEGIN_USEC + ANX_USEC_PER_DAY, .code_hash = "h", .origin = "kiosk", .owner = "k0" };
  g_assert_cmpstr (anx_ledger_book (&ledger, &claim, &booking, &made, &error), ==, "slot-not-offered");
  claim.lease = "0198c000-0000-7000-8000-00000000000b";
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (AnxBooking) kept = NULL;
      const char *slug = anx_ledger_book (&ledger, &claim, &kept, &made, &error);
      g_assert_no_error (error);
      g_assert_null (slug);
      g_assert_true (made == (i == 0));
      g_assert_cmpstr (kept->status, ==, "proposed");
    }
  g_assert_cmpint (anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM work_item WHERE kind = 'promised-twice' AND booking = ?", "s", claim.id), ==, 1);
  /* The lease is given back: its time can be had by whoever is called, and is not lent again under that name. */
  lend (world, "k0");
  g_autoptr (JsonArray) leases = anx_ledger_list_leases (&ledger.view, "k0", NULL, BEGIN_USEC, G_MAXINT64, &error);
  g_assert_no_error (error);
  const char *lent = anx_json_get_string (json_array_get_object_element (leases, 0), "lease", NULL);
  g_autoptr (AnxBooking) promised = NULL;
  claim.id = "0198c000-0000-7000-8000-00000000000c";
  claim.lease = lent;
  claim.code_hash = "i";
  g_assert_cmpstr (anx_ledger_book (&ledger, &claim, &promised, &made, &error), ==, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM lease WHERE id = ? AND state = 'lent'", "s", lent), ==, 0);
  g_assert_cmpint (anx_database_query_int (world->database, -1, NULL, "SELECT count(*) FROM cell WHERE holder = ?", "s", lent), ==, 0);
  world_free (world);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub/leases/days", test_days);
  g_test_add_func ("/hub/leases/again", test_again);
  g_test_add_func ("/hub/leases/service-gone", test_service_gone);
  return g_test_run ();
}
