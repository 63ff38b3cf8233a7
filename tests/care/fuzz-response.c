/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>

#include "bounds.h"
#include "files.h"
#include "json.h"
#include "questionnaire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static AnxQuestionnaire *
load (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("ANX_TOP_SOURCE"), "tests/care/corpus/everything.json", NULL);
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  g_assert_nonnull (bytes);
  g_autoptr (JsonObject) json = anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                                       ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  AnxQuestionnaire *questionnaire = anx_questionnaire_parse (json, NULL);
  g_assert_nonnull (questionnaire);
  return questionnaire;
}

/* Any bytes as a response to the questionnaire with every kind of item; what is accepted must come out of its own FHIR again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t size)
{
  static AnxQuestionnaire *questionnaire;
  if (questionnaire == NULL)
    questionnaire = load ();
  g_autoptr (JsonObject) json =
      size > 0 ? anx_json_parse_object ((const char *) data, (gssize) size, ANX_BOUND_ENVELOPE_BYTES, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxAnswers) answers = json != NULL ? anx_answers_parse (questionnaire, json, &error) : NULL;
  if (answers == NULL)
    {
      g_assert_true (json == NULL || error != NULL);
      return 0;
    }
  g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
  g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
  g_autoptr (GPtrArray) problems = anx_answers_check (answers);
  guint count = 0;
  for (guint i = anx_answers_next (answers, G_MAXUINT); i != G_MAXUINT; i = anx_answers_next (answers, i))
    count++;
  g_assert_cmpuint (count, ==, anx_answers_count_enabled (answers));
  g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 0);
  g_autoptr (AnxAnswers) back = anx_answers_parse (questionnaire, response, &error);
  g_assert_no_error (error);
  return 0;
}
