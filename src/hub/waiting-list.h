/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger.h"

G_BEGIN_DECLS

/*
 * Who would come if something became free. An entry gets at most three notices, at least a day apart, and closes by itself a day before
 * the time it asks for is over, because a notice that comes too late is worse than none. A freed slot is told to the three who have
 * waited longest; it stays open to everybody: the first to book it has it. Whom the staff call themselves (channel "staff") is only noted,
 * and passed over until they have called; each day on which they called in vain counts as a notice.
 */
typedef struct
{
  char *id;
  char *centre;
  char *service;
  char *counsellor; /* (nullable) any */
  char *channel;
  char *address;    /* sealed to the gateway */
  gint64 from_usec; /* wanted: starts from here */
  gint64 to_usec;   /* to here */
} AnxWaitingEntry;

gboolean    anx_waiting_list_add (AnxLedger *ledger, const AnxWaitingEntry *entry, GError **error);
const char *anx_waiting_list_act (AnxLedger *ledger, const char *id, const char *action, GError **error);
gboolean    anx_waiting_list_tell (AnxLedger *ledger, const AnxBooking *freed, GError **error);

G_END_DECLS
