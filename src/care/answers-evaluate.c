/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <math.h>
#include <string.h>

/*
 * What is asked, and what the file computes.
 *
 * Whether a question is asked by enableWhen is found out when somebody wants to know, once for each edition of the answers. Expressions
 * are evaluated all together, on a response built for them, and again until nothing changes: a computed answer can open a question, and
 * an answer behind a closed question does not count. Only those run again that may read what changed (anx_fhirpath_list_items()), on a response
 * that holds what they read; while no expression decides what is asked, walking through the questions runs none at all. E1: at most ROUNDS rounds; a file whose expressions never settle keeps what the
 * last one gave, the same on every machine. E2: an expression that fails has no value: a computed answer is empty, a condition does not hold.
 */
#define ROUNDS 8

/* --- enableWhen --- */

static gboolean
compare_holds (const AnxAnswers *self,
               const AnxCondition *condition,
               const AnxQuestion *question,
               const AnxAnswer *answer,
               const AnxAnswerValue *value)
{
  if (condition->operator == ANX_OPERATOR_EQUAL)
    return anx_answer_value_equal (value, condition->value);
  int order = anx_answer_value_compare (value, condition->value);
  if (condition->by_weight)
    {
      if (answer->option < 0)
        return FALSE;
      double weight = ((AnxOption *) question->options->pdata[answer->option])->weight;
      order = weight < condition->weight ? -1 : weight > condition->weight ? 1 : 0;
    }
  switch (condition->operator)
    {
    case ANX_OPERATOR_GREATER:
      return order == 1;
    case ANX_OPERATOR_LESS:
      return order == -1;
    case ANX_OPERATOR_GREATER_OR_EQUAL:
      return order == 1 || order == 0;
    default:
      return order == -1 || order == 0;
    }
}

static gboolean is_enabled (AnxAnswers *self, guint index);

/*
 * FHIR R4 questionnaire-enable-operator. A declined question and one that is not asked have no answer; without an answer only “exists
 * false” and “!=” (no answer has that value) hold. Of several answers one that fits is enough, for “!=” none may be equal.
 */
static gboolean
holds_for (AnxAnswers *self,
           const AnxCondition *condition,
           guint index)
{
  gboolean enabled = is_enabled (self, index);
  AnxSlot *slot = &g_array_index (self->slots, AnxSlot, index);
  AnxQuestion *question = anx_answers_get_question (self, slot);
  guint n = enabled ? anx_slot_get_n_answers (slot) : 0;
  if (condition->operator == ANX_OPERATOR_EXISTS)
    return (n > 0) == condition->value->boolean;
  for (guint i = 0; i < n; i++)
    {
      const AnxAnswerValue *value = anx_slot_get_value (self, slot, i);
      if (condition->operator == ANX_OPERATOR_NOT_EQUAL)
        {
          if (anx_answer_value_equal (value, condition->value))
            return FALSE;
        }
      else if (compare_holds (self, condition, question, &g_array_index (slot->answers, AnxAnswer, i), value))
        return TRUE;
    }
  return condition->operator == ANX_OPERATOR_NOT_EQUAL;
}

static gboolean
is_around (AnxAnswers *self,
           guint group,
           guint inner)
{
  if (group == G_MAXUINT)
    return TRUE;
  AnxNode *node = anx_questionnaire_get_node (self->questionnaire, group);
  return inner != G_MAXUINT && inner >= group && inner < node->end;
}

static gboolean
holds_below (AnxAnswers *self,
             const AnxCondition *condition,
             const AnxNode *target,
             AnxFrame *frame)
{
  if (frame->group == target->frame)
    return holds_for (self, condition, frame->places[target->local]);
  for (guint i = 0; frame->children != NULL && i < frame->children->len; i++)
    {
      AnxFrame *child = frame->children->pdata[i];
      if (is_around (self, child->group, target->frame) && holds_below (self, condition, target, child))
        return TRUE;
    }
  return FALSE;
}

/* The question of the same instance, or of the nearest around; when it stands in other repeating groups, any of its instances. */
static gboolean
condition_holds (AnxAnswers *self,
                 const AnxCondition *condition,
                 AnxFrame *frame)
{
  AnxNode *target = anx_questionnaire_get_question (self->questionnaire, condition->question)->node;
  while (!is_around (self, frame->group, target->frame))
    frame = frame->parent;
  return holds_below (self, condition, target, frame);
}

static gboolean
gate_is_open (AnxAnswers *self,
              AnxFrame *frame,
              const AnxNode *node)
{
  if (node->enable_expression != NULL)
    return frame->open[node->enable_slot] != 0;
  if (node->conditions == NULL)
    return TRUE;
  for (guint i = 0; i < node->conditions->len; i++)
    {
      gboolean holds = condition_holds (self, &g_array_index (node->conditions, AnxCondition, i), frame);
      if (holds != node->all)
        return holds;
    }
  return node->all;
}

static gboolean
find_enabled (AnxAnswers *self,
              AnxFrame *frame,
              const AnxNode *node)
{
  for (;;)
    {
      if (!gate_is_open (self, frame, node))
        return FALSE;
      if (node->index == frame->group)
        frame = frame->parent;
      if (node->parent == G_MAXUINT)
        return TRUE;
      node = anx_questionnaire_get_node (self->questionnaire, node->parent);
      /* What stands inside a question belongs to its answer. */
      if (node->question != G_MAXUINT)
        {
          guint place = frame->places[node->local];
          return is_enabled (self, place) && anx_slot_get_n_answers (&g_array_index (self->slots, AnxSlot, place)) > 0;
        }
    }
}

/* Files with circles are refused, so this ends; the depth is at most the number of items. */
static gboolean
is_enabled (AnxAnswers *self,
            guint index)
{
  AnxSlot *slot = &g_array_index (self->slots, AnxSlot, index);
  if (slot->frame == NULL)
    return FALSE;
  if (slot->edition != self->edition)
    {
      gboolean enabled = find_enabled (self, slot->frame, anx_answers_get_question (self, slot)->node);
      slot->enabled = enabled;
      slot->edition = self->edition;
    }
  return slot->enabled;
}

/**
 * anx_answers_is_enabled:
 * @self: a filling in
 * @index: an item
 *
 * Returns: whether the item is asked after the answers so far: its own conditions and those of all items around it
 *   hold, and a question around it is answered
 */
gboolean
anx_answers_is_enabled (AnxAnswers *self,
                        guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && index < self->slots->len, FALSE);
  anx_answers_settle_asked (self);
  return is_enabled (self, index);
}

/* --- walking --- */

static gboolean
has_page (AnxAnswers *self,
          guint index)
{
  AnxSlot *slot = &g_array_index (self->slots, AnxSlot, index);
  return !anx_answers_get_question (self, slot)->public.read_only && is_enabled (self, index);
}

/* Where @index stands in the order; the length of the order when it has no page. */
static guint
find_place (AnxAnswers *self,
            guint index)
{
  guint n = self->order->len;
  if (index < n && g_array_index (self->order, guint, index) == index)
    return index;
  for (guint i = 0; i < n; i++)
    if (g_array_index (self->order, guint, i) == index)
      return i;
  return n;
}

/**
 * anx_answers_next:
 * @self: a filling in
 * @index: an item, or %G_MAXUINT for the place before the first
 *
 * Returns: the next item that is asked, %G_MAXUINT when there is none
 */
guint
anx_answers_next (AnxAnswers *self,
                  guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), G_MAXUINT);
  anx_answers_settle_asked (self);
  for (guint i = index == G_MAXUINT ? 0 : find_place (self, index) + 1; i < self->order->len; i++)
    if (has_page (self, g_array_index (self->order, guint, i)))
      return g_array_index (self->order, guint, i);
  return G_MAXUINT;
}

/**
 * anx_answers_previous:
 * @self: a filling in
 * @index: an item, or %G_MAXUINT for the place behind the last
 *
 * Returns: the item asked before it, %G_MAXUINT when there is none
 */
guint
anx_answers_previous (AnxAnswers *self,
                      guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), G_MAXUINT);
  anx_answers_settle_asked (self);
  for (guint i = find_place (self, index); i > 0; i--)
    if (has_page (self, g_array_index (self->order, guint, i - 1)))
      return g_array_index (self->order, guint, i - 1);
  return G_MAXUINT;
}

static guint
count_before (AnxAnswers *self,
              guint place)
{
  anx_answers_settle_asked (self);
  guint n = 0;
  for (guint i = 0; i < place && i < self->order->len; i++)
    n += has_page (self, g_array_index (self->order, guint, i)) ? 1 : 0;
  return n;
}

/**
 * anx_answers_count_enabled:
 * @self: a filling in
 *
 * Returns: how many items are asked after the answers so far
 */
guint
anx_answers_count_enabled (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), 0);
  return count_before (self, G_MAXUINT);
}

/**
 * anx_answers_position:
 * @self: a filling in
 * @index: an item
 *
 * Returns: its place among the items that are asked, from 1
 */
guint
anx_answers_position (AnxAnswers *self,
                      guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), 0);
  return count_before (self, find_place (self, index)) + 1;
}

/* --- expressions --- */

struct _AnxEvaluation
{
  AnxAnswers *self;
  JsonNode *response;
  AnxFhirpathEnv *root;
  GHashTable *contexts; /* anx_answers_context_key() → JsonObject in the response */
  GHashTable *envs;     /* the same → AnxFhirpathEnv with the variables of that item */
};

/* The item's linkId stands in one of the elements the value was reached through. */
static const char *
find_link_id (AnxFhirpathItem *item)
{
  for (AnxFhirpathItem *i = item; i != NULL; i = anx_fhirpath_item_get_parent (i))
    {
      JsonNode *node = anx_fhirpath_item_get_node (i);
      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node) && json_object_has_member (json_node_get_object (node), "linkId"))
        return json_object_get_string_member (json_node_get_object (node), "linkId");
    }
  return NULL;
}

static AnxAnswerValue *
read_item_value (AnxFhirpathItem *item)
{
  JsonNode *element = anx_fhirpath_item_get_node (item);
  g_autoptr (JsonNode) made = element == NULL || !JSON_NODE_HOLDS_OBJECT (element) ? anx_fhirpath_item_to_json (item) : NULL;
  JsonNode *node = made != NULL ? made : element;
  if (node == NULL)
    return NULL;
  g_autoptr (JsonObject) wrapper = json_object_new ();
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      AnxAnswerValue *value = anx_answer_value_parse (object, "value", NULL);
      if (value != NULL)
        return value;
      json_object_set_object_member (wrapper, "valueCoding", json_object_ref (object));
    }
  else if (JSON_NODE_HOLDS_VALUE (node))
    {
      GType type = json_node_get_value_type (node);
      const char *member = type == G_TYPE_BOOLEAN ? "valueBoolean"
                           : type == G_TYPE_INT64 ? "valueInteger"
                           : type == G_TYPE_STRING ? "valueString"
                                                   : "valueDecimal";
      json_object_set_member (wrapper, member, json_node_copy (node));
    }
  return anx_answer_value_parse (wrapper, "value", NULL);
}

static gboolean
weigh_item (AnxFhirpathItem *item,
            double *out_weight,
            gpointer user_data)
{
  AnxQuestionnaire *questionnaire = user_data;
  AnxNode *node = anx_questionnaire_find_node (questionnaire, find_link_id (item));
  if (node == NULL || node->question == G_MAXUINT)
    return FALSE;
  AnxQuestion *question = anx_questionnaire_get_question (questionnaire, node->question);
  g_autoptr (AnxAnswerValue) value = read_item_value (item);
  int which = value != NULL ? anx_question_find_option (question, value) : -1;
  if (which < 0)
    return FALSE;
  const AnxOption *option = g_ptr_array_index (question->options, which);
  *out_weight = option->weight;
  return option->has_weight;
}

static void
set_variables (AnxFhirpathEnv *env,
               GPtrArray *variables,
               JsonNode *focus,
               const char *type)
{
  for (guint i = 0; variables != NULL && i < variables->len; i++)
    {
      AnxVariable *variable = g_ptr_array_index (variables, i);
      g_autoptr (AnxFhirpathCollection) value = anx_fhirpath_evaluate_node (variable->expression, focus, type, env, NULL);
      g_autoptr (AnxFhirpathCollection) none = value == NULL ? anx_fhirpath_collection_new_empty () : NULL;
      anx_fhirpath_env_set_variable (env, variable->name, value != NULL ? value : none);
    }
}

/**
 * anx_evaluation_new:
 * @self: a filling in; it does not change as long as the evaluation lives
 * @wanted: (nullable): as in anx_answers_write_items(): when no other items are read
 *
 * Returns: (transfer full): what its expressions are evaluated on: the response as it is now and the variables of the file
 */
AnxEvaluation *
anx_evaluation_new (AnxAnswers *self,
                    const guint *wanted)
{
  AnxEvaluation *evaluation = g_new0 (AnxEvaluation, 1);
  evaluation->self = self;
  evaluation->contexts = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) json_node_unref);
  evaluation->envs = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) anx_fhirpath_env_unref);
  JsonObject *response = json_object_new ();
  json_object_set_string_member (response, "resourceType", "QuestionnaireResponse");
  json_object_set_string_member (response, "questionnaire", self->questionnaire->canonical);
  json_object_set_string_member (response, "status", "in-progress");
  json_object_set_array_member (response, "item", anx_answers_write_items (self, TRUE, wanted, evaluation->contexts));
  evaluation->response = json_node_init_object (json_node_alloc (), response);
  json_object_unref (response);

  evaluation->root = anx_fhirpath_env_new ();
  if (self->has_now)
    anx_fhirpath_env_set_now (evaluation->root, self->now_usec, self->offset_minutes);
  anx_fhirpath_env_set_node (evaluation->root, "resource", evaluation->response, "QuestionnaireResponse");
  anx_fhirpath_env_set_node (evaluation->root, "rootResource", evaluation->response, "QuestionnaireResponse");
  anx_fhirpath_env_set_node (evaluation->root, "questionnaire", self->questionnaire->node, "Questionnaire");
  anx_fhirpath_env_set_weight (evaluation->root, weigh_item, self->questionnaire, NULL);
  /* Whoever reads a variable reads everything (anx_fhirpath_list_items()). */
  if (wanted == NULL)
    set_variables (evaluation->root, self->questionnaire->variables, evaluation->response, "QuestionnaireResponse");
  return evaluation;
}

/**
 * anx_evaluation_free:
 * @self: (transfer full): an evaluation
 *
 * Frees it.
 */
void
anx_evaluation_free (AnxEvaluation *self)
{
  g_hash_table_unref (self->envs);
  g_hash_table_unref (self->contexts);
  anx_fhirpath_env_unref (self->root);
  json_node_unref (self->response);
  g_free (self);
}

/**
 * anx_evaluation_set_number:
 * @self: an evaluation
 * @name: a variable's name
 * @present: %FALSE: it is empty
 * @value: its value
 *
 * Lets the expressions that follow see a number as a variable.
 */
void
anx_evaluation_set_number (AnxEvaluation *self,
                           const char *name,
                           gboolean present,
                           double value)
{
  gboolean whole = present && value == floor (value) && fabs (value) < 2e9;
  g_autoptr (AnxFhirpathCollection) collection = whole     ? anx_fhirpath_collection_new_integer ((gint64) value)
                                                 : present ? anx_fhirpath_collection_new_double (value)
                                                           : anx_fhirpath_collection_new_empty ();
  anx_fhirpath_env_set_variable (self->root, name, collection);
}

static AnxFhirpathEnv *
find_env (AnxEvaluation *self,
          AnxFrame *frame,
          const AnxNode *node)
{
  if (node == NULL)
    return self->root;
  AnxAnswers *answers = self->self;
  AnxFrame *outer = node->index == frame->group ? frame->parent : frame;
  AnxNode *parent = node->parent != G_MAXUINT ? anx_questionnaire_get_node (answers->questionnaire, node->parent) : NULL;
  if (node->variables == NULL)
    return find_env (self, outer, parent);
  gpointer key = anx_answers_context_key (answers, frame, node);
  AnxFhirpathEnv *env = g_hash_table_lookup (self->envs, key);
  if (env != NULL)
    return env;
  env = anx_fhirpath_env_new_child (find_env (self, outer, parent));
  JsonNode *context = g_hash_table_lookup (self->contexts, key);
  if (context != NULL)
    set_variables (env, node->variables, context, "QuestionnaireResponse.item");
  g_hash_table_insert (self->envs, key, env);
  return env;
}

/**
 * anx_evaluation_run:
 * @self: an evaluation
 * @frame: (nullable): the frame of @node
 * @node: (nullable): the item the expression belongs to, which is its focus and %context; %NULL: the whole response is
 * @expression: what to evaluate
 *
 * Returns: (transfer full) (nullable): its value, %NULL when it has none because it failed (E2)
 */
AnxFhirpathCollection *
anx_evaluation_run (AnxEvaluation *self,
                    AnxFrame *frame,
                    const AnxNode *node,
                    AnxFhirpath *expression)
{
  JsonNode *focus = node == NULL ? self->response : g_hash_table_lookup (self->contexts, anx_answers_context_key (self->self, frame, node));
  if (focus == NULL)
    return NULL;
  AnxFhirpathEnv *env = find_env (self, frame, node);
  return anx_fhirpath_evaluate_node (expression, focus, node == NULL ? "QuestionnaireResponse" : "QuestionnaireResponse.item", env, NULL);
}

/* --- computed answers --- */

static AnxAnswerValue *
coerce (const AnxQuestion *question,
        AnxFhirpathItem *item)
{
  g_autoptr (AnxAnswerValue) value = g_new0 (AnxAnswerValue, 1);
  gint64 whole;
  value->type = question->value_type;
  switch (question->public.type)
    {
    case ANX_ITEM_BOOLEAN:
      return anx_fhirpath_item_get_boolean (item, &value->boolean) ? g_steal_pointer (&value) : NULL;
    case ANX_ITEM_INTEGER:
      if (anx_fhirpath_item_get_integer (item, &whole))
        value->number = (double) whole;
      else if (!anx_fhirpath_item_get_double (item, &value->number) || value->number != floor (value->number))
        return NULL;
      return g_steal_pointer (&value);
    case ANX_ITEM_DECIMAL:
      return anx_fhirpath_item_get_double (item, &value->number) && isfinite (value->number) ? g_steal_pointer (&value) : NULL;
    case ANX_ITEM_QUANTITY:
      if (!anx_fhirpath_item_get_double (item, &value->number) || !isfinite (value->number))
        return NULL;
      if (question->unit != NULL)
        {
          value->text = g_strdup (question->unit->text);
          value->system = g_strdup (question->unit->system);
          value->code = g_strdup (question->unit->code);
        }
      return g_steal_pointer (&value);
    case ANX_ITEM_CHOICE:
    case ANX_ITEM_OPEN_CHOICE:
    case ANX_ITEM_ATTACHMENT:
    case ANX_ITEM_REFERENCE:
      return read_item_value (item);
    default:
      value->text = anx_fhirpath_item_dup_string (item);
      return value->text != NULL && *value->text != '\0' ? g_steal_pointer (&value) : NULL;
    }
}

static GPtrArray *
compute_values (const AnxQuestion *question,
                AnxFhirpathCollection *result)
{
  GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_answer_value_free);
  guint n = result != NULL ? anx_fhirpath_collection_get_length (result) : 0;
  /* Several values for an item that takes one have no meaning; the first would be a guess. */
  if (n > ANX_MAX_ANSWERS || (n > 1 && !question->public.repeats))
    return values;
  for (guint i = 0; i < n; i++)
    {
      AnxAnswerValue *value = coerce (question, anx_fhirpath_collection_get (result, i));
      if (value != NULL && (anx_question_find_option (question, value) >= 0 || question->open))
        g_ptr_array_add (values, value);
      else
        anx_answer_value_free (value);
    }
  return values;
}

static gboolean
put_values (AnxAnswers *self,
            guint index,
            GPtrArray *values)
{
  AnxSlot *slot = anx_answers_get_slot (self, index);
  gboolean same = !slot->declined && anx_slot_get_n_answers (slot) == values->len;
  for (guint i = 0; same && i < values->len; i++)
    same = anx_answer_value_equal (anx_slot_get_value (self, slot, i), values->pdata[i]);
  if (same)
    return FALSE;
  anx_slot_clear (slot);
  for (guint i = 0; i < values->len; i++)
    anx_slot_add (self, slot, g_steal_pointer (&values->pdata[i]));
  return TRUE;
}

typedef struct
{
  AnxEvaluation *evaluation;
  const guint *changes; /* how many items before each changed since the last round; NULL = all may have */
  GArray *indexes;   /* of guint: which slots get new answers */
  GPtrArray *values; /* of GPtrArray: those */
  gboolean changed;
} Round;

static gboolean
is_affected (const guint *changes,
             const GArray *reads)
{
  if (changes == NULL || reads == NULL)
    return TRUE;
  for (guint i = 0; i < reads->len; i++)
    {
      const AnxSpan *span = &g_array_index (reads, AnxSpan, i);
      if (changes[span->to] != changes[span->from])
        return TRUE;
    }
  return FALSE;
}

/* Marks where the spans begin and end, when they are all that an affected expression reads. FALSE when it may read everything. */
static gboolean
add_reads (const guint *changes,
           const GArray *reads,
           guint *inout_marks,
           gboolean *inout_any)
{
  if (!is_affected (changes, reads))
    return TRUE;
  *inout_any = TRUE;
  for (guint i = 0; reads != NULL && i < reads->len; i++)
    {
      inout_marks[g_array_index (reads, AnxSpan, i).from]++;
      inout_marks[g_array_index (reads, AnxSpan, i).to]--;
    }
  return reads != NULL;
}

/*
 * Which items the expressions of this round read, as anx_answers_write_items() wants it; @out_any tells whether any expression runs at all.
 * The response then holds nothing else: of a form of a thousand items one answer touches a few.
 */
static guint *
find_wanted (AnxAnswers *self,
             const guint *changes,
             gboolean *out_any)
{
  guint n = self->questionnaire->nodes->len, depth = 0, count = 0;
  g_autofree guint *marks = g_new0 (guint, n + 1);
  gboolean known = changes != NULL;
  *out_any = FALSE;
  for (guint i = 0; i < n; i++)
    {
      const AnxNode *node = anx_questionnaire_get_node (self->questionnaire, i);
      const AnxQuestion *question = node->question != G_MAXUINT ? anx_questionnaire_get_question (self->questionnaire, node->question) : NULL;
      if (node->enable_expression != NULL)
        known &= add_reads (changes, node->enable_reads, marks, out_any);
      if (question != NULL && question->calculated != NULL)
        known &= add_reads (changes, question->calculated_reads, marks, out_any);
    }
  if (!known)
    return NULL;
  for (guint i = 0; i <= n; i++)
    {
      depth += marks[i];
      marks[i] = count;
      count += depth > 0 ? 1 : 0;
    }
  return g_steal_pointer (&marks);
}

static void
evaluate_node (AnxAnswers *self,
               Round *round,
               AnxFrame *frame,
               const AnxNode *node)
{
  if (node->enable_expression != NULL && is_affected (round->changes, node->enable_reads))
    {
      g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (round->evaluation, frame, node, node->enable_expression);
      AnxFhirpathTruth truth = ANX_FHIRPATH_UNKNOWN;
      gboolean open = result != NULL && anx_fhirpath_collection_to_truth (result, &truth, NULL) && truth == ANX_FHIRPATH_TRUE;
      round->changed |= frame->open[node->enable_slot] != open;
      frame->open[node->enable_slot] = open ? 1 : 0;
    }
  AnxQuestion *question = node->question != G_MAXUINT ? anx_questionnaire_get_question (self->questionnaire, node->question) : NULL;
  if (question == NULL || question->calculated == NULL || !is_affected (round->changes, question->calculated_reads))
    return;
  g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (round->evaluation, frame, node, question->calculated);
  guint index = frame->places[node->local];
  g_array_append_val (round->indexes, index);
  g_ptr_array_add (round->values, compute_values (question, result));
}

static void
evaluate_frame (AnxAnswers *self,
                Round *round,
                AnxFrame *frame,
                guint from,
                guint to)
{
  for (guint i = from; i < to;)
    {
      AnxNode *node = anx_questionnaire_get_node (self->questionnaire, i);
      if (node->type != ANX_ITEM_GROUP || !node->repeats)
        {
          evaluate_node (self, round, frame, node);
          i++;
          continue;
        }
      for (guint k = 0; k < frame->children->len; k++)
        {
          AnxFrame *child = frame->children->pdata[k];
          if (child->group != i)
            continue;
          evaluate_node (self, round, child, node);
          evaluate_frame (self, round, child, i + 1, node->end);
        }
      i = node->end;
    }
}

/* Sums up, for each item and the end, how many items before it changed since this was last asked; FALSE when none did. */
static gboolean
find_changes (AnxAnswers *self,
              guint *changes)
{
  guint n_nodes = self->questionnaire->nodes->len;
  gboolean any = FALSE;
  for (guint i = 0; i < self->slots->len; i++)
    {
      guint now = is_enabled (self, i) ? g_array_index (self->slots, AnxSlot, i).version + 1 : 0;
      AnxSlot *slot = &g_array_index (self->slots, AnxSlot, i);
      if (slot->frame == NULL || slot->seen == now)
        continue;
      slot->seen = now;
      changes[anx_answers_get_question (self, slot)->node->index + 1] = 1;
      any = TRUE;
    }
  for (guint i = 0; i < n_nodes; i++)
    changes[i + 1] += changes[i];
  return any;
}

/* All expressions of a round see the same response; what they give comes into force together. */
static gboolean
run_round (AnxAnswers *self)
{
  g_autofree guint *changes = g_new0 (guint, self->questionnaire->nodes->len + 1);
  gboolean any = find_changes (self, changes), all = self->unseen;
  if (!any && !all)
    return FALSE;
  self->unseen = FALSE;
  const guint *changed = all ? NULL : changes;
  g_autofree guint *wanted = find_wanted (self, changed, &any);
  if (!any)
    return FALSE;
  g_autoptr (GArray) indexes = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  Round round = { anx_evaluation_new (self, wanted), changed, indexes, values, FALSE };
  evaluate_frame (self, &round, self->root, 0, self->questionnaire->nodes->len);
  g_clear_pointer (&round.evaluation, anx_evaluation_free);
  for (guint i = 0; i < indexes->len; i++)
    round.changed |= put_values (self, g_array_index (indexes, guint, i), values->pdata[i]);
  if (round.changed)
    anx_answers_changed (self);
  return round.changed;
}

/**
 * anx_answers_settle:
 * @self: a filling in
 *
 * Brings computed answers and conditions by expression up to date; nothing is done when nothing changed since the last time.
 */
void
anx_answers_settle (AnxAnswers *self)
{
  if (!self->questionnaire->has_expressions || self->settled == self->edition || self->settling)
    return;
  self->settling = TRUE;
  for (guint i = 0; i < ROUNDS && run_round (self); i++)
    ;
  self->settling = FALSE;
  self->settled = self->edition;
}

/**
 * anx_answers_settle_asked:
 * @self: a filling in
 *
 * As anx_answers_settle(), but only when expressions decide what is asked: for those who do not look at computed answers.
 */
void
anx_answers_settle_asked (AnxAnswers *self)
{
  if (self->questionnaire->expressions_ask)
    anx_answers_settle (self);
}

/* --- from the beginning --- */

static gboolean
asks_time (AnxFhirpath *expression)
{
  return anx_fhirpath_calls (expression, "today") || anx_fhirpath_calls (expression, "now") ||
         anx_fhirpath_calls (expression, "timeOfDay");
}

static void
set_fixed (AnxAnswers *self,
           AnxSlot *slot,
           const AnxQuestion *question)
{
  for (guint i = 0; question->initial != NULL && i < question->initial->len; i++)
    anx_slot_add (self, slot, anx_answer_value_copy (question->initial->pdata[i]));
  for (guint i = 0; question->initial == NULL && i < question->options->len; i++)
    {
      AnxOption *option = question->options->pdata[i];
      if (option->selected && (question->public.repeats || anx_slot_get_n_answers (slot) == 0))
        anx_slot_add (self, slot, anx_answer_value_copy (&option->value));
    }
}

/**
 * anx_answers_set_initial:
 * @self: a filling in
 * @timed: %TRUE: only expressions that ask for the time; %FALSE: all other initial values
 *
 * Sets what the file gives from the beginning, where nothing is answered.
 */
void
anx_answers_set_initial (AnxAnswers *self,
                         gboolean timed)
{
  g_autoptr (AnxEvaluation) evaluation = NULL;
  for (guint i = 0; i < self->questionnaire->questions->len; i++)
    {
      AnxQuestion *question = g_ptr_array_index (self->questionnaire->questions, i);
      AnxSlot *slot = anx_answers_get_slot (self, i);
      if (slot->declined || anx_slot_get_n_answers (slot) > 0)
        continue;
      if (!timed)
        set_fixed (self, slot, question);
      if (question->initial_expression == NULL || asks_time (question->initial_expression) != timed)
        continue;
      if (evaluation == NULL)
        evaluation = anx_evaluation_new (self, NULL);
      g_autoptr (AnxFhirpathCollection) result = anx_evaluation_run (evaluation, slot->frame, question->node, question->initial_expression);
      g_autoptr (GPtrArray) values = compute_values (question, result);
      put_values (self, i, values);
    }
  anx_answers_changed (self);
}
