/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger.h"
#include "request.h"

G_BEGIN_DECLS

/* What the handlers about bookings, series, leases, queue, closures and waiting list share. */

/* What was asked, copied out of the body for the writer's thread. */
typedef struct
{
  char *service;
  char *counsellor; /* (nullable) */
  char *mediator;   /* (nullable) */
  char *centre;
  char *room;       /* (nullable) */
  char *lease;      /* (nullable) */
  char *series;     /* (nullable) */
  char *code_hash;  /* (nullable) */
  char *origin;
  char *status;     /* (nullable) */
  char *reason;     /* (nullable) */
  char *channel;    /* (nullable) */
  char *address;    /* (nullable) sealed */
  gint64 start_usec;
  gint64 end_usec;  /* of a closure */
  gboolean staff;
  gboolean asked;
  GArray *sessions; /* (nullable) AnxSession, of a series */
} AnxBookingWish;

/* The request's data from now on. */
AnxBookingWish *anx_booking_request_attach (AnxRequest *request);
/* An optional name of a member of the body; FALSE when it is there and none. */
gboolean        anx_booking_request_read_name (JsonObject *body, const char *member, char **out_name);
/* Takes the wish out of the body and sees whether the caller may have it; the slug of a refusal otherwise. */
const char     *anx_booking_request_take_wish (AnxRequest *request, JsonObject *body);
AnxBookingClaim anx_booking_request_claim (AnxRequest *request);
/* On the loop, after the commit of whoever was faster. */
JsonArray      *anx_booking_request_find_alternatives (AnxRequest *request, const char *counsellor, gint64 start_usec, guint days) G_GNUC_WARN_UNUSED_RESULT;
void            anx_booking_request_add_to_problem (AnxRequest *request, const char *member, JsonArray *array);

AnxSlotView anx_booking_request_view (AnxRequest *request, AnxDatabase *database);
AnxLedger   anx_booking_request_open (AnxRequest *request, AnxDatabase *database);
/* For a run function: refuses with @slug unless @error is set; always FALSE. */
gboolean    anx_booking_request_refuse (AnxRequest *request, const char *slug, GError **error);
/* Everybody who shows it looks again. */
void        anx_booking_request_look (AnxRequest *request, const AnxBooking *booking);
/* Staff, or the counsellor, of the booking. */
gboolean    anx_booking_request_is_theirs (AnxRequest *request, const AnxBooking *booking);
/* A word such as "counsellor-ill": reasons are words and never sentences, so that nothing personal stands in the history. */
gboolean    anx_reason_is_valid (const char *reason);
/* SHA-256 of a code key, NULL when it is none. */
char       *anx_code_key_hash (const char *key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
