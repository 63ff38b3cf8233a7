/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "questionnaire-shelf.h"

G_BEGIN_DECLS

/*
 * The rule file `screening.json`: what is asked first and which answers lead to which further questionnaire (README.md has its
 * format). Immutable after reading. One thread.
 *
 * Invariants:
 *   L1: no rule and no choice opens what the shelf does not allow (Q1 to Q4 of questionnaire-shelf.h); only what a counsellor asks for is assigned.
 *   L2: a score that a rule asks for and that cannot be computed counts as reached: who leaves questions out is asked rather than missed.
 */
typedef struct _AnxScreeningPlan AnxScreeningPlan;

AnxScreeningPlan *anx_screening_plan_new (AnxDirectory *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
AnxScreeningPlan *anx_screening_plan_parse (JsonObject *rules, AnxDirectory *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void              anx_screening_plan_free (AnxScreeningPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxScreeningPlan, anx_screening_plan_free)

/* Opens one questionnaire by its id; an error says why it may not be asked here. */
AnxQuestionnaire *anx_screening_plan_open (AnxScreeningPlan *self, const char *id, gboolean assigned, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The ids that are asked first: the first list of the file that can be asked as a whole. */
char            **anx_screening_plan_list_first (AnxScreeningPlan *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the answers so far lead to, and is not among them yet; NULL = nothing more. */
const char       *anx_screening_plan_find_next (AnxScreeningPlan *self, GPtrArray *answers);
/* Whether @later asks @earlier's questions again, with others: then its words stand for both. */
gboolean          anx_screening_plan_extends (AnxScreeningPlan *self, const char *later, const char *earlier);
/* What the answers to @ids may lead to here. */
char            **anx_screening_plan_list_later (AnxScreeningPlan *self, const char *const *ids) G_GNUC_WARN_UNUSED_RESULT;
/* Whether to leave in the middle of it is to refuse the question one leaves at. */
gboolean          anx_screening_plan_is_refused (AnxScreeningPlan *self, const char *id);
gboolean          anx_screening_plan_shows_numbers (AnxScreeningPlan *self);
guint             anx_screening_plan_get_draft_hours (AnxScreeningPlan *self);

G_END_DECLS
