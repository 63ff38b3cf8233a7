/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-service.h"

G_BEGIN_DECLS

/* The full-width alarm above everything: shown, beating and ringing as long as desk-alarm says. Main thread. */
#define ANX_TYPE_ALARM_BAR (anx_alarm_bar_get_type ())
G_DECLARE_FINAL_TYPE (AnxAlarmBar, anx_alarm_bar, ANX, ALARM_BAR, AdwBin)

GtkWidget *anx_alarm_bar_new (void);
void       anx_alarm_bar_set_service (AnxAlarmBar *self, AnxDeskService *service); /* (nullable) */

G_END_DECLS
