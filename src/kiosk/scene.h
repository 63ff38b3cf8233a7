/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A quiet landscape behind the attract screen: morning sun, hills, still water. Drawn once, never animated. Main thread. */
#define ANX_TYPE_SCENE (anx_scene_get_type ())
G_DECLARE_FINAL_TYPE (AnxScene, anx_scene, ANX, SCENE, GtkWidget)

GtkWidget *anx_scene_new (void);

G_END_DECLS
