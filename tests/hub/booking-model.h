/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "booking-world.h"

G_BEGIN_DECLS

/*
 * What the ledger and the waiting list must do, said a second time without SQL, iCalendar and JSON: an array of five-minute cells for each resource.
 * booking-operations.c does each thing to both and compares the answers.
 */
#define DAYS 8
#define CELLS (DAYS * 288)
/* 2026-12-01 00:00 in Shanghai. */
#define ORIGIN_USEC (G_GINT64_CONSTANT (1796054400) * G_USEC_PER_SEC)

enum { C0, C1, C2, R0, R1, R2, K0, K1, RESOURCES };
extern const char *const NAMES[RESOURCES];
extern const char *const COUNSELLORS[3];
extern const char *const ROOMS[3];
/* Who has leases and sells without the hub. The first two stand in the room of their number. */
#define N_LENDERS 3
extern const char *const LENDERS[N_LENDERS];

typedef struct
{
  const char *id;
  int length, after; /* cells; the buffer comes after */
  gboolean video;
} ModelService;
extern const ModelService SERVICES[2];
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
  gint64 promised_usec; /* holds: since when without a break */
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
  X (booked) X (refused_taken) X (refused_not_offered) X (repeated) X (lost_before_commit) X (held) X (hold_renewed) X (hold_kept_past_start) X (hold_refused) X (hold_taken_over) X (hold_released) \
  X (hold_ended) X (moved) X (move_refused) X (cancelled) X (checked_in) X (check_in_refused) X (missed) X (miss_taken_back) X (miss_filled) X (arrived) \
  X (fulfilled) X (entered_in_error) X (series_booked) X (series_refused) X (series_from_hold) X (series_differs) X (lent) \
  X (lease_given_back) X (sold_offline) X (sale_delivered) X (sale_delivered_twice) X (promised_twice) X (sale_into_reclaimed) X (reconnected) X (reinstalled) X (strayed) X (reclaimed) X (room_closed) \
  X (closed_in_the_way) X (closed_under_lease) X (lease_withheld) X (freed_in_closed) X (opened_again) X (waiting_added) \
  X (waiting_told) X (waiting_told_by_staff) X (waiting_ended) X (clock_forward) X (clock_back) X (restarted)
#define NUMBER_OF(name) SAW_##name,
enum { EVENTS (NUMBER_OF) N_EVENTS };

typedef struct
{
  Holder *lease;
  char *id; /* of the booking made offline */
} Sale;

typedef struct
{
  char *mark;
  GPtrArray *leases; /* Holder, what it believes it can sell */
  GPtrArray *sales;  /* Sale, not delivered */
} Kiosk;

typedef struct
{
  World *world; /* the caller's */
  GRand *rand;
  Holder *owner[RESOURCES][CELLS];
  GPtrArray *holders; /* all that ever were in this episode */
  GHashTable *by_id;
  Kiosk kiosks[N_LENDERS];
  GPtrArray *closures; /* Closure */
  GPtrArray *waiting;  /* Waiting */
  gint64 notices;      /* queued for those who wait */
  char *code;          /* of the claim being made */
  guint64 seen[N_EVENTS];
} Model;

#define SAW(event) (self->seen[SAW_##event]++)

Model *model_new (World *world, guint32 seed);
void   model_free (Model *self);
void   model_clear (Model *self);

/* Pieces. */
int    model_pick (Model *self, int n);
gint64 model_cell_usec (int cell);
int    model_index_of (const char *const *names, int n, const char *name);

/* The rule. -1 = any; @but: whose cells count as free; @hold: what is claimed under its id. model_expect(): what the ledger must answer, NULL and who is
 * chosen or the slug. */
gboolean model_hold_counts (Model *self, const Holder *holder);
gboolean model_stands (const char *status);
gboolean model_cell_is_free (Model *self, int resource, int cell, const Holder *but);
gboolean model_is_closed (Model *self, int service, int room, int start);
gboolean model_offered (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *hold);
gint64 model_promised (Model *self, const Holder *hold, int service, int start);
gboolean model_free_for (Model *self, int service, int counsellor, int room, int start, const Holder *but);
void model_fill (Model *self, const Holder *where, Holder *with, const Holder *only);
void model_vacate (Model *self, Holder *holder);
Holder *model_add_holder (Model *self, Kind kind, const char *id, int service, int counsellor, int room, int start, int owner);
const char *model_expect (Model *self, int service, int counsellor, int room, int start, gboolean staff, const Holder *but, const Holder *hold, int *out_counsellor, int *out_room);
void model_sweep (Model *self);
Holder *model_find_hold (Model *self, int owner);
void model_drop_hold (Model *self, Holder *hold);

/* The waiting list. */
void model_close_old_waiting (Model *self);
void model_count_told (Model *self, Waiting *waiting);
void model_tell_waiting (Model *self, int service, int counsellor, int room, int start);

/* What becomes of a booking; whom a series gets. */
void model_apply_status (Model *self, Holder *booking, const char *status);
const char *model_expect_status (Model *self, const Holder *booking, const char *status);
Holder *model_find_by_code (Model *self, const char *code_of);
int model_expect_counsellor (Model *self, int service, int room, const int *starts, int n, gboolean staff, const Holder *hold);

G_END_DECLS
