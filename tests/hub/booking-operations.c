/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random operations of two kiosks and a desk, each done to the ledger and to the model; the answers must be the same. */
#include "booking-operations.h"

#include <string.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "waiting-list.h"

/* --- one operation on the ledger --- */

typedef const char *(*Run) (AnxLedger *ledger, gpointer data, GError **error);

/* As the writer does it. One in twenty is lost before its COMMIT, as when the hub is killed: FALSE, and nothing may be left of it. */
static gboolean
run (Model *self, const char *who, Run what, gpointer data, const char **out_slug)
{
  g_autoptr (GError) error = NULL;
  AnxLedger ledger = world_ledger (self->world, who);
  gboolean lost = model_pick (self, 20) == 0;
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
  int chosen; /* for a series, -1 = nobody was */
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
  g_autofree char *chosen = NULL;
  const char *slug = anx_ledger_book_series (ledger, &work->claim, work->sessions, work->bookings, &chosen, &work->made, error);
  work->chosen = chosen != NULL ? model_index_of (COUNSELLORS, 3, chosen) : -1;
  return slug;
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
  return LENDERS[owner];
}

/* A random wish; mostly on the grid, and often on what is popular, so that claims collide. */
static void
wish (Model *self, int owner, int *service, int *counsellor, int *room, int *start)
{
  int now_day = (int) ((self->world->now_usec - ORIGIN_USEC) / ANX_USEC_PER_DAY);
  *service = model_pick (self, 2);
  *counsellor = model_pick (self, 4) - 1;
  *room = owner < 2 ? owner : model_pick (self, 4) - 1;
  *start = (now_day + model_pick (self, 3)) * 288 + 108 + model_pick (self, 96 / SLOT (*service)) * SLOT (*service);
  if (model_pick (self, 30) == 0)
    *start += model_pick (self, 5) - 2;
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
                            .start_usec = model_cell_usec (start),
                            .code_hash = make_code (self, id),
                            .origin = owner < 2 ? "kiosk" : "staff",
                            .owner = owner_name (owner),
                            .staff = owner == 2 };
}

static gboolean
is_missed_at (const Holder *holder, int counsellor, int start)
{
  return holder->kind == BOOKING && holder->counsellor == counsellor && holder->start == start && strcmp (holder->status, "noshow") == 0;
}

/* @hold: (nullable) whose time is booked; otherwise any. */
static void
book (Model *self, int owner, Holder *hold)
{
  int service, counsellor, room, start;
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
  const char *expected = model_expect (self, service, counsellor, room, start, owner == 2, hold, hold, &chosen, &place);
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
          int got = model_index_of (ROOMS, 3, work.booking->room);
          g_assert_true (room >= 0 ? got == room : model_free_for (self, service, chosen, got, start, hold));
          model_sweep (self);
          if (hold != NULL && hold->until_usec != 0)
            {
              self->seen[SAW_hold_kept_past_start] += owner < 2 && model_cell_usec (start) < self->world->now_usec;
              model_drop_hold (self, hold);
              SAW (hold_taken_over);
            }
          for (guint i = 0; i < self->holders->len; i++)
            if (is_missed_at (g_ptr_array_index (self->holders, i), chosen, start))
              {
                SAW (miss_filled);
                break;
              }
          SAW (booked);
          Holder *booking = model_add_holder (self, BOOKING, work.claim.id, service, chosen, got, start, owner);
          booking->status = g_strdup ("booked");
          booking->changes = 1;
          booking->promised = TRUE;
          model_fill (self, booking, booking, NULL);
        }
      else
        SAW (repeated);
      g_clear_pointer (&work.booking, anx_booking_free);
      if (model_pick (self, 4) != 0)
        return;
    }
}

static void
op_book (Model *self)
{
  int owner = model_pick (self, 3);
  book (self, owner, model_pick (self, 3) == 0 ? model_find_hold (self, owner) : NULL);
}

/* @renew: (nullable) the hold under whose id it is held. */
static void
hold (Model *self, int owner, Holder *renew, int service, int counsellor, int room, int start)
{
  int chosen = -1, place = -1;
  if (start < 0 || start >= CELLS - 30)
    return;
  Holder *old = model_find_hold (self, owner);
  g_autofree char *id = renew != NULL ? g_strdup (renew->id) : anx_uuid_new (self->world->now_usec);
  gint64 promised = model_promised (self, renew, service, start);
  const char *slug = NULL;
  Work work = { .claim = make_claim (self, id, owner, service, counsellor, room, start) };
  const char *expected = model_expect (self, service, counsellor, room, start, owner == 2, old, renew, &chosen, &place);
  if (!run (self, work.claim.owner, do_hold, &work, &slug))
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug != NULL)
    {
      SAW (hold_refused);
      return; /* the old hold stands */
    }
  SAW (held);
  self->seen[SAW_hold_renewed] += promised < self->world->now_usec;
  g_assert_cmpint (work.until_usec, ==, MIN (self->world->now_usec + ANX_HOLD_USEC, MAX (model_cell_usec (start), promised + ANX_HOLD_USEC)));
  model_sweep (self);
  if (old != NULL && old->until_usec != 0)
    model_drop_hold (self, old);
  g_autoptr (AnxRows) rows = anx_database_query (self->world->database, NULL, "SELECT counsellor, room FROM hold WHERE id = ?", "s", id);
  g_assert_true (anx_rows_next (rows, NULL));
  int got = model_index_of (COUNSELLORS, 3, anx_rows_get_string (rows, 0)), at = model_index_of (ROOMS, 3, anx_rows_get_string (rows, 1));
  g_assert_cmpint (got, ==, chosen);
  g_assert_true (model_free_for (self, service, got, at, start, NULL));
  Holder *made = model_add_holder (self, HOLD, id, service, got, at, start, owner);
  made->until_usec = work.until_usec;
  made->promised_usec = promised;
  model_fill (self, made, made, NULL);
}

static void
renew (Model *self, Holder *old)
{
  hold (self, old->owner, old, old->service, old->counsellor, old->room, old->start);
}

static void
op_hold (Model *self)
{
  int owner = model_pick (self, 3), service, counsellor, room, start;
  Holder *old = model_find_hold (self, owner);
  wish (self, owner, &service, &counsellor, &room, &start);
  if (old != NULL && model_pick (self, 4) == 0)
    renew (self, old);
  else
    hold (self, owner, old != NULL && model_pick (self, 4) == 0 ? old : NULL, service, counsellor, room, start);
}

/* Somebody takes what begins in a moment, and then their time to type. */
static void
op_dally (Model *self)
{
  int kiosk = model_pick (self, 2), service = model_pick (self, 2);
  int start = (int) ((self->world->now_usec - ORIGIN_USEC) / ANX_USEC_PER_DAY) * 288 + 108 + model_pick (self, 96 / SLOT (service)) * SLOT (service);
  gint64 before = model_cell_usec (start) - model_pick (self, 5) * ANX_USEC_PER_MINUTE;
  if (before < self->world->now_usec)
    return;
  self->world->now_usec = before;
  hold (self, kiosk, NULL, service, -1, kiosk, start);
  for (int i = model_pick (self, 4); i >= 0; i--)
    {
      Holder *held = model_find_hold (self, kiosk);
      self->world->now_usec += model_pick (self, 4) * ANX_USEC_PER_MINUTE;
      if (held != NULL && i == 0)
        book (self, kiosk, held);
      else if (held != NULL)
        renew (self, held);
    }
}

static void
op_release (Model *self)
{
  int owner = model_pick (self, 3);
  Holder *hold = model_find_hold (self, model_pick (self, 2) == 0 ? owner : model_pick (self, 3));
  const char *slug = NULL;
  if (hold == NULL)
    return;
  Work work = { .claim = { .id = hold->id, .owner = owner_name (owner) } };
  if (!run (self, work.claim.owner, do_release, &work, &slug))
    return;
  g_assert_null (slug);
  if (owner == hold->owner)
    {
      model_drop_hold (self, hold);
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
  const char *expected = !movable ? "status-not-allowed" : model_expect (self, service, counsellor, room, start, TRUE, booking, NULL, &chosen, &place);
  gboolean kept = run (self, "desk", do_move, &work, &slug);
  if (kept)
    g_assert_cmpstr (slug, ==, expected);
  if (kept && slug != NULL)
    SAW (move_refused);
  if (kept && slug == NULL)
    {
      SAW (moved);
      model_sweep (self);
      model_tell_waiting (self, booking->service, booking->counsellor, booking->room, booking->start);
      model_vacate (self, booking);
      booking->counsellor = model_index_of (COUNSELLORS, 3, work.booking->counsellor);
      booking->room = model_index_of (ROOMS, 3, work.booking->room);
      booking->start = start;
      g_assert_cmpint (booking->counsellor, ==, chosen);
      g_assert_true (model_free_for (self, service, booking->counsellor, booking->room, start, NULL));
      g_free (booking->status);
      booking->status = g_strdup ("booked");
      booking->changes++;
      model_fill (self, booking, booking, NULL);
    }
  anx_booking_free (work.booking);
}

static void
op_status (Model *self)
{
  static const char *const to[] = { "cancelled", "cancelled", "noshow", "checked-in", "arrived", "fulfilled", "booked", "entered-in-error" };
  Holder *booking = pick_booking (self);
  const char *status = to[model_pick (self, G_N_ELEMENTS (to))], *slug = NULL;
  if (booking == NULL)
    return;
  gboolean same = strcmp (booking->status, status) == 0;
  const char *expected = model_expect_status (self, booking, status);
  Work work = { .claim = { .id = booking->id }, .text = status };
  gboolean kept = run (self, "desk", do_status, &work, &slug);
  anx_booking_free (work.booking);
  if (!kept)
    return;
  g_assert_cmpstr (slug, ==, expected);
  if (slug == NULL && !same)
    model_apply_status (self, booking, status);
}

static void
op_check_in (Model *self)
{
  Holder *any = pick_booking (self);
  const char *slug = NULL;
  if (any == NULL)
    return;
  Holder *booking = model_find_by_code (self, any->code_of);
  gint64 start = model_cell_usec (booking->start), end = model_cell_usec (booking->start + SERVICES[booking->service].length), now = self->world->now_usec;
  gboolean could = strcmp (booking->status, "checked-in") == 0 || anx_appointment_status_may_follow (booking->status, "checked-in");
  const char *expected = !could ? "status-not-allowed"
                         : start - now > 12 * ANX_USEC_PER_HOUR ? "not-yet"
                         : now - end > 12 * ANX_USEC_PER_HOUR   ? "over"
                                                                : model_expect_status (self, booking, "checked-in");
  Work work = { .claim = { .code_hash = make_code (self, any->code_of) } };
  gboolean kept = run (self, LENDERS[model_pick (self, 2)], do_check_in, &work, &slug);
  if (kept)
    {
      g_assert_cmpstr (work.booking->id, ==, booking->id);
      g_assert_cmpstr (slug, ==, expected);
      if (slug != NULL)
        SAW (check_in_refused);
      else if (strcmp (booking->status, "checked-in") != 0)
        model_apply_status (self, booking, "checked-in");
    }
  anx_booking_free (work.booking);
}

/* --- series --- */

static void
clear_session (gpointer data)
{
  g_free (((AnxSession *) data)->id);
}

/* Some days in a row at the same time: no two of them are in each other's way. The first may be held by whoever asks. */
static void
op_series (Model *self)
{
  int owner = model_pick (self, 3), service, counsellor, room, start, n = 2 + model_pick (self, 3), starts[4];
  Holder *hold = model_pick (self, 3) == 0 ? model_find_hold (self, owner) : NULL;
  wish (self, owner, &service, &counsellor, &room, &start);
  if (hold != NULL)
    {
      service = hold->service;
      room = hold->room;
      start = hold->start;
      n = 2;
    }
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
      AnxSession session = { i == 0 && hold != NULL ? g_strdup (hold->id) : anx_uuid_new (self->world->now_usec), model_cell_usec (start + i * 288), NULL };
      starts[i] = start + i * 288;
      g_array_append_val (sessions, session);
    }
  int chosen = counsellor >= 0 ? counsellor : model_expect_counsellor (self, service, room, starts, n, owner == 2, hold);
  const char *expected[4] = { NULL };
  for (int i = 0; i < n; i++)
    {
      int who = 0, where = 0;
      expected[i] = model_expect (self, service, chosen, room, starts[i], owner == 2, i == 0 ? hold : NULL, i == 0 ? hold : NULL, &who, &where);
      conflict |= expected[i] != NULL;
    }
  Work work = { .claim = make_claim (self, id, owner, service, counsellor, room, start), .sessions = sessions, .bookings = bookings };
  work.claim.series = id;
  if (!run (self, work.claim.owner, do_series, &work, &slug))
    return;
  g_assert_cmpstr (slug, ==, conflict ? "slot-taken" : NULL);
  g_assert_cmpint (work.chosen, ==, counsellor < 0 ? chosen : -1);
  for (int i = 0; i < n; i++)
    g_assert_cmpstr (g_array_index (sessions, AnxSession, i).problem, ==, expected[i]);
  if (conflict)
    {
      SAW (series_refused);
      return;
    }
  SAW (series_booked);
  g_assert_true (work.made);
  model_sweep (self);
  if (hold != NULL && hold->until_usec != 0)
    {
      model_drop_hold (self, hold);
      SAW (series_from_hold);
    }
  for (int i = 0; i < n; i++)
    {
      const AnxBooking *made = g_ptr_array_index (bookings, i);
      int got = model_index_of (ROOMS, 3, made->room);
      g_assert_cmpstr (made->counsellor, ==, COUNSELLORS[chosen]);
      g_assert_true (model_free_for (self, service, chosen, got, starts[i], NULL));
      Holder *booking = model_add_holder (self, BOOKING, made->id, service, chosen, got, starts[i], owner);
      g_free (booking->code_of);
      booking->code_of = g_strdup (id);
      booking->status = g_strdup ("booked");
      booking->changes = 1;
      booking->promised = TRUE;
      model_fill (self, booking, booking, NULL);
    }
  g_ptr_array_set_size (bookings, 0);
  if (model_pick (self, 3) == 0 && run (self, work.claim.owner, do_series, &work, &slug))
    {
      g_assert_null (slug);
      g_assert_false (work.made);
      g_assert_cmpuint (bookings->len, ==, n);
    }
  /* With one session more than was booked it is another series. */
  AnxSession more = { anx_uuid_new (self->world->now_usec), model_cell_usec (start + 288) + ANX_CELL_USEC, NULL };
  g_array_append_val (sessions, more);
  g_ptr_array_set_size (bookings, 0);
  if (model_pick (self, 3) == 0 && run (self, work.claim.owner, do_series, &work, &slug))
    {
      g_assert_cmpstr (slug, ==, "booking-differs");
      SAW (series_differs);
    }
}

/* --- closed rooms --- */

static void
op_close (Model *self)
{
  int now_day = (int) ((self->world->now_usec - ORIGIN_USEC) / ANX_USEC_PER_DAY), room = model_pick (self, 10) == 0 ? -1 : model_pick (self, 3);
  int start = (now_day + model_pick (self, 3)) * 288 + 96 + model_pick (self, 96), end = start + 1 + model_pick (self, 24);
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  if (start < 0)
    return;
  Work work = { .closure = { id, "one", room >= 0 ? ROOMS[room] : NULL, model_cell_usec (start), model_cell_usec (end), "repair" }, .in_the_way = json_array_new () };
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
          model_cell_usec (holder->start + SERVICES[holder->service].length) <= self->world->now_usec)
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
  Closure *closure = g_ptr_array_index (self->closures, model_pick (self, (int) self->closures->len));
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
  int end = start + model_pick (self, 4 * 288);
  g_autofree char *id = anx_uuid_new (self->world->now_usec);
  const char *slug = NULL;
  Work work = { .entry = { id, (char *) "one", (char *) SERVICES[service].id, (char *) (counsellor >= 0 ? COUNSELLORS[counsellor] : NULL), (char *) "sms",
                           (char *) "c2VhbGVk", model_cell_usec (start), model_cell_usec (end) } };
  if (!run (self, "desk", do_wait, &work, &slug))
    return;
  g_assert_null (slug);
  model_close_old_waiting (self);
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
  Waiting *waiting = g_ptr_array_index (self->waiting, model_pick (self, (int) self->waiting->len));
  gboolean tell = model_pick (self, 3) > 0;
  Work work = { .entry = { .id = waiting->id }, .text = tell ? "tell" : "close" };
  if (!run (self, "desk", do_act, &work, &slug))
    return;
  /* Refused, it leaves nothing, not even what it found to be too old. */
  gboolean old = model_cell_usec (waiting->end) < self->world->now_usec + ANX_USEC_PER_DAY;
  g_assert_cmpstr (slug, ==, tell && (waiting->closed || old) ? "status-not-allowed" : NULL);
  if (slug != NULL)
    return;
  model_close_old_waiting (self);
  if (tell)
    {
      model_count_told (self, waiting);
      SAW (waiting_told_by_staff);
    }
  else
    waiting->closed = TRUE;
}

/* --- leases --- */

static void
op_lend (Model *self)
{
  int k = model_pick (self, N_LENDERS);
  Kiosk *kiosk = &self->kiosks[k];
  const char *slug = NULL;
  g_autoptr (GPtrArray) held = g_ptr_array_new ();
  for (guint i = 0; i < kiosk->leases->len; i++)
    g_ptr_array_add (held, ((Holder *) g_ptr_array_index (kiosk->leases, i))->id);
  for (guint i = 0; i < kiosk->sales->len; i++)
    g_ptr_array_add (held, ((Sale *) g_ptr_array_index (kiosk->sales, i))->lease->id);
  g_ptr_array_add (held, NULL);
  Work work = { .kiosk = anx_directory_get_principal (self->world->directory, LENDERS[k]), .text = kiosk->mark, .held = (const char *const *) held->pdata };
  if (!run (self, LENDERS[k], do_lend, &work, &slug))
    return;
  g_assert_null (slug);
  model_sweep (self);
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
  AnxLedger ledger = world_ledger (self->world, LENDERS[k]);
  g_autoptr (JsonArray) list = anx_ledger_list_leases (&ledger.view, LENDERS[k], NULL, self->world->now_usec, G_MAXINT64, NULL);
  guint known = 0, wanted = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      const Holder *holder = g_ptr_array_index (self->holders, i);
      gboolean ahead = holder->kind == LEASE && holder->owner == k && holder->state == LENT && model_cell_usec (holder->start) >= self->world->now_usec;
      gboolean closed = ahead && model_is_closed (self, holder->service, holder->room, holder->start);
      wanted += ahead && !closed;
      self->seen[SAW_lease_withheld] += closed;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *json = json_array_get_object_element (list, i);
      const char *id = anx_json_get_string (json, "lease", NULL);
      Holder *lease = g_hash_table_lookup (self->by_id, id);
      if (lease == NULL)
        {
          int service = g_str_equal (anx_json_get_string (json, "service", NULL), "talk") ? 0 : 1;
          int counsellor = model_index_of (COUNSELLORS, 3, anx_json_get_string (json, "counsellor", NULL)), room = model_index_of (ROOMS, 3, anx_json_get_string (json, "room", NULL));
          int start = (int) ((anx_json_get_int (json, "start", 0) - ORIGIN_USEC) / ANX_CELL_USEC);
          if (k < 2)
            g_assert_cmpint (room, ==, k);
          g_assert_true (model_offered (self, service, counsellor, room, start, FALSE, NULL) && !model_is_closed (self, service, room, start));
          g_assert_true (model_free_for (self, service, counsellor, room, start, NULL));
          lease = model_add_holder (self, LEASE, id, service, counsellor, room, start, k);
          SAW (lent);
          model_fill (self, lease, lease, NULL);
        }
      else
        known++;
      g_assert_cmpint (lease->state, ==, LENT);
      gboolean sold = FALSE;
      for (guint s = 0; s < kiosk->sales->len; s++)
        sold |= ((Sale *) g_ptr_array_index (kiosk->sales, s))->lease == lease;
      if (!sold)
        g_ptr_array_add (kiosk->leases, lease);
    }
  g_assert_cmpuint (known, ==, wanted);
}

static void
op_take_back (Model *self)
{
  int k = model_pick (self, N_LENDERS);
  Kiosk *kiosk = &self->kiosks[k];
  const char *slug = NULL;
  if (kiosk->leases->len == 0)
    return;
  Holder *lease = g_ptr_array_index (kiosk->leases, model_pick (self, (int) kiosk->leases->len));
  /* From here on the kiosk does not sell it, whether the answer comes or not. */
  g_ptr_array_remove_fast (kiosk->leases, lease);
  Work work = { .claim = { .owner = LENDERS[k] }, .text = lease->id };
  if (!run (self, LENDERS[k], do_take_back, &work, &slug))
    return;
  g_assert_null (slug);
  if (lease->state == LENT || lease->state == STRAY)
    {
      model_vacate (self, lease);
      lease->state = RETURNED;
      SAW (lease_given_back);
    }
}

static void
op_sell (Model *self)
{
  Kiosk *kiosk = &self->kiosks[model_pick (self, N_LENDERS)];
  if (kiosk->leases->len == 0)
    return;
  Holder *lease = g_ptr_array_index (kiosk->leases, model_pick (self, (int) kiosk->leases->len));
  if (model_cell_usec (lease->start) < self->world->now_usec)
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
  gboolean again_free = !had && model_offered (self, lease->service, lease->counsellor, lease->room, lease->start, TRUE, NULL) &&
                        !model_is_closed (self, lease->service, lease->room, lease->start) &&
                        model_free_for (self, lease->service, lease->counsellor, lease->room, lease->start, NULL);
  if (!run (self, LENDERS[k], do_book, &work, &slug))
    {
      g_clear_pointer (&work.booking, anx_booking_free);
      return;
    }
  g_assert_null (slug); /* B4: a sale out of a lease is never refused */
  if (known == NULL)
    {
      Holder *booking = model_add_holder (self, BOOKING, sale->id, lease->service, lease->counsellor, lease->room, lease->start, k);
      gboolean good = had || again_free;
      g_assert_cmpstr (work.booking->status, ==, good ? "booked" : "proposed");
      booking->status = g_strdup (work.booking->status);
      booking->changes = 1;
      booking->promised = good;
      booking->proposed_twice = !good;
      booking->in_closed = good && model_is_closed (self, lease->service, lease->room, lease->start);
      SAW (sale_delivered);
      self->seen[SAW_promised_twice] += !good;
      self->seen[SAW_sale_into_reclaimed] += again_free;
      self->seen[SAW_closed_under_lease] += booking->in_closed;
      if (had)
        model_fill (self, lease, booking, lease);
      else if (good)
        {
          model_sweep (self);
          model_fill (self, booking, booking, NULL);
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
  if (model_pick (self, 3) != 0) /* else the answer is lost and it comes again */
    g_ptr_array_remove_fast (self->kiosks[k].sales, sale);
}

static void
op_reconnect (Model *self)
{
  int k = model_pick (self, N_LENDERS);
  GPtrArray *sales = self->kiosks[k].sales;
  self->seen[SAW_reconnected] += sales->len > 0;
  for (guint i = sales->len; i > 0; i--)
    deliver (self, k, g_ptr_array_index (sales, i - 1));
}

static void
op_reinstall (Model *self)
{
  Kiosk *kiosk = &self->kiosks[model_pick (self, N_LENDERS)];
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
  int k = model_pick (self, N_LENDERS);
  const char *slug = NULL;
  Work work = { .text = LENDERS[k] };
  if (!run (self, "desk", do_reclaim, &work, &slug))
    return;
  g_assert_null (slug);
  gint64 count = 0;
  for (guint i = 0; i < self->holders->len; i++)
    {
      Holder *lease = g_ptr_array_index (self->holders, i);
      if (lease->kind != LEASE || lease->owner != k || (lease->state != LENT && lease->state != STRAY))
        continue;
      model_vacate (self, lease);
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
  gint64 minutes = model_pick (self, 5) == 0 ? -model_pick (self, 30) : model_pick (self, 25);
  self->world->now_usec += minutes * ANX_USEC_PER_MINUTE;
  self->seen[SAW_clock_forward] += minutes > 0;
  self->seen[SAW_clock_back] += minutes < 0;
}

/* --- which --- */

static const struct { int weight; void (*run) (Model *self); } OPERATIONS[] = {
  { 30, op_book }, { 14, op_hold },  { 3, op_dally },     { 5, op_release }, { 10, op_move }, { 14, op_status }, { 6, op_check_in }, { 4, op_series },
  { 1, op_close }, { 1, op_open },   { 4, op_wait },      { 2, op_act },     { 4, op_lend },  { 2, op_take_back }, { 6, op_sell },  { 4, op_reconnect },
  { 5, op_clock },
};

/* One of them, by its weight; the rare ones, that change much, seldom. */
void
model_operate (Model *self)
{
  int all = 0;
  for (guint i = 0; i < G_N_ELEMENTS (OPERATIONS); i++)
    all += OPERATIONS[i].weight;
  int chance = model_pick (self, all);
  for (guint i = 0; i < G_N_ELEMENTS (OPERATIONS); i++)
    {
      if (chance < OPERATIONS[i].weight)
        {
          OPERATIONS[i].run (self);
          break;
        }
      chance -= OPERATIONS[i].weight;
    }
  if (model_pick (self, 400) == 0)
    (model_pick (self, 2) == 0 ? op_reinstall : op_reclaim) (self);
}
