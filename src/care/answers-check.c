/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

/* What stands in the way of handing a filling in in. */

static void
problem_free (gpointer data)
{
  AnxAnswersProblem *problem = data;
  g_free (problem->link_id);
  g_free (problem->text);
  g_free (problem);
}

static void
add_problem (GPtrArray *problems,
             const char *link_id,
             guint index,
             const AnxConstraint *constraint)
{
  AnxAnswersProblem *problem = g_new0 (AnxAnswersProblem, 1);
  problem->link_id = g_strdup (link_id);
  problem->index = index;
  if (constraint != NULL)
    {
      problem->warning = constraint->warning;
      problem->text = g_strdup (constraint->human.own != NULL ? constraint->human.own : constraint->key);
    }
  g_ptr_array_add (problems, problem);
}

/* What cannot be said is no reason to hold somebody back; what is false is. */
static void
check_constraints (GPtrArray *problems,
                   AnxEvaluation *evaluation,
                   AnxFrame *frame,
                   const AnxNode *node,
                   GPtrArray *constraints,
                   guint index)
{
  for (guint i = 0; constraints != NULL && i < constraints->len; i++)
    {
      AnxConstraint *constraint = g_ptr_array_index (constraints, i);
      g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (evaluation, frame, node, constraint->expression);
      AnxFhirpathTruth truth = ANX_FHIRPATH_UNKNOWN;
      if (result == NULL || !anx_fhirpath_collection_to_truth (result, &truth, NULL) || truth == ANX_FHIRPATH_FALSE)
        add_problem (problems, node != NULL ? node->link_id : "", index, constraint);
    }
}

static void
check_node (AnxAnswers *self,
            GPtrArray *problems,
            AnxEvaluation *evaluation,
            AnxFrame *frame,
            const AnxNode *node)
{
  guint index = node->question != G_MAXUINT ? frame->places[node->local] : G_MAXUINT;
  if (index != G_MAXUINT && !anx_answers_is_enabled (self, index))
    return;
  if (index != G_MAXUINT)
    {
      AnxSlot *slot = anx_answers_get_slot (self, index);
      guint n = anx_slot_get_n_answers (slot);
      guint least = MAX (node->min_occurs, node->required ? 1 : 0);
      if (!node->hidden && !node->read_only && !slot->declined && n < least)
        add_problem (problems, node->link_id, index, NULL);
    }
  if (evaluation != NULL)
    check_constraints (problems, evaluation, frame, node, node->constraints, index);
}

static void
check_frame (AnxAnswers *self,
             GPtrArray *problems,
             AnxEvaluation *evaluation,
             AnxFrame *frame,
             guint from,
             guint to)
{
  for (guint i = from; i < to;)
    {
      AnxNode *node = anx_questionnaire_get_node (self->questionnaire, i);
      if (node->type != ANX_ITEM_GROUP || !node->repeats)
        {
          check_node (self, problems, evaluation, frame, node);
          i++;
          continue;
        }
      for (guint k = 0; k < frame->children->len; k++)
        {
          AnxFrame *child = frame->children->pdata[k];
          if (child->group != i)
            continue;
          check_node (self, problems, evaluation, child, node);
          check_frame (self, problems, evaluation, child, i + 1, node->end);
        }
      i = node->end;
    }
}

static gboolean
has_constraints (AnxQuestionnaire *self)
{
  if (self->constraints != NULL)
    return TRUE;
  for (guint i = 0; i < self->nodes->len; i++)
    if (((AnxNode *) self->nodes->pdata[i])->constraints != NULL)
      return TRUE;
  return FALSE;
}

/**
 * anx_answers_check:
 * @self: a filling in
 *
 * Looks for required items that are asked and have neither an answer nor a refusal, and for constraints of the file that do not hold.
 *
 * Returns: (transfer full) (element-type AnxAnswersProblem): them in the order of the file; empty when nothing is in the way
 */
GPtrArray *
anx_answers_check (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  anx_answers_settle (self);
  GPtrArray *problems = g_ptr_array_new_with_free_func (problem_free);
  g_autoptr (AnxEvaluation) evaluation = has_constraints (self->questionnaire) ? anx_evaluation_new (self, NULL) : NULL;
  check_frame (self, problems, evaluation, self->root, 0, self->questionnaire->nodes->len);
  if (evaluation != NULL)
    check_constraints (problems, evaluation, NULL, NULL, self->questionnaire->constraints, G_MAXUINT);
  return problems;
}
