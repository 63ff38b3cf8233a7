/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hub.h"

G_BEGIN_DECLS

/*
 * Invitations of a browser to one session, by the counsellor of it. In memory only: they are short-lived, and after a restart the counsellor
 * makes another. Who holds an id may pass messages of that session to its two sides, and nothing else; whether anything is believed,
 * counsellor and kiosk decide by their keys. Loop.
 */
typedef struct
{
  char *counsellor;
  char *booking;
  gint64 until_usec;
} AnxJoin;

const AnxJoin *anx_joins_find (AnxHub *hub, const char *id, gint64 now_usec); /* (nullable); until the next turn of the loop */

G_END_DECLS
