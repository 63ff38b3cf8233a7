/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call-company.h"
#include "call.h"
#include "resident-window.h"

G_BEGIN_DECLS

/*
 * One booked session at the kiosk, from check-in to rating. Listens for the counsellor's offer, answers it with a call, and moves the window
 * from waiting to call to rating. Its pages belong to it, and it moves no other; the last one ends the call. Main thread.
 *   S1  a session in a call has one page, that of the call, so that "Back" from it ends the call
 *   S2  a talk with a colleague who answered the alert, or their question whether to talk, is not ended, and not covered, by the counsellor of
 *       the booking
 *   S3  one talk at a time: camera and microphone are never open for two. Who answers a colleague ends the talk with the counsellor, and is
 *       told so before
 *   S4  who sits in by the booking is called in by the counsellor's call and goes with it; their leaving ends nothing else
 */
typedef struct _AnxSession AnxSession;

AnxSession *anx_session_new (AnxResidentWindow *window);          /* of the booking the visit holds */
/* Of an alert, the visit's one: when a colleague who answered it calls, the page of talk-page.c asks first; "not now" or leaving that page tells them. */
AnxSession *anx_session_new_for_alert (AnxResidentWindow *window);
void        anx_session_accept (AnxSession *self);
const char *anx_session_get_talking_with (AnxSession *self);      /* (nullable) principal; answering ends that talk */
void        anx_session_refuse (gpointer self);                   /* gives up a reference */
gboolean    anx_session_is_for_alert (AnxSession *self);
void        anx_session_leave (AnxResident *resident);
AnxSession *anx_session_ref (AnxSession *self);
void        anx_session_unref (gpointer self);
AnxCall    *anx_session_get_waiting_call (AnxSession *self);      /* (nullable) makes it when there is none */
AnxCall    *anx_session_get_call (AnxSession *self);              /* (nullable) */
AnxCallCompany *anx_session_get_company (AnxSession *self);       /* (nullable) the others of a joint session */
const char *anx_session_get_counsellor (AnxSession *self);        /* principal */
gboolean    anx_session_is_delegated (AnxSession *self);          /* the counsellor speaks through a browser */
const char *anx_session_get_problem (AnxSession *self);           /* (nullable) why no call could be made, for people */

/* The pages; their data is an #AnxSession. */
GtkWidget *anx_talk_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_waiting_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_device_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_call_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_rating_page_make (AnxResidentWindow *window, gpointer data);

G_END_DECLS
