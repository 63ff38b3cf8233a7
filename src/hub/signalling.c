/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub.h"

/**
 * anx_hub_may_signal:
 * @self: the hub
 * @from: the sender, a principal
 * @to: the receiver, a principal
 * @booking: a booking's id
 * @now_usec: the time, UTC
 *
 * Returns: whether the two are the counsellor and the kiosk of that booking, it can be kept now and the resident is there
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
      "SELECT counsellor, centre, room, start, end, status FROM booking WHERE id = ?", "s", booking);
  if (self->directory == NULL || rows == NULL || !anx_rows_next (rows, NULL))
    return FALSE;
  const char *counsellor = anx_rows_get_string (rows, 0);
  const char *centre = anx_rows_get_string (rows, 1);
  /* The kiosk that stands in the room now: one that was replaced since the booking was made is not a side any more. */
  const AnxPrincipal *kiosk = anx_hub_find_kiosk (self->directory, centre, anx_rows_get_string (rows, 2));
  if (kiosk == NULL || !g_strv_contains (PRESENT, anx_rows_get_string (rows, 5)) ||
      anx_hub_keep_booking_problem (anx_rows_get_int (rows, 3), anx_rows_get_int (rows, 4), now_usec) != NULL)
    return FALSE;
  return (g_str_equal (from, counsellor) && g_str_equal (to, kiosk->id)) || (g_str_equal (from, kiosk->id) && g_str_equal (to, counsellor));
}
