/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "directory.h"

G_BEGIN_DECLS

/*
 * The group of a centre to which records of sessions are sealed for an emergency, and who learns when somebody opens one. Its members hold its key,
 * the hub holds the records: neither reads without the other. Invariants G1 to G5 in README.md. Any thread.
 */
#define ANX_ROLE_BREAK_GLASS "break-glass"

gboolean            anx_glass_is_group (AnxDirectory *directory, const char *id);
const AnxPrincipal *anx_glass_find_group (AnxDirectory *directory, const char *centre);
char              **anx_glass_list_groups_of (AnxDirectory *directory, const char *member) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray          *anx_glass_list_supervision (AnxDirectory *directory, const char *centre, const char *reader) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
