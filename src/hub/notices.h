/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger.h"

G_BEGIN_DECLS

typedef struct _AnxHub AnxHub;

/*
 * Telling residents outside the service that something changed. The hub hands a template's name, a channel and an address that is sealed
 * to the district's gateway to a program; it can read none of them and adds no content. Queued in the transaction of the change itself, sent
 * afterwards, at least once, in order; a failed one is tried again with growing pauses, MOST_TRIES times.
 */

gboolean anx_notices_read_address (JsonObject *body, char **out_channel, char **out_address);
gboolean anx_notices_keep_address (AnxLedger *ledger, const char *booking, const char *channel, const char *address, GError **error);
gboolean anx_notices_queue (AnxLedger *ledger, const char *template_id, const char *channel, const char *address, GError **error);
/* When there is an address for the booking. */
gboolean anx_notices_queue_for (AnxLedger *ledger, const char *booking, const char *template_id, GError **error);
/* With each tick, on the loop. */
void     anx_notices_check (AnxHub *hub);

G_END_DECLS
