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
  char *alert; /* (nullable) */
  AnxLevel alert_level;
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

G_END_DECLS
