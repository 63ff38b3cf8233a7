/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <math.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define TRANSLATION_URL "http://hl7.org/fhir/StructureDefinition/translation"
#define HIDDEN_URL "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
#define ORDINAL_URL "http://hl7.org/fhir/StructureDefinition/ordinalValue"
#define ITEM_WEIGHT_URL "http://hl7.org/fhir/StructureDefinition/itemWeight"
#define STU3_ORDINAL_URL "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue"
#define MIN_VALUE_URL "http://hl7.org/fhir/StructureDefinition/minValue"
#define MAX_VALUE_URL "http://hl7.org/fhir/StructureDefinition/maxValue"

#define MAX_TEXT_BYTES 8000
#define MAX_CONDITIONS 20

G_DEFINE_BOXED_TYPE (AnxQuestionnaire, anx_questionnaire, anx_questionnaire_ref, anx_questionnaire_unref)

#define fail anx_questionnaire_fail
#define read_text anx_questionnaire_read_text
#define text_clear anx_questionnaire_clear_text

/**
 * anx_questionnaire_fail:
 * @error: return location
 * @code: an #AnxCareError
 * @format: the message: where it is and what is wrong there
 * @...: what @format asks for
 *
 * Returns: %FALSE
 */
gboolean
anx_questionnaire_fail (GError **error,
                        int code,
                        const char *format,
                        ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, ANX_CARE_ERROR, code, message);
  return FALSE;
}

/* --- memory --- */

/**
 * anx_questionnaire_clear_text:
 * @text: a text
 *
 * Frees what it holds.
 */
void
text_clear (AnxText *text)
{
  g_free (text->own);
  g_free (text->zh);
  g_free (text->en);
}

static AnxText
text_copy (const AnxText *text)
{
  return (AnxText) { g_strdup (text->own), g_strdup (text->zh), g_strdup (text->en) };
}

static void
option_free (gpointer data)
{
  AnxOption *option = data;
  g_free (option->system);
  g_free (option->code);
  text_clear (&option->text);
  g_free (option);
}

static void
question_free (gpointer data)
{
  AnxQuestion *question = data;
  g_free (question->link_id);
  text_clear (&question->text);
  text_clear (&question->intro);
  g_ptr_array_unref (question->options);
  g_ptr_array_unref (question->gates);
  g_free (question);
}

static void
group_free (gpointer data)
{
  AnxGroup *group = data;
  g_free (group->link_id);
  g_free (group);
}

static void
gate_free (gpointer data)
{
  AnxGate *gate = data;
  g_array_unref (gate->conditions);
  g_free (gate);
}

/* --- texts --- */

static gboolean
language_is (const char *tag,
             const char *primary)
{
  gsize length = strlen (primary);
  return tag != NULL && g_ascii_strncasecmp (tag, primary, length) == 0 && (tag[length] == '\0' || tag[length] == '-');
}

static gboolean
read_translations (AnxText *text,
                   JsonObject *element,
                   const char *what,
                   GError **error)
{
  JsonArray *extensions = anx_json_get_array (element, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      JsonObject *extension = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_json_get_string (extension, "url", NULL), TRANSLATION_URL) != 0)
        continue;
      const char *tag = anx_json_get_string (anx_fhir_find_extension (extension, "lang"), "valueCode", NULL);
      JsonObject *content = anx_fhir_find_extension (extension, "content");
      const char *words
          = anx_json_get_string (content, "valueString", anx_json_get_string (content, "valueMarkdown", NULL));
      if (tag == NULL || words == NULL || strlen (words) > MAX_TEXT_BYTES)
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: a translation needs “lang” and “content”", what);
      char **slot = language_is (tag, "zh") ? &text->zh : language_is (tag, "en") ? &text->en : NULL;
      if (slot != NULL)
        {
          g_free (*slot);
          *slot = g_strdup (words);
        }
    }
  return TRUE;
}

/**
 * anx_questionnaire_read_text:
 * @self: the questionnaire being read
 * @text: (out): empty before
 * @object: what holds @member and its companion _@member with the translations
 * @member: the member's name
 * @what: what a message names
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: whether it could be read; an absent one leaves @text empty
 */
gboolean
read_text (AnxQuestionnaire *self,
           AnxText *text,
           JsonObject *object,
           const char *member,
           const char *what,
           GError **error)
{
  const char *own = anx_json_get_string (object, member, NULL);
  if (own == NULL && json_object_has_member (object, member))
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: “%s” must be a text", what, member);
  if (own == NULL)
    return TRUE;
  if (strlen (own) > MAX_TEXT_BYTES)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "%s: “%s” is longer than %d bytes", what, member, MAX_TEXT_BYTES);
  text->own = g_strdup (own);
  if (self->base_is_zh)
    text->zh = g_strdup (own);
  else
    text->en = g_strdup (own);
  g_autofree char *companion = g_strconcat ("_", member, NULL);
  return read_translations (text, anx_json_get_object (object, companion), what, error);
}

static char *
text_dup (const AnxText *text,
          const char *language)
{
  const char *words = language_is (language, "zh") ? text->zh : language_is (language, "en") ? text->en : NULL;
  return g_strdup (words != NULL ? words : text->own);
}

/* --- what the engine does not have --- */

static const struct
{
  const char *url_end;
  const char *feature;
} unsupported_extensions[] = {
  { "sdc-questionnaire-calculatedExpression", "calculatedExpression" },
  { "sdc-questionnaire-initialExpression", "initialExpression" },
  { "sdc-questionnaire-enableWhenExpression", "enableWhenExpression" },
  { "sdc-questionnaire-answerExpression", "answerExpression" },
  { "sdc-questionnaire-candidateExpression", "candidateExpression" },
  { "sdc-questionnaire-contextExpression", "contextExpression" },
  { "sdc-questionnaire-answerOptionsToggleExpression", "answerOptionsToggleExpression" },
  { "/variable", "variable" },
  { "/cqf-expression", "cqf-expression" },
  { "/questionnaire-constraint", "constraint" },
  { "/targetConstraint", "targetConstraint" },
  { "/questionnaire-optionExclusive", "optionExclusive" },
};

static gboolean
check_extensions (JsonObject *element,
                  const char *what,
                  GError **error)
{
  if (json_object_has_member (element, "modifierExtension"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: modifierExtension is not supported", what);
  JsonArray *extensions = anx_json_get_array (element, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      const char *url
          = JSON_NODE_HOLDS_OBJECT (node) ? anx_json_get_string (json_node_get_object (node), "url", "") : "";
      for (gsize k = 0; k < G_N_ELEMENTS (unsupported_extensions); k++)
        if (g_str_has_suffix (url, unsupported_extensions[k].url_end))
          return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: %s is not supported", what,
                       unsupported_extensions[k].feature);
    }
  return TRUE;
}

/* --- options --- */

static gboolean
find_weight (JsonObject *element,
             double *out_weight)
{
  static const char *const urls[] = { ITEM_WEIGHT_URL, ORDINAL_URL, STU3_ORDINAL_URL };
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
add_option (AnxQuestion *question)
{
  AnxOption *option = g_new0 (AnxOption, 1);
  g_ptr_array_add (question->options, option);
  return option;
}

static gboolean
set_value_type (AnxQuestion *question,
                AnxValueType type,
                GError **error)
{
  if (question->options->len > 0 && question->value_type != type)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: its answers are of different types", question->link_id);
  question->value_type = type;
  return TRUE;
}

static gboolean
read_option (AnxQuestionnaire *self,
             AnxQuestion *question,
             JsonObject *json,
             GError **error)
{
  if (!check_extensions (json, question->link_id, error))
    return FALSE;
  if (json_object_has_member (json, "initialSelected"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: initialSelected is not supported", question->link_id);

  double weight;
  JsonObject *coding = anx_json_get_object (json, "valueCoding");
  gboolean has_weight = find_weight (json, &weight) || find_weight (coding, &weight);
  AnxValueType type = coding != NULL                                     ? ANX_VALUE_CODING
                      : json_object_has_member (json, "valueInteger")    ? ANX_VALUE_INTEGER
                                                                         : ANX_VALUE_STRING;
  if (!set_value_type (question, type, error))
    return FALSE;
  AnxOption *option = add_option (question);
  option->has_weight = has_weight;
  option->weight = has_weight ? weight : 0;

  if (type == ANX_VALUE_CODING)
    {
      const char *code = anx_fhir_need_string (coding, "code", ANX_FHIR_SHORT_BYTES, NULL);
      if (code == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: an answer has no code", question->link_id);
      option->code = g_strdup (code);
      option->system = g_strdup (anx_json_get_string (coding, "system", NULL));
      if (!read_text (self, &option->text, coding, "display", question->link_id, error))
        return FALSE;
    }
  else if (type == ANX_VALUE_INTEGER)
    {
      gint64 number = anx_json_get_int (json, "valueInteger", G_MAXINT64);
      if (number == G_MAXINT64)
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: an answer is not a whole number", question->link_id);
      option->number = number;
      option->code = g_strdup_printf ("%" G_GINT64_FORMAT, number);
    }
  else
    {
      if (!json_object_has_member (json, "valueString"))
        return fail (error, ANX_CARE_ERROR_UNSUPPORTED,
                     "%s: an answer that is not a coding, integer or string is not supported", question->link_id);
      if (!read_text (self, &option->text, json, "valueString", question->link_id, error))
        return FALSE;
      option->code = g_strdup (option->text.own);
    }
  if (option->text.own == NULL)
    option->text.own = g_strdup (option->code);
  return TRUE;
}

static gboolean
options_are_distinct (AnxQuestion *question)
{
  for (guint i = 0; i < question->options->len; i++)
    for (guint k = 0; k < i; k++)
      {
        AnxOption *one = g_ptr_array_index (question->options, i);
        AnxOption *other = g_ptr_array_index (question->options, k);
        if (strcmp (one->code, other->code) == 0 && g_strcmp0 (one->system, other->system) == 0)
          return FALSE;
      }
  return TRUE;
}

static gboolean
read_answer_options (AnxQuestionnaire *self,
                     AnxQuestion *question,
                     JsonObject *json,
                     GError **error)
{
  JsonArray *options = anx_json_get_array (json, "answerOption");
  if (json_object_has_member (json, "answerValueSet"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: answerValueSet is not supported", question->link_id);
  if (options == NULL || json_array_get_length (options) == 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: it has no answerOption", question->link_id);
  if (json_array_get_length (options) > ANX_MAX_OPTIONS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "%s: it has more than %d answers", question->link_id,
                 ANX_MAX_OPTIONS);
  for (guint i = 0; i < json_array_get_length (options); i++)
    {
      JsonNode *node = json_array_get_element (options, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: an answerOption is not an object", question->link_id);
      if (!read_option (self, question, json_node_get_object (node), error))
        return FALSE;
    }
  if (!options_are_distinct (question))
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: two answers have the same code", question->link_id);
  return TRUE;
}

/* FHIR gives a boolean no weights, so the file must say what yes and no count. */
static void
read_boolean_options (AnxQuestion *question,
                      JsonObject *json)
{
  static const struct
  {
    const char *code;
    const char *zh;
    const char *en;
  } values[] = { { "true", "是", "Yes" }, { "false", "否", "No" } };
  JsonObject *weights = anx_fhir_find_extension (json, ANX_BOOLEAN_WEIGHT_URL);
  question->value_type = ANX_VALUE_BOOLEAN;
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      AnxOption *option = add_option (question);
      option->code = g_strdup (values[i].code);
      option->text = (AnxText) { g_strdup (values[i].en), g_strdup (values[i].zh), g_strdup (values[i].en) };
      option->has_weight =
          anx_fhir_get_number (anx_fhir_find_extension (weights, values[i].code), "valueDecimal", &option->weight);
    }
}

static gboolean
read_integer_options (AnxQuestionnaire *self,
                      AnxQuestion *question,
                      JsonObject *json,
                      GError **error)
{
  gint64 least = anx_json_get_int (anx_fhir_find_extension (json, MIN_VALUE_URL), "valueInteger", G_MININT64);
  gint64 most = anx_json_get_int (anx_fhir_find_extension (json, MAX_VALUE_URL), "valueInteger", G_MININT64);
  if (least == G_MININT64 || most == G_MININT64)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: an integer without minValue and maxValue is not supported",
                 question->link_id);
  if (least < -1000000 || most > 1000000 || most < least || most - least >= ANX_MAX_OPTIONS)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: an integer with more than %d values is not supported",
                 question->link_id, ANX_MAX_OPTIONS);
  question->value_type = ANX_VALUE_INTEGER;
  for (gint64 number = least; number <= most; number++)
    {
      AnxOption *option = add_option (question);
      option->number = number;
      option->code = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      option->text.own = g_strdup (option->code);
      option->has_weight = TRUE;
      option->weight = (double) number;
    }
  return TRUE;
}

/* --- enableWhen --- */

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

/* The option an enableWhen answer means, or -1. */
static int
find_condition_option (AnxQuestion *question,
                       JsonObject *json)
{
  JsonObject *coding = anx_json_get_object (json, "answerCoding");
  const char *system = anx_json_get_string (coding, "system", NULL);
  g_autofree char *code = NULL;
  if (question->value_type == ANX_VALUE_CODING)
    code = g_strdup (anx_json_get_string (coding, "code", NULL));
  else if (question->value_type == ANX_VALUE_STRING)
    code = g_strdup (anx_json_get_string (json, "answerString", NULL));
  else if (question->value_type == ANX_VALUE_INTEGER
           && anx_json_get_int (json, "answerInteger", G_MAXINT64) != G_MAXINT64)
    code = g_strdup_printf ("%" G_GINT64_FORMAT, anx_json_get_int (json, "answerInteger", 0));
  else if (question->value_type == ANX_VALUE_BOOLEAN && json_object_has_member (json, "answerBoolean"))
    code = g_strdup (anx_json_get_boolean (json, "answerBoolean", FALSE) ? "true" : "false");
  for (guint i = 0; code != NULL && i < question->options->len; i++)
    {
      AnxOption *option = g_ptr_array_index (question->options, i);
      if (strcmp (option->code, code) == 0 && (system == NULL || g_strcmp0 (system, option->system) == 0))
        return (int) i;
    }
  return -1;
}

static gboolean
find_condition_value (AnxQuestion *question,
                      JsonObject *json,
                      double *out_value)
{
  if (question->value_type == ANX_VALUE_INTEGER)
    return anx_fhir_get_number (json, "answerInteger", out_value)
           || anx_fhir_get_number (json, "answerDecimal", out_value);
  int option = find_condition_option (question, json);
  for (guint i = 0; i < question->options->len; i++)
    if (!((AnxOption *) g_ptr_array_index (question->options, i))->has_weight)
      return FALSE;
  if (option < 0)
    return FALSE;
  *out_value = ((AnxOption *) g_ptr_array_index (question->options, option))->weight;
  return TRUE;
}

static gboolean
read_condition (AnxQuestionnaire *self,
                AnxGate *gate,
                JsonObject *json,
                const char *link_id,
                GError **error)
{
  const char *asked = anx_json_get_string (json, "question", "");
  const char *code = anx_json_get_string (json, "operator", "");
  AnxCondition condition = { .option = -1 };
  gpointer index;
  /* Only an earlier question may decide: then one pass in order is enough, and no circle can arise. */
  if (!g_hash_table_lookup_extended (self->link_ids, asked, NULL, &index) || GPOINTER_TO_UINT (index) == G_MAXUINT)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED,
                 "%s: enableWhen by anything but an earlier question is not supported", link_id);
  condition.question = GPOINTER_TO_UINT (index);

  gsize which = 0;
  while (which < G_N_ELEMENTS (operators) && strcmp (operators[which].code, code) != 0)
    which++;
  if (which == G_N_ELEMENTS (operators))
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: enableWhen has no operator of FHIR", link_id);
  condition.operator = operators[which].operator;

  AnxQuestion *question = g_ptr_array_index (self->questions, condition.question);
  if (condition.operator == ANX_OPERATOR_EXISTS)
    {
      JsonNode *node = json_object_get_member (json, "answerBoolean");
      if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: enableWhen “exists” needs answerBoolean", link_id);
      condition.exists = json_node_get_boolean (node);
    }
  else if (condition.operator == ANX_OPERATOR_EQUAL || condition.operator == ANX_OPERATOR_NOT_EQUAL)
    {
      condition.option = find_condition_option (question, json);
      if (condition.option < 0)
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: enableWhen names an answer that question “%s” does not have",
                     link_id, asked);
    }
  else if (!find_condition_value (question, json, &condition.value))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED,
                 "%s: enableWhen compares answers that have no weights, which is not supported", link_id);
  g_array_append_val (gate->conditions, condition);
  return TRUE;
}

static gboolean
read_gate (AnxQuestionnaire *self,
           JsonObject *json,
           const char *link_id,
           GPtrArray *gates,
           GError **error)
{
  if (!json_object_has_member (json, "enableWhen"))
    return TRUE;
  JsonArray *conditions = anx_json_get_array (json, "enableWhen");
  guint n = conditions != NULL ? json_array_get_length (conditions) : 0;
  if (n == 0 || n > MAX_CONDITIONS)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: enableWhen must hold 1 to %d conditions", link_id, MAX_CONDITIONS);
  const char *behavior = anx_json_get_string (json, "enableBehavior", NULL);
  /* FHIR R4 que-12 */
  if (n > 1 && behavior == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: more than one enableWhen needs enableBehavior", link_id);
  if (behavior != NULL && strcmp (behavior, "all") != 0 && strcmp (behavior, "any") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: enableBehavior must be all or any", link_id);

  AnxGate *gate = g_new0 (AnxGate, 1);
  gate->all = g_strcmp0 (behavior, "all") == 0;
  gate->conditions = g_array_new (FALSE, FALSE, sizeof (AnxCondition));
  g_ptr_array_add (self->gates, gate);
  g_ptr_array_add (gates, gate);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (conditions, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, "%s: an enableWhen is not an object", link_id);
      if (!read_condition (self, gate, json_node_get_object (node), link_id, error))
        return FALSE;
    }
  return TRUE;
}

/* --- items --- */

/* What an item takes over from the groups around it. */
typedef struct
{
  guint group;
  const AnxText *intro;
  GPtrArray *gates;
  gboolean hidden;
} Surroundings;

static gboolean
read_items (AnxQuestionnaire *self,
            JsonObject *parent,
            const Surroundings *around,
            GError **error);

static gboolean
add_link_id (AnxQuestionnaire *self,
             const char *link_id,
             guint question,
             GError **error)
{
  if (g_hash_table_contains (self->link_ids, link_id))
    return fail (error, ANX_CARE_ERROR_INVALID, "linkId “%s” stands there twice", link_id);
  if (g_hash_table_size (self->link_ids) >= ANX_MAX_ITEMS)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "The questionnaire has more than %d items", ANX_MAX_ITEMS);
  g_hash_table_insert (self->link_ids, g_strdup (link_id), GUINT_TO_POINTER (question));
  return TRUE;
}

static gboolean
read_group (AnxQuestionnaire *self,
            JsonObject *json,
            const char *link_id,
            const Surroundings *around,
            GError **error)
{
  if (!add_link_id (self, link_id, G_MAXUINT, error))
    return FALSE;
  if (anx_json_get_boolean (json, "repeats", FALSE))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: repeats is not supported", link_id);

  AnxGroup *group = g_new0 (AnxGroup, 1);
  group->link_id = g_strdup (link_id);
  group->parent = around->group;
  g_ptr_array_add (self->groups, group);

  AnxText text = { NULL };
  g_autoptr (GPtrArray) gates = g_ptr_array_new ();
  g_ptr_array_extend (gates, around->gates, NULL, NULL);
  Surroundings inside = { self->groups->len - 1, around->intro, gates, around->hidden };
  gboolean ok = read_text (self, &text, json, "text", link_id, error) && read_gate (self, json, link_id, gates, error);
  if (text.own != NULL)
    inside.intro = &text;
  if (ok && text.own != NULL && self->intro.own == NULL && !around->hidden)
    self->intro = text_copy (&text);
  ok = ok && read_items (self, json, &inside, error);
  text_clear (&text);
  return ok;
}

static gboolean
read_question (AnxQuestionnaire *self,
               JsonObject *json,
               const char *link_id,
               AnxItemType type,
               const Surroundings *around,
               GError **error)
{
  static const char *const refused[] = { "initial", "readOnly", "repeats", "item", "maxLength" };
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      JsonNode *node = json_object_get_member (json, refused[i]);
      gboolean set = node != NULL
                     && !(JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
                          && !json_node_get_boolean (node));
      if (set)
        return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: %s is not supported", link_id, refused[i]);
    }

  AnxQuestion *question = g_new0 (AnxQuestion, 1);
  question->options = g_ptr_array_new_with_free_func (option_free);
  question->gates = g_ptr_array_new ();
  question->link_id = g_strdup (link_id);
  question->type = type;
  question->group = around->group;
  /* The conditions are read before the question enters the table, so that it cannot ask for itself. */
  g_ptr_array_extend (question->gates, around->gates, NULL, NULL);
  gboolean ok = read_gate (self, json, link_id, question->gates, error);
  g_ptr_array_add (self->questions, question);
  if (!ok || !add_link_id (self, link_id, self->questions->len - 1, error) ||
      !read_text (self, &question->text, json, "text", link_id, error))
    return FALSE;
  if (question->text.own == NULL || *question->text.own == '\0')
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: the question has no text", link_id);
  if (around->intro != NULL)
    question->intro = text_copy (around->intro);

  if (type == ANX_ITEM_BOOLEAN)
    read_boolean_options (question, json);
  else if (type == ANX_ITEM_INTEGER && !json_object_has_member (json, "answerOption"))
    ok = read_integer_options (self, question, json, error);
  else
    ok = read_answer_options (self, question, json, error);
  question->public
      = (AnxItem){ question->link_id, anx_json_get_boolean (json, "required", FALSE), question->options->len };
  return ok;
}

/* A hidden item is never asked. Its kind does not matter then, but what would compute a value for it does. */
static gboolean
read_hidden (AnxQuestionnaire *self,
             JsonObject *json,
             const char *link_id,
             const Surroundings *around,
             GError **error)
{
  Surroundings inside = *around;
  inside.hidden = TRUE;
  if (anx_json_get_boolean (json, "required", FALSE) || json_object_has_member (json, "initial"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: a hidden item with a value is not supported", link_id);
  return add_link_id (self, link_id, G_MAXUINT, error) &&
         (!json_object_has_member (json, "item") || read_items (self, json, &inside, error));
}

static gboolean
read_item (AnxQuestionnaire *self,
           JsonObject *json,
           const Surroundings *around,
           GError **error)
{
  const char *link_id = anx_fhir_need_string (json, "linkId", ANX_FHIR_SHORT_BYTES, error);
  if (link_id == NULL || !check_extensions (json, link_id, error))
    return FALSE;
  const char *type = anx_json_get_string (json, "type", "");
  if (around->hidden || anx_json_get_boolean (anx_fhir_find_extension (json, HIDDEN_URL), "valueBoolean", FALSE))
    return read_hidden (self, json, link_id, around, error);
  if (strcmp (type, "group") == 0)
    return read_group (self, json, link_id, around, error);
  if (strcmp (type, "display") == 0)
    {
      AnxText text = { NULL };
      gboolean ok
          = add_link_id (self, link_id, G_MAXUINT, error) && read_text (self, &text, json, "text", link_id, error);
      if (ok && json_object_has_member (json, "enableWhen"))
        ok = fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: enableWhen on a display is not supported", link_id);
      if (ok && self->intro.own == NULL)
        self->intro = text_copy (&text);
      text_clear (&text);
      return ok;
    }
  if (strcmp (type, "choice") == 0)
    return read_question (self, json, link_id, ANX_ITEM_CHOICE, around, error);
  if (strcmp (type, "boolean") == 0)
    return read_question (self, json, link_id, ANX_ITEM_BOOLEAN, around, error);
  if (strcmp (type, "integer") == 0)
    return read_question (self, json, link_id, ANX_ITEM_INTEGER, around, error);
  if (*type == '\0')
    return fail (error, ANX_CARE_ERROR_INVALID, "%s: it has no type", link_id);
  return fail (error, ANX_CARE_ERROR_UNSUPPORTED, "%s: type “%.40s” is not supported", link_id, type);
}

static gboolean
read_items (AnxQuestionnaire *self,
            JsonObject *parent,
            const Surroundings *around,
            GError **error)
{
  JsonArray *items = anx_json_get_array (parent, "item");
  if (items == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "A group or the questionnaire has no items");
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *node = json_array_get_element (items, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, "An item is not an object");
      if (!read_item (self, json_node_get_object (node), around, error))
        return FALSE;
    }
  return TRUE;
}

/* --- the file --- */

static gboolean
read_identity (AnxQuestionnaire *self,
               JsonObject *fhir,
               GError **error)
{
  static const char *const statuses[] = { "draft", "active", "retired", "unknown", NULL };
  if (!anx_fhir_check_type (fhir, "Questionnaire", error))
    return FALSE;
  const char *url = anx_fhir_need_string (fhir, "url", ANX_FHIR_SHORT_BYTES, error);
  if (url == NULL)
    return FALSE;
  const char *version = anx_json_get_string (fhir, "version", NULL);
  if (strchr (url, '|') != NULL || (version != NULL && (*version == '\0' || strlen (version) > 64 || strchr (version, '|') != NULL)))
    return fail (error, ANX_CARE_ERROR_INVALID, "“url” and “version” must be short and without “|”");
  if (!g_strv_contains (statuses, anx_json_get_string (fhir, "status", "")))
    return fail (error, ANX_CARE_ERROR_INVALID, "“status” must be draft, active, retired or unknown");
  self->url = g_strdup (url);
  self->version = g_strdup (version);
  self->canonical = version != NULL ? g_strconcat (url, "|", version, NULL) : g_strdup (url);

  const char *slash = strrchr (url, '/');
  const char *colon = strrchr (url, ':');
  const char *last = slash != NULL ? slash : colon;
  const char *id = anx_json_get_string (fhir, "id", last != NULL ? last + 1 : url);
  if (*id == '\0' || strlen (id) > 64)
    return fail (error, ANX_CARE_ERROR_INVALID, "“id” must have 1 to 64 characters");
  self->id = g_strdup (id);
  self->base_is_zh = language_is (anx_json_get_string (fhir, "language", "en"), "zh");
  return TRUE;
}

/**
 * anx_questionnaire_parse:
 * @fhir: a FHIR R4 Questionnaire, read with the bound %ANX_BOUND_QUESTIONNAIRE_BYTES; the extensions that carry
 *   scores and safety rules are described in README.md
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE (500 items, 64 answers each, 50 scores
 *   of 20 bands, 100 safety rules), or %ANX_CARE_ERROR_UNSUPPORTED naming the item and the feature
 *
 * A file that needs something the engine does not have is refused as a whole: a question left out would change the
 * score.
 *
 * Returns: (transfer full) (nullable): the questionnaire
 */
AnxQuestionnaire *
anx_questionnaire_parse (JsonObject *fhir,
                         GError **error)
{
  g_return_val_if_fail (fhir != NULL, NULL);
  g_autoptr (AnxQuestionnaire) self = g_new0 (AnxQuestionnaire, 1);
  g_atomic_ref_count_init (&self->references);
  self->questions = g_ptr_array_new_with_free_func (question_free);
  self->groups = g_ptr_array_new_with_free_func (group_free);
  self->gates = g_ptr_array_new_with_free_func (gate_free);
  self->scores = g_ptr_array_new_with_free_func (anx_score_rule_free);
  self->safety = g_ptr_array_new_with_free_func (anx_safety_rule_free);
  self->link_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_autoptr (GPtrArray) no_gates = g_ptr_array_new ();
  Surroundings outside = { G_MAXUINT, NULL, no_gates, FALSE };
  if (!read_identity (self, fhir, error) || !check_extensions (fhir, "Questionnaire", error)
      || !read_text (self, &self->title, fhir, "title", "Questionnaire", error)
      || !read_text (self, &self->credit, fhir, "copyright", "Questionnaire", error)
      || !read_items (self, fhir, &outside, error))
    return NULL;
  if (self->title.own == NULL)
    self->title.own = g_strdup (self->id);
  if (self->questions->len == 0)
    {
      fail (error, ANX_CARE_ERROR_INVALID, "The questionnaire has no question");
      return NULL;
    }
  if (!anx_score_read_rules (self, fhir, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_questionnaire_ref:
 * @self: a questionnaire
 *
 * Returns: (transfer full): the same, with one more reference
 */
AnxQuestionnaire *
anx_questionnaire_ref (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_questionnaire_unref:
 * @self: (transfer full): a questionnaire
 *
 * Drops a reference; the last one frees it.
 */
void
anx_questionnaire_unref (AnxQuestionnaire *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->url);
  g_free (self->version);
  g_free (self->canonical);
  g_free (self->id);
  text_clear (&self->title);
  text_clear (&self->intro);
  text_clear (&self->credit);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->gates);
  g_ptr_array_unref (self->scores);
  g_ptr_array_unref (self->safety);
  g_hash_table_unref (self->link_ids);
  g_free (self);
}

/**
 * anx_questionnaire_get_canonical:
 * @self: a questionnaire
 *
 * Returns: (transfer none): `url|version`, or the url alone when the file gives no version
 */
const char *
anx_questionnaire_get_canonical (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->canonical;
}

/**
 * anx_questionnaire_get_id:
 * @self: a questionnaire
 *
 * Returns: (transfer none): its id, or the last part of its url
 */
const char *
anx_questionnaire_get_id (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->id;
}

/**
 * anx_questionnaire_dup_title:
 * @self: a questionnaire
 * @language: (nullable): a language tag, `zh` or `en` and what begins with them; others give the file's own
 *
 * Returns: (transfer full): its title
 */
char *
anx_questionnaire_dup_title (AnxQuestionnaire *self,
                             const char *language)
{
  g_return_val_if_fail (self != NULL, NULL);
  return text_dup (&self->title, language);
}

/**
 * anx_questionnaire_dup_intro:
 * @self: a questionnaire
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): the text of its first group or display
 */
char *
anx_questionnaire_dup_intro (AnxQuestionnaire *self,
                             const char *language)
{
  g_return_val_if_fail (self != NULL, NULL);
  return text_dup (&self->intro, language);
}

/**
 * anx_questionnaire_dup_credit:
 * @self: a questionnaire
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): the line about copyright and source that must be shown with it
 */
char *
anx_questionnaire_dup_credit (AnxQuestionnaire *self,
                              const char *language)
{
  g_return_val_if_fail (self != NULL, NULL);
  return text_dup (&self->credit, language);
}

/**
 * anx_questionnaire_get_n_items:
 * @self: a questionnaire
 *
 * Returns: how many questions it has: 1 to 500; groups, displays and hidden items do not count
 */
guint
anx_questionnaire_get_n_items (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->questions->len;
}

/**
 * anx_questionnaire_get_question:
 * @self: a questionnaire
 * @index: from 0
 *
 * Returns: (transfer none) (nullable): the question, for friends in this folder
 */
AnxQuestion *
anx_questionnaire_get_question (AnxQuestionnaire *self,
                                guint index)
{
  g_return_val_if_fail (self != NULL && index < self->questions->len, NULL);
  return g_ptr_array_index (self->questions, index);
}

/**
 * anx_questionnaire_get_item:
 * @self: a questionnaire
 * @index: 0 to one less than anx_questionnaire_get_n_items()
 *
 * Returns: (transfer none): the question
 */
const AnxItem *
anx_questionnaire_get_item (AnxQuestionnaire *self,
                            guint index)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  return question != NULL ? &question->public : NULL;
}

/**
 * anx_questionnaire_dup_item_intro:
 * @self: a questionnaire
 * @index: 0 to one less than anx_questionnaire_get_n_items()
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): the text of the nearest group around the question that has one
 */
char *
anx_questionnaire_dup_item_intro (AnxQuestionnaire *self,
                                  guint index,
                                  const char *language)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  return question != NULL ? text_dup (&question->intro, language) : NULL;
}

/**
 * anx_questionnaire_dup_item_text:
 * @self: a questionnaire
 * @index: 0 to one less than anx_questionnaire_get_n_items()
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full): the question's words
 */
char *
anx_questionnaire_dup_item_text (AnxQuestionnaire *self,
                                 guint index,
                                 const char *language)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  return question != NULL ? text_dup (&question->text, language) : NULL;
}

/**
 * anx_questionnaire_dup_option_text:
 * @self: a questionnaire
 * @index: 0 to one less than anx_questionnaire_get_n_items()
 * @option: 0 to one less than the item's `n_options`
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full): the answer's words
 */
char *
anx_questionnaire_dup_option_text (AnxQuestionnaire *self,
                                   guint index,
                                   guint option,
                                   const char *language)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  g_return_val_if_fail (question != NULL && option < question->options->len, NULL);
  return text_dup (&((AnxOption *) g_ptr_array_index (question->options, option))->text, language);
}

/**
 * anx_questionnaire_get_score_system:
 * @self: a questionnaire
 * @code: a score's code
 *
 * Returns: (transfer none) (nullable): the code system the file names for it
 */
const char *
anx_questionnaire_get_score_system (AnxQuestionnaire *self,
                                    const char *code)
{
  for (guint i = 0; i < self->scores->len; i++)
    {
      AnxScoreRule *rule = g_ptr_array_index (self->scores, i);
      if (strcmp (rule->code, code) == 0)
        return rule->system;
    }
  return NULL;
}

/* --- levels --- */

static const char *const levels[] = {
  [ANX_LEVEL_GREEN] = "green",
  [ANX_LEVEL_YELLOW] = "yellow",
  [ANX_LEVEL_RED] = "red",
};

/**
 * anx_level_to_string:
 * @level: a level
 *
 * Returns: (transfer none): its code; for staff only, never shown to a resident
 */
const char *
anx_level_to_string (AnxLevel level)
{
  g_return_val_if_fail (level <= ANX_LEVEL_RED, "red");
  return levels[level];
}

/**
 * anx_level_from_string:
 * @text: (nullable): a code
 *
 * Returns: the level; %ANX_LEVEL_RED for anything unknown, so that no mistake lowers one
 */
AnxLevel
anx_level_from_string (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (g_strcmp0 (levels[i], text) == 0)
      return (AnxLevel) i;
  return ANX_LEVEL_RED;
}
