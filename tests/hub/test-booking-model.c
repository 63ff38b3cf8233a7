/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations of two kiosks and a desk on the real ledger, beside a model that knows nothing of SQL, iCalendar or JSON: an array of
 * five-minute cells for each resource. After every operation the two must say the same; from time to time every cell is compared.
 *   ANX_MODEL_OPERATIONS  how many (default 8,000)     ANX_MODEL_SEED  where chance begins (default: the fixed one of the suite)
 */
#include <stdlib.h>
#include <string.h>

#include "booking-world.h"
#include "clock.h"
#include "id.h"
#include "json.h"

#define DAYS 8
#define CELLS (DAYS * 288)
#define EPISODE 4000
#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
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
} Holder;

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
  guint64 done[16];
} Model;

static void
holder_free (gpointer data)
{
  Holder *holder = data;
  g_free (holder->id);
  g_free (holder->status);
  g_free (holder);
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
offered (Model *self, int service, int counsellor, int room, int start, gboolean staff)
{
  gint64 at = cell_usec (start), now = self->world->now_usec;
  return plan_has (service, counsellor, start) && (!SERVICES[service].video || room < 2) &&
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
        }
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
  work->booking = anx_ledger_find (ledger->view.database, work->claim.id, error);
  return anx_ledger_move (ledger, work->booking, &work->claim, NULL, error);
}

static const char *
do_status (AnxLedger *ledger, gpointer data, GError **error)
{
  Work *work = data;
  work->booking = anx_ledger_find (ledger->view.database, work->claim.id, error);
  return anx_ledger_set_status (ledger, work->booking, work->text, NULL, error);
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

static AnxBookingClaim
make_claim (const char *id, int owner, int service, int counsellor, int room, int start)
{
  return (AnxBookingClaim){ .id = id,
                            .service = SERVICES[service].id,
                            .counsellor = counsellor >= 0 ? COUNSELLORS[counsellor] : NULL,
                            .centre = "one",
                            .room = room >= 0 ? ROOMS[room] : NULL,
                            .start_usec = cell_usec (start),
                            .code_hash = KEY,
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
  Work work = { .claim = make_claim (hold != NULL ? hold->id : fresh, owner, service, counsellor, room, start) };
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
        return;
      /* The answer is lost, the client repeats: the same booking, made once. */
      g_assert_true (work.made == (again == 0));
      g_assert_cmpstr (work.booking->counsellor, ==, COUNSELLORS[chosen]);
      if (again == 0)
        {
          int got = index_of (ROOMS, 3, work.booking->room);
          g_assert_true (room >= 0 ? got == room : free_for (self, service, chosen, got, start, hold));
          sweep (self);
          if (hold != NULL && hold->until_usec != 0)
            drop_hold (self, hold);
          Holder *booking = add_holder (self, BOOKING, work.claim.id, service, chosen, got, start, owner);
          booking->status = g_strdup ("booked");
          booking->changes = 1;
          booking->promised = TRUE;
          fill (self, booking, booking, NULL);
        }
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
  Work work = { .claim = make_claim (id, owner, service, counsellor, room, start) };
  Holder *old = find_hold (self, owner);
  const char *expected = expect (self, service, counsellor, room, start, owner == 2, old, &chosen, &place);
  if (!run (self, work.claim.owner, do_hold, &work, &slug))
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug != NULL)
    return; /* refused: the old hold stands */
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
  Holder *hold = find_hold (self, pick (self, 3));
  const char *slug = NULL;
  if (hold == NULL)
    return;
  Work work = { .claim = { .id = hold->id, .owner = owner_name (owner) } };
  if (!run (self, work.claim.owner, do_release, &work, &slug))
    return;
  g_assert_null (slug);
  if (owner == hold->owner)
    drop_hold (self, hold);
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
  Work work = { .claim = make_claim (booking->id, 2, service, counsellor, room, start) };
  gboolean movable = strcmp (booking->status, "booked") == 0 || strcmp (booking->status, "proposed") == 0;
  /* "Any" counts the booking itself to its counsellor's load: it is one of the counsellor's until it has moved. */
  const char *expected = !movable ? "status-not-allowed" : expect (self, service, counsellor, room, start, TRUE, booking, &chosen, &place);
  gboolean kept = run (self, "desk", do_move, &work, &slug);
  if (kept)
    g_assert_cmpstr (slug, ==, expected);
  if (kept && slug == NULL)
    {
      sweep (self);
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

static void
op_status (Model *self)
{
  static const char *const to[] = { "cancelled", "cancelled", "noshow", "checked-in", "arrived", "fulfilled", "booked", "entered-in-error" };
  Holder *booking = pick_booking (self);
  const char *status = to[pick (self, G_N_ELEMENTS (to))], *slug = NULL, *expected = NULL;
  if (booking == NULL)
    return;
  gboolean same = strcmp (booking->status, status) == 0, had = stands (booking->status), has = stands (status);
  if (!same && !anx_appointment_status_may_follow (booking->status, status))
    expected = "status-not-allowed";
  else if (!same && !had && has && !free_for (self, booking->service, booking->counsellor, booking->room, booking->start, booking))
    expected = "slot-taken";
  Work work = { .claim = { .id = booking->id }, .text = status };
  gboolean kept = run (self, "desk", do_status, &work, &slug);
  anx_booking_free (work.booking);
  if (!kept)
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug != NULL || same)
    return;
  if (had && !has)
    vacate (self, booking);
  if (!had && has)
    {
      sweep (self);
      fill (self, booking, booking, NULL);
    }
  g_free (booking->status);
  booking->status = g_strdup (status);
  booking->changes++;
  booking->promised = booking->promised && has;
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
        holder->state = STRAY;
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
}

static void
deliver (Model *self, int k, Sale *sale)
{
  Holder *lease = sale->lease;
  const char *slug = NULL;
  Work work = { .claim = make_claim (sale->id, k, lease->service, lease->counsellor, lease->room, lease->start) };
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
    g_assert_false (work.made);
  g_clear_pointer (&work.booking, anx_booking_free);
  if (pick (self, 3) != 0) /* else the answer is lost and it comes again */
    g_ptr_array_remove_fast (self->kiosks[k].sales, sale);
}

static void
op_reconnect (Model *self)
{
  int k = pick (self, 2);
  GPtrArray *sales = self->kiosks[k].sales;
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
  /* It sells what it believes to have until it hears better. */
}

static void
op_clock (Model *self)
{
  gint64 minutes = pick (self, 5) == 0 ? -pick (self, 30) : pick (self, 25);
  self->world->now_usec += minutes * ANX_USEC_PER_MINUTE;
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

static const struct { const char *name; int weight; void (*run) (Model *self); } OPERATIONS[] = {
  { "book", 30, op_book },   { "hold", 14, op_hold },         { "release", 5, op_release },     { "move", 10, op_move },     { "status", 16, op_status },
  { "lend", 4, op_lend },    { "take-back", 2, op_take_back }, { "sell", 6, op_sell },          { "reconnect", 4, op_reconnect }, { "clock", 5, op_clock },
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
          self->done[i]++;
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
  for (int k = 0; k < 2; k++)
    {
      self->kiosks[k].leases = g_ptr_array_new ();
      self->kiosks[k].sales = g_ptr_array_new_with_free_func (sale_free);
    }

  gint64 began = g_get_monotonic_time ();
  guint64 restarts = 0, rare = 0;
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
        {
          (pick (self, 2) == 0 ? op_reinstall : op_reclaim) (self);
          rare++;
        }
      if (pick (self, 300) == 0)
        {
          world_reopen (self->world);
          restarts++;
        }
      if (n % 250 == 0)
        check_cells (self);
    }
  check_end (self);
  for (guint i = 0; i < G_N_ELEMENTS (OPERATIONS); i++)
    {
      g_test_message ("%s: %" G_GUINT64_FORMAT, OPERATIONS[i].name, self->done[i]);
      g_assert_cmpuint (self->done[i], >, 0);
    }
  g_test_message ("%" G_GUINT64_FORMAT " restarts, %" G_GUINT64_FORMAT " reinstallations and reclaims, %.1f s", restarts, rare,
                  (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  for (int k = 0; k < 2; k++)
    {
      g_free (self->kiosks[k].mark);
      g_ptr_array_unref (self->kiosks[k].leases);
      g_ptr_array_unref (self->kiosks[k].sales);
    }
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->holders);
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
