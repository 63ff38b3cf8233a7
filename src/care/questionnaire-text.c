/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define TRANSLATION_URL "http://hl7.org/fhir/StructureDefinition/translation"

#define fail anx_care_fail

/**
 * anx_questionnaire_clear_text:
 * @text: a text
 *
 * Frees what it holds.
 */
void
anx_questionnaire_clear_text (AnxText *text)
{
  g_clear_pointer (&text->own, g_free);
  g_clear_pointer (&text->zh, g_free);
  g_clear_pointer (&text->en, g_free);
}

/**
 * anx_questionnaire_copy_text:
 * @text: a text
 * @out_copy: (out): a copy of it
 */
void
anx_questionnaire_copy_text (const AnxText *text,
                             AnxText *out_copy)
{
  *out_copy = (AnxText){ g_strdup (text->own), g_strdup (text->zh), g_strdup (text->en) };
}

/**
 * anx_questionnaire_language_is:
 * @tag: (nullable): a language tag
 * @primary: a language
 *
 * Returns: whether the tag is of that language
 */
gboolean
anx_questionnaire_language_is (const char *tag,
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
      if (tag == NULL || words == NULL || strlen (words) > ANX_MAX_TEXT_BYTES)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: a translation needs “lang” and “content”"), what);
      char **slot = anx_questionnaire_language_is (tag, "zh")   ? &text->zh
                    : anx_questionnaire_language_is (tag, "en") ? &text->en
                                                                : NULL;
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
anx_questionnaire_read_text (AnxQuestionnaire *self,
                             AnxText *text,
                             JsonObject *object,
                             const char *member,
                             const char *what,
                             GError **error)
{
  const char *own = anx_json_get_string (object, member, NULL);
  g_autofree char *companion = g_strconcat ("_", member, NULL);
  JsonObject *beside = anx_json_get_object (object, companion);
  if (own == NULL && json_object_has_member (object, member))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: “%s” must be a text"), what, member);
  if (beside != NULL && !anx_questionnaire_check_extensions (beside, what, error))
    return FALSE;
  if (own == NULL)
    return TRUE;
  if (strlen (own) > ANX_MAX_TEXT_BYTES)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, N_ ("%s: “%s” is longer than %d bytes"), what, member, ANX_MAX_TEXT_BYTES);
  text->own = g_strdup (own);
  if (self->base_is_zh)
    text->zh = g_strdup (own);
  else
    text->en = g_strdup (own);
  return read_translations (text, beside, what, error);
}

/**
 * anx_questionnaire_dup_text:
 * @text: a text
 * @language: (nullable): a language tag
 *
 * Returns: (transfer full) (nullable): the words of that language, or the file's own
 */
char *
anx_questionnaire_dup_text (const AnxText *text,
                            const char *language)
{
  const char *words = anx_questionnaire_language_is (language, "zh")   ? text->zh
                      : anx_questionnaire_language_is (language, "en") ? text->en
                                                                       : NULL;
  return g_strdup (words != NULL ? words : text->own);
}
