/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service.h"

#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "clock.h"
#include "fhir-private.h"
#include "json.h"

#define CELL_MINUTES 5
#define MAX_PROFESSIONS 16
#define MAX_AGE 130
#define MAX_NOTICE_MINUTES (30 * 24 * 60)
/* Cancelling is asked for a working day before (local rules of counselling rooms); a day is the default. */
#define LATE_MINUTES (24 * 60)

static gboolean
read_minutes (JsonObject *json,
              const char *member,
              int least,
              int most,
              gboolean required,
              int *out_minutes,
              GError **error)
{
  if (!required && !json_object_has_member (json, member))
    {
      *out_minutes = 0;
      return TRUE;
    }
  gint64 value = anx_json_get_int (json, member, -1);
  if (value < least || value > most || value % CELL_MINUTES != 0)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be from %d to %d minutes and a multiple of %d", member,
                          least, most, CELL_MINUTES);
  *out_minutes = (int) value;
  return TRUE;
}

static gboolean
read_kind (AnxService *self,
           JsonObject *json,
           GError **error)
{
  static const char *const kinds[] = { "individual", "family", "joint", "phone", "walk-in" };
  const char *mode = anx_json_get_string (json, "mode", "in-person");
  self->video = g_str_equal (mode, "video");
  if (!self->video && !g_str_equal (mode, "in-person") && !g_str_equal (mode, "phone"))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“mode” must be “video”, “in-person” or “phone”");

  const char *kind = anx_json_get_string (json, "kind", g_str_equal (mode, "phone") ? "phone" : "individual");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kind, kinds[i]))
      {
        self->kind = (AnxServiceKind) i;
        if ((self->kind == ANX_SERVICE_PHONE) == g_str_equal (mode, "phone"))
          return TRUE;
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“kind” and “mode” must both say “phone”, or neither");
      }
  return anx_care_fail (error, ANX_CARE_ERROR_INVALID,
                        "“kind” must be “individual”, “family”, “joint”, “phone” or “walk-in”");
}

static gboolean
read_professions (AnxService *self,
                  JsonObject *json,
                  GError **error)
{
  g_autoptr (GError) inner = NULL;
  if (json_object_has_member (json, "professions"))
    {
      self->professions = anx_json_need_strings (json, "professions", MAX_PROFESSIONS, &inner);
      if (self->professions == NULL)
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "%s", inner->message);
    }
  if (self->kind != ANX_SERVICE_JOINT)
    return TRUE;
  const char *companion = anx_json_get_string (json, "with", "mediator");
  if (strlen (companion) > ANX_BOUND_PRINCIPAL_CHARS)
    return anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, "“with” is longer than %d bytes", ANX_BOUND_PRINCIPAL_CHARS);
  self->companion = g_strdup (companion);
  return TRUE;
}

static gboolean
read_number (JsonObject *json,
             const char *member,
             int least,
             int most,
             int fallback,
             int *out_number,
             GError **error)
{
  if (!json_object_has_member (json, member))
    {
      *out_number = fallback;
      return TRUE;
    }
  gint64 value = anx_json_get_int (json, member, G_MININT64);
  if (value < least || value > most)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be a whole number from %d to %d", member, least, most);
  *out_number = (int) value;
  return TRUE;
}

static gboolean
read_limits (AnxService *self,
             JsonObject *json,
             GError **error)
{
  if (!read_number (json, "leastAge", 0, MAX_AGE, 0, &self->least_age, error) ||
      !read_number (json, "mostAge", 0, MAX_AGE, 0, &self->most_age, error) ||
      !read_number (json, "notice", 0, MAX_NOTICE_MINUTES, 0, &self->notice_minutes, error) ||
      !read_number (json, "horizon", 1, ANX_BOUND_SLOT_DAYS, ANX_BOUND_SLOT_DAYS, &self->horizon_days, error) ||
      !read_number (json, "late", 0, MAX_NOTICE_MINUTES, LATE_MINUTES, &self->late_minutes, error))
    return FALSE;
  return self->most_age == 0 || self->most_age >= self->least_age ||
         anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“mostAge” is below “leastAge”");
}

/**
 * anx_service_parse:
 * @json: `{"id","name","minutes","before","after","mode","kind","with","professions","leastAge","mostAge","notice",
 *   "horizon","late"}` as the directory has it; the name a text or `{"zh","en"}`, minutes from 5 to 480, the buffers
 *   before and after from 0 to 120 (absent = 0), all multiples of 5; `mode` "video", "phone" or "in-person" (absent);
 *   `kind` as #AnxServiceKind ("individual" when absent); `with` the companion's profession of a joint one (absent =
 *   "mediator"); `professions` at most 16 words; ages in years; `notice` and `late` in minutes, `horizon` in days, as in
 *   service.h
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the service
 */
AnxService *
anx_service_parse (JsonObject *json,
                   GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxService) self = g_new0 (AnxService, 1);

  const char *id = anx_fhir_need_string (json, "id", ANX_BOUND_PRINCIPAL_CHARS, error);
  JsonObject *names = anx_json_get_object (json, "name");
  const char *name = id == NULL ? NULL
                     : names != NULL ? anx_fhir_need_string (names, "zh", ANX_FHIR_SHORT_BYTES, error)
                                     : anx_fhir_need_string (json, "name", ANX_FHIR_SHORT_BYTES, error);
  if (name == NULL || !read_minutes (json, "minutes", 5, ANX_SERVICE_MOST_MINUTES, TRUE, &self->minutes, error) ||
      !read_minutes (json, "before", 0, 120, FALSE, &self->before_minutes, error) ||
      !read_minutes (json, "after", 0, 120, FALSE, &self->after_minutes, error))
    return NULL;
  self->id = g_strdup (id);
  self->name = g_strdup (name);
  if (!read_kind (self, json, error) || !read_professions (self, json, error) || !read_limits (self, json, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_service_free:
 * @self: (nullable) (transfer full): a service
 *
 * Frees it.
 */
void
anx_service_free (AnxService *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->name);
  g_strfreev (self->professions);
  g_free (self->companion);
  g_free (self);
}

/**
 * anx_service_get_cells:
 * @self: a service
 * @start_usec: a slot's start without buffer, microseconds of UTC, not negative
 * @out_first_cell: (out): the first cell its buffer before occupies
 * @out_last_cell: (out): the last cell its buffer after occupies, itself included
 *
 * A cell is %ANX_CELL_USEC long; cell n begins n·%ANX_CELL_USEC after 1970.
 */
void
anx_service_get_cells (const AnxService *self,
                       gint64 start_usec,
                       gint64 *out_first_cell,
                       gint64 *out_last_cell)
{
  g_return_if_fail (self != NULL && start_usec >= 0);
  gint64 cell = ANX_CELL_USEC;
  gint64 first = start_usec - self->before_minutes * ANX_USEC_PER_MINUTE;
  gint64 end = start_usec + (self->minutes + self->after_minutes) * ANX_USEC_PER_MINUTE;
  *out_first_cell = first / cell;
  *out_last_cell = (end - 1) / cell;
}

/**
 * anx_service_may_be_offered_by:
 * @self: a service
 * @professions: (nullable) (array zero-terminated=1): somebody's
 *
 * Returns: whether one of them is among those the service asks for, or it asks for none
 */
gboolean
anx_service_may_be_offered_by (const AnxService *self,
                               const char *const *professions)
{
  g_return_val_if_fail (self != NULL, FALSE);
  if (self->professions == NULL || self->professions[0] == NULL)
    return TRUE;
  for (gsize i = 0; professions != NULL && professions[i] != NULL; i++)
    if (g_strv_contains ((const char *const *) self->professions, professions[i]))
      return TRUE;
  return FALSE;
}

/**
 * anx_service_may_start:
 * @self: a service
 * @start_usec: a start, UTC
 * @now_usec: the time, UTC
 * @staff: whether staff books: they know who is at the door, so notice, horizon and the past half of a session that
 *   somebody missed are theirs to judge
 *
 * Returns: whether the start is neither too near nor too far
 */
gboolean
anx_service_may_start (const AnxService *self,
                       gint64 start_usec,
                       gint64 now_usec,
                       gboolean staff)
{
  g_return_val_if_fail (self != NULL, FALSE);
  if (staff)
    return start_usec + self->minutes * ANX_USEC_PER_MINUTE > now_usec &&
           start_usec <= now_usec + ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY;
  int horizon = self->horizon_days > 0 ? self->horizon_days : ANX_BOUND_SLOT_DAYS;
  return self->kind != ANX_SERVICE_WALK_IN && start_usec >= now_usec + self->notice_minutes * ANX_USEC_PER_MINUTE &&
         start_usec <= now_usec + horizon * ANX_USEC_PER_DAY;
}

/**
 * anx_service_is_late:
 * @self: a service
 * @start_usec: a booking's start, UTC
 * @now_usec: when it is cancelled, UTC
 *
 * A late cancellation is counted and nothing else: nobody loses a right by it.
 *
 * Returns: whether it comes later than the service asks
 */
gboolean
anx_service_is_late (const AnxService *self,
                     gint64 start_usec,
                     gint64 now_usec)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return now_usec > start_usec - self->late_minutes * ANX_USEC_PER_MINUTE;
}
