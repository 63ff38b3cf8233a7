/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"
#include "process.h"

/*
 * Invariants
 * A1  values[i] is ANX_ANSWER_NONE, ANX_ANSWER_DECLINED or an option of item i.
 */
struct _AnxAnswers
{
  GObject parent_instance;

  AnxQuestionnaire *questionnaire;
  int *values;
};

G_DEFINE_FINAL_TYPE (AnxAnswers, anx_answers, G_TYPE_OBJECT)

static void
anx_answers_finalize (GObject *object)
{
  AnxAnswers *self = ANX_ANSWERS (object);
  if (self->values != NULL)
    anx_wipe (self->values, self->questionnaire->questions->len * sizeof *self->values);
  g_free (self->values);
  g_clear_pointer (&self->questionnaire, anx_questionnaire_unref);
  G_OBJECT_CLASS (anx_answers_parent_class)->finalize (object);
}

static void
anx_answers_class_init (AnxAnswersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_answers_finalize;
}

static void
anx_answers_init (AnxAnswers *self)
{
}

/**
 * anx_answers_new:
 * @questionnaire: (transfer none): a questionnaire; the filling in keeps a reference
 *
 * Returns: (transfer full): a filling in without any answer. Its memory is wiped when it ends
 */
AnxAnswers *
anx_answers_new (AnxQuestionnaire *questionnaire)
{
  g_return_val_if_fail (questionnaire != NULL, NULL);
  AnxAnswers *self = g_object_new (ANX_TYPE_ANSWERS, NULL);
  self->questionnaire = anx_questionnaire_ref (questionnaire);
  self->values = g_new (int, questionnaire->questions->len);
  for (guint i = 0; i < questionnaire->questions->len; i++)
    self->values[i] = ANX_ANSWER_NONE;
  return self;
}

/**
 * anx_answers_get_questionnaire:
 * @self: a filling in
 *
 * Returns: (transfer none): what is filled in
 */
AnxQuestionnaire *
anx_answers_get_questionnaire (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  return self->questionnaire;
}

static guint
n_items (AnxAnswers *self)
{
  return self->questionnaire->questions->len;
}

static AnxQuestion *
question_at (AnxAnswers *self,
             guint index)
{
  return g_ptr_array_index (self->questionnaire->questions, index);
}

/**
 * anx_answers_set:
 * @self: a filling in
 * @index: an item
 * @option_or_special: an option of it, %ANX_ANSWER_NONE or %ANX_ANSWER_DECLINED
 *
 * Gives, changes or takes back an answer.
 */
void
anx_answers_set (AnxAnswers *self,
                 guint index,
                 int option_or_special)
{
  g_return_if_fail (ANX_IS_ANSWERS (self) && index < n_items (self));
  g_return_if_fail (option_or_special >= ANX_ANSWER_DECLINED &&
                    option_or_special < (int) question_at (self, index)->options->len);
  self->values[index] = option_or_special;
}

/**
 * anx_answers_get:
 * @self: a filling in
 * @index: an item
 *
 * Returns: the option, %ANX_ANSWER_NONE or %ANX_ANSWER_DECLINED
 */
int
anx_answers_get (AnxAnswers *self,
                 guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && index < n_items (self), ANX_ANSWER_NONE);
  return self->values[index];
}

/* --- which items are asked --- */

static gboolean
compare_holds (AnxOperator operator,
               double value,
               double with)
{
  switch (operator)
    {
    case ANX_OPERATOR_GREATER:
      return value > with;
    case ANX_OPERATOR_LESS:
      return value < with;
    case ANX_OPERATOR_GREATER_OR_EQUAL:
      return value >= with;
    default:
      return value <= with;
    }
}

/*
 * FHIR R4 questionnaire-enable-operator. A declined question and one that is not asked have no answer; without an
 * answer only “exists false” and “!=” (no answer has that value) hold.
 */
static gboolean
condition_holds (AnxAnswers *self,
                 const AnxCondition *condition)
{
  int value = self->values[condition->question];
  gboolean answered = value >= 0 && anx_answers_is_enabled (self, condition->question);
  if (condition->operator == ANX_OPERATOR_EXISTS)
    return answered == condition->exists;
  if (condition->operator == ANX_OPERATOR_EQUAL)
    return answered && value == condition->option;
  if (condition->operator == ANX_OPERATOR_NOT_EQUAL)
    return !answered || value != condition->option;
  if (!answered)
    return FALSE;
  AnxQuestion *question = question_at (self, condition->question);
  AnxOption *option = g_ptr_array_index (question->options, value);
  double given = question->value_type == ANX_VALUE_INTEGER ? (double) option->number : option->weight;
  return compare_holds (condition->operator, given, condition->value);
}

static gboolean
gate_is_open (AnxAnswers *self,
              const AnxGate *gate)
{
  for (guint i = 0; i < gate->conditions->len; i++)
    {
      gboolean holds = condition_holds (self, &g_array_index (gate->conditions, AnxCondition, i));
      if (holds != gate->all)
        return holds;
    }
  return gate->all;
}

/**
 * anx_answers_is_enabled:
 * @self: a filling in
 * @index: an item
 *
 * Returns: whether the item is asked after the answers so far: its own enableWhen and those of all groups around it
 *   hold
 */
gboolean
anx_answers_is_enabled (AnxAnswers *self,
                        guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && index < n_items (self), FALSE);
  GPtrArray *gates = question_at (self, index)->gates;
  /* Conditions only look at earlier items, so the recursion ends. */
  for (guint i = 0; i < gates->len; i++)
    if (!gate_is_open (self, g_ptr_array_index (gates, i)))
      return FALSE;
  return TRUE;
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
  for (guint i = index == G_MAXUINT ? 0 : index + 1; i < n_items (self); i++)
    if (anx_answers_is_enabled (self, i))
      return i;
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
  for (guint i = MIN (index, n_items (self)); i > 0; i--)
    if (anx_answers_is_enabled (self, i - 1))
      return i - 1;
  return G_MAXUINT;
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
  guint n = 0;
  for (guint i = 0; i < n_items (self); i++)
    n += anx_answers_is_enabled (self, i) ? 1 : 0;
  return n;
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
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && index < n_items (self), 0);
  guint position = 1;
  for (guint i = 0; i < index; i++)
    position += anx_answers_is_enabled (self, i) ? 1 : 0;
  return position;
}

/**
 * anx_answers_weigh:
 * @self: a filling in
 * @question: an item all of whose options have a weight
 * @out_weight: (out): the weight of its answer
 *
 * Returns: whether it has one, or why not
 */
AnxWeighed
anx_answers_weigh (AnxAnswers *self,
                   guint question,
                   double *out_weight)
{
  if (!anx_answers_is_enabled (self, question))
    return ANX_NOT_ASKED;
  int value = self->values[question];
  if (value < 0)
    return ANX_GAP;
  *out_weight = ((AnxOption *) g_ptr_array_index (question_at (self, question)->options, value))->weight;
  return ANX_WEIGHED;
}

/* --- FHIR --- */

static JsonObject *
answer_to_fhir (const AnxQuestion *question,
                int value)
{
  AnxOption *option = g_ptr_array_index (question->options, value);
  JsonObject *answer = json_object_new ();
  if (question->value_type == ANX_VALUE_CODING)
    {
      JsonObject *coding = anx_fhir_coding (option->system, option->code);
      json_object_set_string_member (coding, "display", option->text.own);
      json_object_set_object_member (answer, "valueCoding", coding);
    }
  else if (question->value_type == ANX_VALUE_BOOLEAN)
    json_object_set_boolean_member (answer, "valueBoolean", strcmp (option->code, "true") == 0);
  else if (question->value_type == ANX_VALUE_INTEGER)
    json_object_set_int_member (answer, "valueInteger", option->number);
  else
    json_object_set_string_member (answer, "valueString", option->code);
  return answer;
}

static JsonObject *
item_to_fhir (const AnxQuestion *question,
              int value)
{
  JsonObject *item = json_object_new ();
  json_object_set_string_member (item, "linkId", question->link_id);
  json_object_set_string_member (item, "text", question->text.own);
  if (value == ANX_ANSWER_DECLINED)
    {
      JsonNode *code = json_node_init_string (json_node_alloc (), "asked-declined");
      anx_fhir_add_extension (item, ANX_FHIR_ABSENT, "valueCode", code);
    }
  else
    anx_fhir_set_array_of (item, "answer", answer_to_fhir (question, value));
  return item;
}

/* The array that belongs to @group, made with all groups around it at the first need. */
static JsonArray *
need_group (AnxAnswers *self,
            JsonObject *response,
            JsonArray **arrays,
            guint group)
{
  if (group != G_MAXUINT && arrays[group] != NULL)
    return arrays[group];
  if (group == G_MAXUINT)
    {
      if (!json_object_has_member (response, "item"))
        json_object_set_array_member (response, "item", json_array_new ());
      return json_object_get_array_member (response, "item");
    }
  AnxGroup *definition = g_ptr_array_index (self->questionnaire->groups, group);
  JsonArray *parent = need_group (self, response, arrays, definition->parent);
  JsonObject *item = json_object_new ();
  json_object_set_string_member (item, "linkId", definition->link_id);
  arrays[group] = json_array_new ();
  json_object_set_array_member (item, "item", arrays[group]);
  json_array_add_object_element (parent, item);
  return arrays[group];
}

/**
 * anx_answers_to_fhir:
 * @self: a filling in
 * @status: `completed`, or `stopped` when the resident broke off
 * @authored_usec: when, microseconds of UTC
 *
 * Items that are not asked and items without an answer are left out, as FHIR wants; the groups of the questionnaire
 * are kept.
 *
 * Returns: (transfer full): a FHIR R4 QuestionnaireResponse
 */
JsonObject *
anx_answers_to_fhir (AnxAnswers *self,
                     const char *status,
                     gint64 authored_usec)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && status != NULL, NULL);
  JsonObject *response = anx_fhir_resource ("QuestionnaireResponse");
  json_object_set_string_member (response, "questionnaire", self->questionnaire->canonical);
  json_object_set_string_member (response, "status", status);
  anx_fhir_set_time (response, "authored", authored_usec);

  g_autofree JsonArray **arrays = g_new0 (JsonArray *, self->questionnaire->groups->len + 1);
  for (guint i = 0; i < n_items (self); i++)
    {
      if (self->values[i] == ANX_ANSWER_NONE || !anx_answers_is_enabled (self, i))
        continue;
      AnxQuestion *question = question_at (self, i);
      json_array_add_object_element (need_group (self, response, arrays, question->group),
                                     item_to_fhir (question, self->values[i]));
    }
  return response;
}

static gboolean
fail (GError **error,
      const char *format,
      ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error,
      const char *format,
      ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, message);
  return FALSE;
}

static gboolean
is_declined (JsonObject *element)
{
  return g_strcmp0 (anx_json_get_string (anx_fhir_find_extension (element, ANX_FHIR_ABSENT), "valueCode", NULL),
                    "asked-declined") == 0;
}

/* FHIR lets the reason stand at the item, at the answer or at the value; all three mean the same. */
static gboolean
answer_is_declined (JsonObject *answer)
{
  static const char *const places[]
      = { "valueCoding", "_valueBoolean", "_valueInteger", "_valueString", "_valueCoding" };
  if (is_declined (answer))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (is_declined (anx_json_get_object (answer, places[i])))
      return TRUE;
  return FALSE;
}

static char *
dup_answer_code (const AnxQuestion *question,
                 JsonObject *answer,
                 const char **out_system)
{
  JsonNode *node;
  *out_system = NULL;
  switch (question->value_type)
    {
    case ANX_VALUE_CODING:
      *out_system = anx_json_get_string (anx_json_get_object (answer, "valueCoding"), "system", NULL);
      return g_strdup (anx_json_get_string (anx_json_get_object (answer, "valueCoding"), "code", NULL));
    case ANX_VALUE_BOOLEAN:
      node = json_object_get_member (answer, "valueBoolean");
      if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return NULL;
      return g_strdup (json_node_get_boolean (node) ? "true" : "false");
    case ANX_VALUE_INTEGER:
      if (anx_json_get_int (answer, "valueInteger", G_MININT64) == G_MININT64)
        return NULL;
      return g_strdup_printf ("%" G_GINT64_FORMAT, anx_json_get_int (answer, "valueInteger", 0));
    default:
      return g_strdup (anx_json_get_string (answer, "valueString", NULL));
    }
}

static gboolean
read_answer (const AnxQuestion *question,
             JsonObject *answer,
             int *out_value,
             GError **error)
{
  if (answer_is_declined (answer))
    {
      *out_value = ANX_ANSWER_DECLINED;
      return TRUE;
    }
  const char *system;
  g_autofree char *code = dup_answer_code (question, answer, &system);
  for (guint i = 0; code != NULL && i < question->options->len; i++)
    {
      AnxOption *option = g_ptr_array_index (question->options, i);
      if (strcmp (option->code, code) == 0 &&
          (system == NULL || option->system == NULL || strcmp (system, option->system) == 0))
        {
          *out_value = (int) i;
          return TRUE;
        }
    }
  return fail (error, "%s: the answer is none of those the questionnaire offers", question->link_id);
}

static gboolean
read_response_items (AnxAnswers *self,
                     JsonObject *parent,
                     GHashTable *seen,
                     GError **error);

static gboolean
read_response_item (AnxAnswers *self,
                    JsonObject *item,
                    GHashTable *seen,
                    GError **error)
{
  const char *link_id = anx_fhir_need_string (item, "linkId", ANX_FHIR_SHORT_BYTES, error);
  if (link_id == NULL)
    return FALSE;
  gpointer index;
  if (!g_hash_table_lookup_extended (self->questionnaire->link_ids, link_id, NULL, &index))
    return fail (error, "linkId “%s” is not in the questionnaire", link_id);
  if (!g_hash_table_add (seen, (gpointer) link_id))
    return fail (error, "linkId “%s” stands there twice", link_id);
  /* Groups, displays and hidden items: only what stands inside matters. */
  if (GPOINTER_TO_UINT (index) == G_MAXUINT)
    return !json_object_has_member (item, "item") || read_response_items (self, item, seen, error);

  guint place = GPOINTER_TO_UINT (index);
  int value = is_declined (item) ? ANX_ANSWER_DECLINED : ANX_ANSWER_NONE;
  if (json_object_has_member (item, "answer"))
    {
      JsonArray *answers = anx_json_get_array (item, "answer");
      if (answers == NULL || json_array_get_length (answers) != 1)
        return fail (error, "%s: it must have exactly one answer", link_id);
      JsonObject *answer = anx_fhir_first (item, "answer");
      if (answer == NULL || value == ANX_ANSWER_DECLINED || json_object_has_member (answer, "item"))
        return fail (error, "%s: the answer is not one of this questionnaire", link_id);
      if (!read_answer (question_at (self, place), answer, &value, error))
        return FALSE;
    }
  if (json_object_has_member (item, "item"))
    return fail (error, "%s: a question holds no items here", link_id);
  self->values[place] = value;
  return TRUE;
}

static gboolean
read_response_items (AnxAnswers *self,
                     JsonObject *parent,
                     GHashTable *seen,
                     GError **error)
{
  JsonArray *items = anx_json_get_array (parent, "item");
  if (items == NULL)
    return fail (error, "“item” must be an array");
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, "An item is not an object");
      if (!read_response_item (self, json_node_get_object (node), seen, error))
        return FALSE;
    }
  return TRUE;
}

/* A response that names no version is taken for this one; one that names another is not. */
static gboolean
canonical_matches (AnxQuestionnaire *questionnaire,
                   const char *canonical)
{
  return canonical != NULL &&
         (strcmp (canonical, questionnaire->canonical) == 0 || strcmp (canonical, questionnaire->url) == 0);
}

/**
 * anx_answers_parse:
 * @questionnaire: (transfer none): the questionnaire it answers
 * @response: a FHIR R4 QuestionnaireResponse of any status but entered-in-error; items may stand in their groups or
 *   flat
 * @error: return location, %ANX_CARE_ERROR_INVALID naming the item
 *
 * A required item without an answer is no error here: the score rule decides what a gap means.
 *
 * Returns: (transfer full) (nullable): the filling in
 */
AnxAnswers *
anx_answers_parse (AnxQuestionnaire *questionnaire,
                   JsonObject *response,
                   GError **error)
{
  g_return_val_if_fail (questionnaire != NULL && response != NULL, NULL);
  static const char *const statuses[] = { "in-progress", "completed", "amended", "stopped", NULL };
  if (!anx_fhir_check_type (response, "QuestionnaireResponse", error))
    return NULL;
  if (!g_strv_contains (statuses, anx_json_get_string (response, "status", "")))
    {
      fail (error, "“status” must be in-progress, completed, amended or stopped");
      return NULL;
    }
  if (!canonical_matches (questionnaire, anx_json_get_string (response, "questionnaire", NULL)))
    {
      fail (error, "The answers belong to another questionnaire or version");
      return NULL;
    }
  g_autoptr (AnxAnswers) self = anx_answers_new (questionnaire);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  if (json_object_has_member (response, "item") && !read_response_items (self, response, seen, error))
    return NULL;
  return g_steal_pointer (&self);
}
