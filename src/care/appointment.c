/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "appointment.h"

#include <string.h>

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
  { "noshow", "booked checked-in arrived entered-in-error" },
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

/**
 * anx_appointment_status_occupies:
 * @status: (nullable): a FHIR R4 Appointment.status
 *
 * What was only asked for or waits holds no time, and what was cancelled, missed or a mistake has given it back.
 *
 * Returns: whether a booking of that status holds its counsellor, room and kiosk
 */
gboolean
anx_appointment_status_occupies (const char *status)
{
  static const char *const holding[] = { "pending", "booked", "arrived", "checked-in", "fulfilled", NULL };
  return status != NULL && g_strv_contains (holding, status);
}
