/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Why a booking was changed: one of a few words for the hub, which keeps no sentence, asked for when the change is confirmed. Main thread. */
typedef enum
{
  ANX_CHANGE_CANCEL,
  ANX_CHANGE_MISSED,
  ANX_CHANGE_MOVE,
} AnxChangeKind;

/* @reason: a word for the hub. Called when the change is confirmed, not when it is not. */
typedef void (*AnxChangeFunc) (const char *reason, gpointer user_data);

void        anx_change_reason_ask (GtkWindow *parent, AnxChangeKind kind, const char *heading, AnxChangeFunc callback, gpointer user_data, GDestroyNotify destroy);
const char *anx_change_reason_text (const char *reason);

G_END_DECLS
