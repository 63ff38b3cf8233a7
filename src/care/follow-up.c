/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "follow-up.h"

#include <string.h>

#include "care-error.h"
#include "care-records.h"
#include "clock.h"
#include "fhir-private.h"
#include "id.h"
#include "json.h"

#define CATEGORY "follow-up"
#define STEP "urn:anxin:fhir:follow-up-step"
#define TRIES "urn:anxin:fhir:follow-up-tries"
#define DUE "urn:anxin:fhir:follow-up-due"
#define MOST_TRIES 1000

static const char *const steps[ANX_FOLLOW_UP_N_STEPS] = { "planned", "reached", "not-reached", "ended" };
/* FHIR R4 UnitsOfTime. */
static const char *const units[] = { "d", "wk", "mo" };

/**
 * anx_follow_up_free:
 * @self: (nullable) (transfer full): a follow-up
 *
 * Frees it.
 */
void
anx_follow_up_free (AnxFollowUp *self)
{
  if (self == NULL)
    return;
  g_free (self->booking);
  g_free (self->reason);
  g_free (self->words);
  g_free (self);
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

static gboolean
check (const AnxFollowUp *self,
       GError **error)
{
  if (!anx_uuid_is_valid (self->booking))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A follow-up belongs to a session");
  if (self->step >= ANX_FOLLOW_UP_N_STEPS || self->unit > ANX_FOLLOW_UP_MONTHS || self->every < 1 || self->every > ANX_FOLLOW_UP_MOST_EVERY)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A follow-up comes again after 1 to %d days, weeks or months", ANX_FOLLOW_UP_MOST_EVERY);
  if ((self->step == ANX_FOLLOW_UP_ENDED) != (self->due_usec == 0) || self->due_usec < 0 || self->written_usec <= 0 || self->tries > MOST_TRIES)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A follow-up has a next day until it ends");
  if (self->step == ANX_FOLLOW_UP_ENDED && is_empty (self->words))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "Who ends a follow-up says why");
  return anx_note_check (self->reason, error) && (is_empty (self->words) || anx_note_check (self->words, error));
}

/* --- when --- */

/* A day off is nobody's day for a visit: on to the next working day. The bound ends the search in a calendar that knows none. */
static GDateTime *
move_to_working_day (GDateTime *day,
                     AnxCalendar *calendar)
{
  GDateTime *at = g_date_time_ref (day);
  for (guint i = 0; i < 60 && !anx_calendar_is_working_date (calendar, at); i++)
    {
      GDateTime *next = g_date_time_add_days (at, 1);
      g_date_time_unref (at);
      at = next;
    }
  return at;
}

static GDateTime *
add_period (GDateTime *day,
            AnxFollowUpUnit unit,
            guint times)
{
  switch (unit)
    {
    case ANX_FOLLOW_UP_WEEKS:
      return g_date_time_add_weeks (day, (int) times);
    case ANX_FOLLOW_UP_MONTHS:
      return g_date_time_add_months (day, (int) times);
    case ANX_FOLLOW_UP_DAYS:
    default:
      return g_date_time_add_days (day, (int) times);
    }
}

static gint64
find_next (const AnxFollowUp *self,
           AnxFollowUpStep step,
           AnxCalendar *calendar,
           const char *zone,
           gint64 now_usec)
{
  g_autoptr (GDateTime) local = anx_time_in_zone (now_usec, zone);
  /* From the day it happened, so that a late visit is not followed by the next one at once. Tried in vain: again the next working day,
     but once somebody is lost, in the usual rhythm. */
  gboolean again = step == ANX_FOLLOW_UP_NOT_REACHED && self->tries + 1 < ANX_FOLLOW_UP_LOST_AFTER;
  g_autoptr (GDateTime) later = again ? g_date_time_add_days (local, 1) : add_period (local, self->unit, self->every);
  g_autoptr (GDateTime) day = move_to_working_day (later, calendar);
  return g_date_time_to_unix (day) * G_USEC_PER_SEC;
}

/**
 * anx_follow_up_step:
 * @self: the state before
 * @step: what happened; not %ANX_FOLLOW_UP_PLANNED
 * @words: (nullable): how it was; needed to end
 * @calendar: (nullable): the public calendar; %NULL means Monday to Friday
 * @zone: (nullable): the centre's zone, whose days count; %NULL means Asia/Shanghai
 * @now_usec: the time, microseconds of UTC
 * @error: return location, %ANX_CARE_ERROR_NOT_ALLOWED once it has ended or to plan it again, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the state after
 */
AnxFollowUp *
anx_follow_up_step (const AnxFollowUp *self,
                    AnxFollowUpStep step,
                    const char *words,
                    AnxCalendar *calendar,
                    const char *zone,
                    gint64 now_usec,
                    GError **error)
{
  g_return_val_if_fail (self != NULL && step < ANX_FOLLOW_UP_N_STEPS, NULL);
  if (self->step == ANX_FOLLOW_UP_ENDED || step == ANX_FOLLOW_UP_PLANNED)
    {
      anx_care_fail (error, ANX_CARE_ERROR_NOT_ALLOWED,
                     self->step == ANX_FOLLOW_UP_ENDED ? "This follow-up has ended" : "This follow-up is planned already");
      return NULL;
    }
  g_autoptr (AnxFollowUp) next = g_new0 (AnxFollowUp, 1);
  next->booking = g_strdup (self->booking);
  next->reason = g_strdup (self->reason);
  next->unit = self->unit;
  next->every = self->every;
  next->step = step;
  next->words = g_strdup (words);
  next->tries = step == ANX_FOLLOW_UP_NOT_REACHED ? MIN (self->tries + 1, MOST_TRIES) : step == ANX_FOLLOW_UP_ENDED ? self->tries : 0;
  next->due_usec = step == ANX_FOLLOW_UP_ENDED ? 0 : find_next (self, step, calendar, zone, now_usec);
  next->written_usec = now_usec;
  return check (next, error) ? g_steal_pointer (&next) : NULL;
}

/**
 * anx_follow_up_get_state:
 * @self: a follow-up
 * @zone: (nullable): the centre's zone, whose days count; %NULL means Asia/Shanghai
 * @now_usec: the time, microseconds of UTC
 *
 * A visit is due on its whole day and overdue from the next midnight on. Who was tried in vain %ANX_FOLLOW_UP_LOST_AFTER times is lost,
 * whatever the day.
 *
 * Returns: the list it stands in
 */
AnxFollowUpState
anx_follow_up_get_state (const AnxFollowUp *self,
                         const char *zone,
                         gint64 now_usec)
{
  if (self->step == ANX_FOLLOW_UP_ENDED)
    return ANX_FOLLOW_UP_OVER;
  if (self->tries >= ANX_FOLLOW_UP_LOST_AFTER)
    return ANX_FOLLOW_UP_LOST;
  g_autoptr (GDateTime) due = anx_time_in_zone (self->due_usec, zone);
  g_autoptr (GDateTime) now = anx_time_in_zone (now_usec, zone);
  int due_day = g_date_time_get_year (due) * 1000 + g_date_time_get_day_of_year (due);
  int today = g_date_time_get_year (now) * 1000 + g_date_time_get_day_of_year (now);

  return due_day > today ? ANX_FOLLOW_UP_COMING : due_day == today ? ANX_FOLLOW_UP_DUE : ANX_FOLLOW_UP_OVERDUE;
}

/* --- the record --- */

static JsonObject *
make_activity (const AnxFollowUp *self)
{
  JsonObject *activity = json_object_new ();
  JsonObject *detail = json_object_new ();
  JsonObject *timing = json_object_new ();
  JsonObject *repeat = json_object_new ();

  json_object_set_int_member (repeat, "frequency", 1);
  json_object_set_int_member (repeat, "period", self->every);
  json_object_set_string_member (repeat, "periodUnit", units[self->unit]);
  json_object_set_object_member (timing, "repeat", repeat);
  json_object_set_object_member (detail, "code", anx_fhir_concept (ANX_FHIR_CODE, CATEGORY, NULL));
  json_object_set_string_member (detail, "status", self->step == ANX_FOLLOW_UP_ENDED ? "completed" : "scheduled");
  json_object_set_object_member (detail, "scheduledTiming", timing);
  json_object_set_string_member (detail, "description", self->reason);
  json_object_set_object_member (activity, "detail", detail);
  return activity;
}

/**
 * anx_follow_up_build:
 * @self: a follow-up
 * @author: the principal who writes
 * @error: return location, %ANX_CARE_ERROR_INVALID, %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): a FHIR R4 CarePlan with one activity, whose timing is the rhythm; the words of the step are its note
 */
JsonObject *
anx_follow_up_build (const AnxFollowUp *self,
                     const char *author,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && author != NULL, NULL);
  if (!check (self, error))
    return NULL;
  JsonObject *plan = anx_fhir_resource ("CarePlan");
  json_object_set_string_member (plan, "status", self->step == ANX_FOLLOW_UP_ENDED ? "completed" : "active");
  json_object_set_string_member (plan, "intent", "plan");
  anx_fhir_set_array_of (plan, "category", anx_fhir_concept (ANX_FHIR_CODE, CATEGORY, NULL));
  json_object_set_object_member (plan, "subject", anx_fhir_subject (self->booking));
  anx_fhir_set_time (plan, "created", self->written_usec);
  json_object_set_object_member (plan, "author", anx_fhir_identified (ANX_FHIR_PRINCIPAL, author));
  anx_fhir_set_array_of (plan, "activity", make_activity (self));
  if (!is_empty (self->words))
    {
      JsonObject *note = json_object_new ();
      json_object_set_string_member (note, "text", self->words);
      anx_fhir_set_array_of (plan, "note", note);
    }
  anx_fhir_add_extension (plan, STEP, "valueCode", json_node_init_string (json_node_alloc (), steps[self->step]));
  anx_fhir_add_extension (plan, TRIES, "valueUnsignedInt", json_node_init_int (json_node_alloc (), self->tries));
  if (self->due_usec > 0)
    {
      g_autoptr (JsonObject) holder = json_object_new ();
      anx_fhir_set_time (holder, "due", self->due_usec);
      anx_fhir_add_extension (plan, DUE, "valueDateTime", json_node_copy (json_object_get_member (holder, "due")));
    }
  return plan;
}

static gboolean
find_index (const char *const *words,
            gsize length,
            const char *word,
            guint *out_index)
{
  for (guint i = 0; i < length; i++)
    if (g_strcmp0 (words[i], word) == 0)
      {
        *out_index = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_follow_up_read:
 * @fhir: a FHIR R4 CarePlan of anx_follow_up_build()
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the follow-up after that step
 */
AnxFollowUp *
anx_follow_up_read (JsonObject *fhir,
                    GError **error)
{
  g_autoptr (AnxFollowUp) self = g_new0 (AnxFollowUp, 1);
  if (!anx_fhir_check_type (fhir, "CarePlan", error) || !anx_fhir_need_time (fhir, "created", &self->written_usec, error))
    return NULL;
  JsonObject *detail = anx_json_get_object (anx_fhir_first (fhir, "activity"), "detail");
  JsonObject *repeat = anx_json_get_object (anx_json_get_object (detail, "scheduledTiming"), "repeat");
  gint64 every = anx_json_get_int (repeat, "period", 0);
  gint64 tries = anx_json_get_int (anx_fhir_find_extension (fhir, TRIES), "valueUnsignedInt", -1);
  guint step = 0, unit = 0;
  if (g_strcmp0 (anx_fhir_find_code (anx_fhir_first (fhir, "category"), ANX_FHIR_CODE), CATEGORY) != 0
      || !find_index (steps, G_N_ELEMENTS (steps), anx_json_get_string (anx_fhir_find_extension (fhir, STEP), "valueCode", NULL), &step)
      || !find_index (units, G_N_ELEMENTS (units), anx_json_get_string (repeat, "periodUnit", NULL), &unit) || every < 1
      || every > ANX_FOLLOW_UP_MOST_EVERY || tries < 0 || tries > MOST_TRIES)
    {
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, "This is no follow-up");
      return NULL;
    }
  JsonObject *due = anx_fhir_find_extension (fhir, DUE);
  if (due != NULL && !anx_fhir_need_time (due, "valueDateTime", &self->due_usec, error))
    return NULL;
  self->booking = g_strdup (anx_fhir_referenced (anx_json_get_object (fhir, "subject"), ANX_FHIR_BOOKING));
  self->reason = g_strdup (anx_json_get_string (detail, "description", NULL));
  self->words = g_strdup (anx_json_get_string (anx_fhir_first (fhir, "note"), "text", NULL));
  self->step = (AnxFollowUpStep) step;
  self->unit = (AnxFollowUpUnit) unit;
  self->every = (guint) every;
  self->tries = (guint) tries;
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}
