/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frame-private.h"

struct _AnxFrame
{
  gatomicrefcount references;
  GBytes *bytes;
  int width;
  int height;
  gsize stride;
};

G_DEFINE_BOXED_TYPE (AnxFrame, anx_frame, anx_frame_ref, anx_frame_unref)

/**
 * anx_frame_new_take:
 * @bytes: (transfer full): at least @stride × @height bytes of BGRA
 * @width: pixels in a row, 1 or more
 * @height: rows, 1 or more
 * @stride: bytes from one row to the next, at least 4 × @width
 *
 * Returns: (transfer full): a picture
 */
AnxFrame *
anx_frame_new_take (GBytes *bytes,
                    int width,
                    int height,
                    gsize stride)
{
  g_return_val_if_fail (width > 0 && height > 0 && stride >= 4 * (gsize) width, NULL);
  g_return_val_if_fail (g_bytes_get_size (bytes) >= stride * (gsize) height, NULL);

  AnxFrame *self = g_new0 (AnxFrame, 1);
  g_atomic_ref_count_init (&self->references);
  self->bytes = bytes;
  self->width = width;
  self->height = height;
  self->stride = stride;
  return self;
}

/**
 * anx_frame_ref:
 * @self: a picture
 *
 * Returns: (transfer full): the same picture
 */
AnxFrame *
anx_frame_ref (AnxFrame *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_frame_unref:
 * @self: (transfer full): a picture
 *
 * Gives one reference back; with the last one the decoder gets its memory back.
 */
void
anx_frame_unref (AnxFrame *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_bytes_unref (self->bytes);
  g_free (self);
}

/**
 * anx_frame_get_bytes:
 * @self: a picture
 *
 * Returns: (transfer none): its pixels, row after row, anx_frame_get_stride() bytes each
 */
GBytes *
anx_frame_get_bytes (AnxFrame *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->bytes;
}

/**
 * anx_frame_get_width:
 * @self: a picture
 *
 * Returns: pixels in a row
 */
int
anx_frame_get_width (AnxFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->width;
}

/**
 * anx_frame_get_height:
 * @self: a picture
 *
 * Returns: rows
 */
int
anx_frame_get_height (AnxFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->height;
}

/**
 * anx_frame_get_stride:
 * @self: a picture
 *
 * Returns: bytes from one row to the next
 */
gsize
anx_frame_get_stride (AnxFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->stride;
}
