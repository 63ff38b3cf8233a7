/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "public-calendar.h"

#include <string.h>

#include "care-error.h"
#include "json.h"

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

/**
 * anx_calendar_is_working_date:
 * @self: (nullable): as in anx_calendar_is_working_day()
 * @local: an instant; its day where it was taken
 *
 * Returns: whether offices work on that day
 */
gboolean
anx_calendar_is_working_date (AnxCalendar *self,
                              GDateTime *local)
{
  g_return_val_if_fail (local != NULL, FALSE);
  return anx_calendar_is_working_day (self, g_date_time_get_year (local), g_date_time_get_month (local),
                                      g_date_time_get_day_of_month (local));
}

/**
 * anx_calendar_get_zone:
 * @self: (nullable): a calendar
 *
 * Returns: (transfer none) (nullable): the zone its days belong to; %NULL for no calendar
 */
GTimeZone *
anx_calendar_get_zone (AnxCalendar *self)
{
  return self != NULL ? self->zone : NULL;
}
