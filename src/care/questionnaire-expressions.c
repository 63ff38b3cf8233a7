/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define HL7 "http://hl7.org/fhir/StructureDefinition/"
#define SDC "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
#define MAX_VARIABLES 100
#define MAX_CONSTRAINTS 50

#define fail anx_care_fail

/* --- what an expression may name --- */

static gboolean
declares (GPtrArray *variables,
          const char *name)
{
  for (guint i = 0; variables != NULL && i < variables->len; i++)
    if (strcmp (((AnxVariable *) variables->pdata[i])->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_score (AnxQuestionnaire *self,
          const char *name)
{
  for (guint i = 0; i < self->scores->len; i++)
    if (strcmp (((AnxScoreRule *) self->scores->pdata[i])->variable, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_known (AnxQuestionnaire *self,
          AnxNode *node,
          const char *name,
          gboolean scores)
{
  static const char *const always[] = { "resource", "rootResource", "context", "questionnaire", "qitem", "ucum", "sct", "loinc", NULL };
  if (g_strv_contains (always, name) || g_str_has_prefix (name, "vs-") || g_str_has_prefix (name, "ext-"))
    return TRUE;
  for (AnxNode *n = node; n != NULL; n = n->parent != G_MAXUINT ? anx_questionnaire_get_node (self, n->parent) : NULL)
    if (declares (n->variables, name))
      return TRUE;
  return declares (self->variables, name) || (scores && is_score (self, name));
}

static gboolean
has_weights (AnxQuestionnaire *self)
{
  for (guint i = 0; i < self->questions->len; i++)
    {
      AnxQuestion *question = g_ptr_array_index (self->questions, i);
      for (guint k = 0; k < question->options->len; k++)
        if (((AnxOption *) question->options->pdata[k])->has_weight && question->public.type != ANX_ITEM_INTEGER)
          return TRUE;
    }
  return FALSE;
}

static AnxFhirpath *
compile (AnxQuestionnaire *self,
         AnxNode *node,
         const char *text,
         const char *where,
         const char *what,
         gboolean scores,
         GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxFhirpath) expression = anx_fhirpath_compile (text, &inner);
  if (expression == NULL)
    {
      gboolean unsupported = g_error_matches (inner, ANX_FHIRPATH_ERROR, ANX_FHIRPATH_ERROR_UNSUPPORTED);
      fail (error, unsupported ? ANX_CARE_ERROR_UNSUPPORTED : ANX_CARE_ERROR_INVALID, "%s: %s: %s", where, what, inner->message);
      return NULL;
    }
  /* Without the weights a sum would be 0 and look like an answer. */
  if ((anx_fhirpath_calls (expression, "weight") || anx_fhirpath_calls (expression, "ordinal")) && !has_weights (self))
    {
      fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s: weights outside the file are not supported"), where, what);
      return NULL;
    }
  /* Whenever it were met, the expression would have no result, and nobody would know why. */
  const char *unknown = anx_fhirpath_find_unknown (expression);
  if (unknown != NULL)
    {
      if (g_str_has_prefix (unknown, "value"))
        fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s: “%.40s” is the name in JSON; in expressions it is “value”"), where, what, unknown);
      else
        fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s: FHIR has no element “%.40s”"), where, what, unknown);
      return NULL;
    }
  const char *const *variables = anx_fhirpath_get_variables (expression);
  for (guint i = 0; variables != NULL && variables[i] != NULL; i++)
    if (!is_known (self, node, variables[i], scores))
      {
        fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s: %%%s is not supported: no variable of the file has this name"), where, what,
              variables[i]);
        return NULL;
      }
  return g_steal_pointer (&expression);
}

/**
 * anx_questionnaire_compile:
 * @self: the questionnaire being read
 * @node: (nullable): the item the expression belongs to
 * @extension: what holds its valueExpression
 * @what: what a message names
 * @scores: whether it may name the scores read so far
 * @error: return location, %ANX_CARE_ERROR_UNSUPPORTED for another language, a function or a variable that is not there
 *
 * Returns: (transfer full) (nullable): the expression
 */
AnxFhirpath *
anx_questionnaire_compile (AnxQuestionnaire *self,
                           AnxNode *node,
                           JsonObject *extension,
                           const char *what,
                           gboolean scores,
                           GError **error)
{
  const char *where = node != NULL ? node->link_id : "Questionnaire";
  JsonObject *value = anx_json_get_object (extension, "valueExpression");
  const char *language = anx_json_get_string (value, "language", "");
  const char *text = anx_json_get_string (value, "expression", NULL);
  if (value != NULL && strcmp (language, "text/fhirpath") != 0)
    {
      fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s in the language “%.40s” is not supported"), where, what, language);
      return NULL;
    }
  if (text == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s has no expression"), where, what);
      return NULL;
    }
  return compile (self, node, text, where, what, scores, error);
}

/* --- variables and constraints, of an item or of the whole --- */

static gboolean
read_variable (AnxQuestionnaire *self,
               AnxNode *node,
               GPtrArray **variables,
               JsonObject *extension,
               GError **error)
{
  const char *where = node != NULL ? node->link_id : "Questionnaire";
  const char *name = anx_json_get_string (anx_json_get_object (extension, "valueExpression"), "name", NULL);
  gsize length = name != NULL ? strlen (name) : 0;
  if (length == 0 || length > 64 || strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.") != length)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a variable has no name"), where);
  if (declares (*variables, name))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: two variables have the name “%s”"), where, name);
  if (*variables == NULL)
    *variables = g_ptr_array_new_with_free_func (anx_variable_free);
  if ((*variables)->len == MAX_VARIABLES)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: it has more than %d variables"), where, MAX_VARIABLES);
  g_autofree char *what = g_strdup_printf (_ ("variable “%s”"), name);
  AnxFhirpath *expression = anx_questionnaire_compile (self, node, extension, what, FALSE, error);
  if (expression == NULL)
    return FALSE;
  AnxVariable *variable = g_new0 (AnxVariable, 1);
  variable->name = g_strdup (name);
  variable->expression = expression;
  g_ptr_array_add (*variables, variable);
  return TRUE;
}

/* targetConstraint has an Expression, the older questionnaire-constraint the bare text. */
static gboolean
read_constraint (AnxQuestionnaire *self,
                 AnxNode *node,
                 GPtrArray **constraints,
                 JsonObject *extension,
                 GError **error)
{
  const char *where = node != NULL ? node->link_id : "Questionnaire";
  JsonObject *part = anx_fhir_find_extension (extension, "expression");
  const char *text = anx_json_get_string (part, "valueString", NULL);
  AnxFhirpath *expression = text != NULL ? compile (self, node, text, where, "constraint", FALSE, error)
                                         : anx_questionnaire_compile (self, node, part, "targetConstraint", FALSE, error);
  if (expression == NULL)
    return FALSE;
  if (*constraints == NULL)
    *constraints = g_ptr_array_new_with_free_func (anx_constraint_free);
  AnxConstraint *constraint = g_new0 (AnxConstraint, 1);
  constraint->expression = expression;
  g_ptr_array_add (*constraints, constraint);
  if ((*constraints)->len > MAX_CONSTRAINTS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: it has more than %d constraints"), where, MAX_CONSTRAINTS);
  JsonObject *severity = anx_fhir_find_extension (extension, "severity");
  constraint->warning = g_strcmp0 (anx_json_get_string (severity, "valueCode", "error"), "warning") == 0;
  constraint->key = g_strdup (anx_json_get_string (anx_fhir_find_extension (extension, "key"), "valueId", ""));
  JsonObject *human = anx_fhir_find_extension (extension, "human");
  return human == NULL || anx_questionnaire_read_text (self, &constraint->human, human, "valueString", where, error);
}

static gboolean
read_shared (AnxQuestionnaire *self,
             AnxNode *node,
             JsonObject *json,
             GPtrArray **variables,
             GPtrArray **constraints,
             GError **error)
{
  JsonArray *extensions = anx_json_get_array (json, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *element = json_array_get_element (extensions, i);
      JsonObject *extension = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      const char *url = anx_json_get_string (extension, "url", "");
      if (strcmp (url, HL7 "variable") == 0 && !read_variable (self, node, variables, extension, error))
        return FALSE;
      if ((g_str_has_suffix (url, "/targetConstraint") || g_str_has_suffix (url, "/questionnaire-constraint")) &&
          !read_constraint (self, node, constraints, extension, error))
        return FALSE;
    }
  return TRUE;
}

/* --- those of one item --- */

static gboolean
read_one (AnxQuestionnaire *self,
          AnxNode *node,
          JsonObject *json,
          const char *name,
          AnxFhirpath **out_expression,
          GError **error)
{
  g_autofree char *url = g_strconcat (SDC "sdc-questionnaire-", name, NULL);
  JsonObject *extension = anx_fhir_find_extension (json, url);
  if (extension == NULL)
    return TRUE;
  *out_expression = anx_questionnaire_compile (self, node, extension, name, FALSE, error);
  return *out_expression != NULL;
}

static gboolean
read_of_item (AnxQuestionnaire *self,
              AnxNode *node,
              JsonObject *json,
              GError **error)
{
  AnxFhirpath *calculated = NULL, *initial = NULL;
  if (!read_shared (self, node, json, &node->variables, &node->constraints, error) ||
      !read_one (self, node, json, "enableWhenExpression", &node->enable_expression, error))
    return FALSE;
  /* FHIR SDC: an item has one or the other. */
  if (node->enable_expression != NULL && node->conditions != NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: enableWhen and enableWhenExpression exclude each other"), node->link_id);
  if (node->enable_expression != NULL)
    {
      node->enable_slot = self->n_enable_slots++;
      self->has_expressions = TRUE;
    }
  gboolean ok = read_one (self, node, json, "calculatedExpression", &calculated, error) &&
                read_one (self, node, json, "initialExpression", &initial, error);
  AnxQuestion *question = node->question != G_MAXUINT ? anx_questionnaire_get_question (self, node->question) : NULL;
  if (question == NULL)
    {
      gboolean any = calculated != NULL || initial != NULL;
      g_clear_pointer (&calculated, anx_fhirpath_unref);
      g_clear_pointer (&initial, anx_fhirpath_unref);
      return ok && (!any || fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: only a question can have a value"), node->link_id));
    }
  question->calculated = calculated;
  question->initial_expression = initial;
  if (calculated != NULL)
    {
      self->has_expressions = TRUE;
      question->public.read_only = TRUE;
    }
  return ok;
}

/* NULL when every answer may matter. */
static GArray *
find_reads (AnxQuestionnaire *self,
            const AnxNode *node,
            AnxFhirpath *expression)
{
  g_autoptr (GPtrArray) whole = g_ptr_array_new (), through = g_ptr_array_new ();
  if (!anx_fhirpath_list_items (expression, whole, through))
    return NULL;
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  AnxSpan own = { node->index, node->end };
  g_array_append_val (spans, own);
  for (guint i = 0; i < whole->len + through->len; i++)
    {
      const AnxNode *read = anx_questionnaire_find_node (self, i >= whole->len ? through->pdata[i - whole->len] : whole->pdata[i]);
      /* Of what is only gone through its own answer matters: what stands in a question stands elsewhere in the response once that is
         answered. What is read inside is listed for itself. */
      gboolean leads = i >= whole->len;
      AnxSpan span = { read != NULL ? read->index : 0, read == NULL ? 0 : leads ? read->index + 1 : read->end };
      g_array_append_val (spans, span);
    }
  return spans;
}

static gboolean
is_computed (AnxQuestionnaire *self,
             guint question)
{
  return question != G_MAXUINT && anx_questionnaire_get_question (self, question)->calculated != NULL;
}

/* Whether an expression, or an answer that one computes, decides about this item. */
static gboolean
asks_by_expression (AnxQuestionnaire *self,
                    const AnxNode *node)
{
  if (node->enable_expression != NULL)
    return TRUE;
  for (guint i = 0; node->conditions != NULL && i < node->conditions->len; i++)
    if (is_computed (self, g_array_index (node->conditions, AnxCondition, i).question))
      return TRUE;
  return node->parent != G_MAXUINT && is_computed (self, anx_questionnaire_get_node (self, node->parent)->question);
}

static void
find_dependencies (AnxQuestionnaire *self)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      AnxNode *node = g_ptr_array_index (self->nodes, i);
      if (node->enable_expression != NULL)
        node->enable_reads = find_reads (self, node, node->enable_expression);
      AnxQuestion *question = node->question != G_MAXUINT ? anx_questionnaire_get_question (self, node->question) : NULL;
      if (question != NULL && question->calculated != NULL)
        question->calculated_reads = find_reads (self, node, question->calculated);
      self->expressions_ask |= asks_by_expression (self, node);
    }
}

/**
 * anx_questionnaire_read_expressions:
 * @self: the questionnaire being read; all its items are there
 * @fhir: the file
 * @items: (element-type JsonObject): the JSON of each item
 * @error: return location, of #AnxCareError
 *
 * Compiles every variable, enableWhenExpression, calculatedExpression, initialExpression and constraint, outer ones first.
 *
 * Returns: whether all could be compiled and name nothing that is not there
 */
gboolean
anx_questionnaire_read_expressions (AnxQuestionnaire *self,
                                    JsonObject *fhir,
                                    GPtrArray *items,
                                    GError **error)
{
  if (!read_shared (self, NULL, fhir, &self->variables, &self->constraints, error))
    return FALSE;
  for (guint i = 0; i < self->nodes->len; i++)
    if (!read_of_item (self, g_ptr_array_index (self->nodes, i), g_ptr_array_index (items, i), error))
      return FALSE;
  find_dependencies (self);
  return TRUE;
}
