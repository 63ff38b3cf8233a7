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

/* The pages behind the first one; data is the AnxBookingDraft. */
GtkWidget *anx_booking_counsellor_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_day_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_time_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_name_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_phone_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_review_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_taken_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_slip_page_make (AnxResidentWindow *window, gpointer data);

/* The error of a request of the hub in words for people: what happened, what is safe, what to do. (transfer none) */
const char *anx_booking_problem_text (const GError *error);

/* A line "label: value" of a review or a slip. */
GtkWidget *anx_booking_fact_new (const char *label, const char *value);

G_END_DECLS
