/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clock.h"
#include "hub.h"
#include "json.h"

static gboolean
is_today (AnxDirectory *directory,
          const char *centre,
          gint64 start_usec,
          gint64 now_usec)
{
  JsonObject *json = anx_directory_get_centre (directory, centre);
  const char *zone = json != NULL ? anx_json_get_string (json, "timezone", NULL) : NULL;
  g_autoptr (GDateTime) start = anx_time_in_zone (start_usec, zone);
  g_autoptr (GDateTime) now = anx_time_in_zone (now_usec, zone);
  return g_date_time_get_year (start) == g_date_time_get_year (now) &&
         g_date_time_get_day_of_year (start) == g_date_time_get_day_of_year (now);
}

/**
 * anx_hub_may_signal:
 * @self: the hub
 * @from: the sender, a principal
 * @to: the receiver, a principal
 * @booking: a booking's id
 * @now_usec: the time, UTC
 *
 * Returns: whether the two are the counsellor and the kiosk of that booking, it is today's and the resident is there
 */
gboolean
anx_hub_may_signal (AnxHub *self,
                    const char *from,
                    const char *to,
                    const char *booking,
                    gint64 now_usec)
{
  static const char *const PRESENT[] = { "checked-in", "arrived", "fulfilled", NULL };
  g_autoptr (AnxRows) rows = anx_database_query (self->reader, NULL,
      "SELECT counsellor, centre, room, start, status FROM booking WHERE id = ?", "s", booking);
  if (self->directory == NULL || rows == NULL || !anx_rows_next (rows, NULL))
    return FALSE;
  const char *counsellor = anx_rows_get_string (rows, 0);
  const char *centre = anx_rows_get_string (rows, 1);
  /* The kiosk that stands in the room now: one that was replaced since the booking was made is not a side any more. */
  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->directory, centre, anx_rows_get_string (rows, 2));
  if (kiosk == NULL || !g_strv_contains (PRESENT, anx_rows_get_string (rows, 4)) ||
      !is_today (self->directory, centre, anx_rows_get_int (rows, 3), now_usec))
    return FALSE;
  return (g_str_equal (from, counsellor) && g_str_equal (to, kiosk->id)) || (g_str_equal (from, kiosk->id) && g_str_equal (to, counsellor));
}
