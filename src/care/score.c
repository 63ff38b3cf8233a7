/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <math.h>
#include <string.h>

/*
 * Scores and safety findings of a filling in.
 *
 * A2  A score is present only when every item it needs has an answer, or its rule allows the gaps; declined is a
 *     gap, never 0.
 * A3  An answer that a safety rule names is a finding, whatever enableWhen says about its item now: what was said
 *     was said.
 * A4  A prorated score never stands for green.
 */

/**
 * anx_score_free:
 * @data: (nullable) (transfer full): an #AnxScore
 *
 * Frees it.
 */
void
anx_score_free (gpointer data)
{
  AnxScore *score = data;
  if (score == NULL)
    return;
  g_free (score->code);
  g_free (score->name_zh);
  g_free (score->name_en);
  g_free (score->band);
  g_free (score->band_text_zh);
  g_free (score->band_text_en);
  g_free (score->band_name_zh);
  g_free (score->band_name_en);
  g_free (score->citation);
  g_free (score->cut_off_reason);
  g_free (score);
}

/**
 * anx_questionnaire_find_score:
 * @self: a questionnaire, perhaps still being read
 * @code: a score's code
 *
 * Returns: the place of its rule, the first with this code; %G_MAXUINT when there is none
 */
guint
anx_questionnaire_find_score (AnxQuestionnaire *self,
                              const char *code)
{
  for (guint i = 0; i < self->scores->len; i++)
    if (strcmp (((AnxScoreRule *) self->scores->pdata[i])->code, code) == 0)
      return i;
  return G_MAXUINT;
}

/**
 * anx_questionnaire_get_band:
 * @self: a questionnaire, a site's own cut-offs applied or not
 * @score: the code of one of its scores
 * @index: from 0, ascending by value
 * @out_from: (out): the lowest value in the band
 * @out_to: (out): the highest value in the band
 * @out_level: (out): its level
 *
 * Returns: whether there is such a band; if not, nothing is set
 */
gboolean
anx_questionnaire_get_band (AnxQuestionnaire *self,
                            const char *score,
                            guint index,
                            double *out_from,
                            double *out_to,
                            AnxLevel *out_level)
{
  g_return_val_if_fail (self != NULL && score != NULL, FALSE);
  guint place = anx_questionnaire_find_score (self, score);
  const AnxScoreRule *rule = place != G_MAXUINT ? g_ptr_array_index (self->scores, place) : NULL;
  if (rule == NULL || index >= rule->bands->len)
    return FALSE;
  const AnxBand *band = g_ptr_array_index (rule->bands, index);
  *out_from = band->from;
  *out_to = band->to;
  *out_level = band->level;
  return TRUE;
}

/**
 * anx_score_round:
 * @rule: a score's rule
 * @value: a value
 *
 * Returns: the value as the rule rounds it. What is a whole number but for the error of binary fractions (1.25 × 36 as well as 0.1 × 30)
 *   counts as that number, so that "down" cannot lose a point
 */
double
anx_score_round (const AnxScoreRule *rule,
                 double value)
{
  if (rule->rounding == ANX_ROUNDING_NONE || !isfinite (value))
    return value;
  double whole = round (value);
  if (fabs (value - whole) < 1e-9)
    return whole;
  return rule->rounding == ANX_ROUNDING_UP     ? ceil (value)
         : rule->rounding == ANX_ROUNDING_DOWN ? floor (value)
                                               : floor (value + 0.5);
}

static gboolean
transform (const AnxScoreRule *rule,
           double *inout_value)
{
  if (rule->transform->len == 0)
    return TRUE;
  for (guint i = 0; i < rule->transform->len; i++)
    {
      AnxTransformRow *row = &g_array_index (rule->transform, AnxTransformRow, i);
      if (*inout_value >= row->from && *inout_value <= row->to)
        {
          *inout_value = row->value;
          return TRUE;
        }
    }
  return FALSE;
}

/*
 * A prorated value can fall between two bands (4.5 between 0–4 and 5–9). It goes to the nearer one and in the middle
 * to the upper one.
 */
static AnxBand *
find_band (const AnxScoreRule *rule,
           double value)
{
  for (guint i = 0; i < rule->bands->len; i++)
    {
      AnxBand *band = g_ptr_array_index (rule->bands, i);
      AnxBand *next = i + 1 < rule->bands->len ? g_ptr_array_index (rule->bands, i + 1) : NULL;
      if (value <= band->to || next == NULL || (value < next->from && value - band->to < next->from - value))
        return band;
    }
  return NULL;
}

static void
copy_words (const AnxText *text,
            char **out_zh,
            char **out_en)
{
  *out_zh = anx_questionnaire_dup_text (text, "zh");
  *out_en = anx_questionnaire_dup_text (text, "en");
}

static void
set_band (AnxScore *score,
          const AnxScoreRule *rule)
{
  AnxBand *band = find_band (rule, score->value);
  if (band != NULL)
    {
      score->band = g_strdup (band->code);
      const AnxText *name = band->name.own != NULL ? &band->name : &band->text;
      copy_words (&band->text, &score->band_text_zh, &score->band_text_en);
      copy_words (name, &score->band_name_zh, &score->band_name_en);
      score->level = band->level;
      score->citation = g_strdup (band->citation);
      score->cut_off_reason = g_strdup (rule->cut_off_reason);
    }
  if (score->prorated && score->level == ANX_LEVEL_GREEN)
    score->level = ANX_LEVEL_YELLOW;
}

typedef struct
{
  double sum;
  guint answered;
  guint missing;
  gboolean prorated; /* one of the scores it counts is */
} Sum;

static void
add (Sum *sum,
     const AnxScoreRule *rule,
     double weight)
{
  sum->sum += !rule->counts ? weight : weight >= rule->count_at ? 1 : 0;
  sum->answered++;
}

static void
add_items (AnxAnswers *self,
           const AnxScoreRule *rule,
           Sum *sum)
{
  for (guint i = 0; i < rule->items->len; i++)
    {
      double weight = 0;
      AnxWeighed weighed = anx_answers_weigh (self, g_array_index (rule->items, guint, i), &weight);
      if (weighed == ANX_WEIGHED)
        add (sum, rule, weight);
      else if (weighed == ANX_NOT_ASKED && rule->skipped_is_zero)
        sum->answered++;
      else
        sum->missing++;
    }
}

static void
add_scores (GPtrArray *scores,
            const AnxScoreRule *rule,
            Sum *sum)
{
  for (guint i = 0; i < rule->scores->len; i++)
    {
      AnxScore *input = g_ptr_array_index (scores, g_array_index (rule->scores, guint, i));
      if (input->present)
        add (sum, rule, input->value);
      else
        sum->missing++;
      sum->prorated |= input->prorated;
    }
}

/* One number, or a boolean that counts 1 or 0. */
static gboolean
evaluate (AnxEvaluation *evaluation,
          AnxFhirpath *expression,
          double *out_value)
{
  g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (evaluation, NULL, NULL, expression);
  gboolean truth;
  if (result == NULL || anx_fhirpath_collection_get_length (result) != 1)
    return FALSE;
  if (anx_fhirpath_item_get_boolean (anx_fhirpath_collection_get (result, 0), &truth))
    {
      *out_value = truth ? 1 : 0;
      return TRUE;
    }
  return anx_fhirpath_collection_to_double (result, out_value) && isfinite (*out_value);
}

static AnxScore *
compute_score (AnxAnswers *self,
               const AnxScoreRule *rule,
               GPtrArray *scores,
               AnxEvaluation *evaluation)
{
  Sum sum = { 0 };
  add_items (self, rule, &sum);
  add_scores (scores, rule, &sum);
  AnxScore *score = g_new0 (AnxScore, 1);
  score->code = g_strdup (rule->code);
  copy_words (&rule->name, &score->name_zh, &score->name_en);
  score->n_answered = sum.answered;
  score->n_missing = sum.missing;
  gboolean asks = rule->items->len + rule->scores->len > 0;
  if (sum.missing > rule->max_missing || (asks && sum.answered == 0))
    return score;
  double value;
  if (rule->expression == NULL)
    value = sum.sum + sum.sum / sum.answered * sum.missing;
  else if (!evaluate (evaluation, rule->expression, &value))
    return score;
  value = anx_score_round (rule, value * rule->multiplier + rule->addend);
  if (!transform (rule, &value))
    return score;
  score->present = TRUE;
  score->prorated = sum.missing > 0 || sum.prorated;
  score->value = value;
  set_band (score, rule);
  return score;
}

/* The response is built for expressions only when there are some. */
static AnxEvaluation *
need_evaluation (AnxAnswers *self)
{
  AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (self);
  anx_answers_settle (self);
  for (guint i = 0; i < questionnaire->scores->len; i++)
    if (((AnxScoreRule *) questionnaire->scores->pdata[i])->expression != NULL)
      return anx_evaluation_new (self, NULL);
  for (guint i = 0; i < questionnaire->safety->len; i++)
    if (((AnxSafetyRule *) questionnaire->safety->pdata[i])->expression != NULL)
      return anx_evaluation_new (self, NULL);
  return NULL;
}

static GPtrArray *
compute_scores (AnxAnswers *self,
                AnxEvaluation *evaluation)
{
  GPtrArray *rules = anx_answers_get_questionnaire (self)->scores;
  GPtrArray *scores = g_ptr_array_new_with_free_func (anx_score_free);
  for (guint i = 0; i < rules->len; i++)
    {
      AnxScoreRule *rule = g_ptr_array_index (rules, i);
      AnxScore *score = compute_score (self, rule, scores, evaluation);
      g_ptr_array_add (scores, score);
      if (evaluation != NULL)
        anx_evaluation_set_number (evaluation, rule->variable, score->present, score->value);
    }
  return scores;
}

/**
 * anx_answers_compute_scores:
 * @self: a filling in
 *
 * For each score the file declares, in its order: the sum of the weights of its items and of the scores it counts, times its multiplier, plus
 * its addend, rounded and transformed as its rule says. An item without an answer or declined is missing; up to `maxMissing` of them are
 * replaced by the mean of the others and the score is marked prorated; with more it is not present. A prorated score is never green.
 *
 * Returns: (transfer full) (element-type AnxScore): one for each score of the file, in its order
 */
GPtrArray *
anx_answers_compute_scores (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  g_autoptr (AnxEvaluation) evaluation = need_evaluation (self);
  return compute_scores (self, evaluation);
}

/* --- safety --- */

/**
 * anx_safety_finding_free:
 * @self: (nullable) (transfer full): a finding
 *
 * Frees it.
 */
void
anx_safety_finding_free (AnxSafetyFinding *self)
{
  if (self == NULL)
    return;
  g_free (self->rule);
  g_free (self->item);
  g_free (self->score);
  g_free (self);
}

/* What all findings of one moment look at. */
typedef struct
{
  AnxAnswers *self;
  AnxEvaluation *evaluation; /* (nullable) */
  GPtrArray *scores;         /* (nullable) */
} Look;

static gboolean
answer_fires (AnxAnswers *self,
              const AnxSafetyRule *rule)
{
  const AnxSlot *slot = anx_answers_get_slot (self, rule->item);
  if (slot->declined)
    return rule->declined_is_finding;
  for (guint i = 0; i < anx_slot_get_n_answers (slot); i++)
    {
      const AnxAnswer *answer = &g_array_index (slot->answers, AnxAnswer, i);
      if (answer->option >= 0 ? rule->options[answer->option] != 0
                              : rule->has_minimum_weight && answer->value->number >= rule->minimum_weight)
        return TRUE;
    }
  return FALSE;
}

static gboolean
rule_fires (Look *look,
            const AnxSafetyRule *rule)
{
  if (rule->expression != NULL)
    {
      g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (look->evaluation, NULL, NULL, rule->expression);
      AnxFhirpathTruth truth = ANX_FHIRPATH_UNKNOWN;
      return result != NULL && anx_fhirpath_collection_to_truth (result, &truth, NULL) && truth == ANX_FHIRPATH_TRUE;
    }
  if (rule->score != G_MAXUINT)
    {
      AnxScore *score = g_ptr_array_index (look->scores, rule->score);
      return score->present && score->value >= rule->minimum;
    }
  return answer_fires (look->self, rule);
}

static AnxSafetyFinding *
make_finding (AnxAnswers *self,
              const AnxSafetyRule *rule)
{
  AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (self);
  AnxSafetyFinding *finding = g_new0 (AnxSafetyFinding, 1);
  finding->rule = g_strdup (rule->code);
  finding->level = rule->level;
  if (rule->item != G_MAXUINT)
    finding->item = g_strdup (anx_questionnaire_get_question (questionnaire, rule->item)->public.link_id);
  if (rule->score != G_MAXUINT)
    finding->score = g_strdup (((AnxScoreRule *) questionnaire->scores->pdata[rule->score])->code);
  return finding;
}

static void
look_clear (Look *look)
{
  g_clear_pointer (&look->evaluation, anx_evaluation_free);
  g_clear_pointer (&look->scores, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

static void
look_at (Look *look,
         AnxAnswers *self)
{
  GPtrArray *rules = anx_answers_get_questionnaire (self)->safety;
  if (rules->len == 0)
    return;
  anx_answers_settle (self);
  look->self = self;
  gboolean needed = FALSE;
  for (guint i = 0; i < rules->len; i++)
    needed |= ((AnxSafetyRule *) rules->pdata[i])->item == G_MAXUINT;
  if (!needed)
    return;
  look->evaluation = need_evaluation (self);
  look->scores = compute_scores (self, look->evaluation);
}

/**
 * anx_answers_find_safety:
 * @self: a filling in
 *
 * Returns: (transfer full) (element-type AnxSafetyFinding): what the file's safety rules find in all answers and scores, in the
 *   file's order; empty when nothing. An answer counts even when its item is no longer asked
 */
GPtrArray *
anx_answers_find_safety (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  GPtrArray *rules = anx_answers_get_questionnaire (self)->safety;
  g_auto (Look) look = { 0 };
  look_at (&look, self);
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_safety_finding_free);
  for (guint i = 0; i < rules->len; i++)
    {
      AnxSafetyRule *rule = g_ptr_array_index (rules, i);
      if (rule_fires (&look, rule))
        g_ptr_array_add (findings, make_finding (self, rule));
    }
  return findings;
}

static gboolean
counts_item (AnxQuestionnaire *self,
             const AnxScoreRule *rule,
             guint item)
{
  if (rule->expression != NULL)
    return TRUE;
  for (guint i = 0; i < rule->items->len; i++)
    if (g_array_index (rule->items, guint, i) == item)
      return TRUE;
  /* A score only counts scores before it, so this ends. */
  for (guint i = 0; i < rule->scores->len; i++)
    if (counts_item (self, g_ptr_array_index (self->scores, g_array_index (rule->scores, guint, i)), item))
      return TRUE;
  return FALSE;
}

/**
 * anx_answers_find_safety_of:
 * @self: a filling in
 * @index: the item that was just answered
 *
 * Returns: (transfer full) (nullable): the highest finding of that one answer, of a score it counts in or of an expression, %NULL when there is
 *   none
 */
AnxSafetyFinding *
anx_answers_find_safety_of (AnxAnswers *self,
                            guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  AnxQuestionnaire *questionnaire = anx_answers_get_questionnaire (self);
  g_return_val_if_fail (index < anx_answers_get_n_indexes (self), NULL);
  g_auto (Look) look = { 0 };
  look_at (&look, self);
  AnxSafetyRule *highest = NULL;
  for (guint i = 0; i < questionnaire->safety->len; i++)
    {
      AnxSafetyRule *rule = g_ptr_array_index (questionnaire->safety, i);
      /* What an expression looks at cannot be known, so it is always asked. */
      gboolean concerned = rule->item == index || rule->expression != NULL ||
                           (rule->score != G_MAXUINT &&
                            counts_item (questionnaire, questionnaire->scores->pdata[rule->score], index));
      if (concerned && rule_fires (&look, rule) && (highest == NULL || rule->level > highest->level))
        highest = rule;
    }
  return highest != NULL ? make_finding (self, highest) : NULL;
}
