/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "database.h"

G_BEGIN_DECLS

/*
 * What a kiosk, or a desk of the staff, can sell without asking, and what it has sold, in its database. Main thread; no network.
 *
 *   lease:  held ──sold──► sold            held ──returning──► gone (when the hub has answered)
 *           sold ──its sale refused──► returning
 *   sale:   queued ──► delivered | refused ──somebody has looked──► gone
 *
 *  L1 A lease becomes sold and its sale is written in one transaction: on TRUE the resident may be told "confirmed".
 *  L2 What is returning is sold no more, whether the hub's answer comes or not; it is named again until it does.
 *  L3 A sale is sent until the hub has answered, always under the booking's own id, so that repeating changes nothing.
 *  L4 Of the resident's code only the digest of its key is kept: what a thief finds here opens no booking.
 *  L5 The mark is made with the database: a kiosk that lost its memory says so by another mark.
 */
typedef struct _AnxLeaseBook AnxLeaseBook;

AnxLeaseBook *anx_lease_book_new (AnxDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
void          anx_lease_book_free (AnxLeaseBook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxLeaseBook, anx_lease_book_free)

/* {"installation","held","returned"} of POST /leases; those that start before @keep_from_usec are given back. */
JsonObject *anx_lease_book_build_exchange (AnxLeaseBook *self, gint64 now_usec, gint64 keep_from_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The hub's answer to exactly that. */
gboolean    anx_lease_book_take_exchange (AnxLeaseBook *self, JsonObject *asked, JsonObject *answer, GError **error);
/* Slots that can be sold now, soonest first, in the form of GET /slots with "lease". */
JsonArray  *anx_lease_book_list (AnxLeaseBook *self, const char *service, gint64 from_usec, gint64 to_usec) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_lease_book_holds (AnxLeaseBook *self, const char *lease);

/* @claim: the body of PUT /bookings. The booking to show when a lease covers it or it was sold before; NULL without error when none does. */
JsonObject *anx_lease_book_sell (AnxLeaseBook *self, const char *id, JsonObject *claim, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Keeps a wish that only the hub can answer: the booking to show is "proposed". */
JsonObject *anx_lease_book_ask (AnxLeaseBook *self, const char *id, JsonObject *claim, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The oldest undelivered one: the body of its PUT; NULL without error when there is none. */
JsonObject *anx_lease_book_next_sale (AnxLeaseBook *self, char **out_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_lease_book_settle (AnxLeaseBook *self, const char *id, const char *status, const char *problem, GError **error);
/* What was promised and refused, until somebody has looked. */
JsonArray  *anx_lease_book_list_refused (AnxLeaseBook *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_lease_book_forget_refused (AnxLeaseBook *self, const char *id, GError **error);
guint       anx_lease_book_count_undelivered (AnxLeaseBook *self);

G_END_DECLS
