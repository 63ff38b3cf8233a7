/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "slots.h"

G_BEGIN_DECLS

/*
 * Who has which time: the only code that writes bookings, holds, leases and cells. Knows nothing of HTTP and roles; callers decide who may
 * ask. One writer at a time: every function runs inside a transaction of `view.database`. It returns NULL when it is done, else the slug of
 * a refusal or, with @error set, "failed"; after either the caller takes the changes back (savepoint).
 *
 *  B1 No two holders have one cell: the table's primary key refuses the second (schema.c).
 *  B2 An id that is already there changes nothing: the same claim again is answered with that booking, another one is refused.
 *  B3 A booking that only waits, is cancelled, missed or entered in error holds no cell.
 *  B4 A lease's cells are its kiosk's until it gives them back or staff reclaims them; a sale out of a lease is never refused.
 *  B5 Every change of a booking has a row in its history.
 *  B6 A hold ends by itself: `until` is part of the cell, so no clean-up is needed for it to count as free.
 */
typedef struct
{
  AnxSlotView view;
  const char *who; /* principal, for the history */
} AnxLedger;

typedef struct
{
  char *id;
  char *service;
  char *counsellor;
  char *mediator;  /* (nullable) */
  char *centre;
  char *room;
  char *kiosk;     /* (nullable) of the room when it was made */
  gint64 start_usec;
  gint64 end_usec;
  char *status;
  gint64 changed_usec;
  char *code_hash;
  char *series;    /* (nullable) */
  char *origin;    /* kiosk staff outreach walk-in */
  char *lease;     /* (nullable) it was sold from */
  gboolean late;   /* cancelled later than the service asks */
} AnxBooking;

void        anx_booking_free (AnxBooking *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxBooking, anx_booking_free)
JsonObject *anx_booking_to_json (const AnxBooking *self) G_GNUC_WARN_UNUSED_RESULT;
/* NULL without error: there is none. */
AnxBooking *anx_ledger_find (AnxDatabase *database, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxBooking *anx_ledger_find_by_code (AnxDatabase *database, const char *code_hash, gint64 over_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
#define ANX_BOOKING_COLUMNS \
  "id, service, counsellor, mediator, centre, room, kiosk, start, end, status, changed, code_hash, series, origin, lease, late"
AnxBooking *anx_booking_from_row (AnxRows *rows) G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  const char *id;
  const char *service;
  const char *counsellor; /* (nullable) any: the least loaded */
  const char *mediator;   /* (nullable) any */
  const char *centre;
  const char *room;       /* (nullable) any */
  gint64 start_usec;
  const char *code_hash;
  const char *origin;
  const char *series;     /* (nullable) */
  const char *lease;      /* (nullable) sold out of it */
  const char *owner;      /* whose hold or lease it may use: the calling principal */
  gboolean staff;
  gboolean asked;         /* offline the resident was told "asked": when it cannot be had, keep it as proposed */
} AnxBookingClaim;

const char *anx_ledger_hold (AnxLedger *self, const AnxBookingClaim *claim, gint64 *out_until_usec, GError **error);
const char *anx_ledger_release (AnxLedger *self, const char *id, const char *owner, GError **error);
/* @out_new: whether this call made it. */
const char *anx_ledger_book (AnxLedger *self, const AnxBookingClaim *claim, AnxBooking **out_booking, gboolean *out_new, GError **error);
const char *anx_ledger_move (AnxLedger *self, AnxBooking *booking, const AnxBookingClaim *target, const char *reason, GError **error);
const char *anx_ledger_set_status (AnxLedger *self, AnxBooking *booking, const char *status, const char *reason, GError **error);
const char *anx_ledger_sweep (AnxLedger *self, GError **error);

/* One session of a series: series.c. */
typedef struct
{
  char *id;
  gint64 start_usec;
  const char *problem; /* (nullable) why it cannot be had */
} AnxSession;
const char *anx_ledger_book_series (AnxLedger *self, const AnxBookingClaim *claim, GArray *sessions, GPtrArray *bookings, char **out_counsellor, gboolean *out_new,
                                    GError **error);

/* A room, or a whole centre, in which nobody is received for a time: closures.c. */
typedef struct
{
  const char *id;
  const char *centre;
  const char *room;   /* (nullable) all */
  gint64 from_usec;
  gint64 to_usec;
  const char *reason; /* (nullable) a word */
} AnxClosure;
const char *anx_ledger_close (AnxLedger *self, const AnxClosure *closure, JsonArray *in_the_way, GError **error);
const char *anx_ledger_open_again (AnxLedger *self, const char *id, GError **error);
gboolean    anx_ledger_is_closed (AnxLedger *self, const AnxBooking *booking, gboolean *out_closed, GError **error);
gboolean    anx_ledger_note_closed (AnxLedger *self, const AnxBooking *booking, GError **error);

/* Leases: leases.c. */
const char *anx_ledger_lend (AnxLedger *self, const AnxPrincipal *kiosk, const char *mark, const char *const *held, GError **error);
const char *anx_ledger_take_back (AnxLedger *self, const char *kiosk, const char *lease, GError **error);
const char *anx_ledger_reclaim (AnxLedger *self, const char *kiosk, gint64 *out_count, GError **error);
JsonArray  *anx_ledger_list_leases (const AnxSlotView *view, const char *kiosk, const char *service, gint64 from_usec, gint64 to_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For leases.c: the pieces of a change. */
const char *anx_ledger_find_slot (AnxLedger *self, const AnxBookingClaim *claim, const char *holder, AnxSlot **out_slot, GError **error);
const char *anx_ledger_occupy (AnxLedger *self, const AnxService *service, const AnxSlot *slot, const char *centre, const char *holder, gint64 until_usec, GError **error);
gboolean    anx_ledger_vacate (AnxLedger *self, const char *holder, GError **error);
gboolean    anx_ledger_add_work (AnxLedger *self, const char *centre, const char *kind, const char *booking, const char *kiosk, GError **error);

G_END_DECLS
