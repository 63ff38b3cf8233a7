/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "json.h"
#include "questionnaire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/*
 * Any bytes as a questionnaire; what is accepted must also be fillable, scorable and readable again. Build it with
 * -fsanitize=fuzzer, or with tests/fuzz-replay.c to run over a corpus.
 */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  g_autoptr (JsonObject) json =
      size > 0 ? anx_json_parse_object ((const char *) data, (gssize) size, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = json != NULL ? anx_questionnaire_parse (json, &error) : NULL;
  if (questionnaire == NULL)
    {
      g_assert_true (json == NULL || error != NULL);
      return 0;
    }
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  guint n = anx_questionnaire_get_n_items (questionnaire);
  for (guint i = 0; i < n; i++)
    anx_answers_set (answers, i,
                     (int) (data[i % size] % (anx_questionnaire_get_item (questionnaire, i)->n_options + 2)) - 2);
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 0);
  g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, response, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (anx_answers_get (back, i), ==,
                     anx_answers_is_enabled (answers, i) ? anx_answers_get (answers, i) : ANX_ANSWER_NONE);
  return 0;
}
