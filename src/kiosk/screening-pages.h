/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "screening-run.h"

G_BEGIN_DECLS

/* Where in a run a page stands; the data of the pages behind the first one. */
typedef struct
{
  AnxScreeningRun *run;
  guint part;
  guint item;
} AnxScreeningPlace;

/* Frees it, as a GDestroyNotify. */
void               anx_screening_place_destroy (gpointer place);
AnxScreeningPlace *anx_screening_place_new (AnxScreeningRun *run, guint part, guint item) G_GNUC_WARN_UNUSED_RESULT;
void               anx_screening_place_free (AnxScreeningPlace *self);

GtkWidget *anx_screening_item_page_make (AnxResidentWindow *window, gpointer data);
GtkWidget *anx_screening_stop_page_make (AnxResidentWindow *window, gpointer data);   /* go on later, or finish here */
GtkWidget *anx_screening_resume_page_make (AnxResidentWindow *window, gpointer data); /* the code of kept answers; data is not used */
GtkWidget *anx_screening_result_page_make (AnxResidentWindow *window, gpointer data);
/* What a counsellor asks for; @data is the id of a questionnaire, as text. */
GtkWidget *anx_screening_assigned_page_make (AnxResidentWindow *window, gpointer data);
/* Hands over what there is and shows the result; from @page, which waits meanwhile. */
void       anx_screening_finish (AnxResidentWindow *window, AnxPage *page, AnxScreeningRun *run);

G_END_DECLS
