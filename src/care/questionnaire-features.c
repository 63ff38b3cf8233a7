/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "json.h"

/*
 * What the engine does not have. A file that needs one of these is refused, by name: a question asked or counted in another way than its
 * author meant is worse than none. Extensions that only tell how something looks are passed over.
 */
static const struct
{
  const char *url_end;
  const char *feature;
} unsupported_extensions[] = {
  { "/sdc-questionnaire-answerExpression", "answerExpression" },
  { "/sdc-questionnaire-candidateExpression", "candidateExpression" },
  { "/sdc-questionnaire-contextExpression", "contextExpression" },
  { "/sdc-questionnaire-answerOptionsToggleExpression", "answerOptionsToggleExpression" },
  { "/sdc-questionnaire-subQuestionnaire", "subQuestionnaire" },
  { "/sdc-questionnaire-lookupQuestionnaire", "lookupQuestionnaire" },
  { "/sdc-questionnaire-unitValueSet", "unitValueSet" },
  { "/questionnaire-unitValueSet", "unitValueSet" },
  { "/sdc-questionnaire-minQuantity", "minQuantity" },
  { "/sdc-questionnaire-maxQuantity", "maxQuantity" },
  { "/cqf-expression", "cqf-expression" },
  { "/cqf-calculatedValue", "cqf-calculatedValue" },
  { "/cqif-calculatedValue", "cqif-calculatedValue" },
};

/**
 * anx_questionnaire_check_extensions:
 * @element: an element of the file
 * @what: what a message names
 * @error: return location, %ANX_CARE_ERROR_UNSUPPORTED, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether its extensions hold nothing that the engine would have to have
 */
gboolean
anx_questionnaire_check_extensions (JsonObject *element,
                                    const char *what,
                                    GError **error)
{
  if (json_object_has_member (element, "modifierExtension"))
    return anx_care_fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: modifierExtension is not supported"), what);
  if (json_object_has_member (element, "extension") && anx_json_get_array (element, "extension") == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: extension must be an array"), what);
  JsonArray *extensions = anx_json_get_array (element, "extension");
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++)
    {
      JsonNode *node = json_array_get_element (extensions, i);
      const char *url
          = JSON_NODE_HOLDS_OBJECT (node) ? anx_json_get_string (json_node_get_object (node), "url", "") : "";
      for (gsize k = 0; k < G_N_ELEMENTS (unsupported_extensions); k++)
        if (g_str_has_suffix (url, unsupported_extensions[k].url_end))
          return anx_care_fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s is not supported"), what,
                                unsupported_extensions[k].feature);
    }
  return TRUE;
}

/**
 * anx_questionnaire_check_item:
 * @json: an item of the file
 * @what: its linkId
 * @error: return location, %ANX_CARE_ERROR_UNSUPPORTED, %ANX_CARE_ERROR_INVALID
 *
 * Returns: whether it holds nothing of another version of FHIR that would change its meaning, and no extension of that kind
 */
gboolean
anx_questionnaire_check_item (JsonObject *json,
                              const char *what,
                              GError **error)
{
  static const struct
  {
    const char *member;
    const char *feature;
  } others[] = {
    { "option", "option (FHIR STU3)" },           { "options", "options (FHIR STU3)" },
    { "answerConstraint", "answerConstraint (FHIR R5)" }, { "disabledDisplay", "disabledDisplay (FHIR R5)" },
    { "initialString", "initial[x] (FHIR STU3)" },  { "initialBoolean", "initial[x] (FHIR STU3)" },
    { "initialInteger", "initial[x] (FHIR STU3)" }, { "initialDecimal", "initial[x] (FHIR STU3)" },
    { "initialCoding", "initial[x] (FHIR STU3)" },  { "initialDate", "initial[x] (FHIR STU3)" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (json_object_has_member (json, others[i].member))
      return anx_care_fail (error, ANX_CARE_ERROR_UNSUPPORTED, N_ ("%s: %s is not supported"), what, others[i].feature);
  return anx_questionnaire_check_extensions (json, what, error);
}
