/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define HL7 "http://hl7.org/fhir/StructureDefinition/"
#define MAX_INITIAL 100
#define MAX_OCCURS 1000

#define fail anx_care_fail

static const struct
{
  const char *code;
  AnxValueType value;
} types[] = {
  [ANX_ITEM_GROUP] = { "group" },
  [ANX_ITEM_DISPLAY] = { "display" },
  [ANX_ITEM_BOOLEAN] = { "boolean", ANX_VALUE_BOOLEAN },
  [ANX_ITEM_DECIMAL] = { "decimal", ANX_VALUE_DECIMAL },
  [ANX_ITEM_INTEGER] = { "integer", ANX_VALUE_INTEGER },
  [ANX_ITEM_DATE] = { "date", ANX_VALUE_DATE },
  [ANX_ITEM_DATE_TIME] = { "dateTime", ANX_VALUE_DATE_TIME },
  [ANX_ITEM_TIME] = { "time", ANX_VALUE_TIME },
  [ANX_ITEM_STRING] = { "string", ANX_VALUE_STRING },
  [ANX_ITEM_TEXT] = { "text", ANX_VALUE_STRING },
  [ANX_ITEM_URL] = { "url", ANX_VALUE_URI },
  [ANX_ITEM_CHOICE] = { "choice", ANX_VALUE_CODING },
  [ANX_ITEM_OPEN_CHOICE] = { "open-choice", ANX_VALUE_STRING },
  [ANX_ITEM_ATTACHMENT] = { "attachment", ANX_VALUE_ATTACHMENT },
  [ANX_ITEM_REFERENCE] = { "reference", ANX_VALUE_REFERENCE },
  [ANX_ITEM_QUANTITY] = { "quantity", ANX_VALUE_QUANTITY },
};

/**
 * anx_item_type_to_string:
 * @type: a type
 *
 * Returns: (transfer none): its code in FHIR
 */
const char *
anx_item_type_to_string (AnxItemType type)
{
  g_return_val_if_fail (type < G_N_ELEMENTS (types), "");
  return types[type].code;
}

static gboolean
read_type (JsonObject *json,
           const char *link_id,
           AnxItemType *out_type,
           GError **error)
{
  const char *code = anx_json_get_string (json, "type", "");
  if (*code == '\0')
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it has no type"), link_id);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].code, code) == 0)
      {
        *out_type = (AnxItemType) i;
        return TRUE;
      }
  return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: type “%.40s” is not supported"), link_id, code);
}

/* --- one question --- */

static gboolean
read_initial (AnxQuestion *question,
              JsonObject *json,
              GError **error)
{
  const char *link_id = question->node->link_id;
  if (!json_object_has_member (json, "initial"))
    return TRUE;
  JsonArray *array = anx_json_get_array (json, "initial");
  guint n = array != NULL ? json_array_get_length (array) : 0;
  if (n == 0 || n > MAX_INITIAL || (n > 1 && !question->node->repeats))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: initial must hold one value, or several when the item repeats"), link_id);
  question->initial = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_answer_value_free);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autoptr (GError) inner = NULL;
      AnxAnswerValue *value
          = JSON_NODE_HOLDS_OBJECT (node) ? anx_answer_value_parse (json_node_get_object (node), "value", &inner) : NULL;
      if (value == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: initial: %s"), link_id, inner != NULL ? inner->message : _ ("There is no value"));
      g_ptr_array_add (question->initial, value);
      /* An unwritten unit in a unit's choice is fine; an answer that is not offered is not. */
      gboolean offered = question->options->len == 0 || anx_question_find_option (question, value) >= 0 ||
                         (question->open && (value->type == ANX_VALUE_STRING || value->type == ANX_VALUE_CODING));
      if (!offered || (question->options->len == 0 && value->type != question->value_type))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: initial is no answer of the item"), link_id);
    }
  return TRUE;
}

static gboolean
read_question (AnxQuestionnaire *self,
               AnxNode *node,
               JsonObject *json,
               GError **error)
{
  AnxQuestion *question = g_new0 (AnxQuestion, 1);
  question->options = g_ptr_array_new_with_free_func (anx_option_free);
  question->node = node;
  question->value_type = types[node->type].value;
  question->total_of = G_MAXUINT;
  g_ptr_array_add (self->questions, question);
  question->public.type = node->type;
  question->public.link_id = node->link_id;
  question->public.required = node->required;
  question->public.repeats = node->repeats;
  question->public.read_only = node->read_only;
  question->public.hidden = node->hidden;
  question->public.control = node->control;
  /* FHIR lets a question do without a text; the name of what it asks for stands in. */
  JsonObject *code = anx_fhir_first (json, "code");
  if (node->text.own == NULL && code != NULL && !anx_questionnaire_read_text (self, &node->text, code, "display", node->link_id, error))
    return FALSE;
  if (!node->hidden && (node->text.own == NULL || *node->text.own == '\0'))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the question has no text"), node->link_id);
  return anx_questionnaire_read_limits (question, json, error) &&
         anx_questionnaire_read_options (self, question, json, error) && read_initial (question, json, error);
}

/* --- the tree --- */

static gboolean
read_occurs (AnxNode *node,
             JsonObject *json,
             GError **error)
{
  JsonObject *least = anx_fhir_find_extension (json, HL7 "questionnaire-minOccurs");
  JsonObject *most = anx_fhir_find_extension (json, HL7 "questionnaire-maxOccurs");
  gint64 from = least != NULL ? anx_json_get_int (least, "valueInteger", -1) : 0;
  gint64 to = most != NULL ? anx_json_get_int (most, "valueInteger", -1) : 0;
  if (from < 0 || from > MAX_OCCURS || to < 0 || (most != NULL && to == 0) || (most != NULL && to < from))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: minOccurs and maxOccurs do not fit"), node->link_id);
  node->min_occurs = (guint) from;
  node->max_occurs = (guint) MIN (to, MAX_OCCURS);
  return TRUE;
}

static gboolean
read_node (AnxQuestionnaire *self,
           AnxNode *node,
           JsonObject *json,
           GError **error)
{
  AnxNode *parent = node->parent != G_MAXUINT ? g_ptr_array_index (self->nodes, node->parent) : NULL;
  node->repeats = anx_json_get_boolean (json, "repeats", FALSE);
  node->required = anx_json_get_boolean (json, "required", FALSE);
  node->read_only = anx_json_get_boolean (json, "readOnly", FALSE);
  node->hidden = (parent != NULL && parent->hidden) ||
                 anx_json_get_boolean (anx_fhir_find_extension (json, HL7 "questionnaire-hidden"), "valueBoolean", FALSE);
  JsonObject *control = anx_fhir_find_extension (json, HL7 "questionnaire-itemControl");
  node->control = g_strdup (anx_fhir_find_code (anx_json_get_object (control, "valueCodeableConcept"), NULL));
  node->frame = node->type == ANX_ITEM_GROUP && node->repeats ? node->index : parent != NULL ? parent->frame : G_MAXUINT;
  if (!anx_questionnaire_read_text (self, &node->text, json, "text", node->link_id, error) ||
      !anx_questionnaire_read_text (self, &node->prefix, json, "prefix", node->link_id, error) ||
      !read_occurs (node, json, error))
    return FALSE;
  gboolean has_items = json_object_has_member (json, "item");
  /* FHIR R4 que-1, que-8, que-9, que-10 and so on: what a kind of item cannot have. */
  if (node->type == ANX_ITEM_DISPLAY && (node->repeats || node->required || has_items))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a display neither repeats, nor is required, nor holds items"), node->link_id);
  if (anx_questionnaire_is_asked (node) && node->repeats && has_items)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: items in a question that repeats are not supported"), node->link_id);
  return TRUE;
}

static const char *
name_of (AnxQuestionnaire *self,
         guint index)
{
  return index == G_MAXUINT ? "Questionnaire" : anx_questionnaire_get_node (self, index)->link_id;
}

static AnxNode *
add_node (AnxQuestionnaire *self,
          JsonObject *json,
          guint parent,
          GError **error)
{
  const char *link_id = anx_fhir_need_string (json, "linkId", ANX_FHIR_SHORT_BYTES, NULL);
  if (link_id == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an item in it has no linkId"), name_of (self, parent));
      return NULL;
    }
  AnxItemType type;
  if (!anx_questionnaire_check_item (json, link_id, error) || !read_type (json, link_id, &type, error))
    return NULL;
  if (g_hash_table_contains (self->link_ids, link_id))
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("linkId “%s” stands there twice"), link_id);
      return NULL;
    }
  if (self->nodes->len >= ANX_MAX_ITEMS)
    {
      fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("The questionnaire has more than %d items"), ANX_MAX_ITEMS);
      return NULL;
    }
  AnxNode *node = g_new0 (AnxNode, 1);
  node->index = self->nodes->len;
  node->parent = parent;
  node->question = G_MAXUINT;
  node->type = type;
  node->link_id = g_strdup (link_id);
  g_ptr_array_add (self->nodes, node);
  g_hash_table_insert (self->link_ids, node->link_id, GUINT_TO_POINTER (node->index));
  return node;
}

static gboolean
read_items (AnxQuestionnaire *self,
            JsonObject *parent_json,
            guint parent,
            guint depth,
            GPtrArray *items,
            GError **error)
{
  JsonArray *array = anx_json_get_array (parent_json, "item");
  if (array == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it has no items"), name_of (self, parent));
  if (depth > ANX_MAX_NESTING)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("The items lie more than %d deep"), ANX_MAX_NESTING);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an item in it is not an object"), name_of (self, parent));
      JsonObject *json = json_node_get_object (element);
      AnxNode *node = add_node (self, json, parent, error);
      if (node == NULL)
        return FALSE;
      g_ptr_array_add (items, json);
      if (!read_node (self, node, json, error) ||
          (anx_questionnaire_is_asked (node) && !read_question (self, node, json, error)))
        return FALSE;
      if ((node->type == ANX_ITEM_GROUP || json_object_has_member (json, "item")) &&
          !read_items (self, json, node->index, depth + 1, items, error))
        return FALSE;
      node->end = self->nodes->len;
    }
  return TRUE;
}

/* Those with a page first; in each half the order of the file. Within its repeating group a question has a place besides. */
static void
number_questions (AnxQuestionnaire *self)
{
  g_autoptr (GPtrArray) ordered = g_ptr_array_new ();
  for (int hidden = 0; hidden < 2; hidden++)
    {
      for (guint i = 0; i < self->questions->len; i++)
        {
          AnxQuestion *question = g_ptr_array_index (self->questions, i);
          if (question->node->hidden == hidden)
            g_ptr_array_add (ordered, question);
        }
      if (!hidden)
        self->n_pages = ordered->len;
    }
  g_autofree guint *counts = g_new0 (guint, self->nodes->len + 1);
  for (guint i = 0; i < ordered->len; i++)
    {
      AnxQuestion *question = self->questions->pdata[i] = ordered->pdata[i];
      guint frame = question->node->frame;
      question->node->question = i;
      question->node->local = counts[frame == G_MAXUINT ? self->nodes->len : frame]++;
      question->public.in_repeating_group = frame != G_MAXUINT;
    }
}

/**
 * anx_questionnaire_read_items:
 * @self: the questionnaire being read
 * @fhir: the file
 * @items: (element-type JsonObject): gets the JSON of each item, in the order of `nodes`; it owns none of them
 * @error: return location, of #AnxCareError
 *
 * Reads all items but their conditions and expressions, which may speak of items further down.
 *
 * Returns: whether they could be read
 */
gboolean
anx_questionnaire_read_items (AnxQuestionnaire *self,
                              JsonObject *fhir,
                              GPtrArray *items,
                              GError **error)
{
  if (!read_items (self, fhir, G_MAXUINT, 1, items, error))
    return FALSE;
  number_questions (self);
  if (self->n_pages == 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The questionnaire has no question"));
  return TRUE;
}
