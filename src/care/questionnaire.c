/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define LICENCE_URL "urn:anxin:fhir:licence"
#define WORDING_SOURCE_URL "urn:anxin:fhir:wording-source"
#define PENDING_URL "urn:anxin:fhir:pending-language"
#define RETEST_URL "urn:anxin:fhir:retest-days"
#define MAX_RETEST_DAYS 3660
#define AUDIENCE_URL "urn:anxin:fhir:audience"

#define fail anx_care_fail

G_DEFINE_BOXED_TYPE (AnxQuestionnaire, anx_questionnaire, anx_questionnaire_ref, anx_questionnaire_unref)

/* --- memory --- */

/**
 * anx_option_free:
 * @data: (transfer full): an #AnxOption
 *
 * Frees it.
 */
void
anx_option_free (gpointer data)
{
  AnxOption *option = data;
  g_free (option->value.text);
  g_free (option->value.system);
  g_free (option->value.code);
  g_free (option->value.data);
  anx_questionnaire_clear_text (&option->text);
  anx_questionnaire_clear_text (&option->prefix);
  g_free (option);
}

/**
 * anx_question_free:
 * @data: (transfer full): an #AnxQuestion
 *
 * Frees it.
 */
void
anx_question_free (gpointer data)
{
  AnxQuestion *question = data;
  anx_answer_value_free ((AnxAnswerValue *) question->public.least);
  anx_answer_value_free ((AnxAnswerValue *) question->public.most);
  anx_answer_value_free (question->unit);
  g_clear_pointer (&question->units, g_ptr_array_unref);
  g_clear_pointer (&question->initial, g_ptr_array_unref);
  g_clear_pointer (&question->regex, g_regex_unref);
  g_clear_pointer (&question->calculated_reads, g_array_unref);
  g_clear_pointer (&question->calculated, anx_fhirpath_unref);
  g_clear_pointer (&question->initial_expression, anx_fhirpath_unref);
  g_ptr_array_unref (question->options);
  g_free (question);
}

/**
 * anx_node_free:
 * @data: (transfer full): an #AnxNode
 *
 * Frees it.
 */
void
anx_node_free (gpointer data)
{
  AnxNode *node = data;
  for (guint i = 0; node->conditions != NULL && i < node->conditions->len; i++)
    anx_answer_value_free (g_array_index (node->conditions, AnxCondition, i).value);
  g_clear_pointer (&node->conditions, g_array_unref);
  g_clear_pointer (&node->enable_reads, g_array_unref);
  g_clear_pointer (&node->enable_expression, anx_fhirpath_unref);
  g_clear_pointer (&node->variables, g_ptr_array_unref);
  g_clear_pointer (&node->constraints, g_ptr_array_unref);
  anx_questionnaire_clear_text (&node->text);
  anx_questionnaire_clear_text (&node->prefix);
  g_free (node->link_id);
  g_free (node->control);
  g_free (node);
}

/**
 * anx_variable_free:
 * @data: (transfer full): an #AnxVariable
 *
 * Frees it.
 */
void
anx_variable_free (gpointer data)
{
  AnxVariable *variable = data;
  g_free (variable->name);
  g_clear_pointer (&variable->expression, anx_fhirpath_unref);
  g_free (variable);
}

/**
 * anx_constraint_free:
 * @data: (transfer full): an #AnxConstraint
 *
 * Frees it.
 */
void
anx_constraint_free (gpointer data)
{
  AnxConstraint *constraint = data;
  g_free (constraint->key);
  anx_questionnaire_clear_text (&constraint->human);
  g_clear_pointer (&constraint->expression, anx_fhirpath_unref);
  g_free (constraint);
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
  /* Whoever does not know the rules of that guide cannot know what the file means (FHIR R4 resource.html). */
  if (json_object_has_member (fhir, "implicitRules"))
    return fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s is not supported"), "Questionnaire", "implicitRules");
  const char *url = anx_json_get_string (fhir, "url", NULL);
  const char *id = anx_json_get_string (fhir, "id", NULL);
  if (url == NULL && id == NULL && !json_object_has_member (fhir, "url"))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The questionnaire has neither “url” nor “id”, by which answers could name it"));
  if (url == NULL && json_object_has_member (fhir, "url"))
    return anx_fhir_need_string (fhir, "url", ANX_FHIR_SHORT_BYTES, error) != NULL;
  if (url != NULL && anx_fhir_need_string (fhir, "url", ANX_FHIR_SHORT_BYTES, error) == NULL)
    return FALSE;
  const char *version = anx_json_get_string (fhir, "version", NULL);
  if ((url != NULL && strchr (url, '|') != NULL) ||
      (version != NULL && (*version == '\0' || strlen (version) > 64 || strchr (version, '|') != NULL)))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“url” and “version” must be short and without “|”"));
  if (!g_strv_contains (statuses, anx_json_get_string (fhir, "status", "")))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“status” must be draft, active, retired or unknown"));
  if (id == NULL)
    {
      const char *slash = strrchr (url, '/');
      const char *colon = strrchr (url, ':');
      const char *last = slash != NULL ? slash : colon;
      id = last != NULL ? last + 1 : url;
    }
  if (*id == '\0' || strlen (id) > 64)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“id” must have 1 to 64 characters"));
  self->id = g_strdup (id);
  self->version = g_strdup (version);
  self->status = g_strdup (anx_json_get_string (fhir, "status", NULL));
  self->url = url != NULL ? g_strdup (url) : g_strconcat ("Questionnaire/", id, NULL);
  self->canonical = version != NULL ? g_strconcat (self->url, "|", version, NULL) : g_strdup (self->url);
  self->base_is_zh = anx_questionnaire_language_is (anx_json_get_string (fhir, "language", "en"), "zh");
  return TRUE;
}

static gboolean
read_offer (AnxQuestionnaire *self,
            JsonObject *fhir,
            GError **error)
{
  self->licence = g_strdup (anx_json_get_string (anx_fhir_find_extension (fhir, LICENCE_URL), "valueCode", NULL));
  self->wording_source = g_strdup (anx_json_get_string (anx_fhir_find_extension (fhir, WORDING_SOURCE_URL), "valueString", NULL));
  JsonObject *audience = anx_fhir_find_extension (fhir, AUDIENCE_URL);
  const char *who = audience != NULL ? anx_json_get_string (audience, "valueCode", "") : "resident";
  if (strcmp (who, "resident") != 0 && strcmp (who, "counsellor") != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s must be resident or counsellor"), AUDIENCE_URL);
  self->for_counsellors = strcmp (who, "counsellor") == 0;
  JsonObject *retest = anx_fhir_find_extension (fhir, RETEST_URL);
  gint64 days = retest != NULL ? anx_json_get_int (retest, "valueInteger", 0) : 1;
  if (days < 1 || days > MAX_RETEST_DAYS)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s must be 1 to %d"), RETEST_URL, MAX_RETEST_DAYS);
  self->retest_days = retest != NULL ? (guint) days : 0;
  JsonArray *extensions = anx_json_get_array (fhir, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      JsonObject *extension = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (g_strcmp0 (anx_json_get_string (extension, "url", NULL), PENDING_URL) != 0)
        continue;
      const char *language = anx_json_get_string (extension, "valueCode", NULL);
      self->pending_zh |= anx_questionnaire_language_is (language, "zh");
      self->pending_en |= anx_questionnaire_language_is (language, "en");
    }
  return TRUE;
}

static gboolean
read_file (AnxQuestionnaire *self,
           GError **error)
{
  JsonObject *fhir = self->fhir;
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  if (!read_identity (self, fhir, error) || !anx_questionnaire_check_extensions (fhir, "Questionnaire", error) ||
      !read_offer (self, fhir, error) ||
      !anx_questionnaire_read_text (self, &self->title, fhir, "title", "Questionnaire", error) ||
      !anx_questionnaire_read_text (self, &self->credit, fhir, "copyright", "Questionnaire", error) ||
      !anx_questionnaire_read_items (self, fhir, items, error))
    return FALSE;
  if (self->title.own == NULL)
    self->title.own = g_strdup (self->id);
  for (guint i = 0; i < self->nodes->len; i++)
    if (!anx_questionnaire_read_conditions (self, g_ptr_array_index (self->nodes, i), g_ptr_array_index (items, i), error))
      return FALSE;
  return anx_questionnaire_check_circles (self, error) && anx_questionnaire_read_expressions (self, fhir, items, error) &&
         anx_score_read_rules (self, fhir, items, error);
}

/**
 * anx_questionnaire_parse:
 * @fhir: a FHIR R4 Questionnaire, read with the bound %ANX_BOUND_QUESTIONNAIRE_BYTES; a reference is kept, and it must not be changed any
 *   more. The extensions that carry scores and safety rules are described in README.md
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE (2,000 items, 1,000 answers each, 20 levels, 50 scores
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
  self->fhir = json_object_ref (fhir);
  self->node = json_node_init_object (json_node_alloc (), fhir);
  self->nodes = g_ptr_array_new_with_free_func (anx_node_free);
  self->questions = g_ptr_array_new_with_free_func (anx_question_free);
  self->scores = g_ptr_array_new_with_free_func (anx_score_rule_free);
  self->safety = g_ptr_array_new_with_free_func (anx_safety_rule_free);
  self->link_ids = g_hash_table_new (g_str_hash, g_str_equal);
  return read_file (self, error) ? g_steal_pointer (&self) : NULL;
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
  g_hash_table_unref (self->link_ids);
  g_ptr_array_unref (self->safety);
  g_ptr_array_unref (self->scores);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->nodes);
  g_clear_pointer (&self->variables, g_ptr_array_unref);
  g_clear_pointer (&self->constraints, g_ptr_array_unref);
  anx_questionnaire_clear_text (&self->title);
  anx_questionnaire_clear_text (&self->credit);
  g_free (self->url);
  g_free (self->version);
  g_free (self->canonical);
  g_free (self->id);
  g_free (self->status);
  g_free (self->licence);
  g_free (self->wording_source);
  g_free (self->rule_set);
  json_node_unref (self->node);
  json_object_unref (self->fhir);
  g_free (self);
}

/* --- friends of this folder --- */

/**
 * anx_questionnaire_is_asked:
 * @node: an item
 *
 * Returns: whether it is a question, neither a group nor a display
 */
gboolean
anx_questionnaire_is_asked (const AnxNode *node)
{
  return node->type != ANX_ITEM_GROUP && node->type != ANX_ITEM_DISPLAY;
}

/**
 * anx_questionnaire_get_node:
 * @self: a questionnaire
 * @index: a place in the order of the file
 *
 * Returns: (transfer none): the item there
 */
AnxNode *
anx_questionnaire_get_node (AnxQuestionnaire *self,
                            guint index)
{
  return g_ptr_array_index (self->nodes, index);
}

/**
 * anx_questionnaire_find_node:
 * @self: a questionnaire
 * @link_id: (nullable): a linkId
 *
 * Returns: (transfer none) (nullable): the item
 */
AnxNode *
anx_questionnaire_find_node (AnxQuestionnaire *self,
                             const char *link_id)
{
  gpointer index;
  if (link_id == NULL || !g_hash_table_lookup_extended (self->link_ids, link_id, NULL, &index))
    return NULL;
  return g_ptr_array_index (self->nodes, GPOINTER_TO_UINT (index));
}

/**
 * anx_questionnaire_get_question:
 * @self: a questionnaire
 * @index: a question's number
 *
 * Returns: (transfer none) (nullable): the question
 */
AnxQuestion *
anx_questionnaire_get_question (AnxQuestionnaire *self,
                                guint index)
{
  g_return_val_if_fail (self != NULL && index < self->questions->len, NULL);
  return g_ptr_array_index (self->questions, index);
}

/**
 * anx_question_find_option:
 * @self: a question
 * @value: a value
 *
 * Returns: which of its options it is, or -1
 */
int
anx_question_find_option (const AnxQuestion *self,
                          const AnxAnswerValue *value)
{
  for (guint i = 0; i < self->options->len; i++)
    {
      const AnxOption *option = g_ptr_array_index (self->options, i);
      if (option->value.type == value->type && anx_answer_value_equal (&option->value, value))
        return (int) i;
    }
  return -1;
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
  guint place = anx_questionnaire_find_score (self, code);
  return place != G_MAXUINT ? ((AnxScoreRule *) self->scores->pdata[place])->system : NULL;
}

/* --- what it says of itself --- */

/**
 * anx_questionnaire_get_canonical:
 * @self: a questionnaire
 *
 * Returns: (transfer none): `url|version`, or the url alone when the file gives no version; `Questionnaire/id` when it has no url
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
 * anx_questionnaire_get_version:
 * @self: a questionnaire
 *
 * Returns: (transfer none) (nullable): its version
 */
const char *
anx_questionnaire_get_version (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->version;
}

/**
 * anx_questionnaire_get_licence:
 * @self: a questionnaire
 *
 * Returns: (transfer none) (nullable): the code of its licence
 */
const char *
anx_questionnaire_get_licence (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->licence;
}

/**
 * anx_questionnaire_get_wording_source:
 * @self: a questionnaire
 *
 * Returns: (transfer none) (nullable): where its wording comes from
 */
const char *
anx_questionnaire_get_wording_source (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->wording_source;
}

/**
 * anx_questionnaire_get_rule_set:
 * @self: a questionnaire
 *
 * Returns: (transfer none): `sha256:` and the digest, in hexadecimal, of everything in the file that makes scores and findings: score and
 *   safety extensions, weights, conditions and expressions of every item; and of a site's cut-offs where they were applied
 */
const char *
anx_questionnaire_get_rule_set (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->rule_set;
}

/**
 * anx_questionnaire_is_for_counsellors:
 * @self: a questionnaire
 *
 * Returns: whether only a counsellor hands it out
 */
gboolean
anx_questionnaire_is_for_counsellors (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, TRUE);
  return self->for_counsellors;
}

/**
 * anx_questionnaire_get_retest_days:
 * @self: a questionnaire
 *
 * Returns: so many days it is usually not asked again, 1 to 3660; 0 when the file does not say
 */
guint
anx_questionnaire_get_retest_days (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->retest_days;
}

/**
 * anx_questionnaire_is_offered:
 * @self: a questionnaire
 * @language: (nullable): a language tag
 *
 * Returns: whether it may be offered in this language: it is active, its title has words of the language, and they do not wait for a review.
 *   anx_questionnaire_is_for_counsellors() is asked besides
 */
gboolean
anx_questionnaire_is_offered (AnxQuestionnaire *self,
                              const char *language)
{
  g_return_val_if_fail (self != NULL, FALSE);
  gboolean zh = anx_questionnaire_language_is (language, "zh"), en = anx_questionnaire_language_is (language, "en");
  if (strcmp (self->status, "active") != 0 || (zh && self->pending_zh) || (en && self->pending_en))
    return FALSE;
  return zh ? self->title.zh != NULL : en ? self->title.en != NULL : TRUE;
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
  return anx_questionnaire_dup_text (&self->title, language);
}

/**
 * anx_questionnaire_dup_intro:
 * @self: a questionnaire
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): the text of its first group or display that is always shown
 */
char *
anx_questionnaire_dup_intro (AnxQuestionnaire *self,
                             const char *language)
{
  g_return_val_if_fail (self != NULL, NULL);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      AnxNode *node = g_ptr_array_index (self->nodes, i);
      if (node->text.own != NULL && !node->hidden && !anx_questionnaire_is_asked (node) &&
          !(node->type == ANX_ITEM_DISPLAY && (node->conditions != NULL || node->enable_expression != NULL)))
        return anx_questionnaire_dup_text (&node->text, language);
    }
  return NULL;
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
  return anx_questionnaire_dup_text (&self->credit, language);
}

/* --- its items --- */

/**
 * anx_questionnaire_get_n_items:
 * @self: a questionnaire
 *
 * Returns: how many questions have a page: 1 to 2,000; groups, displays and hidden items do not count
 */
guint
anx_questionnaire_get_n_items (AnxQuestionnaire *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_pages;
}

/**
 * anx_questionnaire_get_item:
 * @self: a questionnaire
 * @index: 0 to one less than anx_questionnaire_get_n_items(); behind them stand the hidden questions
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
  for (guint i = question != NULL ? question->node->parent : G_MAXUINT; i != G_MAXUINT;)
    {
      AnxNode *node = g_ptr_array_index (self->nodes, i);
      if (node->type == ANX_ITEM_GROUP && node->text.own != NULL)
        return anx_questionnaire_dup_text (&node->text, language);
      i = node->parent;
    }
  return NULL;
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
  return question != NULL ? anx_questionnaire_dup_text (&question->node->text, language) : NULL;
}

/**
 * anx_questionnaire_dup_item_prefix:
 * @self: a questionnaire
 * @index: an item
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): what the file wants before the question, such as “1.”
 */
char *
anx_questionnaire_dup_item_prefix (AnxQuestionnaire *self,
                                   guint index,
                                   const char *language)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  return question != NULL ? anx_questionnaire_dup_text (&question->node->prefix, language) : NULL;
}

static void
append_note (GString *notes,
             AnxNode *node,
             const char *language)
{
  if (node->type != ANX_ITEM_DISPLAY || node->hidden || node->conditions != NULL || node->enable_expression != NULL)
    return;
  g_autofree char *text = anx_questionnaire_dup_text (&node->text, language);
  if (text != NULL && notes->len > 0)
    g_string_append_c (notes, '\n');
  g_string_append (notes, text != NULL ? text : "");
}

/**
 * anx_questionnaire_dup_item_notes:
 * @self: a questionnaire
 * @index: an item
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): the display items right before the question and those inside it (help, instructions), a line each; those
 *   that are shown only sometimes are not among them
 */
char *
anx_questionnaire_dup_item_notes (AnxQuestionnaire *self,
                                  guint index,
                                  const char *language)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  if (question == NULL)
    return NULL;
  AnxNode *node = question->node;
  guint first = node->index;
  while (first > 0 && ((AnxNode *) self->nodes->pdata[first - 1])->type == ANX_ITEM_DISPLAY &&
         ((AnxNode *) self->nodes->pdata[first - 1])->parent == node->parent)
    first--;
  g_autoptr (GString) notes = g_string_new (NULL);
  for (guint i = first; i < node->index; i++)
    append_note (notes, self->nodes->pdata[i], language);
  for (guint i = node->index + 1; i < node->end; i++)
    if (((AnxNode *) self->nodes->pdata[i])->parent == node->index)
      append_note (notes, self->nodes->pdata[i], language);
  return notes->len > 0 ? g_strdup (notes->str) : NULL;
}

/**
 * anx_questionnaire_dup_item_unit:
 * @self: a questionnaire
 * @index: an item
 *
 * Returns: (transfer full) (nullable): the unit its number is in, as people write it
 */
char *
anx_questionnaire_dup_item_unit (AnxQuestionnaire *self,
                                 guint index)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  AnxAnswerValue *unit = question == NULL         ? NULL
                         : question->unit != NULL ? question->unit
                         : question->units != NULL && question->units->len == 1 ? question->units->pdata[0]
                                                                                  : NULL;
  return unit != NULL ? g_strdup (unit->text != NULL ? unit->text : unit->code) : NULL;
}

static AnxOption *
get_option (AnxQuestionnaire *self,
            guint index,
            guint option)
{
  AnxQuestion *question = anx_questionnaire_get_question (self, index);
  g_return_val_if_fail (question != NULL && option < question->options->len, NULL);
  return g_ptr_array_index (question->options, option);
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
  AnxOption *found = get_option (self, index, option);
  return found != NULL ? anx_questionnaire_dup_text (&found->text, language) : NULL;
}

/**
 * anx_questionnaire_dup_option_prefix:
 * @self: a questionnaire
 * @index: an item
 * @option: 0 to one less than the item's `n_options`
 * @language: (nullable): as anx_questionnaire_dup_title()
 *
 * Returns: (transfer full) (nullable): what the file wants before the answer, such as “a)”
 */
char *
anx_questionnaire_dup_option_prefix (AnxQuestionnaire *self,
                                     guint index,
                                     guint option,
                                     const char *language)
{
  AnxOption *found = get_option (self, index, option);
  return found != NULL ? anx_questionnaire_dup_text (&found->prefix, language) : NULL;
}

/**
 * anx_questionnaire_option_is_exclusive:
 * @self: a questionnaire
 * @index: an item that repeats
 * @option: 0 to one less than the item's `n_options`
 *
 * Returns: whether this answer takes all others away, as “none of these”
 */
gboolean
anx_questionnaire_option_is_exclusive (AnxQuestionnaire *self,
                                       guint index,
                                       guint option)
{
  AnxOption *found = get_option (self, index, option);
  return found != NULL && found->exclusive;
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
