/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What can be booked, as the directory describes it. Immutable after parsing. No I/O. Any thread. */

#define ANX_SERVICE_MOST_MINUTES 480                      /* no session is longer */
#define ANX_CELL_USEC (5 * 60 * (gint64) G_USEC_PER_SEC) /* what one row of occupation covers */

/**
 * AnxServiceKind:
 * @ANX_SERVICE_INDIVIDUAL: one resident and one counsellor
 * @ANX_SERVICE_FAMILY: several of one family and one counsellor
 * @ANX_SERVICE_JOINT: a second professional (a mediator) sits in and is occupied too
 * @ANX_SERVICE_PHONE: by telephone: occupies neither room nor kiosk
 * @ANX_SERVICE_WALK_IN: without a booking: only the queue makes one
 *
 * What takes part in a session decides what it occupies.
 */
typedef enum
{
  ANX_SERVICE_INDIVIDUAL,
  ANX_SERVICE_FAMILY,
  ANX_SERVICE_JOINT,
  ANX_SERVICE_PHONE,
  ANX_SERVICE_WALK_IN,
} AnxServiceKind;

typedef struct
{
  char *id;
  char *name;
  int minutes;        /* length, 5 to ANX_SERVICE_MOST_MINUTES, a multiple of 5 */
  int before_minutes; /* buffers, 0 to 120, multiples of 5 */
  int after_minutes;
  gboolean video;     /* needs the room's kiosk */
  AnxServiceKind kind;
  char **professions; /* (nullable) who may offer it; anybody whose plan names it when absent */
  char *companion;    /* (nullable) profession of the second one, of joint services */
  int least_age;      /* years, 0 = none; nobody is asked for a birthday, but whether they are of that age */
  int most_age;       /* years, included; 0 = none */
  int notice_minutes; /* residents book at least so long ahead, 0 to 30 days */
  int horizon_days;   /* and at most so far, 1 to ANX_BOUND_SLOT_DAYS */
  int late_minutes;   /* a cancellation nearer than this to the start counts as late, 0 to 30 days */
} AnxService;

AnxService *anx_service_parse (JsonObject *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void        anx_service_free (AnxService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxService, anx_service_free)

/* First and last cell number (usec / ANX_CELL_USEC) a booking occupies, buffers included. */
void     anx_service_get_cells (const AnxService *self, gint64 start_usec, gint64 *out_first_cell, gint64 *out_last_cell);
gboolean anx_service_may_be_offered_by (const AnxService *self, const char *const *professions);
gboolean anx_service_may_start (const AnxService *self, gint64 start_usec, gint64 now_usec, gboolean staff);
gboolean anx_service_is_late (const AnxService *self, gint64 start_usec, gint64 now_usec);

G_END_DECLS
