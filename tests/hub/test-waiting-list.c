/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The waiting list with a clock of its own: who is told of a free time, on which day, and when an entry ends. */
#include "booking-world.h"
#include "clock.h"
#include "id.h"
#include "waiting-list.h"

#define BEGIN_USEC G_GINT64_CONSTANT (1796083200000000)

typedef struct
{
  World *world;
  char *ids[4];
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->world = world_new ("[{\"id\":\"one\",\"name\":\"一\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"r0\",\"name\":\"甲\"}]}]",
                        "[{\"id\":\"talk\",\"name\":\"谈话\",\"minutes\":50}]", "[]");
  f->world->now_usec = BEGIN_USEC;
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (f->ids); i++)
    g_free (f->ids[i]);
  world_free (f->world);
}

/* The n-th to come, for any time of the next weeks. */
static void
add (Fixture *f,
     guint n,
     const char *channel)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (f->world, "desk");
  f->ids[n] = anx_uuid_new (f->world->now_usec);
  AnxWaitingEntry entry = { f->ids[n], (char *) "one", (char *) "talk", NULL, (char *) channel, (char *) "c2VhbGVk", BEGIN_USEC, BEGIN_USEC + 20 * ANX_USEC_PER_DAY };
  anx_waiting_list_add (&ledger, &entry, &error);
  g_assert_no_error (error);
  f->world->now_usec++;
}

/* Somebody cancels what would have been in two days. */
static void
free_time (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (f->world, "desk");
  gint64 start = f->world->now_usec + 2 * ANX_USEC_PER_DAY;
  AnxBooking freed = { .service = (char *) "talk", .counsellor = (char *) "li", .centre = (char *) "one", .room = (char *) "r0", .start_usec = start,
                       .end_usec = start + 50 * ANX_USEC_PER_MINUTE };
  anx_waiting_list_tell (&ledger, &freed, &error);
  g_assert_no_error (error);
}

static const char *
tell (Fixture *f,
      guint n)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (f->world, "desk");
  const char *slug = anx_waiting_list_act (&ledger, f->ids[n], "tell", &error);
  g_assert_no_error (error);
  return slug;
}

static gint64
number (Fixture *f,
        guint n,
        const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 found = anx_database_query_int (f->world->database, -1, &error, sql, "s", f->ids[n]);
  g_assert_no_error (error);
  return found;
}

static void
check (Fixture *f,
       guint n,
       gboolean noted,
       gint64 notices)
{
  g_assert_cmpint (number (f, n, "SELECT noticed IS NOT NULL FROM waiting WHERE id = ?"), ==, noted);
  g_assert_cmpint (number (f, n, "SELECT notices FROM waiting WHERE id = ?"), ==, notices);
}

/* Three whom nobody has called yet leave the next free time to the fourth, however long nobody calls. */
static void
test_uncalled (Fixture *f,
               gconstpointer data)
{
  for (guint i = 0; i < 4; i++)
    add (f, i, "staff");
  free_time (f);
  for (guint i = 0; i < 4; i++)
    check (f, i, i < 3, 0);
  f->world->now_usec += ANX_USEC_PER_DAY + 1;
  free_time (f);
  for (guint i = 0; i < 4; i++)
    check (f, i, TRUE, 0);
}

/* A call counts once a day, and only when there is something to call about; the third that counts ends the entry. */
static void
test_calls (Fixture *f,
            gconstpointer data)
{
  add (f, 0, "staff");
  g_assert_null (tell (f, 0));
  check (f, 0, FALSE, 0);
  for (guint day = 1; day <= 3; day++)
    {
      for (guint i = 0; i < 2 && day < 3; i++)
        {
          free_time (f);
          check (f, 0, TRUE, i == 0 ? day - 1 : day);
          g_assert_null (tell (f, 0));
          check (f, 0, FALSE, day);
          g_assert_null (tell (f, 0));
          check (f, 0, FALSE, day);
          f->world->now_usec += ANX_USEC_PER_HOUR;
        }
      f->world->now_usec += ANX_USEC_PER_DAY - 2 * ANX_USEC_PER_HOUR;
    }
  g_assert_cmpint (number (f, 0, "SELECT state = 'open' AND address <> '' FROM waiting WHERE id = ?"), ==, 1);
  free_time (f);
  g_assert_null (tell (f, 0));
  g_assert_cmpint (number (f, 0, "SELECT state = 'closed' AND address = '' AND notices = 3 FROM waiting WHERE id = ?"), ==, 1);
  g_assert_cmpstr (tell (f, 0), ==, "status-not-allowed");
  g_assert_cmpint (anx_database_query_int (f->world->database, -1, NULL, "SELECT count(*) FROM notice", ""), ==, 0);
}

/* Whom the gateway tells is told three times, a day apart. */
static void
test_notices (Fixture *f,
              gconstpointer data)
{
  add (f, 0, "sms");
  for (gint64 day = 1; day <= 3; day++)
    {
      free_time (f);
      free_time (f);
      check (f, 0, TRUE, day);
      g_assert_cmpint (anx_database_query_int (f->world->database, -1, NULL, "SELECT count(*) FROM notice", ""), ==, day);
      f->world->now_usec += ANX_USEC_PER_DAY;
    }
  g_assert_cmpint (number (f, 0, "SELECT state = 'closed' AND address = '' FROM waiting WHERE id = ?"), ==, 1);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add ("/hub/waiting-list/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("uncalled", test_uncalled);
  ADD ("calls", test_calls);
  ADD ("notices", test_notices);
  return g_test_run ();
}
