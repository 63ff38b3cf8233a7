/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hub.h"
#include "ledger.h"

G_BEGIN_DECLS

/* A district without a hub process: a signed directory, a database on tmpfs, plans. For tests of the ledger itself. */
typedef struct
{
  char *folder;
  char *path;
  AnxDirectory *directory;
  AnxCalendar *calendar;
  AnxPlanBook *plans;
  AnxDatabase *database;
  gint64 now_usec;
} World;

/* @centres, @services: JSON arrays. Principals: counsellors named, kiosks "kiosk:room". */
World *world_new (const char *centres, const char *services, const char *principals);
void   world_free (World *self);
void   world_reopen (World *self);
void   world_wipe (World *self);
void   world_put_plan (World *self, const char *counsellor, const char *centre, const char *body);
AnxLedger world_ledger (World *self, const char *who);

G_END_DECLS
