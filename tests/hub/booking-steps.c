/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "booking-steps.h"

#include "clock.h"
#include "id.h"
#include "json.h"

JsonArray *
get_slots (Fixture *f,
           const char *who,
           const char *room,
           guint days)
{
  gint64 now = g_get_real_time ();
  g_autofree char *path = g_strdup_printf ("/slots?centre=centre-one&service=talk&room=%s&from=%" G_GINT64_FORMAT "&to=%" G_GINT64_FORMAT, room, now,
                                           now + days * ANX_USEC_PER_DAY);
  g_autoptr (JsonObject) answer = NULL;
  g_assert_cmpuint (call (f, who, "GET", path, NULL, &answer), ==, 200);
  return json_array_ref (anx_json_get_array (answer, "slots"));
}

char *
claim_text (const char *room,
            gint64 start,
            const char *more)
{
  return g_strdup_printf ("{\"service\":\"talk\",\"counsellor\":\"li-wei\",\"centre\":\"centre-one\",\"room\":\"%s\",\"start\":%" G_GINT64_FORMAT
                          ",\"codeKey\":\"" KEY_A "\"%s}", room, start, more);
}

char *
put_booking (Fixture *f,
             const char *who,
             const char *claim,
             guint *out_status)
{
  char *id = anx_uuid_new (g_get_real_time ());
  g_autofree char *path = g_strconcat ("/bookings/", id, NULL);
  *out_status = call (f, who, "PUT", path, claim, NULL);
  return id;
}

void
check_no_overlap (Fixture *f)
{
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking AS a JOIN booking AS b ON a.counsellor = b.counsellor AND a.id < b.id AND a.start < b.end AND b.start < a.end"
                             " WHERE a.status = 'booked' AND b.status = 'booked'"), ==, 0);
  /* Each booking that stands holds its 5 cells of counsellor, room and kiosk. */
  g_assert_cmpint (fixture_count (f, "SELECT count(*) FROM booking WHERE status = 'booked' AND 15 <> (SELECT count(*) FROM cell WHERE holder = booking.id)"), ==, 0);
}
