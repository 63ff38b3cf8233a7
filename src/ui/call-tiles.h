/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "call-company.h"

G_BEGIN_DECLS

/*
 * Everybody in a session: the picture of the first call, those of the company beside or below it, each with its name, and in words who is here,
 * who has just come and who has just gone. Without a company it is the one picture. Main thread.
 */
#define ANX_TYPE_CALL_TILES (anx_call_tiles_get_type ())
G_DECLARE_FINAL_TYPE (AnxCallTiles, anx_call_tiles, ANX, CALL_TILES, GtkWidget)

typedef char *(*AnxCallNameFunc) (const char *peer, gpointer user_data); /* (transfer full): for people */

GtkWidget *anx_call_tiles_new (GtkOrientation orientation);
void       anx_call_tiles_set_call (AnxCallTiles *self, AnxCall *call);
void       anx_call_tiles_set_company (AnxCallTiles *self,
                                       AnxCallCompany *company,
                                       const char *first,
                                       AnxCallNameFunc name,
                                       gpointer user_data);

G_END_DECLS
