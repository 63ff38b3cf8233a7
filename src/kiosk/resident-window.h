/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "page-stack.h"

G_BEGIN_DECLS

/*
 * The resident process's one window: header (centre, room, clock; language, text size, contrast), the present page, footer ("Back", "Leave",
 * "I need help now", what is queued). Counts idleness and warns 20 s before it leaves. Main thread.
 */
#define ANX_TYPE_RESIDENT_WINDOW (anx_resident_window_get_type ())
G_DECLARE_FINAL_TYPE (AnxResidentWindow, anx_resident_window, ANX, RESIDENT_WINDOW, GtkWindow)

GtkWidget   *anx_resident_window_new (AnxResident *resident);
AnxResident *anx_resident_window_get_resident (AnxResidentWindow *self);
/* The pages, for what is rarer than the four below. */
AnxPageStack *anx_resident_window_get_pages (AnxResidentWindow *self);
void         anx_resident_window_push (AnxResidentWindow *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy);
void         anx_resident_window_back (AnxResidentWindow *self);
void         anx_resident_window_home (AnxResidentWindow *self);                 /* forgets the pages in between */
void         anx_resident_window_replace (AnxResidentWindow *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy); /* back never returns to the present page */
void         anx_resident_window_wind_up (AnxResidentWindow *self);                 /* all of leaving but the end of the process */
void         anx_resident_window_show_help (AnxResidentWindow *self, AnxLevel level, const char *reason); /* raises the alert, shows the help page */
guint        anx_resident_window_get_idle_limit (AnxResidentWindow *self); /* of the present page */
/* Lays the window out at its later size while nobody sees it, so that the first touch only has to show it; 0 = the monitor's size. */
void         anx_resident_window_prepare (AnxResidentWindow *self, int width, int height);
/* @language: "zh" or "en"; @page: "" or "help". */
void         anx_resident_window_begin (AnxResidentWindow *self, const char *language, const char *page);
void         anx_resident_window_leave (AnxResidentWindow *self);                /* wipes and ends the process at once */

/* The makers of the first page of each part. */
GtkWidget *anx_home_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_booking_page_make (AnxResidentWindow *window, gpointer data);     /* service → counsellor → day and time → name → phone → review → slip */
GtkWidget *anx_screening_page_make (AnxResidentWindow *window, gpointer data);   /* consent → items → result */
GtkWidget *anx_check_in_page_make (AnxResidentWindow *window, gpointer data);    /* code → waiting → call → rating */
GtkWidget *anx_lookup_page_make (AnxResidentWindow *window, gpointer data);      /* code → what became of it */
GtkWidget *anx_help_page_make (AnxResidentWindow *window, gpointer data);

/* The code keypad that check-in and lookup share: @done gets the normalised code. */
typedef void (*AnxCodeDone) (AnxResidentWindow *window, const char *code, gpointer user_data);
GtkWidget *anx_code_page_make (AnxResidentWindow *window, const char *heading, AnxCodeDone done, gpointer user_data);
/* A code shown once: large letters, a picture, what to do with it, and (nullable) @more. */
GtkWidget *anx_code_card_new (AnxResidentWindow *window, const char *code, const char *advice, GtkWidget *more);
/* Short texts on what helps, from `kiosk/learn.json`. */
GtkWidget *anx_learn_page_make (AnxResidentWindow *window, gpointer data);

G_END_DECLS
