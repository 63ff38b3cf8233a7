/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clock.h"
#include "resident.h"
#include "shell-interface.h"

G_BEGIN_DECLS

/* What resident.c keeps and resident-requests.c sends with. */

/* The shell answers from this machine; only a request of the hub may take longer. */
#define ANX_SHELL_TIMEOUT_MS 15000

struct _AnxResident
{
  GObject parent_instance;

  GDBusConnection *connection;
  AnxShell1 *shell;
  AnxDirectory *directory;
  AnxCertificate *authority;
  AnxClock *clock;
  JsonObject *context;
  gboolean online;
  guint queued;
  char *alert;         /* (nullable) the last one on the disk */
  guint alert_number;  /* its number among those raised, from 1 */
  guint n_alerts;      /* raised so far */
  GPtrArray *rising;   /* (nullable) alerts that are not there yet: resident-alert.c */
  AnxLevel alert_level; /* of the last one raised */
  gboolean alert_answered;
  gboolean alert_nearby;
  char *alert_helper; /* (nullable) */
  GHashTable *acknowledged; /* record ids */
  GHashTable *alerts;       /* ids of all alerts of this visit */
  JsonObject *booking;      /* (nullable) */
  char *code;               /* (nullable) */
  GPtrArray *early_signals;
  gint64 told_active_usec;
};

/* Step 1 of an envelope: the header without its place, and the content sealed to @recipients. */
GBytes *anx_resident_seal (AnxResident *self, const char *kind, const char *const *recipients, const char *predecessor, JsonObject *routing,
                           JsonObject *fhir, char **out_id, char **out_header, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void    anx_resident_confirm_alert (AnxResident *self, const char *id);
void    anx_resident_settle_alerts (AnxResident *self);

G_END_DECLS
