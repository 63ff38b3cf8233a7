/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "certificate.h"

G_BEGIN_DECLS

/* The hub's database from outside: where it is, and whether everything in it is as its authors signed it. */
typedef struct
{
  char *database;
  AnxCertificate *authority;
} AnxHubPlace;

AnxHubPlace *anx_hub_place_read (const char *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void         anx_hub_place_free (AnxHubPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxHubPlace, anx_hub_place_free)

/* {"records","authors","gaps":[…],"faults":[…],"directory","crl"}; NULL when it could not be read at all. */
JsonObject *anx_hub_database_verify (const char *path, AnxCertificate *authority, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
