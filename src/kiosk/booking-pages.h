/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "booking-draft.h"

G_BEGIN_DECLS

/*
 * What the pages of a booking share. Each page holds one AnxBookingStep as its data, freed with the page; an answer of the hub that comes
 * later than the page finds it by the reference it took. Main thread.
 */
typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  AnxPage *page;             /* the page that owns this */
  AnxBookingDraft *draft;
} AnxBookingStep;

AnxBookingStep *anx_booking_step_new (AnxResidentWindow *window, AnxBookingDraft *draft, GtkWidget *page);
void            anx_booking_step_push (AnxBookingStep *self, AnxPageMaker maker);
void            anx_booking_step_replace (AnxBookingStep *self, AnxPageMaker maker);
void            anx_booking_step_conclude (AnxBookingStep *self, AnxPageMaker maker);

void            anx_booking_step_choose (AnxBookingStep *self, const AnxSlot *slot, AnxPageMaker next);
void            anx_booking_step_renew_hold (AnxBookingStep *self);
/* Free times between two instants, as many requests as it takes; the callback gets the page's step. */
typedef void (*AnxSlotsDone) (AnxBookingStep *step, GPtrArray *slots, const GError *error); /* @slots (nullable) (transfer full) */
void            anx_booking_step_find_slots (AnxBookingStep *self, gint64 from_usec, gint64 to_usec, gboolean only_first, AnxSlotsDone done);
/* How far ahead the draft's service is booked, in days. */
int             anx_booking_step_get_horizon (AnxBookingStep *self);
/* Behind the choice of a time: the name of the resident, or the review of a move. */
AnxPageMaker    anx_booking_step_after_time (AnxBookingStep *self);

/* The pages behind the first one; data is the AnxBookingDraft. */
GtkWidget *anx_booking_age_page_make (AnxResidentWindow *window, gpointer data);     /* is whoever comes of the age it is for? */
GtkWidget *anx_booking_counsellor_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_day_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_time_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_name_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_phone_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_review_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_taken_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_none_page_make (AnxResidentWindow *window, gpointer data);    /* nothing is free */
GtkWidget *anx_booking_move_page_make (AnxResidentWindow *window, gpointer data);    /* is the new time right? */
GtkWidget *anx_waiting_list_page_make (AnxResidentWindow *window, gpointer data);    /* review of a wish */
GtkWidget *anx_ticket_page_make (AnxResidentWindow *window, gpointer data);          /* a number for today */
GtkWidget *anx_slip_page_make (AnxResidentWindow *window, gpointer data);

/* The error of a request of the hub in words for people: what happened, what is safe, what to do. (transfer none) */
const char *anx_booking_problem_text (const GError *error);

/* A line "label: value" of a review or a slip. */
GtkWidget *anx_booking_fact_new (const char *label, const char *value);

G_END_DECLS
