/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-run.h"

#include "bounds.h"
#include "care-records.h"
#include "files.h"
#include "json.h"

/* A list of a few file names. */
#define MAX_LIST_BYTES (16 * 1024)
#define MAX_QUESTIONNAIRES 8

static char *
find_data (const char *folder,
           const char *name)
{
  const char *data = g_getenv ("ANX_DATA_DIR");
  return g_build_filename (data != NULL ? data : ANX_DATA_DIR, folder, name, NULL);
}

static AnxAnswers *
load_questionnaire (const char *name,
                    GError **error)
{
  if (strchr (name, '/') != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "screening.json: “%s” is not a file name", name);
      return NULL;
    }
  g_autofree char *path = find_data ("questionnaires", name);
  g_autoptr (GBytes) bytes = anx_file_read (path, ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) fhir = anx_json_parse_object (text, (gssize) length, ANX_BOUND_QUESTIONNAIRE_BYTES, error);
  if (fhir == NULL)
    return NULL;
  g_autoptr (AnxQuestionnaire) questionnaire = anx_questionnaire_parse (fhir, error);
  return questionnaire != NULL ? anx_answers_new (questionnaire) : NULL;
}

/**
 * anx_screening_run_new:
 * @error: of ANX_BASE_ERROR or ANX_CARE_ERROR when a file is missing or wrong, which it names
 *
 * Reads the questionnaires that `kiosk/screening.json` of the data folder names, in its order. The folder is that of the environment
 * variable `ANX_DATA_DIR` if set, else the installed one.
 *
 * Returns: (transfer full): a run with nothing answered, or %NULL
 */
AnxScreeningRun *
anx_screening_run_new (GError **error)
{
  g_autofree char *path = find_data ("kiosk", "screening.json");
  g_autoptr (GBytes) bytes = anx_file_read (path, MAX_LIST_BYTES, error);
  if (bytes == NULL)
    return NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonObject) list = anx_json_parse_object (text, (gssize) length, MAX_LIST_BYTES, error);
  g_auto (GStrv) names = list != NULL ? anx_json_need_strings (list, "questionnaires", MAX_QUESTIONNAIRES, error) : NULL;
  if (names == NULL)
    return NULL;

  g_autoptr (AnxScreeningRun) self = g_rc_box_new0 (AnxScreeningRun);
  self->answers = g_ptr_array_new_with_free_func (g_object_unref);
  self->alerted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      AnxAnswers *answers = load_questionnaire (names[i], error);
      if (answers == NULL)
        return NULL;
      g_ptr_array_add (self->answers, answers);
    }
  if (self->answers->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s names no questionnaire", path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * anx_screening_run_ref:
 * @self: a run
 *
 * Returns: (transfer full): the same
 */
AnxScreeningRun *
anx_screening_run_ref (AnxScreeningRun *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AnxScreeningRun *self = data;
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  g_clear_pointer (&self->alerted, g_hash_table_unref);
  g_free (self->handed_to);
  g_free (self->handed_id);
}

/**
 * anx_screening_run_unref:
 * @self: (transfer full): a run
 *
 * Drops one reference; the answers go with the last one.
 */
void
anx_screening_run_unref (AnxScreeningRun *self)
{
  g_rc_box_release_full (self, clear);
}

#define DATA_KEY "anx-screening-run"

static void
unref_run (gpointer data)
{
  anx_screening_run_unref (data);
}

/**
 * anx_screening_run_of_window:
 * @window: the window of this visit
 *
 * Returns: (nullable) (transfer none): the run of this visit
 */
AnxScreeningRun *
anx_screening_run_of_window (AnxResidentWindow *window)
{
  return g_object_get_data (G_OBJECT (window), DATA_KEY);
}

/**
 * anx_screening_run_keep:
 * @window: the window of this visit
 * @run: (nullable): the run to remember; a reference is taken
 *
 * Remembers it instead of the one before.
 */
void
anx_screening_run_keep (AnxResidentWindow *window,
                        AnxScreeningRun *run)
{
  g_object_set_data_full (G_OBJECT (window), DATA_KEY, run != NULL ? anx_screening_run_ref (run) : NULL, unref_run);
}

/**
 * anx_screening_run_set:
 * @self: the run
 * @part: which questionnaire, from 0
 * @item: which item of it
 * @option: an option, or %ANX_ANSWER_DECLINED
 *
 * Remembers the answer.
 */
void
anx_screening_run_set (AnxScreeningRun *self,
                       guint part,
                       guint item,
                       int option)
{
  g_return_if_fail (part < self->answers->len);

  AnxAnswers *answers = g_ptr_array_index (self->answers, part);
  if (anx_answers_get (answers, item) == option)
    return;
  anx_answers_set (answers, item, option);
  self->edition++;
}

/**
 * anx_screening_run_note_finding:
 * @self: the run
 * @finding: what an answer means
 *
 * Raises the run's level, which never falls.
 *
 * Returns: whether an alert is due: none was raised for this rule at this level or above
 */
gboolean
anx_screening_run_note_finding (AnxScreeningRun *self,
                                const AnxSafetyFinding *finding)
{
  self->level = MAX (self->level, finding->level);
  gpointer before = NULL;
  if (g_hash_table_lookup_extended (self->alerted, finding->rule, NULL, &before) && GPOINTER_TO_INT (before) >= (int) finding->level)
    return FALSE;
  g_hash_table_insert (self->alerted, g_strdup (finding->rule), GINT_TO_POINTER ((int) finding->level));
  return TRUE;
}

static gboolean
part_has_answers (AnxAnswers *answers)
{
  guint n = anx_questionnaire_get_n_items (anx_answers_get_questionnaire (answers));
  for (guint i = 0; i < n; i++)
    if (anx_answers_get (answers, i) != ANX_ANSWER_NONE)
      return TRUE;
  return FALSE;
}

/**
 * anx_screening_run_has_answers:
 * @self: the run
 *
 * Returns: whether anything was answered or declined
 */
gboolean
anx_screening_run_has_answers (AnxScreeningRun *self)
{
  for (guint i = 0; i < self->answers->len; i++)
    if (part_has_answers (g_ptr_array_index (self->answers, i)))
      return TRUE;
  return FALSE;
}

/**
 * anx_screening_run_is_handed_over:
 * @self: the run
 *
 * Returns: whether everything answered so far is in the outbox
 */
gboolean
anx_screening_run_is_handed_over (AnxScreeningRun *self)
{
  return self->edition > 0 && self->handed_edition == self->edition;
}

/**
 * anx_screening_run_list_readers:
 * @self: the run
 * @resident: the visit
 *
 * Returns: (transfer full): the booked counsellor, and the duty group of the centre when there is a safety finding; perhaps nobody
 */
char **
anx_screening_run_list_readers (AnxScreeningRun *self,
                                AnxResident *resident)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonObject *booking = anx_resident_get_booking (resident);
  const char *counsellor = booking != NULL ? anx_json_get_string (booking, "counsellor", NULL) : NULL;
  if (counsellor != NULL)
    g_strv_builder_add (builder, counsellor);
  g_autofree char *duty = self->level > ANX_LEVEL_GREEN ? anx_resident_find_group (resident, "duty") : NULL;
  if (duty != NULL)
    g_strv_builder_add (builder, duty);
  return g_strv_builder_end (builder);
}

typedef struct
{
  AnxScreeningRun *run;
  guint edition;
  char *readers;
} Submission;

static void
submission_free (gpointer data)
{
  Submission *submission = data;
  anx_screening_run_unref (submission->run);
  g_free (submission->readers);
  g_free (submission);
}

static void
on_submitted (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Submission *submission = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree char *id = anx_resident_submit_finish (ANX_RESIDENT (source), result, &error);
  if (id == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  submission->run->handed_edition = MAX (submission->run->handed_edition, submission->edition);
  g_free (submission->run->handed_id);
  submission->run->handed_id = g_steal_pointer (&id);
  g_free (submission->run->handed_to);
  submission->run->handed_to = g_steal_pointer (&submission->readers);
  g_task_return_boolean (task, TRUE);
}

/**
 * anx_screening_run_submit_async:
 * @self: the run
 * @resident: the visit
 * @callback: called in the main thread
 * @user_data: for @callback
 *
 * With the resident's consent, somebody to read it and something new since the last time, builds the record of what was answered so far
 * and hands it over, sealed. Else it finishes at once with %FALSE and no error, and nothing has left the process (I1, I2).
 */
void
anx_screening_run_submit_async (AnxScreeningRun *self,
                                AnxResident *resident,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resident, NULL, callback, user_data);
  g_auto (GStrv) readers = anx_screening_run_list_readers (self, resident);
  g_autofree char *joined = g_strjoinv (" ", readers);
  gboolean news = self->handed_edition != self->edition || g_strcmp0 (self->handed_to, joined) != 0;
  if (self->sharing != ANX_SHARING_YES || readers[0] == NULL || !news || !anx_screening_run_has_answers (self))
    {
      g_task_return_boolean (task, FALSE);
      return;
    }

  g_autoptr (GPtrArray) answered = g_ptr_array_new ();
  for (guint i = 0; i < self->answers->len; i++)
    if (part_has_answers (g_ptr_array_index (self->answers, i)))
      g_ptr_array_add (answered, g_ptr_array_index (self->answers, i));
  JsonObject *booking = anx_resident_get_booking (resident);
  const char *booking_id = booking != NULL ? anx_json_get_string (booking, "id", NULL) : NULL;
  g_autoptr (JsonObject) fhir = anx_screening_build (answered, booking_id, TRUE, g_get_real_time ());
  g_autoptr (JsonObject) routing = json_object_new ();
  if (booking_id != NULL)
    json_object_set_string_member (routing, "booking", booking_id);

  Submission *submission = g_new0 (Submission, 1);
  submission->run = anx_screening_run_ref (self);
  submission->edition = self->edition;
  submission->readers = g_steal_pointer (&joined);
  g_task_set_task_data (task, submission, submission_free);
  anx_resident_submit_async (resident, ANX_KIND_SCREENING, (const char *const *) readers, self->handed_id, routing, fhir, on_submitted,
                             g_steal_pointer (&task));
}

/**
 * anx_screening_run_submit_finish:
 * @self: the run
 * @result: what the callback was given
 * @error: as of anx_resident_submit_finish()
 *
 * Returns: whether a record is now in the outbox on the disk; %FALSE without error means that nothing was to be handed over
 */
gboolean
anx_screening_run_submit_finish (AnxScreeningRun *self,
                                 GAsyncResult *result,
                                 GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
