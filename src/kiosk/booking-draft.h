/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident-window.h"

G_BEGIN_DECLS

/*
 * What a resident has entered of a booking so far; lives with the window, so that going back or home loses nothing, and is emptied when
 * the booking is confirmed. Reference counted. Main thread.
 *
 * Invariants:
 *   I1: one claim (service, counsellor, room, start) has one id and one code; sending it again sends the same ones.
 *   I2: once a claim may have reached the hub and another time is chosen, the next claim has a new id, and the old one is given back.
 *   I3: a hold has the id of the claim to come; another slot under the same id takes its place at the hub.
 */
typedef struct
{
  gint64 start_usec;
  gint64 end_usec;
  char *counsellor;
  char *room;
  char *lease;          /* (nullable) lent to this kiosk: sold here, with the hub or without */
  gboolean ask;         /* the hub is not there to confirm it: it can only be asked for */
} AnxSlot;

typedef struct
{
  char *service;
  char *counsellor;     /* (nullable) anyone who is free first */
  GPtrArray *slots;     /* (nullable) (element-type AnxSlot) free ones of @month, soonest first */
  GPtrArray *nearby;    /* (nullable) (element-type AnxSlot) what the hub offered when @slot could not be had */
  gboolean lapsed;      /* @slot is offered no more; otherwise it is somebody else's */
  int month;            /* months after the present one that is looked at */
  int day;              /* julian day in the centre's zone, 0 until chosen */
  AnxSlot *slot;        /* (nullable) the chosen one */
  char *name;
  gboolean alias;
  char *phone;          /* empty = has none */

  char *id;             /* of the claim; I1 */
  char *code;
  char *code_key;       /* (nullable) until derived */
  gboolean uncertain;   /* sent, answer unknown */
  char *abandoned;      /* (nullable) claim to give back, with its key */
  char *abandoned_key;
  gint64 held_until_usec; /* 0 = not held */
  gboolean waiting;     /* not a time, but a place on the waiting list */
  JsonObject *booking;  /* (nullable) as the hub confirmed it */
  char *moving;         /* (nullable) the booking that gets another time; its key is @code_key */
} AnxBookingDraft;

AnxBookingDraft *anx_booking_draft_new (void) G_GNUC_WARN_UNUSED_RESULT;
AnxBookingDraft *anx_booking_draft_ref (AnxBookingDraft *self);
void             anx_booking_draft_unref (AnxBookingDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxBookingDraft, anx_booking_draft_unref)

AnxBookingDraft *anx_booking_draft_of_window (AnxResidentWindow *window); /* (transfer none) made when there is none */
void             anx_booking_draft_forget (AnxResidentWindow *window);

void        anx_slot_free (AnxSlot *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxSlot, anx_slot_free)
AnxSlot    *anx_slot_copy (const AnxSlot *self) G_GNUC_WARN_UNUSED_RESULT;
/* Slots of "slots" in @answer. */
GPtrArray  *anx_slots_parse (JsonNode *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* G_IO_ERROR_INVALID_DATA */
GPtrArray  *anx_slots_parse_alternatives (JsonObject *problem) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
int         anx_slot_get_day (const AnxSlot *self, const char *zone);

void        anx_booking_draft_choose_slot (AnxBookingDraft *self, const AnxSlot *slot);
gboolean    anx_booking_draft_is_asked (AnxBookingDraft *self); /* not booked: the staff will answer */
gboolean    anx_booking_draft_lose_slot (AnxBookingDraft *self, JsonObject *problem);
void        anx_booking_draft_prepare_claim (AnxBookingDraft *self);
JsonObject *anx_booking_draft_build_claim (AnxBookingDraft *self, AnxResident *resident) G_GNUC_WARN_UNUSED_RESULT;
char       *anx_booking_draft_dup_slots_path (AnxBookingDraft *self, AnxResident *resident, gint64 from_usec, gint64 to_usec) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
