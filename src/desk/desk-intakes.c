/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-bookings-private.h"

/* Cases from outside: what the hub says of each, and what is written in it, which only the staff's desks can open. */

/**
 * anx_desk_bookings_get_intakes:
 * @self: the bookings
 *
 * Returns: (transfer none) (element-type AnxDeskIntake): cases from outside for this centre, until the next "changed"; empty but for staff
 */
GPtrArray *
anx_desk_bookings_get_intakes (AnxDeskBookings *self)
{
  return self->intakes;
}

/**
 * anx_desk_bookings_read_intake:
 * @self: the bookings
 * @intake: the id of a case
 *
 * Returns: (transfer none) (nullable): what is written in it; %NULL while its record is not here, or for others to open
 */
const AnxIntake *
anx_desk_bookings_read_intake (AnxDeskBookings *self,
                               const char *intake)
{
  const AnxIntake *known = g_hash_table_lookup (self->intake_contents, intake);
  AnxClient *client = anx_desk_bookings_get_client (self);

  if (known != NULL)
    return known;
  g_autoptr (AnxInboxRecord) record = anx_client_get_record (client, intake, NULL);
  g_autoptr (JsonNode) resource = record != NULL ? anx_client_open_record (client, record, NULL) : NULL;
  AnxIntake *content = resource != NULL && JSON_NODE_HOLDS_OBJECT (resource) ? anx_intake_read (json_node_get_object (resource), NULL) : NULL;
  if (content != NULL)
    g_hash_table_replace (self->intake_contents, g_strdup (intake), content);
  return content;
}

/**
 * anx_desk_bookings_intake_async:
 * @self: the bookings
 * @intake: the id of a case
 * @outcome: (nullable): with what it is closed: booked, reached, not-reached, elsewhere; %NULL takes it on
 * @callback: (nullable): called when the hub has it; anx_desk_bookings_finish() ends it
 * @user_data: for @callback
 */
void
anx_desk_bookings_intake_async (AnxDeskBookings *self,
                                const char *intake,
                                const char *outcome,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/v1/intakes/%s/action", intake);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "action", outcome != NULL ? "close" : "take");
  anx_desk_bookings_set_text (body, "outcome", outcome);
  anx_desk_bookings_request (self, "POST", path, body, callback, user_data);
}
