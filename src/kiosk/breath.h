/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A breathing exercise: a disc that grows for four seconds and shrinks for six, redrawn five times a second. Main thread. */
#define ANX_TYPE_BREATH (anx_breath_get_type ())
G_DECLARE_FINAL_TYPE (AnxBreath, anx_breath, ANX, BREATH, GtkWidget)

GtkWidget *anx_breath_new (void);

G_END_DECLS
