/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bounds.h"
#include "files.h"
#include "json.h"
#include "questionnaire.h"

/*
 * score-forms write QUESTIONNAIRE COUNT FILE  writes COUNT responses with random answers, one a line
 * score-forms score QUESTIONNAIRE FILE        reads and scores each line; prints {"responses","seconds","sum"}
 * score-forms pages ITEMS EXPRESSIONS [asks]  opens a form of so many items, answers it page by page; prints the times; with “asks” the
 *                                             expressions decide what is asked
 * All times are those of one processor.
 */

/* What this process was given of a processor: others that run at the same time do not count. */
static gint64
processor_usec (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static AnxQuestionnaire *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, &error);
  g_autoptr (JsonObject) json = bytes != NULL ? anx_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                                                       ANX_BOUND_QUESTIONNAIRE_BYTES, &error)
                                              : NULL;
  AnxQuestionnaire *questionnaire = json != NULL ? anx_questionnaire_parse (json, &error) : NULL;
  if (questionnaire == NULL)
    g_error ("%s: %s", path, error->message);
  return questionnaire;
}

static void
write_responses (const char *path,
                 guint count,
                 const char *file)
{
  g_autoptr (AnxQuestionnaire) questionnaire = load (path);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  FILE *out = fopen (file, "w");
  g_assert (out != NULL);
  for (guint n = 0; n < count; n++)
    {
      g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
      for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire); i++)
        anx_answers_set (answers, i, g_rand_int_range (rand, 0, (gint32) anx_questionnaire_get_item (questionnaire, i)->n_options));
      g_autoptr (JsonObject) response = anx_answers_to_fhir (answers, "completed", 0);
      g_autofree char *text = anx_json_object_to_text (response);
      fprintf (out, "%s\n", text);
    }
  fclose (out);
}

static void
score_responses (const char *path,
                 const char *file)
{
  g_autoptr (AnxQuestionnaire) questionnaire = load (path);
  g_autofree char *text = NULL;
  g_assert (g_file_get_contents (file, &text, NULL, NULL));
  double sum = 0;
  guint count = 0;
  gint64 begin = processor_usec ();
  for (char *line = text; *line != '\0';)
    {
      char *end = strchr (line, '\n');
      g_autoptr (JsonObject) json = anx_json_parse_object (line, end - line, ANX_BOUND_ENVELOPE_BYTES, NULL);
      g_autoptr (AnxAnswers) answers = anx_answers_parse (questionnaire, json, NULL);
      g_autoptr (GPtrArray) scores = anx_answers_compute_scores (answers);
      g_autoptr (GPtrArray) findings = anx_answers_find_safety (answers);
      const AnxScore *score = scores->pdata[0];
      sum += score->present ? score->value : 0;
      count++;
      line = end + 1;
    }
  double seconds = (double) (processor_usec () - begin) / 1e6;
  printf ("{\"responses\":%u,\"seconds\":%.3f,\"sum\":%.0f}\n", count, seconds, sum);
}

/* Every other question depends on the one before; so many hidden ones are computed from all answers. */
static char *
make_form (guint items,
           guint expressions,
           gboolean asks)
{
  GString *text = g_string_new ("{\"resourceType\":\"Questionnaire\",\"url\":\"urn:x:long\",\"status\":\"active\",\"item\":[");
  for (guint i = 0; i < items; i++)
    {
      g_string_append_printf (text, "%s{\"linkId\":\"q%u\",\"type\":\"choice\",\"text\":\"Question %u\",\"answerOption\":[", i > 0 ? "," : "", i, i);
      for (guint k = 0; k < 4; k++)
        g_string_append_printf (text,
                                "%s{\"valueCoding\":{\"code\":\"%u\"},\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
                                "ordinalValue\",\"valueDecimal\":%u}]}",
                                k > 0 ? "," : "", k, k);
      g_string_append_c (text, ']');
      if (asks && i % 2 == 1 && i / 2 < expressions)
        g_string_append_printf (text,
                                ",\"extension\":[{\"url\":\"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression\","
                                "\"valueExpression\":{\"language\":\"text/fhirpath\",\"expression\":"
                                "\"%%resource.item.where(linkId = 'q%u').answer.weight().sum() >= 1\"}}]",
                                i - 1);
      else if (i % 2 == 1)
        g_string_append_printf (text, ",\"enableWhen\":[{\"question\":\"q%u\",\"operator\":\">=\",\"answerCoding\":{\"code\":\"1\"}}]", i - 1);
      g_string_append_c (text, '}');
    }
  for (guint i = 0; !asks && i < expressions; i++)
    g_string_append_printf (text,
                            ",{\"linkId\":\"c%u\",\"type\":\"decimal\",\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
                            "questionnaire-hidden\",\"valueBoolean\":true},{\"url\":\"http://hl7.org/fhir/uv/sdc/StructureDefinition/"
                            "sdc-questionnaire-calculatedExpression\",\"valueExpression\":{\"language\":\"text/fhirpath\",\"expression\":"
                            "\"%%resource.item.answer.weight().sum()\"}}]}",
                            i);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static int
compare (gconstpointer one,
         gconstpointer other)
{
  gint64 a = *(const gint64 *) one, b = *(const gint64 *) other;
  return a < b ? -1 : a > b;
}

static void
turn_pages (guint items,
            guint expressions,
            gboolean asks)
{
  g_autofree char *form = make_form (items, expressions, asks);
  gint64 begin = processor_usec ();
  g_autoptr (JsonObject) json = anx_json_parse_object (form, -1, ANX_BOUND_QUESTIONNAIRE_BYTES, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (json, &error);
  if (questionnaire == NULL)
    g_error ("%s", error->message);
  g_autoptr (AnxAnswers) answers = anx_answers_new (questionnaire);
  guint first = anx_answers_next (answers, G_MAXUINT);
  gint64 opened = processor_usec () - begin;

  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = first; i != G_MAXUINT;)
    {
      begin = processor_usec ();
      anx_answers_set (answers, i, (int) (i % 3) + 1);
      g_autoptr (AnxSafetyFinding) finding = anx_answers_find_safety_of (answers, i);
      i = anx_answers_next (answers, i);
      if (i != G_MAXUINT)
        {
          g_autofree char *text = anx_questionnaire_dup_item_text (questionnaire, i, "en");
          guint position = anx_answers_position (answers, i), all = anx_answers_count_enabled (answers);
          g_assert (position <= all && text != NULL);
        }
      gint64 took = processor_usec () - begin;
      g_array_append_val (times, took);
    }
  g_array_sort (times, compare);
  printf ("{\"items\":%u,\"expressions\":%u,\"asks\":%s,\"open_ms\":%.2f,\"pages\":%u,\"page_p50_ms\":%.3f,\"page_p99_ms\":%.3f,\"page_max_ms\":%.3f}\n", items,
          expressions, asks ? "true" : "false", (double) opened / 1e3, times->len, (double) g_array_index (times, gint64, times->len / 2) / 1e3,
          (double) g_array_index (times, gint64, times->len * 99 / 100) / 1e3, (double) g_array_index (times, gint64, times->len - 1) / 1e3);
}

int
main (int argc,
      char **argv)
{
  if (argc == 5 && strcmp (argv[1], "write") == 0)
    write_responses (argv[2], (guint) strtoul (argv[3], NULL, 10), argv[4]);
  else if (argc == 4 && strcmp (argv[1], "score") == 0)
    score_responses (argv[2], argv[3]);
  else if ((argc == 4 || (argc == 5 && strcmp (argv[4], "asks") == 0)) && strcmp (argv[1], "pages") == 0)
    turn_pages ((guint) strtoul (argv[2], NULL, 10), (guint) strtoul (argv[3], NULL, 10), argc == 5);
  else
    return 2;
  return 0;
}
