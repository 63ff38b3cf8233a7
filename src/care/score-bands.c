/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "score-bands.h"

#include "questionnaire-private.h"
#include "score-private.h"

/**
 * anx_questionnaire_get_band:
 * @self: a questionnaire, a site's own cut-offs applied or not
 * @score: the code of one of its scores
 * @index: from 0, ascending by value
 * @out_from: (out): the lowest value in the band
 * @out_to: (out): the highest value in the band
 * @out_level: (out): its level
 *
 * Returns: whether there is such a band; if not, nothing is set
 */
gboolean
anx_questionnaire_get_band (AnxQuestionnaire *self,
                            const char *score,
                            guint index,
                            double *out_from,
                            double *out_to,
                            AnxLevel *out_level)
{
  for (guint i = 0; i < self->scores->len; i++)
    {
      const AnxScoreRule *rule = g_ptr_array_index (self->scores, i);
      if (!g_str_equal (rule->code, score))
        continue;
      if (index >= rule->bands->len)
        return FALSE;
      const AnxBand *band = g_ptr_array_index (rule->bands, index);
      *out_from = band->from;
      *out_to = band->to;
      *out_level = band->level;
      return TRUE;
    }
  return FALSE;
}
