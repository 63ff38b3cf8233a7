/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "referral.h"

#include <string.h>

#include "care-error.h"
#include "clock.h"
#include "json.h"

/* --- urgency --- */

static const struct
{
  const char *code;
  const char *priority; /* FHIR R4 request-priority */
} urgencies[] = {
  [ANX_URGENCY_ROUTINE] = { "routine", "routine" },
  [ANX_URGENCY_URGENT] = { "urgent", "urgent" },
  [ANX_URGENCY_IMMEDIATE] = { "immediate", "stat" },
};

/**
 * anx_urgency_to_string:
 * @urgency: an urgency
 *
 * Returns: (transfer none): its code in routing headers
 */
const char *
anx_urgency_to_string (AnxUrgency urgency)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE, "immediate");
  return urgencies[urgency].code;
}

/**
 * anx_urgency_from_string:
 * @text: (nullable): a code
 * @out_urgency: (out): the urgency; untouched when @text is none
 *
 * Returns: whether @text is a code of anx_urgency_to_string()
 */
gboolean
anx_urgency_from_string (const char *text,
                         AnxUrgency *out_urgency)
{
  for (guint i = 0; i < G_N_ELEMENTS (urgencies); i++)
    if (g_strcmp0 (urgencies[i].code, text) == 0)
      {
        *out_urgency = (AnxUrgency) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * anx_urgency_to_priority:
 * @urgency: an urgency
 *
 * Returns: (transfer none): ServiceRequest.priority of FHIR R4
 */
const char *
anx_urgency_to_priority (AnxUrgency urgency)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE, "stat");
  return urgencies[urgency].priority;
}

/* --- statuses --- */

typedef struct
{
  const char *from;
  const char *to; /* separated by blanks */
} Steps;

/*
 * The twelve codes of FHIR R4 Task.status, with the path of BSeR: draft → requested → received → accepted →
 * in-progress → completed. A department may accept or reject what it has not marked as received first: reading it is
 * receiving it.
 */
static const Steps steps[] = {
  { "draft", "requested cancelled entered-in-error" },
  { "requested", "received accepted rejected cancelled entered-in-error" },
  { "received", "accepted rejected cancelled entered-in-error" },
  { "accepted", "ready in-progress cancelled entered-in-error" },
  { "ready", "in-progress cancelled entered-in-error" },
  { "in-progress", "on-hold completed failed cancelled entered-in-error" },
  { "on-hold", "in-progress cancelled entered-in-error" },
  { "rejected", "" },
  { "cancelled", "" },
  { "failed", "" },
  { "completed", "" },
  { "entered-in-error", "" },
};

static const Steps *
find_steps (const char *status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_strcmp0 (steps[i].from, status) == 0)
      return &steps[i];
  return NULL;
}

/**
 * anx_referral_may_follow:
 * @from_status: (nullable): a FHIR R4 Task.status
 * @to_status: (nullable): another
 *
 * Returns: whether a referral may go from the one to the other in one step; never for a code that is not in the value
 *   set
 */
gboolean
anx_referral_may_follow (const char *from_status,
                         const char *to_status)
{
  const Steps *found = find_steps (from_status);
  if (found == NULL || to_status == NULL || *to_status == '\0')
    return FALSE;
  g_auto (GStrv) allowed = g_strsplit (found->to, " ", -1);
  return g_strv_contains ((const char *const *) allowed, to_status);
}

/**
 * anx_referral_is_final:
 * @status: (nullable): a FHIR R4 Task.status
 *
 * Returns: whether no step leads on from it; %FALSE for a code that is not in the value set, so that nothing unknown
 *   counts as done
 */
gboolean
anx_referral_is_final (const char *status)
{
  const Steps *found = find_steps (status);
  return found != NULL && *found->to == '\0';
}

/* Business statuses: http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS */
static const struct
{
  const char *status;
  const char *business_status;
} results[] = {
  [ANX_REFERRAL_ACCEPT] = { "accepted", "3.0" },
  [ANX_REFERRAL_DECLINE] = { "rejected", "4.0" },
  [ANX_REFERRAL_START] = { "in-progress", "5.1.1" },
  [ANX_REFERRAL_COMPLETE] = { "completed", "7.0" },
  [ANX_REFERRAL_CANCEL] = { "cancelled", "6.0" },
};

/**
 * anx_referral_step:
 * @status: (nullable): the present FHIR R4 Task.status
 * @action: what a person does
 * @out_status: (out) (transfer none): the status after it, a static string
 * @out_business_status: (out) (transfer none): the BSeR business status after it, a static string
 * @error: return location, %ANX_CARE_ERROR_NOT_ALLOWED
 *
 * Returns: whether the action is possible from @status
 */
gboolean
anx_referral_step (const char *status,
                   AnxReferralAction action,
                   const char **out_status,
                   const char **out_business_status,
                   GError **error)
{
  g_return_val_if_fail (action <= ANX_REFERRAL_CANCEL, FALSE);
  if (!anx_referral_may_follow (status, results[action].status))
    {
      g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED, "A referral that is “%s” cannot become “%s”",
                   find_steps (status) != NULL ? status : "?", results[action].status);
      return FALSE;
    }
  *out_status = results[action].status;
  *out_business_status = results[action].business_status;
  return TRUE;
}

/* --- the public calendar --- */

#define MAX_DAYS 2000

struct _AnxCalendar
{
  GTimeZone *zone;
  GHashTable *holidays; /* of Julian days (GDate) */
  GHashTable *workdays;
};

static guint32
parse_day (const char *text)
{
  static const char shape[] = "dddd-dd-dd";
  if (strlen (text) != sizeof shape - 1)
    return 0;
  for (gsize i = 0; i < sizeof shape - 1; i++)
    if (shape[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return 0;
  GDateDay day = (GDateDay) atoi (text + 8);
  GDateMonth month = (GDateMonth) atoi (text + 5);
  GDateYear year = (GDateYear) atoi (text);
  if (!g_date_valid_dmy (day, month, year))
    return 0;
  GDate date;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, day, month, year);
  return g_date_get_julian (&date);
}

static GHashTable *
parse_days (JsonObject *json,
            const char *member,
            GError **error)
{
  g_autoptr (GHashTable) days = g_hash_table_new (NULL, NULL);
  g_autoptr (GError) inner = NULL;
  g_auto (GStrv) texts = anx_json_need_strings (json, member, MAX_DAYS, &inner);
  if (texts == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, inner->message);
      return NULL;
    }
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      guint32 day = parse_day (texts[i]);
      if (day == 0)
        {
          g_set_error (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, "“%s” must hold days like 2027-01-01", member);
          return NULL;
        }
      g_hash_table_add (days, GUINT_TO_POINTER (day));
    }
  return g_steal_pointer (&days);
}

/**
 * anx_calendar_parse:
 * @json: `{"timezone","holidays":[…],"workdays":[…]}`: public holidays, and the Saturdays and Sundays worked in
 *   exchange for them, at most 2000 each; no day may be both
 * @error: return location, %ANX_CARE_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the calendar
 */
AnxCalendar *
anx_calendar_parse (JsonObject *json,
                    GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_autoptr (AnxCalendar) self = g_new0 (AnxCalendar, 1);

  const char *zone = anx_json_get_string (json, "timezone", NULL);
  self->zone = zone != NULL && strlen (zone) < 64 ? g_time_zone_new_identifier (zone) : NULL;
  if (self->zone == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID,
                           "“timezone” must be the name of a time zone like Asia/Shanghai");
      return NULL;
    }
  self->holidays = parse_days (json, "holidays", error);
  self->workdays = self->holidays != NULL ? parse_days (json, "workdays", error) : NULL;
  if (self->workdays == NULL)
    return NULL;

  GHashTableIter iter;
  gpointer day;
  g_hash_table_iter_init (&iter, self->workdays);
  while (g_hash_table_iter_next (&iter, &day, NULL))
    if (g_hash_table_contains (self->holidays, day))
      {
        g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID,
                             "A day is both a holiday and a working day");
        return NULL;
      }
  return g_steal_pointer (&self);
}

/**
 * anx_calendar_free:
 * @self: (nullable) (transfer full): a calendar
 *
 * Frees it.
 */
void
anx_calendar_free (AnxCalendar *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_clear_pointer (&self->holidays, g_hash_table_unref);
  g_clear_pointer (&self->workdays, g_hash_table_unref);
  g_free (self);
}

static int
compare_days (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char **
dup_days (GHashTable *set)
{
  g_autoptr (GPtrArray) days = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      GDate date;
      g_date_clear (&date, 1);
      g_date_set_julian (&date, GPOINTER_TO_UINT (key));
      g_ptr_array_add (days, g_strdup_printf ("%04u-%02u-%02u", (guint) g_date_get_year (&date),
                                              (guint) g_date_get_month (&date), (guint) g_date_get_day (&date)));
    }
  g_ptr_array_sort (days, compare_days);
  g_ptr_array_add (days, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&days), FALSE);
}

/**
 * anx_calendar_dup_holidays:
 * @self: a calendar
 *
 * Returns: (transfer full) (array zero-terminated=1): its public holidays as `2027-01-01`, in order
 */
char **
anx_calendar_dup_holidays (AnxCalendar *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return dup_days (self->holidays);
}

/**
 * anx_calendar_dup_workdays:
 * @self: a calendar
 *
 * Returns: (transfer full) (array zero-terminated=1): the weekend days worked in exchange for a holiday, in order
 */
char **
anx_calendar_dup_workdays (AnxCalendar *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return dup_days (self->workdays);
}

static gboolean
is_working_julian (AnxCalendar *self,
                   guint32 julian)
{
  if (self != NULL && g_hash_table_contains (self->workdays, GUINT_TO_POINTER (julian)))
    return TRUE;
  if (self != NULL && g_hash_table_contains (self->holidays, GUINT_TO_POINTER (julian)))
    return FALSE;
  GDate date;
  g_date_clear (&date, 1);
  g_date_set_julian (&date, julian);
  return g_date_get_weekday (&date) <= G_DATE_FRIDAY;
}

/**
 * anx_calendar_is_working_day:
 * @self: (nullable): a calendar; %NULL knows Monday to Friday only
 * @year: year, 1 to 9999
 * @month: month, 1 to 12
 * @day: day of the month, 1 to 31
 *
 * Returns: whether offices work on that day; %FALSE for a day that does not exist
 */
gboolean
anx_calendar_is_working_day (AnxCalendar *self,
                             int year,
                             int month,
                             int day)
{
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 ||
      !g_date_valid_dmy ((GDateDay) day, (GDateMonth) month, (GDateYear) year))
    return FALSE;
  GDate date;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) day, (GDateMonth) month, (GDateYear) year);
  return is_working_julian (self, g_date_get_julian (&date));
}

/* --- deadlines --- */

typedef struct
{
  gint64 usec;      /* a plain duration, or */
  int working_days; /* so many working days later, or */
  int days;         /* so many calendar days later, and on to a working day */
} Limit;

/*
 * No national limit is known; these are the service's own, per urgency: acceptance, then written feedback, both
 * counted from the request.
 */
static const struct
{
  Limit accept;
  Limit feedback;
} limits[] = {
  [ANX_URGENCY_ROUTINE] = { { .working_days = 3 }, { .days = 15 } },
  [ANX_URGENCY_URGENT] = { { .working_days = 1 }, { .days = 7 } },
  [ANX_URGENCY_IMMEDIATE] = { { .usec = 30 * ANX_USEC_PER_MINUTE }, { .usec = 24 * ANX_USEC_PER_HOUR } },
};

static gboolean
is_working_time (AnxCalendar *calendar,
                 GDateTime *local)
{
  return anx_calendar_is_working_day (calendar, g_date_time_get_year (local), g_date_time_get_month (local),
                                      g_date_time_get_day_of_month (local));
}

/*
 * The same time of day on a later day. The day of the request itself does not count, and a period that would end on a
 * day off ends on the next working day, as in the Civil Code of the PRC, articles 201 and 203; unlike there the time
 * of day is kept, which is the shorter reading.
 */
static gint64
add_limit (const Limit *limit,
           gint64 since_usec,
           AnxCalendar *calendar)
{
  if (limit->usec > 0)
    return since_usec + limit->usec;

  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (since_usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local =
      calendar != NULL ? g_date_time_to_timezone (utc, calendar->zone) : anx_time_in_zone (since_usec, NULL);
  int moved = limit->days;
  int left = MAX (limit->working_days, 1);
  /* The bound ends the search in a calendar that knows no working day at all. */
  for (int guard = 0; guard < 400; guard++)
    {
      if (limit->working_days > 0 || guard > 0)
        moved++;
      g_autoptr (GDateTime) day = g_date_time_add_days (local, moved);
      if (is_working_time (calendar, day) && --left == 0)
        break;
    }
  g_autoptr (GDateTime) due = g_date_time_add_days (local, moved);
  return g_date_time_to_unix (due) * G_USEC_PER_SEC + since_usec % G_USEC_PER_SEC;
}

/**
 * anx_referral_due_usec:
 * @urgency: how urgent it is
 * @status: (nullable): the present FHIR R4 Task.status; an unknown one is treated like one not accepted yet
 * @since_usec: when the referral was requested, microseconds of UTC; no later status starts the clock again
 * @calendar: (nullable): the public calendar; %NULL means Monday to Friday in Asia/Shanghai
 *
 * Routine: acceptance within 3 working days, feedback within 15 days. Urgent: 1 working day, 7 days. Immediate: 30
 * minutes, 24 hours, whatever the day. Days end at the time of day of the request; a feedback that falls on a day off
 * is due on the next working day.
 *
 * Returns: when the next step is due, microseconds of UTC; 0 when nothing is (draft, or a final status)
 */
gint64
anx_referral_due_usec (AnxUrgency urgency,
                       const char *status,
                       gint64 since_usec,
                       AnxCalendar *calendar)
{
  g_return_val_if_fail (urgency <= ANX_URGENCY_IMMEDIATE && since_usec >= 0, 0);
  if (g_strcmp0 (status, "draft") == 0 || anx_referral_is_final (status))
    return 0;
  static const char *const taken[] = { "accepted", "ready", "in-progress", "on-hold", NULL };
  gboolean accepted = status != NULL && g_strv_contains (taken, status);
  return add_limit (accepted ? &limits[urgency].feedback : &limits[urgency].accept, since_usec, calendar);
}

/**
 * anx_referral_light:
 * @urgency: how urgent it is
 * @due_usec: what anx_referral_due_usec() gave
 * @now_usec: the time, microseconds of UTC
 *
 * Yellow begins one day before the deadline, one hour before it when the referral is more than routine; red begins at
 * the deadline. An immediate referral is therefore yellow from its first minute until somebody accepts it.
 *
 * Returns: the light
 */
AnxLevel
anx_referral_light (AnxUrgency urgency,
                    gint64 due_usec,
                    gint64 now_usec)
{
  if (due_usec <= 0)
    return ANX_LEVEL_GREEN;
  if (now_usec >= due_usec)
    return ANX_LEVEL_RED;
  gint64 warning = urgency == ANX_URGENCY_ROUTINE ? ANX_USEC_PER_DAY : ANX_USEC_PER_HOUR;
  return now_usec >= due_usec - warning ? ANX_LEVEL_YELLOW : ANX_LEVEL_GREEN;
}
