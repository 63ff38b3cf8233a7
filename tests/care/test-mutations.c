/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "care-testing.h"
#include "json.h"
#include "vectors.h"

/*
 * Do the tables of vectors prove the rules? Each rule of each shipped file is made wrong, one at a time: every edge of every band moved both
 * ways, every weight, every level and code, every item of a sum, every reversal, every safety rule, every number of an expression. Each such
 * file must either be refused or differ from its table in one line at least.
 *
 * A normal run tries every change of bands and rules, of weights and of the items of a sum about FEW a file; ANX_MUTATIONS=all tries all.
 */
#define FEW 8

typedef struct
{
  const char *name;
  JsonObject *json;
  GPtrArray *lines;
  GPtrArray *responses; /* of JsonObject, one a line */
  guint last;   /* the line that caught the one before: neighbours are caught by neighbours */
  guint many;   /* changes of those that a file has many of */
  guint stride; /* every so many of them are tried */
  guint tried;
  guint missed;
} Subject;

/* Whether the file as it is now is refused or differs from its table. */
static gboolean
is_caught (Subject *self)
{
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (self->json, NULL);
  if (questionnaire == NULL)
    return TRUE;
  for (guint i = 0; i < self->lines->len; i++)
    {
      guint at = (self->last + i) % self->lines->len;
      g_autofree char *difference = vector_differs (questionnaire, self->responses->pdata[at], self->lines->pdata[at]);
      if (difference == NULL)
        continue;
      self->last = at;
      return TRUE;
    }
  return FALSE;
}

/* Of a change that a file has one for each item. */
static gboolean
is_picked (Subject *self)
{
  return self->many++ % self->stride == 0;
}

static void
judge (Subject *self,
       const char *what)
{
  self->tried++;
  if (is_caught (self))
    return;
  g_printerr ("# not caught: %s: %s\n", self->name, what);
  self->missed++;
}

/* --- changes --- */

static void
try_number (Subject *self,
            JsonObject *object,
            const char *member,
            double step,
            const char *what)
{
  g_autoptr (JsonNode) before = json_node_copy (json_object_get_member (object, member));
  double value = json_node_get_double (before) + step;
  if (json_node_get_value_type (before) == G_TYPE_INT64)
    json_object_set_int_member (object, member, json_node_get_int (before) + (gint64) step);
  else
    json_object_set_double_member (object, member, value);
  g_autofree char *text = g_strdup_printf ("%s %g → %g", what, value - step, value);
  judge (self, text);
  json_object_set_member (object, member, g_steal_pointer (&before));
}

static void
try_text (Subject *self,
          JsonObject *object,
          const char *member,
          const char *other,
          const char *what)
{
  g_autofree char *before = g_strdup (json_object_get_string_member (object, member));
  if (strcmp (before, other) == 0)
    return;
  json_object_set_string_member (object, member, other);
  g_autofree char *text = g_strdup_printf ("%s %s → %s", what, before, other);
  judge (self, text);
  json_object_set_string_member (object, member, before);
}

/* Without one element of an array. */
static void
try_without (Subject *self,
             JsonObject *holder,
             const char *member,
             guint index,
             const char *what)
{
  g_autoptr (JsonArray) before = json_array_ref (json_object_get_array_member (holder, member));
  JsonArray *after = json_array_new ();
  for (guint i = 0; i < json_array_get_length (before); i++)
    if (i != index)
      json_array_add_element (after, json_node_copy (json_array_get_element (before, i)));
  json_object_set_array_member (holder, member, after);
  judge (self, what);
  json_object_set_array_member (holder, member, g_steal_pointer (&before));
}

static gboolean
has_url (JsonObject *part,
         const char *url)
{
  return g_strcmp0 (anx_json_get_string (part, "url", NULL), url) == 0;
}

/* --- bands --- */

/* The edge between two bands moves together, so that no gap gives it away. */
static void
try_edge (Subject *self,
          JsonObject *below,
          JsonObject *above,
          double step,
          const char *code)
{
  JsonObject *to = testing_extension (below, "to"), *from = testing_extension (above, "from");
  if (to == NULL || from == NULL)
    return;
  double end = json_object_get_double_member (to, "valueDecimal"), begin = json_object_get_double_member (from, "valueDecimal");
  json_object_set_double_member (to, "valueDecimal", end + step);
  json_object_set_double_member (from, "valueDecimal", begin + step);
  g_autofree char *what = g_strdup_printf ("%s: edge %g/%g moves by %g", code, end, begin, step);
  judge (self, what);
  json_object_set_double_member (to, "valueDecimal", end);
  json_object_set_double_member (from, "valueDecimal", begin);
}

/* Values that can be reached stand a multiplier apart: 4 in WHO-5, 2 in DASS-21; rounded ones of SDS at most 2. */
static double
find_step (JsonObject *score)
{
  JsonObject *multiplier = testing_extension (score, "multiplier");
  return multiplier != NULL ? MAX (1, ceil (json_object_get_double_member (multiplier, "valueDecimal"))) : 1;
}

static void
try_bands (Subject *self,
           JsonObject *score,
           const char *code)
{
  static const char *const levels[] = { "green", "yellow", "red" };
  JsonArray *parts = json_object_get_array_member (score, "extension");
  JsonObject *before = NULL;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *band = json_array_get_object_element (parts, i);
      if (!has_url (band, "band"))
        continue;
      if (before != NULL)
        {
          try_edge (self, before, band, find_step (score), code);
          try_edge (self, before, band, -find_step (score), code);
        }
      before = band;
      for (guint k = 0; k < G_N_ELEMENTS (levels); k++)
        try_text (self, testing_extension (band, "level"), "valueCode", levels[k], code);
      try_text (self, testing_extension (band, "code"), "valueCode", "another", code);
    }
}

/* --- scores and safety rules --- */

static void
try_expression (Subject *self,
                JsonObject *expression,
                const char *code)
{
  g_autofree char *text = g_strdup (json_object_get_string_member (expression, "expression"));
  gboolean quoted = FALSE;
  for (gsize i = 0; text[i] != '\0'; i++)
    {
      quoted = quoted != (text[i] == '\'');
      if (quoted || !g_ascii_isdigit (text[i]) || (i > 0 && (g_ascii_isalnum (text[i - 1]) || text[i - 1] == '.')))
        continue;
      char *end = NULL;
      gint64 number = g_ascii_strtoll (text + i, &end, 10);
      g_autofree char *other = g_strdup_printf ("%.*s%" G_GINT64_FORMAT "%s", (int) i, text, number + MAX (1, number / 10), end);
      try_text (self, expression, "expression", other, code);
    }
}

static void
try_score (Subject *self,
           JsonObject *score)
{
  JsonArray *parts = json_object_get_array_member (score, "extension");
  const char *code = json_object_get_string_member (json_object_get_object_member (testing_extension (score, "code"), "valueCoding"), "code");
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *part = json_array_get_object_element (parts, i);
      const char *url = json_object_get_string_member (part, "url");
      g_autofree char *what = g_strdup_printf ("%s: %s", code, url);
      if (strcmp (url, "item") == 0 || strcmp (url, "score") == 0)
        {
          if (is_picked (self))
            try_without (self, score, "extension", i, what);
        }
      else if (strcmp (url, "count") == 0)
        {
          try_number (self, part, "valueDecimal", 1, what);
          try_number (self, part, "valueDecimal", -1, what);
        }
      else if (strcmp (url, "multiplier") == 0 || strcmp (url, "addend") == 0)
        try_number (self, part, "valueDecimal", 1, what);
      else if (strcmp (url, "maxMissing") == 0 || strcmp (url, "minimumAnswered") == 0)
        {
          try_number (self, part, "valueInteger", 1, what);
          try_number (self, part, "valueInteger", -1, what);
        }
      else if (strcmp (url, "skipped") == 0)
        try_text (self, part, "valueCode", "missing", what);
      else if (strcmp (url, "rounding") == 0)
        try_text (self, part, "valueCode", "up", what);
      else if (strcmp (url, "transform") == 0)
        try_number (self, testing_extension (part, "value"), "valueDecimal", 1, what);
      else if (strcmp (url, "expression") == 0)
        try_expression (self, json_object_get_object_member (part, "valueExpression"), code);
    }
  try_bands (self, score, code);
}

static void
try_safety_rule (Subject *self,
                 JsonObject *rule)
{
  static const char *const levels[] = { "green", "yellow", "red" };
  const char *code = json_object_get_string_member (testing_extension (rule, "code"), "valueCode");
  JsonObject *weight = testing_extension (rule, "minimumWeight"), *declined = testing_extension (rule, "declinedIsFinding");
  if (weight != NULL)
    {
      try_number (self, weight, "valueDecimal", 1, code);
      try_number (self, weight, "valueDecimal", -1, code);
    }
  if (declined != NULL)
    {
      json_object_set_boolean_member (declined, "valueBoolean", FALSE);
      judge (self, code);
      json_object_set_boolean_member (declined, "valueBoolean", TRUE);
    }
  for (guint k = 0; k < G_N_ELEMENTS (levels); k++)
    try_text (self, testing_extension (rule, "level"), "valueCode", levels[k], code);
  try_text (self, testing_extension (rule, "code"), "valueCode", "another", code);
}

/* --- items --- */

static JsonObject *
find_weight (JsonObject *option)
{
  JsonObject *weight = testing_extension (option, "http://hl7.org/fhir/StructureDefinition/ordinalValue");
  return weight != NULL ? weight : testing_extension (option, "http://hl7.org/fhir/StructureDefinition/itemWeight");
}

/* The weights in the other direction: a sentence that is reversed is not, one that is not is. */
static void
try_reversed (Subject *self,
              JsonArray *options,
              const char *link_id)
{
  guint n = json_array_get_length (options);
  g_autofree double *weights = g_new (double, n);
  for (guint i = 0; i < n; i++)
    weights[i] = json_object_get_double_member (find_weight (json_array_get_object_element (options, i)), "valueDecimal");
  for (guint i = 0; i < n; i++)
    json_object_set_double_member (find_weight (json_array_get_object_element (options, i)), "valueDecimal", weights[n - 1 - i]);
  g_autofree char *what = g_strdup_printf ("%s the other way round", link_id);
  judge (self, what);
  for (guint i = 0; i < n; i++)
    json_object_set_double_member (find_weight (json_array_get_object_element (options, i)), "valueDecimal", weights[i]);
}

static void
try_item (Subject *self,
          JsonObject *item)
{
  const char *link_id = json_object_get_string_member (item, "linkId");
  JsonArray *options = json_object_has_member (item, "answerOption") ? json_object_get_array_member (item, "answerOption") : NULL;
  JsonObject *yes_no = testing_extension (item, "urn:anxin:fhir:boolean-weight");
  for (guint i = 0; options != NULL && i < json_array_get_length (options); i++)
    {
      JsonObject *weight = find_weight (json_array_get_object_element (options, i));
      if (weight == NULL)
        return;
      if (is_picked (self))
        try_number (self, weight, "valueDecimal", 1, link_id);
    }
  if (options != NULL && is_picked (self))
    try_reversed (self, options, link_id);
  if (yes_no != NULL && is_picked (self))
    {
      try_number (self, testing_extension (yes_no, "true"), "valueDecimal", -1, link_id);
      try_number (self, testing_extension (yes_no, "false"), "valueDecimal", 1, link_id);
    }
  for (guint i = 0; json_object_has_member (item, "enableWhen") && i < json_array_get_length (json_object_get_array_member (item, "enableWhen")); i++)
    try_without (self, item, "enableWhen", i, link_id);
}

static void
try_items (Subject *self,
           JsonObject *parent)
{
  JsonArray *items = json_object_has_member (parent, "item") ? json_object_get_array_member (parent, "item") : NULL;
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);
      try_item (self, item);
      try_items (self, item);
    }
}

static void
try_all (Subject *self)
{
  JsonArray *extensions = json_object_get_array_member (self->json, "extension");
  for (guint i = 0; i < json_array_get_length (extensions); i++)
    {
      JsonObject *extension = json_array_get_object_element (extensions, i);
      if (has_url (extension, "urn:anxin:fhir:score"))
        try_score (self, extension);
      else if (has_url (extension, "urn:anxin:fhir:safety-rule"))
        {
          try_safety_rule (self, extension);
          try_without (self, self->json, "extension", i, "a safety rule is gone");
        }
    }
  try_items (self, self->json);
}

/* --- the test --- */

static void
test_caught (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = g_strdup_printf ("data/questionnaires/%s.json", name);
  g_autofree char *table = g_strdup_printf ("%s/tests/care/vectors/%s.tsv", g_getenv ("ANX_TOP_SOURCE"), name);
  g_autoptr (JsonObject) json = testing_load (path);
  g_autoptr (AnxQuestionnaire) questionnaire = testing_questionnaire (path);
  g_autoptr (GPtrArray) lines = vector_read_lines (table);
  g_autoptr (GPtrArray) responses = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  for (guint i = 0; i < lines->len; i++)
    g_ptr_array_add (responses, vector_build_response (json, anx_questionnaire_get_canonical (questionnaire), lines->pdata[i]));
  Subject self = { .name = name, .json = json, .lines = lines, .responses = responses };
  g_assert_false (is_caught (&self));
  gboolean all = g_strcmp0 (g_getenv ("ANX_MUTATIONS"), "all") == 0;
  self.stride = all ? 1 : 5 * anx_questionnaire_get_n_items (questionnaire) / FEW + 1;
  try_all (&self);
  g_test_message ("%u changes, %u not caught", self.tried, self.missed);
  g_assert_cmpuint (self.tried, >=, 10);
  g_assert_false (is_caught (&self));
  if (self.missed > 0)
    g_test_fail ();
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (GPtrArray) names = testing_instruments ();
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("/care/mutations/%s", (char *) names->pdata[i]);
      g_test_add_data_func (path, names->pdata[i], test_caught);
    }
  return g_test_run ();
}
