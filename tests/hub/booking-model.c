/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-model.h"

#include <string.h>

#include "clock.h"
#include "id.h"

const char *const NAMES[RESOURCES] = { "counsellor:c0", "counsellor:c1", "counsellor:c2", "room:one/r0", "room:one/r1", "room:one/r2", "kiosk:k0", "kiosk:k1" };
const char *const COUNSELLORS[3] = { "c0", "c1", "c2" };
const char *const ROOMS[3] = { "r0", "r1", "r2" };
const char *const LENDERS[N_LENDERS] = { "k0", "k1", "desk" };
const ModelService SERVICES[2] = { { "talk", 10, 2, TRUE }, { "meet", 5, 1, FALSE } };

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

/* Nothing that was is left: the beginning of an episode. */
void
model_clear (Model *self)
{
  memset (self->owner, 0, sizeof self->owner);
  g_ptr_array_set_size (self->holders, 0);
  g_hash_table_remove_all (self->by_id);
  g_ptr_array_set_size (self->closures, 0);
  g_ptr_array_set_size (self->waiting, 0);
  self->notices = 0;
  for (int k = 0; k < N_LENDERS; k++)
    {
      g_free (self->kiosks[k].mark);
      self->kiosks[k].mark = anx_uuid_new (self->world->now_usec);
      g_ptr_array_set_size (self->kiosks[k].leases, 0);
      g_ptr_array_set_size (self->kiosks[k].sales, 0);
    }
}

Model *
model_new (World *world, guint32 seed)
{
  Model *self = g_new0 (Model, 1);
  self->world = world;
  self->rand = g_rand_new_with_seed (seed);
  self->holders = g_ptr_array_new_with_free_func (holder_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->closures = g_ptr_array_new_with_free_func (closure_free);
  self->waiting = g_ptr_array_new_with_free_func (waiting_free);
  for (int k = 0; k < N_LENDERS; k++)
    {
      self->kiosks[k].leases = g_ptr_array_new ();
      self->kiosks[k].sales = g_ptr_array_new_with_free_func (sale_free);
    }
  return self;
}

void
model_free (Model *self)
{
  for (int k = 0; k < N_LENDERS; k++)
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
  g_free (self);
}

/* --- pieces --- */

int
model_pick (Model *self, int n)
{
  return g_rand_int_range (self->rand, 0, n);
}

gint64
model_cell_usec (int cell)
{
  return ORIGIN_USEC + (gint64) cell * ANX_CELL_USEC;
}

int
model_index_of (const char *const *names, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    if (g_str_equal (names[i], name))
      return i;
  g_assert_not_reached ();
}

/* --- the rule --- */

gboolean
model_hold_counts (Model *self, const Holder *holder)
{
  return holder->until_usec > self->world->now_usec && holder->until_usec <= self->world->now_usec + ANX_HOLD_USEC;
}

gboolean
model_stands (const char *status)
{
  return strcmp (status, "booked") == 0 || strcmp (status, "checked-in") == 0 || strcmp (status, "arrived") == 0 || strcmp (status, "fulfilled") == 0;
}

gboolean
model_cell_is_free (Model *self, int resource, int cell, const Holder *but)
{
  const Holder *holder = self->owner[resource][cell];
  return holder == NULL || holder == but || (holder->kind == HOLD && !model_hold_counts (self, holder));
}

/* c0 and c1 work 09:00 to 17:00, c2 until 13:00; slots follow one another from 09:00. */
static gboolean
plan_has (int service, int counsellor, int start)
{
  int day_cell = start % 288, end = counsellor == C2 ? 156 : 204;
  return start >= 0 && start < CELLS - 288 && day_cell >= 108 && (day_cell - 108) % SLOT (service) == 0 && day_cell + SLOT (service) <= end;
}

gboolean
model_is_closed (Model *self, int service, int room, int start)
{
  for (guint i = 0; i < self->closures->len; i++)
    {
      const Closure *closure = g_ptr_array_index (self->closures, i);
      if (!closure->ended && (closure->room < 0 || closure->room == room) && closure->start < start + SERVICES[service].length && closure->end > start)
        return TRUE;
    }
  return FALSE;
}

/* Since when whoever has @hold was promised that time. */
gint64
model_promised (Model *self, const Holder *hold, int service, int start)
{
  return hold != NULL && hold->service == service && hold->start == start && model_hold_counts (self, hold) ? hold->promised_usec : self->world->now_usec;
}

gboolean
model_offered (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *hold)
{
  gint64 at = model_cell_usec (start), now = MIN (self->world->now_usec, model_promised (self, hold, service, start));
  return plan_has (service, counsellor, start) && (!SERVICES[service].video || room < 2) &&
         (staff ? at + SERVICES[service].length * ANX_CELL_USEC > now : at >= now);
}

gboolean
model_free_for (Model *self, int service, int counsellor, int room, int start, const Holder *but)
{
  for (int cell = start; cell < start + SLOT (service); cell++)
    if (!model_cell_is_free (self, C0 + counsellor, cell, but) || !model_cell_is_free (self, R0 + room, cell, but) ||
        (SERVICES[service].video && !model_cell_is_free (self, K0 + room, cell, but)))
      return FALSE;
  return TRUE;
}

void
model_fill (Model *self, const Holder *where, Holder *with, const Holder *only)
{
  for (int cell = where->start; cell < where->start + SLOT (where->service); cell++)
    {
      int resources[] = { C0 + where->counsellor, R0 + where->room, SERVICES[where->service].video ? K0 + where->room : -1 };
      for (guint i = 0; i < 3; i++)
        if (resources[i] >= 0 && (only == NULL || self->owner[resources[i]][cell] == only))
          self->owner[resources[i]][cell] = with;
    }
}

void
model_vacate (Model *self, Holder *holder)
{
  model_fill (self, holder, NULL, holder);
}

Holder *
model_add_holder (Model *self, Kind kind, const char *id, int service, int counsellor, int room, int start, int owner)
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
      n += holder->kind == BOOKING && holder->counsellor == counsellor && model_stands (holder->status);
    }
  return n;
}

/* What the ledger must answer: NULL and who is chosen, or the slug. -1 = any. */
const char *
model_expect (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *but, const Holder *hold, int *out_counsellor, int *out_room)
{
  gboolean any_offered = FALSE;
  guint best = G_MAXUINT;
  for (int c = 0; c < 3; c++)
    for (int r = 0; r < 3; r++)
      {
        if ((counsellor >= 0 && c != counsellor) || (room >= 0 && r != room) || !model_offered (self, service, c, r, start, staff, hold))
          continue;
        any_offered = TRUE;
        if (model_is_closed (self, service, r, start) || !model_free_for (self, service, c, r, start, but))
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
void
model_sweep (Model *self)
{
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind == HOLD && holder->until_usec != 0 && !model_hold_counts (self, holder))
        {
          model_vacate (self, holder);
          holder->until_usec = 0;
          SAW (hold_ended);
        }
    }
}

void
model_drop_hold (Model *self, Holder *hold)
{
  model_vacate (self, hold);
  hold->until_usec = 0;
}

Holder *
model_find_hold (Model *self, int owner)
{
  for (guint i = self->holders->len; i > 0; i--)
    {
      Holder *holder = g_ptr_array_index (self->holders, i - 1);
      if (holder->kind == HOLD && holder->owner == owner && holder->until_usec != 0)
        return holder;
    }
  return NULL;
}

/* --- the waiting list --- */

void
model_close_old_waiting (Model *self)
{
  for (guint i = 0; i < self->waiting->len; i++)
    {
      Waiting *waiting = g_ptr_array_index (self->waiting, i);
      if (!waiting->closed && model_cell_usec (waiting->end) < self->world->now_usec + ANX_USEC_PER_DAY)
        {
          waiting->closed = TRUE;
          SAW (waiting_ended);
        }
    }
}

void
model_count_told (Model *self, Waiting *waiting)
{
  waiting->noticed_usec = self->world->now_usec;
  waiting->closed = ++waiting->notices == 3;
  self->notices++;
}

void
model_tell_waiting (Model *self, int service, int counsellor, int room, int start)
{
  gint64 now = self->world->now_usec;
  Waiting *told[3] = { NULL };
  if (model_cell_usec (start) <= now)
    return;
  if (model_is_closed (self, service, room, start))
    {
      SAW (freed_in_closed);
      return;
    }
  model_close_old_waiting (self);
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
      model_count_told (self, told[n]);
      SAW (waiting_told);
    }
}

/* --- what becomes of a booking --- */

/* What follows of a status that was set. */
void
model_apply_status (Model *self, Holder *booking, const char *status)
{
  gboolean had = model_stands (booking->status), has = model_stands (status), missed = strcmp (booking->status, "noshow") == 0;
  static const struct { const char *status; int event; } events[] = {
    { "cancelled", SAW_cancelled }, { "checked-in", SAW_checked_in }, { "noshow", SAW_missed },
    { "arrived", SAW_arrived },     { "fulfilled", SAW_fulfilled },   { "entered-in-error", SAW_entered_in_error },
  };
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    self->seen[events[i].event] += strcmp (events[i].status, status) == 0;
  if (had && !has)
    {
      model_vacate (self, booking);
      model_tell_waiting (self, booking->service, booking->counsellor, booking->room, booking->start);
    }
  if (!had && has)
    {
      model_sweep (self);
      model_fill (self, booking, booking, NULL);
    }
  if (missed && has)
    SAW (miss_taken_back);
  g_free (booking->status);
  booking->status = g_strdup (status);
  booking->changes++;
  booking->promised = booking->promised && has;
}

const char *
model_expect_status (Model *self, const Holder *booking, const char *status)
{
  gboolean same = strcmp (booking->status, status) == 0;
  if (!same && !anx_appointment_status_may_follow (booking->status, status))
    return "status-not-allowed";
  return !same && !model_stands (booking->status) && model_stands (status) &&
                 !model_free_for (self, booking->service, booking->counsellor, booking->room, booking->start, booking)
             ? "slot-taken"
             : NULL;
}

/* Which booking a code stands for: one that stands, then one to come, before what is over, missed or cancelled. */
Holder *
model_find_by_code (Model *self, const char *code_of)
{
  Holder *best = NULL;
  int best_rank = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *holder = g_ptr_array_index (self->holders, i);
      if (holder->kind != BOOKING || strcmp (holder->code_of, code_of) != 0)
        continue;
      gboolean gone = !model_stands (holder->status) && strcmp (holder->status, "proposed") != 0;
      gboolean over = model_cell_usec (holder->start + SERVICES[holder->service].length) < self->world->now_usec - 12 * ANX_USEC_PER_HOUR;
      int rank = gone * 4 + (strcmp (holder->status, "fulfilled") == 0) * 2 + over;
      if (best == NULL || rank < best_rank || (rank == best_rank && (holder->start < best->start || (holder->start == best->start && strcmp (holder->id, best->id) < 0))))
        {
          best = holder;
          best_rank = rank;
        }
    }
  return best;
}

/* --- series --- */

static gboolean
can_have (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *but)
{
  int unused_counsellor = 0, unused_room = 0;
  return model_expect (self, service, counsellor, room, start, staff, but, but, &unused_counsellor, &unused_room) == NULL;
}

/* Of those free at the first time, the least loaded first: who can hold the most of them. -1 = nobody. */
int
model_expect_counsellor (Model *self, int service, int room, const int *starts, int n, gboolean staff, const Holder *hold)
{
  int best = -1, most = 0;
  gboolean looked[3] = { FALSE };
  for (int round = 0; round < 3; round++)
    {
      int next = -1;
      for (int c = 0; c < 3; c++)
        if (!looked[c] && can_have (self, service, c, room, starts[0], staff, hold) && (next < 0 || load_of (self, c, starts[0]) < load_of (self, next, starts[0])))
          next = c;
      if (next < 0)
        break;
      looked[next] = TRUE;
      int possible = 0;
      for (int i = 0; i < n; i++)
        possible += can_have (self, service, next, room, starts[i], staff, i == 0 ? hold : NULL);
      if (possible > most)
        {
          most = possible;
          best = next;
        }
    }
  return best;
}
