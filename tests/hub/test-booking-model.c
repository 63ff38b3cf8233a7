/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations of two kiosks and a desk on the real ledger and waiting list, beside a model that knows nothing of SQL, iCalendar or JSON: an array of
 * five-minute cells for each resource. After every operation the two must say the same; from time to time every cell is compared.
 *   ANX_MODEL_OPERATIONS  how many (default 8,000)     ANX_MODEL_SEED  where chance begins (default: the fixed one of the suite)
 */
#include <stdlib.h>
#include <string.h>

#include "booking-world.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "waiting-list.h"

#define DAYS 8
#define CELLS (DAYS * 288)
#define EPISODE 4000
/* From so many operations on even the rarest thing must have happened. */
#define ENOUGH_FOR_ALL 100000
/* 2026-12-01 00:00 in Shanghai. */
#define ORIGIN_USEC (G_GINT64_CONSTANT (1796054400) * G_USEC_PER_SEC)

enum { C0, C1, C2, R0, R1, R2, K0, K1, RESOURCES };
static const char *const NAMES[RESOURCES] = { "counsellor:c0", "counsellor:c1", "counsellor:c2", "room:one/r0", "room:one/r1", "room:one/r2", "kiosk:k0", "kiosk:k1" };
static const char *const COUNSELLORS[] = { "c0", "c1", "c2" };
static const char *const ROOMS[] = { "r0", "r1", "r2" };
static const char *const KIOSKS[] = { "k0", "k1" };
/* Length and buffer after, in cells. */
static const struct { const char *id; int length, after; gboolean video; } SERVICES[] = { { "talk", 10, 2, TRUE }, { "meet", 5, 1, FALSE } };
#define SLOT(s) (SERVICES[s].length + SERVICES[s].after)

typedef enum { HOLD, LEASE, BOOKING } Kind;
typedef enum { LENT, SOLD, RETURNED, RECLAIMED, STRAY } LeaseState;

typedef struct
{
  Kind kind;
  char *id;
  int service, counsellor, room;
  int start;          /* cell */
  int owner;          /* 0, 1 kiosks, 2 the desk: holds and leases */
  gint64 until_usec;  /* holds */
  LeaseState state;
  char *status;       /* bookings */
  guint changes;      /* bookings: rows of the history */
  gboolean promised;  /* somebody has a slip that says confirmed */
  gboolean proposed_twice;
  gboolean in_closed; /* it is work for the staff that its room is closed */
  char *code_of;      /* whose id its code was made of: its own, or the series' */
} Holder;

typedef struct
{
  char *id;
  int room; /* -1 = all */
  int start, end;
  gboolean ended;
} Closure;

typedef struct
{
  char *id;
  int service, counsellor; /* -1 = any */
  int start, end;          /* cells */
  gint64 created_usec, noticed_usec;
  guint notices;
  gboolean closed;
} Waiting;

/* What happened, each to be seen at least once. */
#define EVENTS(X) \
  X (booked) X (refused_taken) X (refused_not_offered) X (repeated) X (lost_before_commit) X (held) X (hold_refused) X (hold_taken_over) X (hold_released) \
  X (hold_ended) X (moved) X (move_refused) X (cancelled) X (checked_in) X (check_in_refused) X (missed) X (miss_taken_back) X (miss_filled) X (arrived) \
  X (fulfilled) X (entered_in_error) X (series_booked) X (series_refused) X (lent) X (lease_given_back) X (sold_offline) X (sale_delivered) \
  X (sale_delivered_twice) X (promised_twice) X (sale_into_reclaimed) X (reconnected) X (reinstalled) X (strayed) X (reclaimed) X (room_closed) \
  X (closed_in_the_way) X (closed_under_lease) X (opened_again) X (waiting_added) X (waiting_told) X (waiting_told_by_staff) X (waiting_ended) \
  X (clock_forward) X (clock_back) X (restarted)
#define NAME_OF(name) #name,
#define NUMBER_OF(name) SAW_##name,
static const char *const EVENT_NAMES[] = { EVENTS (NAME_OF) };
enum { EVENTS (NUMBER_OF) N_EVENTS };
/* Too rare for a short run. */
static const int RARE[] = { SAW_promised_twice, SAW_sale_into_reclaimed, SAW_strayed, SAW_closed_under_lease, SAW_miss_filled, SAW_sale_delivered_twice, SAW_reinstalled,
                            SAW_reclaimed };

typedef struct
{
  Holder *lease;
  char *id; /* of the booking made offline */
  gboolean twice;
} Sale;

typedef struct
{
  char *mark;
  GPtrArray *leases; /* Holder, what the kiosk believes it can sell */
  GPtrArray *sales;  /* Sale, not delivered */
} Kiosk;

typedef struct
{
  World *world;
  GRand *rand;
  Holder *owner[RESOURCES][CELLS];
  GPtrArray *holders; /* all that ever were in this episode */
  GHashTable *by_id;
  Kiosk kiosks[2];
  GPtrArray *closures; /* Closure */
  GPtrArray *waiting;  /* Waiting */
  gint64 notices;      /* queued for those who wait */
  char *code;          /* of the claim being made */
  guint64 seen[N_EVENTS];
} Model;

#define SAW(event) (self->seen[SAW_##event]++)

static void
holder_free (gpointer data)
{
  Holder *holder = data;
  g_free (holder->id);
  g_free (holder->status);
  g_free (holder->code_of);
  g_free (holder);
}

static void
closure_free (gpointer data)
{
  Closure *closure = data;
  g_free (closure->id);
  g_free (closure);
}

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;
  g_free (waiting->id);
  g_free (waiting);
}

static void
sale_free (gpointer data)
{
  Sale *sale = data;
  g_free (sale->id);
  g_free (sale);
}

static int
pick (Model *self, int n)
{
  return g_rand_int_range (self->rand, 0, n);
}

static gint64
cell_usec (int cell)
{
  return ORIGIN_USEC + (gint64) cell * ANX_CELL_USEC;
}

/* --- the model's own rule --- */

static gboolean
hold_counts (Model *self, const Holder *holder)
{
  return holder->until_usec > self->world->now_usec && holder->until_usec <= self->world->now_usec + ANX_HOLD_USEC;
}

static gboolean
stands (const char *status)
{
  return strcmp (status, "booked") == 0 || strcmp (status, "checked-in") == 0 || strcmp (status, "arrived") == 0 || strcmp (status, "fulfilled") == 0;
}

static gboolean
cell_is_free (Model *self, int resource, int cell, const Holder *but)
{
  const Holder *holder = self->owner[resource][cell];
  return holder == NULL || holder == but || (holder->kind == HOLD && !hold_counts (self, holder));
}

/* c0 and c1 work 09:00 to 17:00, c2 until 13:00; slots follow one another from 09:00. */
static gboolean
plan_has (int service, int counsellor, int start)
{
  int day_cell = start % 288, end = counsellor == C2 ? 156 : 204;
  return start >= 0 && start < CELLS - 288 && day_cell >= 108 && (day_cell - 108) % SLOT (service) == 0 && day_cell + SLOT (service) <= end;
}

static gboolean
is_closed (Model *self, int service, int room, int start)
{
  for (guint i = 0; i < self->closures->len; i++)
    {
      const Closure *closure = g_ptr_array_index (self->closures, i);
      if (!closure->ended && (closure->room < 0 || closure->room == room) && closure->start < start + SERVICES[service].length && closure->end > start)
        return TRUE;
    }
  return FALSE;
}

static gboolean
offered (Model *self, int service, int counsellor, int room, int start, gboolean staff)
{
  gint64 at = cell_usec (start), now = self->world->now_usec;
  return plan_has (service, counsellor, start) && (!SERVICES[service].video || room < 2) && !is_closed (self, service, room, start) &&
         (staff ? at + SERVICES[service].length * ANX_CELL_USEC > now : at >= now);
}

static gboolean
free_for (Model *self, int service, int counsellor, int room, int start, const Holder *but)
{
  for (int cell = start; cell < start + SLOT (service); cell++)
    if (!cell_is_free (self, C0 + counsellor, cell, but) || !cell_is_free (self, R0 + room, cell, but) ||
        (SERVICES[service].video && !cell_is_free (self, K0 + room, cell, but)))
      return FALSE;
  return TRUE;
}

static void
fill (Model *self, const Holder *where, Holder *with, const Holder *only)
{
  for (int cell = where->start; cell < where->start + SLOT (where->service); cell++)
    {
      int resources[] = { C0 + where->counsellor, R0 + where->room, SERVICES[where->service].video ? K0 + where->room : -1 };
      for (guint i = 0; i < 3; i++)
        if (resources[i] >= 0 && (only == NULL || self->owner[resources[i]][cell] == only))
          self->owner[resources[i]][cell] = with;
    }
}

static void
vacate (Model *self, Holder *holder)
{
  fill (self, holder, NULL, holder);
}

static Holder *
add_holder (Model *self, Kind kind, const char *id, int service, int counsellor, int room, int start, int owner)
{
  Holder *holder = g_new0 (Holder, 1);
  holder->kind = kind;
  holder->id = g_strdup (id);
  holder->service = service;
  holder->counsellor = counsellor;
  holder->room = room;
  holder->start = start;
  holder->owner = owner;
  holder->code_of = g_strdup (id);
  g_ptr_array_add (self->holders, holder);
  g_hash_table_replace (self->by_id, holder->id, holder);
  return holder;
}

static guint
load_of (Model *self, int counsellor, int start)
{
  guint n = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      const Holder *holder = g_ptr_array_index (self->holders, i);
      n += holder->kind == BOOKING && holder->counsellor == counsellor && stands (holder->status);
    }
  return n;
}

/* What the ledger must answer: NULL and who is chosen, or the slug. -1 = any. */
static const char *
expect (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *but, int *out_counsellor, int *out_room)
{
  gboolean any_offered = FALSE;
  guint best = G_MAXUINT;
  for (int c = 0; c < 3; c++)
    for (int r = 0; r < 3; r++)
      {
        if ((counsellor >= 0 && c != counsellor) || (room >= 0 && r != room) || !offered (self, service, c, r, start, staff))
          continue;
        any_offered = TRUE;
        if (!free_for (self, service, c, r, start, but))
          continue;
        guint load = counsellor >= 0 ? 0 : load_of (self, c, start);
        if (load < best)
          {
            best = load;
            *out_counsellor = c;
            *out_room = r;
          }
      }
  return best != G_MAXUINT ? NULL : any_offered ? "slot-taken" : "slot-not-offered";
}

/* Whoever occupies first takes away what has ended; set back, the clock does not bring it to life again. */
static void
sweep (Model *self)
{
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind == HOLD && holder->until_usec != 0 && !hold_counts (self, holder))
        {
          vacate (self, holder);
          holder->until_usec = 0;
          SAW (hold_ended);
        }
    }
}

/* --- the model's waiting list --- */

static void
close_old_waiting (Model *self)
{
  for (guint i = 0; i < self->waiting->len; i++)
    {
      Waiting *waiting = g_ptr_array_index (self->waiting, i);
      if (!waiting->closed && cell_usec (waiting->end) < self->world->now_usec + ANX_USEC_PER_DAY)
        {
          waiting->closed = TRUE;
          SAW (waiting_ended);
        }
    }
}

static void
count_told (Model *self, Waiting *waiting)
{
  waiting->noticed_usec = self->world->now_usec;
  waiting->closed = ++waiting->notices == 3;
  self->notices++;
}

static void
tell_waiting (Model *self, int service, int counsellor, int start)
{
  gint64 now = self->world->now_usec;
  Waiting *told[3] = { NULL };
  if (cell_usec (start) <= now)
    return;
  close_old_waiting (self);
  for (guint n = 0; n < 3; n++)
    {
      for (guint i = 0; i < self->waiting->len; i++)
        {
          Waiting *waiting = g_ptr_array_index (self->waiting, i);
          if (waiting->closed || waiting->service != service || (waiting->counsellor >= 0 && waiting->counsellor != counsellor) || start < waiting->start ||
              start > waiting->end || (waiting->noticed_usec != 0 && waiting->noticed_usec > now - ANX_USEC_PER_DAY) || waiting == told[0] || waiting == told[1])
            continue;
          if (told[n] == NULL || waiting->created_usec < told[n]->created_usec ||
              (waiting->created_usec == told[n]->created_usec && strcmp (waiting->id, told[n]->id) < 0))
            told[n] = waiting;
        }
      if (told[n] == NULL)
        break;
    }
  for (guint n = 0; n < 3 && told[n] != NULL; n++)
    {
      count_told (self, told[n]);
      SAW (waiting_told);
    }
}

/* --- one operation on the ledger --- */

typedef const char *(*Run) (AnxLedger *ledger, gpointer data, GError **error);

/* As the writer does it. One in twenty is lost before its COMMIT, as when the hub is killed: FALSE, and nothing may be left of it. */
static gboolean
run (Model *self, const char *who, Run what, gpointer data, const char **out_slug)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (self->world, who);
  gboolean lost = pick (self, 20) == 0;
  g_assert_true (anx_database_begin (self->world->database, NULL) && anx_database_savepoint (self->world->database, NULL));
  *out_slug = what (&ledger, data, &error);
  g_assert_no_error (error);
  if (*out_slug != NULL)
    anx_database_rollback_to_savepoint (self->world->database);
  else
    g_assert_true (anx_database_release (self->world->database, NULL));
  if (lost)
    {
      SAW (lost_before_commit);
      anx_database_rollback (self->world->database);
      return FALSE;
    }
  g_assert_true (anx_database_commit (self->world->database, NULL));
  return TRUE;
}

typedef struct
{
  AnxBookingClaim claim;
  AnxBooking *booking;
  gboolean made;
  gint64 until_usec;
  const char *text;
  const AnxPrincipal *kiosk;
  const char *const *held;
  gint64 count;
  GArray *sessions;
  GPtrArray *bookings;
  AnxClosure closure;
  JsonArray *in_the_way;
  AnxWaitingEntry entry;
} Work;

static const char *
do_book (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_book (ledger, &work->claim, &work->booking, &work->made, error);
}

static const char *
do_hold (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_hold (ledger, &work->claim, &work->until_usec, error);
}

static const char *
do_release (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_release (ledger, work->claim.id, work->claim.owner, error);
}

static const char *
do_move (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  g_autoptr (AnxBooking) before = anx_ledger_find (ledger->view.database, work->claim.id, error);
  work->booking = anx_ledger_find (ledger->view.database, work->claim.id, error);
  const char *slug = anx_ledger_move (ledger, work->booking, &work->claim, NULL, error);
  return slug != NULL || anx_waiting_list_tell (ledger, before, error) ? slug : "failed";
}

static const char *
do_status (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  work->booking = anx_ledger_find (ledger->view.database, work->claim.id, error);
  gboolean had = anx_appointment_status_occupies (work->booking->status);
  const char *slug = anx_ledger_set_status (ledger, work->booking, work->text, NULL, error);
  gboolean freed = slug == NULL && had && !anx_appointment_status_occupies (work->text);
  return !freed || anx_waiting_list_tell (ledger, work->booking, error) ? slug : "failed";
}

/* As a resident does it: by the code. */
static const char *
do_check_in (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  gint64 now = ledger->view.now_usec;
  work->booking = anx_ledger_find_by_code (ledger->view.database, work->claim.code_hash, now - 12 * ANX_USEC_PER_HOUR, error);
  const char *slug = anx_hub_keep_booking_problem (work->booking->start_usec, work->booking->end_usec, now);
  if (slug != NULL && (strcmp (work->booking->status, "checked-in") == 0 || anx_appointment_status_may_follow (work->booking->status, "checked-in")))
    return slug;
  return anx_ledger_set_status (ledger, work->booking, "checked-in", NULL, error);
}

static const char *
do_series (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_book_series (ledger, &work->claim, work->sessions, work->bookings, &work->made, error);
}

static const char *
do_close (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_close (ledger, &work->closure, work->in_the_way, error);
}

static const char *
do_open (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_open_again (ledger, work->text, error);
}

static const char *
do_wait (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_waiting_list_add (ledger, &work->entry, error) ? NULL : "failed";
}

static const char *
do_act (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_waiting_list_act (ledger, work->entry.id, work->text, error);
}

static const char *
do_lend (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_lend (ledger, work->kiosk, work->text, work->held, error);
}

static const char *
do_take_back (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_take_back (ledger, work->claim.owner, work->text, error);
}

static const char *
do_reclaim (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  return anx_ledger_reclaim (ledger, work->text, &work->count, error);
}

static const char *
owner_name (int owner)
{
  return owner < 2 ? KIOSKS[owner] : "desk";
}

/* A random wish; mostly on the grid, and often on what is popular, so that claims collide. */
static void
wish (Model *self, int owner, int *service, int *counsellor, int *room, int *start)
{
  int now_day = (int) ((self->world->now_usec - ORIGIN_USEC) / ANX_USEC_PER_DAY);
  *service = pick (self, 2);
  *counsellor = pick (self, 4) - 1;
  *room = owner < 2 ? owner : pick (self, 4) - 1;
  *start = (now_day + pick (self, 3)) * 288 + 108 + pick (self, 96 / SLOT (*service)) * SLOT (*service);
  if (pick (self, 30) == 0)
    *start += pick (self, 5) - 2;
}

/* A code of its own for each booking, one for all of a series. */
static const char *
make_code (Model *self, const char *of)
{
  g_free (self->code);
  self->code = g_compute_checksum_for_string (G_CHECKSUM_SHA256, of, -1);
  return self->code;
}

static AnxBookingClaim
make_claim (Model *self, const char *id, int owner, int service, int counsellor, int room, int start)
{
  return (AnxBookingClaim){ .id = id,
                            .service = SERVICES[service].id,
                            .counsellor = counsellor >= 0 ? COUNSELLORS[counsellor] : NULL,
                            .centre = "one",
                            .room = room >= 0 ? ROOMS[room] : NULL,
                            .start_usec = cell_usec (start),
                            .code_hash = make_code (self, id),
                            .origin = owner < 2 ? "kiosk" : "staff",
                            .owner = owner_name (owner),
                            .staff = owner == 2 };
}

static int
index_of (const char *const *names, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    if (g_str_equal (names[i], name))
      return i;
  g_assert_not_reached ();
}

static void
drop_hold (Model *self, Holder *hold)
{
  vacate (self, hold);
  hold->until_usec = 0;
}

static Holder *
find_hold (Model *self, int owner)
{
  for (guint i = self->holders->len; i > 0; i--)
    {
      Holder *holder = g_ptr_array_index (self->holders, i - 1);
      if (holder->kind == HOLD && holder->owner == owner && holder->until_usec != 0)
        return holder;
    }
  return NULL;
}

static gboolean
is_missed_at (const Holder *holder, int counsellor, int start)
{
  return holder->kind == BOOKING && holder->counsellor == counsellor && holder->start == start && strcmp (holder->status, "noshow") == 0;
}

static void
op_book (Model *self)
{
  int owner = pick (self, 3), service, counsellor, room, start;
  Holder *hold = pick (self, 3) == 0 ? find_hold (self, owner) : NULL;
  g_autofree char *fresh = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  if (hold != NULL)
    {
      service = hold->service;
      counsellor = hold->counsellor;
      room = hold->room;
      start = hold->start;
    }
  else
    wish (self, owner, &service, &counsellor, &room, &start);
  if (start < 0 || start >= CELLS - 30)
    return;
  Work work = { .claim = make_claim (self, hold != NULL ? hold->id : fresh, owner, service, counsellor, room, start) };
  int chosen = -1, place = -1;
  const char *expected = expect (self, service, counsellor, room, start, owner == 2, hold, &chosen, &place);
  for (int again = 0; again < 2; again++)
    {
      if (!run (self, work.claim.owner, do_book, &work, &slug))
        {
          g_clear_pointer (&work.booking, anx_booking_free);
          return;
        }
      if (g_strcmp0 (slug, expected) != 0)
        g_test_message ("%s claims %s with %d in %d at %d, now %.2f, hold %d", work.claim.owner, work.claim.service, counsellor, room, start,
                        (double) (self->world->now_usec - ORIGIN_USEC) / ANX_CELL_USEC, hold != NULL);
      g_assert_cmpstr (slug, ==, expected);
      if (slug != NULL)
        {
          self->seen[strcmp (slug, "slot-taken") == 0 ? SAW_refused_taken : SAW_refused_not_offered]++;
          return;
        }
      /* The answer is lost, the client repeats: the same booking, made once. */
      g_assert_true (work.made == (again == 0));
      g_assert_cmpstr (work.booking->counsellor, ==, COUNSELLORS[chosen]);
      if (again == 0)
        {
          int got = index_of (ROOMS, 3, work.booking->room);
          g_assert_true (room >= 0 ? got == room : free_for (self, service, chosen, got, start, hold));
          sweep (self);
          if (hold != NULL && hold->until_usec != 0)
            {
              drop_hold (self, hold);
              SAW (hold_taken_over);
            }
          for (guint i = 0; i < self->holders->len; i++)
            if (is_missed_at (g_ptr_array_index (self->holders, i), chosen, start))
              {
                SAW (miss_filled);
                break;
              }
          SAW (booked);
          Holder *booking = add_holder (self, BOOKING, work.claim.id, service, chosen, got, start, owner);
          booking->status = g_strdup ("booked");
          booking->changes = 1;
          booking->promised = TRUE;
          fill (self, booking, booking, NULL);
        }
      else
        SAW (repeated);
      g_clear_pointer (&work.booking, anx_booking_free);
      if (pick (self, 4) != 0)
        return;
    }
}

static void
op_hold (Model *self)
{
  int owner = pick (self, 3), service, counsellor, room, start, chosen = -1, place = -1;
  wish (self, owner, &service, &counsellor, &room, &start);
  if (start < 0 || start >= CELLS - 30)
    return;
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  Work work = { .claim = make_claim (self, id, owner, service, counsellor, room, start) };
  Holder *old = find_hold (self, owner);
  const char *expected = expect (self, service, counsellor, room, start, owner == 2, old, &chosen, &place);
  if (!run (self, work.claim.owner, do_hold, &work, &slug))
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug != NULL)
    {
      SAW (hold_refused);
      return; /* the old hold stands */
    }
  SAW (held);
  sweep (self);
  if (old != NULL && old->until_usec != 0)
    drop_hold (self, old);
  g_autoptr (AnxRows) rows = anx_database_query (self->world->database, NULL, "SELECT counsellor, room FROM hold WHERE id = ?", "s", id);
  g_assert_true (anx_rows_next (rows, NULL));
  int got = index_of (COUNSELLORS, 3, anx_rows_get_string (rows, 0)), at = index_of (ROOMS, 3, anx_rows_get_string (rows, 1));
  g_assert_cmpint (got, ==, chosen);
  g_assert_true (free_for (self, service, got, at, start, NULL));
  Holder *hold = add_holder (self, HOLD, id, service, got, at, start, owner);
  hold->until_usec = work.until_usec;
  fill (self, hold, hold, NULL);
}

static void
op_release (Model *self)
{
  int owner = pick (self, 3);
  Holder *hold = find_hold (self, pick (self, 2) == 0 ? owner : pick (self, 3));
  const char *slug = NULL;
  if (hold == NULL)
    return;
  Work work = { .claim = { .id = hold->id, .owner = owner_name (owner) } };
  if (!run (self, work.claim.owner, do_release, &work, &slug))
    return;
  g_assert_null (slug);
  if (owner == hold->owner)
    {
      drop_hold (self, hold);
      SAW (hold_released);
    }
}

static Holder *
pick_booking (Model *self)
{
  for (int tries = 0; tries < 20 && self->holders->len > 0; tries++)
    {
      int from = MAX (0, (int) self->holders->len - 200);
      Holder *holder = g_ptr_array_index (self->holders, (guint) g_rand_int_range (self->rand, from, (gint32) self->holders->len));
      if (holder->kind == BOOKING)
        return holder;
    }
  return NULL;
}

static void
op_move (Model *self)
{
  Holder *booking = pick_booking (self);
  int service, counsellor, room, start, chosen = -1, place = -1;
  const char *slug = NULL;
  if (booking == NULL)
    return;
  wish (self, 2, &service, &counsellor, &room, &start);
  if (booking->service != service || start < 0 || start >= CELLS - 30)
    return;
  Work work = { .claim = make_claim (self, booking->id, 2, service, counsellor, room, start) };
  gboolean movable = strcmp (booking->status, "booked") == 0 || strcmp (booking->status, "proposed") == 0;
  /* "Any" counts the booking itself to its counsellor's load: it is one of the counsellor's until it has moved. */
  const char *expected = !movable ? "status-not-allowed" : expect (self, service, counsellor, room, start, TRUE, booking, &chosen, &place);
  gboolean kept = run (self, "desk", do_move, &work, &slug);
  if (kept)
    g_assert_cmpstr (slug, ==, expected);
  if (kept && slug != NULL)
    SAW (move_refused);
  if (kept && slug == NULL)
    {
      SAW (moved);
      sweep (self);
      tell_waiting (self, booking->service, booking->counsellor, booking->start);
      vacate (self, booking);
      booking->counsellor = index_of (COUNSELLORS, 3, work.booking->counsellor);
      booking->room = index_of (ROOMS, 3, work.booking->room);
      booking->start = start;
      g_assert_cmpint (booking->counsellor, ==, chosen);
      g_assert_true (free_for (self, service, booking->counsellor, booking->room, start, NULL));
      g_free (booking->status);
      booking->status = g_strdup ("booked");
      booking->changes++;
      fill (self, booking, booking, NULL);
    }
  anx_booking_free (work.booking);
}

/* What follows of a status that was set. */
static void
apply_status (Model *self, Holder *booking, const char *status)
{
  gboolean had = stands (booking->status), has = stands (status), missed = strcmp (booking->status, "noshow") == 0;
  static const struct { const char *status; int event; } events[] = {
    { "cancelled", SAW_cancelled }, { "checked-in", SAW_checked_in }, { "noshow", SAW_missed },
    { "arrived", SAW_arrived },     { "fulfilled", SAW_fulfilled },   { "entered-in-error", SAW_entered_in_error },
  };
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    self->seen[events[i].event] += strcmp (events[i].status, status) == 0;
  if (had && !has)
    {
      vacate (self, booking);
      tell_waiting (self, booking->service, booking->counsellor, booking->start);
    }
  if (!had && has)
    {
      sweep (self);
      fill (self, booking, booking, NULL);
    }
  if (missed && has)
    SAW (miss_taken_back);
  g_free (booking->status);
  booking->status = g_strdup (status);
  booking->changes++;
  booking->promised = booking->promised && has;
}

static const char *
expect_status (Model *self, const Holder *booking, const char *status)
{
  gboolean same = strcmp (booking->status, status) == 0;
  if (!same && !anx_appointment_status_may_follow (booking->status, status))
    return "status-not-allowed";
  return !same && !stands (booking->status) && stands (status) &&
                 !free_for (self, booking->service, booking->counsellor, booking->room, booking->start, booking)
             ? "slot-taken"
             : NULL;
}

static void
op_status (Model *self)
{
  static const char *const to[] = { "cancelled", "cancelled", "noshow", "checked-in", "arrived", "fulfilled", "booked", "entered-in-error" };
  Holder *booking = pick_booking (self);
  const char *status = to[pick (self, G_N_ELEMENTS (to))], *slug = NULL;
  if (booking == NULL)
    return;
  gboolean same = strcmp (booking->status, status) == 0;
  const char *expected = expect_status (self, booking, status);
  Work work = { .claim = { .id = booking->id }, .text = status };
  gboolean kept = run (self, "desk", do_status, &work, &slug);
  anx_booking_free (work.booking);
  if (!kept)
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug == NULL && !same)
    apply_status (self, booking, status);
}

/* Which booking a code stands for: one that stands, then one to come, before what is over, missed or cancelled. */
static Holder *
find_by_code (Model *self, const char *code_of)
{
  Holder *best = NULL;
  int best_rank = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind != BOOKING || strcmp (holder->code_of, code_of) != 0)
        continue;
      gboolean gone = !stands (holder->status) && strcmp (holder->status, "proposed") != 0;
      gboolean over = cell_usec (holder->start + SERVICES[holder->service].length) < self->world->now_usec - 12 * ANX_USEC_PER_HOUR;
      int rank = gone * 4 + (strcmp (holder->status, "fulfilled") == 0) * 2 + over;
      if (best == NULL || rank < best_rank || (rank == best_rank && holder->start < best->start))
        {
          best = holder;
          best_rank = rank;
        }
    }
  return best;
}

static void
op_check_in (Model *self)
{
  Holder *any = pick_booking (self);
  const char *slug = NULL;
  if (any == NULL)
    return;
  Holder *booking = find_by_code (self, any->code_of);
  gint64 start = cell_usec (booking->start), end = cell_usec (booking->start + SERVICES[booking->service].length), now = self->world->now_usec;
  gboolean could = strcmp (booking->status, "checked-in") == 0 || anx_appointment_status_may_follow (booking->status, "checked-in");
  const char *expected = !could ? "status-not-allowed"
                         : start - now > 12 * ANX_USEC_PER_HOUR ? "not-yet"
                         : now - end > 12 * ANX_USEC_PER_HOUR   ? "over"
                                                                : expect_status (self, booking, "checked-in");
  Work work = { .claim = { .code_hash = make_code (self, any->code_of) } };
  gboolean kept = run (self, KIOSKS[pick (self, 2)], do_check_in, &work, &slug);
  if (kept)
    {
      g_assert_cmpstr (work.booking->id, ==, booking->id);
      g_assert_cmpstr (slug, ==, expected);
      if (slug != NULL)
        SAW (check_in_refused);
      else if (strcmp (booking->status, "checked-in") != 0)
        apply_status (self, booking, "checked-in");
    }
  anx_booking_free (work.booking);
}

/* --- series --- */

static gboolean
can_have (Model *self, int service, int counsellor, int room, int start, gboolean staff)
{
  int unused_counsellor = 0, unused_room = 0;
  return expect (self, service, counsellor, room, start, staff, NULL, &unused_counsellor, &unused_room) == NULL;
}

/* Of those free at the first time, the least loaded first: who can hold the most of them. -1 = nobody. */
static int
expect_counsellor (Model *self, int service, int room, const int *starts, int n, gboolean staff)
{
  int best = -1, most = 0;
  gboolean looked[3] = { FALSE };
  for (int round = 0; round < 3; round++)
    {
      int next = -1;
      for (int c = 0; c < 3; c++)
        if (!looked[c] && can_have (self, service, c, room, starts[0], staff) && (next < 0 || load_of (self, c, starts[0]) < load_of (self, next, starts[0])))
          next = c;
      if (next < 0)
        break;
      looked[next] = TRUE;
      int possible = 0;
      for (int i = 0; i < n; i++)
        possible += can_have (self, service, next, room, starts[i], staff);
      if (possible > most)
        {
          most = possible;
          best = next;
        }
    }
  return best;
}

static void
clear_session (gpointer data)
{
  g_free (((AnxSession *) data)->id);
}

/* Some days in a row at the same time: no two of them are in each other's way. */
static void
op_series (Model *self)
{
  int owner = pick (self, 3), service, counsellor, room, start, n = 2 + pick (self, 3), starts[4];
  wish (self, owner, &service, &counsellor, &room, &start);
  g_autoptr (GArray) sessions = g_array_new (FALSE, TRUE, sizeof (AnxSession));
  g_autoptr (GPtrArray) bookings = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_booking_free);
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  gboolean conflict = FALSE;
  g_array_set_clear_func (sessions, clear_session);
  if (start < 0 || start + (n - 1) * 288 >= CELLS - 30)
    return;
  for (int i = 0; i < n; i++)
    {
      AnxSession session = { anx_uuid_new (self->world->now_usec), cell_usec (start + i * 288), NULL };
      starts[i] = start + i * 288;
      g_array_append_val (sessions, session);
    }
  int chosen = counsellor >= 0 ? counsellor : expect_counsellor (self, service, room, starts, n, owner == 2);
  const char *expected[4] = { NULL };
  for (int i = 0; i < n; i++)
    {
      int who = 0, where = 0;
      expected[i] = expect (self, service, chosen, room, starts[i], owner == 2, NULL, &who, &where);
      conflict |= expected[i] != NULL;
    }
  Work work = { .claim = make_claim (self, id, owner, service, counsellor, room, start), .sessions = sessions, .bookings = bookings };
  work.claim.series = id;
  if (!run (self, work.claim.owner, do_series, &work, &slug))
    return;
  g_assert_cmpstr (slug, ==, conflict ? "slot-taken" : NULL);
  for (int i = 0; i < n; i++)
    g_assert_cmpstr (g_array_index (sessions, AnxSession, i).problem, ==, expected[i]);
  if (conflict)
    {
      SAW (series_refused);
      return;
    }
  SAW (series_booked);
  g_assert_true (work.made);
  sweep (self);
  for (int i = 0; i < n; i++)
    {
      const AnxBooking *made = g_ptr_array_index (bookings, i);
      int got = index_of (ROOMS, 3, made->room);
      g_assert_cmpstr (made->counsellor, ==, COUNSELLORS[chosen]);
      g_assert_true (free_for (self, service, chosen, got, starts[i], NULL));
      Holder *booking = add_holder (self, BOOKING, made->id, service, chosen, got, starts[i], owner);
      g_free (booking->code_of);
      booking->code_of = g_strdup (id);
      booking->status = g_strdup ("booked");
      booking->changes = 1;
      booking->promised = TRUE;
      fill (self, booking, booking, NULL);
    }
  g_ptr_array_set_size (bookings, 0);
  if (pick (self, 3) == 0 && run (self, work.claim.owner, do_series, &work, &slug))
    {
      g_assert_null (slug);
      g_assert_false (work.made);
      g_assert_cmpuint (bookings->len, ==, n);
    }
}

/* --- closed rooms --- */

static void
op_close (Model *self)
{
  int now_day = (int) ((self->world->now_usec - ORIGIN_USEC) / ANX_USEC_PER_DAY), room = pick (self, 10) == 0 ? -1 : pick (self, 3);
  int start = (now_day + pick (self, 3)) * 288 + 96 + pick (self, 96), end = start + 1 + pick (self, 24);
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  if (start < 0)
    return;
  Work work = { .closure = { id, "one", room >= 0 ? ROOMS[room] : NULL, cell_usec (start), cell_usec (end), "repair" }, .in_the_way = json_array_new () };
  gboolean kept = run (self, "desk", do_close, &work, &slug);
  guint named = json_array_get_length (work.in_the_way), expected = 0;
  json_array_unref (work.in_the_way);
  if (!kept)
    return;
  g_assert_null (slug);
  SAW (room_closed);
  Closure *closure = g_new0 (Closure, 1);
  *closure = (Closure){ g_strdup (id), room, start, end, FALSE };
  g_ptr_array_add (self->closures, closure);
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind != BOOKING || strcmp (holder->status, "booked") != 0 || (room >= 0 && holder->room != room) || holder->start >= end ||
          holder->start + SERVICES[holder->service].length <= start ||
          cell_usec (holder->start + SERVICES[holder->service].length) <= self->world->now_usec)
        continue;
      holder->in_closed = TRUE;
      expected++;
    }
  self->seen[SAW_closed_in_the_way] += expected;
  g_assert_cmpuint (named, ==, expected);
}

static void
op_open (Model *self)
{
  const char *slug = NULL;
  if (self->closures->len == 0)
    return;
  Closure *closure = g_ptr_array_index (self->closures, pick (self, (int) self->closures->len));
  Work work = { .text = closure->id };
  if (!run (self, "desk", do_open, &work, &slug))
    return;
  g_assert_null (slug);
  closure->ended = TRUE;
  SAW (opened_again);
}

/* --- the waiting list --- */

static void
op_wait (Model *self)
{
  int service, counsellor, room, start;
  wish (self, 2, &service, &counsellor, &room, &start);
  int end = start + pick (self, 4 * 288);
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  Work work = { .entry = { id, (char *) "one", (char *) SERVICES[service].id, (char *) (counsellor >= 0 ? COUNSELLORS[counsellor] : NULL), (char *) "sms",
                           (char *) "c2VhbGVk", cell_usec (start), cell_usec (end) } };
  if (!run (self, "desk", do_wait, &work, &slug))
    return;
  g_assert_null (slug);
  close_old_waiting (self);
  Waiting *waiting = g_new0 (Waiting, 1);
  *waiting = (Waiting){ .id = g_strdup (id), .service = service, .counsellor = counsellor, .start = start, .end = end, .created_usec = self->world->now_usec };
  g_ptr_array_add (self->waiting, waiting);
  SAW (waiting_added);
}

static void
op_act (Model *self)
{
  const char *slug = NULL;
  if (self->waiting->len == 0)
    return;
  Waiting *waiting = g_ptr_array_index (self->waiting, pick (self, (int) self->waiting->len));
  gboolean tell = pick (self, 3) > 0;
  Work work = { .entry = { .id = waiting->id }, .text = tell ? "tell" : "close" };
  if (!run (self, "desk", do_act, &work, &slug))
    return;
  /* Refused, it leaves nothing, not even what it found to be too old. */
  gboolean old = cell_usec (waiting->end) < self->world->now_usec + ANX_USEC_PER_DAY;
  g_assert_cmpstr (slug, ==, tell && (waiting->closed || old) ? "status-not-allowed" : NULL);
  if (slug != NULL)
    return;
  close_old_waiting (self);
  if (tell)
    {
      count_told (self, waiting);
      SAW (waiting_told_by_staff);
    }
  else
    waiting->closed = TRUE;
}

static void
check_waiting (Model *self)
{
  for (guint i = 0; i < self->waiting->len; i++)
    {
      const Waiting *waiting = g_ptr_array_index (self->waiting, i);
      g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM waiting WHERE id = ? AND notices = ? AND state = ?", "sis",
                                               waiting->id, (gint64) waiting->notices, waiting->closed ? "closed" : "open"), ==, 1);
    }
  g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM notice", ""), ==, self->notices);
  g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM waiting WHERE notices > 3 OR (state = 'closed') <> (address = '')", ""),
                   ==, 0);
}

/* --- leases --- */

static void
op_lend (Model *self)
{
  int k = pick (self, 2);
  Kiosk *kiosk = &self->kiosks[k];
  const char *slug = NULL;
  g_autoptr (GPtrArray) held = g_ptr_array_new ();
  for (guint i = 0; i < kiosk->leases->len; i++)
    g_ptr_array_add (held, ((Holder *) g_ptr_array_index (kiosk->leases, i))->id);
  for (guint i = 0; i < kiosk->sales->len; i++)
    g_ptr_array_add (held, ((Sale *) g_ptr_array_index (kiosk->sales, i))->lease->id);
  g_ptr_array_add (held, NULL);
  Work work = { .kiosk = anx_directory_get_principal (self->world->directory, KIOSKS[k]), .text = kiosk->mark, .held = (const char *const *) held->pdata };
  if (!run (self, KIOSKS[k], do_lend, &work, &slug))
    return;
  g_assert_null (slug);
  sweep (self);
  /* What the former installation had and this one does not know stays occupied. */
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind == LEASE && holder->owner == k && holder->state == LENT && !g_strv_contains ((const char *const *) held->pdata, holder->id) &&
          anx_database_query_int (self->world->database, 0, NULL, "SELECT count(*) FROM lease WHERE id = ? AND state = 'stray'", "s", holder->id) == 1)
        {
          holder->state = STRAY;
          SAW (strayed);
        }
    }
  g_ptr_array_set_size (kiosk->leases, 0);
  g_autoptr (JsonArray) list = anx_ledger_list_leases (self->world->database, KIOSKS[k], NULL, self->world->now_usec, G_MAXINT64, NULL);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *json = json_array_get_object_element (list, i);
      const char *id = anx_json_get_string (json, "lease", NULL);
      Holder *lease = g_hash_table_lookup (self->by_id, id);
      if (lease == NULL)
        {
          int service = g_str_equal (anx_json_get_string (json, "service", NULL), "talk") ? 0 : 1;
          int counsellor = index_of (COUNSELLORS, 3, anx_json_get_string (json, "counsellor", NULL)), room = index_of (ROOMS, 3, anx_json_get_string (json, "room", NULL));
          int start = (int) ((anx_json_get_int (json, "start", 0) - ORIGIN_USEC) / ANX_CELL_USEC);
          g_assert_cmpint (room, ==, k);
          g_assert_true (offered (self, service, counsellor, room, start, FALSE));
          g_assert_true (free_for (self, service, counsellor, room, start, NULL));
          lease = add_holder (self, LEASE, id, service, counsellor, room, start, k);
          SAW (lent);
          fill (self, lease, lease, NULL);
        }
      g_assert_cmpint (lease->state, ==, LENT);
      gboolean sold = FALSE;
      for (guint s = 0; s < kiosk->sales->len; s++)
        sold |= ((Sale *) g_ptr_array_index (kiosk->sales, s))->lease == lease;
      if (!sold)
        g_ptr_array_add (kiosk->leases, lease);
    }
}

static void
op_take_back (Model *self)
{
  int k = pick (self, 2);
  Kiosk *kiosk = &self->kiosks[k];
  const char *slug = NULL;
  if (kiosk->leases->len == 0)
    return;
  Holder *lease = g_ptr_array_index (kiosk->leases, pick (self, (int) kiosk->leases->len));
  /* From here on the kiosk does not sell it, whether the answer comes or not. */
  g_ptr_array_remove_fast (kiosk->leases, lease);
  Work work = { .claim = { .owner = KIOSKS[k] }, .text = lease->id };
  if (!run (self, KIOSKS[k], do_take_back, &work, &slug))
    return;
  g_assert_null (slug);
  if (lease->state == LENT || lease->state == STRAY)
    {
      vacate (self, lease);
      lease->state = RETURNED;
      SAW (lease_given_back);
    }
}

static void
op_sell (Model *self)
{
  Kiosk *kiosk = &self->kiosks[pick (self, 2)];
  if (kiosk->leases->len == 0)
    return;
  Holder *lease = g_ptr_array_index (kiosk->leases, pick (self, (int) kiosk->leases->len));
  if (cell_usec (lease->start) < self->world->now_usec)
    return;
  g_ptr_array_remove_fast (kiosk->leases, lease);
  Sale *sale = g_new0 (Sale, 1);
  sale->lease = lease;
  sale->id = anx_uuid_new (self->world->now_usec);
  g_ptr_array_add (kiosk->sales, sale);
  SAW (sold_offline);
}

static void
deliver (Model *self, int k, Sale *sale)
{
  Holder *lease = sale->lease;
  const char *slug = NULL;
  Work work = { .claim = make_claim (self, sale->id, k, lease->service, lease->counsellor, lease->room, lease->start) };
  work.claim.lease = lease->id;
  Holder *known = g_hash_table_lookup (self->by_id, sale->id);
  gboolean had = lease->state == LENT || lease->state == STRAY;
  gboolean again_free = !had && offered (self, lease->service, lease->counsellor, lease->room, lease->start, TRUE) &&
                        free_for (self, lease->service, lease->counsellor, lease->room, lease->start, NULL);
  if (!run (self, KIOSKS[k], do_book, &work, &slug))
    {
      g_clear_pointer (&work.booking, anx_booking_free);
      return;
    }
  g_assert_null (slug); /* B4: a sale out of a lease is never refused */
  if (known == NULL)
    {
      Holder *booking = add_holder (self, BOOKING, sale->id, lease->service, lease->counsellor, lease->room, lease->start, k);
      gboolean good = had || again_free;
      g_assert_cmpstr (work.booking->status, ==, good ? "booked" : "proposed");
      booking->status = g_strdup (work.booking->status);
      booking->changes = 1;
      booking->promised = good;
      booking->proposed_twice = !good;
      booking->in_closed = good && is_closed (self, lease->service, lease->room, lease->start);
      SAW (sale_delivered);
      self->seen[SAW_promised_twice] += !good;
      self->seen[SAW_sale_into_reclaimed] += again_free;
      self->seen[SAW_closed_under_lease] += booking->in_closed;
      if (had)
        fill (self, lease, booking, lease);
      else if (good)
        {
          sweep (self);
          fill (self, booking, booking, NULL);
        }
      if (good)
        lease->state = SOLD;
    }
  else
    {
      g_assert_false (work.made);
      SAW (sale_delivered_twice);
    }
  g_clear_pointer (&work.booking, anx_booking_free);
  if (pick (self, 3) != 0) /* else the answer is lost and it comes again */
    g_ptr_array_remove_fast (self->kiosks[k].sales, sale);
}

static void
op_reconnect (Model *self)
{
  int k = pick (self, 2);
  GPtrArray *sales = self->kiosks[k].sales;
  self->seen[SAW_reconnected] += sales->len > 0;
  for (guint i = sales->len; i > 0; i--)
    deliver (self, k, g_ptr_array_index (sales, i - 1));
}

static void
op_reinstall (Model *self)
{
  Kiosk *kiosk = &self->kiosks[pick (self, 2)];
  g_free (kiosk->mark);
  kiosk->mark = anx_uuid_new (self->world->now_usec);
  g_ptr_array_set_size (kiosk->leases, 0);
  g_ptr_array_set_size (kiosk->sales, 0);
  SAW (reinstalled);
}

/* Staff say the kiosk is dead; it may come back all the same. */
static void
op_reclaim (Model *self)
{
  int k = pick (self, 2);
  const char *slug = NULL;
  Work work = { .text = KIOSKS[k] };
  if (!run (self, "desk", do_reclaim, &work, &slug))
    return;
  g_assert_null (slug);
  gint64 count = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *lease = g_ptr_array_index (self->holders, i);
      if (lease->kind != LEASE || lease->owner != k || (lease->state != LENT && lease->state != STRAY))
        continue;
      vacate (self, lease);
      lease->state = RECLAIMED;
      count++;
    }
  g_assert_cmpint (work.count, ==, count);
  SAW (reclaimed);
  /* It sells what it believes to have until it hears better. */
}

static void
op_clock (Model *self)
{
  gint64 minutes = pick (self, 5) == 0 ? -pick (self, 30) : pick (self, 25);
  self->world->now_usec += minutes * ANX_USEC_PER_MINUTE;
  self->seen[SAW_clock_forward] += minutes > 0;
  self->seen[SAW_clock_back] += minutes < 0;
}

/* --- comparing --- */

static void
check_cells (Model *self)
{
  g_autoptr (GError) error = NULL;
  guint found = 0, wanted = 0;
  g_autoptr (AnxRows) rows = anx_database_query (self->world->database, &error, "SELECT resource, cell, holder FROM cell WHERE until IS NULL OR until BETWEEN ? AND ?",
                                                 "ii", self->world->now_usec + 1, self->world->now_usec + ANX_HOLD_USEC);
  while (anx_rows_next (rows, &error))
    {
      int resource = index_of (NAMES, RESOURCES, anx_rows_get_string (rows, 0));
      int cell = (int) (anx_rows_get_int (rows, 1) - ORIGIN_USEC / ANX_CELL_USEC);
      const Holder *holder = self->owner[resource][cell];
      g_assert_nonnull (holder);
      g_assert_cmpstr (holder->id, ==, anx_rows_get_string (rows, 2));
      found++;
    }
  g_assert_no_error (error);
  for (int r = 0; r < RESOURCES; r++)
    for (int c = 0; c < CELLS; c++)
      wanted += !cell_is_free (self, r, c, NULL);
  g_assert_cmpuint (found, ==, wanted);
}

static void
check_bookings (Model *self)
{
  for (guint i = 0; i < self->holders->len; i++)
    {
      const Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind != BOOKING)
        continue;
      g_autoptr (AnxBooking) booking = anx_ledger_find (self->world->database, holder->id, NULL);
      g_assert_nonnull (booking);
      g_assert_cmpstr (booking->status, ==, holder->status);
      g_assert_cmpstr (booking->counsellor, ==, COUNSELLORS[holder->counsellor]);
      g_assert_cmpint (booking->start_usec, ==, cell_usec (holder->start));
      g_assert_cmpint (anx_database_query_int (self->world->database, 0, NULL, "SELECT count(*) FROM booking_change WHERE booking = ?", "s", holder->id), ==, holder->changes);
      if (holder->promised)
        g_assert_true (stands (booking->status));
      if (holder->proposed_twice)
        g_assert_cmpint (anx_database_query_int (self->world->database, 0, NULL, "SELECT count(*) FROM work_item WHERE booking = ? AND kind = 'promised-twice'", "s",
                                                 holder->id), ==, 1);
      g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM work_item WHERE booking = ? AND kind = 'room-closed'", "s",
                                               holder->id), ==, holder->in_closed);
    }
}

/* When all have gone home nothing may be left of a hold. */
static void
check_end (Model *self)
{
  const char *slug = NULL;
  self->world->now_usec += 10 * ANX_USEC_PER_MINUTE;
  AnxLedger ledger = world_ledger (self->world, "desk");
  slug = anx_ledger_sweep (&ledger, NULL);
  g_assert_null (slug);
  g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM hold", ""), ==, 0);
  g_assert_cmpint (anx_database_query_int (self->world->database, -1, NULL, "SELECT count(*) FROM cell WHERE until IS NOT NULL", ""), ==, 0);
  check_cells (self);
  check_bookings (self);
  check_waiting (self);
  g_assert_true (anx_database_check (self->world->database, NULL));
}

static void
begin_episode (Model *self)
{
  world_wipe (self->world);
  self->world->now_usec = ORIGIN_USEC + 8 * ANX_USEC_PER_HOUR;
  memset (self->owner, 0, sizeof self->owner);
  g_ptr_array_set_size (self->holders, 0);
  g_hash_table_remove_all (self->by_id);
  g_ptr_array_set_size (self->closures, 0);
  g_ptr_array_set_size (self->waiting, 0);
  self->notices = 0;
  for (int k = 0; k < 2; k++)
    {
      g_free (self->kiosks[k].mark);
      self->kiosks[k].mark = anx_uuid_new (self->world->now_usec);
      g_ptr_array_set_size (self->kiosks[k].leases, 0);
      g_ptr_array_set_size (self->kiosks[k].sales, 0);
    }
  for (int c = 0; c < 3; c++)
    {
      /* The last day is left closed, so that no claim reaches past the model's arrays. */
      g_autofree char *plan = g_strdup_printf ("{\"counsellor\":\"%s\",\"centres\":[\"one\"],\"timezone\":\"Asia/Shanghai\",\"services\":[\"talk\",\"meet\"],"
                                               "\"hours\":[{\"start\":\"2026-12-01T09:00:00\",\"end\":\"2026-12-01T%d:00:00\",\"rrule\":\"FREQ=DAILY;COUNT=%d\"}]}",
                                               COUNSELLORS[c], c == 2 ? 13 : 17, DAYS - 1);
      world_put_plan (self->world, COUNSELLORS[c], "one", plan);
    }
}

static const struct { int weight; void (*run) (Model *self); } OPERATIONS[] = {
  { 30, op_book }, { 14, op_hold },     { 5, op_release }, { 10, op_move }, { 14, op_status }, { 6, op_check_in }, { 4, op_series },
  { 1, op_close }, { 1, op_open },      { 4, op_wait },    { 2, op_act },   { 4, op_lend },    { 2, op_take_back }, { 6, op_sell },
  { 4, op_reconnect }, { 5, op_clock },
};

static void
operate (Model *self)
{
  int all = 0;
  for (guint i = 0; i < G_N_ELEMENTS (OPERATIONS); i++)
    all += OPERATIONS[i].weight;
  int chance = pick (self, all);
  for (guint i = 0; i < G_N_ELEMENTS (OPERATIONS); i++)
    {
      if (chance < OPERATIONS[i].weight)
        {
          OPERATIONS[i].run (self);
          return;
        }
      chance -= OPERATIONS[i].weight;
    }
}

static guint64
number_of (const char *name, guint64 fallback)
{
  const char *text = g_getenv (name);
  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : fallback;
}

static void
test_model (void)
{
  guint64 operations = number_of ("ANX_MODEL_OPERATIONS", 8000), seed = number_of ("ANX_MODEL_SEED", 20261122);
  Model *self = g_new0 (Model, 1);
  g_test_message ("%" G_GUINT64_FORMAT " operations from seed %" G_GUINT64_FORMAT, operations, seed);
  self->world = world_new ("[{\"id\":\"one\",\"name\":\"一\",\"timezone\":\"Asia/Shanghai\",\"rooms\":[{\"id\":\"r0\",\"name\":\"甲\"},{\"id\":\"r1\",\"name\":\"乙\"},"
                           "{\"id\":\"r2\",\"name\":\"丙\"}]}]",
                           "[{\"id\":\"talk\",\"name\":\"谈话\",\"minutes\":50,\"after\":10,\"mode\":\"video\"},{\"id\":\"meet\",\"name\":\"见面\",\"minutes\":25,\"after\":5}]",
                           "[{\"id\":\"c0\",\"kind\":\"person\",\"name\":\"c0\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true},"
                           "{\"id\":\"c1\",\"kind\":\"person\",\"name\":\"c1\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true},"
                           "{\"id\":\"c2\",\"kind\":\"person\",\"name\":\"c2\",\"centre\":\"one\",\"roles\":[\"counsellor\"],\"active\":true},"
                           "{\"id\":\"k0\",\"kind\":\"kiosk\",\"name\":\"k0\",\"centre\":\"one\",\"room\":\"r0\",\"active\":true},"
                           "{\"id\":\"k1\",\"kind\":\"kiosk\",\"name\":\"k1\",\"centre\":\"one\",\"room\":\"r1\",\"active\":true}]");
  self->rand = g_rand_new_with_seed ((guint32) seed);
  self->holders = g_ptr_array_new_with_free_func (holder_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->closures = g_ptr_array_new_with_free_func (closure_free);
  self->waiting = g_ptr_array_new_with_free_func (waiting_free);
  for (int k = 0; k < 2; k++)
    {
      self->kiosks[k].leases = g_ptr_array_new ();
      self->kiosks[k].sales = g_ptr_array_new_with_free_func (sale_free);
    }

  gint64 began = g_get_monotonic_time ();
  for (guint64 n = 0; n < operations; n++)
    {
      gboolean over = self->world->now_usec > cell_usec ((DAYS - 2) * 288);
      if (n == 0 || n % EPISODE == 0 || over)
        {
          if (n > 0)
            check_end (self);
          begin_episode (self);
        }
      operate (self);
      if (pick (self, 400) == 0)
        (pick (self, 2) == 0 ? op_reinstall : op_reclaim) (self);
      if (pick (self, 300) == 0)
        {
          world_reopen (self->world);
          SAW (restarted);
        }
      if (n % 250 == 0)
        check_cells (self);
    }
  check_end (self);
  g_test_message ("%.1f s", (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  for (int i = 0; i < N_EVENTS; i++)
    {
      gboolean rare = FALSE;
      for (guint r = 0; r < G_N_ELEMENTS (RARE); r++)
        rare |= RARE[r] == i;
      g_test_message ("%s: %" G_GUINT64_FORMAT, EVENT_NAMES[i], self->seen[i]);
      if (!rare || operations >= ENOUGH_FOR_ALL)
        g_assert_cmpuint (self->seen[i], >, 0);
    }
  for (int k = 0; k < 2; k++)
    {
      g_free (self->kiosks[k].mark);
      g_ptr_array_unref (self->kiosks[k].leases);
      g_ptr_array_unref (self->kiosks[k].sales);
    }
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->holders);
  g_ptr_array_unref (self->closures);
  g_ptr_array_unref (self->waiting);
  g_free (self->code);
  g_rand_free (self->rand);
  world_free (self->world);
  g_free (self);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub/booking-model/random", test_model);
  return g_test_run ();
}
