/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "directory.h"
#include "questionnaire.h"

G_BEGIN_DECLS

/*
 * Which questionnaires there are here, and who may be asked them: those that came with the program, and the packs of the signed directory
 * (`questionnaires`: id, text of the file, approved, by, at), each with the cut-offs the district has set of its own (`cutOffs`: documents as
 * anx_questionnaire_apply_cut_offs() takes them, of which the last for a version counts). Immutable; the files are read with the first question. One thread.
 *
 * Invariants:
 *   Q1: of an id that the directory holds, only the directory's text is opened; a pack that cannot be used is no reason to fall back.
 *   Q2: a draft, or a translation that waits for its review, is opened only when the directory has it approved with this very text.
 *   Q3: a file without its wording is never opened, approved or not.
 *   Q4: what only counsellors hand out is opened only when a counsellor asked for it.
 *   Q5: what a kiosk cannot show, it does not ask: every question has its answers to choose one from.
 */
typedef struct _AnxQuestionnaireShelf AnxQuestionnaireShelf;

typedef enum
{
  ANX_SHELF_OFFERED,  /* anybody may choose it */
  ANX_SHELF_ASSIGNED, /* a counsellor asks this resident for it */
} AnxShelfUse;

/* Owned by the shelf. */
typedef struct
{
  char *id;
  char *status;            /* of the file: active, draft, retired */
  char *translation;       /* (nullable) pending-review, wording-missing */
  char *digest;            /* SHA-256 of the file, lower-case hex */
  char *by;                /* (nullable) who took it, or its cut-offs, into the directory; NULL: it came with the program */
  gint64 since_usec;       /* when; 0: it came with the program */
  gboolean approved;       /* an administrator let it be asked although it is a draft */
  gboolean signed_in;      /* the text is the directory's */
  char *cut_off_reason;    /* (nullable) why the district has cut-offs of its own */
  AnxQuestionnaire *questionnaire;
} AnxShelfEntry;

AnxQuestionnaireShelf *anx_questionnaire_shelf_new (const char *folder, AnxDirectory *directory) G_GNUC_WARN_UNUSED_RESULT; /* @directory (nullable) */
void                   anx_questionnaire_shelf_free (AnxQuestionnaireShelf *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxQuestionnaireShelf, anx_questionnaire_shelf_free)

AnxQuestionnaire    *anx_questionnaire_shelf_open (AnxQuestionnaireShelf *self, const char *id, AnxShelfUse use, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean             anx_shelf_entry_allows (const AnxShelfEntry *entry, AnxShelfUse use, GError **error);
/* Every version of everything that can be read, sorted by id; the one that counts comes last of its id. */
GPtrArray           *anx_questionnaire_shelf_list (AnxQuestionnaireShelf *self); /* (transfer none) (element-type AnxShelfEntry) */
const AnxShelfEntry *anx_questionnaire_shelf_find (AnxQuestionnaireShelf *self, const char *canonical); /* (nullable) of exactly this version */

/* A pack for the directory out of the text of a file. */
JsonObject *anx_questionnaire_pack_build (const char *text, gssize length, gboolean approved, const char *by, gint64 now_usec, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
