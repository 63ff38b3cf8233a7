/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The structured log of the programs: one JSON line an event on standard error. An event's name and its field names are
 * literals of ours; values are ids, counts, codes and durations, never a name, an answer, a note, a code or a key.
 * Libraries do not log, programs do. Any thread.
 */

void anx_journal (const char *program, const char *event, const char *first_field, ...) G_GNUC_NULL_TERMINATED;
void anx_journal_take_over_glib (const char *program);

G_END_DECLS
