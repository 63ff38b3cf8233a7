/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "call.h"
#include "resident-window.h"

G_BEGIN_DECLS

/*
 * One booked session at the kiosk, from check-in to rating. Listens for the counsellor's offer, answers it with a call, and moves the window
 * from waiting to call to rating. The pages of the session share it; the last one ends the call. Main thread.
 */
typedef struct _AnxSession AnxSession;

AnxSession *anx_session_new (AnxResidentWindow *window);          /* of the booking the visit holds */
AnxSession *anx_session_ref (AnxSession *self);
void        anx_session_unref (gpointer self);
AnxCall    *anx_session_get_call (AnxSession *self);              /* (nullable) */
const char *anx_session_get_counsellor (AnxSession *self);        /* principal */
gboolean    anx_session_is_delegated (AnxSession *self);          /* the counsellor speaks through a browser */
const char *anx_session_get_problem (AnxSession *self);           /* (nullable) why no call could be made, for people */

/* The pages; their data is an #AnxSession. */
GtkWidget *anx_waiting_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_call_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_rating_page_make (AnxResidentWindow *window, gpointer data);

G_END_DECLS
