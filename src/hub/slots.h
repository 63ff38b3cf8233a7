/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "appointment.h"
#include "database.h"
#include "directory.h"
#include "plan-book.h"

G_BEGIN_DECLS

/*
 * Free slots. Searching and booking both ask anx_slots_list(): what is shown and what is accepted come out of one function.
 * Knows nothing of HTTP.
 */

/* What a question about slots stands on. All of it belongs to the caller. */
typedef struct
{
  AnxDirectory *directory;
  AnxDatabase *database;
  AnxPlanBook *plans;
  gint64 now_usec;
} AnxSlotView;

typedef struct
{
  const char *centre;
  const char *service;
  const char *counsellor; /* (nullable) any */
  const char *mediator;   /* (nullable) any, of a joint service */
  const char *room;       /* (nullable) any */
  gint64 from_usec;       /* starts from here */
  gint64 to_usec;         /* to before here */
  guint most;
  gboolean staff;         /* staff books: see anx_service_may_start() */
  gboolean once;          /* of each start only the first: whoever has most time, in any room */
  gboolean though_taken;  /* also what is occupied or closed: tells "taken" from "not offered" */
  const char *holder;     /* (nullable) whose own cells and own booking count as free, and whose hold is kept */
} AnxSlotQuery;

typedef struct
{
  gint64 start_usec;
  gint64 end_usec;
  char *counsellor;
  char *mediator; /* (nullable) */
  char *room;
  char *kiosk;    /* (nullable) that is occupied with it */
  guint load;     /* bookings of the counsellor about that time */
} AnxSlot;

/* A hold that says it ends later than this is of a clock that was set back, and counts as ended. */
#define ANX_HOLD_USEC (5 * 60 * (gint64) G_USEC_PER_SEC)

void       anx_slot_free (AnxSlot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxSlot, anx_slot_free)
GPtrArray *anx_slots_list (const AnxSlotView *view, const AnxSlotQuery *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *anx_slots_to_json (GPtrArray *slots) G_GNUC_WARN_UNUSED_RESULT;
JsonArray *anx_slots_search (const AnxSlotView *view, const AnxSlotQuery *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The service when the directory has it. */
AnxService *anx_slots_find_service (AnxDirectory *directory, const char *id) G_GNUC_WARN_UNUSED_RESULT;

/* Whether somebody is in the room for it: not by telephone. */
gboolean    anx_slots_needs_room (AnxDirectory *directory, const char *service);

/* Names of what cells occupy. */
char *anx_slots_counsellor_resource (const char *counsellor) G_GNUC_WARN_UNUSED_RESULT;
char *anx_slots_room_resource (const char *centre, const char *room) G_GNUC_WARN_UNUSED_RESULT;
char *anx_slots_kiosk_resource (const char *kiosk) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
