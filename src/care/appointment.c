/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "appointment.h"

#include <libical/ical.h>
#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "clock.h"
#include "fhir-private.h"
#include "json.h"

#define USEC_PER_MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define CELL_MINUTES 5

#define MAX_BLOCKS 64
#define MAX_EXDATES 400
#define MAX_ABSENCES 400
#define MAX_NAMES 64
#define MAX_RULE_BYTES 256
/* A daily rule that began 27 years ago. Beyond it a plan is refused rather than computed for ever. */
#define MAX_OCCURRENCES 10000
#define MIN_YEAR 2000
#define MAX_YEAR 2199

/*
 * Wall-clock seconds since 1970 in the plan's zone: what RFC 5545 section 3.3.5 calls form 3, before the zone is
 * applied.
 */
typedef gint64 LocalTime;

typedef struct
{
  LocalTime start;
  LocalTime end;
  gboolean recurs;
  struct icalrecurrencetype rule; /* UNTIL already in the plan's wall-clock */
  GHashTable *exdates;            /* of LocalTime */
} Block;

struct _AnxPlan
{
  char *counsellor;
  char **centres;
  char **services;
  GTimeZone *zone;
  GPtrArray *blocks;  /* of Block */
  GArray *absences;   /* of AnxSpan, UTC */
  gboolean works_holidays;
  GHashTable *closed; /* (nullable): of days since 1970 on which no hours that recur take place */
};

static gboolean
fail (GError **error,
      AnxCareError code,
      const char *format,
      ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error,
      AnxCareError code,
      const char *format,
      ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, ANX_CARE_ERROR, code, message);
  return FALSE;
}

/* --- services --- */

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
    return fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be from %d to %d minutes and a multiple of %d", member,
                 least, most, CELL_MINUTES);
  *out_minutes = (int) value;
  return TRUE;
}

/**
 * anx_service_parse:
 * @json: `{"id","name","minutes","before","after","mode"}` as the directory has it; the name a text or `{"zh","en"}`,
 *   minutes from 5 to 480, the buffers before and after from 0 to 120 (absent = 0), all multiples of 5; `mode`
 *   "video" or "in-person" (absent)
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
  if (name == NULL || !read_minutes (json, "minutes", 5, 480, TRUE, &self->minutes, error) ||
      !read_minutes (json, "before", 0, 120, FALSE, &self->before_minutes, error) ||
      !read_minutes (json, "after", 0, 120, FALSE, &self->after_minutes, error))
    return NULL;
  self->id = g_strdup (id);
  self->name = g_strdup (name);
  const char *mode = anx_json_get_string (json, "mode", "in-person");
  self->video = g_str_equal (mode, "video");
  if (!self->video && !g_str_equal (mode, "in-person"))
    {
      g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "“mode” must be “video” or “in-person”");
      return NULL;
    }
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
  g_free (self);
}

/* --- wall-clock times --- */

/* "2026-11-23T09:00:00", no zone: the plan's zone applies. */
static gboolean
parse_local (const char *text,
             LocalTime *out_local)
{
  /* Checked by hand because GLib would also take a zone, week dates and fractions. */
  static const char shape[] = "dddd-dd-ddTdd:dd:dd";
  if (text == NULL || strlen (text) != sizeof shape - 1)
    return FALSE;
  for (gsize i = 0; i < sizeof shape - 1; i++)
    if (shape[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return FALSE;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL || g_date_time_get_year (time) < MIN_YEAR || g_date_time_get_year (time) > MAX_YEAR)
    return FALSE;
  *out_local = g_date_time_to_unix (time);
  return TRUE;
}

/*
 * RFC 5545 section 3.3.5: a time that the clocks skip is read with the offset before the gap, one that comes twice
 * means the first.
 */
static gint64
local_to_usec (GTimeZone *zone,
               LocalTime local)
{
  gint64 adjusted = local;
  int interval = g_time_zone_adjust_time (zone, G_TIME_TYPE_DAYLIGHT, &adjusted);
  if (adjusted != local && interval > 0)
    interval--;
  return (local - g_time_zone_get_offset (zone, interval)) * G_USEC_PER_SEC;
}

static LocalTime
usec_to_local (GTimeZone *zone,
               gint64 usec)
{
  gint64 seconds = usec / G_USEC_PER_SEC;
  return seconds + g_time_zone_get_offset (zone, g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, seconds));
}

static LocalTime
ical_to_local (struct icaltimetype time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_utc (time.year, time.month, time.day, time.is_date ? 0 : time.hour,
                                                   time.is_date ? 0 : time.minute, time.is_date ? 0 : time.second);
  return utc != NULL ? g_date_time_to_unix (utc) : G_MAXINT64;
}

static struct icaltimetype
local_to_ical (LocalTime local)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (local);
  struct icaltimetype time = icaltime_null_time ();
  g_date_time_get_ymd (utc, &time.year, &time.month, &time.day);
  time.hour = g_date_time_get_hour (utc);
  time.minute = g_date_time_get_minute (utc);
  time.second = g_date_time_get_second (utc);
  return time;
}

/* --- plans --- */

static void
block_free (gpointer data)
{
  Block *block = data;
  icalrecurrencetype_clear (&block->rule);
  g_hash_table_unref (block->exdates);
  g_free (block);
}

static gboolean
parse_rule (Block *block,
            const char *text,
            GTimeZone *zone,
            GError **error)
{
  /* RSCALE needs another calendar than the Gregorian; the others would move a start off its block. */
  static const char *const refused[] = { "RSCALE", "BYHOUR", "BYMINUTE", "BYSECOND", "SECONDLY", "MINUTELY", "HOURLY" };
  g_autofree char *upper = g_ascii_strup (text, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    if (strstr (upper, refused[i]) != NULL)
      return fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule of a plan may not use %s", refused[i]);
  if (strlen (text) > MAX_RULE_BYTES)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "A recurrence rule is longer than %d bytes", MAX_RULE_BYTES);

  block->rule = icalrecurrencetype_from_string (upper);
  if (block->rule.freq == ICAL_NO_RECURRENCE || block->rule.interval < 1 || block->rule.count < 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule is not one of RFC 5545");
  if (!icaltime_is_null_time (block->rule.until) && icaltime_is_utc (block->rule.until))
    {
      LocalTime until = usec_to_local (zone, ical_to_local (block->rule.until) * G_USEC_PER_SEC);
      block->rule.until = local_to_ical (until);
    }
  /* libical refuses some rules only here, for instance one that no day can ever meet. */
  icalrecur_iterator *iterator = icalrecur_iterator_new (block->rule, local_to_ical (block->start));
  if (iterator == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule cannot be followed");
  icalrecur_iterator_free (iterator);
  block->recurs = TRUE;
  return TRUE;
}

static gboolean
parse_exdates (Block *block,
               JsonObject *json,
               GError **error)
{
  if (!json_object_has_member (json, "exdate"))
    return TRUE;
  g_autoptr (GError) inner = NULL;
  g_auto (GStrv) texts = anx_json_need_strings (json, "exdate", MAX_EXDATES, &inner);
  if (texts == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "%s", inner->message);
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      LocalTime local;
      if (!parse_local (texts[i], &local))
        return fail (error, ANX_CARE_ERROR_INVALID, "“exdate” must hold times like 2026-12-25T09:00:00");
      g_hash_table_add (block->exdates, g_memdup2 (&local, sizeof local));
    }
  return TRUE;
}

static gboolean
parse_block (AnxPlan *self,
             JsonObject *json,
             GError **error)
{
  Block *block = g_new0 (Block, 1);
  block->exdates = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_ptr_array_add (self->blocks, block);

  if (!parse_local (anx_json_get_string (json, "start", NULL), &block->start) ||
      !parse_local (anx_json_get_string (json, "end", NULL), &block->end))
    return fail (error, ANX_CARE_ERROR_INVALID, "Working hours need “start” and “end” like 2026-11-23T09:00:00");
  if (block->start % (CELL_MINUTES * 60) != 0 || block->end % (CELL_MINUTES * 60) != 0)
    return fail (error, ANX_CARE_ERROR_INVALID, "Working hours must begin and end at a multiple of %d minutes",
                 CELL_MINUTES);
  if (block->end <= block->start || block->end - block->start > 24 * 3600)
    return fail (error, ANX_CARE_ERROR_INVALID, "Working hours must end after they begin, and within a day");

  if (json_object_has_member (json, "rrule"))
    {
      const char *rule = anx_json_get_string (json, "rrule", NULL);
      if (rule == NULL)
        return fail (error, ANX_CARE_ERROR_INVALID, "“rrule” must be a text");
      if (!parse_rule (block, rule, self->zone, error))
        return FALSE;
    }
  return parse_exdates (block, json, error);
}

static gboolean
parse_absence (AnxPlan *self,
               JsonObject *json,
               GError **error)
{
  LocalTime start, end;
  if (!parse_local (anx_json_get_string (json, "start", NULL), &start) ||
      !parse_local (anx_json_get_string (json, "end", NULL), &end) || end <= start)
    return fail (error, ANX_CARE_ERROR_INVALID, "An absence needs “start” and a later “end” like 2026-11-23T09:00:00");
  AnxSpan span = { local_to_usec (self->zone, start), local_to_usec (self->zone, end) };
  g_array_append_val (self->absences, span);
  return TRUE;
}

static gboolean
parse_each (AnxPlan *self,
            JsonObject *json,
            const char *member,
            guint most,
            gboolean (*parse) (AnxPlan *self, JsonObject *json, GError **error),
            GError **error)
{
  JsonArray *array = anx_json_get_array (json, member);
  if (array == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be an array", member);
  if (json_array_get_length (array) > most)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE, "“%s” holds more than %u elements", member, most);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (error, ANX_CARE_ERROR_INVALID, "“%s” must hold objects", member);
      if (!parse (self, json_node_get_object (node), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_names (JsonObject *json,
             const char *member,
             char ***out_names,
             GError **error)
{
  g_autoptr (GError) inner = NULL;
  *out_names = anx_json_need_strings (json, member, MAX_NAMES, &inner);
  return *out_names != NULL || fail (error, ANX_CARE_ERROR_INVALID, "%s", inner->message);
}

/**
 * anx_plan_parse:
 * @json: a working plan, its form in appointment.h; at most 64 blocks of hours, 400 exceptions each, 400 absences;
 *   times between the years 2000 and 2199 at multiples of five minutes; a block lasts at most a day; rules are DAILY,
 *   WEEKLY, MONTHLY or YEARLY without BYHOUR, BYMINUTE, BYSECOND and RSCALE. `absences` may be absent, and so may `holidays`
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the plan
 */
AnxPlan *
anx_plan_parse (JsonObject *json,
                GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxPlan) self = g_new0 (AnxPlan, 1);
  self->blocks = g_ptr_array_new_with_free_func (block_free);
  self->absences = g_array_new (FALSE, FALSE, sizeof (AnxSpan));

  const char *counsellor = anx_fhir_need_string (json, "counsellor", ANX_BOUND_PRINCIPAL_CHARS, error);
  if (counsellor == NULL)
    return NULL;
  self->counsellor = g_strdup (counsellor);
  if (!parse_names (json, "centres", &self->centres, error) || !parse_names (json, "services", &self->services, error))
    return NULL;

  const char *zone = anx_json_get_string (json, "timezone", NULL);
  self->zone = zone != NULL && strlen (zone) < 64 ? g_time_zone_new_identifier (zone) : NULL;
  if (self->zone == NULL)
    {
      fail (error, ANX_CARE_ERROR_INVALID, "“timezone” must be the name of a time zone like Asia/Shanghai");
      return NULL;
    }
  JsonNode *holidays = json_object_get_member (json, "holidays");
  if (holidays != NULL && !(JSON_NODE_HOLDS_VALUE (holidays) && json_node_get_value_type (holidays) == G_TYPE_BOOLEAN))
    {
      fail (error, ANX_CARE_ERROR_INVALID, "“holidays” must be true or false");
      return NULL;
    }
  self->works_holidays = holidays != NULL && json_node_get_boolean (holidays);
  if (!parse_each (self, json, "hours", MAX_BLOCKS, parse_block, error))
    return NULL;
  if (json_object_has_member (json, "absences") &&
      !parse_each (self, json, "absences", MAX_ABSENCES, parse_absence, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_plan_free:
 * @self: (nullable) (transfer full): a plan
 *
 * Frees it.
 */
void
anx_plan_free (AnxPlan *self)
{
  if (self == NULL)
    return;
  g_free (self->counsellor);
  g_strfreev (self->centres);
  g_strfreev (self->services);
  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_ptr_array_unref (self->blocks);
  g_array_unref (self->absences);
  g_clear_pointer (&self->closed, g_hash_table_unref);
  g_free (self);
}

/**
 * anx_plan_get_counsellor:
 * @self: a plan
 *
 * Returns: (transfer none): the principal whose plan it is
 */
const char *
anx_plan_get_counsellor (AnxPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->counsellor;
}

/**
 * anx_plan_covers_centre:
 * @self: a plan
 * @centre: a centre's id
 *
 * Returns: whether the counsellor works for that centre
 */
gboolean
anx_plan_covers_centre (AnxPlan *self,
                        const char *centre)
{
  g_return_val_if_fail (self != NULL && centre != NULL, FALSE);
  return g_strv_contains ((const char *const *) self->centres, centre);
}

/**
 * anx_plan_offers_service:
 * @self: a plan
 * @service: a service's id
 *
 * Returns: whether the counsellor offers it
 */
gboolean
anx_plan_offers_service (AnxPlan *self,
                         const char *service)
{
  g_return_val_if_fail (self != NULL && service != NULL, FALSE);
  return g_strv_contains ((const char *const *) self->services, service);
}

static gint64
day_of (LocalTime local)
{
  return local >= 0 ? local / 86400 : (local - 86399) / 86400;
}

/**
 * anx_plan_close_on:
 * @self: a plan that no other thread uses yet
 * @calendar: (nullable): the public calendar; %NULL opens all days again
 *
 * Hours that recur do not take place on a public holiday of @calendar; hours with a fixed date do, because somebody
 * wrote that date on purpose. A day worked in exchange for a holiday opens nothing by itself. A plan with
 * `"holidays": true` stays as it is: duty round the clock knows no holidays.
 */
void
anx_plan_close_on (AnxPlan *self,
                   AnxCalendar *calendar)
{
  g_return_if_fail (self != NULL);
  g_clear_pointer (&self->closed, g_hash_table_unref);
  if (calendar == NULL || self->works_holidays)
    return;
  self->closed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_auto (GStrv) days = anx_calendar_dup_holidays (calendar);
  for (gsize i = 0; days[i] != NULL; i++)
    {
      g_autofree char *midnight = g_strconcat (days[i], "T00:00:00", NULL);
      LocalTime local;
      if (!parse_local (midnight, &local))
        continue;
      gint64 day = day_of (local);
      g_hash_table_add (self->closed, g_memdup2 (&day, sizeof day));
    }
}

static gboolean
is_absent (AnxPlan *self,
           gint64 start_usec,
           gint64 end_usec)
{
  for (guint i = 0; i < self->absences->len; i++)
    {
      const AnxSpan *absence = &g_array_index (self->absences, AnxSpan, i);
      if (start_usec < absence->end_usec && absence->start_usec < end_usec)
        return TRUE;
    }
  return FALSE;
}

/* The one slot rule: everything that is listed and everything that is accepted comes out of this function. */
static void
collect_from_occurrence (AnxPlan *self,
                         const AnxService *service,
                         LocalTime local_start,
                         LocalTime local_end,
                         gint64 from_usec,
                         gint64 to_usec,
                         GArray *slots)
{
  gint64 end = local_to_usec (self->zone, local_end);
  gint64 before = service->before_minutes * USEC_PER_MINUTE;
  gint64 length = service->minutes * USEC_PER_MINUTE;
  gint64 after = service->after_minutes * USEC_PER_MINUTE;

  for (gint64 at = local_to_usec (self->zone, local_start); at + before + length + after <= end;
       at += before + length + after)
    {
      AnxSpan slot = { at + before, at + before + length };
      if (slot.start_usec >= from_usec && slot.start_usec < to_usec &&
          !is_absent (self, at, at + before + length + after))
        g_array_append_val (slots, slot);
    }
}

static gboolean
collect_from_block (AnxPlan *self,
                    Block *block,
                    const AnxService *service,
                    gint64 from_usec,
                    gint64 to_usec,
                    GArray *slots,
                    GError **error)
{
  LocalTime length = block->end - block->start;
  if (!block->recurs)
    {
      if (!g_hash_table_contains (block->exdates, &block->start))
        collect_from_occurrence (self, service, block->start, block->end, from_usec, to_usec, slots);
      return TRUE;
    }

  /* A day to either side covers every zone and every block that crosses midnight. */
  LocalTime first = usec_to_local (self->zone, from_usec) - 2 * 86400;
  LocalTime last = usec_to_local (self->zone, to_usec) + 86400;
  icalrecur_iterator *iterator = icalrecur_iterator_new (block->rule, local_to_ical (block->start));
  if (iterator == NULL)
    return fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule cannot be followed");
  int n = 0;
  for (;; n++)
    {
      struct icaltimetype next = icalrecur_iterator_next (iterator);
      LocalTime start = icaltime_is_null_time (next) ? G_MAXINT64 : ical_to_local (next);
      if (start > last || n > MAX_OCCURRENCES)
        break;
      gint64 day = day_of (start);
      if (start < first || g_hash_table_contains (block->exdates, &start) ||
          (self->closed != NULL && g_hash_table_contains (self->closed, &day)))
        continue;
      collect_from_occurrence (self, service, start, start + length, from_usec, to_usec, slots);
    }
  icalrecur_iterator_free (iterator);
  if (n > MAX_OCCURRENCES)
    return fail (error, ANX_CARE_ERROR_TOO_LARGE,
                 "A recurrence rule has more than %d occurrences before the days asked for", MAX_OCCURRENCES);
  return TRUE;
}

static int
compare_spans (gconstpointer a,
               gconstpointer b)
{
  const AnxSpan *left = a, *right = b;
  return (left->start_usec > right->start_usec) - (left->start_usec < right->start_usec);
}

/**
 * anx_plan_list_slots:
 * @self: a plan
 * @service: a service
 * @from_usec: the earliest start, microseconds of UTC
 * @to_usec: the end of the time asked for; a slot starts before it. At most %ANX_BOUND_SLOT_DAYS days after @from_usec
 * @error: return location, %ANX_CARE_ERROR_INVALID (a span that ends before it begins), %ANX_CARE_ERROR_TOO_LARGE
 *
 * In each block of hours the first buffer begins with the block; slot follows slot without gaps; what does not fit
 * with both its buffers before the block's end is left out, and so is what an absence touches, buffers included.
 * Where blocks overlap, equal starts count once.
 *
 * Returns: (transfer full) (element-type AnxSpan) (nullable): the slots without their buffers, in order of time
 */
GArray *
anx_plan_list_slots (AnxPlan *self,
                     const AnxService *service,
                     gint64 from_usec,
                     gint64 to_usec,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && service != NULL, NULL);
  if (to_usec < from_usec || from_usec < 0)
    {
      fail (error, ANX_CARE_ERROR_INVALID, "The days asked for end before they begin");
      return NULL;
    }
  if (to_usec - from_usec > ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      fail (error, ANX_CARE_ERROR_TOO_LARGE, "Free slots can be asked for at most %d days", ANX_BOUND_SLOT_DAYS);
      return NULL;
    }

  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  for (guint i = 0; i < self->blocks->len; i++)
    if (!collect_from_block (self, g_ptr_array_index (self->blocks, i), service, from_usec, to_usec, found, error))
      return NULL;
  g_array_sort (found, compare_spans);

  GArray *slots = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  for (guint i = 0; i < found->len; i++)
    {
      const AnxSpan *span = &g_array_index (found, AnxSpan, i);
      if (i == 0 || span->start_usec != g_array_index (found, AnxSpan, i - 1).start_usec)
        g_array_append_val (slots, *span);
    }
  return slots;
}

/**
 * anx_plan_has_slot:
 * @self: a plan
 * @service: a service
 * @start_usec: a start without buffer, microseconds of UTC
 *
 * Returns: whether anx_plan_list_slots() gives a slot that starts exactly there
 */
gboolean
anx_plan_has_slot (AnxPlan *self,
                   const AnxService *service,
                   gint64 start_usec)
{
  g_return_val_if_fail (self != NULL && service != NULL, FALSE);
  if (start_usec < 0)
    return FALSE;
  g_autoptr (GArray) slots = anx_plan_list_slots (self, service, start_usec, start_usec + 1, NULL);
  return slots != NULL && slots->len > 0;
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
  gint64 first = start_usec - self->before_minutes * USEC_PER_MINUTE;
  gint64 end = start_usec + (self->minutes + self->after_minutes) * USEC_PER_MINUTE;
  *out_first_cell = first / cell;
  *out_last_cell = (end - 1) / cell;
}

/* --- statuses --- */

typedef struct
{
  const char *from;
  const char *to; /* separated by blanks */
} Steps;

/*
 * FHIR R4 valueset-appointmentstatus gives the ten codes; the steps are ours. A no-show can be taken back when the
 * person does come, late or at another desk; a mistake of the desk leaves through entered-in-error, which is the end
 * of every path.
 */
static const Steps steps[] = {
  { "proposed", "pending booked waitlist cancelled entered-in-error" },
  { "pending", "booked waitlist cancelled entered-in-error" },
  { "waitlist", "pending booked cancelled entered-in-error" },
  { "booked", "checked-in arrived cancelled noshow entered-in-error" },
  { "arrived", "checked-in fulfilled cancelled entered-in-error" },
  { "checked-in", "arrived fulfilled cancelled entered-in-error" },
  { "noshow", "checked-in arrived entered-in-error" },
  { "fulfilled", "entered-in-error" },
  { "cancelled", "entered-in-error" },
  { "entered-in-error", "" },
};

/**
 * anx_appointment_status_may_follow:
 * @from: (nullable): a FHIR R4 Appointment.status
 * @to: (nullable): another
 *
 * Returns: whether a booking may go from the one to the other; never for a code that is not in the value set, nor
 *   from a status to itself
 */
gboolean
anx_appointment_status_may_follow (const char *from,
                                   const char *to)
{
  if (from == NULL || to == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (strcmp (steps[i].from, from) != 0)
        continue;
      g_auto (GStrv) allowed = g_strsplit (steps[i].to, " ", -1);
      return *to != '\0' && g_strv_contains ((const char *const *) allowed, to);
    }
  return FALSE;
}
