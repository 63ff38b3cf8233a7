/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* One picture of a call, BGRA premultiplied (what GDK calls B8G8R8A8_PREMULTIPLIED), immutable, reference counted. Any thread. */
#define ANX_TYPE_FRAME (anx_frame_get_type ())
typedef struct _AnxFrame AnxFrame;
GType     anx_frame_get_type (void);
AnxFrame *anx_frame_ref (AnxFrame *self);
void      anx_frame_unref (AnxFrame *self);
GBytes   *anx_frame_get_bytes (AnxFrame *self);
int       anx_frame_get_width (AnxFrame *self);
int       anx_frame_get_height (AnxFrame *self);
gsize     anx_frame_get_stride (AnxFrame *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxFrame, anx_frame_unref)

G_END_DECLS
