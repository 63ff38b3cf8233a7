/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "call-tiles.h"

G_BEGIN_DECLS

/*
 * What the sides of a call write to each other, or all in a session. It is here and nowhere else, and gone when the call ends. Main thread.
 *
 * Signals:
 *   heard ()  the other side has written
 */
#define ANX_TYPE_CALL_TEXT (anx_call_text_get_type ())
G_DECLARE_FINAL_TYPE (AnxCallText, anx_call_text, ANX, CALL_TEXT, GtkWidget)

GtkWidget *anx_call_text_new (void);
void       anx_call_text_set_call (AnxCallText *self, AnxCall *call, const char *other); /* (nullable); what was written before is gone */
void       anx_call_text_set_company (AnxCallText *self, AnxCallCompany *company, const char *first, AnxCallNameFunc name, gpointer user_data);
gboolean   anx_call_text_say (AnxCallText *self, const char *text);                      /* FALSE: no line now, nothing was sent */
gboolean   anx_call_text_is_empty (AnxCallText *self);

G_END_DECLS
