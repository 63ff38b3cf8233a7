/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/*
 * Booking at a kiosk or at a desk of the staff, with and without the hub: requests go through here. A claim on a slot that is lent to this
 * machine is sold at once and is true ("booked"); another one goes to the hub. When that cannot be reached a kiosk keeps it as a wish
 * ("proposed"); at a desk a person is told that it cannot be had now. Sales are delivered and leases exchanged as soon as the hub is there.
 * Main thread.
 *
 * Signal: refused ()   the hub refused what was sold: it is in anx_booking_keeper_list_refused() until somebody has looked
 */
#define ANX_TYPE_BOOKING_KEEPER (anx_booking_keeper_get_type ())
G_DECLARE_FINAL_TYPE (AnxBookingKeeper, anx_booking_keeper, ANX, BOOKING_KEEPER, GObject)

AnxBookingKeeper *anx_booking_keeper_new (AnxClient *client, gboolean may_ask) G_GNUC_WARN_UNUSED_RESULT;
void              anx_booking_keeper_stop (AnxBookingKeeper *self);

/* As anx_client_request_async(); every request that is not about slots or a new booking goes straight to the hub. */
void      anx_booking_keeper_request_async (AnxBookingKeeper *self, const char *method, const char *path, JsonNode *body, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
JsonNode *anx_booking_keeper_request_finish (AnxBookingKeeper *self, GAsyncResult *result, JsonObject **out_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint     anx_booking_keeper_count_undelivered (AnxBookingKeeper *self);
JsonArray *anx_booking_keeper_list_refused (AnxBookingKeeper *self) G_GNUC_WARN_UNUSED_RESULT; /* as anx_lease_book_list_refused() */
gboolean  anx_booking_keeper_forget_refused (AnxBookingKeeper *self, const char *id, GError **error);

G_END_DECLS
