/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Break-glass: somebody of a centre opens, for a time and a reason, what a colleague sealed about one session. The rules are data
 * (data/care/break-glass.json); that it happened is the reader's own record, FHIR R4 AuditEvent. No I/O. Any thread.
 */
#define ANX_KIND_BREAK_GLASS "break-glass"

typedef struct
{
  char *code;
  char *zh;
  char *en;
} AnxGlassReason;

typedef struct
{
  guint minutes;      /* how long a door stays open at most, 1 to 1,440 */
  GPtrArray *reasons; /* (element-type AnxGlassReason), at least one */
} AnxGlassRules;

AnxGlassRules *anx_glass_rules_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void           anx_glass_rules_free (AnxGlassRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxGlassRules, anx_glass_rules_free)
const AnxGlassReason *anx_glass_rules_find (AnxGlassRules *self, const char *code); /* (nullable) */

typedef struct
{
  char *reader;       /* principal */
  char *booking;      /* the session whose records are opened, a UUID */
  char *reason;       /* code of a reason */
  char *words;        /* what the reader wrote, 1 to ANX_BOUND_NOTE_CHARS characters */
  gint64 opened_usec;
  gint64 until_usec;  /* later than opened_usec */
} AnxBreakGlass;

JsonObject    *anx_break_glass_build (const AnxBreakGlass *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxBreakGlass *anx_break_glass_read (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void           anx_break_glass_free (AnxBreakGlass *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxBreakGlass, anx_break_glass_free)

/* Whether records of this kind are sealed to the group of their centre as well. */
gboolean anx_break_glass_covers (const char *kind);

G_END_DECLS
