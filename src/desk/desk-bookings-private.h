/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "booking-keeper.h"
#include "desk-bookings.h"

G_BEGIN_DECLS

/* What the files of the desk's bookings share: desk-bookings.c knows what the hub has, desk-bookings-requests.c asks it for something,
 * desk-bookings-proxy.c books for somebody. */

/* The hub gives at most so many of anything here. */
#define ANX_DESK_BOOKINGS_MOST 1000

/* A claim. One whose answer was lost is kept, as it may stand at the hub: only under the same id and with the same code it is answered again. */
typedef struct
{
  char *id;        /* of the one booking, or of the series */
  GPtrArray *ids;  /* (nullable) (element-type utf8) of a series' bookings */
  char *code;
  char *name;      /* (nullable) not of one that is kept */
  char *phone;     /* (nullable) */
  JsonObject *claim;
  gint64 start_usec;
  guint sessions;
} AnxDeskProxy;
void anx_desk_proxy_unref (AnxDeskProxy *self);

struct _AnxDeskBookings
{
  GObject parent_instance;
  AnxDeskService *service;    /* not owned: it owns us */
  GCancellable *cancellable;
  GPtrArray *tickets;
  GPtrArray *work;
  GPtrArray *waiting;
  GPtrArray *closures;
  GPtrArray *leases;
  GPtrArray *refused;
  GPtrArray *intakes;
  GHashTable *intake_contents; /* id → AnxIntake, opened when first asked for */
  AnxBookingKeeper *keeper;   /* (nullable) of the staff: what this desk can sell without the hub */
  AnxDeskProxy *unanswered;   /* (nullable) whose answer was lost */
  GHashTable *plans;          /* counsellor → JsonObject */
  GHashTable *parsed;         /* counsellor → AnxPlan, made when first asked for */
  AnxCalendar *calendar;      /* (nullable) */
  gboolean calendar_read;
};

AnxClient *anx_desk_bookings_get_client (AnxDeskBookings *self);
/* @body (transfer full) (nullable): a request without one only looks. Ends with anx_desk_bookings_finish(). */
void       anx_desk_bookings_request (AnxDeskBookings *self, const char *method, const char *path, JsonObject *body, GAsyncReadyCallback callback, gpointer user_data);
JsonObject *anx_desk_bookings_get_problem (GAsyncResult *result); /* (nullable) (transfer none) what the hub said when it refused */
void       anx_desk_bookings_set_text (JsonObject *object, const char *member, const char *text); /* nothing for NULL and "" */

G_END_DECLS
