/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hub-district.h"

G_BEGIN_DECLS

/* What tests of booking through the hub have in common: all of it fails the test when it cannot be done. */

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Free times of the service "talk". */
JsonArray *get_slots (Fixture *f, const char *who, const char *room, guint days);
/* Of li-wei, with KEY_A; @more: further members, with a comma before. */
char      *claim_text (const char *room, gint64 start, const char *more);
/* Under a fresh id, which is returned. */
char      *put_booking (Fixture *f, const char *who, const char *claim, guint *out_status);
/* Nobody is booked twice, and each booking that stands holds its cells. */
void       check_no_overlap (Fixture *f);

G_END_DECLS
