/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "screening-run.h"

G_BEGIN_DECLS

/* Where in a run a page stands; the data of the pages behind the first one, which belong to it. Reference counted: who waits for an answer
 * finds the page again by it, though its widget may be another by then. */
typedef struct
{
  AnxScreeningRun *run;
  guint part;
  guint item;
} AnxScreeningPlace;

AnxScreeningPlace *anx_screening_place_new (AnxScreeningRun *run, guint part, guint item) G_GNUC_WARN_UNUSED_RESULT;
AnxScreeningPlace *anx_screening_place_ref (AnxScreeningPlace *self) G_GNUC_WARN_UNUSED_RESULT;
void               anx_screening_place_unref (gpointer place); /* a GDestroyNotify */

GtkWidget *anx_screening_item_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_screening_stop_page_make (AnxResidentWindow *window, gpointer data);   /* go on later, or finish here */
GtkWidget *anx_screening_resume_page_make (AnxResidentWindow *window, gpointer data); /* the code of kept answers; data is not used */
GtkWidget *anx_screening_result_page_make (AnxResidentWindow *window, gpointer data);
/* What a counsellor asks for; @data is the id of a questionnaire, as text. */
GtkWidget *anx_screening_assigned_page_make (AnxResidentWindow *window, gpointer data);
/* Hands over what there is and shows the result in place of @page, which waits meanwhile and whose data is @place. */
void       anx_screening_finish (AnxResidentWindow *window, AnxPage *page, AnxScreeningPlace *place);

G_END_DECLS
