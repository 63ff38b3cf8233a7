/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "resident-window.h"

G_BEGIN_DECLS

/*
 * The questionnaires of this visit and what was answered, in memory only. It is submitted (sealed, to the outbox) when the resident has
 * agreed and there is somebody to read it. Reference counted. Main thread.
 *
 * Invariants:
 *   I1: without consent nothing of the answers leaves this process.
 *   I2: what has been submitted is submitted again only when an answer has been added or changed since.
 *   I3: with consent, answers that carry a safety finding are handed over at once, not on the last page.
 */
typedef enum
{
  ANX_SHARING_UNDECIDED,
  ANX_SHARING_YES,
  ANX_SHARING_NO,
} AnxSharing;

typedef struct
{
  GPtrArray *answers;    /* (element-type AnxAnswers) one a questionnaire, in their order */
  AnxSharing sharing;
  AnxLevel level;        /* the highest a safety finding has had */
  GHashTable *alerted;   /* rules an alert was raised for, with the level */
  guint edition;         /* grows with each answer */
  guint handed_edition;  /* what was submitted last; 0 = nothing yet */
  char *handed_to;       /* (nullable) its readers */
  char *handed_id;       /* (nullable) its id: what is handed over next names it as its predecessor */
  gboolean finished;
} AnxScreeningRun;

AnxScreeningRun *anx_screening_run_new (GError **error) G_GNUC_WARN_UNUSED_RESULT; /* reads the questionnaires */
AnxScreeningRun *anx_screening_run_ref (AnxScreeningRun *self);
void             anx_screening_run_unref (AnxScreeningRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxScreeningRun, anx_screening_run_unref)

AnxScreeningRun *anx_screening_run_of_window (AnxResidentWindow *window); /* (nullable) (transfer none) */
void             anx_screening_run_keep (AnxResidentWindow *window, AnxScreeningRun *run); /* (nullable) forgets the one before */

void       anx_screening_run_set (AnxScreeningRun *self, guint part, guint item, int option);
/* Whether @finding says something no alert has been raised for yet; remembers it. */
gboolean   anx_screening_run_note_finding (AnxScreeningRun *self, const AnxSafetyFinding *finding);
gboolean   anx_screening_run_is_handed_over (AnxScreeningRun *self); /* all of it is in the outbox, or at the hub */
gboolean   anx_screening_run_has_answers (AnxScreeningRun *self);
/* Who reads it if submitted now: the booked counsellor, the duty group with a finding; (transfer full) perhaps empty. */
char     **anx_screening_run_list_readers (AnxScreeningRun *self, AnxResident *resident) G_GNUC_WARN_UNUSED_RESULT;

/* Hands over what there is if there is consent, a reader and something new. Finishes TRUE when something is in the outbox. */
void       anx_screening_run_submit_async (AnxScreeningRun *self, AnxResident *resident, GAsyncReadyCallback callback, gpointer user_data);
gboolean   anx_screening_run_submit_finish (AnxScreeningRun *self, GAsyncResult *result, GError **error);

G_END_DECLS
