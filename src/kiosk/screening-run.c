/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screening-run.h"

#include "care-records.h"
#include "json.h"

/* Questionnaires of one visit: the plan's bound on its lists, and what rules add. */
#define MAX_PARTS 12

/* A question is the same when it reads the same, with the same answers (I5): then whoever read it before need not read it again. */
static gboolean
is_same_question (AnxQuestionnaire *a,
                  guint in_a,
                  AnxQuestionnaire *b,
                  guint in_b)
{
  const AnxItem *one = anx_questionnaire_get_item (a, in_a), *other = anx_questionnaire_get_item (b, in_b);
  if (g_strcmp0 (one->link_id, other->link_id) != 0 || one->n_options != other->n_options)
    return FALSE;
  g_autofree char *text = anx_questionnaire_dup_item_text (a, in_a, "zh"), *other_text = anx_questionnaire_dup_item_text (b, in_b, "zh");
  if (g_strcmp0 (text, other_text) != 0)
    return FALSE;
  for (guint i = 0; i < one->n_options; i++)
    {
      g_autofree char *label = anx_questionnaire_dup_option_text (a, in_a, i, "zh");
      g_autofree char *other_label = anx_questionnaire_dup_option_text (b, in_b, i, "zh");
      if (g_strcmp0 (label, other_label) != 0)
        return FALSE;
    }
  return TRUE;
}

static AnxQuestionnaire *
questionnaire_of (AnxScreeningRun *self,
                  guint part)
{
  return anx_answers_get_questionnaire (g_ptr_array_index (self->answers, part));
}

static AnxSource
find_source (AnxScreeningRun *self,
             AnxQuestionnaire *questionnaire,
             guint item)
{
  for (guint part = 0; part < self->answers->len; part++)
    {
      AnxQuestionnaire *earlier = questionnaire_of (self, part);
      AnxAnswers *given = g_ptr_array_index (self->answers, part);
      for (guint i = 0; i < anx_questionnaire_get_n_items (earlier); i++)
        if (anx_answers_get (given, i) != ANX_ANSWER_NONE && is_same_question (earlier, i, questionnaire, item))
          return (AnxSource){ part, i };
    }
  return (AnxSource){ G_MAXUINT, G_MAXUINT };
}

static const AnxSource *
source_of (AnxScreeningRun *self,
           guint part,
           guint item)
{
  return (const AnxSource *) g_ptr_array_index (self->sources, part) + item;
}

/* I5. Parts come in their order, so what is taken over from is never itself taken over from a later one. */
static void
take_over (AnxScreeningRun *self)
{
  for (guint part = 1; part < self->answers->len; part++)
    for (guint i = 0; i < anx_questionnaire_get_n_items (questionnaire_of (self, part)); i++)
      {
        const AnxSource *source = source_of (self, part, i);
        if (source->part != G_MAXUINT)
          anx_answers_set (g_ptr_array_index (self->answers, part), i,
                           anx_answers_get (g_ptr_array_index (self->answers, source->part), source->item));
      }
}

static gboolean
is_asked (AnxScreeningRun *self,
          guint part,
          guint item)
{
  return source_of (self, part, item)->part == G_MAXUINT;
}

static gboolean
open_part (AnxScreeningRun *self,
           const char *id,
           gboolean assigned,
           GError **error)
{
  g_autoptr (AnxQuestionnaire) questionnaire = anx_screening_plan_open (self->plan, id, assigned, error);
  if (questionnaire == NULL)
    return FALSE;
  guint n = anx_questionnaire_get_n_items (questionnaire);
  AnxSource *sources = g_new0 (AnxSource, n);
  for (guint i = 0; i < n; i++)
    sources[i] = find_source (self, questionnaire, i);
  g_ptr_array_add (self->sources, sources);
  g_ptr_array_add (self->answers, anx_answers_new (questionnaire));
  take_over (self);
  return TRUE;
}

static AnxScreeningRun *
run_new (AnxDirectory *directory,
         GError **error)
{
  AnxScreeningPlan *plan = anx_screening_plan_new (directory, error);
  if (plan == NULL)
    return NULL;
  AnxScreeningRun *self = g_rc_box_new0 (AnxScreeningRun);
  self->plan = plan;
  self->answers = g_ptr_array_new_with_free_func (g_object_unref);
  self->sources = g_ptr_array_new_with_free_func (g_free);
  self->waiting = g_ptr_array_new_with_free_func (g_free);
  self->alerted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * anx_screening_run_new:
 * @directory: (nullable): the directory in force
 * @ids: (nullable): ids of questionnaires to be asked whatever the answers are; %NULL = those the plan asks first
 * @error: as of anx_screening_plan_new() and anx_screening_plan_open()
 *
 * Reads the plan and the first questionnaire.
 *
 * Returns: (transfer full): a run with nothing answered, or %NULL
 */
AnxScreeningRun *
anx_screening_run_new (AnxDirectory *directory,
                       const char *const *ids,
                       GError **error)
{
  g_autoptr (AnxScreeningRun) self = run_new (directory, error);
  if (self == NULL)
    return NULL;
  g_auto (GStrv) first = ids != NULL ? g_strdupv ((char **) ids) : anx_screening_plan_list_first (self->plan, error);
  if (first == NULL || !open_part (self, first[0], ids != NULL, error))
    return NULL;
  self->assigned = ids != NULL;
  for (guint i = 1; first[i] != NULL; i++)
    g_ptr_array_add (self->waiting, g_strdup (first[i]));
  return g_steal_pointer (&self);
}

static gboolean
is_open (AnxScreeningRun *self,
         const char *id)
{
  for (guint i = 0; i < self->answers->len; i++)
    if (g_strcmp0 (anx_questionnaire_get_id (questionnaire_of (self, i)), id) == 0)
      return TRUE;
  return FALSE;
}

/* What the answers lead to comes first: a danger is looked into before anything else is asked. */
static gboolean
open_next (AnxScreeningRun *self)
{
  if (self->answers->len >= MAX_PARTS)
    return FALSE;
  const char *due = anx_screening_plan_find_next (self->plan, self->answers);
  if (due != NULL)
    return open_part (self, due, FALSE, NULL);
  while (self->waiting->len > 0)
    {
      g_autofree char *id = g_ptr_array_steal_index (self->waiting, 0);
      if (!is_open (self, id))
        return open_part (self, id, self->assigned, NULL);
    }
  return FALSE;
}

/**
 * anx_screening_run_step:
 * @self: the run
 * @part: (inout): which questionnaire, from 0
 * @item: (inout): which item of it; %G_MAXUINT = the place before the first
 *
 * Goes to the next question that is asked, into the next questionnaire if need be; opens what the answers lead to. Only for who is shown that
 * question: with it the run has begun.
 *
 * Returns: whether there is one; if not, @part and @item are untouched
 */
gboolean
anx_screening_run_step (AnxScreeningRun *self,
                        guint *part,
                        guint *item)
{
  guint p = *part, i = *item;
  while (TRUE)
    {
      AnxAnswers *answers = g_ptr_array_index (self->answers, p);
      do
        i = anx_answers_next (answers, i);
      while (i != G_MAXUINT && !is_asked (self, p, i));
      if (i != G_MAXUINT)
        {
          *part = p;
          *item = i;
          self->begun = TRUE;
          return TRUE;
        }
      if (++p >= self->answers->len && !open_next (self))
        return FALSE;
    }
}

/**
 * anx_screening_run_position:
 * @self: the run
 * @part: which questionnaire
 * @item: which item of it
 *
 * Returns: its place among those asked in this questionnaire, from 1
 */
guint
anx_screening_run_position (AnxScreeningRun *self,
                            guint part,
                            guint item)
{
  AnxAnswers *answers = g_ptr_array_index (self->answers, part);
  guint position = 1;
  for (guint i = 0; i < item; i++)
    position += anx_answers_is_enabled (answers, i) && is_asked (self, part, i) ? 1 : 0;
  return position;
}

/**
 * anx_screening_run_count:
 * @self: the run
 * @part: which questionnaire
 *
 * Returns: how many questions of it are asked, after the answers so far
 */
guint
anx_screening_run_count (AnxScreeningRun *self,
                         guint part)
{
  AnxAnswers *answers = g_ptr_array_index (self->answers, part);
  guint n = 0;
  for (guint i = anx_answers_next (answers, G_MAXUINT); i != G_MAXUINT; i = anx_answers_next (answers, i))
    n += is_asked (self, part, i) ? 1 : 0;
  return n;
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
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->plan, anx_screening_plan_free);
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
 * Remembers it instead of the one before, which ends as anx_screening_run_leave() says.
 */
void
anx_screening_run_keep (AnxResidentWindow *window,
                        AnxScreeningRun *run)
{
  if (run != anx_screening_run_of_window (window))
    anx_screening_run_leave (window);
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
  take_over (self);
  self->edition++;
}

/* Whether an alert was raised for @rule, at @level or above. */
static gboolean
was_alerted (AnxScreeningRun *self,
             const char *rule,
             AnxLevel level)
{
  gpointer before = NULL;
  return g_hash_table_lookup_extended (self->alerted, rule, NULL, &before) && GPOINTER_TO_INT (before) >= (int) level;
}

/**
 * anx_screening_run_take_finding:
 * @self: the run
 * @out_level: (out): how grave it is
 *
 * Looks at all answers again, so that no way through the questions can pass a danger by. The run's level rises with it and never falls.
 * All findings of the moment are taken together: one alert stands for them.
 *
 * Returns: (transfer full) (nullable): the code of the gravest safety rule an alert is now due for, or %NULL
 */
char *
anx_screening_run_take_finding (AnxScreeningRun *self,
                                AnxLevel *out_level)
{
  char *gravest = NULL;
  for (guint part = 0; part < self->answers->len; part++)
    {
      g_autoptr (GPtrArray) findings = anx_answers_find_safety (g_ptr_array_index (self->answers, part));
      for (guint i = 0; i < findings->len; i++)
        {
          const AnxSafetyFinding *finding = g_ptr_array_index (findings, i);
          self->level = MAX (self->level, finding->level);
          if (was_alerted (self, finding->rule, finding->level))
            continue;
          g_hash_table_insert (self->alerted, g_strdup (finding->rule), GINT_TO_POINTER ((int) finding->level));
          if (gravest != NULL && finding->level <= *out_level)
            continue;
          g_free (gravest);
          gravest = g_strdup (finding->rule);
          *out_level = finding->level;
        }
    }
  return gravest;
}

/* G_MAXUINT: all of it is answered. */
static guint
find_unanswered (AnxAnswers *answers)
{
  guint i = anx_answers_next (answers, G_MAXUINT);
  while (i != G_MAXUINT && anx_answers_get (answers, i) != ANX_ANSWER_NONE)
    i = anx_answers_next (answers, i);
  return i;
}

/**
 * anx_screening_run_take_left:
 * @self: the run
 * @for_good: whether the answers end here; else they are as before when this returns
 * @out_level: (out): how grave it is
 *
 * Somebody stops or leaves. Where the plan says so, the question they left at counts as refused, as if they had said that they prefer not to
 * say; questions that they never saw do not count, and who only read what the questions are for has refused none.
 *
 * Returns: (transfer full) (nullable): as anx_screening_run_take_finding()
 */
char *
anx_screening_run_take_left (AnxScreeningRun *self,
                             gboolean for_good,
                             AnxLevel *out_level)
{
  char *gravest = NULL;
  for (guint part = 0; part < self->answers->len && self->begun && !self->finished; part++)
    {
      AnxAnswers *answers = g_ptr_array_index (self->answers, part);
      guint item = find_unanswered (answers);
      if (item == G_MAXUINT || !anx_screening_plan_is_refused (self->plan, anx_questionnaire_get_id (questionnaire_of (self, part))))
        continue;
      AnxLevel level = ANX_LEVEL_GREEN;
      anx_screening_run_set (self, part, item, ANX_ANSWER_DECLINED);
      g_autofree char *rule = anx_screening_run_take_finding (self, &level);
      if (rule != NULL && (gravest == NULL || level > *out_level))
        {
          g_free (gravest);
          gravest = g_steal_pointer (&rule);
          *out_level = level;
        }
      if (!for_good)
        anx_screening_run_set (self, part, item, ANX_ANSWER_NONE);
    }
  return gravest;
}

/**
 * anx_screening_run_leave:
 * @window: the window of a visit that ends, or begins other questions
 *
 * Calls for help, without a page, where leaving in the middle is a refusal that means danger. Who is called into the session in the middle of
 * the questions has not left them: their pages go, the run stays and is offered again on the waiting page. What is still open when the visit
 * ends was left, and duty is told then; whether the counsellor asked the same meanwhile is not known here.
 */
void
anx_screening_run_leave (AnxResidentWindow *window)
{
  AnxScreeningRun *self = anx_screening_run_of_window (window);
  AnxLevel level = ANX_LEVEL_GREEN;
  g_autofree char *rule = self != NULL ? anx_screening_run_take_left (self, FALSE, &level) : NULL;
  if (rule != NULL)
    anx_resident_call_help (anx_resident_window_get_resident (window), level, rule);
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
 * anx_screening_run_is_complete:
 * @self: the run
 *
 * Returns: whether every question has an answer or was declined, and nothing more is to be asked
 */
gboolean
anx_screening_run_is_complete (AnxScreeningRun *self)
{
  if (self->waiting->len > 0 || anx_screening_plan_find_next (self->plan, self->answers) != NULL)
    return FALSE;
  for (guint part = 0; part < self->answers->len; part++)
    {
      AnxAnswers *answers = g_ptr_array_index (self->answers, part);
      for (guint i = anx_answers_next (answers, G_MAXUINT); i != G_MAXUINT; i = anx_answers_next (answers, i))
        if (anx_answers_get (answers, i) == ANX_ANSWER_NONE)
          return FALSE;
    }
  return TRUE;
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
  /* Without a booking nothing else says at the hub that an open call for help holds it. */
  if (anx_resident_get_newest_alert (resident) != NULL)
    json_object_set_string_member (routing, "alert", anx_resident_get_newest_alert (resident));

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

/* ---- to be gone on with later ---- */

#define DRAFT_VERSION 1

/**
 * anx_screening_run_to_draft:
 * @self: the run
 * @part: where the resident is
 * @item: where the resident is
 *
 * Everything that is needed to go on later. It holds answers: it must be sealed before it leaves this process.
 *
 * Returns: (transfer full): the draft
 */
JsonObject *
anx_screening_run_to_draft (AnxScreeningRun *self,
                            guint part,
                            guint item)
{
  JsonObject *draft = json_object_new ();
  json_object_set_int_member (draft, "version", DRAFT_VERSION);
  json_object_set_int_member (draft, "sharing", self->sharing);
  json_object_set_boolean_member (draft, "assigned", self->assigned);
  json_object_set_int_member (draft, "part", part);
  json_object_set_int_member (draft, "item", item);
  JsonArray *parts = json_array_new ();
  for (guint i = 0; i < self->answers->len; i++)
    {
      JsonObject *entry = json_object_new ();
      json_object_set_string_member (entry, "id", anx_questionnaire_get_id (questionnaire_of (self, i)));
      json_object_set_object_member (entry, "response",
                                     anx_answers_to_fhir (g_ptr_array_index (self->answers, i), "in-progress", g_get_real_time ()));
      json_array_add_object_element (parts, entry);
    }
  json_object_set_array_member (draft, "parts", parts);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  for (guint i = 0; i < self->waiting->len; i++)
    g_ptr_array_add (waiting, g_ptr_array_index (self->waiting, i));
  g_ptr_array_add (waiting, NULL);
  anx_json_set_strings (draft, "waiting", (const char *const *) waiting->pdata);
  return draft;
}

static gboolean
parse_part (AnxScreeningRun *self,
            JsonObject *entry,
            GError **error)
{
  const char *id = anx_json_need_string (entry, "id", 64, error);
  JsonObject *response = id != NULL ? anx_json_need_object (entry, "response", error) : NULL;
  if (response == NULL || !open_part (self, id, self->assigned, error))
    return FALSE;
  AnxQuestionnaire *questionnaire = questionnaire_of (self, self->answers->len - 1);
  AnxAnswers *answers = anx_answers_parse (questionnaire, response, error);
  if (answers == NULL)
    return FALSE;
  /* In place of the empty one. */
  g_object_unref (g_ptr_array_index (self->answers, self->answers->len - 1));
  g_ptr_array_index (self->answers, self->answers->len - 1) = answers;
  return TRUE;
}

static gboolean
parse_parts (AnxScreeningRun *self,
             JsonObject *draft,
             GError **error)
{
  JsonArray *parts = anx_json_need_array (draft, "parts", MAX_PARTS, error);
  if (parts == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *entry = anx_json_array_need_object (parts, i, error);
      if (entry == NULL || !parse_part (self, entry, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * anx_screening_run_parse_draft:
 * @directory: (nullable): the directory in force
 * @draft: what anx_screening_run_to_draft() gave
 * @out_part: (out): where the resident was
 * @out_item: (out): where the resident was
 * @error: %G_IO_ERROR_INVALID_DATA, or of ANX_BASE_ERROR and ANX_CARE_ERROR: it is not a draft of these questionnaires (they may have a
 *   newer version since)
 *
 * A danger that was answered before has had its alert; the alert is not raised a second time, but the run keeps its level.
 *
 * Returns: (transfer full): the run as it was, or %NULL
 */
AnxScreeningRun *
anx_screening_run_parse_draft (AnxDirectory *directory,
                               JsonObject *draft,
                               guint *out_part,
                               guint *out_item,
                               GError **error)
{
  gint64 version = 0, sharing = 0, part = 0, item = 0;
  if (!anx_json_need_int (draft, "version", DRAFT_VERSION, DRAFT_VERSION, &version, error)
      || !anx_json_need_int (draft, "sharing", ANX_SHARING_UNDECIDED, ANX_SHARING_NO, &sharing, error)
      || !anx_json_need_int (draft, "part", 0, MAX_PARTS - 1, &part, error) || !anx_json_need_int (draft, "item", 0, G_MAXINT32, &item, error))
    return NULL;
  g_autoptr (AnxScreeningRun) self = run_new (directory, error);
  if (self != NULL)
    self->assigned = anx_json_get_boolean (draft, "assigned", FALSE);
  g_auto (GStrv) waiting = self != NULL ? anx_json_need_strings (draft, "waiting", MAX_PARTS, error) : NULL;
  if (waiting == NULL || !parse_parts (self, draft, error))
    return NULL;
  if ((guint) part >= self->answers->len || (guint) item >= anx_questionnaire_get_n_items (questionnaire_of (self, (guint) part)))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The draft's place is outside its questionnaires");
      return NULL;
    }
  for (char **id = waiting; *id != NULL; id++)
    g_ptr_array_add (self->waiting, g_strdup (*id));
  self->sharing = (AnxSharing) sharing;
  self->edition = anx_screening_run_has_answers (self) ? 1 : 0;
  AnxLevel level = ANX_LEVEL_GREEN;
  g_free (anx_screening_run_take_finding (self, &level));
  *out_part = (guint) part;
  *out_item = (guint) item;
  return g_steal_pointer (&self);
}
