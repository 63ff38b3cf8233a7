/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "questionnaire-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "care-error.h"
#include "fhir-private.h"
#include "json.h"

#define CUT_OFFS_TYPE "urn:anxin:cut-offs"
#define MAX_REASON_BYTES 2000

#define fail anx_care_fail

/* Who changes a cut-off must say why, when and in whose name: a result read years later has to explain itself. */
static gboolean
check_head (AnxQuestionnaire *self,
            JsonObject *document,
            GError **error)
{
  gint64 when;
  if (g_strcmp0 (anx_json_get_string (document, "type", NULL), CUT_OFFS_TYPE) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("This is not a document of %s"), CUT_OFFS_TYPE);
  const char *canonical = anx_json_get_string (document, "questionnaire", "");
  if (strcmp (canonical, self->canonical) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("The cut-offs belong to another questionnaire or version"));
  const char *reason = anx_fhir_need_string (document, "reason", MAX_REASON_BYTES, error);
  if (reason == NULL || anx_fhir_need_string (document, "who", ANX_FHIR_SHORT_BYTES, error) == NULL ||
      !anx_fhir_need_time (document, "when", &when, error))
    return FALSE;
  g_autofree char *words = g_strstrip (g_strdup (reason));
  return *words != '\0' || fail (error, ANX_CARE_ERROR_INVALID, N_ ("“reason” must be a text"));
}

static gboolean
apply_score (AnxQuestionnaire *self,
             JsonObject *element,
             const char *reason,
             GError **error)
{
  const char *code = anx_json_get_string (element, "score", "");
  for (guint i = 0; i < self->scores->len; i++)
    {
      AnxScoreRule *rule = g_ptr_array_index (self->scores, i);
      if (strcmp (rule->code, code) != 0)
        continue;
      if (rule->cut_off_reason != NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the score stands there twice"), code);
      g_ptr_array_set_size (rule->bands, 0);
      rule->cut_off_reason = g_strdup (reason);
      if (!anx_score_read_bands (self, rule, element, error))
        return FALSE;
      return rule->bands->len > 0 || fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: there are no bands"), code);
    }
  return fail (error, ANX_CARE_ERROR_INVALID, N_ ("“%.80s” is no score of this questionnaire"), code);
}

/**
 * anx_questionnaire_apply_cut_offs:
 * @self: (transfer none): a questionnaire
 * @document: `{"type":"urn:anxin:cut-offs","questionnaire":"url|version","reason":…,"who":…,"when":…,"scores":[{"score":CODE,"extension":[{"url":"band",…}]}]}`;
 *   the bands are written as in the questionnaire and replace all bands of that score
 * @error: return location, %ANX_CARE_ERROR_INVALID: another questionnaire or version, no reason, bands that leave out a value
 *
 * The reason travels with every result (#AnxScore), and the digest of the rules is another one. Safety rules cannot be changed this way.
 *
 * Returns: (transfer full) (nullable): the questionnaire with the site's own bands; @self stays as it is
 */
AnxQuestionnaire *
anx_questionnaire_apply_cut_offs (AnxQuestionnaire *self,
                                  JsonObject *document,
                                  GError **error)
{
  g_return_val_if_fail (self != NULL && document != NULL, NULL);
  if (!check_head (self, document, error))
    return NULL;
  g_autoptr (AnxQuestionnaire) copy = anx_questionnaire_parse (self->fhir, error);
  if (copy == NULL)
    return NULL;
  JsonArray *scores = anx_json_get_array (document, "scores");
  guint n = scores != NULL ? json_array_get_length (scores) : 0;
  if (n == 0)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("“scores” must hold at least one score"));
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (scores, i);
      JsonObject *element = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      if (!apply_score (copy, element, anx_json_get_string (document, "reason", NULL), error))
        return NULL;
    }
  g_free (copy->rule_set);
  copy->rule_set = anx_score_digest_rules (copy, document);
  return g_steal_pointer (&copy);
}
