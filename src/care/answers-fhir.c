/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define fail anx_care_fail

/* --- writing --- */

/**
 * anx_answers_context_key:
 * @self: a filling in
 * @frame: a frame
 * @node: an item in it
 *
 * Returns: a key for the two, for hash tables
 */
gpointer
anx_answers_context_key (AnxAnswers *self,
                         const AnxFrame *frame,
                         const AnxNode *node)
{
  return GSIZE_TO_POINTER ((gsize) frame->id * self->questionnaire->nodes->len + node->index + 1);
}

typedef struct
{
  AnxAnswers *self;
  gboolean all; /* also what has no answer or is not asked, for expressions to stand on */
  const guint *wanted; /* (nullable): how many items before each are wanted; what holds none is left out */
  GHashTable *contexts;
} Writer;

static JsonObject *
write_head (Writer *writer,
            const AnxFrame *frame,
            const AnxNode *node)
{
  JsonObject *item = json_object_new ();
  json_object_set_string_member (item, "linkId", node->link_id);
  const AnxQuestion *question
      = node->question != G_MAXUINT ? anx_questionnaire_get_question (writer->self->questionnaire, node->question) : NULL;
  gboolean stands_on = node->variables != NULL || node->constraints != NULL || node->enable_expression != NULL ||
                       (question != NULL && (question->calculated != NULL || question->initial_expression != NULL));
  if (writer->contexts != NULL && stands_on)
    {
      JsonNode *json = json_node_init_object (json_node_alloc (), item);
      g_hash_table_insert (writer->contexts, anx_answers_context_key (writer->self, frame, node), json);
    }
  return item;
}

static void
write_answer (AnxAnswers *self,
              const AnxSlot *slot,
              guint n,
              JsonObject *object)
{
  const AnxAnswerValue *value = anx_slot_get_value (self, slot, n);
  const AnxQuestion *question = anx_answers_get_question (self, slot);
  if (question->public.type == ANX_ITEM_DECIMAL && value->type == ANX_VALUE_INTEGER)
    {
      AnxAnswerValue decimal = *value;
      decimal.type = ANX_VALUE_DECIMAL;
      anx_answer_value_write (&decimal, object, "value");
      return;
    }
  anx_answer_value_write (value, object, "value");
  int option = g_array_index (slot->answers, AnxAnswer, n).option;
  /* The display of a coding is that of the file, which may be its code. */
  if (option >= 0 && value->type == ANX_VALUE_CODING)
    json_object_set_string_member (json_object_get_object_member (object, "valueCoding"), "display",
                                   ((AnxOption *) question->options->pdata[option])->text.own);
}

static void write_range (Writer *writer, AnxFrame *frame, guint from, guint to, JsonArray *into);

static void
write_question (Writer *writer,
                AnxFrame *frame,
                const AnxNode *node,
                JsonArray *into)
{
  AnxAnswers *self = writer->self;
  guint index = frame->places[node->local];
  gboolean enabled = anx_answers_is_enabled (self, index);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  guint n = enabled ? anx_slot_get_n_answers (slot) : 0;
  gboolean declined = enabled && slot->declined;
  if (!writer->all && n == 0 && !declined)
    return;
  JsonObject *item = write_head (writer, frame, node);
  if (node->text.own != NULL)
    json_object_set_string_member (item, "text", node->text.own);
  if (declined)
    anx_fhir_add_extension (item, ANX_FHIR_ABSENT, "valueCode", json_node_init_string (json_node_alloc (), "asked-declined"));
  JsonArray *inner = json_array_new ();
  write_range (writer, frame, node->index + 1, node->end, inner);
  JsonArray *answers = json_array_new ();
  for (guint i = 0; i < n; i++)
    {
      JsonObject *answer = json_object_new ();
      write_answer (self, slot, i, answer);
      if (i == 0 && json_array_get_length (inner) > 0)
        json_object_set_array_member (answer, "item", json_array_ref (inner));
      json_array_add_object_element (answers, answer);
    }
  if (n > 0)
    json_object_set_array_member (item, "answer", answers);
  else
    json_array_unref (answers);
  if (n == 0 && json_array_get_length (inner) > 0)
    json_object_set_array_member (item, "item", json_array_ref (inner));
  json_array_unref (inner);
  json_array_add_object_element (into, item);
}

static void
write_group (Writer *writer,
             AnxFrame *frame,
             const AnxNode *node,
             JsonArray *into)
{
  JsonObject *item = write_head (writer, frame, node);
  JsonArray *inner = json_array_new ();
  write_range (writer, frame, node->index + 1, node->end, inner);
  gboolean empty = json_array_get_length (inner) == 0;
  json_object_set_array_member (item, "item", inner);
  if (empty && !writer->all)
    json_object_unref (item);
  else
    json_array_add_object_element (into, item);
}

static void
write_range (Writer *writer,
             AnxFrame *frame,
             guint from,
             guint to,
             JsonArray *into)
{
  for (guint i = from; i < to;)
    {
      AnxNode *node = anx_questionnaire_get_node (writer->self->questionnaire, i);
      if (writer->wanted != NULL && writer->wanted[node->index] == writer->wanted[node->end])
        ;
      else if (node->question != G_MAXUINT)
        write_question (writer, frame, node, into);
      else if (node->type == ANX_ITEM_DISPLAY && writer->all)
        json_array_add_object_element (into, write_head (writer, frame, node));
      else if (node->type == ANX_ITEM_GROUP && !node->repeats)
        write_group (writer, frame, node, into);
      else if (node->type == ANX_ITEM_GROUP)
        for (guint k = 0; k < frame->children->len; k++)
          {
            AnxFrame *child = frame->children->pdata[k];
            if (child->group == i)
              write_group (writer, child, node, into);
          }
      i = node->end;
    }
}

/**
 * anx_answers_write_items:
 * @self: a filling in
 * @all: whether to write also what has no answer or is not asked, without one
 * @wanted: (nullable): for each item and the end of all, how many items before it are wanted: only those and what is around them are
 *   written; %NULL: all are wanted
 * @contexts: (nullable): gets the item of each element with expressions, by anx_answers_context_key()
 *
 * Returns: (transfer full): the items of its QuestionnaireResponse
 */
JsonArray *
anx_answers_write_items (AnxAnswers *self,
                         gboolean all,
                         const guint *wanted,
                         GHashTable *contexts)
{
  Writer writer = { self, all, wanted, contexts };
  JsonArray *items = json_array_new ();
  write_range (&writer, self->root, 0, self->questionnaire->nodes->len, items);
  return items;
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
  JsonArray *items = anx_answers_write_items (self, FALSE, NULL, NULL);
  if (json_array_get_length (items) > 0)
    json_object_set_array_member (response, "item", items);
  else
    json_array_unref (items);
  return response;
}

/* --- reading --- */

typedef struct
{
  AnxAnswers *self;
  GHashTable *seen;     /* anx_answers_context_key() of what was read */
  GHashTable *declared; /* index → GPtrArray of AnxAnswerValue: what the response says of computed items */
} Reader;

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
  if (is_declined (answer))
    return TRUE;
  g_autoptr (GList) members = json_object_get_members (answer);
  for (GList *l = members; l != NULL; l = l->next)
    if ((g_str_has_prefix (l->data, "value") || g_str_has_prefix (l->data, "_value")) &&
        is_declined (anx_json_get_object (answer, l->data)))
      return TRUE;
  return FALSE;
}

static gboolean read_items (Reader *reader, AnxFrame *frame, JsonObject *parent, const AnxNode *around, GError **error);

static gboolean
read_answer (const AnxQuestion *question,
             JsonObject *answer,
             AnxAnswerValue **out_value,
             GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxAnswerValue) value = anx_answer_value_parse (answer, "value", &inner);
  if (value == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: %s", question->public.link_id, inner->message);
  if (!anx_question_check_value (question, value, error))
    return FALSE;
  *out_value = g_steal_pointer (&value);
  return TRUE;
}

static gboolean
check_exclusive (Reader *reader,
                 const AnxSlot *slot,
                 GError **error)
{
  const AnxQuestion *question = anx_answers_get_question (reader->self, slot);
  guint n = anx_slot_get_n_answers (slot);
  for (guint i = 0; n > 1 && i < n; i++)
    {
      int option = g_array_index (slot->answers, AnxAnswer, i).option;
      for (guint k = 0; option >= 0 && k < i; k++)
        if (g_array_index (slot->answers, AnxAnswer, k).option == option)
          return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an answer stands there twice"), question->public.link_id);
      if (option >= 0 && ((AnxOption *) question->options->pdata[option])->exclusive)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an answer excludes another one"), question->public.link_id);
    }
  return TRUE;
}

static gboolean
read_answers (Reader *reader,
              AnxFrame *frame,
              const AnxNode *node,
              JsonArray *answers,
              GPtrArray *values,
              gboolean *inout_declined,
              GError **error)
{
  const AnxQuestion *question = anx_questionnaire_get_question (reader->self->questionnaire, node->question);
  guint n = answers != NULL ? json_array_get_length (answers) : 0;
  if (n == 0 || n > ANX_MAX_ANSWERS || (n > 1 && !node->repeats))
    return fail (error, ANX_CARE_ERROR_INVALID, node->repeats ? N_ ("%s: it must have answers") : N_ ("%s: it must have exactly one answer"),
                 node->link_id);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (answers, i);
      JsonObject *answer = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      if (answer == NULL || *inout_declined)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is not one of this questionnaire"), node->link_id);
      if (json_object_has_member (answer, "item") && (node->end == node->index + 1 || !read_items (reader, frame, answer, node, error)))
        return error != NULL && *error != NULL ? FALSE
                                               : fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the question holds no items"), node->link_id);
      if (answer_is_declined (answer))
        {
          *inout_declined = TRUE;
          continue;
        }
      AnxAnswerValue *value = NULL;
      if (!read_answer (question, answer, &value, error))
        return FALSE;
      g_ptr_array_add (values, value);
    }
  return TRUE;
}

static gboolean
read_question (Reader *reader,
               AnxFrame *frame,
               const AnxNode *node,
               JsonObject *item,
               GError **error)
{
  AnxAnswers *self = reader->self;
  guint index = frame->places[node->local];
  const AnxQuestion *question = anx_questionnaire_get_question (self->questionnaire, node->question);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_answer_value_free);
  gboolean declined = is_declined (item);
  if (json_object_has_member (item, "item"))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a question holds its items in its answer"), node->link_id);
  if (json_object_has_member (item, "answer") &&
      !read_answers (reader, frame, node, anx_json_get_array (item, "answer"), values, &declined, error))
    return FALSE;
  if (declined && values->len > 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it is both answered and declined"), node->link_id);
  if (question->calculated != NULL)
    {
      if (values->len > 0)
        g_hash_table_insert (reader->declared, GUINT_TO_POINTER (index + 1), g_steal_pointer (&values));
      return TRUE;
    }
  AnxSlot *slot = anx_answers_get_slot (self, index);
  anx_slot_clear (slot);
  slot->declined = declined;
  slot->version++;
  for (guint i = 0; i < values->len; i++)
    anx_slot_add (self, slot, g_steal_pointer (&values->pdata[i]));
  return check_exclusive (reader, slot, error);
}

/* The frame that an item belongs to: this one, a further instance of a repeating group, or in a flat response the only one there is. */
static AnxFrame *
find_frame (Reader *reader,
            AnxFrame *frame,
            const AnxNode *node,
            GError **error)
{
  AnxAnswers *self = reader->self;
  gboolean group = node->type == ANX_ITEM_GROUP && node->repeats;
  if (!group && node->frame == frame->group)
    return frame;
  for (guint i = 0; group && frame->children != NULL && i < frame->children->len; i++)
    {
      AnxFrame *child = frame->children->pdata[i];
      if (child->group == node->index && !g_hash_table_contains (reader->seen, anx_answers_context_key (self, child, node)))
        return child;
    }
  guint outer = !group                       ? node->frame
                : node->parent == G_MAXUINT  ? G_MAXUINT
                                             : anx_questionnaire_get_node (self->questionnaire, node->parent)->frame;
  if (group && outer == frame->group)
    return anx_answers_add_frame (self, frame, node->index, error);
  if (!group && node->question != G_MAXUINT && frame->parent == NULL)
    return g_array_index (self->slots, AnxSlot, node->question).frame;
  fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it stands in another group than in the questionnaire"), node->link_id);
  return NULL;
}

static gboolean
read_item (Reader *reader,
           AnxFrame *outer,
           JsonObject *item,
           const AnxNode *around,
           GError **error)
{
  const char *link_id = anx_fhir_need_string (item, "linkId", ANX_FHIR_SHORT_BYTES, error);
  if (link_id == NULL)
    return FALSE;
  AnxNode *node = anx_questionnaire_find_node (reader->self->questionnaire, link_id);
  if (node == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("linkId “%s” is not in the questionnaire"), link_id);
  if (around != NULL && (node->index <= around->index || node->index >= around->end))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it stands in another group than in the questionnaire"), link_id);
  AnxFrame *frame = find_frame (reader, outer, node, error);
  if (frame == NULL)
    return FALSE;
  if (!g_hash_table_add (reader->seen, anx_answers_context_key (reader->self, frame, node)))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("linkId “%s” stands there twice"), link_id);
  if (node->question != G_MAXUINT)
    return read_question (reader, frame, node, item, error);
  if (json_object_has_member (item, "answer"))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: only a question has an answer"), link_id);
  return !json_object_has_member (item, "item") || read_items (reader, frame, item, node, error);
}

static gboolean
read_items (Reader *reader,
            AnxFrame *frame,
            JsonObject *parent,
            const AnxNode *around,
            GError **error)
{
  JsonArray *items = anx_json_get_array (parent, "item");
  if (items == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“item” must be an array"));
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("An item is not an object"));
      if (!read_item (reader, frame, json_node_get_object (node), around, error))
        return FALSE;
    }
  return TRUE;
}

/* --- totals that the response declares --- */

static gboolean
values_agree (const AnxAnswerValue *one,
              const AnxAnswerValue *other)
{
  gboolean numbers = (one->type == ANX_VALUE_DECIMAL || one->type == ANX_VALUE_INTEGER || one->type == ANX_VALUE_QUANTITY) &&
                     (other->type == ANX_VALUE_DECIMAL || other->type == ANX_VALUE_INTEGER || other->type == ANX_VALUE_QUANTITY);
  return numbers ? fabs (one->number - other->number) <= 1e-6 * MAX (1, fabs (one->number)) : anx_answer_value_equal (one, other);
}

static gboolean
check_computed (Reader *reader,
                GError **error)
{
  AnxAnswers *self = reader->self;
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, reader->declared);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      GPtrArray *declared = value;
      guint index = GPOINTER_TO_UINT (key) - 1;
      guint n = anx_answers_get_n_values (self, index);
      AnxSlot *slot = anx_answers_get_slot (self, index);
      gboolean agree = n == declared->len;
      for (guint i = 0; agree && i < n; i++)
        agree = values_agree (declared->pdata[i], anx_slot_get_value (self, slot, i));
      if (!agree)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the value in the response is not what follows from the answers"),
                     anx_answers_get_question (self, slot)->public.link_id);
    }
  return TRUE;
}

static gboolean
check_totals (AnxAnswers *self,
              GError **error)
{
  g_autoptr (GPtrArray) scores = NULL;
  for (guint i = 0; i < self->questionnaire->questions->len; i++)
    {
      AnxQuestion *question = g_ptr_array_index (self->questionnaire->questions, i);
      double declared;
      if (question->total_of == G_MAXUINT || anx_answers_weigh (self, i, &declared) != ANX_WEIGHED)
        continue;
      if (scores == NULL)
        scores = anx_answers_compute_scores (self);
      AnxScore *score = g_ptr_array_index (scores, question->total_of);
      if (!score->present || fabs (score->value - declared) > 1e-6 * MAX (1, fabs (declared)))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the total in the response is not that of the answers"), question->public.link_id);
    }
  return TRUE;
}

/* --- the response --- */

/* A response that names no version is taken for this one; one that names another is not. */
static gboolean
canonical_matches (AnxQuestionnaire *questionnaire,
                   const char *canonical)
{
  return canonical != NULL &&
         (strcmp (canonical, questionnaire->canonical) == 0 || strcmp (canonical, questionnaire->url) == 0);
}

static gboolean
check_head (AnxQuestionnaire *questionnaire,
            JsonObject *response,
            GError **error)
{
  static const char *const statuses[] = { "in-progress", "completed", "amended", "stopped", NULL };
  if (!anx_fhir_check_type (response, "QuestionnaireResponse", error))
    return FALSE;
  if (!g_strv_contains (statuses, anx_json_get_string (response, "status", "")))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“status” must be in-progress, completed, amended or stopped"));
  if (!canonical_matches (questionnaire, anx_json_get_string (response, "questionnaire", NULL)))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The answers belong to another questionnaire or version"));
  return TRUE;
}

static void
forget_initial (AnxAnswers *self)
{
  for (guint i = 0; i < self->slots->len; i++)
    anx_slot_clear (&g_array_index (self->slots, AnxSlot, i));
}

/**
 * anx_answers_parse:
 * @questionnaire: (transfer none): the questionnaire it answers
 * @response: a FHIR R4 QuestionnaireResponse of any status but entered-in-error; items may stand in their groups or
 *   flat
 * @error: return location, %ANX_CARE_ERROR_INVALID naming the item, %ANX_CARE_ERROR_TOO_LARGE
 *
 * A required item without an answer is no error here: the score rule decides what a gap means. A value that the questionnaire computes,
 * or the total of a score, must be the one that follows from the answers; expressions that ask for the time get that of `authored`.
 *
 * Returns: (transfer full) (nullable): the filling in
 */
AnxAnswers *
anx_answers_parse (AnxQuestionnaire *questionnaire,
                   JsonObject *response,
                   GError **error)
{
  g_return_val_if_fail (questionnaire != NULL && response != NULL, NULL);
  if (!check_head (questionnaire, response, error))
    return NULL;
  g_autoptr (AnxAnswers) self = anx_answers_new (questionnaire);
  gint64 authored;
  if (anx_fhir_need_time (response, "authored", &authored, NULL))
    anx_answers_set_now (self, authored, 0);
  forget_initial (self);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) declared = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  Reader reader = { self, seen, declared };
  if (json_object_has_member (response, "item") && !read_items (&reader, self->root, response, NULL, error))
    return NULL;
  anx_answers_changed (self);
  if (!check_computed (&reader, error) || !check_totals (self, error))
    return NULL;
  return g_steal_pointer (&self);
}
