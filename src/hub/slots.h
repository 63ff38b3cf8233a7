/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "appointment.h"
#include "request.h"

G_BEGIN_DECLS

/* Free slots. Searching and booking share anx_slots_is_offered()'s conditions, so that what is shown can be booked. */

typedef struct
{
  const char *centre;
  const char *service;
  const char *counsellor; /* (nullable) any */
  const char *room;       /* (nullable) any */
  AnxCalendar *calendar;  /* of public holidays */
  gint64 from_usec;
  gint64 to_usec;
  guint most;
} AnxSlotQuery;

JsonArray *anx_slots_search (AnxDirectory *directory, AnxDatabase *database, const AnxSlotQuery *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The service when the directory has it. */
AnxService *anx_slots_find_service (AnxDirectory *directory, const char *id) G_GNUC_WARN_UNUSED_RESULT;
/* Whether plan, counsellor, room and kiosk allow @start, whatever is occupied. */
gboolean anx_slots_is_offered (AnxDirectory *directory, AnxDatabase *database, AnxCalendar *calendar, const AnxService *service, const char *centre,
                               const char *counsellor, const char *room, gint64 start_usec, GError **error);

/* Names of what cells occupy. */
char *anx_slots_counsellor_resource (const char *counsellor) G_GNUC_WARN_UNUSED_RESULT;
char *anx_slots_room_resource (const char *centre, const char *room) G_GNUC_WARN_UNUSED_RESULT;
char *anx_slots_kiosk_resource (const char *kiosk) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
