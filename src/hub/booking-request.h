/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger.h"
#include "request.h"

G_BEGIN_DECLS

/* What the handlers about bookings, leases, queue and waiting list share. */

AnxSlotView anx_booking_request_view (AnxRequest *request, AnxDatabase *database);
AnxLedger   anx_booking_request_open (AnxRequest *request, AnxDatabase *database);
/* For a run function: refuses with @slug unless @error is set; always FALSE. */
gboolean    anx_booking_request_refuse (AnxRequest *request, const char *slug, GError **error);
/* Everybody who shows it looks again. */
void        anx_booking_request_look (AnxRequest *request, const AnxBooking *booking);
/* Staff, or the counsellor, of the booking. */
gboolean    anx_booking_request_is_theirs (AnxRequest *request, const AnxBooking *booking);
/* A word such as "counsellor-ill": reasons are words and never sentences, so that nothing personal stands in the history. */
gboolean    anx_reason_is_valid (const char *reason);
/* SHA-256 of a code key, NULL when it is none. */
char       *anx_code_key_hash (const char *key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
