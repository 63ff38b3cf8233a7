/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "json.h"

#define MAX_CONDITIONS 50

#define fail anx_care_fail

static const struct
{
  const char *code;
  AnxOperator operator;
} operators[] = {
  { "exists", ANX_OPERATOR_EXISTS },          { "=", ANX_OPERATOR_EQUAL },
  { "!=", ANX_OPERATOR_NOT_EQUAL },           { ">", ANX_OPERATOR_GREATER },
  { "<", ANX_OPERATOR_LESS },                 { ">=", ANX_OPERATOR_GREATER_OR_EQUAL },
  { "<=", ANX_OPERATOR_LESS_OR_EQUAL },
};

/* Codes have no order of their own; their weights have. */
static gboolean
use_weights (AnxCondition *condition,
             const AnxQuestion *question,
             const char *link_id,
             GError **error)
{
  int which = anx_question_find_option (question, condition->value);
  for (guint i = 0; i < question->options->len; i++)
    if (!((AnxOption *) question->options->pdata[i])->has_weight)
      which = -1;
  if (which < 0)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED,
                 N_ ("%s: enableWhen compares answers that have no weights, which is not supported"), link_id);
  condition->by_weight = TRUE;
  condition->weight = ((AnxOption *) question->options->pdata[which])->weight;
  return TRUE;
}

static gboolean
check_value (AnxCondition *condition,
             const AnxQuestion *question,
             const char *link_id,
             GError **error)
{
  const AnxAnswerValue *value = condition->value;
  gboolean orders = condition->operator != ANX_OPERATOR_EQUAL && condition->operator != ANX_OPERATOR_NOT_EQUAL;
  if (condition->operator == ANX_OPERATOR_EXISTS)
    return value->type == ANX_VALUE_BOOLEAN ||
           fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen “exists” needs answerBoolean"), link_id);
  if (question->options->len > 0 && !question->open && question->public.type != ANX_ITEM_INTEGER)
    {
      if (orders && value->type == ANX_VALUE_CODING)
        return use_weights (condition, question, link_id, error);
      if (anx_question_find_option (question, value) < 0)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen names an answer that question “%s” does not have"),
                     link_id, question->public.link_id);
    }
  gboolean numbers = value->type == ANX_VALUE_INTEGER || value->type == ANX_VALUE_DECIMAL;
  gboolean number_asked = question->value_type == ANX_VALUE_INTEGER || question->value_type == ANX_VALUE_DECIMAL;
  gboolean dates = value->type == ANX_VALUE_DATE || value->type == ANX_VALUE_DATE_TIME;
  gboolean date_asked = question->value_type == ANX_VALUE_DATE || question->value_type == ANX_VALUE_DATE_TIME;
  gboolean fits = question->options->len > 0 ? TRUE
                  : number_asked             ? numbers
                  : date_asked               ? dates
                                             : value->type == question->value_type;
  if (!fits || (question->public.type == ANX_ITEM_INTEGER && !numbers))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen compares with a type that question “%s” does not have"),
                 link_id, question->public.link_id);
  if (orders && (value->type == ANX_VALUE_CODING || value->type == ANX_VALUE_BOOLEAN || value->type == ANX_VALUE_REFERENCE))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED,
                 N_ ("%s: enableWhen compares answers that have no weights, which is not supported"), link_id);
  return TRUE;
}

static gboolean
read_condition (AnxQuestionnaire *self,
                AnxNode *node,
                JsonObject *json,
                GError **error)
{
  const char *link_id = node->link_id;
  const char *asked = anx_json_get_string (json, "question", "");
  const char *code = anx_json_get_string (json, "operator", "");
  AnxNode *target = anx_questionnaire_find_node (self, asked);
  if (target == NULL || target->question == G_MAXUINT)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen asks for “%.80s”, which is no question here"), link_id, asked);
  gsize which = 0;
  while (which < G_N_ELEMENTS (operators) && strcmp (operators[which].code, code) != 0)
    which++;
  if (which == G_N_ELEMENTS (operators))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen has no operator of FHIR"), link_id);

  g_autoptr (GError) inner = NULL;
  AnxCondition condition = { target->question, operators[which].operator, anx_answer_value_parse (json, "answer", &inner) };
  if (condition.value == NULL && condition.operator != ANX_OPERATOR_EXISTS)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen: %s"), link_id, inner->message);
  if (condition.value == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen “exists” needs answerBoolean"), link_id);
  gboolean ok = check_value (&condition, anx_questionnaire_get_question (self, target->question), link_id, error);
  g_array_append_val (node->conditions, condition);
  return ok;
}

/**
 * anx_questionnaire_read_conditions:
 * @self: the questionnaire being read; all its items are there
 * @node: an item
 * @json: its JSON
 * @error: return location, of #AnxCareError
 *
 * Returns: whether its enableWhen could be read
 */
gboolean
anx_questionnaire_read_conditions (AnxQuestionnaire *self,
                                   AnxNode *node,
                                   JsonObject *json,
                                   GError **error)
{
  if (!json_object_has_member (json, "enableWhen"))
    return TRUE;
  JsonArray *conditions = anx_json_get_array (json, "enableWhen");
  guint n = conditions != NULL ? json_array_get_length (conditions) : 0;
  if (n == 0 || n > MAX_CONDITIONS)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen must hold 1 to %d conditions"), node->link_id, MAX_CONDITIONS);
  const char *behavior = anx_json_get_string (json, "enableBehavior", NULL);
  /* FHIR R4 que-12 */
  if (n > 1 && behavior == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: more than one enableWhen needs enableBehavior"), node->link_id);
  if (behavior != NULL && strcmp (behavior, "all") != 0 && strcmp (behavior, "any") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableBehavior must be all or any"), node->link_id);
  node->all = g_strcmp0 (behavior, "all") == 0;
  node->conditions = g_array_new (FALSE, FALSE, sizeof (AnxCondition));
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (conditions, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an enableWhen is not an object"), node->link_id);
      if (!read_condition (self, node, json_node_get_object (element), error))
        return FALSE;
    }
  return TRUE;
}

/* --- circles --- */

typedef enum
{
  UNSEEN,
  OPEN,
  DONE,
} Seen;

/* Whether an item is asked depends on the items around it and on the questions its conditions name. */
static AnxNode *
find_circle (AnxQuestionnaire *self,
             guint index,
             guint8 *seen)
{
  AnxNode *node = anx_questionnaire_get_node (self, index);
  if (seen[index] == DONE)
    return NULL;
  if (seen[index] == OPEN)
    return node;
  seen[index] = OPEN;
  AnxNode *found = node->parent != G_MAXUINT ? find_circle (self, node->parent, seen) : NULL;
  for (guint i = 0; found == NULL && node->conditions != NULL && i < node->conditions->len; i++)
    {
      guint question = g_array_index (node->conditions, AnxCondition, i).question;
      found = find_circle (self, anx_questionnaire_get_question (self, question)->node->index, seen);
    }
  seen[index] = DONE;
  return found;
}

/**
 * anx_questionnaire_check_circles:
 * @self: the questionnaire being read
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether no item decides, over whatever way, about itself
 */
gboolean
anx_questionnaire_check_circles (AnxQuestionnaire *self,
                                 GError **error)
{
  g_autofree guint8 *seen = g_new0 (guint8, self->nodes->len);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      AnxNode *circle = find_circle (self, i, seen);
      if (circle != NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen goes round in a circle"), circle->link_id);
    }
  return TRUE;
}
