/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define MAX_SCORES 50
#define MAX_BANDS 20
#define MAX_ROWS 50
#define MAX_SAFETY_RULES 100

#define fail anx_care_fail

static void
band_free (gpointer data)
{
  AnxBand *band = data;
  g_free (band->code);
  anx_questionnaire_clear_text (&band->text);
  anx_questionnaire_clear_text (&band->name);
  g_free (band->citation);
  g_free (band);
}

/**
 * anx_score_rule_free:
 * @data: (transfer full): an #AnxScoreRule
 *
 * Frees it.
 */
void
anx_score_rule_free (gpointer data)
{
  AnxScoreRule *rule = data;
  g_free (rule->code);
  g_free (rule->system);
  g_free (rule->variable);
  anx_questionnaire_clear_text (&rule->name);
  g_array_unref (rule->items);
  g_array_unref (rule->scores);
  g_array_unref (rule->transform);
  g_clear_pointer (&rule->expression, anx_fhirpath_unref);
  g_free (rule->cut_off_reason);
  g_ptr_array_unref (rule->bands);
  g_free (rule);
}

/**
 * anx_safety_rule_free:
 * @data: (transfer full): an #AnxSafetyRule
 *
 * Frees it.
 */
void
anx_safety_rule_free (gpointer data)
{
  AnxSafetyRule *rule = data;
  g_free (rule->code);
  g_free (rule->options);
  g_clear_pointer (&rule->expression, anx_fhirpath_unref);
  g_free (rule);
}

/* --- parts --- */

/* Calls @read for each extension of @url directly in @element. */
static gboolean
read_each (AnxQuestionnaire *self,
           JsonObject *element,
           const char *url,
           guint most,
           gboolean (*read) (AnxQuestionnaire *self, JsonObject *extension, gpointer data, GError **error),
           gpointer data,
           GError **error)
{
  JsonArray *extensions = anx_json_get_array (element, "extension");
  guint found = 0;
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      JsonObject *extension = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (extension == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("An extension is not an object"));
      if (g_strcmp0 (anx_json_get_string (extension, "url", NULL), url) != 0)
        continue;
      if (++found > most)
        return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("More than %u extensions “%s”"), most, url);
      if (!read (self, extension, data, error))
        return FALSE;
    }
  return TRUE;
}

/* A misspelt part of a rule must not be passed over: it could be the one that matters. */
static gboolean
check_parts (JsonObject *extension,
             const char *const *known,
             const char *what,
             GError **error)
{
  JsonArray *parts = anx_json_get_array (extension, "extension");
  for (guint i = 0; parts != NULL && i < json_array_get_length (parts); i++)
    {
      JsonNode *node = json_array_get_element (parts, i);
      const char *url
          = JSON_NODE_HOLDS_OBJECT (node) ? anx_json_get_string (json_node_get_object (node), "url", "") : "";
      if (!g_strv_contains (known, url))
        return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: part “%.40s” is not supported"), what, url);
    }
  return TRUE;
}

/* An absent part leaves @inout_value as it is. */
static gboolean
read_number (JsonObject *extension,
             const char *part,
             const char *what,
             double *inout_value,
             GError **error)
{
  JsonObject *found = anx_fhir_find_extension (extension, part);
  if (found == NULL)
    return TRUE;
  double value;
  if (!anx_fhir_get_number (found, "valueDecimal", &value) || !isfinite (value) || fabs (value) > 1e6)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s must be a number up to 1,000,000"), what, part);
  *inout_value = value;
  return TRUE;
}

static gboolean
read_level (JsonObject *extension,
            AnxLevel *out_level)
{
  const char *text = anx_json_get_string (anx_fhir_find_extension (extension, "level"), "valueCode", "");
  *out_level = anx_level_from_string (text);
  return strcmp (anx_level_to_string (*out_level), text) == 0;
}

static gboolean
find_question (AnxQuestionnaire *self,
               JsonObject *extension,
               const char *what,
               guint *out_index,
               GError **error)
{
  const char *link_id = anx_json_get_string (extension, "valueString", "");
  AnxNode *node = anx_questionnaire_find_node (self, link_id);
  if (node == NULL || node->question == G_MAXUINT)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: “%.80s” is no question here"), what, link_id);
  if (node->frame != G_MAXUINT)
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: “%.80s” stands in a repeating group, which is not supported here"), what,
                 link_id);
  *out_index = node->question;
  return TRUE;
}

/* --- what a score counts --- */

static gboolean
holds (GArray *array,
       guint value)
{
  for (guint i = 0; i < array->len; i++)
    if (g_array_index (array, guint, i) == value)
      return TRUE;
  return FALSE;
}

static gboolean
is_number (const AnxQuestion *question)
{
  return question->value_type == ANX_VALUE_INTEGER || question->value_type == ANX_VALUE_DECIMAL || question->value_type == ANX_VALUE_QUANTITY;
}

/* What one answer of the item can count. */
static gboolean
find_range (AnxScoreRule *rule,
            const AnxQuestion *question,
            double *out_low,
            double *out_high,
            GError **error)
{
  if (question->options->len == 0 && !is_number (question))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: item “%s” has nothing that can be counted"), rule->code, question->public.link_id);
  *out_low = HUGE_VAL;
  *out_high = -HUGE_VAL;
  if (question->options->len == 0)
    {
      *out_low = question->public.least != NULL ? question->public.least->number : -HUGE_VAL;
      *out_high = question->public.most != NULL ? question->public.most->number : HUGE_VAL;
    }
  for (guint i = 0; i < question->options->len; i++)
    {
      AnxOption *option = g_ptr_array_index (question->options, i);
      if (!option->has_weight)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: item “%s” has an answer without a weight"), rule->code,
                     question->public.link_id);
      *out_low = MIN (*out_low, option->weight);
      *out_high = MAX (*out_high, option->weight);
    }
  return TRUE;
}

static gboolean
add_item_range (AnxScoreRule *rule,
                const AnxQuestion *question,
                GError **error)
{
  double low = 0, high = 0;
  if (rule->expression != NULL)
    return TRUE;
  if (!find_range (rule, question, &low, &high, error))
    return FALSE;
  if (rule->counts)
    {
      low = low >= rule->count_at ? 1 : 0;
      high = high >= rule->count_at ? 1 : 0;
    }
  else if (question->public.repeats)
    {
      /* Several answers of one item add up. */
      double below = 0, above = 0;
      for (guint i = 0; i < question->options->len; i++)
        {
          double weight = ((AnxOption *) question->options->pdata[i])->weight;
          below += MIN (weight, 0);
          above += MAX (weight, 0);
        }
      low = question->options->len > 0 ? MIN (below, low) : -HUGE_VAL;
      high = question->options->len > 0 ? MAX (above, high) : HUGE_VAL;
    }
  rule->least += rule->skipped_is_zero ? MIN (low, 0) : low;
  rule->most += rule->skipped_is_zero ? MAX (high, 0) : high;
  return TRUE;
}

static gboolean
read_item (AnxQuestionnaire *self,
           JsonObject *extension,
           gpointer data,
           GError **error)
{
  AnxScoreRule *rule = data;
  guint index;
  if (!find_question (self, extension, rule->code, &index, error))
    return FALSE;
  if (holds (rule->items, index))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: an item counts twice"), rule->code);
  g_array_append_val (rule->items, index);
  return add_item_range (rule, g_ptr_array_index (self->questions, index), error);
}

static gboolean
read_input_score (AnxQuestionnaire *self,
                  JsonObject *extension,
                  gpointer data,
                  GError **error)
{
  AnxScoreRule *rule = data;
  const char *code = anx_json_get_string (extension, "valueString", "");
  guint index = anx_questionnaire_find_score (self, code);
  if (index >= self->scores->len - 1)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: “%.80s” is no score further up"), rule->code, code);
  if (holds (rule->scores, index))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a score counts twice"), rule->code);
  g_array_append_val (rule->scores, index);
  AnxScoreRule *input = g_ptr_array_index (self->scores, index);
  rule->least += rule->counts ? 0 : input->least;
  rule->most += rule->counts ? 1 : input->most;
  return TRUE;
}

static gboolean
read_gaps (AnxScoreRule *rule,
           JsonObject *extension,
           GError **error)
{
  JsonObject *missing = anx_fhir_find_extension (extension, "maxMissing");
  JsonObject *answered = anx_fhir_find_extension (extension, "minimumAnswered");
  gint64 n = rule->items->len + rule->scores->len;
  if (missing != NULL && answered != NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: maxMissing and minimumAnswered say the same"), rule->code);
  gint64 most = missing != NULL    ? anx_json_get_int (missing, "valueInteger", -1)
                : answered != NULL ? n - anx_json_get_int (answered, "valueInteger", n + 1)
                                   : 0;
  if (most < 0 || most >= MAX (n, 1))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: %s must be from %d to less than the number of items"), rule->code,
                 answered != NULL ? "minimumAnswered" : "maxMissing", answered != NULL ? 1 : 0);
  rule->max_missing = (guint) most;
  return TRUE;
}

/* --- what becomes of the sum --- */

static gboolean
read_row (AnxQuestionnaire *self,
          JsonObject *extension,
          gpointer data,
          GError **error)
{
  static const char *const known[] = { "from", "to", "value", NULL };
  AnxScoreRule *rule = data;
  AnxTransformRow row = { -HUGE_VAL, HUGE_VAL, HUGE_VAL };
  if (!check_parts (extension, known, rule->code, error) ||
      !read_number (extension, "from", rule->code, &row.from, error) ||
      !read_number (extension, "to", rule->code, &row.to, error) ||
      !read_number (extension, "value", rule->code, &row.value, error))
    return FALSE;
  if (row.value == HUGE_VAL || row.to < row.from)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a row of transform needs a value, and from not above to"),
                 rule->code);
  g_array_append_val (rule->transform, row);
  return TRUE;
}

static gboolean
read_rounding (AnxScoreRule *rule,
               JsonObject *extension,
               GError **error)
{
  static const char *const codes[] = {
    [ANX_ROUNDING_NONE] = "none",
    [ANX_ROUNDING_NEAREST] = "nearest",
    [ANX_ROUNDING_UP] = "up",
    [ANX_ROUNDING_DOWN] = "down",
  };
  JsonObject *part = anx_fhir_find_extension (extension, "rounding");
  const char *code = part != NULL ? anx_json_get_string (part, "valueCode", "") : "none";
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strcmp (codes[i], code) == 0)
      {
        rule->rounding = (AnxRounding) i;
        return TRUE;
      }
  return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: rounding must be none, nearest, up or down"), rule->code);
}

static gboolean
read_result (AnxQuestionnaire *self,
             AnxScoreRule *rule,
             JsonObject *extension,
             GError **error)
{
  rule->multiplier = 1;
  if (!read_number (extension, "multiplier", rule->code, &rule->multiplier, error))
    return FALSE;
  if (!(rule->multiplier > 0) || rule->multiplier > 1000)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: multiplier must be above 0 and at most 1000"), rule->code);
  if (!read_number (extension, "addend", rule->code, &rule->addend, error) || !read_rounding (rule, extension, error))
    return FALSE;
  if (rule->expression != NULL)
    {
      rule->least = -HUGE_VAL;
      rule->most = HUGE_VAL;
    }
  rule->least = anx_score_round (rule, rule->least * rule->multiplier + rule->addend);
  rule->most = anx_score_round (rule, rule->most * rule->multiplier + rule->addend);
  if (!read_each (self, extension, "transform", MAX_ROWS, read_row, rule, error))
    return FALSE;
  if (rule->transform->len == 0)
    return TRUE;
  rule->least = HUGE_VAL;
  rule->most = -HUGE_VAL;
  for (guint i = 0; i < rule->transform->len; i++)
    {
      rule->least = MIN (rule->least, g_array_index (rule->transform, AnxTransformRow, i).value);
      rule->most = MAX (rule->most, g_array_index (rule->transform, AnxTransformRow, i).value);
    }
  return TRUE;
}

/* --- bands --- */

static gboolean
read_band (AnxQuestionnaire *self,
           JsonObject *extension,
           gpointer data,
           GError **error)
{
  static const char *const known[] = { "from", "to", "code", "level", "text", "name", "citation", NULL };
  AnxScoreRule *rule = data;
  if (!check_parts (extension, known, rule->code, error))
    return FALSE;
  AnxBand *band = g_new0 (AnxBand, 1);
  g_ptr_array_add (rule->bands, band);
  const char *code = anx_json_get_string (anx_fhir_find_extension (extension, "code"), "valueCode", NULL);
  if (!anx_fhir_get_number (anx_fhir_find_extension (extension, "from"), "valueDecimal", &band->from) ||
      !anx_fhir_get_number (anx_fhir_find_extension (extension, "to"), "valueDecimal", &band->to) ||
      !(band->to >= band->from) || code == NULL || *code == '\0' || strlen (code) > ANX_FHIR_SHORT_BYTES ||
      !read_level (extension, &band->level))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a band needs from, to, code and level"), rule->code);
  band->code = g_strdup (code);
  band->citation
      = g_strdup (anx_json_get_string (anx_fhir_find_extension (extension, "citation"), "valueString", NULL));
  JsonObject *text = anx_fhir_find_extension (extension, "text"), *name = anx_fhir_find_extension (extension, "name");
  return (text == NULL || anx_questionnaire_read_text (self, &band->text, text, "valueString", rule->code, error)) &&
         (name == NULL || anx_questionnaire_read_text (self, &band->name, name, "valueString", rule->code, error));
}

/* The bands must rise, must not overlap and must hold every value the score can have, as far as that is known. */
static gboolean
check_bands (AnxScoreRule *rule,
             GError **error)
{
  if (rule->bands->len == 0)
    return TRUE;
  for (guint i = 1; i < rule->bands->len; i++)
    if (((AnxBand *) rule->bands->pdata[i])->from <= ((AnxBand *) rule->bands->pdata[i - 1])->to)
      return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the bands overlap or do not rise"), rule->code);
  AnxBand *first = rule->bands->pdata[0];
  AnxBand *last = rule->bands->pdata[rule->bands->len - 1];
  if ((isfinite (rule->least) && first->from > rule->least) || (isfinite (rule->most) && last->to < rule->most))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the bands do not hold all values from %g to %g"), rule->code,
                 rule->least, rule->most);
  return TRUE;
}

/**
 * anx_score_read_bands:
 * @self: the questionnaire
 * @rule: a score's rule without bands
 * @holder: what has the `band` extensions: the rule's, or a site's own
 * @error: return location, of #AnxCareError
 *
 * Returns: whether its bands could be read and hold every value
 */
gboolean
anx_score_read_bands (AnxQuestionnaire *self,
                      AnxScoreRule *rule,
                      JsonObject *holder,
                      GError **error)
{
  return read_each (self, holder, "band", MAX_BANDS, read_band, rule, error) && check_bands (rule, error);
}

/* --- the score --- */

static gboolean
read_code (AnxQuestionnaire *self,
           AnxScoreRule *rule,
           JsonObject *extension,
           GError **error)
{
  JsonObject *coding = anx_json_get_object (anx_fhir_find_extension (extension, "code"), "valueCoding");
  const char *code = anx_fhir_need_string (coding, "code", ANX_FHIR_SHORT_BYTES, NULL);
  if (code == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("A score has no code"));
  rule->code = g_strdup (code);
  rule->system = g_strdup (anx_json_get_string (coding, "system", NULL));
  if (anx_questionnaire_find_score (self, code) != self->scores->len - 1)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: two scores have this code"), code);
  g_autofree char *word = g_strcanon (g_strdup (code), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
  rule->variable = g_strconcat ("score_", word, NULL);
  return anx_questionnaire_read_text (self, &rule->name, coding, "display", code, error);
}

static gboolean
read_score (AnxQuestionnaire *self,
            JsonObject *extension,
            gpointer data,
            GError **error)
{
  static const char *const known[]
      = { "code",   "item",     "score",     "count", "expression", "maxMissing", "minimumAnswered", "skipped", "multiplier",
          "addend", "rounding", "transform", "band",  "citation",   NULL };
  AnxScoreRule *rule = g_new0 (AnxScoreRule, 1);
  rule->items = g_array_new (FALSE, FALSE, sizeof (guint));
  rule->scores = g_array_new (FALSE, FALSE, sizeof (guint));
  rule->transform = g_array_new (FALSE, FALSE, sizeof (AnxTransformRow));
  rule->bands = g_ptr_array_new_with_free_func (band_free);
  g_ptr_array_add (self->scores, rule);
  if (!read_code (self, rule, extension, error) || !check_parts (extension, known, rule->code, error))
    return FALSE;

  JsonObject *part = anx_fhir_find_extension (extension, "skipped");
  const char *skipped = part != NULL ? anx_json_get_string (part, "valueCode", "") : "missing";
  if (strcmp (skipped, "zero") != 0 && strcmp (skipped, "missing") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: skipped must be zero or missing"), rule->code);
  rule->skipped_is_zero = strcmp (skipped, "zero") == 0;
  rule->counts = anx_fhir_find_extension (extension, "count") != NULL;
  JsonObject *expression = anx_fhir_find_extension (extension, "expression");
  /* It may name the scores before it, not itself. */
  g_ptr_array_set_free_func (self->scores, NULL);
  g_ptr_array_set_size (self->scores, (int) self->scores->len - 1);
  if (expression != NULL)
    rule->expression = anx_questionnaire_compile (self, NULL, expression, rule->code, TRUE, error);
  g_ptr_array_add (self->scores, rule);
  g_ptr_array_set_free_func (self->scores, anx_score_rule_free);
  if (expression != NULL && rule->expression == NULL)
    return FALSE;
  if (rule->counts && expression != NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: count and expression exclude each other"), rule->code);
  if (!read_number (extension, "count", rule->code, &rule->count_at, error) ||
      !read_each (self, extension, "item", ANX_MAX_ITEMS, read_item, rule, error) ||
      !read_each (self, extension, "score", MAX_SCORES, read_input_score, rule, error))
    return FALSE;
  if (rule->items->len + rule->scores->len == 0 && rule->expression == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the score has no items"), rule->code);
  return read_gaps (rule, extension, error) && read_result (self, rule, extension, error) &&
         anx_score_read_bands (self, rule, extension, error);
}

/* --- safety rules --- */

static gboolean
read_safety_option (AnxQuestionnaire *self,
                    JsonObject *extension,
                    gpointer data,
                    GError **error)
{
  AnxSafetyRule *rule = data;
  AnxQuestion *question = g_ptr_array_index (self->questions, rule->item);
  const char *code = anx_json_get_string (extension, "valueCode", "");
  for (guint i = 0; i < question->options->len; i++)
    {
      const AnxAnswerValue *value = &((AnxOption *) question->options->pdata[i])->value;
      g_autofree char *number = g_strdup_printf ("%.15g", value->number);
      const char *own = value->type == ANX_VALUE_BOOLEAN   ? value->boolean ? "true" : "false"
                        : value->type == ANX_VALUE_INTEGER ? number
                        : value->code != NULL              ? value->code
                                                           : value->text;
      if (g_strcmp0 (own, code) != 0)
        continue;
      rule->options[i] = 1;
      return TRUE;
    }
  return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: “%.80s” is no answer of item “%s”"), rule->code, code,
               question->public.link_id);
}

static gboolean
read_minimum_weight (AnxSafetyRule *rule,
                     AnxQuestion *question,
                     JsonObject *extension,
                     GError **error)
{
  if (anx_fhir_find_extension (extension, "minimumWeight") == NULL)
    return TRUE;
  rule->has_minimum_weight = TRUE;
  if (!read_number (extension, "minimumWeight", rule->code, &rule->minimum_weight, error))
    return FALSE;
  for (guint i = 0; i < question->options->len; i++)
    {
      AnxOption *option = question->options->pdata[i];
      if (!option->has_weight)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: item “%s” has an answer without a weight"), rule->code,
                     question->public.link_id);
      if (option->weight >= rule->minimum_weight)
        rule->options[i] = 1;
    }
  return TRUE;
}

static gboolean
read_safety_of_item (AnxQuestionnaire *self,
                     AnxSafetyRule *rule,
                     JsonObject *extension,
                     GError **error)
{
  static const char *const known[]
      = { "code", "item", "option", "minimumWeight", "level", "declinedIsFinding", "citation", NULL };
  if (!check_parts (extension, known, rule->code, error) ||
      !find_question (self, anx_fhir_find_extension (extension, "item"), rule->code, &rule->item, error))
    return FALSE;
  /* Absent means yes: a refused question about safety needs a person and is never a zero. */
  JsonObject *declined = anx_fhir_find_extension (extension, "declinedIsFinding");
  rule->declined_is_finding = anx_json_get_boolean (declined, "valueBoolean", TRUE);
  AnxQuestion *question = g_ptr_array_index (self->questions, rule->item);
  rule->options = g_new0 (guint8, question->options->len + 1);
  if (!read_minimum_weight (rule, question, extension, error) ||
      !read_each (self, extension, "option", ANX_MAX_OPTIONS, read_safety_option, rule, error))
    return FALSE;
  const AnxAnswerValue *most = question->public.most;
  gboolean possible = question->options->len == 0 && rule->has_minimum_weight && is_number (question) &&
                      (most == NULL || most->number >= rule->minimum_weight);
  for (guint i = 0; i < question->options->len; i++)
    possible |= rule->options[i] != 0;
  if (!possible)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: no answer would ever be a finding"), rule->code);
  return TRUE;
}

static gboolean
read_safety_of_score (AnxQuestionnaire *self,
                      AnxSafetyRule *rule,
                      JsonObject *extension,
                      GError **error)
{
  static const char *const known[] = { "code", "score", "minimum", "level", "citation", NULL };
  if (!check_parts (extension, known, rule->code, error))
    return FALSE;
  const char *code = anx_json_get_string (anx_fhir_find_extension (extension, "score"), "valueString", "");
  rule->score = anx_questionnaire_find_score (self, code);
  if (rule->score == G_MAXUINT)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: “%.80s” is no score here"), rule->code, code);
  rule->minimum = HUGE_VAL;
  if (!read_number (extension, "minimum", rule->code, &rule->minimum, error))
    return FALSE;
  AnxScoreRule *score = g_ptr_array_index (self->scores, rule->score);
  if (rule->minimum == HUGE_VAL || rule->minimum > score->most)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: no value of the score would ever be a finding"), rule->code);
  return TRUE;
}

static gboolean
read_safety_of_expression (AnxQuestionnaire *self,
                           AnxSafetyRule *rule,
                           JsonObject *extension,
                           GError **error)
{
  static const char *const known[] = { "code", "expression", "level", "citation", NULL };
  if (!check_parts (extension, known, rule->code, error))
    return FALSE;
  rule->expression = anx_questionnaire_compile (self, NULL, anx_fhir_find_extension (extension, "expression"), rule->code, TRUE, error);
  return rule->expression != NULL;
}

static gboolean
read_safety (AnxQuestionnaire *self,
             JsonObject *extension,
             gpointer data,
             GError **error)
{
  AnxSafetyRule *rule = g_new0 (AnxSafetyRule, 1);
  rule->item = rule->score = G_MAXUINT;
  g_ptr_array_add (self->safety, rule);
  const char *code = anx_json_get_string (anx_fhir_find_extension (extension, "code"), "valueCode", NULL);
  /* The code travels as the reason of an alert, in the clear: nothing but a short word fits. */
  gsize length = code != NULL ? strlen (code) : 0;
  if (length == 0 || length > 64 || strspn (code, "abcdefghijklmnopqrstuvwxyz0123456789-.") != length)
    return fail (error, ANX_CARE_ERROR_INVALID,
                 N_ ("A safety rule needs a code of lower-case letters, digits, dashes and dots"));
  rule->code = g_strdup (code);
  gboolean ok = anx_fhir_find_extension (extension, "expression") != NULL ? read_safety_of_expression (self, rule, extension, error)
                : anx_fhir_find_extension (extension, "score") != NULL    ? read_safety_of_score (self, rule, extension, error)
                                                                          : read_safety_of_item (self, rule, extension, error);
  if (!ok)
    return FALSE;
  if (!read_level (extension, &rule->level) || rule->level == ANX_LEVEL_GREEN)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: level must be yellow or red"), code);
  return TRUE;
}

/* --- totals and the digest --- */

static gboolean
has_code (JsonObject *json,
          const AnxScoreRule *rule)
{
  JsonArray *codes = anx_json_get_array (json, "code");
  for (guint i = 0; codes != NULL && i < json_array_get_length (codes); i++)
    {
      JsonNode *node = json_array_get_element (codes, i);
      JsonObject *coding = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_json_get_string (coding, "code", NULL), rule->code) == 0 &&
          g_strcmp0 (anx_json_get_string (coding, "system", NULL), rule->system) == 0)
        return TRUE;
    }
  return FALSE;
}

/* An item with the code of a score holds its total. */
static void
find_totals (AnxQuestionnaire *self,
             GPtrArray *items)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      AnxNode *node = g_ptr_array_index (self->nodes, i);
      AnxQuestion *question = node->question != G_MAXUINT ? g_ptr_array_index (self->questions, node->question) : NULL;
      if (question == NULL || !is_number (question) || node->frame != G_MAXUINT)
        continue;
      for (guint k = 0; k < self->scores->len; k++)
        {
          AnxScoreRule *rule = g_ptr_array_index (self->scores, k);
          if (has_code (items->pdata[i], rule) && !holds (rule->items, node->question))
            question->total_of = k;
        }
    }
}

static void
digest_item (GChecksum *checksum,
             JsonObject *json)
{
  static const char *const members[] = { "linkId", "type", "required", "repeats", "enableWhen", "enableBehavior", "initial",
                                         "answerOption", "answerValueSet", "maxLength", "readOnly", "extension", NULL };
  for (guint i = 0; members[i] != NULL; i++)
    {
      JsonNode *node = json_object_get_member (json, members[i]);
      g_autofree char *text = node != NULL ? anx_json_node_to_text (node) : g_strdup ("");
      g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text) + 1);
    }
  JsonArray *items = anx_json_get_array (json, "item");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    digest_item (checksum, json_array_get_object_element (items, i));
}

/**
 * anx_score_digest_rules:
 * @self: the questionnaire; its file was understood
 * @cut_offs: (nullable): a site's own cut-offs
 *
 * Returns: (transfer full): `sha256:` and the digest of all that makes scores and findings
 */
char *
anx_score_digest_rules (AnxQuestionnaire *self,
                        JsonObject *cut_offs)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  JsonNode *contained = json_object_get_member (self->fhir, "contained");
  g_autofree char *sets = contained != NULL ? anx_json_node_to_text (contained) : g_strdup ("");
  g_checksum_update (checksum, (const guchar *) sets, (gssize) strlen (sets) + 1);
  digest_item (checksum, self->fhir);
  if (cut_offs != NULL)
    {
      g_autofree char *text = anx_json_object_to_text (cut_offs);
      g_checksum_update (checksum, (const guchar *) text, -1);
    }
  return g_strconcat ("sha256:", g_checksum_get_string (checksum), NULL);
}

/**
 * anx_score_read_rules:
 * @self: the questionnaire being read; its questions are there
 * @fhir: its FHIR
 * @items: (element-type JsonObject): the JSON of each item
 * @error: return location, of #AnxCareError, naming the score or rule
 *
 * Returns: whether all its score and safety extensions were understood
 */
gboolean
anx_score_read_rules (AnxQuestionnaire *self,
                      JsonObject *fhir,
                      GPtrArray *items,
                      GError **error)
{
  if (!read_each (self, fhir, ANX_SCORE_URL, MAX_SCORES, read_score, NULL, error) ||
      !read_each (self, fhir, ANX_SAFETY_URL, MAX_SAFETY_RULES, read_safety, NULL, error))
    return FALSE;
  find_totals (self, items);
  self->rule_set = anx_score_digest_rules (self, NULL);
  return TRUE;
}
