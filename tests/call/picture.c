/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "picture.h"

static void
get_pixel (AnxFrame *frame,
           double x,
           double y,
           int out_rgb[3])
{
  const guint8 *bytes = g_bytes_get_data (anx_frame_get_bytes (frame), NULL);
  const guint8 *pixel = bytes + (gsize) (y * anx_frame_get_height (frame)) * anx_frame_get_stride (frame) +
                        4 * (gsize) (x * anx_frame_get_width (frame));
  out_rgb[0] = pixel[2];
  out_rgb[1] = pixel[1];
  out_rgb[2] = pixel[0];
}

/* The seven bars of the upper part: white, yellow, cyan, green, magenta, red, blue. */
gboolean
picture_shows_smpte (AnxFrame *frame)
{
  static const gboolean bars[7][3] = { { 1, 1, 1 }, { 1, 1, 0 }, { 0, 1, 1 }, { 0, 1, 0 }, { 1, 0, 1 }, { 1, 0, 0 }, { 0, 0, 1 } };
  for (guint i = 0; i < 7; i++)
    {
      int rgb[3];
      get_pixel (frame, (i + 0.5) / 7, 0.3, rgb);
      for (guint c = 0; c < 3; c++)
        if (bars[i][c] ? rgb[c] < 130 : rgb[c] > 80)
          return FALSE;
    }
  return TRUE;
}

/* Black all over but for one white ball: between 0.5 and 20 % of the part above the mark is bright, the rest dark. */
gboolean
picture_shows_ball (AnxFrame *frame)
{
  guint bright = 0, dark = 0, total = 0;
  for (double y = 0.02; y < 0.8; y += 0.02)
    for (double x = 0.02; x < 1; x += 0.02)
      {
        int rgb[3];
        get_pixel (frame, x, y, rgb);
        total++;
        if (rgb[0] > 180 && rgb[1] > 180 && rgb[2] > 180)
          bright++;
        else if (rgb[0] < 60 && rgb[1] < 60 && rgb[2] < 60)
          dark++;
      }
  return bright * 200 >= total && bright * 5 <= total && dark * 10 >= total * 7;
}

/* Green all over the part above the mark. */
gboolean
picture_shows_green (AnxFrame *frame)
{
  for (double y = 0.05; y < 0.8; y += 0.1)
    for (double x = 0.05; x < 1; x += 0.1)
      {
        int rgb[3];
        get_pixel (frame, x, y, rgb);
        if (rgb[0] > 90 || rgb[1] < 160 || rgb[2] > 90)
          return FALSE;
      }
  return TRUE;
}

gboolean
picture_shows_black (AnxFrame *frame)
{
  for (double y = 0.05; y < 1; y += 0.1)
    for (double x = 0.05; x < 1; x += 0.1)
      {
        int rgb[3];
        get_pixel (frame, x, y, rgb);
        if (rgb[0] > 40 || rgb[1] > 40 || rgb[2] > 40)
          return FALSE;
      }
  return TRUE;
}
