/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "break-glass.h"
#include "crl.h"
#include "database.h"
#include "directory.h"
#include "envelope.h"
#include "escalation.h"
#include "hub-config.h"
#include "plan-book.h"
#include "referral.h"
#include "request.h"
#include "retention.h"
#include "writer.h"

G_BEGIN_DECLS

typedef struct _AnxServer AnxServer;
typedef struct _AnxLimits AnxLimits;

/* The hub as a whole. Main thread (the loop) only, but for what is said otherwise. */
struct _AnxHub
{
  AnxHubConfig *config;     /* immutable: any thread */
  AnxDatabase *reader;
  AnxWriter *writer;
  GThreadPool *pool;        /* costly checks: signatures, directories */
  AnxCalendar *calendar;    /* immutable */
  AnxReferralLimits *limits; /* immutable */
  AnxGlassRules *glass;     /* immutable */
  AnxEscalation *escalation; /* immutable */
  AnxRetention *retention;  /* immutable */
  AnxServer *server;
  AnxDirectory *directory;  /* (nullable) the current one, replaced as a whole */
  AnxCrl *crl;              /* (nullable) */
  GBytes *crl_der;          /* (nullable) */
  AnxLimits *callers;       /* by principal */
  AnxLimits *addresses;
  AnxLimits *code_callers;  /* who tries codes, by principal */
  AnxLimits *codes;         /* which codes are tried, by digest */
  AnxPlanBook *plans;       /* any thread */
  GHashTable *joins;        /* (nullable) id → AnxJoin: browsers invited to a session, see joins.h */
  gint64 started_usec;
  gboolean telling;         /* a round of notices is under way */
  gboolean calling;         /* a round of alert-calls is at the writer */
  gboolean call_again;      /* and something came meanwhile */
};

extern const char *const anx_hub_migrations[];

AnxHub *anx_hub_new (AnxHubConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void    anx_hub_stop_writing (AnxHub *self);
void    anx_hub_free (AnxHub *self);

/* Any thread: brings a request back to the loop, which answers. */
void anx_hub_return (AnxRequest *request);

void anx_hub_set_directory (AnxHub *self, AnxDirectory *directory);
void anx_hub_set_crl (AnxHub *self, AnxCrl *crl, GBytes *der);
/* Who holds @certificate (verified against the authority before); NULL with the slug of the refusal. */
const AnxPrincipal *anx_hub_identify (AnxHub *self, AnxCertificate *certificate, gint64 now_usec, const char **out_slug);
gboolean anx_hub_certificate_is_good (AnxHub *self, AnxCertificate *certificate, gint64 now_usec, const char **out_slug);

/* Does @principal have @role for @centre (nullable = anywhere), by its own entry or as a member of such a group? Any thread. */
gboolean anx_hub_serves (AnxDirectory *directory, const char *principal, const char *role, const char *centre);
/* The kiosk in a room, (nullable). Any thread. */
const AnxPrincipal *anx_hub_find_kiosk (AnxDirectory *directory, const char *centre, const char *room);
/* What a principal is told about: itself, its groups, its centres, "*". */
GHashTable *anx_hub_list_topics (AnxDirectory *directory, const char *principal) G_GNUC_WARN_UNUSED_RESULT;

/* Token buckets: @per_minute a minute, at most a minute's worth at once. */
AnxLimits *anx_limits_new (gint64 per_minute) G_GNUC_WARN_UNUSED_RESULT;
gboolean   anx_limits_take (AnxLimits *self, const char *key, gint64 monotonic_usec);
void       anx_limits_prune (AnxLimits *self, gint64 monotonic_usec);
void       anx_limits_free (AnxLimits *self);

/* Referrals in the form of README.md, of all bookings that have this code. */
JsonArray *anx_hub_list_referrals_of_code (AnxRequest *request, AnxDatabase *database, const char *code_hash, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Tables that follow from the routing header of an accepted record. A slug when the record must be refused, else NULL. */
const char *anx_hub_apply_alert (AnxRequest *request, AnxDatabase *database, const char *kind, const char *id, gint64 created_usec, JsonObject *routing, GError **error);
const char *anx_hub_apply_intake (AnxRequest *request, AnxDatabase *database, AnxRecordHeader *header, GError **error);
const char *anx_hub_apply_referral (AnxRequest *request, AnxDatabase *database, AnxRecordHeader *header, gint64 created_usec, GError **error);
const char *anx_hub_apply_glass (AnxRequest *request, AnxDatabase *database, AnxRecordHeader *header, GError **error);
const char *anx_hub_apply_erasure (AnxRequest *request, AnxDatabase *database, AnxRecordHeader *header, GError **error);

/* Whether a booking can be kept now: NULL, or "not-yet", "over". */
const char *anx_hub_keep_booking_problem (gint64 start_usec, gint64 end_usec, gint64 now_usec);
/* A signal of the link: whether @booking connects the two now; the slug-like reason otherwise. */
gboolean anx_hub_may_signal (AnxHub *self, const char *from, const char *to, const char *booking, gint64 now_usec);
gboolean anx_hub_may_signal_for_alert (AnxHub *self, const char *from, const char *to, const char *alert, gint64 now_usec);

G_END_DECLS
