/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "public-calendar.h"

G_BEGIN_DECLS

/*
 * Follow-up visits after a session: who is called on again, how often, and what became of it. Each step is a record that names the one
 * before; each holds the whole state after it. No I/O. Any thread.
 */
#define ANX_KIND_FOLLOW_UP "follow-up"

typedef enum
{
  ANX_FOLLOW_UP_PLANNED,     /* begun, or planned anew */
  ANX_FOLLOW_UP_REACHED,     /* the visit took place */
  ANX_FOLLOW_UP_NOT_REACHED, /* tried in vain */
  ANX_FOLLOW_UP_ENDED,
  ANX_FOLLOW_UP_N_STEPS,
} AnxFollowUpStep;

typedef enum
{
  ANX_FOLLOW_UP_DAYS,
  ANX_FOLLOW_UP_WEEKS,
  ANX_FOLLOW_UP_MONTHS,
} AnxFollowUpUnit;

#define ANX_FOLLOW_UP_MOST_EVERY 366
/* After so many tries in vain somebody is lost to follow-up: a person decides what to do next. */
#define ANX_FOLLOW_UP_LOST_AFTER 3

typedef struct
{
  char *booking;        /* the session it comes from */
  char *reason;         /* why, 1 to ANX_BOUND_NOTE_CHARS characters */
  AnxFollowUpUnit unit;
  guint every;          /* 1 to ANX_FOLLOW_UP_MOST_EVERY */
  AnxFollowUpStep step;
  char *words;          /* (nullable) how it was, why it ended */
  guint tries;          /* in vain since somebody was reached last */
  gint64 due_usec;      /* the next visit; 0 when it has ended */
  gint64 written_usec;
} AnxFollowUp;

typedef enum
{
  ANX_FOLLOW_UP_COMING,
  ANX_FOLLOW_UP_DUE,     /* today */
  ANX_FOLLOW_UP_OVERDUE,
  ANX_FOLLOW_UP_LOST,
  ANX_FOLLOW_UP_OVER,
} AnxFollowUpState;

void         anx_follow_up_free (AnxFollowUp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFollowUp, anx_follow_up_free)

AnxFollowUp *anx_follow_up_step (const AnxFollowUp *self, AnxFollowUpStep step, const char *words, AnxCalendar *calendar,
                                 const char *zone, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxFollowUpState anx_follow_up_get_state (const AnxFollowUp *self, const char *zone, gint64 now_usec);

JsonObject  *anx_follow_up_build (const AnxFollowUp *self, const char *author, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* CarePlan */
AnxFollowUp *anx_follow_up_read (JsonObject *fhir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
