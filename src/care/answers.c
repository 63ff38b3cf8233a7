/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answers-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "care-error.h"
#include "process.h"

/*
 * Invariants
 * A1  A slot is empty, declined, or holds answers that its item allows; more than one only when it repeats.
 * A6  What the engine computes cannot be set: setting a calculated item does nothing.
 */
G_DEFINE_FINAL_TYPE (AnxAnswers, anx_answers, G_TYPE_OBJECT)

#define fail anx_care_fail

/* --- slots --- */

/**
 * anx_answers_get_slot:
 * @self: a filling in
 * @index: an index
 *
 * Returns: (transfer none) (nullable): the slot, %NULL when there is none or it was removed; valid until a group is added
 */
AnxSlot *
anx_answers_get_slot (AnxAnswers *self,
                      guint index)
{
  AnxSlot *slot = index < self->slots->len ? &g_array_index (self->slots, AnxSlot, index) : NULL;
  return slot != NULL && slot->frame != NULL ? slot : NULL;
}

/**
 * anx_answers_get_question:
 * @self: a filling in
 * @slot: a slot
 *
 * Returns: (transfer none): what it answers
 */
AnxQuestion *
anx_answers_get_question (AnxAnswers *self,
                          const AnxSlot *slot)
{
  return g_ptr_array_index (self->questionnaire->questions, slot->question);
}

/**
 * anx_slot_get_n_answers:
 * @self: a slot
 *
 * Returns: how many answers it holds
 */
guint
anx_slot_get_n_answers (const AnxSlot *self)
{
  return self->answers != NULL ? self->answers->len : 0;
}

static void
answer_clear (gpointer data)
{
  AnxAnswer *answer = data;
  g_clear_pointer (&answer->value, anx_answer_value_free);
  anx_wipe (answer, sizeof *answer);
}

/**
 * anx_slot_clear:
 * @self: a slot
 *
 * Takes all its answers away.
 */
void
anx_slot_clear (AnxSlot *self)
{
  self->declined = FALSE;
  self->version++;
  g_clear_pointer (&self->answers, g_array_unref);
}

static void
add_answer (AnxSlot *self,
            int option,
            AnxAnswerValue *value)
{
  if (self->answers == NULL)
    {
      self->answers = g_array_sized_new (FALSE, FALSE, sizeof (AnxAnswer), 1);
      g_array_set_clear_func (self->answers, answer_clear);
    }
  AnxAnswer answer = { option, value };
  self->version++;
  g_array_append_val (self->answers, answer);
}

/**
 * anx_slot_add:
 * @self: the filling in
 * @slot: a slot
 * @value: (transfer full): an answer that its item allows
 *
 * Adds it; what is an option of the item becomes that option.
 */
void
anx_slot_add (AnxAnswers *self,
              AnxSlot *slot,
              AnxAnswerValue *value)
{
  int option = anx_question_find_option (anx_answers_get_question (self, slot), value);
  if (option >= 0)
    g_clear_pointer (&value, anx_answer_value_free);
  add_answer (slot, option, value);
}

/**
 * anx_slot_get_value:
 * @self: the filling in
 * @slot: a slot
 * @n: which answer
 *
 * Returns: (transfer none): its value
 */
const AnxAnswerValue *
anx_slot_get_value (AnxAnswers *self,
                    const AnxSlot *slot,
                    guint n)
{
  const AnxAnswer *answer = &g_array_index (slot->answers, AnxAnswer, n);
  if (answer->option < 0)
    return answer->value;
  return &((AnxOption *) g_ptr_array_index (anx_answers_get_question (self, slot)->options, answer->option))->value;
}

/**
 * anx_answers_changed:
 * @self: a filling in
 *
 * Tells that an answer is another one now: what is asked and computed is found out again at the next question.
 */
void
anx_answers_changed (AnxAnswers *self)
{
  if (++self->edition == 0)
    self->edition = 1;
}

/* --- life --- */

static void
anx_answers_finalize (GObject *object)
{
  AnxAnswers *self = ANX_ANSWERS (object);
  for (guint i = 0; self->slots != NULL && i < self->slots->len; i++)
    anx_slot_clear (&g_array_index (self->slots, AnxSlot, i));
  g_clear_pointer (&self->slots, g_array_unref);
  g_clear_pointer (&self->order, g_array_unref);
  g_clear_pointer (&self->root, anx_frame_free);
  g_clear_pointer (&self->questionnaire, anx_questionnaire_unref);
  G_OBJECT_CLASS (anx_answers_parent_class)->finalize (object);
}

static void
anx_answers_class_init (AnxAnswersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_answers_finalize;
}

static void
anx_answers_init (AnxAnswers *self)
{
}

/**
 * anx_answers_new:
 * @questionnaire: (transfer none): a questionnaire; the filling in keeps a reference
 *
 * Returns: (transfer full): a filling in without any answer but those the file gives from the beginning (`initial`, `initialSelected`,
 *   `initialExpression`). Its memory is wiped when it ends
 */
AnxAnswers *
anx_answers_new (AnxQuestionnaire *questionnaire)
{
  g_return_val_if_fail (questionnaire != NULL, NULL);
  AnxAnswers *self = g_object_new (ANX_TYPE_ANSWERS, NULL);
  self->questionnaire = anx_questionnaire_ref (questionnaire);
  self->edition = 1;
  self->slots = g_array_new (FALSE, TRUE, sizeof (AnxSlot));
  g_array_set_size (self->slots, questionnaire->questions->len);
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  anx_answers_open_root (self);
  anx_answers_set_initial (self, FALSE);
  return self;
}

/**
 * anx_answers_get_questionnaire:
 * @self: a filling in
 *
 * Returns: (transfer none): what is filled in
 */
AnxQuestionnaire *
anx_answers_get_questionnaire (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), NULL);
  return self->questionnaire;
}

/**
 * anx_answers_set_now:
 * @self: a filling in
 * @now_usec: the time, microseconds of UTC
 * @offset_minutes: how far the local clock is ahead of UTC, -840 to 840
 *
 * Gives the time to expressions. Values that the file computes from it at the beginning are set now, where nothing was answered yet.
 */
void
anx_answers_set_now (AnxAnswers *self,
                     gint64 now_usec,
                     int offset_minutes)
{
  g_return_if_fail (ANX_IS_ANSWERS (self) && offset_minutes >= -840 && offset_minutes <= 840);
  gboolean first = !self->has_now;
  self->has_now = TRUE;
  self->unseen = TRUE;
  self->now_usec = now_usec;
  self->offset_minutes = offset_minutes;
  anx_answers_changed (self);
  if (first)
    anx_answers_set_initial (self, TRUE);
}

/* --- options --- */

/* A6: what is computed is not set. */
static AnxSlot *
find_settable (AnxAnswers *self,
               guint index)
{
  AnxSlot *slot = anx_answers_get_slot (self, index);
  return slot != NULL && anx_answers_get_question (self, slot)->calculated == NULL ? slot : NULL;
}

/**
 * anx_answers_set:
 * @self: a filling in
 * @index: an item
 * @option_or_special: an option of it, %ANX_ANSWER_NONE or %ANX_ANSWER_DECLINED
 *
 * Gives, changes or takes back an answer; of an item that repeats, all answers. A calculated item stays as it is.
 */
void
anx_answers_set (AnxAnswers *self,
                 guint index,
                 int option_or_special)
{
  g_return_if_fail (ANX_IS_ANSWERS (self) && anx_answers_get_slot (self, index) != NULL);
  AnxSlot *slot = find_settable (self, index);
  if (slot == NULL)
    return;
  g_return_if_fail (option_or_special >= ANX_ANSWER_DECLINED &&
                    option_or_special < (int) anx_answers_get_question (self, slot)->options->len);
  anx_slot_clear (slot);
  slot->declined = option_or_special == ANX_ANSWER_DECLINED;
  slot->version++;
  if (option_or_special >= 0)
    add_answer (slot, option_or_special, NULL);
  anx_answers_changed (self);
}

/**
 * anx_answers_get:
 * @self: a filling in
 * @index: an item
 *
 * Returns: the option (the first, when there are several), %ANX_ANSWER_NONE, %ANX_ANSWER_DECLINED, or %ANX_ANSWER_VALUE when it is answered by
 *   something that is no option
 */
int
anx_answers_get (AnxAnswers *self,
                 guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && index < self->slots->len, ANX_ANSWER_NONE);
  anx_answers_settle (self);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  if (slot == NULL || (!slot->declined && anx_slot_get_n_answers (slot) == 0))
    return ANX_ANSWER_NONE;
  if (slot->declined)
    return ANX_ANSWER_DECLINED;
  int option = g_array_index (slot->answers, AnxAnswer, 0).option;
  return option >= 0 ? option : ANX_ANSWER_VALUE;
}

static int
find_answer (const AnxSlot *slot,
             guint option)
{
  for (guint i = 0; i < anx_slot_get_n_answers (slot); i++)
    if (g_array_index (slot->answers, AnxAnswer, i).option == (int) option)
      return (int) i;
  return -1;
}

/**
 * anx_answers_has_option:
 * @self: a filling in
 * @index: an item
 * @option: an option of it
 *
 * Returns: whether it is among the answers
 */
gboolean
anx_answers_has_option (AnxAnswers *self,
                        guint index,
                        guint option)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), FALSE);
  anx_answers_settle (self);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  return slot != NULL && find_answer (slot, option) >= 0;
}

/* An exclusive answer and others do not stand together: the newer one stays. */
static void
drop_excluded (AnxSlot *slot,
               const AnxQuestion *question,
               guint option)
{
  gboolean exclusive = ((AnxOption *) g_ptr_array_index (question->options, option))->exclusive;
  for (guint i = anx_slot_get_n_answers (slot); i > 0; i--)
    {
      int other = g_array_index (slot->answers, AnxAnswer, i - 1).option;
      if (exclusive || (other >= 0 && ((AnxOption *) question->options->pdata[other])->exclusive))
        g_array_remove_index (slot->answers, i - 1);
    }
}

/**
 * anx_answers_toggle:
 * @self: a filling in
 * @index: an item that repeats
 * @option: an option of it
 * @chosen: whether it shall be among the answers
 *
 * Adds or takes away one answer. An exclusive one takes the others away, and goes when another one comes.
 */
void
anx_answers_toggle (AnxAnswers *self,
                    guint index,
                    guint option,
                    gboolean chosen)
{
  g_return_if_fail (ANX_IS_ANSWERS (self));
  AnxSlot *slot = find_settable (self, index);
  g_return_if_fail (slot != NULL && option < anx_answers_get_question (self, slot)->options->len);
  AnxQuestion *question = anx_answers_get_question (self, slot);
  int found = find_answer (slot, option);
  slot->declined = FALSE;
  slot->version++;
  if (!chosen && found >= 0)
    g_array_remove_index (slot->answers, (guint) found);
  if (chosen && found < 0)
    {
      if (!question->public.repeats)
        anx_slot_clear (slot);
      drop_excluded (slot, question, option);
      add_answer (slot, (int) option, NULL);
    }
  anx_answers_changed (self);
}

/* --- values --- */

static gboolean
check_bounds (const AnxQuestion *self,
              const AnxAnswerValue *value,
              GError **error)
{
  const AnxItem *item = &self->public;
  AnxAnswerValue number = { ANX_VALUE_DECIMAL, FALSE, value->number, NULL, NULL, NULL, NULL };
  const AnxAnswerValue *shown = value->type == ANX_VALUE_QUANTITY ? &number : value;
  const AnxAnswerValue *compared_low = item->least != NULL && item->least->type == ANX_VALUE_QUANTITY ? value : shown;
  const AnxAnswerValue *compared_high = item->most != NULL && item->most->type == ANX_VALUE_QUANTITY ? value : shown;
  if (item->least != NULL && anx_answer_value_compare (compared_low, item->least) == -1)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is below the least value"), item->link_id);
  if (item->most != NULL && anx_answer_value_compare (compared_high, item->most) == 1)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is above the greatest value"), item->link_id);
  double scaled = value->number * pow (10, MAX (item->max_decimals, 0));
  if (item->max_decimals >= 0 && fabs (scaled - round (scaled)) > 1e-6 * MAX (1, fabs (scaled)))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer has more than %d decimals"), item->link_id, item->max_decimals);
  return TRUE;
}

static gboolean
check_words (const AnxQuestion *self,
             const AnxAnswerValue *value,
             GError **error)
{
  const AnxItem *item = &self->public;
  if (value->text == NULL || !g_utf8_validate (value->text, -1, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is not a text"), item->link_id);
  glong length = g_utf8_strlen (value->text, -1);
  if (length > 20000 || (item->max_length > 0 && length > (glong) item->max_length))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is too long"), item->link_id);
  if (length < (glong) item->min_length)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is too short"), item->link_id);
  if (self->regex != NULL && !g_regex_match (self->regex, value->text, 0, NULL))
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer has not the form that is asked for"), item->link_id);
  return TRUE;
}

/**
 * anx_question_check_value:
 * @self: a question
 * @value: a value
 * @error: return location, %ANX_CARE_ERROR_INVALID, naming the item and nothing of the value
 *
 * Returns: whether it may be an answer: an option, or of the right type and within the bounds of the file
 */
gboolean
anx_question_check_value (const AnxQuestion *self,
                          const AnxAnswerValue *value,
                          GError **error)
{
  const char *link_id = self->public.link_id;
  if (anx_question_find_option (self, value) >= 0)
    return TRUE;
  gboolean open_type = self->public.type == ANX_ITEM_OPEN_CHOICE ? value->type == ANX_VALUE_STRING || value->type == ANX_VALUE_CODING
                       : self->public.type == ANX_ITEM_DECIMAL   ? value->type == ANX_VALUE_DECIMAL || value->type == ANX_VALUE_INTEGER
                                                                 : value->type == self->value_type;
  if (!self->open || !open_type)
    return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is none of those the questionnaire offers"), link_id);
  switch (value->type)
    {
    case ANX_VALUE_STRING:
    case ANX_VALUE_URI:
      return check_words (self, value, error);
    case ANX_VALUE_DECIMAL:
    case ANX_VALUE_INTEGER:
    case ANX_VALUE_QUANTITY:
      if (!isfinite (value->number))
        return fail (error, ANX_CARE_ERROR_INVALID, N_ ("%s: the answer is not a number"), link_id);
      return check_bounds (self, value, error);
    case ANX_VALUE_DATE:
    case ANX_VALUE_DATE_TIME:
    case ANX_VALUE_TIME:
      return check_bounds (self, value, error);
    default:
      return TRUE;
    }
}

/* The same rules for a value from a program as for one from a file: it goes through FHIR once. */
static AnxAnswerValue *
normalise (const AnxAnswerValue *value,
           GError **error)
{
  g_autoptr (JsonObject) json = json_object_new ();
  if (value->type != ANX_VALUE_BOOLEAN && value->type != ANX_VALUE_DECIMAL && value->type != ANX_VALUE_INTEGER &&
      value->type != ANX_VALUE_QUANTITY && value->text == NULL && value->code == NULL && value->system == NULL && value->data == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, N_ ("There is no value"));
      return NULL;
    }
  AnxAnswerValue safe = *value;
  if (safe.type >= ANX_VALUE_DATE && safe.type <= ANX_VALUE_URI && safe.text == NULL)
    safe.text = (char *) "";
  anx_answer_value_write (&safe, json, "value");
  return anx_answer_value_parse (json, "value", error);
}

static gboolean
put_value (AnxAnswers *self,
           guint index,
           const AnxAnswerValue *value,
           gboolean replace,
           GError **error)
{
  AnxSlot *slot = find_settable (self, index);
  if (slot == NULL)
    return fail (error, ANX_CARE_ERROR_NOT_ALLOWED, N_ ("This item is computed"));
  AnxQuestion *question = anx_answers_get_question (self, slot);
  g_autoptr (AnxAnswerValue) copy = normalise (value, error);
  if (copy == NULL)
    return FALSE;
  if (!anx_question_check_value (question, copy, error))
    return FALSE;
  if (!replace && (!question->public.repeats || anx_slot_get_n_answers (slot) >= ANX_MAX_ANSWERS))
    return fail (error, ANX_CARE_ERROR_NOT_ALLOWED, N_ ("%s: it has as many answers as it can have"), question->public.link_id);
  if (replace)
    anx_slot_clear (slot);
  slot->declined = FALSE;
  slot->version++;
  int option = anx_question_find_option (question, copy);
  if (option >= 0)
    drop_excluded (slot, question, (guint) option);
  if (option < 0 || find_answer (slot, (guint) option) < 0)
    anx_slot_add (self, slot, g_steal_pointer (&copy));
  anx_answers_changed (self);
  return TRUE;
}

/**
 * anx_answers_set_value:
 * @self: a filling in
 * @index: an item
 * @value: (transfer none): the answer, instead of those before
 * @error: return location, %ANX_CARE_ERROR_INVALID when the item does not allow it, %ANX_CARE_ERROR_NOT_ALLOWED when it is computed
 *
 * Returns: whether it was set; else everything is as before
 */
gboolean
anx_answers_set_value (AnxAnswers *self,
                       guint index,
                       const AnxAnswerValue *value,
                       GError **error)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && value != NULL, FALSE);
  return put_value (self, index, value, TRUE, error);
}

/**
 * anx_answers_add_value:
 * @self: a filling in
 * @index: an item that repeats
 * @value: (transfer none): a further answer
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_NOT_ALLOWED when it does not repeat, is computed or has 1,000 answers
 *
 * Returns: whether it was added; an option that is there already stays one answer
 */
gboolean
anx_answers_add_value (AnxAnswers *self,
                       guint index,
                       const AnxAnswerValue *value,
                       GError **error)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self) && value != NULL, FALSE);
  return put_value (self, index, value, FALSE, error);
}

/**
 * anx_answers_get_n_values:
 * @self: a filling in
 * @index: an item
 *
 * Returns: how many answers it has
 */
guint
anx_answers_get_n_values (AnxAnswers *self,
                          guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), 0);
  anx_answers_settle (self);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  return slot != NULL ? anx_slot_get_n_answers (slot) : 0;
}

/**
 * anx_answers_get_value:
 * @self: a filling in
 * @index: an item
 * @n: 0 to one less than anx_answers_get_n_values()
 *
 * Returns: (transfer none): the answer; valid until the next one is set
 */
const AnxAnswerValue *
anx_answers_get_value (AnxAnswers *self,
                       guint index,
                       guint n)
{
  g_return_val_if_fail (n < anx_answers_get_n_values (self, index), NULL);
  return anx_slot_get_value (self, anx_answers_get_slot (self, index), n);
}

/**
 * anx_answers_dup_text:
 * @self: a filling in
 * @index: an item
 * @language: (nullable): a language tag
 *
 * Returns: (transfer full): the answers in words, empty when there is none
 */
char *
anx_answers_dup_text (AnxAnswers *self,
                      guint index,
                      const char *language)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = anx_answers_get_n_values (self, index);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  for (guint i = 0; i < n; i++)
    {
      int option = g_array_index (slot->answers, AnxAnswer, i).option;
      g_autofree char *words = option >= 0
                                   ? anx_questionnaire_dup_option_text (self->questionnaire, slot->question, (guint) option, language)
                                   : anx_answer_value_dup_text (anx_slot_get_value (self, slot, i));
      if (i > 0)
        g_string_append (text, anx_questionnaire_language_is (language, "zh") ? "、" : ", ");
      g_string_append (text, words);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * anx_answers_get_n_indexes:
 * @self: a filling in
 *
 * Returns: the number all indexes are below
 */
guint
anx_answers_get_n_indexes (AnxAnswers *self)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), 0);
  return self->slots->len;
}

/**
 * anx_answers_get_item_index:
 * @self: a filling in
 * @index: an index
 *
 * Returns: the index of the same question in the questionnaire; %G_MAXUINT when there is nothing there any more
 */
guint
anx_answers_get_item_index (AnxAnswers *self,
                            guint index)
{
  g_return_val_if_fail (ANX_IS_ANSWERS (self), G_MAXUINT);
  AnxSlot *slot = anx_answers_get_slot (self, index);
  return slot != NULL ? slot->question : G_MAXUINT;
}

/* --- weights --- */

static gboolean
weigh_answer (AnxAnswers *self,
              const AnxSlot *slot,
              guint n,
              double *out_weight)
{
  const AnxAnswer *answer = &g_array_index (slot->answers, AnxAnswer, n);
  if (answer->option >= 0)
    {
      const AnxOption *option = g_ptr_array_index (anx_answers_get_question (self, slot)->options, answer->option);
      *out_weight = option->weight;
      return option->has_weight;
    }
  *out_weight = answer->value->number;
  return answer->value->type == ANX_VALUE_INTEGER || answer->value->type == ANX_VALUE_DECIMAL || answer->value->type == ANX_VALUE_QUANTITY;
}

/**
 * anx_answers_weigh:
 * @self: a filling in
 * @question: an index
 * @out_weight: (out): the weight of its answer, the sum when it has several; a number that is no option weighs itself
 *
 * Returns: whether it has one, or why not
 */
AnxWeighed
anx_answers_weigh (AnxAnswers *self,
                   guint question,
                   double *out_weight)
{
  if (!anx_answers_is_enabled (self, question))
    return ANX_NOT_ASKED;
  AnxSlot *slot = anx_answers_get_slot (self, question);
  guint n = anx_slot_get_n_answers (slot);
  double sum = 0, weight;
  for (guint i = 0; i < n; i++)
    {
      if (!weigh_answer (self, slot, i, &weight))
        return ANX_GAP;
      sum += weight;
    }
  *out_weight = sum;
  return n > 0 ? ANX_WEIGHED : ANX_GAP;
}
