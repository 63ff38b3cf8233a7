/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "desk-bookings.h"

G_BEGIN_DECLS

/*
 * Free times to choose one from: a day, by going on to the next one with a free time or in a calendar that marks them, and the times of
 * that day. Main thread.
 *
 * Signal: changed ()   another time is chosen, or none
 */
#define ANX_TYPE_FREE_TIMES (anx_free_times_get_type ())
G_DECLARE_FINAL_TYPE (AnxFreeTimes, anx_free_times, ANX, FREE_TIMES, AdwBin)

GtkWidget         *anx_free_times_new (AnxDeskService *service);
/* @slots: (element-type AnxDeskSlot), soonest first, one a start; they live until others are shown. */
void               anx_free_times_show (AnxFreeTimes *self, GPtrArray *slots, gboolean begin);
const AnxDeskSlot *anx_free_times_get_chosen (AnxFreeTimes *self); /* (nullable) */

G_END_DECLS
