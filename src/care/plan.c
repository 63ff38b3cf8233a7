/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <libical/ical.h>
#include <string.h>

#include "bounds.h"
#include "care-error.h"
#include "clock.h"
#include "fhir-private.h"
#include "json.h"

#define USEC_PER_MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define CELL_MINUTES 5
/* Beyond the time asked for, so that asking day after day does not expand the rule day after day. */
#define EXPAND_AHEAD (62 * 86400)

#define MAX_BLOCKS 64
#define MAX_EXDATES 400
#define MAX_ABSENCES 400
#define MAX_NAMES 64
#define MAX_PER_DAY 100
#define MAX_RULE_BYTES 256
/* A daily rule that began 27 years ago. Beyond it a plan is refused rather than computed for ever. */
#define MAX_OCCURRENCES 10000
#define MIN_YEAR 1990
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
  GArray *extra;                  /* of LocalTime: RDATE, and days worked in exchange are found from these and the rule */
  GArray *starts;                 /* of LocalTime, ascending: what the rule gives before `complete_to`; under the plan's lock */
  LocalTime complete_to;
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
  int exchange_day;   /* 0 = Monday … 6; -1 = days worked in exchange open nothing */
  int most_per_day;   /* 0 = no limit */
  GHashTable *closed; /* (nullable): of days since 1970 on which no hours that recur take place */
  GArray *exchanged;  /* (nullable): of days since 1970 that are worked in exchange */
  GMutex lock;        /* of what blocks remember */
  gatomicrefcount references;
};

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
  g_array_unref (block->extra);
  g_array_unref (block->starts);
  g_free (block);
}

static gboolean
names_twice (const short *values,
             gsize length)
{
  for (gsize i = 0; i < length && values[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
    for (gsize k = 0; k < i; k++)
      if (values[i] == values[k])
        return TRUE;
  return FALSE;
}

/* What libical 3.0 expands to other days than RFC 5545 means; a plan that is refused is better than one that is quietly wrong. */
static gboolean
check_parts (const struct icalrecurrencetype *rule,
             GError **error)
{
  gboolean short_steps = rule->freq == ICAL_DAILY_RECURRENCE || rule->freq == ICAL_WEEKLY_RECURRENCE;
  if (short_steps && rule->by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule may use BYSETPOS only with months and years");
  for (gsize i = 0; rule->freq == ICAL_DAILY_RECURRENCE && i < G_N_ELEMENTS (rule->by_month_day) && rule->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
    if (rule->by_month_day[i] < 0)
      return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule may count days from the end of the month only with FREQ=MONTHLY or YEARLY");
  if (names_twice (rule->by_day, G_N_ELEMENTS (rule->by_day)) || names_twice (rule->by_month_day, G_N_ELEMENTS (rule->by_month_day)) ||
      names_twice (rule->by_year_day, G_N_ELEMENTS (rule->by_year_day)) || names_twice (rule->by_month, G_N_ELEMENTS (rule->by_month)) ||
      names_twice (rule->by_set_pos, G_N_ELEMENTS (rule->by_set_pos)))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule names something twice");
  return TRUE;
}

static gboolean
parse_rule (Block *block,
            const char *text,
            GTimeZone *zone,
            GError **error)
{
  /* RSCALE needs another calendar than the Gregorian; BYWEEKNO is counted wrongly by the library in years of 53 weeks, and without BYDAY;
     the others would move a start off its block. */
  static const char *const refused[] = { "RSCALE", "BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSECOND", "SECONDLY", "MINUTELY", "HOURLY" };
  g_autofree char *upper = g_ascii_strup (text, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    if (strstr (upper, refused[i]) != NULL)
      return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule of a plan may not use %s", refused[i]);
  if (strlen (text) > MAX_RULE_BYTES)
    return anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, "A recurrence rule is longer than %d bytes", MAX_RULE_BYTES);

  block->rule = icalrecurrencetype_from_string (upper);
  if (block->rule.freq == ICAL_NO_RECURRENCE || block->rule.interval < 1 || block->rule.count < 0)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule is not one of RFC 5545");
  if (!check_parts (&block->rule, error))
    return FALSE;
  if (!icaltime_is_null_time (block->rule.until) && icaltime_is_utc (block->rule.until))
    {
      LocalTime until = usec_to_local (zone, ical_to_local (block->rule.until) * G_USEC_PER_SEC);
      block->rule.until = local_to_ical (until);
    }
  /* libical refuses some rules only here, for instance one that no day can ever meet. */
  icalrecur_iterator *iterator = icalrecur_iterator_new (block->rule, local_to_ical (block->start));
  if (iterator == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule cannot be followed");
  /* The library looks through centuries for a day that never comes: once here, rather than with each question about free times. */
  struct icaltimetype first = icalrecur_iterator_next (iterator);
  icalrecur_iterator_free (iterator);
  if (icaltime_is_null_time (first))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule has no day at all");
  block->recurs = TRUE;
  return TRUE;
}

static gboolean
parse_times (Block *block,
             JsonObject *json,
             const char *member,
             void (*add) (Block *block, LocalTime local),
             GError **error)
{
  if (!json_object_has_member (json, member))
    return TRUE;
  g_autoptr (GError) inner = NULL;
  g_auto (GStrv) texts = anx_json_need_strings (json, member, MAX_EXDATES, &inner);
  if (texts == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "%s", inner->message);
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      LocalTime local;
      if (!parse_local (texts[i], &local))
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“%s” must hold times like 2026-12-25T09:00:00", member);
      add (block, local);
    }
  return TRUE;
}

static void
add_exdate (Block *block,
            LocalTime local)
{
  g_hash_table_add (block->exdates, g_memdup2 (&local, sizeof local));
}

static void
add_rdate (Block *block,
           LocalTime local)
{
  g_array_append_val (block->extra, local);
}

static gboolean
parse_block (AnxPlan *self,
             JsonObject *json,
             GError **error)
{
  Block *block = g_new0 (Block, 1);
  block->exdates = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  block->extra = g_array_new (FALSE, FALSE, sizeof (LocalTime));
  block->starts = g_array_new (FALSE, FALSE, sizeof (LocalTime));
  block->complete_to = G_MININT64;
  g_ptr_array_add (self->blocks, block);

  if (!parse_local (anx_json_get_string (json, "start", NULL), &block->start) ||
      !parse_local (anx_json_get_string (json, "end", NULL), &block->end))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "Working hours need “start” and “end” like 2026-11-23T09:00:00");
  if (block->start % (CELL_MINUTES * 60) != 0 || block->end % (CELL_MINUTES * 60) != 0)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "Working hours must begin and end at a multiple of %d minutes",
                          CELL_MINUTES);
  if (block->end <= block->start || block->end - block->start > 24 * 3600)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "Working hours must end after they begin, and within a day");

  if (json_object_has_member (json, "rrule"))
    {
      const char *rule = anx_json_get_string (json, "rrule", NULL);
      if (rule == NULL)
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“rrule” must be a text");
      if (!parse_rule (block, rule, self->zone, error))
        return FALSE;
    }
  if (!parse_times (block, json, "exdate", add_exdate, error) || !parse_times (block, json, "rdate", add_rdate, error))
    return FALSE;
  for (guint i = 0; i < block->extra->len; i++)
    if (g_array_index (block->extra, LocalTime, i) % (CELL_MINUTES * 60) != 0)
      return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“rdate” must hold times at a multiple of %d minutes", CELL_MINUTES);
  return TRUE;
}

static gboolean
parse_absence (AnxPlan *self,
               JsonObject *json,
               GError **error)
{
  LocalTime start, end;
  if (!parse_local (anx_json_get_string (json, "start", NULL), &start) ||
      !parse_local (anx_json_get_string (json, "end", NULL), &end) || end <= start)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "An absence needs “start” and a later “end” like 2026-11-23T09:00:00");
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
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“%s” must be an array", member);
  if (json_array_get_length (array) > most)
    return anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, "“%s” holds more than %u elements", member, most);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“%s” must hold objects", member);
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
  return *out_names != NULL || anx_care_fail (error, ANX_CARE_ERROR_INVALID, "%s", inner->message);
}

static gboolean
parse_days (AnxPlan *self,
            JsonObject *json,
            GError **error)
{
  static const char *const days[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };
  JsonNode *holidays = json_object_get_member (json, "holidays");
  if (holidays != NULL && !(JSON_NODE_HOLDS_VALUE (holidays) && json_node_get_value_type (holidays) == G_TYPE_BOOLEAN))
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“holidays” must be true or false");
  self->works_holidays = holidays != NULL && json_node_get_boolean (holidays);

  self->exchange_day = -1;
  if (!json_object_has_member (json, "workdays"))
    return TRUE;
  const char *day = anx_json_get_string (json, "workdays", "");
  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    if (g_str_equal (day, days[i]))
      self->exchange_day = (int) i;
  return self->exchange_day >= 0 ||
         anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“workdays” must be MO, TU, WE, TH, FR, SA or SU");
}

static gboolean
parse_hours (AnxPlan *self,
             JsonObject *json,
             const char *zone,
             GError **error)
{
  self->zone = zone != NULL && strlen (zone) < 64 ? g_time_zone_new_identifier (zone) : NULL;
  if (self->zone == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“timezone” must be the name of a time zone like Asia/Shanghai");
  return parse_days (self, json, error) && parse_each (self, json, "hours", MAX_BLOCKS, parse_block, error) &&
         (!json_object_has_member (json, "absences") ||
          parse_each (self, json, "absences", MAX_ABSENCES, parse_absence, error));
}

static AnxPlan *
plan_new (void)
{
  AnxPlan *self = g_new0 (AnxPlan, 1);
  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->blocks = g_ptr_array_new_with_free_func (block_free);
  self->absences = g_array_new (FALSE, FALSE, sizeof (AnxSpan));
  return self;
}

/**
 * anx_plan_parse:
 * @json: a working plan, its form in plan.h; at most 64 blocks of hours, 400 exceptions and 400 further dates each, 400
 *   absences; times between the years 1990 and 2199 at multiples of five minutes; a block lasts at most a day; rules are
 *   DAILY, WEEKLY, MONTHLY or YEARLY without BYHOUR, BYMINUTE, BYSECOND and RSCALE; `perDay` from 1 to 100. `absences`,
 *   `holidays`, `workdays` and `perDay` may be absent
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the plan
 */
AnxPlan *
anx_plan_parse (JsonObject *json,
                GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxPlan) self = plan_new ();

  const char *counsellor = anx_fhir_need_string (json, "counsellor", ANX_BOUND_PRINCIPAL_CHARS, error);
  if (counsellor == NULL)
    return NULL;
  self->counsellor = g_strdup (counsellor);
  if (!parse_names (json, "centres", &self->centres, error) || !parse_names (json, "services", &self->services, error) ||
      !parse_hours (self, json, anx_json_get_string (json, "timezone", NULL), error))
    return NULL;
  if (json_object_has_member (json, "perDay"))
    {
      gint64 most = anx_json_get_int (json, "perDay", 0);
      if (most < 1 || most > MAX_PER_DAY)
        {
          anx_care_fail (error, ANX_CARE_ERROR_INVALID, "“perDay” must be a whole number from 1 to %d", MAX_PER_DAY);
          return NULL;
        }
      self->most_per_day = (int) most;
    }
  return g_steal_pointer (&self);
}

/**
 * anx_plan_parse_opening:
 * @json: `{"hours","absences","holidays","workdays"}` in the form of a working plan, of a centre or a room
 * @zone: the centre's time zone
 * @error: return location, %ANX_CARE_ERROR_INVALID or %ANX_CARE_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): the opening hours; anx_plan_is_open() is what they are for
 */
AnxPlan *
anx_plan_parse_opening (JsonObject *json,
                        const char *zone,
                        GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxPlan) self = plan_new ();
  self->centres = g_new0 (char *, 1);
  self->services = g_new0 (char *, 1);
  return parse_hours (self, json, zone, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * anx_plan_ref:
 * @self: a plan
 *
 * Returns: (transfer full): the same
 */
AnxPlan *
anx_plan_ref (AnxPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_plan_free:
 * @self: (nullable) (transfer full): a plan
 *
 * Drops one reference.
 */
void
anx_plan_free (AnxPlan *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->counsellor);
  g_strfreev (self->centres);
  g_strfreev (self->services);
  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_ptr_array_unref (self->blocks);
  g_array_unref (self->absences);
  g_clear_pointer (&self->closed, g_hash_table_unref);
  g_clear_pointer (&self->exchanged, g_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * anx_plan_get_most_per_day:
 * @self: a plan
 *
 * Returns: the most bookings a day, 0 without limit
 */
int
anx_plan_get_most_per_day (AnxPlan *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->most_per_day;
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

static gboolean
parse_day (const char *text,
           gint64 *out_day)
{
  g_autofree char *midnight = g_strconcat (text, "T00:00:00", NULL);
  LocalTime local;
  if (!parse_local (midnight, &local))
    return FALSE;
  *out_day = day_of (local);
  return TRUE;
}

/**
 * anx_plan_close_on:
 * @self: a plan that no other thread uses yet
 * @calendar: (nullable): the public calendar; %NULL opens all days again
 *
 * Hours that recur do not take place on a public holiday of @calendar; hours with a fixed date do, because somebody
 * wrote that date on purpose. A plan with `"holidays": true` stays as it is: duty round the clock knows no holidays. A
 * weekend day worked in exchange gets the hours of the day that the plan's `workdays` names, and none without it.
 */
void
anx_plan_close_on (AnxPlan *self,
                   AnxCalendar *calendar)
{
  g_return_if_fail (self != NULL);
  g_clear_pointer (&self->closed, g_hash_table_unref);
  g_clear_pointer (&self->exchanged, g_array_unref);
  if (calendar == NULL)
    return;
  gint64 day;
  if (!self->works_holidays)
    {
      self->closed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      g_auto (GStrv) days = anx_calendar_dup_holidays (calendar);
      for (gsize i = 0; days[i] != NULL; i++)
        if (parse_day (days[i], &day))
          g_hash_table_add (self->closed, g_memdup2 (&day, sizeof day));
    }
  if (self->exchange_day >= 0)
    {
      self->exchanged = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_auto (GStrv) days = anx_calendar_dup_workdays (calendar);
      for (gsize i = 0; days[i] != NULL; i++)
        if (parse_day (days[i], &day))
          g_array_append_val (self->exchanged, day);
    }
}

/**
 * anx_plan_get_day:
 * @self: a plan
 * @usec: a time, UTC
 * @out_from_usec: (out): when the day of that time begins in the plan's zone, UTC
 * @out_to_usec: (out): when the next one begins
 *
 * A day of a change of clocks has 23 or 25 hours.
 */
void
anx_plan_get_day (AnxPlan *self,
                  gint64 usec,
                  gint64 *out_from_usec,
                  gint64 *out_to_usec)
{
  g_return_if_fail (self != NULL);
  gint64 day = day_of (usec_to_local (self->zone, usec));
  *out_from_usec = local_to_usec (self->zone, day * 86400);
  *out_to_usec = local_to_usec (self->zone, (day + 1) * 86400);
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

/* What the rule gives up to @to, remembered. Lock held. */
static gboolean
expand_rule (Block *block,
             LocalTime to,
             GError **error)
{
  if (to <= block->complete_to)
    return TRUE;
  LocalTime last = to + EXPAND_AHEAD;
  icalrecur_iterator *iterator = icalrecur_iterator_new (block->rule, local_to_ical (block->start));
  if (iterator == NULL)
    return anx_care_fail (error, ANX_CARE_ERROR_INVALID, "A recurrence rule cannot be followed");
  g_array_set_size (block->starts, 0);
  block->complete_to = last;
  for (;;)
    {
      struct icaltimetype next = icalrecur_iterator_next (iterator);
      LocalTime start = icaltime_is_null_time (next) ? G_MAXINT64 : ical_to_local (next);
      if (start == G_MAXINT64)
        block->complete_to = start; /* the rule is over: nothing is looked for again */
      if (start > last)
        break;
      if (block->starts->len >= MAX_OCCURRENCES)
        {
          block->complete_to = start;
          break;
        }
      g_array_append_val (block->starts, start);
    }
  icalrecur_iterator_free (iterator);
  return to <= block->complete_to ||
         anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE,
                        "A recurrence rule has more than %d occurrences before the days asked for", MAX_OCCURRENCES);
}

static guint
find_start (GArray *starts,
            LocalTime from)
{
  guint low = 0, high = starts->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (starts, LocalTime, middle) < from)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* The hours of another day of the same week, on a day that is worked in exchange. Lock held. */
static void
list_exchanged (AnxPlan *self,
                Block *block,
                LocalTime from,
                LocalTime to,
                GArray *found)
{
  for (guint i = 0; self->exchanged != NULL && i < self->exchanged->len; i++)
    {
      gint64 day = g_array_index (self->exchanged, gint64, i);
      gint64 monday = day - (day + 3) % 7; /* day 0, 1970-01-01, was a Thursday */
      gint64 source = monday + self->exchange_day;
      if (day * 86400 < from || day * 86400 > to || source == day)
        continue;
      for (guint n = find_start (block->starts, source * 86400); n < block->starts->len; n++)
        {
          LocalTime start = g_array_index (block->starts, LocalTime, n);
          if (day_of (start) != source)
            break;
          start += (day - source) * 86400;
          guint own = find_start (block->starts, start);
          if (own >= block->starts->len || g_array_index (block->starts, LocalTime, own) != start)
            g_array_append_val (found, start);
        }
    }
}

/* The starts of a block between two wall-clock times, exceptions taken off; in no order. */
static GArray *
list_starts (AnxPlan *self,
             Block *block,
             LocalTime from,
             LocalTime to,
             GError **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (LocalTime));
  if (!block->recurs)
    g_array_append_val (found, block->start);
  g_array_append_vals (found, block->extra->data, block->extra->len);
  if (block->recurs)
    {
      g_mutex_lock (&self->lock);
      /* A week further, because an exchange may copy from a later day of the week. */
      gboolean expanded = expand_rule (block, to + 7 * 86400, error);
      for (guint n = find_start (block->starts, from); expanded && n < block->starts->len; n++)
        {
          LocalTime start = g_array_index (block->starts, LocalTime, n);
          if (start > to)
            break;
          gint64 day = day_of (start);
          if (self->closed == NULL || !g_hash_table_contains (self->closed, &day))
            g_array_append_val (found, start);
        }
      if (expanded)
        list_exchanged (self, block, from, to, found);
      g_mutex_unlock (&self->lock);
      if (!expanded)
        return NULL;
    }
  for (guint i = found->len; i > 0; i--)
    {
      LocalTime *start = &g_array_index (found, LocalTime, i - 1);
      if (*start < from || *start > to || g_hash_table_contains (block->exdates, start))
        g_array_remove_index_fast (found, i - 1);
    }
  return g_steal_pointer (&found);
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
  /* A day to either side covers every zone and every block that crosses midnight. */
  LocalTime first = usec_to_local (self->zone, from_usec) - 2 * 86400;
  LocalTime last = usec_to_local (self->zone, to_usec) + 86400;
  g_autoptr (GArray) starts = list_starts (self, block, first, last, error);
  if (starts == NULL)
    return FALSE;
  for (guint i = 0; i < starts->len; i++)
    {
      LocalTime start = g_array_index (starts, LocalTime, i);
      collect_from_occurrence (self, service, start, start + block->end - block->start, from_usec, to_usec, slots);
    }
  return TRUE;
}

/**
 * anx_plan_is_open:
 * @self: a plan, or opening hours
 * @from_usec: begin of a span, UTC, not negative
 * @to_usec: its end
 *
 * Returns: whether all of it lies within one block of hours and touches no absence
 */
gboolean
anx_plan_is_open (AnxPlan *self,
                  gint64 from_usec,
                  gint64 to_usec)
{
  g_return_val_if_fail (self != NULL && from_usec >= 0 && from_usec <= to_usec, FALSE);
  if (is_absent (self, from_usec, to_usec))
    return FALSE;
  LocalTime local = usec_to_local (self->zone, from_usec);
  for (guint b = 0; b < self->blocks->len; b++)
    {
      Block *block = g_ptr_array_index (self->blocks, b);
      g_autoptr (GArray) starts = list_starts (self, block, local - 2 * 86400, local + 86400, NULL);
      for (guint i = 0; starts != NULL && i < starts->len; i++)
        {
          LocalTime start = g_array_index (starts, LocalTime, i);
          if (local_to_usec (self->zone, start) <= from_usec &&
              to_usec <= local_to_usec (self->zone, start + block->end - block->start))
            return TRUE;
        }
    }
  return FALSE;
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
      anx_care_fail (error, ANX_CARE_ERROR_INVALID, "The days asked for end before they begin");
      return NULL;
    }
  if (to_usec - from_usec > ANX_BOUND_SLOT_DAYS * ANX_USEC_PER_DAY)
    {
      anx_care_fail (error, ANX_CARE_ERROR_TOO_LARGE, "Free slots can be asked for at most %d days", ANX_BOUND_SLOT_DAYS);
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

