/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define HL7 "http://hl7.org/fhir/StructureDefinition/"
#define MAX_UNITS 50

#define fail anx_care_fail

static gboolean
find_weight (JsonObject *element,
             double *out_weight)
{
  static const char *const urls[] = { HL7 "itemWeight", HL7 "ordinalValue", HL7 "questionnaire-ordinalValue" };
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      JsonObject *extension = anx_fhir_find_extension (element, urls[i]);
      if (anx_fhir_get_number (extension, "valueDecimal", out_weight) ||
          anx_fhir_get_number (extension, "valueInteger", out_weight))
        return isfinite (*out_weight) && fabs (*out_weight) <= 1e6;
    }
  return FALSE;
}

static AnxOption *
add_option (AnxQuestion *question,
            AnxValueType type)
{
  AnxOption *option = g_new0 (AnxOption, 1);
  option->value.type = type;
  g_ptr_array_add (question->options, option);
  return option;
}

/* Words of the answer: the display of a coding with its translations, else the value itself. */
static gboolean
read_words (AnxQuestionnaire *self,
            AnxQuestion *question,
            AnxOption *option,
            JsonObject *json,
            GError **error)
{
  const char *link_id = question->node->link_id;
  JsonObject *coding = anx_json_get_object (json, "valueCoding");
  if (coding != NULL && !anx_questionnaire_read_text (self, &option->text, coding, "display", link_id, error))
    return FALSE;
  if (option->value.type == ANX_VALUE_STRING &&
      !anx_questionnaire_read_text (self, &option->text, json, "valueString", link_id, error))
    return FALSE;
  if (option->text.own == NULL)
    option->text.own = anx_answer_value_dup_text (&option->value);
  JsonObject *prefix = anx_fhir_find_extension (json, HL7 "questionnaire-optionPrefix");
  return prefix == NULL || anx_questionnaire_read_text (self, &option->prefix, prefix, "valueString", link_id, error);
}

static gboolean
read_option (AnxQuestionnaire *self,
             AnxQuestion *question,
             JsonObject *json,
             GError **error)
{
  const char *link_id = question->node->link_id;
  JsonObject *coding = anx_json_get_object (json, "valueCoding");
  if (!anx_questionnaire_check_extensions (json, link_id, error))
    return FALSE;
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxAnswerValue) value = anx_answer_value_parse (json, "value", &inner);
  if (value == NULL || (value->type == ANX_VALUE_CODING && value->code == NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an answerOption: %s"), link_id,
                 inner != NULL ? inner->message : _ ("The coding has no code"));
  if (value->type != ANX_VALUE_CODING && value->type != ANX_VALUE_INTEGER && value->type != ANX_VALUE_STRING &&
      value->type != ANX_VALUE_DATE && value->type != ANX_VALUE_TIME && value->type != ANX_VALUE_REFERENCE)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an answerOption has a type that FHIR R4 does not give it"), link_id);
  if (question->options->len > 0 && ((AnxOption *) question->options->pdata[0])->value.type != value->type)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: its answers are of different types"), link_id);

  AnxOption *option = add_option (question, value->type);
  option->value = *value;
  memset (value, 0, sizeof *value);
  option->has_weight = find_weight (json, &option->weight) || find_weight (coding, &option->weight);
  /* A whole number without a weight of its own counts itself. */
  if (option->value.type == ANX_VALUE_INTEGER && !option->has_weight && question->public.type == ANX_ITEM_INTEGER)
    {
      option->has_weight = TRUE;
      option->weight = option->value.number;
    }
  option->selected = anx_json_get_boolean (json, "initialSelected", FALSE);
  option->exclusive = anx_json_get_boolean (anx_fhir_find_extension (json, HL7 "questionnaire-optionExclusive"),
                                            "valueBoolean", FALSE);
  return read_words (self, question, option, json, error);
}

static guint
hash_option (gconstpointer key)
{
  const AnxOption *option = key;
  return option->value.code != NULL ? g_str_hash (option->value.code)
         : option->value.text != NULL ? g_str_hash (option->value.text)
                                      : (guint) (gint64) option->value.number;
}

static gboolean
equal_options (gconstpointer one,
               gconstpointer other)
{
  const AnxAnswerValue *a = &((const AnxOption *) one)->value, *b = &((const AnxOption *) other)->value;
  return g_strcmp0 (a->code, b->code) == 0 && g_strcmp0 (a->system, b->system) == 0 && a->number == b->number && a->boolean == b->boolean &&
         (a->code != NULL || g_strcmp0 (a->text, b->text) == 0);
}

static gboolean
options_are_distinct (AnxQuestion *question)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (hash_option, equal_options);
  for (guint i = 0; i < question->options->len; i++)
    if (!g_hash_table_add (seen, question->options->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
read_array_of_options (AnxQuestionnaire *self,
                       AnxQuestion *question,
                       JsonArray *options,
                       GError **error)
{
  const char *link_id = question->node->link_id;
  for (guint i = 0; i < json_array_get_length (options); i++)
    {
      JsonNode *node = json_array_get_element (options, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an answerOption is not an object"), link_id);
      if (question->options->len == ANX_MAX_OPTIONS)
        return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: it has more than %d answers"), link_id, ANX_MAX_OPTIONS);
      if (!read_option (self, question, json_node_get_object (node), error))
        return FALSE;
    }
  return TRUE;
}

/* --- value sets in the file --- */

static gboolean
read_concept (AnxQuestionnaire *self,
              AnxQuestion *question,
              JsonObject *concept,
              const char *system,
              GError **error)
{
  const char *link_id = question->node->link_id;
  const char *code = anx_fhir_need_string (concept, "code", ANX_FHIR_SHORT_BYTES, NULL);
  if (code == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a concept of its value set has no code"), link_id);
  if (question->options->len == ANX_MAX_OPTIONS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: it has more than %d answers"), link_id, ANX_MAX_OPTIONS);
  AnxOption *option = add_option (question, ANX_VALUE_CODING);
  option->value.code = g_strdup (code);
  option->value.system = g_strdup (anx_json_get_string (concept, "system", system));
  option->value.text = g_strdup (anx_json_get_string (concept, "display", NULL));
  option->has_weight = find_weight (concept, &option->weight);
  if (!anx_questionnaire_read_text (self, &option->text, concept, "display", link_id, error))
    return FALSE;
  /* A designation is a translation. */
  JsonArray *designations = anx_json_get_array (concept, "designation");
  for (guint i = 0; designations != NULL && i < json_array_get_length (designations); i++)
    {
      JsonNode *node = json_array_get_element (designations, i);
      JsonObject *designation = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *tag = anx_json_get_string (designation, "language", NULL);
      const char *words = anx_json_get_string (designation, "value", NULL);
      char **slot = anx_questionnaire_language_is (tag, "zh")   ? &option->text.zh
                    : anx_questionnaire_language_is (tag, "en") ? &option->text.en
                                                                : NULL;
      if (slot == NULL || words == NULL || strlen (words) > ANX_MAX_TEXT_BYTES)
        continue;
      g_free (*slot);
      *slot = g_strdup (words);
    }
  if (option->text.own == NULL)
    option->text.own = g_strdup (code);
  return TRUE;
}

static gboolean
read_concepts (AnxQuestionnaire *self,
               AnxQuestion *question,
               JsonArray *concepts,
               const char *system,
               GError **error)
{
  for (guint i = 0; concepts != NULL && i < json_array_get_length (concepts); i++)
    {
      JsonNode *node = json_array_get_element (concepts, i);
      JsonObject *concept = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (concept != NULL && anx_json_get_array (concept, "contains") != NULL)
        return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: a value set with levels is not supported"),
                     question->node->link_id);
      if (!read_concept (self, question, concept, system, error))
        return FALSE;
    }
  return TRUE;
}

static JsonObject *
find_contained (AnxQuestionnaire *self,
                const char *id)
{
  JsonArray *contained = anx_json_get_array (self->fhir, "contained");
  for (guint i = 0; contained != NULL && i < json_array_get_length (contained); i++)
    {
      JsonNode *node = json_array_get_element (contained, i);
      JsonObject *resource = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_json_get_string (resource, "resourceType", NULL), "ValueSet") == 0 &&
          g_strcmp0 (anx_json_get_string (resource, "id", NULL), id) == 0)
        return resource;
    }
  return NULL;
}

static gboolean
read_compose (AnxQuestionnaire *self,
              AnxQuestion *question,
              JsonObject *compose,
              GError **error)
{
  const char *link_id = question->node->link_id;
  JsonArray *includes = anx_json_get_array (compose, "include");
  if (compose == NULL || includes == NULL || json_object_has_member (compose, "exclude"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: a value set without a list of its codes is not supported"), link_id);
  for (guint i = 0; i < json_array_get_length (includes); i++)
    {
      JsonNode *node = json_array_get_element (includes, i);
      JsonObject *include = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonArray *concepts = anx_json_get_array (include, "concept");
      if (concepts == NULL || json_object_has_member (include, "filter") || json_object_has_member (include, "valueSet"))
        return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: a value set without a list of its codes is not supported"), link_id);
      if (!read_concepts (self, question, concepts, anx_json_get_string (include, "system", NULL), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_value_set (AnxQuestionnaire *self,
                AnxQuestion *question,
                const char *url,
                GError **error)
{
  const char *link_id = question->node->link_id;
  JsonObject *set = *url == '#' ? find_contained (self, url + 1) : NULL;
  if (*url != '#')
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: answerValueSet outside the file is not supported"), link_id);
  if (set == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: answerValueSet names nothing contained in the file"), link_id);
  JsonArray *expansion = anx_json_get_array (anx_json_get_object (set, "expansion"), "contains");
  return expansion != NULL ? read_concepts (self, question, expansion, NULL, error)
                           : read_compose (self, question, anx_json_get_object (set, "compose"), error);
}

/* --- kinds of questions --- */

/* FHIR gives a boolean no weights, so the file must say what yes and no count. */
static void
read_boolean_options (AnxQuestion *question,
                      JsonObject *json)
{
  static const struct
  {
    gboolean value;
    const char *code;
    const char *zh;
    const char *en;
  } values[] = { { TRUE, "true", "是", "Yes" }, { FALSE, "false", "否", "No" } };
  JsonObject *weights = anx_fhir_find_extension (json, ANX_BOOLEAN_WEIGHT_URL);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      AnxOption *option = add_option (question, ANX_VALUE_BOOLEAN);
      option->value.boolean = values[i].value;
      option->text = (AnxText){ g_strdup (values[i].en), g_strdup (values[i].zh), g_strdup (values[i].en) };
      option->has_weight
          = anx_fhir_get_number (anx_fhir_find_extension (weights, values[i].code), "valueDecimal", &option->weight);
    }
}

/* An integer of few values is a row of buttons; one of many is typed. */
static void
make_integer_options (AnxQuestion *question)
{
  const AnxAnswerValue *least = question->public.least, *most = question->public.most;
  if (least == NULL || most == NULL || most->number - least->number >= ANX_MAX_INTEGER_OPTIONS)
    return;
  for (double number = least->number; number <= most->number; number++)
    {
      AnxOption *option = add_option (question, ANX_VALUE_INTEGER);
      option->value.number = number;
      option->text.own = g_strdup_printf ("%.15g", number);
      option->has_weight = TRUE;
      option->weight = number;
    }
}

/**
 * anx_questionnaire_read_options:
 * @self: the questionnaire being read
 * @question: the question, with its limits
 * @json: its item
 * @error: return location, of #AnxCareError
 *
 * Reads the answers it offers: answerOption, a value set contained in the file, yes and no, or a small range of numbers.
 *
 * Returns: whether they could be read
 */
gboolean
anx_questionnaire_read_options (AnxQuestionnaire *self,
                                AnxQuestion *question,
                                JsonObject *json,
                                GError **error)
{
  const char *link_id = question->node->link_id;
  AnxItemType type = question->public.type;
  JsonArray *options = anx_json_get_array (json, "answerOption");
  const char *value_set = anx_json_get_string (json, "answerValueSet", NULL);
  if (type == ANX_ITEM_BOOLEAN)
    read_boolean_options (question, json);
  if (options != NULL && !read_array_of_options (self, question, options, error))
    return FALSE;
  /* FHIR R4 que-4 */
  if (options != NULL && value_set != NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: answerOption and answerValueSet exclude each other"), link_id);
  if (value_set != NULL && !read_value_set (self, question, value_set, error))
    return FALSE;
  if (type == ANX_ITEM_INTEGER && options == NULL)
    make_integer_options (question);
  if (type == ANX_ITEM_CHOICE && question->options->len == 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: it has no answerOption"), link_id);
  if (!options_are_distinct (question))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: two answers have the same code"), link_id);
  question->public.n_options = question->options->len;
  question->open = type == ANX_ITEM_OPEN_CHOICE || question->options->len == 0;
  return TRUE;
}

/* --- limits --- */

static gboolean
read_bound (AnxQuestion *question,
            JsonObject *json,
            const char *url,
            const AnxAnswerValue **out_value,
            GError **error)
{
  JsonObject *extension = anx_fhir_find_extension (json, url);
  if (extension == NULL)
    return TRUE;
  g_autoptr (GError) inner = NULL;
  AnxAnswerValue *value = anx_answer_value_parse (extension, "value", &inner);
  if (value == NULL)
    return fail (error, anx_json_get_object (extension, "_valueDate") != NULL ? ANX_CARE_ERROR_UNSUPPORTED : ANX_CARE_ERROR_INVALID,
                 N_ (N_ ("%s: minValue or maxValue: %s")), question->node->link_id, inner->message);
  *out_value = value;
  return TRUE;
}

static gboolean
read_count (AnxQuestion *question,
            JsonObject *json,
            const char *url,
            gint64 most,
            gint64 *inout_value,
            GError **error)
{
  JsonObject *extension = anx_fhir_find_extension (json, url);
  if (extension == NULL)
    return TRUE;
  *inout_value = anx_json_get_int (extension, "valueInteger", -1);
  return (*inout_value >= 0 && *inout_value <= most) ||
         fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s must be a whole number"), question->node->link_id, strrchr (url, '/') + 1);
}

static AnxAnswerValue *
read_unit (JsonObject *extension)
{
  AnxAnswerValue *unit = anx_answer_value_parse (extension, "value", NULL);
  if (unit != NULL && unit->type != ANX_VALUE_CODING)
    g_clear_pointer (&unit, anx_answer_value_free);
  return unit;
}

static gboolean
read_units (AnxQuestion *question,
            JsonObject *json,
            GError **error)
{
  JsonObject *extension = anx_fhir_find_extension (json, HL7 "questionnaire-unit");
  question->unit = extension != NULL ? read_unit (extension) : NULL;
  if (extension != NULL && question->unit == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: questionnaire-unit must be a coding"), question->node->link_id);
  JsonArray *extensions = anx_json_get_array (json, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      JsonObject *element = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_json_get_string (element, "url", NULL), HL7 "questionnaire-unitOption") != 0)
        continue;
      AnxAnswerValue *unit = read_unit (element);
      if (unit == NULL || (question->units != NULL && question->units->len == MAX_UNITS))
        {
          anx_answer_value_free (unit);
          return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: questionnaire-unitOption must be a coding, at most %d times"),
                       question->node->link_id, MAX_UNITS);
        }
      if (question->units == NULL)
        question->units = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_answer_value_free);
      g_ptr_array_add (question->units, unit);
    }
  return TRUE;
}

static gboolean
read_regex (AnxQuestion *question,
            JsonObject *json,
            GError **error)
{
  const char *pattern = anx_json_get_string (anx_fhir_find_extension (json, HL7 "regex"), "valueString", NULL);
  if (pattern == NULL)
    return TRUE;
  g_autofree char *whole = g_strdup_printf ("^(?:%s)$", pattern);
  question->regex = strlen (pattern) <= 1000 ? g_regex_new (whole, G_REGEX_DOLLAR_ENDONLY, 0, NULL) : NULL;
  return question->regex != NULL || fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: its regex cannot be read"), question->node->link_id);
}

/**
 * anx_questionnaire_read_limits:
 * @question: the question
 * @json: its item
 * @error: return location, of #AnxCareError
 *
 * Reads what its answers must keep to: lengths, least and most value, decimals, units, a regular expression.
 *
 * Returns: whether they could be read
 */
gboolean
anx_questionnaire_read_limits (AnxQuestion *question,
                               JsonObject *json,
                               GError **error)
{
  AnxItem *item = &question->public;
  gint64 longest = anx_json_get_int (json, "maxLength", 0), shortest = 0, decimals = -1;
  if (longest < 0 || (longest == 0 && json_object_has_member (json, "maxLength")) || longest > G_MAXINT32)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: maxLength must be a whole number"), question->node->link_id);
  if (!read_count (question, json, HL7 "minLength", G_MAXINT32, &shortest, error) ||
      !read_count (question, json, HL7 "maxDecimalPlaces", 20, &decimals, error) ||
      !read_bound (question, json, HL7 "minValue", &item->least, error) ||
      !read_bound (question, json, HL7 "maxValue", &item->most, error) || !read_units (question, json, error) ||
      !read_regex (question, json, error))
    return FALSE;
  item->min_length = (guint) shortest;
  item->max_length = (guint) longest;
  item->max_decimals = (int) decimals;
  if (item->least != NULL && item->most != NULL && anx_answer_value_compare (item->least, item->most) > 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: minValue is above maxValue"), question->node->link_id);
  return TRUE;
}
